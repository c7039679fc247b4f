"""What is taken of an adjoint stays a view of it, where all who use it come before the array changes.

The adjoint of `a[i] = e` copies `a_bar[i]`, since it is cleared, or written into otherwise, before all that it
is passed on to has been computed. Where what writes into the array may as well come last, no copy is needed:

    seed = a_bar[i].copy()        b_bar += a_bar[i] * w
    a_bar[i] = 0                  a_bar[i] = 0
    b_bar += seed * w

A seed that is used several times stays a name, of the view. What is moved stays among the statements of
the same primal statement. The statement that reads the seed and writes into the array, if there is one, computes
all that it stores before it does.

Needs: an ordinary program, alias classes. Produces: the same form, with fewer copies. Runs after `places`, which
joins what is cleared and added to. `seeds` does the same for seeds used once, before expressions are shared.

>>> from tangent_sct.optimize.demo import unit_of
>>> unit = unit_of('''
... def f(a_bar, b_bar, w):
...     seed = a_bar[1:-1].copy()
...     a_bar[1:-1] = seed * w
...     b_bar[2:] += seed
...     b_bar[1:-1] -= np.sum(seed * w)
...     return a_bar, b_bar
... ''', temporaries="seed")
>>> print(tree.text(borrow(unit, applies=lambda statement: True).tree))
def f(a_bar, b_bar, w):
    seed = a_bar[1:-1]
    b_bar[2:] += seed
    b_bar[1:-1] -= np.sum(seed * w)
    a_bar[1:-1] = seed * w
    return (a_bar, b_bar)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import gast

from tangent_sct.analysis.mutation import stored_through
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import acts, below
from tangent_sct.optimize.effects import Effects, KindOf, Occurrences, is_temporary
from tangent_sct.optimize.places import in_place, joined, place_of

_REACH = 12
"""How many statements may stand between taking a seed and its last use; further away a copy reads better."""


def borrow(unit: Unit, kind_of: KindOf | None = None, applies: Callable[[gast.AST], bool] | None = None) -> Unit:
    """Let seeds be views of the array that they are taken of.

    Args:
        unit: an ordinary program.
        kind_of: kinds of its expressions, where they are known.
        applies: which statements may be changed; by default those of the reverse sweep.

    Returns:
        The unit with fewer copies; the same unit where there is none to be saved.
    """
    applies = applies or _in_reverse
    kind_of = kind_of or (lambda node: UNKNOWN)
    if not any(_taken(node) is not None and applies(node) for node in tree.every_statement(unit.tree.body)):
        return unit
    body = _Borrowing(unit, kind_of, applies).block(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


def _in_reverse(statement: gast.AST) -> bool:
    return tree.sweep_of(statement) == "reverse"


def _taken(node: gast.AST) -> gast.AST | None:
    """`place` in `seed = place.copy()`."""
    if type(node) is not gast.Assign or type(node.targets[0]) is not gast.Name:
        return None
    value = node.value
    if type(value) is not gast.Call or type(value.func) is not gast.Attribute:
        return None
    if value.func.attr != "copy" or value.args or value.keywords:
        return None
    place: gast.AST = value.func.value
    return place if type(place) in (gast.Subscript, gast.Name) and not acts(place) else None


class _Borrowing:
    def __init__(self, unit: Unit, kind_of: KindOf, applies: Callable[[gast.AST], bool]) -> None:
        self._unit = unit
        self._kind_of = kind_of
        self._applies = applies
        self._effects = Effects(unit, kind_of)
        self._occurrences = Occurrences.of(unit)
        # Seeds that have become views here, of which the alias classes know nothing, with what they are views of.
        self._views: dict[str, frozenset[str]] = {}

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block with the copies saved; the very same list where none can be."""
        output = [below(node, self.block) for node in body]
        changed = any(a is not b for a, b in zip(output, body, strict=True))
        for position in reversed(range(len(output))):
            name = self._seed(output[position])
            if name is None:
                continue
            window = self._window(name, output[position + 1 : position + 1 + _REACH])
            short = None if window is None else self._borrowed(name, output[position], window)
            if window is not None and short is not None:
                output[position : position + 1 + len(window)] = short
                changed = True
        return output if changed else body

    def _seed(self, node: gast.AST) -> str | None:
        """The name that a statement gives to a copy of a place, one that may be changed."""
        if _taken(node) is None or not self._applies(node):
            return None
        name: str = node.targets[0].id
        is_own = is_temporary(self._unit, name) and self._occurrences.assigned[name] == 1
        return name if is_own else None

    def _window(self, name: str, following: list[gast.AST]) -> list[gast.AST] | None:
        """The statements up to the last one that reads a name; None where others read it."""
        missing = self._occurrences.read[name]
        for position, node in enumerate(following):
            if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr)):
                return None
            missing -= sum(tree.is_name(inner, name) for inner in tree.walk(node))
            if not missing:
                return following[: position + 1]
        return None

    def _borrowed(self, name: str, taking: gast.AST, window: list[gast.AST]) -> list[gast.AST] | None:
        """The statements with a view for the copy, and what writes into its array at the end."""
        place = _taken(taking)
        own = self._behind(tree.names_read(place))
        late = [node for node in window if self._effects.disturbs(self._effects.of(node), own)]
        early = [node for node in window if all(node is not other for other in late)]
        users = [node for node in window if name in tree.names_read(node)]
        if not all(map(self._makes_its_own, users)):
            return None
        if any(stored_through(node) == name for node in users):
            # What is added to the copy must not get into the array.
            return None
        if late and not self._may_be_last(name, late, window):
            return None
        last = joined(late, self._kind_of, self._effects)
        if any(self._reads_late(name, node, number) for number, node in enumerate(last)):
            return None
        users = [node for node in (*early, *last) if name in tree.names_read(node)]
        ordered = [*early, *last]
        if len(users) == 1 and self._occurrences.read[name] == 1:
            return [self._reading(name, place, node) if node is users[0] else node for node in ordered]
        self._views[name] = own
        return [tree.like(tree.assign(name, place), taking), *ordered]

    def _behind(self, names: Iterable[str]) -> frozenset[str]:
        """Some names, and those of the arrays that seeds among them are views of."""
        read = frozenset(names)
        return read.union(*(self._views[name] for name in read & self._views.keys()))

    def _reading(self, name: str, place: gast.AST, node: gast.AST) -> gast.AST:
        """A statement that reads a place itself where it read the seed."""
        return in_place(tree.like(tree.substitute(node, {name: place_of(place)}), node), self._kind_of)

    def _makes_its_own(self, node: gast.AST) -> bool:
        """Whether a statement that reads a view keeps nothing of it but numbers."""
        if isinstance(node, gast.AugAssign):
            return True
        if not isinstance(node, gast.Assign):
            return False
        target = node.targets[0]
        is_copied = isinstance(target, gast.Subscript) and self._effects.holds_numbers(target.value)
        return is_copied or self._is_fresh(node.value)

    def _is_fresh(self, node: gast.AST) -> bool:
        if isinstance(node, gast.Call):
            return self._effects.call(node).shares == "none"
        return isinstance(node, (gast.BinOp, gast.UnaryOp))

    def _reads_late(self, name: str, node: gast.AST, number: int) -> bool:
        """Whether a statement that writes into the array would read of the seed what has changed already."""
        return name in tree.names_read(node) and (number > 0 or not self._is_fresh(node.value))

    def _may_be_last(self, name: str, late: list[gast.AST], window: list[gast.AST]) -> bool:
        """Whether some statements of a window may as well come after all others of it."""
        origin = tree.origin_of(late[0])
        effects = self._effects
        for position, node in enumerate(window):
            if all(node is not other for other in late):
                continue
            change = effects.of(node)
            if isinstance(node, gast.Assign) and not isinstance(node.targets[0], gast.Subscript):
                return False
            for other in window[position + 1 :]:
                if any(other is item for item in late):
                    continue
                if tree.origin_of(other) not in (origin, None) or isinstance(other, gast.Expr):
                    return False
                passed = effects.of(other)
                if passed.anything or effects.disturbs(change, self._behind(passed.reads - {name})):
                    return False
                if effects.disturbs(passed, self._behind(change.reads | change.objects)):
                    return False
        return True
