"""Slices that are objects, and keys that vary: refused, since no derivative would be seen to flow through them."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative

SLICE = "a list or a tuple of values to be differentiated is indexed by what may be a slice"
KEY = "values to be differentiated are keys of a dict, from which no derivative flows back"


def replaced(x):
    c = [x, x * 2]
    s = slice(0, 1)
    c[s] = [x * x]
    return c[0] * c[1]


def replaced_arrays(x):
    c = [x * np.ones(2), 2 * x * np.ones(2)]
    s = slice(0, 1)
    c[s] = [x * x * np.ones(2)]
    return np.sum(c[0] * c[1])


def replaced_in_a_loop(x):
    c = [x, x * 2]
    for s in (slice(0, 1), slice(1, 2)):
        c[s] = [x * x]
    return c[0] * c[1]


def chosen(x, s=None):
    c = [x, x * 2]
    s = s or slice(0, 1)
    c[s] = [x * x]
    return c[0] * c[1]


def read(x):
    c = [x, x * 2]
    s = slice(0, 2)
    return sum(c[s])


def read_from_a_tuple(x):
    c = (x, x * 2)
    s = slice(0, 2)
    return sum(c[s])


def written_as_an_index(x):
    c = [x, x * 2]
    c.extend(c[np.s_[1:]])
    return c[2] * c[1]


def of_what_is_not_known(x):
    c = [x, x * 2]
    c[np.s_[:]] = np.ones(2) * x * x
    return c[0] * c[1]


@pytest.mark.parametrize("mode", [grad, jvp])
@pytest.mark.parametrize(
    ("f", "text"),
    [
        (replaced, "c[s] = "), (replaced_arrays, "c[s] = "), (replaced_in_a_loop, "c[s] = "), (chosen, "c[s] = "),
        (read, "c[s]"), (read_from_a_tuple, "c[s]"), (written_as_an_index, "c.extend"),
        (of_what_is_not_known, "c[np.s_[:]] = "),
    ],
)  # fmt: skip
def test_slices_that_are_objects(mode: Any, f: Any, text: str) -> None:
    assert_refused(mode, f, text, SLICE, "write the slice in the brackets: `c[i:j]`")


def chosen_by_a_key(x):
    table = {}
    for k in "uw":
        table[k] = x[0] * x[1]
    place = max(range(2), key=lambda k: [x[0], x[1]][k])
    return place * x[2] * table["w"]


def test_parameters_of_functions_inside_are_no_variables() -> None:
    check_derivative(chosen_by_a_key, np.array([0.4, 0.7, 1.2]))


def of_a_display(x):
    d = {x: 1.0}
    return list(d.keys())[0] * 2


def run_through(x):
    total = 0.0
    for k, v in {x: x * 1.0, 2 * x: 3.0}.items():
        total += k * v
    return total


def stored(x):
    d = {}
    d[x * x] = 2.0
    return max(d) * 3.0


def set_where_missing(x):
    d = {}
    d.setdefault(x, 2.0)
    return next(iter(d)) * x


def of_pairs(x):
    return sum(dict([(x, 2.0)]).keys())  # noqa: C406


def of_a_comprehension(x):
    return sum({k: 1.0 for k in (x, x * 2)})  # noqa: C420


def of_a_list_of_pairs(x):
    pairs = [(v, 1) for v in (x, 2 * x)]
    d = dict(pairs)
    return max(d.keys())


def zipped(x):
    d = dict(zip([x, 2 * x], "ab", strict=True))
    return sum(d)


def from_keys(x):
    return sum(dict.fromkeys([x, 2 * x], 1))


def compared(x):
    return max({x: 1.0, 2 * x: 0.0}, key=lambda k: k)


@pytest.mark.parametrize("mode", [grad, jvp])
@pytest.mark.parametrize(
    ("f", "text"),
    [
        (of_a_display, "{x: 1.0}"), (run_through, "{x: x * 1.0"), (stored, "d[x * x]"),
        (set_where_missing, "d.setdefault"), (of_pairs, "dict("), (of_a_comprehension, "{k: 1.0"),
        (of_a_list_of_pairs, "dict(pairs)"), (zipped, "dict(zip("), (from_keys, "dict.fromkeys"),
        (compared, "{x: 1.0"),
    ],
)  # fmt: skip
def test_keys_that_vary(mode: Any, f: Any, text: str) -> None:
    hint = "keep them as values, under integers or texts; or make the keys integers by int(...)"
    assert_refused(mode, f, text, KEY, hint)


def assert_refused(mode: Any, f: Any, text: str, reason: str, hint: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        mode(f).source_for(1.3)
    error = caught.value
    assert (error.reason, error.hint, error.filename) == (reason, hint, __file__)
    lines, first = inspect.getsourcelines(f)
    assert text in lines[error.lineno - first]
    assert error.text[error.offset - 1 : error.end_offset - 1].strip()


def keys(x):
    p = {"w": x, "b": 2 * x}
    doubled = {k: 2 * v for k, v in p.items()}
    again = {k: p[k] * x for k in p}
    ones = {k: 1.0 for k in p}  # noqa: C420
    a = np.ones(3) * x
    kept = {len(a): x, x > 1.0: x}
    kept[a.shape] = 2 * x
    kept[int(x)] = 3 * x
    kept.setdefault(a.size + 1, x)
    return doubled["w"] * again["b"] * ones["w"] * sum(kept.values())


def places(x, k=1):
    c = [x, x * 2]
    for i in range(2):
        c[i] = c[-i] * x
    c[k] = x * x
    return c[0] * sum(c[k:]) * c[len(c) - 1]


def test_other_indices_and_keys() -> None:
    check_derivative(keys, 1.3)
    check_derivative(places, 1.3)
