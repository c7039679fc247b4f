"""CasADi: graphs of scalar expressions, with loops as maps and folds of a function."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import casadi as ca
import numpy as np
from workloads.workload import Workload

from peers.tool import CannotError, Prepared

PACKAGE = "casadi"


def logistic(x: Any, n: int) -> Any:
    y, given = ca.SX.sym("y"), ca.SX.sym("x")
    step = ca.Function("step", [y, given], [2.98 * y * (1.0 - y) + 0.01 * given])
    return step.fold(n)(x, ca.repmat(x, 1, n))


def lorenz(x: Any, y: Any, z: Any, sigma: Any, rho: Any, beta: Any, step: float, n: int) -> Any:
    state, constants = ca.SX.sym("state", 3), ca.SX.sym("constants", 3)

    def slope(s: Any) -> Any:
        return ca.vertcat(
            constants[0] * (s[1] - s[0]), s[0] * (constants[1] - s[2]) - s[1], s[0] * s[1] - constants[2] * s[2]
        )

    k1 = slope(state)
    k2 = slope(state + 0.5 * step * k1)
    k3 = slope(state + 0.5 * step * k2)
    k4 = slope(state + step * k3)
    new = state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    body = ca.Function("body", [state, constants], [new])
    end = body.fold(n)(ca.vertcat(x, y, z), ca.repmat(ca.vertcat(sigma, rho, beta), 1, n))
    return ca.sumsqr(end)


def lstm(gates: Any, ends: Any, state: Any, sequence: Any) -> Any:
    layers, b = state.shape[0], sequence.shape[1]
    letters = sequence.shape[0]
    g = ca.SX.sym("g", layers * 8 * b)
    e = ca.SX.sym("e", 3 * b)
    carried = ca.SX.sym("carried", layers * 2 * b + 1)
    items = ca.SX.sym("items", 2 * b)
    value = items[:b] * e[:b]
    new = []

    def sigmoid(x: Any) -> Any:
        return 1.0 / (1.0 + ca.exp(-x))

    for k in range(layers):
        weight = g[8 * b * k : 8 * b * k + 4 * b]
        bias = g[8 * b * k + 4 * b : 8 * b * (k + 1)]
        hidden = carried[2 * b * k : 2 * b * k + b]
        cell = carried[2 * b * k + b : 2 * b * (k + 1)]
        forget = sigmoid(value * weight[:b] + bias[:b])
        ingate = sigmoid(hidden * weight[b : 2 * b] + bias[b : 2 * b])
        outgate = sigmoid(value * weight[2 * b : 3 * b] + bias[2 * b : 3 * b])
        change = ca.tanh(hidden * weight[3 * b :] + bias[3 * b :])
        cell = cell * forget + ingate * change
        value = outgate * ca.tanh(cell)
        new += [value, cell]
    prediction = value * e[b : 2 * b] + e[2 * b :]
    normalised = prediction - ca.log(ca.sum1(ca.exp(prediction)) + 2.0)
    loss = carried[-1] + ca.dot(items[b:], normalised)
    body = ca.Function("body", [carried, items, g, e], [ca.vertcat(*new, loss)])
    count = letters - 1
    flat = ca.DM(np.concatenate((sequence[:-1], sequence[1:]), axis=1).T)
    start = ca.DM(np.append(state.reshape(-1), 0.0))
    end = body.fold(count)(start, flat, ca.repmat(gates, 1, count), ca.repmat(ends, 1, count))
    return -end[-1] / (count * b)


def ba(rows: Any, features: Any) -> Any:
    r = ca.SX.sym("r", 15)
    seen = ca.SX.sym("seen", 2)
    x = r[11:14] - r[3:6]
    angle = ca.sqrt(ca.sumsqr(r[:3]))
    w = r[:3] / angle
    p = x * ca.cos(angle) + ca.cross(w, x) * ca.sin(angle) + w * ca.dot(w, x) * (1.0 - ca.cos(angle))
    u = p[:2] / p[2]
    square = ca.sumsqr(u)
    scale = r[6] * (1.0 + r[9] * square + r[10] * square * square)
    errors = r[14] * (scale * u + r[7:9] - seen)
    return ca.Function("block", [r, seen], [ca.jacobian(errors, r)])


GRADIENTS: dict[str, Callable[..., Any]] = {"logistic": logistic, "lorenz": lorenz, "lstm": lstm}

REASONS = {
    "newton": "a while loop cannot be traced",
    "adaptive": "a while loop cannot be traced",
    "gmm": "graph of scalars grows with n",
}


def prepare(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The derivative as a function of CasADi's virtual machine."""
    if workload.problem == "ba":
        return _blocks(arguments)
    if workload.problem not in GRADIENTS:
        raise CannotError(REASONS.get(workload.problem, "no array programs: a node for each number"))
    symbols = {place: ca.MX.sym(f"a{place}", np.size(arguments[place])) for place in workload.wrt}
    values = [symbols.get(i, a) for i, a in enumerate(arguments)]
    value = GRADIENTS[workload.problem](*values)
    inputs = list(symbols.values())
    function = ca.Function("gradient", inputs, [ca.gradient(value, x) for x in inputs])
    given = [ca.DM(np.reshape(arguments[place], -1)) for place in workload.wrt]
    shapes = [np.shape(arguments[place]) for place in workload.wrt]

    def result(found: Any) -> tuple[Any, ...]:
        parts = found if isinstance(found, (tuple, list)) else (found,)
        return tuple(np.reshape(np.asarray(p), shape) for p, shape in zip(parts, shapes, strict=True))

    return Prepared(partial(function, *given), result)


def _blocks(arguments: tuple[Any, ...]) -> Prepared:
    """The Jacobian of one observation, mapped over all of them."""
    rows, features = arguments
    n = len(rows)
    mapped = ba(rows, features).map(n)
    given = ca.DM(rows.T), ca.DM(features.T)

    def result(found: Any) -> tuple[Any, ...]:
        return (np.asarray(found).reshape(2, n, 15).transpose(1, 0, 2),)

    return Prepared(partial(mapped, *given), result)


PREPARE = {"casadi": prepare}
