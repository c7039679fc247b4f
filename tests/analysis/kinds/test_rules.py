"""Kinds of every function that has a rule, held against what the function returns."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.analysis.kinds import infer
from tangent_sct.core.kind import Kind, array
from tests.analysis.kinds.building import NAMESPACE, unit
from tests.templates.cases import CASES

BLOCKS = 4


def written(value: Any, arguments: dict[str, Any], objects: dict[str, Any]) -> str:
    """An argument in the text of a call: numbers and arrays are parameters, all else is literal."""
    if isinstance(value, (np.ndarray, float, np.generic)):
        name = f"a{len(arguments)}"
        arguments[name] = value
        return name
    if isinstance(value, (list, tuple)):
        items = "".join(written(item, arguments, objects) + ", " for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    if value is None or isinstance(value, (bool, int, str)):
        return repr(value)
    name = f"object{len(objects)}"
    objects[name] = value
    return name


def changed(change: Callable[[Any], Any], value: Any) -> Any:
    """All arrays in a value changed."""
    if isinstance(value, (list, tuple)):
        return type(value)(changed(change, item) for item in value)
    return change(value) if isinstance(value, np.ndarray) else value


def halved(value: Any) -> Any:
    return value.astype(np.float32) if value.dtype == np.float64 else value


def counted(value: Any) -> Any:
    return np.rint(value).astype(np.int64) if value.dtype == np.float64 else value


def alone(value: Any) -> Any:
    return value[tuple(slice(0, 1) for _ in value.shape)]


def without_axes(value: Any) -> Any:
    return value.ravel()[:1].reshape(()) if value.size else value


def variants(args: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield args
    for change in (halved, alone, without_axes):
        yield changed(change, args)
    for change in (halved, counted):
        yield (changed(change, args[0]), *args[1:])


def check(kind: Kind, value: Any, sizes: dict[str, int], said: str) -> None:
    """A kind holds of a value."""
    if kind.is_array:
        assert type(value) is np.ndarray, said
        assert kind.dtype in (None, value.dtype.name), said
        assert kind.rank in (None, value.ndim) and (kind.rank == 0 or value.ndim), said
        for dim, size in zip(kind.shape or value.shape, value.shape, strict=True):
            assert sizes.get(str(dim), size) == size, said
            assert not str(dim).isdigit() or int(dim) == size, said
    elif kind.is_scalar:
        assert isinstance(value, (int, float, complex, np.generic)), said
        own = value.dtype.name if isinstance(value, np.generic) else type(value).__name__
        weak = {"float": {"int"}, "float64": {"int", "float"}, "int64": {"int"}}
        assert kind.dtype in (None, own) or own in weak.get(str(kind.dtype), ()), said
    elif kind.items is not None:
        values = list(value.values() if isinstance(value, dict) else value)
        assert len(values) == len(kind.items), said
        for (_, item), one in zip(kind.items, values, strict=True):
            check(item, one, sizes, said)


@pytest.mark.every(2)
@pytest.mark.parametrize("general", [False, True])
@pytest.mark.parametrize("block", range(BLOCKS))
def test_kinds_of_results(block: int, general: bool) -> None:
    known = count = 0
    for function, args, keywords in CASES[block::BLOCKS]:
        for variant in variants(args):
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    value = function(*copy.deepcopy(variant), **copy.deepcopy(keywords))
            except Exception:  # not every function takes every variant
                continue
            arguments: dict[str, Any] = {}
            objects = {**NAMESPACE, "function": function}
            texts = [written(item, arguments, objects) for item in variant]
            texts += [f"{key}={written(v, arguments, objects)}" for key, v in keywords.items()]
            kinds = dict(kinds_of_arguments(arguments))
            if general:
                kinds = {n: array(None, None) if k.shape else k for n, k in kinds.items()}
            text = f"r = function({', '.join(texts)})\nreturn r"
            kind = infer(unit(text, kinds, objects)).names["r"]
            sizes = {
                str(dim): size
                for name, held in arguments.items()
                for dim, size in zip(kinds[name].shape or (), np.shape(held), strict=False)
            }
            check(kind, value, sizes, f"{function} of {kinds} is {kind}, and was {value!r}")
            count += 1
            known += kind.family != "unknown"
    # Splines and grids want ascending places: they cannot be probed by samples.
    assert known > (0.6 if general else 0.96) * count
