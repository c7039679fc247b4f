"""What the language does not accept, in one table: the construct, why, and what to write instead.

`REFUSED` is the source of the user's page on the language. An entry refuses a construct only where
active data is involved, unless it says otherwise: inactive code may be any Python.
"""

from __future__ import annotations

import builtins
import gc
import inspect
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Final, NoReturn

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.active import (
    KNOWN_METHODS,
    WRITERS,
    ZeroTest,
    is_text,
    mentions_active,
    root_name,
)
from tangent_sct.frontend.inner_classes import takes_active
from tangent_sct.frontend.made import is_followed
from tangent_sct.frontend.namespace import is_library, meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.source import origin_of_node


@dataclass(frozen=True)
class Refusal:
    """A construct that is refused.

    Attributes:
        name: what users call it.
        reason: what is not supported, and why.
        hint: what to write instead.
        example: a function that is refused for it; its parameter `x` is active.
        nodes: the node types it concerns.
        applies: whether a node of these types is refused; the desugarer decides where it is None.
    """

    name: str
    reason: str
    hint: str
    example: str
    nodes: tuple[type[gast.AST], ...] = ()
    applies: Callable[[Any, _Check], bool] | None = None


@dataclass(frozen=True)
class _Check:
    """What the conditions of the table may ask."""

    active: set[str]
    local: set[str]
    is_zero: ZeroTest
    source: Source
    consumed: set[int]
    function: gast.FunctionDef

    def mentions(self, expression: gast.AST) -> bool:
        """Whether an expression's value may carry a derivative."""
        return mentions_active(expression, self.active, self.is_zero)

    def meant(self, expression: gast.AST) -> Any:
        """The object from outside that a name means, None for other expressions and names."""
        try:
            return self.source.lookup(expression.id) if isinstance(expression, gast.Name) else None
        except KeyError:
            return None

    def any_active(self, expressions: Iterable[gast.AST | None]) -> bool:
        """Whether any of some expressions may carry a derivative."""
        return any(item is not None and self.mentions(item) for item in expressions)

    def captures(self, node: gast.AST) -> bool:
        """Whether a nested function, lambda or class reads active names."""
        return any(name in self.active for name in tree.names_read(node))

    def holds_active(self, statement: gast.AST) -> bool:
        """Whether a statement reads or writes active data anywhere inside."""
        for node in tree.walk(statement):
            if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load):
                if node.id in self.active:
                    return True
            elif isinstance(node, (gast.Assign, gast.AugAssign, gast.Return, gast.Expr)):
                if node.value is not None and self.mentions(node.value):
                    return True
        return False

    def is_global_object(self, node: gast.AST) -> bool:
        """Whether an expression is (part of) an object from outside the function."""
        root = root_name(node)
        if root is None or root in self.local:
            return False
        try:
            value = self.source.lookup(root)
        except KeyError:
            return False
        return not isinstance(value, (ModuleType, FunctionType, type))

    def only_computes(self, function: gast.AST) -> bool:
        """Whether what is called is a function of a library."""
        root = root_name(function)
        if root is None or root in self.local:
            return False
        found = meaning(function, Lookup(self.source))
        return is_library(getattr(found, "__module__", None)) or isinstance(found, np.ufunc)

    def is_builtin(self, name: str) -> bool:
        """Whether a name means Python's own."""
        try:
            return name not in self.local and self.source.lookup(name) is vars(builtins).get(name, name)
        except KeyError:
            return False


# -- conditions -------------------------------------------------------------------------------


def _always(node: gast.AST, check: _Check) -> bool:
    return True


def _assigns_outside(node: Any, check: _Check) -> bool:
    return any(name in check.local for name in node.names)


def _is_keyed_by_method(node: gast.Call, check: _Check) -> bool:
    if not tree.is_name(node.func, "max", "min") or not check.is_builtin(node.func.id):
        return False
    keys = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
    given = [part.value for part in tree.own_scope(check.function.body)
             if isinstance(part, gast.Assign) and any(tree.is_name(t, key.id) for key in keys if tree.is_name(key)
                                                      for t in part.targets)]  # fmt: skip
    methods = [part for part in [*keys, *given] if isinstance(part, gast.Attribute)]
    is_method = any(root_name(part) in check.local and part.attr not in KNOWN_METHODS for part in methods)
    return is_method and check.any_active(node.args)


