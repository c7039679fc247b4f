"""Calls of functions, methods and functions inside, as the statements of what they call."""

from __future__ import annotations

import ast
import copy
import functools
import types
from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.bound import bound_inside, kept_by_functions, own_names
from tangent_sct.frontend.callees import is_generated
from tangent_sct.frontend.closing import Closing
from tangent_sct.frontend.closures import Closure
from tangent_sct.frontend.expansions import (
    classes_in,
    expansion_for,
    makes_object,
    suffices,
    without_defaults,
)
from tangent_sct.frontend.flags import decided
from tangent_sct.frontend.given import display_keys, is_remembering, unbound, variadic
from tangent_sct.frontend.handed import without_handed
from tangent_sct.frontend.imports import imported
from tangent_sct.frontend.inline import bound_arguments, may_fit, spelling_of
from tangent_sct.frontend.inside import arguments_of, inner, with_given
from tangent_sct.frontend.itemized import with_items_apart
from tangent_sct.frontend.lifted import (
    Group,
    call_of_lifted,
    calls_itself,
    group_of,
    lifted,
    mentioned,
)
from tangent_sct.frontend.made import Made
from tangent_sct.frontend.meanings import (
    NOTHING,
    SIMPLE,
    Choice,
    Inner,
    Instance,
    Method,
    Outer,
    Partial,
    Several,
    Value,
    is_option,
    surely,
)
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.reading import (
    assigned_name,
    has_active,
    or_mentions,
    outer_function,
    with_value,
)
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.spelled import with_names_spelled
from tangent_sct.frontend.unrolled import with_loops_written_out
from tangent_sct.frontend.variadic import written_out
from tangent_sct.runtime import copied, entry_by_entry, separate_copy, zero_items, zeros_like
from tangent_sct.runtime.applied import summed_from
from tangent_sct.templates.methods import METHODS
from tangent_sct.templates.methods import WRITERS as ARRAY_WRITERS
from tangent_sct.templating import registry

_NESTED = 4
"""How often a function may be called by functions that are handed to it."""

_MAKERS = "tangent_sct.api"
"""The module whose functions make derivatives."""

_ARRAY_MAKERS = (
    np.array, np.asarray, np.zeros, np.ones, np.full, np.empty, np.linspace, np.arange, np.eye, np.identity, np.diag,
    np.concatenate, np.stack, np.hstack, np.vstack, np.tile, np.repeat, np.outer,
)  # fmt: skip
"""Functions that make arrays out of numbers."""

OBJECTS_DEEP = 20
"""How deep a method may call itself, on objects in objects."""


