"""Calls that spread active data over their arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.inline import default_expression
from tangent_sct.frontend.inside import signature
from tangent_sct.frontend.meanings import Inner, Outer, Value
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.reading import Reading, or_mentions, with_value
from tangent_sct.frontend.source import origin_of_node
from tangent_sct.frontend.spread import (
    collected_from,
    fitting,
    open_keywords,
    signature_for,
    spread_of,
    written_out_call,
)
from tangent_sct.frontend.yields import marked


class Spreading(Reading):
    """Writes such calls out."""

    def spread(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A call that spreads active data over its arguments, once for each number of them that may be."""
        starred = spread_of(call)
        found = self.signature_of(self.functions.of(call.func), call)
        start = None if starred is None or found is None else collected_from(found, call)
        if start is not None:
            return self.collected(node, call, start, is_active)
        counts = () if starred is None or found is None else fitting(found, call)
        if starred is None or not counts:
            first = next(item for item in call.args if isinstance(item, gast.Starred))
            raise self.spread_error(first)
        error = f"expected {' or '.join(map(str, counts))} arguments to spread"
        raised = tree.call(self.namespace.name_for("TypeError", TypeError), tree.const(error))
        before = self.functions.state()
        block: list[gast.AST] = []
        for count in reversed(counts):
            after = self.functions.state()
            self.functions.restore(before)
            test = self.temporary("test")
            items = [self.temporary("t") for _ in range(count)]
            taken = [
                tree.assign(item, tree.subscript(tree.copy(starred.value), tree.const(i)))
                for i, item in enumerate(items)
            ]
            body = [tree.like(statement, node) for statement in taken]
            body += self.expand_statement(
                with_value(node, written_out_call(call, items)), or_mentions(is_active, items)
            )
            length = tree.call(self.namespace.name_for("len", len), tree.copy(starred.value))
            operator = gast.Eq() if block else gast.NotEq()
            told = tree.assign(test, gast.Compare(length, [operator], [tree.const(count)]))
            if block:
                self.functions.join(after)
                block = [told, tree.if_(tree.load(test), body, block)]
            else:
                block = [told, tree.if_(tree.load(test), [tree.like(gast.Raise(raised, None), node)]), *body]
            block = [s if hasattr(s, "origin") else tree.like(s, node) for s in block]
        return block

    def collected(
        self, node: gast.AST, call: gast.Call, start: int, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A call whose arguments from one on are those of `*args`, whatever their number: they are one tuple."""
        *others, starred = call.args
        before: list[gast.AST] = []

        def named(value: gast.AST, base: str = "t") -> gast.AST:
            before.append(tree.assign(self.temporary(base), value))
            return tree.load(before[-1].targets[0].id)

        taken = [tree.subscript(tree.copy(starred.value), tree.const(i)) for i in range(start - len(others))]
        given = [*others[:start], *map(named, taken)]
        rest = named(tree.call(self.namespace.name_for("tuple", tuple), starred.value), "args")
        if taken:
            rest = named(tree.subscript(rest, gast.Slice(tree.const(len(taken)), None, None)), "args")
        elif len(others) > start:
            rest = named(tree.binary(named(tree.tuple_of(others[start:])), "+", rest), "args")
        spread = gast.Starred(rest, gast.Load())
        spread.is_collected = True
        plain = with_value(node, gast.Call(call.func, [*given, spread], call.keywords))
        known = or_mentions(is_active, [s.targets[0].id for s in before])
        every = [*(marked(statement, node) for statement in before), plain]
        return [part for statement in every for part in self.expand_statement(statement, known)]

    def spread_error(self, spread: gast.AST) -> UnsupportedError:
        """What is said of arguments of which nobody knows how many they are, or which."""
        assert self.source is not None
        return UnsupportedError(
            "active data is spread over the arguments of a call, so that their number is unknown",
            origin_of_node(self.source, spread),
            "write the arguments out",
        )

    def spread_keywords(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A call that spreads a dict of active data over its keywords, with a value for each that it may have."""
        (spread, *others) = [k.value for k in call.keywords if k.arg is None]
        own = [k for k in call.keywords if k.arg is not None]
        if isinstance(spread, gast.Dict) and all(isinstance(getattr(k, "value", 0), str) for k in spread.keys):
            written = [gast.keyword(k.value, v) for k, v in zip(spread.keys, spread.values, strict=True)]
            others = [gast.keyword(None, value) for value in others]
            call = gast.Call(call.func, call.args, [*own, *written, *others])
            return self.expand_statement(with_value(node, call), is_active)
        found = self.signature_of(self.functions.of(call.func), call)
        names = None if found is None or others else open_keywords(found, call)
        if not names or not isinstance(spread, gast.Name):
            raise self.spread_error(spread)
        values = {p.name: self.temporary(p.name) for p in names}
        count = self.temporary("count")
        block: list[gast.AST] = [tree.assign(count, tree.const(sum(p.default is p.empty for p in names)))]
        for parameter in names:
            value = values[parameter.name]
            taken = tree.assign(value, tree.subscript(tree.copy(spread), tree.const(parameter.name)))
            if parameter.default is parameter.empty:
                block.append(taken)
                continue
            default = parameter.default
            if not isinstance(default, gast.AST):
                default = default_expression(default, f"{parameter.name}_default", self.namespace.name_for)
            test = self.temporary("test")
            key = gast.Compare(tree.const(parameter.name), [gast.In()], [tree.copy(spread)])
            more = tree.assign(count, tree.binary(tree.load(count), "+", tree.const(1)))
            block.append(tree.assign(test, key))
            block.append(tree.if_(tree.load(test), [taken, more], [tree.assign(value, tree.copy(default))]))
        test = self.temporary("test")
        length = tree.call(self.namespace.name_for("len", len), tree.copy(spread))
        error = f"unexpected keyword arguments; expected some of {', '.join(values)}"
        raised = gast.Raise(tree.call(self.namespace.name_for("TypeError", TypeError), tree.const(error)), None)
        block.append(tree.assign(test, gast.Compare(length, [gast.NotEq()], [tree.load(count)])))
        block.append(tree.if_(tree.load(test), [tree.like(raised, node)]))
        plain = gast.Call(call.func, call.args, [*own, *(gast.keyword(k, tree.load(v)) for k, v in values.items())])
        known = or_mentions(is_active, list(values.values()))
        before = self.expand([marked(statement, node) for statement in block], known)
        return [*before, *self.expand_statement(with_value(node, plain), known)]

    def signature_of(self, value: Value | None, call: gast.Call) -> inspect.Signature | None:
        """The signature of what a call calls, None where it is not known."""
        if isinstance(value, Inner):
            return signature(value.node)
        expression = value.expression if isinstance(value, Outer) else call.func
        function = meaning(expression, self.namespace.objects)
        known = value is None or isinstance(value, Outer)
        return signature_for(function) if known and function is not MISSING else None
