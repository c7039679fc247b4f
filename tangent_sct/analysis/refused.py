"""What the analyses find and no derivative can be written for, refused before one is.

Each function looks through a program in single assignment for one thing. Requires: kinds, activity.
"""

from __future__ import annotations

import builtins
import collections
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.ahead import refuse_changes_of_what_is_listed
from tangent_sct.analysis.aliases import names_returned
from tangent_sct.analysis.calls import MUTATORS, Calls
from tangent_sct.analysis.compared import refuse_comparisons_that_are_values
from tangent_sct.analysis.growth import refuse_changing_lengths
from tangent_sct.analysis.hidden import free_copies, may_act, written_in
from tangent_sct.analysis.implicit import refuse_implicit_writers
from tangent_sct.analysis.inside import Inside
from tangent_sct.analysis.notes import notes
from tangent_sct.analysis.operations import opened, operation
from tangent_sct.analysis.own_ways import refuse_operands_that_are_objects
from tangent_sct.analysis.subscripts import refuse_slice_objects, refuse_varied_keys
from tangent_sct.analysis.unseen import refuse_unseen
from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, bound_by, exposed, raises_on
from tangent_sct.core.errors import UnsupportedError, half_tried
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import (
    NO_NUMBERS,
    NO_VALUE,
    UNKNOWN,
    Field,
    Kind,
    is_object,
    may_be_object,
    unless_none,
)
from tangent_sct.frontend.active import (
    INACTIVE_ATTRIBUTES,
    INACTIVE_METHODS,
    KNOWN_METHODS,
    items_bound,
    mentions_active,
    root_name,
)
from tangent_sct.frontend.filling import plainly_read
from tangent_sct.frontend.given import unbound
from tangent_sct.frontend.mentioned import classes_mentioned, names_of_classes
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.objects import own_names
from tangent_sct.frontend.rules import rule_test
from tangent_sct.frontend.settled import calls_in, holders
from tangent_sct.frontend.source import source_of, tree_of
from tangent_sct.runtime import noted, stop_gradient
from tangent_sct.templating import registry

KindOf = Callable[[gast.AST], Kind]
_OWN_CLASSES = {"list": list, "tuple": tuple, "dict": dict}
_WITHOUT_NUMBERS = INACTIVE_ATTRIBUTES | INACTIVE_METHODS
_ARRAY_NAMES = (KNOWN_METHODS | _WITHOUT_NUMBERS) - {"__class__"}


def refuse_all(
    body: list[gast.AST],
    namespace: Mapping[str, Any],
    found: set[str],
    kind_of: KindOf,
    find_varied_by_name: Callable[[], set[str]],
    find_varied: Callable[[], set[str]],
    written_by: Callable[[gast.AST], Iterable[str]],
    calls: Calls,
) -> None:
    """Refuse a program for the first thing in it that is not supported.

    Args:
        body: a program in single assignment.
        namespace: what its free names mean.
        found: its active names.
        kind_of: the kind of an expression.
        find_varied_by_name: tells the names that may depend on what is differentiated.
        find_varied: the same, also through memory that is shared. What a function that is not known gives may share
            the memory of all that it is given, so functions are asked for by name, and keys that have one.
        written_by: names of all that a statement may write into.
        calls: what its calls do.

    Raises:
        UnsupportedError: naming the statement.
    """
    inside = Inside(body)
    refuse_functions(body, inside, namespace, find_varied_by_name)
    refuse_unknown_calls(inside, namespace, find_varied_by_name)
    refuse_hidden_methods(inside, namespace, kind_of, find_varied)
    refuse_names_of_arrays(inside, namespace, kind_of, find_varied)
    refuse_methods_named_as_those_of_arrays(inside, namespace, kind_of, find_varied)
    refuse_writers_outside(inside, namespace, find_varied, written_by)
    refuse_stores_into_objects(inside, namespace, kind_of, find_varied, written_by)
    refuse_hidden(body, namespace, find_varied())
    refuse_attributes_of_arrays(body, found, kind_of, written_by)
    refuse_other_than_arrays(body, kind_of)
    refuse_hidden_writes(inside, namespace, found, written_by, calls)
    refuse_results_put_away(inside, found, calls)
    refuse_changing_objects(inside, namespace, find_varied)
    refuse_slice_objects(inside, namespace, kind_of, find_varied)
    refuse_varied_keys(inside, namespace, kind_of, find_varied_by_name, find_varied)
    refuse_object_loops(body, kind_of)
    refuse_changing_lengths(body, kind_of, written_by)
    refuse_changes_of_what_is_listed(body, kind_of, written_by)
    refuse_mixed(body, found, kind_of)
    refuse_asked_structure(body, namespace, found, kind_of)
    refuse_containers(body, namespace, found, kind_of)
    refuse_arrays_of_objects(body, kind_of, find_varied)
    refuse_lists_joined_by_sum(inside, namespace, kind_of, find_varied)
    refuse_indexed_numbers(body, found, kind_of)
    refuse_items_of_objects(inside, found, kind_of)
    refuse_operands_that_are_objects(inside, namespace, found, kind_of, find_varied)
    refuse_comparisons_that_are_values(inside, namespace, kind_of, find_varied)
    refuse_half_written(body, find_varied, written_by)
    refuse_unseen(body, inside, namespace, found, kind_of, find_varied)
    refuse_implicit_writers(inside, namespace, kind_of)


