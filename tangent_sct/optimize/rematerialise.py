"""Computing again in the reverse sweep what would cost more to record.

What a reversed loop reads of an iteration has to come from somewhere. At hand are the loop's index, what is
known outside of the loop, and whatever else is recorded; from these much can be computed again. Which names are
computed and which are recorded is a cut of least cost through the definitions of an iteration (`optimize.cut`):
the prices of computing stand in `derive.recompute`, and that of recording, too.

    for i in range(n):                 for i in range(n):
        t = 1.0 + x                        t = 1.0 + x
        x = x * t                          x = x * t
    for i in reversed(range(n)):       for i in reversed(range(n)):
        x_bar = x_bar * (t + x)            t_2 = 1.0 + x
                                           x_bar = x_bar * (t_2 + x)

so that `record` finds only `x` to be recorded. Requires both sweeps in single assignment, without dead code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import gast

from tangent_sct.analysis.iterations import Iterations, Path, common
from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.cut import computed

_OFTEN = 10.0
"""How many iterations a loop is taken to have for each of the loop around it."""
_PLACES = (gast.Subscript, gast.Attribute)
_UNNAMED = 1.1
"""By how much recording a temporary costs more."""
_NEVER = 1e9
"""The price of recording what cannot be recorded."""


@dataclass(frozen=True)
class Prices:
    """What it costs to have a value of the forward sweep in the reverse sweep.

    Attributes:
        record: pushing it on a tape, keeping it, and taking it off again.
        compute: evaluating an expression once more; infinite for what must not be.
        again: of a name and its definition an expression that gives in the reverse sweep what the name held;
            None where there is none.
        counters: of names that a loop hands on an expression that gives what they held.
    """

    record: float
    compute: Callable[[gast.AST], float]
    again: Callable[[str, gast.AST], gast.AST | None]
    counters: Mapping[str, gast.AST] = field(default_factory=dict)


def rematerialise(
    unit: Unit, iterations: Iterations, names: Names, bases: dict[str, str], prices: Prices
) -> Unit:
    """Compute again what is cheaper to compute than to record.

    Args:
        unit: both sweeps in single assignment, nothing recorded yet.
        iterations: what belongs to iterations of them; its reversed loops are changed in place.
        names: gives out names.
        bases: base of every local name; new names are added.
        prices: what recording and computing cost.

    Returns:
        The unit; the very same one where nothing is computed again.

    >>> from tangent_sct.core.names import Names
    >>> from tangent_sct.optimize.demo import unit_of
    >>> unit = unit_of('''
    ... def f(x, n):
    ...     x_2 = x
    ...     for i in range(n):
    ...         t = 1.0 + x_2
    ...         x_3 = x_2 * t
    ...         x_2 = x_3
    ...     for i_2 in reversed(range(n)):
    ...         x_bar = x_bar * (t + x_2)
    ...     return x_bar
    ... ''')
    >>> forward, backward = unit.tree.body[1:3]
    >>> forward.pair = backward.pair = 1
    >>> backward.sweep = backward.body[0].sweep = "reverse"
    >>> names = Names(unit.bases)
    >>> prices = Prices(10.0, lambda value: 1.0, lambda name, value: value)
    >>> iterations = Iterations(unit.tree.body)
    >>> print(tree.text(rematerialise(unit, iterations, names, dict(unit.bases), prices).tree.body[2]))
    for i_2 in reversed(range(n)):
        t_2 = 1.0 + x_2
        x_bar = x_bar * (t_2 + x_2)
    """
    worker = _Rematerialiser(iterations, names, bases, prices)
    changed = worker.respell_places()
    changed = worker.run() or changed
    return unit.with_body(iterations.body, bases=bases) if changed else unit


class _Rematerialiser:
    def __init__(self, iterations: Iterations, names: Names, bases: dict[str, str], prices: Prices) -> None:
        self.iterations = iterations
        self.names = names
        self.bases = bases
        self.prices = prices
        self.values: dict[str, gast.AST] = {}
        """What names are computed from again, once their price has been asked for."""

    def run(self) -> bool:
        """Compute again what is chosen; whether anything was."""
        if not self.iterations.has_names():
            return False
        demanded = self.iterations.demands()
        again = self.chosen(demanded) if demanded else {}
        self.insert(again)
        return bool(again)

    # -- places outside of loops --------------------------------------------------------------

    def respell_places(self) -> bool:
        """Outside loops, read `x[0]` again where a temporary holds it: the user's spelling stays."""
        iterations = self.iterations
        places: dict[str, gast.AST] = {}
        for name, (path, node) in iterations.site.items():
            if self.bases.get(name) != "" or iterations.definitions[name] != 1 or iterations.loops(path):
                continue
            value = getattr(node, "value", None)
            if isinstance(value, _PLACES) and self.price(name) < self.prices.record:
                places[name] = tree.substitute(self.values[name], places)
        return bool(places) and self.substitute_reverse(iterations.body, places)

    def substitute_reverse(self, block: list[gast.AST], values: Mapping[str, gast.AST]) -> bool:
        """Put expressions in the place of names in the reverse sweep; whether there is any of it."""
        found = False
        for position, node in enumerate(block):
            if tree.sweep_of(node) == "reverse":
                block[position] = tree.substitute(node, values)
                found = True
            elif isinstance(node, gast.With):
                found = self.substitute_reverse(node.body, values) or found
        return found

    # -- choosing -----------------------------------------------------------------------------

    def price(self, name: str) -> float:
        """What it costs to compute a name again from its operands; infinite where it cannot be."""
        iterations = self.iterations
        never = float("inf")
        counter = self.prices.counters.get(name)
        if counter is None and iterations.definitions[name] != 1:
            return never
        _, node = iterations.site[name]
        if not isinstance(node, gast.Assign):
            return never
        depth = len(iterations.loops(iterations.homes[name]))
        value = self.prices.again(name, node.value if counter is None else counter)
        if value is None:
            return never
        if any(len(iterations.loops(iterations.homes.get(n, ()))) > depth for n in tree.names_read(value)):
            # The last value of an inner loop's carried name: not to be had again.
            return never
        self.values[name] = value
        return self.prices.compute(value)

    def operands(self, name: str) -> list[str]:
        """What a name is computed from that is not at hand."""
        iterations = self.iterations
        found = dict.fromkeys(tree.names_read(self.values[name]))
        return [
            operand for operand in found
            if operand not in iterations.available and iterations.loops(iterations.homes.get(operand, ()))
        ]  # fmt: skip

    def chosen(self, demanded: Mapping[str, Path]) -> dict[str, Path]:
        """The names that are computed again, each with the block that it is computed in."""
        iterations = self.iterations
        keep: dict[str, float] = {}
        compute: dict[str, float] = {}
        operands: dict[str, list[str]] = {}
        pending = list(demanded)
        while pending:
            name = pending.pop()
            if name in keep:
                continue
            home = iterations.homes[name]
            often = _OFTEN ** len(iterations.loops(home))
            is_risky = home in iterations.risky or demanded.get(name) in iterations.risky
            keep[name] = often * (_NEVER if is_risky else self.prices.record)
            if self.bases.get(name) == "":
                # What has a name of the user's says more to a reader.
                keep[name] *= _UNNAMED
            price = self.price(name)
            if price < float("inf"):
                compute[name] = often * price
                operands[name] = self.operands(name)
                pending += operands[name]
        again: dict[str, Path] = {}
        names = computed(demanded, keep, compute, operands)
        needed = dict(demanded)
        for name in sorted(names, key=lambda item: -iterations.order[item]):
            again[name] = path = needed[name]
            for operand in operands[name]:
                where = iterations.limited(path, iterations.homes[operand])
                needed[operand] = where if operand not in needed else common(needed[operand], where)
        return again

    # -- inserting ----------------------------------------------------------------------------

    def insert(self, again: Mapping[str, Path]) -> None:
        """Compute names again at the start of the block that reads them, in the order of the program.

        A place in an array is spelled where it is read.
        """
        iterations = self.iterations
        for path in sorted(set(again.values()), key=len, reverse=True):
            group = sorted((n for n in again if again[n] == path), key=lambda item: iterations.order[item])
            values = {name: tree.copy(self.values[name]) for name in group}
            block = iterations.reverse_blocks[path]
            block[:0] = [
                tree.mark(tree.assign(name, value), None, "reverse")
                for name, value in values.items() if not isinstance(value, _PLACES)
            ]  # fmt: skip
            for name in reversed(group):
                if isinstance(values[name], _PLACES):
                    iterations.insert_before_read(name, values[name], block)
            renamed: dict[str, str] = {}
            for name in group:
                renamed[name] = self.names.fresh(self.bases.get(name) or name)
                self.bases[renamed[name]] = self.bases.get(name, name)
            block[:] = [tree.respelled(node, renamed) for node in block]
