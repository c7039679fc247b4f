"""Where every public function of NumPy, SciPy and Python's own modules of numbers stands.

`python -m tests.templates.census` prints what has no rule yet.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from tangent_sct.templates.methods import ATTRIBUTES, METHODS, WRITERS
from tangent_sct.templating import registry
from tangent_sct.templating.reasons import ARRAY, reason_named

Class = Literal["rule", "zero", "language", "inactive", "refused", "not yet"]
CLASSES: tuple[Class, ...] = get_args(Class)

OWN = (
    "numpy", "numpy.linalg", "numpy.fft", "numpy.random", ARRAY, "builtins", "math", "cmath", "operator",
)  # fmt: skip
SCIPY = (
    "scipy.special", "scipy.linalg", "scipy.stats", "scipy.signal", "scipy.fft", "scipy.interpolate",
    "scipy.integrate", "scipy.ndimage", "scipy.sparse",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One public name.

    Attributes:
        namespace: where it is found.
        name: its name there.
        standing: all classes it belongs to; there should be one.
        why: the reason, where there is one.
    """

    namespace: str
    name: str
    standing: tuple[Class, ...]
    why: str = ""


def census(namespace: str) -> list[Entry]:
    """All public callables of a namespace, in alphabetical order."""
    if namespace == ARRAY:
        return [_member(name) for name in sorted(dir(np.ndarray)) if not name.startswith("__")]
    module = importlib.import_module(namespace)
    with warnings.catch_warnings():
        # Some names are on their way out.
        warnings.simplefilter("ignore")
        found = {name: getattr(module, name, None) for name in {*getattr(module, "__all__", ()), *dir(module)}}
    return [
        _entry(namespace, name, value)
        for name, value in sorted(found.items())
        if not name.startswith("_") and callable(value) and not inspect.ismodule(value)
    ]


def _entry(namespace: str, name: str, value: Any) -> Entry:
    standing: list[Class] = list(_ruled(value))
    reason = reason_named(namespace, name)
    if reason is not None:
        standing.append("language" if reason.standing == "followed" else reason.standing)
    elif not standing and inspect.isclass(value) and issubclass(value, BaseException):
        return Entry(namespace, name, ("inactive",), "it is raised, not computed")
    return Entry(namespace, name, tuple(standing) or ("not yet",), reason.text if reason else "")


def _member(name: str) -> Entry:
    """A method or an attribute of arrays."""
    standing: list[Class] = []
    if name in WRITERS or name in METHODS:
        standing += _ruled(WRITERS.get(name, METHODS.get(name)))
    elif name in ATTRIBUTES:
        function = ATTRIBUTES[name]
        standing += ["zero"] if function is None else _ruled(function)
    reason = reason_named(ARRAY, name)
    if reason is not None and reason.standing != "followed":
        standing.append(reason.standing)
    return Entry(ARRAY, name, tuple(standing) or ("not yet",), reason.text if reason else "")


def _ruled(value: Any) -> Iterator[Class]:
    rule = registry.find(value)
    if rule is not None:
        yield "zero" if rule.is_zero else "rule"
    elif registry.expansions(value) or _has_ruled_method(value):
        yield "rule"


def _has_ruled_method(value: Any) -> bool:
    """Whether an object that is none of a class of functions, such as a distribution, has a method with a rule."""
    if inspect.isroutine(value) or isinstance(value, (type, np.ufunc)):
        return False
    methods = (getattr(value, name, None) for name in dir(type(value)) if not name.startswith("_"))
    return any(registry.find(m) is not None or registry.expansion(m) is not None for m in methods if callable(m))


if __name__ == "__main__":
    for space in (*OWN, *SCIPY):
        entries = census(space)
        counts = {c: sum(c in e.standing for e in entries) for c in CLASSES}
        print(space, *(f"{c}: {n}" for c, n in counts.items() if n), sep="  ")
        print("   ", *(e.name for e in entries if "not yet" in e.standing))
        print("   ", *(f"{e.name}{e.standing}" for e in entries if len(e.standing) > 1))
