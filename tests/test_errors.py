"""What users are told: each refusal names file, line, expression, reason and what to write instead."""

from __future__ import annotations

import inspect
import math
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from tangent_sct import (
    DerivativeError,
    UnsupportedError,
    grad,
    hessian,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)

Function = Callable[..., Any]


def refusal(derivative: Function, *args: Any, **kwargs: Any) -> UnsupportedError:
    with pytest.raises(UnsupportedError) as caught:
        derivative(*args, **kwargs)
    return caught.value


def line_of(function: Function, text: str) -> int:
    lines, first = inspect.getsourcelines(function)
    return first + next(number for number, line in enumerate(lines) if text in line)


def square(x, k=2.0):
    return k * x * x


def scaled(x):
    y = x * 2.0
    return y


def pair(x):
    return x, x * x


def without_rule(x):
    y = x * 2.0
    return np.sum(np.emath.sqrt(y))


def global_write(x):
    global RESULT
    RESULT = x
    return x


def attribute_write(x, box):
    box.value = x * 2.0
    return x


def yielding(x):
    yield x


async def waiting(x):
    return x


MIXED = [1.0, np.ones(2), np.ones(2)]


def mixed_slice(p):
    q = p[:2]
    q[1][0] = 2.0
    return q[0] * q[1][1]


def writes(a, b):
    a[0] = b[1] * 2.0
    return np.sum(a * b)


def writes_item(p, y):
    p["a"][0] = y[1] * 2.0
    return np.sum(p["a"] * y)


# -- refused while transforming -------------------------------------------------------------------

