"""Trees of numbers: tuples, lists, dicts and objects of floats and arrays, compared and combined leaf by leaf."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np


def is_number(tree: Any) -> bool:
    """Whether a leaf can carry a derivative."""
    if isinstance(tree, np.ndarray):
        return tree.dtype.kind in "fc"
    return isinstance(tree, (float, complex, np.inexact))


def leaves(tree: Any) -> list[Any]:
    """The floats and float arrays of a tree, in order."""
    if isinstance(tree, SimpleNamespace):
        tree = vars(tree)
    if isinstance(tree, dict):
        return [leaf for item in tree.values() for leaf in leaves(item)]
    if isinstance(tree, (tuple, list)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree] if is_number(tree) else []


def combine(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """A tree of the structure of `left`, made leaf by leaf from two.

    Raises:
        ValueError: when the structures differ.
    """
    if isinstance(left, SimpleNamespace):
        return SimpleNamespace(**combine(function, vars(left), vars(right)))
    if isinstance(left, dict):
        if not isinstance(right, dict) or left.keys() != right.keys():
            raise ValueError("the structures differ")
        return {key: combine(function, item, right[key]) for key, item in left.items()}
    if isinstance(left, (tuple, list)):
        if not isinstance(right, (tuple, list)) or len(left) != len(right):
            raise ValueError("the structures differ")
        return type(left)(combine(function, a, b) for a, b in zip(left, right, strict=True))
    if not is_number(left) or right is None:
        return left
    if np.shape(left) != np.shape(right):
        raise ValueError("the shapes differ")
    return function(left, right)


def random_like(tree: Any, rng: np.random.Generator) -> Any:
    """Normal numbers in the structure of a tree, complex where it is; what is no float stays."""

    def draw(leaf: Any, _: Any) -> Any:
        sample = rng.normal(size=np.shape(leaf))
        if np.iscomplexobj(leaf):
            sample = sample + 1j * rng.normal(size=np.shape(leaf))
        if isinstance(leaf, np.ndarray):
            return sample
        return complex(sample) if np.iscomplexobj(leaf) else float(sample)

    return combine(draw, tree, tree)


def close(left: Any, right: Any, tolerance: float) -> bool:
    """Whether two trees have one structure, shapes, and numbers equal up to a tolerance.

    The tolerance is relative to the largest number of the tree: differences of a program err with the
    size of what it computes, not with the size of one result.
    """
    mine, other = leaves(left), leaves(right)
    if [np.shape(a) for a in mine] != [np.shape(b) for b in other]:
        return False
    scale = 1.0 + max(size(left), size(right))
    if not np.isfinite(scale):
        return False
    return all(bool(np.all(np.abs(a - b) <= tolerance * scale)) for a, b in zip(mine, other, strict=True))


def identical(left: Any, right: Any) -> bool:
    """Whether two trees are equal to the last bit."""
    if isinstance(left, SimpleNamespace) and isinstance(right, SimpleNamespace):
        left, right = vars(left), vars(right)
    if isinstance(left, dict):
        return list(left) == list(right) and all(identical(left[k], right[k]) for k in left)
    if isinstance(left, (tuple, list)):
        return len(left) == len(right) and all(map(identical, left, right))
    return type(left) is type(right) and bool(np.array_equal(left, right))


def size(tree: Any) -> float:
    """The largest absolute value; infinite when one is not finite."""
    found = 0.0
    for leaf in leaves(tree):
        largest = float(np.max(np.abs(leaf), initial=0.0))
        found = max(found, largest if np.isfinite(largest) else float("inf"))
    return found


def inner(left: Any, right: Any) -> float:
    """The inner product of two trees; of complex numbers the real part of the products without conjugation."""
    return float(sum(np.sum(a * b).real for a, b in zip(leaves(left), leaves(right), strict=True)))


def inner_size(left: Any, right: Any) -> float:
    """The inner product of the absolute values: what rounding of `inner` is relative to."""
    pairs = zip(leaves(left), leaves(right), strict=True)
    return float(sum(np.sum(np.abs(a * b)) for a, b in pairs))