def _is_active_class(node: Any, check: _Check) -> bool:
    return check.captures(node) or takes_active(check.function, node, check.mentions, check.only_computes)


def _is_active_try(node: gast.AST, check: _Check) -> bool:
    return check.holds_active(node)


def _exits_from_finally(node: Any, check: _Check) -> bool:
    exits = (gast.Return, gast.Break, gast.Continue)
    return any(isinstance(inner, exits) for s in node.finalbody for inner in tree.walk(s))


def _spreads_in_display(node: Any, check: _Check) -> bool:
    return any(isinstance(item, gast.Starred) and check.mentions(item.value) for item in node.elts)


def _mentions(node: gast.AST, check: _Check) -> bool:
    return check.mentions(node)


def _has_active_elements(node: gast.AST, check: _Check) -> bool:
    return check.any_active(node.elts if isinstance(node, gast.Set) else [node])


def _is_kept_generator(node: gast.AST, check: _Check) -> bool:
    return id(node) not in check.consumed and check.mentions(node)


def _is_kept_iterator(node: Any, check: _Check) -> bool:
    is_iterator = isinstance(node.func, gast.Name) and node.func.id in ("map", "filter")
    return is_iterator and check.is_builtin(node.func.id) and _is_kept_generator(node, check)


def _deletes_attribute(node: Any, check: _Check) -> bool:
    attributes = [target for target in node.targets if isinstance(target, gast.Attribute)]
    return any(root_name(target) in check.active for target in attributes)


def _deletes_at_a_step(node: Any, check: _Check) -> bool:
    places = [target for target in node.targets if isinstance(target, gast.Subscript)]
    stepped = [place for place in places if isinstance(place.slice, gast.Slice) and place.slice.step is not None]
    return any(root_name(place) in check.active for place in stepped)


def _stores_outside(node: Any, check: _Check) -> bool:
    targets = node.targets if isinstance(node, gast.Assign) else [node.target]
    if node.value is None or not check.mentions(node.value):
        return False
    objects = [t for t in targets if isinstance(t, (gast.Subscript, gast.Attribute))]
    return any(map(check.is_global_object, objects))


def _calls_writer_outside(node: Any, check: _Check) -> bool:
    function = node.func
    if not isinstance(function, gast.Attribute) or not check.is_global_object(function.value):
        return False
    is_writer = function.attr in WRITERS or isinstance(check.meant(function.value), ContextVar)
    return is_writer and check.any_active(node.args)


def _manages_active(node: Any, check: _Check) -> bool:
    managers = [item.context_expr for item in node.items if check.mentions(item.context_expr)]
    return not all(_may_be_object(manager, check) for manager in managers)


def _may_be_object(node: gast.AST, check: _Check) -> bool:
    """Whether a context manager may be an object whose class is followed; that is found out later."""
    if not isinstance(node, gast.Call):
        return isinstance(node, (gast.Name, gast.Attribute))
    if not isinstance(node.func, gast.Name) or node.func.id in check.local:
        return False
    try:
        return is_followed(check.source.lookup(node.func.id))
    except KeyError:
        return False


_FRAMES = (sys._getframe, inspect.currentframe, inspect.stack, gc.get_objects, gc.get_referrers)
"""Functions of Python's library that give the variables of a function that runs."""

_INSIDES = frozenset({"__defaults__", "__kwdefaults__", "__closure__", "cell_contents", "f_locals"})
"""Attributes under which functions and frames hand out what they hold."""


def _reads_frame(node: Any, check: _Check) -> bool:
    if isinstance(node.func, gast.Attribute):
        return root_name(node.func) not in check.local and is_one_of(
            meaning(node.func, Lookup(check.source)), _FRAMES
        )
    if not isinstance(node.func, gast.Name):
        return False
    if node.func.id in ("locals", "globals", "vars", "eval", "exec") and check.is_builtin(node.func.id):
        return node.func.id != "vars" or not node.args
    return node.func.id not in check.local and is_one_of(check.meant(node.func), _FRAMES)


def _reads_inside(node: Any, check: _Check) -> bool:
    return node.attr in _INSIDES


_FIXED = frozenset({"__class__", "__bases__", "__code__", "__dict__"})
"""Attributes that say what an object does."""
_SETTERS = frozenset({"setattr", "__setattr__", "delattr", "__delattr__"})


