"""Geometry, graphics, signals, molecules, money."""

import itertools
import math
from functools import reduce

import numpy as np

from tests.programs.sample import sample


class Sphere:
    def __init__(self, center, radius, color, reflection=0.3):
        self.center = center
        self.radius = radius
        self.color = color
        self.reflection = reflection

    def intersect(self, origin, direction):
        """The nearest distance along the ray, or None."""
        oc = origin - self.center
        b = 2 * np.dot(oc, direction)
        c = np.dot(oc, oc) - self.radius**2
        disc = b * b - 4 * c
        if disc < 0:
            return None
        root = np.sqrt(disc)
        for t in ((-b - root) / 2, (-b + root) / 2):
            if t > 1e-6:
                return t
        return None

    def normal(self, point):
        return (point - self.center) / self.radius


def normalize(v):
    return v / np.linalg.norm(v)


def trace(origin, direction, spheres, light, depth=0):
    nearest, hit = np.inf, None
    for sphere in spheres:
        t = sphere.intersect(origin, direction)
        if t is not None and t < nearest:
            nearest, hit = t, sphere
    if hit is None:
        return np.array([0.2, 0.3, 0.5]) * (1.0 + direction[1])
    point = origin + nearest * direction
    n = hit.normal(point)
    to_light = normalize(light - point)
    color = hit.color * (0.1 + 0.9 * max(0.0, np.dot(n, to_light)))
    if depth < 2:
        mirrored = direction - 2 * np.dot(direction, n) * n
        color = color + hit.reflection * trace(point, mirrored, spheres, light, depth + 1)
    return color


def one_sphere(center, radius, light, width=3, height=2):
    """A small picture of one ball, row by row."""
    picture = np.zeros((height, width, 3))
    eye = np.array([0.0, 0.0, -3.0])
    for i, y in enumerate(np.linspace(0.4, -0.4, height)):
        for j, x in enumerate(np.linspace(-0.6, 0.6, width)):
            d = normalize(np.array([x, y, 0.0]) - eye)
            oc = eye - center
            b = d @ oc
            disc = b**2 - (oc @ oc - radius**2)
            if disc <= 0:
                continue
            p = eye + (-b - math.sqrt(disc)) * d
            n = (p - center) / radius
            l = normalize(light - p)
            picture[i, j] = np.array([1.0, 0.6, 0.2]) * max(float(n @ l), 0.0)
            picture[i, j] += 0.5 * max((2 * (n @ l) * n - l) @ -d, 0) ** 8
    return picture


def de_casteljau(points, t):
    if len(points) == 1:
        return points[0]
    return de_casteljau([(1 - t) * p + t * q for p, q in zip(points[:-1], points[1:])], t)


def cox_de_boor(i, k, t, knots):
    """B-spline basis function by its recursion."""
    if k == 0:
        return 1.0 if knots[i] <= t < knots[i + 1] else 0.0
    left = right = 0.0
    if knots[i + k] != knots[i]:
        left = (t - knots[i]) / (knots[i + k] - knots[i]) * cox_de_boor(i, k - 1, t, knots)
    if knots[i + k + 1] != knots[i + 1]:
        right = (
            (knots[i + k + 1] - t) / (knots[i + k + 1] - knots[i + 1])
            * cox_de_boor(i + 1, k - 1, t, knots)
        )
    return left + right


def spline_point(control, t, degree=2):
    knots = [0] * (degree + 1) + list(range(1, len(control) - degree)) + [len(control) - degree] * (degree + 1)
    return sum(c * cox_de_boor(i, degree, t, knots) for i, c in enumerate(control))


def quaternion_rotate(q, v):
    w, x, y, z = q / np.sqrt(np.sum(q**2))
    R = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip
    return R.dot(v)


def dh_matrix(theta, d, a, alpha):
    ct, st = np.cos(theta), np.sin(theta)
    ca, sa = np.cos(alpha), np.sin(alpha)
    return np.array([
        [ct, -st * ca, st * sa, a * ct],
        [st, ct * ca, -ct * sa, a * st],
        [0, sa, ca, d],
        [0, 0, 0, 1],
    ])  # fmt: skip


def end_effector(angles, links):
    """Where the hand of a robot is."""
    transforms = [dh_matrix(theta, *link) for theta, link in zip(angles, links)]
    T = reduce(np.matmul, transforms)
    return T[:3, 3]


