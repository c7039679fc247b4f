import pytest

from tangent_sct.analysis.flow import Graph, Numbering, flow, solve
from tangent_sct.core import tree


def graph_of(text: str) -> Graph:
    return flow(tree.statements(text))


def lines(graph: Graph) -> dict[str, list[str]]:
    """The arrows between points, named by role and what they bind or read."""

    def name(number: int) -> str:
        point = graph.points[number]
        return " ".join([point.role, *(point.writes or point.reads)])

    return {
        name(number): [name(other) for other in following]
        for number, following in enumerate(graph.successors)
    }


def test_branches_meet_again() -> None:
    assert lines(graph_of("if c:\n    a = 1\nelse:\n    b = 2\nd = 3")) == {
        "entry": ["test c"],
        "test c": ["simple a", "simple b"],
        "simple a": ["simple d"],
        "simple b": ["simple d"],
        "simple d": ["exit"],
        "exit": [],
    }


def test_a_for_loop_reads_its_iterable_once() -> None:
    assert lines(graph_of("for i in xs:\n    a = i\nb = 1")) == {
        "entry": ["iterable xs"],
        "iterable xs": ["test"],
        "test": ["target i", "simple b"],
        "target i": ["simple a"],
        "simple a": ["test"],
        "simple b": ["exit"],
        "exit": [],
    }


def test_break_at_the_end_of_a_loop_leaves_it() -> None:
    arrows = lines(graph_of("while a:\n    b = 1\n    if flag:\n        break\nc = 2"))
    assert arrows["test flag"] == ["simple", "test a"]
    assert arrows["simple"] == ["simple c"]


def test_a_loop_without_end_is_left_by_break_alone() -> None:
    arrows = lines(graph_of("while True:\n    a = 1\n    if flag:\n        break\nc = 2"))
    assert arrows["test"] == ["simple a"]


def test_continue_and_return_and_else() -> None:
    arrows = lines(
        graph_of("for i in xs:\n    if a:\n        continue\n    return b\nelse:\n    c = 1")
    )
    assert arrows["simple"] == ["test"]
    assert arrows["simple b"] == ["exit"]
    assert arrows["test"] == ["target i", "simple c"]


def test_with_may_be_left_from_every_point_inside() -> None:
    arrows = lines(graph_of("with m as k:\n    a = 1\n    b = 2\nc = 3"))
    assert arrows["enter k"] == ["simple a", "leave"]
    assert arrows["simple a"] == ["simple b", "leave"]


def test_statements_kept_whole_may_write() -> None:
    graph = graph_of("try:\n    a = b\nexcept E as e:\n    return a\nc = 1")
    point = graph.points[1]
    assert (point.role, set(point.writes), point.certain) == ("opaque", {"a", "e"}, False)
    assert {"b", "E", "a"} <= set(point.reads)
    assert graph.exit in graph.successors[1]


def test_reads_and_writes_of_statements() -> None:
    def of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        point = graph_of(text).points[1]
        return point.reads, point.writes

    assert of("a[i] = b") == (("a", "i", "b"), ())
    assert of("a += b") == (("a", "b"), ("a",))
    assert of("a, *b = c") == (("c",), ("a", "b"))
    assert of("del a") == (("a",), ("a",))
    assert of("a = [k * b for k in c]") == (("c", "b"), ("a",))
    assert of("a = [k for k in k]") == (("k",), ("a",))
    assert of("a = lambda b, c=d: b + e") == (("d", "e"), ("a",))
    assert of("def g(a, b=c):\n    return a") == (("c",), ("g",))
    assert of("a = (b := c) + f(x, key=d)") == (("c", "f", "x", "d"), ("a", "b"))
    assert of("import os.path as p") == ((), ("p",))
    assert of("def g(a):\n    return a + b") == (("b",), ("g",))


def test_captured_names() -> None:
    text = "g = lambda a: a + b\nh = [c for k in d]\nm = sum(e for k in l)\ndef n():\n    return o"
    assert graph_of(text).captured == {"b", "e", "l", "o"}


def test_reverse_post_order_puts_a_point_before_its_successors_save_back_arrows() -> None:
    graph = graph_of("while a:\n    if b:\n        c = 1\n    else:\n        d = 1\ne = 1")
    place = {point: i for i, point in enumerate(graph.order)}
    backwards = [
        (p, s) for p, after in enumerate(graph.successors) for s in after if place[s] <= place[p]
    ]
    header = graph.successors[0][0]
    assert {s for _, s in backwards} == {header}
    assert sorted(graph.order) == list(range(len(graph.points)))


def definitely_assigned(text: str, name: str) -> bool:
    graph = graph_of(text)
    numbering = Numbering(n for p in graph.points for n in p.writes)
    gen = [numbering.bits(p.writes) if p.certain else 0 for p in graph.points]
    nothing = [0] * len(gen)
    facts = solve(graph, gen, nothing, must=True, universe=numbering.universe)
    return bool(facts.before[graph.exit] & numbering.bits([name]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1", True),
        ("if c:\n    a = 1", False),
        ("if c:\n    a = 1\nelse:\n    a = 2", True),
        ("for i in xs:\n    a = 1", False),
        ("while True:\n    a = 1\n    if c:\n        break", True),
        ("if c:\n    raise E\nelse:\n    a = 1", False),
        ("try:\n    a = 1\nexcept E:\n    pass", False),
    ],
)
def test_forward_must(text: str, expected: bool) -> None:
    # A raise leads to the exit, where nothing more is assigned than before it.
    assert definitely_assigned(text, "a") is expected


def test_forward_may_goes_round_loops() -> None:
    graph = graph_of("while c:\n    a = 1\n    b = 2")
    facts = solve(graph, [0, 0, 1, 2, 0], [0, 0, 0, 1, 0])
    assert facts.before[1] == 2
    assert facts.after[2] == 3
