"""Derivatives of what derivatives are made of (`tangent_sct.runtime`), for higher orders."""

import numpy as np

from tangent_sct.runtime import (
    DerivativeError,
    added,
    along,
    as_shadow,
    broadcast_like,
    check_alike,
    check_apart,
    check_array,
    check_fills,
    check_floats,
    check_in_turn,
    check_left_number,
    check_listed,
    check_matrix,
    check_no_object,
    check_no_objects,
    check_number,
    check_numbers,
    check_operand,
    check_plain,
    check_positions,
    check_python_number,
    check_repeatable,
    check_replaceable,
    check_rows,
    check_scalar,
    check_seed,
    check_separate,
    check_states_apart,
    check_unspoiled,
    check_unspoiled_at,
    check_view,
    checked_snapshots,
    checkpointed,
    column_span,
    columns_outer,
    columns_product,
    convolved,
    copied,
    copied_like,
    count_in_turn,
    cuts,
    diagonal_copy,
    difference_adjoint,
    difference_tangent,
    dot_left,
    dot_right,
    einsum_adjoint,
    even_cuts,
    insert_grad_of,
    insertion_place,
    inverse_axes,
    item_place,
    last_key,
    last_writes,
    leave_one_out,
    like_argument,
    lower_half,
    matmul_left,
    matmul_right,
    next_checkpoint,
    no_imaginary,
    noted,
    old_item,
    others,
    place_of,
    place_of_max,
    place_of_min,
    recast,
    row_span,
    separate_copy,
    shadow_like,
    sinc_derivative,
    slice_bounds,
    snapshots_within,
    sort_order,
    span,
    stop_gradient,
    take_along_index,
    tensordot_left,
    tensordot_right,
    ties,
    times_items,
    to_full,
    transposed,
    unbroadcast,
    undiagonal,
    unpadded,
    unreduce,
    unrepeat,
    unsorted,
    untaken,
    untile,
    unwindowed,
    vector_order,
    writable,
    zero_items,
    zeros_like,
)
from tangent_sct.templating.language import d, dense, each, expanded, linear, partials, rule, zero

zero(
    DerivativeError,
    checked_snapshots,
    checkpointed,
    next_checkpoint,
    snapshots_within,
    along,
    check_alike,
    check_apart,
    check_array,
    check_floats,
    check_in_turn,
    check_left_number,
    check_no_object,
    check_no_objects,
    check_positions,
    check_python_number,
    check_repeatable,
    check_rows,
    check_replaceable,
    no_imaginary,
    check_fills,
    check_listed,
    check_matrix,
    check_number,
    check_numbers,
    check_operand,
    check_plain,
    check_scalar,
    check_seed,
    check_separate,
    check_states_apart,
    check_unspoiled,
    check_unspoiled_at,
    check_view,
    column_span,
    convolved,
    cuts,
    insert_grad_of,
    even_cuts,
    last_writes,
    sort_order,
    slice_bounds,
    place_of_min,
    count_in_turn,
    place_of,
    last_key,
    place_of_max,
    item_place,
    insertion_place,
    inverse_axes,
    noted,
    old_item,
    row_span,
    shadow_like,
    span,
    stop_gradient,
    take_along_index,
    ties,
    unpadded,
    zero_items,
    zeros_like,
)


# -- shapes -----------------------------------------------------------------------------------


@linear(unbroadcast, cheap=True)
def unbroadcast_(y, /, g, like):
    d[g] += broadcast_like(d[y], like=g)


@linear(broadcast_like, cheap=True)
def broadcast_like_(y, /, g, like):
    d[g] += unbroadcast(d[y], like=g)


@linear(recast, aliasing="maybe", cheap=True)
def recast_(y, /, g, like, through=None):
    if through is None:
        d[g] += recast(d[y], like=g, through=like)
    else:
        d[g] += recast(d[y], like=g, through=through)


@linear(unreduce, cheap=True)
def unreduce_(y, /, g, like, axis=None, keepdims=False):
    d[g] += np.sum(d[y], axis=axis, keepdims=keepdims)


