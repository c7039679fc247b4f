"""The grammar accepts what belongs to a form and names what does not; all passes keep their forms."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import gast
import numpy as np
import pytest

from tangent_sct import checkpointed, grad
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.unit import Request, Unit
from tangent_sct.core.verify import Form, GrammarError, verify
from tangent_sct.derivative import Derivative
from tests.core.watching import Watch
from tests.golden.cases import CASES, Case
from tests.laws.generator import program
from tests.laws.samples import load


def function(text: str) -> gast.FunctionDef:
    """A function of the parameters `x`, `n` whose body is given."""
    lines = "".join(f"    {line}\n" for line in text.strip("\n").splitlines())
    (node,) = tree.statements(f"def f(x, n):\n{lines}")
    for statement in tree.every_statement(node.body):
        tree.mark(statement, None)
    return node


def is_active(node: gast.AST) -> bool:
    """`x`, `y`, `z` and `t` carry derivatives."""
    return not isinstance(node, gast.Compare) and any(
        name.partition("_")[0] in ("x", "y", "z", "t") for name in tree.names_read(node)
    )


JOIN = """
test = n > 0
if test:
    y = x * x
    z = y
else:
    z = x
return z
"""
CARRIED = """
y = x
for i in range(n):
    y_2 = y * x
    flag = y_2 > 3
    y = y_2
    if flag:
        break
y_3 = y
return y_3
"""
WHOLE = """
k = n
k_2 = k
try:
    k_2 = n // 2
except ZeroDivisionError:
    pass
