"""Seeds as generated code takes them: floats, in the precision of what they belong to.

An array of integers as a seed would make integers of all that is stored into what becomes of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.objects import fields_of, with_fields


def floating(seed: Any) -> Any:
    """A seed with floats in the place of integers and truth values.

    Args:
        seed: the seed of a vector-Jacobian product.

    >>> floating({"a": 1, "b": [np.array([1, 2]), 0.5]})
    {'a': 1.0, 'b': [array([1., 2.]), 0.5]}
    """
    if isinstance(seed, (bool, int, np.integer, np.bool_)):
        return float(seed)
    if isinstance(seed, np.ndarray):
        return seed.astype(float) if seed.dtype.kind in "biu" else seed
    if isinstance(seed, (tuple, list)):
        items = [floating(item) for item in seed]
        return type(seed)(*items) if hasattr(seed, "_fields") else type(seed)(items)
    if isinstance(seed, dict):
        return {key: floating(item) for key, item in seed.items()}
    fields = fields_of(seed)
    return seed if fields is None else with_fields(seed, floating(fields))


def tangent_like(tangent: Any, argument: Any) -> Any:
    """A tangent in the type and the precision of its argument; what does not fit stays, and is refused later.

    Args:
        tangent: the tangent of an argument.
        argument: the argument, or a part of one.

    >>> tangent_like([1, 2], np.zeros(2, "float32"))
    array([1., 2.], dtype=float32)
    >>> tangent_like((1, None), (2.0, "name"))
    (1.0, None)
    """
    fields, parts = fields_of(argument), fields_of(tangent)
    if fields is not None:
        if parts is None or parts.keys() != fields.keys():
            return tangent
        return with_fields(tangent, {key: tangent_like(parts[key], fields[key]) for key in fields})
    if isinstance(argument, dict):
        if not isinstance(tangent, dict) or tangent.keys() != argument.keys():
            return tangent
        return {key: tangent_like(tangent[key], item) for key, item in argument.items()}
    if isinstance(argument, (tuple, list)):
        if not isinstance(tangent, (tuple, list)) or len(tangent) != len(argument):
            return tangent
        items = [tangent_like(t, a) for t, a in zip(tangent, argument, strict=True)]
        return type(tangent)(*items) if hasattr(tangent, "_fields") else type(tangent)(items)
    return _like_numbers(tangent, argument)


def _like_numbers(tangent: Any, argument: Any) -> Any:
    """A tangent in the type of a number or an array."""
    if tangent is None or isinstance(argument, (bool, int, str)):
        return tangent
    if np.iscomplexobj(tangent) != np.iscomplexobj(argument) or np.shape(tangent) != np.shape(argument):
        return tangent
    if isinstance(argument, np.ndarray) and argument.dtype.kind in "fc":
        # In the same memory layout it is reshaped as the argument is.
        by_columns = argument.flags.f_contiguous and not argument.flags.c_contiguous
        return np.asarray(tangent, argument.dtype, order="F" if by_columns else None)
    if isinstance(argument, np.inexact):
        return argument.dtype.type(tangent)
    if isinstance(argument, (float, complex)):
        return type(argument)(tangent)
    return tangent


def check_tangent(name: str, tangent: Any, value: Any) -> None:
    fields = fields_of(value)
    if fields is not None:
        parts = fields_of(tangent)
        if parts is None or parts.keys() != fields.keys():
            raise ValueError(f"the tangent of `{name}` must be an object with the attributes {list(fields)}")
        for key, part in parts.items():
            check_tangent(f"{name}.{key}", part, fields[key])
    elif isinstance(value, dict):
        if not isinstance(tangent, dict) or tangent.keys() != value.keys():
            raise ValueError(f"the tangent of `{name}` must be a dict with the keys {list(value)}")
        for key in value:
            check_tangent(f"{name}[{key!r}]", tangent[key], value[key])
    elif isinstance(value, (tuple, list)):
        if not isinstance(tangent, (tuple, list)) or len(tangent) != len(value):
            raise ValueError(f"the tangent of `{name}` must be a sequence of {len(value)} tangents")
        for number, (part, item) in enumerate(zip(tangent, value, strict=True)):
            check_tangent(f"{name}[{number}]", part, item)
    elif tangent is not None and np.shape(tangent) != np.shape(value):
        raise ValueError(
            f"the tangent of `{name}` has shape {np.shape(tangent)}, `{name}` has shape "
            f"{np.shape(value)}"
        )
    elif tangent is not None and np.iscomplexobj(tangent) != np.iscomplexobj(value):
        what, other = ("complex", "real") if np.iscomplexobj(tangent) else ("real", "complex")
        raise ValueError(
            f"the tangent of `{name}` is {what}, `{name}` is {other}; pass a tangent of the same kind of numbers"
        )