@linear(like_argument, aliasing="maybe")
def like_argument_(y, /, shadow, x):
    d[shadow] += d[y]


@linear(as_shadow, aliasing="maybe", cheap=True)
def as_shadow_(y, /, x):
    d[x] += d[y]


@linear(copied_like)
def copied_like_(y, /, shadow, amounts):
    d[shadow] += d[y]


@expanded(added)
def added_(total, amount):
    if total is None:
        return amount
    return total if amount is None else total + amount


@linear(times_items)
def times_items_(y, /, amounts, count, like=()):
    d[amounts] += d[y] * count


@linear(copied)
def copied_(y, /, x):
    d[x] += d[y]


@linear(separate_copy)
def separate_copy_(y, /, x):
    d[x] += d[y]


@linear(diagonal_copy)
def diagonal_copy_(y, /, a, offset=0, axis1=0, axis2=1):
    d[a] += undiagonal(d[y], a, offset, axis1, axis2)


@linear(undiagonal)
def undiagonal_(y, /, g, like, offset=0, axis1=0, axis2=1):
    d[g] += unbroadcast(diagonal_copy(d[y], offset, axis1, axis2), like=g)


@linear(untaken)
def untaken_(y, /, g, like, indices, axis=None):
    d[g] += np.take(d[y], indices, axis)


@linear(writable, aliasing="view", cheap=True)
def writable_(y, /, view):
    d[view] += d[y]


@linear(transposed, aliasing="view", cheap=True)
def transposed_(y, /, a):
    d[a] += transposed(d[y])


# -- adjoints of products: each linear in both of the operands that count ---------------------


@rule(matmul_left)
def matmul_left_(y, /, g, a, b):
    def tangent():
        d[y] = matmul_left(d[g], a, b) + matmul_left(g, a, d[b])

    def adjoint():
        d[g] += d[y] @ b
        d[b] += matmul_right(g, d[y], b)


@rule(matmul_right)
def matmul_right_(y, /, g, a, b):
    def tangent():
        d[y] = matmul_right(d[g], a, b) + matmul_right(g, d[a], b)

    def adjoint():
        d[g] += a @ d[y]
        d[a] += matmul_left(g, a, d[y])


@rule(dot_left)
def dot_left_(y, /, g, a, b):
    def tangent():
        d[y] = dot_left(d[g], a, b) + dot_left(g, a, d[b])

    def adjoint():
        d[g] += np.dot(d[y], b)
        d[b] += dot_right(g, d[y], b)


@rule(dot_right)
def dot_right_(y, /, g, a, b):
    def tangent():
        d[y] = dot_right(d[g], a, b) + dot_right(g, d[a], b)

    def adjoint():
        d[g] += np.dot(a, d[y])
        d[a] += dot_left(g, a, d[y])


@rule(tensordot_left)
def tensordot_left_(y, /, g, a, b, axes=2):
    def tangent():
        d[y] = tensordot_left(d[g], a, b, axes) + tensordot_left(g, a, d[b], axes)

    def adjoint():
        d[g] += np.tensordot(d[y], b, axes)
        d[b] += tensordot_right(g, d[y], b, axes)


@rule(tensordot_right)
def tensordot_right_(y, /, g, a, b, axes=2):
    def tangent():
        d[y] = tensordot_right(d[g], a, b, axes) + tensordot_right(g, d[a], b, axes)

    def adjoint():
        d[g] += np.tensordot(a, d[y], axes)
        d[a] += tensordot_left(g, a, d[y], axes)


@rule(columns_product, broadcast=True)
def columns_product_(y, /, m, v, like):
    def tangent():
        d[y] = columns_product(d[m], v, like) + columns_product(m, d[v], like)

    def adjoint():
        d[m] += columns_outer(d[y], v, like)
        d[v] += columns_product(transposed(m), d[y], like)


@rule(columns_outer, broadcast=True)
def columns_outer_(y, /, t, v, like):
    def tangent():
        d[y] = columns_outer(d[t], v, like) + columns_outer(t, d[v], like)

    def adjoint():
        d[t] += columns_product(d[y], v, like)
        d[v] += columns_product(transposed(d[y]), t, like)


