"""What a text reads from outside, as compiled code can be given it.

Numbers and library functions are compiled in. Arrays, and values that are attributes, may change while the program
runs: they are handed over at each call, as parameters in front of the others, so that compiled code sees what Python
would. Functions of the user's that the text calls are compiled, too.
"""

from __future__ import annotations

import ast
import functools
import random
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.namespace import MISSING, is_library
from tangent_sct.frontend.parallel import is_prange
from tangent_sct.runtime.arrays import add_at

OURS = __name__.partition(".")[0]
COMPILED_IN = (bool, int, float, complex, str, bytes, type(None), np.generic)
Refused = Callable[[str, int | None, str], UnsupportedError]
"""Makes the refusal of a line of a text: the reason, the line, the hint."""

ARGUMENT = 'make it an argument of the function, or use backend="numpy"'


class Outside:
    """What a text reads, and the text in which that can be compiled.

    Args:
        text: the functions, one after the other; lines stay where they are.
        name: the function that is called from outside.
        namespace: the objects that the free names mean.
        refused: makes refusals.

    Attributes:
        text: the same text, in which what is handed over has parameters.
        functions: the names of the functions in it.
        key: what tells this from the same text with other values compiled in.
        is_parallel: whether it has a loop over `prange`.
    """

    def __init__(self, text: str, name: str, namespace: Mapping[str, Any], refused: Refused) -> None:
        self._tree = ast.parse(text)
        self._namespace = dict(namespace)
        self._refused = refused
        self._taken = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)} | set(namespace)
        self._given: dict[tuple[str, ...], str] = {}
        self._inner: dict[int, _Function] = {}
        self._wrapped: dict[str, _Function] = {}
        self._plain: dict[str, Any] = {}
        self._edits: list[tuple[int, int, int, str]] = []
        defined = [node for node in self._tree.body if isinstance(node, ast.FunctionDef)]
        self.functions = tuple(node.name for node in defined)
        for node in defined:
            self._function(node)
        self.is_parallel = any(map(is_prange, self._values_named()))
        self.text = self._edited(text)
        self.key = tuple(f"{key}: {_described(value)}" for key, value in sorted(self._plain.items()))
        self.key += tuple(f"{key}: {made.key}" for key, made in sorted(self._wrapped.items()))

    def values(self) -> tuple[Any, ...]:
        """What is handed over, as it is now."""
        return tuple([self._now(path) for path in self._given])

    def namespace(self, jit: Callable[..., Any]) -> dict[str, Any]:
        """What the names of the text mean to compiled code."""
        return {**self._plain, **{name: made.compiled(jit) for name, made in self._wrapped.items()}}

    def is_current(self) -> bool:
        """Whether the numbers that are compiled into functions of the user's still are what they were."""
        return all(made.is_current() for made in self._inner.values())

    # -- reading ------------------------------------------------------------------------------

    def _function(self, node: ast.FunctionDef) -> None:
        local = _bound_in(node)
        pending: list[ast.AST] = list(node.body)
        while pending:
            item = pending.pop()
            if isinstance(item, (ast.Name, ast.Attribute)):
                path = _path(item)
                if path and path[0] not in local and path[0] in self._namespace:
                    self._free(item, path)
                    continue
            pending += ast.iter_child_nodes(item)

    def _free(self, node: ast.Name | ast.Attribute, path: tuple[str, ...]) -> None:
        """One mention of something from outside."""
        value = self._namespace[path[0]]
        if len(path) == 3 and path[2] == "at" and self._now(path[:2]) is np.add:
            self._edit(node, "add_at")
            self._plain["add_at"] = add_at
            return
        for length in range(1, len(path)):
            if not isinstance(value, types.ModuleType):
                break
            if value is np.random or value is random:
                raise self._refused(
                    "Numba has random numbers of its own, another stream than Python's", node.lineno,
                    'draw them before the call and make them an argument, or use backend="numpy"',
                )  # fmt: skip
            owner, value = value, getattr(value, path[length], MISSING)
            if not isinstance(value, types.ModuleType) and not _is_library(owner):
                # A module of the user's: its functions have names of their own, its values are handed over.
                if isinstance(value, types.FunctionType):
                    self._replace(node, path[: length + 1], self._compiled_in(path[: length + 1], value, node.lineno))
                    return
                if not callable(value):
                    self._replace(node, path, self._handed(path, node))
                    return
        if isinstance(self._namespace[path[0]], types.ModuleType) or len(path) == 1:
            self._named(path[0], node)
        elif isinstance(value, type) or callable(value):
            self._plain[path[0]] = value
        else:
            self._replace(node, path, self._handed(path, node))

    def _named(self, name: str, node: ast.Name | ast.Attribute) -> None:
        value = self._namespace[name]
        if isinstance(value, np.ndarray):
            self._given.setdefault((name,), name)
        elif isinstance(value, types.FunctionType) and not _is_library(value):
            self._compiled_in((name,), value, node.lineno)
        elif isinstance(value, types.ModuleType) or callable(value) or _is_compiled_in(value):
            self._plain[name] = value
        else:
            raise self._refused(
                f"`{name}` ({type(value).__name__}), which the function reads from outside, cannot be handed to "
                "compiled code", node.lineno, ARGUMENT,
            )  # fmt: skip

    def _compiled_in(self, path: tuple[str, ...], function: types.FunctionType, line: int) -> str:
        """The name of a function of the user's."""
        name = path[0] if len(path) == 1 else self._fresh(path)
        try:
            self._wrapped[name] = _Function.of(function, self._inner)
        except _NotCompiledIn as error:
            raise self._refused(
                f"`{function.__name__}` reads `{error}` from outside, which cannot be compiled in", line, ARGUMENT
            ) from None
        return name

    def _handed(self, path: tuple[str, ...], node: ast.Name | ast.Attribute) -> str:
        """The parameter for the value of a chain of attributes."""
        while len(path) > 1 and callable(self._now(path)):
            path = path[:-1]
        if not isinstance(node.ctx, ast.Load):
            raise self._refused(f"compiled code cannot assign `{'.'.join(path)}`", node.lineno, ARGUMENT)
        if path not in self._given:
            self._given[path] = self._fresh(path)
        return self._given[path]

    def _now(self, path: tuple[str, ...]) -> Any:
        return functools.reduce(getattr, path[1:], self._namespace[path[0]])

    def _fresh(self, path: tuple[str, ...]) -> str:
        known = self._given.get(path)
        name = "_".join(path)
        while known is None and name in self._taken:
            name += "_"
        self._taken.add(name)
        return known or name

    def _values_named(self) -> Iterator[Any]:
        for node in ast.walk(self._tree):
            path = _path(node)
            if path and path[0] in self._namespace:
                try:
                    yield self._now(path)
                except AttributeError:
                    continue

    # -- the text -----------------------------------------------------------------------------

    def _replace(self, node: ast.Name | ast.Attribute, path: tuple[str, ...], new: str) -> None:
        """Write a name in place of the beginning of a chain of attributes."""
        given = next((known for known, name in self._given.items() if name == new), path)
        inner: ast.expr = node
        for _ in range(len(_path(node)) - len(given)):
            assert isinstance(inner, ast.Attribute)
            inner = inner.value
        self._edit(inner, new)

    def _edit(self, node: ast.expr, new: str) -> None:
        """Write something else in place of an expression, which stands on one line."""
        assert node.end_col_offset is not None and node.end_lineno == node.lineno
        self._edits.append((node.lineno, node.col_offset, node.end_col_offset, new))

    def _edited(self, text: str) -> str:
        lines = [line.encode() for line in text.split("\n")]
        if self._given:
            handed = ", ".join(self._given.values())
            for node in ast.walk(self._tree):
                if isinstance(node, ast.FunctionDef) and node.name in self.functions:
                    place = lines[node.lineno - 1].index(b"(", node.col_offset) + 1
                    self._edits.append((node.lineno, place, place, f"{handed}, "))
                elif isinstance(node, ast.Call) and _path(node.func)[:1] in {(name,) for name in self.functions}:
                    assert node.func.end_col_offset is not None
                    place = node.func.end_col_offset + 1
                    self._edits.append((node.lineno, place, place, f"{handed}, "))
        for number, start, end, new in sorted(self._edits, reverse=True):
            line = lines[number - 1]
            lines[number - 1] = line[:start] + new.encode() + line[end:]
        return b"\n".join(lines).decode()


