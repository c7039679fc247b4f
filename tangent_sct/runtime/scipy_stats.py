"""Distributions of `scipy.stats` whose parameters are given once, as their derivatives know them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_TERMS = 36
"""How many terms of the series of `log1p_ratio` are summed: 0.3 to that power is nothing."""


def log1p_ratio(c: Any, z: Any, n: int = 0) -> Any:
    """log(1 + c z) / c, which is z where c is 0, or its n-th derivative by c.

    The derivatives h_n of h = log(1 + c z) / c follow from c h = log(1 + c z), differentiated n times:
    c h_n + n h_(n-1) = -(n - 1)! (-z / (1 + c z))^n. Near c z = 0 digits would cancel, and the series is summed.

    Args:
        c: numbers.
        z: numbers for which 1 + c z is positive.
        n: how often it is differentiated.

    >>> float(log1p_ratio(0.0, 3.0)), float(log1p_ratio(0.0, 3.0, 1)), float(log1p_ratio(1.0, 3.0).round(3))
    (3.0, -4.5, 1.386)
    """
    u = np.multiply(c, z)
    is_small = np.abs(u) < 0.3
    near, power = np.zeros(np.shape(u)), np.ones(np.shape(u))
    for k in range(n, n + _TERMS):
        near += (-1) ** k * math.perm(k, n) / (k + 1) * power
        power *= np.where(is_small, u, 0.0)
    near *= np.power(z, n + 1)
    divisor, within = np.where(is_small, 1.0, c), np.where(is_small, 0.0, u)
    far = np.log1p(within) / divisor
    slope = -np.divide(z, 1 + within)
    for k in range(1, n + 1):
        far = -(math.factorial(k - 1) * slope**k + k * far) / divisor
    return np.where(is_small, near, far)[()]


class OfScale:
    """A distribution of a family with a place and a scale.

    Args:
        family: the family.
        loc: the place.
        scale: the scale.

    >>> from scipy import stats
    >>> float(OfScale(stats.norm, 1.0, 2.0).cdf(1.0))
    0.5
    """

    is_followed = True

    def __init__(self, family: Any, loc: Any, scale: Any) -> None:
        self.family = family
        self.loc = loc
        self.scale = scale

    def pdf(self, x: Any) -> Any:
        """The density."""
        return self.family.pdf(x, self.loc, self.scale)

    def logpdf(self, x: Any) -> Any:
        """The logarithm of the density."""
        return self.family.logpdf(x, self.loc, self.scale)

    def cdf(self, x: Any) -> Any:
        """The distribution function."""
        return self.family.cdf(x, self.loc, self.scale)

    def logcdf(self, x: Any) -> Any:
        """Its logarithm."""
        return self.family.logcdf(x, self.loc, self.scale)

    def sf(self, x: Any) -> Any:
        """What is left of it to one."""
        return self.family.sf(x, self.loc, self.scale)

    def logsf(self, x: Any) -> Any:
        """The logarithm of that."""
        return self.family.logsf(x, self.loc, self.scale)

    def ppf(self, q: Any) -> Any:
        """The inverse of the distribution function."""
        return self.family.ppf(q, self.loc, self.scale)

    def isf(self, q: Any) -> Any:
        """The inverse of what is left to one."""
        return self.family.isf(q, self.loc, self.scale)


class OfShape:
    """A distribution of a family with a shape, too.

    Args:
        family: the family.
        shape: its shape.
        loc: the place.
        scale: the scale.

    >>> from scipy import stats
    >>> float(OfShape(stats.gamma, 1.0, 0.0, 2.0).pdf(0.0))
    0.5
    """

    is_followed = True

    def __init__(self, family: Any, shape: Any, loc: Any, scale: Any) -> None:
        self.family = family
        self.shape = shape
        self.loc = loc
        self.scale = scale

    def pdf(self, x: Any) -> Any:
        """The density."""
        return self.family.pdf(x, self.shape, self.loc, self.scale)

    def logpdf(self, x: Any) -> Any:
        """The logarithm of the density."""
        return self.family.logpdf(x, self.shape, self.loc, self.scale)

    def cdf(self, x: Any) -> Any:
        """The distribution function."""
        return self.family.cdf(x, self.shape, self.loc, self.scale)

    def logcdf(self, x: Any) -> Any:
        """Its logarithm."""
        return self.family.logcdf(x, self.shape, self.loc, self.scale)

    def sf(self, x: Any) -> Any:
        """What is left of it to one."""
        return self.family.sf(x, self.shape, self.loc, self.scale)

    def logsf(self, x: Any) -> Any:
        """The logarithm of that."""
        return self.family.logsf(x, self.shape, self.loc, self.scale)

    def ppf(self, q: Any) -> Any:
        """The inverse of the distribution function."""
        return self.family.ppf(q, self.shape, self.loc, self.scale)

    def isf(self, q: Any) -> Any:
        """The inverse of what is left to one."""
        return self.family.isf(q, self.shape, self.loc, self.scale)


class OfTwoShapes:
    """A distribution of a family with two shapes.

    Args:
        family: the family.
        a: its first shape.
        b: its second shape.
        loc: the place.
        scale: the scale.

    >>> from scipy import stats
    >>> round(float(OfTwoShapes(stats.beta, 1.0, 1.0, 0.0, 2.0).pdf(0.5)), 9)
    0.5
    """

    is_followed = True

    def __init__(self, family: Any, a: Any, b: Any, loc: Any, scale: Any) -> None:
        self.family = family
        self.a = a
        self.b = b
        self.loc = loc
        self.scale = scale

    def pdf(self, x: Any) -> Any:
        """The density."""
        return self.family.pdf(x, self.a, self.b, self.loc, self.scale)

    def logpdf(self, x: Any) -> Any:
        """The logarithm of the density."""
        return self.family.logpdf(x, self.a, self.b, self.loc, self.scale)

    def cdf(self, x: Any) -> Any:
        """The distribution function."""
        return self.family.cdf(x, self.a, self.b, self.loc, self.scale)

    def logcdf(self, x: Any) -> Any:
        """Its logarithm."""
        return self.family.logcdf(x, self.a, self.b, self.loc, self.scale)

    def sf(self, x: Any) -> Any:
        """What is left of it to one."""
        return self.family.sf(x, self.a, self.b, self.loc, self.scale)

    def logsf(self, x: Any) -> Any:
        """The logarithm of that."""
        return self.family.logsf(x, self.a, self.b, self.loc, self.scale)

    def ppf(self, q: Any) -> Any:
        """The inverse of the distribution function."""
        return self.family.ppf(q, self.a, self.b, self.loc, self.scale)

    def isf(self, q: Any) -> Any:
        """The inverse of what is left to one."""
        return self.family.isf(q, self.a, self.b, self.loc, self.scale)


class OfCounts:
    """A distribution of counts with one parameter.

    Args:
        family: the family.
        shape: its shape.
        loc: the place.

    >>> from scipy import stats
    >>> float(OfCounts(stats.bernoulli, 0.5, 0).pmf(1))
    0.5
    """

    is_followed = True

    def __init__(self, family: Any, shape: Any, loc: Any) -> None:
        self.family = family
        self.shape = shape
        self.loc = loc

    def pmf(self, k: Any) -> Any:
        """The probability."""
        return self.family.pmf(k, self.shape, self.loc)

    def logpmf(self, k: Any) -> Any:
        """The logarithm of the probability."""
        return self.family.logpmf(k, self.shape, self.loc)

    def cdf(self, k: Any) -> Any:
        """The distribution function."""
        return self.family.cdf(k, self.shape, self.loc)

    def sf(self, k: Any) -> Any:
        """What is left of it to one."""
        return self.family.sf(k, self.shape, self.loc)


class OfTrials:
    """A distribution of counts with two parameters.

    Args:
        family: the family.
        a: its first shape.
        b: its second shape.
        loc: the place.

    >>> from scipy import stats
    >>> float(OfTrials(stats.binom, 1, 0.5, 0).pmf(1))
    0.5
    """

    is_followed = True

    def __init__(self, family: Any, a: Any, b: Any, loc: Any) -> None:
        self.family = family
        self.a = a
        self.b = b
        self.loc = loc

    def pmf(self, k: Any) -> Any:
        """The probability."""
        return self.family.pmf(k, self.a, self.b, self.loc)

    def logpmf(self, k: Any) -> Any:
        """The logarithm of the probability."""
        return self.family.logpmf(k, self.a, self.b, self.loc)

    def cdf(self, k: Any) -> Any:
        """The distribution function."""
        return self.family.cdf(k, self.a, self.b, self.loc)

    def sf(self, k: Any) -> Any:
        """What is left of it to one."""
        return self.family.sf(k, self.a, self.b, self.loc)
