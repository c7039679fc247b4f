"""Signatures: how calls meet templates, and by which name a module reaches a function."""

import inspect

import numpy as np
import pytest

from tangent_sct.templating.layout import Mismatch, layout_of, spelling


def layout(template, primal):
    return layout_of(inspect.signature(template), primal)


def test_positional_only_parameters_meet_by_position():
    found = layout(lambda x, y: 0, np.multiply)
    assert [(a.own, a.name) for a in found.positional[:2]] == [("x1", "x"), ("x2", "y")]


def test_other_parameters_meet_by_name():
    found = layout(lambda a, keepdims=False: 0, np.sum)
    assert found.keywords["keepdims"].name == "keepdims"
    assert found.keywords["dtype"].name is None
    assert found.positional[1].own == "axis"


def test_a_primal_with_star_may_be_named_one_by_one():
    def primal(*operands, scale=1.0, **rest):
        return operands, scale, rest

    found = layout(lambda subscripts, *operands, optimize=False, scale=1.0: 0, primal)
    assert [a.name for a in found.positional] == ["subscripts"]
    assert found.star == "operands"
    assert found.keywords["optimize"].name == "optimize"


def test_a_template_may_ask_for_more():
    layout(lambda condition, x, y: 0, np.where)


def test_default_that_means_absence_is_not_compared():
    layout(lambda a, axis=None, keepdims=False, initial=None: 0, np.sum)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (lambda a, axes=None: 0, "no parameter `axes`"),
        (lambda a, axis=0: 0, "default of `axis` is None, not 0"),
        (lambda a=None: 0, "`a` has no default"),
        (lambda *a: 0, "takes no `*a`"),
        (lambda: 0, "lacks its parameter `a`"),
    ],
)
def test_mismatch(template, reason):
    with pytest.raises(Mismatch) as caught:
        layout(template, np.sum)
    assert reason in str(caught.value)


def test_numbers_of_different_types_are_different_defaults():
    with pytest.raises(Mismatch):
        layout(lambda x, y=1: 0, lambda x, y=1.0: 0)


def test_spelling():
    scope = {"np": np, "solve": np.linalg.solve, "linalg": np.linalg}
    assert spelling(np.sum, scope) == "np.sum"
    assert spelling(np.linalg.solve, scope) == "solve"
    assert spelling(np.linalg.inv, {"np": np}) == "np.linalg.inv"
    assert spelling(np.sum, {}) is None