class _NotCompiledIn(Exception):
    """A function reads something that compiled code would keep as it is now."""


class _Function:
    """A function of the user's that a text calls, compiled together with those that it calls itself."""

    def __init__(self, function: types.FunctionType) -> None:
        self._function = function
        self._reads: dict[str, Any] = {}
        self._calls: dict[str, _Function] = {}
        self._made: Any = None
        self.key = ""

    @classmethod
    def of(cls, function: types.FunctionType, known: dict[int, _Function]) -> _Function:
        """A function, each known once."""
        if id(function) in known:
            return known[id(function)]
        made = known[id(function)] = cls(function)
        for name in _globals_of(function.__code__):
            value = made._lookup(name)
            if value is MISSING:
                continue
            if isinstance(value, types.FunctionType) and not _is_library(value):
                made._calls[name] = cls.of(value, known)
            elif isinstance(value, types.ModuleType) or callable(value) or _is_compiled_in(value):
                made._reads[name] = value
            else:
                raise _NotCompiledIn(name)
        made.key = " ".join([
            _described(function.__code__), repr(function.__defaults__), repr(function.__kwdefaults__),
            *(f"{name}={_described(value)}" for name, value in made._reads.items()),
            *(inner.key for inner in made._calls.values()),
        ])  # fmt: skip
        return made

    def compiled(self, jit: Callable[..., Any]) -> Any:
        """What Numba calls."""
        if self._made is None:
            space = dict(self._function.__globals__)
            code = self._function.__code__
            cells = self._function.__closure__
            own = types.FunctionType(code, space, self._function.__name__, self._function.__defaults__, cells)
            own.__kwdefaults__ = self._function.__kwdefaults__
            own.__module__ = self._function.__module__
            self._made = jit(own)
            for name, inner in self._calls.items():
                if name not in code.co_freevars:
                    space[name] = inner.compiled(jit)
        return self._made

    def is_current(self) -> bool:
        return all(self._lookup(name) is value for name, value in self._reads.items())

    def _lookup(self, name: str) -> Any:
        function = self._function
        if name in function.__code__.co_freevars:
            try:
                return (function.__closure__ or ())[function.__code__.co_freevars.index(name)].cell_contents
            except ValueError:
                return MISSING
        return function.__globals__.get(name, MISSING)


