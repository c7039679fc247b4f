"""Derivatives compiled by Numba: the same numbers, what is handed over, what is refused and how it is said."""

from __future__ import annotations

import importlib.util
import random
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tangent_sct import grad, hessian, jacobian, jvp, value_and_grad, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.emit.outside import Outside

needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="Numba is not installed")
HINT = 'hint: use backend="numpy", or backend="auto", which runs as Python what Numba does not compile'


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path))
    return tmp_path


def lorenz(x, y, z, rho, steps):
    for _ in range(steps):
        x_next = x + 0.01 * 10.0 * (y - x)
        y_next = y + 0.01 * (x * (rho - z) - y)
        z = z + 0.01 * (x * y - 8.0 / 3.0 * z)
        x, y = x_next, y_next
    return x * y + z


def heat(u, c, steps):
    for _ in range(steps):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def newton(a):
    x = a
    error = 1.0
    while error > 1e-10:
        step = (x * x * x - a) / (3 * x * x)
        x -= step
        error = abs(step)
    return x


def left_early(x, limit):
    total = 0.0
    for i in range(x.size):
        total += np.sin(x[i])
        if total > limit:
            break
        if x[i] < 0.2:
            continue
        total *= 1.1
    return total


def collected(x, n):
    items = []
    for i in range(n):
        items.append(x * i)
    total = 0.0
    for item in items:
        total += item * item
    return total


@needs_numba
@pytest.mark.parametrize(("function", "arguments"), [
    (left_early, (np.linspace(0.1, 0.9, 7), 1.5)), (collected, (1.3, 5)),
    (lorenz, (1.0, 1.1, 1.2, 28.0, 50)), (heat, (np.linspace(0.0, 1.0, 9) ** 2, 0.2, 5)), (newton, (2.0,)),
])  # fmt: skip
def test_loops_agree_with_python(function, arguments) -> None:
    wrt = tuple(range(len(arguments) - (len(arguments) > 1)))
    kept = [np.copy(a) for a in arguments]
    expected = value_and_grad(function, wrt)(*arguments)
    found = value_and_grad(function, wrt, backend="numba")(*arguments)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    for one, other, argument in zip(found[1], expected[1], arguments, strict=False):
        np.testing.assert_allclose(one, other, rtol=1e-10)
        assert type(one) is type(other) and np.shape(one) == np.shape(argument)
    assert all(np.array_equal(a, b) for a, b in zip(arguments, kept, strict=True))


@needs_numba
def test_every_sort_of_derivative() -> None:
    def f(x):
        return np.sum(np.sin(x) * x[0])

    x = np.array([0.3, 0.7])
    np.testing.assert_allclose(jvp(f, backend="numba")(x, seed=x), jvp(f)(x, seed=x))
    np.testing.assert_allclose(vjp(f, backend="numba")(x, seed=2.0)[1], vjp(f)(x, seed=2.0)[1])
    np.testing.assert_allclose(hessian(f, backend="numba")(x), hessian(f)(x), atol=1e-14)
    np.testing.assert_allclose(jacobian(np.sin, backend="numba")(x), jacobian(np.sin)(x))


@needs_numba
def test_a_function_that_numba_compiled_has_a_compiled_derivative() -> None:
    import numba

    @numba.njit
    def inner(x, k):
        return np.sin(x * k)

    @numba.njit(error_model="numpy")
    def f(x, n):
        total = 0.0
        for i in range(n):
            total += inner(x, i)
        return total

    derivative = grad(f)
    assert derivative.request.backend == "numba" and grad(derivative).request.backend == "numba"
    assert derivative(0.4, 4) == pytest.approx(grad(f, backend="numpy")(0.4, 4))
    assert hessian(f)(0.4, 4) == pytest.approx(hessian(f, backend="numpy")(0.4, 4))
    assert grad(lambda x: f(x, 3) ** 2)(0.4) == pytest.approx(2 * f(0.4, 3) * grad(f)(0.4, 3))
    compiled = next(iter(derivative._known.values())).compiled
    assert compiled._run.targetoptions["error_model"] == "numpy"


