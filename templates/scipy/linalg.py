"""Functions of `scipy.linalg`. Derivations are those of `templates/linalg.py`."""

import scipy.linalg

from tangent_sct.templating.language import d, rule


@rule(scipy.linalg.solve_sylvester)
def solve_sylvester(x, /, a, b, q):
    # a x + x b = q gives a dx + dx b = dq - da x - x db; the adjoint solves a^T t + t b^T = x_bar.
    def tangent():
        d[x] = scipy.linalg.solve_sylvester(a, b, d[q] - d[a] @ x - x @ d[b])

    def adjoint():
        t = scipy.linalg.solve_sylvester(a.T, b.T, d[x])
        d[q] += t
        d[a] += -t @ x.T
        d[b] += -x.T @ t
