"""Calls of functions that are read as the statements of another one: how their arguments meet its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.made import is_followed
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.templating import registry
from tangent_sct.templating.layout import EMPTY, NOT_PASSED, layout_of, same_default, signature_of
from tangent_sct.templating.rule import Argument


def expansion_for(
    call: gast.Call,
    function: Any,
    objects: Mapping[str, Any],
    origin: Origin | None,
    is_active: Callable[[gast.AST], bool],
) -> tuple[gast.Call, Callable[..., Any]] | None:
    """The function that is read in place of the one that is called, and its call; None where there is none.

    Args:
        call: the call.
        function: what is called.
        objects: what free names mean.
        origin: where the call stands.
        is_active: whether an expression may carry a derivative.

    Raises:
        UnsupportedError: when the call passes something that the statements do not know.
    """
    found = registry.expansions(function)
    for expansion, values in found:
        if values and _has_values(call, function, expansion, values, objects):
            return call, expansion
    always = next((expansion for expansion, values in found if not values), None)
    if always is None or suffices(call, function, is_active):
        return None
    return (call if function is always else fitted(call, function, always, origin)), always


def _has_values(
    call: gast.Call,
    function: Any,
    expansion: Callable[..., Any],
    values: Mapping[str, tuple[Any, ...]],
    objects: Mapping[str, Any],
) -> bool:
    """Whether a call plainly passes one of some values for each of some parameters, or has it by default."""
    own = signature_of(function)
    defaults = {} if own is None else {name: p.default for name, p in own.parameters.items()}
    given = dict(zip(inspect.signature(expansion).parameters, call.args, strict=False))
    given.update({keyword.arg: keyword.value for keyword in call.keywords})
    for name, wanted in values.items():
        if name == "*":
            if len(call.args) not in wanted or any(isinstance(a, gast.Starred) for a in call.args):
                return False
            continue
        value = _plain(given[name], objects) if name in given else defaults.get(name, MISSING)
        if not any(value == one and type(value) is type(one) for one in wanted):
            return False
    return True


def _plain(node: gast.AST, objects: Mapping[str, Any]) -> Any:
    """What a literal, or the name of a number in a module, stands for; `MISSING` for anything else."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = _plain(node.operand, objects)
        return -inner if isinstance(inner, (int, float)) else MISSING
    if isinstance(node, gast.Constant):
        return node.value
    if isinstance(node, gast.Tuple):
        return tuple(_plain(item, objects) for item in node.elts)
    if isinstance(node, gast.Attribute):
        owner = meaning(node.value, objects)
        return getattr(owner, node.attr, MISSING) if isinstance(owner, ModuleType) else MISSING
    return MISSING


