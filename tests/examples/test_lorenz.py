"""With Numba or without it, the gradient must be that of the function."""

from __future__ import annotations

import importlib.util
import runpy
from pathlib import Path

from tangent_sct import check_derivative

FILE = Path(__file__).parents[2] / "examples" / "lorenz.py"


def test_the_gradient_agrees_with_differences() -> None:
    check_derivative(runpy.run_path(str(FILE))["distance"], 1.0, 1.0, 20.0, 14.0, 50, wrt=(0, 1, 2, 3))


def test_the_backends_print_the_same_numbers(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path))
    runpy.run_path(str(FILE), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("backend numpy: value 243.82517, gradient (4.43117, ")
    if importlib.util.find_spec("numba") is None:
        assert lines[2].startswith("With Numba")
    else:
        assert lines[2] == lines[0].replace("numpy", "numba")
