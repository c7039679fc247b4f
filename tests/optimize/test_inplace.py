import gast
import pytest

from tangent_sct.core import tree
from tangent_sct.core.kind import array
from tangent_sct.core.origins import Origin
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.copies import copies
from tangent_sct.optimize.demo import vectors
from tangent_sct.optimize.inplace import inplace
from tests.helpers import outcome, unit_of
from tests.random_programs import Log, arguments, kind_of, program


def unit_with(body: str) -> Unit:
    """A unit in which `a` and `b` are vectors, `x` and `n` numbers."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return unit_of(f"def f(a: array, b: array, x, n):\n{lines}", Log().objects())


def updated(body: str) -> str:
    unit = unit_with(body)
    return tree.text(inplace(unit, vectors(unit)).tree.body)


def stays(body: str) -> bool:
    unit = unit_with(body)
    return inplace(unit, vectors(unit)) is unit


@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "//", "%", "**"])
def test_numbers_and_owned_arrays(symbol: str) -> None:
    assert updated(f"y = x\ny = y {symbol} x\nreturn y") == f"y = x\ny {symbol}= x\nreturn y"
    assert updated(f"y = a * x\ny = y {symbol} b\nreturn y") == (
        f"y = a * x\ny {symbol}= b\nreturn y"
    )


def test_allocating_functions() -> None:
    assert updated("y = np.zeros_like(a)\ny = y + b\nreturn y") == (
        "y = np.zeros_like(a)\ny += b\nreturn y"
    )


@pytest.mark.parametrize(
    "before",
    [
        "y = a",
        "y = a * 2\nz = y",
        "y = a * 2\nz = y[1:]",
        "y = a * 2\np = (y, x)",
        "y = a * 2\np = []\np.append(y)",
        "y = a * 2\nnote(y)",
        "y = a * 2\nz = touch(y)",
        "y = a * 2\ng = lambda: y",
        "y = a * 2\np = [r for r in y]",
        "y = a * 2\nz = np.sin((w := y))",
        "y = touch(a)",
        "y = np.broadcast_to(a, 3)",
        "y = np.asarray(a)",
        "if n:\n    y = a\nelse:\n    y = a * 2",
        "y = a * 2\nif n:\n    z = y",
        "y = a * 2\nfor r in y:\n    note(x)",
        "y = a * 2\ntry:\n    note(y)\nexcept E:\n    pass",
    ],
)
def test_what_is_not_owned(before: str) -> None:
    assert stays(f"{before}\ny = y + b\nreturn y")


@pytest.mark.parametrize(
    "before",
    [
        "y = a * 2\nz = y * a",
        "y = a * 2\nz = np.sin(y[1:])",
        "y = a * 2\ny[0] = x",
        "y = a * 2\nb[1:] = y[1:]",
        "y = a * 2\nprint(y)",
        "y = a\ny = np.exp(y)",
        "if n:\n    y = a / 2\nelse:\n    y = a * 2",
        "y = a\nz = y\ny = z * 2",
    ],
)
def test_what_is_owned(before: str) -> None:
    assert "y += b" in updated(f"{before}\ny = y + b\nreturn y")


def test_in_a_loop() -> None:
    assert updated("y = a * 0.0\nfor i in range(n):\n    y = y + b * y\nreturn y") == (
        "y = a * 0.0\nfor i in range(n):\n    y += b * y\nreturn y"
    )


def test_the_round_before_is_still_seen() -> None:
    before = "y = a * 2\nfor i in range(n):\n    z = y\n    y = y + b\n"
    assert updated(before + "y = y + z\nreturn y") == (
        "y = a * 2\nfor i in range(n):\n    z = y\n    y = y + b\ny += z\nreturn y"
    )


def test_a_first_round_that_does_not_own() -> None:
    # From the second round on `y` would own its array; in the first it is the argument.
    assert stays("y = a\nfor i in range(n):\n    y = y + b\nreturn y")


def test_owned_again_after_an_update() -> None:
    assert updated("y = a * 2\nz = y\ny = y + b\ny = y - b\nreturn y, z") == (
        "y = a * 2\nz = y\ny = y + b\ny -= b\nreturn (y, z)"
    )


def test_reading_other_entries() -> None:
    assert stays("y = a * 2\ny = y + y[::-1]\nreturn y")
    assert updated("y = a * 2\ny = y + y * y\nreturn y") == "y = a * 2\ny += y * y\nreturn y"


def test_shape_and_dtype_must_stay() -> None:
    unit = unit_of("def f(a, b):\n    y = a * 2\n    y = y + b\n    return y")

    def update(**kinds: object) -> bool:
        shapes = {"a": array(("n",)), "y": array(("n",)), "b": array(("n",)), **kinds}

        def of(node: gast.AST) -> object:
            if isinstance(node, gast.BinOp):
                return shapes["b"] if tree.is_name(node.right, "b") else shapes["y"]
            return shapes[node.id]

        return inplace(unit, of) is not unit  # type: ignore[arg-type]

    assert update()
    assert not update(b=array(("m",)))
    assert not update(b=array(("m", "n")))
    assert not update(b=array(("n",), "complex128"))
    assert not update(b=array(None))
    assert not update(b=array(()), y=array(()))


def test_the_spelling_of_users_is_kept() -> None:
    def spelled(text: str, sweep: str) -> str:
        unit = unit_of("def f(x):\n    y = x\n    y = y + x\n    return y")
        tree.mark(unit.tree.body[1], Origin("f.py", 3, 4, 3, 13, text), sweep)
        return tree.text(inplace(unit, vectors(unit)).tree.body[1])

    assert spelled("    y = y + x", "forward") == "y = y + x"
    assert spelled("    y += x", "forward") == "y += x"
    assert spelled("    for i in range(n):", "forward") == "y += x"
    assert spelled("    y = y + x", "reverse") == "y += x"


def test_marks_are_kept() -> None:
    unit = unit_of("def f(x):\n    y = x\n    y = y + x\n    return y")
    origin = Origin("f.py", 3, 4, 3, 13, "    y += x")
    tree.mark(unit.tree.body[1], origin)
    assert tree.origin_of(inplace(unit, vectors(unit)).tree.body[1]) is origin


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_do_the_same(seed: int) -> None:
    unit = copies(program(seed, 20, temporaries=True))
    one, two = Log(), Log()
    before = outcome(unit, arguments(seed), **one.objects())
    after = outcome(inplace(unit, kind_of), arguments(seed), **two.objects())
    assert (before, one.lines) == (after, two.lines)


def test_random_programs_have_updates() -> None:
    def updates(unit: Unit) -> int:
        body = tree.every_statement(unit.tree.body)
        return sum(isinstance(s, gast.AugAssign) and tree.is_name(s.target) for s in body)

    units = [copies(program(seed, 20)) for seed in range(30)]
    assert sum(updates(inplace(u, kind_of)) - updates(u) for u in units) > 10
