"""What objects say themselves: items, what is run through, context managers, lazily computed properties, order."""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp, value_and_grad
from tangent_sct.testing import check_derivative, check_products, check_second
from tests.helpers import checked

X = np.array([0.5, 1.5, 2.0, 0.8])
M = np.array([[1.2, 0.3], [0.4, 2.1]])
PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []


program = checked(PROGRAMS, [])


@pytest.mark.parametrize(("function", "args"), PROGRAMS, ids=lambda item: getattr(item, "__name__", ""))
def test_programs(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    wrt = tuple(range(len(args)))
    check_products(function, copy.deepcopy(args), wrt)
    check_second(function, copy.deepcopy(args), wrt)


# -- items ----------------------------------------------------------------------------------------


class Table:
    def __init__(self, values):
        self.values = values

    def __getitem__(self, place):
        return self.values[place]

    def __setitem__(self, place, value):
        self.values[place] = value


@program(X)
def items_of_a_made_object(x):
    t = Table(x * 2.0)
    t[0] = x[1] ** 2
    t[1] += x[0] * t[0]
    t[1:3] *= x[3]
    t[2:] = t[:2] + x[0]
    return np.sum(t[:] ** 2)


@program(Table(X * 1.0), 0.4)
def items_of_an_argument(t, y):
    t[0] -= y
    t[1:3] = t[0:2] * y
    return np.sum(t[:] ** 2)


class Measured(Table):
    def __getitem__(self, place):
        return self.values[0 if isinstance(place, slice) else place]


def test_a_slice_that_is_looked_at() -> None:
    def f(x):
        return Measured(x)[1:2]

    with pytest.raises(UnsupportedError, match="a slice is handed to `__getitem__`") as caught:
        grad(f)(X)
    assert "bounds" in str(caught.value.hint)


# -- what is run through ----------------------------------------------------------------------------


class Pair:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __iter__(self):
        yield self.x
        yield self.y


class Positive:
    def __init__(self, values):
        self.values = values

    def __iter__(self):
        for v in self.values:
            if v > 0.1:
                yield v * 2.0


class Held(Positive):
    def __iter__(self):
        return iter(self.values)


@program(0.3, 1.2)
def run_through_where_made(x, y):
    p, q = Pair(x, y), Positive([x, y, x * y, 0.01 * x])
    a, b = p
    total = a**2 * b + sum(p) + max(q)
    for u, v in zip(p, q, strict=False):
        total = total + u * v
    for i, u in enumerate(Held([y, x])):
        total = total + i * u
    c, *d = q
    return total * c + d[0] + len(list(p)) + sum(u**2 for u in q)


@program(Pair(0.3, 0.5), Held([0.5, 0.9]), 1.2)
def run_through_arguments(p, q, y):
    a, b = p
    total = a * b
    for u, v in zip(p, q, strict=False):
        total = total + u * v * y
    return total + sum(q) + sum(u**2 for u in p)


@program(0.3, 0.8)
def unpacked_into_itself(x, y):
    p = Pair(x, y)
    p.y, p.x = p
    a = [x, y]
    a[1], a[0] = a
    return p.x * p.y**2 + a[0] * a[1] ** 3


@program(X)
def unpacked_into_an_array(x):
    a = x * 1.0
    a[1], a[0], a[3], a[2] = a
    return a[0] * a[1] ** 2 + a[2] * a[3] ** 3


def test_a_loop_that_changes_what_it_runs_over() -> None:
    def f(x):
        p, total = Pair(x, x), 0.0
        for u in p:
            p.y = 2 * u
            total = total + u
        return total

    with pytest.raises(UnsupportedError, match="a loop over an object of class `Pair` may change it") as caught:
        grad(f)(1.0)
    assert "list(...)" in str(caught.value.hint)


# -- context managers ----------------------------------------------------------------------------------


class Halved:
    def __init__(self, step):
        self.step, self.before = step, []

    def __enter__(self):
        self.before.append(self.step)
        self.step = self.step * 0.5
        return self.step

    def __exit__(self, kind, error, trace):
        self.step = self.before.pop()


@program(0.7)
def managed(x):
    h = Halved(x)
    y = x * h.step
    with h as half:
        y = y + half**2 * h.step
        with h as quarter, h:
            y = y * quarter + h.step
    return y * h.step


@program(0.7)
def managed_and_left_early(x):
    h, total = Halved(x), 0.0
    for i in range(4):
        with h as half:
            if i == 1:
                continue
            if i == 3:
                return total * h.step
            total = total + half * h.step
    return total


class Swallowing(Halved):
    def __exit__(self, kind, error, trace):
        return True


class Printing(Halved):
    __exit__ = staticmethod(print)


def swallows(x):
    with Swallowing(x) as half:
        x = x * half
    return x


def prints(x):
    with Printing(x) as half:
        x = x * half
    return x


@pytest.mark.parametrize(("function", "reason"), [
    (swallows, "`__exit__` of class `Swallowing` may swallow an exception"),
    (prints, "the class `Printing` does not say by its own methods how it is entered and left"),
])  # fmt: skip
def test_managers_that_do_more(function: Callable[[float], float], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as caught:
        grad(function)(0.7)
    assert "ordinary methods" in str(caught.value.hint)


def test_a_manager_inside_a_try() -> None:
    def f(x):
        h, y = Halved(x), x
        try:
            with h as half:
                y = np.log(half)
        except ValueError:
            y = 1.0
        return y * h.step

    with pytest.raises(UnsupportedError, match="is a context manager inside a `try`, which it has to be left for"):
        grad(f)(0.7)


# -- properties that remember --------------------------------------------------------------------------


class Lazy:
    def __init__(self, a):
        self.a, self._square, self.count = a, None, 0

    @property
    def square(self):
        if self._square is None:
            self.count += 1
            self._square = self.a**2
        return self._square


@program(Lazy(1.3), 0.4)
def remembered(q, x):
    return q.square * x + q.a * q.square + q.count


def test_what_an_inactive_object_remembers() -> None:
    def f(x, q):
        return q.square * x + q.square

    q = Lazy(2.0)
    assert grad(f)(3.0, q) == 4.0 and jvp(f)(3.0, q, seed=1.0)[1] == 4.0
    assert q._square is None and q.count == 0


def test_a_property_that_may_be_read() -> None:
    def f(x, q):
        return x * (q.square if x > 1.0 else 0.0)

    def g(x, q):
        while q.square > x:
            x = x * 2.0
        return x

    for function in (f, g):
        with pytest.raises(UnsupportedError, match="the property `square` stores into an object") as caught:
            grad(function)(3.0, Lazy(2.0))
        assert "a statement of its own" in str(caught.value.hint)


class Counted:
    def __init__(self, k):
        self.k, self.n, self.kept = k, 0, None

    def __getitem__(self, key):
        self.n += key
        return self.k * self.n

    def __setitem__(self, key, v):
        self.k = v * key

    @property
    def tick(self):
        self.n += 1
        return self.n * self.k

    @property
    def remembered(self):
        if self.kept is None:
            self.kept = np.sin(self.k)
        return self.kept


def test_what_changes_as_it_is_read_is_read_in_turn() -> None:
    """The target of `+=` was read after what the value reads, and of several values some before others."""

    def update(x):
        t = Counted(x)
        t[2] += x * (t[3] + 1)
        return t.k

    def index(x):
        t, s = Counted(x), [1.0, 2.0]
        s[int(t.tick > 9)] += t.tick
        return s[0] * s[1]

    def several(x):
        t, s = Counted(x), [1.0, 2.0]
        s[0], s[1] = t.n, s[0] * t.tick
        return s[0] * x + s[1]

    for function in (update, index, several):
        with pytest.raises(UnsupportedError, match="stores into an object as it is read, in a statement") as caught:
            grad(function)(3.0)
        assert "a statement of its own" in str(caught.value.hint)

    def once(x):
        t, out = Counted(x), np.zeros(3)
        for i in range(3):
            out[i] += t.remembered * x
            t.n += t.remembered
        t.k, t.n = t.k * 2, t.n + 1
        return out @ out + t.n * t.k

    check_derivative(once, 1.3)


# -- names of attributes, enumerations -------------------------------------------------------------------


class Spelled:
    names = ("w", "b")

    def __init__(self, **given):
        for name, value in given.items():
            setattr(self, name, value)

    def scale(self, a):
        for i, name in enumerate(("w", "b")):
            setattr(self, name, getattr(self, name) * (a + i))

    def norm(self):
        return sum(getattr(self, n) ** 2 for n in ("w", "b")) + {n: getattr(self, n) for n in ("w", "b")}["w"]


@program(0.7, 1.2)
def attributes_by_name(x, y):
    q = Spelled(w=x, b=y)
    q.scale(x)
    r = SimpleNamespace()
    return q.norm() if r is not None else x


@program(Spelled(w=0.4, b=0.8), 1.2)
def attributes_of_an_argument_by_name(q, y):
    q.scale(y)
    return q.norm()


class Law(enum.Enum):
    LINEAR = 1
    SQUARE = 2


def response(u, law):
    if law is Law.LINEAR:
        return 3.0 * u
    if law == Law.SQUARE:
        return u * u
    raise ValueError(f"no such law: {law}")


def test_members_of_enumerations_count_by_value() -> None:
    assert grad(response)(2.0, Law.LINEAR) == 3.0 and grad(response)(2.0, Law.SQUARE) == 4.0
    assert "if" not in grad(response).source_for(2.0, Law.SQUARE)


# -- objects that are chosen ---------------------------------------------------------------------------------


class Item:
    def __init__(self, v, w):
        self.v, self.w = v, w

    def __lt__(self, other):
        return self.v < other.v


@program([Item(0.5, 1.0), Item(1.5, 2.0), Item(0.9, 0.3)])
def chosen(items):
    big, small = max(items, key=lambda i: i.v), min(items, key=lambda i: i.w)
    items.sort(key=lambda i: -i.w)
    ranks = sorted(items, key=lambda i: i.v, reverse=True)
    return big.w * small.v + items[0].v * ranks[0].w + sum((k + 1) * i.w for k, i in enumerate(ranks))


@program(0.7, 1.2)
def chosen_by_their_order(x, y):
    items = [Item(x, y), Item(y, x * y), Item(x * y, x)]
    items.insert(0, Item(2.0 * x, x))
    return max(items).w + sum((k + 1) * i.v * i.w for k, i in enumerate(sorted(items)))


# -- elements of arrays ----------------------------------------------------------------------------------


@program(M)
def elements(x):
    a, s = x * 1.0, 0.0
    for i in range(4):
        a.flat[i] = a.flat[i] * x.flat[3 - i] + 1.0
    a.flat[::3] += x[0, 1]
    a.flat[1:3] = 3.0 * x[1]
    for (i, j), v in np.ndenumerate(x):
        s = s * v + (i + 2 * j + 1) * np.sin(v)
    for i, j in np.ndindex(2, 2):
        a[i, j] *= x[j, i]
    for v in a.flat:
        s = s + v * s
    return s + sum(x.flat)


@program(M)
def elements_in_a_function_defined_inside(x):
    def weighed(values, others=x * 2.0):
        s = 0.0
        for (i, j), v in np.ndenumerate(values):
            s = s * others[j, i] + (i + 1) * np.sin(v)
        for _, _ in np.ndenumerate(others):
            pass
        values.flat[1:3] = s
        return s + values.sum()

    return weighed(x * x) + x[0, 1]


# -- what is written by recursion ----------------------------------------------------------------------------


def merge(a, room, low, middle, high):
    for k in range(low, high):
        room[k] = a[k]
    i, j = low, middle
    for k in range(low, high):
        if j >= high or (i < middle and room[i] <= room[j]):
            a[k] = room[i]
            i += 1
        else:
            a[k] = room[j]
            j += 1


def merge_sort(a, room, low, high):
    if high - low < 2:
        return
    middle = (low + high) // 2
    merge_sort(a, room, low, middle)
    merge_sort(a, room, middle, high)
    merge(a, room, low, middle, high)


def test_recursion_that_writes_into_two_arrays() -> None:
    def f(x):
        room = np.empty_like(x)
        merge_sort(x, room, 0, len(x))
        return np.sum(x**2 * np.arange(4)) + room[0]

    check_products(f, (X,), (0,))


def doubled(a, b):
    if len(a) == 1:
        a[0] = a[0] * b[0]
        return
    doubled(a[1:], b[1:])
    a[0] = a[0] + a[1]


def test_recursion_on_parts() -> None:
    def f(x, y):
        a = x * 1.0
        doubled(a, y)
        return np.sum(a**2)

    check_products(f, (X, X + 0.5), (0, 1))
    assert "doubled_backward(" in grad(f).source_for(X, X)


def test_arrays_that_overlap_are_told_of() -> None:
    def f(x):
        a = x * 1.0
        doubled(a[:3], a[1:])
        return np.sum(a)

    with pytest.raises(ValueError, match="shares memory with another one"):
        grad(f)(X)


# -- tangents ------------------------------------------------------------------------------------------------


def test_tangents_of_what_is_no_number_are_none() -> None:
    def f(x):
        return x * 2.0, None, "q", 3

    assert jvp(f)(2.0, seed=1.0)[1] == (2.0, None, None, 0.0)
    tangent = jvp(grad(lambda q: q.a**3))(Lazy(2.0), seed=Lazy(1.0))[1]
    assert tangent.a == 12.0 and tangent._square is None


class Motion(NamedTuple):
    x: float
    size: float


def test_fields_are_printed_by_name() -> None:
    def f(s, k):
        for _ in range(3):
            s = Motion(s.x + k * s[1], s[1] - k * s.x)
        return s.x

    text = grad(f).source_for(Motion(1.0, 0.5), 0.1)
    # A field that is called like what arrays have stays what it is.
    assert "s = Motion(s.x + k * s[1], s[1] - k * s.x)" in text
    check_products(f, (Motion(1.0, 0.5), 0.1), (0, 1))
    check_second(f, (Motion(1.0, 0.5), 0.1), (0, 1))


def test_products_of_lists_that_change_twice() -> None:
    def f(x):
        held = [x, x * 2.0, 1.0]
        for i in range(2):
            held[i] = held[i] * np.sin(x)
        return np.prod(held)

    check_second(f, (0.7,), (0,))
    assert grad(grad(f))(0.7) == pytest.approx(jvp(grad(f))(0.7, seed=1.0)[1])


def test_what_carries_no_derivative_is_run_as_it_is() -> None:
    def f(x, y):
        doubled(y, y * 1.0)
        p, total = Pair(2.0, 3.0), 0.0
        for u in p:
            total += u
        a, b = p
        return x * np.sum(y) * total * a + sum(p) * b

    y = X + 0.5
    value, slope = value_and_grad(f)(2.0, y)
    assert (value, slope) == (f(2.0, y.copy()), pytest.approx(f(1.0, y.copy()) - f(0.0, y.copy())))
    assert jvp(f)(2.0, y, seed=1.0) == (value, pytest.approx(slope)) and np.array_equal(y, X + 0.5)


def test_elements_of_what_carries_no_derivative() -> None:
    def f(x, w):
        total = 0.0
        for (i,), v in np.ndenumerate(w[0]):
            total = total + i * v * x
        for (i,), v in np.ndenumerate(w[0] * 2.0):
            total = total + i * v * x
        return total

    check_products(f, (1.5, [X]), (0,))


# -- what stands above a class --------------------------------------------------------------------


class Root:
    factor = 2.0

    def __init__(self, x):
        self.x = x

    def scale(self):
        return self.x * 2.0

    def times(self, v):
        return v * self.x

    @property
    def size(self):
        return self.x + 1.0

    def __getitem__(self, i):
        return self.x**i


class Tripling:
    def scale(self):
        return super().scale() * 3.0


class Mixed(Tripling, Root):
    pass


class Upper(Root):
    factor = 5.0

    def times(self, v):
        return super().times(v) * super().factor * super().size + sum([super(Upper, self).times(w) for w in [v, v]])

    def __getitem__(self, i):
        return super().__getitem__(i) * 3.0

    def twice(self, v):
        y = 0.0
        for i in range(3):
            y = y + super().times(v) * i
        return y

    def by_constant(self, v):
        return super().scale() * v + self.factor * v * v


CONSTANT = Upper(3.0)


def test_super_within_expressions() -> None:
    """`super()` within an expression was taken for inactive, and stood in the derivative, where it means nothing."""

    def in_another_class(x):
        return Mixed(x).scale() * x

    def several(x):
        u = Upper(x)
        return u.times(x * 2.0) + u[2] * u.twice(x)

    def of_a_constant(x):
        return CONSTANT.by_constant(x)

    def of_an_argument(u, x):
        return u.times(x) * u[2] + u.by_constant(x)

    for f in (in_another_class, several, of_a_constant):
        check_derivative(f, 1.3)
    check_derivative(of_an_argument, Upper(1.1), 1.3)
    check_derivative(grad(in_another_class), 1.3)
