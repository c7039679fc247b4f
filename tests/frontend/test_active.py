"""Which names may carry a derivative."""

from __future__ import annotations

import pytest

from tangent_sct.core import tree
from tangent_sct.frontend.active import active_names, mentions_active, root_name
from tests.frontend.desugaring import is_pure, is_zero


def found(body: str, parameters: str = "x, data, n") -> str:
    text = f"def f({parameters}):\n" + "\n".join("    " + line for line in body.split("\n"))
    (function,) = tree.statements(text)
    return " ".join(sorted(active_names(function, {"x"}, is_zero, is_pure)))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x", True), ("x * n", True), ("-x", True), ("x.T", True), ("x[0]", True),
        ("x.sum()", True),
        ("f(n, key=x)", True), ("[n, x]", True), ("{'a': x}", True), ("x if n else 1", True),
        ("n or x", True), ("(t := x)", True), ("[x * v for v in n]", True), ("lambda: x", True),
        ("x > 1", False), ("not x", False), ("x is None", False), ("n in x", False),
        ("x.shape[0]", False), ("len(x)", False), ("f'{x}'", False), ("n[x]", True),
        ("1 if x else 2", False), ("x.argmax()", False), ("{x: 1}", False), ("x.keys()", False),
        ("range(x)", False), ("[v > 1 for v in x]", False), ("n", False),
    ],
)  # fmt: skip
def test_mentions_active(expression: str, expected: bool) -> None:
    assert mentions_active(tree.expression(expression), {"x"}, is_zero) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("y = x * data\nm = n + 1\nreturn y", "x y"),
        ("k = len(x)\ny = data[k]", "x"),
        ("a = b = x", "a b x"),
        ("a, b = x, n", "a x"),
        ("(a, b), c = g(x), n", "a b x"),
        ("y = 0.0\ny += x", "x y"),
        ("z = y\ny = x\nw = z", "w x y z"),
        ("while n:\n    z = y\n    y = x", "x y z"),
        ("for v in x:\n    y = v", "v x y"),
        ("for i, v in enumerate(x):\n    pass", "v x"),
        ("for a, b in zip(x, data):\n    pass", "a x"),
        ("for k, v in x.items():\n    pass", "v x"),
        ("for i in range(len(x)):\n    pass", "x"),
        ("if (y := x) > 1:\n    pass", "x y"),
        ("with g(x) as y:\n    pass", "x y"),
        ("y = [v for v in x]", "v x y"),
        ("y: float = x", "x y"),
        ("match x:\n    case [a, b]:\n        pass", "a b x"),
        ("def g(v):\n    return v * x\ny = g(n)", "g n x y"),
    ],
)
def test_what_an_assignment_makes_active(body: str, expected: str) -> None:
    assert found(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a = np.zeros(3)\na[0] = x", "a x"),
        ("a = []\na.append(x)", "a x"),
        ("a = {}\na['k'] = a['l'] = x", "a x"),
        # The object is shared: the other names hold active data too.
        ("b = data\nb[0] = x", "b data x"),
        ("b = data[1:]\nb[0] = x", "b data x"),
        ("b = [data]\nb[0] += x", "b data x"),
        ("b = [data]\nb[0] = x", "b x"),
        ("b = data\nc = b\nb += x", "b c data x"),
        ("b = [data]\nb[0][0] = x", "b data x"),
        ("b = [data]\nc = b[0]\nc[0] = x", "b c data x"),
        ("b = []\nb.append(data)\nb[0][1] = x", "b data x"),
        # A new object around the data does not change the data.
        ("b = [data]\nb.append(x)", "b x"),
        ("b = data + 1\nb[0] = x", "b x"),
        # A function that nothing is known of may write into its arguments, but not into numbers.
        ("m = 3\nfill(data, m, x)", "data x"),
        ("y = np.dot(data, x)", "x y"),
        ("np.add(data, x, out=data)", "data x"),
        ("b = np.asarray(data)\nb[0] = x", "b data x"),
        ("out = []\ndef g():\n    out.append(x)\ng()", "g out x"),
    ],
)
def test_what_a_store_makes_active(body: str, expected: str) -> None:
    assert found(body) == expected


def test_a_new_array_holds_nothing_of_what_it_was_made_from() -> None:
    text = "def f(x, data):\n    b = np.array([data[0]])\n    b[0] = x"
    (function,) = tree.statements(text)
    copies = lambda function: tree.text(function) == "np.array"
    assert active_names(function, {"x"}, is_zero, is_pure, copies) == {"b", "x"}
    assert active_names(function, {"x"}, is_zero, is_pure) == {"b", "data", "x"}


def test_only_the_parameters_asked_for_are_active_at_first() -> None:
    assert found("return data * n") == "x"


def test_root_name() -> None:
    assert root_name(tree.expression("a[0].b[1]")) == "a"
    assert root_name(tree.expression("f(a)[0]")) is None
