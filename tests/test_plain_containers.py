"""Dicts and lists of numbers and texts from outside, of which programs make their own: `{**OPTIONS, "a": x[0]}`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative

OPTIONS: dict[str, Any] = {"rate": 2.0, "scale": 0.5}
START = [1.0, 2.0, 3.0]
CHANGED: dict[str, Any] = {"rate": 2.0, "scale": 0.5}
X = np.array([0.4, 1.2, -0.6])


def spread(x, **given):
    o = {**OPTIONS, "rate": x[0], **given}
    return o["rate"] * o["scale"] * x[1]


def joined(x):
    o = OPTIONS | {"rate": x[0]}
    return o["rate"] * o["scale"] * x[1]


def made(x):
    o = dict(OPTIONS, rate=x[0])
    return o["rate"] * o["scale"] * x[1]


def copied(x):
    o = OPTIONS.copy()
    o.update(rate=x[0])
    o["scale"] *= x[2]
    return o["rate"] * o["scale"] * x[1]


def list_copied(x):
    s = START.copy()
    s[0] = x[1]
    s.append(x[0])
    return OPTIONS.get("rate", 1.0) * s[0] * s[-1] + len(s)


def list_spread(x):
    s = [*START, x[0], x[1]]
    return s[0] * s[-2] * s[-1]


def constants_spread(x):
    c = [1.0, 2.0]
    s = [*c, x[0], x[1]]
    d = {**{"u": 0.3, "v": 0.4}, "v": x[0]}
    return s[0] * s[-2] * s[-1] + d["u"] * d["v"]


def list_sliced(x):
    s = START[:]
    s[0] = x[1]
    return s[0] * s[-1] * x[0]


def looped(x):
    total = 0.0
    for key, value in OPTIONS.items():
        total += value * x[0]
        if key in OPTIONS:
            total *= x[1]
    return total


def handed_on(x):
    return spread(x, scale=x[0] * x[2]) + spread(x)


def made_beside_what_is_not_followed(x):
    """Where it is not known what a call changes, it is not known either what stands in the dict outside."""
    o = dict(OPTIONS, rate=x[2])
    weights = [np.array([0.5, 1.5]), 2.0]
    sorted([1, 0], key=lambda k: weights[0].put(k, 0.7) or k)
    return np.cos(weights[0][1] * x[0]) * o["rate"] * o["scale"]


@pytest.mark.parametrize("f", [
    spread, joined, made, copied, list_copied, list_spread, constants_spread, list_sliced, looped, handed_on,
    made_beside_what_is_not_followed,
])  # fmt: skip
def test_copies_of_numbers_from_outside_are_written_into(f) -> None:
    check_derivative(f, X)
    check_derivative(grad(f), X)
    assert OPTIONS == {"rate": 2.0, "scale": 0.5} and START == [1.0, 2.0, 3.0]


def test_an_array_that_is_put_there_later_is_refused() -> None:
    """The text was written for numbers; of an array the copy would be one name more."""

    def f(x):
        o = dict(CHANGED)
        o["rate"] *= x[0]
        return np.sum(o["rate"] * CHANGED["scale"]) * x[1]

    df = grad(f)
    assert df(X) == pytest.approx([1.2, 0.4, 0.0])
    try:
        CHANGED["rate"] = np.ones(2)
        with pytest.raises(UnsupportedError):
            df(X)
    finally:
        CHANGED["rate"] = 2.0
    assert df(X) == pytest.approx([1.2, 0.4, 0.0])


def test_a_container_that_the_program_changes_itself_is_none_of_numbers() -> None:
    def f(x):
        CHANGED["rate"] = np.ones(2)
        o = dict(CHANGED)
        o["rate"] *= x[0]
        return np.sum(CHANGED["rate"]) * x[1]

    def through_another_name(x):
        c = CHANGED
        c["rate"] = np.ones(2)
        o = dict(CHANGED)
        o["rate"] *= x[0]
        return np.sum(CHANGED["rate"]) * x[1]

    for function in (f, through_another_name):
        with pytest.raises(UnsupportedError):
            grad(function)(X)
        CHANGED["rate"] = 2.0


NOTED: list[Any] = []


def test_a_list_that_the_program_notes_values_in_is_no_reason_to_write_the_text_anew() -> None:
    """What it held counted at each call, so that the derivative was transformed each time."""

    def f(x):
        NOTED.append(float(x[0]))
        return x[0] * x[1]

    df = grad(f)
    df(X)
    written = df._last[1]
    for _ in range(3):
        df(X)
    assert df._last[1] is written and len(NOTED) == 4


def test_a_class_method_of_pythons_own_is_the_same_each_time() -> None:
    """`dict.fromkeys` is made anew each time it is looked up: the derivative was transformed at each call."""

    def f(x):
        d = dict.fromkeys("ab", x[0])
        return d["a"] * d["b"] * x[1]

    df = grad(f)
    df(X)
    written = df._last[1]
    df(X)
    assert df._last[1] is written


class Settings:
    options = CHANGED


SETTINGS = Settings()
TABLES = {"first": CHANGED}


def test_a_container_that_is_known_elsewhere_is_none_of_numbers() -> None:
    def by_attribute(x):
        SETTINGS.options["rate"] = np.ones(2)
        o = dict(CHANGED)
        o["rate"] *= x[0]
        return np.sum(CHANGED["rate"]) * x[1]

    def by_table(x):
        TABLES["first"]["rate"] = np.ones(2)
        o = dict(CHANGED)
        o["rate"] *= x[0]
        return np.sum(CHANGED["rate"]) * x[1]

    for function in (by_attribute, by_table):
        with pytest.raises(UnsupportedError):
            grad(function)(X)
        CHANGED["rate"] = 2.0


def change() -> None:
    CHANGED["rate"] = np.ones(2)


def test_a_container_that_a_function_changes_is_none_of_numbers() -> None:
    def f(x):
        change()
        o = dict(CHANGED)
        o["rate"] *= x[0]
        return np.sum(CHANGED["rate"]) * x[1]

    with pytest.raises(UnsupportedError):
        grad(f)(X)
    CHANGED["rate"] = 2.0


def test_the_largest_of_a_display_is_that_of_its_items() -> None:
    """Of items of which it is not known whether they are numbers, an array would be made."""

    def f(x, q):
        return max([x[0], x[1]]) * min((q, x[2], x[0]))

    check_derivative(f, X, 0.7)
    check_derivative(grad(f), X, 0.7)
