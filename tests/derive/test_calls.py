"""`calls`: recursive functions become pairs, one for each kind of argument and choice of active ones."""

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp, value_and_grad, vjp
from tangent_sct.testing import check_derivative


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


def even(x, n):
    return x if n == 0 else odd(x * 2.0, n - 1)


def odd(x, n):
    return even(x * x, n - 1)


def halves(x):
    if len(x) == 1:
        return x[0] * x[0]
    middle = len(x) // 2
    return halves(x[:middle]) * halves(x[middle:])


def both(x, y, n):
    if n == 0:
        return x + y
    return both(x * y, y, n - 1) + both(1.0, y, n - 1)


def tree_sum(tree):
    if tree[1] is None:
        return tree[0]
    return tree[0] * 2.0


def writes(x, n):
    if n == 0:
        return np.sum(x)
    x[0] = x[0] * 2.0
    return writes(x, n - 1)


def pairs(p, n):
    if n == 0:
        return p
    a, b = pairs((p[0] * 2.0, p[1]), n - 1)
    return a * b, b


def nested(d, n):
    if n == 0:
        return d["w"] * d["v"][0]
    return nested({"w": d["w"] * 2.0, "v": [d["v"][1], d["w"]]}, n - 1) + d["v"][1]


def given_a_tuple(x, y):
    a, b = pairs((x, y), 3)
    return a * b


def given_a_dict(x, y):
    return nested({"w": x, "v": [y, x * y]}, 2)


def caller(x, n):
    total = 0.0
    for i in range(n):
        total = total + power(x, i) * power(2.0, i)
    return total


@pytest.mark.parametrize(
    ("f", "args", "wrt"),
    [
        (power, (1.3, 4), 0), (power, (1.3, 0), 0), (even, (1.1, 2), 0), (both, (1.1, 0.7, 3), (0, 1)),
        (both, (1.1, 0.7, 3), 1), (caller, (1.2, 4), 0),
        (given_a_tuple, (1.1, 0.7), (0, 1)), (given_a_dict, (1.1, 0.7), (0, 1)), (given_a_tuple, (1.1, 0.7), 1),
    ],
)  # fmt: skip
def test_numbers(f, args, wrt) -> None:
    check_derivative(f, *args, wrt=wrt)


def test_recursion_on_slices() -> None:
    try:
        check_derivative(halves, np.array([1.0, 2.0, 3.0]))
    except UnsupportedError as error:
        assert error.hint


def test_a_pair_says_what_it_hands_over() -> None:
    text = grad(power).source_for(1.3, 4)
    assert text.index("def power_forward(x, n):") < text.index("def power_backward(saved, power_bar):")
    assert text.index("def power_backward") < text.index("def power_grad(x, n, power_bar=1.0):")
    assert "power_forward(x, n - 1)" in text and "power_backward(result_saved" in text


def test_forward_mode_has_one_function() -> None:
    text = jvp(power).source_for(1.3, 4)
    assert text.count("def ") == 2 and "def power_pushforward(x, n, x_dot):" in text


def test_one_pair_for_each_choice_of_active_arguments() -> None:
    text = grad(both, wrt=(0, 1)).source_for(1.1, 0.7, 3)
    assert text.count("def both_forward") == text.count("def both_backward") == 2


def test_a_call_without_active_arguments_stays_a_call() -> None:
    assert "power(2.0, i)" in grad(caller).source_for(1.2, 4)


def test_second_derivatives_through_recursion() -> None:
    assert jvp(grad(power))(1.3, 4, seed=1.0)[1] == pytest.approx(12 * 1.3**2)
    assert jvp(jvp(power))(1.3, 4, inner_seed=1.0, seed=1.0)[1][1] == pytest.approx(12 * 1.3**2)


def test_reverse_over_reverse_of_recursion_is_refused_or_right() -> None:
    try:
        assert grad(grad(power))(1.3, 4) == pytest.approx(12 * 1.3**2)
    except UnsupportedError as error:
        assert "forward over reverse" in error.hint


def test_a_recursive_function_that_writes_into_its_argument_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="writes into its argument `x`"):
        grad(writes)(np.ones(2), 3)


def test_values_and_seeds_of_a_recursive_function() -> None:
    assert value_and_grad(power)(2.0, 3) == (8.0, 12.0)
    assert vjp(power)(2.0, 3, seed=10.0) == (8.0, 120.0)


# -- recursion over containers and arrays, which writes into nothing that it is given ---------------


def blended(points, t):
    if len(points) == 1:
        return points[0]
    return blended([(1 - t) * p + t * q for p, q in zip(points[:-1], points[1:], strict=True)], t)


def test_what_a_function_builds_for_itself_is_not_its_argument():
    points = [np.array([0.0, 1.0]), np.array([2.0, -1.0]), np.array([1.0, 0.5])]
    check_derivative(blended, points, 0.3)


def emptied(counts, n):
    if n == 0:
        return 0
    counts[n] = n * 2.0
    return emptied(counts, n - 1)


def after_a_recursive_write(x, counts):
    y = x * counts
    emptied(counts, 2)
    return np.sum(y * counts * x)


def test_a_recursive_function_that_writes_is_known_to():
    check_derivative(after_a_recursive_write, np.arange(1.0, 4.0), np.ones(3), wrt=0)


def given_back(x, n):
    if n == 0:
        return x
    y = x * 2.0
    y[0] = 1.0
    return given_back(y, n - 1)


def written_afterwards(x, n):
    z = given_back(x, n)
    z[1] = x[0] * x[0]
    return np.sum(z * x * z)


@pytest.mark.parametrize("n", [0, 1])
def test_what_may_be_the_argument_is_not_written_into(n):
    x = np.arange(1.0, 4.0)
    for derivative in (grad(written_afterwards), lambda *args: jvp(written_afterwards)(*args, seed=x)):
        with pytest.raises(UnsupportedError, match="may share memory with"):
            derivative(x.copy(), n)
