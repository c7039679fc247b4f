"""Optimisers, fits and roots, as in textbooks and SciPy."""

import math

import numpy as np

from tests.programs.sample import sample


# --- BFGS as in a textbook
def line_search(f, xk, pk, gk, alpha=1.0, c1=1e-4, shrink=0.5):
    fk = f(xk)
    slope = np.dot(gk, pk)
    while f(xk + alpha * pk) > fk + c1 * alpha * slope:
        alpha *= shrink
        if alpha < 1e-10:
            break
    return alpha


def bfgs(f, fprime, x0, maxiter=4, gtol=1e-8):
    n = len(x0)
    I = np.eye(n, dtype=float)
    Hk = I
    xk = x0
    gfk = fprime(x0)
    k = 0
    gnorm = np.max(np.abs(gfk))
    while gnorm > gtol and k < maxiter:
        pk = -np.dot(Hk, gfk)
        alpha_k = line_search(f, xk, pk, gfk)
        xkp1 = xk + alpha_k * pk
        sk = xkp1 - xk
        xk = xkp1
        gfkp1 = fprime(xkp1)
        yk = gfkp1 - gfk
        gfk = gfkp1
        k += 1
        gnorm = np.amax(np.abs(gfk))
        if gnorm <= gtol:
            break
        rhok_inv = np.dot(yk, sk)
        if rhok_inv == 0.0:
            rhok = 1000.0
            print("Divide-by-zero encountered: rhok assumed large")
        else:
            rhok = 1.0 / rhok_inv
        A1 = I - sk[:, np.newaxis] * yk[np.newaxis, :] * rhok
        A2 = I - yk[:, np.newaxis] * sk[np.newaxis, :] * rhok
        Hk = np.dot(A1, np.dot(Hk, A2)) + (rhok * sk[:, np.newaxis] * sk[np.newaxis, :])
    return xk, f(xk)


def fitted_bowl(a, b, x0):
    def f(x):
        return a * (x[0] - 1.0) ** 2 + b * (x[1] - x[0] ** 2) ** 2

    def fprime(x):
        return np.array([2 * a * (x[0] - 1.0) - 4 * b * x[0] * (x[1] - x[0] ** 2), 2 * b * (x[1] - x[0] ** 2)])

    x, fun = bfgs(f, fprime, x0)
    return np.sum(x) + fun


# --- Brent minimiser as in SciPy
class Brent:
    def __init__(self, func, args=(), tol=1.48e-8, maxiter=30):
        self.func = func
        self.args = args
        self.tol = tol
        self.maxiter = maxiter
        self._mintol = 1.0e-11
        self._cg = 0.3819660
        self.xmin = None
        self.fval = None
        self.iter = 0
        self.funcalls = 0
        self.brack = None

    def set_bracket(self, brack=None):
        self.brack = brack

    def optimize(self):
        func = self.func
        xa, xb, xc = self.brack
        fb = func(*((xb,) + self.args))
        x = w = v = xb
        fw = fv = fx = fb
        if xa < xc:
            a = xa
            b = xc
        else:
            a = xc
            b = xa
        deltax = 0.0
        iter = 0
        while iter < self.maxiter:
            tol1 = self.tol * np.abs(x) + self._mintol
            tol2 = 2.0 * tol1
            xmid = 0.5 * (a + b)
            if np.abs(x - xmid) < (tol2 - 0.5 * (b - a)):
                break
            if np.abs(deltax) <= tol1:
                if x >= xmid:
                    deltax = a - x
                else:
                    deltax = b - x
                rat = self._cg * deltax
            else:
                tmp1 = (x - w) * (fx - fv)
                tmp2 = (x - v) * (fx - fw)
                p = (x - v) * tmp2 - (x - w) * tmp1
                tmp2 = 2.0 * (tmp2 - tmp1)
                if tmp2 > 0.0:
                    p = -p
                tmp2 = np.abs(tmp2)
                dx_temp = deltax
                deltax = rat
                if (p > tmp2 * (a - x)) and (p < tmp2 * (b - x)) and (np.abs(p) < np.abs(0.5 * tmp2 * dx_temp)):
                    rat = p * 1.0 / tmp2
                    u = x + rat
                    if (u - a) < tol2 or (b - u) < tol2:
                        if xmid - x >= 0:
                            rat = tol1
                        else:
                            rat = -tol1
                else:
                    if x >= xmid:
                        deltax = a - x
                    else:
                        deltax = b - x
                    rat = self._cg * deltax
            if np.abs(rat) < tol1:
                if rat >= 0:
                    u = x + tol1
                else:
                    u = x - tol1
            else:
                u = x + rat
            fu = func(*((u,) + self.args))
            self.funcalls += 1
            if fu > fx:
                if u < x:
                    a = u
                else:
                    b = u
                if (fu <= fw) or (w == x):
                    v = w
                    w = u
                    fv = fw
                    fw = fu
                elif (fu <= fv) or (v == x) or (v == w):
                    v = u
                    fv = fu
            else:
                if u >= x:
                    a = x
                else:
                    b = x
                v = w
                w = x
                x = u
                fv = fw
                fw = fx
                fx = fu
            iter += 1
        self.xmin = x
        self.fval = fx
        self.iter = iter

    def get_result(self, full_output=False):
        if full_output:
            return self.xmin, self.fval, self.iter, self.funcalls
        else:
            return self.xmin


