"""Generators, as functions that are handed what is to be done with each item.

    for v in walk(x):                def each(item):
        total += v                       nonlocal v, total
                                         v = item
                                         total += v
                                     walk_each(each, x)

Where a generator is run through by a loop, the body of the loop takes the place of each `yield`: nothing is run
earlier or more often than it was, so a loop may leave an endless generator. What `list`, `sum` and the like use up at
once comes from a function that collects the items. Of the functions of `itertools`, and of `zip(*rows)`, the
source is in `runtime/iterators.py`. Requires: a function as parsed. Produces: one without generators
where their items may carry a derivative; what is used in other ways stays, and is refused where it is read.
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.above import is_super
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.between import any_writes, may_write, runs_of
from tangent_sct.frontend.consumers import Consumer
from tangent_sct.frontend.inside import declared_inside
from tangent_sct.frontend.managers import (
    around,
    generator_behind,
    is_managing,
    manner_of,
    with_managers_decorated,
)
from tangent_sct.frontend.namespace import MISSING, Namespace, is_library, meaning
from tangent_sct.frontend.objects import mangled
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.source import origin_of_node, source_of_generator, tree_of
from tangent_sct.frontend.yields import (
    Called,
    definition,
    is_generator,
    made_of,
    marked,
    name_of,
    own_nodes,
    refuse_super,
)
from tangent_sct.runtime import iterators

EAGER: Final = frozenset({"list", "tuple", "sum", "sorted", "max", "min", "dict", "reversed"})
"""Python's own functions that use up what they are given."""


def without_generators(
    function: gast.FunctionDef,
    source: Source,
    names: Names,
    namespace: Namespace,
    is_active: Callable[[gast.AST], bool],
    lookup: Mapping[str, Any],
) -> gast.FunctionDef:
    """A function in which generators with active items are called like other functions.

    Args:
        function: the function as parsed; not modified.
        source: where it came from.
        names: gives out new names.
        namespace: gets the functions that are made.
        is_active: whether an expression may carry a derivative.
        lookup: what free names mean.

    Returns:
        The function; the very same one where it runs through no such generator.

    Raises:
        UnsupportedError: for a generator of which the items are not simply handed out.
    """
    decorated = with_managers_decorated(function, lookup)
    if not _Worker(decorated, source, names, namespace, is_active, lookup).is_needed():
        return function
    own = tree.copy(decorated)
    own.body = _Worker(own, source, names, namespace, is_active, lookup).function_body()
    return own


