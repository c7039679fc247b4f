"""Loops over things, as loops over indices or over what stays the same when run backwards.

A loop over active data becomes a loop over indices, whatever stands around the data: `enumerate`,
`zip`, `reversed`, `map`, a dict's `items`. A loop over inactive data stays, save that an iterator
that can be run through only once is first made a list.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import gast

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.frontend.active import CHANGERS, GROWERS
from tangent_sct.frontend.between import generator_may_write, library_may_write
from tangent_sct.frontend.late import BRIEF, captured_by
from tangent_sct.frontend.namespace import is_library
from tangent_sct.frontend.scope import Scope
from tangent_sct.frontend.subset import refuse

_REPEATABLE = ("range", "list", "tuple", "sorted", "dict", "set", "frozenset", "str", "bytes")
_WRAPPERS = ("enumerate", "zip", "reversed")
_DICT_VIEWS = ("keys", "values", "items")
_DICT_CHANGERS = ("pop", "popitem", "clear", "update", "setdefault")
_ENDLESS = (itertools.cycle, itertools.repeat)
_EAGER = (
    itertools.product, itertools.permutations, itertools.combinations, itertools.combinations_with_replacement,
)  # fmt: skip
"""Functions that list what they are given before they give the first item."""
_ASKING_FIRST = (map, filter, itertools.starmap, itertools.takewhile, itertools.dropwhile, itertools.filterfalse)
"""Those whose first argument is a function that they call for their items."""


@dataclass(frozen=True)
class _View:
    """Something that is looped over, seen as a sequence.

    Attributes:
        before: statements that stand before the loop.
        length: how many items it has.
        item: the item at an index.
    """

    before: list[gast.AST]
    length: gast.AST
    item: Callable[[gast.AST], gast.AST]


def iterated(node: gast.For, scope: Scope, depth: int) -> list[gast.AST] | None:
    """A `for` loop in a form that later passes understand.

    Args:
        node: the loop.
        scope: the function's names.
        depth: number of loops around it.

    Returns:
        Statements that replace it; None if it may stay as it is.

    Raises:
        UnsupportedError: for a loop that cannot be run backwards.
    """
    if not scope.mentions(node.iter):
        return _over_inactive(node, scope)
    keys = _over_keys(node, scope)
    return keys if keys is not None else _over_indices(node, scope, depth)


def may_disturb(node: gast.For, scope: Scope) -> bool:
    """Whether what a loop runs over may change in its body, or what gives an item may write.

    Then it matters when items are computed: before the loop (`list(zip(a, b))`), or in each iteration (`map`).
    """
    # Functions and generators which give its items may read what it assigns.
    if captured_by(node.iter, BRIEF) & _assigned_by(node):
        return True
    parts = [inner for statement in node.body for inner in tree.walk(statement)]
    if any(isinstance(inner, gast.AugAssign) for inner in parts):
        return True
    places = (n for n in parts if isinstance(n, (gast.Subscript, gast.Attribute)))
    if any(not isinstance(place.ctx, gast.Load) for place in places):
        return True
    if any(map(scope.may_write, (*node.body, node.iter))):
        return True
    return any(isinstance(part, gast.Call) and _may_change(part, scope) for part in parts)


def _may_change(call: gast.Call, scope: Scope) -> bool:
    """Whether a method, or a function of a library, may write into something."""
    if isinstance(call.func, gast.Attribute) and call.func.attr in CHANGERS:
        return True
    found = scope.meaning(call.func)
    return found is not None and is_library(getattr(found, "__module__", None)) and library_may_write(call, found)


def refuse_late(node: gast.For, scope: Scope) -> None:
    """Refuse a loop over what is listed before it, where a function or a generator in it reads what the loop assigns.

    Raises:
        UnsupportedError: naming the variable.
    """
    assigned = _assigned_by(node)
    others = {name for name in BRIEF if not scope.is_builtin(tree.load(name), name)}
    pending = [node.iter]
    while pending:
        part = pending.pop()
        if scope.mentions(part) and isinstance(part, gast.Call) and scope.is_builtin(part.func, *_WRAPPERS):
            pending += part.args
        elif not scope.mentions(part) and (late := captured_by(part, others) & assigned):
            refuse("items that read what the loop assigns", part, scope.source, variable=min(late))


def _assigned_by(node: gast.For) -> set[str]:
    return {*tree.names_written(node.target), *tree.names_written(node.body)}


def chosen_in_turn(node: gast.For, scope: Scope) -> gast.For | None:
    """A loop over a generator of one `for`, or over `filter`, as a loop over what it takes its items from.

    So each item is computed when it is its turn, as Python does; None for other loops.

    Raises:
        UnsupportedError: for a generator of several loops that gives active items.
    """
    iterable, body = node.iter, list(node.body)
    if isinstance(iterable, gast.GeneratorExp):
        if len(iterable.generators) != 1:
            if not scope.mentions(iterable):
                return None
            refuse("generator kept in a variable", iterable, scope.source)
        (source,) = iterable.generators
        names = {name: scope.fresh(name, name in scope.active) for name in tree.names_written(source.target)}
        target, source_of_items = tree.rename(source.target, names), source.iter
        tests = [tree.rename(test, names) for test in source.ifs]
        body = [tree.assign(node.target, tree.rename(iterable.elt, names)), *body]
    elif (
        isinstance(iterable, gast.Call)
        and scope.is_builtin(iterable.func, "filter")
        and len(iterable.args) == 2
        and isinstance(node.target, gast.Name)
    ):
        function, source_of_items = iterable.args
        target, given = node.target, tree.load(node.target.id)
        parameters = list(tree.every_parameter(function.args)) if isinstance(function, gast.Lambda) else []
        if tree.is_constant(function, None):
            tests = [given]
        elif len(parameters) == 1 and function.args.args and not function.args.defaults:
            tests = [tree.substitute(function.body, {str(parameters[0].id): given})]
        else:
            tests = [gast.Call(function, [given], [])]
    else:
        return None
    skips = [tree.if_(gast.UnaryOp(gast.Not(), test), [gast.Continue()]) for test in tests]
    return tree.like(gast.For(target, source_of_items, [*skips, *body], node.orelse, None), node)


def counted(node: gast.For, scope: Scope) -> list[gast.AST] | None:
    """A loop over `itertools.count(...)` as one that counts itself; None for other loops."""
    call = node.iter
    if not isinstance(call, gast.Call) or scope.meaning(call.func) is not itertools.count:
        return None
    given = {"start": tree.const(0), "step": tree.const(1)}
    given.update(zip(given, call.args, strict=False))
    given.update((k.arg, k.value) for k in call.keywords)
    names = {}
    before: list[gast.AST] = []
    for word, value in given.items():
        if word == "step" and isinstance(value, gast.Constant):
            continue
        names[word] = scope.fresh("count" if word == "start" else word, scope.mentions(call))
        before.append(tree.assign(names[word], value))
    step = tree.load(names["step"]) if "step" in names else given["step"]
    start = names["start"]
    body = [
        tree.assign(node.target, tree.load(start)),
        tree.assign(start, tree.binary(tree.load(start), "+", step)),
        *node.body,
    ]
    loop = tree.while_(tree.const(True), body)
    loop.orelse = list(node.orelse)
    return [*before, loop]


# -- inactive iterables -----------------------------------------------------------------------


def _over_inactive(node: gast.For, scope: Scope) -> list[gast.AST] | None:
    before: list[gast.AST] = []
    iterable = _plain_arguments(node.iter, scope, before)
    if not _is_repeatable(iterable, scope) and not (_is_followed(iterable, scope) and may_disturb(node, scope)):
        is_lazy = _is_lazy(iterable, scope)
        if is_lazy and (
            _may_be_left(node.body)
            or _gives_groups(iterable, scope)
            or generator_may_write(iterable, scope.meaning)
            or (scope.in_turn and may_disturb(node, scope))
        ):
            # Its items are computed in turn, from what the body, or what gives them, may have changed by then.
            loop = tree.like(gast.For(node.target, iterable, node.body, node.orelse, None), node)
            loop.in_turn = True
            return [*before, _with_plain_target(loop, scope)]
        meaning = scope.meaning(getattr(iterable, "func", iterable))
        if any(meaning is endless for endless in _ENDLESS):
            refuse("endless iterator", iterable, scope.source)
        name = scope.fresh(_plural(iterable), active=False)
        items = tree.assign(name, _as_tuple(iterable) if _is_reversed(iterable, scope) else _as_list(iterable))
        # Whether that is another program is decided when it is known which names share memory.
        items.listed = is_lazy
        before.append(items)
        iterable = tree.load(name)
    if iterable is node.iter and _is_plain_target(node.target):
        return None
    loop = tree.like(gast.For(node.target, iterable, node.body, node.orelse, None), node)
    return [*before, _with_plain_target(loop, scope)]


def _may_be_left(body: list[gast.AST]) -> bool:
    """Whether the body of a loop may leave it before its end."""
    for node in body:
        if isinstance(node, (gast.Break, gast.Return)):
            return True
        blocks = (node.orelse,) if type(node) in tree.LOOPS else tree.inner_blocks(node)
        if any(map(_may_be_left, blocks)):
            return True
    return any(isinstance(inner, gast.Return) for inner in tree.every_statement(body))


def _with_plain_target(node: gast.For, scope: Scope) -> gast.For:
    """A loop whose target is a name, or a tuple of names."""
    if _is_plain_target(node.target):
        return node
    item = scope.fresh("item", active=False)
    node.body = [tree.assign(node.target, tree.load(item)), *node.body]
    node.target = tree.store(item)
    return node


def _is_plain_target(target: gast.AST) -> bool:
    if isinstance(target, gast.Tuple):
        return all(map(_is_plain_target, target.elts))
    return isinstance(target, gast.Name)


def _is_repeatable(iterable: gast.AST, scope: Scope) -> bool:
    """Whether looping over it twice gives the same items."""
    if isinstance(iterable, gast.Call):
        function = iterable.func
        if scope.is_builtin(function, *_WRAPPERS):
            return all(_is_repeatable(argument, scope) for argument in iterable.args)
        if scope.is_builtin(function, *_REPEATABLE):
            return True
        module = getattr(scope.meaning(function), "__module__", None) or ""
        return module.split(".")[0] == "numpy" and not isinstance(scope.meaning(function), type)
    return not isinstance(iterable, (gast.GeneratorExp, gast.Starred))


def _gives_groups(iterable: gast.AST, scope: Scope) -> bool:
    """Whether the items are groups of `groupby`: each is empty as soon as it is the turn of the next one."""
    if not isinstance(iterable, gast.Call):
        return False
    if scope.is_builtin(iterable.func, *_WRAPPERS):
        return any(_gives_groups(argument, scope) for argument in iterable.args)
    return scope.meaning(iterable.func) is itertools.groupby


def _is_followed(iterable: gast.AST, scope: Scope) -> bool:
    """Whether an iterable has no items of its own, but gives those that its object has when it is their turn.

    What lists them beforehand misses what the loop's body changes.
    """
    if not isinstance(iterable, gast.Call) or iterable.keywords:
        return not isinstance(iterable, (gast.Call, gast.GeneratorExp, gast.Starred))
    if scope.is_builtin(iterable.func, *_WRAPPERS):
        return all(_is_followed(argument, scope) or _is_repeatable(argument, scope) for argument in iterable.args)
    return dict_view(iterable) is not None


def _plain_arguments(iterable: gast.AST, scope: Scope, before: list[gast.AST]) -> gast.AST:
    """`enumerate` and `zip` without keyword arguments."""
    if not isinstance(iterable, gast.Call) or not scope.is_builtin(iterable.func, *_WRAPPERS):
        return iterable
    args = [_plain_arguments(argument, scope, before) for argument in iterable.args]
    if args == iterable.args and not iterable.keywords:
        return iterable
    for keyword in iterable.keywords:
        if keyword.arg == "start":
            args.append(keyword.value)
        elif keyword.arg == "strict" and not tree.is_constant(keyword.value, False):
            args = _with_lengths(args, scope, before)
            before.extend(_check_lengths([tree.call("len", tree.copy(argument)) for argument in args]))
    return gast.Call(iterable.func, args, [])


def _with_lengths(args: list[gast.AST], scope: Scope, before: list[gast.AST]) -> list[gast.AST]:
    """What `zip(..., strict=True)` is given, as what may be asked for its length and then run through.

    All of it is evaluated first, from left to right; then what iterators give is listed.
    """
    found = [_evaluated(argument, scope, before) for argument in args]
    for place, argument in enumerate(found):
        if _gives_iterator(argument, scope):
            name = scope.fresh("items", active=False)
            items = tree.assign(name, _as_list(argument))
            items.listed = True
            before.append(items)
            found[place] = tree.load(name)
    return found


def _evaluated(argument: gast.AST, scope: Scope, before: list[gast.AST]) -> gast.AST:
    """An argument, whose value has a name where it is more than one; of an iterator what it goes through has."""
    if isinstance(argument, gast.GeneratorExp):
        first, *others = argument.generators
        source = _evaluated(first.iter, scope, before)
        first = gast.comprehension(first.target, source, first.ifs, first.is_async)
        return gast.GeneratorExp(argument.elt, [first, *others])
    is_call = isinstance(argument, gast.Call)
    if is_call and (_gives_iterator(argument, scope) or scope.is_builtin(argument.func, "range")):
        return gast.Call(argument.func, [_evaluated(a, scope, before) for a in argument.args], argument.keywords)
    if tree.is_atom(argument) or isinstance(argument, (gast.Lambda, gast.Starred)) or dict_view(argument) is not None:
        return argument
    if isinstance(argument, gast.Attribute) and scope.meaning(argument) is not None:
        return argument
    name = scope.fresh(_plural(argument), active=False)
    before.append(tree.assign(name, argument))
    return tree.load(name)


def _is_lazy(iterable: gast.AST, scope: Scope) -> bool:
    """Whether the items of an iterable may be computed when it is their turn, and not before."""
    if not isinstance(iterable, gast.Call) or _is_reversed(iterable, scope):
        return isinstance(iterable, gast.GeneratorExp)
    return not is_one_of(scope.meaning(iterable.func), _EAGER)


def _is_reversed(iterable: gast.AST, scope: Scope) -> bool:
    return isinstance(iterable, gast.Call) and scope.is_builtin(iterable.func, "reversed")


def _as_tuple(iterable: gast.AST) -> gast.AST:
    """What nobody can write into, so that a loop over it can be run backwards whatever its body writes."""
    return tree.call("tuple", iterable)


def _as_list(iterable: gast.AST) -> gast.AST:
    if isinstance(iterable, gast.GeneratorExp):
        return gast.ListComp(iterable.elt, iterable.generators)
    return tree.call("list", iterable)


def _plural(iterable: gast.AST) -> str:
    """A name for a list of the items."""
    if isinstance(iterable, gast.Call) and isinstance(iterable.func, gast.Attribute):
        if iterable.func.attr in _DICT_VIEWS:
            return str(iterable.func.attr)
    return "items"


# -- dicts ------------------------------------------------------------------------------------


def _over_keys(node: gast.For, scope: Scope) -> list[gast.AST] | None:
    """A loop over an active dict, as one over its keys."""
    iterable, order = node.iter, _order_of_items(node.iter, scope)
    if order is None and not (isinstance(iterable, gast.Call) and scope.is_builtin(iterable.func, "list", "tuple")):
        return _by_keys(iterable, node, scope)
    listed = iterable.args[0] if len(iterable.args) == 1 else iterable
    view = dict_view(listed)
    if view is None or view[1] == "keys" or not _may_replace_items(node, scope):
        return _by_keys(listed, node, scope, order)
    # The items as they are before the loop, whatever it puts in their place.
    name = scope.fresh("items", scope.mentions(view[0]))
    before = tree.assign(name, gast.Call(tree.attribute(view[0], "copy"), [], []))
    copied = gast.Call(tree.attribute(tree.load(name), view[1]), [], [])
    return [before, *(_by_keys(copied, node, scope, order) or [])]


def _by_keys(
    iterable: gast.AST, node: gast.For, scope: Scope, order: list[gast.AST] | None = None
) -> list[gast.AST] | None:
    """A loop over the keys of a dict, in their order as `sorted` gives it with some keywords if these are given."""
    view = dict_view(iterable)
    if view is None:
        has_place = isinstance(iterable, (gast.Name, gast.Subscript, gast.Attribute))
        if has_place and _is_looped_by_key(iterable, node, scope):
            if isinstance(node.target, gast.Name):
                return _key_loop(iterable, node.target, [], node, scope)
            # Keys that are tuples are taken apart.
            key = tree.store(scope.fresh("key", active=False))
            body = [tree.assign(node.target, tree.load(key.id)), *node.body]
            loop = tree.like(gast.For(key, iterable, body, node.orelse, None), node)
            return _key_loop(iterable, key, [], loop, scope)
        return None
    mapping, which = view
    if which == "items" and isinstance(node.target, gast.Tuple) and len(node.target.elts) == 2:
        key, value = node.target.elts
        if isinstance(key, gast.Name):
            return _key_loop(mapping, key, [value], node, scope, order=order)
    key = tree.store(scope.fresh("key", active=False))
    if which == "items":
        return _key_loop(mapping, key, [node.target], node, scope, pair=True, order=order)
    return _key_loop(mapping, key, [node.target], node, scope)


def _order_of_items(iterable: gast.AST, scope: Scope) -> list[gast.AST] | None:
    """The keywords of `sorted(d.items(), ...)`, which is in the order of the keys, as no two of them are equal."""
    if not isinstance(iterable, gast.Call) or not scope.is_builtin(iterable.func, "sorted"):
        return None
    view = dict_view(iterable.args[0]) if len(iterable.args) == 1 else None
    is_by_key = view is not None and view[1] == "items" and all(k.arg == "reverse" for k in iterable.keywords)
    return list(iterable.keywords) if is_by_key else None


def _may_replace_items(node: gast.For, scope: Scope) -> bool:
    """Whether the body of a loop over a dict may replace items other than that whose turn it is.

    Arrays that are written in place are the same arrays in a copy of the dict.
    """
    key = node.target.elts[0] if isinstance(node.target, gast.Tuple) else None
    own = key.id if isinstance(key, gast.Name) else ""
    parts = [inner for statement in node.body for inner in tree.walk(statement)]
    stores = [n for n in parts if isinstance(n, gast.Subscript) and not isinstance(n.ctx, gast.Load)]
    if own in tree.names_written(node.body) or not all(tree.is_name(store.slice, own) for store in stores):
        return True
    calls = [n.func for n in parts if isinstance(n, gast.Call)]
    changes = any(isinstance(f, gast.Attribute) and f.attr in _DICT_CHANGERS for f in calls)
    return changes or any(map(scope.may_write, node.body)) or any(
        isinstance(n, gast.AugAssign) and isinstance(n.op, gast.BitOr) for n in parts
    )


def dict_view(iterable: gast.AST) -> tuple[gast.AST, str] | None:
    """`d` and `"items"` for `d.items()`."""
    if isinstance(iterable, gast.Call) and isinstance(iterable.func, gast.Attribute):
        if iterable.func.attr in _DICT_VIEWS and not iterable.args:
            return iterable.func.value, iterable.func.attr
    return None


def _is_looped_by_key(iterable: gast.AST, node: gast.For, scope: Scope) -> bool:
    """Whether `for k in d` goes over keys: `d` is made as a dict here, or `d[k]` is used."""
    if isinstance(iterable, gast.Name) and scope.is_dict(iterable.id):
        return True
    if not isinstance(node.target, gast.Name):
        return False
    return any(
        isinstance(inner, gast.Subscript)
        and tree.same(inner.value, iterable)
        and tree.is_name(inner.slice, node.target.id)
        for statement in node.body
        for inner in tree.walk(statement)
    )


def _key_loop(
    mapping: gast.AST,
    key: gast.AST,
    values: list[gast.AST],
    node: gast.For,
    scope: Scope,
    pair: bool = False,
    order: list[gast.AST] | None = None,
) -> list[gast.AST]:
    """`for key in list(mapping.keys())`, or in a sorted list, each value read at the top of the body."""
    before, mapping = _held(mapping, node, scope)
    keys = scope.fresh("keys", active=False)
    every = tree.call(tree.attribute(tree.copy(mapping), "keys"))
    listed = tree.call("list", every) if order is None else gast.Call(tree.load("sorted"), [every], order)
    before.append(tree.assign(keys, listed))
    body: list[gast.AST] = []
    for target in values:
        read: gast.AST = tree.subscript(tree.copy(mapping), tree.load(key.id))
        if pair:
            read = tree.tuple_of([tree.load(key.id), read])
        body.append(tree.assign(target, read))
    body += node.body
    loop = gast.For(tree.store(key.id), tree.load(keys), body, node.orelse, None)
    return [*before, tree.like(loop, node)]


# -- sequences --------------------------------------------------------------------------------


def _over_indices(node: gast.For, scope: Scope, depth: int) -> list[gast.AST]:
    for helper in ("range", "len", "min"):
        if not scope.is_builtin(tree.load(helper), helper):
            refuse("shadowed builtin", node, scope.source, builtin=helper)
    iterable, backwards = node.iter, False
    if isinstance(iterable, gast.Call) and scope.is_builtin(iterable.func, "reversed"):
        iterable, backwards = iterable.args[0], True
    target = node.target
    view = _view(iterable, node, scope)
    if backwards:
        view = _from_the_end(view)
    index = _own_index(iterable, target, scope)
    if index is None:
        index = scope.index(depth)
    body = [*_assigned(target, view.item(tree.load(index)), index), *node.body]
    indices = tree.call("range", view.length)
    if backwards:
        indices = tree.call("reversed", indices)
    loop = gast.For(tree.store(index), indices, body, node.orelse, None)
    return [*view.before, tree.like(loop, node)]


def _own_index(iterable: gast.AST, target: gast.AST, scope: Scope) -> str | None:
    """The user's own index in `for i, x in enumerate(xs)`."""
    if not isinstance(iterable, gast.Call) or not scope.is_builtin(iterable.func, "enumerate"):
        return None
    if len(iterable.args) != 1 or iterable.keywords or not isinstance(target, gast.Tuple):
        return None
    if len(target.elts) != 2 or not isinstance(target.elts[0], gast.Name):
        return None
    name = target.elts[0].id
    return None if name in tree.names_written(target.elts[1]) else name