def refuse_hidden(body: Iterable[gast.AST], namespace: Mapping[str, Any], found: set[str]) -> None:
    """Refuse a program in which an active name stands where no derivative would be seen to flow.

    The front end breaks up what its coarse activity calls active; this closes the gap should the two
    ever disagree: an operand that is no atom, or an expression kept whole, must mention no active
    name in a differentiable position.

    Raises:
        UnsupportedError: naming the statement.
    """
    is_zero = rule_test(namespace, True)
    for node in tree.every_statement(body):
        if isinstance(node, (gast.If, gast.For, gast.While, gast.With)):
            continue
        for part in _indices(node):
            if mentions_active(part, _with_items(part, found, is_zero), is_zero):
                raise UnsupportedError(
                    f"values to be differentiated stand in an index: `[{tree.text(part)}]`",
                    tree.origin_of(node),
                    "join arrays by np.concatenate, np.hstack or np.stack, not by np.r_ or np.c_; "
                    "make what selects elements an integer by int(...)",
                )
        for part in _whole_parts(node, namespace):
            if mentions_active(part, _with_items(part, found, is_zero), is_zero):
                raise UnsupportedError(
                    f"`{_shown(part)}` holds values to be differentiated in a form that is not followed",
                    tree.origin_of(node),
                    "give it a name of its own in a statement before",
                    way="parts_all",
                )


def _with_items(part: gast.AST, found: set[str], is_zero: Callable[[gast.AST], bool]) -> set[str]:
    """Active names, and those that comprehensions in an expression bind to items of active values."""
    bound = [
        pair for item in tree.walk(part) if isinstance(item, tree.COMPREHENSIONS)
        for generator in item.generators for pair in items_bound(generator.target, generator.iter)
    ]  # fmt: skip
    grown = found
    while True:
        new = {
            name for target, source in bound if mentions_active(source, grown, is_zero)
            for name in tree.names_written(target)
        } - grown  # fmt: skip
        if not new:
            return grown
        grown = grown | new


def _shown(node: gast.AST) -> str:
    """An expression as the user wrote it: items of objects are attributes."""

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Subscript) and isinstance(getattr(item.slice, "value", None), Field):
            return tree.attribute(tree.replaced(item.value, change), item.slice.value)
        return None

    return tree.text(tree.replaced(node, change))


def _indices(node: gast.AST) -> Iterator[gast.AST]:
    """The indices in a statement: those into arrays and containers hold nothing to be differentiated."""
    value = getattr(node, "value", None)
    simple = (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)
    if isinstance(node, simple) and value is not None:
        for item in tree.walk(value):
            if type(item) is gast.Subscript:
                yield item.slice


def _whole_parts(node: gast.AST, namespace: Mapping[str, Any]) -> Iterator[gast.AST]:
    """The expressions of a statement that are taken to be inactive as a whole."""
    value = getattr(node, "value", None)
    if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)):
        return
    if not isinstance(value, gast.AST) or isinstance(value, gast.Name):
        return
    if isinstance(value, (gast.Tuple, gast.List, gast.Dict)):
        yield from (item for item in opened(value) if not tree.is_atom(item))
        return
    found = operation(value, namespace)
    if found is None:
        yield value
        return
    if found.function is None:
        return
    rule = None if found.function is MISSING else registry.find(found.function)
    if rule is None or not rule.is_zero:
        yield from (item for item in found.operands() if not tree.is_atom(item))


def refuse_lost_names(body: list[gast.AST], known: Collection[str]) -> None:
    """Refuse a function kept whole that reads a method or an object whose name went when it was followed.

    Args:
        body: a program in single assignment.
        known: its parameters and its free names.

    Raises:
        UnsupportedError: naming the function.
    """
    kept = [n for n in tree.every_statement(body) if type(n) is gast.FunctionDef]
    if not kept:
        return
    bound = {*known, *tree.names_written(body), *vars(builtins)}
    for node in kept:
        lost = sorted(set(tree.names_read(node)) - bound)
        if lost:
            raise UnsupportedError(
                f"`{node.name}` is called where it is not unfolded, and reads `{lost[0]}`, a method or an object "
                "that is followed",
                tree.origin_of(node),
                "hand on a function that calls the method",
            )


def refuse_functions(
    body: list[gast.AST], inside: Inside, namespace: Mapping[str, Any], find_varied: Callable[[], set[str]]
) -> None:
    """Refuse a function defined inside that reads what varies and is called where it was not unfolded.

    Through such a call no derivative would be seen to flow. What is only tested may be computed in any way.

    Raises:
        UnsupportedError: naming the statement.
    """
    kept = [n for n in inside.statements if type(n) is gast.FunctionDef]
    lambdas = [n for node in inside.statements for n in inside.of(node) if type(n) is gast.Lambda]
    if not kept and not lambdas:
        return
    varied = find_varied()
    names: set[str] = set()
    # A function that calls another one reads what that one reads.
    while (reading := {n.name for n in kept if not (varied | names).isdisjoint(tree.names_read(n))}) - names:
        names = holders(body, reading)
    for node in inside.statements:
        for call in () if _is_only_tested(node, namespace) else calls_in(node):
            read = set(tree.names_read(call))
            given = (n for item in lambdas if item in tree.walk(call) for n in tree.names_read(item))
            if not names.isdisjoint(read) or not varied.isdisjoint(given):
                if not _asks_structure(call) and not _chooses_plainly(call, varied):
                    raise UnsupportedError(
                        f"which function `{tree.text(call)}` calls is not known, and it may read values to be "
                        "differentiated",
                        tree.origin_of(node),
                        "call the function by its name, or choose it by `if`",
                    )


