"""What the README shows must be what happens."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
PROGRAM, DERIVATIVE, *MORE = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*blocks: str) -> dict[str, object]:
    """Run blocks as one module; a file, since the compiler reads the source."""
    Path("readme.py").write_text("\n".join(blocks))
    return runpy.run_path("readme.py")


def test_the_derivative_shown_is_the_one_written(capsys):
    run(PROGRAM)
    assert capsys.readouterr().out.strip() == DERIVATIVE.strip()


def test_the_rest_runs(capsys):
    names = run(PROGRAM, *MORE)
    assert names["second"].shape == (7, 7) and names["mixed"].shape == (7,)
    saved = runpy.run_path("cooled_grad.py")
    arguments = names["u"], names["k"], names["steps"]
    assert saved["cooled_grad"](*arguments).tolist() == names["by_u"](*arguments).tolist()
