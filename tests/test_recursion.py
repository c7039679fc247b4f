"""Functions that call themselves: defined inside, through one another, over trees, with functions handed to them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp, vjp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed, refusing

PROGRAMS: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
refused = refusing(REFUSED)


SECOND: list[Program] = []
program, once = listed(PROGRAMS, SECOND), listed(PROGRAMS)


@program
def through_one_another(x):
    def even(n, v):
        return v if n == 0 else odd(n - 1, v * x)

    def odd(n, v):
        return v + 1.0 if n == 0 else even(n - 1, v=v + x)

    return even(4, x)


@program
def captured_variables_that_change_before(x):
    y = x

    def a(n):
        return y if n <= 0 else x * b(n - 1) + 1.0

    def b(n, k=y):
        return y * k if n <= 0 else x + a(n - 2)

    y = x * x * x
    return a(5)


@program
def own_variables_of_the_same_names(x):
    y = x * x

    def a(n):
        return y if n == 0 else b(n - 1) * y

    def b(n):
        y = x + n
        return a(n - 1) * y if n else y

    return a(3)


@program
def calls_another_function_defined_inside(x):
    def step(v):
        return shifted(v) * x

    def shifted(v):
        return v + x

    def repeat(n, v):
        return v if n == 0 else repeat(n - 1, step(v))

    return repeat(3, 1.0)


@once
def reads_arrays(x):
    w = np.array([x, x * x, 1.0])

    def horner(i):
        return 0.0 if i == 3 else w[i] + x * horner(i + 1)

    return horner(0)


def total(t, x):
    return total(t[0], x) + total(t[1], x) * x if isinstance(t, tuple) else t * x


@program
def over_trees(x):
    y = x * x

    def walk(t):
        return walk(t[0]) + walk(t[1]) * y if isinstance(t, tuple) else t * x

    tree = ((1.0, 2.0), (3.0, (x, (5.0, x))))
    return walk(tree) * total(tree, x)


def area(g, a, b, n):
    m = (a + b) / 2
    return g(m) * (b - a) if n == 0 else area(g, a, m, n - 1) + area(g=g, a=m, b=b, n=n - 1)


def simpson(f, a, b):
    return (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b))


def adaptive(f, a, b, eps=1e-3, depth=8):
    m = (a + b) / 2
    whole, left, right = simpson(f, a, b), simpson(f, a, m), simpson(f, m, b)
    if depth == 0 or abs(left + right - whole) <= 15 * eps:
        return left + right + (left + right - whole) / 15
    return adaptive(f, a, m, eps / 2, depth - 1) + adaptive(f, m, b, eps=eps / 2, depth=depth - 1)


class Power:
    def __init__(self, k):
        self.k = k

    def of(self, v):
        return v**self.k


cube = Power(3.0)


@once
def functions_are_handed_on(x):
    k = x * x
    decay = lambda v: np.exp(-k * v) * x  # noqa: E731
    k = k * 2
    areas = adaptive(decay, 0.0, 2 * x) + adaptive(np.cos, 0.0, x)
    return areas + area(math.exp, x, 1.0, 1) * area(cube.of, x, 2.0, 1)


@program
def handed_functions_mention_others(x):
    def times(v):
        return v * x

    def repeat(g, h, n, v):
        return v if n == 0 else repeat(g, h, n - 1, h(g(v)))

    def often(n, v):
        return v if n == 0 else often(n - 1, times(v))

    return repeat(times, lambda v: times(v) + 1.0, 2, x) + area(lambda v: often(2, v), 0.0, x, 1)


@program
def names_of_handed_functions_mean_other_things(x):
    a, m = 5.0, x

    def go(f):
        return area(f, 0.0, m, 1) * a

    return go(lambda a: a * m)


def swapping(f, g, n, v):
    return v if n == 0 else swapping(g, f, n - 1, f(v))


@once
def writes_into_what_is_made_for_it(x):
    def go(a, n):
        a[0] *= 2.0
        if n == 0:
            return a.sum()
        total = go(a * x, n - 1) * a[0]
        for i in range(2):
            b = a * (i + 1.0)
            total += go(b, n - 1)
        return total

    return go(np.array([x, x * x, 1.0]) * 1.0, 2)


@once
def multigrid(x):
    def smooth(u, f):
        for _ in range(2):
            u[1:-1] = 0.5 * (u[:-2] + u[2:] - f[1:-1])
        return u

    def cycle(u, f, level):
        u = smooth(u, f)
        if level == 0:
            return u
        r = np.zeros_like(u)
        r[1:-1] = f[1:-1] - (u[:-2] - 2 * u[1:-1] + u[2:])
        coarse = 4 * r[::2]
        e = np.zeros_like(u)
        e[::2] = cycle(np.zeros_like(coarse), coarse, level - 1)
        e[1::2] = 0.5 * (e[:-1:2] + e[2::2])
        return smooth(u + e, f)

    f = np.sin(x * np.arange(9.0))
    u = cycle(np.zeros_like(f), f, 2)
    return u @ u


@refused("calls itself and writes into its argument `a`")
def writes_into_what_is_read_afterwards(x):
    def go(a, n):
        a[0] *= 2.0
        if n == 0:
            return a.sum()
        b = a * 1.0
        return go(b, n - 1) * b[0]

    return go(np.array([x, x * x]) * 1.0, 2)


@refused("calls itself and writes into its argument `a`")
def writes_into_the_same_again_and_again(x):
    def go(a, n):
        a[0] *= 2.0
        if n == 0:
            return a.sum()
        b = a * 1.0
        total = 0.0
        for _ in range(2):
            total += go(b, n - 1)
        return total

    return go(np.array([x, x * x]) * 1.0, 2)


@refused("calls itself and writes into its argument `a`")
def writes_into_what_is_given_twice(x):
    def go(a, b, n):
        a[0] = b[1] * 3
        b[2] = a[0]
        return a @ b if n == 0 else go(a * 2.0, b * 1.0, n - 1)

    t = np.array([x, x * x, 1.0]) * 1.0
    return go(t, t, 1)


@refused("calls itself and writes into its argument `a`")
def writes_into_a_view(x):
    def go(a, n):
        a[0] += a[-1] ** 2
        return a.sum() if n == 0 else go(a[1:], n - 1) * a[0]

    return go(np.array([x, x * x, 1.0]) * 1.0, 1)


@refused("which function `swapping(")
def handed_on_in_another_place(x):
    return swapping(np.sin, lambda v: v * x, 3, x)


@refused("`a` is defined inside a function and calls itself")
def handed_through_one_another(x):
    def a(g, n):
        return x if n == 0 else g(b(g, n - 1))

    def b(g, n):
        return x * x if n == 0 else g(a(g, n - 1)) * x

    return a(np.sin, 3)


@refused("`add` is defined inside a function and calls itself")
def assigns_a_variable_outside(x):
    s = 0.0

    def add(n):
        nonlocal s
        s += x * n
        if n:
            add(n - 1)

    add(3)
    return s


@once
def an_array_that_is_written_later(x):
    w = np.array([x, x * x])

    def up(n):
        return w[0] * w[1] if n == 0 else up(n - 1) * w[1]

    y = up(2)
    w[1] = x * 3.0
    return y * w[1]


def product(values, n):
    return values[0] * values[1] if n == 0 else product(values, n - 1) * values[1]


@once
def a_list_that_changes_later(x):
    values = [x, x * x]
    y = product(values, 2)
    values.append(2.0 * x)
    values[0] *= x
    return y * values[1] * values[0]


@once
def a_dict_that_changes_later(x):
    values = {0: x, 1: x * x}
    y = product(values, 2)
    values[1] = 3.0 * x
    return y * values[1]


class Pair:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def of_pair(pair, n):
    return pair.left * pair.right if n == 0 else of_pair(pair, n - 1) * pair.right


@once
def an_object(x):
    pair = Pair(x, x * x)
    return of_pair(pair, 2) + pair.left


@once
def an_object_that_changes_later(x):
    pair = Pair(x, x * x)
    y = of_pair(pair, 2)
    pair.right = 3.0 * x
    return y * pair.right


@program
def a_captured_object(x):
    pair = Pair(x, x * x)

    def inner(n):
        return pair.left * pair.right if n == 0 else outer(n - 1) * pair.right

    def outer(n):
        return inner(n) + pair.left

    y = inner(2)
    pair.right = 3.0 * x
    return y * pair.right + outer(1)


@once
def a_captured_object_that_is_handed_on(x):
    pair = Pair(x, x * x)

    def inner(n):
        return of_pair(pair, 1) if n == 0 else inner(n - 1) * pair.right

    return inner(2) + pair.left


@once
def a_captured_object_and_a_variable_of_its_name(x):
    pair = Pair(x, x * x)

    def inner(n):
        return sum([2 * pair for pair in [1.0, 2.0]]) * pair.left if n == 0 else inner(n - 1) * pair.right

    return inner(2)


@program
def a_variable_of_a_comprehension_that_is_called_as_a_captured_list(x):
    h = [1.0, 2.0]

    def inner(n):
        return x * sum([h * h for h in h]) if n <= 0 else np.cos(sum([-h for h in h])) * inner(n - 2) * h[0]

    return inner(3)


@refused("a recursive function is given `w`, which is written in place")
def an_array_that_is_returned_and_written_later(x):
    def again(w, n):
        return w if n == 0 else again(w * x, n - 1)

    w = np.array([x, x * x])
    z = again(w, 2)
    w[0] = x
    return np.sum(z) * w[0]


@refused("whether `t` is a container is not known here")
def a_large_tree(x):
    tree = x
    tree = (tree, (tree, (tree, 1.0)))
    tree = (tree, (tree, tree, (tree, 2.0)), 1.0)
    for _ in range(3):
        tree = (tree, x)
    return total(tree, x)


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def quartic(v):
    return power(v, 4) + v * v


def odd_power(x, n):
    return x if n == 0 else even_power(x * x, n - 1)


def even_power(x, n):
    return 2.0 * x if n == 0 else odd_power(np.sin(x) * x, n - 1)


def functions_over_one_another(x):
    return odd_power(x, 3) * power(x, 2)


def total_of_a_tree(x):
    return total(((x, 2.0), (x * x, (3.0, x))), x)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_both_modes(f: Callable[[Any], Any]) -> None:
    check_derivative(f, 1.3)


@pytest.mark.parametrize("f", SECOND, ids=lambda f: f.__name__)
def test_second_derivatives(f: Callable[[Any], Any]) -> None:
    check_derivative(grad(f), 1.3)


@pytest.mark.parametrize(("f", "reason"), REFUSED, ids=lambda item: getattr(item, "__name__", ""))
def test_refused(f: Callable[[Any], Any], reason: str) -> None:
    for derive in (grad,) if f is an_array_that_is_returned_and_written_later else (grad, jvp):
        with pytest.raises(UnsupportedError) as caught:
            derive(f).source_for(1.3)
        assert reason in str(caught.value)


@pytest.mark.parametrize("f", [functions_over_one_another, total_of_a_tree], ids=lambda f: f.__name__)
def test_reverse_over_forward(f: Callable[[Any], Any]) -> None:
    tangent = jvp(f)
    check_derivative(grad(lambda x: tangent(x, seed=1.0)[1] * x), 1.3)


def test_the_attributes_of_a_captured_argument() -> None:
    def f(pair, x):
        def inner(n):
            return pair.left * x if n == 0 else inner(n - 1) * pair.right

        return inner(2)

    adjoints = grad(f, wrt=(0, 1))(Pair(0.7, 1.2), 1.3)
    assert adjoints[0].left == pytest.approx(1.3 * 1.2**2)
    assert adjoints[0].right == pytest.approx(0.7 * 1.3 * 2 * 1.2)
    assert adjoints[1] == pytest.approx(0.7 * 1.2**2)


def test_third_derivatives() -> None:
    def f(x):
        return power(x, 4)

    np.testing.assert_allclose(grad(grad(grad(f)))(1.3), 24 * 1.3, rtol=1e-12)
    np.testing.assert_allclose(jvp(grad(grad(f)))(1.3, seed=1.0)[1], 24 * 1.3, rtol=1e-12)


@pytest.mark.every(3)
@pytest.mark.parametrize("f", SECOND, ids=lambda f: f.__name__)
def test_reverse_over_forward_over_reverse(f: Callable[[Any], Any]) -> None:
    """What forward mode makes of half a pair is given what that keeps, whose structure is not known: a TypeError."""
    tangent = jvp(grad(f))
    _, (_, third) = jvp(tangent)(1.3, inner_seed=1.0, seed=1.0)
    _, adjoint = vjp(tangent)(1.3, inner_seed=1.0, seed=(0.0, 1.0))
    np.testing.assert_allclose(adjoint, third, rtol=1e-9)
    np.testing.assert_allclose(grad(lambda x: tangent(x, seed=1.0)[1])(1.3), adjoint, rtol=1e-9)


def test_derivatives_of_recursive_functions_inside_others() -> None:
    """Newton's method on the derivative of a recursive function."""

    def step(x):
        for _ in range(3):
            x = x - grad(quartic)(x) / 12.0
        return x

    check_derivative(step, 0.4)


