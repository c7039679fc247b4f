"""Roots of functions of one variable, found by SciPy, whose derivative is that of the implicit function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from tangent_sct.runtime.errors import DerivativeError

_STEP = 1e-5
"""Of a difference quotient, by the size of the root: its error is some 1e-10 of the slope."""

_FAR = 1e-6
"""How far a step of Newton may go from a root, by the size of the root."""


def bracketed_root(method: str, f: Callable[..., Any], a: float, b: float, args: Any, **options: Any) -> float:
    """A root between two places, by a method of SciPy.

    Args:
        method: `"brentq"`, `"brenth"`, `"ridder"`, `"bisect"` or `"toms748"`.
        f: the function.
        a: where one of its signs is.
        b: where the other is.
        args: what it is given besides.
        options: of the method.

    Raises:
        DerivativeError: when the root is none of a smooth function, or a multiple one.

    >>> round(bracketed_root("brentq", lambda t: t * t - 4.0, 0.0, 5.0, ()), 9)
    2.0
    """
    root = float(getattr(optimize, method)(f, a, b, args=args, **options))

    def slope(h: float) -> float:
        return float(f(root + h, *args) - f(root - h, *args)) / (2.0 * h)

    with np.errstate(all="ignore"):
        near, wide = slope(root_step(root)), slope(10.0 * root_step(root))
        step = abs(f(root, *args) / near) if near else np.inf
    # Of a multiple root the slope is the steeper, the farther from it.
    if not step <= _FAR * max(1.0, abs(root)) or not abs(wide - near) <= 0.5 * abs(near):
        raise DerivativeError(
            f"{method} has found {root:.6g}, where the function is not smooth, or does not cross zero: the root has "
            "no derivative there"
        )
    return root


def root_step(root: float) -> float:
    """How far from a root its slope is measured."""
    return _STEP * max(1.0, abs(root))


def smooth_root(f: Callable[..., Any], root: float, args: Any) -> float:
    """A root, as a function of all that the function reads.

    Its derivatives are those of two steps of Newton from the root, of which each doubles the order up to which they
    are those of the implicit function (Griewank and Walther, Evaluating Derivatives, section 15.3).

    Args:
        f: the function.
        root: a root of it.
        args: what it is given besides.
    """
    return root
