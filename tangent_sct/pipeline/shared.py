"""Which adjoints that a generated function returns may share memory with something else that its caller sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import gast

from tangent_sct.analysis.aliases import alias_classes
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.core.unit import Request, Unit
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.owned import Path, part
from tangent_sct.runtime.boxes import like_argument


def shared_adjoints(unit: Unit) -> dict[Path, Kind]:
    """Where in the result of a generated function adjoints stand that are not surely memory of their own.

    They may be an argument, the seed, a part of the value, or the adjoint of another argument.

    Returns:
        By their places the kinds of what they belong to; numbers are left out.
    """
    returned = [node.value for node in tree.every_statement(unit.tree.body) if isinstance(node, gast.Return)]
    if unit.request.mode == "jvp" or len(returned) != 1:
        return {}
    classes = alias_classes(unit.tree.body, unit.namespace)
    met = Counter(
        root
        for leaf in _leaves(returned[0], unit)
        for root in {classes.find(name) for name in classes.sources(leaf)}
    )
    kinds = dict(unit.request.kinds)
    found: dict[Path, Kind] = {}
    for path, name in _places(unit.request):
        kind, adjoint = kinds.get(name, UNKNOWN), part(returned[0], path)
        if kind.is_scalar or adjoint is None:
            continue
        names = [name for leaf in _leaves(adjoint, unit) for name in classes.sources(leaf)]
        # One container may hold an array twice.
        is_held = not kind.is_array and any(len(classes.members(name)) > 1 for name in names)
        if is_held or any(classes.escapes(name) or met[classes.find(name)] > 1 for name in names):
            found[path] = kind
    return found


def _places(request: Request) -> Iterator[tuple[Path, str]]:
    """The places of the adjoints in the result, and whose they are."""
    outer: Path = (1,)
    if request.mode == "grad":
        outer = (0,) if request.has_aux else ()
    for position, name in enumerate(request.wrt):
        yield (outer if request.single else (*outer, position)), name


def _leaves(node: gast.AST, unit: Unit) -> list[gast.AST]:
    """What stands in displays that are written out, shadows as they are."""
    if isinstance(node, gast.Dict):
        return [leaf for value in node.values for leaf in _leaves(value, unit)]
    if isinstance(node, (gast.Tuple, gast.List)):
        return [leaf for item in node.elts for leaf in _leaves(item, unit)]
    if isinstance(node, gast.Call) and meaning(node.func, unit.namespace) is like_argument:
        # Of the argument it has the structure alone.
        return list(node.args[:1])
    return [node]
