"""Modules that a function imports itself, as free names of the function."""

from __future__ import annotations

import importlib
import itertools
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import bound_by
from tangent_sct.core.origins import Source
from tangent_sct.frontend.inside import declared_inside


def imported(source: Source, node: gast.FunctionDef) -> tuple[Source, gast.FunctionDef]:
    """A function without its `import` statements, and a source in which their names mean what they import.

    What cannot be imported stays: the function itself may catch the error. So do names that are assigned in
    other ways as well, and those that mean one thing here and another there.
    """
    found = {id(s): s for s in tree.every_statement(node.body) if isinstance(s, (gast.Import, gast.ImportFrom))}
    if not found:
        return source, node
    objects: dict[str, Any] = {}
    gone: set[int] = set()
    others = {name for s in tree.every_statement(node.body) if _binds(s) for name in bound_by(s)}
    others |= {*tree.parameter_names(node), *declared_inside(node), *tree.declared_outside(node)}
    meanings = {key: dict(_meant(statement, source)) for key, statement in found.items()}
    for every in itertools.combinations(meanings.values(), 2):
        others |= {name for name in every[0].keys() & every[1].keys() if every[0][name] is not every[1][name]}
    for key, statement in found.items():
        names = set(tree.names_written(statement))
        if meanings[key].keys() == names and names.isdisjoint(others):
            objects.update(meanings[key])
            gone.add(key)
    body = _without(node.body, gone)
    new = tree.like(tree.function(node.name, node.args, body, node.returns), node)
    return replace(source, globals=ChainMap(objects, cast(dict[str, Any], source.globals))), new


def _binds(statement: gast.AST) -> bool:
    return not isinstance(statement, (gast.Import, gast.ImportFrom, gast.Try))


def _meant(statement: gast.AST, source: Source) -> Iterator[tuple[str, Any]]:
    """Names that an import binds, with their objects; none where it fails."""
    try:
        for alias in statement.names:
            if isinstance(statement, gast.Import):
                module = importlib.import_module(alias.name)
                top = importlib.import_module(alias.name.partition(".")[0])
                yield (alias.asname, module) if alias.asname else (alias.name.partition(".")[0], top)
            else:
                dots = "." * (statement.level or 0)
                package = source.globals.get("__package__")
                module = importlib.import_module(f"{dots}{statement.module or ''}", package)
                yield alias.asname or alias.name, getattr(module, alias.name)
    except (ImportError, AttributeError, TypeError):
        return


def _without(body: list[gast.AST], gone: set[int]) -> list[gast.AST]:
    kept: list[gast.AST] = []
    for statement in body:
        if id(statement) in gone:
            continue
        for name in ("body", "orelse"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list) and not isinstance(statement, tree.SCOPES):
                setattr(statement, name, _without(inner, gone))
        kept.append(statement)
    return kept or [gast.Pass()]
