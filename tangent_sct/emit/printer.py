"""Trees as text: astor prints, the text is read again and compared, `ast.unparse` stands by."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import gast

from tangent_sct.emit.plain import plain, same
from tangent_sct.emit.wrap import wrap

with warnings.catch_warnings():
    # astor looks up the old names of literal nodes, if only to be ready for them.
    warnings.simplefilter("ignore", DeprecationWarning)
    from astor.code_gen import Precedence, SourceGenerator, set_precedence, to_source

QUOTES = "'", '"'


@dataclass(frozen=True)
class Printed:
    """A statement's text, and what the parser reads in it."""

    text: str
    tree: ast.stmt
    offset: int
    """How many lines stand above the text in what was parsed."""


def printed(functions: Sequence[gast.AST]) -> list[Printed]:
    """The text of each function, long lines broken; reading it gives the same tree.

    Args:
        functions: statements, usually function definitions.

    Raises:
        ValueError: when a tree is not a program (an object stands where a literal must).

    >>> print(printed(gast.parse("def f(x): return (-x)**2").body)[0].text)
    def f(x):
        return (-x) ** 2
    """
    trees = [plain(function) for function in functions]
    texts = [_with_astor(node) or "" for node in trees]
    whole = _read("\n".join(texts))
    if whole is not None and len(whole) == len(trees) and all(map(same, whole, trees)):
        above = accumulate((text.count("\n") + 1 for text in texts), initial=0)
        return [Printed(*parts) for parts in zip(texts, whole, above, strict=False)]
    return [_checked(text, node) for text, node in zip(texts, trees, strict=True)]


def _checked(text: str, node: ast.AST) -> Printed:
    """The first way of printing that gives the tree back."""
    simple = ast.unparse(ast.fix_missing_locations(node))
    for candidate in (text, wrap(simple), simple):
        read = _read(candidate)
        if read is not None and len(read) == 1 and same(read[0], node):
            return Printed(candidate, read[0], 0)
    raise ValueError(f"a tree that is not a program cannot be printed:\n{simple}")


def _read(text: str) -> list[ast.stmt] | None:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError):
        return None


# -- astor -------------------------------------------------------------------------------------


def _with_astor(node: ast.AST) -> str | None:
    """What astor prints, or None where it has not learned the syntax."""
    try:
        text = to_source(node, pretty_source=_one_line_each, source_generator_class=_Printer)
    except Exception:  # astor reports what it does not know in many ways
        return None
    return wrap(text.strip("\n"))


def _one_line_each(parts: Iterable[str]) -> str:
    """The parts joined, with no blank lines between statements: `emit` sets those."""
    return "".join("\n" if part and not part.strip("\n") else part for part in parts)


