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

import functools
import inspect
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend import subset
from tangent_sct.frontend.active import active_names, mentions_active
from tangent_sct.frontend.desugar import desugar
from tangent_sct.frontend.inline import bound_arguments
from tangent_sct.frontend.namespace import MISSING, Namespace, meaning
from tangent_sct.frontend.normalise import MayWrite, normalise
from tangent_sct.frontend.ruled import is_ruled, source_of_call
from tangent_sct.frontend.source import source_of, tree_of
from tangent_sct.frontend.variadic import written_out
from tangent_sct.runtime.boxes import WRITERS
from tangent_sct.templating import registry


class Generated(Protocol):
    """A derivative that is itself called: it writes its text for the kinds of its arguments."""

    def generated(self, kinds: tuple[Kind, ...]) -> Callable[..., Any]:
        """The generated function; its first parameters are those of the derivative, in order."""


@dataclass
class Reader:
    """Brings functions into the small language, all with one set of names.

    Attributes:
        names: gives out every name of the program.
        namespace: its free names.
        temporaries: names that the compiler made.
        helpers: names that desugaring made, some of them for values from several places.
        called: functions that a function calls, as far as asked for.
        texts: sources and trees of the functions that have been read.
        argument_kinds: kinds of the arguments with which a derivative is called in the program.
        may_write: whether a call may write into what it is given, or reaches.
        left: derivatives whose calls were left because those kinds are not known yet.
    """

    names: Names
    namespace: Namespace
    temporaries: set[str] = field(default_factory=set)
    helpers: set[str] = field(default_factory=set)
    called: dict[Any, list[Any]] = field(default_factory=dict)
    texts: dict[Any, tuple[Source, gast.FunctionDef]] = field(default_factory=dict)
    argument_kinds: dict[Any, tuple[Kind, ...]] | None = None
    left: list[Any] = field(default_factory=list)
    may_write: MayWrite = lambda call, objects: False

    def function(
        self,
        function: Any,
        active: Iterable[str],
        parameters: Iterable[str] | None = None,
        keys: Mapping[str, Sequence[Any]] | None = None,
    ) -> gast.FunctionDef:
        """A function in the small language.

        Args:
            function: the user's function.
            active: parameters that carry a derivative.
            parameters: parameters to keep; the others become their defaults. None keeps all.
            keys: positions or keys of the parameters that are containers, where they are known.

        Raises:
            UnsupportedError: when it has no source or uses what is not supported.
        """
        plain, given = unbound(function)
        source, node = self.text_of(plain)
        node = tree.copy(node)
        if parameters is not None:
            node = _with_defaults_filled(
                node, {*parameters, *tree.parameter_names(node)[: len(given)]}
            )
        self.names.reserve(_bound_names(node))
        if given:
            node = self.with_given(node, given)
        node = written_out(node, _variadic(node, keys or {}))
        return self.read(source, node, set(active))

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
        """A parsed function in the small language."""
        self.meet_free_names(source, node)
        is_zero, is_pure = _rule_test(source, True), _rule_test(source, False)
        is_fresh = _fresh_test(source)
        active = active_names(node, parameters, is_zero, is_pure, is_fresh)
        subset.check(node, active, source, is_zero=is_zero)
        plain = desugar(node, active, is_zero, self.names, source)
        self.helpers |= set(_bound_names(plain)) - set(_bound_names(node)) - _loop_targets(plain)
        active = active_names(plain, parameters, is_zero, is_pure, is_fresh)

        def is_active(expression: gast.AST) -> bool:
            return mentions_active(expression, active, is_zero)

        result, made = normalise(
            plain, active, is_active, source, self.names, self.namespace, self.may_write
        )
        self.temporaries |= made
        body = self.expand(result.body, is_active)
        return tree.like(tree.function(result.name, result.args, body), result)

    def meet_free_names(self, source: Source, node: gast.FunctionDef) -> None:
        """Give the free names of a function their names before any temporary takes them."""
        bound = set(_bound_names(node))
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
            for name in ("body", "orelse"):
                if isinstance(node, (gast.If, gast.For, gast.While, gast.With)) and hasattr(
                    node, name
                ):
                    setattr(node, name, self.expand(getattr(node, name), is_active))
            call = getattr(node, "value", None)
            if isinstance(node, (gast.Assign, gast.Expr)) and isinstance(call, gast.Call):
                function = self.user_function(call)
                if function is not None and _has_active(call, is_active):
                    output.extend(self.unfold(node, call, function, is_active))
                    continue
            output.append(node)
        return output

    def user_function(self, call: gast.Call) -> Any:
        """The function of a call when it is one to be read: not a rule's, not one being read."""
        function = meaning(call.func, self.namespace.objects)
        if function is MISSING or isinstance(function, type) or registry.find(function) is not None:
            return None
        if isinstance(function, (types.BuiltinFunctionType, types.MethodDescriptorType, np.ufunc)):
            return None
        if function in WRITERS:
            # Both modes know what these do to a shadow.
            return None
        if is_generated(function):
            if self.argument_kinds is None:
                self.left.append(function)
                return None
            return function
        return None if self.is_recursive(function) else function

    def is_recursive(self, function: Any) -> bool:
        """Whether a function calls itself, directly or through functions that it calls."""
        start = getattr(function, "__func__", function)
        found: set[Any] = set()
        pending = [start]
        while pending:
            for callee in self.callees(pending.pop()):
                if callee is start:
                    return True
                if callee not in found:
                    found.add(callee)
                    pending.append(callee)
        return False

    def callees(self, function: Any) -> list[Any]:
        """The Python functions without a rule that a function's source calls by name."""
        if function not in self.called:
            found: list[Any] = []
            self.called[function] = found
            try:
                source, node = self.text_of(function)
            except (UnsupportedError, TypeError):
                return found
            objects = _Lookup(source)
            for item in tree.walk(node):
                if isinstance(item, gast.Call):
                    callee = meaning(item.func, objects)
                    callee = getattr(callee, "__func__", callee)
                    if isinstance(callee, types.FunctionType) and registry.find(callee) is None:
                        found.append(callee)
        return self.called[function]

    def text_of(self, function: Any) -> tuple[Source, gast.FunctionDef]:
        """The source and the tree of a function, read once; whoever changes the tree copies it."""
        if function not in self.texts:
            source = source_of_call(function) if is_ruled(function) else source_of(function)
            self.texts[function] = source, tree_of(source)
        return self.texts[function]

    def definition(self, function: Any) -> tuple[Source, gast.FunctionDef]:
        """The source and the tree of a function that is called."""
        if not is_generated(function):
            source, node = self.text_of(unbound(function)[0])
            return source, tree.copy(node)
        kinds = (self.argument_kinds or {}).get(function, ())
        source = source_of(function.generated(kinds))
        node = tree_of(source)
        count = len(inspect.signature(function).parameters)
        return source, _with_defaults_filled(node, set(tree.parameter_names(node)[:count]))

    def unfold(
        self,
        node: gast.AST,
        call: gast.Call,
        function: Any,
        is_active: Callable[[gast.AST], bool],
    ) -> list[gast.AST]:
        origin = tree.origin_of(node)
        try:
            source, definition = self.definition(function)
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
        definition = written_out(definition, _variadic(definition, _display_keys(arguments)))
        fresh = {name: self.names.fresh(name) for name in _bound_names(definition)}
        definition = tree.rename(definition, fresh)
        for statement in tree.every_statement(definition.body):
            if isinstance(statement, (gast.FunctionDef, gast.ClassDef)):
                statement.name = fresh.get(statement.name, statement.name)
        active = {fresh[name] for name, value in arguments.items() if is_active(value)}
        body = self.read(source, definition, active).body
        written = set(tree.names_written(body))
        direct: dict[str, gast.AST] = {}
        output: list[gast.AST] = []
        for name, value in arguments.items():
            if fresh[name] in written or not tree.is_atom(value):
                output.append(tree.mark(tree.assign(fresh[name], value), origin))
            else:
                direct[fresh[name]] = value
        output += [tree.substitute(s, direct) for s in body[:-1]]
        returned = body[-1]
        assert isinstance(returned, gast.Return)
        if isinstance(node, gast.Assign):
            result = tree.substitute(returned.value, direct)
            output.append(tree.like(tree.assign(node.targets[0], result), node))
        return output


