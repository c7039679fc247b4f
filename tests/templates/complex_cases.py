"""Cases of rules at complex arguments: those for real numbers with imaginary parts, and some of their own."""

from __future__ import annotations

import cmath
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from tangent_sct import runtime
from tests.templates import scipy_fft_cases, scipy_special_cases
from tests.templates.cases import CASES, Case

rng = np.random.default_rng(21)


def number(*shape: int) -> Any:
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


v3, A23, A33, z, w = number(3), number(2, 3), number(3, 3), 0.8 - 1.3j, -1.1 + 0.4j
COMPLEX_CASES: list[Case] = [*scipy_special_cases.COMPLEX_CASES, *scipy_fft_cases.COMPLEX_CASES]
"""Cases of functions whose arguments are not those of real numbers."""


def case(function: Any, *args: Any, **keywords: Any) -> None:
    COMPLEX_CASES.append((function, args, keywords))


for function in (
    cmath.exp, cmath.log, cmath.log10, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan, cmath.asin, cmath.acos,
    cmath.atan, cmath.sinh, cmath.cosh, cmath.tanh, cmath.asinh, cmath.acosh, cmath.atanh, cmath.phase,
):  # fmt: skip
    # One in each quadrant: branches are cut along the axes.
    for sample in (z, w, -z, -w):
        case(function, sample)
case(cmath.log, z, w)
case(cmath.rect, 1.3, 0.7)
for make in (complex, np.complex128):
    case(make, 1.3, 0.7)
    case(make, z, w)
    case(make, z, 0.7)
case(np.angle, z)
case(np.angle, A23)
for part in (np.real, np.imag):
    case(part, z)
    case(part, A23)
case(np.ndarray.conjugate, A23)
case(abs, z)
case(abs, A23)
for power in (operator.pow, np.power):
    case(power, z, 2)
    case(power, z, -1.5)
    case(power, z, w)
    case(power, -0.7, w)
    case(power, np.array([-0.7, 0.4]), w)
    case(power, A23, v3)
case(np.vdot, v3, number(3))
case(np.vdot, v3, np.array([0.3, -0.5, 1.2]))
case(np.vdot, np.array([0.3, -0.5, 1.2]), v3)
case(np.vdot, A23, number(2, 3))
for order in (None, 2, 3, 1.5):
    case(np.linalg.norm, v3, order)
case(np.linalg.norm, A23)
case(np.linalg.norm, A23, axis=1)
case(np.linalg.norm, A23, None, 0, True)
case(np.tensordot, A23, number(3, 2), axes=1)
for whole in (np.fft.fftn, np.fft.ifftn):
    case(whole, A23)
    case(whole, A23, axes=(1,), norm="ortho")
for transform in (np.fft.fft, np.fft.ifft, np.fft.fft2, np.fft.ifft2, np.fft.fftshift, np.fft.ifftshift):
    case(transform, number(4, 3))
    case(transform, rng.standard_normal((3, 4)))
for transform in (np.fft.fft, np.fft.ifft, np.fft.irfft):
    case(transform, number(5), n=7)
    case(transform, number(5), n=4)
    case(transform, A23, axis=0, norm="ortho")
    case(transform, number(4), norm="forward")
case(np.fft.irfft, number(4))
for length in (4, 5):
    case(np.fft.rfft, rng.standard_normal(length))
    case(np.fft.rfft, rng.standard_normal(length), n=7)
    case(np.fft.rfft, rng.standard_normal(length), n=3, norm="ortho")
    case(np.fft.rfft, rng.standard_normal((length, 2)), axis=0)
case(runtime.fitted_length, number(3), like=np.zeros(5))
case(runtime.fitted_length, number(4), like=np.zeros(2))
case(runtime.fitted_shape, number(4, 2), like=np.zeros((3, 3)))


def with_imaginary_parts(x: Any, draw: np.random.Generator) -> Any:
    """An argument for real numbers as a complex one; what holds no floats stays."""
    if isinstance(x, (tuple, list)):
        return type(x)(with_imaginary_parts(item, draw) for item in x)
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x + 1j * draw.uniform(-1.0, 1.0, x.shape)
    return complex(x, draw.uniform(-1.0, 1.0)) if isinstance(x, float) else x


def variants(found: Case, draw: np.random.Generator) -> Iterator[Case]:
    """All arguments complex, and each one alone beside real ones."""
    function, args, keywords = found
    yield function, tuple(with_imaginary_parts(a, draw) for a in args), keywords
    if len(args) > 1:
        for place, argument in enumerate(args):
            mixed = (*args[:place], with_imaginary_parts(argument, draw), *args[place + 1 :])
            if mixed[place] is not argument:
                yield function, mixed, keywords


def cases_of(function: Any, seed: int = 0) -> list[Case]:
    """All cases of a function at complex arguments; imaginary parts are drawn from a seed."""
    draw = np.random.default_rng(seed)
    made = [variant for found in CASES if found[0] is function for variant in variants(found, draw)]
    return made + [found for found in COMPLEX_CASES if found[0] is function]
