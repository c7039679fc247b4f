import re

import pytest

from tangent_sct.core import tree
from tangent_sct.optimize.copies import copies
from tangent_sct.optimize.dead import dead
from tests.helpers import outcome, unit_of
from tests.random_programs import Log, arguments, program


def merged(body: str, head: str = "f(x, y, n)") -> str:
    """The body of a function after the pass."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return tree.text(copies(unit_of(f"def {head}:\n{lines}")).tree.body)


def test_versions_that_follow_one_another_are_one() -> None:
    assert merged("z = x\nz_2 = z + 1\nz_3 = z_2 * z_2\nreturn z_3") == (
        "z = x\nz = z + 1\nz = z * z\nreturn z"
    )


def test_versions_that_live_together_are_two() -> None:
    assert merged("z = x * 2\nz_2 = z + 1\nz_3 = z_2 * z\nreturn z_3") == (
        "z = x * 2\nz_2 = z + 1\nz = z_2 * z\nreturn z"
    )


def test_parameters_keep_their_names() -> None:
    assert merged("x_2 = x + 1\nx_3 = x_2 * x\nreturn x_3") == (
        "x_2 = x + 1\nx = x_2 * x\nreturn x"
    )


def test_joins_vanish() -> None:
    body = "if n:\n    z = x\n    z_3 = z\nelse:\n    z_2 = y\n    z_3 = z_2\nreturn z_3"
    assert merged(body) == "if n:\n    z = x\nelse:\n    z = y\nreturn z"


def test_a_branch_of_nothing_but_a_join() -> None:
    body = "z = x + 1\nif n == 0:\n    z_3 = z\nelse:\n    z_2 = z * 2\n    z_3 = z_2\nreturn z_3"
    assert merged(body) == "z = x + 1\nif n != 0:\n    z = z * 2\nreturn z"


def test_carried_names_vanish() -> None:
    body = (
        "z = x\nz_2 = z\nfor i in range(n):\n    z_3 = z_2 * y\n    z_2 = z_3\n"
        "z_4 = z_2\nreturn z_4"
    )
    assert merged(body) == "z = x\nfor i in range(n):\n    z = z * y\nreturn z"


def test_the_value_before_a_loop_that_is_needed_after_it() -> None:
    body = (
        "z = x + 1\nz_2 = z\nfor i in range(n):\n    z_3 = z_2 * y\n    z_2 = z_3\n"
        "z_4 = z_2\nw = z_4 + z\nreturn w"
    )
    assert merged(body) == (
        "z = x + 1\nz_2 = z\nfor i in range(n):\n    z_2 = z_2 * y\nw = z_2 + z\nreturn w"
    )


def test_a_swap_keeps_the_copy_it_needs() -> None:
    body = (
        "z = x\nw = y\nfor i in range(n):\n    z_2 = z\n    z = w\n    w = z_2\nr = z - w\nreturn r"
    )
    assert merged(body) == body


def test_copies_that_users_wrote_stay() -> None:
    assert merged("z = x\nw = z\nreturn w") == "z = x\nw = z\nreturn w"


def test_temporaries_join_what_they_are_copied_to_or_from() -> None:
    assert merged("t = x * y\nz = t\nreturn z") == "z = x * y\nreturn z"
    assert merged("t = x\nz = t * t\nreturn z") == "z = x * x\nreturn z"
    assert merged("t = x * y\nt_2 = t\nreturn t_2") == "t = x * y\nreturn t"


def test_a_temporary_is_no_road_between_two_names() -> None:
    assert merged("t = x * 2\nz = t\nw = t\nreturn z, w") == "z = x * 2\nw = z\nreturn (z, w)"


def test_a_temporary_outlives_what_it_was_copied_from() -> None:
    body = "z = x\nfor i in range(n):\n    t = z\n    z = z * 2\n    w = z + t\nreturn w"
    assert merged(body) == body


def test_temporaries_do_not_share_names() -> None:
    assert merged("t = x * 2\nz = t + 1\nt_2 = y * 2\nw = t_2 + z\nreturn w") == (
        "t = x * 2\nz = t + 1\nt_2 = y * 2\nw = t_2 + z\nreturn w"
    )


def test_new_names_collide_with_nothing() -> None:
    # Two versions of z that live together, where `z_2` means an object of the namespace.
    text = "def f(x):\n    z_5 = x\n    z_7 = z_5 + 1\n    w = z_5 + z_7 + z_2\n    return w"
    unit = unit_of(text, {"z_2": 10.0})
    assert tree.text(copies(unit).tree.body) == "z = x\nz_3 = z + 1\nw = z + z_3 + z_2\nreturn w"


def test_a_plain_name_that_means_something_else() -> None:
    unit = unit_of("def f(x):\n    z_2 = x\n    return z_2 + z", {"z": 1.0})
    assert outcome(copies(unit), {"x": 1.0}) == outcome(unit, {"x": 1.0})


def test_names_that_inner_functions_read_are_not_reused() -> None:
    body = "z = x + 1\ng = lambda: z\nz_2 = y * 2\nw = g() + z_2\nreturn w"
    assert merged(body) == body


def test_inner_scopes_are_not_captured() -> None:
    for body in (
        # Printed as `z`, `t` would be hidden by the comprehension's own z; and so for x.
        "t = x + 1\nz = t\nq = [t * z for z in (1, 2)]\nreturn q, z",
        "t = x\nq = [t * x for x in (1, 2)]\nreturn q",
        "t = x\ng = lambda x: t * x\nreturn g(2)",
    ):
        unit = unit_of("def f(x):\n    " + body.replace("\n", "\n    "))
        assert outcome(copies(unit), {"x": 3.0}) == outcome(unit, {"x": 3.0})


def test_what_an_inner_scope_reads_when_it_is_made() -> None:
    for body in (
        "z_5 = [x, 1]\nz_7 = [z_5 * 2 for z_5 in z_5]\nreturn z_7",
        "z_5 = x + 1\nz_7 = x\ng = lambda v, z_7=z_5: v + z_7\nz_8 = g(1) + z_7\nreturn z_8",
        "z_5 = x + 1\ndef g(v, z=z_5):\n    return v + z\nz_7 = g(1)\nreturn z_7",
    ):
        unit = unit_of("def f(x):\n    " + body.replace("\n", "\n    "))
        assert outcome(copies(unit), {"x": 3.0}) == outcome(unit, {"x": 3.0})


def test_statements_kept_whole() -> None:
    body = (
        "z = x\nz_2 = z\ntry:\n    z_2 = x / y\nexcept ZeroDivisionError:\n    pass\n"
        "z_3 = z_2 + z_2\nreturn z_3"
    )
    assert merged(body) == (
        "z = x\ntry:\n    z = x / y\nexcept ZeroDivisionError:\n    pass\nz = z + z\nreturn z"
    )


def test_names_spelled_as_strings_are_left_alone() -> None:
    body = "z = x\ndef z_2(v):\n    return v + z\nz_3 = z_2(y)\nreturn z_3"
    assert "def z_2(v)" in merged(body)


def test_with() -> None:
    body = "with np.errstate(all='ignore'):\n    z = x / y\n    z_2 = z + 1\nreturn z_2"
    assert merged(body) == (
        "with np.errstate(all='ignore'):\n    z = x / y\n    z = z + 1\nreturn z"
    )


def test_bases_name_what_is_printed() -> None:
    unit = unit_of("def f(x):\n    t = x * 2\n    z_4 = t\n    t_2 = z_4 + 1\n    return t_2")
    assert dict(copies(unit).bases) == {"x": "x", "z": "z", "t_2": ""}


def test_nothing_to_do_gives_the_same_unit() -> None:
    unit = unit_of("def f(x):\n    y = x + 1\n    return y")
    assert copies(unit) is unit


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_do_the_same(seed: int) -> None:
    unit = program(seed, 20, temporaries=seed % 2 == 0)
    one, two = Log(), Log()
    before = outcome(unit, arguments(seed), **one.objects())
    short = copies(dead(unit))
    after = outcome(short, arguments(seed), **two.objects())
    assert (before, one.lines) == (after, two.lines)


def test_few_copies_between_versions_are_left() -> None:
    def count(text: str) -> int:
        return len(re.findall(r"^ *([a-z]+)(?:_\d+)? = \1(?:_\d+)?$", text, re.MULTILINE))

    units = [program(seed, 20) for seed in range(20)]
    before = sum(count(tree.text(unit.tree)) for unit in units)
    after = sum(count(tree.text(copies(unit).tree)) for unit in units)
    assert after < 0.05 * before
