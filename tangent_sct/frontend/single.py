"""Structured single assignment: every local name is assigned once, save joins and carried names.

The textbook's phi functions (Cytron et al. 1991) are written as plain copies, so the program stays runnable
Python: at the end of both branches of an `if`, before a loop and at the end of its body. Only names that
are live where the phi function would stand get one (pruned form).

Requires: `normalise`. Produces: the form described in `docs/architecture.md`.

>>> from tangent_sct.core import tree
>>> from tangent_sct.core.names import Names
>>> f = tree.statements('''
... def f(x, n):
...     for i in range(n):
...         if x > 1:
...             x = x * x
...     return x
... ''')[0]
>>> body, bases = single(f, Names({"x", "n", "i"}), temporaries=set())
>>> print(tree.text(body))
x_2 = x
for i in range(n):
    if x_2 > 1:
        x_3 = x_2 * x_2
        x_4 = x_3
    else:
        x_4 = x_2
    x_2 = x_4
x_5 = x_2
return x_5
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import replace

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted
from tangent_sct.core.errors import UnsupportedError, rebound
from tangent_sct.core.names import Names
from tangent_sct.frontend.halves import Ahead, refuse_half_done
from tangent_sct.frontend.late import captured_by, is_key, lists_of
from tangent_sct.frontend.live import live_after_each, live_before, read_late


def single(
    function: gast.FunctionDef,
    names: Names,
    temporaries: Set[str],
    helpers: Set[str] = frozenset(),
    others: Set[str] = frozenset(),
) -> tuple[list[gast.AST], dict[str, str]]:
    """Bring a normalised function into structured single assignment.

    Args:
        function: the function; its parameters are versions of themselves.
        names: gives out the names of versions; holds all names in use.
        temporaries: names that the compiler made, each for one value; their base is `""`.
        helpers: names that it made, also for values from several places; their base is `""` too.
        others: names of Python's own functions that mean something else in the module of the function.

    Returns:
        The body, and the base of every local name.
    """
    function = _named_where_read(function, names)
    worker = _Single(names, temporaries, helpers, others, lists_of(function))
    parameters = tree.parameter_names(function)
    for name in parameters:
        worker.bases[name] = name
    body = worker.block(function.body, {name: name for name in parameters}, set())
    return body, worker.bases


def _named_where_read(function: gast.FunctionDef, names: Names) -> gast.FunctionDef:
    """The function, its variable `_` under another name where it is read: for the passes nobody reads it.

    Loops over `_` that do not read it keep it, unless it is read behind them.
    """
    if "_" in tree.parameter_names(function) or "_" not in tree.names_written(function.body):
        return function
    if "_" not in tree.names_read(function.body):
        return function
    body = [_named_in_loops(node, names) for node in function.body]
    if "_" in tree.names_read(body):
        item = {"_": names.fresh("item")}
        body = [tree.rename(node, item) for node in function.body]
    new = tree.copy(function)
    new.body = body
    return new


def _named_in_loops(node: gast.AST, names: Names) -> gast.AST:
    """A statement; loops over `_` that read it have another name for it."""
    if not isinstance(node, gast.stmt):
        return node
    node = tree.rebuilt(node, lambda child: _named_in_loops(child, names))
    if not isinstance(node, gast.For) or "_" not in tree.names_written(node.target):
        return node
    if "_" not in tree.names_read(node.body):
        return node
    counts = isinstance(node.iter, gast.Call) and tree.is_name(node.iter.func, "range")
    return tree.rename(node, {"_": names.fresh("i" if counts else "item")})


class _Single:
    def __init__(
        self, names: Names, temporaries: Set[str], helpers: Set[str], others: Set[str], lists: Set[str]
    ) -> None:
        self.names = names
        self.temporaries = temporaries
        self.nameless = temporaries | helpers
        self.bases: dict[str, str] = {}
        self.captured: set[str] = set()
        self.unsure: set[str] = set()
        # Functions that are called in one of the next statements, and not kept.
        self.brief: set[str] = set()
        self.ahead = Ahead([], set())
        self._others = others
        self.lists = lists

    def others(self) -> Set[str]:
        """Names that do not mean Python's own functions."""
        return self._others | self.bases.keys()

    def is_key(self, keyword: gast.keyword, call: gast.Call) -> bool:
        """Whether a keyword is what items are ordered by."""
        return is_key(keyword, call, self.others(), self.lists)

    def rebind(self, name: str, node: gast.AST) -> str:
        """The version of a name that a statement gives a new value.

        Raises:
            UnsupportedError: for a variable that a function defined before reads. Such a function sees what the
                variable holds when it is called, and versions are variables of their own.
        """
        if name in self.captured and name in self.bases:
            raise rebound(
                f"`{name}` is assigned again, and a function defined here before reads it",
                tree.origin_of(node),
                "pass the value as an argument of that function, or use another variable",
            )
        return self.version(name)

    def version(self, name: str) -> str:
        """A new version of a user's name; the first is the name itself."""
        if name not in self.bases:
            self.bases[name] = "" if name in self.nameless else name
            return name
        new = self.names.fresh(name)
        self.bases[new] = self.bases[name]
        return new

    def block(
        self, statements: list[gast.AST], env: dict[str, str], live_out: set[str]
    ) -> list[gast.AST]:
        """Rename a block; `env` (user name -> version) is updated to what holds after it."""
        live = live_after_each(statements, live_out)
        output: list[gast.AST] = []
        outer = self.ahead
        for place, (statement, after) in enumerate(zip(statements, live, strict=True)):
            self.ahead = replace(outer, following=[*statements[place + 1 :], *outer.following])
            if attempted(statement) is not None:
                refuse_half_done(statement, statements[:place], self.ahead)
            if isinstance(statement, gast.FunctionDef) and statement.name in self.nameless:
                if _is_called_at_once(statement, statements[place + 1 :], live[place + 1 :], self.is_key):
                    self.brief.add(statement.name)
            self.statement(statement, env, after, output)
        self.ahead = outer
        return output

    def statement(
        self, node: gast.AST, env: dict[str, str], live: set[str], output: list[gast.AST]
    ) -> None:
        if getattr(node, "unset", False) is True:
            # It only says that the name is one of the function's own.
            return
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            value = _renamed_reads(node.value, env)
            env[node.targets[0].id] = new = self.rebind(node.targets[0].id, node)
            self.captured |= captured_by(node.value, self.others(), self.lists)
            output.append(tree.like(tree.assign(new, value), node))
        elif isinstance(node, gast.If) and not tree.is_exit(node):
            self.if_(node, env, live, output)
        elif isinstance(node, (gast.For, gast.While)):
            self.loop(node, env, live, output)
        elif isinstance(node, gast.With):
            self.with_(node, env, live, output)
        else:
            # What a loop hands on is copied at the end of its body: `if flag: break` alone may leave it.
            assert not isinstance(node, (gast.Break, gast.Continue)), tree.text(node)
            self.opaque(node, env, output)

    def if_(
        self, node: gast.If, env: dict[str, str], live: set[str], output: list[gast.AST]
    ) -> None:
        test = _renamed_reads(node.test, env)
        then, other = dict(env), dict(env)
        body = self.block(node.body, then, live)
        orelse = self.block(node.orelse, other, live)
        for name in [n for n in {**then, **other} if n in live]:
            left, right = then.get(name), other.get(name)
            if left == right:
                env[name] = str(left)
                continue
            env[name] = joined = self.version(name)
            for version, branch in ((left, body), (right, orelse)):
                if version is None:
                    branch.append(_unset(joined, node))
                else:
                    branch.append(tree.like(tree.assign(joined, tree.load(version)), node))
        output.append(tree.like(tree.if_(test, body, orelse), node))

    def with_(
        self, node: gast.With, env: dict[str, str], live: set[str], output: list[gast.AST]
    ) -> None:
        items = []
        for item in node.items:
            context = _renamed_reads(item.context_expr, env)
            target = item.optional_vars
            if isinstance(target, gast.Name):
                env[target.id] = new = self.rebind(target.id, node)
                target = tree.store(new)
            items.append(gast.withitem(context, target))
        body = self.block(node.body, env, live)
        output.append(tree.like(gast.With(items, body, None), node))

    def loop(
        self,
        node: gast.For | gast.While,
        env: dict[str, str],
        live: set[str],
        output: list[gast.AST],
    ) -> None:
        iterable = _renamed_reads(node.iter, env) if isinstance(node, gast.For) else None
        written = tree.names_written(node.body)
        targets = tree.names_written(node.target) if isinstance(node, gast.For) else []
        written += [name for name in targets if name not in written]
        header = live_before(node, live)
        carried: dict[str, str] = {}
        for name in written:
            entry = name in header and not (name in targets and name not in live)
            if not (entry or name in live) or name in self.temporaries:
                continue
            carried[name] = self.version(name) if name in env or name not in targets else ""
            if not carried[name]:
                carried[name] = self.names.fresh(name)
                self.bases[carried[name]] = name
            if name in env:
                copy = tree.assign(carried[name], tree.load(env[name]))
                output.append(tree.like(copy, node))
        inner = {**env, **carried}
        test = _renamed_reads(node.test, inner) if isinstance(node, gast.While) else None
        target = None
        if isinstance(node, gast.For):
            fresh = {name: self.rebind(name, node) for name in targets}
            inner.update(fresh)
            target = tree.rename(node.target, fresh)
        exit_test = node.body[-1] if node.body and tree.is_exit(node.body[-1]) else None
        inside = node.body[:-1] if exit_test is not None else node.body
        live_end = (
            header | live | (set(tree.names_read(exit_test)) if exit_test is not None else set())
        )
        around = self.ahead
        self.ahead = Ahead([], live_end, exit_test and exit_test.test, around)
        body = self.block(inside, inner, live_end)
        self.ahead = around
        unset = {new for name, new in carried.items() if name not in env}
        read = {*tree.names_read(body), *(new for name, new in carried.items() if name in live)}
        # The program itself never reads them where they have no value: it would have raised.
        output += [_unset(new, node) for new in carried.values() if new in unset & read]
        pairs = [(new, inner[name]) for name, new in carried.items()]
        body += [tree.like(s, node) for s in parallel_copies(pairs, self.names, self.bases)]
        if exit_test is not None:
            body.append(tree.like(_renamed_reads(exit_test, inner), exit_test))
        if iterable is not None and target is not None:
            output.append(tree.like(tree.for_(target, iterable, body), node))
        else:
            assert test is not None
            output.append(tree.like(tree.while_(test, body), node))
        for name, new in carried.items():
            if name in live:
                env[name] = final = self.version(name)
                output.append(tree.like(tree.assign(final, tree.load(new)), node))
        for name in written:
            if name not in carried:
                env.pop(name, None)

    def opaque(self, node: gast.AST, env: dict[str, str], output: list[gast.AST]) -> None:
        """A statement kept whole: what it writes becomes new versions, filled with the old before."""
        captured = captured_by(node, self.others(), self.lists)
        if isinstance(node, gast.FunctionDef):
            _refuse_nonlocal(node)
        written = [n for n in tree.names_written(node) if n not in self.temporaries]
        if captured & set(written) and not isinstance(node, (gast.FunctionDef, gast.ClassDef)):
            raise UnsupportedError(
                "a function defined here reads a variable that is assigned in the same statement",
                tree.origin_of(node), "pass the variable as an argument",
            )  # fmt: skip
        new = {}
        read = set(tree.names_read(node))
        for name in written:
            new[name] = self.rebind(name, node)
            if name in env and not isinstance(node, (gast.FunctionDef, gast.ClassDef)):
                is_none = env[name] in self.unsure and name not in read
                old = tree.const(None) if is_none else tree.load(env[name])
                output.append(tree.like(tree.assign(new[name], old), node))
            elif hasattr(node, "handlers"):
                # Where a `try` fails, they may have no value, which a branch after it may hand on.
                output.append(_unset(new[name], node))
                self.unsure.add(new[name])
        _refuse_dotted(node, new)
        env_inside = {**env, **new}
        renamed = _renamed_reads(node, env_inside)
        output.append(tree.like(_renamed_writes(renamed, new), node))
        env.update(new)
        if getattr(node, "name", "") not in self.brief:
            self.captured |= captured


