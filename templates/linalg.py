"""Products, systems, inverses, determinants and factorizations.

Derivations: with <A, B> = sum(A * B), the adjoint of Y = A B follows from <Y_bar, dA B + A dB> =
<Y_bar B^T, dA> + <A^T Y_bar, dB>, and those of the other functions from the same two moves.
"""

import operator

import numpy as np

from tangent_sct.runtime import (
    cofactors,
    columns_outer,
    columns_product,
    dot_left,
    dot_right,
    einsum_adjoint,
    lower_half,
    matmul_left,
    matmul_right,
    tensordot_left,
    tensordot_right,
    transposed,
    undiagonal,
)
from tangent_sct.templating.language import d, dense, each, expanded, iscomplex, linear, ndim, rule

# -- products ---------------------------------------------------------------------------------


@rule(operator.matmul, np.matmul)
def matmul(y, /, a, b):
    def tangent():
        d[y] = d[a] @ b + a @ d[b]

    def adjoint():
        if ndim(a) == 2 and ndim(b) == 2:
            d[a] += d[y] @ b.T
            d[b] += a.T @ d[y]
        elif ndim(a) == 2 and ndim(b) == 1:
            d[a] += np.outer(d[y], b)
            d[b] += d[y] @ a
        elif ndim(a) == 1 and ndim(b) == 2:
            d[a] += b @ d[y]
            d[b] += np.outer(a, d[y])
        elif ndim(a) == 1 and ndim(b) == 1:
            d[a] += d[y] * b
            d[b] += d[y] * a
        else:
            d[a] += matmul_left(d[y], a, b)
            d[b] += matmul_right(d[y], a, b)


@rule(np.dot)
def dot(y, /, a, b):
    def tangent():
        d[y] = np.dot(d[a], b) + np.dot(a, d[b])

    def adjoint():
        if ndim(a) == 2 and ndim(b) == 2:
            d[a] += d[y] @ b.T
            d[b] += a.T @ d[y]
        elif ndim(a) == 2 and ndim(b) == 1:
            d[a] += np.outer(d[y], b)
            d[b] += d[y] @ a
        elif ndim(a) == 1 and ndim(b) == 2:
            d[a] += b @ d[y]
            d[b] += np.outer(a, d[y])
        elif ndim(a) == 1 and ndim(b) == 1:
            d[a] += d[y] * b
            d[b] += d[y] * a
        else:
            d[a] += dot_left(d[y], a, b)
            d[b] += dot_right(d[y], a, b)


@rule(np.inner)
def inner(y, /, a, b):
    def tangent():
        d[y] = np.inner(d[a], b) + np.inner(a, d[b])

    def adjoint():
        if ndim(a) == 1 and ndim(b) == 1:
            d[a] += d[y] * b
            d[b] += d[y] * a
        elif ndim(a) == 0:
            d[a] += np.sum(d[y] * b)
            d[b] += d[y] * a
        elif ndim(b) == 0:
            d[a] += d[y] * b
            d[b] += np.sum(d[y] * a)
        elif ndim(a) == 2 and ndim(b) == 1:
            d[a] += np.outer(d[y], b)
            d[b] += d[y] @ a
        elif ndim(a) == 1 and ndim(b) == 2:
            d[a] += d[y] @ b
            d[b] += np.outer(d[y], a)
        elif ndim(a) > 0 and ndim(b) > 0:
            # inner(a, b) sums over the last axes: dot with b transposed.
            d[a] += dot_left(d[y], a, transposed(b))
            d[b] += transposed(dot_right(d[y], a, transposed(b)))


@rule(np.vdot)
def vdot(y, /, a, b):
    def tangent():
        d[y] = np.vdot(d[a], b) + np.vdot(a, d[b])

    def adjoint():
        # With y = sum(conj(a) * b) of complex numbers.
        if ndim(a) == 1 and ndim(b) == 1:
            if iscomplex(y):
                d[a] += np.conj(d[y] * b)
                d[b] += d[y] * np.conj(a)
            else:
                d[a] += d[y] * b
                d[b] += d[y] * a
        else:
            if iscomplex(y):
                d[a] += np.conj(d[y] * np.reshape(b, np.shape(a)))
                d[b] += d[y] * np.conj(np.reshape(a, np.shape(b)))
            else:
                d[a] += d[y] * np.reshape(b, np.shape(a))
                d[b] += d[y] * np.reshape(a, np.shape(b))


@rule(np.outer)
def outer(y, /, a, b):
    def tangent():
        d[y] = np.outer(d[a], b) + np.outer(a, d[b])

    def adjoint():
        if ndim(a) == 1 and ndim(b) == 1:
            d[a] += d[y] @ b
            d[b] += a @ d[y]
        else:
            d[a] += np.reshape(d[y] @ np.ravel(b), np.shape(a))
            d[b] += np.reshape(np.ravel(a) @ d[y], np.shape(b))


@rule(np.tensordot)
def tensordot(y, /, a, b, axes=2):
    def tangent():
        d[y] = np.tensordot(d[a], b, axes) + np.tensordot(a, d[b], axes)

    def adjoint():
        d[a] += tensordot_left(d[y], a, b, axes)
        d[b] += tensordot_right(d[y], a, b, axes)


