"""Views of dicts in variables: `view = d.values()` shows what the dict holds whenever it is looked at.

The passes after this one take a view for a list of what the dict holds where the view is made. That is the same as
long as nothing changes the dict before the view is looked at for the last time. Where something does, the variable
stands for the dict instead, of which a view is made wherever it is looked at:

    view = d.values()                 shown = d
    d[k] = e                          d[k] = e
    y = sum(view)                     t = shown.values()
                                      y = sum(t)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import meaning

_METHODS = ("values", "items")
_LOOKING = (all, any, dict, len, list, max, min, set, sorted, sum, tuple)
"""Functions that look at a view, and keep nothing of it but what it shows."""


def with_views_made_anew(
    body: list[gast.AST],
    objects: Mapping[str, object],
    kind_of: Callable[[gast.AST], Kind],
    changed_by: Callable[[gast.AST], Iterable[str]],
    names: Names,
    bases: dict[str, str],
) -> list[gast.AST]:
    """Make views of dicts where they are looked at, if the dict has been changed by then.

    Args:
        body: a program in single assignment.
        objects: what its free names mean.
        kind_of: kinds of expressions.
        changed_by: names of what a statement may give other items.
        names: gives out the names of variables.
        bases: the user's names, by version; those of new variables are added.

    Returns:
        The new body; the very same list where there is no such view.

    Raises:
        UnsupportedError: where a view is kept in a way that is not followed, and the dict is changed.
    """

    def new(base: str) -> str:
        name = names.fresh(base or "t")
        bases[name] = base
        return name

    views = _Views(body, kind_of)
    if not views.owners:
        return body
    seen = _Seen(views.owners, changed_by)
    seen.block(body, set())
    stale = views.kept_wrongly(objects, seen)
    if not stale:
        return body
    stale = views.related(stale)
    maker = _Maker(views, stale, objects, new)
    result = body if maker.lost else maker.block(body)
    if maker.lost is not None:
        made = views.made[views.roots(maker.lost)[0]]
        shown = tree.text(tree.rename(made.value, {n: bases.get(n) or n for n in tree.names_read(made.value)}))
        raise UnsupportedError(
            f"`{shown}` is kept in a variable, and shows what the dict holds when it is looked at",
            tree.origin_of(made),
            "keep a list of it: list(...)",
        )
    return result


class _Views:
    """The variables that hold views.

    Attributes:
        made: the statement that makes a view, by the variable that it assigns.
        copies: where a variable is assigned that holds a view or another variable that does.
        owners: the dicts that a variable may be a view of.
        others: variables that are assigned something else, too.
    """

    def __init__(self, body: list[gast.AST], kind_of: Callable[[gast.AST], Kind]) -> None:
        self.body = body
        self.made: dict[str, gast.Assign] = {}
        self.sources: dict[str, list[str]] = {}
        self.owners: dict[str, set[str]] = {}
        assigned: dict[str, list[gast.Assign]] = {}
        for node in tree.every_statement(body):
            if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
                assigned.setdefault(node.targets[0].id, []).append(node)
        for name, nodes in assigned.items():
            for node in nodes:
                if _is_view(node.value, kind_of):
                    self.made[name] = node
                    self.owners.setdefault(name, set()).add(node.value.func.value.id)
                elif isinstance(node.value, gast.Name):
                    self.sources.setdefault(name, []).append(node.value.id)
        pending = bool(self.owners)
        while pending:
            pending = False
            for name, sources in self.sources.items():
                found = set().union(*(self.owners.get(source, ()) for source in sources))
                if not found <= self.owners.get(name, set()):
                    self.owners.setdefault(name, set()).update(found)
                    pending = True
        self.others = {
            name for name in self.owners
            if any(
                node is not self.made.get(name) and getattr(node.value, "id", None) not in self.owners
                for node in assigned[name]
            )
        }  # fmt: skip

    def roots(self, name: str) -> list[str]:
        """The variables that are assigned the views which a variable may hold."""
        found, pending = [name], [name]
        while pending:
            for source in self.sources.get(pending.pop(), ()):
                if source in self.owners and source not in found:
                    found.append(source)
                    pending.append(source)
        return [n for n in found if n in self.made]

    def related(self, names: Iterable[str]) -> set[str]:
        """Some variables, with all that are assigned from one to another."""
        found = set(names)
        while True:
            more = {
                name
                for target, sources in self.sources.items()
                for name in (target, *sources)
                if name in self.owners and not found.isdisjoint((target, *sources))
            }
            if more <= found:
                return found
            found |= more

    def kept_wrongly(self, objects: Mapping[str, object], seen: _Seen) -> set[str]:
        """Variables that are looked at after the dict was changed, or may be, since they are handed on."""
        found = set(seen.late)
        for node in tree.every_statement(self.body):
            if isinstance(node, gast.Assign) and isinstance(node.value, gast.Name):
                continue
            for name in self.owners.keys() & set(tree.names_read(tree.own_parts(node))):
                if name in seen.changed and not _only_looks(node, name, objects):
                    found.add(name)
        return found


@dataclass
class _Seen:
    """Looks at a program in the order in which it runs.

    Attributes:
        owners: the dicts that a variable may be a view of.
        changed_by: names of what a statement may give other items.
        late: variables that are looked at after the dict has been changed.
        changed: variables whose dict is changed anywhere.
    """

    owners: Mapping[str, set[str]]
    changed_by: Callable[[gast.AST], Iterable[str]]
    late: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def block(self, body: list[gast.AST], stale: set[str]) -> set[str]:
        """The views that are no lists of what dicts hold after a block, of those before it."""
        for node in body:
            stale = self.statement(node, stale)
        return stale

    def statement(self, node: gast.AST, stale: set[str]) -> set[str]:
        """The views that are no such lists after a statement."""
        stale = self.simple(node, stale)
        if isinstance(node, (gast.If, gast.With)):
            return set().union(*(self.block(inner, stale) for inner in tree.inner_blocks(node)))
        while type(node) in tree.LOOPS:
            after = self.block(node.body, stale)
            if isinstance(node, gast.While):
                after = self.simple(node, after)
            if after <= stale:
                break
            stale |= after
        return stale

    def simple(self, node: gast.AST, stale: set[str]) -> set[str]:
        """The same of a statement without what stands inside."""
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        name = target.id if isinstance(target, gast.Name) and target.id in self.owners else None
        stale = set(stale)
        if name is not None and isinstance(node.value, gast.Name):
            return stale | {name} if node.value.id in stale else stale - {name}
        self.late |= stale.intersection(tree.names_read(tree.own_parts(node)))
        changed = set(self.changed_by(node))
        found = {view for view, owners in self.owners.items() if not changed.isdisjoint(owners)}
        self.changed |= found
        return (stale | found) - {name}


@dataclass
class _Maker:
    """Makes views where they are looked at.

    Attributes:
        views: the variables that hold views.
        names: those of them that are to stand for dicts.
        objects: what free names mean.
        new: gives a name for a temporary.
        lost: a variable of which no view can be made wherever it is looked at.
    """

    views: _Views
    names: set[str]
    objects: Mapping[str, object]
    new: Callable[[str], str]
    shown: dict[str, str] = field(default_factory=dict)
    lost: str | None = None

    def __post_init__(self) -> None:
        for name in sorted(self.names):
            methods = {self.views.made[root].value.func.attr for root in self.views.roots(name)}
            if name in self.views.others or len(methods) != 1:
                self.lost = self.lost or name
            self.shown[name] = self.new("shown")

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        return [new for node in body for new in self.statement(node)]

    def statement(self, node: gast.AST) -> Iterator[gast.AST]:
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        if isinstance(target, gast.Name) and target.id in self.names:
            value = node.value.func.value if isinstance(node.value, gast.Call) else node.value
            held = self.shown.get(value.id, value.id) if isinstance(node.value, gast.Name) else value.id
            yield tree.like(tree.assign(self.shown[target.id], tree.load(held)), node)
            return
        fresh: dict[str, str] = {}
        for name in sorted(self.names & set(tree.names_read(tree.own_parts(node)))):
            if isinstance(node, gast.While) or not _only_looks(node, name, self.objects):
                self.lost = self.lost or name
            fresh[name] = self.new("")
            method = self.views.made[self.views.roots(name)[0]].value.func.attr
            call = gast.Call(tree.attribute(tree.load(self.shown[name]), method), [], [])
            yield tree.like(tree.assign(fresh[name], call), node)
        if tree.inner_blocks(node):
            yield self._compound(node, fresh)
        else:
            yield tree.like(tree.rename(node, fresh), node) if fresh else node

    def _compound(self, node: gast.AST, fresh: dict[str, str]) -> gast.AST:
        """A statement with blocks inside, each of which may look at views."""
        new = tree.shallow(node)
        for part in ("test", "iter"):
            if hasattr(new, part) and fresh:
                setattr(new, part, tree.rename(getattr(new, part), fresh))
        if isinstance(new, gast.With) and fresh:
            new.items = [tree.rename(item, fresh) for item in new.items]
        for part in ("body", "orelse"):
            if getattr(new, part, None):
                setattr(new, part, self.block(getattr(new, part)))
        return new


def _is_view(value: gast.AST, kind_of: Callable[[gast.AST], Kind]) -> bool:
    """Whether an expression is a view of a dict that has a name."""
    if not isinstance(value, gast.Call) or value.args or value.keywords or not isinstance(value.func, gast.Attribute):
        return False
    owner = value.func.value
    return value.func.attr in _METHODS and isinstance(owner, gast.Name) and kind_of(owner).family == "dict"


def _only_looks(node: gast.AST, name: str, objects: Mapping[str, object]) -> bool:
    """Whether a statement reads a variable only to look at the view that it holds."""
    looks = 0
    parts = tree.own_parts(node)
    for item in (item for part in parts for item in tree.walk(part)):
        if isinstance(item, gast.Call) and any(meaning(item.func, objects) is looking for looking in _LOOKING):
            looks += sum(tree.is_name(argument, name) for argument in item.args)
        elif isinstance(item, gast.Subscript) and isinstance(item.ctx, gast.Load):
            looks += tree.is_name(item.value, name)
        elif isinstance(item, gast.Compare) and all(isinstance(op, (gast.In, gast.NotIn)) for op in item.ops):
            looks += sum(tree.is_name(value, name) for value in item.comparators)
        elif isinstance(item, gast.BinOp):
            looks += tree.is_name(item.left, name) + tree.is_name(item.right, name)
    return looks == sum(tree.is_name(item, name) for part in parts for item in tree.walk(part))
