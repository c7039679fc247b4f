"""Programs that are differentiated because enough is known of what their names hold."""

from types import SimpleNamespace

import numpy as np
import pytest

from tangent_sct import check_derivative, grad, register_container

X = np.array([0.3, 0.7, 1.1, 0.2])


def twice(f):
    """The gradient of a sum of entries of the gradient, against differences."""
    gradient = grad(f)

    def slope(x):
        return np.sum(np.cos(np.arange(4.0)) * gradient(x))

    step = 1e-5 * np.eye(4)
    expected = [(slope(X + d) - slope(X - d)) / 2e-5 for d in step]
    np.testing.assert_allclose(grad(slope)(X), expected, rtol=1e-6, atol=1e-8)


def fold(a, low, high):
    if high - low < 1:
        return
    a[low] = np.sin(a[low]) * a[high]
    a[low], a[high] = a[high], a[low]
    fold(a, low + 1, high - 1)


def folded(x):
    room = np.cos(x)
    fold(room, 0, 3)
    return np.sum(room * room)


def same(x, n):
    return x if n == 0 else same(x, n - 1)


def handed_through(x):
    y = same(np.cos(x), 2)
    return np.sum(y * y * y)


def weighed(t, x, n):
    return np.sum(t["k"] * x) if n <= 0 else weighed(t, x, n - 1) * np.cos(np.sum(t["k"]))


def of_dict(x):
    t = {"k": x * 2.0}
    y = weighed(t, x, 2)
    t["k"] = np.sin(t["k"])
    return y + np.sum(t["k"])


@pytest.mark.parametrize("f", [folded, handed_through, of_dict])
def test_functions_made_for_recursive_callees_are_known(f):
    twice(f)


def function_that_is_something_else_later(x, r):
    def h(n):
        n[0] = r.a[1] ** 3
        return np.arctan(r.a)

    h(r.w)
    h = np.sum(x) * r.w[0]
    r.a[:2] = r.w[1:]
    return np.cos(h) + np.sum(np.sin(r.w)) + np.sum(r.a * x[:3])


def test_definitions_that_nothing_reads_are_no_matter():
    def f(x):
        return function_that_is_something_else_later(x, SimpleNamespace(a=x[1:] * 1.0, w=x[:3] * 1.0))

    check_derivative(f, X)


def written_by_a_function_of_an_array(x):
    weights = [np.array([0.5, 1.5]), 2.0]
    y = x[0]
    for k in range(2):
        part = weights[0]
        sorted([1, 0], key=lambda n: weights[0].put(n, 0.7) or n)
        list(map(weights[0].put, [k], [0.3]))
        y = np.cos(y * part[k])
    z = x * y
    z[z > 0.1] *= y
    return np.sum(z)


def test_functions_that_write_into_arrays_change_no_list():
    check_derivative(written_by_a_function_of_an_array, X)


def too_many_indices(x, flag):
    x = x * 2.0
    x *= x[-3, 2] if flag else x[0]
    return np.sum(x)


def test_what_fails_where_it_is_run_may_stand_on_a_path_that_is_not_taken():
    check_derivative(too_many_indices, X, 0)
    with pytest.raises(IndexError):
        grad(too_many_indices)(X, 1)


def flat_element(x):
    y = np.cos(x)
    y.flat[0] *= 0.5
    return np.sum(y * y)


def test_the_place_of_a_flat_element_is_a_number():
    twice(flat_element)
    assert "in_reach" not in grad(flat_element).source_for(X)


class Spring:
    def __init__(self, k, u):
        self.k, self.u, self.log = k, u, []


register_container(Spring, lambda s: {"k": s.k, "u": s.u, "log": s.log})


def softest(x):
    springs = [Spring(np.arctan(x[0]), np.sum(x * x)), Spring(1.7, x[1] * x[2]), Spring(-1.3, 0.4)]
    spring = min(springs[:2], key=lambda s: s.k)
    return np.cos(spring.u)


def attribute_of_another_kind(x):
    t = SimpleNamespace(a=x * x, w=x[:2] * 1.0)
    t.w = 0.5 * t.a[1] / (1.5 + t.a[2])
    return np.sum(np.sin(t.w))


@pytest.mark.parametrize("f", [softest, attribute_of_another_kind])
def test_attributes_of_objects_whose_kind_is_known(f):
    check_derivative(f, X)
    twice(f)
