"""Views of dicts in variables show what the dict holds when they are looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative


def never_looked_at(x: Any) -> Any:
    d = {"a": x}
    view = d.values()  # noqa: F841
    d["b"] = x * x
    return d["a"] * d["b"]


def looked_at_before(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    view = d.values()
    y = sum(view)
    d["a"] = y * 2.0
    return y * d["a"]


def looked_at_later(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    view = d.values()
    d["a"] = x**3
    return sum(view) * max(view) + len(view)


def under_another_name(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    view = d.values()
    other = view
    e = d
    d = {"a": 2.0}
    e["a"] = x**3
    return sum(other) + d["a"]


def of_one_of_two(x: Any) -> Any:
    d, e = {"a": x, "b": x * x}, {"a": x * 3.0}
    view = d.values() if x > 0.0 else e.values()
    d["a"] = x**3
    return sum(view)


def run_through(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    view, pairs = d.values(), d.items()
    d["a"] = x**3
    total = 0.0
    for v in view:
        total += v * total + v
    return total * sum(v * len(k) for k, v in pairs)


def unless_empty(x: Any) -> Any:
    d = {"a": x}
    e = d
    y = sum(d.values() or [x])
    e["b"] = x * x
    return y * sum(d.values() or [x])


def unless_empty_in_a_list(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    made = []
    for v in d.values() or [x]:
        made.append(v * x)
    return sum(made) * d["a"]


def unless_empty_beside_its_list(x: Any) -> Any:
    inner = [x]
    d = {"a": inner}
    shown = d.values() or [[x]]
    inner.append(x * x)
    return sum(sum(shown, []))


def in_a_loop(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    total, first = 0.0, d.values()
    for key in ("a", "b", "c"):
        view = d.values()
        d[key] = x * len(first)
        total += max(view) * sum(first)
    return total


def joined(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    view = d.values()
    d |= {"a": x**3, "c": x}
    return sum(view)


def handed_to_a_function(x: Any) -> Any:
    d = {"a": x, "b": x * x}

    def changed(view: Any) -> Any:
        d["a"] = x**3
        return sum(view)

    return changed(d.values())


def evaluated_in_turn(x: Any) -> Any:
    def product(view: Any, v: Any) -> Any:
        return sum(view) * v

    d = {"a": x, "b": x * x}
    return product(d.values(), d.pop("a"))


class Holder:
    def __init__(self, x: Any) -> None:
        self.held = {"a": x, "b": x * x}

    def values(self) -> Any:
        return self.held.values()

    def put(self, v: Any) -> None:
        self.held["a"] = v


def of_an_object(x: Any) -> Any:
    holder = Holder(x)
    view = holder.values()
    holder.put(x**3)
    return sum(view)


def sorted_and_searched(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    view = d.values()
    total = sum(sorted(view)[:1]) * max(view, default=0.3)
    d["c"] = total
    return total * sorted(view)[0]


@pytest.mark.parametrize(
    "f",
    [
        never_looked_at, looked_at_before, looked_at_later, under_another_name, of_one_of_two, run_through,
        unless_empty, unless_empty_in_a_list, in_a_loop, joined, handed_to_a_function, evaluated_in_turn,
        of_an_object, sorted_and_searched,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_a_view_shows_what_the_dict_holds(f: Any) -> None:
    """All were refused, or taken for lists of what the dict held before: wrong numbers, from `joined` on."""
    check_derivative(f, 0.8)
    check_derivative(grad(f), 0.8)


def on_one_path(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    view = d.values() if x > 0.0 else [x]
    d["a"] = x**3
    return sum(view)


def in_a_list(x: Any) -> Any:
    d = {"a": x, "b": x * x}
    views = [d.values(), x]
    d["a"] = x**3
    return sum(views[0])


@pytest.mark.parametrize("f", [on_one_path, in_a_list, unless_empty_beside_its_list], ids=lambda f: f.__name__)
def test_what_is_not_followed_is_refused(f: Any) -> None:
    with pytest.raises(UnsupportedError, match="shows what the dict holds when it is looked at"):
        grad(f)(0.8)


def test_a_view_that_nothing_changes_is_a_list() -> None:
    def f(x: Any) -> Any:
        d, e = {"a": x}, {"a": 2.0 * x}
        view = d.values()
        e["b"] = x
        return sum(view) * sum(e.values())

    check_derivative(f, 0.8)
    assert "shown" not in grad(f).source_for(0.8)


def sums_of_an_empty_dict(x: Any) -> Any:
    d: dict[int, Any] = {}
    y = x[0]
    for k, v in enumerate(x):
        y = y + sum(d.values()) + len(d.items()) * v
        d[k] = v * y
    return y


def what_is_sorted(x: Any) -> Any:
    d: dict[int, Any] = {}
    items: list[Any] = []
    for k, v in enumerate(x):
        y = sum(sorted(d.values())[:2]) + sum(sorted(items)) + v + sum(tuple(reversed(items))[:1])
        d[k] = v * y
        items.append(y)
    return d[1] * items[2]


def extremes_by_default(x: Any) -> Any:
    d: dict[int, Any] = {}
    y = x[0]
    for k, v in enumerate(x):
        y = max(d.values(), default=y) * min([w for w in d.values() if w > 0.3], default=v, key=lambda w: -w)
        d[k] = v * y
    return y * max([], default=x[1]) * max(x[3:], default=x[2])


@pytest.mark.parametrize("f", [sums_of_an_empty_dict, what_is_sorted, extremes_by_default], ids=lambda f: f.__name__)
def test_what_is_computed_of_what_is_empty_at_first(f: Any) -> None:
    """Nothing was computed of such a dict, so that it never seemed to be filled: wrong numbers."""
    x = np.array([0.4, 1.3, -0.8])
    check_derivative(f, x)
    if f is not what_is_sorted:
        check_derivative(grad(f), x)
