"""Texts compiled by Numba: the very same text, as machine code that is kept on disk.

Numba is imported when something is compiled, not before. What it refuses is refused by an error that names the user's
line, found by the map from the generated text to the user's.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from numpy import ndarray

from tangent_sct.core.errors import UnsupportedError
from tangent_sct.emit.cache import kept_module
from tangent_sct.emit.entries import helpers, with_loops
from tangent_sct.emit.load import loaded_from, origin_of_line
from tangent_sct.emit.outside import Outside
from tangent_sct.emit.text import Text

HINT = 'use backend="numpy", or backend="auto", which runs as Python what Numba does not compile'
COMPILABLE = (
    "compilable_shapes", "compilable_checks", "compilable_entries", "compilable_linalg", "compilable_numpy",
    "compilable_checkpoints",
)
"""The files that tell Numba about helpers."""
INHERITED = ("error_model", "fastmath", "boundscheck", "nogil")
"""Options of a compiled function that hold for its derivative, too."""

UNTYPED = ("can't unbox heterogeneous list", "cannot compute fingerprint of empty list")
"""How Numba refuses arguments before anything is compiled."""
PARALLEL_LOOPS = {
    "prange": True, "comprehension": False, "reduction": False, "inplace_binop": False, "setitem": False,
    "numpy": True, "stencil": False, "fusion": False,
}  # fmt: skip
"""What Numba runs in parallel: loops that are marked, and array expressions, which it cannot compile in them else."""


class Compiled:
    """A generated function, compiled for the types of its arguments when it is first called with them.

    Args:
        text: what `emit` printed.
        name: the function wanted; the others in the text are those it calls.
        namespace: the objects that the text's free names mean.
        subject: the user's function.

    Raises:
        UnsupportedError: where Numba is not installed, or the text reads what cannot be handed to compiled code.
    """

    _run: Any

    def __init__(self, text: Text, name: str, namespace: Mapping[str, Any], subject: Any) -> None:
        self._text = text
        self._subject = subject
        outside = Outside(text.text, name, namespace, self._refused)
        jit = compiler()
        options = _options(subject, outside.is_parallel)
        module = ast.parse(outside.text)
        loops = with_loops(module, {} if outside.is_parallel else text.entrywise)
        key = (*outside.key, repr(sorted(options.items())), ast.dump(module) if loops else "")
        file = kept_module(name, outside.text, key)
        space = types.ModuleType(file.module)
        vars(space).update(outside.namespace(jit))
        vars(space)["__file__"] = str(file.path)
        sys.modules[file.module] = space
        vars(space).update(helpers(jit) if loops else {})
        exec(compile(module, str(file.path), "exec", dont_inherit=True), vars(space))
        self._loaded = loaded_from(str(file.path), text, getattr(subject, "__name__", name))
        for each in outside.functions:
            vars(space)[each] = jit(vars(space)[each], cache=file.is_kept, **options)
        self._run = vars(space)[name]
        self._outside = outside
        self._is_quiet = False

    def is_current(self) -> bool:
        """Whether what was compiled into the code still is what it was."""
        return self._outside.is_current()

    def __call__(self, *args: Any) -> Any:
        """The function at some arguments.

        Raises:
            UnsupportedError: where Numba does not compile it for arguments of their types; nothing has been run then.
        """
        try:
            if self._is_quiet:
                return as_python(self._run(*self._outside.values(), *args))
            with warnings.catch_warnings():
                # Of layouts and lists in code that nobody wrote.
                warnings.filterwarnings("ignore", module="numba")
                warnings.filterwarnings("ignore", category=_numba("core.errors").NumbaWarning)
                given = (*self._outside.values(), *args)
                self._refuse_result(given)
                answer = as_python(self._run(*given))
            self._is_quiet = True
            return answer
        except UnsupportedError:
            raise
        except Exception as error:
            if str(error).startswith(UNTYPED):
                reason = "Numba takes no list that is empty or holds items of several types"
                raise self._refused(reason, None) from error
            if not _is_of_compiling(error):
                raise
            raise self._refusal(error) from error

    def _refuse_result(self, given: Sequence[Any]) -> None:
        """Refuse, before anything is run, what would come back as something that Python has no counterpart of."""
        numba = _numba("")
        defaults = self._run.py_func.__defaults__ or ()
        omitted = defaults[len(defaults) - (self._run.py_func.__code__.co_argcount - len(given)) :]
        kinds = (*map(numba.typeof, given), *map(numba.types.Omitted, omitted))
        self._run.compile(kinds)
        if _holds(self._run.overloads[kinds].signature.return_type, numba.types):
            raise self._refused("Numba returns no list or dict that holds values of several types", None)

    def _refused(self, reason: str, line: int | None, hint: str = HINT) -> UnsupportedError:
        """The refusal of a line of the text."""
        return UnsupportedError(reason, None if line is None else origin_of_line(self._text, line), hint)

    def _refusal(self, error: BaseException) -> UnsupportedError:
        """What Numba said of a text, as a refusal of the user's line."""
        line = getattr(getattr(error, "loc", None), "line", None)
        if line is None:
            # What is refused before types are known only says so in the message.
            told = re.search(re.escape(self._loaded.file) + r" \((\d+)\)", str(error))
            line = None if told is None else int(told[1])
        origin = None if line is None else origin_of_line(self._text, line)
        return UnsupportedError(f"Numba does not compile the derivative: {_said(error)}", origin, HINT)


