import re
from dataclasses import replace
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct import runtime
from tangent_sct.core import tree
from tangent_sct.core.kind import INT, UNKNOWN, Kind, array, constant, scalar
from tangent_sct.core.origins import Origin
from tangent_sct.core.unit import Unit
from tangent_sct.optimize import fold as module
from tangent_sct.optimize.fold import LAST, TABLE, fold
from tangent_sct.testing import check_derivative
from tests.helpers import compiled, outcome, unit_of
from tests.random_programs import Log, arguments, program

NAMES = ("unreduce", "unbroadcast", "zeros_like", "inverse_axes")
ENGINE = {name: getattr(runtime, name) for name in NAMES}
ENGINE["h"] = np.array
ARGUMENTS = "g, x, y, s, v, w, A, B, r, row, col, i"
KINDS = {
    **dict.fromkeys(("g", "x", "y", "s"), scalar("float")),
    **dict.fromkeys(("v", "w"), array(("n",))),
    **dict.fromkeys(("A", "B"), array(("n", "m"))),
    "r": array(("m",)), "row": array((1, "m")), "col": array(("n", 1)), "i": INT,
}  # fmt: skip


def kind_of(node: gast.AST) -> Kind:
    """Kinds of the arguments, by name."""
    if isinstance(node, gast.Constant):
        return constant(node.value)
    if isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Compare):
        return array(None)
    return KINDS.get(node.id, UNKNOWN) if isinstance(node, gast.Name) else UNKNOWN


def unknown(node: gast.AST) -> Kind:
    """Nothing is known."""
    return UNKNOWN


def everywhere(statement: gast.AST) -> bool:
    """All statements count as the derivative's."""
    return True


def unit(body: str) -> Unit:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return unit_of(f"def f({ARGUMENTS}):\n{lines}", ENGINE)


def folded(body: str, kinds: Any = kind_of) -> str:
    return tree.text(fold(unit(body), kinds, everywhere).tree.body)


def values() -> dict[str, Any]:
    generator = np.random.default_rng(1)
    sizes = {"n": 3, "m": 4, 1: 1}
    found: dict[str, Any] = {"i": 2}
    for name, kind in KINDS.items():
        if kind.is_array:
            found[name] = generator.uniform(0.5, 2, [sizes[d] for d in kind.shape])
        elif kind is not INT:
            found[name] = float(generator.uniform(0.5, 2))
    return found


