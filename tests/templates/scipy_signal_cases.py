"""Cases of the rules for `scipy.signal`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from tangent_sct.runtime import scipy_signal
from tests.templates.drawn import Drawn

drawn = Drawn(44)
normal = drawn.normal
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


for product in (signal.convolve, signal.correlate, signal.fftconvolve, signal.oaconvolve):
    case(product, normal(5), normal(3))
    for mode in ("full", "same", "valid"):
        case(product, normal(6), normal(3), mode)
        case(product, normal(3), normal(6), mode)
        case(product, normal(4), normal(2), mode=mode)
        case(product, normal(12)[::2], normal(4), mode)
        case(product, normal(4, 5), normal(3, 2), mode)
        case(product, normal(2, 2), normal(4, 5), mode)
        case(product, normal(), normal(), mode)
for chosen in (signal.convolve, signal.correlate):
    for method in ("direct", "fft"):
        case(chosen, normal(4, 5), normal(3, 2), "same", method)
for plane in (signal.convolve2d, signal.correlate2d):
    for mode in ("full", "same", "valid"):
        case(plane, normal(4, 5), normal(3, 2), mode)
        case(plane, normal(2, 2), normal(4, 5), mode)
case(scipy_signal.to_whole, normal(4), np.zeros(6), np.zeros(3), "valid")
case(scipy_signal.to_whole, normal(4, 3), np.zeros((4, 3)), np.zeros((2, 3)), "same")
case(scipy_signal.lagged_products, normal(5), normal(5), np.zeros(3))
case(scipy_signal.lagged_products, normal(2, 4), normal(2, 4), np.zeros(6), 0)
case(scipy_signal.resample_transposed, normal(6), np.zeros(8))
case(scipy_signal.resample_transposed, normal(3, 6), np.zeros((3, 5)), axis=1)

taps, poles = np.array([0.5, 0.3, -0.2]), np.array([1.3, -0.4])
case(signal.lfilter, taps, poles, normal(7))
case(signal.lfilter, taps, 1.3, normal(7))
case(signal.lfilter, 0.4, poles, normal(3, 7))
case(signal.lfilter, taps, poles, normal(3, 7))
case(signal.lfilter, taps, poles, normal(7, 3), 0)
case(signal.lfilter, taps, np.array([2.0]), normal(2))
case(signal.lfilter, taps[:1], np.array([1.0, 0.3, 0.1]), normal(14)[::2])
case(signal.sosfilt, signal.butter(3, 0.4, output="sos"), normal(7))
case(signal.sosfilt, signal.butter(3, 0.4, output="sos"), normal(7, 2), axis=0)
for kind in ("linear", "constant"):
    case(signal.detrend, normal(7), -1, kind)
    case(signal.detrend, normal(8, 3), axis=0, type=kind, bp=4)
for length in (5, 6):
    for number in (4, 5, 6, 8, 9):
        case(signal.resample, normal(length), number)
case(signal.resample, normal(3, 6), 4, axis=1)
