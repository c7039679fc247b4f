"""What statements do with objects by methods of their class, and with arrays by functions that write into them.

Updates of items (`q[k] += e`), context managers, and calls of functions that call themselves and write into arrays.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence

import gast

from tangent_sct.core import tree
from tangent_sct.frontend import subset
from tangent_sct.frontend.inplace import stored, storing
from tangent_sct.frontend.made import Made
from tangent_sct.frontend.meanings import Instance
from tangent_sct.frontend.namespace import is_library, meaning
from tangent_sct.frontend.normalise import IN_PLACE
from tangent_sct.frontend.protocols import refuse_managing
from tangent_sct.frontend.reading import Reading, or_mentions
from tangent_sct.frontend.yields import marked
from tangent_sct.runtime import check_apart


def activated(before: Sequence[gast.AST], is_active: Callable[[gast.AST], bool]) -> list[str]:
    """The names that statements assign and that may carry a derivative."""
    return [name for s in before if is_active(s.value) for name in tree.names_written(s)]


class Acting(Reading):
    """Writes such statements out."""

    def expand_after(
        self, before: Sequence[gast.AST], node: gast.AST, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A statement, and the assignments that come before it."""
        known = or_mentions(is_active, activated(before, is_active))
        every = [*(marked(statement, node) for statement in before), node]
        return [part for statement in every for part in self.expand_statement(statement, known)]

    def expand_item_update(self, node: gast.AugAssign, is_active: Callable[[gast.AST], bool]) -> list[gast.AST]:
        """`q[k] += e` of an object: its item, what that becomes, and its item again."""
        target, name = node.target, self.temporary("item")
        update = IN_PLACE[tree.BINARY_SYMBOL[type(node.op)]]
        function = tree.load(self.namespace.name_for(update.__name__, update))
        statements = [
            tree.assign(name, gast.Subscript(tree.copy(target.value), tree.copy(target.slice), gast.Load())),
            tree.assign(name, gast.Call(function, [tree.load(name), node.value], [])),
            tree.assign(target, tree.load(name)),
        ]
        known = is_active
        if is_active(target.value) or is_active(node.value):
            known = or_mentions(is_active, [name])
        return self.expand([marked(statement, node) for statement in statements], known)

    def expand_managed(
        self, node: gast.With, items: list[gast.AST], is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """`with q as s:` of a known object: its `__enter__`, the block, its `__exit__` without an exception.

        Raises:
            UnsupportedError: where that is not all that may happen.
        """
        if not items:
            return self.expand(node.body, is_active)
        (item, *others), target = items, items[0].optional_vars
        owner = self.functions.of(item.context_expr)
        if not isinstance(owner, (Made, Instance)) or not (target is None or isinstance(target, gast.Name)):
            assert self.source is not None
            subset.refuse("with over active data", node, self.source)
        refuse_managing(owner.cls, owner.name, self.attempts > 0, tree.origin_of(node))
        name = self.temporary("entered") if target is None else target.id
        enter = gast.Call(tree.attribute(tree.copy(item.context_expr), "__enter__"), [], [])
        nothing = [tree.const(None) for _ in range(3)]
        leave = gast.Call(tree.attribute(tree.copy(item.context_expr), "__exit__"), nothing, [])
        known = or_mentions(is_active, [name])
        return [
            *self.expand_statement(marked(tree.assign(name, enter), node), known),
            *self.expand_managed(node, others, known),
            *self.expand_statement(marked(tree.effect(leave), node), known),
        ]

    def written_by_recursion(
        self, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST] | None:
        """What a call does of a function that calls itself and writes into arrays; None for other calls."""
        function = meaning(call.func, self.namespace.objects)
        if not isinstance(function, types.FunctionType) or is_library(function.__module__):
            return None
        if not self.callees.is_recursive(function):
            return None
        found = storing(function, self.callees.text_of)
        if found is None:
            return None
        spelled = self.namespace.name_for(found.function.__name__, found.function)
        statements = stored(call, found, spelled, self.temporary)
        given = [*call.args, *(k.value for k in call.keywords)]
        others = [value for value in given if is_active(value)]
        if statements is not None and len(others) > 1:
            # Each is a copy while the function runs.
            check = self.namespace.name_for("check_apart", check_apart)
            statements.insert(0, tree.effect(tree.call(check, *map(tree.copy, others))))
        return statements
