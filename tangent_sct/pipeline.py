"""The order of the passes: from a user's function to the text of its derivative.

read        source -> small language, calls unfolded            frontend.program
single      structured single assignment                        frontend.single
branches    tests that kinds decide                             optimize.branches
resolve     `y += e` by kind; copies of written arguments       derive.resolve
derive      tangent or adjoint program                          derive.forward, derive.reverse
dead        what nothing needs                                  optimize.dead
record      what reversed loops read: computed again or taped   derive.record
FINISH      a tuple of passes, below
emit        text, comments, source map                          emit.text
"""

from __future__ import annotations

import inspect
import itertools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any
from weakref import WeakKeyDictionary

import gast

from tangent_sct.analysis.activity import Edge, active, edges
from tangent_sct.analysis.aliases import Classes, KindOf, alias_classes
from tangent_sct.analysis.boxes import boxes
from tangent_sct.analysis.brief import mark_brief
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.guards import Attribute, Code, attributes_of
from tangent_sct.analysis.kinds import Kinds, infer
from tangent_sct.analysis.kinds.objects import kind_of_object
from tangent_sct.analysis.mutation import changed_names, stored_container
from tangent_sct.analysis.notes import Noted, refuse_read_notes, with_plain_notes
from tangent_sct.analysis.numbers import holds_complex_numbers, refuse_complex
from tangent_sct.analysis.refused import refuse_all
from tangent_sct.analysis.texts import refuse_numbers_of_texts
from tangent_sct.analysis.unshared import Unshared
from tangent_sct.analysis.written import written_names
from tangent_sct.core import tree
from tangent_sct.core.collection import uncollected
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Mode, Request, Unit
from tangent_sct.derive.calls import Companion, Pairs
from tangent_sct.derive.context import Context
from tangent_sct.derive.fields import with_places
from tangent_sct.derive.indexed import with_positions
from tangent_sct.derive.insertions import inserted_for
from tangent_sct.derive.layout import tapes
from tangent_sct.derive.lists import with_arrays
from tangent_sct.derive.modes import Derived, gradient, pullback, pushforward
from tangent_sct.derive.recompute import cheap_test, same_object_test, stable_test
from tangent_sct.derive.record import record
from tangent_sct.derive.resolve import hoist, protect, resolve, updated
from tangent_sct.derive.truth import truths
from tangent_sct.emit.attempts import with_tries
from tangent_sct.emit.attributes import with_attributes
from tangent_sct.emit.text import Text, emit
from tangent_sct.frontend.callees import is_generated
from tangent_sct.frontend.given import unbound
from tangent_sct.frontend.namespace import Namespace, is_library, meaning
from tangent_sct.frontend.outputs import returning
from tangent_sct.frontend.program import Reader
from tangent_sct.frontend.ruled import is_ruled, signature_of
from tangent_sct.frontend.single import single
from tangent_sct.frontend.source import source_of, tree_of
from tangent_sct.optimize.branches import branches
from tangent_sct.optimize.copies import copies
from tangent_sct.optimize.dead import dead
from tangent_sct.optimize.fold import fold
from tangent_sct.optimize.inplace import inplace
from tangent_sct.optimize.methods import methods
from tangent_sct.optimize.nest import nest
from tangent_sct.optimize.places import places
from tangent_sct.optimize.propagate import propagate
from tangent_sct.optimize.renumber import renumber
from tangent_sct.optimize.seeds import seeds
from tangent_sct.optimize.shapes import shapes
from tangent_sct.optimize.subexpressions import subexpressions, twins
from tangent_sct.optimize.unpack import unpack
from tangent_sct.optimize.unset import unset
from tangent_sct.runtime.boxes import WRITERS
from tangent_sct.templating import registry

Pass = Callable[[Unit, KindOf], Unit]
"""Takes a unit and the kinds of its expressions, which are inferred when first asked for."""
Watch = Callable[[str, Unit], None]
"""Told of the unit after each pass that changed it."""


def _kindless(step: Callable[[Unit], Unit]) -> Pass:
    """A pass that asks for no kinds."""
    return lambda unit, kind_of: step(unit)


