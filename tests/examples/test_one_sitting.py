"""The story must cover the passes as they are, and every stage of it must be a program."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

FILE = Path(__file__).parents[2] / "examples" / "one_sitting.py"


def test_every_pass_is_told_and_leaves_a_program():
    chapters = runpy.run_path(str(FILE))["chapters"](0.7, 5)
    assert [name for name, _, _ in chapters][:3] == ["read", "single", "derive"]
    for _, purpose, text in chapters:
        assert purpose
        ast.parse(text)


def test_it_ends_with_the_derivative_and_the_difference(capsys):
    runpy.run_path(str(FILE), run_name="__main__")
    last = capsys.readouterr().out.splitlines()[-1]
    derivative, difference = last.split("0.7: ")[1].split("; by differences: ")
    assert abs(float(derivative) - float(difference)) < 1e-6
