"""Updates in place: `b = b + e` becomes `b += e` where nobody can tell the difference.

For a name that surely holds a number the two are the same statement. An array may be written in
place where its name *owns* it: it was allocated by the program and no other name, container, view
or call has seen the reference since. Ownership is a forward data-flow problem that must hold on all
paths:

    owned after p = what p allocates | (owned before p - what p binds or lets out)

Besides, the result must have the shape and the dtype that the array has already. A statement of
the user's in the forward sweep keeps the user's spelling.

Needs: an ordinary program, kinds, alias classes. Produces: an ordinary program. Runs last.

>>> print(demo('''
... def f(x: array, g: array):
...     x_bar = g * 2.0
...     y_bar = g
...     x_bar = x_bar + g * x
...     y_bar = y_bar + g
...     return x_bar, y_bar
... '''))
def f(x: array, g: array):
    x_bar = g * 2.0
    y_bar = g
    x_bar += g * x
    y_bar = y_bar + g
    return (x_bar, y_bar)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

import gast

from tangent_sct.analysis.aliases import alias_classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.flow import Graph, Numbering, Point, flow, solve
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind, same_shape
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import below

_ELEMENTWISE = frozenset(("+", "-", "*", "/", "//", "%", "**"))
_SCALAR = _ELEMENTWISE | {"|", "&", "^", "<<", ">>"}


def inplace(unit: Unit, kinds: Callable[[gast.AST], Kind]) -> Unit:
    """Write updates in place where that changes nothing but the cost.

    Args:
        unit: an ordinary program.
        kinds: the kind of an expression; a name has one kind for the whole program.

    Returns:
        The unit with augmented assignments; the very same unit where there are none to be made.
    """
    updates = [s for s in tree.every_statement(unit.tree.body) if _is_update(s, unit)]
    chosen = {id(s) for s in updates if kinds(tree.load(s.targets[0].id)).is_scalar}
    calls = Calls(unit.namespace)
    arrays = [s for s in updates if id(s) not in chosen and _keeps_kind(s, kinds, calls)]
    if arrays:
        graph = flow(unit.tree.body, tree.parameter_names(unit.tree), unit.namespace)
        ownership = _Ownership(unit, kinds, calls, graph, {s.targets[0].id for s in arrays})
        chosen |= {id(s) for s in arrays if ownership.before(s, s.targets[0].id)}
    body = _rewritten(unit.tree.body, chosen) if chosen else unit.tree.body
    return unit if body is unit.tree.body else unit.with_body(body)


def demo(text: str) -> str:
    """The text of a function after the pass; names annotated `array` are vectors, the rest scalars.

    >>> print(demo("def f(x):\\n    y = x\\n    y = y * x\\n    return y"))
    def f(x):
        y = x
        y *= x
        return y
    """
    from tangent_sct.optimize.demo import unit_of, vectors

    unit = unit_of(text)
    return tree.text(inplace(unit, vectors(unit)).tree)


# -- candidates -----------------------------------------------------------------------------------


def _is_update(node: gast.AST, unit: Unit) -> bool:
    """Whether a statement is `b = b op e` and may be spelled otherwise."""
    if not isinstance(node, gast.Assign) or not isinstance(node.value, gast.BinOp):
        return False
    target = node.targets[0]
    if not isinstance(target, gast.Name) or _other(node) is None:
        return False
    symbol = tree.BINARY_SYMBOL[type(node.value.op)]
    return symbol in _SCALAR and not _is_users(node, unit.base(target.id) or target.id)


def _other(node: gast.Assign) -> gast.AST | None:
    """`e` in `b = b op e`, and the number in `b = 2 * b`."""
    name, value = node.targets[0].id, node.value
    right: gast.AST = value.right
    if tree.is_name(value.left, name):
        return right
    if isinstance(value.op, gast.Mult) and tree.is_name(right, name):
        return value.left if isinstance(value.left, gast.Constant) else None
    return None


def _is_users(node: gast.Assign, name: str) -> bool:
    """Whether the user wrote this statement as it stands."""
    origin = tree.origin_of(node)
    if origin is None or tree.sweep_of(node) == "reverse":
        return False
    return re.match(rf"\s*{re.escape(name)}\s*=(?!=)", origin.text) is not None


def _keeps_kind(node: gast.Assign, kinds: Callable[[gast.AST], Kind], calls: Calls) -> bool:
    """Whether an update surely leaves shape and dtype as they are, and reads no entry of `b` after writing it."""
    if tree.BINARY_SYMBOL[type(node.value.op)] not in _ELEMENTWISE:
        return False
    before, after = kinds(tree.load(node.targets[0].id)), kinds(node.value)
    if not (before.is_array and after.is_array and before.rank and before.dtype is not None):
        return False
    if before.dtype != after.dtype or not same_shape(before, after):
        return False
    other = _other(node)
    return other is not None and _reads_entrywise(other, node.targets[0].id, calls)


def _reads_entrywise(node: gast.AST, name: str, calls: Calls) -> bool:
    """Whether `name` is met only where entry i is needed for entry i, or before anything is written."""
    if isinstance(node, gast.BinOp) and tree.BINARY_SYMBOL[type(node.op)] in _ELEMENTWISE:
        return _reads_entrywise(node.left, name, calls) and _reads_entrywise(node.right, name, calls)
    if isinstance(node, gast.UnaryOp):
        return _reads_entrywise(node.operand, name, calls)
    if isinstance(node, gast.Call) and calls.facts(node).shares == "none":
        return True
    return isinstance(node, gast.Name) or name not in tree.names_read(node)


def _rewritten(body: list[gast.AST], chosen: set[int]) -> list[gast.AST]:
    """The block with the chosen statements as augmented assignments."""
    result: list[gast.AST] = []
    for node in body:
        if id(node) in chosen:
            new = gast.AugAssign(tree.store(node.targets[0].id), node.value.op, _other(node))
            result.append(tree.like(new, node))
        else:
            result.append(below(node, lambda block: _rewritten(block, chosen)))
    return body if all(a is b for a, b in zip(result, body, strict=True)) else result


# -- ownership ------------------------------------------------------------------------------------


class _Ownership:
    """Which of some names own the array they hold, before each statement."""

    def __init__(
        self, unit: Unit, kinds: Callable[[gast.AST], Kind], calls: Calls, graph: Graph, names: Collection[str]
    ) -> None:
        self.kinds = kinds
        self.names = names
        self.calls = calls
        self.classes = alias_classes(
            unit.tree.body, unit.namespace, kinds, self.calls, getattr(unit.tree, "joins", False)
        )
        self.numbering = Numbering(n for p in graph.points for n in p.writes if n in names)
        bits = self.numbering.bits
        always = bits(graph.captured)
        gen, kill = [], []
        for point in graph.points:
            gen.append(bits(self._allocated(point)) & ~always)
            # An update in place binds the name to the array it holds.
            bound = () if isinstance(point.statement, gast.AugAssign) else point.writes
            kill.append(bits(bound) | bits(self._let_out(point)) | always)
        facts = solve(graph, gen, kill, must=True, universe=self.numbering.universe)
        self.owned = {
            id(point.statement): facts.before[number]
            for number, point in enumerate(graph.points)
            if point.role == "simple"
        }

    def before(self, statement: gast.AST, name: str) -> bool:
        """Whether a name owns its array just before a simple statement."""
        return bool(self.owned.get(id(statement), 0) & self.numbering.bits([name]))

    def _allocated(self, point: Point) -> Iterator[str]:
        node = point.statement
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            name = node.targets[0].id
            if name in self.names and len(node.targets) == 1 and self._is_fresh(node.value):
                yield name

    def _is_fresh(self, node: gast.AST) -> bool:
        """Whether a value surely is an array made by this very expression."""
        if not self.kinds(node).is_array:
            return False
        if isinstance(node, gast.Call):
            return self.calls.facts(node).shares == "none" and not self.classes.sources(node)
        if isinstance(node, (gast.BinOp, gast.UnaryOp)):
            return not self.classes.sources(node)
        return False

    def _let_out(self, point: Point) -> Iterator[str]:
        """Names whose reference something else holds after a point."""
        node = point.statement
        if node is None:
            return
        if point.role == "opaque":
            yield from point.reads
        elif point.role in ("iterable", "enter"):
            entered = [item.context_expr for item in getattr(node, "items", ())]
            for part in entered or [node.iter]:
                yield from self.classes.sources(part)
                yield from self._handed_over(part)
        elif point.role == "test":
            if isinstance(node, (gast.If, gast.While)):
                yield from self._handed_over(node.test)
        elif point.role == "simple":
            yield from self._handed_over(node)
            if isinstance(node, gast.Assign) and self._keeps(node.targets[0]):
                yield from self.classes.sources(node.value)
            elif isinstance(node, gast.AugAssign) and self.classes.family(node.target) != "number":
                yield from self.classes.sources(node.value)

    def _keeps(self, target: gast.AST) -> bool:
        """Whether an assignment to a target keeps the reference; a store into an array does not."""
        if isinstance(target, gast.Subscript):
            return self.classes.family(target.value) != "number"
        return True

    def _handed_over(self, node: gast.AST) -> Iterator[str]:
        """Names that the calls inside a tree may keep a reference to."""
        for inner in tree.walk(node):
            if isinstance(inner, gast.NamedExpr):
                yield from self.classes.sources(inner.value)
            if not isinstance(inner, gast.Call):
                continue
            facts = self.calls.facts(inner)
            if facts.effect == "writes" and facts.operands:
                if self.classes.family(facts.operands[0]) == "number":
                    continue
            if facts.effect in ("unknown", "writes"):
                for operand in facts.operands:
                    yield from self.classes.sources(operand)
