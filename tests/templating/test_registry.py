"""The registry: rules by object, shipped and of users."""

import functools
import operator
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from tangent_sct.templating import registry
from tangent_sct.templating.language import TemplateError, d, linear, partials, rule, zero
from tangent_sct.templating.rule import Declaration


def test_functions_of_every_sort_are_found():
    class Box:
        def __init__(self, value):
            self.value = value

        def content(self):
            return self.value

        @classmethod
        def empty(cls):
            return cls(0)

    functions = [str.upper, Box.content, Box.empty, functools.partial(max, 1), Box, np.shares_memory]
    for function in functions:
        zero(function)
    # A method bound to a class is another object every time.
    again = [str.upper, Box.content, Box.empty, functions[3], Box, np.shares_memory]
    for function in again:
        assert registry.find(function).is_zero


def test_what_has_no_rule():
    def function(x):
        return x

    assert registry.find(function) is None
    assert registry.find([]) is None
    assert registry.find("sum") is None
    assert registry.find(np.zeros(3)) is None


def test_a_rule_can_be_replaced():
    def function(x):
        return 2 * x

    @partials(function)
    def wrong(y, /, x):
        return 3

    @partials(function)
    def right(y, /, x):
        return 2

    assert registry.find(function).name == "right"


def test_a_read_rule_can_be_registered():
    def function(x):
        return x

    def other(x):
        return x

    @partials(function)
    def template(y, /, x):
        return 1

    from dataclasses import replace

    registry.register(replace(registry.find(function), primals=(other,)))
    assert registry.find(other).name == "template"


def test_rules_of_users_go_before_shipped_ones(monkeypatch):
    monkeypatch.setattr(registry, "_own", {})
    shipped = registry.find(operator.mul)

    @partials(operator.mul)
    def mine(z, /, x, y):
        return y, x

    assert registry.find(operator.mul).name == "mine"
    assert registry.find(operator.mul) is not shipped


def shipped_declaration(form, template, primal, line):
    scope = {"__name__": registry.SHIPPED + ".test"}
    return Declaration(form, (primal,), template, "fresh", True, True, scope, "test.py", line)


def test_shipped_templates_are_read_when_asked_for(monkeypatch):
    monkeypatch.setattr(registry, "_shipped", {})

    def function(x):
        return x

    def malformed(x):
        return 1

    registry.find(len)
    registry.register(shipped_declaration("partials", malformed, function, 1))
    with pytest.raises(TemplateError, match="left of a slash"):
        registry.find(function)
    with pytest.raises(TemplateError, match="left of a slash"):
        registry.check_all()


def test_a_function_has_one_shipped_rule(monkeypatch):
    monkeypatch.setattr(registry, "_shipped", {})

    def function(x):
        return x

    registry.register(shipped_declaration("zero", None, function, 1))
    with pytest.raises(TemplateError, match="already has a rule in test.py, line 1"):
        registry.register(shipped_declaration("zero", None, function, 2))


def test_every_shipped_template_is_well_formed():
    count = registry.check_all()
    rules = registry.all_rules()
    assert count == len(rules) == len(set(map(id, rules)))
    files = {pathlib.Path(rule.file).stem for rule in rules}
    assert {"arithmetic", "elementwise", "zero"} <= files


def test_linear_alone_and_as_a_decorator():
    def function(a):
        return a

    def other(a):
        return a

    linear(function)
    assert registry.find(function).adjoint is None

    @linear(other)
    def template(y, /, a):
        d[a] += d[y]

    assert len(registry.find(other).adjoint) == 1


def test_zero_returns_the_function():
    @zero
    def function(x):
        return 1

    assert function(2) == 1
    assert registry.find(function).is_zero


def test_rule_returns_the_template():
    def function(x):
        return x

    @rule(function)
    def template(y, /, x):
        def tangent():
            d[y] = d[x]

    assert callable(template)


# -- SciPy ------------------------------------------------------------------------------------


def test_templates_for_a_part_of_scipy_wait_for_it():
    code = """
import sys
import numpy as np
from tangent_sct.templating import registry
waiting = "tangent_sct.templates.scipy.linalg"
assert registry.find(np.sin) is not None
assert not any(name.partition(".")[0] == "scipy" for name in sys.modules)
assert waiting not in sys.modules
import scipy.linalg
state = registry.state()
assert registry.find(scipy.linalg.solve_sylvester).name == "solve_sylvester"
assert waiting in sys.modules
# Derivatives that have been written are not written anew for it.
assert registry.state() == state
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=pathlib.Path(__file__).parents[2])