@rule(np.einsum, aliasing="maybe", constant=("subscripts",))
def einsum(y, /, subscripts, *operands, optimize=False):
    # The adjoint of an operand is the sum in which it and the result have changed places; where `einsum_adjoint` is
    # no more than that, the text shows the sum.
    def tangent():
        if len(operands) == 1:
            d[y] = np.einsum(subscripts, d[operands[0]], optimize=optimize)
        elif len(operands) == 2:
            by_first = np.einsum(subscripts, d[operands[0]], operands[1], optimize=optimize)
            d[y] = by_first + np.einsum(subscripts, operands[0], d[operands[1]], optimize=optimize)
        else:
            d[y] = sum(
                [
                    np.einsum(
                        subscripts,
                        *[dense(d[b]) if j == i else b for j, b in enumerate(each(operands))],
                        optimize=optimize,
                    )
                    for i, a in enumerate(each(operands))
                ]
            )

    def adjoint():
        for i, a in enumerate(each(operands)):
            d[a] += einsum_adjoint(d[y], subscripts, i, *operands)


@rule(np.cross, broadcast=True)
def cross(y, /, a, b):
    # <y_bar, da x b> = <b x y_bar, da>, by turning the triple product.
    def tangent():
        d[y] = np.cross(d[a], b) + np.cross(a, d[b])

    def adjoint():
        d[a] += np.cross(b, d[y])
        d[b] += np.cross(d[y], a)


@linear(np.trace)
def trace(y, /, a, offset=0, axis1=0, axis2=1):
    # `undiagonal` repeats the one entry along the diagonal.
    d[a] += undiagonal(np.expand_dims(d[y], -1), a, offset, axis1, axis2)


# -- systems and inverses ---------------------------------------------------------------------


@rule(np.linalg.solve, broadcast=True)
def solve(x, /, a, b):
    # a x = b gives da x + a dx = db; with t = a^-T x_bar: b_bar = t and a_bar = -t x^T.
    def tangent():
        if ndim(a) == 2:
            d[x] = np.linalg.solve(a, d[b] - d[a] @ x)
        else:
            inverse = np.linalg.inv(a)
            d[x] = columns_product(inverse, d[b] - columns_product(d[a], x, b), b)

    def adjoint():
        if ndim(a) == 2 and ndim(b) == 1:
            t = np.linalg.solve(a.T, d[x])
            d[b] += t
            d[a] += -np.outer(t, x)
        elif ndim(a) == 2 and ndim(b) == 2:
            t = np.linalg.solve(a.T, d[x])
            d[b] += t
            d[a] += -t @ x.T
        else:
            inverse = np.linalg.inv(a)
            t = columns_product(transposed(inverse), d[x], b)
            d[b] += t
            d[a] += -columns_outer(t, x, b)


@rule(np.linalg.inv)
def inv(y, /, a):
    # a y = 1 gives dy = -y da y.
    def tangent():
        d[y] = -y @ d[a] @ y

    def adjoint():
        if ndim(a) == 2:
            d[a] += -y.T @ d[y] @ y.T
        else:
            d[a] += -transposed(y) @ d[y] @ transposed(y)


# -- determinants -----------------------------------------------------------------------------


@rule(np.linalg.det)
def det(y, /, a):
    # Jacobi: d det(a) = sum(cofactors * da), where cofactors = det(a) a^-T for regular matrices.
    def tangent():
        d[y] = np.sum(cofactors(a) * d[a], axis=(-2, -1))

    def adjoint():
        if ndim(a) == 2:
            d[a] += d[y] * cofactors(a)
        else:
            d[a] += np.expand_dims(d[y], (-2, -1)) * cofactors(a)


@rule(np.linalg.slogdet)
def slogdet(sign, logabsdet, /, a):
    def tangent():
        d[sign] = 0.0
        d[logabsdet] = np.trace(np.linalg.solve(a, d[a]), 0, -2, -1)

    def adjoint():
        if ndim(a) == 2:
            d[a] += d[logabsdet] * np.linalg.inv(a).T
        else:
            scale = np.expand_dims(d[logabsdet], (-2, -1))
            d[a] += scale * transposed(np.linalg.inv(a))


# -- factorizations ---------------------------------------------------------------------------


@rule(np.linalg.cholesky)
def cholesky(y, /, a):
    # l l^T = a gives l^-1 dl + (l^-1 dl)^T = l^-1 da l^-T, whose lower half is l^-1 dl (Murray
    # 2016). NumPy reads only the lower triangle of `a`, so that is where the adjoint stands.
    def tangent():
        inverse = np.linalg.inv(y)
        half = lower_half(d[a])
        d[y] = y @ lower_half(inverse @ (half + transposed(half)) @ transposed(inverse))

    def adjoint():
        inverse = np.linalg.inv(y)
        half = lower_half(transposed(y) @ d[y])
        s = transposed(inverse) @ (half + transposed(half)) @ inverse / 2
        d[a] += np.tril(s) + np.tril(s, -1)


@expanded(np.linalg.cholesky, when={"upper": (True,)})
def upper_cholesky(a, upper):
    # Here it reads the upper triangle.
    return np.matrix_transpose(np.linalg.cholesky(np.matrix_transpose(a)))
