"""What a call does besides computing its result: what it writes, and what its result shares.

The knowledge comes from the rules (a function with a rule is pure), from the way NumPy is built (a
ufunc allocates its result), and from short tables for builtins and for the few functions of NumPy
that write. About every other call nothing is assumed.

Needs: the objects of the free names. Produces: `CallFacts` for a call.
"""

from __future__ import annotations

import builtins
import cmath
import enum
import functools
import inspect
import itertools
import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import FunctionType, MethodType, ModuleType
from typing import Any, Literal, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import gast
import numpy as np

from tangent_sct import runtime
from tangent_sct.analysis.harmless import is_harmless
from tangent_sct.analysis.outside import SharedNames, handed_out
from tangent_sct.core import tree
from tangent_sct.core.attempts import WORDS
from tangent_sct.core.identity import entry_of, is_one_of
from tangent_sct.core.kind import SAMPLERS
from tangent_sct.frontend.inplace import RETURNING
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.rules import ARRAY_WRITERS
from tangent_sct.runtime import iterators
from tangent_sct.runtime.boxes import (
    UNDONE_BY,
    WRITERS,
    add_item,
    add_items,
    like_argument,
    old_item,
    put_back,
    taken_item,
)
from tangent_sct.runtime.objects import is_named
from tangent_sct.templates.methods import METHODS
from tangent_sct.templating import registry

