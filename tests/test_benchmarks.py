"""What is timed must be right; nothing is timed here."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import measure
import overhead
import programs
import transform


@pytest.mark.parametrize("program", programs.all_programs(), ids=lambda program: program.name)
def test_our_gradients_are_right(program):
    assert overhead.error_against_differences(program, overhead.ours(program)) < 1e-6


def test_a_wrong_gradient_is_told():
    program = programs.all_programs()[0]
    right = overhead.ours(program)
    wrong = lambda *arguments: 1.01 * right(*arguments)[0]
    assert overhead.error_against_differences(program, wrong) > 1e-3


def test_the_generated_functions_have_the_length_asked_for_and_a_derivative():
    function = transform.program(30)
    assert len(inspect.getsource(function).splitlines()) == 33
    transform.derive(function)


def test_a_table_is_aligned():
    text = measure.table(["a", "b"], [["long", "1"]])
    assert text == "| a    | b |\n| ---- | - |\n| long | 1 |"
