"""A unit out of a text, for the before/after examples in the documentation of the passes."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit


def unit_of(
    text: str, namespace: Mapping[str, Any] | None = None, temporaries: str = "t"
) -> Unit:
    """The unit of a function given as text.

    Names `y`, `y_2`, `y_3` are versions of `y`; names made of `temporaries` are the compiler's.

    Args:
        text: the text of one function.
        namespace: objects of free names, beside `np` and the builtins.
        temporaries: the base of the names that count as temporaries.

    >>> unit = unit_of("def f(y):\\n    y_2 = np.sin(y)\\n    t = y_2\\n    return t")
    >>> dict(unit.bases)
    {'y': 'y', 'y_2': 'y', 't': ''}
    """
    (function,) = tree.statements(text.strip("\n"))
    assert isinstance(function, gast.FunctionDef)
    names = [*tree.parameter_names(function), *tree.names_written(function.body)]
    stems = {name: re.sub(r"_\d+$", "", name) for name in names}
    bases = {name: "" if stem == temporaries else stem for name, stem in stems.items()}
    source = Source(text, "<example>", 1, 0, function.name, unit_of, {}, {})
    objects = {"np": np, **(namespace or {})}
    for name in tree.names_read(function.body):
        if name not in names and name not in objects and hasattr(builtins, name):
            objects[name] = getattr(builtins, name)
    return Unit(function, source, Request("primal"), objects, bases)
