"""Texts of what varies: programs may print and compare them, and no number is made of one unseen."""

from __future__ import annotations

import copy
import inspect
import io
import logging
import math
from ast import literal_eval
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.runtime import recast
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked, refusing

REASON = "a number is made of a text (of bytes, objects, an exception) that values to be differentiated went into"
X = np.array([1.2, 2.3, 3.1])
NUMBERS: list[tuple[Program, str]] = []
ARRAYS: list[tuple[Program, str]] = []
WORKS: list[tuple[Program, tuple[Any, ...]]] = []
number, numbers = refusing(NUMBERS), refusing(ARRAYS)
works = checked(WORKS, [])
LOG = logging.getLogger(__name__)


# -- numbers made of texts: each is refused at the line that is named ------------------------------


@number("float(str(x))")
def by_str(x):
    return float(str(x)) * 2


@number('float(f"{x}")')
def by_f_string(x):
    return float(f"{x}") * x


@number("float(s)")
def by_repr(x):
    s = repr(x)
    return float(s) * x


@number('float("%f" % x)')
def by_percent(x):
    return float("%f" % x)  # noqa: UP031


@number("float(form % x)")
def by_percent_of_a_variable(x, form="%f"):
    return float(form % x)


@number('float("{}".format(x))')
def by_format(x):
    return float("{}".format(x))  # noqa: UP032


@number('float(format(x, ".3f"))')
def by_the_function_format(x):
    return float(format(x, ".3f"))


@number("float.fromhex(x.hex())")
def by_hex(x):
    return float.fromhex(x.hex())


@number("np.float64(str(x))")
def by_numpy(x):
    return np.float64(str(x))


@number("literal_eval(repr(x))")
def by_reading_a_literal(x):
    return literal_eval(repr(x))


@number("complex(str(x)).real")
def by_complex(x):
    return complex(str(x)).real


@number("float(b)")
def by_bytes(x):
    b = f"{x}".encode()
    return float(b)


@number("str(x).__len__()")
def by_a_method_of_a_text_made_in_place(x):
    return str(x).__len__() * x


@number('int(str(x).replace(".", ""))')
def by_digits(x):
    return int(str(x).replace(".", "")) * 0.1


@number("float(s)")
def by_a_list_of_texts(x):
    texts = [str(v) for v in (x, 2 * x)]
    total = 0.0
    for s in texts:
        total += float(s)
    return total


@number('float(d["a"])')
def by_an_item(x):
    d = {}
    d["a"] = str(x)
    return float(d["a"])


@number("float(a) * float(b)")
def by_splitting(x):
    s = ",".join([str(x), str(2 * x)])
    a, b = s.split(",")
    return float(a) * float(b)


@number("float(buffer.getvalue())")
def by_a_file(x):
    buffer = io.StringIO()
    buffer.write(str(x))
    return float(buffer.getvalue())


@number("float(buffer.getvalue())")
def by_printing(x):
    buffer = io.StringIO()
    print(x, file=buffer)
    return float(buffer.getvalue())


def shown(v):
    return str(v)


@number("float(shown(x))")
def by_a_function(x):
    return float(shown(x)) + x


@number("sum(map(float, map(str, [x, x])))")
def by_mapping(x):
    return sum(map(float, map(str, [x, x])))


@number("s += str(x)")
def by_adding_texts(x):
    s = ""
    s += str(x)
    return float(s)


@number("float(str(e)) * x")
def by_the_text_of_an_exception(x):
    try:
        if x > 0:
            raise ValueError(f"{x}")
    except ValueError as e:
        return float(str(e)) * x
    return x


@number("x.as_integer_ratio()")
def by_a_ratio(x):
    over, under = x.as_integer_ratio()
    return over / under


@numbers("np.fromstring(")
def from_a_string(x):
    return np.fromstring(" ".join(str(v) for v in x), sep=" ").sum()


@numbers("np.array([str(v) for v in x], dtype=float)")
def array_of_texts(x):
    return np.array([str(v) for v in x], dtype=float).sum()


@numbers("x.astype(str).astype(float)")
def cast_to_text(x):
    return x.astype(str).astype(float).sum()


@numbers("objects.astype(float)")
def cast_to_objects(x):
    objects = np.array(x, dtype=object)
    return np.sum(objects.astype(float))


