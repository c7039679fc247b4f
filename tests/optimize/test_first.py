import re

import gast
import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind, array
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.first import first_additions
from tests.helpers import compiled, unit_of
from tests.random_programs import Log


def kind_of(node: gast.AST) -> Kind:
    """Everything is a vector of floats."""
    return array(("n",))


def everywhere(statement: gast.AST) -> bool:
    return True


def unit(body: str) -> Unit:
    lines = "".join(f"    {line}\n" for line in ("z = np.zeros_like(a)\n" + body).splitlines())
    return unit_of(f"def f(a, b, x, i):\n{lines}    return z\n", Log().objects())


def stored(body: str) -> str:
    """The program with its first additions as stores."""
    before = unit(body)
    after = first_additions(before, kind_of, everywhere)
    given = {"a": np.arange(4.0), "b": np.ones((2, 4)), "x": 3.0, "i": 1}
    found, expected = (compiled(u)(**given) for u in (after, before))
    np.testing.assert_array_equal(found, expected)
    text = tree.text(after.tree)
    return re.sub(r"(?m)^    ", "", text.split("zeros_like(a)\n", 1)[1].rpartition("\n")[0])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("z[1:] += x", "z[1:] = x"),
        ("z[i] += x", "z[i] = x"),
        ("z[[0, 0]] += x", "z[[0, 0]] = x"),
        ("b = a * x\nz[1:] += a[1:]", "b = a * x\nz[1:] = a[1:]"),
        ("z[0] += x\nz[1] += x\nz[0] += x", "z[0] = x\nz[1] = x\nz[0] += x"),
        ("z[0] -= x\nz[1] += x", "z[0] -= x\nz[1] = x"),
        ("z[1:] += x\nz[0] += x", "z[1:] = x\nz[0] += x"),
        ("z[0] += x\nz[-4] += x", "z[0] = x\nz[-4] += x"),
        ("if i:\n    z = np.zeros_like(a)\n    z[0] += x",
         "if i:\n    z = np.zeros_like(a)\n    z[0] = x"),
    ],
)  # fmt: skip
def test_stores(before: str, after: str) -> None:
    assert stored(before) == after


@pytest.mark.parametrize(
    "body",
    [
        "z += x\nz[0] += x",
        "b = z\nb += x\nz[0] += x",
        "z[0] += z[1] + x",
        "z[0] *= x",
        "for _ in range(2):\n    z[0] += x",
        "if i:\n    z[0] -= x\nz[0] += x",
        "z[int(z[0])] += x",
    ],
)
def test_additions_that_stay(body: str) -> None:
    assert stored(body) == body


def test_of_a_matrix_rows_are_places() -> None:
    before = "z = np.zeros_like(b)\nz[0, :] += x\nz[1, :] += a\nz[:, 1] += x"
    assert stored(before).endswith("z[0, :] = x\nz[1, :] = a\nz[:, 1] += x")


def test_the_order_of_effects_is_kept() -> None:
    body = "def f(a, x, i, t):\n    z = np.zeros_like(a)\n    z[{}] += t.pop()\n    return z"
    assert "z[0] = t.pop()" in tree.text(
        first_additions(unit_of(body.format(0)), kind_of, everywhere).tree
    )
    for index in ("t.pop()", "t[0]"):
        before = unit_of(body.format(index))
        assert first_additions(before, kind_of, everywhere) is before
