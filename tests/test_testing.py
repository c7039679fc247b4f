"""`check_derivative`: what it takes, and that it sees what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import partials
from tangent_sct.testing import check_derivative

X = np.array([0.5, 1.5])


def gathered(*parts):
    total = 0.0
    for part in parts:
        total = total + np.sum(part * part)
    return total


def first_and_rest(x, *rest):
    return np.sum(x * rest[0]) * rest[1]


def by_keyword(x, *, scale, offset=1.0):
    return np.sum(np.sin(x)) * scale + offset


def with_options(x, **options):
    return np.sum(x * options["w"]) * options["k"]


def everything(x, *rest, scale=2.0, **options):
    return np.sum(x * rest[0]) * scale * options["k"]


@pytest.mark.parametrize(
    ("f", "args", "kwargs"),
    [
        (gathered, (X, 2.0), {}),
        (first_and_rest, (X, X, 3.0), {}),
        (by_keyword, (X,), {"scale": 2.0}),
        (by_keyword, (X,), {"scale": 2.0, "offset": 3.0}),
        (with_options, (X,), {"w": X, "k": 2.0}),
        (everything, (X, X), {"k": 3.0}),
    ],
)
def test_any_signature(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    check_derivative(f, *args, **kwargs)


def test_arguments_are_chosen_by_position_and_name() -> None:
    check_derivative(by_keyword, X, wrt="scale", scale=2.0)
    check_derivative(by_keyword, X, wrt=(0, "scale"), scale=2.0)
    check_derivative(everything, X, X, wrt=1, k=3.0)
    check_derivative(lambda x, y: x * y, X, X, wrt=("y", 0))
    check_derivative(lambda x, y: x * y, X, X, wrt=-1)


@pytest.mark.parametrize(
    ("wrt", "error", "text"),
    [
        ("z", ValueError, r"argument `wrt`: no argument 'z' is given, only 2: \['x', 'y'\]"),
        (2, ValueError, "argument `wrt`: no argument 2 is given"),
        ((0, 1.5), TypeError, "argument `wrt` must hold positions or names, not float"),
    ],
)
def test_what_is_no_argument_is_named(wrt: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        check_derivative(lambda x, y: x * y, X, X, wrt=wrt)


def wrong(x: float) -> float:
    return 2.0 * x


@partials(wrong)
def _(y, /, x):  # type: ignore[no-untyped-def]
    return 3.0


def test_a_wrong_derivative_is_seen() -> None:
    with pytest.raises(AssertionError, match="against differences"):
        check_derivative(lambda *parts, k: wrong(parts[0]) * k, 1.0, k=2.0)
    with pytest.raises(AssertionError, match="against differences"):
        check_derivative(wrong, 1.0)


def written_without_axes(a: Any, x: Any) -> Any:
    b = a
    b += x[0]
    b[...] = b * a
    return np.sum(x * b) * a


def test_arrays_without_axes_stay_arrays_where_differences_move_them() -> None:
    """They became numbers, of which `b = a; b += 1.0` is another program."""
    check_derivative(written_without_axes, np.array(0.7), X)


def test_the_layout_of_arguments_is_kept() -> None:
    """Arguments were copied in C's order, and a function met a view where its derivative had met a copy."""

    def f(x, a):
        flat = a.reshape(-1) if a.flags.c_contiguous else a.T.reshape(-1)
        flat[1] = x[0] * x[1]
        return np.sum(a * a * (2.0 if a.flags.c_contiguous else x[0]))

    check_derivative(f, np.array([0.7, 1.3]), np.arange(6.0).reshape(2, 3).T + 0.5)
