"""Programs on which some released tool is silently wrong: here they are right, for good."""

from __future__ import annotations

import contextlib
import copy
import functools
import linecache
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct.api import grad, jvp, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.testing import check_derivative
from tests.laws import trees

X = np.array([0.7, -0.4, 1.3, 0.5])
MATRIX = np.array([[0.6, 1.2, 0.4], [1.1, 0.3, 0.8]])
CUBE = np.arange(27.0).reshape(3, 3, 3) / 9
SCALE = 3.0


def difference(f: Callable[..., Any], arguments: tuple[Any, ...], position: int) -> Any:
    """The gradient of a scalar function by central differences of order four."""
    point = np.asarray(arguments[position], dtype=float)
    result = np.zeros_like(point)
    for index in np.ndindex(point.shape):

        def value(step: float, index: tuple[int, ...] = index) -> float:
            moved = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
            shifted = point.copy()
            shifted[index] += step
            moved[position] = shifted if point.ndim else float(shifted)
            return float(f(*moved))

        wide = (value(2e-3) - value(-2e-3)) / 4e-3
        near = (value(1e-3) - value(-1e-3)) / 2e-3
        result[index] = (4 * near - wide) / 3
    return result


def check(f: Callable[..., Any], *arguments: Any) -> None:
    """Gradients of a scalar function in both modes, for each argument of floats."""
    for position, argument in enumerate(arguments):
        if not trees.is_number(argument):
            continue
        kept = [np.copy(a) for a in arguments]
        expected = difference(f, arguments, position)
        np.testing.assert_allclose(grad(f, position)(*arguments), expected, rtol=1e-8, atol=1e-8)
        rng = np.random.default_rng(position)
        direction = rng.normal(size=expected.shape) if expected.ndim else float(rng.normal())
        value, tangent = jvp(f, position)(*arguments, seed=direction)
        np.testing.assert_allclose(tangent, np.sum(expected * direction), rtol=1e-8, atol=1e-8)
        for now, before in zip(arguments, kept, strict=True):
            np.testing.assert_array_equal(now, before)
        assert value == pytest.approx(f(*[np.copy(a) if np.ndim(a) else a for a in arguments]))


# -- broadcasting and reductions ------------------------------------------------------------------


def softmax(x, w):
    e = np.exp(x - np.max(x))
    return np.sum(e / np.sum(e) * w)


def normalised_rows(x, w):
    y = x / x.sum(axis=1, keepdims=True)
    return np.sum(y * y * w)


def unit_vector(x, w):
    return np.dot(x / np.sqrt(np.sum(x * x)), w)


def gaussian(x, mean, spread):
    z = (x - mean) / spread
    return np.sum(-0.5 * z * z - np.log(spread) - 0.5 * np.log(2 * np.pi))


@pytest.mark.parametrize(
    ("f", "arguments"),
    [
        (softmax, (X, np.arange(4.0))),
        (normalised_rows, (MATRIX, np.array([1.0, -2.0, 0.5]))),
        (unit_vector, (X, np.arange(4.0))),
        (gaussian, (MATRIX, np.array([0.1, 0.4, 0.2]), 0.7)),
        (gaussian, (MATRIX, 0.3, np.array([[0.5], [0.9]]))),
        (gaussian, (X, np.array([0.2]), np.array([1.5]))),
    ],
)
def test_broadcasting(f: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    check(f, *arguments)


# -- aliases, views, copies -----------------------------------------------------------------------


def written_alias(x, s):
    y = x
    y[0] = s * y[1]
    return np.sum(x * x) + y[0]


def written_view(x, s):
    y = np.sin(x)
    v = y[1:]
    v[0] = s * x[0]
    return np.sum(y * y * x)


def written_view_of_argument(x, s):
    v = x[1:][::-1]
    v[0] *= s
    return np.sum(x * x * x)


def written_transpose(x, s):
    t = x.T
    t[0] = s * t[1, 0]
    return np.sum(x * x)


def accumulated(x, s):
    y = np.zeros(4)
    for i in range(4):
        y[i] += x[i] * s
        y[i - 1] += x[i] * y[i]
    return np.sum(y * y)


def repeated_index(x, s):
    y = x[[0, 0, 2]]
    return np.sum(y * y * y) * s


def repeated_store(x, s):
    y = x * s
    y[[0, 0, 2]] = x[[1, 2, 3]]
    y[[1, 1]] += x[0]
    return np.sum(y * y)


def multiplied_copy(x, s):
    y = x * 1.0
    y[0] = s
    return np.sum(y * y) + x[0] ** 3


def added_copy(x, s):
    y = x + 0.0
    y *= s
    return np.sum(y * x)


def swapped(x, s):
    a = np.sin(x)
    b = np.zeros(4)
    for _ in range(3):
        b[1:-1] = (a[:-2] + a[2:]) * s
        a, b = b, a
    return np.sum(a * a) + np.sum(b)


@pytest.mark.parametrize(
    "f",
    [
        written_alias, written_view, written_view_of_argument, accumulated, repeated_index, repeated_store,
        multiplied_copy, added_copy, swapped,
    ],
)  # fmt: skip
def test_aliases(f: Callable[..., Any]) -> None:
    check(f, X, 0.8)


def test_written_transpose() -> None:
    check(written_transpose, MATRIX, 0.8)


def fresh_result_of_a_written_array(x, s):
    y = x + 0.0
    x[1] = s
    return np.sum(y * y)


def broadcast_then_written(x, s):
    y = s - np.zeros(4)
    y[y > 0.5] += x[0]
    return np.sum(y * y)


def arrays_in_a_tuple(x, s):
    pair = (x * 2.0, s * s)
    pair[0][1] += x[0] * pair[1]
    kept = (pair, x)
    kept[0][0][2] = s
    return np.sum(kept[0][0] * kept[1]) * pair[1]


@pytest.mark.parametrize(
    "f", [fresh_result_of_a_written_array, broadcast_then_written, arrays_in_a_tuple]
)
def test_aliases_found_by_random_programs(f: Callable[..., Any]) -> None:
    check(f, X, 0.8)


def test_second_order_through_a_container_of_adjoints() -> None:
    def f(x, t):
        return np.sum(np.sin(t[0] * x[0]))

    x, t = MATRIX, (0.4,)
    gradient = grad(f, (0, 1))
    seed = (np.ones((2, 3)), (0.3,))
    _, forward = jvp(gradient, (0, 1))(x, t, seed=seed)
    _, reverse = vjp(gradient, (0, 1))(x, t, seed=seed)
    np.testing.assert_allclose(reverse[0], forward[0], rtol=1e-12)
    np.testing.assert_allclose(reverse[1][0], forward[1][0], rtol=1e-12)
    assert np.any(reverse[0] != 0.0)


# -- control and inactive data --------------------------------------------------------------------


def quiet(x, s):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, x * s, 0.0)
        z = y / (1.0 + y * y)
    return np.sum(z * x)


