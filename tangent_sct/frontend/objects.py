"""Objects whose attributes are known: attributes are items of containers, methods functions of their class.

While a program is read, `functions.Functions` knows which names hold instances of which class. Later passes know
nothing of objects but that some containers have keys of type `Field`.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import CLASS, Field
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.above import above
from tangent_sct.frontend.active import INACTIVE_ATTRIBUTES, INACTIVE_METHODS, KNOWN_METHODS
from tangent_sct.frontend.closures import Closure
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.made import (
    Made,
    Whole,
    is_apart,
    is_generated_init,
    refuse_class,
    stands_for,
    told_by_bases,
    written_init,
)
from tangent_sct.frontend.managers import (
    generator_behind,
    manages,
    manner_of,
    plain_name,
)
from tangent_sct.frontend.meanings import (
    NOTHING,
    Choice,
    Inner,
    Instance,
    Method,
    Outer,
    Partial,
    Value,
    surely,
)
from tangent_sct.frontend.namespace import MISSING, Namespace, is_library, meaning
from tangent_sct.frontend.source import source_of_generator, tree_of
from tangent_sct.frontend.yields import Called, made_of
from tangent_sct.runtime import (
    check_left_number,
    check_operand,
    check_python_number,
    made,
    old_item,
)
from tangent_sct.runtime.boxes import WRITERS
from tangent_sct.runtime.objects import is_named

_BINARY: dict[type[gast.AST], str] = {
    gast.Add: "add", gast.Sub: "sub", gast.Mult: "mul", gast.Div: "truediv", gast.FloorDiv: "floordiv",
    gast.Mod: "mod", gast.Pow: "pow", gast.MatMult: "matmul", gast.LShift: "lshift", gast.RShift: "rshift",
    gast.BitOr: "or", gast.BitXor: "xor", gast.BitAnd: "and",
}  # fmt: skip
_UNARY: dict[type[gast.AST], str] = {gast.USub: "__neg__", gast.UAdd: "__pos__", gast.Invert: "__invert__"}
_OPERATORS = {name: operation for operation, name in _BINARY.items()}
_NEVER_NONE = (Made, Outer, Inner, Partial, Closure, Method)
"""What is known of a name that surely means an object or a function."""

_IN_PLACE = {getattr(operator, f"i{name}"): name for name in _BINARY.values() if hasattr(operator, f"i{name}")}
SIMPLE_CLASSES: tuple[type, ...] = (
    bool, int, float, complex, str, np.ndarray,
    *(np.dtype(code).type for code in np.typecodes["All"]),
)  # fmt: skip
"""The classes of numbers, arrays of numbers and texts."""
_BUILTIN: dict[Any, str] = {
    abs: "__abs__", len: "__len__", float: "__float__", round: "__round__",
    math.floor: "__floor__", math.ceil: "__ceil__", math.trunc: "__trunc__",
}  # fmt: skip
_OF_TWO: dict[Any, str] = {divmod: "divmod", pow: "pow"}


def container_of(owner: str, attributes: Mapping[str, gast.AST]) -> gast.Dict:
    """The container that stands for an object while a program is transformed.

    Args:
        owner: what its class is called; empty for a namespace.
        attributes: its attributes.
    """
    if owner and not attributes:
        # An empty dict would tell nobody whose object it is.
        attributes = {CLASS: tree.load(owner)}
    return gast.Dict([tree.const(Field(name, owner)) for name in attributes], list(attributes.values()))


class Objects:
    """Rewrites what a program does with objects.

    Args:
        functions: what names mean at the place that has been reached.
        namespace: the free names of the program.

    Attributes:
        followed: attributes that hold functions or objects, of whatever object.
        looked_up: methods and properties of classes that the program was made of.
    """

    def __init__(self, functions: Functions, namespace: Namespace) -> None:
        self.followed: set[str] = set()
        self.looked_up: list[tuple[type, str]] = []
        self._functions = functions
        self._namespace = namespace

    def with_fields(self, node: gast.AST) -> gast.AST:
        """A statement in which attributes of known objects are items of containers, or variables."""
        if not self._functions.are_met:
            return node
        if isinstance(node, gast.ClassDef) and not any(map(self._is_known, tree.names_read(node))):
            # Its methods have variables of their own, which may be called like a known object.
            return node
        node = self.unshadowed(node)

        def change(item: gast.AST) -> gast.AST | None:
            if not isinstance(item, gast.Attribute):
                return self.known_test(item, tree.origin_of(node))
            if (found := above(item.value, self._namespace.objects)) is not None:
                below, name = found
                owner = self._functions.of(name)
                return self.of_class(item, owner.cls, below) if isinstance(owner, (Made, Instance)) else None
            owner = self._functions.of(item.value)
            if isinstance(owner, Choice):
                return self.shared_field(item, owner)
            if item.attr == "__class__" and isinstance(owner, (Made, Instance)) and is_sure(owner):
                refuse_class(owner.cls, tree.origin_of(node))
                return tree.load(owner.name)
            if isinstance(owner, Made):
                return self.variable(item, owner, tree.origin_of(node))
            if not isinstance(owner, Instance):
                return None
            if item.attr == "__dict__":
                raise UnsupportedError(
                    "the attributes of an object are read as a dict", tree.origin_of(node), "name the attributes"
                )
            if item.attr not in owner.names:
                return self.of_class(item, owner.cls)
            if is_named(owner.cls):
                # By some names it was judged to hold nothing active, which is refused once kinds are known.
                return None if item.attr in INACTIVE_ATTRIBUTES else _place(item, owner)
            return _field(item) if _is_plain(item, owner) else None

        return tree.like(tree.replaced(node, change), node)

    def shared_field(self, node: gast.Attribute, owner: Choice) -> gast.AST | None:
        """An attribute of one of several objects, as an item; None where one of them computes it.

        Some of them may have none: a derivative reads it where it is known to be another one.
        """
        objects = [option for option, _ in owner.options if isinstance(option, Instance)]
        if len(objects) < len(owner.options) or any(is_named(o.cls) for o in objects):
            return None
        having = [o for o in objects if node.attr in o.names]
        if len(having) < len(objects) and not isinstance(node.ctx, gast.Load):
            return None
        is_item = all(
            _is_plain(node, o) if o in having else inspect.getattr_static(o.cls, node.attr, None) is None
            for o in objects
        )
        return _field(node) if having and is_item else None

    def _is_known(self, name: str) -> bool:
        """Whether a name means an object whose class is known."""
        return isinstance(self._functions.of(tree.load(name)), (Made, Instance))

    def unshadowed(self, node: gast.AST) -> gast.AST:
        """A statement in which no variable of a comprehension or a lambda has the name of a known object.

        Raises:
            UnsupportedError: where both are meant in one comprehension.
        """

        def change(item: gast.AST) -> gast.AST | None:
            if not isinstance(item, (*tree.COMPREHENSIONS, gast.Lambda)):
                return None
            own = own_names(item)
            taken = list(filter(self._is_known, own))
            if not taken:
                return None
            if not isinstance(item, gast.Lambda) and set(taken) & set(tree.names_read(item.generators[0].iter)):
                raise UnsupportedError(
                    f"`{taken[0]}` means an object, and something else in a comprehension over it",
                    tree.origin_of(node),
                    "use another name in the comprehension",
                )
            fresh = {name: self._namespace.names.fresh(name) for name in taken}
            if not isinstance(item, gast.Lambda):
                return tree.rename(item, fresh)
            # `rename` leaves to a lambda what is its own; its defaults are evaluated outside.
            arguments = tree.copy(item.args)
            for parameter in tree.every_parameter(arguments):
                parameter.id = fresh.get(parameter.id, parameter.id)
            return gast.Lambda(arguments, tree.rename(item.body, fresh))

        return tree.like(tree.replaced(node, change), node)

    def variable(self, node: gast.Attribute, owner: Made, origin: Origin | None) -> gast.AST | None:
        """The variable that stands for an attribute; None for what is a method or computed."""
        name, found = node.attr, inspect.getattr_static(owner.cls, node.attr, None)
        if hasattr(type(found), "__set__") and not isinstance(found, types.MemberDescriptorType):
            return None
        if isinstance(node.ctx, gast.Store):
            if name not in owner.fields:
                owner.fields[name] = self._namespace.names.fresh(f"{owner.base}_{name.lstrip('_')}")
                self._functions.field(owner.fields[name])
            return gast.Name(owner.fields[name], node.ctx, None, None)
        if name not in owner.fields:
            return self.of_class(node, owner.cls)
        if found is not None and not self._functions.is_assigned(owner.fields[name]):
            if not isinstance(found, types.MemberDescriptorType):
                raise UnsupportedError(
                    f"the attribute `{name}` is assigned on some paths, and is one of the class on others",
                    origin,
                    "assign it in `__init__`",
                )
        return tree.load(owner.fields[name]) if isinstance(node.ctx, gast.Load) else None

    def known_test(self, node: gast.AST, origin: Origin | None) -> gast.AST | None:
        """What is asked of an object that is made here and is known beforehand; None for all else."""
        if type(node) is gast.Compare and len(node.ops) == 1 and isinstance(node.ops[0], (gast.Is, gast.IsNot)):
            if tree.is_constant(node.comparators[0], None) and isinstance(self._functions.of(node.left), _NEVER_NONE):
                return tree.const(type(node.ops[0]) is gast.IsNot)
            if tree.is_constant(node.comparators[0], None) and self._functions.fact(node.left) is NOTHING:
                return tree.const(type(node.ops[0]) is gast.Is)
        if type(node) is not gast.Call or not node.args or node.keywords:
            return None
        owner, asked = self._functions.of(node.args[0]), meaning(node.func, self._namespace.objects)
        if isinstance(owner, Made) and asked is getattr and isinstance(getattr(node.args[-1], "value", None), str):
            read = tree.attribute(node.args[0], node.args[1].value)
            return (self.variable(read, owner, None) or read) if len(node.args) == 2 else None
        if isinstance(owner, (Made, Instance)) and is_sure(owner) and asked is type and len(node.args) == 1:
            refuse_class(owner.cls, origin)
            return tree.load(owner.name)
        if asked is isinstance and len(node.args) == 2:
            classes = node.args[1].elts if type(node.args[1]) is gast.Tuple else [node.args[1]]
            known = [meaning(item, self._namespace.objects) for item in classes]
            if any(map(stands_for, known)):
                # Its objects are known wherever they are.
                return tree.const(isinstance(owner, Made) and issubclass(owner.cls, tuple(known)))
            if isinstance(owner, (Made, Instance)):
                refuse_class(owner.cls, origin)
                if is_sure(owner) and all(map(told_by_bases, known)):
                    return tree.const(issubclass(owner.cls, tuple(known)))
            if self._functions.fact(node.args[0]) is NOTHING and all(map(told_by_bases, known)):
                return tree.const(issubclass(type(None), tuple(known)))
            if owner is None and all(is_apart(cls, SIMPLE_CLASSES) for cls in known):
                return tree.const(False) if self._functions.is_simple(node.args[0]) else None
        return None

    def of_class(self, node: gast.Attribute, cls: type, below: type | None = None) -> gast.AST | None:
        """An attribute that all objects of a class have in common, None where it is a function or computed.

        With `below`, the attribute that `super()` gives there.
        """
        found = _found_in(cls, node.attr, below)
        if found is None or hasattr(type(found), "__get__") or not isinstance(node.ctx, gast.Load):
            return None
        if below is not None:
            behind = cls.__mro__[cls.__mro__.index(below) + 1 :]
            cls = next(base for base in behind if node.attr in vars(base))
        return tree.attribute(tree.load(self._namespace.name_for(cls.__name__, cls)), node.attr)

    def display(self, call: gast.Call) -> gast.Dict | None:
        """The container for a call by which derivatives make an object, None for other calls."""
        maker = meaning(call.func, self._namespace.objects)
        if not is_one_of(maker, (types.SimpleNamespace, made)):
            return None
        owner = call.args[0].id if maker is made else ""
        return container_of(owner, {k.arg: k.value for k in call.keywords})

    def meaning_of(self, display: gast.Dict) -> Instance:
        """The object that a container with attributes for keys stands for."""
        owner = display.keys[0].value.owner if display.keys else ""
        cls = self._namespace.objects[owner] if owner else types.SimpleNamespace
        values = {str(k.value): self._functions.of(v) for k, v in zip(display.keys, display.values, strict=True)}
        known = {attr: value for attr, value in values.items() if value is not None}
        self.followed.update(known)
        return Instance(cls, owner or "SimpleNamespace", frozenset(values), known)

    def with_field_keys(self, call: gast.Call) -> gast.Call:
        """What derivatives call to change a shadow: the name of an attribute is the key of an item."""
        if not is_one_of(meaning(call.func, self._namespace.objects), (*WRITERS, old_item)) or not call.args:
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
            if self._functions.agree(target.value, str(key), node.value):
                return
            sites = self._functions.sites(node.value)
            if sites and isinstance(self._functions.of(target.value), Instance):
                # It becomes a part of another object.
                raise Whole(sites)
            raise UnsupportedError(
                f"the attribute `{key}` holds a function or an object, and is assigned another one",
                tree.origin_of(node),
                "make the choice with `if` where it is called",
            )
        if isinstance(target, gast.Attribute):
            # Whether a variable of a class varies is asked once more is known of what does.
            is_of_class = isinstance(meaning(target.value, self._namespace.objects), type)
            # Where the object is followed, the attribute has become an item.
            if (is_active(node.value) and not is_of_class) or isinstance(
                self._functions.of(target.value), Instance
            ):
                raise UnsupportedError(
                    "an attribute of an object is assigned a value to be differentiated",
                    tree.origin_of(node),
                    "return the value, or keep it in a local variable; an object that is differentiated may have its "
                    "attributes assigned",
                    way="follows_all",
                )

    def computed(self, value: gast.AST) -> gast.AST:
        """A property of a known object as the call that computes it; every other expression as it is."""
        if isinstance(value, gast.Attribute):
            below, name = above(value.value, self._namespace.objects) or (None, value.value)
            owner = self._functions.of(name)
            if isinstance(owner, (Made, Instance)):
                found = _found_in(owner.cls, value.attr, below)
                if isinstance(found, property) and isinstance(found.fget, types.FunctionType):
                    self.looked_up.append((owner.cls, value.attr))
                    computing = self._namespace.name_for(value.attr, found.fget)
                    return gast.Call(tree.load(computing), [name], [])
        return value

    def remembered(self, node: gast.AST) -> list[gast.AST]:
        """The statements by which cached properties that a statement reads get their values, where they have none.

        Raises:
            UnsupportedError: for an object that is used as a whole, of which is not known which ones have one.
        """
        output: list[gast.AST] = []
        for item in tree.walk(node):
            if not isinstance(item, gast.Attribute) or not isinstance(item.ctx, gast.Load):
                continue
            owner = self._functions.of(item.value)
            if not isinstance(owner, (Made, Instance)):
                continue
            found = inspect.getattr_static(owner.cls, item.attr, None)
            if not isinstance(found, functools.cached_property) or not isinstance(found.func, types.FunctionType):
                continue
            if item.attr in (owner.fields if isinstance(owner, Made) else owner.names):
                continue
            if isinstance(owner, Instance):
                raise UnsupportedError(
                    f"`{item.attr}` is remembered by an object that is an argument, or is used as a whole",
                    tree.origin_of(node),
                    "make it a `property`",
                )
            self.looked_up.append((owner.cls, item.attr))
            name = self._namespace.name_for(item.attr, found.func)
            target = gast.Attribute(tree.copy(item.value), item.attr, gast.Store())
            output.append(tree.assign(target, gast.Call(tree.load(name), [tree.copy(item.value)], [])))
        return output[:1]

    def one_of_several(self, value: gast.AST) -> gast.Name | None:
        """The name of an object whose class is one of several, of which a method is called or an attribute read."""
        read = value.func if isinstance(value, gast.Call) else value
        if not isinstance(read, gast.Attribute) or not isinstance(read.value, gast.Name):
            return None
        known = self._functions.of(read.value)
        if not isinstance(known, Choice) or not all(isinstance(option, Instance) for option, _ in known.options):
            return None
        return read.value

    def several_operands(self, value: gast.AST) -> gast.Name | None:
        """The name of an operand whose class is one of several, some of which say what the operation does.

        Which method is called, and of which operand, is said by the class that it has when the program runs.
        """
        for owner, name, _ in self._operands(value) if self._functions.are_met else ():
            known = self._functions.of(owner) if isinstance(owner, gast.Name) else None
            if not isinstance(known, Choice) or not all(isinstance(option, Instance) for option, _ in known.options):
                continue
            classes = [option.cls for option, _ in known.options if isinstance(option, Instance)]
            if any(isinstance(inspect.getattr_static(cls, name, None), types.FunctionType) for cls in classes):
                return owner
        return None

    def refuse_array_names(self, node: gast.AST, is_active: Callable[[gast.AST], bool]) -> None:
        """Refuse a method within an expression that is kept whole, by its name: arrays and lists have one (`count`).

        Raises:
            UnsupportedError: naming the statement.
        """
        if not self._functions.are_met:
            return
        for item in tree.walk(node):
            function = item.func if isinstance(item, gast.Call) else None
            if not isinstance(function, gast.Attribute) or function.attr not in KNOWN_METHODS | INACTIVE_METHODS:
                continue
            owner = self._functions.of(function.value)
            if isinstance(owner, (Made, Instance, Choice)) and is_active(function.value):
                if not isinstance(owner, Choice):
                    refuse_class(owner.cls, tree.origin_of(node), f"`{function.attr}` of ")
                raise UnsupportedError(
                    f"the method `{function.attr}` of an object has a name that arrays and containers use, and is "
                    "taken for theirs",
                    tree.origin_of(node),
                    f"give `{function.attr}` another name in the class",
                )

    def plainly_set(self, node: gast.AST) -> gast.AST:
        """`setattr(q, "x", v)` as `q.x = v`; every other statement as it is."""
        call = node.value if isinstance(node, gast.Expr) else None
        if not isinstance(call, gast.Call) or len(call.args) != 3 or call.keywords:
            return node
        owner, name, value = call.args
        setters: tuple[Any, ...] = (setattr, object.__setattr__)
        is_setter = meaning(call.func, self._namespace.objects) in setters
        if not is_setter or not isinstance(self._functions.of(owner), Made):
            return node
        if not isinstance(getattr(name, "value", None), str):
            return node
        return tree.like(tree.assign(gast.Attribute(owner, name.value, gast.Store()), value), node)

    def setting(self, node: gast.AST) -> gast.Call | None:
        """The call that assigns a property of a known object, None for other statements."""
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        if not isinstance(target, gast.Attribute):
            return None
        owner = self._functions.of(target.value)
        if not isinstance(owner, (Made, Instance)):
            return None
        found = inspect.getattr_static(owner.cls, target.attr, None)
        if not isinstance(found, property) or not isinstance(found.fset, types.FunctionType):
            return None
        self.looked_up.append((owner.cls, target.attr))
        name = self._namespace.name_for(target.attr, found.fset)
        return gast.Call(tree.load(name), [target.value, node.value], [])

    def item_setting(self, node: gast.AST) -> gast.Call | None:
        """The call that assigns an item of a known object by its `__setitem__`, None for other statements."""
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        if target is None or self.item_owner(target) is None:
            return None
        arguments = [_as_key(target.slice), node.value]
        return gast.Call(tree.attribute(tree.copy(target.value), "__setitem__"), arguments, [])

    def item_owner(self, target: gast.AST) -> Value | None:
        """The known object an item of which is stored into, where its class says what that does."""
        if type(target) is not gast.Subscript or isinstance(getattr(target.slice, "value", None), Field):
            return None
        owner = self._functions.of(target.value)
        if not isinstance(owner, (Made, Instance)):
            return None
        found = inspect.getattr_static(owner.cls, "__setitem__", None)
        return owner if isinstance(found, types.FunctionType) else None

    def operated(self, value: gast.AST, origin: Origin | None) -> gast.AST:
        """What is done with a known object by an operator, as the call of its method; every other value as it is."""
        for owner, name, args in self._operands(value) if self._functions.are_met else ():
            known = self._functions.of(owner)
            if isinstance(known, (Made, Instance)):
                if getattr(value, "backwards", False):
                    self._refuse_backwards(known, origin)
                elif getattr(value, "in_turn", False) and hasattr(known.cls, "__iter__"):
                    raise UnsupportedError(
                        f"a loop over an object of class `{known.name}`, which has an `__iter__` of its own",
                        origin,
                        "loop over the list that it holds, or over indices",
                    )
                if isinstance(inspect.getattr_static(known.cls, name, None), types.FunctionType):
                    given = list(map(_as_key if name == "__getitem__" else tree.copy, args))
                    return gast.Call(tree.attribute(tree.copy(owner), name), given, [])
        return value

    def _refuse_backwards(self, known: Made | Instance, origin: Origin | None) -> None:
        """Refuse `reversed` of an object whose class says itself what that is."""
        if hasattr(known.cls, "__reversed__") and not issubclass(known.cls, (list, tuple, dict)):
            raise UnsupportedError(
                f"`reversed` of an object of class `{known.name}`, which has a `__reversed__` of its own",
                origin,
                "call an ordinary method that returns a list of the items in that order",
            )

    def before_reflected(self, value: gast.AST, method: gast.AST, origin: Origin | None) -> gast.AST | None:
        """The check of a left operand, where the method of the right one was taken; None elsewhere.

        An object would say itself what the operation is, and an array would compute with its own elements.

        Args:
            value: an operation.
            method: the call that stands for it.
            origin: of the statement.

        Raises:
            UnsupportedError: where numbers of NumPy do not leave it to the class either.
        """
        operands = getattr(value, "args", None) or [getattr(value, "left", None), getattr(value, "right", None)]
        if method is value or len(operands) != 2 or not isinstance(method, gast.Call):
            return None
        left, right = operands
        if type(left) is gast.Constant or self._functions.of(left) is not None:
            return None
        if not tree.same(method.func.value, right) or tree.same(left, right):
            return None
        constant = meaning(left, self._namespace.objects)
        if constant is not MISSING and is_library(type(constant).__module__) and not isinstance(constant, np.ndarray):
            return None
        known = self._functions.of(right)
        assert isinstance(known, (Made, Instance))
        if is_library(known.cls.__module__):
            # NumPy asks our own classes, and those of SciPy that they stand for.
            return None
        if asked_by_arrays(known.cls):
            check = check_operand
        elif hasattr(known.cls, "__len__") and hasattr(known.cls, "__getitem__"):
            check = check_python_number
        else:
            check = check_left_number
        if check is not check_operand and hasattr(known.cls, "__array__"):
            raise UnsupportedError(
                f"an object of class `{known.name}` stands right of an operator, and NumPy makes an array of it",
                origin,
                "write it on the left, or give the class `__array_ufunc__ = None`",
            )
        return tree.effect(tree.call(self._namespace.name_for(check.__name__, check), tree.copy(left)))

    def _operands(self, value: gast.AST) -> Iterator[tuple[gast.AST, str, list[gast.AST]]]:
        """Which method of which operand may be called for an operation, in the order in which they are tried."""
        if isinstance(value, gast.BinOp):
            yield from self._of_two(value.left, _BINARY[type(value.op)], value.right)
        elif isinstance(value, gast.UnaryOp) and not isinstance(value.op, gast.Not):
            yield value.operand, _UNARY[type(value.op)], []
        elif isinstance(value, gast.Subscript) and not isinstance(getattr(value.slice, "value", None), Field):
            yield value.value, "__getitem__", [value.slice]
        elif isinstance(value, gast.Call) and value.args and not value.keywords:
            function = meaning(value.func, self._namespace.objects)
            first, *others = value.args
            if is_one_of(function, _IN_PLACE):
                name = _IN_PLACE[function]
                yield first, f"__i{name}__", others
                yield from self._operands(gast.BinOp(first, _OPERATORS[name](), *others))
            elif is_one_of(function, _BUILTIN) and (not others or function is round):
                yield first, _BUILTIN[function], others
            elif is_one_of(function, _OF_TWO) and len(others) == 1:
                yield from self._of_two(first, _OF_TWO[function], others[0])

    def _of_two(self, left: gast.AST, name: str, right: gast.AST) -> Iterator[tuple[gast.AST, str, list[gast.AST]]]:
        first, second = self._functions.of(left), self._functions.of(right)
        if isinstance(first, (Made, Instance)) and isinstance(second, (Made, Instance)):
            methods = [inspect.getattr_static(one.cls, f"__r{name}__", None) for one in (first, second)]
            if issubclass(second.cls, first.cls) and methods[0] is not methods[1]:
                # A subclass comes first where it has a method of its own for it.
                yield right, f"__r{name}__", [left]
        yield left, f"__{name}__", [right]
        yield right, f"__r{name}__", [left]

    def compared(self, value: gast.AST) -> gast.AST:
        """`max` or `min` of objects that compare themselves, with the key that says so; every other value as it is.

        Without a key, what is chosen from would be taken for numbers.
        """
        if not self._functions.are_met or not isinstance(value, gast.Call) or value.keywords:
            return value
        asked = meaning(value.func, self._namespace.objects)
        if not is_one_of(asked, (max, min)) or self._functions.of(value) is None:
            return value
        key = gast.Lambda(tree.parameters(["item"]), tree.load("item"))
        chosen_from = value.args if len(value.args) == 1 else [tree.list_of(value.args)]
        return gast.Call(value.func, chosen_from, [gast.keyword("key", key)])

    def begins_nothing(self, call: gast.Call) -> bool:
        """Whether a call is `super().__init__()`, where no class above has one of its own."""
        function = call.func
        if not isinstance(function, gast.Attribute) or function.attr != "__init__" or call.args or call.keywords:
            return False
        found = above(function.value, self._namespace.objects)
        if found is None:
            return False
        owner = self._functions.of(found[1])
        return isinstance(owner, Made) and _found_in(owner.cls, "__init__", found[0]) is object.__init__

    def has_method(self, node: gast.Attribute) -> bool:
        """Whether an attribute of a known object is a method of its own, which is bound to it."""
        owner = self._functions.of(node.value)
        if not isinstance(owner, (Made, Instance)) or not isinstance(node.value, gast.Name):
            return False
        return isinstance(inspect.getattr_static(owner.cls, node.attr, None), types.FunctionType)

    def method(self, call: gast.Call, owner: Value | None = None) -> gast.Call | None:
        """The call of a method of a known object, or of the object itself, as one of a function.

        Args:
            call: the call.
            owner: the object, where the name that is called may mean others.
        """
        function, name = call.func, "__call__"
        if isinstance(function, gast.Attribute):
            function, name = function.value, function.attr
        below, function = above(function, self._namespace.objects) or (None, function)
        owner = owner or self._functions.of(function)
        if not isinstance(owner, (Made, Instance)):
            return None
        found = _found_in(owner.cls, plain_name(name) if manages(call) else name, below)
        first = [function]
        if isinstance(found, classmethod):
            first = [tree.load(self._namespace.name_for(owner.cls.__name__, owner.cls))]
        elif isinstance(found, staticmethod):
            first = []
        found = getattr(found, "__func__", found)
        if manages(call):
            found, name = _managing(found), plain_name(name)
        if is_generated_init(found):
            found = written_init(_owner_of(owner.cls, found), found, call)
        if not isinstance(found, types.FunctionType):
            return None
        self.looked_up.append((owner.cls, name))
        if isinstance(function, gast.Name) and not is_sure(owner):
            # Of None it would be an error.
            self._functions.bind(function.id, surely(owner))
        spelled = tree.load(self._namespace.name_for(found.__name__.strip("_"), found))
        given = [*call.args[:1], *first, *call.args[1:]] if manages(call) else [*first, *call.args]
        return gast.Call(spelled, given, call.keywords)


def is_sure(owner: Made | Instance) -> bool:
    """Whether there surely is no None in the place of an object."""
    return isinstance(owner, Made) or not owner.may_be_none


def asked_by_arrays(cls: type) -> bool:
    """Whether an array leaves it to a class what an operator does with the array and an object of the class.

    >>> asked_by_arrays(type("Own", (), {"__array_ufunc__": None})), asked_by_arrays(type("Plain", (), {}))
    (True, False)
    """
    if hasattr(cls, "__array_ufunc__"):
        return cls.__array_ufunc__ is None
    return bool(getattr(cls, "__array_priority__", 0.0) > 0.0)


def _as_key(node: gast.AST) -> gast.AST:
    """A copy of an index, which may take its place where it is handed to a method."""
    key = tree.copy(node)
    key.is_key = isinstance(key, (gast.Slice, gast.Tuple))
    return key


def _field(node: gast.Attribute) -> gast.Subscript:
    return gast.Subscript(node.value, tree.const(Field(node.attr)), node.ctx)


def _place(node: gast.Attribute, owner: Instance) -> gast.Subscript:
    """An attribute of a named tuple, as the item that it is."""
    return gast.Subscript(node.value, tree.const(owner.cls._fields.index(node.attr)), node.ctx)  # type: ignore[attr-defined]


def named_tuple(cls: type, name: str, values: Mapping[int, Value]) -> Instance:
    """What is known of a named tuple.

    Args:
        cls: its class.
        name: what the class is called in the text.
        values: those of its items that are functions, hold some, or are objects.
    """
    fields: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]
    items: dict[Any, Value] = {key: value for place, value in values.items() for key in (place, fields[place])}
    return Instance(cls, name, frozenset(fields), items)


def _is_plain(node: gast.Attribute, owner: Instance) -> bool:
    """Whether an attribute of an object is read or assigned without any code of its class."""
    found = inspect.getattr_static(owner.cls, node.attr, None)
    if hasattr(found, "__set__") and not isinstance(found, types.MemberDescriptorType):
        return False
    plain: tuple[Any, ...] = (object.__setattr__, types.SimpleNamespace.__setattr__)
    return not isinstance(node.ctx, gast.Store) or owner.cls.__setattr__ in plain


def _found_in(cls: type, name: str, below: type | None) -> Any:
    """What a class has under a name; with `below`, what the classes behind that one have."""
    if below is None or below not in cls.__mro__:
        return inspect.getattr_static(cls, name, None)
    behind = cls.__mro__[cls.__mro__.index(below) + 1 :]
    return next((vars(base)[name] for base in behind if name in vars(base)), None)


def _managing(function: Any) -> Callable[..., Any] | None:
    """The function that is handed the block of a `with`; None where a method makes no manager of a generator.

    Raises:
        UnsupportedError: where the generator may yield more than once, or in a way that is not followed.
    """
    generator = generator_behind(function)
    if generator is None:
        return None
    source = source_of_generator(generator)
    found = Called(mangled(tree_of(source), generator), source, generator)
    manner_of(found)
    return made_of(found, "around")


def mangled(node: gast.FunctionDef, function: Any) -> gast.FunctionDef:
    """A method in which private attributes (`self.__w`) have the names that Python gives them (`self._Net__w`)."""
    code = getattr(function, "__code__", None)
    if code is None:
        return node
    pending, names = [code], set[str]()
    while pending:
        code = pending.pop()
        names.update(code.co_names)
        pending += [item for item in code.co_consts if isinstance(item, types.CodeType)]

    def change(item: gast.AST) -> gast.AST | None:
        if not isinstance(item, gast.Attribute) or not item.attr.startswith("__") or item.attr.endswith("__"):
            return None
        own = [name for name in names if name.startswith("_") and name.endswith(item.attr) and name != item.attr]
        return gast.Attribute(item.value, own[0], item.ctx) if len(own) == 1 else None

    return tree.like(tree.replaced(node, change), node)


def own_names(node: gast.AST) -> list[str]:
    """The variables of a comprehension or a lambda.

    >>> own_names(tree.expression("[a for a, b in c]")), own_names(tree.expression("lambda a: b"))
    (['a', 'b'], ['a'])
    """
    if isinstance(node, gast.Lambda):
        return [str(parameter.id) for parameter in tree.every_parameter(node.args)]
    return [name for generator in node.generators for name in tree.names_written(generator.target)]


def _owner_of(cls: type, function: Any) -> type:
    """The class in which a method is defined."""
    return next(base for base in cls.__mro__ if function in vars(base).values())


def assigns_field(node: gast.AST) -> bool:
    """Whether a statement assigns an attribute of a known object."""
    target = node.targets[0] if isinstance(node, gast.Assign) else None
    return isinstance(target, gast.Subscript) and isinstance(getattr(target.slice, "value", None), Field)