def _variadic(
    node: gast.FunctionDef, keys: Mapping[str, Sequence[Any]]
) -> dict[str, Sequence[Any]]:
    """What is known of `*args` and `**kwargs`."""
    own = [a.id for a in (node.args.vararg, node.args.kwarg) if a is not None]
    return {name: keys[name] for name in own if name in keys}


def _display_keys(arguments: Mapping[str, gast.AST]) -> dict[str, Sequence[Any]]:
    """Positions or keys of the arguments that are written as displays."""
    found: dict[str, Sequence[Any]] = {}
    for name, value in arguments.items():
        if isinstance(value, gast.Tuple):
            found[name] = range(len(value.elts))
        elif isinstance(value, gast.Dict) and all(tree.is_constant(k) for k in value.keys):
            found[name] = [key.value for key in value.keys]
    return found


def unbound(function: Any) -> tuple[Any, tuple[Any, ...]]:
    """The Python function behind a method, a callable object or a partial, and its first arguments.

    One that has a rule stays what it is.
    """
    if is_ruled(function):
        return function, ()
    if isinstance(function, functools.partial):
        inner, given = unbound(function.func)
        return inner, (*given, *function.args)
    if isinstance(function, types.MethodType):
        return function.__func__, (function.__self__,)
    call = type(function).__call__ if callable(function) else None
    if isinstance(call, types.FunctionType) and not hasattr(function, "py_func"):
        return call, (function,)
    return function, ()


