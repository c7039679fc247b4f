import random
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind, scalar
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.subexpressions import subexpressions, twins
from tests.helpers import compiled, outcome, unit_of
from tests.random_programs import Log, arguments, program


def everywhere(statement: gast.AST) -> bool:
    """All statements count as the derivative's."""
    return True


def unit(body: str, head: str = "f(x, y, A, i)") -> Unit:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return unit_of(f"def {head}:\n{lines}", Log().objects())


def shared(body: str, kind_of: Any = None) -> str:
    """The body of a function after the pass; `t`, `t_2`, ... are temporaries."""
    return tree.text(subexpressions(unit(body), kind_of, everywhere).tree.body)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # a call, as a whole and inside
        (
            "y_2 = np.exp(x)\nz = np.exp(x)\nreturn y_2 * z",
            "y_2 = np.exp(x)\nz = y_2\nreturn y_2 * z",
        ),
        (
            "y_2 = np.exp(x)\nx_bar = y * np.exp(x)\nreturn x_bar",
            "y_2 = np.exp(x)\nx_bar = y * y_2\nreturn x_bar",
        ),
        ("t = np.exp(x)\nz = y * np.exp(x) + t", "t = np.exp(x)\nz = y * t + t"),
        ("z = np.exp(x)\nA[0] += np.exp(x)\nreturn z", "z = np.exp(x)\nA[0] += z\nreturn z"),
        # several operations
        (
            "z = x * y + 1\nw = np.sin(x * y + 1)\nreturn w",
            "z = x * y + 1\nw = np.sin(z)\nreturn w",
        ),
        # one operation, for a name that stays anyway
        ("z = x * y\nw = x * y + z\nreturn w", "z = x * y\nw = z + z\nreturn w"),
        # from a block around
        (
            "z = np.exp(x)\nif i:\n    w = np.exp(x) + 1\nelse:\n    w = z\nreturn w",
            "z = np.exp(x)\nif i:\n    w = z + 1\nelse:\n    w = z\nreturn w",
        ),
        (
            "z = np.exp(x)\nfor k in range(i):\n    A[k] = np.exp(x) + k\nreturn z",
            "z = np.exp(x)\nfor k in range(i):\n    A[k] = z + k\nreturn z",
        ),
    ],
)
def test_computed_once(before: str, after: str) -> None:
    assert shared(before) == after


@pytest.mark.parametrize(
    "body",
    [
        # a name costs as much, or the text would be worse
        "t = x * y\nz = t + 1\nw = x * y\nreturn z + w",
        "z = A[0]\nw = A[0] + 1\nreturn w",
        "z = A[1:]\nw = A[1:]\nreturn z + w",
        "z = len(A)\nw = len(A) + 1\nreturn w",
        "z = (x, y)\nw = (x, y)\nreturn (z, w)",
        "z = x * y\nif i:\n    w = x * y\nelse:\n    w = x\nreturn w + z",
        # not the same
        "z = np.exp(x * 1)\nw = np.exp(x * 1.0)\nreturn z + w",
        "z = np.exp(x)\nx = y\nw = np.exp(x)\nreturn z + w",
        "z = np.exp(A)\nA[0] = x\nw = np.exp(A)\nreturn z + w",
        "v = A[1:]\nz = np.exp(A)\nv += x\nw = np.exp(A)\nreturn z + w",
        "z = np.exp(A)\ntouch(A)\nw = np.exp(A)\nreturn z + w",
        "z = np.exp(A)\nfor k in range(i):\n    A[k] = np.sum(np.exp(A))\nreturn z",
        # not from a loop or a branch into what follows it
        "for k in range(i):\n    z = np.exp(x)\n    A[k] = z\nw = np.exp(x)\nreturn w",
        "if i:\n    z = np.exp(x)\nelse:\n    z = x\nw = np.exp(x)\nreturn z + w",
        # calls with an effect, and random numbers
        "z = touch(A)\nw = touch(A)\nreturn z + w",
        "z = np.random.normal()\nw = np.random.normal()\nreturn z + w",
        # one array is written, or both are seen by the caller
        "z = np.exp(A)\nw = np.exp(A)\nw[0] = 0.0\nreturn z + w",
        "z = np.exp(A)\nw = np.exp(A)\nz[0] = 0.0\nreturn z + w",
        "z = np.zeros(3)\nw = np.zeros(3)\nz[0] = x\nreturn z + w",
        "z = np.exp(A)\nw = np.exp(A)\nreturn (z, w)",
        "z = np.exp(A)\nreturn (z, np.exp(A))",
        "z = np.exp(A)\nw = [x]\nw[0] = np.exp(A)\nreturn (z, w)",
    ],
)
def test_computed_again(body: str) -> None:
    whole = unit(body)
    assert subexpressions(whole, applies=everywhere) is whole


def test_numbers_have_no_identity() -> None:
    def kind_of(node: gast.AST) -> Kind:
        return scalar("float") if isinstance(node, gast.Name) and node.id in "xyzw" else UNKNOWN

    body = "z = np.exp(x)\nw = np.exp(x)\nreturn (z, w)"
    assert shared(body, kind_of) == "z = np.exp(x)\nw = z\nreturn (z, w)"


def test_the_program_stays_as_it_was_written() -> None:
    whole = unit("z = np.exp(x)\nw = np.exp(x) + z\nx_bar = w * np.exp(x)\nreturn x_bar")
    tree.mark(whole.tree.body[2], None, "reverse")
    assert tree.text(subexpressions(whole).tree.body) == (
        "z = np.exp(x)\nw = np.exp(x) + z\nx_bar = w * z\nreturn x_bar"
    )