FINISH: tuple[tuple[str, Pass], ...] = (
    ("propagate", _kindless(propagate)),
    ("fold", fold),
    ("seeds", _kindless(seeds)),
    ("subexpressions", subexpressions),
    ("dead", dead),
    ("copies", _kindless(copies)),
    ("unset", _kindless(unset)),
    ("nest", nest),
    ("fold again", fold),
    ("places", places),
    ("inplace", inplace),
    ("methods", methods),
    ("unpack", unpack),
    ("renumber", _kindless(renumber)),
)
"""The optimiser, in order. A pass returns the same unit when there is nothing to do."""

RENAMING = frozenset(("copies", "renumber"))
"""Passes after which a name may hold something else; through all others kinds stay what they are."""

MODES = {
    "grad": gradient,
    "value_and_grad": gradient,
    "vjp": pullback,
    "jvp": pushforward,
    "pair": pullback,
    "replay": pullback,
    "pushforward": pushforward,
}


@dataclass(frozen=True)
class Made:
    """A function that was made for a recursive callee.

    Attributes:
        mode: what it is: half of a pair, `g_adjoint` or `g_pushforward`.
        active: which arguments of the callee carry a derivative.
    """

    mode: Mode
    active: tuple[bool, ...]


@dataclass(frozen=True)
class Result:
    """A derivative: its unit after all passes, and its text.

    Attributes:
        unit: the derivative function, with the functions it calls as companions.
        text: what is printed and run.
        uses: free names of the user's functions, with the objects they meant.
        attributes: what attributes of objects that they read meant.
        written: positions of the parameters that the function writes into.
        companions: the functions made for recursive callees, by what they are.
        noted: lists outside of the program that it puts values in which vary.
        rules: which rules there were.
    """

    unit: Unit
    text: Text
    uses: tuple[tuple[Source, str, Any], ...]
    attributes: tuple[Attribute | Code, ...]
    written: tuple[int, ...]
    companions: tuple[tuple[str, Made], ...] = ()
    noted: tuple[Noted, ...] = ()
    rules: int = field(default_factory=registry.state)

    def is_current(self) -> bool:
        """Whether everything that the text was written for still means the same."""
        if self.rules != registry.state():
            return False
        for source, name, value in self.uses:
            try:
                if source.lookup(name) is not value:
                    return False
            except KeyError:
                return False
        return all(attribute.holds() for attribute in self.attributes)


RESULTS: WeakKeyDictionary[Callable[..., Any], Result] = WeakKeyDictionary()
"""The texts of generated functions, which rely on more than they mention."""

MADE: WeakKeyDictionary[Callable[..., Any], Made] = WeakKeyDictionary()
"""The functions that were made for recursive callees, and what they are."""


def register(function: Callable[..., Any], result: Result) -> None:
    """Note what a generated function, which has been loaded, was written for."""
    RESULTS[function] = result
    for name, made in result.companions:
        MADE[function.__globals__[name]] = made


class Halved(Exception):
    """A derivative is differentiated that calls pairs, and more would have to be known of what these keep."""


def differentiate(
    function: Any,
    request: Request,
    parameters: tuple[str, ...],
    watch: Watch | None = None,
    passes: tuple[tuple[str, Pass], ...] = FINISH,
    replays: bool = False,
    replaying: Callable[[], Any] | None = None,
) -> Result:
    """Write the derivative of a function.

    Args:
        function: the user's function, or the generated function of a derivative.
        request: what is asked for; `wrt` and `kinds` by the function's own parameter names.
        parameters: those of its parameters that the derivative takes; the others keep their defaults.
        watch: told of the unit after each pass that changed it.
        passes: the optimiser's passes.
        replays: whether recursive calls are run again in the reverse sweep, so that nothing is kept of them.
        replaying: gives the function of that kind for a derivative.

    Raises:
        UnsupportedError: when the function uses what is not supported.
    """
    if not replays:
        try:
            return written(function, request, parameters, watch, passes, Ways())
        except Halved:
            pass
    function = function if replaying is None else replaying()
    return written(function, request, parameters, watch, passes, Ways(replays, inner=True))


