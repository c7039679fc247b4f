"""Dicts that fill themselves as they are read: a defaultdict gets a key by `d[k]` that it does not have.

What carries no derivative stays a defaultdict in the derivative, where most readings are taken to do no more than to
give a value. Of what may be one of these, an item is read by a method instead, which all passes know to write:

    n = counts[k]                     n = counts.__getitem__(k)

The text that is printed has the first form again (`plainly_read`). A defaultdict of values to be differentiated is
a dict, whose keys are put there in so many words (`library`).
"""

from __future__ import annotations

import inspect
import math
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import NO_VALUE, Kind
from tangent_sct.core.origins import Source
from tangent_sct.frontend.active import CHANGERS, active_names, root_name
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.decorators import operated
from tangent_sct.frontend.given import unbound
from tangent_sct.frontend.mentioned import mentions_of, names_mentioned, objects_mentioned
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.rules import Lookup

_READ = "__getitem__"
_CALL = "__call__"
_GIVING_NONE = (
    abs, all, any, bool, complex, divmod, float, hash, id, int, isinstance, issubclass, len, ord, print, range, repr,
    round, str, sum, type,
)  # fmt: skip
"""Functions whose results neither are dicts nor hold any."""
_ASKING_KEYS = (max, min, sorted)
"""Functions that give a `key` the items of what they are given, or what they are given themselves."""


def may_fill(function: Any, kinds: Iterable[Kind] = ()) -> bool:
    """Whether a program may come upon a dict that fills itself as it is read.

    Args:
        function: the program.
        kinds: of what it is given.

    >>> may_fill(lambda x: defaultdict(int)[x]), may_fill(lambda x: {}[x])
    (True, False)
    """
    plain, given = unbound(function)
    # What is installed is looked into where it is what is differentiated.
    names, around = mentions_of(plain) if isinstance(plain, FunctionType) else (frozenset(), [])
    found = [*around, *given, function]
    if defaultdict.__name__ in names or any(map(_fills, objects_mentioned(found))):
        return True
    return defaultdict.__name__ in names_mentioned(found) or any(map(_is_given, kinds))


def _is_given(kind: Kind) -> bool:
    """Whether an argument holds such a dict, in an object, or an object that is not looked into."""
    if kind.cls is not None and _fills(kind.cls):
        return True
    is_unseen = kind.family == "other" and kind.value is NO_VALUE and kind.cls is None
    return is_unseen or any(_is_given(item) for _, item in kind.items or ())


def _is_filling(value: Any) -> bool:
    """Whether an object gets items by being read."""
    return isinstance(value, defaultdict)


def _fills(value: Any) -> bool:
    """Whether an object, or the objects of a class, get items by being read."""
    return _is_filling(value) or (isinstance(value, type) and issubclass(value, defaultdict))


def may_hold_filling(kind: Kind) -> bool:
    """Whether something of a kind may be, or hold, a dict that fills itself.

    >>> from tangent_sct.core.kind import FLOAT, UNKNOWN
    >>> may_hold_filling(FLOAT), may_hold_filling(UNKNOWN), may_hold_filling(Kind("other", cls=defaultdict))
    (False, True, True)
    """
    if kind.family in ("unknown", "other"):
        return kind.value is NO_VALUE and (kind.cls is None or _fills(kind.cls))
    held = [item for _, item in kind.items or ()] + ([] if kind.element is None else [kind.element])
    return any(map(may_hold_filling, held))


def settled_by_kind(
    function: gast.FunctionDef,
    objects: Mapping[str, Any],
    kind_of: Callable[[gast.AST], Kind],
    given: Iterable[str],
) -> list[gast.AST]:
    """A program in which kinds say what is read by a method, since it may be such a dict.

    What may carry a derivative is read by subscripts until kinds are known: mostly it is an array.

    Args:
        function: a program in single assignment.
        objects: what its free names mean.
        kind_of: the kind of an expression.
        given: parameters that surely neither are such dicts nor hold any.

    Returns:
        The body; the very same list where nothing changes.

    Raises:
        UnsupportedError: where an item is read inside of an expression, so that it is not known what is read before.
    """

    given_to_keys = _read_by_keys(function.body, objects, kind_of)

    def may_fill_itself(owner: gast.AST) -> bool:
        if id(_root(owner)) in given_to_keys:
            return False
        kind = kind_of(owner)
        is_known = kind.cls is not None and not _fills(kind.cls)
        return kind.family in ("unknown", "other") and kind.value is NO_VALUE and not is_known

    body = _plain(function.body, lambda owner: not may_fill_itself(owner))
    filling = _Filling(function, objects, lambda _: False, given)

    found: dict[int, gast.Subscript] = {}
    for node in tree.every_statement(body):
        parts = [item for part in tree.own_parts(node) for item in tree.walk(part)]
        reads = [item for item in filling.reads(parts) if may_fill_itself(item.value)]
        if reads and (len(reads) > 1 or not isinstance(node, gast.Assign) or node.value is not reads[0]):
            raise UnsupportedError(
                f"`{tree.text(reads[0])}` may put an item into a defaultdict, and is read inside of an expression",
                tree.origin_of(node),
                "read it in a statement of its own",
            )
        found.update((id(item), item) for item in reads)
    return tree.all_replaced(body, lambda item: _by_method(item) if id(item) in found else None)