def test_a_derivative_of_a_derivative_keeps_to_its_text() -> None:
    """What replays is written for a second derivative alone."""
    df = grad(lambda x: power(x, 3))
    text = df.source_for(1.3)
    assert grad(df)(1.3) == pytest.approx(6 * 1.3)
    assert "power_adjoint" in grad(df).source_for(1.3)
    assert df.source_for(1.3) == text
    assert "power_forward" in text and "power_adjoint" not in text


def test_a_global_that_a_handed_function_is_called_from_is_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    df = grad(lambda x: adaptive(lambda v: v * x, 0.0, x))
    before = df(1.3)
    monkeypatch.setitem(globals(), "simpson", lambda f, a, b: 2.0 * (b - a) * f(a))
    assert abs(df(1.3) - before) > 0.1


def test_derivatives_of_derivatives_where_a_recursion_is_given_what_is_written() -> None:
    """What the text that is differentiated again gets of a recursion shares memory with nothing that is written."""

    def f(x, weights):
        y = x * x
        y[0] = 2.0 * x[1]

        def even(n):
            return y[0] * x[1] if n <= 0 else np.cos(y[0]) * odd(n - 2)

        def odd(n, by=0.5):
            return np.sin(y[1]) * by if n <= 0 else even(n - 1) + np.mean(weights) * by

        total = odd(1, by=0.3)
        y[1] *= total
        return total * np.sum(y) * np.sum(weights)

    x, weights = np.array([0.3, 0.5]), np.array([0.7, -0.4])
    for order in (f, grad(f, (0, 1))):
        check_derivative(order, x, weights)


