"""Functions that are said as statements, through the whole compiler, against differences."""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.runtime import DerivativeError, chosen_count, pieces
from tangent_sct.templating import registry
from tangent_sct.templating.layout import layout_of
from tangent_sct.testing import check_rule, wrapped
from tests.laws.samples import load
from tests.templates.cases import STATEMENTS, Case
from tests.templates.test_rules import label, single, title

TESTED_ELSEWHERE = (
    "writers.py", "splitting.py", "decompositions.py", "linalg.py", "matrices.py", "norms.py", "heaps.py",
)  # fmt: skip
"""Their functions write or cut, are of linear algebra or of lists: tested in `test_writers.py`, `test_linalg.py` and
`test_heaps.py`."""

PROGRAMS: dict[str, tuple[str, Any]] = {
    "a function of each row": ("return np.apply_along_axis(lambda r: r * np.sum(r), 1, x)", (3, 4)),
    "an open mesh": ("return np.multiply(*np.ix_(x[:2], x[1:]))", (3,)),
    "a number of each row": ("return np.apply_along_axis(np.sum, 0, x)", (3, 4)),
    "a sum over axes": ("return np.apply_over_axes(np.sum, x, [0, -1])", (2, 3, 2)),
    "a function of each number": ("return np.vectorize(lambda t: t * x[0, 0] if t > 0 else t ** 2)(x)", (3, 4)),
    "a function of two numbers": ("return np.vectorize(lambda s, t: s * t * x[0, 0])(x, x[0])", (3, 4)),
    "a function of three numbers": ("return np.vectorize(lambda s, t, u: s * t + u)(x, 2.0, x[1])", (3, 4)),
    "a function for each piece": (
        "return np.piecewise(x, [x < 0, x > 1], [lambda t: t * x[0, 0], np.sin, 0.5])", (3, 4)
    ),
    "a piece and all the rest": (
        "return np.piecewise(x, x < 0, [lambda t, p: t * p, lambda t, p: p], x[0])", (4,)
    ),
    "pieces of a number": ("return np.piecewise(x[0], [x[0] < 0], [lambda t: t * x[1], np.exp])", (4,)),
    "pieces of constant places": (
        "t = np.linspace(0.0, 1.0, 5)\n    return np.piecewise(t, [t < 0.5], [lambda u: u * x[0], x[1]])", (4,)
    ),
    "a function of indices": ("return np.fromfunction(lambda i, j: x[0] * i + j * np.sin(x[1]), (3, 2))", (4,)),
    "a function of whole indices": ("return np.fromfunction(lambda i: x[i], (3,), dtype=int)", (4,)),
    "values of a list": ("return np.fromiter([a * a for a in x], float)", (4,)),
    "a grid by rows": ("a, b = np.meshgrid(x, x * x, indexing='ij')\n    return a * b", (4,)),
    "a grid of three by rows": ("a, b, c = np.meshgrid(x, x * x, x, indexing='ij')\n    return a * b * c", (3,)),
    "a quotient of polynomials": ("a, b = np.polydiv(x, x[:2])\n    return np.concatenate([a, b])", (4,)),
    "a weighted fit": (
        "return np.polyfit(np.array([0.1, 0.7, 1.3, 2.2]), x, 1, w=np.array([1.0, 2.0, 0.5, 1.5]))", (4,)
    ),
    "a type for each number": ("return np.vectorize(lambda t: t if t > 0 else 0, otypes=[float])(x)", (4,)),
    "a type by its letter": ("return np.vectorize(lambda t: t * t, otypes='d')(x)", (4,)),
    "an argument that is handed on whole": (
        "return np.vectorize(lambda t, p: t * np.sum(p), excluded=[1])(x, x[0])", (3, 4)
    ),
    "first arguments handed on whole": (
        "return np.vectorize(lambda p, t: t * np.sum(p), excluded={0})(x[0], x)", (3, 4)
    ),
    "two arguments handed on whole": (
        "return np.vectorize(lambda t, p, q: t * p[0] * q[1], excluded=(1, 2))(x, x[0], x[1])", (3, 4)
    ),
    "the last argument handed on whole": (
        "return np.vectorize(lambda s, t, p: s * t * p[1], excluded=(2,), otypes=[float])(x, x[0], x[1])", (3, 4)
    ),
    "a function of each row with options": (
        "return np.apply_along_axis(lambda r, p=1.0: np.sum(r) * p, 0, x, p=x[0, 0])", (3, 4)
    ),
    "a thin grid": ("a, b = np.meshgrid(x, x * x, sparse=True)\n    return a * b", (4,)),
    "a thin grid of three": (
        "a, b, c = np.meshgrid(x, x * x, x, indexing='ij', sparse=True)\n    return a * b * c", (3,)
    ),
    "a diagonal that begins anew": ("y = x * 1.0\n    np.fill_diagonal(y, x[0, 0], wrap=True)\n    return y", (6, 2)),
    "places beyond the end": ("y = x * 1.0\n    np.put(y, [0, 9], x[1:3], mode='wrap')\n    return y", (4,)),
    "the last place": ("y = x * 1.0\n    np.put(y, [0, 9], x[1:3], mode='clip')\n    return y", (4,)),
    "a bound by its name": ("return x.clip(min=-0.3)", (4,)),
    "options of methods": (
        "m = np.eye(3, 4) == 0\n    return x.sum(axis=1, where=m) + x.max(1, initial=0.2) * x.std(1, dtype=float)",
        (3, 4),
    ),
    "types of results of methods": ("return x.cumsum(1, dtype=float)[0] * x.mean(axis=0, dtype=float)", (3, 4)),
    "a list of lists": ("c = x.tolist()\n    return c[0][1] * c[1][0]", (2, 3)),
    "blocks": ("return np.block([[x, 2 * x], [x * x, np.ones((3, 4))]])", (3, 4)),
    "blocks in a row": ("return np.block([x[0], 2 * x[1], 0.5])", (3, 4)),
    "slopes along both axes": ("a, b = np.gradient(x)\n    return a * b", (3, 4)),
    "a histogram": ("return np.histogram(np.array([0.2, 0.5, 1.7, 2.0]), 3, weights=x)[0]", (4,)),
    "a density": (
        "return np.histogram(np.array([0.2, 0.5, 1.7, 2.5]), np.arange(3.0), weights=x, density=True)[0]", (4,)
    ),
    "a result put into an array": ("y = np.zeros(4)\n    np.median(x, axis=0, out=y)\n    return y * y", (3, 4)),
    "methods": ("return x.compress([True, False, True], axis=0) * x.cumprod()[0]", (3, 4)),
    "a method that writes": ("y = x * 2.0\n    y.partition(1)\n    return y * y", (3, 4)),
    "a choice by a method": ("return np.array([1, 0, 1]).choose([x[:, 0], x[:, 1]])", (3, 4)),
    "a variance around a mean": (
        "return np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True), keepdims=True)", (3, 4)
    ),
    "arrays made alike": ("a, b = np.broadcast_arrays(x, x[0])\n    return a * b", (3, 4)),
}  # fmt: skip


