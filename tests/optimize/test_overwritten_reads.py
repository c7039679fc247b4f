"""Whatever writes into an array, what was read of it before is not read of it afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct.testing import check_derivative

W = np.array([1.3, 0.7, 1.9, 0.6])


def chained(y, w):
    w = w.copy()
    for i in range(3):
        y = y * w[i]
        a = w[i] = 0.5
    return y


def tried(y, w):
    w = w.copy()
    for i in range(3):
        y = y * w[i]
        try:
            w[i] = 0.25
        except IndexError:
            pass
    return y


def into_target(y, w):
    w = w.copy()
    for i in range(3):
        y = y * w[i]
        for w[i] in (3.0, 4.0):
            pass
    return y


def by_ufunc(y, w):
    w = w * y
    for i in range(3):
        y = y * w[i]
        np.add.at(w, [i], 1.0)
    return y


def swapped(y, w):
    w = w.copy()
    for i in range(2):
        y = y * w[i]
        w[i], w[i + 1] = w[i + 1], w[i]
    return y


def by_method(y, w):
    w = w.copy()
    for _ in range(2):
        y = y * w[0]
        w.sort()
    return y


def walrus(y, w):
    w = w.copy()
    for i in range(2):
        y = y * w[0]
        if (k := i) > 0:
            w[k - 1] = 7.0
    return y


def by_function(y, w):
    w = w.copy()
    def change(k):
        w[k] = 9.0
    for i in range(2):
        y = y * w[i]
        change(i)
    return y


def inside_with(y, w):
    w = w.copy()
    for i in range(2):
        y = y * w[i]
        with np.errstate(all='ignore'):
            w[i] = 3.0
    return y


def through_view(y, w):
    w = w * y
    v = w[1:]
    for i in range(1, 3):
        y = y * w[i]
        v[i - 1] = 3.0
    return y


def rebound(y, w):
    w = w * y
    for i in range(1, 3):
        y = y * w[i]
        w = w * 2.0
        w[i] = y
    return y * w[1]


def swapping(y, w):
    u = w * y
    v = w * y * y
    for _ in range(1, 4):
        v[1] = u[0] * u[1] * y
        u, v = v, u
    return np.sum(u * v)


def negative(y, w):
    w = w * y
    n = len(w)
    for i in range(n):
        y = y * w[i]
        w[i - n] = y * 0.3
    return y


def put_and_lost(y, w):
    x = np.zeros(4)
    s = y
    for i in range(3):
        t = s * s * 0.5
        x[i] = t
        s = s + t * t
        x[3 - i] = s
    return np.sum(x * x)


def param_index(y, w, m=1, p=2):
    w = w * y
    for _ in range(2):
        y = y * w[m] * w[p]
        w[p - m] = y * 0.1
    return y


def strided(y, w):
    w = w * y
    for i in range(0, 4, 2):
        y = y * w[i + 1]
        w[i] = y
        w[i + 1] = y * y
    return y


def left_early(y, w):
    w = w * y
    for i in range(4):
        y = y * w[i]
        if y > 5:
            break
        w[i] = 0.3 * y
    return y * w[i]


WRITERS = (
    chained, tried, into_target, by_ufunc, swapped, by_method, walrus, by_function,
    inside_with, through_view, rebound, swapping, negative, put_and_lost, param_index, strided, left_early,
)  # fmt: skip


@pytest.mark.parametrize("f", WRITERS)
def test_what_is_overwritten_is_recorded(f) -> None:
    check_derivative(f, 1.1, W, wrt=(0,))
