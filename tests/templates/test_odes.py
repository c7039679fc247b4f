"""Initial value problems: derivatives by the initial state, by parameters and by times, against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, value_and_grad
from tangent_sct.runtime import DerivativeError
from tangent_sct.runtime.scipy_odes import accepted_steps, as_solved
from tangent_sct.testing import check_rule
from tests.laws.samples import load

pytest.importorskip("scipy")

HEAD = """
import numpy as np
from scipy import integrate
from scipy.integrate import odeint, solve_ivp

def oscillator(t, y, a, b):
    return [y[1] * a, -b * y[0] * t]

def hunters(y, t, a, b):
    u, v = y
    return [a * u - b * u * v, b * u * v - v]

"""
Y = np.array([1.0, 2.0])
PROGRAMS: dict[str, tuple[str, tuple[Any, ...], int]] = {
    "captured": (
        "def f(k, y0):\n"
        "    found = solve_ivp(lambda t, y: -k * t * y, (0.0, 2.0), y0, rtol=1e-9, atol=1e-12)\n"
        "    return np.sum(found.y[:, -1] ** 2) + found.t[-1]\n",
        (0.7, Y), 2,
    ),
    "args": (
        "def f(a, b, u):\n"
        "    y = solve_ivp(oscillator, (0.0, 1.0), [u, 1.0], args=(a, b), rtol=1e-9, atol=1e-12).y\n"
        "    return y[0, -1] * y[1, -1]\n",
        (0.7, 0.3, 0.9), 2,
    ),
    "places": (
        "def f(a, b, y0):\n"
        "    found = integrate.solve_ivp(\n"
        "        oscillator, (0.0, 2.0), y0, 'RK23', np.linspace(0, 2.0, 5), args=(a, b), rtol=1e-7, atol=1e-9)\n"
        "    return np.sum(found.y ** 2)\n",
        (0.7, 0.3, Y), 1,
    ),
    "the end": (
        "def f(T, k, y0):\n"
        "    found = solve_ivp(lambda t, y: -k * y * t, (0.5, T), y0, t_eval=np.linspace(0.5, T, 4),\n"
        "                      method='DOP853', rtol=1e-9, atol=1e-12)\n"
        "    return np.sum(found.y ** 2) + found.t[1]\n",
        (2.0, 0.4, Y), 1,
    ),
    "back in time": (
        "def f(k, y0):\n"
        "    found = solve_ivp(lambda t, y: -k * y * t, [2.0, 0.5], y0, t_eval=[1.5, 0.5], rtol=1e-9, atol=1e-12)\n"
        "    return np.sum(found.y)\n",
        (0.4, Y), 1,
    ),
    "a matrix": (
        "def f(W, y0):\n"
        "    def slope(t, y):\n"
        "        return np.tanh(W @ y)\n"
        "    return np.sum(solve_ivp(slope, (0, 1), y0, rtol=1e-8, atol=1e-8).y[:, -1] ** 2)\n",
        (np.array([[0.3, -1.0], [0.5, 0.2]]), Y), 1,
    ),
    "odeint": (
        "def f(a, b, y0):\n"
        "    return np.sum(odeint(hunters, y0, np.linspace(0, 2, 5), args=(a, b), rtol=1e-10, atol=1e-10) ** 2)\n",
        (0.5, 0.4, Y), 1,
    ),
    "odeint, captured": (
        "def f(a, y0):\n"
        "    def slope(y, t):\n"
        "        return np.sin(t) - a * y\n"
        "    return np.sum(odeint(slope, y0, np.array([0.0, 0.3, 1.0]), rtol=1e-10, atol=1e-10) ** 2)\n",
        (0.5, Y), 2,
    ),
    "odeint, time first": (
        "def f(a, b, y0):\n"
        "    times = np.array([0.0, 0.3, 1.0])\n"
        "    return np.sum(odeint(oscillator, y0, times, (a, b), tfirst=True, rtol=1e-10, atol=1e-10) ** 2)\n",
        (0.5, 0.3, Y), 1,
    ),
}  # fmt: skip


def program(name: str, text: str) -> Any:
    return load(HEAD + text, f"<equations: {name}>")["f"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_against_differences(name: str) -> None:
    text, args, order = PROGRAMS[name]
    f = program(name, text)
    check_rule(f, *args, order=order)
    # The value is the very number that SciPy computes.
    assert value_and_grad(f)(*args)[0] == pytest.approx(f(*args), rel=1e-13)


def test_against_the_solution() -> None:
    f = program("exact", "def f(k, y0):\n    return solve_ivp(lambda t, y: -k * y, (0.0, 3.0), y0).y[0, -1]\n")
    k_bar, y0_bar = grad(f, wrt=(0, 1))(0.8, np.array([2.0]))
    # At the default tolerance, 1e-3.
    assert k_bar == pytest.approx(-6.0 * np.exp(-2.4), rel=2e-3)
    assert y0_bar[0] == pytest.approx(np.exp(-2.4), rel=2e-3)


REFUSED = {
    "steps for the solution alone": (
        "solve_ivp(lambda t, y: -x * y, (0.0, 10.0), np.zeros(2))",
        "is right for the solution, but too long for its derivative: give a smaller max_step, rtol or atol",
    ),
    "an implicit method": (
        "solve_ivp(lambda t, y: -x * y, (0.0, 1.0), np.ones(2), method='BDF')",
        "known for the methods RK23, RK45, DOP853, not for 'BDF'",
    ),
    "events": (
        "solve_ivp(lambda t, y: -x * y, (0.0, 1.0), np.ones(2), events=[lambda t, y: y[0]])",
        "the derivative of solve_ivp is not known when it is given `events`",
    ),
    "no solution": (
        "solve_ivp(lambda t, y: x * y ** 2, (0.0, 10.0), np.ones(2))",
        "solve_ivp has no solution to differentiate: Required step size",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, reason = REFUSED[name]
    f = program(name, f"def f(x):\n    return np.sum({call}.y)\n")
    with pytest.raises(DerivativeError, match=reason):
        grad(f)(0.7)


def test_complex_states_are_refused() -> None:
    with pytest.raises(DerivativeError, match="the derivative of solve_ivp is known for real states"):
        accepted_steps(lambda t, y: 1j * y, (0.0, 1.0), [1j])


def test_two_solutions_are_compared() -> None:
    with pytest.raises(DerivativeError, match="odeint has found another solution than a method of higher order"):
        as_solved(np.zeros(2), np.ones(2), 1e-6, 1e-6)


def test_the_dense_output_is_refused() -> None:
    f = program("dense", "def f(x):\n    return solve_ivp(lambda t, y: -x * y, (0, 1), [1.0]).sol(0.5)[0]\n")
    with pytest.raises(DerivativeError, match="dense output of solve_ivp is not known: give it t_eval"):
        grad(f)(0.7)
