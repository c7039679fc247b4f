"""Objects of which a comparison, or a rounding, is no truth value and no whole number, but whatever their class says.

`q > 0.5` is `1 / (1 + exp(-q.v))` in a logic of degrees. Comparisons and roundings are taken to have no derivative,
so what may be such a comparison is refused. In tests (`if`, `while`, `not`) its truth counts, and that has none.
"""

from __future__ import annotations

import dis
import functools
import inspect
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

import gast

from tangent_sct.analysis.inside import Inside
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import NO_VALUE, Kind, unless_none
from tangent_sct.frontend.mentioned import classes_mentioned, functions_mentioned
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.protocols import COMPARED
from tangent_sct.frontend.source import source_of, tree_of
from tangent_sct.templating import registry

KindOf = Callable[[gast.AST], Kind]
_ORDERS = tuple(method for method, _ in COMPARED.values())
_ROUNDINGS: Mapping[str, tuple[str, ...]] = {
    "round": ("__round__", "rint"), "around": ("rint",), "rint": ("rint",), "fix": ("trunc",), "sign": ("sign",),
    "floor": ("__floor__", "floor"), "ceil": ("__ceil__", "ceil"), "trunc": ("__trunc__", "trunc"),
}  # fmt: skip
"""Functions without a derivative, by their names, with the methods that they ask an object for."""

_CHOOSING = ("logical_and", "logical_or")
"""Functions that give truth values of numbers, and one of the objects that they are given."""

_BY_BITS: Mapping[str, tuple[str, ...]] = {
    **{name: (f"__{name.rstrip('_')}__", f"__r{name.rstrip('_')}__") for name in
       ("and_", "or_", "xor", "lshift", "rshift", "floordiv")},
    **{name: (f"__{method}__", f"__r{method}__") for name, method in (
        ("bitwise_and", "and"), ("bitwise_or", "or"), ("bitwise_xor", "xor"), ("left_shift", "lshift"),
        ("right_shift", "rshift"), ("floor_divide", "floordiv"))},
    **dict.fromkeys(("inv", "invert"), ("__invert__",)),
}  # fmt: skip
"""The same of functions that compute with bits, or divide without rest."""

_COMPARING = frozenset(
    (*_ORDERS, *"lt le gt ge eq ne less less_equal greater greater_equal equal not_equal".split())
)
"""Methods and functions that compare."""


def refuse_comparisons_that_are_values(
    inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf, find_varied: Callable[[], set[str]]
) -> None:
    """Refuse a comparison, or a rounding, that an object may answer with a value to be differentiated.

    Args:
        inside: the statements of the program.
        namespace: what its free names mean.
        kind_of: the kind of an expression.
        find_varied: tells the names that may depend on what is differentiated.

    Raises:
        UnsupportedError: naming the statement.
    """
    asked = [(node, item, names) for node, item, names in _asked(inside, namespace, kind_of) if names]
    if not asked:
        return
    varied = find_varied()
    asked = [found for found in asked if not varied.isdisjoint(tree.names_read(list(tree.own_parts(found[0]))))]
    if not asked:
        return
    classes = _classes(inside, namespace, kind_of)
    compares_itself = any(not _gives_truth(method, False) for _, _, method in _methods(classes, _ORDERS))
    for node, item, names in asked:
        for cls, name, method in _methods(classes, names):
            if name in _ORDERS and _gives_truth(method, compares_itself):
                continue
            given = f"what `{name}` of class `{cls.__name__}` gives"
            hint = f"write an ordinary method and call it, or let `{name}` return `bool(...)`"
            if name == "__init__":
                given, hint = f"an object of class `{cls.__name__}`", "write `q and r`"
            raise UnsupportedError(
                f"`{tree.text(item)}` may be {given}, and comparisons and roundings are taken to have no derivative",
                tree.origin_of(node),
                hint,
            )


def _asked(
    inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf
) -> Iterator[tuple[gast.AST, gast.AST, tuple[str, ...]]]:
    """The expressions of a program that may ask an object, with their statements and the names of the methods."""
    own_tests = {id(node): list(_tests(node, inside.of(node))) for node in inside.statements}
    brief = _only_tested(inside, own_tests)
    for node in inside.statements:
        items = inside.of(node)
        tested = set(map(id, own_tests[id(node)]))
        if isinstance(node, gast.Assign) and tree.is_one_of(node.targets[0], brief):
            tested.add(id(node.value))
        for item in items:
            if isinstance(item, gast.Compare):
                if id(item) not in tested and not _is_plain(item, kind_of):
                    yield node, item, tuple(name for op in item.ops for name in COMPARED.get(type(op), ()))
            elif isinstance(item, gast.Call):
                function = meaning(item.func, namespace)
                if function is not MISSING and not all(_is_known(kind_of(a)) for a in item.args):
                    yield node, item, _names_asked(function)


def _names_asked(function: Any) -> tuple[str, ...]:
    """The methods that a call of a function may ask objects for, in value."""
    rule = registry.find(function)
    if rule is not None:
        name = getattr(function, "__name__", "")
        if name in _CHOOSING:
            return ("__init__",)
        asked = (*_ROUNDINGS.get(name, ()), *_BY_BITS.get(name, ()), *(_ORDERS if name in _COMPARING else ()))
        return asked if rule.is_zero else ()
    if not isinstance(function, FunctionType) or is_library(function.__module__):
        return ()
    every = [_asked_by(inner.__code__) for inner in functions_mentioned([function])]
    return tuple(dict.fromkeys(name for names in every for name in names))


