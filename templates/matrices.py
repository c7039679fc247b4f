"""Functions of whole matrices that are made of products and decompositions."""

import numpy as np

from tangent_sct.runtime import (
    block_triangular,
    chain_adjoint,
    columns_outer,
    corner,
    from_triangle,
    kron_left,
    kron_right,
    power_tangent,
    transposed,
    unbroadcast,
    undiagonal,
)
from tangent_sct.templating.language import (
    d,
    dense,
    each,
    expanded,
    isactive,
    linear,
    ndim,
    rule,
    zero,
)

# -- the functions of np.linalg that stand in np as well ------------------------------------------


@expanded(np.linalg.matmul)
def matmul(x1, x2):
    return np.matmul(x1, x2)


@expanded(np.linalg.outer)
def outer(x1, x2):
    return np.outer(x1, x2)


@expanded(np.linalg.tensordot)
def tensordot(x1, x2, axes=2):
    return np.tensordot(x1, x2, axes)


@expanded(np.linalg.trace)
def trace(x, offset=0):
    return np.trace(x, offset, -2, -1)


@linear(np.linalg.diagonal, aliasing="view")
def diagonal(y, /, x, offset=0):
    d[x] += undiagonal(d[y], x, offset, -2, -1)


@linear(np.linalg.matrix_transpose, aliasing="view")
def matrix_transpose(y, /, x):
    d[x] += np.linalg.matrix_transpose(d[y])


@expanded(np.linalg.cross)
def cross(x1, x2, axis=-1):
    return np.cross(x1, x2, axis=axis)


# -- products -----------------------------------------------------------------------------------


@rule(np.kron)
def kron(y, /, a, b):
    def tangent():
        d[y] = np.kron(d[a], b) + np.kron(a, d[b])

    def adjoint():
        d[a] += kron_left(d[y], a, b)
        d[b] += kron_right(d[y], a, b)


@rule(kron_left)
def kron_left_(y, /, g, a, b):
    def tangent():
        d[y] = kron_left(d[g], a, b) + kron_left(g, a, d[b])

    def adjoint():
        d[g] += np.kron(d[y], b)
        d[b] += kron_right(g, d[y], b)


@rule(kron_right)
def kron_right_(y, /, g, a, b):
    def tangent():
        d[y] = kron_right(d[g], a, b) + kron_right(g, d[a], b)

    def adjoint():
        d[g] += np.kron(a, d[y])
        d[a] += kron_left(g, a, d[y])


@rule(np.vecdot)
def vecdot(y, /, x1, x2):
    # Over the last axes, which are both broadcast.
    def tangent():
        d[y] = np.vecdot(d[x1], x2) + np.vecdot(x1, d[x2])

    def adjoint():
        if ndim(x1) == 1 and ndim(x2) == 1:
            d[x1] += d[y] * x2
            d[x2] += d[y] * x1
        else:
            d[x1] += unbroadcast(np.expand_dims(d[y], -1) * x2, like=x1)
            d[x2] += unbroadcast(np.expand_dims(d[y], -1) * x1, like=x2)


@expanded(np.linalg.vecdot, np.vecdot)
def vecdot_along(x1, x2, axis=-1):
    return np.vecdot(with_last(x1, axis), with_last(x2, axis))


def with_last(a, axis):
    """An array with an axis put behind all others."""
    if axis == -1:
        return a
    return np.moveaxis(a, axis, -1)


if hasattr(np, "matvec"):  # since NumPy 2.2

    @expanded(np.matvec)
    def matvec(x1, x2):
        return np.squeeze(np.matmul(x1, np.expand_dims(x2, -1)), -1)

    @expanded(np.vecmat)
    def vecmat(x1, x2):
        return np.squeeze(np.matmul(np.expand_dims(x1, -2), x2), -2)


@rule(np.linalg.multi_dot)
def multi_dot(y, /, arrays):
    # Each factor gets the product in which it and the result have changed places.
    def tangent():
        d[y] = sum(
            [
                np.linalg.multi_dot([dense(d[b]) if j == i else b for j, b in enumerate(each(arrays))])
                for i, a in enumerate(each(arrays))
            ]
        )

    def adjoint():
        for i, a in enumerate(each(arrays)):
            d[a] += chain_adjoint(d[y], i, arrays)


@rule(chain_adjoint)
def chain_adjoint_(y, /, g, place, arrays):
    def tangent():
        total = chain_adjoint(d[g], place, arrays)
        for i, _ in enumerate(each(arrays)):
            if i != place:
                moved = [dense(d[b]) if j == i else b for j, b in enumerate(each(arrays))]
                total += chain_adjoint(g, place, moved)
        d[y] = total

    def adjoint():
        d[g] += np.linalg.multi_dot([d[y] if j == place else b for j, b in enumerate(each(arrays))])
        for i, a in enumerate(each(arrays)):
            if i != place:
                others = [d[y] if j == place else b for j, b in enumerate(each(arrays))]
                d[a] += chain_adjoint(g, i, others)


