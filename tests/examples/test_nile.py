"""The published estimates must come out."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("matplotlib")

FILE = Path(__file__).parents[2] / "examples" / "nile.py"


@pytest.fixture(scope="module")
def nile():
    return runpy.run_path(str(FILE))


@pytest.fixture(scope="module")
def flow(nile):
    return np.loadtxt(nile["DATA"], delimiter=",", skiprows=1)[:, 1]


def test_the_data_are_complete(flow):
    assert (len(flow), flow.sum(), flow.min(), flow.max()) == (100, 91935, 456, 1370)


@pytest.mark.parametrize("log_variances", [(9.0, 9.0), (9.6, 7.3), (4.0, 12.0)])
def test_the_gradient_agrees_with_complex_steps(nile, flow, log_variances):
    assert nile["gradient_error"](np.array(log_variances), flow) < 1e-9


def test_the_fit_is_the_published_one(nile, flow):
    result = nile["fit"](flow)
    observation, state = np.exp(result.x)
    assert observation == pytest.approx(15099, rel=1e-3)
    assert state == pytest.approx(1469.1, rel=1e-3)
    assert -result.fun == pytest.approx(-632.5, abs=0.05)


def test_the_program_prints_the_derivative_and_draws(tmp_path, monkeypatch, capsys):
    drawing = tmp_path / "nile.png"
    monkeypatch.setattr(sys, "argv", [str(FILE), "--plot", str(drawing)])
    runpy.run_path(str(FILE), run_name="__main__")
    printed = capsys.readouterr().out
    assert "def negative_log_likelihood" in printed and "log_variances_bar" in printed
    assert drawing.stat().st_size > 1000
