"""Ordinary differential equations: fixed and adaptive steps, implicit steps, mechanics."""

from collections import namedtuple
from dataclasses import dataclass, field
from math import cos, pi, sin, sqrt

import numpy as np

from tests.programs.sample import sample


def rk4_step(f, t, y, h, *args):
    k1 = f(t, y, *args)
    k2 = f(t + h / 2, y + h / 2 * k1, *args)
    k3 = f(t + h / 2, y + h / 2 * k2, *args)
    k4 = f(t + h, y + h * k3, *args)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def lorenz(t, state, sigma, rho, beta):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def lorenz_trajectory(initial, sigma=10.0, rho=28.0, beta=8.0 / 3.0, dt=0.01, steps=20):
    trajectory = np.empty((steps + 1, 3))
    trajectory[0] = initial
    for i in range(steps):
        trajectory[i + 1] = rk4_step(lorenz, i * dt, trajectory[i], dt, sigma, rho, beta)
    return trajectory


def rkf45(f, t, t_end, y, tol=1e-6, h=0.1):
    """Runge-Kutta-Fehlberg with adaptive steps; the list of times and the list of states."""
    ts, ys = [t], [y]
    while t < t_end:
        if t + h > t_end:
            h = t_end - t
        k1 = h * f(t, y)
        k2 = h * f(t + h / 4, y + k1 / 4)
        k3 = h * f(t + 3 * h / 8, y + 3 * k1 / 32 + 9 * k2 / 32)
        k4 = h * f(t + 12 * h / 13, y + 1932 * k1 / 2197 - 7200 * k2 / 2197 + 7296 * k3 / 2197)
        k5 = h * f(t + h, y + 439 * k1 / 216 - 8 * k2 + 3680 * k3 / 513 - 845 * k4 / 4104)
        k6 = h * f(
            t + h / 2,
            y - 8 * k1 / 27 + 2 * k2 - 3544 * k3 / 2565 + 1859 * k4 / 4104 - 11 * k5 / 40,
        )
        y4 = y + 25 * k1 / 216 + 1408 * k3 / 2565 + 2197 * k4 / 4104 - k5 / 5
        y5 = y + 16 * k1 / 135 + 6656 * k3 / 12825 + 28561 * k4 / 56430 - 9 * k5 / 50 + 2 * k6 / 55
        err = np.max(np.abs(y5 - y4))
        if err <= tol:
            t += h
            y = y5
            ts.append(t)
            ys.append(y)
        h *= min(4.0, max(0.1, 0.84 * (tol / err) ** 0.25)) if err > 0 else 4.0
    return ts, ys


def van_der_pol(mu, y0):
    def rhs(t, y):
        return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    ts, ys = rkf45(rhs, 0.0, 1.0, y0)
    return ys[-1]


PARAMS = {"alpha": 1.1, "beta": 0.4, "delta": 0.1, "gamma": 0.4}


def predator_prey(params, prey=10.0, predators=5.0, dt=0.02, n=50):
    history = {"prey": [prey], "predators": [predators]}
    for _ in range(n):
        dprey = params["alpha"] * prey - params["beta"] * prey * predators
        dpred = params["delta"] * prey * predators - params["gamma"] * predators
        prey += dt * dprey
        predators += dt * dpred
        history["prey"].append(prey)
        history["predators"].append(predators)
    return np.array(history["prey"]).mean(), max(history["predators"])


State = namedtuple("State", "S E I R")


def seir(beta, sigma, gamma, days=30):
    s = State(S=0.99, E=0.01, I=0.0, R=0.0)
    peak = 0.0
    for day in range(days):
        exposed = beta * s.S * s.I
        s = State(
            s.S - exposed,
            s.E + exposed - sigma * s.E,
            s.I + sigma * s.E - gamma * s.I,
            s.R + gamma * s.I,
        )
        peak = max(peak, s.I)
    return peak, s.R


def acceleration(pos, mass, G, softening):
    """Pairwise gravity, vectorised over all pairs."""
    dr = pos[np.newaxis, :, :] - pos[:, np.newaxis, :]
    inv_r3 = (np.sum(dr**2, axis=-1) + softening**2) ** -1.5
    np.fill_diagonal(inv_r3, 0.0)
    return G * np.sum(dr * (inv_r3 * mass[np.newaxis, :])[:, :, np.newaxis], axis=1)


