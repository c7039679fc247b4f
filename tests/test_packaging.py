"""What is shipped, and where the templates are found."""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import tangent_sct
from tangent_sct import templates

ROOT = Path(__file__).parent.parent
SUBJECTS = sorted(path.stem for path in (ROOT / "templates").glob("*.py"))


def run(code: str, path: Path) -> str:
    """What code prints in a new interpreter that runs in a folder and imports from it."""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_checkout_finds_every_template():
    assert SUBJECTS
    assert sorted(module.name for module in pkgutil.iter_modules(templates.__path__)) == SUBJECTS


def test_the_templates_folder_is_no_package_of_its_own():
    # A package `templates` on the path could shadow, or be shadowed by, someone else's.
    assert "__init__" not in SUBJECTS
    assert not (ROOT / "templates" / "scipy" / "__init__.py").exists()


def test_the_wheel_ships_the_templates():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"] == {"templates": "tangent_sct/templates"}


def test_an_installed_layout_finds_the_templates_beside_the_package(tmp_path):
    installed = tmp_path / "tangent_sct"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tangent_sct", installed, ignore=ignore)
    for subject in SUBJECTS:
        shutil.copy(ROOT / "templates" / f"{subject}.py", installed / "templates")
    code = "import tangent_sct.templates.elementwise as t; print(t.__file__)"
    assert run(code, tmp_path) == f"{installed / 'templates' / 'elementwise.py'}\n"


def test_importing_the_package_loads_nothing_optional():
    optional = ["matplotlib", "numba", "rich", "scipy"]
    code = f"import sys, tangent_sct; print([name for name in {optional} if name in sys.modules])"
    assert run(code, ROOT) == "[]\n"


def test_every_public_name_exists():
    missing = [name for name in tangent_sct.__all__ if not hasattr(tangent_sct, name)]
    assert tangent_sct.__all__ and not missing
