"""`source_of` and `tree_of`: every sort of function, its positions, and what is refused."""

import functools
import importlib.util
import linecache
import math
import textwrap
import traceback

import gast
import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Source
from tangent_sct.frontend.source import origin_of_node, source_of, tree_of

HERE = __file__
LINES = open(HERE, encoding="utf-8").read().splitlines()


def plain(x, n=3, *, scale=2.0):
    y = x * n
    if y > 0:
        y = math.sqrt(y) + scale
    return y


def asserting(x):
    y = x * 2.0
    assert y > 0, f"{y} is not positive"
    z = y + 1.0
    assert z > y
    return z - y


def twice(function):
    @functools.wraps(function)
    def wrapper(*args):
        return 2 * function(*args)

    return wrapper


@twice
def wrapped(x):
    return x * x


def keep(function):
    return function


@keep
@keep
def kept(x):
    return x - 1


one, two = lambda x: x + 1, lambda x: x + 2
named = lambda x, *rest: x * len(rest)  # noqa: E731
twin_a, twin_b = (lambda x: x * 3), (lambda x: x * 3)
several = keep(
    lambda x, y: (
        x
        + y
    )
)  # fmt: skip
on_one_line = [lambda x: x, lambda x: (x,), lambda: None, lambda: 3, lambda x: x if x else -x]
on_another = [lambda x: (x) and (x.b), lambda x: (y := x), lambda: (lambda: 5), lambda: [1, 2]]
default = lambda x, f=lambda y: y - 1: f(x)  # noqa: E731


class Model:
    def __init__(self, weight):
        self.weight = weight

    def predict(self, x):
        return self.weight * x

    def __call__(self, x):
        return x + self.weight

    def hidden(self, x):
        return self.__weight(x)

    def parent(self):
        return super().__repr__()

    def shifter(self, shift):
        def shifted(x):
            return Model(x + shift)

        return shifted

    @staticmethod
    def free(x):
        return -x


def module_from(tmp_path, text, name="written"):
    path = tmp_path / f"{name}.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, path


def shown(function):
    return tree.text(tree_of(source_of(function)))


def cut(node):
    """The text of this file at the node's position."""
    lines = LINES[node.lineno - 1 : node.end_lineno]
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][node.col_offset :]
    return "\n".join(lines)


def test_a_function():
    source = source_of(plain)
    assert source.text.splitlines()[0] == "def plain(x, n=3, *, scale=2.0):"
    assert source.text.splitlines()[-1] == "    return y"
    assert (source.name, source.file, source.column) == ("plain", HERE, 0)
    assert source.globals is plain.__globals__
    assert LINES[source.line - 1] == "def plain(x, n=3, *, scale=2.0):"


def test_positions_are_those_of_the_file():
    node = tree_of(source_of(plain))
    for item in tree.walk(node):
        if isinstance(item, gast.expr) and not isinstance(getattr(item, "ctx", None), gast.Param):
            assert tree.text(item) == cut(item)
    assert cut(node.body[1].body[0]) == "y = math.sqrt(y) + scale"


def test_every_statement_is_marked():
    node = tree_of(source_of(plain))
    origins = [tree.origin_of(s) for s in tree.every_statement([node, *node.body])]
    assert all(o is not None and o.file == HERE and o.text == LINES[o.line - 1] for o in origins)
    assert len({o.line for o in origins}) == len(origins) == 5


def test_origin_of_an_expression_puts_the_caret_under_it():
    source = source_of(plain)
    value = tree_of(source).body[0].value.right
    error = UnsupportedError("no", origin_of_node(source, value))
    shown_error = "".join(traceback.format_exception_only(error)).splitlines()
    assert shown_error[1:3] == ["    y = x * n", "            ^"]


def test_carets_count_characters():
    def greek(α, β):
        return α * β

    source = source_of(greek)
    origin = origin_of_node(source, tree_of(source).body[0].value.right)
    assert origin.text[origin.column : origin.end_column] == "β"


