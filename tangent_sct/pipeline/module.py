"""The functions made for recursive callees, and the text that they stand in."""

from __future__ import annotations

import inspect
import itertools
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import gast

from tangent_sct.analysis.aliases import returns_own
from tangent_sct.analysis.calls import OWNING
from tangent_sct.analysis.kinds.objects import kind_of_object
from tangent_sct.analysis.notes import Noted
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Backend, Mode, Request, Unit
from tangent_sct.derive.calls import Companion
from tangent_sct.frontend.given import own_signature
from tangent_sct.frontend.inplace import RETURNING
from tangent_sct.frontend.namespace import Namespace, is_library
from tangent_sct.pipeline.derivation import derive
from tangent_sct.pipeline.passes import Pass, finish, unseen
from tangent_sct.pipeline.preparation import prepare
from tangent_sct.pipeline.programs import Program, Ways, may_vary, read, reader_for


@dataclass(frozen=True)
class Made:
    """A function that was made for a recursive callee.

    Attributes:
        mode: what it is: half of a pair, `g_adjoint` or `g_pushforward`.
        active: which arguments of the callee carry a derivative.
        is_of_half: whether it hands on what a pair keeps: half of a pair, and what is made of such.
        is_harmless: whether it writes into nothing that it is given or reaches.
        owns: whether what it returns shares memory with nothing that it is given or reaches.
    """

    mode: Mode
    active: tuple[bool, ...]
    is_of_half: bool = False
    is_harmless: bool = False
    owns: bool = False


MADE: WeakKeyDictionary[Callable[..., Any], Made] = WeakKeyDictionary()
"""The functions that were made for recursive callees, and what they are."""

SHAPES = 4
"""With how many patterns of shapes a recursive function is specialised before shapes are left open."""

TREES = 40
"""The same for a function that is given containers in containers: left open, nothing is known of what is in them."""

DEPTH = 8
"""With how many patterns one in another; what grows from call to call has ever new ones."""



class Halved(Exception):
    """A derivative is differentiated that calls pairs, and more would have to be known of what these keep."""


@dataclass
class Shared:
    """What two readings of one program share.

    Attributes:
        meets_half: whether half of a pair was met, or what is made of one, of which little is known.
        fills: whether the program may come upon a dict that fills itself as it is read.
    """

    meets_half: bool = False
    fills: bool = False


