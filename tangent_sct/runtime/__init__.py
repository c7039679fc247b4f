"""What generated code calls where plain NumPy has no word for it; needs NumPy only."""

from tangent_sct.runtime.arrays import (
    along,
    broadcast_like,
    column_span,
    recast,
    row_span,
    span,
    take_along_index,
    unbroadcast,
    undiagonal,
    unreduce,
    zeros_like,
)
from tangent_sct.runtime.checks import check_scalar, check_seed, check_view, copied
from tangent_sct.runtime.elementwise import sinc_derivative, ties
from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.linalg import (
    columns_outer,
    columns_product,
    dot_left,
    dot_right,
    einsum_adjoint,
    lower_half,
    matmul_left,
    matmul_right,
    tensordot_left,
    tensordot_right,
    transposed,
    vector_order,
)
from tangent_sct.runtime.products import leave_one_out, others
from tangent_sct.runtime.sequences import convolved, to_full, unpadded, unrepeat, untile

__all__ = [
    "DerivativeError",
    "along",
    "broadcast_like",
    "check_scalar",
    "check_seed",
    "check_view",
    "column_span",
    "columns_outer",
    "columns_product",
    "convolved",
    "copied",
    "dot_left",
    "dot_right",
    "einsum_adjoint",
    "leave_one_out",
    "lower_half",
    "matmul_left",
    "matmul_right",
    "others",
    "recast",
    "row_span",
    "sinc_derivative",
    "span",
    "take_along_index",
    "tensordot_left",
    "tensordot_right",
    "ties",
    "to_full",
    "transposed",
    "unbroadcast",
    "undiagonal",
    "unpadded",
    "unreduce",
    "unrepeat",
    "untile",
    "vector_order",
    "zeros_like",
]
