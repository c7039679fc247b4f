"""The law: what must hold of every derivative of every program, checked at the program's sample point."""

from __future__ import annotations

import contextlib
import copy
import functools
import re
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np

import tangent_sct.derivative
from tangent_sct.api import grad, jvp, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.unit import Request
from tangent_sct.derivative import Derivative
from tangent_sct.pipeline import FINISH, differentiate
from tangent_sct.runtime import DerivativeError
from tests.laws import trees
from tests.laws.generator import Program, load

STEP = 2e-4
TOLERANCE = 1e-6
LIMIT = 1e4
SECONDS = 30


@dataclass(frozen=True)
class Outcome:
    """What came of a program.

    Attributes:
        status: `"right"`, `"wrong"`, `"crash"`, `"refused"`, `"skipped"`.
        law: the law that failed, or the reason of a refusal or of a skip.
        detail: more about it.
    """

    status: str
    law: str = ""
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether the derivative is at fault."""
        return self.status in ("wrong", "crash")


class Wrong(Exception):
    """A law does not hold."""

    def __init__(self, law: str, detail: str) -> None:
        super().__init__(law, detail)
        self.law = law
        self.detail = detail


class Skip(Exception):
    """A program about which differences say nothing."""


class TooLong(BaseException):
    """A program was given up on; no `except Exception` may swallow it."""


def examine(program: Program, thorough: bool = False) -> Outcome:
    """Check every law of a program.

    Args:
        program: the program.
        thorough: each optimiser pass alone, instead of one of them chosen by the seed, and second
            order always.
    """
    case = None
    try:
        with np.errstate(all="ignore"), limited(SECONDS):
            case = Case(program)
            case.measure()
            case.first_order()
            case.passes(thorough)
            if thorough or program.seed % 2 == 0:
                case.second_order()
    except Skip as skip:
        return Outcome("skipped", str(skip))
    except Wrong as wrong:
        return Outcome("wrong", wrong.law, wrong.detail)
    except TooLong:
        return Outcome("crash" if case else "skipped", "took too long")
    except Exception as error:
        return failure(error)
    return Outcome("right")


def failure(error: Exception) -> Outcome:
    """A refusal, if it is a documented one; else a crash."""
    frames = traceback.extract_tb(error.__traceback__)
    text = re.sub(r"`[^`]*`", "`..`", str(error).split(" (<", 1)[0].splitlines()[0] if str(error) else "")
    documented = isinstance(error, UnsupportedError) or (
        isinstance(error, DerivativeError) and "defect" not in str(error)
    )
    if type(error) in (TypeError, ValueError) and frames:
        documented = frames[-1].filename.endswith(("derivative.py", "api.py"))
    if documented:
        return Outcome("refused", re.sub(r"\d+", "N", text))
    where = " < ".join(
        re.sub(r" \w+>", ">", frame.filename.rpartition("/")[2]) + f":{frame.name}"
        for frame in reversed(frames[-4:])
    )
    return Outcome("crash", f"{type(error).__name__} in {where}", str(error))


@contextlib.contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Give up after some time on the processor: a compiler that does not end is a crash, not a hanging test."""

    def give_up(number: int, frame: Any) -> None:
        raise TooLong

    previous = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


