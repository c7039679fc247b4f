"""Small programs for tests of kinds."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct import runtime
from tangent_sct.analysis.kinds import Kinds, infer
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    Kind,
    array,
)
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit
from tangent_sct.frontend.single import single

NAMESPACE = {
    "np": np,
    "iadd": operator.iadd,
    "unbroadcast": runtime.unbroadcast,
    "unreduce": runtime.unreduce,
    "zeros_like": runtime.zeros_like,
    "LIMIT": 3,
    "WEIGHTS": np.array([1.0, 2.0, 1.0]),
}


def unit(body: str, kinds: Mapping[str, Kind], objects: Mapping[str, Any] = NAMESPACE) -> Unit:
    """A program in single assignment, its parameters those with kinds."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    node: Any = tree.statements(f"def f({', '.join(kinds)}):\n{lines}")[0]
    names = Names(n.id for n in tree.walk(node) if isinstance(n, gast.Name))
    statements, bases = single(node, names, set())
    source = Source("", "", 1, 0, "f", lambda: None, objects, {})
    request = Request("grad", kinds=tuple(kinds.items()))
    return Unit(tree.function("f", node.args, statements), source, request, objects, bases)


def kinds(body: str, call_kind: Any = None, **given: Kind) -> Kinds:
    return infer(unit(body, given), call_kind)


X = array(("n0",))
Y = array(("n0",))
Z = array(("n1",))
A = array(("n0", "n1"))
