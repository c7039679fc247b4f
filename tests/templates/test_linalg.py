"""Linear algebra through the whole compiler: options, points where values are equal, and what is refused there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import tangent_sct
from tangent_sct import UnsupportedError, grad, jvp, runtime
from tangent_sct.runtime import DerivativeError
from tangent_sct.testing import check_rule
from tests.templates.drawn import Drawn

drawn = Drawn(42)
normal, regular, definite = drawn.normal, drawn.regular, drawn.definite


def projector_beside(a: Any) -> Any:
    q, _ = np.linalg.qr(a, mode="complete")
    return q[:, 2:] @ q[:, 2:].T


def left_null_space(a: Any) -> Any:
    u, _, _ = np.linalg.svd(a)
    return u[:, 2:] @ u[:, 2:].T


def right_null_space(a: Any) -> Any:
    _, _, vh = np.linalg.svd(a)
    return vh[2:].T @ vh[2:]


def by_cholesky(a: Any, b: Any) -> Any:
    return scipy.linalg.cho_solve(scipy.linalg.cho_factor(a), b)


def by_lower_cholesky(a: Any, b: Any) -> Any:
    c, lower = scipy.linalg.cho_factor(a, lower=True)
    return scipy.linalg.cho_solve((c, lower), b)


PROGRAMS: list[Any] = [
    (lambda a: np.linalg.svd(a, compute_uv=False), normal(3, 4)),
    (lambda a: np.linalg.svd(a, full_matrices=False), normal(4, 3)),
    (lambda a: np.linalg.svd(a, False), normal(2, 3, 3)),
    (lambda a: np.linalg.svd(a)[1], normal(4, 3)),
    (left_null_space, normal(4, 2)),
    (right_null_space, normal(2, 4)),
    (lambda a: np.linalg.qr(a, mode="r"), normal(4, 3)),
    (lambda a: np.linalg.qr(a, "r"), normal(3, 4)),
    (lambda a: np.linalg.qr(a, mode="complete"), normal(3, 3)),
    (projector_beside, normal(4, 2)),
    (tangent_sct.tria, normal(3, 5)),
    (tangent_sct.tria, normal(2, 5, 3)),
    (lambda a: np.linalg.cholesky(a, upper=True), definite(3)),
    (lambda a, b: np.linalg.lstsq(a, b)[0], normal(5, 3), normal(5)),
    (lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0], normal(3, 5), normal(3, 2)),
    (lambda a, b: np.linalg.lstsq(a, b)[1], normal(5, 3), normal(5, 2)),
    (lambda a, b: np.linalg.lstsq(a, b)[3], normal(5, 3), normal(5)),
    (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]), normal(2, 3), normal(3, 2)),
    (lambda a, b: np.einsum(a, [0, ...], b, [1, ...]), normal(2, 3), normal(4, 3)),
    (lambda a, b: np.linalg.multi_dot([a, b, a, b]), normal(3, 3), normal(3, 3)),
    (lambda a, b: np.linalg.cross(a, b, axis=0), normal(3, 2), normal(3, 2)),
    (lambda a, b: np.cross(a, b, axis=0), normal(3, 2), normal(3, 2)),
    (lambda a, b: np.linalg.vecdot(a, b, axis=0), normal(2, 3), normal(2, 3)),
    (lambda a: np.linalg.trace(a, offset=1), normal(2, 3, 3)),
    (lambda a, b: np.linalg.outer(a, b), normal(3), normal(2)),
    (lambda a, b: np.linalg.matmul(a, b), normal(2, 3), normal(3)),
    (lambda a, b: np.linalg.tensordot(a, b, axes=1), normal(2, 3), normal(3, 2)),
    (np.linalg.tensorinv, normal(4, 6, 8, 3)),
    (lambda a: np.linalg.tensorinv(a, ind=1), regular(3)),
    (np.linalg.tensorsolve, normal(2, 3, 6), normal(2, 3)),
    (np.linalg.cond, regular(3)),
    (lambda a: np.linalg.cond(a, -2), regular(3)),
    (lambda a: np.linalg.cond(a, 1), regular(3)),
    (lambda a: np.linalg.cond(a, np.inf), regular(3)),
    (lambda a: np.linalg.cond(a, "fro"), regular(3)),
    (lambda a: np.linalg.cond(a, p="nuc"), regular(3)),
    (np.linalg.matrix_norm, normal(2, 3, 4)),
    (np.linalg.vector_norm, normal(3, 4)),
    (lambda x: np.linalg.vector_norm(x, axis=1, keepdims=True), normal(3, 4)),
    (lambda x: np.linalg.vector_norm(x, ord=3), normal(3, 4)),
    (lambda x: np.linalg.norm(x, -1, axis=(0, 2)), normal(3, 2, 4)),
    (lambda x: np.linalg.norm(x, "nuc", axis=(0, 2)), normal(3, 2, 4)),
    (lambda a: scipy.linalg.inv(a), regular(3)),
    (lambda a: scipy.linalg.det(a), regular(3)),
    (lambda a: scipy.linalg.norm(a), normal(3, 4)),
    (lambda a: scipy.linalg.norm(a, 1), normal(3, 4)),
    (lambda a, b: scipy.linalg.solve(a, b, assume_a="pos"), definite(3), normal(3)),
    (lambda a, b: scipy.linalg.solve(a, b, assume_a="sym", lower=True), definite(3), normal(3, 2)),
    (lambda a, b: scipy.linalg.solve_triangular(a, b, trans="T", lower=True), regular(3), normal(3, 2)),
    (lambda a, b: scipy.linalg.solve_triangular(a, b, trans=1, unit_diagonal=True), regular(3), normal(3)),
    (by_cholesky, definite(3), normal(3)),
    (by_lower_cholesky, definite(3), normal(3, 2)),
    (lambda a: scipy.linalg.cholesky(a), definite(3)),
    (lambda a: scipy.linalg.cholesky(a, lower=True), definite(3)),
    (lambda a: scipy.linalg.qr(a), normal(3, 3)),
    (lambda a: scipy.linalg.qr(a, mode="economic"), normal(4, 3)),
    (lambda a: scipy.linalg.svd(a, full_matrices=False), normal(4, 3)),
    (lambda a: scipy.linalg.svd(a), normal(3, 3)),
    (lambda a: scipy.linalg.svdvals(a), normal(3, 4)),
    (lambda a: scipy.linalg.eigh(a)[1] ** 2, definite(3)),
    (lambda a, b: scipy.linalg.eigh(a, b, eigvals_only=True), definite(3), definite(3)),
]


@pytest.mark.parametrize("place", range(len(PROGRAMS)))
def test_program(place: int) -> None:
    function, *args = PROGRAMS[place]
    check_rule(function, *args)


ORDERS = [1, -1, 2, -2, 3, np.inf, -np.inf]
PLACES = [((3,), ""), ((3, 4), ""), ((3, 4), ", axis=0"), ((2, 3, 4), ", axis=(2, 0)")]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("shape", "axis"), PLACES)
def test_norms(order: float, shape: tuple[int, ...], axis: str) -> None:
    if order == 3 and (len(shape) - axis.count("0") > 1 or "(" in axis):
        pytest.skip("there is no such norm of matrices")
    space: dict[str, Any] = {"np": np}
    written = repr(order).replace("inf", "np.inf")
    source = f"norm = lambda x: np.linalg.norm(x, {written}{axis})"
    check_rule(tangent_sct_function(source, space), normal(*shape))


def tangent_sct_function(source: str, space: dict[str, Any]) -> Any:
    """A function of a text, found by `linecache` as one in a file is."""
    import linecache

    name = f"<norms {hash(source)}>"
    linecache.cache[name] = (len(source), None, [source + "\n"], name)
    exec(compile(source, name, "exec"), space)
    return space["norm"]


# -- second order along a direction in which hardly anything changes ---------------------------------


def by_qr(a: Any) -> Any:
    q, r = np.linalg.qr(a)
    return np.sum(q**3) + np.sum(r**3)


def by_svd(a: Any) -> Any:
    u, s, _ = np.linalg.svd(a)
    return np.sum(u[:, 0]) ** 2 + np.sum(s**3)


SMOOTH: list[Callable[[Any], Any]] = [
    by_qr,
    by_svd,
    lambda a: np.sum(np.linalg.eigvalsh(a + a.T) ** 3),
    lambda a: np.sum(np.linalg.eig(a)[1][0].real ** 2),
    lambda a: np.sum(np.linalg.pinv(a) ** 3),
    lambda a: np.roots(a[0]).real.max() ** 2,
    lambda a: np.sum(scipy.linalg.sqrtm(a).real),
    lambda a: np.sum(scipy.linalg.logm(a).real ** 2),
    lambda a: np.sum(scipy.linalg.polar(a)[0] ** 3),
]


@pytest.mark.parametrize("f", SMOOTH)
@pytest.mark.parametrize("place", [(0, 0), (1, 2)])
def test_tangents_are_not_checked_as_values_are(f: Callable[[Any], Any], place: tuple[int, int]) -> None:
    a = np.array([[2.0, 5.3, 0.1], [0.2, 1.0, 0.4], [0.1, 0.5, 3.0]])
    e = np.zeros((3, 3))
    e[place] = 1.0
    _, found = jvp(grad(f))(a, seed=e)
    np.testing.assert_allclose(found, slope(grad(f), a, e), rtol=1e-5, atol=1e-6)


# -- where values are equal ---------------------------------------------------------------------


def slope(f: Any, a: Any, e: Any, step: float = 1e-5) -> Any:
    return (f(a + step * e) - f(a - step * e)) / (2 * step)


def rotated(values: Any) -> Any:
    q, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((len(values), len(values))))
    return q @ np.diag(values) @ q.T


W = normal(4, 4)


def test_determinants_of_singular_matrices() -> None:
    for a in (np.outer(W[0], W[1]), np.diag([1.0, 2.0, 0.0, 3.0]), np.zeros((2, 2))):
        check_rule(np.linalg.det, a)
    with pytest.raises(UnsupportedError, match="second_cofactors"):
        check_rule(runtime.cofactors, np.eye(2))


def pair_projector(a: Any) -> Any:
    _, v = np.linalg.eigh((a + a.T) / 2)
    return np.sum(W * (v[:, :2] @ v[:, :2].T))


def polar_factor(a: Any) -> Any:
    u, _, vh = np.linalg.svd(a)
    return np.sum(W * (u @ vh))


def power_sum(a: Any) -> Any:
    return np.sum(np.linalg.eigvalsh((a + a.T) / 2) ** 3)


def schatten(a: Any) -> Any:
    return np.sum(np.linalg.svdvals(a) ** 3)


@pytest.mark.parametrize("f", [pair_projector, power_sum])
@pytest.mark.parametrize("a", [np.diag([1.0, 1.0, 2.0, 3.0]), rotated([1.0, 1.0, 2.0, 3.0])])
def test_equal_eigenvalues(f: Any, a: Any) -> None:
    e = normal(4, 4)
    assert np.sum(grad(f)(a) * e) == pytest.approx(slope(f, a, e), rel=1e-6)


@pytest.mark.parametrize("f", [polar_factor, schatten])
@pytest.mark.parametrize("a", [np.eye(4), np.diag([2.0, 2.0, 2.0, 0.5]), rotated([3.0, 3.0, -1.0, 2.0])])
def test_equal_singular_values(f: Any, a: Any) -> None:
    e = normal(4, 4)
    assert np.sum(grad(f)(a) * e) == pytest.approx(slope(f, a, e), rel=1e-6)


def test_polar_of_scipy_at_equal_singular_values() -> None:
    def f(a):
        return np.sum(W * scipy.linalg.polar(a)[0])

    for a in (np.eye(4), rotated([3.0, 3.0, -1.0, 2.0])):
        check_rule(f, a)


def matrix_function(a):
    w, v = np.linalg.eigh(a)
    return np.sum(W * (v * np.exp(w) @ v.T))


def test_a_function_of_values_and_vectors_is_refused_where_values_are_equal() -> None:
    with pytest.raises(DerivativeError, match="not determined by theirs.*expm"):
        grad(matrix_function)(np.eye(4))
    regular_point = np.diag([1.0, 2.0, 3.0, 4.0]) + 0.1
    e = np.tril(normal(4, 4))
    assert np.sum(grad(matrix_function)(regular_point) * e) == pytest.approx(
        slope(matrix_function, regular_point, e), rel=1e-6
    )


def test_one_vector_of_two_is_refused() -> None:
    def f(a):
        return np.sum(W[:, 0] * np.linalg.eigh(a)[1][:, 0])

    with pytest.raises(DerivativeError, match="which vectors were chosen for equal"):
        grad(f)(rotated([1.0, 1.0, 2.0, 3.0]))


def test_a_direction_that_parts_equal_values_is_refused() -> None:
    a, e = np.diag([1.0, 1.0, 2.0, 3.0]), normal(4, 4)
    with pytest.raises(DerivativeError, match="part along this direction.*reverse mode"):
        jvp(pair_projector)(a, seed=e)


def test_singular_vectors_of_zero_are_refused() -> None:
    def f(a):
        return np.sum(np.linalg.svd(a, full_matrices=False)[0][:, 1] ** 3)

    with pytest.raises(DerivativeError, match="of the singular value zero jump when the matrix changes"):
        grad(f)(np.outer([1.0, 2.0, 3.0], [1.0, 0.5]))


def test_a_choice_of_singular_vectors_is_refused() -> None:
    with pytest.raises(DerivativeError, match="which singular vectors were chosen for the value zero"):
        grad(polar_factor)(np.zeros((4, 4)))


def test_a_defective_matrix_is_refused() -> None:
    def f(a):
        return np.sum(np.linalg.eigvals(a) ** 2)

    with pytest.raises(DerivativeError, match="not independent .it is defective.: neither they nor the eigenvalues"):
        grad(f)(np.array([[1.0, 1.0], [0.0, 1.0]]))


def test_complex_eigenvalues_of_a_real_matrix_are_refused() -> None:
    def f(a):
        return np.sum(np.linalg.eigvals(a) ** 2)

    with pytest.raises(DerivativeError, match="the eigenvalues of this real matrix are complex"):
        grad(f)(np.array([[0.0, 1.0], [-1.0, 0.0]]))


def test_the_square_root_of_a_singular_matrix_is_refused() -> None:
    def f(a):
        return np.sum(scipy.linalg.sqrtm(a))

    with pytest.raises(DerivativeError, match="the matrix is singular, where the square root and the polar factor"):
        grad(f)(np.diag([1.0, 0.0]))


def test_complex_roots_of_a_real_matrix_are_refused() -> None:
    def f(a):
        return np.sum(scipy.linalg.sqrtm(a))

    with pytest.raises(DerivativeError, match="this function of a real matrix is complex, which nothing said"):
        grad(f)(np.diag([1.0, -1.0]))


def test_lu_with_another_zero_pivot_is_refused() -> None:
    def f(a):
        return np.sum(scipy.linalg.lu(a)[1])

    with pytest.raises(DerivativeError, match="a pivot of the LU decomposition is zero before the last one"):
        grad(f)(np.zeros((3, 3)))


def test_q_of_dependent_columns_is_refused() -> None:
    def f(a):
        return np.sum(np.linalg.qr(a)[0] ** 3)

    with pytest.raises(DerivativeError, match="the leading columns of the matrix are linearly dependent"):
        grad(f)(np.ones((3, 2)))


def test_options_that_are_not_literals_are_refused() -> None:
    def f(a, whole):
        return np.sum(np.linalg.svd(a, full_matrices=whole)[1])

    with pytest.raises(UnsupportedError, match="full_matrices"):
        grad(f)(np.ones((3, 2)), False)


def test_null_spaces_are_refused() -> None:
    def f(a):
        return np.sum(scipy.linalg.null_space(a) ** 2)

    with pytest.raises(UnsupportedError, match="null_space"):
        grad(f)(np.ones((2, 3)))


def test_lists_of_axes_must_be_literals() -> None:
    def f(a, axes):
        return np.sum(np.einsum(a, axes))

    with pytest.raises(UnsupportedError):
        grad(f)(np.ones((2, 3)), [0, 1])


def test_norms_are_flat_at_zero() -> None:
    for text in ("'nuc'", "2", "1", "np.inf"):
        space: dict[str, Any] = {"np": np}
        f = tangent_sct_function(f"norm = lambda x: np.linalg.norm(x, {text})", space)
        assert np.all(grad(f)(np.zeros((2, 3))) == 0.0)


def test_lu_with_a_zero_last_pivot() -> None:
    def f(a):
        _, l, u = scipy.linalg.lu(a)
        return np.sum(l**2) + np.sum(u**3)

    a = np.array([[4.0, 1.0, 2.0], [1.0, 3.0, 1.0], [5.0, 4.0, 3.0]])
    a[2] = 0.5 * a[0] + 0.25 * a[1]
    e = normal(3, 3)
    assert np.sum(grad(f)(a) * e) == pytest.approx(slope(f, a, e), rel=1e-6)
    assert jvp(f)(a, seed=e)[1] == pytest.approx(slope(f, a, e), rel=1e-6)


def test_empty_matrices() -> None:
    empty = np.zeros((0, 0))
    for f in (
        lambda a: np.sum(np.linalg.eigh(a)[1]),
        lambda a: np.sum(np.linalg.svdvals(a)),
        lambda a: np.sum(np.linalg.qr(a)[1]),
        lambda a: np.linalg.det(a),
    ):
        assert grad(f)(empty).shape == (0, 0)


def test_views_and_read_only_arrays() -> None:
    def f(a):
        w, v = np.linalg.eigh(a)
        return np.sum(w**2 * np.abs(v[0]))

    whole = np.random.default_rng(5).standard_normal((8, 8))
    view = whole[::2, ::2].T
    view.flags.writeable = False
    assert np.allclose(grad(f)(view), grad(f)(view.copy()))


# -- square-root filters ------------------------------------------------------------------------

DATA = [0.3 * t + np.sin(1.7 * t) + 0.5 * np.cos(0.9 * t * t) for t in range(20)]


def covariance_filter(theta: Any) -> Any:
    """The log-likelihood of a local linear trend by covariances, of standard deviations that may be complex."""
    F, H = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 0.0])
    Q, P = np.diag(theta[1:3] ** 2), np.diag(theta[3:5] ** 2)
    m, total = np.zeros(2, theta.dtype), 0.0
    for y in DATA:
        s = H @ P @ H + theta[0] ** 2
        e, gain = y - H @ m, P @ H / s
        total = total - 0.5 * (np.log(2 * np.pi * s) + e * e / s)
        m, P = F @ (m + gain * e), F @ (P - np.outer(gain, H @ P)) @ F.T + Q
    return total


def square_root_filter(theta):
    F, H = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]])
    Q, C = np.diag(theta[1:3]), np.diag(theta[3:5])
    m, total = np.zeros(2), 0.0
    for y in DATA:
        R = np.reshape(theta[0], (1, 1))
        top = np.concatenate([R, H @ C], axis=1)
        below = np.concatenate([np.zeros((2, 1)), C], axis=1)
        L = tangent_sct.tria(np.concatenate([top, below], axis=0))
        s = L[0, 0]
        e = (y - m[0]) / s
        total = total - 0.5 * (np.log(2 * np.pi) + e * e) - np.log(np.abs(s))
        m = F @ (m + L[1:, 0] * e)
        C = tangent_sct.tria(np.concatenate([F @ L[1:, 1:], Q], axis=1))
    return total


@pytest.mark.parametrize(
    "theta",
    [[0.7, 0.3, 0.2, 1.5, 0.9], [0.7, 0.0, 0.2, 0.0, 0.9], [0.7, 0.3, 0.0, 0.0, 0.0], [0.7, 0.0, 0.0, 0.0, 0.0]],
)
def test_square_root_filters_of_any_rank(theta: list[float]) -> None:
    point = np.array(theta)
    exact = np.array([covariance_filter(point + 1e-30j * unit).imag / 1e-30 for unit in np.eye(5)])
    found = grad(square_root_filter)(point)
    assert square_root_filter(point) == pytest.approx(covariance_filter(point + 0j).real, rel=1e-12)
    np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-11 * np.max(np.abs(exact)))
    tangents = [jvp(square_root_filter)(point, seed=unit)[1] for unit in np.eye(5)]
    np.testing.assert_allclose(tangents, exact, rtol=1e-11, atol=1e-11 * np.max(np.abs(exact)))
