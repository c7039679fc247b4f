"""What a program says to its derivative, and what that means where there is none."""

from __future__ import annotations

from typing import Any

from tangent_sct.runtime.checks import copied


def stop_gradient(x: Any) -> Any:
    """The value of `x`, for which the derivative is zero, in both modes and to every order.

    Args:
        x: a number, an array, or a tuple, list, dict or object of these.

    Returns:
        The same number, or a copy: what is written into it later does not reach `x`.

    >>> import tangent_sct
    >>> tangent_sct.grad(lambda x: x * tangent_sct.stop_gradient(x))(3.0)
    3.0
    """
    return copied(x)