def _changes_nature(node: Any, check: _Check) -> bool:
    if isinstance(node, gast.Attribute):
        return node.attr in _FIXED and type(node.ctx) is not gast.Load
    is_setter = getattr(node.func, "attr", None) in _SETTERS or getattr(node.func, "id", None) in _SETTERS
    return is_setter and any(getattr(argument, "value", None) in _FIXED for argument in node.args[:2])


def _has_async_generator(node: Any, check: _Check) -> bool:
    return bool(node.is_async)


_GROUPS: Final = (gast.TryStar,) if hasattr(gast, "TryStar") else ()
_TRY: Final = (gast.Try, *_GROUPS)

REFUSED: Final[tuple[Refusal, ...]] = (
    Refusal(
        "async",
        "`async` and `await` are not supported, in any code: a derivative runs in one sweep",
        "write an ordinary function, and await its result outside",
        "def f(x):\n    async def g():\n        return 1\n    return x",
        (gast.AsyncFunctionDef, gast.AsyncFor, gast.AsyncWith, gast.Await),
        _always,
    ),
    Refusal(
        "async comprehension",
        "an asynchronous comprehension is not supported, in any code",
        "use an ordinary `for`",
        "async def f(x):\n    return [v async for v in x]",
        (gast.comprehension,),
        _has_async_generator,
    ),
    Refusal(
        "yield",
        "a generator cannot be differentiated: it has no one value",
        "collect the values in a list and return that",
        "def f(x):\n    yield x",
        (gast.Yield, gast.YieldFrom),
        _always,
    ),
    Refusal(
        "global and nonlocal",
        "a variable outside the function is assigned, in any code: a derivative has variables of its own",
        "return the value, or keep it in a list or an object that is passed in",
        "def f(x):\n    global total\n    total = 2\n    return total * x",
        (gast.Global, gast.Nonlocal),
        _assigns_outside,
    ),
    Refusal(
        "store into a global object",
        "active data is stored into an object outside the function, where its derivative is lost",
        "pass the object as an argument, or return the value",
        "def f(x):\n    __builtins__['a'] = x\n    return x",
        (gast.Assign, gast.AugAssign, gast.AnnAssign),
        _stores_outside,
    ),
    Refusal(
        "append to a global object",
        "active data is put into an object outside the function, where its derivative is lost",
        "pass the object as an argument, or return the value",
        "def f(x):\n    __builtins__.update(x)\n    return x",
        (gast.Call,),
        _calls_writer_outside,
    ),
    Refusal(
        "class",
        "a class defined in the function holds active data",
        "keep the values in a tuple or a dict",
        "def f(x):\n    class Point:\n        a = x\n    return Point.a",
        (gast.ClassDef,),
        _is_active_class,
    ),
    Refusal(
        "exit from finally",
        "`return`, `break` and `continue` inside `finally` are not supported, in any code: they "
        "would swallow an exception",
        "move the statement behind the `try`",
        "def f(x):\n    try:\n        n = 1\n    finally:\n        return x",
        _TRY,
        _exits_from_finally,
    ),
    Refusal(
        "exception groups",
        "`except*` around active data is not supported: several of its handlers may run",
        "use `except`",
        "def f(x):\n    try:\n        y = x * 2\n    except* ValueError:\n        y = x\n"
        "    return y",
        _GROUPS,
        _is_active_try,
    ),
    Refusal(
        "spread items",
        "active data is spread over the items of a set, which has no order, and drops equal ones",
        "use a list",
        "def f(x):\n    return {1.0, *x}",
        (gast.Set,),
        _spreads_in_display,
    ),
    Refusal(
        "set",
        "a set of active numbers has no order, and drops equal ones",
        "use a list",
        "def f(x):\n    return {x, 2 * x}",
        (gast.Set, gast.SetComp),
        _has_active_elements,
    ),
    Refusal(
        "generator kept in a variable",
        "a generator of active values is kept or handed on: it can be run through only once",
        "use a list: `[... for ...]`",
        "def f(x):\n    g = (v * v for v in x)\n    return next(g) * sum(g)",
        (gast.GeneratorExp,),
        _is_kept_generator,
    ),
    Refusal(
        "iterator kept in a variable",
        "what `map` or `filter` gives is kept or handed on: it can be run through only once, and computes its items "
        "when it is",
        "use a list: `list(map(...))`",
        "def f(x):\n    g = map(abs, x)\n    return sum(g) * len(list(g))",
        (gast.Call,),
        _is_kept_iterator,
    ),
    Refusal(
        "del of an attribute",
        "an attribute of active data is deleted",
        "leave it, or assign None to it",
        "def f(x):\n    del x.a\n    return x",
        (gast.Delete,),
        _deletes_attribute,
    ),
    Refusal(
        "del of items at a step",
        "items of a list of active values are deleted at a step",
        "make a list of those that stay: [... for i, v in enumerate(c) if i % 2]",
        "def f(x):\n    c = [x, 2 * x, 3 * x]\n    del c[::2]\n    return c[0]",
        (gast.Delete,),
        _deletes_at_a_step,
    ),
    Refusal(
        "with over active data",
        "a context manager is made from active data, and what it does with it is unknown",
        "write the manager as a generator (`contextlib.contextmanager`), or compute the value before the `with`",
        "def f(x):\n    with manager(x) as y:\n        return y",
        (gast.With,),
        _manages_active,
    ),
    Refusal(
        "method as a key",
        "a method that may keep what it is given says which active value is the largest",
        "write a lambda, or a function, that computes the key",
        "def f(x, log):\n    log = [log][0]\n    return max([x, 2 * x], key=log.push)",
        (gast.Call,),
        _is_keyed_by_method,
    ),
    Refusal(
        "access to the frame",
        "`locals()`, `vars()`, `eval` and `exec`, and `globals()` but to read a variable by name, are not supported, "
        "in any code: they see variables by name, and the derivative has others",
        "name the variables",
        "def f(x):\n    return x * len(locals())",
        (gast.Call,),
        _reads_frame,
    ),
    Refusal(
        "what a function holds",
        "the attributes under which a function hands out its defaults and its variables are not supported, in any "
        "code: the derivative has other functions",
        "name the value",
        "def f(x):\n    g = lambda a=2.0: a\n    return x * g.__defaults__[0]",
        (gast.Attribute,),
        _reads_inside,
    ),
    Refusal(
        "what an object is",
        "the class of an object, its `__dict__`, the bases of a class, or the code of a function is assigned, which "
        "is not supported, in any code: the derivative is written for what they are when it is called",
        "make another object, or choose by `if`",
        "class A:\n    pass\nclass B:\n    pass\ndef f(x):\n    a = A()\n    a.__class__ = B\n    return x",
        (gast.Attribute, gast.Call),
        _changes_nature,
    ),
    Refusal(
        "match pattern",
        "what a pattern takes apart here is not known to be a list, a tuple, a dict or an object",
        "bind names that stand for nothing else in the function, use literals, `|` or `_` as patterns, or `if`",
        "def f(x, n):\n    match n:\n        case (a, y):\n            y = x * y\n            return y\n    return x",
    ),
    Refusal(
        "list that grows",
        "a list of active values is changed in length while it is looped over",
        "collect the new items in another list",
        "def f(x):\n    for v in x:\n        x.append(v)\n    return x",
    ),
    Refusal(
        "endless iterator",
        "a loop over an endless iterator never ends",
        "leave it by `break` or `return`",
        "import itertools\ndef f(x):\n    for i in itertools.cycle((1, 2)):\n        x = x * i\n    return x",
    ),
    Refusal(
        "groups beside active data",
        "groups of `groupby` are empty when it is the turn of the next one, and are listed here before the loop",
        "make lists of them: `[(k, list(g)) for k, g in itertools.groupby(...)]`",
        "import itertools\ndef f(x):\n    y = 0.0\n    for (k, g), v in zip(itertools.groupby('aab'), x):\n"
        "        y = y + v * len(list(g))\n    return y",
    ),
    Refusal(
        "iterator taken by index",
        "`{variable}` is an iterator, which has no items that a sweep could come back to",
        "make a list of it: `{variable} = list(...)`",
        "def f(x):\n    y = 0.0\n    backwards = reversed(x)\n    for v in backwards:\n"
        "        y = 0.5 * y + v\n    return y",
    ),
    Refusal(
        "items that read what the loop assigns",
        "`{variable}` is assigned in a loop, and read by what gives its items: they are computed before it",
        "compute the items in the body of the loop",
        "def f(x):\n    n = 1\n    for i, v in enumerate(n * k for k in range(3)):\n"
        "        n = n + i\n        x = x * v\n    return x",
    ),
    Refusal(
        "items in step that do more than compute",
        "items are taken in step with others, which may end first, and to take one may do more than compute",
        "list them before, `items = [g(v) for v in x]`, or compute them in the body of the loop",
        "def f(x):\n    n = [0]\n    def count(v):\n        n[0] += 1\n        return v\n"
        "    y = 0.0\n    for a, b in zip(map(count, x), x[1:]):\n        y = y + a * b\n    return y * n[0]",
    ),
    Refusal(
        "shadowed builtin",
        "`{builtin}` is needed to rewrite this loop, but the name means something else here",
        "give the variable another name",
        "def f(x, len):\n    total = 0.0\n    for v in x:\n        total += v\n    return total",
    ),
    Refusal(
        "inserted code without a name",
        "`insert_grad_of` stands alone in its `with`, takes one variable, and names its adjoint",
        "write `with insert_grad_of(x) as x_bar:`",
        "from tangent_sct import insert_grad_of\ndef f(x):\n    with insert_grad_of(x):\n        print(x)\n"
        "    return x",
    ),
    Refusal(
        "inserted code for no variable",
        "`{place}` is no variable of the function, nor a part of one",
        "give the value a name, and insert code for that",
        "from tangent_sct import insert_grad_of\ndef f(x):\n    with insert_grad_of(x * x) as g:\n        print(g)\n"
        "    return x",
    ),
    Refusal(
        "statements in inserted code",
        "code that is inserted into the derivative is a sequence of assignments, calls and `if`s",
        "write a function for it, and call that: `x_bar = clipped(x_bar)`",
        "from tangent_sct import insert_grad_of\ndef f(x):\n    with insert_grad_of(x) as x_bar:\n"
        "        for _ in range(2):\n            x_bar *= 0.5\n    return x",
    ),
    Refusal(
        "inserted code that assigns",
        "code that is inserted into the derivative assigns `{variable}`, which is a variable of the function",
        "use another name: the block runs in the reverse sweep, when the function has ended",
        "from tangent_sct import insert_grad_of\ndef f(x):\n    y = x\n    with insert_grad_of(x) as x_bar:\n"
        "        y = x_bar\n    return x * y",
    ),
    Refusal(
        "inserted code that changes another name",
        "code that is inserted into the derivative updates something other than the adjoint, perhaps a part of it",
        "update the adjoint itself, or assign anew: `a = a + b`",
        "from tangent_sct import insert_grad_of\ndef f(x):\n    with insert_grad_of(x) as x_bar:\n"
        "        half = x_bar[1:]\n        half *= 0.5\n    return x",
    ),
    Refusal(
        "marker of no loop",
        "`checkpointed` stands here where no loop of its own begins",
        "write `for t in checkpointed(range(n), snapshots=50):`, or `while checkpointed(test, snapshots=50):`",
        "from tangent_sct import checkpointed\ndef f(x):\n    steps = checkpointed(range(3), snapshots=2)\n"
        "    for t in steps:\n        x = x * x\n    return x",
    ),
    Refusal(
        "marker without a limit",
        "`checkpointed` takes what the loop runs over, and either `snapshots=` or `memory=`",
        "write `checkpointed(range(n), snapshots=50)`, or `checkpointed(range(n), memory=\"50 MB\")`",
        "from tangent_sct import checkpointed\ndef f(x):\n    for t in checkpointed(range(3)):\n        x = x * x\n"
        "    return x",
    ),
)
"""Every construct that is refused."""

