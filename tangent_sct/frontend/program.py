"""A user's function in the small language: read, desugared, normalised, with the functions it calls.

>>> import math
>>> from tangent_sct.core.names import Names
>>> from tangent_sct.frontend.namespace import Namespace
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

import dataclasses
import functools
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, exposed
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.origins import Source
from tangent_sct.frontend import subset
from tangent_sct.frontend.acting import Acting, activated
from tangent_sct.frontend.active import active_names, mentions_active
from tangent_sct.frontend.at_once import with_generators_listed
from tangent_sct.frontend.between import may_write
from tangent_sct.frontend.bound import (
    bound_names,
    classes_handed,
    functions_of,
    loop_targets,
    names_in_indices,
    roots_called,
)
from tangent_sct.frontend.by_place import with_arguments_by_place
from tangent_sct.frontend.callees import defines_functions
from tangent_sct.frontend.closures import Closure, Mixed
from tangent_sct.frontend.desugar import desugar
from tangent_sct.frontend.dispatching import Dispatching
from tangent_sct.frontend.einsum import with_letters
from tangent_sct.frontend.filling import may_hold_filling, with_filling_called
from tangent_sct.frontend.flat import with_elements
from tangent_sct.frontend.fromkeys import with_keys_run_through
from tangent_sct.frontend.generators import without_generators
from tangent_sct.frontend.given import unbound, variadic, with_defaults_filled
from tangent_sct.frontend.groups import with_groups_listed
from tangent_sct.frontend.inline import default_expression, spelling_of
from tangent_sct.frontend.inside import declared_inside
from tangent_sct.frontend.iterators import without_iterators
from tangent_sct.frontend.kept_methods import with_methods_called
from tangent_sct.frontend.lifted import calls_itself
from tangent_sct.frontend.listed import with_spreads_listed
from tangent_sct.frontend.lookups import with_lookups_called
from tangent_sct.frontend.made import (
    Endless,
    Made,
    Whole,
    is_followed,
    may_make,
    refuse_class,
    replaced_call,
    stands_for,
)
from tangent_sct.frontend.making import Making
from tangent_sct.frontend.managers import manages
from tangent_sct.frontend.meanings import (
    NOTHING,
    SIMPLE,
    Choice,
    Collection,
    Inner,
    Instance,
    Items,
    Method,
    Outer,
    Partial,
    Simple,
    Value,
    held_in,
)
from tangent_sct.frontend.mixed import copies_of, run_through
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.normalise import normalise
from tangent_sct.frontend.notes import with_notes
from tangent_sct.frontend.objects import named_tuple
from tangent_sct.frontend.outputs import Outputs, returning
from tangent_sct.frontend.outs import named_out
from tangent_sct.frontend.properties import (
    changes_object,
    computed_first,
    refuse_changing,
    refuse_out_of_turn,
)
from tangent_sct.frontend.protocols import refuse_protocols
from tangent_sct.frontend.reading import (
    assigned_name,
    has_active,
    or_mentions,
    with_value,
)
from tangent_sct.frontend.ruled import is_ruled
from tangent_sct.frontend.rules import Lookup, is_fresh, rule_test, spelled_test, writes_first
from tangent_sct.frontend.settled import settled
from tangent_sct.frontend.spelled import with_names_spelled
from tangent_sct.frontend.spread import is_collected, with_displays_put_in
from tangent_sct.frontend.spreading import Spreading
from tangent_sct.frontend.truths import fact_of, taken
from tangent_sct.frontend.unbound import refuse_unbound
from tangent_sct.frontend.variadic import written_out
from tangent_sct.frontend.yields import marked
from tangent_sct.runtime import noted
from tangent_sct.runtime.objects import is_named

_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, np.ufunc)
"""What a table of functions from outside may hold."""


class Reader(Spreading, Making, Acting, Dispatching):
    """Brings functions into the small language, all with one set of names."""

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
                self.note_whole(error)
            except Endless as error:
                self.endless.append(error.function)
            except Mixed:
                self.is_tagged = True
            self.begin_again(taken)

    def note_whole(self, error: Whole) -> None:
        """Some objects are used as a whole.

        Raises:
            UnsupportedError: when that was known: it is used so before all its attributes are there.
        """
        for site in error.sites:
            refuse_class(site.cls, site.calls[-1])
            if site in self.whole:
                raise UnsupportedError(
                    f"an object of class `{site.cls.__name__}` is handed on before its `__init__` has ended",
                    site.calls[-1],
                    "hand it on after it has been made",
                )
        self.whole |= error.sites

    def begin_again(self, taken: Any) -> None:
        """Forget what has been read."""
        self.unfolded_on_objects = 0
        self.names.restore(taken)
        self.namespace.reserve()
        self.temporaries.clear()
        self.helpers.clear()
        self.rebound.clear()
        self.fixed.clear()
        self.made.clear()
        self.variables.clear()
        self.frames.clear()
        self.definitions.clear()
        self.begin()

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
        if isinstance(function, functools.partial) and not isinstance(plain, types.FunctionType):
            raise UnsupportedError(
                f"a partial of `{spelling_of(plain)}` is differentiated, which has no Python source",
                None,
                "write a function that calls it: `def f(x): return partial(x)`",
            )
        source, node = self.callees.text_of(plain)
        node = tree.copy(node)
        self.unfilled = {name for name, kind in (kinds or {}).items() if not may_hold_filling(kind)}
        if parameters is not None:
            node = with_defaults_filled(
                node, {*parameters, *tree.parameter_names(node)[: len(given)]}
            )
        self.namespace.bind(bound_names(node))
        if given:
            node = self.with_given(node, given)
        known_keys = variadic(node, keys or {})
        node = with_names_spelled(written_out(node, known_keys), Lookup(source).get, known_keys)
        if outputs is not None:
            node = returning(node, outputs, self.names)
        self.meet_free_names(source, node)
        for name, kind in (kinds or {}).items():
            is_number = kind.is_scalar or (kind.is_array and kind.is_float is True)
            known = NOTHING if kind.value is None else self.value_of(kind)
            self.functions.bind(name, SIMPLE if is_number else known)
        self.fix(node, [n for n, kind in (kinds or {}).items() if kind.is_scalar or isinstance(kind.value, str)])
        result = self.read(source, node, set(active))
        result.body = settled(result.body)
        self.meet_functions(result.body)
        return result

    def meet_functions(self, body: list[gast.AST]) -> None:
        """Functions that stay in the text read objects as a whole, and call what is no function any more."""
        kept: list[gast.AST] = []
        for node in tree.every_statement(body):
            for item in (item for part in tree.own_parts(node) for item in tree.walk(part)):
                if isinstance(item, (gast.FunctionDef, gast.Lambda)):
                    kept.append(item)
                    self.refuse_uncalled(item)
                    self.library.refuse_kept(item, tree.origin_of(node))
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
        if kind.cls is not None and kind.cls not in (slice, str, np.ndarray) and not kind.mixed:
            values = {str(k): v for k, item in kind.items or () if (v := self.value_of(item)) is not None}
            self.objects.followed.update(values)
            name = self.namespace.name_for(kind.cls.__name__, kind.cls)
            return Instance(kind.cls, name, frozenset(str(k) for k, _ in kind.items or ()), values)
        found = {key: value for key, item in kind.items or () if (value := self.value_of(item)) is not None}
        return Items(found, len(found) == len(kind.items or ())) if found else None

    def table_of(self, value: Any) -> Items | None:
        """What is known of a dict, a list or a tuple of functions from outside; None for other objects."""
        if type(value) not in (dict, list, tuple) or not value:
            return None
        pairs = list(value.items() if type(value) is dict else enumerate(value))
        if not all(isinstance(item, _FUNCTIONS) for _, item in pairs):
            return None
        if not any(value is known for known in self.tables):
            self.tables.append(value)
        found = {key: self.named_function(item) for key, item in pairs}
        return Items(found, True, is_fixed=type(value) is tuple, is_dict=type(value) is dict)

    def named_function(self, function: Any) -> Outer:
        """A function that was handed to the program, under a name of its own."""
        spelling = spelling_of(function)
        if getattr(np, spelling, None) is function:
            expression: gast.AST = tree.attribute(tree.load(self.namespace.name_for("np", np)), spelling)
        else:
            expression = tree.load(self.namespace.name_for(spelling, function))
        return Outer(tree.text(expression), expression)

    def with_given_written(self, call: gast.Call, known: Value | None) -> gast.Call | None:
        """The call of a partial from outside, as one of the function in it; None for other calls."""
        found = meaning(known.expression if isinstance(known, Outer) else call.func, self.namespace.objects)
        if not isinstance(found, functools.partial) or is_ruled(found):
            return None

        def constant(name: str, value: Any) -> gast.AST:
            return default_expression(value, f"{name}_given", self.namespace.name_for)

        function = self.named_function(found.func).expression
        args = [constant(spelling_of(found.func), value) for value in found.args]
        told = {keyword.arg for keyword in call.keywords}
        keywords = [gast.keyword(k, constant(k, v)) for k, v in found.keywords.items() if k not in told]
        return gast.Call(function, [*args, *call.args], [*keywords, *call.keywords])

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
        refuse_unbound(node, source)
        objects = Lookup(source)
        named = with_arguments_by_place(named_out(with_methods_called(node), source), source)
        helpers: dict[str, Any] = {}

        def name_for(helper: Any) -> str:
            helpers[name := self.namespace.name_for(helper.__name__, helper)] = helper
            return name

        node = with_displays_put_in(with_spreads_listed(named, source), objects.get)
        node = with_elements(with_generators_listed(node, objects), objects.get, name_for)
        objects = Lookup(source, helpers)
        node = with_lookups_called(with_keys_run_through(node, self.names, objects.get), self.names)
        node = with_groups_listed(node, self.names, objects.get)
        node = without_iterators(node, source, self.names)
        if node is not named:
            # Builtins that the function itself does not call.
            self.meet_free_names(source, node)
        is_zero, is_pure = rule_test(objects, True), rule_test(objects, False)
        makes_new, writes = spelled_test(source, is_fresh), spelled_test(source, writes_first)
        if self.unfolds_all:
            # What calls them is taken apart as if they were values to be differentiated.
            parameters = parameters.union(functions_of(node))
        if self.follows_all:
            # What makes objects counts as if it were one that is differentiated.
            parameters = parameters.union(
                roots_called(node, lambda called: may_make(meaning(called, objects))),
                classes_handed(node, lambda name: is_followed(meaning(name, objects))),
            )
        if self.parts_all:
            # Which of them are is asked of the program once more, when memory that names share is known.
            # A parameter of a function that is unfolded stands for a variable.
            variables = {*tree.names_written(node.body), *(tree.parameter_names(node) if self.frames else ())}
            parameters = parameters.union(variables.difference(names_in_indices(node)))

        def active_in(function: gast.FunctionDef) -> set[str]:
            return active_names(function, parameters, is_zero, is_pure, makes_new, self.fixed, writes)

        active = active_in(node)
        plain_node = without_generators(
            node, source, self.names, self.namespace,
            lambda expression: mentions_active(expression, active, is_zero), Lookup(source, {}),
        )  # fmt: skip
        if plain_node is not node:
            node = plain_node
            active = active_in(node)
        noting = with_notes(
            node, source, lambda expression: mentions_active(expression, active, is_zero),
            lambda: self.namespace.name_for("noted", noted),
        )  # fmt: skip
        if noting is not node:
            node = noting
            objects = Lookup(source, {**helpers, self.namespace.name_for("noted", noted): noted})
            is_zero, is_pure = rule_test(objects, True), rule_test(objects, False)
            active = active_in(node)
        subset.check(node, active, source, is_zero=is_zero)
        if self.fills:
            known = () if self.frames else self.unfilled
            node = with_filling_called(
                node, source, lambda expression: mentions_active(expression, active, is_zero), known
            )
        of_others = {*self.rebound, *tree.declared_outside(node)}
        self.rebound |= declared_inside(node)
        own = set(bound_names(node))
        while True:
            plain = desugar(
                node, active, is_zero, self.names, source, self.rebound, self.by_steps, self.in_turn,
                self.may_write, self.acts,
            )  # fmt: skip
            before, active = active, active_in(plain)
            if own.isdisjoint(active.difference(before)):
                break
            # What stands apart now may be mixed with what varies: it is taken apart like that.
            active |= before
        bound = set(bound_names(plain))
        self.helpers |= bound - own - loop_targets(plain)

        def is_active(expression: gast.AST) -> bool:
            return mentions_active(expression, active, is_zero)

        result, made = normalise(
            plain, active, is_active, source, self.names, self.namespace, self.may_write
        )
        self.temporaries |= made
        outer = self.source
        self.source = source
        self.variables.append(bound - of_others)
        self.frames.append(plain)
        self.functions.begin(sorted(self.variables[-1]), tree.parameter_names(node), plain.of_comprehensions)
        try:
            body = self.expand(result.body, is_active)
        finally:
            self.variables.pop()
            self.frames.pop()
            self.source = outer
        return tree.like(tree.function(result.name, result.args, body), result)

    def acts(self, function: gast.AST) -> bool:
        """Whether to call a variable may do more than compute, by the function that it is known to mean."""
        known = self.functions.of(function)
        if isinstance(known, Inner):
            return may_write(known.node, Lookup(known.source))
        if not isinstance(known, Outer):
            return True
        return self.may_write(gast.Call(known.expression, [], []), self.namespace.objects)

    # -- calls --------------------------------------------------------------------------------

    def expand(self, body: list[gast.AST], is_active: Callable[[gast.AST], bool]) -> list[gast.AST]:
        """Replace the calls of user functions on active values by what they do."""
        output: list[gast.AST] = []
        for node in body:
            if isinstance(node, gast.FunctionDef):
                self.define(node, is_active)
            elif isinstance(node, gast.If):
                if self.functions.are_met and (branch := taken(self.tested(node), self.functions)) is not None:
                    output.extend(self.expand(branch, is_active))
                    continue
                before, node.test = self.library.of_test(node)
                output += self.expand_before(before, node, is_active)
                self.expand_branches(node, is_active)
            elif isinstance(node, gast.For):
                before, node = self.running.of_loop(node)
                known = or_mentions(is_active, activated(before, is_active))
                listing = [p for s in before for p in self.expand_statement(marked(s, node), known)]
                if listing:
                    node.lists = token = object()
                    output += _ahead(listing, token)
                if (copies := self.expand_copies(node, known)) is not None:
                    output += copies
                    continue
                self.expand_loop(node, known)
            elif isinstance(node, gast.While):
                before, node.test = self.library.before_loop(node)
                output += self.expand_before(before, node, is_active)
                self.expand_loop(node, is_active)
            elif isinstance(node, gast.With) and any(is_active(item.context_expr) for item in node.items):
                output.extend(self.expand_managed(node, list(node.items), is_active))
                continue
            elif isinstance(node, gast.With):
                self.functions.forget(tree.names_written([i.optional_vars for i in node.items if i.optional_vars]))
                node.body = self.expand(node.body, is_active)
            elif getattr(node, "unset", False):
                # It says no more than that the name is a variable.
                pass
            elif hasattr(node, "reads"):
                refuse_out_of_turn(node, self.functions)
                output += self.expand_before(self.library.met(node), node, is_active)
                continue
            elif isinstance(node, (gast.Assign, gast.Expr)):
                steps = self.expand_statement(node, is_active)
                output += _ahead(steps, node.ahead) if hasattr(node, "ahead") else steps
                continue
            elif isinstance(node, gast.AugAssign) and self.objects.item_owner(node.target) is not None:
                output.extend(self.expand_item_update(node, is_active))
                continue
            elif isinstance(node, gast.Return) and self.calls and self.is_stand_in(node.value):
                pass
            else:
                refuse_protocols(node, self.functions, tree.origin_of(node))
                refuse_changing(node, self.functions, tree.origin_of(node))
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

    def tested(self, node: gast.If) -> gast.If:
        """A branch, whose test says what is known of the objects that it asks about."""
        test = self.objects.with_fields(node.test)
        return node if test is node.test else tree.like(tree.if_(test, node.body, node.orelse), node)

    def expand_branches(self, node: gast.If, is_active: Callable[[gast.AST], bool]) -> None:
        """Both branches, from what is known before them."""
        refuse_protocols(tree.call("bool", node.test), self.functions, tree.origin_of(node))
        refuse_changing(node.test, self.functions, tree.origin_of(node))
        self.meet_objects(node.test)
        if isinstance(self.functions.of(node.test), (Closure, Choice)):
            self.refuse_uncalled(tree.like(tree.effect(node.test), node))
        before, found = self.functions.state(), attempted(node)
        if found is not None:
            self.expand_attempt(node, found[2], is_active)
            return
        node.body = self.expand(node.body, is_active)
        after = self.functions.state()
        self.functions.restore(before)
        node.orelse = self.expand(node.orelse, is_active)
        self.functions.join(after)

    def expand_attempt(
        self, node: gast.If, handlers: list[gast.AST], is_active: Callable[[gast.AST], bool]
    ) -> None:
        """What is tried, from what is known before it, and its handlers, which see what was done until it failed."""
        before, (written, plain) = self.functions.state(), _exposed_names(node)
        tried, handling = ("orelse", "body") if handlers is node.body else ("body", "orelse")
        self.attempts += 1
        with self.functions.watched() as bound:
            setattr(node, tried, self.expand(getattr(node, tried), is_active))
        self.attempts -= 1
        after = self.functions.state()
        self.functions.restore(before)
        # What is called may bind names as well.
        names = dict.fromkeys([*plain, *_exposed_names(node)[1], *(name for name in bound if name not in written)])
        # An object that is kept is one only while its `__init__` is run.
        self.functions.forget_until(names, {name: sites - self.whole for name, sites in bound.items()})
        setattr(node, handling, self.expand(handlers, is_active))
        self.functions.join(after)

    def expand_copies(self, node: gast.For, is_active: Callable[[gast.AST], bool]) -> list[gast.AST] | None:
        """The statements that a loop runs, where it runs through a list that mixes objects and numbers; else None."""
        found = run_through(node, self.functions)
        if found is None:
            return None
        name, known = found
        before = self.functions.state()
        try:
            output = self.expand(copies_of(node, name, known.size or 0, lambda: self.temporary("test")), is_active)
        except UnsupportedError:
            output = None
        if output is None or self.known(name) is not known:
            # The loop may change the list, or is refused as a loop.
            self.functions.restore(before)
            return None
        return output

    def expand_loop(self, node: gast.AST, is_active: Callable[[gast.AST], bool]) -> None:
        """A loop, in which names that it assigns may hold what an iteration before gave them."""
        written = tree.names_written(node)
        self.functions.forget_functions(written)
        part = "iter" if isinstance(node, gast.For) else "test"
        plain, head = node.body, getattr(node, part)
        self.functions.meet_lists(head)
        targets = _targets_of(node.target, self.iterated(head)) if part == "iter" else {}
        while True:
            before = self.functions.state()
            asked = head if part == "iter" else tree.call("bool", head)
            refuse_protocols(asked, self.functions, tree.origin_of(node))
            refuse_changing(head, self.functions, tree.origin_of(node))
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
        before, node = self.running.of_statement(node)
        if before:
            return self.expand_after(before, node, is_active)
        if isinstance(node, gast.Assign):
            self.functions.meet_lists(node.value)
        refuse_protocols(node, self.functions, tree.origin_of(node))
        self.refuse_held(node)
        node = self.objects.plainly_set(node)
        setting = self.objects.setting(node)
        if setting is not None:
            return self.unfold_method(tree.like(tree.effect(setting), node), setting, is_active)
        item_setting = self.objects.item_setting(node)
        if item_setting is not None:
            return self.expand_statement(tree.like(tree.effect(item_setting), node), is_active)
        if remembered := self.objects.remembered(node):
            first = self.expand_statement(marked(remembered[0], node), is_active)
            return [*first, *self.expand_statement(node, is_active)]
        if (compared := self.objects.compared(node.value)) is not node.value:
            node = with_value(node, compared)
        before, node = computed_first(node, self.functions, self.temporary)
        if before:
            return self.expand_after(before, node, is_active)
        changes = changes_object(node.value, self.functions)
        node = self.objects.with_fields(node)
        before, node = self.library.written_out(node)
        if before:
            block = [*(marked(statement, node) for statement in before), node]
            return self.expand_written(block, is_active)
        self.objects.refuse_lost(node, is_active)
        if (grown := self.grown(node)) is not None:
            return grown
        if (closed := self.with_closed_items(node)) is not None:
            return closed
        if (chosen := self.objects.several_operands(node.value)) is not None:
            return self.unfold_classes(node, chosen, is_active)
        value = self.objects.computed(node.value)
        call = self.objects.operated(value, tree.origin_of(node))
        if (check := self.objects.before_reflected(value, call, tree.origin_of(node))) is not None:
            return [marked(check, node), *self.expand_statement(with_value(node, call), is_active)]
        if changes:
            return self.unfold_method(node, call, is_active)
        target = assigned_name(node)
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
            varies = has_active(call, is_active) or (target is not None and is_active(tree.load(target)))
            if varies and (given := self.with_given_written(call, known)) is not None:
                return self.expand_statement(with_value(node, given), is_active)
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
                    return [*(marked(s, node) for s in before), self.bound(with_value(node, value), held)]
                made_tuple = self.named_call(call, cls, tree.origin_of(node))
                if made_tuple is not None:
                    return self.expand_named(node, made_tuple, is_active)
            if target is not None and (self.follows_all or is_active(tree.load(target))) and is_followed(cls):
                if target in self.temporaries and not has_active(call, is_active):
                    return self.tried(node, lambda: self.make(node, target, call, cls, is_active))
                return self.make(node, target, call, cls, is_active)
            if self.objects.begins_nothing(call):
                return []
            if (chosen := self.objects.one_of_several(call)) is not None:
                return self.unfold_classes(node, chosen, is_active)
            method = self.objects.method(call)
            if method is None and manages(call):
                raise subset.refusal("with over active data", tree.origin_of(node))
            if any(k.arg is None and is_active(k.value) for k in call.keywords):
                return self.spread_keywords(node, method or call, is_active)
            spread = [a for a in call.args if isinstance(a, gast.Starred) and not is_collected(a)]
            if any(is_active(a.value) or is_active(call.func) for a in spread):
                return self.spread(node, method or call, is_active)
            if method is not None:
                return self.unfold_method(node, method, is_active)
            keyed = self.objects.with_field_keys(call)
            if keyed is not call:
                call, node = keyed, with_value(node, keyed)
            display = self.objects.display(call)
            if display is not None:
                return [self.bound(with_value(node, display), self.objects.meaning_of(display))]
            called = self.functions.of(call.func)
            if isinstance(called, Method) and isinstance(call.func, gast.Name):
                return self.unfold_kept(node, call, call.func.id, called, is_active)
            if isinstance(called, Closure):
                return self.unfold_value(node, call, called, is_active)
            if isinstance(called, (Inner, Partial, Choice)):
                if is_active(call.func) or has_active(call, is_active):
                    return self.unfold_value(node, call, called, is_active)
                if isinstance(called, Inner) and defines_functions(called.node):
                    return self.tried(node, lambda: self.unfold_value(node, call, called, is_active))
            elif isinstance(called, Outer) and not tree.same(called.expression, call.func):
                call = gast.Call(tree.copy(called.expression), call.args, call.keywords)
                node = with_value(node, call)
            if (each := self.call_of_vectorized(call)) is not None:
                call, node = each, with_value(node, each)
            lettered = with_letters(call, self.namespace.objects)
            if lettered is not call:
                call, node = lettered, with_value(node, lettered)
            by_stores = self.expansion(node, call, is_active)
            if by_stores is not None:
                return self.unfold_expansion(node, *by_stores, is_active)
            made = self.partial(call) or self.vectorized(call) or self.derivative(call) or self.likeness(call)
            if made is not None and target is not None:
                return [self.bound(node, made)]
            if has_active(call, is_active) and (direct := self.on_object(node, call)) is not None:
                return self.unfold_on_object(node, direct, is_active)
            function = self.callees.user_function(call)
            if function is not None and has_active(call, is_active):
                return self.unfold(node, call, function, is_active)
            if self.follows_all and function is not None and target is not None and is_active(tree.load(target)):
                if self.callees.makes_containers(function):
                    return self.tried(node, lambda: self.unfold(node, call, function, is_active))
            if isinstance(node, gast.Expr) and has_active(call, is_active):
                written = self.written_by_recursion(call, is_active)
                if written is not None:
                    known_names = or_mentions(is_active, tree.names_written(written))
                    return self.expand([marked(statement, node) for statement in written], known_names)
            specialised = self.specialised(call) if has_active(call, is_active) else None
            if specialised is not None:
                return self.expand_statement(with_value(node, specialised), is_active)
            if function is not None and self.callees.makes_function(function):
                return self.tried(node, lambda: self.unfold(node, call, function, is_active))
            if self.reorders(node, call):
                return [node]
            if isinstance(call.func, gast.Attribute) and call.func.attr == "pop":
                value = self.functions.of(call)
                if value is not None and target is not None:
                    self.functions.bind(target, value)
                    return [node]
        elif (chosen := self.objects.one_of_several(call)) is not None:
            return self.unfold_classes(node, chosen, is_active)
        self.objects.refuse_array_names(node, is_active)
        fact = fact_of(node.value, self.functions)
        known = self.functions.of(node.value)
        output = [self.bound(self.without_stand_ins(node, known), known)]
        is_named = target in self.temporaries or target in self.helpers
        if target is not None and known is None and (isinstance(fact, Simple) or (fact is not None and is_named)):
            self.functions.bind(target, fact)
        return output

    def is_stand_in(self, value: gast.AST) -> bool:
        """Whether a value is an object of which only attributes are there, or a tuple of what stands for some."""
        known = self.functions.of(value)
        is_tuple = isinstance(value, (gast.Tuple, gast.Name)) and next(held_in(known), None) is not None
        return isinstance(known, Made) or is_tuple

    def without_stand_ins(self, node: gast.AST, known: Value | None) -> gast.AST:
        """A tuple that is made of objects that only stand for ones of a library, without them: they are known."""
        if type(node.value) is not gast.Tuple or next(held_in(known), None) is None or assigned_name(node) is None:
            return node

        def item(part: gast.AST) -> gast.AST:
            known = self.functions.of(part)
            return tree.const(known.name) if isinstance(known, Made) and stands_for(known.cls) else part

        return with_value(node, tree.tuple_of(map(item, node.value.elts)))

    def reorders(self, node: gast.AST, call: gast.Call) -> bool:
        """Whether a statement changes the order of a list, of which all items stay known."""
        function = call.func
        if not isinstance(node, gast.Expr) or not isinstance(function, gast.Attribute):
            return False
        if not isinstance(function.value, gast.Name) or self.functions.of(function.value) is None:
            return False
        if function.attr not in ("sort", "reverse") or call.args:
            return False
        self.meet_objects(node)
        return self.functions.reorder(function.value.id)

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
        output = self.expand(block, or_mentions(is_active, tree.names_written(block)))
        for name, known in held.items():
            self.functions.bind(name, known)
        return output

    def expand_before(
        self, before: list[gast.AST], node: gast.AST, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """What a collection needs before a statement reads items of it."""
        return self.expand_written([marked(statement, node) for statement in before], is_active) if before else []

    # -- functions as values ------------------------------------------------------------------

def _ahead(statements: list[gast.AST], token: object) -> list[gast.AST]:
    """Mark statements that list before a loop what Python would compute in turn."""
    for statement in tree.every_statement(statements):
        statement.ahead = token
    return statements


def _exposed_names(node: gast.If) -> tuple[set[str], list[str]]:
    """The names that an attempt assigns, and those of them whose assignment its handlers may see."""
    found = attempted(node)
    tried = found[0] if found is not None else []
    return set(tree.names_written(tried)), tree.names_written(exposed(tried)[0])


def _targets_of(target: gast.AST, item: Value | None) -> dict[str, Value | None]:
    """What the names mean that a loop runs over, where it has come to an item."""
    if isinstance(target, gast.Name):
        return {target.id: item}
    found: dict[str, Value | None] = {}
    for key, part in enumerate(target.elts if isinstance(target, gast.Tuple) else ()):
        known = item.items.get(key) if isinstance(item, Items) and item.is_fixed else None
        found.update(_targets_of(part, known))
    return found

