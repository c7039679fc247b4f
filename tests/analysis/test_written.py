"""`written`: what a function may indeed write into."""

import numpy as np
import pytest

from tangent_sct.analysis.aliases import alias_classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.written import written_names
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN

NAMESPACE = {"np": np}


def written(text: str) -> list[str]:
    body = tree.statements(text)
    calls = Calls(NAMESPACE)
    classes = alias_classes(body, NAMESPACE, None, calls)
    return written_names(body, ["x", "y"], classes, calls, lambda node: UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "x[0] = 1.0",
        "x += 1.0",
        "v = x[1:]\nv[0] = 1.0",
        "v = x\nfor i in n:\n    v[i] = 1.0",
        "pair = (x, 1.0)\nv = pair[0]\nv[0] = 1.0",
        "c = []\nc.append(x)\nv = c[0]\nv[0] = 1.0",
        "c = []\nd = c\nd.append(x)\nv = c[0]\nv[0] = 1.0",
        "c = [0.0]\nc[0] = x\nfor v in c:\n    v[0] = 1.0",
        "np.add.at(x, i, 1.0)",
        "unknown(x)",
        "x.append(1.0)",
        "if n:\n    v = x\nelse:\n    v = np.sin(x)\nv[0] = 1.0",
    ],
)
def test_what_is_written(text: str) -> None:
    assert written(text) == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        "v = x * 2.0\nv[0] = 1.0",
        "v = np.sin(x)\nv[0] = 1.0\nif n:\n    result = v\nelse:\n    result = x",
        "out = []\nfor i in n:\n    out.append(np.sin(x[i]))\nif n:\n    result = out\nelse:\n    result = x",
    ],
)
def test_what_only_shares_a_class(text: str) -> None:
    assert written(text) == []
