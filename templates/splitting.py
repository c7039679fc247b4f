"""Splitting arrays into parts, which are views, said as slices: a call is replaced by these statements."""

import numpy as np

from tangent_sct.runtime import cuts, even_cuts
from tangent_sct.templating.language import expanded


@expanded(np.split, else_serves=True)
def split(ary, indices_or_sections, axis=0):
    return sliced(ary, even_cuts(np.shape(ary)[axis], indices_or_sections), axis)


@expanded(np.array_split, else_serves=True)
def array_split(ary, indices_or_sections, axis=0):
    return sliced(ary, cuts(np.shape(ary)[axis], indices_or_sections), axis)


@expanded(np.vsplit, else_serves=True)
def vsplit(ary, indices_or_sections):
    return sliced(ary, even_cuts(np.shape(ary)[0], indices_or_sections), 0)


@expanded(np.hsplit, else_serves=True)
def hsplit(ary, indices_or_sections):
    if np.ndim(ary) == 1:
        return sliced(ary, even_cuts(np.shape(ary)[0], indices_or_sections), 0)
    return sliced(ary, even_cuts(np.shape(ary)[1], indices_or_sections), 1)


@expanded(np.dsplit, else_serves=True)
def dsplit(ary, indices_or_sections):
    return sliced(ary, even_cuts(np.shape(ary)[2], indices_or_sections), 2)


def sliced(ary, places, axis):
    """The parts of an array between places along an axis."""
    if axis == 0:
        return [ary[start:stop] for start, stop in places]
    if axis == 1:
        return [ary[:, start:stop] for start, stop in places]
    return [np.swapaxes(np.swapaxes(ary, 0, axis)[start:stop], 0, axis) for start, stop in places]
