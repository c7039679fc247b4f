"""The users' page on functions: what has a rule, which arguments it takes, what is taken at kinks, and why others
have none.

`python -m tests.templates.test_functions_page` writes `docs/functions.md` anew.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import json
import math
import operator
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct.templates.methods import METHODS, WRITERS
from tangent_sct.templating import reasons, registry
from tangent_sct.templating.rule import Rule
from tests.templates.census import CLASSES, OWN, SCIPY, census

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = DOCS / "functions.md"
NUMBA = Path(__file__).with_name("numba_answers.json")

scipy = pytest.importorskip("scipy")


def page() -> str:
    """The text of the page."""
    registry.check_all()
    parts = [
        "# Functions",
        "Which functions of NumPy, SciPy and Python have a derivative, which arguments may be given, and what is "
        "taken where there is none. Rules stand in `templates/`, a file a subject, and each is tried against "
        "differences in both modes. An argument that is not listed here is refused by its name where values to be "
        "differentiated are given; for others a call stands as it is. Results may be put into an array that is "
        "given as `out=`, and ufuncs take `where=` with it. This page is made by `python -m "
        "tests.templates.test_functions_page`.",
        _counts(),
        *_subjects(),
        *_compiled(),
        *_without(),
    ]
    return "\n\n".join(parts) + "\n"


def _counts() -> str:
    rows = ["| namespace | " + " | ".join(CLASSES) + " |", "|---" * (len(CLASSES) + 1) + "|"]
    for namespace in (*OWN, *SCIPY):
        entries = census(namespace)
        counts = [sum(c in e.standing for e in entries) for c in CLASSES]
        rows.append(f"| `{namespace}` | " + " | ".join(str(n or "") for n in counts) + " |")
    return (
        f"Of the public names of NumPy {np.__version__} and SciPy {scipy.__version__} so many have a *rule*, are "
        "*zero* wherever they have a derivative, are forms of the *language*, are *inactive*, since no number that "
        "is differentiated goes through them, or are *refused*, since there is no derivative that could be "
        "written; for the others there is no rule *yet*.\n\n" + "\n".join(rows)
    )


# -- rules ----------------------------------------------------------------------------------------


def _subjects() -> Iterator[str]:
    names, kinks = _names(), _kinks()
    files: dict[str, dict[str, list[str]]] = {}
    """Names of functions by what is said of them, by file."""
    for rule in registry.all_rules():
        shown = [names[p] for p in rule.primals if p in names]
        if rule.is_zero or not shown or "templates" not in rule.file:
            continue
        at = next((kinks[p] for p in _kin(rule) if p in kinks), "")
        said = f"{_arguments(rule)} | {_derivative(rule, _template(rule))} | {at}"
        files.setdefault(rule.file, {}).setdefault(said, []).extend(shown)
    for function, template, _ in registry.all_expansions():
        if function in names:
            said = f"{_signature(template)} | read as statements that do the same |"
            files.setdefault(inspect.getsourcefile(template) or "", {}).setdefault(said, []).append(names[function])
    head = "| function | arguments | derivative | at kinks |\n|---|---|---|---|"
    for file, rows in sorted(files.items()):
        text = Path(file).read_text(encoding="utf-8")
        subject = (ast.get_docstring(ast.parse(text)) or "").splitlines()[0]
        yield f"## {subject.rstrip('.').partition(': ')[0].partition('. ')[0]}\n\n`templates/{Path(file).name}`"
        yield "\n".join([head, *(f"| {_listed(same)} | {said} |" for said, same in rows.items())])


def _kin(rule: Rule) -> Iterator[Any]:
    """All functions that share the template of a rule."""
    for other in registry.all_rules():
        if (other.file, other.line) == (rule.file, rule.line):
            yield from other.primals


def _names() -> dict[Any, str]:
    """Functions, and how users call them."""
    found: dict[Any, str] = {}
    for name in (*OWN, *SCIPY):
        if name != reasons.ARRAY:
            module = importlib.import_module(name)
            prefix = "" if name == "builtins" else name.replace("numpy", "np", 1) + "."
            for entry in census(name):
                function = getattr(module, entry.name)
                if entry.standing == ("rule",) and (
                    function not in found or entry.name == getattr(function, "__name__", "")
                ):
                    found[function] = prefix + entry.name
    for table in (METHODS, WRITERS):
        for name, function in table.items():
            found.setdefault(function, f"ndarray.{name}")
    for name in ("reduce", "accumulate", "outer", "at", "reduceat"):
        for function in np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.logaddexp:
            found.setdefault(getattr(function, name), f"np.{function.__name__}.{name}")
    return found


def _kinks() -> dict[Any, str]:
    """What `docs/conventions.md` says, by function."""
    space = {"np": np, "math": math, "operator": operator, **vars(builtins)}
    found: dict[Any, str] = {}
    for line in (DOCS / "conventions.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            for text in re.findall(r"`([\w.]+)(?:\([\w, ]*\))?`", cells[0]):
                function = eval(text, space) if text.partition(".")[0] in space else None
                if callable(function):
                    found.setdefault(function, f"{cells[1]}: {cells[2]}")
    return found


def _template(rule: Rule) -> ast.FunctionDef | None:
    """The template of a rule as it is written."""
    for node in ast.parse(Path(rule.file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == rule.name:
            return node
    return None


def _arguments(rule: Rule) -> str:
    return _signature(SimpleNamespace(__signature__=rule.parameters))


def _signature(function: Any) -> str:
    text = str(function.__signature__ if isinstance(function, SimpleNamespace) else inspect.signature(function))
    return f"`{text.strip('()')}`"


def _derivative(rule: Rule, template: ast.FunctionDef | None) -> str:
    if template is None:
        return "linear"
    if rule.partials is not None:
        returned = template.body[-1]
        assert isinstance(returned, ast.Return) and returned.value is not None
        value = returned.value
        items = value.elts if isinstance(value, ast.Tuple) else [value]
        result = rule.results[0]
        pairs = zip(rule.partials, items, strict=True)
        return "; ".join(f"d`{result}`/d`{name}` = `{ast.unparse(item)}`" for name, item in pairs if not _none(item))
    if any("linear" in ast.unparse(word) for word in template.decorator_list):
        said = "linear"
    else:
        said = "by " + ", ".join(f"`{n}`" for n in rule.parameters.parameters if n in rule.wrt | rule.elementwise)
    note = _comment(rule.file, template)
    return f"{said}. {note}" if note else said


def _none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _comment(file: str, template: ast.FunctionDef) -> str:
    """The comment at the head of a template: where its formula comes from."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()[template.lineno : template.body[0].lineno - 1]
    text = " ".join(line.strip().lstrip("# ") for line in lines if line.strip().startswith("#"))
    return text.replace("|", "\\|").replace("*", "\\*")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# -- compiled -------------------------------------------------------------------------------------


