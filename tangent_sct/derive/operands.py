"""Checks of operands of which kinds tell nothing: their class may have an arithmetic of its own.

`A * x` is a product of matrices where `A` is a `csr_matrix` that the function made, and whatever it says where `A` is
an object of a user's class; the derivative of `*` is that of numbers and arrays. Out of a list of objects and numbers
comes either.
"""

from __future__ import annotations

import operator
import types
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.operations import operation
from tangent_sct.analysis.own_ways import asks_class
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import NO_VALUE, UNKNOWN, Field, Kind, may_compute, unless_none
from tangent_sct.frontend.made import is_followed
from tangent_sct.frontend.mentioned import classes_mentioned
from tangent_sct.frontend.namespace import MISSING, Namespace, is_library, meaning
from tangent_sct.runtime import (
    check_left_number,
    check_matrix,
    check_no_object,
    check_no_objects,
    check_numbers,
    check_operand,
    check_plain,
    check_python_number,
)
from tangent_sct.templating import registry

_PRODUCTS = frozenset((operator.matmul, np.matmul))
_PLACES = (gast.Name, gast.Attribute, gast.Subscript)


def with_operand_checks(
    body: list[gast.AST],
    namespace: Namespace,
    kind_of: Callable[[gast.AST], Kind],
    varied: Callable[[], set[str]],
    asks_objects: bool = True,
) -> list[gast.AST]:
    """Put checks before arithmetic of what varies, and of constants beside it, where a class may say what it does.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        kind_of: the kind of an expression.
        varied: tells the names that may depend on what is differentiated.
        asks_objects: whether what may be an object of the program's is checked; else it is refused, since the
            object may be followed where the program is read in another way.

    Returns:
        The new body; the very same list where there is no such operation.

    Raises:
        UnsupportedError: naming the statement.
    """
    checks = _Checks(body, namespace, kind_of, varied, asks_objects)
    return tree.with_before(_without_known(body, namespace, kind_of), checks.of)


