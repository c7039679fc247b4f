"""Context managers that are generators (`contextlib.contextmanager`), by law, by text, and what is refused."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_products, check_second
from tests.helpers import checked

X = np.array([0.5, 1.5, 2.0])
PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
LOG: list[str] = []


program = checked(PROGRAMS, [])


@pytest.mark.parametrize(("function", "args"), PROGRAMS, ids=lambda item: getattr(item, "__name__", ""))
def test_programs(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    wrt = tuple(range(len(args)))
    check_products(function, copy.deepcopy(args), wrt)
    check_second(function, copy.deepcopy(args), wrt)


@contextmanager
def halved(w):
    LOG.append("in")
    yield 0.5 * w
    LOG.append("out")


@contextmanager
def scaled(buf, k):
    buf *= k
    try:
        yield buf
    finally:
        buf /= k * k


@contextmanager
def tagged(w, *, by=2.0):
    if w > 1.0:
        yield w * by
    else:
        with halved(w) as v, np.errstate(all="ignore"):
            yield v + by


@contextmanager
def checked(w):
    if w < -5.0:
        raise ValueError("too small")
    yield np.sin(w)


@contextmanager
def caught(w, seen):
    try:
        yield w
    except ValueError as error:
        seen.append(w * len(error.args))
    else:
        seen.append(w * w)


@program(0.7, 1.3)
def from_outside(a, b):
    with halved(a) as u:
        q = np.sin(u) * b
    return q * u


@program(0.7, 1.3)
def inside(a, b):
    q = 1.0

    @contextlib.contextmanager
    def scope(w):
        nonlocal q
        q *= w * b
        yield q + w
        q = np.sin(q) * a

    with scope(a) as u, scope(u * b) as (v):
        q = q + u * v
    return q * u


@program(X, 1.3)
def writes_into_an_array(x, k):
    room = np.sin(x)
    with scaled(room, k) as r:
        total = np.sum(r * room) * k
        r[1] = total * x[0]
    with scaled(room[1:], k * x[0]):
        total += np.sum(room**2)
    return total + np.sum(room**3)


@program(0.7, 1.3)
def left_by_return(a, b):
    room = np.array([a, b])
    with scaled(room, b):
        if a > 0.5:
            return np.sum(room) * a
        b = b * a
    return b


@program(0.7, 1.3)
def ended_by_return(a, b):
    with halved(a) as u, checked(b * u) as v:
        return np.sin(u) * v * b


@program(0.7, 1.3)
def left_in_loops(a, b):
    state = np.array([a, b])
    total = 0.0
    for i in range(6):
        with scaled(state, b + 0.1 * i) as s:
            if i == 1:
                continue
            total += np.sum(s * s) * a
            if i == 3:
                break
            if total > 1e6:
                return total
        total = np.sin(total) + state[0]
    return total * np.sum(state)


@program(1.7, 0.7)
def branches(a, b):
    with tagged(a, by=b) as u:
        q = u * b
    with tagged(b) as v:
        q = q + v * a
    return q


@program(0.7, 1.3)
def swallowed(a, b):
    seen = []
    q = a
    for k in range(3):
        with caught(a * b + k, seen) as u:
            if k == 1:
                raise ValueError("odd")
            q = q * u
    return q * seen[0] + seen[1] * b + seen[2]


@program(0.7, 1.3)
def raised_through(a, b):
    q = a
    try:
        with checked(a * b) as u:
            if u < 1.0:
                raise ValueError("small")
            q = q * u
    except ValueError:
        q = np.sin(q) * b
    return q


class Meter:
    def __init__(self, unit):
        self.unit = unit

    @contextmanager
    def scaled(self, factor):
        self.unit = self.unit * factor
        yield self.unit
        self.unit = self.unit / factor**2

    @staticmethod
    @contextmanager
    def plain(w):
        yield w * w


METER = Meter(2.0)


@program(0.7, 1.3)
def of_a_class(a, b):
    with Meter.plain(a) as u, METER.plain(b) as v:
        q = u * v
    return q * a


@program(0.7, 1.3)
def of_an_object(a, b):
    m = Meter(a)
    with m.scaled(b) as u:
        q = u * m.unit
        with m.scaled(u):
            q = q + m.unit
    return q * m.unit


@program(0.7, 1.3)
def kept(a, b):
    manager = halved(a * b)
    with manager as u:
        q = u * a
    return q


@program(0.7, 1.3)
def inactive_inside(a, b):
    """The derivative keeps such a manager, and is read again for the second one."""

    @contextmanager
    def noted(name):
        LOG.append(name)
        yield 0.5 * len(name)
        LOG.append(f"/{name}")

    with noted("abc") as n:
        q = a * n
    return q * b


@program(0.7, 1.3)
def to_many_targets(a, b):
    held = {}

    @contextmanager
    def pair(w, k=2.0 * a):
        yield w * k, [w, k * b]

    with pair(b) as (u, (v, held["w"])), pair(k=v, w=u), contextlib.nullcontext(u * v) as t:
        pass
    return u * v * held["w"] + t


@program(0.7)
def assigned_in_an_earlier_round(x):
    """The variable was taken for one without a value in the rounds that do not assign it."""
    y = 0.0
    for k in range(4):
        with halved(x) as u:
            if k == 0:
                q = u * x
            y += q * k
    return y


class Doubled(Meter):
    def __init__(self, unit, log):
        super().__init__(unit)
        self.log = log

    @contextmanager
    def both(self, w):
        with self.scaled(w) as u, self.scaled(2.0):
            yield u * self.unit
        self.log.append(self.unit)

    @contextmanager
    def scaled(self, factor):
        self.log.append(factor)
        with Meter.scaled(self, factor) as u:
            yield u

    @contextmanager
    def above(self, factor):
        with super().scaled(factor) as u:
            yield u

    def measured_above(self, v):
        with super().scaled(v) as u:
            return u

    def measured_inside(self, v):
        with self.scaled(v):
            return super().plain(v)

    def measured(self, v):
        with self.both(v) as u:
            if u > 1.0:
                return u * v
            v = v * self.unit
        return v


@program(0.7, 1.3)
def of_an_object_by_its_own_methods(a, b):
    m = Doubled(a, [])
    q = m.measured(b) + m.measured(b * 5.0) + m.measured_above(a)
    return q * m.unit * sum(m.log)


@pytest.mark.parametrize("function", [from_outside, raised_through, left_in_loops, ended_by_return])
def test_effects_are_run_as_often_and_in_the_same_order(function: Callable[..., Any]) -> None:
    LOG.clear()
    function(0.7, 1.3)
    wanted = list(LOG)
    LOG.clear()
    grad(function)(0.7, 1.3)
    assert wanted == LOG


def test_the_text() -> None:
    def f(a, b):
        with halved(a) as u:
            return np.sin(u) * b

    df = grad(f)
    df(0.7, 1.3)
    assert df.source.startswith("""\