_BY_NAME: Final = {entry.name: entry for entry in REFUSED}

_CONSUMERS: Final = frozenset(
    {"sum", "max", "min", "list", "tuple", "sorted", "dict", "any", "all"}
)
_FINISHERS: Final = frozenset({"reduce", "join", "fromiter", "extend"})
"""Functions of libraries and methods that run through what they are given."""
_HANDED_ON: Final = frozenset({"zip", "enumerate", "map", "filter"})


def check(
    function: gast.FunctionDef,
    active: set[str],
    source: Source,
    is_zero: ZeroTest = lambda _: False,
) -> None:
    """Refuse a function that is outside the language.

    Args:
        function: the function as parsed.
        active: its names that may carry a derivative, from `active_names`.
        source: what errors point into.
        is_zero: whether a function, given by the expression that is called, has no derivative.

    Raises:
        UnsupportedError: for the first construct, in the order of the source, that is refused.

    >>> def f(x):
    ...     return {1.0, *x}
    >>> from tangent_sct.frontend.source import source_of, tree_of
    >>> source = source_of(f)
    >>> try:
    ...     check(tree_of(source), {"x"}, source)
    ... except UnsupportedError as error:
    ...     print(error.hint)
    use a list
    """
    local = {*tree.parameter_names(function), *tree.names_written(function.body)}
    consumed: set[int] = set()
    asked = _Check(active, local, is_zero, source, consumed, function)
    for node in tree.own_scope(function.body):
        _note_consumed(node, asked)
        for entry in _BY_NODE.get(type(node), ()):
            if entry.applies is not None and entry.applies(node, asked):
                refuse(entry.name, node, source)


