"""Each part of a construct runs once, and in Python's order, in derivatives as well."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError
from tangent_sct.testing import check_products
from tests.laws.evaluation import CONSTRUCTS, MODES, nested, program
from tests.laws.samples import load

X, T = np.array([0.83, 0.61, 1.27, 0.94]), np.array([0.7, 1.3])


def outcome(name: str, text: str) -> str:
    """The reason of a refusal, if there is one."""
    f = load(text, f"<evaluation: {name}>")["f"]
    try:
        check_products(f, (X.copy(), T.copy()), (0,))
    except (UnsupportedError, DerivativeError) as error:
        return str(error)
    return ""


@pytest.mark.every(4)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.splitlines()[0])
def test_parts_run_once_and_in_order(construct: str, mode: str) -> None:
    for seed in range(2 if mode in ("mixed", "reading") else 1):
        if outcome(f"{CONSTRUCTS.index(construct)} {mode} {seed}", program(construct, mode, seed)):
            pytest.xfail("refused")


def test_constructs_within_constructs() -> None:
    refused = sum(bool(outcome(f"nested {seed}", nested(seed))) for seed in range(80))
    assert refused < 40
