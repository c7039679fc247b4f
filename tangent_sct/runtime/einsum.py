"""The adjoint of an operand of `np.einsum`."""

from __future__ import annotations

from typing import Any

import numpy as np


def _letters(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """The indices of each operand and of the result, `...` as letters of its own, the result written out."""
    before, arrow, out = subscripts.replace(" ", "").partition("->")
    inputs = before.split(",")
    count = max([r - len(i.replace("...", "")) for i, r in zip(inputs, ranks, strict=True) if "." in i], default=0)
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in subscripts][:count]
    if not arrow:
        single = sorted(c for c in set(before) - set(",.") if before.count(c) == 1)
        out = ("..." if "." in before else "") + "".join(single)
    whole = []
    for indices, rank in zip(inputs, ranks, strict=True):
        own = rank - len(indices.replace("...", ""))
        whole.append(indices.replace("...", "".join(free[count - own :])))
    return whole, out.replace("...", "".join(free))


def einsum_adjoint(g: Any, subscripts: str, place: int, *operands: Any) -> Any:
    """The adjoint of one operand of `np.einsum(subscripts, *operands)`.

    It is the sum in which the operand and the result have changed places. Along an index that stands nowhere else
    it is repeated; of an operand with an index twice only the diagonal gets something.

    Args:
        g: the adjoint of the result.
        subscripts: as given to `np.einsum`.
        place: which of the operands; of it only the shape counts.
        operands: all of them.

    >>> einsum_adjoint(2.0, "ii->", 0, np.zeros((2, 2))).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    >>> einsum_adjoint(np.ones((1, 1)), "ij,jk", 0, np.zeros((1, 2)), np.array([[3.0], [4.0]])).tolist()
    [[3.0, 4.0]]
    """
    inputs, out = _letters(subscripts, [np.ndim(a) for a in operands])
    own, like = inputs[place], operands[place]
    others = [*inputs[:place], *inputs[place + 1 :]]
    rest = [a for i, a in enumerate(operands) if i != place]
    once = "".join(dict.fromkeys(own))
    found = "".join(c for c in once if c in out or any(c in other for other in others))
    total = np.einsum(f"{','.join([out, *others])}->{found}", g, *rest, optimize=len(rest) > 1)
    sizes = dict(zip(own, np.shape(like), strict=True))
    repeated = tuple(i for i, c in enumerate(found) if sizes[c] == 1)
    total = np.sum(total, axis=repeated, keepdims=True)
    total = np.expand_dims(total, tuple(i for i, c in enumerate(once) if c not in found))
    if len(once) == len(own):
        return np.broadcast_to(total, np.shape(like)).copy()
    result = np.zeros(np.shape(like), total.dtype)
    np.einsum(f"{own}->{once}", result)[...] = total
    return result


def swapped_subscripts(subscripts: str, place: int, shapes: list[Any]) -> str | None:
    """The subscripts with which `np.einsum` itself computes the adjoint of an operand from that and the others.

    Args:
        subscripts: as given to `np.einsum`.
        place: which of the operands.
        shapes: for each operand the sizes of its axes, or names for them.

    Returns:
        The subscripts; None where an index stands twice in the operand or there alone, where there is `...`, or
            where sizes of one index differ, so that one may be repeated.

    >>> swapped_subscripts("ij,jk", 0, [("m", "n"), ("n", "k")])
    'ik,jk->ij'
    >>> swapped_subscripts("ij,jk", 0, [("m", 1), ("n", "k")]) is None
    True
    """
    if "." in subscripts or any(shape is None for shape in shapes):
        return None
    inputs, out = _letters(subscripts, [len(shape) for shape in shapes])
    own, others = inputs[place], [*inputs[:place], *inputs[place + 1 :]]
    if len(set(own)) < len(own) or not set(own) <= set("".join([out, *others])):
        return None
    sizes: dict[str, Any] = {}
    for indices, shape in zip(inputs, shapes, strict=True):
        for index, size in zip(indices, shape, strict=True):
            if sizes.setdefault(index, size) != size:
                return None
    return f"{','.join([out, *others])}->{own}"
