#include <stdlib.h>
#include <string.h>

/* One step from u to v; the borders of both are the same. */
static void step(const double *restrict u, double *restrict v, double rate, long n) {
    for (long i = 1; i < n - 1; i++)
        for (long j = 1; j < n - 1; j++) {
            const double *c = u + i * n + j;
            v[i * n + j] = c[0] + rate * (c[n] + c[-n] + c[1] + c[-1] - 4.0 * c[0]);
        }
}

/* Linear: nothing is kept. The adjoint is gathered: each place takes from its inner neighbours. */
void heat(const double *u0, long n, double rate, long steps, double *u_bar) {
    size_t bytes = n * n * sizeof(double);
    double *u = malloc(bytes), *v = malloc(bytes), *swap;
    memcpy(u, u0, bytes);
    memcpy(v, u0, bytes);
    for (long t = 0; t < steps; t++) {
        step(u, v, rate, n);
        swap = u, u = v, v = swap;
    }
    for (long i = 0; i < n * n; i++) u[i] = 2.0 * u[i];
    /* Inner places take from each other alone; what the borders get does not come back. */
    double *b = u, *c = calloc(n * n, sizeof(double)), *w = calloc(n * n, sizeof(double));
    double *edge = calloc(n * n, sizeof(double));
    for (long i = 0; i < n; i++)
        for (long j = 0; j < n; j++) {
            int inner = i > 0 && i < n - 1 && j > 0 && j < n - 1;
            (inner ? w : edge)[i * n + j] = b[i * n + j];
        }
    for (long t = 0; t < steps; t++) {
        for (long k = 1; k < n - 1; k++) {
            edge[k] += rate * w[n + k];
            edge[(n - 1) * n + k] += rate * w[(n - 2) * n + k];
            edge[k * n] += rate * w[k * n + 1];
            edge[k * n + n - 1] += rate * w[k * n + n - 2];
        }
        step(w, c, rate, n);
        swap = w, w = c, c = swap;
    }
    for (long i = 0; i < n * n; i++) u_bar[i] = w[i] + edge[i];
    free(u), free(v), free(c), free(w), free(edge);
}
