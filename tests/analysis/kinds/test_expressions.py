"""Kinds of expressions: what is known of results."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    UNKNOWN,
    Kind,
    array,
    constant,
    container,
    scalar,
)
from tests.analysis.kinds.building import A, X, Z, kinds


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1.0 + s", FLOAT),
        ("2 * 3 + LIMIT", constant(9)),
        ("X * s", X),
        ("A * Z", A),
        ("A @ Z", X),
        ("A.T", array(("n1", "n0"))),
        ("A.sum(axis=1)", X),
        ("A.mean()", scalar("float64")),
        ("X > 0", array(("n0",), "bool")),
        ("s > 0", scalar("bool")),
        ("not s", scalar("bool")),
        ("X.copy()", X),
        ("X.astype(np.float32)", array(("n0",), "float32")),
        ("X.item()", FLOAT),
        ("X.ndim", constant(1)),
        ("X.dtype", Kind("other", value=np.dtype("float64"))),
        ("len(WEIGHTS)", constant(3)),
        ("X.shape[0]", INT),
        ("np.pi", constant(np.pi)),
        ("WEIGHTS", array(("3",))),
        ("(s, X)[1]", X),
        ("[X, Z][-1]", Z),
        ("{'a': X}['a']", X),
        ("X if s > 0 else X", X),
        ("np.where(X > 0, X, 0.0)", X),
        ("np.zeros_like(A)", A),
        ("np.zeros(A.shape)", A),
        ("np.zeros(len(X))", X),
        ("np.empty((A.shape[1], 3), dtype=np.float32)", array(("n1", "3"), "float32")),
        ("np.arange(len(X))", array(("n0",), "int64")),
        ("np.zeros((n, n + 1))", array(("len:n", "len:(len:n + 1)"))),
        ("np.reshape(X, (len(X), 1))", array(("n0", 1))),
        ("np.broadcast_to(s, A.shape)", A),
        ("np.random.normal(size=X.shape)", X),
        ("unbroadcast(A, Z)", Z),
        ("unbroadcast(A, s)", scalar("float64")),
        ("unreduce(s, A)", A),
        ("unreduce(mystery, A)", array(A.shape, None)),
        ("unbroadcast(mystery, X)", array(X.shape, None)),
        ("unbroadcast(mystery, s)", UNKNOWN),
        ("zeros_like((s, X))", container("tuple", {0: FLOAT, 1: X})),
        ("max(s, 0)", scalar(None)),
        ("LIMIT - 1", constant(2)),
        ("lambda t: t", Kind("other")),
        ("undefined(X)", UNKNOWN),
        ("mystery + 1", UNKNOWN),
    ],
)
def test_expressions(expression: str, expected: Kind) -> None:
    found = kinds(f"r = {expression}\nreturn r", X=X, Z=Z, A=A, s=FLOAT, n=INT, mystery=UNKNOWN)
    assert found.names["r"] == expected
    assert found.kind_of(tree.expression("r")) == expected
