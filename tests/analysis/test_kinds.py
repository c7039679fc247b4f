"""Kinds of programs: what is known, what must not be claimed, and random programs that check it."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct import runtime
from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.analysis.kinds import Kinds, infer
from tangent_sct.analysis.shapes import DimValue
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    NO_VALUE,
    UNKNOWN,
    Kind,
    array,
    constant,
    container,
    scalar,
)
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit
from tangent_sct.frontend.single import single

NAMESPACE = {
    "np": np,
    "iadd": operator.iadd,
    "unbroadcast": runtime.unbroadcast,
    "unreduce": runtime.unreduce,
    "zeros_like": runtime.zeros_like,
    "LIMIT": 3,
    "WEIGHTS": np.array([1.0, 2.0, 1.0]),
}


def annotated(x: np.ndarray, s: float, n: int, note: str) -> None: ...


def unit(body: str, kinds: Mapping[str, Kind], function: Callable[..., Any] = lambda: None) -> Unit:
    """A program in single assignment, its parameters those with kinds."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    node: Any = tree.statements(f"def f({', '.join(kinds)}):\n{lines}")[0]
    names = Names(n.id for n in tree.walk(node) if isinstance(n, gast.Name))
    statements, bases = single(node, names, set())
    source = Source("", "", 1, 0, "f", function, NAMESPACE, {})
    request = Request("grad", kinds=tuple(kinds.items()))
    return Unit(tree.function("f", node.args, statements), source, request, NAMESPACE, bases)


def kinds(body: str, call_kind: Any = None, **given: Kind) -> Kinds:
    return infer(unit(body, given), call_kind)


X = array(("n0",))
Y = array(("n0",))
Z = array(("n1",))
A = array(("n0", "n1"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1.0 + s", FLOAT),
        ("2 * 3 + LIMIT", constant(9)),
        ("X * s", X),
        ("A * Z", A),
        ("A @ Z", X),
        ("A.T", array(("n1", "n0"))),
        ("A.sum(axis=1)", X),
        ("A.mean()", scalar("float64")),
        ("X > 0", array(("n0",), "bool")),
        ("s > 0", scalar("bool")),
        ("not s", scalar("bool")),
        ("X.copy()", X),
        ("X.astype(np.float32)", array(("n0",), "float32")),
        ("X.item()", FLOAT),
        ("X.ndim", constant(1)),
        ("X.dtype", Kind("other", value=np.dtype("float64"))),
        ("len(WEIGHTS)", constant(3)),
        ("X.shape[0]", INT),
        ("np.pi", constant(np.pi)),
        ("WEIGHTS", array(("3",))),
        ("(s, X)[1]", X),
        ("[X, Z][-1]", Z),
        ("{'a': X}['a']", X),
        ("X if s > 0 else X", X),
        ("np.where(X > 0, X, 0.0)", X),
        ("np.zeros_like(A)", A),
        ("np.zeros(A.shape)", A),
        ("np.zeros(len(X))", X),
        ("np.empty((A.shape[1], 3), dtype=np.float32)", array(("n1", "3"), "float32")),
        ("np.arange(len(X))", array(("n0",), "int64")),
        ("np.zeros((n, n + 1))", array(("len:n", "len:(len:n + 1)"))),
        ("np.reshape(X, (len(X), 1))", array(("n0", 1))),
        ("np.broadcast_to(s, A.shape)", A),
        ("np.random.normal(size=X.shape)", X),
        ("unbroadcast(A, Z)", Z),
        ("unbroadcast(A, s)", scalar("float64")),
        ("unreduce(s, A)", A),
        ("zeros_like((s, X))", container("tuple", {0: FLOAT, 1: X})),
        ("max(s, 0)", scalar(None)),
        ("LIMIT - 1", constant(2)),
        ("lambda t: t", Kind("other")),
        ("undefined(X)", UNKNOWN),
        ("mystery + 1", UNKNOWN),
    ],
)
def test_expressions(expression: str, expected: Kind) -> None:
    found = kinds(f"r = {expression}\nreturn r", X=X, Z=Z, A=A, s=FLOAT, n=INT, mystery=UNKNOWN)
    assert found.names["r"] == expected
    assert found.kind_of(tree.expression("r")) == expected


