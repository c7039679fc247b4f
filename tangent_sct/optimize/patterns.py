"""Rewrites of expressions written as text, one a line, and their compilation into a matcher.

    a * (1 / b) -> a / b   if not array(a)   [rounding]

A name of one letter stands for any expression, `k`, `m` and `n` for a number literal; the same
letter twice for equal expressions. Longer names are functions, known by the object they mean;
arguments that a pattern leaves out have their defaults. An attribute is one of an array. Behind `if`
stand conditions, joined by `and`; a condition may bind a letter that the left side lacks. In brackets
stand the tags: what the rewrite may change, so that whoever applies it proves that here it does not.
"""

from __future__ import annotations

import inspect
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import gast

from tangent_sct.core import tree

Number = int | float
Bindings = dict[str, gast.AST]
Matcher = Callable[["Site", gast.AST, Bindings], bool]
Builder = Callable[["Site", Bindings], gast.AST]
Head = object

TAGS = frozenset({"alias", "dtype", "shape", "nan", "rounding"})
LITERALS = frozenset("kmn")
_ANY: Head = "any"
_NUMBER: Head = "number"
_NEGATIVE: Head = "negative number"
_ARITHMETIC: dict[type[gast.AST], Callable[[Any, Any], Any]] = {
    gast.Add: operator.add, gast.Sub: operator.sub, gast.Mult: operator.mul,
    gast.Div: operator.truediv, gast.Pow: operator.pow,
}  # fmt: skip
_LARGEST_EXPONENT = 64


class Site(Protocol):
    """Where rewrites are applied: what a matcher asks of the pass that uses it."""

    def see(self, node: gast.AST) -> gast.AST:
        """The expression behind a name, where it may be looked through; else the node."""

    def equal(self, left: gast.AST, right: gast.AST) -> bool:
        """Whether two expressions surely have the same value."""

    def meaning(self, node: gast.AST) -> Any:
        """The object that a name or a dotted name means, or `MISSING`."""

    def spell(self, path: str) -> gast.AST:
        """An expression for a function named in the table, `np.sum`."""

    def again(self, node: gast.AST) -> gast.AST:
        """Rewrite a node that a rewrite has just built."""

    def holds(self, condition: Condition, bindings: Bindings) -> bool:
        """Whether a condition holds; may add to the bindings."""


@dataclass(frozen=True)
class Condition:
    """`name(letters)`, or its negation.

    Attributes:
        name: which condition it is.
        letters: those that are bound before it is looked at.
        result: the letter that is bound to what it gives.
        negated: whether it must not hold.
    """

    name: str
    letters: tuple[str, ...]
    result: str | None
    negated: bool


@dataclass(frozen=True, eq=False)
class Rewrite:
    """One line of a table, compiled."""

    text: str
    matches: Matcher
    build: Builder
    conditions: tuple[Condition, ...]
    tags: frozenset[str]
    heads: tuple[Head, ...]


