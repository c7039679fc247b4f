"""`np.einsum` with a list of axes behind each operand, as the call with letters."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.frontend.namespace import meaning

_LETTERS = string.ascii_lowercase


def with_letters(call: gast.Call, objects: Mapping[str, Any]) -> gast.Call:
    """A call of `np.einsum` with subscripts as letters; the very same call where it has them, or is none.

    Args:
        call: the call.
        objects: what free names mean.

    >>> print(tree.text(with_letters(tree.expression("np.einsum(a, [0, 1], b, [1, ...])"), {"np": np})))
    np.einsum('ab,b...', a, b)
    """
    if len(call.args) < 2 or meaning(call.func, objects) is not np.einsum:
        return call
    count = len(call.args) // 2
    lists = [_letters_of(node) for node in call.args[1::2]]
    if len(call.args) % 2:
        lists.append(_letters_of(call.args[-1]))
    if any(found is None for found in lists):
        return call
    subscripts = ",".join(map(str, lists[:count])) + "".join(f"->{out}" for out in lists[count:])
    return gast.Call(call.func, [tree.const(subscripts), *call.args[: 2 * count : 2]], call.keywords)


def _letters_of(node: gast.AST) -> str | None:
    """The letters for a display of axes; None where it is not made of literals."""
    if not isinstance(node, (gast.List, gast.Tuple)):
        return None
    found = ""
    for item in node.elts:
        value = item.value if isinstance(item, gast.Constant) else None
        if value is ...:
            found += "..."
        elif type(value) is int and 0 <= value < len(_LETTERS):
            found += _LETTERS[value]
        else:
            return None
    return found
