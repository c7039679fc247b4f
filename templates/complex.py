"""Which functions have rules that hold for complex numbers; all others are refused there.

Without conjugation in the transpose (`docs/conventions.md`) the rule of a holomorphic function holds as it was
written for real numbers. The tests try each of these at complex arguments, against differences.
"""

import operator

import numpy as np

from tangent_sct.templating.language import for_complex

# Arithmetic.
for_complex(
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.neg, operator.pos,
    np.add, np.subtract, np.multiply, np.divide, np.power, np.negative, np.positive,
    complex, np.complex128,
)  # fmt: skip

# Elementwise functions.
for_complex(
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.square, np.reciprocal,
    np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan,
    np.sinh, np.cosh, np.tanh, np.arcsinh, np.arctanh, np.where,
)  # fmt: skip

# Functions that are real differentiable only.
for_complex(
    abs, operator.abs, np.absolute, np.real, np.imag, np.conjugate, np.ndarray.conjugate, np.angle,
    np.linalg.norm, np.vdot,
    holomorphic=False,
)  # fmt: skip
for_complex(operator.getitem, np.sum)
