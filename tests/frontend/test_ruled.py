"""Functions with a rule, differentiated as they are."""

from __future__ import annotations

import math
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, hessian, jacobian, jvp, partials, value_and_grad, vjp, zero
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.ruled import signature_of, source_of_call
from tangent_sct.testing import check_rule


def hidden(x: float, scale: float = 2.0) -> float:
    return x * scale


@partials(hidden)
def hidden_rule(y, /, x, scale):  # type: ignore[no-untyped-def]
    return 100.0, 0.0


def counted(x: float) -> float:
    return x


zero(counted)


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (math.sin, (1.0,), math.cos(1.0)),
        (np.sin, (1.0,), math.cos(1.0)),
        (abs, (-2.0,), -1.0),
        (operator.mul, (2.0, 3.0), 3.0),
        (math.atan2, (2.0, 3.0), 3.0 / 13.0),
        (np.linalg.det, (np.eye(2),), np.eye(2)),
        (np.sum, (np.ones(3),), np.ones(3)),
    ],
)
def test_grad_of_a_function_with_a_rule(
    function: Callable[..., Any], args: tuple[Any, ...], expected: Any
) -> None:
    np.testing.assert_allclose(grad(function)(*args), expected)
    value, gradient = value_and_grad(function)(*args)
    np.testing.assert_allclose(value, function(*args))
    np.testing.assert_allclose(gradient, expected)


def test_the_products_take_the_arguments_of_the_rule() -> None:
    a, b = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    value, adjoints = vjp(np.dot, wrt=("a", "b"))(a, b, seed=2.0)
    assert value == 13.0
    np.testing.assert_array_equal(adjoints[0], 2.0 * b)
    np.testing.assert_array_equal(adjoints[1], 2.0 * a)
    value, tangent = jvp(np.mean)(np.ones((2, 3)), axis=1, seed=np.ones((2, 3)))
    np.testing.assert_array_equal(tangent, np.ones(2))
    assert grad(math.hypot)(3.0, 4.0) == (0.6, 0.8)


def test_higher_orders() -> None:
    np.testing.assert_allclose(jacobian(np.sin)(np.ones(2)), np.diag(np.cos(np.ones(2))))
    assert grad(grad(math.sin))(0.5) == pytest.approx(-math.sin(0.5))
    np.testing.assert_array_equal(hessian(np.sum)(np.ones(2)), np.zeros((2, 2)))


def test_a_derivative_of_a_builtin_inside_a_function() -> None:
    slope = grad(math.sin)
    assert grad(lambda x: slope(x) * x)(0.5) == pytest.approx(math.cos(0.5) - 0.5 * math.sin(0.5))


def test_the_text_shows_the_call() -> None:
    assert grad(math.sin).source_for(1.0) == (
        "def sin_grad(x, sin_bar=1.0):\n"
        "    # return math.sin(x)\n"
        "    x_bar = sin_bar * math.cos(x)\n"
        "    return x_bar"
    )
    assert source_of_call(np.mean).text == (
        "def mean(a, axis, keepdims):\n    return np.mean(a, axis, keepdims=keepdims)"
    )


def test_a_rule_goes_before_the_source() -> None:
    assert grad(hidden)(1.0) == grad(lambda x: hidden(x, 2.0))(1.0) == 100.0
    assert grad(hidden, wrt="scale")(1.0) == 0.0
    assert grad(counted)(1.0) == 0.0
    assert str(signature_of(hidden)) == "(x, scale=2.0)"


def test_a_builtin_whose_derivative_is_zero_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="`math.floor` is zero") as caught:
        grad(math.floor)(1.5)
    assert "a function of your own" in caught.value.hint


def test_it_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(grad(math.sin)))(1.0) == math.cos(1.0)


def test_check_rule_of_a_function_as_it_is() -> None:
    check_rule(np.tanh, np.array([0.5, 1.0]))
