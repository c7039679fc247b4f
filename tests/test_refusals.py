"""Every refusal is tested for its text: none is raised that no test quotes."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ERRORS = frozenset({"UnsupportedError", "DerivativeError", "TypeError", "ValueError", "TemplateError"})
WORDS = frozenset({"refusal", "error"})
"""Methods that make an error of a reason."""
LENGTH = 12
"""How many characters in a row a test has to quote, of those that no other refusal has."""


@dataclass(frozen=True)
class Refused:
    """A place at which something is refused: the constant pieces of what it says."""

    file: str
    line: int
    pieces: tuple[str, ...]

    def stretches(self) -> set[str]:
        """The stretches of its text that are long enough to tell it by."""
        return set().union(*map(stretches, self.pieces))


def stretches(text: str) -> set[str]:
    """All parts of a text of a certain length; a shorter text itself."""
    return {text[i : i + LENGTH] for i in range(max(1, len(text) - LENGTH + 1))}


def pieces(node: ast.expr) -> Iterator[str]:
    """The constant pieces of a text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from pieces(part)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from pieces(node.left)
        yield from pieces(node.right)
    elif isinstance(node, ast.IfExp):
        yield from pieces(node.body)


def refusals() -> Iterator[Refused]:
    """All places of the compiler that refuse something with a text of their own."""
    for file in sorted((ROOT / "tangent_sct").rglob("*.py")):
        if file.parent.name == "optimize":
            # Errors in its own tables, which no user meets.
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason":
                yield from refused(file, node.lineno, node.value)
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in ERRORS and not (name in WORDS and isinstance(node.func, ast.Attribute)):
                continue
            reason: ast.expr | None = node.args[0]
            if name == "refusal" and len(node.args) > 1 and not list(pieces(node.args[0])):
                # Some name the place first.
                reason = node.args[1]
            yield from refused(file, node.lineno, reason)


def refused(file: Path, line: int, reason: ast.expr) -> Iterator[Refused]:
    """A refusal, where its reason is a text."""
    found = tuple(piece for piece in pieces(reason) if piece.strip(" `.,:;'"))
    if found:
        yield Refused(str(file.relative_to(ROOT)), line, found)


def quotes() -> list[str]:
    """All texts in tests, and lines of the page on the language, which is made of what its programs get."""
    found: dict[str, None] = {}
    for file in sorted(set((ROOT / "tests").rglob("*.py")) - {Path(__file__)}):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in documentation:
                for text in pieces(node):
                    # Some texts are patterns.
                    found.update({text: None, re.sub(r"\\(\W)", r"\1", text): None})
    found.update(dict.fromkeys((ROOT / "docs" / "language.md").read_text(encoding="utf-8").splitlines()))
    return list(found)


EVERY = list(refusals())
NOT_YET = frozenset({
    "a `try` writes into what was read in it before, and is differentiated in forward mode",
    " has no signature to name its arguments by; write a function of your own that calls it",
    "what `...` holds is not known",
    "the derivative of `...` is not followed here",
    "` is written where it cannot be told what it is",
    "`, which `...` reads, has no value and cannot be saved",
    "a ... on values to be differentiated is not supported",
    "a container is called",
    "` is a function defined inside the one that is differentiated, or chosen only when it runs, "
    "so that its derivative cannot be written beforehand",
    "` cannot be told from the other lambdas on line ",
    ", which the rule for `...` asks for",
    "the derivative of the display `...` as a whole is not known",
    "` has ... results",
    "a sum needs a term",
})  # fmt: skip
"""Texts that no test has quoted yet; this list may only become shorter."""
QUOTES = quotes()
QUOTED = set().union(*map(stretches, QUOTES))
SHARED = Counter(part for text in {r.pieces: r for r in EVERY}.values() for part in text.stretches())


def is_quoted(refused: Refused) -> bool:
    """Whether a test has a part of the text that no other refusal has, or a text that it may be."""
    if {part for part in refused.stretches() if SHARED[part] == 1} & QUOTED:
        return True
    whole = re.compile(".*".join(map(re.escape, refused.pieces)), re.DOTALL)
    return len("".join(refused.pieces)) >= LENGTH and any(map(whole.search, QUOTES))


@pytest.mark.parametrize("refused", EVERY, ids=lambda refused: f"{refused.file}:{refused.line}")
def test_every_refusal_is_quoted_by_a_test(refused: Refused) -> None:
    text = "...".join(refused.pieces)
    assert is_quoted(refused) != (text in NOT_YET), f"no test quotes {text!r}, or it is no longer to be listed"


def test_there_are_refusals() -> None:
    assert len(EVERY) > 100
