"""Every public function has a rule, or a reason for having none; what has neither is counted."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.templating import reasons, registry
from tangent_sct.testing import check_derivative
from tests.laws.samples import load
from tests.templates.census import OWN, SCIPY, census

NOT_YET = {
    "numpy": 0,
    "numpy.linalg": 0,
    "numpy.fft": 0,
    "numpy.random": 0,
    "numpy.ndarray": 0,
    "builtins": 0,
    "math": 0,
    "cmath": 0,
    "operator": 0,
    "scipy.special": 168,
    "scipy.linalg": 55,
    "scipy.stats": 233,
    "scipy.signal": 146,
    "scipy.fft": 9,
    "scipy.interpolate": 47,
    "scipy.integrate": 14,
    "scipy.ndimage": 64,
    "scipy.sparse": 22,
}
"""How many public names of a namespace have neither a rule nor a reason. These numbers only shrink."""

FOLLOWED = {
    "dict": "return dict(a=x * x)['a']",
    "enumerate": "return sum([i * a for i, a in enumerate([x, x * x])])",
    "filter": "return sum(filter(lambda t: t > 0, [x, x * x]))",
    "list": "return list((x, x * x))[1]",
    "map": "return sum(map(lambda t: t * t, [x, x]))",
    "reversed": "return [a for a in reversed([x, x * x])][0]",
    "sorted": "return sorted(zip(['b', 'a'], [x, x * x]))[0][1]",
    "tuple": "return tuple([x, x * x])[1]",
    "vectorize": "return np.sum(np.vectorize(lambda t: t * x)(np.array([1.0, 2.0])))",
    "zip": "return sum([a * b for a, b in zip([x, x * x], [x, 2.0])])",
    "super": "return Child(x).double()",
    "property": "return Child(x).square",
    "staticmethod": "return Child(x).cube(x)",
    "classmethod": "return Child.of(x).square",
}
"""A program with each builtin that the compiler follows itself."""

CLASSES = """
class Parent:
    def __init__(self, x):
        self.x = x
    def double(self):
        return 2 * self.x
    @property
    def square(self):
        return self.x * self.x
    @staticmethod
    def cube(v):
        return v * v * v
    @classmethod
    def of(cls, v):
        return cls(v)

class Child(Parent):
    def double(self):
        return super().double() * self.x
"""


@pytest.mark.parametrize("namespace", [*OWN, *SCIPY])
def test_every_name_has_one_place(namespace: str) -> None:
    if namespace in SCIPY:
        pytest.importorskip("scipy")
    entries = census(namespace)
    assert len(entries) > 10
    assert {e.name: e.standing for e in entries if len(e.standing) != 1} == {}
    open_ = [e.name for e in entries if e.standing == ("not yet",)]
    assert len(open_) <= NOT_YET[namespace], f"a rule, or a reason in templates/without_rule.py, for: {open_}"


def test_reasons_name_what_there_is() -> None:
    registry.check_all()
    for namespace, name in reasons.all_reasons():
        if namespace in SCIPY:
            pytest.importorskip("scipy")
        if namespace in (*OWN, *SCIPY) and name != "*":
            owner = np.ndarray if namespace == reasons.ARRAY else importlib.import_module(namespace)
            assert hasattr(owner, name), f"{namespace}.{name}"


def test_a_function_has_one_reason() -> None:
    reason = reasons.Reason("refused", "it is a test")
    with pytest.raises(ValueError, match="`numpy.genfromtxt` already has a reason"):
        registry.check_all()
        reasons.declare("numpy", reason, "genfromtxt")


def test_followed_builtins_are_followed() -> None:
    registry.check_all()
    said = {name for (space, name), why in reasons.all_reasons().items() if why.standing == "followed"}
    assert said == set(FOLLOWED)


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_is_followed(name: str) -> None:
    text = f"import numpy as np\n{CLASSES}\ndef f(x):\n    {FOLLOWED[name]}\n"
    check_derivative(load(text, f"<followed: {name}>")["f"], 0.7)


REFUSED: dict[str, tuple[str, str, str]] = {
    "random": (
        "return np.sum(np.random.normal(x))",
        "what is drawn is a constant of the derivative, and does not depend smoothly on the parameters",
        "draw standard numbers and transform them: loc + scale * rng.standard_normal(size)",
    ),
    "class": (
        "return np.sum(np.matrix(x))",
        "its results are arrays of a class of their own, with operators of their own",
        "use plain arrays: np.asarray(...)",
    ),
    "iterator": (
        "return next(x)",
        "an iterator changes with each value that is taken from it",
        "loop over the values, or take them by index",
    ),
    "in place": (
        "return operator.iadd(x, x)[0]",
        "what it does in place depends on the type of its first argument",
        "write the statement: a += b",
    ),
    "method": (
        "return x.view(float)[0]",
        "it reads the memory of the array as something else",
        "convert it: x.astype(dtype)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_errors_say_why(case: str) -> None:
    program, why, hint = REFUSED[case]
    f: Any = load(f"import operator\nimport numpy as np\n\ndef f(x):\n    {program}\n", f"<reason: {case}>")["f"]
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(np.array([0.7, 0.4]))
    error = caught.value
    assert error.reason.endswith((f"has no derivative rule, since {why}", f"has no derivative, since {why}"))
    assert error.hint == hint
    assert error.origin is not None
    assert (error.origin.file, error.origin.line) == (f"<reason: {case}>", 5)
    assert error.origin.text.strip() == program
