"""Saved modules: they run without the compiler, and give what the loaded function gives."""

import functools
import math
import operator
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy import linalg as la

from tangent_sct import grad, jvp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.emit import save as save_module
from tangent_sct.emit.save import module_text, save
from tangent_sct.emit.text import Text
from tangent_sct.runtime import unbroadcast
from tests.emit.vectors import Vector

K = 3.0
TABLE = np.array([[1.0, -0.0], [np.inf, 0.1]])
COUNT = 0


def helper(x: "np.ndarray", k: float = K, *, table=TABLE) -> "np.ndarray":
    """Uses a default, a global, another helper and itself."""
    if k < 0:
        return helper(x, -k)
    y: float = x * k + other(x)
    return y + table[0, 0]


def other(x):
    return K * x + math.sqrt(4.0)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def counting(x):
    global COUNT
    COUNT += 1
    return x


def scaled(factor):
    def times(x):
        return factor * x

    return times


def keeping():
    total = 0.0

    def add(x):
        nonlocal total
        total += x
        return total

    return add


def run(text, namespace, *args):
    """The module's `f` on arguments, in an interpreter of the module alone."""
    module = module_text(Text(text, {}), namespace, "A test.")
    assert "tangent_sct." not in module.replace("tangent_sct. Needs", "")
    space = {"__name__": "saved"}
    exec(compile(module, "saved.py", "exec"), space)
    return space["f"](*args)


def returning(expression):
    return f"def f(x):\n    return {expression}"


def test_a_module_in_full():
    text = returning("unbroadcast(np.sin(x), x) + helper(x)")
    namespace = {"np": np, "helper": other, "unbroadcast": len}
    assert module_text(Text(text, {}), namespace, "The sum.") == (
        '"""The sum.\n\nWritten by tangent_sct. Needs numpy.\n"""\n\n'
        "import math\nfrom builtins import len as unbroadcast\nimport numpy as np\n\n"
        "K = 3.0\n\n\n"
        "def helper(x):\n    return K * x + math.sqrt(4.0)\n\n\n"
        "def f(x):\n    return unbroadcast(np.sin(x), x) + helper(x)\n"
    )


def test_helpers_come_with_what_they_use():
    assert run(returning("helper(x, -2.0)"), {"helper": helper}, 5.0) == helper(5.0, -2.0)


def test_runtime_helpers_are_inlined():
    y, x = np.ones((3, 2)), np.ones(2)
    result = run("def f(y, x):\n    return undo(y, x)", {"undo": unbroadcast}, y, x)
    np.testing.assert_array_equal(result, unbroadcast(y, x))


@pytest.mark.parametrize(
    "value",
    [
        3, -0.0, float("inf"), 2 - 1j, "a 'text'\n", None, True, (1, (2.0,)), [1, [2]], {"a": (1,)},
        slice(1, None), range(3), TABLE, np.zeros((0, 3)), np.arange(4), np.float32(0.1),
        np.asfortranarray(np.ones((2, 3))), np.array([True]), np.array(1 + 2j), np.dtype("int32"),
        frozenset({1, 2}), np.array(2.5),
    ],
)  # fmt: skip
def test_constants(value):
    result = run(returning("value"), {"value": value}, None)
    assert type(result) is type(value)
    if isinstance(value, np.ndarray):
        assert (result.dtype, result.flags.f_contiguous) == (value.dtype, value.flags.f_contiguous)
        np.testing.assert_array_equal(result, value)
        np.testing.assert_array_equal(np.signbit(result.real), np.signbit(value.real))
    else:
        assert repr(result) == repr(value)


@pytest.mark.parametrize(
    "value",
    [np, math, la, np.linalg.norm, np.sin, math.gamma, operator.mul, np.float64, len, np.add.reduce,
     np.random.normal, functools.reduce],
)  # fmt: skip
def test_library_objects_are_imported(value):
    assert run(returning("value"), {"value": value}, None) == value


