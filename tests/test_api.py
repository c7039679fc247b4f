"""The public functions: every way to ask for a derivative, and that all of them agree."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_sct
from tangent_sct import grad, hessian, jacobian, jvp, value_and_grad, vjp
from tangent_sct.derivative import Derivative


def product(x, y, z=1.0):
    return np.sum(x * y) * z


X, Y = np.array([1.0, 2.0]), np.array([3.0, 4.0])


def test_the_public_names_are_there_and_documented() -> None:
    for name in tangent_sct.__all__:
        assert inspect.getdoc(getattr(tangent_sct, name)), name
    assert list(tangent_sct.__all__) == sorted(tangent_sct.__all__)


@pytest.mark.parametrize("make", [grad, value_and_grad, vjp, jvp])
def test_bare_decorators_and_decorators_with_options(make) -> None:
    @make
    def bare(x, y):
        return x * y

    @make(wrt="y")
    def named(x, y):
        return x * y

    @make()
    def called(x, y):
        return x * y

    assert isinstance(bare, Derivative) and isinstance(named, Derivative)
    assert (bare.request.wrt, named.request.wrt, called.request.wrt) == (("x",), ("y",), ("x",))
    assert bare.__wrapped__(2.0, 3.0) == 6.0


@pytest.mark.parametrize("driver", [jacobian, hessian])
def test_drivers_as_decorators(driver) -> None:
    @driver(wrt="y")
    def named(x, y):
        return x * y**2

    @driver
    def bare(x, y):
        return x**2 * y

    assert named(2.0, 3.0) == {jacobian: 12.0, hessian: 4.0}[driver]
    assert bare(2.0, 3.0) == {jacobian: 12.0, hessian: 6.0}[driver]


def test_all_modes_agree() -> None:
    expected = (2.0 * Y, 2.0 * X)
    assert_close(grad(product, wrt=(0, 1))(X, Y, 2.0), expected)
    value, adjoints = value_and_grad(product, wrt=("x", "y"))(X, Y, z=2.0)
    assert value == 22.0
    assert_close(adjoints, expected)
    value, adjoints = vjp(product, wrt=(0, "y"))(X, Y, 2.0, seed=1.0)
    assert value == 22.0
    assert_close(adjoints, expected)
    value, tangent = jvp(product, wrt=(0, 1))(X, Y, 2.0, seed=(Y, X))
    assert (value, tangent) == (22.0, 2.0 * (Y @ Y + X @ X))
    assert_close([jacobian(product)(X, Y, 2.0)], [expected[0]])


def assert_close(found, expected) -> None:
    assert type(found) in (tuple, list) and len(found) == len(expected)
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-14)


def test_a_seed_scales_the_result() -> None:
    once = vjp(product)(X, Y, seed=1.0)[1]
    assert np.array_equal(vjp(product)(X, Y, seed=-2.0)[1], -2.0 * once)
    assert jvp(product)(X, Y, seed=0.0 * X) == (11.0, 0.0)


def test_seeds_take_the_structure_of_the_result() -> None:
    def several(x):
        y = x * x
        return y, {"sum": np.sum(y), "parts": [x[0], 2.0 * x]}

    seed = (np.array([1.0, 0.0]), {"sum": 10.0, "parts": [100.0, np.array([0.0, 1000.0])]})
    value, adjoint = vjp(several)(X, seed=seed)
    assert np.array_equal(adjoint, [2.0 + 20.0 + 100.0, 40.0 + 2000.0])
    assert value[1]["parts"][0] == 1.0
    value, tangent = jvp(several)(X, seed=np.array([1.0, 0.0]))
    assert type(tangent) is tuple and list(tangent[1]) == ["sum", "parts"]
    assert np.array_equal(tangent[0], [2.0, 0.0]) and tangent[1]["parts"][0] == 1.0


def test_the_derivative_of_a_constant_is_zero() -> None:
    assert grad(lambda x: 3.0)(1.0) == 0.0
    assert np.array_equal(grad(lambda x: np.sum(np.floor(x)))(X), [0.0, 0.0])
    assert jvp(lambda x: 3.0)(1.0, seed=1.0) == (3.0, 0.0)
    assert vjp(lambda x: np.ones(2))(1.0, seed=np.ones(2))[1] == 0.0


def test_effects_happen_once(capsys: pytest.CaptureFixture[str]) -> None:
    def noisy(x):
        print("value", x)
        return x * x

    assert value_and_grad(noisy)(2.0) == (4.0, 4.0)
    assert capsys.readouterr().out == "value 2.0\n"


def test_a_random_stream_is_drawn_once() -> None:
    def sampled(x, rng):
        return x * rng.normal()

    value, slope = value_and_grad(sampled)(2.0, np.random.default_rng(0))
    first = np.random.default_rng(0).normal()
    assert (value, slope) == (2.0 * first, first)


def test_inactive_python_passes_through() -> None:
    def f(x, names):
        table = {name: len(name) for name in sorted(names)}
        try:
            weight = table["abc"]
        except KeyError:
            weight = 1
        text = f"{weight:03d}"
        assert len(text) == 3
        return x * weight * sum(v for v in table.values() if v)

    assert grad(f)(2.0, ["abc", "z"]) == 12.0
    assert grad(f)(2.0, ["z"]) == 1.0


@pytest.mark.parametrize("make", [grad, value_and_grad, vjp, jvp, jacobian, hessian])
def test_backends(make) -> None:
    with pytest.raises(ValueError, match="argument `backend` must be one of 'numpy', 'numba', 'auto', not 'jax'"):
        make(product, backend="jax")
    with pytest.raises(ValueError, match="argument `backend`"):
        make(backend=True)(product)
    assert isinstance(make(product, backend="auto"), type(make(product)))


def test_the_backend_of_a_derivative_is_that_of_the_derivative_it_is_of() -> None:
    assert grad(product).request.backend == "numpy"
    assert jvp(grad(product, backend="numba")).request.backend == "numba"
    assert jvp(grad(product, backend="numba"), backend="numpy").request.backend == "numpy"
