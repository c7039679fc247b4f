"""The cut is the cheapest of all choices."""

from __future__ import annotations

import itertools
import random

from tangent_sct.optimize.cut import computed


def cost(needed: set[str], chosen: set[str], keep: dict, compute: dict, operands: dict) -> float:
    """What a choice costs: what is needed, itself or for what is computed, is computed or kept."""
    total, pending, seen = 0.0, list(needed), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in chosen:
            total += compute[name]
            pending += operands[name]
        else:
            total += keep[name]
    return total


def test_no_choice_is_cheaper() -> None:
    rng = random.Random(2)
    shared = 0
    for _ in range(150):
        names = [f"v{i}" for i in range(rng.randint(2, 8))]
        keep = {name: rng.choice([10.0, 10.0, 100.0]) for name in names}
        compute = {name: float(rng.randint(0, 14)) for name in names[1:] if rng.random() < 0.8}
        before = {name: names[: names.index(name)] for name in compute}
        operands = {name: rng.sample(every, rng.randint(0, min(3, len(every)))) for name, every in before.items()}
        needed = set(rng.sample(names, rng.randint(1, len(names))))
        found = computed(sorted(needed), keep, compute, operands)
        least = min(
            cost(needed, set(choice), keep, compute, operands)
            for size in range(len(compute) + 1)
            for choice in itertools.combinations(compute, size)
        )
        assert cost(needed, found, keep, compute, operands) == least
        shared += bool(found)
    assert shared > 50
