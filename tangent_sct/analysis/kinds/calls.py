"""Kinds of what calls return.

The function is found first: a method of an array is the function of the same name, so that `x.sum()` and
`np.sum(x)` are one thing. Then it is looked up among the few that are not probed (`special`); elementwise functions
broadcast; whatever has no effect is probed on samples; the rest is asked for, or unknown, and lists and dicts that
are handed to it may change.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import gast
import numpy as np

from tangent_sct import runtime
from tangent_sct.analysis.calls import MUTATORS, object_facts
from tangent_sct.analysis.kinds.arithmetic import (
    ELEMENTWISE,
    IN_PLACE,
    broadcasting,
    forgotten,
    updated,
)
from tangent_sct.analysis.kinds.contents import MUTABLE
from tangent_sct.analysis.kinds.iterators import item_of, selects
from tangent_sct.analysis.kinds.knowledge import Knowledge, operands_of
from tangent_sct.analysis.kinds.lattice import join_all
from tangent_sct.analysis.kinds.places import Place
from tangent_sct.analysis.kinds.sizes import public, size_text
from tangent_sct.analysis.kinds.special import shadow_kind, special
from tangent_sct.analysis.kinds.targets import known_key
from tangent_sct.analysis.operations import operation
from tangent_sct.analysis.probe import probe
from tangent_sct.analysis.shapes import DimValue
from tangent_sct.core.identity import entry_of, is_one_of
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    NO_VALUE,
    OTHER_METHODS_OF_SAMPLERS,
    SAMPLERS,
    TEXT,
    UNKNOWN,
    Kind,
    constant,
    container,
    is_object,
)
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.runtime.boxes import UNDONE_BY, WRITERS
from tangent_sct.templates.methods import METHODS
from tangent_sct.templating import registry


def call(known: Knowledge, node: gast.Call) -> Kind:
    """`function(...)` and `receiver.method(...)`."""
    function = meaning(node.func, known.objects)
    if function is MISSING:
        if isinstance(node.func, gast.Attribute):
            return _method(known, node, node.func)
        for operand in (node.func, *operands_of(node)):
            known.evaluate(operand)
        known.contents.escape()
        return UNKNOWN
    args, keywords = _arguments(known, node)
    if args is None or keywords is None:
        known.contents.escape()
        return UNKNOWN
    if is_one_of(function, (list, tuple)) and len(args) == 1 and selects(known, node.args[0]):
        return Kind(function.__name__, element=item_of(known, node.args[0]))
    if (symbol := _in_place(function)) is not None:
        return updated(known, symbol, args[0], args[1], node.args[0])
    if is_one_of(function, WRITERS):
        return _written(known, function, node)
    return _as_told(function, _apply(known, function, args, keywords))


def _as_told(function: Any, found: Kind) -> Kind:
    """A kind that is not known, but for the number of results that the function's rule names."""
    rule = registry.find(function) if found is UNKNOWN else None
    if rule is None or rule.is_zero or len(rule.results) == 1:
        return found
    return container("tuple", dict.fromkeys(range(len(rule.results)), UNKNOWN))


def _in_place(function: Any) -> str | None:
    """The symbol of an augmented assignment that is spelled as a call."""
    return entry_of(function, IN_PLACE)


# -- arguments ----------------------------------------------------------------------------------


def _arguments(
    known: Knowledge, node: gast.Call
) -> tuple[list[Kind] | None, dict[str, Kind] | None]:
    """Kinds of the arguments; integers that are not known stand for the size they may be."""
    starred = any(isinstance(a, gast.Starred) for a in node.args)
    if starred or any(k.arg is None for k in node.keywords):
        for operand in operands_of(node):
            known.evaluate(operand)
        return None, None
    args = [_argument(known, item) for item in node.args]
    return args, {k.arg: _argument(known, k.value) for k in node.keywords}


def _argument(known: Knowledge, node: gast.AST) -> Kind:
    if isinstance(node, (gast.Tuple, gast.List)) and node.elts:
        if not any(isinstance(item, gast.Starred) for item in node.elts):
            family: Any = "tuple" if isinstance(node, gast.Tuple) else "list"
            kinds = [_argument(known, item) for item in node.elts]
            return Kind(family, items=tuple(enumerate(kinds)))
    kind = known.evaluate(node)
    if kind.family == "scalar" and kind.value is NO_VALUE and kind.dtype in ("int", "int64"):
        text = size_text(known, node)
        return replace(kind, value=DimValue(f"len:{text}" if text else known.fresh()))
    return kind


# -- functions ----------------------------------------------------------------------------------