def nbody_leapfrog(pos, vel, mass, dt=0.01, n_steps=10, G=1.0, softening=0.1):
    vel = vel - np.mean(mass[:, None] * vel, 0) / np.mean(mass)
    acc = acceleration(pos, mass, G, softening)
    energies = []
    for i in range(n_steps):
        vel += acc * dt / 2.0
        pos = pos + vel * dt
        acc = acceleration(pos, mass, G, softening)
        vel += acc * dt / 2.0
        energies.append(0.5 * np.sum(mass * np.sum(vel * vel, axis=1)))
    return pos, energies


class Body:
    def __init__(self, mass, position, velocity):
        self.mass = mass
        self.position = position
        self.velocity = velocity

    def distance_to(self, other):
        return np.sqrt(((self.position - other.position) ** 2).sum())

    def kinetic_energy(self):
        return 0.5 * self.mass * self.velocity.dot(self.velocity)


def total_energy(bodies):
    energy = 0.0
    for i, body in enumerate(bodies):
        energy += body.kinetic_energy()
        for other in bodies[i + 1:]:
            energy -= body.mass * other.mass / body.distance_to(other)
    return energy


def solar_system(bodies, dt, steps):
    for _ in range(steps):
        for body in bodies:
            force = np.zeros(2)
            for other in bodies:
                if other is body:
                    continue
                r = other.position - body.position
                force += body.mass * other.mass * r / np.linalg.norm(r) ** 3
            body.velocity = body.velocity + dt * force / body.mass
        for body in bodies:
            body.position = body.position + dt * body.velocity
    return total_energy(bodies)


class SpringSystem:
    """A chain of masses between two walls, stepped by velocity Verlet."""

    def __init__(self, masses, stiffness, damping=0.05):
        self.masses = masses
        self.stiffness = stiffness
        self.damping = damping
        self.x = np.zeros(len(masses))
        self.v = np.zeros(len(masses))

    def forces(self):
        padded = np.concatenate(([0.0], self.x, [0.0]))
        stretch = np.diff(padded)
        tension = self.stiffness * stretch
        return tension[1:] - tension[:-1] - self.damping * self.v

    def step(self, dt):
        a = self.forces() / self.masses
        self.x = self.x + self.v * dt + 0.5 * a * dt**2
        a_new = self.forces() / self.masses
        self.v = self.v + 0.5 * (a + a_new) * dt

    @property
    def energy(self):
        stretch = np.diff(np.concatenate(([0.0], self.x, [0.0])))
        return 0.5 * np.sum(self.masses * self.v**2) + 0.5 * np.sum(self.stiffness * stretch**2)


def plucked_chain(system, pluck):
    system.x[1] = pluck
    for _ in range(20):
        system.step(0.05)
    return system.energy


@dataclass
class Pendulum:
    length1: float
    length2: float
    mass1: float = 1.0
    mass2: float = 1.0
    g: float = 9.81
    angles: list = field(default_factory=list)

    def derivatives(self, state):
        th1, w1, th2, w2 = state
        delta = th2 - th1
        m = self.mass1 + self.mass2
        den1 = m * self.length1 - self.mass2 * self.length1 * cos(delta) ** 2
        den2 = (self.length2 / self.length1) * den1
        dw1 = (
            self.mass2 * self.length1 * w1 * w1 * sin(delta) * cos(delta)
            + self.mass2 * self.g * sin(th2) * cos(delta)
            + self.mass2 * self.length2 * w2 * w2 * sin(delta)
            - m * self.g * sin(th1)
        ) / den1
        dw2 = (
            -self.mass2 * self.length2 * w2 * w2 * sin(delta) * cos(delta)
            + m * self.g * sin(th1) * cos(delta)
            - m * self.length1 * w1 * w1 * sin(delta)
            - m * self.g * sin(th2)
        ) / den2
        return [w1, dw1, w2, dw2]


