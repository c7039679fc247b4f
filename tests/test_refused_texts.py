"""Texts of refusals that no other test has: of what depends on kinds, of bad arguments, of templates."""

from __future__ import annotations

import functools
import inspect
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tangent_sct
from tangent_sct import (
    DerivativeError,
    UnsupportedError,
    d,
    each,
    grad,
    insert_grad_of,
    jacobian,
    jvp,
    linear,
    partials,
    rule,
    vjp,
)
from tangent_sct.emit.save import module_text
from tangent_sct.emit.text import Text
from tangent_sct.frontend.source import source_of
from tangent_sct.runtime import check_apart
from tangent_sct.templating.rule import TemplateError

X = np.array([1.0, 2.0, 3.0])


# -- while transforming -----------------------------------------------------------------------------


def at_index(x):
    return np.zeros(3)[x]


def a_dict(x):
    return {"a": x}


def a_text(x):
    return "a"


def misfit(x):
    return identity(x, 2)


def by_memory(x):
    y = x * 2.0
    z = y.ravel(order="K")
    z[0] = 1.0
    return np.sum(y)


def number_or_array(x):
    y = x * 2.0
    for i in range(2):
        y[0] = x[1]
        z = y
        if x[0] > i:
            z = x[0]
        y = y * 1.0
    return np.sum(z)


class Pair:
    def __init__(self, v):
        self.v = v

    def __iter__(self):
        return iter([self.v, self.v])


class Single(Pair):
    def __iter__(self):
        return iter([self.v])


def over_objects(x):
    total = 0.0
    for one in [Pair(x), Single(x)]:
        for v in one:
            total += np.sum(v)
    return total


def bytes_of(x):
    return x.tobytes()


def by_memory_layout(x):
    return x.flat


def out_of_a_set(x):
    return list(frozenset([x]))[0]


def by_a_method(x, generator):
    return generator.normal(x)


