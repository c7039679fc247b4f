"""What generated code calls where plain NumPy has no word for it; needs NumPy only."""

from tangent_sct.runtime.arrays import (
    along,
    broadcast_like,
    column_span,
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
    lower_half,
    matmul_left,
    matmul_right,
    transposed,
    vector_order,
)
from tangent_sct.runtime.products import leave_one_out, others

__all__ = [
    "DerivativeError",
    "along",
    "broadcast_like",
    "column_span",
    "check_scalar",
    "check_seed",
    "check_view",
    "columns_outer",
    "columns_product",
    "copied",
    "dot_left",
    "dot_right",
    "leave_one_out",
    "lower_half",
    "matmul_left",
    "matmul_right",
    "others",
    "row_span",
    "sinc_derivative",
    "span",
    "take_along_index",
    "ties",
    "transposed",
    "unbroadcast",
    "undiagonal",
    "unreduce",
    "vector_order",
    "zeros_like",
]