@functools.lru_cache(maxsize=1024)
def _asked_by(code: CodeType) -> tuple[str, ...]:
    """The methods that compiled code may ask objects for."""
    found = [m for name in code.co_names for m in (*_ROUNDINGS.get(name, ()), *_BY_BITS.get(name, ()))]
    instructions = list(dis.get_instructions(code))
    for this, following in zip(instructions, instructions[1:], strict=False):
        is_tested = following.opname.startswith("POP_JUMP") or following.opname in ("TO_BOOL", "UNARY_NOT")
        if this.opname == "COMPARE_OP" and not is_tested:
            found += _ORDERS
    if not _COMPARING.isdisjoint(code.co_names):
        found += _ORDERS
    for part in code.co_consts:
        if isinstance(part, CodeType):
            found += _asked_by(part)
    return tuple(dict.fromkeys(found))


def _only_tested(inside: Inside, tests: Mapping[int, list[gast.AST]]) -> set[str]:
    """The names of which nothing is read but whether they are true."""
    items = [item for node in inside.statements for item in inside.of(node)]
    read = Counter(n.id for n in items if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Load))
    tested = Counter(test.id for several in tests.values() for test in several if isinstance(test, gast.Name))
    return {name for name, count in tested.items() if count == read[name]}


def _tests(node: gast.AST, items: Iterable[gast.AST]) -> Iterator[gast.AST]:
    """The expressions of a statement of which only the truth counts."""
    pending = [node.test] if isinstance(node, (gast.If, gast.While, gast.Assert)) else []
    for item in items:
        if isinstance(item, gast.IfExp):
            pending.append(item.test)
        elif isinstance(item, gast.UnaryOp) and isinstance(item.op, gast.Not):
            pending.append(item.operand)
        elif isinstance(item, gast.comprehension):
            pending += item.ifs
    while pending:
        found = pending.pop()
        yield found
        if isinstance(found, gast.BoolOp):
            pending += found.values


def _is_plain(comparison: gast.Compare, kind_of: KindOf) -> bool:
    """Whether no object of a user's class takes part in a comparison."""
    return all(_is_known(kind_of(part)) for part in (comparison.left, *comparison.comparators))


def _is_known(kind: Kind) -> bool:
    """Whether a value is a number, an array, a text or a constant."""
    kind = unless_none(kind)
    return kind.is_scalar or kind.is_array or kind.value is not NO_VALUE or kind.cls in (str, bytes)


def _classes(inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf) -> list[type]:
    """The classes whose objects the program may meet."""
    names = {name for node in inside.statements for name in (*tree.names_written(node), *tree.names_read(node))}
    own = {cls for name in names for cls in _classes_in(kind_of(tree.load(name))) if not is_library(cls.__module__)}
    return list(dict.fromkeys((*own, *classes_mentioned(namespace.values()))))


def _classes_in(kind: Kind) -> Iterator[type]:
    if kind.cls is not None:
        yield kind.cls
    for inner in (kind.element, kind.present, *(item for _, item in kind.items or ())):
        if inner is not None:
            yield from _classes_in(inner)


def _methods(classes: Iterable[type], names: Iterable[str]) -> Iterator[tuple[type, str, FunctionType]]:
    """The methods of some names that classes have written in Python."""
    for cls in classes:
        for name in names:
            method = inspect.getattr_static(cls, name, None)
            if isinstance(method, types.FunctionType):
                yield cls, name, method


def _gives_truth(method: FunctionType, strictly: bool) -> bool:
    """Whether a method returns nothing but truth values.

    Args:
        method: one that compares.
        strictly: whether what it compares in its turn may be such an object.
    """
    if method.__module__ == "functools" or method.__code__.co_filename == "<string>":
        return True  # made of the others, or written by `dataclasses`
    return _returns_truth(method, strictly)


@functools.lru_cache(maxsize=1024)
def _returns_truth(method: FunctionType, strictly: bool) -> bool:
    try:
        body = tree_of(source_of(method)).body
    except (UnsupportedError, TypeError):
        return False
    returned = [s.value for s in tree.every_statement(body) if isinstance(s, gast.Return)]
    return bool(returned) and all(_is_truth(value, strictly) for value in returned)


_TRUTHS = ("bool", "isinstance", "issubclass", "callable", "hasattr", "all", "any")
_NUMPY_TRUTHS = ("all", "any", "array_equal", "allclose", "isclose", "equal")


def _is_truth(node: gast.AST | None, strictly: bool) -> bool:
    if isinstance(node, gast.Compare):
        return not strictly or not any(type(op) in COMPARED for op in node.ops)
    if isinstance(node, gast.BoolOp):
        return all(_is_truth(value, strictly) for value in node.values)
    if isinstance(node, gast.IfExp):
        return _is_truth(node.body, strictly) and _is_truth(node.orelse, strictly)
    if isinstance(node, gast.UnaryOp):
        return isinstance(node.op, gast.Not)
    if isinstance(node, gast.Call):
        is_method = isinstance(node.func, gast.Attribute) and node.func.attr in _NUMPY_TRUTHS
        return is_method or tree.is_name(node.func, *_TRUTHS)
    return tree.is_constant(node, True, False) or tree.is_name(node, "NotImplemented")
