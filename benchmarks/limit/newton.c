#include <math.h>

/* Each root is followed back as soon as it is found. */
void newton(const double *a, long n, double *a_bar) {
    double tape[256];
    for (long i = 0; i < n; i++) {
        double x = 1.0, change = 1.0, bar = 0.0;
        int count = 0;
        while (fabs(change) > 1e-9) {
            tape[count++] = x;
            change = (x * x * x - a[i]) / (3.0 * x * x);
            x -= change;
        }
        double x_bar = 2.0 * x;
        while (count > 0) {
            x = tape[--count];
            double square = 1.0 / (x * x);
            bar += x_bar / 3.0 * square;
            x_bar *= 2.0 / 3.0 - 2.0 / 3.0 * a[i] * square / x;
        }
        a_bar[i] = bar;
    }
}
