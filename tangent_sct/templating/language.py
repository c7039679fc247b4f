"""The language in which derivatives are written: what template files and users import.

A template is an ordinary function that is read and never run. Left of the slash stand the results,
right of it the primal's own signature.

    @partials(np.multiply)
    def multiply(z, /, x, y):
        return y, x

    @rule(np.sum)
    def sum_(y, /, a, axis=None, keepdims=False):
        def tangent():
            d[y] = np.sum(d[a], axis=axis, keepdims=keepdims)
        def adjoint():
            d[a] += unreduce(d[y], like=a, axis=axis, keepdims=keepdims)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from tangent_sct.templating import reasons, registry
from tangent_sct.templating.layout import tell_signatures
from tangent_sct.templating.reasons import Reason, Standing
from tangent_sct.templating.rule import Aliasing, Declaration, Form, TemplateError
from tangent_sct.templating.words import (
    d,
    dense,
    each,
    isactive,
    iscomplex,
    iscontainer,
    isscalar,
    ndim,
)

__all__ = [
    "TemplateError",
    "d",
    "dense",
    "each",
    "for_complex",
    "isactive",
    "iscomplex",
    "expanded",
    "iscontainer",
    "isscalar",
    "linear",
    "ndim",
    "partials",
    "rule",
    "tell_signatures",
    "unruled",
    "zero",
]

Function = TypeVar("Function", bound=Callable[..., Any])
Template = TypeVar("Template", bound=Callable[..., Any])


def partials(
    *primals: Callable[..., Any],
    aliasing: Aliasing = "fresh",
    cheap: bool = True,
    called: Mapping[str, str] | None = None,
) -> Callable[[Template], Template]:
    """Declare the derivative of an elementwise function: one partial per parameter.

    The partials may use the result. Broadcasting is undone by the compiler. A partial that is None
    says that the result cannot be differentiated in that parameter: a program that does is refused.

    Args:
        primals: the functions that the template is for.
        aliasing: what the result may share memory with: nothing, the first argument, perhaps it, or it only where
            the function works along no axis or it is a matrix.
        cheap: whether the function may be computed again in the reverse sweep.
        called: the primals' names of parameters that have another one in the template.

    Raises:
        TemplateError: when the template is not well formed.

    >>> import math
    >>> from tangent_sct.templating.language import partials
    >>> def cube(x):
    ...     return x * x * x
    >>> @partials(cube)
    ... def cube_rule(y, /, x):
    ...     return 3 * x * x
    """

    def declare(template: Template) -> Template:
        _declare("partials", primals, template, aliasing, cheap, broadcast=True, called=called)
        return template

    return declare


def rule(
    *primals: Callable[..., Any],
    aliasing: Aliasing = "fresh",
    cheap: bool = False,
    broadcast: bool = False,
    constant: tuple[str, ...] = (),
    probed: bool = True,
) -> Callable[[Template], Template]:
    """Declare the derivative of a function by its `tangent()` and its `adjoint()`.

    Statements above the two run in the forward sweep instead of the call, and are kept for both.

    Args:
        primals: the functions that the template is for.
        aliasing: what the result may share memory with: nothing, the first argument, perhaps it, or it only where
            the function works along no axis or it is a matrix.
        cheap: whether the function may be computed again in the reverse sweep.
        broadcast: whether contributions have the shape of the result and must be summed down to
            the shape of the argument.
        constant: parameters in which the function cannot be differentiated: a program in which
            one of them carries a derivative is refused.
        probed: whether samples tell what the result looks like; not where it depends on more than the kinds of the
            arguments.

    Raises:
        TemplateError: when the template is not well formed.

    >>> import numpy as np
    >>> from tangent_sct.templating.language import d, rule
    >>> def total(x):
    ...     return np.sum(x)
    >>> @rule(total)
    ... def total_rule(y, /, x):
    ...     def tangent():
    ...         d[y] = np.sum(d[x])
    ...     def adjoint():
    ...         d[x] += np.full_like(x, d[y])
    """

    def declare(template: Template) -> Template:
        _declare("rule", primals, template, aliasing, cheap, broadcast, constant, probed=probed)
        return template

    return declare


def linear(
    *primals: Callable[..., Any], aliasing: Aliasing = "fresh", cheap: bool = False
) -> Callable[[Template], Template]:
    """Declare functions that are linear in their first argument.

    Their tangent is the function itself. As a decorator, the body of the template is the adjoint;
    alone, it makes a rule for forward mode.

    Args:
        primals: the linear functions.
        aliasing: what the result may share memory with: nothing, the first argument, perhaps it, or it only where
            the function works along no axis or it is a matrix.
        cheap: whether the functions may be computed again in the reverse sweep.

    Raises:
        TemplateError: when the template is not well formed.

    >>> import numpy as np
    >>> from tangent_sct.templating.language import d, linear
    >>> def mirror(a):
    ...     return a[::-1]
    >>> @linear(mirror, aliasing="view")
    ... def mirror_rule(y, /, a):
    ...     d[a] += d[y][::-1]
    """
    _declare("linear", primals, None, aliasing, cheap, broadcast=False)

    def declare(template: Template) -> Template:
        _declare("linear", primals, template, aliasing, cheap, broadcast=False)
        return template

    return declare


def zero(
    primal: Function,
    *primals: Callable[..., Any],
    aliasing: Aliasing = "fresh",
    cheap: bool = False,
) -> Function:
    """Declare functions whose derivative is zero, or whose result is not a number.

    Args:
        primal: the first of them, which is returned, so that this may decorate a function.
        primals: the others.
        aliasing: what the result may share memory with: nothing, the first argument, perhaps it, or it only where
            the function works along no axis or it is a matrix.
        cheap: whether the functions may be computed again in the reverse sweep.

    Raises:
        TemplateError: when something given is not a function.

    >>> from tangent_sct.templating.language import zero
    >>> @zero
    ... def count(x):
    ...     return len(x)
    """
    _declare("zero", (primal, *primals), None, aliasing, cheap, broadcast=False)
    return primal


def for_complex(*primals: Callable[..., Any], holomorphic: bool = True) -> None:
    """Declare that the rules of some functions hold for complex numbers, too; others are refused there.

    The convention is that of `docs/conventions.md`: adjoints are transposed without conjugation, so the rule of
    a holomorphic function holds as it is written for real numbers.

    Args:
        primals: the functions.
        holomorphic: False for functions that are real differentiable only, such as `np.abs`.

    Raises:
        TemplateError: when something given is not a function.

    >>> from tangent_sct.templating.language import for_complex, partials
    >>> def quartic(x):
    ...     return x * x * x * x
    >>> @partials(quartic)
    ... def quartic_rule(y, /, x):
    ...     return 4 * x * x * x
    >>> for_complex(quartic)
    """
    frame = sys._getframe(1)
    _check("for_complex", primals, None, "fresh", frame.f_code.co_filename, frame.f_lineno)
    registry.register_complex(primals, holomorphic)


def expanded(
    *primals: Callable[..., Any],
    when: Mapping[str, tuple[Any, ...]] | None = None,
    else_serves: bool = False,
) -> Callable[[Template], Template]:
    """Declare what functions do by an ordinary function that does the same: its statements have the derivative.

    A call of one of them on values to be differentiated is replaced by the statements of the decorated
    function. So functions that write into their arguments are stores, and those that are made of others need no
    formula of their own. Where a function has a rule too, its statements are read for calls with arguments that
    the rule does not know. Without primals, the decorated function is one that the compiler itself calls.

    Args:
        primals: the functions that the statements stand for; the decorated one has some of their parameters, with
            the same defaults, and a call that gives another is refused.
        when: by parameter, the values with one of which a call is replaced; other calls keep the rule of the
            function. The values of all these parameters must be plain in the call. `"*"` stands for the number of
            positional arguments.
        else_serves: whether what stands behind each `else` is right in all cases, so that no test need stay in a
            derivative whose kinds do not decide it.

    >>> from tangent_sct.templating.language import expanded
    >>> def clear(a):
    ...     a.fill(0.0)
    >>> @expanded(clear)
    ... def clear_by_store(a):
    ...     a[...] = 0.0
    """

    def declare(template: Template) -> Template:
        registry.register_expansion(primals or (template,), template, when or {}, else_serves)
        return template

    return declare


def unruled(standing: Standing, namespace: str, why: str, names: str, hint: str = "") -> None:
    """Declare why functions have no rule; errors and the page of functions say it.

    Args:
        standing: `followed` for what the compiler knows by itself, `inactive` where no number that is
            differentiated goes through the function, `refused` where its result has no derivative that could be
            written.
        namespace: the module in which users find the functions, or `numpy.ndarray` for methods and attributes.
        why: the reason, as the end of a sentence: "the result is text".
        names: their names with spaces between them; `*` for all of the namespace.
        hint: what to write instead, where there is something to say.

    Raises:
        ValueError: when a function already has a reason.

    >>> from tangent_sct.templating.language import unruled
    >>> unruled("refused", "fractions", "a fraction is exact", "Fraction", hint="use a float")
    """
    reasons.declare(namespace, Reason(standing, why, hint), names)


def _declare(
    form: Form,
    primals: tuple[Callable[..., Any], ...],
    template: Callable[..., Any] | None,
    aliasing: Aliasing,
    cheap: bool,
    broadcast: bool,
    constant: tuple[str, ...] = (),
    called: Mapping[str, str] | None = None,
    probed: bool = True,
) -> None:
    if template is not None and hasattr(template, "__code__"):
        scope, file = template.__globals__, template.__code__.co_filename
        line = template.__code__.co_firstlineno
    else:
        # Two frames up stands the module that used the word.
        frame = sys._getframe(2)
        scope, file, line = frame.f_globals, frame.f_code.co_filename, frame.f_lineno
    _check(form, primals, template, aliasing, file, line)
    registry.register(
        Declaration(
            form, primals, template, aliasing, cheap, broadcast, scope, file, line, constant, called or {},
            probed,
        )
    )


def _check(
    form: Form | Literal["for_complex"],
    primals: tuple[Callable[..., Any], ...],
    template: Callable[..., Any] | None,
    aliasing: Aliasing,
    file: str,
    line: int,
) -> None:
    if not primals:
        raise TemplateError(
            f"`{form}` needs the functions it is for: write @{form}(np.tanh)", file, line
        )
    for primal in primals:
        if not callable(primal):
            raise TemplateError(f"`{form}` is for functions, and {primal!r} is none", file, line)
    if template is not None and not hasattr(template, "__code__"):
        raise TemplateError(f"@{form} decorates a plain function", file, line)
    if aliasing not in ("fresh", "view", "maybe", "axes", "matrix"):
        raise TemplateError(
            f'aliasing is "fresh", "view", "maybe", "axes" or "matrix", not {aliasing!r}', file, line
        )
