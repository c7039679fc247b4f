"""`try` in forward mode: tangents stand behind what may fail, since what they raise is not to be caught.

    try:                                  try:
        y = sin(v)                            y = sin(v)
        v[0] = 1.0 / x                        v_before = v.copy()
    except ZeroDivisionError:                 v[0] = 1.0 / x
        ...                               except ZeroDivisionError:
                                              ...
                                          else:
                                              y_dot = cos(v_before) * v_dot
                                              v_dot[0] = -x_dot / x ** 2

A tangent that reads what is written into before it has its turn reads a copy.
"""

from __future__ import annotations

import gast

from tangent_sct import runtime
from tangent_sct.core import tree
from tangent_sct.core.attempts import is_settled
from tangent_sct.core.errors import half_tried
from tangent_sct.derive.context import Context
from tangent_sct.derive.layout import written_name


def settled(block: list[gast.AST], context: Context) -> list[gast.AST]:
    """One block of a `try` with its tangents after what may fail.

    Args:
        block: the statements, each followed by its tangents.
        context: the program.

    Raises:
        UnsupportedError: where tangents cannot be parted from the `try`.
    """
    end = next((i for i, node in enumerate(block) if is_settled(node)), -1)
    tried, following = block[: end + 1], block[end + 1 :]
    parted = [_parted(node) for node in _Keeping(context).block(tried, set())]
    primal = [node for node, _ in parted if node is not None]
    read = set(tree.names_read(primal))
    for _, node in parted:
        if node is not None and not read.isdisjoint(tree.names_written([node])):
            # It gives the value with the tangent, and would come too late.
            raise half_tried(
                "a function that calls itself is called in a `try`, and is differentiated in forward mode",
                tree.origin_of(node),
                "use reverse mode (grad, vjp), or call it before the `try`",
            )
    return [*primal, *(node for _, node in parted if node is not None), *following]


class _Keeping:
    """Copies of what tangents read and statements after them write into; statements are met backwards."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def block(self, statements: list[gast.AST], written: set[str]) -> list[gast.AST]:
        """A block in which tangents read what nothing writes into after them.

        Args:
            statements: the block.
            written: names of what is written into after it; what it writes into itself is added.
        """
        output: list[gast.AST] = []
        copies: dict[str, gast.AST] = {}
        for node in reversed(statements):
            if tree.sweep_of(node) == "tangent":
                output.append(self.tangent(node, written, copies))
                continue
            inside: set[str] = set()
            new = self.compound(node, written, inside)
            # A copy is made where what it copies has got its value, and before that changes.
            made = inside.union(tree.names_written(node))
            output += [copies.pop(name) for name in list(copies) if name in made]
            output.append(new)
            written |= inside
        output += copies.values()
        return output[::-1]

    def compound(self, node: gast.AST, written: set[str], inside: set[str]) -> gast.AST:
        """A statement of the program, with its blocks rewritten."""
        inside |= self.changed(node)
        blocks = tree.inner_blocks(node)
        if not any(blocks):
            return node
        if isinstance(node, (gast.For, gast.While)):
            # What is written in an iteration is read in the next one; loops are not parted, if they have tangents.
            return node
        new = tree.shallow(node)
        after = set(written)
        for field in ("body", "orelse"):
            if getattr(node, field, None):
                one = set(after)
                setattr(new, field, self.block(getattr(node, field), one))
                inside |= one - after
        return new

    def changed(self, node: gast.AST) -> set[str]:
        """Names of what a statement writes into."""
        found: set[str] = set()
        for inner in tree.every_statement([node]):
            if tree.sweep_of(inner) == "tangent":
                continue
            found |= self.context.changed(inner)
            if isinstance(inner, gast.Assign) and isinstance(inner.targets[0], gast.Name):
                continue
            targets = inner.targets if isinstance(inner, gast.Assign) else [getattr(inner, "target", None)]
            for target in targets if not isinstance(inner, gast.For) else ():
                base = None if target is None else written_name(target)
                found |= set() if base is None else self.context.share(base)
        return found

    def tangent(self, node: gast.AST, written: set[str], copies: dict[str, gast.AST]) -> gast.AST:
        """A tangent that reads copies of what is written into after it."""
        # A number is not written into, though it may have been taken for what is.
        names = {name for name in _values_read(node) & written if not self.context.kind(name).is_scalar}
        if not names:
            return node
        values = {name: tree.load(self.copy(name, node, copies)) for name in sorted(names)}
        return tree.like(tree.substitute(node, values), node)

    def copy(self, name: str, node: gast.AST, copies: dict[str, gast.AST]) -> str:
        """The name of a copy."""
        if name not in copies:
            kind = self.context.kind(name)
            if not kind.is_array and kind.family != "unknown":
                raise half_tried(
                    "a `try` writes into what was read in it before, and is differentiated in forward mode",
                    tree.origin_of(node),
                    "use reverse mode (grad, vjp), or make a new array",
                )
            made = self.context.version(f"{self.context.bases.get(name) or name}_before")
            value: gast.AST = gast.Call(tree.attribute(tree.load(name), "copy"), [], [])
            if not kind.is_array:
                value = self.context.helper(runtime.copied, tree.load(name))
            copies[name] = tree.mark(tree.assign(made, value), tree.origin_of(node))
        found: str = copies[name].targets[0].id
        return found


def _values_read(node: gast.AST) -> set[str]:
    """Names whose values a statement reads, and not only their shapes or what memory they share."""
    if isinstance(node, gast.Call):
        function = tree.text(node.func).rpartition(".")[2]
        if function in (runtime.zeros_like.__name__, runtime.check_alike.__name__):
            return set()
    if isinstance(node, gast.Attribute) and node.attr in ("shape", "dtype"):
        return set()
    if isinstance(node, gast.Name):
        return {node.id} if isinstance(node.ctx, gast.Load) else set()
    return set().union(*map(_values_read, tree.children(node)))


def _parted(node: gast.AST) -> tuple[gast.AST | None, gast.AST | None]:
    """The statements of a program in a compound statement, and their tangents, each in such a statement."""
    if tree.sweep_of(node) == "tangent":
        return None, node
    if not any(tree.sweep_of(inner) == "tangent" for inner in tree.every_statement([node])):
        return node, None
    if isinstance(node, gast.With):
        parts = [_parted(inner) for inner in node.body]
        blocks = [[part[i] for part in parts if part[i] is not None] or [gast.Pass()] for i in (0, 1)]
        items = [tree.copy(item) for item in node.items]
        again = tree.mark(gast.With(items, blocks[1], None), tree.origin_of(node), "tangent")
        return tree.like(gast.With(node.items, blocks[0], None), node), again
    if not isinstance(node, gast.If):
        raise half_tried(
            "a loop in a `try` is differentiated in forward mode, and what its tangents raise would be caught",
            tree.origin_of(node),
            "use reverse mode (grad, vjp), or put the `try` into the loop",
        )
    pairs = [[_parted(inner) for inner in block] for block in (node.body, node.orelse)]
    primal, tangents = (
        [[pair[part] for pair in block if pair[part] is not None] for block in pairs] for part in (0, 1)
    )
    return (
        tree.like(tree.if_(node.test, primal[0] or [gast.Pass()], primal[1]), node),
        tree.like(tree.if_(tree.copy(node.test), tangents[0] or [gast.Pass()], tangents[1]), node),
    )
