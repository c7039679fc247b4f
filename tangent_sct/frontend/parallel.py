"""Loops over Numba's `prange`, read as loops over `range`: what a program computes does not depend on their order."""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.rules import Lookup

PARALLEL: set[Origin] = set()
"""The loops that users wrote as parallel ones, by where they stand."""


def serial(source: Source, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function whose loops over `prange` are loops over `range`; the very same where it has none."""
    if "prange" not in source.text:
        return node
    objects = Lookup(source, {})

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Call) and is_prange(meaning(item.func, objects)):
            return gast.Call(tree.load("range"), item.args, item.keywords)
        return None

    for statement in tree.every_statement(node.body):
        if isinstance(statement, gast.For) and change(statement.iter) is not None:
            origin = tree.origin_of(statement)
            if origin is not None:
                PARALLEL.add(origin)
    return tree.rewrite(node, change)


def is_prange(function: object) -> bool:
    """Whether a function is Numba's `prange`."""
    module = getattr(function, "__module__", None) or ""
    return getattr(function, "__name__", "") == "prange" and module.partition(".")[0] == "numba"
