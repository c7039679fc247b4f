"""The derivative as an object: types of results, caches, pickles, texts, saved modules, what it leaves alone."""

from __future__ import annotations

import enum
import functools
import inspect
import itertools
import math
import pickle
import subprocess
import sys
from collections import Counter, defaultdict, namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, hessian, jacobian, jvp, value_and_grad, vjp
from tangent_sct.testing import check_derivative

SCALE = 2.0
Point = namedtuple("Point", ["x", "y"])


def square(x, k=2.0):
    """A parabola."""
    return k * x * x


@grad
def cubed(x):
    """Three times the square."""
    return x**3


@grad(wrt="y")
def by_name(x, y):
    return x * y**2


def norm2(x):
    return np.sum(x * x)


def global_scale(x):
    return SCALE * x


def helper(x):
    return x * x


def with_helper(x):
    return helper(x) * 2.0


def writes(u, n):
    for _ in range(n):
        u[1:] += u[:-1] * u[1:]
    return np.sum(u), u


# -- results have the types of arguments ----------------------------------------------------------


@pytest.mark.parametrize("x", [3.0, np.float64(3.0), np.float32(3.0), np.float16(3.0)], ids=repr)
def test_numbers_give_numbers_of_the_same_type(x: Any) -> None:
    found = grad(square)(x)
    assert type(found) is type(x) and found == 12.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,), (2, 0)])
def test_arrays_give_arrays_of_the_same_shape_and_dtype(dtype: type, shape: tuple[int, ...]) -> None:
    x = np.full(shape, 3.0, dtype)
    for found in (grad(norm2)(x), value_and_grad(norm2)(x)[1], vjp(norm2)(x, seed=1.0)[1]):
        assert type(found) is np.ndarray and found.shape == shape and found.dtype == dtype
        assert np.all(found == 6.0)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([2.0, 3.0], [3.0, 2.0]),
        ((2.0, 3.0), (3.0, 2.0)),
        (Point(2.0, 3.0), Point(3.0, 2.0)),
    ],
    ids=["list", "tuple", "named tuple"],
)
def test_sequences_give_sequences(p: Any, expected: Any) -> None:
    found = grad(lambda p: p[0] * p[1])(p)
    assert type(found) is type(p) and found == expected


def test_dicts_give_dicts_with_none_for_what_has_no_derivative() -> None:
    p = {"w": np.ones(2), "b": 2.0, "n": 3, "name": "layer", "inner": {"c": [1.0]}}
    found = grad(lambda p: np.sum(p["w"]) * p["b"] * p["n"] * p["inner"]["c"][0])(p)
    assert list(found) == list(p)
    assert np.array_equal(found["w"], [6.0, 6.0]) and found["b"] == 6.0
    assert found["n"] is None and found["name"] is None and found["inner"] == {"c": [12.0]}


def test_wrt_gives_gradients_in_its_order() -> None:
    def f(x, y, z):
        return x * y**2 + z

    assert grad(f, wrt=1)(2.0, 3.0, 4.0) == grad(f, wrt="y")(2.0, 3.0, 4.0) == 12.0
    assert grad(f, wrt=("z", 0))(2.0, 3.0, 4.0) == (1.0, 9.0)
    assert grad(f, wrt=(0,))(2.0, 3.0, 4.0) == (9.0,)
    assert grad(f, wrt=-1)(2.0, 3.0, 4.0) == 1.0
    assert jvp(f, wrt=("z", "x"))(2.0, 3.0, 4.0, seed=(1.0, 10.0)) == (22.0, 91.0)


def test_what_a_function_does_not_use_has_a_zero_gradient() -> None:
    def f(x, y):
        return x * 2.0

    assert grad(f, wrt=(0, 1))(1.0, 2.0) == (2.0, 0.0)
    assert np.array_equal(grad(f, wrt=1)(1.0, np.ones(2)), np.zeros(2))
    assert jvp(f, wrt=1)(1.0, 2.0, seed=1.0) == (2.0, 0.0)


class Word(enum.StrEnum):
    LIST = "list"


class Other(enum.StrEnum):
    LIST = "list"


def powers(x, choice):
    if choice is Word.LIST:
        return x**2
    if choice is Other.LIST:
        return x**3
    if choice is True:
        return x**4
    return x


def counted(x, table):
    y = 0.0 * x
    for key, value in table.items():
        y = y + x * value * key
        if key is True:
            y = y * x
    return y