def inactive_factor(x, s):
    weights = np.zeros(4)
    total = 0.0
    for i in range(4):
        weights[i % 2] = i + 1.0
        total = total + x[i] * weights[i % 2] * s
    return total * total


def changed_index(x, s):
    chosen = [0, 2]
    y = x[chosen] * s
    chosen.append(3)
    return np.sum(y * y)


def overwritten_in_a_branch(x, s):
    y = x * x
    if s > 0.5:
        x[1:] += np.ones(3)
    return np.sum(y) * s


def early_return(x, s):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] * x[i]
        if total > 1.0:
            return total * s
    return total


@pytest.mark.parametrize(
    "f", [quiet, inactive_factor, changed_index, overwritten_in_a_branch, early_return]
)
def test_control(f: Callable[..., Any]) -> None:
    check(f, X, 0.8)


# -- which function is meant ----------------------------------------------------------------------


def module(name: str, text: str) -> dict[str, Any]:
    """A module made of text that `inspect` can read back."""
    file = f"<{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope: dict[str, Any] = {"__name__": name}
    exec(compile(text, file, "exec"), scope)
    return scope


def test_helpers_of_the_same_name_in_two_modules() -> None:
    first = module("first", "def helper(x):\n    return x * x\n\ndef f(x):\n    return helper(x)\n")
    second = module("second", "def helper(x):\n    return 5.0 * x\n")
    namespace = module("third", "def h(x):\n    return f(x) * 2.0 + helper(x)\n")
    f = first["f"]
    namespace.update(f=f, helper=second["helper"])
    assert grad(namespace["h"])(3.0) == pytest.approx(4.0 * 3.0 + 5.0)
    assert grad(f)(3.0) == pytest.approx(6.0)
    assert grad(second["helper"])(3.0) == pytest.approx(5.0)


def scaled_by(factor: float) -> Callable[[float], float]:
    def f(x):
        return factor * x * x

    return f


def test_two_closures_of_one_factory() -> None:
    assert grad(scaled_by(2.0))(3.0) == pytest.approx(12.0)
    assert grad(scaled_by(5.0))(3.0) == pytest.approx(30.0)
    two, five = scaled_by(2.0), scaled_by(5.0)

    def both(x):
        return two(x) + five(x)

    assert grad(both)(3.0) == pytest.approx(42.0)


def doubled(function):
    @functools.wraps(function)
    def wrapper(x, y):
        return 2.0 * function(x, y)

    return wrapper


def tripled(function):
    @functools.wraps(function)
    def wrapper(*args):
        return 3.0 * function(*args)

    return wrapper


@doubled
def decorated(x, y):
    return x * x * y


@tripled
def decorated_with_stars(x, y):
    return x * x * y


def test_decorated_function() -> None:
    assert grad(decorated, (0, 1))(3.0, 0.5) == pytest.approx((6.0, 18.0))
    assert jvp(decorated)(3.0, 0.5, seed=1.0) == pytest.approx((9.0, 6.0))


def test_decorated_function_with_stars() -> None:
    assert grad(decorated_with_stars, (0, 1))(3.0, 0.5) == pytest.approx((9.0, 27.0))
    assert jvp(decorated_with_stars)(3.0, 0.5, seed=1.0) == pytest.approx((13.5, 9.0))