def _assigned(target: gast.AST, item: gast.AST, index: str) -> list[gast.AST]:
    """The targets of a loop, taken from the item of this iteration."""
    if isinstance(target, (gast.Tuple, gast.List)) and isinstance(item, gast.Tuple):
        if len(target.elts) == len(item.elts) and not any(
            isinstance(part, gast.Starred) for part in target.elts
        ):
            pairs = zip(target.elts, item.elts, strict=True)
            return [s for part, value in pairs for s in _assigned(part, value, index)]
    if tree.is_name(target, index) and tree.is_name(item, index):
        return []
    return [tree.assign(target, item)]


def _makes_iterator(node: gast.AST, scope: Scope) -> bool:
    """Whether an expression calls what makes an iterator, which has no length."""
    if not isinstance(node, gast.Call):
        return False
    made = scope.meaning(node.func)
    return is_one_of(made, (itertools.chain.from_iterable,)) or (isinstance(made, type) and hasattr(made, "__next__"))


def _gives_iterator(node: gast.AST, scope: Scope) -> bool:
    """Whether what an expression gives may be an iterator, which has no length and is run through once."""
    if isinstance(node, gast.Name):
        return node.id in scope.iterators
    is_generator = isinstance(node, gast.Call) and inspect.isgeneratorfunction(scope.meaning(node.func))
    return is_generator or isinstance(node, gast.GeneratorExp) or _makes_iterator(node, scope)


