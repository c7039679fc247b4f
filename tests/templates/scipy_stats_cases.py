"""Cases of the rules for `scipy.stats`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from tangent_sct.runtime.scipy_stats import log1p_ratio

rng = np.random.default_rng(42)
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


def within(*shape: int) -> Any:
    """Numbers in (0.1, 0.9)."""
    return rng.uniform(0.1, 0.9, shape)


FUNCTIONS = ("pdf", "logpdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf")
SHAPES: dict[Any, tuple[float, ...]] = {
    stats.norm: (), stats.expon: (), stats.uniform: (), stats.laplace: (), stats.logistic: (), stats.cauchy: (),
    stats.gumbel_r: (), stats.gumbel_l: (), stats.halfnorm: (), stats.rayleigh: (), stats.lognorm: (0.7,),
    stats.gamma: (2.3,), stats.t: (3.4,), stats.chi2: (3.3,), stats.invgamma: (2.6,), stats.weibull_min: (1.7,),
    stats.pareto: (2.2,), stats.beta: (1.6, 2.7),
    stats.moyal: (), stats.hypsecant: (), stats.semicircular: (), stats.arcsine: (), stats.halfcauchy: (),
    stats.halflogistic: (), stats.maxwell: (), stats.levy: (), stats.gennorm: (1.6,), stats.skewnorm: (1.4,),
    stats.vonmises: (1.7,), stats.loggamma: (1.3,), stats.powerlaw: (1.6,), stats.truncexpon: (1.8,),
    stats.triang: (0.3,), stats.wrapcauchy: (0.4,), stats.chi: (2.6,), stats.invgauss: (0.8,), stats.gompertz: (0.7,),
    stats.weibull_max: (1.6,), stats.fisk: (1.9,), stats.lomax: (1.8,), stats.rice: (0.9,), stats.nakagami: (1.2,),
    stats.genpareto: (0.3,), stats.genextreme: (-0.2,), stats.johnsonsu: (0.4, 1.3), stats.loguniform: (0.5, 2.5),
    stats.f: (3.4, 5.2), stats.betaprime: (2.2, 3.1), stats.truncnorm: (-0.8, 1.3),
}  # fmt: skip
for family, shapes in SHAPES.items():
    for name in FUNCTIONS:
        function = getattr(family, name)
        inverse = name in ("ppf", "isf")
        # A point at which the family has some density, or a probability.
        point = within(2, 3) if inverse else family.ppf(within(2, 3), *shapes, 0.4, 1.3)
        case(function, point, *shapes, 0.4, 1.3)
        case(function, point, *shapes, within(3) - 0.1 if inverse else np.full(3, 0.4), scale=1.3)
        case(function, within(3) if inverse else family.ppf(within(3), *shapes), *shapes)
        case(function, float(point[0, 0]), *shapes, 0.4, scale=1.3)
        if name in ("pdf", "cdf", "sf"):
            # Outside of the support, where there is such a place.
            case(function, np.array([-1.5, 0.8]), *shapes, 0.1, 0.6)
for family, parameters in (
    (stats.poisson, (2.4,)), (stats.binom, (5, 0.3)), (stats.bernoulli, (0.3,)), (stats.nbinom, (3.2, 0.4)),
    (stats.geom, (0.3,)), (stats.logser, (0.3,)), (stats.betabinom, (5, 2.3, 1.4)),
):  # fmt: skip
    for name in ("pmf", "logpmf", "cdf", "sf"):
        if family in (stats.bernoulli, stats.logser, stats.betabinom) and name in ("cdf", "sf"):
            continue
        first = 1 if family in (stats.geom, stats.logser) else 0
        case(getattr(family, name), np.array([1, first]), *parameters)
        case(getattr(family, name), 1, *parameters)
        case(getattr(family, name), np.array([[2], [first + 1]]), *parameters, 1)
        case(getattr(family, name), np.array([[1], [first]]), *parameters[:-1], within(3))
        if name != "logpmf":
            case(getattr(family, name), np.array([1, -1, 9]), *parameters)
case(stats.gamma.logpdf, within(3), scale=1.3, a=2.0)
case(stats.t.logpdf, within(3), df=np.array([1.3, 2.0, 40.0]))
cov = np.array([[2.0, 0.3, -0.4], [0.3, 1.0, 0.2], [-0.4, 0.2, 1.5]])
case(stats.multivariate_normal.logpdf, within(3), within(3), cov)
case(stats.multivariate_normal.logpdf, within(4, 3), within(3), cov)
alpha = np.array([1.3, 2.4, 3.1])
parts = np.array([[0.2, 0.5], [0.3, 0.1]])
case(stats.dirichlet.logpdf, parts, alpha)
case(stats.dirichlet.logpdf, parts[:, 0], alpha)
counts = np.array([[2, 1, 3], [1, 4, 1]])
case(stats.multinomial.logpmf, counts, 6, np.array([0.3, 0.5, 0.2]))
case(stats.multinomial.logpmf, counts[0], 6, np.array([[0.3, 0.5, 0.2], [0.1, 0.3, 0.6]]))
case(log1p_ratio, np.array([0.0, 0.05, -0.4, 1.7, -0.001]), np.array([1.3, 2.0, 1.5, 0.4, 0.6]))
case(log1p_ratio, np.array([0.0, 0.05, -0.4, 1.7, -0.001]), np.array([1.3, 2.0, 1.5, 0.4, 0.6]), 1)
case(log1p_ratio, 0.3, within(3), 2)
