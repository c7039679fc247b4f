"""Make a failing program small: leave out statements and parts of expressions while it still fails."""

from __future__ import annotations

import ast
import copy
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.laws.samples import Program


def shrink(program: Program, fails: Callable[[Program], bool], attempts: int = 300) -> Program:
    """The smallest program found that still fails.

    Args:
        program: one that fails.
        fails: whether a candidate fails in the same way.
        attempts: how many candidates are tried at most.
    """
    current = program
    progress = True
    while progress:
        progress = False
        number = 0
        while attempts > 0:
            candidate = _edited(current.text, number)
            if candidate is None:
                break
            if candidate == current.text or not _compiles(candidate):
                number += 1
                continue
            attempts -= 1
            smaller = replace(current, text=candidate)
            if fails(smaller):
                current, progress = smaller, True
            else:
                number += 1
    return current


def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error", SyntaxWarning)
        try:
            compile(text, "<candidate>", "exec")
        except SyntaxError:
            return False
    return True


def _edited(text: str, number: int) -> str | None:
    """The text after one of the possible edits, None past the last of them."""
    tree = ast.parse(text)
    for position, edit in enumerate(_edits(tree)):
        if position == number:
            edit()
            return ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    return None


def _edits(tree: ast.Module) -> Iterator[Callable[[], None]]:
    """All edits, the coarse ones first."""
    for block in _blocks(tree):
        for statement in list(block):
            if not isinstance(statement, ast.Return) and not _is_entry(statement):
                yield lambda block=block, statement=statement: _replace(block, statement, [])  # type: ignore[misc]
    for block in _blocks(tree):
        for statement in list(block):
            for body in _bodies(statement):
                if not isinstance(statement, ast.FunctionDef):
                    yield lambda b=block, s=statement, n=body: _replace(b, s, n)  # type: ignore[misc]
    for parent in ast.walk(tree):
        if isinstance(parent, (ast.arguments, ast.Module)):
            continue
        for name, child in ast.iter_fields(parent):
            if name == "func":
                continue
            for item in child if isinstance(child, list) else [child]:
                if isinstance(item, ast.expr) and _is_read(item):
                    for part in _parts(item):
                        yield lambda p=parent, n=name, i=item, q=part: _put(p, n, i, q)  # type: ignore[misc]


def _is_read(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _is_entry(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name == "f"


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        body = getattr(statement, name, None)
        if isinstance(body, list) and body:
            yield body


def _replace(block: list[ast.stmt], statement: ast.stmt, by: list[ast.stmt]) -> None:
    position = block.index(statement)
    block[position : position + 1] = by
    if not block:
        block.append(ast.Pass())


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """Expressions that may stand for a larger one."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not isinstance(child, (ast.Slice, ast.Attribute)):
            if not (isinstance(node, ast.Attribute) and isinstance(child, ast.Name)):
                yield copy.deepcopy(child)
    if not isinstance(node, (ast.Constant, ast.Name, ast.Slice, ast.Attribute)):
        yield ast.Constant(0.5)


def _put(parent: ast.AST, name: str, old: ast.expr, new: ast.expr) -> None:
    value = getattr(parent, name)
    if isinstance(value, list):
        value[value.index(old)] = new
    else:
        setattr(parent, name, new)
