"""The words of the template language that stand inside a template.

Templates are read, never run; the objects here exist so that a template is an ordinary module
that imports what it mentions. The reader knows a word by its object, so it may be imported under
any name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn


def _refuse(word: str) -> NoReturn:
    raise RuntimeError(
        f"`{word}` belongs in a template (@partials, @rule, @linear), which is read and never run"
    )


class Derivatives:
    """`d[x]`: the tangent of `x` in `tangent()`, its adjoint in `adjoint()`."""

    def __getitem__(self, primal: Any) -> Any:
        _refuse("d")

    def __setitem__(self, primal: Any, value: Any) -> None:
        _refuse("d")

    def __repr__(self) -> str:
        return "d"


d = Derivatives()


def each(arguments: Iterable[Any]) -> Iterable[Any]:
    """The elements of a display argument or of `*args`: `for a in each(arrays):` is unrolled.

    Args:
        arguments: a parameter of the template, bound to `(a, b)`, to `[a, b]` or to `*args`.

    Raises:
        RuntimeError: when run; it is read only.
    """
    _refuse("each")


def ndim(x: Any) -> int:
    """The rank of an argument, in the test of a static `if`.

    Args:
        x: a parameter or a result of the template.

    Raises:
        RuntimeError: when run; it is read only.
    """
    _refuse("ndim")


def isscalar(x: Any) -> bool:
    """Whether an argument is a number and not an array, in the test of a static `if`.

    Args:
        x: a parameter or a result of the template.

    Raises:
        RuntimeError: when run; it is read only.
    """
    _refuse("isscalar")


def iscontainer(x: Any) -> bool:
    """Whether an argument is a tuple, a list or a dict, in the test of a static `if`.

    Args:
        x: a parameter or a result of the template.

    Raises:
        RuntimeError: when run; it is read only.
    """
    _refuse("iscontainer")


def iscomplex(x: Any) -> bool:
    """Whether an argument holds complex numbers, in the test of a static `if`; its `else` is for real ones.

    Args:
        x: a parameter or a result of the template.

    Raises:
        RuntimeError: when run; it is read only.
    """
    _refuse("iscomplex")


def isactive(x: Any) -> bool:
    """Whether the derivative of a result, in `adjoint`, or of an argument, in `tangent`, is not zero.

    Stands in the test of a static `if`, for rules that hold only for some of several results together.

    Args:
        x: a result of the template in `adjoint`, a parameter in `tangent`.

    Raises:
        RuntimeError: when run; it is read only.
    """
    _refuse("isactive")


def dense(derivative: Any) -> Any:
    """`dense(d[a])` is `d[a]`, or zeros with the shape of `a` where `a` is not differentiated.

    For places in which a zero may not vanish:
    `np.concatenate([dense(d[a]) for a in each(arrays)])`.

    Args:
        derivative: `d[a]`, with `a` a parameter or an element of one.

    Raises:
        RuntimeError: when run; it is read only.
    """
    _refuse("dense")


WORDS: dict[int, str] = {
    id(d): "d",
    id(each): "each",
    id(ndim): "ndim",
    id(isscalar): "isscalar",
    id(iscontainer): "iscontainer",
    id(iscomplex): "iscomplex",
    id(isactive): "isactive",
    id(dense): "dense",
}
"""The words, found by the identity of their objects."""
