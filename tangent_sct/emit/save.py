"""A derivative as a module of its own, which runs without the compiler.

Everything the text refers to comes along: modules and library functions are imported, constants are
written down, the compiler's runtime helpers and the user's own functions are written out as source.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import dis
import enum
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.names import Names
from tangent_sct.emit.literals import LARGEST, literal
from tangent_sct.emit.printer import printed
from tangent_sct.emit.text import Text
from tangent_sct.emit.wrap import wrap
from tangent_sct.frontend.source import source_of, tree_of

OURS = __name__.partition(".")[0]
ANNOTATIONS = "from __future__ import annotations"


def save(
    path: str | os.PathLike[str], text: Text, namespace: Mapping[str, Any], title: str
) -> None:
    """Write a text as a module that needs NumPy and the libraries it calls, nothing else.

    The file appears whole or not at all.

    Args:
        path: where to write.
        text: what `emit` printed.
        namespace: the objects that the text's free names mean.
        title: the first line of the module's docstring, such as "Gradient of `f` (model.py)."

    Raises:
        UnsupportedError: when an object the text needs cannot be written; the file is not touched.
    """
    content = module_text(text, namespace, title)
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(content, encoding="utf-8")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def module_text(text: Text, namespace: Mapping[str, Any], title: str) -> str:
    """The module that `save` writes.

    Args:
        text: what `emit` printed.
        namespace: the objects that the text's free names mean.
        title: the first line of the module's docstring.

    Raises:
        UnsupportedError: when an object the text needs cannot be written.

    >>> text = Text("def f(x):\\n    return scale * np.sin(x)", {})
    >>> print(module_text(text, {"scale": 2.0, "np": __import__("numpy")}, "Doubled sine."))
    \"\"\"Doubled sine.
    <BLANKLINE>
    Written by tangent_sct. Needs numpy.
    \"\"\"
    <BLANKLINE>
    import numpy as np
    <BLANKLINE>
    scale = 2.0
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        return scale * np.sin(x)
    <BLANKLINE>
    """
    needed: dict[str, Any] = {}
    for name in _free_names(text.text):
        if name in namespace:
            needed[name] = namespace[name]
        elif not hasattr(builtins, name):
            raise UnsupportedError(f"`{name}` cannot be saved: nothing is known of it")
    module = _Module(text.text, needed)
    return module.finished(text.text, title)


class _Module:
    """Collects what a module needs; each object that has an identity is there once."""

    def __init__(self, text: str, needed: Mapping[str, Any]) -> None:
        names = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
        self._names = Names({*_defined(text), *names, *dir(builtins)})
        self._known: dict[object, tuple[str, Any]] = {}
        self._done: set[object] = set()
        self._imports: dict[str, str] = {}
        self._packages: set[str] = set()
        self._constants: list[str] = []
        self._functions: list[str] = []
        # The text's own names come first: what functions refer to is then called the same.
        for name, value in needed.items():
            self._known.setdefault(_key(name, value), (name, value))
        for name, value in needed.items():
            known = self._ready(_key(name, value))
            if known != name:
                self._alias(name, known, value)

    def name_of(self, spelling: str, value: Any, avoid: Set[str] = frozenset()) -> str:
        """The name of an object, as near to `spelling` as can be and none of `avoid`."""
        if _is_builtin(spelling, value):
            return spelling
        key = _key(spelling, value)
        known = self._ready(key) if key in self._known else None
        if known is not None and (known == spelling or known not in avoid):
            return known
        name = self._names.fresh(spelling)
        while name != spelling and name in avoid:
            name = self._names.fresh(spelling)
        if known is not None:
            self._alias(name, known, value)
        else:
            self._known[key] = name, value
            self._ready(key)
        return name

    def _ready(self, key: object) -> str:
        """The name of a known object, which is defined now if it was not."""
        name, value = self._known[key]
        if key not in self._done:
            self._done.add(key)
            self._define(name, value)
        return name

    def _alias(self, name: str, known: str, value: Any) -> None:
        (self._functions if callable(value) else self._constants).append(f"{name} = {known}")

    def finished(self, text: str, title: str) -> str:
        """The whole module."""
        needs = " and ".join(sorted(self._packages)) or "nothing but Python"
        title = title.replace("\\", "\\\\").replace('"', '\\"')
        parts = [f'"""{title}\n\nWritten by {OURS}. Needs {needs}.\n"""\n']
        if _has_annotations(text):
            parts.append(f"{ANNOTATIONS}\n")
        if self._imports:
            parts.append("\n".join(sorted(self._imports.values(), key=_import_order)) + "\n")
        if self._constants:
            parts.append("\n".join(self._constants) + "\n")
        parts.extend(f"\n{function}\n" for function in self._functions)
        return "\n".join([*parts, f"\n{text}\n"])

    # -- one kind of object after the other ---------------------------------------------------

    def _define(self, name: str, value: Any) -> None:
        if _is_builtin(name, value):
            return
        if isinstance(value, ModuleType):
            self._import_module(name, value)
            return
        place = _place_in_library(value)
        if place is not None:
            module, attribute = place
            self._import(name, module, f"from {module} import {_renamed(attribute, name)}")
            return
        function = value if isinstance(value, FunctionType) else getattr(value, "py_func", None)
        if isinstance(function, FunctionType):
            self._write_function(name, function)
            return
        if _is_plain_error(value):
            self._write_error(name, value)
            return
        if isinstance(value, type):
            self._import_class(name, value)
            return
        if isinstance(value, enum.Enum):
            self._constants.append(f"{name} = {self.name_of(type(value).__name__, type(value))}.{value.name}")
            return
        owner = getattr(value, "__self__", None)
        if owner is not None and callable(value):
            base = self.name_of(getattr(owner, "__name__", f"{name}_owner"), owner)
            self._constants.append(f"{name} = {base}.{value.__name__}")
            return
        self._write_constant(name, value)

    def _import_module(self, name: str, module: ModuleType) -> None:
        path = module.__name__
        if path == "__main__" or path.partition(".")[0] == OURS:
            raise UnsupportedError(
                f"the module `{path}` cannot be saved",
                hint="import the functions you need from it by name",
            )
        parent, _, last = path.rpartition(".")
        if parent and name == last:
            self._import(name, path, f"from {parent} import {last}")
        else:
            self._import(name, path, f"import {_renamed(path, name)}")

    def _import_class(self, name: str, cls: type) -> None:
        """A class of the user's, whose objects the derivative makes."""
        module = sys.modules.get(cls.__module__)
        if cls.__module__ == "__main__" or getattr(module, cls.__qualname__, None) is not cls:
            raise UnsupportedError(
                f"the class `{cls.__qualname__}` cannot be imported by the saved module, which makes objects of it",
                hint="define the class at the top of a module of its own, and import it from there",
            )
        self._import(name, cls.__module__, f"from {cls.__module__} import {_renamed(cls.__qualname__, name)}")

    def _import(self, name: str, module: str, line: str) -> None:
        self._imports[name] = line
        package = module.partition(".")[0]
        if package not in sys.stdlib_module_names:
            self._packages.add(package)

    def _write_constant(self, name: str, value: Any) -> None:
        text = literal(value, "np")
        if text is not None and "np." in text:
            text = literal(value, self.name_of("np", np))
        if text is None:
            size = getattr(value, "size", 0)
            kind = type(value).__qualname__
            if kind == "ndarray" and size > LARGEST:
                kind = f"ndarray of {size} elements"
            raise UnsupportedError(
                f"`{name}` ({kind}) cannot be written as source, so the derivative cannot be saved",
                hint="make it an argument of the function",
            )
        self._constants.append(wrap(f"{name} = {text}"))

    def _write_error(self, name: str, error: type[Exception]) -> None:
        bases = ", ".join(self.name_of(base.__name__, base) for base in error.__bases__)
        title = (error.__doc__ or name).partition("\n")[0]
        self._functions.append(f'class {name}({bases}):\n    """{title}"""')

    def _write_function(self, name: str, function: FunctionType) -> None:
        source = source_of(function)
        node = _without_annotations(tree_of(source))
        node.args.defaults = [tree.const(None) for _ in node.args.defaults]
        node.args.kw_defaults = [value and tree.const(None) for value in node.args.kw_defaults]
        _refuse_state(node, function)
        free_names = _free_names(tree.text(node))
        local = {n.id for n in tree.walk(node) if isinstance(n, gast.Name)}.difference(free_names)
        new_names = {}
        for free in free_names:
            try:
                value = source.lookup(free)
            except KeyError:
                raise UnsupportedError(
                    f"`{free}`, which `{source.name}` reads, has no value and cannot be saved",
                    hint="define it before saving the derivative",
                ) from None
            new_names[free] = name if value is function else self.name_of(free, value, local)
        changed = {old: new for old, new in new_names.items() if old != new}
        node = tree.rename(node, changed) if changed else node
        node.name = name
        self._evaluate_defaults(node, function, name)
        self._functions.append(printed([node])[0].text)

    def _evaluate_defaults(
        self, node: gast.FunctionDef, function: FunctionType, name: str
    ) -> None:
        """Defaults are what they were when the function was made, whatever they are called now."""
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        values = function.__defaults__ or ()
        owners = positional[len(positional) - len(values) :] if values else []
        arguments.defaults = [
            self._value(value, f"{name}_{owner.id}")
            for owner, value in zip(owners, values, strict=True)
        ]
        by_name = function.__kwdefaults__ or {}
        arguments.kw_defaults = [
            self._value(by_name[arg.id], f"{name}_{arg.id}") if arg.id in by_name else None
            for arg in arguments.kwonlyargs
        ]

    def _value(self, value: Any, spelling: str) -> gast.AST:
        if isinstance(value, (bool, int, float, str, bytes, tuple, type(None))):
            text = literal(value)
            if text is not None and "np." not in text:
                return tree.expression(text)
        return tree.load(self.name_of(spelling, value))