y = x * k_2
return y
"""


@pytest.mark.parametrize("form", ["desugared", "normalised", "single", "derived", "ordinary"])
@pytest.mark.parametrize("text", [JOIN, CARRIED, WHOLE, "y = [x]\ny[0] = x\nreturn y"])
def test_accepts(form: Form, text: str) -> None:
    verify(function(text), form, {"range"}, is_active)


REFUSED: list[tuple[Form, str, str]] = [
    ("desugared", "y = x", "no `return`"),
    ("desugared", "if n:\n    return x\nreturn n", "before the end"),
    ("desugared", "a = b = x\nreturn a", "several targets"),
    ("desugared", "for i in n:\n    y = i\nelse:\n    y = x\nreturn y", "`else`"),
    ("desugared", "for i in n:\n    if i:\n        break\n    y = i\nreturn x", "elsewhere"),
    ("desugared", "for i in n:\n    if i > 2:\n        break\nreturn x", "more than a flag"),
    ("desugared", "for i in n:\n    break\nreturn x", "no statement"),
    ("desugared", "for i in n:\n    try:\n        break\n    finally:\n        pass\nreturn x", "`break` leaves"),
    ("desugared", "try:\n    return x\nfinally:\n    pass\nreturn n", "`return` leaves"),
    ("desugared", "y += x\ny = x\nreturn y", "before it is assigned"),
    ("desugared", "y = x + w\nreturn y", "`w` means nothing"),
    ("desugared", "if n:\n    y = x\nelse:\n    z = y\nreturn x", "before it is assigned"),
    ("normalised", "y = x * x + x\nreturn y", "no atom"),
    ("normalised", "y = abs(x * x)\nreturn y", "no atom"),
    ("normalised", "y = x * len(n)\nreturn y", "called in place"),
    ("normalised", "y = (x * x)[0]\nreturn y", "a part is taken"),
    ("normalised", "y = (x * x).sum()\nreturn y", "a method"),
    ("normalised", "y = x if n else 0\nreturn y", "an active IfExp"),
    ("normalised", "y, z = x\nreturn y", "tuple as target"),
    ("normalised", "y = [x]\ny[0] = x * x\nreturn y", "no atom"),
    ("normalised", "(n + n)[0] = x\nreturn x", "without a name"),
    ("normalised", "y = x\ny += x\nreturn y", "augmented assignment of a name"),
    ("normalised", "return x * x", "has no name"),
    ("normalised", "if n > 1:\n    y = x\nreturn x", "the test"),
    ("single", "x = x * x\nreturn x", "assigned more than once"),
    ("single", "y = x\ny = x\nreturn y", "assigned more than once"),
    ("single", "if n:\n    y = x\n    y = x\nreturn y", "assigned more than once"),
    ("single", "y = x\nif n:\n    y = n\nreturn y", "assigned more than once"),
    ("single", "for i in n:\n    y = x\n    y = i\nreturn x", "assigned more than once"),
    ("single", "for i in n:\n    y = x\ny = n\nreturn y", "assigned more than once"),
    ("single", "for i in n:\n    y = x * i\nreturn y", "outside of its loop"),
    ("single", "for i in n:\n    y = x * i\nz = y + x\nreturn z", "outside of its loop"),
    ("single", "y = x\nfor i in n:\n    z = y + x\n    y = z\nif n:\n    w = y\nreturn x", "outside of its loop"),
    ("single", "if n:\n    z = y\n    y = x\nelse:\n    y = n\nreturn y", "before"),
    ("derived", "for i in n:\n    y = x * i\nz = y * y\nreturn z", "outside of its loop"),
    ("ordinary", "if n:\n    return x\nreturn n", "before the end"),
    ("ordinary", "return y", "`y` means nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "text", "reason"), REFUSED)
def test_refuses(form: Form, text: str, reason: str) -> None:
    with pytest.raises(GrammarError, match=reason) as caught:
        verify(function(text), form, (), is_active)
    assert str(caught.value).startswith(f"not {form}: ")


def test_the_statement_is_named() -> None:
    with pytest.raises(GrammarError) as caught:
        verify(function("y = x\nz = y * w\nreturn z"), "single", ())
    assert tree.text(caught.value.statement) == "z = y * w"  # type: ignore[arg-type]


def test_until_record_the_reverse_sweep_reads_names_of_forward_loops() -> None:
    node = function("for i in n:\n    y = x * i\nfor j in reversed(n):\n    z = y\nreturn x")
    for statement in (node.body[1], node.body[1].body[0], node.body[2]):
        tree.mark(statement, None, "reverse")
    verify(node, "derived", ())
    with pytest.raises(GrammarError, match="outside of its loop"):
        verify(node, "single", ())


def test_sweeps_do_not_mix() -> None:
    node = function("y = x\nz = y\nreturn z")
    tree.mark(node.body[0], None, "reverse")
    with pytest.raises(GrammarError, match="stands in the reverse sweep"):
        verify(node, "derived", ())


def test_statements_are_marked_and_stand_once() -> None:
    node = function("y = x\nreturn y")
    node.body.insert(0, tree.assign("z", tree.load("x")))
    with pytest.raises(GrammarError, match="where it came from"):
        verify(node, "single", ())
    node.body[0] = node.body[1]
    with pytest.raises(GrammarError, match="stands twice"):
        verify(node, "single", ())


def test_nodes_are_whole() -> None:
    node = function("y = x\nreturn y")
    del node.body[0].value.annotation
    with pytest.raises(GrammarError, match="a Name has no `annotation`"):
        verify(node, "single", ())
    node = function("y = x\nreturn y")
    node.body[0].value = tree.store("x")
    with pytest.raises(GrammarError, match="marked as written"):
        verify(node, "single", ())


# -- the forms between the passes -----------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_passes_keep_their_forms_on_golden_cases(case: Case) -> None:
    derivative = case.derivative
    watch = Watch()
    derivative._result(derivative._example(case.args, case.keywords), watch)
    assert {"read", "single", "resolve", "derive"} <= watch.seen


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_passes_keep_their_forms_on_random_programs(first: int) -> None:
    seen = 0
    for seed in range(first, first + 10):
        sample = program(seed)
        f = load(sample.text, f"<watched {seed}>")["f"]
        names = f.__code__.co_varnames
        wrt = tuple(names[i] for i in sample.wrt)
        for mode in ("vjp", "jvp"):
            derivative = Derivative(f, Request(mode, wrt, single=False))  # type: ignore[arg-type]
            try:
                kinds = derivative._example(sample.arguments(), {})
            except Exception:
                # The program itself does not run.
                continue
            watch = Watch(operands=False)
            with contextlib.suppress(UnsupportedError):
                derivative._result(kinds, watch)
            seen += len(watch.seen)
    assert seen > 0


def test_passes_keep_their_forms_where_iterations_are_computed_again() -> None:
    # A loop inside a checkpointed one has names of its own in each of the copies of an iteration.
    def marked(x):
        for _ in checkpointed(range(x.shape[0]), snapshots=5):
            b = x * 0.5
            for j in range(len(b)):
                x = x * b[j]
        return x

    derivative = Derivative(marked, Request("vjp", ("x",), single=False))
    watch = Watch()
    derivative._result(derivative._example((np.ones(3),), {}), watch)
    assert "record" in watch.seen


@pytest.mark.parametrize("name", ["single", "derive", "record"])
def test_a_pass_that_breaks_the_form_is_caught(name: str) -> None:
    def broken(x):
        for _ in range(3):
            x = np.sin(x) * x
        return x

    spoiled = _spoiled(name, Watch())
    with pytest.raises(GrammarError, match="assigned more than once"):
        grad(broken)._result(grad(broken)._example((1.5,), {}), spoiled)


def _spoiled(name: str, watch: Watch) -> Callable[[str, Unit], None]:
    """A watch that is told of one statement too many after a pass."""

    def told(after: str, unit: Unit) -> None:
        if after == name:
            again = tree.like(tree.assign("x", tree.const(0.0)), unit.tree.body[0])
            unit = unit.with_body([again, *unit.tree.body])
        watch(after, unit)

    return told
