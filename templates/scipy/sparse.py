"""Systems with constant sparse matrices: `scipy.sparse.linalg`. Products with them are `@`, in `linalg.py`."""

import numpy as np
import scipy.sparse.linalg

from tangent_sct.templating.language import d, rule


@rule(scipy.sparse.linalg.spsolve, constant=("A",))
def spsolve(x, /, A, b):
    # A dx = db, and b_bar = A^-T x_bar. A column comes out as a vector.
    def tangent():
        d[x] = scipy.sparse.linalg.spsolve(A, d[b])

    def adjoint():
        d[b] += np.reshape(scipy.sparse.linalg.spsolve(A.T, d[x]), np.shape(b))