def _view(iterable: gast.AST, node: gast.For, scope: Scope) -> _View:
    is_spread = isinstance(iterable, gast.Call) and any(isinstance(item, gast.Starred) for item in iterable.args)
    if isinstance(iterable, gast.Call) and not is_spread:
        function = iterable.func
        if scope.is_builtin(function, "enumerate"):
            return _enumerated(iterable, node, scope)
        if scope.is_builtin(function, "zip"):
            return _zipped(iterable, node, scope)
        if scope.is_builtin(function, "reversed"):
            return _reversed(_from_the_end(_view(iterable.args[0], node, scope)))
        if scope.is_builtin(function, "map"):
            return _mapped(iterable, node, scope)
        if scope.is_builtin(function, "range"):
            return _ranged(iterable)
        if scope.is_builtin(function, "list", "tuple") and len(iterable.args) == 1:
            if _is_wrapper(iterable.args[0], scope):
                return _view(iterable.args[0], node, scope)
    if _gives_groups(iterable, scope):
        refuse("groups beside active data", iterable, scope.source)
    if tree.is_one_of(iterable, scope.only_iterators):
        refuse("iterator taken by index", iterable, scope.source, variable=iterable.id)
    if _makes_iterator(iterable, scope) or (not scope.mentions(iterable) and not _is_indexable(iterable)):
        iterable = _as_list(iterable)
    before, sequence = _held(iterable, node, scope)
    length = tree.call("len", sequence)
    # It may be an object that says itself what it runs through.
    length.unpacked = True
    return _View(
        before,
        length,
        lambda index: _taken_in_turn(sequence, index),
    )


