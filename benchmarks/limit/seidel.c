#include <stdlib.h>
#include <string.h>

/* Linear: nothing is kept. */
void seidel(const double *given, long n, long sweeps, double *bar) {
    double *u = malloc(n * n * sizeof(double));
    memcpy(u, given, n * n * sizeof(double));
    for (long t = 0; t < sweeps; t++)
        for (long i = 1; i < n - 1; i++)
            for (long j = 1; j < n - 1; j++) {
                double *c = u + i * n + j;
                c[0] = (c[-n - 1] + c[-n] + c[-n + 1] + c[-1] + c[0] + c[1] + c[n - 1] + c[n] + c[n + 1]) / 9.0;
            }
    for (long i = 0; i < n * n; i++) bar[i] = 2.0 * u[i];
    for (long t = 0; t < sweeps; t++)
        for (long i = n - 2; i > 0; i--)
            for (long j = n - 2; j > 0; j--) {
                double *c = bar + i * n + j, part = c[0] / 9.0;
                c[0] = part;
                c[-n - 1] += part, c[-n] += part, c[-n + 1] += part, c[-1] += part;
                c[1] += part, c[n - 1] += part, c[n] += part, c[n + 1] += part;
            }
    free(u);
}