@pytest.mark.parametrize(
    ("function", "choices", "expected"),
    [
        (powers, (Word.LIST, "list", Other.LIST, True, 1), (4.0, 1.0, 12.0, 32.0, 1.0)),
        (powers, ("list", Other.LIST, Word.LIST, 1, True), (1.0, 12.0, 4.0, 1.0, 32.0)),
        (counted, ({1: 2.0}, {True: 2.0}, {1.0: 2.0}), (2.0, 8.0, 2.0)),
        (counted, ({True: 2.0}, {1: 2.0}), (8.0, 2.0)),
    ],
)
def test_values_that_are_equal_and_not_the_same_have_texts_of_their_own(
    function: Any, choices: Any, expected: Any
) -> None:
    """A member of an enumeration of strings got the derivative that was written for an equal string."""
    gradient = grad(function)
    assert tuple(gradient(2.0, choice) for choice in choices) == expected


class Joined(list):
    def __add__(self, other):
        return Joined([a + b for a, b in zip(self, other, strict=True)])


class Padded(NamedTuple):
    a: float
    b: float

    def __len__(self):
        return 5


def doubled(x, values):
    joined = values + values
    return x * x * joined[0] * (x if len(joined) == 2 else 1.0)


def looked_up(x, values):
    y = values["z"] + x * x
    return y * x if "z" in values else y


@pytest.mark.parametrize(
    ("function", "plain", "other"),
    [
        (doubled, [1.0, 2.0], Joined([1.0, 2.0])),
        (doubled, (1.0, 2.0), Padded(1.0, 2.0)),
        (looked_up, {"z": 1.0}, defaultdict(float)),
        (looked_up, {"z": 1.0}, Counter("z")),
    ],
)
def test_containers_that_compute_in_their_own_way_are_refused(function: Any, plain: Any, other: Any) -> None:
    """They were taken for what they hold: `len`, `in` and `+` were those of a list, a tuple or a dict."""
    gradient = grad(function)
    gradient(2.0, plain)
    with pytest.raises(TypeError, match=f"holds a {type(other).__name__}, whose class computes with its items"):
        gradient(2.0, other)


def test_an_object_may_hold_a_container_that_computes_in_its_own_way() -> None:
    body = SimpleNamespace(mass=3.0, calls=Counter(first=2))
    check_derivative(lambda x, body: x * x * body.mass, 2.0, body, wrt=0)


def test_a_named_tuple_with_a_length_of_its_own_is_not_made() -> None:
    def made(x):
        pair = Padded(x, 2.0 * x)
        return pair.a * len(pair)

    with pytest.raises(UnsupportedError, match="`Padded` gives the items of its named tuples in a way of its own"):
        grad(made)(2.0)


PADDED = Padded(1.0, 2.0)


def test_a_length_of_its_own_is_asked_of_the_object() -> None:
    def outside(x):
        return x * x if len(PADDED) == 2 else x * x * x

    check_derivative(outside, 2.0)


def test_defaults_that_change_between_calls() -> None:
    """The defaults were those that the function had when its derivative was made."""

    def scaled(x, k=2.0, *, w=3.0):
        return k * w * x * x

    gradient = grad(scaled)
    assert gradient(1.0) == 12.0
    scaled.__defaults__ = (5.0,)
    assert gradient(1.0) == 30.0
    scaled.__kwdefaults__["w"] = 1.0
    assert gradient(1.0) == 10.0


def test_defaults_and_keywords() -> None:
    def f(x, y=None, *, scale=2.0):
        return scale * x * (1.0 if y is None else y)

    assert grad(f)(1.0) == grad(f)(x=1.0) == 2.0
    assert grad(f)(1.0, y=3.0) == 6.0
    assert grad(f)(1.0, 3.0, scale=4.0) == 12.0
    assert grad(f, wrt=("scale", "x"))(3.0) == (3.0, 2.0)
    assert vjp(f)(1.0, scale=4.0, seed=10.0) == (4.0, 40.0)
    assert jvp(f)(1.0, y=2.0, seed=10.0) == (4.0, 40.0)


def test_star_arguments() -> None:
    def f(x, *rest, **options):
        return x * x * rest[0] * options["k"]

    assert grad(f)(2.0, 3.0, k=4.0) == 48.0