REFUSED = {
    "an array": (grad(scaled), (np.ones(3),), "return y", "needs a scalar", "sum it up"),
    "a tuple": (grad(pair), (1.0,), "return x", "needs a scalar", "has_aux"),
    "has_aux of one value": (grad(square, has_aux=True), (1.0,), "return k", "tuple of two", "extras"),
    "call without a rule": (grad(without_rule), (np.ones(2),), "np.emath.sqrt", "np.emath.sqrt", "rule"),
    "global": (grad(global_write), (1.0,), "global RESULT", "outside the function", "return the value"),
    "attribute": (grad(attribute_write), (1.0, math), "box.value", "attribute", "local variable"),
    "generator": (grad(yielding), (1.0,), "yield x", "generator", "list"),
    "coroutine": (grad(waiting), (1.0,), "def waiting", "coroutine", "list"),
    "mixed slice": (grad(mixed_slice), (MIXED,), "q = p[:2]", "may hold numbers", "in different"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_point_at_the_line_and_say_what_to_write(name: str) -> None:
    derivative, args, text, reason, hint = REFUSED[name]
    error = refusal(derivative, *args)
    function = derivative.__wrapped__
    assert error.filename == __file__
    assert error.lineno == line_of(function, text)
    assert reason in str(error)
    assert hint in error.hint and error.hint
    shown = "".join(traceback.format_exception(error))
    assert error.origin.text.strip() in shown and "^" in shown and "hint: " in shown


def test_the_caret_is_under_the_expression() -> None:
    error = refusal(grad(without_rule), np.ones(2))
    marked = error.origin.text[error.offset - 1 : error.end_offset - 1]
    assert "np.emath.sqrt(y)" in marked
    assert marked == marked.strip()


@pytest.mark.parametrize("function", [len, sorted, np.emath.sqrt, int], ids=lambda f: f.__name__)
def test_a_function_without_source_is_refused(function: Function) -> None:
    with pytest.raises((UnsupportedError, TypeError)) as caught:
        grad(function)(1.0)
    assert getattr(function, "__name__", "") in str(caught.value)


def test_a_function_made_by_exec_is_refused() -> None:
    scope: dict[str, Any] = {}
    exec("def made(x):\n    return x * x", scope)
    error = refusal(grad(scope["made"]), 1.0)
    assert "made" in error.reason and "source" in error.reason and error.hint


# -- bad arguments --------------------------------------------------------------------------------


@pytest.mark.parametrize("wrt", [1.0, None, True, [0], (0.5,), ([0],), {0}])
def test_wrt_of_a_wrong_type(wrt: Any) -> None:
    with pytest.raises(TypeError, match="argument `wrt` must"):
        grad(square, wrt=wrt)


@pytest.mark.parametrize("wrt", ["zz", 5, -3, (0, "zz")])
def test_wrt_that_is_not_there(wrt: Any) -> None:
    with pytest.raises(ValueError, match="argument `wrt`: square has .*(zz|5|-3|position)"):
        vjp(square, wrt=wrt)


@pytest.mark.parametrize("wrt", [(), (0, 0), (0, "x")])
def test_wrt_names_each_parameter_once(wrt: Any) -> None:
    with pytest.raises(ValueError, match="each parameter once"):
        jvp(square, wrt=wrt)


@pytest.mark.parametrize("driver", [jacobian, hessian])
def test_a_jacobian_has_one_argument(driver: Function) -> None:
    with pytest.raises(TypeError, match="one position or name"):
        driver(square, wrt=(0, 1))
    with pytest.raises(ValueError, match="zz"):
        driver(square, wrt="zz")
    with pytest.raises(TypeError):
        driver(square)({"a": 1.0})


@pytest.mark.parametrize("make", [grad, value_and_grad, vjp, jvp, jacobian, hessian])
def test_what_is_no_function(make: Function) -> None:
    with pytest.raises(TypeError):
        make(3)


@pytest.mark.parametrize(
    "x", [2, True, np.int64(2), np.arange(3), np.array([True]), "a", None, np.str_("a")], ids=repr
)
@pytest.mark.parametrize("make", [grad, vjp, jvp])
def test_what_cannot_be_differentiated(make: Function, x: Any) -> None:
    options = {} if make is grad else {"seed": 1.0}
    with pytest.raises(TypeError, match="argument `x` is differentiated and must hold real or complex numbers"):
        make(square)(x, **options)


def test_arguments_are_those_of_the_function() -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'x'"):
        grad(square)()
    with pytest.raises(TypeError, match="zz"):
        grad(square)(1.0, zz=2)
    with pytest.raises(TypeError, match="too many positional arguments"):
        grad(square)(1.0, 2.0, 3.0)


# -- seeds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [vjp, jvp])
def test_a_seed_is_needed(make: Function) -> None:
    with pytest.raises(TypeError, match="needs the keyword argument `seed`"):
        make(square)(1.0)


def structured(x):
    return x, {"a": x * x}


@pytest.mark.parametrize(
    ("function", "seed", "message"),
    [
        (scaled, np.ones(2), r"shape \(2,\).*\(3,\)"),
        (scaled, 1.0, r"shape \(\).*\(3,\)"),
        (scaled, np.ones((3, 1)), r"shape \(3, 1\).*\(3,\)"),
        (structured, (np.ones(3),), "sequence of 2"),
        (structured, np.ones(3), "sequence|2"),
        (structured, (np.ones(3), {"b": np.ones(3)}), "keys"),
        (structured, (np.ones(3), {"a": np.ones(2)}), r"shape \(2,\)"),
    ],
)
def test_a_seed_of_a_wrong_shape_for_vjp(function: Function, seed: Any, message: str) -> None:
    with pytest.raises(DerivativeError, match=message):
        vjp(function)(np.ones(3), seed=seed)


@pytest.mark.parametrize(
    ("wrt", "seed", "message"),
    [
        (0, np.ones(2), r"tangent of `p` has shape \(2,\)"),
        (0, 1.0, r"tangent of `p` has shape \(\)"),
        ((0, 1), np.ones(3), "tuple of 2 tangents"),
        ((0, 1), (np.ones(3),), "tuple of 2 tangents"),
        ((0, 1), (np.ones(3), np.ones(3)), r"tangent of `q` has shape \(3,\)"),
    ],
)
def test_a_tangent_of_a_wrong_shape_for_jvp(wrt: Any, seed: Any, message: str) -> None:
    def times(p, q):
        return p * q

    with pytest.raises(ValueError, match=message):
        jvp(times, wrt)(np.ones(3), 2.0, seed=seed)


def test_tangents_of_containers_have_their_structure() -> None:
    def times(p):
        return p["a"] * p["b"][0]

    p = {"a": 1.0, "b": [2.0]}
    for seed in ({"a": 1.0}, {"a": 1.0, "b": []}, [1.0, 2.0], {"a": 1.0, "b": [np.ones(2)]}):
        with pytest.raises(ValueError, match="tangent of `p"):
            jvp(times)(p, seed=seed)
    assert jvp(times)(p, seed={"a": 1.0, "b": [10.0]}) == (2.0, 12.0)


# -- arguments that overlap -----------------------------------------------------------------------


@pytest.mark.parametrize("make", [grad, value_and_grad, vjp, jvp])
def test_an_argument_that_is_written_shares_no_memory(make: Function) -> None:
    x = np.arange(1.0, 5.0)
    options = {vjp: {"seed": 1.0}, jvp: {"seed": np.ones(3)}}.get(make, {})
    with pytest.raises(ValueError, match="`a` and `b` share memory.*pass a copy"):
        make(writes)(x[:3], x[1:], **options)
    assert np.array_equal(x, np.arange(1.0, 5.0))


def test_arguments_side_by_side_in_one_array_are_fine() -> None:
    x = np.arange(1.0, 5.0)
    assert np.array_equal(grad(writes)(x[:2], x[2:]), [0.0, 4.0])


def test_overlap_inside_a_container_is_seen() -> None:
    x = np.arange(1.0, 5.0)
    with pytest.raises(ValueError, match="`p` and `y` share memory"):
        grad(writes_item, wrt="y")({"a": x}, x)


# -- errors of the program itself -----------------------------------------------------------------


def fails(x):
    y = math.log(x - 100.0)
    return y * y


def test_an_error_in_generated_code_shows_both_lines() -> None:
    with pytest.raises(ValueError, match="math domain error") as caught:
        grad(fails)(1.0)
    shown = "".join(traceback.format_exception(caught.value))
    assert "fails_grad" in shown and "math.log(" in shown
    assert f"line {line_of(fails, 'math.log')}: y = math.log(x - 100.0)" in shown
    assert "in the derivative of fails" in shown


def test_a_second_error_is_explained_once() -> None:
    derivative = grad(fails)
    for _ in range(2):
        with pytest.raises(ValueError) as caught:
            derivative(1.0)
        assert len(caught.value.__notes__) == 1


def logarithm(x: float) -> float:
    y = x - 2.0
    return math.log(y)


@pytest.mark.parametrize(
    "derivative",
    [value_and_grad(logarithm), partial(vjp(logarithm), seed=1.0), partial(jvp(logarithm), seed=1.0)],
    ids=["value_and_grad", "vjp", "jvp"],
)
def test_what_a_return_computes_is_said_to_fail_there(derivative: Function) -> None:
    with pytest.raises(ValueError) as caught:
        derivative(1.0)
    assert caught.value.__notes__[-1].endswith("return math.log(y)")


def test_grad_does_not_compute_the_value() -> None:
    assert grad(logarithm)(1.0) == -1.0


def parabola(c: Any, x: float) -> float:
    first, second = c
    return first * x * x + second


def paired(points: Any) -> float:
    total = 0.0
    for x, y in points:
        total = total + x * y
    return total


@pytest.mark.parametrize("make", [tuple, list, np.array])
@pytest.mark.parametrize("length", [1, 3])
def test_unpacking_needs_as_many_items_as_targets(make: Function, length: int) -> None:
    values = make([1.0] * length)
    for derivative in (grad(parabola), partial(jvp(parabola), seed=values)):
        with pytest.raises(ValueError, match="expected 2 values to unpack"):
            derivative(values, 2.0)


def test_unpacking_in_a_loop_needs_as_many_items_as_targets() -> None:
    with pytest.raises(ValueError, match="expected 2 values to unpack"):
        grad(paired)(np.ones((4, 3)))
    np.testing.assert_array_equal(grad(paired)(np.ones((4, 2))), np.ones((4, 2)))


def test_the_text_checks_a_length_that_is_not_known() -> None:
    assert "len(" not in grad(parabola).source_for((1.0, 2.0), 2.0)
    assert grad(parabola).source_for(np.ones(2), 2.0).startswith(
        "def parabola_grad(c, x, parabola_bar=1.0):\n"
        "    if len(c) != 2:\n"
        "        raise ValueError('expected 2 values to unpack')\n"
    )
