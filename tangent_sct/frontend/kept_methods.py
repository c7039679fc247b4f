"""Methods of lists, dicts and arrays that a variable keeps, and that are only called: they are called on the object.

    push = kept.append                push = kept
    for v in x:                       for v in x:
        push(v * v)                       kept.append(v * v)

What such a method does is known by its name alone, where it is called on something. Where the object itself may get
another name, it is called on what the variable keeps: `push.append(v * v)`. One that is handed on becomes a function,
which is followed to where it is called:

    each(kept.append, x)              each(lambda item: kept.append(item), x)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.bound import bound_names

_GIVEN: dict[str, tuple[str, ...]] = {
    "append": ("item",), "appendleft": ("item",), "clear": (), "copy": (), "extend": ("items",),
    "extendleft": ("items",), "fill": ("value",), "insert": ("place", "item"), "popleft": (), "remove": ("item",),
}  # fmt: skip
"""What those are given that are always given as much."""
_OTHERS = frozenset(("get", "pop", "setdefault", "update"))
"""Those that are given more or less."""
METHODS = frozenset((*_GIVEN, *_OTHERS, "__setitem__"))
"""Methods that programs keep in variables."""


def with_methods_called(function: gast.FunctionDef) -> gast.FunctionDef:
    """A function that calls such methods on their objects, and hands functions on that do so.

    Args:
        function: as parsed.

    Returns:
        The very same function where there are none.

    >>> function = tree.statements('''
    ... def f(x):
    ...     kept = []
    ...     push, n = kept.append, len(x)
    ...     push(x[0])
    ...     return kept
    ... ''')[0]
    >>> print(tree.text(with_methods_called(function)))
    def f(x):
        kept = []
        push, n = (kept, len(x))
        kept.append(x[0])
        return kept
    """
    if any(map(_replaces_method, tree.walk(function))):
        return function
    bound = Counter(name for item in tree.walk(function) for name in _bound_by(item))
    kept = _kept(function, bound)
    lasting = _lasting(function, bound)
    handed = {id(item) for item in _handed_on(function, lasting, kept)}
    if not kept and not handed:
        return function
    objects = _objects(function, kept, lasting)

    def change(item: gast.AST) -> gast.AST | None:
        if id(item) in handed:
            return _handing_on(item)
        if isinstance(item, gast.Call) and tree.is_one_of(item.func, kept):
            owner = tree.load(objects.get(item.func.id, item.func.id))
            called = gast.Call(tree.attribute(owner, kept[item.func.id]), item.args, item.keywords)
            called.was_kept = True
            return called
        if isinstance(item, gast.Expr) and getattr(item.value, "was_kept", False):
            return _store(item)
        if not isinstance(item, gast.Assign):
            return None
        target, value = item.targets[0], item.value
        if tree.is_one_of(target, kept):
            return tree.like(gast.Assign(item.targets, value.value), item)
        if not any(name in kept for name, _ in _assigned(item)):
            return None
        parts = [v.value if tree.is_one_of(t, kept) else v for t, v in zip(target.elts, value.elts, strict=True)]
        return tree.like(gast.Assign(item.targets, tree.tuple_of(parts)), item)

    return tree.replaced(function, change)


def _replaces_method(item: gast.AST) -> bool:
    """Whether an attribute called like such a method is assigned, so that it counts when it was read."""
    return isinstance(item, gast.Attribute) and type(item.ctx) is not gast.Load and item.attr in METHODS


def _store(statement: gast.Expr) -> gast.AST | None:
    """`a[k] = v` for `a.__setitem__(k, v)`, unless the one would evaluate `v` before a call in `k`."""
    call = statement.value
    if call.func.attr != "__setitem__" or len(call.args) != 2 or call.keywords:
        return None
    place, value = call.args
    if any(isinstance(part, (gast.Call, gast.NamedExpr, gast.Starred)) for part in tree.walk(place)):
        return None
    return tree.like(gast.Assign([gast.Subscript(call.func.value, place, gast.Store())], value), statement)


def _handing_on(method: gast.Attribute) -> gast.Lambda:
    """A function that calls a method."""
    if method.attr in _OTHERS:
        several = "given" if not tree.is_name(method.value, "given") else "all_given"
        arguments = tree.parameters(())
        arguments.vararg = gast.Name(several, gast.Param(), None, None)
        return gast.Lambda(arguments, gast.Call(method, [gast.Starred(tree.load(several), gast.Load())], []))
    names = [f"{name}_given" if tree.is_name(method.value, name) else name for name in _GIVEN[method.attr]]
    return gast.Lambda(tree.parameters(names), gast.Call(method, [tree.load(name) for name in names], []))


def _kept(function: gast.FunctionDef, bound: Counter[str]) -> dict[str, str]:
    """The variables that keep such methods and nothing else, with what these are called."""
    methods: dict[str, set[str]] = {}
    given: Counter[str] = Counter()
    for node in tree.every_statement(function.body):
        for name, value in _assigned(node):
            if isinstance(value, gast.Attribute) and value.attr in METHODS:
                methods.setdefault(name, set()).add(value.attr)
                given[name] += 1
    if not methods:
        return {}
    own = set(bound_names(function))
    for node in tree.every_statement(function.body):
        for name, value in _assigned(node):
            # What lies outside may be a module, whose functions are no methods.
            if name in methods and root_name(value) not in own - {name}:
                methods.pop(name)
    read: Counter[str] = Counter()
    called: Counter[str] = Counter()
    for item in tree.walk(function):
        if isinstance(item, gast.Name) and type(item.ctx) is gast.Load:
            read[item.id] += 1
        elif isinstance(item, gast.Call) and isinstance(item.func, gast.Name):
            called[item.func.id] += 1
    return {
        name: attribute for name, (attribute, *others) in ((n, tuple(found)) for n, found in methods.items())
        if not others and bound[name] == given[name] and read[name] == called[name]
    }  # fmt: skip


def _lasting(function: gast.FunctionDef, bound: Counter[str]) -> set[str]:
    """The variables of a function that mean the same object throughout."""
    first = set(tree.parameter_names(function)) | {name for node in function.body for name, _ in _assigned(node)}
    return {name for name in first if bound[name] == 1}


def _handed_on(function: gast.FunctionDef, lasting: Container[str], kept: Container[str]) -> Iterator[gast.Attribute]:
    """Methods of what lasts that are neither called at once nor kept by variables that are only called."""
    told = {id(item.func) for item in tree.walk(function) if isinstance(item, gast.Call)}
    # What orders items is known by its name.
    told |= {id(item.value) for item in tree.walk(function) if isinstance(item, gast.keyword) and item.arg == "key"}
    for node in tree.every_statement(function.body):
        told.update(id(value) for name, value in _assigned(node) if name in kept)
    for item in tree.walk(function):
        if isinstance(item, gast.Attribute) and type(item.ctx) is gast.Load and id(item) not in told:
            if item.attr in _GIVEN.keys() | _OTHERS and tree.is_one_of(item.value, lasting):
                yield item
            elif item.attr == "fill" and _is_fixed_view(item.value, lasting):
                yield item


def _is_fixed_view(node: gast.AST, lasting: Container[str]) -> bool:
    """Whether a node is a slice with written bounds of what lasts: of an array, it is the same view ever after."""
    if not isinstance(node, gast.Subscript) or not tree.is_one_of(node.value, lasting):
        return False
    parts = list(tree.walk(node.slice))
    fixed = (gast.Slice, gast.Tuple, gast.Constant, gast.UnaryOp)
    return any(isinstance(part, gast.Slice) for part in parts) and all(isinstance(part, fixed) for part in parts)


def _objects(function: gast.FunctionDef, kept: Container[str], lasting: Container[str]) -> dict[str, str]:
    """The names of the objects of methods that variables keep, where these mean the same ones throughout."""
    given = [pair for node in tree.every_statement(function.body) for pair in _assigned(node) if pair[0] in kept]
    owners: dict[str, set[str]] = {}
    for name, value in given:
        owner = value.value
        owners.setdefault(name, set()).add(owner.id if tree.is_one_of(owner, lasting) else "")
    return {name: owner for name, (owner, *others) in owners.items() if owner and not others}


def _assigned(node: gast.AST) -> Iterator[tuple[str, gast.AST]]:
    """The variables that an assignment gives a value each, written out, with these."""
    if not isinstance(node, gast.Assign) or len(node.targets) != 1:
        return
    target, value = node.targets[0], node.value
    pairs = [(target, value)]
    if isinstance(target, gast.Tuple) and isinstance(value, gast.Tuple) and len(target.elts) == len(value.elts):
        pairs = list(zip(target.elts, value.elts, strict=True))
    if not any(isinstance(part, gast.Starred) for pair in pairs for part in pair):
        yield from ((name.id, part) for name, part in pairs if isinstance(name, gast.Name))


def _bound_by(item: gast.AST) -> list[str]:
    """The names that a node itself binds, or declares to be bound elsewhere."""
    if isinstance(item, gast.Name):
        return [] if type(item.ctx) is gast.Load else [item.id]
    if isinstance(item, (gast.Global, gast.Nonlocal)):
        return list(item.names)
    if isinstance(item, gast.alias):
        return [item.asname or item.name]
    return [found for field in ("name", "rest") if isinstance(found := getattr(item, field, None), str)]