def test_has_aux() -> None:
    def f(x):
        y = x * x
        return np.sum(y), {"y": y}

    x = np.array([1.0, 2.0])
    gradient, extras = grad(f, has_aux=True)(x)
    assert np.array_equal(gradient, [2.0, 4.0]) and np.array_equal(extras["y"], [1.0, 4.0])
    (value, extras), gradient = value_and_grad(f, has_aux=True)(x)
    assert value == 5.0 and np.array_equal(extras["y"], [1.0, 4.0])
    assert np.array_equal(gradient, [2.0, 4.0])


def test_has_aux_of_an_array_that_is_written() -> None:
    def f(x):
        y = x * 1.0
        for i in range(1, len(x)):
            y[i] = y[i - 1] * x[i]
        return y[-1], y

    x = np.array([1.0, 2.0, 3.0])
    gradient, extras = grad(f, has_aux=True)(x)
    assert np.array_equal(gradient, [6.0, 3.0, 2.0])
    assert np.array_equal(extras, [1.0, 2.0, 6.0])


# -- what is the caller's stays -------------------------------------------------------------------


def test_arguments_and_seeds_are_never_written() -> None:
    u = np.linspace(0.5, 1.0, 4)
    w = np.linspace(1.0, 2.0, 4)
    before, weights = u.copy(), w.copy()
    seed = (1.0, w)
    vjp(writes)(u, 3, seed=seed)
    jvp(writes)(u, 3, seed=w)
    grad(writes, has_aux=True)(u, 3)
    assert np.array_equal(u, before) and np.array_equal(w, weights)
    assert seed[1] is w


def test_results_share_no_memory_with_anything() -> None:
    x, w = np.ones(3), np.array([1.0, 2.0, 3.0])
    _, adjoint = vjp(lambda x: x)(x, seed=w)
    assert np.array_equal(adjoint, w) and not np.shares_memory(adjoint, w)
    _, (left, right) = vjp(lambda x, y: x + y, wrt=(0, 1))(x, x, seed=w)
    assert not np.shares_memory(left, right) and not np.shares_memory(left, w)
    _, adjoint = vjp(lambda x: x[::-1])(x, seed=w)
    assert adjoint.flags.owndata


def test_adjoints_in_containers_share_no_memory_with_the_callers() -> None:
    def f(p, q):
        return p["w"] + p["u"] + q[0]

    w, seed = np.ones(3), np.array([1.0, 2.0, 3.0])
    _, (p_bar, q_bar) = vjp(f, wrt=(0, 1))({"w": w, "u": w}, [w], seed=seed)
    found = [p_bar["w"], p_bar["u"], q_bar[0], seed]
    assert all(np.array_equal(one, seed) for one in found)
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(found, 2))
    (first, second), adjoints = vjp(lambda x, y: (x, y), wrt=(0, 1))(w, 2.0, seed=(seed, 1.0))
    assert adjoints[0] is not seed and np.array_equal(adjoints[0], seed) and adjoints[1] == 1.0


def test_a_frozen_argument_will_do() -> None:
    u = np.linspace(0.5, 1.0, 4)
    u.flags.writeable = False
    gradient, _ = grad(writes, has_aux=True)(u, 2)
    assert gradient.flags.writeable


# -- caches ---------------------------------------------------------------------------------------


def test_asking_twice_gives_the_same_object() -> None:
    assert grad(square) is grad(square)
    assert vjp(square) is vjp(square) and vjp(square) is not jvp(square)
    assert grad(square) is not grad(square, wrt=1)
    assert grad(square, wrt=(0,)) is not grad(square)


def test_one_transformation_for_one_kind_of_argument() -> None:
    derivative = grad(norm2.__class__(norm2.__code__, globals(), "fresh"))
    derivative(np.ones(3))
    first = dict(derivative._known)
    derivative(np.ones(4))
    assert derivative._known == first
    derivative(np.ones((2, 2)))
    assert len(derivative._known) == len(first) + 1


def test_another_function_of_the_same_name_has_its_own() -> None:
    def make(power):
        def f(x):
            return x**power

        return f

    assert grad(make(2))(3.0) == 6.0
    assert grad(make(3))(3.0) == 27.0


def test_two_lambdas_on_a_line() -> None:
    assert [grad(f)(2.0) for f in (lambda x: x * x, lambda x: x**3)] == [4.0, 12.0]


def test_a_function_defined_anew(tmp_path: Path) -> None:
    first = grad(module_function(tmp_path, "first", "def f(x):\n    return x * x"))
    second = grad(module_function(tmp_path, "second", "def f(x):\n    return 5.0 * x"))
    assert (first(2.0), second(2.0), first(3.0)) == (4.0, 5.0, 6.0)


