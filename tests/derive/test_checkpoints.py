"""Checkpointed loops: the derivatives that recording gives, from a few states that are kept."""

from __future__ import annotations

import itertools
import runpy
import tracemalloc
from typing import Any

import numpy as np
import pytest

from tangent_sct import (
    DerivativeError,
    UnsupportedError,
    checkpointed,
    grad,
    hessian,
    jvp,
    partials,
    value_and_grad,
    vjp,
)
from tangent_sct.runtime.checkpoint import extra_steps
from tangent_sct.testing import check_derivative
from tests.core.watching import Watch
from tests.helpers import Program, listed, refusing

SAME: list[Program] = []
MARKED: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
same = listed(SAME)
marked = listed(MARKED)
refused = refusing(REFUSED)
ROW = np.array([0.5, 0.7, 1.1, 0.9, 0.3])


# -- programs whose loops an option checkpoints -----------------------------------------------


@same
def numbers(u, n):
    x, y = u[0], u[1]
    total = 0.0
    for i in range(n):
        x, y = np.sin(x) * y + 0.1 * i, x * y - 0.2 * x
        if x > 0.3:
            total = total + x * y
    return total + x


@same
def values(u, n):
    for _i in range(n):
        u = u + 0.1 * np.sin(u) * u[::-1]
    return np.sum(u * u)


@same
def swapped_buffers(u, n):
    v = np.zeros_like(u)
    for _t in range(n):
        v[1:-1] = u[1:-1] * u[:-2] + 0.3 * u[2:]
        u, v = v, u
    return np.sum(u * u) + u[0] * v[1]


@same
def written_argument(u, n):
    for _t in range(n):
        for i in range(1, len(u) - 1):
            u[i] = u[i - 1] * 0.3 + u[i] * u[i + 1] * 0.4
    return np.sum(u)


@same
def written_before_and_after(u, n):
    u[0] = u[1] * u[2]
    for _t in range(n):
        u[1:] = np.sin(u[:-1]) * u[1:]
    u[1] = u[0] * 2.0
    return np.sum(u * u)


@same
def two_loops(u, n):
    for _t in range(n):
        u[1:] = np.sin(u[:-1]) * u[1:]
    middle = np.sum(u * u)
    for _t in range(n):
        u[:-1] *= np.cos(u[1:])
    return middle + np.sum(u)


@same
def filled(u, n):
    out = np.zeros(n)
    x = u[0]
    for t in range(n):
        x = np.sin(x) * u[1] + 0.1
        out[t] = x * x
    return np.sum(out**2)


@same
def filled_and_overwritten(u, n):
    out = u * u
    before = np.sum(out * out)
    x = u[0]
    for t in range(n):
        x = np.sin(x) * u[1] + 0.1
        out[t % 5] = x * x
    return np.sum(out**2) + before


@same
def collected(u, n):
    out = []
    x = u[0]
    for _t in range(n):
        x = np.sin(x) * u[1] + 0.1
        out.append(x * x)
    return sum(out)


@same
def made_in_place(u, n):
    weights = np.zeros(3)
    weights[0] = u[0]
    weights[1] = u[1] * u[1]
    x = 1.0
    for _t in range(n):
        x = weights[0] * np.sin(x) + weights[1]
    weights[0] = 4.0
    return x * weights[0]


@same
def local_buffer(u, n):
    x = u[0]
    for _t in range(n):
        row = np.zeros(3)
        row[0] = x
        for k in range(1, 3):
            row[k] = np.sin(row[k - 1]) * u[k]
        x = row[2] + row[0]
    return x


@same
def view_in_the_loop(u, n):
    for _t in range(n):
        rest = u[1:]
        rest[0] = rest[1] * u[0]
        rest *= 0.9
    return np.sum(u * u)


@same
def left_early(u, n):
    x = u[0]
    for i, w in enumerate(np.linspace(0.0, 1.0, n)):
        x = x * (1.3 + 0.1 * x) + w * u[1] + 0.1 * i
        if x > 2.0:
            break
    return x * u[2]


@same
def while_loop(u, n):
    k = 0
    while u[0] > 0.01 and k < n:
        u[:] = np.sin(u) * u[::-1] + 0.2
        k += 1
    return np.sum(u)


@same
def stepped(u, n):
    x = u[0]
    for i in range(2 * n, 1, -2):
        x = np.sin(x) * i * u[1]
    for v in (0.3, 0.5, 0.2):
        x = x * x + v * u[2]
    for i in range(1, len(u) + n):
        x = np.cos(x) * u[i % 5]
    return x


