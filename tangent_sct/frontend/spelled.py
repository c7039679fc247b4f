"""Attributes by names that are known beforehand: `getattr(q, "w")` as `q.w`, and loops over such names written out.

>>> node = tree.statements('''
... def scale(self, a):
...     for name in ("w", "b"):
...         setattr(self, name, a * getattr(self, name))
... ''')[0]
>>> print(tree.text(with_names_spelled(node, lambda name: vars(builtins).get(name))))
def scale(self, a):
    self.w = a * self.w
    self.b = a * self.b
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.frontend.bound import bound_names

_MOST = 64
"""How often a loop is written out at most."""

_ASKING = (getattr, setattr, hasattr, delattr)
_VIEWS = ("items", "keys", "values")


def with_names_spelled(
    node: gast.FunctionDef, meaning: Callable[[str], Any], keys: Mapping[str, Sequence[Any]] | None = None
) -> gast.FunctionDef:
    """The function with attributes named where their names are literals, or run through literals.

    Args:
        node: the function.
        meaning: what a free name of it means.
        keys: the keys of its `**kwargs`, and the positions of its `*args`, where they are known.

    Returns:
        The very same function where it asks for no attribute by name.
    """
    if not any(isinstance(item, gast.Attribute) and item.attr == "__dict__" for item in tree.walk(node)):
        if not any(tree.is_name(item, "getattr", "setattr", "vars", "globals") for item in tree.walk(node)):
            return node
    bound = set(bound_names(node))
    worker = _Spelling(lambda name: None if name in bound else meaning(name), keys or {}, node, bound)
    node = tree.like(tree.replaced(node, worker.attributes), node)
    body = [tree.rewrite(s, worker.expression) for s in worker.block(node.body)]
    body = [s for statement in body for s in worker.settled(statement)]
    return tree.like(tree.function(node.name, node.args, body, node.returns), node)


class _Spelling:
    def __init__(
        self, meaning: Callable[[str], Any], keys: Mapping[str, Sequence[Any]], function: gast.FunctionDef,
        bound: Container[str],
    ) -> None:  # fmt: skip
        self._meaning = meaning
        self._keys = keys
        self._function = function
        self._bound = bound

    def attributes(self, node: gast.AST) -> gast.AST | None:
        """`q.__dict__` for `vars(q)`, and a variable for `globals()["n"]`; None for other nodes."""
        if isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Load) and isinstance(node.value, gast.Call):
            name, call = getattr(node.slice, "value", None), node.value
            is_own = tree.is_name(call.func, "globals") and self._meaning("globals") is globals and not call.args
            is_free = isinstance(name, str) and name.isidentifier() and name not in self._bound
            return tree.load(str(name)) if is_own and is_free else None
        if not isinstance(node, gast.Call) or not tree.is_name(node.func, "vars") or node.keywords:
            return None
        if len(node.args) != 1 or self._meaning("vars") is not vars:
            return None
        return tree.attribute(node.args[0], "__dict__")

    # -- what is run through ------------------------------------------------------------------

    def items(self, node: gast.AST) -> list[gast.AST] | None:
        """What a loop over an expression gives, as literals and tuples of such; None where that is not known."""
        found = self._items(node)
        return found if found is not None and len(found) <= _MOST else None

    def _items(self, node: gast.AST) -> list[gast.AST] | None:
        if isinstance(node, (gast.Tuple, gast.List)):
            return list(node.elts) if all(map(_is_literal, node.elts)) else None
        if isinstance(node, gast.Name):
            if node.id in self._keys:
                keys = list(self._keys[node.id])
                return list(map(tree.const, keys)) if keys and isinstance(keys[0], str) else None
            return _literals(self._meaning(node.id))
        if not isinstance(node, gast.Call) or node.keywords:
            return None
        function = node.func
        if isinstance(function, gast.Attribute):
            return self._view(function) if not node.args else None
        if not isinstance(function, gast.Name) or not self._is_builtin(function.id):
            return None
        if function.id == "range" and all(map(_is_literal, node.args)):
            return list(map(tree.const, range(*(_value(arg) for arg in node.args))))
        parts = [self.items(argument) for argument in node.args]
        if not parts or any(part is None for part in parts):
            return None
        if function.id == "enumerate" and len(parts) == 1:
            return [tree.tuple_of([tree.const(i), item]) for i, item in enumerate(parts[0] or ())]
        if function.id == "zip":
            return [tree.tuple_of(items) for items in zip(*(part or () for part in parts), strict=False)]
        return None

    def _is_builtin(self, name: str) -> bool:
        return name in vars(builtins) and self._meaning(name) is vars(builtins)[name]

    def _view(self, function: gast.Attribute) -> list[gast.AST] | None:
        """The items of `**kwargs` whose keys are known."""
        owner = function.value
        if not isinstance(owner, gast.Name) or owner.id not in self._keys or function.attr not in _VIEWS:
            return None
        keys = list(map(tree.const, self._keys[owner.id]))
        values = [tree.subscript(tree.load(owner.id), tree.copy(key)) for key in keys]
        if function.attr == "items":
            return [tree.tuple_of(pair) for pair in zip(keys, values, strict=True)]
        return keys if function.attr == "keys" else list(values)

    def asks(self, nodes: list[gast.AST], names: set[str]) -> bool:
        """Whether attributes are asked for in some nodes by what is made of some names."""
        for item in (inner for node in nodes for inner in tree.walk(node)):
            if isinstance(item, gast.Call) and len(item.args) > 1 and isinstance(item.func, gast.Name):
                asks = is_one_of(self._meaning(item.func.id), _ASKING)
                if asks and not names.isdisjoint(tree.names_read(item.args[1])):
                    return True
            if isinstance(item, gast.Subscript) and isinstance(item.value, gast.Attribute):
                if item.value.attr == "__dict__" and not names.isdisjoint(tree.names_read(item.slice)):
                    return True
        return False

    # -- statements ---------------------------------------------------------------------------

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """Statements of which loops over names are written out."""
        output: list[gast.AST] = []
        for node in body:
            copies = self._copies(node) if isinstance(node, gast.For) else None
            if copies is not None:
                output += self.block(copies)
            elif any(True for _ in tree.blocks(node)) and not isinstance(node, gast.ClassDef):
                node = tree.copy(node)
                for part in ("body", "orelse", "finalbody"):
                    if isinstance(getattr(node, part, None), list):
                        setattr(node, part, self.block(getattr(node, part)))
                output.append(node)
            else:
                output.append(node)
        return output

    def _copies(self, loop: gast.For) -> list[gast.AST] | None:
        """The statements of a loop for each name in turn, None where it is none over names."""
        targets = set(tree.names_written(loop.target))
        if loop.orelse or not self.asks(loop.body, targets) or _leaves(loop.body):
            return None
        items = self.items(loop.iter)
        if not items or not targets.isdisjoint(tree.names_written(loop.body)):
            return None
        given = [_bound(loop.target, item) for item in items]
        if any(values is None for values in given):
            return None
        copies = [tree.substitute(s, values or {}) for values in given for s in loop.body]
        if _reads_elsewhere(self._function, loop, targets):
            copies += [tree.like(tree.assign(name, value), loop) for name, value in (given[-1] or {}).items()]
        return copies

    def settled(self, node: gast.AST) -> Iterator[gast.AST]:
        """A statement in which `setattr` and changes of `__dict__` are assignments."""
        for part in ("body", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if isinstance(block, list):
                setattr(node, part, [new for old in block for new in self.settled(old)])
        for handler in getattr(node, "handlers", []):
            handler.body = [new for old in handler.body for new in self.settled(old)]
        call = node.value if isinstance(node, gast.Expr) and isinstance(node.value, gast.Call) else None
        if call is None:
            yield node
        elif isinstance(call.func, gast.Name) and self._meaning(call.func.id) is setattr and _names(call, 3):
            yield self._set(node, call.args[0], call.args[1].value, call.args[2])
        elif (pairs := self._updated(call)) is not None:
            for key, value in pairs:
                yield self._set(node, call.func.value.value, key, value)
        else:
            yield node

    def _set(self, node: gast.AST, owner: gast.AST, name: str, value: gast.AST) -> gast.AST:
        target = gast.Attribute(tree.copy(owner), name, gast.Store())
        return tree.like(tree.assign(target, value), node)

    def _updated(self, call: gast.Call) -> list[tuple[str, gast.AST]] | None:
        """What `q.__dict__.update(...)` sets, None for other calls."""
        function = call.func
        if not isinstance(function, gast.Attribute) or function.attr != "update" or len(call.args) > 1:
            return None
        if not isinstance(function.value, gast.Attribute) or function.value.attr != "__dict__":
            return None
        pairs: list[tuple[str, gast.AST]] = []
        for given in call.args:
            keys = self._keys.get(given.id) if isinstance(given, gast.Name) else None
            if not keys or not all(isinstance(key, str) for key in keys):
                return None
            pairs += [(key, tree.subscript(tree.copy(given), tree.const(key))) for key in keys]
        if any(keyword.arg is None for keyword in call.keywords):
            return None
        return [*pairs, *((keyword.arg, keyword.value) for keyword in call.keywords)]

    # -- expressions --------------------------------------------------------------------------

    def expression(self, node: gast.AST) -> gast.AST | None:
        """What stands for an expression whose parts have been rewritten; None where it stays."""
        if isinstance(node, tree.COMPREHENSIONS):
            return self._displayed(node)
        if isinstance(node, gast.JoinedStr):
            return _joined(node)
        if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Add):
            left, right = getattr(node.left, "value", None), getattr(node.right, "value", None)
            return tree.const(left + right) if isinstance(left, str) and isinstance(right, str) else None
        if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Attribute):
            name = getattr(node.slice, "value", None)
            if node.value.attr == "__dict__" and _is_plain_name(name):
                return gast.Attribute(node.value.value, name, node.ctx)
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and _names(node, 2):
            if self._meaning(node.func.id) is getattr:
                return tree.attribute(node.args[0], node.args[1].value)
        return None

    def _displayed(self, node: gast.AST) -> gast.AST | None:
        """A comprehension over names as a display."""
        if len(node.generators) != 1 or isinstance(node, gast.SetComp):
            return None
        (generator,) = node.generators
        targets = set(tree.names_written(generator.target))
        parts = [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]
        if generator.ifs or not self.asks(parts, targets):
            return None
        items = self.items(generator.iter)
        given = [_bound(generator.target, item) for item in items or ()]
        if not given or any(values is None for values in given):
            return None
        written = [[tree.substitute(part, values or {}) for part in parts] for values in given]
        written = [[tree.rewrite(part, self.expression) for part in parts] for parts in written]
        if isinstance(node, gast.DictComp):
            return gast.Dict([key for key, _ in written], [value for _, value in written])
        return tree.list_of([item for (item,) in written])


def _is_literal(node: gast.AST) -> bool:
    if isinstance(node, gast.Tuple):
        return all(map(_is_literal, node.elts))
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        return _is_literal(node.operand)
    return isinstance(node, gast.Constant)


def _value(node: gast.AST) -> Any:
    return -_value(node.operand) if isinstance(node, gast.UnaryOp) else node.value


def _literals(value: Any) -> list[gast.AST] | None:
    """The items of a tuple of texts from outside of the function, which nobody can change."""
    if not isinstance(value, tuple) or not value or not all(isinstance(item, str) for item in value):
        return None
    return list(map(tree.const, value))


def _bound(target: gast.AST, item: gast.AST) -> dict[str, gast.AST] | None:
    """What the names of a loop's target are for one item, None where they do not fit."""
    if isinstance(target, gast.Name):
        return {target.id: item}
    if not isinstance(target, (gast.Tuple, gast.List)) or not isinstance(item, gast.Tuple):
        return None
    if len(target.elts) != len(item.elts) or any(isinstance(part, gast.Starred) for part in target.elts):
        return None
    found: dict[str, gast.AST] = {}
    for part, value in zip(target.elts, item.elts, strict=True):
        inner = _bound(part, value)
        if inner is None:
            return None
        found.update(inner)
    return found