CASES = [
    # signs
    ("-(-x)", "x"),
    ("-(x - y)", "y - x"),
    ("-(2 * x)", "-2 * x"),
    ("-(-x * y)", "x * y"),
    ("-(-x * y / s * g)", "x * y / s * g"),
    ("-(-x / y)", "x / y"),
    ("-(x * y * s)", "-x * y * s"),
    ("-(x * v / y)", "-x * v / y"),
    ("-(i * x)", "-(i * x)"),
    ("v + -r @ A.T", "v - r @ A.T"),
    ("v @ A.T.T", "v @ A"),
    ("np.transpose(A, inverse_axes((-1, 0)))", "np.transpose(A, (1, 0))"),
    ("x + -y", "x - y"),
    ("x + -y * s / g", "x - y * s / g"),
    ("x + -2 * y", "x - 2 * y"),
    ("x - -y", "x + y"),
    ("x - -y * s", "x + y * s"),
    ("-x * s + y", "y - x * s"),
    ("x * -y", "-x * y"),
    ("-x * -y", "x * y"),
    ("x / -y", "-x / y"),
    # products: literals in front, then the seed
    ("g * 2 * x", "2 * g * x"),
    ("g * (2 * x ** (2 - 1))", "2 * g * x"),
    ("g * (3 * x ** (3 - 1))", "3 * g * x ** 2"),
    ("g * (x ** (0.5 - 1) * 0.5)", "0.5 * g * x ** (-0.5)"),
    ("2 * (3 * x)", "6 * x"),
    ("x * 3 * 2", "6 * x"),
    ("x * -1", "-x"),
    ("x * -1.0", "-x"),
    ("g * (x * y)", "g * x * y"),
    ("g * x * (2 * y)", "2 * g * x * y"),
    ("-v * (2 * w)", "-2 * v * w"),
    ("g * (x / y)", "g * x / y"),
    ("g * (x / 6.0)", "g * (x / 6.0)"),
    ("2 * (x / 6.0)", "2 * x / 6.0"),
    ("g * (1 / x)", "g / x"),
    ("g * (1.0 / x)", "g / x"),
    ("1 / x * g", "g / x"),
    ("1.0 / x * g", "g / x"),
    ("2 / 3 * x", "2 / 3 * x"),
    ("v * (2 * x)", "2 * x * v"),
    ("v * (x * y)", "v * (x * y)"),
    ("v * (x / y)", "v * (x / y)"),
    # units
    ("x * 1", "x"),
    ("1.0 * x", "x"),
    ("x / 1", "x"),
    ("2 * (g / 2 / s) * x", "g / s * x"),
    ("6 * g / 3", "2 * g"),
    ("2 * g / 3", "2 * g / 3"),
    ("x / 1.0", "x"),
    ("x ** 1", "x"),
    ("x ** 1.0", "x"),
    ("g * i ** 1", "g * i"),
    ("g * i ** 1.0", "g * i"),
    ("0 + x", "x"),
    ("0.0 + x", "x"),
    ("x + 0", "x"),
    ("x + 0.0", "x"),
    ("x - 0", "x"),
    ("x - 0.0", "x"),
    ("0 - x", "-x"),
    ("0.0 - x", "-x"),
    ("0 * i", "0"),
    ("0 * x", "0 * x"),
    ("0 * v", "0 * v"),
    ("i * 1.0", "1.0 * i"),
    ("i / 1", "i / 1"),
    ("v * 1.0", "1.0 * v"),
    ("v * 1.0 * w", "v * w"),
    ("np.sin(v * 1.0)", "np.sin(v)"),
    ("(v * 1.0)[1:]", "(1.0 * v)[1:]"),
    # terms
    ("g + g", "2 * g"),
    ("g + g + g", "3 * g"),
    ("2 * x + 3 * x", "5 * x"),
    ("g * x + g * x", "2 * g * x"),
    ("g * x + x * g", "2 * g * x"),
    ("g * x + g * y", "g * (x + y)"),
    ("2 * g * x - 2 * g * y", "2 * g * (x - y)"),
    ("g / s + x / s", "(g + x) / s"),
    ("g / s - x / s", "(g - x) / s"),
    ("v * g + v * i", "v * (g + i)"),
    ("-g * x - g * x", "-2 * g * x"),
    ("g / x + g / x", "2 * g / x"),
    ("g * x + g * x + g * x", "3 * g * x"),
    ("s + g * x + g * x", "s + 2 * g * x"),
    # sums over what broadcasting repeated
    ("np.sum(-A * B)", "-np.sum(A * B)"),
    ("np.sum(-(v / x), axis=0)", "-(np.sum(v, axis=0) / x)"),
    ("np.sum(-2.0 * A, axis=1, keepdims=True)", "-2.0 * np.sum(A, axis=1, keepdims=True)"),
    # a number that all terms have in common comes before the sum
    ("np.sum(2 * v * w)", "2 * np.sum(v * w)"),
    ("np.sum(g * x * A / B, axis=0)", "g * x * np.sum(A / B, axis=0)"),
    ("np.sum(-g * A, axis=1, keepdims=True)", "-g * np.sum(A, axis=1, keepdims=True)"),
    ("np.sum(g / A)", "np.sum(g / A)"),
    ("np.sum(0.5 * i * v)", "0.5 * i * np.sum(v)"),
    ("np.sum(v * w / x)", "np.sum(v * w) / x"),
    ("np.sum(A / x, axis=0)", "np.sum(A, axis=0) / x"),
    ("np.sum(A / x, axis=1, keepdims=True)", "np.sum(A, axis=1, keepdims=True) / x"),
    ("np.sum(A / col, axis=1)", "np.sum(A / col, axis=1)"),
    # a product of matrices is summed along what is left of the sum of one of them
    ("np.sum(col @ row, axis=0)", "np.sum(col, axis=0) @ row"),
    ("np.sum(col @ row, axis=1)", "col @ np.sum(row, axis=1)"),
    ("np.sum(A @ r)", "np.sum(A @ r)"),
    ("unbroadcast(g * A, A)", "g * A"),
    ("unbroadcast(g * x, s)", "g * x"),
    ("unbroadcast(g * A, like=s)", "g * np.sum(A)"),
    ("unbroadcast(A * B, r)", "np.sum(A * B, axis=0)"),
    ("unbroadcast(A * B, row)", "np.sum(A * B, axis=0, keepdims=True)"),
    ("unbroadcast(A * B, col)", "np.sum(A * B, axis=1, keepdims=True)"),
    ("unbroadcast(A * col, A)", "A * col"),
    ("unbroadcast(v * col, col)", "np.sum(v * col, axis=1, keepdims=True)"),
    ("unbroadcast(g * h(A), r)", "unbroadcast(g * h(A), r)"),
    # and its transpose
    ("unreduce(g, like=v)", "np.full_like(v, g)"),
    ("np.array(unreduce(g, like=v))", "np.full_like(v, g)"),
    ("-unreduce(g, v)", "np.full_like(v, -g)"),
    ("x * unreduce(g, v)", "np.full_like(v, x * g)"),
    ("unreduce(g, v) * x", "np.full_like(v, g * x)"),
    ("unreduce(g, v) / x", "np.full_like(v, g / x)"),
    ("unreduce(g, like=v, axis=None, keepdims=False) * w", "g * w"),
    ("unreduce(g, v) * (2 * w)", "2 * g * w"),
    ("w / unreduce(g, v)", "w / g"),
    ("unreduce(r, A, axis=0) * B", "r * B"),
    ("B * unreduce(r, A, axis=0)", "B * r"),
    ("unreduce(v, A, axis=1) * B", "np.expand_dims(v, 1) * B"),
    ("B - unreduce(v, A, 1)", "B - np.expand_dims(v, 1)"),
    ("unreduce(col, A, 1, keepdims=True) * B", "col * B"),
    ("B + unreduce(col, A, 1, True)", "B + col"),
    ("unreduce(v, A, axis=1)", "unreduce(v, A, axis=1)"),
    ("np.zeros_like(v) + g * w", "g * w"),
    ("zeros_like(v) + g * w", "g * w"),
    ("np.zeros_like(v) + w", "np.zeros_like(v) + w"),
    ("np.zeros_like(v) + g", "np.full_like(v, g)"),
    # numbers that together would be written longer than apart
    ("0.8 * 1.5 * 2.8", "0.8 * 1.5 * 2.8"),
    ("0.8 * 1.5 * -2.8 * v", "0.8 * 1.5 * -2.8 * v"),
    ("x * (0.8 * 1.5) * 2.8", "2.8 * 1.5 * 0.8 * x"),
    # where what it is combined with further out repeats it
    ("A + x * (unreduce(r, A, axis=0) - row)", "A + x * (r - row)"),
    ("unreduce(r, A, axis=0) + unreduce(v, A, axis=1)", "r + unreduce(v, A, axis=1)"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CASES)
def test_expressions(before: str, after: str) -> None:
    assert folded(f"z = {before}\nreturn z") == f"z = {after}\nreturn z"
    expected = compiled(unit(f"return {before}"))(**values())
    found = compiled(rewritten(before))(**values())
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert np.shape(found) == np.shape(expected)
    assert np.asarray(found).dtype == np.asarray(expected).dtype


@pytest.mark.parametrize(("before", "after"), CASES)
def test_nothing_is_shared_that_was_not(before: str, after: str) -> None:
    given = values()
    old, new = (compiled(u)(**given) for u in (unit(f"return {before}"), rewritten(before)))
    for name, value in given.items():
        if isinstance(value, np.ndarray):
            assert not np.shares_memory(new, value) or np.shares_memory(old, value), name


def rewritten(expression: str) -> Unit:
    return fold(unit(f"return {expression}"), kind_of, everywhere)


def test_every_rewrite_is_shown_above(monkeypatch: pytest.MonkeyPatch) -> None:
    used = set()
    applied = module._Fold._applied

    def watched(self: Any, rewrite: Any, node: gast.AST) -> gast.AST | None:
        found = applied(self, rewrite, node)
        if found is not None:
            used.add(rewrite.text)
        return found

    monkeypatch.setattr(module._Fold, "_applied", watched)
    for before, _ in CASES:
        folded(f"z = {before}")
    for operator in "*/":
        folded(f"t = g {operator} x\nx_bar = t + g {operator} x\nA += unreduce(g, A)")
        folded(f"t = -g\nreturn t {operator} x, t {operator} y")
    for before, _ in STORED:
        folded(before)
    folded("x_bar = y_bar * x ** 1 + y_bar * x ** 1.0", unknown)
    lines = [*module.RULES.splitlines(), *module.LEFT_OVER]
    expected = [{line.strip()} for line in lines if line.strip()]
    assert sum(map(len, expected)) == len(TABLE.rewrites) + len(LAST.rewrites)
    assert [lines for lines in expected if not lines & used] == []


# -- across statements ----------------------------------------------------------------------------


def test_contributions_are_collected() -> None:
    assert folded("x_bar = g * x\nx_bar_2 = x_bar + g * x\nreturn x_bar_2") == (
        "x_bar_2 = 2 * g * x\nreturn x_bar_2"
    )
    assert folded("x_bar = g * x\nt = g * x\nx_bar_2 = x_bar + t\nreturn x_bar_2") == (
        "x_bar_2 = 2 * g * x\nreturn x_bar_2"
    )


def test_copies_are_seen_through() -> None:
    assert folded("x_bar = g\nx_bar_2 = x_bar + g\nreturn x_bar_2") == (
        "x_bar = g\nx_bar_2 = 2 * x_bar\nreturn x_bar_2"
    )


def test_a_name_read_twice_stays() -> None:
    body = "x_bar = g * x\nx_bar_2 = x_bar + g * x\nreturn (x_bar, x_bar_2)"
    assert folded(body) == body


def test_the_sum_over_a_square() -> None:
    body = (
        "t_2_bar = unreduce(g, like=v)\nv_bar = t_2_bar * v\nv_bar_2 = v_bar + t_2_bar * v\n"
        "return v_bar_2"
    )
    assert folded(body) == "v_bar_2 = 2 * g * v\nreturn v_bar_2"


def test_what_is_repeated_for_many_is_computed_once() -> None:
    mean = "t_2_bar = unreduce(g / x, like=v)\n"
    square = "v_bar = t_2_bar * v\nv_bar_2 = v_bar + t_2_bar * v\nreturn v_bar_2"
    assert folded(mean + square) == "t = g / x\nv_bar_2 = 2 * t * v\nreturn v_bar_2"
    product = "v_bar = t_2_bar * w\nw_bar = t_2_bar * v\nreturn (v_bar, w_bar)"
    assert folded(mean + product) == (
        "t = g / x\nv_bar = t * w\nw_bar = t * v\nreturn (v_bar, w_bar)"
    )
    taken = "t = x * y\n" + mean + product
    assert "t_2 = g / x" in folded(taken.replace("(v_bar", "(t, v_bar"))


STORED = [
    ("A += unreduce(g, A)\nv[:] = 1.0 * w", "A += g\nv[:] = w"),
    ("A += unreduce(g, A) * col", "A += g * col"),
    ("A += (1 - unreduce(r, A, axis=0)) * col", "A += (1 - r) * col"),
    ("A += unreduce(r, A, axis=0)", "A += r"),
    ("A -= unreduce(v, A, axis=1)", "A -= np.expand_dims(v, 1)"),
    ("A -= unreduce(row, A, axis=0, keepdims=True)", "A -= row"),
    ("A += unreduce(i, A) * r", "A += unreduce(i, A) * r"),
    ("v[w > x] += unreduce(g, w[w > x]) * v[w > x]", "v[w > x] += g * v[w > x]"),
    ("v[w > x] += unreduce(g, w[v > x])", "v[w > x] += unreduce(g, w[v > x])"),
    ("A += np.sin(unreduce(r, A, axis=0))", "A += np.sin(unreduce(r, A, axis=0))"),
    ("w = unbroadcast(v, w)", "w = v"),
    ("w = unbroadcast(v, w)\nv[:] = 0.0", "w = np.array(v)\nv[:] = 0.0"),
    ("w = unbroadcast(v, w)\nw += v", "w = np.array(v)\nw += v"),
    ("w = unbroadcast(v, w) * 2\nv[:] = 0.0", "w = 2 * v\nv[:] = 0.0"),
]


@pytest.mark.parametrize(("before", "after"), STORED)
def test_what_is_stored_into_an_array_needs_no_array_of_its_own(before: str, after: str) -> None:
    assert folded(before) == after
    found, expected = values(), values()
    compiled(unit(after))(**found)
    compiled(unit(before))(**expected)
    np.testing.assert_allclose(numbers(found), numbers(expected), rtol=1e-13)


def test_a_sign_is_as_good_as_a_name() -> None:
    body = "t = -g\nx_bar = {0} * x\ny_bar = x_bar + {0} * y / s"
    assert folded(body.format("t") + "\nreturn y_bar, x_bar") == (
        "x_bar = -g * x\ny_bar = x_bar - g * y / s\nreturn (y_bar, x_bar)"
    )
    arrays = "t = -v\nx_bar = t * x\ny_bar = t * y\nreturn (x_bar, y_bar)"
    assert folded(arrays) == arrays
    changed = "t = -g\nx_bar = t * x\ng = y\ny_bar = t * y\nreturn (x_bar, y_bar)"
    assert "y_bar = t * y" in folded(changed)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v_bar = g * v\nv_bar += g * v\nreturn v_bar", "v_bar = 2 * g * v\nreturn v_bar"),
        ("v_bar = np.zeros_like(v)\nv_bar += g * v\nreturn v_bar", "v_bar = g * v\nreturn v_bar"),
        ("w[0] += g * x\nw[0] += g * x\nw[0] += g * x", "w[0] += 3 * g * x"),
        ("w += g * v\nw += g * v", "w += 2 * g * v"),
    ],
)
def test_terms_that_are_added_in_place(before: str, after: str) -> None:
    assert folded(before) == after
    expected = outcome(unit(before), values())
    found = outcome(fold(unit(before), kind_of, everywhere), values())
    np.testing.assert_allclose(numbers(found), numbers(expected), rtol=1e-14)


