"""Reading the body of a template: its statements and expressions, in prepared form.

Prepared trees have no positions; the words of the language have become the nodes of `nodes`; a node
has the attribute `derivative`, true where a `d[...]` or a local computed from one stands in it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.templating.layout import EMPTY, NOT_PASSED, same_default, signature_of
from tangent_sct.templating.nodes import Collect, Dense, Derivative, Static, Unroll
from tangent_sct.templating.source import MISSING, TemplateSource

PREDICATES = ("ndim", "isscalar", "iscontainer", "iscomplex", "isactive")
FORBIDDEN = (gast.NamedExpr, gast.Await, gast.Yield, gast.YieldFrom)


class Reader:
    """Reads the pieces of one template, the prelude first: its locals are known to the others.

    Args:
        source: the template.
        results: names left of the slash.
        parameters: signature right of it.
    """

    def __init__(
        self, source: TemplateSource, results: Sequence[str], parameters: inspect.Signature
    ) -> None:
        self.source = source
        self.results = results
        self.parameters = parameters
        self.wrt: set[str] = set()
        self.elementwise: set[str] = set()
        self.inner: dict[str, None] = {}
        self.namespace: dict[str, Any] = {}
        self._mode = "prelude"
        self._locals: set[str] = set()
        self._defined = set(parameters.parameters)
        self._elements: dict[str, str] = {}
        """Loop variables over `each(parameter)`, with the parameter."""
        self._bound: list[str] = []
        """Names bound by the comprehensions and lambdas around the expression being read."""
        self._in_test = False

    # -- pieces ---------------------------------------------------------------------------

    def prelude(self, body: list[gast.AST]) -> tuple[gast.AST, ...]:
        """The statements of the forward sweep; where there are any, they assign every result."""
        statements = tuple(self._piece("prelude", body))
        if statements:
            for name in self.results:
                if name not in self._defined:
                    raise self.source.error(
                        f"the statements above `tangent` and `adjoint` must assign `{name}`"
                    )
        self._defined.update(self.results)
        return statements

    def tangent(self, body: list[gast.AST]) -> tuple[gast.AST, ...]:
        """The statements of `tangent`."""
        with self._own_locals():
            statements = tuple(self._piece("tangent", body))
            for name in self.results:
                if f"d[{name}]" not in self._defined:
                    raise self.source.error(f"`tangent` must end in `d[{name}] = ...`")
        return statements

    def adjoint(self, body: list[gast.AST]) -> tuple[gast.AST, ...]:
        """The statements of `adjoint`."""
        self._defined.update(self.results)
        with self._own_locals():
            return tuple(self._piece("adjoint", body))

    def locals_only(self, body: list[gast.AST]) -> tuple[gast.AST, ...]:
        """Local assignments above the partials."""
        self._defined.update(self.results)
        return tuple(self._piece("partials", body))

    def _piece(self, mode: str, body: list[gast.AST]) -> list[gast.AST]:
        self._mode = mode
        self._locals |= set(tree.names_written(body))
        return self._block(body)

    @contextmanager
    def _own_locals(self) -> Iterator[None]:
        saved = set(self._locals), set(self._defined)
        yield
        self._locals, self._defined = saved

    # -- statements -----------------------------------------------------------------------

    def _block(self, body: Iterable[gast.AST]) -> list[gast.AST]:
        return [prepared for statement in body for prepared in self._statement(statement)]

    def _statement(self, node: gast.AST) -> list[gast.AST]:
        if isinstance(node, gast.Assign) and len(node.targets) == 1:
            return self._assign(node, node.targets[0])
        if isinstance(node, gast.AugAssign):
            return [self._augment(node)]
        if isinstance(node, gast.If):
            return [self._if(node)]
        if isinstance(node, gast.For):
            return [self._for(node)]
        if isinstance(node, gast.Pass):
            return []
        if isinstance(node, gast.Expr) and self._mode == "prelude":
            return [gast.Expr(self.expression(node.value))]
        raise self.source.error(self._allowed(), node)

    def _allowed(self) -> str:
        if self._mode == "prelude":
            return "in the forward sweep of a rule stand assignments, static `if`s and calls"
        if self._mode == "tangent":
            return "in `tangent` stand `t = ...`, a final `d[y] = ...`, static `if` and `for`"
        if self._mode == "adjoint":
            return "in `adjoint` stand `t = ...`, `d[a] += ...`, static `if` and `for`"
        return "above the partials stand assignments to local names"

    def _assign(self, node: gast.Assign, target: gast.AST) -> list[gast.AST]:
        if isinstance(target, (gast.Tuple, gast.List)):
            return self._unpack(node, target.elts)
        if self._is_d(target):
            return [self._assign_tangent(node, target)]
        if not isinstance(target, gast.Name):
            raise self.source.error("a template assigns to local names only", node)
        value = self.expression(node.value)
        return [gast.Assign([tree.store(self._define(target, node))], value, None)]

    def _assign_tangent(self, node: gast.Assign, target: gast.Subscript) -> gast.AST:
        if self._mode != "tangent":
            raise self.source.error(f"{self._allowed()}; contributions are added with `+=`", node)
        if not _is_one_of(target.slice, self.results):
            raise self.source.error("`tangent` assigns `d[...]` of a result", node)
        value = self.expression(node.value)
        self._defined.add(f"d[{target.slice.id}]")
        return gast.Assign([Derivative(tree.load(target.slice.id))], value, None)

    def _unpack(self, node: gast.Assign, targets: Sequence[gast.AST]) -> list[gast.AST]:
        """`u, v = e` as `parts = e; u = parts[0]; v = parts[1]`."""
        name = "parts"
        while name in self._locals or name in self._defined:
            name += "_"
        self._locals.add(name)
        value = self.expression(node.value)
        self._defined.add(name)
        prepared: list[gast.AST] = [gast.Assign([tree.store(name)], value, None)]
        for place, target in enumerate(targets):
            if not isinstance(target, gast.Name):
                raise self.source.error("a template assigns to local names only", node)
            item = tree.subscript(tree.load(name), tree.const(place))
            prepared.append(gast.Assign([tree.store(self._define(target, node))], item, None))
        return prepared

    def _define(self, target: gast.Name, node: gast.AST) -> str:
        name = str(target.id)
        if name in self.parameters.parameters or name in self._elements:
            raise self.source.error(f"`{name}` is an argument and cannot be assigned", node)
        if name in self.results and (self._mode != "prelude" or name in self._defined):
            raise self.source.error(f"the result `{name}` is assigned once, above `tangent`", node)
        self._defined.add(name)
        return name

    def _augment(self, node: gast.AugAssign) -> gast.AST:
        target = node.target
        if isinstance(target, gast.Name) and self._mode != "prelude":
            # A new value for a local name; nothing is changed in place.
            old = self.expression(tree.load(target.id), at=node)
            value = gast.BinOp(old, node.op, self.expression(node.value))
            return gast.Assign([tree.store(self._define(target, node))], value, None)
        base = target.value if isinstance(target, gast.Subscript) else target
        indexed = not self._is_d(target) and self._is_d(base)
        if self._mode != "adjoint" or not (indexed or self._is_d(target)):
            raise self.source.error(self._allowed(), node)
        if not isinstance(node.op, gast.Add):
            raise self.source.error("contributions are added: d[a] += ...", node)
        prepared = self._argument(base.slice if indexed else target.slice, node)
        if indexed:
            prepared = gast.Subscript(prepared, self.expression(target.slice), gast.Store())
        return gast.AugAssign(prepared, gast.Add(), self.expression(node.value))

    def _if(self, node: gast.If) -> gast.AST:
        test = self._test(node.test)
        before = set(self._defined)
        body = self._block(node.body)
        after, self._defined = self._defined, before
        orelse = self._block(node.orelse)
        self._defined &= after
        return gast.If(test, body, orelse)

    def _test(self, node: gast.AST) -> gast.AST:
        self._in_test = True
        prepared = self.expression(node)
        self._in_test = False
        return prepared

    def _for(self, node: gast.For) -> gast.AST:
        if node.orelse or self._mode == "partials":
            raise self.source.error(self._allowed(), node)
        counter, item, over = self._loop(node.target, node.iter, node)
        before = set(self._defined)
        with self._loop_names(counter, item, over):
            body = self._block(node.body)
        self._defined = before
        return Unroll(counter, item, over, body)

    def _loop(
        self, target: gast.AST, iterable: gast.AST, node: gast.AST
    ) -> tuple[str | None, str, str]:
        """Names of the counter and of the element, and the parameter, of a loop over `each`."""
        counter: str | None = None
        if isinstance(iterable, gast.Call) and self.source.resolve(iterable.func) is enumerate:
            if isinstance(target, gast.Tuple) and len(target.elts) == 2:
                first, target = target.elts
                counter = first.id if isinstance(first, gast.Name) else None
            iterable = iterable.args[0] if len(iterable.args) == 1 else iterable
        if not self._is_each(iterable) or not isinstance(target, gast.Name):
            raise self.source.error(
                "a loop of a template is `for a in each(arrays):` or "
                "`for i, a in enumerate(each(arrays)):`, over one of its parameters",
                node,
            )
        over = iterable.args[0].id
        self.elementwise.add(over)
        return counter, str(target.id), over

    def _is_each(self, node: gast.AST) -> bool:
        return (
            isinstance(node, gast.Call)
            and self.source.word(node.func) == "each"
            and len(node.args) == 1
            and _is_one_of(node.args[0], self.parameters.parameters)
        )

    @contextmanager
    def _loop_names(self, counter: str | None, item: str, over: str) -> Iterator[None]:
        names = [name for name in (counter, item) if name is not None]
        for name in names:
            if name in self.parameters.parameters or name in self._elements:
                raise self.source.error(f"the loop variable `{name}` is a name of its own")
        added = set(names) - self._defined
        self._elements[item] = over
        self._defined |= added
        self._locals.update(names)
        yield
        del self._elements[item]
        self._defined -= added

    # -- expressions ----------------------------------------------------------------------

    def expression(self, node: gast.AST, at: gast.AST | None = None) -> gast.AST:
        """An expression in prepared form; `at` is where an error is reported."""
        if isinstance(node, gast.Name):
            return self._name(node, at or node)
        if isinstance(node, gast.Subscript) and self._is_d(node):
            return self._read_derivative(node)
        if isinstance(node, gast.Call):
            return self._call(node)
        if isinstance(node, tree.COMPREHENSIONS) and self._is_collect(node):
            return self._collect(node)
        if isinstance(node, (gast.Lambda, *tree.COMPREHENSIONS)):
            return self._binder(node)
        if isinstance(node, FORBIDDEN):
            raise self.source.error("this expression has no place in a template", node)
        if isinstance(node, gast.IfExp):
            return self._conditional(node)
        return self._generic(node)

    def _generic(self, node: gast.AST) -> gast.AST:
        kind: Any = type(node)
        new: gast.AST = kind.__new__(kind)
        for name in node._fields:
            new.__dict__[name] = self._field(getattr(node, name, None))
        return new

    def _field(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._field(item) for item in value]
        if isinstance(value, gast.AST) and value._fields:
            return self.expression(value)
        return value

    def _name(self, node: gast.Name, at: gast.AST) -> gast.AST:
        name = str(node.id)
        if name in self._bound or not isinstance(node.ctx, gast.Load):
            return gast.Name(name, node.ctx, None, None)
        if name in self._defined:
            return tree.load(name)
        if name in self._locals or name in self.results:
            raise self.source.error(f"`{name}` may be read before it is assigned", at)
        self._free(name, at)
        spelled = self.source.spelled(name)
        if spelled != name:
            del self.namespace[name]
            root = spelled.partition(".")[0]
            self.namespace[root] = self.source.lookup(root)
        return tree.dotted(spelled)

    def _free(self, name: str, at: gast.AST) -> None:
        found = self.source.lookup(name)
        if found is MISSING:
            raise self.source.error(f"`{name}` is not defined where the template stands", at)
        if self.source.word(tree.load(name)) is not None:
            raise self.source.error(f"the word `{name}` cannot stand here", at)
        self.namespace[name] = found

    def _is_d(self, node: gast.AST) -> bool:
        return (
            isinstance(node, gast.Subscript)
            and isinstance(node.value, (gast.Name, gast.Attribute))
            and not _is_one_of(node.value, self._defined | self._locals)
            and self.source.word(node.value) == "d"
        )

    def _read_derivative(self, node: gast.Subscript) -> gast.AST:
        if self._mode == "tangent":
            return self._argument(node.slice, node)
        if self._mode == "adjoint":
            if not _is_one_of(node.slice, self.results):
                raise self.source.error("`adjoint` reads `d[...]` of a result", node)
            return Derivative(tree.load(node.slice.id))
        raise self.source.error("`d[...]` stands in `tangent` and in `adjoint` only", node)

    def _argument(self, node: gast.AST, at: gast.AST) -> gast.AST:
        """`d[a]` of a parameter, of a loop variable, or of `args[0]`."""
        if isinstance(node, gast.Name) and node.id in self.parameters.parameters:
            self._note_whole(node.id, at)
            return Derivative(tree.load(node.id))
        if isinstance(node, gast.Name) and node.id in self._elements:
            return Derivative(tree.load(node.id))
        if isinstance(node, gast.Subscript) and _is_one_of(
            node.value, self.parameters.parameters
        ):
            self.elementwise.add(str(node.value.id))
            return Derivative(tree.subscript(tree.load(node.value.id), self.expression(node.slice)))
        raise self.source.error("here `d[...]` is of a parameter or of an element of one", at)

    def _note_whole(self, name: str, at: gast.AST) -> None:
        kind = self.parameters.parameters[name].kind
        if kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            raise self.source.error(f"take the elements of `{name}` by each({name})", at)
        self.wrt.add(name)

    def _call(self, node: gast.Call) -> gast.AST:
        root = node.func
        while isinstance(root, gast.Attribute):
            root = root.value
        local = _is_one_of(root, self._defined | self._locals | set(self._bound))
        word = None if local else self.source.word(node.func)
        if word == "dense":
            return self._dense(node)
        if word is not None:
            return self._predicate(word, node)
        prepared = self._generic(node)
        function = MISSING if local else self.source.resolve(node.func)
        if function is not MISSING:
            mark_optional(prepared, function, self.parameters)
        return prepared

    def _dense(self, node: gast.Call) -> gast.AST:
        inner = self.expression(node.args[0]) if len(node.args) == 1 else None
        if self._mode != "tangent" or not isinstance(inner, Derivative):
            raise self.source.error("`dense` stands in `tangent`, as dense(d[a])", node)
        return Dense(inner.of)

    def _predicate(self, word: str, node: gast.Call) -> gast.AST:
        known = (*self.parameters.parameters, *self.results, *self._elements)
        good = word in PREDICATES and self._in_test and len(node.args) == 1
        if not good or not _is_one_of(node.args[0], known):
            raise self.source.error(
                f"`{word}` of a parameter or a result stands in the test of a static `if`"
                if word in PREDICATES
                else f"the word `{word}` cannot stand here",
                node,
            )
        if word == "isactive":
            derived = {"tangent": self.parameters.parameters, "adjoint": self.results}.get(self._mode, ())
            if not _is_one_of(node.args[0], derived):
                raise self.source.error(
                    "`isactive` is asked of a result in `adjoint`, of a parameter in `tangent`", node
                )
        return Static(word, tree.load(node.args[0].id))

    def _conditional(self, node: gast.IfExp) -> gast.AST:
        test = self._test(node.test)
        return gast.IfExp(test, self.expression(node.body), self.expression(node.orelse))

    def _is_collect(self, node: gast.AST) -> bool:
        iterable = node.generators[0].iter
        if isinstance(iterable, gast.Call) and self.source.resolve(iterable.func) is enumerate:
            iterable = iterable.args[0] if iterable.args else iterable
        return self._is_each(iterable)

    def _collect(self, node: gast.AST) -> gast.AST:
        generator = node.generators[0]
        plain = isinstance(node, (gast.ListComp, gast.GeneratorExp))
        if not plain or len(node.generators) != 1 or generator.ifs:
            raise self.source.error("write [... for a in each(arrays)], without conditions", node)
        counter, item, over = self._loop(generator.target, generator.iter, node)
        with self._loop_names(counter, item, over):
            value = self.expression(node.elt)
        display = "list" if isinstance(node, gast.ListComp) else "tuple"
        return Collect(counter, item, over, value, display)

    def _binder(self, node: gast.AST) -> gast.AST:
        """A lambda or a comprehension, whose own names are no names of the template."""
        generators = getattr(node, "generators", ())
        places = [g.target for g in generators] or [node.args]
        own = [
            str(name.id)
            for place in places
            for name in tree.walk(place)
            if isinstance(name, gast.Name) and not isinstance(name.ctx, gast.Load)
        ]
        for name in own:
            if name in self._defined or name in self._locals or name in self.results:
                raise self.source.error(f"`{name}` is already a name of the template", node)
        self.inner.update(dict.fromkeys(own))
        self._bound += own
        prepared = self._generic(node)
        del self._bound[len(self._bound) - len(own) :]
        return prepared


def _is_one_of(node: gast.AST, names: Container[str]) -> bool:
    return isinstance(node, gast.Name) and node.id in names


# -- marks of prepared trees --------------------------------------------------------------


def mark_optional(
    call: gast.Call, function: Callable[..., Any], parameters: inspect.Signature
) -> None:
    """Mark the arguments of a call that may be left out when the template's parameter was.

    Those are `keyword=parameter` where the called function has the very default that the parameter
    has: `np.sum(x_dot)` is printed, not `np.sum(x_dot, axis=None, keepdims=False)`.
    """
    signature = signature_of(function)
    if signature is None:
        return
    theirs = list(signature.parameters.values())
    for item in call.keywords:
        if _optional(item.value, signature.parameters.get(item.arg), parameters):
            item.when = item.value.id
    if any(isinstance(item, gast.Starred) for item in call.args) or len(call.args) > len(theirs):
        return
    trailing: list[str] = []
    for item, their in reversed(list(zip(call.args, theirs, strict=False))):
        positional = their.kind in (their.POSITIONAL_ONLY, their.POSITIONAL_OR_KEYWORD)
        if not positional or not _optional(item, their, parameters):
            break
        trailing.append(item.id)
    call.trailing = trailing


def _optional(
    value: gast.AST, their: inspect.Parameter | None, parameters: inspect.Signature
) -> bool:
    if their is None or their.default is EMPTY or not isinstance(value, gast.Name):
        return False
    mine = parameters.parameters.get(value.id)
    if mine is None or mine.default is EMPTY:
        return False
    return their.default is NOT_PASSED or same_default(mine.default, their.default)


def mark_derivatives(
    statements: Sequence[gast.AST], shared: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Set the attribute `derivative` on all nodes; the local names that carry derivatives."""
    names = set(shared)
    size = -1
    while size != len(names):
        # A loop may carry a derivative to an earlier line, so once is not always enough.
        size = len(names)
        for statement in statements:
            _mark_statement(statement, names)
    return frozenset(names)


def _mark_statement(node: gast.AST, names: set[str]) -> None:
    if isinstance(node, (gast.If, Unroll)):
        for block in (node.body, getattr(node, "orelse", [])):
            for statement in block:
                _mark_statement(statement, names)
        return
    carries = _mark_expression(node.value, names)
    if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name) and carries:
        names.add(node.targets[0].id)


def _mark_expression(node: gast.AST, names: set[str]) -> bool:
    if isinstance(node, (Derivative, Dense)):
        found = True
    elif isinstance(node, gast.Name):
        found = node.id in names
    else:
        found = False
        for child in tree.children(node):
            if child._fields:
                found = _mark_expression(child, names) or found
    node.derivative = found
    return found