def refuse(name: str, node: gast.AST, source: Source, **details: str) -> NoReturn:
    """Raise the error of an entry of the table, at a node.

    Args:
        name: of the entry.
        node: what is refused.
        source: the function it stands in.
        details: filled into the reason and the hint.

    Raises:
        UnsupportedError: always.
    """
    raise refusal(name, origin_of_node(source, node), **details)


def refusal(name: str, origin: Origin | None, **details: str) -> UnsupportedError:
    """The error of an entry of the table, for what comes from a stretch of the user's file."""
    entry = _BY_NAME[name]
    reason, hint = (text.format(**details) if details else text for text in (entry.reason, entry.hint))
    return UnsupportedError(reason, origin, hint)


def _by_node() -> dict[type[gast.AST], list[Refusal]]:
    table: dict[type[gast.AST], list[Refusal]] = {}
    for entry in REFUSED:
        for node in entry.nodes:
            table.setdefault(node, []).append(entry)
    return table


_BY_NODE: Final = _by_node()


def _note_consumed(node: gast.AST, check: _Check) -> None:
    """Remember generators that the call, loop or assignment around them runs through at once."""
    if isinstance(node, (gast.For, gast.comprehension)):
        check.consumed.add(id(node.iter))
    elif isinstance(node, gast.Assign) and all(isinstance(t, (gast.Tuple, gast.List)) for t in node.targets):
        check.consumed.add(id(node.value))
    elif isinstance(node, (gast.Starred, gast.AugAssign, gast.YieldFrom)):
        _note_iterator(node.value, check)
    elif isinstance(node, gast.Call) and is_text(node):
        check.consumed.update(map(id, node.args))
    elif isinstance(node, gast.Call) and _called_name(node) in _FINISHERS:
        for argument in node.args:
            _note_iterator(argument, check)
        if _called_name(node) in ("extend", "reduce"):
            check.consumed.update(id(argument) for argument in node.args if not _asks_owner(node, argument))
    elif isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
        if node.func.id in _CONSUMERS and check.is_builtin(node.func.id):
            check.consumed.update(map(id, node.args))
        elif node.func.id == "next" and check.is_builtin("next"):
            # It is asked for its first item, and for no other.
            check.consumed.update(map(id, node.args[:1]))
        elif check.is_builtin(node.func.id) and node.func.id in _HANDED_ON:
            # It is run through when this one is.
            for argument in node.args:
                _note_iterator(argument, check)


def _asks_owner(call: gast.Call, argument: gast.AST) -> bool:
    """Whether a generator asks for the list that it extends: that is longer with each item."""
    if not isinstance(argument, gast.GeneratorExp) or not isinstance(call.func, gast.Attribute):
        return False
    first, *others = argument.generators
    later = [argument.elt, *first.ifs, *others]
    return root_name(call.func.value) in {name for part in later for name in tree.names_read(part)}


def _called_name(call: gast.Call) -> str | None:
    function = call.func
    return function.attr if isinstance(function, gast.Attribute) else getattr(function, "id", None)


def _note_iterator(node: gast.AST, check: _Check) -> None:
    if isinstance(node, gast.Call):
        check.consumed.add(id(node))