def parallel_copies(
    pairs: Iterable[tuple[str, str]], names: Names, bases: dict[str, str]
) -> list[gast.AST]:
    """Copies `target = source` that happen at once: a source that is also a target is kept first.

    >>> bases = {"a": "a", "b": "b"}
    >>> print(tree.text(parallel_copies([("a", "b"), ("b", "a")], Names({"a", "b"}), bases)))
    a_2 = a
    a = b
    b = a_2
    """
    todo = [(target, source) for target, source in pairs if target != source]
    written: set[str] = set()
    kept: dict[str, str] = {}
    first: list[gast.AST] = []
    copies: list[gast.AST] = []
    for target, source in todo:
        if source in written and source not in kept:
            kept[source] = names.fresh(bases.get(source) or source)
            bases[kept[source]] = bases.get(source, source)
            first.append(tree.assign(kept[source], tree.load(source)))
        copies.append(tree.assign(target, tree.load(kept.get(source, source))))
        written.add(target)
    return first + copies


def _unset(name: str, model: gast.AST) -> gast.AST:
    """`name = None` where a name has no value: nothing the program does reads it."""
    statement = tree.like(tree.assign(name, tree.const(None)), model)
    statement.unset = True
    return statement


# -- renaming -----------------------------------------------------------------------------------