# -- einsum: linear in the seed and in each of the other operands -------------------------------


@rule(einsum_adjoint)
def einsum_adjoint_(y, /, g, subscripts, place, *operands):
    def tangent():
        total = einsum_adjoint(d[g], subscripts, place, *operands)
        for i, _ in enumerate(each(operands)):
            if i != place:
                moved = [dense(d[b]) if j == i else b for j, b in enumerate(each(operands))]
                total += einsum_adjoint(g, subscripts, place, *moved)
        d[y] = total

    def adjoint():
        d[g] += np.einsum(subscripts, *[d[y] if j == place else b for j, b in enumerate(each(operands))])
        for i, a in enumerate(each(operands)):
            if i != place:
                others = [d[y] if j == place else b for j, b in enumerate(each(operands))]
                d[a] += einsum_adjoint(g, subscripts, i, *others)


# -- orders of norms, triangles ---------------------------------------------------------------


@rule(vector_order, cheap=True)
def vector_order_(p, /, x, ord, axis=None):
    def tangent():
        d[p] = d[ord]

    def adjoint():
        d[ord] += d[p]


@linear(lower_half)
def lower_half_(y, /, m):
    d[m] += lower_half(d[y])


# -- sequences --------------------------------------------------------------------------------


@linear(untile)
def untile_(y, /, g, like, reps):
    d[g] += np.tile(d[y], reps)


@linear(unwindowed)
def unwindowed_(y, /, g, like, window_shape, axis=None):
    d[g] += np.lib.stride_tricks.sliding_window_view(d[y], window_shape, axis)


@linear(unsorted)
def unsorted_(y, /, g, order, axis):
    d[g] += np.take_along_axis(d[y], order, axis)


@linear(unrepeat)
def unrepeat_(y, /, g, like, repeats, axis=None):
    d[g] += np.repeat(d[y], repeats, axis=axis)


@linear(to_full)
def to_full_(y, /, g, a, v, mode):
    d[g] += d[y][convolved(a, v, mode)]


# -- products with one factor left out --------------------------------------------------------


@rule(others)
def others_(y, /, a):
    # Entry i is the product of row i of `leave_one_out(a, 1.0)`, and its slope along the row is
    # the product of that row's others.
    def tangent():
        rows = others(leave_one_out(a, 1.0)) * leave_one_out(d[a], 0.0)
        d[y] = np.sum(rows, axis=-1)

    def adjoint():
        rows = others(leave_one_out(a, 1.0)) * np.expand_dims(d[y], -1)
        own = diagonal_copy(rows, 0, -2, -1)
        d[a] += np.sum(rows, axis=-2) - own


@rule(leave_one_out)
def leave_one_out_(y, /, a, fill):
    def tangent():
        d[y] = leave_one_out(dense(d[a]), d[fill])

    def adjoint():
        own = diagonal_copy(d[y], 0, -2, -1)
        d[a] += np.sum(d[y], axis=-2) - own
        d[fill] += np.sum(own)


# -- elementwise ------------------------------------------------------------------------------


@partials(sinc_derivative)
def sinc_derivative_(y, /, x, order=1):
    return sinc_derivative(x, order + 1), None


# -- differences of functions that nobody looks into: linear in what they are applied to, and no more is known ----


@rule(difference_tangent, constant=("args",))
def difference_tangent_(y, /, tangent, function, place, *args, step=None):
    def tangent():
        d[y] = difference_tangent(d[tangent], function, place, *args, step=step)

    def adjoint():
        d[tangent] += difference_adjoint(d[y], function, place, *args, step=step)


@rule(difference_adjoint, constant=("args",))
def difference_adjoint_(y, /, seed, function, place, *args, step=None):
    def tangent():
        d[y] = difference_adjoint(d[seed], function, place, *args, step=step)

    def adjoint():
        d[seed] += difference_tangent(d[y], function, place, *args, step=step)