def named_again(x):
    return {"a": np.zeros(2) + x}


def test_variables_are_not_what_other_functions_of_the_text_call_so() -> None:
    """The `h_2` of one function was taken for a function that another one called so, and its tangent for zero."""
    h = named_again

    def powers(x, n):
        if n == 0:
            return x
        h = x * x
        held = [h, 2 * h]
        held.append(h)
        return np.sin(held[0]) * powers(h, n - 1) + held[2]

    def inactive(x):
        return h

    def f(x):
        c = inactive(1.0)(2.0)
        return powers(x, 2) * h(x)["a"][0] + powers(x, 1) + c["a"][0]

    check_derivative(f, 0.3)


def test_a_result_that_may_be_an_array_that_is_written_into() -> None:
    """What it was multiplied by got no adjoint: the array it may be carries none, and so had no shadow."""

    def f(x, a):
        b = a

        def even(n):
            return x * b if n <= 0 else odd(n - 1)

        def odd(n):
            return even(n - 1)

        d = odd(1)
        a[1] += 0.5
        return d

    with pytest.raises(UnsupportedError, match="may share memory with `b`, which is written in place"):
        vjp(f, 0)(0.7, np.ones(3), seed=np.ones(3))


def doubled(a, n):
    if n == 0:
        return [a]
    return doubled(a * 1.1, n - 1) * 2


