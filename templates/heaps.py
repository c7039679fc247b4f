"""Heaps in lists: their items change places, and what belongs to them does the same."""

import heapq

from tangent_sct.runtime import (
    cycle,
    heap_order,
    popped_places,
    pushed_places,
    reorder,
)
from tangent_sct.templating.language import expanded, zero

zero(heap_order, popped_places, pushed_places)


@expanded(heapq.heappush)
def heappush(heap, item):
    heap.append(item)
    cycle(heap, pushed_places(heap))


@expanded(heapq.heappop)
def heappop(heap):
    cycle(heap, popped_places(heap))
    return heap.pop()


@expanded(heapq.heapify)
def heapify(x):
    reorder(x, heap_order(x))


@expanded(heapq.heapreplace)
def heapreplace(heap, item):
    heap.append(item)
    cycle(heap, popped_places(heap))
    return heap.pop()


@expanded(heapq.heappushpop)
def heappushpop(heap, item):
    first = item
    if len(heap) > 0 and heap[0] < item:
        heap.append(item)
        cycle(heap, popped_places(heap))
        first = heap.pop()
    return first


@expanded(heapq.nsmallest)
def nsmallest(n, iterable, key=None):
    return sorted(iterable, key=key)[: max(n, 0)]


@expanded(heapq.nlargest)
def nlargest(n, iterable, key=None):
    return sorted(iterable, key=key, reverse=True)[: max(n, 0)]