class Case:
    """One program with its sample point, directions and weights."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.wrt = program.wrt
        self.file = f"<program {program.seed}>"
        rng = np.random.default_rng(program.seed + 1)
        self.arguments = program.arguments()
        try:
            self.function = load(program.text, self.file)["f"]
            written = copy.deepcopy(self.arguments)
            with np.errstate(over="raise"):
                # What has no finite value somewhere on the way has no finite derivative either.
                self.value = self.function(*written)
        except FloatingPointError:
            raise Skip("value out of range") from None
        except Exception as error:
            raise Skip(f"does not run: {type(error).__name__}") from error
        if not trees.leaves(self.value) or trees.size((self.value, written)) > LIMIT:
            raise Skip("value out of range")
        self.directions = tuple(trees.random_like(self.arguments[i], rng) for i in self.wrt)
        self.weights = trees.random_like(self.value, rng)

    def run(self, arguments: Sequence[Any]) -> Any:
        """The value at some arguments, which are left alone."""
        return self.function(*copy.deepcopy(tuple(arguments)))

    def moved(self, step: float) -> tuple[Any, ...]:
        """The sample point moved along the directions."""
        arguments = list(self.arguments)
        for position, direction in zip(self.wrt, self.directions, strict=True):
            arguments[position] = trees.combine(
                lambda a, d: a + step * d, arguments[position], direction
            )
        return tuple(arguments)

    def difference(self, function: Callable[[Sequence[Any]], Any], step: float) -> Any:
        """The central difference of order four of a function along the directions."""
        wide, near = step, step / 2
        far = trees.combine(
            lambda a, b: (a - b) / (2 * wide), function(self.moved(wide)), function(self.moved(-wide))
        )
        close = trees.combine(
            lambda a, b: (a - b) / (2 * near), function(self.moved(near)), function(self.moved(-near))
        )
        return trees.combine(lambda a, b: (4 * b - a) / 3, far, close)

    def measure(self) -> None:
        """Differences at two step sizes and from both sides.

        Raises:
            Skip: when they disagree, for then the program is not smooth here.
        """
        try:
            self.expected = self.difference(self.run, STEP)
            again = self.difference(self.run, STEP / 3)
            left = trees.combine(lambda a, b: (a - b) / STEP, self.value, self.run(self.moved(-STEP)))
            right = trees.combine(lambda a, b: (a - b) / STEP, self.run(self.moved(STEP)), self.value)
        except Exception as error:
            raise Skip(f"not smooth: {type(error).__name__} nearby") from error
        if trees.size(self.expected) > LIMIT:
            raise Skip("derivative out of range")
        if not trees.close(self.expected, again, TOLERANCE / 5):
            raise Skip("not smooth: differences disagree")
        if not trees.close(left, right, 0.05):
            raise Skip("not smooth: kink at the point")

    # -- laws ---------------------------------------------------------------------------------

    def require(self, law: str, got: Any, expected: Any, tolerance: float) -> None:
        """Two trees of numbers agree."""
        if not trees.close(got, expected, tolerance):
            raise Wrong(law, f"got {got!r}, expected {expected!r}")

    def products(self, forward: Callable[..., Any], reverse: Callable[..., Any]) -> tuple[Any, Any]:
        """Both products; arguments and seeds must be left alone, and a second run must agree."""
        results = []
        for name, function, seed in (("jvp", forward, self.directions), ("vjp", reverse, self.weights)):
            arguments, own_seed = copy.deepcopy(self.arguments), copy.deepcopy(seed)
            value, product = function(*arguments, seed=own_seed)
            if not trees.identical(arguments, self.arguments):
                raise Wrong(f"{name} leaves its arguments alone", f"{arguments!r}")
            if not trees.identical(own_seed, seed):
                raise Wrong(f"{name} leaves its seed alone", f"{own_seed!r}")
            self.require(f"{name} gives the value", value, self.value, 1e-11)
            if name == "jvp":
                # What is no float has no derivative, whatever stands for its tangent.
                product = trees.combine(lambda _, part: part, self.value, product)
            product = copy.deepcopy(product)
            again = function(*arguments, seed=own_seed)[1]
            if name == "jvp":
                again = trees.combine(lambda _, part: part, self.value, again)
            self.require(f"{name} gives the same twice", again, product, 1e-13)
            results.append(product)
        return results[0], results[1]

    def first_order(self) -> None:
        """Both modes against differences and against each other."""
        tangent, adjoints = self.products(jvp(self.function, self.wrt), vjp(self.function, self.wrt))
        self.require("jvp against differences", tangent, self.expected, TOLERANCE)
        self.tangent, self.adjoints = tangent, adjoints
        left = trees.inner(self.weights, tangent)
        right = trees.inner(adjoints, self.directions)
        scale = 1.0 + trees.inner_size(self.weights, tangent) + trees.inner_size(adjoints, self.directions)
        gap = abs(left - right)
        if not gap <= 1e-9 * scale and not gap <= self.rounding():
            raise Wrong("dot-product test of vjp", f"<w, Jv> = {left!r}, <J^T w, v> = {right!r}")
        shapes = [np.shape(leaf) for leaf in trees.leaves(adjoints)]
        if shapes != [np.shape(leaf) for leaf in trees.leaves([self.arguments[i] for i in self.wrt])]:
            raise Wrong("adjoints have the shapes of the arguments", f"{shapes}")
        if self.is_scalar():
            found = grad(self.function, self.wrt)(*copy.deepcopy(self.arguments))
            scaled = trees.combine(lambda a, _: a * self.weights, found, found)
            self.require("grad is vjp", scaled, adjoints, 1e-10)

    def rounding(self) -> float:
        """How far both products of the dot-product test are off by rounding alone.

        Both are linear in their seeds. What is left when the seeds are scaled and the products scaled back
        is the rounding of large numbers that cancel inside; were it much, it would be something else.
        """
        found = []
        for factor in (1.0, 1.1, 1.3, 1.7, 0.9, 0.7):
            directions, weights = (
                trees.combine(lambda a, _, by=factor: a * by, seed, seed)
                for seed in (self.directions, self.weights)
            )
            _, tangent = jvp(self.function, self.wrt)(*copy.deepcopy(self.arguments), seed=directions)
            _, adjoints = vjp(self.function, self.wrt)(*copy.deepcopy(self.arguments), seed=weights)
            left = trees.inner(self.weights, tangent)
            found.append((left / factor, trees.inner(adjoints, self.directions) / factor))
        spread = 4 * float(np.sum(np.ptp(np.array(found), axis=0)))
        return spread if spread < 0.02 * float(np.max(np.abs(found))) else 0.0

    def is_scalar(self) -> bool:
        """Whether the value is one number."""
        return isinstance(self.value, (float, np.floating))

    def passes(self, thorough: bool) -> None:
        """The optimiser changes no number: without it, and with passes alone."""
        chosen = [(), *((step,) for step in FINISH)]
        if not thorough:
            chosen = [chosen[0], chosen[1 + self.program.seed % len(FINISH)]]
        for steps in chosen:
            title = f"passes {[name for name, _ in steps]}"
            with restricted(steps):
                tangent, adjoints = self.products(*(self.product(mode) for mode in ("jvp", "vjp")))
            self.require(f"jvp with {title}", tangent, self.tangent, 1e-10)
            self.require(f"vjp with {title}", adjoints, self.adjoints, 1e-10)

    def product(self, mode: Any) -> Derivative:
        """A derivative of its own, not one that was transformed before."""
        names = self.function.__code__.co_varnames
        return Derivative(self.function, Request(mode, tuple(names[i] for i in self.wrt), single=False))

    def second_order(self) -> None:
        """The Hessian times the directions, by forward over reverse and by reverse over reverse."""
        if not self.is_scalar():
            return
        gradient = grad(self.function, self.wrt)

        def slope(arguments: Sequence[Any]) -> Any:
            return gradient(*copy.deepcopy(tuple(arguments)))

        expected = self.difference(slope, STEP)
        if not trees.close(expected, self.difference(slope, STEP / 3), TOLERANCE / 5):
            return
        if trees.size(expected) > LIMIT:
            return
        _, forward = jvp(gradient, self.wrt)(*copy.deepcopy(self.arguments), seed=self.directions)
        self.require("jvp of grad against differences", forward, expected, TOLERANCE)
        _, reverse = vjp(gradient, self.wrt)(*copy.deepcopy(self.arguments), seed=self.directions)
        self.require("vjp of grad against differences", reverse, expected, TOLERANCE)


@contextlib.contextmanager
def restricted(steps: Sequence[Any]) -> Iterator[None]:
    """Derivatives transformed inside are optimised by these passes alone."""
    limited_to = functools.partial(differentiate, passes=tuple(steps))
    with mock.patch.object(tangent_sct.derivative, "differentiate", limited_to):
        yield
