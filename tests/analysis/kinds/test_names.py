"""Names and loops: what stays known, and what must not be claimed."""

from __future__ import annotations

from typing import Any

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
