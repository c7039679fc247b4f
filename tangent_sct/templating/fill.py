"""Filling in a rule for one call: the lines of its tangent and of its adjoint.

Terms with the derivative of an argument that is not differentiated vanish here (a zero is None
while an expression is being filled), locals get fresh names, static `if`s are decided and loops
unrolled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind, same_shape
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin
from tangent_sct.runtime import unbroadcast
from tangent_sct.templating.bind import Binding, bind
from tangent_sct.templating.expand import EACH, Expander, Key, Slot
from tangent_sct.templating.nodes import Derivative, Unroll
from tangent_sct.templating.rule import Rule
from tangent_sct.templating.static import Undecided, decide

__all__ = ["Contribution", "Instance", "Slot", "instantiate"]

KindOf = Callable[[gast.AST], Kind]
Spell = Callable[[str, object], str]


@dataclass(frozen=True)
class Contribution:
    """A term of an adjoint: `d[slot] += value`, or `d[slot][index] += value`.

    Attributes:
        slot: the argument it goes to.
        index: the index, where only some elements receive it.
        value: the term.
        broadcast: whether it must be summed down to the shape of the argument.
    """

    slot: Slot
    index: gast.AST | None
    value: gast.AST
    broadcast: bool


def instantiate(
    rule: Rule,
    args: Sequence[gast.AST],
    keywords: Mapping[str, gast.AST],
    results: Sequence[str],
    names: Names,
    kind_of: KindOf,
    origin: Origin | None = None,
    spell: Spell | None = None,
) -> Instance:
    """A rule for one call.

    Args:
        rule: the rule of the function that is called.
        args: its positional arguments; they are copied into the text, so they should be atoms.
        keywords: its keyword arguments by name.
        results: the name of each result, or one name for a tuple of several.
        names: gives out names for the locals of the template.
        kind_of: the kind of an argument or of a result.
        origin: the user's statement, for errors.
        spell: what a free name of the template is called in the program (given the name and its
            object); left out, names stay as they are.

    Raises:
        UnsupportedError: when the rule does not know an argument that the call passes.

    >>> import operator
    >>> from tangent_sct.core.kind import FLOAT
    >>> from tangent_sct.templating.language import partials
    >>> def scale(x, y):
    ...     return x * y
    >>> @partials(scale)
    ... def scale_rule(z, /, x, y):
    ...     return y, x
    >>> from tangent_sct.templating.registry import find
    >>> arguments = [tree.load("a"), tree.load("b")]
    >>> instance = instantiate(find(scale), arguments, {}, ["c"], Names(), lambda e: FLOAT)
    >>> statements, tangent = instance.tangent({("x", None): tree.load("a_dot")})
    >>> tree.text(tangent)
    'a_dot * b'
    >>> [term] = instance.adjoint([tree.load("c_bar")], {("y", None)})
    >>> term.slot, tree.text(term.value)
    (('y', None), 'c_bar * a')
    """
    binding = Binding() if rule.is_zero else bind(rule, args, keywords, kind_of, origin)
    return Instance(rule, binding, results, names, kind_of, origin, spell)


class Instance:
    """A rule whose parameters are bound to the arguments of one call.

    Attributes:
        rule: the rule.
        slots: the arguments that can be differentiated, with their expressions.
        constants: those in which the function cannot be differentiated.
        forward: statements that stand for the call, ending in the assignment of its result; None
            where the call stays as it is.
        namespace: free names of the filled text with their objects; complete once `tangent` or
            `adjoint` has returned.
    """

    def __init__(
        self,
        rule: Rule,
        binding: Binding,
        results: Sequence[str],
        names: Names,
        kind_of: KindOf,
        origin: Origin | None,
        spell: Spell | None,
    ) -> None:
        self.rule = rule
        self._results = list(results)
        self._names = names
        self._kind_of = kind_of
        self._origin = origin
        self._scope = _Bound(rule, binding, kind_of, origin, names, spell)
        self._scope.bind_results(self._results)
        self._scope.bind_inner(names)
        self.namespace: Mapping[str, Any] = self._scope.namespace
        names.reserve(self.namespace)
        self.slots = self._scope.slots()
        self.constants = tuple(self._scope.constants())
        self.forward = self._forward() if rule.prelude else None

    def _forward(self) -> list[gast.AST]:
        rule = self.rule
        split = len(rule.results) > 1 and len(self._results) == 1
        filler = _Filler(self, {}, "forward")
        for name in rule.results:
            filler.expander.env.pop(name, None)
        targets = {} if split else dict(zip(rule.results, self._results, strict=True))
        filler.targets.update(targets)
        filler.run(rule.prelude)
        env = filler.expander.env
        if split:
            items = [_present(env[name]) for name in rule.results]
            filler.emit(tree.assign(self._results[0], tree.tuple_of(map(tree.copy, items))))
        self._scope.env = env
        return filler.statements

    def tangent(
        self, tangents: Mapping[Slot, gast.AST]
    ) -> tuple[list[gast.AST], Any]:
        """Statements and an expression for the tangent of the result.

        Args:
            tangents: the tangents of the arguments; one that is missing is zero.

        Returns:
            Statements, and the expression; None for zero; a list of these for several results.

        Raises:
            UnsupportedError: when the rule has no tangent, or a rank that it needs is not known.
        """
        rule = self.rule
        if rule.is_zero or not tangents:
            return [], self._answer([None] * len(rule.results))
        if rule.tangent is None:
            raise self._missing("tangent", "forward")
        filler = _Filler(self, dict(tangents), "forward")
        filler.run(rule.tangent)
        values = [filler.tangents.get(name) for name in rule.results]
        needed = [value for value in values if value is not None]
        return _live(filler.statements, needed), self._answer(values)

    def _answer(self, values: list[gast.AST | None]) -> Any:
        return values if len(values) > 1 else values[0]

    def adjoint(
        self, seeds: Sequence[gast.AST | None], active: set[Slot] | frozenset[Slot]
    ) -> list[gast.AST | Contribution]:
        """Statements and contributions to the adjoints of the arguments, in order.

        Args:
            seeds: the adjoint of each result, None where it is zero.
            active: the arguments that are differentiated.

        Raises:
            UnsupportedError: when the rule has no adjoint, or a rank that it needs is not known.
        """
        rule = self.rule
        if rule.is_zero or not active or all(seed is None for seed in seeds):
            return []
        if rule.adjoint is None:
            raise self._missing("adjoint", "reverse")
        derivatives: dict[Key, gast.AST] = {
            name: seed
            for name, seed in zip(rule.results, seeds, strict=True)
            if seed is not None
        }
        filler = _Filler(self, derivatives, "reverse", active)
        filler.run(rule.adjoint)
        return _live(filler.statements, [])

    def _missing(self, what: str, mode: str) -> UnsupportedError:
        return UnsupportedError(
            f"the rule for `{self.rule.title}` has no {what}, so it has no {mode} mode",
            self._origin,
            f"add `def {what}():` to the rule `{self.rule.name}` in {self.rule.file}",
        )


class _Bound:
    """What the names of a template stand for in one call; a `Scope` of static tests."""

    def __init__(
        self,
        rule: Rule,
        binding: Binding,
        kind_of: KindOf,
        origin: Origin | None,
        names: Names,
        spell: Spell | None,
    ) -> None:
        self.rule = rule
        self.binding = binding
        self.names = names
        self.kind_of = kind_of
        self.origin = origin
        self.env: dict[str, gast.AST | None] = dict(binding.plain)
        self.spell = spell
        self.namespace: dict[str, Any] = {}
        for name, meaning in rule.namespace.items():
            new = self.spelled(name, meaning)
            if new != name:
                self.env[name] = tree.load(new)
        if rule.layout.star is not None:
            self.env[rule.layout.star] = tree.tuple_of(binding.star)
        if rule.layout.double is not None:
            keys = [tree.const(key) for key in binding.double]
            self.env[rule.layout.double] = gast.Dict(keys, list(binding.double.values()))

    def spelled(self, name: str, meaning: object) -> str:
        """The name of an object in the filled text."""
        new = name if self.spell is None else self.spell(name, meaning)
        self.namespace[new] = meaning
        return new

    def numpy(self) -> gast.AST:
        """NumPy, as the program spells it, for lines that the engine adds."""
        return tree.load(self.spelled(self.rule.numpy, np))

    def bind_results(self, results: Sequence[str]) -> None:
        """Results are names of the program, or items of one name."""
        if len(results) == len(self.rule.results):
            pairs = zip(self.rule.results, results, strict=True)
            self.env.update((name, tree.load(result)) for name, result in pairs)
            return
        if len(results) != 1:
            raise ValueError(f"`{self.rule.title}` has {len(self.rule.results)} results")
        for place, name in enumerate(self.rule.results):
            self.env[name] = tree.subscript(tree.load(results[0]), tree.const(place))

    def bind_inner(self, names: Names) -> None:
        """Names inside lambdas and comprehensions must not capture names of the program."""
        for name in self.rule.inner:
            self.env[name] = tree.load(names.fresh(name))

    def elements(self, name: str) -> list[gast.AST] | None:
        """The elements of `*args`, of a display, or of a container of known structure."""
        if name == self.rule.layout.star:
            return self.binding.star
        expression = self.binding.plain[name]
        if isinstance(expression, (gast.Tuple, gast.List)):
            starred = any(isinstance(item, gast.Starred) for item in expression.elts)
            return None if starred else list(expression.elts)
        kind = self.kind_of(expression)
        if kind.family in ("tuple", "list") and kind.items is not None:
            return [tree.subscript(expression, tree.const(key)) for key, _ in kind.items]
        return None

    def slots(self) -> list[tuple[Slot, gast.AST]]:
        """The arguments that the rule can differentiate."""
        found: list[tuple[Slot, gast.AST]] = []
        for name in self.rule.parameters.parameters:
            elements = self.elements(name) if name in self.rule.elementwise else None
            if elements is not None:
                found += [((name, place), item) for place, item in enumerate(elements)]
            elif name in self.binding.passed and self._addressed(name):
                found.append(((name, None), self.binding.plain[name]))
        return found

    def constants(self) -> Iterator[tuple[str, gast.AST]]:
        """The arguments in which the function cannot be differentiated, by the primal's names."""
        own = {argument.name: argument.own for argument in self.rule.layout.keywords.values()}
        for name in self.rule.parameters.parameters:
            if name not in self.rule.constant:
                continue
            if name == self.rule.layout.star:
                yield from ((name, item) for item in self.binding.star)
            elif name in self.binding.passed:
                yield own.get(name, name), self.binding.plain[name]

    def _addressed(self, name: str) -> bool:
        return name in self.rule.wrt or name in self.rule.elementwise


