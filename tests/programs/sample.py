"""How a program of this folder says where it is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sample:
    """A program, and a point at which it is differentiated.

    Attributes:
        function: the program, or the function that uses it as its author would.
        args: the point.
        wrt: the names of the differentiated parameters.
        smooth: whether the second derivative is checked too.
        refused: why it is refused for now; empty where it is not.
        refused_twice: why its second derivative is refused for now.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: tuple[str, ...]
    smooth: bool = True
    refused: str = ""
    refused_twice: str = ""


def sample(
    function: Callable[..., Any],
    *args: Any,
    wrt: str,
    smooth: bool = True,
    refused: str = "",
    refused_twice: str = "",
) -> Sample:
    """A sample; `wrt` holds the names of the parameters, with spaces between."""
    return Sample(function, args, tuple(wrt.split()), smooth, refused, refused_twice)