class _Printer(SourceGenerator):  # type: ignore[misc]
    """astor's printer with the signatures, strings and lambdas of today."""

    def visit_FunctionDef(self, node: Any, is_async: bool = False) -> None:
        if getattr(node, "type_params", None):
            raise NotImplementedError("type parameters")
        for decorator in node.decorator_list:
            self.statement(decorator, "@", decorator)
        self.statement(node, "async def " if is_async else "def ", node.name, "(")
        self.visit_arguments(node.args)
        self.write(")")
        self.conditional_write(" -> ", node.returns)
        self.write(":")
        self.body(node.body)

    def visit_ClassDef(self, node: Any) -> None:
        if getattr(node, "type_params", None):
            raise NotImplementedError("type parameters")
        super().visit_ClassDef(node)

    def visit_Lambda(self, node: Any) -> None:
        with self.delimit(node) as delimiters:
            set_precedence(delimiters.p, node.body)
            start = len(self.result)
            self.write("lambda ")
            self.visit_arguments(node.args)
            if len(self.result) == start + 1:
                self.result[start] = "lambda"
            self.write(": ", node.body)

    def visit_arguments(self, node: Any) -> None:
        set_precedence(Precedence.Comma, *node.defaults, *filter(None, node.kw_defaults))
        positional = [*node.posonlyargs, *node.args]
        defaults = [None] * (len(positional) - len(node.defaults)) + node.defaults
        parts: list[tuple[Any, ...]] = []
        for number, (arg, default) in enumerate(zip(positional, defaults, strict=True), 1):
            parts.append(_parameter(arg, default))
            if number == len(node.posonlyargs):
                parts.append(("/",))
        if node.vararg:
            parts.append(("*", node.vararg))
        elif node.kwonlyargs:
            parts.append(("*",))
        parts.extend(map(_parameter, node.kwonlyargs, node.kw_defaults))
        if node.kwarg:
            parts.append(("**", node.kwarg))
        for number, part in enumerate(parts):
            self.write(", " if number else "", *part)

    def visit_ListComp(self, node: Any) -> None:
        self._comprehension("[]", node)

    def visit_SetComp(self, node: Any) -> None:
        self._comprehension("{}", node)

    def _comprehension(self, brackets: str, node: Any) -> None:
        set_precedence(Precedence.Comma, node.elt)
        with self.delimit(brackets):
            self.write(node.elt, *node.generators)

    def visit_DictComp(self, node: Any) -> None:
        set_precedence(Precedence.Comma, node.key, node.value)
        with self.delimit("{}"):
            self.write(node.key, ": ", node.value, *node.generators)

    def visit_Expr(self, node: Any) -> None:
        value = getattr(node.value, "value", None)
        if isinstance(node.value, ast.Constant) and isinstance(value, str):
            self.statement(node, _docstring(value))
        else:
            super().visit_Expr(node)

    def visit_Constant(self, node: Any) -> None:
        value = node.value
        if isinstance(value, str) or (isinstance(value, complex) and math.isfinite(value.imag)):
            self.write(repr(value))
        else:
            super().visit_Constant(node)

    def visit_JoinedStr(self, node: Any) -> None:
        self.write(_f_string(node))


def _parameter(arg: Any, default: Any) -> tuple[Any, ...]:
    if default is None:
        return (arg,)
    return (arg, " = " if arg.annotation else "=", default)


def _docstring(value: str) -> str:
    """A string statement in triple quotes, where its characters can be printed."""
    if not value.replace("\n", "").isprintable():
        return repr(value)
    text = value.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.endswith('"'):
        text = text[:-1] + '\\"'
    return f'"""{text}"""'


# -- f-strings ---------------------------------------------------------------------------------


def _f_string(node: ast.JoinedStr) -> str:
    """An f-string that every supported Python reads: older ones forbid reusing its quotes."""
    parts = list(_f_parts(node))
    code = "".join(text for is_code, text in parts if is_code)
    if "\\" in code:
        raise NotImplementedError("a backslash inside a replacement field")
    usable = [quote for quote in QUOTES if quote[0] not in code]
    if not usable:
        raise NotImplementedError("all quotes are in use")
    plain_text = "".join(text for is_code, text in parts if not is_code)
    quote = min(usable, key=lambda quote: plain_text.count(quote))
    body = "".join(text if is_code else _escaped(text, quote) for is_code, text in parts)
    return f"f{quote}{body}{quote}"


def _f_parts(node: ast.JoinedStr) -> Iterator[tuple[bool, str]]:
    """The pieces of an f-string: whether each is code, and its text."""
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            text = ast.unparse(value.value)
            if isinstance(value.value, (ast.Lambda, ast.NamedExpr, ast.Yield, ast.Starred)):
                text = f"({text})"
            conversion = f"!{chr(value.conversion)}" if value.conversion != -1 else ""
            yield True, ("{ " if text.startswith("{") else "{") + text + conversion
            if isinstance(value.format_spec, ast.JoinedStr):
                yield True, ":"
                yield from _f_parts(value.format_spec)
            yield True, "}"
        elif isinstance(value, ast.Constant):
            yield False, str(value.value)


def _escaped(text: str, quote: str) -> str:
    plain = repr('"' + text)[2:-1]  # with a double quote inside, repr encloses in single ones
    plain = plain.replace("\\'", "'").replace(quote[0], "\\" + quote[0])
    return plain.replace("{", "{{").replace("}", "}}")
