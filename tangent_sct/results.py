"""Results as callers get them: adjoints in the types of their arguments, sharing memory with nothing else."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy import ndarray

from tangent_sct.runtime import DerivativeError
from tangent_sct.runtime.objects import fields_of, with_fields


def refuse_complex_tangent(value: Any, tangent: Any) -> None:
    """Refuse the complex tangent of a real value: somewhere complex numbers were not expected.

    Raises:
        DerivativeError: for a number or an array; what containers hold is as it was derived.
    """
    if _is_complex(tangent) and not _is_complex(value) and not isinstance(value, (tuple, list, dict)):
        raise _unexpected("the tangent of a real result")


def _is_complex(x: Any) -> bool:
    return x.dtype.kind == "c" if isinstance(x, (ndarray, np.generic)) else isinstance(x, complex)


def _unexpected(what: str) -> DerivativeError:
    return DerivativeError(
        f"{what} came out complex: the function computes with complex numbers that could not be foreseen; "
        "make them where they can be seen, by `+ 0j` or dtype=complex"
    )


Path: TypeAlias = "str | tuple[Path, object]"
"""The name of an argument; for a part of one, the path of what it is a part of, and its key."""


def like_argument(adjoint: Any, argument: Any, path: Path, taken: set[int]) -> Any:
    """An adjoint in the type of its argument; copied where somebody else holds the same array.

    Args:
        adjoint: what the generated function has returned.
        argument: the argument, or the part of one, that it belongs to.
        path: how errors name it.
        taken: identities of what somebody else holds.
    """
    if type(argument) is ndarray and type(adjoint) is ndarray:
        if adjoint.shape == argument.shape:
            if adjoint.dtype != argument.dtype:
                if adjoint.dtype.kind == "c" and argument.dtype.kind != "c":
                    raise _unexpected(f"the derivative with respect to `{_written(path)}`, which is real,")
                return adjoint.astype(argument.dtype)
            if adjoint.base is not None or id(adjoint) in taken:
                return adjoint.copy()
            taken.add(id(adjoint))
            return adjoint
    elif type(argument) is float and isinstance(adjoint, float):
        return float(adjoint)
    elif isinstance(argument, dict):
        return {
            key: like_argument(adjoint[key], value, (path, key), taken)
            for key, value in argument.items()
        }
    elif isinstance(argument, (tuple, list)):
        items = [
            like_argument(a, v, (path, i), taken)
            for i, (a, v) in enumerate(zip(adjoint, argument, strict=True))
        ]
        return type(argument)(*items) if hasattr(argument, "_fields") else type(argument)(items)
    fields = fields_of(argument)
    if fields is not None:
        parts = fields_of(adjoint) or {}
        return with_fields(
            argument,
            {key: like_argument(parts[key], value, (path, key), taken) for key, value in fields.items()},
        )
    if adjoint is None:
        return None
    if np.shape(adjoint) != np.shape(argument):
        raise DerivativeError(
            f"the derivative with respect to `{_written(path)}` came out with shape "
            f"{np.shape(adjoint)} for an argument of shape {np.shape(argument)}; this is a defect "
            "of tangent_sct, please report it"
        )
    if _is_complex(adjoint) and not _is_complex(argument):
        raise _unexpected(f"the derivative with respect to `{_written(path)}`, which is real,")
    if isinstance(argument, np.ndarray):
        return np.array(adjoint, dtype=argument.dtype)
    if isinstance(argument, np.generic):
        return argument.dtype.type(adjoint)
    return complex(adjoint) if isinstance(argument, complex) else float(adjoint)


def _written(path: Path) -> str:
    """A path as a user would write it."""
    if isinstance(path, str):
        return path
    whole, key = path
    return f"{_written(whole)}[{key!r}]"
