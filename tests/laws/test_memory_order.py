"""How arrays lie in memory, where a program asks for it or reshapes what it writes into: right, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative


def as_rows(u):
    v = np.asarray(u, order="C")
    v[0, 0] = 5 * u[1, 1]
    return np.sum(u)


def contiguous(u):
    v = np.ascontiguousarray(u)
    v[0, 0] = 5 * u[1, 1]
    return np.sum(u * u)


def in_columns(u):
    v = np.asfortranarray(u)
    v[0, 0] = 5 * u[1, 1]
    return np.sum(u)


def in_a_row(u):
    v = u.ravel()
    v[0] = 5 * u[1, 1]
    return np.sum(u)


def reshaped(u):
    v = u.reshape(-1)
    v[0] = 5 * u[1, 1]
    return np.sum(u)


def flags(u):
    u[0, 0] = 5 * u[1, 1]
    return np.sum(u) * (2.0 if u.flags.c_contiguous else 3.0)


def flags_of_a_product(u):
    u[0, 0] = 5 * u[1, 1]
    return np.sum(u) * (2.0 if (u * 1).flags.f_contiguous else 3.0)


def strides(u):
    u[0, 0] = 5 * u[1, 1]
    return np.sum(u) * u.strides[0]


def shared(u):
    u[0, 0] = 5 * u[1, 1]
    return np.sum(u) * (2.0 if np.shares_memory(u, u.ravel()) else 3.0)


def in_fortran_order(u):
    u[0, 0] = 5 * u[1, 1]
    return np.sum(u) * (2.0 if np.isfortran(u) else 3.0)


def the_same_array(u):
    u[0, 0] = 5 * u[1, 1]
    return np.sum(u) * (2.0 if np.ascontiguousarray(u) is u else 3.0)


def with_a_base(u):
    if u.base is not None:
        u = u * 3
    u[0] = u[1] * 2
    return np.sum(u)


def sorted_rows(u):
    v = np.sort(u)
    r = v.ravel()
    r[0] = 5 * u[0, 0]
    return np.sum(v)


def sorted_columns(u):
    v = np.sort(u.T)
    r = v.ravel()
    r[0] = 5 * u[0, 0]
    return np.sum(v)


def parts(u):
    v = np.partition(u, 1)
    r = v.reshape(-1)
    r[0] = 5 * u[0, 0]
    return np.sum(v)


def without_a_row(u):
    v = np.delete(u, 0, axis=1)
    r = v.ravel()
    r[0] = 5 * u[0, 0]
    return np.sum(v)


def slopes(u):
    v = np.gradient(u, axis=0)
    r = v.ravel()
    r[0] = 5 * u[0, 0]
    return np.sum(v * v)


def flags_of_what_is_sorted(u):
    v = np.sort(u)
    return v.sum() * (2 if v.flags.c_contiguous else 3)


LAYOUTS: dict[str, Callable[[], np.ndarray]] = {
    "rows": lambda: np.array([[1.0, 2.5], [3.0, 4.5]]),
    "columns": lambda: np.array([[1.0, 2.5], [3.0, 4.5]]).T,
    "apart": lambda: np.arange(16.0).reshape(4, 4)[::2, ::2],
    "backwards": lambda: np.arange(1.0, 5.0).reshape(2, 2)[::-1],
}
PROGRAMS = (
    as_rows, contiguous, in_columns, in_a_row, reshaped, flags, flags_of_a_product, strides, shared,
    in_fortran_order, the_same_array, with_a_base, sorted_rows, sorted_columns, parts, without_a_row, slopes,
    flags_of_what_is_sorted,
)  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("f", PROGRAMS)
def test_right_or_refused(f: Callable[..., Any], layout: str) -> None:
    def moved(place: int, step: float) -> np.ndarray:
        u = LAYOUTS[layout]()
        u.flat[place] += step
        return u

    expected = [(f(moved(i, 1e-6)) - f(moved(i, -1e-6))) / 2e-6 for i in range(4)]
    try:
        assert np.allclose(np.ravel(grad(f)(moved(0, 0.0))), expected, atol=1e-5)
        for place in range(4):
            seed = np.zeros_like(moved(0, 0.0))
            seed.flat[place] = 1.0
            assert np.isclose(jvp(f)(moved(0, 0.0), seed=seed)[1], expected[place], atol=1e-5)
    except (UnsupportedError, DerivativeError) as error:
        assert f not in (flags, strides, in_fortran_order), str(error)


def test_the_texts() -> None:
    with pytest.raises(UnsupportedError, match="of an array tells whose memory it has, and a derivative works on"):
        grad(with_a_base)(LAYOUTS["rows"]())
    with pytest.raises(UnsupportedError, match="the program makes an array that lies in memory by columns, and whe"):
        grad(sorted_columns)(LAYOUTS["rows"]())
    with pytest.raises(DerivativeError, match="depends on how an argument lies in memory, and it does not lie by"):
        grad(sorted_rows)(LAYOUTS["columns"]())
    assert np.allclose(grad(sorted_rows)(LAYOUTS["rows"]()), [[5.0, 1.0], [1.0, 1.0]])


def sorted_beside_columns(x):
    y = np.sort(x, axis=0)
    z = y.reshape(-1)
    z[0] *= 3.0
    held = {"turned": x.T}
    for column in [held["turned"], x.T]:
        z[1] += np.sum(column[0])
    return np.sum(y * y)


def sorted_out_of_a_list(x):
    held: dict[str, list] = {}
    inner = held.setdefault("turned", [])
    inner.append(x.T)
    y = np.sort(held["turned"][0], axis=0)
    z = y.reshape(-1)
    z[0] *= 3.0
    return np.sum(y * y)


def sorted_by_a_function_inside(x):
    held = [x.T]

    def turned():
        return held[0]

    y = np.sort(turned(), axis=0)
    z = y.reshape(-1)
    z[0] *= 3.0
    return np.sum(y * y)


def test_columns_that_nobody_asks_about() -> None:
    check_derivative(sorted_beside_columns, LAYOUTS["rows"]())


@pytest.mark.parametrize("f", [sorted_out_of_a_list, sorted_by_a_function_inside])
def test_columns_that_come_back(f: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match="the program makes an array that lies in memory by columns"):
        grad(f)(LAYOUTS["rows"]())


def number(x):
    v = np.quantile(x, 0.3)
    w = v
    v += x[2]
    return float(w)


def number_of_a_row(x):
    v = np.logaddexp.reduce(x)
    w = v
    v += x[2]
    return float(w)


def array_without_axes(x):
    v = np.tensordot(x, x, 1)
    w = v
    v += x[2]
    return float(w * w)


def number_reshaped(x):
    v = np.reshape(x[0], ())
    w = v
    v += x[2]
    return float(w)


def kept_number(x):
    v = np.percentile(x, 50)
    best = [v]
    v += x[0]
    return best[0] * v


@pytest.mark.parametrize("f", [number, number_of_a_row, array_without_axes, number_reshaped, kept_number])
def test_numbers_are_no_arrays_without_axes(f: Callable[..., Any]) -> None:
    x = np.array([0.83, 0.61, 1.27, 0.94])
    expected = [(f(x + 1e-6 * d) - f(x - 1e-6 * d)) / 2e-6 for d in np.eye(4)]
    assert np.allclose(grad(f)(x), expected, atol=1e-6)
    assert np.allclose([jvp(f)(x, seed=d)[1] for d in np.eye(4)], expected, atol=1e-6)
    gradient = grad(f)
    slope = [(gradient(x + 1e-6 * d) - gradient(x - 1e-6 * d)) / 2e-6 for d in np.eye(4)]
    assert np.allclose([jvp(gradient)(x, seed=d)[1] for d in np.eye(4)], slope, atol=1e-5)


def test_running_sums_into_a_larger_array() -> None:
    def f(x):
        o = np.zeros((2, 2)) + x[3]
        np.cumsum(x[:2].reshape(1, 2), axis=0, out=o)
        return float(o.sum())

    with pytest.raises(DerivativeError, match="of which only a part is filled; give the part"):
        grad(f)(np.arange(4.0))


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_the_slope_of_std_is_zero_where_rounding_makes_the_mean_another_number(axis: Any) -> None:
    x = np.full((3, 2), 0.1)
    assert np.std(x) > 0.0
    assert not grad(lambda v: np.sum(np.std(v, axis=axis)))(x).any()
    assert not jvp(lambda v: np.std(v, axis=axis))(x, seed=np.ones((3, 2)))[1].any()