def _is_plain_error(value: object) -> bool:
    """Whether a value is a class of exceptions that adds nothing but its name."""
    if not isinstance(value, type) or not issubclass(value, Exception):
        return False
    return not any(isinstance(item, FunctionType) for item in vars(value).values())


def _is_builtin(name: str, value: Any) -> bool:
    return hasattr(builtins, name) and getattr(builtins, name) is value


def _key(name: str, value: Any) -> object:
    """What tells objects apart: numbers and texts by what they are and are called."""
    if isinstance(value, (bool, int, float, complex, str, bytes, type(None), np.generic)):
        return name, type(value), repr(value)
    return id(value)


# -- reading texts and functions ---------------------------------------------------------------


def _free_names(text: str) -> list[str]:
    """The names that a module's text reads and does not define, in order."""
    flags = __future__.annotations.compiler_flag
    code = compile(text, "<module>", "exec", flags=flags, dont_inherit=True)
    loads = ("LOAD_GLOBAL", "LOAD_NAME")
    found = dict.fromkeys(
        step.argval for part in _codes(code) for step in dis.get_instructions(part)
        if step.opname in loads
    )  # fmt: skip
    defined = _defined(text)
    return [name for name in found if name not in defined]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield from _codes(item)


def _defined(text: str) -> set[str]:
    return set(tree.names_written(tree.statements(text)))