def with_twins(forward: str, reverse: str, kind_of: Any = None) -> str:
    """The last line of a function, the only one of the reverse sweep, after the search for twins."""
    inside = "".join(f"    {line}\n" for line in forward.splitlines())
    whole = unit(f"for j in range(3):\n{inside}{reverse}")
    tree.mark(whole.tree.body[-1], None, "reverse")
    return tree.text(twins(whole, kind_of or numbers).tree.body[-1]).strip()


def numbers(node: gast.AST) -> Kind:
    """Everything is a number, but for the array `A`."""
    return UNKNOWN if tree.is_name(node, "A") else scalar("float")


@pytest.mark.parametrize(
    "forward",
    [
        "t = A[i]\nt_2 = A[i]",
        "t = x * y\nt_2 = x * y",
        "t = np.exp(x)\nt_2 = np.exp(x)",
        "for k in range(i):\n    t = A[k - 1]\n    t_2 = A[k - 1]\n    A[k] = t * t_2",
        "z = A[i]\nif x:\n    t = z * y\n    t_2 = z * y",
    ],
)
def test_the_reverse_sweep_reads_one_name_for_a_value(forward: str) -> None:
    assert with_twins(forward, "x_bar = t * t_2") == "x_bar = t * t"


@pytest.mark.parametrize(
    "forward",
    [
        # changed in between
        "t = A[i]\nA[i] = x\nt_2 = A[i]",
        "t = A[i]\nfor k in range(i):\n    t_2 = A[i]\n    A[k] = t_2",
        # not on every path
        "if x:\n    t = A[i]\nelse:\n    t_2 = A[i]",
        # not the same
        "t = A[1]\nt_2 = A[1.0]",
        # atoms and displays
        "t = x\nt_2 = x",
        "t = (x, y)\nt_2 = (x, y)",
    ],
)
def test_what_is_no_twin(forward: str) -> None:
    assert with_twins(forward, "x_bar = t * t_2") == "x_bar = t * t_2"


def test_without_loops_nothing_is_recorded() -> None:
    whole = unit("t = A[i]\nt_2 = A[i]\nx_bar = t * t_2")
    tree.mark(whole.tree.body[-1], None, "reverse")
    assert twins(whole, numbers) is whole


def test_the_users_names_and_arrays_that_are_written_have_no_twins() -> None:
    assert with_twins("z = A[i]\nw = A[i]", "x_bar = z * w") == "x_bar = z * w"
    assert with_twins("z = A[i]\nt = A[i]", "x_bar = z * t") == "x_bar = z * z"
    arrays = "t = np.copy(A)\nt_2 = np.copy(A)\nt_2[0] = x"
    assert with_twins(arrays, "x_bar = t * t_2", lambda node: UNKNOWN) == "x_bar = t * t_2"


def repeating(seed: int) -> Unit:
    """A program in which few expressions come again and again, between stores through aliases."""
    chosen = random.Random(seed)
    lines = ["def f(x, y, a, b, n):", "    v_1 = a * 1", "    v_2 = b"]
    count = 2
    depth = 1
    for _ in range(18):
        names = [f"v_{k}" for k in range(1, 3)] + ["a", "b", f"v_{count}" if depth == 1 else "a"]
        one, two = chosen.choice(names[:4]), chosen.choice(names)
        call = f"np.{chosen.choice(('sin', 'exp', 'copy'))}({one})"
        value = chosen.choice((call, call, f"{call} * {two}", f"{one} * {two} + x"))
        kind = chosen.random()
        pad = "    " * depth
        if kind < 0.6:
            count += 1
            lines.append(f"{pad}v_{count} = {value}")
            if depth > 1:
                lines.append(f"{pad}note(v_{count})")
                lines.append(f"{pad}v_{count}[1] += 0.5" if kind < 0.1 else f"{pad}note(x)")
        elif kind < 0.75:
            lines.append(f"{pad}{two}[{chosen.randrange(4)}] = {chosen.choice(('x', 'y'))}")
        elif kind < 0.8:
            lines.append(f"{pad}touch({two})")
        elif depth == 1:
            lines.append(f"{pad}{chosen.choice(('if x > y', 'for k in range(n)'))}:")
            lines.append(f"{pad}    note({two})")
            depth = 2
            outside = count
        else:
            depth, count = 1, count + 1
            lines.append(f"    v_{count} = v_{outside} * 0.5")
    if depth == 2:
        count = outside
    lines.append(f"    return (v_{count}, v_1, v_2)")
    return unit_of("\n".join(lines), Log().objects())


@pytest.mark.parametrize("make", [program, repeating])
def test_random_programs_do_the_same(make: Any) -> None:
    changed = 0
    for seed in range(60):
        before = make(seed)
        after = subexpressions(before, applies=everywhere)
        logs = Log(), Log()
        assert outcome(after, arguments(seed), **logs[1].objects()) == (
            outcome(before, arguments(seed), **logs[0].objects())
        ), seed
        assert logs[0].lines == logs[1].lines, seed
        changed += after is not before
    assert changed > 0


def test_what_the_caller_gets_shares_no_more_memory_than_before() -> None:
    for seed in range(60):
        given = arguments(seed)
        result = compiled(subexpressions(repeating(seed), applies=everywhere), **Log().objects())(
            **{k: v.copy() if isinstance(v, np.ndarray) else v for k, v in given.items()}
        )
        expected = compiled(repeating(seed), **Log().objects())(
            **{k: v.copy() if isinstance(v, np.ndarray) else v for k, v in given.items()}
        )
        for i in range(3):
            for j in range(i):
                assert np.shares_memory(result[i], result[j]) == (
                    np.shares_memory(expected[i], expected[j])
                )
