"""Stencils and kernels in functional form."""

from __future__ import annotations

import numpy as np


def jacobi_1d(tool, a, b, steps):
    def body(i, a, b):
        b = tool.put(b, np.s_[1:-1], 0.33333 * (a[:-2] + a[1:-1] + a[2:]))
        a = tool.put(a, np.s_[1:-1], 0.33333 * (b[:-2] + b[1:-1] + b[2:]))
        return a, b

    a, _ = tool.repeat(steps, body, a, b)
    return tool.np.sum(a * a)


def jacobi_2d(tool, a, b, steps):
    inner = np.s_[1:-1, 1:-1]

    def average(a):
        return 0.2 * (a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1])

    def body(i, a, b):
        b = tool.put(b, inner, average(a))
        return tool.put(a, inner, average(b)), b

    a, _ = tool.repeat(steps, body, a, b)
    return tool.np.sum(a * a)


def heat_3d(tool, a, b, steps):
    inner = np.s_[1:-1, 1:-1, 1:-1]

    def moved(a):
        own = a[1:-1, 1:-1, 1:-1]
        return (
            0.125 * (a[2:, 1:-1, 1:-1] - 2.0 * own + a[:-2, 1:-1, 1:-1])
            + 0.125 * (a[1:-1, 2:, 1:-1] - 2.0 * own + a[1:-1, :-2, 1:-1])
            + 0.125 * (a[1:-1, 1:-1, 2:] - 2.0 * own + a[1:-1, 1:-1, :-2])
            + own
        )

    def body(i, a, b):
        b = tool.put(b, inner, moved(a))
        return tool.put(a, inner, moved(b)), b

    a, _ = tool.repeat(steps, body, a, b)
    return tool.np.sum(a * a)


def fdtd_2d(tool, ex, ey, hz, source):
    def body(t, ex, ey, hz):
        ey = tool.put(ey, 0, source[t] + 0.0 * ey[0])
        ey = tool.put(ey, np.s_[1:, :], ey[1:, :] - 0.5 * (hz[1:, :] - hz[:-1, :]))
        ex = tool.put(ex, np.s_[:, 1:], ex[:, 1:] - 0.5 * (hz[:, 1:] - hz[:, :-1]))
        curl = ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1]
        return ex, ey, tool.put(hz, np.s_[:-1, :-1], hz[:-1, :-1] - 0.7 * curl)

    _, _, hz = tool.repeat(source.shape[0], body, ex, ey, hz)
    return tool.np.sum(hz * hz)


def adi(tool, u, steps):
    """Each direction is two scans over the columns."""
    n = u.shape[0]
    b1 = 2.0 * n * n / (steps * n * n)
    b2 = n * n / (steps * n * n)
    a, b, c = -b1 / 2.0, 1.0 + b1, -b1 / 2.0
    d, e, f = -b2 / 2.0, 1.0 + b2, -b2 / 2.0
    ones = tool.array(np.ones(n - 2))

    def solved(given, low, middle, high):
        """The inner columns, one a row, of a tridiagonal system with ones at both ends."""

        def forward(carried, right):
            p, q = carried
            new = -high / (low * p + middle), (right - low * q) / (low * p + middle)
            return new, new

        def backward(later, items):
            p, q = items
            new = p * later + q
            return new, new

        _, (p, q) = tool.scan(forward, (0.0 * ones, ones), given)
        _, columns = tool.scan(backward, ones, (tool.turn(p), tool.turn(q)))
        return tool.turn(columns)

    def framed(inside):
        """Inner rows between rows of ones."""
        return tool.np.concatenate((ones[None], inside, ones[None]))

    def body(i, u):
        right = -d * u[1:-1, :-2] + (1.0 + 2.0 * d) * u[1:-1, 1:-1] - f * u[1:-1, 2:]
        v = framed(solved(right, a, b, c))
        right = -a * v[:-2] + (1.0 + 2.0 * a) * v[1:-1] - c * v[2:]
        columns = solved(right.T, d, e, f)
        return (tool.put(u, np.s_[1:-1, :], framed(columns).T),)

    (u,) = tool.repeat(steps, body, u)
    return tool.np.sum(u * u)