@rule(np.linalg.matrix_power, aliasing="maybe")
def matrix_power(y, /, a, n):
    # The adjoint of the derivative at a is the derivative at a^T.
    def tangent():
        d[y] = power_tangent(a, d[a], n)

    def adjoint():
        d[a] += power_tangent(transposed(a), d[y], n)


@rule(power_tangent)
def power_tangent_(y, /, a, e, n):
    # A function of [[a, da], [0, a]] has its derivative along da in the corner.
    def tangent():
        both = block_triangular(e, np.zeros_like(e))
        d[y] = power_tangent(a, d[e], n) + corner(power_tangent(block_triangular(a, d[a]), both, n))

    def adjoint():
        d[e] += power_tangent(transposed(a), d[y], n)
        both = block_triangular(transposed(e), np.zeros_like(e))
        d[a] += corner(power_tangent(block_triangular(transposed(a), d[y]), both, n))


# -- inverses -----------------------------------------------------------------------------------


@rule(np.linalg.pinv)
def pinv(p, /, a, rcond=None, rtol=None):
    # Of constant rank: dp = -p da p + p p^T da^T (1 - a p) + (1 - p a) da^T p^T p.
    def tangent():
        beside = transposed(d[a]) - transposed(d[a]) @ a @ p
        before = transposed(d[a]) - p @ a @ transposed(d[a])
        d[p] = -p @ d[a] @ p + p @ transposed(p) @ beside + before @ transposed(p) @ p

    def adjoint():
        t = transposed(d[p])
        d[a] += -transposed(p) @ d[p] @ transposed(p)
        d[a] += (t - a @ p @ t) @ p @ transposed(p)
        d[a] += transposed(p) @ p @ (t - t @ p @ a)


@expanded(np.linalg.pinv)
def pinv_of_symmetric(a, rcond=None, hermitian=False):
    if hermitian:
        # Only one triangle is read.
        return np.linalg.pinv(from_triangle(a), rcond)
    return np.linalg.pinv(a, rcond)


@rule(np.linalg.lstsq)
def lstsq(x, residuals, rank, s, /, a, b, rcond=None):
    # With the pseudo-inverse p and r = b - a x: dx = p (db - da x) + p p^T da^T r + (1 - p a) da^T p^T x.
    def tangent():
        p = np.linalg.pinv(a)
        r = b - a @ x
        change = d[b] - d[a] @ x
        normal = transposed(p) @ x
        row = transposed(d[a]) @ normal
        d[x] = p @ change + p @ (transposed(p) @ (transposed(d[a]) @ r)) + (row - p @ (a @ row))
        d[residuals] = 2 * np.sum(r * change, axis=0) * np.ones_like(residuals)
        d[rank] = 0.0
        u, values, vh = np.linalg.svd(a, full_matrices=False)
        d[s] = np.sum(u * (d[a] @ vh.T), axis=0)

    def adjoint():
        r = b - a @ x
        if isactive(x):
            p = np.linalg.pinv(a)
            t = p.T @ d[x]
            d[b] += t
            d[a] += -columns_outer(t, x, b)
            d[a] += columns_outer(r, p @ t, b)
            d[a] += columns_outer(transposed(p) @ x, d[x] - a.T @ t, b)
        by_residuals = 2 * r * d[residuals]
        d[b] += by_residuals
        d[a] += -columns_outer(by_residuals, x, b)
        if isactive(s):
            u, values, vh = np.linalg.svd(a, full_matrices=False)
            d[a] += u * d[s] @ vh


@expanded(np.linalg.tensorinv)
def tensorinv(a, ind=2):
    outer, inner = np.shape(a)[:ind], np.shape(a)[ind:]
    size = int(np.prod(inner))
    return np.reshape(np.linalg.inv(np.reshape(a, (size, size))), inner + outer)


@expanded(np.linalg.tensorsolve, when={"axes": (None,)})
def tensorsolve(a, b, axes=None):
    inner = np.shape(a)[np.ndim(b) :]
    size = np.size(b)
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)), np.ravel(b)), inner)


@expanded(np.cross)
def cross_along(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is None:
        product = np.cross(with_last(a, axisa), with_last(b, axisb))
        return product if axisc == -1 else np.moveaxis(product, -1, axisc)
    product = np.cross(with_last(a, axis), with_last(b, axis))
    return product if axis == -1 else np.moveaxis(product, -1, axis)


zero(np.linalg.matrix_rank)