def uses_global(x):
    return SCALE * x * x


def test_global_changed_between_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    df = grad(uses_global)
    assert df(2.0) == pytest.approx(12.0)
    monkeypatch.setitem(uses_global.__globals__, "SCALE", 5.0)
    assert df(2.0) == pytest.approx(20.0)


def test_global_array_changed_in_place() -> None:
    scope = module("weighted", "def f(x):\n    return (x * w).sum()\n")
    scope["w"] = np.array([1.0, 2.0])
    df = grad(scope["f"])
    np.testing.assert_array_equal(df(np.ones(2)), [1.0, 2.0])
    scope["w"][0] = 7.0
    np.testing.assert_array_equal(df(np.ones(2)), [7.0, 2.0])


def test_closure_cell_changed_between_calls() -> None:
    factor = 2.0

    def f(x):
        return factor * x

    df = grad(f)
    assert df(1.0) == pytest.approx(2.0)
    factor = 7.0
    assert df(1.0) == pytest.approx(7.0)


def test_function_redefined_under_the_same_name() -> None:
    first = module("again", "def f(x):\n    return x * x\n")["f"]
    assert grad(first)(3.0) == pytest.approx(6.0)
    second = module("again", "def f(x):\n    return x * x * x\n")["f"]
    assert grad(second)(3.0) == pytest.approx(27.0)


def test_callee_redefined_under_the_same_name() -> None:
    scope = module("callee", "def helper(x):\n    return x * x\n\ndef f(x):\n    return helper(x)\n")
    df = grad(scope["f"])
    assert df(3.0) == pytest.approx(6.0)
    scope["helper"] = module("callee_2", "def helper(x):\n    return 4.0 * x\n")["helper"]
    assert df(3.0) == pytest.approx(4.0)


def test_lambda_among_several_on_a_line() -> None:
    square, cube, shifted = lambda x: x * x, lambda x: x * x * x, lambda x: (x + 1.0) * x
    assert [grad(f)(2.0) for f in (square, cube, shifted)] == pytest.approx([4.0, 12.0, 5.0])


def test_seed_is_left_alone() -> None:
    def copied(x):
        y = x * 1.0
        y[0] = 2.0
        return y

    seed = np.ones(4)
    _, adjoint = vjp(copied)(X, seed=seed)
    np.testing.assert_array_equal(seed, np.ones(4))
    np.testing.assert_array_equal(adjoint, [0.0, 1.0, 1.0, 1.0])
    adjoint[1] = 9.0
    np.testing.assert_array_equal(seed, np.ones(4))


def rebuilt_in_nested_loops(x):
    for _ in range(1):
        for _ in range(1):
            h = np.sin(x)
            u = h * h[:]
    return np.sum(np.sin(u))