def f_grad(a, b, f_bar=1.0):
    LOG.append('in')
    u = 0.5 * a
""")
    assert "each" not in df.source and "inside" not in df.source and "returned" not in df.source


@contextmanager
def if_positive(w):
    if w > 0.0:
        yield w


@contextmanager
def after_a_failure(w):
    try:
        v = np.log(w)
        yield v
    except ValueError:
        pass


@contextmanager
def twice(w):
    yield w
    yield w


@contextmanager
def in_a_loop(w):
    for k in range(1):
        yield w * k


@contextmanager
def asking(w):
    v = yield w
    LOG.append(v)


@contextmanager
def handing_on(w):
    yield from [w]


class Sometimes(Meter):
    @contextmanager
    def positive(self):
        if self.unit > 0.0:
            yield self.unit


def test_one_that_does_not_yield_fails_as_in_python() -> None:
    def f(x):
        with if_positive(x) as u:
            x = x * u
        return x

    def of_an_object(x):
        m = Sometimes(x)
        with m.positive() as u:
            x = x * u
        return x

    assert grad(f)(3.0) == grad(of_an_object)(3.0) == 6.0
    for function in (f, grad(f), of_an_object, grad(of_an_object)):
        with pytest.raises(RuntimeError, match="generator didn't yield"):
            function(-1.0)


def of_after_a_failure(x):
    with after_a_failure(x) as u:
        x = x * u
    return x


def of_twice(x):
    with twice(x) as u:
        x = x * u
    return x


def of_in_a_loop(x):
    with in_a_loop(x) as u:
        x = x * u
    return x


def of_asking(x):
    with asking(x) as u:
        x = x * u
    return x


def of_handing_on(x):
    with handing_on(x) as u:
        x = x * u
    return x


@pytest.mark.parametrize(("function", "reason"), [
    (of_after_a_failure, "the generator `after_a_failure` is a context manager, and may catch what fails before"),
    (of_twice, "the generator `twice` is a context manager, and may yield a second time"),
    (of_in_a_loop, "the generator `in_a_loop` is a context manager, and yields in a loop or a `match`"),
    (of_asking, "the generator `asking` is a context manager, and uses what its `yield` gives"),
    (of_handing_on, "the generator `handing_on` is a context manager, and uses what its `yield` gives, or hands on"),
])  # fmt: skip
def test_generators_that_are_not_followed(function: Callable[..., Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as caught_error:
        grad(function)(0.7)
    assert "yield" in str(caught_error.value.hint)


def of_super_in_a_generator(x):
    m = Doubled(x, [])
    with m.above(x) as u:
        return u


def of_super_in_a_block(x):
    m = Doubled(x, [])
    return m.measured_inside(x)


@pytest.mark.parametrize("function", [of_super_in_a_generator, of_super_in_a_block])
def test_super_where_the_first_parameter_is_another(function: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match=r"`super\(\)` stands in a generator, or in a block that") as error:
        grad(function)(0.7)
    assert "Base.method(self)" in str(error.value.hint)


class Opening(Meter):
    def opened(self):
        return contextlib.closing(self)

    def close(self):
        self.unit = 0.0


def test_a_method_that_makes_another_manager() -> None:
    def f(x):
        m = Opening(x)
        with m.opened() as u:
            x = x * u.unit
        return x

    with pytest.raises(UnsupportedError, match="a context manager is made from active data") as caught_error:
        grad(f)(0.7)
    assert "contextmanager" in str(caught_error.value.hint)
    assert caught_error.value.origin.text.strip().startswith("with m.opened()")


class Running(Meter):
    def __iter__(self):
        return iter([self.unit, self.unit])


def test_a_manager_that_changes_what_is_run_through() -> None:
    def f(x):
        m, total = Running(x), 0.0
        for v in m:
            with m.scaled(x):
                total += v
        return total

    with pytest.raises(UnsupportedError, match="a loop over an object of class `Running` may change it"):
        grad(f)(0.7)


class Calm:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        LOG.append("left")


class Swallowing(Calm):
    def __exit__(self, *error):
        return True


SWALLOWING, CALM, LOCK = Swallowing(), Calm(), threading.Lock()


def test_a_manager_that_swallows() -> None:
    """The derivative went on with what a block left that was not run to its end: wrong numbers, or NameErrors."""

    def f(x, n):
        y = x
        for i in range(n):
            with SWALLOWING:
                y = y * x
                if i == 1:
                    raise ValueError
                y = y + 1.0
        return y

    df = grad(f)
    assert df(0.7, 1) == pytest.approx(1.4)
    assert "with letting_pass(SWALLOWING):" in df.source
    for derivative in (df, jvp(f, 0)):
        with pytest.raises(DerivativeError, match=r"a context manager \(Swallowing\) has ended an exception"):
            derivative(0.7, 3, **({} if derivative is df else {"seed": 1.0}))


def test_a_manager_that_swallows_in_a_try() -> None:
    """What is raised then is not for the handlers of the program."""

    def f(x):
        y = x
        try:
            with SWALLOWING:
                if x > 0.0:
                    raise ValueError
                y = x * x
        except Exception:
            y = x * 3.0
        return y

    with pytest.raises(DerivativeError, match="has ended an exception"):
        grad(f)(0.7)


@pytest.mark.parametrize("mode", [jvp, grad])
def test_what_fails_where_nobody_needs_its_value(mode) -> None:
    """It was removed, and so was the exception that the manager ended: a value of statements that were never run."""

    def f(x):
        y = x
        with contextlib.ExitStack() as stack:
            stack.push(lambda *raised: True)
            y = y * x
            [1.0].index(2.0)
            y = y * x * x
        return y

    def g(x, manager):
        with manager:
            unused = [1.0][3]
            x = x * x
        return x

    with pytest.raises((DerivativeError, UnsupportedError)):
        mode(f)(0.7, **({"seed": 1.0} if mode is jvp else {}))
    with pytest.raises(DerivativeError, match="has ended an exception"):
        mode(g)(0.7, contextlib.suppress(IndexError), **({"seed": 1.0} if mode is jvp else {}))


def test_managers_that_let_everything_pass() -> None:
    """Their text is as it was; of one whose class is not known it says that it is watched."""

    def f(x, manager):
        with CALM, LOCK, np.errstate(all="ignore"):
            x = x * x
        with manager:
            x = np.sin(x)
        return x

    check_products(f, (0.7, CALM), (0,))
    check_second(f, (0.7, CALM), (0,))
    source = grad(f).source
    assert "with CALM, LOCK, np.errstate(all='ignore'):" in source
    assert "with letting_pass(manager):" in source


def test_a_watched_manager_is_saved(tmp_path) -> None:
    def f(x, manager):
        with manager:
            x = x * x
        return x

    path = tmp_path / "saved.py"
    grad(f).save(path, 0.7, CALM)
    space: dict[str, Any] = {"__name__": "saved"}
    exec(path.read_text(), space)
    assert space["f_grad"](0.7, CALM) == pytest.approx(1.4)
    assert "tangent_sct" not in path.read_text().replace("Written by tangent_sct", "")
