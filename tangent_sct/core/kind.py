"""Kinds: what is known of a value before the program runs.

A kind says whether a value is a scalar, an array or a container, its rank, its dtype and its symbolic
shape. Dimensions are written so that equal means equal: `1` is the literal one; a string is a symbol,
and two dimensions with the same symbol have the same size in every run for which the kinds hold. The
sizes behind two different symbols may or may not differ, but a symbol of an *argument* is never one
(a dimension of size one is written `1`): that is part of the key a derivative is specialised by.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

Dim = int | str
Family = Literal["scalar", "array", "tuple", "list", "dict", "other", "unknown"]

NO_VALUE: Any = type("NoValue", (), {"__repr__": lambda self: "NO_VALUE"})()
"""Stands for "not known while transforming" where None could be a value."""

SAMPLERS: tuple[type, ...] = (np.random.Generator, np.random.RandomState)
"""NumPy's classes of objects that draw random numbers."""

GENERATORS: tuple[type, ...] = (*SAMPLERS, random.Random)
"""These, and Python's own."""

OTHER_METHODS_OF_SAMPLERS = frozenset("bit_generator get_state permuted seed set_state shuffle spawn".split())
"""What those of NumPy have that draws no numbers, or may write them into an array."""


class Field(str):
    """The name of an attribute, as the key of an item of an object: objects are containers whose keys are these.

    Attributes:
        owner: what the class of the object is called in the text, where the object is made there.

    >>> Field("w") == "w", type(Field("w")).__name__
    (True, 'Field')
    """

    owner: str

    def __new__(cls, name: str, owner: str = "") -> Field:
        new = super().__new__(cls, name)
        new.owner = owner
        return new


CLASS = "__class__"
"""The attribute by which an object that has no others tells whose it is."""


@dataclass(frozen=True)
class Kind:
    """What is known of a value.

    Attributes:
        family: scalar (a Python or NumPy number, never an array), array (an ndarray, rank 0
            included), a container, other (any object that holds no numbers to differentiate:
            strings, None, slices, dtypes, functions, ranges), or unknown.
        dtype: NumPy's name ("float64", "int64", ...) for arrays and NumPy scalars; "float", "int",
            "bool", "complex" for Python's own numbers, which are weak in promotion; None when unknown.
        shape: of an array; None when even the rank is unknown.
        items: of a container whose structure is known, by position or key, in order.
        element: of a container whose structure is not known, and of whatever gives items: what each of these is,
            where that is known.
        present: of a value that may be None, and is unknown for that: what it is where it is not None.
        mixed: of an unknown value: whether it may be a container of one family, and something else as well.
        cls: the class of an object, whose items are its attributes, of a named tuple, of a generator of
            random numbers, or of a slice; `object` of an object of one of several classes, and of a mixed value that
            may be an object.
        value: the value itself where it is a known constant (ints, strings, None, tuples of
            ints, dtypes, functions); else NO_VALUE.
    """

    family: Family
    dtype: str | None = None
    shape: tuple[Dim, ...] | None = None
    items: tuple[tuple[Any, Kind], ...] | None = None
    value: Any = field(default=NO_VALUE)
    element: Kind | None = None
    present: Kind | None = None
    mixed: bool = False
    cls: type | None = None

    def __eq__(self, other: object) -> bool:
        """Whether all is the same, types of values and keys included: `1`, `True` and a member of an enumeration may
        be equal, and so may `"a"` and a member; a program tells them apart.

        >>> constant(0.0) == constant(-0.0), container("dict", {1: FLOAT}) == container("dict", {True: FLOAT})
        (False, False)
        """
        if self is other:
            return True
        if not isinstance(other, Kind):
            return NotImplemented
        return (
            self.family == other.family
            and self.dtype == other.dtype
            and self.shape == other.shape
            and self.cls is other.cls
            and self.mixed == other.mixed
            and same_value(self.value, other.value)
            and _same_items(self.items, other.items)
            and self.element == other.element
            and self.present == other.present
        )

    @property
    def rank(self) -> int | None:
        """Number of dimensions: 0 for a scalar, None when unknown."""
        if self.family == "scalar":
            return 0
        return None if self.shape is None else len(self.shape)

    @property
    def is_scalar(self) -> bool:
        """Surely a number that is not an array."""
        return self.family == "scalar"

    @property
    def is_array(self) -> bool:
        """Surely an ndarray."""
        return self.family == "array"

    @property
    def is_container(self) -> bool:
        """A tuple, list or dict, or an object whose attributes are known (its family is dict)."""
        return self.family in ("tuple", "list", "dict")

    @property
    def is_float(self) -> bool | None:
        """Whether the numbers in it can be differentiated: None when the dtype is unknown."""
        if self.dtype is None:
            return None if self.family in ("scalar", "array", "unknown") else False
        return self.dtype.startswith(("float", "complex"))

    @property
    def is_text(self) -> bool:
        """Whether it surely is a `str`."""
        return self.family == "other" and (self.cls is str or type(self.value) is str)

    @property
    def is_complex(self) -> bool | None:
        """Whether the numbers in it are complex: None when the dtype is unknown."""
        if self.dtype is None:
            return self.is_float
        return self.dtype.startswith("complex")

    def item(self, key: object) -> Kind:
        """The kind of an item of a container, unknown when it is not known."""
        if self.items is None and self.element is not None:
            return self.element
        for name, kind in self.items or ():
            if type(name) is type(key) and name == key:
                return kind
        return UNKNOWN

    def forget_value(self) -> Kind:
        """The same kind for any value of it."""
        return self if self.value is NO_VALUE else replace(self, value=NO_VALUE)


