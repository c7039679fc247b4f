"""Branches of a function that the arguments of a call decide: what is not run there need not be read.

>>> node = tree.statements('''
... def slope(x, axis, scale=None):
...     if scale is not None:
...         x = x / scale
...     if axis == 0:
...         return first(x, scale)
...     return np.moveaxis(first(np.moveaxis(x, axis, 0), scale), 0, axis)
... ''')[0]
>>> print(tree.text(decided(node, {"axis": tree.const(0), "scale": tree.const(None)})))
def slope(x, axis, scale=None):
    return first(x, None)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.core.origins import Source
from tangent_sct.frontend.bound import bound_names, kept_by_functions
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.templating.static import Undecided, decide

_ENDS = (gast.Return, gast.Raise, gast.Break, gast.Continue)


def decided(
    node: gast.FunctionDef, arguments: Mapping[str, gast.AST], source: Source | None = None
) -> gast.FunctionDef:
    """A function with the literals that it is called with, and without the branches that they rule out.

    Args:
        node: the function.
        arguments: the expression for each of its parameters.
        source: of the function, which tells whether `len` is Python's own.

    Returns:
        The very same function where no argument is a literal, or a tuple that is written out.
    """
    changed = {*tree.names_written(node.body), *tree.declared_outside(node), *kept_by_functions(node)}
    known = {name: value for name, value in arguments.items() if name not in changed and _is_literal(value)}
    if not known or any(isinstance(item, (gast.Yield, gast.YieldFrom)) for item in tree.walk(node)):
        return node
    constants = {name: value for name, value in known.items() if isinstance(value, gast.Constant)}
    body = [tree.rewrite(tree.substitute(s, constants), _Items(known)) for s in node.body]
    measures = "len" not in bound_names(node) and (
        source is None or meaning(tree.load("len"), Lookup(source)) is len
    )
    new_body = _block(body, _Arguments(known, measures))
    new = tree.like(tree.function(node.name, node.args, new_body, node.returns), node)
    lost = set(bound_names(node)).difference(bound_names(new))
    # A variable that is assigned nowhere any more would mean something of the module.
    return new if lost.isdisjoint(tree.names_read(new.body)) else node


def without_dead_branches(body: Sequence[gast.AST]) -> list[gast.AST]:
    """A block without the branches whose tests are literals.

    >>> print(tree.text(without_dead_branches(tree.statements("if 2 == 3:\\n    a()\\nelse:\\n    b()"))[0]))
    b()
    """
    return _block(body, _Arguments({}, False))


def _is_literal(value: gast.AST) -> bool:
    if isinstance(value, gast.Tuple):
        return not any(isinstance(item, gast.Starred) for item in value.elts)
    return isinstance(value, gast.Constant)


class _Items:
    """Literals that stand at a literal place of a tuple."""

    def __init__(self, known: Mapping[str, gast.AST]) -> None:
        self._known = known

    def __call__(self, node: gast.AST) -> gast.AST | None:
        if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
            return None
        items, place = self._known.get(node.value.id), decide(node.slice, _Arguments({}, False))
        if not isinstance(items, gast.Tuple) or type(place) is not int:
            return None
        item = items.elts[place] if -len(items.elts) <= place < len(items.elts) else None
        return tree.copy(item) if isinstance(item, gast.Constant) else None


class _Arguments:
    """What the tests of a function may ask about: its arguments, but not their kinds (`templating.static.Scope`)."""

    def __init__(self, known: Mapping[str, gast.AST], measures: bool) -> None:
        self._known = known
        self._measures = measures

    def expression_of(self, name: str) -> gast.AST | None:
        """The literal that a parameter stands for."""
        return self._known.get(name)

    def length_of(self, name: str) -> int | None:
        """The number of items of a tuple that is written out."""
        items = self._known.get(name)
        return len(items.elts) if self._measures and isinstance(items, gast.Tuple) else None

    def kind_of(self, expression: gast.AST) -> Kind:
        """Kinds are not known yet."""
        return UNKNOWN

    def is_active(self, name: str) -> bool:
        """Nor is this asked here."""
        return True


def _block(body: Sequence[gast.AST], arguments: _Arguments) -> list[gast.AST]:
    """A block without the branches that are ruled out, up to where it ends."""
    output: list[gast.AST] = []
    for statement in body:
        output += _statement(statement, arguments)
        if output and isinstance(output[-1], _ENDS):
            break
    return output


def _statement(node: gast.AST, arguments: _Arguments) -> list[gast.AST]:
    if isinstance(node, gast.If):
        test = decide(node.test, arguments)
        if not isinstance(test, Undecided):
            return _block(node.body if test else node.orelse, arguments)
        body = _block(node.body, arguments) or [tree.like(gast.Pass(), node)]
        return [tree.like(tree.if_(node.test, body, _block(node.orelse, arguments)), node)]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(node, (gast.For, gast.While, gast.With, gast.Try)) and block:
            setattr(node, name, _block(block, arguments) or [tree.like(gast.Pass(), node)])
    return [node]
