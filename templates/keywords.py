"""Arguments of reductions that their rules leave to statements: `dtype`, `where`, `initial`, `mean`, `correction`."""

import numpy as np

from tangent_sct.runtime import chosen_count
from tangent_sct.templates.casting import cast
from tangent_sct.templates.statistics import kept, rows_of
from tangent_sct.templating.language import expanded, zero


def chosen(a, where, other):
    """An array with another number where entries do not count."""
    if where is True:
        return a
    return np.where(where, a, other)


@expanded(np.sum)
def sum_(a, axis=None, dtype=None, keepdims=False, initial=0, where=True):
    return np.sum(chosen(cast(a, dtype), where, 0.0), axis=axis, keepdims=keepdims) + initial


@expanded(np.nansum)
def nansum(a, axis=None, dtype=None, keepdims=False, initial=0, where=True):
    return np.nansum(chosen(cast(a, dtype), where, 0.0), axis=axis, keepdims=keepdims) + initial


@expanded(np.prod)
def prod(a, axis=None, dtype=None, keepdims=False, initial=1, where=True):
    return np.prod(chosen(cast(a, dtype), where, 1.0), axis=axis, keepdims=keepdims) * initial


@expanded(np.nanprod)
def nanprod(a, axis=None, dtype=None, keepdims=False, initial=1, where=True):
    valid = np.where(np.isnan(a), 1.0, a)
    return np.prod(chosen(cast(valid, dtype), where, 1.0), axis=axis, keepdims=keepdims) * initial


@expanded(np.cumsum)
def cumsum(a, axis=None, dtype=None):
    return np.cumsum(cast(a, dtype), axis=axis)


@expanded(np.nancumsum)
def nancumsum(a, axis=None, dtype=None):
    return np.cumsum(cast(np.where(np.isnan(a), 0.0, a), dtype), axis=axis)


@expanded(np.cumprod)
def cumprod(a, axis=None, dtype=None):
    return np.cumprod(cast(a, dtype), axis=axis)


@expanded(np.nancumprod)
def nancumprod(a, axis=None, dtype=None):
    return np.cumprod(cast(np.where(np.isnan(a), 1.0, a), dtype), axis=axis)


@expanded(np.max, np.amax)
def max_(a, axis=None, keepdims=False, initial=None, where=True):
    if initial is None:
        return np.max(a, axis=axis, keepdims=keepdims)
    return np.maximum(np.max(chosen(a, where, initial), axis=axis, keepdims=keepdims), initial)


@expanded(np.min, np.amin)
def min_(a, axis=None, keepdims=False, initial=None, where=True):
    if initial is None:
        return np.min(a, axis=axis, keepdims=keepdims)
    return np.minimum(np.min(chosen(a, where, initial), axis=axis, keepdims=keepdims), initial)


@expanded(np.mean)
def mean(a, axis=None, dtype=None, keepdims=False, where=True):
    total = np.sum(chosen(cast(a, dtype), where, 0.0), axis=axis, keepdims=keepdims)
    return total / chosen_count(a, axis=axis, keepdims=keepdims, where=where)


@expanded(np.nanmean)
def nanmean(a, axis=None, dtype=None, keepdims=False, where=True):
    valid = np.where(np.isnan(a), 0.0, a)
    total = np.sum(chosen(cast(valid, dtype), where, 0.0), axis=axis, keepdims=keepdims)
    return total / chosen_count(a, axis=axis, keepdims=keepdims, where=where, ignoring_nan=True)


def centred_on(a, axis, dtype, where, mean):
    """An array less its mean, which may be given, and zero where entries do not count."""
    numbers = cast(a, dtype)
    if mean is None:
        count = chosen_count(a, axis=axis, keepdims=True, where=where)
        middle = np.sum(chosen(numbers, where, 0.0), axis=axis, keepdims=True) / count
        return chosen(numbers - middle, where, 0.0)
    return chosen(numbers - mean, where, 0.0)


@expanded(np.var)
def var(a, axis=None, dtype=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None):
    centred = centred_on(a, axis, dtype, where, mean)
    lost = ddof if correction is None else correction
    count = chosen_count(a, axis=axis, keepdims=keepdims, where=where, ddof=lost)
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / count


@expanded(np.std)
def std(a, axis=None, dtype=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None):
    # A norm, which is flat where all entries are equal.
    centred = centred_on(a, axis, dtype, where, mean)
    lost = ddof if correction is None else correction
    count = chosen_count(a, axis=axis, where=where, ddof=lost)
    result = np.linalg.norm(rows_of(centred, axis), axis=-1) / np.sqrt(count)
    if keepdims:
        return kept(result, a, axis)
    return result


@expanded(np.nanmax)
def nanmax(a, axis=None, keepdims=False, initial=None, where=True):
    valid = np.where(np.isnan(a), initial, a)
    return np.max(valid, axis=axis, keepdims=keepdims, initial=initial, where=where)


@expanded(np.nanmin)
def nanmin(a, axis=None, keepdims=False, initial=None, where=True):
    valid = np.where(np.isnan(a), initial, a)
    return np.min(valid, axis=axis, keepdims=keepdims, initial=initial, where=where)


@expanded(np.trace)
def trace(a, offset=0, axis1=0, axis2=1, dtype=None):
    return np.trace(cast(a, dtype), offset, axis1, axis2)


zero(chosen_count)

# -- the type in which arrays are joined or copied, and the axes that they have then ------------------------


@expanded(np.concatenate)
def concatenate(arrays, axis=0, dtype=None):
    return cast(np.concatenate(arrays, axis), dtype)


@expanded(np.stack)
def stack(arrays, axis=0, dtype=None):
    return cast(np.stack(arrays, axis), dtype)


@expanded(np.hstack)
def hstack(tup, dtype=None):
    return cast(np.hstack(tup), dtype)


@expanded(np.vstack)
def vstack(tup, dtype=None):
    return cast(np.vstack(tup), dtype)


@expanded(np.ascontiguousarray)
def ascontiguousarray(a, dtype=None):
    return np.ascontiguousarray(cast(a, dtype))


@expanded(np.asfortranarray)
def asfortranarray(a, dtype=None):
    return np.asfortranarray(cast(a, dtype))


# Of which class an array is that holds the same numbers (`subok`) changes none. How they lie in memory decides
# whether a later reshape copies.


@expanded(np.array)
def array_of_rank(object, dtype=None, copy=True, order="K", subok=False, ndmin=0):
    found = laid_out(held(object, dtype, copy), order)
    if ndmin == 0:
        return found
    return np.reshape(found, (1,) * (ndmin - np.ndim(found)) + np.shape(found))


@expanded(np.asarray)
def asarray_in_order(a, dtype=None, order=None, device=None, copy=None):
    return laid_out(held(a, dtype, copy), order)


def held(a, dtype, copy):
    if copy:
        if dtype is None:
            return np.array(a)
        return np.array(a, dtype)
    if dtype is None:
        return np.asarray(a)
    return np.asarray(a, dtype)


def laid_out(a, order):
    if order == "C":
        if np.ndim(a) > 0:
            return np.ascontiguousarray(a)
    if order == "F":
        if np.ndim(a) > 0:
            return np.asfortranarray(a)
    return a


@expanded(np.angle)
def angle(z, deg=False):
    return np.rad2deg(np.angle(z)) if deg else np.angle(z)