def joined(a, n):
    if n == 0:
        return []
    return [a] + joined(a * 1.1, n - 1)


def added(a, n):
    if n == 0:
        return a
    return added(a * 1.1, n - 1) * 2 + added(a, n - 1)


@pytest.mark.parametrize("recursive", [doubled, joined])
def test_lists_that_a_recursive_function_returns_are_joined(recursive) -> None:
    """They were added up like arrays in the reverse sweep: wrong gradients, or a ValueError."""

    def f(x):
        c = recursive(x, 2)
        return c[0] * c[1] * c[0]

    with pytest.raises(DerivativeError, match="a list takes part in arithmetic"):
        grad(f)(1.3)


def test_numbers_that_a_recursive_function_returns() -> None:
    check_derivative(lambda x: added(x, 3) * x, np.array([0.7, 1.3]))
    check_derivative(added, 1.3, 3)


def test_arguments_that_a_recursive_function_collects_are_refused() -> None:
    """Their number is another one in each call (a ValueError of the compiler's own)."""

    def f(x):
        return first_of(x, x * x, 2 * x)

    with pytest.raises(UnsupportedError, match="`first_of` calls itself, and collects its arguments in `rest`"):
        grad(f)(0.7)


def first_of(u, *rest):
    return u if not rest else u * first_of(*rest)