@pytest.mark.parametrize(
    "body",
    [
        "v_bar = w\nv_bar += w",
        "w[0] += w[1] * x\nw[0] += w[1] * x",
        "w += g * w\nw += g * w",
        "w[0] += g * x\nw[i] += g * x",
        "w[0] += g * x\nw[0] -= g * x",
    ],
)
def test_terms_that_stay_apart(body: str) -> None:
    assert folded(body) == body


def test_adjoints_count_as_floats_where_no_kind_is_known() -> None:
    assert folded("x_bar = y_bar * (2 * x ** (2 - 1))", unknown) == "x_bar = 2 * y_bar * x"
    assert folded("x_bar = i * (2 * x ** (2 - 1))", unknown) == "x_bar = 2 * i * x ** 1"


@pytest.mark.parametrize(
    "body",
    [
        "t = -x\nx = y\nz = t + -x\nreturn z",
        "t = -v\nv[0] = 1.0\nz = w + t\nreturn z",
        "t = -v\nif i:\n    v[0] = 1.0\nz = w + t\nreturn z",
        "u = v[1:]\nt = -v\nu += 1.0\nz = w + t\nreturn z",
    ],
)
def test_nothing_is_drawn_over_a_change(body: str) -> None:
    after = fold(unit(body), kind_of, everywhere)
    assert "t = -" in tree.text(after.tree)
    assert outcome(after, values()) == outcome(unit(body), values())