def test_nested_functions_are_dedented_and_keep_their_columns():
    scale = 3.0

    def inner(x):
        text = """
    kept
"""
        return x * scale, text

    source = source_of(inner)
    assert source.text.startswith("def inner(x):\n    text = ")
    assert "\n    kept\n" in source.text
    assert source.column == 4
    assert source.lookup("scale") == 3.0
    node = tree_of(source)
    assert node.body[0].value.value == inner(1.0)[1]
    assert node.body[1].col_offset == 8
    assert cut(node.body[1]) == "return x * scale, text"


def test_methods():
    assert shown(Model(2.0).predict) == "def predict(self, x):\n    return self.weight * x"
    assert shown(Model.predict) == shown(Model(2.0).predict)
    assert shown(Model.free) == "def free(x):\n    return -x"
    assert shown(Model(1.0)) == "def __call__(self, x):\n    return x + self.weight"


def test_private_names_and_super_compare_equal_to_what_runs():
    assert "self.__weight(x)" in shown(Model(1.0).hidden)
    assert source_of(Model.parent).name == "parent"
    assert source_of(Model(1.0).shifter(2.0)).lookup("shift") == 2.0


def test_a_wrapper_is_its_own_source():
    assert shown(wrapped) == "def wrapper(*args):\n    return 2 * function(*args)"
    assert source_of(wrapped).lookup("function")(3) == 9


def test_decorators_are_dropped_from_the_tree():
    assert shown(kept) == "def kept(x):\n    return x - 1"
    assert source_of(kept).text == "def kept(x):\n    return x - 1"


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (one, "def function(x):\n    return x + 1"),
        (two, "def function(x):\n    return x + 2"),
        (named, "def named(x, *rest):\n    return x * len(rest)"),
        (several, "def function(x, y):\n    return x + y"),
        (default, "def default(x, f=lambda y: y - 1):\n    return f(x)"),
        (default.__defaults__[0], "def function(y):\n    return y - 1"),
        (twin_b, "def function(x):\n    return x * 3"),
    ],
)
def test_lambdas(function, expected):
    assert shown(function) == expected
    source = source_of(function)
    assert tree.text(gast.parse(source.text)) == expected


def test_lambdas_on_one_line_are_told_apart():
    bodies = [shown(function).split("return ")[1] for function in [*on_one_line, *on_another]]
    assert bodies == [
        "x", "(x,)", "None", "3", "x if x else -x",
        "x and x.b", "(y := x)", "lambda: 5", "[1, 2]",
    ]  # fmt: skip
    assert shown(on_another[2]()) == "def function():\n    return 5"
    assert source_of(on_another[1]).text.endswith("return (y := x)")


def test_an_edited_lambda_is_refused(tmp_path):
    module, path = module_from(tmp_path, "one, two = lambda x: x + 1, lambda x: x + 2\n")
    assert shown(module.two).endswith("x + 2")
    linecache.clearcache()
    path.write_text("one, two = lambda x: x + 1, lambda x: x - 2\n")
    assert shown(module.one).endswith("x + 1")
    with pytest.raises(UnsupportedError, match="changed since it was imported"):
        source_of(module.two)


def test_a_lambda_keeps_its_place():
    node = tree_of(source_of(two))
    assert cut(node) == "lambda x: x + 2"
    assert cut(node.body[0]) == "x + 2"
    origin = tree.origin_of(node.body[0])
    assert origin.text[origin.column : origin.end_column] == "x + 2"
    over_lines = tree_of(source_of(several)).body[0]
    assert cut(over_lines.value.right) == "y"


def test_a_lambda_inside_a_lambda():
    outer = lambda x: lambda y: x * y  # noqa: E731
    assert shown(outer) == "def outer(x):\n    return lambda y: x * y"
    assert shown(outer(3)) == "def function(y):\n    return x * y"
    assert source_of(outer(3)).lookup("x") == 3


def test_assertions_rewritten_by_the_test_runner_are_no_change():
    assert "assert z > y" in shown(asserting)


def test_a_dispatcher_gives_its_python_function():
    class Dispatcher:
        py_func = staticmethod(plain)

        def __init__(self):
            self.py_func = plain

    assert source_of(Dispatcher()).function is plain


def test_an_object_may_answer_for_itself():
    class Derivative:
        def __tangent_source__(self):
            return source_of(plain)

    assert source_of(Derivative()).name == "plain"


