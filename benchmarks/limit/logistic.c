#include <stdlib.h>

/* y = 2.98 y (1 - y) + 0.01 x, n times. */
void logistic(double x, long n, double *x_bar) {
    double *tape = malloc(n * sizeof(double));
    double y = x;
    for (long i = 0; i < n; i++) {
        tape[i] = y;
        y = 2.98 * y * (1.0 - y) + 0.01 * x;
    }
    double y_bar = 1.0, sum = 0.0;
    for (long i = n - 1; i >= 0; i--) {
        sum += 0.01 * y_bar;
        y_bar *= 2.98 - 5.96 * tape[i];
    }
    *x_bar = sum + y_bar;
    free(tape);
}