def _leaves(body: list[gast.AST]) -> bool:
    """Whether a loop's body may leave an iteration early."""
    return any(isinstance(item, (gast.Break, gast.Continue)) for s in body for item in tree.walk(s))


def _reads_elsewhere(function: gast.FunctionDef, loop: gast.For, names: set[str]) -> bool:
    """Whether a function reads the variables of a loop outside of it."""
    inside = set(tree.walk(loop))
    others = (item for item in tree.walk(function) if isinstance(item, gast.Name) and item not in inside)
    return any(item.id in names and isinstance(item.ctx, gast.Load) for item in others)


def _is_plain_name(name: Any) -> bool:
    """Whether a text names an attribute; in a class, names of two underscores mean others where they are written."""
    return isinstance(name, str) and name.isidentifier() and not name.startswith("__")


def _names(call: gast.Call, count: int) -> bool:
    """Whether a call has so many arguments, of which the second is the name of an attribute."""
    return len(call.args) == count and not call.keywords and _is_plain_name(getattr(call.args[1], "value", None))


def _joined(node: gast.JoinedStr) -> gast.AST | None:
    """An f-string of literals as one literal."""
    text = ""
    for part in node.values:
        value = part.value if isinstance(part, gast.FormattedValue) else part
        if not isinstance(value, gast.Constant) or not isinstance(value.value, (str, int)):
            return None
        if isinstance(part, gast.FormattedValue) and (part.format_spec is not None or part.conversion != -1):
            return None
        text += str(value.value)
    return tree.const(text)