class _Worker:
    def __init__(
        self, function: gast.FunctionDef, source: Source, names: Names, namespace: Namespace,
        is_active: Callable[[gast.AST], bool], lookup: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.function = function
        self.source = source
        self.names = names
        self.namespace = namespace
        self.is_active = is_active
        self.lookup = lookup
        self.local = {*tree.parameter_names(function), *tree.names_written(function.body)}
        self.inner = self.inner_generators()
        self.made: dict[tuple[str, str], str] = {}
        self.runs = runs_of(function)

    def inner_generators(self) -> dict[str, list[gast.FunctionDef]]:
        """The definitions of generators inside, by names that mean nothing else."""
        found: dict[str, list[gast.FunctionDef]] = {}
        others = set(tree.parameter_names(self.function)) | declared_inside(self.function)
        for node in tree.every_statement(self.function.body):
            if is_generator(node):
                found.setdefault(node.name, []).append(node)
            elif isinstance(node, (*tree.SCOPES, gast.Import, gast.ImportFrom)):
                others.update(tree.names_written(node))
        for item in own_nodes(self.function.body):
            if isinstance(item, gast.Name) and not isinstance(item.ctx, gast.Load):
                others.add(item.id)
        return {name: nodes for name, nodes in found.items() if name not in others}

    # -- what is called -----------------------------------------------------------------------

    def is_needed(self) -> bool:
        """Whether the function calls a generator, or keeps one in a variable."""
        return any(
            type(item) is gast.GeneratorExp
            or (type(item) is gast.Call and (self.generator_of(item) is not None or self.managing(item)))
            or (type(item) is gast.withitem and self.is_managed(item))
            for item in own_nodes(self.function.body)
        )

    def called(self, node: gast.AST) -> Called | None:
        """The generator that a call runs, if its items may carry a derivative or it may be endless."""
        found = self.generator_of(node)
        return None if found is None else self.wanted(node, found)

    def generator_of(self, node: gast.AST) -> Called | None:
        """The generator that a call runs."""
        if not isinstance(node, gast.Call):
            return None
        if isinstance(node.func, gast.Name) and node.func.id in self.local:
            definitions = self.inner.get(node.func.id, [])
            if not definitions or any(definition.decorator_list for definition in definitions):
                return None
            return Called(definitions[-1], self.source)
        found = meaning(node.func, self.lookup)
        if _is_transposition(node) and self.is_builtin(node.func, "zip"):
            found = iterators.columns
        elif getattr(found, "__module__", None) == "itertools" or inspect.isbuiltin(found):
            found = (iterators.OF_TWO if _chooses_two(node, found) else iterators.SOURCES).get(found)
        elif is_library(getattr(found, "__module__", None)):
            return None
        if not isinstance(found, FunctionType) or not inspect.isgeneratorfunction(found):
            return None
        source = source_of_generator(found)
        return Called(tree_of(source), source, found)

    def managing(self, node: gast.AST) -> list[Called]:
        """The generators, of which one manages the block of a `with` over a call; none for other managers.

        One that no value to be differentiated goes through stays as it is.
        """
        if not isinstance(node, gast.Call):
            return []
        values = [*node.args, *(keyword.value for keyword in node.keywords), node.func]
        if not any(map(self.is_active, values)):
            return []
        root = root_name(node.func)
        if root in self.local:
            definitions = self.inner.get(root, []) if isinstance(node.func, gast.Name) else []
            is_one = all(map(self.is_managing, definitions))
            return [Called(definition, self.source) for definition in definitions] if is_one else []
        found = meaning(node.func, self.lookup)
        function = generator_behind(getattr(found, "__func__", found))
        if function is None:
            return []
        source = source_of_generator(function)
        return [Called(mangled(tree_of(source), function), source, function)]

    def is_managing(self, definition: gast.FunctionDef) -> bool:
        """Whether a definition makes context managers."""
        decorators = definition.decorator_list
        return len(decorators) == 1 and is_managing(decorators[0], self.lookup, self.local)

    def arguments(self, found: Called, node: gast.Call) -> list[gast.AST]:
        """What the generator is handed that a call runs."""
        if isinstance(meaning(node.func, self.lookup), MethodType) and isinstance(node.func, gast.Attribute):
            return [node.func.value, *node.args]
        if found.function is None or found.function.__module__ != iterators.__name__:
            return list(node.args)
        return [
            tree.call("list", item)
            if isinstance(item, gast.Call) and self.is_builtin(item.func, "enumerate", "zip", "reversed")
            else item
            for item in _arguments(node)
        ]

    def wanted(self, call: gast.Call, found: Called) -> Called | None:
        """A generator, save for one of which neither the items nor what is done with them carry a derivative."""
        values = [*_arguments(call), *(keyword.value for keyword in call.keywords), call.func]
        if any(map(self.is_active, values)):
            return found
        users = self.runs.users.get(id(call), ())
        if not any(self.is_active(tree.load(name)) for name in users):
            return None
        if is_one_of(found.function, iterators.TAKING_IN_TURN):
            # Python's own gives the same items where several iterators are one.
            return None
        # It may be endless, which no list is.
        loops = any(isinstance(item, gast.While) for item in own_nodes(found.node.body))
        writes = may_write(found.node, self.lookup_of(found))
        calls = (item.func for item in tree.walk(found.node) if isinstance(item, gast.Call))
        is_repeated = any(tree.is_name(function, found.node.name) for function in calls)
        if id(call) in self.runs.direct and (loops or writes) and not (writes and is_repeated):
            return found
        if writes and id(call) in self.runs.lazy:
            raise UnsupportedError(
                f"`{found.node.name}` may change something between the items that it gives, and what is computed of "
                "them may depend on when it does",
                origin_of_node(self.source, call),
                "make a list of its items before, or run through it by a `for` loop alone",
            )
        return None

    # -- statements ---------------------------------------------------------------------------

    def function_body(self) -> list[gast.AST]:
        """The body of the function, with the definitions that its inner generators have become."""
        return self.with_definitions(self.block(self.with_kept_put_in(self.function.body)))

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block, rewritten at every depth."""
        output: list[gast.AST] = []
        for node in body:
            if isinstance(node, tree.SCOPES):
                output.append(node)
                continue
            if isinstance(node, gast.For):
                loop = self.loop(node)
                if loop is not None:
                    output += loop
                    continue
                output += self.listed_ahead(node)
            if isinstance(node, gast.With) and any(self.is_managed(item) for item in node.items):
                output += self.managed(node)
                continue
            for name in ("body", "orelse", "finalbody"):
                if getattr(node, name, None):
                    setattr(node, name, self.block(getattr(node, name)))
            for part in (*(getattr(node, "handlers", None) or ()), *(getattr(node, "cases", None) or ())):
                part.body = self.block(part.body)
            output.append(self.eager(node))
        return output

    def loop(self, node: gast.For) -> list[gast.AST] | None:
        """A loop over a generator, None for other loops."""
        iterable, count = node.iter, None
        before: list[gast.AST] = []
        target = node.target
        item = self.names.fresh("item") if self.loops_over(iterable) is not None else ""
        if not item:
            return None
        value: gast.AST = tree.load(item)
        first: list[gast.AST] = []
        if self.called(iterable) is None:
            start = iterable.args[1] if len(iterable.args) > 1 else tree.const(0)
            start = next((k.value for k in iterable.keywords if k.arg == "start"), start)
            count, position = self.names.fresh("count"), self.names.fresh("position")
            before = [tree.assign(count, start)]
            first = [tree.assign(position, tree.load(count)), tree.augment(count, "+", tree.const(1))]
            value = tree.tuple_of([tree.load(position), value])
            iterable = iterable.args[0]
        found = self.called(iterable)
        assert found is not None
        refuse_super(node.body, self.source)
        body = [*first, tree.assign(target, value), *self.block(node.body)]
        consumer = Consumer(self.names, "each", item, body)
        name = self.name_of(found, iterable, "stop" if consumer.stops else "each")
        arguments = [tree.load(consumer.name), *self.arguments(found, iterable)]
        run = gast.Call(tree.load(name), arguments, iterable.keywords)
        after = consumer.after(self.block(node.orelse))
        statements = [*before, *consumer.before(), consumer.definition(), tree.effect(run), *after]
        own = [name for name in consumer.written() if name not in self.elsewhere(node)]
        return [*(_unset(name, node) for name in own), *(marked(statement, node) for statement in statements)]

    def listed_ahead(self, node: gast.For) -> list[gast.AST]:
        """Lists of what generators give that a loop runs through beside something else; it runs through the lists."""
        call = node.iter
        if not isinstance(call, gast.Call) or not self.is_builtin(call.func, "zip", "enumerate"):
            return []
        before: list[gast.AST] = []
        token = object()
        for place, argument in enumerate(call.args):
            if self.called(argument) is not None:
                name = self.names.fresh("items")
                listing = marked(tree.assign(name, self.calm_list(argument, ())), node)
                node.lists = listing.ahead = token
                before.append(listing)
                call.args[place] = tree.load(name)
        return before

    def is_managed(self, item: gast.withitem) -> bool:
        """Whether a generator manages the block of a `with`, or perhaps."""
        context = item.context_expr
        return bool(self.managing(context)) or self.is_asked_of_object(context) or self.is_nothing(context)

    def managed(self, node: gast.With) -> list[gast.AST]:
        """A `with` of which some generators manage the block."""
        (item, *others), body = node.items, node.body
        if others:
            body = [tree.like(gast.With(others, body, None), node)]
        managing, context = self.managing(item.context_expr), item.context_expr
        if self.is_nothing(context):
            held = tree.effect(context.args[0]) if item.optional_vars is None else None
            held = held or tree.assign(item.optional_vars, context.args[0])
            return [marked(held, node), *self.block(body)]
        is_method = not managing and self.is_asked_of_object(context)
        if not managing and not is_method:
            return [tree.like(gast.With([item], self.block(body), None), node)]
        manners = [manner_of(found) for found in managing]
        is_sure = bool(manners) and all(manner.is_sure for manner in manners)
        passes = is_sure and not any(manner.swallows for manner in manners)
        given, entered = self.names.fresh("item"), "" if is_sure else self.names.fresh("entered")
        first = [tree.assign(entered, tree.const(True))] if entered else []
        if item.optional_vars is not None:
            first.append(tree.assign(item.optional_vars, tree.load(given)))
        refuse_super(body, self.source)
        consumer = Consumer(self.names, "inside", given, [*first, *self.block(body)], False, passes)
        if is_method:
            function = tree.attribute(context.func.value, around(context.func.attr))
            arguments = context.args
        else:
            function = tree.load(self.name_of(managing[-1], context, "around"))
            arguments = self.arguments(managing[-1], context)
        run = tree.effect(gast.Call(function, [tree.load(consumer.name), *arguments], context.keywords))
        statements = [*consumer.before(), consumer.definition(), run]
        if entered:
            error = tree.call("RuntimeError", tree.const("generator didn't yield"))
            statements.insert(0, tree.assign(entered, tree.const(False)))
            statements.append(tree.if_(tree.negated(tree.load(entered)), [gast.Raise(error, None)]))
        own = [name for name in consumer.written() if name not in self.elsewhere(node)]
        return [*(_unset(name, node) for name in own), *(marked(s, node) for s in [*statements, *consumer.after([])])]

    def is_nothing(self, node: gast.AST) -> bool:
        """Whether a context manager does nothing but to give an active value: `nullcontext(x)`."""
        if not isinstance(node, gast.Call) or len(node.args) != 1 or root_name(node.func) in self.local:
            return False
        is_one = meaning(node.func, self.lookup) is contextlib.nullcontext and not node.keywords
        return is_one and self.is_active(node.args[0])

    def is_asked_of_object(self, node: gast.AST) -> bool:
        """Whether a context manager is made by what may be a method of an object, which is known later."""
        if not isinstance(node, gast.Call) or not isinstance(node.func, gast.Attribute):
            return False
        owner = node.func.value
        if is_super(owner) and self.is_builtin(owner.func, "super") and owner.args:
            owner = owner.args[1]
        values = [owner, *node.args, *(keyword.value for keyword in node.keywords)]
        return root_name(owner) in self.local and any(map(self.is_active, values))

    def elsewhere(self, node: gast.AST) -> set[str]:
        """Names that the function binds outside of a loop."""
        found = set(tree.parameter_names(self.function))
        inside = {id(inner) for inner in tree.every_statement([node])}
        for other in tree.every_statement(self.function.body):
            if id(other) not in inside and not any(id(inner) in inside for inner in tree.every_statement([other])):
                found.update(tree.names_written(other))
        return found

    def loops_over(self, iterable: gast.AST) -> Called | None:
        """The generator of `for v in g(...)` and `for i, v in enumerate(g(...))`."""
        if isinstance(iterable, gast.Call) and self.is_builtin(iterable.func, "enumerate") and iterable.args:
            return self.called(iterable.args[0])
        return self.called(iterable)

    def is_builtin(self, function: gast.AST, *names: str) -> bool:
        """Whether a function is one of some of Python's own."""
        if not isinstance(function, gast.Name) or function.id not in names or function.id in self.local:
            return False
        return meaning(function, self.lookup) is getattr(builtins, function.id)

    # -- what uses up all items at once -------------------------------------------------------

    def eager(self, node: gast.AST) -> gast.AST:
        """A statement in which generators that are used up at once are lists."""
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], (gast.Tuple, gast.List)):
            node.value = self.as_list(node.value)
        for part in tree.own_parts(node):
            for item in own_nodes([part]):
                if isinstance(item, gast.Call) and self.is_builtin(item.func, *EAGER) and item.args:
                    item.args[0] = self.as_list(item.args[0])
                elif isinstance(item, gast.Call) and self.is_builtin(item.func, "zip", "enumerate"):
                    item.args = [self.calm_list(argument, ()) for argument in item.args]
                elif isinstance(item, gast.Starred):
                    item.value = self.as_list(item.value)
                elif isinstance(item, tree.COMPREHENSIONS):
                    for generator in item.generators:
                        beside = [part for part in tree.children(item) if part is not generator]
                        beside += [generator.target, *generator.ifs]
                        items = generator.iter
                        if isinstance(items, gast.Call) and self.is_builtin(items.func, "enumerate"):
                            items.args[:1] = [self.calm_list(argument, beside) for argument in items.args[:1]]
                        generator.iter = self.calm_list(items, beside)
        return node

    def as_list(self, node: gast.AST) -> gast.AST:
        """The items of a generator as a list; other expressions as they are."""
        found = self.called(node)
        if found is None:
            return node
        name = self.name_of(found, node, "list")
        return gast.Call(tree.load(name), self.arguments(found, node), node.keywords)

    def calm_list(self, node: gast.AST, beside: Iterable[gast.AST]) -> gast.AST:
        """The items of a generator as a list, where nobody can tell when they were made.

        Args:
            node: an expression that is run through.
            beside: what is evaluated for each item, if that is all; nothing where it is not known.

        Raises:
            UnsupportedError: where somebody could.
        """
        found = self.called(node)
        if found is None:
            return node
        loops = any(isinstance(item, gast.While) for item in own_nodes(found.node.body))
        # What one writes, the other may read.
        is_own = found.function is not None and found.function.__module__ == iterators.__name__
        writes = not is_own and may_write(found.node, self.lookup_of(found))
        # Those of Python's library call what they are given.
        asked = list(self.called_by(found, node)) if is_own else []
        calls = [item.body if isinstance(item, gast.Lambda) else gast.Call(item, [], []) for item in asked]
        writes = writes or any_writes(calls, self.lookup, self.function)
        writes = writes or any_writes(beside, self.lookup, self.function)
        if loops or writes:
            raise UnsupportedError(
                "a generator is run through while something else is, and the order of what they do may matter",
                origin_of_node(self.source, node),
                "write a `for` loop over the generator alone, or make a list of it before",
            )
        return self.as_list(node)

    def called_by(self, found: Called, node: gast.Call) -> Iterator[gast.AST]:
        """The arguments of a generator that it calls."""
        functions = (item.func for item in own_nodes(found.node.body) if isinstance(item, gast.Call))
        called = {function.id for function in functions if isinstance(function, gast.Name)}
        names = tree.parameter_names(found.node)
        yield from (item for name, item in zip(names, node.args, strict=False) if name in called)
        yield from (keyword.value for keyword in node.keywords if keyword.arg in called)

    def lookup_of(self, found: Called) -> Mapping[str, Any]:
        """What the free names of a generator mean."""
        return self.lookup if found.function is None else Lookup(found.source)

    # -- the functions that generators become -------------------------------------------------

    def name_of(self, found: Called, call: gast.Call, form: str) -> str:
        """The name of the function that a generator becomes: one for each way of using its items."""
        name = name_of(found, form)
        if found.function is None:
            key = (found.node.name, form)
            if key not in self.made:
                self.made[key] = self.names.fresh(name)
            return self.made[key]
        return self.namespace.name_for(name, made_of(found, form))

    def with_definitions(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block in which the functions that inner generators have become stand beside them."""
        output: list[gast.AST] = []
        read = set(tree.names_read(body))
        for node in body:
            if is_generator(node):
                found = Called(node, self.source)
                made = [(name, form) for (own, form), name in self.made.items() if own == node.name]
                output += [definition(found, name, form) for name, form in made]
                if node.name in read:
                    output.append(node)
                continue
            for name in ("body", "orelse"):
                if getattr(node, name, None) and not isinstance(node, tree.SCOPES):
                    setattr(node, name, self.with_definitions(getattr(node, name)))
            output.append(node)
        return output

    # -- generators in variables --------------------------------------------------------------

    def with_kept_put_in(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block in which a generator that a variable keeps stands where it is used, if that changes nothing."""
        body = list(body)
        for place, node in enumerate(body):
            name = self.kept(node)
            if name is None:
                continue
            reads = [item for n in self.function.body for item in tree.walk(n) if tree.is_name(item, name)]
            if len(reads) != 2:
                continue
            for user in range(place + 1, len(body)):
                if name in tree.names_read(body[user]):
                    if self.uses_up(body[user], name):
                        body[user] = _substituted(body[user], name, node.value)
                        del body[place]
                        return self.with_kept_put_in(body)
                    break
                spoiled = set(tree.names_written(body[user])) & set(tree.names_read(node.value))
                if spoiled or not _is_calm([body[user]], self.lookup):
                    break
        return body

    def kept(self, node: gast.AST) -> str | None:
        """The variable that keeps a generator."""
        if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Name):
            return None
        is_one = isinstance(node.value, gast.GeneratorExp) or self.called(node.value) is not None
        is_one = is_one or bool(self.managing(node.value))
        return str(node.targets[0].id) if is_one and len(node.targets) == 1 else None

    def uses_up(self, node: gast.AST, name: str) -> bool:
        """Whether a statement first of all runs through what a variable keeps."""
        if isinstance(node, gast.For):
            return tree.is_name(node.iter, name)
        if isinstance(node, gast.With):
            return tree.is_name(node.items[0].context_expr, name)
        for part in tree.own_parts(node):
            for item in own_nodes([part]):
                if isinstance(item, gast.Call) and self.is_builtin(item.func, *EAGER):
                    if any(tree.is_name(argument, name) for argument in item.args[:1]):
                        return True
        return False