@needs_numba
def test_what_is_read_from_outside_is_what_it_is_at_the_call() -> None:
    weights = np.array([1.0, 2.0])
    settings = SimpleNamespace(rate=3.0, table=SimpleNamespace(rows=np.array([1.0, 1.0])))

    def f(x):
        return settings.rate * np.sum(x * weights * settings.table.rows)

    derivative, x = grad(f, backend="numba"), np.array([0.5, 0.5])
    np.testing.assert_array_equal(derivative(x), [3.0, 6.0])
    weights[0], settings.rate, settings.table.rows = 5.0, 2.0, np.array([1.0, 10.0])
    np.testing.assert_array_equal(derivative(x), [10.0, 40.0])


factor = 3.0


def chosen(i):
    return i < factor


@needs_numba
def test_functions_that_are_called_are_compiled_with_the_numbers_they_read(monkeypatch) -> None:
    def f(x, n):
        for i in range(n):
            if chosen(i):
                x = x * x
        return x

    derivative = grad(f, backend="numba")
    assert derivative(1.1, 5) == pytest.approx(grad(f)(1.1, 5))
    monkeypatch.setitem(globals(), "factor", 1.0)
    assert derivative(1.1, 5) == pytest.approx(2 * 1.1)


@needs_numba
def test_operands_that_overlap_are_read_before_they_are_written() -> None:
    def f(a):
        a = a * 1.0
        a[1:] += a[:-1]
        a *= a[::-1]
        return np.sum(a * a)

    x = np.arange(1.0, 6.0)
    derivative = grad(f, backend="numba")
    np.testing.assert_allclose(derivative(x), grad(f)(x))


@needs_numba
def test_dicts_and_lists_come_back_as_pythons_own() -> None:
    def f(x):
        return {"a": x * 2.0}, [x, x * x]

    (found, items), tangent = jvp(f, backend="numba")(3.0, seed=1.0)
    assert type(found) is dict and found == {"a": 6.0} and items == [3.0, 9.0] and tangent == ({"a": 2.0}, [1.0, 6.0])


# -- refusals ----------------------------------------------------------------------------------

history = [1.0]


def of_list(x):
    return x * history[0]


def random_numpy(x):
    y = x * 2.0
    return y * np.random.rand()


def random_python(x):
    return x * random.random()


def formatted(x):
    y = x * x
    print(f"{y:.3f}")
    return y


def powers(x, n):
    total = 0.0
    for i in range(n):
        total += x / 2**i
    return total


def factorials(x, n):
    k = 1
    total = 0.0
    for i in range(1, n):
        k *= i
        total += x / k
    return total


@needs_numba
@pytest.mark.parametrize(("function", "arguments", "line", "reason", "hint"), [
    (of_list, (1.0,), "return x * history[0]", "`history` (list), which the function reads from outside, cannot be "
     "handed to compiled code", 'hint: make it an argument of the function, or use backend="numpy"'),
    (random_numpy, (1.0,), "return y * np.random.rand()", "Numba has random numbers of its own, another stream than "
     "Python's", 'hint: draw them before the call and make them an argument, or use backend="numpy"'),
    (random_python, (1.0,), "return x * random.random()", "Numba has random numbers of its own, another stream than "
     "Python's", 'hint: draw them before the call and make them an argument, or use backend="numpy"'),
    (formatted, (1.0,), 'print(f"{y:.3f}")', "Numba does not compile the derivative: format spec in f-strings not "
     "supported yet", HINT),
    (powers, (1.0, 3), "total += x / 2**i", "`2 ** i` may be an integer of more than 64 bits, with which Numba does "
     "not compute", 'hint: compute with floats (`2.0 ** i`), or use backend="numpy"'),
    (factorials, (1.0, 3), "k *= i", "`k *= i` may be an integer of more than 64 bits, with which Numba does not "
     "compute", 'hint: compute with floats (`2.0 ** i`), or use backend="numpy"'),
    (lambda x: x[0], ([1.0, np.ones(2)],), None, "Numba takes no list that is empty or holds items of several types",
     HINT),
    (lambda x: {"a": x, "b": [x]}, (1.0,), None, "Numba returns no list or dict that holds values of several types",
     HINT),
])  # fmt: skip
def test_refusals_name_the_users_line(function, arguments, line, reason, hint) -> None:
    with pytest.raises(UnsupportedError) as caught:
        jvp(function, backend="numba")(*arguments, seed=arguments[0])
    assert caught.value.reason == reason and hint in caught.value.__notes__
    if line is not None:
        assert caught.value.filename == __file__ and caught.value.text.strip() == line
        assert caught.value.offset == caught.value.text.index(line.split(" ")[0]) + 1 or "(" in line


