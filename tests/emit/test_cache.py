"""Where compiled derivatives are kept: whole files, one for each text and all that its machine code depends on."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tangent_sct.emit import cache
from tangent_sct.emit.cache import cache_folder, kept_module

TEXT = "def f(x):\n    return x"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_the_folder(monkeypatch, folder) -> None:
    assert cache_folder() == folder
    monkeypatch.delenv("TANGENT_SCT_CACHE_DIR")
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    monkeypatch.setenv("LOCALAPPDATA", "local")
    for platform, expected in (
        ("linux", Path("caches")), ("darwin", Path("home", "Library", "Caches")), ("win32", Path("local")),
    ):  # fmt: skip
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == expected / "tangent_sct"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path("home", ".cache", "tangent_sct")


def test_a_file_is_written_once(folder) -> None:
    first = kept_module("f", TEXT, ("a",))
    assert first.is_kept and first.path.read_text() == TEXT + "\n" and first.path.stem == first.module
    os.utime(first.path, (1, 1))
    assert kept_module("f", TEXT, ("a",)) == first and first.path.stat().st_mtime == 1
    assert {path.name for path in folder.iterdir()} == {first.path.name}


def test_what_a_key_depends_on(monkeypatch) -> None:
    first = kept_module("f", TEXT, ("a", "b"))
    others = [kept_module("f", TEXT + " ", ("a", "b"))]
    others += [kept_module("f", TEXT, ("ab", "")), kept_module("f", TEXT, ())]
    monkeypatch.setattr(cache, "_versions", lambda: ("another",))
    others.append(kept_module("f", TEXT, ("a", "b")))
    assert len({first.path, *(other.path for other in others)}) == 5


def test_a_file_that_somebody_spoiled_is_written_again() -> None:
    first = kept_module("f", TEXT, ())
    first.path.write_text("def f(")
    assert kept_module("f", TEXT, ()).path.read_text() == TEXT + "\n"


def test_several_write_at_once(folder) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: kept_module("f", TEXT * 1000, ()), range(40)))
    (one,) = found
    assert one.path.read_text() == TEXT * 1000 + "\n"
    assert [path.name for path in folder.iterdir()] == [one.path.name]


def test_without_a_folder_to_write_to(monkeypatch, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path / "file" / "below"))
    kept = kept_module("f", TEXT, ())
    assert not kept.is_kept and not kept.path.exists()


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from tangent_sct import grad

def f(x, n):
    total = 0.0
    for i in range(n):
        total += x ** i * scale
    return total

scale = float(sys.argv[2])
df = grad(f, backend="numba")
print(df(0.5, 4))
(known,) = df._known.values()
print(sum(known.compiled._run.stats.cache_hits.values()), sum(known.compiled._run.stats.cache_misses.values()))
"""


def test_a_second_process_finds_what_the_first_compiled(tmp_path) -> None:
    if importlib.util.find_spec("numba") is None:
        pytest.skip("Numba is not installed")
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    root = Path(__file__).parents[2]

    def run(scale: str) -> list[str]:
        command = [sys.executable, str(file), str(root), scale]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.split("\n")[:2]

    assert [run("1.0"), run("1.0"), run("2.0")] == [["2.75", "0 1"], ["2.75", "1 0"], ["5.5", "0 1"]]
