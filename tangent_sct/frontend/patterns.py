"""`match` as a chain of `if`s."""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.scope import Scope
from tangent_sct.frontend.subset import refuse


def match_as_ifs(node: gast.Match, scope: Scope) -> list[gast.AST]:
    """`match subject` with literal, `|`, wildcard and capture patterns.

    Raises:
        UnsupportedError: for a pattern that takes its subject apart.
    """
    before: list[gast.AST] = []
    subject = node.subject
    if not isinstance(subject, gast.Name) or subject.id in tree.names_written(node):
        name = scope.fresh("subject", active=False)
        before = [tree.like(tree.assign(name, subject), node)]
        subject = tree.load(name)
    return before + _chain(node.cases, subject, scope)


def _chain(cases: list[gast.AST], subject: gast.AST, scope: Scope) -> list[gast.AST]:
    if not cases:
        return []
    case, *rest = cases
    test = _test(case.pattern, subject, scope)
    binding: list[gast.AST] = []
    if isinstance(case.pattern, gast.MatchAs) and case.pattern.name:
        binding = [tree.like(tree.assign(case.pattern.name, tree.copy(subject)), case.body[0])]
    if test is None:
        if case.guard is None:
            return [*binding, *case.body]
        # A name that is captured stays bound when the guard fails.
        return [*binding, _if(case.guard, case.body, _chain(rest, subject, scope))]
    if case.guard is not None:
        if binding:
            refuse("match pattern", case.pattern, scope.source)
        test = gast.BoolOp(gast.And(), [test, case.guard])
    return [_if(test, binding + case.body, _chain(rest, subject, scope))]


def _if(test: gast.AST, body: list[gast.AST], orelse: list[gast.AST]) -> gast.AST:
    return tree.like(tree.if_(test, body, orelse), body[0])


def _test(pattern: gast.AST, subject: gast.AST, scope: Scope) -> gast.AST | None:
    """The condition a pattern stands for; None where it always holds."""
    if isinstance(pattern, gast.MatchValue):
        return gast.Compare(tree.copy(subject), [gast.Eq()], [pattern.value])
    if isinstance(pattern, gast.MatchSingleton):
        return gast.Compare(tree.copy(subject), [gast.Is()], [tree.const(pattern.value)])
    if isinstance(pattern, gast.MatchAs):
        return None if pattern.pattern is None else _test(pattern.pattern, subject, scope)
    if isinstance(pattern, gast.MatchOr) and not tree.names_written(pattern):
        tests = [_test(option, subject, scope) for option in pattern.patterns]
        if all(test is not None for test in tests):
            return gast.BoolOp(gast.Or(), tests)
        return None
    return refuse("match pattern", pattern, scope.source)