def as_python(answer: Any) -> Any:
    """What compiled code returned, with Numba's own containers as Python's."""
    kind = type(answer)
    if kind is float or kind is ndarray:
        return answer
    if kind is tuple:
        return tuple([as_python(item) for item in answer])
    if kind.__module__.startswith("numba."):
        if hasattr(answer, "items"):
            return {key: as_python(item) for key, item in answer.items()}
        return [as_python(item) for item in answer]
    return answer


def compiler() -> Callable[..., Any]:
    """Numba's `njit`, which knows the helpers of generated code from here on.

    Raises:
        UnsupportedError: when Numba is not installed.
    """
    try:
        jit = _numba("").njit
    except ImportError:
        raise UnsupportedError(
            "Numba, which is to compile the derivative, is not installed",
            hint='install `tangent_sct[numba]`, or use backend="numpy"',
        ) from None
    for part in COMPILABLE:
        importlib.import_module(f"tangent_sct.runtime.{part}")
    return cast(Callable[..., Any], jit)


def _holds(kind: Any, types: Any) -> bool:
    """Whether a value of a type is, or holds, a list or a dict of values of several types."""
    if isinstance(kind, types.BaseTuple):
        return any(_holds(item, types) for item in kind.types)
    return isinstance(kind, (types.LiteralStrKeyDict, types.LiteralList))


def is_dispatcher(function: object) -> bool:
    """Whether a function is one that Numba compiles."""
    if "numba" not in sys.modules:
        return False
    return isinstance(function, _numba("core.dispatcher").Dispatcher)


def _numba(part: str) -> Any:
    return importlib.import_module(f"numba.{part}" if part else "numba")


def _options(subject: Any, is_parallel: bool) -> dict[str, Any]:
    """How the derivative of a function is compiled: as the function itself, where that is compiled."""
    options: dict[str, Any] = {}
    if is_dispatcher(subject):
        options = {key: subject.targetoptions[key] for key in INHERITED if key in subject.targetoptions}
    return {**options, "parallel": dict(PARALLEL_LOOPS)} if is_parallel else options


def _is_of_compiling(error: BaseException) -> bool:
    """Whether an exception was raised while Numba compiled, rather than by what it compiled."""
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_globals.get("__name__", "").startswith("numba."):
            return True
        step = step.tb_next
    return False


def _said(error: BaseException) -> str:
    """The sentence of Numba's message that says what is wrong."""
    lines = [line.strip().lstrip(">* ") for line in str(error).splitlines()]
    chosen = (_telling(lines) or type(error).__name__).partition(" Raised from ")[0]
    return re.sub(r"<(?:built-in )?function ([\w.]+)(?: at 0x\w+)?>", r"\1", chosen).rstrip(".: ")


def _telling(lines: Sequence[str]) -> str:
    """The first line that says something by itself."""
    empty = ("", "Failed in", "File ", "def ", "<source elided>", "^", "During:", "There are", "[", "- Resolution",
             "with errors:", "raised from", "Overload")  # fmt: skip
    for line in lines:
        if line and not line.startswith(tuple(filter(None, empty))):
            return line
    return ""