def parabola_like(x, p, q):
    return p * x**2 - q * x + 0.1 * x**4


def brent_fval(p, q):
    brent = Brent(func=parabola_like, args=(p, q), maxiter=5)
    brent.set_bracket((0.0, 0.4, 2.0))
    brent.optimize()
    xmin, fval, it, calls = brent.get_result(full_output=True)
    return fval + 0.0 * it


# --- brentq
def brentq(f, xa, xb, args=(), xtol=1e-13, rtol=1e-13, maxiter=60):
    xpre, xcur = xa, xb
    xblk = 0.0
    fblk = 0.0
    spre = scur = 0.0
    fpre, fcur = f(xpre, *args), f(xcur, *args)
    if fpre * fcur > 0:
        raise ValueError("f(a) and f(b) must have different signs")
    if fpre == 0:
        return xpre
    if fcur == 0:
        return xcur
    for i in range(maxiter):
        if fpre * fcur < 0:
            xblk, fblk = xpre, fpre
            spre = scur = xcur - xpre
        if abs(fblk) < abs(fcur):
            xpre, xcur, xblk = xcur, xblk, xcur
            fpre, fcur, fblk = fcur, fblk, fcur
        delta = (xtol + rtol * abs(xcur)) / 2
        sbis = (xblk - xcur) / 2
        if fcur == 0 or abs(sbis) < delta:
            return xcur
        if abs(spre) > delta and abs(fcur) < abs(fpre):
            if xpre == xblk:
                stry = -fcur * (xcur - xpre) / (fcur - fpre)
            else:
                dpre = (fpre - fcur) / (xpre - xcur)
                dblk = (fblk - fcur) / (xblk - xcur)
                stry = -fcur * (fblk * dblk - fpre * dpre) / (dblk * dpre * (fblk - fpre))
            if 2 * abs(stry) < min(abs(spre), 3 * abs(sbis) - delta):
                spre, scur = scur, stry
            else:
                spre, scur = sbis, sbis
        else:
            spre, scur = sbis, sbis
        xpre, fpre = xcur, fcur
        if abs(scur) > delta:
            xcur += scur
        else:
            xcur += delta if sbis > 0 else -delta
        fcur = f(xcur, *args)
    raise RuntimeError("Failed to converge after %d iterations." % maxiter)


def implied_vol(price, S, K):
    def call(sigma):
        d1 = (math.log(S / K) + 0.5 * sigma**2) / sigma
        d2 = d1 - sigma
        N = lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2)))
        return S * N(d1) - K * N(d2) - price

    return brentq(call, 0.01, 3.0)


# --- Levenberg-Marquardt with trust
def levenberg_marquardt(residual, jac, theta, lam=1e-2, n_iter=6):
    history = []
    r = residual(theta)
    cost = 0.5 * r @ r
    for it in range(n_iter):
        J = jac(theta)
        A = J.T @ J
        g = J.T @ r
        step = np.linalg.solve(A + lam * np.diag(np.diag(A)), -g)
        theta_new = theta + step
        r_new = residual(theta_new)
        cost_new = 0.5 * r_new @ r_new
        if cost_new < cost:
            theta, r, cost = theta_new, r_new, cost_new
            lam = max(lam / 3, 1e-7)
        else:
            lam = min(lam * 2, 1e7)
        history.append(cost)
    return theta, history


def decay_fit(t, y):
    model = lambda p: p[0] * np.exp(-p[1] * t)

    def jac(p):
        e = np.exp(-p[1] * t)
        return np.column_stack([e, -p[0] * t * e])

    theta, history = levenberg_marquardt(lambda p: model(p) - y, jac, np.array([1.0, 0.5]))
    return theta[0] * theta[1] + history[-1]


# --- dogleg step
def dogleg_step(g, B, radius):
    p_best = -np.linalg.solve(B, g)
    if np.linalg.norm(p_best) < radius:
        return p_best
    p_u = -(np.dot(g, g) / np.dot(g, np.dot(B, g))) * g
    p_u_norm = np.linalg.norm(p_u)
    if p_u_norm >= radius:
        return p_u * (radius / p_u_norm)
    d = p_best - p_u
    a = np.dot(d, d)
    b = 2 * np.dot(p_u, d)
    c = np.dot(p_u, p_u) - radius**2
    sqrt_disc = math.sqrt(b * b - 4 * a * c)
    aux = b + math.copysign(sqrt_disc, b)
    ta = -aux / (2 * a)
    tb = -2 * c / aux
    _, t = sorted([ta, tb])
    return p_u + t * d


def dogleg(g, B, radius):
    return np.sum(dogleg_step(g, B + B.T + 3.0 * np.eye(2), radius) ** 3)


