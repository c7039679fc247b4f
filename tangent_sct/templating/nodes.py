"""Nodes of a template that has been read: gast, and these few for the words of the language."""

from __future__ import annotations

import ast


class Derivative(ast.AST):
    """`d[of]`; `of` is a name, or an element of a display parameter (`args[0]`)."""

    _fields = ("of",)

    def __init__(self, of: ast.AST) -> None:
        super().__init__()
        self.of = of


class Dense(ast.AST):
    """`dense(d[of])`."""

    _fields = ("of",)

    def __init__(self, of: ast.AST) -> None:
        super().__init__()
        self.of = of


class Static(ast.AST):
    """`ndim(of)`, `isscalar(of)`, `iscontainer(of)`, `iscomplex(of)`: decided while transforming."""

    _fields = ("word", "of")

    def __init__(self, word: str, of: ast.AST) -> None:
        super().__init__()
        self.word = word
        self.of = of


class Unroll(ast.AST):
    """`for counter, item in enumerate(each(over)): body`; `counter` may be None."""

    _fields = ("counter", "item", "over", "body")

    def __init__(self, counter: str | None, item: str, over: str, body: list[ast.AST]) -> None:
        super().__init__()
        self.counter = counter
        self.item = item
        self.over = over
        self.body = body


class Collect(ast.AST):
    """`[value for counter, item in enumerate(each(over))]`; a tuple when it was a generator."""

    _fields = ("counter", "item", "over", "value", "display")

    def __init__(
        self, counter: str | None, item: str, over: str, value: ast.AST, display: str
    ) -> None:
        super().__init__()
        self.counter = counter
        self.item = item
        self.over = over
        self.value = value
        self.display = display