@same
def inner_loops(u, n):
    x = u[0]
    for _i in range(n):
        k = 0
        while x < 2.0 and k < 3:
            x = x * 1.3 + u[1]
            k += 1
        for v in (1.0, 2.0, 3.0):
            if v > 5.0 * x:
                continue
            x = x * 0.4 + v * u[2] * x * 0.1
            if x > 1.0:
                break
    return x


@same
def loop_in_a_branch(u, n):
    x = u[0]
    if u[1] > 0.1:
        for i in range(n):
            x = np.sin(x) * u[i % 5]
    return x * x


@same
def a_tuple_for_a_state(u, n):
    pair = (u[0], u[1] * u[2])
    for _i in range(n):
        pair = (pair[1] * 0.5, np.sin(pair[0]))
    return pair[0] + pair[1]


@same
def none_at_first(u, n):
    best = None
    x = u[0]
    for i in range(n):
        x = np.sin(x) * u[1] + 0.3 * i
        if best is None or x < 0.8:
            best = x
    return u[3] if best is None else best * best


LIMITS = (1, 2, 4, 100, "100 B", "1 MB")


@pytest.mark.parametrize("program", SAME, ids=lambda program: program.__name__)
def test_a_gradient_is_the_same_from_checkpoints(program):
    limits = itertools.cycle(LIMITS)
    for n in (0, 1, 2, 7):
        limit = next(limits)
        given = ROW.copy()
        expected = value_and_grad(program)(ROW, n)
        found = value_and_grad(program, checkpoint=limit)(given, n)
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-14)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-10, atol=1e-13)
        np.testing.assert_array_equal(given, ROW)
    assert "kept" in value_and_grad(program, checkpoint=2).source_for(ROW, 7)