def _chooses_plainly(call: gast.AST, varied: set[str]) -> bool:
    """Whether a call chooses or sorts, by a key, what has no derivative."""
    if not isinstance(call, gast.Call) or not tree.is_name(call.func, "max", "min", "sorted"):
        return False
    return varied.isdisjoint(tree.names_read(call.args)) and all(k.arg in ("key", "reverse") for k in call.keywords)


def _asks_structure(call: gast.AST) -> bool:
    """Whether a call gives lengths or keys of containers, and calls nothing that they hold."""
    if not isinstance(call, gast.Call):
        return False
    if tree.is_name(call.func, "list", "min", "max"):
        return bool(call.args) and all(map(_asks_structure, call.args))
    is_method = isinstance(call.func, gast.Attribute) and call.func.attr == "keys"
    return tree.is_name(call.func, "len", "range") or (is_method and isinstance(call.func.value, gast.Name))


def refuse_unknown_calls(
    inside: Inside, namespace: Mapping[str, Any], find_varied: Callable[[], set[str]]
) -> None:
    """Refuse the call of a variable that is made of what varies, or is handed some.

    What it holds, a method of a list perhaps (`push = values.append`), may read and change any of that unseen.

    Raises:
        UnsupportedError: naming the statement.
    """
    defined = {node.name for node in inside.statements if isinstance(node, gast.FunctionDef)}
    calls = [
        (node, call)
        for node, call in inside.calls
        if isinstance(call.func, gast.Name) and call.func.id not in namespace and call.func.id not in defined
    ]
    varied = find_varied() if calls else set()
    for node, call in calls:
        if not varied.isdisjoint(tree.names_read(call)) and not hasattr(builtins, call.func.id):
            raise UnsupportedError(
                f"which function `{tree.text(call)}` calls is not known, and it may read or change values to be "
                "differentiated",
                tree.origin_of(node),
                "call the function or the method by its name",
                way="follows_all",
            )


def refuse_hidden_methods(
    inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf, find_varied: Callable[[], set[str]]
) -> None:
    """Refuse a method of an object that varies, within an expression kept whole, which may change the object.

    Raises:
        UnsupportedError: naming the statement.
    """

    def is_harmless(function: gast.Attribute) -> bool:
        cls = kind_of(function.value).cls
        method = None if cls is None else inspect.getattr_static(cls, function.attr, None)
        facts = Calls({**namespace, "method": method}).facts(tree.call("method"))
        return method is not None and facts.effect in ("none", "outside")

    calls = [
        (node, call)
        for node, call in inside.calls
        if isinstance(call.func, gast.Attribute)
        and call.func.attr not in KNOWN_METHODS
        and call is not getattr(node, "value", None)
        and meaning(call.func, namespace) is MISSING
    ]
    varied = find_varied() if calls else set()
    for node, call in calls:
        if not varied.isdisjoint(tree.names_read(call.func)) and not is_harmless(call.func):
            raise UnsupportedError(
                f"`{tree.text(call)}` may change values to be differentiated, in an expression that is kept whole",
                tree.origin_of(node),
                "call the method in a statement of its own before",
            )


def refuse_names_of_arrays(
    inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf, find_varied: Callable[[], set[str]]
) -> None:
    """Refuse what an object that varies has under a name of arrays or containers (`count`).

    By the name it was taken for what gives no number to differentiate, or for a function of NumPy's. Of what may be
    an object, one of several classes say, it is refused where some class that the program may meet has that name.

    Raises:
        UnsupportedError: naming the statement.
    """
    of_objects: set[str] | None = None
    for node in inside.statements:
        for item in inside.of(node):
            if type(item) is not gast.Attribute or item.attr not in _ARRAY_NAMES:
                continue
            if not isinstance(item.ctx, gast.Load) or meaning(item, namespace) is not MISSING:
                continue
            read = set(tree.names_read(item.value))
            is_own = not read.isdisjoint(_names_inside(node, inside))
            kind = UNKNOWN if is_own else kind_of(item.value)
            is_object = (kind.cls is not None and not kind.is_text) or _makes_object(item.value, namespace)
            # A tuple may be a named one, of one of several classes.
            is_theirs = _is_theirs(kind, item.attr) and not may_be_object(kind) and kind.family != "tuple"
            if not is_object and not is_theirs and item.attr in _WITHOUT_NUMBERS:
                if of_objects is None:
                    of_objects = _names_of_objects(inside, namespace, kind_of)
                is_object = item.attr in of_objects
            if is_own:
                # What a variable of a comprehension runs through stands in the same statement.
                read.update(other.id for other in inside.of(node) if type(other) is gast.Name)
            if is_object and not find_varied().isdisjoint(read):
                raise UnsupportedError(
                    f"`{item.attr}` of an object has a name that arrays and containers use, and is taken for theirs",
                    tree.origin_of(node),
                    f"give `{item.attr}` another name in the class",
                )


def _names_inside(statement: gast.AST, inside: Inside) -> set[str]:
    """The variables of comprehensions and lambdas within a statement, of which kinds tell nothing."""
    scopes = (*tree.COMPREHENSIONS, gast.Lambda)
    return {name for item in inside.of(statement) if isinstance(item, scopes) for name in own_names(item)}


