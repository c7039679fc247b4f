"""Quadrature, roots, interpolation, series, minimisation."""

import functools
import math

import numpy as np

from tests.programs.sample import sample


def adaptive_simpson(f, a, b, eps=1e-8):
    """Adaptive Simpson's rule, recursive."""

    def simpson(fa, fm, fb, a, b):
        return (b - a) / 6 * (fa + 4 * fm + fb)

    def recurse(a, fa, b, fb, m, fm, whole, eps, depth):
        lm, rm = (a + m) / 2, (m + b) / 2
        flm, frm = f(lm), f(rm)
        left = simpson(fa, flm, fm, a, m)
        right = simpson(fm, frm, fb, m, b)
        delta = left + right - whole
        if depth <= 0 or abs(delta) <= 15 * eps:
            return left + right + delta / 15
        return recurse(a, fa, m, fm, lm, flm, left, eps / 2, depth - 1) + recurse(
            m, fm, b, fb, rm, frm, right, eps / 2, depth - 1
        )

    m = (a + b) / 2
    fa, fb, fm = f(a), f(b), f(m)
    return recurse(a, fa, b, fb, m, fm, simpson(fa, fm, fb, a, b), eps, 20)


def damped_area(decay, upper):
    return adaptive_simpson(lambda x: math.exp(-decay * x) * math.sin(3 * x) ** 2, 0.0, upper)


def romberg(f, a, b, n=5):
    R = [[0.0] * (k + 1) for k in range(n)]
    h = b - a
    R[0][0] = h / 2 * (f(a) + f(b))
    for i in range(1, n):
        h /= 2
        R[i][0] = R[i - 1][0] / 2 + h * sum(f(a + (2 * k - 1) * h) for k in range(1, 2 ** (i - 1) + 1))
        for j in range(1, i + 1):
            R[i][j] = R[i][j - 1] + (R[i][j - 1] - R[i - 1][j - 1]) / (4**j - 1)
    return R[n - 1][n - 1]


def arc_length(a, b, upper):
    """Of an ellipse."""

    def speed(t):
        return np.sqrt((a * np.sin(t)) ** 2 + (b * np.cos(t)) ** 2)

    return romberg(speed, 0.0, upper)


def newton(f, fprime, x0, tol=1e-12, maxiter=50):
    x = x0
    for i in range(maxiter):
        fx = f(x)
        if abs(fx) < tol:
            return x
        x = x - fx / fprime(x)
    raise RuntimeError("did not converge")


def kepler(M, e):
    E = newton(lambda E: E - e * math.sin(E) - M, lambda E: 1 - e * math.cos(E), M)
    return 2 * math.atan2(math.sqrt(1 + e) * math.sin(E / 2), math.sqrt(1 - e) * math.cos(E / 2))


def secant(f, x0, x1, tol=1e-12):
    f0, f1 = f(x0), f(x1)
    while abs(x1 - x0) > tol and f1 != f0:
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, f(x1)
    return x1


def bond_yield(price, coupon, face=100.0, years=5):
    def value(y):
        flows = [coupon] * (years - 1) + [coupon + face]
        return sum(c / (1 + y) ** t for t, c in enumerate(flows, start=1)) - price

    return secant(value, 0.02, 0.06)


def bisect_last_step(c, lo=0.0, hi=2.0):
    """A bisection, polished by one Newton step."""
    f = lambda x: x**3 + c * x - 1.0
    assert f(lo) * f(hi) < 0, "no change of sign"
    while hi - lo > 1e-9:
        mid = (lo + hi) / 2
        if f(lo) * f(mid) <= 0:
            hi = mid
        else:
            lo = mid
    x = (lo + hi) / 2
    return x - f(x) / (3 * x**2 + c)


def golden_section(f, a, b, tol=1e-7):
    invphi = (math.sqrt(5) - 1) / 2
    c, d = b - invphi * (b - a), a + invphi * (b - a)
    fc, fd = f(c), f(d)
    while abs(b - a) > tol:
        if fc < fd:
            b, d, fd = d, c, fc
            c = b - invphi * (b - a)
            fc = f(c)
        else:
            a, c, fc = c, d, fd
            d = a + invphi * (b - a)
            fd = f(d)
    return min(fc, fd)


def cheapest(cost, wear):
    return golden_section(lambda t: cost / t + wear * t**2, 0.1, 3.0)