@dataclass(frozen=True)
class Ways:
    """How a program is read and derived: the plain way first, other ways where that is refused.

    Attributes:
        replays: whether recursive calls are run again in the reverse sweep, so that nothing is kept of them.
        inner: whether they are in the derivatives that the program calls.
        by_steps: whether each `try` is cut where something is left half done.
        unfolds: whether functions defined inside are unfolded where no differentiated value goes through them, too.
    """

    replays: bool = False
    inner: bool = False
    by_steps: bool = False
    unfolds: bool = False


@uncollected
def written(
    function: Any,
    request: Request,
    parameters: tuple[str, ...],
    watch: Watch | None,
    passes: tuple[tuple[str, Pass], ...],
    ways: Ways,
) -> Result:
    """Write the derivative of a function, as `differentiate` does.

    Args:
        function: the user's function, or the generated function of a derivative.
        request: what is asked for; `wrt` and `kinds` by the function's own parameter names.
        parameters: those of its parameters that the derivative takes; the others keep their defaults.
        watch: told of the unit after each pass that changed it.
        passes: the optimiser's passes.
        ways: how it is read and derived.

    Raises:
        UnsupportedError: when the function uses what is not supported.
        Halved: when that is because of what pairs keep.
    """
    try:
        return _attempt(function, request, parameters, watch or _unseen, passes, ways)
    except UnsupportedError as error:
        if not (error.is_of_try or error.is_of_capture):
            raise
        try:
            others = replace(ways, by_steps=error.is_of_try, unfolds=error.is_of_capture)
            return _attempt(function, request, parameters, watch or _unseen, passes, others)
        except UnsupportedError:
            raise error from None


def _attempt(
    function: Any,
    request: Request,
    parameters: tuple[str, ...],
    seen: Watch,
    passes: tuple[tuple[str, Pass], ...],
    ways: Ways,
) -> Result:
    module = Module(Namespace(Names()), passes, ways)
    try:
        return _written(function, request, parameters, seen, module)
    except UnsupportedError:
        if module.shared.meets_half and not ways.inner:
            raise Halved from None
        raise


def _written(
    function: Any, request: Request, parameters: tuple[str, ...], seen: Watch, module: Module
) -> Result:
    names, passes, ways = module.namespace.names, module.passes, module.ways
    reader = _reader(names, module.namespace, ways)
    known: dict[Any, tuple[Kind, ...]] = {}
    if reader.callees.is_recursive(function) or is_wrapper(function):
        program = calling(function, request, parameters, reader)
    else:
        program = read(function, request, parameters, reader)
        if reader.callees.left:
            # It calls derivatives: now that their arguments are known, read it with their texts.
            known = derivative_kinds(program, module)
            names = Names()
            module = Module(Namespace(names), passes, ways, module.shared)
            reader = _reader(names, module.namespace, ways, known)
            program = read(function, request, parameters, reader)
    seen("read", program.unit)
    prepared = prepare(program, module, seen)
    unit = derive(prepared.facts, program, module, seen)
    unit = finish(unit, passes, seen)
    unit = with_attributes(replace(unit, companions=tuple(module.functions)))
    text = emit([*unit.companions, unit.tree])
    positions = tuple(parameters.index(name) for name in prepared.copied)
    uses, attributes = list(module.namespace.uses), list(attributes_of(function, program.unit, reader))
    for inner in (function, *(callee.generated(kinds, module.ways.inner) for callee, kinds in known.items())):
        below = RESULTS.get(inner) if isinstance(inner, types.FunctionType) else None
        if below is not None:
            uses += below.uses
            attributes += below.attributes
    return Result(unit, text, tuple(uses), tuple(attributes), positions, tuple(module.made), tuple(module.noted))