@pytest.mark.parametrize("program", SAME[::3], ids=lambda program: program.__name__)
def test_the_second_order_is_the_same_from_checkpoints(program):
    seed = np.cos(np.arange(5.0))
    plain, few = grad(program), grad(program, checkpoint=2)
    _, expected = jvp(plain)(ROW, 5, seed=seed)
    np.testing.assert_allclose(jvp(few)(ROW, 5, seed=seed)[1], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(vjp(few)(ROW, 5, seed=seed)[1], expected, rtol=1e-9, atol=1e-12)


# -- programs that mark their loops -----------------------------------------------------------


@marked
def nested_marks(u, n):
    x = u[0]
    for _i in checkpointed(range(n), snapshots=2):
        y = x
        for j in checkpointed(range(4), snapshots=3):
            y = np.sin(y) * u[1] + 0.1 * j
        x = x + y * y
    return x


@marked
def nested_marks_of_arrays(u, n):
    total = 0.0
    for k in checkpointed(range(3), snapshots=2):
        for _t in checkpointed(range(n), memory="1 kB"):
            u[1:] = np.sin(u[:-1]) * u[1:]
        total += np.sum(u * u) * k
        u[0] = u[1]
    return total


@marked
def marked_in_an_unmarked_loop(u, n):
    total = 0.0
    for k in range(3):
        for _t in checkpointed(range(n), snapshots=2):
            u[1:] = np.sin(u[:-1]) * u[1:]
        total += np.sum(u * u) * k
        u = u * 1.1
    return total


def advanced(x, n):
    for _i in checkpointed(range(n), snapshots=n // 2 + 1):
        x = np.sin(x) + x * x * 0.1
    return x


@marked
def marked_in_a_callee(u, n):
    total = 0.0
    for k in range(3):
        total += advanced(u[0] * k, n)
    return total


@marked
def marked_while(u, n):
    x = u[0]
    while checkpointed(x < 40.0, snapshots=3):
        x = x * 1.2 + u[1] * np.cos(x) ** 2
    return x


def repeated_steps(x, depth):
    if depth == 0:
        return x
    for _i in checkpointed(range(3), snapshots=2):
        x = np.sin(x) * x + 0.3
    return repeated_steps(x, depth - 1) * x


@marked
def marked_in_a_recursion(u, n):
    return repeated_steps(u[0] * u[1], 3)


@marked
def marked_over_an_array(u, n):
    x = 1.0
    for v in checkpointed(u, snapshots=2):
        x = np.sin(x) * v
    return x


@marked
def ignoring_warnings(u, n):
    x = u[0]
    for _i in checkpointed(range(n), snapshots=2):
        with np.errstate(all="ignore"):
            x = np.sin(x) * u[1]
    return x


@pytest.mark.parametrize("program", MARKED, ids=lambda program: program.__name__)
def test_marked_loops_agree_with_forward_mode(program):
    for n in (1, 6):
        columns = [jvp(program)(ROW, n, seed=unit)[1] for unit in np.eye(5)]
        np.testing.assert_allclose(grad(program)(ROW, n), columns, rtol=1e-10, atol=1e-13)
    assert "kept" in grad(program).source_for(ROW, 6)


@pytest.mark.parametrize("program", [*SAME, *MARKED], ids=lambda program: program.__name__)
def test_states_keep_the_single_form(program):
    watch = Watch()

    def prepared(name, unit):
        if name in ("single", "resolve"):
            watch(name, unit)

    derivative = grad(program, checkpoint=2)
    derivative._result(derivative._example((ROW, 3), {}), prepared)
    assert "resolve" in watch.seen


def test_an_option_leaves_marked_loops_to_their_marks():
    assert "next_checkpoint(_i, n + 1, 2 - len(kept))" in grad(nested_marks, checkpoint=9).source_for(ROW, 3)


def test_the_final_state_of_an_argument_is_an_output():
    def kernel(A, b, n):
        for _t in range(n):
            A[1:] = np.sin(A[:-1]) * b + A[1:]

    given = {"wrt": ("A", "b"), "outputs": "A"}
    expected = vjp(kernel, **given)(ROW, 0.7, 6, seed=ROW)
    found = vjp(kernel, **given, checkpoint=2)(ROW, 0.7, 6, seed=ROW)
    np.testing.assert_allclose(found[0], expected[0])
    np.testing.assert_allclose(found[1][0], expected[1][0])
    np.testing.assert_allclose(found[1][1], expected[1][1])


def test_arguments_that_overlap_are_refused_as_ever():
    def kernel(A, B, n):
        for _t in range(n):
            A[1:] = np.sin(A[:-1]) * B[1:]
        return np.sum(A)

    with pytest.raises(ValueError, match="arguments `A` and `B` share memory"):
        grad(kernel, checkpoint=2)(ROW, ROW, 3)


def test_a_hessian_takes_the_option():
    def f(x, n):
        for _i in range(n):
            x = np.sin(x) * x
        return np.sum(x)

    np.testing.assert_allclose(hessian(f, checkpoint=2)(ROW, 5), hessian(f)(ROW, 5), rtol=1e-9, atol=1e-14)


# -- how much is run, how much is kept --------------------------------------------------------


RUNS = [0]


def counted_sine(x):
    RUNS[0] += 1
    return np.sin(x)


@partials(counted_sine)
def _counted_sine(y, /, x):
    return np.cos(x)


def counting(x, n):
    for _i in range(n):
        x = counted_sine(x) * x
    return x


@pytest.mark.parametrize("n", [1, 2, 3, 10, 40])
@pytest.mark.parametrize("snapshots", [1, 2, 3, 7, 50])
def test_no_more_steps_are_run_than_must_be(n, snapshots):
    run = grad(counting, checkpoint=snapshots)
    run(0.7, n)
    RUNS[0] = 0
    run(0.7, n)
    # The way back from the end of the loop begins behind its last step, and runs each step once more.
    assert RUNS[0] == extra_steps(n + 1, snapshots) + n


def peak(run, *args):
    run(*args)
    tracemalloc.start()
    run(*args)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def lorenz(x, y, z, n, dt):
    for _t in range(n):
        dx, dy, dz = 10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z
        x, y, z = x + dt * dx, y + dt * dy, z + dt * dz
    return x + y + z


def test_memory_does_not_grow_with_the_steps():
    few = grad(lorenz, checkpoint=20)
    small, large = (peak(few, 1.0, 2.0, 3.0, n, 1e-4) for n in (500, 4000))
    assert large < small + 1000 < peak(grad(lorenz), 1.0, 2.0, 3.0, 4000, 1e-4) / 20


def test_a_budget_of_memory_is_kept():
    def f(u, n):
        for _i in range(n):
            u = np.sin(u) * u
        return np.sum(u)

    u = np.linspace(0.1, 0.9, 10_000)
    run = grad(f, checkpoint="800 kB")
    assert "snapshots_within('800 kB', u)" in run.source_for(u, 3)
    # Ten snapshots, and a few arrays to work with.
    assert 0.6e6 < peak(run, u, 60) < 1.7e6 < peak(grad(f), u, 60) / 2


# -- effects ----------------------------------------------------------------------------------

SEEN: list[Any] = []


def with_effects(x, n):
    for i in checkpointed(range(n), snapshots=2):
        print(i)
        SEEN.append(x)
        if x > 1e6:
            raise ValueError("too large")
        x = np.sin(x) * x
    return x


def test_effects_happen_once(capsys):
    SEEN.clear()
    grad(with_effects)(0.7, 5)
    assert capsys.readouterr().out == "0\n1\n2\n3\n4\n"
    assert len(SEEN) == 5


def test_random_numbers_that_nobody_needs_again_are_drawn_once():
    def f(x, n, generator):
        for _i in checkpointed(range(n), snapshots=2):
            generator.normal()
            x = np.sin(x) * x
        return x

    generator, other = np.random.default_rng(3), np.random.default_rng(3)
    grad(f)(0.7, 5, generator)
    other.normal(size=5)
    assert generator.normal() == other.normal()


# -- what is refused --------------------------------------------------------------------------

GENERATOR = np.random.default_rng(0)


@refused(r"a checkpointed loop computes values again, and `GENERATOR.normal\(\)` may not do the same twice")
def random_numbers(x, n):
    for _i in checkpointed(range(n), snapshots=2):
        x = np.sin(x) * x + GENERATOR.normal()
    return x


@refused("a checkpointed loop computes values again that depend on `held`, which is changed in place")
def a_growing_list(x, n):
    held = [x]
    for _i in checkpointed(range(n), snapshots=2):
        held.append(np.sin(held[-1]) * x)
    return held[-1]


@refused("depend on `held`, which is changed in place")
def a_list_that_changes_later(x, n):
    held = [x, x * x]
    for _i in checkpointed(range(n), snapshots=2):
        x = np.sin(x) * held[1]
    held[1] = 3.0
    return x * held[1]


@refused("a checkpointed loop makes `w`, which is written into and read behind the loop")
def written_and_read_behind_the_loop(x, n):
    w = [x, np.ones(3)]
    for _i in checkpointed(range(n), snapshots=2):
        w = [0.5, x * np.sin(x) * np.ones(3)]
        w[1][2] = 0
    return np.sum(w[1])


@refused("depend on `u`, which is changed in place")
def another_name(x, n):
    u = np.full(3, x)
    first = u
    for _i in checkpointed(range(n), snapshots=2):
        u[0] = u[1] * u[0]
        u = u * 2.0
    return np.sum(first) + np.sum(u)


@refused("a checkpointed loop computes this again, and it stands in a `try`")
def a_try(x, n):
    for i in checkpointed(range(n), snapshots=2):
        try:
            x = np.sin(x) / (i - 2)
        except ZeroDivisionError:
            x = x * x
    return x


@refused("a checkpointed loop computes this again: `try:`")
def a_statement_kept_whole(x, n):
    for i in checkpointed(range(n), snapshots=2):
        try:
            scale = 1 / (i - 2)
        except ZeroDivisionError:
            scale = 0
        x = np.sin(x) * (scale + 1)
    return x


@pytest.mark.parametrize(("program", "reason"), REFUSED, ids=lambda item: getattr(item, "__name__", ""))
def test_refusals(program, reason):
    with pytest.raises(UnsupportedError, match=reason) as caught:
        grad(program)(0.7, 5)
    assert caught.value.filename == __file__
    assert caught.value.__notes__


def test_arrays_that_share_memory_are_refused_while_running():
    def f(u, n):
        rest = u[1:]
        for _i in range(n):
            rest[0] = u[0] * rest[1]
        return np.sum(u)

    with pytest.raises(DerivativeError, match="hands on two arrays that share memory; make one of them a copy"):
        grad(f, checkpoint=2)(ROW, 3)


@pytest.mark.parametrize(
    ("limit", "error", "text"),
    [
        (0, ValueError, "argument `checkpoint` must be at least 1, not 0"),
        (-2, ValueError, "argument `checkpoint` must be at least 1, not -2"),
        (True, TypeError, "argument `checkpoint` must be a number of snapshots or an amount of memory like '50 MB'"),
        (2.5, TypeError, "argument `checkpoint` must be a number of snapshots or an amount of memory like '50 MB'"),
        ("50", ValueError, "argument `checkpoint` must be a number and a unit, as in '50 MB' or '2 GiB', not '50'"),
        ("0 MB", ValueError, "argument `checkpoint` must be a number and a unit"),
    ],
)
def test_bad_limits(limit, error, text):
    for transform in (grad, value_and_grad, vjp, hessian):
        with pytest.raises(error, match=text):
            transform(values, checkpoint=limit)


def test_bad_limits_of_marks():
    def written_out(x):
        for _i in checkpointed(range(3), snapshots=0):
            x = x * x
        return x

    def given(x, k):
        for _i in checkpointed(range(3), snapshots=k):
            x = x * x
        return x

    with pytest.raises(ValueError, match="argument `snapshots` must be at least 1, not 0"):
        grad(written_out)(2.0)
    for function in (given, grad(given)):
        with pytest.raises(ValueError, match="argument `snapshots` must be at least 1, not -1"):
            function(2.0, -1)
    assert grad(given)(2.0, 2) == 8 * 2.0**7


def test_a_saved_module_brings_its_schedule(tmp_path):
    run = grad(numbers, checkpoint=2)
    run.save(tmp_path / "saved.py", ROW, 5)
    saved = runpy.run_path(str(tmp_path / "saved.py"))["numbers_grad"]
    np.testing.assert_allclose(saved(ROW, 5), run(ROW, 5))


def over_nothing(x, n):
    for _ in checkpointed(range(n), snapshots=2):
        for _ in checkpointed(range(3), snapshots=2):
            x = np.sin(x) * x + 0.3
        for _ in checkpointed([1, 2, 3], snapshots=2):
            x = np.cos(x) * x + 0.2
    return x


def test_steps_that_had_no_name():
    np.testing.assert_allclose(grad(over_nothing)(0.7, 5), jvp(over_nothing)(0.7, 5, seed=1.0)[1])


def test_numba_compiles_checkpointed_loops():
    pytest.importorskip("numba")
    few = grad(lorenz, wrt=("x", "y", "z"), checkpoint=5, backend="numba")
    np.testing.assert_allclose(few(1.0, 2.0, 3.0, 50, 1e-3), grad(lorenz, wrt=(0, 1, 2))(1.0, 2.0, 3.0, 50, 1e-3))


@pytest.mark.parametrize("n", [1, 4, 30])
def test_loops_over_ranges_that_are_left(n):
    def plain(x, n):
        for i in checkpointed(range(n), snapshots=2):
            x = x * 1.1 + 0.1 * i
            if x > 9.0:
                break
        for i in checkpointed(range(n, 2 * n), snapshots=2):
            x = x * x * 0.1 + 0.01 * i
            if x > 9.0:
                return x * x
        for i in checkpointed(range(3 * n, 0, -2), snapshots=2):
            x = np.sin(x) * i
            if x < -1.0:
                break
        return x

    np.testing.assert_allclose(grad(plain)(1.3, n), jvp(plain)(1.3, n, seed=1.0)[1])


def arrays_in_a_dict(x, t):
    held = {"u": x * 1.0, "v": t}
    s = 0.0
    for _ in checkpointed(range(5), snapshots=2):
        s = np.sin(s) + np.sum(held["u"] * held["v"])
        if s > 0.1:
            held["u"][0] = s * held["u"][1]
        held["v"][2] *= 0.5
    held["u"][1] = 3.0
    return s * np.sum(held["u"])


def arrays_in_a_list(x, t):
    held = [x.copy(), t.copy()]
    s = 0.0
    for _ in checkpointed(range(4), snapshots=2):
        held[0][1:] = np.sin(held[0][:-1] * held[0][1:]) + held[0][1:]
        s += np.sum(held[0] * held[1])
    held[1][:] = 0.0
    return s + np.sum(held[0] ** 2)


def an_array_written_behind_the_loop(x, t):
    held = {"w": t * 1.0}
    s = x[0]
    for i in checkpointed(range(3), snapshots=1):
        s = np.sin(s * held["w"][i])
    np.multiply(0.5, 0.25, out=held["w"])
    return s * held["w"][0]


def an_inner_loop_that_hands_on_an_array(x, t):
    u = x * 1.0
    for _ in checkpointed(range(4), snapshots=2):
        u[u > 0.2] *= u[0]
        for _ in range(2):
            u = np.cos(u * t)
    u[0] = u[1] * 2.0
    return np.sum(u * u)


def an_item_that_comes_later(x, t):
    held = {}
    s = x[0]
    for i in checkpointed(range(3), snapshots=1):
        if i > 5:
            s = s * held["w"][0]
        s = np.sin(s)
    held["w"] = t
    held["w"][0] = s
    return np.sum(held["w"])


@pytest.mark.parametrize(
    "function",
    [
        arrays_in_a_dict, arrays_in_a_list, an_array_written_behind_the_loop, an_inner_loop_that_hands_on_an_array,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_arrays_that_a_loop_reaches_through_containers(function):
    x, t = np.array([0.7, 0.4, 1.1]), np.array([0.3, 0.9, 0.5])
    direction, step = np.array([1.0, -0.5, 0.3]), 1e-5

    def slope(along):
        return (along(x + step * direction) - along(x - step * direction)) / (2 * step)

    gradient = grad(function)
    np.testing.assert_allclose(gradient(x, t) @ direction, slope(lambda x: function(x, t.copy())), rtol=1e-7)
    for mode in (jvp, vjp):
        second = mode(gradient)(x, t, seed=direction)[1]
        np.testing.assert_allclose(second, slope(lambda x: gradient(x, t)), rtol=1e-6, atol=1e-8)


def test_an_item_that_comes_later_is_not_taken_before_it_is_there():
    with pytest.raises(UnsupportedError, match="depend on `held`, which is changed in place"):
        grad(an_item_that_comes_later)(np.array([0.7, 0.4, 1.1]), np.array([0.3, 0.9, 0.5]))


def named_once_more(x, q):
    for _ in checkpointed(range(3), snapshots=5):
        v = q
    v *= x
    return np.sum(q)


def two_names_of_one(x, q):
    for _ in checkpointed(range(3), snapshots=5):
        v = q * x
        w = v
    v *= x
    return np.sum(w)


def a_view_of_what_is_seen_later(x, q):
    q = q * x
    for _ in checkpointed(range(3), snapshots=5):
        v = q[None]
        s = np.sum(v * x)
    v *= x
    return np.sum(q) * s


def a_view_of_another_name(x, q):
    q = np.outer(q, x)
    h = q
    for v in checkpointed(h, snapshots=5):
        s = np.sum(q) + v[0]
    q -= x[0]
    return np.sum(v * v) * s


def a_view_of_what_an_outer_loop_works_on(x, q):
    for _ in checkpointed(range(3), snapshots=5):
        z = x[::-1]
        for _ in checkpointed(range(2), snapshots=2):
            # The array that the inner loop begins with is new, and `z` is a view of it.
            z = z.reshape(2)
            x[-1] *= q[-1]
    return np.sum(x) + np.sum(z * 4.0)


def seen_through_a_list(x, q):
    y = np.copy(x)
    held = []
    held.append(y[::-1])
    z, s = held[0], 1.0
    for _ in checkpointed(range(2), snapshots=2):
        z = z.reshape(2)
        y[-1] *= q[-1] * s
        s = s + z[0] * s
    return s * np.sum(z)


def seen_under_a_name_that_may_be_unset(x, q):
    y = x * q
    if np.sum(y) > 50.0:
        v = np.sin(y)
    for _ in checkpointed(range(3), snapshots=1):
        v = q.reshape(2)
        x[:] = np.cos(q) * q
        q[:] = v * 0.5 + y
    v[0] *= 2.0
    return np.sum(y * 3.0) + np.sum(q * 2.0)


@pytest.mark.parametrize(
    "f",
    [
        named_once_more, two_names_of_one, a_view_of_what_is_seen_later, a_view_of_another_name,
        a_view_of_what_an_outer_loop_works_on, seen_through_a_list, seen_under_a_name_that_may_be_unset,
    ],
)  # fmt: skip
def test_what_leaves_a_loop_under_two_names_and_is_written_behind_it(f):
    # Each of the two was a copy of its own behind the loop, and the gradient was zero. A view of a new array was
    # taken for an array from elsewhere, and what is unset was not there to be checked.
    x, q = np.array([0.9, 1.3]), np.array([0.5, 0.7])
    with pytest.raises(DerivativeError, match="hands on two arrays that share memory; make one of them a copy"):
        vjp(f, (0,))(x, q, seed=1.0)


def test_what_leaves_a_loop_under_one_name_and_is_written_behind_it():
    def apart(x, q):
        for _ in checkpointed(range(3), snapshots=2):
            v = q * x
            w = np.sin(v)
        v *= x
        return np.sum(w * v) * np.sum(q)

    check_derivative(apart, np.array([0.9, 1.3]), np.array([0.5, 0.7]))


def list_that_nobody_reads(u, n):
    p = 2.0 * u[0]
    for _i in checkpointed(range(n), snapshots=2):
        unread = [p for _ in range(3)]
        unread.append(p * p)
    return p * p


def list_of_which_an_item_grows(u, n):
    p, x = 2.0 * u, 0.0
    for i in checkpointed(range(n), snapshots=2):
        held = [p, 0.5 * p, p[:1]]
        held[i % 3] = np.append(p, held[1])
        x = x + np.sum(2.0 * held[i % 3]) + held[2][0]
    return x * x


def rows_that_grow(u, n):
    x = u[0] * u[1]
    for i in checkpointed(range(n), snapshots=2):
        rows = [[], []]
        for k in range(i + 1):
            rows[k % 2].append(x + 0.5 * k)
        named = {"a": x}
        named["b"] = rows[0][-1] + named["a"]
        x = 0.5 * named["b"] + u[1]
    return x * x


@pytest.mark.parametrize("n", [0, 1, 2, 6])
@pytest.mark.parametrize("f", [list_that_nobody_reads, list_of_which_an_item_grows, rows_that_grow])
def test_lists_of_which_the_structure_alone_is_needed_are_filled_again(f, n):
    """The adjoint of a list began with zeros like the list when it was still empty: what was appended to it, or put
    into it, was not computed again where the adjoints read nothing that it holds."""
    check_derivative(f, ROW, n, wrt=(0,))
    check_derivative(grad(f), ROW, n, wrt=(0,))


def while_some_are_left(u, n):
    y, k = u * u, 0
    while checkpointed(k < n, snapshots=2):
        y = np.sin(y) * y
        k += 1
    return np.sum(y)


def over_items_with_a_tuple(u, n):
    pair = (u * u, u[0])
    for factor in checkpointed([0.5] * n, snapshots=1):
        pair = (np.sin(pair[0]) * pair[1], np.sum(pair[0]) * factor)
    return np.sum(pair[0]) * pair[1]


def left_by_a_return(u, n):
    y = u * u
    for i in checkpointed(range(n), snapshots=2):
        y = np.sin(y) + u
        if i == 3:
            return np.sum(y) * 2.0
    return np.sum(y)


@pytest.mark.parametrize("n", [0, 1, 5])
@pytest.mark.parametrize("f", [while_some_are_left, over_items_with_a_tuple, left_by_a_return])
def test_second_order_of_loops_whose_steps_are_counted(f, n):
    """Where there are no steps, nothing takes off the state that is kept before them; its adjoint was popped from an
    empty list."""
    check_derivative(f, ROW, n, wrt=(0,))
    check_derivative(grad(f), ROW, n, wrt=(0,))


def read_from_the_second_round_on(u, n):
    y, s = u * u, 0.5
    for i in checkpointed(range(n), snapshots=2):
        if i > 0:
            s = s + np.sum(v)  # noqa: F821
        v = y * s
        v[0] = s
    return s * s


def taken_over_under_a_condition(u, n):
    t, s = u * u, u[0]
    for i in checkpointed(range(n), snapshots=2):
        v = (v if i > 0 and s > 0.8 else t)  # noqa: F821
        t[0] = v[0]
        s = s + np.sum(v * v) * 0.2
        t = u * 1.0
    return s * s


def written_where_there_was_a_round(u, n):
    y, s = u * u, 0.3
    for _ in checkpointed(range(n), snapshots=2):
        y[0] = s
        z = y
        y = y * s + u
        s = s + np.sin(z[1] * s)
    if n:
        z[0] = s
        s = s * np.sum(z)
    return np.sum(y) * s


@pytest.mark.parametrize("n", [0, 1, 5])
@pytest.mark.parametrize(
    "f", [read_from_the_second_round_on, taken_over_under_a_condition, written_where_there_was_a_round]
)
def test_second_order_of_arrays_that_have_no_value_at_first(f, n):
    """The snapshot of what has no value yet gave its adjoint to None."""
    check_derivative(f, ROW, n, wrt=(0,))
    check_derivative(grad(f), ROW, n, wrt=(0,))
