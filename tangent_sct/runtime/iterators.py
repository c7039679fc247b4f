"""What the functions of `itertools` give, as generators whose source can be differentiated.

Each takes what its namesake takes and gives the same items in the same order. What is chosen from several items is
chosen by their positions, which carry no derivative.

>>> list(pairwise([1.0, 2.0, 4.0]))
[(1.0, 2.0), (2.0, 4.0)]
>>> list(islice([1.0, 2.0, 4.0, 8.0], 1, None, 2))
[2.0, 8.0]
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np


def accumulate(iterable: Iterable[Any], func: Any = None, *, initial: Any = None) -> Iterator[Any]:
    is_first = initial is None
    total = initial
    if initial is not None:
        yield total
    for item in iterable:
        if is_first:
            total = item
            is_first = False
        elif func is None:
            total = total + item
        else:
            total = func(total, item)
        yield total


def chain(*iterables: Iterable[Any]) -> Iterator[Any]:
    for iterable in iterables:
        yield from iterable


def chained(iterables: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """`chain.from_iterable`."""
    for iterable in iterables:
        yield from iterable


def columns(rows: Iterable[Iterable[Any]], strict: bool = False) -> Iterator[Any]:
    """`zip(*rows)`."""
    lists = [list(row) for row in rows]
    if strict and len({len(items) for items in lists}) > 1:
        raise ValueError("zip() has arguments of different lengths")
    for k in range(min([len(items) for items in lists]) if lists else 0):
        yield tuple([items[k] for items in lists])


def combinations(iterable: Iterable[Any], r: int) -> Iterator[Any]:
    pool = list(iterable)
    for places in itertools.combinations(range(len(pool)), r):
        yield tuple([pool[k] for k in places])


def combinations_with_replacement(iterable: Iterable[Any], r: int) -> Iterator[Any]:
    pool = list(iterable)
    for places in itertools.combinations_with_replacement(range(len(pool)), r):
        yield tuple([pool[k] for k in places])


def permutations(iterable: Iterable[Any], r: int | None = None) -> Iterator[Any]:
    pool = list(iterable)
    for places in itertools.permutations(range(len(pool)), r):
        yield tuple([pool[k] for k in places])


def product(*iterables: Iterable[Any], repeat: int = 1) -> Iterator[Any]:
    pools = [list(iterable) for iterable in iterables]
    for places in np.ndindex(*[len(pool) for pool in pools] * repeat):
        yield tuple([pools[i % len(pools)][places[i]] for i in range(len(places))])


def product_of_two(first: Iterable[Any], second: Iterable[Any]) -> Iterator[Any]:
    pool, others = list(first), list(second)
    for item in pool:
        for other in others:
            yield item, other


def pairs(iterable: Iterable[Any], r: int) -> Iterator[Any]:
    """`combinations(iterable, 2)`."""
    pool = list(iterable)
    for i in range(len(pool)):
        for j in range(i + 1, len(pool)):
            yield pool[i], pool[j]


def compress(data: Iterable[Any], selectors: Iterable[Any]) -> Iterator[Any]:
    for item, is_selected in zip(data, selectors, strict=False):
        if is_selected:
            yield item


def cycle(iterable: Iterable[Any]) -> Iterator[Any]:
    pool = list(iterable)
    while len(pool) > 0:
        yield from pool


def repeat(object: Any, times: int) -> Iterator[Any]:
    for _ in range(times):
        yield object


def takewhile(predicate: Callable[[Any], Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        if not predicate(item):
            break
        yield item


def dropwhile(predicate: Callable[[Any], Any], iterable: Iterable[Any]) -> Iterator[Any]:
    drops = True
    for item in iterable:
        if drops and predicate(item):
            continue
        drops = False
        yield item


def filterfalse(predicate: Any, iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        if not (item if predicate is None else predicate(item)):
            yield item


def islice(iterable: Iterable[Any], *bounds: Any) -> Iterator[Any]:
    first, last, step = slice(*bounds).start or 0, slice(*bounds).stop, slice(*bounds).step or 1
    k = 0
    if last is None or last > 0:
        for item in iterable:
            if k >= first and (k - first) % step == 0:
                yield item
            k += 1
            if k == last:
                break


def pairwise(iterable: Iterable[Any]) -> Iterator[Any]:
    is_first = True
    last = None
    for item in iterable:
        if not is_first:
            yield last, item
        last = item
        is_first = False


def starmap(function: Callable[..., Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        yield function(*item)


def zip_longest(*iterables: Iterable[Any], fillvalue: Any = None) -> Iterator[Any]:
    pools = [list(iterable) for iterable in iterables]
    for k in range(max([len(pool) for pool in pools]) if pools else 0):
        yield tuple([pool[k] if k < len(pool) else fillvalue for pool in pools])


SOURCES: dict[Any, Callable[..., Iterator[Any]]] = {
    itertools.accumulate: accumulate,
    itertools.chain: chain,
    itertools.chain.from_iterable: chained,
    itertools.combinations: combinations,
    itertools.combinations_with_replacement: combinations_with_replacement,
    itertools.compress: compress,
    itertools.cycle: cycle,
    itertools.dropwhile: dropwhile,
    itertools.filterfalse: filterfalse,
    itertools.islice: islice,
    itertools.pairwise: pairwise,
    itertools.permutations: permutations,
    itertools.product: product,
    itertools.repeat: repeat,
    itertools.starmap: starmap,
    itertools.takewhile: takewhile,
    itertools.zip_longest: zip_longest,
}
"""The generators by the functions that they are the source of."""
LISTED_AHEAD = (columns, cycle, zip_longest)
"""Functions whose first statement lists what their namesakes come to in turn."""

TAKING_IN_TURN = (columns, zip_longest, compress)
"""Functions whose namesakes take an item of each of several iterators in turn."""

OF_TWO: dict[Any, Callable[..., Iterator[Any]]] = {
    itertools.combinations: pairs,
    itertools.product: product_of_two,
}
"""Plainer ones for what chooses two items."""