def nelder_mead(f, x0, args=(), step=0.5, max_iter=40):
    """Nelder-Mead in the plainest form: a list of (value, point), kept in order."""
    n = len(x0)
    simplex = [x0]
    for i in range(n):
        point = x0.copy()
        point[i] += step
        simplex.append(point)
    values = [f(p, *args) for p in simplex]
    for _ in range(max_iter):
        order = np.argsort(values)
        simplex = [simplex[i] for i in order]
        values = [values[i] for i in order]
        centroid = sum(simplex[:-1]) / n
        reflected = centroid + (centroid - simplex[-1])
        fr = f(reflected, *args)
        if values[0] <= fr < values[-2]:
            simplex[-1], values[-1] = reflected, fr
            continue
        if fr < values[0]:
            expanded = centroid + 2.0 * (reflected - centroid)
            fe = f(expanded, *args)
            if fe < fr:
                simplex[-1], values[-1] = expanded, fe
            else:
                simplex[-1], values[-1] = reflected, fr
            continue
        contracted = centroid + 0.5 * (simplex[-1] - centroid)
        fc = f(contracted, *args)
        if fc < values[-1]:
            simplex[-1], values[-1] = contracted, fc
            continue
        for i in range(1, n + 1):
            simplex[i] = simplex[0] + 0.5 * (simplex[i] - simplex[0])
            values[i] = f(simplex[i], *args)
    return min(values)


def rosenbrock(x, a, b):
    return np.sum(b * (x[1:] - x[:-1] ** 2) ** 2 + (a - x[:-1]) ** 2)


def rosenbrock_minimum(x0, a, b):
    return nelder_mead(rosenbrock, x0, args=(a, b), max_iter=12)


def nelder_mead_arrays(x0, a, b, maxiter=25, rho=1.0, chi=2.0, psi=0.5, sigma=0.5):
    """The same as libraries write it: the simplex in one array, reordered in place."""
    N = len(x0)
    sim = np.empty((N + 1, N), dtype=x0.dtype)
    sim[0] = x0
    for k in range(N):
        y = np.array(x0, copy=True)
        if y[k] != 0:
            y[k] = (1 + 0.05) * y[k]
        else:
            y[k] = 0.00025
        sim[k + 1] = y
    fsim = np.full((N + 1,), np.inf, dtype=float)
    for k in range(N + 1):
        fsim[k] = rosenbrock(sim[k], a, b)
    ind = np.argsort(fsim)
    fsim = np.take(fsim, ind, 0)
    sim = np.take(sim, ind, 0)
    iterations = 1
    while iterations < maxiter:
        xbar = np.add.reduce(sim[:-1], 0) / N
        xr = (1 + rho) * xbar - rho * sim[-1]
        fxr = rosenbrock(xr, a, b)
        doshrink = 0
        if fxr < fsim[0]:
            xe = (1 + rho * chi) * xbar - rho * chi * sim[-1]
            fxe = rosenbrock(xe, a, b)
            if fxe < fxr:
                sim[-1] = xe
                fsim[-1] = fxe
            else:
                sim[-1] = xr
                fsim[-1] = fxr
        elif fxr < fsim[-2]:
            sim[-1] = xr
            fsim[-1] = fxr
        else:
            if fxr < fsim[-1]:
                xc = (1 + psi * rho) * xbar - psi * rho * sim[-1]
                fxc = rosenbrock(xc, a, b)
                if fxc <= fxr:
                    sim[-1] = xc
                    fsim[-1] = fxc
                else:
                    doshrink = 1
            else:
                xcc = (1 - psi) * xbar + psi * sim[-1]
                fxcc = rosenbrock(xcc, a, b)
                if fxcc < fsim[-1]:
                    sim[-1] = xcc
                    fsim[-1] = fxcc
                else:
                    doshrink = 1
            if doshrink:
                for j in range(1, N + 1):
                    sim[j] = sim[0] + sigma * (sim[j] - sim[0])
                    fsim[j] = rosenbrock(sim[j], a, b)
        iterations += 1
        ind = np.argsort(fsim)
        sim = np.take(sim, ind, 0)
        fsim = np.take(fsim, ind, 0)
    x = sim[0]
    fval = np.min(fsim)
    return x, fval


def natural_cubic_spline(x, y, x_new):
    """Second derivatives by a tridiagonal solve, then the piece that holds x_new."""
    n = len(x)
    h = [x[i + 1] - x[i] for i in range(n - 1)]
    alpha = [0.0] + [
        3 * (y[i + 1] - y[i]) / h[i] - 3 * (y[i] - y[i - 1]) / h[i - 1] for i in range(1, n - 1)
    ]
    l, mu, z = [1.0], [0.0], [0.0]
    for i in range(1, n - 1):
        l.append(2 * (x[i + 1] - x[i - 1]) - h[i - 1] * mu[i - 1])
        mu.append(h[i] / l[i])
        z.append((alpha[i] - h[i - 1] * z[i - 1]) / l[i])
    c = [0.0] * n
    b = [0.0] * (n - 1)
    d = [0.0] * (n - 1)
    for j in range(n - 2, -1, -1):
        c[j] = z[j] - mu[j] * c[j + 1]
        b[j] = (y[j + 1] - y[j]) / h[j] - h[j] * (c[j + 1] + 2 * c[j]) / 3
        d[j] = (c[j + 1] - c[j]) / (3 * h[j])
    for j in range(n - 1):
        if x[j] <= x_new <= x[j + 1]:
            t = x_new - x[j]
            return y[j] + b[j] * t + c[j] * t**2 + d[j] * t**3
    raise ValueError(f"{x_new} is outside the data")


