"""`forward`: each statement is joined by its tangent; copies, joins and stores are mirrored."""

import math

import numpy as np
import pytest

from tangent_sct.testing import check_derivative
from tests.derive.stages import after, derived, run, text

X = np.array([1.0, 2.0, 3.0])


def product(x, y):
    return x * y


def repeated(x, n):
    y = x
    for _ in range(n):
        y = math.sin(y)
    return y


def chosen(x):
    y = 1.0
    if x > 1.0:
        y = x * x
    return y


def stored(x):
    y = np.zeros(3)
    y[0] = x[1] * x[1]
    y[1:] += x[1:]
    v = y[1:]
    v[0] = 2.0
    return y * x


def held(x):
    values = []
    for i in range(3):
        values.append(x * float(i))
    return values[0] + values[2]


def test_only_active_arguments_have_tangents() -> None:
    assert after("derive", product, 2.0, 3.0, mode="jvp") == text(
        """
        result = x * y
        result_dot = x_dot * y
        return (result, result_dot)
        """
    )


def test_several_tangents_come_as_one_seed() -> None:
    body = after("derive", product, 2.0, 3.0, mode="jvp", wrt=("x", "y"))
    assert body.startswith("x_dot = seed[0]\ny_dot = seed[1]\n")


def test_copies_are_mirrored() -> None:
    body = after("derive", repeated, 2.0, 3, mode="jvp")
    assert "y_dot_3 = y_dot_2 * math.cos(y_2)" in body
    assert body.count("math.sin") == 1


def test_what_is_constant_on_one_branch_has_a_zero_tangent() -> None:
    assert "_dot_2 = 0.0" in after("derive", chosen, 2.0, mode="jvp")
    assert "zeros" not in after("derive", chosen, 2.0, mode="jvp")


def test_stores_and_views_are_mirrored() -> None:
    body = after("derive", stored, X, mode="jvp")
    assert "y_dot[1:] += t" in body
    assert "v_dot = y_dot[1:]" in body and "v_dot[0] = 0.0" in body


@pytest.mark.parametrize(
    ("f", "args"),
    [(product, (2.0, 3.0)), (repeated, (2.0, 3)), (chosen, (2.0,)), (chosen, (0.5,)), (stored, (X,)),
     (held, (2.0,))],
)  # fmt: skip
def test_numbers(f, args) -> None:
    x = args[0]
    seed = np.linspace(1.0, 2.0, np.size(x)).reshape(np.shape(x)) if np.ndim(x) else 1.0
    value, tangent = run(derived(f, *args, mode="jvp"), *args, seed)
    step = 1e-6
    expected = (f(x + step * seed, *args[1:]) - f(x - step * seed, *args[1:])) / (2 * step)
    np.testing.assert_allclose(value, f(*args), rtol=1e-14)
    np.testing.assert_allclose(tangent, expected, rtol=1e-6, atol=1e-8)


def test_names_assigned_together_have_tangents_where_they_are_stored_into() -> None:
    """`u, a = 1.2, np.zeros(3)` gave `a` no tangent, which a store into it needed (a NameError)."""

    def together(x):
        k, (a, b) = 1.2, (np.zeros(3), [np.ones(2)])
        c, *d = np.zeros((3, 2))
        a[1] = x[0]
        b[0][1] = x[1]
        c[0] = x[2]
        d[1][1] = x[2] * x[0]
        return a[1] * b[0][1] * c[0] + k * d[1][1]

    def in_a_tuple(x):
        a, b = np.zeros(3), 2.0
        w = (a, x)

        def same(n):
            return w

        c = same(3)
        w[0][2] = x[0]
        return c[0][2] * c[1][1] * b

    for f in (together, in_a_tuple):
        check_derivative(f, X)
