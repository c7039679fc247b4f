"""Every rule, by itself, against differences: both modes, each argument, all its branches."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from types import MethodDescriptorType
from typing import Any

import gast
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.interpolate import BSpline, PPoly, UnivariateSpline

from tangent_sct.analysis.operations import BINARY, UNARY
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.templates.methods import ATTRIBUTES, METHODS
from tangent_sct.templating import registry
from tests.templates.cases import CASES, Case
from tests.templates.complex_cases import COMPLEX_CASES
from tests.templates.filled import Filled, differences, inner, random_like
from tests.templates.scipy_special_cases import DOUBLE


def title(function: Callable[..., Any]) -> str:
    module = getattr(function, "__module__", None) or type(function).__module__
    return f"{module}.{getattr(function, '__name__', function)}"


def label(case: Case) -> str:
    function, args, keywords = case
    shapes = ",".join(_shape(a) for a in args)
    named = ",".join(f"{key}={_shape(value)}" for key, value in keywords.items())
    return f"{title(function)}({shapes}{';' if named else ''}{named})"


def _shape(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "x".join(map(str, value.shape)) or "0d"
    if isinstance(value, list):
        return "[" + ",".join(map(_shape, value)) + "]"
    return str(value)


@pytest.mark.every(3)
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("case", CASES, ids=map(label, CASES))
def test_rule(case: Case, known: bool) -> None:
    function, args, keywords = case
    filled = Filled(function, args, keywords, known)
    before = {name: np.copy(value) for name, value in filled.values.items() if _is_array(value)}
    every = set(filled.slots)
    subsets = [every] if len(every) < 2 else [every, *({slot} for slot in every)]
    try:
        for active in subsets:
            check(filled, active)
    except UnsupportedError as error:
        assert not known and "must be known" in error.reason, error
    check_calls_have_rules(filled)
    for name, value in before.items():
        assert np.array_equal(filled.values[name], value, equal_nan=value.dtype.kind == "f"), (
            f"{name} was written"
        )


def check(filled: Filled, active: set[Any]) -> None:
    rng = np.random.default_rng(7)
    values = {slot: filled.values[filled.slots[slot]] for slot in active}
    directions = {slot: random_like(value, rng) for slot, value in values.items()}
    tangents = filled.tangent(directions)
    expected = differences(filled, directions)
    results = [filled.forward()[name] for name in filled.results]
    for tangent, difference, result in zip(tangents, expected, results, strict=True):
        np.testing.assert_allclose(
            np.broadcast_to(tangent, np.shape(result)), difference, rtol=1e-5, atol=1e-7
        )
    for tangent in filled.tangent({slot: zeros(direction) for slot, direction in directions.items()}):
        assert not np.any(tangent), f"a zero tangent gives {tangent}: {filled.text}"
    seeds = [random_like(np.asarray(result, float)[()], rng) for result in results]
    adjoints = filled.adjoint(seeds, active)
    full = [np.broadcast_to(t, np.shape(r)) for t, r in zip(tangents, results, strict=True)]
    left = sum(map(inner, seeds, full))
    right = sum(inner(adjoint, directions[slot]) for slot, adjoint in adjoints.items())
    assert left == pytest.approx(right, rel=1e-9, abs=1e-9), filled.text


def zeros(direction: Any) -> Any:
    return list(map(zeros, direction)) if isinstance(direction, list) else 0 * direction


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


# -- closedness -------------------------------------------------------------------------------


def check_calls_have_rules(filled: Filled) -> None:
    """What the filled text calls has a rule itself, so that it can be differentiated again."""
    for node in filled.trees:
        for function in functions_in(node, filled.instance.namespace):
            assert registry.find(function) is not None, f"{title(function)} in {filled.text}"


def functions_in(node: gast.AST, namespace: Any) -> Iterator[Any]:
    for item in tree.walk(node):
        if isinstance(item, gast.Call):
            yield callee(item.func, namespace)
        elif isinstance(item, gast.BinOp):
            yield BINARY[tree.BINARY_SYMBOL[type(item.op)]]
        elif isinstance(item, gast.UnaryOp):
            yield UNARY[tree.UNARY_SYMBOL[type(item.op)]]
        elif isinstance(item, gast.Subscript):
            yield operator.getitem
        elif isinstance(item, gast.Attribute) and not free(item, namespace):
            called = item.attr in METHODS
            assert called or item.attr in ATTRIBUTES, f".{item.attr} has no meaning"
            if not called and ATTRIBUTES[item.attr] is not None:
                yield ATTRIBUTES[item.attr]


def free(node: gast.AST, namespace: Any) -> bool:
    name = tree.dotted_name(node)
    return name is not None and name.partition(".")[0] in namespace


def callee(node: gast.AST, namespace: Any) -> Any:
    if isinstance(node, gast.Attribute) and not free(node, namespace):
        return METHODS[node.attr]
    return eval(tree.text(node), dict(namespace))


# -- single precision -------------------------------------------------------------------------


def single(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == float:
        return value.astype(np.float32)
    if isinstance(value, (tuple, list)):
        return type(value)(map(single, value))
    return value


ARRAYS_ONLY = [c for c in CASES if any(isinstance(a, np.ndarray) for a in c[1])]


@pytest.mark.parametrize("case", ARRAYS_ONLY, ids=map(label, ARRAYS_ONLY))
def test_single_precision_stays(case: Case) -> None:
    function, args, keywords = case
    filled = Filled(function, tuple(map(single, args)), keywords)
    double = Filled(function, args, keywords)
    results = [filled.forward()[name] for name in filled.results]
    if any(np.asarray(r).dtype != np.float32 for r in results):
        pytest.skip("the function itself goes over to double precision")
    active = {s for s, n in filled.slots.items() if isinstance(filled.values[n], np.ndarray)}
    adjoints = filled.adjoint([np.ones_like(r) for r in results], active)
    expected = double.adjoint([np.ones_like(r, dtype=float) for r in results], active)
    for slot, adjoint in adjoints.items():
        np.testing.assert_allclose(adjoint, expected[slot], rtol=2e-3, atol=2e-3)
        assert np.asarray(adjoint).dtype == np.float32 or function in DOUBLE, filled.text


def test_float32() -> None:
    filled = Filled(np.float32, (0.5,))
    active = set(filled.slots)
    assert filled.adjoint([np.float32(3.0)], active) == {("value", None): np.float32(3.0)}
    (tangent,) = filled.tangent({("value", None): 2.0})
    assert tangent == 2.0 and tangent.dtype == np.float32


# -- completeness -----------------------------------------------------------------------------


ELSEWHERE = (np.float32, quad, PPoly.__call__, BSpline.__call__, UnivariateSpline.__call__)
"""Functions that `test_float32` and `test_scipy.py` check: splines are called as objects, an error is not known."""


def test_every_rule_has_a_case() -> None:
    registry.check_all()
    tested = [*(case[0] for case in CASES), *ELSEWHERE]
    tested += [case[0] for case in COMPLEX_CASES]
    shipped = [r for r in registry.all_rules() if "templates" in r.file and not r.is_zero]
    # Those that refuse every argument have nothing to be tried: see test_linalg.py.
    shipped = [r for r in shipped if r.wrt or r.elementwise]
    missing = [title(p) for rule in shipped for p in rule.primals if p not in tested]
    assert missing == []


@pytest.mark.parametrize("name", sorted(METHODS))
def test_methods_are_functions_with_rules(name: str) -> None:
    assert hasattr(np.ndarray, name)
    assert registry.find(METHODS[name]) is not None


def test_attributes_are_attributes() -> None:
    for name, function in ATTRIBUTES.items():
        assert hasattr(np.ndarray, name) and not isinstance(
            getattr(np.ndarray, name), MethodDescriptorType
        )
        assert function is None or registry.find(function) is not None