ONCE = ("a density", "blocks")
"""Programs that are differentiated once."""


def strided(value: Any) -> Any:
    """An array that is not contiguous and must not be written."""
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        return value
    found = np.repeat(value, 2, axis=-1)[..., ::2]
    found.flags.writeable = False
    return found


@pytest.mark.every(3)
@pytest.mark.parametrize("case", STATEMENTS, ids=map(label, STATEMENTS))
def test_statements(case: Case) -> None:
    function, args, keywords = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        check_rule(function, *args, **keywords)
        # A view of a copy that is written into is refused at second order.
        check_rule(function, *map(strided, args), order=1, **keywords)


FIRST = list({case[0]: case for case in reversed(STATEMENTS)}.values())


@pytest.mark.parametrize("case", FIRST, ids=map(label, FIRST))
def test_single_precision(case: Case) -> None:
    function, args, keywords = case
    wrt = tuple(place for place, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype == float)
    if not wrt:
        pytest.skip("numbers of Python's own have one precision")
    found = adjoints(function, tuple(map(single, args)), keywords, wrt)
    expected = adjoints(function, args, keywords, wrt)
    for adjoint, double in zip(found, expected, strict=True):
        np.testing.assert_allclose(adjoint, double, rtol=2e-3, atol=2e-3)
        assert adjoint.dtype == np.float32


