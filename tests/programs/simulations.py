"""Simulations, signals, filters and estimators."""

import cmath
import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from tests.programs.sample import sample


# multigrid V cycle
def smooth(u, f, h, n=2, omega=2.0 / 3.0):
    for _ in range(n):
        u[1:-1] += omega * 0.5 * (u[:-2] + u[2:] - 2 * u[1:-1] + h * h * f[1:-1])
    return u


def residual(u, f, h):
    r = np.zeros_like(u)
    r[1:-1] = f[1:-1] - (2 * u[1:-1] - u[:-2] - u[2:]) / (h * h)
    return r


def restrict(r):
    c = np.zeros((len(r) - 1) // 2 + 1)
    c[1:-1] = 0.25 * (r[1:-3:2] + 2 * r[2:-2:2] + r[3:-1:2])
    return c


def prolong(e):
    u = np.zeros(2 * (len(e) - 1) + 1)
    u[::2] = e
    u[1::2] = 0.5 * (e[:-1] + e[1:])
    return u


def v_cycle(u, f, h):
    if len(u) <= 3:
        u[1] = 0.5 * h * h * f[1]
        return u
    smooth(u, f, h)
    rc = restrict(residual(u, f, h))
    ec = v_cycle(np.zeros_like(rc), rc, 2 * h)
    u += prolong(ec)
    smooth(u, f, h)
    return u


def poisson_mg(f, cycles=2):
    u = np.zeros_like(f)
    for _ in range(cycles):
        u = v_cycle(u, f, 1.0 / (len(f) - 1))
    return u


# Crank-Nicolson with Thomas
def tridiag(a, b, c, d):
    n = len(d)
    cp, dp = np.empty(n), np.empty(n)
    cp[0], dp[0] = c[0] / b[0], d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.empty(n)
    x[-1] = dp[-1]
    for i in reversed(range(n - 1)):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


def crank_nicolson(u0, D, nt=3, dx=0.2, dt=0.05):
    r = D * dt / (2 * dx**2)
    n = u0.size
    a = np.full(n, -r)
    b = np.full(n, 1 + 2 * r)
    c = np.full(n, -r)
    u = u0.copy()
    for _ in range(nt):
        rhs = (1 - 2 * r) * u
        rhs[1:] += r * u[:-1]
        rhs[:-1] += r * u[1:]
        u[:] = tridiag(a, b, c, rhs)
    return u


# ADI
def adi(u, alpha, steps=2):
    n, m = u.shape
    a = -alpha * np.ones(n)
    b = (1 + 2 * alpha) * np.ones(n)
    lap = lambda w: np.vstack([w[1:], np.zeros(m)]) - 2 * w + np.vstack([np.zeros(m), w[:-1]])
    for _ in range(steps):
        half = np.zeros_like(u)
        rhs = u + alpha * lap(u.T).T
        for j in range(m):
            half[:, j] = tridiag(a, b, a, rhs[:, j])
        rhs = half + alpha * lap(half)
        for i in range(n):
            u[i] = tridiag(a, b, a, rhs[i])
    return u


# levinson + LPC
def autocorr(x, p):
    return np.array([np.dot(x[: len(x) - k], x[k:]) for k in range(p + 1)])


def levinson(r, order):
    a = np.zeros(order + 1)
    a[0] = 1.0
    e = r[0]
    ks = []
    for i in range(1, order + 1):
        acc = r[i]
        for j in range(1, i):
            acc += a[j] * r[i - j]
        k = -acc / e
        ks.append(k)
        new = a.copy()
        for j in range(1, i):
            new[j] = a[j] + k * a[i - j]
        new[i] = k
        a = new
        e *= 1 - k * k
    return a, e, ks


def lpc_gain(x, order=3):
    a, e, ks = levinson(autocorr(x, order), order)
    return np.log(e) + np.sum(a**2) + sum(abs(k) for k in ks)


# UKF
def sigma_points(x, P, kappa=1.0):
    n = len(x)
    L = np.linalg.cholesky((n + kappa) * P)
    pts = [x]
    for i in range(n):
        pts.append(x + L[:, i])
        pts.append(x - L[:, i])
    W = np.full(2 * n + 1, 1 / (2 * (n + kappa)))
    W[0] = kappa / (n + kappa)
    return np.array(pts), W


def unscented(points, W, noise):
    mean = W @ points
    y = points - mean
    return mean, y.T @ np.diag(W) @ y + noise


def ukf_loglik(theta, zs):
    q, r, drag = theta
    x = np.array([0.0, 1.0])
    P = 0.5 * np.eye(2)
    Q = q * np.eye(2)
    R = np.array([[r]])
    f = lambda s: np.array([s[0] + 0.1 * s[1], s[1] - 0.1 * drag * s[1] * abs(s[1])])
    h = lambda s: np.array([np.sqrt(1.0 + s[0] ** 2)])
    ll = 0.0
    for z in zs:
        pts, W = sigma_points(x, P)
        F = np.array([f(p) for p in pts])
        x, P = unscented(F, W, Q)
        H = np.array([h(p) for p in F])
        zp, S = unscented(H, W, R)
        C = sum(w * np.outer(fp - x, hp - zp) for w, fp, hp in zip(W, F, H))
        K = C @ np.linalg.inv(S)
        innov = z - zp
        x = x + K @ innov
        P = P - K @ S @ K.T
        ll += -0.5 * float(innov @ np.linalg.solve(S, innov)) - 0.5 * np.log(np.linalg.det(S))
    return ll


# B-spline de Boor
def find_span(n, p, u, U):
    if u == U[n + 1]:
        return n
    low, high = p, n + 1
    mid = (low + high) // 2
    while u < U[mid] or u >= U[mid + 1]:
        if u < U[mid]:
            high = mid
        else:
            low = mid
        mid = (low + high) // 2
    return mid


def basis_funs(i, u, p, U):
    N = [0.0] * (p + 1)
    left = [0.0] * (p + 1)
    right = [0.0] * (p + 1)
    N[0] = 1.0
    for j in range(1, p + 1):
        left[j] = u - U[i + 1 - j]
        right[j] = U[i + j] - u
        saved = 0.0
        for r in range(j):
            temp = N[r] / (right[r + 1] + left[j - r])
            N[r] = saved + right[r + 1] * temp
            saved = left[j - r] * temp
        N[j] = saved
    return N


def curve_point(P, U, u, p=3):
    span = find_span(len(P) - 1, p, u, U)
    N = basis_funs(span, u, p, U)
    C = np.zeros(2)
    for i in range(p + 1):
        C = C + N[i] * P[span - p + i]
    return C


# adaptive quadrature gauss kronrod with stack
def stack_quad(f, a, b, tol=1e-6):
    stack = [(a, b, tol)]
    total = 0.0
    while stack:
        lo, hi, t = stack.pop()
        m = 0.5 * (lo + hi)
        s1 = (hi - lo) / 6 * (f(lo) + 4 * f(m) + f(hi))
        l, r = 0.5 * (lo + m), 0.5 * (m + hi)
        s2 = (hi - lo) / 12 * (f(lo) + 4 * f(l) + 2 * f(m) + 4 * f(r) + f(hi))
        if abs(s2 - s1) < 15 * t:
            total += s2 + (s2 - s1) / 15
        else:
            stack.append((lo, m, t / 2))
            stack.append((m, hi, t / 2))
    return total


def bump_area(w, b):
    return stack_quad(lambda x: math.exp(-w * x * x) / (1 + x**4), 0.0, b, tol=1e-4)


# richardson table of lists
def richardson(f, x, h=0.4, n=4):
    D = []
    for i in range(n):
        row = [(f(x + h) - f(x - h)) / (2 * h)]
        for j in range(1, i + 1):
            row.append(row[j - 1] + (row[j - 1] - D[i - 1][j - 1]) / (4**j - 1))
        D.append(row)
        h /= 2
    return D[-1][-1]


def slope_of_wave(x, k):
    return richardson(lambda t: math.sin(k * t) * t, x)


# PK two compartments with dosing events and dataclass
@dataclass
class Dose:
    time: float
    amount: float


@dataclass
class PK:
    cl: float
    v1: float
    q: float
    v2: float
    ka: float = 1.0

    def rhs(self, t, y):
        gut, c1, c2 = y
        return np.array(
            [
                -self.ka * gut,
                self.ka * gut - (self.cl + self.q) / self.v1 * c1 + self.q / self.v2 * c2,
                self.q / self.v1 * c1 - self.q / self.v2 * c2,
            ]
        )


def simulate_pk(model, doses, t_end=4.0, dt=0.5):
    y = np.zeros(3)
    t = 0.0
    pending = sorted(doses, key=lambda d: d.time)
    auc = 0.0
    conc = []
    while t < t_end:
        while pending and pending[0].time <= t + 1e-9:
            y[0] += pending.pop(0).amount
        k1 = model.rhs(t, y)
        k2 = model.rhs(t + dt, y + dt * k1)
        y = y + dt / 2 * (k1 + k2)
        t += dt
        conc.append(y[1] / model.v1)
        auc += conc[-1] * dt
    return auc + max(conc)


def pk_auc(cl, v1, q, v2, amount):
    return simulate_pk(PK(cl, v1, q, v2), [Dose(2.0, amount / 2), Dose(0.0, amount)])


# ising mean field
def mean_field(J, h, beta, tol=1e-12, damping=0.5):
    m = np.tanh(beta * h)
    for it in range(500):
        new = np.tanh(beta * (J @ m + h))
        if np.max(np.abs(new - m)) < tol:
            break
        m = damping * m + (1 - damping) * new
    E = -0.5 * m @ J @ m - h @ m
    S = -np.sum((1 + m) / 2 * np.log((1 + m) / 2) + (1 - m) / 2 * np.log((1 - m) / 2))
    return E - S / beta


# IRLS with weights
def irls(X, y, l2=0.1, n_iter=5):
    beta = np.zeros(X.shape[1])
    for _ in range(n_iter):
        eta = X.dot(beta)
        mu = 1 / (1 + np.exp(-eta))
        W = mu * (1 - mu)
        z = eta + (y - mu) / W
        XtW = X.T * W
        beta = np.linalg.solve(XtW @ X + l2 * np.identity(len(beta)), XtW @ z)
    return beta


# PCA by power iteration with deflation
def pca_power(X, k=2, n_iter=30):
    Xc = X - X.mean(axis=0, keepdims=True)
    C = Xc.T @ Xc / (len(X) - 1)
    comps, vals = [], []
    for c in range(k):
        v = np.ones(C.shape[0]) / np.sqrt(C.shape[0])
        for _ in range(n_iter):
            v = C @ v
            v /= np.linalg.norm(v)
        lam = v @ C @ v
        C = C - lam * np.outer(v, v)
        comps.append(v)
        vals.append(lam)
    return np.stack(comps), np.asarray(vals)


def explained(X):
    V, l = pca_power(X)
    return l.sum() * l[0] + np.sum(V[0] ** 4)


# GRU
def gru(params, xs):
    sig = lambda a: 0.5 * (np.tanh(0.5 * a) + 1)
    h = params["h0"]
    outs = []
    for x in xs:
        r, z = (sig(x @ params[f"W{g}"] + h @ params[f"U{g}"] + params.get(f"b{g}", 0.0)) for g in "rz")
        n = np.tanh(x @ params["Wn"] + r * (h @ params["Un"]))
        h = (1 - z) * n + z * h
        outs.append(h)
    return np.concatenate(outs).sum() + outs[-1] @ outs[0]


# image filters
def gaussian_blur(img, sigma):
    k = np.array([np.exp(-(i**2) / (2 * sigma**2)) for i in range(-1, 2)])
    k /= k.sum()
    out = np.zeros_like(img)
    H, W = img.shape
    for i in range(H):
        for j in range(W):
            for di in (-1, 0, 1):
                ii = min(max(i + di, 0), H - 1)
                for dj in (-1, 0, 1):
                    jj = (j + dj) % W
                    out[i, j] += k[di + 1] * k[dj + 1] * img[ii, jj]
    return out


def sobel_energy(img, sigma):
    b = gaussian_blur(img, sigma)
    gx = b[:, 2:] - b[:, :-2]
    gy = b[2:, :] - b[:-2, :]
    return np.sum(np.hypot(gx[1:-1], gy[:, 1:-1]))


# bilateral
def bilateral(signal, s, r):
    out = []
    for i, c in enumerate(signal):
        num = den = 0.0
        for j in range(max(0, i - 2), min(len(signal), i + 3)):
            w = math.exp(-((i - j) ** 2) / (2 * s * s) - (signal[j] - c) ** 2 / (2 * r * r))
            num += w * signal[j]
            den += w
        out.append(num / den)
    return out


# kernel in place returning nothing
def step_kernel(u, v, dt, out):
    n = u.shape[0]
    for i in range(n):
        left = u[i - 1] if i > 0 else 0.0
        right = u[i + 1] if i < n - 1 else 0.0
        out[i] = u[i] + dt * (left - 2 * u[i] + right) + dt * v[i] * u[i]


def swap_buffers(u, v, dt, steps=3):
    a, b = u.copy(), np.empty_like(u)
    for _ in range(steps):
        step_kernel(a, v, dt, b)
        a, b = b, a
    return a.sum() * b[0]


# recursive FFT pure python complex lists
def fft(x):
    n = len(x)
    if n == 1:
        return x
    even = fft(x[0::2])
    odd = fft(x[1::2])
    T = [cmath.exp(-2j * cmath.pi * k / n) * odd[k] for k in range(n // 2)]
    return [even[k] + T[k] for k in range(n // 2)] + [even[k] - T[k] for k in range(n // 2)]


def spectrum(x):
    return sum(abs(z) ** 2 * (i + 1) for i, z in enumerate(fft([complex(v) for v in x])))


# soft DTW backward by hand
def soft_dtw(D, gamma):
    n, m = D.shape
    R = np.full((n + 1, m + 1), np.inf)
    R[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            z = -np.array([R[i - 1, j - 1], R[i - 1, j], R[i, j - 1]]) / gamma
            zmax = np.max(z)
            R[i, j] = D[i - 1, j - 1] - gamma * (np.log(np.sum(np.exp(z - zmax))) + zmax)
    return R[n, m]


def soft_dtw_of(x, y, gamma):
    return soft_dtw((x[:, None] - y[None, :]) ** 2, gamma)


# matrix chain / viterbi softmax
def soft_viterbi(unary, trans, t=0.7):
    T, S = unary.shape
    score = unary[0]
    back = []
    for k in range(1, T):
        m = score[:, None] + trans
        w = np.exp((m - m.max(axis=0)) / t)
        p = w / w.sum(axis=0)
        back.append(p)
        score = np.einsum("ij,ij->j", p, m) + unary[k]
    p = np.exp(score / t)
    p /= p.sum()
    path = [p]
    for b in back[::-1]:
        p = b @ p
        path.insert(0, p)
    return np.stack(path)[:, 0].sum() + score.max()


# velocity verlet with Lennard-Jones and neighbour lists (sets of ints)
def lj_verlet(pos, eps, sig, steps=2, dt=0.01, cutoff=1.8):
    n = len(pos)
    vel = np.zeros_like(pos)

    def neighbours(p):
        return [(i, j) for i in range(n) for j in range(i + 1, n) if np.linalg.norm(p[i] - p[j]) < cutoff]

    def forces(p):
        F = np.zeros_like(p)
        E = 0.0
        for i, j in neighbours(p):
            d = p[i] - p[j]
            r2 = d @ d
            s6 = (sig**2 / r2) ** 3
            E += 4 * eps * s6 * (s6 - 1)
            f = 24 * eps * s6 * (2 * s6 - 1) / r2 * d
            F[i] += f
            F[j] -= f
        return F, E

    F, E = forces(pos)
    for _ in range(steps):
        vel += 0.5 * dt * F
        pos = pos + dt * vel
        F, E = forces(pos)
        vel += 0.5 * dt * F
    return E + 0.5 * np.sum(vel**2)


# SEIR events namedtuple state
SEIR = namedtuple("SEIR", "S E I R")


def seir_events(beta, sigma, gamma, lockdown=0.4, days=12):
    s = SEIR(0.99, 0.0, 0.01, 0.0)
    b = beta
    events = {3: "close", 8: "open"}
    peak = 0.0
    for day in range(days):
        match events.get(day):
            case "close":
                b = beta * lockdown
            case "open":
                b = beta
            case None:
                pass
        inf = b * s.S * s.I
        s = s._replace(S=s.S - inf, E=s.E + inf - sigma * s.E, I=s.I + sigma * s.E - gamma * s.I, R=s.R + gamma * s.I)
        peak = max(peak, s.I)
    return peak + s.R


# Bayesian linear regression update over stream
def online_bayes(alpha, beta, stream):
    S_inv = alpha * np.eye(2)
    m = np.zeros(2)
    ev = 0.0
    for x, t in stream:
        phi = np.array([1.0, x])
        S_new = S_inv + beta * np.outer(phi, phi)
        m = np.linalg.solve(S_new, S_inv @ m + beta * phi * t)
        S_inv = S_new
        ev += (t - phi @ m) ** 2
    return ev


# Monte Carlo American LSM
def lsm(S, K, r, dt=0.1):
    n, T = S.shape
    cash = np.maximum(K - S[:, -1], 0.0)
    for t in range(T - 2, 0, -1):
        cash = cash * np.exp(-r * dt)
        itm = S[:, t] < K
        if itm.sum() < 3:
            continue
        x = S[itm, t]
        A = np.vander(x / K, 3)
        coef, *_ = np.linalg.lstsq(A, cash[itm], rcond=None)
        cont = A @ coef
        ex = K - x
        upd = cash[itm]
        upd[ex > cont] = ex[ex > cont]
        cash[itm] = upd
    return np.mean(cash) * np.exp(-r * dt)


_r = np.random.default_rng(2)
_img = _r.random((4, 4))
SAMPLES = [
    sample(
        poisson_mg,
        _r.normal(size=9),
        wrt="f",
        smooth=False,
        refused="a recursive function that writes into what it is given, and returns it",
    ),
    sample(crank_nicolson, _r.normal(size=5), 0.7, wrt="u0 D", smooth=False),
    sample(adi, _r.normal(size=(3, 3)), 0.2, wrt="u alpha", smooth=False),
    sample(lpc_gain, _r.normal(size=8), wrt="x"),
    sample(
        ukf_loglik,
        np.array([0.1, 0.2, 0.3]),
        [1.05, 1.2, 1.1],
        wrt="theta",
        smooth=False,
        refused="a list that holds rows of what is written in place, perhaps",
    ),
    sample(curve_point, _r.normal(size=(6, 2)), [0, 0, 0, 0, 0.3, 0.6, 1, 1, 1, 1], 0.45, wrt="P u"),
    sample(bump_area, 1.3, 1.5, wrt="w b", smooth=False),
    sample(slope_of_wave, 0.6, 1.2, wrt="x k"),
    sample(pk_auc, 1.0, 2.0, 0.5, 3.0, 10.0, wrt="cl v1 q v2 amount", smooth=False),
    sample(mean_field, 0.2 * np.ones((3, 3)), np.array([0.1, 0.2, -0.3]), 0.8, wrt="J h beta"),
    sample(irls, _r.normal(size=(6, 2)), np.array([0, 1, 1, 0, 1, 0.0]), wrt="X l2"),
    sample(explained, _r.normal(size=(5, 3)), wrt="X", smooth=False),
    sample(
        gru,
        {k: _r.normal(size=(2, 2)) for k in ["Wr", "Ur", "Wz", "Uz", "Wn", "Un"]}
        | {"h0": np.ones(2), "br": np.ones(2)},
        _r.normal(size=(3, 2)),
        wrt="params xs",
    ),
    sample(sobel_energy, _img, 0.8, wrt="img sigma", smooth=False),
    sample(bilateral, [0.3, 0.9, 0.4, 1.2], 1.0, 0.6, wrt="signal s r"),
    sample(swap_buffers, _r.normal(size=4), _r.normal(size=4), 0.1, wrt="u v dt"),
    sample(
        spectrum, [0.3, 0.9, 0.4, 1.2], wrt="x", refused="a recursive function that returns its lists, or new ones"
    ),
    sample(soft_dtw_of, _r.normal(size=3), _r.normal(size=4), 0.8, wrt="x y"),
    sample(soft_viterbi, _r.normal(size=(4, 2)), _r.normal(size=(2, 2)), wrt="unary trans t"),
    sample(
        lj_verlet,
        np.array([[0.0, 0], [1.1, 0.1], [0.4, 1.2]]),
        1.0,
        0.9,
        wrt="pos eps sig",
        smooth=False,
        refused_twice="a function inside that returns an array written in place, in a tuple",
    ),
    sample(seir_events, 0.9, 0.4, 0.2, wrt="beta sigma gamma lockdown"),
    sample(online_bayes, 0.5, 2.0, [(0.1, 0.3), (0.5, 0.9), (1.0, 1.7)], wrt="alpha beta"),
    sample(lsm, 1.0 + 0.2 * _r.normal(size=(8, 4)), 1.1, 0.05, wrt="S K r", smooth=False),
]
