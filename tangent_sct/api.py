"""The public functions: each takes a function and gives back its derivative."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, get_args, overload
from weakref import WeakKeyDictionary

import numpy as np

from tangent_sct.core.identity import asks_nothing
from tangent_sct.core.unit import Backend, Mode, Request
from tangent_sct.derivative import Derivative, own_signature
from tangent_sct.emit.compiled import is_dispatcher
from tangent_sct.runtime.checkpoint import check_checkpoint

Wrt = int | str | tuple[int | str, ...]
Checkpoint = int | str | None
BACKENDS: tuple[Backend, ...] = get_args(Backend)
Function = Callable[..., Any]

_cache: WeakKeyDictionary[Any, dict[Any, tuple[Any, Derivative]]] = WeakKeyDictionary()


def _derivative(
    function: Function,
    mode: Mode,
    wrt: Wrt,
    has_aux: bool = False,
    check_nan: bool = False,
    holomorphic: bool = False,
    outputs: Wrt | None = None,
    backend: Backend | None = None,
    checkpoint: Checkpoint = None,
) -> Derivative:
    """The derivative of a function, the same object for the same request."""
    if not callable(function):
        raise TypeError(f"argument `f` must be a function, not {type(function).__name__}")
    runs_on = _backend(function, backend)
    for places, option in ((wrt, "wrt"), (0 if outputs is None else outputs, "outputs")):
        if not (all(map(_is_place, places)) if isinstance(places, tuple) else _is_place(places)):
            _names(function, places, mode, option)
    if checkpoint is not None:
        check_checkpoint(checkpoint, "checkpoint")
    key = (mode, wrt, has_aux, bool(check_nan), holomorphic, outputs, runs_on, checkpoint)
    code = getattr(function, "__code__", None)
    known = _known(function)
    if key in known and known[key][0] is code:
        return known[key][1]
    names, single = _names(function, wrt, mode)
    final: str | tuple[str, ...] | None = None
    if outputs is not None:
        every, is_one = _names(function, outputs, mode, "outputs")
        final = every[0] if is_one else every
    request = Request(
        mode, names, single, has_aux, holomorphic=holomorphic, outputs=final, backend=runs_on, checkpoint=checkpoint
    )
    derivative = Derivative(function, request, bool(check_nan))
    if not inspect.ismethod(function):
        known[key] = (code, derivative)
    return derivative


def _known(function: Function) -> dict[Any, tuple[Any, Derivative]]:
    """The derivatives of a function that were made, by what was asked for.

    None are kept of an object whose class says what it is equal to: two that are equal may compute different things.
    """
    try:
        return _cache.setdefault(function, {}) if asks_nothing(function) else {}
    except TypeError:
        return {}  # nothing refers to it weakly


def _backend(function: Function, backend: Backend | None) -> Backend:
    """What is to run a derivative: what was asked for, else what runs the function."""
    if backend is None:
        if isinstance(function, Derivative):
            return function.request.backend
        return "numba" if is_dispatcher(function) else "numpy"
    if backend not in BACKENDS:
        raise ValueError(f"argument `backend` must be one of {', '.join(map(repr, BACKENDS))}, not {backend!r}")
    return backend


def _names(
    function: Function, wrt: Wrt, mode: Mode, option: str = "wrt"
) -> tuple[tuple[str, ...], bool]:
    """The parameters that `wrt` (or another option) means, and whether it was one."""
    try:
        parameters = list(own_signature(function, mode).parameters)
    except ValueError:
        raise TypeError(
            f"{_title(function)} has no signature to name its arguments by; "
            "write a function of your own that calls it"
        ) from None
    single = not isinstance(wrt, tuple)
    if single and not _is_place(wrt):
        raise TypeError(
            f"argument `{option}` must be a position, a name, or a tuple of them, not "
            f"{type(wrt).__name__}"
        )
    names = []
    for item in wrt if isinstance(wrt, tuple) else (wrt,):
        if isinstance(item, str):
            if item not in parameters:
                raise ValueError(
                    f"argument `{option}`: {_title(function)} has no parameter {item!r}, only "
                    f"{parameters}"
                )
            names.append(item)
        elif isinstance(item, int) and not isinstance(item, bool):
            if not -len(parameters) <= item < len(parameters):
                raise ValueError(
                    f"argument `{option}`: {_title(function)} has {len(parameters)} parameters, "
                    f"there is none at position {item}"
                )
            names.append(parameters[item])
        else:
            raise TypeError(
                f"argument `{option}` must hold positions or names, not {type(item).__name__}"
            )
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"argument `{option}` must name each parameter once, and at least one")
    return tuple(names), single


def _is_place(item: object) -> bool:
    """Whether a part of `wrt` is a position or a name."""
    return isinstance(item, (int, str)) and not isinstance(item, bool)


def _title(function: Function) -> str:
    return getattr(function, "__name__", None) or repr(function)


@overload
def grad(
    f: Function, wrt: Wrt = 0, has_aux: bool = False, check_nan: bool = False, holomorphic: bool = False,
    backend: Backend | None = None,
    checkpoint: Checkpoint = None,
) -> Derivative: ...
@overload
def grad(
    f: None = None, wrt: Wrt = 0, has_aux: bool = False, check_nan: bool = False, holomorphic: bool = False,
    backend: Backend | None = None,
    checkpoint: Checkpoint = None,
) -> Callable[[Function], Derivative]: ...
def grad(
    f: Function | None = None,
    wrt: Wrt = 0,
    has_aux: bool = False,
    check_nan: bool = False,
    holomorphic: bool = False,
    backend: Backend | None = None,
    checkpoint: Checkpoint = None,
) -> Derivative | Callable[[Function], Derivative]:
    """The gradient of a scalar function, by reverse mode.

    With respect to a complex z = x + iy the gradient of a real f is df/dx - i df/dy (docs/conventions.md).

    Args:
        f: the function; left out when used as a decorator with options.
        wrt: position or name of the argument to differentiate, or a tuple of them.
        has_aux: whether `f` returns `(value, extras)`; the derivative then returns
            `(gradient, extras)`.
        check_nan: whether to look at every number while the derivative runs, which is slow, and to stop at
            the first derivative that is infinite or no number, with the line it belongs to.
        holomorphic: whether `f` is a holomorphic function of complex arguments with a complex result; the
            gradient then is its complex derivative.
        backend: "numpy" runs the derivative as Python; "numba" compiles the same text (docs/numba.md), and refuses
            what Numba does not compile; "auto" runs such a text as Python instead. By default what runs `f`: Numba
            where it is a function that Numba compiled, else Python.
        checkpoint: how many states each loop keeps at a time, 50, or how much memory they may take, "50 MB"; the
            others are computed again (docs/checkpointing.md). It is for the outermost loops; a loop that is marked
            by `checkpointed` goes by its mark. None records what the reverse sweep needs.

    Returns:
        A function of the arguments of `f`. It returns the gradient in the structure, shape and dtype
        of the argument; a tuple of gradients when `wrt` is a tuple.

    Raises:
        TypeError, ValueError: for bad arguments.
        UnsupportedError: when called, if `f` cannot be differentiated.
        DerivativeError: when called with `check_nan`, at the first derivative that is not finite.

    >>> import numpy as np
    >>> @grad
    ... def energy(x):
    ...     return np.sum(x * x)
    >>> energy(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> grad(lambda x, y: x * y ** 2, wrt=("x", "y"))(2.0, 3.0)
    (9.0, 12.0)
    >>> grad(lambda z: z * z, holomorphic=True)(1 + 2j)
    (2+4j)
    """
    if f is None:
        return functools.partial(
            grad, wrt=wrt, has_aux=has_aux, check_nan=check_nan, holomorphic=holomorphic, backend=backend,
            checkpoint=checkpoint,
        )  # fmt: skip
    return _derivative(f, "grad", wrt, has_aux, check_nan, holomorphic, backend=backend, checkpoint=checkpoint)


def value_and_grad(
    f: Function | None = None,
    wrt: Wrt = 0,
    has_aux: bool = False,
    check_nan: bool = False,
    holomorphic: bool = False,
    backend: Backend | None = None,
    checkpoint: Checkpoint = None,
) -> Any:
    """Value and gradient of a scalar function in one sweep.

    Args:
        f: the function; left out when used as a decorator with options.
        wrt: as for `grad`.
        has_aux: whether `f` returns `(value, extras)`; the pair is then returned as the value.
        check_nan: as for `grad`.
        holomorphic: as for `grad`.
        backend: as for `grad`.
        checkpoint: as for `grad`.

    Returns:
        A function of the arguments of `f` that returns `(value, gradient)`.

    >>> value_and_grad(lambda x: x ** 3)(2.0)
    (8.0, 12.0)
    """
    if f is None:
        return functools.partial(
            value_and_grad, wrt=wrt, has_aux=has_aux, check_nan=check_nan, holomorphic=holomorphic, backend=backend,
            checkpoint=checkpoint,
        )  # fmt: skip
    return _derivative(
        f, "value_and_grad", wrt, has_aux, check_nan, holomorphic, backend=backend, checkpoint=checkpoint
    )


def vjp(
    f: Function | None = None, wrt: Wrt = 0, check_nan: bool = False, outputs: Wrt | None = None,
    backend: Backend | None = None,
    checkpoint: Checkpoint = None,
) -> Any:
    """Vector-Jacobian products, by reverse mode.

    Args:
        f: the function; left out when used as a decorator with options.
        wrt: as for `grad`.
        check_nan: as for `grad`.
        outputs: position or name of an argument that `f` writes into, or a tuple of them: its final state is
            the value, in place of what `f` returns. With respect to the same argument means with respect to
            its state before the call.
        backend: as for `grad`.
        checkpoint: as for `grad`.

    Returns:
        A function of the arguments of `f` and of a keyword `seed`, shaped like the value of `f` (or of
        its structure), that returns `(value, adjoints)`. Like every derivative it writes into copies of the
        arguments.

    >>> import numpy as np
    >>> vjp(lambda x: x * x)(np.array([1.0, 2.0]), seed=np.array([1.0, 10.0]))
    (array([1., 4.]), array([ 2., 40.]))
    >>> def kernel(A, b):
    ...     A[1:] *= b
    >>> vjp(kernel, wrt=("A", "b"), outputs="A")(np.array([1.0, 2.0]), 3.0, seed=np.array([1.0, 10.0]))
    (array([1., 6.]), (array([ 1., 30.]), 20.0))
    """
    if f is None:
        return functools.partial(
            vjp, wrt=wrt, check_nan=check_nan, outputs=outputs, backend=backend, checkpoint=checkpoint
        )
    return _derivative(f, "vjp", wrt, check_nan=check_nan, outputs=outputs, backend=backend, checkpoint=checkpoint)


def jvp(
    f: Function | None = None, wrt: Wrt = 0, check_nan: bool = False, outputs: Wrt | None = None,
    backend: Backend | None = None,
) -> Any:
    """Jacobian-vector products, by forward mode.

    Args:
        f: the function; left out when used as a decorator with options.
        wrt: as for `grad`.
        check_nan: as for `grad`.
        outputs: as for `vjp`.
        backend: as for `grad`.

    Returns:
        A function of the arguments of `f` and of a keyword `seed`, shaped like the differentiated
        argument (a tuple of them when `wrt` is a tuple), that returns `(value, tangent)`.

    >>> jvp(lambda x: x ** 3)(2.0, seed=1.0)
    (8.0, 12.0)
    """
    if f is None:
        return functools.partial(jvp, wrt=wrt, check_nan=check_nan, outputs=outputs, backend=backend)
    return _derivative(f, "jvp", wrt, check_nan=check_nan, outputs=outputs, backend=backend)


class Jacobian:
    """The Jacobian of a function as a function: see `jacobian`."""

    def __init__(
        self, function: Function, wrt: int | str, check_nan: bool = False, backend: Backend | None = None
    ) -> None:
        functools.update_wrapper(self, function, updated=())
        self.__wrapped__ = function
        self.wrt = wrt
        self.check_nan = check_nan
        self.backend = backend
        self._jvp = _derivative(function, "jvp", wrt, check_nan=check_nan, backend=backend)
        self._vjp = _derivative(function, "vjp", wrt, check_nan=check_nan, backend=backend)

    def __repr__(self) -> str:
        return f"<jacobian of {_title(self.__wrapped__)}>"

    def __reduce__(self) -> Any:
        return type(self), (self.__wrapped__, self.wrt, self.check_nan, self.backend)

    @property
    def source(self) -> str:
        """The text of the products it is made of."""
        return self._vjp.source

    def source_for(self, *args: Any, **kwargs: Any) -> str:
        """The text of the products for arguments of these kinds."""
        return self._vjp.source_for(*args, **kwargs)

    def steps(self, *args: Any, **kwargs: Any) -> Any:
        """The passes behind the products; see `Derivative.steps`."""
        return self._vjp.steps(*args, **kwargs)

    def save(self, path: Any, *args: Any, **kwargs: Any) -> None:
        """Write the vector-Jacobian product it is made of as a module."""
        self._vjp.save(path, *args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The Jacobian at some arguments."""
        (name,) = self._jvp.request.wrt
        argument = self._jvp._values(args, kwargs)[name]
        if not isinstance(argument, (float, np.floating, np.ndarray)) or np.iscomplexobj(argument):
            what = "an array of complex numbers" if isinstance(argument, np.ndarray) else type(argument).__name__
            raise TypeError(
                f"argument `{name}` of a jacobian must be a float or an array of floats, not {what}"
            )
        units = _units(argument)
        if not units:
            value, _ = self._jvp(*args, seed=argument, **kwargs)
            return np.zeros(np.shape(value) + np.shape(argument))
        value, first = self._jvp(*args, seed=units[0], **kwargs)
        if np.ndim(value) == 0 and np.ndim(argument) == 0:
            return first
        if np.size(value) < len(units) and not np.iscomplexobj(value):
            # A row is the adjoint for a unit seed: of a complex value that is the real part alone.
            rows = [self._vjp(*args, seed=unit, **kwargs)[1] for unit in _units(value)]
            shape = np.shape(value) + np.shape(argument)
            return np.reshape(np.array(rows, dtype=np.result_type(value, argument)), shape)
        columns = [first, *(self._jvp(*args, seed=unit, **kwargs)[1] for unit in units[1:])]
        stacked = np.stack([np.asarray(c) for c in columns], axis=-1)
        return np.reshape(stacked, np.shape(value) + np.shape(argument))


def _units(value: Any) -> list[Any]:
    """The unit vectors of the shape of a value."""
    if np.ndim(value) == 0:
        return [1.0]
    units = []
    for position in range(np.size(value)):
        unit = np.zeros(np.shape(value), dtype=np.asarray(value).dtype)
        unit.flat[position] = 1.0
        units.append(unit)
    return units


def jacobian(
    f: Function | None = None, wrt: int | str = 0, check_nan: bool = False, backend: Backend | None = None
) -> Any:
    """The Jacobian of a function, column by column or row by row, whichever is less.

    Args:
        f: the function, of a float or an array to a float or an array.
        wrt: position or name of the argument to differentiate.
        check_nan: as for `grad`.
        backend: as for `grad`.

    Returns:
        A function of the arguments of `f` that returns an array of shape
        `value.shape + argument.shape`.

    >>> import numpy as np
    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if f is None:
        return functools.partial(jacobian, wrt=wrt, check_nan=check_nan, backend=backend)
    _refuse_several(wrt)
    _names(f, wrt, "vjp")
    return Jacobian(f, wrt, check_nan, backend)


def hessian(
    f: Function | None = None, wrt: int | str = 0, check_nan: bool = False, backend: Backend | None = None,
    checkpoint: Checkpoint = None,
) -> Any:
    """The Hessian of a scalar function: the Jacobian of its gradient.

    Args:
        f: the function, of a float or an array to a scalar.
        wrt: position or name of the argument to differentiate.
        check_nan: as for `grad`.
        backend: as for `grad`.
        checkpoint: as for `grad`, for the gradient.

    Returns:
        A function of the arguments of `f` that returns an array of shape
        `argument.shape + argument.shape`.

    >>> import numpy as np
    >>> hessian(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    if f is None:
        return functools.partial(hessian, wrt=wrt, check_nan=check_nan, backend=backend, checkpoint=checkpoint)
    _refuse_several(wrt)
    return Jacobian(grad(f, wrt, backend=backend, checkpoint=checkpoint), wrt, check_nan)


def _refuse_several(wrt: object) -> None:
    if isinstance(wrt, (tuple, list)):
        raise TypeError(
            "argument `wrt` of a jacobian or hessian must be one position or name; "
            "call it once for each argument"
        )
