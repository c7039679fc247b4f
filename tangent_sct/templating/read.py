"""Reading templates: the source of a declaration becomes rules, checked for their form."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.templating.body import Reader, mark_derivatives, mark_optional
from tangent_sct.templating.layout import (
    Mismatch,
    layout_of,
    own_layout,
    signature_of,
    spelling,
    title,
)
from tangent_sct.templating.nodes import Derivative
from tangent_sct.templating.product import is_number, product, total
from tangent_sct.templating.rule import Declaration, Layout, Rule
from tangent_sct.templating.source import TemplateSource

Statements = tuple[gast.AST, ...]


def read(declaration: Declaration) -> tuple[Rule, ...]:
    """The rules that a declaration makes: one for all primals that take their arguments alike.

    Args:
        declaration: what a word of the language recorded.

    Raises:
        TemplateError: when the template is not well formed, or its signature is not the primal's.
    """
    if declaration.template is not None:
        return _Template(declaration).rules()
    if declaration.form == "zero":
        return (_zero(declaration),)
    return tuple(_forward_only(declaration, primal) for primal in declaration.primals)


@dataclass
class _Parts:
    """The statements of a template, prepared."""

    prelude: Statements = ()
    tangent: Statements | None = None
    adjoint: Statements | None = None
    partials: Mapping[str, gast.AST | None] | None = None
    wrt: set[str] = field(default_factory=set)
    elementwise: set[str] = field(default_factory=set)
    inner: dict[str, None] = field(default_factory=dict)
    namespace: dict[str, Any] = field(default_factory=dict)


class _Template:
    """One template function on its way to a rule."""

    def __init__(self, declaration: Declaration) -> None:
        template = declaration.template
        assert template is not None
        self.declaration = declaration
        self.source = TemplateSource(template)
        self.results, self.parameters = self._split(self.source.signature)
        self.reader = Reader(self.source, self.results, self.parameters)
        trees = _default_trees(self.source.tree.args)
        self.defaults = {name: self.reader.expression(node) for name, node in trees.items()}
        self._check_constant()

    def _split(self, signature: inspect.Signature) -> tuple[tuple[str, ...], inspect.Signature]:
        """Results left of the slash, parameters right of it."""
        left = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_ONLY]
        right = [p for p in signature.parameters.values() if p.kind is not p.POSITIONAL_ONLY]
        if not left:
            raise self.source.error(
                "a template names its results left of a slash: def tanh(y, /, x):"
            )
        if any(p.default is not p.empty for p in left):
            raise self.source.error("a result has no default")
        return tuple(p.name for p in left), inspect.Signature(right)

    def rules(self) -> tuple[Rule, ...]:
        """One rule for each way in which the primals take their arguments."""
        parts = self._parts()
        groups: dict[str, tuple[Layout, list[Callable[..., Any]]]] = {}
        for primal in self.declaration.primals:
            layout = self._layout(primal)
            groups.setdefault(repr(layout), (layout, []))[1].append(primal)
        rules = [self._rule(parts, layout, primals) for layout, primals in groups.values()]
        if self.declaration.form != "linear":
            return tuple(rules)
        # The tangent is the primal itself, so each has a rule of its own.
        singles = [replace(rule, primals=(p,)) for rule in rules for p in rule.primals]
        return tuple(self._linear_rule(parts, rule) for rule in singles)

    def _layout(self, primal: Callable[..., Any]) -> Layout:
        try:
            return layout_of(self.parameters, primal, self.declaration.called)
        except Mismatch as mismatch:
            name = title(primal, self.declaration.scope)
            raise self.source.error(
                f"the signature of `{self.source.name}` is not that of `{name}`: {mismatch}"
            ) from None

    def _check_constant(self) -> None:
        for name in self.declaration.constant:
            if name not in self.parameters.parameters:
                raise self.source.error(f"`constant` names `{name}`, which is no parameter of the template")

    def _rule(self, parts: _Parts, layout: Layout, primals: Sequence[Callable[..., Any]]) -> Rule:
        declaration = self.declaration
        return Rule(
            name=self.source.name,
            primals=tuple(primals),
            results=self.results,
            parameters=self.parameters,
            defaults=self.defaults,
            prelude=parts.prelude,
            tangent=parts.tangent,
            adjoint=parts.adjoint,
            partials=parts.partials,
            is_zero=False,
            aliasing=declaration.aliasing,
            cheap=declaration.cheap,
            broadcast=declaration.broadcast,
            namespace=parts.namespace,
            file=self.source.file,
            line=self.source.line,
            layout=layout,
            title=title(primals[0], declaration.scope),
            wrt=frozenset(parts.wrt),
            elementwise=frozenset(parts.elementwise),
            inner=tuple(parts.inner),
            numpy=_numpy_name(parts.namespace),
            probed=declaration.probed,
            constant=frozenset(declaration.constant).union(
                name for name, partial in (parts.partials or {}).items() if partial is None
            ),
        )

    def _parts(self) -> _Parts:
        body = _without_docstring(self.source.tree.body)
        if self.declaration.form == "partials":
            return self._partials(body)
        if self.declaration.form == "linear":
            return self._linear(body)
        return self._rule_parts(body)

    # -- @rule ----------------------------------------------------------------------------

    def _rule_parts(self, body: list[gast.AST]) -> _Parts:
        modes: dict[str, gast.FunctionDef] = {}
        plain: list[gast.AST] = []
        for statement in body:
            if isinstance(statement, gast.FunctionDef):
                self._check_mode(statement, modes)
                modes[statement.name] = statement
            elif modes:
                raise self.source.error(
                    "the statements of the forward sweep stand above `tangent` and `adjoint`",
                    statement,
                )
            else:
                plain.append(statement)
        if not modes:
            raise self.source.error("a rule has a `def tangent():`, a `def adjoint():`, or both")
        reader = self.reader
        parts = _Parts(prelude=reader.prelude(plain))
        if "tangent" in modes:
            parts.tangent = reader.tangent(_without_docstring(modes["tangent"].body))
        if "adjoint" in modes:
            parts.adjoint = reader.adjoint(_without_docstring(modes["adjoint"].body))
        return _finish(parts, reader)

    def _check_mode(self, node: gast.FunctionDef, modes: Mapping[str, object]) -> None:
        if node.name not in ("tangent", "adjoint"):
            raise self.source.error(
                f"inside a rule stand `tangent` and `adjoint`, not `{node.name}`", node
            )
        if node.name in modes:
            raise self.source.error(f"`{node.name}` is defined twice", node)
        if tree.parameter_names(node) or node.decorator_list:
            raise self.source.error(f"`{node.name}` takes no parameters", node)

    # -- @partials ------------------------------------------------------------------------

    def _partials(self, body: list[gast.AST]) -> _Parts:
        if not body or not isinstance(body[-1], gast.Return) or body[-1].value is None:
            raise self.source.error("a template of partials ends in `return` with the partials")
        if len(self.results) != 1:
            raise self.source.error("a template of partials has one result; use @rule for several")
        names = self._partial_names()
        reader = self.reader
        locals_ = reader.locals_only(body[:-1])
        value = body[-1].value
        items = [value] if len(names) == 1 else list(getattr(value, "elts", ()))
        if len(items) != len(names):
            raise self.source.error(
                f"there is one partial per parameter: {len(names)} of them", body[-1]
            )
        partials = {
            name: None if tree.is_constant(item, None) else reader.expression(item)
            for name, item in zip(names, items, strict=True)
        }
        live = {n: p for n, p in partials.items() if p is not None and not is_number(p, 0)}
        if not live:
            raise self.source.error("no parameter has a partial; declare it with zero(...)")
        return _finish(self._from_partials(partials, live, locals_), reader)

    def _from_partials(
        self,
        partials: Mapping[str, gast.AST | None],
        live: Mapping[str, gast.AST],
        locals_: Statements,
    ) -> _Parts:
        seed = _d(self.results[0])
        sum_ = total(product(_d(name), partial) for name, partial in live.items())
        tangent = gast.Assign([seed], sum_, None)
        adjoint = [
            gast.AugAssign(_d(name), gast.Add(), product(seed, partial))
            for name, partial in live.items()
        ]
        return _Parts(
            partials=partials,
            tangent=(*locals_, tangent),
            adjoint=(*locals_, *adjoint),
            wrt=set(live),
        )

    def _partial_names(self) -> list[str]:
        for parameter in self.parameters.parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise self.source.error("a template of partials has no `*` parameter; use @rule")
        return list(self.parameters.parameters)

    # -- @linear --------------------------------------------------------------------------

    def _linear(self, body: list[gast.AST]) -> _Parts:
        if any(isinstance(statement, gast.FunctionDef) for statement in body):
            raise self.source.error("the body of a @linear template is its adjoint, without `def`s")
        if len(self.results) != 1 or not self.parameters.parameters:
            raise self.source.error("a @linear template has one result and a first parameter")
        reader = self.reader
        return _finish(_Parts(adjoint=reader.adjoint(body)), reader)

    def _linear_rule(self, parts: _Parts, rule: Rule) -> Rule:
        """The rule with the primal itself as its tangent."""
        tangent, free = _linear_tangent(
            self.results[0], self.parameters, rule.primals[0], self.declaration.scope
        )
        wrt = rule.wrt | {next(iter(self.parameters.parameters))}
        return replace(rule, tangent=tangent, namespace={**parts.namespace, **free}, wrt=wrt)


def _linear_tangent(
    result: str, parameters: inspect.Signature, primal: Callable[..., Any], scope: Mapping[str, Any]
) -> tuple[Statements, dict[str, Any]]:
    """`d[result] = primal(d[first], rest)`, and its free names."""
    first, *rest = parameters.parameters.values()
    call = gast.Call(None, [_d(first.name)], [])
    signature = signature_of(primal)
    theirs = {} if signature is None else signature.parameters
    plain = (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD)
    places = {p.name: place for place, p in enumerate(theirs.values()) if p.kind in plain}
    for parameter in rest:
        name = tree.load(parameter.name)
        if parameter.kind is parameter.VAR_POSITIONAL:
            call.args.append(gast.Starred(name, gast.Load()))
        elif parameter.kind is parameter.VAR_KEYWORD:
            call.keywords.append(gast.keyword(None, name))
        elif parameter.name in theirs and places.get(parameter.name) != len(call.args):
            call.keywords.append(gast.keyword(parameter.name, name))
        else:
            call.args.append(name)
    call.func, free = _reference(primal, scope)
    mark_optional(call, primal, parameters)
    statements: Statements = (gast.Assign([_d(result)], call, None),)
    mark_derivatives(statements)
    return statements, free


def _reference(
    primal: Callable[..., Any], scope: Mapping[str, Any]
) -> tuple[gast.AST, dict[str, Any]]:
    """An expression for a function, as its module spells it, and the free name in it."""
    found = spelling(primal, scope)
    if found is not None:
        root = found.partition(".")[0]
        return tree.dotted(found), {root: scope[root]}
    name = getattr(primal, "__name__", "")
    name = name if name.isidentifier() and not keyword.iskeyword(name) else "function"
    return tree.load(name), {name: primal}


def _forward_only(declaration: Declaration, primal: Callable[..., Any]) -> Rule:
    """The rule of `linear(primal)` without a template."""
    signature = signature_of(primal)
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [] if signature is None else list(signature.parameters.values())
    first = names[0].name if names and names[0].kind in plain else "a"
    star, double = ("rest", "options") if first not in ("rest", "options") else ("more", "named")
    parameters = inspect.Signature(
        [
            inspect.Parameter(first, inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter(star, inspect.Parameter.VAR_POSITIONAL),
            inspect.Parameter(double, inspect.Parameter.VAR_KEYWORD),
        ]
    )
    tangent, free = _linear_tangent("result", parameters, primal, declaration.scope)
    rule = _bare(declaration, (primal,), parameters)
    return replace(rule, tangent=tangent, namespace=free, wrt=frozenset({first}), is_zero=False)


def _zero(declaration: Declaration) -> Rule:
    """The rule of `zero(...)`."""
    parameters = inspect.Signature(
        [
            inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL),
            inspect.Parameter("options", inspect.Parameter.VAR_KEYWORD),
        ]
    )
    return _bare(declaration, declaration.primals, parameters)


def _bare(
    declaration: Declaration, primals: tuple[Callable[..., Any], ...], parameters: inspect.Signature
) -> Rule:
    return Rule(
        name=getattr(primals[0], "__name__", declaration.form),
        primals=primals,
        results=("result",),
        parameters=parameters,
        defaults={},
        prelude=(),
        tangent=None,
        adjoint=None,
        partials=None,
        is_zero=True,
        aliasing=declaration.aliasing,
        cheap=declaration.cheap,
        broadcast=False,
        namespace={},
        file=declaration.file,
        line=declaration.line,
        layout=own_layout(parameters),
        title=title(primals[0], declaration.scope),
        wrt=frozenset(),
        elementwise=frozenset(),
        inner=(),
        numpy="np",
    )


def _finish(parts: _Parts, reader: Reader) -> _Parts:
    """Mark the trees, and take what the reader met."""
    shared = mark_derivatives(parts.prelude)
    for statements in (parts.tangent, parts.adjoint):
        mark_derivatives(statements or (), shared)
    parts.wrt |= reader.wrt
    parts.elementwise |= reader.elementwise
    parts.inner.update(reader.inner)
    parts.namespace.update(reader.namespace)
    return parts


def _d(name: str) -> gast.AST:
    return Derivative(tree.load(name))


def _default_trees(arguments: gast.arguments) -> dict[str, gast.AST]:
    """The defaults of a signature by parameter."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    pairs = list(zip(with_default, arguments.defaults, strict=True))
    pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {parameter.id: default for parameter, default in pairs if default is not None}


def _without_docstring(body: Sequence[gast.AST]) -> list[gast.AST]:
    first = body[0] if body else None
    if isinstance(first, gast.Expr) and isinstance(first.value, gast.Constant):
        return list(body[1:])
    return list(body)


def _numpy_name(namespace: Mapping[str, Any]) -> str:
    """The name for NumPy in lines that the engine adds."""
    found = next((name for name, value in namespace.items() if value is np), None)
    if found is not None:
        return found
    return "numpy" if "np" in namespace else "np"
