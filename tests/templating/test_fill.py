"""Filling in rules: the text for one call, and its numbers."""

import gast
import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import FLOAT, UNKNOWN, array, constant, container
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin
from tangent_sct.templating.fill import Contribution, instantiate
from tangent_sct.templating.language import (
    d,
    dense,
    each,
    iscontainer,
    isscalar,
    linear,
    ndim,
    partials,
    rule,
    zero,
)
from tangent_sct.templating.registry import find

KINDS = {
    "s": FLOAT,
    "t": FLOAT,
    "v": array(("n",)),
    "M": array(("m", "n")),
    "z": array(("m", "n")),
    "parts": container("tuple", {0: array(("n",)), 1: array(("n",))}),
}
ORIGIN = Origin("user.py", 3, 4, 3, 20, "    z = f(x, y)")


def kind_of(expression):
    if isinstance(expression, gast.Constant):
        return constant(expression.value)
    return KINDS.get(getattr(expression, "id", None), UNKNOWN)


def fill(function, *args, results=("z",), names=None, spell=None, **keywords):
    trees = tree.expression(f"f({', '.join(args)})").args
    named = {name: tree.expression(text) for name, text in keywords.items()}
    names = Names() if names is None else names
    return instantiate(find(function), trees, named, results, names, kind_of, ORIGIN, spell)


def bar(text):
    return tree.load(text.replace("[", "").replace("]", "") + "_bar")


def slots_of(instance, *active):
    """Slots whose argument is one of the given texts; all of them when there are none."""
    return {s: e for s, e in instance.slots if not active or tree.text(e) in active}


def tangent(instance, *active):
    """The text of the tangent, its statements before it."""
    tangents = {
        slot: tree.load(tree.text(e).replace("[", "").replace("]", "") + "_dot")
        for slot, e in slots_of(instance, *active).items()
    }
    statements, value = instance.tangent(tangents)
    values = value if isinstance(value, list) else [value]
    return [tree.text(s) for s in statements] + [v and tree.text(v) for v in values]


def adjoint(instance, *active, seeds=("z_bar",)):
    """The text of the adjoint, contributions as `+=`."""
    given = [seed and tree.load(seed) for seed in seeds]
    slots = slots_of(instance, *active)
    lines = []
    for item in instance.adjoint(given, set(slots)):
        if isinstance(item, Contribution):
            index = "" if item.index is None else f"[{tree.text(item.index)}]"
            lines.append(f"{tree.text(slots[item.slot])}{index} += {tree.text(item.value)}")
        else:
            lines.append(tree.text(item))
    return lines


# -- partials ---------------------------------------------------------------------------------


def multiply(x, y):
    return x * y


def subtract(x, y):
    return x - y


def tanh(x):
    return np.tanh(x)


def power(x, n):
    return x**n


def scaled(x, y):
    return 2 * x / y


@partials(multiply)
def multiply_rule(z, /, x, y):
    return y, x


@partials(subtract)
def subtract_rule(z, /, x, y):
    return 1, -1


@partials(tanh)
def tanh_rule(y, /, x):
    return 1 - y * y


@partials(power)
def power_rule(z, /, x, n):
    return n * x ** (n - 1), None


@partials(scaled)
def scaled_rule(z, /, x, y):
    half = 2 / y
    return half, -z / y


def test_both_modes_follow_from_partials():
    instance = fill(multiply, "v", "s")
    assert tangent(instance) == ["v_dot * s + s_dot * v"]
    assert adjoint(instance) == ["v += z_bar * s", "s += z_bar * v"]


def test_terms_of_inactive_arguments_vanish():
    instance = fill(multiply, "M", "s")
    assert tangent(instance, "s") == ["s_dot * M"]
    assert adjoint(instance, "M") == ["M += z_bar * s"]
    assert instance.tangent({}) == ([], None)
    assert instance.adjoint([None], {("x", None)}) == []
    assert instance.adjoint([tree.load("z_bar")], set()) == []


