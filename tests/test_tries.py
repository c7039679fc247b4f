"""`try`, `raise` and `finally` around differentiated code, by law and by text."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, grad, jvp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.emit.refusals import may_refuse
from tangent_sct.testing import check_products, check_second

PLACES = ((2.3, 1.7), (0.6, 2.1), (-1.2, 0.7), (1.6, -2.2), (-1.0, -0.5))
PROGRAMS: list[Callable[..., float]] = []
LOG: list[str] = []


def law(function: Callable[..., float]) -> Callable[..., float]:
    """Check the derivatives of a function of two numbers."""
    PROGRAMS.append(function)
    return function


def inverse(v):
    if v == 0.0:
        raise ZeroDivisionError(f"{v} has no inverse")
    return 1.0 / v


@law
def last_of_several(x, y):
    z = x
    try:
        w = math.log(x)
        z = math.sqrt(y) * w
    except ValueError:
        z = z * y
    return z * x


@law
def in_a_loop(x, y):
    out = 0.0
    for i in range(4):
        try:
            out = out + inverse(x * (i - 1.0)) * y
        except ZeroDivisionError:
            out = out * 2.0 + x * x
    return out


@law
def nested(x, y):
    try:
        try:
            a = math.sqrt(x)
        except ValueError:
            a = math.log(y) * x
    except ValueError:
        a = x * y * y
    return a * a


@law
def in_with(x, y):
    with np.errstate(all="raise"):
        try:
            a = np.float64(x) / np.float64(y)
        except FloatingPointError:
            a = x * 2.0
    return a * x


@law
def around_with(x, y):
    try:
        with np.errstate(all="raise"):
            a = np.sqrt(np.array([x, y]))
    except FloatingPointError:
        a = np.array([x * y, x])
    return np.sum(a * a * x)


@law
def endless(x, y):
    s = 0.0
    n = 0
    while True:
        try:
            s = s + math.sqrt(x + 0.05 - n)
        except ValueError:
            break
        n += 1
    return s * y


@law
def appended(x, y):
    parts = []
    for v in [x, y, x * y]:
        try:
            parts.append(math.log(v))
        except ValueError:
            parts.append(v * v)
    return parts[0] * parts[1] + parts[2]


@law
def stored(x, y):
    a = np.zeros(3)
    for i in range(3):
        try:
            a[i] = math.sqrt(x - i)
        except ValueError as error:
            a[i] = x * y
            assert str(error) == "math domain error"
    return np.sum(a * a * a)


@law
def raised_and_caught(x, y):
    try:
        if x > 1.0:
            raise KeyError(f"{x}")
        z = x * y
    except KeyError:
        z = y * y * x
    else:
        z = z * z
    finally:
        LOG.append("done")
    return z


@law
def several_handlers(x, y):
    try:
        z = [x, y * y][int(y + 3.0) % 4]
    except (KeyError, ValueError):
        z = y
    except IndexError as error:
        z = x * 5.0 * len(str(error))
    except Exception:
        raise
    return z * x


@law
def called(x, y):
    def safe(v, other):
        try:
            return math.sqrt(v)
        except ValueError:
            return other * v

    return safe(x, y) * safe(y, x) + safe(x - 2.0, y)


@law
def with_exits(x, y):
    z = x
    n = 0
    while n < 3:
        n += 1
        try:
            z = math.log(z) * y
        except ValueError:
            z = z * z + 0.3
            continue
        else:
            break
    else:
        z = z * 3.0
    return z


def logarithm_or_product(x, y):
    try:
        return math.log(x) * y
    except ValueError:
        return x * y


@law
def finally_calls_what_tries(x, y):
    try:
        pass
    except ValueError:
        pass
    finally:
        z = logarithm_or_product(x - 0.5, y)
    return z * x


@law
def with_finally(x, y):
    for k in range(3):
        try:
            v = math.sqrt(x - 0.55 * k)
            if v < 0.3:
                break
            y = y * v
        except ValueError:
            return x * y
        finally:
            y = y * x
    return y + x


@law
def order_of_failures(x, y):
    try:
        a = inverse(math.floor(y))
        b = math.sqrt(x)
        z = b + a
    except ValueError:
        z = x * x
    except ZeroDivisionError:
        z = x * y * y
    return z


@law
def not_needed_but_fails(x, y):
    try:
        unused = math.sqrt(x)  # noqa: F841
        z = x * y
    except ValueError:
        z = x * x * y
    return z


def differences(function: Callable[..., float], x: float, y: float) -> list[float]:
    h = 1e-6
    return [
        (function(x + h, y) - function(x - h, y)) / (2 * h),
        (function(x, y + h) - function(x, y - h)) / (2 * h),
    ]


@law
def assigned_before_a_failure(x, y):
    z = 1.0
    try:
        z = x * y
        if y > 1.0:
            raise ValueError(y)
        w = math.log(x) * z
    except ValueError:
        w = z * z
    except ZeroDivisionError:
        w = x
    else:
        z = z * y
    return w * z


@law
def written_before_a_failure(x, y):
    a = np.array([x, x * y, 1.0])
    for k in range(3):
        try:
            a[k] = a[k] * y
            a[k] += math.sqrt(a[k])
            a[k + 1] = a[k] * x
        except (ValueError, IndexError):
            y = y + a[k]
    return np.sum(a) * y


@law
def appended_before_a_failure(x, y):
    items = []
    try:
        items.append(x * y)
        items.append(math.log(x))
    except ValueError:
        items.append(y)
    return items[0] * items[-1]


def both_modes(function: Callable[..., float], x: float, y: float) -> None:
    expected = differences(function, x, y)
    wrt = ("x", "y")
    forward = [jvp(function, wrt=wrt)(x, y, seed=seed)[1] for seed in ((1.0, 0.0), (0.0, 1.0))]
    np.testing.assert_allclose(grad(function, wrt=wrt)(x, y), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(forward, expected, rtol=1e-4, atol=1e-5)


@law
def several_targets_in_a_try_that_stays_whole(x, y):
    held = np.ones(4)
    z = x * held
    try:
        other = first = held
        count = place = 2
        held[0] = held[1] = held[place]
    except KeyError:
        count = place = 0
    else:
        held[count + 1] = held[place] = 0.5
    first[1] = 3.0
    return np.sum(z * y * held) + other[1] * x


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("place", PLACES)
def test_first_order(function: Callable[..., float], place: tuple[float, float]) -> None:
    both_modes(function, *place)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
def test_second_order(function: Callable[..., float]) -> None:
    for place in PLACES:
        both_modes(grad(function, wrt="x"), *place)


def test_only_what_would_be_refused_is_cut_into_steps() -> None:
    def assigned_first(x):
        y = x
        try:
            y = x * x
            z = math.log(x)
        except ValueError:
            z = x
        return y * z

    assert grad(assigned_first).source_for(2.0).count("try:") == 2
    assert grad(last_of_several).source_for(2.3, 1.7).count("try:") == 1


def test_effects_happen_once() -> None:
    LOG.clear()
    grad(raised_and_caught)(0.5, 2.0)
    assert LOG == ["done"]


def test_what_is_not_caught_leaves() -> None:
    def f(x):
        try:
            y = math.log(x)
        except ValueError as error:
            raise RuntimeError(f"bad {x}") from error
        return y * x

    assert grad(f)(2.0) == pytest.approx(math.log(2.0) + 1.0)
    with pytest.raises(RuntimeError, match="bad -1.0") as caught:
        grad(f)(-1.0)
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_handler_that_raises_needs_no_flag() -> None:
    def f(x):
        try:
            y = math.log(x)
        except ValueError:
            raise
        return y * x

    assert "failed" not in grad(f).source_for(2.0)


def test_what_tangents_raise_is_not_caught() -> None:
    def f(x):
        try:
            y = math.sqrt(x)
        except (ValueError, ZeroDivisionError):
            y = 7.0
        return y

    with pytest.raises(ZeroDivisionError):
        jvp(f)(0.0, seed=1.0)


def test_a_function_defined_in_a_try_that_stays_whole() -> None:
    def f(x):
        try:
            def unread():
                return 1

            n = 2
        except ValueError:
            n = 3
        g = lambda v: v * n  # noqa: E731
        return g(x)

    assert grad(f)(0.5) == 2.0


def test_nothing_moves_into_a_try() -> None:
    def f(x):
        t = 1.0 / x
        try:
            y = t * 2.0
        except ZeroDivisionError:
            y = x
        return y

    for derivative in (lambda: grad(f)(0.0), lambda: jvp(f)(0.0, seed=1.0)):
        with pytest.raises(ZeroDivisionError):
            derivative()


def test_a_handler_sees_what_was_written_before_the_failure(capsys: pytest.CaptureFixture[str]) -> None:
    def f(x, n):
        counts = np.zeros(2)
        y = x * np.sum(counts)
        try:
            counts[0] = 3.0
            if n > 1:
                raise ValueError
        except ValueError:
            k = np.sum(counts)
            print(k)
        return y + x * n

    def g(x, n):
        seen = []
        k = len(seen)
        try:
            seen.append(n)
            y = 1.0 / (x - n)
        except ZeroDivisionError:
            y = x * len(seen)
        return y + k * x

    assert grad(g)(2.0, 2) == 1.0
    assert grad(f)(2.0, 2) == 2.0
    assert capsys.readouterr().out == "3.0\n"


def half_assigned(x):
    y = x
    try:
        for k in {1, 2}:
            y = y * k
            z = 1.0 / x
    except ZeroDivisionError:
        z = x
    return y * z


def half_stored(x):
    y = np.zeros(2)
    try:
        for k in {0, 1}:
            y[k] = 1.0 / (x - k)
    except ZeroDivisionError:
        y[1] = x
    return y[0] * y[1]


def half_managed(x, mode="raise"):
    y = x
    try:
        with np.errstate(all=mode):
            y = x * x
            z = np.log(x)
    except FloatingPointError:
        z = x
    return y * z


def loop_forward(x):
    z = x
    try:
        y = x
        for i in {0, 2}:
            y = y * math.sqrt(x - i)
        z = y
    except ValueError:
        z = x * x
    return z


def tape_left_over(x):
    z = x
    for i in range(3):
        try:
            y = x
            for k in {0, 2}:
                y = y * math.sqrt(y - i * k)
            z = z + y
        except ValueError:
            z = z * x
    return z


ASSIGNED = "is assigned in a `try` before something else in it may fail, and read after that"
WRITES = "a `try` writes into something from outside of it, and something else in it may fail after that"


@pytest.mark.parametrize(
    ("function", "mode", "line", "reason", "hint"),
    [
        (half_assigned, grad, "y = y * k", f"`y` {ASSIGNED}", "assign it last in the `try`"),
        (half_stored, grad, "y[k] = 1.0 / (x - k)", WRITES, "write after the `try`"),
        (half_managed, grad, "y = x * x", f"`y` {ASSIGNED}", "assign it last in the `try`"),
        (loop_forward, jvp, "for i in {0, 2}:", "a loop in a `try` is differentiated in forward", "use reverse"),
        (tape_left_over, grad, "for k in {0, 2}:", "values in a loop or a branch of a `try`", "put the"),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_refused(function: Any, mode: Any, line: str, reason: str, hint: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        mode(function).source_for(0.5)
    error = caught.value
    assert error.reason.startswith(reason)
    assert error.hint is not None and error.hint.startswith(hint)
    assert error.origin is not None and error.origin.text.strip().startswith(line)
    assert error.origin.file == __file__


def test_a_finally_in_a_loop_records_what_stands_in_branches() -> None:
    """It was refused or written by flags: what is raised again leaves the loop, and nobody asks what it recorded."""

    def f(a, b):
        state, total = np.array([a, b]), 0.0
        for i in range(4):
            try:
                if i != 1:
                    total += np.sum(state**2) * a
                for k in range(2):
                    total = total * b + state[k]
            finally:
                state *= b
            total = np.sin(total) + state[0]
        return total

    check_products(f, (0.7, 1.3), (0, 1))
    check_second(f, (0.7, 1.3), (0, 1))
    assert "failed" not in grad(f).source_for(0.7, 1.3)


def test_a_finally_in_a_loop_in_a_try() -> None:
    def f(a, b):
        total, seen = a, 0.0
        for i in range(4):
            try:
                try:
                    if i > 1:
                        total = total * inverse(i - 3.0) * b
                finally:
                    seen = seen + a
            except ZeroDivisionError:
                total = total * seen
        return total * seen

    check_products(f, (0.7, 1.3), (0, 1))


def test_what_a_check_raises_is_not_caught() -> None:
    """The handler of the program caught what the derivative refused by, and its way was taken: a wrong value."""

    def f(x):
        y = (x * 1.0).T
        try:
            v = y.reshape(-1)
            v[0] = 3.0 * x[0, 1]
        except ValueError:
            v = x.reshape(-1) * 5.0
        return np.sum(y * y) + np.sum(v)

    df = grad(f)
    with pytest.raises(DerivativeError, match="reshaping made a copy"):
        df(np.arange(6.0).reshape(2, 3) + 1.0)
    assert "except DerivativeError:\n        raise\n    except ValueError:" in df.source
    # Where there is a view, all is well, and what ends nothing of ours is left as it is.
    check_products(f, (np.array([[1.0], [2.0]]).T,), (0,))
    check_second(f, (np.array([[1.0], [2.0]]).T,), (0,))


def test_suppress_is_a_try() -> None:
    """What the block had assigned when it failed was that of an iteration before, or nothing (UnboundLocalError)."""

    def f(a, b):
        table, total = {0: a}, a * b
        for i in range(5):
            with np.errstate(all="ignore"), contextlib.suppress(KeyError, IndexError):
                total = total * table[i % 3]
                if i == 4:
                    continue
                total = total + [a, b][i]
            table[i % 3 + 1] = total * b
            total = np.sin(total) + a
        return total

    check_products(f, (0.7, 1.3), (0, 1))
    check_second(f, (0.7, 1.3), (0, 1))


def started(x):
    for _ in range(3):
        try:
            if begun:
                x = x * 2.0
        except NameError:
            begun = True
            x = x + 1.0
    return x


def deleted(x):
    y = x * 2.0
    del y
    try:
        z = (y,)  # noqa: F821
        x = x * 5.0
    except Exception:
        z = (x,)
    return x * z[0]


def only_read(x):
    for _ in range(3):
        try:
            factor  # noqa: B018, F821
        except (KeyError, UnboundLocalError):
            factor = 2.0
        x = x * factor
    return x


def suppressed(x):
    for _ in range(3):
        with contextlib.suppress(NameError):
            if shown:  # noqa: F821
                x = x * 2.0
        shown = True
    return x


@pytest.mark.parametrize(
    ("f", "name"), [(suppressed, "shown"), (started, "begun"), (deleted, "y"), (only_read, "factor")]
)
def test_a_variable_without_a_value_is_not_asked_for(f: Callable[..., float], name: str) -> None:
    """It is None in a derivative, and nothing was raised: a wrong value."""
    for derive in (grad, jvp):
        with pytest.raises(UnsupportedError, match=f"`{name}` may have no value here"):
            derive(f)(1.3, **({} if derive is grad else {"seed": 1.0}))


def test_variables_that_have_a_value_in_a_try() -> None:
    """What has been assigned on every way may be read, whatever the handlers catch."""

    def f(a, b):
        total = a
        for i, v in enumerate((a, b, a * b)):
            if i == 1:
                w = v
            else:
                w = -v
            while True:
                u = w * b
                if u < 9.0:
                    break
            try:
                t = inverse(i - 1.0)
                if (s := t * w) > 0.0:
                    total = total + s * u
            except Exception as error:
                total = total * (2.0 if "inverse" in str(error) else b)
        return total

    check_products(f, (0.7, 1.3), (0, 1))
    check_second(f, (0.7, 1.3), (0, 1))


def test_functions_of_a_text_that_was_run_have_no_module() -> None:
    """Whether one in a `try` may raise an error of a derivative was asked of its module: a crash."""
    scope: dict[str, Any] = {"__name__": None}
    exec("def shifted(v):\n    return float(v) + 1.0\n", scope)
    assert scope["shifted"].__module__ is None
    assert not may_refuse(scope["shifted"])
