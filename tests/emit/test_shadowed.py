from __future__ import annotations

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative


def test_variables_that_are_called_like_what_a_derivative_needs() -> None:
    """The derivative called a number: a TypeError of Python's."""

    def f(x):
        reversed = 2.0
        t = x[0]
        for i in range(3):
            t = t * x[i] * reversed
        return t

    def g(x):
        list, d = 3.0, {"a": x[0], "b": x[1]}
        t = 0.0
        for k in d:
            t = t + d[k] * list
        return t

    for function, name in ((f, "reversed"), (g, "list")):
        with pytest.raises(UnsupportedError, match=f"`{name}` is a variable here"):
            grad(function)(np.array([0.7, 1.3, 0.4]))


def extended_by_a_slice(x):
    parts = [x[0], x[1], x[2]]
    parts[0], parts[1:] = parts[2], [parts[0], parts[1]]
    return parts[0] * parts[1] + parts[2] ** 2


def test_loops_that_the_compiler_writes_name_their_builtins() -> None:
    """`range` was unknown there, and kept a copy of: `range_kept = copied(range)`."""
    assert "range_kept" not in grad(extended_by_a_slice).source_for(np.ones(3))
    check_derivative(grad(extended_by_a_slice), np.array([0.7, 1.3, 0.4]))
