"""`outside`: what functions hand out of what lies outside of a program, and what comes of writing into it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tangent_sct.analysis.aliases import names_returned
from tangent_sct.analysis.outside import handed_out
from tangent_sct.api import grad, jvp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.testing import check_derivative

X = np.array([0.7, -0.4, 1.3, 0.5])
TABLE = {"k": np.array([1.0, 2.0, 3.0, 4.0]), "n": 4}
WEIGHTS = np.array([1.0, 2.0, 3.0, 4.0])


class Model:
    def __init__(self) -> None:
        self.w = np.array([1.0, 2.0, 3.0, 4.0])

    def weights(self) -> Any:
        return self.w

    def tail(self) -> Any:
        found = self.w[1:]
        return found

    def zeros(self) -> Any:
        return np.zeros(len(self.w))

    def __call__(self) -> Any:
        return self.w


MODEL = Model()


def row() -> Any:
    return TABLE["k"]


def indirect(n: int) -> Any:
    return row() if n == 0 else indirect(n - 1)


def rows() -> Iterator[Any]:
    yield TABLE["k"]


def buffer(n: int, kept: Any = WEIGHTS) -> Any:
    return kept


def new() -> Any:
    return TABLE["k"] * 2.0


@functools.lru_cache
def cached() -> Any:
    return np.ones(4)


@pytest.mark.parametrize(
    ("function", "objects"),
    [
        (row, [TABLE]),
        (indirect, [TABLE]),
        (rows, [TABLE]),
        (functools.partial(row), [TABLE]),
        (buffer, [WEIGHTS]),
        (new, []),
        (cached, [cached]),
        (MODEL.weights, [MODEL]),
        (MODEL.tail, [MODEL]),
        (MODEL.zeros, []),
        (MODEL, [MODEL]),
        (TABLE.get, [TABLE]),
        (TABLE.keys, []),
        (np.zeros, []),
    ],
)
def test_what_is_handed_out(function: Any, objects: list[Any]) -> None:
    found = {id(held) for held in handed_out(function, names_returned)}
    assert found == set(map(id, objects))


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    for array in (TABLE["k"], WEIGHTS, MODEL.w):
        array[:] = [1.0, 2.0, 3.0, 4.0]


def through_a_method(x):  # type: ignore[no-untyped-def]
    v = TABLE.get("k")
    v[0] = x[0]
    return np.sum(TABLE["k"] * x)


def through_values(x):  # type: ignore[no-untyped-def]
    for v in TABLE.values():
        v[0] = x[0]
    return np.sum(TABLE["k"] * x)


def through_a_function(x):  # type: ignore[no-untyped-def]
    v = row()
    v[0] = x[0]
    return np.sum(TABLE["k"] * x)


def through_a_generator(x):  # type: ignore[no-untyped-def]
    for v in rows():
        v[0] = x[0]
    return np.sum(TABLE["k"] * x)


def through_recursion(x):  # type: ignore[no-untyped-def]
    v = indirect(2)
    v[0] = x[0]
    return np.sum(TABLE["k"] * x)


def through_an_object(x):  # type: ignore[no-untyped-def]
    v = MODEL.tail()
    v[0] = x[0]
    return np.sum(MODEL.w * x)


def through_a_callable(x):  # type: ignore[no-untyped-def]
    v = MODEL()
    v[0] = x[0]
    return np.sum(MODEL.w * x)


def through_a_reshaped_array(x):  # type: ignore[no-untyped-def]
    v = WEIGHTS.reshape(2, 2)
    v[0] = x[:2]
    return np.sum(WEIGHTS * x)


def through_a_cache(x):  # type: ignore[no-untyped-def]
    v = cached()
    v[0] = x[0]
    return np.sum(cached() * x)


def through_globals(x):  # type: ignore[no-untyped-def]
    v = globals()["TABLE"]["k"]
    v[0] = x[0]
    return np.sum(TABLE["k"] * x)


@pytest.mark.parametrize(
    "f",
    [
        through_a_method, through_values, through_a_function, through_a_generator, through_recursion,
        through_an_object, through_a_callable, through_a_reshaped_array, through_a_cache, through_globals,
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", [grad, jvp])
def test_what_varies_is_not_written_where_others_hold_it(f: Any, mode: Callable[..., Any]) -> None:
    """It was written, and what is read of it by another name had no derivative."""
    with pytest.raises(UnsupportedError):
        mode(f)(X) if mode is grad else mode(f)(X, seed=X)


def written_and_read(x):  # type: ignore[no-untyped-def]
    TABLE["k"][:] = [1.0, 2.0, 3.0, 4.0]
    v = row()
    t = np.sum(TABLE["k"] * x)
    v[0] = 7.0
    t = t * np.sum(TABLE["k"] * x**2)
    for i in range(3):
        t = t + np.sum(TABLE["k"] * x**2)
        v[i] *= 2.0
        w = TABLE.get("k")
        w[0] += 1.0
        t = t * v[0]
    return t


def test_numbers_are_written_where_others_hold_them() -> None:
    """`TABLE["k"]` was read anew in the reverse sweep, or once for both reads: a wrong value."""
    check_derivative(written_and_read, X)


def methods_of_an_array(x):  # type: ignore[no-untyped-def]
    z = WEIGHTS.copy()
    z *= x
    z[0] *= x[1]
    w = WEIGHTS.reshape(2, 2) * x.reshape(2, 2)
    return np.sum(z * WEIGHTS) * WEIGHTS.dot(x) + np.sum(w**2) * WEIGHTS.max()


def own_arrays(x):  # type: ignore[no-untyped-def]
    z = MODEL.zeros()
    z[:] = x * WEIGHTS
    y = new()
    y[0] = x[1]
    n = TABLE.get("n")
    b = np.zeros(n)
    b += x
    return np.sum(z**2) + np.sum(y**2) + np.sum(b * x)


def test_methods_of_arrays_that_are_free_names() -> None:
    """They are those of other arrays; of `WEIGHTS.copy()` nothing was known."""
    check_derivative(methods_of_an_array, X)
    check_derivative(grad(methods_of_an_array), X)


def test_what_is_new_may_be_written() -> None:
    check_derivative(own_arrays, X)


SCALES = np.arange(4.0) + 1.0
TAIL = SCALES[1:]
SEVERAL = [SCALES]


class Holding:
    shared = SCALES

    def __init__(self) -> None:
        self.own = np.arange(4.0) + 1.0

    @property
    def seen(self):
        return self.own


HOLDING = Holding()


def written_through_a_view(x):
    t = np.sum(SCALES * x)
    TAIL[0] = 50.0
    s = np.sum(SCALES * x * x)
    TAIL[0] = 2.0
    return t * s


def written_through_a_list(x):
    t = np.sum(SCALES * x)
    SEVERAL[0][0] = 50.0
    s = np.sum(SCALES * x * x)
    SEVERAL[0][0] = 1.0
    return t * s


def written_through_a_class(x):
    t = np.sum(SCALES * x)
    Holding.shared[1] = 50.0
    s = np.sum(HOLDING.shared * x * x)
    SCALES[1] = 2.0
    return t * s


def written_beside_a_property(x):
    a = HOLDING.seen
    t = np.sum(a * x)
    HOLDING.own[0] = 5.0
    s = np.sum(HOLDING.seen * x * x)
    a[0] = 1.0
    return t * s


@pytest.mark.parametrize(
    "f", [written_through_a_view, written_through_a_list, written_through_a_class, written_beside_a_property]
)
def test_one_array_that_is_known_outside_by_several_names(f) -> None:
    """What was written through one of them was not seen through another: adjoints read what came later."""
    check_derivative(f, np.array([0.7, 1.3, 0.4, 1.9]))
