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
from tangent_sct.frontend.namespace import MISSING, meaning
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
    for node in body:
        for part in tree.walk(node):
            if type(part) is gast.Constant and isinstance(part.value, complex):
                return True
            if type(part) is gast.Name and part.id not in seen:
                seen.add(part.id)
                if holds_complex(kind_of(tree.load(part.id))):
                    return True
    return False


def refuse_complex(
    body: Iterable[gast.AST],
    namespace: Mapping[str, Any],
    found: set[str],
    varied: set[str],
    kind_of: KindOf,
    holomorphic: bool,
) -> None:
    """Refuse what is not known to be right of a program with complex numbers.

    Args:
        body: a program in single assignment.
        namespace: what its free names mean.
        found: its active names.
        varied: the names that may depend on what is differentiated.
        kind_of: the kind of an expression.
        holomorphic: whether it is differentiated as a holomorphic function.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in tree.every_statement(body):
        if not isinstance(node, (gast.Assign, gast.AugAssign)):
            continue
        reasons = (
            *_of_target(node, found, kind_of),
            *_of_value(node.value, namespace, found, kind_of, holomorphic),
            *_of_zeros(node.value, namespace, varied, kind_of),
        )
        for reason, hint in reasons:
            raise UnsupportedError(reason, tree.origin_of(node), hint)


def _of_target(
    node: gast.Assign | gast.AugAssign, found: set[str], kind_of: KindOf
) -> Iterator[tuple[str, str]]:
    """Reasons, with hints, to refuse what a statement assigns to."""
    target = node.targets[0] if isinstance(node, gast.Assign) else node.target
    if isinstance(target, gast.Name) and target.id in found:
        kind = kind_of(tree.load(target.id))
        if not kind.is_container and kind.is_complex is None:
            yield (
                "whether this value is real or complex is not known",
                "let it be complex from the start (0j instead of 0 or 0.0), or annotate the arguments",
            )
    if isinstance(target, gast.Subscript):
        place = kind_of(tree.with_context(target, gast.Load()))
        if place.is_complex is False and place.is_float and holds_complex(kind_of(node.value)):
            yield "a complex value is stored into a real array", "make the array complex: np.zeros(n, dtype=complex)"


def _of_value(
    value: gast.AST,
    namespace: Mapping[str, Any],
    found: set[str],
    kind_of: KindOf,
    holomorphic: bool,
) -> Iterator[tuple[str, str]]:
    """Reasons, with hints, to refuse what a statement computes."""
    operated = operation(value, namespace)
    if operated is None or operated.function is MISSING:
        return
    rule = registry.find(operated.function)
    if rule is None or rule.is_zero or operated.function is operator.getitem:
        return
    active = [o for o in _differentiated(operated, rule) if not found.isdisjoint(tree.names_read(o))]
    if active:
        is_complex = any(holds_complex(kind_of(operand)) for operand in active)
        yield from _of_operation(operated.function, rule, kind_of(value), is_complex, holomorphic)


def _differentiated(operated: Operation, rule: Rule) -> Iterator[gast.AST]:
    """The operands that a rule passes derivatives to."""
    layout, wrt = rule.layout, rule.wrt | rule.elementwise
    for place, operand in enumerate(operated.args):
        known = place < len(layout.positional)
        if (layout.positional[place].name if known else layout.star) in wrt:
            yield from opened(operand)
    for key, operand in operated.keywords.items():
        if key not in layout.keywords or layout.keywords[key].name in wrt:
            yield from opened(operand)


def _of_zeros(
    value: gast.AST, namespace: Mapping[str, Any], varied: set[str], kind_of: KindOf
) -> Iterator[tuple[str, str]]:
    """Reasons to refuse functions that are constant between jumps for real numbers, wherever they stand."""
    for part in tree.walk(value):
        if not isinstance(part, gast.Call) or varied.isdisjoint(tree.names_read(part)):
            continue
        function = meaning(part.func, namespace)
        rule = None if function is MISSING else registry.find(function)
        if rule is None or not rule.is_zero or registry.is_holomorphic(function) is not None:
            continue
        if any(holds_complex(kind_of(argument)) for argument in part.args) and holds_complex(kind_of(part)):
            yield (
                f"`{tree.text(part.func)}` of complex numbers has no derivative rule",
                "compute with real and imaginary parts, or divide by np.abs(...)",
            )


def _of_operation(
    function: object, rule: Rule, result: Kind, is_complex: bool, holomorphic: bool
) -> Iterator[tuple[str, str]]:
    """Reasons to refuse an operation on active operands, complex ones among them or not."""
    if not holds_complex(result) and not is_complex:
        return
    known = registry.is_holomorphic(function)
    if known is None:
        yield (
            f"the rule for `{rule.title}` is for real numbers, and there are complex ones here",
            "compute with real and imaginary parts, or declare a rule of your own for_complex",
        )
    elif known and is_complex and not holds_complex(result):
        yield (
            f"`{rule.title}` makes real numbers of complex ones here",
            "say what is meant: np.real(...), np.imag(...) or np.abs(...)",
        )
    elif holomorphic and is_complex and not known:
        yield (
            f"`{rule.title}` is not holomorphic",
            "leave holomorphic=True out: the gradient of a real result, or vjp",
        )
