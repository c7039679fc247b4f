"""Print the golden files anew: `python -m tests.golden.update`."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

from tests.golden.cases import CASES, Case

FOLDER = Path(__file__).parent


def primal(case: Case) -> str:
    """The source of a function without its decorators."""
    text = textwrap.dedent(inspect.getsource(case.function))
    if case.name == "lambda":
        return text[text.index("lambda x") : text.rindex(")")] + "\n"
    return re.sub(r"  # noqa.*", "", text[text.index("def ") :])


def printed(case: Case) -> str:
    """The function and its derivative."""
    derivative = case.derivative.source_for(*case.args, **case.keywords)
    return f"{primal(case)}\n\n{derivative.rstrip()}\n"


def path(case: Case) -> Path:
    """Where a case is kept."""
    return FOLDER / f"{case.name}.txt"


def main() -> None:
    """Rewrite all files, and remove those of cases that are no more."""
    for old in FOLDER.glob("*.txt"):
        if old.stem not in {case.name for case in CASES}:
            old.unlink()
    for case in CASES:
        path(case).write_text(printed(case), encoding="utf-8")


if __name__ == "__main__":
    main()
