"""Functions that are chosen by the class of an object, and functions that call themselves on the parts of one.

    @singledispatch                       def area(shape):
    def area(shape): ...                      if isinstance(shape, Group):
    @area.register                                return sum(area(part) for part in (shape.a, shape.b))
    def _(shape: Disc): ...                   return shape.side ** 2

Both are unfolded where they are called on objects that the program makes, as methods are.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.made import Endless, Made
from tangent_sct.frontend.meanings import Instance
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.unfolding import OBJECTS_DEEP, Unfolding
from tangent_sct.templating import registry

_MOST = 64
"""How many such calls are unfolded at most: a function of a tree calls itself more than once."""


class Dispatching(Unfolding):
    """Reads calls on objects of functions that are no methods of theirs."""

    def on_object(self, node: gast.AST, call: gast.Call) -> gast.Call | None:
        """The call of the function that is chosen by the class of its argument, or that calls itself on an object.

        An object that is made here has parts that are, so such a function ends where it comes to the last of them.
        None for other calls.

        Raises:
            UnsupportedError: where the class that chooses is not known.
        """
        function = meaning(call.func, self.namespace.objects)
        if not call.args or not isinstance(function, types.FunctionType) or registry.find(function) is not None:
            return None
        if (dispatch := getattr(function, "dispatch", None)) is not None and hasattr(function, "registry"):
            chosen = self._dispatched(dispatch, call.args[0])
            if chosen is None or chosen in self.endless:
                what = "chooses by a class that is not known here" if chosen is None else "calls itself too often"
                raise UnsupportedError(
                    f"`{function.__name__}` is called on values to be differentiated, and {what}",
                    tree.origin_of(node),
                    "give the classes a method of that name, or choose with `isinstance`",
                )
            self.tables.append(function.registry)
            name = self.namespace.name_for(chosen.__name__.strip("_") or function.__name__, chosen)
            return gast.Call(tree.load(name), call.args, call.keywords)
        # A function defined inside is another object whenever it is read.
        if self.endless or not any(isinstance(self.functions.of(item), Made) for item in call.args):
            return None
        return call if self.callees.is_recursive(function) else None

    def _dispatched(self, dispatch: Callable[[type], Any], argument: gast.AST) -> Any:
        """The function that `functools.singledispatch` chooses for an argument; None where that is not known."""
        known = self.functions.of(argument)
        if isinstance(known, (Made, Instance)):
            return dispatch(known.cls)
        if not self.functions.is_simple(argument):
            return None
        every = {dispatch(cls) for cls in (float, int, complex, str, np.ndarray, np.float32, np.int64)}
        return every.pop() if len(every) == 1 else None

    def unfold_on_object(
        self, node: gast.AST, call: gast.Call, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """The statements of a function that `on_object` has found.

        Raises:
            Endless: when it calls itself too often.
        """
        function = meaning(call.func, self.namespace.objects)
        self.unfolded_on_objects += 1
        if self.methods.count(function) >= OBJECTS_DEEP or self.unfolded_on_objects > _MOST:
            raise Endless(function)
        self.methods.append(function)
        try:
            return self.unfold(node, call, function, is_active)
        finally:
            self.methods.pop()