def _taken_in_turn(sequence: gast.AST, index: gast.AST) -> gast.AST:
    """The item a loop has come to; marked, since a dict must not be read in this way."""
    item = tree.subscript(tree.copy(sequence), index)
    item.in_turn = True
    return item


def _is_wrapper(iterable: gast.AST, scope: Scope) -> bool:
    return isinstance(iterable, gast.Call) and scope.is_builtin(iterable.func, *_WRAPPERS, "map")


def _is_indexable(iterable: gast.AST) -> bool:
    return isinstance(
        iterable, (gast.Name, gast.Attribute, gast.Subscript, gast.Tuple, gast.List, gast.ListComp)
    )


def _held(iterable: gast.AST, node: gast.For, scope: Scope) -> tuple[list[gast.AST], gast.AST]:
    """A name for what is looped over: its own if the loop does not give it another meaning."""
    if isinstance(iterable, gast.Name):
        _refuse_growth(iterable, node, scope)
        if iterable.id not in tree.names_written([node.target, *node.body]):
            return [], iterable
    active = scope.mentions(iterable)
    name = scope.fresh("items", active)
    value = _as_list(iterable) if isinstance(iterable, gast.GeneratorExp) else iterable
    return [tree.assign(name, value)], tree.load(name)


def _refuse_growth(iterable: gast.Name, node: gast.For, scope: Scope) -> None:
    for statement in node.body:
        for inner in tree.walk(statement):
            if isinstance(inner, gast.Call) and isinstance(inner.func, gast.Attribute):
                if inner.func.attr in GROWERS and tree.is_name(inner.func.value, iterable.id):
                    refuse("list that grows", inner, scope.source)


