"""Linear algebra, filters and layers of networks in NumPy, in the manner of PolyBench."""

from __future__ import annotations

import numpy as np

from workloads.workload import Workload


def deriche(image, alpha):
    """Deriche's recursive edge filter, along rows in both directions, then along columns."""
    w, h = image.shape
    k = (1.0 - np.exp(-alpha)) ** 2 / (1.0 + 2.0 * alpha * np.exp(-alpha) - np.exp(2.0 * alpha))
    a1 = k
    a2 = k * np.exp(-alpha) * (alpha - 1.0)
    a3 = k * np.exp(-alpha) * (alpha + 1.0)
    a4 = -k * np.exp(-2.0 * alpha)
    b1 = 2.0 ** (-alpha)
    b2 = -np.exp(-2.0 * alpha)
    y1 = np.empty_like(image)
    y1[:, 0] = a1 * image[:, 0]
    y1[:, 1] = a1 * image[:, 1] + a2 * image[:, 0] + b1 * y1[:, 0]
    for j in range(2, h):
        y1[:, j] = a1 * image[:, j] + a2 * image[:, j - 1] + b1 * y1[:, j - 1] + b2 * y1[:, j - 2]
    y2 = np.empty_like(image)
    y2[:, -1] = 0.0
    y2[:, -2] = a3 * image[:, -1]
    for j in range(h - 3, -1, -1):
        y2[:, j] = a3 * image[:, j + 1] + a4 * image[:, j + 2] + b1 * y2[:, j + 1] + b2 * y2[:, j + 2]
    rows = y1 + y2
    y1[0, :] = a1 * rows[0, :]
    y1[1, :] = a1 * rows[1, :] + a2 * rows[0, :] + b1 * y1[0, :]
    for i in range(2, w):
        y1[i, :] = a1 * rows[i, :] + a2 * rows[i - 1, :] + b1 * y1[i - 1, :] + b2 * y1[i - 2, :]
    y2[-1, :] = 0.0
    y2[-2, :] = a3 * rows[-1, :]
    for i in range(w - 3, -1, -1):
        y2[i, :] = a3 * rows[i + 1, :] + a4 * rows[i + 2, :] + b1 * y2[i + 1, :] + b2 * y2[i + 2, :]
    result = y1 + y2
    return np.sum(result * result)


def gramschmidt(a):
    """Orthogonal columns, one after the other; the sum of what they are made of."""
    a = a.copy()
    n = a.shape[1]
    q = np.zeros_like(a)
    r = np.zeros((n, n))
    for k in range(n):
        r[k, k] = np.sqrt(np.dot(a[:, k], a[:, k]))
        q[:, k] = a[:, k] / r[k, k]
        for j in range(k + 1, n):
            r[k, j] = np.dot(q[:, k], a[:, j])
            a[:, j] -= q[:, k] * r[k, j]
    return np.sum(r * r * r)


def durbin(r):
    """Durbin's recursion for a Toeplitz system."""
    y = np.empty_like(r)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, len(r)):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return np.sum(y * y)


def covariance(data):
    """The covariances of columns."""
    centred = data - np.mean(data, axis=0)
    m = data.shape[1]
    cov = np.zeros((m, m))
    for i in range(m):
        cov[i:, i] = centred[:, i] @ centred[:, i:] / (data.shape[0] - 1.0)
        cov[i, i:] = cov[i:, i]
    return np.sum(cov * cov)


def gemver(alpha, beta, a, u1, v1, u2, v2, y, z):
    """Two updates of rank one and two products with vectors."""
    b = a + np.outer(u1, v1) + np.outer(u2, v2)
    x = beta * (y @ b) + z
    w = alpha * (b @ x)
    return np.sum(w * w)


def syr2k(alpha, beta, c, a, b):
    """A symmetric update of rank 2 k, of the lower half."""
    c = c.copy()
    for i in range(a.shape[0]):
        c[i, : i + 1] *= beta
        for k in range(a.shape[1]):
            c[i, : i + 1] += a[: i + 1, k] * alpha * b[i, k] + b[: i + 1, k] * alpha * a[i, k]
    return np.sum(c * c)


def doitgen(a, c4):
    """Products of all slices of an array with a matrix."""
    a = a.copy()
    for r in range(a.shape[0]):
        for q in range(a.shape[1]):
            a[r, q, :] = a[r, q, :] @ c4
    return np.sum(a * a)


def trmm(alpha, a, b):
    """A triangular matrix times a matrix, in place."""
    b = b.copy()
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            b[i, j] += np.dot(a[i + 1 :, i], b[i + 1 :, j])
    b *= alpha
    return np.sum(b * b)


def conv2d(images, weights):
    """A convolution of several images with several filters, by patches."""
    k = weights.shape[0]
    n = images.shape[0]
    h = images.shape[1] - k + 1
    w = images.shape[2] - k + 1
    output = np.empty((n, h, w, weights.shape[3]))
    for i in range(h):
        for j in range(w):
            patch = images[:, i : i + k, j : j + k, :, np.newaxis]
            output[:, i, j, :] = np.sum(patch * weights[np.newaxis, :, :, :], axis=(1, 2, 3))
    return np.sum(output * output)


