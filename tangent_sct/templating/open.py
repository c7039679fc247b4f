"""Loops of a template over a list whose elements are known only when the program runs.

Over known elements a template's loop is unrolled; over others it becomes a comprehension.
"""

from __future__ import annotations

from dataclasses import dataclass

import gast

from tangent_sct.core import tree


@dataclass(frozen=True)
class OpenLoop:
    """One such loop.

    Attributes:
        over: name of the list.
        place: name for the position of an element.
        item: name for an element.
    """

    over: str
    place: str
    item: str

    def element(self) -> gast.AST:
        """Any element of the list, by its position."""
        return tree.subscript(tree.load(self.over), tree.load(self.place))

    def collected(self, value: gast.AST) -> gast.AST:
        """The list of the values for all elements.

        >>> loop = OpenLoop("c", "i", "a")
        >>> for value in ("2 * a", "s[i] * a", "s[i + 1]", "s[i][i]", "s[i]"):
        ...     print(tree.text(loop.collected(tree.expression(value))))
        [2 * a for a in c]
        [s[i] * a for i, a in enumerate(c)]
        [s[i + 1] for i in range(len(c))]
        [s[i][i] for i in range(len(c))]
        s
        """
        read = tree.names_read(value)
        if isinstance(value, gast.Subscript) and tree.is_name(value.slice, self.place):
            if not {self.place, self.item} & set(tree.names_read(value.value)):
                # What has the items `s[0], s[1], ...` is `s`.
                rows: gast.AST = value.value
                return rows
        # The value may read a variable `_` of the program.
        target: gast.AST = tree.store(self.item if self.item in read or "_" in read else "_")
        source: gast.AST = tree.load(self.over)
        if self.place in read and self.item in read:
            target = gast.Tuple([tree.store(self.place), target], gast.Store())
            source = tree.call("enumerate", source)
        elif self.place in read:
            target = tree.store(self.place)
            source = tree.call("range", tree.call("len", source))
        return gast.ListComp(value, [gast.comprehension(target, source, [], 0)])
