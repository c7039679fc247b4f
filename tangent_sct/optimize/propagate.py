"""Copies of a name into a temporary: read the name itself. Requires single assignment.

>>> from tangent_sct.core.tree import statements, text
>>> print(text(propagated(statements("t_bar = s_bar\\nx_bar = t_bar * w"), {"t_bar": ""})))
x_bar = s_bar * w
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import gast

from tangent_sct.core import tree
from tangent_sct.core.unit import Unit

_COMPOUND = (gast.If, gast.For, gast.While, gast.With)
_OUTSIDE: frozenset[int] = frozenset()
_CARRIED = -1


def propagate(unit: Unit) -> Unit:
    """Read what a temporary is a copy of; the same unit where there is no such copy."""
    body = unit.tree.body
    changed = propagated(body, unit.bases)
    return unit if changed is body else unit.with_body(changed)


def propagated(body: list[gast.AST], bases: Mapping[str, str]) -> list[gast.AST]:
    """The body without copies into temporaries that are assigned once."""
    assigned: Counter[str] = Counter()
    sources: dict[str, str] = {}
    loops = _loops(body)
    for node in tree.every_statement(body):
        if isinstance(node, _COMPOUND):
            head = node.target if isinstance(node, gast.For) else []
            assigned.update(tree.names_written(head))
            continue
        assigned.update(tree.names_written(node))
        if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
            continue
        if isinstance(node, gast.Assign) and isinstance(node.value, gast.Name):
            target = node.targets[0]
            if isinstance(target, gast.Name) and bases.get(target.id) == "":
                # The last value of a loop, or that of one iteration, is another one elsewhere.
                if loops.get(node.value.id, _OUTSIDE) <= loops[target.id]:
                    sources[target.id] = node.value.id
    augmented = {
        node.target.id
        for node in tree.every_statement(body)
        if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name)
    }
    final: dict[str, str] = {}
    for name, source in sources.items():
        # `t += e` prints as a rebinding of a number would, so such a name stays its own.
        if assigned[name] == 1 and name not in augmented:
            final[name] = final.get(source, source)
    if not final:
        return body
    for name in final:
        while final[name] in final:
            final[name] = final[final[name]]
    return _block(body, final)


def _loops(body: list[gast.AST]) -> dict[str, frozenset[int]]:
    """For each name the loops in which it is assigned, and `_CARRIED` where a loop carries it."""
    found: dict[str, frozenset[int]] = {}

    def visit(block: list[gast.AST], around: frozenset[int]) -> None:
        for node in block:
            is_loop = isinstance(node, (gast.For, gast.While))
            inside = around | {id(node)} if is_loop else around
            if isinstance(node, gast.For):
                note(tree.names_written(node.target), inside)
            elif not isinstance(node, _COMPOUND):
                note(tree.names_written(node), around)
            for inner in tree.blocks(node) if isinstance(node, _COMPOUND) else ():
                visit(inner, inside)

    def note(names: list[str], around: frozenset[int]) -> None:
        for name in names:
            known = found.setdefault(name, around)
            if known != around:
                found[name] = known | around | {_CARRIED}

    visit(body, _OUTSIDE)
    return found


def _block(body: list[gast.AST], values: Mapping[str, str]) -> list[gast.AST]:
    def change(node: gast.AST) -> gast.AST | None:
        if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load) and node.id in values:
            return tree.load(values[node.id])
        return None

    output: list[gast.AST] = []
    for node in body:
        if isinstance(node, gast.Assign) and isinstance(node.value, gast.Name):
            target = node.targets[0]
            if isinstance(target, gast.Name) and target.id in values:
                continue
        if isinstance(node, _COMPOUND):
            fields = tree.fields(node)
            for name, value in fields.items():
                if name in ("body", "orelse"):
                    fields[name] = _block(value, values)
                elif isinstance(value, gast.AST):
                    fields[name] = tree.replaced(value, change)
                elif isinstance(value, list):
                    fields[name] = [tree.replaced(item, change) for item in value]
            output.append(tree.like(type(node)(**fields), node))
        else:
            output.append(tree.replaced(node, change))
    return output
