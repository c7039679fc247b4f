"""Derivatives follow what the user's names mean: attributes of modules, classes and objects."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tangent_sct

X = np.array([1.0, 2.0, 3.0])
CONFIG: Any = types.ModuleType("config")
POWER = 2.0


def square(x: Any) -> Any:
    return x * x


def cube(x: Any) -> Any:
    return x * x * x


class Scaled:
    def __init__(self, factor: Any) -> None:
        self.factor = factor

    def __call__(self, x: Any) -> Any:
        return x * self.factor


class Model:
    order: Any = 2
    slope = property(lambda self: self.order + 1.0)

    def __init__(self, layer: Any = None) -> None:
        self.weights: Any = np.ones(3)
        self.layer = layer
        self.inner = types.SimpleNamespace(order=2)
        self.calls = 0

    def power(self, x: Any) -> Any:
        return np.sum(x**self.order)

    def deep(self, x: Any) -> Any:
        return np.sum(x**self.inner.order)

    def weighted(self, x: Any) -> Any:
        return np.sum(x * self.weights)

    def layered(self, x: Any) -> Any:
        return np.sum(self.layer(x))

    def sloped(self, x: Any) -> Any:
        return np.sum(x * self.slope)

    def counted(self, x: Any) -> Any:
        self.calls = self.calls + 1
        return np.sum(x * self.calls)

    def __call__(self, x: Any) -> Any:
        return self.power(x)


def differences(function: Callable[[Any], Any], x: Any) -> Any:
    steps = 1e-6 * np.eye(len(x))
    return np.array([(function(x + h) - function(x - h)) / 2e-6 for h in steps])


def of_module(x: Any) -> Any:
    return np.sum(x**CONFIG.order)


def of_function(x: Any) -> Any:
    return np.sum(CONFIG.change(x))


def of_class(x: Any) -> Any:
    return np.sum(x**Model.order)


def of_global(x: Any) -> Any:
    return x**POWER


@pytest.fixture(autouse=True)
def fresh_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "order", 2)
    CONFIG.order, CONFIG.change = 2, square


def change_config(model: Model) -> None:
    CONFIG.order = 3


def change_function(model: Model) -> None:
    CONFIG.change = cube


def change_class(model: Model) -> None:
    Model.order = 3


def change_object(model: Model) -> None:
    model.order = 3


def change_kind(model: Model) -> None:
    model.order = np.array([1.0, 2.0, 3.0])


def change_inner(model: Model) -> None:
    model.inner = types.SimpleNamespace(order=3)


def change_weights(model: Model) -> None:
    model.weights = 2.0


def change_layer(model: Model) -> None:
    model.layer = Scaled(np.array([3.0, 4.0, 5.0]))


def change_factor(model: Model) -> None:
    model.layer.factor = np.array([3.0, 4.0, 5.0])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("module", change_config),
        ("function", change_function),
        ("class", change_class),
        ("object", change_class),
        ("object", change_object),
        ("object", change_kind),
        ("callable", change_object),
        ("deep", change_inner),
        ("weighted", change_weights),
        ("layered", change_layer),
        ("layered", change_factor),
        ("sloped", change_object),
    ],
)
def test_a_change_is_followed(name: str, change: Callable[[Model], None]) -> None:
    model = Model(Scaled(2.0))
    function = {
        "module": of_module, "function": of_function, "class": of_class, "object": model.power,
        "callable": model, "deep": model.deep, "weighted": model.weighted,
        "layered": model.layered, "sloped": model.sloped,
    }[name]  # fmt: skip
    derivative = tangent_sct.grad(function)
    for _ in range(2):
        np.testing.assert_allclose(derivative(X), differences(function, X), rtol=1e-6)
        derivative.source_for(X)
        change(model)
    np.testing.assert_allclose(derivative(X), differences(function, X), rtol=1e-6)


def test_numbers_are_read_when_the_derivative_runs() -> None:
    model = Model(Scaled(2.0))
    derivative = tangent_sct.grad(model.layered)
    before = derivative.source_for(X)
    derivative(X)
    assert model.layer is not None
    model.layer.factor = 3.0
    np.testing.assert_array_equal(derivative(X), [3.0, 3.0, 3.0])
    # The text serves for every number, so it is not written anew.
    assert derivative.source_for(X) is before


def test_kinds_of_attributes_make_the_text_shorter() -> None:
    text = tangent_sct.grad(Model(Scaled(2.0)).layered).source_for(X)
    assert "unbroadcast" not in text and "check_scalar" not in text
    # A size that is known as a number may be that of the argument, or not.
    text = tangent_sct.grad(Model().weighted).source_for(X)
    assert "unbroadcast" in text and "check_scalar" not in text


def test_what_the_program_itself_changes_has_no_known_kind() -> None:
    model = Model()
    derivative = tangent_sct.grad(model.counted)
    for calls in (1, 2):
        np.testing.assert_array_equal(derivative(X), np.full(3, float(calls)))


def test_derivatives_of_derivatives_follow_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    second = tangent_sct.grad(tangent_sct.grad(of_global))
    assert second(3.0) == pytest.approx(2.0)
    monkeypatch.setitem(globals(), "POWER", 3.0)
    assert second(3.0) == pytest.approx(18.0)


def test_derivatives_inside_functions_follow_changes() -> None:
    inner = tangent_sct.grad(of_module)

    def outer(x: Any) -> Any:
        return np.sum(inner(x) ** 2)

    derivative = tangent_sct.grad(outer)
    np.testing.assert_allclose(derivative(X), 8 * X)
    CONFIG.order = 3
    np.testing.assert_allclose(derivative(X), 36 * X**3)


def test_calls_of_objects_follow_what_their_class_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a class does when its objects are called was not watched: the old `__call__` went on in derivatives."""
    layer, model = Scaled(3.0), Model(Scaled(2.0))

    def direct(x: Any) -> Any:
        return layer(x) * x

    def held(x: Any) -> Any:
        return model.layer(x) * x

    gradients = [tangent_sct.grad(direct), tangent_sct.grad(held), tangent_sct.grad(layer)]
    assert [gradient(2.0) for gradient in gradients] == [12.0, 8.0, 3.0]
    monkeypatch.setattr(Scaled, "__call__", lambda self, x: x * x * self.factor)
    assert [gradient(2.0) for gradient in gradients] == [36.0, 24.0, 12.0]


def test_keyword_defaults_of_a_callee_that_are_written_into() -> None:
    def inner(x: Any, *, w: Any = 2.0) -> Any:
        return w * x

    gradient = tangent_sct.grad(lambda x: x * inner(x))
    assert gradient(1.0) == 4.0
    assert inner.__kwdefaults__ is not None
    inner.__kwdefaults__["w"] = 5.0
    assert gradient(1.0) == 10.0
