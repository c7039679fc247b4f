"""Objects that the program makes: which classes can be followed, and what is known of such an object.

As long as an object is only taken apart, its attributes are variables of the program and there is no object (scalar
replacement: Gosling and others, as compilers do). Where it is used as a whole, put into a list or given away, it is
kept: then it is read once more, and made where its class is called.
"""

from __future__ import annotations

import abc
import dataclasses
import functools
import inspect
import itertools
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.namespace import is_library
from tangent_sct.runtime import made

WRITTEN: WeakKeyDictionary[Any, tuple[Source, gast.FunctionDef]] = WeakKeyDictionary()
"""Functions that set the attributes of a dataclass, with their sources."""

_SPECIAL = ("__getattribute__", "__getattr__", "__setattr__", "__delattr__", "__new__", "__del__")


@dataclass(frozen=True)
class Site:
    """A place where objects are made, the same each time that the program is read.

    Attributes:
        cls: their class.
        calls: the calls that were unfolded to come there, and the one of the class.
    """

    cls: type
    calls: tuple[Origin | None, ...]


@dataclass(frozen=True, eq=False)
class Made:
    """An object of which only the attributes are there, as variables.

    Attributes:
        site: where it is made.
        name: what the class is called in the text.
        base: what its variables are named after.
        fields: the variable of each attribute that has been assigned.
    """

    site: Site
    name: str
    base: str
    fields: dict[str, str]

    @property
    def cls(self) -> type:
        """Its class."""
        return self.site.cls


@dataclass(frozen=True)
class Lost:
    """One of several objects, or one that is there on some paths alone: those that are made at some sites."""

    sites: frozenset[Site]


class Whole(Exception):
    """An object is used as a whole, of which only the attributes are there."""

    def __init__(self, sites: frozenset[Site]) -> None:
        super().__init__(", ".join(sorted(site.cls.__name__ for site in sites)))
        self.sites = sites


class Endless(Exception):
    """A function that calls itself on an object does so more often than it can be unfolded."""

    def __init__(self, function: Any) -> None:
        super().__init__(function.__name__)
        self.function = function


def sites_of(value: Any) -> frozenset[Site]:
    """Where those objects are made that a name may mean, and of which only the attributes are there."""
    if isinstance(value, Made):
        return frozenset((value.site,))
    return value.sites if isinstance(value, Lost) else frozenset()


def refuse_class(cls: type, origin: Origin | None, used: str = "") -> None:
    """Refuse what would see that an object is none of the library's that it stands for.

    Args:
        cls: the class of the object.
        origin: where it is used.
        used: what is used of it.

    Raises:
        UnsupportedError: naming what it stands for.
    """
    if stands_for(cls):
        what, known = cls.stands_for  # type: ignore[attr-defined]
        raise UnsupportedError(f"{used}{what} is used in a way that has no derivative here", origin, known)


def stands_for(cls: Any) -> bool:
    """Whether a class stands for one of a library, so that its objects must not be seen.

    >>> stands_for(int)
    False
    """
    return isinstance(cls, type) and hasattr(cls, "stands_for") and is_library(cls.__module__)


def may_make(function: Any) -> bool:
    """Whether a call makes an object of a class that is followed, or is of a user's function, which may.

    >>> may_make(len), may_make(int)
    (False, False)
    """
    if isinstance(function, types.FunctionType):
        return not is_library(function.__module__) or function is made
    return is_followed(function) or is_followed(getattr(function, "__self__", None))


def is_followed(cls: Any) -> bool:
    """Whether making an object of a class does nothing but to set attributes, by Python source of the class.

    >>> is_followed(int), is_followed(type("P", (), {"__module__": "particles"}))
    (False, True)
    """
    if not isinstance(cls, type) or _is_foreign(cls) or inspect.isabstract(cls):
        return False
    if type(cls).__call__ is not type.__call__:
        return False
    own = [base for base in cls.__mro__ if not _is_foreign(base)]
    others = {base.__module__ for base in cls.__mro__ if _is_foreign(base) and base is not object}
    if not others <= {"abc", "typing"}:
        return False
    is_frozen = any(getattr(getattr(base, "__dataclass_params__", None), "frozen", False) for base in own)
    special = [name for base in own for name in _SPECIAL if name in vars(base)]
    if any(name not in ("__setattr__", "__delattr__") or not is_frozen for name in special):
        return False
    return isinstance(cls.__init__, types.FunctionType) or cls.__init__ is object.__init__  # type: ignore[misc]