def is_generated(function: Any) -> bool:
    """Whether a function is a derivative that writes its text for the kinds of its arguments."""
    return hasattr(type(function), "generated")


def _has_active(call: gast.Call, is_active: Callable[[gast.AST], bool]) -> bool:
    values = [*call.args, *(k.value for k in call.keywords)]
    return any(map(is_active, values))


def _bound_names(node: gast.FunctionDef) -> list[str]:
    """Names bound anywhere in a function: parameters, locals, variables of inner scopes."""
    found: dict[str, None] = {}
    for name in tree.names_written(node.body):
        found.setdefault(name)
    for item in tree.walk(node):
        if isinstance(item, gast.Name) and not isinstance(item.ctx, gast.Load):
            found.setdefault(item.id)
    return list(found)


def _loop_targets(node: gast.FunctionDef) -> set[str]:
    """Names that loops run over."""
    loops = [s.target for s in tree.every_statement(node.body) if isinstance(s, gast.For)]
    return set(tree.names_written(loops))


def _rule_test(source: Source, zero: bool) -> Callable[[gast.AST], bool]:
    """Whether a function spelled so has a rule; with `zero`, whether the rule says it has no derivative."""
    objects = _Lookup(source)

    def has_rule(function: gast.AST) -> bool:
        found = meaning(function, objects)
        if found is MISSING:
            return False
        rule = registry.find(found)
        return rule is not None and (rule.is_zero or not zero)

    return has_rule


def _fresh_test(source: Source) -> Callable[[gast.AST], bool]:
    """Whether what a function spelled so gives back is an array of its own, or a number."""
    objects = _Lookup(source)

    def makes_new(function: gast.AST) -> bool:
        return is_fresh(meaning(function, objects))

    return makes_new


def is_fresh(function: Any) -> bool:
    """Whether the rule of a function of NumPy says that its result shares no memory.

    Python's own functions may hand on what stands in a list, of which no rule speaks.

    >>> is_fresh(np.sin), is_fresh(np.reshape), is_fresh(sum)
    (True, False, False)
    """
    if (getattr(function, "__module__", None) or "").partition(".")[0] != "numpy":
        return False
    rule = registry.find(function)
    return rule is not None and rule.aliasing == "fresh"


class _Lookup(dict[str, Any]):
    """Free names of a source, looked up when asked for."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self.source.lookup(name)
        except KeyError:
            return default


def _with_defaults_filled(node: gast.FunctionDef, keep: set[str]) -> gast.FunctionDef:
    """The function without some of its last parameters, which stand for their defaults instead."""
    arguments = node.args
    defaults = dict(
        zip([a.id for a in arguments.args][::-1], list(arguments.defaults)[::-1], strict=False)
    )
    filled = {name: value for name, value in defaults.items() if name not in keep}
    if not filled:
        return node
    kept = [a for a in arguments.args if a.id not in filled]
    last = [defaults[a.id] for a in kept if a.id in defaults]
    parameters = gast.arguments(
        kept, arguments.posonlyargs, arguments.vararg, arguments.kwonlyargs,
        arguments.kw_defaults, arguments.kwarg, last,
    )  # fmt: skip
    body = [tree.substitute(statement, filled) for statement in node.body]
    return tree.like(tree.function(node.name, parameters, body, node.returns), node)