def _has_annotations(text: str) -> bool:
    return any(
        getattr(node, "annotation", None) is not None or getattr(node, "returns", None) is not None
        for node in ast.walk(ast.parse(text))
    )


def _without_annotations(node: gast.FunctionDef) -> gast.FunctionDef:
    """A copy that needs no names for types."""

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Name) and item.annotation is not None:
            return gast.Name(item.id, item.ctx, None, None)
        if isinstance(item, gast.FunctionDef):
            return gast.FunctionDef(
                item.name, item.args, item.body, item.decorator_list, None, None, []
            )
        if isinstance(item, gast.AnnAssign):
            return gast.Pass() if item.value is None else tree.assign(item.target, item.value)
        return None

    return tree.rewrite(node, change)


def _refuse_state(node: gast.FunctionDef, function: FunctionType) -> None:
    outer = set(function.__code__.co_freevars)
    for item in tree.walk(node):
        if isinstance(item, gast.Global) or (
            isinstance(item, gast.Nonlocal) and outer.intersection(item.names)
        ):
            raise UnsupportedError(
                f"`{node.name}` assigns to variables outside itself and cannot be saved",
                hint="pass them as arguments and return their new values",
            )


# -- what is imported --------------------------------------------------------------------------


def _place_in_library(value: Any) -> tuple[str, str] | None:
    """The public module and the name under which a library offers an object."""
    if not callable(value):
        return None
    name = getattr(value, "__name__", None)
    if not isinstance(name, str):
        return None
    for module in _modules_of(value):
        if not _is_library(module):
            continue
        # Private modules inside a package publish through the package.
        parts = module.split(".")
        for length in range(1, len(parts) + 1):
            path = ".".join(parts[:length])
            if getattr(sys.modules.get(path), name, None) is value:
                return path, name
    return None


def _modules_of(value: Any) -> Iterator[str]:
    owner = getattr(value, "__self__", None)
    for module in (
        getattr(value, "__module__", None),
        owner.__name__ if isinstance(owner, ModuleType) else type(owner).__module__,
        type(value).__module__,
        "scipy.special",
    ):
        if isinstance(module, str):
            yield module


def _is_library(module: str) -> bool:
    package = module.partition(".")[0]
    if package in (OURS, "__main__"):
        return False
    if package in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(package), "__file__", None)
    places = (sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    return file is not None and any(Path(file).is_relative_to(place) for place in places)


def _renamed(path: str, name: str) -> str:
    return path if path == name else f"{path} as {name}"


def _import_order(line: str) -> tuple[bool, bool, str]:
    """The standard library first, and whole modules before parts of them."""
    words = line.split()
    package = words[1].partition(".")[0]
    return package not in sys.stdlib_module_names, words[0] == "from", line