def told_by_bases(cls: Any) -> bool:
    """Whether `isinstance` asks for a class by what the class of an object derives from, or is registered as.

    >>> from typing import SupportsFloat
    >>> told_by_bases(dict), told_by_bases(SupportsFloat)
    (True, False)
    """
    asks = (type.__instancecheck__, abc.ABCMeta.__instancecheck__)
    return isinstance(cls, type) and any(type(cls).__instancecheck__ is known for known in asks)


def is_apart(cls: Any, others: Iterable[type]) -> bool:
    """Whether a class whose objects are followed surely is none of which objects of other classes are instances.

    >>> is_apart(type("Length", (), {"__module__": "shop"}), [float, int]), is_apart(float, [float, int])
    (True, False)
    """
    return is_followed(cls) and told_by_bases(cls) and not any(issubclass(other, cls) for other in others)


def _is_foreign(cls: type) -> bool:
    """Whether a class is a library's; some of the compiler's own stand for results that it makes itself."""
    return is_library(cls.__module__) and not vars(cls).get("is_followed", False)


def is_generated_init(function: Any) -> bool:
    """Whether a function is the `__init__` that `dataclasses` has written."""
    owner = getattr(function, "__globals__", {})
    return (
        isinstance(function, types.FunctionType)
        and function.__name__ == "__init__"
        and function.__code__.co_filename == "<string>"
        and isinstance(owner, dict)
    )


def written_init(cls: type, function: Any, call: gast.Call) -> Any:
    """The function that does what the `__init__` of a dataclass does when it is called so.

    Args:
        cls: the class that has the `__init__`.
        function: the `__init__`.
        call: the call, without the object.
    """
    parameters = [p for n, p in inspect.signature(function).parameters.items() if n != "self"]
    given = {p.name for p, _ in zip(parameters, call.args, strict=False)} | {k.arg for k in call.keywords}
    return _written(cls, frozenset(given))


@functools.lru_cache(maxsize=1024)
def _written(cls: type, given: frozenset[str]) -> Any:
    heads, body, after = ["self"], [], []
    space: dict[str, Any] = {}
    every: Mapping[str, Any] = cls.__dataclass_fields__  # type: ignore[attr-defined]
    for item in sorted(every.values(), key=lambda f: bool(f.kw_only)):
        sort = getattr(item._field_type, "name", "")
        value = item.name
        if sort == "_FIELD_CLASSVAR":
            continue
        if item.init and item.name in given:
            heads.append(item.name)
        elif item.default_factory is not dataclasses.MISSING:
            space[f"{item.name}_factory"] = item.default_factory
            value = f"{item.name}_factory()"
        elif item.init and item.default is not dataclasses.MISSING:
            space[f"{item.name}_default"] = item.default
            value = f"{item.name}_default"
        elif item.init:
            # The call does not fit, which is said where it is bound.
            heads.append(item.name)
        else:
            continue
        if sort == "_FIELD_INITVAR":
            after.append(value)
        else:
            body.append((item.name, f"    self.{item.name} = {value}"))
    order = list(every)
    lines = [line for _, line in sorted(body, key=lambda pair: order.index(pair[0]))]
    if hasattr(cls, "__post_init__"):
        lines.append(f"    self.__post_init__({', '.join(after)})")
    text = "\n".join([f"def __init__({', '.join(heads)}):", *(lines or ["    pass"])])
    exec(compile(text, f"<{cls.__qualname__}>", "exec", dont_inherit=True), space)
    function = space["__init__"]
    source = Source(text, f"<{cls.__qualname__}>", 1, 0, "__init__", function, space, {})
    WRITTEN[function] = source, tree.statements(text)[0]
    return function


def replaced_call(call: gast.Call, cls: type, name: str) -> gast.Call | None:
    """The call of a class for `dataclasses.replace(q, ...)`."""
    new = {k.arg: k.value for k in call.keywords}
    if len(call.args) != 1 or None in new or not dataclasses.is_dataclass(cls):
        return None
    own = [f.name for f in dataclasses.fields(cls) if f.init]
    values = [gast.keyword(n, new.get(n) or tree.attribute(tree.copy(call.args[0]), n)) for n in own]
    extra = [gast.keyword(n, v) for n, v in new.items() if n not in own]
    return gast.Call(tree.load(name), [], list(itertools.chain(values, extra)))
