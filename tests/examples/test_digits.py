"""The network must learn, by the right gradient."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

FILE = Path(__file__).parents[2] / "examples" / "digits.py"


@pytest.fixture(scope="module")
def digits():
    return runpy.run_path(str(FILE))


def test_the_gradient_agrees_with_differences(digits):
    random = np.random.default_rng(1)
    images, labels = digits["load"]()
    images, truth = images[:20], np.eye(10)[labels[:20]]
    parameters = digits["initial"](random)
    _, gradient = digits["loss_and_gradient"](parameters, images, truth)
    direction = {name: random.normal(size=a.shape) for name, a in parameters.items()}

    def moved(distance):
        there = {name: a + distance * direction[name] for name, a in parameters.items()}
        return digits["loss"](there, images, truth)

    slope = sum(np.sum(gradient[name] * direction[name]) for name in parameters)
    assert slope == pytest.approx((moved(1e-6) - moved(-1e-6)) / 2e-6, rel=1e-7)


def test_the_program_reaches_the_promised_accuracy(capsys):
    runpy.run_path(str(FILE), run_name="__main__")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("test accuracy")
    assert float(last.split()[-1].rstrip("%")) > 95
