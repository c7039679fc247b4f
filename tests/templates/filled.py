"""Rules filled in for concrete arguments and run by hand, without the rest of the compiler."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.kind import OTHER, UNKNOWN, Kind, array, constant, container, scalar
from tangent_sct.core.names import Names
from tangent_sct.runtime import unbroadcast
from tangent_sct.templating import registry
from tangent_sct.templating.fill import Contribution, Instance, Slot, instantiate

STEP = 1e-6
LITERALS = (type(None), bool, int, str)


def kind_of_value(value: Any) -> Kind:
    """The kind of a concrete value, with its sizes as symbols."""
    if isinstance(value, np.ndarray):
        return array(tuple(1 if n == 1 else f"n{n}" for n in value.shape), str(value.dtype))
    if isinstance(value, np.generic):
        return scalar(str(value.dtype))
    if isinstance(value, float):
        return scalar("float")
    if isinstance(value, (tuple, list)) and not all(isinstance(v, int) for v in value):
        family = "tuple" if isinstance(value, tuple) else "list"
        return container(family, {i: kind_of_value(v) for i, v in enumerate(value)})
    if isinstance(value, (*LITERALS, tuple, list)):
        return constant(value)
    return OTHER


def is_float(value: Any) -> bool:
    """Whether a value is made of floats."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind == "f"
    return isinstance(value, float)


