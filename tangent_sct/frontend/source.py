"""From a function to its source: the exact text, and the tree, that made it.

`source_of` finds the text of one function object, and `tree_of` reads it. The function looked at is
the object given: decorators are not undone and `__wrapped__` is not followed. What stands in the
file today is compiled and compared with the code that runs, so that a file edited after it was
imported is refused rather than differentiated.
"""

from __future__ import annotations
import __future__

import ast
import copy
import dis
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType, MethodType
from typing import Any, cast
from weakref import ReferenceType, WeakKeyDictionary, ref

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import NO_VALUE_LINES, TAPE_LINES, Origin, Source
from tangent_sct.templating import registry

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

RULE_HINT = "give it a rule with @tangent_sct.rule"
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While, ast.ExceptHandler, ast.TryStar)
FUTURE_FLAGS = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
SIGNATURE_FLAGS = 0x04 | 0x08 | 0x20 | 0x80 | 0x200
"""CO_VARARGS, CO_VARKEYWORDS and the three kinds of generator."""


@dataclass(frozen=True)
class _Place:
    """Where a function stands: its node, the lines of its file, and the nodes around it."""

    node: Definition
    lines: list[str]
    path: tuple[ast.AST, ...]


_places: WeakKeyDictionary[Source, _Place] = WeakKeyDictionary()

_matched: dict[int, tuple[ReferenceType[CodeType], _Place]] = {}
"""Where code stands that was sought before, by the code's identity: code from two files may be equal."""


# -- the two questions, and a third ------------------------------------------------------------


def source_of(function: Any) -> Source:
    """The source of a function, method or lambda, with the globals and cells it sees.

    A bound method gives the source of its function (`self` is its first parameter), a compiled
    dispatcher that of its `py_func`, a callable object that of its class's `__call__`. An object
    whose class defines `__tangent_source__` answers for itself: the method returns a `Source`.

    Args:
        function: the object to read.

    Raises:
        TypeError: when it is not callable.
        UnsupportedError: when it has no Python source, is a class, a generator or a coroutine,
            or when its file has changed since it was imported.

    >>> def square(x):
    ...     return x * x
    >>> print(source_of(square).text)
    def square(x):
        return x * x
    """
    if hasattr(type(function), "__tangent_source__"):
        return cast(Source, function.__tangent_source__())
    source = _found(_plain_function(function))
    _refuse_generators(source, _places[source])
    return source


def source_of_generator(function: Any) -> Source:
    """The source of a generator function, which has no derivative of its own.

    Raises:
        UnsupportedError: as `source_of`, save that it may be a generator.
    """
    return _found(_plain_function(function))


def _found(plain: Any) -> Source:
    """The source of a Python function, kept with its place."""
    place = _place_of(plain)
    node, code = place.node, plain.__code__
    column = _characters(place.lines[node.lineno - 1], node.col_offset)
    source = Source(
        text=_lambda_text(place) if isinstance(node, ast.Lambda) else _definition_text(place),
        file=code.co_filename,
        line=node.lineno,
        column=column,
        name=_name(place),
        function=plain,
        globals=plain.__globals__,
        cells=dict(zip(code.co_freevars, plain.__closure__ or (), strict=True)),
    )
    _places[source] = place
    return source


def tree_of(source: Source) -> gast.FunctionDef:
    """The function as a tree without decorators; positions are those of the user's file.

    Every statement is marked with its origin. A lambda becomes a `def` with one `return`.

    Args:
        source: what `source_of` found.

    >>> def square(x):
    ...     return x * x
    >>> print(tree.text(tree_of(source_of(square))))
    def square(x):
        return x * x
    """
    place = _places.get(source)
    if place is None:
        node = _parsed_text(source)
    elif isinstance(place.node, ast.Lambda):
        node = _lambda_tree(place.node, source.name)
    else:
        node = gast.ast_to_gast(place.node)
    node.decorator_list = []
    no_value, tapes = (getattr(source.function, lines, ()) for lines in (NO_VALUE_LINES, TAPE_LINES))
    # `z and z[0]` asks whether there is a value: None is one then.
    asked = set() if not no_value else {
        value.id
        for item in tree.walk(node) if isinstance(item, gast.BoolOp)
        for value in item.values if isinstance(value, gast.Name)
    }  # fmt: skip
    for item in tree.walk(node):
        if isinstance(item, (gast.BinOp, gast.UnaryOp)):
            # What its operators mean may be said by classes: nobody rewrites it.
            item.users = True
        if isinstance(item, gast.stmt):
            tree.mark(item, origin_of_node(source, item))
            if item.lineno in no_value and not tree.is_name(item.targets[0], *asked, ""):
                item.unset = "kept"
            if item.lineno in tapes:
                item.tape = True
    return node


