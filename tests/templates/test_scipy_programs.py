"""Functions of SciPy that make objects, or call functions: in programs, against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, value_and_grad
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.runtime import DerivativeError
from tangent_sct.runtime.scipy_quad import as_integral
from tangent_sct.testing import check_rule
from tests.laws.samples import load
from tests.templates.scipy_stats_cases import SHAPES

pytest.importorskip("scipy")

HEAD = """
import numpy as np
from scipy import integrate, interpolate, linalg, stats
from scipy.interpolate import CubicSpline

PLACES = np.array([0.0, 1.0, 2.0, 3.5, 4.0])

"""
PLACES = np.array([0.0, 1.0, 2.0, 3.5, 4.0])
rng = np.random.default_rng(11)
Y, T, X = rng.standard_normal(5), np.array([0.3, 1.7, 3.2]), np.array([0.2, 0.5])
MATRIX, B = rng.standard_normal((3, 3)) + 2 * np.eye(3), rng.standard_normal(3)
PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "a spline": ("def f(y, t):\n    return CubicSpline(PLACES, y)(t)\n", (Y, T)),
    "a spline at a number": ("def f(y, t):\n    return CubicSpline(PLACES, y)(t)\n", (Y, 0.7)),
    "a curve": ("def f(y, t):\n    return CubicSpline(PLACES, y)(t)\n", (rng.standard_normal((5, 2)), T)),
    "a spline and its slope": (
        "def f(y, t):\n"
        "    curve = interpolate.CubicSpline(PLACES, y, bc_type='natural')\n"
        "    return curve(t) * curve(t, 1)\n",
        (Y, T),
    ),
    "a spline of degree 2": ("def f(y, t):\n    return interpolate.make_interp_spline(PLACES, y, k=2)(t)\n", (Y, T)),
    "lines": ("def f(y, t):\n    g = interpolate.interp1d(PLACES, y)\n    return g(t) * g(0.5)\n", (Y, T)),
    "cubics": ("def f(y, t):\n    return interpolate.interp1d(PLACES, y, kind='cubic')(t)\n", (Y, T)),
    "a curve that keeps its shape": (
        "def f(y, t):\n    return interpolate.PchipInterpolator(PLACES, y)(t)\n",
        (np.array([0.0, 1.0, 0.3, 0.7, 2.0]), T),
    ),
    "a curve that rises": (
        "def f(x, y, t):\n    return interpolate.PchipInterpolator(x, y)(t)\n",
        (PLACES, np.array([0.0, 1.0, 1.2, 3.0, 3.1]), T),
    ),
    "a curve of Akima": ("def f(x, y, t):\n    return interpolate.Akima1DInterpolator(x, y)(t)\n", (PLACES, Y, T)),
    "a spline of coefficients": (
        "def f(c, t):\n    return interpolate.BSpline(np.array([0.0, 0, 0, 1.5, 3, 4, 4, 4]), c, 2)(t)\n", (Y, T)
    ),
    "values on a grid": (
        "def f(v, t):\n    return interpolate.RegularGridInterpolator((PLACES, PLACES), v)(t)\n",
        (rng.standard_normal((5, 5)), np.array([[0.3, 1.7], [3.2, 0.1]])),
    ),
    "values on a grid and beyond": (
        "def f(v, t):\n"
        "    g = interpolate.RegularGridInterpolator((PLACES, PLACES), v, bounds_error=False, fill_value=None)\n"
        "    return g(t)\n",
        (rng.standard_normal((5, 5)), np.array([[0.3, 1.7], [5.2, 0.1]])),
    ),
    "values on a grid by a function": (
        "def f(v, t):\n    return interpolate.interpn((PLACES, PLACES), v, t, bounds_error=False, fill_value=0.5)\n",
        (rng.standard_normal((5, 5)), np.array([[0.3, 1.7], [5.2, 0.1]])),
    ),
    "a normal distribution": (
        "def f(m, s, x):\n    p = stats.norm(m, scale=s)\n    return p.logpdf(x) + p.cdf(x)\n", (0.3, 0.7, X)
    ),
    "a gamma distribution": ("def f(s, x):\n    return stats.gamma(2.0, scale=s).logpdf(x)\n", (0.3, X)),
    "a beta distribution": ("def f(a, b, x):\n    return stats.beta(a, b).logpdf(x)\n", (1.2, 2.3, X)),
    "a distribution of constants": (
        "def f(x):\n    p = stats.norm(0.3, 0.7)\n    return p.cdf(x) * stats.gamma(2.0).logpdf(x)\n", (X,)
    ),
    "counts": ("def f(mu):\n    return stats.poisson(mu).logpmf(np.array([1, 3]))\n", (1.3,)),
    "trials": ("def f(p):\n    return stats.binom(5, p).logpmf(np.array([1, 3]))\n", (0.3,)),
    "factors": ("def f(a, b):\n    return linalg.lu_solve(linalg.lu_factor(a), b)\n", (MATRIX[::-1], B)),
    "factors used twice": (
        "def f(a, b):\n"
        "    lu, piv = linalg.lu_factor(a)\n"
        "    return linalg.lu_solve((lu, piv), b, trans=1) + linalg.lu_solve((lu, piv), b * b)\n",
        (MATRIX, B),
    ),
    "an integral": (
        "def f(p, a):\n    return integrate.quad(lambda t: np.exp(-p * t * t), 0.0, a)[0]\n", (0.3, 1.2)
    ),
    "an integral with arguments": (
        "def f(p):\n    return integrate.quad(lambda t, k: np.sin(k * t), 0.0, 1.0, args=(p,))[0]\n", (0.3,)
    ),
    "an integral that vanishes": (
        "def f(p):\n    return integrate.quad(lambda t: p * np.exp(-200 * (t - 0.3) ** 2), 0.0, 1.0)[0]\n", (0.0,)
    ),
}  # fmt: skip


def program(name: str, text: str) -> Any:
    return load(HEAD + text, f"<scipy: {name}>")["f"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_against_differences(name: str) -> None:
    text, args = PROGRAMS[name]
    check_rule(program(name, text), *args, order=2)


@pytest.mark.every(4)
@pytest.mark.parametrize("family", SHAPES, ids=lambda family: family.name)
def test_frozen_distributions(family: Any) -> None:
    shapes = "".join(f"{shape}, " for shape in SHAPES[family])
    text = (
        f"def f(m, s, x):\n    p = stats.{family.name}({shapes}loc=m, scale=s)\n"
        "    return p.logpdf(x) + p.cdf(x) * p.pdf(x)\n"
    )
    inside = family.ppf(np.array([0.35, 0.6]), *SHAPES[family], 0.4, 1.3)
    check_rule(program(f"frozen {family.name}", text), 0.4, 1.3, inside)


SAMPLES = {
    "sem": "stats.sem(x, axis=1) + stats.sem(x, axis=None, ddof=0)",
    "gmean": "np.sum(stats.gmean(x)) + stats.gmean(x, axis=1)",
    "zscore": "stats.zscore(x) + stats.zscore(x, axis=1, ddof=1)",
    "variation": "stats.variation(x, axis=1) + stats.variation(x, axis=None)",
    "skew": "stats.skew(x, axis=1)",
    "kurtosis": "stats.kurtosis(x, axis=1) * stats.kurtosis(x, axis=None, fisher=False)",
    "entropy": "stats.entropy(x, axis=1) + stats.entropy(x[0], qk=x[1]) + stats.entropy(x[0], base=2)",
    "Dirichlet": "stats.dirichlet.pdf(x[0] / np.sum(x[0]), 1.0 + x[1])",
    "multinomial": "stats.multinomial.pmf(np.array([1, 0, 2]), 3, x[0] / np.sum(x[0]))",
    "normal": "stats.multivariate_normal.pdf(x, x[0], np.eye(3) + x.T @ x)",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_and_several_variables(name: str) -> None:
    table = np.array([[0.3, 0.7, 1.2], [0.9, 0.4, 0.35]])
    check_rule(program(name, f"def f(x):\n    return {SAMPLES[name]}\n"), table, order=2)


def test_a_sum_that_is_not_the_integral_is_refused() -> None:
    with pytest.raises(DerivativeError, match="the sum over the intervals of quad is not the integral: divide the"):
        as_integral(0.3, 0.4)


def test_an_integral_is_that_of_scipy() -> None:
    text, args = PROGRAMS["an integral"]
    f = program("value", text)
    assert value_and_grad(f)(*args)[0] == f(*args)


REFUSED: dict[str, tuple[str, type[Exception], str]] = {
    "an infinite way": (
        "integrate.quad(lambda t: np.exp(-x * t), 0.0, np.inf)[0]", DerivativeError, "with an infinite limit",
    ),
    "a curve through two points": (
        "np.sum(interpolate.PchipInterpolator(PLACES[:2], x * PLACES[:2])(1.2))", DerivativeError,
        "the derivative of such an interpolator is known for vectors of at least three values",
    ),
    "a grid that descends": (
        "interpolate.interpn((-PLACES,), x * PLACES, np.array([-0.5]))[0]", DerivativeError,
        "interpolation on a grid is differentiated where it ascends",
    ),
    "a place beyond the grid": (
        "interpolate.interpn((PLACES,), x * PLACES, np.array([7.0]))[0]", ValueError,
        "One of the requested xi is out of bounds",
    ),
    "cubics on a grid": (
        "interpolate.interpn((PLACES,), x * PLACES, np.array([0.5]), method='cubic')[0]", UnsupportedError,
        "is not known when it is given `method`",
    ),
    "places that vary": (
        "CubicSpline(x * PLACES, PLACES)(1.2)", UnsupportedError, "cannot be differentiated by",
    ),
    "periodic splines": (
        "CubicSpline(PLACES, x * np.sin(PLACES * np.pi / 2), bc_type='periodic')(1.2)", DerivativeError,
        "not known with bc_type='periodic'",
    ),
    "an integrand that jumps": (
        "integrate.quad(lambda t: 1.0 if t > x else 0.5 * x, 0.0, 1.0)[0]", DerivativeError,
        "the derivative of this integrand is not integrated well enough: divide the interval",
    ),
    "lines of degree 5": (
        "interpolate.interp1d(PLACES, x * PLACES, kind=5)(1.2)", DerivativeError,
        "the derivative of interp1d is not known with kind=5",
    ),
    "rows of values": (
        "np.sum(interpolate.interp1d(PLACES, x * np.ones((2, 5)))(1.2))", DerivativeError,
        "the derivative of interp1d is known for vectors of values",
    ),
    "moments": ("stats.norm(x, 1.0).mean()", UnsupportedError, "the method `mean` of an object"),
    "several matrices": ("np.sum(linalg.lu_factor(x * np.ones((2, 3)))[0])", DerivativeError, "one square matrix"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, error, reason = REFUSED[name]
    f = program(name, f"def f(x):\n    return {text}\n")
    with pytest.raises(error, match=reason):
        grad(f)(0.7)
