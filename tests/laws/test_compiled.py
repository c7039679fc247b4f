"""The law of backends on some programs; `python -m tests.laws.run --backend numba` tries more."""

from __future__ import annotations

import pytest

from tests.laws.compiled import examine_compiled
from tests.laws.generator import program

SEEDS = (2, 4, 8, 12, 16, 19)
"""Small programs that Numba accepts: to compile one takes a second or more."""


@pytest.mark.parametrize("seed", SEEDS)
def test_compiled_derivatives_of_random_programs(seed: int, tmp_path, monkeypatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path))
    outcome = examine_compiled(program(seed, size=3))
    assert outcome.status in ("right", "refused"), f"{outcome.law}\n{outcome.detail}\n{program(seed, size=3).text}"
