"""Functions of which there may be many, kept as what they captured (closure conversion: Appel 1992).

A list that grows in a loop holds many functions of one definition, and each of them has captured values of its own.
In such a list stands what was captured; the definition is known where the list is read, and is unfolded there with
what the item holds:

    fs.append(lambda t, a=x * k: a * t)          fs.append(x * k)
    ...                                          ...
    for f in fs:                                 for f in fs:
        y = f(y)                                     y = f * y

What was captured once for all functions of the list, a variable of the function that made the list, stays a
variable, so that a call sees what it holds then, as in Python. Functions of several definitions in one list each
have the name of their definition before what they captured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import gast

from tangent_sct.core import tree

if TYPE_CHECKING:
    from tangent_sct.frontend.meanings import Inner, Outer, Partial, Value


@dataclass(frozen=True)
class Given:
    """Something that a function has captured for itself.

    Attributes:
        base: the name it had.
        value: what it means, None where that is no function.
        is_active: whether it may carry a derivative.
    """

    base: str
    value: Value | None
    is_active: bool


@dataclass(frozen=True, eq=False)
class Closure:
    """A function that is kept as what it captured.

    Attributes:
        function: it; what it captured for itself has the names of `places` there.
        given: what it captured for itself.
        outside: variables of the program that it reads besides.
        key: what it does, as text: the same for all functions that do the same with what they captured.
        name: of its definition.
        is_tagged: whether that stands before what it captured.
    """

    function: Inner | Outer | Partial
    given: tuple[Given, ...]
    outside: frozenset[str]
    key: str
    name: str
    is_tagged: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Closure) and (self.key, self.given) == (other.key, other.given)

    def __hash__(self) -> int:
        return hash(self.key)

    def record(self, values: Sequence[gast.AST]) -> gast.AST:
        """The expression that is kept in the place of the function."""
        if self.is_tagged:
            return tree.tuple_of([tree.const(self.name), *values])
        if not values:
            return tree.const(self.name)
        return values[0] if len(values) == 1 else tree.tuple_of(values)

    def part(self, kept: str, place: int) -> gast.AST:
        """The expression of something that was captured, by the name of what is kept."""
        if not self.is_tagged and len(self.given) == 1:
            return tree.load(kept)
        return tree.subscript(tree.load(kept), tree.const(place + self.is_tagged))

    def is_it(self, kept: gast.AST) -> gast.Compare:
        """The test whether what is kept is of this definition and of no other."""
        name = tree.subscript(tree.copy(kept), tree.const(0))
        return gast.Compare(name, [gast.Eq()], [tree.const(self.name)])


class Mixed(Exception):
    """Functions of several definitions meet in one place, and only what they captured is kept of them."""


def places(count: int) -> list[str]:
    """Names for what is captured that no program has.

    >>> places(2)
    ['$0', '$1']
    """
    return [f"${number}" for number in range(count)]


def one_of(closures: Iterable[Closure]) -> list[Closure]:
    """One closure for each definition, which knows of each thing captured what is known of it in all of them."""
    found: dict[str, Closure] = {}
    for closure in closures:
        other = found.get(closure.key)
        if other is None:
            found[closure.key] = closure
        elif other.given != closure.given:
            pairs = zip(other.given, closure.given, strict=True)
            either = tuple(replace(a, is_active=a.is_active or b.is_active) for a, b in pairs)
            found[closure.key] = replace(other, given=either)
    return list(found.values())