@pytest.mark.parametrize(
    ("index", "shape"),
    [
        ("[0]", ("n1",)),
        ("[i]", ("n1",)),
        ("[-1, 0]", None),
        ("[:]", ("n0", "n1")),
        ("[1:]", ("n0-1", "n1")),
        ("[:-1]", ("n0-1", "n1")),
        ("[1:-1, 2:]", ("n0-2", "n1-2")),
        ("[:3]", ("min(n0,3)", "n1")),
        ("[:, 0]", ("n0",)),
        ("[..., 0]", ("n0",)),
        ("[0, ...]", ("n1",)),
        ("[0, 0, ...]", ()),
        ("[:, None]", ("n0", 1, "n1")),
        ("[::-1, ::2]", ("n0", "ceil(n1/2)")),
        ("[:i]", ("n0[:len:i:]", "n1")),
        ("[np.array([0, 1, 2])]", ("3", "n1")),
        ("[[0, 1], 0]", ("2",)),
        ("[:, [0, 1]]", ("n0", "2")),
        ("[J]", ("n2", "n1")),
        ("[:, J]", ("n0", "n2")),
        ("[J, None, J]", ("n2", 1)),
        ("[0, :, J]", ("n2", "n1")),
        ("[J > 0]", ("?r.3", "n1")),
        ("[A > 0]", ("?r.3",)),
    ],
)
def test_subscripts(index: str, shape: Any) -> None:
    base = "A[:, :, None]" if index == "[0, :, J]" else "A"
    if index == "[0, :, J]":
        shape = ("n2", "n1")
        index = "[0, :, J % 1]"
    given = {"A": A, "i": INT, "J": array(("n2",), "int64")}
    found = kinds(f"r = {base}{index}\nreturn r", **given).names["r"]
    if shape is None:
        assert found == scalar("float64")
    elif any(str(d).startswith("?") for d in shape):
        assert found.shape is not None and len(found.shape) == len(shape)
        assert str(found.shape[0]).startswith("?") and found.shape[1:] == shape[1:]
    else:
        assert found == array(shape)


def test_stencils_have_one_shape() -> None:
    found = kinds("r = (A[:-2] + A[2:]) * A[1:-1]\nreturn r", A=A).names["r"]
    assert found.shape == ("n0-2", "n1")


@pytest.mark.parametrize("index", ["[i, j]", "[0]", "[J]", "[mystery]"])
def test_entries_of_an_array_of_unknown_rank_may_be_anything(index: str) -> None:
    given = {"x": array(None), "i": INT, "j": INT, "J": array(("n0",), "int64"), "mystery": UNKNOWN}
    assert kinds(f"r = x{index}\nreturn r", **given).names["r"] == UNKNOWN


def test_joins() -> None:
    body = """
if s > 0:
    a = X
    b = X
    c = X
    d = 1
    e = 1.0
else:
    a = X * 2
    b = Z
    c = s
    d = 2
    e = np.sum(X)
return a, b, c, d, e
"""
    names = kinds(body, X=X, Z=Z, s=FLOAT).names
    a, b, c, d, e = (names[f"{n}_3"] for n in "abcde")
    assert a == X
    assert b.rank == 1 and b.shape not in (X.shape, Z.shape)
    assert c == UNKNOWN
    assert d == INT
    assert e == scalar("float64")


def test_loops_keep_what_stays() -> None:
    body = """
y = 0.0
k = 0
u = X
while k < n:
    y = y + u[k]
    u = np.sin(u)
    k = k + 1
return y, u, k
"""
    names = kinds(body, X=X, n=INT).names
    assert names["u_2"] == X and names["u_4"] == X
    assert names["y_2"] == scalar("float64")
    assert names["k_2"] == INT


def test_loops_forget_what_changes() -> None:
    body = """
u = X
v = X
w = s
for i in range(n):
    u = u[1:]
    v = np.outer(v, X)
    w = w + X
p = u + v
return u, v, w
"""
    names = kinds(body, X=X, s=FLOAT, n=INT).names
    assert names["u_2"].rank == 1 and names["u_2"].shape not in (("n0",), ("n0-1",))
    assert names["v_2"].is_array and names["v_2"].shape is None
    assert names["w_2"] == UNKNOWN
    assert not {"n0", "n0-1"} & set(names["u_4"].shape or ())


def test_sizes_of_different_iterations_are_told_apart() -> None:
    body = """
z = np.zeros(n)
for i in range(n):
    y = np.zeros(i)
    w = z + y
    z = y
return w
"""
    names = kinds(body, n=INT).names
    assert names["z_2"].shape != names["y"].shape
    assert names["w"].shape not in (names["z_2"].shape, names["y"].shape)


