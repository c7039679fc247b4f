"""What is written where no statement shows it: by calls inside of expressions, and by functions kept whole.

`if (lambda v: seen.append(v) or v > 0)(x[0]): ...` puts what varies into `seen`, though the test has no derivative.
Such flows are told here, coarsely, so that what is written is known to vary; whoever finds it active refuses it.

>>> body = tree.statements('''
... def key(i):
...     seen[i] = x[i]
...     return i
... s = sorted(y, key=key)
... n = sum(1 for v in z if not kept.append(v))
... ''')
>>> [(edge.target, edge.operands) for edge in hidden_flows(body, Calls({"sorted": sorted, "sum": sum}))]
... # doctest: +NORMALIZE_WHITESPACE
[('seen', ('x', 'key')), ('seen', ('sorted', 'y', 'key')), ('y', ('sorted', 'key', 'seen', 'x')),
 ('key', ('sorted', 'y', 'seen', 'x')), ('kept', ('sum', 'z'))]
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping

import gast

from tangent_sct.analysis.activity import Edge
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.harmless import own_objects, stores_elsewhere
from tangent_sct.core import tree
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.inside import assigned_outside
from tangent_sct.frontend.namespace import MISSING


def hidden_flows(body: Iterable[gast.AST], calls: Calls) -> Iterator[Edge]:
    """Flows into what calls inside of expressions, and functions that are kept whole, may write into.

    Args:
        body: a program.
        calls: what its calls do.
    """
    body = list(body)
    copies = free_copies(body, calls)
    functions = [node for node in tree.every_statement(body) if type(node) is gast.FunctionDef]
    writes = {node.name: written_in(node, calls, copies) for node in functions}
    captured = _captured(body, functions, calls)
    for node in functions:
        reads = [*tree.names_read(node), node.name]
        for name in writes[node.name]:
            yield Edge(name, tuple(read for read in reads if read != name), True)
    # A function is nothing that varies; what it writes may be what a call hands to it.
    written = list(dict.fromkeys(name for names in writes.values() for name in names))
    for node in tree.every_statement(body):
        if type(node) is gast.FunctionDef:
            continue
        parts = tree.own_parts(node)
        reads = tree.names_read(parts)
        found: dict[str, dict[str, None]] = {}
        held = _held_by_variables(parts)
        for call in (call for part in parts for call in _calls_in(part, node, calls)):
            given = tree.names_read(call)
            # It may be given what a comprehension or a lambda around it goes through.
            given = given if set(given).issubset(reads) else reads
            # What a function that it is handed writes may be what it captures.
            given = [*given, *(name for function in given for name in captured.get(function, ()))]
            for name in _members(_written_by_call(calls.without_key(call), calls), held):
                found.setdefault(name, {}).update(dict.fromkeys(given))
            if written and calls.facts(call).effect == "unknown":
                yield from (Edge(name, tuple(read for read in reads if read != name), True) for name in written)
        for name, operands in found.items():
            if name in reads:
                yield Edge(name, tuple(read for read in operands if read != name), True)


def free_copies(body: Iterable[gast.AST], calls: Calls) -> dict[str, str]:
    """Variables that only ever hold what a free name means, with that name; those of cached functions with theirs."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for node in tree.every_statement(body):
        for name in tree.names_written(node) if type(node) in (gast.Assign, gast.FunctionDef) else ():
            several.update({name} & found.keys())
            found.setdefault(name, "")
        if isinstance(node, gast.Assign) and tree.is_name(node.targets[0]) and tree.is_name(node.value):
            if calls.meaning(node.value) is not MISSING:
                found[node.targets[0].id] = node.value.id
        value = getattr(node, "value", None)
        if isinstance(node, gast.Assign) and isinstance(value, gast.Call) and tree.is_name(node.targets[0]):
            if calls.meaning(value.func) is functools.cache and len(value.args) == 1 and tree.is_name(value.args[0]):
                found[node.targets[0].id] = value.args[0].id
    return {name: free for name, free in found.items() if free and name not in several}