class _Filler:
    """Runs the statements of one piece of a rule, and collects what they say."""

    def __init__(
        self,
        instance: Instance,
        derivatives: Mapping[Key, gast.AST],
        sweep: str,
        active: set[Slot] | frozenset[Slot] = frozenset(),
    ) -> None:
        self.instance = instance
        self.rule = instance.rule
        self.scope = instance._scope
        self.sweep = sweep
        self.active = active
        self.expander = Expander(self.rule, self.scope, derivatives)
        self.statements: list[Any] = []
        self.tangents: dict[str, gast.AST | None] = {}
        self.targets: dict[str, str] = {}
        """Locals whose names are given: results assigned in the forward sweep."""

    def emit(self, statement: gast.AST) -> None:
        """Add a statement."""
        self.statements.append(tree.mark(statement, self.scope.origin, self.sweep))

    def run(self, statements: Sequence[gast.AST]) -> None:
        """Fill in some statements."""
        for statement in statements:
            if isinstance(statement, gast.Assign):
                self._assign(statement)
            elif isinstance(statement, gast.AugAssign):
                self._contribute(statement)
            elif isinstance(statement, gast.If):
                self.run(self._taken(statement))
            elif isinstance(statement, Unroll):
                self._unroll(statement)
            else:
                self.emit(tree.effect(_present(self.expander.expand(statement.value))))

    def _assign(self, statement: gast.Assign) -> None:
        target = statement.targets[0]
        if isinstance(target, Derivative):
            result: Any = target.of
            self.tangents[result.id] = self._full(result, statement.value)
            return
        expander = self.expander
        name = target.id
        start = len(expander.mentioned)
        value = expander.expand(statement.value)
        expander.mentions[name] = expander.mentioned[start:]
        del expander.mentioned[start:]
        given = self.targets.get(name)
        if given is None and (value is None or tree.is_atom(value)):
            expander.env[name] = value
            return
        new = given or self.instance._names.fresh(name)
        self.emit(tree.assign(new, _present(value)))
        expander.env[name] = tree.load(new)

    def _full(self, result: Any, value: gast.AST) -> gast.AST | None:
        """A tangent in the full shape of the result, also when only a small operand is active."""
        expander = self.expander
        expander.mentioned.clear()
        filled = expander.expand(value)
        if tree.is_constant(filled, 0, 0.0):
            return None
        if filled is None or not self.rule.broadcast or self._is_full(result):
            return filled
        whole = _present(expander.expand(result))
        shape = tree.call(tree.attribute(self.scope.numpy(), "shape"), whole)
        return tree.call(tree.attribute(self.scope.numpy(), "broadcast_to"), filled, shape)

    def _is_full(self, result: Any) -> bool:
        env, kind_of = self.expander.env, self.scope.kind_of
        whole = kind_of(_present(env[result.id]))
        if whole.rank == 0:
            return True
        mentioned = set(self.expander.mentioned)
        operands = self.scope.binding.plain
        if not mentioned.isdisjoint(self.rule.results):
            return True
        if any(same_shape(kind_of(operands[name]), whole) for name in mentioned & set(operands)):
            return True
        return all(
            kind_of(expression).rank == 0 or kind_of(expression).family == "other"
            for name, expression in operands.items()
            if name not in mentioned
        )

    def _contribute(self, statement: gast.AugAssign) -> None:
        target = statement.target
        indexed = isinstance(target, gast.Subscript)
        derivative = target.value if indexed else target
        slot = self.expander.key_of(derivative.of)
        if isinstance(slot, str) or slot not in self.active:
            return
        value = self.expander.expand(statement.value)
        if value is None:
            return
        index = _present(self.expander.expand(target.slice)) if indexed else None
        self.statements.append(Contribution(slot, index, value, self.rule.broadcast))

    def _taken(self, statement: gast.If) -> list[gast.AST]:
        """The branch of a static `if`; when it cannot be decided, the last `else` of the chain."""
        decided = decide(statement.test, self.expander)
        if not isinstance(decided, Undecided):
            return list(statement.body if decided else statement.orelse)
        orelse = statement.orelse
        while len(orelse) == 1 and isinstance(orelse[0], gast.If):
            orelse = orelse[0].orelse
        if not orelse:
            raise UnsupportedError(
                f"{decided.missing} must be known to differentiate `{self.rule.title}`",
                self.scope.origin,
                "write it as a literal, or annotate the parameter that it comes from",
            )
        return list(orelse)

    def _unroll(self, loop: Unroll) -> None:
        if self.expander.is_open(loop.over):
            self._collect(loop)
            return
        for _ in self.expander.iterate(loop.counter, loop.item, loop.over):
            self.run(loop.body)

    def _is_like_result(self, element: gast.AST) -> bool:
        """Whether an element surely has the shape of the result."""
        result = _present(self.expander.env[self.rule.results[0]])
        return same_shape(self.expander.kind_of(element), self.scope.kind_of(result))

    def _collect(self, loop: Unroll) -> None:
        """A loop over a list of unknown length: what all its elements get, as one list."""
        if (loop.over, None) not in self.active:
            return
        # What one round hands to the next has no place in a comprehension.
        has_locals = any(isinstance(step, gast.Assign) for step in tree.every_statement(loop.body))
        outer, self.statements = self.statements, []
        active, self.active = self.active, {*self.active, (loop.over, EACH)}
        every = self.expander.element(loop.counter, loop.item, loop.over)
        self.run(loop.body)
        inside, self.statements, self.active = self.statements, outer, active
        plain = all(isinstance(step, Contribution) and step.index is None for step in inside)
        if has_locals or len(inside) > 1 or not plain:
            raise self.expander.refusal(f"the elements of `{every.over}` are not known")
        for step in inside:
            amount = step.value
            if step.broadcast and not self._is_like_result(tree.load(every.item)):
                fit = tree.load(self.scope.spelled("unbroadcast", unbroadcast))
                amount = gast.Call(fit, [amount, tree.load(every.item)], [])
            value = every.collected(amount)
            self.statements.append(Contribution((loop.over, None), None, value, False))


def _present(value: gast.AST | None) -> gast.AST:
    """A zero in a place where it cannot vanish."""
    return tree.const(0.0) if value is None else value


def _live(statements: list[Any], needed: Sequence[gast.AST]) -> list[Any]:
    """The statements without assignments to locals that nothing reads."""
    if not any(isinstance(statement, gast.Assign) for statement in statements):
        return statements
    read = set(tree.names_read(needed))
    kept: list[Any] = []
    for statement in reversed(statements):
        if isinstance(statement, Contribution):
            read.update(tree.names_read(statement.value))
            if statement.index is not None:
                read.update(tree.names_read(statement.index))
        elif isinstance(statement, gast.Assign):
            if statement.targets[0].id not in read:
                continue
            read.update(tree.names_read(statement.value))
        kept.append(statement)
    kept.reverse()
    return kept