def module_function(folder: Path, name: str, text: str) -> Any:
    path = folder / f"{name}.py"
    path.write_text(text)
    scope: dict[str, Any] = {"__name__": name}
    exec(compile(text, str(path), "exec"), scope)
    return scope["f"]


def test_a_new_body_under_the_same_object(tmp_path: Path) -> None:
    f = module_function(tmp_path, "old", "def f(x):\n    return x * x")
    assert grad(f)(2.0) == 4.0
    f.__code__ = module_function(tmp_path, "new", "def f(x):\n    return x * x * x").__code__
    assert grad(f)(2.0) == 12.0


def test_a_global_changed_between_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    derivative = grad(global_scale)
    assert derivative(1.0) == 2.0
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert derivative(1.0) == 5.0 and "SCALE" in derivative.source_for(1.0)


def test_a_helper_defined_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    derivative = grad(with_helper)
    assert derivative(3.0) == 12.0
    monkeypatch.setitem(globals(), "helper", lambda x: x**3)
    assert derivative(3.0) == 54.0
    assert grad(with_helper)(3.0) == 54.0


def test_a_cell_changed_between_calls() -> None:
    factor = 2.0

    def f(x):
        return factor * x

    derivative = grad(f)
    assert derivative(1.0) == 2.0
    factor = 7.0
    assert derivative(1.0) == 7.0


# -- pickles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [grad, value_and_grad, vjp, jvp, jacobian, hessian, lambda f: grad(grad(f))]
)
def test_pickles_of_derivatives_of_module_functions(make: Any) -> None:
    derivative = make(square)
    copy = pickle.loads(pickle.dumps(derivative))
    assert repr(copy) == repr(derivative)
    options = {"seed": 1.0} if make in (vjp, jvp) else {}
    assert copy(3.0, **options) == derivative(3.0, **options)


def test_a_decorated_function_is_pickled_by_name() -> None:
    assert pickle.loads(pickle.dumps(cubed)) is cubed
    assert pickle.loads(pickle.dumps(by_name))(2.0, 3.0) == 12.0


# -- as a function --------------------------------------------------------------------------------


def test_decorated_functions_keep_name_doc_and_signature() -> None:
    assert (cubed.__name__, cubed.__doc__) == ("cubed", "Three times the square.")
    assert cubed.__wrapped__(2.0) == 8.0 and cubed(2.0) == 12.0
    assert str(inspect.signature(by_name)) == "(x, y)"
    assert str(inspect.signature(vjp(square))) == "(x, k=2.0, *, seed)"
    assert repr(cubed) == "<grad of cubed>"


class Spring:
    rate = 3.0

    def energy(self, x):
        return 0.5 * self.rate * x * x

    def __call__(self, x):
        return self.rate * x**3

    @grad(wrt="x")
    def force(self, x):
        return 0.5 * self.rate * x * x

    @staticmethod
    def doubled(x):
        return 2.0 * x

    @classmethod
    def rated(cls, x):
        return cls.rate * x


def test_methods_and_callable_objects() -> None:
    spring = Spring()
    assert grad(spring.energy)(2.0) == 6.0
    assert grad(Spring.energy, wrt="x")(spring, 2.0) == 6.0
    assert spring.force(2.0) == 6.0 and Spring.force(spring, 2.0) == 6.0
    assert grad(spring)(2.0) == 36.0
    assert grad(Spring.doubled)(1.0) == 2.0 and grad(spring.rated)(1.0) == 3.0
    spring.rate = 5.0
    assert grad(spring.energy)(2.0) == 10.0
    other = Spring()
    assert grad(other.energy)(2.0) == 6.0


def test_partial_functions() -> None:
    assert grad(functools.partial(square, k=3.0))(2.0) == 12.0
    assert grad(functools.partial(square, 3.0), wrt="k")(2.0) == 9.0


