"""Objects and named tuples that a program makes, and methods of objects that variables keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.inline import bound_arguments
from tangent_sct.frontend.made import Made, Site
from tangent_sct.frontend.meanings import Instance, Items, Method
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.objects import container_of, named_tuple
from tangent_sct.frontend.reading import Reading, or_mentions, with_value
from tangent_sct.runtime import named
from tangent_sct.runtime.objects import computes_items, is_named


class Making(Reading):
    """Reads what makes objects and what is done with their methods."""

    def make(
        self, node: gast.AST, target: str, call: gast.Call, cls: type, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """An object is made: the statements of its `__init__`, in which its attributes are variables.

        Where it is used as a whole, it is put together of them afterwards.
        """
        if target in tree.names_read([*call.args, *(keyword.value for keyword in call.keywords)]):
            # What `o = Dual(o)` is given is what `o` means before.
            new = self.temporary(target)
            made_first = self.make(tree.like(tree.assign(new, call), node), new, call, cls, is_active)
            plain = with_value(node, tree.load(new))
            return [*made_first, *self.expand_statement(plain, or_mentions(is_active, [new]))]
        name = self.namespace.name_for(cls.__name__, cls)
        base = cls.__name__.lower() if target in self.temporaries else target
        origin = tree.origin_of(node)
        made = Made(Site(cls, (*self.calls, origin)), name, base, {})
        self.rename(target, made)
        before = self.functions.state()
        output: list[gast.AST] = []
        if cls.__init__ is not object.__init__:  # type: ignore[misc]
            start = gast.Call(tree.attribute(tree.load(target), "__init__"), call.args, call.keywords)
            # Its attributes are taken one by one, whatever they are.
            output = self.expand_statement(tree.like(tree.effect(start), node), or_mentions(is_active, [target]))
        elif call.args or call.keywords:
            raise UnsupportedError(f"`{name}` takes no arguments", origin)
        if made.site not in self.whole:
            return output
        missing = [attr for attr, variable in made.fields.items() if not self.functions.is_assigned(variable)]
        if missing:
            raise UnsupportedError(
                f"the attribute `{missing[0]}` is assigned on some paths through `__init__` only",
                origin,
                "assign it on all paths",
            )
        if self.functions.is_captured(made, before):
            raise UnsupportedError(
                f"`__init__` of {name} makes a function that reads attributes of the object, which may change, "
                "and the object is used as a whole",
                origin,
                "make the function a method",
            )
        display = container_of(name, {attr: tree.load(variable) for attr, variable in made.fields.items()})
        self.made.pop(target)
        self.helpers.update(made.fields.values())
        return [*output, self.bound(with_value(node, display), self.objects.meaning_of(display))]

    def keep_method(self, node: gast.AST, target: str, value: gast.Attribute) -> list[gast.AST]:
        """`m = q.method`: the variable is the object from here on, and its calls are those of the method."""
        known = self.functions.of(value.value)
        owner = self.temporary(target)
        if isinstance(known, Made):
            self.rename(owner, known)
        else:
            self.functions.bind(owner, known)
        self.functions.bind(target, Method(owner, value.attr))
        return [] if isinstance(known, Made) else [with_value(node, value.value)]

    def unfold_kept(
        self, node: gast.AST, call: gast.Call, name: str, method: Method, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """The statements of a method that a variable keeps, in place of a call of the variable."""
        known = self.known(method.owner)
        if isinstance(known, Made):
            # The method may assign the variable, which is an attribute then.
            direct = gast.Call(tree.attribute(tree.load(method.owner), method.name), call.args, call.keywords)
            return self.expand_statement(with_value(node, direct), is_active)
        self.functions.bind(name, known)
        direct = gast.Call(tree.attribute(call.func, method.name), call.args, call.keywords)
        output = self.expand_statement(with_value(node, direct), is_active)
        if self.known(name) is known:
            self.functions.bind(name, method)
        return output

    def expand_replaced(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """`dataclasses.replace(q, ...)`: the class is called with what it has of `q`, each under a name."""
        output: list[gast.AST] = []
        for keyword in call.keywords:
            if isinstance(keyword.value, gast.Attribute):
                name = self.names.fresh(str(keyword.value.attr))
                self.temporaries.add(name)
                output += self.expand_statement(tree.like(tree.assign(name, keyword.value), node), is_active)
                keyword.value = tree.load(name)
        return [*output, *self.expand_statement(with_value(node, call), is_active)]

    def named_call(self, call: gast.Call, cls: Any, origin: Origin | None) -> gast.Call | None:
        """A call that makes a named tuple, as the one form that is known; None for other calls."""
        if isinstance(cls, type) and is_named(cls):
            arguments = bound_arguments(cls, (), call, self.namespace.name_for, origin)
            return self.named_of(cls, tree.tuple_of(arguments.values()))
        if isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields"):
            if computes_items(cls):
                raise UnsupportedError(
                    f"the class `{cls.__name__}` gives the items of its named tuples in a way of its own",
                    origin,
                    "leave `__len__`, `__iter__`, `__getitem__` and their like to the tuple, and write a method",
                )
            raise UnsupportedError(
                f"the class `{cls.__name__}` makes its named tuples in a way of its own (`__new__`)",
                origin,
                "make them by a function or a class method",
            )
        function = call.func
        if not isinstance(function, gast.Attribute):
            return None
        owner, cls = self.functions.of(function.value), meaning(function.value, self.namespace.objects)
        if function.attr == "_make" and isinstance(cls, type) and is_named(cls) and len(call.args) == 1:
            return self.named_of(cls, call.args[0])
        if not isinstance(owner, Instance) or not is_named(owner.cls) or call.args:
            return None
        if function.attr not in ("_replace", "_asdict") or any(k.arg is None for k in call.keywords):
            return None
        new = {k.arg: k.value for k in call.keywords}
        fields: tuple[str, ...] = owner.cls._fields  # type: ignore[attr-defined]
        unknown = [name for name in new if name not in fields]
        if unknown:
            raise UnsupportedError(f"`{owner.name}` has no field `{unknown[0]}`", origin)
        items = [new.get(name) or tree.attribute(tree.copy(function.value), name) for name in fields]
        if function.attr == "_replace":
            return self.named_of(owner.cls, tree.tuple_of(items))
        return tree.call("dict", gast.Dict([tree.const(name) for name in fields], items))

    def named_of(self, cls: type, items: gast.AST) -> gast.Call:
        """The call by which a named tuple is made."""
        name = self.namespace.name_for(cls.__name__, cls)
        return tree.call(self.namespace.name_for("named", named), tree.load(name), items)

    def expand_named(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """A named tuple is made, or its items are made a dict; what is taken out of another gets a name before."""
        output: list[gast.AST] = []
        items = call.args[-1]

        def of_another(item: gast.AST) -> gast.AST:
            if not isinstance(item, gast.Attribute):
                return item
            name = self.temporary(str(item.attr))
            taken = tree.like(tree.assign(name, item), node)
            output.extend(self.expand_statement(taken, or_mentions(is_active, [name])))
            return tree.load(name)

        if isinstance(items, gast.Dict):
            items.values = list(map(of_another, items.values))
            return [*output, self.bound(with_value(node, items), self.functions.of(items))]
        known = self.functions.of(items)
        if isinstance(items, gast.Tuple):
            items.elts = list(map(of_another, items.elts))
            known = self.functions.of(items)
        places = known.items if isinstance(known, Items) else {}
        cls = self.namespace.objects[call.args[0].id]
        return [*output, self.bound(with_value(node, call), named_tuple(cls, call.args[0].id, places))]
