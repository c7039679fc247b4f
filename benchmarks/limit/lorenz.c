#include <stdlib.h>

typedef struct { double x, y, z; } vec;

static inline vec slope(vec p, double s, double r, double b) {
    return (vec){s * (p.y - p.x), p.x * (r - p.z) - p.y, p.x * p.y - b * p.z};
}

static inline vec axpy(vec p, double h, vec k) {
    return (vec){p.x + h * k.x, p.y + h * k.y, p.z + h * k.z};
}

/* What the adjoint k of a slope gives to the place p, and to the parameters. */
static inline vec back(vec p, vec k, double s, double r, double b, double *bars) {
    bars[3] += k.x * (p.y - p.x);
    bars[4] += k.y * p.x;
    bars[5] -= k.z * p.z;
    return (vec){-s * k.x + (r - p.z) * k.y + p.y * k.z, s * k.x - k.y + p.x * k.z, -p.x * k.y - b * k.z};
}

/* The three states of each step are kept, its stages are computed again. */
void lorenz(double x, double y, double z, double s, double r, double b, double h, long n, double *bars) {
    vec *tape = malloc(n * sizeof(vec));
    vec p = {x, y, z};
    for (long i = 0; i < n; i++) {
        tape[i] = p;
        vec k1 = slope(p, s, r, b);
        vec k2 = slope(axpy(p, 0.5 * h, k1), s, r, b);
        vec k3 = slope(axpy(p, 0.5 * h, k2), s, r, b);
        vec k4 = slope(axpy(p, h, k3), s, r, b);
        p.x += h / 6.0 * (k1.x + 2.0 * k2.x + 2.0 * k3.x + k4.x);
        p.y += h / 6.0 * (k1.y + 2.0 * k2.y + 2.0 * k3.y + k4.y);
        p.z += h / 6.0 * (k1.z + 2.0 * k2.z + 2.0 * k3.z + k4.z);
    }
    vec bar = {2.0 * p.x, 2.0 * p.y, 2.0 * p.z};
    double sums[6] = {0};
    for (long i = n - 1; i >= 0; i--) {
        p = tape[i];
        vec k1 = slope(p, s, r, b), p2 = axpy(p, 0.5 * h, k1);
        vec k2 = slope(p2, s, r, b), p3 = axpy(p, 0.5 * h, k2);
        vec k3 = slope(p3, s, r, b), p4 = axpy(p, h, k3);
        vec zero = {0.0, 0.0, 0.0};
        vec k = axpy(zero, h / 6.0, bar), twice = axpy(zero, h / 3.0, bar);
        vec b4 = back(p4, k, s, r, b, sums);
        vec b3 = back(p3, axpy(twice, h, b4), s, r, b, sums);
        vec b2 = back(p2, axpy(twice, 0.5 * h, b3), s, r, b, sums);
        vec b1 = back(p, axpy(k, 0.5 * h, b2), s, r, b, sums);
        bar.x += b1.x + b2.x + b3.x + b4.x;
        bar.y += b1.y + b2.y + b3.y + b4.y;
        bar.z += b1.z + b2.z + b3.z + b4.z;
    }
    for (int i = 3; i < 6; i++) bars[i] = sums[i];
    bars[0] = bar.x, bars[1] = bar.y, bars[2] = bar.z;
    free(tape);
}
