"""`namespace`: one name for each object of the generated text, the user's own where it is free."""

import math
import operator
import types

import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.namespace import MISSING, Namespace, meaning


def source(**objects: object) -> Source:
    return Source("", "file.py", 1, 0, "f", source, objects, {})


def first(x):
    return x


def test_the_users_spelling_is_kept() -> None:
    space = Namespace(Names())
    here = source(np=np, k=3)
    assert (space.use(here, "np"), space.use(here, "k")) == ("np", "k")
    assert space.objects == {"np": np, "k": 3}


def test_two_objects_of_one_name_get_two_names() -> None:
    space = Namespace(Names())
    assert space.use(source(k=3), "k") == "k"
    assert space.use(source(k=4), "k") == "k_2"
    assert space.objects == {"k": 3, "k_2": 4}


def test_one_module_of_two_names_gets_one() -> None:
    space = Namespace(Names())
    assert space.use(source(np=np), "np") == "np"
    assert space.use(source(numpy=np), "numpy") == "np"
    assert space.use(source(f=first), "f") == space.use(source(g=first), "g") == "f"


def test_equal_constants_keep_their_own_names() -> None:
    space = Namespace(Names())
    here = source(a=1.5, b=1.5)
    assert (space.use(here, "a"), space.use(here, "b")) == ("a", "b")


def test_locals_take_precedence() -> None:
    space = Namespace(Names({"np"}))
    assert space.name_for("np", np) == "np_2"


def test_uses_are_noted_once_and_unbound_names_are_an_error() -> None:
    space = Namespace(Names())
    here = source(k=3)
    space.use(here, "k")
    space.use(here, "k")
    assert space.uses == [(here, "k", 3)]
    assert space.use(here, "len") == "len"
    with pytest.raises(KeyError):
        space.use(here, "unbound")


def test_functions_of_one_text_share_objects_but_not_locals() -> None:
    space = Namespace(Names())
    space.name_for("np", np)
    names = Names()
    beside = space.beside(names)
    assert names.fresh("np") == "np_2", "a local does not take the name of an object"
    assert beside.name_for("np", np) == "np"
    names.reserve(["k"])
    assert space.name_for("k", 3) == "k" and beside.name_for("k", 3) == "k_2"
    assert space.objects == {"np": np, "k": 3} and beside.objects == {"np": np, "k_2": 3}
    assert space.everywhere is beside.everywhere == {"np": np, "k": 3, "k_2": 3}
    assert space.uses is beside.uses
    beside.bind(["np"])
    assert "np" not in beside.objects and beside.name_for("np", np) == "np_3", "a variable means no object"
    with pytest.raises(AssertionError, match="`k` means two objects"):
        beside.meet({"k": 4})


def test_dotted() -> None:
    space = Namespace(Names({"np"}))
    assert tree.text(space.dotted("np.linalg.solve", np)) == "np_2.linalg.solve"


class Model:
    rate = 2.0

    def step(self):
        return self.rate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("np.linalg.solve", np.linalg.solve), ("math.pi", math.pi), ("f", first),
        ("Model.step", Model.step), ("np.add.at", np.add.at), ("unknown", MISSING),
        ("unknown.attribute", MISSING), ("np.no_such_thing", MISSING), ("model.rate", MISSING),
        ("f(x)", MISSING), ("np[0]", MISSING),
    ],
)  # fmt: skip
def test_meaning(text: str, expected: object) -> None:
    objects = {"np": np, "math": math, "f": first, "Model": Model, "model": Model()}
    found = meaning(tree.expression(text), objects)
    assert found is expected or (
        isinstance(expected, types.BuiltinMethodType) and found == expected
    )


def test_the_meaning_of_a_method_is_bound() -> None:
    model = Model()
    found = meaning(tree.expression("model.step"), {"model": model})
    assert found.__self__ is model and operator.eq(found(), 2.0)
