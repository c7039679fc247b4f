"""Collections of Python's library: deques, dicts with defaults, counters, of values to be differentiated."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked, refusing

FIRST: list[tuple[Program, tuple[object, ...]]] = []
SECOND: list[tuple[Program, tuple[object, ...]]] = []
REFUSED: list[tuple[Program, str]] = []
program = checked(FIRST, SECOND)
refused = refusing(REFUSED)
X = np.array([0.7, 1.2, 0.4])


@program(X)
def both_ends(x):
    q = deque()
    for v in x:
        q.append(v * v)
    q.appendleft(x[0])
    a, b = q.popleft(), q.pop()
    return a * b + q[0] * q[-1] + len(q)


@program(X)
def window(x):
    q = deque([x[0]], maxlen=3)
    total = 0.0
    for _ in range(6):
        q.append(q[-1] * x[1] + q[0] * x[2])
        total += sum(q) / len(q)
    return total * q[0]


@program(X)
def window_from_the_left(x):
    q = deque(maxlen=2)
    for v in x:
        q.appendleft(v * v)
    return q[0] * q[1] ** 2 * len(q) + q.maxlen * q[0]


@program(X, order=1)
def rotated(x):
    q = deque(x)
    q.rotate(1)
    q.rotate(-1)
    q.rotate()
    return q[0] * q[1] ** 2 * q[2] ** 3


@program(X)
def breadth_first(x):
    q = deque([(x[0], 1)])
    total = 0.0
    while q:
        v, depth = q.popleft()
        total += v * depth
        if depth < 4:
            q.append((v * x[1], depth + 1))
            q.append((v * x[2], depth + 2))
    return total


@program(X)
def handed_to_a_function(x):
    def push(q, v):
        q.append(v)
        if len(q) > 2:
            q.popleft()
        return sum(q)

    q = deque()
    total = 0.0
    for v in x:
        total += push(q, v) * v
    r = q
    r.append(total)
    return r.pop() * q[0]


class Average:
    def __init__(self, n, first):
        self.held = deque(maxlen=n)
        self.held.append(first)
        self.total = 0.0

    def add(self, v):
        self.held.append(v)
        self.total = self.total + sum(self.held) / len(self.held)


@program(X)
def in_an_object(x):
    a = Average(2, x[0])
    for v in x:
        a.add(v * v)
    return a.total * a.held[0]


@program(X)
def sums_by_key(x):
    d = defaultdict(float)
    for i, v in enumerate(x):
        d[i % 2] += v * v
    return d[0] * d[1] + d[7] + len(d)


@program(X)
def constants_by_key(x):
    d = defaultdict(lambda: -1.5)
    d["a"] += x[1] * x[0]
    return d["a"] * d["b"] + x[2]


@program(X)
def of_constants(x):
    """A derivative without its optimiser read what the value reads before what is updated."""
    d = defaultdict(float)
    d["u"] += d["v"] + 1.0
    return in_turn(d.values()) * x[0] * x[1]


@program(X, order=1)
def arrays_by_key(x):
    d = defaultdict(lambda: np.zeros(3))
    for i, k in enumerate("abab"):
        d[k] += x * (i + 1)
    d["c"][1] = x[0]
    return d["a"] @ d["b"] + d["c"] @ x


@program(X, order=1)
def lists_of_constants_by_key(x):
    held = defaultdict(lambda: [1.0, 2.0])
    held["u"][0] *= x[0]
    held["v"][1] -= held["u"][0] * x[1]
    return held["v"][1] * held["w"][1]


def in_turn(values):
    return sum((place + 1) * v for place, v in enumerate(values))


@program(X)
def put_there_in_the_order_of_evaluation(x):
    d = defaultdict(float)
    d["a"] += x[0] * (d["b"] + 1)
    d["b"] -= d["c"] - x[1]
    d["e"], d["f"] = d["f"] + x[2], d["e"] + 2 * x[0]
    d["g"] *= sum([d["h"] for _ in range(2)])
    d["h"] += x[1] * x[2]
    return in_turn(d.values())


class Values:
    def __init__(self):
        self.known = defaultdict(float)

    def visit(self, state, reward):
        if state in self.known and self.known[state] < 1:
            return reward
        self.known[state] += 0.5 * (reward - self.known[state])
        return self.known[state]


@program(X)
def read_where_they_are_known_to_be_there(x):
    values = Values()
    total = sum(values.visit(state, x[i % 3]) for i, state in enumerate("aabca"))
    d = defaultdict(float)
    for key in "uvu":
        total += d[key] * x[0] if key in d else x[1]
        d[key] += x[2]
        assert "w" not in d or d["w"] > 0
    return total * len(d) + len([key for key in "uw" if key in d and d[key] > 0.1])


@program(X)
def read_by_the_test_of_a_loop(x):
    d = defaultdict(float)
    while d["n"] < 3:
        d["n"] += 1
        d["m"] += x[0] * d["n"]
    return in_turn(d.values()) * d["m"]


@program(X, order=1)
def lists_by_key(x):
    d = defaultdict(list)
    for i, v in enumerate(x):
        d[i % 2].append(v * v)
    total = 1.0
    for _, items in d.items():
        total = total * sum(items)
    return total


@program(X, order=1)
def counted(x):
    c = Counter()
    total = 0.0
    for i, v in enumerate(x):
        c[i % 2] += v * v
        total += c[i] * v
    return total + c[0] * c[1] + c[99] + len(c) + sum(c.values())


@program(X)
def in_order(x):
    d = OrderedDict(a=x[0])
    d["b"] = x[1] * x[2]
    d.move_to_end("a")
    total = 0.0
    for v in d.values():
        total = total * v + v
    return total * d.pop("b")


@program(X)
def changed_by_another_name(x):
    held = [1.0]
    total = 0.0
    for v in x:
        same = held
        same.append(v * v)
        total = total + sum(same) * v
    return total


@program(X, order=1)
def replaced_by_another_name(x):
    held = [1.0, x[0]]
    total = 0.0
    for v in x:
        same = held
        same[0] = v * v
        total = total + np.prod(same) * v
    return total


@pytest.mark.parametrize(("function", "args"), FIRST)
def test_first_order(function: Program, args: tuple[object, ...]) -> None:
    check_derivative(function, *args)


@pytest.mark.parametrize(("function", "args"), SECOND)
def test_second_order(function: Program, args: tuple[object, ...]) -> None:
    check_derivative(grad(function), *args)


def test_the_text() -> None:
    text = grad(window_from_the_left).source_for(X)
    assert "test = len(q) == 2" in text and "q.insert(0, v * v)" in text and "deque" not in text


@refused("a deque of values to be differentiated is handed on, returned or kept")
def returned(x):
    q = deque([x[0]])
    return q


@refused("a deque of values to be differentiated is handed on, returned or kept")
def printed(x):
    q = deque()
    q.append(x[0])
    print(q)
    return q[0]


@refused("a deque of values to be differentiated is handed on, returned or kept")
def kept(x):
    q = deque([x[0]])
    items = [q]
    items[0].append(x[1])
    return q[1]


@refused("a deque of values to be differentiated is handed on, returned or kept")
def extended(x):
    q = deque(x)
    q.extendleft([x[0]])
    return q[0]


def filled(q, x, n):
    q.append(x * n)
    return filled(q, x, n - 1) if n > 0 else q[0]


@refused("a deque of values to be differentiated is handed on, returned or kept")
def handed_to_a_recursive_function(x):
    q = deque(maxlen=2)
    return filled(q, x[0], 4) * x[1]


@refused("a deque of values to be differentiated is handed on, returned or kept")
def handed_to_a_recursive_function_inside(x):
    def fill(q, n):
        q.append(x[0] * n)
        return fill(q, n - 1) if n > 0 else q[0]

    q = deque(maxlen=2)
    return fill(q, 4) * x[1]


@refused("`q` is one of several collections")
def of_two_sorts(x):
    if x[0] > 0:
        q = deque([x[0]], maxlen=1)
    else:
        q = [x[1]]
    q.append(x[2] * x[1])
    return q[0] * x[0]


@refused("`q` is one of several collections")
def of_two_lengths(x):
    q = deque(maxlen=2)
    for i in range(3):
        if i == 1:
            q = deque(maxlen=1)
        q.append(x[i] * x[i])
    return q[0]


@refused("`q` is another deque now, and the one before has another name still")
def one_after_the_other(x):
    n = len(x)
    q = deque(maxlen=n - 1)
    r = q
    q = deque(maxlen=n - 2)
    for v in x:
        q.append(v)
        r.append(v)
    return r[0] * q[0]


@refused("a deque with `maxlen` is made of items of which some may not fit")
def too_many(x):
    q = deque(x * 1.0, maxlen=2)
    return q[0]


@refused("a deque with `maxlen=0` never holds anything")
def nothing_is_kept(x):
    # An item was taken off the empty list before each that comes.
    q = deque(maxlen=0)
    q.append(x[0])
    return len(q) + x[1]


def test_a_limit_of_nothing() -> None:
    def last(x, n):
        q = deque(maxlen=n)
        for v in x:
            q.append(v)
        return q[-1] * x[0]

    check_derivative(last, np.array([0.5, 1.5]), 1)
    with pytest.raises(ValueError, match="a deque with maxlen=0 never holds anything"):
        grad(last)(np.array([0.5, 1.5]), 0)


@refused("`extend` of a deque with `maxlen` may drop items")
def extended_with_a_limit(x):
    q = deque(maxlen=2)
    q.extend([x[0], x[1], x[2]])
    return q[0]


@refused("a deque of active values is rotated by more than one")
def rotated_far(x):
    q = deque(x)
    q.rotate(2)
    return q[0]


@refused("the factory of a defaultdict of active values is none of")
def by_a_function(x):
    d = defaultdict(lambda: x[1])
    d["a"] += x[0]
    return d["a"]


@refused("`d['b']` is read in a place that is not always reached")
def read_on_one_path(x):
    d = defaultdict(float)
    d["a"] = x[0]
    known = x[0] > 0 or d["b"] > 1
    return d["a"] * len(d) + known


@refused("`d['b']` is read in a place that is not always reached")
def read_by_the_end_of_a_chain(x):
    d = defaultdict(float)
    d["a"] = x[0]
    if 0 > x[0] > d["b"]:
        return x[1] * d["a"]
    return d["a"] * len(d)


@refused("items of a defaultdict are read in an order that is not known")
def read_on_both_sides_of_a_call(x):
    def bump(key):
        d[key] += x[1]
        return d[key]

    d = defaultdict(float)
    d["a"], d["b"] = d["u"] + bump("v"), d["w"] * x[0]
    return sum((i + 1) * v for i, v in enumerate(d.values()))


@refused("the test of a loop reads an item of a defaultdict that may not be there")
def read_by_a_test_and_taken_away(x):
    d = defaultdict(float)
    d["a"] = x[0]
    while d["n"] < 3:
        d["m"] += 1 + d.pop("n")
        if d["m"] > 4:
            break
    return d["a"] * len(d)


@refused("a Counter of values to be differentiated is handed on, returned or kept")
def added(x):
    c = Counter()
    c["a"] += x[0]
    d = c + c
    return d["a"]


@refused("a Counter of values to be differentiated is handed on, returned or kept")
def updated(x):
    c = Counter()
    c["a"] += x[0]
    c.update({"a": 2.0})
    return c["a"]


@refused("a Counter of active values is made of others")
def counted_at_once(x):
    c = Counter({"a": x[0]})
    return c["a"] * x[0]


@refused("an item is moved to the beginning of a dict")
def moved_to_the_beginning(x):
    d = OrderedDict(a=x[0], b=x[1])
    d.move_to_end("b", last=False)
    return d["a"]


@pytest.mark.parametrize(("function", "reason"), REFUSED)
def test_refused(function: Program, reason: str) -> None:
    with pytest.raises(UnsupportedError) as error:
        grad(function)(X)
    assert error.value.reason.startswith(reason) and error.value.hint
    assert error.value.origin is not None and error.value.origin.file.endswith("test_library.py")