Effect = Literal["none", "writes", "outside", "unknown"]
Shares = Literal["none", "first", "all", "item"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What calling a certain object does.

    Attributes:
        effect: "none"; "writes": changes its first operand and nothing else; "outside": has an
            effect that no variable shows (prints, checks, draws random numbers); "unknown".
        shares: which operands the result, or what is written, may share memory with or hold: none, the first, all, or
            the first and what is put into it at a key, the second.
        is_number: whether the result surely is a number or an array, and no container.
        along_axes: whether anything is shared only by a call along no axis.
        of_matrix: whether anything is shared only where the first operand is a matrix; of a vector it is new.
        reaches_inside: whether the arrays in a container that it changes are written into, and not only replaced.
        shape_of: operands of which only shape, dtype and structure count, by position or keyword.
        accepts: how many positional operands are read; the next is written (`out`).
    """

    effect: Effect
    shares: Shares
    is_number: bool = False
    shape_of: frozenset[int | str] = frozenset()
    accepts: int | None = None
    along_axes: bool = False
    of_matrix: bool = False
    reaches_inside: bool = False


def shared_of(shares: Shares, operands: Sequence[T]) -> Sequence[T]:
    """Those of some operands, or of what is known of each, that a call may share memory with.

    >>> shared_of("first", "abc"), shared_of("item", ["shadow", "key", "old"])
    ('a', ['shadow', 'old'])
    """
    if shares == "item":
        return [*operands[:1], *operands[2:]]
    return operands[:0] if shares == "none" else operands[:1] if shares == "first" else operands


class CallFacts(NamedTuple):
    """What a certain call does; see `ObjectFacts`.

    Attributes:
        operands: the arguments, the receiver of a method first, keywords last.
        effect: as in `ObjectFacts`.
        shares: as in `ObjectFacts`.
        is_number: as in `ObjectFacts`.
        shape_only: those of the operands of which only the shape counts.
        method: name of the method, where what is called depends on the type of the first operand.
        unless: of which operand nothing is shared: one with axes, a vector, or none is known.
        reaches_inside: as in `ObjectFacts`.
    """

    operands: tuple[gast.AST, ...]
    effect: Effect
    shares: Shares
    is_number: bool
    shape_only: tuple[gast.AST, ...] = ()
    method: str | None = None
    unless: Literal["axes", "vector"] | None = None
    reaches_inside: bool = False

    def shared(self) -> tuple[gast.AST, ...]:
        """The operands whose memory the result may share."""
        return tuple(shared_of(self.shares, self.operands))


_SHARES: dict[str, Shares] = {"fresh": "none", "view": "first", "maybe": "all", "axes": "first", "matrix": "first"}
_UNKNOWN = ObjectFacts("unknown", "all")
_ALLOCATES = ObjectFacts("none", "none", True)
_PLAIN = ObjectFacts("none", "none")
_HOLDS = ObjectFacts("none", "all")
_OUTSIDE = ObjectFacts("outside", "all")
_RETURNS_OWN = ObjectFacts("outside", "none")
_WRITES = ObjectFacts("writes", "all")
_POPS = ObjectFacts("writes", "item")
_ADDS = ObjectFacts("writes", "none", reaches_inside=True)
_MEASURES = ObjectFacts("none", "none", True, frozenset({0}))


OWNING: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
"""Functions of generated text that write into nothing that they are given or reach, and whether all that each of
them returns is its own."""

_IN_PLACE = frozenset(
    "setitem delitem iadd iand iconcat ifloordiv ilshift imatmul imod imul ior ipow irshift isub "
    "itruediv ixor".split()
)
"""Functions of `operator` that change their first operand where it can be changed."""


def _named(owner: object, names: str) -> Iterator[Any]:
    return (getattr(owner, name) for name in names.split() if hasattr(owner, name))


def _table() -> dict[Any, ObjectFacts]:
    table: dict[Any, ObjectFacts] = {}
    rows: list[tuple[ObjectFacts, object, str]] = [
        (_ALLOCATES, builtins, "abs bool complex float int pow round"),
        (
            _PLAIN, builtins,
            "all any bytes callable chr divmod format hash hasattr id isinstance issubclass "
            "ord range repr slice str type",
        ),
        (
            _HOLDS, builtins,
            "dict enumerate frozenset getattr list max min reversed set sorted tuple zip",
        ),
        (_HOLDS, runtime, "named arrays_left"),
        (
            _HOLDS, itertools,
            "chain combinations combinations_with_replacement islice pairwise permutations product zip_longest",
        ),
        (
            _HOLDS, np,
            "asanyarray asarray ascontiguousarray asfortranarray diff einsum imag nan_to_num real "
            "require",
        ),
        (_OUTSIDE, builtins, "print input"),
        (_OUTSIDE, runtime, "leave_arrays"),
        (ObjectFacts("writes", "all"), builtins, "next setattr delattr"),
        (_MEASURES, builtins, "len"),
        (_MEASURES, np, "zeros_like ones_like empty_like full_like shape ndim size"),
        (
            _ALLOCATES, np,
            "arange bincount copy empty eye full identity linspace ones zeros",
        ),
        (_PLAIN, np, "diag_indices meshgrid"),
        (
            _UNKNOWN, np,
            "apply_along_axis apply_over_axes frompyfunc fromfunction load loadtxt memmap "
            "piecewise save savetxt savez seterr seterrcall setbufsize set_printoptions vectorize",
        ),
    ]  # fmt: skip
    for facts, owner, names in rows:
        for found in _named(owner, names):
            table[found] = facts
    for name in dir(operator):
        found = getattr(operator, name)
        if callable(found) and not name.startswith("_"):
            table[found] = _operator_facts(name)
    for module in (math, cmath):
        for found in vars(module).values():
            if callable(found):
                table.setdefault(found, _ALLOCATES)
    table.update(dict.fromkeys(WORDS.values(), _OUTSIDE))
    table.update(dict.fromkeys(ARRAY_WRITERS, _WRITES))
    return table


def _operator_facts(name: str) -> ObjectFacts:
    if name in _IN_PLACE:
        return _WRITES
    if name in ("getitem", "concat"):
        return _HOLDS
    return _UNKNOWN if name in ("attrgetter", "itemgetter", "methodcaller", "call") else _PLAIN


_TABLE = _table()

MUTATORS = frozenset(
    "add append appendleft clear difference_update discard extend extendleft fill insert "
    "intersection_update itemset partition pop popitem popleft put remove resize reverse "
    "setdefault setfield setflags sort symmetric_difference_update update "
    "__delitem__ __getitem__ __setitem__".split()
)
"""Methods of lists, dicts, sets, deques and arrays that change the object: a defaultdict, as it is read."""

_OBSERVERS = frozenset(
    "capitalize count decode encode endswith find format get index isdigit items join keys lower "
    "replace rstrip split startswith strip title upper values zfill".split()
)
"""Methods of containers and strings that change nothing."""


def _is_other_method(call: gast.Call) -> bool:
    """Whether a method is given other arguments than that of containers and texts of the same name: `queue.get()`."""
    least, most = _TAKEN.get(call.func.attr, (0, len(call.args)))
    if any(isinstance(argument, gast.Starred) for argument in call.args):
        return False
    flags = [argument for argument in call.args[:1] if tree.is_constant(argument, True, False)]
    told = {keyword.arg for keyword in call.keywords} & {"block", "timeout"}
    return not least <= len(call.args) <= most or bool(told) or (call.func.attr == "get" and bool(flags))


_TAKEN = {"get": (1, 2), "join": (1, 1), "replace": (2, 3), "index": (1, 3), "count": (1, 3), "find": (1, 3)}
"""How many arguments methods of containers and texts take."""


def is_none(node: gast.AST) -> bool:
    """Whether an expression is the literal `None`."""
    return isinstance(node, gast.Constant) and node.value is None


def _may_not_copy(call: gast.Call) -> bool:
    """Whether a call asks for a result that is copied only where that cannot be helped."""
    for keyword in call.keywords:
        if keyword.arg == "copy":
            return not (isinstance(keyword.value, gast.Constant) and keyword.value.value is True)
    return False


def _rearranges(args: list[gast.AST]) -> bool:
    """Whether `np.einsum` may give a view: of one operand, where it sums over no index.

    >>> from tangent_sct.core import tree
    >>> [_rearranges([tree.const(s), tree.load("a")]) for s in ("ij->ji", "ij->j", "ii", "ba")]
    [True, False, False, True]
    """
    if len(args) != 2 or not isinstance(args[0], gast.Constant) or not isinstance(args[0].value, str):
        return len(args) <= 2
    indices, arrow, kept = args[0].value.replace(" ", "").partition("->")
    return set(kept) == set(indices) if arrow else len(set(indices)) == len(indices) or "." in indices


def _differs(call: gast.Call) -> bool:
    """Whether a call of `np.diff` takes differences at least once."""
    told = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "n")]
    return not told or (isinstance(told[0], gast.Constant) and told[0].value != 0)


def _works_along_axes(call: gast.Call) -> bool:
    """Whether a call surely is along some axis of an array that has axes, as it is by default.

    >>> from tangent_sct.core import tree
    >>> [_works_along_axes(tree.expression(f"np.fft.fftn(a, axes={axes})")) for axes in ("None", "(0, 1)", "()", "b")]
    [True, True, False, False]
    """
    told = [*call.args[1:], *(k.value for k in call.keywords if k.arg in ("s", "axes"))]
    return all(value.elts if isinstance(value, gast.Tuple) else isinstance(value, gast.Constant) for value in told)


_RUN_THROUGH = (all, any, dict, enumerate, frozenset, list, max, min, set, sorted, sum, tuple, zip, map, filter, iter)
"""What runs through its arguments, or makes an iterator that does."""


def _is_one_of(function: Any, known: tuple[Any, ...]) -> bool:
    return any(function is other for other in known)


class Calls:
    """Answers what the calls of one program do.

    Args:
        namespace: free names of the program with their objects.
        is_harmless: tells of functions without a rule whether they write into nothing but what is theirs.
        sees_keys: whether `d.keys()`, which holds nothing that is written into, counts as a view of the dict.
        find_plain: finds variables that hold functions that are defined inside and do nothing but compute
            (`plain_functions`); it is asked where a call is given a `key`.

    >>> from tangent_sct.core import tree
    >>> calls = Calls({"np": np})
    >>> facts = calls.facts(tree.expression("np.add.at(a, i, v)"))
    >>> facts.effect, calls.facts(tree.expression("np.exp(a)")).shares
    ('writes', 'none')
    >>> calls.facts(tree.expression("g(a)")).effect
    'unknown'
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        is_harmless: Callable[[Any], bool] = lambda function: False,
        sees_keys: bool = False,
        find_plain: Callable[[Calls], Collection[str]] = lambda calls: (),
    ) -> None:
        self._namespace = namespace
        self._find_plain = find_plain
        self._sees_keys = sees_keys
        self._is_harmless = is_harmless
        self._objects: dict[int, tuple[Any, ObjectFacts]] = {}
        self._handed_out: dict[tuple[int, int], tuple[Any, list[Any]]] = {}

    def facts(self, call: gast.Call) -> CallFacts:
        """What a call does."""
        function = self.meaning(call.func)
        args = [a.value if isinstance(a, gast.Starred) else a for a in call.args]
        values = [keyword.value for keyword in call.keywords]
        method = None
        if function is not MISSING:
            facts = self.of_object(function)
        elif isinstance(call.func, gast.Attribute):
            method = call.func.attr
            args.insert(0, call.func.value)
            facts = _UNKNOWN if _is_other_method(call) else self._method(method)
        else:
            facts = _UNKNOWN
            args.insert(0, call.func)
        operands = tuple(args + values)
        if self._writes_into_out(call, facts, len(args)):
            return CallFacts(operands, "unknown", "all", facts.is_number)
        if facts.effect == "none" and any(map(self.does_more, _functions_given(call, function))):
            return CallFacts(operands, "unknown", "all", facts.is_number)
        if function is np.nan_to_num and (len(args) > 1 or _may_not_copy(call)):
            return CallFacts(operands, "writes", "all", True)
        shares = "all" if _may_not_copy(call) else facts.shares
        if function is np.diff and _differs(call):
            shares = "none"
        if function is np.einsum and not _rearranges(args):
            shares = "none"
        is_number = facts.is_number
        if function is sum and len(operands) > 1 and not isinstance(operands[1], gast.Constant):
            # `sum(lists, [])` joins lists, which hold what was held before; of nothing it is what it begins with.
            shares, is_number = "all", False
        shape_only = [args[i] for i in facts.shape_of if isinstance(i, int) and i < len(args)]
        shape_only += [k.value for k in call.keywords if k.arg in facts.shape_of]
        return CallFacts(
            operands, facts.effect, shares, is_number, tuple(shape_only), method,
            "axes" if facts.along_axes and _works_along_axes(call) else "vector" if facts.of_matrix else None,
            facts.reaches_inside,
        )  # fmt: skip

    def surely_writes(self, call: gast.Call) -> bool:
        """Whether a call is one that writes: by what it calls, or into the `out` that it is given."""
        facts = self.facts(call)
        if facts.effect == "writes":
            return True
        return facts.effect == "unknown" and any(k.arg == "out" and not is_none(k.value) for k in call.keywords)

    def puts_out(self, call: gast.Call) -> bool:
        """Whether a function that only computes else puts its result into an array that it is given.

        >>> calls = Calls({"np": np})
        >>> [calls.puts_out(tree.expression(text)) for text in ("np.exp(a, out=b)", "np.exp(a, b)", "np.exp(a)")]
        [True, True, False]
        """
        function = self.meaning(call.func)
        if function is MISSING or isinstance(function, FunctionType):
            return False
        facts = self.of_object(function)
        return facts.effect == "none" and self._writes_into_out(call, facts, len(call.args))

    def meaning(self, node: gast.AST) -> Any:
        """The object a callee means, `MISSING` where only the run decides."""
        return meaning(node, self._namespace)

    def is_fixed(self, name: str) -> bool:
        """Whether a name means a module, whose functions nobody changes."""
        return isinstance(self._namespace.get(name), ModuleType)

    def does_more(self, key: gast.AST) -> bool:
        """Whether a function that is handed to `sorted` and its like, which call it, may do more than compute.

        Of those that are defined inside nothing is known here.
        """
        if isinstance(key, gast.Lambda):
            return self.has_effect(key.body)
        if isinstance(key, gast.Constant):
            return False
        function = self.meaning(key)
        if function is MISSING:
            named = key.attr if isinstance(key, gast.Attribute) else None
            return named is None or self._method(named).effect in ("writes", "unknown")
        if getattr(function, "__objclass__", None) in (str, int, float, complex, tuple):
            return False
        if isinstance(function, (operator.itemgetter, operator.attrgetter)):
            return False
        return self.of_object(_plain_function(function)).effect in ("writes", "unknown")

    @cached_property
    def _plain(self) -> Collection[str]:
        return self._find_plain(self)

    def without_key(self, call: gast.Call) -> gast.Call:
        """A call without its `key`, if that is a function inside that only computes; else the very same call."""
        keys = [keyword.value for keyword in call.keywords if keyword.arg == "key"]
        if not keys or not all(tree.is_one_of(key, self._plain) for key in keys):
            return call
        return gast.Call(call.func, call.args, [keyword for keyword in call.keywords if keyword.arg != "key"])

    def has_effect(self, node: gast.AST) -> bool:
        """Whether an expression has a call inside that may do more than compute."""
        calls = (item for item in tree.walk(node) if type(item) is gast.Call)
        return any(self.facts(call).effect in ("writes", "unknown") for call in calls)

    def is_python(self, call: gast.Call) -> bool:
        """Whether a call runs a function written in Python, which may write into what it reaches by itself."""
        function = self.meaning(call.func)
        return isinstance(getattr(function, "__func__", function), FunctionType)

    def handed_out(self, call: gast.Call, shared_names: SharedNames) -> list[Any]:
        """The objects from outside of which what a call gives may be a part."""
        function = self.meaning(call.func)
        if function is MISSING or self.of_object(function) is _ALLOCATES:
            return []
        # A method is made anew each time, its function and its object are not; both are kept with the answer.
        plain, owner = getattr(function, "__func__", None), getattr(function, "__self__", None)
        if plain is None and not isinstance(function, FunctionType):
            return handed_out(function, shared_names)
        key = id(plain or function), id(owner)
        if key not in self._handed_out:
            self._handed_out[key] = function, handed_out(function, shared_names)
        return self._handed_out[key][1]

    def makes_container(self, call: gast.Call) -> bool:
        """Whether a call surely makes a container of what it is given."""
        function = self.meaning(call.func)
        return function is not MISSING and _is_one_of(function, (dict, frozenset, list, set, sorted, tuple))

    def runs_through(self, call: gast.Call) -> tuple[gast.AST, ...]:
        """What a call asks for its items, one after the other."""
        function = self.meaning(call.func)
        return tuple(call.args) if function is not MISSING and _is_one_of(function, _RUN_THROUGH) else ()

    def _writes_into_out(self, call: gast.Call, facts: ObjectFacts, count: int) -> bool:
        if facts.accepts is not None and count > facts.accepts:
            return True
        return any(k.arg is None or k.arg == "out" and not is_none(k.value) for k in call.keywords)

    def _method(self, name: str) -> ObjectFacts:
        """Facts for a method of a value, by its name alone."""
        if name in MUTATORS:
            # By what key or at what place an item is taken off is nothing that the item holds.
            return _POPS if name == "pop" else _WRITES
        if name in METHODS:
            return self.of_object(METHODS[name])
        if name == "keys":
            # They hold nothing that is written into.
            return _HOLDS if self._sees_keys else _PLAIN
        return _HOLDS if name in _OBSERVERS else _UNKNOWN

    def of_object(self, function: Any) -> ObjectFacts:
        """What calling an object does."""
        # The object is kept: `np.add.at` is made anew each time, and another may get its number.
        kept, found = self._objects.get(id(function), (None, None))
        if found is None or kept is not function:
            found = object_facts(function)
            if found is _UNKNOWN and isinstance(function, FunctionType):
                # It may still print, or raise: it stays where it is.
                if function in RETURNING or function in OWNING:
                    found = _RETURNS_OWN if OWNING.get(function, True) else _OUTSIDE
                    self._objects[id(function)] = function, found
                    return found
                is_sure = is_harmless(function, _is_known) or self._is_harmless(function)
                found = _OUTSIDE if is_sure else found
            self._objects[id(function)] = function, found
        return found


