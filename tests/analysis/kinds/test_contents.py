"""Lists and tapes that change."""

from __future__ import annotations

import itertools

import pytest

from tangent_sct import runtime
from tangent_sct.analysis.kinds import infer
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    UNKNOWN,
    Kind,
    array,
)
from tangent_sct.runtime import old_item, taken_item, zero_items
from tests.analysis.kinds.building import NAMESPACE, X, kinds, unit


def test_a_tape_gives_back_what_was_put_on_it() -> None:
    body = """
tape = []
other = []
for i in range(n):
    tape.append(X)
    other.append(X[:i])
for j in range(n):
    x = tape.pop()
    y = other.pop()
    z = other.pop()
return x
"""
    names = kinds(body, X=X, n=INT).names
    assert names["x"] == X
    # Two entries need not have one size.
    assert names["y"].rank == names["z"].rank == 1
    assert len({names["y"].shape, names["z"].shape, X.shape}) == 3


def test_a_tape_that_is_read_before_it_is_filled() -> None:
    body = """
tape = []
for i in range(n):
    if i > 0:
        x = tape.pop()
        y = x * 2
    tape.append(X)
return 0
"""
    assert kinds(body, X=X, n=INT).names["y"] == X


@pytest.mark.parametrize(
    "change",
    ["items.append(s)", "items[0] = s", "alias = items\nalias.insert(0, s)", "undefined(items)"],
)
def test_lists_that_change_are_not_known_by_position(change: str) -> None:
    body = f"items = [X, X]\n{change}\nr = items[0]\nreturn r"
    assert kinds(body, X=X, s=FLOAT).names["r"] == UNKNOWN


def test_lists_that_change_hold_what_was_put_into_them() -> None:
    body = "items = [X]\nfor i in range(n):\n    items.append(X * 2)\nr = items[-1]\nreturn r"
    assert kinds(body, X=X, n=INT).names["r"] == X


@pytest.mark.parametrize(("whole", "expected"), [([1.0, 2.0], FLOAT), ([[1.0], [2.0]], UNKNOWN)])
def test_lists_outside_the_program_hold_what_they_hold(whole: list[object], expected: Kind) -> None:
    """Numbers that are only read are known by what is checked at each call; of lists more may be known elsewhere."""
    program = unit("items = [X]\nitems.append(X)\nr = WHOLE[0]\nreturn r", {"X": X}, {"WHOLE": whole})
    assert infer(program).names["r"] == expected


def test_what_is_read_of_an_empty_list_is_what_is_put_into_it_later() -> None:
    body = """
old = []
for i in range(n):
    if len(old) > 0:
        y = old[-1] * 2
        z = sum(old)
    else:
        y = X
    old.append(y)
last = old[0]
return last
"""
    names = kinds(body, X=X, n=INT).names
    assert names["last"] == names["y_2"] == X


def test_lists_that_take_turns_hold_what_both_hold() -> None:
    body = """
old = []
new = []
for i in range(n):
    if len(old) > 0:
        r = old[0] + X
        new.append(r)
    new.append(X)
    old = new
    new = []
return old
"""
    names = kinds(body, X=X, n=INT).names
    assert names["r"] == X
    assert names["old"].element == X


def test_a_list_that_nobody_fills_is_empty() -> None:
    body = "xs = []\nxs.clear()\nxs += []\nk = len(xs)\nr = X * k\nreturn r"
    names = kinds(body, X=X).names
    assert names["k"].is_scalar
    assert names["r"] == X


def test_what_a_list_in_a_list_holds_may_come_with_it() -> None:
    body = "rows = [[X]]\nrows[0:] = [[s]]\nrow = rows[0]\nrow.append(X)\nr = row[0]\nreturn r"
    assert kinds(body, X=X, s=FLOAT).names["r"] == UNKNOWN


def test_a_list_that_holds_itself() -> None:
    body = "xs = []\nxs.append(xs)\nr = xs[0]\nreturn r"
    assert not kinds(body).names["r"].is_array


def test_an_item_is_of_another_size_when_it_was_replaced() -> None:
    body = """
c = [X, 0.0]
for i in range(n):
    before = c[0]
    c[0] = X[:i]
    after = c[0]
return c
"""
    names = kinds(body, X=X, n=INT).names
    assert names["before"].rank == names["after"].rank == 1
    assert names["before"].shape != names["after"].shape


def test_the_sum_of_no_arrays_is_a_number() -> None:
    body = "xs = []\nfor i in range(n):\n    xs.append(X)\nr = sum(xs)\ns = sum(xs, X)\nreturn r"
    names = kinds(body, X=X, n=INT).names
    assert names["r"] == UNKNOWN
    assert names["s"] == X


