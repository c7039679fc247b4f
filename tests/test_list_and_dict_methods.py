"""What lists and dicts can do: methods, operators, displays with stars, functions of sequences, in both modes."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

X = np.array([1.046, 0.404, 0.925, 1.324])
NAMES = ["b", "a", "d", "c"]
FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


@program(X, 1)
def popped_anywhere(x, i):
    c = [x[0], x[1] * 2, x[2]]
    v = c.pop(i)
    c.append(v * c[0])
    return c[1] * c[2] * v


@program(X)
def chosen_among_constants(x):
    d = {"c": 0.5, "a": 1.5, "b": 1.0}
    d[min(d, key=d.get)] = 2.0
    for k in sorted(d, key=lambda k: -d[k]):
        x = x * d[k] + x[0]
    return np.sum(x) * d[max(d, key=d.get)]


@program(X)
def texts_among_numbers(x):
    found = ["a text", 0.5, 0.7, "another"]
    found[0] = x
    total = 4.0
    for item in found:
        if isinstance(item, str):
            pass
        elif isinstance(item, float):
            total = total * item
        else:
            total = np.sum(item * item)
    return np.cos(total)


@program(X)
def popped_from_the_end(x):
    c = [x[0], x[1] * 2, x[2]]
    v = c.pop(-2)
    return v * c[1] * c[0]


@program(X, 1)
def inserted(x, i):
    c = [x[0], x[1] * 2]
    c.insert(i, x[2] * x[0])
    return c[0] * c[1] * 2 + c[2]


@program(X)
def extended_by_a_generator(x):
    c = [x[0]]
    c.extend([x[1] * 2, x[2]])
    c.extend(v * 2 for v in x)
    return c[0] * c[1] * c[4]


@program(X)
def extended_by_a_list(x):
    c = [x[0]]
    d = [v * v for v in x]
    c.extend(d)
    d.append(x[1])
    return c[0] * c[1] * c[4] * d[-1]


@program(X)
def reversed_in_place(x):
    c = [v * v for v in x]
    c.reverse()
    c[0] = c[0] * x[1]
    return c[0] * c[1]


@program(X)
def lists_reversed(x):
    c = [[v * v] for v in x]
    c.reverse()
    c[0][0] = c[0][0] * x[1]
    return c[0][0] * c[1][0]


@program(X)
def sorted_in_place(x):
    c = [v * v for v in x]
    c.sort()
    return c[0] * c[1] * x[0]


@program(X)
def sorted_downwards(x):
    c = [v * v for v in x]
    c.sort(reverse=True)
    return c[0] * c[1] * x[0]


@program(X)
def sorted_by_a_key(x):
    c = [v * v for v in x]
    c.sort(key=lambda v: -v)
    return c[0] * c[1] * x[0]


@program(X)
def sorted_anew(x):
    c = sorted([v * v for v in x])
    return c[0] * c[1] * x[0]


@program(X)
def pairs_by_a_key(x):
    c = sorted([(v * v, v) for v in x], key=lambda p: -p[0])
    return c[0][1] * c[1][0] * x[0]


@program(X, NAMES)
def by_name(x, names):
    c = sorted(zip(names, x, strict=False))
    return c[0][1] * c[1][1] ** 2


@program(X, NAMES)
def by_order(x, names):
    order = sorted(range(len(names)), key=lambda i: names[i])
    return x[order[0]] * x[order[1]] ** 2


@program(X)
def item_deleted(x):
    c = [v * v for v in x]
    del c[1]
    return c[0] * c[1]


@program(X)
def slice_deleted(x):
    c = [v * v for v in x]
    del c[1:3]
    return c[0] * c[1]


@program(X)
def key_deleted(x):
    d = {"a": x[0] * x[1], "b": x[1]}
    v = d["a"]
    del d["a"]
    return d["b"] * v


@program(X)
def slice_replaced(x):
    c = [v * v for v in x]
    c[1:3] = [x[0], x[1], x[2] * 2]
    return c[0] * c[3] * c[4]


@program(X)
def removed(x):
    c = [x[0], x[1]]
    c.remove(x[0])
    return c[0] ** 2


@program(X)
def cleared(x):
    c = [x[0], x[1]]
    v = c[0]
    c.clear()
    c.append(v * x[1])
    return c[0] ** 2


@program(X)
def dict_values(x):
    d = {"a": x[0], "b": x[1] * 2}
    return sum(d.values()) * sum(v * v for v in d.values())


@program(X)
def got(x):
    d = {"a": x[0], "b": x[1] * 2}
    return d.get("a", 0.0) * d.get("b") + d.get("c", x[2] * 2)


@program(X, 1)
def got_by_any_key(x, k):
    d = {}
    d[0] = x[0]
    d[1] = x[1] * 2
    return d.get(k, x[2]) * d.get(5, 0.0) + d.get(0)


@program(X, order=1)
def grouped(x):
    d = {}
    for i in range(4):
        d.setdefault(i % 2, []).append(x[i] ** 2)
    return d[0][0] * d[1][1]


@program(X)
def set_once(x):
    d = {}
    for i in range(4):
        d.setdefault(i % 2, x[i])
        d[i % 2] = d[i % 2] * x[i]
    return d[0] * d[1]


@program(X)
def updated(x):
    d = {"a": x[0], "b": x[1] * 2}
    d.update({"a": x[2], "c": x[3]})
    return d["a"] * d["c"] * d["b"]


@program(X)
def updated_by_keywords(x):
    d = {"a": x[0], "b": x[1] * 2}
    d.update(a=x[2], c=x[3])
    return d["a"] * d["c"] * d["b"]


@program(X)
def key_popped(x):
    d = {"a": x[0], "b": x[1] * 2}
    v = d.pop("a")
    return v * d["b"]


@program(X)
def popped_or_default(x):
    d = {"a": x[0], "b": x[1] * 2}
    v = d.pop("c", x[2])
    w = d.pop("a", None)
    return v * d["b"] * w


@program(X)
def joined_dicts(x):
    d = {"a": x[0], "b": x[1] * 2}
    e = d | {"a": x[2]}
    return e["a"] * e["b"] * d["a"]


@program(X, order=1)
def joined_in_place(x):
    d = {"a": x[0], "b": x[1] * 2}
    d |= {"a": x[2]}
    return d["a"] * d["b"]


@program(X)
def dict_of_keywords(x):
    d = {"a": x[0], "b": x[1]}
    return d["a"] * d["b"]


@program(X)
def dict_of_pairs(x):
    d = {"a": x[0], "b": x[1]}
    return d["a"] * d["b"]


@program(X, order=1)
def dict_of_two_lists(x):
    d = dict(zip(["a", "b"], x, strict=False))
    return d["a"] * d["b"]


@program(X)
def values_as_a_list(x):
    d = {"a": x[0], "b": x[1] * 2}
    v = list(d.values())
    k = list(d.items())
    return v[0] * v[1] * k[1][1]


@program(X)
def spread(x):
    c = [x[0], x[1]]
    d = [1.0, *c, x[2]]
    return d[1] * d[2] * d[3]


@program(X)
def spread_of_any_length(x):
    c = [v * v for v in x]
    d = [1.0, *c, x[2], *c]
    return d[1] * d[2] * d[5] * d[6]


@program(X)
def dict_spread(x):
    d = {"a": x[0], "b": x[1]}
    e = {**d, "a": x[2]}
    return e["a"] * e["b"] * d["a"]


@program(X)
def spread_in_a_tuple(x):
    c = (x[0], x[1])
    d = (*c, x[2])
    return d[1] * d[2]


@program({"a": 1.5, "b": 2.5})
def argument_spread(d):
    e = {**d, "a": d["a"] * 2}
    return e["a"] * e["b"]


@program(X)
def zipped(x):
    c = list(zip(x, [v * 2 for v in x], strict=False))
    return c[0][1] * c[1][0]


@program(X)
def reversed_anew(x):
    c = list(reversed([v * v for v in x]))
    return c[0] * x[0]


@program(X)
def enumerated(x):
    c = list(enumerate(x))
    return c[1][1] * c[2][0] * c[3][1]


@program(X)
def mapped(x):
    c = [v * v for v in x]
    return c[0] * c[1]


@program(X)
def filtered(x):
    c = list(filter(lambda v: v > 0.5, x))
    return c[0] * c[1]


@program(X)
def greatest_by_a_key(x):
    c = [(v * v, v) for v in x]
    m = max(c, key=lambda p: p[0])
    return m[0] * m[1]


@program(X)
def least_by_a_key(x):
    return min(x, key=lambda v: abs(v - 0.9)) ** 2


@program(X)
def least_and_greatest_of_several_tuples(x):
    d, word = min((x[0] * 2, "a"), (x[1], "b"))
    e, i = max((v, i) for i, v in enumerate(x))
    pair = max((x[0], x[1]), (x[0], x[2]))
    return d * (2 if word == "a" else 3) + e * i * pair[1]


@program(X)
def greatest_of_lists(x):
    c = [[v, v * v] for v in x]
    best = max(c)
    s = sorted(c)
    return best[0] * best[1] + s[0][0]


@program(X)
def least_of_several_by_a_key(x):
    a, b = (x[0], x[1]), (x[0], x[2])
    return min(a, b, key=lambda t: -t[1])[1] ** 2 + max(x[0], x[1], key=lambda v: abs(v - 0.9)) * x[2]


@program(X)
def texts_in_tuples(x):
    pairs = [(x[0], "a"), (x[1] * x[1], "b"), (0.5, "c")]
    while len(pairs) > 1:
        a, one = pairs.pop()
        b, other = pairs.pop()
        pairs.append((a * b, one + other))
    return pairs[0][0] * len(pairs[0][1])


@program(X)
def any_and_all(x):
    c = [v * v for v in x]
    if any(v > 1 for v in c) and all(v > 0 for v in c):
        return c[0] * c[1]
    return x[0]


# -- with aliases, and with items that are written into ---------------------------------------------


@program(X)
def replaced_by_itself(x):
    c = [v * v for v in x]
    c[1:] = c
    return c[0] * c[1] * c[3]


@program(X, order=1)
def arrays_moved(x):
    c = [v * x for v in x]
    c[1][0] = x[0]
    c[1:3] = [x * 2.0, c[0]]
    c[1][0] = x[3]
    del c[:1]
    return c[0].sum() * c[1][1]


@program(X, order=1)
def one_list_by_two_names(x):
    c = [x * 1.0, x * x]
    d = c
    c.sort(key=lambda v: v[1])
    d.reverse()
    c[0][0] = x[1]
    return d[0].sum()


@program(X, "a", order=1)
@program(X, "z", order=1)
def list_got_and_written(x, k):
    d = {}
    d["a"] = [x[0], x[1]]
    v = d.get(k, [x[2], x[3]])
    v[0] = x[2] * x[3]
    return d["a"][0] * v[1]


@program(X, order=1)
def list_popped_and_put_back(x):
    d = {"a": [x[0], x[1]], "b": [x[2]]}
    v = d.pop("a")
    v.append(x[3])
    d["c"] = v
    v[0] = v[2]
    return d["c"][0] * d["b"][0]


@program(X, order=1)
def arrays_in_two_dicts(x):
    d = {"a": x * 1.0}
    e = d | {"b": x * 2.0}
    e["a"][0] = x[1]
    return d["a"].sum() * e["b"].sum()


@program(np.array([1.3, 0.2, 0.7, 1.9]))
def sorted_in_a_loop(x):
    s = 0.0
    c = [v * v for v in x]
    for i in range(3):
        c.sort(key=lambda v: abs(v - 1))
        s = s + c[0] * c[1]
        c[0] = c[0] * x[i] + i
    return s


@pytest.mark.parametrize(("function", "args"), FIRST, ids=[f.__name__ for f, _ in FIRST])
def test_derivatives(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(function, *args)


@pytest.mark.parametrize(("function", "args"), SECOND, ids=[f.__name__ for f, _ in SECOND])
def test_derivatives_of_gradients(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(function), *args, wrt=0, rtol=1e-4)


# -- what is refused ------------------------------------------------------------------------------


def in_a_chain_map(x):
    return collections.ChainMap({"a": x[0]})["a"]


def dict_of_a_list(x):
    pairs = [("a", x[0]), ("b", x[1])]
    return dict(pairs)["a"]


@pytest.mark.parametrize(
    ("function", "name", "hint"),
    [
        (in_a_chain_map, "collections.ChainMap", "join the dicts with `|`"),
        (dict_of_a_list, "dict", "write {key: value for key, value in ...}"),
    ],
)
def test_other_containers_are_refused(function: Program, name: str, hint: str) -> None:
    with pytest.raises(UnsupportedError, match=f"`{name}` is made of values to be differentiated") as caught:
        grad(function)(X)
    assert caught.value.hint == hint
    assert caught.value.filename == __file__ and caught.value.text is not None


Point = collections.namedtuple("Point", "place weight")


def unpacked_point(p):
    place, weight = p
    place[0] = weight
    return place.sum() * weight


def test_a_named_tuple_may_hold_what_is_written() -> None:
    found = grad(unpacked_point)(Point(X.copy(), 2.0))
    assert isinstance(found, Point)
    np.testing.assert_allclose(found.place, [0.0, 2.0, 2.0, 2.0])
    np.testing.assert_allclose(found.weight, X[1:].sum() + 4.0)


def test_sorting_replays_the_permutation() -> None:
    text = grad(sorted_in_place).source_for(X)
    assert "order = sort_order(c)" in text or "sort_order(c)" in text
    assert "restore_order(c_bar, " in text


def test_lists_without_derivatives_stay_as_they_are() -> None:
    assert "sort_order" not in grad(by_order).source_for(X, NAMES)


def keys_from_a_zip(x):
    d = dict(zip(("a", "b", "c"), x[:3], strict=True))
    return d["a"] * d["b"] ** 2 * d["c"]


def split_in_a_loop(x):
    h = np.zeros(2)
    for v in x:
        gate, new = np.split(np.outer(x, x)[:2, :2].ravel() * v + np.concatenate([h, h]), 2)
        h = np.tanh(gate) * h + np.tanh(new)
    return np.sum(h * h)


def a_display_of_displays(x):
    options = {**{"b": x[0]}, "c": x[1] * 2.0, **{"d": x[2]}}
    return options["b"] ** 2 * options["c"] + sum(options.values()) ** 3


@pytest.mark.parametrize("function", [keys_from_a_zip, split_in_a_loop, a_display_of_displays])
def test_second_order_of_what_texts_and_cuts_select(function: Program) -> None:
    check_derivative(function, X)
    check_derivative(grad(function), X)


def a_list_repeated(x, n):
    t = [x * 2, x * x]
    s = x
    for u in t * n:
        s = s * u
    return s * x


def a_tuple_repeated(x, n):
    s = x
    for u in n * (x * 2, np.array([x, x])):
        s = s * u
    return np.sum(s) * x


def a_list_that_is_repeated_and_grows(x, n):
    t = []
    for k in range(3):
        t.append(x * k + 1)
    q = t * n
    t.append(x)
    q.append(x)
    s = x
    for u in q:
        s = s * u
    return s * t[0] * t[3]


@pytest.mark.parametrize("n", [-1, 0, 1, 3])
@pytest.mark.parametrize("f", [a_list_repeated, a_tuple_repeated, a_list_that_is_repeated_and_grows])
def test_lists_that_are_repeated_any_number_of_times(f, n):
    """A list that was repeated no time handed an empty list of adjoints on to its items: a ValueError."""
    check_derivative(f, 0.6, n, wrt=(0,))
    check_derivative(grad(f), 0.6, n, wrt=(0,))


def the_value_of_an_update(x):
    d = {"a": x[0]}
    r = d.update({"a": x[1], "b": x[2]})
    t = [d.update(a=v * d["a"]) or d["a"] for v in x]
    return t[0] * d["a"] * d["b"] * (2 if r is None else 3)


def the_values_of_changes_of_a_list(x):
    c = [x[0]]
    values = [c.extend([x[1], x[2]]), c.append(x[0]), c.insert(0, x[1]), c.insert(1, x[2]), c.sort(), c.reverse()]
    values.append(c.remove(x[0]))
    s = c[0] * c[1] ** 2
    t = c.clear() or s
    return t * len([v for v in values if v is None])


@pytest.mark.parametrize("f", [the_value_of_an_update, the_values_of_changes_of_a_list])
def test_the_value_of_a_change_is_none(f):
    """The assignment was lost with the call: a NameError, `t` was not defined."""
    check_derivative(f, np.array([0.7, -1.3, 2.1]))
    check_derivative(grad(f), np.array([0.7, -1.3, 2.1]))


def lists_by_truth(x):
    groups = {}
    for v in x:
        groups.setdefault(v > 0, []).append(v)
    return sum(groups[True]) * groups[False][0]


def lists_by_truth_that_are_there(x):
    groups = {True: [], False: []}
    for v in x:
        groups[v > 0].append(v)
    return sum(groups[True]) * groups[False][0]


def lists_by_tuples_in_tuples(x):
    groups = {}
    for i, v in enumerate(x):
        k = ((i % 2, 1), 2)
        if k not in groups:
            groups[k] = []
        groups[k].append(v)
    return sum(groups[(0, 1), 2]) * groups[(1, 1), 2][0]


@pytest.mark.parametrize("f", [lists_by_truth, lists_by_truth_that_are_there, lists_by_tuples_in_tuples])
def test_keys_that_would_select_elements_of_an_array(f):
    """A list under such a key was taken for a copy, as it would be of an array: the derivative was zero."""
    check_derivative(f, np.array([0.7, -1.3, 2.1]))


def test_what_runs_through_a_dict_finds_its_keys() -> None:
    """`max(d)` was taken for one of its values, and failed; `sorted(d)` and `a, b = d` were refused."""

    def taken_out(x):
        d = dict(enumerate(x))
        y = 0.0
        while d:
            y = y * x[0] + d.pop(min(d))
        return y

    def in_order(x):
        d = {}
        for i, v in enumerate(x):
            d[f"k{i % 3}"] = d.get(f"k{i % 3}", 0.0) + v
        y = d[max(d)] * d[min(d)]
        for k in sorted(d, reverse=True):
            y = y * x[0] + d[k]
        return y

    def taken_apart(x):
        d = {3: x[0], 1: x[1]}
        a, b = d
        m, n = tuple(d)
        y = sum(d) * x[2] if any(d) and all(d) else x[2]
        for i, j in sorted({(b, a): x[0], (a, b): x[1]}):
            y = y * d[m] ** n + i * j * x[3]
        return y * d[a] ** b

    for f in (taken_out, in_order, taken_apart):
        check_derivative(f, np.array([1.1, 0.7, 1.6, 0.4]))
    check_derivative(grad(taken_out), np.array([1.1, 0.7, 1.6, 0.4]))


def extended_by_its_length(x):
    c = [x[0], 2.0]
    c.extend([len(c), len(c)])
    c += [len(c), c[-1] * x[1]]
    n = [1.0]
    n.extend([sum(n), len(n)])
    return sum(c) * c[2] * n[-1]


def test_items_are_computed_before_the_first_is_put_there() -> None:
    """The second was computed after the first had been appended: wrong values."""
    check_derivative(extended_by_its_length, X)
    check_derivative(grad(extended_by_its_length), X)


def test_generators_that_ask_for_the_list_they_extend_are_refused() -> None:
    """They were run through before, while the list had not grown yet."""

    def f(x):
        c = [x[0], 2.0]
        c.extend(v * len(c) for v in c[:2])
        return sum(c)

    with pytest.raises(UnsupportedError, match="a generator of active values"):
        grad(f)(X)


def taken_off_until_it_is_empty(x):
    d = {f"k{i}": x[i] * x[0] for i in range(3)}
    total = 0.0
    while d:
        key, value = d.popitem()
        total = total * 0.5 + value * value * len(key)
    return total


def lists_taken_off(x):
    d = {"a": [x[0]], "b": [x[1], x[2]]}
    _, values = d.popitem()
    values.append(x[0])
    again = d["a"]
    again.append(x[2])
    return sum(values) * sum(d["a"]) + len(d)


def views_taken_off(x):
    y = x * 1.0
    d = {"a": y, "b": y[1:]}
    _, part = d.popitem()
    part *= x[0]
    d["a"][2] += part[0]
    return np.sum(y**2)


@pytest.mark.parametrize("function", [taken_off_until_it_is_empty, lists_taken_off, views_taken_off])
def test_the_last_item_of_a_dict_is_taken_off(function: Program) -> None:
    check_derivative(function, X)
    check_derivative(grad(function), X)


def test_an_empty_dict_has_no_last_item() -> None:
    def f(x):
        d = {"a": x[0]}
        d.popitem()
        try:
            d.popitem()
        except KeyError:
            return x[1] * x[2]
        return x[0]

    check_derivative(f, X)


def last_of_arrays_and_lists(x):
    d = {"w": x}
    d.setdefault("u", [x])
    for item in d.values():
        last = item
    return last


def lists_put_beside_others(x):
    d = {"w": x}
    d.setdefault("u", [x * 2.0, 1.0])
    d["w"] = [d["u"][0] * 2.0, x]
    return d["w"][0] * d["w"][1]


@pytest.mark.parametrize("function", [last_of_arrays_and_lists, lists_put_beside_others])
def test_displays_that_become_items_have_tangents(function: Program) -> None:
    """In forward mode an item that is written out where it is stored had the tangent zero."""
    check_derivative(function, X)


CONSTANTS = {"u": 0.7, "w": 1.3}


def test_constants_that_are_spread_and_updated() -> None:
    """Nothing in the display varies, but what the variable holds later does: AttributeError in reverse mode."""

    def f(x, r):
        held = {**CONSTANTS, "v": x}
        for key in held:
            held[key] += r
        return held["v"] * held["u"]

    with pytest.raises(UnsupportedError, match="in a dict display of values to be differentiated") as caught:
        grad(f, wrt=1)(1.3, 0.7)
    assert caught.value.origin is not None

