"""The whole compiler in one sitting: one function, followed through every pass.

    python examples/one_sitting.py

What is printed is a program of its own after each pass: every stage is plain Python.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap

import numpy as np

from tangent_sct import grad


def f(x, n):
    y = x
    for _ in range(n):
        if y > 1.0:
            y = np.sin(y) * x
        else:
            y = y * y + x
    return y


STORY = {
    "read": "One operation a line. Only what depends on `x` is broken up, the rest stays as is.",
    "single": "Every name is assigned once, so that in the reverse sweep it holds what it held. "
    "Branches meet in a name that both assign, a loop carries a name from turn to turn.",
    "resolve": "`+=` is decided (a new number, or a write into an array), and arguments that are "
    "written are copied.",
    "derive": "The function runs forward, then the adjoint of each statement, the last one first. "
    "The rules come from the templates: `y = sin(x)` becomes `x_bar += y_bar * cos(x)`.",
    "record": "What the reversed loop still reads of the forward loop goes on a tape: a list, pushed "
    "forward and popped in reverse.",
}


def purpose(name: str) -> str:
    """What a pass is for; those of the optimiser say so in the first line of their files."""
    if name in STORY:
        return STORY[name]
    module = importlib.import_module(f"tangent_sct.optimize.{name.split()[0]}")
    return (module.__doc__ or "").partition("\n")[0]


def chapters(x: float, n: int) -> list[tuple[str, str, str]]:
    """Each pass that changed the program: its name, what it is for, and the program after it."""
    first, *later = grad(f).steps(x, n)
    changed = [first, *(step for step in later if step.diff)]
    return [(step.name, purpose(step.name), step.text) for step in changed]


def main() -> None:
    """Print the function, every stage on the way, and a check of the number at the end."""
    x, n = 0.7, 5
    print(textwrap.indent(inspect.getsource(f), "    "))
    for number, (name, reason, text) in enumerate(chapters(x, n), start=1):
        print(textwrap.fill(f"{number}. {name.upper()}. {reason}", 88), end="\n\n")
        print(textwrap.indent(text, "    "), end="\n\n")
    difference = (f(x + 1e-6, n) - f(x - 1e-6, n)) / 2e-6
    print(f"The derivative at {x}: {grad(f)(x, n):.9f}; by differences: {difference:.9f}")


if __name__ == "__main__":
    main()