def _functions_given(call: gast.Call, function: Any) -> Iterator[gast.AST]:
    """The functions that a call hands on to a function of a library, which calls them."""
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "key")
    if getattr(function, "__module__", None) == iterators.__name__:
        for position, name in enumerate(inspect.signature(function).parameters):
            if name in ("func", "function", "predicate"):
                yield from call.args[position : position + 1]
                yield from (keyword.value for keyword in call.keywords if keyword.arg == name)


def _plain_function(function: Any) -> Any:
    """The function that is run where an object is called: of a method, a partial, an object with a `__call__`."""
    if isinstance(function, functools.partial):
        return _plain_function(function.func)
    if isinstance(function, MethodType):
        return function.__func__
    called = inspect.getattr_static(type(function), "__call__", None)
    return called if isinstance(called, FunctionType) else function


def _is_known(call: gast.Call, objects: Mapping[str, Any]) -> bool:
    """Whether a call surely writes into nothing that it is given, by tables alone."""
    calls = Calls(objects)
    function = calls.meaning(call.func)
    if function is not MISSING and object_facts(function) is _UNKNOWN:
        return False
    return calls.facts(call).effect in ("none", "outside")


def object_facts(function: Any) -> ObjectFacts:
    """What calling an object does.

    Args:
        function: any object.

    >>> object_facts(np.sin).shares, object_facts(np.random.normal).effect
    ('none', 'outside')
    """
    known = entry_of(function, _TABLE)
    if known is not None:
        return known
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        # `np.add.at` changes numbers, and keeps nothing of what it is given.
        return ObjectFacts("writes", "none") if function.__name__ == "at" else _ALLOCATES
    module = getattr(function, "__module__", None) or ""
    if isinstance(owner, SAMPLERS):
        return _UNKNOWN if function.__name__ == "shuffle" else _OUTSIDE
    if module.startswith("numpy.random"):
        return _UNKNOWN
    if module.startswith("tangent_sct.runtime"):
        return _runtime_facts(function)
    if isinstance(function, np.ufunc):
        return ObjectFacts("none", "none", True, accepts=function.nin)
    if isinstance(function, type) and issubclass(function, np.generic):
        # Given an array, these return one, perhaps the same.
        return ObjectFacts("none", "all", True)
    rule = registry.find(function)
    is_numpy = module.partition(".")[0] == "numpy" and callable(function)
    accepts = _position_of_out(function) if is_numpy or function is np.ndarray.conjugate else None
    if rule is not None:
        is_number = len(rule.results) == 1 and not rule.is_zero
        return ObjectFacts(
            "none", _SHARES[rule.aliasing], is_number, accepts=accepts,
            along_axes=rule.aliasing == "axes", of_matrix=rule.aliasing == "matrix",
        )  # fmt: skip
    if isinstance(function, type):
        return _class_facts(function)
    return ObjectFacts("none", "all", accepts=accepts) if is_numpy else _UNKNOWN


