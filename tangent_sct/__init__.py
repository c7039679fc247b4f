"""Source-to-source automatic differentiation for Python and NumPy."""

from tangent_sct.api import grad, hessian, jacobian, jvp, value_and_grad, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.runtime import (
    DerivativeError,
    checkpointed,
    insert_grad_of,
    register_container,
    stop_gradient,
    tria,
)
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
from tangent_sct.templating.numerical import numerical
from tangent_sct.testing import check_derivative

__all__ = [
    "DerivativeError",
    "UnsupportedError",
    "check_derivative",
    "checkpointed",
    "d",
    "each",
    "grad",
    "hessian",
    "insert_grad_of",
    "isscalar",
    "jacobian",
    "jvp",
    "linear",
    "ndim",
    "numerical",
    "partials",
    "register_container",
    "rule",
    "stop_gradient",
    "tria",
    "value_and_grad",
    "vjp",
    "zero",
]
