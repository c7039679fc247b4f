"""Random programs: what is claimed of them holds when they run."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.analysis.kinds import Kinds, infer
from tangent_sct.analysis.shapes import DimValue
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    NO_VALUE,
    Kind,
)
from tests.analysis.kinds.building import NAMESPACE, unit


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
                if self.random.random() < 0.5:
                    # What the body defines, it may have read before.
                    self.names["v"] += [f"v{self.random.randrange(8)}" for _ in range(2)]
                body = self.block(self.random.randint(2, 6), depth + 1)
                lines += [f"for {counter} in range(3):", *("    " + line for line in body)]
                self.leave(kept)
            elif choice < 0.2 and depth < 2:
                kept = {key: list(value) for key, value in self.names.items()}
                lines.append(f"if {self.pick('s')} > 0:")
                lines += ["    " + line for line in self.block(2, depth + 1)]
                self.names = {key: list(value) for key, value in kept.items()}
                lines.append("else:")
                lines += ["    " + line for line in self.block(2, depth + 1)]
                self.leave(kept)
            else:
                lines.append(self.assignment())
        return lines

    def leave(self, kept: dict[str, list[str]]) -> None:
        """After a block its names may be unassigned, and before it in the next iteration too."""
        if self.random.random() < 0.6:
            self.names = kept

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
        name = self.pick(family) if old else f"{family}{self.random.randrange(8)}"
        if name.startswith("c"):
            name = "i"
        if name not in self.names[family]:
            self.names[family].append(name)
        return f"{name} = {text}"

    def pick(self, family: str) -> str:
        return self.random.choice(self.names[family])


UNASSIGNED = object()
"""Stands for a name that has no value: it may be copied, as single assignment does, and nothing else."""


def need(*values: Any) -> None:
    """What a statement reads has a value."""
    if any(value is UNASSIGNED for value in values):
        raise UnboundLocalError


class Watch:
    """Compares the values of a running program with the kinds that were inferred."""

    def __init__(self, found: Kinds) -> None:
        self.kinds = {**found.names}
        self.live: dict[str, Any] = {}
        self.checked = 0

    def see(self, name: str, value: Any) -> None:
        if value is UNASSIGNED:
            self.drop(name)
            return
        self.live[name] = value
        self.checked += self.agrees(self.kinds[name], value, name)
        sizes: dict[str, tuple[int, str]] = {}
        for other, held in self.live.items():
            shape = self.kinds[other].shape
            if shape is None or not isinstance(held, np.ndarray):
                continue
            for dim, size in zip(shape, held.shape, strict=True):
                if isinstance(dim, str):
                    first, owner = sizes.setdefault(dim, (size, other))
                    assert first == size, f"{dim} is {first} in {owner} and {size} in {other}"

    def drop(self, *names: str) -> None:
        """What these names held belongs to an iteration that is over."""
        for name in names:
            self.live.pop(name, None)

    def agrees(self, kind: Kind, value: Any, name: str) -> bool:
        if kind.family == "unknown":
            return False
        if kind.family == "array":
            assert type(value) is np.ndarray, _said(name, kind, value)
            assert kind.dtype in (None, value.dtype.name), _said(name, kind, value)
            if kind.shape is not None:
                assert len(kind.shape) == value.ndim, _said(name, kind, value)
                for dim, size in zip(kind.shape, value.shape, strict=True):
                    is_symbol = isinstance(dim, str) and not dim.isdigit()
                    assert is_symbol or int(dim) == size, _said(name, kind, value)
        elif kind.family == "scalar":
            assert isinstance(value, (int, float, np.generic)), _said(name, kind, value)
            own = value.dtype.name if isinstance(value, np.generic) else type(value).__name__
            # An int may stand for a float, and Python's own number for NumPy's.
            allowed = {
                "float": {"int"}, "float64": {"int", "float"}, "int64": {"int"}
            }.get(kind.dtype or "", set())  # fmt: skip
            assert kind.dtype in (None, own) or own in allowed, _said(name, kind, value)
            if kind.value is not NO_VALUE:
                assert not isinstance(kind.value, DimValue) and kind.value == value, _said(name, kind, value)
        return True


def _said(name: str, kind: Kind, value: Any) -> str:
    return f"{name} is {kind}, and was {value!r}"


def _needs(node: gast.AST) -> gast.AST:
    free = [name for name in tree.names_read(node) if name not in NAMESPACE]
    return tree.effect(tree.call("need", *map(tree.load, free)))


def _seen(name: str) -> gast.AST:
    return tree.statements(f"see({name!r}, {name})")[0]


def _is_copy(node: gast.AST) -> bool:
    if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Name):
        return False
    return isinstance(node.value, gast.Name)


def _ending(loop: gast.For, before: set[str]) -> int:
    """Where the copies begin that end a body with those to its carried names."""
    end = len(loop.body)
    while end and _is_copy(loop.body[end - 1]):
        end -= 1
    while end < len(loop.body) and loop.body[end].targets[0].id not in before:
        end += 1
    return end


def watched(body: list[gast.AST]) -> list[gast.AST]:
    """The program with a call of `need` before each statement, and of `see` after each assignment."""
    result: list[gast.AST] = []
    for node in body:
        if isinstance(node, gast.If):
            result.append(_needs(node.test))
            result.append(tree.if_(node.test, watched(node.body), watched(node.orelse)))
            continue
        elif isinstance(node, gast.For):
            written = [*tree.names_written(node.body), *tree.names_written(node.target)]
            drop = tree.effect(tree.call("drop", *map(tree.const, written)))
            # Carried names change together at the end of the body, and nothing is read after that.
            before = set(tree.names_written(body[: body.index(node)]))
            end = _ending(node, before)
            inside = [*watched(node.body[:end]), drop, *node.body[end:]]
            seen = [_seen(node.target.id)]
            carried = [n.targets[0].id for n in node.body[end:] if n.targets[0].id in before]
            # The next iteration knows nothing of those that it does not read.
            read = set(tree.names_read(node.body)).intersection(carried)
            inside += [_seen(name) for name in carried if name in read]
            result += [tree.for_(node.target, node.iter, [*seen, *inside]), drop]
            result += [_seen(name) for name in carried if name not in read]
            continue
        if getattr(node, "unset", False):
            result.append(tree.assign(node.targets[0].id, tree.load("UNASSIGNED")))
            continue
        if not _is_copy(node):
            result.append(_needs(node))
        result.append(node)
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            result.append(_seen(node.targets[0].id))
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
            scope = {
                **NAMESPACE, "see": watch.see, "drop": watch.drop, "need": need, "UNASSIGNED": UNASSIGNED
            }  # fmt: skip
            exec(code, scope)
            for name, value in values.items():
                watch.see(name, value)
            try:
                with np.errstate(all="ignore"):
                    scope["f"](**values)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {error}\n{tree.text(program.tree)}") from error
            except (ValueError, IndexError, TypeError, ArithmeticError, NameError):
                pass
            except Exception as error:  # other refusals of NumPy
                assert type(error).__module__.startswith("numpy"), seed
            checked += watch.checked
    assert checked > 200
