#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kept are the share of the direct way, and the slope in the temperature. */
void floyd_warshall(const double *weights, double temperature, long n, double *d_bar, double *temperature_bar) {
    double *d = malloc(n * n * sizeof(double)), *tape = malloc(2 * n * n * n * sizeof(double)), sum = 0.0;
    memcpy(d, weights, n * n * sizeof(double));
    double *place = tape;
    for (long k = 0; k < n; k++)
        for (long i = 0; i < n; i++) {
            if (i == k) continue;
            double first = d[i * n + k];
            for (long j = 0; j < n; j++) {
                if (j == k) continue;
                double direct = d[i * n + j], around = first + d[k * n + j];
                double difference = fabs(direct - around) / temperature;
                double e = exp(-difference), total = log(1.0 + e), less = e / (1.0 + e);
                *place++ = direct < around ? 1.0 - less : less;
                *place++ = -total - less * difference;
                d[i * n + j] = (direct < around ? direct : around) - temperature * total;
            }
        }
    for (long i = 0; i < n * n; i++) d_bar[i] = 1.0;
    for (long k = n - 1; k >= 0; k--)
        for (long i = n - 1; i >= 0; i--) {
            if (i == k) continue;
            double first_bar = 0.0;
            for (long j = n - 1; j >= 0; j--) {
                if (j == k) continue;
                double bar = d_bar[i * n + j];
                sum += bar * *--place;
                double share = *--place, around_bar = bar * (1.0 - share);
                d_bar[i * n + j] = bar * share;
                d_bar[k * n + j] += around_bar;
                first_bar += around_bar;
            }
            d_bar[i * n + k] += first_bar;
        }
    *temperature_bar = sum;
    free(d), free(tape);
}
