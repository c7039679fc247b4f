"""`match` as a chain of `if`s.

A pattern is a test and what it binds; names are bound when the whole pattern fits, before the guard is asked.

    match p:                     if isinstance(p, (list, tuple)) and len(p) == 2 and p[0] == 0:
        case (0, y):                 y = p[1]
            z = y                    z = y
        case _:                  else:
            z = 1.0                  z = 1.0

What is taken apart and carries no derivative may be of any class that Python takes for a sequence or a mapping. There
a `match` that is kept whole tells which case fits:

    match words:                 case = None
        case ["scale", by]:      match words:
            y = x * by               case ['scale', by]:
        case _:                          case = 0
            y = x                    case _:
                                         case = 1
                                 if case == 0:
                                     y = x * by
                                 else:
                                     y = x
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.frontend.scope import Scope
from tangent_sct.frontend.subset import refuse

_WHOLE: Final = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
"""Classes of which a pattern such as `float(x)` binds the object itself."""


def match_as_ifs(node: gast.Match, scope: Scope) -> list[gast.AST]:
    """`match subject` with patterns of all kinds, save for what they leave over of a dict.

    Raises:
        UnsupportedError: for a pattern that takes apart what is not known to be a list, a tuple or a dict.
    """
    before: list[gast.AST] = []
    subject = node.subject
    is_active = scope.mentions(subject) or isinstance(subject, (gast.Tuple, gast.List, gast.Dict))
    if not is_active and any(map(_takes_apart, tree.walk(node))) and _is_plain(node, scope):
        return _numbered(node, scope)
    if not isinstance(subject, gast.Name) or subject.id in tree.names_written(node):
        name = scope.fresh("subject", is_active)
        before = [tree.like(tree.assign(name, subject), node)]
        subject = tree.load(name)
    return before + _Chain(scope, is_active).cases(node.cases, subject)


def _takes_apart(pattern: gast.AST) -> bool:
    return isinstance(pattern, (gast.MatchSequence, gast.MatchMapping))


def _is_plain(node: gast.Match, scope: Scope) -> bool:
    """Whether a `match` that did nothing else than to find a case could be kept whole."""
    patterns = [case.pattern for case in node.cases]
    guards = [case.guard for case in node.cases if case.guard is not None]
    if not scope.active.isdisjoint(tree.names_written([*patterns, *guards])):
        return False
    return not any(isinstance(item, gast.Call) for guard in guards for item in tree.walk(guard))


def _numbered(node: gast.Match, scope: Scope) -> list[gast.AST]:
    """The number of the case that fits, found by a `match`, and the statements of that case."""
    name = scope.fresh("case", active=False)
    finding: list[gast.AST] = []
    chosen: list[gast.AST] = []
    for number, case in reversed(list(enumerate(node.cases))):
        found = tree.like(tree.assign(name, tree.const(number)), case.body[0])
        finding.insert(0, gast.match_case(case.pattern, case.guard, [found]))
        is_it = gast.Compare(tree.load(name), [gast.Eq()], [tree.const(number)])
        is_last = case.guard is None and isinstance(case.pattern, gast.MatchAs) and case.pattern.pattern is None
        chosen = case.body if is_last else [_if(is_it, case.body, chosen)]
    unmatched = tree.assign(name, tree.const(None))
    return [
        tree.like(unmatched, node),
        tree.like(gast.Match(node.subject, finding), node),
        *chosen,
    ]


@dataclass
class _Fit:
    """What a pattern asks, and what it binds when that holds."""

    tests: list[gast.AST] = field(default_factory=list)
    bound: list[tuple[str, gast.AST]] = field(default_factory=list)


class _Chain:
    def __init__(self, scope: Scope, is_active: bool) -> None:
        self.scope = scope
        self.is_active = is_active

    def cases(self, cases: list[gast.AST], subject: gast.AST) -> list[gast.AST]:
        """The statements of some cases, of which the first that fits is run."""
        if not cases:
            return []
        case, *rest = cases
        fit = _Fit()
        self.pattern(case.pattern, subject, fit)
        binding = [tree.like(tree.assign(name, value), case.body[0]) for name, value in fit.bound]
        if not fit.tests:
            if case.guard is None:
                return [*binding, *case.body]
            # A name that is captured stays bound when the guard fails.
            return [*binding, _if(case.guard, case.body, self.cases(rest, subject))]
        test = fit.tests[0] if len(fit.tests) == 1 else gast.BoolOp(gast.And(), fit.tests)
        if case.guard is None:
            return [_if(test, binding + case.body, self.cases(rest, subject))]
        if not binding:
            test = gast.BoolOp(gast.And(), [*fit.tests, case.guard])
            return [_if(test, case.body, self.cases(rest, subject))]
        matched = self.scope.fresh("matched", active=False)
        flag = tree.like(tree.assign(matched, tree.const(False)), case.body[0])
        asked = tree.like(tree.assign(matched, case.guard), case.body[0])
        return [
            flag,
            tree.like(tree.if_(test, [*binding, asked]), case.body[0]),
            _if(tree.load(matched), case.body, self.cases(rest, subject)),
        ]

    def pattern(self, pattern: gast.AST, subject: gast.AST, fit: _Fit) -> None:
        """Add what a pattern asks of an expression, and what it binds."""
        if isinstance(pattern, gast.MatchValue):
            fit.tests.append(gast.Compare(tree.copy(subject), [gast.Eq()], [pattern.value]))
        elif isinstance(pattern, gast.MatchSingleton):
            fit.tests.append(gast.Compare(tree.copy(subject), [gast.Is()], [tree.const(pattern.value)]))
        elif isinstance(pattern, gast.MatchAs):
            if pattern.pattern is not None:
                self.pattern(pattern.pattern, subject, fit)
            if pattern.name:
                fit.bound.append((pattern.name, tree.copy(subject)))
        elif isinstance(pattern, gast.MatchOr) and not tree.names_written(pattern):
            self.either(pattern, subject, fit)
        elif isinstance(pattern, gast.MatchSequence) and self.is_active:
            self.sequence(pattern, subject, fit)
        elif isinstance(pattern, gast.MatchMapping) and self.is_active and not pattern.rest:
            fit.tests.append(_isinstance(subject, tree.load("dict")))
            for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
                fit.tests.append(gast.Compare(tree.copy(key), [gast.In()], [tree.copy(subject)]))
                self.pattern(inner, tree.subscript(tree.copy(subject), tree.copy(key)), fit)
        elif isinstance(pattern, gast.MatchClass):
            self.class_(pattern, subject, fit)
        else:
            refuse("match pattern", pattern, self.scope.source)

    def either(self, pattern: gast.MatchOr, subject: gast.AST, fit: _Fit) -> None:
        tests: list[gast.AST] = []
        for option in pattern.patterns:
            one = _Fit()
            self.pattern(option, subject, one)
            if not one.tests:
                return
            tests.append(one.tests[0] if len(one.tests) == 1 else gast.BoolOp(gast.And(), one.tests))
        fit.tests.append(gast.BoolOp(gast.Or(), tests))

    def sequence(self, pattern: gast.MatchSequence, subject: gast.AST, fit: _Fit) -> None:
        """Active data that is a sequence is a list or a tuple; since NumPy 2.5 an array is one as well."""
        stars = [i for i, item in enumerate(pattern.patterns) if isinstance(item, gast.MatchStar)]
        count = len(pattern.patterns) - len(stars)
        classes: list[gast.AST] = [tree.load("list"), tree.load("tuple")]
        if _is_sequence(np.zeros(1)):
            classes.append(self.array_class(pattern))
        fit.tests.append(_isinstance(subject, tree.tuple_of(classes)))
        compare = gast.GtE() if stars else gast.Eq()
        fit.tests.append(gast.Compare(tree.call("len", tree.copy(subject)), [compare], [tree.const(count)]))
        for place, item in enumerate(pattern.patterns):
            after = len(pattern.patterns) - 1 - place
            if isinstance(item, gast.MatchStar):
                if item.name:
                    end = tree.expression(f"-{after}") if after else None
                    part = tree.subscript(tree.copy(subject), gast.Slice(tree.const(place), end, None))
                    fit.bound.append((item.name, tree.call("list", part)))
                continue
            index = tree.expression(f"-{after + 1}") if stars and place > stars[0] else tree.const(place)
            self.pattern(item, tree.subscript(tree.copy(subject), index), fit)

    def array_class(self, pattern: gast.MatchSequence) -> gast.AST:
        """The class of arrays, by a name that the program has for NumPy."""
        for name in ("np", "numpy"):
            if self.scope.meaning(tree.load(name)) is np:
                return tree.attribute(tree.load(name), "ndarray")
        refuse("match pattern", pattern, self.scope.source)

    def class_(self, pattern: gast.MatchClass, subject: gast.AST, fit: _Fit) -> None:
        found: Any = self.scope.meaning(pattern.cls)
        if not isinstance(found, type):
            refuse("match pattern", pattern, self.scope.source)
        fit.tests.append(_isinstance(subject, pattern.cls))
        if is_one_of(found, _WHOLE) and len(pattern.patterns) == 1 and not pattern.kwd_attrs:
            self.pattern(pattern.patterns[0], subject, fit)
            return
        names = [*getattr(found, "__match_args__", ())[: len(pattern.patterns)], *pattern.kwd_attrs]
        inner = [*pattern.patterns, *pattern.kwd_patterns]
        if len(names) != len(inner):
            refuse("match pattern", pattern, self.scope.source)
        for name, item in zip(names, inner, strict=True):
            self.pattern(item, tree.attribute(tree.copy(subject), name), fit)


def _is_sequence(value: Any) -> bool:
    """Whether Python takes a value for a sequence where it matches patterns.

    >>> _is_sequence([1]), _is_sequence({1}), _is_sequence("a")
    (True, False, False)
    """
    match value:
        case [*_]:
            return True
    return False


def _isinstance(subject: gast.AST, classes: gast.AST) -> gast.Call:
    return tree.call("isinstance", tree.copy(subject), tree.copy(classes))


def _if(test: gast.AST, body: list[gast.AST], orelse: list[gast.AST]) -> gast.AST:
    return tree.like(tree.if_(test, body, orelse), body[0])
