
import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.core import tree
from tangent_sct.optimize.borrow import borrow
from tangent_sct.testing import check_derivative
from tests.helpers import outcome
from tests.optimize.saving import arguments, everywhere, unit


def borrowed(body: str) -> str:
    """The program with its copies saved, which computes what it did."""
    before = unit(body)
    after = borrow(before, applies=everywhere)
    assert outcome(after, arguments()) == outcome(before, arguments())
    return tree.text(after.tree.body[:-1])


@pytest.mark.parametrize(
    ("body", "after"),
    [
        (
            "seed = a[1:].copy()\na[1:] = 0\nb[1:] += seed * 2\nc[1:] += seed",
            "seed = a[1:]\nb[1:] += seed * 2\nc[1:] += seed\na[1:] = 0",
        ),
        (
            "seed = a[1:].copy()\na[1:] = c[1:] * seed\nb[1:] += seed",
            "seed = a[1:]\nb[1:] += seed\na[1:] = c[1:] * seed",
        ),
        (
            "seed = a[1:].copy()\na[:-1] += 2 * seed\nt = s.pop()\nb[1:] -= t[1:] * seed",
            "seed = a[1:]\nt = s.pop()\nb[1:] -= t[1:] * seed\na[:-1] += 2 * seed",
        ),
        ("seed = a.copy()\na[...] = seed * 3", "a[...] = a * 3"),
        ("seed = a[1:].copy()\nt = seed * 2\na[:-1] += t", "t = a[1:] * 2\na[:-1] += t"),
        ("seed = a[1:].copy()\nt = seed * 2 + seed\nb[1:] -= t", "seed = a[1:]\nt = seed * 2 + seed\nb[1:] -= t"),
    ],
)
def test_what_writes_into_the_array_comes_last(body: str, after: str) -> None:
    assert borrowed(body) == after


@pytest.mark.parametrize(
    "body",
    [
        "seed = a[1:].copy()\na[1:] = 0\na[:-1] += seed * 2\nb[1:] += seed",
        "seed = a[1:].copy()\na[:-1] += seed\nb[1:] += seed",
        "seed = a[1:].copy()\na[1:] = seed * 2\nb[1:] += seed * a[1:]",
        "seed = a[1:].copy()\na[1:] = 0\nt = seed\nb[1:] += t * a[1:]",
        "seed = a[1:].copy()\na[1:] = 0\nt = np.reshape(seed, 3)\nb[1:] += seed",
        "seed = a[1:].copy()\na[1:] = 0\ns.append(seed)",
        "seed = a[1:].copy()\na[1:] = 0\nif len(b):\n    b[1:] += seed",
        "seed = a[1:].copy()\na[1:] = seed * c[1:]\nc[1:] += seed",
        "v = a[:3]\nseed = a[1:].copy()\nv += 1.0\nb[1:] += seed\nc[1:] += seed * v",
        "seed = a[1:].copy()\na = np.ones(4)\nb[1:] += seed * a[1:]",
        "seed = a[1:].copy()\na[1:] = seed * 2\nprint(len(b))\nb[1:] += seed",
        "seed = a[1:].copy()\na[1:] = 0\nb[1:] += seed\nseed = c[1:].copy()\nc[1:] = 0\nb[1:] += seed",
        "seed = a[1:].copy()\nseed[0] += 2.0\nb[1:] += seed * a[1:]",
        "seed = a[1:].copy()\nseed += c[1:]\nb[1:] += seed * a[1:]",
    ],
)
def test_copies_that_are_needed(body: str) -> None:
    assert borrowed(body) == tree.text(tree.statements(body))


def decay(a, w, steps):
    a = a.copy()
    for _ in range(steps):
        a[1:-1] *= w
    return np.sum(a * a)


def mixed(a, m):
    a = a.copy()
    for i in range(len(a)):
        a[i] = m @ a[i]
    return np.sum(a * a * a)


def test_the_text_of_updates() -> None:
    text = grad(decay).source_for(np.ones(5), 0.5, 3)
    assert "a[1:-1] *= w" in text
    assert "a_bar[1:-1] *= w" in text
    assert ".copy()\n" not in text.split("# return")[1]


def test_a_row_that_is_replaced() -> None:
    random = np.random.default_rng(0)
    a, m = random.normal(size=(3, 2)), random.normal(size=(2, 2))
    text = grad(mixed, wrt=(0, 1)).source_for(a, m)
    assert "a_seed = a_bar[i]\n" in text
    a_bar, m_bar = grad(mixed, wrt=(0, 1))(a, m)
    direction = random.normal(size=(2, 2))
    slope = (mixed(a, m + 1e-6 * direction) - mixed(a, m - 1e-6 * direction)) / 2e-6
    assert np.sum(m_bar * direction) == pytest.approx(slope, rel=1e-7)
    direction = random.normal(size=(3, 2))
    slope = (mixed(a + 1e-6 * direction, m) - mixed(a - 1e-6 * direction, m)) / 2e-6
    assert np.sum(a_bar * direction) == pytest.approx(slope, rel=1e-7)


def exchanged(x):
    a = np.outer(x, x)
    b = a * x
    for r, c in zip(a, b, strict=True):
        r[:], c[:] = c * x, r * 2.0
    return np.sum(a * a * b)


def test_seeds_that_have_become_views() -> None:
    """What one seed is a view of was forgotten while the next was moved: its array was cleared before it was read."""
    check_derivative(exchanged, np.array([0.7, 1.3, 0.4, 1.9]))
    check_derivative(grad(exchanged), np.array([0.7, 1.3, 0.4, 1.9]))


def test_what_is_added_to_a_seed_does_not_get_into_the_array_that_it_was_taken_of() -> None:
    """The adjoint of a slice was made a view of the array, and parts of it were added to there: a wrong number."""

    def f(x):
        d = np.append(np.zeros(3), x)
        c = d[-1:0:-1] + [x, 1, x]
        return np.sum(c * c) + np.sum(np.sin(d))

    check_derivative(grad(f), 1.215)