def _names_of_objects(inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf) -> set[str]:
    """The names of what the objects have that a program may meet, of all their classes."""
    variables = {item.id for node in inside.statements for item in inside.of(node) if type(item) is gast.Name}
    kinds = [kind for name in variables - set(namespace) for kind in _parts_of(kind_of(tree.load(name)))]
    classes = [*classes_mentioned(namespace.values()), *(kind.cls for kind in kinds if kind.cls is not None)]
    own = (str(key) for kind in kinds for key, _ in kind.items or () if type(key) is Field)
    return {*names_of_classes(classes), *own}


def _parts_of(kind: Kind) -> Iterator[Kind]:
    """A kind, and those of all that such a value holds."""
    yield kind
    for part in (kind.present, kind.element, *(item for _, item in kind.items or ())):
        if part is not None:
            yield from _parts_of(part)


def refuse_methods_named_as_those_of_arrays(
    inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf, find_varied: Callable[[], set[str]]
) -> None:
    """Refuse a method that is handed what varies, of what may be an object, under a name of arrays or containers.

    By the name it would be taken for theirs: `o.count(x)` for a number without a derivative.

    Raises:
        UnsupportedError: naming the statement.
    """
    calls = [
        (node, call)
        for node, call in inside.calls
        if type(call.func) is gast.Attribute
        and call.func.attr in _ARRAY_NAMES
        and (call.args or call.keywords)
        and not _is_theirs(kind_of(call.func.value), call.func.attr)
        and meaning(call.func, namespace) is MISSING
    ]
    varied = find_varied() if calls else set()
    for node, call in calls:
        handed = tree.names_read([*call.args, *call.keywords])
        if varied.isdisjoint(handed) or not varied.isdisjoint(tree.names_read(call.func)):
            continue
        raise UnsupportedError(
            f"whether `{tree.text(call.func.value)}` is an array is not known, and its method `{call.func.attr}` is "
            "handed values to be differentiated",
            tree.origin_of(node),
            f"write np.{call.func.attr}(...) if it is one; else give `{call.func.attr}` another name in its class",
        )


def _is_theirs(kind: Kind, method: str) -> bool:
    """Whether a method surely is one of a number, an array, a text, or a container of Python's own."""
    if kind.cls is not None and not kind.is_text:
        return False
    container = _OWN_CLASSES.get(kind.family)
    return kind.is_array or kind.is_scalar or (kind.is_text and hasattr(str, method)) or hasattr(container, method)