def test_linecache_is_enough():
    text = "def cell(x):\n    return x * x\n"
    name = "<cell 1 of test_source>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {}
    exec(compile(text, name, "exec"), space)
    assert source_of(space["cell"]).text == text.rstrip()
    assert source_of(space["cell"]).file == name


def test_a_source_made_by_hand_is_read_at_its_place():
    source = Source("def f(x):\n    return x", "a.py", 10, 4, "f", plain, {}, {})
    returned = tree_of(source).body[0]
    assert (returned.lineno, returned.col_offset) == (11, 8)
    assert tree.origin_of(returned).text == "        return x"


CHANGES = [
    ("x * 2.0", "x * 3.0"),
    ("x * 2.0", "x / 2.0"),
    ("x * 2.0", "z * 2.0"),
    ("assert y", "assert not y"),
    ("def f", "\n\ndef f"),
    ("def f(x, z)", "def f(z, x)"),
    ("return y", "return (y"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_an_edited_file_is_refused(tmp_path, old, new):
    text = "def f(x, z):\n    y = x * 2.0\n    assert y\n    return y\n"
    module, path = module_from(tmp_path, text)
    assert source_of(module.f).name == "f"
    linecache.clearcache()
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UnsupportedError, match="changed since it was imported") as caught:
        source_of(module.f)
    assert "reload" in caught.value.hint


def test_an_edit_that_changes_nothing_is_fine(tmp_path):
    text = "def f(x):\n    return x * 2.0\n"
    module, path = module_from(tmp_path, text)
    path.write_text(text.replace("x * 2.0", "(x * 2.0)  # said twice"), encoding="utf-8")
    assert "said twice" in source_of(module.f).text


def test_future_annotations_and_inner_classes_compare_equal(tmp_path):
    text = """
        from __future__ import annotations

        def make(a):
            class Box:
                def get(self, x: Missing) -> Gone:
                    class Inner:
                        value = a
                    def deeper(y: Missing):
                        nonlocal x
                        x = y
                        return {1, 2, 3} | {x}
                    return Inner.value * x + (-0.0)
            return Box()
    """
    module, _ = module_from(tmp_path, text)
    assert source_of(module.make(2.0).get).lookup("a") == 2.0


def test_loaders_that_rewrite_are_held_to_the_order_of_the_text(tmp_path):
    # This very module is loaded by the test runner; another text for the same lines is refused.
    lines = LINES.copy()
    at = lines.index("    z = y + 1.0")
    lines[at] = "    z = y - 1.0"
    kept = linecache.cache.get(HERE)
    linecache.cache[HERE] = (0, None, [line + "\n" for line in lines], HERE)
    try:
        with pytest.raises(UnsupportedError, match="changed since"):
            source_of(asserting)
    finally:
        linecache.cache.pop(HERE)
        if kept is not None:
            linecache.cache[HERE] = kept


def generator(x):
    yield x


async def coroutine(x):
    return x


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (math.gamma, "`math.gamma` has no Python source"),
        (len, "`len` has no Python source"),
        (np.sin, "has no Python source"),
        (np.sum, "`numpy.sum` has no Python source"),
        (functools.partial(plain, 1), "has no Python source"),
        (Model, "`.*Model` is a class"),
        (eval("lambda x: x"), "source of `.*<lambda>` cannot be found"),
        (generator, "`generator` is a generator"),
        (coroutine, "`coroutine` is a coroutine"),
    ],
)
def test_what_has_no_source_is_refused(function, words):
    with pytest.raises(UnsupportedError, match=words) as caught:
        source_of(function)
    assert caught.value.hint


def test_the_caret_of_a_generator_is_under_its_yield():
    with pytest.raises(UnsupportedError) as caught:
        source_of(generator)
    origin = caught.value.origin
    assert origin.text[origin.column : origin.end_column] == "yield x"


def test_a_generator_inside_is_the_function_s_own_business():
    def total(x):
        def numbers():
            yield x

        return sum(numbers())

    assert source_of(total).name == "total"


def test_what_cannot_be_called_is_a_type_error():
    with pytest.raises(TypeError, match="got int"):
        source_of(3)
