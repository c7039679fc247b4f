"""Calls of user functions that are not unfolded: recursive ones.

A function `g` becomes a pair: `g_forward(x, ...) -> value, saved` runs its forward sweep and keeps what its
reverse sweep reads; `g_backward(saved, g_bar) -> adjoints` is that reverse sweep. In forward mode it
becomes `g_pushforward(x, ..., x_dot, ...) -> value, tangent`. Both call themselves where `g` calls itself.

What a pair keeps is as deep as the recursion, and nothing is known of it but that its other half takes it. Where
the derivative is differentiated itself, and that needs to be known, `g_adjoint(x, ..., g_bar) -> adjoints` stands in
its place, which keeps nothing: `g` is called in the forward sweep, and what it does is done again in the reverse
sweep. It is a function of numbers like `g`. At each level of the recursion all levels below are run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import gast

from tangent_sct import runtime
from tangent_sct.analysis.brief import reads_in
from tangent_sct.analysis.calls import object_facts
from tangent_sct.analysis.operations import Operation, opened
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.derive.context import Context
from tangent_sct.derive.layout import Layout, may_follow
from tangent_sct.frontend.inline import bound_arguments
from tangent_sct.frontend.namespace import MISSING

if TYPE_CHECKING:
    from tangent_sct.derive.forward import Forward
    from tangent_sct.derive.reverse import Reverse


@dataclass
class Companion:
    """The generated functions for one callee, kinds of arguments and choice of active arguments.

    Attributes:
        forward: name of `g_forward`, or of `g_pushforward` in forward mode; empty where nothing is kept.
        backward: name of `g_backward`, or of `g_adjoint`; empty in forward mode.
        is_detached: whether they work on copies of arguments, which the callee may return as they are.
        written: positions of the arguments that the callee writes into, so that no one else may see them, with the
            error where someone may.
    """

    forward: str
    backward: str
    is_detached: bool = False
    written: Mapping[int, UnsupportedError] = field(default_factory=dict)


class Companions(Protocol):
    """Makes the generated functions for callees."""

    def pair(self, function: Any, kinds: Sequence[Kind], active: Sequence[bool]) -> Companion:
        """The pair of a function, or what stands in its place, made when first asked for."""

    def pushforward(
        self, function: Any, kinds: Sequence[Kind], active: Sequence[bool]
    ) -> Companion:
        """The tangent function of a function, made when first asked for."""


class Pairs:
    """Differentiates the calls that are still there when a mode meets them."""

    def __init__(self, context: Context, companions: Companions) -> None:
        self.context = context
        self.companions = companions

    def arguments(self, value: gast.AST, found: Operation) -> list[gast.AST]:
        """The arguments of a call in the order of the callee's parameters."""
        if found.function is MISSING or not isinstance(value, gast.Call):
            raise self.context.no_rule(value)
        if not hasattr(found.function, "__code__"):
            raise self.context.no_rule(value)
        name_for = self.context.namespace.name_for
        bound = bound_arguments(found.function, (), value, name_for, self.context.origin)
        return list(bound.values())

    def is_active(self, argument: gast.AST) -> bool:
        """Whether an argument carries a derivative: a name, or a display of such."""
        return any(map(self.context.is_active, opened(argument)))

    def reverse(
        self,
        sweep: Reverse,
        node: gast.AST,
        result: str,
        value: gast.AST,
        found: Operation,
    ) -> list[gast.AST]:
        """`result = g(...)`: the pair's first half in the forward sweep, its second in the reverse."""
        context = self.context
        args = self.arguments(value, found)
        active = [self.is_active(a) for a in args]
        kinds = [context.value_kind(a).forget_value() for a in args]
        pair = self.companions.pair(found.function, kinds, active)
        self._refuse_seen(pair, args, node, sweep.body)
        if pair.forward:
            saved = context.version(f"{context.bases.get(result) or result}_saved")
            both = gast.Tuple([tree.store(result), tree.store(saved)], gast.Store())
            changing = self._changing(sweep.body, node)
            lent = [self._lent(argument, changing, result) for argument in args]
            forward = tree.assign(both, tree.call(pair.forward, *lent))
            kept: list[gast.AST] = [tree.load(saved)]
        else:
            forward, kept = node, list(map(self._apart, args))
        seed = sweep.parts.taken_seed(result)
        if seed is not None:
            adjoints = context.temporary(f"{pair.backward}_result")
            sweep.emit(tree.assign(adjoints, tree.call(pair.backward, *kept, seed)))
            targets = [a for a, is_active in zip(args, active, strict=True) if is_active]
            for number, target in enumerate(targets):
                amount: gast.AST = tree.load(adjoints)
                if len(targets) > 1:
                    amount = tree.subscript(amount, tree.const(number))
                if not pair.forward and context.value_kind(target).is_array:
                    # This text is differentiated again, where nothing is known of what the adjoints are views of.
                    amount = gast.Call(context.numpy("copy"), [amount], [])
                sweep.parts.give(target, amount)
        return [tree.like(forward, node)]

    def _refuse_seen(
        self, companion: Companion, args: Sequence[gast.AST], node: gast.AST, body: list[gast.AST]
    ) -> None:
        """Refuse arguments that the callee writes into, unless they are made for the call.

        Its companion works on copies, so that what it writes is not seen by anyone else.

        Raises:
            UnsupportedError: naming the argument.
        """
        for place, error in companion.written.items():
            if not self._is_own(args[place], node, body):
                raise error

    def _is_own(self, argument: gast.AST, node: gast.AST, body: list[gast.AST]) -> bool:
        """Whether an argument of a call in a statement is a new array, which nothing but the call sees."""
        value = self._made_for(argument.id, node, body) if isinstance(argument, gast.Name) else argument
        found = None if value is None else self.context.operation(value)
        if found is None or found.function is MISSING or not self.context.value_kind(argument).is_array:
            return False
        facts = object_facts(found.function)
        return facts.effect == "none" and facts.shares == "none"

    def _made_for(self, name: str, node: gast.AST, body: list[gast.AST]) -> gast.AST | None:
        """What a name is assigned that a statement alone reads, once for each assignment; None for others."""
        layout = Layout.of(body)
        given, *others = layout.definitions.get(name, [None])
        if others or not isinstance(given, gast.Assign) or layout.path[id(given)] != layout.path[id(node)]:
            return None
        return given.value if reads_in(body)[name] == 1 else None

    def _apart(self, argument: gast.AST) -> gast.AST:
        """An argument for a function of which nothing is known where this text is differentiated again.

        What it gives might be a view of an array that is written into, so such an array is copied.
        """
        context = self.context
        is_written = isinstance(argument, gast.Name) and argument.id in context.stored
        if is_written and context.kind_of(argument).is_array:
            return gast.Call(context.numpy("copy"), [tree.copy(argument)], [])
        return tree.copy(argument)

    def _lent(self, argument: gast.AST, changing: set[str], result: str) -> gast.AST:
        """An argument for the first half of a pair: of an array or a container that is written into, a copy.

        What the pair keeps of it would have changed before the reverse sweep reads it.

        Args:
            argument: the argument.
            changing: names of what changes after the call.
            result: the name of the call's result.
        """
        context = self.context
        if isinstance(argument, (gast.Tuple, gast.List)):
            return type(argument)([self._lent(item, changing, result) for item in argument.elts], argument.ctx)
        written = [n for n in tree.names_read(argument) if n in context.stored or n in changing]
        kind = context.kind_of(argument)
        if not written or kind.is_scalar:
            return tree.copy(argument)
        if not (kind.is_array or kind.is_container) or context.share(result).intersection(written):
            # A result that shares memory with the argument would share none with its copy.
            raise context.refusal(
                f"a recursive function is given `{context.shown(argument)}`, which is written in place",
                "give it a copy: `np.copy(...)`, `copy.deepcopy(...)`",
            )
        if kind.is_array:
            return gast.Call(context.numpy("copy"), [tree.copy(argument)], [])
        return context.helper(runtime.copied, tree.copy(argument))

    def _changing(self, body: list[gast.AST], node: gast.AST) -> set[str]:
        """Names of what a program changes after a statement, but for calls that pairs are made for: those do not."""
        every = tree.every_statement(may_follow(body, node))
        return {name for other in every if not self._becomes_pair(other) for name in self.context.changed(other)}

    def _becomes_pair(self, node: gast.AST) -> bool:
        """Whether a statement is a call that becomes one of the first half of a pair."""
        if not isinstance(node, gast.Assign) or not self.context.is_active(node.targets[0]):
            return False
        found = self.context.operation(node.value) if isinstance(node.value, gast.Call) else None
        return found is not None and hasattr(found.function, "__code__") and self.context.rule_of(found) is None

    def forward(
        self, sweep: Forward, node: gast.AST, name: str, value: gast.AST, found: Operation
    ) -> None:
        """`name = g(...)` in forward mode: the value with its tangent."""
        context = self.context
        args = self.arguments(value, found)
        active = [self.is_active(a) for a in args]
        kinds = [context.value_kind(a).forget_value() for a in args]
        companion = self.companions.pushforward(found.function, kinds, active)
        self._refuse_seen(companion, args, node, sweep.body)
        if companion.is_detached and (context.is_buffer(name) or context.is_box(name)):
            raise context.refusal(
                f"`{context.shown(value)}` may share memory with its arguments, and is written in place",
                "copy the result of the call",
            )
        tangents = [sweep.dense(a) for a, is_active in zip(args, active, strict=True) if is_active]
        call = tree.call(companion.forward, *map(tree.copy, args), *tangents)
        both = gast.Tuple([tree.store(name), tree.store(sweep.tangent_name(name))], gast.Store())
        sweep.emit(tree.assign(both, call))
