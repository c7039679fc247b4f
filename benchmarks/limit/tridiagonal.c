#include <stdlib.h>
#include <string.h>

/* The matrix is the same in all steps: what its elimination gets is summed, and followed back once. */
void tridiagonal(const double *given, const double *c, double step, long n, long steps, double *u_bar, double *c_bar) {
    size_t row = n * sizeof(double);
    double *u = malloc(row), *upper = malloc(row), *diagonal = malloc(row);
    double *rights = malloc(steps * row), *results = malloc(steps * row);
    double *right_bar = malloc(row), *upper_bar = calloc(n, sizeof(double));
    double *diagonal_bar = calloc(n, sizeof(double)), *lower_bar = calloc(n, sizeof(double));
    memcpy(u, given, row);
    diagonal[0] = 1.0 + step * c[0];
    upper[0] = -step * c[0] / diagonal[0];
    for (long i = 1; i < n; i++) {
        diagonal[i] = 1.0 + step * (c[i - 1] + c[i]) + step * c[i - 1] * upper[i - 1];
        upper[i] = -step * c[i] / diagonal[i];
    }
    for (long t = 0; t < steps; t++) {
        double *right = rights + t * n, *result = results + t * n;
        right[0] = u[0] / diagonal[0];
        for (long i = 1; i < n; i++) right[i] = (u[i] + step * c[i - 1] * right[i - 1]) / diagonal[i];
        u[n - 1] = right[n - 1];
        for (long i = n - 2; i >= 0; i--) u[i] = right[i] - upper[i] * u[i + 1];
        memcpy(result, u, row);
    }
    for (long i = 0; i < n; i++) u_bar[i] = 2.0 * u[i], c_bar[i] = 0.0;
    for (long t = steps - 1; t >= 0; t--) {
        const double *right = rights + t * n, *result = results + t * n;
        for (long i = 0; i < n - 1; i++) {
            right_bar[i] = u_bar[i];
            upper_bar[i] -= u_bar[i] * result[i + 1];
            u_bar[i + 1] -= u_bar[i] * upper[i];
        }
        right_bar[n - 1] = u_bar[n - 1];
        for (long i = n - 1; i > 0; i--) {
            double part = right_bar[i] / diagonal[i];
            u_bar[i] = part;
            lower_bar[i] -= part * right[i - 1];
            right_bar[i - 1] += part * step * c[i - 1];
            diagonal_bar[i] -= part * right[i];
        }
        u_bar[0] = right_bar[0] / diagonal[0];
        diagonal_bar[0] -= u_bar[0] * right[0];
    }
    for (long i = n - 1; i > 0; i--) {
        double bar = upper_bar[i] / diagonal[i];
        c_bar[i] -= step * bar;
        double d = diagonal_bar[i] - bar * upper[i];
        c_bar[i] += step * d;
        upper_bar[i - 1] += d * step * c[i - 1];
        c_bar[i - 1] += step * d - step * (lower_bar[i] - d * upper[i - 1]);
    }
    double bar = upper_bar[0] / diagonal[0];
    c_bar[0] += step * (diagonal_bar[0] - bar * upper[0]) - step * bar;
    free(u), free(upper), free(diagonal), free(rights), free(results);
    free(right_bar), free(upper_bar), free(diagonal_bar), free(lower_bar);
}