def _makes_object(node: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether an expression calls a class of a user's, of whose objects nothing is known where it is kept whole."""
    called = (meaning(item.func, namespace) for item in tree.walk(node) if isinstance(item, gast.Call))
    return any(isinstance(cls, type) and not is_library(cls.__module__) for cls in called)


def _held_outside(body: Iterable[gast.AST], namespace: Mapping[str, Any]) -> Iterator[str]:
    """Names of what an object outside the program holds, by the statements of the program."""
    for node in body:
        value = getattr(node, "value", None)
        if isinstance(node, gast.Assign) and isinstance(value, (gast.Attribute, gast.Subscript)):
            is_held = root_name(value) in namespace and not _is_new_list(value, namespace)
            if isinstance(node.targets[0], gast.Name) and is_held:
                yield node.targets[0].id


def _is_new_list(node: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether an expression is a slice of a list from outside."""
    is_slice = isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Slice)
    return is_slice and type(meaning(node.value, namespace)) is list


def refuse_stores_into_objects(
    inside: Inside,
    namespace: Mapping[str, Any],
    kind_of: KindOf,
    find_varied: Callable[[], set[str]],
    written_by: Callable[[gast.AST], Iterable[str]],
) -> None:
    """Refuse a store of what varies into an array or a list that an object holds: the object has no adjoint.

    Raises:
        UnsupportedError: naming the statement.
    """
    owners = {
        item.value.id
        for node in inside.statements
        if type(node) is not gast.FunctionDef
        for item in inside.of(node)
        if type(item) is gast.Attribute and type(item.value) is gast.Name
    }
    objects = {name for name in owners if _is_object(kind_of(tree.load(name)))}
    held = _held_outside(inside.statements, namespace)
    objects |= {name for name in held if not kind_of(tree.load(name)).is_scalar}
    if not objects:
        return
    varied = find_varied()
    # Whether what is noted in a list from outside is read is asked elsewhere.
    noting = {id(node) for node, _, _ in notes(inside.statements, namespace)}
    for node in inside.statements:
        if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr)) or id(node) in noting:
            continue
        if varied.intersection(tree.names_read(node)) and objects.intersection(written_by(node)):
            if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Attribute):
                raise UnsupportedError(
                    "an attribute of a class is assigned a value to be differentiated",
                    tree.origin_of(node),
                    "return the value, or keep it in a local variable",
                )
            raise UnsupportedError(
                "values to be differentiated are written into an array or a list that an object holds",
                tree.origin_of(node),
                "pass the array as an argument, or write into a copy of it",
            )


def refuse_attributes_of_arrays(
    body: Iterable[gast.AST],
    found: set[str],
    kind_of: KindOf,
    written_by: Callable[[gast.AST], Iterable[str]],
) -> None:
    """Refuse an attribute of an array that is assigned: it gives the array another shape, or writes into it.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in tree.every_statement(body):
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        if not isinstance(target, gast.Attribute):
            continue
        # Of an array that gets another shape no more is known.
        may_be_array = kind_of(target.value).family in ("array", "unknown")
        if may_be_array and (target.attr in _LAYOUT or not found.isdisjoint(written_by(node))):
            raise UnsupportedError(
                f"the attribute `{target.attr}` of an array is assigned",
                tree.origin_of(node),
                "use `a.reshape(...)` for another shape, and `a[...] = v` for other numbers",
            )


def refuse_other_than_arrays(body: Iterable[gast.AST], kind_of: KindOf) -> None:
    """Refuse a store that stands for a call that writes into an array, where it may be no array.

    `a.sort()` sorts a list, too.

    Raises:
        UnsupportedError: naming the call.
    """
    for node in tree.every_statement(body):
        call = getattr(node, "of_array", None)
        if call is not None and not kind_of(node.targets[0].value).is_array:
            raise UnsupportedError(
                f"whether `{call}` writes into an array is not known",
                tree.origin_of(node),
                "annotate the arguments (np.ndarray), or use source_for(*args); of a list, use sorted(...)",
            )


def refuse_hidden_writes(
    inside: Inside,
    namespace: Mapping[str, Any],
    found: set[str],
    written_by: Callable[[gast.AST], Iterable[str]],
    calls: Calls,
) -> None:
    """Refuse a call inside an expression that writes into an array with values to be differentiated, or may do so.

    Calls that are statements of their own are known to both modes, or unfolded; what stands in a test, or in an
    expression that carries no derivative, is kept as it is.

    Raises:
        UnsupportedError: naming the statement.
    """
    copies = free_copies(inside.statements, calls)
    for node in inside.statements:
        if type(node) is gast.FunctionDef and not found.isdisjoint(written_in(node, calls, copies)):
            raise UnsupportedError(
                f"`{node.name}` writes into values to be differentiated, and is called where it is not unfolded",
                tree.origin_of(node),
                "call the function in a statement of its own, by its name",
            )
    for node, call in inside.calls:
        own = node.value if isinstance(node, (gast.Assign, gast.Expr)) else None
        keys = [keyword.value for keyword in call.keywords if keyword.arg == "key"]
        acts = any(may_act(key, inside.statements, calls) for key in keys)
        writes = calls.surely_writes(call) or _is_of_user(call, namespace) or _is_unknown_method(call, calls)
        if not acts and (call is own or not writes):
            continue
        if not found.isdisjoint(written_by(tree.effect(call))):
            writer = f"a `key`, `{tree.text(keys[0])}`," if acts else f"`{tree.text(plainly_read([call]))}`"
            raise UnsupportedError(
                f"{writer} writes into values to be differentiated inside of an expression",
                tree.origin_of(node),
                "compute the keys first, in a loop" if acts else "write the call as a statement of its own",
            )


def _is_of_user(call: gast.Call, namespace: Mapping[str, Any]) -> bool:
    """Whether a call is of a Python function that is no library's."""
    function = meaning(call.func, namespace)
    return isinstance(function, FunctionType) and not is_library(function.__module__)


def _is_unknown_method(call: gast.Call, calls: Calls) -> bool:
    """Whether a call is of a method by its name alone, of which nothing is known."""
    is_method = isinstance(call.func, gast.Attribute) and calls.meaning(call.func) is MISSING
    return is_method and calls.facts(call).effect == "unknown"


_LAYOUT = frozenset(("shape", "dtype", "strides"))
"""Attributes of an array that say how its memory is read."""


def refuse_writers_outside(
    inside: Inside,
    namespace: Mapping[str, Any],
    find_varied: Callable[[], set[str]],
    written_by: Callable[[gast.AST], Iterable[str]],
) -> None:
    """Refuse a statement that writes what varies into an object from outside the program, which has no adjoint.

    Raises:
        UnsupportedError: naming the statement.
    """
    calls = Calls(namespace)
    outside = {n for n, v in namespace.items() if not isinstance(v, (ModuleType, FunctionType, type))}
    # What calls give of what lies outside has names of its own, and so have variables of modules (`module.table`).
    given = {tree.text(call.func) + "()" for _, call in inside.calls if calls.handed_out(call, names_returned)}
    own = _own_containers(inside.statements, namespace)
    for node in inside.statements:
        if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr)):
            continue
        found = [*_written_by_calls(inside.of(node), calls)]
        is_store = isinstance(node, gast.AugAssign) or not isinstance(getattr(node, "targets", [None])[0], gast.Name)
        if is_store and not isinstance(node, gast.Expr) and not _puts_into(node, own):
            found += written_by(node)
        held = {name for name in found if name in given or ("." in name and not name.endswith(")"))}
        names = outside.intersection(found) or held
        if names and find_varied().intersection(_names_followed(node, namespace)):
            raise UnsupportedError(
                f"values to be differentiated are written into `{min(names)}`, an object outside the function, "
                "where their derivative is lost",
                tree.origin_of(node),
                "pass the object as an argument, or return the value",
                # What a call gives may be an object that it makes.
                way="follows_all" if names <= given else "",
            )


def _own_containers(statements: Iterable[gast.AST], namespace: Mapping[str, Any]) -> set[str]:
    """Names of lists and dicts that the program makes itself, of the items of others at most."""
    values: dict[str, list[gast.AST]] = {}
    for node in statements:
        if isinstance(node, gast.Assign):
            for name in tree.names_written(node.targets):
                values.setdefault(name, []).append(node.value)
    return {name for name, found in values.items() if len(found) == 1 and _makes_container(found[0], namespace)}