def deriche(tool, image, alpha):
    """A scan in each of the four directions."""
    k = (1.0 - np.exp(-alpha)) ** 2 / (1.0 + 2.0 * alpha * np.exp(-alpha) - np.exp(2.0 * alpha))
    a1, a2 = k, k * np.exp(-alpha) * (alpha - 1.0)
    a3, a4 = k * np.exp(-alpha) * (alpha + 1.0), -k * np.exp(-2.0 * alpha)
    b1, b2 = 2.0 ** (-alpha), -np.exp(-2.0 * alpha)

    def filtered(columns):
        """A filter along the first axis, in both directions."""

        def step(carried, given):
            before, last = carried
            new = given + b1 * last + b2 * before
            return (last, new), new

        nothing = 0.0 * columns[:1]
        there = a1 * columns + a2 * tool.np.concatenate((nothing, columns[:-1]))
        first = tool.np.concatenate((columns[1:], nothing))
        second = tool.np.concatenate((columns[2:], nothing, nothing))
        back = a3 * first + a4 * second
        start = (nothing[0], nothing[0])
        _, y1 = tool.scan(step, start, there)
        _, y2 = tool.scan(step, start, tool.turn(back))
        return y1 + tool.turn(y2)

    result = filtered(filtered(image.T).T)
    return tool.np.sum(result * result)


def gramschmidt(tool, a):
    """A column is taken off all later ones at once."""
    n = a.shape[1]
    later = tool.array(1.0 - np.tri(n))

    def body(k, a, total):
        length = tool.np.sqrt(tool.np.sum(a[:, k] * a[:, k]))
        q = a[:, k] / length
        r = (q @ a) * later[k]
        return a - q[:, None] * r[None, :], total + length * length * length + tool.np.sum(r * r * r)

    _, total = tool.repeat(n, body, a, 0.0 * a[0, 0])
    return total


def durbin(tool, r):
    """Masks in place of slices of growing length."""
    n = r.shape[0]
    places = np.clip(np.arange(n)[:, None] - 1 - np.arange(n)[None, :], 0, None)
    turned = tool.array(places)
    before = tool.array(np.tri(n, k=-1))

    def body(i, y, alpha, beta):
        k = i + 1
        beta = beta * (1.0 - alpha * alpha)
        alpha = -(r[k] + tool.np.sum(r[turned[k]] * y * before[k])) / beta
        y = y + alpha * y[turned[k]] * before[k]
        return tool.put(y, k, alpha), alpha, beta

    start = tool.put(0.0 * r, 0, -r[0])
    y, _, _ = tool.repeat(n - 1, body, start, -r[0], 1.0 + 0.0 * r[0])
    return tool.np.sum(y * y)


def covariance(tool, data):
    centred = data - tool.np.sum(data, 0) / data.shape[0]
    cov = centred.T @ centred / (data.shape[0] - 1.0)
    return tool.np.sum(cov * cov)


def gemver(tool, alpha, beta, a, u1, v1, u2, v2, y, z):
    b = a + u1[:, None] * v1 + u2[:, None] * v2
    w = alpha * (b @ (beta * (y @ b) + z))
    return tool.np.sum(w * w)


def syr2k(tool, alpha, beta, c, a, b):
    lower = tool.array(np.tri(c.shape[0]))
    c = c * (1.0 + (beta - 1.0) * lower) + lower * (alpha * (a @ b.T + b @ a.T))
    return tool.np.sum(c * c)


def doitgen(tool, a, c4):
    product = a @ c4
    return tool.np.sum(product * product)


def trmm(tool, alpha, a, b):
    b = alpha * (b + (a * tool.array(np.tri(a.shape[0], k=-1))).T @ b)
    return tool.np.sum(b * b)


def conv2d(tool, images, weights):
    """A product with a matrix for each place in the filter."""
    k = weights.shape[0]
    h = images.shape[1] - k + 1
    w = images.shape[2] - k + 1
    output = 0.0
    for i in range(k):
        for j in range(k):
            output = output + images[:, i : i + h, j : j + w, :] @ weights[i, j]
    return tool.np.sum(output * output)


def softmax(tool, x):
    e = tool.np.exp(x - tool.largest(x, -1))
    y = e / tool.np.sum(e, -1)[..., None]
    return tool.np.sum(y * y)


def mlp(tool, x, w1, b1, w2, b2, w3, b3):
    def relu(x):
        return tool.choose(x > 0.0, x, 0.0 * x)

    h = relu(relu(tool.array(x) @ w1 + b1) @ w2 + b2)
    z = h @ w3 + b3
    e = tool.np.exp(z - tool.largest(z, -1))
    y = e / tool.np.sum(e, -1)[..., None]
    return tool.np.sum(y * y)


def network(tool, w1, b1, w2, b2, x, targets):
    hidden = tool.np.tanh(tool.array(x) @ w1 + b1)
    error = hidden @ w2 + b2 - tool.array(targets)
    return tool.np.mean(error * error)
