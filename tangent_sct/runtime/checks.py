"""What generated code checks while it runs, and copies of arguments to write into."""

from __future__ import annotations

import collections
import contextlib
import copy
import decimal
import fractions
import inspect
import numbers
import types
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from tangent_sct.runtime.arrays import check_container
from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.objects import computes_items, fields_of, with_fields


def copied(x: Any) -> Any:
    """A copy that can be written into without the original changing, containers included.

    >>> original = {"w": np.zeros(2)}
    >>> copy = copied(original)
    >>> copy["w"][0] = 1.0
    >>> original["w"].tolist()
    [0.0, 0.0]
    """
    if isinstance(x, np.ndarray):
        return _copied_array(x)
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*map(copied, x))
    if isinstance(x, (tuple, list)):
        return type(x)(map(copied, x))
    if type(x) is dict:
        return {key: copied(value) for key, value in x.items()}
    if isinstance(x, dict):
        # Of its own class, which may give what is not there.
        new = copy.copy(x)
        new.update((key, copied(value)) for key, value in x.items())
        return new
    fields = fields_of(x)
    return x if fields is None else with_fields(x, copied(fields))


def _copied_array(x: Any) -> Any:
    """A copy in the memory layout of the original: what reshapes one makes a view where it makes one of the other."""
    if x.flags.c_contiguous:
        return x.copy()
    if x.flags.f_contiguous or any(step % x.itemsize for step in x.strides) or _overlaps_itself(x):
        return x.copy(order="K")
    reach = [(size - 1) * step // x.itemsize for size, step in zip(x.shape, x.strides, strict=True)]
    before, after = (sum(r for r in reach if (r > 0) is ahead) for ahead in (False, True))
    memory = np.empty(after - before + 1, x.dtype)
    copy = np.lib.stride_tricks.as_strided(memory[-before:], x.shape, x.strides)
    copy[...] = x
    return copy


def _overlaps_itself(x: Any) -> bool:
    """Whether elements may share memory with one another, as those of `np.broadcast_to` do.

    >>> _overlaps_itself(np.broadcast_to(1.0, (2, 3))), _overlaps_itself(np.zeros((4, 6))[::2, ::-3])
    (True, False)
    """
    extent = 0
    for step, size in sorted((abs(step), size) for step, size in zip(x.strides, x.shape, strict=True) if size > 1):
        if step <= extent:
            return True
        extent += step * (size - 1)
    return False


def check_alike(view: Any, base: Any, view_tangent: Any, base_tangent: Any) -> None:
    """Refuse when an array is reshaped without a copy and its tangent is not, or the other way round.

    What is written into the one would then be seen in the other array alone.

    Raises:
        DerivativeError: when just one of the two pairs shares memory.

    >>> a, a_dot = np.zeros((2, 2)), np.ones((2, 2))
    >>> check_alike(a.reshape(4), a, a_dot.reshape(4), a_dot)
    """
    if view.size and np.may_share_memory(view, base) != np.may_share_memory(view_tangent, base_tangent):
        raise DerivativeError(
            "reshaping made a copy of an array and a view of its tangent, or the other way round, and one of the two "
            "is written in place; copy explicitly (`.copy()`) before writing"
        )


def separate_copy(x: Any) -> Any:
    """What `copy.deepcopy` makes of a container in which no two parts are the same object.

    Raises:
        DerivativeError: when a list, a dict, an object or an array stands in it twice. It would do so in the copy as
            well, of whose parts the derivative knows nothing but their structure.

    >>> separate_copy({"w": [1.0, 2.0]})
    {'w': [1.0, 2.0]}
    """
    seen: set[int] = set()

    def meet(part: Any) -> None:
        if isinstance(part, (list, dict, np.ndarray)) or fields_of(part) is not None:
            if id(part) in seen:
                raise DerivativeError(
                    "what is deeply copied holds one list, dict, object or array at two places; "
                    "copy its parts one by one"
                )
            seen.add(id(part))
        fields = part if isinstance(part, dict) else fields_of(part)
        for inner in part if isinstance(part, (tuple, list)) else (fields or {}).values():
            meet(inner)

    meet(x)
    return copied(x)


def check_view(view: Any, base: Any) -> None:
    """Refuse when what should be a view turned out to be a copy, of which a shadow knows nothing.

    Raises:
        DerivativeError: when `view` and `base` do not share memory, or `view` is no array.

    >>> a = np.zeros((2, 2))
    >>> check_view(a.reshape(4), a)
    """
    if not isinstance(view, (np.ndarray, np.generic)):
        raise DerivativeError(
            f"a {type(view).__name__} stands here where a view of an array that is written in place was expected: "
            "keep arrays and others in variables of their own"
        )
    if view.size and not np.may_share_memory(view, base):
        raise DerivativeError(
            "reshaping made a copy here, not a view, and one of the two is written in place; "
            "copy explicitly (`.copy()`) before writing"
        )


def check_fills(result: Any, out: Any) -> None:
    """Refuse an array to put a result into of which NumPy would fill a part.

    Raises:
        DerivativeError: when the two differ in shape.

    >>> check_fills(np.ones((1, 2)), np.zeros((1, 2)))
    """
    if np.shape(result) != np.shape(out):
        raise DerivativeError(
            f"a result of shape {np.shape(result)} is put into an array of shape {np.shape(out)}, of which only "
            "a part is filled; give the part: `out=a[:1]`"
        )


def check_rows(x: Any) -> None:
    """Refuse an array that does not lie in memory by rows, where what is made of it would lie otherwise.

    Raises:
        DerivativeError: when `x` is an array of several axes that is not C-contiguous.

    >>> check_rows(np.zeros((2, 3)))
    """
    if isinstance(x, np.ndarray) and x.ndim > 1 and not x.flags.c_contiguous:
        raise DerivativeError(
            "whether reshaping copies here depends on how an argument lies in memory, and it does not lie by rows: "
            "pass np.ascontiguousarray(...) of it"
        )


def flat_view(a: Any) -> Any:
    """The elements of an array in a row, while it is written.

    Raises:
        DerivativeError: where they are no view of the array, and would not change with it.

    >>> flat_view(np.zeros((2, 3))).shape
    (6,)
    """
    row = a.ravel()
    check_view(row, a)
    return row


def check_positions(indices: Any) -> None:
    """Refuse what does not list the places along the first axis of an array one by one.

    Raises:
        DerivativeError: for several lists, for a mask, and for lists of more than one axis.

    >>> check_positions([0, 2, 0])
    """
    found = np.asarray(indices) if isinstance(indices, (list, np.ndarray)) else np.array(None)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise DerivativeError(
            "places are updated one after the other, which is differentiated for one list, or array with one axis, "
            "of integers only; write a loop over the places"
        )


def check_separate(written: Any, values: Any) -> None:
    """Refuse values that share memory with the array that they are written into, one after the other.

    Raises:
        DerivativeError: where they do, since what is read then depends on what has been written.

    >>> a = np.zeros(4)
    >>> check_separate(a, np.ones(2))
    """
    if any(np.shares_memory(written, array) for array in arrays_in(values)):
        raise DerivativeError(
            "values are written into the array that they are a part of, one after the other; "
            "copy them first (`.copy()`)"
        )


def apart_from(values: Any, written: Any) -> Any:
    """Values that are written into an array one after the other, and are no part of it.

    Raises:
        DerivativeError: where they share memory with the array.

    >>> apart_from(2.0, np.zeros(3))
    2.0
    """
    check_separate(written, values)
    return values


def check_unspoiled(place: Any, values: Any) -> None:
    """Refuse a store of elements of the array that is written into, some of which it writes before it reads them.

    In what order NumPy goes through them depends on where they lie in memory. It is right where both sides have
    the same step, or opposite ones; where there are several axes, NumPy copies what overlaps.

    Args:
        place: the elements that are written.
        values: what is stored: an array, a number, or a list of such.

    Raises:
        DerivativeError: where an element that is written anew is stored in another place, too.

    >>> a = np.zeros(5)
    >>> check_unspoiled(a[1:], a[:-1])
    """
    if not isinstance(place, np.ndarray):
        return
    if isinstance(values, np.ndarray):
        if place.ndim != 1 or (values.ndim and abs(values.strides[-1]) == abs(place.strides[0])):
            return
    if any(np.may_share_memory(place, array) for array in arrays_in(values)):
        _refuse_spoiled(_addresses(place), place.itemsize, values)


def check_unspoiled_at(base: Any, index: Any, values: Any) -> None:
    """`check_unspoiled(base[index], values)` where the index may be a mask, the elements of which are no view.

    Raises:
        DerivativeError: where an element that is written anew is stored in another place, too.

    >>> a = np.arange(4.0)
    >>> check_unspoiled_at(a, a > 1, a[2:])
    """
    if not isinstance(base, np.ndarray) or not any(np.may_share_memory(base, array) for array in arrays_in(values)):
        return
    place = base[index]
    if np.may_share_memory(base, place):
        check_unspoiled(place, values)
    elif isinstance(values, np.ndarray) and _is_mask(index, base.ndim):
        _refuse_spoiled(_addresses(base)[index], base.itemsize, values)


def _is_mask(index: Any, rank: int) -> bool:
    """Whether an index is one mask for all axes; with any other NumPy copies what overlaps."""
    if isinstance(index, tuple):
        return len(index) == 1 and _is_mask(index[0], rank)
    mask = np.asarray(index)
    return mask.dtype == bool and mask.ndim == rank


def _addresses(array: Any) -> Any:
    """Where each element of an array lies."""
    axes = [np.arange(size) * step for size, step in zip(array.shape, array.strides, strict=True)]
    return sum(np.ix_(*axes), np.full(array.shape, array.ctypes.data))


def _refuse_spoiled(places: Any, size: int, values: Any) -> None:
    """Refuse values that are stored in certain places, of so many bytes, and lie in others of these."""
    changed, read = [], []
    for written, lies in _meeting(places, values):
        # A part of a complex number lies in the place of the number.
        found = lies - (lies - written[0]) % size
        changed.append(written[written != found])
        read.append(found)
    if changed and np.isin(np.concatenate(changed), np.concatenate(read)).any():
        raise DerivativeError(
            "values are stored one after the other in the array that they are a part of, "
            "and may be overwritten before it is their turn; copy them first (`.copy()`)"
        )


def _meeting(places: Any, values: Any) -> Iterator[tuple[Any, Any]]:
    """For each array that is stored, the places of its elements there, and where they lie, in the same order."""
    if isinstance(values, (list, tuple)):
        rows = places if np.ndim(places) and len(places) == len(values) else [places] * len(values)
        for row, item in zip(rows, values, strict=True):
            yield from _meeting(row, item)
    elif isinstance(values, np.ndarray) and values.size and np.size(places):
        lies = _addresses(values)
        lies = lies.reshape(lies.shape[max(0, lies.ndim - np.ndim(places)) :])
        yield np.ravel(places), np.ravel(np.broadcast_to(lies, np.shape(places)))


def check_repeatable(items: Any) -> None:
    """Refuse an iterator where a loop over it is left early, or reads it: how far it has come matters then.

    Raises:
        DerivativeError: when `items` can be run through only once.

    >>> check_repeatable([1, 2])
    """
    if hasattr(items, "__next__"):
        raise DerivativeError(
            f"a loop over a {type(items).__name__}, which can be run through only once, may be left before its end, "
            "or is read meanwhile; loop over a list of it"
        )


_SEQUENCES = (list, tuple, np.ndarray, str, bytes, bytearray, range, collections.deque)


def check_in_turn(items: Any) -> None:
    """Refuse a loop over what has been taken for a sequence, where its indices give something else than the loop.

    Raises:
        DerivativeError: for a dict, a set, an iterator, and for an object whose class says otherwise.

    >>> check_in_turn([1.0, 2.0]), check_in_turn("ab")
    (None, None)
    """
    cls = type(items)
    if isinstance(items, _SEQUENCES) and not computes_items(cls):
        return
    by_index = not hasattr(cls, "__iter__") and hasattr(cls, "__len__")
    if not by_index or sum(1 for _ in items) != len(items):
        raise DerivativeError(
            f"a loop takes the items of a {cls.__name__} by their indices, which are not what it runs over; "
            "loop over a list of it: `list(...)`"
        )


def check_number(x: Any) -> None:
    """Refuse a container where a number or an array was expected: their derivatives are computed otherwise.

    Raises:
        DerivativeError: when `x` is a tuple, list or dict, or the shadow of an object.

    >>> check_number(2.0)
    """
    if isinstance(x, (tuple, list, dict, types.SimpleNamespace)):
        what = "an object" if isinstance(x, types.SimpleNamespace) else f"a {type(x).__name__}"
        raise DerivativeError(
            f"{what} takes part in arithmetic here, where it was not known whether it is a container "
            "or a number; keep containers and numbers in different variables, and make arrays of lists of numbers"
        )


def check_numbers(items: Any) -> None:
    """Refuse containers among the items of which the largest, or the smallest, was taken for a number.

    Raises:
        DerivativeError: when an item is a tuple, list or dict.

    >>> check_numbers([1.0, 2.0])
    """
    if isinstance(items, (tuple, list)):
        for item in items:
            check_number(item)


def check_operand(x: Any) -> None:
    """Refuse an object whose class says itself what operators do: their derivatives are those of numbers and arrays.

    Raises:
        DerivativeError: when `x` is a sparse matrix, one of `np.matrix`, or an object that is no array.

    >>> check_operand(np.zeros(2)), check_operand([1.0])
    (None, None)
    """
    if hasattr(x, "tocsr"):
        raise DerivativeError(
            f"an object of class {type(x).__name__} is an operand, and its class says itself what operators do: make "
            "it an array by np.asarray or toarray(), or write `A @ x` for the product of a sparse matrix"
        )
    check_matrix(x)


def check_matrix(x: Any) -> None:
    """Refuse a factor of a product of matrices whose class says itself what that is; sparse matrices are known.

    Raises:
        DerivativeError: when `x` is one of `np.matrix`, or an object that is no array.

    >>> check_matrix(np.zeros(2))
    """
    is_plain = hasattr(x, "__array__") or isinstance(x, (numbers.Number, list, tuple, range, str, bytes, type(None)))
    is_known = is_plain or hasattr(x, "tocsr") or isinstance(x, decimal.Decimal)
    is_its_own = has_own_operators(x) and not (hasattr(x, "tocsr") or isinstance(x, fractions.Fraction))
    if isinstance(x, np.matrix) or not is_known or is_its_own:
        raise DerivativeError(
            f"an object of class {type(x).__name__} is an operand, and its class says itself what operators do: ask "
            "isinstance before, or make it an array by np.asarray"
        )


def has_own_operators(x: Any) -> bool:
    """Whether the class of an object says in Python what arithmetic with it, or an order, gives.

    >>> has_own_operators(1.0), has_own_operators(np.float64(1.0)), has_own_operators(True)
    (False, False, False)
    >>> has_own_operators(type("Thrice", (float,), {"__mul__": lambda self, other: 3 * other})(2.0))
    True
    """
    if type(x) in (int, float, complex, bool, np.ndarray) or isinstance(x, np.generic):
        return False
    return _written_method(x, _OPERATORS) is not None


def _written_method(x: Any, names: Iterable[str]) -> str | None:
    """The first of some methods that the class of an object has written in Python, None where it has none."""
    cls = type(x)
    return next((n for n in names if isinstance(inspect.getattr_static(cls, n, None), types.FunctionType)), None)


_OPERATORS = tuple(
    f"__{side}{name}__" for name in ("add", "sub", "mul", "matmul", "truediv", "pow", "mod") for side in ("", "r")
) + ("__neg__", "__abs__", "__lt__", "__le__", "__gt__", "__ge__", "__float__")


def check_plain(x: Any) -> None:
    """Refuse an object whose class says itself what its items are, where those of an array or a container are read.

    Raises:
        DerivativeError: when `x` has a `__getitem__`, `__len__` or `__iter__` written in Python.

    >>> check_plain([1.0]), check_plain(np.zeros(2))
    (None, None)
    """
    name = _written_method(x, ("__getitem__", "__len__", "__iter__"))
    if name is not None:
        raise DerivativeError(
            f"an object of class {type(x).__name__} stands here where an array or a list may stand as well, and "
            f"its class has a `{name}` of its own: call a method that gives what is wanted, or put objects and "
            "arrays into containers of their own"
        )


def check_listed(items: list[Any] | tuple[Any, ...]) -> None:
    """Refuse iterators among items that have been listed: they may be at their end when it is their turn.

    Raises:
        DerivativeError: when an item is an iterator, or a tuple that holds one.

    >>> check_listed([1.0, (2, "a")])
    """
    for item in items:
        if hasattr(item, "__next__"):
            raise DerivativeError(
                f"a loop runs over what gives iterators ({type(item).__name__}), which may be at their end when their"
                " turn comes: let it give lists"
            )
        if isinstance(item, tuple):
            check_listed(item)


_ASKED = (
    "__array__", "__array_ufunc__", "__array_function__", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__",
    "__rmul__", "__matmul__", "__rmatmul__", "__truediv__", "__rtruediv__", "__pow__", "__rpow__", "__neg__",
    "__abs__", "__float__", "__int__", "__round__", "__getitem__", "__len__", "__iter__",
)  # fmt: skip
"""Methods by which a class says itself what operators and functions do with its objects."""


def check_no_object(x: Any) -> None:
    """Refuse an object whose class says itself what operators and functions do, where a number may stand as well.

    Raises:
        DerivativeError: when the class of `x` has such a method written in Python.

    >>> check_no_object([1.0]), check_no_object(np.zeros(2))
    (None, None)
    """
    name = None if isinstance(x, np.ndarray) else _written_method(x, _ASKED)
    if name is not None:
        raise DerivativeError(
            f"class {type(x).__name__} has a `{name}` of its own, and one of its objects comes where numbers and "
            "arrays come as well: ask isinstance before, or keep them apart"
        )


def check_no_objects(items: Any) -> None:
    """Refuse such objects among the items of a list that are added up, compared or sorted.

    Raises:
        DerivativeError: when the class of an item has such a method written in Python.

    >>> check_no_objects([1.0, np.zeros(2)])
    """
    for item in items if isinstance(items, (list, tuple)) else ():
        check_no_object(item)


def check_left_number(x: Any) -> None:
    """Refuse what is no number left of an object whose class says what an operator does.

    An array computes with its own elements there, and another object is asked first.

    Raises:
        DerivativeError: when `x` is an array, or such an object.

    >>> check_left_number(2.0)
    """
    if isinstance(x, np.ndarray):
        raise DerivativeError(
            "an array stands left of an object whose class says what an operator does, and computes with its own "
            "elements; write the object on the left, or give the class `__array_ufunc__ = None`"
        )
    check_operand(x)


def check_python_number(x: Any) -> None:
    """Refuse what is no number of Python's left of an object with a length and items, whose class says what to do.

    NumPy makes an array of such an object before it asks the class.

    Raises:
        DerivativeError: when `x` is a number of NumPy, an array, or an object that is asked first.

    >>> check_python_number(2.0)
    """
    if isinstance(x, np.generic):
        raise DerivativeError(
            "a number of NumPy stands left of an object with a length and items, and makes an array of it, whatever "
            "its class says; write the object on the left, or give the class `__array_ufunc__ = None`"
        )
    check_left_number(x)


def check_array(x: Any) -> None:
    """Refuse what is no array where a call is taken to write into one: lists have methods of the same names.

    Raises:
        DerivativeError: when `x` is something else.

    >>> check_array(np.zeros(2))
    """
    if not isinstance(x, np.ndarray):
        raise DerivativeError(
            f"a {type(x).__name__} is written into here, where it was not known whether it is an array; "
            "keep arrays in variables of their own"
        )


def check_floats(x: Any) -> None:
    """Refuse what keeps no floats as an array or a list does, where what varies is stored in it.

    An array of integers rounds it, so that it has no derivative; an array of records, or a container of a library,
    has no adjoint that it could be stored in.

    Raises:
        DerivativeError: when `x` is such an array or container.

    >>> check_floats(np.zeros(2))
    """
    if isinstance(x, np.ndarray) and x.dtype.kind in "biu":
        raise DerivativeError(
            f"values to be differentiated are stored in an array of type {x.dtype}, which rounds them, and the type "
            "was not known when the derivative was written; make it an array of floats"
        )
    check_container(x)


def no_imaginary(x: Any) -> float:
    """The slope of the imaginary part of a number that is real: zero.

    Raises:
        DerivativeError: when `x` is complex.

    >>> no_imaginary(2.0)
    0.0
    """
    if np.iscomplexobj(x):
        raise DerivativeError(
            "a number came out complex that could not be foreseen to be (a power of a negative one?), and its "
            "imaginary part is taken; make it where it can be seen, by `+ 0j`"
        )
    return 0.0


def check_replaceable(x: Any) -> None:
    """Refuse what is no number where `x += y` is taken to give `x` a new value, as it does for numbers.

    Raises:
        DerivativeError: when `x` is something else, which might be changed itself.

    >>> check_replaceable(2.0)
    """
    if not isinstance(x, (int, float, complex, np.generic)):
        raise DerivativeError(
            f"a {type(x).__name__} is updated here, where it was not known whether it is a number or an array; "
            "keep what is neither in variables of its own"
        )


def writable(view: Any) -> Any:
    """A view that NumPy hands out as read-only, to be written through: the shadow of such a view.

    Args:
        view: a view, of an array that may be written, in which no element stands twice.

    Returns:
        The same view.

    Raises:
        DerivativeError: when elements of the view share memory, so that additions would get lost.

    >>> a = np.zeros((2, 2))
    >>> diagonal = writable(np.diagonal(a))
    >>> diagonal += 1.0
    >>> a.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    is_apart = view.size < 2 or _surely_apart(view)
    if is_apart:
        # Of a view of windows, NumPy does not let that be said.
        with contextlib.suppress(ValueError):
            view.flags.writeable = True
    if view.size and not (is_apart and view.flags.writeable):
        raise DerivativeError(
            "an array that is written in place is broadcast here without a copy, or seen through windows; copy it "
            "before (`np.broadcast_to(a.copy(), shape)`, `sliding_window_view(a.copy(), size)`)"
        )
    return view


def _surely_apart(view: Any) -> bool:
    """Whether no two elements of an array share memory, as far as its strides tell."""
    reach = view.itemsize
    axes = [(abs(step), size) for size, step in zip(view.shape, view.strides, strict=True) if size > 1]
    for step, size in sorted(axes):
        if step < reach:
            return False
        reach += step * (size - 1)
    return True


def check_apart(written: Any, *others: Any) -> None:
    """Refuse a call in which an argument that is written into shares memory with another one, or within itself.

    Args:
        written: an array, or a container of arrays.
        others: other arguments, arrays in which are looked at.

    Raises:
        ValueError: when memory is shared, since a copy of one alone would lose that.

    >>> a = np.zeros(4)
    >>> check_apart(a[:2], a[2:])
    """
    mine = arrays_in(written)
    if any(np.shares_memory(a, b) for other in others for b in arrays_in(other) for a in mine):
        raise ValueError(
            "an argument that the function writes into shares memory with another one; "
            "pass a copy of one of them"
        )
    if holds_twice(written):
        raise ValueError(
            "an argument that the function writes into holds an array or a container twice; "
            "put a copy in one of the places"
        )


def overlaps_itself(x: Any) -> bool:
    """Whether two elements of an array share memory, as they do where it is broadcast.

    >>> overlaps_itself(np.broadcast_to(1.0, 3)), overlaps_itself(np.zeros((2, 3)).T)
    (True, False)
    """
    axes = sorted((abs(step), size) for step, size in zip(x.strides, x.shape, strict=True) if size > 1)
    reach = x.itemsize
    for step, size in axes:
        if step < reach:
            # Perhaps: as many places are counted as there are elements.
            places = sum(np.ix_(*(np.arange(size) * step for step, size in axes)))
            return bool(np.unique(places).size < x.size)
        reach = step * (size - 1) + reach
    return False


def holds_twice(x: Any) -> bool:
    """Whether two places in a container are one array, or parts of one, or one list, dict or object.

    >>> a = np.zeros(4)
    >>> holds_twice([a, {"w": a[1:]}]), holds_twice([a[:2], a[2:]])
    (True, False)
    """
    if isinstance(x, np.ndarray):
        return False
    containers = _containers_in(x)
    if len({id(item) for item in containers}) < len(containers):
        return True
    arrays = [a for a in arrays_in(x) if a.size]
    spans = sorted((*byte_bounds(a), i) for i, a in enumerate(arrays))
    for place, (_, end, i) in enumerate(spans):
        for begin, _, j in spans[place + 1 :]:
            if begin >= end:
                break
            if np.shares_memory(arrays[i], arrays[j]):
                return True
    return False


def _containers_in(x: Any) -> list[Any]:
    """The lists, dicts and objects in an argument."""
    fields = fields_of(x)
    own = [x] if isinstance(x, (list, dict)) or fields is not None else []
    if not own and not isinstance(x, tuple):
        return []
    items = fields.values() if fields is not None else x.values() if isinstance(x, dict) else x
    return own + [container for item in items for container in _containers_in(item)]


def arrays_in(x: Any) -> list[Any]:
    """The arrays in an argument: itself, or those that a container holds.

    >>> [array.size for array in arrays_in({"w": np.zeros(2), "b": (np.zeros(3), 1.0)})]
    [2, 3]
    """
    fields = fields_of(x)
    if fields is not None:
        x = fields
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (tuple, list)):
        return [array for item in x for array in arrays_in(item)]
    return [x] if isinstance(x, np.ndarray) else []


def letting_pass(manager: Any) -> Any:
    """A context manager that must not end an exception: the derivative would go on behind a block left half done.

    Raises:
        DerivativeError: from the `with`, where the manager has ended one.

    >>> from contextlib import nullcontext
    >>> with letting_pass(nullcontext(2.0)) as value:
    ...     value
    2.0
    """

    def leave(watched: Any, kind: Any, error: Any, trace: Any) -> None:
        if manager.__exit__(kind, error, trace) and kind is not None:
            raise DerivativeError(
                f"a context manager ({type(manager).__name__}) has ended an exception: which statements of its block "
                "were run is not known to the derivative; write it as `try`"
            )

    # A class of its own statement could not be saved.
    return type("Watched", (), {"__enter__": lambda watched: manager.__enter__(), "__exit__": leave})()


def check_scalar(value: Any) -> None:
    """Refuse the gradient of a function whose result is no number.

    Raises:
        DerivativeError: when `value` has more than one element, or is no number.

    >>> check_scalar(1.5)
    """
    if np.ndim(value) != 0:
        raise DerivativeError(
            f"the result has shape {np.shape(value)}, and a gradient needs a scalar; "
            "use vjp with a seed of that shape, or jacobian"
        )


def check_seed(seed: Any, value: Any) -> None:
    """Refuse a seed that does not have the shape of the value it weighs.

    Raises:
        DerivativeError: when shape or structure differ.

    >>> check_seed(np.ones(2), np.zeros(2))
    """
    fields = fields_of(value)
    if fields is not None:
        check_seed(fields_of(seed), fields)
    elif isinstance(value, dict):
        if not isinstance(seed, dict) or seed.keys() != value.keys():
            raise DerivativeError(f"the seed must be a dict with the keys {list(value)}")
        for key in value:
            check_seed(seed[key], value[key])
    elif isinstance(value, (tuple, list)):
        if not isinstance(seed, (tuple, list)) or len(seed) != len(value):
            raise DerivativeError(f"the seed must be a sequence of {len(value)} seeds")
        for part, item in zip(seed, value, strict=True):
            check_seed(part, item)
    elif isinstance(value, np.ndarray) and isinstance(seed, (tuple, list)):
        raise DerivativeError(f"the seed of an array must be an array, not a {type(seed).__name__}")
    elif seed is not None and np.shape(seed) != np.shape(value):
        raise DerivativeError(
            f"the seed has shape {np.shape(seed)}, the value it weighs has shape {np.shape(value)}"
        )
