"""Calls that put their result into an array that is given: `out=`, and the `where=` of ufuncs.

`np.add(a, b, out=c)` is `c[...] = np.add(a, b)`; with `where=m` only the chosen elements are computed, and
stored. So stores are all that later passes know of.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.origins import Source
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.templates.methods import METHODS
from tangent_sct.templates.writers import binary_where, unary_where
from tangent_sct.templating import registry


@dataclass(frozen=True)
class Into:
    """A call whose result goes into an array.

    Attributes:
        call: the call without `out=` and `where=`.
        out: the array.
        where: which elements are computed; None for all.
        masked: the function that does so for chosen elements.
        in_parts: whether some of the result is put there before all that the call is given has been read.
        fills_a_part: whether it may be put into a part of a larger array.
    """

    call: gast.Call
    out: gast.AST
    where: gast.AST | None
    masked: Callable[..., Any] | None
    in_parts: bool = False
    fills_a_part: bool = False

    def is_plain(self) -> bool:
        """Whether the array gets the result as a whole, once it has been computed."""
        return self.masked is None and not self.in_parts and not self.fills_a_part


_IN_PARTS = (np.concatenate, np.stack, np.ptp)
"""Functions that put a part of their result into the array before they have read all that they are given."""
_FILLING_A_PART = (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod)
"""Functions that leave entries of a larger array as they are, which others broadcast their result to, or refuse."""


def named_out(function: gast.FunctionDef, source: Source) -> gast.FunctionDef:
    """A function in whose calls `out` is given by its name: `np.add(a, b, c)` is `np.add(a, b, out=c)`.

    Args:
        function: as parsed.
        source: where its free names are looked up.
    """
    objects = Lookup(source)
    function = _with_ufuncs_by_name(function, objects)

    def change(node: gast.AST) -> gast.AST | None:
        if not isinstance(node, gast.Call) or any(isinstance(a, gast.Starred) for a in node.args):
            return None
        called = meaning(node.func, objects)
        place = _place_of_out(called)
        if called is MISSING and isinstance(node.func, gast.Attribute):
            # The array itself is no argument of a method.
            place = (_place_of_out(METHODS.get(node.func.attr)) or 0) - 1
        if place is None or place < 1 or len(node.args) != place + 1:
            return None
        return gast.Call(node.func, node.args[:-1], [*node.keywords, gast.keyword("out", node.args[-1])])

    return tree.replaced(function, change)


def _with_ufuncs_by_name(function: gast.FunctionDef, objects: Lookup) -> gast.FunctionDef:
    """A function that calls ufuncs by their own names where it has given them others: `add = np.add`."""
    bound: dict[str, int] = {}
    for node in tree.walk(function):
        if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load):
            bound[node.id] = bound.get(node.id, 0) + 1
        elif isinstance(node, (gast.Global, gast.Nonlocal)):
            bound.update(dict.fromkeys(node.names, 2))
    known = {
        name: value for name, value in _assigned(function.body)
        if bound[name] == 1 and bound.keys().isdisjoint(tree.names_read(value))
        and isinstance(meaning(value, objects), np.ufunc)
    }  # fmt: skip
    if not known:
        return function

    def change(node: gast.AST) -> gast.AST | None:
        if not isinstance(node, gast.Call) or not tree.is_one_of(node.func, known):
            return None
        return gast.Call(tree.copy(known[node.func.id]), node.args, node.keywords)

    return tree.replaced(function, change)


def _assigned(body: list[gast.AST]) -> Iterator[tuple[str, gast.AST]]:
    """The names that the statements of a function itself, in none of its blocks, are known to give a value."""
    for node in body:
        for target in node.targets if isinstance(node, gast.Assign) else ():
            pairs = [(target, node.value)]
            if isinstance(target, gast.Tuple) and isinstance(node.value, gast.Tuple):
                is_plain = not any(isinstance(item, gast.Starred) for item in (*target.elts, *node.value.elts))
                fits = is_plain and len(target.elts) == len(node.value.elts)
                pairs = list(zip(target.elts, node.value.elts, strict=True)) if fits else []
            for name, value in pairs:
                if isinstance(name, gast.Name) and isinstance(value, (gast.Name, gast.Attribute)):
                    yield name.id, value


def _place_of_out(function: Any) -> int | None:
    """After how many arguments `out` may be given by position."""
    if isinstance(function, np.ufunc):
        return function.nin if function.nout == 1 else None
    if function is np.dot or function is np.concatenate:
        # Written in C, these show no parameters.
        return 2
    if not _takes_out(function):
        return None
    parameters = inspect.signature(function).parameters
    is_place = parameters["out"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    return list(parameters).index("out") if is_place else None


def into(call: gast.Call, objects: Mapping[str, Any]) -> Into | None:
    """What a call puts into which array, None where it is no such call.

    Args:
        call: any call.
        objects: what free names mean.
    """
    options = {k.arg: k.value for k in call.keywords}
    out = options.pop("out", None)
    if isinstance(out, gast.Tuple) and len(out.elts) == 1:
        (out,) = out.elts
    if out is None or isinstance(out, gast.Tuple) or None in options:
        return None
    function = meaning(call.func, objects)
    if function is MISSING and isinstance(call.func, gast.Attribute):
        function = METHODS.get(call.func.attr, MISSING)
    if not _takes_out(function):
        return None
    plain = gast.Call(call.func, call.args, [k for k in call.keywords if k.arg != "out"])
    if tree.is_constant(out, None):
        return None
    where = options.pop("where", None)
    if where is None or tree.is_constant(where, True) or not isinstance(function, np.ufunc):
        return Into(plain, out, None, None, is_one_of(function, _IN_PARTS), is_one_of(function, _FILLING_A_PART))
    if options or function.nin > 2 or function.signature is not None:
        return None
    return Into(plain, out, where, unary_where if function.nin == 1 else binary_where)


def _takes_out(function: Any) -> bool:
    """Whether a function of NumPy with a rule takes an array for its result."""
    if isinstance(function, np.ufunc):
        return function.nout == 1 and registry.find(function) is not None
    if function is MISSING or (getattr(function, "__module__", None) or "").partition(".")[0] != "numpy":
        return False
    if registry.find(function) is None and registry.expansion(function) is None:
        return False
    try:
        return "out" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        # Written in C.
        return is_one_of(function, (np.dot, np.concatenate))
