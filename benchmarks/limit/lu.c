#include <stdlib.h>
#include <string.h>

/* The factors are left in place and are all that the adjoint reads. */
void lu(const double *given, long n, double *a_bar) {
    double *a = malloc(n * n * sizeof(double));
    memcpy(a, given, n * n * sizeof(double));
    for (long k = 0; k < n; k++)
        for (long i = k + 1; i < n; i++) {
            double factor = a[i * n + k] /= a[k * n + k];
            for (long j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
        }
    memset(a_bar, 0, n * n * sizeof(double));
    for (long k = n - 1; k >= 0; k--) {
        double pivot = a[k * n + k], pivot_bar = 1.0 / pivot;
        const double *row = a + k * n;
        double *restrict row_bar = a_bar + k * n;
        for (long i = n - 1; i > k; i--) {
            const double *bar = a_bar + i * n;
            double factor = a[i * n + k], sum = a_bar[i * n + k];
            for (long j = k + 1; j < n; j++) row_bar[j] -= bar[j] * factor;
            for (long j = k + 1; j < n; j++) sum -= bar[j] * row[j];
            a_bar[i * n + k] = sum / pivot;
            pivot_bar -= sum * factor / pivot;
        }
        a_bar[k * n + k] += pivot_bar;
    }
    free(a);
}