def _makes_container(value: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether a value is a list or a dict made by this very expression: a display, or a copy of one from outside."""
    if not isinstance(value, gast.Call):
        return isinstance(value, (gast.List, gast.Dict))
    if not isinstance(value.func, gast.Attribute) or value.func.attr != "copy" or value.args or value.keywords:
        return False
    return type(meaning(value.func.value, namespace)) in (dict, list)


def _puts_into(node: gast.AST, own: Collection[str]) -> bool:
    """Whether a statement puts a value into one of some containers, and into none of its items."""
    target = node.targets[0] if isinstance(node, gast.Assign) else None
    return isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name) and target.value.id in own


def _names_followed(node: gast.AST, namespace: Mapping[str, Any]) -> Iterator[str]:
    """The names that a statement reads, but for those that it takes the mere value of."""
    if isinstance(node, gast.Call) and is_one_of(meaning(node.func, namespace), (noted, stop_gradient)):
        return
    if isinstance(node, gast.Name):
        yield from tree.names_read(node)
    elif isinstance(node, (*tree.COMPREHENSIONS, gast.Lambda)):
        yield from tree.names_read(node)
    else:
        for child in tree.children(node):
            yield from _names_followed(child, namespace)


def _written_by_calls(nodes: Iterable[gast.AST], calls: Calls) -> Iterator[str]:
    """The names at the roots of what the calls among the nodes of a statement are known to write into."""
    for item in nodes:
        if type(item) is gast.Call:
            facts = calls.facts(item)
            targets = [k.value for k in item.keywords if k.arg == "out"]
            targets += facts.operands[:1] if facts.effect == "writes" else ()
            if isinstance(item.func, gast.Attribute) and item.func.attr in MUTATORS:
                # Of an object from outside the method is known, but no more what it does.
                targets.append(item.func.value)
            yield from filter(None, map(root_name, targets))


def refuse_results_put_away(inside: Inside, found: set[str], calls: Calls) -> None:
    """Refuse a function that is given an array for its result where that was not seen when the program was read.

    Where it was, the call is a store (`frontend.outs`). By another name of the function, or through a partial of it,
    it comes to light too late, and a rule knows of no array that is written into.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node, call in inside.calls:
        if calls.puts_out(call) and not found.isdisjoint(tree.names_read(call)):
            raise UnsupportedError(
                f"`{tree.text(call.func)}` puts its result into an array that it is given, and is no call by its own "
                "name with one `out`",
                tree.origin_of(node),
                "call it by its own name, with `out=`, or assign the result: `a[...] = f(b)`",
            )


def refuse_changing_objects(
    inside: Inside, namespace: Mapping[str, Any], find_varied: Callable[[], set[str]]
) -> None:
    """Refuse an operand that is an attribute of an object, which is assigned after it has been read.

    A derivative writes operands again, and what an iteration computed of inactive values; the attribute would be
    another number by then.

    Raises:
        UnsupportedError: naming the statement that reads it.
    """
    order = inside.statements
    place_of = {id(node): place for place, node in enumerate(order)}
    stores = sorted((place_of[id(node)], attr) for node, attr in _attributes_assigned(inside, namespace))
    if not stores:
        return
    last = {attr: place for place, attr in stores}
    loops = [set(map(id, tree.every_statement(n.body))) for n in order if isinstance(n, (gast.For, gast.While))]
    varied = find_varied()
    for place, node in enumerate(order):
        if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr)) or getattr(node, "value", None) is None:
            continue
        is_varied = not varied.isdisjoint(tree.names_read(node.value))
        if not is_varied and not (isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name)):
            continue
        for item in tree.walk(node.value):
            if not isinstance(item, gast.Attribute) or item.attr not in last:
                continue
            around = [loop for loop in loops if id(node) in loop]
            again = any(id(order[at]) in loop for at, attr in stores if attr == item.attr for loop in around)
            if again or (is_varied and place < last[item.attr]):
                raise UnsupportedError(
                    f"`{tree.text(item)}` is read here and assigned afterwards, and a derivative reads it again",
                    tree.origin_of(node),
                    "keep the number in a local variable, and assign the attribute at the end",
                )


def _attributes_assigned(inside: Inside, namespace: Mapping[str, Any]) -> Iterator[tuple[gast.AST, str]]:
    """The attributes that statements assign, themselves or in what they call; each with its statement."""
    for node in inside.statements:
        if type(node) is not gast.FunctionDef:
            for item in inside.of(node):
                if type(item) is gast.Attribute and type(item.ctx) is not gast.Load:
                    yield node, item.attr
    for node, call in inside.calls:
        function = meaning(call.func, namespace)
        if function is not MISSING:
            yield from ((node, attr) for attr in _assigned_in(function))


def _assigned_in(function: Any) -> set[str]:
    """Names of the attributes that a function assigns; those that any method of its object does, for a method."""
    if is_library(getattr(function, "__module__", None)) or isinstance(function, type):
        return set()
    plain, given = unbound(function)
    every = [plain, *(f for owner in given for f in vars(type(owner)).values() if isinstance(f, FunctionType))]
    found: set[str] = set()
    for item in every:
        if isinstance(item, FunctionType) and item.__name__ != "__init__":
            try:
                node = tree_of(source_of(item))
            except (UnsupportedError, TypeError):
                continue
            attributes = (n for n in tree.walk(node) if isinstance(n, gast.Attribute))
            found.update(n.attr for n in attributes if not isinstance(n.ctx, gast.Load))
    return found


def _is_object(kind: Kind) -> bool:
    return kind.family == "other" and (kind.value is NO_VALUE or callable(kind.value))