def _read_by_keys(
    body: list[gast.AST], objects: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]
) -> set[int]:
    """The names by which the `key` of `max` and its like reads what it is given, where that holds no such dict: ids.

    >>> from tangent_sct.core.kind import FLOAT
    >>> items = Kind("list", element=Kind("tuple", items=((0, FLOAT),)))
    >>> written = tree.statements("key = lambda p: p[0]; m = max(rows, key=key)")
    >>> len(_read_by_keys(written, {"max": max}, lambda node: items))
    1
    """
    asked: Counter[str] = Counter()
    mentioned: Counter[str] = Counter()
    functions: dict[str, gast.AST] = {}
    for item in (part for statement in body for part in tree.walk(statement)):
        if isinstance(item, gast.Name) and type(item.ctx) is gast.Load:
            mentioned[item.id] += 1
        elif isinstance(item, gast.FunctionDef):
            functions[item.name] = item
        elif isinstance(item, gast.Assign) and isinstance(item.value, gast.Lambda):
            functions.update((target.id, item.value) for target in item.targets if isinstance(target, gast.Name))
        elif isinstance(item, gast.Call) and is_one_of(meaning(item.func, objects), _ASKING_KEYS):
            keys = (keyword.value for keyword in item.keywords if keyword.arg == "key")
            if item.args and not any(may_hold_filling(kind_of(argument)) for argument in item.args):
                asked.update(key.id for key in keys if isinstance(key, gast.Name))
    found = {name: function for name, function in functions.items() if 0 < asked[name] == mentioned[name]}
    return {id(name) for function in found.values() for name in _read_by(function)}


def _read_by(function: gast.AST) -> Iterator[gast.AST]:
    """The names by which a function reads its only parameter."""
    parameters = tree.parameter_names(function)
    body = [function.body] if isinstance(function, gast.Lambda) else function.body
    parts = [part for node in body for part in tree.walk(node)]
    if len(parameters) == 1 and not any(isinstance(part, tree.BINDERS) for part in parts):
        yield from (part for part in parts if tree.is_name(part, parameters[0]))


def _root(owner: gast.AST) -> gast.AST:
    """What an item is read of, or of what it is read of by methods."""
    while isinstance(owner, (gast.Attribute, gast.Subscript, gast.Call)):
        owner = owner.func if isinstance(owner, gast.Call) else owner.value
    return owner


def with_filling_called(
    node: gast.FunctionDef, source: Source, is_active: Callable[[gast.AST], bool], given: Iterable[str]
) -> gast.FunctionDef:
    """A function that reads items by a method, where that may put them there.

    Args:
        node: the function.
        source: where it stands.
        is_active: whether an expression may carry a derivative.
        given: parameters that surely neither are such dicts nor hold any.

    Returns:
        The very same function where it reads none.
    """
    return _Filling(node, Lookup(source), is_active, given).written()


def plainly_read(body: list[gast.AST]) -> list[gast.AST]:
    """A program that reads no items, and calls no functions, by a method any more.

    >>> print(tree.text(plainly_read(tree.statements("n = counts.__getitem__(k) + look.__call__(counts)"))))
    n = counts[k] + look(counts)
    """

    def change(item: gast.AST) -> gast.AST | None:
        if type(item) is not gast.Call or type(item.func) is not gast.Attribute or item.func.attr != _CALL:
            return None
        return gast.Call(item.func.value, item.args, item.keywords)

    return tree.all_replaced(_plain(body, lambda owner: True), change)


def _plain(body: list[gast.AST], is_plain: Callable[[gast.AST], bool]) -> list[gast.AST]:
    """Statements in which items of some things are read by subscripts, not by a method."""

    def change(item: gast.AST) -> gast.AST | None:
        is_read = type(item) is gast.Call and type(item.func) is gast.Attribute and item.func.attr == _READ
        if not is_read or len(item.args) != 1 or item.keywords or type(item.args[0]) is gast.Starred:
            return None
        return tree.subscript(item.func.value, item.args[0]) if is_plain(item.func.value) else None

    return tree.all_replaced(body, change)