def test_two_objects_of_one_name_stay_apart():
    namespace = {"a": scaled(2.0), "b": scaled(10.0)}
    assert run(returning("a(x) + b(x)"), namespace, 1.0) == 12.0


def test_one_object_of_two_names_stays_one():
    text = "def f():\n    return a is b, g is h"
    namespace = {"a": TABLE, "b": TABLE, "g": other, "h": other}
    assert run(text, namespace) == (True, True)


def test_a_name_of_the_text_is_not_taken_by_a_helper():
    assert run(returning("K * other(x)"), {"K": 10.0, "other": other}, 1.0) == 10.0 * other(1.0)


def test_functions_that_call_each_other():
    assert run(returning("even(x)"), {"even": even}, 10) is True


def test_lambdas_and_dispatchers():
    class Dispatcher:
        def __init__(self):
            self.py_func = other

    square = lambda x: x * x
    assert run(returning("s(d(x))"), {"s": square, "d": Dispatcher()}, 1.0) == other(1.0) ** 2


def test_annotations_in_the_text_need_no_names():
    assert run("def f(x: Missing):\n    return x", {}, 1) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (object(), "`value` \\(object\\) cannot be written"),
        (np.zeros(10_000), "ndarray of 10000 elements"),
        (counting, "assigns to variables outside"),
        (keeping(), "assigns to variables outside"),
        (save_module, "module `tangent_sct.emit.save`"),
        ([other], "`value` \\(list\\)"),
        (eval("lambda x: x"), "cannot be found"),
    ],
)
def test_what_cannot_be_saved_is_named(value, words, tmp_path):
    path = tmp_path / "saved.py"
    with pytest.raises(UnsupportedError, match=words) as caught:
        save(path, Text(returning("value"), {}), {"value": value}, "A test.")
    assert caught.value.hint
    assert not list(tmp_path.iterdir())


def test_an_unknown_name_is_refused():
    with pytest.raises(UnsupportedError, match="`missing` cannot be saved"):
        module_text(Text(returning("missing"), {}), {}, "A test.")


def test_the_file_runs_alone(tmp_path):
    path = tmp_path / "saved.py"
    path.write_text("old")
    text = Text(returning("unbroadcast(helper(x), x)"), {})
    namespace = {"helper": helper, "unbroadcast": unbroadcast}
    save(path, text, namespace, 'Gradient of "f".')
    assert [item.name for item in tmp_path.iterdir()] == ["saved.py"]
    program = "import sys, saved; print(saved.f(2.0), 'tangent_sct' in sys.modules, saved.__doc__)"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    expected = f'{helper(2.0)} False Gradient of "f".\n\nWritten by tangent_sct. Needs numpy.\n'
    assert result.stdout.strip() == expected.strip()


def joined(x):
    total = Vector(x, 2.0 * x)
    for v in [Vector(x * i, x * x) for i in range(3)]:
        total = total + v
    chosen = total if x > 0.5 else Vector(x, x)
    return chosen.x * chosen.y


@pytest.mark.parametrize("mode", [grad, jvp])
def test_objects_that_a_derivative_makes(mode, tmp_path):
    seed = {} if mode is grad else {"seed": 1.0}
    derivative = mode(joined)
    expected = derivative(0.7, **seed)
    derivative.save(tmp_path / "saved.py")
    text = (tmp_path / "saved.py").read_text()
    assert "from tests.emit.vectors import Vector" in text
    names = {}
    exec(compile(text, "saved.py", "exec"), names)
    assert names[f"joined_{mode.__name__}"](0.7, *seed.values()) == expected


def test_classes_that_cannot_be_imported(tmp_path):
    class Pair:
        def __init__(self, x):
            self.x = x

    def f(x):
        pairs = [Pair(x * i) for i in range(3)]
        return pairs[1].x * pairs[2].x

    derivative = grad(f)
    derivative(1.5)
    with pytest.raises(UnsupportedError, match="cannot be imported by the saved module") as caught:
        derivative.save(tmp_path / "saved.py")
    assert "define the class at the top of a module" in caught.value.hint
