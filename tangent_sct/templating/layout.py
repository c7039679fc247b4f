"""How the arguments of a call meet the parameters of a template; the check of its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from tangent_sct.templating.rule import Argument, Layout

EMPTY = inspect.Parameter.empty
POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY
POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
KEYWORD = inspect.Parameter.KEYWORD_ONLY
STAR = inspect.Parameter.VAR_POSITIONAL
DOUBLE = inspect.Parameter.VAR_KEYWORD

NOT_PASSED = inspect.signature(np.sum).parameters["keepdims"].default
"""What NumPy writes as the default of a parameter whose absence means something of its own."""


_of_methods: dict[type, Callable[[MethodType], inspect.Signature | None]] = {}


def tell_signatures(cls: type, tell: Callable[[MethodType], inspect.Signature | None]) -> None:
    """Make known how bound methods of the objects of a class take their arguments, where Python does not say it.

    Args:
        cls: the class.
        tell: gives the signature of a bound method, None where Python's own is right.

    >>> class Family:
    ...     def density(self, *args, **options):
    ...         return 0.0
    >>> tell_signatures(Family, lambda method: inspect.signature(lambda x, scale=1: 0))
    >>> print(signature_of(Family().density))
    (x, scale=1)
    """
    _of_methods[cls] = tell


class Mismatch(Exception):
    """A template's signature does not agree with its primal's; the message says how."""


def signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    """The signature of a function, None where Python cannot tell.

    >>> print(signature_of(len))
    (obj, /)
    """
    if _of_methods and not isinstance(function, FunctionType):
        # Calls of an object are calls of one of its methods.
        method: Any = function if isinstance(function, MethodType) else getattr(function, "__call__", None)  # noqa: B004
        for cls in type(method.__self__).__mro__ if isinstance(method, MethodType) else ():
            told = _of_methods[cls](method) if cls in _of_methods else None
            if told is not None:
                return told
    try:
        return inspect.signature(function)
    except (ValueError, TypeError):
        return None


def same_default(left: object, right: object) -> bool:
    """Whether two defaults are the same value (type and value; arrays never are)."""
    if left is right:
        return True
    if type(left) is not type(right) or isinstance(left, np.ndarray):
        return False
    return bool(left == right)


def layout_of(
    parameters: inspect.Signature, primal: Callable[..., Any], called: Mapping[str, str] | None = None
) -> Layout:
    """How calls of `primal` meet a template's parameters.

    Args:
        parameters: the template's, right of the slash.
        primal: the function; when Python does not know its signature, the template's stands for it.
        called: the primal's names of parameters that have another one in the template.

    Raises:
        Mismatch: when names or defaults differ from the primal's.

    >>> layout = layout_of(inspect.signature(lambda a, axis=None: 0), np.sum)
    >>> [(argument.own, argument.name) for argument in layout.positional[:3]]
    [('a', 'a'), ('axis', 'axis'), ('dtype', None)]
    """
    signature = signature_of(primal)
    if signature is None:
        return own_layout(parameters)
    layout = _layout(parameters, signature, called)
    _check_complete(parameters, signature, layout)
    return layout


def own_layout(parameters: inspect.Signature) -> Layout:
    """How calls meet the parameters where nothing but the template is known.

    >>> own_layout(inspect.signature(lambda x, *rest: 0)).star
    'rest'
    """
    return _layout(parameters, parameters)


def _layout(
    template: inspect.Signature, primal: inspect.Signature, called: Mapping[str, str] | None = None
) -> Layout:
    ours = {(called or {}).get(name, name): p for name, p in template.parameters.items()}
    order = [p.name for p in ours.values() if p.kind in (POSITIONAL_ONLY, POSITIONAL)]
    positional: list[Argument] = []
    keywords: dict[str, Argument] = {}
    for place, theirs in enumerate(primal.parameters.values()):
        if theirs.kind is STAR:
            # What the primal gathers in *args the template may name one by one.
            rest = order[len(positional) :]
            positional += [Argument(name, name, NOT_PASSED) for name in rest]
        elif theirs.kind is POSITIONAL_ONLY:
            name = order[place] if place < len(order) else None
            positional.append(Argument(theirs.name, name, theirs.default))
        elif theirs.kind is not DOUBLE:
            ours_too = ours.get(theirs.name)
            known = ours_too.name if ours_too is not None and _is_plain(ours_too) else None
            argument = Argument(theirs.name, known, theirs.default)
            keywords[theirs.name] = argument
            if theirs.kind is POSITIONAL:
                positional.append(argument)
    if any(p.kind is DOUBLE for p in primal.parameters.values()):
        taken = {a.name for a in positional} | {a.name for a in keywords.values()}
        for mine in ours.values():
            if mine.name not in taken and _is_plain(mine):
                keywords[mine.name] = Argument(mine.name, mine.name, NOT_PASSED)
    star = next((p.name for p in ours.values() if p.kind is STAR), None)
    double = next((p.name for p in ours.values() if p.kind is DOUBLE), None)
    return Layout(tuple(positional), keywords, star, double)


def _is_plain(parameter: inspect.Parameter | None) -> bool:
    return parameter is not None and parameter.kind not in (STAR, DOUBLE)


def _check_complete(template: inspect.Signature, primal: inspect.Signature, layout: Layout) -> None:
    arguments = {id(a): a for a in (*layout.positional, *layout.keywords.values())}.values()
    known = {a.name: a for a in arguments if a.name is not None}
    for parameter in template.parameters.values():
        if not _is_plain(parameter):
            continue
        argument = known.get(parameter.name)
        if argument is None:
            raise Mismatch(f"it has no parameter `{parameter.name}`")
        _check_default(parameter, argument)
    kinds = {p.kind for p in primal.parameters.values()}
    if layout.star and STAR not in kinds:
        raise Mismatch(f"it takes no `*{layout.star}`")
    for argument in arguments:
        if argument.name is None and argument.default is EMPTY:
            raise Mismatch(f"the template lacks its parameter `{argument.own}`")


def _check_default(parameter: inspect.Parameter, argument: Argument) -> None:
    # A template may ask for more than the primal: a parameter without its default.
    if parameter.default is EMPTY or argument.default is NOT_PASSED:
        return
    if argument.default is EMPTY:
        raise Mismatch(f"its parameter `{argument.own}` has no default")
    if not same_default(parameter.default, argument.default):
        raise Mismatch(
            f"its default of `{argument.own}` is {argument.default!r}, not {parameter.default!r}"
        )


def spelling(function: Callable[..., Any], scope: Mapping[str, Any]) -> str | None:
    """The dotted name by which a module reaches a function, None when it does not.

    >>> spelling(np.linalg.solve, {"np": np})
    'np.linalg.solve'
    """
    if isinstance(function, MethodType):
        owner = spelling_of(function.__self__, scope)
        return None if owner is None else f"{owner}.{function.__name__}"
    own = getattr(function, "__name__", None)
    if own is None:
        return None
    if scope.get(own) is function:
        return str(own)
    home = getattr(function, "__module__", None) or ""
    for alias, module in scope.items():
        if not isinstance(module, ModuleType):
            continue
        for path in _paths(home, module.__name__):
            if _reach(module, (*path, own)) is function:
                return ".".join((alias, *path, own))
    return None


def spelling_of(value: object, scope: Mapping[str, Any]) -> str | None:
    """The dotted name by which a module reaches an object, itself or in a module that it imports.

    >>> import math
    >>> spelling_of(math.pi, {"math": math})
    'math.pi'
    """
    for alias, found in scope.items():
        if found is value:
            return alias
        if isinstance(found, ModuleType):
            name = next((key for key, item in vars(found).items() if item is value), None)
            if name is not None:
                return f"{alias}.{name}"
    return None


def _paths(home: str, module: str) -> list[tuple[str, ...]]:
    """Where below a module a function may be reached: nearest first, since files of a package are its own affair."""
    parts = home[len(module) + 1 :].split(".") if home.startswith(module + ".") else []
    return [tuple(parts[:count]) for count in range(len(parts) + 1)]


def _reach(module: ModuleType, path: tuple[str, ...]) -> object:
    found: object = module
    for name in path:
        found = getattr(found, "__dict__", {}).get(name)
    return found


def title(function: Callable[..., Any], scope: Mapping[str, Any]) -> str:
    """What a function is called in messages."""
    found = spelling(function, scope)
    if found is not None:
        return found
    return str(getattr(function, "__qualname__", None) or repr(function))
