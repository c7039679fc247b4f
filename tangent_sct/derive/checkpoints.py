"""Checkpointed loops: a few states are kept, and the others are computed again from them.

Where an ordinary loop records what each of its iterations has to tell the reverse sweep, a marked one keeps its
state, what an iteration hands to the next, at some iterations only. Before the adjoints of an iteration, the reversed
loop takes the last state that was kept, runs the body forward from there, keeping states on the way, and then once
more with what the adjoints read:

    for i in range(n):                              for i in reversed(range(n)):
        if i == keep_at:                                keep_at = kept.pop()
            kept.append(i)                              y = y_kept.pop()
            y_kept.append(y)                            for earlier in range(keep_at, i):
            keep_at = next_checkpoint(...)                  if earlier == keep_at: ...
        y = np.sin(y) * x                                   y = np.sin(y) * x
                                                        # y = np.sin(y) * x
                                                        x_bar += np.sin(y) * y_bar
                                                        ...

`runtime.next_checkpoint` says which iterations these are. Where their number is not known beforehand (`while`, a loop
that is left early, one over something else than a `range`) the first state alone is kept in the forward sweep, which
counts, and the reversed loop keeps the others: one more run of each iteration.

Requires: both sweeps in single assignment, without dead code; arrays that a marked loop hands on are in the form of
`derive.states`. Produces: the same; what a marked loop's iterations need is no longer read from outside of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import gast

from tangent_sct import runtime
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.iterations import heads
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.unit import Unit
from tangent_sct.derive.again import changed, contents_read, needs, refuse_repeated, repeated
from tangent_sct.derive.context import Context
from tangent_sct.derive.marks import in_place, is_mark, is_state_copy, run_after, taken

Recording = Callable[[list[gast.AST], Mapping[str, str]], list[gast.AST]]
"""Makes what reversed loops read available in both sweeps, given the names that copied names had in the program."""


class Known(Protocol):
    """What is known of the program before it was differentiated.

    Attributes:
        unit: the program.
        calls: what its calls do.
    """

    @property
    def unit(self) -> Unit: ...
    @property
    def calls(self) -> Calls: ...

    def written_by(self, node: gast.AST) -> set[str]:
        """Names of all that a statement may write into."""

    def restructured_by(self, node: gast.AST) -> set[str]:
        """Names of what a statement may give another structure: lists grow, items are replaced."""


class _Renamed:
    """What is known of a program, for text in which names of it have got others."""

    def __init__(self, known: Known, originals: Mapping[str, str]) -> None:
        self.known = known
        self.originals = originals
        self.calls = known.calls
        self.names = {*tree.parameter_names(known.unit.tree), *tree.names_written(known.unit.tree.body)}

    def is_of_program(self, name: str) -> bool:
        return self.originals.get(name, name) in self.names

    def written_by(self, node: gast.AST) -> set[str]:
        return self._renamed(node, self.known.written_by)

    def restructured_by(self, node: gast.AST) -> set[str]:
        return self._renamed(node, self.known.restructured_by)

    def _renamed(self, node: gast.AST, ask: Callable[[gast.AST], set[str]]) -> set[str]:
        found = ask(tree.rename(node, self.originals) if self.originals else node)
        if not found or not self.originals:
            return found
        return {*found, *(new for new, old in self.originals.items() if old in found)}


def with_checkpoints(
    body: list[gast.AST], context: Context, known: Known, recorded: Recording
) -> list[gast.AST]:
    """Both sweeps, with the marked loops of the forward sweep checkpointed.

    Raises:
        UnsupportedError: for a loop of which something cannot be computed again.
    """
    return _Checkpoints(context, known, recorded).both(body)


class _Checkpoints:
    """All marked loops of a function.

    Attributes:
        originals: the name that a copied name had in the program.
    """

    def __init__(self, context: Context, known: Known, recorded: Recording) -> None:
        self.context = context
        self.originals: dict[str, str] = {}
        self.memory = _Renamed(known, self.originals)
        self.recorded = recorded

    def both(self, body: list[gast.AST]) -> list[gast.AST]:
        """Both sweeps, of the function or of one iteration."""
        reversed_loops: dict[int, gast.For] = {}
        for node in tree.every_statement(body):
            if type(node) is gast.For and hasattr(node, "pair") and tree.sweep_of(node) == "reverse":
                reversed_loops[node.pair] = node
        definitions = _definitions(body)
        return self.block(
            body, lambda node: _Loop(self, node, reversed_loops.get(getattr(node, "pair", 0)), definitions, body)
        )

    def block(self, body: list[gast.AST], loop_of: Callable[[gast.AST], _Loop]) -> list[gast.AST]:
        """A block of the forward sweep, with what belongs to the reverse sweep."""
        output: list[gast.AST] = []
        for node in body:
            if tree.sweep_of(node) == "reverse" or type(node) not in tree.COMPOUND:
                output.append(node)
            elif any(is_mark(part, self.context.namespace.objects) for part in node.body):
                output += loop_of(node).run()
            else:
                node.body = self.block(node.body, loop_of)
                if isinstance(node, gast.If):
                    node.orelse = self.block(node.orelse, loop_of)
                output.append(node)
        return output

    def version(self, name: str) -> str:
        """Another version of a name of the program."""
        base = self.context.bases.get(name, name)
        new = self.context.names.fresh(base or name)
        self.context.bases[new] = base
        self.originals[new] = self.originals.get(name, name)
        return new


class _Loop:
    """One loop that is checkpointed.

    Attributes:
        forward, backward: the loop in both sweeps.
        body: the body of the former as it was.
        wanted, shapes: names of which the adjoints read what they hold, or the shape alone.
        found: what it takes to compute all iterations again.
        state: what an iteration hands to the next and is needed again.
        arrays: those of it that an iteration writes into.
        stacks: the lists of snapshots, one for each name of the state.
        kept: the list of the iterations that they belong to.
        limit: how many there may be.
    """

    def __init__(
        self,
        owner: _Checkpoints,
        forward: gast.For | gast.While,
        backward: gast.For | None,
        defined: Mapping[str, int],
        whole: list[gast.AST],
    ) -> None:
        self.owner = owner
        self.context = owner.context
        self.objects = owner.context.namespace.objects
        self.forward = forward
        self.backward = backward or tree.for_("_", tree.tuple_of([]), [])
        self.count_aloud()
        self.mark = next(node for node in forward.body if is_mark(node, self.objects))
        self.body = [node for node in forward.body if node is not self.mark]
        marks = [node for node in tree.every_statement(self.body) if is_mark(node, self.objects)]
        marks = marks if backward is not None else []
        self.wanted, self.shapes = contents_read([*self.backward.body, *marks], owner.memory.calls)
        self.targets = tree.names_written(forward.target) if isinstance(forward, gast.For) else []
        self.found = needs(self.body, self.targets, self.wanted, owner.memory, self.shapes)
        inside = _definitions(self.body)
        self.state = [n for n, count in inside.items() if n in self.found.names and defined[n] > count]
        self.whole = whole
        self.arrays = {node.value.args[0].id for node in self.body if is_state_copy(node)}
        self.stacks: dict[str, str] = {}
        self.kept = ""
        self.limit: gast.AST = tree.const(0)

    def run(self) -> list[gast.AST]:
        """Checkpoint the loop; what stands in its place in the forward sweep."""
        self.forward.body = in_place(taken(self.body, self.objects)) or [gast.Pass()]
        if self.found.kept:
            self.refuse()
            if self.state:
                return self.scheduled()
            self.backward.body = self.iteration({})
        return [self.forward]

    def count_aloud(self) -> None:
        """Give the steps of a loop over `_` a name: they are counted now."""
        forward, backward = self.forward, self.backward
        target = getattr(forward, "target", None)
        if not isinstance(target, gast.Name) or (self.context.bases.get(target.id) or target.id) != "_":
            return
        step, reverse_step = self.context.version("step"), self.context.version("step")
        self.owner.originals[step] = self.owner.originals.get(target.id, target.id)
        forward.body = [tree.rename(node, {target.id: step}) for node in forward.body]
        if isinstance(backward.target, gast.Name):
            backward.body = [tree.rename(node, {backward.target.id: reverse_step}) for node in backward.body]
            backward.target = tree.store(reverse_step)
        forward.target = tree.store(step)
        backward.renamed = {step: reverse_step}

    def refuse(self) -> None:
        """Refuse what cannot be computed again, or would come out otherwise.

        Raises:
            UnsupportedError: naming it.
        """
        memory = self.owner.memory
        refuse_repeated(self.body, self.found, self.context, memory)
        inside, later = (
            {name for node in block for name in memory.written_by(node)}
            for block in (tree.every_statement(self.body), run_after(self.whole, self.forward) or ())
        )
        for name in sorted(inside | later):
            if "." in name and name.partition(".")[0] in self.found.read:
                # A variable of a module or a class is no part of a state.
                raise changed(self.context, name, tree.origin_of(self.forward))
        for name in sorted(self.found.read - self.found.own):
            if name in later:
                raise changed(self.context, name, tree.origin_of(self.forward))
        for name in self.state:
            if name in inside or name in later or not memory.is_of_program(name):
                raise changed(self.context, name, tree.origin_of(self.forward))
        self.refuse_shadows()

    def refuse_shadows(self) -> None:
        """Refuse shadows that iterations make and somebody outside of the loop goes on with.

        Raises:
            UnsupportedError: naming what one is the shadow of.
        """
        memory, bases = self.owner.memory, self.context.bases
        inside = list(tree.every_statement(self.body))
        made = {name for node in inside for name in heads(node)[1] if not memory.is_of_program(name)}
        mine = {id(node) for node in (*inside, *tree.every_statement(self.backward.body))}
        read = {n for node in tree.every_statement(self.whole) if id(node) not in mine for n in heads(node)[0]}
        for name in sorted(made & read):
            if bases.get(name) != "count":
                raise UnsupportedError(
                    f"a checkpointed loop makes `{(bases.get(name) or name).removesuffix('_bar')}`, which is written "
                    "into and read behind the loop",
                    tree.origin_of(self.forward),
                    "make it before the loop, or hand a copy on: np.copy(...)",
                )

    # -- the schedule -------------------------------------------------------------------------

    def scheduled(self) -> list[gast.AST]:
        """Keep states in the forward sweep, and take them in the reverse sweep."""
        before = self.prepared()
        steps = self.steps()
        if steps is None:
            before += self.counted()
        else:
            start, stop, bound = steps
            # Behind the last step there is one more to come back from: the rest of the program.
            keep_at = self.keeping(self.forward, _plus_one(stop), {name: name for name in self.state})
            before += [*bound, tree.assign(keep_at, start)]
            self.restore(self.backward.target.id, None)
        return [*(tree.mark(node, None) for node in before), self.forward]

    def prepared(self) -> list[gast.AST]:
        """What stands before the forward loop: how many snapshots there may be, and empty lists for them."""
        (limit,) = self.mark.value.keywords
        before: list[gast.AST] = []
        self.limit = limit.value
        if not isinstance(limit.value, gast.Constant) or limit.arg == "memory":
            helper = runtime.snapshots_within if limit.arg == "memory" else runtime.checked_snapshots
            given = [tree.copy(limit.value)]
            if limit.arg == "memory":
                given += map(tree.load, self.state)
            number = self.context.version("snapshots")
            before.append(tree.assign(number, self.context.helper(helper, *given)))
            self.limit = tree.load(number)
        self.kept = self.context.version("kept")
        self.stacks = {
            name: self.context.version(f"{self.context.bases.get(name) or name}_kept") for name in self.state
        }
        lists = (self.kept, *self.stacks.values())
        return [*before, *(tree.assign(stack, tree.list_of([])) for stack in lists)]

    def steps(self) -> tuple[gast.AST, gast.AST, list[gast.AST]] | None:
        """First and last number of a loop over a plain range, and what binds them; None for all others."""
        forward = self.forward
        is_left = isinstance(forward, gast.While) or tree.is_exit(forward.body[-1])
        if is_left or not isinstance(forward.target, gast.Name):
            return None
        call = forward.iter
        if not (isinstance(call, gast.Call) and tree.is_name(call.func, "range") and len(call.args) < 3):
            return None
        start, stop = (tree.const(0), *call.args) if len(call.args) == 1 else call.args
        bound: list[gast.AST] = []
        atoms = []
        for name, atom in (("start", start), ("stop", stop)):
            if not tree.is_atom(atom):
                number = self.context.version(name)
                bound.append(tree.assign(number, atom))
                atom = tree.load(number)
            atoms.append(atom)
        if bound:
            call = tree.call("range", *(atoms if len(call.args) == 2 else atoms[1:]))
            forward.iter, self.backward.iter = call, tree.call("reversed", tree.copy(call))
        return atoms[0], atoms[1], bound

    def keeping(self, loop: gast.For, stop: gast.AST, names: Mapping[str, str]) -> str:
        """Let a loop over numbers keep some of its states; the name of the step at which it keeps the next.

        Args:
            loop: it gets one more statement at its beginning and one at its end.
            stop: the end of the steps to come back from.
            names: what the parts of the state are called at the beginning of its iterations.
        """
        context = self.context
        step = loop.target.id
        at, then, joined = (context.version("keep_at") for _ in range(3))
        free = tree.binary(tree.copy(self.limit), "-", tree.call("len", tree.load(self.kept)))
        found = context.helper(runtime.next_checkpoint, tree.load(step), stop, free)
        here = gast.Compare(tree.load(step), [gast.Eq()], [tree.load(at)])
        keep = [*self.pushed(tree.load(step), names), tree.assign(then, found), tree.assign(joined, tree.load(then))]
        other = [tree.assign(joined, tree.load(at))]
        test = context.temporary("is_kept")
        opening = [tree.assign(test, here), tree.if_(tree.load(test), keep, other)]
        loop.body = [*map(_own, opening), *loop.body, _own(tree.assign(at, tree.load(joined)))]
        return at

    def pushed(self, step: gast.AST, names: Mapping[str, str]) -> list[gast.AST]:
        """Statements that keep the state with which a step begins."""
        pushes = [_push(self.kept, step)]
        for name, stack in self.stacks.items():
            value: gast.AST = tree.load(names[name])
            if name in self.arrays:
                value = gast.Call(self.context.numpy("copy"), [value], [])
            pushes.append(_push(stack, value))
        return pushes

    def counted(self) -> list[gast.AST]:
        """Keep the first state alone, where it is not known how many steps there are; what that takes."""
        forward, backward = self.forward, self.backward
        before = self.pushed(tree.const(0), {name: name for name in self.state})
        items: gast.AST | None = None
        if isinstance(forward, gast.While):
            count = backward.iter.args[0]
        else:
            items = forward.iter
            if tree.is_name(getattr(items, "func", None), "reversed"):
                items = tree.subscript(items.args[0], gast.Slice(None, None, tree.const(-1)))
            if not isinstance(items, gast.Name):
                before.append(tree.assign(self.context.version("steps"), items))
                items = before[-1].targets[0]
                forward.iter = items = tree.load(items.id)
            is_left = tree.is_exit(forward.body[-1])
            count = _count_of(backward.iter.args[0]) if is_left else tree.call("len", items)
        step = self.context.version("step")
        target, backward.target = backward.target, tree.store(step)
        backward.iter = tree.call("reversed", tree.call("range", count))
        self.restore(step, items)
        if items is not None:
            backward.body = [*self.unpacked(target, items, step), *backward.body]
        return before

    def restore(self, step: str, items: gast.AST | None) -> None:
        """Let the reversed loop begin with the state of its step, from the last one that was kept.

        Args:
            step: the number of its step.
            items: what the steps run over; None where that is their numbers, or nothing.
        """
        owner, context, body = self.owner, self.context, self.body
        found = needs(body, self.targets, self.state, owner.memory)
        renamed = {name: owner.version(name) for name in sorted(found.own)}
        popped = {name: owner.version(name) for name in self.state}
        reached = {name: owner.version(name) for name in self.state}
        start = context.version("keep_at")
        number = context.version("earlier")
        if items is None and self.targets:
            (target,) = self.targets
            owner.originals[number] = owner.originals.get(target, target)
            renamed[target] = number
        again = repeated(body, found.kept, renamed)
        if items is not None and not found.names.isdisjoint(self.targets):
            again = [*self.unpacked(tree.rename(self.forward.target, renamed), items, number), *again]
        bounds = tree.call("range", tree.load(start), tree.load(step))
        loop = tree.for_(number, bounds, in_place(again))
        keep_at = self.keeping(loop, _plus_one(tree.load(step)), {name: renamed[name] for name in self.state})
        opening = [
            tree.assign(start, _pop(self.kept)),
            *(tree.assign(popped[name], _pop(stack)) for name, stack in self.stacks.items()),
            tree.assign(keep_at, tree.load(start)),
            *(tree.assign(renamed[name], tree.load(popped[name])) for name in self.state),
            loop,
            *(tree.assign(reached[name], tree.load(renamed[name])) for name in self.state),
        ]
        self.backward.body = [*(tree.mark(node, None) for node in opening), *self.iteration(reached)]

    def iteration(self, entry: Mapping[str, str]) -> list[gast.AST]:
        """One iteration forward with all that its adjoints read, and its adjoints.

        Args:
            entry: what the parts of the state are called when it begins.
        """
        owner = self.owner
        # What it hands on is of no use here.
        body = [node for node in self.body if entry.keys().isdisjoint(heads(node)[1])]
        found = needs(body, self.targets, self.wanted, owner.memory, self.shapes)
        names = {name: owner.version(name) for name in sorted(self.found.own)}
        targets = getattr(self.backward, "renamed", {})
        names |= {name: targets.get(name, name) for name in self.targets} | dict(entry)
        forward = in_place(repeated(body, found.kept, names, self.objects))
        backward = [tree.rename(node, names) for node in self.backward.body]
        for node in tree.every_statement(backward):
            if hasattr(node, "renamed"):
                node.renamed = {names.get(old, old): new for old, new in node.renamed.items()}
        both = owner.recorded(owner.both([*forward, *backward]), owner.originals)
        for node in tree.every_statement(both):
            # For the loops around, all of this is one reversed iteration, with names of its own.
            vars(node).pop("pair", None)
            vars(node).pop("renamed", None)
        return both

    def unpacked(self, target: gast.AST, items: gast.AST, step: str) -> list[gast.AST]:
        """Statements that bind the targets of a loop to what it runs over at a step."""
        return self.bound(target, tree.subscript(tree.copy(items), tree.load(step)))

    def bound(self, target: gast.AST, value: gast.AST) -> list[gast.AST]:
        """Statements that bind a target to a value."""
        if isinstance(target, gast.Name):
            return [tree.mark(tree.assign(target.id, value), None)]
        # Targets of other kinds have been desugared.
        assert isinstance(target, (gast.Tuple, gast.List)), target
        held = self.context.temporary("item")
        output = [tree.mark(tree.assign(held, value), None)]
        for place, part in enumerate(target.elts):
            output += self.bound(part, tree.subscript(tree.load(held), tree.const(place)))
        return output


def _definitions(body: list[gast.AST]) -> dict[str, int]:
    """By how many statements each name is assigned."""
    found: dict[str, int] = {}
    for node in tree.every_statement(body):
        for name in heads(node)[1]:
            found[name] = found.get(name, 0) + 1
    return found


def _count_of(run: gast.AST) -> gast.AST:
    """How many iterations a loop had that was left, from what its reversed loop runs over (`derive.control`)."""
    if isinstance(run, gast.Subscript):
        return run.slice.upper
    last = run.args[-1]
    return last if len(run.args) == 1 else last.right


def _plus_one(number: gast.AST) -> gast.AST:
    if isinstance(number, gast.Constant):
        return tree.const(number.value + 1)
    return tree.binary(tree.copy(number), "+", tree.const(1))


def _push(stack: str, value: gast.AST) -> gast.AST:
    return tree.effect(gast.Call(tree.attribute(tree.load(stack), "append"), [value], []))


def _pop(stack: str) -> gast.AST:
    return gast.Call(tree.attribute(tree.load(stack), "pop"), [], [])


def _own(node: gast.AST) -> gast.AST:
    """A statement that is the compiler's own, with what is in it."""
    for part in tree.every_statement([node]):
        tree.mark(part, None)
    return node
