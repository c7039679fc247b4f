"""Derivatives of one function that are transformed once, and optimised in several ways."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import tangent_sct.derivative
from tangent_sct.core.unit import Unit
from tangent_sct.derivative import Derivative
from tangent_sct.emit.attributes import with_attributes
from tangent_sct.emit.text import emit
from tangent_sct.pipeline import Result, differentiate
from tangent_sct.pipeline.passes import finish, unseen

Step = tuple[str, Any]


class Transformed:
    """What was written for each mode of a function, and the program as it was before the optimiser."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._found: dict[str, tuple[Result, Unit]] = {}

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Keep what is transformed inside."""
        with mock.patch.object(tangent_sct.derivative, "differentiate", self._differentiate):
            yield

    def _differentiate(self, function: Any, request: Any, parameters: Any, *rest: Any, **options: Any) -> Result:
        if function is not self._function:
            return differentiate(function, request, parameters, *rest, **options)
        units: dict[str, Unit] = {}

        def watch(name: str, unit: Unit) -> None:
            if name == "derive":
                # Another attempt at the same function.
                units.clear()
            # The optimiser has a pass called `dead`, too, which comes later.
            units.setdefault(name, unit)

        result = differentiate(function, request, parameters, watch)
        self._found[request.mode] = result, units.get("record", units["dead"])
        return result

    @contextlib.contextmanager
    def optimised_by(self, steps: Sequence[Step], derivative: Derivative) -> Iterator[Derivative]:
        """A new derivative like one that was made, optimised by these passes alone."""
        other = Derivative(derivative.__wrapped__, derivative.request)
        result, unit = self._found.get(derivative.request.mode, (None, None))
        instead: Callable[..., Result]
        if result is None or unit is None or unit.companions:
            # The functions that a recursion calls have been optimised, too.
            instead = functools.partial(differentiate, passes=tuple(steps))
        else:
            finished = with_attributes(finish(unit, steps, unseen))
            again = replace(result, unit=finished, text=emit([finished.tree]))

            def instead(*_: Any, **__: Any) -> Result:
                return again

        with mock.patch.object(tangent_sct.derivative, "differentiate", instead):
            yield other
