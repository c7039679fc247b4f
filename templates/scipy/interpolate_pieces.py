"""Cubic pieces of `scipy.interpolate` by places and values: slopes are chosen by comparing the lines beside."""

import numpy as np
from scipy import interpolate

from tangent_sct.runtime.scipy_pieces import Pieces, check_points, is_outside, piece_before
from tangent_sct.templating.language import d, expanded, linear, zero


@expanded(interpolate.PchipInterpolator)
def pchip(x, y):
    values = check_points(y, x)
    steps = np.diff(x)
    lines = np.diff(values) / steps
    # Fritsch and Butland (1984): a weighted harmonic mean, and level where the lines go up and down.
    before, after = lines[:-1], lines[1:]
    turns = before * after <= 0
    weight, other = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    mean = (weight + other) / (weight / np.where(turns, 1.0, before) + other / np.where(turns, 1.0, after))
    first = end_slope(steps[0], steps[1], lines[0], lines[1])
    last = end_slope(steps[-1], steps[-2], lines[-1], lines[-2])
    inside = np.where(turns, 0.0, mean)
    return Pieces(np.asarray(x), values, np.concatenate([np.expand_dims(first, 0), inside, np.expand_dims(last, 0)]))


def end_slope(step, next_step, line, next_line):
    """The slope of a parabola at an end, kept from overshooting."""
    found = ((2 * step + next_step) * line - step * next_line) / (step + next_step)
    level = np.where(np.sign(found) != np.sign(line), 0.0, found)
    steep = np.logical_and(np.sign(line) != np.sign(next_line), np.abs(found) > 3 * np.abs(line))
    return np.where(np.logical_and(steep, np.sign(found) == np.sign(line)), 3 * line, level)


@expanded(interpolate.Akima1DInterpolator)
def akima(x, y):
    values = check_points(y, x)
    lines = np.diff(values) / np.diff(x)
    # Two lines more at each end, as if parabolas went on.
    second, first = 2 * lines[:1] - lines[1:2], 3 * lines[:1] - 2 * lines[1:2]
    next_last, last = 2 * lines[-1:] - lines[-2:-1], 3 * lines[-1:] - 2 * lines[-2:-1]
    m = np.concatenate([first, second, lines, next_last, last])
    bends = np.abs(np.diff(m))
    after, before = bends[2:], bends[:-2]
    total = after + before
    is_bent = total > 1e-9 * np.max(total, initial=-np.inf)
    mean = (after * m[1:-2] + before * m[2:-1]) / np.where(is_bent, total, 1.0)
    return Pieces(np.asarray(x), values, np.where(is_bent, mean, (m[3:] + m[:-3]) / 2), False)


@linear(check_points, aliasing="maybe")
def check_points_(v, /, y, x):
    d[y] += d[v]


zero(piece_before, is_outside)