def _apply(known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    """The kind of `function(*args, **keywords)`."""
    found = special(known, function, args, keywords)
    if found is not None:
        return found
    known.await_items((*args, *keywords.values()))
    facts = object_facts(function)
    rule = registry.find(function)
    if rule is not None and not rule.probed:
        return _annotated(function)
    if rule is not None and rule.is_zero and _annotated(function) is FLOAT:
        # A helper of ours, which may be given a function.
        return FLOAT
    if _is_elementwise(function) and "out" not in keywords:
        if not isinstance(function, np.ufunc) or len(args) <= function.nin:
            return broadcasting(known, function, [kind.present or kind for kind in args], keywords)
    if facts.effect == "writes" and facts.shares != "none":
        known.contents.escape()
    elif facts.effect == "unknown" and known.calls.of_object(function).effect == "unknown":
        known.contents.escape()
    if facts.effect == "none":
        if any(k.family == "unknown" for k in (*args, *keywords.values())):
            return UNKNOWN
        return probe(function, args, keywords, fresh=known.fresh())
    sampler = _random_sampler(function)
    if sampler is not None:
        return probe(sampler, args, keywords, fresh=known.fresh())
    if known.call_kind is not None and facts.effect == "unknown":
        plain = {name: public(kind) for name, kind in keywords.items()}
        return known.call_kind(function, list(map(public, args)), plain)
    return UNKNOWN


def _annotated(function: Any) -> Kind:
    """What a function says itself of its result."""
    return FLOAT if getattr(function, "__annotations__", {}).get("return") in (float, "float") else UNKNOWN


def _is_elementwise(function: Any) -> bool:
    if isinstance(function, np.ufunc):
        return function.signature is None
    rule = registry.find(function)
    if rule is not None and rule.partials is not None:
        return True
    return is_one_of(function, ELEMENTWISE)


_DRAWS = frozenset(
    "random uniform triangular gauss normalvariate lognormvariate expovariate vonmisesvariate gammavariate "
    "betavariate paretovariate weibullvariate randint randrange getrandbits".split()
)
"""Methods of Python's own generators of random numbers that give a number, and no item of what they are given."""


def _random_sampler(function: Any) -> Callable[..., Any] | None:
    owner: type = type(getattr(function, "__self__", None))
    if owner in SAMPLERS and function.__name__ not in OTHER_METHODS_OF_SAMPLERS:
        return _sampler_of(owner, function.__name__)
    return None


@cache
def _sampler_of(owner: type, name: str) -> Callable[..., Any]:
    def draw(*args: Any, **keywords: Any) -> Any:
        # A stream of its own: probing must not advance the program's.
        source = np.random.default_rng(0) if owner is np.random.Generator else owner(0)
        return getattr(source, name)(*args, **keywords)

    return draw


def _written(known: Knowledge, function: Any, node: gast.Call) -> Kind:
    """What derivatives call to change a shadow, whose items stay of the kind they are."""
    if is_one_of(function, (runtime.add_items, runtime.add_item, runtime.put_back)):
        return Kind("other", value=None)
    place = known.places.of(node.args[0])
    if function is runtime.taken_item:
        shadow, old = known.evaluate(node.args[0]), known.evaluate(node.args[2])
        if known.names.missing:
            return UNKNOWN
        key = known_key(shadow, node.args[1])
        # Only what was not there would leave the shadow without the item.
        if key is not None and (old.family != "unknown" or known.layout.is_item(node.args[2])):
            # Zeros take the place of one item, and the structure stays.
            known.contents.replace(place, key, shadow_kind(old))
            return shadow.item(key)
    known.contents.change(place)
    if is_one_of(function, UNDONE_BY):
        return Kind("other", value=None)
    item = known.contents.settled(known.contents.item(place), known.places.items(place))
    return Kind("list", element=item) if function is runtime.taken_tail else item


# -- methods ------------------------------------------------------------------------------------


def _method(known: Knowledge, node: gast.Call, function: gast.Attribute) -> Kind:
    name = function.attr
    if isinstance(function.value, gast.Name) and function.value.id in known.layout.tapes:
        return _tape(known, function.value.id, node, name)
    receiver = known.operand(function.value)
    if receiver.is_array:
        return _array_method(known, node, name, receiver)
    args, keywords = _arguments(known, node)
    if args is None or keywords is None:
        known.contents.escape()
        return UNKNOWN
    if receiver.cls is random.Random and name in _DRAWS or (
        receiver.cls in SAMPLERS and name not in OTHER_METHODS_OF_SAMPLERS
    ):
        return probe(_sampler_of(receiver.cls, name), args, keywords, fresh=known.fresh())
    if receiver.is_scalar:
        if METHODS.get(name) is np.ndarray.conjugate:
            # Python's own numbers have `conjugate` alone, so that a sample may not know the method.
            return broadcasting(known, np.conjugate, [receiver])
        return probe(
            _method_caller(name), [forgotten(receiver), *args], keywords,
            any_integer=True, fresh=known.fresh(),
        )  # fmt: skip
    return _container_method(known, function.value, receiver, name, args)


def _array_method(known: Knowledge, node: gast.Call, name: str, receiver: Kind) -> Kind:
    found = operation(node, known.objects)
    if found is None or found.function is MISSING:
        for operand in operands_of(node):
            known.evaluate(operand)
        return Kind("other", value=None) if name in ("fill", "sort") else UNKNOWN
    if any(isinstance(a, gast.Starred) for a in found.args):
        return UNKNOWN
    args = [_argument(known, item) for item in found.args[1:]]
    keywords = {key: _argument(known, value) for key, value in found.keywords.items()}
    return _apply(known, found.function, [receiver, *args], keywords)


@cache
def _method_caller(name: str) -> Callable[..., Any]:
    """The function that calls a method of its first argument; one per name, so that probes are kept."""

    def calling(receiver: Any, *args: Any, **keywords: Any) -> Any:
        return getattr(receiver, name)(*args, **keywords)

    return calling


def _tape(known: Knowledge, tape: str, node: gast.Call, name: str) -> Kind:
    if name == "pop":
        return known.contents.item(tape)
    known.contents.put(tape, known.evaluate(node.args[0]))
    return Kind("other", value=None)


_TEXTS = frozenset("capitalize center format join ljust lower lstrip replace rjust rstrip strip title upper".split())
"""Methods of texts that make texts."""


def _container_method(
    known: Knowledge, node: gast.AST, receiver: Kind, name: str, args: list[Kind]
) -> Kind:
    if receiver.is_container:
        if name in ("index", "count"):
            return INT
        if name == "copy":
            return receiver
        if name == "get" and receiver.family == "dict" and args:
            return _looked_up(known, receiver, args)
        if name in ("keys", "values", "items"):
            return _view(known, receiver, name)
    if receiver.is_text and hasattr(str, name):
        return TEXT if name in _TEXTS else UNKNOWN
    if receiver.family not in MUTABLE or name not in MUTATORS:
        known.contents.escape()
        return UNKNOWN
    return _mutated(known, known.places.of(node), receiver, name, args)


def _view(known: Knowledge, receiver: Kind, name: str) -> Kind:
    """`receiver.items()` and its like: something that holds these items."""
    if receiver.family != "dict" or is_object(receiver):
        return UNKNOWN
    if receiver.items == ():
        known.await_items([receiver])
        return container("list", {})
    if receiver.items is None:
        key, value = UNKNOWN, known.element(receiver)
    else:
        key = join_all((constant(k) for k, _ in receiver.items), known.fresh).forget_value()
        value = join_all((item for _, item in receiver.items), known.fresh).forget_value()
    items = {"keys": key, "values": value, "items": container("tuple", {0: key, 1: value})}
    return Kind("unknown", element=items[name])


def _looked_up(known: Knowledge, receiver: Kind, args: list[Kind]) -> Kind:
    """`receiver.get(key, default)`."""
    found = [args[1] if len(args) > 1 else Kind("other", value=None)]
    if receiver.items is not None:
        found += [item for _, item in receiver.items]
    elif receiver.element is not None:
        found.append(known.element(receiver))
    else:
        return UNKNOWN
    return join_all(found, known.fresh).forget_value()


def _mutated(
    known: Knowledge, place: Place, receiver: Kind, name: str, args: list[Kind]
) -> Kind:
    """A method that changes its receiver, a container at a place."""
    contents, inside = known.contents, known.places.items(place)
    if (name == "append" and len(args) == 1) or (name == "insert" and len(args) == 2):
        contents.put(place, args[-1])
        contents.note(inside, args[-1])
    elif name == "extend" and len(args) == 1:
        known.put_all(place, args[0])
    elif name == "setdefault" and len(args) == 2:
        contents.put(place, args[1])
        contents.note(inside, args[1])
        contents.change(place)
        return contents.settled(contents.item(place), inside)
    elif name not in ("pop", "popitem", "clear", "reverse", "remove", "sort"):
        contents.put(place, UNKNOWN)
    contents.change(place)
    if name == "pop" and receiver.family == "dict" and args[1:]:
        held = contents.held(place)
        return join_all([*([] if held is None else [held]), *args[1:]], known.fresh)
    if name == "pop":
        return contents.settled(contents.item(place), inside)
    return Kind("other", value=None) if name in ("append", "extend") else UNKNOWN