class Table:
    """Rewrites, found by what stands at the root of an expression and directly below it.

    Args:
        lines: the rewrites; the first that matches wins.
        functions: the functions and modules that the lines mention.

    Raises:
        ValueError: when a line is not well formed.

    >>> table = Table(["a * (1 / b) -> a / b [rounding]"], {})
    >>> [rewrite.text for rewrite in table.rewrites]
    ['a * (1 / b) -> a / b [rounding]']
    """

    def __init__(self, lines: Iterable[str], functions: Mapping[str, Any]) -> None:
        self.functions = functions
        self.rewrites: list[Rewrite] = []
        self._by_root: dict[Head, list[Rewrite]] = {}
        self._found: dict[tuple[Head, ...], tuple[Rewrite, ...]] = {}
        self._known: set[Head] = set()
        for line in lines:
            self._add(line.strip())

    def _add(self, line: str) -> None:
        left, right, conditions, tags = _parse(line)
        bound = _letters(left)
        bound.update(*(condition.letters for condition in conditions))
        bound.update(condition.result for condition in conditions if condition.result is not None)
        used = [n.id for n in tree.walk(right) if isinstance(n, gast.Name) and len(n.id) == 1]
        if not bound.issuperset(used):
            raise ValueError(f"the right side of {line!r} has letters that nothing binds")
        if any(used.count(letter) > 1 for letter in used if letter not in LITERALS):
            raise ValueError(f"the right side of {line!r} computes an expression twice")
        heads = (self._head(left), *(self._head(child) for child in _operands(left)))
        if heads[0] is _ANY:
            raise ValueError(f"the left side of {line!r} matches everything")
        matches, build = self._matcher(left), self._builder(right)
        rewrite = Rewrite(line, matches, build, conditions, tags, heads)
        self.rewrites.append(rewrite)
        self._by_root.setdefault(heads[0], []).append(rewrite)

    def candidates(self, site: Site, node: gast.AST) -> tuple[Rewrite, ...]:
        """The rewrites that may match a node."""
        if type(node) not in _WITH_HEAD:
            return ()
        root = self.head_of(site, node)
        if root not in self._by_root:
            return ()
        heads = (root, *[self.head_of(site, site.see(child)) for child in _operands(node)])
        found = self._found.get(heads)
        if found is None:
            found = tuple(r for r in self._by_root[root] if all(map(_admits, r.heads, heads)))
            self._found[heads] = found
        return found

    def head_of(self, site: Site, node: gast.AST) -> Head:
        """What stands at the root of an expression, as far as the table tells it apart."""
        kind = type(node)
        if kind is gast.Name:
            return None
        if kind is gast.BinOp:
            return type(node.op)
        if kind is gast.UnaryOp:
            negative = isinstance(node.operand, gast.Constant) and number(node) is not None
            return _NEGATIVE if negative else type(node.op)
        if kind is gast.Constant:
            return _NUMBER if number(node) is not None else None
        if kind is gast.Call:
            # A function that no line mentions needs no head of its own.
            found = id(site.meaning(node.func))
            return found if found in self._known else None
        return node.attr if isinstance(node, gast.Attribute) else None

    def _head(self, pattern: gast.AST) -> Head:
        if isinstance(pattern, gast.Name):
            return _NUMBER if pattern.id in LITERALS else _ANY
        if isinstance(pattern, gast.Constant) or number(pattern) is not None:
            return _NUMBER
        if isinstance(pattern, gast.Call):
            head = id(self._function(pattern.func))
            self._known.add(head)
            return head
        return pattern.attr if isinstance(pattern, gast.Attribute) else type(pattern.op)

    def _function(self, node: gast.AST) -> Any:
        path = tree.dotted_name(node) or ""
        first, *rest = path.split(".")
        if first not in self.functions:
            raise ValueError(f"the table does not say what {path!r} means")
        return operator.attrgetter(".".join(rest))(self.functions[first]) if rest else (
            self.functions[first]
        )  # fmt: skip

    # -- compiling ----------------------------------------------------------------------------

    def _matcher(self, pattern: gast.AST) -> Matcher:
        if isinstance(pattern, gast.Name):
            return _match_literal(pattern.id) if pattern.id in LITERALS else _match_any(pattern.id)
        if isinstance(pattern, gast.Constant) or number(pattern) is not None:
            return _match_constant(pattern)
        if isinstance(pattern, gast.BinOp):
            left, right = self._matcher(pattern.left), self._matcher(pattern.right)
            return _match_binary(type(pattern.op), left, right)
        if isinstance(pattern, gast.UnaryOp):
            return _match_unary(type(pattern.op), self._matcher(pattern.operand))
        if isinstance(pattern, gast.Attribute):
            return _match_attribute(pattern.attr, self._matcher(pattern.value))
        if isinstance(pattern, gast.Call):
            function = self._function(pattern.func)
            signature = _Signature(function)
            arguments = signature.arguments(pattern)
            if arguments is None:
                raise ValueError(f"the call of {function} in a pattern does not fit its signature")
            return _match_call(function, signature, [self._matcher(a) for a in arguments])
        raise ValueError(f"a pattern may not hold a {type(pattern).__name__}")

    def _builder(self, pattern: gast.AST) -> Builder:
        if isinstance(pattern, gast.Name):
            letter = pattern.id
            return lambda site, bound: bound[letter]
        if isinstance(pattern, gast.Constant):
            return lambda site, bound: pattern
        if isinstance(pattern, gast.UnaryOp):
            inner, sign = self._inner(pattern.operand), pattern.op
            return lambda site, bound: negated(inner(site, bound), sign)
        if isinstance(pattern, gast.BinOp):
            left, right, symbol = self._inner(pattern.left), self._inner(pattern.right), pattern.op
            return lambda site, bound: combined(left(site, bound), symbol, right(site, bound))
        if isinstance(pattern, gast.Call):
            return self._call_builder(pattern)
        raise ValueError(f"a rewrite may not build a {type(pattern).__name__}")

    def _inner(self, pattern: gast.AST) -> Builder:
        """A builder for what stands below the root: new nodes are rewritten in turn."""
        build = self._builder(pattern)
        if isinstance(pattern, (gast.Name, gast.Constant)):
            return build
        return lambda site, bound: site.again(build(site, bound))

    def _call_builder(self, pattern: gast.Call) -> Builder:
        path = tree.dotted_name(pattern.func) or ""
        args = [self._inner(arg) for arg in pattern.args]
        keywords = {k.arg: self._inner(k.value) for k in pattern.keywords}

        def build(site: Site, bound: Bindings) -> gast.AST:
            values = [arg(site, bound) for arg in args]
            named = {name: value(site, bound) for name, value in keywords.items()}
            return tree.call(site.spell(path), *values, **named)

        return build


