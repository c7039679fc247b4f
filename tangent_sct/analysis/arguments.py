"""Kinds of concrete arguments: what a derivative is specialised by.

Sizes become symbols over all arguments together: equal sizes share one, and size one is written `1`.
This runs at every call of a derivative, so answers are remembered by the arguments' types and shapes.
"""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_sct.core import kind as kinds
from tangent_sct.core.kind import (
    FLOAT,
    GENERATORS,
    INT,
    NO_NUMBERS,
    OTHER,
    RANGE,
    SLICE,
    UNKNOWN,
    Dim,
    Field,
    Kind,
    array,
    container,
    scalar,
)
from tangent_sct.runtime.checks import has_own_operators
from tangent_sct.runtime.objects import computes_items, fields_of, is_named

Signature = tuple[tuple[str, Kind], ...]

_NUMBERS: dict[type, Kind] = {float: FLOAT, int: INT, complex: scalar("complex")}
_ARRAYS = (np.ndarray, np.memmap)
_BY_VALUE = frozenset((bool, str, type(None), type(Ellipsis)))
_LIMIT = 4096
_DEPTH = 8
"""How deep objects in objects are looked into."""

_signatures: dict[Any, Signature] = {}
_interned: dict[Signature, Signature] = {}


def kinds_of_arguments(values: Mapping[str, object]) -> Signature:
    """The kinds of concrete arguments, by name and in order.

    Args:
        values: the arguments by parameter name.

    Returns:
        Names with kinds, hashable. Arguments that fit the same kinds get the same tuple object as
        a rule, so that comparing by `is` first is worth it.

    >>> kinds = dict(kinds_of_arguments({"A": np.zeros((3, 1)), "b": np.ones(3), "c": np.ones(4)}))
    >>> kinds["A"].shape, kinds["b"].shape, kinds["c"].shape
    (('n0', 1), ('n0',), ('n1',))
    """
    key = tuple(
        [
            (name, value.dtype, value.shape)
            if type(value) is np.ndarray
            else (name, _key(value))
            for name, value in values.items()
        ]
    )
    found = _signatures.get(key)
    if found is None:
        found = _signatures_of(values)
        if len(_signatures) >= _LIMIT:
            _signatures.clear()
            _interned.clear()
        found = _interned.setdefault(found, found)
        _signatures[key] = found
    return found


def _key(value: Any, around: tuple[int, ...] = ()) -> Any:
    """What the kind of a value depends on: its type, and its shape, items or value."""
    kind = type(value)
    if kind in _NUMBERS:
        return kind
    if kind in _BY_VALUE:
        return kind, value
    if kind in _ARRAYS:
        return value.dtype, value.shape
    if isinstance(value, (tuple, list)):
        return kind, tuple([_key(item, around) for item in value])
    if isinstance(value, dict):
        return kind, tuple([(type(k), k, _key(v, around)) for k, v in value.items()])
    fields = _fields(value, around)
    if fields is not None:
        around = (*around, id(value))
        return kind, tuple([(k, _key(v, around)) for k, v in fields.items()])
    return (kind, value) if is_function(value) or isinstance(value, enum.Enum) else kind


def computes_otherwise(value: object) -> bool:
    """Whether an object takes part in NumPy's arithmetic in its own way; sparse arrays are judged where they do.

    >>> computes_otherwise(np.ma.array([1.0])), computes_otherwise(np.zeros(2)), computes_otherwise(1.0)
    (True, False, False)
    """
    if isinstance(value, (type, np.generic)) or type(value) in (np.ndarray, np.memmap):
        return False
    if isinstance(value, (int, float, complex)):
        return has_own_operators(value)
    is_sparse = type(value).__module__.startswith("scipy.sparse")
    return isinstance(value, np.ndarray) or (hasattr(type(value), "__array_priority__") and not is_sparse)


def is_foreign(value: object) -> bool:
    """Whether a value computes in its own way: an array of a class of its own, or a container of such a class.

    >>> from collections import Counter
    >>> is_foreign(np.ma.array([1.0])), is_foreign(Counter()), is_foreign([1.0])
    (True, True, False)
    """
    return computes_otherwise(value) or computes_items(type(value))


def foreign_in(value: Any, around: tuple[int, ...] = (), held: bool = False) -> Any:
    """What computes in its own way in a value, at any depth (`np.matrix`, masked arrays, ...), or None.

    A container among the attributes of an object (`held`) may do so: the function need not look at it.

    >>> foreign_in([1.0, {"a": np.zeros(2)}]) is None
    True
    >>> foreign_in(([np.ma.array([1.0])],))[0]
    np.float64(1.0)
    """
    if computes_otherwise(value) if held else is_foreign(value):
        return value
    if isinstance(value, (tuple, list)):
        items: Any = value
    elif isinstance(value, dict):
        items = value.values()
    else:
        items, held = (_fields(value, around) or {}).values(), True
    inside = (*around, id(value))
    return next((found for item in items if (found := foreign_in(item, inside, held)) is not None), None)


def is_function(value: object) -> bool:
    """Whether a value is a function, a method, or an object to be called: a text is written for each.

    >>> is_function(len), is_function(float), is_function(2.0)
    (True, False, False)
    """
    return callable(value) and not isinstance(value, type) and isinstance(value, Hashable)


