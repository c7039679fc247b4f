"""What Python's library makes of functions, or makes functions of, in plain words."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of

_SHOWN = ("__name__", "__qualname__", "__doc__", "__module__", "__wrapped__", "__dict__", "__annotations__")
"""What `functools.wraps` gives to a function."""

_OPERATORS = {
    operator.add: gast.Add, operator.sub: gast.Sub, operator.mul: gast.Mult, operator.truediv: gast.Div,
    operator.floordiv: gast.FloorDiv, operator.mod: gast.Mod, operator.pow: gast.Pow, operator.matmul: gast.MatMult,
    operator.lshift: gast.LShift, operator.rshift: gast.RShift, operator.or_: gast.BitOr, operator.xor: gast.BitXor,
    operator.and_: gast.BitAnd, operator.neg: gast.USub, operator.pos: gast.UAdd, operator.invert: gast.Invert,
    operator.not_: gast.Not,
}  # fmt: skip
"""The functions that are operators under another name."""


def with_effect(
    decorators: Sequence[gast.AST], text: str, meaning: Callable[[gast.AST], Any]
) -> list[gast.AST]:
    """The decorators of a function without `functools.wraps`, which changes what it is called alone.

    Args:
        decorators: the decorators.
        text: of the function around, which may ask what a function is called.
        meaning: the object that an expression means.
    """
    if any(name in text for name in _SHOWN):
        return list(decorators)
    return [d for d in decorators if not isinstance(d, gast.Call) or meaning(d.func) is not functools.wraps]


def taker(call: gast.Call, function: Any) -> gast.Lambda | None:
    """The function that `operator.itemgetter`, `attrgetter` or `methodcaller` makes; None for other calls.

    What it is given has its value when it is made, as a default has.

    >>> tree.text(taker(tree.expression("methodcaller('sum', n)"), operator.methodcaller))
    'lambda item, given=n: item.sum(given)'
    >>> tree.text(taker(tree.expression("itemgetter(1, 'a')"), operator.itemgetter))
    "lambda item: (item[1], item['a'])"
    >>> tree.text(taker(tree.expression("attrgetter('a.b')"), operator.attrgetter))
    'lambda item: item.a.b'
    """
    if not is_one_of(function, (operator.itemgetter, operator.attrgetter, operator.methodcaller)) or not call.args:
        return None
    if any(isinstance(a, gast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    defaults: list[gast.AST] = []
    names: list[str] = []

    def held(value: gast.AST) -> gast.AST:
        if isinstance(value, gast.Constant):
            return value
        names.append("given" if not names else f"given{len(names) + 1}")
        defaults.append(value)
        return tree.load(names[-1])

    item = tree.load("item")
    if function is operator.itemgetter:
        parts: list[gast.AST] = [tree.subscript(tree.copy(item), held(key)) for key in call.args]
    else:
        words = [word.value for word in call.args[: 1 if function is operator.methodcaller else None]
                 if isinstance(word, gast.Constant) and isinstance(word.value, str)]  # fmt: skip
        parts = [functools.reduce(tree.attribute, word.split("."), tree.copy(item)) for word in words]
        if function is operator.methodcaller and words:
            keywords = [gast.keyword(k.arg, held(k.value)) for k in call.keywords]
            parts = [gast.Call(parts[0], list(map(held, call.args[1:])), keywords)]
        elif len(words) < len(call.args):
            return None
    body = parts[0] if len(parts) == 1 else tree.tuple_of(parts)
    arguments = tree.parameters(["item", *names])
    arguments.defaults = defaults
    return gast.Lambda(arguments, body)


def operated(call: gast.Call, function: Any) -> gast.AST | None:
    """The expression with an operator or a subscript that a call of `operator.add` or its like is; None for others.

    >>> tree.text(operated(tree.expression("add(a, b)"), operator.add))
    'a + b'
    >>> tree.text(operated(tree.expression("neg(a)"), operator.neg))
    '-a'
    >>> tree.text(operated(tree.expression("getitem(a, i)"), operator.getitem))
    'a[i]'
    """
    if call.keywords or any(isinstance(a, gast.Starred) for a in call.args):
        return None
    if function is operator.getitem:
        return tree.subscript(*call.args) if len(call.args) == 2 else None
    made = next((made for known, made in _OPERATORS.items() if known is function), None)
    if made is not None and issubclass(made, gast.unaryop):
        return gast.UnaryOp(made(), *call.args) if len(call.args) == 1 else None
    return None if made is None or len(call.args) != 2 else gast.BinOp(call.args[0], made(), call.args[1])
