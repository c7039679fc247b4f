"""What is timed must be right; nothing is timed here."""

from __future__ import annotations

import importlib
import inspect
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import candidates
import measure
import numpy as np
import ours
import overhead
import programs
import report
import rule_cases
import rules
import transform
import workloads
from peers import c
from peers.tool import CannotError, Prepared
from workloads import sweeps

import tangent_sct


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


# -- the suite ------------------------------------------------------------------------------------

PEERS = {"jax": "jax", "torch": "torch", "autograd": "autograd", "casadi": "casadi", "tangent": "tangent"}


def is_right(workload, prepare):
    """Whether a derivative agrees with differences; workloads that a tool cannot do are skipped."""
    try:
        return candidates.is_right(workload, prepare)
    except CannotError as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("workload", workloads.ALL, ids=lambda workload: workload.name)
def test_our_derivatives_of_workloads_are_right(workload):
    assert is_right(workload, ours.prepare)


@pytest.mark.parametrize("name", ["logistic", "newton", "lu", "cholesky", "triangular_solve", "seidel"])
def test_compiled_derivatives_are_right(name):
    pytest.importorskip("numba")
    if "backend" not in inspect.signature(tangent_sct.grad).parameters:
        pytest.skip("there is no such backend")
    (workload,) = [w for w in workloads.ALL if w.name == name]
    assert is_right(workload, ours.ours_numba)


@pytest.mark.parametrize("workload", workloads.loops.WORKLOADS + sweeps.WORKLOADS, ids=lambda workload: workload.name)
@pytest.mark.parametrize("peer", ["autograd", "torch"])
def test_peers_that_trace_are_right(peer, workload):
    pytest.importorskip(PEERS[peer])
    (prepare,) = importlib.import_module(f"peers.{peer}").PREPARE.values()
    assert is_right(workload, prepare)


OTHERS = (
    ("jax", "lorenz"), ("jax", "floyd_warshall"), ("jax", "lstm"), ("jax", "adi"), ("casadi", "logistic"),
    ("casadi", "ba"), ("tangent", "logistic"), ("tangent", "network"),
)  # fmt: skip


@pytest.mark.parametrize(("peer", "name"), OTHERS)
def test_other_peers_are_right(peer, name):
    pytest.importorskip(PEERS[peer])
    (workload,) = [w for w in workloads.ALL if w.name == name]
    prepare, *_ = importlib.import_module(f"peers.{peer}").PREPARE.values()
    assert is_right(workload, prepare)


LIMITS = sorted(path.stem for path in c.LIMIT.glob("*.c"))


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
@pytest.mark.parametrize("name", LIMITS)
def test_adjoints_in_c_are_right(name):
    (workload,) = [w for w in workloads.ALL if w.name == name]
    assert is_right(workload, c.prepare)


def test_a_wrong_derivative_of_a_workload_is_told():
    workload = workloads.ALL[0]

    def wrong(workload, arguments):
        right = ours.prepare(workload, arguments)
        return Prepared(right.run, lambda result: tuple(1.01 * part for part in right.result(result)))

    assert not is_right(workload, wrong)
    found, result = candidates.tried("peer", wrong, workload, workload.made("tiny"), 10.0)
    assert (found.run, found.reason, result) == (None, "wrong", None)


def test_what_takes_too_long_is_stopped():
    def endless(workload, arguments):
        while True:
            pass

    found, _ = candidates.tried("peer", endless, workloads.ALL[0], (), 0.1)
    assert found.reason == "over 0.1 s"


def test_a_page_says_where_others_are_faster():
    outcome = {
        "workload": "w", "group": "loops", "size": "n=1", "seconds": {"primal": 1.0, "ours": 3.0, "jax": 2.0},
        "first": {"ours": 4.0, "jax": 5.0}, "reasons": {"torch": "not installed"}, "peaks": {"ours": 2**20},
    }  # fmt: skip
    assert report.losses([outcome]) == "* w, n=1: jax is faster than ours, by 1.50"
    assert "[1] not installed" in report.times_table([outcome])
    assert "3.00" in report.ratios_table([outcome])
    assert "1.0" in report.memory_table([outcome])
