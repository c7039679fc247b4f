"""The executable grammar of the small language: what a tree must look like between two passes.

Five forms, each the input of the passes that name it in `docs/architecture.md`:

* `desugared`: few shapes of statements, one `return` at the very end, `if flag: break` last in a loop;
* `normalised`: besides, active expressions are single operations on atoms;
* `single`: besides, structured single assignment, closed over loops;
* `derived`: the same, save that the reverse sweep reads names of forward loops (until `record`);
* `ordinary`: the shapes of statements alone, as in the printed text.

What cannot be said of a tree alone is handed in: which free names mean something, and which
expressions may carry a derivative.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import gast

from tangent_sct.core import tree

Form = Literal["desugared", "normalised", "single", "derived", "ordinary"]
Path = tuple[tuple[int, int], ...]
"""A block: for each compound statement around it, its identity and which of its blocks; `with` does not count."""

_BUILTINS = frozenset(vars(builtins))
_STRUCTURED = (
    gast.Assign,
    gast.AugAssign,
    gast.Expr,
    gast.If,
    gast.For,
    gast.While,
    gast.With,
    gast.Return,
)
_OPAQUE = tuple(
    getattr(gast, name)
    for name in (
        "AnnAssign", "Assert", "AsyncFor", "AsyncWith", "AsyncFunctionDef", "ClassDef", "Delete",
        "FunctionDef", "Global", "Import", "ImportFrom", "Match", "Nonlocal", "Pass", "Raise",
        "Try", "TryStar", "TypeAlias",
    )
    if hasattr(gast, name)
)  # fmt: skip
_SINGLE = ("single", "derived")
_DISPLAYS = (gast.Tuple, gast.List, gast.Dict)


class GrammarError(AssertionError):
    """A tree is outside the form that the next pass needs: a defect of the pass before it.

    Args:
        reason: the rule that is broken.
        form: the form that was asked for.
        statement: where, if it is one statement.
    """

    def __init__(self, reason: str, form: str, statement: gast.AST | None = None) -> None:
        shown = "" if statement is None else f"\n    {_shown(statement)}"
        super().__init__(f"not {form}: {reason}{shown}")
        self.reason = reason
        self.statement = statement


def verify(
    function: gast.FunctionDef,
    form: Form,
    free: Collection[str] | None = None,
    mentions: Callable[[gast.AST], bool] | None = None,
    marks: bool = True,
) -> None:
    """Check that a function is in one of the forms of the small language.

    Args:
        function: the function.
        form: which form.
        free: names that mean something outside of it, builtins aside; None leaves free names unchecked.
        mentions: whether an expression may carry a derivative; its operands must then be atoms. None
            leaves expressions unchecked, as in derivatives, where rules write them.
        marks: whether every statement must say where it came from.

    Raises:
        GrammarError: naming the first statement that breaks a rule.

    >>> good = tree.statements("def f(x):\\n    y = x * x\\n    return y")[0]
    >>> verify(good, "single", marks=False)
    >>> bad = tree.statements("def f(x):\\n    x = x * x\\n    return x")[0]
    >>> verify(bad, "single", marks=False)
    Traceback (most recent call last):
    ...
    tangent_sct.core.verify.GrammarError: not single: `x` is assigned more than once
        x = x * x
    """
    walker = _Statements(function, form, marks)
    walker.function()
    if mentions is not None:
        for use in walker.uses:
            _Operands(form, mentions).statement(use.statement)
    _check_names(walker, free)
    if form in _SINGLE:
        _Single(walker).check()


def _shown(statement: gast.AST) -> str:
    """The first line of a statement."""
    try:
        return tree.text(statement).splitlines()[0]
    except Exception:
        return type(statement).__name__


@dataclass(frozen=True)
class _Use:
    """A statement with what its own line reads and assigns, its inner blocks left out."""

    statement: gast.AST
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    path: Path
    order: int

    @property
    def inside(self) -> Path:
        """The block in which the names that it assigns belong, and a test is run."""
        if isinstance(self.statement, (gast.For, gast.While)):
            return (*self.path, (id(self.statement), 0))
        return self.path

    @property
    def is_reverse(self) -> bool:
        return tree.sweep_of(self.statement) == "reverse"


class _Statements:
    """The shapes of statements; the walk also notes where each name is read and assigned."""

    def __init__(self, root: gast.FunctionDef, form: Form, marks: bool) -> None:
        self.root = root
        self.form = form
        self.marks = marks
        self.uses: list[_Use] = []
        self.nodes: dict[int, gast.AST] = {}

    def function(self) -> None:
        """The whole function."""
        body = self.root.body
        if not body or not isinstance(body[-1], gast.Return):
            raise GrammarError(
                "the last statement is no `return`", self.form, body[-1] if body else None
            )
        self.block(body, (), "function")

    def fail(self, reason: str, statement: gast.AST) -> GrammarError:
        """The error for a broken rule."""
        return GrammarError(reason, self.form, statement)

    def block(self, body: list[gast.AST], path: Path, owner: str) -> None:
        """A block, which belongs to the `function`, a `loop`, or an `inner` statement."""
        is_reverse = False
        for position, node in enumerate(body):
            is_last = position == len(body) - 1
            if is_reverse and tree.sweep_of(node) != "reverse" and self.form in _SINGLE:
                raise self.fail(
                    "a statement of the forward sweep stands in the reverse sweep", node
                )
            is_reverse = is_reverse or tree.sweep_of(node) == "reverse"
            if id(node) in self.nodes:
                raise self.fail("the statement stands twice in the tree", node)
            self.nodes[id(node)] = node
            if self.marks and not hasattr(node, "origin") and not isinstance(node, gast.Pass):
                raise self.fail("the statement does not say where it came from", node)
            _check_nodes(node, self.form)
            if isinstance(node, gast.Return) and not (is_last and owner == "function"):
                raise self.fail("a `return` stands before the end", node)
            if tree.is_exit(node):
                self.exit(node, path, is_last and owner == "loop")
            elif isinstance(node, _STRUCTURED):
                self.structured(node, path)
            elif isinstance(node, _OPAQUE):
                self.opaque(node, path)
            else:
                raise self.fail(
                    f"a {type(node).__name__} is no statement of the small language", node
                )

    def note(self, node: gast.AST, reads: list[str], writes: list[str], path: Path) -> None:
        """Note what a statement reads and assigns."""
        self.uses.append(_Use(node, tuple(reads), tuple(writes), path, len(self.uses)))

    def exit(self, node: gast.AST, path: Path, is_in_place: bool) -> None:
        """`if flag: break`."""
        if not is_in_place:
            raise self.fail("a `break` stands elsewhere than at the end of a loop's body", node)
        test = node.test
        if node.orelse or not (isinstance(test, gast.Name) or self.form == "ordinary"):
            raise self.fail("a `break` hangs on more than a flag", node)
        self.note(node, tree.names_read(test), [], path)

    def structured(self, node: gast.AST, path: Path) -> None:
        """A statement that the passes look into."""
        if isinstance(node, gast.If):
            self.test(node)
            self.note(node, tree.names_read(node.test), [], path)
            for number, block in enumerate((node.body, node.orelse)):
                self.block(block, (*path, (id(node), number)), "inner")
        elif isinstance(node, (gast.For, gast.While)):
            if node.orelse:
                raise self.fail("a loop has an `else`", node)
            head = node.iter if isinstance(node, gast.For) else node.test
            targets = tree.names_written(node.target) if isinstance(node, gast.For) else []
            self.note(node, tree.names_read(head), targets, path)
            self.block(node.body, (*path, (id(node), 0)), "loop")
        elif isinstance(node, gast.With):
            self.note(node, tree.names_read(node.items), tree.names_written(node.items), path)
            self.block(node.body, path, "inner")
        else:
            self.simple(node)
            reads = tree.names_read(node)
            writes = tree.names_written(node)
            if (
                isinstance(node, gast.AugAssign)
                and isinstance(node.target, gast.Name)
                and self.form != "ordinary"
            ):
                # In single assignment this writes into the array, not the name.
                writes = []
            self.note(node, reads, writes, path)

    def test(self, node: gast.If) -> None:
        test = node.test
        if (
            isinstance(test, gast.UnaryOp)
            and isinstance(test.op, gast.Not)
            and self.form in _SINGLE
        ):
            test = test.operand
        if isinstance(test, gast.Compare) and tree.sweep_of(node) == "reverse":
            # A rule asks whether there is a shadow to add to: `if x_bar is not None:`.
            test = test.left
        if self.form in ("normalised", *_SINGLE) and not isinstance(
            test, (gast.Name, gast.Constant)
        ):
            raise self.fail("the test of an `if` is no name", node)

    def simple(self, node: gast.AST) -> None:
        """Assignments, effects, `return`."""
        if isinstance(node, gast.Assign):
            if len(node.targets) != 1:
                raise self.fail("an assignment has several targets", node)
            self.target(node.targets[0], node)
        elif isinstance(node, gast.AugAssign):
            if isinstance(node.target, gast.Name) and self.form == "normalised":
                raise self.fail("an augmented assignment of a name is left", node)
            self.target(node.target, node)
        elif isinstance(node, gast.Return) and self.form == "normalised":
            if not tree.is_atom(node.value):
                raise self.fail("what is returned has no name", node)

    def target(self, target: gast.AST, node: gast.AST) -> None:
        if isinstance(target, gast.Name):
            return
        if isinstance(target, (gast.Tuple, gast.List)):
            if isinstance(node, gast.Assign):
                return
            raise self.fail("an augmented assignment has a tuple as target", node)
        if not isinstance(target, (gast.Subscript, gast.Attribute)):
            raise self.fail(f"an assignment to a {type(target).__name__}", node)
        if self.form in ("normalised", *_SINGLE) and isinstance(target, gast.Subscript):
            base = target.value
            while (
                isinstance(base, (gast.Subscript, gast.Attribute))
                and tree.sweep_of(node) == "reverse"
            ):
                # `record` spells a temporary `x[0]` or `x.T` out where the reverse sweep restores it.
                base = base.value
            if not isinstance(base, gast.Name):
                raise self.fail("a store into something without a name", node)

    def opaque(self, node: gast.AST, path: Path) -> None:
        """A statement that is kept whole: nothing in it leaves it."""
        for leaving in _leaving(node, in_loop=False):
            word = type(leaving).__name__.lower()
            raise self.fail(f"a `{word}` leaves a statement that is kept whole", node)
        self.note(node, tree.names_read(node), tree.names_written(node), path)


def _leaving(node: gast.AST, in_loop: bool) -> Iterator[gast.AST]:
    """`return`, and `break` and `continue` of a loop around."""
    if isinstance(node, gast.Return) or (
        isinstance(node, (gast.Break, gast.Continue)) and not in_loop
    ):
        yield node
    if isinstance(node, tree.SCOPES):
        return
    for child in tree.children(node):
        yield from _leaving(child, in_loop or isinstance(node, (gast.For, gast.While)))


def _check_nodes(statement: gast.AST, form: str) -> None:
    """Every node has all its fields, and names are read where they are read."""
    inner = {id(node) for block in tree.blocks(statement) for node in block}
    pending = [statement]
    while pending:
        node = pending.pop()
        missing = [name for name in node._fields if not hasattr(node, name)]
        if missing:
            raise GrammarError(f"a {type(node).__name__} has no `{missing[0]}`", form, statement)
        pending += [child for child in tree.children(node) if id(child) not in inner]
    value = getattr(statement, "value", None)
    if isinstance(value, gast.Name) and not isinstance(value.ctx, gast.Load):
        raise GrammarError("a name on the right is marked as written", form, statement)
    for target in getattr(statement, "targets", None) or [getattr(statement, "target", None)]:
        if isinstance(target, gast.Name) and isinstance(target.ctx, gast.Load):
            raise GrammarError("a name on the left is marked as read", form, statement)


# -- expressions ------------------------------------------------------------------------------


class _Operands:
    """Active expressions are single operations: their operands are atoms, or inactive as a whole."""

    def __init__(self, form: str, mentions: Callable[[gast.AST], bool]) -> None:
        self.form = form
        self.mentions = mentions

    def statement(self, node: gast.AST) -> None:
        """What a statement computes."""
        if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)):
            return
        value = node.value
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        if isinstance(target, (gast.Tuple, gast.List)) and self.mentions(value):
            raise GrammarError("an active assignment has a tuple as target", self.form, node)
        is_store = isinstance(node, gast.AugAssign) or (
            isinstance(target, (gast.Subscript, gast.Attribute))
        )
        if is_store:
            self.operand(value, node)
        elif value is not None and self.mentions(value):
            self.operation(value, node)

    def operation(self, value: gast.AST, node: gast.AST) -> None:
        """An active right-hand side."""
        if isinstance(value, (gast.Name, gast.Constant)):
            return
        if isinstance(value, _DISPLAYS):
            for item in tree.children(value):
                self.operand(item, node)
        elif isinstance(value, gast.BinOp):
            self.operand(value.left, node)
            self.operand(value.right, node)
        elif isinstance(value, gast.UnaryOp):
            self.operand(value.operand, node)
        elif isinstance(value, (gast.Subscript, gast.Attribute)):
            if not isinstance(value.value, gast.Name) and self.mentions(value.value):
                raise GrammarError("a part is taken of something without a name", self.form, node)
        elif isinstance(value, gast.Call):
            if isinstance(value.func, gast.Attribute) and not tree.dotted_name(value.func):
                if self.mentions(value.func.value):
                    raise GrammarError("a method of something without a name", self.form, node)
            for item in (*value.args, *(k.value for k in value.keywords)):
                self.argument(item, node)
        else:
            raise GrammarError(f"an active {type(value).__name__}", self.form, node)

    def argument(self, item: gast.AST, node: gast.AST) -> None:
        """An argument of a call: an operand, or a display of operands."""
        if isinstance(item, gast.Starred):
            item = item.value
        if isinstance(item, _DISPLAYS):
            for part in tree.children(item):
                self.argument(part, node)
        else:
            self.operand(item, node)

    def operand(self, item: gast.AST, node: gast.AST) -> None:
        """An atom, or an inactive expression that is free of calls."""
        if tree.is_atom(item):
            return
        if self.mentions(item):
            raise GrammarError(f"the operand `{tree.text(item)}` is no atom", self.form, node)
        if not isinstance(item, (gast.Lambda, gast.JoinedStr)):
            if any(isinstance(part, gast.Call) for part in tree.walk(item)):
                raise GrammarError(
                    f"the operand `{tree.text(item)}` is called in place", self.form, node
                )


# -- names ------------------------------------------------------------------------------------


def _check_names(walker: _Statements, free: Collection[str] | None) -> None:
    """Every name that is read means something, and was assigned on some path before."""
    parameters = tree.parameter_names(walker.root)
    local = set(parameters).union(*(use.writes for use in walker.uses))
    if free is not None:
        known = local.union(free, _BUILTINS)
        for use in walker.uses:
            for name in use.reads:
                if name not in known:
                    raise GrammarError(f"`{name}` means nothing", walker.form, use.statement)
    by_statement = {id(use.statement): use for use in walker.uses}
    _Assigned(walker.form, by_statement, local).block(walker.root.body, set(parameters))


class _Assigned:
    """Follows the program with the names that some path has assigned."""

    def __init__(self, form: str, uses: dict[int, _Use], local: set[str]) -> None:
        self.form = form
        self.uses = uses
        self.local = local

    def block(self, body: list[gast.AST], known: set[str]) -> None:
        """A block; what it may assign joins what is known."""
        for node in body:
            use = self.uses[id(node)]
            own = set(use.writes) if isinstance(node, _OPAQUE) else set[str]()
            for name in use.reads:
                # An inner function looks its names up when it is called.
                if (
                    name in self.local
                    and name not in known | own
                    and not isinstance(node, tree.SCOPES)
                ):
                    raise GrammarError(f"`{name}` is read before it is assigned", self.form, node)
            if isinstance(node, gast.If) and not tree.is_exit(node):
                then, other = set(known), set(known)
                self.block(node.body, then)
                self.block(node.orelse, other)
                known |= then | other
            elif isinstance(node, (gast.For, gast.While)):
                known.update(use.writes)
                # From the second iteration on, what the body assigns is known at its start.
                known.update(
                    name for n in tree.every_statement(node.body) for name in self.written(n)
                )
                self.block(node.body, known)
            elif isinstance(node, gast.With):
                known.update(use.writes)
                self.block(node.body, known)
            else:
                known.update(use.writes)

    def written(self, node: gast.AST) -> tuple[str, ...]:
        """Names that a statement assigns; those of statements kept whole belong to the whole."""
        use = self.uses.get(id(node))
        return () if use is None else use.writes


class _Single:
    """Structured single assignment, closed over loops."""

    def __init__(self, walker: _Statements) -> None:
        self.form = walker.form
        self.nodes = walker.nodes
        self.uses = walker.uses
        self.by_node = {id(use.statement): use for use in walker.uses}
        self.parameters = set(tree.parameter_names(walker.root))
        self.definitions: dict[str, list[_Use]] = {}
        self.reads: dict[str, list[_Use]] = {}
        for use in walker.uses:
            for name in use.writes:
                self.definitions.setdefault(name, []).append(use)
            for name in use.reads:
                self.reads.setdefault(name, []).append(use)

    def check(self) -> None:
        """Every name of the function."""
        for name, definitions in self.definitions.items():
            home = self.home(name, definitions)
            self.closed(name, home, definitions)

    def home(self, name: str, definitions: list[_Use]) -> Path:
        """The block that a name belongs to."""
        first, *others = definitions
        if name == "_":
            return first.inside
        if name in self.parameters:
            raise GrammarError(f"`{name}` is assigned more than once", self.form, first.statement)
        if not others:
            return first.inside
        if len(others) == 1:
            second = others[0]
            if self.is_join(name, first, second):
                return first.path[:-1]
            if self.is_carried(first, second):
                return second.path
            if self.is_filled(first, second):
                return first.path
        raise GrammarError(f"`{name}` is assigned more than once", self.form, others[-1].statement)

    def is_join(self, name: str, first: _Use, second: _Use) -> bool:
        """One assignment in each branch of an `if`, and no read before it."""
        if not (first.path and second.path and first.path[:-1] == second.path[:-1]):
            return False
        (owner, one), (other, two) = first.path[-1], second.path[-1]
        if owner != other or one == two or not isinstance(self.nodes[owner], gast.If):
            return False
        if not (
            isinstance(first.statement, gast.Assign) and isinstance(second.statement, gast.Assign)
        ):
            return False
        definition = {first.path: first.order, second.path: second.order}
        for use in self.reads.get(name, ()):
            branch = use.path[: len(first.path)]
            if branch in definition and use.order < definition[branch]:
                raise GrammarError(f"the join `{name}` is read before it", self.form, use.statement)
        return True

    def is_carried(self, first: _Use, second: _Use) -> bool:
        """One assignment before a loop, in the block of the loop, and one in its body."""
        if second.path[:-1] != first.path or not second.path:
            return False
        loop = self.nodes[second.path[-1][0]]
        if not isinstance(loop, (gast.For, gast.While)) or not isinstance(
            second.statement, gast.Assign
        ):
            return False
        return (
            isinstance(first.statement, gast.Assign) and first.order < self.by_node[id(loop)].order
        )

    def is_filled(self, first: _Use, second: _Use) -> bool:
        """A copy, and right after it a statement kept whole, which may or may not assign the name."""
        return (
            _is_copy(first.statement) and first.path == second.path and _is_whole(second.statement)
        )

    # -- loops --------------------------------------------------------------------------------

    def loops(self, path: Path) -> tuple[int, ...]:
        """The loops around a block."""
        return tuple(
            owner for owner, _ in path if isinstance(self.nodes[owner], (gast.For, gast.While))
        )

    def closed(self, name: str, home: Path, definitions: list[_Use]) -> None:
        """A name of a loop is read in the loop, before it, and after it by copies alone."""
        around = self.loops(home)
        if not around:
            return
        for use in self.reads.get(name, ()):
            seen = self.loops(use.inside if isinstance(use.statement, gast.While) else use.path)
            if seen[: len(around)] == around or self.is_beside(use, around):
                continue
            if self.form == "derived" and use.is_reverse and not definitions[0].is_reverse:
                continue
            raise GrammarError(f"`{name}` is read outside of its loop", self.form, use.statement)

    def is_beside(self, use: _Use, around: tuple[int, ...]) -> bool:
        """Whether a read in the loop's own block is a copy after the loop, or stands before the loop."""
        loop = self.by_node[around[-1]]
        return use.path == loop.path and (_is_copy(use.statement) or use.order < loop.order)


def _is_whole(node: gast.AST) -> bool:
    """A statement that no pass looks into: those without a structure, and inactive tuple targets."""
    return isinstance(node, _OPAQUE) or (
        isinstance(node, gast.Assign) and isinstance(node.targets[0], (gast.Tuple, gast.List))
    )


def _is_copy(node: gast.AST) -> bool:
    """`name = other`."""
    return (
        isinstance(node, gast.Assign)
        and isinstance(node.targets[0], gast.Name)
        and isinstance(node.value, gast.Name)
    )
