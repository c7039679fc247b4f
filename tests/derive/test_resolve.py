"""`resolve`: whether `y += e` rebinds or writes is decided by kind; written arguments are copied."""

from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.pipeline import preparation
from tests.derive.stages import after, check_gradient, derived, text

X = np.array([1.0, 2.0, 3.0])


def update(x, y):
    x += y
    return np.sum(x * x)


def scaled(x):
    y = x * 1.0
    y *= 2.0
    return np.sum(y * y)


def branch(x, flag):
    y = x * 1.0
    if flag:
        y += 1.0
    return np.sum(y * y)


def looped(x, n):
    y = x * 1.0
    for _ in range(n):
        y -= x * x
    return np.sum(y * y)


def into_number(s, x):
    s += x
    return np.sum(s * s)


def test_an_update_of_an_array_is_a_store_and_of_a_number_a_rebinding() -> None:
    assert after("resolve", update, X, X + 1.0).startswith("x_3 = x.copy()\nx_3 += y\n")
    assert after("resolve", update, 1.0, 2.0).startswith("x_2 = x + y\n")


def test_other_operators_store_the_whole_array() -> None:
    assert after("resolve", scaled, X).startswith(
        text("""
        y = x * 1.0
        t_2 = y * 2.0
        y[...] = t_2
        """)
    )


def test_joins_that_carried_only_the_rebinding_are_gone() -> None:
    assert text(
        """
        y = x * 1.0
        if flag:
            y += 1.0
        """
    ) in after("resolve", branch, X, 1)
    assert "y_2" not in after("resolve", looped, X, 2)


def test_a_branch_that_only_carried_the_rebinding_is_empty() -> None:
    def kept(x, h):
        x += 0.5
        for _ in range(2):
            if h:
                x = x
        return np.sum(x * x)

    check_gradient(kept, X, 1)


def test_a_number_becomes_an_array_by_rebinding() -> None:
    assert "s_2 = s + x" in after("resolve", into_number, 1.0, X)


@pytest.mark.parametrize(
    ("f", "args"),
    [(update, (X, X + 1.0)), (update, (1.0, 2.0)), (scaled, (X,)), (branch, (X, True)),
     (branch, (X, False)), (looped, (X, 2)), (into_number, (1.5, X))],
)  # fmt: skip
def test_numbers(f, args) -> None:
    check_gradient(f, *args)


def weighted_by_rank(x):
    y = x * 2.0
    y[1:] += x[0]
    return np.sum(y * np.arange(1.0, 1.0 + np.size(y)).reshape(np.shape(y)))


def test_methods_of_what_is_named_first_keep_their_names() -> None:
    check_gradient(weighted_by_rank, np.array([0.4, 0.7, 1.2]))


def test_only_what_is_written_is_copied() -> None:
    assert derived(update, X, X + 1.0).written == (0,)
    assert derived(update, 1.0, 2.0).written == ()
    assert derived(scaled, X).written == ()


def test_an_update_of_unknown_kind_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="depends on the kind of `x`") as caught:
        _ = grad(update).source
    assert "annotate" in caught.value.hint


def scaled_part(x):
    y = x * 1.0
    y[1:] *= 2.0
    return np.sum(y * y)


@pytest.mark.parametrize("mode", [grad, jvp])
def test_an_operator_that_was_not_resolved_is_refused(monkeypatch: pytest.MonkeyPatch, mode: Any) -> None:
    """Both sweeps know sums alone; they must not take another operator for one."""
    monkeypatch.setattr(preparation, "resolve", lambda body, *rest, **named: body)
    with pytest.raises(UnsupportedError) as caught:
        _ = mode(scaled_part).source
    assert caught.value.reason == "`*=` in place is not supported here"
    assert caught.value.hint == "write `a[...] = a * b`"