def _described(value: Any) -> str:
    """What tells a value that is compiled in from others, in this process and the next."""
    if isinstance(value, types.CodeType):
        parts: Iterable[Any] = (value.co_code.hex(), value.co_names, *value.co_consts)
        return f"code({' '.join(map(_described, parts))})"
    if isinstance(value, types.ModuleType):
        return value.__name__
    inner = getattr(value, "py_func", None)
    if isinstance(inner, types.FunctionType):
        options = sorted(map(repr, getattr(value, "targetoptions", {}).items()))
        return f"compiled({_described_function(inner, ())} {options})"
    if isinstance(value, (tuple, frozenset)):
        items = map(_described, value)
        return f"({' '.join(sorted(items) if isinstance(value, frozenset) else items)})"
    if isinstance(value, np.ndarray):
        return f"array({value.dtype} {value.shape} {value.tobytes().hex()})"
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{type(value).__name__} {value!r}"


def _described_function(function: types.FunctionType, above: tuple[types.FunctionType, ...]) -> str:
    """A compiled function: its code, and what that reads."""
    if function in above:
        return function.__name__
    made = _Function(function)
    parts = [_described(function.__code__), repr(function.__defaults__)]
    for name in _globals_of(function.__code__):
        value = made._lookup(name)
        inner = getattr(value, "py_func", value)
        if isinstance(inner, types.FunctionType):
            parts.append(f"{name}={_described_function(inner, (*above, function))}")
        elif value is not MISSING:
            parts.append(f"{name}={_described(value)}")
    return " ".join(parts)


def _globals_of(code: types.CodeType) -> list[str]:
    """The names outside of it that a function may read."""
    found = dict.fromkeys((*code.co_names, *code.co_freevars))
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found.update(dict.fromkeys(_globals_of(inner)))
    return list(found)


def _is_compiled_in(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_compiled_in, value))
    return isinstance(value, (*COMPILED_IN, np.dtype))


def _is_library(owner: Any) -> bool:
    name = owner.__name__ if isinstance(owner, types.ModuleType) else getattr(owner, "__module__", None)
    return is_library(name) or (name or "").partition(".")[0] == "numba"


def _path(node: ast.AST) -> tuple[str, ...]:
    """A chain of attributes of a name: `("np", "linalg", "solve")`; empty for other expressions."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        inner = _path(node.value)
        return (*inner, node.attr) if inner else ()
    return ()


def _bound_in(function: ast.FunctionDef) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef) and node is not function:
            found.add(node.name)
    return found