def test_unit_partials():
    instance = fill(subtract, "M", "z")
    assert tangent(instance) == ["M_dot - z_dot"]
    assert tangent(instance, "z") == ["-z_dot"]
    assert adjoint(instance) == ["M += z_bar", "z += -z_bar"]


def test_the_seed_comes_first():
    assert adjoint(fill(power, "v", "3")) == ["v += z_bar * 3 * v ** (3 - 1)"]
    assert adjoint(fill(tanh, "v")) == ["v += z_bar * (1 - z * z)"]


def test_locals_that_nothing_reads_are_left_out():
    instance = fill(scaled, "v", "s")
    assert adjoint(instance, "v") == ["half = 2 / s", "v += z_bar * half"]
    assert adjoint(instance, "s") == ["s += -z_bar * (z / s)"]


def test_contributions_of_partials_are_summed_down_and_others_not():
    [term] = fill(tanh, "v").adjoint([tree.load("z_bar")], {("x", None)})
    assert term.broadcast
    [term] = fill(total, "v").adjoint([tree.load("z_bar")], {("a", None)})
    assert not term.broadcast


def test_a_partial_that_is_none_makes_no_slot():
    assert [slot for slot, _ in fill(power, "v", "s").slots] == [("x", None)]


def test_tangents_have_the_full_shape():
    # z has the shape of M; s alone would make a scalar of its tangent.
    assert tangent(fill(subtract, "s", "M"), "s") == ["np.broadcast_to(s_dot, np.shape(z))"]
    assert tangent(fill(subtract, "v", "M"), "v") == ["np.broadcast_to(v_dot, np.shape(z))"]
    assert tangent(fill(subtract, "M", "s"), "M") == ["M_dot"]
    assert tangent(fill(subtract, "v", "2.0"), "v") == ["v_dot"]
    assert tangent(fill(subtract, "s", "t", results=("t",)), "s") == ["s_dot"]
    assert tangent(fill(subtract, "u", "w"), "u") == ["np.broadcast_to(u_dot, np.shape(z))"]


def test_the_broadcast_is_needed():
    s, big = 2.0, np.ones((2, 3))
    instance = fill(subtract, "s", "M")
    _, value = instance.tangent({("x", None): tree.load("s_dot")})
    scope = {**instance.namespace, "s_dot": 1.0, "z": s - big}
    assert eval(tree.text(value), scope).sum() == 6.0


# -- rules ------------------------------------------------------------------------------------


def total(a, axis=None, keepdims=False):
    return np.sum(a, axis=axis, keepdims=keepdims)


def spread(g, like, axis=None, keepdims=False):
    return np.broadcast_to(g if axis is None or keepdims else np.expand_dims(g, axis), like.shape)


@rule(total)
def total_rule(y, /, a, axis=None, keepdims=False):
    def tangent():
        d[y] = np.sum(d[a], axis=axis, keepdims=keepdims)

    def adjoint():
        d[a] += spread(d[y], like=a, axis=axis, keepdims=keepdims)


def ordered(a, axis=-1):
    return np.sort(a, axis)


@rule(ordered)
def ordered_rule(y, /, a, axis=-1):
    order = np.argsort(a, axis)
    y = np.take_along_axis(a, order, axis)

    def tangent():
        d[y] = np.take_along_axis(d[a], order, axis)

    def adjoint():
        d[a] += np.take_along_axis(d[y], np.argsort(order, axis), axis)


def item(a, index):
    return a[index]


@rule(item)
def item_rule(y, /, a, index):
    def tangent():
        d[y] = d[a][index]

    def adjoint():
        d[a][index] += d[y]


def choose(condition, x, y):
    return np.where(condition, x, y)


@rule(choose, broadcast=True)
def choose_rule(z, /, condition, x, y):
    def tangent():
        d[z] = np.where(condition, d[x], d[y])

    def adjoint():
        d[x] += np.where(condition, d[z], 0.0)
        d[y] += np.where(condition, 0.0, d[z])