class Module:
    """The text being written: its namespace, and the functions made for callees (`derive.calls`).

    Attributes:
        has_complex: whether there are complex numbers in what has been derived so far.
        holomorphic: whether a holomorphic function is differentiated, and so all that it calls must be.
        ways: how all of it is read and derived.
        noted: lists outside of the program that it puts values in which vary.
        backend: what will run the text.
    """

    def __init__(
        self,
        namespace: Namespace,
        passes: tuple[tuple[str, Pass], ...],
        ways: Ways,
        shared: Shared | None = None,
        backend: Backend = "numpy",
    ) -> None:
        self.namespace = namespace
        self.passes = passes
        self.ways = ways
        self.shared = shared or Shared()
        self.backend = backend
        self.made: list[tuple[str, Made]] = []
        self.functions: list[gast.FunctionDef] = []
        self.known: dict[Any, Companion] = {}
        self.results: dict[Any, Kind] = {}
        self.asked: dict[Any, set[tuple[Kind, ...]]] = {}
        self.reading: list[Any] = []
        self.growing: set[Any] = set()
        self.verdicts: dict[Any, dict[Any, bool]] = {}
        self.has_complex = False
        self.holomorphic = False
        self.noted: list[Noted] = []

    def widened(self, function: Any, kinds: Sequence[Kind]) -> tuple[Kind, ...]:
        """Kinds of arguments, without shapes where a function calls itself with ever new ones."""
        asked = self.asked.setdefault(function, set())
        found = tuple(kinds)
        is_tree = any(map(_is_tree, (*itertools.chain(*asked), *found)))
        if self.reading.count(function) >= DEPTH:
            self.growing.add(function)
        is_growing = function in self.growing or function in RETURNING
        if found not in asked and (is_growing or len(asked) >= (TREES if is_tree else SHAPES)):
            ranked = tuple(_open(kind, f"{_WIDE}{place}") for place, kind in enumerate(found))
            found = ranked if ranked in asked or len(asked) < 2 * TREES else tuple(map(_open, found))
        asked.add(found)
        return found

    def pair(self, function: Any, kinds: Sequence[Kind], active: Sequence[bool]) -> Companion:
        """The pair `g_forward`, `g_backward` of a function, or its `g_adjoint`, made when first asked for."""
        mode: Mode = "replay" if self.ways.replays else "pair"
        kinds = self.widened(function, kinds)
        key = (function, mode, kinds, tuple(active))
        if key not in self.known:
            name = function.__name__
            fresh = self.namespace.names.fresh
            if self.ways.replays:
                self.known[key] = Companion("", fresh(f"{name}_adjoint"))
            else:
                self.known[key] = Companion(fresh(f"{name}_forward"), fresh(f"{name}_backward"))
            self.write(function, mode, kinds, active, self.known[key])
        return self.known[key]

    def pushforward(
        self, function: Any, kinds: Sequence[Kind], active: Sequence[bool]
    ) -> Companion:
        """The tangent function `g_jvp` of a function, made when first asked for."""
        kinds = self.widened(function, kinds)
        key = (function, "pushforward", kinds, tuple(active))
        if key not in self.known:
            name = self.namespace.names.fresh(f"{function.__name__}_pushforward")
            self.known[key] = Companion(name, "")
            self.write(function, "pushforward", kinds, active, self.known[key])
        return self.known[key]

    def write(
        self,
        function: Any,
        mode: Mode,
        kinds: Sequence[Kind],
        active: Sequence[bool],
        companion: Companion,
    ) -> None:
        """Write the functions of a companion."""
        program = self.callee(function, mode, kinds, active)
        if mode == "pair" and self.shared.meets_half:
            # What the pair of half a pair keeps would have no fixed structure.
            raise Halved
        prepared = prepare(program, self, unseen)
        facts = prepared.facts
        if written := prepared.written():
            errors = [
                UnsupportedError(
                    f"`{function.__name__}` calls itself and writes into its argument `{name}`",
                    tree.origin_of(facts.unit.tree.body[0]), "return the new array instead",
                )
                for name in written
            ]  # fmt: skip
            parameters = list(own_signature(function).parameters)
            if mode == "replay" or not set(written) <= set(parameters):
                # What is done again would begin with what it has written; others see what stands around it.
                raise errors[0]
            companion.written = dict(zip(map(parameters.index, written), errors, strict=True))
        companion.is_detached = bool(prepared.copied)
        # Half of a pair takes what is kept off its tapes.
        is_harmless = mode != "pair" and facts.changed <= set(tree.names_written(facts.unit.tree.body))
        unit = derive(facts, program, self, unseen)
        halves = split(unit, program.reader.names) if mode == "pair" else [unit]
        for half, name in zip(halves, filter(None, (companion.forward, companion.backward)), strict=False):
            finished = finish(half, self.passes, unseen)
            self.namespace.meet(finished.namespace)
            finished.tree.name = name
            self.made.append((name, Made(mode, tuple(active), mode == "pair" or _is_of_half(function), is_harmless)))
            self.functions.append(finished.tree)

    def callee(
        self, function: Any, mode: Mode, kinds: Sequence[Kind], active: Sequence[bool]
    ) -> Program:
        """A callee in the small language, with local names of its own."""
        self.shared.meets_half |= _is_of_half(function)
        names = Names()
        namespace = self.namespace.beside(names)
        parameters = own_signature(function).parameters.values()
        own = [parameter.name for parameter in parameters]
        if len(active) != len(own):
            several = [p.name for p in parameters if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
            raise UnsupportedError(
                f"`{function.__name__}` calls itself, and collects its arguments in `{', '.join(several)}`",
                hint="give it a tuple, or a list, of them",
            )
        wrt = tuple(name for name, is_active in zip(own, active, strict=True) if is_active)
        single = len(wrt) == 1
        request = Request(mode, wrt, single, False, tuple(zip(own, kinds, strict=False)), backend=self.backend)
        reader = reader_for(names, namespace, self.ways, self.shared.fills)
        return read(function, request, tuple(own[: len(kinds)]), reader)

    def result_kind(self, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
        """The kind of the result of a call of a recursive function.

        A kind that comes out when recursive calls are assumed to have it is right, by induction
        on the depth of the recursion.
        """
        if not isinstance(function, types.FunctionType) or inspect.isgeneratorfunction(function):
            return UNKNOWN
        if keywords:
            ordered = _ordered(function, args, keywords)
            if ordered is None:
                return UNKNOWN
            args = ordered
        if (storing := RETURNING.get(function)) is not None:
            # What it returns are copies of what it was given.
            own = dict(zip(storing.parameters, args, strict=False))
            copies = [own.get(name, UNKNOWN).forget_value() for name in storing.written]
            return copies[0] if len(copies) == 1 else _tuple_of(copies)
        kinds = self.widened(function, [kind.forget_value() for kind in args])
        key = (function, kinds)
        if key in self.results:
            return self.results[key]
        if is_library(function.__module__) and function not in MADE:
            # What is beneath it is no matter of the user's: where it is active, it is refused by its name.
            self.results[key] = UNKNOWN
            return UNKNOWN
        adjoints = _adjoint_kinds(function, args)
        if adjoints and all((kind.is_scalar or kind.is_array) and kind.is_float for kind in adjoints):
            # Numbers and arrays have adjoints of their own kind, whatever the function does.
            self.results[key] = adjoints[0] if len(adjoints) == 1 else _tuple_of(adjoints)
            return self.results[key]
        for assumed in self.assumptions(function, args):
            self.results[key] = assumed.forget_value()
            for _ in range(3):
                found = self.returned(function, kinds)
                if found.mixed:
                    # A container was assumed, and something else is returned.
                    break
                if found == self.results[key]:
                    return found
                self.results[key] = found
        self.results[key] = UNKNOWN
        return UNKNOWN

    def assumptions(self, function: Any, args: Sequence[Kind]) -> Iterator[Kind]:
        """What the result of a recursive function may be, as a first guess."""
        made = MADE.get(function)
        adjoints = _adjoint_kinds(function, args)
        if adjoints:
            yield adjoints[0] if len(adjoints) == 1 else _tuple_of(adjoints)
        if made is not None and made.mode == "pushforward":
            # The tangent is like the value, and that may be like an argument.
            yield from (_tuple_of([kind, kind]) for kind in (FLOAT, *args))
        yield from (FLOAT, *args)

    def returned(self, function: Any, kinds: tuple[Kind, ...]) -> Kind:
        """The kind of a function's result, recursive calls having the kind assumed for them."""
        may = [may_vary(kind) for kind in kinds]
        may += [False] * (len(own_signature(function).parameters) - len(may))
        program = self.callee(function, "grad", kinds, may)
        self.reading.append(function)
        try:
            prepared = prepare(program, self, unseen)
        finally:
            self.reading.pop()
        facts = prepared.facts
        own = set(tree.names_written(facts.unit.tree.body))
        self.judge(function, kinds, facts.changed <= own and not prepared.written())
        return _for_caller(facts.kind_of(facts.unit.tree.body[-1].value).forget_value())

    def companions(self) -> tuple[tuple[str, Made], ...]:
        """The functions that were made, by name, and whether what they return is their own.

        That is assumed of the calls in them, by induction on the depth of the recursion, until it is found not to be.
        """
        found = {name: replace(made, owns=made.is_harmless) for name, made in self.made}
        trees = {function.name: function for function in self.functions}
        changed = any(made.owns for made in found.values())
        while changed:
            changed = False
            objects = {**self.namespace.everywhere, **{name: _stand_in(made) for name, made in found.items()}}
            for name, made in found.items():
                if made.owns and not returns_own(trees[name], objects):
                    found[name], changed = replace(made, owns=False), True
        return tuple(found.items())

    def is_harmless(self, function: Any) -> bool:
        """Whether a function that calls itself surely writes into nothing that it is given or reaches.

        While it is looked at, that is assumed of the calls in it, by induction on the depth.
        """
        return function in self.reading or all(self.verdicts.get(function, {0: False}).values())

    def judge(self, function: Any, kinds: tuple[Kind, ...], is_harmless: bool) -> None:
        """Note whether a function wrote into nothing but what is its own, if the calls in it do not."""
        if not is_harmless:
            # What was assumed of it was wrong, and so may be what was found of others.
            self.verdicts.clear()
        self.verdicts.setdefault(function, {})[kinds] = is_harmless


def _is_of_half(function: Any) -> bool:
    """Whether a function hands on what a pair keeps."""
    made = MADE.get(function) if isinstance(function, types.FunctionType) else None
    return made is not None and made.is_of_half


def _stand_in(made: Made) -> Callable[..., Any]:
    """A function of which is known what is known of one that was made."""

    def function() -> None: ...

    if made.is_harmless:
        OWNING[function] = made.owns
    return function


def _ordered(function: Any, args: list[Kind], keywords: Mapping[str, Kind]) -> list[Kind] | None:
    """The kinds of the arguments of a call in the order of the parameters, as far as some are given."""
    try:
        bound = own_signature(function).bind(*args, **keywords)
    except TypeError:
        return None
    found: list[Kind] = []
    last = list(bound.arguments)[-1]
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return None
        given = bound.arguments.get(name)
        found.append(kind_of_object(parameter.default) if given is None else given)
        if name == last:
            break
    return found


def _adjoint_kinds(function: Any, args: Sequence[Kind]) -> list[Kind]:
    """The kinds of what a `g_adjoint` gives, each that of an argument; empty for other functions."""
    made = MADE.get(function)
    if made is None or made.mode != "replay":
        return []
    return [kind.forget_value() for kind, is_active in zip(args, made.active, strict=False) if is_active]


def _tuple_of(kinds: Sequence[Kind]) -> Kind:
    """A tuple of items of some kinds."""
    return Kind("tuple", items=tuple((place, kind.forget_value()) for place, kind in enumerate(kinds)))


def _is_tree(kind: Kind) -> bool:
    """Whether a container of known structure holds others."""
    return any(item.is_container for _, item in kind.items or ())


_WIDE = "?w"
"""The beginning of symbols for the sizes of an argument, whatever they are; they mean nothing to a caller."""


def _open(kind: Kind, symbol: str = "") -> Kind:
    """A kind for arrays of every shape, and for lists and tuples of every length.

    Args:
        kind: the kind.
        symbol: what sizes of arrays are called, whose rank is kept; without it they are of every rank.
    """
    if kind.is_array:
        is_ranked = symbol and kind.shape is not None
        shape = tuple(f"{symbol}.{axis}" for axis in range(len(kind.shape or ()))) if is_ranked else None
        return replace(kind, shape=shape)
    if kind.family not in ("list", "tuple"):
        return kind
    return replace(kind, items=None, element=None if kind.element is None else _open(kind.element))


def _for_caller(kind: Kind) -> Kind:
    """The kind of a result without the sizes that only the function knows by name."""
    if kind.present is not None:
        kind = replace(kind, present=_for_caller(kind.present))
    if kind.is_array and any(_WIDE in str(size) for size in kind.shape or ()):
        return replace(kind, shape=None)
    items = kind.items and tuple((key, _for_caller(item)) for key, item in kind.items)
    element = kind.element and _for_caller(kind.element)
    return kind if items == kind.items and element == kind.element else replace(kind, items=items, element=element)


def split(unit: Unit, names: Names) -> list[Unit]:
    """A function of both sweeps as a pair: what the second half reads of the first is handed over."""
    body = unit.tree.body
    start = next(
        (i for i, node in enumerate(body) if tree.sweep_of(node) == "reverse"), len(body) - 1
    )
    first, second = body[:start], body[start:]
    answer = second[-1].value
    value, adjoints = answer.elts
    own = set(tree.parameter_names(unit.tree)) | set(tree.names_written(first))
    seed = tree.parameter_names(unit.tree)[-1]
    ending = [*second[:-1], tree.mark(tree.return_(adjoints), None, "reverse")]
    saved = [name for name in tree.names_read(ending) if name in own and name != seed]
    kept = names.fresh("saved")
    together = tree.tuple_of(map(tree.load, saved))
    # A name of a branch may be unbound at the end, where the branch was not taken.
    sure = set(tree.parameter_names(unit.tree))
    for node in first:
        if not isinstance(node, (gast.If, gast.For, gast.While)):
            sure.update(tree.names_written(node))
    unbound = [
        tree.mark(tree.assign(name, tree.const(None)), None) for name in saved if name not in sure
    ]
    end = tree.mark(tree.return_(tree.tuple_of([value, together])), None)
    forward = [*unbound, *first, end]
    opening: list[gast.AST] = []
    if saved:
        targets = gast.Tuple([tree.store(name) for name in saved], gast.Store())
        opening = [tree.mark(tree.assign(targets, tree.load(kept)), None)]
    parameters = tree.parameter_names(unit.tree)[:-1]
    forward_tree = tree.like(
        tree.function("forward", tree.parameters(parameters), forward), unit.tree
    )
    backward_tree = tree.like(
        tree.function("backward", tree.parameters([kept, seed]), [*opening, *ending]), unit.tree
    )
    return [replace(unit, tree=forward_tree), replace(unit, tree=backward_tree)]
