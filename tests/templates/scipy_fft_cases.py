"""Cases of the rules for `scipy.fft`."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft

from tangent_sct.runtime import scipy_fft
from tests.templates.drawn import Drawn

drawn = Drawn(43)
normal = drawn.normal
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
COMPLEX_CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


def complex_case(function: Any, *args: Any, **keywords: Any) -> None:
    COMPLEX_CASES.append((function, args, keywords))


def number(*shape: int) -> Any:
    return normal(*shape) + 1j * normal(*shape)


for transform in (scipy.fft.dct, scipy.fft.idct, scipy.fft.dst, scipy.fft.idst):
    case(transform, normal(4))
    for kind in (1, 2, 3, 4):
        for norm in ("backward", "forward", "ortho"):
            case(transform, normal(5), kind, norm=norm)
            case(transform, normal(4, 2), kind, 6, 0, norm)
            case(transform, normal(4, 3), kind, 3, 0, norm)
for several in (scipy.fft.dctn, scipy.fft.idctn, scipy.fft.dstn, scipy.fft.idstn):
    case(several, normal())
    case(several, normal(3, 4))
    case(several, normal(3, 4)[:, ::2], 3, axes=0)
    case(several, normal(2, 3, 4), 2, axes=(0, 2), norm="ortho")
for transposed in (scipy_fft.dct_transposed, scipy_fft.dst_transposed):
    case(transposed, normal(5), np.zeros(4), 2)
    case(transposed, normal(3, 4), np.zeros((3, 4)), 3, 1, "forward")
case(scipy.fft.fftshift, normal(3, 4))
case(scipy.fft.ifftshift, normal(3, 4), axes=1)

for transform in (scipy.fft.fft, scipy.fft.ifft, scipy.fft.rfft, scipy.fft.ihfft):
    complex_case(transform, normal(5))
    complex_case(transform, normal(4, 3), n=6, axis=0, norm="ortho")
    complex_case(transform, normal(5), n=3, norm="forward")
for transform in (scipy.fft.fft, scipy.fft.ifft, scipy.fft.irfft, scipy.fft.hfft):
    complex_case(transform, number(5))
    complex_case(transform, number(4, 3), n=7, axis=0, norm="ortho")
    complex_case(transform, number(4, 3), n=4, axis=0, norm="forward")
for plane in (scipy.fft.fft2, scipy.fft.ifft2, scipy.fft.fftn, scipy.fft.ifftn):
    complex_case(plane, number(3, 4))
    complex_case(plane, normal(2, 3, 4), axes=(0, 2), norm="ortho")
for sized in (scipy.fft.fft2, scipy.fft.ifft2, scipy.fft.irfft2):
    complex_case(sized, number(3, 4), (4, 3))
complex_case(scipy.fft.rfft2, normal(3, 4))
complex_case(scipy.fft.rfft2, normal(3, 5), axes=(1, 0))
complex_case(scipy.fft.irfft2, number(3, 4))
for shift in (scipy.fft.fftshift, scipy.fft.ifftshift):
    complex_case(shift, number(3, 4))
