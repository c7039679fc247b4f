"""Running products and extrema, differences, slopes and areas of sequences."""

import numpy as np

from tangent_sct.runtime import after, before, recurrence, recurrence_back, running_places, turns
from tangent_sct.templates.statistics import rows_of
from tangent_sct.templating.language import d, expanded, linear, ndim, rule, zero

# -- running products: y[i] = a[i] y[i - 1] -----------------------------------------------------------


@rule(np.cumprod)
def cumprod(y, /, a, axis=None):
    # dy[i] = a[i] dy[i - 1] + y[i - 1] da[i]: a recurrence, which asks for no division by a.
    def tangent():
        if axis is not None:
            d[y] = recurrence(a, before(y, axis) * d[a], axis)
        elif ndim(a) == 1:
            d[y] = recurrence(a, before(y) * d[a])
        else:
            d[y] = recurrence(np.ravel(a), before(y) * np.ravel(d[a]))

    def adjoint():
        if axis is not None:
            d[a] += before(y, axis) * recurrence_back(a, d[y], axis)
        elif ndim(a) == 1:
            d[a] += before(y) * recurrence_back(a, d[y])
        else:
            d[a] += np.reshape(before(y) * recurrence_back(np.ravel(a), d[y]), np.shape(a))


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


@expanded(np.logaddexp.accumulate)
def logaddexp_accumulate(array, axis=0):
    if np.size(array) == 0:
        return np.copy(array)
    rows = np.moveaxis(array, axis, 0)
    running = [rows[0]]
    for place in range(1, len(rows)):
        running.append(np.logaddexp(running[place - 1], rows[place]))
    return np.stack(running, axis)


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
    return p + period * turns(p, discont=discont, axis=axis, period=period)


zero(turns, running_places)

# -- slopes and areas ---------------------------------------------------------------------------------


@expanded(np.trapezoid)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    rows = rows_of(y, axis)
    if x is None:
        return np.sum(rows[..., 1:] + rows[..., :-1], axis=-1) * (dx / 2)
    if np.ndim(x) == 1:
        return np.sum((rows[..., 1:] + rows[..., :-1]) * np.diff(x), axis=-1) / 2
    return np.sum((rows[..., 1:] + rows[..., :-1]) * np.diff(np.moveaxis(x, axis, -1)), axis=-1) / 2


@expanded(np.gradient)
def gradient(f, *varargs, axis=None, edge_order=1):
    if axis is None:
        axes = all_axes(f)
        return slopes(f, varargs, axes, edge_order)
    if isinstance(axis, (tuple, list)):
        return slopes(f, varargs, axis, edge_order)
    return slope(f, spacing_of(varargs, 0), axis, edge_order)


def all_axes(f):
    """The axes of an array, of which there are few."""
    if np.ndim(f) == 1:
        return (0,)
    if np.ndim(f) == 2:
        return 0, 1
    if np.ndim(f) == 3:
        return 0, 1, 2
    if np.ndim(f) == 4:
        return 0, 1, 2, 3
    raise NotImplementedError("the derivative of np.gradient is known along four axes at most")


def slopes(f, varargs, axes, edge_order):
    """Slopes along several axes, or along one alone."""
    first = slope(f, spacing_of(varargs, 0), axes[0], edge_order)
    if len(axes) == 1:
        return first
    second = slope(f, spacing_of(varargs, 1), axes[1], edge_order)
    if len(axes) == 2:
        return first, second
    third = slope(f, spacing_of(varargs, 2), axes[2], edge_order)
    if len(axes) == 3:
        return first, second, third
    if len(axes) == 4:
        return first, second, third, slope(f, spacing_of(varargs, 3), axes[3], edge_order)
    raise NotImplementedError("the derivative of np.gradient is known along four axes at most")


def spacing_of(varargs, place):
    """What was given for an axis; one spacing is for all of them."""
    if len(varargs) == 0:
        return None
    if len(varargs) == 1:
        return varargs[0]
    return varargs[place]


def slope(f, spacing, axis, edge_order):
    """Slopes along an axis: of parabolas inside, of lines or parabolas at the ends."""
    if axis == 0:
        return first_slope(f, spacing, edge_order)
    return np.moveaxis(first_slope(np.moveaxis(f, axis, 0), spacing, edge_order), 0, axis)


def first_slope(a, spacing, edge_order):
    """Slopes along the first axis."""
    if spacing is None:
        return even_slope(a, edge_order)
    if np.ndim(spacing) == 0:
        return even_slope(a, edge_order) / spacing
    return uneven_slope(a, np.reshape(np.diff(spacing), (-1,) + (1,) * (np.ndim(a) - 1)), edge_order)


def even_slope(a, edge_order):
    """Slopes per step."""
    inside = (a[2:] - a[:-2]) / 2
    if edge_order == 1:
        return between_rows(a[1] - a[0], inside, a[-1] - a[-2])
    return between_rows((4 * a[1] - 3 * a[0] - a[2]) / 2, inside, (3 * a[-1] - 4 * a[-2] + a[-3]) / 2)


def uneven_slope(a, steps, edge_order):
    """Slopes where steps have sizes of their own."""
    lines = (a[1:] - a[:-1]) / steps
    left, right = steps[:-1], steps[1:]
    inside = (lines[:-1] * right + lines[1:] * left) / (left + right)
    if edge_order == 1:
        return between_rows(lines[0], inside, lines[-1])
    first = lines[0] + (lines[0] - lines[1]) * left[0] / (left[0] + right[0])
    last = lines[-1] + (lines[-1] - lines[-2]) * right[-1] / (left[-1] + right[-1])
    return between_rows(first, inside, last)


def between_rows(first, inside, last):
    """An array with a row more at both ends."""
    return np.concatenate([np.expand_dims(first, 0), inside, np.expand_dims(last, 0)])