# -- lines ------------------------------------------------------------------------------------

_LINE = re.compile(
    r"(?P<left>.*?)\s*->\s*(?P<right>.*?)(\s+if\s+(?P<test>.*?))?(\s*\[(?P<tags>.*)\])?"
)


def _parse(
    line: str,
) -> tuple[gast.AST, gast.AST, tuple[Condition, ...], frozenset[str]]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"{line!r} is not of the form `left -> right if conditions [tags]`")
    tags = frozenset((found["tags"] or "").split())
    if not tags <= TAGS:
        raise ValueError(f"{line!r} has an unknown tag; known are {sorted(TAGS)}")
    left, right = tree.expression(found["left"]), tree.expression(found["right"])
    tests: list[gast.AST] = []
    if found["test"]:
        test = tree.expression(found["test"])
        tests = test.values if isinstance(test, gast.BoolOp) else [test]
    bound, conditions = _letters(left), []
    for test in tests:
        conditions.append(_condition(test, bound))
        if conditions[-1].result is not None:
            bound.add(conditions[-1].result)
    return left, right, tuple(conditions), tags


def _letters(pattern: gast.AST) -> set[str]:
    """The letters of a pattern, which matching binds."""
    return {n.id for n in tree.walk(pattern) if isinstance(n, gast.Name) and len(n.id) == 1}


def _condition(node: gast.AST, bound: set[str]) -> Condition:
    negated_ = isinstance(node, gast.UnaryOp)
    call = node.operand if isinstance(node, gast.UnaryOp) else node
    if not isinstance(call, gast.Call):
        raise ValueError(f"{tree.text(node)!r} is not a condition")
    letters = [arg.id for arg in call.args]
    new = [letter for letter in letters if letter not in bound]
    if len(new) > 1:
        raise ValueError(f"{tree.text(node)!r} binds more than one letter")
    known = tuple(letter for letter in letters if letter in bound)
    return Condition(call.func.id, known, new[0] if new else None, negated_)


def _operands(node: gast.AST) -> tuple[gast.AST, ...]:
    """The children by which a node with an operator is looked up."""
    if isinstance(node, gast.BinOp):
        return node.left, node.right
    if isinstance(node, gast.Attribute):
        return (node.value,)
    return (node.operand,) if isinstance(node, gast.UnaryOp) else ()


_WITH_HEAD = frozenset((gast.BinOp, gast.UnaryOp, gast.Call, gast.Attribute))
"""What may stand at the root of a pattern."""


def _admits(pattern: Head, head: Head) -> bool:
    if pattern is _ANY or pattern == head:
        return True
    return head is _NEGATIVE and pattern in (_NUMBER, gast.USub)


# -- matching ---------------------------------------------------------------------------------


def _match_any(letter: str) -> Matcher:
    def match(site: Site, node: gast.AST, bound: Bindings) -> bool:
        known = bound.get(letter)
        if known is None:
            bound[letter] = node
            return True
        return site.equal(known, node)

    return match


def _match_literal(letter: str) -> Matcher:
    anything = _match_any(letter)
    return lambda site, node, bound: number(node) is not None and anything(site, node, bound)


def _match_constant(pattern: gast.AST) -> Matcher:
    wanted = number(pattern)

    def match(site: Site, node: gast.AST, bound: Bindings) -> bool:
        if wanted is None:
            return tree.same(pattern, node)
        found = number(node)
        return type(found) is type(wanted) and found == wanted

    return match


def _match_binary(kind: type[gast.AST], left: Matcher, right: Matcher) -> Matcher:
    def match(site: Site, node: gast.AST, bound: Bindings) -> bool:
        node = site.see(node)
        if type(node) is not gast.BinOp or type(node.op) is not kind:
            return False
        return left(site, node.left, bound) and right(site, node.right, bound)

    return match