def _is_only_tested(node: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether the value of a statement carries no derivative, whatever it is made of."""
    if isinstance(node, (gast.If, gast.While)):
        return True
    value = getattr(node, "value", None)
    if isinstance(value, (gast.BoolOp, gast.Compare)):
        return True
    if isinstance(value, gast.UnaryOp) and isinstance(value.op, gast.Not):
        return True
    found = operation(value, namespace) if isinstance(value, gast.AST) else None
    rule = None if found is None else registry.find(found.function)
    return rule is not None and rule.is_zero


def refuse_indexed_numbers(body: Iterable[gast.AST], found: set[str], kind_of: KindOf) -> None:
    """Refuse an index into a number: a scalar of NumPy takes some, and gives an array or itself.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in tree.every_statement(body):
        value = getattr(node, "value", None)
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
            if value.value.id in found and kind_of(value.value).is_scalar:
                raise UnsupportedError(
                    f"`{tree.text(value)}` indexes a number",
                    tree.origin_of(node),
                    "make it an array first: np.array([...]), or use np.where",
                )


def refuse_items_of_objects(inside: Inside, found: set[str], kind_of: KindOf) -> None:
    """Refuse an item of an object whose class is not known: what an index means there is said by its class.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in inside.statements:
        for item in inside.of(node):
            if type(item) is not gast.Subscript or type(getattr(item.slice, "value", None)) is Field:
                continue
            if found.isdisjoint(tree.names_read(item.value)):
                continue
            kind = kind_of(tree.with_context(tree.copy(item.value), gast.Load()))
            if is_object(unless_none(kind)):
                raise UnsupportedError(
                    f"`{tree.text(item)}` is computed by the class of an object, and which one that is, is not known",
                    tree.origin_of(node),
                    "call a method that gives the item, or put objects of one class only into one container",
                )


def refuse_half_written(
    body: list[gast.AST],
    find_varied: Callable[[], set[str]],
    written_by: Callable[[gast.AST], Iterable[str]],
) -> None:
    """Refuse a store in a `try` into something from outside of it, where something else may fail after it.

    What was written before the failure would have to be undone by the reverse sweep, and what was not must not be.

    Raises:
        UnsupportedError: naming the store.
    """
    matters: set[str] | None = None
    for node in tree.every_statement(body):
        found = attempted(node)
        if found is None or getattr(node, "of_finally", False) or raises_on(found[2]):
            # Nothing comes after such a failure; a `try` around it is asked as well.
            continue
        inside = {name for inner in tree.every_statement(found[0]) for name in bound_by(inner)}
        for statement in exposed(found[0])[0]:
            written = set(written_by(statement)) - inside
            if written and matters is None:
                matters = _operands(body, find_varied())
            if matters is not None and written & matters:
                raise half_tried(
                    "a `try` writes into something from outside of it, and something else in it may fail after that",
                    tree.origin_of(statement),
                    "write after the `try`, or in its `else`",
                )


def _operands(body: list[gast.AST], varied: set[str]) -> set[str]:
    """Names that may depend on what is differentiated, and those that such names are computed with."""
    found = set(varied)
    for node in tree.every_statement(body):
        if isinstance(node, (gast.Assign, gast.AugAssign)) and not varied.isdisjoint(_named(node)):
            found.update(tree.names_read(node))
    return found


def _named(node: gast.Assign | gast.AugAssign) -> list[str]:
    """The names in the target of an assignment."""
    targets = node.targets if isinstance(node, gast.Assign) else [node.target]
    return [item.id for target in targets for item in tree.walk(target) if isinstance(item, gast.Name)]


def refuse_object_loops(body: Iterable[gast.AST], kind_of: KindOf) -> None:
    """Refuse a loop over an object whose class is not known, and says itself what the loop runs over.

    Raises:
        UnsupportedError: naming the loop.
    """
    for node in tree.every_statement(body):
        value = getattr(node, "value", None)
        if isinstance(value, gast.Subscript) and getattr(value, "in_turn", False):
            if kind_of(value.value).family == "dict":
                raise UnsupportedError(
                    "a loop runs over an object whose class is not known: the class says what its items are",
                    tree.origin_of(node),
                    "loop over the list that it holds, or put objects of one class only into one container",
                )


_CONTAINERS: Mapping[type, str] = {
    collections.deque: "use a list: append, pop() and pop(0)",
    collections.defaultdict: "use a dict: d.setdefault(key, start)",
    collections.OrderedDict: "use a dict, which keeps the order as well",
    collections.Counter: "use a dict: d[key] = d.get(key, 0.0) + value",
    collections.ChainMap: "join the dicts with `|`",
    dict: "write {key: value for key, value in ...}",
}
"""Classes whose objects have no derivative, save a dict that is made of a dict; what to write instead."""


def _is_one_of(function: Any) -> bool:
    return isinstance(function, type) and is_one_of(function, _CONTAINERS)


def refuse_containers(
    body: Iterable[gast.AST], namespace: Mapping[str, Any], found: set[str], kind_of: KindOf
) -> None:
    """Refuse containers of other classes than tuples, lists and dicts where they hold active values.

    Raises:
        UnsupportedError: naming the statement that makes one.
    """
    for node in tree.every_statement(body):
        if not isinstance(node, gast.Assign) or not isinstance(node.value, gast.Call):
            continue
        target, call = node.targets[0], node.value
        function = meaning(call.func, namespace)
        if not isinstance(target, gast.Name) or target.id not in found:
            continue
        if not _is_one_of(function) and not _is_foreign_container(function):
            continue
        if function is dict and all(kind_of(item).family == "dict" for item in call.args):
            continue
        raise UnsupportedError(
            f"`{tree.text(call.func)}` is made of values to be differentiated, or comes to hold some",
            tree.origin_of(node),
            _CONTAINERS[function] if _is_one_of(function) else "use an array, a list, or a dict",
        )


def _is_foreign_container(function: Any) -> bool:
    """Whether a call makes an object of a library that keeps what is stored into it, and has no adjoint."""
    if not isinstance(function, type) or not is_library(function.__module__) or registry.find(function) is not None:
        return False
    return hasattr(function, "__setitem__") and not issubclass(function, (np.ndarray, list, dict))


def refuse_arrays_of_objects(
    body: Iterable[gast.AST], kind_of: KindOf, find_varied: Callable[[], set[str]]
) -> None:
    """Refuse what varies, or may be written into, in an array of objects, of which only its own memory is known.

    Raises:
        UnsupportedError: naming the statement that puts it there.
    """
    parts: set[str] = set()
    for node in tree.every_statement(body):
        if not isinstance(node, (gast.Assign, gast.AugAssign)):
            continue
        target = node.targets[0] if isinstance(node, gast.Assign) else node.target
        if isinstance(target, gast.Name) and _is_part_of_records(node.value, parts, kind_of):
            parts.add(target.id)
        into = isinstance(target, gast.Subscript) and _is_part_of_records(target.value, parts, kind_of)
        made = isinstance(node.value, gast.Call) and kind_of(node.value) == NO_NUMBERS
        put = [node.value] if into else _items_of_displays(node.value.args) if made else []
        for item in put:
            kind = kind_of(item)
            is_text = kind.family == "other" and (kind.value is not NO_VALUE or kind.cls in (None, str))
            is_plain = kind.is_scalar or is_text
            if not is_plain or (into and not find_varied().isdisjoint(tree.names_read(item))):
                raise UnsupportedError(
                    f"`{tree.text(item)}` is put into an array of objects or records, which is not followed",
                    tree.origin_of(node),
                    "use a list, a dict, or an array of numbers",
                )


def _is_part_of_records(node: gast.AST, parts: set[str], kind_of: KindOf) -> bool:
    """Whether an expression is an array of objects or records, or a part of one that shares its memory.

    Args:
        node: the expression.
        parts: variables that are known to be such parts.
        kind_of: the kind of an expression.
    """
    while kind_of(node) != NO_NUMBERS:
        if not isinstance(node, (gast.Subscript, gast.Attribute)):
            return tree.is_one_of(node, parts)
        node = node.value
    return True


def refuse_lists_joined_by_sum(
    inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf, find_varied: Callable[[], set[str]]
) -> None:
    """Refuse `sum(lists, [])`, which joins lists, where the derivative is that of numbers and arrays.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node, call in inside.calls:
        start = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
        if len(start) != 1 or meaning(call.func, namespace) is not sum or not kind_of(start[0]).is_container:
            continue
        if not find_varied().isdisjoint(tree.names_read(call)):
            raise UnsupportedError(
                f"`{tree.text(call)}` joins lists or tuples of values to be differentiated",
                tree.origin_of(node),
                "write a comprehension: [v for part in parts for v in part]",
            )


def _items_of_displays(args: Iterable[gast.AST]) -> Iterator[gast.AST]:
    for argument in args:
        if isinstance(argument, (gast.List, gast.Tuple)):
            yield from argument.elts


def refuse_mixed(body: Iterable[gast.AST], found: set[str], kind_of: KindOf) -> None:
    """Refuse a variable that is a container on one path and a number or an array on another.

    NumPy takes both for arrays, but the tangent of a container is a container.

    Raises:
        UnsupportedError: naming the statement that makes it the other.
    """
    definitions: dict[str, list[gast.Assign]] = {}
    for node in tree.every_statement(body):
        if type(node) is gast.Assign and type(node.targets[0]) is gast.Name and node.targets[0].id in found:
            definitions.setdefault(node.targets[0].id, []).append(node)
    families: dict[str, bool] = {}
    for node in (node for several in definitions.values() if len(several) > 1 for node in several):
        name, kind = node.targets[0].id, kind_of(node.value)
        if not (kind.is_container or kind.is_scalar or kind.is_array):
            continue
        if families.setdefault(name, kind.is_container) != kind.is_container:
            raise UnsupportedError(
                "a variable is a list, tuple or dict on one path, and a number or an array on another",
                tree.origin_of(node),
                "make it an array on both: np.array(...)",
            )


def refuse_asked_structure(
    body: Iterable[gast.AST], namespace: Mapping[str, Any], found: set[str], kind_of: KindOf
) -> None:
    """Refuse a program that asks whether a value is a container where that is not known.

    Its adjoint has the structure of a container, or is an array.

    Raises:
        UnsupportedError: naming the statement that asks.
    """
    for node in tree.every_statement(body):
        call = getattr(node, "value", None)
        if not isinstance(call, gast.Call) or meaning(call.func, namespace) is not isinstance or len(call.args) != 2:
            continue
        name, classes = call.args
        asked = [meaning(item, namespace) for item in getattr(classes, "elts", [classes])]
        if not isinstance(name, gast.Name) or name.id not in found or not {tuple, list, dict}.intersection(asked):
            continue
        if kind_of(name).family == "unknown":
            raise UnsupportedError(
                f"whether `{name.id}` is a container is not known here, and decides what its derivative is",
                tree.origin_of(node),
                "use source_for(*args), or call the derivative; a tree must not have hundreds of branches",
            )
