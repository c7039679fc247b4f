"""Objects of classes that a function defines: nobody follows their methods, so nothing that varies may get into them.

It might by a call of a method, or of a function that is handed an object or a method of one, by a store into an
attribute, by an operator or a comparison that the class answers, and by a function inside that does such a thing.
Objects that only compute with what is theirs, a counter, a table, are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.active import pairs_up, root_name

_HOLDING = (
    gast.Tuple, gast.List, gast.Set, gast.Dict, gast.IfExp, gast.BoolOp, gast.Starred, gast.NamedExpr, gast.Subscript,
    gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp,
)  # fmt: skip
"""Expressions whose value may be, or hold, what is in them."""


def takes_active(
    function: gast.FunctionDef,
    cls: gast.ClassDef,
    is_active: Callable[[gast.AST], bool],
    only_computes: Callable[[gast.AST], bool],
) -> bool:
    """Whether an object of a class may be given something that carries a derivative.

    Args:
        function: the function that defines the class.
        cls: the class.
        is_active: whether an expression may carry a derivative.
        only_computes: whether what is called is a function of a library.

    >>> (node,) = tree.statements('''
    ... def f(x):
    ...     class Log: ...
    ...     logs = [Log()]
    ...     log = logs[0]
    ...     return x if x == log else 2 * x
    ... ''')
    >>> takes_active(node, node.body[0], lambda part: "x" in tree.names_read(part), lambda function: False)
    True
    """
    objects = _objects(function.body, cls)
    parts = _parts(function.body, objects)

    def is_object(node: gast.AST) -> bool:
        if isinstance(node, gast.Call):
            return is_object(node.func)
        return isinstance(node, (gast.Name, gast.Subscript, gast.Starred)) and root_name(node) in objects

    def is_part(node: gast.AST) -> bool:
        if isinstance(node, gast.Attribute) and isinstance(node.value, gast.Call):
            return is_object(node.value)
        return root_name(node) in parts or (isinstance(node, gast.Attribute) and root_name(node) in objects)

    def varies(node: gast.AST) -> bool:
        return not is_object(node) and not is_part(node) and is_active(node)

    def meet(operands: list[gast.AST]) -> bool:
        return any(map(is_object, operands)) and any(map(varies, operands))

    def gives(node: gast.AST) -> bool:
        if isinstance(node, gast.Compare):
            return meet([node.left, *node.comparators])
        if isinstance(node, gast.BinOp):
            return meet([node.left, node.right])
        if isinstance(node, (gast.Assign, gast.AugAssign)):
            targets = node.targets if isinstance(node, gast.Assign) else [node.target]
            places = [target for target in targets if isinstance(target, (gast.Attribute, gast.Subscript))]
            owners = [*places, *(target for target in targets if isinstance(node, gast.AugAssign))]
            return any(is_object(o) or is_part(o) for o in owners) and varies(node.value)
        if isinstance(node, gast.Subscript):
            return is_object(node.value) and varies(node.slice)
        if isinstance(node, gast.Call):
            handed = [*node.args, *(keyword.value for keyword in node.keywords)]
            owners = [node.func, *(part for part in handed if is_object(part) or not only_computes(node.func))]
            return any(is_object(o) or is_part(o) for o in owners) and any(map(varies, handed))
        if isinstance(node, (gast.Lambda, gast.FunctionDef)):
            calls = [part for part in tree.walk(node) if isinstance(part, gast.Call)]
            asking = [call for call in calls if any(is_object(p) or is_part(p) for p in (call.func, *call.args))]
            # What it is given may vary.
            own = {parameter.id for parameter in tree.every_parameter(node.args)}
            given = {name for call in asking for part in call.args for name in tree.names_read(part)}
            return bool(own & given) or (bool(asking) and any(map(varies, map(tree.load, tree.names_read(node)))))
        return False

    return any(gives(part) for statement in function.body for part in tree.walk(statement))


def _objects(body: list[gast.AST], cls: gast.ClassDef) -> set[str]:
    """The class, those derived from it, and the variables that may mean or hold an object of one of them."""
    found, classes = {cls.name}, {cls.name}
    gives_itself = _gives_itself(cls)

    def gives(value: gast.AST | None) -> bool:
        if isinstance(value, gast.Name):
            return value.id in found
        if isinstance(value, gast.Call):
            root = root_name(value.func)
            if root in classes or (root in found and (gives_itself or isinstance(value.func, gast.Name))):
                return True
            # A function may return what it is given.
            handed = [*value.args, *(keyword.value for keyword in value.keywords)]
            return gives(value.func) or any(map(gives, handed))
        return isinstance(value, _HOLDING) and any(map(gives, tree.children(value)))

    before = -1
    while before != len(found):
        before = len(found)
        for node in (part for statement in body for part in tree.walk(statement)):
            if isinstance(node, gast.ClassDef) and any(map(gives, node.bases)):
                classes.add(node.name)
                found.add(node.name)
            elif isinstance(node, gast.Assign):
                for target, value in _bound(node):
                    if gives(value):
                        found.update([*tree.names_written([target]), *filter(None, [root_name(target)])])
            elif isinstance(node, (gast.AnnAssign, gast.NamedExpr, gast.AugAssign)) and gives(node.value):
                found.update(filter(None, [root_name(node.target)]))
            elif isinstance(node, (gast.For, gast.comprehension)) and gives(node.iter):
                found.update(tree.names_written(node.target))
            elif isinstance(node, gast.withitem) and node.optional_vars is not None and gives(node.context_expr):
                found.update(tree.names_written(node.optional_vars))
            elif isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
                if any(map(gives, node.args)) and (root := root_name(node.func)) is not None:
                    found.add(root)
    return found


def _bound(node: gast.Assign) -> Iterator[tuple[gast.AST, gast.AST]]:
    """Targets of an assignment, each with what it gets, item by item where both are written out."""
    for target in node.targets:
        if isinstance(target, (gast.Tuple, gast.List)) and pairs_up(target, node.value):
            yield from zip(target.elts, node.value.elts, strict=True)
        else:
            yield target, node.value


def _parts(body: list[gast.AST], objects: set[str]) -> set[str]:
    """The variables that may mean what objects hold, or what their methods give."""
    found: set[str] = set()

    def gives(value: gast.AST) -> bool:
        if isinstance(value, gast.Call):
            return gives(value.func)
        return root_name(value) in found or (isinstance(value, gast.Attribute) and root_name(value) in objects)

    before = -1
    while before != len(found):
        before = len(found)
        for node in (part for statement in body for part in tree.walk(statement)):
            if isinstance(node, gast.Assign) and gives(node.value):
                found.update(tree.names_written(node.targets))
            elif isinstance(node, (gast.For, gast.comprehension)) and gives(node.iter):
                found.update(tree.names_written(node.target))
    return found - objects


def _gives_itself(cls: gast.ClassDef) -> bool:
    """Whether a method of a class may give its object, or another one of its class, as a whole."""
    for method in (part for part in tree.walk(cls) if isinstance(part, gast.FunctionDef)):
        own = {cls.name, *tree.parameter_names(method)[:1]}
        for part in tree.walk(method):
            if isinstance(part, (gast.Return, gast.Yield)) and part.value is not None:
                whole = [item for item in tree.walk(part.value) if isinstance(item, gast.Name) and item.id in own]
                taken = [item.value for item in tree.walk(part.value) if isinstance(item, gast.Attribute)]
                if any(all(item is not other for other in taken) for item in whole):
                    return True
    return False