def _renamed_reads(
    node: gast.AST, env: Mapping[str, str], in_functions: Mapping[str, str] | None = None
) -> gast.AST:
    """A copy in which the names read are their current versions; inner scopes keep their own.

    Args:
        node: the tree.
        env: the current versions.
        in_functions: those that functions inside see, where these are others: in the body of a class.
    """
    if isinstance(node, gast.Name):
        if isinstance(node.ctx, gast.Load) and env.get(node.id, node.id) != node.id:
            return tree.load(env[node.id])
        return tree.copy(node)
    if isinstance(node, _INNER):
        return _renamed_inside(node, env, env if in_functions is None else in_functions)
    return tree.rebuilt(node, lambda child: _renamed_reads(child, env, in_functions))


def _renamed_inside(node: gast.AST, env: Mapping[str, str], seen: Mapping[str, str]) -> gast.AST:
    """`_renamed_reads` for a scope of its own, which sees some versions: what it binds is no variable around."""
    free, own = set(tree.names_read(node)), tree.bound_by_scope(node)
    within = {old: new for old, new in seen.items() if old in free and old not in own}
    in_functions = seen if isinstance(node, gast.ClassDef) else None
    return _rebuilt_scope(
        node,
        lambda part: _renamed_reads(part, env, seen),
        lambda part: _renamed_reads(part, within, in_functions),
    )


