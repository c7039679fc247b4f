"""Golden files: the printed derivatives stay as they were read, give right numbers, keep promises."""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative
from tests.golden.cases import CASES, Case
from tests.golden.update import FOLDER, path, printed

ROOT = Path(__file__).parent.parent
every_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def derivative_text(case: Case) -> str:
    return case.derivative.source_for(*case.args, **case.keywords)


def test_every_file_has_its_case() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.txt")) == sorted(c.name for c in CASES)
    assert len({c.name for c in CASES}) == len(CASES) >= 40


def test_the_gallery_comes_first() -> None:
    functions = list(dict.fromkeys(case.function.__name__ for case in CASES))
    assert functions[:3] == ["f", "g", "h"]


@every_case
def test_text(case: Case) -> None:
    kept = path(case).read_text(encoding="utf-8")
    assert printed(case) == kept, "python -m tests.golden.update rewrites the files; read the diff"


@every_case
def test_numbers(case: Case) -> None:
    function = case.checked
    if case.keywords:
        function = functools.partial(function, **case.keywords)
    check_derivative(function, *case.args, wrt=case.wrt)


@every_case
def test_lines_are_short(case: Case) -> None:
    assert max(map(len, derivative_text(case).splitlines())) <= 100


@pytest.mark.parametrize("case", [c for c in CASES if c.tapeless], ids=lambda c: c.name)
def test_a_linear_stencil_records_nothing(case: Case) -> None:
    text = derivative_text(case)
    assert "tape" not in text and "append" not in text and "_old" not in text


@pytest.mark.parametrize("case", [c for c in CASES if c.scalars], ids=lambda c: c.name)
def test_a_scalar_function_shows_no_arrays(case: Case) -> None:
    text = derivative_text(case)
    assert not re.search(r"unbroadcast|unreduce|zeros|check_|np\.array|copied|full_like", text)


@every_case
def test_names_are_readable(case: Case) -> None:
    names = {node.id for node in ast.walk(ast.parse(derivative_text(case))) if isinstance(node, ast.Name)}
    assert all(re.fullmatch(r"[A-Za-z_]\w*", n) and not n.startswith("__") for n in names)


def test_another_transformation_prints_the_same() -> None:
    case = CASES[0]
    copy = type(case.function)(case.function.__code__, case.function.__globals__, "f")
    again = grad(copy)
    assert again is not case.derivative
    assert again.source_for(*case.args) == derivative_text(case)


def digest() -> str:
    """A number for all texts."""
    return hashlib.sha256("".join(map(printed, CASES)).encode()).hexdigest()


def test_another_process_prints_the_same() -> None:
    code = "from tests.test_golden import digest; print(digest())"
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == digest()
