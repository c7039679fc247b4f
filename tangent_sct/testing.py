"""Checks of derivatives, for our own tests and for everyone's rules and functions."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tangent_sct.api import jvp, vjp
from tangent_sct.derivative import inner_seed
from tangent_sct.emit.load import load
from tangent_sct.emit.text import Text
from tangent_sct.frontend.ruled import signature_of
from tangent_sct.localise import wrong_statement
from tangent_sct.runtime.checks import copied
from tangent_sct.runtime.objects import fields_of, with_fields

Array = Any


def check_rule(
    function: Callable[..., Any],
    *args: Any,
    wrt: Sequence[int] | None = None,
    order: int = 2,
    rtol: float = 1e-5,
    seed: int = 0,
    **kwargs: Any,
) -> None:
    """Check the rule of a function at some arguments, in both modes.

    Compares forward mode with central differences, reverse with forward mode by the dot-product test
    `<w, J v> = <J^T w, v>`, for every subset of the differentiable arguments; checks that no argument
    is modified and that shapes and dtypes are those of the arguments; and does the same for the
    derivative of the vector-Jacobian product (second order). Complex arguments are moved in complex directions, and
    `<w, v>` then is the real part of `sum(w * v)`, without conjugation.

    Args:
        function: the function that has a rule (or any function that can be differentiated).
        args: its positional arguments; floats and arrays of floats are differentiated.
        wrt: positions to differentiate; by default all that hold floats.
        order: 1 for first derivatives alone.
        rtol: relative tolerance against differences, in double precision.
        seed: seeds the random tangents.
        kwargs: its keyword arguments, kept constant.

    Raises:
        AssertionError: when a derivative is wrong.

    >>> import numpy as np
    >>> check_rule(np.multiply, np.array([1.0, 2.0]), 3.0)
    """
    caller = wrapped(function, args, kwargs)
    candidates = [i for i, a in enumerate(args) if _holds_floats(a)] if wrt is None else list(wrt)
    assert candidates, "no argument holds floats to differentiate"
    for size in range(1, len(candidates) + 1):
        for chosen in itertools.combinations(candidates, size):
            check_products(caller, args, chosen, rtol=rtol, seed=seed)
    if order > 1:
        check_second(caller, args, tuple(candidates), rtol, seed)


def check_derivative(
    f: Callable[..., Any],
    *args: Any,
    wrt: int | str | Sequence[int | str] | None = None,
    rtol: float = 1e-5,
    **kwargs: Any,
) -> None:
    """Check the derivatives of a function at some arguments against differences, in both modes.

    Where they differ, the function is run statement by statement, through loops, branches and the functions
    it calls, and the error names the first statement whose own derivative is wrong there: mostly a rule that is
    wrong, or a point with a kink.

    Args:
        f: the function.
        args: where to check it.
        wrt: positions or names of arguments to differentiate; by default all that hold floats.
        rtol: relative tolerance.
        kwargs: keyword arguments.

    Raises:
        AssertionError: when a derivative is wrong; names file, line and text of the statement.
        TypeError, ValueError: when `wrt` names what is no argument here.

    >>> check_derivative(lambda x: x ** 3, 2.0)
    >>> check_derivative(lambda *factors, power: (factors[0] * factors[1]) ** power, 2.0, 3.0, power=2.0)
    """
    values = (*args, *kwargs.values())
    if wrt is None:
        chosen = tuple(i for i, a in enumerate(values) if _holds_floats(a))
    else:
        chosen = _positions(f, args, kwargs, (wrt,) if isinstance(wrt, (int, str)) else wrt)
    kinds = {parameter.kind for parameter in signature_of(f).parameters.values()}
    if kwargs or inspect.Parameter.VAR_POSITIONAL in kinds:
        # What is differentiated is told by position: each argument gets one of its own.
        caller = wrapped(f, args, {}, tuple(kwargs))
    else:
        caller = f
    try:
        check_products(caller, values, chosen, rtol=rtol)
    except AssertionError as error:
        where = wrong_statement(f, args, kwargs, _check_statement, _holds_floats)
        raise AssertionError(f"{str(error).strip()}\n\n{where}") from None


def _positions(
    f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], wrt: Sequence[int | str]
) -> tuple[int, ...]:
    """The positions of arguments that are named, or told by position; keyword arguments follow the others.

    Raises:
        TypeError, ValueError: when one is no argument.
    """
    parameters = signature_of(f).parameters.values()
    single = itertools.takewhile(lambda p: p.kind <= inspect.Parameter.POSITIONAL_OR_KEYWORD, parameters)
    places = {p.name: i for i, p in enumerate(itertools.islice(single, len(args)))}
    places.update((name, len(args) + i) for i, name in enumerate(kwargs))
    count = len(args) + len(kwargs)
    chosen = []
    for item in wrt:
        if isinstance(item, bool) or not isinstance(item, (int, str)):
            raise TypeError(f"argument `wrt` must hold positions or names, not {type(item).__name__}")
        place = places.get(item) if isinstance(item, str) else item
        if place is None or not -count <= place < count:
            raise ValueError(f"argument `wrt`: no argument {item!r} is given, only {count}: {list(places)}")
        chosen.append(place % count)
    return tuple(chosen)


def _check_statement(f: Callable[..., Any], args: Sequence[Any], wrt: tuple[int, ...]) -> None:
    """Check a statement twice: what is wrong along a short direction too is no matter of differences."""
    try:
        check_products(f, args, wrt)
    except AssertionError:
        check_products(f, args, wrt, length=1e-2)


def check_products(
    f: Callable[..., Any],
    args: Sequence[Any],
    wrt: tuple[int, ...],
    rtol: float = 1e-5,
    seed: int = 0,
    length: float | None = None,
) -> None:
    """Both products at one point: forward against differences, reverse against forward.

    Args:
        f: the function.
        args: the point.
        wrt: positions to differentiate.
        rtol: relative tolerance.
        seed: seeds the random directions.
        length: how long the direction is, relative to the arguments; by default it has entries of about one.

    Raises:
        AssertionError: when one is wrong, or an argument was modified.
    """
    rng = np.random.default_rng(seed)
    tangents = tuple(_random_like(args[i], rng) for i in wrt)
    if length is not None:
        tangents = tuple(
            _combine(lambda t, a: t * length * (np.max(np.abs(a), initial=0.0) or 1.0), tangent, args[i])
            for i, tangent in zip(wrt, tangents, strict=True)
        )
    before = copied(tuple(args))
    value, tangent = jvp(f, wrt)(*args, seed=tangents)
    # What is no float has no derivative, whatever stands for its tangent.
    tangent = _combine(lambda _, part: part, value, tangent)
    _assert_same_tree(tuple(args), before, "forward mode modified an argument")
    plain = f(*copied(tuple(args)))
    _assert_close(value, plain, 1e-12, "value of forward mode")
    expected = _difference(f, args, wrt, tangents)
    _assert_close(tangent, expected, _tolerance(args, rtol), "forward mode against differences")
    weights = _random_like(plain, rng)
    value, adjoints = vjp(f, wrt)(*args, seed=weights)
    _assert_same_tree(tuple(args), before, "reverse mode modified an argument")
    _assert_close(value, plain, 1e-12, "value of reverse mode")
    for position, adjoint in zip(wrt, adjoints, strict=True):
        _assert_like(adjoint, args[position])
    left, right = _dot(weights, tangent), _dot(adjoints, tangents)
    scale = 1.0 + abs(left) + _size(weights, tangent)
    tolerance = 1e-9 if _tolerance(args, rtol) == rtol else 1e-3
    assert abs(left - right) <= tolerance * scale, (
        f"reverse mode disagrees with forward mode: <w, Jv> = {left}, <J^T w, v> = {right}"
    )


def check_second(
    f: Callable[..., Any], args: Sequence[Any], wrt: tuple[int, ...], rtol: float = 1e-5, seed: int = 0
) -> None:
    """The second derivative at one point: the tangent of the pullback, against differences.

    Raises:
        AssertionError: when it is wrong.
    """
    rng = np.random.default_rng(seed + 1)
    weights = _random_like(f(*copied(tuple(args))), rng)
    pullback = vjp(f, wrt)
    tangents = tuple(_random_like(args[i], rng) for i in wrt)
    seeds = {inner_seed(signature_of(pullback)): weights, "seed": tangents}
    _, (_, tangent) = jvp(pullback, wrt)(*args, **seeds)
    step = _step(args)
    plus = pullback(*_moved(args, wrt, tangents, step), seed=weights)[1]
    minus = pullback(*_moved(args, wrt, tangents, -step), seed=weights)[1]
    expected = _combine(lambda a, b: (a - b) / (2 * step), plus, minus)
    _assert_close(
        tangent, expected, 10 * _tolerance(args, rtol), "second order, forward over reverse"
    )


def wrapped(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    keywords: Sequence[str] = (),
) -> Callable[..., Any]:
    """A Python function with source that calls another.

    Args:
        function: the other function.
        args: as many positional arguments it takes.
        kwargs: keyword arguments that are fixed.
        keywords: keyword arguments that it takes after the positional ones.
    """
    names = [f"a{i}" for i in range(len(args))]
    by_name = [f"{key}={key}" for key in (*kwargs, *keywords)]
    heads, given = ", ".join([*names, *keywords]), ", ".join(names + by_name)
    text = f"def call({heads}):\n    return function({given})\n"
    return load(Text(text, {}), "call", {"function": function, **kwargs})


# -- trees of numbers -----------------------------------------------------------------------------


def _holds_floats(x: Any) -> bool:
    return any(True for _ in _leaves(x))


def _leaves(x: Any) -> Iterator[Any]:
    x = _opened(x)
    if isinstance(x, (tuple, list)):
        for item in x:
            yield from _leaves(item)
    elif isinstance(x, dict):
        for item in x.values():
            yield from _leaves(item)
    elif isinstance(x, (float, complex, np.inexact)) or (isinstance(x, np.ndarray) and x.dtype.kind in "fc"):
        yield x


def _opened(x: Any) -> Any:
    """The attributes of an object; anything else as it is."""
    fields = fields_of(x)
    return x if fields is None else fields


def _combine(f: Callable[..., Any], x: Any, *others: Any) -> Any:
    """Apply a function to the numbers of trees of the same structure; other leaves become None."""
    fields = fields_of(x)
    if fields is not None:
        return with_fields(x, _combine(f, fields, *map(_opened, others)))
    if isinstance(x, (tuple, list)):
        return _rebuilt(x, [_combine(f, *items) for items in zip(x, *others, strict=True)])
    if isinstance(x, dict):
        return {key: _combine(f, x[key], *(o[key] for o in others)) for key in x}
    if _holds_floats(x):
        return f(x, *others)
    return None


def _rebuilt(x: Any, items: list[Any]) -> Any:
    """A tuple (named or not) or list of the type of `x`."""
    return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)


def _random_like(x: Any, rng: np.random.Generator) -> Any:
    def draw(leaf: Any) -> Any:
        sample = rng.uniform(0.5, 1.5, np.shape(leaf)) * rng.choice([-1.0, 1.0], np.shape(leaf))
        if np.iscomplexobj(leaf):
            # A direction of its own for the imaginary part.
            sample = sample + 1j * rng.uniform(-1.5, 1.5, np.shape(leaf))
        if isinstance(leaf, np.ndarray):
            # In the layout of the argument: a function may find a view where reshaping another one makes a copy.
            direction = np.empty_like(leaf)
            direction[...] = sample
            return direction
        return complex(sample) if np.iscomplexobj(leaf) else float(sample)

    return _combine(draw, x)


def _dot(x: Any, y: Any) -> float:
    """<x, y>, the real part of the sum of products without conjugation."""
    pairs = zip(_leaves(x), _leaves(y), strict=True)
    return float(sum(np.sum(_double(a) * _double(b)).real for a, b in pairs))


def _size(x: Any, y: Any) -> float:
    pairs = zip(_leaves(x), _leaves(y), strict=True)
    return float(sum(np.sum(np.abs(_double(a) * _double(b))) for a, b in pairs))


def _double(x: Any) -> Any:
    """Numbers as an array of double precision, real or complex."""
    return np.asarray(x, complex if np.iscomplexobj(x) else float)


def _is_single(args: Sequence[Any]) -> bool:
    single = (np.float32, np.complex64)
    return any(getattr(leaf, "dtype", None) in single for leaf in _leaves(tuple(args)))


def _tolerance(args: Sequence[Any], rtol: float) -> float:
    return 2e-2 if _is_single(args) else rtol


def _step(args: Sequence[Any]) -> float:
    return 1e-2 if _is_single(args) else 1e-5


def _moved(
    args: Sequence[Any], wrt: tuple[int, ...], tangents: Sequence[Any], step: float
) -> list[Any]:
    moved = list(copied(tuple(args)))
    for position, tangent in zip(wrt, tangents, strict=True):
        original = moved[position]
        shifted = _combine(lambda a, t: a + step * t, original, tangent)
        moved[position] = _keep_rest(original, shifted)
    return moved


def _keep_rest(original: Any, shifted: Any) -> Any:
    if isinstance(original, (tuple, list)):
        items = [_keep_rest(o, s) for o, s in zip(original, shifted, strict=True)]
        return _rebuilt(original, items)
    if isinstance(original, dict):
        return {key: _keep_rest(o, shifted[key]) for key, o in original.items()}
    fields = fields_of(original)
    if fields is not None:
        return with_fields(original, _keep_rest(fields, _opened(shifted)))
    if not _holds_floats(original):
        return original
    if isinstance(original, np.ndarray):
        # Arithmetic makes numbers of arrays without axes, and a program may write into these.
        return np.asarray(shifted, original.dtype)
    return type(original)(shifted)


def _difference(
    f: Callable[..., Any], args: Sequence[Any], wrt: tuple[int, ...], tangents: Sequence[Any]
) -> Any:
    """Central differences along a direction, extrapolated once (error of fourth order)."""

    def central(step: float) -> Any:
        plus = f(*_moved(args, wrt, tangents, step))
        minus = f(*_moved(args, wrt, tangents, -step))
        return _combine(
            lambda a, b: (_double(a) - _double(b)) / (2 * step), plus, minus
        )

    step = _step(args) * 10
    return _combine(lambda a, b: (4 * a - b) / 3, central(step / 2), central(step))


def _assert_close(found: Any, expected: Any, rtol: float, what: str) -> None:
    left, right = list(_leaves(found)), list(_leaves(expected))
    assert len(left) == len(right), f"{what}: the structure differs"
    for a, b in zip(left, right, strict=True):
        assert np.shape(a) == np.shape(b), f"{what}: shape {np.shape(a)} instead of {np.shape(b)}"
        scale = 1.0 + np.max(np.abs(b), initial=0.0)
        wrong = ~np.isclose(a, b, rtol=rtol, atol=rtol * scale, equal_nan=True)
        if np.any(wrong):
            places = np.argwhere(wrong)
            place = tuple(places[0].tolist())
            at = f" at {list(place)}" if place else ""
            more = f", and {len(places) - 1} more entries differ" if len(places) > 1 else ""
            raise AssertionError(
                f"{what}: {np.asarray(a)[place]:.8g} instead of {np.asarray(b)[place]:.8g}{at}{more}"
            )


def _assert_like(adjoint: Any, argument: Any) -> None:
    for a, x in zip(_leaves(adjoint), _leaves(argument), strict=True):
        assert np.shape(a) == np.shape(x), f"shape {np.shape(a)} for an argument of {np.shape(x)}"
        assert getattr(a, "dtype", None) == getattr(x, "dtype", None), (
            "the dtype is not the argument's"
        )


def _assert_same_tree(left: Any, right: Any, what: str) -> None:
    for a, b in zip(_leaves(left), _leaves(right), strict=True):
        assert np.array_equal(a, b, equal_nan=True), what
