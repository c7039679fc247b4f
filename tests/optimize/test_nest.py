from typing import Any

import pytest

from tangent_sct.core import tree
from tangent_sct.core.kind import INT, UNKNOWN, Kind, array
from tangent_sct.core.origins import Origin
from tangent_sct.optimize.nest import DEPTH, WIDTH, nest
from tests.helpers import outcome, unit_of
from tests.random_programs import Log, arguments, program


def nested(body: str, head: str = "f(x, y, A, i)", kind_of: Any = None) -> str:
    """The body of a function after the pass; `t`, `t_2`, ... are temporaries."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    unit = unit_of(f"def {head}:\n{lines}", Log().objects())
    return tree.text(nest(unit, kind_of).tree.body)


def stays(body: str, **options: Any) -> bool:
    """Whether the pass leaves a body as it is."""
    return nested(body, **options) == body


# -- what the front end broke up comes back -------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("t = x * 2\nt_2 = t + y\nz = t_2 / x\nreturn z", "z = (x * 2 + y) / x\nreturn z"),
        ("t = np.sin(x)\nz = t\nreturn z", "z = np.sin(x)\nreturn z"),
        (
            "t = A[:-2]\nt_2 = A[2:]\nt_3 = t + t_2\nt_4 = t_3 / 2\nA[1:-1] = t_4",
            "A[1:-1] = (A[:-2] + A[2:]) / 2",
        ),
        ("t = A[i]\nt[0] = x", "A[i][0] = x"),
        ("t = i + 1\nA[t] = x", "A[i + 1] = x"),
        ("t = x * y\nA[i] += t", "A[i] += x * y"),
        ("t = x * x\nt_2 = y * y\nreturn np.sqrt(t + t_2)", "return np.sqrt(x * x + y * y)"),
        ("t = x > y\nif t:\n    A[0] = x", "if x > y:\n    A[0] = x"),
        ("t = len(A)\nfor k in range(t):\n    A[k] = x", "for k in range(len(A)):\n    A[k] = x"),
        # calls of which nothing is known, evaluated in the same order
        ("t = note(x)\nt_2 = note(y)\nz = t * t_2\nreturn z", "z = note(x) * note(y)\nreturn z"),
        ("t = np.sin(A)\nt_2 = touch(A)\nz = t * t_2", "z = np.sin(A) * touch(A)"),
        ("t = touch(A)\nt_2 = t * x\nnote(t_2)", "note(touch(A) * x)"),
        ("t = touch(A)\nt_2 = A[0]\nz = t * t_2\nreturn z", "z = touch(A) * A[0]\nreturn z"),
    ],
)
def test_whole_again(broken: str, whole: str) -> None:
    assert nested(broken) == whole


def test_below_a_branch() -> None:
    assert nested("t = x * y\nif i:\n    z = t + 1\nelse:\n    z = x\nreturn z") == (
        "if i:\n    z = x * y + 1\nelse:\n    z = x\nreturn z"
    )


def test_views_are_updated_in_place() -> None:
    assert nested("t = A[1:]\nt += x") == "A[1:] += x"
    assert nested("for k in range(i):\n    t = A[k + 1, :2]\n    t += x") == (
        "for k in range(i):\n    A[k + 1, :2] += x"
    )


def test_an_index_may_be_an_array_and_make_a_copy() -> None:
    body = "t = A[i, 1:]\nt += x"
    assert stays(body)

    def kind_of(node: Any) -> Kind:
        return {"i": INT, "t": array()}.get(getattr(node, "id", ""), UNKNOWN)

    assert nested(body, kind_of=kind_of) == "A[i, 1:] += x"
    assert nested("t = A[i]\nt += x", kind_of=kind_of) == "A[i] += x"
    assert stays("t_2 = A[0]\nt_2 += x", kind_of=kind_of)


# -- what must stay -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        # names of the user's, names used twice
        "z = x * y\nreturn z + 1",
        "t = x * y\nreturn t + t",
        # a name or an array that is read has changed
        "t = x * y\nx = y\nreturn t + x",
        "t = A[0]\nA[0] = 0.0\nreturn t * x",
        "t = A * 2\nA += x\nreturn t",
        "t = A[0]\nif i:\n    A[0] = 0.0\nreturn t * x",
        "z = A[1:]\nt = A * 2\nz[0] = 1.0\nreturn t",
        "t = A * 2\ntouch(A)\nreturn t",
        "t = A[0]\nnp.add.at(A, [0, 0], 1.0)\nreturn t",
        # into a loop, or where it is evaluated later or never
        "t = x * y\nfor k in range(i):\n    A[k] = t",
        "t = x * y\nwhile t > A[0]:\n    A[0] += 1.0",
        "t = x * y\nz = [t * k for k in A]\nreturn z",
        "t = x * y\nz = lambda: t\nreturn z",
        "t = note(x)\nz = x if i else t\nreturn z",
        # effects in their order
        "t = note(x)\nnote(y)\nreturn t",
        "t = note(x)\nt_2 = note(y)\nreturn t_2 * t",
        "t = touch(A)\nz = A[0] * t\nreturn z",
        "t = np.sin(A)\nz = touch(A) * t\nreturn z",
        "t = touch(A)\nif i:\n    z = t\nelse:\n    z = A\nreturn z",
    ],
)
def test_stays(body: str) -> None:
    assert nested(body).startswith(body.split("\n")[0])


def test_partly() -> None:
    assert nested("t = note(x)\nt_2 = note(y)\nz = t_2 * t\nreturn z") == (
        "t = note(x)\nz = note(y) * t\nreturn z"
    )


def test_the_adjoint_of_a_store_is_taken_before_it_is_cleared() -> None:
    body = "t = A[0]\nA[0] = 0.0\nA[1] += t * x\nreturn A"
    assert stays(body)


# -- size -----------------------------------------------------------------------------------------


def test_lines_stay_readable() -> None:
    long = "np.sin(" + " * ".join(["x"] * 17) + ")"
    body = f"t = {long}\nt_2 = {long}\nz = t + t_2\nreturn z"
    assert nested(body) == f"t = {long}\nz = t + {long}\nreturn z"
    assert all(len(line) <= WIDTH for line in nested(body).splitlines())


def test_expressions_stay_shallow() -> None:
    lines = ["t = x + y", "t_2 = np.sin(t)"]
    lines += [f"t_{k + 1} = np.sin(t_{k})" for k in range(2, 12)]
    text = nested("\n".join([*lines, "return t_12"]))
    assert 1 < len(text.splitlines()) < 5
    assert max(line.count("np.sin") for line in text.splitlines()) <= DEPTH


def test_a_long_line_of_the_users_comes_back() -> None:
    long = "np.sin(" + " * ".join(["x"] * 20) + ")"
    unit = unit_of(f"def f(x):\n    t = {long}\n    t_2 = {long}\n    z = t + t_2\n    return z")
    for statement in unit.tree.body[:3]:
        tree.mark(statement, Origin("", 1, 0, 1, 1, ""))
    assert tree.text(nest(unit).tree.body[0]) == f"z = {long} + {long}"


# -- the same program -----------------------------------------------------------------------------


def test_a_unit_without_work_is_the_same_unit() -> None:
    unit = unit_of("def f(x):\n    y = x * 2\n    return y")
    assert nest(unit) is unit


def test_the_old_unit_is_left_alone() -> None:
    unit = unit_of("def f(x):\n    t = x * 2\n    if x:\n        z = t\n    return z")
    before = tree.text(unit.tree)
    assert tree.text(nest(unit).tree) != before
    assert tree.text(unit.tree) == before


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_do_the_same(seed: int) -> None:
    before = program(seed, temporaries=True)
    after = nest(before)
    logs = Log(), Log()
    assert outcome(after, arguments(seed), **logs[1].objects()) == (
        outcome(before, arguments(seed), **logs[0].objects())
    )
    assert logs[0].lines == logs[1].lines