_INNER = (*tree.COMPREHENSIONS, gast.Lambda, gast.FunctionDef, gast.ClassDef)


def _rebuilt_scope(
    node: gast.AST, outside: Callable[[gast.AST], gast.AST], inside: Callable[[gast.AST], gast.AST]
) -> gast.AST:
    """A copy of an inner scope, with a way to change what is evaluated around it, and one for what is in it."""
    is_class = isinstance(node, gast.ClassDef)
    around = [*node.bases, *node.keywords, *node.decorator_list] if is_class else tree.outside_parts(node)

    def change(child: gast.AST) -> gast.AST:
        if any(child is part for part in around):
            return outside(child)
        if isinstance(child, (gast.comprehension, gast.arguments)):
            return tree.rebuilt(child, change)
        return inside(child)

    return tree.rebuilt(node, change)


def _renamed_writes(node: gast.AST, new: Mapping[str, str]) -> gast.AST:
    """A copy in which the names that a statement binds are new versions; inner scopes keep their own."""
    changed = {old: name for old, name in new.items() if old != name}
    if not changed:
        return node
    if isinstance(node, gast.Name):
        is_read = isinstance(node.ctx, gast.Load)
        return node if is_read else gast.Name(changed.get(node.id, node.id), node.ctx, None, None)
    if isinstance(node, gast.alias):
        bound = node.asname or node.name
        return gast.alias(node.name, changed[bound]) if bound in changed else node

    def around(part: gast.AST) -> gast.AST:
        return _renamed_writes(part, changed)

    if isinstance(node, _INNER):
        own = tree.bound_by_scope(node)
        within = {old: name for old, name in changed.items() if old not in own}
        result = _rebuilt_scope(node, around, lambda part: _renamed_writes(part, within))
    else:
        result = tree.rebuilt(node, around)
    for field in ("name", "rest") if isinstance(node, _NAMED) else ():
        if getattr(node, field, None) in changed:
            setattr(result, field, changed[getattr(node, field)])
    return result


