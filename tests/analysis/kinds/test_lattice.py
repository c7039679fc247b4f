"""Joins of kinds."""

from __future__ import annotations

from tangent_sct.core.kind import (
    FLOAT,
    INT,
    UNKNOWN,
    scalar,
)
from tests.analysis.kinds.building import X, Z, kinds


def test_joins() -> None:
    body = """
if s > 0:
    a = X
    b = X
    c = X
    d = 1
    e = 1.0
else:
    a = X * 2
    b = Z
    c = s
    d = 2
    e = np.sum(X)
return a, b, c, d, e
"""
    names = kinds(body, X=X, Z=Z, s=FLOAT).names
    a, b, c, d, e = (names[f"{n}_3"] for n in "abcde")
    assert a == X
    assert b.rank == 1 and b.shape not in (X.shape, Z.shape)
    assert c == UNKNOWN
    assert d == INT
    assert e == scalar("float64")
