"""What users declare of their own functions: rules in every place, opaque functions, gradients that stop."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import (
    DerivativeError,
    UnsupportedError,
    d,
    grad,
    hessian,
    jvp,
    numerical,
    partials,
    rule,
    stop_gradient,
    vjp,
)
from tangent_sct.templating.rule import TemplateError
from tangent_sct.testing import check_derivative

# Slopes that no differentiation would find tell that it was the rule that was used.


def square(x):
    return x * x


@partials(square)
def _square(y, /, x):
    return 11.0


def repeated(x, n):
    return x if n == 0 else square(repeated(x, n - 1))


def power(x, n):
    return x if n == 0 else x * power(x, n - 1)


@rule(power)
def _power(y, /, x, n):
    def tangent():
        d[y] = 5.0 * d[x]

    def adjoint():
        d[x] += 5.0 * d[y]


class Layer:
    def __init__(self, w):
        self.w = w

    def act(self, x):
        return np.tanh(x) * self.w

    @staticmethod
    def cube(x):
        return x * x * x

    def __call__(self, x):
        return self.act(x) + Layer.cube(x)


@partials(Layer.act)
def _act(y, /, self, x):
    return None, 7.0


@partials(Layer.cube)
def _cube(y, /, x):
    return 3.0


def both(f: Any, *args: Any) -> float:
    """The slope in the first argument, which both modes agree on."""
    value, tangent = jvp(f)(*args, seed=1.0)
    assert value == f(*args)
    assert tangent == pytest.approx(grad(f)(*args))
    return float(tangent)


def test_a_rule_of_a_method() -> None:
    layer = Layer(2.0)
    assert both(lambda x: layer.act(x), 0.5) == 7.0
    assert both(layer.act, 0.5) == 7.0
    assert both(lambda x: layer(x), 0.5) == 10.0


def test_a_rule_of_an_inner_function() -> None:
    def inner(x):
        return x * x

    def f(x):
        return inner(x) + square(x)

    assert both(f, 3.0) == 6.0 + 11.0
    partials(inner)(_square)
    assert both(f, 3.0) == 22.0


def test_a_rule_in_a_recursion_and_of_one() -> None:
    assert both(repeated, 1.0, 2) == 121.0
    assert both(lambda x: power(x, 3) * x, 2.0) == 16.0 + 10.0
    assert both(power, 2.0, 3) == 5.0


def test_a_rule_that_comes_late_counts_from_then_on() -> None:
    def late(x):
        return x * x

    def f(x):
        return 2.0 * late(x)

    first, second = grad(f), hessian(f)
    assert first(3.0) == 12.0 and second(3.0) == 4.0
    partials(late)(_square)
    assert first(3.0) == 22.0 and second(3.0) == 0.0


def test_a_parameter_without_partial_is_refused_where_it_carries_a_derivative() -> None:
    def f(w, x):
        return Layer.act(w, x)

    assert grad(f, wrt="x")(SimpleNamespace(w=1.0), 0.5) == 7.0
    with pytest.raises(UnsupportedError) as caught:
        grad(f, wrt="w")(SimpleNamespace(w=1.0), 0.5)
    reason = "the rule for `Layer.act` says that it cannot be differentiated by `w`, its parameter `self`"
    assert caught.value.reason == reason
    assert caught.value.text is not None and caught.value.text.strip() == "return Layer.act(w, x)"
    assert caught.value.hint == (
        "keep the derivative away from it by stop_gradient(w), or write a rule that knows it"
    )


def test_a_constant_parameter_is_one_of_the_template() -> None:
    with pytest.raises(TemplateError, match="`constant` names `k`, which is no parameter of the template"):

        @rule(lambda x: x, constant=("k",))
        def _(y, /, x):
            def tangent():
                d[y] = d[x]


# -- numerical --------------------------------------------------------------------------------


@numerical
def charge(v: float, leak: float) -> float:
    return math.expm1(v) * leak


@numerical(step=1e-4)
def mixed(x, n=3):
    return np.cumsum(x)[-1] * np.sin(x)[:n]


def iterated(x):
    y = x
    for _ in range(3):
        y = charge(y, x)
    return y


def weighted(x):
    return np.sum(mixed(x * x, 2) * x[:2])


def test_an_opaque_function_in_a_loop() -> None:
    check_derivative(iterated, 0.5)


def test_an_opaque_function_of_arrays() -> None:
    check_derivative(weighted, np.array([0.3, 0.5, 0.7]))


def test_an_opaque_function_of_single_precision() -> None:
    @numerical
    def wave(x):
        return np.sin(x)

    x = np.linspace(0.0, 1.0, 4).astype(np.float32)
    value, adjoint = vjp(lambda x: wave(x) * x)(x, seed=np.ones_like(x))
    assert adjoint.dtype == np.float32
    np.testing.assert_allclose(adjoint, np.cos(x) * x + np.sin(x), rtol=1e-3)


def test_the_precision_is_what_is_documented() -> None:
    found = grad(lambda v: charge(v, 1.0))(0.3)
    assert abs(found - math.exp(0.3)) < 1e-9 * math.exp(0.3)


def test_an_opaque_function_is_saved(tmp_path: Path) -> None:
    derivative = grad(iterated)
    derivative.save(tmp_path / "saved.py", 0.5)
    saved = runpy.run_path(str(tmp_path / "saved.py"))["iterated_grad"]
    assert saved(0.5) == derivative(0.5)


def test_an_opaque_function_is_not_called_on_samples() -> None:
    calls = []

    @numerical
    def counted(x):
        calls.append(x)
        return x * x

    jvp(lambda x: counted(x))(3.0, seed=1.0)
    assert calls == pytest.approx([3.0, 3.0, 3.0], rel=1e-4)


def test_the_second_derivative_of_an_opaque_function_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="`difference_adjoint` says that it cannot be differentiated by `y`"):
        hessian(iterated)(0.5)


def written(x):
    x[0] = 1.0
    return x.copy()


def handed_back(x):
    return x


def told(x):
    return str(x)


def stretched(x) -> float:
    return np.ones(3) * x


@pytest.mark.parametrize(
    ("function", "argument", "text"),
    [
        (
            written,
            np.ones(2),
            "`written` writes into its argument, which a numerical derivative does not follow; work on a copy",
        ),
        (handed_back, np.ones(2), "`handed_back` returns memory of its argument"),
        (told, 1.0, "is of real numbers and arrays, and its value is of type str"),
        (stretched, 1.0, r"`stretched` returned shape \(3,\) where \(\) was expected"),
    ],
)
def test_what_an_opaque_function_may_not_do(function: Any, argument: Any, text: str) -> None:
    numerical(function)
    seed = np.ones(2) if isinstance(argument, np.ndarray) else 1.0
    with pytest.raises(DerivativeError, match=text):
        vjp(lambda x: 2.0 * function(x) if function is not told else function(x))(argument, seed=seed)


def test_bad_input_of_numerical() -> None:
    with pytest.raises(TypeError, match="argument `function` must be a function, not int"):
        numerical(3)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match=r"argument `step` must be positive, not -1\.0"):
        numerical(step=-1.0)
    with pytest.raises(TypeError, match="`f` must take its arguments by position"):

        @numerical
        def f(*args):
            return args

    with pytest.raises(TypeError, match="argument `function`: `max` has no signature"):
        numerical(max)


# -- stop_gradient ----------------------------------------------------------------------------


def test_a_stopped_gradient_in_both_modes_and_to_second_order() -> None:
    x = np.array([1.0, 2.0, 3.0])

    def f(x):
        return np.sum(x * x * stop_gradient(x))

    np.testing.assert_allclose(grad(f)(x), 2 * x * x)
    assert jvp(f)(x, seed=np.ones(3))[1] == pytest.approx(np.sum(2 * x * x))
    np.testing.assert_allclose(hessian(f)(x), np.diag(2 * x))


@pytest.mark.parametrize("make", [dict, SimpleNamespace])
def test_containers_and_objects_are_stopped(make: Any) -> None:
    p = make(a=2.0, b=[np.array([1.0, 2.0]), 3.0])

    def of_dict(p):
        q = stop_gradient(p)
        return p["a"] * q["a"] + np.sum(q["b"][0] * p["b"][0]) * q["b"][1]

    def of_object(p):
        q = stop_gradient(p)
        return p.a * q.a + np.sum(q.b[0] * p.b[0]) * q.b[1]

    found = grad(of_dict if make is dict else of_object)(p)
    found = found if make is dict else vars(found)
    assert found["a"] == 2.0 and found["b"][1] == 0.0
    np.testing.assert_allclose(found["b"][0], [3.0, 6.0])


def test_what_is_stopped_is_a_copy() -> None:
    def f(x):
        y = stop_gradient(x)
        y[0] = x[1] * x[2]
        return np.sum(y * x)

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(grad(f)(x), [6.0, 2.0 + 3.0, 3.0 + 2.0])
    assert x[0] == 1.0
