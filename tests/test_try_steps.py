"""What a `try` leaves half done in loops, in branches and before a `finally`: by law and by text."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, jvp
from tangent_sct.core.errors import UnsupportedError
from tests.test_tries import both_modes, inverse

PLACES = ((2.3, 1.7), (0.6, 2.1), (-1.2, 0.7), (1.6, -2.2), (-1.05, -0.55))
PROGRAMS: list[Callable[..., float]] = []


def law(function: Callable[..., float]) -> Callable[..., float]:
    """Check the derivatives of a function of two numbers."""
    PROGRAMS.append(function)
    return function


@law
def assigned_in_a_branch(x, y):
    z = x
    try:
        if y > 0.0:
            z = x * y
            w = math.sqrt(x)
        else:
            w = math.log(y * y) * z
        w = w * math.log(x + 1.0)
    except ValueError:
        w = z * z + x
    return w * z


@law
def factorised_or_not(x, y):
    a = np.array([[2.0, x], [x, y]])
    low = np.zeros((2, 2))
    try:
        for i in range(2):
            for j in range(i + 1):
                s = a[i, j] - np.dot(low[i, :j], low[j, :j])
                if i == j:
                    if s <= 0.0:
                        raise np.linalg.LinAlgError("not positive definite")
                    low[i, i] = math.sqrt(s)
                else:
                    low[i, j] = s / low[j, j]
    except np.linalg.LinAlgError:
        low[1, 1] = x * y + low[0, 0]
    return np.sum(low * low * low)


@law
def loop_in_a_try_in_a_loop(x, y):
    total = 0.0
    v = x
    for k in range(3):
        try:
            v = y + k
            for j in range(3):
                v = math.sqrt(v - 0.4 * j) + x * 0.1
                total += v * x
        except ValueError:
            total -= v * j
        else:
            total *= 1.1
    return total


@law
def while_in_a_try(x, y):
    n, z = 0, y
    try:
        while math.log(x + 3.0 - n) < 2.0 and n < 6:
            n += 1
            z = z * x + 0.1
            if z > 40.0:
                break
    except ValueError:
        z = z * n
    return z


@law
def named_and_raised_again(x, y):
    z = x
    try:
        try:
            z = x * y
            w = math.log(x) * z
        except ValueError as error:
            if y < 0.0:
                raise
            w = z * len(str(error))
    except ValueError as error:
        w = z * z + len(error.args)
    return w + z


@law
def several_tries_at_once(x, y):
    a = np.array([x, y, 1.0])
    try:
        a[0] = a[0] * a[1]
        try:
            a[1] = math.log(x)
            a[2] = inverse(math.floor(y)) * x
        except ValueError:
            a[1] = a[0] * math.sqrt(y)
            a[2] = x * x
        a[0] += math.log(a[1] + 1.5)
    except ZeroDivisionError:
        a[2] += a[0] * x
    except ValueError:
        a[1] *= a[0]
    return np.sum(a * a * x)


@law
def half_done_before_a_finally(x, y):
    a = np.array([x, y])
    z = x
    try:
        z = x * y
        a *= z
        z = math.sqrt(x) * a[0]
    except ValueError:
        z = z * a[1]
    finally:
        a[0] = a[0] * z
    return np.sum(a * z)


@law
def left_in_a_loop(x, y):
    z = x
    for k in range(4):
        try:
            z = z * y
            if k == 2:
                break
            z = z + math.sqrt(y + 0.5 - k)
        except ValueError:
            z = z * x
            continue
        z = z * 0.5
    return z


@law
def under_a_with(x, y):
    a = np.array([x, y])
    with np.errstate(all="ignore"):
        try:
            with np.errstate(all="raise"):
                a = a * x
                a = np.sqrt(a) * a
        except FloatingPointError:
            a = a * a
    return np.sum(a)


@law
def written_after_it_was_read(x, y):
    a = np.array([x, y, x * y])
    try:
        b = np.sin(a)
        a[1] = a[1] * math.sqrt(x)
        a *= b
        c = np.sum(a[1:])
        a[0] = inverse(math.floor(y)) * c
    except (ValueError, ZeroDivisionError):
        a[2] = a[0] * x
    return np.sum(a * a)


@law
def items_of_a_dict(x, y):
    known = {"a": x, "n": 0, "rows": np.array([x, y])}
    try:
        known["a"] = known["a"] * y
        known["n"] += 1
        known["rows"] *= known["a"]
        if y < 0.0:
            raise KeyError("none")
        known["a"] = known["a"] * math.sqrt(x) / known["n"]
    except KeyError:
        known["a"] = known["a"] * x
    except ValueError:
        known["a"] = known["a"] * known["n"]
    return known["a"] * np.sum(known["rows"])


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
def test_first_order(function: Callable[..., float]) -> None:
    for place in PLACES:
        both_modes(function, *place)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
def test_second_order(function: Callable[..., float]) -> None:
    first = grad(function, wrt="x")
    for place in PLACES:
        both_modes(first, *place)


def test_a_loop_that_fails_is_left() -> None:
    def f(x):
        y = np.zeros(3)
        try:
            for k in range(3):
                y[k] = 1.0 / (x - k)
        except ZeroDivisionError:
            y[k] = x * x
        return y[0] + y[1] + y[2]

    assert jvp(f)(1.0, seed=1.0) == (2.0, 1.0)
    text = jvp(f).source_for(0.5)
    assert "        if failed:\n            break\n" in text
    assert "finally" not in text


def test_what_leaves_is_the_exception_that_was_raised() -> None:
    def f(x, log):
        y = x
        try:
            y = x * x
            z = 1.0 / x
        except ZeroDivisionError as error:
            raise ValueError(f"{x}") from error
        finally:
            y = y * 2.0
            log.append("done")
        return y * z

    log: list[str] = []
    assert grad(f, wrt="x")(2.0, log) == 2.0
    with pytest.raises(ValueError, match=r"0\.0") as caught:
        grad(f, wrt="x")(0.0, log)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_value_in_an_exception_that_is_handed_on() -> None:
    def f(x):
        z = x
        try:
            z = x * x
            if x > 0:
                raise ValueError(z)
        except ValueError as error:
            known = error
            z = known.args[0] * 3.0
        return z

    with pytest.raises(UnsupportedError) as caught:
        grad(f)(2.0)
    assert caught.value.origin is not None
    assert caught.value.origin.text.strip().startswith("z = known.args[0]")
    assert caught.value.reason.startswith("a value to be differentiated is carried by an exception")


def test_a_copy_is_made_only_of_what_is_written_into() -> None:
    def f(x: Any) -> Any:
        a = x * 2.0
        try:
            b = np.sin(a)
            a[0] = 1.0 / b[0]
        except ZeroDivisionError:
            b = a
        return np.sum(a * b)

    text = jvp(f).source_for(np.ones(2))
    assert text.count(".copy()") == 1
    assert text.index("a_before = a.copy()") < text.index("a[0] = ") < text.index("np.cos(a_before)")


def recursive_in_a_try(x, y):
    def inner(n, u):
        return 1.5 * u if n == 0 else inner(n - 1, u * x)

    w = x
    try:
        v = inner(2, y)
        w = v
    except ValueError:
        pass
    return w * x


def test_a_recursive_function_in_a_try() -> None:
    np.testing.assert_allclose(grad(recursive_in_a_try, ("x", "y"))(0.3, 0.5), (1.5 * 0.5 * 3 * 0.09, 1.5 * 0.027))
    with pytest.raises(UnsupportedError) as caught:
        jvp(recursive_in_a_try, ("x", "y"))(0.3, 0.5, seed=(1.0, 0.0))
    assert caught.value.reason == (
        "a function that calls itself is called in a `try`, and is differentiated in forward mode"
    )
    assert caught.value.hint == "use reverse mode (grad, vjp), or call it before the `try`"