KINDS = [
    (at_index, (1.0,), "values to be differentiated stand in an index: `[x]`",
     "join arrays by np.concatenate, np.hstack or np.stack, not by np.r_ or np.c_; "
     "make what selects elements an integer by int(...)"),
    (a_dict, (1.0,), "the result is a dict, and a gradient needs a scalar",
     "use vjp with a seed of the same structure, or has_aux=True for `return value, extras`"),
    (a_text, (1.0,), "the result is no number", "return a float"),
    (misfit, (1.0,), "the call does not fit the function: too many positional arguments", ""),
    (by_memory, (np.ones((1, 3)),),
     "elements are ordered by the memory layout of an array here (`order='K'`)", 'write order="C" or order="F"'),
    (number_or_array, (X,), "`z` is a number on one path and an array that is written in place on another",
     "use two names, one for the number and one for the array"),
    (over_objects, (X,), "a loop runs over an object whose class is not known: the class says what its items are",
     "loop over the list that it holds, or put objects of one class only into one container"),
    (bytes_of, (X,), "`x.tobytes` of values to be differentiated has no derivative rule, since it reads or "
     "writes files and memory", "compute it from values that are not differentiated"),
    (by_memory_layout, (X,), "`x.flat` is no part of an array, and what it holds cannot be differentiated",
     "keep the values in an array, a tuple or a dict"),
    (out_of_a_set, (2.0,), "`list` of values to be differentiated has no derivative rule",
     "write a loop, or use a function of NumPy"),
    (by_a_method, (1.0, np.random.default_rng(0)), "the method `generator.normal` has no derivative rule",
     "use the array itself, or a function of NumPy"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args", "reason", "hint"), KINDS, ids=[case[0].__name__ for case in KINDS])
def test_refused_by_kind(f: Any, args: tuple[Any, ...], reason: str, hint: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(*args)
    assert (caught.value.reason, caught.value.hint) == (reason, hint)
    assert caught.value.filename == __file__ and caught.value.text


def test_a_view_that_is_not_known_to_be_one() -> None:
    def f(p, i):
        q = p[i]
        q[0] = 1.0
        return q

    reason = "whether `p\\[i\\]` is a number or a view of an array that is written in place is not known"
    with pytest.raises(UnsupportedError, match=reason):
        grad(f).source  # noqa: B018


def test_what_has_no_derivative_anywhere() -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(np.argmax)(X)
    assert caught.value.reason == "the derivative of `np.argmax` is zero wherever there is one"
    assert caught.value.hint == "differentiate a function of your own that calls it"


# -- at the place that is named ---------------------------------------------------------------------


def read_back_from_bytes(x):
    data = x.tobytes()
    return np.sum(np.frombuffer(data) ** 2)


def called_by_python(x):
    def weight(v):
        return v * x

    key = functools.cmp_to_key(weight)
    return x if key else x * x


def every_other_item(x):
    c = [x, x * 2, x * 3, x * 4]
    c[::2] = [x * x, 1.0]
    return c[0] * c[1] * c[2]


@pytest.mark.parametrize(
    ("mode", "f", "at", "stretch", "reason", "hint"),
    [
        (grad, read_back_from_bytes, X, "return np.sum(np.frombuffer(data) ** 2)",
         "`np.frombuffer` of values to be differentiated has no derivative rule, since it reads or writes files and "
         "memory", "compute it from values that are not differentiated"),
        (jvp, read_back_from_bytes, X, "data = x.tobytes()",
         "`x.tobytes` of values to be differentiated has no derivative rule, since it reads or writes files and "
         "memory", "compute it from values that are not differentiated"),
        (grad, called_by_python, 2.0, "key = functools.cmp_to_key(weight)",
         "which function `functools.cmp_to_key(weight)` calls is not known, and it may read values to be "
         "differentiated", "call the function by its name, or choose it by `if`"),
        (grad, every_other_item, 2.0, "c[::2] = [x * x, 1.0]", "items of `c` are replaced by a slice",
         "make a new list, or write into the arrays: `c[k][...] = value`"),
    ],
)  # fmt: skip
def test_refused_at_its_place(mode: Any, f: Any, at: Any, stretch: str, reason: str, hint: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        mode(f).source_for(at)
    error = caught.value
    assert (error.reason, error.hint, error.filename) == (reason, hint, __file__)
    assert error.text[error.offset - 1 : error.end_offset - 1] == stretch
    lines, first = inspect.getsourcelines(f)
    assert stretch in lines[error.lineno - first]


def test_what_one_mode_refuses_the_other_knows() -> None:
    value, tangent = jvp(every_other_item)(1.3, seed=1.0)
    np.testing.assert_allclose((value, tangent), (2 * 1.3**3, 6 * 1.3**2))


# -- objects outside the function -------------------------------------------------------------------

OUTSIDE = np.zeros(3)
HELD = SimpleNamespace(v=np.zeros(3))


def put(a, x):
    a[0] = x


def added_at(x):
    np.add.at(OUTSIDE, [0], x)
    return x * np.sum(OUTSIDE)


def added_at_an_attribute(x):
    np.add.at(HELD.v, [0], x)
    return x * np.sum(HELD.v)


def put_by_a_function(x):
    put(OUTSIDE, x)
    return x * np.sum(OUTSIDE)


def through_another_name(x):
    a = OUTSIDE[1:]
    a += x
    return x * np.sum(OUTSIDE)


def through_an_attribute(x):
    a = HELD.v
    a[0] = x
    return x * np.sum(HELD.v)


def with_a_constant(x):
    OUTSIDE[0] = 3.0
    return x * np.sum(OUTSIDE)


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (added_at, "OUTSIDE"), (added_at_an_attribute, "HELD"), (put_by_a_function, "OUTSIDE"),
        (through_another_name, "OUTSIDE"), (through_an_attribute, "HELD"),
    ],
)  # fmt: skip
def test_nothing_that_varies_is_written_outside(f: Any, name: str) -> None:
    for derivative in (grad(f), lambda x: jvp(f)(x, seed=1.0)):
        with pytest.raises(UnsupportedError) as caught:
            derivative(2.0)
        assert caught.value.reason == (
            f"values to be differentiated are written into `{name}`, an object outside the function, "
            "where their derivative is lost"
        )
        assert caught.value.hint == "pass the object as an argument, or return the value"
        assert caught.value.filename == __file__ and caught.value.text


def test_a_constant_is_written_outside() -> None:
    OUTSIDE[:] = 0.0
    assert grad(with_a_constant)(2.0) == 3.0
    assert jvp(with_a_constant)(2.0, seed=1.0) == (6.0, 3.0)


# -- while running ----------------------------------------------------------------------------------


def reshaped(x):
    y = (x * 1.0).T
    z = y.reshape(-1)
    z[0] = x[0, 1]
    return np.sum(y * y)


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (lambda: grad(reshaped)(np.ones((2, 3))),
         "reshaping made a copy here, not a view, and one of the two is written in place; "
         "copy explicitly (`.copy()`) before writing"),
        (lambda: vjp(a_dict)(1.0, seed=1.0), "the seed must be a dict with the keys ['a']"),
        (lambda: vjp(lambda x: (x, x))(1.0, seed=1.0), "the seed must be a sequence of 2 seeds"),
        (lambda: vjp(lambda x: x * 2.0)(X, seed=np.ones(2)),
         "the seed has shape (2,), the value it weighs has shape (3,)"),
    ],
)  # fmt: skip
def test_refused_while_running(run: Any, text: str) -> None:
    with pytest.raises(DerivativeError) as caught:
        run()
    assert str(caught.value).startswith(text)