def _fields(value: Any, around: tuple[int, ...]) -> dict[str, Any] | None:
    """The attributes of an object that count; None where it stands inside itself, or too deep."""
    if id(value) in around or len(around) >= _DEPTH:
        return None
    return fields_of(value)


def _signatures_of(values: Mapping[str, object]) -> Signature:
    symbols: dict[int, str] = {}
    return tuple([(name, _kind(value, symbols)) for name, value in values.items()])


def _kind(value: Any, symbols: dict[int, str], around: tuple[int, ...] = ()) -> Kind:
    type_ = type(value)
    if type_ in _NUMBERS:
        return _NUMBERS[type_]
    if type_ in _BY_VALUE:
        return kinds.constant(value)
    if type_ in _ARRAYS:
        if value.dtype.kind not in "biufc":
            return UNKNOWN if value.dtype.kind == "O" else NO_NUMBERS
        return array(tuple([_dim(n, symbols) for n in value.shape]), value.dtype.name)
    if is_foreign(value):
        # No derivative for others serves it: it is judged at every call, and refused unless an object holds it.
        return Kind("unknown" if around and computes_items(type_) else "other", cls=type_)
    if isinstance(value, np.generic):
        return scalar(value.dtype.name) if value.dtype.kind in "biufc" else OTHER
    if isinstance(value, tuple):
        found = container("tuple", {i: _kind(v, symbols, around) for i, v in enumerate(value)})
        return replace(found, cls=type_) if is_named(type_) else found
    if isinstance(value, list):
        return container("list", {i: _kind(v, symbols, around) for i, v in enumerate(value)})
    if isinstance(value, dict):
        # Keys that are equal but differ in type cannot meet in one dict.
        return container("dict", {k: _kind(v, symbols, around) for k, v in value.items()})
    fields = _fields(value, around)
    if fields is not None:
        around = (*around, id(value))
        items = {Field(k): _kind(v, symbols, around) for k, v in fields.items()}
        return replace(container("dict", items), cls=type_)
    if is_function(value) or _is_member(value):
        return Kind("other", value=value)
    if type_ is slice or type_ is range:
        return SLICE if type_ is slice else RANGE
    if type_ in GENERATORS:
        return Kind("other", cls=type_)
    # A subclass of a number may compute whatever it likes.
    return UNKNOWN if isinstance(value, (int, float, complex)) else OTHER


def _is_member(value: Any) -> bool:
    """Whether a value is a member of an enumeration, and no number besides: it counts by value, as a text does."""
    return isinstance(value, enum.Enum) and not isinstance(value, (int, float, complex))


def _dim(size: int, symbols: dict[int, str]) -> Dim:
    if size == 1:
        return 1
    found = symbols.get(size)
    if found is None:
        found = symbols[size] = f"n{len(symbols)}"
    return found


# -- annotations --------------------------------------------------------------------------------

_ANNOTATIONS: dict[Any, Kind] = {
    # A NumPy number of double precision is a `float`, and a `complex` too, in Python's eyes.
    float: scalar("float64"),
    complex: scalar("complex128"),
    int: INT,
    bool: scalar("bool"),
    str: OTHER,
    None: Kind("other", value=None),
    type(None): Kind("other", value=None),
    np.ndarray: array(None, None),
    tuple: Kind("tuple"),
    list: Kind("list"),
    dict: Kind("dict"),
}


def kind_from_annotation(annotation: object) -> Kind | None:
    """What an annotation says of a parameter.

    Args:
        annotation: the object an annotation means. `np.ndarray` stands for an array with at least
            one axis; strings are not evaluated.

    Returns:
        The kind, or None where the annotation says nothing that counts here.

    >>> import numpy.typing as npt
    >>> found = kind_from_annotation(npt.NDArray[np.float32])
    >>> found.family, found.dtype, found.shape
    ('array', 'float32', None)
    >>> kind_from_annotation("float") is None
    True
    """
    if isinstance(annotation, type) and issubclass(annotation, np.generic):
        return _numpy_scalar(annotation)
    if isinstance(annotation, (types.GenericAlias, type(typing.List[int]))):  # noqa: UP006
        return _generic(typing.get_origin(annotation), typing.get_args(annotation))
    try:
        return _ANNOTATIONS.get(annotation)
    except TypeError:
        return None


def _generic(origin: Any, arguments: tuple[Any, ...]) -> Kind | None:
    meant = typing.get_origin(getattr(origin, "__value__", None))
    if meant is np.ndarray and len(arguments) == 1:
        # Where `NDArray` is a `type` statement of its own, its argument is the scalar type.
        (inner_type,) = arguments
        named = _numpy_scalar(inner_type) if isinstance(inner_type, type) else None
        return array(None, named.dtype if named is not None else None)
    if origin is np.ndarray:
        inner = typing.get_args(arguments[1]) if len(arguments) == 2 else ()
        exact = _numpy_scalar(inner[0]) if inner and isinstance(inner[0], type) else None
        return array(None, exact.dtype if exact is not None else None)
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        items = [kind_from_annotation(a) or UNKNOWN for a in arguments if a != ()]
        return container("tuple", dict(enumerate(items)))
    return _ANNOTATIONS.get(origin)


def _numpy_scalar(annotation: type) -> Kind | None:
    try:
        dtype = np.dtype(annotation)
    except TypeError:
        return None
    # An abstract class such as `np.floating` names no one type.
    if dtype.type is not annotation or dtype.kind not in "biufc":
        return None
    return scalar(dtype.name)
