"""Constants of classes that say themselves what operators do: the derivative is that of numbers and arrays."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad
from tangent_sct.testing import check_derivative

X = np.array([0.7, 1.3, 0.4, 1.9])


class Thrice(float):
    def __mul__(self, other):
        return other * 3.0

    __rmul__ = __mul__


class Tenfold:
    """With operators of its own, and none that is called."""

    def __mul__(self, other):
        return other * 10.0

    __rmul__ = __mul__

    def __neg__(self):
        return 5.0

    def __array__(self, dtype=None, copy=None):
        return np.full(4, 2.0)


class Backwards(float):
    """Greater where it is smaller: NumPy's maximum knows nothing of it, and Python's does."""

    def __gt__(self, other):
        return float(self) < float(other)

    def __lt__(self, other):
        return float(self) > float(other)


THRICE, TENFOLD = Thrice(2.0), Tenfold()
HELD = SimpleNamespace(factor=THRICE, other=TENFOLD)


def of_a_number(x):
    return x[0] * THRICE


def of_a_number_that_is_held(x):
    return np.sum(x * HELD.factor) * x[0]


def of_a_number_that_is_chosen(x):
    return x[0] * (THRICE if x[1] > 0 else 2.0)


def of_what_can_be_an_array(x):
    return np.sum(x * HELD.other)


def of_what_is_negated(x):
    return np.sum(x * -TENFOLD)


@pytest.mark.parametrize(
    "f",
    [of_a_number, of_a_number_that_is_held, of_a_number_that_is_chosen, of_what_can_be_an_array, of_what_is_negated],
)
def test_operators_of_their_own_are_refused(f) -> None:
    """Adjoints were multiplied by them, which the program itself may not even call; `x * -o` was `-x * o`."""
    with pytest.raises((UnsupportedError, DerivativeError), match="its own|itself"):
        grad(f)(X)


def test_fractions_are_numbers() -> None:
    third = Fraction(1, 3)
    check_derivative(lambda x: float(third) * x * x + x * third, 0.7)


def test_an_order_of_its_own_is_refused() -> None:
    def greatest(x, o):
        return max(o, x[1]) * x[2]

    with pytest.raises(TypeError, match="argument `o` holds a Backwards, whose arithmetic is its own"):
        grad(greatest)(X, Backwards(0.5))
