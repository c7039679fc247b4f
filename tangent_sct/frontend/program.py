"""A user's function in the small language: read, desugared, normalised, with the functions it calls.

>>> import math
>>> from tangent_sct.core.names import Names
>>> def square(x):
...     return x * x
>>> def f(x):
...     return math.sin(square(x) + 1.0)
>>> names = Names()
>>> reader = Reader(names, Namespace(names))
>>> print(tree.text(reader.function(f, {"x"}).body))
result_2 = x * x
t = result_2
t_2 = t + 1.0
result = math.sin(t_2)
return result
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.attempts import WORDS
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Field, Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend import subset
from tangent_sct.frontend.active import (
    CHANGERS,
    KNOWN_METHODS,
    active_names,
    mentions_active,
)
from tangent_sct.frontend.bound import (
    bound_inside,
    bound_names,
    functions_of,
    kept_by_functions,
    loop_targets,
    own_names,
)
from tangent_sct.frontend.callees import Callees, defines_functions, is_generated
from tangent_sct.frontend.desugar import desugar
from tangent_sct.frontend.einsum import with_letters
from tangent_sct.frontend.expansions import expansion_for, without_defaults
from tangent_sct.frontend.functions import (
    NOTHING,
    Choice,
    Collection,
    Functions,
    Inner,
    Instance,
    Items,
    Method,
    Outer,
    Partial,
    Several,
    Value,
    any_item,
    arguments_of,
    declared_inside,
    inner,
    is_option,
    settled,
    shadow_of,
    signature,
    with_given,
)
from tangent_sct.frontend.generators import without_generators
from tangent_sct.frontend.given import display_keys, unbound, variadic, with_defaults_filled
from tangent_sct.frontend.handed import without_handed
from tangent_sct.frontend.imports import imported
from tangent_sct.frontend.inline import bound_arguments, default_expression, spelling_of
from tangent_sct.frontend.library import Library
from tangent_sct.frontend.lifted import (
    Group,
    call_of_lifted,
    calls_itself,
    group_of,
    lifted,
    mentioned,
)
from tangent_sct.frontend.made import Made, Site, Whole, is_followed, replaced_call
from tangent_sct.frontend.namespace import MISSING, Namespace, is_library, meaning
from tangent_sct.frontend.normalise import MayWrite, normalise
from tangent_sct.frontend.notes import with_notes
from tangent_sct.frontend.objects import Objects, assigns_field, named_tuple
from tangent_sct.frontend.outputs import Outputs, returning
from tangent_sct.frontend.outs import named_out
from tangent_sct.frontend.protocols import refuse_protocols
from tangent_sct.frontend.rules import Lookup, fresh_test, rule_test
from tangent_sct.frontend.source import origin_of_node
from tangent_sct.frontend.spread import (
    fitting,
    open_keywords,
    signature_for,
    spread_of,
    written_out_call,
)
from tangent_sct.frontend.unrolled import with_loops_written_out
from tangent_sct.frontend.variadic import written_out
from tangent_sct.frontend.yields import marked
from tangent_sct.runtime import copied, entry_by_entry, named, noted, zero_items, zeros_like
from tangent_sct.runtime.objects import is_named
from tangent_sct.templates.methods import WRITERS as ARRAY_WRITERS
from tangent_sct.templating import registry

_CHANGES_NOTHING = (gast.Expr, gast.Return, gast.Raise, gast.Assert, gast.Pass)
"""Statements that change containers by the calls in them alone."""

_NESTED = 4
"""How often a function may be called by functions that are handed to it."""

_MAKERS = "tangent_sct.api"
"""The module whose functions make derivatives."""

_HELPERS = "tangent_sct.runtime"
"""The package of what derivatives call."""

_METHODS = 20
"""How deep a method may call itself, on objects in objects."""

_REACHING = (setattr, delattr, vars)
"""Python's own functions that reach the attributes of an object."""


