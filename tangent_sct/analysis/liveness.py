"""Which names are live: may be read before they are bound anew.

The textbook's equations, solved backward with union:

    out(p) = union over successors s of in(s)
    in(p)  = use(p) | (out(p) - def(p))

A name that an inner function or a generator reads is live everywhere, since that may run at any
time.

Needs: `flow`. Produces: `Liveness`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import gast

from tangent_sct.analysis.flow import Facts, Graph, Numbering, flow, solve
from tangent_sct.core import tree


@dataclass(frozen=True)
class Liveness:
    """Live names before and after each point of a graph.

    Attributes:
        graph: the program.
        numbering: which bit stands for which name.
        facts: the live names, as bits, before and after each point.
    """

    graph: Graph
    numbering: Numbering
    facts: Facts

    def before(self, point: int) -> list[str]:
        """Names live just before a point."""
        return self.numbering.names(self.facts.before[point])

    def after(self, point: int) -> list[str]:
        """Names live just after a point."""
        return self.numbering.names(self.facts.after[point])


def liveness(
    function: gast.FunctionDef, graph: Graph | None = None, names: Iterable[str] | None = None
) -> Liveness:
    """The live names of a function.

    Args:
        function: any function.
        graph: its flow graph, where it is at hand.
        names: the names asked about; all names of the function by default.

    >>> f = tree.statements('''
    ... def f(x):
    ...     y = x + 1
    ...     x = y * y
    ...     return x
    ... ''')[0]
    >>> live = liveness(f)
    >>> [live.before(point) for point in range(1, 4)]
    [['x'], ['y'], ['x']]
    """
    if graph is None:
        graph = flow(function.body, tree.parameter_names(function))
    if names is None:
        names = [n for point in graph.points for n in (*point.reads, *point.writes)]
    numbering = Numbering(names)
    always = numbering.bits(graph.captured)
    use = [numbering.bits(point.reads) | always for point in graph.points]
    define = [numbering.bits(p.writes) if p.certain else 0 for p in graph.points]
    return Liveness(
        graph, numbering, solve(graph, use, define, backward=True, boundary=always)
    )