def _compiled() -> Iterator[str]:
    answers: dict[str, str] = json.loads(NUMBA.read_text(encoding="utf-8"))
    yield "## Under Numba"
    yield (
        "Of the functions that Numba itself knows, it compiles these derivatives where `backend=\"numba\"` asks for "
        "it (`tests/templates/test_numba.py` tries them). Of SciPy it knows none."
    )
    for answer, said in {
        "both": "adjoint and tangent", "adjoint": "the adjoint alone", "tangent": "the tangent alone",
        "neither": "neither",
    }.items():  # fmt: skip
        names = [name.replace("numpy.", "np.").replace("builtins.", "") for name, a in answers.items() if a == answer]
        if names:
            yield _wrapped(f"* {said}: " + ", ".join(f"`{name}`" for name in sorted(names)))


# -- the others -----------------------------------------------------------------------------------


def _without() -> Iterator[str]:
    yield "## Zero wherever there is a derivative"
    yield _wrapped(", ".join(f"`{name}`" for name in sorted(set(_zero_names()))))
    yield "## No rule, and why"
    for namespace in (*OWN, *SCIPY):
        by_reason: dict[str, list[str]] = {}
        open_: list[str] = []
        for entry in census(namespace):
            if entry.standing == ("not yet",):
                open_.append(entry.name)
            elif entry.standing[0] in ("inactive", "refused"):
                by_reason.setdefault(f"{entry.standing[0]}, {entry.why}", []).append(entry.name)
        lines = [f"### `{namespace}`"] if by_reason or open_ else []
        for why, names in by_reason.items():
            lines.append(_wrapped(f"* {why}: " + ", ".join(f"`{n}`" for n in names)))
        if open_:
            lines.append(_wrapped("* not yet: " + ", ".join(f"`{n}`" for n in open_)))
        if lines:
            yield "\n".join([lines[0], "", *lines[1:]])


def _zero_names() -> Iterator[str]:
    for namespace in (*OWN, *SCIPY):
        prefix = {"builtins": "", reasons.ARRAY: "ndarray."}.get(namespace, namespace.replace("numpy", "np") + ".")
        yield from (prefix + entry.name for entry in census(namespace) if entry.standing == ("zero",))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 118, subsequent_indent="  " if text.startswith("*") else "", break_on_hyphens=False)


def test_the_page_is_current() -> None:
    kept = PAGE.read_text(encoding="utf-8")
    if f"NumPy {np.__version__} and SciPy {scipy.__version__}" not in kept:
        pytest.skip("the page was made with other versions of NumPy and SciPy")
    # In a process of its own: here other tests have declared rules.
    command = "from tests.templates.test_functions_page import page; print(page(), end='')"
    printed = subprocess.run([sys.executable, "-c", command], cwd=DOCS.parent, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    assert kept == printed.stdout, "python -m tests.templates.test_functions_page writes docs/functions.md anew"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