class Unfolding(Closing):
    """Puts the statements of functions in the place of their calls."""

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
        if len(own) != len(arguments):
            raise UnsupportedError(
                f"`{tree.text(call.func)}` is called on values to be differentiated, and shows other parameters "
                "than its source has",
                origin, "write a rule for it, or call the function that it wraps",
            )  # fmt: skip
        arguments = dict(zip(own, arguments.values(), strict=True))
        if registry.stands_for_others(plain):
            definition, arguments = with_loops_written_out(definition, arguments, self.is_function)
            definition, arguments = with_items_apart(definition, arguments, source.globals.get)
        try:
            block = self.unfolded(node, source, definition, arguments, set(), is_active)
            if is_remembering(function):
                self.refuse_remembered(node, definition)
            for statement in tree.every_statement(block):
                if tree.origin_of(statement) is None:
                    # What Python wrote for a dataclass stands in no file.
                    tree.like(statement, node)
            return block
        except RecursionError:
            raise UnsupportedError(
                f"the source of `{tree.text(call.func)}`, and of what it calls, is nested too deeply to be followed",
                origin, "write a rule for it, or compute the same in other words",
            ) from None  # fmt: skip
        except UnsupportedError as error:
            caller = None if self.source is None else self.source.function
            if _is_of("tangent_sct", plain) and not _is_of("tangent_sct", caller):
                # Our own lines would tell a user nothing.
                raise UnsupportedError(error.reason, origin, error.hint, error.way) from None
            if not _is_of("scipy", plain) or _is_of("scipy", caller):
                raise
            # Nor would those of SciPy.
            raise UnsupportedError(
                f"`{tree.text(call.func)}` has no derivative rule, and its source cannot be followed: {error.reason}",
                origin, "write a rule for it, or compute the same in other words",
            ) from None  # fmt: skip

    def refuse_remembered(self, node: gast.AST, definition: gast.FunctionDef) -> None:
        """Refuse a function that remembers its results, and gives objects, lists or arrays: all callers share them.

        Raises:
            UnsupportedError: naming the function.
        """
        target = assigned_name(node)
        makers = (gast.List, gast.Dict, gast.Set, gast.ListComp, gast.DictComp, gast.SetComp)
        returned = [item.value for item in tree.walk(definition) if isinstance(item, gast.Return)]
        names = set(tree.names_read([value for value in returned if isinstance(value, gast.Name)]))
        given = [
            item.value for item in tree.walk(definition)
            if isinstance(item, gast.Assign) and not names.isdisjoint(tree.names_written(item.targets))
        ]  # fmt: skip
        called = [item.func for item in (*returned, *given) if isinstance(item, gast.Call)]
        arrays = (any(meaning(f, self.namespace.objects) is known for known in _ARRAY_MAKERS) for f in called)
        is_shared = target is not None and self.known(target) is not None
        if is_shared or any(isinstance(item, makers) for item in (*returned, *given)) or any(arrays):
            raise UnsupportedError(
                f"`{definition.name}` remembers its results, and gives one that may be changed, the same each time",
                tree.origin_of(node),
                "leave out the cache, or give numbers or a tuple of numbers",
            )

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
            whole = gast.Call(call.func, [call.func.value, *call.args], call.keywords)
            if any(may_fit(whole, expansion) for expansion, _ in registry.expansions(ARRAY_WRITERS[method])):
                # Else it is no array.
                function, call = ARRAY_WRITERS[method], whole
        elif function is MISSING and method in METHODS and self.functions.of(call.func.value) is None:
            # The rule that is behind the method goes before, where it knows all arguments.
            behind = METHODS[method]
            whole = gast.Call(call.func, [call.func.value, *call.args], call.keywords)
            if registry.find(behind) is not None and not suffices(whole, behind, is_active):
                function, call = behind, whole
        if function is MISSING:
            return None
        if function is sum and (whole := self.sum_of_objects(call)) is not None:
            return whole, summed_from
        if not has_active(call, is_active):
            # An object of constants is followed where something active is handed to it.
            target = assigned_name(node)
            if target is None or not is_active(tree.load(target)) or not makes_object(function):
                return None
        return expansion_for(call, function, self.namespace.objects, tree.origin_of(node), is_active)

    def sum_of_objects(self, call: gast.Call) -> gast.Call | None:
        """`sum` that begins with an object, whose class says what is added to it; None for other sums."""
        given = [*call.args, *(k.value for k in call.keywords if k.arg == "start")]
        if len(given) != 2 or not isinstance(self.functions.of(given[1]), (Made, Instance)):
            return None
        return gast.Call(call.func, given, [])

    def unfold_expansion(
        self,
        node: gast.AST,
        call: gast.Call,
        function: Callable[..., Any],
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        """The statements that a call stands for, as ones of the user's line."""
        # Which class its arguments are of may decide what is made.
        self.functions.are_met = self.functions.are_met or bool(classes_in(function))
        # An object of constants is made of variables, as one of active values is.
        counts = is_active if has_active(call, is_active) else lambda _: True
        body = _with_literals(self.unfold(node, call, function, counts))
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
        function = outer_function(self.namespace, call.func)
        if self.methods.count(function) >= OBJECTS_DEEP:
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
        definition = decided(definition, arguments, source)
        keys = variadic(definition, display_keys(arguments))
        definition = with_names_spelled(written_out(definition, keys), Lookup(source).get, keys)
        definition, fresh = self.with_own_names(definition)
        active = {fresh[name] for name, value in arguments.items() if is_active(value)}
        self.fix(definition, [fresh[name] for name, value in arguments.items() if self.is_fixed(value)])
        for name, value in arguments.items():
            known = self.functions.of(value)
            if isinstance(known, Made):
                self.rename(fresh[name], known)
            else:
                fact: Value | None = SIMPLE if self.functions.is_simple(value) else None
                if self.functions.is_none(value):
                    fact = NOTHING
                self.functions.bind(fresh[name], known or self.object_of(value) or fact)
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
            is_key = getattr(value, "is_key", False) and _only_indexes(fresh[name], body)
            if not is_key and isinstance(value, (gast.Slice, gast.Tuple)) and _has_slice(value):
                raise UnsupportedError(
                    f"a slice is handed to `{definition.name}`, which does more with it than to index",
                    origin,
                    "write a method that is given the bounds",
                )
            is_spoiled = not written.isdisjoint(tree.names_read(value)) or (changes and _reads_attributes(value))
            if fresh[name] in written or is_spoiled or not (is_key or tree.is_atom(value)):
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
        """What `np.vectorize(f)` makes, None where a call is none of it or says more than is followed."""
        if meaning(call.func, self.namespace.objects) is not np.vectorize or len(call.args) != 1:
            return None
        value = self.functions.of(call.args[0])
        keywords = _of_vectorize({k.arg: k.value for k in call.keywords})
        if value is None or keywords is None:
            return None
        return Partial(self.entry_by_entry(), (call.args[0],), keywords)

    def entry_by_entry(self) -> Outer:
        name = self.namespace.name_for("entry_by_entry", entry_by_entry)
        return Outer(name, tree.load(name))

    def call_of_vectorized(self, call: gast.Call) -> gast.Call | None:
        """A call of an object that `np.vectorize` has made outside of the program, None for other calls."""
        called = meaning(call.func, self.namespace.objects)
        if type(called) is not np.vectorize or called.signature:
            return None
        told: dict[str | None, gast.AST] = {}
        if called.otypes:
            told["otypes"] = tree.const(called.otypes)
        if called.excluded:
            told["excluded"] = tree.tuple_of([tree.const(place) for place in sorted(called.excluded, key=str)])
        keywords = _of_vectorize(told)
        if keywords is None:
            return None
        name = self.namespace.name_for(spelling_of(called.pyfunc), called.pyfunc)
        return gast.Call(
            self.entry_by_entry().expression, [tree.load(name), *call.args], [*call.keywords, *keywords]
        )

    def likeness(self, call: gast.Call) -> Value | None:
        """What a copy or a shadow is that derivatives make of a known object, or of a container of some."""
        maker = meaning(call.func, self.namespace.objects)
        if is_one_of(maker, (zero_items, zeros_like)):
            return self.functions.of(call)
        if not is_one_of(maker, (copied, copy.deepcopy, separate_copy)) or len(call.args) != 1:
            return None
        value = self.functions.of(call.args[0])
        if is_one_of(maker, (copy.deepcopy, separate_copy)) and isinstance(value, Several):
            # It is another list.
            return Several(value.item)
        return value

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
        name = self.namespace.name_for(f"{spelling_of(function)}_{maker.__name__}", result)
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
            return self.expand_statement(with_value(node, direct), is_active)
        if isinstance(value, Choice):
            return self.unfold_choice(node, call, value, is_active)
        if isinstance(value, Closure):
            return self.unfold_closure(node, call, value, is_active)
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
                output += self.expand_statement(taken, or_mentions(is_active, active))
                args[place] = tree.load(name)
        atoms = gast.Call(call.func, args, call.keywords)
        return output + self.expand_statement(with_value(node, atoms), or_mentions(is_active, active))

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
            same = tree.assign(test, is_option(call.func, option, told_by, self.namespace))
            same.tells_apart = True
            body = self.unfold_value(tree.copy(node), call, option, is_active)
            self.functions.join(after)
            statements = [same, tree.if_(tree.load(test), body, block)]
            block = [tree.like(statement, node) for statement in statements]
        return block

    def unfold_classes(
        self, node: gast.AST, owner: gast.Name, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A statement with a method or a property of one of several objects: what it is for the class it has."""

        def read_as(option: Value) -> list[gast.AST]:
            self.functions.bind(owner.id, surely(option))
            return self.expand_statement(tree.copy(node), is_active)

        value, before = self.functions.of(owner), self.functions.state()
        assert isinstance(value, Choice)
        *others, (last, _) = value.options
        block = read_as(last)
        for option, told_by in reversed(others):
            after = self.functions.state()
            self.functions.restore(before)
            test = self.temporary("test")
            same = tree.assign(test, is_option(owner, option, told_by, self.namespace))
            same.tells_apart = True
            body = read_as(option)
            self.functions.join(after)
            block = [tree.like(s, node) for s in (same, tree.if_(tree.load(test), body, block))]
        return block


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
        if isinstance(node, gast.Assign) and isinstance(value, (gast.List, gast.Tuple)) and assigned_name(node):
            name = str(assigned_name(node))
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


def _is_of(package: str, function: Any) -> bool:
    return (getattr(function, "__module__", None) or "").partition(".")[0] == package


def _has_slice(key: gast.AST) -> bool:
    return any(isinstance(item, gast.Slice) for item in (key, *getattr(key, "elts", ())))


def _only_indexes(name: str, body: list[gast.AST]) -> bool:
    """Whether a name is read only as the index of something."""
    every = [item for statement in body for item in tree.walk(statement)]
    indices = {id(item.slice) for item in every if isinstance(item, gast.Subscript)}
    return all(id(item) in indices for item in every if tree.is_name(item, name))


def _changes_attributes(body: list[gast.AST]) -> bool:
    """Whether some statement assigns an attribute."""
    every = (item for statement in body for item in tree.walk(statement))
    return any(isinstance(item, gast.Attribute) and not isinstance(item.ctx, gast.Load) for item in every)


def _reads_attributes(node: gast.AST) -> bool:
    return any(isinstance(item, gast.Attribute) for item in tree.walk(node))


def _of_vectorize(told: dict[str | None, gast.AST]) -> tuple[gast.AST, ...] | None:
    """What `np.vectorize` is told about types and arguments, as `entry_by_entry` takes it; None for what is more.

    >>> told = {"otypes": tree.expression("[float]"), "excluded": tree.expression("{2, 1}")}
    >>> [tree.text(keyword.value) for keyword in _of_vectorize(told)]
    ['[float]', '(1, 2)']
    >>> _of_vectorize({"signature": tree.const("(n)->()")}) is None
    True
    """
    found = []
    for name, value in told.items():
        if name == "otypes":
            several = value.elts if isinstance(value, (gast.List, gast.Tuple)) else getattr(value, "value", "")
            if not isinstance(several, (list, str)) or len(several) != 1:
                return None
            found.append(gast.keyword(name, value))
        elif name == "excluded" and isinstance(value, (gast.List, gast.Tuple, gast.Set)):
            places: list[Any] = [getattr(item, "value", None) for item in value.elts]
            if not all(type(place) is int for place in places):
                return None
            found.append(gast.keyword(name, tree.tuple_of([tree.const(place) for place in sorted(places)])))
        elif name != "doc":
            return None
    return tuple(found)
