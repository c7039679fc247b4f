"""Polynomials made of others, of their zeros or of samples, said as statements: highest powers first."""

import numpy as np

from tangent_sct.runtime import leading_zeros, simple_zeros
from tangent_sct.templating.language import d, expanded, rule


def as_long_as(p, length):
    """A polynomial with zeros in front."""
    return np.concatenate([np.zeros(length - np.size(p)), np.atleast_1d(p)])


@expanded(np.polyadd)
def polyadd(a1, a2):
    length = max(np.size(a1), np.size(a2))
    return as_long_as(a1, length) + as_long_as(a2, length)


@expanded(np.polysub)
def polysub(a1, a2):
    length = max(np.size(a1), np.size(a2))
    return as_long_as(a1, length) - as_long_as(a2, length)


@expanded(np.polydiv)
def polydiv(u, v):
    # Long division. NumPy drops leading coefficients of the rest that are as good as zero.
    if np.size(u) < np.size(v):
        return np.zeros(1), np.atleast_1d(u)[leading_zeros(u, 1e-8) :]
    rest = np.atleast_1d(u)
    divisor = np.concatenate([np.atleast_1d(v), np.zeros(np.size(u) - np.size(v))])
    quotients = []
    for place in range(np.size(u) - np.size(v) + 1):
        quotients.append(rest[0] / divisor[0])
        rest = rest[1:] - quotients[-1] * divisor[1 : np.size(u) - place]
    if np.size(v) == 1:
        return np.array(quotients), np.zeros(1)
    return np.array(quotients), rest[leading_zeros(rest, 1e-8) :]


@expanded(np.poly)
def poly(seq_of_zeros):
    places = np.linalg.eigvals(seq_of_zeros) if np.ndim(seq_of_zeros) == 2 else np.asarray(seq_of_zeros)
    found = np.ones(1)
    for place in range(np.size(places)):
        found = np.concatenate([found, np.zeros(1)]) - places[place] * np.concatenate([np.zeros(1), found])
    return found


@expanded(np.roots)
def roots(p):
    # The eigenvalues of the companion matrix.
    coefficients = simple_zeros(p)
    degree = np.size(p) - 1
    first = np.expand_dims(-coefficients[1:] / coefficients[0], 0)
    return np.linalg.eigvals(np.concatenate([first, np.eye(degree - 1, degree)]))


@expanded(np.polyfit)
def polyfit(x, y, deg, rcond=None, w=None):
    # Least squares with columns of length one, as NumPy scales them.
    columns = np.vander(x, deg + 1)
    samples = np.asarray(y)
    if w is not None:
        columns = columns * np.reshape(w, (-1, 1))
        samples = np.transpose(np.transpose(samples) * w)
    lengths = np.sqrt(np.sum(columns * columns, axis=0))
    smallest = np.size(x) * 2.220446049250313e-16 if rcond is None else rcond
    found = np.linalg.lstsq(columns / lengths, samples, smallest)
    return np.transpose(np.transpose(found[0]) / lengths)


@rule(simple_zeros, aliasing="maybe")
def simple_zeros_(y, /, p):
    def tangent():
        d[y] = np.asarray(d[p])

    def adjoint():
        d[p] += d[y]


