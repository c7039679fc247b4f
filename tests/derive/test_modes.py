"""`modes`: what each derivative function takes and returns."""

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, vjp
from tests.derive.stages import after, derived, run

X = np.array([1.0, 2.0])


def product(x, y):
    return x * y


def written(x):
    y = x * 1.0
    y[0] = x[1] * x[1]
    return y


def either(x, flag):
    return x if flag else 2.0


def same(x):
    return x


@pytest.mark.parametrize(
    ("mode", "name", "parameters", "answer"),
    [
        ("grad", "product_grad", "x, y, product_bar=1.0", "return x_bar"),
        ("value_and_grad", "product_value_and_grad", "x, y, product_bar=1.0", "return (result, x_bar)"),
        ("vjp", "product_vjp", "x, y, product_bar", "return (result, x_bar)"),
        ("jvp", "product_jvp", "x, y, x_dot", "return (result, result_dot)"),
    ],
)
def test_names_parameters_and_results(mode: str, name: str, parameters: str, answer: str) -> None:
    result = derived(product, 2.0, 3.0, mode=mode)
    assert result.text.text.startswith(f"def {name}({parameters}):\n")
    assert after("derive", product, 2.0, 3.0, mode=mode).endswith(answer)


def test_several_arguments_give_a_tuple() -> None:
    body = after("derive", product, 2.0, 3.0, wrt=("y", "x"))
    assert body.endswith("return (y_bar, x_bar)")


def test_a_value_that_the_reverse_sweep_writes_is_copied() -> None:
    value, adjoint = run(derived(written, X, mode="vjp"), X, np.array([1.0, 10.0]))
    assert np.array_equal(value, [4.0, 2.0]) and np.array_equal(adjoint, [0.0, 14.0])


def test_checks_are_written_only_where_kinds_leave_it_open() -> None:
    assert "check_scalar" not in after("derive", product, 2.0, 3.0)
    assert "check_seed" not in after("derive", product, X, X, mode="vjp")
    assert "check_scalar" in grad(product).source
    assert "check_seed" in vjp(product).source


def test_an_argument_that_is_returned() -> None:
    assert run(derived(same, 2.0), 2.0) == 1.0
    assert run(derived(either, 2.0, True), 2.0, True) == 1.0
    assert run(derived(either, 2.0, False), 2.0, False) == 0.0


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (lambda x: x, "array with 1 axes"),
        (lambda x: (x, x), "a tuple"),
        (lambda x: [x[0]], "a list"),
        (lambda x: {"a": x[0]}, "a dict"),
        (lambda x: "text", "no number"),
    ],
)
def test_results_that_have_no_gradient(f, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as caught:
        grad(f)(X)
    assert caught.value.hint
