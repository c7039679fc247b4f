"""What the tests of `derive` share: the program after a pass of the compiler, as text; and its numbers."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.core import tree
from tangent_sct.core.unit import SEED, Request, Unit
from tangent_sct.emit.load import load
from tangent_sct.emit.text import emit
from tangent_sct.pipeline import Result, differentiate

Function = Callable[..., Any]


def request_for(f: Function, args: tuple[Any, ...], mode: str, wrt: tuple[str, ...]) -> Request:
    """What is asked of the compiler for the kinds of some arguments."""
    values = dict(zip(inspect.signature(f).parameters, args, strict=True))
    wrt = wrt or (next(iter(values)),)
    if mode == "vjp":
        values[SEED] = f(*args)
    return Request(mode, wrt, len(wrt) == 1, False, kinds_of_arguments(values))  # type: ignore[arg-type]


def derived(
    f: Function, *args: Any, mode: str = "grad", wrt: tuple[str, ...] = (), watch: Any = None
) -> Result:
    """The derivative without the optimiser."""
    request = request_for(f, args, mode, wrt)
    return differentiate(f, request, tuple(inspect.signature(f).parameters), watch, passes=())


def after(stage: str, f: Function, *args: Any, mode: str = "grad", wrt: tuple[str, ...] = ()) -> str:
    """The body of the program after a pass, without comments."""
    seen: dict[str, str] = {}

    def watch(name: str, unit: Unit) -> None:
        seen[name] = tree.text(unit.tree.body)

    derived(f, *args, mode=mode, wrt=wrt, watch=watch)
    return seen[stage]


def text(expected: str) -> str:
    """A text as tests write it: indented, between line breaks."""
    return textwrap.dedent(expected).strip()


def run(result: Result, *args: Any) -> Any:
    """Call a derivative."""
    unit = result.unit
    return load(emit([*unit.companions, unit.tree]), unit.tree.name, unit.namespace, "f")(*args)


def check_gradient(f: Function, *args: Any) -> None:
    """Compare the gradient with respect to the first argument with differences, without the optimiser."""
    x = args[0]
    found = run(derived(f, *args), *args)
    step = 1e-6
    for index in np.ndindex(np.shape(x)):
        unit = np.zeros(np.shape(x))
        unit[index] = step
        moved = [f(np.array(x + s * unit) if np.ndim(x) else x + s * step, *args[1:]) for s in (1, -1)]
        expected = (moved[0] - moved[1]) / (2 * step)
        np.testing.assert_allclose(np.asarray(found)[index], expected, rtol=1e-6, atol=1e-7)