def test_an_array_written_after_it_was_made_is_not_made_again() -> None:
    """Its kind is not known, so that the arithmetic that made it looked like that of a number."""
    gradient = grad(rebuilt_in_nested_loops)
    seed, step = np.array([0.3, -0.5, 0.7]), 1e-6
    x = np.array([0.888, -1.153, 0.691])
    _, found = vjp(gradient)(x, seed=seed)
    expected = [
        seed @ (gradient(x + step * unit) - gradient(x - step * unit)) / (2 * step)
        for unit in np.eye(3)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def written_by_a_call(x, h):
    h[...] -= h
    return x


def test_what_is_updated_is_read_before_the_value() -> None:
    """`a[i] op= f(a)` takes `a[i]` first, then calls `f`, which may write into `a`."""

    def updated(x):
        h = x * 2.0
        h[0] *= written_by_a_call(x[1], h)
        return h[0] + h[1]

    check(updated, X)


def bound_again(x, h):
    e = np.ones(3)
    return x * sum([2.0 * h for h in e])


def test_a_comprehension_has_variables_of_its_own() -> None:
    def called(x):
        return bound_again(x[0], 0.5) * x[1]

    check(called, X)


def spread_and_stored(x):
    y = np.minimum(x, x) - x[1] * x
    return np.sum(y)


def test_an_adjoint_that_is_spread_and_then_written_is_no_constant() -> None:
    _, adjoint = vjp(spread_and_stored)(X, seed=1.0)
    expected = 1.0 - X[1] * np.ones(4)
    expected[1] -= np.sum(X)
    np.testing.assert_allclose(adjoint, expected)


def repeated_array(x):
    v = [np.ones(4)] * 3
    v[0][:] = x
    return v


def test_repeated_arrays_are_one_array() -> None:
    _, tangents = jvp(repeated_array)(X, seed=X)
    for tangent in tangents:
        np.testing.assert_array_equal(tangent, X)


def a_number_kept_in_a_list(x, q=0.7):
    kept = [q for _ in range(3)]
    k = 0
    while k < 2:
        q += x[2]
        kept[0] = kept[0] + q * x[1]
        k += 1
    return kept[0] * kept[1]


def test_a_parameter_that_is_not_differentiated_may_change() -> None:
    check(a_number_kept_in_a_list, X)


def test_a_function_sees_what_a_variable_holds_when_it_is_called() -> None:
    def rebound(x):
        k = 1.0

        def factor():
            return k

        k = 3.0
        return x * factor()

    def bound_later(x):
        def factor():
            return k

        k = 3.0
        return x * factor()

    def handed_on(x):
        k = 1.0

        def by(v):
            return v * k

        k = -3.0
        return x * sorted([1.0, 2.0], key=by)[0]

    with pytest.raises(UnsupportedError, match="`k` is assigned again"):
        grad(handed_on)(2.0)
    assert grad(rebound)(2.0) == grad(bound_later)(2.0) == 3.0


def product(x):
    items = [x, x + 1.0, x + 2.0]
    total = items[0]
    for i in range(1, len(items)):
        total = total * items[i]
    return total


def scaled(x, rate=1.5):
    for _ in range(2):
        rate = rate * x
    return rate


def test_a_default_that_is_assigned_again_is_where_it_begins() -> None:
    """The seed of a gradient is such a parameter, once its name has been given to an adjoint."""
    np.testing.assert_allclose(grad(grad(product))(1.7), 6 * 1.7 + 6)
    np.testing.assert_allclose(jvp(grad(product))(1.7, seed=1.0)[1], 6 * 1.7 + 6)

    def called(x):
        return grad(scaled)(x)

    np.testing.assert_allclose(grad(called)(1.7), 3.0)


def a_view_of_a_list_that_grows(x):
    kept = [x for _ in range(3)]
    kept[0][1] *= 0.5
    for value in kept[-1]:  # noqa: B007
        kept.append(kept[0][::-1])
    return value * kept[0][1]


def test_the_last_item_of_a_list_is_another_one_once_it_grows() -> None:
    check(a_view_of_a_list_that_grows, X)


class Holder:
    def __init__(self) -> None:
        self.values = np.zeros(3)


def into_an_object(x, holder):
    holder.values[0] += x
    return holder.values.sum()


def into_an_object_by_a_call(x, holder):
    np.add.at(holder.values, 0, x)
    return holder.values.sum()


@pytest.mark.parametrize("function", [into_an_object, into_an_object_by_a_call])
def test_what_is_written_into_an_object_comes_back(function) -> None:
    holder = Holder()
    assert jvp(function)(2.0, holder, seed=1.0)[1] == 1.0
    assert vjp(function)(2.0, holder, seed=1.0)[1] == 1.0
    assert holder.values.tolist() == [0.0, 0.0, 0.0]


HOLDER = Holder()


def into_a_free_object(x):
    HOLDER.values[0] += x
    return HOLDER.values.sum()


@pytest.mark.parametrize("mode", [jvp, vjp])
def test_a_free_object_has_no_adjoint(mode) -> None:
    with pytest.raises(UnsupportedError):
        mode(into_a_free_object)(2.0, seed=1.0)


def test_variables_outside_are_not_assigned() -> None:
    def counting(x):
        global COUNT
        COUNT = 3
        return x * counted()

    with pytest.raises(UnsupportedError, match="a variable outside the function is assigned"):
        grad(counting)(2.0)


COUNT = 1


def counted():
    return COUNT


def overwritten(x, h):
    h[...] = x
    return x


def test_what_is_updated_is_read_before_statements_that_the_value_hides() -> None:
    def updated(x):
        p = x * 1.0
        p[1] += overwritten(x[0], p) + sum([h * h for h in p])
        return p[1] * x[2] + p[0]

    check(updated, X)


def in_one_of_several_targets(x, r):
    r[0][1], r[0][2] = 2.0, 0.5
    return x


def as_the_target_of_a_loop(x, r):
    for r[0][1] in (5.0, 7.0):
        pass
    return x


def as_the_target_of_a_manager(x, r):
    with contextlib.nullcontext(3.0) as r[0][1]:
        pass
    return x


def in_a_statement_kept_whole(x, r):
    try:
        r[0][1] = 5.0
    except IndexError:
        r[0][0] = 4.0
    return x


@pytest.mark.parametrize("mode", [jvp, vjp])
@pytest.mark.parametrize(
    "function",
    [in_one_of_several_targets, as_the_target_of_a_loop, as_the_target_of_a_manager, in_a_statement_kept_whole],
)
def test_what_arguments_hold_is_left_alone(function, mode) -> None:
    held = [np.arange(3.0)]
    mode(function)(2.0, held, seed=1.0)
    assert held[0].tolist() == [0.0, 1.0, 2.0]


def left_early(x):
    pairs = zip([0, 1], [2, 0], strict=True)
    total = 0.0
    for i, _ in pairs:
        total = total + x[i]
        break
    for i, _ in pairs:
        total = total + x[i] ** 3
    return total


def test_an_iterator_that_a_loop_leaves_early() -> None:
    """The reverse sweep listed all of it, so that nothing was left for the second loop."""
    assert jvp(left_early)(X, seed=np.ones(4))[0] == vjp(left_early)(X, seed=1.0)[0] == left_early(X)
    check_derivative(left_early, X)


def test_what_is_updated_is_read_before_the_value_binds_it_anew() -> None:
    def updated(x):
        y = x[0]
        y += (y := x[1] * 2.0) * x[2]
        return y * x[3]

    def counted_up(x):
        total = x[0]

        def step():
            nonlocal total
            total = total * x[1]
            return total

        total += step()
        total += step() * step()
        return total

    check(updated, X)
    check(counted_up, X)


def shifted(h):
    h[-2] += 0.5
    return np.square(h)


def test_operands_are_evaluated_before_a_later_one_writes() -> None:
    def displayed(x):
        e = np.arange(4) * 0.3
        parts = [x, e - 0.25, shifted(e)]
        return np.sum(parts[0] * parts[1] * parts[2])

    def added(x, k):
        e = np.arange(4) * 0.3
        return np.sum((e - k) * x[0] + shifted(e) * x)

    def handed(x, k):
        e = np.arange(4) * 0.3
        return np.sum(np.add(e * k, shifted(e)) * np.where(e - k > 0.1, x, 1.0))

    check(displayed, X)
    check(added, X, 2.0)
    check(handed, X, -2.0)


def test_the_place_that_is_updated_is_found_before_the_value_changes_what_it_means() -> None:
    def index_bound_anew(x):
        i = 0
        y = x * 2.0
        y[i] += (i := 1) * y[2]
        return np.sum(y * y) + i

    def array_bound_anew(x, r):
        y = x * 1.0
        kept = y
        places = np.array([0, 1, 2])

        def step():
            nonlocal y
            y = y * r
            places[0] = 2
            return np.sum(y)

        y[places[0]] += step()
        y[places[0] :] *= step()
        return np.sum(x * y * kept)

    check(index_bound_anew, X)
    check(array_bound_anew, X, 0.7)


def test_a_list_that_a_loop_has_made_meets_a_number_of_numpy() -> None:
    def joined(x, r):
        for _ in range(2):
            w = [r * x[0], 0.5, 0.5]
        v = w
        return np.sum((v + w[0]) * np.array([1.0, 2.0, 3.0]))

    check(joined, X, 0.7)


def test_kinds_are_known_in_a_gradient_that_is_read_again() -> None:
    """What a loop leaves, what a loop that is left runs over, what `np.add.at` is given, weights of a store."""

    def left_early(x):
        for row in range(4):
            c = x[row : row + 1]
            c[:] *= x[0]
            if row == 2:
                break
        return np.sum(x[row] * c) + np.sum(x)

    def added_at(x, t):
        np.add.at(t["w"], [2, 0, 0], x[[1, 0, 1]])
        x[:3] = t["w"] - 1.0
        return np.sum(x * x)

    def stored_twice(x):
        z = [(x[3] if x[1] < x[2] else 3)]
        x[[1, 2, 1]] = math.exp(-(z[-1] ** 2))
        return np.sum(x * x) * z[0]

    for f, arguments in ((left_early, ()), (added_at, ({"w": np.array([0.5, 1.0, 2.0])},)), (stored_twice, ())):
        df = grad(f)
        for position in range(4):
            step = 1e-6 * np.eye(4)[position]
            far, near = (df((X + sign * step).copy(), *copy.deepcopy(arguments)) for sign in (1, -1))
            seed = np.eye(4)[position]
            found = jvp(df)(X.copy(), *copy.deepcopy(arguments), seed=seed)[1]
            np.testing.assert_allclose(found, (far - near) / 2e-6, rtol=1e-5, atol=1e-7)
            found = vjp(df)(X.copy(), *copy.deepcopy(arguments), seed=seed)[1]
            np.testing.assert_allclose(found, (far - near) / 2e-6, rtol=1e-5, atol=1e-7)


def test_the_items_of_a_repeated_list_are_one_array() -> None:
    def repeated(x, r):
        y = x * r
        z, w, u = [y / 1.5] * 2, [y] * 3, [np.zeros(4)] * 2
        y[0] = 2.0 * r
        z[0][1] = z[1][0] * r
        w[2][2] *= x[0]
        u[0] += x
        u[1][0] = r * u[0][1]
        return np.sum(z[0] * z[1]) + np.sum(w[0] * w[1]) + np.sum(u[0] * u[1])

    def rows(x, r):
        table = [[x[0] * r] * 2] * 3
        table[0][1] = table[1][0] * r
        table[2] = [x[1], r]
        pairs = (x * 1.0, x * r) * 2
        pairs[2][0] = pairs[3][1]
        return table[1][1] * table[0][1] * table[2][0] + np.sum(pairs[0] * pairs[1])

    check(repeated, X, 0.7)
    check(rows, X, 0.7)


def test_inactive_operands_are_evaluated_before_a_later_call_writes() -> None:
    def compared(x):
        e = x * 1.0

        def helper():
            e[0] = 5.0
            return -2.0

        n = e[0] > helper()
        return np.sum(e) * (2.0 if n else 3.0)

    def measured(x):
        e = [x[0], x[1], x[2]]
        n = len(e) * (e.pop() < 0.0) + len(e)
        s = str(len(e)) + str(e.pop() > 9.0)[:1] + str(len(e))
        return (n + 10 * int(s[0]) + int(s[-1])) * x[1] * e[0]

    def counted(x):
        n = 0

        def bump():
            nonlocal n
            n += 1
            return x[0] > -9.0

        k = n * 5 + bump() * n
        m = {"a": n, "b": bump(), n: n}
        return (k + m["a"] * 3 + m["b"] + 10 * m[2]) * x[1]

    def short_of_an_end(x):
        e = [x[0], x[1], x[2]]
        n = 2 > len(e) > (e.pop() > 0.0)
        return (n + 1) * len(e) * x[0]

    for program in (compared, measured, counted, short_of_an_end):
        check(program, X)


def test_what_changes_a_list_is_not_moved_behind_what_measures_it() -> None:
    def popped(x):
        s = [x[0], x[1] * x[2]]
        return s.pop() * len(s + [1])

    def popped_twice(x):
        s = [x[0], x[1] * x[2], x[2]]
        return s.pop() * (len(s + [1]) - 0.5) * s.pop() * len(s + [1, 2])

    check(popped, X)
    check(popped_twice, X)


def test_sizes_that_the_numbers_decide() -> None:
    """The sizes of set operations were claimed where both samples happened to have nothing left."""

    def chosen(x, i, j):
        left = np.setdiff1d(i, j)
        if len(left) == 0:
            return np.sum(x)
        return np.sum(x[left] ** 2)

    def beside(x, i, j):
        return np.sum(x[np.setdiff1d(i, j)] * x[np.setxor1d(i, j)])

    def beside_truths(x, i, j):
        return np.sum(np.setdiff1d(i, j) * 1.0 * x[: len(np.setxor1d(i, j))])

    for f, i, j in [
        (chosen, np.array([0, 1, 2]), np.array([1, 2])),
        (chosen, np.array([1, 2]), np.array([0, 1, 2])),
        (beside, np.array([0, 1, 2]), np.array([1, 2, 3])),
        (beside_truths, np.array([True, False]), np.array([False, False])),
    ]:
        np.testing.assert_allclose(grad(f)(X, i, j), difference(f, (X, i, j), 0), atol=1e-8)


def test_parts_of_an_array_have_sizes_of_their_own() -> None:
    def f(x, n):
        parts = np.array_split(x, n)
        return np.sum(parts[0] * parts[1])

    x = np.array([0.7, -0.4, 1.3])
    np.testing.assert_allclose(grad(f)(x, 2), difference(f, (x, 2), 0), atol=1e-8)


def test_what_is_taken_out_of_a_shadow_and_not_wanted() -> None:
    """The gradient drops the adjoint of an attribute that is replaced; to second order it came back."""

    def f(x, r):
        r.a = np.linspace(0.1, 0.9, 3)
        return (r.a @ x) ** 2

    r = SimpleNamespace(a=np.ones(3))
    check_derivative(grad(f, (0, 1)), np.array([0.3, -0.4, 0.6]), r, wrt=(0, 1))


def test_axes_that_count_from_the_last() -> None:
    """The inverse of an order of axes was sought among the numbers as written: wrong, and seen only by shapes."""

    def method(x):
        return np.sum(x.transpose(-1, 0, 1) * CUBE)

    def function(x, axes=(1, -1, 0)):
        return np.sum(np.transpose(x, axes) * CUBE)

    x = CUBE[::-1] ** 2
    for f in (method, function):
        np.testing.assert_allclose(grad(f)(x), difference(f, (x,), 0), atol=1e-8)
        check_derivative(f, x)


def test_a_partition_leaves_entries_where_numpy_leaves_them() -> None:
    """The places were those of `np.argpartition`, which leaves what is on either side in another order."""
    x = np.cos(np.arange(400.0) ** 2)
    weights = np.arange(400.0)

    def f(x):
        return np.sum(np.partition(x, 7) * weights)

    expected = np.zeros(400)
    expected[np.argsort(x)] = weights[np.argsort(np.partition(x, 7))]
    value, gradient = vjp(f)(x, seed=1.0)
    assert value == f(x)
    np.testing.assert_array_equal(gradient, expected)


def test_an_array_in_a_list_that_is_added_to() -> None:
    """`y[0] += x` was taken to change the list alone: what read the array by its own name, nested, gave zeros."""

    def f(x):
        u = np.zeros_like(x)
        y = [u]
        y[-1] += x
        return np.sum(np.sin(np.cos(u)))

    def g(x):
        u = np.zeros_like(x)
        box = SimpleNamespace(u=u)
        pair = {"a": (u, 1.0)}
        box.u += x
        pair["a"][0][1] *= x[0]
        return np.sum(np.sin(np.cos(u)))

    x = np.array([0.3, -0.4, 0.6])
    for function in (f, g):
        assert grad(function)(x).any()
        check_derivative(function, x)
        check_derivative(grad(function), x)


def test_a_try_that_only_raises() -> None:
    """What follows a `raise` is dead, but the mark that ends the attempt is not: a crash."""

    def f(x, p):
        try:
            raise ValueError
        except ValueError:
            unused = p
        return x * x

    check_derivative(f, 0.7, np.ones(3))
    assert "raise ValueError" in vjp(f).source_for(0.7, np.ones(3), seed=1.0)


def test_lists_of_containers_that_are_joined() -> None:
    """Where a list came out of another one, `a + b` was taken for arithmetic, and what its items get was removed."""

    def slices(points):
        lower = [(p[0], p[1]) for p in points]
        hull = lower[:-1] + lower[1:]
        area = 0.0
        for i in range(len(hull)):
            x1, y1 = hull[i]
            x2, y2 = hull[(i + 1) % len(hull)]
            area += x1 * y2 - x2 * x2 * y1
        return area

    def twice(points):
        lower = []
        for p in points:
            lower.append([p[0], p[1]])
        hull = lower + lower
        hull[0][1] *= points[1][0]
        return hull[3][1] * hull[1][0]

    def taken(points):
        groups = {"a": [[points[0][0], points[0][1]]], "b": [points[1], points[2]]}
        hull = groups.get("a") + groups.pop("b")
        hull[0][1] *= points[0][0]
        return hull[0][1] * groups["a"][0][1] * hull[1][0] * hull[2][1]

    points = [[0.3, 0.8], [2.0, 0.1], [2.2, 1.9]]
    for function in (slices, twice, taken):
        assert any(map(any, grad(function)(points)))
        check_derivative(function, points)
        check_derivative(grad(function), points)


def test_what_is_written_through_joined_lists_stays() -> None:
    """Where a list came out of another one, `a + b` was taken for arithmetic, and stores into its items went."""

    def constant(x):
        groups = [[[1.0, 2.0]], [[3.0, 4.0]]]
        groups[0].append([5.0, 6.0])
        a, b = groups[0], groups[1]
        hull = a + b
        hull[0][0] = 7.0
        return x * x * groups[0][0][0]

    def slices(x):
        lower = []
        for i in range(3):
            lower.append([1.0 * i, 2.0])
        hull = lower[:-1] + lower[1:]
        hull[0][1] = 7.0
        hull[1][1] *= x
        return x * x * lower[0][1] * lower[1][1]

    def argument(x, c=([[1.0]], [[2.0]])):
        held = [[[1.0 * v for v in row] for row in part] for part in c]
        hull = held[0] + held[1]
        hull[0][0] = 7.0
        hull[1][0] *= x
        return x * held[0][0][0] * held[1][0][0]

    for function in (constant, slices, argument):
        assert vjp(function, 0)(0.7, seed=1.0)[0] == jvp(function, 0)(0.7, seed=1.0)[0] == function(0.7)
        check_derivative(function, 0.7, wrt=0)


# -- found by random programs ---------------------------------------------------------------------


def tangents_that_are_spread(x):
    weights, u = [np.array([0.5, 1.5]), 2.0], x[0]
    for i in range(2):
        u = u * weights[0][i]
        sorted([1, 0], key=lambda k: weights[0].put(k, 0.7) or k)
    _, c = (4, np.ones((2, 4)) + u)
    c.T[0] += c[:, 1]
    return c


def reversed_in_a_variable(x):
    back = reversed(x)
    items = list(back)
    return items[0] * items[1]


def mapped_constants(x):
    u, v = map(np.cos, (1.5, 3.0))
    y = u * x[0]

    def odd(n):
        return y * v

    return odd(1)


def smallest_of_pairs(x, p):
    y = x[0]
    for row in p:
        if 0.5:
            y = min([(y, y), (0.5, row[1])], key=lambda pair: pair)[1]
        else:
            p[1] += 4
    return y


def unpacked_from_a_variable(x):
    a, y = np.ones(3), 1.0
    pairs = zip([a], [1], strict=True)
    ((b, _),) = pairs
    for i in range(3):
        y = np.sin(y * a[0]) * x[i]
        b[0] += 1
    return y


def test_tangents_of_what_is_spread_are_arrays_of_their_own() -> None:
    """The copy of a broadcast tangent had its memory layout: all rows in one place."""
    check_derivative(tangents_that_are_spread, X)


def test_an_iterator_of_what_varies_varies() -> None:
    """It is no float itself: what was listed from it had the tangent zero."""
    with pytest.raises(UnsupportedError, match="`reversed` of values to be differentiated has no derivative rule"):
        jvp(reversed_in_a_variable)(X, seed=X)


@pytest.mark.parametrize("function", [mapped_constants, unpacked_from_a_variable])
def test_iterators_without_a_length_are_unpacked(function: Callable[..., Any]) -> None:
    check(function, X)


def test_shadows_of_constants_on_a_tape() -> None:
    gradient = grad(smallest_of_pairs)
    p = np.array([[0.5, 0.9, 1.0], [0.7, 1.3, 2.0]])
    check_derivative(gradient, X, p)
    np.testing.assert_array_equal(vjp(gradient)(X, p, seed=X)[1], np.zeros(4))


def pivoted_rows(x):
    rows = [[x[0], 1.0, x[1]], [x[2], x[3], 2.0]]
    k = max(range(2), key=lambda i: abs(rows[i][0]))
    rows[0], rows[k] = rows[k], rows[0]
    factor = rows[1][0] / rows[0][0]
    rows[1] = [b - factor * a for a, b in zip(rows[0], rows[1], strict=True)]
    y = rows[1][2] / rows[1][1]
    return (rows[0][2] - rows[0][1] * y) / rows[0][0] + y


def swapped_by_key(x):
    rows = {"a": [x[0], x[1]], "b": [x[2], x[3]]}
    k = max(rows, key=lambda i: rows[i][0])
    rows["a"], rows[k] = rows[k], rows["a"]
    return rows["a"][0] * 3 + rows["b"][1]


def moved_to_the_front(x):
    rows = [[x[0], x[1]], [x[2], x[3]]]
    k = max(range(2), key=lambda i: rows[i][0])
    rows.insert(0, rows.pop(k))
    return rows[0][0] * 3 + rows[1][1] * x[0]


def appended_rows(x):
    first, second = [x[0], x[1]], [x[2], x[3]]
    rows = []
    rows.append(first)
    rows.append(second)
    k = max(range(2), key=lambda i: rows[i][0])
    rows[0], rows[k] = rows[k], rows[0]
    return rows[0][0] * 3 + rows[1][1] + first[0] * second[1]


def stored_rows(x):
    rows = {}
    for i in range(2):
        rows[i] = [x[2 * i], x[2 * i + 1]]
    k = max(rows, key=lambda i: rows[i][0])
    rows[0], rows[k] = rows[k], rows[0]
    return rows[0][0] * 3 + rows[1][1]


ROWS = [pivoted_rows, swapped_by_key, moved_to_the_front, appended_rows, stored_rows]


@pytest.mark.parametrize("function", ROWS)
def test_rows_that_are_not_known_to_be_lists_keep_their_shadows(function: Callable[..., Any]) -> None:
    """After a call of which little is known their kinds are lost: the swap gave their shadows away."""
    check_derivative(function, X)


def dicts_that_change_places(x):
    rows = {"a": {"u": x[0]}, "b": {"u": x[2]}}
    k = max(["a", "b"], key=lambda i: rows[i]["u"])
    rows["a"], rows[k] = rows[k], rows["a"]
    return rows["a"]["u"] * 3 + rows["b"]["u"] ** 2


def test_tangents_of_shadows_are_put_back_with_them() -> None:
    gradient, step = grad(dicts_that_change_places), 1e-5
    _, found = jvp(gradient)(X, seed=np.ones(4))
    expected = (gradient(X + step) - gradient(X - step)) / (2 * step)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7)


