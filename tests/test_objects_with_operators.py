"""Objects whose class says what operators do: made of constants, of several classes, in lists that mix them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


class Term:
    def __init__(self, w, b=0.1):
        self.w, self.b = w, b

    def __call__(self, v):
        return np.sin(self.w * v) + self.b

    def __add__(self, other):
        return Term(self.w + (other.w if isinstance(other, Term) else 2.0 * other), self.b)

    __radd__ = __add__

    def __mul__(self, k):
        return type(self)(self.w * k, self.b)

    def __rmul__(self, k):
        return Term(0.5 * self.w * k, self.b)

    def __getitem__(self, k):
        return (self.w, self.b)[k] * 1.5

    def __len__(self):
        return 2

    def changed(self, k):
        self.w = self.w * np.cos(k)
        return self


class Bent(Term):
    def __init__(self, w, b=0.2):
        super().__init__(0.5 * w, b)
        self.rate = w

    def __call__(self, v):
        return super().__call__(v) * self.rate

    def __getitem__(self, k):
        return super().__getitem__(k) + 1.0


@program(0.7)
def constants_times_what_varies(x):
    terms = [Term(0.7, 0.3), Bent(0.4)]
    terms = [t * x for t in terms]
    return terms[0].w + terms[1](x)


@program(0.7)
def a_constant_whose_product_nothing_reads(x):
    terms = [Term(0.7, 0.1), Bent(0.3)]
    terms = [t * x for t in terms]
    return x * x


@program(0.7)
def appended_objects_of_several_classes(x):
    grown = []
    for t in [Term(0.7, x), Bent(x)]:
        grown.append(t * x)
    return grown[0].w + grown[1](x) + sum(t.w for t in grown)


@program(0.7)
def appended_and_changed(x):
    one, other = Term(x), Bent(x * x, x)
    grown = []
    for i in range(3):
        grown.append(other if i % 2 else one)
        one.changed(x)
    grown[-1].w = grown[-1].w * x
    total = x
    for t in reversed(grown):
        total = total + t(x) * one.w
    return total * other.w


@program(0.7)
def asked_for_its_class(x):
    terms = [Term(0.7, x), Bent(x)]
    both = terms[0] + terms[1]
    return both.w * x + (terms[0] + x).w


@program(0.7, np.array([0.3, 0.6, 0.8]))
def beside_a_class_of_numbers(x, t):
    terms = [Bent(0.7, x), Term(0.7, 0.3)]
    np.place(t, t > 0.5, t[::-1] * 1.0)
    both = terms[0] + Term(0.7, 0.3)
    return t.sum() * both.w * x * both.b


@program(0.7, np.array([0.3, 0.6, -0.8]))
def a_list_that_mixes_all(x, a):
    mixed = [x * x, "a text", Bent(0.7, x), a, None, Term(x)]
    t = x
    for m in mixed:
        if isinstance(m, Term):
            t = np.cos(t) + m[1]
        elif m is None:
            t = t + 0.1
        elif isinstance(m, str):
            continue
        elif isinstance(m, np.ndarray):
            t = 0.5 * t + np.sum(m * t)
        else:
            t = 0.5 * t + (m + m)
    return t


@program(0.7)
def items_without_a_test(x):
    t = x
    for m in (Bent(0.7, x), 2.0, x, Term(x, x)):
        t = t + (m * x + Term(x * x)).w
    for m in [Term(x, x), [x, x * x, 2.0]]:
        t = t * m[1] + len(m) * x
    return t


@program(0.7)
def left_early(x):
    t = x
    for i, m in enumerate([x * x, Bent(0.7, x), "a text", x]):
        if isinstance(m, Term):
            t = t + m.w * x
            if t > 0.8:
                break
        elif not isinstance(m, str):
            t = t * m * (i + 1)
    else:
        t = t * 100.0
    return t


@program(0.7, np.array([0.3, 0.6, -0.8]))
def what_it_holds_changes(x, a):
    one = Bent(0.7, x)
    mixed = [x * x, one, a * 1.0, one]
    same = mixed[2]
    t = x
    for m in mixed:
        if isinstance(m, Term):
            t = t + m.w * x
            m.changed(t)
            same[0] = t
        elif isinstance(m, np.ndarray):
            m *= t
            t = t + m.sum()
        else:
            one.w = one.w + m
    return t * one.w * same.sum()


@program(0.7)
def within_another_loop(x):
    mixed = [x * x, Bent(0.7, x)]
    t = x
    for i in range(3):
        for m in mixed:
            for k in range(2):
                if isinstance(m, Term):
                    t = t + m.w * x
                else:
                    t = t * m * (i + k + 0.5)
    return t


@program(0.7)
def another_list_of_that_name(x):
    mixed = [x * x, Bent(0.7, x), x]
    t = x
    for m in mixed:
        mixed = [1.0, 2.0]
        t = t + m.w * x if isinstance(m, Term) else t * m
    return t * mixed[0]


@program(-0.7)
def the_class_of_what_may_be_none(x):
    one = None
    if x > 0:
        one = Term(x)
    y = 2.0 * x if type(one) is Term else 3.0 * x * x
    return y if one.__class__ is not Term else y * one.w


@program(0.7, order=1)
def none_among_them(x):
    mixed = [None, Term(x), x, None]
    t = x
    for m in mixed:
        t = t * (1.5 if m is None else m(t) if isinstance(m, Term) else m)
    mixed.reverse()
    mixed[3] = mixed[0]
    for m in mixed:
        if m is not None:
            t = t * m[0] if isinstance(m, Term) else t + m
    return t


@program(0.7)
def none_that_a_function_replaces(x):
    one, other, mixed = Term(x), None, [Term(x), None]

    def change():
        nonlocal other
        other = x * x
        mixed[1] = x

    change()
    item = mixed[1]
    return one.w * (2.0 if other is None else other) + mixed[0].w * (2.0 if item is None else item)


@program(0.7)
def none_in_the_first_iteration(x):
    one, last, t = Term(x), None, x
    for _ in range(3):
        last = one.w if last is None else last * t + one.w
        t = t + last
    return t


@program(0.7, order=1)
def one_is_appended(x):
    mixed = [x * x, Bent(0.7, x)]
    mixed.append(x * 2)
    t = x
    for m in mixed:
        t = t * 1.1 + m.w * x if isinstance(m, Term) else t * m
    return t


@program(0.7, order=1)
def turned_round_in_a_loop(x):
    mixed = [x * x, Bent(0.7, x), 2.0]
    t = x
    for i in range(3):
        for m in mixed:
            t = t * 1.1 + m.w * x if isinstance(m, Term) else t * (m + i)
        mixed.reverse()
    return t


@program(0.7, order=1)
def one_is_put_in_its_place(x):
    mixed = [x * x, Bent(0.7, x), 2.0]
    t = x
    for i in range(3):
        for m in mixed:
            t = t * 1.1 + m.w * x if isinstance(m, Term) else t * m
        mixed[1] = Term(t * (i + 1))
    return t


@program(0.7, order=1)
def changed_by_a_function(x):
    mixed = [x * x, Bent(0.7, x), 2.0]

    def change():
        mixed.append(x)
        mixed[0] = Term(x)

    change()
    t = x
    for m in mixed:
        t = t * 1.1 + m.w * x if isinstance(m, Term) else t * m
    return t


@program(0.7)
def an_item_behind_an_object(x):
    mixed = [x * x, Term(x)]
    mixed.append(2 * x)
    return mixed[2] * x


@program(0.7, order=1)
def an_item_behind_a_list(x):
    mixed = [x * x, [x, x]]
    mixed.append(2 * x)
    return mixed[2] * mixed[1][0]


@program(0.7)
def an_item_before_an_object(x):
    mixed = [x * x, Term(x)]
    mixed.insert(0, 2 * x)
    return mixed[0] * x


@program(0.7, order=1)
def a_key_beside_an_object(x):
    mixed = {"a": x * x, "b": Term(x)}
    mixed["c"] = x
    return mixed["c"] * x


def one_of_two_lists(x):
    terms = [Term(x), Term(x * x)]
    other = terms if x > 0 else [1.0]
    other[0] = Bent(x)
    return terms[0](x) + terms[0][1]


def the_list_on_a_path(x):
    terms = [Term(x), Term(x * x)]
    other = [1.0, 2.0]
    if x > 0:
        other = terms
    other[0] = Bent(x)
    return terms[0](x) + terms[0][1]


@pytest.mark.parametrize("f", [one_of_two_lists, the_list_on_a_path])
def test_lists_that_another_name_may_mean(f: Program) -> None:
    """The name was forgotten where paths meet, and the list was known as what it held before (wrong values)."""
    with pytest.raises(UnsupportedError):
        grad(f)(0.7)


def grows_meanwhile(x):
    mixed = [x * x, Bent(0.7, x)]
    t = x
    for m in mixed:
        t = t + m.w * x if isinstance(m, Term) else t * m
        if len(mixed) < 4:
            mixed.append(3.0 * x)
    return t


def one_is_replaced(x):
    mixed = [x * x, Bent(0.7, x), x]
    same = mixed
    t = x
    for m in mixed:
        t = t + m.w * x if isinstance(m, Term) else t * m
        same[2] = t
    return t


def one_more_on_a_path(x):
    mixed = [x * x, Bent(0.7, x)]
    if x > 0:
        mixed.append(x)
    t = x
    for m in mixed:
        t = t + m.w * x if isinstance(m, Term) else t * m
    return t


@pytest.mark.parametrize("f", [grows_meanwhile, one_is_replaced, one_more_on_a_path])
def test_lists_that_change_are_no_known_ones(f: Program) -> None:
    """What a list held before is not what a loop runs through."""
    with pytest.raises(UnsupportedError):
        grad(f)(0.7)


def test_a_loop_over_a_mixed_list_is_written_out() -> None:
    """No test is left: what each item is, is known."""

    def f(x):
        t = x
        for m in [x * x, Term(x)]:
            t = t + m.w if isinstance(m, Term) else t * m
        return t

    check_derivative(f, 0.7)
    text = grad(f).source_for(0.7)
    assert "isinstance(" not in text.replace("# t = t + m.w if isinstance(m, Term) else t * m", "")
    assert "for m" not in text.replace("# for m", "")


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    """Objects were lost where they are made of constants or appended by class, and refused when the text ran."""
    check_derivative(f, *args)


@pytest.mark.parametrize(("f", "args"), SECOND, ids=lambda p: getattr(p, "__name__", ""))
def test_derivatives_of_gradients(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(f), *args)


class Uneven:
    """Less a number is something else than more of its opposite."""

    def __init__(self, w):
        self.w = w

    def __add__(self, other):
        return Uneven(self.w + 10 * (other.w if isinstance(other, Uneven) else other))

    def __sub__(self, other):
        return Uneven(self.w * 100)

    def __neg__(self):
        return Uneven(self.w * 7)

    def __mul__(self, other):
        return Uneven(self.w * 5 + other)


def test_operators_of_constant_objects_are_not_rewritten() -> None:
    """The reverse sweep had `c - 0.8` and `1 * c` where the program has `c + -0.8` and `c * 1`."""

    def f(x):
        total = 0.0
        for c in [Uneven(k) for k in (0.3, 0.8)]:
            total = (c + -0.8).w * x[0] + total * x[1] + (c * 1).w * x[1] + (c + -c).w
        return total

    check_derivative(f, np.array([0.7, 1.3]))
    check_derivative(grad(f), np.array([0.7, 1.3]))
    text = grad(f).source
    assert "c - 0.8" not in text and "1 * c" not in text and "c - c" not in text


class Rectifier:
    """Without attributes: only its class tells what it does."""

    def __call__(self, v):
        return np.maximum(v, 0.0)

    def forward(self, v):
        return np.maximum(v, 0.1)


class Scaling:
    def __init__(self, w):
        self.w = w

    def __call__(self, v):
        return self.w * v

    def forward(self, v):
        return self.w * v


class Marker:
    pass


class Items:
    def __getitem__(self, k):
        return k * 2.0


def called_layers(x):
    v = x * 1.0
    for layer in [Scaling(x[0]), Rectifier(), Scaling(x[1])]:
        v = layer(v)
    return np.sum(v)


def forward_of_layers(x):
    layers = {"first": Scaling(x[0]), "then": Rectifier()}
    v = x * 1.0
    for layer in layers.values():
        v = layer.forward(v)
    return np.sum(layers["then"].forward(v) * x)


def marked_places(x):
    total = x[0]
    for item in [x[1], Marker(), x[0]]:
        total = total * 2.0 if isinstance(item, Marker) else total + item * x[1]
    return total


def replaced_beside_a_marker(x):
    held = [0.5, None, Marker(), None]
    held[0] = x
    total = x[0]
    for item in held:
        if isinstance(item, Marker):
            total = total * 3.0
    return total * np.sum(held[0])


@pytest.mark.parametrize("f", [called_layers, forward_of_layers, marked_places, replaced_beside_a_marker])
def test_objects_without_attributes_keep_their_class(f: Program) -> None:
    """They were empty dicts: tests of their class came out wrong, and the numbers with them."""
    at = np.array([0.7, 1.3])
    check_derivative(f, at)
    if f is not replaced_beside_a_marker:
        # Whether an item of that list is an array is not known in its gradient.
        check_derivative(grad(f), at)


class Odd(Items):
    def __new__(cls, w):
        return super().__new__(cls)


def test_items_of_what_may_be_an_object_are_refused() -> None:
    """An object whose class is not followed stood in a list, and its tangent was asked for an item (TypeError)."""

    def f(x):
        held = [0.5, Odd(1), None]
        held[0] = x
        total = x[0]
        for item in held:
            if isinstance(item, Odd):
                total = total * item[2]
        return total

    with pytest.raises(DerivativeError, match="its class has a `__getitem__` of its own"):
        jvp(f)(np.ones(2), seed=np.ones(2))


def counted(x, k):
    class Step:
        k = 2.0

        def __init__(self, n):
            self.n = n

        def go(self):
            self.n += k
            return self.n

    step = Step(0)
    return x * step.go() * step.go() + Step.k


def test_a_function_that_defines_a_class_is_called_twice() -> None:
    """The second copy of the class had another name than its calls (NameError)."""
    check_derivative(lambda x: counted(x, 1.0) + counted(x * x, 3.0), 0.7)



class Backwards:
    """Says itself what `reversed` is, and it is not the items from the end."""

    def __init__(self, v):
        self.v = v

    def __len__(self):
        return len(self.v)

    def __getitem__(self, i):
        return self.v[i] * 2.0

    def __reversed__(self):
        return iter([self.v[0] * 3.0, self.v[1]])


class Sequence:
    """`reversed` asks its length and its items, and not its `__iter__`."""

    def __init__(self, v):
        self.v = v

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return self.v[i] * 2.0

    def __iter__(self):
        for v in self.v:
            yield v * 5.0


def from_the_end(items):
    t = 0.0
    for v in reversed(items):
        t = t * v + v
    return t


def sums_from_the_end(x):
    q = Sequence(x)
    return from_the_end(q) + from_the_end([x[0], x[1]]) * from_the_end(x) + sum(reversed(q)) + list(reversed(q))[0]


def both_ways(x):
    q, t = Sequence(x), 0.0
    for u, v in zip(reversed(q), q, strict=False):
        t = t * u + u * v
    return t + sum(u * (i + 1) for i, u in enumerate(reversed(q)))


@pytest.mark.parametrize("f", [sums_from_the_end, both_ways])
def test_reversed_objects(f: Program) -> None:
    """An `__iter__` was run through, or items were counted, and those taken from the end."""
    check_derivative(f, np.array([0.8, 0.6, 1.2]))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: from_the_end(Backwards(x)),
        lambda x: sum(reversed(Backwards(x))),
        lambda x: [u * v for u, v in zip(reversed(Backwards(x)), x, strict=False)][0],
        lambda x: dict(enumerate(reversed(Backwards(x))))[0],
    ],
)
def test_objects_that_say_what_reversed_is_are_refused(f: Program) -> None:
    told = "`reversed` of an object of class `Backwards`, which has a `__reversed__` of its own"
    with pytest.raises(UnsupportedError, match=told):
        grad(f)(np.array([0.8, 0.6, 1.2]))


class Divided:
    def __init__(self, v):
        self.v = v

    def __divmod__(self, other):
        return self.v * other, self.v + other

    def __rdivmod__(self, other):
        return self.v - other, self.v * self.v

    def __pow__(self, other):
        return Divided(self.v * other + 1.0)

    def __round__(self, n=0):
        return Divided(self.v * (n + 2.0))


def divided(x):
    q, r = divmod(Divided(x[0]), 2.0)
    s, t = divmod(3.0, Divided(x[1]))
    return q * r + s * t + pow(Divided(x[2]), 2).v


def test_functions_of_python_that_are_methods_of_objects() -> None:
    check_derivative(divided, np.array([0.8, 0.6, 1.2]))
    with pytest.raises(UnsupportedError, match="`__round__` of class `Divided`"):
        grad(lambda x: round(Divided(x[0])).v)(np.array([0.8, 0.6, 1.2]))
