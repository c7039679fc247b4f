"""Which derivatives Numba compiles as they are written.

`python -m tests.templates.test_numba` tries the rule of every function that Numba itself knows, and writes the
answers to `numba_answers.json`, from where they go into `docs/functions.md`.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from tangent_sct import jvp, vjp
from tangent_sct.emit.load import load
from tangent_sct.emit.text import Text
from tests.analysis.kinds.test_rules import written
from tests.templates.cases import CASES, Case
from tests.templates.filled import is_float
from tests.templates.test_rules import title

ANSWERS = Path(__file__).with_name("numba_answers.json")
MOST_WITHOUT = 9
"""Of so many functions that Numba compiles, it does not compile both derivatives; this may only become less."""

Answer = Literal["both", "adjoint", "tangent", "neither"]


def first_cases() -> dict[str, Case]:
    """A check of each function of NumPy and Python that has a rule."""
    found: dict[str, Case] = {}
    for case in CASES:
        name = title(case[0]).replace("_operator.", "operator.")
        if not name.startswith(("tangent_sct.", "scipy.", "tests.")):
            found.setdefault(name, case)
    # The slowest last.
    return dict(sorted(found.items(), key=lambda item: "linalg" in item[0]))


class Program:
    """A call as a function of its numbers.

    Args:
        case: the call.
    """

    def __init__(self, case: Case) -> None:
        function, args, keywords = case
        self.arguments: dict[str, Any] = {}
        objects: dict[str, Any] = {"function": function, "np": np}
        texts = [written(item, self.arguments, objects) for item in args]
        texts += [f"{key}={written(value, self.arguments, objects)}" for key, value in keywords.items()]
        text = f"def call({', '.join(self.arguments)}):\n    return function({', '.join(texts)})\n"
        self.function: Callable[..., Any] = load(Text(text, {}), "call", objects)
        self.wrt = tuple(name for name, value in self.arguments.items() if is_float(value))

    def values(self) -> list[Any]:
        return [np.array(v) if isinstance(v, np.ndarray) else v for v in self.arguments.values()]

    def is_compiled(self) -> bool:
        """Whether Numba compiles the call itself."""
        numba = pytest.importorskip("numba")
        return runs(numba.njit(self.function), self.values())

    def answer(self) -> Answer:
        """Which derivatives Numba compiles, and gets right."""
        value = self.function(*self.values())
        several = isinstance(value, tuple)
        ones = tuple(np.ones(np.shape(v))[()] for v in value) if several else np.ones(np.shape(value))[()]
        directions = tuple(np.ones(np.shape(self.arguments[name]))[()] for name in self.wrt)
        adjoint = agrees(vjp, self, ones)
        tangent = agrees(jvp, self, directions)
        return {(1, 1): "both", (1, 0): "adjoint", (0, 1): "tangent", (0, 0): "neither"}[adjoint, tangent]


def agrees(mode: Any, program: Program, seed: Any) -> bool:
    """Whether a derivative gives the same when it is compiled."""
    pytest.importorskip("numba")
    plain = mode(program.function, program.wrt)(*program.values(), seed=seed)
    compiled = mode(program.function, program.wrt, backend="numba")
    return runs(lambda *args: compiled(*args, seed=seed), program.values(), plain)


def runs(compiled: Any, arguments: list[Any], expected: Any = None) -> bool:
    """Whether a function compiles and runs, with a certain result where one is given."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = compiled(*arguments)
    except Exception:  # Numba says no in many ways
        return False
    return expected is None or all(
        np.allclose(a, b, equal_nan=True) for a, b in zip(leaves(found), leaves(expected), strict=True)
    )


def leaves(value: Any) -> Iterator[Any]:
    """The numbers and arrays of a result."""
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def answers(chosen: dict[str, Case]) -> Iterator[tuple[str, Answer]]:
    """What Numba says of the functions that it knows."""
    for name, case in chosen.items():
        program = Program(case)
        if program.wrt and program.is_compiled():
            yield name, program.answer()


def recorded() -> dict[str, Answer]:
    """The answers as they were found."""
    found: dict[str, Answer] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", sorted(recorded()))
def test_answers(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path))
    assert Program(first_cases()[name]).answer() == recorded()[name]


def test_the_list_may_only_shrink() -> None:
    assert sum(answer != "both" for answer in recorded().values()) <= MOST_WITHOUT


if __name__ == "__main__":
    # What compiled before is not tried again; without the file everything is.
    found: dict[str, str] = {n: a for n, a in recorded().items() if a == "both"} if ANSWERS.exists() else {}
    for name, answer in answers({n: case for n, case in first_cases().items() if n not in found}):
        found[name] = answer
        print(name, answer, file=sys.stderr, flush=True)
        ANSWERS.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
