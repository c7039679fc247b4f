"""What to keep and what to compute again: a cut of least cost through a graph of definitions.

Every name that is needed must be kept or computed; what is computed needs its operands. Let `y` say that a name
is there, and `x` that it is computed: it costs `keep * (y - x) + compute * x`, with `x <= y`, and `x <= y` of each
operand. Computing gains `keep - compute` and demands that the operands are there, each at the price of keeping it:
a closure of greatest gain, which is what is left on the near side of a least cut.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping


def computed(
    needed: Collection[str],
    keep: Mapping[str, float],
    compute: Mapping[str, float],
    operands: Mapping[str, Collection[str]],
) -> set[str]:
    """Of the names of a graph those that are computed at the least cost of all.

    Args:
        needed: the names that must be there.
        keep: what it costs to keep each name.
        compute: what it costs to compute a name from its operands, for those that can be.
        operands: of those, what they are computed from, if it is not at hand.

    Returns:
        The names to compute. What is needed or an operand of one of them, and not among them, is kept.

    Keeping `x` alone serves `a` and `b`, but not where it costs more than both:

    >>> keep = {"x": 10, "a": 10, "b": 10}
    >>> sorted(computed(["a", "b"], keep, {"a": 1, "b": 1}, {"a": ["x"], "b": ["x"]}))
    ['a', 'b']
    >>> sorted(computed(["a", "b"], keep, {"a": 8, "b": 8}, {"a": ["x"], "b": ["x"]}))
    []
    """
    gains = {name: keep[name] - cost for name, cost in compute.items() if cost < keep[name]}
    # What is needed is paid for already, so nothing that is computed has to pay for it.
    demands = {
        name: {name, *(operand for operand in operands[name])}.difference(needed) for name in gains
    }
    flow = _Flow(gains, {name: keep[name] for every in demands.values() for name in every}, demands)
    chosen = flow.near_side()
    used = _reached(needed, chosen, operands)
    return chosen & used


def _reached(needed: Collection[str], chosen: set[str], operands: Mapping[str, Collection[str]]) -> set[str]:
    """What is needed, itself or for what is computed."""
    found: set[str] = set()
    pending = list(needed)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            if name in chosen:
                pending += operands[name]
    return found


class _Flow:
    """The greatest flow from gains to prices, along demands without bounds, by shortest paths."""

    def __init__(
        self, gains: Mapping[str, float], prices: Mapping[str, float], demands: Mapping[str, Collection[str]]
    ) -> None:
        self.gains = dict(gains)
        self.prices = dict(prices)
        self.demands = demands
        self.sent: dict[str, dict[str, float]] = {name: {} for name in prices}
        """What has been sent to a price, by the gain it came from."""
        while self.augment():
            pass

    def augment(self) -> bool:
        """Send what one more path takes; False where there is none."""
        came, last = self.search()
        if last is None:
            return False
        path = [last]
        while (before := came[path[-1]]) is not None:
            path.append(before)
        path.reverse()
        # The path runs from a gain to a price and, where it takes something back, over a gain again.
        first = path[0][1]
        amount = min([self.gains[first], self.prices[last[1]]]
                     + [self.sent[path[i][1]][path[i + 1][1]] for i in range(1, len(path) - 1, 2)])
        self.gains[first] -= amount
        self.prices[last[1]] -= amount
        for i in range(0, len(path) - 1):
            (is_price, one), (_, other) = path[i], path[i + 1]
            if is_price:
                self.sent[one][other] -= amount
            else:
                self.sent[other][one] = self.sent[other].get(one, 0.0) + amount
        return True

    def search(self) -> tuple[dict[tuple[bool, str], tuple[bool, str] | None], tuple[bool, str] | None]:
        """What gains reach that are not used up, each with what was before it; and a price that is not paid."""
        came: dict[tuple[bool, str], tuple[bool, str] | None] = {}
        pending: deque[tuple[bool, str]] = deque()
        for name, gain in self.gains.items():
            if gain > 0:
                came[False, name] = None
                pending.append((False, name))
        while pending:
            here = is_price, name = pending.popleft()
            if is_price and self.prices[name] > 0:
                return came, here
            following = (other for other, amount in self.sent[name].items() if amount > 0) if is_price else sorted(
                self.demands[name]
            )
            for other in following:
                there = (not is_price, other)
                if there not in came:
                    came[there] = here
                    pending.append(there)
        return came, None

    def near_side(self) -> set[str]:
        """The gains on the near side of the least cut: those that are more than what they demand."""
        came, _ = self.search()
        return {name for is_price, name in came if not is_price}
