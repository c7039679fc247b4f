"""Programs that save seeds, for the passes that find out whether a copy is needed."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from tangent_sct.core.unit import Unit
from tests.helpers import unit_of


def everywhere(statement: gast.AST) -> bool:
    """All statements count as those of a reverse sweep."""
    return True


def unit(body: str) -> Unit:
    """A function of arrays, a list and an index, in which `seed` is a temporary."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return unit_of(f"def f(a, b, c, i, s):\n{lines}    return a, b, c, s", temporaries="seed")


def arguments() -> dict[str, Any]:
    """What it is called with."""
    return {
        "a": np.arange(4.0), "b": np.ones(4), "c": np.full(4, 2.0), "i": np.array([0, 2]),
        "s": [np.arange(4.0), np.arange(4.0)],
    }  # fmt: skip
