"""The law of backends: where Numba compiles the derivative of a program, it gives the numbers that Python gives."""

from __future__ import annotations

import copy
import warnings

import numpy as np

from tangent_sct.api import jvp, vjp
from tangent_sct.core.errors import UnsupportedError
from tests.laws import trees
from tests.laws.check import SECONDS, Case, Outcome, Skip, TooLong, failure, limited
from tests.laws.samples import Program

TOLERANCE = 1e-9


def examine_compiled(program: Program) -> Outcome:
    """Compare both modes of a program on both backends.

    Args:
        program: the program; one that Python's backend refuses or fails on says nothing here.
    """
    case = None
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(), limited(10 * SECONDS):
            warnings.simplefilter("ignore")
            case = Case(program, thorough=False)
            for mode, seed in ((jvp, case.directions), (vjp, case.weights)):
                given = copy.deepcopy((case.arguments, seed))
                try:
                    expected = mode(case.function, case.wrt)(*case.arguments, seed=copy.deepcopy(seed))
                except Exception:
                    return Outcome("skipped", "has no derivative in Python")
                found = mode(case.function, case.wrt, backend="numba")(*given[0], seed=given[1])
                if not trees.identical(given, (case.arguments, seed)):
                    return Outcome("wrong", f"compiled {mode.__name__} leaves its arguments alone", f"{given!r}")
                if not trees.close(found, expected, TOLERANCE):
                    detail = f"got {found!r}, expected {expected!r}"
                    return Outcome("wrong", f"compiled {mode.__name__} against Python", detail)
    except Skip as skip:
        return Outcome("skipped", str(skip))
    except TooLong:
        return Outcome("skipped", "took too long")
    except UnsupportedError as error:
        return Outcome("refused", error.reason.split("`")[0])
    except Exception as error:
        return failure(error)
    return Outcome("right")
