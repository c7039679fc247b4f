"""Which objects a statement may change in ways that are not undone: calls, stores into containers.

Stores into arrays are undone in the reverse sweep (`derive.reverse`); what is found here is not, so
whoever reads such an object later than the program did must have kept a copy. Needs: `calls`, `aliases`, kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gast

from tangent_sct.analysis.aliases import Classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.outside import may_change
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    NO_VALUE,
    OTHER_METHODS_OF_SAMPLERS,
    SAMPLERS,
    Family,
    Kind,
    is_immutable,
)
from tangent_sct.frontend.active import root_name

_FOLLOWED = frozenset((*tree.COMPOUND, gast.Assign, gast.AugAssign, gast.Expr))
"""Statements of which is known what they assign; the others are kept whole."""
_PLACES = frozenset((gast.Subscript, gast.Attribute))


def changed_names(
    node: gast.AST, calls: Calls, classes: Classes, kind_of: Callable[[gast.AST], Kind]
) -> set[str]:
    """Names whose object a statement may change, other than by a store into an array.

    A compound statement of the small language answers for its head alone.
    """
    found: set[str] = set()
    for name, deep in directly_changed(node, calls, kind_of):
        members = classes.members(name)
        members = (*members, *(n for member in members for n in classes.members_of_variables(member)))
        if not deep:
            # A container changes, not the arrays in it.
            family = kind_of(tree.load(name)).family
            kinds = {member: kind_of(tree.load(member)) for member in members}
            members = tuple(m for m, kind in kinds.items() if holds_items_that_change(kind, family))
        found.update(members)
    if _runs_unknown(node, calls):
        # It may reach what came from outside, though it is handed nothing of it.
        found.update(name for seen in classes.from_outside() for name in classes.members(seen))
    return found


def _runs_unknown(node: gast.AST, calls: Calls) -> bool:
    if type(node) is gast.FunctionDef:
        return False
    every = (item for part in tree.own_parts(node) for item in tree.walk(part) if type(item) is gast.Call)
    return any(calls.facts(call).effect == "unknown" and calls.is_python(call) for call in every)


def directly_changed(
    node: gast.AST, calls: Calls, kind_of: Callable[[gast.AST], Kind]
) -> Iterator[tuple[str, bool]]:
    """Names whose object changes, and whether what it holds may change with it."""
    target = stored_container(node, kind_of)
    if target is not None:
        yield target, type(node) is gast.AugAssign and not kind_of(_loaded(node.target)).is_scalar
    for place in assigned_places(node):
        if type(place.value) is not gast.Name:
            # What the name holds changes.
            root = root_name(place)
            if root is not None:
                yield root, True
        elif place is not target_of_store(node):
            yield place.value.id, True
    opaque = type(node) not in _FOLLOWED
    for part in tree.own_parts(node):
        for item in tree.walk(part):
            if type(item) is gast.Call:
                yield from _by_call(item, calls, kind_of)
            elif opaque and type(item) in _PLACES:
                root = root_name(item)
                if type(item.ctx) is not gast.Load and root is not None:
                    yield root, True
            elif opaque and type(item) is gast.AugAssign and type(item.target) is gast.Name:
                yield item.target.id, True


def _draws(call: gast.Call, kind_of: Callable[[gast.AST], Kind]) -> bool:
    """Whether a call is of a method that draws random numbers: nothing but the state of the generator changes."""
    method = call.func
    return (
        type(method) is gast.Attribute
        and kind_of(method.value).cls in SAMPLERS
        and method.attr not in OTHER_METHODS_OF_SAMPLERS
        and all(keyword.arg not in (None, "out") for keyword in call.keywords)
    )


def _loaded(place: gast.AST) -> gast.AST:
    return tree.with_context(tree.copy(place), gast.Load())


def stored_through(node: gast.AST) -> str | None:
    """The name through which a statement stores into an array, a container or an object, or updates one in place.

    >>> [stored_through(node) for node in tree.statements("a[1:][0] = 2.0\\nb += 1.0\\nc = d[0]")]
    ['a', 'b', None]
    """
    target = node.targets[0] if isinstance(node, gast.Assign) else getattr(node, "target", None)
    is_update = isinstance(node, gast.AugAssign)
    return root_name(target) if is_update or isinstance(target, (gast.Subscript, gast.Attribute)) else None


def target_of_store(node: gast.AST) -> gast.Subscript | None:
    """The place of a store of one value, of which all passes know."""
    target: gast.AST | None = None
    if type(node) is gast.Assign:
        (target,) = node.targets if len(node.targets) == 1 else (None,)
    elif type(node) is gast.AugAssign:
        target = node.target
    return target if type(target) is gast.Subscript else None


def assigned_places(node: gast.AST) -> Iterator[gast.AST]:
    """Elements and attributes that a statement itself assigns: `r[0], r.a = ...`, `for r[0] in ...`."""
    if type(node) is gast.Assign:
        pending = list(node.targets)
    elif type(node) is gast.With:
        pending = [item.optional_vars for item in node.items if item.optional_vars is not None]
    else:
        pending = [node.target] if isinstance(node, (gast.For, gast.AugAssign)) else []
    while pending:
        target = pending.pop()
        if isinstance(target, (gast.Tuple, gast.List)):
            pending += target.elts
        elif type(target) is gast.Starred:
            pending.append(target.value)
        elif type(target) in _PLACES:
            yield target


def stored_container(node: gast.AST, kind_of: Callable[[gast.AST], Kind]) -> str | None:
    """The container that a store writes into; None for a store into an array."""
    target = target_of_store(node)
    if target is not None and type(target.value) is gast.Name:
        kind = kind_of(tree.load(target.value.id))
        if kind.is_container or kind.family == "other":
            return str(target.value.id)
        # Of what varies it may be an array of records.
        value = kind_of(node.value)
        if kind.family == "unknown" and kind_of(target.slice).is_text and value.is_scalar and not value.is_float:
            return str(target.value.id)
    return None


def _by_call(
    call: gast.Call, calls: Calls, kind_of: Callable[[gast.AST], Kind]
) -> Iterator[tuple[str, bool]]:
    facts = calls.facts(call)
    if facts.effect in ("none", "outside"):
        return
    operands = facts.operands[:1] if facts.effect == "writes" or _draws(call, kind_of) else facts.operands
    for operand in operands:
        if type(operand) is not gast.Name and operand is not call.func and is_immutable(kind_of(operand)):
            # A shape, a sum: a number of its own.
            continue
        for item in tree.walk(operand):
            if type(item) is gast.Attribute and may_change(calls.meaning(item)):
                # A variable of a module or a class is known by its text.
                yield tree.text(item), True
        for name in tree.names_read(operand):
            kind = kind_of(tree.load(name))
            # A function that is defined inside may write into what it captures.
            holds_nothing = kind.family == "other" and (kind.value is not NO_VALUE or kind.cls in SAMPLERS)
            # But for attributes of a module, which are written into.
            holds_nothing = holds_nothing and type(operand) is gast.Name
            if kind.is_scalar or calls.is_fixed(name) or (holds_nothing and operand is not call.func):
                continue
            # What is written into is the operand, which may be an array that the name holds.
            is_shallow = facts.effect == "writes" and kind_of(operand).is_container
            yield name, not is_shallow or (facts.reaches_inside and holds_arrays(kind))


def written_inside(
    node: gast.AST, calls: Calls, kind_of: Callable[[gast.AST], Kind]
) -> Iterator[str]:
    """Names of containers of which a statement writes into the arrays, as derivatives do that add to a shadow."""
    value = node.value if type(node) is gast.Expr else None
    if isinstance(value, gast.Call) and value.args and calls.facts(value).reaches_inside:
        for name in tree.names_read(value.args[0]):
            if holds_arrays(kind_of(tree.load(name))):
                yield name


def holds_items_that_change(kind: Kind, family: Family = "unknown") -> bool:
    """Whether a value may have other items later: a list or a dict, or a container that holds one.

    Args:
        kind: the kind of the value.
        family: what it is that changes: `"list"`, `"dict"`, or `"unknown"` for any of them.

    >>> holds_items_that_change(Kind("tuple", element=Kind("array"))), holds_items_that_change(Kind("tuple"))
    (False, True)
    >>> numbers = Kind("dict", element=Kind("scalar"))
    >>> holds_items_that_change(numbers, "dict"), holds_items_that_change(numbers, "list")
    (True, False)
    """
    if not kind.is_container:
        return kind.family == "unknown"
    if kind.family != "tuple" and (family not in ("list", "dict") or kind.family == family):
        return True
    if kind.items is None:
        return kind.element is None or holds_items_that_change(kind.element, family)
    return any(holds_items_that_change(item, family) for _, item in kind.items)


def holds_arrays(kind: Kind) -> bool:
    """Whether there may be arrays in a container, or in what it holds.

    >>> holds_arrays(Kind("list", element=Kind("scalar"))), holds_arrays(Kind("list"))
    (False, True)
    """
    if not kind.is_container:
        return not kind.is_scalar
    if kind.items is None:
        return kind.element is None or holds_arrays(kind.element)
    return any(holds_arrays(item) for _, item in kind.items)