def same_value(left: object, right: object) -> bool:
    """Whether two values are equal, of one type, and no zeros of two signs.

    >>> same_value(1, 1), same_value(1, True), same_value(0.0, -0.0)
    (True, False, False)
    """
    if left is right:
        return True
    if type(left) is not type(right) or not left == right:
        return False
    return not isinstance(left, (float, complex)) or repr(left) == repr(right)


def _same_items(
    left: tuple[tuple[Any, Kind], ...] | None, right: tuple[tuple[Any, Kind], ...] | None
) -> bool:
    if left is right:
        return True
    if left is None or right is None or len(left) != len(right):
        return False
    return all(
        same_value(key, other) and kind == known
        for (key, kind), (other, known) in zip(left, right, strict=True)
    )


UNKNOWN = Kind("unknown")
MIXED = Kind("unknown", mixed=True)

OTHER = Kind("other")
SLICE = Kind("other", cls=slice)
NO_NUMBERS = Kind("other", cls=np.ndarray)
"""An array of objects, of texts, or of records."""
TEXT = Kind("other", cls=str)
FLOAT = Kind("scalar", "float")
INT = Kind("scalar", "int")
RANGE = Kind("other", element=INT)
BOOL = Kind("scalar", "bool")


def may_be_complex(kind: Kind) -> bool:
    """Whether there may be complex numbers in a value, the items of containers included.

    >>> may_be_complex(Kind("tuple", items=((0, FLOAT), (1, Kind("scalar", "complex")))))
    True
    >>> may_be_complex(FLOAT), may_be_complex(UNKNOWN)
    (False, True)
    """
    if not kind.is_container:
        return kind.is_complex is not False
    if kind.items is None:
        return kind.element is None or may_be_complex(kind.element)
    return any(may_be_complex(item) for _, item in kind.items)


def holds_complex(kind: Kind) -> bool:
    """Whether there surely are complex numbers in a value, the items of containers included.

    >>> holds_complex(Kind("list", element=Kind("scalar", "complex"))), holds_complex(UNKNOWN)
    (True, False)
    """
    if kind.element is not None and holds_complex(kind.element):
        return True
    return bool(kind.is_complex) or any(holds_complex(item) for _, item in kind.items or ())


def is_immutable(kind: Kind) -> bool:
    """Whether a value surely cannot change: a number, or a tuple of what cannot.

    >>> is_immutable(Kind("tuple", element=FLOAT)), is_immutable(Kind("tuple"))
    (True, False)
    """
    if kind.family != "tuple":
        return kind.is_scalar
    if kind.items is None:
        return kind.element is not None and is_immutable(kind.element)
    return all(is_immutable(item) for _, item in kind.items)


