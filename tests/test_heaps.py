"""Heaps of active values: `heapq` on lists."""

import heapq
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.runtime import (
    cycle,
    heap_order,
    popped_places,
    pushed_places,
    reorder,
)
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked
from tests.programs.structures import dijkstra

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)
WEIGHTS = np.random.default_rng(3).random((5, 5))


@pytest.mark.parametrize("seed", range(20))
def test_places_are_those_of_heapq(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items: list[Any] = [(int(k), i) for i, k in enumerate(rng.integers(0, 5, 9))]
    heap, ours = items.copy(), items.copy()
    heapq.heapify(heap)
    reorder(ours, heap_order(ours))
    assert ours == heap
    for k in rng.integers(0, 5, 6):
        heapq.heappush(heap, (int(k), 0))
        ours.append((int(k), 0))
        cycle(ours, pushed_places(ours))
        assert ours == heap
        heapq.heapreplace(heap, (int(k), 1))
        ours.append((int(k), 1))
        cycle(ours, popped_places(ours))
        ours.pop()
        assert ours == heap
    while heap:
        cycle(ours, popped_places(ours))
        assert ours.pop() == heapq.heappop(heap)
        assert ours == heap
    with pytest.raises(IndexError, match="index out of range"):
        popped_places(ours)


@program(0.7)
def a_queue(v):
    queue = []
    for k in (3, 1, 2):
        heapq.heappush(queue, (v * k, k))
    total = 0.0
    while queue:
        d, _ = heapq.heappop(queue)
        total = total * d + d
    return total


@program(0.7)
def of_numbers(v):
    queue = [v * 3, v * v, v]
    heapq.heapify(queue)
    first = heapq.heappop(queue) * 2
    heapq.heappush(queue, first)
    return heapq.heappop(queue) + heapq.nsmallest(2, queue)[1] * first + heapq.nlargest(1, queue)[0]


@program(0.7)
def replaced(v):
    queue = [v, 3 * v]
    a = heapq.heappushpop(queue, v * v)
    b = heapq.heapreplace(queue, v * 2)
    c = heapq.heappushpop(queue, v * 9)
    return a * b + c * queue[0] + queue[1] ** 2


program(WEIGHTS)(dijkstra)


@program(0.6)
def huffman(v):
    queue = [(v, "a"), (v * v, "b"), (0.3 * v, "c"), (0.5, "d")]
    heapq.heapify(queue)
    cost = 0.0
    while len(queue) > 1:
        first, one = heapq.heappop(queue)
        second, other = heapq.heappop(queue)
        cost += first + second
        heapq.heappush(queue, (first + second, one + other))
    return cost


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)
    check_derivative(grad(f), *args)