@dataclass
class Filled:
    """One call of a function that has a rule.

    Attributes:
        function: what is called.
        args: positional arguments; tuples and lists of arrays become displays.
        keywords: keyword arguments.
        known: whether the rule is told the kinds of the arguments and the lengths of displays.
    """

    function: Callable[..., Any]
    args: Sequence[Any]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True

    def __post_init__(self) -> None:
        self.values: dict[str, Any] = {}
        expressions = [self._expression(value) for value in self.args]
        named = {key: self._expression(value) for key, value in self.keywords.items()}
        rule = registry.find(self.function)
        assert rule is not None, f"{self.function} has no rule"
        self.rule = rule
        self.results = [f"y{i}" for i, _ in enumerate(rule.results)]
        self._expressions, self._named = expressions, named
        primal = self.primal(self.values)
        kinds = {name: kind_of_value(value) for name, value in self.values.items()}
        for name, value in zip(self.results, primal, strict=True):
            kinds[name] = kind_of_value(value)

        def kind_of(node: gast.AST) -> Kind:
            if isinstance(node, gast.Constant):
                return constant(node.value)
            if isinstance(node, (gast.List, gast.Tuple)):
                family = "list" if isinstance(node, gast.List) else "tuple"
                return container(family, dict(enumerate(map(kind_of, node.elts))))
            if not self.known or not isinstance(node, gast.Name):
                return UNKNOWN
            return kinds.get(node.id, UNKNOWN)

        names = Names([*self.values, *self.results])
        self.instance: Instance = instantiate(
            rule, expressions, named, self.results, names, kind_of, None
        )
        self.slots: dict[Slot, str] = {
            slot: node.id
            for slot, node in self.instance.slots
            if isinstance(node, gast.Name) and is_float(self.values.get(node.id)) and slot[0] not in rule.constant
        }
        self.names = names
        self.text: list[str] = []
        self.trees: list[gast.AST] = []

    def _expression(self, value: Any) -> gast.AST:
        if isinstance(value, LITERALS):
            return tree.const(value)
        is_display = isinstance(value, (tuple, list)) and any(map(is_float, value))
        if is_display:
            items = [self._expression(item) for item in value]
            return tree.tuple_of(items) if isinstance(value, tuple) else tree.list_of(items)
        name = f"x{len(self.values)}"
        self.values[name] = value
        return tree.load(name)

    def primal(self, values: Mapping[str, Any]) -> list[Any]:
        """The results of the function itself."""
        space = dict(values, function=self.function)
        call = tree.call("function", *self._expressions, **self._named)
        result = eval(tree.text(call), space)
        return list(result) if len(self.rule.results) > 1 else [result]

    # -- what the rule says -------------------------------------------------------------------

    def forward(self) -> dict[str, Any]:
        """The values of all names after the forward sweep."""
        space = dict(self.values)
        if self.instance.forward is None:
            space.update(zip(self.results, self.primal(self.values), strict=True))
        else:
            self._run(self.instance.forward, space)
        return space

    def tangent(self, directions: Mapping[Slot, Any]) -> list[Any]:
        """The tangents of the results."""
        space = self.forward()
        given: dict[Slot, gast.AST] = {}
        for slot, value in directions.items():
            name = self.names.fresh(f"{self.slots[slot]}_dot")
            space[name] = value
            given[slot] = tree.load(name)
        statements, answer = self.instance.tangent(given)
        self._run(statements, space)
        answers = answer if isinstance(answer, list) else [answer]
        self.trees += [a for a in answers if a is not None]
        self.text += [tree.text(a) for a in answers if a is not None]
        return [0.0 if a is None else self._eval(tree.text(a), space) for a in answers]

    def adjoint(self, seeds: Sequence[Any], active: set[Slot]) -> dict[Slot, Any]:
        """The adjoints of the active arguments."""
        space = self.forward()
        names = [self.names.fresh(f"{name}_bar") for name in self.results]
        space.update(zip(names, seeds, strict=True))
        answer: dict[Slot, Any] = {}
        for statement in self.instance.adjoint([tree.load(n) for n in names], active):
            if not isinstance(statement, Contribution):
                self._run([statement], space)
                continue
            assert statement.slot in active
            self._contribute(statement, space, answer)
        return answer

    def _contribute(
        self, term: Contribution, space: dict[str, Any], answer: dict[Slot, Any]
    ) -> None:
        like = self.values[self.slots[term.slot]]
        self.trees.append(term.value)
        self.text.append(tree.text(term.value))
        value = self._eval(tree.text(term.value), space)
        if term.index is not None:
            self.trees.append(term.index)
            whole = np.zeros_like(like)
            place = tree.text(tree.subscript(tree.load("indexed"), term.index))
            index = self._eval(place, {**space, "indexed": np.s_})
            np.add.at(whole, index, value)
            value = whole
        elif term.broadcast:
            value = unbroadcast(value, like)
        assert np.shape(value) == np.shape(like), f"{np.shape(value)} for {np.shape(like)}"
        answer[term.slot] = answer[term.slot] + value if term.slot in answer else value

    def _run(self, statements: Sequence[gast.AST], space: dict[str, Any]) -> None:
        text = "\n".join(tree.text(s) for s in statements)
        self.trees += statements
        self.text.append(text)
        space.update(self.instance.namespace)
        exec(text, space)

    def _eval(self, text: str, space: Mapping[str, Any]) -> Any:
        return eval(text, {**self.instance.namespace, **space})


def differences(filled: Filled, directions: Mapping[Slot, Any]) -> list[Any]:
    """Central differences of the results."""

    def moved(sign: float) -> list[Any]:
        values = dict(filled.values)
        for slot, direction in directions.items():
            name = filled.slots[slot]
            moved_value = values[name] + sign * STEP * direction
            is_array = isinstance(values[name], np.ndarray)
            values[name] = np.asarray(moved_value) if is_array else moved_value
        return filled.primal(values)

    pairs = zip(moved(1.0), moved(-1.0), strict=True)
    return [(np.asarray(a, float) - np.asarray(b, float)) / (2 * STEP) for a, b in pairs]


def inner(left: Any, right: Any) -> float:
    """The dot product of two values of the same structure."""
    return float(np.sum(np.asarray(left, float) * np.asarray(right, float)))


def random_like(value: Any, rng: np.random.Generator) -> Any:
    """A random direction of the same type and shape."""
    if isinstance(value, np.ndarray):
        return np.asarray(rng.standard_normal(value.shape), value.dtype)
    return float(rng.standard_normal())
