
import pytest

from tangent_sct.core import tree
from tangent_sct.optimize.seeds import seeds
from tests.helpers import outcome
from tests.optimize.saving import arguments, everywhere, unit


def taken(body: str) -> str:
    """The program with its copies saved, which computes what it did."""
    before = unit(body)
    after = seeds(before, everywhere)
    assert outcome(after, arguments()) == outcome(before, arguments())
    return tree.text(after.tree.body[:-1])


@pytest.mark.parametrize(
    ("use", "after"),
    [
        ("t = seed / 2", "t = a[1:] / 2"),
        ("t = np.sum(seed)", "t = np.sum(a[1:])"),
        ("b[1:] += seed", "b[1:] += a[1:]"),
        ("b[1:] -= 2 * seed * c[1:]", "b[1:] -= 2 * a[1:] * c[1:]"),
        ("np.add.at(b, i, 1.0)\nt = seed * b[1:]", "np.add.at(b, i, 1.0)\nt = a[1:] * b[1:]"),
        ("t = s.pop()\nb[1:] += seed * t[1:]", "t = s.pop()\nb[1:] += a[1:] * t[1:]"),
    ],
)
def test_the_array_is_read_before_it_is_cleared(use: str, after: str) -> None:
    assert taken(f"seed = a[1:].copy()\na[1:] = 0\n{use}") == f"{after}\na[1:] = 0"
    assert taken(f"seed = a[1:].copy()\n{use}") == after


def test_a_store_into_the_same_place() -> None:
    assert taken("seed = a[1:].copy()\na[1:] = seed * b[1:]") == "a[1:] = a[1:] * b[1:]"


@pytest.mark.parametrize(
    "body",
    [
        "seed = a[1:].copy()\na[1:] = 0\nt = seed",
        "seed = a[1:].copy()\na[1:] = 0\nt = np.reshape(seed, 3)",
        "seed = a[1:].copy()\nseed[0] += 2.0",
        "seed = a[1:].copy()\nseed += c[1:]",
        "seed = a[1:].copy()\na[1:] = 0\nt = seed * a[1:]",
        "seed = a[1:].copy()\na[1:] = 0\na[:-1] += seed",
        "seed = a[1:].copy()\na[1:] = 0\na[1:] = seed * 2",
        "seed = a[1:].copy()\na[:] = 0\nt = seed * 2",
        "seed = a[1:].copy()\na[0] += 1.0\nt = seed * 2",
        "v = a[:3]\nseed = a[1:].copy()\na[1:] = 0\nv += seed",
        "v = a[:3]\nseed = a[1:].copy()\nv += 1.0\nt = seed * 2",
        "seed = a[i].copy()\ni[0] = 1\nt = seed * 2",
        "seed = a[1:].copy()\na[1:] = 0\nt = seed * 2 + seed",
        "seed = a[1:].copy()\na[1:] = 0\nif len(b):\n    b[1:] += seed",
        "seed = s[0][1:].copy()\nt = s.pop(0)\nu = seed * t[1:]",
        "seed = s.pop()[1:].copy()\nt = s.pop()\nu = seed * t[1:]",
    ],
)
def test_copies_that_are_needed(body: str) -> None:
    assert taken(body) == tree.text(tree.statements(body))


def test_blocks_inside_of_others() -> None:
    body = "for k in range(2):\n    seed = a[k:].copy()\n    a[k:] = 0\n    t = -seed"
    assert taken(body) == "for k in range(2):\n    t = -a[k:]\n    a[k:] = 0"
