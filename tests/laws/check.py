"""The law: what must hold of every derivative of every program, checked at the program's sample point."""

from __future__ import annotations

import contextlib
import copy
import re
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tangent_sct.api import grad, jvp, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.derivative import Derivative
from tangent_sct.pipeline import FINISH
from tangent_sct.runtime import DerivativeError
from tests.laws import trees
from tests.laws.samples import Program, load
from tests.laws.sharing import Step, Transformed

STEP = 2e-4
TOLERANCE = 1e-6
LIMIT = 1e4
SECONDS = 60
OFTEN = 5
"""In one of how many programs the optimiser's passes are compared on second derivatives."""
SELDOM = 20
"""In one of how many programs tangents are differentiated in reverse: it takes as long as all the rest."""
RARELY = 60
"""In one of how many programs a third derivative is taken, which takes longer."""


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
    """Check the laws of a program.

    What a law costs is nearly all in the transformation, so each is written once, and what is much the same in
    all programs is checked in some of them: their seeds choose.

    Args:
        program: the program.
        thorough: all laws, instead of those that the seed chooses.
    """
    case = None
    try:
        with np.errstate(all="ignore"), limited(SECONDS):
            case = Case(program, thorough)
            case.measure()
            case.first_order()
            case.passes()
            case.second_order()
            case.reverse_over_forward()
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


def title(steps: Sequence[Step]) -> str:
    """What a law is called that holds when the optimiser has these passes alone."""
    return f"passes {[name for name, _ in steps]}"