def adjoints(function: Any, args: tuple[Any, ...], keywords: dict[str, Any], wrt: tuple[int, ...]) -> Any:
    """The adjoints of some arguments for a result whose entries all count alike."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        result = function(*args, **keywords)
        seed = tuple(map(np.ones_like, result)) if isinstance(result, (tuple, list)) else np.ones_like(result)[()]
        return vjp(wrapped(function, args, keywords), wrt)(*args, seed=seed)[1]


@pytest.mark.parametrize("name", PROGRAMS)
def test_in_a_program(name: str) -> None:
    text, shape = PROGRAMS[name]
    f = load(f"import numpy as np\n\ndef f(x):\n    {text}\n", f"<statements: {name}>")["f"]
    x = np.random.default_rng(3).standard_normal(shape)
    check_rule(f, x, order=1 if name in ONCE else 2)


def test_every_function_said_as_statements_has_a_case() -> None:
    tested = {case[0] for case in STATEMENTS}
    in_programs = (
        np.apply_along_axis,
        np.apply_over_axes,
        np.fromfunction,
        np.fromiter,
        np.piecewise,
        np.polydiv,
        np.block,
        np.histogram,
        np.ix_,
        np.ndarray.compress,
        np.ndarray.partition,
    )
    missing = [
        title(primal)
        for primal, template, always in registry.all_expansions()
        if Path(inspect.getsourcefile(template) or "").name not in TESTED_ELSEWHERE
        and Path(inspect.getsourcefile(template) or "").parent.name == "templates"
        and primal is not template
        and always
        and primal not in tested
        and primal not in in_programs
    ]
    assert missing == []


def test_parameters_are_those_of_the_function() -> None:
    for primal, template, always in registry.all_expansions():
        if always and primal is not template:
            layout_of(inspect.signature(template), primal)  # raises Mismatch


def test_a_function_is_said_as_statements_once() -> None:
    with pytest.raises(ValueError, match="is already read as median"):
        registry.register_expansion([np.median], np.sort, {})


def test_an_argument_that_is_not_known_is_refused_by_name() -> None:
    f = load("import numpy as np\n\ndef f(x):\n    return np.polyfit(x[0], x[1], 1, cov=True)[0]\n", "<keyword>")["f"]
    with pytest.raises(UnsupportedError) as caught:
        vjp(f)(np.ones((2, 3)), seed=np.ones(2))
    assert caught.value.reason == "the derivative of `np.polyfit` is not known when it is given `cov`"
    assert caught.value.hint == "leave `cov` out, or compute the same in two steps"
    assert (caught.value.origin.file, caught.value.origin.line) == ("<keyword>", 4)


def test_functions_that_return_integers_first_are_refused() -> None:
    text = "import numpy as np\n\ndef f(x):\n    return np.vectorize(lambda t: 0 if t < 0 else t)(x)\n"
    f = load(text, "<first>")["f"]
    with pytest.raises(DerivativeError, match="the first result is an integer, so NumPy rounds all others"):
        vjp(f)(np.array([-1.0, 2.0]), seed=np.ones(2))


def test_pieces_have_functions() -> None:
    with pytest.raises(ValueError, match="1 conditions take 1 or 2 functions, not 4"):
        pieces(np.ones(2), [np.array([True, False])], 4)


def test_zeros_at_infinity_are_refused() -> None:
    f = load("import numpy as np\n\ndef f(x):\n    return np.roots(x)\n", "<roots>")["f"]
    with pytest.raises(DerivativeError, match="the zeros of a polynomial whose first or last coefficient is zero"):
        vjp(f)(np.array([0.0, 1.0, 2.0]), seed=np.ones(1))


def test_padding_by_other_modes_is_refused() -> None:
    f = load("import numpy as np\n\ndef f(x):\n    return np.pad(x, 1, mode='mean')\n", "<pad>")["f"]
    with pytest.raises(DerivativeError, match="the derivative of np.pad is not known with mode='mean'"):
        vjp(f)(np.ones(3), seed=np.ones(5))


@pytest.mark.parametrize("call", ["np.cov(x)", "np.nanvar(x)", "np.var(x, where=[True, False, True])"])
def test_spread_of_complex_numbers_is_refused(call: str) -> None:
    f = load(f"import numpy as np\n\ndef f(x):\n    return np.real({call})\n", "<complex>")["f"]
    x = np.array([1.0 + 2.0j, 3.0, 4.0])
    with pytest.raises(UnsupportedError, match="whether this value is real or complex is not known"):
        vjp(f)(x, seed=1.0)
    with pytest.raises(DerivativeError, match="mean, variance or covariance of complex numbers is not known"):
        chosen_count(x)


def test_a_list_that_grows_is_no_literal() -> None:
    f = load("import numpy as np\n\ndef f(x):\n    return np.sum(np.unstack(x)[1])\n", "<unstack>")["f"]
    assert grad(f)(np.ones((2, 3))).tolist() == [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]


def test_medians_of_rows_with_nan_are_nan() -> None:
    f = load("import numpy as np\n\ndef f(x):\n    return np.median(x, axis=1)\n", "<median>")["f"]
    value, adjoint = vjp(f)(np.array([[1.0, np.nan, 3.0], [1.0, 5.0, 3.0]]), seed=np.ones(2))
    np.testing.assert_array_equal(value, [np.nan, 3.0])
    assert adjoint[1].tolist() == [0.0, 0.0, 1.0]