@numbers("return objects[0] * 2.0")
def item_of_objects(x):
    objects = np.array(x, dtype=object)
    return objects[0] * 2.0


@numbers("float(k)")
def keys_made_of_values(x):
    d = {str(v): v for v in x}
    total = 0.0
    for k in d:
        total += float(k)
    return total


@numbers('table["a"]')
def records(x):
    table = np.array([(v,) for v in x], dtype=[("a", float)])
    return np.sum(table["a"])


EVERY = [(f, line, 1.3) for f, line in NUMBERS] + [(f, line, X) for f, line in ARRAYS]


@pytest.mark.parametrize("mode", [grad, jvp])
@pytest.mark.parametrize(("f", "line", "x"), EVERY, ids=[f.__name__ for f, _, _ in EVERY])
def test_numbers_made_of_texts_are_refused(mode: Any, f: Program, line: str, x: Any) -> None:
    with pytest.raises(UnsupportedError) as caught:
        mode(f).source_for(x)
    error = caught.value
    assert error.reason == f"{REASON}, and no derivative flows back from there"
    assert error.hint == "compute with the number itself; round(v, n) rounds it"
    assert error.origin is not None
    assert error.origin.file == __file__
    lines, first = inspect.getsourcelines(f)
    assert 0 <= error.origin.line - first < len(lines)
    assert line in error.origin.text or error.origin.text.strip() in (
        "for s in texts:", "for k in d:", "return float(s)", "return over / under",
    )  # fmt: skip


# -- texts that stay texts ------------------------------------------------------------------------


@works(1.3)
def printed(x):
    s = f"{x:.3f} {x * x!r}"
    print(s, x, "%g" % x, "{}".format(x))  # noqa: UP031, UP032
    LOG.debug("at %s", s)
    return x * x


@works(1.3)
def compared(x):
    s = f"{x:.1f}"
    factor = 3.0 if s == "1.3" else 2.0
    return x * factor * len(s) * (s.startswith("1") + 1)


@works(1.3)
def looked_up(x):
    table = {"1.3": 2.0, "1.0": 3.0}
    return table[f"{x:.1f}"] * x + table.get(str(x)[:3], 1.0) * x


@works(1.3)
def in_a_history(x):
    history = []
    for k in range(3):
        x = x * x
        history.append((k, x, f"step {k}: {x}"))
    print("\n".join([record[2] for record in history]))
    return history[-1][1] * history[0][1]


@works(X)
def values_under_texts(x):
    d = {str(v): v * v for v in x}
    return sum(d.values())


@works({"w": X, "b": 0.5})
def raised(p):
    if not np.all(np.isfinite(p["w"])):
        raise ValueError(f"no number in {p['w']}")
    assert p["b"] < 9.0, f"too large: {p['b']}"
    try:
        y = math.sqrt(p["b"])
    except ValueError as error:
        LOG.warning("%s", error)
        y = p["b"]
    return np.sum(p["w"]) * y


@works(1.3)
def rounded(x):
    return x * float(f"{round(x, 1)}") + x * int(f"{int(x)}")


@works(1.3)
def named(x):
    point = {"x": x * x, "label": f"at {x}"}
    print(point["label"])
    return point["x"] * len(point["label"])


@pytest.mark.parametrize(("f", "args"), WORKS, ids=[f.__name__ for f, _ in WORKS])
def test_texts_that_stay_texts(f: Program, args: tuple[Any, ...]) -> None:
    given = copy.deepcopy(args)
    tangent = jvp(f)(*args, seed=args[0])[1]
    if f in (compared, looked_up, named, rounded):
        # Differences would see steps: the texts of two numbers close to one another have other lengths.
        assert tangent == pytest.approx(grad(f)(*args) * args[0])
    else:
        check_derivative(f, *given)


def test_a_text_beside_the_value() -> None:
    def f(x):
        return x * x, f"at {x}"

    value, tangent = jvp(f)(1.5, seed=1.0)
    assert value == (2.25, "at 1.5")
    assert tangent[0] == 3.0


def test_what_kinds_do_not_tell_is_found_while_running() -> None:
    with pytest.raises(DerivativeError, match="values to be differentiated became <U32"):
        recast(np.ones(2), like=np.ones(2), through=np.ones(2).astype(str))