def test_refused_by_the_tools() -> None:
    with pytest.raises(UnsupportedError, match="`missing` cannot be saved: nothing is known of it"):
        module_text(Text("def f(x):\n    return missing", {}), {}, "")
    with pytest.raises(UnsupportedError, match="the module `tangent_sct` cannot be saved") as caught:
        module_text(Text("def f(x):\n    return tangent_sct.d", {}), {"tangent_sct": tangent_sct}, "")
    assert caught.value.hint == "import the functions you need from it by name"
    with pytest.raises(TypeError, match="expected a function to differentiate, got int"):
        source_of(3)
    with pytest.raises(ValueError, match="the function writes into holds an array or a container twice; put a copy"):
        check_apart([X, X])


def test_whether_an_array_is_a_number() -> None:
    def f(x, i):
        with insert_grad_of(x[i]) as g:
            g = 2.0 * g
        return np.sum(x)

    with pytest.raises(UnsupportedError) as caught:
        grad(f).source  # noqa: B018
    assert caught.value.reason == "whether `x[i]` is a number or an array is not known"
    assert caught.value.hint == "annotate the arguments (float, np.ndarray), or use source_for(*args)"


# -- bad arguments ----------------------------------------------------------------------------------


def written_twice(p):
    p[0][0] = 1.0
    return np.sum(p[0] * p[1])


def identity(x):
    return x


