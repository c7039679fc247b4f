"""The functions that a program calls: their sources, read once, and what these call in turn."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.core.origins import Source
from tangent_sct.frontend.above import with_super_spelled
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.checkpoints import with_checkpoints
from tangent_sct.frontend.given import unbound, with_defaults_filled
from tangent_sct.frontend.imports import imported
from tangent_sct.frontend.insertions import with_insertions
from tangent_sct.frontend.lifted import LIFTED
from tangent_sct.frontend.made import WRITTEN, is_followed, may_make
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.objects import mangled
from tangent_sct.frontend.owned import with_owned_results
from tangent_sct.frontend.parallel import serial
from tangent_sct.frontend.ruled import is_ruled, source_of_call
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.source import source_of, tree_of
from tangent_sct.runtime.boxes import WRITERS
from tangent_sct.templating import registry


class Generated(Protocol):
    """A derivative that is itself called: it writes its text for the kinds of its arguments."""

    def generated(self, kinds: tuple[Kind, ...], replays: bool = False) -> Callable[..., Any]:
        """The generated function; its first parameters are those of the derivative, in order.

        Args:
            kinds: of the arguments.
            replays: whether recursive calls in it are run again in the reverse sweep.
        """


class Callees:
    """The functions from outside that a program calls.

    Args:
        objects: what the free names of the program mean.
        argument_kinds: kinds of the arguments with which a derivative is called in the program.
        replays: whether recursive calls of derivatives are run again in their reverse sweeps.

    Attributes:
        texts: sources and trees of the functions that have been read.
        left: derivatives whose calls were left because the kinds of their arguments are not known yet.
    """

    def __init__(
        self, objects: Mapping[str, Any], argument_kinds: Mapping[Any, tuple[Kind, ...]] | None, replays: bool
    ) -> None:
        self._objects = objects
        self._argument_kinds = argument_kinds
        self._replays = replays
        self._called: dict[Any, list[Any]] = {}
        self.texts: dict[Any, tuple[Source, gast.FunctionDef]] = {}
        self.left: list[Any] = []

    def text_of(self, function: Any) -> tuple[Source, gast.FunctionDef]:
        """The source and the tree of a function, read once; whoever changes the tree copies it."""
        for known in (LIFTED, WRITTEN):
            if isinstance(function, types.FunctionType) and function in known:
                return known[function]
        if function not in self.texts:
            source = source_of_call(function) if is_ruled(function) else source_of(function)
            source, node = imported(source, with_super_spelled(mangled(tree_of(source), function)))
            self.texts[function] = source, with_checkpoints(source, serial(source, with_insertions(source, node)))
        return self.texts[function]

    def callees(self, function: Any) -> list[Any]:
        """The Python functions without a rule that a function's source calls by name, or as methods of its own.

        Derivatives are left out, and what libraries hold: nothing in them calls a user's function by its name.
        """
        plain, given = unbound(function)
        key = (plain, *map(id, given))
        if key not in self._called:
            found: list[Any] = []
            self._called[key] = found
            try:
                source, node = self.text_of(plain)
            except (UnsupportedError, TypeError):
                return found
            own = dict(zip(tree.parameter_names(node), given, strict=False))
            objects = Lookup(source, own)
            local = set(bound_names(node)) - own.keys()
            for call in calls_of_free_names(node, local):
                callee = meaning(call.func, objects)
                called = unbound(callee)[0]
                if not isinstance(called, types.FunctionType) or is_generated(callee):
                    continue
                if registry.find(callee) is None and not _is_foreign(called, plain):
                    found.append(callee)
        return self._called[key]

    def is_recursive(self, function: Any) -> bool:
        """Whether a function calls itself, directly or through functions that it calls."""
        start = unbound(function)[0]
        found: set[Any] = set()
        pending = [function]
        while pending:
            for callee in self.callees(pending.pop()):
                plain = unbound(callee)[0]
                if plain is start:
                    return True
                if plain not in found:
                    found.add(plain)
                    pending.append(callee)
        return False

    def user_function(self, call: gast.Call) -> Any:
        """The function of a call when it is one to be read: not a rule's, not one being read."""
        function = meaning(call.func, self._objects)
        if function is MISSING or isinstance(function, type) or registry.find(function) is not None:
            return None
        if isinstance(function, (types.BuiltinFunctionType, types.MethodDescriptorType, np.ufunc)):
            return None
        if is_one_of(function, WRITERS):
            # Both modes know what these do to a shadow.
            return None
        if is_generated(function):
            if self._argument_kinds is None:
                self.left.append(function)
                return None
            return function
        return None if self.is_recursive(function) else function

    def makes_function(self, function: Any) -> bool:
        """Whether the source of a user's function defines another, which it may return."""
        if is_library(getattr(function, "__module__", None)):
            return False
        try:
            _, node = self.text_of(unbound(function)[0])
        except (UnsupportedError, TypeError):
            return False
        return defines_functions(node)

    def makes_containers(self, function: Any) -> bool:
        """Whether the source of a user's function makes lists or dicts, or may make objects that are followed."""
        if is_followed(getattr(function, "__self__", None)):
            return True
        if is_library(getattr(function, "__module__", None)):
            return False
        try:
            source, node = self.text_of(unbound(function)[0])
        except (UnsupportedError, TypeError):
            return False
        objects = Lookup(source)
        return any(
            isinstance(item, (gast.List, gast.Dict, gast.ListComp, gast.DictComp))
            or (isinstance(item, gast.Call) and may_make(meaning(item.func, objects)))
            for item in tree.walk(node)
        )

    def definition(self, function: Any) -> tuple[Source, gast.FunctionDef]:
        """The source and the tree of a function that is called."""
        if not is_generated(function):
            source, node = self.text_of(unbound(function)[0])
            return source, tree.copy(node)
        kinds = (self._argument_kinds or {}).get(function, ())
        generated = function.generated(kinds, self._replays)
        source = source_of(generated)
        source, node = with_owned_results(generated, source, tree_of(source))
        count = len(inspect.signature(function).parameters)
        return source, with_defaults_filled(node, set(tree.parameter_names(node)[:count]))


def calls_of_free_names(node: gast.FunctionDef | gast.Lambda, bound: Collection[str]) -> Iterator[gast.Call]:
    """The calls in a function, and in those it defines, of what none of them binds.

    Args:
        node: the function.
        bound: the names that it binds.
    """
    pending: list[gast.AST] = list(node.body) if isinstance(node, gast.FunctionDef) else [node.body]
    while pending:
        item = pending.pop()
        if isinstance(item, (gast.FunctionDef, gast.Lambda)):
            yield from calls_of_free_names(item, {*bound, *bound_names(item)})
            pending += tree.outside_parts(item)
            continue
        if isinstance(item, gast.Call) and root_name(item.func) not in bound:
            yield item
        pending += tree.children(item)


def _is_foreign(called: Any, caller: Any) -> bool:
    """Whether a function is of a library that its caller is no part of."""
    module, own = called.__module__ or "", getattr(caller, "__module__", None) or ""
    return is_library(module) and module.partition(".")[0] != own.partition(".")[0]


def is_generated(function: Any) -> bool:
    """Whether a function is a derivative that writes its text for the kinds of its arguments."""
    return hasattr(type(function), "generated")


def defines_functions(node: gast.FunctionDef) -> bool:
    """Whether a function defines another."""
    inside = (item for statement in node.body for item in tree.walk(statement))
    return any(isinstance(item, (gast.FunctionDef, gast.Lambda)) for item in inside)
