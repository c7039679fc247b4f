"""What a pass takes and returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.origins import Source

Backend = Literal["numpy", "numba", "auto"]
Mode = Literal["grad", "value_and_grad", "vjp", "jvp", "pair", "replay", "pushforward"]

SEED = "seed="
"""What the kind of the seed stands under among those of the arguments; a parameter may be called `seed`."""


@dataclass(frozen=True)
class Request:
    """What is asked of the compiler; hashable, part of the cache key.

    Attributes:
        mode: which derivative.
        wrt: names of the differentiated parameters, in the order of the results.
        single: whether `wrt` was one name (then the gradient is no tuple).
        has_aux: whether the function returns `(value, aux)`.
        kinds: kind of each argument by parameter name, and of the seed as `SEED`; empty for the general text.
        holomorphic: whether the function is differentiated as a holomorphic one.
        outputs: parameters whose final state is the result, one by name or a tuple of them; None for what
            the function returns.
        backend: what runs the text: Python, or Numba, which must be able to type it. "auto" is asked for by
            callers alone; passes meet one of the others.
        checkpoint: how many states its loops keep, or how much memory these may take; None where they record.
    """

    mode: Mode
    wrt: tuple[str, ...] = ()
    single: bool = True
    has_aux: bool = False
    kinds: tuple[tuple[str, Kind], ...] = ()
    holomorphic: bool = False
    outputs: str | tuple[str, ...] | None = None
    backend: Backend = "numpy"
    checkpoint: int | str | None = None

    def renamed(self, names: Mapping[str, str]) -> Request:
        """The request for a function whose parameters have other names, given for each of the old ones."""
        outputs = self.outputs
        if outputs is not None:
            outputs = names[outputs] if isinstance(outputs, str) else tuple(names[name] for name in outputs)
        return replace(self, wrt=tuple(names[name] for name in self.wrt), outputs=outputs)


@dataclass(frozen=True)
class Unit:
    """A function on its way through the passes. Never modified: passes return a new one.

    Attributes:
        tree: the function as it stands.
        source: the user's function.
        request: what is asked for.
        namespace: every free name of `tree` (and of `companions`) with the object it means.
        bases: versioned local name -> the user's name it is a version of (`y_2` -> `y`).
        companions: functions printed above `tree` that it calls (pairs of callees).
    """

    tree: gast.FunctionDef
    source: Source
    request: Request
    namespace: Mapping[str, Any] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    companions: tuple[gast.FunctionDef, ...] = ()

    def with_body(self, body: list[gast.AST], **changes: Any) -> Unit:
        """The unit with another body, and other changes where given."""
        old = self.tree
        new = tree.like(tree.function(old.name, old.args, body, old.returns), old)
        return replace(self, tree=new, **changes)

    def base(self, name: str) -> str:
        """The user's name that a local name is a version of; itself if it is none."""
        return self.bases.get(name, name)