class Case:
    """One program with its sample point, directions and weights."""

    def __init__(self, program: Program, thorough: bool) -> None:
        self.program = program
        self.thorough = thorough
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

    def forward(self, derivative: Derivative) -> Any:
        """The tangent that a `jvp` gives along the directions."""

        def floats(value: Any, tangent: Any) -> Any:
            # What is no float has no derivative, whatever stands for its tangent.
            return trees.combine(lambda _, part: part, value, tangent)

        return self.product("jvp", derivative, self.directions, floats)

    def reverse(self, derivative: Derivative) -> Any:
        """The adjoints that a `vjp` or a `grad` gives for the weights."""
        if derivative.request.mode == "vjp":
            return self.product("vjp", derivative, self.weights, lambda _, adjoints: adjoints)

        def gradient(*arguments: Any, seed: Any) -> Any:
            found = derivative(*arguments)
            return self.value, trees.combine(lambda a, _: a * seed, found, found)

        return self.product("grad", gradient, self.weights, lambda _, adjoints: adjoints)

    def product(
        self, name: str, function: Callable[..., Any], seed: Any, floats: Callable[[Any, Any], Any]
    ) -> Any:
        """A product; arguments and seed must be left alone, and a second run must agree."""
        arguments, own_seed = copy.deepcopy(self.arguments), copy.deepcopy(seed)
        value, found = function(*arguments, seed=own_seed)
        if not trees.identical(arguments, self.arguments):
            raise Wrong(f"{name} leaves its arguments alone", f"{arguments!r}")
        if not trees.identical(own_seed, seed):
            raise Wrong(f"{name} leaves its seed alone", f"{own_seed!r}")
        # The sum of no values to be differentiated is 0.0, not 0.
        value = trees.combine(lambda _, part: part, self.value, value)
        self.require(f"{name} gives the value", value, self.value, 1e-11)
        found = copy.deepcopy(floats(self.value, found))
        again = floats(self.value, function(*arguments, seed=own_seed)[1])
        self.require(f"{name} gives the same twice", again, found, 1e-13)
        return found

    def first_order(self) -> None:
        """Both modes against differences and against each other."""
        self.transformed = Transformed(self.function)
        with self.transformed.kept():
            self.jvp = jvp(self.function, self.wrt)
            self.tangent = self.forward(self.jvp)
            # A `grad` is a `vjp` whose seed is one.
            self.vjp = grad(self.function, self.wrt) if self.is_scalar() else vjp(self.function, self.wrt)
            self.adjoints = self.reverse(self.vjp)
            if self.is_scalar() and self.drawn(3):
                product = self.reverse(vjp(self.function, self.wrt))
                self.require("grad is vjp", product, self.adjoints, 1e-10)
        tangent, adjoints = self.tangent, self.adjoints
        self.require("jvp against differences", tangent, self.expected, TOLERANCE)
        left = trees.inner(self.weights, tangent)
        right = trees.inner(adjoints, self.directions)
        scale = 1.0 + trees.inner_size(self.weights, tangent) + trees.inner_size(adjoints, self.directions)
        gap = abs(left - right)
        if not gap <= 1e-9 * scale and not gap <= self.rounding():
            raise Wrong("dot-product test of vjp", f"<w, Jv> = {left!r}, <J^T w, v> = {right!r}")
        shapes = [np.shape(leaf) for leaf in trees.leaves(adjoints)]
        if shapes != [np.shape(leaf) for leaf in trees.leaves([self.arguments[i] for i in self.wrt])]:
            raise Wrong("adjoints have the shapes of the arguments", f"{shapes}")

    def drawn(self, number: int) -> bool:
        """Whether this program is one of every so many."""
        return self.thorough or self.program.seed % number == 0

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

    def passes(self) -> None:
        """The optimiser changes no number: without it, and with passes alone."""
        for steps in self.chosen_steps():
            with self.transformed.optimised_by(steps, self.jvp) as forward:
                self.require(f"jvp with {title(steps)}", self.forward(forward), self.tangent, 1e-10)
            with self.transformed.optimised_by(steps, self.vjp) as reverse:
                self.require(f"vjp with {title(steps)}", self.reverse(reverse), self.adjoints, 1e-10)

    def chosen_steps(self) -> list[tuple[Step, ...]]:
        """No pass of the optimiser, and one alone, or each."""
        chosen: list[tuple[Step, ...]] = [(), *((step,) for step in FINISH)]
        return chosen if self.thorough else [chosen[0], chosen[1 + self.program.seed % len(FINISH)]]

    def second_order(self) -> None:
        """The Hessian times the directions: by forward over reverse, or by reverse over reverse."""
        if not self.is_scalar():
            return
        gradient = self.vjp
        expected = self.slope(gradient, {})
        if expected is None:
            return
        modes = (jvp, vjp)
        for mode in modes if self.thorough else (modes[self.program.seed // 3 % 2],):
            second, found = self.optimised_or_not(mode, gradient)
            self.require(f"{mode.__name__} of grad against differences", found, expected, TOLERANCE)
            if self.drawn(RARELY):
                self.derived_again(second, {"seed": self.directions})

    def optimised_or_not(self, mode: Callable[..., Derivative], gradient: Derivative) -> tuple[Derivative, Any]:
        """A derivative of the gradient and its product, which the optimiser and a pass alone leave as it is."""
        law = f"{mode.__name__} of grad"
        transformed = Transformed(gradient)
        with transformed.kept():
            second = mode(gradient, self.wrt)
            _, found = second(*copy.deepcopy(self.arguments), seed=self.directions)
        for steps in self.chosen_steps() if self.drawn(OFTEN) else ():
            with transformed.optimised_by(steps, second) as other:
                _, again = other(*copy.deepcopy(self.arguments), seed=self.directions)
            self.require(f"{law} with {title(steps)}", again, found, 1e-10)
        return second, found

    def reverse_over_forward(self) -> None:
        """The adjoints of the tangents."""
        if self.drawn(SELDOM):
            self.derived_again(self.jvp, {"seed": self.directions}, (vjp,))

    def derived_again(self, product: Derivative, seeds: dict[str, Any], modes: Sequence[Any] = (jvp, vjp)) -> None:
        """A product is differentiated itself: its tangent or its adjoints, against its differences."""
        expected = self.slope(product, seeds)
        if expected is None:
            return
        # Its tangents of integers are floats: what it returns has its own structure.
        value = product(*copy.deepcopy(self.arguments), **copy.deepcopy(seeds))
        inner = {f"inner_{name}": copy.deepcopy(seed) for name, seed in seeds.items()}
        for mode in modes if self.thorough else (modes[self.program.seed // RARELY % len(modes)],):
            law = f"{mode.__name__} of {product.request.mode} of {product.__wrapped__.__name__} against differences"
            outer = mode(product, self.wrt)
            if mode is jvp:
                _, tangent = outer(*copy.deepcopy(self.arguments), **inner, seed=self.directions)
                self.require(law, trees.combine(lambda _, part: part, value, tangent), expected, TOLERANCE)
                continue
            weights = trees.random_like(value, np.random.default_rng(self.program.seed + 2))
            _, adjoints = outer(*copy.deepcopy(self.arguments), **inner, seed=weights)
            left, right = trees.inner(weights, expected), trees.inner(adjoints, self.directions)
            scale = 1.0 + trees.inner_size(weights, expected) + trees.inner_size(adjoints, self.directions)
            if not abs(left - right) <= TOLERANCE * scale:
                raise Wrong(law, f"got {right!r}, expected {left!r}")

    def slope(self, function: Callable[..., Any], seeds: dict[str, Any]) -> Any:
        """Differences of a derivative along the directions; None where it is not smooth, or out of range."""

        def run(arguments: Sequence[Any]) -> Any:
            return function(*copy.deepcopy(tuple(arguments)), **copy.deepcopy(seeds))

        expected = self.difference(run, STEP)
        if trees.size(expected) > LIMIT:
            return None
        return expected if trees.close(expected, self.difference(run, STEP / 3), TOLERANCE / 5) else None
