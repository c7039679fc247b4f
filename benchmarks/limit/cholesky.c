#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The factor is all that the adjoint reads. */
void cholesky(const double *a, long n, double *a_bar) {
    double *f = calloc(n * n, sizeof(double)), *bar = calloc(n * n, sizeof(double));
    for (long j = 0; j < n; j++)
        for (long i = j; i < n; i++) {
            double s = a[i * n + j];
            for (long k = 0; k < j; k++) s -= f[i * n + k] * f[j * n + k];
            f[i * n + j] = i == j ? sqrt(s) : s / f[j * n + j];
        }
    memset(a_bar, 0, n * n * sizeof(double));
    for (long j = 0; j < n; j++) bar[j * n + j] = 2.0 / f[j * n + j];
    for (long j = n - 1; j >= 0; j--) {
        double root = f[j * n + j], root_bar = bar[j * n + j];
        const double *row = f + j * n;
        double *restrict row_bar = bar + j * n;
        for (long i = n - 1; i >= j; i--) {
            double s_bar;
            if (i == j) {
                s_bar = 0.5 * root_bar / root;
            } else {
                s_bar = bar[i * n + j] / root;
                root_bar -= s_bar * f[i * n + j];
            }
            a_bar[i * n + j] = s_bar;
            const double *other = f + i * n;
            if (i == j) {
                for (long k = 0; k < j; k++) row_bar[k] -= 2.0 * s_bar * row[k];
            } else {
                double *restrict other_bar = bar + i * n;
                for (long k = 0; k < j; k++) {
                    row_bar[k] -= s_bar * other[k];
                    other_bar[k] -= s_bar * row[k];
                }
            }
        }
    }
    free(f), free(bar);
}
