"""Programs as people write them are differentiated as they stand: in both modes, and twice."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tangent_sct import DerivativeError, UnsupportedError
from tangent_sct.testing import check_products, check_second
from tests.programs import (
    differential_equations,
    everyday,
    fields,
    geometry,
    idioms,
    learning,
    linear_algebra,
    matrices_as_lists,
    numerics,
    objects,
    optimisers,
    sequences,
    simulations,
    structures,
)
from tests.programs.sample import Sample

MODULES = (
    linear_algebra, differential_equations, fields, sequences, numerics, learning, geometry, objects,
    idioms, optimisers, simulations, structures, everyday, matrices_as_lists,
)  # fmt: skip
SAMPLES = [each for module in MODULES for each in module.SAMPLES]


def parameters(samples: list[Sample], second: bool) -> Iterator[Any]:
    """What is refused for now is expected to be, so that whoever mends it hears of it."""
    for each in samples:
        reason = each.refused or (each.refused_twice if second else "")
        marks = [pytest.mark.xfail(raises=(UnsupportedError, DerivativeError), reason=reason)] if reason else []
        yield pytest.param(each, id=each.function.__name__, marks=marks)


def located(each: Sample) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """Arguments for all parameters, and the positions of the differentiated ones."""
    bound = inspect.signature(each.function).bind(*each.args)
    bound.apply_defaults()
    names = list(bound.arguments)
    return tuple(copy.deepcopy(bound.args)), tuple(map(names.index, each.wrt))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.mark.every(2)
@pytest.mark.parametrize("each", list(parameters(SAMPLES, second=False)))
def test_first_derivatives(each: Sample) -> None:
    args, wrt = located(each)
    check_products(each.function, args, wrt)


@pytest.mark.every(3)
@pytest.mark.parametrize("each", list(parameters([s for s in SAMPLES if s.smooth], second=True)))
def test_second_derivatives(each: Sample) -> None:
    args, wrt = located(each)
    check_second(each.function, args, wrt)


def test_there_are_programs_enough() -> None:
    assert len([each for each in SAMPLES if not each.refused]) >= 40