def derivative_kinds(program: Program, module: Module) -> dict[Any, tuple[Kind, ...]]:
    """The kinds of the arguments with which a program calls derivatives."""
    found: dict[Any, set[tuple[Kind, ...]]] = {}

    def result_kind(callee: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
        if not is_generated(callee):
            return module.result_kind(callee, args, keywords)
        try:
            bound = inspect.signature(callee).bind(*args, **keywords)
        except TypeError:
            return UNKNOWN
        kinds = tuple(kind.forget_value() for kind in bound.arguments.values())
        found.setdefault(callee, set()).add(kinds)
        return module.returned(callee.generated(kinds, module.ways.inner), kinds)

    unit, reader = program.unit, program.reader
    body, bases = single(unit.tree, reader.names, reader.temporaries, reader.helpers)
    infer(unit.with_body(body, bases=bases), result_kind)
    return {callee: next(iter(kinds)) for callee, kinds in found.items() if len(kinds) == 1}


def finish(unit: Unit, passes: Iterable[tuple[str, Pass]], seen: Watch) -> Unit:
    """Run the optimiser's passes."""
    facts = Facts(unit)
    for name, step in passes:
        after = step(unit, facts.kind_of)
        if after is unit:
            continue
        seen(name, after)
        unit = after
        if name in RENAMING or not facts.know_kinds:
            facts = Facts(unit)
    unit = with_plain_notes(unit, lambda item: facts.classes.sources(item), lambda item: facts.kind_of(item))
    return with_tries(unit)


class Facts:
    """What the analyses say of a unit, each of them run when it is first asked.

    Args:
        unit: a program.
        module: knows the functions that are called and not unfolded.
    """

    def __init__(self, unit: Unit, module: Module | None = None) -> None:
        self.unit = unit
        self._module = module
        self._changed_by: dict[int, tuple[gast.AST, set[str]]] = {}

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of its names."""
        return infer(self.unit, None if self._module is None else self._module.result_kind)

    @property
    def know_kinds(self) -> bool:
        """Whether kinds have been asked for."""
        return "kinds" in self.__dict__

    def kind_of(self, node: gast.AST) -> Kind:
        """The kind of an expression over its names."""
        return self.kinds.kind_of(node)

    def operand_kind(self, node: gast.AST) -> Kind:
        """The kind of an expression where it is not None."""
        return self.kinds.operand_kind(node)

    def kind_of_name(self, name: str) -> Kind:
        """The kind of what a name holds where it is not None."""
        return self.kinds.kind_of_name(name)

    @cached_property
    def flows(self) -> list[Edge]:
        """How derivatives flow between its names."""
        return list(edges(self.unit.tree.body, self.unit.namespace))

    @cached_property
    def calls(self) -> Calls:
        """What its calls do."""
        if self._module is None:
            return Calls(self.unit.namespace)
        return Calls(self.unit.namespace, self._module.is_harmless)

    @cached_property
    def classes(self) -> Classes:
        """Which of its names may share memory."""
        # Not its own `operand_kind`: the answer must not hold what holds it.
        return alias_classes(self.unit.tree.body, self.unit.namespace, self.kinds.operand_kind, self.calls)

    @cached_property
    def stored(self) -> frozenset[str]:
        """Names of arrays that are written in place."""
        return stored_names(self.unit.tree.body, self.classes, self.operand_kind)

    def is_unshared(self, name: str) -> bool:
        """Whether what a name holds is a number, or an array that no other variable sees."""
        unit, objects = self.unit, self.unit.namespace
        found = Unshared(
            unit.tree.body, objects, unit.bases, self.kind_of, self.classes,
            lambda value: updated(value, objects),
        )  # fmt: skip
        return found.holds(name)

    def changed_by(self, node: gast.AST) -> set[str]:
        """Names of what a statement changes in place, containers included."""
        known = self._changed_by.get(id(node))
        if known is None:
            # The node is kept with the answer, so that no other gets its identity.
            known = node, changed_names(node, self.calls, self.classes, self.operand_kind)
            self._changed_by[id(node)] = known
        return known[1]

    def written_by(self, node: gast.AST) -> set[str]:
        """Names of all that a statement may write into, arrays and what holds them included."""
        base = _stored_base(node)
        found = self.changed_by(node)
        return found if base is None else {*found, *self.classes.members(base)}

    @cached_property
    def changed(self) -> frozenset[str]:
        """Names of what is changed in place anywhere."""
        every = tree.every_statement(self.unit.tree.body)
        return self.stored.union(*map(self.changed_by, every))


@dataclass(frozen=True)
class Program:
    """A function in the small language, with the names it was given."""

    unit: Unit
    reader: Reader


def read(
    function: Any, request: Request, parameters: tuple[str, ...] | None, reader: Reader
) -> Program:
    """The function in the small language."""
    known = dict(request.kinds)
    active_names = [n for n in request.wrt if n not in known or _may_vary(known[n])]
    keys = {
        name: [key for key, _ in kind.items]
        for name, kind in request.kinds
        if kind.items is not None
    }
    node = reader.function(
        function, active_names, parameters, keys, dict(request.kinds), request.outputs
    )
    source, _ = reader.callees.text_of(unbound(function)[0])
    unit = Unit(node, source, request, reader.namespace.objects)
    return Program(unit, reader)


def _reader(
    names: Names,
    namespace: Namespace,
    ways: Ways,
    argument_kinds: dict[Any, tuple[Kind, ...]] | None = None,
) -> Reader:
    """What reads functions, told which calls may write."""
    return Reader(
        names, namespace, argument_kinds=argument_kinds, may_write=_may_write,
        replays=ways.inner, by_steps=ways.by_steps, unfolds_all=ways.unfolds,
    )  # fmt: skip


def _may_write(call: gast.Call, objects: Mapping[str, Any]) -> bool:
    return Calls(objects).facts(call).effect in ("writes", "unknown")


def calling(
    function: Any, request: Request, parameters: tuple[str, ...], reader: Reader
) -> Program:
    """A function that is differentiated through a call of it.

    A recursive one, whose pair calls itself; and one that shows the parameters of the function it
    wraps (`functools.wraps`) and takes `*args`.
    """
    source = source_of(function)
    node = tree_of(source)
    reader.names.reserve(parameters)
    callee = tree.load(reader.namespace.name_for(source.name, function))
    call = gast.Call(callee, [], [])
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in parameters:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            call.keywords.append(gast.keyword(name, tree.load(name)))
        elif parameter.kind is not parameter.VAR_KEYWORD:
            call.args.append(tree.load(name))
    result = reader.names.fresh("result")
    reader.temporaries.add(result)
    model = node.body[-1]
    body = [
        tree.like(tree.assign(result, call), model),
        tree.like(tree.return_(tree.load(result)), model),
    ]
    if request.outputs is not None:
        whole = tree.function(source.name, tree.parameters(parameters), body)
        body = returning(tree.like(whole, node), request.outputs, reader.names).body
    body = reader.expand(body, lambda node: any(n in request.wrt for n in tree.names_read(node)))
    outer = tree.like(tree.function(source.name, tree.parameters(parameters), body), node)
    return Program(Unit(outer, source, request, reader.namespace.objects), reader)


def is_wrapper(function: Any) -> bool:
    """Whether a function shows the signature of another one that it wraps."""
    if is_ruled(function) or not hasattr(function, "__wrapped__"):
        return False
    return signature_of(function) != signature_of(function, follow_wrapped=False)


def _may_vary(kind: Kind) -> bool:
    return kind.is_float is not False or kind.is_container


@dataclass(frozen=True)
class Prepared:
    """A program that is ready to be differentiated.

    Attributes:
        facts: of the program.
        copied: the parameters that it works on copies of, since it may write into them.
        before: facts before there were copies.
    """

    facts: Facts
    copied: list[str]
    before: Facts

    def written(self) -> list[str]:
        """Those of the parameters that it may indeed write into."""
        if not self.copied:
            return []
        before = self.before
        return written_names(before.unit.tree.body, self.copied, before.classes, before.calls, before.kind_of)


def prepare(program: Program, module: Module, seen: Watch) -> Prepared:
    """Single assignment, tests and updates decided by kind, written arguments copied."""
    unit, reader = program.unit, program.reader
    names, namespace = reader.names, reader.namespace
    body, bases = single(unit.tree, names, reader.temporaries, reader.helpers)
    unit = unit.with_body(body, bases=bases)
    seen("single", unit)
    facts = Facts(unit, module)
    placed = with_places(unit.tree.body, facts.kind_of)
    if placed is not unit.tree.body:
        body = placed
        unit = unit.with_body(body)
        facts = Facts(unit, module)
    while (decided := _decided(unit, facts.kind_of)) is not unit:
        # What is left may be better known, and with it the tests that are left.
        unit, facts = decided, Facts(decided, module)
        body = unit.tree.body
        seen("branches", unit)
    truthful = truths(unit.tree.body, namespace, facts.kind_of)
    if truthful is not unit.tree.body:
        body = truthful
        unit = unit.with_body(body, namespace=namespace.objects)
        facts = Facts(unit, module)
    resolved = resolve(
        body, namespace, names, bases, facts.operand_kind,
        lambda: _varied(facts), lambda: _varied(facts, facts.classes.members), facts.is_unshared,
    )  # fmt: skip
    if resolved is not body:
        unit = unit.with_body(resolved, bases=bases, namespace=namespace.objects)
        facts = Facts(unit, module)
    listed = with_arrays(unit.tree.body, namespace, names, bases, facts.operand_kind, cache(lambda: _varied(facts)))
    if listed is not unit.tree.body:
        unit = unit.with_body(listed, bases=bases, namespace=namespace.objects)
        facts = Facts(unit, module)
    mark_brief(unit.tree.body, unit.namespace)
    mine = [n for n in tree.parameter_names(unit.tree) if n in facts.changed]
    before = facts
    if facts.changed:
        body = with_positions(
            unit.tree.body, facts.changed.__contains__, facts.operand_kind, namespace, names, bases
        )
        body = hoist(body, facts.changed.__contains__, namespace, names, bases)
        body = protect(body, mine, namespace, names, bases, facts.operand_kind)
        unit = unit.with_body(body, bases=bases, namespace=namespace.objects)
        facts = Facts(unit, module)
    seen("resolve", unit)
    return Prepared(facts, mine, before)


def _decided(unit: Unit, kind_of: KindOf) -> Unit:
    """A unit with fewer tests; the very same where kinds decide no more of them."""
    decided = branches(unit, kind_of)
    return branches(unit, kind_of, settle=True) if decided is unit else decided


def _varied(facts: Facts, share: Callable[[str], Iterable[str]] = lambda name: (name,)) -> set[str]:
    """Names that may depend on what is differentiated, themselves or through memory that they share."""
    unit = facts.unit
    every = [*unit.request.wrt, *tree.names_written(unit.tree.body)]
    return active(facts.flows, unit.request.wrt, every, share, facts.kind_of_name)


def stored_names(
    body: list[gast.AST], classes: Classes, kind_of: Callable[[gast.AST], Kind]
) -> frozenset[str]:
    """Names of arrays that are written in place by some statement."""
    found: set[str] = set()
    for node in tree.every_statement(body):
        base = None if stored_container(node, kind_of) is not None else _stored_base(node)
        if base is not None:
            found.update(classes.members(base))
    return frozenset(found)


def _stored_base(node: gast.AST) -> str | None:
    """The name through which a statement writes into an array or a container."""
    target: gast.AST | None = None
    if isinstance(node, gast.Assign):
        (target,) = node.targets
    elif isinstance(node, gast.AugAssign):
        target = node.target
        if isinstance(target, gast.Name):
            return str(target.id)
    elif isinstance(node, gast.Expr) and isinstance(node.value, gast.Call):
        call = node.value
        if isinstance(call.func, gast.Attribute) and call.func.attr == "at" and call.args:
            return call.args[0].id if isinstance(call.args[0], gast.Name) else None
    if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
        return str(target.value.id)
    return None


def derive(facts: Facts, program: Program, module: Module, seen: Watch) -> Unit:
    """The derivative program, with what its loops need recorded."""
    unit, context = facts.unit, analysed(facts, program, module)
    parameters = tree.parameter_names(unit.tree)
    mode = MODES[unit.request.mode]
    pairs = Pairs(context, module)
    derived = mode(context, unit.tree.name, parameters, unit.tree.body, unit.request, pairs)
    if module.has_complex and not context.has_complex:
        # A function that calls itself makes complex numbers, which was not known when this was written.
        refuse_complex(
            facts.unit.tree.body, facts.unit.namespace, context.active, _varied(facts), facts.kind_of, False
        )
    unit = replace(_with_function(unit, derived, context), companions=tuple(module.functions))
    seen("derive", unit)
    unit = dead(shapes(unit, context.kind_of))
    seen("dead", unit)
    if unit.request.mode in ("jvp", "pushforward"):
        return unit
    unit = twins(unit, context.kind_of)
    seen("twins", unit)
    # What changes a box changes its shadow.
    changing = facts.changed.union(context.shadows_of_boxes(facts.changed))
    stable = stable_test(context, changing)
    recorded = record(
        list(unit.tree.body),
        context.names,
        context.bases,
        cheap_test(context),
        stable,
        same_object_test(context, facts.changed),
    )
    unit = unit.with_body(recorded, bases=context.bases, namespace=context.namespace.objects)
    seen("record", unit)
    return unit


def analysed(facts: Facts, program: Program, module: Module) -> Context:
    """The facts that both modes work with."""
    unit, classes, stored = facts.unit, facts.classes, facts.stored
    body = unit.tree.body

    def share(name: str) -> frozenset[str]:
        return frozenset(classes.members(name))

    parameters = tree.parameter_names(unit.tree)
    fixed = set(parameters) - set(unit.request.wrt)

    def share_stored(name: str) -> Iterable[str]:
        if name in stored:
            return [other for other in classes.members(name) if other not in fixed]
        if name in facts.changed:
            # A container changes, not the arrays in it.
            members = [m for m in classes.members(name) if _may_be_container(facts.kind_of_name(m))]
            return {name, *members} - fixed
        return (name,)

    # Code that is inserted for an adjoint may make one of nothing.
    results = [*tree.names_read(body[-1].value), *inserted_for(body, unit.namespace)]
    found = active(facts.flows, unit.request.wrt, results, share_stored, facts.kind_of_name)
    # Many refusals ask for it, and each time it would be found anew.
    find_varied_by_name = cache(lambda: _varied(facts))
    refuse_all(
        body, unit.namespace, found, facts.operand_kind, find_varied_by_name, facts.written_by
    )
    module.noted += refuse_read_notes(
        body, unit.namespace, lambda item: not stored.isdisjoint(classes.sources(item)), unit.request.mode == "replay"
    )
    has_complex = module.has_complex or holds_complex_numbers(body, facts.kind_of)
    module.has_complex = has_complex
    if has_complex:
        module.holomorphic = module.holomorphic or unit.request.holomorphic
        refuse_complex(body, unit.namespace, found, find_varied_by_name(), facts.kind_of, module.holomorphic)
    # Where nothing is changed in place, no memory is shared that could vary by another name.
    find_varied = cache(lambda: _varied(facts, share_stored)) if facts.changed else find_varied_by_name
    refuse_numbers_of_texts(
        body, unit.namespace, results, share_stored, facts.operand_kind, find_varied, facts.written_by
    )
    pushed = frozenset(tapes(body))

    def is_writer(function: gast.AST) -> bool:
        return meaning(function, unit.namespace) in WRITERS

    boxed = boxes(body, facts.operand_kind, stored, parameters, pushed, is_writer)
    return Context(
        program.reader.names, program.reader.namespace, dict(unit.bases),
        facts.kind_of, facts.operand_kind, facts.kind_of_name, share,
        classes.sources, stored, boxed, pushed, found, facts.changed_by,
        lambda names: not find_varied().isdisjoint(names), has_complex,
    )  # fmt: skip


def _may_be_container(kind: Kind) -> bool:
    return kind.is_container or kind.family == "unknown"


def _with_function(unit: Unit, derived: Derived, context: Context) -> Unit:
    arguments = tree.parameters(derived.parameters, derived.defaults)
    function = tree.like(tree.function(derived.name, arguments, derived.body), unit.tree)
    own = tree.parameter_names(unit.tree)
    kinds = {name: context.kind(name) for name in own} | derived.seed_kinds
    request = replace(unit.request, kinds=tuple(kinds.items()))
    return replace(
        unit,
        tree=function,
        request=request,
        namespace=context.namespace.objects,
        bases=context.bases,
    )


@dataclass
class Shared:
    """What two readings of one program share.

    Attributes:
        meets_half: whether half of a pair was met, of which little is known.
    """

    meets_half: bool = False


SHAPES = 4
"""With how many patterns of shapes a recursive function is specialised before shapes are left open."""

TREES = 40
"""The same for a function that is given containers in containers: left open, nothing is known of what is in them."""


class Module:
    """The text being written: its namespace, and the functions made for callees (`derive.calls`).

    Attributes:
        has_complex: whether there are complex numbers in what has been derived so far.
        holomorphic: whether a holomorphic function is differentiated, and so all that it calls must be.
        ways: how all of it is read and derived.
        noted: lists outside of the program that it puts values in which vary.
    """

    def __init__(
        self,
        namespace: Namespace,
        passes: tuple[tuple[str, Pass], ...],
        ways: Ways,
        shared: Shared | None = None,
    ) -> None:
        self.namespace = namespace
        self.passes = passes
        self.ways = ways
        self.shared = shared or Shared()
        self.made: list[tuple[str, Made]] = []
        self.functions: list[gast.FunctionDef] = []
        self.known: dict[Any, Companion] = {}
        self.results: dict[Any, Kind] = {}
        self.asked: dict[Any, set[tuple[Kind, ...]]] = {}
        self.reading: list[Any] = []
        self.verdicts: dict[Any, dict[Any, bool]] = {}
        self.has_complex = False
        self.holomorphic = False
        self.noted: list[Noted] = []

    def widened(self, function: Any, kinds: Sequence[Kind]) -> tuple[Kind, ...]:
        """Kinds of arguments, without shapes where a function calls itself with ever new ones."""
        asked = self.asked.setdefault(function, set())
        found = tuple(kinds)
        is_tree = any(map(_is_tree, (*itertools.chain(*asked), *found)))
        if found not in asked and len(asked) >= (TREES if is_tree else SHAPES):
            found = tuple(map(_open, found))
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
        prepared = prepare(program, self, _unseen)
        facts = prepared.facts
        if written := prepared.written():
            raise UnsupportedError(
                f"`{function.__name__}` calls itself and writes into its argument `{written[0]}`",
                tree.origin_of(facts.unit.tree.body[0]), "return the new array instead",
            )  # fmt: skip
        companion.is_detached = bool(prepared.copied)
        unit = derive(facts, program, self, _unseen)
        halves = split(unit, program.reader.names) if mode == "pair" else [unit]
        for half, name in zip(halves, filter(None, (companion.forward, companion.backward)), strict=False):
            finished = finish(half, self.passes, _unseen)
            for free, value in finished.namespace.items():
                self.namespace.objects.setdefault(free, value)
            finished.tree.name = name
            self.made.append((name, Made(mode, tuple(active))))
            self.functions.append(finished.tree)

    def callee(
        self, function: Any, mode: Mode, kinds: Sequence[Kind], active: Sequence[bool]
    ) -> Program:
        """A callee in the small language, with local names of its own."""
        made = MADE.get(function) if isinstance(function, types.FunctionType) else None
        self.shared.meets_half |= made is not None and made.mode == "pair"
        names = Names()
        namespace = self.namespace.beside(names)
        own = list(inspect.signature(function, follow_wrapped=False).parameters)
        wrt = tuple(name for name, is_active in zip(own, active, strict=True) if is_active)
        single = len(wrt) == 1
        request = Request(mode, wrt, single, False, tuple(zip(own, kinds, strict=False)))
        return read(function, request, tuple(own[: len(kinds)]), _reader(names, namespace, self.ways))

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
        may = [_may_vary(kind) for kind in kinds]
        may += [False] * (len(inspect.signature(function).parameters) - len(may))
        program = self.callee(function, "grad", kinds, may)
        self.reading.append(function)
        try:
            prepared = prepare(program, self, _unseen)
        finally:
            self.reading.pop()
        facts = prepared.facts
        own = set(tree.names_written(facts.unit.tree.body))
        self.judge(function, kinds, facts.changed <= own and not prepared.written())
        return facts.kind_of(facts.unit.tree.body[-1].value).forget_value()

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


def _ordered(function: Any, args: list[Kind], keywords: Mapping[str, Kind]) -> list[Kind] | None:
    """The kinds of the arguments of a call in the order of the parameters, as far as some are given."""
    try:
        bound = inspect.signature(function, follow_wrapped=False).bind(*args, **keywords)
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


def _open(kind: Kind) -> Kind:
    """A kind for arrays of every shape, and for lists and tuples of every length."""
    if kind.is_array:
        return replace(kind, shape=None)
    return replace(kind, items=None) if kind.family in ("list", "tuple") else kind


def _unseen(name: str, unit: Unit) -> None:
    """Nobody watches the passes of a callee."""


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
