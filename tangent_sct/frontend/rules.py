"""What is known of the functions that a function calls before it is rewritten: whether they have rules, and which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.core.origins import Source
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.templating import registry


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


def spelled_test(source: Source, test: Callable[[Any], bool]) -> Callable[[gast.AST], bool]:
    """A test of functions, `is_fresh` or `writes_first`, as one of how a source spells them."""
    objects = Lookup(source)
    return lambda function: test(meaning(function, objects))


ARRAY_WRITERS = tuple(getattr(np, name) for name in "copyto fill_diagonal place put put_along_axis putmask".split())
"""The functions of NumPy that write into their first argument."""


def writes_first(function: Any) -> bool:
    """Whether a function of NumPy writes into its first argument, and keeps nothing of the others.

    >>> writes_first(np.put), writes_first(np.add.at), writes_first(np.add)
    (True, True, False)
    """
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return bool(function.__name__ == "at")
    return any(function is writer for writer in ARRAY_WRITERS)


def is_fresh(function: Any) -> bool:
    """Whether the rule of a function of NumPy says that its result shares no memory.

    Python's own functions may hand on what stands in a list, of which no rule speaks.

    >>> is_fresh(np.sin), is_fresh(np.reshape), is_fresh(sum)
    (True, False, False)
    """
    if (getattr(function, "__module__", None) or "").partition(".")[0] != "numpy":
        return False
    rule = registry.find(function)
    return rule is not None and rule.aliasing == "fresh"


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
