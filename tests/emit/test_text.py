"""What is printed: the look, the comments, the map back, and that it is always the tree."""

import ast
import textwrap

import gast
import pytest

from tangent_sct.core import tree
from tangent_sct.core.origins import Origin
from tangent_sct.emit.plain import plain, same
from tangent_sct.emit.text import Text, emit, quotation


def code(text):
    return textwrap.dedent(text).strip("\n")


def function(text):
    return gast.parse(code(text)).body[0]


def origin(line, text, end_line=None):
    indent = len(text) - len(text.lstrip())
    return Origin("model.py", line, indent, end_line or line, len(text), text)


def reverse(text, source):
    return tree.mark(tree.statements(text)[0], source, "reverse")


UNCHANGED = [
    """
    def f(x, n, /, y_bar=1.0, *args, key: int = 3, other=(1, 2), **rest) -> float:
        return x
    """,
    """
    def f(x):
        \"\"\"What it does.

        A second paragraph, with a \\\\ in it.
        \"\"\"
        return x
    """,
    """
    def f(x):
        a = -2.0 ** x + (-x) ** 2 - (x - 1) * -x
        b = (-2.0) ** x ** 3 / (x / 2) % (x @ x.T)
        c = not x > 0 or x < -1 and (x == 1 or 0 <= x <= 3)
        d = x.a.b[1:, ::2, None, ...].c(1)[x[0], -1](*x, k=2, **x)
        e = x[:-1] + x[1:] * x[i, j][()]
        return a, (b, c), [d], {e}
    """,
    """
    def f(x):
        names = f"hello {x!r:>{n}} and {y['a']} {{}}"
        other = f"it's {x}"
        table = {'a': 1, 'b': [1, 2.5, 1e-300], **x}
        z = lambda: 3
        w = lambda a, *b, c=1: a if b else c
        return sorted(x, key=lambda t: -t[0])
    """,
    """
    def f(x):

        def g(u):
            return u + scale

        x = g(x)
        squares = [i * i for i in range(3) if i % 2 for j in x]
        pairs = {i: j for i, j in x}
        if (n := len(x)) > 5:
            x = x[1:]
        elif n:
            pass
        else:
            x = (i for i in x)
        with open('f') as h, g() as k:
            while True:
                break
        try:
            raise ValueError('x') from e
        except (A, B) as e2:
            pass
        except C:
            raise
        else:
            del x, y
        finally:
            z = 1
        for i, (a, *b) in enumerate(x):
            assert x, 'message'
        return x
    """,
    """
    def f(x):
        match x:
            case [1, *rest] if rest:
                return 1
            case {'a': y}:
                return y
            case _:
                return -1
    """,
]


@pytest.mark.parametrize("text", UNCHANGED)
def test_pretty_text_is_printed_as_it_stands(text):
    expected = code(text).replace("):\n\n    def", "):\n    def")
    assert emit([function(text)]).text == expected


def test_literals_that_no_program_spells():
    values = [-2.0, -0.0, float("inf"), float("nan"), (1, -1), 2 - 1j, -0j, True, None, -3, ...]
    node = tree.function(
        "f", tree.parameters([]), [tree.return_(tree.list_of(map(tree.const, values)))]
    )
    space = {}
    exec(emit([node]).text, space)
    assert repr(space["f"]()) == repr(values)


def test_negative_numbers_get_brackets():
    node = tree.function(
        "f",
        tree.parameters(["x"]),
        [tree.return_(tree.binary(tree.const(-2.0), "**", tree.load("x")))],
    )
    assert emit([node]).text == "def f(x):\n    return (-2.0) ** x"


def test_what_is_no_program_is_refused():
    node = tree.function("f", tree.parameters([]), [tree.return_(tree.const(object()))])
    with pytest.raises(ValueError, match="cannot be printed"):
        emit([node])


def test_two_functions_and_a_header():
    functions = [function("def f(x):\n    return x"), function("def g(x):\n    return f(x)")]
    text = emit(functions, header="import numpy as np\n").text
    assert text == (
        "import numpy as np\n\n\ndef f(x):\n    return x\n\n\ndef g(x):\n    return f(x)"
    )


