"""What is known of a program while it is read, and what becomes of that where statements stay as they are."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import WORDS
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.active import CHANGERS, KNOWN_METHODS
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.callees import Callees
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.inside import declared_inside
from tangent_sct.frontend.library import Library
from tangent_sct.frontend.made import Made, Site, Whole, refuse_class
from tangent_sct.frontend.meanings import (
    NOTHING,
    Collection,
    Inner,
    Instance,
    Items,
    Method,
    Outer,
    Several,
    Value,
    held_in,
)
from tangent_sct.frontend.namespace import MISSING, Namespace, is_library, meaning
from tangent_sct.frontend.objects import SIMPLE_CLASSES, Objects, assigns_field
from tangent_sct.frontend.running import Running
from tangent_sct.frontend.scope import MayWrite
from tangent_sct.runtime import (
    count_in_turn,
    place_of_max,
    place_of_min,
    sort_order,
    zero_items,
    zeros_like,
)

_CHANGES_NOTHING = (gast.Expr, gast.Return, gast.Raise, gast.Assert, gast.Pass)
"""Statements that change containers by the calls in them alone."""

_HELPERS = "tangent_sct.runtime"
"""The package of what derivatives call."""

_HOLDING_NOTHING = (zero_items, zeros_like, place_of_max, place_of_min, count_in_turn, sort_order, len)
"""Functions whose results are zeros or numbers."""

_CHANGING_NOTHING = (
    "type", "len", "range", "isinstance", "enumerate", "zip", "list", "tuple", "max", "min", "sorted",
)  # fmt: skip
"""Python's own functions that change nothing that a container holds."""

_REACHING = (setattr, delattr, vars)
"""Python's own functions that reach the attributes of an object."""


def _is_place(node: gast.AST) -> bool:
    return isinstance(node, gast.Constant) and type(node.value) is int


