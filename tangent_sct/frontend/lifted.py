"""Functions defined inside that call themselves, brought to the top level (lambda lifting: Johnsson 1985).

What such a function reads of the program around becomes its first parameters, which it hands on to itself. So it is
a function like any other that calls itself, and gets a derivative of its own (`derive.calls`). The functions defined
inside that it calls come with it: they may call it in turn, and all are handed what any of them reads.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.bound import bound_inside, bound_names, own_names
from tangent_sct.frontend.inside import arguments_of, signature
from tangent_sct.frontend.made import Made
from tangent_sct.frontend.meanings import Inner, Instance, Outer

LIFTED: WeakKeyDictionary[Callable[..., Any], tuple[Source, gast.FunctionDef]] = WeakKeyDictionary()
"""Where each of them came from, and its tree."""


@dataclass(frozen=True)
class Group:
    """Functions defined inside that call one another, or that such a function calls.

    Attributes:
        members: the functions, by the variables that mean them.
        others: what variables mean that mean functions from outside the program.
        first: what all of them read of the program around, besides each other.
        attributes: those of them that stand for attributes of objects, with these.
    """

    members: Mapping[str, Inner]
    others: Mapping[str, gast.AST]
    first: tuple[str, ...]
    attributes: Mapping[str, gast.Attribute] = field(default_factory=dict)

    def given(self) -> list[gast.AST]:
        """What the program around gives for the first parameters."""
        return [tree.copy(self.attributes.get(name) or tree.load(name)) for name in self.first]

    def names(self) -> set[str]:
        """What must mean the same everywhere in them."""
        owners = (attribute.value.id for attribute in self.attributes.values())
        return {*self.members, *self.others, *self.first, *owners}


def calls_itself(function: Inner, known: Callable[[str], Any]) -> bool:
    """Whether a function mentions itself, or functions defined inside that do so in the end.

    Args:
        function: a function defined inside.
        known: what a variable means, None where that is no function.
    """
    node = function.node
    mentions_itself = node.name in tree.names_read(node) and node.name not in bound_names(node)
    return mentions_itself or any(member is function for member in mentioned(function, known).values())


def mentioned(function: Inner, known: Callable[[str], Any]) -> dict[str, Inner]:
    """The functions defined inside that a function mentions, and those that they mention, by their variables."""
    found: dict[str, Inner] = {}
    pending = sorted(function.captured)
    while pending:
        name = pending.pop()
        value = known(name)
        if isinstance(value, Inner) and name not in found:
            found[name] = value
            pending += sorted(value.captured)
    return found


def group_of(function: Inner, known: Callable[[str], Any]) -> Group | None:
    """A function that calls itself, and those that it calls; None where one reads what is no plain value.

    Args:
        function: a function defined inside.
        known: what a variable means, None where that is no function.
    """
    own = function.node.name
    members = {**mentioned(function, known), own: function}
    if known(own) is not function and any(own in m.captured for m in members.values() if m is not function):
        # Another one calls it as it was before its parameters were changed.
        return None
    others: dict[str, gast.AST] = {}
    first: set[str] = set()
    objects: dict[str, Instance | Made] = {}
    for member in members.values():
        if tree.declared_outside(member.node):
            return None
        for name in member.captured - members.keys():
            value = known(name)
            if isinstance(value, Outer):
                others[name] = value.expression
            elif isinstance(value, (Instance, Made)):
                objects[name] = value
            elif value is not None:
                return None
            else:
                first.add(name)
    attributes: dict[str, gast.Attribute] = {}
    for name, value in objects.items():
        read = _attributes_read(name, value, [member.node for member in members.values()], known)
        if read is None:
            # All of it is handed on.
            first.add(name)
        for attribute in read or ():
            attributes[f"{name}_{attribute.attr}"] = attribute
    taken = {n for member in members.values() for n in (*tree.names_read(member.node), *bound_names(member.node))}
    if not taken.isdisjoint(attributes):
        return None
    return Group(members, others, tuple(sorted({*first, *attributes})), attributes)


def _attributes_read(
    name: str, value: Instance | Made, functions: Iterable[gast.FunctionDef], known: Callable[[str], Any]
) -> list[gast.Attribute] | None:
    """The attributes of an object that functions read; None where they do anything else with it.

    Args:
        name: a variable that means the object.
        value: the object.
        functions: which read the variable.
        known: what a variable means, None where that is no function.
    """
    plain = (
        {attr for attr, variable in value.fields.items() if known(variable) is None}
        if isinstance(value, Made)
        else value.names - value.items.keys()
    )
    found: dict[str, gast.Attribute] = {}
    owners: set[int] = set()
    for node in functions:
        for item in tree.walk(node):
            if isinstance(item, gast.Attribute) and tree.is_name(item.value, name):
                if item.attr not in plain or not isinstance(item.ctx, gast.Load):
                    return None
                found[item.attr] = item
                owners.add(id(item.value))
            elif isinstance(item, gast.Name) and item.id == name and id(item) not in owners:
                return None
    return list(found.values())


def lifted(
    group: Group, called: Mapping[str, str], objects: Mapping[str, Any]
) -> dict[str, Callable[..., Any]] | None:
    """Functions of the top level that do what those defined inside do.

    Args:
        group: the functions.
        called: what each is called at the top level.
        objects: what their free names mean.

    Returns:
        The functions, by the variables that mean them; None where they do more with themselves than to call each
        other, or hide what they read.
    """
    space: dict[str, Any] = {**objects, "__builtins__": builtins}
    found: dict[str, Callable[..., Any]] = {}
    for own, member in group.members.items():
        node = apart(member.node, group.names())
        if not keeps(node, group.names(), group.members):
            return None
        arguments = tree.parameters([*group.first, *signature(node).parameters])
        body = [_handing_on(tree.substitute(_with_attributes(s, group), group.others), group, called)
                for s in node.body]  # fmt: skip
        new = tree.like(tree.function(called[own], arguments, body), node)
        if not set(group.members).isdisjoint(tree.names_read(new)):
            return None
        source = member.source
        exec(compile(tree.text(new), source.file, "exec", dont_inherit=True), space)
        function = cast(Callable[..., Any], space[called[own]])
        text = Source(source.text, source.file, source.line, source.column, called[own], function, space, {})
        LIFTED[function] = text, new
        found[own] = function
    return found


def apart(node: gast.FunctionDef, names: set[str]) -> gast.FunctionDef:
    """A function whose own variables have other names than some variables of the program around."""
    own = dict.fromkeys(own_names(node))
    taken = Names({*bound_names(node), *names, *tree.names_read(node), *bound_inside(node)})
    fresh = {name: taken.fresh(name) for name in own if name in names}
    arguments = tree.rebuilt(node.args, lambda child: _renamed_parameter(child, fresh))
    body = [tree.rename(statement, fresh) for statement in node.body]
    return tree.like(tree.function(node.name, arguments, body), node)


def _renamed_parameter(node: gast.AST, fresh: Mapping[str, str]) -> gast.AST:
    """A parameter under its new name; a default, which is a variable of the program around, as it is."""
    is_parameter = isinstance(node, gast.Name) and isinstance(node.ctx, gast.Param)
    return tree.renamed(node, fresh[node.id]) if is_parameter and node.id in fresh else tree.copy(node)


def _with_attributes(statement: gast.AST, group: Group) -> gast.AST:
    """A statement with the parameters that stand for attributes of objects."""
    names = {(a.value.id, a.attr): name for name, a in group.attributes.items()}

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Attribute) and isinstance(item.value, gast.Name):
            name = names.get((item.value.id, item.attr))
            return None if name is None else tree.load(name)
        return None

    return tree.rewrite(statement, change) if names else statement


def _handing_on(statement: gast.AST, group: Group, called: Mapping[str, str]) -> gast.AST:
    """A statement whose calls of the functions hand on what these read."""

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Call) and tree.is_one_of(item.func, group.members):
            own = item.func.id
            return call_of_lifted(item, group.members[own].node, called[own], list(map(tree.load, group.first)))
        return None

    return tree.rewrite(statement, change)


def call_of_lifted(call: gast.Call, node: gast.FunctionDef, name: str, first: Sequence[gast.AST]) -> gast.Call:
    """The call of a function that was brought to the top level, for one of the function defined inside.

    All its parameters are given by position; defaults are variables of the program around.

    >>> node = tree.statements("def f(n, m=k): return f(n - 1) * m")[0]
    >>> tree.text(call_of_lifted(tree.expression("f(n - 1)"), node, "f_2", [tree.load("k")]))
    'f_2(k, n - 1, k)'
    """
    arguments = arguments_of(node, call, tree.origin_of(node))
    return gast.Call(tree.load(name), [*first, *map(tree.copy, arguments.values())], [])


def keeps(node: gast.FunctionDef, names: set[str], called: Iterable[str]) -> bool:
    """Whether some names mean the same everywhere in a function that some functions are called in with them.

    A comprehension that calls none of these may have a variable of such a name.
    """
    for item in (item for statement in node.body for item in tree.walk(statement)):
        if isinstance(item, (gast.FunctionDef, gast.Lambda)):
            own = {parameter.id for parameter in tree.every_parameter(item.args)}
            own |= set(tree.names_written(item.body)) if isinstance(item, gast.FunctionDef) else set()
            if own & names:
                return False
        elif isinstance(item, tree.COMPREHENSIONS) and not set(called).isdisjoint(tree.names_read(item)):
            if names.intersection(tree.names_written([generator.target for generator in item.generators])):
                return False
    return True
