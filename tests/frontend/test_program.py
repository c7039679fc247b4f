"""`program`: a function in the small language, with the functions it calls unfolded."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.program import Reader

K = 2.0


def read(f: Any, *active: str, parameters: list[str] | None = None) -> tuple[str, Reader]:
    names = Names()
    reader = Reader(names, Namespace(names))
    node = reader.function(f, active or ("x",), parameters)
    return tree.text(node), reader


def body(f: Any, *active: str, parameters: list[str] | None = None) -> str:
    return read(f, *active, parameters=parameters)[0].partition("\n")[2]


def lines(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip(), "    ")


def square(x):
    return x * x


def scaled(x, k=K):
    if k > 1.0:
        return square(x) * k
    return x


def sum_of_squares(x):
    total = 0.0
    for i in range(3):
        total = total + square(x + i)
    return total


def recursive(x, n):
    return x if n == 0 else recursive(x * x, n - 1)


def ping(x, n):
    return x if n == 0 else pong(x, n - 1)


def pong(x, n):
    return ping(x * x, n)


def writes(a, v):
    a[0] = v
    return a


class Model:
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def decay(self, x):
        return math.exp(-self.rate * x)


MODEL = Model(2.0)


def test_a_call_is_unfolded() -> None:
    def f(x):
        return square(x) + 1.0

    assert body(f) == lines(
        """
        result_2 = x * x
        t = result_2
        result = t + 1.0
        return result
        """
    )


def test_each_call_has_locals_of_its_own() -> None:
    def f(x):
        return sum_of_squares(x) * sum_of_squares(x * x)

    text = body(f)
    assert "total = 0.0" in text and "total_2 = 0.0" in text
    assert "i_2 in range(3)" in text or "for i_2" in text


def test_defaults_and_keywords_of_a_callee() -> None:
    def f(x):
        return scaled(x) + scaled(k=0.5, x=x)

    text, reader = read(f)
    assert "square" not in text.partition("\n")[2]
    assert reader.namespace.objects


def test_a_call_of_inactive_values_stays() -> None:
    def f(x, n):
        return x * square(n)

    text, reader = read(f)
    assert "square(n)" in text and reader.namespace.objects["square"] is square


def test_an_argument_that_the_callee_writes_is_the_same_array() -> None:
    def f(x):
        y = np.zeros(2)
        writes(y, x)
        return y[0]

    text, reader = read(f)
    scope = dict(reader.namespace.objects)
    exec(text, scope)
    assert scope["f"](3.0) == 3.0


def test_recursive_functions_are_left_as_calls() -> None:
    def f(x):
        return recursive(x, 3) * ping(x, 2)

    text, reader = read(f)
    assert "recursive(x, 3)" in text and "ping(x, 2)" in text
    assert reader.callees.is_recursive(recursive) and reader.callees.is_recursive(ping)
    assert reader.callees.is_recursive(pong) and not reader.callees.is_recursive(f)


def sampled(x):
    def twice(sampled, x):
        return sampled(sampled(x))

    return twice(lambda x: x * x, x)


def test_a_parameter_of_an_inner_function_is_no_function_of_the_module() -> None:
    text, reader = read(sampled)
    assert not reader.callees.is_recursive(sampled) and "sampled(" not in text.partition("\n")[2]


def test_methods_of_objects_are_unfolded() -> None:
    def f(x):
        return MODEL.decay(x) * x

    text, reader = read(f)
    assert "math.exp(" in text and "decay" not in text
    scope = dict(reader.namespace.objects)
    exec(text, scope)
    assert scope["f"](0.5) == f(0.5)


def test_parameters_left_out_become_their_defaults() -> None:
    text = read(scaled, parameters=["x"])[0]
    assert text.startswith("def scaled(x):") and "K > 1.0" in text


def test_every_free_name_is_in_the_namespace_and_noted() -> None:
    def f(x):
        return np.sin(x) * K

    _, reader = read(f)
    assert reader.namespace.objects["np"] is np and reader.namespace.objects["K"] == 2.0
    assert [name for _, name, _ in reader.namespace.uses] == ["np", "K"]


def test_a_local_of_the_callee_does_not_catch_a_global_of_the_caller() -> None:
    def callee(x):
        K = x * 3.0
        return K

    def f(x):
        return callee(x) * K

    text, reader = read(f)
    scope = dict(reader.namespace.objects)
    exec(text, scope)
    assert scope["f"](2.0) == f(2.0) == 12.0


def test_a_callee_without_source_is_refused_at_the_call() -> None:
    scope: dict[str, Any] = {}
    exec("def made(x):\n    return x * x", scope)
    made = scope["made"]

    def f(x):
        return made(x)

    with pytest.raises(UnsupportedError, match="`made` is called on values to be diff.*source") as caught:
        read(f)
    assert "made(x)" in caught.value.origin.text


def test_the_text_is_the_same_every_time() -> None:
    assert read(sum_of_squares)[0] == read(sum_of_squares)[0]


@pytest.mark.parametrize("f", [square, scaled, sum_of_squares])
def test_the_small_program_does_what_the_function_does(f: Any) -> None:
    text, reader = read(f)
    scope = dict(reader.namespace.objects)
    exec(text, scope)
    arguments = (1.5, K) if f is scaled else (1.5,)
    assert scope[f.__name__](*arguments) == f(1.5)