@cache
def _position_of_out(function: Any) -> int | None:
    """How many arguments of a function of NumPy come before `out`."""
    if function is np.ndarray.conjugate:
        return 1
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        # Written in C: of those with an `out`, it is the third argument of both.
        return 2 if is_one_of(function, (np.dot, np.concatenate)) else None
    return names.index("out") if "out" in names else None


def _class_facts(function: type) -> ObjectFacts:
    is_enumeration = issubclass(function, enum.Enum) and "_missing_" not in vars(function)
    if is_named(function):
        return _HOLDS
    if is_enumeration or issubclass(function, (np.dtype, np.ndindex)):
        return _PLAIN
    if issubclass(function, (BaseException, np.errstate)):
        return _HOLDS
    return _UNKNOWN


@cache
def _runtime_facts(function: Any) -> ObjectFacts:
    """Helpers of generated code: pure, but for the checks; `like` counts by its shape only."""
    if isinstance(function, type) or function.__name__.startswith("check_") or function is runtime.checkpointed:
        return _OUTSIDE
    if is_one_of(function, UNDONE_BY):
        # The places are read, and put nowhere.
        return ObjectFacts("writes", "none")
    if function is taken_item:
        # Of what was replaced only the structure counts.
        return ObjectFacts("writes", "first")
    if is_one_of(function, WRITERS):
        if function is put_back:
            return ObjectFacts("writes", "item")
        return _ADDS if is_one_of(function, (add_item, add_items)) else _WRITES
    if function is old_item:
        # The key is no part of the item.
        return ObjectFacts("none", "first")
    shape_of: set[int | str] = set()
    for position, name in enumerate(inspect.signature(function).parameters):
        if name == "like":
            shape_of |= {position, name}
    if function is like_argument:
        # Of what the shadow belongs to the structure counts.
        return ObjectFacts("none", "first", False, frozenset({1, "x"}))
    if function.__name__ in ("zeros_like", "zero_items"):
        return ObjectFacts("none", "none", False, frozenset({0}))
    rule = registry.find(function)
    # What has no derivative builds indices, which hold nothing to be differentiated.
    fresh = rule is not None and rule.aliasing == "fresh"
    return ObjectFacts("none", "none" if fresh else "all", False, frozenset(shape_of))
