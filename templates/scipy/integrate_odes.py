"""Initial value problems of `scipy.integrate`: the steps that SciPy has accepted, made once more.

A method of Runge and Kutta computes y + h sum(b[i] k[i]) with k[i] the right-hand side at stages. Steps and stages
are ordinary statements, so the right-hand side is followed like any function that is called, with all that it
captures; and the derivative is that of the numbers which the method computes, steps being kept (the discrete adjoint:
Hairer, Norsett, Wanner, section II.6). `accepted_steps` refuses steps that are too long for the derivative.
"""

import numpy as np
import scipy.integrate

from tangent_sct.runtime import stop_gradient
from tangent_sct.runtime.scipy_odes import (
    Solution,
    accepted_steps,
    as_solved,
    odeint_tolerances,
    odeint_values,
    step_places,
    tableau,
)
from tangent_sct.templating.language import expanded, zero


@expanded(scipy.integrate.solve_ivp, when={"args": (None,), "t_eval": (None,)})
def solve_ivp(fun, t_span, y0, method="RK45", t_eval=None, *, args=None, **options):
    share = accepted_steps(fun, t_span, y0, method, **options)
    weights, last, nodes, _ = tableau(method)
    start, width = t_span[0], t_span[1] - t_span[0]
    y = np.array(y0, dtype=float)
    k = np.zeros((len(nodes), np.size(y)))
    result = np.zeros((np.size(y), len(share)))
    result[:, 0] = y
    for step in range(len(share) - 1):
        t = start + width * float(share[step])
        h = width * float(share[step + 1] - share[step])
        for i in range(len(nodes)):
            k[i] = np.asarray(fun(t + nodes[i] * h, y + h * np.dot(weights[i, :i], k[:i])))
        y = y + h * np.dot(last, k)
        result[:, step + 1] = y
    return Solution(start + width * share, result)


@expanded(scipy.integrate.solve_ivp, when={"args": (None,)})
def solve_ivp_at(fun, t_span, y0, method="RK45", t_eval=None, *, args=None, **options):
    share = accepted_steps(fun, t_span, y0, method, **options)
    bounds = step_places(share, t_span, t_eval)
    weights, last, nodes, between = tableau(method)
    start, width = t_span[0], t_span[1] - t_span[0]
    powers = np.arange(1, np.shape(between)[1] + 1)
    y = np.array(y0, dtype=float)
    k = np.zeros((len(nodes), np.size(y)))
    result = np.zeros((np.size(y), len(t_eval)))
    for step in range(len(share) - 1):
        t = start + width * float(share[step])
        h = width * float(share[step + 1] - share[step])
        for i in range(len(nodes)):
            k[i] = np.asarray(fun(t + nodes[i] * h, y + h * np.dot(weights[i, :i], k[:i])))
        for place in range(bounds[step], bounds[step + 1]):
            way = (t_eval[place] - t) / h
            result[:, place] = y + h * np.dot(np.dot(between, way ** powers), k)
        y = y + h * np.dot(last, k)
    return Solution(t_eval, result)


@expanded(scipy.integrate.solve_ivp, when={"t_eval": (None,)})
def solve_ivp_of(fun, t_span, y0, method="RK45", t_eval=None, *, args=None, **options):
    def slope(t, y):
        return fun(t, y, *args)

    return scipy.integrate.solve_ivp(slope, t_span, y0, method, **options)


@expanded(scipy.integrate.solve_ivp)
def solve_ivp_with(fun, t_span, y0, method="RK45", t_eval=None, *, args=None, **options):
    def slope(t, y):
        return fun(t, y, *args)

    return scipy.integrate.solve_ivp(slope, t_span, y0, method, t_eval, **options)


# -- odeint ---------------------------------------------------------------------------------------------
#
# LSODA does not show its steps. The value is its own; the derivative is that of the solution by DOP853 with the same
# tolerances, and the two solutions are compared.


@expanded(scipy.integrate.odeint, when={"args": ((),), "tfirst": (True,)})
def odeint_in_time(func, y0, t, args=(), rtol=None, atol=None, tfirst=True):
    relative, absolute = odeint_tolerances(rtol, atol)
    start = np.atleast_1d(y0)
    found = scipy.integrate.solve_ivp(func, (t[0], t[-1]), start, "DOP853", t, rtol=relative, atol=absolute)
    y = np.transpose(found.y)
    value = as_solved(y, odeint_values(func, y0, t, relative, absolute), relative, absolute)
    return value + (y - stop_gradient(y))


@expanded(scipy.integrate.odeint, when={"args": ((),), "tfirst": (False,)})
def odeint(func, y0, t, args=(), rtol=None, atol=None, tfirst=False):
    def slope(t, y):
        return func(y, t)

    return scipy.integrate.odeint(slope, y0, t, rtol=rtol, atol=atol, tfirst=True)


@expanded(scipy.integrate.odeint, when={"tfirst": (True,)})
def odeint_in_time_with(func, y0, t, args=(), rtol=None, atol=None, tfirst=True):
    def slope(t, y):
        return func(t, y, *args)

    return scipy.integrate.odeint(slope, y0, t, rtol=rtol, atol=atol, tfirst=True)


@expanded(scipy.integrate.odeint)
def odeint_with(func, y0, t, args=(), rtol=None, atol=None, tfirst=False):
    def slope(t, y):
        return func(y, t, *args)

    return scipy.integrate.odeint(slope, y0, t, rtol=rtol, atol=atol, tfirst=True)


zero(accepted_steps, as_solved, odeint_tolerances, odeint_values, step_places, tableau)
