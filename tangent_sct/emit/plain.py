"""From the internal tree to Python's own `ast`, and when two of those are the same program."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import gast

UNCOMPARED = {"ctx", "kind", "type_comment"}
"""Fields that make no difference to what a program does."""


def plain(node: gast.AST) -> ast.AST:
    """The same tree in Python's own nodes, with literals as the parser writes them.

    Positions are left out: the tree is for printing, and for comparing with what was printed.

    >>> ast.dump(plain(gast.Constant(-1, None)))
    'UnaryOp(op=USub(), operand=Constant(value=1))'
    """
    kind: Any = type(node)
    if kind is gast.Name:
        return _name(node)
    if kind is gast.Constant:
        return _literal(node.value)
    target, fields = _counterpart(kind)
    if not fields:
        return _leaf(target)
    new: ast.AST = target.__new__(target)
    values = new.__dict__
    for name in fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            values[name] = plain(value)
        elif isinstance(value, list):
            values[name] = [plain(v) if isinstance(v, ast.AST) else v for v in value]
        else:
            values[name] = value
    if kind is gast.ExceptHandler and isinstance(node.name, gast.Name):
        values["name"] = node.name.id
    elif kind is gast.JoinedStr:
        values["values"] = list(_joined(values["values"]))
    return new


def same(left: object, right: object) -> bool:
    """Whether two trees are the same program, positions aside.

    >>> same(ast.parse("x  =  1"), ast.parse("x = 1")), same(ast.parse("1"), ast.parse("1.0"))
    (True, False)
    """
    kind: Any = type(left)
    if kind is not type(right):
        return False
    if isinstance(left, ast.Name) and isinstance(right, ast.Name):
        return left.id == right.id
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, ast.AST):
        if isinstance(left, ast.JoinedStr) and isinstance(right, ast.JoinedStr):
            return same(list(_joined(left.values)), list(_joined(right.values)))
        for name in left._fields:
            mine, other = getattr(left, name, None), getattr(right, name, None)
            if mine is not other and name not in UNCOMPARED and not same(mine, other):
                return False
        return True
    # 0.0 and -0.0 are different literals.
    return left == right if kind is str else repr(left) == repr(right)


@cache
def _counterpart(kind: type[gast.AST]) -> tuple[Any, tuple[str, ...]]:
    target: Any = getattr(ast, kind.__name__)
    return target, target._fields


@cache
def _leaf(kind: type[ast.AST]) -> ast.AST:
    """Operators and contexts say all by their class: one of each is enough."""
    return kind()


def _name(node: gast.Name) -> ast.AST:
    if isinstance(node.ctx, gast.Param):
        annotation: Any = plain(node.annotation) if node.annotation else None
        return ast.arg(node.id, annotation, None)
    context: Any = plain(node.ctx)
    return ast.Name(node.id, context)


def _literal(value: Any) -> ast.expr:
    kind = type(value)
    if kind is tuple:
        return ast.Tuple([_literal(item) for item in value], ast.Load())
    if kind in (int, float) and repr(value)[0] == "-":
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    if kind is float and value != value:
        return _made_by("float", ast.Constant("nan"))
    if kind is complex and (repr(value.real) != "0.0" or repr(value.imag)[0] in "-n"):
        # A sum of both parts could lose the sign of a zero.
        return _made_by("complex", _literal(value.real), _literal(value.imag))
    return ast.Constant(value)


def _made_by(function: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), list(args), [])


def _joined(values: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """The parts of an f-string with neighbouring texts put together, and empty ones left out."""
    text = ""
    for value in values:
        if isinstance(value, ast.Constant):
            text += str(value.value)
            continue
        if text:
            yield ast.Constant(text)
            text = ""
        yield value
    if text:
        yield ast.Constant(text)
