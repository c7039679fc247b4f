"""A network with long short-term memory that predicts the next letter, the third problem of ADBench.

Weights and biases of the gates are vectors, as in the paper: each unit sees its own input. For l layers of b
units there are `gates` (l, 2, 4 b), `ends` (3, b) around them, the first `state` (l, 2, b), and a sequence of c
letters (c, b).
"""

from __future__ import annotations

import numpy as np

from workloads.workload import Workload


def sigmoid(x):
    """The logistic function."""
    return 1.0 / (1.0 + np.exp(-x))


def unit(weight, bias, hidden, cell, value):
    """One layer for one letter."""
    b = len(value)
    forget = sigmoid(value * weight[:b] + bias[:b])
    ingate = sigmoid(hidden * weight[b : 2 * b] + bias[b : 2 * b])
    outgate = sigmoid(value * weight[2 * b : 3 * b] + bias[2 * b : 3 * b])
    change = np.tanh(hidden * weight[3 * b :] + bias[3 * b :])
    cell = cell * forget + ingate * change
    return outgate * np.tanh(cell), cell


def lstm(gates, ends, state, sequence):
    """The loss with layers as arrays."""
    state = state.copy()
    layers = gates.shape[0]
    loss = 0.0
    for t in range(len(sequence) - 1):
        value = sequence[t] * ends[0]
        for k in range(layers):
            hidden, cell = unit(gates[k, 0], gates[k, 1], state[k, 0], state[k, 1], value)
            state[k, 0] = hidden
            state[k, 1] = cell
            value = hidden
        prediction = value * ends[1] + ends[2]
        normalised = prediction - np.log(np.sum(np.exp(prediction)) + 2.0)
        loss += np.sum(sequence[t + 1] * normalised)
    return -loss / ((len(sequence) - 1) * sequence.shape[1])


def lstm_loops(gates, ends, state, sequence):
    """The loss in loops over units."""
    state = state.copy()
    layers = gates.shape[0]
    letters, b = sequence.shape
    value = np.zeros(b)
    loss = 0.0
    for t in range(letters - 1):
        for i in range(b):
            value[i] = sequence[t, i] * ends[0, i]
        for k in range(layers):
            for i in range(b):
                forget = 1.0 / (1.0 + np.exp(-(value[i] * gates[k, 0, i] + gates[k, 1, i])))
                ingate = 1.0 / (1.0 + np.exp(-(state[k, 0, i] * gates[k, 0, b + i] + gates[k, 1, b + i])))
                outgate = 1.0 / (1.0 + np.exp(-(value[i] * gates[k, 0, 2 * b + i] + gates[k, 1, 2 * b + i])))
                change = np.tanh(state[k, 0, i] * gates[k, 0, 3 * b + i] + gates[k, 1, 3 * b + i])
                state[k, 1, i] = state[k, 1, i] * forget + ingate * change
                state[k, 0, i] = outgate * np.tanh(state[k, 1, i])
                value[i] = state[k, 0, i]
        total = 2.0
        gold = 0.0
        weight = 0.0
        for i in range(b):
            prediction = value[i] * ends[1, i] + ends[2, i]
            total += np.exp(prediction)
            gold += sequence[t + 1, i] * prediction
            weight += sequence[t + 1, i]
        loss += gold - weight * np.log(total)
    return -loss / ((letters - 1) * b)


def _data(random, layers, letters, b):
    """Random weights, and letters as unit vectors."""
    sequence = np.zeros((letters, b))
    sequence[np.arange(letters), random.integers(0, b, letters)] = 1.0
    gates = random.uniform(-1.0, 1.0, (layers, 2, 4 * b))
    return gates, random.uniform(-1.0, 1.0, (3, b)), random.uniform(-1.0, 1.0, (layers, 2, b)), sequence


SIZES = {"tiny": (2, 4, 3), "l=2 c=1024": (2, 1024, 14), "l=4 c=4096": (4, 4096, 14)}

WORKLOADS = (
    Workload("lstm", "adbench", lstm, (0, 1), _data, SIZES),
    Workload("lstm_loops", "adbench", lstm_loops, (0, 1), _data, SIZES, compiled=True, problem="lstm"),
)
