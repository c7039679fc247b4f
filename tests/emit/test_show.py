"""Printing in colour where that is possible, plainly elsewhere."""

import importlib
import io
import re

import pytest

from tangent_sct.emit import show as show_module
from tangent_sct.emit.show import show

TEXT = "def f(x):\n    # a comment\n    return x * 2.0"


def printed(color):
    out = io.StringIO()
    show(TEXT, file=out, color=color)
    return out.getvalue()


def without(monkeypatch, *packages):
    def found(name):
        if name.partition(".")[0] in packages:
            raise ImportError(name)
        return importlib.__import__(name, fromlist=["_"])

    monkeypatch.setattr(show_module.importlib, "import_module", found)


def test_plain():
    assert printed(False) == TEXT + "\n"
    assert printed(None) == TEXT + "\n"


@pytest.mark.parametrize("missing", [(), ("rich",)])
def test_colour(monkeypatch, missing):
    pytest.importorskip("rich")
    pytest.importorskip("pygments")
    without(monkeypatch, *missing)
    text = printed(True)
    assert "\x1b[" in text
    lines = re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()
    assert [line.rstrip() for line in lines] == TEXT.splitlines()


def test_nothing_to_colour_with(monkeypatch):
    without(monkeypatch, "rich", "pygments")
    assert printed(True) == TEXT + "\n"
