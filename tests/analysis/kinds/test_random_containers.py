"""Random programs that change lists and dicts: what is claimed of these, and of what they hold, is so."""

from __future__ import annotations

import random
import re
from typing import Any

import numpy as np
import pytest

from tangent_sct.analysis.kinds import infer
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, INT, Kind, array, scalar
from tests.analysis.kinds.building import NAMESPACE, unit
from tests.analysis.kinds.test_random import UNASSIGNED, Watch, need, watched


def meddle(*values: Any) -> None:
    """A function of which nothing is known changes what it is given."""
    for value in values:
        if isinstance(value, list):
            value.append("of another kind")


SCOPE = {**NAMESPACE, "meddle": meddle, "sum": sum, "len": len, "list": list, "max": max}


class Programs:
    """Random programs over lists, dicts, and lists of lists; what is empty or too short ends them."""

    STATEMENTS = (
        "{l} = []", "{l} = []", "{l} = [{v}]", "{l} = [{v}, {u}]", "{l} = {k}", "{l} = list({k})",
        "{l} = {k} + {l}", "{l} = {k}[1:]", "{l} = {k} * 2", "{l} = {r}[{i}]", "{l} = {r}[-1]", "{l} = {t}[0]",
        "{l}.append({v})", "{l}.append({v})", "{l}.append({v} * 2.0)", "{l}.append(1)", "{l}.insert(0, {v})",
        "{l}.extend({k})", "{l}.extend([{v}])", "{l}.extend([])", "{l}.clear()", "{l}.reverse()",
        "{l}[{i}] = {v}", "{l}[0] = {v}", "{l}[-1] = {u}", "{l}[1:] = {k}", "{l}[:] = [{v}]",
        "{l} = iadd({l}, [{v}])", "{l} = iadd({l}, {k})", "{v} = {l}.pop()", "{v} = {l}.pop(0)",
        "{v} = {l}[{i}]", "{v} = {l}[-1]", "{v} = {l}[0]", "{v} = sum({l})", "{v} = {u} * len({l})",
        "{v} = np.sum({l}[{i}]) + {u}", "{v} = {v}[1:]", "{v} = {v}[:{i}]", "{v} = max({l})", "{i} = len({l})",
        "{r} = []", "{r} = [{l}]", "{r} = [{l}, {k}]", "{r}.append({l})", "{r}.append([])", "{r}.append([{v}])",
        "{r}[{i}].append({v})", "{r}[-1].append({v})", "{r}[0] = {l}", "{r} = iadd({r}, [[{v}]])",
        "{r} = [{r}[0]]", "{r}.append({r}[-1])", "{v} = {r}[-1][{i}]", "{v} = {r}[0][0]", "{r}[0:1] = [[{v}]]",
        "{t} = ({l}, {v})", "{v} = {t}[1]", "{t} = ({k}, {u})", "{t}[0].append({v})",
        "{d} = {{}}", "{d}[{i}] = {v}", "{d}['a'] = {v}", "{v} = {d}['a']", "{v} = {d}[{i}]",
        "{v} = {d}.get('a', {u})", "{v} = {d}.pop('a', {u})", "{d} = {{'a': {v}}}", "meddle({l})",
        "{l}.append({l})", "{r}.append({r})",
    )  # fmt: skip

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        chosen = self.random.sample(self.STATEMENTS, 14)
        lines = [
            *("xs = [v]", "ys = []", "zs = []", "rs = [xs]", "qs = []", "t = (xs, w)"),
            self.random.choice(["d = {}", "d = {'a': w}"]),
            *self.block(chosen, 18, 0), "return 0",
        ]  # fmt: skip
        return "\n".join(lines)

    def block(self, chosen: list[str], count: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(count):
            choice = self.random.random()
            inner = self.random.randint(2, 5)
            if choice < 0.12 and depth < 2:
                body = self.block(chosen, inner, depth + 1)
                lines += [f"for c{depth} in range(3):", *("    " + line for line in body)]
            elif choice < 0.3 and depth < 3:
                lines += [self.filled("if len({l}) > {n}:")]
                lines += ["    " + line for line in self.block(chosen, inner, depth + 1)]
                lines += ["else:", *("    " + line for line in self.block(chosen, 1, depth + 1))]
            else:
                lines += self.guarded(self.random.choice(chosen))
        return lines

    def guarded(self, template: str) -> list[str]:
        """A statement, mostly behind a test whether there is what it takes."""
        taken = re.search(r"\{([lrd])\}(\[[^:]+\]|\.pop)", template)
        if taken is None or self.random.random() < 0.1:
            return [self.filled(template)]
        if taken[1] == "d":
            test = "{i} in {d}" if "{i}" in template else "'a' in {d}"
        else:
            test = f"len({{{taken[1]}}}) > {{i}}"
        return self.filled(f"if {test}:\n    {template}").splitlines()

    def filled(self, template: str) -> str:
        pick = self.random.choice
        return template.format(
            l=pick(["xs", "ys", "zs"]), k=pick(["xs", "ys"]), r=pick(["rs", "qs"]), t="t", d="d",
            v=pick(["v", "w", "s"]), u=pick(["v", "w"]), i=pick(["i", "j"]), n=pick([0, 0, 1]),
        )  # fmt: skip


_LONGEST = 8
"""Lists that double in loops would grow for long."""


def need_short(*values: Any) -> None:
    """What a statement reads has a value, and is no list that has grown for long."""
    need(*values)
    if any(isinstance(value, list) and len(value) > _LONGEST for value in values):
        raise ValueError


class WatchDeep(Watch):
    """Looks into containers as well, again whenever something may have changed."""

    def see(self, name: str, value: Any) -> None:
        super().see(name, value)
        for other, held in self.live.items():
            if isinstance(held, (list, tuple, dict)):
                self.agrees(self.kinds[other], held, other)

    def agrees(self, kind: Kind, value: Any, name: str, depth: int = 4) -> bool:
        if not kind.is_container or depth == 0:
            return super().agrees(kind, value, name)
        assert type(value).__name__ == kind.family, f"{name} is {kind}, and was {value!r}"
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if kind.items is not None:
            assert [key for key, _ in kind.items] == keys, f"{name} is {kind}, and was {value!r}"
        if kind.items is None and kind.element is None:
            return False
        for key in keys:
            self.agrees(kind.item(key), value[key], f"{name}[{key!r}]", depth - 1)
        return True


KINDS = {
    "v": array(("n0",)), "w": array(("n1",)), "s": FLOAT, "i": INT, "j": INT, "f": scalar("float64")
}  # fmt: skip


def arguments(seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    n, m = (int(size) for size in generator.choice([0, 2, 3, 4], 2, replace=False))
    i, j = (int(index) for index in generator.integers(0, 3, 2))
    return {"v": np.ones(n), "w": np.ones(m), "s": 0.5, "i": i, "j": j, "f": np.float64(0.25)}


@pytest.mark.every(2)
@pytest.mark.parametrize("block", range(8))
def test_what_containers_hold_is_of_the_kind_that_is_claimed(block: int) -> None:
    checked = 0
    for seed in range(block * 25, block * 25 + 25):
        program = unit(Programs(seed).text(), KINDS, SCOPE)
        found = infer(program)
        code = tree.text(tree.function("f", program.tree.args, watched(program.tree.body)))
        for run in range(3):
            watch = WatchDeep(found)
            scope = {
                **SCOPE, "see": watch.see, "drop": watch.drop, "need": need_short, "UNASSIGNED": UNASSIGNED
            }  # fmt: skip
            exec(code, scope)
            try:
                scope["f"](**arguments(seed + 1000 * run))
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {error}\n{tree.text(program.tree)}") from error
            except (ValueError, IndexError, KeyError, TypeError, NameError):
                pass
            checked += watch.checked
    assert checked > 1000
