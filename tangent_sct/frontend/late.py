"""Which variables are read after the statement that makes what reads them: by functions, generators and classes.

>>> sorted(captured_by(tree.expression("fs.append(lambda t: a * t)"), set()))
['a']
>>> captured_by(tree.expression("sorted(xs, key=lambda t: a * t)"), set())
set()
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Set
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.live import read_late

AT_ONCE = frozenset({"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})
"""Functions of Python's own that have run through what they were given when they return."""


_HANDING_ON = frozenset({"enumerate", "filter", "map", "reversed", "zip"})
"""Functions of Python's own that are run through by those that are given them."""


BRIEF = AT_ONCE | _HANDING_ON
"""All of these: a program may call functions of its own by such names, which may keep what they are given."""


def shadowed(objects: Mapping[str, Any]) -> set[str]:
    """Those of their names that mean something else in a module.

    >>> shadowed({"max": print, "sum": sum, "x": 1.0})
    {'max'}
    """
    return {name for name in BRIEF & objects.keys() if objects[name] is not getattr(builtins, name)}


def captured_by(node: gast.AST, others: Set[str]) -> set[str]:
    """Names of the function around that functions and generators read which are made here and kept.

    Args:
        node: a statement, or an expression.
        others: names that do not mean Python's own functions.
    """
    found: set[str] = set()
    # With each part: the function that runs what stands there before the statement ends, "" where none does.
    pending = [(node, "")]
    while pending:
        item, runner = pending.pop()
        is_applied = isinstance(item, gast.Lambda) and runner in ("filter", "map", "key")
        if is_applied or (runner and isinstance(item, gast.GeneratorExp)):
            # What it makes may be kept.
            pending.extend((child, "") for child in tree.children(item))
        elif isinstance(item, (gast.Lambda, gast.FunctionDef, gast.ClassDef, gast.GeneratorExp)):
            found.update(read_late(item))
        elif isinstance(item, gast.Call):
            name = _builtin(item, others)
            runs = name if name in AT_ONCE or (runner and name in _HANDING_ON) else ""
            pending.append((item.func, ""))
            pending.extend((argument, runs) for argument in item.args)
            keys = [keyword for keyword in item.keywords if is_key(keyword, item, others)]
            pending.extend((k.value, "key" if k in keys else "") for k in item.keywords)
        else:
            pending.extend((child, "") for child in tree.children(item))
    return found


def _builtin(call: gast.Call, others: Set[str]) -> str:
    """The name of the function of Python's own that is called, "" where it is another."""
    name = str(getattr(call.func, "id", ""))
    return name if name in BRIEF and name not in others else ""


def is_key(keyword: gast.keyword, call: gast.Call, others: Set[str]) -> bool:
    """Whether a keyword is what items are ordered by, which is called at once."""
    is_sort = isinstance(call.func, gast.Attribute) and call.func.attr == "sort"
    return keyword.arg == "key" and (is_sort or _builtin(call, others) in AT_ONCE)