def test_arguments_that_hold_their_defaults_are_not_printed():
    assert tangent(fill(total, "v")) == ["np.sum(v_dot)"]
    assert adjoint(fill(total, "v")) == ["v += spread(z_bar, like=v)"]
    assert tangent(fill(total, "M", "0", keepdims="False")) == ["np.sum(M_dot, axis=0)"]
    assert tangent(fill(total, "M", keepdims="flag")) == ["np.sum(M_dot, keepdims=flag)"]


def test_positional_arguments_at_the_end_too():
    assert tree.text(fill(ordered, "M").forward[0]) == "order = np.argsort(M)"
    assert tree.text(fill(ordered, "M", "0").forward[0]) == "order = np.argsort(M, 0)"


def test_the_prelude_stands_for_the_call():
    names = Names({"order", "M", "z"})
    instance = fill(ordered, "M", "0", names=names)
    assert tree.text(instance.forward) == (
        "order_2 = np.argsort(M, 0)\nz = np.take_along_axis(M, order_2, 0)"
    )
    assert adjoint(instance) == ["M += np.take_along_axis(z_bar, np.argsort(order_2, 0), 0)"]
    assert fill(total, "v").forward is None


def test_indexed_contributions():
    assert adjoint(fill(item, "v", "slice(1, n)")) == ["v[slice(1, n)] += z_bar"]


def test_a_zero_inside_a_call_is_written():
    instance = fill(choose, "M > 0", "M", "z")
    assert tangent(instance, "M") == ["np.where(M > 0, M_dot, 0.0)"]
    assert adjoint(instance, "z") == ["z += np.where(M > 0, 0.0, z_bar)"]


def test_only_the_terms_that_are_left_count_for_the_shape():
    instance = fill(choose, "flag", "s", "M")
    assert tangent(instance, "s") == ["np.broadcast_to(np.where(flag, s_dot, 0.0), np.shape(z))"]


def test_text_is_fresh():
    instance = fill(total, "v")
    first = instance.adjoint([tree.load("z_bar")], {("a", None)})[0].value
    second = instance.adjoint([tree.load("z_bar")], {("a", None)})[0].value
    nodes = {id(node) for node in tree.walk(first) if node._fields}
    assert nodes.isdisjoint(id(node) for node in tree.walk(second) if node._fields)
    assert tree.same(first, second)


def test_statements_carry_their_origin_and_sweep():
    instance = fill(ordered, "M")
    assert all(tree.origin_of(s) is ORIGIN for s in instance.forward)
    lines = fill(scaled, "v", "s").adjoint([tree.load("z_bar")], {("x", None)})
    assert tree.sweep_of(lines[0]) == "reverse"


# -- the algebra of zeros ---------------------------------------------------------------------


def algebra(a, b):
    return a, b


@pytest.fixture
def tangent_of():
    """The tangent of a template given by its last line, with `a` active and `b` not."""

    def make(template):
        rule(algebra)(template)
        return tangent(fill(algebra, "M", "w"), "M")[-1]

    return make


def sum_(y, /, a, b):
    def tangent():
        d[y] = d[b] + d[a]


def difference(y, /, a, b):
    def tangent():
        d[y] = d[b] - d[a]


def product(y, /, a, b):
    def tangent():
        d[y] = d[a] @ b + a @ d[b].T


def quotient(y, /, a, b):
    def tangent():
        d[y] = -(d[b] / a) + (+d[a])


def calls(y, /, a, b):
    def tangent():
        d[y] = np.dot(d[b][0], a).sum(axis=d[b]) + np.outer(a, d[a])


def local(y, /, a, b):
    def tangent():
        left = 2 * d[b]
        right = a * d[a]
        d[y] = np.add(left, right) + left


def display(y, /, a, b):
    def tangent():
        d[y] = np.stack([d[a], d[b]]) + np.stack((d[b], b * d[b]))


def conditional(y, /, a, b):
    def tangent():
        d[y] = (d[a] if b else d[b]) + (d[b] if a else d[b])