_NAMED = (gast.FunctionDef, gast.ClassDef, *tree.CAPTURES)
"""Nodes that bind a name which is a string in the tree."""


def _refuse_nonlocal(node: gast.FunctionDef) -> None:
    """A function that assigns to variables of the one around it would assign to one version of them.

    Raises:
        UnsupportedError: naming the function.
    """
    for item in tree.walk(node):
        if isinstance(item, gast.Nonlocal):
            raise UnsupportedError(
                f"`{node.name}` assigns to a variable of the function around it",
                tree.origin_of(node),
                "return the value, and assign it where the function is called",
            )


def _refuse_dotted(node: gast.AST, new: Mapping[str, str]) -> None:
    """`import a.b` binds `a`, and has no way to give it another name.

    Raises:
        UnsupportedError: where it would have to.
    """
    for item in tree.walk(node):
        if isinstance(item, gast.alias) and not item.asname:
            bound, dot, _ = item.name.partition(".")
            if dot and new.get(bound, bound) != bound:
                raise UnsupportedError(
                    f"`import {item.name}` binds `{bound}`, which is bound in another place, too",
                    tree.origin_of(node),
                    "import it at the top of the module, or under a name of its own: import a.b as c",
                )


def _is_called_at_once(
    node: gast.FunctionDef,
    following: list[gast.AST],
    live: list[set[str]],
    is_key: Callable[[gast.keyword, gast.Call], bool],
) -> bool:
    """Whether a function that was a lambda is only what the items of one of the next statements are ordered by.

    Args:
        node: the function.
        following: the statements behind it in its block.
        live: what may be read behind each of them.
        is_key: whether a keyword of a call is what items are ordered by.
    """
    names, read = {node.name}, read_late(node)
    for statement, after in zip(following, live, strict=True):
        if type(statement) in tree.COMPOUND:
            return False
        value = getattr(statement, "value", None)
        if isinstance(value, gast.Name) and value.id in names:
            names.update(tree.names_written(statement))
            continue
        keys = [k.value for call in tree.walk(statement) if isinstance(call, gast.Call)
                for k in call.keywords if is_key(k, call)]  # fmt: skip
        uses = [n for n in tree.walk(statement) if isinstance(n, gast.Name) and n.id in names]
        if any(all(use is not key for key in keys) for use in uses):
            return False
        if names.isdisjoint(after):
            return True
        if not read.isdisjoint(tree.names_written(statement)):
            return False
    return False
