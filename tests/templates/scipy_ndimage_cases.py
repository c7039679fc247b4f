"""Cases of the rules for `scipy.ndimage`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from tangent_sct.runtime import scipy_ndimage
from tests.templates.drawn import Drawn

drawn = Drawn(45)
normal = drawn.normal
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


MODES = ("reflect", "mirror", "nearest", "wrap", "constant", "grid-mirror", "grid-wrap", "grid-constant")
for mode in MODES:
    for line in (ndimage.correlate1d, ndimage.convolve1d):
        case(line, normal(6), normal(3), mode=mode, cval=0.7)
        case(line, normal(6), normal(4), mode=mode, origin=1)
        case(line, normal(4, 6)[::2], normal(5), mode=mode, origin=-1)
        case(line, normal(3, 4), normal(4), 0, mode=mode, cval=0.7)
    for plane in (ndimage.correlate, ndimage.convolve):
        case(plane, normal(4, 5), normal(3, 2), mode=mode, cval=0.7)
        case(plane, normal(5), normal(4), mode=mode)
        # Wider than the input, so that the ends are repeated more than once.
        case(plane, normal(2, 3), normal(3, 5), mode=mode, cval=-0.3)
        case(plane, normal(4, 5), normal(3, 4), mode=mode, origin=(1, -1))
    for size in (3, 4):
        case(ndimage.uniform_filter1d, normal(6), size, mode=mode, cval=0.7)
        case(ndimage.uniform_filter1d, normal(6, 2), size, 0, mode=mode, origin=1)
        case(ndimage.uniform_filter, normal(4, 5), size, mode=mode, cval=0.7)
    case(ndimage.uniform_filter, normal(4, 5), (3, 2), mode=mode)
    case(ndimage.gaussian_filter1d, normal(6), 0.8, mode=mode, cval=0.7)
    case(ndimage.gaussian_filter1d, normal(6, 3), 0.6, 0, 1, mode=mode, truncate=2.5)
    case(ndimage.gaussian_filter1d, normal(3, 6), 0.6, order=2, mode=mode, radius=2)
    case(ndimage.gaussian_filter, normal(4, 5), 0.8, mode=mode, cval=0.7)
    case(ndimage.gaussian_filter, normal(), 0.8, mode=mode)
    case(ndimage.correlate, normal(), normal(), mode=mode)
    case(ndimage.laplace, normal(), mode=mode)
    case(ndimage.gaussian_filter, normal(4, 5), (0.8, 0.4), (0, 1), mode=mode)
    case(ndimage.gaussian_filter, normal(2, 3, 4), 0.5, 1, mode=mode, radius=2)
    case(ndimage.laplace, normal(4, 5), mode=mode, cval=0.7)
    for edges in (ndimage.sobel, ndimage.prewitt):
        case(edges, normal(4, 5), mode=mode, cval=0.7)
        case(edges, normal(4, 5), 0, mode=mode)
    case(scipy_ndimage.folded, normal(9, 3), np.zeros((3, 3)), mode)
    case(scipy_ndimage.extended, normal(3, 2), (4, 0), mode, cval=0.7)
    case(scipy_ndimage.tap_products, normal(4, 5), normal(4, 5), np.zeros((3, 2)), mode, cval=0.7)
case(scipy_ndimage.tap_products, normal(5), normal(5), np.zeros(4), origin=1)
case(scipy_ndimage.surrounded, normal(3, 2), 2)
case(scipy_ndimage.surrounded, normal(3, 2), (1, 2))
case(scipy_ndimage.surrounded, normal(3, 2), 2, 0)