def softmax(x):
    """Softmax along the last axis, safe for large numbers."""
    high = np.max(x, axis=-1, keepdims=True)
    e = np.exp(x - high)
    y = e / np.sum(e, axis=-1, keepdims=True)
    return np.sum(y * y)


def relu(x):
    """The positive part."""
    return np.maximum(x, 0.0)


def mlp(x, w1, b1, w2, b2, w3, b3):
    """A network of three layers with softmax at its end."""
    h = relu(x @ w1 + b1)
    h = relu(h @ w2 + b2)
    z = h @ w3 + b3
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    y = e / np.sum(e, axis=-1, keepdims=True)
    return np.sum(y * y)


def network(w1, b1, w2, b2, x, targets):
    """Mean squared error of a small network with one hidden layer."""
    hidden = np.tanh(np.dot(x, w1) + b1)
    error = np.dot(hidden, w2) + b2 - targets
    return np.mean(error * error)


def _durbin(random, n):
    return (0.5 ** np.arange(1, n + 1) * random.uniform(0.5, 1.0, n),)


def _gemver(random, n):
    vectors = [random.random(n) for _ in range(6)]
    return 1.5, 1.2, random.random((n, n)), *vectors


def _syr2k(random, n, m):
    return 1.5, 1.2, random.random((n, n)), random.random((n, m)), random.random((n, m))


def _conv2d(random, n, size, k, channels, filters):
    return random.random((n, size, size, channels)), random.random((k, k, channels, filters))


def _mlp(random, n, inputs, first, second, outputs):
    widths = (inputs, first, second, outputs)
    layers = []
    for a, b in zip(widths[:-1], widths[1:], strict=True):
        layers += [random.normal(0.0, a**-0.5, (a, b)), random.normal(size=b)]
    return random.normal(size=(n, inputs)), *layers


def _network(random, n, inputs, hidden, outputs):
    first = random.normal(0.0, inputs**-0.5, (inputs, hidden)), np.zeros(hidden)
    second = random.normal(0.0, hidden**-0.5, (hidden, outputs)), np.zeros(outputs)
    return *first, *second, random.normal(size=(n, inputs)), random.normal(size=(n, outputs))


WORKLOADS = (
    Workload(
        "deriche", "kernels", deriche, (0,), lambda random, w, h: (random.random((w, h)), 0.25),
        {"tiny": (5, 6), "S": (100, 80), "M": (400, 300)}, compiled=True,
    ),
    Workload(
        "gramschmidt", "kernels", gramschmidt, (0,), lambda random, m, n: (random.random((m, n)) + np.eye(m, n),),
        {"tiny": (5, 4), "S": (60, 40), "M": (200, 150)}, compiled=True,
    ),
    Workload(
        "durbin", "kernels", durbin, (0,), _durbin,
        {"tiny": (5,), "S": (200,), "M": (1000,)}, compiled=True,
    ),
    Workload(
        "covariance", "kernels", covariance, (0,), lambda random, n, m: (random.random((n, m)),),
        {"tiny": (5, 3), "S": (100, 80), "M": (500, 300)},
    ),
    Workload(
        "gemver", "kernels", gemver, (2, 3, 4, 5, 6, 7, 8), _gemver,
        {"tiny": (4,), "S": (100,), "M": (1000,)}, compiled=True,
    ),
    Workload(
        "syr2k", "kernels", syr2k, (2, 3, 4), _syr2k,
        {"tiny": (4, 3), "S": (40, 30), "M": (150, 100)}, compiled=True,
    ),
    Workload(
        "doitgen", "kernels", doitgen, (0, 1),
        lambda random, r, q, p: (random.random((r, q, p)), random.random((p, p))),
        {"tiny": (2, 3, 4), "S": (20, 20, 30), "M": (60, 40, 60)}, compiled=True,
    ),
    Workload(
        "trmm", "kernels", trmm, (1, 2),
        lambda random, m, n: (1.5, random.random((m, m)), random.random((m, n))),
        {"tiny": (4, 3), "S": (40, 30), "M": (150, 120)}, compiled=True,
    ),
    Workload(
        "conv2d", "kernels", conv2d, (0, 1), _conv2d,
        {"tiny": (2, 5, 2, 2, 3), "S": (4, 16, 3, 3, 8), "M": (8, 32, 5, 3, 16)},
    ),
    Workload(
        "softmax", "kernels", softmax, (0,), lambda random, n, m: (random.normal(size=(n, n, m)),),
        {"tiny": (3, 4), "S": (20, 32), "M": (64, 128)},
    ),
    Workload(
        "mlp", "kernels", mlp, (1, 2, 3, 4, 5, 6), _mlp,
        {"tiny": (3, 4, 5, 4, 2), "S": (8, 20, 64, 32, 10), "M": (64, 256, 512, 256, 64)},
    ),
    Workload(
        "network", "kernels", network, (0, 1, 2, 3), _network,
        {"tiny": (3, 4, 3, 2), "S": (16, 32, 32, 4), "M": (256, 128, 256, 32)},
    ),
)
