"""Loops over `itertools.groupby`, with each group as a list.

A group is an iterator that is empty once the next one has been asked for: groups cannot be listed as they are.

>>> node = tree.statements('''
... def f(x):
...     for i, (k, g) in enumerate(itertools.groupby(x, key)):
...         print(i, k, sum(g))
... ''')[0]
>>> print(tree.text(with_groups_listed(node, Names(), {"itertools": itertools}.get)))
def f(x):
    for i, (k, g) in enumerate([(key_2, list(group)) for key_2, group in itertools.groupby(x, key)]):
        print(i, k, sum(g))
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.frontend.bound import bound_names

_TAKING_IN_TURN = ("enumerate", "zip")


def with_groups_listed(node: gast.FunctionDef, names: Names, meaning: Callable[[str], Any]) -> gast.FunctionDef:
    """The function with lists for groups, where each is run through at most once.

    Args:
        node: the function.
        names: gives out the names of variables.
        meaning: what a free name of it means.

    Returns:
        The very same function where there is no such loop.
    """
    if not any(_is_named_so(item) for item in tree.walk(node)):
        return node
    bound = set(bound_names(node))
    names.reserve([*bound, *tree.names_read(node)])

    def is_groups(item: gast.AST) -> bool:
        if not isinstance(item, gast.Call):
            return False
        root, _, rest = (tree.dotted_name(item.func) or "").partition(".")
        found = None if root in bound else meaning(root)
        return (getattr(found, rest, None) if rest else found) is itertools.groupby

    def listed(target: gast.AST, iterable: gast.AST, body: list[gast.AST]) -> gast.AST:
        """What is looped over, with lists of groups in it."""
        if is_groups(iterable):
            group = target.elts[1] if isinstance(target, gast.Tuple) and len(target.elts) == 2 else None
            if not isinstance(group, gast.Name) or sum(_uses(body, group.id)) > 1:
                return iterable
            key, own = names.fresh("key"), names.fresh("group")
            pair = tree.tuple_of([tree.load(key), tree.call("list", tree.load(own))])
            both = tree.with_context(tree.tuple_of([tree.load(key), tree.load(own)]), gast.Store())
            return gast.ListComp(pair, [gast.comprehension(both, iterable, [], 0)])
        if isinstance(iterable, gast.Call) and tree.is_name(iterable.func, *_TAKING_IN_TURN):
            first = 1 if iterable.func.id == "enumerate" else 0
            parts = target.elts[first:] if isinstance(target, gast.Tuple) else []
            changed = [listed(part, given, body) for part, given in zip(parts, iterable.args, strict=False)]
            return gast.Call(iterable.func, [*changed, *iterable.args[len(changed) :]], iterable.keywords)
        return iterable

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.For):
            items = listed(item.target, item.iter, item.body)
            return tree.like(gast.For(item.target, items, item.body, item.orelse, None), item)
        if isinstance(item, tree.COMPREHENSIONS):
            first, *others = item.generators
            values = [item.key, item.value] if isinstance(item, gast.DictComp) else [item.elt]
            # What is computed for each item stands in a loop, save what the next loop runs over.
            rest = [*first.ifs, *(_in_loop(values, others))]
            items = first.iter if _lists_groups(item) else listed(first.target, first.iter, rest)
            new = tree.copy(item)
            new.generators[0] = gast.comprehension(first.target, items, first.ifs, first.is_async)
            return new
        return None

    return tree.rewrite(node, change)


def _is_named_so(item: gast.AST) -> bool:
    return tree.is_name(item, "groupby") or (isinstance(item, gast.Attribute) and item.attr == "groupby")


def _lists_groups(item: gast.AST) -> bool:
    """Whether a comprehension is `[(key, list(group)) for key, group in ...]` as it is."""
    pair = getattr(item, "elt", None)
    calls = pair.elts[1:] if isinstance(pair, gast.Tuple) else []
    return len(calls) == 1 and isinstance(calls[0], gast.Call) and tree.is_name(calls[0].func, "list")


def _in_loop(values: list[gast.AST], loops: list[gast.AST]) -> list[gast.AST]:
    """What a comprehension computes for each item of its first loop."""
    if not loops:
        return values
    inner = gast.GeneratorExp(tree.tuple_of(values), loops)
    return [inner]


def _uses(block: list[gast.AST], name: str) -> Iterator[int]:
    """How often a name may be read in each place: once, or many times where that stands in a loop."""
    for item in block:
        yield from _uses_in(item, name, 1)


def _uses_in(item: gast.AST, name: str, times: int) -> Iterator[int]:
    if tree.is_name(item, name):
        yield times
    elif isinstance(item, (gast.For, *tree.COMPREHENSIONS)):
        once = item.iter if isinstance(item, gast.For) else item.generators[0].iter
        yield from _uses_in(once, name, times)
        for child in tree.children(item):
            if child is not once:
                yield from _uses_again(child, once, name)
    elif isinstance(item, (gast.While, gast.Lambda, gast.FunctionDef)):
        for child in tree.children(item):
            yield from _uses_in(child, name, 2)
    else:
        for child in tree.children(item):
            yield from _uses_in(child, name, times)


def _uses_again(item: gast.AST, once: gast.AST, name: str) -> Iterator[int]:
    """The uses in what is run through many times, but for the part that is not."""
    if item is once:
        return
    if isinstance(item, gast.comprehension) and item.iter is once:
        for part in (item.target, *item.ifs):
            yield from _uses_in(part, name, 2)
    else:
        yield from _uses_in(item, name, 2)