def fitted(call: gast.Call, function: Any, template: Callable[..., Any], origin: Origin | None) -> gast.Call:
    """A call with the arguments that the statements know, by name after the first that they do not know.

    Args:
        call: the call of `function`.
        function: what is called.
        template: the function that is read in its place; its parameters are some of those of `function`.
        origin: where the call stands.

    Raises:
        UnsupportedError: when the call passes something that the statements do not know.
    """
    if any(isinstance(a, gast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return call
    layout = layout_of(inspect.signature(template), function)
    title = tree.text(call.func)
    args: list[gast.AST] = []
    keywords: list[gast.AST] = []
    for place, value in enumerate(call.args):
        if layout.star is None and place >= len(layout.positional):
            raise _unknown(title, f"it takes {len(layout.positional)}", origin)
        argument = layout.positional[place] if place < len(layout.positional) else None
        if argument is None or (_is_known(argument, value, title, origin) and len(args) == place):
            args.append(value)
        elif argument.name is not None:
            keywords.append(gast.keyword(argument.name, value))
    for item in call.keywords:
        argument = layout.keywords.get(item.arg, Argument(item.arg, None))
        if layout.double is not None and argument.name is None:
            keywords.append(item)
        elif _is_known(argument, item.value, title, origin):
            keywords.append(gast.keyword(argument.name, item.value))
    return gast.Call(call.func, args, keywords)


def makes_object(function: Any) -> bool:
    """Whether the statements of a function make an object whose methods are followed, also one of constants.

    >>> makes_object(len)
    False
    """
    made = [cls for expansion, _ in registry.expansions(function) for cls in classes_in(expansion)]
    return any(getattr(cls, "of_constants", True) for cls in made)


def classes_in(expansion: Callable[..., Any]) -> list[type]:
    """The classes whose methods are followed that the statements read in place of a function mention.

    Args:
        expansion: the function that has the statements.

    >>> classes_in(lambda: len)
    []
    """
    found: list[Any] = [expansion.__globals__.get(name) for name in expansion.__code__.co_names]
    return [cls for cls in found if is_followed(cls)]


def suffices(call: gast.Call, function: Any, is_active: Callable[[gast.AST], bool]) -> bool:
    """Whether the rule of a function, if it has one, knows all arguments of a call, and is for those that vary.

    Args:
        call: the call of `function`.
        function: what is called.
        is_active: whether an expression may carry a derivative.
    """
    rule = registry.find(function)
    if rule is None:
        return False
    layout = rule.layout
    passed = [
        *zip(layout.positional, call.args, strict=False),
        *((layout.keywords.get(k.arg, Argument(k.arg, None)), k.value) for k in call.keywords if k.arg),
    ]
    if any(argument.name in rule.constant and is_active(value) for argument, value in passed):
        return False
    return all(argument.name is not None or _is_default(argument, value) for argument, value in passed)


def _is_known(argument: Argument, value: gast.AST, title: str, origin: Origin | None) -> bool:
    """Whether the statements take an argument; one that has its default may be left out."""
    if argument.name is not None:
        return True
    if not _is_default(argument, value):
        raise _unknown(title, argument.own, origin)
    return False


def _is_default(argument: Argument, value: gast.AST) -> bool:
    is_literal = isinstance(value, gast.Constant) and argument.default is not EMPTY
    return is_literal and same_default(value.value, argument.default)


def _unknown(title: str, name: str, origin: Origin | None) -> UnsupportedError:
    return UnsupportedError(
        f"the derivative of `{title}` is not known when it is given `{name}`",
        origin,
        f"leave `{name}` out, or compute the same in two steps",
    )


def without_defaults(body: list[gast.AST], objects: Mapping[str, Any]) -> list[gast.AST]:
    """Statements without arguments that are the default, and without items of literals: nobody would write them.

    Args:
        body: statements that stand for a call.
        objects: what free names mean.
    """

    def change(node: gast.AST) -> gast.AST | None:
        if isinstance(node, gast.Subscript):
            return _literal_item(node)
        if not isinstance(node, gast.Call) or not node.keywords:
            return None
        function = meaning(node.func, objects)
        signature = signature_of(function) if registry.find(function) is not None else None
        if signature is None:
            return None
        kept = [k for k in node.keywords if not _is_left_out(k, signature.parameters.get(k.arg))]
        return gast.Call(node.func, node.args, kept) if len(kept) < len(node.keywords) else None

    return [tree.replaced(statement, change) for statement in body]


def _literal_item(node: gast.Subscript) -> gast.AST | None:
    """The item that a place of a literal means, as in `(0, 1)[1]`."""
    items = getattr(node.value, "elts", ())
    place = getattr(node.slice, "value", None)
    if type(place) is not int or not -len(items) <= place < len(items):
        return None
    return items[place] if all(isinstance(item, gast.Constant) for item in items) else None


def _is_left_out(keyword: gast.AST, parameter: inspect.Parameter | None) -> bool:
    if parameter is None or not isinstance(keyword.value, gast.Constant):
        return False
    if keyword.arg == "keepdims" and parameter.default is NOT_PASSED:
        return keyword.value.value is False
    return same_default(keyword.value.value, parameter.default)