def is_object(kind: Kind) -> bool:
    """Whether a value surely is an object whose items are its attributes, and no tuple, list or dict.

    >>> is_object(Kind("dict", cls=int)), is_object(Kind("dict")), is_object(Kind("tuple", cls=tuple))
    (True, False, False)
    >>> is_object(container("dict", {Field("w"): FLOAT}))
    True
    """
    return kind.family == "dict" and (kind.cls is not None or any(type(key) is Field for key, _ in kind.items or ()))


def may_be_object(kind: Kind) -> bool:
    """Whether a value may be such an object: of several, or of one whose attributes change, the keys are not known.

    >>> may_be_object(Kind("dict")), may_be_object(container("dict", {"w": FLOAT})), may_be_object(FLOAT)
    (True, False, False)
    """
    return kind.family == "dict" and (is_object(kind) or not kind.items)


_OWN_METHODS = (
    *(f"__{prefix}{name}__" for prefix in ("", "r", "i") for name in
      "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()),
    *(f"__{name}__" for name in "neg pos abs invert round trunc floor ceil float int complex index".split()),
    *(f"__{name}__" for name in "getitem setitem iter contains len".split()),
    "__array__", "__array_ufunc__", "__array_function__", "__array_interface__",
)  # fmt: skip


def may_compute(kind: Kind) -> bool:
    """Whether a value may be an object whose class says itself what operators and functions of NumPy do with it.

    >>> may_compute(Kind("dict", cls=type("Money", (), {"__radd__": None}))), may_compute(FLOAT)
    (True, False)
    """
    if kind.cls is None or not (is_object(kind) or kind.mixed):
        return False
    return kind.cls is object or any(name in vars(base) for base in kind.cls.__mro__[:-1] for name in _OWN_METHODS)


def place_of_field(kind: Kind, name: str) -> int | None:
    """Which item of a named tuple has a name; None for other values, and names that no item has.

    >>> from collections import namedtuple
    >>> place_of_field(Kind("tuple", cls=namedtuple("Point", "x y")), "y"), place_of_field(FLOAT, "y")
    (1, None)
    """
    fields: tuple[str, ...] = getattr(kind.cls, "_fields", ()) if kind.family == "tuple" else ()
    return fields.index(name) if name in fields else None


def unless_none(kind: Kind) -> Kind:
    """The kind of a value where it is not None, and of all that it holds.

    What takes a value apart, or computes with it, may rely on it: of None that is an error.

    >>> unless_none(Kind("unknown", present=FLOAT)) == FLOAT
    True
    """
    if kind.present is not None:
        return unless_none(kind.present)
    if kind.items is not None:
        items = tuple([(key, unless_none(item)) for key, item in kind.items])
        same = all(a is b for (_, a), (_, b) in zip(items, kind.items, strict=True))
        return kind if same else replace(kind, items=items)
    if kind.element is not None:
        element = unless_none(kind.element)
        return kind if element is kind.element else replace(kind, element=element)
    return kind


def scalar(dtype: str | None = "float") -> Kind:
    """A number."""
    return Kind("scalar", dtype)


def array(shape: tuple[Dim, ...] | None = None, dtype: str | None = "float64") -> Kind:
    """An ndarray."""
    return Kind("array", dtype, shape)


def container(family: Family, items: Mapping[Any, Kind]) -> Kind:
    """A tuple, list or dict of known structure."""
    return Kind(family, items=tuple(items.items()))


def constant(value: object) -> Kind:
    """The kind of a literal or of a constant known while transforming.

    >>> constant(3).dtype, constant((1, 2)).family
    ('int', 'tuple')
    """
    if isinstance(value, (bool, int, float, complex)) and not isinstance(value, np.generic):
        return Kind("scalar", type(value).__name__, value=value)
    if isinstance(value, (tuple, list)):
        items = {i: constant(v) for i, v in enumerate(value)}
        return replace(
            container("tuple" if isinstance(value, tuple) else "list", items), value=value
        )
    return Kind("other", value=value)


def same_shape(left: Kind, right: Kind) -> bool:
    """Whether two values surely have the same shape (a scalar has the shape of a 0-d array)."""
    if left.is_scalar or right.is_scalar:
        return left.rank == right.rank == 0
    return left.shape is not None and left.shape == right.shape
