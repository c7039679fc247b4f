"""Kinds of objects that are at hand: what the free names of a program mean."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from tangent_sct.analysis.shapes import dim_of
from tangent_sct.core.kind import (
    OTHER,
    RANGE,
    SLICE,
    UNKNOWN,
    Kind,
    array,
    constant,
    container,
    scalar,
)
from tangent_sct.runtime.objects import computes_items


def kind_of_object(value: Any) -> Kind:
    """The kind of the object that a free name means.

    >>> kind_of_object(np.ones((3, 1))).shape, kind_of_object(2.0).value
    (('3', 1), 2.0)
    """
    if type(value) in (bool, int, float, complex, str, type(None), type(Ellipsis)):
        return constant(value)
    if type(value) in (np.ndarray, np.memmap):
        if value.dtype.kind not in "biufc":
            return UNKNOWN
        return array(tuple(map(dim_of, value.shape)), value.dtype.name)
    if isinstance(value, np.generic):
        return scalar(value.dtype.name) if value.dtype.kind in "biufc" else OTHER
    if computes_items(type(value)):
        return UNKNOWN
    if isinstance(value, tuple):
        return container("tuple", dict(enumerate(map(kind_of_object, value))))
    if isinstance(value, (list, dict)):
        # Its items may be others when the derivative runs.
        return Kind("list" if isinstance(value, list) else "dict")
    if isinstance(value, enum.Enum) and not isinstance(value, (int, float, complex)):
        return Kind("other", value=value)
    if isinstance(value, (type, np.dtype)):
        return Kind("other", value=value)
    if isinstance(value, (slice, range)):
        return SLICE if isinstance(value, slice) else RANGE
    if callable(value):
        return OTHER
    # A class that is set before arrays says itself what operators do: sparse and `np.matrix`, masked arrays.
    return OTHER if hasattr(type(value), "__array_priority__") else UNKNOWN
