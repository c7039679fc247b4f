"""`shadows`: the adjoint of a view is the same view of the adjoint; rebound buffers take theirs along."""

import numpy as np
import pytest

from tangent_sct import DerivativeError, grad
from tangent_sct.testing import check_derivative
from tests.derive.stages import after, check_gradient, text

X = np.array([1.0, 2.0, 3.0, 4.0])


def viewed(x):
    y = x * 2.0
    v = y[1:]
    w = v.reshape(3, 1).T
    w[0, 1] = x[0]
    v *= x[0]
    return np.sum(y * y)


def swapped(x, n):
    a, b = x * 1.0, x * 2.0
    for _ in range(n):
        a[0] = b[1] * a[1]
        a, b = b, a
    return np.sum(a)


def copied_then_swapped(x, n):
    a = x * 1.0
    b = a.copy()
    for _ in range(n):
        b[1:] = a[:-1] * a[1:]
        a, b = b, a
    return np.sum(a)


def restored(x):
    y = x * 2.0
    z = np.sum(y * y)
    y[0] = x[1]
    return np.sum(y * y) * z


def local(x, n):
    total = 0.0
    for i in range(n):
        y = x * float(i)
        y[0] = x[1]
        total = total + np.sum(y * y)
    return total


def chosen(x, flag):
    a, b = x * 1.0, x * 2.0
    c = a if flag else b
    c[0] = x[1] * x[2]
    return np.sum(a * b)


def listed(x):
    y = x * 1.0
    rows = [y, x * 2.0]
    rows[0][1] = x[0] * x[2]
    return np.sum(y * rows[1])


def kept(p):
    p["a"][0] = p["b"][1] * p["a"][2]
    return np.sum(p["a"] * p["b"])


def flat(x):
    y = x.reshape(2, 2).T.ravel()
    y[0] = 0.0
    return np.sum(x * x)


def test_a_view_is_mirrored() -> None:
    body = after("derive", viewed, X)
    assert "v_bar = y_bar[1:]" in body
    assert "v_bar.reshape(3, 1)" in body


def test_a_local_buffer_gets_its_shadow_in_the_reverse_sweep() -> None:
    body = after("derive", local, X, 2)
    assert body.index("reversed(") < body.index("y_bar =")


def test_rebound_buffers_take_their_shadows_along() -> None:
    forward = after("derive", swapped, X, 2).partition("result =")[0]
    assert forward.count("np.zeros_like(") == 2
    assert "_bar" in forward.partition("for ")[2]


def test_a_copy_is_no_view_even_if_swapped_later() -> None:
    body = after("derive", copied_then_swapped, X, 2)
    assert ".copy()" not in body.replace("b = a.copy()", "").partition("result =")[0]


def test_overwritten_elements_are_kept_only_where_they_are_read() -> None:
    def unread(x):
        y = x * 2.0
        y[0] = x[1]
        return np.sum(y)

    assert "old" in after("derive", restored, X)
    assert "old" not in after("derive", unread, X)


def test_a_seed_is_taken_and_cleared() -> None:
    def stored(x):
        y = x * 2.0
        y[0] = x[1]
        return np.sum(y)

    assert text(
        """
        y_seed = y_bar[0]
        y_bar[0] = 0
        x_bar = np.zeros_like(x)
        x_bar[1] += y_seed
        """
    ) in after("derive", stored, X)


@pytest.mark.parametrize("f", [viewed, restored, listed])
def test_numbers(f) -> None:
    check_gradient(f, X)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("f", [swapped, copied_then_swapped, local, chosen])
def test_numbers_of_loops(f, n) -> None:
    check_gradient(f, X, n)


def test_arrays_in_a_dict() -> None:
    p = {"a": X.copy(), "b": X + 1.0}
    found = grad(kept)(p)
    for key in p:
        for i in range(4):
            sides = []
            for step in (1e-6, -1e-6):
                moved = {k: v.copy() for k, v in p.items()}
                moved[key][i] += step
                sides.append(kept(moved))
            assert found[key][i] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-7)
    assert np.array_equal(p["a"], X)


def test_a_view_that_turns_out_to_be_a_copy_is_refused_or_right() -> None:
    try:
        found = grad(flat)(X)
    except DerivativeError as error:
        assert "copy" in str(error)
    else:
        assert np.array_equal(found, 2.0 * X)


def test_what_is_stored_may_have_leading_axes_that_its_place_has_not() -> None:
    """The sum of the adjoint over axes of size one, and its way back at second order, failed with a ValueError."""

    def stored(A, x):
        A[0] = x[0] * x[None, :]
        A[1:3] = (x * A[0])[None, None]
        A[3, 1:] = A[0:1, 1:2][None] * x[0]
        return np.sum(A * A * x)

    A, x = np.arange(1.0, 17.0).reshape(4, 4) / 7, np.array([0.7, 1.3, 0.4, 1.9])
    check_derivative(stored, A, x)
    check_derivative(grad(stored, (0, 1)), A, x)