def literal(y, /, a, b):
    def tangent():
        d[y] = 0.0


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (sum_, "M_dot"),
        (difference, "-M_dot"),
        (product, "M_dot @ w"),
        (quotient, "+M_dot"),
        (calls, "np.outer(M, M_dot)"),
        (local, "np.add(0.0, right)"),
        (display, "np.stack([M_dot, 0.0])"),
        (conditional, "M_dot if w else 0.0"),
        (literal, None),
    ],
)
def test_zeros(tangent_of, template, expected):
    assert tangent_of(template) == expected


# -- static if and for ------------------------------------------------------------------------


def general(g, a, b):
    return g @ np.transpose(b)


def dot(a, b):
    return np.dot(a, b)


@rule(dot)
def dot_rule(y, /, a, b):
    def tangent():
        d[y] = np.dot(d[a], b) + np.dot(a, d[b])

    def adjoint():
        if ndim(a) == 2 and ndim(b) == 1:
            d[a] += np.outer(d[y], b)
        elif isscalar(b):
            d[a] += d[y] * b
        else:
            d[a] += general(d[y], a, b)


def narrow(a):
    return a


@rule(narrow)
def narrow_rule(y, /, a):
    def tangent():
        if ndim(a) == 1:
            d[y] = d[a]
        else:
            d[y] = d[a].T if ndim(a) == 2 else d[a]

    def adjoint():
        if ndim(a) == 1:
            d[a] += d[y]


def test_static_if():
    assert adjoint(fill(dot, "M", "v"), "M") == ["M += np.outer(z_bar, v)"]
    assert adjoint(fill(dot, "M", "s"), "M") == ["M += z_bar * s"]
    assert adjoint(fill(dot, "M", "M"), "M") == ["M += general(z_bar, M, M)"]
    assert tangent(fill(narrow, "M")) == ["M_dot.T"]


def test_undecided_takes_the_last_else_of_the_chain():
    # `u` may be a matrix, for which the second branch would be wrong.
    assert adjoint(fill(dot, "u", "v"), "u") == ["u += general(z_bar, u, v)"]


def test_undecided_without_else_is_refused():
    with pytest.raises(UnsupportedError) as caught:
        adjoint(fill(narrow, "u"))
    assert caught.value.reason.startswith("the rank of `u` must be known")
    assert caught.value.origin is ORIGIN
    assert caught.value.hint


def piece(g, start, stop, place):
    return g[start:stop]


def join(arrays, axis=0):
    return np.concatenate(arrays, axis)


@rule(join)
def join_rule(y, /, arrays, axis=0):
    def tangent():
        d[y] = np.concatenate([dense(d[a]) for a in each(arrays)], axis=axis)

    def adjoint():
        stop = 0
        for i, a in enumerate(each(arrays)):
            start = stop
            stop = start + len(a)
            d[a] += piece(d[y], start, stop, i)


def largest(*args):
    return max(args)


@rule(largest)
def largest_rule(y, /, *args):
    def tangent():
        d[y] = (args[0] == y) * d[args[0]] + sum(d[a] for a in each(args))

    def adjoint():
        if len(args) == 2:
            d[args[0]] += d[y] * (args[0] >= args[1])
        else:
            for a in each(args):
                d[a] += d[y] * (a == largest(*args))


def test_loops_are_unrolled():
    instance = fill(join, "(a, b, c)")
    assert [slot for slot, _ in instance.slots] == [("arrays", 0), ("arrays", 1), ("arrays", 2)]
    assert tangent(instance, "a", "c") == ["np.concatenate([a_dot, np.zeros_like(b), c_dot])"]
    assert adjoint(instance, "a", "b") == [
        "stop = 0 + len(a)",
        "a += piece(z_bar, 0, stop, 0)",
        "stop_2 = stop + len(b)",
        "b += piece(z_bar, stop, stop_2, 1)",
    ]


def test_elements_of_a_container_of_known_structure():
    instance = fill(join, "parts")
    assert [tree.text(e) for _, e in instance.slots] == ["parts[0]", "parts[1]"]
    assert tangent(instance) == ["np.concatenate([parts0_dot, parts1_dot])"]


def piled(arrays):
    return np.stack(arrays)