def _plus(index: gast.AST, start: gast.AST) -> gast.AST:
    return index if tree.is_constant(start, 0) else tree.binary(index, "+", start)


def _enumerated(iterable: gast.Call, node: gast.For, scope: Scope) -> _View:
    inner = _view(iterable.args[0], node, scope)
    starts = [*iterable.args[1:], *(keyword.value for keyword in iterable.keywords)]
    start = starts[0] if starts else tree.const(0)
    if not tree.is_constant(start):
        name = scope.fresh("start", active=False)
        inner = replace(inner, before=[*inner.before, tree.assign(name, start)])
        start = tree.load(name)

    def item(index: gast.AST) -> gast.AST:
        return tree.tuple_of([_plus(tree.copy(index), tree.copy(start)), inner.item(index)])

    return replace(inner, item=item)


def _zipped(iterable: gast.Call, node: gast.For, scope: Scope) -> _View:
    _refuse_acting(iterable, scope)
    if len(iterable.args) > 1 and any(_comes_in_turn(part, scope) for part in iterable.args):
        return _in_step(iterable, node, scope)
    views = [_view(part, node, scope) for part in iterable.args]
    before = [statement for view in views for statement in view.before]
    lengths = [view.length for view in views]
    length = lengths[0] if len(lengths) == 1 else tree.call("min", *lengths)
    if any(not tree.is_constant(keyword.value, False) for keyword in iterable.keywords):
        before += _check_lengths([tree.copy(part) for part in lengths])
        length = lengths[0]

    def item(index: gast.AST) -> gast.AST:
        return tree.tuple_of(view.item(tree.copy(index)) for view in views)

    return _View(before, length, item)