def test_definitions_of_other_statements_are_left_alone() -> None:
    whole = unit("z_bar = 2 * g\nx_bar = 3 * z_bar\nreturn x_bar")
    for number, statement in enumerate(whole.tree.body):
        tree.mark(statement, Origin("", number, 0, number, 1, ""), "reverse")
    assert fold(whole, kind_of) is whole
    for statement in whole.tree.body:
        tree.mark(statement, None, "reverse")
    assert tree.text(fold(whole, kind_of).tree.body) == "x_bar = 6 * g\nreturn x_bar"


def test_the_program_stays_as_it_was_written() -> None:
    whole = unit("z = x * 1.0 + 0\nz_bar = g * 1.0 + 0\nreturn z_bar")
    tree.mark(whole.tree.body[1], None, "reverse")
    assert tree.text(fold(whole, kind_of).tree.body) == "z = x * 1.0 + 0\nz_bar = g\nreturn z_bar"


def test_effects_are_neither_dropped_nor_doubled() -> None:
    body = "z = note(x) + note(x)\nreturn z"
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    whole = unit_of(f"def f({ARGUMENTS}):\n{lines}", Log().objects())
    assert fold(whole, kind_of, everywhere) is whole


def test_numpy_is_named_where_the_program_does_not_know_it() -> None:
    whole = unit_of("def f(g, np):\n    x_bar = unreduce(g, v)\n    return x_bar", ENGINE)
    namespace = {k: v for k, v in whole.namespace.items() if k != "np"}
    after = fold(replace(whole, namespace=namespace), kind_of, everywhere)
    assert tree.text(after.tree.body[0]) == "x_bar = np_2.full_like(v, g)"
    assert after.namespace["np_2"] is np