@rule(piled)
def piled_rule(y, /, arrays):
    def adjoint():
        for i, a in enumerate(each(arrays)):
            d[a] += 2.0 * d[y][i] * a


def test_elements_that_are_not_known_make_a_comprehension():
    assert tangent(fill(join, "u"), "u") == ["np.concatenate(u_dot)"]
    assert adjoint(fill(piled, "u"), "u") == [
        "u += [2.0 * z_bar[i] * a for i, a in enumerate(u)]"
    ]


def test_rounds_that_depend_on_one_another_need_known_elements():
    with pytest.raises(UnsupportedError, match="the elements of `u` are not known"):
        adjoint(fill(join, "u"), "u")


def test_star_parameters():
    instance = fill(largest, "a", "b")
    assert tangent(instance, "a") == ["(a == z) * a_dot + sum((a_dot, 0.0))"]
    assert adjoint(instance) == ["a += z_bar * (a >= b)"]
    assert adjoint(fill(largest, "a", "b", "c"), "b") == ["b += z_bar * (b == largest(a, b, c))"]


def gather(object):
    return np.array(object)


@rule(gather)
def gather_rule(y, /, object):
    def tangent():
        if iscontainer(object):
            d[y] = np.array([d[a] for a in each(object)])
        else:
            d[y] = np.array(d[object])


def careless(object):
    return np.array(object)


@rule(careless)
def careless_rule(y, /, object):
    def tangent():
        if isscalar(object):
            d[y] = sum(d[a] for a in each(object))
        else:
            d[y] = np.array(d[object])


def test_a_display_or_its_elements():
    assert tangent(fill(gather, "[a, b]"), "b") == ["np.array([0.0, b_dot])"]
    assert tangent(fill(gather, "v")) == ["np.array(v_dot)"]


def test_the_derivative_of_a_display_is_not_silently_zero():
    with pytest.raises(UnsupportedError, match="as a whole"):
        tangent(fill(careless, "[a, b]"))


# -- several results --------------------------------------------------------------------------


def polar(x, y):
    return np.hypot(x, y), np.arctan2(y, x)


@rule(polar)
def polar_rule(r, phi, /, x, y):
    r, phi = polar(x, y)

    def tangent():
        d[r] = (d[x] * x + d[y] * y) / r
        d[phi] = (d[y] * x - d[x] * y) / r**2

    def adjoint():
        d[x] += d[r] * x / r - d[phi] * y / r**2
        d[y] += d[r] * y / r + d[phi] * x / r**2


def test_several_results():
    instance = fill(polar, "s", "t", results=("r", "phi"))
    assert tree.text(instance.forward) == "parts = polar(s, t)\nr = parts[0]\nphi = parts[1]"
    assert tangent(instance, "s") == ["s_dot * s / r", "-(s_dot * t) / r ** 2"]
    assert adjoint(instance, "s", seeds=(None, "g")) == ["s += -(g * t / r ** 2)"]


def test_several_results_in_one_name():
    instance = fill(polar, "s", "t", results=("pair",), names=Names({"r", "pair"}))
    assert tree.text(instance.forward).splitlines()[-1] == "pair = (r_2, phi)"
    assert tangent(instance, "t") == ["t_dot * t / r_2", "t_dot * s / r_2 ** 2"]


# -- linear and zero --------------------------------------------------------------------------


def mirror(a, axis=0, *, copy=False):
    return np.flip(a, axis)


@linear(mirror)
def mirror_rule(y, /, a, axis=0, *, copy=False):
    d[a] += mirror(d[y], axis)


def shift(a, by, times=1):
    return np.roll(a, by * times)


linear(shift)


@zero
def count(*args, **options):
    return len(args)


def test_the_tangent_of_a_linear_function_is_the_function():
    assert tangent(fill(mirror, "v")) == ["mirror(v_dot)"]
    assert tangent(fill(mirror, "M", "1", copy="True")) == ["mirror(M_dot, 1, copy=True)"]
    assert adjoint(fill(mirror, "M", "1")) == ["M += mirror(z_bar, 1)"]


