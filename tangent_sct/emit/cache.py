"""Where compiled derivatives are kept: a module file each, in the user's cache folder.

The name of a file holds a key of all that its machine code depends on, so a file is written once and never changed.
Numba keeps the machine code beside it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

FOLDER = "TANGENT_SCT_CACHE_DIR"
"""The environment variable that names another folder."""
RUNTIME = "compilable"


@dataclass(frozen=True)
class Kept:
    """The module file of a text.

    Attributes:
        path: the file; it need not exist where `is_kept` is false.
        module: the name of the module.
        is_kept: whether it could be written.
    """

    path: Path
    module: str
    is_kept: bool


def cache_folder() -> Path:
    """The folder in which compiled derivatives are kept; it may be deleted at any time.

    That is what the environment variable `TANGENT_SCT_CACHE_DIR` says, else a folder where the system keeps caches.
    """
    chosen = os.environ.get(FOLDER)
    if chosen:
        return Path(chosen)
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "tangent_sct"


def kept_module(name: str, text: str, key: Sequence[str]) -> Kept:
    """The file of a text, written if it is not there yet.

    Args:
        name: of the function in it, for who looks at the folder.
        text: the source.
        key: what the machine code depends on besides the text and the versions of all that is involved.
    """
    hashed = hashlib.sha256()
    for part in (*_versions(), text, *key):
        hashed.update(f"{len(part)} ".encode() + part.encode())
    module = f"{name}_{hashed.hexdigest()[:20]}"
    content = text + "\n"
    try:
        path = cache_folder() / f"{module}.py"
        # A file that exists is left alone: its time of change is part of Numba's own key.
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            _write(path, content)
        return Kept(path, module, True)
    except (OSError, RuntimeError):
        # No folder to write to, or no home: compiled anew in each process.
        return Kept(Path(f"<tangent_sct {module}>"), module, False)


def _write(path: Path, content: str) -> None:
    """Write a file that appears whole or not at all, whoever else writes it now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".tmp", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


@cache
def _versions() -> tuple[str, ...]:
    """The versions of all that takes part: ours, also of the helpers as they stand, and others'."""
    helpers = Path(__file__).parent.with_name("runtime").glob(f"{RUNTIME}*.py")
    texts = [file.read_text(encoding="utf-8") for file in sorted(helpers)]
    others = [f"{package} {_version(package)}" for package in ("tangent_sct", "numba", "llvmlite", "numpy")]
    return (sys.version, *others, *texts)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
