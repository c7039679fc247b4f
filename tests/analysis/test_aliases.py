import gast
import numpy as np
import pytest

from tangent_sct.analysis.aliases import Classes, alias_classes
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind, array, container, scalar
from tangent_sct.runtime import like_argument
from tests.helpers import compiled
from tests.random_programs import Log, arguments, kind_of, program

SPACE = {"np": np, "list": list, "len": len, "print": print, "TABLE": np.zeros(3), "STEP": 0.5}
VECTOR = array(("n",))


def classes(text: str, **kinds: Kind) -> Classes:
    def kind(node: gast.AST) -> Kind:
        if isinstance(node, gast.Name):
            return kinds.get(node.id, UNKNOWN)
        if isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Constant):
            return FLOAT if kind(node.value) == VECTOR else UNKNOWN
        return UNKNOWN

    return alias_classes(tree.statements(text), SPACE, kind if kinds else None)


@pytest.mark.parametrize(
    "text",
    [
        "b = a",
        "b = a[1:]",
        "b = a[0]",
        "b = a.T",
        "b = a.reshape(2, 3)",
        "b = np.reshape(a, s)",
        "b = (a, c)",
        "b = {'k': a}",
        "b = [c]\nb.append(a)",
        "b = list(a)",
        "b = g(a)",
        "b = a if c else d",
        "b = a or c",
        "b = [c, d]\nb[0] = a",
        "b.field = a",
        "for b in a:\n    pass",
        "with a as b:\n    pass",
        "try:\n    b = a\nexcept E:\n    pass",
        "b = [c] + [a]",
        "b = [v[1:] for v in a]",
        "b = np.sin((c := a)) + 1\nb = c",
        "g(a, b)",
        "b = a.copy()",
        "b = operator.iadd(a, c)",
    ],
)
def test_may_share(text: str) -> None:
    assert classes(text).same("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        "b = a + 1",
        "b = -a",
        "b = np.exp(a)",
        "b = np.sum(a)",
        "b = np.zeros_like(a)",
        "b = a.shape",
        "b = len(a)",
        "b = np.exp(c)\nb[0] = a",
        "b = a < c",
        "b[i] += a",
        "print(a, b)",
        "b = (a * 2)[1:]",
    ],
)
def test_shares_nothing(text: str) -> None:
    assert not classes(text).same("a", "b")


def test_kinds_make_it_sharper() -> None:
    assert not classes("b = a[0]", a=VECTOR).same("a", "b")
    assert not classes("b = a", a=scalar(), b=scalar()).same("a", "b")
    assert not classes("b = a[i]", i=array(("k",), "int64")).same("a", "b")
    assert classes("b = a[i]", i=array((), "int64")).same("a", "b")
    assert not classes("b[i] = a", b=VECTOR).same("a", "b")
    assert not classes("b = a.copy()", a=VECTOR).same("a", "b")
    assert classes("b = a + c", a=container("list", {}), b=container("list", {})).same("a", "b")


def test_what_escapes() -> None:
    found = classes("a = x\nb = x + 1\ng(c := b * 2)\nd = get()\ne = d + 1\nh = lambda: b")
    assert [n for n in "xabcdeh" if found.escapes(n)] == ["x", "a", "b", "c", "d", "h"]


def test_global_objects() -> None:
    found = classes("a = TABLE\nb = STEP\nc = np.pi\nd = a")
    assert found.escapes("d")
    assert not found.escapes("b")
    assert not found.same("b", "c")


def test_sources_and_members() -> None:
    found = classes("b = a[1:]\nc = b.T\nd = a * 2")
    assert found.members("c") == ("b", "a", "c")
    assert found.sources(tree.expression("(c[0], d, a)")) == ("c", "d", "a")
    assert found.sources(tree.expression("c + d")) == ()


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("sharp", [False, True])
def test_names_that_share_memory_are_in_one_class(seed: int, sharp: bool) -> None:
    unit = program(seed, 20)
    found = alias_classes(unit.tree.body, unit.namespace, kind_of if sharp else None)
    watched = unit.with_body([s for s in unit.tree.body if not isinstance(s, gast.Return)])
    ends = tree.statements("return {k: v for k, v in locals().items()}")
    held = compiled(watched.with_body(watched.tree.body + ends), **Log().objects())(
        **arguments(seed)
    )
    arrays = [name for name, value in held.items() if isinstance(value, np.ndarray)]
    for one in arrays:
        for other in arrays:
            if np.shares_memory(held[one], held[other]):
                assert found.same(one, other), (one, other)


def test_an_adjoint_shares_nothing_with_what_it_belongs_to() -> None:
    """`like_argument(p_bar, p)` was taken to share memory with `p`: where a function may write into `p`, the second
    derivative was refused."""
    found = alias_classes(tree.statements("y = like_argument(s, x)"), SPACE | {"like_argument": like_argument})
    assert found.same("y", "s")
    assert not found.same("y", "x")