def _match_unary(kind: type[gast.AST], operand: Matcher) -> Matcher:
    def match(site: Site, node: gast.AST, bound: Bindings) -> bool:
        node = site.see(node)
        if type(node) is not gast.UnaryOp or type(node.op) is not kind:
            return False
        return operand(site, node.operand, bound)

    return match


def _match_attribute(name: str, value: Matcher) -> Matcher:
    def match(site: Site, node: gast.AST, bound: Bindings) -> bool:
        node = site.see(node)
        is_it = type(node) is gast.Attribute and node.attr == name
        return is_it and value(site, node.value, bound)

    return match


def _match_call(function: Any, signature: _Signature, matchers: list[Matcher]) -> Matcher:
    def match(site: Site, node: gast.AST, bound: Bindings) -> bool:
        node = site.see(node)
        if type(node) is not gast.Call or site.meaning(node.func) is not function:
            return False
        arguments = signature.arguments(node)
        if arguments is None:
            return False
        return all(m(site, a, bound) for m, a in zip(matchers, arguments, strict=True))

    return match


class _Signature:
    """The parameters of a function, in order, with the trees of their defaults."""

    def __init__(self, function: Any) -> None:
        parameters = inspect.signature(function).parameters.values()
        self.names = [parameter.name for parameter in parameters]
        self.defaults = {
            p.name: tree.const(p.default) for p in parameters if p.default is not p.empty
        }

    def arguments(self, call: gast.Call) -> list[gast.AST] | None:
        """The arguments of a call in the order of the parameters; None where they do not fit."""
        if len(call.args) > len(self.names):
            return None
        if any(isinstance(arg, gast.Starred) for arg in call.args):
            return None
        given = dict(zip(self.names, call.args, strict=False))
        for keyword in call.keywords:
            if keyword.arg not in self.names or keyword.arg in given:
                return None
            given[keyword.arg] = keyword.value
        found = [given.get(name, self.defaults.get(name)) for name in self.names]
        return None if any(item is None for item in found) else found


# -- numbers ----------------------------------------------------------------------------------


def number(node: gast.AST) -> Number | None:
    """The value of a number literal, signed or not; None for anything else.

    >>> number(tree.expression("-2")), number(tree.expression("True"))
    (-2, None)
    """
    kind = type(node)
    if kind is gast.UnaryOp and isinstance(node.op, gast.USub):
        if isinstance(node.operand, gast.Constant):
            value = number(node.operand)
            return None if value is None else -value
        return None
    if kind is gast.Constant and type(node.value) in (int, float):
        return node.value  # type: ignore[no-any-return]
    return None


def literal(value: Number) -> gast.AST:
    """The literal of a number; negative numbers are written with a sign."""
    if value < 0:
        return tree.negative(tree.const(-value))
    return tree.const(value)


def evaluated(left: gast.AST, symbol: gast.AST, right: gast.AST) -> gast.AST | None:
    """The literal that an operation on two literals gives, where it is no longer than they are.

    Python would compute the very same number, so nothing changes but the text: `2 - 1` becomes `1`,
    while `1 / 3` says more than its digits.

    >>> one, three = tree.expression("1"), tree.expression("3")
    >>> tree.text(evaluated(one, gast.Sub(), three)), evaluated(one, gast.Div(), three)
    ('-2', None)
    """
    a = number(left)
    b = None if a is None else number(right)
    function = _ARITHMETIC.get(type(symbol))
    if a is None or b is None or function is None:
        return None
    if isinstance(symbol, gast.Pow) and abs(b) > _LARGEST_EXPONENT:
        return None
    try:
        value = function(a, b)
    except (ZeroDivisionError, OverflowError):
        return None
    if type(value) not in (int, float) or len(repr(value)) > len(repr(a)) + len(repr(b)) + 1:
        return None
    return literal(value)


def combined(left: gast.AST, symbol: gast.AST, right: gast.AST) -> gast.AST:
    """`left symbol right`, computed where both are literals."""
    return evaluated(left, symbol, right) or gast.BinOp(left, symbol, right)


def negated(operand: gast.AST, symbol: gast.AST) -> gast.AST:
    """`-operand`, computed where it is a literal."""
    value = number(operand)
    if value is None or not isinstance(symbol, gast.USub):
        return gast.UnaryOp(symbol, operand)
    return literal(-value)
