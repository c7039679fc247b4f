"""Assignment to several targets, as assignments to one.

Each function takes the user's form and gives statements that are nearer to the small language; they
may need more rewriting themselves.

`a, b = b, a` stays simultaneous: an item that an earlier target would spoil is computed before.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.absent import reading
from tangent_sct.frontend.scope import Scope


def chained(node: gast.Assign, scope: Scope) -> list[gast.AST]:
    """`a = b = value`, one target at a time, from left to right."""
    first, *rest = node.targets
    if isinstance(first, gast.Name):
        return [
            tree.assign(first, node.value),
            *(tree.assign(target, tree.load(first.id)) for target in rest),
        ]
    value = node.value
    before: list[gast.AST] = []
    if not isinstance(value, gast.Constant):
        name = scope.fresh("value", scope.mentions(value))
        before = [tree.assign(name, value)]
        value = tree.load(name)
    return before + [tree.assign(target, tree.copy(value)) for target in node.targets]


def with_single_targets(node: gast.AST, scope: Scope) -> gast.AST:
    """A statement that is kept whole, in which each assignment has one target: analyses look at all statements."""

    def is_chain(statement: gast.AST) -> bool:
        return type(statement) is gast.Assign and len(statement.targets) > 1

    if not any(map(is_chain, tree.every_statement([node]))):
        return node
    node = tree.copy(node)
    for block in (block for part in tree.walk(node) for block in tree.blocks(part)):
        parts = [chained(item, scope) if is_chain(item) else [item] for item in block]
        block[:] = [tree.like(new, item) for item, news in zip(block, parts, strict=True) for new in news]
    return node


def whole(value: gast.AST, count: int, scope: Scope) -> gast.AST:
    """What is unpacked, all of whose items are made before any target is bound, with all its items at hand.

    A comprehension over as many items as there are targets is written out.

    Args:
        value: what stands on the right.
        count: the number of targets.
        scope: the function.
    """
    if isinstance(value, gast.Call):
        # Of what is mapped each item has a statement of its own.
        mapping = () if scope.mentions(value) else ("filter", "map")
        is_iterator = scope.is_builtin(value.func, "zip", "enumerate", "reversed", *mapping)
    else:
        is_iterator = tree.is_one_of(value, scope.iterators)
    if is_iterator:
        return tree.call("list", value)
    if not isinstance(value, (gast.GeneratorExp, gast.ListComp)):
        return value
    (first, *others) = value.generators
    items = first.iter.elts if isinstance(first.iter, (gast.Tuple, gast.List)) else []
    if others or first.ifs or first.is_async or len(items) != count or not all(map(tree.is_atom, items)):
        return gast.ListComp(value.elt, value.generators)
    # A function that is made inside, or a generator, sees the variable as it is when the function is called.
    late = (*tree.SCOPES, gast.GeneratorExp, gast.NamedExpr)
    if not isinstance(first.target, gast.Name) or any(isinstance(n, late) for n in tree.walk(value.elt)):
        return gast.ListComp(value.elt, value.generators)
    return tree.tuple_of([tree.substitute(value.elt, {first.target.id: item}) for item in items])


def unpacked(target: gast.AST, value: gast.AST, scope: Scope) -> list[gast.AST]:
    """`a, b = value`, item by item, after a check that there are as many.

    The check goes again where the kinds of the arguments tell the length (`optimize.branches`).
    """
    items = target.elts
    if isinstance(value, (gast.Tuple, gast.List)) and not _starred(value.elts):
        parts = _matched(items, value.elts)
        if parts is not None:
            return reading(parts) + _simultaneous([_bare(item) for item in items], parts, scope)
    before: list[gast.AST] = []
    if not isinstance(value, gast.Name) or value.id in tree.names_written(target):
        name = scope.fresh("parts", scope.mentions(value))
        before = [tree.assign(name, value)]
        value = tree.load(name)
    before.append(_length_check(items, value))
    return before + _simultaneous([_bare(item) for item in items], list(_item_reads(items, value)), scope)


def _length_check(items: list[gast.AST], value: gast.AST) -> gast.AST:
    """`if len(value) != 2: raise ValueError(...)`, as unpacking does by itself."""
    star = _star_place(items)
    fits, needed = ("!=", len(items)) if star is None else ("<", len(items) - 1)
    test = tree.expression(f"length {fits} {needed}")
    length = tree.call("len", value)
    length.unpacked = True
    test = tree.replaced(test, lambda item: length if tree.is_name(item, "length") else None)
    expected = f"{needed}" if star is None else f"at least {needed}"
    message = tree.const(f"expected {expected} values to unpack")
    error = gast.Raise(tree.call("ValueError", message), None)
    return tree.if_(test, [error])


def _starred(items: list[gast.AST]) -> bool:
    return any(isinstance(item, gast.Starred) for item in items)


def _bare(item: gast.AST) -> gast.AST:
    return item.value if isinstance(item, gast.Starred) else item


def _star_place(items: list[gast.AST]) -> int | None:
    return next((i for i, item in enumerate(items) if isinstance(item, gast.Starred)), None)


def _matched(items: list[gast.AST], values: list[gast.AST]) -> list[gast.AST] | None:
    """The value for each target; None where their numbers do not fit."""
    star = _star_place(items)
    if star is None:
        return values if len(items) == len(values) else None
    after = len(items) - star - 1
    if len(values) < star + after:
        return None
    end = len(values) - after
    return [*values[:star], tree.list_of(values[star:end]), *values[end:]]


def _item_reads(items: list[gast.AST], whole: gast.AST) -> Iterator[gast.AST]:
    """`whole[0]`, `whole[1]`, ... for each target."""
    star = _star_place(items)
    for place in range(len(items)):
        if star is None or place < star:
            yield _part(whole, tree.const(place))
        elif place == star:
            after = len(items) - star - 1
            upper = tree.negative(tree.const(after)) if after else None
            part = _part(whole, gast.Slice(tree.const(star), upper, None))
            yield tree.call("list", part)
        else:
            yield _part(whole, tree.negative(tree.const(len(items) - place)))


def _part(whole: gast.AST, place: gast.AST) -> gast.Subscript:
    """What stands at a place of what is unpacked; marked, since an object may have an `__iter__` for that."""
    part = tree.subscript(tree.copy(whole), place)
    part.unpacked = True
    return part


def _simultaneous(targets: list[gast.AST], values: list[gast.AST], scope: Scope) -> list[gast.AST]:
    """All values before all targets, with as few temporaries as can be."""
    spoiled = [_is_spoiled(value, targets[:k], scope) for k, value in enumerate(values)]
    last = max((k for k, bad in enumerate(spoiled) if bad), default=-1)
    effects = any(bad and _calls(value) for bad, value in zip(spoiled, values, strict=True))
    before: list[gast.AST] = []
    after: list[gast.AST] = []
    for k, (target, value) in enumerate(zip(targets, values, strict=True)):
        # What is computed before must not overtake a call that may have effects, or that sees some.
        ordered = _calls(value) or (effects and not tree.is_atom(value))
        if spoiled[k] or (k < last and ordered):
            base = f"{target.id}_next" if isinstance(target, gast.Name) else "value"
            name = scope.fresh(base, scope.mentions(value))
            before.append(tree.assign(name, value))
            value = tree.load(name)
        if not (isinstance(target, gast.Name) and tree.is_name(value, target.id)):
            after.append(tree.assign(target, value))
    return before + after


def _is_spoiled(value: gast.AST, earlier: list[gast.AST], scope: Scope) -> bool:
    """Whether assigning to the earlier targets may change a value."""
    if not earlier or isinstance(value, gast.Constant):
        return False
    written = set(tree.names_written(earlier))
    if written & set(tree.names_read(value)):
        return True
    if isinstance(value, gast.Name):
        return False
    parts = [part for target in earlier for part in tree.walk(target)]
    places = [part for part in parts if isinstance(part, (gast.Attribute, gast.Subscript))]
    into_object = any(isinstance(place.ctx, gast.Store) for place in places)
    return into_object or (_calls(value) and bool(written & scope.captured))


def _calls(value: gast.AST) -> bool:
    return any(isinstance(node, (gast.Call, gast.Await)) for node in tree.walk(value))
