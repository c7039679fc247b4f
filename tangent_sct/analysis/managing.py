"""Which context managers surely let every exception pass.

Others may end one: then which statements of their block were run nothing would know of, and what fails in it must
stay what fails.
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Collection, Mapping
from types import FunctionType
from typing import Any, Final

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.managers import lets_pass
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.protocols import may_swallow
from tangent_sct.runtime import letting_pass

_CALM: Final = frozenset({"_io", "_thread", "threading"})
"""Modules of Python whose objects, as context managers, let every exception pass."""


def surely_passes(context: gast.AST, namespace: Mapping[str, Any], own: Collection[str]) -> bool:
    """Whether a context manager is known to let every exception pass.

    Args:
        context: the expression that makes it.
        namespace: what free names mean.
        own: names that the program binds.

    >>> import contextlib, numpy
    >>> objects = {"np": numpy, "suppress": contextlib.suppress}
    >>> managers = map(tree.expression, ("np.errstate(all='ignore')", "suppress(KeyError)", "made()"))
    >>> [surely_passes(manager, objects, ()) for manager in managers]
    [True, False, False]
    """
    is_call = isinstance(context, gast.Call)
    dotted = tree.dotted_name(context.func if is_call else context)
    if dotted is None or dotted.partition(".")[0] in own:
        return False
    found = meaning(context.func if is_call else context, namespace)
    if is_call and not isinstance(found, type):
        return found is letting_pass or found is builtins.open or lets_pass(found)
    if found is MISSING:
        return False
    cls = found if is_call else type(found)
    return lets_pass(cls) or _is_calm(cls)


def _is_calm(cls: type) -> bool:
    """Whether the `__exit__` of a class never says that an exception is over."""
    leave = inspect.getattr_static(cls, "__exit__", None)
    if isinstance(leave, FunctionType) and not inspect.isgeneratorfunction(leave):
        return not may_swallow(leave)
    return cls.__module__ in _CALM
