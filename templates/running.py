"""Running products and extrema, differences, slopes and areas of sequences."""

import numpy as np

from tangent_sct.runtime import after, before, recurrence, recurrence_back, running_places, turns
from tangent_sct.templating.language import d, expanded, linear, rule, zero

# -- running products: y[i] = a[i] y[i - 1] -----------------------------------------------------------


@rule(np.cumprod)
def cumprod(y, /, a, axis=None):
    # dy[i] = a[i] dy[i - 1] + y[i - 1] da[i]: a recurrence, which asks for no division by a.
    def tangent():
        if axis is None:
            d[y] = recurrence(np.ravel(a), before(y) * np.ravel(d[a]))
        else:
            d[y] = recurrence(a, before(y, axis) * d[a], axis)

    def adjoint():
        if axis is None:
            d[a] += np.reshape(before(y) * recurrence_back(np.ravel(a), d[y]), np.shape(a))
        else:
            d[a] += before(y, axis) * recurrence_back(a, d[y], axis)


@rule(recurrence)
def recurrence_(s, /, a, g, axis=-1):
    def tangent():
        d[s] = recurrence(a, d[g] + before(s, axis, 0.0) * d[a], axis)

    def adjoint():
        back = recurrence_back(a, d[s], axis)
        d[g] += back
        d[a] += before(s, axis, 0.0) * back


@rule(recurrence_back)
def recurrence_back_(s, /, a, g, axis=-1):
    # s[i] = a[i + 1] s[i + 1] + g[i].
    def tangent():
        d[s] = recurrence_back(a, d[g], axis) + recurrence_back(a, after(d[a] * s, axis), axis)

    def adjoint():
        forth = recurrence(a, d[s], axis)
        d[g] += forth
        d[a] += before(forth, axis, 0.0) * s


@rule(before)
def before_(z, /, y, axis=-1, first=1.0):
    def tangent():
        d[z] = before(d[y], axis, 0.0)

    def adjoint():
        d[y] += after(d[z], axis)


@linear(after)
def after_(z, /, g, axis=-1):
    d[g] += before(d[z], axis, 0.0)


# -- other running results ----------------------------------------------------------------------------


@expanded(np.add.accumulate)
def add_accumulate(array, axis=0):
    return np.cumsum(array, axis=axis)


@expanded(np.multiply.accumulate)
def multiply_accumulate(array, axis=0):
    return np.cumprod(array, axis=axis)


@expanded(np.maximum.accumulate)
def maximum_accumulate(array, axis=0):
    return np.take_along_axis(array, running_places(array, axis), axis)


@expanded(np.minimum.accumulate)
def minimum_accumulate(array, axis=0):
    return np.take_along_axis(array, running_places(np.negative(array), axis), axis)


@expanded(np.cumulative_sum)
def cumulative_sum(x, axis=None, dtype=None, include_initial=False):
    total = np.cumsum(x, axis=0 if axis is None else axis, dtype=dtype)
    if include_initial:
        return np.concatenate([np.take(np.zeros_like(total), [0], 0 if axis is None else axis), total],
                              axis=0 if axis is None else axis)  # fmt: skip
    return total


@expanded(np.cumulative_prod)
def cumulative_prod(x, axis=None, dtype=None, include_initial=False):
    total = np.cumprod(x, axis=0 if axis is None else axis, dtype=dtype)
    if include_initial:
        return np.concatenate([np.take(np.ones_like(total), [0], 0 if axis is None else axis), total],
                              axis=0 if axis is None else axis)  # fmt: skip
    return total


# -- differences --------------------------------------------------------------------------------------


@expanded(np.diff)
def diff(a, n=1, axis=-1, prepend=None, append=None):
    if prepend is None:
        begun = a
    else:
        begun = np.concatenate([edge(prepend, a, axis), a], axis=axis)
    if append is None:
        ended = begun
    else:
        ended = np.concatenate([begun, edge(append, a, axis)], axis=axis)
    if n == 1:
        return np.diff(ended, axis=axis)
    if n == 2:
        return np.diff(np.diff(ended, axis=axis), axis=axis)
    result = ended
    for _ in range(n):
        result = np.diff(result, axis=axis)
    return result


