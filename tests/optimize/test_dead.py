import gast
import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.optimize.dead import dead
from tests.helpers import outcome, unit_of
from tests.random_programs import Log, arguments, kind_of, program


def swept(body: str, head: str = "f(x, y, a, b, n)") -> str:
    """The body of a function without its dead code."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    unit = unit_of(f"def {head}:\n{lines}", Log().objects())
    return tree.text(dead(unit, kind_of).tree.body)


def same(body: str) -> bool:
    return swept(body) == tree.text(tree.statements(body))


def test_what_nothing_reads_goes() -> None:
    assert swept("z = x + y\nz_2 = x * y\nreturn z") == "z = x + y\nreturn z"


def test_chains_go_as_a_whole() -> None:
    assert swept("z = x + y\nz_2 = np.sin(z)\nz_3 = -z_2\nreturn x") == "return x"


@pytest.mark.parametrize(
    "body",
    [
        "note(x)\nreturn y",
        "z = touch(a)\nreturn y",
        "print(x)\nreturn y",
        "z = np.random.normal()\nreturn y",
        "assert x > 0\nreturn y",
        "if x > 0:\n    raise ValueError(x)\nreturn y",
        "a[0] = x\nreturn y",
        "c = a[1:]\nc[0] = x\nreturn y",
        "a += x\nreturn y",
        "np.add.at(a, [0], x)\nreturn y",
        "z = x + 1\na.append(z)\nreturn y",
        "c = a * 2\np = [c]\ntouch(p)\nc[0] = x\nreturn y",
        "c = np.exp(a)\nnp.add(a, b, out=c)\nreturn c",
        "try:\n    z = x\nexcept E:\n    z = y\nreturn y",
        "for i in range(n):\n    note(i)\nreturn y",
        "while touch(a)[0] < 1:\n    pass\nreturn y",
        "with touch(a):\n    z = note(x)\nreturn y",
        "g = lambda v: v + x\nreturn g(y)",
        "import math\nreturn y",
    ],
)
def test_effects_stay(body: str) -> None:
    assert same(body)


def test_stores_into_what_is_not_read_go() -> None:
    assert swept("c = np.zeros(n)\nc[0] = x\nc[1:] += y\nnp.add.at(c, [0], x)\nreturn x") == (
        "return x"
    )


def test_stores_that_an_alias_shows_stay() -> None:
    body = "c = a * 2\nb_2 = c.T\nc_2 = c[1:]\nc_2[0] = x\nreturn b_2"
    assert same(body)


def test_stores_into_an_element_of_a_container_stay() -> None:
    body = "c = a * 2\np = (c, x)\nc_2 = p[0]\nc_2[0] = y\nreturn c"
    assert same(body)


def test_the_shape_does_not_need_the_content() -> None:
    assert swept("c = a * 2\nc[0] = x\nb_2 = np.zeros_like(c)\nreturn b_2") == (
        "c = a * 2\nb_2 = np.zeros_like(c)\nreturn b_2"
    )
    assert swept("c = a * 2\nc[0] = x\nz = c.shape[0] * x\nreturn z") == (
        "c = a * 2\nz = c.shape[0] * x\nreturn z"
    )


def test_the_length_of_a_list_needs_its_appends() -> None:
    assert same("q = [x]\nq.append(y)\nz = len(q)\nreturn z")


def test_a_tape_lives_or_dies_as_a_whole() -> None:
    push = "tape = []\nfor i in range(n):\n    v = x * i\n    tape.append(v)\n"
    pop = "z = x\nfor i_2 in range(n):\n    u = tape.pop()\n    z_2 = z + u\n    z = z_2\n"
    assert same(push + pop + "z_3 = z\nreturn z_3")
    assert swept(push + pop + "return x") == "return x"


def test_one_needed_pop_needs_the_others() -> None:
    body = "tape = []\ntape.append(x)\ntape.append(y)\nu = tape.pop()\nv = tape.pop()\nreturn v"
    assert same(body)


def test_a_tape_with_an_effect_in_an_append() -> None:
    assert "touch(b)" in swept("tape = []\ntape.append(touch(b))\nreturn x")


def test_a_list_that_is_returned_is_no_tape() -> None:
    assert same("q = []\nq.append(x)\nz = q.pop()\nreturn q")


def test_a_carried_name_that_feeds_only_itself_goes() -> None:
    body = (
        "y_2 = y\nz = x\nfor i in range(n):\n    y_3 = y_2 + z\n    z_2 = z * 2\n"
        "    y_2 = y_3\n    z = z_2\nz_3 = z\nreturn z_3"
    )
    assert swept(body) == (
        "z = x\nfor i in range(n):\n    z_2 = z * 2\n    z = z_2\nz_3 = z\nreturn z_3"
    )


def test_exits_stay_with_their_loop_only() -> None:
    loop = "z = x\nwhile z < n:\n    z_2 = z * 2\n    flag = z_2 > y\n    z = z_2\n"
    loop += "    if flag:\n        break\n"
    assert same(loop + "z_3 = z\nreturn z_3")
    assert swept(loop + "return x") == "return x"


def test_empty_branches() -> None:
    assert swept("if x > 0:\n    z = y\nelse:\n    note(y)\nreturn x") == (
        "if not x > 0:\n    note(y)\nreturn x"
    )
    assert swept("if x == 0:\n    z = y\nelse:\n    note(y)\nreturn x") == (
        "if x != 0:\n    note(y)\nreturn x"
    )
    assert swept("if touch(a)[0]:\n    z = y\nreturn x") == "touch(a)[0]\nreturn x"


def test_going_through_an_iterator_is_an_effect() -> None:
    assert swept("for v in p:\n    z = v\nreturn x", "f(x, p)") == (
        "for v in p:\n    pass\nreturn x"
    )
    assert swept("for v in enumerate(range(n)):\n    z = v\nreturn x") == "return x"


def test_with_goes_when_it_is_empty() -> None:
    assert swept("with np.errstate(all='ignore'):\n    z = x\nreturn y") == "return y"
    assert same("with np.errstate(all='ignore'):\n    z = x / y\nreturn z")


def test_del_of_what_is_gone() -> None:
    assert swept("z = x\ny_2 = y\ndel z, y_2\nreturn x") == "return x"
    assert swept("z = x\ny_2 = touch(a)\ndel z, y_2\nreturn x") == (
        "y_2 = touch(a)\ndel y_2\nreturn x"
    )


def test_inner_functions() -> None:
    assert swept("def g(v):\n    return v + x\nreturn y") == "return y"
    assert same("z = x * 2\ndef g(v):\n    return v + z\nz_2 = g(y)\nreturn z_2")


def test_reads_inside_comprehensions() -> None:
    assert same("z = x * 2\nq = [v * z for v in a]\nreturn q")
    assert swept("v = x * 2\nq = [v for v in a]\nreturn q") == "q = [v for v in a]\nreturn q"


def test_what_an_inner_scope_reads_when_it_is_made() -> None:
    assert same("q = [x]\nq_2 = [q for q in q]\nreturn q_2")
    assert same("z = x * 2\ng = lambda v, w=z: v + w\nz_2 = g(y)\nreturn z_2")
    assert same("z = x * 2\ndef g(v, z=z):\n    return v + z\nz_2 = g(y)\nreturn z_2")


def test_nothing_to_do_gives_the_same_unit() -> None:
    unit = unit_of("def f(x):\n    y = x + 1\n    if y > 0:\n        print(y)\n    return y")
    assert dead(unit) is unit


def test_unknown_kinds_keep_more() -> None:
    unit = unit_of("def f(q, x):\n    r = q.copy()\n    r[0][0] = x\n    return q")
    # Of a list, `copy` is shallow.
    assert dead(unit) is unit


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("kinds", [None, kind_of])
def test_random_programs_do_the_same(seed: int, kinds: object) -> None:
    unit = program(seed, 20)
    one, two = Log(), Log()
    before = outcome(unit, arguments(seed), **one.objects())
    clean = dead(unit, kinds)  # type: ignore[arg-type]
    after = outcome(clean, arguments(seed), **two.objects())
    assert (before, one.lines) == (after, two.lines)
    assert dead(clean, kinds) is clean  # type: ignore[arg-type]


def test_random_programs_have_dead_code() -> None:
    def count(body: list[gast.AST]) -> int:
        return len(list(tree.every_statement(body)))

    units = [program(seed, 20) for seed in range(20)]
    kept = sum(count(dead(unit).tree.body) for unit in units)
    assert kept < 0.8 * sum(count(unit.tree.body) for unit in units)


def test_numbers_stay_equal() -> None:
    unit = unit_of("def f(x):\n    y = x * 2\n    w = y + 1\n    y[0] = 1.0\n    return y")
    assert outcome(unit, {"x": np.ones(3)}) == outcome(dead(unit), {"x": np.ones(3)})


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("c = np.zeros(n)\ns = c[0]\nc[0] = x\nreturn s", "c = np.zeros(n)\ns = c[0]\nreturn s"),
        ("c = np.zeros(n)\nc_2 = c[1:]\ns = c[0]\nc_2[0] = x\nreturn s", "c = np.zeros(n)\ns = c[0]\nreturn s"),
        (
            "c = np.zeros(n)\ns = np.sum(c)\nfor i in reversed(range(n)):\n    c[i] = x\nreturn s",
            "c = np.zeros(n)\ns = np.sum(c)\nreturn s",
        ),
    ],
)
def test_stores_after_the_last_read_go(body: str, left: str) -> None:
    assert swept(body) == left


@pytest.mark.parametrize(
    "body",
    [
        "c = np.zeros(n)\nfor i in range(n):\n    s = c[0]\n    c[0] = s + x\nreturn s",
        "c = np.zeros(n)\np = [c]\nc[0] = x\nreturn p[0]",
        "c = np.zeros(n)\ng = lambda: c[0]\nc[0] = x\nreturn g()",
        "c = np.zeros(n)\np = zip(c, b)\nc[0] = x\nreturn list(p)",
        "c = np.zeros(n)\nwhile c[0] < 1:\n    note(x)\n    c[0] = x\nreturn x",
        "c = np.zeros(n)\nfor i in range(n):\n    for v in c:\n        y = v\n    c[0] = x\nreturn y",
    ],
)
def test_stores_before_a_read_stay(body: str) -> None:
    assert same(body)