def _refuse_acting(iterable: gast.Call, scope: Scope) -> None:
    """Refuse items that are computed in step, where that may do more than compute, and one more is than is taken.

    `zip` learns that one of the others has come to its end after it has taken an item of those before; and what is
    no `map` is listed beforehand, to its own end.

    Raises:
        UnsupportedError: naming what gives them.
    """
    for place, part in enumerate(iterable.args if len(iterable.args) > 1 else ()):
        in_turn = place == len(iterable.args) - 1 and not isinstance(part, gast.GeneratorExp)
        if not in_turn and _may_act(part, scope):
            refuse("items in step that do more than compute", part, scope.source)


def _may_act(part: gast.AST, scope: Scope) -> bool:
    """Whether to take an item of something may do more than compute."""
    if isinstance(part, gast.GeneratorExp):
        return any(isinstance(item, gast.NamedExpr) for item in tree.walk(part)) or scope.acts(part)
    if not isinstance(part, gast.Call):
        return False
    if not _is_wrapper(part, scope) and not _makes_iterator(part, scope):
        return False
    asked = [part.args[place] for place in _asked(part, scope) if place < len(part.args)]
    asked += [keyword.value for keyword in part.keywords if keyword.arg in ("func", "key")]
    calls = [item.body if isinstance(item, gast.Lambda) else gast.Call(item, [], []) for item in asked]
    return any(map(scope.acts, calls)) or any(_may_act(inner, scope) for inner in part.args)