def test_targets_of_loops() -> None:
    body = """
for i, (a, row) in enumerate(zip(X, A)):
    p = a * row
for t in reversed(range(n)):
    q = X[t]
for item in (X, Z):
    r = item
return 0
"""
    names = kinds(body, X=X, Z=Z, A=A, n=INT).names
    assert names["i"] == INT and names["a"] == scalar("float64") and names["p"] == Z
    assert names["q"] == scalar("float64")
    assert names["r"].rank == 1 and names["r"].shape not in (X.shape, Z.shape)


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


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(X, X), (FLOAT, UNKNOWN), (UNKNOWN, UNKNOWN)],
)
def test_augmented_assignment_before_it_is_decided(kind: Kind, expected: Kind) -> None:
    found = kinds("r = iadd(y, X)\nreturn r", y=kind, X=X).names["r"]
    assert found == (X if kind == FLOAT else expected)


def test_opaque_statements() -> None:
    body = """
y = X
try:
    y = undefined(X)
except ValueError:
    pass
def g(t):
    return t
z = y
w = g(X)
return z
"""
    names = kinds(body, X=X).names
    assert names["z"] == names["w"] == UNKNOWN


def test_user_functions_are_asked_about() -> None:
    def helper(x: Any, scale: Any) -> Any:
        raise AssertionError("is not called")

    asked = []

    def call_kind(function: object, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
        asked.append((function, args, keywords))
        return args[0]

    program = unit("r = helper(X, scale=n)\nreturn r", {"X": X, "n": INT})
    program = Unit(program.tree, program.source, program.request, {"helper": helper})
    assert infer(program, call_kind).names["r"] == X
    assert asked == [(helper, [X], {"scale": INT})]
    assert infer(program).names["r"] == UNKNOWN


def test_annotations_speak_where_no_arguments_do() -> None:
    node: Any = tree.statements("def annotated(x, s, n, note):\n    y = x * s\n    return y")[0]
    source = Source("", "", 1, 0, "annotated", annotated, {}, {})
    names = infer(Unit(node, source, Request("grad"))).names
    assert names["y"] == array(None, None)
    assert names["n"] == INT and names["note"].family == "other"


def test_programs_that_are_not_in_single_assignment() -> None:
    # `y` holds arrays of several sizes, and each read may meet another one.
    node: Any = tree.statements(
        "def f(X, n):\n"
        "    y = X\n"
        "    for i in range(n):\n"
        "        a = y\n"
        "        y = X[:i]\n"
        "        b = y\n"
        "        c = a + b\n"
        "    return c"
    )[0]
    source = Source("", "", 1, 0, "f", lambda: None, NAMESPACE, {})
    request = Request("grad", kinds=(("X", X), ("n", INT)))
    names = infer(Unit(node, source, request, NAMESPACE)).names
    assert names["a"].rank == names["b"].rank == 1
    assert names["a"].shape != names["b"].shape


def test_asking_changes_nothing_and_is_deterministic() -> None:
    body = "m = X[X > 0]\nq = m + m\nk = X[X > 1]\nr = m + k\nreturn q"
    first, second = (kinds(body, X=X) for _ in range(2))
    assert first.names == second.names
    assert first.names["q"] == first.names["m"]
    assert first.names["k"].shape != first.names["m"].shape
    asked = [first.kind_of(tree.expression("np.unique(X)")).shape for _ in range(2)]
    assert asked[0] != asked[1]
    assert first.names == second.names


# -- random programs ----------------------------------------------------------------------------


class Programs:
    """Random programs over numbers, arrays and integers; many fail when run, and that is fine."""

    VECTORS = (
        "np.sin({v})", "{v} * {s}", "{v} + {w}", "{v}[1:]", "{v}[:-1]", "{v}[{i}:]", "{v}[:2]",
        "{v}[::2]", "{v}[::-1]", "np.concatenate([{v}, {w}])", "np.zeros({i})", "np.zeros_like({v})",
        "np.zeros({v}.shape)", "np.ones(len({v}))", "np.full(len({v}) - 1, {s})", "{v}[{v} > {s}]",
        "np.where({v} > 0, {v}, {s})", "{m} @ {v}", "{m}[0]", "{m}[:, {i}]", "np.sum({m}, axis=1)",
        "{m}.sum(axis=0)", "{m}.ravel()", "np.arange({i})", "np.cumsum({v})", "np.sort({v})",
        "np.unique({v})", "{v}[np.argsort({v})]", "np.convolve({v}, WEIGHTS, 'same')",
        "np.repeat({v}, 2)", "{v}.astype(np.float32)", "np.diag({m})", "np.atleast_1d({s})",
        "iadd({v}, {s})", "np.reshape({m}, -1)", "{v} if {s} > 0 else {w}", "np.maximum({v}, {w})",
        "({v}, {w})[1]", "np.squeeze({m})", "np.sum({m}, axis={i} % 2)", "{v}[{i}:{j}]",
        "unbroadcast({m}, {v})", "np.roll({v}, {i})", "np.random.normal(size={v}.shape)",
    )  # fmt: skip
    MATRICES = (
        "{m} * {s}", "{m} + {v}", "{m}.T", "np.outer({v}, {w})", "{v}[:, None] * {w}", "{m}[1:-1]",
        "{m}[:, 1:]", "np.zeros(({i}, len({v})))", "{m} @ {m}.T", "np.reshape({v}, (1, -1))",
        "np.stack([{v}, {w}])", "np.eye({i})", "np.linalg.inv({m} @ {m}.T)", "{m}[np.array([0, 0])]",
        "unreduce({v}, {m}, 0)", "{m}[:, None, 0]", "np.sum({m}, axis=0, keepdims=True)",
        "np.broadcast_to({v}, {m}.shape)", "np.reshape({m}, ({m}.shape[1], {m}.shape[0]))",
    )  # fmt: skip
    SCALARS = (
        "{s} * 2.0", "{s} + {t}", "np.sum({v})", "{v}[{i}]", "{m}[0, {i}]", "np.mean({m})", "0.0", "1",
        "float({i})", "{s} / 2", "np.sqrt({s} * {s})", "max({s}, {t})", "abs({s})", "{v} @ {w}",
        "np.float32({s})", "-{s}", "{v}.max()", "{s} ** 2", "{i} / 2", "{s} > {t}", "iadd({s}, {t})",
        "np.linalg.norm({v})", "{v}[0].item()",
    )  # fmt: skip
    INTEGERS = (
        "len({v})", "{i} + 1", "{i} - 1", "{v}.shape[0]", "{m}.shape[1]", "2", "np.argmax({v})",
        "{v}.size", "{i} // 2", "{m}.ndim", "int({s})", "np.size({m}, 0)", "len({v}) - 1",
    )  # fmt: skip

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = {"v": ["v", "w"], "m": ["m"], "s": ["s"], "i": ["i"]}

    def text(self, statements: int) -> str:
        return "\n".join([*self.block(statements, 0), "return 0"])

    def block(self, statements: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(statements):
            choice = self.random.random()
            if choice < 0.1 and depth < 2:
                kept = {key: list(value) for key, value in self.names.items()}
                counter = f"c{self.random.randrange(1000)}"
                self.names["i"].append(counter)
                body = self.block(self.random.randint(2, 4), depth + 1)
                lines += [f"for {counter} in range(3):", *("    " + line for line in body)]
                self.names = kept
            elif choice < 0.2 and depth < 2:
                kept = {key: list(value) for key, value in self.names.items()}
                lines.append(f"if {self.pick('s')} > 0:")
                lines += ["    " + line for line in self.block(2, depth + 1)]
                self.names = {key: list(value) for key, value in kept.items()}
                lines.append("else:")
                lines += ["    " + line for line in self.block(2, depth + 1)]
                self.names = kept
            else:
                lines.append(self.assignment())
        return lines

    def assignment(self) -> str:
        family, table = self.random.choices(
            [("v", self.VECTORS), ("m", self.MATRICES), ("s", self.SCALARS), ("i", self.INTEGERS)],
            [5, 3, 3, 2],
        )[0]
        names = {key: self.pick(key) for key in "vmsi"}
        text = self.random.choice(table).format(
            **names, w=self.pick("v"), t=self.pick("s"), j=self.pick("i")
        )
        old = self.random.random() < 0.5
        name = self.pick(family) if old else f"{family}{self.random.randrange(1000)}"
        if name.startswith("c"):
            name = "i"
        if name not in self.names[family]:
            self.names[family].append(name)
        return f"{name} = {text}"

    def pick(self, family: str) -> str:
        return self.random.choice(self.names[family])


class Watch:
    """Compares the values of a running program with the kinds that were inferred."""

    def __init__(self, found: Kinds) -> None:
        self.kinds = {**found.names}
        self.live: dict[str, Any] = {}
        self.checked = 0

    def see(self, name: str, value: Any) -> None:
        self.live[name] = value
        self.checked += self.agrees(self.kinds[name], value, name)
        sizes: dict[str, tuple[int, str]] = {}
        for other, held in self.live.items():
            shape = self.kinds[other].shape if isinstance(held, np.ndarray) else ()
            for dim, size in zip(shape or (), np.shape(held), strict=True):
                if isinstance(dim, str):
                    first, owner = sizes.setdefault(dim, (size, other))
                    assert first == size, f"{dim} is {first} in {owner} and {size} in {other}"

    def drop(self, *names: str) -> None:
        """What these names held belongs to an iteration that is over."""
        for name in names:
            self.live.pop(name, None)

    def agrees(self, kind: Kind, value: Any, name: str) -> bool:
        said = f"{name} is {kind}, and was {value!r}"
        if kind.family == "unknown":
            return False
        if kind.family == "array":
            assert type(value) is np.ndarray, said
            assert kind.dtype in (None, value.dtype.name), said
            if kind.shape is not None:
                assert len(kind.shape) == value.ndim, said
                for dim, size in zip(kind.shape, value.shape, strict=True):
                    assert not isinstance(dim, int) and not dim.isdigit() or int(dim) == size, said
        elif kind.family == "scalar":
            assert isinstance(value, (int, float, np.generic)), said
            own = value.dtype.name if isinstance(value, np.generic) else type(value).__name__
            # An int may stand for a float, and Python's own number for NumPy's.
            allowed = {
                "float": {"int"}, "float64": {"int", "float"}, "int64": {"int"}
            }.get(kind.dtype or "", set())  # fmt: skip
            assert kind.dtype in (None, own) or own in allowed, said
            if kind.value is not NO_VALUE:
                assert not isinstance(kind.value, DimValue) and kind.value == value, said
        return True


def _is_carried(node: gast.AST, before: set[str]) -> bool:
    return isinstance(node, gast.Assign) and node.targets[0].id in before


def watched(body: list[gast.AST]) -> list[gast.AST]:
    """The program with a call of `see` after each assignment."""
    result: list[gast.AST] = []
    for node in body:
        if isinstance(node, gast.If):
            node = tree.if_(node.test, watched(node.body), watched(node.orelse))
        elif isinstance(node, gast.For):
            written = [*tree.names_written(node.body), *tree.names_written(node.target)]
            drop = tree.effect(tree.call("drop", *map(tree.const, written)))
            # Carried names change together at the end of the body, and nothing is read after that.
            before = set(tree.names_written(body[: body.index(node)]))
            end = len(node.body)
            while end and _is_carried(node.body[end - 1], before):
                end -= 1
            inside = [*watched(node.body[:end]), drop, *node.body[end:]]
            seen = tree.statements(f"see({node.target.id!r}, {node.target.id})")
            carried = [
                tree.statements(f"see({n.targets[0].id!r}, {n.targets[0].id})")[0]
                for n in node.body[end:]
            ]
            result += [tree.for_(node.target, node.iter, [*seen, *inside, *carried]), drop]
            continue
        result.append(node)
        if isinstance(node, gast.Assign):
            name = node.targets[0].id
            result += tree.statements(f"see({name!r}, {name})")
    return result


def arguments(seed: int, like: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Arguments; of the same kinds as others where those are given."""
    generator = np.random.default_rng(seed)
    n, k = (int(size) for size in generator.choice([0, 2, 3, 4, 5, 6], 2, replace=False))
    sizes = {"n": n, "k": k, "1": 1}
    pick = random.Random(seed if like is None else like["seed"])
    dims = [pick.choice(["n", "k", "1"]) for _ in range(4)]
    dtype = pick.choice(["float64", "float64", "float32"])
    number: Any = pick.choice([float, np.float64, np.float32])
    v, w, rows, columns = (sizes[d] for d in dims)
    return {
        "v": generator.normal(size=v),
        "w": generator.normal(size=w).astype(dtype),
        "m": generator.normal(size=(rows, columns)),
        "s": number(generator.normal()),
        "i": int(generator.integers(0, 4)),
    }


@pytest.mark.parametrize("block", range(8))
def test_random_programs_agree_with_their_kinds(block: int) -> None:
    checked = 0
    for seed in range(block * 30, block * 30 + 30):
        text = Programs(seed).text(14)
        first = arguments(seed)
        signature = kinds_of_arguments(first)
        program = unit(text, dict(signature))
        found = infer(program)
        code = tree.text(tree.function("f", program.tree.args, watched(program.tree.body)))
        for run in range(4):
            values = first if run == 0 else arguments(seed + 1000 * run, {"seed": seed})
            if kinds_of_arguments(values) != signature:
                continue
            watch = Watch(found)
            scope = {**NAMESPACE, "see": watch.see, "drop": watch.drop}
            exec(code, scope)
            for name, value in values.items():
                watch.see(name, value)
            try:
                with np.errstate(all="ignore"):
                    scope["f"](**values)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {error}\n{tree.text(program.tree)}") from error
            except (ValueError, IndexError, TypeError, ArithmeticError, UnboundLocalError):
                pass
            except Exception as error:  # other refusals of NumPy
                assert type(error).__module__.startswith("numpy"), seed
            checked += watch.checked
    assert checked > 200
