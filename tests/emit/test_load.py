"""Loading: the function runs, its lines can be seen, exceptions name the user's line."""

import gc
import inspect
import linecache
import math
import pickle
import traceback

import pytest

from tangent_sct.core.origins import Origin
from tangent_sct.emit.load import explain, load
from tangent_sct.emit.text import Text
from tangent_sct.frontend.source import source_of

QUOTIENT = Origin("model.py", 12, 4, 12, 13, "    y = x / z")
TEXT = Text("def f_grad(x, z):\n    y_bar = x / z\n    return y_bar", {2: QUOTIENT})


def test_functions_see_the_namespace_and_builtins():
    text = Text("def f(x):\n    return g(x) + abs(k)\n\n\ndef g(x):\n    return 2 * x", {})
    space = {"k": -1}
    function = load(text, "f", space)
    assert function(3) == 7
    assert function.__globals__["g"](1) == 2
    assert space == {"k": -1}


def test_lines_that_somebody_has_cleared_come_back():
    first = load(TEXT, "f_grad", {})
    linecache.cache.pop(first.__code__.co_filename)
    second = load(TEXT, "f_grad", {})
    assert source_of(second).text == source_of(first).text == TEXT.text


def test_annotations_are_not_evaluated():
    assert load(Text("def f(x: Missing) -> Gone:\n    return x", {}), "f", {})(1) == 1


def test_the_source_can_be_seen():
    function = load(TEXT, "f_grad", {})
    assert inspect.getsource(function).rstrip("\n") == TEXT.text
    assert source_of(function).text == TEXT.text
    linecache.checkcache()
    assert "y_bar = x / z" in linecache.getline(function.__code__.co_filename, 2)


def test_file_names_depend_on_the_text_alone():
    one, two = load(TEXT, "f_grad", {}), load(TEXT, "f_grad", {"other": 1})
    assert one.__code__.co_filename == two.__code__.co_filename
    assert one.__code__.co_filename.startswith("<tangent_sct f_grad ")
    changed = Text(TEXT.text.replace("/", "*"), TEXT.origins)
    assert load(changed, "f_grad", {}).__code__.co_filename != one.__code__.co_filename


def test_lines_go_when_the_function_goes():
    function = load(Text("def short_lived(x):\n    return x", {}), "short_lived", {})
    file = function.__code__.co_filename
    assert file in linecache.cache
    del function
    gc.collect()
    load(Text("def next_one(x):\n    return x", {}), "next_one", {})
    assert file not in linecache.cache


def test_a_missing_function():
    with pytest.raises(KeyError, match="other"):
        load(TEXT, "other", {})


def failing(*loaded):
    with pytest.raises(ZeroDivisionError) as caught:
        loaded[0](1.0, 0.0)
    explain(caught.value)
    return caught.value


def test_an_exception_names_the_user_s_line():
    error = failing(load(TEXT, "f_grad", {}, subject="f"))
    assert error.__notes__ == ["in the derivative of f: model.py, line 12: y = x / z"]
    shown = "".join(traceback.format_exception(error))
    assert "    y_bar = x / z" in shown
    explain(error)
    assert len(error.__notes__) == 1


def test_the_innermost_generated_line_counts():
    inner = load(TEXT, "f_grad", {}, subject="f")
    outer_origin = Origin("other.py", 3, 0, 3, 4, "f(x)")
    outer = Text("def g(x, z):\n    return f_grad(x, z)", {2: outer_origin})
    error = failing(load(outer, "g", {"f_grad": inner}, subject="outer"))
    assert error.__notes__ == ["in the derivative of f: model.py, line 12: y = x / z"]


def test_each_text_can_name_its_own_line():
    inner = load(TEXT, "f_grad", {}, subject="f")
    outer = Text(
        "def g(x, z):\n    return f_grad(x, z)", {2: Origin("other.py", 3, 0, 3, 4, "f(x)")}
    )
    function = load(outer, "g", {"f_grad": inner}, subject="outer")
    with pytest.raises(ZeroDivisionError) as caught:
        function(1.0, 0.0)
    for text in (TEXT, outer, Text("def unrelated():\n    pass", {})):
        explain(caught.value, text)
    assert caught.value.__notes__ == [
        "in the derivative of f: model.py, line 12: y = x / z",
        "in the derivative of outer: other.py, line 3: f(x)",
    ]


def test_a_second_derivative_names_the_line_a_person_wrote():
    first = load(TEXT, "f_grad", {}, subject="f")
    file = first.__code__.co_filename
    between = Origin(file, 2, 4, 2, 17, "    y_bar = x / z")
    second = Text("def f_grad_grad(x, z):\n    return x / z ** 2", {2: between})
    error = failing(load(second, "f_grad_grad", {}, subject="f_grad"))
    assert error.__notes__ == ["in the derivative of f: model.py, line 12: y = x / z"]


def test_a_line_of_the_compiler_s_own_names_the_function():
    error = failing(load(Text(TEXT.text, {}), "f_grad", {}, subject="f"))
    assert error.__notes__ == ["in the derivative of f"]


def test_other_exceptions_are_left_alone():
    try:
        math.sqrt(-1.0)
    except ValueError as error:
        explain(error)
        assert not hasattr(error, "__notes__")


def test_a_text_can_be_pickled():
    assert pickle.loads(pickle.dumps(TEXT)) == TEXT
