"""What a template says, as data: the declaration as it was met, the rule once it has been read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import gast

Aliasing = Literal["fresh", "view", "maybe", "axes", "matrix"]
"""What a result may share memory with: nothing, the first argument surely, perhaps, only where a function works
along no axis of it, or only where it is a matrix, and no vector."""
UNSURE: tuple[Aliasing, ...] = ("maybe", "axes", "matrix")
"""Where it depends on the argument whether anything is shared."""
Form = Literal["partials", "rule", "linear", "zero"]


class TemplateError(SyntaxError):
    """A template is not well formed; names its file and line.

    Args:
        reason: what is wrong, and what to write instead.
        file: file of the template.
        line: line in that file, counted from 1.
    """

    def __init__(self, reason: str, file: str, line: int) -> None:
        super().__init__(f"{reason} (template in {file}, line {line})")
        self.reason = reason
        self.file = file
        self.line = line

    def __reduce__(self) -> tuple[type[TemplateError], tuple[object, ...]]:
        return type(self), (self.reason, self.file, self.line)


@dataclass(frozen=True, eq=False)
class Declaration:
    """A decorator of the language as it was met; its template has not been read yet.

    Attributes:
        form: which word declared it.
        primals: the functions it is for.
        template: the decorated function; None for `zero(...)` and `linear(...)` without one.
        aliasing: what the result may share memory with.
        cheap: whether the primal may be computed again in the reverse sweep.
        broadcast: whether contributions must be summed down to the shape of the argument.
        constant: parameters in which the function cannot be differentiated.
        called: the primals' names of parameters that have another one in the template.
        probed: whether samples tell what the result looks like.
        scope: the globals of the module that declares it.
        file: its file.
        line: its line, counted from 1.
    """

    form: Form
    primals: tuple[Callable[..., Any], ...]
    template: Callable[..., Any] | None
    aliasing: Aliasing
    cheap: bool
    broadcast: bool
    scope: Mapping[str, Any]
    file: str
    line: int
    constant: tuple[str, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)
    probed: bool = True


@dataclass(frozen=True)
class Argument:
    """How a rule takes one argument of a primal.

    Attributes:
        own: the primal's name for it.
        name: the template's name for it; None when the template does not know it.
        default: the primal's own default, `inspect.Parameter.empty` where there is none.
    """

    own: str
    name: str | None
    default: Any = inspect.Parameter.empty


@dataclass(frozen=True)
class Layout:
    """How the arguments of a call meet the parameters of a template.

    Attributes:
        positional: in the order in which the primal takes them.
        keywords: by the name under which the primal takes them.
        star: the template's `*args`, or None.
        double: the template's `**options`, or None.
    """

    positional: tuple[Argument, ...]
    keywords: Mapping[str, Argument]
    star: str | None
    double: str | None


@dataclass(frozen=True, eq=False)
class Rule:
    """The derivative of a function, ready to be filled in.

    Trees are prepared (see `nodes`), shared by all fillings, and never changed.

    Attributes:
        name: name of the template function, or of the primal where there is none.
        primals: the functions it is for; all take their arguments alike.
        results: names left of the slash.
        parameters: signature right of the slash.
        defaults: the trees of its defaults.
        prelude: statements that stand for the call in the forward sweep; empty: the call itself.
        tangent: statements that end in `d[result] = ...`; None when not given.
        adjoint: contributions; None when not given.
        partials: the partials by parameter for an elementwise rule, else None.
        is_zero: whether the derivative is zero.
        aliasing: what the result may share memory with.
        cheap: whether the primal may be computed again in the reverse sweep.
        broadcast: whether contributions must be summed down to the shape of the argument.
        namespace: free names of the trees with their objects.
        file: file of the template.
        line: line of the template, counted from 1.
        layout: how calls meet the parameters.
        title: how the primal is called in messages.
        wrt: parameters addressed as a whole by `d[parameter]`.
        elementwise: parameters addressed by element: `each(parameter)` or `d[parameter[0]]`.
        inner: names bound by comprehensions and lambdas inside expressions.
        constant: parameters in which the function cannot be differentiated: refused where one is.
        probed: whether the function may be called on samples to learn what its result looks like.
        numpy: the free name that stands for NumPy in lines the engine adds.
    """

    name: str
    primals: tuple[Callable[..., Any], ...]
    results: tuple[str, ...]
    parameters: inspect.Signature
    defaults: Mapping[str, gast.AST]
    prelude: tuple[gast.AST, ...]
    tangent: tuple[gast.AST, ...] | None
    adjoint: tuple[gast.AST, ...] | None
    partials: Mapping[str, gast.AST | None] | None
    is_zero: bool
    aliasing: Aliasing
    cheap: bool
    broadcast: bool
    namespace: Mapping[str, Any]
    file: str
    line: int
    layout: Layout
    title: str
    wrt: frozenset[str]
    elementwise: frozenset[str]
    inner: tuple[str, ...]
    numpy: str
    constant: frozenset[str] = frozenset()
    probed: bool = True
