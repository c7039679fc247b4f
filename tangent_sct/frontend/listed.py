"""What a call spreads, as a list or a tuple that is made before its other arguments are evaluated, as Python does.

>>> def f(a):
...     return max(*a, a.pop()) + max(*(v for v in a))
>>> from tangent_sct.frontend.source import source_of, tree_of
>>> source = source_of(f)
>>> print(tree.text(with_spreads_listed(tree_of(source), source)))
def f(a):
    return max(*tuple(a), a.pop()) + max(*[v for v in a])
"""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Source
from tangent_sct.frontend.between import any_writes
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.subset import refuse

_ITERATORS = ("enumerate", "filter", "map", "reversed", "zip")
_VIEWS = ("items", "keys", "values")


def with_spreads_listed(node: gast.FunctionDef, source: Source) -> gast.FunctionDef:
    """The function with `f(*tuple(a), g(a))` for `f(*a, g(a))`, where what is evaluated later may change `a`.

    What has no indices becomes a tuple, or a list, as well.

    Args:
        node: the function.
        source: where its free names are looked up.

    Raises:
        UnsupportedError: when `tuple` means something else there.
    """
    lookup = Lookup(source)

    def listed(call: gast.AST) -> gast.AST | None:
        if type(call) is not gast.Call or not any(isinstance(a, gast.Starred) for a in call.args):
            return None
        args = list(call.args)
        named = [k.value for k in call.keywords]
        # Python makes no list where all that is given by position is spread from one.
        is_late = len(args) == 1 and any_writes(named, lookup, node)
        for place, item in enumerate(args):
            if not isinstance(item, gast.Starred) or is_late:
                continue
            if isinstance(item.value, gast.GeneratorExp):
                args[place] = gast.Starred(gast.ListComp(item.value.elt, item.value.generators), gast.Load())
            elif _has_no_indices(item.value) or (
                len(args) > 1
                and not isinstance(item.value, (gast.Tuple, gast.List, gast.ListComp))
                and any_writes([*args[place + 1 :], *named], lookup, node)
            ):
                args[place] = gast.Starred(tree.call("tuple", item.value), gast.Load())
        return gast.Call(call.func, args, call.keywords) if args != call.args else None

    calls = [item for item in tree.walk(node) if listed(item) is not None]
    if not calls:
        return node
    if "tuple" in bound_names(node) or lookup.get("tuple") is not tuple:
        refuse("shadowed builtin", calls[0], source, builtin="tuple")
    return tree.rewrite(node, listed)


def _has_no_indices(value: gast.AST) -> bool:
    """Whether an expression is a call that gives an iterator, or a view of a dict."""
    if not isinstance(value, gast.Call):
        return False
    is_view = isinstance(value.func, gast.Attribute) and value.func.attr in _VIEWS and not value.args
    return is_view or tree.is_one_of(value.func, _ITERATORS)
