"""What is timed must be right; nothing is timed here."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import measure
import numpy as np
import overhead
import programs
import rule_cases
import rules
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


def test_calls_are_measured_with_literal_options():
    text = rule_cases.case("np.sort", np.zeros((2, 2)), axis=0).text()
    assert text == "def call(a0):\n    return function(a0, axis=0)\n"


def test_every_function_that_is_measured_exists():
    cases = rule_cases.all_cases()
    assert len(cases) > 100
    assert all(callable(rule_cases.resolved(case.name)) for case in cases)


def test_a_rule_is_measured():
    outcome = rules.measured(rule_cases.case("np.sum", np.ones((30, 30)), axis=0))
    assert outcome.error < 1e-4
    assert outcome.ratio > 0