@dataclass
class Reading(ABC):
    """What is known of a program while the functions that it is made of are read.

    Attributes:
        names: gives out every name of the program.
        namespace: its free names.
        temporaries: names that the compiler made.
        helpers: names that desugaring made, some of them for values from several places.
        argument_kinds: kinds of the arguments with which a derivative is called in the program.
        may_write: whether a call may write into what it is given, or reaches.
        replays: whether recursive calls of derivatives are run again in their reverse sweeps.
        callees: the functions from outside that it calls.
        functions: the functions that names mean at the place that has been reached.
        unfolding: functions defined inside that are being unfolded.
        source: of the function that is being read.
        methods: of known objects, that are being unfolded.
        unfolded_on_objects: how many calls of functions that call themselves on objects have been unfolded.
        objects: rewrites what is done with objects whose attributes are known.
        running: lists the items of objects that say themselves what is run through.
        library: rewrites what is done with collections of Python's library.
        lifted: functions of the top level made of functions defined inside.
        rebound: variables of the program that functions defined inside assign.
        fixed: parameters that hold a number or a text all along, into which nothing can be written.
        whole: where objects are made that are used as a whole.
        calls: where the calls stand that are being unfolded.
        made: every object that is made here and stands in no variable, by the names that have meant it.
        variables: of each function that is being read.
        frames: those functions, in their present form.
        is_tagged: whether functions that are kept as what they captured have the names of their definitions.
        definitions: these names, by what the functions do.
        by_steps: whether each `try` is cut where something is left half done.
        tables: dicts, lists and tuples of functions from outside that the program reads.
        endless: functions that call themselves on objects that are made here, too often to be unfolded.
        attempts: how many `try` stand around the place that has been reached.
        fills: whether the program may come upon a dict that fills itself as it is read.
        unfilled: its parameters that surely are none, and hold none.
        unfolds_all: whether functions defined inside are unfolded where no differentiated value goes through, too.
        follows_all: whether objects are followed that are made of what is not differentiated: one that is may be
            chosen instead.
        parts_all: whether what is made of any variable is broken up: it may share memory with what is differentiated.
        in_turn: whether items without a derivative are computed when it is their turn, where that may matter.
    """

    names: Names
    namespace: Namespace
    temporaries: set[str] = field(default_factory=set)
    helpers: set[str] = field(default_factory=set)
    argument_kinds: dict[Any, tuple[Kind, ...]] | None = None
    may_write: MayWrite = lambda call, objects: False
    replays: bool = False
    callees: Callees = field(init=False)
    functions: Functions = field(init=False)
    unfolding: list[Inner] = field(default_factory=list)
    source: Source | None = None
    methods: list[Any] = field(default_factory=list)
    unfolded_on_objects: int = 0
    objects: Objects = field(init=False)
    running: Running = field(init=False)
    library: Library = field(init=False)
    lifted: dict[tuple[gast.AST, Any], Any] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    whole: set[Site] = field(default_factory=set)
    calls: list[Origin | None] = field(default_factory=list)
    made: dict[str, Made] = field(default_factory=dict)
    variables: list[set[str]] = field(default_factory=list)
    frames: list[gast.FunctionDef] = field(default_factory=list)
    is_tagged: bool = False
    definitions: dict[str, str] = field(default_factory=dict)
    by_steps: bool = False
    unfolds_all: bool = False
    follows_all: bool = False
    parts_all: bool = False
    in_turn: bool = False
    attempts: int = 0
    fills: bool = False
    unfilled: set[str] = field(default_factory=set)
    tables: list[Any] = field(default_factory=list)
    endless: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.namespace.objects.update(WORDS)
        self.callees = Callees(self.namespace.objects, self.argument_kinds, self.replays)
        self.begin()

    def begin(self) -> None:
        """Know of no function, object or collection that a name means."""
        self.functions = Functions(functools.partial(outer_object, self.namespace))
        self.objects = Objects(self.functions, self.namespace)
        self.running = Running(self.functions, self.namespace, self.temporary)
        self.library = Library(
            self.functions, self.namespace.objects, self.temporary, self.namespace.name_for, self.unfolds
        )

    @abstractmethod
    def read(self, source: Source, node: gast.FunctionDef, parameters: set[str]) -> gast.FunctionDef:
        """A parsed function in the small language."""

    @abstractmethod
    def table_of(self, value: Any) -> Items | None:
        """What is known of a dict, a list or a tuple of functions from outside; None for other objects."""

    @abstractmethod
    def expand(self, body: list[gast.AST], is_active: Callable[[gast.AST], bool]) -> list[gast.AST]:
        """Statements in which calls of user functions on active values are what these do."""

    @abstractmethod
    def expand_statement(self, node: gast.AST, is_active: Callable[[gast.AST], bool]) -> list[gast.AST]:
        """An assignment or an effect; what it calls is unfolded where that is one to be read."""

    @abstractmethod
    def unfold_value(
        self, node: gast.AST, call: gast.Call, value: Value, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """The statements of what a name means, in place of a statement that calls it."""

    @abstractmethod
    def refuse_uncalled(self, node: gast.AST) -> None:
        """Refuse a statement that uses what stands for a function otherwise than to call it or to hand it on."""

    @abstractmethod
    def unfolds(self, call: gast.Call) -> bool:
        """Whether what a call calls is read in its place, so that what its arguments mean is known there."""

    def temporary(self, base: str) -> str:
        """A name that the compiler makes."""
        name = self.names.fresh(base)
        self.temporaries.add(name)
        return name

    def fix(self, function: gast.FunctionDef, given: Iterable[str]) -> None:
        """Note the parameters that are given numbers or texts, and never assigned."""
        self.fixed.update(set(given).difference(tree.names_written(function.body), declared_inside(function)))

    def is_fixed(self, value: gast.AST) -> bool:
        """Whether an argument is a number or a text."""
        return isinstance(value, gast.Constant) or (isinstance(value, gast.Name) and value.id in self.fixed)

    def known(self, name: str) -> Value | None:
        """What a variable means here, None where that is no function."""
        return self.functions.of(tree.load(name))

    def rename(self, target: str, made: Made) -> None:
        """A name means an object that is made here."""
        self.functions.bind(target, made)
        self.made[target] = made

    def bound(self, node: gast.AST, value: Value | None) -> gast.AST:
        """A statement, and what the name that it assigns means from here on."""
        self.meet_use(node)
        target = assigned_name(node)
        if target is not None:
            is_none = value is None and isinstance(node, gast.Assign) and self.functions.is_none(node.value)
            self.functions.bind(target, NOTHING if is_none else value)
            node.is_function = value is not None and not isinstance(value, Collection)
            node.is_plain_item = self.functions.is_plain_item(getattr(node, "value", None))
        else:
            self.functions.forget(tree.names_written(node))
        return node

    def meet_free_names(self, source: Source, node: gast.FunctionDef) -> None:
        """Give the free names of a function their names before any temporary takes them."""
        bound = set(bound_names(node))
        for name in tree.names_read(node.body):
            if name not in bound:
                try:
                    own = self.namespace.use(source, name)
                except KeyError:
                    continue
                self.functions.bind_table(own, functools.partial(self.table_of, self.namespace.objects[own]))

    def meet_objects(self, node: gast.AST) -> None:
        """Whatever a statement or an expression that stays reads as a whole has to be there.

        Raises:
            Whole: when it is not.
        """
        self.refuse_kept_methods(node)
        found = self.functions.sites(node)
        if found:
            for site in found:
                # What stands for an object of a library is none, so nobody may see it.
                refuse_class(site.cls, tree.origin_of(node) or (self.calls[-1] if self.calls else None))
            raise Whole(found)
        self.refuse_held(node)

    def refuse_held(self, node: gast.AST) -> None:
        """Refuse what is done with a tuple that would hold what only stands for an object of a library.

        It may be handed on, counted, and taken apart at known places.
        """
        if not self.functions.are_met:
            return
        for name in set(tree.names_read(node)):
            known = self.known(name)
            stands_in = next(held_in(known), None) if isinstance(known, Items) else None
            if stands_in is None or (type(node) is gast.Assign and tree.is_name(node.value, name)):
                continue
            every = list(tree.walk(node))
            plain = [
                item for item in every
                if (type(item) is gast.Subscript and tree.is_name(item.value, name) and _is_place(item.slice))
                or (type(item) is gast.Call and tree.is_name(item.func, "len") and tree.is_name(item.args[0], name))
            ]  # fmt: skip
            if len(plain) < sum(tree.is_name(item, name) for item in every):
                refuse_class(stands_in.cls, tree.origin_of(node) or (self.calls[-1] if self.calls else None))

    def refuse_kept_methods(self, node: gast.AST) -> None:
        """Refuse a statement or an expression that uses a method that a variable keeps otherwise than to call it.

        Raises:
            UnsupportedError: naming the method.
        """
        for name in tree.names_read(node) if self.functions.are_met else ():
            known = self.known(name)
            if isinstance(known, Method):
                raise UnsupportedError(
                    f"the method `{known.name}` of an object that is differentiated is kept, and not only called",
                    tree.origin_of(node) or (self.calls[-1] if self.calls else None),
                    "keep it in a variable of its own, or write a function that calls it",
                )

    def meet_use(self, node: gast.AST) -> None:
        """What a statement or an expression that stays may do to containers of functions, and to variables."""
        self.meet_objects(node)
        self.refuse_uncalled(node)
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            if self.functions.are_met and self.functions.of(node.value) is None:
                value = tree.replaced(node.value, self.without_contents)
                if self.functions.holds_containers(value):
                    # An item that is a container has another name now, which is not followed.
                    self.functions.change(tree.names_read(value))
        elif assigns_field(node):
            # What holds a function or an object is not assigned.
            return
        elif isinstance(node, gast.stmt) and not isinstance(node, _CHANGES_NOTHING):
            self.functions.change([*tree.names_read(node), *tree.names_written(node)])
        for call in (item for item in tree.walk(node) if isinstance(item, gast.Call)):
            self.meet_call(call)

    def without_contents(self, value: gast.AST) -> gast.AST | None:
        """A number for what is made of another value, and surely holds nothing of it; None for all else."""
        if not isinstance(value, gast.Call):
            return None
        if isinstance(value.func, gast.Attribute) and value.func.attr == "keys" and not value.args:
            owner = self.functions.of(value.func.value)
            return tree.const(0) if isinstance(owner, (Items, Several)) and owner.is_dict else None
        function = meaning(value.func, self.namespace.objects)
        return tree.const(0) if any(function is known for known in _HOLDING_NOTHING) else None

    def meet_call(self, call: gast.Call) -> None:
        """What a call that is not unfolded may do to containers of functions, and to variables."""
        function = call.func
        found = meaning(function, self.namespace.objects)
        if (getattr(found, "__module__", None) or "").startswith(_HELPERS) or found is functools.partial:
            # What stands beside an object keeps its structure; and what a partial is given is not called yet.
            return
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        of_table = isinstance(getattr(found, "__self__", None), (dict, list, tuple))
        if isinstance(function, gast.Attribute) and (found is MISSING or of_table):
            is_known = function.attr in KNOWN_METHODS
            writes = function.attr in CHANGERS
        else:
            is_known = found is not MISSING
            writes = not (is_known and is_library(getattr(found, "__module__", None)))
        met = [v for v in values if isinstance(v, gast.Name) and self.functions.of(v) is not None]
        if (getattr(found, "__module__", None) or "").partition(".")[0] == "numpy":
            # The class of its elements is asked for nothing else: `np.asarray(a, bool)`.
            met = [v for v in met if not self._is_number_class(v)]
        if not is_known or met:
            if not tree.is_name(function, *_CHANGING_NOTHING):
                self.functions.change_all()
                self.functions.forget(self.rebound)
        elif writes:
            self.functions.change(tree.names_read(call))
            if found is not MISSING:
                # What a user's function does to objects outside is not seen.
                self.functions.change_tables()
        read = (self.functions.of(v) for v in values)
        if (not is_known or writes or is_one_of(found, _REACHING)) and any(isinstance(v, Instance) for v in read):
            self.functions.change_objects()

    def _is_number_class(self, node: gast.AST) -> bool:
        """Whether an expression means a class of numbers."""
        found = meaning(node, self.namespace.objects)
        return any(found is known for known in SIMPLE_CLASSES)

    def tried(self, node: gast.AST, unfold: Callable[[], list[gast.AST]]) -> list[gast.AST]:
        """A call that carries no derivative, of a function that may return one it defines."""
        before = self.functions.state()
        try:
            return unfold()
        except UnsupportedError:
            # Whatever it does, what carries no derivative may stay as it is.
            self.functions.restore(before)
            return [self.bound(node, None)]

    def object_of(self, node: gast.AST) -> Outer | None:
        """An object from outside the program, whose methods may be called; None for other expressions."""
        is_free = isinstance(node, gast.Name) and node.id in self.namespace.objects
        return Outer(node.id, node) if is_free else None


def assigned_name(node: gast.AST) -> str | None:
    """The name that a statement assigns, None where it does not."""
    if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
        return str(node.targets[0].id)
    return None


def with_value(node: gast.AST, value: gast.AST) -> gast.AST:
    """A statement with another right-hand side."""
    if isinstance(node, gast.Assign):
        return tree.like(tree.assign(node.targets[0], value), node)
    return tree.like(tree.effect(value), node)


def or_mentions(
    is_active: Callable[[gast.AST], bool], names: Sequence[str]
) -> Callable[[gast.AST], bool]:
    """Whether an expression may carry a derivative, where some more names do."""
    return lambda node: is_active(node) or not set(names).isdisjoint(tree.names_read(node))


def has_active(call: gast.Call, is_active: Callable[[gast.AST], bool]) -> bool:
    """Whether some argument of a call may carry a derivative."""
    values = [*call.args, *(k.value for k in call.keywords)]
    return any(map(is_active, values))


def outer_object(namespace: Namespace, node: gast.AST) -> Any:
    """The function, or the module, from outside the program that an expression means, None where it is none."""
    found = meaning(node, namespace.objects)
    return found if found is not MISSING and (callable(found) or isinstance(found, ModuleType)) else None


def outer_function(namespace: Namespace, node: gast.AST) -> Any:
    """The function from outside the program that an expression means, None where it is none."""
    found = meaning(node, namespace.objects)
    return found if callable(found) and found is not MISSING else None
