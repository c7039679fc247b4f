"""Which rule belongs to which function.

The templates that ship with the compiler are imported at the first question, and each is read
when it is first asked for. A user's rule is read when it is declared, so that its errors show at
once; it goes before a shipped one.

Templates for SciPy stand in `templates/scipy`, named after the part of SciPy that they are for: `linalg.py`, or
`linalg_factors.py`, for `scipy.linalg`. They are imported once that part has been imported by someone else, so SciPy
is never loaded for a program that has none of its functions.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from tangent_sct.core.identity import asks_nothing, entry_of
from tangent_sct.templating.read import read
from tangent_sct.templating.reasons import ARRAY, Reason, reason_for, reason_named
from tangent_sct.templating.rule import Declaration, Rule, TemplateError

SHIPPED = "tangent_sct.templates"
SCIPY = f"{SHIPPED}.scipy"


Expansion = tuple[Callable[..., Any], Mapping[str, tuple[Any, ...]]]
"""A function that is read in place of another, and by parameter the values with one of which it is."""


class _Entry:
    """A declaration, and its rules once they have been read."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self._rules: tuple[Rule, ...] | None = None
        self._by_primal: dict[object, Rule] = {}

    def rules(self) -> tuple[Rule, ...]:
        if self._rules is None:
            found = read(self.declaration)
            for rule in found:
                for primal in rule.primals:
                    self._by_primal.setdefault(primal, rule)
            self._rules = found
        return self._rules

    def rule(self, function: object) -> Rule:
        self.rules()
        return self._by_primal[function]


_own: dict[object, _Entry | Rule] = {}
_shipped: dict[object, _Entry | Rule] = {}
_changes = 0
"""How often a rule has been declared since the start, the shipped ones apart."""
_complex: dict[object, bool] = {}
"""Functions whose rules hold for complex numbers, and whether they are holomorphic."""
_expansions: dict[object, list[Expansion]] = {}
_serving: set[Callable[..., Any]] = set()
"""Those of the functions read in place of others in which `else` is right in all cases."""
_standing: set[Callable[..., Any]] = set()
"""The functions read in place of others."""
_loading = threading.RLock()
_loaded = False
_waiting: dict[str, list[str]] = {}
"""Modules of templates by the part of SciPy whose import they wait for."""


def register(rule: Rule | Declaration) -> None:
    """Make a rule known.

    Args:
        rule: a rule, or the declaration of one; a declaration outside the shipped templates is
            read at once.

    Raises:
        TemplateError: when a user's template is not well formed, or two shipped ones are for the
            same function.
    """
    global _changes
    if isinstance(rule, Rule):
        _changes += 1
        _own.update(dict.fromkeys(rule.primals, rule))
        return
    entry = _Entry(rule)
    if str(rule.scope.get("__name__", "")).startswith(SHIPPED + "."):
        # These say nothing new of a function that a derivative has been written for.
        for primal in rule.primals:
            _refuse_second(primal, rule)
            _shipped[primal] = entry
    else:
        _changes += 1
        entry.rules()
        _own.update(dict.fromkeys(rule.primals, entry))


def _refuse_second(primal: Callable[..., Any], declaration: Declaration) -> None:
    first = _shipped.get(primal)
    if not isinstance(first, _Entry):
        return
    # `linear` used as a decorator has declared the bare function before.
    bare = first.declaration.form == "linear" and first.declaration.template is None
    if not bare and declaration.line != first.declaration.line:
        raise TemplateError(
            f"{primal!r} already has a rule in {first.declaration.file}, "
            f"line {first.declaration.line}",
            declaration.file,
            declaration.line,
        )


def state() -> int:
    """A number that is another one as soon as a rule has been declared: what a derivative was written for.

    >>> state() == state()
    True
    """
    _load()
    return _changes


def find(function: object) -> Rule | None:
    """The rule for a function, None where there is none.

    Args:
        function: any object; functions are told apart by what they are, not by their names.

    Raises:
        TemplateError: when its template is not well formed.

    >>> find("no function") is None
    True
    """
    _load()
    if asks_nothing(function):
        entry = _own.get(function) or _shipped.get(function)
    else:
        entry = next((entry for primal, entry in _own.items() if primal is function), None)
    if entry is None and is_called_by_class(function):
        return find(type(function).__call__)
    if isinstance(entry, _Entry):
        return entry.rule(function)
    return entry


_NATIVE = frozenset((FunctionType, BuiltinFunctionType, ModuleType, type, np.ufunc))
"""Classes whose objects Python itself calls, where it does."""


def is_called_by_class(function: object) -> bool:
    """Whether a rule for `__call__` of its class is about calls of an object, which is its first argument then.

    >>> is_called_by_class(len)
    False
    """
    if type(function) in _NATIVE:
        return False
    called = inspect.getattr_static(type(function), "__call__", None)
    return isinstance(called, FunctionType) and (called in _own or called in _shipped)


