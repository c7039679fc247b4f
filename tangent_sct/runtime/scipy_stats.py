"""Distributions of `scipy.stats` with given parameters, as their derivatives know them."""

from __future__ import annotations

from typing import Any


class OfScale:
    is_followed = True

    def __init__(self, family: Any, loc: Any, scale: Any) -> None:
        self.family = family
        self.loc = loc
        self.scale = scale

    def logpdf(self, x: Any) -> Any:
        return self.family.logpdf(x, self.loc, self.scale)

    def pdf(self, x: Any) -> Any:
        return self.family.pdf(x, self.loc, self.scale)

    def cdf(self, x: Any) -> Any:
        return self.family.cdf(x, self.loc, self.scale)

class OfShape:
    is_followed = True

    def __init__(self, family: Any, shape, loc: Any, scale: Any) -> None:
        self.family = family
        self.shape = shape
        self.loc = loc
        self.scale = scale

    def logpdf(self, x: Any) -> Any:
        return self.family.logpdf(x, self.shape, self.loc, self.scale)
OfTwoShapes = OfShape
