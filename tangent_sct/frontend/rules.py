"""What is known of the functions that a function calls before it is rewritten: whether they have rules, and which."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import gast

from tangent_sct.core.origins import Source
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.templating import registry
from tangent_sct.templating.layout import signature_of


def rule_test(objects: Mapping[str, Any], zero: bool) -> Callable[[gast.AST], bool]:
    """Whether a function spelled so has a rule; with `zero`, whether the rule says it has no derivative.

    Args:
        objects: what free names mean; `Lookup` where they are those of a source.
        zero: whether only functions without a derivative count.
    """

    def has_rule(function: gast.AST) -> bool:
        found = meaning(function, objects)
        if found is MISSING:
            return False
        rule = registry.find(found)
        return rule is not None and (rule.is_zero or not zero)

    return has_rule


def fresh_test(source: Source) -> Callable[[gast.AST], bool]:
    """Whether what a function spelled so gives back is an array of its own, or a number."""
    objects = Lookup(source)

    def makes_new(function: gast.AST) -> bool:
        return is_fresh(meaning(function, objects))

    return makes_new


def is_fresh(function: Any) -> bool:
    """Whether the rule of a function of NumPy says that its result shares no memory.

    Python's own functions may hand on what stands in a list, of which no rule speaks.

    >>> import numpy as np
    >>> is_fresh(np.sin), is_fresh(np.reshape), is_fresh(sum)
    (True, False, False)
    """
    if (getattr(function, "__module__", None) or "").partition(".")[0] != "numpy":
        return False
    rule = registry.find(function)
    return rule is not None and rule.aliasing == "fresh"


def expansion_for(call: gast.Call, function: Any, objects: Mapping[str, Any]) -> Callable[..., Any] | None:
    """The function that is read in place of the one that is called; None where that has a rule, or nothing.

    Args:
        call: the call.
        function: what is called.
        objects: what free names mean.
    """
    for expansion, values in registry.expansions(function):
        if not values or _has_values(call, function, expansion, values, objects):
            return expansion
    return None


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


class Lookup(dict[str, Any]):
    """Free names of a source, looked up when asked for; some parameters may be known objects too."""

    def __init__(self, source: Source, own: Mapping[str, Any] | None = None) -> None:
        super().__init__(own or {})
        self.source = source

    def get(self, name: str, default: Any = None) -> Any:
        if name in self:
            return self[name]
        try:
            return self.source.lookup(name)
        except KeyError:
            return default
