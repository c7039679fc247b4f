"""What kinds decide: which updates write in place, and which arguments must be copied first.

`y += e` rebinds a number and writes into an array. `resolve` turns the front end's `y_2 = iadd(y, e)` into
`y_2 = y + e` or into the store `y += e`, after which joins that only carried the rebinding are gone.
`protect` gives a function that writes into an argument a copy to write into, since arguments are the
caller's. Requires: single assignment and kinds.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import gast
import numpy as np

from tangent_sct import runtime
from tangent_sct.analysis.adjoints import item_sums, shadow_names
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.hidden import may_act
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import entry_of
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.derive.layout import Layout
from tangent_sct.derive.methods import FUNCTIONS, METHODS, Methods
from tangent_sct.derive.orders import depends_on_order
from tangent_sct.frontend.generators import EAGER
from tangent_sct.frontend.namespace import Namespace, meaning
from tangent_sct.frontend.normalise import IN_PLACE
from tangent_sct.templating import registry

_SYMBOLS = {function: symbol for symbol, function in IN_PLACE.items()}


def resolve(
    body: list[gast.AST],
    namespace: Namespace,
    names: Names,
    bases: dict[str, str],
    kind_of: Callable[[gast.AST], Kind],
    find_varied: Callable[[], set[str]],
    find_closed: Callable[[], set[str]],
    is_unshared: Callable[[str], bool] = lambda name: False,
    may_ask: bool = False,
) -> list[gast.AST]:
    """Decide every augmented assignment by the kind of what is updated.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        names: gives out the names of temporaries.
        bases: the user's names, by version; those of temporaries are added.
        kind_of: the kind of an expression.
        find_varied: tells the names that may depend on what is differentiated, aliases left aside.
        find_closed: the same, with all that may share memory with them.
        is_unshared: whether a name surely holds a number, or an array that only its own variable sees.
        may_ask: whether the text may ask what is not known before it is run: it is for arguments of known kinds.

    Returns:
        The new body; the very same list where there is no such assignment.

    Raises:
        UnsupportedError: where the kind of a name that may carry a derivative is not known.
    """
    every_node = tree.every_statement(body)
    if not any(_is_decided(node, namespace.objects, kind_of) for node in every_node):
        return body
    methods: Methods
    varied, closed = cache(find_varied), cache(find_closed)
    aliases: dict[str, str] = {}

    @cache
    def shadows() -> frozenset[str]:
        return shadow_names(body, namespace.objects)

    @cache
    def unsure_sums() -> dict[int, gast.AST | None]:
        """For the statements that add to what may be a number or an array in a shadow, what takes their place."""
        found: dict[int, gast.AST | None] = {}
        for item in item_sums(body, namespace.objects, shadows()):
            is_of_box = kind_of(item.read.value.value).is_container
            if is_of_box and kind_of(item.read.targets[0]).family == "unknown":
                found[id(item.read)] = found[id(item.update)] = None
                found[id(item.store)] = tree.augment(item.store.targets[0], item.symbol, item.amount)
        return found

    @cache
    def holds_varied() -> bool:
        # Which containers are the same is not known yet, so one that varies stands for all.
        return any(kind_of(tree.load(name)).is_container for name in closed())

    def change(block: list[gast.AST]) -> list[gast.AST]:
        output: list[gast.AST] = []
        for node in block:
            if id(node) in unsure_sums():
                total = unsure_sums()[id(node)]
                output += [] if total is None else item(tree.like(total, node), total.target)
                continue
            for inner in ("body", "orelse"):
                if isinstance(node, (gast.If, gast.For, gast.While, gast.With)) and hasattr(
                    node, inner
                ):
                    setattr(node, inner, change(getattr(node, inner)))
            update = _update(node, namespace.objects)
            if update is not None:
                output.extend(decide(node, *update))
            elif isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Subscript):
                output.extend(item(node, node.target))
            elif _reads_whole_number(node, kind_of):
                output.append(tree.like(gast.Assign(node.targets, node.value.value, None), node))
            elif may_ask and _may_be_of_array(node, kind_of):
                output.extend(asked(node))
            elif (simpler := methods.simpler(node) if varied() else None) is not None:
                output.extend(simpler)
            elif _calls_method(node, "extend", 1) and kind_of(node.value.func.value).family == "list":
                output.extend(extended(node, node.value.func.value.id, node.value.args[0]))
            else:
                output.append(node)
        return output

    def new(base: str = "") -> str:
        name = names.fresh(base or "t")
        bases[name] = base
        return name

    def item(node: gast.AugAssign, target: gast.Subscript) -> list[gast.AST]:
        """`c[k] += e` on a container replaces a number, and writes into an array."""
        owner, symbol = kind_of(target.value), tree.BINARY_SYMBOL[type(node.op)]
        place = tree.with_context(tree.copy(target), gast.Load())
        kind = kind_of(place)
        if not owner.is_container:
            # Of an array, elements are computed and stored; a sum is so by itself.
            is_plain = symbol in "+-" or closed().isdisjoint(tree.names_read([target.value, node.value]))
            if is_plain:
                return [node]
        elif not holds_varied():
            return [node]
        elif owner.family == "tuple":
            # The array is written, and then it fails: a `try` would go on.
            raise UnsupportedError(
                f"`{shown(node)}` writes into an array, and fails, since items of a tuple cannot be assigned",
                tree.origin_of(node),
                "give the array a name, and update that",
            )
        is_item = owner.is_container and not isinstance(target.slice, gast.Slice)
        if is_item and kind.family == "unknown" and symbol in "+-" and target.value.id in shadows():
            return [like(statement, node) for statement in added(target, symbol, node.value)]
        if owner.is_container and kind.family == "unknown" and may_ask:
            return [like(statement, node) for statement in replaced_or_written(target, place, symbol, node.value)]
        held = new()
        taken = tree.assign(held, place)
        if owner.is_array or kind.is_scalar:
            result = new()
            total = tree.binary(tree.load(held), symbol, node.value)
            every = [taken, tree.assign(result, total), tree.assign(target, tree.load(result))]
        elif owner.is_container and kind.is_array:
            every = [taken, *written(held, symbol, node.value)]
        elif owner.family == "unknown" and not owner.mixed and may_ask:
            # Of an array elements are computed and stored; of anything else the check tells.
            result = new()
            check = tree.effect(helper(runtime.check_array, tree.copy(target.value)))
            total = tree.binary(tree.load(held), symbol, node.value)
            every = [check, taken, tree.assign(result, total), tree.assign(target, tree.load(result))]
        else:
            raise UnsupportedError(
                f"whether `{shown(node)}` replaces a number or writes into an array is not known",
                tree.origin_of(node),
                "annotate the arguments (float, np.ndarray), or use source_for(*args)",
            )
        return [like(statement, node) for statement in every]

    def replaced_or_written(
        target: gast.Subscript, place: gast.Subscript, symbol: str, value: gast.AST
    ) -> list[gast.AST]:
        """`c[k] op= value` where only the running program knows whether a number is replaced or an array written.

        The item is read on each way once more: there it is known what it is.
        """
        held, array, number, total, result = new(), new(), new(), new(), new()
        taken, viewed, read = (tree.assign(name, tree.copy(place)) for name in (held, array, number))
        # Nothing but the question reads the first, and the last is a number.
        taken.value.brief = read.value.brief = True
        viewed.value.of_array = True
        test = new()
        sum_of_array = tree.assign(total, tree.binary(tree.load(array), symbol, tree.copy(value)))
        write = tree.assign(tree.subscript(tree.load(array), tree.const(...)), tree.load(total))
        put = tree.assign(target, tree.load(result))
        check = tree.effect(helper(runtime.check_replaceable, tree.load(number)))
        computed = tree.assign(result, tree.binary(tree.load(number), symbol, value))
        return [
            taken,
            tree.assign(test, is_array(held)),
            tree.if_(tree.load(test), [viewed, sum_of_array, write], [read, check, computed, put]),
        ]

    def is_array(name: str) -> gast.AST:
        array_class = tree.attribute(tree.load(namespace.name_for("np", np)), "ndarray")
        return tree.call(namespace.name_for("isinstance", isinstance), tree.load(name), array_class)

    def added(target: gast.Subscript, symbol: str, value: gast.AST) -> list[gast.AST]:
        """`shadow[k] += e` of an item that is a number or an array: never a container, which takes no `+=` there."""
        every: list[gast.AST] = []
        if symbol == "-":
            negated = new()
            every.append(tree.assign(negated, gast.UnaryOp(gast.USub(), value)))
            value = tree.load(negated)
        add = helper(runtime.add_item, tree.copy(target.value), tree.copy(target.slice), value)
        return [*every, tree.effect(add)]

    def by_class(
        name: str, symbol: str, value: gast.AST, result: str, kept: list[gast.AST], replaced: list[gast.AST]
    ) -> list[gast.AST]:
        """`name op= value` where only the running program knows whether there is an array to write into."""
        test, total = new(), new()
        whole = tree.subscript(tree.load(name), tree.const(...))
        computed = tree.binary(tree.load(name), symbol, value)
        write = [tree.assign(total, computed), tree.assign(whole, tree.load(total)), *kept]
        check = tree.effect(helper(runtime.check_replaceable, tree.load(name)))
        replace = [check, tree.assign(result, tree.copy(computed)), *replaced]
        return [tree.assign(test, is_array(name)), tree.if_(tree.load(test), write, replace)]

    def asked(node: gast.Assign) -> list[gast.AST]:
        """A store that stands for a call that writes into an array, behind a check that it is one."""
        check = tree.like(tree.effect(helper(runtime.check_array, node.targets[0].value)), node)
        sure = tree.shallow(node)
        check.of_array = sure.of_array = None
        return [check, sure]

    def like(statement: gast.AST, node: gast.AST) -> gast.AST:
        """A statement with the marks of another, and with it what is inside."""
        for block in tree.blocks(statement):
            block[:] = [like(inner, node) for inner in block]
        return tree.like(statement, node)

    def shown(node: gast.AST) -> str:
        """A statement with the names of before renaming."""
        return tree.text(tree.rename(node, {n: bases.get(n) or n for n in tree.names_read(node)}))

    def written(name: str, symbol: str, value: gast.AST) -> list[gast.AST]:
        """`name op= value` on an array."""
        if symbol in "+-":
            return [tree.augment(name, symbol, value)]
        result = new()
        whole = tree.subscript(tree.load(name), tree.const(...))
        computed = tree.assign(result, tree.binary(tree.load(name), symbol, value))
        return [computed, tree.assign(whole, tree.load(result))]

    def extended(node: gast.AST, name: str, value: gast.AST) -> list[gast.AST]:
        """`name.extend(value)` of a list, one item after the other."""
        if isinstance(value, (gast.Tuple, gast.List)):
            # All items are computed before the first is put there: they may ask for the length of the list.
            every, items = [], list(value.elts)
            for number, item in enumerate(items) if len(items) > 1 else ():
                if not isinstance(item, (gast.Name, gast.Constant)):
                    held = new()
                    every.append(tree.assign(held, item))
                    items[number] = tree.load(held)
            every += [_appended(name, item) for item in items]
        else:
            place, taken = names.fresh("i"), new()
            bases[place] = "i"
            picked = tree.assign(taken, tree.subscript(value, tree.load(place)))
            count = helper(range, helper(len, tree.copy(value)))
            pushed = _appended(name, tree.load(taken))
            every = [tree.for_(tree.store(place), count, [tree.like(picked, node), tree.like(pushed, node)])]
        return [tree.like(statement, node) for statement in every]

    def decide(
        node: gast.AST, target: str, symbol: str, name: str, value: gast.AST
    ) -> list[gast.AST]:
        kind = kind_of(tree.load(name))
        if kind.is_scalar:
            # An array on the right makes an array of a number; in place or not is one and the same.
            return [
                tree.like(tree.assign(target, tree.binary(tree.load(name), symbol, value)), node)
            ]
        if kind.is_array:
            aliases[target] = name
            return [tree.like(statement, node) for statement in written(name, symbol, value)]
        if kind.family == "list" and symbol == "+" and (
            isinstance(value, (gast.Tuple, gast.List)) or kind_of(value).is_container
        ):
            aliases[target] = name
            return extended(node, name, value)
        if kind.family == "dict" and symbol == "|" and (found := methods.update_in_place(name, value)) is not None:
            aliases[target] = name
            return [tree.like(statement, node) for statement in found]
        if kind.family == "tuple":
            joined = tree.binary(tree.load(name), symbol, value)
            return [tree.like(tree.assign(target, joined), node)]
        if is_unshared(name):
            # Whether it writes in place is seen by nobody.
            return [tree.like(tree.assign(target, tree.binary(tree.load(name), symbol, value)), node)]
        if kind.family == "unknown" and not kind.mixed and may_ask and (target in closed() or name in closed()):
            every = by_class(name, symbol, value, target, [tree.assign(target, tree.load(name))], [])
            return [like(statement, node) for statement in every]
        if target in closed() or name in closed():
            base = bases.get(name) or name
            raise UnsupportedError(
                f"whether `{base} {symbol}= ...` writes into an array depends on the kind of "
                f"`{base}`, "
                "which is not known here",
                tree.origin_of(node),
                f"write `{base} = {base} {symbol} ...` where it need not write into an array; or "
                "annotate the arguments (float, np.ndarray), or use source_for(*args)",
            )
        return [node]

    def helper(function: Callable[..., Any], *args: gast.AST) -> gast.AST:
        name = function.__name__
        if getattr(np, name, None) is function:
            return tree.call(tree.attribute(tree.load(namespace.name_for("np", np)), name), *args)
        return tree.call(namespace.name_for(name, function), *args)

    made = {
        node.targets[0].id
        for node in tree.every_statement(body)
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name)
        if not bases.get(node.targets[0].id) and _makes_new(node.value)
    }
    calls = Calls(namespace.objects)
    methods = Methods(
        namespace.objects, kind_of, new, helper, extended, made, lambda key: may_act(key, body, calls),
        may_ask,
    )
    found = change(body)
    _mark_checked(found, namespace.objects)
    return simplify(found, bases, aliases)


def _mark_checked(body: list[gast.AST], objects: Mapping[str, Any]) -> None:
    """Mark parts that surely are arrays, since a check follows in the block that takes them."""
    for block in (body, *(inner for node in tree.every_statement(body) for inner in tree.inner_blocks(node))):
        taken: dict[str, gast.AST] = {}
        for node in block:
            if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
                source = node.value
                taken[node.targets[0].id] = taken.get(source.id, source) if isinstance(source, gast.Name) else source
            call = node.value if isinstance(node, gast.Expr) else None
            if isinstance(call, gast.Call) and meaning(call.func, objects) is runtime.check_array:
                value = taken.get(call.args[0].id) if isinstance(call.args[0], gast.Name) else None
                if isinstance(value, gast.Subscript):
                    value.of_array = True


def updated(value: gast.AST, objects: Mapping[str, Any]) -> tuple[str, gast.AST] | None:
    """The name and the value of `iadd(name, value)` and the like, None for other expressions."""
    found = _update(tree.assign("_", value), objects)
    return None if found is None else (found[2], found[3])


def _update(node: gast.AST, objects: Mapping[str, Any]) -> tuple[str, str, str, gast.AST] | None:
    if not (isinstance(node, gast.Assign) and isinstance(node.value, gast.Call)):
        return None
    call = node.value
    if not isinstance(call.func, gast.Name) or not isinstance(node.targets[0], gast.Name):
        return None
    function = objects.get(call.func.id)
    if not callable(function) or getattr(function, "__module__", "") != "_operator":
        return None
    symbol = entry_of(function, _SYMBOLS)
    if symbol is None or len(call.args) != 2 or not isinstance(call.args[0], gast.Name):
        return None
    return node.targets[0].id, symbol, call.args[0].id, call.args[1]


def _is_decided(
    node: gast.AST, objects: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]
) -> bool:
    """Whether a statement is to be written otherwise, once kinds are known."""
    if _may_be_of_array(node, kind_of):
        return True
    if type(node) is gast.AugAssign and type(node.target) is gast.Subscript:
        is_sum = isinstance(node.op, (gast.Add, gast.Sub))
        return not is_sum or kind_of(node.target.value).is_container
    value = getattr(node, "value", None)
    if isinstance(value, gast.Call) and isinstance(node, (gast.Assign, gast.Expr)):
        is_method = type(value.func) is gast.Attribute and value.func.attr in METHODS
        if is_method or any(meaning(value.func, objects) is function for function in FUNCTIONS):
            return True
    if isinstance(value, gast.BinOp) and type(value.op) is gast.BitOr:
        return True
    if _reads_whole_number(node, kind_of):
        return True
    if type(node) is gast.Assign and type(node.targets[0]) is gast.Subscript:
        return type(node.targets[0].slice) is gast.Slice
    return _update(node, objects) is not None


def _reads_whole_number(node: gast.AST, kind_of: Callable[[gast.AST], Kind]) -> bool:
    """Whether a statement is `y = x[()]` of a number, which gives that number."""
    if type(node) is not gast.Assign or type(node.value) is not gast.Subscript:
        return False
    place = node.value
    is_whole = type(place.slice) is gast.Tuple and not place.slice.elts
    return is_whole and type(place.value) is gast.Name and kind_of(place.value).is_scalar


def _may_be_of_array(node: gast.AST, kind_of: Callable[[gast.AST], Kind]) -> bool:
    """Whether a statement is a store that stands for a call, into what may be an array or something else."""
    if getattr(node, "of_array", None) is None:
        return False
    base = node.targets[0].value
    return isinstance(base, gast.Name) and kind_of(base).family == "unknown"


def _makes_new(value: gast.AST) -> bool:
    """Whether an expression surely makes a container that nobody else holds."""
    is_slice = isinstance(value, gast.Subscript) and isinstance(value.slice, gast.Slice)
    return is_slice or isinstance(value, (gast.Tuple, gast.List, gast.BinOp))


def _calls_method(node: gast.AST, method: str, count: int) -> bool:
    """Whether a statement calls a method of a name, with so many arguments."""
    call = getattr(node, "value", None)
    if not isinstance(node, gast.Expr) or not isinstance(call, gast.Call):
        return False
    function = call.func
    if not isinstance(function, gast.Attribute) or not isinstance(function.value, gast.Name):
        return False
    return function.attr == method and len(call.args) == count and not call.keywords


def _appended(name: str, item: gast.AST) -> gast.AST:
    return tree.effect(gast.Call(tree.attribute(tree.load(name), "append"), [item], []))


def simplify(
    body: list[gast.AST], bases: Mapping[str, str], aliases: Mapping[str, str]
) -> list[gast.AST]:
    """Remove versions that are the same object as another, and joins and carried names of one source.

    A name all of whose definitions are copies of one other name (itself aside) is that name; and so are
    names that are copied in a circle, as nested loops do, if one other name enters the circle.
    """
    renamed = dict(aliases)

    def final(name: str) -> str:
        while name in renamed:
            name = renamed[name]
        return name

    layout = Layout.of(body)
    sources: dict[str, list[str | None]] = {}
    for name, definitions in layout.definitions.items():
        for node in definitions:
            is_copy = isinstance(node, gast.Assign) and isinstance(node.value, gast.Name)
            same_base = is_copy and bases.get(name) == bases.get(node.value.id)
            sources.setdefault(name, []).append(node.value.id if same_base else None)
    candidates = {n: s for n, s in sources.items() if None not in s and n not in renamed}
    if not renamed:
        return body
    changed = True
    while changed:
        changed = False
        for name, found in candidates.items():
            if name in renamed:
                continue
            others = {final(source) for source in found if source is not None} - {name}
            if len(others) != 1:
                continue
            (other,) = others
            if len(found) == 1 and not layout.sees(name, other):
                continue
            renamed[name] = other
            changed = True
    for name in candidates:
        if name in renamed:
            continue
        group, outside = _reached(name, candidates, final)
        if len(outside) == 1 and all(layout.sees(member, *outside) for member in group):
            renamed.update(dict.fromkeys(group, *outside))
    mapping = {name: final(name) for name in renamed}
    return _renamed(body, mapping)


def _reached(
    name: str, candidates: Mapping[str, list[str | None]], final: Callable[[str], str]
) -> tuple[set[str], set[str]]:
    """The names that are copied into a name in a circle of loops and joins, and what enters there."""
    group: set[str] = set()
    outside: set[str] = set()
    pending = [name]
    while pending:
        member = pending.pop()
        if member in group:
            continue
        group.add(member)
        for source in candidates[member]:
            found = final(str(source))
            if found in candidates:
                pending.append(found)
            else:
                outside.add(found)
    return group, outside


_COMPOUND = (gast.If, gast.For, gast.While, gast.With)
Change = Callable[[gast.AST], gast.AST]


def _renamed(body: list[gast.AST], mapping: Mapping[str, str]) -> list[gast.AST]:
    output: list[gast.AST] = []
    for node in body:
        node = tree.rename(node, mapping)
        output.append(node)
    return _without_self_copies(output)


def _without_self_copies(body: list[gast.AST]) -> list[gast.AST]:
    output = []
    for node in body:
        if (
            isinstance(node, gast.Assign)
            and tree.same(tree.with_context(node.targets[0], gast.Load()), node.value)
            and isinstance(node.value, gast.Name)
        ):
            continue
        for name in ("body", "orelse"):
            if isinstance(node, _COMPOUND) and hasattr(node, name):
                setattr(node, name, _without_self_copies(getattr(node, name)))
        if isinstance(node, _COMPOUND) and not node.body:
            node.body = [gast.Pass()]
        output.append(node)
    return output


def protect(
    body: list[gast.AST],
    written: Iterable[str],
    namespace: Namespace,
    names: Names,
    bases: dict[str, str],
    kind_of: Callable[[gast.AST], Kind],
) -> list[gast.AST]:
    """Copies of the arguments that are written into, to be written into instead."""
    copies: list[gast.AST] = []
    mapping: dict[str, str] = {}
    by_layout = any(depends_on_order(node, namespace.objects) for node in tree.every_statement(body))
    for name in written:
        new = names.fresh(name)
        bases[new] = name
        mapping[name] = new
        if kind_of(tree.load(name)).is_array and not by_layout:
            value = gast.Call(tree.attribute(tree.load(name), "copy"), [], [])
        else:
            helper = namespace.name_for("copied", runtime.copied)
            value = tree.call(helper, tree.load(name))
        copies.append(tree.mark(tree.assign(new, value), None))
    if not mapping:
        return body
    return copies + [tree.rename(node, mapping) for node in body]


def hoist(
    body: list[gast.AST],
    changing: Callable[[str], bool],
    namespace: Namespace,
    names: Names,
    bases: dict[str, str],
) -> list[gast.AST]:
    """Give names to operands that are expressions over objects that change.

    Both modes write an operand again, later than the program computed it: in the tangent, in the
    adjoint. Where it reads an array that is written in place it would be another value by then. Operands of
    functions that have no derivative are not written again.
    """

    def is_zero(value: gast.AST) -> bool:
        found = operation(value, namespace.objects)
        rule = None if found is None else registry.find(found.function)
        return rule is not None and rule.is_zero

    output: list[gast.AST] = []
    for node in body:
        if isinstance(node, _COMPOUND):
            for name in ("body", "orelse"):
                if hasattr(node, name):
                    setattr(node, name, hoist(getattr(node, name), changing, namespace, names, bases))
        elif isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr)) and not is_zero(node.value):
            before: list[gast.AST] = []
            found = operation(node.value, namespace.objects)
            is_at_once = found is not None and any(found.function is getattr(builtins, name) for name in EAGER)

            chosen = _read_too_late(node, changing)

            def named(
                operand: gast.AST,
                before: list[gast.AST] = before,
                is_at_once: bool = is_at_once,
                chosen: set[int] = chosen,
            ) -> gast.AST:
                if id(operand) not in chosen:
                    return operand
                if is_at_once and isinstance(operand, gast.GeneratorExp):
                    # A generator has no tangent, not even one of zeros.
                    operand = gast.ListComp(operand.elt, operand.generators)
                name = names.fresh("t")
                bases[name] = ""
                before.append(tree.assign(name, operand))
                return tree.load(name)

            node = tree.like(_with_operands(node, named), node)
            output.extend(tree.like(statement, node) for statement in before)
        output.append(node)
    return output


def _read_too_late(node: gast.AST, changing: Callable[[str], bool]) -> set[int]:
    """The operands of a statement, by identity, that get names: those that read what changes.

    They are evaluated before all that stays in the statement. So what Python evaluates before one of them gets a
    name, too, where a call in one of the two may change the other: also the function that is called, and what is
    spread over several operands.
    """
    order: list[tuple[gast.AST, bool]] = []

    def seen(operand: gast.AST) -> gast.AST:
        order.append((operand, _reads_changing(operand, changing)))
        return operand

    def beside(operand: gast.AST) -> gast.AST:
        order.append((operand, False))
        return operand

    _with_operands(node, seen, beside)
    chosen: set[int] = set()
    is_followed = is_followed_by_call = False
    for operand, is_named in reversed(order):
        if is_named or (not _is_steady(operand) and (is_followed_by_call or (is_followed and _calls(operand)))):
            chosen.add(id(operand))
            is_followed = True
            is_followed_by_call = is_followed_by_call or _calls(operand)
    return chosen


def _calls(node: gast.AST) -> bool:
    return any(type(item) is gast.Call for item in tree.walk(node))


def _is_steady(node: gast.AST) -> bool:
    """Whether what an operand is does not depend on when it is evaluated."""
    if isinstance(node, gast.Lambda):
        defaults = (*node.args.defaults, *filter(None, node.args.kw_defaults))
        return all(map(tree.is_atom, defaults))
    return tree.is_atom(node) or tree.dotted_name(node) is not None


def _reads_changing(node: gast.AST, changing: Callable[[str], bool]) -> bool:
    if tree.is_atom(node) or isinstance(node, (gast.Attribute, gast.Lambda)):
        return False
    return any(map(changing, tree.names_read(node)))


def _with_operands(node: gast.AST, change: Change, beside: Change | None = None) -> gast.AST:
    """A statement with its operands changed: arguments, indices, the items of displays.

    Args:
        node: the statement.
        change: gives what stands for an operand.
        beside: the same for a function that is called, and for what is spread over several operands.
    """
    beside = beside or change
    if isinstance(node, gast.Expr):
        return tree.effect(_operation_with(node.value, change, beside))
    if isinstance(node, gast.Assign):
        (target,) = node.targets
        value = node.value
        if isinstance(target, gast.Name):
            return tree.assign(target, _operation_with(value, change, beside))
        if isinstance(target, gast.Subscript):
            value = change(value)
            return tree.assign(
                tree.subscript(target.value, _index_with(target.slice, change)), value
            )
        return node
    if isinstance(node, gast.AugAssign):
        target, value = node.target, change(node.value)
        if isinstance(target, gast.Subscript):
            target = tree.subscript(target.value, _index_with(target.slice, change))
        return tree.augment(target, tree.BINARY_SYMBOL[type(node.op)], value)
    return node


def _operation_with(node: gast.AST, change: Change, beside: Change) -> gast.AST:
    found = _rebuilt(node, change, beside)
    for mark in ("brief", "of_array"):
        if getattr(node, mark, False):
            setattr(found, mark, True)
    return found


def _rebuilt(node: gast.AST, change: Change, beside: Change) -> gast.AST:
    if isinstance(node, gast.BinOp):
        left = change(node.left)
        return gast.BinOp(left, node.op, change(node.right))
    if isinstance(node, gast.UnaryOp):
        return gast.UnaryOp(node.op, change(node.operand))
    if isinstance(node, gast.Subscript):
        item = tree.subscript(node.value, _index_with(node.slice, change))
        item.in_turn = getattr(node, "in_turn", False)
        return item
    if isinstance(node, (gast.Tuple, gast.List)):
        return type(node)([_item_with(item, change, beside) for item in node.elts], node.ctx)
    if isinstance(node, gast.Call):
        if isinstance(node.func, gast.Attribute) and tree.dotted_name(node.func) is None:
            # What a method is known by is its name.
            function = tree.attribute(beside(node.func.value), node.func.attr)
        else:
            function = beside(node.func)
        args = [_item_with(a, change, beside) for a in node.args]
        keywords = [gast.keyword(k.arg, _item_with(k.value, change, beside)) for k in node.keywords]
        return gast.Call(function, args, keywords)
    return node


def _item_with(node: gast.AST, change: Change, beside: Change) -> gast.AST:
    if isinstance(node, (gast.Tuple, gast.List)):
        return type(node)([_item_with(item, change, beside) for item in node.elts], node.ctx)
    return gast.Starred(beside(node.value), node.ctx) if isinstance(node, gast.Starred) else change(node)


def _index_with(node: gast.AST, change: Change) -> gast.AST:
    if isinstance(node, gast.Tuple):
        return tree.tuple_of(_index_with(item, change) for item in node.elts)
    if isinstance(node, gast.Slice):
        parts = (node.lower, node.upper, node.step)
        return gast.Slice(*(None if p is None else change(p) for p in parts))
    return change(node)
