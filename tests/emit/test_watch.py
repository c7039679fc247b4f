"""Derivatives that are run line by line: the first number that is not finite, and what each statement assigned."""

from __future__ import annotations

import inspect
import pickle
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, grad, hessian, jacobian, jvp, value_and_grad, vjp
from tangent_sct.emit.watch import not_finite

BAD = np.array([1.0, 0.0])


def rooted(x):
    best = np.inf
    y = x * 2.0
    z = np.sqrt(y)
    for _ in range(2):
        z = z * z
    return np.sum(z) + min(best, 3.0)


def logged(x):
    y = np.log(x)
    return np.sum(y * y)


def recursive(x, n):
    if n == 0:
        return np.sqrt(x)
    return recursive(x * x, n - 1)


def outer(x):
    return rooted(x) * 2.0


def line(function: Any, text: str) -> str:
    """How an error names a line of a function."""
    lines, first = inspect.getsourcelines(function)
    (place,) = [i for i, written in enumerate(lines) if written.strip() == text]
    return f"{__file__}, line {first + place}: {text}"


def message(derivative: Any, *args: Any, **keywords: Any) -> str:
    with np.errstate(all="ignore"), pytest.raises(DerivativeError) as caught:
        derivative(*args, **keywords)
    assert not getattr(caught.value, "__notes__", None)
    assert sys.gettrace() is None or "pytest" not in repr(sys.gettrace())
    return str(caught.value)


@pytest.mark.parametrize("f", [rooted, outer])
def test_the_reverse_sweep(f: Any) -> None:
    place = line(rooted, "z = np.sqrt(y)")
    expected = f"`y_bar` holds nan at [1] first in the derivative of {place}"
    assert message(grad(f, check_nan=True), BAD).startswith(expected)
    assert message(value_and_grad(f, check_nan=True), BAD).startswith(expected)
    assert message(vjp(f, check_nan=True), BAD, seed=1.0).startswith(expected)


def test_forward_mode() -> None:
    found = message(jvp(rooted, check_nan=True), BAD, seed=np.ones(2))
    assert found.startswith(f"`z_dot` holds inf at [1] first in the derivative of {line(rooted, 'z = np.sqrt(y)')}")
    assert "first in the derivative of" in message(jacobian(rooted, check_nan=True), BAD)
    assert "first in the derivative of" in message(hessian(rooted, check_nan=True), BAD)


def test_where_the_forward_sweep_had_it_before() -> None:
    found = message(grad(logged, check_nan=True), BAD)
    place = line(logged, "return np.sum(y * y)")
    before = line(logged, "y = np.log(x)")
    assert found == (
        f"`y_bar` holds -inf at [1] first in the derivative of {place}; "
        f"in the forward sweep, `y` held -inf at [1] first at {before}"
    )


def test_functions_made_for_recursion() -> None:
    found = message(grad(recursive, check_nan=True), 0.0, 2)
    assert found == f"`x_bar` holds inf first in the derivative of {line(recursive, 'return np.sqrt(x)')}"


def test_what_is_infinite_on_purpose_passes() -> None:
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(grad(rooted, check_nan=True)(x), grad(rooted)(x))

    def bounded(x, top):
        return min(x * x, top)

    assert grad(bounded, check_nan=True)(3.0, np.inf) == 6.0


def test_arguments_and_seeds() -> None:
    assert message(grad(rooted, check_nan=True), np.array([np.nan, 1.0])) == "argument `x` holds nan at [0]"
    assert message(vjp(rooted, check_nan=True), np.ones(2), seed=np.inf) == "argument `seed` holds inf"


def test_the_option_is_part_of_the_derivative() -> None:
    checked = grad(rooted, check_nan=True)
    assert checked is not grad(rooted) and checked is grad(rooted, check_nan=True)
    assert pickle.loads(pickle.dumps(checked)).check_nan
    assert grad(check_nan=True)(rooted) is checked
    assert checked.source_for(np.ones(2)) == grad(rooted).source_for(np.ones(2))


def test_a_tracer_that_was_there_comes_back() -> None:
    before = sys.gettrace()
    mine = lambda frame, event, argument: None  # noqa: E731
    sys.settrace(mine)
    try:
        grad(rooted, check_nan=True)(np.ones(2))
        assert sys.gettrace() is mine
    finally:
        sys.settrace(before)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1.0, None), (3, None), ("nan", None), (None, None), (np.inf, "inf"), (np.float32("nan"), "nan"),
        (np.array(-np.inf), "-inf"), (np.array([[1.0, np.nan]]), "nan at [0, 1]"), (np.arange(3), None),
        ({"a": [1.0, (2.0, -np.inf)]}, "-inf"), (SimpleNamespace(w=np.array([np.nan])), "nan at [0]"),
    ],
)  # fmt: skip
def test_not_finite(value: Any, told: str | None) -> None:
    assert not_finite(value) == told


# -- side by side -----------------------------------------------------------------------------------


def swept(x, n):
    y = x * x
    for _ in range(n):
        y = y * x
    return y


def test_a_function_beside_its_derivative() -> None:
    first = inspect.getsourcelines(swept)[1]
    table = grad(swept).explain(2.0, 2)
    lines = table.splitlines()
    assert lines[0].split() == ["line", "statement", "derivative"]
    rows = {row[0]: " ".join(row[1:]) for row in map(str.split, lines[2:]) if row[0].isdigit()}
    assert rows[f"{first + 1}"] == "y = x * x [y = 4] x_bar += 2 * y_bar * x [x_bar = 32]"
    assert "y = y * x [y = 16 (last of 2)]" in rows[f"{first + 3}"]
    assert "y_bar *= x    [y_bar = 4 (last of 2)]" in table
    assert max(map(len, lines)) < 120


def test_all_modes_and_called_functions() -> None:
    x = np.array([1.0, 2.0])
    for table in (
        value_and_grad(outer).explain(x),
        vjp(outer).explain(x, seed=2.0),
        jvp(outer).explain(x, seed=np.ones(2)),
    ):
        assert "z = np.sqrt(y)    [z = [1.4142 2. ]]" in table
        assert "return rooted(x) * 2.0" in table
    assert x.tolist() == [1.0, 2.0]
    with pytest.raises(TypeError, match="needs the keyword argument `seed`"):
        vjp(outer).explain(x)
