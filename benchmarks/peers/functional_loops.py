"""The loops in functional form: vectorised where the order of their iterations allows it."""

from __future__ import annotations

import numpy as np


def logistic(tool, x, n):
    (y,) = tool.repeat(n, lambda i, y: (2.98 * y * (1.0 - y) + 0.01 * x,), x)
    return y


def lorenz(tool, x, y, z, sigma, rho, beta, step, n):
    def slope(x, y, z):
        return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

    def moved(x, y, z, k, h):
        return x + h * k[0], y + h * k[1], z + h * k[2]

    def body(i, x, y, z):
        k1 = slope(x, y, z)
        k2 = slope(*moved(x, y, z, k1, 0.5 * step))
        k3 = slope(*moved(x, y, z, k2, 0.5 * step))
        k4 = slope(*moved(x, y, z, k3, step))
        k = [a + 2.0 * b + 2.0 * c + d for a, b, c, d in zip(k1, k2, k3, k4, strict=True)]
        return moved(x, y, z, k, step / 6.0)

    x, y, z = tool.repeat(n, body, x, y, z)
    return x * x + y * y + z * z


def newton(tool, a):
    """All roots at once; those that stand still are held. 25 iterations are enough for these arguments."""

    def body(i, x, moving):
        change = tool.choose(moving, (x * x * x - a) / (3.0 * x * x), 0.0 * x)
        return x - change, tool.np.abs(change) > 1e-9

    start = 1.0 + 0.0 * a
    x, _ = tool.repeat(25, body, start, start > 0.0)
    return tool.np.sum(x * x)


INNER = np.s_[1:-1, 1:-1]


def heat(tool, u, rate, steps):
    def body(i, u):
        around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        return (tool.put(u, INNER, u[1:-1, 1:-1] + rate * around),)

    (u,) = tool.repeat(steps, body, u)
    return tool.np.sum(u * u)


def lu(tool, a):
    """Elimination of a column at a time; the logarithms of the pivots are summed on the way."""
    n = a.shape[0]
    below = tool.array(1.0 - np.tri(n).T)

    def body(k, a, total):
        pivot = a[k, k]
        factors = a[:, k] / pivot * below[:, k]
        return a - factors[:, None] * a[k][None, :], total + tool.np.log(pivot)

    _, total = tool.repeat(n, body, a, 0.0 * a[0, 0])
    return total


def cholesky(tool, a):
    """A column at a time, taken off what is left of the matrix."""
    n = a.shape[0]
    below = tool.array(np.tri(n))

    def body(k, a, total):
        root = tool.np.sqrt(a[k, k])
        column = a[:, k] / root * below[:, k]
        return a - column[:, None] * column[None, :], total + tool.np.log(root)

    lower = a * below
    # The loops read the lower half alone.
    symmetric = lower + (a * tool.array(np.tri(n, k=-1))).T
    _, total = tool.repeat(n, body, symmetric, 0.0 * a[0, 0])
    return 2.0 * total


def triangular_solve(tool, a, b):
    n = b.shape[0]
    below = tool.array(np.tri(n, k=-1))

    def body(i, x):
        return (tool.put(x, i, (b[i] - tool.np.sum(a[i] * below[i] * x)) / a[i, i]),)

    (x,) = tool.repeat(n, body, 0.0 * b)
    return tool.np.sum(x * x)


def seidel(tool, u, sweeps):
    """Row by row; what a row has before its left neighbours are known is computed at once."""

    def element(left, given):
        new = (given + left) / 9.0
        return new, new

    def sweep(i, u):
        def row(above, rows):
            own, under = rows
            given = above[:-2] + above[1:-1] + above[2:] + own[1:-1] + own[2:] + under[:-2] + under[1:-1] + under[2:]
            _, inside = tool.scan(element, own[0], given)
            new = tool.np.concatenate((own[:1], inside, own[-1:]))
            return new, new

        _, inside = tool.scan(row, u[0], (u[1:-1], u[2:]))
        return (tool.np.concatenate((u[:1], inside, u[-1:])),)

    (u,) = tool.repeat(sweeps, sweep, u)
    return tool.np.sum(u * u)


def floyd_warshall(tool, weights, temperature):
    n = weights.shape[0]
    others = tool.array(~np.eye(n, dtype=bool))

    def body(k, d):
        around = d[:, k][:, None] + d[k][None, :]
        low = tool.np.minimum(d, around)
        soft = low - temperature * tool.np.log(
            tool.np.exp((low - d) / temperature) + tool.np.exp((low - around) / temperature)
        )
        return (tool.choose(others[k][:, None] & others[k][None, :], soft, d),)

    (d,) = tool.repeat(n, body, weights)
    return tool.np.sum(d)


def tridiagonal(tool, u, conductivity, step, steps):
    before, after = conductivity[:-1], conductivity[1:]

    def forward(carried, items):
        upper, right = carried
        value, lower, sum_, own = items
        diagonal = 1.0 + step * sum_ - lower * upper
        new = -step * own / diagonal, (value - lower * right) / diagonal
        return new, new

    def backward(later, items):
        upper, right = items
        new = right - upper * later
        return new, new

    def body(i, u):
        diagonal = 1.0 + step * conductivity[0]
        first = -step * conductivity[0] / diagonal, u[0] / diagonal
        last, (upper, right) = tool.scan(forward, first, (u[1:], -step * before, before + after, after))
        upper = tool.np.concatenate((first[0][None], upper[:-1]))
        right = tool.np.concatenate((first[1][None], right[:-1]))
        _, new = tool.scan(backward, last[1], (tool.turn(upper), tool.turn(right)))
        return (tool.np.concatenate((tool.turn(new), last[1][None])),)

    (u,) = tool.repeat(steps, body, u)
    return tool.np.sum(u * u)


def adaptive(tool, y, v, mu, end, tolerance):
    """A fixed number of trials, more than enough; those after the end change nothing."""
    xp = tool.np
    trials = 60 + int(2.0 * end * tolerance**-0.5)

    def body(i, t, h, y, v):
        short = xp.minimum(h, end - t)
        k1 = mu * (1.0 - y * y) * v - y
        y1 = y + short * v
        v1 = v + short * k1
        k2 = mu * (1.0 - y1 * y1) * v1 - y1
        ey = 0.5 * short * (v1 - v)
        ev = 0.5 * short * (k2 - k1)
        runs = t < end
        # Where nothing is done the root would be taken of zero.
        square = tool.choose(runs, ey * ey + ev * ev, 1.0 + 0.0 * t)
        error = xp.sqrt(square) / tolerance
        taken = runs & (error <= 1.0)
        factor = xp.clip(0.9 / xp.sqrt(error + 1e-10), 0.2, 4.0)
        return (
            tool.choose(taken, t + short, t),
            tool.choose(runs, short * factor, h),
            tool.choose(taken, y1 + ey, y),
            tool.choose(taken, v1 + ev, v),
        )

    nothing = 0.0 * y
    _, _, y, v = tool.repeat(trials, body, nothing, 0.01 + nothing, y, v)
    return y * y + v * v