class _Checks:
    """The checks before a statement of a program."""

    def __init__(
        self,
        body: list[gast.AST],
        namespace: Namespace,
        kind_of: Callable[[gast.AST], Kind],
        varied: Callable[[], set[str]],
        asks_objects: bool,
    ) -> None:
        self._body, self._namespace, self._kind_of, self._varied = body, namespace, kind_of, varied
        self._asks_objects = asks_objects

    def of(self, node: gast.AST) -> list[gast.AST]:
        """The checks before a statement, most often none."""
        if type(node) is gast.For:
            turns = node.iter.args if isinstance(node.iter, gast.Call) else [node.iter]
            owners = (part.args if self._is_length(part) else [part] for part in turns)
            return self._of_items([owner for several in owners for owner in several])
        if type(node) is not gast.Assign:
            return []
        value = node.value
        if self._is_length(value):
            return self._of_items(value.args)
        if type(value) is gast.Call and (chosen := self._of_extreme(value)):
            return [*chosen, *self._of_arithmetic(value)]
        if type(value) is gast.Subscript:
            is_field = type(getattr(value.slice, "value", None)) is Field
            return [] if is_field else self._of_items([value.value])
        return self._of_arithmetic(value) if type(value) in (gast.BinOp, gast.UnaryOp, gast.Call) else []

    def _of_items(self, owners: list[gast.AST]) -> list[gast.AST]:
        """Those of what items are read from, or how many there are."""
        return self._checks(check_plain, [o for o in owners if type(o) in _PLACES and self._may_be_object(o)])

    def _of_extreme(self, call: gast.Call) -> list[gast.AST]:
        """That of the items of which `max` or `min` gives one: the rule is that of numbers."""
        called = meaning(call.func, self._namespace.objects)
        if len(call.args) != 1 or call.keywords or not is_one_of(called, (max, min)):
            return []
        (items,) = call.args
        kind = self._kind_of(items)
        every = [item for _, item in kind.items or ()] if kind.element is None else [kind.element]
        is_known = kind.is_array or (bool(every) and all(item.is_scalar or item.is_array for item in every))
        if is_known or type(items) not in _PLACES or self._varied().isdisjoint(tree.names_read(items)):
            return []
        return self._checks(check_numbers, [items])

    def _of_arithmetic(self, value: gast.AST) -> list[gast.AST]:
        """Those of the operands of an operator, or of a function that has a rule for numbers and arrays."""
        found = operation(value, self._namespace.objects)
        if found is None or found.function is MISSING:
            return []
        if isinstance(found.function, types.FunctionType) and not is_library(found.function.__module__):
            # A function of the user's, whose rule says what it is given.
            return []
        rule = registry.find(found.function)
        is_product = is_one_of(found.function, _PRODUCTS) or found.function is np.dot
        is_arithmetic = rule is not None and (rule.broadcast or is_product)
        if not is_arithmetic and not asks_class(found.function):
            return []
        parts = (part for atom in (*found.args, *found.keywords.values()) for part in _parts(atom))
        atoms = [part for part in parts if type(part) in _PLACES]
        several = is_arithmetic and len(found.args) > 1
        unsure = [atom for atom in atoms if _is_unsure(self._kind_of(atom))] if several else []
        mixed = list(filter(self._may_be_object, atoms))
        varied = self._varied() if unsure or mixed else set()
        if varied.isdisjoint(tree.names_read(value)):
            return self._of_listed(atoms) if asks_class(found.function) else []
        constants = [atom for atom in unsure if varied.isdisjoint(tree.names_read(atom))]
        mixed = [atom for atom in mixed if not varied.isdisjoint(tree.names_read(atom))]
        checks = self._checks(check_matrix if is_one_of(found.function, _PRODUCTS) else check_operand, constants)
        lists = atoms if asks_class(found.function) else []
        return [*checks, *self._checks(check_no_object, mixed), *self._of_listed(lists)]

    def _of_listed(self, atoms: list[gast.AST]) -> list[gast.AST]:
        """Those of the items of lists that a function adds, compares or sorts."""
        lists = [atom for atom in atoms if self._kind_of(atom).family in ("list", "tuple")]
        mixed = [atom for atom in lists if self._varied() & set(tree.names_read(atom)) and self._holds_unknown(atom)]
        return self._checks(check_no_objects, mixed)

    def _holds_unknown(self, atom: gast.AST) -> bool:
        kind = self._kind_of(atom)
        every = [item for _, item in kind.items or ()] if kind.items is not None else [kind.element or UNKNOWN]
        return any(map(_is_unsure, every)) and self._has_objects

    def _may_be_object(self, atom: gast.AST) -> bool:
        """Whether a value may be an object of the program's, or something else."""
        kind = self._kind_of(atom)
        if kind.mixed:
            return kind.cls is not None
        return kind.family == "unknown" and kind.present is None and kind.value is NO_VALUE and self._has_objects

    @cached_property
    def _has_objects(self) -> bool:
        every = list(tree.every_statement(self._body))
        names = {name for node in every for name in tree.names_written(node)}
        return any(_may_hold_object(self._kind_of(tree.load(name))) for name in names) or any(map(self._mixes, every))

    def _mixes(self, node: gast.AST) -> bool:
        """Whether a statement puts a constant of a class that is not known where what varies may be found."""
        value: Any = getattr(node, "value", None)
        if type(node) not in (gast.Assign, gast.Expr) or type(value) in (gast.BinOp, gast.UnaryOp, gast.Subscript):
            return False
        if type(value) is gast.Call and registry.find(meaning(value.func, self._namespace.objects)) is not None:
            return False
        varied = self._varied()
        place = node.targets[0] if type(node) is gast.Assign else value
        if varied.isdisjoint((*tree.names_read(place), *tree.names_written(place))):
            return False
        handed = value.args if isinstance(value, gast.Call) else [value]
        every = [part for item in handed for part in tree.walk(item)]
        atoms = [part for part in every if type(part) in _PLACES or self._makes_object(part)]
        return any(_is_unsure(self._kind_of(atom)) and varied.isdisjoint(tree.names_read(atom)) for atom in atoms)

    def _makes_object(self, node: gast.AST) -> bool:
        """Whether an expression makes an object of a class of the user's."""
        cls = meaning(node.func, self._namespace.objects) if type(node) is gast.Call else None
        return isinstance(cls, type) and not is_library(cls.__module__)

    @cached_property
    def _meets_objects(self) -> bool:
        """Whether code kept whole may make an object whose class has operators, and which could be followed."""
        classes = classes_mentioned(self._namespace.objects.values())
        return any(is_followed(cls) and may_compute(Kind("dict", cls=cls)) for cls in classes)

    def _is_length(self, node: gast.AST) -> bool:
        """Whether an expression is `len(o)`."""
        return type(node) is gast.Call and meaning(node.func, self._namespace.objects) is len

    def _refuse_objects(self, atoms: list[gast.AST]) -> None:
        """Refuse what may be an object of the program's: whoever reads the program in another way may follow it.

        Raises:
            UnsupportedError: naming the value.
        """
        for atom in atoms:
            kind = unless_none(self._kind_of(atom))
            if may_compute(kind) or self._may_be_object(atom) or (kind.family == "unknown" and self._meets_objects):
                raise UnsupportedError(
                    f"`{tree.text(atom)}` may be an object whose class says itself what operators, items and lengths "
                    "are",
                    None,
                    "ask isinstance before, or keep objects and numbers in different variables",
                    way="follows_all",
                    or_else="asks_objects",
                )

    def _checks(self, check: Callable[[Any], None], atoms: list[gast.AST]) -> list[gast.AST]:
        if not self._asks_objects:
            self._refuse_objects(atoms)
        name = self._namespace.name_for(check.__name__, check) if atoms else ""
        return [tree.effect(tree.call(name, tree.copy(atom))) for atom in atoms]