def test_a_unit_without_work_is_the_same_unit() -> None:
    whole = unit("z = g * x\nfor k in range(i):\n    z = z + y\nreturn z")
    assert fold(whole, kind_of, everywhere) is whole


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_compute_the_same(seed: int) -> None:
    before = program(seed, temporaries=True)
    after = fold(before, unknown, everywhere)
    assert tree.text(fold(before, unknown, everywhere).tree) == tree.text(after.tree)
    logs = Log(), Log()
    with np.errstate(all="ignore"):
        old = outcome(before, arguments(seed), **logs[0].objects())
        new = outcome(after, arguments(seed), **logs[1].objects())
    np.testing.assert_allclose(numbers(new), numbers(old), rtol=1e-9)


def numbers(result: Any) -> list[float]:
    """The numbers of an outcome, in order."""
    found = re.findall(r"-?(?:\d[\d.]*(?:e[-+]?\d+)?|inf|nan)", repr(result))
    return [float(text) for text in found]


@pytest.mark.parametrize("seed", range(60))
def test_simplifying_comes_to_an_end(seed: int) -> None:
    """`0.8 * 1.5 * 2.8` was turned round for ever: each number in turn was moved before the two others."""
    generator = np.random.default_rng(seed)
    atoms = ["0.8", "1.5", "-2.8", "0.3", "2", "-3", "1", "x", "s", "v"]

    def expression(depth: int) -> str:
        if not depth:
            return str(generator.choice(atoms))
        left, right = expression(depth - 1), expression(depth - int(generator.integers(1, depth + 1)))
        return f"({left}) {generator.choice(list('***/+-'))} ({right})"

    body = f"return {expression(int(generator.integers(2, 5)))}"
    with np.errstate(all="ignore"):
        old, new = (compiled(u)(**values()) for u in (unit(body), fold(unit(body), kind_of, everywhere)))
    np.testing.assert_allclose(new, old, rtol=1e-12, atol=1e-12)


