"""Leaving single assignment: versions that do not get in each other's way become one name again.

Chaitin's coalescing (1982), restricted to versions of one name. Two names *interfere* if one is
live where the other is bound, except by a copy from one to the other. First the two sides of each
copy are merged where their classes do not interfere, innermost loops first, and the copy vanishes;
then versions that never live at the same time share the printed name. A temporary of the compiler
is merged with whatever it is copied from or to.

Nothing here relies on single assignment: the pass may run on any program.

Needs: a program whose `Unit.bases` tell versions of a name (`""`: a temporary). Produces: an
ordinary program.

>>> print(demo('''
... def f(x, n):
...     y = x * 2
...     y_2 = y
...     for i in range(n):
...         y_3 = np.sin(y_2)
...         y_2 = y_3
...     y_4 = y_2
...     t = y_4 + y
...     z = t
...     return z
... '''))
def f(x, n):
    y = x * 2
    y_2 = y
    for i in range(n):
        y_2 = np.sin(y_2)
    z = y_2 + y
    return z
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import gast

from tangent_sct.analysis.flow import Graph, flow
from tangent_sct.analysis.liveness import liveness
from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import if_with, with_blocks


def copies(unit: Unit) -> Unit:
    """Merge the versions of names where that changes nothing, and drop the copies between them.

    Args:
        unit: a program with versioned names.

    Returns:
        The unit with fewer names; the very same unit where there was nothing to merge or to rename.

    >>> print(demo("def f(x):\\n    x_2 = x\\n    x_3 = x_2 + 1\\n    return x_3"))
    def f(x):
        x = x + 1
        return x
    """
    graph = flow(unit.tree.body, tree.parameter_names(unit.tree), unit.namespace)
    merger = _Merger(unit, graph)
    merger.merge_copies()
    merger.share_names()
    printed = merger.printed()
    changed = {name: new for name, new in printed.items() if name != new}
    if not changed:
        return unit
    body = _Renamer(changed, graph, merger.scopes).block(unit.tree.body)
    return unit.with_body(body, bases=merger.bases(printed))


def demo(text: str) -> str:
    """The text of a function after the pass; `y`, `y_2` are versions of `y`, `t` is a temporary.

    >>> print(demo("def f(x):\\n    t = x\\n    return t"))
    def f(x):
        return x
    """
    from tangent_sct.optimize.demo import unit_of

    return tree.text(copies(unit_of(text)).tree)


# -- which names may be one -----------------------------------------------------------------------


@dataclass(slots=True)
class _Class:
    """Names that are to become one.

    Attributes:
        base: the user's name they are versions of; "" for a temporary.
        order: when the first of them appears.
        members: the names, as bits.
        forbidden: names live where a member is bound, as bits.
        parameter: the one of them that is a parameter.
        hidden: names that mean something else where a member is read, in an inner scope.
    """

    base: str
    order: int
    members: int
    forbidden: int
    parameter: str | None = None
    hidden: frozenset[str] = frozenset()


class _Merger:
    def __init__(self, unit: Unit, graph: Graph) -> None:
        self.unit = unit
        self.graph = graph
        self.parameters = tree.parameter_names(unit.tree)
        self.locals = list(dict.fromkeys(n for p in graph.points for n in p.writes))
        self.fixed = _fixed_names(graph)
        self.scopes = _scopes(graph)
        self.copies = list(self._copies(unit.tree.body, 0))
        self.parent = {name: name for name in self.locals}
        self.classes = self._singletons()

    def _copies(self, body: Sequence[gast.AST], depth: int) -> Iterator[tuple[int, str, str]]:
        """All copies that may vanish: depth of their loop, target and source."""
        for node in body:
            if type(node) is gast.Assign:
                target, source = node.targets[0], node.value
                if type(target) is gast.Name and type(source) is gast.Name:
                    if self._may_be_one(target.id, source.id):
                        yield depth, target.id, source.id
            elif type(node) in tree.COMPOUND:
                inner = depth + (type(node) in tree.LOOPS)
                yield from self._copies(node.body, inner)
                yield from self._copies(getattr(node, "orelse", ()), depth)

    def _may_be_one(self, target: str, source: str) -> bool:
        if source in self.unit.namespace or {target, source} & self.fixed:
            return False
        bases = {self._base(target), self._base(source)}
        return len(bases) == 1 or "" in bases

    def _base(self, name: str) -> str:
        return self.unit.base(name)

    def _groups(self) -> dict[str, str]:
        """For each name that has another it may be merged with, the first of its group."""
        first: dict[str, str] = {}
        group: dict[str, str] = {}

        def find(name: str) -> str:
            while group[name] != name:
                group[name] = group[group[name]]
                name = group[name]
            return name

        for name in self.locals:
            group[name] = name
            base = self._base(name)
            if base and name not in self.fixed:
                group[name] = first.setdefault(base, name)
        for _, target, source in self.copies:
            group.setdefault(source, source)
            group[find(target)] = find(source)
        return {name: find(name) for name in self.locals}

    def _singletons(self) -> dict[str, _Class]:
        """One class for each name, with the names it interferes with."""
        groups = self._groups()
        size: dict[str, int] = {}
        for root in groups.values():
            size[root] = size.get(root, 0) + 1
        names = [name for name in self.locals if size[groups[name]] > 1]
        live = liveness(self.unit.tree, self.graph, names)
        bits = live.numbering.bits
        together: dict[str, list[str]] = {}
        for name in names:
            together.setdefault(groups[name], []).append(name)
        masks = {root: bits(members) for root, members in together.items()}
        classes = {}
        hidden = _hidden_names(self.graph, self.scopes)
        for order, name in enumerate(self.locals):
            parameter = name if name in self.parameters else None
            classes[name] = _Class(
                self._base(name), order, bits([name]), 0, parameter,
                frozenset(hidden.get(name, ())),
            )  # fmt: skip
        for number, point in enumerate(self.graph.points):
            if not point.writes:
                continue
            around = live.facts.after[number]
            if len(point.writes) > 1:
                around |= bits(point.writes)
            if not point.certain:
                # What is read inside may be read after the name is bound inside.
                around |= live.facts.before[number] | bits(point.reads)
            source = _copied_name(point.statement)
            for name in point.writes:
                own = classes[name]
                mask = masks.get(groups[name], 0)
                if source is not None:
                    own.forbidden |= around & mask & ~own.members & ~bits([source])
                else:
                    own.forbidden |= around & mask & ~own.members
        return classes

    # -- merging --------------------------------------------------------------------------------

    def find(self, name: str) -> str:
        """The name that stands for the class of a name."""
        while self.parent[name] != name:
            self.parent[name] = self.parent[self.parent[name]]
            name = self.parent[name]
        return name

    def merge_copies(self) -> None:
        """Merge the two sides of each copy where nothing forbids it."""
        for _, target, source in sorted(self.copies, key=lambda copy: -copy[0]):
            if source not in self.parent:
                continue
            left, right = self.find(target), self.find(source)
            if left != right:
                bases = {self.classes[left].base, self.classes[right].base} - {""}
                if len(bases) < 2:
                    self.merge(left, right)

    def share_names(self) -> None:
        """Merge what is left of each base, first fit in the order of appearance."""
        shared: dict[str, list[str]] = {}
        for name in self.locals:
            base = self.classes[self.find(name)].base
            if self.find(name) != name or not base or name in self.fixed:
                continue
            others = shared.setdefault(base, [])
            if not any(self.merge(other, name) for other in others):
                others.append(name)

    def merge(self, left: str, right: str) -> bool:
        """Make two classes one, unless they interfere or cannot have one name."""
        one, two = self.classes[left], self.classes[right]
        if one.forbidden & two.members or two.forbidden & one.members:
            return False
        if one.parameter is not None and two.parameter is not None:
            return False
        if (one.parameter or two.parameter) in one.hidden | two.hidden:
            return False
        if two.order < one.order:
            left, right, one, two = right, left, two, one
        self.parent[right] = left
        one.base = one.base or two.base
        one.members |= two.members
        one.forbidden |= two.forbidden
        one.parameter = one.parameter or two.parameter
        one.hidden |= two.hidden
        return True

    # -- naming ---------------------------------------------------------------------------------

    def printed(self) -> dict[str, str]:
        """The name under which each local name is printed."""
        roots = list(dict.fromkeys(map(self.find, self.locals)))
        result: dict[str, str] = {}
        free = {n for p in self.graph.points for n in p.reads} - set(self.locals)
        taken = free | set(self.unit.namespace) | self.fixed
        for root in roots:
            own = self.classes[root]
            if own.parameter is not None:
                result[root] = own.parameter
            elif not own.base or root in self.fixed:
                result[root] = root
        taken.update(result.values())
        for root in roots:
            own = self.classes[root]
            if root not in result and own.base not in taken | own.hidden:
                result[root] = own.base
                taken.add(own.base)
        names = Names(taken)
        for root in roots:
            if root not in result:
                own = self.classes[root]
                result[root] = names.fresh(own.base)
                while result[root] in own.hidden:
                    result[root] = names.fresh(own.base)
        return {name: result[self.find(name)] for name in self.locals}

    def bases(self, printed: Mapping[str, str]) -> dict[str, str]:
        """The base of each printed name."""
        return {new: self.classes[self.find(name)].base for name, new in printed.items()}


def _scopes(graph: Graph) -> dict[int, list[gast.AST]]:
    """By identity of a statement the scopes in its header, where it has any."""
    if not graph.has_scopes:
        return {}
    statements = {id(p.statement): p.statement for p in graph.points if p.statement is not None}
    found = {key: _inner_scopes(statement) for key, statement in statements.items()}
    return {key: inner for key, inner in found.items() if inner}


def _hidden_names(graph: Graph, scopes: Mapping[int, list[gast.AST]]) -> dict[str, set[str]]:
    """For each name that an inner scope reads, the names that this scope binds itself."""
    hidden: dict[str, set[str]] = {}
    for point in graph.points:
        if not point.reads or point.role in ("target", "leave"):
            continue
        for inner in scopes.get(id(point.statement), ()):
            own = {
                node.id
                for node in tree.walk(inner)
                if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load)
            }
            for name in tree.names_read(inner):
                hidden.setdefault(name, set()).update(own)
    return hidden


def _inner_scopes(statement: gast.AST) -> list[gast.AST]:
    """Comprehensions, lambdas and functions directly in the header of a statement."""
    return [inner for part in tree.own_parts(statement) for inner in tree.walk(part) if type(inner) in _INNER]


_INNER = frozenset((*tree.COMPREHENSIONS, *tree.SCOPES))


def _fixed_names(graph: Graph) -> set[str]:
    """Names that are spelled as strings in the tree and are therefore not renamed."""
    found: set[str] = set()
    for point in graph.points:
        node = point.statement
        if point.role != "opaque" and not isinstance(node, (gast.Import, gast.ImportFrom)):
            continue
        spelled = set(point.writes)
        for inner in tree.walk(node):
            if isinstance(inner, gast.Name):
                spelled.discard(inner.id)
            elif isinstance(inner, (gast.Global, gast.Nonlocal)):
                found.update(inner.names)
            elif isinstance(inner, (gast.FunctionDef, gast.ClassDef)):
                # Even where its own statements read it.
                found.add(inner.name)
                if isinstance(inner, gast.ClassDef):
                    # Its methods read the variables around it of the same names.
                    found |= tree.bound_by_scope(inner)
        found |= spelled
    return found


def _copied_name(node: gast.AST | None) -> str | None:
    """`b` in the statement `a = b`."""
    if isinstance(node, gast.Assign) and type(node.value) is gast.Name:
        if type(node.targets[0]) is gast.Name:
            source: str = node.value.id
            return source
    return None


# -- rewriting ------------------------------------------------------------------------------------


class _Renamer:
    """Renames in the statements that need it, and drops copies of a name to itself.

    Args:
        names: the new names.
        graph: of the function.
        scopes: by identity of a statement the scopes in its header.
    """

    def __init__(
        self, names: Mapping[str, str], graph: Graph, scopes: Mapping[int, list[gast.AST]]
    ) -> None:
        self.names = names
        self.scopes = scopes
        self.touched = {
            id(point.statement)
            for point in graph.points
            if any(name in names for name in (*point.reads, *point.writes))
        }

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """The block with the new names; the very same list where nothing changes."""
        result: list[gast.AST] = []
        for node in body:
            new = self._statement(node)
            if new is not None:
                result.append(new)
        same = len(result) == len(body) and all(a is b for a, b in zip(result, body, strict=True))
        return body if same else result

    def _statement(self, node: gast.AST) -> gast.AST | None:
        touched = id(node) in self.touched
        if type(node) is gast.If:
            test = self._renamed(node, node.test) if touched else node.test
            return if_with(node, self.block(node.body), self.block(node.orelse), test)
        if type(node) in tree.LOOPS:
            header = ("target", "iter") if type(node) is gast.For else ("test",)
            changes = {key: self._renamed(node, getattr(node, key)) for key in header}
            orelse = self.block(node.orelse)
            return with_blocks(node, self.block(node.body), orelse, **(changes if touched else {}))
        if type(node) is gast.With:
            body = self.block(node.body)
            if not touched:
                return with_blocks(node, body)
            items = [self._renamed(node, item) for item in node.items]
            return tree.like(gast.With(items, body or [gast.Pass()], node.type_comment), node)
        if not touched:
            return node
        new = self._renamed(node, node)
        source = _copied_name(new)
        return None if source is not None and source == new.targets[0].id else new

    def _renamed(self, statement: gast.AST, part: gast.AST) -> gast.AST:
        """A part of a statement with the new names."""
        if id(statement) not in self.scopes:
            return tree.respelled(part, self.names)
        return _renamed_with_scopes(part, self.names)


def _renamed_with_scopes(
    node: gast.AST,
    names: Mapping[str, str],
    outside: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
) -> gast.AST:
    """A copy with other names; inner scopes keep their own.

    Args:
        node: the tree.
        names: new names by old ones.
        outside: the names for parts of an inner scope that belong to the scope around it.
    """
    names = outside.get(id(node), names)
    if isinstance(node, gast.Name):
        return tree.renamed(node, names.get(node.id, node.id))
    if isinstance(node, (*tree.COMPREHENSIONS, gast.Lambda, gast.FunctionDef)):
        outside = {**outside, **{id(part): names for part in tree.outside_parts(node)}}
        own = tree.bound_by_scope(node)
        names = {old: new for old, new in names.items() if old not in own}
    return tree.rebuilt(node, lambda child: _renamed_with_scopes(child, names, outside))