@pytest.mark.parametrize(
    ("run", "kind", "text"),
    [
        (lambda: grad(3), TypeError, "argument `f` must be a function, not int"),
        (lambda: grad(identity, wrt=[0]), TypeError,
         "argument `wrt` must be a position, a name, or a tuple of them, not list"),
        (lambda: grad(identity, wrt=(1.5,)), TypeError, "argument `wrt` must hold positions or names, not float"),
        (lambda: grad(identity, wrt="z"), ValueError, "argument `wrt`: identity has no parameter 'z', only ['x']"),
        (lambda: grad(identity, wrt=3), ValueError,
         "argument `wrt`: identity has 1 parameters, there is none at position 3"),
        (lambda: jacobian(identity)({"a": 1.0}), TypeError,
         "argument `x` of a jacobian must be a float or an array of floats, not dict"),
        (lambda: jvp(identity)(SimpleNamespace(w=1.0), seed=1.0), ValueError,
         "the tangent of `x` must be an object with the attributes ['w']"),
        (lambda: jvp(identity)({"a": 1.0}, seed=1.0), ValueError,
         "the tangent of `x` must be a dict with the keys ['a']"),
        (lambda: jvp(identity)([1.0], seed=1.0), ValueError, "the tangent of `x` must be a sequence of 1 tangents"),
        (lambda: grad(written_twice)([X, X]), ValueError,
         "argument `p` holds an array or a container twice, and the function writes into it; "
         "put a copy in one of the places"),
    ],
)  # fmt: skip
def test_bad_arguments(run: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        run()
    assert str(caught.value) == text


# -- templates --------------------------------------------------------------------------------------


def primal(x, y=1.0):
    return x


def wrong_name(y, /, x):
    def backward():
        d[x] += d[y]


def twice(y, /, x):
    def tangent():
        d[y] = d[x]

    def tangent():  # noqa: F811
        d[y] = d[x]


def with_parameters(y, /, x):
    def tangent(k):
        d[y] = d[x]


def of_another(y, /, z):
    def tangent():
        d[y] = d[z]


def assigned(y, /, x):
    def adjoint():
        d[x] = d[y]


def own_tangent(y, /, x):
    def adjoint():
        d[x] += d[x]


def of_parameter(y, /, x):
    def tangent():
        d[x] = d[x]


def own_result(y, /, x):
    def adjoint():
        y = 2.0
        d[x] += y * d[y]


def subtracted(y, /, x):
    def adjoint():
        d[x] -= d[y]


def word_alone(y, /, x):
    def adjoint():
        d[x] += each * d[y]


def own_loop_variable(y, /, x):
    def adjoint():
        for x in each(x):  # noqa: B020, F823
            d[x] += d[y]


def attribute(y, /, x):
    def tangent():
        x.k = 2.0
        d[y] = d[x]


def named_on_the_way(y, /, x):
    def tangent():
        d[y] = (k := 2.0) * d[x]


def of_an_expression(y, /, x):
    def tangent():
        d[y] = d[2.0 * x]


def filtered(y, /, x):
    def tangent():
        d[y] = np.sum([d[a] for a in each(x) if a])


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (wrong_name, "inside a rule stand `tangent` and `adjoint`, not `backward`"),
        (twice, "`tangent` is defined twice"),
        (with_parameters, "`tangent` takes no parameters"),
        (of_another, "the signature of `of_another` is not that of `primal`: it has no parameter `z`"),
        (
            assigned,
            "in `adjoint` stand `t = ...`, `d[a] += ...`, static `if` and `for`; contributions are added with `+=`",
        ),
        (own_tangent, "`adjoint` reads `d[...]` of a result"),
        (attribute, "a template assigns to local names only"),
        (of_parameter, "`tangent` assigns `d[...]` of a result"),
        (named_on_the_way, "this expression has no place in a template"),
        (of_an_expression, "here `d[...]` is of a parameter or of an element of one"),
        (own_result, "the result `y` is assigned once, above `tangent`"),
        (subtracted, "contributions are added: d[a] += ..."),
        (word_alone, "the word `each` cannot stand here"),
        (own_loop_variable, "the loop variable `x` is a name of its own"),
        (lambda y, /, x: 0, "the template `<lambda>` must be a `def`"),
        (filtered, "write [... for a in each(arrays)], without conditions"),
    ],
)
def test_refused_rules(template: Any, text: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rule(primal)(template)
    assert caught.value.reason.startswith(text) and caught.value.file == __file__


def two_results(y, z, /, x):
    return 1.0


def no_partial(y, /, x, y_):
    return None, 0.0


def starred(y, /, *x):
    return 1.0


def test_refused_partials_and_linear_templates() -> None:
    for template, text in (
        (two_results, "a template of partials has one result; use @rule for several"),
        (starred, "a template of partials has no `*` parameter; use @rule"),
    ):
        with pytest.raises(TemplateError) as caught:
            partials(primal)(template)
        assert caught.value.reason == text
    with pytest.raises(TemplateError, match=r"no parameter has a partial; declare it with zero\(\.\.\.\)"):
        partials(lambda x, y_: x)(no_partial)
    with pytest.raises(TemplateError, match="a @linear template has one result and a first parameter"):
        linear(primal)(two_results)
    with pytest.raises(TemplateError, match="@partials decorates a plain function"):
        partials(primal)(3)  # type: ignore[type-var]