def _asked(call: gast.Call, scope: Scope) -> tuple[int, ...]:
    """At which places an iterator is given the function that it calls for its items."""
    made = scope.meaning(call.func)
    if is_one_of(made, _ASKING_FIRST):
        return (0,)
    return (1,) if is_one_of(made, (itertools.accumulate, itertools.groupby)) else ()


def _comes_in_turn(part: gast.AST, scope: Scope) -> bool:
    """Whether items may come without end, so that they must not be listed by themselves."""
    if tree.is_one_of(part, scope.only_iterators):
        return not scope.mentions(part)
    if not isinstance(part, gast.Call) or scope.mentions(part) or _gives_groups(part, scope):
        return False
    return (
        _makes_iterator(part, scope) and not _is_wrapper(part, scope)
        or inspect.isgeneratorfunction(scope.meaning(part.func))
        or _is_wrapper(part, scope) and any(_comes_in_turn(inner, scope) for inner in part.args)
    )  # fmt: skip


def _in_step(iterable: gast.Call, node: gast.For, scope: Scope) -> _View:
    """A loop over several things, some of which may have no end: these are listed as far as the others go."""
    views = [None if _comes_in_turn(part, scope) else _view(part, node, scope) for part in iterable.args]
    before = [statement for view in views if view is not None for statement in view.before]
    parts = [
        part if view is None else tree.call("range", view.length)
        for part, view in zip(iterable.args, views, strict=True)
    ]
    rows = scope.fresh("rows", active=False)
    before.append(tree.assign(rows, _as_list(gast.Call(iterable.func, parts, iterable.keywords))))

    def item(index: gast.AST) -> gast.AST:
        row = tree.subscript(tree.load(rows), tree.copy(index))
        return tree.tuple_of(
            tree.subscript(tree.copy(row), tree.const(place)) if view is None else view.item(tree.copy(index))
            for place, view in enumerate(views)
        )

    return _View(before, tree.call("len", tree.load(rows)), item)


