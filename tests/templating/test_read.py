"""Reading templates: what is accepted, what is refused, and where errors point."""

import math

import numpy as np
import pytest

from tangent_sct.templating.language import (
    TemplateError,
    d,
    dense,
    each,
    isactive,
    isscalar,
    linear,
    ndim,
    partials,
    rule,
    zero,
)
from tangent_sct.templating.registry import find


def primal(x, y=2.0):
    return x * y


def line_of(text):
    """The line of this file on which a text first stands."""
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


# -- what is accepted -------------------------------------------------------------------------


def test_rule_knows_its_parts():
    def function(a, axis=None):
        return np.sort(a, axis)

    @rule(function, aliasing="maybe", cheap=True, broadcast=True)
    def template(y, /, a, axis=None):
        """A docstring is no statement."""
        order = np.argsort(a, axis)
        y = np.take_along_axis(a, order, axis)

        def tangent():
            d[y] = np.take_along_axis(d[a], order, axis)

        def adjoint():
            d[a] += np.take_along_axis(d[y], np.argsort(order, axis), axis)

    found = find(function)
    assert found.name == "template"
    assert found.primals == (function,)
    assert found.results == ("y",)
    assert str(found.parameters) == "(a, axis=None)"
    assert (len(found.prelude), len(found.tangent), len(found.adjoint)) == (2, 1, 1)
    assert (found.aliasing, found.cheap, found.broadcast) == ("maybe", True, True)
    assert found.namespace == {"np": np}
    assert found.file == __file__
    assert found.line == line_of('@rule(function, aliasing="maybe"')


def test_partials_and_zero_have_their_defaults():
    def function(x):
        return 2 * x

    def count(x):
        return len(x)

    @partials(function)
    def template(y, /, x):
        return 2

    zero(count)
    assert (find(function).cheap, find(function).broadcast) == (True, True)
    assert (find(count).is_zero, find(count).cheap) == (True, False)
    assert not find(function).is_zero


def test_free_names_come_from_closures_globals_and_builtins():
    def helper(x):
        return x

    def function(x):
        return x

    @partials(function)
    def template(y, /, x):
        return helper(math.cos(abs(x)))

    assert find(function).namespace == {"helper": helper, "math": math, "abs": abs}


def test_a_string_may_stand_at_the_margin():
    def function(x):
        return x

    @partials(function)
    def template(y, /, x):
        """A docstring
that ignores the indentation."""
        return 1

    assert find(function).partials.keys() == {"x"}


def test_words_are_known_by_their_objects():
    derivative = d

    def function(x):
        return x

    @rule(function)
    def template(y, /, x):
        def tangent():
            derivative[y] = derivative[x]

    assert find(function).wrt == {"x"}


def test_primals_that_take_their_arguments_alike_share_a_rule():
    def left(x, y=2.0):
        return x * y

    def right(x, y=2.0):
        return y * x

    def other(x, flag=None, y=2.0):
        return x * y

    @partials(left, right, other)
    def template(z, /, x, y=2.0):
        return y, x

    assert find(left) is find(right)
    assert find(other) is not find(left)
    assert [a.name for a in find(other).layout.positional] == ["x", None, "y"]


# -- what is refused --------------------------------------------------------------------------


def no_slash():
    @partials(primal)
    def template(x, y=2.0):
        return y, x


def too_few_partials():
    @partials(primal)
    def template(z, /, x, y=2.0):
        return y


def no_return():
    @partials(primal)
    def template(z, /, x, y=2.0):
        t = y


def all_partials_none():
    @partials(primal)
    def template(z, /, x, y=2.0):
        return None, 0


def no_modes():
    @rule(primal)
    def template(z, /, x, y=2.0):
        t = x


def unknown_mode():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def backward():
            d[x] += d[z]


def statement_below_modes():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def tangent():
            d[z] = d[x]

        z = x


def prelude_without_result():
    @rule(primal)
    def template(z, /, x, y=2.0):
        t = x * y

        def tangent():
            d[z] = d[x] * t


def tangent_without_end():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def tangent():
            if ndim(x) == 0:
                d[z] = d[x]


def adjoint_assigns():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            d[x] = d[z]


def adjoint_subtracts():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            d[x] -= d[z]


def adjoint_to_a_result():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            d[z] += d[z]


def adjoint_reads_an_argument():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            d[x] += d[y]


def prelude_with_derivative():
    @rule(primal)
    def template(z, /, x, y=2.0):
        z = d[x]

        def tangent():
            d[z] = d[x]


def while_loop():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            while x:
                d[x] += d[z]


def loop_over_something():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            for i in range(3):
                d[x] += d[z] * i


