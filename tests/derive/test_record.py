"""`record`: what a reversed loop reads is computed again or taped, and nothing else is."""

import math

import numpy as np
import pytest

from tests.derive.stages import after, check_gradient, text

X = np.array([1.0, 2.0, 3.0])


def repeated(x, n):
    y = x
    for _ in range(n):
        y = math.sin(y)
    return y


def linear(x, n):
    y = x
    for _ in range(n):
        y = y * 2.0 - x
    return y


def factors(x, n):
    y = x
    for i in range(n):
        t = i * 2.0 + 1.0
        y = y * t
    return y


def counted(x):
    while x < 10.0:
        x = x * x
    return x


def nested(x, n):
    y = x
    for i in range(n):
        for _ in range(i):
            y = y * math.cos(y)
        y = y * x
    return y


def branches(x, n):
    y = x
    for _ in range(n):
        if y > 1.0:
            y = y * 0.5
        else:
            y = y * y + x
    return y


def used_after(x, n):
    y = x
    for _ in range(n):
        z = y * x
        y = z * z
    return y * z


def stored(x, n):
    y = x * 1.0
    for i in range(n):
        y[i + 1] = y[i] * y[i + 1]
    return np.sum(y)


def test_a_tape_holds_what_one_iteration_needs() -> None:
    assert after("record", repeated, 2.0, 3) == text(
        """
        y = x
        y_2 = y
        y_tape = []
        for _ in range(n):
            y_tape.append(y_2)
            y_3 = math.sin(y_2)
            y_2 = y_3
        y_bar = repeated_bar
        y_bar_2 = y_bar
        y_bar_3 = y_bar_2
        for _ in reversed(range(n)):
            y_bar_4 = y_bar_3
            y_5 = y_tape.pop()
            y_bar_5 = y_bar_4 * math.cos(y_5)
            y_bar_3 = y_bar_5
        y_bar_6 = y_bar_3
        y_bar_7 = y_bar_6
        x_bar = y_bar_7
        return x_bar
        """
    )


def test_nothing_is_recorded_in_a_linear_loop() -> None:
    assert "tape" not in after("record", linear, 2.0, 3)


def test_what_is_cheap_and_depends_on_the_index_alone_is_computed_again() -> None:
    body = after("record", factors, 2.0, 3)
    assert "tape" not in body
    assert body.count("* 2.0 + 1.0") >= 1


def test_a_while_loop_is_counted() -> None:
    body = after("record", counted, 2.0)
    assert "count = 0" in body and "for _ in range(count_4):" in body
    assert body.count("_tape = []") == 1


def test_a_condition_is_computed_again_from_what_is_taped() -> None:
    body = after("record", branches, 2.0, 3)
    assert body.count("_tape = []") == 1


def test_pushes_and_pops_are_paired() -> None:
    for f, args in ((nested, (0.5, 3)), (used_after, (1.1, 2)), (stored, (X, 2))):
        body = after("record", f, *args)
        assert body.count(".append(") == body.count(".pop()") > 0


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("f", [repeated, linear, factors, nested, branches])
def test_numbers(f, n) -> None:
    check_gradient(f, 0.8, n)


def test_numbers_of_other_loops() -> None:
    check_gradient(counted, 1.5)
    check_gradient(used_after, 1.1, 2)
    check_gradient(stored, X, 2)


def test_an_update_written_out_passes_on_no_adjoint_of_its_own() -> None:
    def plain(y, x, n):
        y = y * 1.0
        for i in range(1, n):
            y[i] = y[i] + x * y[i - 1]
        return np.sum(y)

    def updated(y, x, n):
        y = y * 1.0
        for i in range(1, n):
            y[i] += x * y[i - 1]
        return np.sum(y)

    def moved(y, x, n):
        y = y * 1.0
        for i in range(1, n):
            t = y[i]
            y[i] = x
            y[i] = t + x * y[i - 1]
        return np.sum(y)

    def twice(y, n):
        y = y * 1.0
        for i in range(1, n):
            y[i] = y[i] + y[i]
            y[i - 1] = y[i] - y[i - 1]
        return np.sum(y * y)

    assert "y_bar[i_2] = 0" not in after("derive", plain, X, 0.5, 3)
    assert after("derive", plain, X, 0.5, 3).count("y_seed") == after("derive", updated, X, 0.5, 3).count("y_seed")
    assert after("derive", moved, X, 0.5, 3).count("] = 0") == 2
    for f, args in ((plain, (X, 0.5, 3)), (updated, (X, 0.5, 3)), (moved, (X, 0.5, 3)), (twice, (X, 3))):
        check_gradient(f, *args)