def _check_lengths(lengths: list[gast.AST]) -> list[gast.AST]:
    """What `zip(..., strict=True)` checks."""
    first, *others = lengths
    if not others:
        return []
    test = gast.Compare(first, [gast.Eq() for _ in others], others)
    error = tree.call("ValueError", tree.const("zip() arguments have different lengths"))
    return [tree.if_(gast.UnaryOp(gast.Not(), test), [gast.Raise(error, None)])]


def _from_the_end(inner: _View) -> _View:
    """Marked, since an object is asked for its length and for items then, or for its `__reversed__`."""

    def item(index: gast.AST) -> gast.AST:
        taken = inner.item(index)
        taken.backwards = True
        return taken

    length = tree.copy(inner.length)
    length.unpacked = False
    return replace(inner, length=length, item=item)


def _reversed(inner: _View) -> _View:
    def item(index: gast.AST) -> gast.AST:
        last = tree.binary(tree.copy(inner.length), "-", tree.const(1))
        return inner.item(tree.binary(last, "-", index))

    return replace(inner, item=item)


def _mapped(iterable: gast.Call, node: gast.For, scope: Scope) -> _View:
    function, *parts = iterable.args
    zipped = _zipped(gast.Call(function, parts, []), node, scope)
    is_steady = isinstance(function, (gast.Name, gast.Attribute, gast.Lambda, gast.Constant))
    if not is_steady or not set(tree.names_read(function)).isdisjoint(tree.names_written([node.target, *node.body])):
        name = scope.fresh("function", scope.mentions(function))
        zipped = replace(zipped, before=[tree.assign(name, function), *zipped.before])
        function = tree.load(name)

    def item(index: gast.AST) -> gast.AST:
        return gast.Call(tree.copy(function), zipped.item(index).elts, [])

    return replace(zipped, item=item)


def _ranged(iterable: gast.Call) -> _View:
    if len(iterable.args) == 1:
        return _View([], tree.copy(iterable.args[0]), lambda index: index)
    return _View(
        [],
        tree.call("len", iterable),
        lambda index: tree.subscript(tree.copy(iterable), index),
    )
