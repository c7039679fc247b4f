"""Powers and polynomials seen backwards, bins, and modified Bessel functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError


def polyval_adjoint(g: Any, x: Any, like: Any) -> Any:
    """What `g`, the adjoint of `np.polyval(p, x)`, gives to each coefficient: sums of `g` times powers of `x`.

    Args:
        g: the adjoint of the values.
        x: where the polynomial was evaluated.
        like: its coefficients; only their number counts.

    >>> polyval_adjoint(1.0, 3.0, np.zeros(3)).tolist()
    [9.0, 3.0, 1.0]
    """
    g, x = np.broadcast_arrays(g, x)
    result = np.zeros(len(like), np.result_type(g, x))
    power = g
    for place in range(len(like) - 1, -1, -1):
        result[place] = np.sum(power)
        power = power * x
    return result


def powers(size: int, count: int | None = None, increasing: bool = False) -> Any:
    """The exponents of the columns of `np.vander`.

    >>> powers(3).tolist()
    [2, 1, 0]
    """
    found = np.arange(size if count is None else count)
    return found if increasing else found[::-1]


def simple_zeros(p: Any) -> Any:
    """The coefficients of a polynomial whose zeros have derivatives by all of them.

    Args:
        p: the coefficients, the highest power first.

    Raises:
        DerivativeError: when the first is zero, so that a zero of the polynomial lies at infinity; or the last, with
            which `np.roots` counts a zero apart.

    >>> simple_zeros([1.0, -3.0, 2.0]).tolist()
    [1.0, -3.0, 2.0]
    """
    p = np.asarray(p)
    if p.ndim != 1 or len(p) == 0 or p[0] == 0 or p[-1] == 0:
        raise DerivativeError("the zeros of a polynomial whose first or last coefficient is zero have no derivative")
    return p


def leading_zeros(p: Any, tolerance: float = 0.0) -> int:
    """How many coefficients of a polynomial are zero before the first that is not; all but one at most.

    Args:
        p: the coefficients.
        tolerance: what counts as zero.

    >>> leading_zeros(np.array([0.0, 0.0, 2.0]))
    2
    """
    places = np.flatnonzero(np.abs(p) > tolerance)
    return int(places[0]) if len(places) else np.size(p) - 1


def bin_places(a: Any, edges: Any) -> tuple[Any, Any]:
    """Which entries lie in the bins between edges, and in which; the last bin has both of its edges.

    >>> inside, places = bin_places(np.array([0.5, 2.0, 3.0]), np.array([0.0, 1.0, 2.0]))
    >>> inside.tolist(), places.tolist()
    ([True, True, False], [0, 1])
    """
    a = np.ravel(a)
    inside = (a >= edges[0]) & (a <= edges[-1])
    places = np.searchsorted(edges, a[inside], "right") - 1
    return inside, np.minimum(places, len(edges) - 2)


def bessel_i(x: Any, order: int) -> Any:
    """The modified Bessel function of the first kind of an integer order.

    It is the mean of exp(x cos t) cos(order t) over a period. Of a smooth periodic function the mean of evenly spaced
    values is exact to all digits once there are enough of them, here a multiple of the root of the argument.

    Args:
        x: a number or an array.
        order: a whole number.

    >>> round(float(bessel_i(1.0, 1)), 12)
    0.565159103992
    """
    x = np.asarray(x)
    largest = float(np.max(np.abs(x), initial=0.0, where=np.isfinite(x)))
    count = 24 + 2 * abs(order) + int(9 * np.sqrt(largest))
    total = np.zeros_like(x)
    for angle in np.arange(count) * (2 * np.pi / count):
        total = total + np.exp(x * x.dtype.type(np.cos(angle))) * x.dtype.type(np.cos(order * angle))
    return (total / count)[()]