def _without_known(
    body: list[gast.AST], namespace: Namespace, kind_of: Callable[[gast.AST], Kind]
) -> list[gast.AST]:
    """A block without checks of what is surely a number or an array; the very same list where it has none.

    Raises:
        UnsupportedError: where an array surely stands left of an object that is asked what an operator does.
    """

    def is_known(node: gast.AST) -> bool:
        call: Any = node.value if isinstance(node, gast.Expr) else None
        check = meaning(call.func, namespace.objects) if isinstance(call, gast.Call) else None
        if check not in (check_operand, check_left_number, check_python_number):
            return False
        kind = unless_none(kind_of(call.args[0]))
        if kind.is_array and check is not check_operand:
            raise UnsupportedError(
                f"the array `{tree.text(call.args[0])}` stands left of an object whose class says what an operator "
                "does, and computes with its own elements",
                tree.origin_of(node),
                "write the object on the left, or give the class `__array_ufunc__ = None`",
            )
        if check is check_python_number:
            return isinstance(kind.value, (int, float, complex)) and not isinstance(kind.value, np.generic)
        return kind.is_scalar or kind.is_array

    if not any(map(is_known, tree.every_statement(body))):
        return body
    return tree.with_each(body, lambda node: [] if is_known(node) else [node])


def _parts(atom: gast.AST) -> Iterator[gast.AST]:
    """What an operand is computed of by operators: `o` of `-o`."""
    if isinstance(atom, (gast.UnaryOp, gast.BinOp)):
        for part in (atom.operand,) if isinstance(atom, gast.UnaryOp) else (atom.left, atom.right):
            yield from _parts(part)
    else:
        yield atom


def _may_hold_object(kind: Kind) -> bool:
    """Whether a value may be an object whose class has operators, items or a length of its own, or hold one."""
    if may_compute(kind):
        return True
    inner = [kind.element, kind.present, *(item for _, item in kind.items or ())]
    return any(_may_hold_object(item) for item in inner if item is not None)


def _is_unsure(kind: Kind) -> bool:
    """Whether a value may be an object of any class; one of a user's class is known as a dict."""
    return kind.family in ("unknown", "other", "dict") and kind.present is None and kind.value is NO_VALUE