def unknown_name():
    @partials(primal)
    def template(z, /, x, y=2.0):
        return nowhere(y), x  # noqa: F821


def local_perhaps_unassigned():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            if isscalar(x):
                t = y
            d[x] += d[z] * t


def assigned_argument():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            y = 3
            d[x] += d[z] * y


def word_as_value():
    @partials(primal)
    def template(z, /, x, y=2.0):
        return y * ndim(x), x


def dense_in_adjoint():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            d[x] += dense(d[z])


def comprehension_takes_a_name():
    @partials(primal)
    def template(z, /, x, y=2.0):
        return sum(x for x in y), x


def whole_star():
    def gather(*args):
        return args

    @rule(gather)
    def template(z, /, *args):
        def tangent():
            d[z] = d[args]


def wrong_name():
    @partials(primal)
    def template(z, /, x, w=2.0):
        return w, x


def wrong_default():
    @partials(primal)
    def template(z, /, x, y=3.0):
        return y, x


def lacking_parameter():
    def function(x, y):
        return x * y

    @partials(function)
    def template(z, /, x):
        return 1


def wrong_numpy_default():
    @rule(np.sort)
    def template(y, /, a, axis=0):
        def tangent():
            d[y] = d[a]


def no_functions():
    @rule()
    def template(y, /, a):
        def tangent():
            d[y] = d[a]


def not_a_function():
    zero(3)


def unknown_aliasing():
    zero(len, aliasing="sometimes")


def linear_with_defs():
    @linear(primal)
    def template(z, /, x, y=2.0):
        def adjoint():
            d[x] += d[z]


def activity_of_an_argument():
    @rule(primal)
    def template(z, /, x, y=2.0):
        def tangent():
            d[z] = d[x] * y

        def adjoint():
            if isactive(x):
                d[x] += d[z] * y


@pytest.mark.parametrize(
    ("declare", "reason"),
    [
        (activity_of_an_argument, "`isactive` is asked of a result in `adjoint`, of a parameter in `tangent`"),
        (no_slash, "left of a slash"),
        (too_few_partials, "one partial per parameter: 2"),
        (no_return, "ends in `return`"),
        (all_partials_none, "zero(...)"),
        (no_modes, "`def tangent():`"),
        (unknown_mode, "not `backward`"),
        (statement_below_modes, "stand above"),
        (prelude_without_result, "must assign `z`"),
        (tangent_without_end, "must end in `d[z] = ...`"),
        (adjoint_assigns, "added with `+=`"),
        (adjoint_subtracts, "d[a] += ..."),
        (adjoint_to_a_result, "of a parameter"),
        (adjoint_reads_an_argument, "of a result"),
        (prelude_with_derivative, "in `tangent` and in `adjoint` only"),
        (while_loop, "in `adjoint` stand"),
        (loop_over_something, "for a in each(arrays)"),
        (unknown_name, "`nowhere` is not defined"),
        (local_perhaps_unassigned, "`t` may be read before"),
        (assigned_argument, "`y` is an argument"),
        (word_as_value, "in the test of a static `if`"),
        (dense_in_adjoint, "`dense` stands in `tangent`"),
        (comprehension_takes_a_name, "already a name of the template"),
        (whole_star, "by each(args)"),
        (wrong_name, "no parameter `w`"),
        (wrong_default, "its default of `y` is 2.0, not 3.0"),
        (lacking_parameter, "lacks its parameter `y`"),
        (wrong_numpy_default, "`np.sort`: its default of `axis` is -1"),
        (no_functions, "the functions it is for"),
        (not_a_function, "3 is none"),
        (unknown_aliasing, '"fresh", "view", "maybe", "axes" or "matrix"'),
        (linear_with_defs, "without `def`s"),
    ],
)
def test_refused_forms(declare, reason):
    with pytest.raises(TemplateError) as caught:
        declare()
    assert reason in caught.value.reason
    assert caught.value.file == __file__


def test_error_names_the_line():
    with pytest.raises(TemplateError) as caught:
        adjoint_subtracts()
    assert caught.value.line == line_of("d[x] -= d[z]")
    assert f"line {caught.value.line}" in str(caught.value)


def test_template_without_source_is_refused():
    scope = {"partials": partials, "primal": primal}
    with pytest.raises(TemplateError, match="cannot be read"):
        exec("@partials(primal)\ndef template(z, /, x, y=2.0):\n    return y, x", scope)


@pytest.mark.parametrize("word", [each, ndim, isscalar, dense, d.__getitem__])
def test_words_do_not_run(word):
    with pytest.raises(RuntimeError, match="never run"):
        word(1.0)
