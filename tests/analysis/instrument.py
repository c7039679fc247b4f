"""Runs programs of the small language under observation, to hold the analyses against what happens."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest import mock

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.attempts import is_attempt
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.unit import Request, Unit
from tangent_sct.derivative import Derivative
from tangent_sct.derive.context import Context
from tangent_sct.emit.attributes import spelled
from tangent_sct.pipeline import derivation
from tangent_sct.runtime import made as made_object
from tests.laws.generator import program
from tests.laws.samples import Program, load

COMPOUND = (gast.If, gast.For, gast.While, gast.With)


@dataclass(frozen=True)
class Analysed:
    """A program before it is differentiated, with what the compiler knows of it.

    Attributes:
        sample: the random program.
        context: the facts.
        parameters: of the function.
        body: of the function, in single assignment; a copy.
        facts: for each statement of `body`, the names it may change in ways that are not undone.
    """

    sample: Program
    context: Context
    parameters: list[str]
    body: list[gast.AST]
    changed: dict[int, set[str]]

    @property
    def wrt(self) -> list[str]:
        """The differentiated parameters."""
        return [self.parameters[i] for i in self.sample.wrt]


def analysed(seed: int, watch: Callable[[str, Unit], None] | None = None) -> Analysed | None:
    """The program of a seed; None where it does not run, cannot be observed, or is refused before."""
    sample = program(seed)
    found: list[Analysed] = []

    def spy(context: Context, name: str, parameters: list[str], body: list[gast.AST], *rest: Any) -> Any:
        if not found:
            mine = tree.copy_all(body)
            pairs = zip(tree.every_statement(body), tree.every_statement(mine), strict=True)
            changed = {id(own): set(context.changed(node)) for node, own in pairs}
            found.append(Analysed(sample, context, list(parameters), mine, changed))
        return original(context, name, parameters, body, *rest)

    original = derivation.MODES["vjp"]
    with np.errstate(all="ignore"):
        try:
            f = load(sample.text, f"<analysed {seed}>")["f"]
            f(*sample.arguments())
            names = f.__code__.co_varnames
            wrt = tuple(names[i] for i in sample.wrt)
            derivative = Derivative(f, Request("vjp", wrt, single=False))
            kinds = derivative._example(sample.arguments(), {})
        except Exception:
            return None
        with mock.patch.dict(derivation.MODES, vjp=spy), contextlib.suppress(UnsupportedError):
            result = derivative._result(kinds, watch or _ignore)
            if result.unit.companions:
                # It calls functions that only its own text has.
                return None
    if not found or any(map(is_attempt, tree.every_statement(found[0].body))):
        # The words of a `try` cannot be run, and nothing may stand between them.
        return None
    return found[0]


def _ignore(name: str, unit: Unit) -> None:
    """Nothing is asked of the passes."""


def function(parameters: list[str], body: list[gast.AST], scope: dict[str, Any]) -> Callable[..., Any]:
    """The function of a body, with the objects that its free names mean."""
    node = spelled(tree.function("observed", tree.parameters(parameters), body), "SimpleNamespace")
    names = {"SimpleNamespace": SimpleNamespace, "made": made_object, **scope}
    exec(tree.text(node), names)
    made: Callable[..., Any] = names["observed"]
    return made


def around(
    body: list[gast.AST], change: Callable[[gast.AST], list[gast.AST]]
) -> list[gast.AST]:
    """A copy of a body in which simple statements have become several, at every depth."""
    output: list[gast.AST] = []
    for node in body:
        if isinstance(node, COMPOUND):
            node = tree.shallow(node)
            for name in ("body", "orelse"):
                block = getattr(node, name, None)
                if block:
                    setattr(node, name, around(block, change))
            output.append(node)
        else:
            output += change(node)
    return output


def leaves(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """The floats in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, (float, np.floating)) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    ):
        yield np.array(value, dtype=float).ravel()


def numbers(value: Any) -> np.ndarray[Any, Any]:
    """The floats in a value as one vector."""
    found = list(leaves(value))
    return np.concatenate(found) if found else np.zeros(0)


def arguments(found: Analysed, step: float = 0.0) -> list[Any]:
    """The sample point, its differentiated part moved by a step."""
    given = copy.deepcopy(list(found.sample.arguments()))
    rng = np.random.default_rng(found.sample.seed)
    for position in found.sample.wrt:
        given[position] = _moved(given[position], step, rng)
    return given


def _moved(value: Any, step: float, rng: np.random.Generator) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item, step, rng) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_moved(item, step, rng) for item in value)
    if isinstance(value, np.ndarray):
        return value + step * rng.normal(size=value.shape)
    return value + step * float(rng.normal()) if isinstance(value, float) else value
