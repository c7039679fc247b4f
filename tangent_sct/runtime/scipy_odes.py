"""Initial value problems solved by `scipy.integrate`: which steps were taken; whether a derivative may keep them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate

from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.shifted import SHIFT, direction, shifted

_METHODS = {"RK23": integrate.RK23, "RK45": integrate.RK45, "DOP853": integrate.DOP853}
_OPTIONS = ("rtol", "atol", "max_step", "first_step", "dense_output")
"""Options that leave the solution what it is."""
_LEAST = 1e-5
"""The least tolerance to which neighbouring solutions are held: differences of solutions are not more exact."""
_FACTOR = 100.0
"""How many times the tolerance the error of the derivative may be, per step."""


def accepted_steps(
    fun: Callable[..., Any],
    t_span: Any,
    y0: Any,
    method: Any = "RK45",
    **options: Any,
) -> Any:
    """Where the steps of `solve_ivp` end, as shares of the whole way: from 0 to 1.

    The steps were chosen for the solution. Whether they are small enough for its derivatives too is seen on the
    difference of two neighbouring solutions, computed with the same steps, by the error estimate of the method.

    Args:
        fun: the right-hand side.
        t_span: beginning and end.
        y0: the state at the beginning.
        method: "RK23", "RK45" or "DOP853".
        options: tolerances and sizes of steps.

    Raises:
        DerivativeError: when SciPy gives up, when the method is another one, or when steps are too long.

    >>> accepted_steps(lambda t, y: -y, (0.0, 1.0), [1.0], "RK23").round(3).tolist()
    [0.0, 0.022, 0.237, 0.592, 0.971, 1.0]
    """
    known = _method(method)
    others = [name for name, value in options.items() if name not in _OPTIONS and value]
    if others:
        raise DerivativeError(f"the derivative of solve_ivp is not known when it is given `{others[0]}`")
    if np.iscomplexobj(y0):
        raise DerivativeError("the derivative of solve_ivp is known for real states")
    found = integrate.solve_ivp(fun, t_span, y0, known, **options)
    if found.status != 0:
        raise DerivativeError(f"solve_ivp has no solution to differentiate: {found.message}")
    start, end = map(float, t_span)
    share = (found.t - start) / (end - start) if end != start else np.array([0.0])
    _check_steps(fun, found.t, np.array(y0, dtype=float), method, float(options.get("rtol", 1e-3)))
    return share


def _method(method: Any) -> Any:
    found = _METHODS.get(method) if isinstance(method, str) else None
    if found is None:
        raise DerivativeError(
            f"the derivative of solve_ivp is known for the methods {', '.join(_METHODS)}, not for {method!r}: "
            "take one of them where the equation is not stiff; where it is, solve the equation of the tangents "
            "beside it, or that of the adjoints backwards, by a solve_ivp of your own"
        )
    return found


def _check_steps(fun: Any, times: Any, y0: Any, method: str, rtol: float) -> None:
    """Refuse steps that are too long for the difference of two neighbouring solutions."""
    rng = np.random.default_rng(0)
    shift = direction(y0, rng, float(np.max(np.abs(y0), initial=0.0)) or 1.0)
    signs = int(rng.integers(1 << 30))
    above = _Steps(shifted(fun, 1.0, signs), y0 + shift * SHIFT, method)
    below = _Steps(shifted(fun, -1.0, signs), y0 - shift * SHIFT, method)
    scale = float(np.max(np.abs(shift), initial=0.0))
    limit = _FACTOR * max(rtol, _LEAST)
    for t, end in zip(times[:-1], times[1:], strict=True):
        k = (above.step(t, end - t) - below.step(t, end - t)) / (2 * SHIFT)
        error = _error(k, end - t, method)
        scale = max(scale, float(np.max(np.abs(above.y - below.y), initial=0.0)) / (2 * SHIFT))
        if not error <= limit * scale:
            raise DerivativeError(
                f"the step of solve_ivp from {t:.6g} to {end:.6g} is right for the solution, but too long for its "
                "derivative: give a smaller max_step, rtol or atol"
            )


class _Steps:
    """A solution with given steps."""

    def __init__(self, fun: Any, y: Any, method: str) -> None:
        self.fun, self.y = fun, y
        self.weights, self.last, self.nodes, _ = tableau(method)

    def step(self, t: float, h: float) -> Any:
        """Make a step; the values of the right-hand side at the stages."""
        k = np.zeros((len(self.nodes), self.y.size))
        for i, node in enumerate(self.nodes):
            k[i] = self.fun(t + node * h, self.y + h * np.dot(self.weights[i, :i], k[:i]))
        self.y = self.y + h * np.dot(self.last, k)
        return k


def _error(k: Any, h: float, method: str) -> float:
    """The estimate of the error of a step, in the largest component; those of DOP853 are combined as SciPy does."""
    found = _METHODS[method]
    count = found.n_stages + 1
    if method != "DOP853":
        return float(np.max(np.abs(h * np.dot(found.E, k[:count])), initial=0.0))
    fifth, third = (np.abs(h * np.dot(weights, k[:count])) for weights in (found.E5, found.E3))
    both = np.hypot(fifth, 0.1 * third)
    return float(np.max(fifth * fifth / np.where(both > 0, both, 1.0), initial=0.0))


@functools.cache
def tableau(method: str) -> tuple[Any, Any, Any, Any]:
    """The coefficients of a method: of the stages, of the step, nodes, and polynomials for places between.

    The stages for places between come last. The state at a share x of a step is y + h sum(p[i](x) k[i]); row i
    holds the coefficients of p[i] at x, x^2, ...

    Args:
        method: "RK23", "RK45" or "DOP853".

    >>> weights, last, nodes, between = tableau("RK23")
    >>> nodes.tolist(), bool(np.allclose(between.sum(axis=1), last))
    ([0.0, 0.5, 0.75, 1.0], True)
    """
    found = _method(method)
    extra = np.asarray(getattr(found, "A_EXTRA", np.zeros((0, 0))))
    count = found.n_stages + 1 + len(extra)
    weights = np.zeros((count, count))
    weights[: found.n_stages, : found.A.shape[1]] = found.A[: found.n_stages]
    weights[found.n_stages, : found.n_stages] = found.B
    weights[found.n_stages + 1 :, : extra.shape[1]] = extra
    last = weights[found.n_stages].copy()
    nodes = np.concatenate([found.C[: found.n_stages], [1.0], getattr(found, "C_EXTRA", [])])
    return weights, last, nodes, _between(found, last)


def _between(found: Any, last: Any) -> Any:
    if found is not integrate.DOP853:
        return found.P
    first, end = np.eye(len(last))[0], np.eye(len(last))[found.n_stages]
    # The polynomial of SciPy is x (f0 + (1 - x) (f1 + x (f2 + ...))), from the inside.
    factors = [last, first - last, 2 * last - (end + first), *found.D]
    result = np.zeros((len(last), len(factors) + 1))
    for place, factor in reversed(list(enumerate(factors))):
        result[:, 0] += factor
        times_x = np.roll(result, 1, axis=1)
        result = times_x if place % 2 == 0 else result - times_x
    return result[:, 1:]


def odeint_tolerances(rtol: float | None, atol: float | None) -> tuple[float, float]:
    """The tolerances of `odeint`.

    Args:
        rtol: the relative tolerance that it is given.
        atol: the absolute one.

    >>> odeint_tolerances(1e-6, None)
    (1e-06, 1.49012e-08)
    """
    return 1.49012e-8 if rtol is None else rtol, 1.49012e-8 if atol is None else atol


def odeint_values(func: Callable[..., Any], y0: Any, t: Any, rtol: float, atol: float) -> Any:
    """A solution by `odeint`, whose derivative nobody asks for.

    Args:
        func: the right-hand side, of the time and the state.
        y0: the state at the first time.
        t: the times.
        rtol: the relative tolerance.
        atol: the absolute one.

    >>> odeint_values(lambda t, y: -y, [1.0], [0.0, 1.0], 1e-8, 1e-8).round(3).tolist()
    [[1.0], [0.368]]
    """
    return integrate.odeint(func, y0, t, rtol=rtol, atol=atol, tfirst=True)


def as_solved(y: Any, found: Any, rtol: float, atol: float) -> Any:
    """The second of two solutions of one equation, if it is the same as the first.

    Args:
        y: the first.
        found: the second.
        rtol: its relative tolerance.
        atol: the absolute one.

    Raises:
        DerivativeError: when the two are not the same solution.

    >>> as_solved(np.array([[1.0], [0.3679]]), np.array([[1.0], [0.3678]]), 1e-4, 1e-4).tolist()
    [[1.0], [0.3678]]
    """
    size = float(np.max(np.abs(found), initial=0.0))
    if not np.max(np.abs(found - y), initial=0.0) <= 1e4 * (atol + rtol * size):
        raise DerivativeError("odeint has found another solution than a method of higher order: check the equation")
    return np.array(found)


def step_places(share: Any, t_span: Any, t_eval: Any) -> Any:
    """Which of the places where a solution is asked for lie in which step: the bounds of their stretches.

    Args:
        share: where steps end, as shares of the way.
        t_span: beginning and end.
        t_eval: the places, in the order of the way.

    >>> step_places(np.array([0.0, 0.5, 1.0]), (0.0, 2.0), [0.0, 1.0, 1.5, 2.0]).tolist()
    [0, 2, 4]
    """
    start, end = t_span[0], t_span[1]
    way = (np.asarray(t_eval, dtype=float) - start) / (end - start)
    # The last place may be the end but for rounding.
    found = np.searchsorted(way, share, side="right")
    return np.concatenate([[0], found[1:-1], [len(way)]])


class Solution:
    """What is known of a solution while it is differentiated: the part of the results of `solve_ivp` that varies.

    Args:
        t: the places.
        y: the states there, one column for each.

    >>> Solution(np.zeros(1), np.zeros((2, 1))).success
    True
    """

    is_followed = True

    def __init__(self, t: Any, y: Any) -> None:
        self.t = t
        self.y = y
        self.status = 0
        self.success = True

    def sol(self, t: Any) -> Any:
        """The solution at other places, which has no derivative here.

        Args:
            t: the places.

        Raises:
            DerivativeError: always.
        """
        raise DerivativeError("the derivative of a dense output of solve_ivp is not known: give it t_eval")