# -- small questions --------------------------------------------------------------------------


_CALM_BUILTINS: Final = frozenset(
    {"abs", "bool", "enumerate", "float", "int", "len", "list", "max", "min", "range", "reversed", "round", "sum",
     "tuple", "zip"}
)  # fmt: skip


_NOT_CALM: Final = (
    gast.AugAssign, gast.Raise, gast.Delete, gast.Try, gast.With, gast.NamedExpr, gast.Nonlocal,
)  # fmt: skip


def _is_calm(nodes: Iterable[gast.AST], lookup: Mapping[str, Any]) -> bool:
    """Whether it makes no difference when something is run: it only computes, from names of its own."""
    for item in (inner for node in nodes for inner in tree.walk(node)):
        if isinstance(item, (gast.Subscript, gast.Attribute)) and not isinstance(item.ctx, gast.Load):
            return False
        if isinstance(item, _NOT_CALM):
            return False
        if isinstance(item, gast.Call):
            found = meaning(item.func, lookup)
            module = getattr(found, "__module__", None) or getattr(type(found), "__module__", None) or ""
            is_own = tree.is_name(item.func, *_CALM_BUILTINS) and found is getattr(builtins, item.func.id)
            is_plain = module.partition(".")[0] in ("numpy", "math", "cmath") and "random" not in module
            if not is_own and (found is MISSING or isinstance(found, ModuleType) or not is_plain):
                return False
    return True


