"""What the compiler believes of every rule's results, held against what the functions do.

Whether a result shares memory with an argument decides whose adjoint a write reaches, so a belief that is wrong is
a wrong gradient. Functions are called with the arguments of their checks, laid out in memory in all ways, and with
each of their options in turn set to what may let them return what they were given.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gast
import numpy as np
import pytest
import scipy.linalg
import scipy.signal

from tangent_sct.analysis.aliases import alias_classes
from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.kinds import Kinds, infer
from tangent_sct.core import tree
from tangent_sct.frontend.expansions import suffices
from tangent_sct.runtime.scipy_ndimage import tap_products
from tangent_sct.templates.methods import ATTRIBUTES, METHODS
from tangent_sct.templating import registry
from tangent_sct.testing import check_derivative
from tests.analysis.kinds.building import NAMESPACE, unit
from tests.analysis.kinds.test_rules import changed, check, variants, without_axes, written
from tests.templates.cases import CASES, STATEMENTS
from tests.templates.test_rules import title

NEUTRAL: tuple[Any, ...] = (0, 1, -1, (), None, False, True)
"""Values of options that may leave an argument as it is."""
PLAIN: tuple[tuple[Any, ...], ...] = (
    (np.array([2.0, 1.0, 3.0]),),
    (np.array([[2.0, 1.0], [0.5, 3.0]]),),
    (np.array([3, 1, 2]),),
    (np.array([[True, False], [False, True]]),),
    (np.array([2.0, 1.0, 3.0]), np.array([1.0, 2.0, 0.5])),
    (np.array([[2.0, 1.0], [0.5, 3.0]]), 1),
    (np.array([3, 1, 2]), np.array([1, 2, 0])),
    (np.array(2.5),),
)
"""Arguments of functions that have no check, since they have no derivative."""

NOTHING = {
    scipy.signal.fftconvolve, scipy.signal.oaconvolve, tap_products, sum, np.bincount, np.polyval, np.zeros, np.ones,
    np.empty, scipy.linalg.lu,
}  # fmt: skip
"""Functions whose results have another kind where there is nothing at all in an argument."""

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


# -- arguments ------------------------------------------------------------------------------------


def spaced(value: Any) -> Any:
    """Every other entry of a larger array."""
    return np.repeat(value, 2, axis=-1)[..., ::2] if value.ndim else value


def fortran(value: Any) -> Any:
    return np.asfortranarray(value) if value.ndim else value


def transposed(value: Any) -> Any:
    """The same numbers, as a view of an array whose axes are the other way round."""
    return np.ascontiguousarray(value.T).T


def read_only(value: Any) -> Any:
    value = value.copy()
    value.flags.writeable = False
    return value


def emptied(value: Any) -> Any:
    return value[:0] if value.ndim else value


def complexed(value: Any) -> Any:
    return value + 0.5j if value.dtype.kind == "f" else value


def laid_out(args: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Arguments in all sizes and dtypes, and in all ways in which memory holds them."""
    yield from variants(copy.deepcopy(args))
    for change in (spaced, fortran, transposed, read_only, emptied, complexed):
        yield changed(change, copy.deepcopy(args))


