"""Objects that change when they are asked for something, by methods that Python runs where nobody sees a call.

Each program was a wrong number once, or stands beside one; now it is right, or refused with a text.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, jvp
from tangent_sct.testing import check_derivative

X = np.array([0.5, 0.2, 0.9])


class Held:
    def __init__(self, v):
        self.v = v


class Truth(Held):
    def __bool__(self):
        self.v = 2.0
        return True


class Sized(Held):
    def __len__(self):
        self.v = 2.0
        return 1


class Equal(Held):
    __hash__ = None

    def __eq__(self, other):
        self.v = 2.0
        return True


class Less(Held):
    def __lt__(self, other):
        self.v = 2.0
        return True


class Shown(Held):
    def __repr__(self):
        self.v = 2.0
        return "shown"


class Asked(Held):
    @property
    def p(self):
        self.v = 2.0
        return 1.0

    def __neg__(self):
        self.v = 2.0
        return 1.0

    def __getitem__(self, place):
        self.v = 2.0
        return 1.0

    def __float__(self):
        self.v = 2.0
        return 1.0


class Memo(Held):
    """Keeps what it has computed, which changes nothing that is seen."""

    def __init__(self, v):
        super().__init__(v)
        self.kept = None

    def __len__(self):
        if self.kept is None:
            self.kept = 3
        return self.kept


def empty_branch(x):
    c = Truth(x[0])
    if c:
        pass
    return c.v * x[1]


def assertion(x):
    c = Truth(x[0])
    if not c:
        raise ValueError("never")
    return c.v * x[1]


def any_of_a_list(x):
    c = Truth(x[0])
    k = any([c])
    return c.v * x[1] + k


def any_of_a_generator(x):
    cs = [Truth(x[0]), Truth(x[1])]
    k = any(c for c in cs)
    return cs[0].v * x[1] + k


def condition_of_a_comprehension(x):
    c = Truth(x[0])
    k = [1 for i in range(2) if c]
    return c.v * x[1] * len(k)


def member_of_a_list(x):
    c = Equal(x[0])
    k = c in [1, 2]
    return c.v * x[1] * k


def place_in_a_list(x):
    c = Equal(x[0])
    k = [c].index(3)
    return c.v * x[1] * (k + 1)


def compared_in_a_condition(x):
    c = Equal(x[0])
    k = 2.0 if c != 3 else 1.0
    return c.v * x[1] * k


def compared_in_a_generator(x):
    cs = [Equal(x[0]), Equal(x[1])]
    k = any(c == 1 for c in cs)
    return cs[0].v * x[1] + k


def sorted_for_nothing(x):
    c, d = Less(x[0]), Less(x[1])
    sorted([c, d])
    k = sorted([c, d])  # noqa: F841
    return c.v * x[1] * d.v


def greater_of_two(x):
    c, d = Less(x[0]), Less(x[1])
    k = max(c, d)  # noqa: F841
    return c.v * x[1] * d.v


def formatted(x):
    c = Shown(x[0])
    s = "{}".format(c)  # noqa: UP032
    return c.v * x[1] * len(s)


def formatted_by_percent(x):
    c = Shown(x[0])
    s = "%s" % c  # noqa: UP031
    return c.v * x[1] * len(s)


def printed(x):
    cs = [Shown(x[0]), Shown(x[1])]
    print(cs)
    return cs[0].v * x[1]


def lengths_in_a_sum(x):
    cs = [Sized(x[0]), Sized(x[1])]
    k = sum(len(c) for c in cs)
    return cs[0].v * x[1] * k


def lengths_by_map(x):
    cs = [Sized(x[0]), Sized(x[1])]
    k = max(map(len, cs))
    return cs[0].v * x[1] * k


def lengths_as_keys(x):
    cs = [Sized(x[0]), Sized(x[1])]
    k = sorted(cs, key=len)
    return cs[0].v * x[1] * k[0].v


def properties_in_a_generator(x):
    cs = [Asked(x[0]), Asked(x[1])]
    k = any(c.p > 3 for c in cs)
    return cs[0].v * x[1] + k


def operators_in_a_generator(x):
    cs = [Asked(x[0]), Asked(x[1])]
    k = any(-c > 3 for c in cs)
    return cs[0].v * x[1] + k


def items_in_a_generator(x):
    cs = [Asked(x[0]), Asked(x[1])]
    k = any(c[0] > 3 for c in cs)
    return cs[0].v * x[1] + k


def numbers_in_a_generator(x):
    cs = [Asked(x[0]), Asked(x[1])]
    k = any(float(c) > 3 for c in cs)
    return cs[0].v * x[1] + k


def properties_as_keys(x):
    cs = [Asked(x[0]), Asked(x[1])]
    k = sorted(cs, key=lambda c: c.p)  # noqa: F841
    return cs[0].v * x[1]


def attributes_as_keys(x):
    cs = [Asked(x[0]), Asked(x[1])]
    k = sorted(cs, key=operator.attrgetter("p"))  # noqa: F841
    return cs[0].v * x[1]


def keys_of_a_dict(x):
    cs = {"a": Asked(x[0]), "b": Asked(x[1])}
    k = sorted(cs, key=lambda name: cs[name].p)
    return cs["a"].v * x[1] * len(k)


def properties_in_a_text(x):
    cs = [Asked(x[0]), Asked(x[1])]
    s = f"{[c.p for c in cs]}"
    return cs[0].v * x[1] * len(s)


def asked_whether_it_has(x):
    cs = [Asked(x[0]), Asked(x[1])]
    k = hasattr(cs[0], "p")
    return cs[0].v * x[1] * k


def held_by_another(x):
    outer = [Held(Asked(x[0]))]
    k = any(q.v.p > 3 for q in outer)
    return outer[0].v.v * x[1] + k


def seen_by_calls(x):
    cs = [Asked(x[0]), Asked(x[1])]
    total = -cs[0] + cs[1][0] + float(cs[0]) + cs[1].p
    return cs[0].v * x[1] + total


def computed_once(x):
    cs = [Memo(x[0]), Memo(x[1])]
    k = sum(len(c) for c in cs)
    return cs[0].v * cs[1].v * k * x[2]


PROGRAMS = [
    empty_branch, assertion, any_of_a_list, any_of_a_generator, condition_of_a_comprehension, member_of_a_list,
    place_in_a_list, compared_in_a_condition, compared_in_a_generator, sorted_for_nothing, greater_of_two,
    formatted, formatted_by_percent, printed, lengths_in_a_sum, lengths_by_map, lengths_as_keys,
    properties_in_a_generator, operators_in_a_generator, items_in_a_generator, numbers_in_a_generator,
    properties_as_keys, attributes_as_keys, keys_of_a_dict, properties_in_a_text, asked_whether_it_has,
    held_by_another, seen_by_calls, computed_once,
]  # fmt: skip


@pytest.mark.parametrize("function", PROGRAMS)
def test_what_objects_are_asked_is_followed_or_refused(function: Callable[..., Any]) -> None:
    try:
        check_derivative(function, X)
    except UnsupportedError as error:
        assert error.filename == __file__
        assert error.lineno


@pytest.mark.parametrize("function", [seen_by_calls, computed_once])
def test_what_is_called_in_sight_or_computed_once_is_followed(function: Callable[..., Any]) -> None:
    check_derivative(function, X)


def test_a_property_that_stores_is_refused_where_it_is_read_unseen() -> None:
    with pytest.raises(UnsupportedError) as caught:
        jvp(properties_in_a_generator)(X, seed=X)
    assert caught.value.reason == (
        "there is an object of class `Asked`, whose `p` assigns `v`, and Python runs that where nobody sees a call"
    )
