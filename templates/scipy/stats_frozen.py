"""Distributions of `scipy.stats` whose parameters are given once: the functions of the family, with them."""

from scipy import stats

from tangent_sct.runtime.scipy_stats import OfScale, OfShape, OfTwoShapes
from tangent_sct.templating.language import expanded


@expanded(stats.norm)
def norm(loc=0, scale=1):
    return OfScale(stats.norm, loc, scale)


@expanded(stats.gamma)
def gamma(a, loc=0, scale=1):
    return OfShape(stats.gamma, a, loc, scale)