def few(args: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Arguments as they are, without axes, and laid out the other way round."""
    yield copy.deepcopy(args)
    for change in (without_axes, fortran):
        yield changed(change, copy.deepcopy(args))


def more_options(case: Call) -> Iterator[dict[str, Any]]:
    """Options that a call does not give, one by one."""
    function, args, keywords = case
    rule = registry.find(function)
    if rule is None:
        return
    given = {argument.own for argument in rule.layout.positional[: len(args)]} | set(keywords)
    for name, argument in rule.layout.keywords.items():
        if name not in given and argument.name is not None and argument.default is not inspect.Parameter.empty:
            yield from ({name: value} for value in NEUTRAL)


def every_call() -> list[Call]:
    """Checks of rules, and calls of functions whose derivative is zero."""
    registry.check_all()
    calls: list[Call] = [*CASES, *STATEMENTS]
    tried = {function for function, _, _ in calls}
    for rule in registry.all_rules():
        if "templates" in rule.file:
            calls += [(p, args, {}) for p in rule.primals if p not in tried and is_asked(p) for args in PLAIN]
    return calls


def is_asked(function: Any) -> bool:
    """Whether a function may be called with arguments that nobody has thought of."""
    module = getattr(function, "__module__", None) or ""
    return function not in (print, input, np.triu_indices) and not module.startswith("tangent_sct")


# -- what is believed, and what is ----------------------------------------------------------------


def leaves(value: Any) -> Iterator[Any]:
    """The arrays in a result."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)


def shares(result: Any, argument: Any) -> bool:
    """Whether a result sees the memory of an argument, or is it."""
    pairs = itertools.product(leaves(result), leaves(argument))
    return any(np.shares_memory(a, b) for a, b in pairs) or (
        isinstance(argument, (list, dict)) and result is argument
    )


class Believed:
    """What the analyses say of `r = text`.

    Args:
        text: an expression of the arguments and objects.
        arguments: the arguments by name.
        objects: what else it names.
    """

    def __init__(self, text: str, arguments: Mapping[str, Any], objects: Mapping[str, Any]) -> None:
        self.given = dict(kinds_of_arguments(dict(arguments)))
        program = unit(f"r = {text}\nreturn r", self.given, objects)
        self.kinds: Kinds = infer(program)
        calls = Calls(objects)
        call = tree.expression(text)
        self.is_pure = not isinstance(call, gast.Call) or calls.facts(call).effect == "none"
        self.classes = alias_classes(tree.statements(f"r = {text}"), objects, self.kind_of, calls)

    def kind_of(self, node: gast.AST) -> Any:
        return self.kinds.names.get(node.id) if isinstance(node, gast.Name) else self.kinds.kind_of(node)

    def may_share(self, name: str) -> bool:
        return self.classes.same("r", name)


def sizes(given: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, int]:
    found = {}
    for name, held in arguments.items():
        pairs = zip(given[name].shape or (), np.shape(held), strict=False)
        found.update({str(dim): size for dim, size in pairs})
    return found


def texts_of(call: Call, arguments: dict[str, Any], objects: dict[str, Any]) -> Iterator[str]:
    """The ways in which a call may be written: as that of a function, of a method, as an attribute."""
    function, args, keywords = call
    texts = [written(item, arguments, objects) for item in args]
    texts += [f"{key}={written(value, arguments, objects)}" for key, value in keywords.items()]
    yield f"function({', '.join(texts)})"
    if args and isinstance(args[0], np.ndarray):
        yield from (f"{texts[0]}.{n}({', '.join(texts[1:])})" for n, f in METHODS.items() if f is function)
        if len(texts) == 1:
            yield from (f"{texts[0]}.{n}" for n, f in ATTRIBUTES.items() if f is function)


def wrong_beliefs(call: Call) -> Iterator[str]:
    """What is believed of a call in all its forms, and is not so."""
    function = call[0]
    rule = registry.find(function)
    arguments: dict[str, Any] = {}
    objects: dict[str, Any] = {**NAMESPACE, "function": function}
    for text in list(texts_of(call, arguments, objects)):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                value = eval(text, {**objects, **arguments})
        except Exception:  # not every function takes every argument
            continue
        said = f"{title(function)} as {text} of {arguments}"
        believed = Believed(text, arguments, objects)
        for name, argument in arguments.items():
            if shares(value, argument) and not believed.may_share(name):
                yield f"{said}: shares memory with {name}"
        if rule is None or not believed.is_pure:
            continue
        # Calls that the rule does not take whole are read as statements.
        is_ruled = not text.startswith("function(") or suffices(
            tree.expression(text), function, lambda argument: True
        )
        if is_ruled and rule.aliasing == "fresh" and any(shares(value, a) for a in arguments.values()):
            yield f"{said}: the rule says that it makes a new array"
        if rule.aliasing == "view":
            first = next(iter(arguments.values()), None)
            are_arrays = isinstance(first, np.ndarray) and isinstance(value, np.ndarray)
            if are_arrays and np.size(first) and np.size(value) and not shares(value, first):
                yield f"{said}: the rule says that it is a view"
        # The shapes of a helper's arguments fit one another, which they need not with nothing in them.
        may_differ = function in NOTHING or not is_asked(function)
        if may_differ and not all(np.size(a) for a in arguments.values()):
            continue
        try:
            kind = believed.kinds.names["r"]
            check(kind, value, sizes(believed.given, arguments), f"{said}: is {kind}, and was {value!r}")
        except AssertionError as error:
            yield str(error)



BLOCKS = 16
CALLS = every_call()
FIRST = {id(case) for case in {call[0]: call for call in reversed(CALLS)}.values()}
"""Of each function one call, whose options are tried."""


@pytest.mark.every(4)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_beliefs(block: int) -> None:
    wrong: list[str] = []
    for case in CALLS[block::BLOCKS]:
        function, args, keywords = case
        for variant in laid_out(args):
            wrong += wrong_beliefs((function, variant, keywords))
        for options in more_options(case) if id(case) in FIRST else ():
            for variant in few(args):
                wrong += wrong_beliefs((function, variant, {**keywords, **options}))
    assert not wrong, "\n".join(wrong[:20])


# -- what such a belief is for --------------------------------------------------------------------


def written_after_no_transform(x: Any) -> Any:
    y = np.fft.fftn(x, axes=())
    y[0] = 2.0 * x[1]
    return np.sum(y * y * x)


def differences_are_written(x: Any) -> Any:
    y = np.diff(x)
    y[0] = 2.0 * x[1]
    return np.sum(y * y)


def places_are_written(x: Any) -> Any:
    chosen = np.array([0, 1])
    block = np.ix_(chosen)
    y = x[block]
    chosen[0] = 2
    return np.sum(y * x[block])


@pytest.mark.parametrize("f", [written_after_no_transform, differences_are_written, places_are_written])
def test_what_is_written_afterwards(f: Callable[..., Any]) -> None:
    check_derivative(f, np.array([1.0, 2.0, 4.0]))
