"""Rules for SciPy in whole programs: what is printed, what is refused, what holds beside the cases."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.ndimage
import scipy.sparse.linalg
from scipy import interpolate, special, stats

from tangent_sct import grad
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.runtime import DerivativeError
from tangent_sct.runtime.linalg import _is_sparse
from tangent_sct.testing import check_products, check_second, wrapped
from tests.templates.scipy_stats_cases import SHAPES


def refusal(f: Any, *args: Any) -> UnsupportedError:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(*args)
    error = caught.value
    assert __file__.endswith(error.origin.file.rpartition("/")[2]) and error.hint
    return error


def test_an_order_that_varies_is_refused_by_name() -> None:
    error = refusal(lambda v: special.jv(v, 2.0), 1.0)
    assert error.reason == (
        "the rule for `special.jv` says that it cannot be differentiated by `v`, its parameter `v`"
    )


def test_a_shape_without_a_slope_is_refused_by_the_name_that_the_family_gives_it() -> None:
    error = refusal(lambda df: stats.t.cdf(0.3, df), 2.0)
    assert error.reason == (
        "the rule for `stats.t.cdf` says that it cannot be differentiated by `df`, its parameter `df`"
    )


def test_an_option_that_no_rule_knows_is_refused_by_name() -> None:
    error = refusal(lambda x: special.logsumexp(x, return_sign=True)[0], np.ones(2))
    assert error.reason == "the derivative of `special.logsumexp` is not known with the argument `return_sign`"


def test_a_number_of_successes_is_refused() -> None:
    assert "its parameter `k`" in refusal(lambda k: stats.poisson.logpmf(k, 2.0), 1.0).reason


def test_what_has_no_rule_is_refused_on_the_line_of_the_user() -> None:
    reason = refusal(lambda a: stats.burr12.cdf(0.3, a, 2.0), 1.0).reason
    assert reason.startswith("`stats.burr12.cdf` has no derivative rule, and its source cannot be followed: ")


def loss(mu: Any, sigma: Any, x: Any) -> Any:
    return -np.sum(stats.norm.logpdf(x, loc=mu, scale=sigma))


def test_a_method_of_a_given_object_is_printed_as_mathematics() -> None:
    assert grad(loss, wrt=(0, 1)).source_for(0.3, 0.6, np.ones(2)) == (
        "def loss_grad(mu, sigma, x, loss_bar=1.0):\n"
        "    # return -np.sum(stats.norm.logpdf(x, loc=mu, scale=sigma))\n"
        "    z = (x - mu) / sigma\n"
        "    mu_bar = -loss_bar * z.sum() / sigma\n"
        "    sigma_bar = -loss_bar * np.sum(z * z - 1) / sigma\n"
        "    return mu_bar, sigma_bar"
    )


def test_a_template_that_has_captured_an_object_is_printed_with_the_name_of_that() -> None:
    def f(x: Any) -> Any:
        return stats.norm.cdf(x) * stats.t.cdf(x, df=3.0)

    text = grad(f).source_for(0.3)
    assert "stats.norm.pdf(x)" in text and "stats.t.pdf(x, 3.0)" in text and "family" not in text


@pytest.mark.parametrize("family", SHAPES, ids=lambda family: family.name)
def test_outside_of_its_support_a_log_density_is_constant(family: Any) -> None:
    shapes = SHAPES[family]
    below = float(family.support(*shapes)[0]) - 1.0
    if not np.isfinite(below):
        return

    point = (below, *shapes, 0.0, 1.0)
    density = wrapped(family.logpdf, point, {})
    assert grad(density, wrt=(0, len(point) - 2, len(point) - 1))(*point) == (0.0, 0.0, 0.0)
    assert grad(wrapped(family.logcdf, point, {}))(*point) == 0.0


def test_far_in_the_tail_nothing_cancels() -> None:
    slope = grad(lambda x: special.log_ndtr(x))(-1e5)
    assert slope == pytest.approx(1e5, rel=1e-9)
    assert abs(grad(grad(lambda x: special.log_ndtr(x)))(40.0)) < 1e-200
    assert grad(lambda m: special.ellipk(m))(0.0) == pytest.approx(np.pi / 8, rel=1e-14)
    assert grad(lambda x: special.exprel(x))(0.0) == 0.5
    assert grad(lambda p: special.ellipkm1(p))(1e-9) == pytest.approx(-5e8, rel=1e-6)
    assert grad(lambda x: special.softmax(x)[0])(np.array([1000.0, 0.0])).tolist() == [0.0, 0.0]


def test_a_mode_that_no_one_knows_is_an_error() -> None:
    def f(x: Any) -> Any:
        return np.sum(scipy.ndimage.gaussian_filter(x, 1.0, mode=["wrap", "reflect"]))

    with pytest.raises(DerivativeError, match="how a filter extends its input with mode=.* is not known"):
        grad(f)(np.ones((3, 3)))


SPARSE = scipy.sparse.csr_array(np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 0.5, 4.0]]))
SPARSE_MATRIX, MATRIX = scipy.sparse.csr_matrix(SPARSE), np.matrix(SPARSE.toarray())


@pytest.mark.parametrize("x", [np.array([0.3, -0.4, 0.6]), np.array([[0.3, 0.1], [0.5, 0.4], [0.2, 0.6]])])
def test_products_with_sparse_matrices(x: Any) -> None:
    def from_left(x: Any) -> Any:
        return np.exp(SPARSE @ x)

    def from_right(x: Any) -> Any:
        return np.exp(x.T @ SPARSE)

    def handed_in(x: Any, a: Any) -> Any:
        return np.exp(a @ x)

    def solved(x: Any) -> Any:
        return np.exp(scipy.sparse.linalg.spsolve(SPARSE, x))

    for f in (from_left, from_right, solved):
        check_products(f, (x,), (0,))
        check_second(f, (x,), (0,))
    check_products(handed_in, (x, SPARSE), (0,))


def test_what_has_an_arithmetic_of_its_own_is_refused() -> None:
    """`*` of a sparse matrix, or of `np.matrix`, is a product of matrices, with another adjoint than that of `*`."""
    x = np.ones((3, 3))
    told = "is neither a number nor an array, and its class may compute what it likes"
    assert refusal(lambda x: np.sum(SPARSE_MATRIX * x), x).reason == f"`SPARSE_MATRIX` {told}"
    assert refusal(lambda x, m: np.sum(np.asarray(x * m)), x, SPARSE_MATRIX).reason == f"`m` {told}"
    assert refusal(lambda x: np.sum(np.dot(SPARSE_MATRIX, x)), x).reason == f"`SPARSE_MATRIX` {told}"
    with pytest.raises(DerivativeError, match="a product with an object of class .*: make it an array by np.asarray"):
        _is_sparse(MATRIX)
    own = "`MATRIX` is a matrix, whose arithmetic is its own"
    assert refusal(lambda x: np.sum(np.asarray(MATRIX * x)), x).reason == own
    assert refusal(lambda x: np.sum(np.asarray(MATRIX @ x)), x).reason == own


def test_an_array_in_a_file_is_an_array(tmp_path: Path) -> None:
    stored = np.memmap(tmp_path / "numbers", dtype=float, mode="w+", shape=(3,))
    stored[:] = 2.0

    def f(x: Any, w: Any) -> Any:
        return np.sum(x * w)

    assert grad(f)(np.ones(3), stored).tolist() == [2.0, 2.0, 2.0]
    assert grad(lambda x: np.sum(x * stored))(np.ones(3)).tolist() == [2.0, 2.0, 2.0]


def quadrature(w: Any) -> Any:
    return scipy.integrate.quad(np.sin, w, w**2)[0]


def test_an_integral_is_differentiated_by_its_limits() -> None:
    check_products(quadrature, (0.5,), (0,))
    check_second(quadrature, (0.5,), (0,))

    def with_error(w: Any) -> Any:
        value, error = scipy.integrate.quad(np.sin, 0.0, w)
        return value + error

    # How the estimate of the error changes, nobody knows.
    assert np.isnan(grad(with_error)(0.5))


X = np.linspace(0.0, 4.0, 9)
CUBIC = interpolate.CubicSpline(X, np.sin(X))
QUINTIC = interpolate.make_interp_spline(X, np.cos(X), k=5)
FITTED = interpolate.UnivariateSpline(X, np.exp(-X), k=5, s=0)
SEVERAL = interpolate.CubicSpline(X, np.stack([np.sin(X), np.cos(X), X**2], -1))


@pytest.mark.parametrize("spline", [CUBIC, QUINTIC, FITTED, SEVERAL])
@pytest.mark.parametrize("x", [1.3, np.array([0.3, 1.7, 3.1]), np.array([[0.3], [5.0]])])
def test_splines_that_are_given(spline: Any, x: Any) -> None:
    def f(x: Any) -> Any:
        return spline(x, 1) * spline(x)

    check_products(f, (x,), (0,))
    check_second(f, (x,), (0,))


def test_a_spline_is_printed_as_it_is_called() -> None:
    def f(x: Any, curve: Any) -> Any:
        return CUBIC(x) * curve(x, 2)

    assert grad(f).source_for(0.3, QUINTIC) == (
        "def f_grad(x, curve, f_bar=1.0):\n"
        "    # return CUBIC(x) * curve(x, 2)\n"
        "    x_bar = f_bar * CUBIC(x) * bspline(x, 3)\n"
        "    x_bar += f_bar * bspline(x, 2) * CUBIC(x, 1)\n"
        "    return x_bar"
    )


def test_options_of_splines_that_are_refused() -> None:
    assert refusal(lambda x: CUBIC(x, extrapolate=False), 1.0).reason.endswith("with the argument `extrapolate`")


def test_the_page_shows_what_happens() -> None:
    page = Path(__file__).parents[2] / "docs" / "scipy.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0