def test_items_of_a_shadow_keep_their_kinds_when_one_is_replaced() -> None:
    body = """
tape = []
state = {"x": X, "level": s}
for i in range(n):
    tape.append(old_item(state, "x"))
    state["x"] = state["x"] * 2.0
bar = zero_items(state)
for i in range(n):
    seed = taken_item(bar, "x", tape.pop())
    level = bar["level"]
return level
"""
    objects = {**NAMESPACE, **{f.__name__: f for f in (old_item, zero_items, taken_item)}}
    names = infer(unit(body, {"X": X, "s": FLOAT, "n": INT}, objects)).names
    assert names["seed"].is_array and names["seed"].rank == 1
    assert names["level"] == FLOAT


def test_what_is_added_to_in_place_changes_nothing_else() -> None:
    body = """
state = {"x": X, "level": s}
y = state["x"]
y += 1.0
whole = (y, state)
return state["level"]
"""
    assert kinds(body, X=X, s=FLOAT).names["y"].is_array


def test_what_itertools_selects() -> None:
    body = """
pairs = list(itertools.combinations(range(n), 2))
for pair in pairs:
    i = pair[0]
    row = A[i]
return pairs
"""
    given = {"A": array(("n0", "n1")), "n": INT}
    names = infer(unit(body, given, {**NAMESPACE, "itertools": itertools})).names
    assert names["i"].is_scalar and names["row"].is_array


def test_what_is_listed_of_pairs() -> None:
    body = """
numbered = list(enumerate(A))
beside = list(zip(A, numbered))
for c, row in numbered:
    entry = row[c]
for other, pair in beside:
    place = pair[0]
return numbered
"""
    names = infer(unit(body, {"A": array(("n0", "n1"))}, NAMESPACE)).names
    assert names["c"].is_scalar and names["row"].is_array and names["entry"].is_scalar
    assert names["other"].is_array and names["place"].is_scalar


@pytest.mark.parametrize("call", [
    "runtime.matmul_left(g, a, b)", "runtime.dot_left(g, a, b)", "runtime.einsum_adjoint(g, 'ij,jk', 0, a, b)",
    "runtime.matmul_right(b, g, a)",
])  # fmt: skip
def test_the_adjoint_of_an_operand_is_shaped_like_it(call: str) -> None:
    given = {"g": array(("p", "q")), "a": array(("r", "s"), "float32"), "b": array(("t", "u"))}
    found = infer(unit(f"y = {call}\nreturn y", given, {**NAMESPACE, "runtime": runtime})).names["y"]
    assert (found.shape, found.dtype) == (("r", "s"), "float64")


def test_axes_that_undo_an_order() -> None:
    body = "y = np.transpose(A, runtime.inverse_axes((-1, 0, 1)))\norder = runtime.inverse_axes(axes)\nreturn y"
    given = {"A": array(("n0", "n1", "n2")), "axes": Kind("tuple")}
    names = infer(unit(body, given, {**NAMESPACE, "runtime": runtime})).names
    assert names["y"].shape == ("n1", "n2", "n0")
    assert names["order"].family == "tuple"


def test_what_objects_hold_is_told_apart_by_its_name() -> None:
    """The array `k` had the place of what `a` holds, so that a list that grew in it changed all of them."""
    body = """
inner = {"pos": A, "trace": []}
outer = [{"a": inner, "k": A}]
for i in range(n):
    for one in outer:
        f = one["a"]["pos"] * one["k"]
    inner["pos"] = f
    inner["trace"].append(f[0])
trace = inner["trace"]
item = trace[0]
return f
"""
    names = infer(unit(body, {"A": array(("n0",))}, NAMESPACE)).names
    assert names["f"].is_array and names["trace"].family == "list" and names["item"].is_scalar


@pytest.mark.parametrize("change", [
    "held[k] = 1.0", "held.update(other)", "for v in held.values():\n    v.append(1.0)", "unknown(held)",
    "held.pop('b')", "second = held[k]\nsecond.append(1.0)", "second = [held][0]['b']\nsecond.append(1.0)",
])  # fmt: skip
def test_what_is_done_to_items_without_a_name_concerns_all(change: str) -> None:
    body = f"""
held = {{"a": A, "b": []}}
{change}
v = held["b"]
w = v[0]
return w
"""
    names = infer(unit(body, {"A": array(("n0",)), "other": Kind("dict")}, NAMESPACE)).names
    assert not names["w"].is_array
    assert names["v"].family != "list" or names["v"].items is None


def test_a_dict_that_a_comprehension_makes() -> None:
    body = "d = {i: A * 2 for i in range(3)}\ny = d[1]\nreturn y"
    names = infer(unit(body, {"A": array(("n0",))}, NAMESPACE)).names
    assert names["d"].family == "dict" and names["y"].is_array


def test_generators_let_out_what_they_change_alone() -> None:
    body = """
held = {"a": X}
log = [X]
grown = [X]
any(v is None for row in [log] for v in row)
any(grown.append(None) for _ in held["a"])
a, b, c = held["a"], log[0], grown[0]
return a
"""
    names = kinds(body, X=X).names
    assert names["a"] == X
    assert names["b"] == X
    assert names["c"] == UNKNOWN