def test_decorated_functions() -> None:
    def tripled(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return 3.0 * function(*args, **kwargs)

        return wrapper

    assert grad(tripled(square))(2.0) == 24.0


# -- texts ----------------------------------------------------------------------------------------


def test_source_is_that_of_the_last_call_where_the_text_depends_on_kinds() -> None:
    def doubled(x: Any) -> Any:
        y = x
        y *= 2.0
        return np.sum(y)

    derivative = grad(doubled)
    with pytest.raises(UnsupportedError, match="depends on the kind of `y`"):
        print(derivative.source)
    x = np.ones(2)
    derivative(x)
    assert derivative.source == derivative.source_for(x)
    derivative(1.5)
    assert derivative.source == derivative.source_for(1.5) != derivative.source_for(x)


def test_source_and_source_for() -> None:
    general, special = grad(square).source, grad(square).source_for(3.0)
    assert general.startswith("def square_grad(x, k, square_bar=1.0):")
    assert "check_scalar" in general and "check" not in special
    assert grad(square).source_for(x=3.0, k=1.0) == special


def test_a_seed_may_be_left_out_of_an_example() -> None:
    x = np.ones(3)
    for make in (vjp, jvp):
        text = make(lambda x: x * x).source_for(x)
        assert text == make(lambda x: x * x).source_for(x, seed=x)
        assert "check_seed" not in text


def test_source_for_does_not_touch_its_example() -> None:
    u = np.ones(3)
    vjp(writes).source_for(u, 2)
    assert np.array_equal(u, np.ones(3))


def test_steps_tell_every_pass_that_changed_something() -> None:
    steps = grad(norm2).steps(np.ones(3))
    names = [step.name for step in steps]
    assert names[0] == "read" and "derive" in names
    assert all(step.diff for step in steps[1:]) and len(steps) > 3
    assert steps[-1].text.rstrip() == grad(norm2).source_for(np.ones(3)).rstrip()


def test_the_generated_function_has_a_source() -> None:
    derivative = grad(square)
    generated = derivative.generated(tuple(k for _, k in kinds_of(derivative, 3.0)))
    assert inspect.getsource(generated).rstrip() == derivative.source_for(3.0).rstrip()
    assert generated(3.0, 2.0, 10.0) == 120.0


def kinds_of(derivative: Any, *args: Any) -> Any:
    return derivative._example(args, {})


# -- saved modules --------------------------------------------------------------------------------

ALONE = """
import sys
class Closed:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tangent_sct", "gast", "astor"):
            raise ImportError(name)
sys.meta_path.insert(0, Closed())
sys.path.insert(0, sys.argv[1])
import numpy as np
import saved
"""


def run_alone(folder: Path, code: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", ALONE + code, str(folder)], capture_output=True, text=True, cwd=folder
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_saved_module_runs_with_numpy_alone(tmp_path: Path) -> None:
    u = np.linspace(0.5, 1.0, 4)
    grad(writes, has_aux=True).save(tmp_path / "saved.py", u, 3)
    text = run_alone(
        tmp_path, "print(saved.writes_grad(np.linspace(0.5, 1.0, 4), 3)[0].tolist())"
    )
    assert text.strip() == str(grad(writes, has_aux=True)(u, 3)[0].tolist())


def test_a_saved_module_carries_the_helpers_it_needs(tmp_path: Path) -> None:
    grad(norm2).save(tmp_path / "saved.py")
    text = (tmp_path / "saved.py").read_text()
    assert "import numpy as np" in text and "tangent_sct" not in text.split('"""')[-1]
    assert run_alone(tmp_path, "print(saved.norm2_grad(np.ones(2)))").strip() == "[2. 2.]"


def test_what_cannot_be_written_down_is_not_saved(tmp_path: Path) -> None:
    box = object()

    def f(x):
        return x * hash(box)

    with pytest.raises(UnsupportedError, match="box"):
        grad(f).save(tmp_path / "saved.py", 1.0)


# -- Jacobians and Hessians -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "shape"),
    [
        (lambda x: x[:2] * x[2], np.ones(3), (2, 3)),
        (lambda x: np.outer(x, x), np.ones(3), (3, 3, 3)),
        (lambda x: np.sum(x * x), np.ones((2, 3)), (2, 3)),
        (lambda x: x * np.ones(3), 2.0, (3,)),
        (lambda x: x * x, 2.0, ()),
        (lambda x: x * x, np.ones((0,)), (0, 0)),
    ],
    ids=["rows", "outer", "scalar result", "scalar argument", "scalars", "empty"],
)
def test_shapes_of_jacobians(f: Any, x: Any, shape: tuple[int, ...]) -> None:
    assert np.shape(jacobian(f)(x)) == shape


def test_jacobian_by_rows_and_by_columns_agree() -> None:
    a = np.arange(6.0).reshape(2, 3) + 1.0
    assert np.array_equal(jacobian(lambda x: a @ x)(np.ones(3)), a)
    assert np.array_equal(jacobian(lambda x: a.T @ x)(np.ones(2)), a.T)


def test_hessian() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = hessian(lambda x: np.sum(x**3))(x)
    assert found.shape == (2, 2, 2, 2)
    assert np.array_equal(found.reshape(4, 4), np.diag(6 * x.ravel()))
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert np.array_equal(hessian(lambda a, x: np.sum(a * x**2), wrt="x")(2.0, np.ones(2)), 4 * np.eye(2))


# -- derivatives of derivatives -------------------------------------------------------------------


def looped(x):
    y = x
    for _ in range(3):
        y = math.sin(y) * x
    return y


def branchy(x):
    y = x * x if x > 0.5 else math.exp(x)
    while y < 3.0:
        y = y * (1.0 + x)
    return y


def called(x):
    return cube(x) * looped(x)


def cube(x):
    return x * x * x


def stores(x):
    y = x * 1.0
    for i in range(1, len(x)):
        y[i] = y[i - 1] * x[i] * x[i]
    return np.sum(y * y)


def vectors(x):
    total = 0.0
    for i in range(3):
        if i % 2 == 0:
            total = total + np.sum(np.sin(x) * x) * total
        else:
            total = total + np.sum(x**3)
    return total


PROGRAMS = {
    "loop": (looped, 0.7),
    "branch": (branchy, 0.6),
    "call": (called, 0.8),
    "stores": (stores, np.array([0.5, 1.5, 0.8])),
    "vectors": (vectors, np.array([0.5, 1.5])),
}


def along(mode: Any, f: Any, direction: Any) -> Any:
    """A function with the derivative of `f` along a direction, by one of the modes, scalar again."""
    if mode is grad:
        gradient = grad(f)

        def directional(x):
            return np.sum(gradient(x) * direction)
    elif mode is jvp:
        push = jvp(f)

        def directional(x):
            return push(x, seed=direction)[1]
    else:
        pull = vjp(f)

        def directional(x):
            return np.sum(pull(x, seed=1.0)[1] * direction)

    return directional


MIXES = [
    (name, second, third)
    for name in PROGRAMS
    for second, third in itertools.product((grad, jvp), (grad, jvp, vjp))
    # All mixes where it matters most; the others take turns.
    if name in ("loop", "stores") or (second, third) in ((jvp, grad), (grad, vjp))
]


@pytest.mark.parametrize(
    ("name", "second", "third"), MIXES, ids=lambda item: getattr(item, "__name__", item)
)
def test_third_derivatives_in_all_mixes_of_modes(name: str, second: Any, third: Any) -> None:
    f, x = PROGRAMS[name]
    direction = 1.0 if isinstance(x, float) else np.linspace(1.0, 2.0, len(x))
    once = along(grad, f, direction)
    twice = along(second, once, direction)
    expected = difference(twice, x, direction)
    found = along(third, twice, direction)(x)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


def difference(f: Any, x: Any, direction: Any, step: float = 1e-5) -> float:
    return float(f(x + step * direction) - f(x - step * direction)) / (2 * step)


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_applied_to_derivatives(name: str) -> None:
    f, x = PROGRAMS[name]
    check_derivative(grad(grad(f)) if isinstance(x, float) else grad(f), x)


def test_products_of_products() -> None:
    assert jvp(jvp(square))(2.0, inner_seed=1.0, seed=1.0) == ((8.0, 8.0), (8.0, 4.0))
    assert vjp(vjp(square))(2.0, inner_seed=1.0, seed=(1.0, 1.0)) == ((8.0, 8.0), 12.0)
    assert jvp(grad(square))(2.0, seed=3.0) == (8.0, 12.0)


def drawn(x, seed=3):
    return x * x * np.random.default_rng(seed).random(2)


def test_a_parameter_may_be_called_seed() -> None:
    x, one = np.array([1.0, 2.0]), np.ones(2)
    draw = np.random.default_rng(5).random(2)
    np.testing.assert_allclose(vjp(drawn)(x, 5, seed=one)[1], 2.0 * x * draw)
    np.testing.assert_allclose(jvp(drawn)(x, 5, seed=one)[1], 2.0 * x * draw)
    np.testing.assert_allclose(jvp(drawn, ("x",))(x, inner_seed=5, seed=(one,))[1], 2.0 * x * draw)
    assert "copy" not in vjp(drawn).source_for(x)
    check_derivative(grad(lambda x, seed: np.sum(drawn(x, seed) ** 2)), x, 4)
