"""Arguments that a call spreads, `f(p, *args, **options)`: which they are follows from the function that is called.

Python raises an error where their number does not fit the parameters. So where all parameters must be given, there is
one number that fits; where some have defaults there are a few, and which it is the kinds of the arguments tell. The
keys of `options` are names of parameters.

>>> def rosenbrock(x, a, b=1.0): ...
>>> call = tree.expression("rosenbrock(x, *args)")
>>> list(fitting(inspect.signature(rosenbrock), call))
[1, 2]
>>> tree.text(written_out_call(call, ["t", "t_2"]))
'rosenbrock(x, t, t_2)'
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.given import own_signature

_FEW = 4
"""Among how many numbers of arguments a program may choose."""


def with_displays_put_in(node: gast.FunctionDef, meaning: Callable[[str], Any]) -> gast.FunctionDef:
    """The function with `f(a, b)` for `f(*[a, b])`, and `max(a, b)` for `max([a, b])`.

    Args:
        node: the function.
        meaning: what a free name of it means.

    Returns:
        The very same function where nothing of the kind is found.

    >>> (node,) = tree.statements("def f(a): return g(*[a, *a], **{'k': max([a, 1.0])})")
    >>> print(tree.text(with_displays_put_in(node, {"max": max}.get)))
    def f(a):
        return g(a, *a, k=max(a, 1.0))
    """

    def is_written_out(value: gast.AST) -> bool:
        if isinstance(value, gast.Dict):
            keys = [key.value if isinstance(key, gast.Constant) else None for key in value.keys]
            return all(isinstance(key, str) and key.isidentifier() for key in keys)
        return isinstance(value, (gast.List, gast.Tuple))

    def is_found(item: gast.AST) -> bool:
        if type(item) is not gast.Call:
            return False
        spread = [a.value for a in item.args if type(a) is gast.Starred]
        return any(map(is_written_out, [*spread, *(k.value for k in item.keywords if k.arg is None)]))

    def is_extreme(item: gast.AST) -> bool:
        """Whether an expression is the largest or the smallest item of a display of several."""
        is_call = type(item) is gast.Call and tree.is_name(item.func, "max", "min")
        if not is_call or len(item.args) != 1 or item.keywords:
            return False
        items = item.args[0].elts if isinstance(item.args[0], (gast.List, gast.Tuple)) else []
        is_several = len(items) > 1 and not any(isinstance(part, gast.Starred) for part in items)
        return is_several and is_one_of(meaning(item.func.id), (max, min)) and item.func.id not in bound_names(node)

    def put_in(item: gast.AST) -> gast.AST | None:
        if is_extreme(item):
            return gast.Call(item.func, item.args[0].elts, [])
        if not is_found(item):
            return None
        args: list[gast.AST] = []
        for a in item.args:
            args += a.value.elts if isinstance(a, gast.Starred) and is_written_out(a.value) else [a]
        keywords: list[gast.AST] = []
        for k in item.keywords:
            if k.arg is None and is_written_out(k.value):
                pairs = zip(k.value.keys, k.value.values, strict=True)
                keywords += [gast.keyword(key.value, value) for key, value in pairs]
            else:
                keywords.append(k)
        return gast.Call(item.func, args, keywords)

    return tree.rewrite(node, put_in) if any(is_found(item) or is_extreme(item) for item in tree.walk(node)) else node


def is_collected(argument: gast.AST) -> bool:
    """Whether an argument that is spread is all that `*args` of the function gets."""
    return isinstance(argument, gast.Starred) and getattr(argument, "is_collected", False)


def signature_for(function: Any) -> inspect.Signature | None:
    """The signature by which arguments are given; None where it is not known."""
    if isinstance(function, np.ufunc):
        names = [f"x{i}" for i in range(function.nin)]
        return inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names])
    try:
        return own_signature(function)
    except (TypeError, ValueError):
        return None


def fitting(signature: inspect.Signature, call: gast.Call) -> Sequence[int]:
    """How many arguments may be spread in a call that fill parameters, no `*args`; empty where nobody knows.

    Args:
        signature: of the function that is called.
        call: a call that spreads one argument.
    """
    ahead, named = _positional(signature), {keyword.arg for keyword in call.keywords}
    if None in named:
        return ()
    others = len(call.args) - 1
    most = next((place for place, p in enumerate(ahead) if p.name in named), len(ahead))
    wanted = [place for place, p in enumerate(ahead) if p.default is p.empty and p.name not in named]
    found = range(max(0, max(wanted, default=-1) + 1 - others), most - others + 1)
    return found if len(found) <= _FEW else ()


def collected_from(signature: inspect.Signature, call: gast.Call) -> int | None:
    """How many parameters come before the `*args` that collects what a call spreads; None where none does.

    >>> def polynomial(x, *coefficients): ...
    >>> collected_from(inspect.signature(polynomial), tree.expression("polynomial(x, 1.0, *c)"))
    1
    """
    ahead, named = _positional(signature), {keyword.arg for keyword in call.keywords}
    collects = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
    return None if not collects or None in named or any(p.name in named for p in ahead) else len(ahead)


def _positional(signature: inspect.Signature) -> list[inspect.Parameter]:
    """The parameters that may be given by their place."""
    every = signature.parameters.values()
    return [p for p in every if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def written_out_call(call: gast.Call, items: Sequence[str]) -> gast.Call:
    """The call with names in the place of what it spreads."""
    args: list[gast.AST] = []
    for item in call.args:
        args += map(tree.load, items) if isinstance(item, gast.Starred) else [item]
    return gast.Call(call.func, args, call.keywords)


def open_keywords(signature: inspect.Signature, call: gast.Call) -> list[inspect.Parameter] | None:
    """The parameters that `**` in a call may give; None where nobody knows.

    >>> def rosenbrock(x, a, *, b=1.0): ...
    >>> found = open_keywords(inspect.signature(rosenbrock), tree.expression("rosenbrock(x, **options)"))
    >>> [parameter.name for parameter in found]
    ['a', 'b']
    """
    every = list(signature.parameters.values())
    if any(p.kind is p.VAR_KEYWORD for p in every) or any(isinstance(a, gast.Starred) for a in call.args):
        return None
    plain = [p for p in every if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    given = {*(p.name for p in plain[: len(call.args)]), *(k.arg for k in call.keywords)}
    return [p for p in every if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name not in given]