def bilinear(image, x, y):
    x0, y0 = int(math.floor(x)), int(math.floor(y))
    dx, dy = x - x0, y - y0
    top = image[y0, x0] * (1 - dx) + image[y0, x0 + 1] * dx
    bottom = image[y0 + 1, x0] * (1 - dx) + image[y0 + 1, x0 + 1] * dx
    return top * (1 - dy) + bottom * dy


def warp(image, shift, angle):
    h, w = image.shape
    cy, cx = (h - 1) / 2, (w - 1) / 2
    out = np.zeros_like(image)
    for i in range(h):
        for j in range(w):
            u = np.cos(angle) * (j - cx) - np.sin(angle) * (i - cy) + cx + shift[0]
            v = np.sin(angle) * (j - cx) + np.cos(angle) * (i - cy) + cy + shift[1]
            if 0 <= u < w - 1 and 0 <= v < h - 1:
                out[i, j] = bilinear(image, u, v)
    return out


def polygon_area(vertices):
    """Shoelace formula and perimeter."""
    x, y = np.transpose(vertices)
    area = 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    closed = np.vstack([vertices, vertices[:1]])
    perimeter = np.hypot(*np.diff(closed, axis=0).T).sum()
    return area, perimeter


def fft_pairs(re, im):
    """Radix-2 FFT on lists of real and imaginary parts."""
    n = len(re)
    if n == 1:
        return re, im
    even_re, even_im = fft_pairs(re[0::2], im[0::2])
    odd_re, odd_im = fft_pairs(re[1::2], im[1::2])
    out_re, out_im = [0.0] * n, [0.0] * n
    for k in range(n // 2):
        c, s = math.cos(-2 * math.pi * k / n), math.sin(-2 * math.pi * k / n)
        t_re = c * odd_re[k] - s * odd_im[k]
        t_im = s * odd_re[k] + c * odd_im[k]
        out_re[k], out_im[k] = even_re[k] + t_re, even_im[k] + t_im
        out_re[k + n // 2], out_im[k + n // 2] = even_re[k] - t_re, even_im[k] - t_im
    return out_re, out_im


def power_spectrum(signal):
    re, im = fft_pairs(list(signal), [0.0] * len(signal))
    return np.array(re) ** 2 + np.array(im) ** 2


def fft_complex(x):
    """The same with complex numbers."""
    N = len(x)
    if N <= 1:
        return x
    even, odd = fft_complex(x[0::2]), fft_complex(x[1::2])
    factor = np.exp(-2j * np.pi * np.arange(N // 2) / N)
    return np.concatenate([even + factor * odd, even - factor * odd])


def complex_power_spectrum(signal):
    return np.abs(fft_complex(signal.astype(complex))) ** 2


class Biquad:
    """A second-order section, transposed direct form; it keeps its state between calls."""

    def __init__(self, b, a):
        self.b = b
        self.a = a
        self.z1 = self.z2 = 0.0

    def process(self, x):
        y = self.b[0] * x + self.z1
        self.z1 = self.b[1] * x - self.a[1] * y + self.z2
        self.z2 = self.b[2] * x - self.a[2] * y
        return y


def filtered_energy(section, signal):
    return sum(section.process(s) ** 2 for s in signal)


def lennard_jones(positions, params, box):
    """Energy and forces in a periodic box, pair by pair."""
    eps, sig, rc = params["epsilon"], params["sigma"], params["cutoff"]
    energy = 0.0
    forces = np.zeros_like(positions)
    for i, j in itertools.combinations(range(len(positions)), 2):
        rij = positions[i] - positions[j]
        rij -= box * np.round(rij / box)
        r2 = rij @ rij
        if r2 > rc**2:
            continue
        sr6 = (sig**2 / r2) ** 3
        energy += 4 * eps * (sr6**2 - sr6)
        f = 24 * eps * (2 * sr6**2 - sr6) / r2 * rij
        forces[i] += f
        forces[j] -= f
    return energy, forces


def norm_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def black_scholes(S, K, T, r, sigma, kind="call"):
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    if kind == "call":
        return S * norm_cdf(d1) - K * math.exp(-r * T) * norm_cdf(d2)
    elif kind == "put":
        return K * math.exp(-r * T) * norm_cdf(-d2) - S * norm_cdf(-d1)
    else:
        raise ValueError("unknown kind: %s" % kind)


def binomial_american_put(S, K, r, sigma, T=1.0, N=12):
    dt = T / N
    u = np.exp(sigma * np.sqrt(dt))
    d = 1 / u
    p = (np.exp(r * dt) - d) / (u - d)
    disc = np.exp(-r * dt)
    prices = S * d ** np.arange(N, -1, -1) * u ** np.arange(0, N + 1)
    values = np.maximum(K - prices, 0)
    for i in range(N - 1, -1, -1):
        prices = S * d ** np.arange(i, -1, -1) * u ** np.arange(0, i + 1)
        values[: i + 1] = disc * (p * values[1 : i + 2] + (1 - p) * values[0 : i + 1])
        values = values[:-1]
        values = np.maximum(values, K - prices)
    return values[0]


def asian_option(S0, r, sigma, normals, K=100.0, T=1.0):
    paths, steps = normals.shape
    dt = T / steps
    log_returns = (r - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * normals
    prices = S0 * np.exp(np.cumsum(log_returns, axis=1))
    payoff = np.maximum(prices.mean(axis=1) - K, 0.0)
    return np.exp(-r * T) * payoff.mean()


_rng = np.random.default_rng(5)
_spheres = [
    Sphere(np.array([0.0, 0.0, 1.0]), 1.0, np.array([1.0, 0.2, 0.2])),
    Sphere(np.array([0.9, 0.3, -0.3]), 0.5, np.array([0.1, 0.9, 0.3])),
]
def convex_hull_area(points):
    """Andrew's monotone chain, and the shoelace formula."""
    pts = sorted((p[0], p[1]) for p in points)

    def cross(o, a, b):
        return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])

    lower = []
    for p in pts:
        while len(lower) >= 2 and cross(lower[-2], lower[-1], p) <= 0:
            lower.pop()
        lower.append(p)
    upper = []
    for p in reversed(pts):
        while len(upper) >= 2 and cross(upper[-2], upper[-1], p) <= 0:
            upper.pop()
        upper.append(p)
    hull = lower[:-1] + upper[:-1]
    area = 0.0
    for i in range(len(hull)):
        x1, y1 = hull[i]
        x2, y2 = hull[(i + 1) % len(hull)]
        area += x1 * y2 - x2 * y1
    return abs(area) / 2


_params = {"epsilon": 1.0, "sigma": 0.8, "cutoff": 2.5}

SAMPLES = [
    sample(
        trace, np.array([0.0, 0.1, -3.0]), normalize(np.array([0.1, 0.05, 1.0])), _spheres,
        np.array([2.0, 3.0, -2.0]), wrt="origin direction spheres light", smooth=False,
        refused="objects in a recursive function",
    ),
    sample(one_sphere, np.array([0.1, 0.0, 0.5]), 0.9, np.array([2.0, 3.0, -2.0]), wrt="center radius light"),
    sample(de_casteljau, list(_rng.normal(size=(4, 2))), 0.4, wrt="points t", smooth=False),
    sample(spline_point, list(_rng.normal(size=(5, 2))), 1.3, wrt="control t", smooth=False),
    sample(quaternion_rotate, _rng.normal(size=4), _rng.normal(size=3), wrt="q v"),
    sample(
        end_effector, [0.3, -0.7, 1.1],
        [(0.5, 0.1, np.pi / 2), (0.0, 1.0, 0.0), (0.1, 0.6, -np.pi / 2)], wrt="angles links",
    ),
    sample(
        warp, _rng.random((4, 5)), np.array([0.23, -0.31]), 0.2, wrt="image shift angle",
    ),
    sample(polygon_area, np.array([[0.0, 0.1], [2.0, 0.3], [2.5, 1.7], [0.4, 1.9]]), wrt="vertices"),
    sample(
        convex_hull_area, [[0.0, 0.0], [2.0, 0.1], [2.2, 1.9], [0.1, 2.0], [1.0, 1.0]], wrt="points",
    ),
    sample(
        power_spectrum, _rng.normal(size=8), wrt="signal", smooth=False,
        refused="a recursive function that returns its lists, or new ones",
    ),
    sample(
        complex_power_spectrum, _rng.normal(size=8), wrt="signal", smooth=False,
    ),
    sample(
        filtered_energy, Biquad(np.array([0.2, 0.4, 0.2]), np.array([1.0, -0.5, 0.3])),
        _rng.normal(size=8), wrt="section signal",
    ),
    sample(
        lennard_jones, _rng.random((4, 3)) * 3.0, _params, 3.0, wrt="positions params box",
    ),
    sample(black_scholes, 102.0, 98.0, 0.5, 0.03, 0.25, "put", wrt="S K T r sigma"),
    sample(binomial_american_put, 95.0, 100.0, 0.05, 0.3, wrt="S K r sigma"),
    sample(asian_option, 103.0, 0.03, 0.3, _rng.normal(size=(5, 6)), wrt="S0 r sigma normals"),
]