# --- OptimizeResult: dict with attributes
class OptimizeResult(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError as e:
            raise AttributeError(name) from e

    __setattr__ = dict.__setitem__


def newton_result(a):
    x = 1.0
    for nit in range(8):
        x = x - (x * x - a) / (2 * x)
    res = OptimizeResult(x=x, fun=x * x, nit=nit, success=True)
    if not res.success:
        raise ValueError
    return res.x * res["fun"]


# --- aberth / Durand Kerner, complex roots
def durand_kerner(coeffs, n_iter=40):
    n = len(coeffs)
    roots = [(0.4 + 0.9j) ** k for k in range(n)]
    for _ in range(n_iter):
        for i in range(n):
            p = 1.0
            for c in coeffs:
                p = p * roots[i] + c
            q = 1.0
            for j in range(n):
                if i != j:
                    q *= roots[i] - roots[j]
            roots[i] -= p / q
    return sum(abs(r) ** 2 for r in roots)


# --- simulated annealing-like with seed
def annealed(theta, seed=3):
    rng = np.random.default_rng(seed)
    x = np.array([0.5, -0.3])
    cost = lambda z: np.sum((z - theta) ** 2)
    best, best_cost = x.copy(), cost(x)
    T = 1.0
    for k in range(30):
        cand = x + 0.3 * rng.standard_normal(2)
        delta = cost(cand) - cost(x)
        if delta < 0 or rng.random() < math.exp(-delta / T):
            x = cand
        if cost(x) < best_cost:
            best, best_cost = x.copy(), cost(x)
        T *= 0.9
    return best_cost


# --- augmented Lagrangian
def augmented_lagrangian(c, b, outer=3, inner=15):
    x = np.zeros_like(c)
    lam = 0.0
    mu = 1.0
    for k in range(outer):
        for j in range(inner):
            g = c * x - 1.0
            h = x.sum() - b
            g += lam + mu * h
            x -= 0.1 * g
        lam += mu * (np.sum(x) - b)
        mu *= 2
    return 0.5 * c @ x**2


# --- ISTA / FISTA
def soft_threshold(z, t):
    return np.sign(z) * np.maximum(np.abs(z) - t, 0.0)


def fista(A, b, lam, n_iter=12):
    L = np.linalg.norm(A, 2) ** 2
    x = np.zeros(A.shape[1])
    z, t = x.copy(), 1.0
    for _ in range(n_iter):
        x_old = x
        x = soft_threshold(z - A.T @ (A @ z - b) / L, lam / L)
        t_old, t = t, (1.0 + np.sqrt(1.0 + 4.0 * t**2)) / 2.0
        z = x + (t_old - 1.0) / t * (x - x_old)
    return 0.5 * np.linalg.norm(A @ x - b) ** 2 + lam * np.linalg.norm(x, 1)


# --- particle swarm with class and generator
class Swarm:
    def __init__(self, n, dim, seed=0):
        self.rng = np.random.RandomState(seed)
        self.x = self.rng.uniform(-1, 1, (n, dim))
        self.v = np.zeros((n, dim))
        self.pbest = self.x.copy()

    def run(self, f, steps, w, c1=1.4, c2=1.4):
        pcost = np.array([f(x) for x in self.x])
        g = self.pbest[np.argmin(pcost)]
        for _ in range(steps):
            r1, r2 = self.rng.rand(), self.rng.rand()
            self.v = w * self.v + c1 * r1 * (self.pbest - self.x) + c2 * r2 * (g - self.x)
            self.x = self.x + self.v
            cost = np.array([f(x) for x in self.x])
            better = cost < pcost
            self.pbest[better] = self.x[better]
            pcost = np.where(better, cost, pcost)
            g = self.pbest[pcost.argmin()]
        return g, min(pcost)


def swarm_min(w, shift):
    s = Swarm(4, 2)
    g, c = s.run(lambda x: np.sum((x - shift) ** 2), 4, w)
    return c + g[0]


_r = np.random.default_rng(0)
_A = _r.normal(size=(5, 3))
_b = _r.normal(size=5)
SAMPLES = [
    sample(fitted_bowl, 1.3, 2.0, np.array([-0.5, 0.7]), wrt="a b x0", smooth=False),
    sample(brent_fval, 1.1, 0.9, wrt="p q", smooth=False),
    sample(implied_vol, 12.0, 100.0, 95.0, wrt="price S K", smooth=False),
    sample(
        decay_fit, np.linspace(0, 2, 6), 1.5 * np.exp(-0.8 * np.linspace(0, 2, 6)) + 0.05, wrt="t y", smooth=False
    ),
    sample(dogleg, np.array([1.0, 0.4]), np.array([[1.0, 0.1], [0.3, 0.5]]), 0.21, wrt="g B radius"),
    sample(newton_result, 2.0, wrt="a", refused="an object of a class that is a dict"),
    sample(durand_kerner, np.array([0.3, -1.2, 0.7]), wrt="coeffs"),
    sample(annealed, np.array([0.9, 0.1]), wrt="theta"),
    sample(augmented_lagrangian, np.array([1.0, 2.0, 0.5]), 0.7, wrt="c b"),
    sample(fista, _A, _b, 0.3, wrt="A b lam", smooth=False),
    sample(swarm_min, 0.7, np.array([0.4, 0.2]), wrt="w shift", smooth=False),
]
