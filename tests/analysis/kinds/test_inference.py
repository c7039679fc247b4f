"""Programs as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.analysis.kinds import infer
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    INT,
    UNKNOWN,
    array,
)
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit
from tests.analysis.kinds.building import X, kinds


def annotated(x: np.ndarray, s: float, n: int, note: str) -> None: ...


def test_opaque_statements() -> None:
    body = """
y = X
try:
    y = undefined(X)
except ValueError:
    pass
def g(t):
    return t
z = y
w = g(X)
return z
"""
    names = kinds(body, X=X).names
    assert names["z"] == names["w"] == UNKNOWN


def test_annotations_speak_where_no_arguments_do() -> None:
    node: Any = tree.statements("def annotated(x, s, n, note):\n    y = x * s\n    return y")[0]
    source = Source("", "", 1, 0, "annotated", annotated, {}, {})
    names = infer(Unit(node, source, Request("grad"))).names
    assert names["y"] == array(None, None)
    assert names["n"] == INT and names["note"].family == "other"


def test_asking_changes_nothing_and_is_deterministic() -> None:
    body = "m = X[X > 0]\nq = m + m\nk = X[X > 1]\nr = m + k\nreturn q"
    first, second = (kinds(body, X=X) for _ in range(2))
    assert first.names == second.names
    assert first.names["q"] == first.names["m"]
    assert first.names["k"].shape != first.names["m"].shape
    asked = [first.kind_of(tree.expression("np.unique(X)")).shape for _ in range(2)]
    assert asked[0] != asked[1]
    assert first.names == second.names