def written_in(function: gast.FunctionDef, calls: Calls, copies: Mapping[str, str]) -> list[str]:
    """Variables around a function that is defined inside whose objects it may write into when it is called.

    Args:
        function: the function.
        calls: what calls do.
        copies: variables that hold what free names mean.
    """
    function = tree.rename(function, copies)
    own = {*tree.parameter_names(function), *tree.names_written(function.body)}
    captured = [*tree.names_read(function), *assigned_outside(function)]
    fresh = own_objects(function)
    found = dict.fromkeys(assigned_outside(function))
    held = _held_by_variables(function.body)
    for statement in function.body:
        for item in tree.walk(statement):
            if isinstance(item, gast.Call) and tree.is_name(item.func, function.name):
                # It writes into what it does elsewhere.
                continue
            for name in _members(_written_by(item, calls), held):
                if name in own and name not in fresh and name not in found:
                    # It may be any of what the function reaches.
                    return list(dict.fromkeys(captured))
                if name in captured:
                    found[name] = None
    return list(found)


def _captured(body: list[gast.AST], functions: Iterable[gast.FunctionDef], calls: Calls) -> dict[str, list[str]]:
    """What functions that are defined inside read, by the names of all variables that may hold them."""
    found = {
        node.name: dict.fromkeys(name for name in tree.names_read(node) if not calls.is_fixed(name))
        for node in functions
    }
    copies = [node for node in tree.every_statement(body) if found and _copies(node)]
    size = -1
    while size != sum(map(len, found.values())):
        size = sum(map(len, found.values()))
        for node in copies:
            held = {name for read in tree.names_read(node.value) for name in found.get(read, ())}
            if held:
                found.setdefault(node.targets[0].id, {}).update(dict.fromkeys(sorted(held)))
    return {name: list(names) for name, names in found.items()}


def _copies(node: gast.AST) -> bool:
    """Whether a statement gives a variable what others hold, or a display of it."""
    if not isinstance(node, gast.Assign) or not tree.is_name(node.targets[0]):
        return False
    return not any(isinstance(item, (gast.Call, gast.BinOp, gast.Lambda)) for item in tree.walk(node.value))


def _held_by_variables(nodes: Iterable[gast.AST]) -> dict[str, list[str]]:
    """The variables of comprehensions, with the names of what they may hold: all that is run through."""
    held: dict[str, list[str]] = {}
    for item in (item for node in nodes for item in tree.walk(node)):
        if isinstance(item, tree.COMPREHENSIONS):
            names = tree.names_read([generator.iter for generator in item.generators])
            for name in (name for generator in item.generators for name in tree.names_written(generator.target)):
                held.setdefault(name, []).extend(names)
    return held