def origin_of_node(source: Source, node: gast.AST) -> Origin:
    """The stretch of the user's file that a node of `tree_of(source)` came from.

    Columns count characters, so that a caret stands right on a line with other letters than
    ASCII; the text is the first of the lines. A node without a position gets the function's first
    line.

    Args:
        source: the function.
        node: a statement or expression with the positions of the file.

    >>> def square(x):
    ...     return x * x
    >>> source = source_of(square)
    >>> origin = origin_of_node(source, tree_of(source).body[0].value)
    >>> origin.line, origin.column, origin.end_column, origin.text
    (2, 11, 16, '    return x * x')
    """
    line = getattr(node, "lineno", None)
    if line is None:
        text = _line(source, source.line)
        return Origin(source.file, source.line, source.column, source.line, len(text), text)
    text = _line(source, line)
    end_line = node.end_lineno or line
    end_text = text if end_line == line else _line(source, end_line)
    column = _characters(text, node.col_offset)
    end_column = _characters(end_text, node.end_col_offset or 0)
    return Origin(source.file, line, column, end_line, end_column, text)


# -- from any callable to a plain function -----------------------------------------------------


def _plain_function(function: Any) -> FunctionType:
    why = registry.reason(function)
    if why is not None and why.standing != "followed":
        name = _describe(function)
        raise UnsupportedError(f"`{name}` has no derivative, since {why.text}", hint=why.hint or RULE_HINT)
    if isinstance(function, FunctionType):
        return function
    if isinstance(function, MethodType):
        return _plain_function(function.__func__)
    name = _describe(function)
    if isinstance(function, type):
        raise UnsupportedError(
            f"`{name}` is a class: only functions and methods can be differentiated",
            hint="write a function that builds the object and returns the number you want",
        )
    if isinstance(getattr(function, "py_func", None), FunctionType):
        return cast(FunctionType, function.py_func)
    if not callable(function):
        raise TypeError(f"expected a function to differentiate, got {type(function).__name__}")
    method = vars(type(function)).get("__call__") or type(function).__call__
    if isinstance(method, FunctionType):
        return method
    raise UnsupportedError(f"`{name}` has no Python source", hint=RULE_HINT)


def _describe(function: Any) -> str:
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    if not isinstance(name, str):
        return f"{type(function).__qualname__} object"
    module = getattr(function, "__module__", None)
    return name if not module or module in ("builtins", "__main__") else f"{module}.{name}"


def _refuse_generators(source: Source, place: _Place) -> None:
    what = ""
    if isinstance(place.node, ast.AsyncFunctionDef):
        what = "a coroutine"
    suspensions = (ast.Yield, ast.YieldFrom, ast.Await)
    found = next((n for n in _own_nodes(place.node) if isinstance(n, suspensions)), None)
    if found is not None and not what:
        what = "a generator"
    if what:
        raise UnsupportedError(
            f"`{source.name}` is {what}: a derivative needs a function that returns once",
            origin_of_node(source, found or place.node),
            hint="collect the values in a list and return it",
        )


def _own_nodes(definition: Definition) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions and classes defined in it."""
    body = definition.body
    pending: list[ast.AST] = [body] if isinstance(body, ast.AST) else list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, SCOPES):
            continue
        yield node
        pending.extend(reversed(list(ast.iter_child_nodes(node))))


# -- finding the node --------------------------------------------------------------------------


def _place_of(function: FunctionType) -> _Place:
    """The definition whose compiled code is that of the function."""
    code = function.__code__
    # The lines read when somebody first asked (a notebook, a traceback) may be the right ones
    # though the file has changed since: they are tried before the file is read again.
    for refresh in (False, True):
        if refresh:
            linecache.checkcache(code.co_filename)
        lines = linecache.getlines(code.co_filename, function.__globals__)
        place = _matching_place(function, lines)
        if place is not None:
            return place
    name = _describe(function)
    # Code that was made from a string shares its file name with every other such code.
    if not lines or code.co_filename in ("<string>", "<stdin>"):
        raise UnsupportedError(
            f"the source of `{name}` cannot be found ({code.co_filename} is not a file)",
            hint=f"define it in a file or a notebook cell, or {RULE_HINT}",
        )
    if code.co_name == "<lambda>" and not _spots(code) and _several(lines, code):
        raise UnsupportedError(
            f"`{name}` cannot be told from the other lambdas on line {code.co_firstlineno}",
            hint="write it as a `def`",
        )
    text = lines[code.co_firstlineno - 1] if code.co_firstlineno <= len(lines) else ""
    origin = Origin(
        code.co_filename, code.co_firstlineno, 0, code.co_firstlineno, len(text.rstrip()),
        text.rstrip("\r\n"),
    )  # fmt: skip
    raise UnsupportedError(
        f"`{name}` is not what its file says: the file has changed since it was imported",
        origin,
        hint="import the module again (restart, or importlib.reload) and try once more",
    )


def _matching_place(function: FunctionType, lines: list[str]) -> _Place | None:
    """The place in these lines of a function's code; sought once as long as the lines stay."""
    code = function.__code__
    key = id(code)
    alive, place = _matched.get(key, (None, None))
    if alive is not None and alive() is code and place is not None and place.lines is lines:
        return place
    place = _sought(function, lines)
    if place is not None:
        _matched[key] = ref(code, lambda _: _matched.pop(key, None)), place
    return place


