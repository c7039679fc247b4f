"""Source-to-source automatic differentiation for Python and NumPy."""

from tangent_sct.api import grad, hessian, jacobian, jvp, value_and_grad, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.runtime import DerivativeError
from tangent_sct.templating.language import (
    d,
    each,
    isscalar,
    linear,
    ndim,
    partials,
    rule,
    zero,
)

__all__ = [
    "DerivativeError",
    "UnsupportedError",
    "d",
    "each",
    "grad",
    "hessian",
    "isscalar",
    "jacobian",
    "jvp",
    "linear",
    "ndim",
    "partials",
    "rule",
    "value_and_grad",
    "vjp",
    "zero",
]
