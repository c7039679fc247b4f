"""Binding the arguments of a call to the parameters of a rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.origins import Origin
from tangent_sct.templating.layout import EMPTY, same_default
from tangent_sct.templating.rule import Argument, Rule


@dataclass
class Binding:
    """What the parameters of a template stand for.

    Attributes:
        plain: expressions by parameter, defaults included.
        star: the expressions of `*args`.
        double: the expressions of `**options`.
        passed: parameters to which the call gave an argument.
    """

    plain: dict[str, gast.AST] = field(default_factory=dict)
    star: list[gast.AST] = field(default_factory=list)
    double: dict[str, gast.AST] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)


def bind(
    rule: Rule,
    args: Sequence[gast.AST],
    keywords: Mapping[str, gast.AST],
    kind_of: Callable[[gast.AST], Kind],
    origin: Origin | None,
) -> Binding:
    """The arguments of a call by parameter.

    Raises:
        UnsupportedError: when the call passes something that the rule does not know.
    """
    binder = _Binder(rule, kind_of, origin)
    for place, expression in enumerate(args):
        binder.positional(place, expression)
    for name, expression in keywords.items():
        binder.keyword(name, expression)
    binder.fill_defaults()
    return binder.binding


class _Binder:
    def __init__(
        self, rule: Rule, kind_of: Callable[[gast.AST], Kind], origin: Origin | None
    ) -> None:
        self.rule = rule
        self.kind_of = kind_of
        self.origin = origin
        self.binding = Binding()

    def positional(self, place: int, expression: gast.AST) -> None:
        layout = self.rule.layout
        if isinstance(expression, gast.Starred):
            raise self._refuse(
                f"`{self.rule.title}` is called with `*` arguments whose number is not known",
                "pass the arguments one by one",
            )
        if place < len(layout.positional):
            self._take(layout.positional[place], expression)
        elif layout.star is not None:
            self.binding.star.append(expression)
        else:
            raise self._refuse(
                f"the rule for `{self.rule.title}` takes {len(layout.positional)} arguments",
                "pass fewer arguments",
            )

    def keyword(self, name: str, expression: gast.AST) -> None:
        layout = self.rule.layout
        if name in layout.keywords:
            self._take(layout.keywords[name], expression)
        elif layout.double is not None:
            self.binding.double[name] = expression
        else:
            self._take(Argument(name, None), expression)

    def _take(self, argument: Argument, expression: gast.AST) -> None:
        if argument.name is not None:
            self.binding.plain[argument.name] = expression
            self.binding.passed.add(argument.name)
        elif not self._is_default(argument.default, expression):
            raise self._refuse(
                f"the derivative of `{self.rule.title}` is not known with the argument "
                f"`{argument.own}`",
                f"leave `{argument.own}` out, or compute the same in two steps",
            )

    def _is_default(self, default: Any, expression: gast.AST) -> bool:
        if default is EMPTY:
            return False
        if isinstance(expression, gast.Constant):
            return same_default(expression.value, default)
        return same_default(self.kind_of(expression).value, default)

    def fill_defaults(self) -> None:
        for parameter in self.rule.parameters.parameters.values():
            name = parameter.name
            if name in self.binding.plain:
                continue
            if name in self.rule.defaults:
                self.binding.plain[name] = self.rule.defaults[name]
            elif parameter.kind not in (
                inspect.Parameter.VAR_POSITIONAL,
                inspect.Parameter.VAR_KEYWORD,
            ):
                raise self._refuse(
                    f"the derivative of `{self.rule.title}` is not known without its argument "
                    f"`{name}`",
                    f"pass `{name}`",
                )

    def _refuse(self, reason: str, hint: str) -> UnsupportedError:
        return UnsupportedError(reason, self.origin, hint)


def is_default(rule: Rule, binding: Binding, name: str) -> bool:
    """Whether a parameter holds its default, left out or written as such."""
    if name not in binding.passed:
        return True
    default = rule.defaults.get(name)
    return default is not None and tree.same(binding.plain[name], default)
