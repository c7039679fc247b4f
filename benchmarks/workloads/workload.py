"""What a workload is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

# The gradient of a number; one row for each of several sums of results; a whole Jacobian.
Derivative = Literal["gradient", "rows", "jacobian"]


@dataclass(frozen=True)
class Workload:
    """A function to differentiate, with arguments of several sizes.

    Attributes:
        name: what tables call it, and what the peers file their formulations under.
        group: `loops`, `adbench` or `kernels`.
        function: the primal, as a user writes it.
        wrt: positions of the differentiated arguments.
        arguments: the arguments, made from the numbers of one size.
        sizes: the numbers of each size, by its name; `tiny` is for tests, in no table.
        derivative: what is asked for. `rows` is for functions of which result `[i, k]` depends on row `i`
            of the argument alone: a vector-Jacobian product for each `k` gives all that is not zero.
        compiled: whether the function is written in loops, for Numba.
        problem: the name of the formulations of peers, where several ways of writing share them.
    """

    name: str
    group: str
    function: Callable[..., Any]
    wrt: tuple[int, ...]
    arguments: Callable[..., tuple[Any, ...]]
    sizes: Mapping[str, tuple[Any, ...]]
    derivative: Derivative = "gradient"
    compiled: bool = False
    problem: str = field(default="")

    def __post_init__(self) -> None:
        if not self.problem:
            object.__setattr__(self, "problem", self.name)

    def made(self, size: str) -> tuple[Any, ...]:
        """The arguments of one size, the same in every run."""
        return self.arguments(np.random.default_rng(0), *self.sizes[size])