def test_what_a_repeated_value_reads_is_not_used_up() -> None:
    body = "t = -v\nt_2 = unreduce(t, like=A, axis=1)\nx_bar = t_2 / col\ny_bar = -t_2 * A\nreturn x_bar, y_bar"
    text = folded(body)
    assert text.index("t = -v") < text.index("x_bar")
    written = set(re.findall(r"^(\w+) =", text, re.M))
    assert set(re.findall(r"\bt\w*\b", text.replace("return", ""))) <= written


SMALL = np.array([200, 100, 50, 255], dtype=np.uint8)
MASK = np.array([True, False, True, True])
POINT, OTHER_POINT = np.array([0.7, 1.2, 0.4, 2.1]), np.array([1.7, 0.2, 2.4, 1.1])


@pytest.mark.parametrize("k", [SMALL, SMALL.astype(np.int8), np.full(4, 4 * 10**9), MASK, np.uint8(200), 7])
@pytest.mark.parametrize(
    "function",
    [
        lambda x, w, k: np.sum(x * x * (k * k + k * k)),
        lambda x, w, k: np.sum(x * x * (w * k + k * k * w)),
        lambda x, w, k: np.sum(x * x * ((k > 1) * (w > 0.5) + (k > 1) * (w > 0.5)) * w),
        lambda x, w, k: np.sum(x * x * (k / w + k / w)),
        lambda x, w, k: np.sum(x * x * (k * (k * w))),
        lambda x, w, k: np.sum(x * x * (k * -w)),
        lambda x, w, k: np.sum(x * x * (k / -w)),
        lambda x, w, k: np.sum(x * x * (k * (3 * w))),
        lambda x, w, k: np.sum(x * (k * 2)) * np.sum(w),
        lambda x, w, k: np.sum(x * w * (k + k)) + np.sum(w * (k * 2) * (k * 2)),
    ],
)
def test_arithmetic_of_integers_stays_as_it_is(function: Any, k: Any) -> None:
    """`m * n + m * n` of truth values became `2 * m * n`, and `k * (k * x)` a product of integers that overflows.

    `x_bar = unreduce(s, like=x * (k * 2)) * (k * 2)` became `2 * s * k`: `k * 2` still stood in what tells the shape.
    """
    check_derivative(function, POINT, OTHER_POINT, k, wrt=(0, 1))


def test_signs_of_integers_that_wrap_around_stay_where_they_are() -> None:
    def negated(x, w, k):
        return np.sum(x * x * (-k * w) - (-k) * x + w / -(k * 1.0) - (-(k + k)) * w)

    check_derivative(negated, POINT, OTHER_POINT, SMALL, wrt=(0, 1))
