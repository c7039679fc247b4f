"""One check of every rule through the whole compiler: both modes, dtypes, second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg
from scipy import special

from tangent_sct import runtime
from tangent_sct.templating import registry
from tangent_sct.testing import check_rule
from tests.templates.cases import CASES, Case
from tests.templates.filled import is_float
from tests.templates.test_rules import label


def holds_floats(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(holds_floats, value))
    return is_float(value)


ELSEWHERE = {
    np.linalg.lstsq, scipy.linalg.cho_factor, scipy.linalg.cho_solve, runtime.chain_adjoint, runtime.einsum_adjoint,
    runtime.cofactors, runtime.second_cofactors, np.frexp,
}  # fmt: skip
"""Functions whose results or arguments hold more than floats, helpers that want literals, and those of determinants,
whose third derivative is refused: see test_linalg.py."""
ONCE = {special.ellipkm1, special.ellipkinc, special.ellipeinc, special.elliprf}
"""Functions whose second derivative is refused: Carlson's R_D has no rule."""
FIRST: dict[Any, Case] = {}
for case in CASES:
    if any(map(holds_floats, case[1])) and case[0] not in ELSEWHERE:
        FIRST.setdefault(case[0], case)


def differentiated(case: Case) -> list[int]:
    """Positions of the arguments that hold floats and that the rule has a derivative for."""
    function, args, _ = case
    rule = registry.find(function)
    assert rule is not None
    names = [argument.name for argument in rule.layout.positional]
    return [
        i for i, value in enumerate(args)
        if holds_floats(value) and not (i < len(names) and names[i] in rule.constant)
    ]  # fmt: skip


@pytest.mark.every(4)
@pytest.mark.parametrize("case", FIRST.values(), ids=map(label, FIRST.values()))
def test_through_the_compiler(case: Case) -> None:
    function, args, keywords = case
    with np.errstate(all="ignore"):
        check_rule(function, *args, wrt=differentiated(case), order=1 if function in ONCE else 2, **keywords)