def _is_transposition(node: gast.Call) -> bool:
    """Whether a call is like `zip(*rows)`."""
    is_spread = len(node.args) == 1 and isinstance(node.args[0], gast.Starred)
    return is_spread and all(keyword.arg == "strict" for keyword in node.keywords)


def _chooses_two(node: gast.Call, function: Any) -> bool:
    """Whether a call is `combinations(items, 2)` or `product(items, others)`."""
    if not is_one_of(function, iterators.OF_TWO) or len(node.args) != 2 or node.keywords:
        return False
    if any(isinstance(item, gast.Starred) for item in node.args):
        return False
    return function is itertools.product or tree.is_constant(node.args[1], 2)


def _arguments(node: gast.Call) -> list[gast.AST]:
    """The arguments of a call; of `zip(*rows)` the rows."""
    return [node.args[0].value] if tree.is_name(node.func, "zip") and _is_transposition(node) else node.args


def _unset(name: str, model: gast.AST) -> gast.AST:
    """`name = None` where a name has no value yet: nothing reads it before it gets one."""
    statement = tree.like(tree.assign(name, tree.const(None)), model)
    statement.unset = True
    return statement


def _substituted(node: gast.AST, name: str, value: gast.AST) -> gast.AST:
    return tree.substitute(node, {name: value})