class _Filling:
    """One function, with the names in it that may mean a dict that fills itself, or what holds one."""

    def __init__(
        self,
        node: gast.FunctionDef,
        free: Mapping[str, Any],
        is_active: Callable[[gast.AST], bool],
        given: Iterable[str],
    ) -> None:
        self._is_active = is_active
        self._free = free
        # What functions inside bind is taken for such a dict.
        inner = _bound_deeper(node)
        self._own = {*bound_names(node), *inner}
        self._node = self._with_subscripts(node)
        seeds = {*tree.parameter_names(node), *inner}.difference(given)
        for item in _parts(node):
            seeds.update(self._begun(item))
        self._holding = active_names(node, seeds, self._gives_none) | inner

    def _with_subscripts(self, node: gast.FunctionDef) -> gast.FunctionDef:
        """The function with `a[i]` for `operator.getitem(a, i)`."""

        def change(item: gast.AST) -> gast.AST | None:
            return operated(item, self._meaning(item.func)) if type(item) is gast.Call else None

        body = tree.all_replaced(node.body, change)
        return node if body is node.body else tree.like(tree.function(node.name, node.args, body, node.returns), node)

    def _begun(self, item: gast.AST) -> Iterator[str]:
        """The names that a node gives what it has from outside, or makes."""
        if isinstance(item, gast.Assign):
            targets, value = item.targets, item.value
        elif isinstance(item, (gast.AnnAssign, gast.AugAssign, gast.NamedExpr)):
            targets, value = [item.target], item.value
        elif isinstance(item, (gast.For, gast.comprehension)):
            targets, value = [item.target], item.iter
        elif isinstance(item, gast.withitem):
            targets, value = [item.optional_vars], item.context_expr
        else:
            return
        if value is not None and any(map(self._is_source, tree.walk(value))):
            yield from (name for target in targets if target is not None for name in _roots(target))

    def _is_source(self, part: gast.AST) -> bool:
        """Whether an expression may give a dict that fills itself whatever variables mean."""
        if isinstance(part, (gast.Name, gast.Attribute)):
            return root_name(part) not in self._own and self._may_give(part)
        if not isinstance(part, gast.Call):
            return False
        function = self._meaning(part.func)
        if function is MISSING:
            return not isinstance(part.func, gast.Attribute)
        return _fills(function) or not is_library(getattr(function, "__module__", None))

    def _may_give(self, owner: gast.AST) -> bool:
        """Whether what an expression has from outside may be or hold such a dict."""
        value = _outside(owner, self._free)
        if isinstance(value, FunctionType):
            return any(map(_fills, objects_mentioned(vars(value).values())))
        return any(map(_is_filling, objects_mentioned([value])))

    def _meaning(self, function: gast.AST) -> Any:
        return MISSING if root_name(function) in self._own else meaning(function, self._free)

    def _gives_none(self, function: gast.AST) -> bool:
        """Whether a function surely gives no such dict, and nothing that holds one."""
        found = self._meaning(function)
        top = getattr(found, "__module__", None) or ""
        is_numeric = isinstance(found, np.ufunc) or found is np or top.partition(".")[0] in ("numpy", math.__name__)
        return found is not MISSING and (is_numeric or is_one_of(found, _GIVING_NONE))

    def written(self) -> gast.FunctionDef:
        """The function with such readings as calls."""
        self._refuse_unseen()
        parts = list(_parts(self._node))
        found = {id(item) for item in [*self.reads(parts), *filter(self._may_read, parts)]}
        if not found:
            return self._node
        new = tree.copy(self._node)
        for item, copied in zip(parts, list(_parts(new)), strict=True):
            copied.puts = id(item) in found
        body = [tree.like(tree.replaced(statement, _called), statement) for statement in new.body]
        return tree.like(tree.function(new.name, new.args, body, new.returns), new)

    def reads(self, parts: list[gast.AST]) -> list[gast.AST]:
        """The nodes that read an item, which may put it there."""
        kept = {id(place) for item in parts for place in _written_into(item)}
        return [item for item in parts if id(item) not in kept and self._may_put(item)]

    def _may_put(self, item: gast.AST) -> bool:
        """Whether a node reads an item, which may put it there."""
        if type(item) is not gast.Subscript or type(item.ctx) is not gast.Load or type(item.slice) is gast.Slice:
            return False
        return self._may_hold(item.value)

    def _may_read(self, item: gast.AST) -> bool:
        """Whether a node calls a function of the user's that may read items of such a dict."""
        if type(item) is not gast.Call or self._is_active(item):
            return False
        function = self._meaning(item.func)
        if not isinstance(function, FunctionType) or is_library(function.__module__):
            return False
        given = [*item.args, *(keyword.value for keyword in item.keywords)]
        return any(map(self._may_hold, given)) or any(map(_is_filling, objects_mentioned([function])))

    def _may_hold(self, owner: gast.AST) -> bool:
        """Whether something may be such a dict, or hold one, and carries no derivative."""
        root = root_name(owner)
        if root is None:
            may = any(map(self._is_source, tree.walk(owner)))
        else:
            may = root in self._holding if root in self._own else self._may_give(owner)
        return may and not self._is_active(owner)

    def _refuse_unseen(self) -> None:
        """Refuse what reads items where neither a subscript nor a call of its own is seen."""
        for statement in tree.every_statement(self._node.body):
            for item in tree.walk(statement):
                if self._reads_unseen(item):
                    raise UnsupportedError(
                        "what may be a defaultdict is read where no item is seen to be read, which may put one there",
                        tree.origin_of(statement),
                        "read the items by `d[k]`",
                    )

    def _reads_unseen(self, item: gast.AST) -> bool:
        """Whether a text is filled in from such a dict by its keys, or the function that reads items is handed on."""
        if isinstance(item, gast.BinOp) and isinstance(item.op, gast.Mod):
            return _has(item.left, "%(") and self._may_hold(item.right)
        if not isinstance(item, gast.Call):
            return False
        if isinstance(item.func, gast.Attribute) and item.func.attr == "format" and _has(item.func.value, "["):
            return any(map(self._may_hold, [*item.args, *(keyword.value for keyword in item.keywords)]))
        return any(self._meaning(argument) is operator.getitem for argument in item.args)


