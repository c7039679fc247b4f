"""Single precision, mixed precisions, integers that become floats, arrays without axes or entries, seeds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp, vjp
from tangent_sct.testing import check_derivative, check_rule

Function = Callable[..., Any]
f4 = np.float32

x = np.array([0.3, 0.7, -0.4, 1.1], f4)
y = np.array([0.5, -0.2, 0.9, 0.1])
A = np.random.default_rng(0).normal(size=(4, 4)).astype(f4)
whole = np.array([1, 2, 3, 4])
mask = np.array([True, False, True, False])


def stores(x):
    out = np.zeros_like(x)
    for i in range(len(x)):
        out[i] = x[i] * x[i - 1] * 0.5
    return np.sum(out * out)


def views(x):
    v = x * 2.0
    w = v[1:]
    w[0] = x[0] * 3.0
    w *= x[:-1]
    return np.sum(v * v)


def layer(x, A):
    return np.sum(np.tanh(A @ x) * x)


def statistics(x):
    return np.mean(x**2) + np.var(x) + np.std(x) + np.linalg.norm(x) + np.max(x)


def affine(x, s):
    for _ in range(3):
        x = x * s + 1.0
    return np.sum(x)


def product(x, y):
    return np.sum(x * y)


def narrowed(x, y):
    out = np.zeros(4, f4)
    out[:] = x * y
    return np.sum(out * x)


def widened(x, y):
    out = np.zeros(4)
    out[:] = x
    out *= y
    return np.sum(out * out)


def rebound(x, y):
    x = x + y
    x[0] = 3.0 * y[1]
    return np.sum(x * x)


def integers_become_floats(n, s):
    m = n * s
    m[0] = s * s
    return np.sum(m * n)


def without_axes(z, x):
    return z * np.sum(x) + z


def alone(z):
    return np.sin(z) * z


def nothing(x):
    return np.sum(x * x) + np.prod(x)


def chosen(b, x):
    return np.sum(np.where(b, x, 0.0)) + np.sum(x[b]) + np.sum(b * x)


def listed(x):
    items = [x[i] * 0.5 for i in range(4)]
    t = 0.0
    for a in items:
        t = t + a * a
    return t


def kinks(x):
    return np.sum(np.clip(x, 0.0, 1.0) + np.maximum(x, 0.1) + np.where(x > 0, x, 2.0) + np.abs(x))


def system(x):
    return np.sum(np.linalg.solve(np.eye(4, dtype=f4) * 3 + np.outer(x, x), x))


def scalar(s):
    return np.sin(s) ** 2 * 0.5


def converted(x):
    return np.sum(x.astype(np.float64) * x)


def updated(x):
    w = x.copy()
    w += x * 0.5
    w[1:] -= w[:-1].copy()
    return np.sum(w * w)


PROGRAMS: list[tuple[Function, tuple[Any, ...]]] = [
    (stores, (x,)), (views, (x,)), (layer, (x, A)), (statistics, (x,)), (affine, (x, 0.7)), (affine, (x, f4(0.7))),
    (product, (x, y)), (narrowed, (x, y)), (widened, (x, y)), (rebound, (x, y)),
    (integers_become_floats, (whole, 0.7)), (integers_become_floats, (whole, f4(0.7))),
    (without_axes, (np.array(0.6), x)), (without_axes, (np.array(0.6, f4), y)), (alone, (np.array(0.6),)),
    (nothing, (np.zeros(0, f4),)), (nothing, (np.zeros(0),)), (chosen, (mask, x)), (listed, (x,)), (kinks, (x,)),
    (system, (x,)), (scalar, (f4(0.7),)), (converted, (x,)), (updated, (x,)),
]  # fmt: skip
IDS = [f"{f.__name__}-{'-'.join(np.asarray(a).dtype.name for a in args)}" for f, args in PROGRAMS]


@pytest.mark.parametrize(("function", "arguments"), PROGRAMS, ids=IDS)
def test_programs(function: Function, arguments: tuple[Any, ...]) -> None:
    check_rule(function, *arguments)


SINGLE = [
    (function, arguments)
    for function, arguments in PROGRAMS
    if function is not converted and all(np.asarray(a).dtype in (f4, bool) or type(a) is float for a in arguments)
]


@pytest.mark.parametrize("make", [grad, jvp])
@pytest.mark.parametrize(("function", "arguments"), SINGLE, ids=[f.__name__ for f, _ in SINGLE])
def test_single_precision_stays_single_inside(make: Function, function: Function, arguments: tuple[Any, ...]) -> None:
    """No name of an adjoint or a tangent ever holds an array or a NumPy number of double precision."""
    wrt = tuple(i for i, a in enumerate(arguments) if np.asarray(a).dtype == f4)
    options = {} if make is grad else {"seed": tuple(np.ones_like(arguments[i]) for i in wrt)}
    wide: set[str] = set()

    def trace(frame: Any, event: str, _: Any) -> Any:
        if event == "return" and frame.f_code.co_filename.startswith("<tangent_sct"):
            wide.update(
                name
                for name, value in frame.f_locals.items()
                if ("_bar" in name or "_dot" in name) and getattr(value, "dtype", f4) == np.float64
            )
        return trace

    derivative = make(function, wrt)
    derivative(*arguments, **options)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        derivative(*arguments, **options)
    finally:
        sys.settrace(before)
    assert wide == set()


# -- seeds ----------------------------------------------------------------------------------------


def overwritten(x):
    v = x.copy()
    v[0] = 0.3 * v[1]
    return v


@pytest.mark.parametrize("seed", [np.array([1, 2, 3]), np.array([1, 2, 3], "int8"), np.array([1.0, 2.0, 3.0])])
def test_seeds_of_integers_are_floats(seed: Any) -> None:
    x = np.array([0.3, 0.7, 0.9])
    assert jvp(overwritten)(x, seed=seed)[1].tolist() == [0.6, 2.0, 3.0]
    assert vjp(overwritten)(x, seed=seed)[1].tolist() == [0.0, 2.3, 3.0]
    assert vjp(lambda x: np.sum(overwritten(x)))(x, seed=2)[1].tolist() == [0.0, 2.6, 2.0]


def test_tangents_may_be_written_as_lists_and_truth_values() -> None:
    x = np.array([0.3, 0.7, 0.9])
    assert jvp(overwritten)(x, seed=[1, 2, 3])[1].tolist() == [0.6, 2.0, 3.0]
    assert jvp(overwritten)(x, seed=np.array([True, True, False]))[1].tolist() == [0.3, 1.0, 0.0]


def test_a_seed_does_not_widen() -> None:
    assert jvp(overwritten)(x, seed=np.ones(4))[1].dtype == f4
    assert vjp(overwritten)(x, seed=np.ones(4))[1].dtype == f4
    assert jvp(scalar)(f4(0.7), seed=1.0)[1].dtype == f4


def test_seeds_inside_containers_are_floats() -> None:
    def f(p):
        return {"v": overwritten(p["w"]), "s": p["s"] * 0.5}

    p = {"w": np.array([0.3, 0.7, 0.9]), "s": 2.0}
    seed = {"w": np.array([1, 2, 3]), "s": 1}
    _, tangent = jvp(f)(p, seed=seed)
    assert (tangent["v"].tolist(), tangent["s"]) == ([0.6, 2.0, 3.0], 0.5)
    _, adjoint = vjp(f)(p, seed={"v": np.array([1, 2, 3]), "s": 1})
    assert (adjoint["w"].tolist(), adjoint["s"]) == ([0.0, 2.3, 3.0], 0.5)


def test_the_seed_of_an_array_is_an_array() -> None:
    with pytest.raises(DerivativeError, match="the seed of an array must be an array, not a list"):
        vjp(overwritten)(np.ones(3), seed=[1.0, 2.0, 3.0])


def inner_with_an_integer(x):
    _, adjoint = vjp(overwritten)(x, seed=np.array([1, 2, 3]))
    return np.sum(adjoint * x)


def test_a_seed_of_integers_inside_a_function_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="the seed holds integers, and stores would make integers"):
        grad(inner_with_an_integer)(np.ones(3))


def test_all_of_what_may_be_a_number_or_an_array() -> None:
    """`y[()]` of a number: the adjoint was stored into a number."""

    def f(x, a):
        for _ in range(3):
            x = (np.ones(()) * x * np.cos(x))[()]
        a[1] = x
        return np.prod(a)

    check_derivative(f, 0.7, np.linspace(0.5, 1.5, 6).reshape(2, 3))
    check_derivative(grad(f), 0.7, np.linspace(0.5, 1.5, 6).reshape(2, 3))
