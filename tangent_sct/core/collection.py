"""Python's search for unreachable cycles, put off while a derivative is written.

A transformation makes many objects, nearly all of which live until it ends, and few cycles. Going through
all of them again and again costs up to half of its time on long programs, and finds nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


def uncollected(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """A function during which no cycles are searched for; objects without cycles are freed as ever.

    Calls may be nested, and may run in several threads: the one that put the search off takes it up again.

    >>> uncollected(gc.isenabled)(), gc.isenabled()
    (False, True)
    """

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        if not gc.isenabled():
            return function(*args, **kwargs)
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            gc.enable()

    return run
