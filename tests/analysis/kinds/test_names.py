"""Names and loops: what stays known, and what must not be claimed."""

from __future__ import annotations

from typing import Any

import pytest

from tangent_sct.analysis.kinds import infer
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    UNKNOWN,
    scalar,
)
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit
from tests.analysis.kinds.building import NAMESPACE, A, X, Z, kinds


def test_loops_keep_what_stays() -> None:
    body = """
y = 0.0
k = 0
u = X
while k < n:
    y = y + u[k]
    u = np.sin(u)
    k = k + 1
return y, u, k
"""
    names = kinds(body, X=X, n=INT).names
    assert names["u_2"] == X and names["u_4"] == X
    assert names["y_2"] == scalar("float64")
    assert names["k_2"] == INT


def test_loops_forget_what_changes() -> None:
    body = """
u = X
v = X
w = s
for i in range(n):
    u = u[1:]
    v = np.outer(v, X)
    w = w + X
p = u + v
return u, v, w
"""
    names = kinds(body, X=X, s=FLOAT, n=INT).names
    assert names["u_2"].rank == 1 and names["u_2"].shape not in (("n0",), ("n0-1",))
    assert names["v_2"].is_array and names["v_2"].shape is None
    assert names["w_2"] == UNKNOWN
    assert not {"n0", "n0-1"} & set(names["u_4"].shape or ())


def test_sizes_of_different_iterations_are_told_apart() -> None:
    body = """
z = np.zeros(n)
for i in range(n):
    y = np.zeros(i)
    w = z + y
    z = y
return w
"""
    names = kinds(body, n=INT).names
    assert names["z_2"].shape != names["y"].shape
    assert names["w"].shape not in (names["z_2"].shape, names["y"].shape)


def test_targets_of_loops() -> None:
    body = """
for i, (a, row) in enumerate(zip(X, A)):
    p = a * row
for t in reversed(range(n)):
    q = X[t]
for item in (X, Z):
    r = item
return 0
"""
    names = kinds(body, X=X, Z=Z, A=A, n=INT).names
    assert names["i"] == INT and names["a"] == scalar("float64") and names["p"] == Z
    assert names["q"] == scalar("float64")
    assert names["r"].rank == 1 and names["r"].shape not in (X.shape, Z.shape)


def test_programs_that_are_not_in_single_assignment() -> None:
    # `y` holds arrays of several sizes, and each read may meet another one.
    node: Any = tree.statements(
        "def f(X, n):\n"
        "    y = X\n"
        "    for i in range(n):\n"
        "        a = y\n"
        "        y = X[:i]\n"
        "        b = y\n"
        "        c = a + b\n"
        "    return c"
    )[0]
    source = Source("", "", 1, 0, "f", lambda: None, NAMESPACE, {})
    request = Request("grad", kinds=(("X", X), ("n", INT)))
    names = infer(Unit(node, source, request, NAMESPACE)).names
    assert names["a"].rank == names["b"].rank == 1
    assert names["a"].shape != names["b"].shape


def test_a_name_that_is_unassigned_at_first_is_what_it_becomes() -> None:
    body = """
s = 0.0
for i in range(n):
    y = X[: 2 * i + 1]
    if i > 0:
        s = s + np.sum(z * y)
    z = y
return s
"""
    names = kinds(body, X=X, n=INT).names
    assert names["s_2"] == names["s_5"] == scalar("float64")
    # It is the array of the iteration before.
    assert names["z"].rank == names["y"].rank == 1 and names["z"].shape != names["y"].shape


def test_a_name_that_never_has_a_value_does_not_count() -> None:
    body = """
if n > 0:
    y = X
else:
    z = z + 1
    y = z
return y
"""
    assert kinds(body, X=X, n=INT).names["y_3"] == X


@pytest.mark.parametrize("choice", ["z if n > 0 else X", "X if n > 0 else z", "z and X"])
def test_a_choice_has_a_value_where_one_side_has(choice: str) -> None:
    body = f"if n > 1:\n    z = z + 1\ny = {choice}\nreturn y"
    assert kinds(body, X=X, n=INT).names["y"] == X


def test_what_a_loop_leaves_is_told_from_what_it_last_read() -> None:
    body = """
z = X
for i in range(3):
    y = z * 2
    z = z[1:]
r = y * z
return r
"""
    names = kinds(body, X=X).names
    assert names["y_3"].rank == names["z_4"].rank == 1
    assert names["y_3"].shape != names["z_4"].shape


def test_names_carry_sizes_that_loops_do_not_change() -> None:
    body = """
for i in range(n):
    a = X[:i]
    z = a
    for j in range(n):
        z = z * 2
    r = a + z
return r
"""
    names = kinds(body, X=X, n=INT).names
    assert names["r"].shape == names["a"].shape


def test_items_of_a_loop_differ_from_one_iteration_to_the_next() -> None:
    body = """
for v in (X, Z):
    if n > 0:
        r = p + v
    p = v
return n
"""
    names = kinds(body, X=X, Z=Z, n=INT).names
    assert names["v"].rank == names["p"].rank == 1
    assert len({names[name].shape for name in ("v", "p", "r")}) == 3


def test_programs_in_which_a_name_is_read_before_its_definition() -> None:
    # As printed texts are: `z` is defined once, and carried all the same.
    node: Any = tree.statements(
        "def f(X, n):\n"
        "    for i in range(n):\n"
        "        y = X[:i]\n"
        "        if i > 0:\n"
        "            r = y * z\n"
        "        z = y\n"
        "    return r"
    )[0]
    source = Source("", "", 1, 0, "f", lambda: None, NAMESPACE, {})
    request = Request("grad", kinds=(("X", X), ("n", INT)))
    names = infer(Unit(node, source, request, NAMESPACE)).names
    assert names["z"].rank == 1 and names["z"].shape != names["y"].shape
