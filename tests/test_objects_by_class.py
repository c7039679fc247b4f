"""Objects that are None at first, and objects of one of several classes: right in both modes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp, value_and_grad
from tangent_sct.analysis.inside import Inside
from tangent_sct.analysis.kinds.lattice import join
from tangent_sct.analysis.refused import refuse_names_of_arrays
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, MIXED, UNKNOWN, Field, Kind, is_object
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

X = np.array([0.7, -0.4, 1.3])
FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


class Node:
    def __init__(self, v):
        self.v = v

    def grow(self, k):
        self.v = self.v * k


class Shape:
    def __init__(self, side):
        self.side = side

    def area(self):
        return 0.5 * self.side

    @property
    def double(self):
        return 2.0 * self.area()

    def grow(self, k):
        self.side = self.side * k


class Square(Shape):
    def area(self):
        return self.side * self.side


class Disc(Shape):
    def __init__(self, side, k):
        super().__init__(side)
        self.k = k

    def area(self):
        return self.k * self.side**2 + super().area()


# -- None at first --------------------------------------------------------------------------------


@program(1.3)
def best(x):
    found = None
    for i in range(4):
        node = Node(x * i)
        if found is None or node.v > found.v:
            found = node
    return found.v * x


@program(1.3)
def chosen(x):
    node = None
    if x > 0.0:
        node = Node(x * x)
    return node.v * 2.0 if node is not None else x


@program(-1.3)
def left_out(x):
    node = None
    if x > 0.0:
        node = Node(x * x)
    return node.v * 2.0 if node is not None else x * x


@program(X, order=1)
def with_arrays(x):
    buffer = None
    for k in range(3):
        if buffer is None:
            buffer = Node(x * 2.0)
        buffer.v[k] *= x[0]
        buffer.v = buffer.v + x[k]
    return np.sum(buffer.v * x)


@program(1.3, order=1)
def reset(x):
    node, total = None, 0.0
    for i in range(6):
        if node is None:
            node = Node(x)
        node.grow(x)
        if i % 3 == 2:
            total += node.v
            node = None
    return total


# -- one of several classes -----------------------------------------------------------------------


@program(1.3, order=1)
def in_a_list(x):
    shapes = [Square(x), Disc(x, 2.0 * x), Shape(3.0 * x)]
    return sum(s.area() * s.double for s in shapes)


@program(1.3, order=1)
def appended(x):
    shapes = []
    for i in range(5):
        if i % 2:
            shapes.append(Square(x * i))
        else:
            shapes.append(Disc(x, x * i))
    total = 0.0
    for s in shapes:
        s.grow(x)
        total += s.area()
    return total


@program(1.3, order=1)
def either(x):
    s = Square(x) if x > 0.5 else Disc(x, 3.0)
    return s.area() * s.double


@program(1.3, order=1)
def attributes_of_all(x):
    small, large = Square(x), Disc(2.0 * x, x)
    shape = small if x > 0.0 else large
    shape.side = shape.side * 3.0
    for s in [small, large]:
        s.side = s.side * x
    return shape.area() + small.area() * large.side * shape.side


@program(1.3, order=1)
def replaced(x):
    shape = None
    for i in range(4):
        if i == 1:
            shape = Square(x * i)
        elif i == 2:
            shape = Disc(shape.side * x, x)
        if shape is not None:
            shape.side = shape.side * x
    return shape.area() * shape.side


@program(1.3, order=1)
def made_by_a_function(x):
    def make(i):
        return Square(x * i) if i % 2 else Disc(x, x * i)

    return sum(make(i).area() for i in range(1, 4))


@program([Square(2.0), Disc(1.0, 3.0), Square(0.5)], 1.5, order=1)
def arguments(shapes, k):
    return sum([s.area() * k for s in shapes]) * shapes[0].double


@program(Square(2.0), 1.5)
def told_apart_from_dicts(s, k):
    if isinstance(s, dict):
        return s.side * k
    return s.side * k * k


@program(1.3)
def told_apart_in_a_list(x):
    # Such a test was answered from the kinds: what several classes have in common was no object of any of them.
    total = 0.0
    for shape in [Square(x), Disc(x, 0.5 * x), Square(2.0 * x)]:
        if isinstance(shape, dict):
            total += 100.0 * x
        if isinstance(shape, Square):
            total += shape.area()
        else:
            total = total * x + shape.area() * 3.0
    return total


@program(1.3, 0.7)
def told_apart_in_a_dict(x, k):
    shapes = {"a": Square(x), "b": Disc(k, x)}
    return sum(shapes[n].area() * (x if isinstance(shapes[n], (Disc, Node)) else 2.0) for n in shapes)


class Bend:
    # Attributes have names of parameters of the compiler's own functions.
    def __init__(self, function, cls=2.0):
        self.function, self.cls, self.self = function, cls, 1.0

    def area(self):
        return self.function(0.5) * self.cls


@program(1.3)
def one_that_holds_a_function(x):
    # The test for its class was taken for something that may write into what it is asked of.
    total = x
    for shape in [Square(x), Bend(np.tanh)]:
        total = total * shape.area()
    return total


@program(1.3, 0.7, order=1)
def beside_a_variable_called_type(x, type):
    total = 0.0
    for shape in [Square(x), Disc(x, type)]:
        total += shape.area() * type
    return total


class Crowd:
    """Its attributes are no items: neither counted, nor found among them."""

    def __init__(self, w):
        self.w = w

    def __len__(self):
        return 5

    def __contains__(self, key):
        return False


@program(1.3)
def counts_of_its_own(x):
    total = 0.0
    for one in [Crowd(x), Crowd(x * x)]:
        if len(one) == 1 or "w" in one:
            total += one.w
        else:
            total += 3.0 * one.w * one.w
    return total


class Length:
    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        return Length(self.v * other.v)

    def __radd__(self, other):
        return Length(self.v + other)

    def __mul__(self, other):
        return Length(self.v + (other.v if isinstance(other, Length) else other))

    def __neg__(self):
        return Length(self.v * 3.0)

    def __iadd__(self, other):
        self.v = self.v * other
        return self

    def __call__(self, y):
        return self.v * y * 7.0

    def __getitem__(self, i):
        return self.v * i

    def __len__(self):
        return 3


class Difference(Length):
    """Has its own `+`, and no `__radd__` of its own: beside its base class it is asked last, on the right."""

    def __init__(self, v):
        super().__init__(v)
        self.u = v

    def __add__(self, other):
        return Length(self.v - other.v)

    def __getitem__(self, i):
        return self.v + i


class First(Length):
    def __radd__(self, other):
        return Length(self.v * other.v * 100.0)


@program(1.3)
def a_subclass_on_the_right(x):
    # Its inherited `__radd__` was called in place of the `__add__` of the left operand.
    return (Length(x) + Difference(x)).v * (Difference(x) + Length(2.0 * x)).v * (Length(x) + First(x)).v


@program(1.3, order=1)
def operators_of_several_classes(x):
    # Where the left operand was one of several objects, the `__radd__` of the right one was called.
    total = 0.0
    for o in [Length(x), Difference(x * x)]:
        q = o + Length(x)
        total += q.v + (-o).v + (o * 2.0).v + o(x)
        q = Length(x) + o
        total += q.v + o[2] * len(o)
        o += x
        total += o.v
    return total


@program([Length(1.1), First(0.5), Difference(0.7)])
def operators_of_arguments_of_several_classes(every):
    total = 0.0
    for a in every:
        for b in every:
            if a is not b:
                q = a + b
                total += q.v
    return total


@program(1.3, order=1)
def operators_of_items(x):
    every = {"a": Length(x), "b": Difference(x)}
    total = 0.0
    for k in every:
        q = every[k] + Length(x * 2.0)
        total += q.v
    return total


@pytest.mark.parametrize(("function", "args"), FIRST, ids=[f.__name__ for f, _ in FIRST])
def test_derivatives(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(function, *args)


@pytest.mark.parametrize(("function", "args"), SECOND, ids=[f.__name__ for f, _ in SECOND])
def test_derivatives_of_gradients(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(function), *args, wrt=0, rtol=1e-4)


def test_values_are_those_of_the_function() -> None:
    square = Square(2.0)
    assert value_and_grad(told_apart_from_dicts)(square, 1.5)[0] == told_apart_from_dicts(square, 1.5)


def test_objects_of_several_classes_are_differentiated_twice() -> None:
    check_derivative(grad(in_a_list), 1.3)


# -- names that arrays have ------------------------------------------------------------------------


class Tally:
    def __init__(self, w):
        self.w = w
        self.size = w

    def count(self):
        return self.w * self.w


def method(x):
    t = Tally(x)
    return t.count() * 2.0 + 1.0


def method_of_an_item(x):
    c = [Tally(x)]
    return c[0].count() * 2.0 + x


def method_of_an_argument(x):
    return x.count() * 2.0 + 1.0


def attribute(x):
    return x.size * 2.0


def attribute_in_a_variable(x):
    size = x.size
    return size * 2.0 + 1.0


TAKEN = "the method `count` of an object has a name that arrays and containers use, and is taken for theirs"


@pytest.mark.parametrize(
    ("f", "at", "reason"),
    [
        (method, 1.5, TAKEN),
        (method_of_an_item, 1.5, TAKEN),
        (method_of_an_argument, Tally(1.5), TAKEN),
        (attribute, Tally(1.5), "`x.size` holds values to be differentiated in a form that is not followed"),
        (attribute_in_a_variable, Tally(1.5), "`size \\* 2.0` holds values to be differentiated in a form"),
    ],
)
@pytest.mark.parametrize("mode", [grad, jvp])
def test_names_that_arrays_have(mode: Any, f: Program, at: Any, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as caught:
        mode(f).source_for(at)
    origin = caught.value.origin
    assert origin is not None
    assert "count()" in origin.text or "size" in origin.text
    assert caught.value.hint


def test_objects_that_only_kinds_know() -> None:
    def kind_of(node: Any) -> Kind:
        return Kind("dict", cls=Tally) if tree.is_name(node, "t") else UNKNOWN

    for text, name in (("n = t.count() * 2.0", "count"), ("n = t.size + 1.0", "size")):
        with pytest.raises(UnsupportedError) as caught:
            refuse_names_of_arrays(Inside(tree.statements(text)), {}, kind_of, lambda: {"t"})
        reason = f"`{name}` of an object has a name that arrays and containers use, and is taken for theirs"
        assert caught.value.reason == reason
    refuse_names_of_arrays(Inside(tree.statements("n = t.count() * u.ndim")), {}, kind_of, lambda: {"u"})
    with pytest.raises(UnsupportedError, match="`size` of an object"):
        # What is not known may be a `Tally`, too.
        refuse_names_of_arrays(Inside(tree.statements("n = t.count() * u.size")), {}, kind_of, lambda: {"u"})


class Score:
    """Has under names of arrays and containers what is computed with; so has its subclass."""

    def __init__(self, w):
        self.w = w
        self.d = [w, w * w]

    def count(self):
        return self.w * 5.0

    def keys(self):
        return [self.w * 7.0]

    def get(self, k, default=0.0):
        return self.d[k] * 3.0 if k in self else default

    def __contains__(self, k):
        return k < 2

    def __getitem__(self, k):
        return self.d[k] * 2.0

    @property
    def size(self):
        return self.w * self.w


class Other(Score):
    def __init__(self, w, more=1.0):
        super().__init__(w)
        self.more = more


class Board:
    def __init__(self, w):
        self.w = w

    def __setitem__(self, i, w):
        self.w = w * i


class Board2(Board):
    def __init__(self, w):
        super().__init__(w)
        self.more = w


def some_objects_some_numbers(x):
    total = x
    items = [Score(x), x]
    for k in range(2):
        o = items[k]
        if isinstance(o, Score):
            total += o.count()
    return total


def a_property_of_several_classes(x):
    total = x
    for o in [Score(x), Other(x * x)]:
        total += o.size
    return total


def a_method_in_a_comprehension(x):
    scores = [Score(x), Other(x * x)]
    return sum([o.keys()[0] for o in scores]) + x


def an_item_of_what_a_method_gives(x):
    total = x
    for o in [Score(x), Other(x * x)]:
        total += o.keys()[0] * x
    return total


def of_a_function(x):
    def chosen(k):
        return Score(x) if k else Other(x * x)

    total = x
    for k in range(2):
        total += chosen(k).keys()[0]
    return total


def a_lookup(x):
    scores = [Score(x), Other(x * x), x]
    total = x
    for o in scores[:]:
        if isinstance(o, Score):
            t = o.get(1, x)
            total += t
    return total


def a_stored_item(x):
    scores = [Board(x), Board2(x * x)]
    total = x
    for o in scores:
        o[3] = x
        total += o.w
    return total


def of_arguments(x):
    total = x["c"]
    for k in ("a", "b"):
        total += x[k].count() * x["c"]
    return total


@pytest.mark.parametrize(
    ("f", "at"),
    [
        *((f, 1.3) for f in (
            some_objects_some_numbers, a_property_of_several_classes, a_method_in_a_comprehension,
            an_item_of_what_a_method_gives, of_a_function, a_lookup, a_stored_item,
        )),
        (of_arguments, {"a": Score(0.7), "b": Other(0.5), "c": 1.3}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", [grad, jvp])
def test_names_that_arrays_have_of_one_of_several_objects(mode: Any, f: Program, at: Any) -> None:
    """Such objects were taken for arrays or dicts by the names, and their derivative was left out (wrong values)."""
    with pytest.raises(UnsupportedError):
        mode(f).source_for(at)


def test_objects_of_several_classes_stay_objects() -> None:
    """A kind of a dict was what is known of an object of one of several classes, and of a dict."""
    one = Kind("dict", items=((Field("w"), FLOAT),), cls=Score)
    other = Kind("dict", items=((Field("w"), FLOAT), (Field("more"), FLOAT)), cls=Other)
    assert is_object(join(one, other, lambda: "?"))
    assert is_object(join(join(one, other, lambda: "?"), one, lambda: "?"))
    either = replace(MIXED, cls=object)
    assert join(one, Kind("dict", items=(("w", FLOAT),)), lambda: "?") == either
    assert join(join(one, FLOAT, lambda: "?"), FLOAT, lambda: "?") == either


class Plus:
    """Operators, items and a length that are not those of numbers and arrays."""

    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        return Plus(self.v * 2 + other.v)

    def __radd__(self, other):
        return Plus(self.v * 3 + other)

    def __mul__(self, other):
        return self.v * self.v * other

    def __rmul__(self, other):
        return self.v * 5.0 * other

    def __neg__(self):
        return self.v * self.v

    def __getitem__(self, i):
        return self.v * i

    def __len__(self):
        return 3

    def __iter__(self):
        return iter([self.v * 2])


def a_left_operand(x):
    total = 0.0
    items = [Plus(x), x, 2.0]
    for k in range(3):
        o = items[k]
        total = total + (o + Plus(x * x)).v
    return total


def a_product(x):
    total = 0.0
    items = [Plus(x), x]
    for k in range(2):
        o = items[k]
        total = total + o * x
    return total


def a_sign(x):
    total = 0.0
    items = [Plus(x), x]
    for k in range(2):
        o = items[k]
        total = total + (-o)
    return total


def an_item(x):
    total = 0.0
    items = [Plus(x), [x, x * x]]
    for k in range(2):
        o = items[k]
        total = total + o[1]
    return total


def a_length(x):
    total = 0.0
    items = [Plus(x), [x, x * x]]
    for k in range(2):
        o = items[k]
        total = total + len(o) * x
    return total


def a_run_through_it(x):
    total = 0.0
    items = [Plus(x), [x, x * x]]
    for k in range(2):
        o = items[k]
        for item in o:
            total = total + item
    return total


@pytest.mark.parametrize("f", [a_left_operand, a_product, a_sign, an_item, a_length, a_run_through_it])
def test_objects_that_stand_where_numbers_do(f: Program) -> None:
    """Out of a list of objects and numbers came what was taken for numbers and arrays (wrong values)."""
    with pytest.raises(DerivativeError, match="class Plus"):
        grad(f)(1.3)
    with pytest.raises(DerivativeError, match="class Plus"):
        jvp(f)(1.3, seed=1.0)


def test_a_number_beside_an_object_with_operators() -> None:
    """Kinds do not tell a number of NumPy, which makes an array of an object with a length and items."""

    def f(x):
        return (x + Plus(x * x)).v

    check_derivative(f, 1.3)
    assert "check_python_number(x)" in grad(f).source_for(1.3)
    with pytest.raises(DerivativeError, match="a number of NumPy stands left"):
        grad(f)(np.float64(1.3))

    def g(x):
        return (2 + Plus(x * x)).v

    check_derivative(g, 1.3)
    assert "check_" not in grad(g).source_for(1.3)