def _outside(owner: gast.AST, free: Mapping[str, Any]) -> Any:
    """The object from outside that a part is taken of, as far as attributes tell which; None where there is none.

    >>> from types import SimpleNamespace
    >>> _outside(tree.expression("model.tables[0].w"), {"model": SimpleNamespace(tables=[1])})
    [1]
    """
    path: list[gast.AST] = []
    while isinstance(owner, (gast.Attribute, gast.Subscript, gast.Starred)):
        path.append(owner)
        owner = owner.value
    value = free.get(owner.id) if isinstance(owner, gast.Name) else None
    for part in reversed(path):
        if not isinstance(part, gast.Attribute):
            break
        found = inspect.getattr_static(value, part.attr, MISSING)
        if found is MISSING:
            break
        value = found
    return value


def _bound_deeper(node: gast.FunctionDef) -> set[str]:
    """Names that are bound in functions inside of a function."""
    found: set[str] = set()
    for item in _parts(node):
        if isinstance(item, (gast.FunctionDef, gast.Lambda)):
            found.update(parameter.id for parameter in tree.every_parameter(item.args))
            found.update(p.id for p in tree.walk(item) if isinstance(p, gast.Name) and type(p.ctx) is not gast.Load)
    return found


def _parts(node: gast.FunctionDef) -> Iterator[gast.AST]:
    return (part for statement in node.body for part in tree.walk(statement))


def _called(item: gast.AST) -> gast.AST | None:
    """The call that an item is read by, where it may be put there."""
    return _by_method(item) if getattr(item, "puts", False) else None


def _by_method(item: gast.AST) -> gast.Call:
    """The method that reads an item, for a subscript; for a call of a function, that which calls it."""
    if isinstance(item, gast.Subscript):
        read = gast.Call(tree.attribute(item.value, _READ), [item.slice], [])
        read.by_turns = getattr(item, "in_turn", False)
        return read
    return gast.Call(tree.attribute(item.func, _CALL), item.args, item.keywords)


def _has(node: gast.AST, part: str) -> bool:
    """Whether an expression is a text that is written out, and has a part."""
    return isinstance(node, gast.Constant) and isinstance(node.value, str) and part in node.value


def _roots(target: gast.AST) -> Iterator[str]:
    """The names that a target binds, or stores into."""
    if isinstance(target, (gast.Tuple, gast.List)):
        for part in target.elts:
            yield from _roots(part)
    elif (root := root_name(target)) is not None:
        yield root


def _written_into(item: gast.AST) -> Iterator[gast.AST]:
    """The parts of a place, or of the object of a method, that is written into: who writes there reads them."""
    if isinstance(item, (gast.Subscript, gast.Attribute)) and type(item.ctx) is not gast.Load:
        place = item.value
    elif isinstance(item, gast.Call) and isinstance(item.func, gast.Attribute) and item.func.attr in CHANGERS:
        place = item.func.value
    else:
        return
    while isinstance(place, (gast.Subscript, gast.Attribute)):
        yield place
        place = place.value
