"""ADBench's problems in functional form."""

from __future__ import annotations

import math

import numpy as np


def gmm(tool, alphas, means, q, below, x, gamma, m):
    """All points and all components at once."""
    xp = tool.np
    n, d = x.shape
    k = alphas.shape[0]
    rows, columns = np.tril_indices(d, -1)
    order = np.lexsort((rows, columns))
    # Places in `below`, padded with a zero, of the entries of the factors.
    places = np.full((d, d), d * (d - 1) // 2)
    places[rows[order], columns[order]] = np.arange(d * (d - 1) // 2)
    padded = xp.concatenate((below, tool.array(np.zeros((k, 1)))), 1)
    diagonals = xp.exp(q)
    factors = padded[:, places.reshape(-1)].reshape((k, d, d)) + diagonals[:, :, None] * tool.array(np.eye(d))
    moved = xp.einsum("krc,knc->knr", factors, tool.array(x)[None, :, :] - means[:, None, :])
    exponents = (alphas + xp.sum(q, 1))[:, None] - 0.5 * xp.sum(moved * moved, 2)
    top = tool.largest(exponents, 0)
    likelihood = xp.sum(top + xp.log(xp.sum(xp.exp(exponents - top), 0)))
    shift = n * xp.log(xp.sum(xp.exp(alphas)))
    prior = 0.5 * gamma * gamma * (xp.sum(diagonals * diagonals) + xp.sum(below * below)) - m * xp.sum(q)
    return likelihood - shift - 0.5 * n * d * math.log(2.0 * math.pi) + prior


def ba(tool, rows, features):
    """All observations at once."""
    xp = tool.np
    features = tool.array(features)
    r0, r1, r2 = rows[:, 0], rows[:, 1], rows[:, 2]
    x = rows[:, 11] - rows[:, 3]
    y = rows[:, 12] - rows[:, 4]
    z = rows[:, 13] - rows[:, 5]
    angle = xp.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    cosine, sine = xp.cos(angle), xp.sin(angle)
    w0, w1, w2 = r0 / angle, r1 / angle, r2 / angle
    along = (w0 * x + w1 * y + w2 * z) * (1.0 - cosine)
    px = x * cosine + (w1 * z - w2 * y) * sine + w0 * along
    py = y * cosine + (w2 * x - w0 * z) * sine + w1 * along
    pz = z * cosine + (w0 * y - w1 * x) * sine + w2 * along
    u, v = px / pz, py / pz
    square = u * u + v * v
    scale = rows[:, 6] * (1.0 + rows[:, 9] * square + rows[:, 10] * square * square)
    first = rows[:, 14] * (scale * u + rows[:, 7] - features[:, 0])
    second = rows[:, 14] * (scale * v + rows[:, 8] - features[:, 1])
    return xp.stack((first, second), 1)


def lstm(tool, gates, ends, state, sequence):
    xp = tool.np
    layers = gates.shape[0]
    letters, b = sequence.shape
    sequence = tool.array(sequence)

    def sigmoid(x):
        return 1.0 / (1.0 + xp.exp(-x))

    def letter(carried, items):
        states, loss = carried
        now, then = items
        value = now * ends[0]
        new = []
        for k in range(layers):
            weight, bias = gates[k, 0], gates[k, 1]
            hidden, cell = states[k, 0], states[k, 1]
            forget = sigmoid(value * weight[:b] + bias[:b])
            ingate = sigmoid(hidden * weight[b : 2 * b] + bias[b : 2 * b])
            outgate = sigmoid(value * weight[2 * b : 3 * b] + bias[2 * b : 3 * b])
            change = xp.tanh(hidden * weight[3 * b :] + bias[3 * b :])
            cell = cell * forget + ingate * change
            value = outgate * xp.tanh(cell)
            new.append(xp.stack((value, cell)))
        prediction = value * ends[1] + ends[2]
        normalised = prediction - xp.log(xp.sum(xp.exp(prediction)) + 2.0)
        return (xp.stack(new), loss + xp.sum(then * normalised)), 0.0 * loss

    start = tool.array(state), 0.0 * gates[0, 0, 0]
    (_, loss), _ = tool.scan(letter, start, (sequence[:-1], sequence[1:]))
    return -loss / ((letters - 1) * b)


def hand(tool, theta, parents, bases, inverses, weights, skin, points):
    xp = tool.np
    nothing = 0.0 * theta[0]
    bases, inverses, skin = tool.array(bases), tool.array(inverses), tool.array(skin)

    def turned(a):
        one = nothing + 1.0
        cx, sx = xp.cos(a[0]), xp.sin(a[0])
        cy, sy = xp.cos(a[1]), xp.sin(a[1])
        cz, sz = xp.cos(a[2]), xp.sin(a[2])
        entries = (
            cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz, nothing,
            cy * sz, sx * sy * sz + cx * cz, cx * sy * sz - sx * cz, nothing,
            -sy, sx * cy, cx * cy, nothing,
            nothing, nothing, nothing, one,
        )  # fmt: skip
        return xp.stack(entries).reshape((4, 4))

    still = [(nothing, nothing, nothing)] * 2
    angles = list(still)
    for finger in range(5):
        place = 6 + 4 * finger
        angles.append((theta[place], theta[place + 1], nothing))
        angles.append((theta[place + 2], nothing, nothing))
        angles.append((theta[place + 3], nothing, nothing))
        angles.append((nothing, nothing, nothing))
    absolutes = []
    moved = 0.0
    for i in range(len(parents)):
        relative = bases[i] @ turned(angles[i])
        absolutes.append(relative if parents[i] < 0 else absolutes[parents[i]] @ relative)
        moved = moved + ((absolutes[i] @ inverses[i])[:3] @ skin) * tool.array(weights[i])
    v0, v1, v2 = theta[0], theta[1], theta[2]
    angle = xp.sqrt(v0 * v0 + v1 * v1 + v2 * v2)
    x, y, z = v0 / angle, v1 / angle, v2 / angle
    s, c = xp.sin(angle), xp.cos(angle)
    about = xp.stack((
        x * x + (1.0 - x * x) * c, x * y * (1.0 - c) - z * s, x * z * (1.0 - c) + y * s,
        x * y * (1.0 - c) + z * s, y * y + (1.0 - y * y) * c, y * z * (1.0 - c) - x * s,
        x * z * (1.0 - c) - y * s, z * y * (1.0 - c) + x * s, z * z + (1.0 - z * z) * c,
    )).reshape((3, 3))  # fmt: skip
    return tool.array(points) - (about @ moved + theta[3:6][:, None])
