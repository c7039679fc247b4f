"""Static tests: decided from kinds and literals, in three-valued logic."""

import gast
import pytest

from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, OTHER, UNKNOWN, Kind, array, constant
from tangent_sct.templating.nodes import Static
from tangent_sct.templating.static import Undecided, decide, uses_words

KINDS = {"v": array(("n",)), "M": array(("n", "n")), "s": FLOAT, "o": OTHER, "k": constant(2)}


class Program:
    """Names stand for themselves, `two` for a display, and kinds are those above."""

    def expression_of(self, name):
        return tree.expression("(v, M)") if name == "two" else tree.load(name)

    def length_of(self, name):
        return 2 if name == "two" else None

    def is_active(self, name):
        return name == "s"

    def kind_of(self, expression):
        return KINDS.get(getattr(expression, "id", None), UNKNOWN)


def decided(text):
    def word(node):
        if isinstance(node, gast.Call) and node.func.id != "len":
            return Static(node.func.id, node.args[0])
        return None

    return decide(tree.rewrite(tree.expression(text), word), Program())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ndim(M)", 2),
        ("ndim(s)", 0),
        ("ndim(M) == 2 and ndim(v) == 1", True),
        ("ndim(M) - 1 == ndim(v)", True),
        ("ndim(M) == 1 or isscalar(s)", True),
        ("not isscalar(v)", True),
        ("1 <= ndim(v) < 2", True),
        ("ndim(v) in (1, 2)", True),
        ("iscontainer(two)", True),
        ("isscalar(two)", False),
        ("iscontainer(v)", False),
        ("len(two) == 2", True),
        ("isactive(s)", True),
        ("isactive(v)", False),
        ("v is None", False),
        ("v is not None", True),
        ("two is None", False),
        ("k == 2", True),
        ("k == -2", False),
        # Whatever is not known, the answer is the same.
        ("ndim(u) == 1 and ndim(M) == 1", False),
        ("ndim(M) == 1 and ndim(u) == 1", False),
        ("ndim(u) == 1 or ndim(M) == 2", True),
    ],
)
def test_decided(text, value):
    assert decided(text) == value
    assert type(decided(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("ndim(u) == 1", "the rank of `u`"),
        ("ndim(u) == 1 and ndim(M) == 2", "the rank of `u`"),
        ("not isscalar(u)", "whether a number is `u`"),
        ("ndim(two) == 1", "the rank of `(v, M)`"),
        ("o is None", "the value of `o`"),
        ("u is None", "the value of `u`"),
        ("s == 1.0", "the value of `s`"),
        ("len(v) == 2", "the length of `v`"),
        ("k < 'a'", "how `k` compares with `'a'`"),
    ],
)
def test_undecided(text, missing):
    assert decided(text) == Undecided(missing)


def test_a_value_that_is_no_plain_constant_decides_nothing():
    class Dimension:
        """Equal to nothing while transforming, whatever it is in the run."""

    kind = Kind("scalar", "int", value=Dimension())
    program = Program()
    program.kind_of = lambda expression: kind
    assert isinstance(decide(tree.expression("n == 3"), program), Undecided)


def test_uses_words():
    assert not uses_words(tree.expression("len(v) == 1"))
    assert uses_words(tree.binary(Static("ndim", tree.load("v")), "-", tree.const(1)))
