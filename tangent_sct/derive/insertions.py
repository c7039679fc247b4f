"""Code that a user inserts into the reverse sweep: it works on an adjoint where it stands.

`with insert_grad_of(x) as x_bar: block` is the identity `x = x` whose adjoint is the block. The adjoint of a value
gets a new name by each assignment; of what has a shadow, the block works on the shadow, whose memory is that of all
its names. What the block hands on to be kept gets a copy, since the sweep goes on adding to adjoints in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import gast

from tangent_sct import runtime
from tangent_sct.analysis.calls import MUTATORS, Calls
from tangent_sct.analysis.indices import is_fancy
from tangent_sct.analysis.iterations import heads
from tangent_sct.analysis.operations import DISPLAYS, Operation, operation
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.derive.values import Adjoint
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.insertions import Block, Insertion

if TYPE_CHECKING:
    from tangent_sct.derive.reverse import Reverse


def insertion_of(found: Operation | None) -> Insertion | None:
    """The insertion that a call stands for, None for every other call."""
    if found is None or found.function is not runtime.insert_grad_of or len(found.args) < 2:
        return None
    literal = getattr(found.args[1], "value", None)
    return literal if isinstance(literal, Insertion) else None


def inserted_for(body: Iterable[gast.AST], namespace: Mapping[str, Any]) -> list[str]:
    """Names of the variables that code is inserted for."""
    calls = (node.value for node in tree.every_statement(body) if isinstance(node, gast.Expr))
    found = (operation(call, namespace) for call in calls if isinstance(call, gast.Call))
    return [item.args[0].id for item in found if item is not None and insertion_of(item) is not None]


class Insertions:
    """The insertions into one reverse sweep."""

    def __init__(self, sweep: Reverse) -> None:
        self.sweep = sweep
        self.context = sweep.context

    def insert(self, found: Operation, block: Block) -> None:
        """Write a block into the reverse sweep, if the variable it is for carries a derivative."""
        context = self.context
        root, _, *rest = found.args
        if not context.is_active(root):
            return
        count = len(rest) - len(block.reads)
        placeholders = {f"_{i}": part for i, part in enumerate(rest[:count])}
        path = [tree.substitute(key, placeholders) for key in block.path]
        body = _Body(self.sweep, block, dict(zip(block.reads, rest[count:], strict=True)))
        outer, context.origin = context.origin, block.origin
        self.refuse_mixed(body)
        self.place(root.id, path, body)
        context.origin = outer

    # -- where the adjoint is -----------------------------------------------------------------

    def place(self, name: str, path: list[gast.AST], body: _Body) -> None:
        """Find the adjoint that a path leads to, and run a block on it."""
        context, parts, values = self.context, self.sweep.parts, self.sweep.values
        while path and values.kind(name).is_container and not context.is_box(parts.root(name)):
            if not isinstance(path[0], gast.Constant) or path[0].value not in parts.keys(name):
                raise context.refusal(
                    f"which item is meant by `{tree.text(path[0])}` is not known, or it carries no derivative",
                    "insert code for an item with a literal index or key, or for a variable that holds it",
                )
            name = parts.part(name, path.pop(0).value)
        if context.is_box(parts.root(name)):
            self.of_shadow(parts.shadow_of(name), parts.primal(name), path, body)
        elif values.kind(name).is_container:
            raise self.refused_container()
        elif context.is_buffer(name):
            self.of_shadow(tree.load(self.sweep.shadows.of(name)), tree.load(name), path, body)
        elif path:
            self.of_shadow(tree.load(values.accumulator(name)), parts.primal(name), path, body)
        else:
            self.of_value(name, body)

    def refused_container(self) -> Exception:
        return self.context.refusal(
            "code is inserted for a container, whose adjoint is the adjoints of its items",
            "insert code for its items: `with insert_grad_of(c[0]) as item_bar:`",
        )

    def of_value(self, name: str, body: _Body) -> None:
        """A block on the adjoint of a value, which each assignment gives a new name."""
        values = self.sweep.values
        kind = values.kind(name)
        if body.writes:
            start = tree.load(values.accumulator(name))
        else:
            known = values.adjoint.pop(name, None)
            value = values.zero(name) if known is None else known.expression()
            start = value if isinstance(value, gast.Name) else self.named(values.new_adjoint(name), value)
        end = body.run(start, kind, lambda: values.new_adjoint(name), body.writes)
        if not body.is_owned:
            # It may be anybody's: loops add to adjoints in place.
            end = self.named(values.new_adjoint(name), gast.Call(self.context.numpy("array"), [end], []))
        values.adjoint[name] = Adjoint(end.id, True)

    def named(self, name: str, value: gast.AST) -> gast.Name:
        """Give something a name in the reverse sweep."""
        self.sweep.emit(tree.assign(name, value))
        return tree.load(name)

    def of_shadow(self, shadow: gast.AST, primal: gast.AST, path: list[gast.AST], body: _Body) -> None:
        """A block on a place in an array or a container of adjoints."""
        context = self.context
        for key in path:
            shadow = tree.subscript(shadow, tree.copy(key))
            primal = tree.subscript(primal, tree.copy(key))
        kind = context.kind_of(primal)
        if kind.is_container:
            raise self.refused_container()
        if not (kind.is_scalar or kind.is_array):
            raise context.refusal(
                f"whether `{context.shown(primal)}` is a number or an array is not known",
                "annotate the arguments (float, np.ndarray), or use source_for(*args)",
            )
        is_copy = kind.is_scalar or bool(path) and is_fancy(path[-1], context.kind_of)
        is_name = isinstance(shadow, gast.Name)
        start = shadow if is_name else self.named(context.version(body.block.adjoint), shadow)
        in_place = kind.is_array and not is_copy
        end = body.run(start, kind, lambda: context.version(body.block.adjoint), True, in_place)
        if in_place:
            return
        if end.id != start.id or body.writes:
            self.sweep.emit(tree.assign(tree.with_context(tree.copy(shadow), gast.Store()), end))

    # -- what a block may do --------------------------------------------------------------------

    def refuse_mixed(self, body: _Body) -> None:
        """Refuse a block that may change something the function itself reads, or that is differentiated."""
        for name, atom in body.changed():
            shared = self.context.share(atom.id)
            others = (
                statement
                for statement in tree.every_statement(self.sweep.body)
                if not self.is_insertion(statement) and shared.intersection(heads(statement)[0])
            )
            if atom.id in self.context.active or next(others, None) is not None:
                raise self.context.refusal(
                    f"code that is inserted into the derivative may change `{name}`, which the function itself reads",
                    "change the adjoint alone, or record into a list that the function does not read",
                )

    def is_insertion(self, statement: gast.AST) -> bool:
        value = getattr(statement, "value", None)
        return isinstance(value, gast.Call) and insertion_of(self.context.operation(value)) is not None


class _Body:
    """The statements of one block, in single assignment."""

    def __init__(self, sweep: Reverse, block: Block, reads: dict[str, gast.AST]) -> None:
        self.sweep = sweep
        self.context = sweep.context
        self.block = block
        self.kind = UNKNOWN
        self.reads = reads
        self.values: dict[str, gast.AST] = dict(reads)
        self.fresh: Callable[[], str] = lambda: self.context.version(block.adjoint)
        namespace = self.context.namespace
        self.assigned = frozenset(tree.names_written(block.body))
        for name in tree.names_read(block.body):
            if name not in {block.adjoint, *reads, *self.assigned}:
                try:
                    self.values[name] = tree.load(namespace.use(block.source, name))
                except KeyError:
                    continue
        self.calls = Calls(namespace.objects)
        self.is_owned = False
        self.place: str | None = None
        self.writes = block.adjoint in self.stored() or any(map(self.hands_out, block.body))
        """Whether the block may write into the memory of the adjoint."""
        updates = (node for node in tree.every_statement(block.body) if isinstance(node, gast.AugAssign))
        self.is_updated = self.writes or any(tree.is_name(node.target, block.adjoint) for node in updates)

    def run(
        self, start: gast.Name, kind: Kind, fresh: Callable[[], str], is_owned: bool, in_place: bool = False
    ) -> gast.Name:
        """Write the statements; what holds the adjoint at their end.

        Args:
            start: what holds it before them.
            kind: of what it is the adjoint of.
            fresh: gives a new name for it.
            is_owned: whether nobody else holds that memory.
            in_place: whether it is (a view of) a shadow, which is updated in place.
        """
        self.kind, self.fresh, self.is_owned = kind, fresh, is_owned or kind.is_scalar
        self.place = start.id if in_place else None
        self.values[self.block.adjoint] = start
        self.statements(self.block.body)
        end = self.values[self.block.adjoint]
        assert isinstance(end, gast.Name)
        return end

    def statements(self, body: Iterable[gast.AST]) -> None:
        for node in body:
            if isinstance(node, gast.If):
                self.branch(node)
            elif self.kind.is_scalar or not self.hands_out(node):
                self.simple(node)
            else:
                self.apart(node)

    def hands_out(self, node: gast.AST) -> bool:
        """Whether a statement gives the adjoint to a function that may write into it, or keep it."""
        calls = (call for call in tree.walk(node) if isinstance(call, gast.Call))
        return any(self.effect(call) == "unknown" and self.gets_adjoint(call) for call in calls)

    def apart(self, node: gast.AST) -> None:
        """A statement that works on memory of its own, which is taken over afterwards."""
        adjoint, place = self.block.adjoint, self.place
        start, self.place = self.values[adjoint], None
        if place is not None:
            self.bind(adjoint, self.copied(start))
        self.simple(node)
        self.place = place
        if place is not None:
            value, self.values[adjoint] = self.values[adjoint], start
            self.bind(adjoint, value)
        else:
            self.bind(adjoint, self.copied(self.values[adjoint]))

    def simple(self, node: gast.AST) -> None:
        """An assignment, an update or a call."""
        if isinstance(node, gast.Assign):
            self.assign(node)
        elif isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
            self.update(tree.BINARY_SYMBOL[type(node.op)], self.expression(node.value))
        elif isinstance(node, gast.AugAssign):
            value = self.expression(node.value)
            self.emit(tree.augment(self.target(node.target), tree.BINARY_SYMBOL[type(node.op)], value))
        elif isinstance(node, gast.Expr) and not isinstance(node.value, gast.Constant):
            self.emit(tree.effect(self.expression(node.value)))

    def emit(self, statement: gast.AST) -> None:
        self.sweep.emit(statement)

    def target(self, node: gast.AST) -> gast.AST:
        return tree.with_context(self.plain(tree.with_context(node, gast.Load())), gast.Store())

    def update(self, symbol: str, value: gast.AST) -> None:
        """`adjoint op= value`: in the shadow itself, or under a new name."""
        if self.place is not None:
            self.emit(tree.augment(self.place, symbol, value))
        else:
            old = tree.copy(self.values[self.block.adjoint])
            self.bind(self.block.adjoint, tree.binary(old, symbol, value))

    def assign(self, node: gast.Assign) -> None:
        (target, *others), value = node.targets, node.value
        if others or isinstance(target, (gast.Tuple, gast.List)):
            raise self.context.refusal(
                "code that is inserted into the derivative assigns to several targets at once",
                "write one assignment for each",
            )
        if not isinstance(target, gast.Name):
            is_own = root_name(target) == self.block.adjoint
            self.emit(tree.assign(self.target(target), self.expression(value) if is_own else self.kept(value)))
        elif target.id == self.block.adjoint:
            self.bind(target.id, self.expression(value))
        else:
            if self.is_updated and self.may_share(value):
                raise self.context.refusal(
                    f"`{target.id}` may be another name for the adjoint `{self.block.adjoint}`, "
                    "which is updated in place",
                    "take a copy: `.copy()`",
                )
            self.bind(target.id, self.kept(value))

    def bind(self, name: str, value: gast.AST) -> None:
        """`name = value`: under a new name, or in the shadow itself."""
        if name == self.block.adjoint:
            if self.place is not None:
                self.emit(tree.assign(tree.subscript(tree.load(self.place), tree.const(...)), value))
                return
            self.is_owned = self.kind.is_scalar or self.makes_new(value)
        new = self.fresh() if name == self.block.adjoint else self.context.version(name)
        self.emit(tree.assign(new, value))
        self.values[name] = tree.load(new)

    def makes_new(self, value: gast.AST) -> bool:
        """Whether an expression surely makes an array of its own."""
        if not isinstance(value, gast.Call):
            return isinstance(value, (gast.BinOp, gast.UnaryOp, gast.Compare))
        facts = self.calls.facts(value)
        return facts.shares == "none" and facts.is_number

    def branch(self, node: gast.If) -> None:
        test = self.context.temporary("test")
        self.emit(tree.assign(test, self.expression(node.test)))
        before, out, was_owned = dict(self.values), self.sweep.out, self.is_owned
        owned = []
        sides = []
        for body in (node.body, node.orelse):
            self.values, self.sweep.out, self.is_owned = dict(before), [], was_owned
            self.statements(body)
            owned.append(self.is_owned)
            sides.append((self.values, self.sweep.out))
        (left, _), (right, _) = sides
        self.values, self.is_owned = {}, all(owned)
        for name in left.keys() & right.keys():
            if tree.same(left[name], right[name]):
                self.values[name] = left[name]
                continue
            joined = self.fresh() if name == self.block.adjoint else self.context.version(name)
            for values, block in sides:
                self.sweep.out = block
                self.emit(tree.assign(joined, tree.copy(values[name])))
            self.values[name] = tree.load(joined)
        self.sweep.out = out
        self.emit(tree.if_(tree.load(test), sides[0][1] or [gast.Pass()], sides[1][1]))

    # -- expressions ----------------------------------------------------------------------------

    def plain(self, node: gast.AST) -> gast.AST:
        """An expression of the block over names of the sweep."""
        missing = [n for n in tree.names_read(node) if n in self.assigned and n not in self.values]
        if missing:
            raise self.context.refusal(
                f"`{missing[0]}` may be unassigned in code that is inserted into the derivative",
                "assign it before the `if`",
            )
        return tree.substitute(node, self.values)

    def expression(self, node: gast.AST) -> gast.AST:
        """The same, with a copy of the adjoint where somebody may keep it."""
        calls = (c for c in tree.walk(node) if isinstance(c, gast.Call) and self.effect(c) == "writes")
        given = {id(part): part for call in calls for part in _given(call)}

        def change(item: gast.AST) -> gast.AST | None:
            # Names of the sweep take the place of those of the block afterwards.
            return self.copied(item) if id(item) in given and self.may_share(item) else None

        return self.plain(tree.replaced(node, change) if given else node)

    def kept(self, node: gast.AST) -> gast.AST:
        """What a name or a container goes on holding: nothing that shares memory with the adjoint."""
        if isinstance(node, DISPLAYS):
            parts = {id(part) for part in _given(node)}
            return self.plain(
                tree.replaced(node, lambda i: self.copied(i) if id(i) in parts and self.may_share(i) else None)
            )
        found = self.expression(node)
        return self.copied(found) if self.may_share(node) else found

    def may_share(self, node: gast.AST) -> bool:
        """Whether the value of an expression may share memory with the adjoint."""
        if self.kind.is_scalar or self.block.adjoint not in tree.names_read(node):
            return False
        return not self.makes_new(self.plain(node))

    def copied(self, value: gast.AST) -> gast.AST:
        if self.kind.is_array:
            return gast.Call(tree.attribute(tree.copy(value), "copy"), [], [])
        return self.context.helper(runtime.copied, tree.copy(value))

    # -- what the block does --------------------------------------------------------------------

    def every_call(self) -> list[gast.Call]:
        every = (item for statement in self.block.body for item in tree.walk(statement))
        return [item for item in every if isinstance(item, gast.Call)]

    def effect(self, call: gast.Call) -> str:
        """What a call does, as far as that is known: see `analysis.calls`."""
        if isinstance(call.func, gast.Attribute) and call.func.attr in MUTATORS:
            return "writes"
        names = {name: value for name, value in self.values.items() if name not in self.reads}
        return self.calls.facts(tree.substitute(call, names)).effect

    def gets_adjoint(self, call: gast.Call) -> bool:
        return any(tree.is_name(part, self.block.adjoint) for part in _given(call))

    def stored(self) -> list[str]:
        """The roots of what its statements store into."""
        found = []
        for node in tree.every_statement(self.block.body):
            targets = [node.target] if isinstance(node, gast.AugAssign) else getattr(node, "targets", [])
            found += [root_name(t) for t in targets if isinstance(t, (gast.Subscript, gast.Attribute))]
        return [name for name in found if name is not None]

    def changed(self) -> Iterator[tuple[str, gast.Name]]:
        """Variables of the function that the block may change, with their names in the program."""
        found = self.stored()
        for call in self.every_call():
            effect = self.effect(call)
            operands = list(map(root_name, self.calls.facts(call).operands))
            found += [name for name in operands[: {"writes": 1, "unknown": None}.get(effect, 0)] if name]
        for name in dict.fromkeys(found):
            atom = self.reads.get(name)
            if isinstance(atom, gast.Name):
                yield name, atom


def _given(item: gast.AST) -> list[gast.AST]:
    """What a call is given, or a display holds, displays in it opened."""
    if isinstance(item, gast.Call):
        return _opened([*item.args, *(k.value for k in item.keywords)])
    return _opened([item])


def _opened(items: Iterable[gast.AST]) -> list[gast.AST]:
    found: list[gast.AST] = []
    for item in items:
        if isinstance(item, (gast.Tuple, gast.List)):
            found += _opened(item.elts)
        elif isinstance(item, gast.Dict):
            found += _opened(item.values)
        else:
            found.append(item)
    return found
