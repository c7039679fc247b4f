"""What the free names of a program mean.

A generated function may hold code from several modules. Each free name is looked up where it was
written, once, and gets one name for its object in the generated text: the user's own spelling unless
that is taken by another object.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source

_LIBRARIES = ("numpy", "scipy", "tangent_sct")
_VALUES = (np.ndarray, np.memmap, list, tuple, dict)

MISSING: Any = object()
"""Stands for "no object found"; no user value is this object."""


class Namespace:
    """Free names of a function of the generated text, each with the object it means.

    One for each function of the text: what is a free name in one may be a variable of another. A free name means
    the same object in all of them.

    Attributes:
        objects: what the free names of this function mean.
        everywhere: what the free names of all functions of the text mean.

    >>> import math
    >>> space = Namespace(Names())
    >>> space.name_for("pi", math.pi), space.name_for("pi", math.tau)
    ('pi', 'pi_2')
    """

    def __init__(self, names: Names, everywhere: dict[str, Any] | None = None) -> None:
        self.names = names
        self.everywhere: dict[str, Any] = {} if everywhere is None else everywhere
        self.objects = dict(self.everywhere)
        self._known = {id(value): name for name, value in self.objects.items()}
        self.uses: list[tuple[Source, str, Any]] = []
        names.reserve(self.objects)

    def beside(self, names: Names) -> Namespace:
        """The namespace for another function of the same text, which has variables of its own."""
        other = Namespace(names, self.everywhere)
        other.uses = self.uses
        return other

    def reserve(self) -> None:
        """Take the names of free names again, where names have been given back."""
        self.names.reserve(self.objects)

    def bind(self, names: Iterable[str]) -> None:
        """Note the variables of the function: whatever a name means in other functions, here it is a variable."""
        for name in names:
            self.names.reserve([name])
            if name in self.objects:
                self._known.pop(id(self.objects.pop(name)), None)

    def meet(self, objects: Mapping[str, Any]) -> None:
        """Note the free names of a function that was written.

        Raises:
            AssertionError: when one means something else in another function of the text.
        """
        for name, value in objects.items():
            if self.everywhere.setdefault(name, value) is not value:
                raise AssertionError(f"`{name}` means two objects in one text; this is a defect of the compiler")

    def use(self, source: Source, name: str) -> str:
        """The name in the generated text for a free name of a user's function.

        Raises:
            KeyError: when the name is not bound.
        """
        value = source.lookup(name)
        if not any(s is source and n == name for s, n, _ in self.uses):
            self.uses.append((source, name, value))
        return self.name_for(name, value)

    def name_for(self, spelling: str, value: Any) -> str:
        """The name of an object in the generated text, as near to `spelling` as can be."""
        if spelling == "__name__":
            # The generated module has a name of its own.
            spelling = "module_name"
        if self._stands_for(spelling, value):
            return spelling
        known = self._known.get(id(value))
        shared = isinstance(value, types.ModuleType) or (callable(value) and not isinstance(value, type))
        if known is not None and shared and self._stands_for(known, value):
            return known
        name = self.names.fresh(spelling)
        while self.everywhere.get(name, value) is not value:
            name = self.names.fresh(spelling)
        self.objects[name] = self.everywhere[name] = value
        self._known[id(value)] = name
        return name

    def _stands_for(self, name: str, value: Any) -> bool:
        """Whether a name means an object here, or may: that of another function, which is no variable here."""
        if name in self.objects:
            return self.objects[name] is value
        if name not in self.everywhere or self.everywhere[name] is not value or self.names.taken(name):
            return False
        self.names.reserve([name])
        self.objects[name] = value
        return True

    def dotted(self, spelling: str, value: Any) -> gast.AST:
        """The expression for an attribute chain `np.linalg.solve` whose first name means `value`."""
        first, *rest = spelling.split(".")
        node: gast.AST = tree.load(self.name_for(first, value))
        for part in rest:
            node = tree.attribute(node, part)
        return node


def meaning(node: gast.AST, objects: Mapping[str, Any]) -> Any:
    """The object an expression means, `MISSING` where that is decided only when the program runs.

    Names are looked up in `objects`; attributes are followed on modules and classes, whose
    attributes do not depend on the run, and on callables that are such attributes.
    """
    kind = type(node)
    if kind is gast.Name:
        return objects.get(node.id, MISSING)
    if kind is gast.Attribute:
        owner = meaning(node.value, objects)
        if owner is MISSING:
            return MISSING
        if isinstance(owner, (types.ModuleType, type)) or callable(owner):
            return getattr(owner, node.attr, MISSING)
        if type(owner) in _VALUES:
            # A method of an array, or of a container, that is a free name is known as of any other.
            return MISSING
        found = getattr(owner, node.attr, MISSING)
        return found if callable(found) else MISSING
    return MISSING


@cache
def is_library(module: str | None) -> bool:
    """Whether a module is Python's, NumPy's, SciPy's or this compiler's own: what it holds does not change.

    >>> is_library("numpy.linalg"), is_library("__main__")
    (True, False)
    """
    top = (module or "").partition(".")[0]
    return top in _LIBRARIES or top in sys.stdlib_module_names
