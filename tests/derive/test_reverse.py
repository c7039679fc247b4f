"""`reverse`: the adjoint of each kind of statement, before any simplification."""

import math

import numpy as np
import pytest

from tests.derive.stages import after, check_gradient, text

X = np.array([1.0, 2.0, 3.0])


def product(x, y):
    return x * y


def square(x):
    return x * x


def chosen(x):
    if x > 1.0:
        y = x * x
    else:
        y = -x
    return y


def one_sided(x):
    y = x * 3.0
    if x > 1.0:
        y = y * x
    return y


def repeated(x, n):
    y = x
    for _ in range(n):
        y = math.sin(y)
    return y


def exits(x, n):
    y = x
    for _ in range(n):
        y = y * x
        if y > 5.0:
            break
    return y


def guarded(x):
    with np.errstate(all="ignore"):
        y = np.log(x)
    return np.sum(y)


def zipped(x, y):
    total = 0.0
    for a, b in zip([1.0, 2.0], (3.0, 4.0), strict=False):
        total = total + x * a * b
    return total


def picked(x, index):
    return np.sum(x[index] * x[index])


def parts(x):
    pair = (x[0] * x[1], {"k": x[2]})
    return pair[0] * pair[1]["k"]


def test_a_product_passes_its_adjoint_on() -> None:
    assert after("derive", product, 2.0, 3.0, wrt=("x", "y")) == text(
        """
        result = x * y
        result_bar = product_bar
        x_bar = result_bar * y
        y_bar = result_bar * x
        return (x_bar, y_bar)
        """
    )


def test_an_operand_that_stands_twice_gets_one_sum() -> None:
    assert "x_bar = result_bar * x + result_bar * x" in after("derive", square, 2.0)


def test_a_branch_is_taken_again() -> None:
    assert after("derive", chosen, 2.0) == text(
        """
        test = x > 1.0
        if test:
            y = x * x
            y_3 = y
        else:
            y_2 = -x
            y_3 = y_2
        y_bar = chosen_bar
        if test:
            y_bar_2 = y_bar
            x_bar = y_bar_2 * x + y_bar_2 * x
            x_bar_3 = x_bar
        else:
            y_bar_3 = y_bar
            x_bar_2 = -y_bar_3
            x_bar_3 = x_bar_2
        return x_bar_3
        """
    )


def test_a_for_loop_is_run_backwards() -> None:
    reverse = after("derive", repeated, 2.0, 3).partition("y_bar = repeated_bar\n")[2]
    assert "for __2 in reversed(range(n)):" in reverse or "in reversed(range(n)):" in reverse
    assert "math.cos(y_2)" in reverse


def test_a_loop_that_may_be_left_is_counted() -> None:
    body = after("derive", exits, 1.5, 9)
    assert "count" in body and "reversed(range(count" in body


def test_a_context_is_kept_around_both_sweeps() -> None:
    assert after("derive", guarded, X).count("with np.errstate(all='ignore'):") == 2


def test_a_fancy_index_accumulates() -> None:
    assert "np.add.at(x_bar" in after("derive", picked, X, np.array([0, 0]))
    assert "np.add.at" not in after("derive", picked, X, 1)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (product, (2.0, 3.0)), (square, (2.0,)), (chosen, (2.0,)), (chosen, (0.5,)),
        (one_sided, (2.0,)), (one_sided, (0.5,)), (repeated, (2.0, 3)), (repeated, (2.0, 0)),
        (exits, (1.5, 9)), (exits, (1.5, 2)), (exits, (1.5, 0)), (guarded, (X,)),
        (zipped, (2.0, 1.0)), (picked, (X, np.array([0, 0, 2]))), (picked, (X, 1)),
        (picked, (X, slice(1, None))), (picked, (X, X > 1.5)), (parts, (X,)),
    ],
)  # fmt: skip
def test_numbers(f, args) -> None:
    check_gradient(f, *args)


def test_a_range_that_may_be_left_is_run_backwards_from_where_it_was_left() -> None:
    def from_somewhere(x, m, n):
        for i in range(m, n):
            x = x * x + i
            if x > 5.0:
                break
        return x

    def downwards(x, n):
        for i in range(n, 0, -1):
            x = x * i
            if x > 5.0:
                break
        return x

    assert "reversed(range(m, m + count" in after("derive", from_somewhere, 1.1, 0, 9)
    assert "range(n, 0, -1)[:count" in after("derive", downwards, 1.1, 3)
    for args in ((1.1, 0, 9), (1.1, 2, 4), (1.1, 4, 2), (0.1, -2, 1)):
        check_gradient(from_somewhere, *args)
    check_gradient(downwards, 1.1, 4)
