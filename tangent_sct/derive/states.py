"""The state of a loop that is checkpointed: arrays that it writes into become values of its iterations.

Snapshots of a state have to stay what they are, and the adjoint of a state has to go from one iteration to the one
before it. Both are plain for values, which nothing writes into. So each iteration of a marked loop works on copies of
the arrays that it writes into and that outlive it:

    for t in range(n):                    for t in range(n):
        u[1:-1] = u[:-2] * u[2:]              u_3 = np.copy(u_2)
                                              u_3[1:-1] = u_3[:-2] * u_3[2:]
                                              u_2 = np.copy(u_3)

`derive.checkpoints` takes these copies (they carry the mark `of_state`) out again when the reverse sweep has been
written: a run of the loop works on one copy of the array, and every snapshot is a copy.

What is not an array, or may still be seen under another name, is left as it is; if it is needed when values are
computed again, that is refused there.

Requires: structured single assignment, updates decided. Produces: the same form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

import gast
import numpy

from tangent_sct import runtime
from tangent_sct.analysis.aliases import Classes
from tangent_sct.analysis.iterations import heads
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.derive.marks import has_marks, is_mark, run_after
from tangent_sct.frontend.namespace import Namespace, meaning

_MAKERS = (
    numpy.zeros, numpy.zeros_like, numpy.empty, numpy.empty_like, numpy.ones, numpy.ones_like, numpy.full,
    numpy.full_like, numpy.copy,
)  # fmt: skip


class Known(Protocol):
    """What the analyses say of the program."""

    @property
    def classes(self) -> Classes: ...

    def kind_of(self, node: gast.AST) -> Kind:
        """The kind of an expression."""

    def operand_kind(self, node: gast.AST) -> Kind:
        """The kind of an expression where it is not None."""

    def written_by(self, node: gast.AST) -> set[str]:
        """Names of all that a statement may write into."""


def next_marked(body: list[gast.AST], objects: Mapping[str, Any], done: set[int]) -> gast.AST | None:
    """An innermost loop whose mark is not among those that are done."""
    if not has_marks(objects):
        return None
    for node in body:
        for block in tree.inner_blocks(node):
            found = next_marked(block, objects, done)
            if found is not None:
                return found
        if type(node) in tree.LOOPS and any(is_mark(part, objects) and id(part) not in done for part in node.body):
            return node
    return None


def with_state(
    body: list[gast.AST], loop: gast.AST, facts: Known, namespace: Namespace, names: Names, bases: dict[str, str],
    copies_all: bool,
) -> list[gast.AST]:  # fmt: skip
    """A program in which each iteration of a loop works on arrays of its own.

    Args:
        body: the program.
        loop: the loop.
        facts: what is known of the program.
        namespace: free names of the text.
        names: gives out names.
        bases: base of every local name; new names are added.
        copies_all: whether arrays that the loop only fills are part of its state, too.

    Returns:
        The program; the very same where the loop writes into nothing that outlives an iteration.
    """
    return _State(body, loop, facts, namespace, names, bases, copies_all).run()


class _State:
    """One loop.

    Attributes:
        own: names that its body assigns.
        renamed: what names are called in the body.
        tested: what they are called in the test of a `while`.
        later: what they are called behind the loop.
        entering, ending, leaving: carried names that are copied before the loop, at the end of an iteration, behind
            the loop.
        before, first, last, after: new statements before the loop, in it, and after it.
    """

    def __init__(
        self, body: list[gast.AST], loop: gast.AST, facts: Known, namespace: Namespace, names: Names,
        bases: dict[str, str], copies_all: bool,
    ) -> None:  # fmt: skip
        self.body = body
        self.loop = loop
        self.facts = facts
        self.namespace = namespace
        self.names = names
        self.bases = bases
        self.inside = list(tree.every_statement(loop.body))
        self.own = {name for node in self.inside for name in heads(node)[1]}
        if isinstance(loop, gast.For):
            self.own.update(tree.names_written(loop.target))
        self.copies_all = copies_all
        self.looked_at = {name for node in self.inside for name in _contents(node)}
        if isinstance(loop, gast.While):
            self.looked_at.update(tree.names_read(loop.test))
        self.following = list(run_after(body, loop) or ())
        self.renamed: dict[str, str] = {}
        self.tested: dict[str, str] = {}
        self.later: dict[str, str] = {}
        self.entering: set[str] = set()
        self.ending: set[str] = set()
        self.leaving: set[str] = set()
        self.before: list[gast.AST] = []
        self.first: list[gast.AST] = []
        self.last: list[gast.AST] = []
        self.after: list[gast.AST] = []

    def run(self) -> list[gast.AST]:
        find = self.facts.classes.find
        written = {find(name) for node in self.inside for name in self.facts.written_by(node)}
        later = {find(name) for node in self.following for name in self.facts.written_by(node)}
        for root in sorted(written | later):
            self.share(root, root in written, root in later)
        if not (self.renamed or self.entering):
            return self.body
        return self.rebuilt(self.body)

    def share(self, root: str, is_written: bool, is_written_later: bool) -> None:
        """See to the names of one class of memory that is written."""
        members = [
            name for name in self.facts.classes.members(root)
            if not self.facts.operand_kind(tree.load(name)).is_scalar
        ]  # fmt: skip
        read = set(self.reads_inside())
        outside = {name for node in self.outside() for name in heads(node)[1]}
        carried = [name for name in members if name in self.own and name in outside]
        fixed = [name for name in members if name not in self.own and name in read]
        if not carried and not fixed:
            return
        if not carried and not self.copies_all and self.looked_at.isdisjoint(members):
            # It is filled, and what is in it tells an iteration nothing.
            return
        if not all(self.facts.kind_of(tree.load(name)).is_array for name in (*carried, *fixed)):
            # What is None at first is no array to be copied.
            return
        after = {name for node in self.following for name in heads(node)[0]} - {*carried, *fixed} - self.own
        seen_later = after.intersection(members) - self.made_later()
        if carried and seen_later:
            return
        self.entering.update(carried)
        self.leaving.update(carried if is_written_later else ())
        if not is_written:
            for name in fixed:
                self.renamed[name] = self.tested[name] = here = self.version(name)
                self.before.append(tree.assign(here, self.copy(name)))
            read_later = {name for node in self.following for name in heads(node)[0]}
            if is_written_later and carried and not read_later.isdisjoint(fixed):
                # Copies of what leaves the loop are no longer the array that is seen under another name, be it the
                # name that the iterations read or another of the same array.
                for name in fixed:
                    self.check(carried, [name])
            elif is_written_later and len(carried) > 1:
                self.check(carried, [])
            return
        self.ending.update(carried)
        for name in carried:
            self.renamed[name] = self.version(name)
            self.first.append(_of_state(tree.assign(self.renamed[name], self.copy(name))))
        for name in fixed:
            state, self.renamed[name] = self.version(name), self.version(name)
            self.tested[name] = state
            goes_on = self.loop in self.body and not seen_later and name not in self.namespace.objects
            used_up = goes_on and self.is_used_up(name)
            self.before.append(tree.assign(state, tree.load(name) if used_up else self.copy(name)))
            self.first.append(_of_state(tree.assign(self.renamed[name], self.copy(state))))
            self.last.append(_of_state(tree.assign(state, self.copy(self.renamed[name]))))
            if goes_on:
                # Nobody else sees the array: what follows goes on with the last state.
                self.later[name] = self.version(name)
                value = self.copy(self.left(state, name)) if is_written_later else tree.load(state)
                self.after.append(tree.assign(self.later[name], value))
                continue
            everything = tree.with_context(tree.subscript(tree.load(name), tree.const(...)), gast.Store())
            self.after.append(tree.assign(everything, tree.load(self.left(state, name))))
        if len(carried) + len(fixed) > 1:
            self.check(carried, fixed)

    def left(self, state: str, name: str) -> str:
        """What a state is called behind the loop, where names of the loop are read by plain copies alone."""
        new = self.version(name)
        self.after.append(tree.assign(new, tree.load(state)))
        return new

    def check(self, carried: list[str], fixed: list[str]) -> None:
        """Check that several arrays of one class are not one, before the loop and at the end of each iteration."""
        entering = {name: value for name, value in self.assigned(self.outside()) if name in carried}
        leaving = {name: value for name, value in self.assigned(self.loop.body) if name in carried}
        helper = self.namespace.name_for(runtime.check_states_apart.__name__, runtime.check_states_apart)
        first = [*(tree.copy(entering[name]) for name in carried), *map(tree.load, fixed)]
        last = [*(leaving[name] for name in carried), *map(tree.load, fixed)]
        if not self.are_apart(first, self.outside(), ()):
            self.before.insert(0, tree.effect(tree.call(helper, *first)))
        if not self.are_apart(last, self.inside, (*carried, *fixed)):
            self.last.insert(0, tree.effect(tree.call(helper, *(tree.rename(one, self.renamed) for one in last))))

    def are_apart(self, arrays: list[gast.AST], block: list[gast.AST], states: Collection[str]) -> bool:
        """Whether arrays surely are different ones: those of the state, or new; one may come from elsewhere.

        What comes from elsewhere may not be made of the others.
        """
        made = _made(block)
        roots: list[str] = []
        elsewhere: list[str] = []
        for array in arrays:
            name = array.id if isinstance(array, gast.Name) else ""
            while name not in states and len(made.get(name, ())) == 1:
                value = getattr(made[name][0], "value", None)
                if not isinstance(value, gast.Name):
                    break
                name = value.id
            roots.append(name)
            if not (name in states or len(made.get(name, ())) == 1 and self.is_new(made[name][0])):
                elsewhere.append(name)
        if len(set(roots)) < len(roots) or elsewhere and (states or len(elsewhere) > 1):
            return False
        return not elsewhere or self.sources(elsewhere[0], block).isdisjoint({*roots} - {*elsewhere})

    def sources(self, name: str, block: list[gast.AST]) -> set[str]:
        """All names that a name may be made of, by whatever way, in some statements."""
        found = {name}
        size = 0
        while len(found) > size:
            size = len(found)
            for node in block:
                reads, writes = heads(node)
                if not found.isdisjoint(writes) or not found.isdisjoint(self.facts.written_by(node)):
                    found.update(reads)
        return found

    # -- asking -------------------------------------------------------------------------------

    def reads_inside(self) -> Iterator[str]:
        for node in self.inside:
            yield from heads(node)[0]
        if isinstance(self.loop, gast.While):
            yield from tree.names_read(self.loop.test)

    def outside(self) -> list[gast.AST]:
        """The statements of the program that are not in the loop."""
        mine = {id(self.loop), *map(id, self.inside)}
        return [node for node in tree.every_statement(self.body) if id(node) not in mine]

    def is_used_up(self, name: str, reader: gast.AST | None = None) -> bool:
        """Whether an array was made for the loop alone: new in its block, and not read before it but where it enters.

        What makes it must not read the array when it is differentiated: it is written into by then.
        """
        block = _block_of(self.body, self.loop)
        made = [node for node in block if name in heads(node)[1]]
        if len(made) != 1 or not self.is_new(made[0]):
            return False
        following = set(map(id, self.following))
        reads = [node for node in self.outside() if name in heads(node)[0] and node is not reader]
        if reader is None:
            reads = [node for node in reads if id(node) not in following]
        return not reads

    def is_new(self, node: gast.AST) -> bool:
        """Whether a statement makes an array, of zeros or the like or as a copy."""
        call = getattr(node, "value", None)
        if not isinstance(call, gast.Call):
            return False
        is_method = isinstance(call.func, gast.Attribute) and call.func.attr == "copy"
        maker = meaning(call.func, self.namespace.objects)
        return is_method or any(maker is known for known in _MAKERS)

    def made_later(self) -> set[str]:
        """Names that are assigned behind the loop only."""
        following = set(map(id, self.following))
        earlier = {name for node in self.outside() if id(node) not in following for name in heads(node)[1]}
        found = {name for node in self.following for name in heads(node)[1]}
        return found - earlier

    def assigned(self, block: list[gast.AST]) -> Iterator[tuple[str, gast.AST]]:
        for node in block:
            if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
                yield node.targets[0].id, node.value

    # -- writing ------------------------------------------------------------------------------

    def version(self, name: str) -> str:
        base = self.bases.get(name, name)
        new = self.names.fresh(base or name)
        self.bases[new] = base
        return new

    def copy(self, name: str) -> gast.AST:
        return self.copy_of(tree.load(name))

    def copy_of(self, value: gast.AST) -> gast.AST:
        return gast.Call(self.namespace.dotted("np.copy", numpy), [value], [])

    def rebuilt(self, block: list[gast.AST]) -> list[gast.AST]:
        """A block of the program with the loop in its new form."""
        output: list[gast.AST] = []
        for place, node in enumerate(block):
            if node is self.loop:
                if self.later:
                    following = [tree.rename(part, self.later) for part in block[place + 1 :]]
                    block = [*block[: place + 1], *following]
                output += [tree.mark(part, None) for part in self.before]
                output.append(self.new_loop())
                output += [tree.mark(part, None) for part in self.after]
                return [*output, *self.rebuilt(block[place + 1 :])]
            if type(node) in tree.COMPOUND:
                new = tree.shallow(node)
                new.body = self.rebuilt(node.body)
                if isinstance(node, gast.If):
                    new.orelse = self.rebuilt(node.orelse)
                output.append(new)
            elif self.entering.intersection(heads(node)[1]) and isinstance(node.value, gast.Name):
                # What enters the loop.
                value = node.value if self.is_used_up(node.value.id, node) else self.copy_of(node.value)
                output.append(tree.like(tree.assign(node.targets[0], value), node))
            elif isinstance(node, gast.Assign) and tree.is_one_of(node.value, self.leaving):
                # What leaves it.
                left = self.version(node.value.id)
                output.append(tree.like(tree.assign(left, node.value), node))
                output.append(tree.like(tree.assign(node.targets[0], self.copy(left)), node))
            else:
                output.append(node)
        return output

    def new_loop(self) -> gast.AST:
        loop = tree.shallow(self.loop)
        if isinstance(loop, gast.While):
            loop.test = tree.rename(loop.test, self.tested)
        body: list[gast.AST] = []
        for node in self.loop.body:
            written = self.ending.intersection(heads(node)[1])
            if not written:
                body.append(self.with_names(node))
            elif isinstance(node.value, gast.Name):
                value = self.copy_of(tree.rename(self.root_of(node.value), self.renamed))
                body.append(_of_state(tree.like(tree.assign(node.targets[0], value), node)))
            else:
                body.append(node)
        end = len(body) - 1 if tree.is_exit(body[-1]) else len(body)
        ends = next((i for i, node in enumerate(body) if getattr(node, "of_state", False)), end)
        last_checks = [tree.mark(node, None) for node in self.last]
        place = min(end, ends)
        loop.body = [*(tree.mark(node, None) for node in self.first), *body[:place], *last_checks, *body[place:]]
        return loop

    def root_of(self, value: gast.AST) -> gast.AST:
        """What a name is a copy of, within an iteration."""
        made = _made(self.inside)
        while value.id not in self.ending and len(made.get(value.id, ())) == 1:
            found = getattr(made[value.id][0], "value", None)
            if not isinstance(found, gast.Name) or len(made.get(found.id, ())) > 1:
                # What a loop carries is read behind the loop by plain copies alone.
                break
            value = found
        return value

    def with_names(self, node: gast.AST) -> gast.AST:
        return node if is_mark(node, self.namespace.objects) else tree.rename(node, self.renamed)


def _block_of(body: list[gast.AST], loop: gast.AST) -> list[gast.AST]:
    """The block in which a loop stands; empty where it stands in none."""
    if any(node is loop for node in body):
        return body
    blocks = (_block_of(inner, loop) for node in body for inner in tree.inner_blocks(node))
    return next(filter(None, blocks), [])


def _made(statements: Iterable[gast.AST]) -> dict[str, list[gast.AST]]:
    """The statements that assign each name."""
    found: dict[str, list[gast.AST]] = {}
    for node in statements:
        for name in heads(node)[1]:
            found.setdefault(name, []).append(node)
    return found


def _contents(node: gast.AST) -> list[str]:
    """Names of which a statement may read the contents; an array that it only stores into is none."""
    if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Subscript):
        return [*tree.names_read(node.targets[0].slice), *tree.names_read(node.value)]
    if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Subscript):
        if isinstance(node.op, (gast.Add, gast.Sub)):
            return [*tree.names_read(node.target.slice), *tree.names_read(node.value)]
    return heads(node)[0]


def _of_state(node: gast.AST) -> gast.AST:
    node.of_state = True
    return node