@dataclass
class Reader:
    """Brings functions into the small language, all with one set of names.

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
        receiver: its first parameter.
        methods: of known objects, that are being unfolded.
        objects: rewrites what is done with objects whose attributes are known.
        library: rewrites what is done with collections of Python's library.
        lifted: functions of the top level made of functions defined inside.
        rebound: variables of the program that functions defined inside assign.
        whole: where objects are made that are used as a whole.
        calls: where the calls stand that are being unfolded.
        made: every object that is made here and stands in no variable, by the names that have meant it.
        variables: of each function that is being read.
        by_steps: whether each `try` is cut where something is left half done.
        unfolds_all: whether functions defined inside are unfolded where no differentiated value goes through, too.
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
    receiver: str = ""
    methods: list[Any] = field(default_factory=list)
    objects: Objects = field(init=False)
    library: Library = field(init=False)
    lifted: dict[tuple[gast.AST, Any], Any] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)
    whole: set[Site] = field(default_factory=set)
    calls: list[Origin | None] = field(default_factory=list)
    made: dict[str, Made] = field(default_factory=dict)
    variables: list[set[str]] = field(default_factory=list)
    by_steps: bool = False
    unfolds_all: bool = False

    def __post_init__(self) -> None:
        self.namespace.objects.update(WORDS)
        self.callees = Callees(self.namespace.objects, self.argument_kinds, self.replays)
        self.functions = Functions(functools.partial(_outer_function, self.namespace))
        self.objects = Objects(self.functions, self.namespace)
        self.library = Library(
            self.functions, self.namespace.objects, self.temporary, self.namespace.name_for, self.unfolds
        )

    def function(
        self,
        function: Any,
        active: Iterable[str],
        parameters: Iterable[str] | None = None,
        keys: Mapping[str, Sequence[Any]] | None = None,
        kinds: Mapping[str, Kind] | None = None,
        outputs: Outputs | None = None,
    ) -> gast.FunctionDef:
        """A function in the small language.

        Args:
            function: the user's function.
            active: parameters that carry a derivative.
            parameters: parameters to keep; the others become their defaults. None keeps all.
            keys: positions or keys of the parameters that are containers, where they are known.
            kinds: kinds of the parameters, which tell those that are functions or hold some.
            outputs: parameters whose final state is returned instead of the function's own result.

        Raises:
            UnsupportedError: when it has no source or uses what is not supported.
        """
        taken = self.names.state()
        while True:
            try:
                return self.read_once(function, active, parameters, keys, kinds, outputs)
            except Whole as error:
                self.begin_again(error, taken)

    def begin_again(self, error: Whole, taken: Any) -> None:
        """Forget what has been read, but that some objects are used as a whole.

        Raises:
            UnsupportedError: when that was known: it is used so before all its attributes are there.
        """
        for site in error.sites:
            if site in self.whole:
                raise UnsupportedError(
                    f"an object of class `{site.cls.__name__}` is handed on before its `__init__` has ended",
                    site.calls[-1],
                    "hand it on after it has been made",
                )
        self.whole |= error.sites
        self.names.restore(taken)
        self.namespace.reserve()
        self.temporaries.clear()
        self.helpers.clear()
        self.rebound.clear()
        self.made.clear()
        self.variables.clear()
        self.functions = Functions(functools.partial(_outer_function, self.namespace))
        self.objects = Objects(self.functions, self.namespace)
        self.library = Library(
            self.functions, self.namespace.objects, self.temporary, self.namespace.name_for, self.unfolds
        )

    def read_once(
        self,
        function: Any,
        active: Iterable[str],
        parameters: Iterable[str] | None,
        keys: Mapping[str, Sequence[Any]] | None,
        kinds: Mapping[str, Kind] | None,
        outputs: Outputs | None,
    ) -> gast.FunctionDef:
        """A function in the small language, as `function` gives it.

        Raises:
            Whole: when an object is used as a whole that was not taken for such.
        """
        plain, given = unbound(function)
        source, node = self.callees.text_of(plain)
        node = tree.copy(node)
        if parameters is not None:
            node = with_defaults_filled(
                node, {*parameters, *tree.parameter_names(node)[: len(given)]}
            )
        self.names.reserve(bound_names(node))
        if given:
            node = self.with_given(node, given)
        node = written_out(node, variadic(node, keys or {}))
        if outputs is not None:
            node = returning(node, outputs, self.names)
        self.meet_free_names(source, node)
        for name, kind in (kinds or {}).items():
            self.functions.bind(name, self.value_of(kind))
        result = self.read(source, node, set(active))
        result.body = settled(result.body)
        self.meet_functions(result.body)
        return result

    def meet_functions(self, body: list[gast.AST]) -> None:
        """Functions that stay in the text read objects as a whole."""
        every = (item for statement in body for item in tree.walk(statement))
        kept = [item for item in every if isinstance(item, (gast.FunctionDef, gast.Lambda))]
        found = frozenset(self.made[n].site for item in kept for n in tree.names_read(item) if n in self.made)
        if found:
            raise Whole(found)

    def value_of(self, kind: Kind) -> Value | None:
        """The function, or the container of functions, that is handed to the program."""
        if kind.family == "other" and callable(kind.value) and not isinstance(kind.value, type):
            return self.named_function(kind.value)
        if kind.cls is not None and is_named(kind.cls):
            places = {k: v for k, item in kind.items or () if (v := self.value_of(item)) is not None}
            return named_tuple(kind.cls, self.namespace.name_for(kind.cls.__name__, kind.cls), places)
        if kind.cls is not None:
            values = {str(k): v for k, item in kind.items or () if (v := self.value_of(item)) is not None}
            self.objects.followed.update(values)
            name = self.namespace.name_for(kind.cls.__name__, kind.cls)
            return Instance(kind.cls, name, frozenset(str(k) for k, _ in kind.items or ()), values)
        found = {key: value for key, item in kind.items or () if (value := self.value_of(item)) is not None}
        return Items(found, len(found) == len(kind.items or ())) if found else None

    def named_function(self, function: Any) -> Outer:
        """A function that was handed to the program, under a name of its own."""
        spelling = spelling_of(function)
        if getattr(np, spelling, None) is function:
            expression: gast.AST = tree.attribute(tree.load(self.namespace.name_for("np", np)), spelling)
        else:
            expression = tree.load(self.namespace.name_for(spelling, function))
        return Outer(tree.text(expression), expression)

    def with_given(self, node: gast.FunctionDef, given: Sequence[Any]) -> gast.FunctionDef:
        """A function whose first parameters are fixed objects: the `self` of a method, a partial's."""
        first = tree.parameter_names(node)[: len(given)]
        objects = {
            name: tree.load(self.namespace.name_for(f"{name}_given", value))
            for name, value in zip(first, given, strict=True)
        }
        written = set(tree.names_written(node.body))
        before = [tree.assign(name, objects.pop(name)) for name in first if name in written]
        arguments = tree.copy(node.args)
        arguments.posonlyargs = [a for a in arguments.posonlyargs if a.id not in first]
        arguments.args = [a for a in arguments.args if a.id not in first]
        body = [tree.substitute(statement, objects) for statement in node.body]
        return tree.like(tree.function(node.name, arguments, [*before, *body], node.returns), node)

    def read(
        self, source: Source, node: gast.FunctionDef, parameters: set[str]
    ) -> gast.FunctionDef:
        """A parsed function in the small language, whose free names have been met."""
        node = named_out(node, source)
        objects = Lookup(source)
        is_zero, is_pure = rule_test(objects, True), rule_test(objects, False)
        is_fresh = fresh_test(source)
        if self.unfolds_all:
            # What calls them is taken apart as if they were values to be differentiated.
            parameters = parameters.union(functions_of(node))
        active = active_names(node, parameters, is_zero, is_pure, is_fresh)
        plain_node = without_generators(
            node, source, self.names, self.namespace,
            lambda expression: mentions_active(expression, active, is_zero), Lookup(source, {}),
        )  # fmt: skip
        if plain_node is not node:
            node = plain_node
            active = active_names(node, parameters, is_zero, is_pure, is_fresh)
        noting = with_notes(
            node, source, lambda expression: mentions_active(expression, active, is_zero),
            lambda: self.namespace.name_for("noted", noted),
        )  # fmt: skip
        if noting is not node:
            node = noting
            objects = Lookup(source, {self.namespace.name_for("noted", noted): noted})
            is_zero, is_pure = rule_test(objects, True), rule_test(objects, False)
            active = active_names(node, parameters, is_zero, is_pure, is_fresh)
        subset.check(node, active, source, is_zero=is_zero)
        of_others = {*self.rebound, *tree.declared_outside(node)}
        self.rebound |= declared_inside(node)
        plain = desugar(node, active, is_zero, self.names, source, self.rebound, self.by_steps)
        bound = set(bound_names(plain))
        self.helpers |= bound - set(bound_names(node)) - loop_targets(plain)
        active = active_names(plain, parameters, is_zero, is_pure, is_fresh)

        def is_active(expression: gast.AST) -> bool:
            return mentions_active(expression, active, is_zero)

        result, made = normalise(
            plain, active, is_active, source, self.names, self.namespace, self.may_write
        )
        self.temporaries |= made
        outer = self.source, self.receiver
        self.source, self.receiver = source, next(iter(tree.parameter_names(node)), "")
        self.objects.enter(source, self.receiver)
        self.variables.append(bound - of_others)
        self.functions.begin(self.variables[-1] - set(tree.parameter_names(node)))
        try:
            body = self.expand(result.body, is_active)
        finally:
            self.variables.pop()
            self.source, self.receiver = outer
            self.objects.enter(*outer)
        return tree.like(tree.function(result.name, result.args, body), result)

    def meet_free_names(self, source: Source, node: gast.FunctionDef) -> None:
        """Give the free names of a function their names before any temporary takes them."""
        bound = set(bound_names(node))
        for name in tree.names_read(node.body):
            if name not in bound:
                try:
                    self.namespace.use(source, name)
                except KeyError:
                    continue

    # -- calls --------------------------------------------------------------------------------

    def expand(self, body: list[gast.AST], is_active: Callable[[gast.AST], bool]) -> list[gast.AST]:
        """Replace the calls of user functions on active values by what they do."""
        output: list[gast.AST] = []
        for node in body:
            if isinstance(node, gast.FunctionDef):
                self.define(node, is_active)
            elif isinstance(node, gast.If):
                self.expand_branches(node, is_active)
            elif isinstance(node, (gast.For, gast.While)):
                self.expand_loop(node, is_active)
            elif isinstance(node, gast.With):
                self.functions.forget(tree.names_written([i.optional_vars for i in node.items if i.optional_vars]))
                node.body = self.expand(node.body, is_active)
            elif getattr(node, "unset", False):
                # It says no more than that the name is a variable.
                pass
            elif isinstance(node, (gast.Assign, gast.Expr)):
                output.extend(self.expand_statement(node, is_active))
                continue
            elif isinstance(node, gast.Return) and self.calls and isinstance(self.functions.of(node.value), Made):
                pass
            else:
                refuse_protocols(node, self.functions, tree.origin_of(node))
                node = self.objects.with_fields(node)
                if not isinstance(node, gast.Return) or not self.calls:
                    before, node = self.library.written_out(node)
                    if before:
                        output.extend(self.expand_written([*(marked(s, node) for s in before), node], is_active))
                        continue
                self.functions.forget(tree.names_written(node))
                self.meet_use(node)
            output.append(node)
        return output

    def expand_branches(self, node: gast.If, is_active: Callable[[gast.AST], bool]) -> None:
        """Both branches, from what is known before them."""
        refuse_protocols(tree.call("bool", node.test), self.functions, tree.origin_of(node))
        self.meet_objects(node.test)
        before = self.functions.state()
        node.body = self.expand(node.body, is_active)
        after = self.functions.state()
        self.functions.restore(before)
        node.orelse = self.expand(node.orelse, is_active)
        self.functions.join(after)

    def expand_loop(self, node: gast.AST, is_active: Callable[[gast.AST], bool]) -> None:
        """A loop, in which names that it assigns may hold what an iteration before gave them."""
        written = tree.names_written(node)
        self.functions.forget_functions(written)
        part = "iter" if isinstance(node, gast.For) else "test"
        plain, head = node.body, getattr(node, part)
        targets = _targets_of(node.target, any_item(self.functions.of(head))) if part == "iter" else {}
        while True:
            before = self.functions.state()
            asked = head if part == "iter" else tree.call("bool", head)
            refuse_protocols(asked, self.functions, tree.origin_of(node))
            setattr(node, part, self.objects.with_fields(head))
            self.meet_use(getattr(node, part))
            for target, item in targets.items():
                self.functions.bind(target, item)
            node.body = self.expand(tree.copy_all(plain), is_active)
            self.meet_use(getattr(node, part))
            after = self.functions.state()
            # What an iteration gives another meaning had that meaning in the next one already.
            self.functions.restore(before)
            assigned = dict.fromkeys([*written, *sorted(self.rebound)])
            carried = [name for name in assigned if name not in targets and name not in self.temporaries]
            self.functions.restore(self.functions.again(after, carried, frozenset().union(*self.variables)))
            if self.functions.state() == before:
                break
        for target, item in targets.items():
            if after.get(target) == item:
                self.functions.bind(target, item)

    def expand_statement(
        self, node: gast.AST, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """An assignment or an effect; what it calls is unfolded where that is one to be read."""
        refuse_protocols(node, self.functions, tree.origin_of(node))
        node = self.objects.plainly_set(node)
        setting = self.objects.setting(node)
        if setting is not None:
            return self.unfold_method(tree.like(tree.effect(setting), node), setting, is_active)
        if remembered := self.objects.remembered(node):
            first = self.expand_statement(marked(remembered[0], node), is_active)
            return [*first, *self.expand_statement(node, is_active)]
        node = self.objects.with_fields(node)
        before, node = self.library.written_out(node)
        if before:
            block = [*(marked(statement, node) for statement in before), node]
            return self.expand_written(block, is_active)
        self.objects.refuse_lost(node, is_active)
        call = self.objects.operated(self.objects.computed(node.value), tree.origin_of(node))
        target = _assigned_name(node)
        known = self.functions.of(call)
        if isinstance(known, Made) and target is not None:
            self.rename(target, known)
            return []
        if target is not None and isinstance(call, gast.Attribute) and self.objects.has_method(call):
            return self.keep_method(node, target, call)
        if isinstance(known, Method) and target is not None:
            self.functions.bind(target, known)
            return [] if isinstance(self.known(known.owner), Made) else [node]
        if isinstance(call, gast.Call):
            known = self.functions.of(call.func)
            cls = meaning(known.expression if isinstance(known, Outer) else call.func, self.namespace.objects)
            if cls is dataclasses.replace and call.args:
                owner = self.functions.of(call.args[0])
                new = replaced_call(call, owner.cls, owner.name) if isinstance(owner, (Made, Instance)) else None
                if new is not None:
                    return self.expand_replaced(node, new, is_active)
            if target is not None and is_active(tree.load(target)):
                collection = self.library.made(target, call, cls, tree.origin_of(node))
                if collection is not None:
                    before, value, held = collection
                    return [*(marked(s, node) for s in before), self.bound(_with_value(node, value), held)]
                made_tuple = self.named_call(call, cls, tree.origin_of(node))
                if made_tuple is not None:
                    return self.expand_named(node, made_tuple, is_active)
            if target is not None and is_active(tree.load(target)) and is_followed(cls):
                if target in self.temporaries and not _has_active(call, is_active):
                    return self.tried(node, lambda: self.make(node, target, call, cls, is_active))
                return self.make(node, target, call, cls, is_active)
            if self.objects.begins_nothing(call):
                return []
            if (chosen := self.objects.one_of_several(call)) is not None:
                return self.unfold_classes(node, chosen, is_active)
            method = self.objects.method(call)
            if any(k.arg is None and is_active(k.value) for k in call.keywords):
                return self.spread_keywords(node, method or call, is_active)
            if any(isinstance(a, gast.Starred) and (is_active(a.value) or is_active(call.func)) for a in call.args):
                return self.spread(node, method or call, is_active)
            if method is not None:
                return self.unfold_method(node, method, is_active)
            keyed = self.objects.with_field_keys(call)
            if keyed is not call:
                call, node = keyed, _with_value(node, keyed)
            display = self.objects.display(call)
            if display is not None:
                return [self.bound(_with_value(node, display), self.objects.meaning_of(display))]
            called = self.functions.of(call.func)
            if isinstance(called, Method) and isinstance(call.func, gast.Name):
                return self.unfold_kept(node, call, call.func.id, called, is_active)
            if isinstance(called, (Inner, Partial, Choice)):
                if is_active(call.func) or _has_active(call, is_active):
                    return self.unfold_value(node, call, called, is_active)
                if isinstance(called, Inner) and defines_functions(called.node):
                    return self.tried(node, lambda: self.unfold_value(node, call, called, is_active))
            elif isinstance(called, Outer) and not tree.same(called.expression, call.func):
                call = gast.Call(tree.copy(called.expression), call.args, call.keywords)
                node = _with_value(node, call)
            if (each := self.call_of_vectorized(call)) is not None:
                call, node = each, _with_value(node, each)
            lettered = with_letters(call, self.namespace.objects)
            if lettered is not call:
                call, node = lettered, _with_value(node, lettered)
            by_stores = self.expansion(node, call, is_active)
            if by_stores is not None:
                return self.unfold_expansion(node, *by_stores, is_active)
            made = self.partial(call) or self.vectorized(call) or self.derivative(call) or self.likeness(call)
            if made is not None and target is not None:
                return [self.bound(node, made)]
            function = self.callees.user_function(call)
            if function is not None and _has_active(call, is_active):
                return self.unfold(node, call, function, is_active)
            specialised = self.specialised(call) if _has_active(call, is_active) else None
            if specialised is not None:
                return self.expand_statement(_with_value(node, specialised), is_active)
            if function is not None and self.callees.makes_function(function):
                return self.tried(node, lambda: self.unfold(node, call, function, is_active))
            if self.grows(node, call):
                return [node]
            if isinstance(call.func, gast.Attribute) and call.func.attr == "pop" and not call.args:
                value = self.functions.of(call)
                if value is not None and target is not None:
                    self.functions.bind(target, value)
                    return [node]
        elif (chosen := self.objects.one_of_several(call)) is not None:
            return self.unfold_classes(node, chosen, is_active)
        self.objects.refuse_array_names(node, is_active)
        return [self.bound(node, self.functions.of(node.value))]

    def unfold_classes(
        self, node: gast.AST, owner: gast.Name, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A statement with a method or a property of one of several objects: what it is for the class it has."""

        def read_as(option: Value) -> list[gast.AST]:
            self.functions.bind(owner.id, option)
            return self.expand_statement(tree.copy(node), is_active)

        value, before = self.functions.of(owner), self.functions.state()
        assert isinstance(value, Choice)
        *others, (last, _) = value.options
        block = read_as(last)
        for option, told_by in reversed(others):
            after = self.functions.state()
            self.functions.restore(before)
            test = self.temporary("test")
            same = tree.assign(test, is_option(owner, option, told_by))
            same.tells_apart = True
            body = read_as(option)
            self.functions.join(after)
            block = [tree.like(s, node) for s in (same, tree.if_(tree.load(test), body, block))]
        return block

    def spread(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A call that spreads active data over its arguments, once for each number of them that may be."""
        starred = spread_of(call)
        found = self.signature_of(self.functions.of(call.func), call)
        counts = () if starred is None or found is None else fitting(found, call)
        if starred is None or not counts:
            first = next(item for item in call.args if isinstance(item, gast.Starred))
            raise self.spread_error(first)
        error = f"expected {' or '.join(map(str, counts))} arguments to spread"
        raised = tree.call(self.namespace.name_for("TypeError", TypeError), tree.const(error))
        before = self.functions.state()
        block: list[gast.AST] = []
        for count in reversed(counts):
            after = self.functions.state()
            self.functions.restore(before)
            test = self.temporary("test")
            items = [self.temporary("t") for _ in range(count)]
            taken = [
                tree.assign(item, tree.subscript(tree.copy(starred.value), tree.const(i)))
                for i, item in enumerate(items)
            ]
            body = [tree.like(statement, node) for statement in taken]
            body += self.expand_statement(
                _with_value(node, written_out_call(call, items)), _or_mentions(is_active, items)
            )
            length = tree.call(self.namespace.name_for("len", len), tree.copy(starred.value))
            operator = gast.Eq() if block else gast.NotEq()
            told = tree.assign(test, gast.Compare(length, [operator], [tree.const(count)]))
            if block:
                self.functions.join(after)
                block = [told, tree.if_(tree.load(test), body, block)]
            else:
                block = [told, tree.if_(tree.load(test), [tree.like(gast.Raise(raised, None), node)]), *body]
            block = [s if hasattr(s, "origin") else tree.like(s, node) for s in block]
        return block

    def spread_error(self, spread: gast.AST) -> UnsupportedError:
        """What is said of arguments of which nobody knows how many they are, or which."""
        assert self.source is not None
        return UnsupportedError(
            "active data is spread over the arguments of a call, so that their number is unknown",
            origin_of_node(self.source, spread),
            "write the arguments out",
        )

    def spread_keywords(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A call that spreads a dict of active data over its keywords, with a value for each that it may have."""
        (spread, *others) = [k.value for k in call.keywords if k.arg is None]
        own = [k for k in call.keywords if k.arg is not None]
        if isinstance(spread, gast.Dict) and all(isinstance(getattr(k, "value", 0), str) for k in spread.keys):
            written = [gast.keyword(k.value, v) for k, v in zip(spread.keys, spread.values, strict=True)]
            others = [gast.keyword(None, value) for value in others]
            call = gast.Call(call.func, call.args, [*own, *written, *others])
            return self.expand_statement(_with_value(node, call), is_active)
        found = self.signature_of(self.functions.of(call.func), call)
        names = None if found is None or others else open_keywords(found, call)
        if not names or not isinstance(spread, gast.Name):
            raise self.spread_error(spread)
        values = {p.name: self.temporary(p.name) for p in names}
        count = self.temporary("count")
        block: list[gast.AST] = [tree.assign(count, tree.const(sum(p.default is p.empty for p in names)))]
        for parameter in names:
            value = values[parameter.name]
            taken = tree.assign(value, tree.subscript(tree.copy(spread), tree.const(parameter.name)))
            if parameter.default is parameter.empty:
                block.append(taken)
                continue
            default = parameter.default
            if not isinstance(default, gast.AST):
                default = default_expression(default, f"{parameter.name}_default", self.namespace.name_for)
            test = self.temporary("test")
            key = gast.Compare(tree.const(parameter.name), [gast.In()], [tree.copy(spread)])
            more = tree.assign(count, tree.binary(tree.load(count), "+", tree.const(1)))
            block.append(tree.assign(test, key))
            block.append(tree.if_(tree.load(test), [taken, more], [tree.assign(value, tree.copy(default))]))
        test = self.temporary("test")
        length = tree.call(self.namespace.name_for("len", len), tree.copy(spread))
        error = f"unexpected keyword arguments; expected some of {', '.join(values)}"
        raised = gast.Raise(tree.call(self.namespace.name_for("TypeError", TypeError), tree.const(error)), None)
        block.append(tree.assign(test, gast.Compare(length, [gast.NotEq()], [tree.load(count)])))
        block.append(tree.if_(tree.load(test), [tree.like(raised, node)]))
        plain = gast.Call(call.func, call.args, [*own, *(gast.keyword(k, tree.load(v)) for k, v in values.items())])
        known = _or_mentions(is_active, list(values.values()))
        before = self.expand([marked(statement, node) for statement in block], known)
        return [*before, *self.expand_statement(_with_value(node, plain), known)]

    def temporary(self, base: str) -> str:
        """A name that the compiler makes."""
        name = self.names.fresh(base)
        self.temporaries.add(name)
        return name

    def signature_of(self, value: Value | None, call: gast.Call) -> inspect.Signature | None:
        """The signature of what a call calls, None where it is not known."""
        if isinstance(value, Inner):
            return signature(value.node)
        expression = value.expression if isinstance(value, Outer) else call.func
        function = meaning(expression, self.namespace.objects)
        known = value is None or isinstance(value, Outer)
        return signature_for(function) if known and function is not MISSING else None

    def grows(self, node: gast.AST, call: gast.Call) -> bool:
        """Whether a statement appends to a list, of which all items stay known."""
        function = call.func
        if not isinstance(node, gast.Expr) or not isinstance(function, gast.Attribute) or len(call.args) != 1:
            return False
        if function.attr != "append" or not isinstance(function.value, gast.Name):
            return False
        self.meet_objects(node)
        return self.functions.grow(function.value.id, call.args[0])

    def expand_replaced(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """`dataclasses.replace(q, ...)`: the class is called with what it has of `q`, each under a name."""
        output: list[gast.AST] = []
        for keyword in call.keywords:
            if isinstance(keyword.value, gast.Attribute):
                name = self.names.fresh(str(keyword.value.attr))
                self.temporaries.add(name)
                output += self.expand_statement(tree.like(tree.assign(name, keyword.value), node), is_active)
                keyword.value = tree.load(name)
        return [*output, *self.expand_statement(_with_value(node, call), is_active)]

    def unfolds(self, call: gast.Call) -> bool:
        """Whether what a call calls is read in its place, so that what its arguments mean is known there."""
        value = self.functions.of(call.func)
        if isinstance(value, Inner):
            return not calls_itself(value, self.known)
        function = meaning(value.expression if isinstance(value, Outer) else call.func, self.namespace.objects)
        if function is MISSING:
            owner = call.func.value if isinstance(call.func, gast.Attribute) else None
            return isinstance(self.functions.of(owner), (Made, Instance)) if owner is not None else False
        return is_followed(function) or self.callees.user_function(call) is not None

    def expand_written(
        self, block: list[gast.AST], is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A statement on a collection of Python's library, with what comes before it; it is a list or a dict now."""
        names = [name for name in tree.names_read(block) if isinstance(self.known(name), Collection)]
        held = {name: self.known(name) for name in names}
        for name in names:
            self.functions.bind(name, None)
        output = self.expand(block, _or_mentions(is_active, tree.names_written(block)))
        for name, known in held.items():
            self.functions.bind(name, known)
        return output

    def named_call(self, call: gast.Call, cls: Any, origin: Origin | None) -> gast.Call | None:
        """A call that makes a named tuple, as the one form that is known; None for other calls."""
        if isinstance(cls, type) and is_named(cls):
            arguments = bound_arguments(cls, (), call, self.namespace.name_for, origin)
            return self.named_of(cls, tree.tuple_of(arguments.values()))
        if isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields"):
            raise UnsupportedError(
                f"the class `{cls.__name__}` makes its named tuples in a way of its own (`__new__`)",
                origin,
                "make them by a function or a class method",
            )
        function = call.func
        if not isinstance(function, gast.Attribute):
            return None
        owner, cls = self.functions.of(function.value), meaning(function.value, self.namespace.objects)
        if function.attr == "_make" and isinstance(cls, type) and is_named(cls) and len(call.args) == 1:
            return self.named_of(cls, call.args[0])
        if not isinstance(owner, Instance) or not is_named(owner.cls) or call.args:
            return None
        if function.attr not in ("_replace", "_asdict") or any(k.arg is None for k in call.keywords):
            return None
        new = {k.arg: k.value for k in call.keywords}
        fields: tuple[str, ...] = owner.cls._fields  # type: ignore[attr-defined]
        unknown = [name for name in new if name not in fields]
        if unknown:
            raise UnsupportedError(f"`{owner.name}` has no field `{unknown[0]}`", origin)
        items = [new.get(name) or tree.attribute(tree.copy(function.value), name) for name in fields]
        if function.attr == "_replace":
            return self.named_of(owner.cls, tree.tuple_of(items))
        return tree.call("dict", gast.Dict([tree.const(name) for name in fields], items))

    def named_of(self, cls: type, items: gast.AST) -> gast.Call:
        """The call by which a named tuple is made."""
        name = self.namespace.name_for(cls.__name__, cls)
        return tree.call(self.namespace.name_for("named", named), tree.load(name), items)

    def expand_named(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A named tuple is made, or its items are made a dict; what is taken out of another gets a name before."""
        output: list[gast.AST] = []
        items = call.args[-1]

        def of_another(item: gast.AST) -> gast.AST:
            if not isinstance(item, gast.Attribute):
                return item
            name = self.temporary(str(item.attr))
            taken = tree.like(tree.assign(name, item), node)
            output.extend(self.expand_statement(taken, _or_mentions(is_active, [name])))
            return tree.load(name)

        if isinstance(items, gast.Dict):
            items.values = list(map(of_another, items.values))
            return [*output, self.bound(_with_value(node, items), self.functions.of(items))]
        known = self.functions.of(items)
        if isinstance(items, gast.Tuple):
            items.elts = list(map(of_another, items.elts))
            known = self.functions.of(items)
        places = known.items if isinstance(known, Items) else {}
        cls = self.namespace.objects[call.args[0].id]
        return [*output, self.bound(_with_value(node, call), named_tuple(cls, call.args[0].id, places))]

    def rename(self, target: str, made: Made) -> None:
        """A name means an object that is made here."""
        self.functions.bind(target, made)
        self.made[target] = made

    def make(
        self, node: gast.AST, target: str, call: gast.Call, cls: type, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """An object is made: the statements of its `__init__`, in which its attributes are variables.

        Where it is used as a whole, it is put together of them afterwards.
        """
        name = self.namespace.name_for(cls.__name__, cls)
        base = cls.__name__.lower() if target in self.temporaries else target
        origin = tree.origin_of(node)
        made = Made(Site(cls, (*self.calls, origin)), name, base, {})
        self.rename(target, made)
        output: list[gast.AST] = []
        if cls.__init__ is not object.__init__:  # type: ignore[misc]
            start = gast.Call(tree.attribute(tree.load(target), "__init__"), call.args, call.keywords)
            output = self.expand_statement(tree.like(tree.effect(start), node), is_active)
        elif call.args or call.keywords:
            raise UnsupportedError(f"`{name}` takes no arguments", origin)
        if made.site not in self.whole:
            return output
        missing = [attr for attr, variable in made.fields.items() if not self.functions.is_assigned(variable)]
        if missing:
            raise UnsupportedError(
                f"the attribute `{missing[0]}` is assigned on some paths through `__init__` only",
                origin,
                "assign it on all paths",
            )
        keys = [tree.const(Field(attr, name)) for attr in made.fields]
        display = gast.Dict(keys, [tree.load(variable) for variable in made.fields.values()])
        self.made.pop(target)
        self.helpers.update(made.fields.values())
        return [*output, self.bound(_with_value(node, display), self.objects.meaning_of(display))]

    def keep_method(self, node: gast.AST, target: str, value: gast.Attribute) -> list[gast.AST]:
        """`m = q.method`: the variable is the object from here on, and its calls are those of the method."""
        known = self.functions.of(value.value)
        owner = self.temporary(target)
        if isinstance(known, Made):
            self.rename(owner, known)
        else:
            self.functions.bind(owner, known)
        self.functions.bind(target, Method(owner, value.attr))
        return [] if isinstance(known, Made) else [_with_value(node, value.value)]

    def unfold_kept(
        self, node: gast.AST, call: gast.Call, name: str, method: Method, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """The statements of a method that a variable keeps, in place of a call of the variable."""
        self.functions.bind(name, self.known(method.owner))
        direct = gast.Call(tree.attribute(call.func, method.name), call.args, call.keywords)
        output = self.expand_statement(_with_value(node, direct), is_active)
        self.functions.bind(name, method)
        return output

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

    def meet_objects(self, node: gast.AST) -> None:
        """Whatever a statement or an expression that stays reads as a whole has to be there.

        Raises:
            Whole: when it is not.
        """
        self.refuse_kept_methods(node)
        found = self.functions.sites(node)
        if found:
            raise Whole(found)

    def meet_use(self, node: gast.AST) -> None:
        """What a statement or an expression that stays may do to containers of functions, and to variables."""
        self.meet_objects(node)
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            value = self.functions.of(node.value)
            if value is None and self.functions.holds_containers(node.value):
                # An item that is a container has another name now, which is not followed.
                self.functions.change(tree.names_read(node.value))
        elif assigns_field(node):
            # What holds a function or an object is not assigned.
            return
        elif isinstance(node, gast.stmt) and not isinstance(node, _CHANGES_NOTHING):
            self.functions.change([*tree.names_read(node), *tree.names_written(node)])
        for call in (item for item in tree.walk(node) if isinstance(item, gast.Call)):
            self.meet_call(call)

    def meet_call(self, call: gast.Call) -> None:
        """What a call that is not unfolded may do to containers of functions, and to variables."""
        function = call.func
        found = meaning(function, self.namespace.objects)
        if (getattr(found, "__module__", None) or "").startswith(_HELPERS):
            # What stands beside an object keeps its structure.
            return
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(function, gast.Attribute) and found is MISSING:
            is_known = function.attr in KNOWN_METHODS
            writes = function.attr in CHANGERS
        else:
            is_known = found is not MISSING
            writes = not (is_known and is_library(getattr(found, "__module__", None)))
        if not is_known or any(isinstance(v, gast.Name) and self.functions.of(v) is not None for v in values):
            if not tree.is_name(function, "len", "range", "isinstance", "enumerate", "zip", "list", "tuple"):
                self.functions.change_all()
                self.functions.forget(self.rebound)
        elif writes:
            self.functions.change(tree.names_read(call))
        read = (self.functions.of(v) for v in values)
        if (not is_known or writes or found in _REACHING) and any(isinstance(v, Instance) for v in read):
            self.functions.change_objects()

    def bound(self, node: gast.AST, value: Value | None) -> gast.AST:
        """A statement, and what the name that it assigns means from here on."""
        self.meet_use(node)
        target = _assigned_name(node)
        if target is not None:
            is_none = tree.is_constant(getattr(node, "value", None), None)
            self.functions.bind(target, NOTHING if is_none else value)
            node.is_function = value is not None and not isinstance(value, Collection)
        else:
            self.functions.forget(tree.names_written(node))
        return node

    def tried(self, node: gast.AST, unfold: Callable[[], list[gast.AST]]) -> list[gast.AST]:
        """A call that carries no derivative, of a function that may return one it defines."""
        before = self.functions.state()
        try:
            return unfold()
        except UnsupportedError:
            # Whatever it does, what carries no derivative may stay as it is.
            self.functions.restore(before)
            return [self.bound(node, None)]

    def unfold(
        self,
        node: gast.AST,
        call: gast.Call,
        function: Any,
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        """The statements of a function from outside the program, in place of its call."""
        origin = tree.origin_of(node)
        try:
            source, definition = self.callees.definition(function)
        except UnsupportedError as error:
            raise UnsupportedError(
                f"`{tree.text(call.func)}` is called on values to be differentiated, but "
                f"{error.reason}",
                origin, error.hint,
            ) from None  # fmt: skip
        plain, given = (function, ()) if is_generated(function) else unbound(function)
        arguments = bound_arguments(plain, given, call, self.namespace.name_for, origin)
        # A generated function has the parameters of the derivative under names of its own.
        own = tree.parameter_names(definition)
        arguments = dict(zip(own, arguments.values(), strict=True))
        if registry.stands_for_others(plain):
            definition, arguments = with_loops_written_out(definition, arguments, self.is_function)
        try:
            return self.unfolded(node, source, definition, arguments, set(), is_active)
        except UnsupportedError as error:
            if not _is_scipy(plain) or (self.source is not None and _is_scipy(self.source.function)):
                raise
            # Lines of SciPy would tell a user nothing.
            raise UnsupportedError(
                f"`{tree.text(call.func)}` has no derivative rule, and its source cannot be followed: {error.reason}",
                origin, "write a rule for it, or compute the same in other words",
            ) from None  # fmt: skip

    def is_function(self, node: gast.AST) -> bool:
        """Whether an expression means a function that may be called."""
        if isinstance(node, gast.Constant):
            return False
        return self.functions.of(node) is not None or registry.find(meaning(node, self.namespace.objects)) is not None

    def expansion(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> tuple[gast.Call, Callable[..., Any]] | None:
        """A call on active values of a function that stands for statements, and the function that has them."""
        method = call.func.attr if isinstance(call.func, gast.Attribute) else ""
        function = meaning(call.func, self.namespace.objects)
        if function is MISSING and method in ARRAY_WRITERS and not _may_sort_list(method, call):
            function = ARRAY_WRITERS[method]
            call = gast.Call(call.func, [call.func.value, *call.args], call.keywords)
        if function is MISSING or not _has_active(call, is_active):
            return None
        return expansion_for(call, function, self.namespace.objects, tree.origin_of(node), is_active)

    def unfold_expansion(
        self,
        node: gast.AST,
        call: gast.Call,
        function: Callable[..., Any],
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        """The statements that a call stands for, as ones of the user's line."""
        body = _with_literals(self.unfold(node, call, function, is_active))
        body = without_defaults(body, self.namespace.objects)
        for statement in tree.every_statement(body):
            tree.like(statement, node)
            target = statement.targets[0] if isinstance(statement, gast.Assign) else None
            if isinstance(target, gast.Subscript):
                statement.of_array = tree.text(node)
            if isinstance(statement, gast.If) and registry.else_serves(function):
                # What stands behind `else` serves every case.
                statement.else_serves = True
        return body

    def unfold_method(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """The statements of a method of a known object, which may call itself on the objects that one holds.

        Raises:
            UnsupportedError: when it calls itself too often; a method is not seen to be recursive beforehand.
        """
        function = _outer_function(self.namespace, call.func)
        if self.methods.count(function) >= _METHODS:
            raise UnsupportedError(
                f"the method `{function.__qualname__}` calls itself",
                tree.origin_of(node),
                "make it a function that takes the object, or a loop",
            )
        self.methods.append(function)
        try:
            return self.unfold(node, call, function, is_active)
        finally:
            self.methods.pop()

    def unfolded(
        self,
        node: gast.AST,
        source: Source,
        definition: gast.FunctionDef,
        arguments: Mapping[str, gast.AST],
        captured: set[str],
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        """The statements of a function in place of a statement that calls it.

        Args:
            node: the statement.
            source: of the function.
            definition: the function.
            arguments: the expression for each of its parameters.
            captured: active variables of the program around that it reads.
            is_active: whether an expression where it is called may carry a derivative.
        """
        origin = tree.origin_of(node)
        definition = written_out(definition, variadic(definition, display_keys(arguments)))
        definition, fresh = self.with_own_names(definition)
        active = {fresh[name] for name, value in arguments.items() if is_active(value)}
        for name, value in arguments.items():
            known = self.functions.of(value)
            if isinstance(known, Made):
                self.rename(fresh[name], known)
            else:
                self.functions.bind(fresh[name], known or self.object_of(value))
        self.meet_free_names(source, definition)
        self.calls.append(origin)
        try:
            body = self.read(source, definition, active | captured).body
        finally:
            self.calls.pop()
        written = set(tree.names_written(body)) | kept_by_functions(definition)
        changes = _changes_attributes(body)
        direct: dict[str, gast.AST] = {}
        output: list[gast.AST] = []
        for name, value in arguments.items():
            given = self.functions.of(value)
            if isinstance(given, Made) or (isinstance(given, Method) and isinstance(self.known(given.owner), Made)):
                continue
            if not isinstance(given, Method):
                self.meet_objects(value)
            is_spoiled = not written.isdisjoint(tree.names_read(value)) or (changes and _reads_attributes(value))
            if fresh[name] in written or is_spoiled or not tree.is_atom(value):
                output.append(tree.mark(tree.assign(fresh[name], value), origin))
            else:
                direct[fresh[name]] = value
        output += [tree.substitute(s, direct) for s in body[:-1]]
        returned = body[-1]
        assert isinstance(returned, gast.Return)
        known = self.functions.of(returned.value)
        if isinstance(known, Made) and isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            self.rename(node.targets[0].id, known)
        elif isinstance(node, gast.Assign):
            result = tree.substitute(returned.value, direct)
            last = tree.like(tree.assign(node.targets[0], result), node)
            output.append(self.bound(last, self.functions.of(returned.value)))
        return output

    def object_of(self, node: gast.AST) -> Outer | None:
        """An object from outside the program, whose methods may be called; None for other expressions."""
        is_free = isinstance(node, gast.Name) and node.id in self.namespace.objects
        return Outer(node.id, node) if is_free else None

    def with_own_names(self, node: gast.FunctionDef) -> tuple[gast.FunctionDef, dict[str, str]]:
        """A function whose names are those of no other, and what they have become."""
        self.names.reserve(bound_inside(node))
        bound = dict.fromkeys(own_names(node))
        for name in tree.declared_outside(node):
            bound.pop(name, None)
        fresh = {name: self.names.fresh(name) for name in bound}
        arguments = tree.rebuilt(node.args, lambda child: tree.rename(child, fresh))
        # Its variables and those of the program around have become variables of one function.
        body = [tree.rename(s, fresh) for s in node.body if not isinstance(s, gast.Nonlocal)]
        return tree.like(tree.function(node.name, arguments, body, node.returns), node), fresh

    # -- functions as values ------------------------------------------------------------------

    def define(self, node: gast.FunctionDef, is_active: Callable[[gast.AST], bool]) -> None:
        """A function is defined inside."""
        value = None
        if self.source is not None and not node.decorator_list:
            value = inner(node, self.source, self.namespace.objects, is_active)
        # What a default was is read wherever the function is called.
        defaults = self.temporaries.intersection(tree.names_read(node))
        self.temporaries -= defaults
        self.helpers |= defaults
        self.functions.bind(node.name, value)

    def partial(self, call: gast.Call) -> Partial | None:
        """What `functools.partial(f, ...)` makes, None where a call is none of it or spreads arguments."""
        if meaning(call.func, self.namespace.objects) is not functools.partial or not call.args:
            return None
        function, *args = call.args
        value = self.functions.of(function)
        spreads = any(isinstance(a, gast.Starred) for a in args)
        if value is None or spreads or any(k.arg is None for k in call.keywords):
            return None
        return Partial(value, tuple(args), tuple(call.keywords))

    def vectorized(self, call: gast.Call) -> Partial | None:
        """What `np.vectorize(f)` makes, None where a call is none of it or says more than the function."""
        if meaning(call.func, self.namespace.objects) is not np.vectorize or len(call.args) != 1 or call.keywords:
            return None
        value = self.functions.of(call.args[0])
        return None if value is None else Partial(self.entry_by_entry(), (call.args[0],), ())

    def entry_by_entry(self) -> Outer:
        name = self.namespace.name_for("entry_by_entry", entry_by_entry)
        return Outer(name, tree.load(name))

    def call_of_vectorized(self, call: gast.Call) -> gast.Call | None:
        """A call of an object that `np.vectorize` has made outside of the program, None for other calls."""
        called = meaning(call.func, self.namespace.objects)
        if type(called) is not np.vectorize or called.otypes or called.signature or called.excluded:
            return None
        name = self.namespace.name_for(called.pyfunc.__name__, called.pyfunc)
        return gast.Call(self.entry_by_entry().expression, [tree.load(name), *call.args], call.keywords)

    def likeness(self, call: gast.Call) -> Value | None:
        """What a copy or a shadow is that derivatives make of a known object, or of a container of some."""
        maker = meaning(call.func, self.namespace.objects)
        if maker not in (copied, copy.deepcopy, zero_items, zeros_like) or len(call.args) != 1:
            return None
        value = self.functions.of(call.args[0])
        if maker is copy.deepcopy and isinstance(value, Several):
            # It is another list.
            return Several(value.item)
        return value if maker in (copied, copy.deepcopy) or value is None else shadow_of(value)

    def derivative(self, call: gast.Call) -> Outer | None:
        """The derivative that `grad(f)` and the like make of a function from outside, None for other calls."""
        maker = meaning(call.func, self.namespace.objects)
        if getattr(maker, "__module__", None) != _MAKERS or not call.args:
            return None
        value = self.functions.of(call.args[0])
        options = {k.arg: k.value for k in call.keywords}
        if not isinstance(value, Outer) or len(call.args) > 1 or None in options:
            return None
        try:
            known = {name: ast.literal_eval(tree.text(option)) for name, option in options.items()}
        except ValueError:
            return None
        function = meaning(value.expression, self.namespace.objects)
        result = maker(function, **known)
        name = self.namespace.name_for(f"{function.__name__}_{maker.__name__}", result)
        return Outer(name, tree.load(name))

    def unfold_value(
        self,
        node: gast.AST,
        call: gast.Call,
        value: Value,
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        """The statements of what a name means, in place of a statement that calls it."""
        if isinstance(value, Partial):
            return self.unfold_value(
                node, with_given(call, value.args, value.keywords), value.function, is_active
            )
        if isinstance(value, Outer):
            direct = gast.Call(tree.copy(value.expression), call.args, call.keywords)
            return self.expand_statement(_with_value(node, direct), is_active)
        if isinstance(value, Choice):
            return self.unfold_choice(node, call, value, is_active)
        origin = tree.origin_of(node)
        if isinstance(value, Instance) and (method := self.objects.method(call, value)) is not None:
            self.functions.bind(call.func.id, value)
            return self.unfold_method(node, method, is_active)
        if not isinstance(value, Inner):
            raise UnsupportedError("a container is called", origin)
        if calls_itself(value, self.known):
            found = without_handed(value.node, call, self.functions.of)
            if found is not None:
                definition, call, _ = found
                value = inner(definition, value.source, self.namespace.objects, is_active)
            return self.expand_with_atoms(node, self.lifted_call(value, call, origin), is_active)
        if sum(value.node is other.node for other in self.unfolding) > _NESTED:
            raise UnsupportedError(
                f"`{value.node.name}` is defined inside a function, and calls itself through another one",
                origin, "define both at the top level of the module, and pass them what they read",
            )  # fmt: skip
        arguments = arguments_of(value.node, call, origin)
        source, definition = imported(value.source, tree.copy(value.node))
        captured = {name for name in value.captured if value.is_active(tree.load(name))}
        self.unfolding.append(value)
        try:
            return self.unfolded(node, source, definition, arguments, captured, is_active)
        finally:
            self.unfolding.pop()

    def expand_with_atoms(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """The statements of a statement with a call some of whose arguments are attributes, which get names first."""
        output: list[gast.AST] = []
        args, active = list(call.args), []
        for place, item in enumerate(call.args):
            if isinstance(item, gast.Attribute):
                name = self.temporary("t")
                taken = tree.like(tree.assign(name, item), node)
                active += [name] if is_active(item) else []
                output += self.expand_statement(taken, _or_mentions(is_active, active))
                args[place] = tree.load(name)
        atoms = gast.Call(call.func, args, call.keywords)
        return output + self.expand_statement(_with_value(node, atoms), _or_mentions(is_active, active))

    def known(self, name: str) -> Value | None:
        """What a variable means here, None where that is no function."""
        return self.functions.of(tree.load(name))

    def lifted_call(self, value: Inner, call: gast.Call, origin: Origin | None) -> gast.Call:
        """The call of a function that calls itself, as one of the top level.

        Raises:
            UnsupportedError: where it cannot be brought there.
        """
        node = value.node
        group = group_of(value, self.known)
        key = node, None if group is None else group.first
        if group is not None and key not in self.lifted:
            called = {own: self.names.fresh(member.node.name) for own, member in group.members.items()}
            found = lifted(group, called, self.namespace.objects)
            if found is not None:
                self.lifted[key] = found[node.name]
        if group is None or key not in self.lifted:
            raise UnsupportedError(
                f"`{node.name}` is defined inside a function and calls itself",
                origin, "define it at the top level of the module, and pass it what it reads",
            )  # fmt: skip
        function = self.lifted[key]
        return call_of_lifted(call, node, self.namespace.name_for(function.__name__, function), group.given())

    def specialised(self, call: gast.Call) -> gast.Call | None:
        """The call of a function that calls itself, without the functions that it is handed; None for other calls."""
        function = meaning(call.func, self.namespace.objects)
        if not isinstance(function, types.FunctionType) or registry.find(function) is not None:
            return None
        values = (*call.args, *(keyword.value for keyword in call.keywords))
        if is_library(function.__module__) or not any(map(self.functions.of, values)):
            return None
        if not self.callees.is_recursive(function):
            return None
        source, node = self.callees.text_of(function)
        found = without_handed(node, call, self.functions.of) if Lookup(source).get(node.name) is function else None
        if found is None:
            return None
        self.meet_free_names(source, node)
        definition, call, handed = found
        space: dict[str, Any] = {**source.globals, **source.cells}
        captured: set[str] = set()
        for name in (n for value in handed.values() for n in self.read_by(value)):
            if name not in self.namespace.objects:
                captured.add(name)
            elif space.setdefault(name, self.namespace.objects[name]) is not self.namespace.objects[name]:
                # One name means two objects.
                return None
        member = Inner(definition, source, frozenset(captured), _never)
        group = Group({node.name: member}, {}, tuple(sorted(captured)))
        name = self.names.fresh(node.name)
        made = lifted(group, {node.name: name}, space)
        if made is None:
            return None
        name = self.namespace.name_for(name, made[node.name])
        return call_of_lifted(call, definition, name, group.given())

    def read_by(self, value: Inner | Outer) -> set[str]:
        """Variables and free names that a function reads, and those that it mentions."""
        if isinstance(value, Outer):
            return set(tree.names_read(value.expression))
        inside = {value.node.name: value, **mentioned(value, self.known)}
        return {name for f in inside.values() for name in tree.names_read(f.node)} - inside.keys()

    def unfold_choice(
        self,
        node: gast.AST,
        call: gast.Call,
        value: Choice,
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        """A call of one of several functions: the one it is when the program runs."""
        before = self.functions.state()
        *others, (last, _) = value.options
        block = self.unfold_value(tree.copy(node), call, last, is_active)
        for option, told_by in reversed(others):
            after = self.functions.state()
            self.functions.restore(before)
            test = self.names.fresh("test")
            self.temporaries.add(test)
            same = tree.assign(test, is_option(call.func, option, told_by))
            same.tells_apart = True
            body = self.unfold_value(tree.copy(node), call, option, is_active)
            self.functions.join(after)
            statements = [same, tree.if_(tree.load(test), body, block)]
            block = [tree.like(statement, node) for statement in statements]
        return block


def _outer_function(namespace: Namespace, node: gast.AST) -> Any:
    """The function from outside the program that an expression means, None where it is none."""
    found = meaning(node, namespace.objects)
    return found if callable(found) and found is not MISSING else None


def _never(node: gast.AST) -> bool:
    """Nothing of the program around is read that is not handed on."""
    return False


def _may_sort_list(method: str, call: gast.Call) -> bool:
    """Whether a call may sort a list: one without what only the method of arrays takes. Its kind decides later."""
    return method == "sort" and not call.args and all(k.arg in ("key", "reverse") for k in call.keywords)


def _with_literals(body: list[gast.AST]) -> list[gast.AST]:
    """Statements in which a name of a list or tuple of literals, which nothing changes, is the display itself."""
    literals: dict[str, gast.AST] = {}
    kept: list[gast.AST] = []
    for node in body:
        value = getattr(node, "value", None)
        if isinstance(node, gast.Assign) and isinstance(value, (gast.List, gast.Tuple)) and _assigned_name(node):
            name = str(_assigned_name(node))
            has_names = any(isinstance(item, gast.Name) for item in tree.walk(value))
            if not has_names and not _may_change(name, body):
                literals[name] = value
                continue
        kept.append(node)
    return [tree.substitute(node, literals) for node in kept] if literals else body


def _may_change(name: str, body: list[gast.AST]) -> bool:
    """Whether methods of a list are called, or its items replaced."""
    found = tree.load(name)
    return any(
        tree.same(item.value, found) and (isinstance(item, gast.Attribute) or isinstance(item.ctx, gast.Store))
        for node in body
        for item in tree.walk(node)
        if isinstance(item, (gast.Attribute, gast.Subscript))
    )


def _targets_of(target: gast.AST, item: Value | None) -> dict[str, Value | None]:
    """What the names mean that a loop runs over, where it has come to an item."""
    if isinstance(target, gast.Name):
        return {target.id: item}
    found: dict[str, Value | None] = {}
    for key, part in enumerate(target.elts if isinstance(target, gast.Tuple) else ()):
        known = item.items.get(key) if isinstance(item, Items) and item.is_fixed else None
        found.update(_targets_of(part, known))
    return found


def _assigned_name(node: gast.AST) -> str | None:
    """The name that a statement assigns, None where it does not."""
    if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
        return str(node.targets[0].id)
    return None


def _is_scipy(function: Any) -> bool:
    return (getattr(function, "__module__", None) or "").partition(".")[0] == "scipy"


def _with_value(node: gast.AST, value: gast.AST) -> gast.AST:
    """A statement with another right-hand side."""
    if isinstance(node, gast.Assign):
        return tree.like(tree.assign(node.targets[0], value), node)
    return tree.like(tree.effect(value), node)


def _changes_attributes(body: list[gast.AST]) -> bool:
    """Whether some statement assigns an attribute."""
    every = (item for statement in body for item in tree.walk(statement))
    return any(isinstance(item, gast.Attribute) and not isinstance(item.ctx, gast.Load) for item in every)


def _reads_attributes(node: gast.AST) -> bool:
    return any(isinstance(item, gast.Attribute) for item in tree.walk(node))


def _or_mentions(
    is_active: Callable[[gast.AST], bool], names: Sequence[str]
) -> Callable[[gast.AST], bool]:
    """Whether an expression may carry a derivative, where some more names do."""
    return lambda node: is_active(node) or not set(names).isdisjoint(tree.names_read(node))


def _has_active(call: gast.Call, is_active: Callable[[gast.AST], bool]) -> bool:
    values = [*call.args, *(k.value for k in call.keywords)]
    return any(map(is_active, values))

