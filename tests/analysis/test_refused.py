"""What is refused once kinds and activity are known."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct.analysis.refused import refuse_hidden
from tangent_sct.api import grad, jvp, vjp
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.testing import check_derivative

X = np.array([0.3, 1.4, -0.2])


@pytest.mark.parametrize("text", ["y = n * (x + 1)", "y = np.sin(x * 2)", "y = [x * 2]"])
def test_what_is_not_broken_up(text: str) -> None:
    with pytest.raises(UnsupportedError, match="in a form that is not followed"):
        refuse_hidden(tree.statements(text), {"np": np}, {"x"})


def pair_or_number(x):
    if x > 0:
        x = (x, 2.0)
    return np.sum(np.cos(x))


@pytest.mark.parametrize("mode", [jvp, vjp])
def test_a_container_on_one_path_only(mode) -> None:
    with pytest.raises(UnsupportedError, match="a list, tuple or dict on one path") as caught:
        mode(pair_or_number)(1.0, seed=1.0)
    assert "np.array" in str(caught.value.hint)


def masked_number(x):
    h = x[0]
    return np.sum(h[h > 0.1])


@pytest.mark.parametrize("mode", [jvp, vjp])
def test_an_index_into_a_number(mode) -> None:
    with pytest.raises(UnsupportedError, match="indexes a number"):
        mode(masked_number)(X, seed=X)


def copied_or_not(x):
    weights = {3, 4}
    y = x * sum(weights.copy())
    y[1:] *= 2
    v = y[1:].copy()
    y[1:] = 2 * v
    return np.sum(y)


def test_a_copy_of_what_may_be_a_container() -> None:
    """Where it is an array, the adjoint of a copy is no view; the derivative may not lose it."""
    try:
        found = grad(copied_or_not)(X)
    except UnsupportedError:
        return
    np.testing.assert_allclose(found, 7 * np.array([1.0, 4.0, 4.0]))


def shared_on_one_path(x, q, p):
    x *= 2.0 / (1.5 + q[[0, 1, 0]] * q[[0, 1, 0]])
    held = {"k": x if p > 1 else q}
    x[0] = 0.5
    return np.dot(x, held["k"])


@pytest.mark.parametrize("p", [0, 2])
def test_what_may_share_memory_with_what_is_differentiated_is_broken_up(p: int) -> None:
    """Read plainly this is refused; it is read once more as if `q` were differentiated, too."""
    check_derivative(shared_on_one_path, np.array([0.3, 0.4, 0.7]), np.array([1.0, 2.0, 0.3]), p, wrt=0)