def edge(value, a, axis):
    """What is joined to an array along an axis: a number is repeated along the others."""
    if np.ndim(value) == 0:
        return np.full_like(np.take(a, [0], axis), value)
    return value


@expanded(np.ediff1d)
def ediff1d(ary, to_end=None, to_begin=None):
    steps = np.diff(np.ravel(ary))
    if to_begin is None:
        begun = steps
    else:
        begun = np.concatenate([np.ravel(to_begin), steps])
    if to_end is None:
        return begun
    return np.concatenate([begun, np.ravel(to_end)])


@expanded(np.unwrap)
def unwrap(p, discont=None, axis=-1, *, period=2 * np.pi):
    # Whole turns are added, whose number is constant between jumps.
    return p + period * turns(p, discont, axis, period)


zero(turns, running_places)

# -- slopes and areas ---------------------------------------------------------------------------------


@expanded(np.trapezoid)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    rows = np.moveaxis(np.asarray(y), axis, -1)
    if x is None:
        return np.sum(rows[..., 1:] + rows[..., :-1], axis=-1) * (dx / 2)
    if np.ndim(x) == 1:
        return np.sum((rows[..., 1:] + rows[..., :-1]) * np.diff(x), axis=-1) / 2
    return np.sum((rows[..., 1:] + rows[..., :-1]) * np.diff(np.moveaxis(x, axis, -1)), axis=-1) / 2


@expanded(np.gradient)
def gradient(f, *varargs, axis=None, edge_order=1):
    if axis is not None:
        if len(varargs) == 0:
            return slope(f, 1.0, axis, edge_order)
        return slope(f, varargs[0], axis, edge_order)
    if np.ndim(f) == 1:
        if len(varargs) == 0:
            return slope(f, 1.0, 0, edge_order)
        return slope(f, varargs[0], 0, edge_order)
    if np.ndim(f) == 2:
        if len(varargs) == 0:
            return slope(f, 1.0, 0, edge_order), slope(f, 1.0, 1, edge_order)
        return slope(f, varargs[0], 0, edge_order), slope(f, varargs[-1], 1, edge_order)
    rows, columns, layers = np.shape(f)
    if len(varargs) == 0:
        return slope(f, 1.0, 0, edge_order), slope(f, 1.0, 1, edge_order), slope(f, 1.0, 2, edge_order)
    return (
        slope(f, varargs[0], 0, edge_order),
        slope(f, varargs[len(varargs) // 2], 1, edge_order),
        slope(f, varargs[-1], 2, edge_order),
    )


def slope(f, spacing, axis, edge_order):
    """Slopes along an axis: of parabolas inside, of lines or parabolas at the ends."""
    a = np.moveaxis(f, axis, 0)
    if np.ndim(spacing) == 0:
        inner = (a[2:] - a[:-2]) / (2 * spacing)
        if edge_order == 1:
            first, last = (a[1:2] - a[:1]) / spacing, (a[-1:] - a[-2:-1]) / spacing
        else:
            first = (4 * a[1:2] - 3 * a[:1] - a[2:3]) / (2 * spacing)
            last = (3 * a[-1:] - 4 * a[-2:-1] + a[-3:-2]) / (2 * spacing)
        return np.moveaxis(np.concatenate([first, inner, last]), 0, axis)
    steps = np.reshape(np.diff(spacing), (-1,) + (1,) * (np.ndim(f) - 1))
    lines = (a[1:] - a[:-1]) / steps
    left, right = steps[:-1], steps[1:]
    inner = (lines[:-1] * right + lines[1:] * left) / (left + right)
    if edge_order == 1:
        first, last = lines[:1], lines[-1:]
    else:
        first = lines[:1] + (lines[:1] - lines[1:2]) * left[:1] / (left[:1] + right[:1])
        last = lines[-1:] + (lines[-1:] - lines[-2:-1]) * right[-1:] / (left[-1:] + right[-1:])
    return np.moveaxis(np.concatenate([first, inner, last]), 0, axis)
