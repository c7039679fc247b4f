"""What statements change: by example, and never too little by observation of random programs."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct.analysis.aliases import alias_classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.mutation import changed_names, stored_container
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind, array, container
from tests.analysis.instrument import Analysed, analysed, arguments, around, function

KINDS = {"a": array((3,)), "b": array((3,)), "s": FLOAT, "d": container("dict", {"k": FLOAT})}


def unknown(*values: Any) -> Any:
    """It writes, so that nothing is taken for granted."""
    values[0][...] = 0.0
    return values


def changed(text: str, before: str = "") -> set[str]:
    """What the last statement of a text changes; `unknown` is a function nothing is known of."""

    def kind_of(node: gast.AST) -> Kind:
        return KINDS.get(node.id, UNKNOWN) if isinstance(node, gast.Name) else UNKNOWN

    space = {"np": np, "unknown": unknown, "print": print, "len": len}
    body = tree.statements(f"{before}\n{text}")
    classes = alias_classes(body, space, kind_of)
    return changed_names(body[-1], Calls(space), classes, kind_of)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c = unknown(a, s)", "a c unknown()"),
        ("unknown(a)", "a"),
        ("np.sin(a)", ""),
        ("c = a * b", ""),
        ("print(a)", ""),
        ("d['k'] = s", "d"),
        ("l.append(a)", "l a"),
        ("a[0] = s", ""),
        ("try:\n    a[0] = s\nfinally:\n    b += 1", "a b"),
        ("if unknown(b):\n    unknown(a)", "b"),
        ("for i in unknown(b):\n    unknown(a)", "b i unknown()"),
        ("while unknown(b):\n    unknown(a)", "b"),
        ("with unknown(b):\n    unknown(a)", "b"),
        ("np.random.shuffle(a)", "a"),
    ],
)
def test_changed_names(text: str, expected: str) -> None:
    assert changed(text) == set(expected.split())


def test_aliases_change_together() -> None:
    assert changed("unknown(v)", "v = a[1:]\nw = a * 2") == {"a", "v"}


def test_a_store_into_an_array_is_none_into_a_container() -> None:
    (into_array, into_dict) = tree.statements("a[0] = s\nd['k'] = s")
    assert stored_container(into_array, lambda n: KINDS[n.id]) is None
    assert stored_container(into_dict, lambda n: KINDS[n.id]) == "d"


# -- by observation -------------------------------------------------------------------------------


class Observer:
    """Compares all variables before and after each statement."""

    def __init__(self) -> None:
        self.before: dict[str, tuple[Any, bytes]] = {}
        self.changes: dict[int, set[str]] = {}

    def ready(self, names: dict[str, Any]) -> None:
        """A statement is about to run."""
        self.before = {name: (value, content(value)) for name, value in names.items()}

    def done(self, statement: int, names: dict[str, Any]) -> None:
        """It has run."""
        for name, (value, old) in self.before.items():
            if names.get(name) is value and content(value) != old:
                self.changes.setdefault(statement, set()).add(name)


def content(value: Any) -> bytes:
    """What a value holds."""
    return pickle.dumps(copy.deepcopy(value)) if isinstance(value, (np.ndarray, list, dict, tuple)) else b""


def observed(program: Analysed) -> tuple[list[gast.AST], dict[int, gast.AST]]:
    """A body that tells an observer of its statements, and those statements by number."""
    numbered: dict[int, gast.AST] = {}

    def change(node: gast.AST) -> list[gast.AST]:
        if isinstance(node, (gast.Return, gast.Break)):
            return [node]
        number = len(numbered)
        numbered[number] = node
        ready = tree.effect(tree.call("ready_", tree.call("locals")))
        done = tree.effect(tree.call("done_", tree.const(number), tree.call("locals")))
        return [ready, node, done]

    return around(program.body, change), numbered


def stored(node: gast.AST, program: Analysed) -> set[str]:
    """Names that see what a store into an array writes."""
    target = node.targets[0] if isinstance(node, gast.Assign) else getattr(node, "target", None)
    if isinstance(node, gast.Expr) and isinstance(node.value, gast.Call):
        # `np.add.at` is a store in the form of a call.
        target = next(iter(node.value.args), None)
    while isinstance(target, gast.Subscript):
        target = target.value
    return set(program.context.share(target.id)) if isinstance(target, gast.Name) else set()


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_what_changes_is_known(first: int) -> None:
    count = 0
    for seed in range(first, first + 20):
        program = analysed(seed)
        if program is None:
            continue
        observer = Observer()
        body, numbered = observed(program)
        scope = {**program.context.namespace.objects, "ready_": observer.ready, "done_": observer.done}
        with np.errstate(all="ignore"):
            function(program.parameters, body, scope)(*arguments(program))
        for number, names in observer.changes.items():
            node = numbered[number]
            count += len(names)
            missing = names - program.changed[id(node)] - stored(node, program)
            assert not missing, f"seed {seed}: `{tree.text(node)}` changes {sorted(missing)}"
    assert count > 0
