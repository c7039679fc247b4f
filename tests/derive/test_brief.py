"""Copies of parts of what is written in place (`derive.brief`)."""

import numpy as np

from tangent_sct import check_derivative, grad

X = np.array([0.3, 0.7, 1.2])


def imaginary_part(x):
    z = x * (1.0 + 2.0j)
    part = z.imag
    squares = part * part
    z[0] = 5.0
    return np.sum(squares) + np.sum(np.abs(z) ** 2)


def of_argument(z):
    part = z.imag
    squares = part * part
    z[0] = 5.0
    return np.sum(squares) + np.sum(np.abs(z) ** 2)


PARTS = (0, slice(1, 3))


def part_of_either_kind(x, n):
    y = x * 2.0
    total = 0.0
    for i in range(n):
        total = total + np.sum(np.sin(y[PARTS[i % 2]]))
        y[1] = total
    return np.sum(y)


def test_what_is_written_later_is_not_read_in_the_reverse_sweep():
    assert "part = z.imag.copy()" in grad(imaginary_part).source_for(X)
    check_derivative(imaginary_part, X)
    np.testing.assert_allclose(grad(imaginary_part)(X), [2.4, 12.6, 21.6])


def test_the_part_of_an_argument_is_copied_from_the_copy():
    adjoint = grad(of_argument)(X + 2j)
    np.testing.assert_allclose(adjoint, [-4j, 1.4 - 8j, 2.4 - 8j])


def test_a_part_that_is_a_number_or_a_view():
    assert "copied(y[PARTS[i % 2]])" in grad(part_of_either_kind).source_for(X, 5)
    check_derivative(part_of_either_kind, X, 5)


def test_a_number_that_is_read_is_not_copied():
    def read(x):
        y = x * 2.0
        y[0] = y[1]
        return np.sum(y)

    assert "cop" not in grad(read).source_for(X)
