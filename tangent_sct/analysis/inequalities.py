"""Linear inequalities over whole numbers: whether they may all hold at once.

Fourier and Motzkin's elimination. A form is a sum of whole multiples of unknowns and a constant, which stands under
the empty name; it stands for the inequality that it is at least zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd

Form = dict[str, int]

_MANY = 120
"""With more inequalities than this no answer is looked for: they may hold."""


def constant(value: int) -> Form:
    """A number as a form."""
    return {"": value}


def unknown(name: str) -> Form:
    """An unknown as a form."""
    return {name: 1}


def plus(left: Mapping[str, int], right: Mapping[str, int], times: int = 1) -> Form:
    """`left + times * right`.

    >>> plus({"i": 1, "": 2}, {"i": 1}, -1)
    {'': 2}
    """
    found = dict(left)
    for name, factor in right.items():
        found[name] = found.get(name, 0) + times * factor
        if not found[name]:
            del found[name]
    return found


def may_hold(forms: Iterable[Form]) -> bool:
    """Whether forms may all be at least zero for some whole numbers; False is sure.

    `i < j`, `j < k` and `k < i` cannot hold together:

    >>> less = lambda a, b: {b: 1, a: -1, "": -1}
    >>> may_hold([less("i", "j"), less("j", "k")]), may_hold([less("i", "j"), less("j", "k"), less("k", "i")])
    (True, False)
    """
    known: dict[tuple[tuple[str, int], ...], int] = {}
    for form in forms:
        if not _add(known, form):
            return False
    while known:
        name = _next(known)
        lower = [(parts, free) for parts, free in known.items() if dict(parts).get(name, 0) > 0]
        upper = [(parts, free) for parts, free in known.items() if dict(parts).get(name, 0) < 0]
        for parts, _ in (*lower, *upper):
            del known[parts]
        if len(known) + len(lower) * len(upper) > _MANY:
            return True
        equal = _equation(lower, upper)
        for low in lower:
            for high in upper:
                if equal and low is not equal[0] and high is not equal[1]:
                    # Of what is equal to something else that is put in its place.
                    continue
                one, other = {**dict(low[0]), "": low[1]}, {**dict(high[0]), "": high[1]}
                scaled = {key: factor * -other[name] for key, factor in one.items()}
                if not _add(known, plus(scaled, other, one[name])):
                    return False
    return True


Known = tuple[tuple[tuple[str, int], ...], int]


def _equation(lower: list[Known], upper: list[Known]) -> tuple[Known, Known] | None:
    """Two inequalities that say together that an unknown is equal to something."""
    for low in lower:
        negated = tuple([(name, -factor) for name, factor in low[0]])
        for high in upper:
            if high[0] == negated and high[1] == -low[1]:
                return low, high
    return None


def _add(known: dict[tuple[tuple[str, int], ...], int], form: Mapping[str, int]) -> bool:
    """Note an inequality; False where it cannot hold."""
    free = form.get("", 0)
    parts = sorted((name, factor) for name, factor in form.items() if name and factor)
    if not parts:
        return free >= 0
    divisor = gcd(*(factor for _, factor in parts))
    key = tuple([(name, factor // divisor) for name, factor in parts])
    # Whole numbers: what is at least a part of one is at least the next.
    free //= divisor
    if key not in known or free < known[key]:
        known[key] = free
    return True


def _next(known: Mapping[tuple[tuple[str, int], ...], int]) -> str:
    """The unknown whose elimination leaves the fewest inequalities."""
    signs: dict[str, list[int]] = {}
    for parts in known:
        for name, factor in parts:
            signs.setdefault(name, [0, 0])[factor > 0] += 1
    return min(signs, key=lambda name: signs[name][0] * signs[name][1] - sum(signs[name]))