def _members(names: Iterable[str], held: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The names, and those of what variables of comprehensions among them may hold."""
    found: dict[str, None] = {}
    pending = list(names)[::-1]
    while pending:
        name = pending.pop()
        if name not in found:
            found[name] = None
            pending += held.get(name, ())
    yield from found


def may_act(key: gast.AST, body: Iterable[gast.AST], calls: Calls) -> bool:
    """Whether a function that is handed to another one, which calls it, may do more than compute.

    What is chosen while the program runs may be any of the functions that are defined in it.

    Args:
        key: the function.
        body: the program.
        calls: what its calls do.

    >>> body = tree.statements("def key(v):\\n    return abs(v)\\ndef other(v):\\n    return seen.append(v)")
    >>> calls = Calls({"abs": abs})
    >>> [may_act(tree.load(name), body, calls) for name in ("key", "other", "abs", "chosen")]
    [False, True, False, True]
    """
    body = list(tree.every_statement(body))
    if calls.meaning(key) is not MISSING or isinstance(key, (gast.Lambda, gast.Constant)):
        return calls.does_more(key)
    functions = [node for node in body if type(node) is gast.FunctionDef]
    named = [node for node in functions if tree.is_name(key, node.name)]
    return any(_acts(function, calls) for function in (named if len(named) == 1 else functions))


def plain_functions(body: Iterable[gast.AST], parameters: Collection[str], calls: Calls) -> frozenset[str]:
    """Variables that hold functions that are defined inside, do nothing but compute, and nothing else.

    Args:
        body: the program.
        parameters: variables that hold something else before.
        calls: what its calls do.

    >>> body = tree.statements("def key(v):\\n    return d[v]\\nasked = key\\nother = d.get")
    >>> sorted(plain_functions(body, [], Calls({})))
    ['asked', 'key']
    """
    given: dict[str, list[gast.AST]] = {}
    body = list(tree.every_statement(body))
    for node in body if any(type(node) is gast.FunctionDef for node in body) else ():
        is_copy = type(node) is gast.Assign and len(node.targets) == 1 and tree.is_name(node.targets[0])
        for name in [node.name] if type(node) is gast.FunctionDef else tree.names_written(tree.own_parts(node)):
            given.setdefault(name, []).append(node.value if is_copy else node)

    def is_plain(value: gast.AST) -> bool:
        if type(value) is gast.FunctionDef:
            return not _acts(value, calls)
        return type(value) is gast.Name and value.id in plain

    plain = {name for name, values in given.items() if any(type(value) is gast.FunctionDef for value in values)}
    plain |= {name for name, values in given.items() if all(type(value) is gast.Name for value in values)}
    plain.difference_update(parameters)
    while others := {name for name in plain if not all(map(is_plain, given[name]))}:
        plain -= others
    return frozenset(plain)


def _acts(function: gast.FunctionDef, calls: Calls) -> bool:
    """Whether a function that is defined inside may do more than compute."""
    if stores_elsewhere(function):
        return True
    called = [item for part in function.body for item in tree.walk(part) if type(item) is gast.Call]
    return any(
        calls.facts(call).effect in ("writes", "unknown")
        and not tree.is_name(call.func, function.name)
        and (calls.meaning(call.func) is MISSING or calls.does_more(call.func))
        for call in called
    )


def _written_by(node: gast.AST, calls: Calls) -> Iterator[str]:
    """Names through which an expression or a place is written into."""
    if isinstance(node, (gast.Subscript, gast.Attribute)) and not isinstance(node.ctx, gast.Load):
        root = root_name(node)
        yield from () if root is None else (root,)
    elif isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
        yield node.target.id
    elif isinstance(node, gast.Call):
        yield from _written_by_call(node, calls)


def _written_by_call(call: gast.Call, calls: Calls) -> Iterator[str]:
    facts = calls.facts(call)
    if facts.effect in ("writes", "unknown"):
        for operand in facts.operands[:1] if facts.effect == "writes" else facts.operands:
            yield from (name for name in tree.names_read(operand) if not calls.is_fixed(name))


def _calls_in(part: gast.AST, node: gast.AST, calls: Calls) -> Iterator[gast.Call]:
    """The calls in a part of a statement, but for those of which other flows tell."""
    own = node.value if isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)) else None
    for item in tree.walk(part):
        if type(item) is gast.Call and not (item is own and _is_told(item, node, calls)):
            yield item


def _is_told(call: gast.Call, node: gast.AST, calls: Calls) -> bool:
    """Whether what a call that is a statement writes into is told by its own flows.

    All is but what a `key` does, and what is done by a method or a function of which nothing is known: to all that it
    is given where its result has a name, and to what holds it, as in `handlers["save"](v)`.
    """
    if any(keyword.arg == "key" for keyword in call.keywords):
        return False
    if calls.facts(call).effect != "unknown":
        return True
    if not isinstance(node, gast.Expr):
        return False
    is_method = isinstance(call.func, gast.Attribute) and isinstance(call.func.value, gast.Name)
    return is_method or calls.meaning(call.func) is not MISSING