class Stepper:
    def __init__(self, k):
        self.k = k

    def go(self):
        self.k += 1
        return self.k


def raised(t):
    t[0] += 1.0
    return 2.0


def displayed(x, t):
    return [t * t, (t[0], t * 3.0), raised(t), t * 2.0], x * t


def shown_items(x, t):
    shown = {"first": t * t, "then": (t[1] * 2.0, x * raised(t)), "last": t[0]}
    return shown["first"] * shown["then"][1] + shown["last"]


def updated_slice(x, t):
    step = Stepper(0)
    room = np.array([1.0, 2.0, 3.0, 4.0])
    room[step.k : step.go() + 1] *= x[0]
    room[step.k] += x[1] * step.go()
    return room * x


def indexed_twice(x, t):
    step = Stepper(0)
    room = np.zeros((4, 4))
    room[step.k, step.go()] += x[0]
    room[step.go(), step.k] = step.k * x[1]
    return room @ x


def stored_number(x, t):
    step = Stepper(0)
    room = np.zeros(4)
    room[step.go()] = step.k * 2.0
    return room * x


def zipped(x, t):
    total = 0.0
    for u, v in zip(t * 2.0, [raised(t)] * 4, strict=True):
        total = total + u * v * x[0]
    return total


def zipped_in_order(x, t):
    total = 0.0
    for u, v in zip(reversed(t), [raised(t) * k for k in range(4)], strict=True):
        total = total + u * v * x[0]
    return total + sum(a * b * x[1] for a, b in zip(map(np.sin, t), t * raised(t), strict=True))


def written_in_text(x, t):
    step = Stepper(2)
    text = f"{step.k}{step.go():1d}{step.k}"
    return x * float(text)


IN_ORDER = [
    displayed, shown_items, updated_slice, indexed_twice, stored_number, zipped, zipped_in_order, written_in_text,
]  # fmt: skip


@pytest.mark.parametrize("function", IN_ORDER)
def test_what_comes_first_is_read_before_a_later_call_writes(function: Callable[..., Any]) -> None:
    """What stays in a display, an index or a value was read after the call had become a statement before it."""
    check_derivative(function, X, X[::-1].copy(), wrt=0)
