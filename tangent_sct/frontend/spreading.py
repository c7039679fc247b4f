"""Calls that spread active data over their arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence

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
    written_out_call,
)
from tangent_sct.frontend.yields import marked


class Spreading(Reading):
    """Writes such calls out."""

    def spread(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A call that spreads active data over its arguments, once for each number of them that may be."""
        first = next(item for item in call.args if isinstance(item, gast.Starred))
        found = self.signature_of(self.functions.of(call.func), call)
        if found is None:
            raise self.spread_error(first)
        start = collected_from(found, call)
        ahead, call = self.joined(call, is_last=start is not None)
        known = or_mentions(is_active, [s.targets[0].id for s in ahead])
        counts = fitting(found, call)
        open_ = 0 if start is None else start - len(call.args) + 1
        if not counts and (start is None or open_ > 0):
            raise self.spread_error(first)
        output = self.expand([marked(statement, node) for statement in ahead], known)
        if start is None:
            return output + self.counted(node, call, counts, [], known)
        before = self.functions.state()
        rest = self.collected(node, call, start, known)
        fewer = [count for count in counts if count < open_]
        if not fewer:
            return output + rest
        after = self.functions.state()
        self.functions.restore(before)
        output += self.counted(node, call, fewer, rest, known)
        self.functions.join(after)
        return output

    def joined(self, call: gast.Call, *, is_last: bool) -> tuple[list[gast.AST], gast.Call]:
        """The call with one spread argument for all that it spreads, which stands last where that is asked.

        What stands between or behind those joins them: `f(u, *a, v, *b)` is `f(u, *(tuple(a) + (v,) + tuple(b)))`.
        """
        places = [place for place, item in enumerate(call.args) if isinstance(item, gast.Starred)]
        if len(places) == 1 and (not is_last or places[0] == len(call.args) - 1):
            return [], call
        before: list[gast.AST] = []

        def named(value: gast.AST, base: str) -> gast.AST:
            before.append(tree.assign(self.temporary(base), value))
            return tree.load(before[-1].targets[0].id)

        pieces: list[gast.AST] = []
        others: list[gast.AST] = []
        for item in [*call.args[places[0] :], None]:
            if item is not None and not isinstance(item, gast.Starred):
                others.append(item)
                continue
            if others:
                pieces.append(named(tree.tuple_of(others), "t"))
                others = []
            if item is not None:
                pieces.append(named(tree.call(self.namespace.name_for("tuple", tuple), item.value), "args"))
        whole = functools.reduce(lambda left, right: named(tree.binary(left, "+", right), "args"), pieces)
        spread = tree.like(gast.Starred(whole, gast.Load()), call.args[places[0]])
        return before, gast.Call(call.func, [*call.args[: places[0]], spread], call.keywords)

    def counted(
        self,
        node: gast.AST,
        call: gast.Call,
        counts: Sequence[int],
        rest: list[gast.AST],
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        """A call that spreads one argument, for each of some numbers of items; `rest` is done for other numbers."""
        starred = next(item for item in call.args if isinstance(item, gast.Starred))
        error = f"expected {' or '.join(map(str, counts))} arguments to spread"
        raised = tree.call(self.namespace.name_for("TypeError", TypeError), tree.const(error))
        before = self.functions.state()
        block = rest
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
