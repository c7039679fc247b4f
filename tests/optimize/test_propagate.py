import gast
import pytest

from tangent_sct.core import tree
from tangent_sct.optimize.propagate import propagate
from tests.helpers import unit_of


def everywhere(statement: gast.AST) -> bool:
    """All statements count as the derivative's."""
    return True


def propagated(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    unit = unit_of(f"def f(y, z, e, n):\n{lines}")
    return tree.text(propagate(unit, everywhere).tree.body)


def test_copies_into_temporaries() -> None:
    assert propagated("t = y\nx = t * t\nreturn x") == "x = y * y\nreturn x"
    assert propagated("t = y\nt_2 = t\nreturn t_2") == "return y"


def test_a_branch_of_copies_alone_stays_a_branch() -> None:
    assert propagated("if n:\n    t = y\nx = e\nreturn x") == "if n:\n    pass\nx = e\nreturn x"


def test_a_copy_and_the_next_version() -> None:
    assert propagated("x = y\nx_2 = x + e\nreturn x_2") == "x_2 = y + e\nreturn x_2"
    assert propagated("x = y\nt = e * y\nx_2 = t - x\nreturn x_2") == (
        "t = e * y\nx_2 = t - y\nreturn x_2"
    )
    assert propagated("if n:\n    x = y\n    x_2 = x * e\nreturn e") == (
        "if n:\n    x_2 = y * e\nreturn e"
    )


@pytest.mark.parametrize(
    "body",
    [
        "x = y\nx_2 = x + e\nreturn (x, x_2)",
        "x = y\nx_2 = x + x\nreturn x_2",
        "x = y\nz_2 = x + e\nreturn z_2",
        "x = y\ny_2 = e * z\nx_2 = x + y_2\nreturn x_2",
        "x = y\nx += e\nreturn x",
        "x = y\nx_2 = np.sin(x)\nreturn x_2",
        "t = np.sin(y)\nx = t\nx_2 = x + e\nreturn x_2",
        "w = y\nfor i in range(n):\n    w_2 = w * e\n    w = w_2\nx = w\nx_2 = x + e\nreturn x_2",
        "x = y\nif n:\n    x_2 = x + e\nreturn e",
    ],
)
def test_copies_that_stay(body: str) -> None:
    assert propagated(body) == body


def test_what_the_user_wrote_stays() -> None:
    unit = unit_of("def f(y, e):\n    x = y\n    x_2 = x + e\n    return x_2")
    assert propagate(unit) is unit
