"""Loops over arrays that are written in place, as loops over positions.

A loop over an array takes each row, or element, when it comes to it, and so does `v = a[i]`; which the reverse sweep
can do again, as all that is read of an array that is written.

>>> from tangent_sct.core.kind import array
>>> names = Names({"a", "v", "y"})
>>> body = tree.statements('''
... for v in a:
...     a[0] = v * 2.0
... ''')
>>> namespace = Namespace(names)
>>> new = with_positions(body, {"a"}.__contains__, lambda node: array(("n0",)), namespace, names, {"v": "v"})
>>> print(tree.text(new))
for i in range(len(a)):
    v = a[i]
    a[0] = v * 2.0
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import Namespace


def with_positions(
    body: list[gast.AST],
    changing: Callable[[str], bool],
    kind_of: Callable[[gast.AST], Kind],
    namespace: Namespace,
    names: Names,
    bases: dict[str, str],
) -> list[gast.AST]:
    """The statements with loops over positions of arrays that change; the very same list where there are none.

    Args:
        body: a program in single assignment.
        changing: whether what a name holds is written in place.
        kind_of: kinds of expressions.
        namespace: the free names of the program.
        names: gives out names.
        bases: the base of every name, which gets those of the positions.
    """

    def is_meant(node: gast.AST) -> bool:
        if type(node) is not gast.For or type(node.iter) is not gast.Name or type(node.target) is not gast.Name:
            return False
        array = node.iter.id
        return changing(array) and kind_of(node.iter).is_array and array not in tree.names_written(node.body)

    if not any(map(is_meant, tree.every_statement(body))):
        return body

    def change(node: gast.AST) -> gast.AST | None:
        if not is_meant(node):
            return None
        position = names.fresh("i")
        bases[position] = ""
        taken = tree.assign(node.target.id, tree.subscript(tree.copy(node.iter), tree.load(position)))
        count = tree.call(namespace.name_for("len", len), tree.copy(node.iter))
        positions = tree.call(namespace.name_for("range", range), count)
        new = tree.for_(tree.store(position), positions, [tree.like(taken, node), *node.body])
        return tree.like(new, node)

    return [tree.replaced(node, change) for node in body]
