"""Steps: the text after each pass, and what the pass changed."""

from tangent_sct.emit.diff import difference, steps_of


def test_steps():
    old, new = "a = 1\nb = 2", "a = 1\nb = 3"
    steps = steps_of([("source", old), ("fold", new), ("dead", new)])
    assert [step.name for step in steps] == ["source", "fold", "dead"]
    assert steps[0].diff == steps[2].diff == ""
    assert steps[1].diff == "--- source\n+++ fold\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n"
    assert str(steps[1]) == steps[1].diff and str(steps[0]) == "a = 1\nb = 2"


def test_no_difference():
    assert difference("a\n", "a") == ""
