"""The temporaries that are left, numbered in the order of the text. Runs last.

>>> renumbered(["x", "t_7", "t_12_bar", "t_9"], {"t_7": "", "t_12_bar": "", "t_9": ""}, {"np"})
{'t_7': 't', 't_12_bar': 't_bar', 't_9': 't_2'}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit


def renumber(unit: Unit) -> Unit:
    """Give the temporaries that are left short names; the same unit where they have them."""
    local = [*tree.parameter_names(unit.tree), *tree.names_written(unit.tree.body)]
    if not any(unit.bases.get(name) == "" for name in local):
        return unit
    free = set(tree.names_read(unit.tree.body)).difference(local)
    names = renumbered(local, unit.bases, {*unit.namespace, *free})
    if not names:
        return unit
    body = [tree.respelled(statement, names) for statement in unit.tree.body]
    bases = {names.get(name, name): base for name, base in unit.bases.items()}
    return unit.with_body(body, bases=bases)


def renumbered(
    local: Iterable[str], bases: Mapping[str, str], taken: Iterable[str]
) -> dict[str, str]:
    """New names of the temporaries among the local names, those that change."""
    every = list(local)
    temporary = [name for name in every if bases.get(name) == ""]
    names = Names({*taken, *(name for name in every if bases.get(name) != "")})
    fresh = {name: names.fresh(re.sub(r"_\d+", "", name)) for name in temporary}
    return {old: new for old, new in fresh.items() if old != new}
