"""Roots of functions of one variable of `scipy.optimize`: the derivative of the implicit function.

With f(t, x) = 0 the root t(x) has dt/dx = -(df/dx) / (df/dt). A step of Newton from the root has this derivative,
and two steps, whose slopes vary with x, have the second one as well.
"""

import scipy.optimize

from tangent_sct.runtime import stop_gradient
from tangent_sct.runtime.scipy_roots import bracketed_root, root_step, smooth_root
from tangent_sct.templating.language import expanded, zero

_RTOL = 8.881784197001252e-16


@expanded(smooth_root)
def root_of(f, root, args):
    h = root_step(root)
    once = root - f(root, *args) * (2.0 * h) / (f(root + h, *args) - f(root - h, *args))
    twice = once - f(once, *args) * (2.0 * h) / (f(once + h, *args) - f(once - h, *args))
    return root + (twice - stop_gradient(twice))


@expanded(scipy.optimize.brentq, when={"full_output": (False,)})
def brentq(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
    root = bracketed_root("brentq", f, a, b, args, xtol=xtol, rtol=rtol, maxiter=maxiter, disp=disp)
    return smooth_root(f, root, args)


@expanded(scipy.optimize.brenth, when={"full_output": (False,)})
def brenth(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
    root = bracketed_root("brenth", f, a, b, args, xtol=xtol, rtol=rtol, maxiter=maxiter, disp=disp)
    return smooth_root(f, root, args)


@expanded(scipy.optimize.ridder, when={"full_output": (False,)})
def ridder(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
    root = bracketed_root("ridder", f, a, b, args, xtol=xtol, rtol=rtol, maxiter=maxiter, disp=disp)
    return smooth_root(f, root, args)


@expanded(scipy.optimize.bisect, when={"full_output": (False,)})
def bisect(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
    root = bracketed_root("bisect", f, a, b, args, xtol=xtol, rtol=rtol, maxiter=maxiter, disp=disp)
    return smooth_root(f, root, args)


@expanded(scipy.optimize.toms748, when={"full_output": (False,)})
def toms748(f, a, b, args=(), k=1, xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
    root = bracketed_root("toms748", f, a, b, args, k=k, xtol=xtol, rtol=rtol, maxiter=maxiter, disp=disp)
    return smooth_root(f, root, args)


zero(bracketed_root, root_step)
