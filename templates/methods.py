"""Which function a method or an attribute of an array means."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

METHODS: Mapping[str, Callable[..., Any]] = {
    "all": np.all,
    "any": np.any,
    "argmax": np.argmax,
    "argmin": np.argmin,
    "argpartition": np.argpartition,
    "argsort": np.argsort,
    "astype": np.astype,
    "choose": np.choose,
    "clip": np.clip,
    "conj": np.ndarray.conjugate,
    "conjugate": np.ndarray.conjugate,
    "copy": np.copy,
    "cumprod": np.cumprod,
    "cumsum": np.cumsum,
    "diagonal": np.diagonal,
    "dot": np.dot,
    "flatten": np.ndarray.flatten,
    "item": np.ndarray.item,
    "max": np.max,
    "mean": np.mean,
    "min": np.min,
    "nonzero": np.nonzero,
    "prod": np.prod,
    "ravel": np.ravel,
    "repeat": np.repeat,
    "reshape": np.reshape,
    "round": np.round,
    "searchsorted": np.searchsorted,
    "squeeze": np.squeeze,
    "std": np.std,
    "sum": np.sum,
    "swapaxes": np.swapaxes,
    "take": np.take,
    "trace": np.trace,
    "transpose": np.transpose,
    "var": np.var,
}
"""Method -> the function that does the same with the array as its first argument.

Positional arguments come in the same order; `reshape` and `transpose` take theirs also as one
tuple, which is how the functions take them.
"""

ATTRIBUTES: Mapping[str, Callable[..., Any] | None] = {
    "T": np.transpose,
    "mT": np.matrix_transpose,
    "real": np.real,
    "imag": np.imag,
    "dtype": None,
    "flags": None,
    "itemsize": None,
    "nbytes": None,
    "ndim": None,
    "shape": None,
    "size": None,
    "strides": None,
}
"""Attribute -> the function of the array that it means; None where no entry matters."""

WRITERS: Mapping[str, Callable[..., Any]] = {
    "__setitem__": operator.setitem,
    "compress": np.ndarray.compress,
    "fill": np.ndarray.fill,
    "partition": np.ndarray.partition,
    "put": np.put,
    "sort": np.ndarray.sort,
    "tolist": np.ndarray.tolist,
}
"""Method that is said as statements -> the function that does the same. Most write into the array."""
