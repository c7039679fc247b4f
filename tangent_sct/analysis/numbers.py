"""Complex numbers in a program: where they are, and what of them is refused.

Rules are for real numbers unless they are declared for complex ones (`templating.language.for_complex`), and real and
complex values are treated differently, so that in a program with complex numbers it must be known which is which.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gast

from tangent_sct.analysis.operations import Operation, opened, operation
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind, holds_complex
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.templating import registry
from tangent_sct.templating.rule import Rule

KindOf = Callable[[gast.AST], Kind]


def holds_complex_numbers(body: Iterable[gast.AST], kind_of: KindOf) -> bool:
    """Whether some value of a program surely is complex.

    Args:
        body: a program in single assignment.
        kind_of: the kind of an expression.
    """
    seen: set[str] = set()
    for node in tree.every_statement(body):
        for part in tree.walk(node):
            if isinstance(part, gast.Constant) and isinstance(part.value, complex):
                return True
            if isinstance(part, gast.Name) and part.id not in seen:
                seen.add(part.id)
                if holds_complex(kind_of(tree.load(part.id))):
                    return True
    return False


def refuse_complex(
    body: Iterable[gast.AST],
    namespace: Mapping[str, Any],
    found: set[str],
    kind_of: KindOf,
    holomorphic: bool,
) -> None:
    """Refuse what is not known to be right of a program with complex numbers.

    Args:
        body: a program in single assignment.
        namespace: what its free names mean.
        found: its active names.
        kind_of: the kind of an expression.
        holomorphic: whether it is differentiated as a holomorphic function.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in tree.every_statement(body):
        for reason, hint in _refusals(node, namespace, found, kind_of, holomorphic):
            raise UnsupportedError(reason, tree.origin_of(node), hint)


def _refusals(
    node: gast.AST, namespace: Mapping[str, Any], found: set[str], kind_of: KindOf, holomorphic: bool
) -> Iterator[tuple[str, str]]:
    """Reasons to refuse a statement, with hints."""
    if not isinstance(node, (gast.Assign, gast.AugAssign)):
        return
    target = node.targets[0] if isinstance(node, gast.Assign) else node.target
    if isinstance(target, gast.Name) and target.id in found:
        kind = kind_of(tree.load(target.id))
        if not kind.is_container and kind.is_complex is None:
            yield (
                "whether this value is real or complex is not known",
                "let it be complex from the start (0j instead of 0.0), or annotate the arguments",
            )
    if isinstance(target, gast.Subscript):
        place = kind_of(tree.with_context(target, gast.Load()))
        if place.is_complex is False and place.is_float and holds_complex(kind_of(node.value)):
            yield "a complex value is stored into a real array", "make the array complex: np.zeros(n, dtype=complex)"
    operated = operation(node.value, namespace) if isinstance(node.value, gast.AST) else None
    if operated is None or operated.function is MISSING:
        return
    rule = registry.find(operated.function)
    if rule is None or operated.function is operator.getitem:
        return
    active = [o for o in _differentiated(operated, rule) if not found.isdisjoint(tree.names_read(o))]
    if active:
        is_complex = any(holds_complex(kind_of(operand)) for operand in active)
        yield from _of_operation(operated.function, rule, kind_of(node.value), is_complex, holomorphic)


def _differentiated(operated: Operation, rule: Rule) -> Iterator[gast.AST]:
    """The operands that a rule passes derivatives to; all of them where the derivative is zero."""
    layout, wrt = rule.layout, rule.wrt | rule.elementwise
    for place, operand in enumerate(operated.args):
        known = place < len(layout.positional)
        if rule.is_zero or (layout.positional[place].name if known else layout.star) in wrt:
            yield from opened(operand)
    for key, operand in operated.keywords.items():
        if rule.is_zero or key not in layout.keywords or layout.keywords[key].name in wrt:
            yield from opened(operand)


def _of_operation(
    function: object, rule: Rule, result: Kind, is_complex: bool, holomorphic: bool
) -> Iterator[tuple[str, str]]:
    """Reasons to refuse an operation on active operands, complex ones among them or not."""
    if not holds_complex(result) and (rule.is_zero or not is_complex):
        return
    known = registry.is_holomorphic(function)
    if known is None:
        yield (
            f"the rule for `{rule.title}` is for real numbers, and there are complex ones here",
            "compute with real and imaginary parts, or declare a rule of your own for_complex",
        )
    elif known and is_complex and not holds_complex(result) and not rule.is_zero:
        yield (
            f"`{rule.title}` makes real numbers of complex ones here",
            "say what is meant: np.real(...), np.imag(...) or np.abs(...)",
        )
    elif holomorphic and is_complex and not known:
        yield (
            f"`{rule.title}` is not holomorphic",
            "leave holomorphic=True out: the gradient of a real result, or vjp",
        )