def divided_differences(x, y):
    """Coefficients of Newton's interpolating polynomial, in place on a copy."""
    n = len(y)
    coef = np.copy(y)
    for j in range(1, n):
        coef[j:n] = (coef[j:n] - coef[j - 1 : n - 1]) / (x[j:n] - x[: n - j])
    return coef


def newton_interpolate(x, y, t):
    coef = divided_differences(x, y)
    result = coef[-1]
    for k in range(len(x) - 2, -1, -1):
        result = result * (t - x[k]) + coef[k]
    return result


def lagrange(xs, ys, x):
    def basis(j):
        terms = [(x - xs[m]) / (xs[j] - xs[m]) for m in range(len(xs)) if m != j]
        return functools.reduce(lambda p, q: p * q, terms)

    return sum(basis(j) * ys[j] for j in range(len(xs)))


def clenshaw(coefficients, x):
    b1 = b2 = 0.0
    for c in coefficients[:0:-1]:
        b1, b2 = 2 * x * b1 - b2 + c, b1
    return x * b1 - b2 + coefficients[0]


def gamma_incomplete(a, x, eps=1e-14):
    """Regularised lower incomplete gamma function by its series."""
    ap = a
    term = total = 1.0 / a
    while True:
        ap += 1.0
        term *= x / ap
        total += term
        if abs(term) < abs(total) * eps:
            return total * math.exp(-x + a * math.log(x) - math.lgamma(a))


def agm(a, b):
    while abs(a - b) > 1e-15:
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


def pendulum_period(length, amplitude, g=9.81):
    return 2 * math.pi * math.sqrt(length / g) / agm(1.0, math.cos(amplitude / 2))


def horner(poly, x):
    """Value and derivative of a polynomial, highest power first."""
    p, dp = poly[0], 0.0
    for a in poly[1:]:
        dp = dp * x + p
        p = p * x + a
    return p, dp


def polyfit_normal_equations(x, y, degree=2):
    A = np.vander(x, degree + 1)
    return np.linalg.solve(A.T @ A, A.T @ y)


def table_lookup(x, grid, values, tail):
    inside = np.interp(x, grid, values)
    return np.cumsum(np.where(x > grid[-1], values[-1] * np.exp(-tail * (x - grid[-1])), inside))


_x = np.array([0.0, 0.7, 1.5, 2.1, 3.2])
_y = np.array([1.0, 1.8, 1.2, 0.3, -0.5])

SAMPLES = [
    sample(damped_area, 0.4, 2.0, wrt="decay upper", smooth=False),
    sample(arc_length, 2.0, 1.0, 1.2, wrt="a b upper"),
    sample(kepler, 0.8, 0.3, wrt="M e", smooth=False),
    sample(bond_yield, 95.0, 4.5, wrt="price coupon face", smooth=False),
    sample(
        bisect_last_step, 0.7, wrt="c",
    ),
    sample(cheapest, 2.0, 0.7, wrt="cost wear", smooth=False),
    sample(
        rosenbrock_minimum, np.array([-0.7, 0.9]), 1.0, 5.0, wrt="x0 a b",
        refused="list operations: items that are arrays written in place are replaced",
    ),
    sample(nelder_mead_arrays, np.array([-0.7, 0.9]), 1.0, 5.0, wrt="x0 a b"),
    sample(natural_cubic_spline, _x, _y, 1.8, wrt="x y x_new"),
    sample(newton_interpolate, _x, _y, 1.8, wrt="x y t"),
    sample(lagrange, _x, _y, 1.8, wrt="xs ys x"),
    sample(clenshaw, [0.3, -1.2, 0.5, 0.8], 0.4, wrt="coefficients x"),
    sample(gamma_incomplete, 2.5, 1.7, wrt="x"),
    sample(pendulum_period, 1.3, 0.9, wrt="length amplitude"),
    sample(horner, [1.0, -2.0, 0.5, 3.0], 1.3, wrt="poly x"),
    sample(
        polyfit_normal_equations, _x, _y, wrt="x y",
    ),
    sample(table_lookup, np.array([0.4, 1.1, 2.5, 4.0]), _x, _y, 0.3, wrt="x values tail"),
]
