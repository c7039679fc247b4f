"""Kinds of subscripts, held against NumPy."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.analysis.kinds import infer
from tangent_sct.core import tree
from tangent_sct.core.kind import INT, UNKNOWN, Kind, array, scalar
from tests.analysis.kinds.building import A, X, Y, kinds, unit


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
        ("[0, [1, 1]]", ("2",)),
        ("[1:, [0, 2]]", ("n0-1", "2")),
        ("[[0, 2], 1:]", ("2", "n1-1")),
        ("[None, :, i]", (1, "n0")),
        ("[..., [[0], [1]]]", ("n0", "2", 1)),
        ("[..., J, 0]", ("n2",)),
        ("[..., None, J, None]", ("n0", 1, "n2", 1)),
        ("[[], :]", ("0", "n1")),
        ("[J, :0]", ("n2", "0")),
        ("[True]", (1, "n0", "n1")),
        ("[ROWS]", ("2", "n1")),
    ],
)
def test_subscripts(index: str, shape: Any) -> None:
    base = "A[:, :, None]" if index == "[0, :, J]" else "A"
    if index == "[0, :, J]":
        shape = ("n2", "n1")
        index = "[0, :, J % 1]"
    given = {"A": A, "i": INT, "J": array(("n2",), "int64")}
    found = kinds(f"ROWS = [0, 1]\nr = {base}{index}\nreturn r", **given).names["r"]
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


@pytest.mark.parametrize("index", ["[i, j]", "[0]", "[..., 0]", "[mystery]"])
def test_entries_of_an_array_of_unknown_rank_may_be_anything(index: str) -> None:
    given = {"x": array(None), "i": INT, "j": INT, "J": array(("n0",), "int64"), "mystery": UNKNOWN}
    assert kinds(f"r = x{index}\nreturn r", **given).names["r"] == UNKNOWN


@pytest.mark.parametrize(
    "index", ["[1:, i]", "[None]", "[J]", "[[0, 1]]", "[..., 1:]", "[mystery, :]"]
)
def test_what_leaves_an_axis_surely_is_an_array(index: str) -> None:
    given = {"x": array(None), "i": INT, "J": array(("n0",), "int64"), "mystery": UNKNOWN}
    assert kinds(f"r = x{index}\nreturn r", **given).names["r"] == array(None)


MASKS = """
m = X > 0
k = Y > 0
a = X[m]
b = Y[m]
c = Y[k]
"""


def test_selections_by_one_mask_have_one_size() -> None:
    names = kinds(f"{MASKS}r = a * b\nreturn r", X=X, Y=Y).names
    assert names["a"].shape == names["b"].shape == names["r"].shape
    assert names["a"].shape != names["c"].shape


@pytest.mark.parametrize(
    "change",
    ["m[0] = True", "v = m[1:]\nv[0] = True", "o = m\no &= k", "np.copyto(m, k)", "undefined(m)"],
)
def test_a_mask_that_changes_selects_another_number(change: str) -> None:
    names = kinds(f"{MASKS}{change}\nd = X[m]\nreturn a, d", X=X, Y=Y).names
    assert names["a"].shape != names["d"].shape


def test_masks_of_iterations_are_told_apart() -> None:
    body = """
t = X[X > 0]
for i in range(n):
    m = X > i
    r = t + X[m]
    t = X[m]
return t
"""
    names = kinds(body, X=X, n=INT).names
    assert len({names[n].shape for n in ("t", "t_2", "t_3", "r")}) == 4


# -- against NumPy ------------------------------------------------------------------------------


class Entries:
    """Random entries of an index of an array; many do not fit, and then NumPy says so."""

    def __init__(self, generator: random.Random, values: dict[str, Any]) -> None:
        self.random = generator
        self.values = values

    def index(self) -> str:
        entries = [self.entry() for _ in range(self.random.randint(1, 4))]
        if "..." not in entries and self.random.random() < 0.2:
            entries.insert(self.random.randrange(len(entries) + 1), "...")
        text = ", ".join(entries)
        return f"({text},)" if self.random.random() < 0.1 and ":" not in text else text

    def entry(self) -> str:
        kind = self.random.choices(
            ["slice", "integer", "None", "array", "list", "mask", "truth"], [5, 4, 2, 3, 2, 2, 0.3]
        )[0]
        if kind == "slice":
            return self.random.choice(
                [":", "1:", ":-1", "::2", "::-1", "i:", ":j", "-2:", "1:3", "2:1"]
            )
        if kind == "integer":
            return self.random.choice(["0", "-1", "i", "j", "i - 1", "t", "z"])
        if kind == "list":
            return self.random.choice(["[0, 1]", "[i, 0]", "[]", "[[0], [1]]", "[True, False]"])
        if kind == "truth":
            return self.random.choice(["True", "i > 0"])
        if kind == "None":
            return "None"
        prefix = "p" if kind == "array" else "b"
        return self.random.choice([name for name in self.values if name[0] == prefix])


def _values(seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    sizes = [int(n) for n in generator.choice([1, 2, 3, 4], 4)]
    bases = {
        f"x{rank}": generator.normal(size=sizes[:rank]).astype(generator.choice(["f4", "f8"]))
        for rank in range(5)
    }
    positions = {
        f"p{rank}": generator.integers(0, 2, size=[3, sizes[0]][:rank]) for rank in range(3)
    }
    masks = {f"b{rank}": generator.normal(size=sizes[:rank]) > 0 for rank in range(3)}
    masks["blast"] = generator.normal(size=sizes[-1]) > 0
    integers = {"i": 1, "j": 0, "t": np.int64(1), "z": np.array(0)}
    return {**bases, **positions, **masks, **integers}


@pytest.mark.parametrize("block", range(4))
def test_random_indices_agree_with_numpy(block: int) -> None:
    known = ran = 0
    for seed in range(block * 200, block * 200 + 200):
        values = _values(seed)
        entries = Entries(random.Random(seed), values)
        texts = [f"x{entries.random.randrange(5)}[{entries.index()}]" for _ in range(10)]
        signature = dict(kinds_of_arguments(values))
        found = infer(unit("return 0", signature))
        symbols = _sizes(signature, values)
        for text in texts:
            try:
                value = eval(text, {}, dict(values))
            except (IndexError, ValueError):
                continue
            kind = found.kind_of(tree.expression(text))
            ran += 1
            known += kind.family != "unknown"
            _agrees(kind, value, symbols, f"{text} is {kind} and was {value!r} (seed {seed})")
    assert ran > 300 and known > 0.95 * ran


def _sizes(signature: Mapping[str, Kind], values: Mapping[str, Any]) -> dict[str, int]:
    pairs = [(signature[name].shape or (), np.shape(value)) for name, value in values.items()]
    return {str(dim): size for dims, sizes in pairs for dim, size in zip(dims, sizes, strict=True)}


def _agrees(kind: Kind, value: Any, symbols: Mapping[str, int], said: str) -> None:
    if kind.family == "unknown":
        return
    assert kind.is_array == (type(value) is np.ndarray), said
    assert kind.dtype == value.dtype.name and kind.is_float, said
    if kind.is_array and kind.shape is None:
        assert value.ndim > 0, said
    elif kind.is_array:
        assert kind.rank == value.ndim, said
        for dim, size in zip(kind.shape or (), value.shape, strict=True):
            assert symbols.get(str(dim), size) == size, said
            assert not str(dim).isdigit() or int(dim) == size, said
