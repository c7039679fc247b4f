"""Names without a value need none where only the program's own statements read them.

The front end gives `None` to a name that is unassigned on some path, since single assignment copies it
and a tape may record it there. Where no such copy or recording is left, the line goes. Runs after `copies`.

>>> from tangent_sct.core.tree import statements, text
>>> body = statements("if c:\\n    y = x * x\\nelse:\\n    y = None\\nif c:\\n    z = y + 1")
>>> body[0].orelse[0].unset = True
>>> print(text(without_unset(body)[0]))
if c:
    y = x * x
"""

from __future__ import annotations

from typing import Any

import gast

from tangent_sct.analysis.operations import DISPLAYS, opened
from tangent_sct.core import tree
from tangent_sct.core.unit import Unit

_TAKE_NONE = (
    "zeros_like", "copied", "zero_items", "add_items", "add_item", "like_argument", "check_states_apart",
)  # fmt: skip
"""Helpers that are called whether or not there is a value."""


def unset(unit: Unit) -> Unit:
    """Remove the assignments of no value that nothing copies; the same unit where there are none."""
    body = without_unset(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


def without_unset(body: list[gast.AST]) -> list[gast.AST]:
    """The body without them; the same list where there are none to remove."""
    names = {
        node.targets[0].id for node in tree.every_statement(body) if getattr(node, "unset", False)
    }
    if not names:
        return body
    names -= {name for node in tree.every_statement(body) for name in _handed_on(node)}
    return _without(body, names) if names else body


def _handed_on(node: gast.AST) -> list[str]:
    """Names that a statement reads whether or not they have a value: it copies or keeps them."""
    if isinstance(node, gast.If):
        return _asked_for(node.test)
    if isinstance(node, (gast.For, gast.While, gast.With)):
        return []
    value = getattr(node, "value", None)
    if isinstance(node, gast.Assign) and isinstance(value, gast.Name):
        return [value.id]
    if isinstance(node, gast.Assign) and isinstance(value, DISPLAYS):
        # A shadow is put into that of a container, also where there is none.
        return [item.id for item in opened(value) if isinstance(item, gast.Name)]
    if isinstance(value, gast.Call) and isinstance(value.func, gast.Attribute):
        if value.func.attr == "append":
            return tree.names_read(value.args)
    found: list[str] = []
    for item in tree.walk(node):
        if isinstance(item, gast.Call) and tree.is_name(item.func, *_TAKE_NONE):
            found += tree.names_read(item.args)
        elif isinstance(item, gast.Call) and (tree.dotted_name(item.func) or "").endswith(("_like", ".copy")):
            # Checkpointed loops copy their states by `np.copy`.
            found += tree.names_read(item.args)
    return found


def _asked_for(test: gast.AST) -> list[str]:
    """Names of which a test asks whether they have a value."""
    return [
        item.left.id for item in tree.walk(test)
        if isinstance(item, gast.Compare) and isinstance(item.left, gast.Name)
        and tree.is_constant(item.comparators[0], None)
    ]  # fmt: skip


def _without(body: list[gast.AST], names: set[str]) -> list[gast.AST]:
    output = []
    for node in body:
        if getattr(node, "unset", False) and node.targets[0].id in names:
            continue
        if isinstance(node, (gast.If, gast.For, gast.While, gast.With)):
            fields = tree.fields(node)
            inner: dict[str, Any] = {
                n: _without(fields[n], names) for n in ("body", "orelse") if n in fields
            }
            changed = {**fields, **inner}
            if not changed["body"] and not changed.get("orelse"):
                continue
            if not changed["body"]:
                changed["test"] = gast.UnaryOp(gast.Not(), changed["test"])
                changed["body"], changed["orelse"] = changed["orelse"], []
            node = tree.like(type(node)(**changed), node)
        output.append(node)
    return output
