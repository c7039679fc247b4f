"""Long lines of generated code, broken where a reader would break them.

A statement that is too long gets its right-hand side in brackets of its own (or keeps the brackets
of its longest call), and breaks inside them: at commas, else before the operators that bind least.
All breaks are inside brackets, so the program stays what it was.
"""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass

WIDTH = 88
INDENT = 4

OPENING, CLOSING = "([{", ")]}"
ASSIGNING = {f"{sign}=" for sign in ("", *"+ - * / // % ** @ & | ^ << >>".split())}
LEADING = {"return", "if", "elif", "while", "raise"}
LEVELS = (
    {","},
    {"for", "if", "else"},
    {"or"},
    {"and"},
    {"==", "!=", "<", "<=", ">", ">=", "in", "is", "not"},
    {"|"},
    {"^"},
    {"&"},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "//", "%", "@"},
)
"""What a bracket's inside may be broken at, from what binds least to what binds most."""
FILLED = ({","}, {"*", "/", "//", "%", "@"})
"""Levels whose pieces share a line; of the others each piece begins one."""


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    depth: int
    binary: bool
    """Whether something stands on its left that an operator could take."""


def wrap(text: str, width: int = WIDTH) -> str:
    """Source in which every statement stands on one line, with the long ones broken.

    Args:
        text: the source; lines of triple-quoted strings are left alone.
        width: how long a line may be.

    >>> print(wrap("total = first_part * second_part + third_part", 30))
    total = (
        first_part * second_part
        + third_part
    )
    """
    if all(len(line) <= width for line in text.splitlines()):
        return text
    lines: list[str] = []
    quoted = False
    for line in text.split("\n"):
        quotes = line.count('"""')
        if len(line) <= width or quoted or quotes:
            lines.append(line)
        else:
            code = line.lstrip()
            lines.extend(_statement(code, len(line) - len(code), width))
        quoted ^= quotes % 2 == 1
    return "\n".join(lines)


def _statement(code: str, indent: int, width: int) -> list[str]:
    tokens = _tokens(code)
    if tokens is None:
        return [" " * indent + code]
    lead = _lead(tokens)
    end = tokens[-1].start if tokens[-1].text == ":" and tokens[-1].depth == 0 else len(code)
    if lead is not None:
        right = [token for token in tokens if lead <= token.start < end]
        if any(_level(token) is not None for token in right if token.depth == 0):
            margin = " " * indent
            inside = _inside(code[lead:end].strip(), indent + INDENT, width)
            return [f"{margin}{code[:lead].rstrip()} (", *inside, f"{margin}){code[end:]}"]
    return _bracketed(code, tokens, indent, width)


def _lead(tokens: list[_Token]) -> int | None:
    """Where the expression begins that brackets may be put around, if there is one."""
    found = None
    if tokens[0].text in LEADING:
        found = tokens[0].end
    for token in tokens:
        if token.text == "lambda":
            break  # what follows are its defaults
        if token.depth == 0 and token.text in ASSIGNING:
            found = token.end
    return found


def _bracketed(code: str, tokens: list[_Token], indent: int, width: int) -> list[str]:
    """Break inside the longest of the outermost brackets."""
    pairs: list[tuple[int, int]] = []
    opened = 0
    for token in tokens:
        if token.depth == 0 and token.text in OPENING:
            opened = token.end
        elif token.depth == 0 and token.text in CLOSING:
            pairs.append((opened, token.start))
    start, end = max(pairs, key=lambda pair: pair[1] - pair[0], default=(0, 0))
    if end - start < INDENT:
        return [" " * indent + code]
    return [
        " " * indent + code[:start],
        *_inside(code[start:end].strip(), indent + INDENT, width),
        " " * indent + code[end:],
    ]


def _inside(body: str, indent: int, width: int, hang: int = 0) -> list[str]:
    """Lines for what stands inside brackets; `hang` indents all lines but the first further."""
    if indent + len(body) <= width:
        return [" " * indent + body]
    tokens = _tokens(body)
    if tokens is None:
        return [" " * indent + body]
    level = min((_level(t) or 0 for t in tokens if t.depth == 0 and _level(t) is not None),
                default=None)  # fmt: skip
    if level is None or (level == len(LEVELS) - 1 and _mostly_bracket(tokens, body)):
        return _bracketed(body, tokens, indent, width)
    pieces = _pieces(body, tokens, level)
    if len(pieces) == 1:
        return _bracketed(body, tokens, indent, width)
    lines: list[str] = []
    for number, piece in enumerate(pieces):
        shift = indent + (hang if number else 0)
        joined = f"{lines[-1]} {piece}" if lines else ""
        if lines and LEVELS[level] in FILLED and len(joined) <= width:
            lines[-1] = joined
        else:
            lines.extend(_inside(piece, shift, width, INDENT))
    return lines


def _mostly_bracket(tokens: list[_Token], body: str) -> bool:
    """Whether one pair of outermost brackets holds most of a product."""
    outside = sum(token.end - token.start for token in tokens if token.depth == 0)
    return outside < len(body) // 4


def _pieces(body: str, tokens: list[_Token], level: int) -> list[str]:
    cuts = [0]
    for token, before in zip(tokens[1:], tokens, strict=False):
        if token.depth == 0 and _level(token) == level and token.start:
            after_not = token.text in ("in", "is") and before.text == "not"
            if not after_not:
                cuts.append(token.end if token.text == "," else token.start)
    pieces = [body[a:b].strip() for a, b in zip(cuts, [*cuts[1:], len(body)], strict=True)]
    return [piece for piece in pieces if piece]


def _level(token: _Token) -> int | None:
    if not token.binary:
        return None
    return next((i for i, level in enumerate(LEVELS) if token.text in level), None)


def _tokens(code: str) -> list[_Token] | None:
    """The tokens of one line; brackets have the depth of what is around them.

    An f-string is one token, as it was for the older tokenizers.
    """
    found: list[_Token] = []
    depth = in_string = string_start = 0
    operand = False
    lambdas: list[int] = []
    try:
        for item in tokenize.generate_tokens(io.StringIO(code).readline):
            kind = tokenize.tok_name[item.type]
            if kind == "FSTRING_START":
                string_start = string_start if in_string else item.start[1]
                in_string += 1
            elif kind == "FSTRING_END":
                in_string -= 1
                if not in_string:
                    found.append(_Token("", string_start, item.end[1], depth, operand))
                    operand = True
            if in_string or item.type not in (tokenize.NAME, tokenize.NUMBER, tokenize.STRING,
                                              tokenize.OP):  # fmt: skip
                continue
            text = item.string
            depth -= text in CLOSING
            if text == ":" and lambdas and lambdas[-1] == depth:
                lambdas.pop()
            # The commas of a lambda's parameters are no place to break.
            binary = operand and not (lambdas and lambdas[-1] == depth)
            found.append(_Token(text, item.start[1], item.end[1], depth, binary))
            if text == "lambda":
                lambdas.append(depth)
            depth += text in OPENING
            operand = (
                text in CLOSING or item.type in (tokenize.NUMBER, tokenize.STRING)
                or (item.type == tokenize.NAME and not any(text in level for level in LEVELS))
            )  # fmt: skip
    except (tokenize.TokenError, SyntaxError):
        # A compound statement's header has no body here: what was read before its end is all of it.
        return found if depth == 0 and found else None
    return found or None
