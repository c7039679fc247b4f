"""The callable that is handed back: a derivative that specialises itself to the kinds of its arguments."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from tangent_sct.analysis.arguments import foreign_in, kinds_of_arguments
from tangent_sct.analysis.notes import Noted, reaches
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.unit import SEED, Backend, Mode, Request, Unit
from tangent_sct.emit import diff
from tangent_sct.emit.attempts import with_tries
from tangent_sct.emit.attributes import with_attributes
from tangent_sct.emit.beside import beside
from tangent_sct.emit.compiled import Compiled, compiler
from tangent_sct.emit.guard import guarded
from tangent_sct.emit.load import explain, load
from tangent_sct.emit.save import save
from tangent_sct.emit.text import emit
from tangent_sct.emit.watch import checked
from tangent_sct.frontend.ruled import signature_of
from tangent_sct.pipeline import Result, differentiate, is_wrapper, register
from tangent_sct.results import like_argument, refuse_complex_tangent
from tangent_sct.runtime import copied
from tangent_sct.runtime.checks import arrays_in, holds_twice, overlaps_itself
from tangent_sct.seeds import check_tangent, floating, tangent_like

Kinds = tuple[tuple[str, Kind], ...]
_TITLES = {
    "grad": "Gradient",
    "value_and_grad": "Value and gradient",
    "vjp": "Vector-Jacobian product",
    "jvp": "Jacobian-vector product",
}
SEEDED: tuple[Mode, ...] = ("vjp", "jvp")


@dataclass(frozen=True, slots=True)
class Specialised:
    """A derivative for one pattern of kinds, compiled.

    Attributes:
        result: its text.
        function: the generated function.
        containers: the arguments, the seed among them, that are containers.
        compiled: the same, compiled; None where Python runs it.
    """

    result: Result
    function: Callable[..., Any]
    containers: tuple[str, ...] = ()
    compiled: Compiled | None = None

    def is_current(self) -> bool:
        """Whether everything that it was made for still means the same."""
        return self.result.is_current() and (self.compiled is None or self.compiled.is_current())

    def is_of(self, result: Result) -> bool:
        """Whether it is what a text would become that was written anew."""
        mine, other = self.result.unit.namespace, result.unit.namespace
        return result.text == self.result.text and mine.keys() == other.keys() and all(
            value is other[name] for name, value in mine.items()
        )


class Derivative:
    """The derivative of a function, as a function.

    Made by `grad`, `value_and_grad`, `vjp` and `jvp`. It is transformed when it is first called with
    arguments of some kind (scalar or array, dtype, rank, which sizes are equal), and from then on is an
    ordinary generated function.

    Attributes:
        __wrapped__: the function it is a derivative of.
        request: what is asked for, by the names of the function's own parameters; without kinds.
        check_nan: whether every number is looked at while it runs.
        source: the general text, for arguments of any kind that annotations leave open; where there is none, that of
            the last call.
        refusals: with `backend="auto"`, why Numba did not compile the texts that run as Python, by kinds.

    >>> import tangent_sct
    >>> def f(x: float):
    ...     return x * x
    >>> df = tangent_sct.grad(f)
    >>> df(3.0)
    6.0
    >>> print(df.source)
    def f_grad(x, f_bar=1.0):
        # return x * x
        x_bar = 2 * f_bar * x
        return x_bar
    """

    __wrapped__: Callable[..., Any]
    __name__: str
    __qualname__: str

    def __init__(
        self,
        function: Callable[..., Any],
        request: Request,
        check_nan: bool = False,
    ) -> None:
        functools.update_wrapper(self, function, updated=())
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__wrapped__ = function
        self.request = request
        self.check_nan = check_nan
        self._own = own_signature(function, request.mode)
        self._names = tuple(self._own.parameters)
        self._plain = all(
            p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
            for p in self._own.parameters.values()
        )
        self.__signature__ = _signature(self._own, request.mode)
        self._known: dict[Kinds, Specialised] = {}
        self._last: tuple[Kinds, Specialised] | None = None
        self._texts: dict[Kinds, Result] = {}
        self.refusals: dict[Kinds, UnsupportedError] = {}
        self._replaying: dict[Kinds, tuple[Result, Callable[..., Any]]] = {}

    def __repr__(self) -> str:
        return f"<{self.request.mode} of {getattr(self.__wrapped__, '__name__', self.__wrapped__)!s}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __reduce__(self) -> Any:
        module = sys.modules.get(self.__module__)
        found: Any = module
        for part in self.__qualname__.split("."):
            found = getattr(found, part, None)
        if found is self:
            return self.__qualname__
        return type(self), (self.__wrapped__, self.request, self.check_nan)

    # -- calling ------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at some arguments; see `grad`, `vjp`, `jvp`."""
        if self.request.mode in SEEDED:
            values = self._values_and_seed(args, kwargs)
        else:
            values = self._values(args, kwargs)
        specialised = self._specialised(values)
        if specialised.result.written:
            self._refuse_overlap(values, specialised.result.written)
        if specialised.result.noted:
            self._refuse_noted(values, specialised.result.noted)
        try:
            if self.check_nan:
                finite = (*self.request.wrt, "seed") if self.request.mode in SEEDED else self.request.wrt
                answer = checked(specialised.function, specialised.result.text, values, finite)
            else:
                answer = self._run(specialised, values)
        except Exception as error:
            explain(error, specialised.result.text)
            raise
        return self._finished(answer, values, specialised.containers)

    def _run(self, specialised: Specialised, values: Mapping[str, Any]) -> Any:
        """What the generated function returns, compiled where that is asked for."""
        if specialised.compiled is None:
            return specialised.function(*values.values())
        try:
            return specialised.compiled(*values.values())
        except UnsupportedError as error:
            # Nothing has been run yet.
            if self.request.backend != "auto":
                raise
            return self._in_python(kinds_of_arguments(values), error).function(*values.values())

    def _in_python(self, kinds: Kinds, error: UnsupportedError) -> Specialised:
        """The derivative that Python runs from now on, since Numba refused it."""
        self.refusals[kinds] = error
        self._texts.pop(kinds, None)
        return self.specialise(kinds)

    def _values_and_seed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Arguments by parameter, and the seed behind them."""
        if "seed" not in kwargs:
            raise TypeError(f"{self!r} needs the keyword argument `seed`")
        seed = kwargs.pop("seed")
        values = self._values(args, kwargs)
        values["seed"] = self._fitted(seed, values)
        return values

    def _fitted(self, seed: Any, values: Mapping[str, Any]) -> Any:
        """A seed of floats, tangents in the types of their arguments."""
        if self.request.mode == "vjp":
            return floating(seed)
        if self.request.single:
            return tangent_like(seed, values[self.request.wrt[0]])
        return tangent_like(seed, tuple([values[name] for name in self.request.wrt]))

    def _values(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Arguments by parameter, defaults filled in."""
        if not kwargs and self._plain and len(args) == len(self._names):
            return dict(zip(self._names, args, strict=False))
        bound = self._own.bind(*args, **kwargs)
        if len(bound.arguments) < len(self._names):
            # The defaults are those that the function has now.
            current = own_signature(self.__wrapped__, self.request.mode)
            if tuple(current.parameters) == self._names:
                bound = current.bind(*args, **kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)

    def _specialised(self, values: Mapping[str, Any]) -> Specialised:
        """The compiled derivative for concrete arguments."""
        kinds = kinds_of_arguments(values)
        # Mostly the very kinds of the call before: they need not be hashed.
        last = self._last
        known = last[1] if last is not None and last[0] is kinds else self._known.get(kinds)
        if known is None or not known.is_current():
            self._refuse_arguments(values, dict(kinds))
            if self.request.mode == "jvp":
                self._refuse_tangents(values)
            known = self.specialise(kinds)
        self._last = kinds, known
        return known

    def specialise(self, kinds: Kinds) -> Specialised:
        """The compiled derivative for arguments of given kinds."""
        try:
            if self._backend(kinds) == "numba":
                # With it parts of SciPy are loaded, and rules for them: a text that was written before would not be
                # current afterwards.
                compiler()
            result = self._result(kinds)
            containers = tuple(name for name, kind in kinds if kind.is_container)
            specialised = Specialised(result, self._loaded(result), containers, self._compiled(kinds, result))
        except UnsupportedError as error:
            if self.request.backend != "auto" or kinds in self.refusals:
                raise
            return self._in_python(kinds, error)
        self._known[kinds] = specialised
        return specialised

    def _compiled(self, kinds: Kinds, result: Result) -> Compiled | None:
        """What Numba makes of a text; None where Python runs it."""
        if self._backend(kinds) == "numpy":
            return None
        known = self._known.get(kinds)
        if known is not None and known.compiled is not None and known.is_of(result) and known.compiled.is_current():
            return known.compiled
        return Compiled(result.text, result.unit.tree.name, result.unit.namespace, self.__wrapped__)

    def _backend(self, kinds: Kinds) -> Backend:
        """What runs the derivative for arguments of given kinds; one that is watched is run by Python."""
        if self.check_nan or kinds in self.refusals or self.request.backend == "numpy":
            return "numpy"
        return "numba"

    def _loaded(self, result: Result) -> Callable[..., Any]:
        function = load(result.text, result.unit.tree.name, result.unit.namespace, self.__name__)
        register(function, result)
        return function

    def _result(self, kinds: Kinds, watch: Any = None, replays: bool = False) -> Result:
        known = None if replays else self._texts.get(kinds)
        if known is not None and watch is None and known.is_current():
            return known
        function, replaying = self.__wrapped__, None
        if isinstance(function, Derivative):
            inner = tuple(kind for _, kind in kinds)[: len(self._names)]
            replaying = functools.partial(function.generated, inner, True)
            function = replaying() if replays else function.generated(inner)
        elif isinstance(function, functools.partial) and isinstance(function.func, Derivative):
            raise UnsupportedError(
                "some arguments of a derivative are given by `functools.partial`, and that is differentiated",
                None,
                "write a function that calls the derivative: `def product(x): return derivative(x, seed=v)`",
            )
        names = self._names if is_wrapper(function) else _parameters_of(function, len(self._names))
        own = dict(zip(self._names, names, strict=True))
        request = self.request.renamed(own)
        own_kinds = tuple((own.get(name, SEED), kind) for name, kind in kinds)
        request = replace(request, kinds=own_kinds, backend=self._backend(kinds))
        result = differentiate(function, request, tuple(names), watch, replays=replays, replaying=replaying)
        if watch is None and not replays:
            self._texts[kinds] = result
        return result

    def generated(self, kinds: tuple[Kind, ...], replays: bool = False) -> Callable[..., Any]:
        """The generated function for arguments of given kinds, in the order of the signature.

        Without kinds, the function of the general text. Where it `replays`, recursive calls are run again in its
        reverse sweep, and nothing is kept of them.
        """
        own = tuple(zip(self._inner_names(), kinds, strict=False))
        if not replays:
            return self.specialise(own).function
        known = self._replaying.get(own)
        if known is None or not known[0].is_current():
            result = self._result(own, replays=True)
            known = self._replaying[own] = result, self._loaded(result)
        return known[1]

    def _inner_names(self) -> tuple[str, ...]:
        return (*self._names, "seed") if self.request.mode in SEEDED else self._names

    # -- checks of arguments ------------------------------------------------------------------

    def _refuse_arguments(self, values: Mapping[str, Any], kinds: Mapping[str, Kind]) -> None:
        request = self.request
        for name, value in values.items():
            foreign = foreign_in(value)
            if isinstance(foreign, (tuple, list, dict)):
                known = next(known.__name__ for known in (tuple, list, dict) if isinstance(foreign, known))
                raise TypeError(
                    f"argument `{name}` holds a {type(foreign).__name__}, whose class computes with its items in its "
                    f"own way; pass a {known} (`{known}(...)`)"
                )
            if foreign is not None and (foreign is not value or name not in request.wrt):
                raise TypeError(
                    f"argument `{name}` holds a {type(foreign).__name__}, whose arithmetic is its own; "
                    "pass an array (`np.asarray(...)`, `.toarray()`)"
                )
        for name in request.wrt:
            kind = kinds[name]
            if request.holomorphic and kind.is_complex is not True:
                raise TypeError(
                    f"argument `{name}` must be a complex number or an array of them where holomorphic=True; "
                    f"pass `{name} + 0j`, or leave holomorphic=True out"
                )
            if kind.is_container or kind.is_float is not False:
                continue
            what = type(values[name]).__name__
            if kind.is_array:
                what = f"array of {kind.dtype}"
            raise TypeError(
                f"argument `{name}` is differentiated and must hold real or complex numbers, not {what}; "
                f"pass a float, or an array of floats (`{name}.astype(float)`)"
            )
        for name in (request.outputs,) if isinstance(request.outputs, str) else request.outputs or ():
            if not (kinds[name].is_container or kinds[name].is_array):
                raise TypeError(
                    f"argument `{name}` is an output, and no function can change a {type(values[name]).__name__}; "
                    "pass an array, or leave it out of `outputs`"
                )

    def _refuse_tangents(self, values: Mapping[str, Any]) -> None:
        seed, single, wrt = values["seed"], self.request.single, self.request.wrt
        seeds = (seed,) if single else seed
        if not single and (not isinstance(seed, (tuple, list)) or len(seed) != len(wrt)):
            raise ValueError(f"argument `seed` must be a tuple of {len(wrt)} tangents")
        for name, tangent in zip(wrt, seeds, strict=True):
            check_tangent(name, tangent, values[name])

    def _refuse_noted(self, values: Mapping[str, Any], noted: Iterable[Noted]) -> None:
        """Refuse a list that the function appends to as a variable from outside, and reaches in another way."""
        for target, watched in noted:
            for name, value in (*values.items(), *(("an object from outside", value) for value in watched)):
                if reaches(value, target):
                    raise ValueError(
                        f"`{name}` holds a list that the function also appends to as a variable from outside, where "
                        "derivatives are lost"
                    )

    def _refuse_overlap(self, values: Mapping[str, Any], written: tuple[int, ...]) -> None:
        """Arguments that a function writes are copied one by one, so they must not overlap."""
        for position in written:
            name = self._names[position]
            if holds_twice(values[name]):
                raise ValueError(
                    f"argument `{name}` holds an array or a container twice, and the function writes into it; "
                    "put a copy in one of the places"
                )
            mine = arrays_in(values[name])
            if any(map(overlaps_itself, mine)):
                raise ValueError(
                    f"argument `{name}` holds an array of which elements share memory, and the function writes into "
                    "it; pass a copy"
                )
            for other in self._names:
                if other == name:
                    continue
                if any(np.shares_memory(a, b) for a in mine for b in arrays_in(values[other])):
                    raise ValueError(
                        f"arguments `{name}` and `{other}` share memory, and the function writes "
                        f"into `{name}`; pass a copy of one of them"
                    )

    # -- results ------------------------------------------------------------------------------

    def _finished(
        self, answer: Any, values: Mapping[str, Any], containers: tuple[str, ...]
    ) -> Any:
        """Adjoints in the types of the arguments, none of them shared with anything of the caller's."""
        mode, has_aux = self.request.mode, self.request.has_aux
        if mode == "grad" and not has_aux:
            return self._adjoints(answer, (), values, containers)
        if mode == "jvp":
            refuse_complex_tangent(*answer)
            return answer
        if mode == "grad":
            adjoints, extras = answer
            return self._adjoints(adjoints, extras, values, containers), extras
        value, adjoints = answer
        return value, self._adjoints(adjoints, value, values, containers)

    def _adjoints(
        self, adjoints: Any, beside: Any, values: Mapping[str, Any], containers: tuple[str, ...]
    ) -> Any:
        single, wrt = self.request.single, self.request.wrt
        own = (adjoints,) if single else tuple(adjoints)
        pairs = list(zip(own, [values[name] for name in wrt], strict=True))
        for adjoint, value in pairs:
            if type(adjoint) is not float or type(value) is not float:
                break
        else:
            # Nobody can hold the same number.
            return adjoints if single else own
        taken = {id(value) for value in values.values()}
        # What is returned beside them may be a view of one.
        taken.update([id(array if array.base is None else array.base) for array in arrays_in(beside)])
        for name in containers:
            taken.update(map(id, arrays_in(values[name])))
        fitted = [
            like_argument(adjoint, value, name, taken) for (adjoint, value), name in zip(pairs, wrt, strict=True)
        ]
        return fitted[0] if single else tuple(fitted)

    # -- texts --------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The general text of the derivative.

        Where the text depends on kinds that annotations do not give, it is the text of the last call.

        Raises:
            UnsupportedError: when there was no call yet; use `source_for`.
        """
        try:
            return self._result(()).text.text
        except UnsupportedError:
            if self._last is None:
                raise
            return self._last[1].result.text.text

    def source_for(self, *args: Any, **kwargs: Any) -> str:
        """The text for arguments of the same kinds as these (a seed may be left out).

        Args:
            args: example arguments, as the derivative itself takes them.
            kwargs: the same by keyword.

        >>> import tangent_sct
        >>> print(tangent_sct.grad(lambda x: x ** 3).source_for(2.0))  # doctest: +SKIP
        """
        return self._result(self._example(args, kwargs)).text.text

    def _example(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Kinds:
        given = dict(kwargs)
        seed = given.pop("seed", None)
        values: dict[str, Any] = self._values(args, given)
        mode, wrt = self.request.mode, self.request.wrt
        if mode in SEEDED:
            if seed is None and mode == "jvp":
                seed = values[wrt[0]] if self.request.single else tuple(values[name] for name in wrt)
            elif seed is None:
                seed = self._primal(values)
            values["seed"] = seed
        kinds = kinds_of_arguments(values)
        self._refuse_arguments(values, dict(kinds))
        return kinds

    def _primal(self, values: Mapping[str, Any]) -> Any:
        """The value of the function itself, at copies of its arguments."""
        args: list[Any] = []
        keywords: dict[str, Any] = {}
        originals = signature_of(self.__wrapped__).parameters
        for (name, parameter), value in zip(originals.items(), values.values(), strict=True):
            if parameter.kind is parameter.VAR_POSITIONAL:
                args.extend(copied(value))
            elif parameter.kind is parameter.VAR_KEYWORD:
                keywords.update(copied(value))
            elif parameter.kind is parameter.KEYWORD_ONLY:
                keywords[name] = copied(value)
            else:
                args.append(copied(value))
        result = self.__wrapped__(*args, **keywords)
        outputs = self.request.outputs
        if outputs is None:
            return result
        final = {name: keywords[name] if name in keywords else args[i] for i, name in enumerate(originals)}
        if isinstance(outputs, str):
            return final[outputs]
        return tuple(final[name] for name in outputs)

    def explain(self, *args: Any, **kwargs: Any) -> str:
        """The function beside its derivative, statement by statement, with the values of one run.

        Args:
            args: arguments, as the derivative itself takes them.
            kwargs: the same by keyword; the seed of a product among them.

        Returns:
            A table: line and text of each statement with what it assigned, and the statements of the derivative that
            belong to it with what they assigned. Of a statement that ran several times the last values are shown.

        >>> import tangent_sct
        >>> def f(x):
        ...     y = x * x
        ...     return 5.0 * y
        >>> print(tangent_sct.grad(f).explain(3.0))
        line  statement             derivative
        ----  --------------------  -------------------------------------
           2  y = x * x    [y = 9]  x_bar = 2 * y_bar * x    [x_bar = 30]
           3  return 5.0 * y        y_bar = 5.0 * f_bar    [y_bar = 5]
        """
        if self.request.mode in SEEDED:
            values = self._values_and_seed(args, dict(kwargs))
        else:
            values = self._values(args, kwargs)
        specialised = self._specialised(values)
        given = {name: copied(value) for name, value in values.items()}
        own = {name: values[name] for name in self._names}
        return beside(lambda: self._primal(own), specialised.function, specialised.result.text, given)

    def steps(self, *args: Any, **kwargs: Any) -> list[diff.Step]:
        """The program after each pass that changed it, as text and as a diff to the one before.

        Args:
            args: example arguments; without any the general text is told.
            kwargs: the same by keyword.
        """
        kinds = self._example(args, kwargs) if args or kwargs else ()
        stages: list[tuple[str, str]] = []

        def watch(name: str, unit: Unit) -> None:
            unit = with_attributes(with_tries(unit))
            text = emit([*unit.companions, unit.tree]).text
            if not stages or stages[-1][1] != text:
                stages.append((name, text))

        self._result(kinds, watch)
        return diff.steps_of(stages)

    def save(self, path: str | PathLike[str], *args: Any, **kwargs: Any) -> None:
        """Write the derivative as a module that runs with NumPy alone.

        Args:
            path: the file to write.
            args: example arguments, for the text of their kinds; without any, the general text.
            kwargs: the same by keyword.

        Raises:
            UnsupportedError: when the text refers to an object that cannot be written down.
        """
        result = self._result(self._example(args, kwargs) if args or kwargs else ())
        title = f"{_TITLES[self.request.mode]} of `{self.__name__}` ({self.__module__})."
        unit = guarded(result.unit, result.written, len(self._names))
        text = result.text if unit is result.unit else emit([*unit.companions, unit.tree])
        save(path, text, unit.namespace, title)


def own_signature(function: Callable[..., Any], mode: Mode) -> inspect.Signature:
    """The parameters of a function as its derivative calls them.

    A product of a product takes two seeds; the one of the inner product is then `inner_seed`.
    """
    own = signature_of(function)
    if mode not in SEEDED or "seed" not in own.parameters:
        return own
    taken = inner_seed(own)
    parameters = [p.replace(name=taken) if p.name == "seed" else p for p in own.parameters.values()]
    return own.replace(parameters=parameters)


def inner_seed(own: inspect.Signature) -> str:
    """The name that the `seed` of a function has as a parameter of a product: one that is free there.

    >>> inner_seed(inspect.signature(lambda x, seed: x)), inner_seed(inspect.signature(lambda inner_seed, seed: seed))
    ('inner_seed', 'inner_inner_seed')
    """
    taken = "inner_seed"
    while taken in own.parameters:
        taken = f"inner_{taken}"
    return taken


def _signature(own: inspect.Signature, mode: Mode) -> inspect.Signature:
    if mode not in SEEDED:
        return own.replace(return_annotation=inspect.Signature.empty)
    seed = inspect.Parameter("seed", inspect.Parameter.KEYWORD_ONLY)
    parameters = [p for p in own.parameters.values() if p.kind is not p.VAR_KEYWORD]
    double = [p for p in own.parameters.values() if p.kind is p.VAR_KEYWORD]
    return own.replace(parameters=[*parameters, seed, *double], return_annotation=own.empty)


def _parameters_of(function: Any, count: int) -> list[str]:
    """The first parameters of a function in the order of its signature."""
    return list(signature_of(function, follow_wrapped=False).parameters)[:count]
