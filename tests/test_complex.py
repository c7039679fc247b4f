"""Complex numbers in users' programs: the convention, programs by law, and what is refused."""

from __future__ import annotations

import cmath
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import (
    DerivativeError,
    UnsupportedError,
    grad,
    hessian,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from tangent_sct.testing import check_derivative, check_rule

Function = Callable[..., Any]

z0 = 1.2 - 0.7j
Z = np.array([1 + 2j, 0.5 - 0.3j, -1 + 0.1j])
X = np.array([0.3, 0.7, -0.4])
M = np.random.default_rng(0).normal(size=(3, 3)) + 1j * np.random.default_rng(1).normal(size=(3, 3))


# -- the convention -------------------------------------------------------------------------------


def distance(z):
    return abs(z - 1) ** 2


def test_the_gradient_is_the_slope_along_x_less_i_times_the_slope_along_y() -> None:
    step = 1e-6
    along_x = (distance(z0 + step) - distance(z0 - step)) / (2 * step)
    along_y = (distance(z0 + 1j * step) - distance(z0 - 1j * step)) / (2 * step)
    assert grad(distance)(z0) == pytest.approx(along_x - 1j * along_y, rel=1e-8)
    assert grad(distance)(z0) == pytest.approx(2 * (z0 - 1).conjugate())


def test_descent_goes_against_the_conjugate() -> None:
    z = z0
    for _ in range(50):
        z = z - 0.2 * grad(distance)(z).conjugate()
    assert z == pytest.approx(1.0)


def test_a_holomorphic_function_has_its_derivative() -> None:
    def f(z):
        return z * z * np.exp(z)

    exact = (2 * z0 + z0 * z0) * np.exp(z0)
    assert grad(f, holomorphic=True)(z0) == pytest.approx(exact)
    assert value_and_grad(f, holomorphic=True)(z0) == (f(z0), pytest.approx(exact))
    assert jvp(f)(z0, seed=1j)[1] == pytest.approx(1j * exact)
    assert vjp(f)(z0, seed=1j)[1] == pytest.approx(1j * exact)
    assert grad(grad(f, holomorphic=True), holomorphic=True)(z0) == pytest.approx(
        (2 + 4 * z0 + z0 * z0) * np.exp(z0)
    )


def test_adjoints_have_the_types_of_their_arguments() -> None:
    def f(x, z, X, Z):
        return abs(x * z + np.sum(X * Z))

    found = grad(f, wrt=(0, 1, 2, 3))(0.5, z0, X, Z)
    assert [type(found[0]), type(found[1])] == [float, complex]
    assert [found[2].dtype.name, found[3].dtype.name] == ["float64", "complex128"]
    single = grad(f, wrt=(2, 3))(0.5, z0, X.astype("float32"), Z.astype("complex64"))
    assert [adjoint.dtype.name for adjoint in single] == ["float32", "complex64"]


def test_a_zero_adjoint_of_a_complex_number_is_complex() -> None:
    assert type(grad(lambda z: 1.0)(z0)) is complex


# -- programs, by law -----------------------------------------------------------------------------


def conjugates(z):
    return z.conjugate() * z * z


def real_times_complex(x, z):
    return abs(x * z + z.real * 1j * z.imag)


def stores(Z):
    out = np.zeros(3, dtype=complex)
    for i in range(3):
        out[i] = Z[i] * Z[i - 1].conj()
    return np.sum(np.abs(out) ** 2)


def real_into_complex(X):
    out = np.zeros(3, dtype=complex)
    out[0] = X[0]
    out[1:] = X[1:] * 1j
    out *= out
    return np.sum(out.real * out.imag + out.imag)


def buffer_of_mixed_origin(X, Z):
    Y = X + 1j
    Y[1] = Z[0] * Y[2]
    Y[0] = X[2]
    return np.vdot(Y, Z)


def sum_from_a_real_zero(X, Z):
    s = 0.0
    for x, z in zip(X, Z, strict=True):
        s = s + x * z
    return s.real + s.imag


def view_of_the_real_part(Z):
    w = Z.real
    v = Z.copy()
    v.real[0] = w[1]
    return np.sum(v * v).real


def system(M):
    return np.linalg.solve(M, np.array([1.0, 2, 3])) @ np.array([1j, 2, 3])


def real_or_complex(x):
    if x > 0:
        s = x
    else:
        s = 1j * x
    s = s * x
    return abs(s)


def made_of_parts(x):
    return complex(x, x * x) ** 2


def characteristic(X):
    return np.exp(1j * np.outer(X, X)).sum().real


def stacked(X, Z):
    return np.abs(np.stack([X, Z])).sum()


def items(X, Z):
    c = [X[0], Z[0]]
    c[0] = Z[1] * X[1]
    r = 0j
    for i in range(2):
        r = r + c[i]
    return r.imag


def fields(x):
    d = {"a": x * 1j, "b": x}
    d["a"] = d["a"] * d["b"]
    return d["a"].imag * d["b"]


def turning(x):
    w = np.angle(np.exp(1j * x) + x)
    return w * w


def powers(x, z):
    return x**z + z**x + z**2 + z**-1.5


def scalars(z):
    return cmath.exp(z) * cmath.sin(z) + cmath.phase(z)


def conjugate_that_is_written(Z):
    Y = Z.conj()
    Y[0] = Z[1]
    return np.sum(Y * Z)


def conjugate_of_reals_is_no_copy(X):
    W = X * 1.0
    Y = W.conj()
    Y[0] = X[1] ** 2
    return np.sum(Y * W * X)


def converted(X):
    return np.sum((X.astype(complex) * 1j + X) ** 2).imag


def until_large(z):
    while abs(z) < 4:
        z = z * z + 1
    return z.real


def unpacked(Z):
    a, b, c = Z
    return a * b.conjugate() + c.imag


PROGRAMS: list[tuple[Function, tuple[Any, ...]]] = [
    (conjugates, (z0,)), (real_times_complex, (0.7, z0)), (stores, (Z,)), (real_into_complex, (X,)),
    (buffer_of_mixed_origin, (X, Z)), (sum_from_a_real_zero, (X, Z)), (view_of_the_real_part, (Z,)), (system, (M,)),
    (real_or_complex, (0.5,)), (real_or_complex, (-0.5,)), (made_of_parts, (0.6,)), (characteristic, (X,)),
    (stacked, (X, Z)), (items, (X, Z)), (fields, (0.7,)), (turning, (0.4,)), (powers, (0.8, z0)),
    (powers, (-0.8, z0)), (scalars, (z0,)), (conjugate_that_is_written, (Z,)),
    (conjugate_of_reals_is_no_copy, (X,)), (converted, (X,)),
    (until_large, (1.1 + 0.3j,)), (unpacked, (Z,)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_programs(function: Function, arguments: tuple[Any, ...]) -> None:
    check_rule(function, *arguments)


def powered(z, n):
    if n == 0:
        return z
    return powered(z * z, n - 1) * z.conjugate()


def recursive(z):
    return powered(z, 3)


def recursive_from_a_real_number(x):
    return powered(x * 1j, 2).real


@pytest.mark.parametrize(("function", "argument"), [(recursive, z0), (recursive_from_a_real_number, 0.8)])
def test_recursion(function: Function, argument: Any) -> None:
    check_rule(function, argument, order=1)


def test_second_order_of_a_real_function_with_complex_inside() -> None:
    def f(x):
        return np.sum(np.abs(np.exp(1j * x) + x) ** 2)

    # |exp(ix) + x|^2 = 1 + 2 x cos(x) + x^2
    assert hessian(f)(X) == pytest.approx(np.diag(2 - 4 * np.sin(X) - 2 * X * np.cos(X)))


def test_the_jacobian_of_a_complex_result_is_complex() -> None:
    found = jacobian(lambda x: np.sum(np.exp(1j * x)))(X)
    assert found == pytest.approx(1j * np.exp(1j * X))


# -- what is refused ------------------------------------------------------------------------------


def complex_result(z):
    return z * z


def largest(Z):
    return np.max(Z).real


def direction(Z):
    return np.sum(np.sign(Z)).real


def stored_into_reals(Z):
    y = np.zeros(3)
    y[:] = Z * 2
    return np.sum(y)


def becomes_complex(X, n):
    y = X
    for _ in range(n):
        y = y * 1j + 1
    return np.sum(y.real)


def written_imaginary_part(Z):
    W = Z * 1
    v = W.imag
    v[0] = 2 * v[1]
    return np.sum(W * W).real


def spread(Z):
    return np.var(Z)


REFUSED: list[tuple[Function, tuple[Any, ...], str, str, str]] = [
    (complex_result, (z0,), "return z * z", "the result is complex, and a gradient needs a real number",
     "take np.real(...) or np.abs(...) of it, or use vjp with a complex seed; "
     "the derivative of a holomorphic function is grad(f, holomorphic=True)"),
    (largest, (Z,), "return np.max(Z).real",
     "the rule for `np.max` is for real numbers, and there are complex ones here",
     "compute with real and imaginary parts, or declare a rule of your own for_complex"),
    (direction, (Z,), "return np.sum(np.sign(Z)).real", "`np.sign` of complex numbers has no derivative rule",
     "compute with real and imaginary parts, or divide by np.abs(...)"),
    (stored_into_reals, (Z,), "y[:] = Z * 2", "a complex value is stored into a real array",
     "make the array complex: np.zeros(n, dtype=complex)"),
    (becomes_complex, (X, 2), "for _ in range(n):", "whether this value is real or complex is not known",
     "let it be complex from the start (0j instead of 0 or 0.0), or annotate the arguments"),
    (written_imaginary_part, (Z,), "v[0] = 2 * v[1]",
     "`W.imag` is a view of a complex array that is written in place",
     "copy what is taken over from there: np.imag(...).copy()"),
    (spread, (Z,), "return np.var(Z)", "the rule for `np.var` is for real numbers, and there are complex ones here",
     "compute with real and imaginary parts, or declare a rule of your own for_complex"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "arguments", "line", "reason", "hint"), REFUSED, ids=[case[0].__name__ for case in REFUSED]
)
def test_refusals(function: Function, arguments: tuple[Any, ...], line: str, reason: str, hint: str) -> None:
    with pytest.raises(UnsupportedError, match=re.escape(reason)) as caught:
        grad(function)(*arguments)
    assert caught.value.filename == __file__
    assert str(caught.value.text).strip().startswith(line)
    assert f"hint: {hint}" in caught.value.__notes__


def test_what_is_not_holomorphic_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="`abs` is not holomorphic"):
        grad(distance, holomorphic=True)(z0)
    with pytest.raises(UnsupportedError, match="`np.conjugate` is not holomorphic"):
        grad(lambda z: np.conj(z) * z, holomorphic=True)(z0)
    with pytest.raises(UnsupportedError, match="`ndarray.conjugate` is not holomorphic"):
        grad(recursive, holomorphic=True)(z0)
    with pytest.raises(TypeError, match="argument `z` must be a complex number or an array of them"):
        grad(complex_result, holomorphic=True)(1.0)
    with pytest.raises(UnsupportedError, match="holomorphic=True is for functions with a complex result"):
        grad(lambda z: 2.0, holomorphic=True)(z0)


def test_seeds_are_numbers_of_the_kind_they_weigh() -> None:
    with pytest.raises(ValueError, match="the tangent of `z` is real, `z` is complex"):
        jvp(complex_result)(z0, seed=1.0)
    with pytest.raises(ValueError, match="the tangent of `x` is complex, `x` is real"):
        jvp(lambda x: x * x)(1.0, seed=1j)
    with pytest.raises(UnsupportedError, match="the seed is real, and the result that it weighs is complex"):
        vjp(complex_result)(z0, seed=1.0)
    with pytest.raises(UnsupportedError, match="the seed is complex, and the result that it weighs is real"):
        vjp(distance)(z0, seed=1j)


@pytest.mark.parametrize("function", [lambda x: abs(x ** (1 / 3)), lambda x: (x ** (1 / 3)).real])
def test_complex_numbers_that_come_unforeseen_are_no_derivative(function: Function) -> None:
    with pytest.raises(DerivativeError, match="the derivative with respect to `x`, which is real, came out complex"):
        grad(function)(-8.0)
    with pytest.raises(DerivativeError, match="the tangent of a real result came out complex"):
        jvp(lambda x: abs(x ** (1 / 3)))(-8.0, seed=1.0)


@pytest.mark.parametrize("make", [jacobian, hessian])
def test_a_jacobian_is_by_real_arguments(make: Function) -> None:
    with pytest.raises(TypeError, match="an array of floats, not an array of complex numbers"):
        make(lambda Z: np.sum(np.abs(Z)))(Z)


def imaginary(x):
    y = x**0.5
    return np.imag(y)


def angled(x):
    y = x**0.5
    return np.angle(y) + y.imag


def test_numbers_that_come_out_complex_have_no_silent_imaginary_part() -> None:
    """A power of a negative float is complex, which kinds do not see: the gradient of its imaginary part was zero."""
    for f in (imaginary, angled):
        with pytest.raises(DerivativeError, match="came out complex"):
            grad(f)(-0.7)
        assert grad(f)(0.7) == 0.0


def real_parts_updated_in_place(x):
    a = np.ones(3) + 0j
    r = a.real
    r += 1.0
    return x[0] * a[0].real


def real_parts_of_what_varies(x):
    a = x * (1.0 + 0.5j)
    r = a.real
    r *= 2.0
    return np.sum(np.abs(a) ** 2)


def real_parts_in_a_loop(x):
    a, y = np.ones(3) + 0j, 1.0
    r = np.real(a)
    for i in range(3):
        y = np.sin(y * a[0].real) * x[i]
        r += 1.0
    return y


@pytest.mark.parametrize(
    "f", [real_parts_updated_in_place, real_parts_of_what_varies, real_parts_in_a_loop]
)
def test_updates_of_a_part_write_into_the_whole(f):
    """The part was copied, since nothing seemed to read it after that: an update is no read."""
    check_derivative(f, np.array([0.5, 0.2, 0.9]))