def test_linear_without_an_adjoint():
    instance = fill(shift, "v", "2", times="k")
    assert tangent(instance) == ["shift(v_dot, 2, times=k)"]
    with pytest.raises(UnsupportedError, match="`shift` has no adjoint, so it has no reverse mode"):
        adjoint(instance)


def test_zero():
    instance = fill(count, "*v", "s", option="s")
    assert instance.slots == []
    assert instance.forward is None
    assert instance.tangent({}) == ([], None)
    assert instance.adjoint([tree.load("z_bar")], set()) == []


# -- arguments --------------------------------------------------------------------------------


def running(a, axis=None, dtype=None, out=None):
    return np.cumprod(a, axis, dtype, out)


@rule(running)
def cumprod_rule(y, /, a, axis=None):
    def adjoint():
        d[a] += d[y]


@pytest.mark.parametrize(
    ("function", "args", "keywords", "reason"),
    [
        (running, ("v",), {"out": "w"}, "not known with the argument `out`"),
        (running, ("v", "0", "float"), {}, "not known with the argument `dtype`"),
        (total, ("v",), {"where": "w"}, "not known with the argument `where`"),
        (multiply, ("v", "s", "w"), {}, "`multiply` takes 2 arguments"),
        (multiply, ("v",), {}, "not known without its argument `y`"),
        (multiply, ("*u",), {}, "`*` arguments whose number is not known"),
    ],
)
def test_calls_that_a_rule_does_not_know(function, args, keywords, reason):
    with pytest.raises(UnsupportedError) as caught:
        fill(function, *args, **keywords)
    assert reason in caught.value.reason
    assert caught.value.origin is ORIGIN


def test_the_primals_own_defaults_may_be_passed():
    instance = fill(running, "v", "None", "None", out="None")
    assert [slot for slot, _ in instance.slots] == [("a", None)]


# -- names ------------------------------------------------------------------------------------


def inner(x):
    return x


@partials(inner)
def inner_rule(y, /, x):
    return sum(k * x for k in range(3)) + (lambda q: q)(x)


def test_names_of_the_program_are_not_captured():
    [line] = adjoint(fill(inner, "k", names=Names({"k", "q"})))
    assert line == "k += z_bar * (sum((k_2 * k for k_2 in range(3))) + (lambda q_2: q_2)(k))"


def test_free_names_as_the_program_spells_them():
    def spell(name, meaning):
        return "numpy" if meaning is np else name

    instance = fill(ordered, "M", spell=spell)
    assert tree.text(instance.forward[0]) == "order = numpy.argsort(M)"
    assert instance.namespace == {"numpy": np}
    instance = fill(subtract, "s", "M", spell=spell)
    assert tangent(instance, "s") == ["numpy.broadcast_to(s_dot, numpy.shape(z))"]
    assert instance.namespace == {"numpy": np}


def test_locals_do_not_take_the_name_of_a_helper():
    names = Names()
    fill(total, "v", names=names)
    assert names.taken("spread")


# -- numbers ----------------------------------------------------------------------------------


def test_filled_text_computes_the_derivative():
    a = np.array([[3.0, 1.0, 2.0], [0.5, 0.7, 0.1]])
    a_dot, z_bar = np.cos(a), np.sin(a)
    instance = fill(ordered, "M", "1")
    scope = {**instance.namespace, "M": a, "M_dot": a_dot, "z_bar": z_bar}
    exec(tree.text(instance.forward), scope)
    statements, value = instance.tangent({("a", None): tree.load("M_dot")})
    exec(tree.text([*statements, tree.assign("z_dot", value)]), scope)
    [term] = instance.adjoint([tree.load("z_bar")], {("a", None)})
    exec(tree.text(tree.assign("M_bar", term.value)), scope)
    step = 1e-6
    difference = (np.sort(a + step * a_dot) - np.sort(a - step * a_dot)) / (2 * step)
    np.testing.assert_allclose(scope["z_dot"], difference, rtol=1e-8)
    left, right = np.sum(scope["z_dot"] * z_bar), np.sum(a_dot * scope["M_bar"])
    np.testing.assert_allclose(left, right)
