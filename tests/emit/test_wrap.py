"""Long lines: where they break, and that the program stays what it was."""

import ast
import textwrap

import pytest

from tangent_sct.emit.wrap import wrap

LONG = [
    """
    x_bar += (
        np.cos(y) * x * y_bar
        + np.sum(np.sin(x) * f_bar, axis=0)
        - np.ones_like(y) * 2.0
    )
    """,
    """
    v = np.sum(
        np.sin(x) * f_bar * np.exp(-y * y / 2), axis=0,
        keepdims=True
    )
    """,
    """
    if (
        some_condition and another_condition
        or third_condition(x, y) not in fourth
    ):
        pass
    """,
    """
    return (
        alpha_bar_result, beta_bar_result, gamma_bar_result,
        delta_bar_result
    )
    """,
    """
    t = (
        some_value_of_this
        if the_condition_decides(which, one)
        else some_other_value
    )
    """,
    """
    squares = [
        some_function(i, j)
        for i in range(first_number)
        for j in second
    ]
    """,
    """
    total = (
        first_factor_of_all * second_factor_of_all
        * third_factor_of_all * f'{x}, {y}'
    )
    """,
    """
    check(
        f'a text with {some} fields, and commas',
        key=lambda a, b: a.first_name + b.second
    )
    """,
    """
    for i, (alpha, beta) in enumerate(
        zip(reversed(range(iterations)), some_list)
    ):
        pass
    """,
]


def joined(text):
    """The same program with every statement on one line."""
    return ast.unparse(ast.parse(text))


@pytest.mark.parametrize("text", LONG)
def test_breaks_where_a_reader_would(text):
    text = textwrap.dedent(text).strip("\n")
    assert wrap(joined(text), 60) == text


@pytest.mark.parametrize("width", [20, 30, 45])
def test_the_program_stays_what_it_was(width):
    for text in LONG:
        one_line = joined(textwrap.dedent(text))
        assert joined(wrap(one_line, width)) == one_line


def test_indentation_is_kept():
    assert wrap("    value = first_name + second_name", 24) == (
        "    value = (\n        first_name\n        + second_name\n    )"
    )


def test_docstrings_are_left_alone():
    text = 'def f():\n    """A long line, with a (bracket, and) more.\n    b = long + line\n    """'
    assert wrap(text, 16) == text


def test_what_has_no_place_to_break_stays():
    text = "import a_module_with_a_very_long_name as short"
    assert wrap(text, 20) == text
