#include <stdlib.h>
#include <string.h>

void triangular_solve(const double *a, const double *b, long n, double *a_bar, double *b_bar) {
    double *x = malloc(n * sizeof(double)), *x_bar = malloc(n * sizeof(double));
    for (long i = 0; i < n; i++) {
        double s = b[i];
        for (long j = 0; j < i; j++) s -= a[i * n + j] * x[j];
        x[i] = s / a[i * n + i];
    }
    for (long i = 0; i < n; i++) x_bar[i] = 2.0 * x[i];
    memset(a_bar, 0, n * n * sizeof(double));
    for (long i = n - 1; i >= 0; i--) {
        double s_bar = x_bar[i] / a[i * n + i];
        b_bar[i] = s_bar;
        a_bar[i * n + i] = -s_bar * x[i];
        for (long j = 0; j < i; j++) {
            a_bar[i * n + j] = -s_bar * x[j];
            x_bar[j] -= s_bar * a[i * n + j];
        }
    }
    free(x), free(x_bar);
}