@needs_numba
def test_auto_runs_as_python_what_numba_refuses() -> None:
    derivative = grad(formatted, backend="auto")
    assert derivative(3.0) == 6.0 and derivative(4.0) == 8.0
    (refusal,) = derivative.refusals.values()
    assert "f-strings" in refusal.reason
    compiled = grad(newton, backend="auto")
    assert compiled(2.0) == pytest.approx(grad(newton)(2.0)) and not compiled.refusals


@needs_numba
def test_errors_of_the_program_are_those_of_the_program() -> None:
    def f(x):
        y = x * x
        if y > 4.0:
            raise ValueError("too large")
        return y

    derivative = value_and_grad(f, backend="auto")
    assert derivative(1.0) == (1.0, 2.0)
    with pytest.raises(ValueError, match="too large"):
        derivative(3.0)
    assert not derivative.refusals


@needs_numba
def test_seeds_of_another_shape_are_refused() -> None:
    from tangent_sct import DerivativeError

    with pytest.raises(DerivativeError, match="another shape"):
        vjp(lambda x: np.repeat(x, 2), backend="numba")(np.ones(2), seed=np.ones(3))


def test_without_numba(monkeypatch) -> None:
    def square(x):
        return x * x

    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(UnsupportedError, match="Numba, which is to compile .*, is not installed") as caught:
        grad(square, backend="numba")(2.0)
    assert caught.value.__notes__ == ['hint: install `tangent_sct[numba]`, or use backend="numpy"']
    derivative = grad(square, backend="auto")
    assert derivative(2.0) == 4.0 and len(derivative.refusals) == 1


# -- what a text reads -------------------------------------------------------------------------


def refused(reason: str, line: int | None, hint: str = "") -> UnsupportedError:
    return UnsupportedError(f"{reason} ({line})", None, hint)


def test_values_are_handed_over_in_front() -> None:
    g = "def g(x):\n    return x * W[0]\n\n\n"
    text = g + "def f(x, f_bar=1.0):\n    return g(x) * np.sin(x) * cfg.rate * cfg.rate"
    space = {"W": np.ones(1), "np": np, "cfg": SimpleNamespace(rate=2.0)}
    outside = Outside(text, "f", space, refused)
    assert outside.text == (
        "def g(W, cfg_rate, x):\n    return x * W[0]\n\n\ndef f(W, cfg_rate, x, f_bar=1.0):\n"
        "    return g(W, cfg_rate, x) * np.sin(x) * cfg_rate * cfg_rate"
    )
    assert outside.values() == (space["W"], 2.0) and outside.functions == ("g", "f") and not outside.is_parallel


def test_the_key_tells_numbers_and_functions_apart() -> None:
    def key(**space):
        text = f"def f(x):\n    return x * {'a(2)' if 'a' in space else 'b'}"
        return Outside(text, "f", space, refused).key

    one, two = (lambda k: k + 1), (lambda k: k + 2)
    assert key(a=one) == key(a=one) != key(a=two)
    assert key(b=2) != key(b=2.0) != key(b=3.0)


def test_what_may_not_be_assigned() -> None:
    with pytest.raises(UnsupportedError, match=r"compiled code cannot assign `cfg.n` \(2\)"):
        Outside("def f(x):\n    cfg.n = 3\n    return x", "f", {"cfg": SimpleNamespace(n=1)}, refused)