def register_complex(primals: Iterable[Callable[..., Any]], holomorphic: bool) -> None:
    """Make known that the rules of some functions hold for complex numbers.

    Args:
        primals: the functions.
        holomorphic: whether they are complex differentiable.
    """
    _complex.update(dict.fromkeys(primals, holomorphic))


def is_holomorphic(function: object) -> bool | None:
    """Whether a function is holomorphic; None where its rule is for real numbers alone.

    >>> import numpy as np
    >>> is_holomorphic(np.exp), is_holomorphic(np.conjugate), is_holomorphic(np.hypot)
    (True, False, None)
    """
    _load()
    return entry_of(function, _complex)


def complex_functions() -> tuple[Any, ...]:
    """All functions whose rules hold for complex numbers."""
    _load()
    return tuple(_complex)


def register_expansion(
    primals: Iterable[object],
    function: Callable[..., Any],
    when: Mapping[str, tuple[Any, ...]],
    else_serves: bool = False,
) -> None:
    """Make known a function that does what others do, and is read in their place.

    Args:
        primals: the others.
        function: the function.
        when: by parameter of it, the values with one of which it is read; empty where it always is.
        else_serves: whether what stands behind each `else` in it is right in all cases.

    Raises:
        ValueError: when there is one already for all calls.
    """
    for primal in primals:
        known = _expansions.setdefault(primal, [])
        if not when and (always := [found for found, values in known if not values]):
            raise ValueError(f"{primal!r} is already read as {always[0].__qualname__}")
        known.append((function, dict(when)))
    _standing.add(function)
    if else_serves:
        _serving.add(function)


def stands_for_others(function: object) -> bool:
    """Whether a Python function is read in place of others."""
    return isinstance(function, FunctionType) and function in _standing


def expansion(function: object) -> Callable[..., Any] | None:
    """The Python function that is read in place of a function, None where there is none.

    Args:
        function: any object.

    >>> import numpy as np
    >>> expansion(np.copyto).__name__, expansion(np.sin)
    ('copyto', None)
    """
    return next((found for found, when in expansions(function) if not when), None)


def expansions(function: object) -> Sequence[Expansion]:
    """The Python functions that are read in place of a function, each with the values with which it is.

    Args:
        function: any object.
    """
    _load()
    return entry_of(function, _expansions) or ()


def else_serves(function: Callable[..., Any]) -> bool:
    """Whether what stands behind each `else` of a function that is read in place of others is right in all cases."""
    return function in _serving


def all_expansions() -> list[tuple[object, Callable[..., Any], bool]]:
    """The functions that others are read in place of, each after one of those; and whether it is for all calls."""
    _load()
    return [(primal, function, not when) for primal, found in _expansions.items() for function, when in found]


def reason(function: object) -> Reason | None:
    """Why a function has no rule; None where it has one, and where nothing is said.

    Args:
        function: any object.

    >>> import numpy as np
    >>> reason(np.array_split), reason(np.genfromtxt).text
    (None, 'it reads or writes files and memory')
    """
    _load()
    return reason_for(function)


def reason_of_method(name: str) -> Reason | None:
    """Why a method or an attribute of arrays has no rule; None where nothing is said."""
    _load()
    return reason_named(ARRAY, name)


def all_rules() -> tuple[Rule, ...]:
    """All rules, each once, in the order in which they were declared.

    Raises:
        TemplateError: when a template is not well formed.
    """
    _load()
    entries = dict.fromkeys([*_shipped.values(), *_own.values()])
    return tuple(rule for entry in entries for rule in _rules_of(entry))


def _rules_of(entry: _Entry | Rule) -> Iterator[Rule]:
    if isinstance(entry, Rule):
        yield entry
    else:
        yield from entry.rules()


def check_all() -> int:
    """Read every template and check its form and signature; the number of rules.

    Raises:
        TemplateError: for the first template that is not well formed.
    """
    return len(all_rules())


def _load() -> None:
    """Import the modules of the shipped templates, once, and those for a part of SciPy when it is there."""
    if not _loaded:
        _load_all()
    # Waiting modules leave the table when they have been imported: other threads may be asking meanwhile.
    for part in [part for part in _waiting if part in sys.modules]:
        with _loading:
            for module in _waiting.get(part, ()):
                importlib.import_module(module)
            _waiting.pop(part, None)


def _load_all() -> None:
    global _loaded
    with _loading:
        if _loaded:
            return
        package = importlib.import_module(SHIPPED)
        for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
            importlib.import_module(f"{SHIPPED}.{module}")
        for module in sorted(m.name for m in pkgutil.iter_modules(importlib.import_module(SCIPY).__path__)):
            part = f"scipy.{module.partition('_')[0]}"
            _waiting.setdefault(part, []).append(f"{SCIPY}.{module}")
        _loaded = True
