#include <math.h>
#include <stdlib.h>

typedef struct { double t, h, y, v; } state;

/* The state before each trial is kept, all else is computed again. */
void adaptive(double y, double v, double mu, double end, double tolerance, double *bars) {
    long room = 1024, count = 0;
    state *tape = malloc(room * sizeof(state));
    double t = 0.0, h = 0.01;
    while (t < end) {
        if (count == room) tape = realloc(tape, (room *= 2) * sizeof(state));
        tape[count++] = (state){t, h, y, v};
        h = fmin(h, end - t);
        double kv1 = mu * (1.0 - y * y) * v - y, y1 = y + h * v, v1 = v + h * kv1;
        double kv2 = mu * (1.0 - y1 * y1) * v1 - y1;
        double ey = 0.5 * h * (v1 - v), ev = 0.5 * h * (kv2 - kv1);
        double error = sqrt(ey * ey + ev * ev) / tolerance;
        if (error <= 1.0) t += h, y = y1 + ey, v = v1 + ev;
        h *= fmin(4.0, fmax(0.2, 0.9 / sqrt(error + 1e-10)));
    }
    double y_bar = 2.0 * y, v_bar = 2.0 * v, t_bar = 0.0, h_bar = 0.0, mu_bar = 0.0;
    while (count > 0) {
        state s = tape[--count];
        y = s.y, v = s.v, h = fmin(s.h, end - s.t);
        double kv1 = mu * (1.0 - y * y) * v - y, y1 = y + h * v, v1 = v + h * kv1;
        double kv2 = mu * (1.0 - y1 * y1) * v1 - y1;
        double ey = 0.5 * h * (v1 - v), ev = 0.5 * h * (kv2 - kv1);
        double norm = sqrt(ey * ey + ev * ev), error = norm / tolerance;
        double wish = 0.9 / sqrt(error + 1e-10), factor = fmin(4.0, fmax(0.2, wish));
        double wish_bar = factor == wish ? h_bar * h : 0.0;
        double norm_bar = -0.5 * wish_bar * wish / (error + 1e-10) / tolerance;
        double step_bar = h_bar * factor;
        double ey_bar = norm_bar * ey / norm, ev_bar = norm_bar * ev / norm, y1_bar = 0.0, v1_bar = 0.0;
        if (error <= 1.0) {
            step_bar += t_bar;
            ey_bar += y_bar, ev_bar += v_bar;
            y1_bar = y_bar, v1_bar = v_bar;
            y_bar = v_bar = 0.0;
        }
        step_bar += 0.5 * (ey_bar * (v1 - v) + ev_bar * (kv2 - kv1));
        double kv2_bar = 0.5 * h * ev_bar, kv1_bar = -kv2_bar;
        v1_bar += 0.5 * h * ey_bar + kv2_bar * mu * (1.0 - y1 * y1);
        v_bar -= 0.5 * h * ey_bar;
        y1_bar -= kv2_bar * (2.0 * mu * y1 * v1 + 1.0);
        mu_bar += kv2_bar * (1.0 - y1 * y1) * v1;
        step_bar += y1_bar * v + v1_bar * kv1;
        kv1_bar += v1_bar * h;
        y_bar += y1_bar - kv1_bar * (2.0 * mu * y * v + 1.0);
        v_bar += v1_bar + y1_bar * h + kv1_bar * mu * (1.0 - y * y);
        mu_bar += kv1_bar * (1.0 - y * y) * v;
        h_bar = 0.0;
        if (s.h < end - s.t) h_bar = step_bar;
        else t_bar -= step_bar;
    }
    bars[0] = y_bar, bars[1] = v_bar, bars[2] = mu_bar;
    free(tape);
}