def double_pendulum(pendulum, th1=pi / 2, th2=pi / 3, dt=0.01, n=30):
    state = [th1, 0.0, th2, 0.0]
    for _ in range(n):
        k1 = pendulum.derivatives(state)
        middle = [s + 0.5 * dt * k for s, k in zip(state, k1)]
        k2 = pendulum.derivatives(middle)
        state = [s + dt * k for s, k in zip(state, k2)]
        pendulum.angles.append(state[0])
    return state[0] * pendulum.length1 + state[2] * pendulum.length2


def projectile_range(speed, angle, drag=0.01, g=9.81, dt=0.01):
    """Where a ball with quadratic drag comes down, the last step interpolated."""
    x, y = 0.0, 0.0
    vx, vy = speed * cos(angle), speed * sin(angle)
    while True:
        v = sqrt(vx * vx + vy * vy)
        x_old, y_old = x, y
        x += vx * dt
        y += vy * dt
        vx -= drag * v * vx * dt
        vy -= (g + drag * v * vy) * dt
        if y < 0:
            fraction = y_old / (y_old - y)
            return x_old + fraction * (x - x_old)


def backward_euler(lam, y0, t_end=1.0, n=10):
    """Stiff relaxation towards cos(t), a Newton iteration in each step."""

    def g(y, y_prev, t, h):
        return y - y_prev - h * (-lam * (y - np.cos(t)) - y**3)

    def dg(y, h):
        return 1 + h * (lam + 3 * y**2)

    h = t_end / n
    y = y0
    t = 0.0
    for i in range(n):
        t = t + h
        guess = y
        for _ in range(50):
            delta = g(guess, y, t, h) / dg(guess, h)
            guess = guess - delta
            if abs(delta) < 1e-14:
                break
        y = guess
    return y


@dataclass
class Ball:
    height: float
    speed: float
    hits: list = field(default_factory=list)

    def step(self, dt, restitution):
        speed = self.speed - 9.81 * dt
        height = self.height + 0.5 * (self.speed + speed) * dt
        if height < 0:
            fraction = self.height / (self.height - height)
            speed = -restitution * (self.speed - 9.81 * dt * fraction)
            height = speed * dt * (1 - fraction)
            self.hits.append(fraction * dt)
        self.height, self.speed = height, speed


def bounces(height, restitution, steps=120, dt=0.01):
    """The highest point after the first hit, and what the hits took of their steps."""
    ball = Ball(height, 0.0)
    top = 0.0
    for _ in range(steps):
        ball.step(dt, restitution)
        if ball.hits and ball.height > top:
            top = ball.height
    return top + sum(ball.hits)


_rng = np.random.default_rng(1)

SAMPLES = [
    sample(lorenz_trajectory, np.array([1.0, 1.0, 1.0]), 10.0, 28.0, 2.6, wrt="initial sigma rho beta"),
    sample(van_der_pol, 1.5, np.array([1.2, 0.3]), wrt="mu y0", smooth=False),
    sample(predator_prey, PARAMS, wrt="params"),
    sample(seir, 0.6, 0.3, 0.12, wrt="beta sigma gamma"),
    sample(
        nbody_leapfrog, _rng.normal(size=(3, 3)), _rng.normal(size=(3, 3)),
        np.array([1.0, 2.0, 1.5]), wrt="pos vel mass",
    ),
    sample(
        solar_system,
        [
            Body(5.0, np.array([0.0, 0.1]), np.array([0.0, -0.3])),
            Body(1.0, np.array([1.0, 0.0]), np.array([0.1, 1.8])),
            Body(0.5, np.array([-1.5, 0.2]), np.array([0.0, -1.2])),
        ],
        0.01, 4, wrt="bodies",
    ),
    sample(
        plucked_chain, SpringSystem(np.array([1.0, 1.2, 0.8]), np.array([3.0, 2.0, 2.5, 4.0])),
        0.7, wrt="system pluck",
    ),
    sample(double_pendulum, Pendulum(1.0, 0.8), wrt="pendulum"),
    sample(bounces, 1.0, 0.8, wrt="height restitution"),
    sample(projectile_range, 20.0, 0.8, wrt="speed angle drag"),
    sample(backward_euler, 15.0, 2.0, wrt="lam y0", smooth=False),
]
