"""Forward mode: the tangent of each statement, beside the statement.

`x_dot` is carried beside `x`: a statement `v = op(x, ...)` is joined by `v_dot = d op(x, ...)(x_dot, ...)` (Griewank
and Walther 2008, section 3.1). Copies are mirrored, so joins and carried names of the single-assignment form
come out right; an array that is written in place has a tangent array with the same aliasing. Requires: single
assignment, kinds, alias classes, activity.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import gast
import numpy

from tangent_sct import runtime
from tangent_sct.analysis.boxes import mutated_container
from tangent_sct.analysis.operations import Operation, copied, opened
from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted
from tangent_sct.core.identity import entry_of, is_one_of
from tangent_sct.derive.attempts import settled
from tangent_sct.derive.calls import Pairs
from tangent_sct.derive.context import Context
from tangent_sct.derive.insertions import insertion_of
from tangent_sct.derive.layout import written_name
from tangent_sct.derive.shadows import READ_ONLY
from tangent_sct.derive.tapes import as_tape, is_tape
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.runtime.boxes import WRITERS
from tangent_sct.templating.rule import UNSURE


class Forward:
    """The tangent program of one function body."""

    def __init__(self, context: Context, body: list[gast.AST], calls: Pairs) -> None:
        self.context = context
        self.body = body
        self.calls = calls
        self.out: list[gast.AST] = []
        self.tangents: dict[str, str] = {}
        self.results: dict[str, list[str]] = {}
        """Tuples of several results, with the name of the tangent of each."""

    def run(self) -> list[gast.AST]:
        """The primal statements with their tangents."""
        return self.block(self.body)

    def block(self, statements: list[gast.AST]) -> list[gast.AST]:
        outer, self.out = self.out, []
        for node in statements:
            self.context.origin = tree.origin_of(node)
            self.statement(node)
        result, self.out = self.out, outer
        return result

    def emit(self, statement: gast.AST) -> None:
        """Append a statement that carries tangents."""
        self.out.append(tree.mark(statement, self.context.origin, "tangent"))

    def tangent_name(self, name: str) -> str:
        """The tangent name of an active name."""
        if name not in self.tangents:
            self.tangents[name] = self.context.partner(name, "_dot")
        return self.tangents[name]

    def tangent(self, node: gast.AST) -> gast.AST | None:
        """The tangent of an atom, None where it is zero."""
        if isinstance(node, gast.Name) and node.id in self.context.active:
            return tree.load(self.tangent_name(node.id))
        return None

    def operand_tangent(self, atom: gast.AST) -> gast.AST | None:
        """The tangent of an operand of a rule: an atom, or an item of a container."""
        if isinstance(atom, gast.Subscript) and self.context.is_active(atom.value):
            return tree.subscript(
                tree.load(self.tangent_name(atom.value.id)), tree.copy(atom.slice)
            )
        if not isinstance(atom, gast.Name) and any(map(self.context.is_active, opened(atom))):
            raise self.context.hidden_array(atom)
        return self.tangent(atom)

    def zero(self, node: gast.AST) -> gast.AST:
        kind = self.context.kind_of(node)
        if kind.is_scalar or isinstance(node, gast.Constant):
            return tree.const(0j if kind.is_complex else 0.0)
        return self.context.zeros_like(tree.copy(node), kind)

    def dense(self, node: gast.AST) -> gast.AST:
        """The tangent of an operand, zeros written out; None for a constant that is no number."""
        if isinstance(node, gast.Constant) and not isinstance(node.value, (int, float, complex)):
            return tree.const(None)
        found = self.structure(node)
        return self.zero(node) if found is None else found

    def structure(self, node: gast.AST) -> gast.AST | None:
        """The tangent of an atom or of a display of atoms."""
        if isinstance(node, (gast.Tuple, gast.List)):
            if isinstance(node, gast.List) and not node.elts:
                # What is pushed later has its tangents pushed here.
                return tree.list_of([])
            if not any(map(self.context.is_active, opened(node))):
                return None
            return type(node)([self.dense(item) for item in node.elts], gast.Load())
        if isinstance(node, gast.Dict):
            if not any(map(self.context.is_active, opened(node))):
                return None
            return gast.Dict(
                [tree.copy(k) for k in node.keys], [self.dense(v) for v in node.values]
            )
        if isinstance(node, gast.Name) and node.id in self.context.namespace.objects:
            # An object from outside holds nothing that varies, whatever it is put beside.
            return None
        return self.tangent(node)

    # -- statements ---------------------------------------------------------------------------

    def statement(self, node: gast.AST) -> None:
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            self.assignment(node, node.targets[0].id)
        elif isinstance(node, gast.Assign) and written_name(node.targets[0]) is not None:
            self.store(node, node.targets[0], None, node.value)
        elif isinstance(node, gast.AugAssign) and written_name(node.target) is not None:
            self.store(node, node.target, tree.BINARY_SYMBOL[type(node.op)], node.value)
        elif isinstance(node, gast.Expr):
            self.effect(node)
        elif isinstance(node, gast.If) and not tree.is_exit(node):
            body, orelse = self.block(node.body), self.block(node.orelse)
            if attempted(node) is not None:
                body, orelse = settled(body, self.context), settled(orelse, self.context)
            self.out.append(tree.like(tree.if_(node.test, body, orelse), node))
        elif isinstance(node, gast.For):
            self.context.refuse_written_items(node)
            self.out.append(
                tree.like(tree.for_(node.target, node.iter, self.block(node.body)), node)
            )
        elif isinstance(node, gast.While):
            self.out.append(tree.like(tree.while_(node.test, self.block(node.body)), node))
        elif isinstance(node, gast.With):
            self.out.append(tree.like(gast.With(node.items, self.block(node.body), None), node))
        else:
            self.out.append(node)
            if isinstance(node, gast.Assign):
                # Of several names some may mean arrays that something active is stored into later.
                for name in filter(self.context.active.__contains__, tree.names_written(node.targets)):
                    self.emit(tree.assign(self.tangent_name(name), self.zero(tree.load(name))))

    def assignment(self, node: gast.Assign, name: str) -> None:
        value = node.value
        context = self.context
        if self.changed(node, name):
            return
        if name not in context.active:
            context.refuse_unknown_change(node)
            self.out.append(node)
            return
        found = context.operation(value)
        tangent = self.handed_on(name, value, found)
        if tangent is not None:
            self.out.append(node)
            made = tree.assign(self.tangent_name(name), tangent)
            self.emit(as_tape(made) if is_tape(node) else made)
            return
        assert found is not None
        rule = context.rule_of(found)
        if rule is None:
            self.calls.forward(self, node, name, value, found)
        else:
            self.apply(node, name, rule, found)

    def handed_on(
        self, name: str, value: gast.AST, found: Operation | None
    ) -> gast.AST | None:
        """The tangent of a name to which values are handed on; None where one is computed.

        It is made of their tangents in the same way.
        """
        context = self.context
        makes_container = context.kind(name).is_container
        if isinstance(value, gast.BinOp) and makes_container:
            # Also where it is constant: the items of `[a] * n` are one array, so their tangents are.
            return self.combined(value)
        if found is None or not any(map(context.is_active, found.operands())):
            tangent = self.structure(value)
            if tangent is None and context.value_kind(value).value is None:
                # So a derivative of this derivative knows what is unassigned, or None at first.
                return tree.const(None)
            return self.zero(tree.load(name)) if tangent is None else tangent
        if found.function is runtime.old_item:
            # Where the shadow of an item is put back, its tangent is put back with it.
            return gast.Call(tree.copy(value.func), [self.dense(found.args[0]), *map(tree.copy, found.args[1:])], [])
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
            if context.kind_of(value.value).is_container:
                several, place = self.results.get(value.value.id), value.slice
                if several is not None and isinstance(place, gast.Constant) and place.value in range(len(several)):
                    return tree.load(several[place.value])
                return tree.subscript(self.dense(value.value), tree.copy(value.slice))
        source = copied(value, found) if makes_container else None
        return None if source is None else self.copy_of_items(value, source)

    def combined(self, value: gast.BinOp) -> gast.AST:
        """The tangent of `c + d` and `c * n` of lists and tuples."""
        left, right = [
            self.dense(operand) if self.context.kind_of(operand).is_container else tree.copy(operand)
            for operand in (value.left, value.right)
        ]
        return gast.BinOp(left, value.op, right)

    def copy_of_items(self, value: gast.Call, source: gast.AST) -> gast.AST:
        """The tangent of `list(c)` and `c.copy()`."""
        if value.args:
            *others, _ = map(tree.copy, value.args)
            return gast.Call(tree.copy(value.func), [*others, self.dense(source)], [])
        return gast.Call(tree.attribute(self.dense(source), value.func.attr), [], [])

    def changed(self, node: gast.AST, name: str | None) -> bool:
        """Whether a statement changes a container with values to be differentiated: so it does to tangents."""
        call = mutated_container(node)
        if call is not None and self.context.is_active(call.func.value):
            mirrored = self.mirrored_method(call)
        else:
            found = self.context.operation(node.value)
            if found is None or not is_one_of(found.function, WRITERS) or not self.context.is_active(found.args[0]):
                return False
            mirrored = self.mirrored_writer(node.value, found.function, found.args)
        self.out.append(node)
        if mirrored is not None and name is not None and name in self.context.active:
            self.emit(tree.assign(self.tangent_name(name), mirrored))
        elif mirrored is not None:
            self.emit(tree.effect(mirrored))
        return True

    def mirrored_method(self, call: gast.Call) -> gast.AST:
        """The call of a method that does to the tangents of a container what it does to the container."""
        method, args = call.func.attr, call.args
        values = {"append": 0, "extend": 0, "insert": 1, "pop": None, "clear": None, "reverse": None}
        is_default = method == "pop" and len(args) > 1
        if method not in values or call.keywords or is_default:
            raise self.context.unknown_change(call, of_container=True)
        owner = tree.load(self.tangent_name(call.func.value.id))
        mirrored = [
            self.dense(a) if place == values[method] else tree.copy(a) for place, a in enumerate(args)
        ]
        return gast.Call(tree.attribute(owner, method), mirrored, [])

    def mirrored_writer(
        self, call: gast.Call, function: Any, args: tuple[gast.AST, ...]
    ) -> gast.AST | None:
        """A helper of derivatives that changes a shadow, and what it does to the shadow's tangent."""
        owner = tree.load(self.tangent_name(args[0].id))
        place = entry_of(function, {runtime.add_items: 1, runtime.add_item: 2, runtime.put_back: 2})
        if place is not None and function is not runtime.put_back and self.structure(args[place]) is None:
            return None
        rest = [
            self.dense(a) if number == place else tree.copy(a)
            for number, a in enumerate(args[1:], 1)
        ]
        return gast.Call(tree.copy(call.func), [owner, *rest], [])

    def apply(self, node: gast.Assign, name: str, rule: Any, found: Any) -> None:
        context = self.context
        is_several = len(rule.results) > 1
        results = [context.temporary(name) for _ in rule.results] if is_several else [name]
        instance = context.instance(rule, found, results)
        tangents = {
            slot: tangent
            for slot, atom in instance.slots
            if (tangent := self.operand_tangent(atom)) is not None
        }
        filled = None if instance.forward is None else context.adopt(instance.forward)
        statements, values = instance.tangent(tangents)
        if filled is None:
            self.out.append(node)
            if is_several:
                for i, result in enumerate(results):
                    self.emit(tree.assign(result, tree.subscript(tree.load(name), tree.const(i))))
        else:
            if is_several:
                filled = [*filled, tree.assign(name, tree.tuple_of(map(tree.load, results)))]
            self.out.extend(tree.like(s, node) for s in filled)
        for statement in context.adopt(statements):
            self.emit(statement)
        every = values if isinstance(values, list) else [values]
        if is_several:
            # Each has a name, so that nothing is computed of what is not used.
            several = [context.temporary(self.tangent_name(name)) for _ in results]
            for target, v, r in zip(several, every, results, strict=True):
                self.emit(tree.assign(target, self.zero(tree.load(r)) if v is None else v))
            self.results[name] = several
            self.emit(tree.assign(self.tangent_name(name), tree.tuple_of(map(tree.load, several))))
            return
        (part,) = every
        amount = self.zero(tree.load(name)) if part is None else part
        written = [name, *tree.names_read(list(found.operands()))]
        sources = context.sources(node.value)
        is_new = rule.aliasing == "fresh" and part is not None and not context.kind(name).is_container
        if is_new and sources and context.is_buffer(name) and not _lists_items(found.args):
            # `sum([], s)` is `s` itself, while its tangent is computed.
            raise context.may_not_copy(node.value)
        is_fresh = rule.aliasing == "fresh" or not sources
        if is_fresh and any(map(context.is_buffer, written)):
            # It, or what it is made of, will be written into, so it must be an array of its own.
            if context.kind(name).is_complex and not self.is_complex(found):
                amount = tree.binary(amount, "+", tree.const(0j))
            if context.kind(name).is_array and not self.is_new(amount):
                amount = gast.Call(context.numpy("array"), [amount], [])
            elif context.kind(name).is_array and context.kind(name).rank == 0:
                # What is computed of arrays without axes is a number.
                amount = gast.Call(context.numpy("asarray"), [amount], [])
            elif context.kind(name).family == "unknown" and not self.is_new(amount):
                amount = context.helper(runtime.copied, amount)
        self.emit(tree.assign(self.tangent_name(name), amount))
        self.check_alike(name, rule, found, node.value)

    def check_alike(self, name: str, rule: Any, found: Operation, value: gast.AST) -> None:
        """Where memory layout decides whether a value is a view, and it is written in place: a check of both."""
        context = self.context
        is_item = found.function is operator.getitem
        if rule.aliasing not in UNSURE or is_item or not context.is_buffer(name):
            return
        if not all(context.kind(n).is_array for n in (name, *context.sources(value))):
            return
        for owner in context.sources(value):
            if context.is_active(tree.load(owner)):
                pairs = (tree.load(n) for n in (name, owner, self.tangent_name(name), self.tangent_name(owner)))
                self.emit(tree.effect(context.helper(runtime.check_alike, *pairs)))

    def is_complex(self, found: Operation) -> bool:
        """Whether all operands with a tangent are complex, and so the tangent of the result."""
        active = filter(self.context.is_active, found.operands())
        return all(self.context.kind_of(operand).is_complex for operand in active)

    def is_new(self, tangent: gast.AST) -> bool:
        """Whether a tangent surely is a new array that may be written into."""
        if isinstance(tangent, (gast.BinOp, gast.UnaryOp)):
            return True
        if not isinstance(tangent, gast.Call) or self.context.sources(tangent):
            return False
        found = self.context.operation(tangent)
        return found is None or not is_one_of(found.function, READ_ONLY)

    def store(self, node: gast.AST, target: gast.AST, symbol: str | None, value: gast.AST) -> None:
        """`base[index] = value` is mirrored: `base_dot[index] = value_dot`."""
        base = written_name(target)
        self.out.append(node)
        if base is None or base not in self.context.active:
            return
        if symbol not in (None, "+", "-"):
            raise self.context.unresolved(symbol)
        shadow = tree.load(self.tangent_name(base))
        place: gast.AST = shadow
        if isinstance(target, gast.Subscript):
            place = tree.subscript(shadow, tree.copy(target.slice))
        tangent = self.structure(value)
        if symbol is None and tangent is None:
            # In an array zeros broadcast, an item of a container has to have its shape.
            is_array = self.context.kind(base).is_array
            tangent = tree.const(0.0) if is_array else self.zero(value)
        if symbol is None:
            self.emit(tree.assign(place, tangent))
        elif tangent is not None:
            self.emit(tree.augment(place, symbol, tangent))

    def effect(self, node: gast.Expr) -> None:
        if insertion_of(self.context.operation(node.value)) is not None:
            # It says nothing of tangents.
            return
        if self.changed(node, None):
            return
        self.out.append(node)
        found = self.context.operation(node.value)
        mirrored = None
        if found is not None and any(map(self.context.is_active, found.operands())):
            mirrored = self.mirrored_effect(node.value, found)
        if mirrored is not None:
            self.emit(tree.effect(mirrored))
        else:
            self.context.refuse_unknown_change(node)

    def mirrored_effect(self, call: gast.Call, found: Operation) -> gast.AST | None:
        """The call that does to tangents what an effect does to values, where it is linear in them."""
        if found.function is MISSING or not is_one_of(found.function, (numpy.add.at,)):
            return None
        base, index, value = found.args
        operands = [self.dense(base), tree.copy(index), self.dense(value)]
        return gast.Call(tree.copy(call.func), operands, [])


def _lists_items(args: Sequence[gast.AST]) -> bool:
    """Whether a call is given a display first that surely has an item."""
    items = args[0].elts if args and isinstance(args[0], (gast.List, gast.Tuple)) else ()
    return any(not isinstance(item, gast.Starred) for item in items)
