"""What a program says to its derivative, and what that means where there is none."""

from __future__ import annotations

import sys
from types import FrameType, TracebackType
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


def noted(x: Any) -> Any:
    """What a program notes of `x` in a list outside of it, which it does not read.

    >>> noted(3.0)
    3.0
    """
    return copied(x)


class insert_grad_of:
    """Code for the reverse sweep: `with insert_grad_of(x) as x_bar:` runs its block on the adjoint of `x` there.

    The block may scale it, clip it, print it, record it; `x_bar *= 0.5` and `x_bar = np.clip(x_bar, -1, 1)` both
    change the adjoint that the sweep goes on with. It may read other variables of the function, which hold what they
    held here. The function itself and forward mode leave the block out. The block is a sequence of assignments, calls
    and `if`s.

    Args:
        x: a variable of the function, a part of one (`x[1:3]`) or an attribute (`net.w`).

    >>> import tangent_sct
    >>> def f(x):
    ...     y = x * x
    ...     with tangent_sct.insert_grad_of(y) as y_bar:
    ...         y_bar = min(y_bar, 1.0)
    ...     return 5.0 * y
    >>> f(3.0), tangent_sct.grad(f)(3.0)
    (45.0, 6.0)
    """

    def __init__(self, x: Any, *inserted: Any) -> None:
        self._before: tuple[FrameType, Any, Any, bool] | None = None

    def __enter__(self) -> None:
        # Python has no way to leave a block out, but to trace the frame and to raise before its first step.
        frame = sys._getframe(1)
        self._before = frame, sys.gettrace(), frame.f_trace, frame.f_trace_opcodes
        frame.f_trace, frame.f_trace_opcodes = _skip, True
        sys.settrace(sys.gettrace() or (lambda frame, event, argument: None))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        assert self._before is not None
        frame, tracer, local, opcodes = self._before
        frame.f_trace, frame.f_trace_opcodes = local, opcodes
        sys.settrace(tracer)
        return kind is _Skipped


class _Skipped(BaseException):
    """The block is left before it has begun."""


def _skip(frame: FrameType, event: str, argument: Any) -> Any:
    raise _Skipped
