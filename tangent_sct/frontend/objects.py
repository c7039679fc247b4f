"""Objects whose attributes are known: attributes are items of containers, methods functions of their class.

While a program is read, `functions.Functions` knows which names hold instances of which class. Later passes know
nothing of objects but that some containers have keys of type `Field`.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Field
from tangent_sct.core.origins import Source
from tangent_sct.frontend.functions import Functions, Instance, Value
from tangent_sct.frontend.namespace import Namespace, meaning
from tangent_sct.runtime import old_item
from tangent_sct.runtime.boxes import WRITERS


class Objects:
    """Rewrites what a program does with objects.

    Args:
        functions: what names mean at the place that has been reached.
        namespace: the free names of the program.

    Attributes:
        followed: attributes that hold functions or objects, of whatever object.
    """

    def __init__(self, functions: Functions, namespace: Namespace) -> None:
        self.followed: set[str] = set()
        self._functions = functions
        self._namespace = namespace
        self._receiver = ""
        self._own_class: type | None = None

    def enter(self, source: Source | None, receiver: str) -> None:
        """A function is read, whose first parameter is what `super()` is about."""
        self._receiver = receiver
        self._own_class = None
        if source is not None and "__class__" in source.cells:
            self._own_class = source.cells["__class__"].cell_contents

    def with_fields(self, node: gast.AST) -> gast.AST:
        """A statement in which attributes of known objects are items of containers."""

        def change(item: gast.AST) -> gast.AST | None:
            if not isinstance(item, gast.Attribute):
                return None
            owner = self._functions.of(item.value)
            if not isinstance(owner, Instance):
                return None
            if item.attr == "__dict__":
                raise UnsupportedError(
                    "the attributes of an object are read as a dict", tree.origin_of(node), "name the attributes"
                )
            if item.attr not in owner.names:
                return self.of_class(item, owner.cls)
            if hasattr(inspect.getattr_static(owner.cls, item.attr, None), "__set__"):
                return None
            plain: tuple[Any, ...] = (object.__setattr__, types.SimpleNamespace.__setattr__)
            if isinstance(item.ctx, gast.Store) and owner.cls.__setattr__ not in plain:
                return None
            return gast.Subscript(item.value, tree.const(Field(item.attr)), item.ctx)

        return tree.like(tree.replaced(node, change), node)

    def of_class(self, node: gast.Attribute, cls: type) -> gast.AST | None:
        """An attribute that all objects of a class have in common, None where it is a function or computed."""
        found = inspect.getattr_static(cls, node.attr, None)
        if found is None or hasattr(type(found), "__get__") or not isinstance(node.ctx, gast.Load):
            return None
        return tree.attribute(tree.load(self._namespace.name_for(cls.__name__, cls)), node.attr)

    def with_field_keys(self, call: gast.Call) -> gast.Call:
        """What derivatives call to change a shadow: the name of an attribute is the key of an item."""
        if meaning(call.func, self._namespace.objects) not in (*WRITERS, old_item) or not call.args:
            return call
        if not isinstance(self._functions.of(call.args[0]), Instance):
            return call
        keys = [
            tree.const(Field(a.value)) if isinstance(a, gast.Constant) and isinstance(a.value, str) else a
            for a in call.args[1:2]
        ]
        return gast.Call(call.func, [call.args[0], *keys, *call.args[2:]], call.keywords)

    def refuse_lost(self, node: gast.AST, is_active: Callable[[gast.AST], bool]) -> None:
        """Refuse to assign an active value to an attribute of an object that is not followed.

        What is known of an attribute that holds a function or an object is known of all objects at all times.
        """
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        key = getattr(target, "attr", None) or getattr(getattr(target, "slice", None), "value", None)
        if key in self.followed and isinstance(target, (gast.Attribute, gast.Subscript)):
            raise UnsupportedError(
                f"the attribute `{key}` holds a function or an object, and is assigned another one",
                tree.origin_of(node),
                "make the choice with `if` where it is called",
            )
        if isinstance(target, gast.Attribute):
            # Where the object is followed, the attribute has become an item.
            if is_active(node.value) or isinstance(self._functions.of(target.value), Instance):
                raise UnsupportedError(
                    "an attribute of an object is assigned a value to be differentiated",
                    tree.origin_of(node),
                    "return the value, or keep it in a local variable; an object that is differentiated may have its "
                    "attributes assigned",
                )

    def computed(self, value: gast.AST) -> gast.AST:
        """A property of a known object as the call that computes it; every other expression as it is."""
        if isinstance(value, gast.Attribute):
            owner = self._functions.of(value.value)
            if isinstance(owner, Instance):
                found = inspect.getattr_static(owner.cls, value.attr, None)
                if isinstance(found, property) and isinstance(found.fget, types.FunctionType):
                    name = self._namespace.name_for(value.attr, found.fget)
                    return gast.Call(tree.load(name), [value.value], [])
        return value

    def method(self, call: gast.Call, owner: Value | None = None) -> gast.Call | None:
        """The call of a method of a known object, or of the object itself, as one of a function.

        Args:
            call: the call.
            owner: the object, where the name that is called may mean others.
        """
        function, name = call.func, "__call__"
        if isinstance(function, gast.Attribute):
            function, name = function.value, function.attr
        above = None
        if isinstance(function, gast.Call) and tree.is_name(function.func, "super") and not function.args:
            above, function = self._own_class, tree.load(self._receiver)
        owner = owner or self._functions.of(function)
        if not isinstance(owner, Instance):
            return None
        found = _found_in(owner.cls, name, above)
        first = [function]
        if isinstance(found, classmethod):
            first = [tree.load(self._namespace.name_for(owner.cls.__name__, owner.cls))]
        elif isinstance(found, staticmethod):
            first = []
        found = getattr(found, "__func__", found)
        if not isinstance(found, types.FunctionType):
            return None
        spelled = tree.load(self._namespace.name_for(found.__name__.strip("_"), found))
        return gast.Call(spelled, [*first, *call.args], call.keywords)


def _found_in(cls: type, name: str, above: type | None) -> Any:
    """What a class has under a name; with `above`, what the classes behind that one have."""
    if above is None or above not in cls.__mro__:
        return inspect.getattr_static(cls, name, None)
    behind = cls.__mro__[cls.__mro__.index(above) + 1 :]
    return next((vars(base)[name] for base in behind if name in vars(base)), None)


def assigns_field(node: gast.AST) -> bool:
    """Whether a statement assigns an attribute of a known object."""
    target = node.targets[0] if isinstance(node, gast.Assign) else None
    return isinstance(target, gast.Subscript) and isinstance(getattr(target.slice, "value", None), Field)
