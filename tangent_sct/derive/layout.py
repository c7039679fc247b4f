"""Where names are defined and used in a structured program: blocks, loops, order of statements.

Facts about one tree in single assignment, computed in one walk; statements are known by identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import gast

from tangent_sct.analysis.iterations import Path, common, heads
from tangent_sct.analysis.operations import DISPLAYS
from tangent_sct.core import tree


@dataclass
class Layout:
    """See the module's docstring.

    Attributes:
        order: position of each statement in the order of the source.
        path: the block each statement stands in.
        definitions: the statements that assign a name.
        home: innermost block that holds all definitions of a name; parameters live in `()`.
        loops: identities of the loops.
    """

    order: dict[int, int] = field(default_factory=dict)
    path: dict[int, Path] = field(default_factory=dict)
    definitions: dict[str, list[gast.AST]] = field(default_factory=dict)
    home: dict[str, Path] = field(default_factory=dict)
    read_paths: dict[str, list[Path]] = field(default_factory=dict)
    loops: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, body: list[gast.AST]) -> Layout:
        """The layout of a function body."""
        layout = cls()
        layout._block(body, ())
        return layout

    def _block(self, body: list[gast.AST], path: Path) -> None:
        for node in body:
            self.order[id(node)] = len(self.order)
            self.path[id(node)] = path
            reads, writes = heads(node)
            for name in reads:
                self.read_paths.setdefault(name, []).append(path)
            inside = path
            if type(node) in tree.LOOPS:
                self.loops.add(id(node))
                inside = (*path, (id(node), 0))
            for name in writes:
                self.define(name, node, inside if type(node) is gast.For else path)
            if type(node) is gast.While:
                # The test is run again in every iteration.
                for name in reads:
                    self.read_paths[name].append(inside)
            for number, block in enumerate(tree.inner_blocks(node)):
                transparent = type(node) is gast.With
                self._block(block, path if transparent else (*path, (id(node), number)))

    def define(self, name: str, node: gast.AST, path: Path) -> None:
        """Note a definition of a name."""
        self.definitions.setdefault(name, []).append(node)
        known = self.home.get(name)
        self.home[name] = path if known is None else common(known, path)

    def home_of(self, name: str) -> Path:
        """The block a name belongs to."""
        return self.home.get(name, ())

    def is_inside(self, name: str, statement: gast.AST) -> bool:
        """Whether a name belongs to a block below a compound statement."""
        return any(owner == id(statement) for owner, _ in self.home_of(name))

    def loops_around(self, path: Path) -> tuple[int, ...]:
        """The loops a block stands in, outermost first."""
        return tuple(owner for owner, _ in path if owner in self.loops)

    def sees(self, name: str, other: str) -> bool:
        """Whether all reads of a name may read another instead: it is assigned once, and they stand
        in the loops that it belongs to."""
        if len(self.definitions.get(other, ())) > 1:
            return False
        inside = self.loops_around(self.home_of(other))
        paths = self.read_paths.get(name, [])
        return all(self.loops_around(path)[: len(inside)] == inside for path in paths)

    def carried(self, loop: gast.AST) -> list[str]:
        """Names that a loop hands from one iteration to the next, or to what follows it."""
        found: dict[str, None] = {}
        for node in getattr(loop, "body", []):
            for name in heads(node)[1]:
                if isinstance(node, gast.Assign) and self._leaves(name, loop):
                    found.setdefault(name)
        return list(found)

    def _leaves(self, name: str, loop: gast.AST) -> bool:
        inside = (*self.path[id(loop)], (id(loop), 0))
        others = [self.path[id(n)] for n in self.definitions[name]] + self.read_paths.get(name, [])
        return any(path[: len(inside)] != inside for path in others)


def tapes(body: list[gast.AST]) -> set[str]:
    """Lists that are made empty and then only pushed to and popped from: the tapes of a derivative.

    Of one that nothing is popped from any more, nobody has put adjoints on its shadow.
    """
    every = list(tree.every_statement(body))
    made = {node.targets[0].id for node in every if _makes_empty_list(node)}
    if not made:
        return made
    reads: dict[str, int] = {}
    proper: dict[str, int] = {}
    popped: set[str] = set()
    for node in every:
        for read in heads(node)[0]:
            reads[read] = reads.get(read, 0) + 1
        value = getattr(node, "value", None)
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            if (name := popped_from(value)) is not None:
                popped.add(name)
                proper[name] = proper.get(name, 0) + 1
        elif isinstance(node, gast.Expr):
            dropped = popped_from(value)
            pushed = pushed_to(value) or dropped
            if pushed is not None:
                proper[pushed] = proper.get(pushed, 0) + 1
            popped.update(() if dropped is None else (dropped,))
    return {name for name in made & popped if reads.get(name, 0) == proper.get(name, 0)}


def _makes_empty_list(node: gast.AST) -> bool:
    if type(node) is not gast.Assign or type(node.value) is not gast.List or node.value.elts:
        return False
    return type(node.targets[0]) is gast.Name


def pushed_to(node: gast.AST | None) -> str | None:
    """The name `t` in `t.append(v)`, where `v` is no display, whose items have adjoints of their own."""
    return _method_of(node, "append", 1)


def popped_from(node: gast.AST | None) -> str | None:
    """The name `t` in `t.pop()`."""
    return _method_of(node, "pop", 0)


def _method_of(node: gast.AST | None, method: str, count: int) -> str | None:
    if not isinstance(node, gast.Call) or not isinstance(node.func, gast.Attribute):
        return None
    if node.func.attr != method or len(node.args) != count or node.keywords:
        return None
    owner = node.func.value
    if not isinstance(owner, gast.Name):
        return None
    if any(isinstance(a, DISPLAYS) or tree.is_name(a, owner.id) for a in node.args):
        return None
    return str(owner.id)


def written_name(target: gast.AST) -> str | None:
    """The local array or container that a store writes into; None for what belongs to an object."""
    owner = target.value if isinstance(target, gast.Subscript) else target
    return str(owner.id) if isinstance(owner, gast.Name) else None


def flatten(body: list[object]) -> list[gast.AST]:
    """Flatten a block in which lists of statements stand for statements, at every depth."""
    result: list[gast.AST] = []
    for item in body:
        if isinstance(item, list):
            result.extend(flatten(item))
            continue
        assert isinstance(item, gast.AST)
        if type(item) in tree.COMPOUND:
            item.body = flatten(item.body)
            if hasattr(item, "orelse"):
                item.orelse = flatten(item.orelse)
            if (
                tree.sweep_of(item) == "reverse"
                and not item.body
                and not getattr(item, "orelse", None)
            ):
                continue
        result.append(item)
    return result


def may_follow(body: Sequence[gast.AST], node: gast.AST) -> list[gast.AST]:
    """The statements of a program that may run after one of them has run, compound ones whole.

    Args:
        body: the program.
        node: one of its statements, by identity.

    >>> program = tree.statements("a = 1\\nfor i in x:\\n    b = 2\\n    c = 3\\nd = 4")
    >>> [tree.text(s).splitlines()[0] for s in may_follow(program, program[1].body[1])]
    ['for i in x:', 'd = 4']
    """
    for place, statement in enumerate(body):
        following = list(body[place + 1 :])
        if statement is node:
            return following
        for block in tree.inner_blocks(statement):
            if any(item is node for item in tree.every_statement(block)):
                # A loop may run what stands before in its next iteration.
                inside = [statement] if isinstance(statement, (gast.For, gast.While)) else may_follow(block, node)
                return [*inside, *following]
    # It stands nowhere, so anything may.
    return list(body)
