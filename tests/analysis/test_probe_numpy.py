"""What `probe` claims of NumPy's functions, held against what they return for numbers of all kinds.

Sizes may depend on the numbers, and the two samples of `probe` may have the same ones by chance. So arguments are
drawn here such that many of their numbers are equal, zero or in order.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tangent_sct.analysis.probe import probe
from tangent_sct.core.kind import FLOAT, INT, NO_VALUE, UNKNOWN, Kind, array, constant

TRIALS = 6
OTHERS = {
    "copyto", "empty", "empty_like", "fill_diagonal", "from_dlpack", "fromfile", "fromregex", "frompyfunc",
    "genfromtxt", "get_include", "info", "load", "loadtxt", "place", "put", "putmask", "save", "savetxt", "savez",
    "savez_compressed", "set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config", "show_runtime",
    "test",
}  # fmt: skip
"""Functions for input and output and for settings, and those whose results are left open or that write."""


def vectors(dtype: str) -> list[list[Kind]]:
    """Signatures with arrays of a dtype."""
    one, two, matrix = array(("n0",), dtype), array(("n1",), dtype), array(("n0", "n1"), dtype)
    return [
        [one], [matrix], [one, one], [one, two], [matrix, two], [matrix, matrix], [one, constant(2)],
        [matrix, constant(1)], [one, INT], [one, one, one],
    ]  # fmt: skip


SIGNATURES = [
    *vectors("float64"), *vectors("int64"), *vectors("bool"),
    [array(("n0",), "bool"), array(("n0",))],
    [array(("n0",)), array(("n1",), "int64")],
    [array(("n0", "n0"))],
    [array(("n0", "n0")), array(("n0",))],
    [array(("n0",)), FLOAT],
    [INT, INT],
]  # fmt: skip


def functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in sorted(vars(module)):
        function = getattr(module, name)
        if not name.startswith("_") and name not in OTHERS and callable(function) and not inspect.isclass(function):
            yield name, function


def drawn(kind: Kind, sizes: Mapping[str, int], rng: np.random.Generator) -> Any:
    """A value of a kind, from few different numbers."""
    if kind.value is not NO_VALUE:
        return kind.value
    if kind.is_scalar:
        return int(rng.integers(0, 3)) if kind.dtype == "int" else float(rng.integers(-2, 3))
    shape = tuple(sizes[str(dim)] for dim in kind.shape or ())
    if kind.dtype == "bool":
        return rng.random(shape) < rng.choice([0.0, 0.3, 1.0])
    low, high = (0, 3) if kind.dtype == "int64" else (-2, 3)
    return rng.integers(low, high, shape).astype(kind.dtype)


def fits(kind: Kind, value: Any, sizes: Mapping[str, int]) -> bool:
    """Whether a value is of a kind, as far as it says what can be looked up."""
    if kind.is_scalar:
        return np.ndim(value) == 0 and not isinstance(value, np.ndarray)
    if kind.items is not None:
        pairs = zip(kind.items, value, strict=False)
        return len(value) == len(kind.items) and all(fits(item, part, sizes) for (_, item), part in pairs)
    if kind.element is not None:
        return all(fits(kind.element, part, sizes) for part in value)
    if not kind.is_array:
        return True
    if not isinstance(value, np.ndarray) or kind.dtype not in (None, value.dtype.name):
        return False
    if kind.shape is None:
        return value.ndim > 0
    if len(kind.shape) != value.ndim:
        return False
    known = {**sizes, **{str(n): n for n in range(100)}}
    return all(known.get(str(dim), n) == n for dim, n in zip(kind.shape, value.shape, strict=True))


def result(function: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        return function(*arguments)
    except Exception:  # a function may refuse numbers in any way it likes
        return None


@pytest.mark.parametrize("module", [np, np.linalg, np.fft], ids=lambda module: module.__name__)
def test_claims_hold_for_all_numbers(module: ModuleType) -> None:
    rng = np.random.default_rng(3)
    wrong = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, function in functions(module):
            for signature in SIGNATURES:
                claimed = probe(function, signature)
                for _ in range(TRIALS if claimed is not UNKNOWN else 0):
                    # A size of one is known, and no symbol stands for it.
                    sizes = {"n0": int(rng.integers(2, 6)), "n1": int(rng.integers(2, 6))}
                    value = result(function, [drawn(kind, sizes, rng) for kind in signature])
                    if value is not None and not fits(claimed, value, sizes):
                        wrong.append((name, signature, claimed, value))
                        break
    assert not wrong