def _sought(function: FunctionType, lines: list[str]) -> _Place | None:
    code = function.__code__
    module = _parsed_file("".join(lines))
    if module is None:
        return None
    found = [_Place(node, lines, path) for node, path in _definitions(module, code, ())]
    if code.co_name == "<lambda>" and len(found) > 1:
        found = _innermost(found, code)
    exact = [place for place in found if _same_code(_compiled(place, code), code)]
    if len(exact) == 1 or len({ast.dump(place.node) for place in exact}) == 1:
        return exact[0]
    if len(found) == 1 and _may_be_rewritten(function) and _is_rewritten(found[0], code):
        return found[0]
    return None


@lru_cache(maxsize=32)
def _parsed_file(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _definitions(
    node: ast.AST, code: CodeType, path: tuple[ast.AST, ...]
) -> Iterator[tuple[Definition, tuple[ast.AST, ...]]]:
    """The definitions of the code's name that begin on its first line."""
    line = code.co_firstlineno
    inner = (*path, node)
    for child in ast.iter_child_nodes(node):
        first = getattr(child, "lineno", None)
        if first is not None:
            decorators = getattr(child, "decorator_list", None)
            first = decorators[0].lineno if decorators else first
            if not first <= line <= cast(int, child.end_lineno):  # type: ignore[attr-defined]
                continue
        if first == line and _called(child) == code.co_name:
            yield cast(Definition, child), inner
        yield from _definitions(child, code, inner)


def _spots(code: CodeType) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where, as line and column, the instructions of a code object go."""
    return [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in code.co_positions()
        if line and end_line and column is not None and end_column  # prologues have no extent
    ]


def _several(lines: list[str], code: CodeType) -> bool:
    """Whether more than one definition fits, so that a mismatch need not mean a change."""
    module = _parsed_file("".join(lines))
    return module is not None and len(list(_definitions(module, code, ()))) > 1


def _called(node: ast.AST) -> str | None:
    if isinstance(node, ast.Lambda):
        return "<lambda>"
    return node.name if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _innermost(places: list[_Place], code: CodeType) -> list[_Place]:
    """The smallest lambda around all that the code does; all of them where it gives no columns."""
    spots = _spots(code)
    if not spots:
        return places
    first, last = min(start for start, _ in spots), max(end for _, end in spots)
    bodies = [(place, cast(ast.expr, place.node.body)) for place in places]
    around = [
        (place, body)
        for place, body in bodies
        if (body.lineno, body.col_offset) <= first
        and last <= (body.end_lineno or 0, body.end_col_offset or 0)
    ]
    # Lambdas around one spot are inside each other: the last to begin is the innermost.
    around.sort(key=lambda pair: (pair[1].lineno, pair[1].col_offset))
    return [place for place, _ in around[-1:]]


# -- is it the code that runs? -----------------------------------------------------------------


def _compiled(place: _Place, code: CodeType) -> CodeType:
    """What the compiler makes of a definition, with the cells and the class it stood in."""
    spot: dict[str, Any] = {"lineno": place.node.lineno, "col_offset": 0}
    definition = _bare(place.node)
    body: list[ast.stmt]
    body = [ast.Expr(definition, **spot)] if isinstance(definition, ast.expr) else [definition]
    depth = 1
    around = [node.name for node in place.path if isinstance(node, ast.ClassDef)]
    if around:
        body = [_node(ast.ClassDef, name=around[-1], body=body, **spot)]
        depth += 1
    free = [name for name in code.co_freevars if name != "__class__"]
    if free:
        targets: list[ast.expr] = [ast.Name(name, ast.Store(), **spot) for name in free]
        none = ast.Constant(None, **spot)
        bind = ast.Assign(targets, none, **spot)
        if around and around[-1] not in free:
            # The class of that name is a global one, as it is for the code.
            body = [ast.Global([around[-1]], **spot), *body]
        arguments = _node(ast.arguments)
        outer = _node(ast.FunctionDef, name="around", args=arguments, body=[bind, *body], **spot)
        body = [outer]
        depth += 1
    # Calls of functions of an imported module compile differently from calls of methods.
    imported = _imported(cast(ast.Module, place.path[0]).body)
    if imported:
        aliases = [ast.alias("module", name, **spot) for name in imported]
        body = [*body, ast.Import(aliases, **spot)]
    flags = code.co_flags & FUTURE_FLAGS
    module = ast.Module(body, [])
    compiled = compile(module, code.co_filename, "exec", flags, dont_inherit=True)
    for _ in range(depth):
        compiled = next(item for item in compiled.co_consts if isinstance(item, CodeType))
    return cast(CodeType, compiled)


def _imported(body: list[ast.stmt]) -> list[str]:
    """The names that imports at the top of a module bind, inside `if` and `try` too."""
    names: dict[str, None] = {}
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                names[(alias.asname or alias.name).partition(".")[0]] = None
        elif isinstance(node, BLOCKS):
            pending.extend(ast.iter_child_nodes(node))
    return [name for name in names if name != "*"]


def _bare(node: Definition) -> Any:
    """A definition without what its surroundings evaluate: decorators, defaults, annotations."""
    none = ast.Constant(None, lineno=node.lineno, col_offset=0)
    old = node.args

    def plain(arg: ast.arg) -> ast.arg:
        return ast.arg(arg.arg, None, lineno=arg.lineno, col_offset=arg.col_offset)

    arguments = ast.arguments(
        posonlyargs=[plain(arg) for arg in old.posonlyargs],
        args=[plain(arg) for arg in old.args],
        vararg=plain(old.vararg) if old.vararg else None,
        kwonlyargs=[plain(arg) for arg in old.kwonlyargs],
        kw_defaults=[none if value else None for value in old.kw_defaults],
        kwarg=plain(old.kwarg) if old.kwarg else None,
        defaults=[none for _ in old.defaults],
    )
    spot = {name: getattr(node, name) for name in node._attributes}
    if isinstance(node, ast.Lambda):
        return ast.Lambda(arguments, node.body, **spot)
    return _node(type(node), name=node.name, args=arguments, body=node.body, **spot)


def _node(kind: type[Any], **values: Any) -> Any:
    """A node whose other fields are empty: lists where the grammar has lists, else None."""
    plural = {
        "bases", "keywords", "decorator_list", "type_params",
        "posonlyargs", "args", "kwonlyargs", "kw_defaults", "defaults",
    }  # fmt: skip
    empty: dict[str, Any] = {name: [] if name in plural else None for name in kind._fields}
    return kind(**{**empty, **values})


def _same_code(left: CodeType, right: CodeType) -> bool:
    """Whether two code objects do the same, wherever they stand."""
    same_names = all(
        getattr(left, name) == getattr(right, name)
        for name in (
            "co_code", "co_names", "co_varnames", "co_cellvars", "co_freevars",
            "co_argcount", "co_posonlyargcount", "co_kwonlyargcount",
        )
    )  # fmt: skip
    if not same_names or (left.co_flags ^ right.co_flags) & SIGNATURE_FLAGS:
        return False
    return len(left.co_consts) == len(right.co_consts) and all(
        map(_same_constant, left.co_consts, right.co_consts)
    )


def _same_constant(left: object, right: object) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, CodeType) and isinstance(right, CodeType):
        return _same_code(left, right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(_same_constant, left, right))
    if isinstance(left, str) and isinstance(right, str) and "<locals>" in left and left != right:
        # The qualified name of a class in the function tells where the function stands.
        return left.rsplit(".", 1)[-1] == right.rsplit(".", 1)[-1]
    # Sets have no order, and 0.0 is not -0.0.
    return left == right if isinstance(left, frozenset) else repr(left) == repr(right)


def _may_be_rewritten(function: FunctionType) -> bool:
    """Whether the module was loaded by something that may change code on its way in."""
    spec = function.__globals__.get("__spec__")
    loader = getattr(spec, "loader", None) or function.__globals__.get("__loader__")
    module = type(loader).__module__
    return loader is not None and module.partition(".")[0] not in (
        "builtins", "importlib", "_frozen_importlib", "_frozen_importlib_external", "zipimport",
    )  # fmt: skip


def _is_rewritten(place: _Place, code: CodeType) -> bool:
    """Whether the code does all that the definition says, in order, assertions aside.

    Test runners replace assertions by code of their own and leave everything else.
    """
    bare = _bare(place.node)
    if isinstance(bare, ast.Lambda):
        return False
    bare.body = [_WithoutAssertions().visit(copy.deepcopy(item)) for item in bare.body]
    expected = _compiled(_Place(bare, place.lines, place.path), code)
    actual = iter(_actions(code))
    return all(action in actual for action in _actions(expected))


_BRANCHING = frozenset((*dis.hasjrel, *dis.hasjabs))
"""Instructions whose argument is a place in the code."""


class _WithoutAssertions(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)


def _actions(code: CodeType) -> list[tuple[str, str]]:
    """What a code object does, without jumps and without the grouping of loads and stores."""
    found: list[tuple[str, str]] = []
    for step in dis.get_instructions(code):
        if "JUMP" in step.opname or step.opname in ("NOP", "RESUME", "CACHE", "EXTENDED_ARG"):
            continue
        if "_FAST" in step.opname:
            names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
            found.extend(("local", str(name)) for name in names)
        elif isinstance(step.argval, CodeType):
            found.append(("code", step.argval.co_name))
            found.extend(_actions(step.argval))
        else:
            # Where the end of a loop is reached depends on the code of the assertions before it.
            plain = step.arg is None or step.opcode in _BRANCHING
            found.append((step.opname, "" if plain else repr(step.argval)))
    return found


# -- texts and trees ---------------------------------------------------------------------------


def _name(place: _Place) -> str:
    """A function's own name; for a lambda, the one it is assigned to."""
    if not isinstance(place.node, ast.Lambda):
        return place.node.name
    parent = place.path[-1]
    target: ast.AST | None = None
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
    elif isinstance(parent, (ast.AnnAssign, ast.NamedExpr)):
        target = parent.target
    return target.id if isinstance(target, ast.Name) else "function"


def _definition_text(place: _Place) -> str:
    node = place.node
    lines = place.lines[node.lineno - 1 : node.end_lineno]
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    if not indent:
        return "".join(lines).rstrip("\r\n")
    inside_strings = {
        number
        for item in ast.walk(node)
        if isinstance(item, (ast.Constant, ast.JoinedStr)) and item.end_lineno != item.lineno
        for number in range(item.lineno + 1, cast(int, item.end_lineno) + 1)
    }
    return "".join(
        line if number in inside_strings else line.removeprefix(indent)
        for number, line in enumerate(lines, node.lineno)
    ).rstrip("\r\n")


def _lambda_text(place: _Place) -> str:
    node = cast(ast.Lambda, place.node)
    body = _stretch(place.lines, node.body)
    if "\n" in body or isinstance(node.body, ast.NamedExpr):
        body = f"({body})"
    return f"def {_name(place)}({ast.unparse(node.args)}):\n    return {body}"


def _stretch(lines: list[str], node: ast.expr) -> str:
    part = [line.encode() for line in lines[node.lineno - 1 : node.end_lineno]]
    part[-1] = part[-1][: node.end_col_offset]
    part[0] = part[0][node.col_offset :]
    return b"".join(part).decode()


def _lambda_tree(node: ast.Lambda, name: str) -> gast.FunctionDef:
    whole = gast.ast_to_gast(node)
    result = ast.copy_location(gast.Return(whole.body), node.body)
    return ast.copy_location(tree.function(name, whole.args, [result]), node)


def _parsed_text(source: Source) -> gast.FunctionDef:
    """The tree of a source that was not read from an object: its text, moved to its place."""
    node = gast.parse(source.text).body[0]
    for item in tree.walk(node):
        if getattr(item, "lineno", None) is not None:
            item.lineno += source.line - 1
            item.end_lineno += source.line - 1
            item.col_offset += source.column
            item.end_col_offset += source.column
    return node


def _line(source: Source, number: int) -> str:
    """A line of the user's file, counted from 1."""
    place = _places.get(source)
    if place is not None:
        return place.lines[number - 1].rstrip("\r\n")
    lines = source.text.splitlines()
    index = number - source.line
    return " " * source.column + lines[index] if 0 <= index < len(lines) else ""


def _characters(line: str, offset: int) -> int:
    """The character at a byte offset of a line."""
    return offset if line.isascii() else len(line.encode()[:offset].decode(errors="replace"))
