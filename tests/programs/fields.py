"""Partial differential equations on grids."""

import numpy as np

from tests.programs.linear_algebra import thomas
from tests.programs.sample import sample


def heat_ftcs(u0, alpha, dx=0.1, dt=0.002, nt=15):
    """Explicit heat equation; all time levels are kept."""
    nx = len(u0)
    u = np.zeros((nt + 1, nx))
    u[0, :] = u0
    r = alpha * dt / dx**2
    for n in range(0, nt):
        for i in range(1, nx - 1):
            u[n + 1, i] = u[n, i] + r * (u[n, i + 1] - 2 * u[n, i] + u[n, i - 1])
        # insulated ends
        u[n + 1, 0] = u[n + 1, 1]
        u[n + 1, nx - 1] = u[n + 1, nx - 2]
    return u[-1]


def wave(u0, c, dt=0.05, dx=0.1, n_steps=12):
    u_prev = u0.copy()
    u = u0.copy()
    u_next = np.zeros_like(u0)
    C2 = (c * dt / dx) ** 2
    u[1:-1] = u_prev[1:-1] + 0.5 * C2[1:-1] * (u_prev[2:] - 2 * u_prev[1:-1] + u_prev[:-2])
    u[0] = u[-1] = 0
    for _ in range(n_steps):
        u_next[1:-1] = (
            2 * u[1:-1] - u_prev[1:-1] + C2[1:-1] * (u[2:] - 2 * u[1:-1] + u[:-2])
        )
        u_next[0], u_next[-1] = 0, 0
        u_prev, u, u_next = u, u_next, u_prev
    return np.sum(u**2)


def burgers(u0, nu, L=2 * np.pi, dt=0.01, steps=12):
    """Viscous Burgers with periodic ends, upwind in the convection."""
    dx = L / len(u0)
    u = u0
    for n in range(steps):
        backward = (u - np.roll(u, 1)) / dx
        forward = (np.roll(u, -1) - u) / dx
        convection = np.where(u > 0, u * backward, u * forward)
        diffusion = nu * (np.roll(u, -1) - 2 * u + np.roll(u, 1)) / dx**2
        u = u + dt * (diffusion - convection)
    return u


def black_scholes_fd(S0, K, r, sigma, T=1.0, S_max=200.0, M=20, N=10):
    """European put by Crank-Nicolson, read off the grid by linear interpolation."""
    dS = S_max / M
    dt = T / N
    S = np.linspace(0, S_max, M + 1)
    V = np.maximum(K - S, 0)
    j = np.arange(1, M)
    alpha = 0.25 * dt * (sigma**2 * j**2 - r * j)
    beta = -0.5 * dt * (sigma**2 * j**2 + r)
    gamma = 0.25 * dt * (sigma**2 * j**2 + r * j)
    for n in range(N):
        rhs = alpha * V[:-2] + (1 + beta) * V[1:-1] + gamma * V[2:]
        low = K * np.exp(-r * (n + 1) * dt)
        rhs[0] += alpha[0] * low
        V[1:-1] = thomas(-alpha, 1 - beta, -gamma, rhs)
        V[0], V[-1] = low, 0.0
    i = int(S0 // dS)
    w = (S0 - i * dS) / dS
    return (1 - w) * V[i] + w * V[i + 1]


def laplacian(Z):
    Ztop = Z[0:-2, 1:-1]
    Zleft = Z[1:-1, 0:-2]
    Zbottom = Z[2:, 1:-1]
    Zright = Z[1:-1, 2:]
    Zcenter = Z[1:-1, 1:-1]
    return Ztop + Zleft + Zbottom + Zright - 4 * Zcenter


def turing_pattern(U, V, a=2.8e-2, b=0.5, tau=0.1, k=-0.05, dt=0.01, n=6):
    for i in range(n):
        deltaU = laplacian(U)
        deltaV = laplacian(V)
        Uc = U[1:-1, 1:-1]
        Vc = V[1:-1, 1:-1]
        U[1:-1, 1:-1], V[1:-1, 1:-1] = (
            Uc + dt * (a * deltaU + Uc - Uc**3 - Vc + k),
            Vc + dt * (b * deltaV + Uc - Vc) / tau,
        )
        for Z in (U, V):
            Z[0, :] = Z[1, :]
            Z[-1, :] = Z[-2, :]
            Z[:, 0] = Z[:, 1]
            Z[:, -1] = Z[:, -2]
    return U, V


def poisson_red_black(f, h, omega=1.5, sweeps=6):
    n, m = f.shape
    u = np.zeros((n, m))
    for sweep in range(sweeps):
        for colour in (0, 1):
            for i in range(1, n - 1):
                for j in range(1 + (i + colour) % 2, m - 1, 2):
                    gs = (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - h * h * f[i, j]) / 4
                    u[i, j] = (1 - omega) * u[i, j] + omega * gs
    return u


class ShallowWater:
    """One-dimensional shallow water, Lax-Friedrichs on a periodic grid."""

    gravity = 9.81

    def __init__(self, height, dx):
        self.q = np.array([height, np.zeros_like(height)])
        self.dx = dx

    def flux(self, q):
        h, hu = q
        return np.array([hu, hu * hu / h + 0.5 * self.gravity * h * h])

    def run(self, dt, steps):
        for _ in range(steps):
            F = self.flux(self.q)
            right, left = np.roll(self.q, -1, axis=1), np.roll(self.q, 1, axis=1)
            Fr, Fl = np.roll(F, -1, axis=1), np.roll(F, 1, axis=1)
            self.q = 0.5 * (right + left) - dt / (2 * self.dx) * (Fr - Fl)
        return self.q[0]


def dam_break(height, dx):
    model = ShallowWater(height, dx)
    return model.run(dt=0.005, steps=8)


def dam_break_of(model):
    return model.run(dt=0.005, steps=8)


_rng = np.random.default_rng(2)
_x = np.linspace(0.0, 1.0, 11)
_bump = np.sin(np.pi * _x) ** 2
_height = 1.0 + 0.3 * np.exp(-40 * (_x - 0.5) ** 2)

SAMPLES = [
    sample(heat_ftcs, _bump, 0.7, wrt="u0 alpha"),
    sample(wave, _bump, 1.0 + 0.2 * _x, wrt="u0 c"),
    sample(burgers, 0.3 + np.sin(2 * np.pi * _x[:-1]), 0.1, wrt="u0 nu"),
    sample(black_scholes_fd, 97.0, 103.0, 0.05, 0.3, wrt="S0 K r sigma"),
    sample(turing_pattern, _rng.random((6, 5)), _rng.random((6, 5)), wrt="U V a b tau k"),
    sample(poisson_red_black, _rng.normal(size=(6, 7)), 0.2, wrt="f h"),
    sample(
        dam_break, _height, 0.1, wrt="height dx",
    ),
    sample(dam_break_of, ShallowWater(_height, 0.1), wrt="model"),
]