def gradient():
    """The reverse sweep of a small loop, marked as the compiler marks it."""
    first = origin(2, "    y = x")
    loop = origin(3, "    for i in range(n):", 6)
    test = origin(4, "        if y > 1.0:", 5)
    inner = origin(5, "            y = np.sin(y) * x")
    node = function(
        """
        def f_grad(x, n, y_bar):
            y = x
        """
    )
    tree.mark(node.body[0], first)
    back = tree.statements("for i in reversed(range(n)):\n    if y > 1.0:\n        pass")[0]
    tree.mark(back, loop, "reverse")
    branch = tree.mark(back.body[0], test, "reverse")
    back.body.insert(0, reverse("y = y_tape.pop()", loop))
    branch.body = [
        reverse("x_bar += np.sin(y) * y_bar", inner),
        reverse("y_bar = np.cos(y) * x * y_bar", inner),
    ]
    node.body += [back, reverse("x_bar += y_bar", first), tree.statements("return x_bar")[0]]
    return node, first, loop, inner


def test_comments_quote_the_primal_above_each_group():
    node, *_ = gradient()
    assert emit([node]).text == code(
        """
        def f_grad(x, n, y_bar):
            y = x
            for i in reversed(range(n)):
                y = y_tape.pop()
                if y > 1.0:
                    # y = np.sin(y) * x
                    x_bar += np.sin(y) * y_bar
                    y_bar = np.cos(y) * x * y_bar
            # y = x
            x_bar += y_bar
            return x_bar
        """
    )


def test_the_map_goes_both_ways():
    node, first, loop, inner = gradient()
    text = emit([node])
    lines = text.text.split("\n")
    assert {lines[n - 1].strip() for n in text.lines_of(inner)} == {
        "# y = np.sin(y) * x",
        "x_bar += np.sin(y) * y_bar",
        "y_bar = np.cos(y) * x * y_bar",
    }
    assert text.lines_of(first) == (2, 9, 10)
    assert text.origin(3) is loop and text.origin(4) is loop
    assert text.origin(1) is None and text.origin(len(lines)) is None


def test_the_map_counts_the_lines_above_and_wrapped_ones():
    long = " + ".join(f"some_long_name_{i}" for i in range(8))
    node = function(f"def g(x):\n    y = {long}\n    return y")
    source = origin(7, f"    y = {long}")
    tree.mark(node.body[0], source)
    text = emit([function("def f(x):\n    return x"), node], header="# one\n# two")
    lines = text.text.split("\n")
    found = text.lines_of(source)
    assert lines[found[0] - 1] == "    y = (" and lines[found[-1] - 1] == "    )"
    assert found == tuple(range(found[0], found[-1] + 1)) and len(found) == 10


def test_a_group_interrupted_by_its_own_block_is_quoted_once():
    source = origin(2, "    y = f(x)")
    block = reverse("if shape:\n    a = 1", source)
    tree.mark(block.body[0], source, "reverse")
    node = function("def g(x):\n    pass")
    node.body = [reverse("b = 1", source), block, reverse("c = 1", source)]
    assert emit([node]).text.count("#") == 1


def test_another_statement_between_is_quoted_again():
    one, two = origin(2, "    y = f(x)"), origin(3, "    z = y")
    node = function("def g(x):\n    pass")
    node.body = [reverse("a = 1", one), reverse("b = 1", two), reverse("c = 1", one)]
    assert [line.strip() for line in emit([node]).text.split("\n") if "#" in line] == [
        "# y = f(x)", "# z = y", "# y = f(x)",
    ]  # fmt: skip


def test_an_elif_has_no_comment_above_it():
    source = origin(2, "    y = f(x)")
    node = function("def g(x):\n    if a:\n        b = 1\n    elif c:\n        d = 1")
    inner = node.body[0].orelse[0]
    tree.mark(inner, source, "reverse")
    tree.mark(inner.body[0], source, "reverse")
    text = emit([node]).text
    assert "    elif c:\n        # y = f(x)\n        d = 1" in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (origin(1, "    x = matched(y)"), "x = matched(y)"),
        (origin(1, "    match = y"), "match = y"),
        (origin(1, "    match y:", 3), ""),
        (origin(1, "    while(y):", 3), ""),
        (origin(1, "    try:", 3), ""),
        (origin(1, "    y = g(", 3), "y = g( ..."),
        (origin(1, "    return x"), "return x"),
    ],
)
def test_quotation(source, expected):
    assert quotation(source) == expected


def test_plain_trees_are_those_of_the_parser():
    text = "\n\n".join(code(item) for item in UNCHANGED)
    assert same(plain(gast.parse(text)), ast.parse(text))
    assert not same(plain(gast.parse("x = 0.0")), ast.parse("x = -0.0"))
    assert not same(plain(gast.parse("f(a, b)")), ast.parse("f(a)"))
    assert not same(plain(gast.parse("def f(a): pass")), ast.parse("def f(a=1): pass"))


def test_a_text_prints_as_itself():
    assert str(Text("x = 1", {})) == "x = 1"
