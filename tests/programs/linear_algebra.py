"""Linear algebra by the textbook: direct and iterative solvers, factorisations, eigenvalues."""

import math

import numpy as np

from tests.programs.sample import sample


def thomas(a, b, c, d):
    """
    Solve a tridiagonal system.

    a is the sub-diagonal (a[0] is not used), b the diagonal, c the super-diagonal, d the right-hand side.
    """
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        if i < n - 1:
            cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


def gauss_seidel(A, b, tol=1e-13, max_iter=500):
    n = A.shape[0]
    x = np.zeros_like(b)
    for it in range(max_iter):
        x_old = x.copy()
        for i in range(n):
            s1 = np.dot(A[i, :i], x[:i])
            s2 = np.dot(A[i, i + 1:], x_old[i + 1:])
            x[i] = (b[i] - s1 - s2) / A[i, i]
        if np.linalg.norm(x - x_old, ord=np.inf) < tol:
            break
    return x


def jacobi(A, b, x0=None, iterations=60):
    if x0 is None:
        x0 = np.zeros(len(b))
    D = np.diag(A)
    R = A - np.diagflat(D)
    x = x0
    for _ in range(iterations):
        x = (b - R @ x) / D
    return x


def sor(A, b, omega: float = 1.2, tol: float = 1e-12):
    x = [0.0] * len(b)
    error = 1.0
    while error > tol:
        error = 0.0
        for i in range(len(b)):
            sigma = sum(A[i][j] * x[j] for j in range(len(b)) if j != i)
            new = (1 - omega) * x[i] + omega * (b[i] - sigma) / A[i][i]
            error = max(error, abs(new - x[i]))
            x[i] = new
    return np.array(x)


def givens_rotation(a, b):
    if b == 0:
        return 1.0, 0.0
    r = math.hypot(a, b)
    return a / r, -b / r


def qr_givens(A):
    """QR factorisation of A by Givens rotations."""
    m, n = A.shape
    Q = np.eye(m)
    R = A.copy()
    for j in range(n):
        for i in range(m - 1, j, -1):
            c, s = givens_rotation(R[i - 1, j], R[i, j])
            G = np.eye(m)
            G[[i - 1, i], [i - 1, i]] = c
            G[i - 1, i] = -s
            G[i, i - 1] = s
            R = G @ R
            Q = Q @ G.T
    return Q, R


def householder_qr(A):
    m, n = A.shape
    Q, R = np.identity(m), np.copy(A)
    for k in range(min(m - 1, n)):
        x = R[k:, k]
        e = np.zeros_like(x)
        e[0] = math.copysign(np.linalg.norm(x), x[0])
        u = x + e
        v = u / np.linalg.norm(u)
        R[k:, :] -= 2.0 * np.outer(v, v @ R[k:, :])
        Q[:, k:] -= 2.0 * np.outer(Q[:, k:] @ v, v)
    return Q, R


def gram_schmidt(vectors):
    basis = []
    for v in vectors:
        w = v - sum(np.dot(v, b) * b for b in basis)
        if (np.abs(w) > 1e-10).any():
            basis.append(w / np.linalg.norm(w))
    return np.array(basis)


def cholesky(A):
    n = len(A)
    L = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            s = sum(L[i][k] * L[j][k] for k in range(j))
            if i == j:
                L[i][j] = math.sqrt(A[i][i] - s)
            else:
                L[i][j] = (A[i][j] - s) / L[j][j]
    return L


def gaussian_density(A, y):
    """Log density of y under N(0, A), with the factor from the function above."""
    L = np.array(cholesky(A))
    n = y.size
    z = np.empty(n)
    for i in range(n):
        z[i] = (y[i] - L[i, :i] @ z[:i]) / L[i, i]
    return -0.5 * z @ z - np.log(np.diag(L)).sum() - 0.5 * n * np.log(2 * np.pi)


def solve_with_pivoting(A, b):
    """Gaussian elimination with partial pivoting."""
    A = np.array(A, dtype=float)
    b = np.array(b, dtype=float)
    n = len(b)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(A[k:, k]))
        if A[p, k] == 0.0:
            raise ValueError("Matrix is singular.")
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[[k, p]] = b[[p, k]]
        for i in range(k + 1, n):
            factor = A[i, k] / A[k, k]
            A[i, k:] -= factor * A[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (b[i] - np.sum(A[i, i + 1:] * x[i + 1:])) / A[i, i]
    return x


def determinant(M):
    """Laplace expansion along the first row."""
    n = len(M)
    if n == 1:
        return M[0][0]
    if n == 2:
        return M[0][0] * M[1][1] - M[0][1] * M[1][0]
    total = 0
    for j in range(n):
        minor = [row[:j] + row[j + 1:] for row in M[1:]]
        total += (-1) ** j * M[0][j] * determinant(minor)
    return total


def conjugate_gradient(A, b, x0, tol=1e-12):
    x = x0
    r = b - A @ x
    p = r
    rs_old = r @ r
    k = 0
    while True:
        Ap = A @ p
        alpha = rs_old / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        rs_new = r @ r
        k += 1
        if np.sqrt(rs_new) < tol or k >= 2 * len(b):
            break
        p = r + (rs_new / rs_old) * p
        rs_old = rs_new
    return x


def fitted_by_conjugate_gradient(M, b, ridge=1.0):
    """Ridge regression through the normal equations."""
    return conjugate_gradient(M.T @ M + ridge * np.eye(M.shape[1]), M.T @ b, np.zeros(M.shape[1]))


def power_method(A, n_iter=80):
    v = np.ones(A.shape[1])
    for _ in range(n_iter):
        w = A @ v
        v = w / np.linalg.norm(w)
    eigenvalue = v @ A @ v / (v @ v)
    return eigenvalue, v


def expm(A, order=10):
    """Matrix exponential by scaling and squaring of the Taylor series."""
    norm = np.abs(A).sum(axis=0).max()
    squarings = max(0, int(np.ceil(np.log2(norm))) + 1) if norm > 0 else 0
    A = A / 2**squarings
    result = np.eye(len(A))
    term = np.eye(len(A))
    for k in range(1, order + 1):
        term = term.dot(A) / k
        result += term
    for _ in range(squarings):
        result = result.dot(result)
    return result


def jacobi_eigenvalues(A, sweeps=6):
    """Eigenvalues of a symmetric matrix by cyclic Jacobi rotations."""
    A = A.copy()
    n = A.shape[0]
    for sweep in range(sweeps):
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(A[p, q]) < 1e-14:
                    continue
                theta = (A[q, q] - A[p, p]) / (2.0 * A[p, q])
                t = np.sign(theta) / (abs(theta) + np.sqrt(theta**2 + 1.0))
                c = 1.0 / np.sqrt(t**2 + 1.0)
                s = t * c
                for k in range(n):
                    akp, akq = A[k, p], A[k, q]
                    A[k, p] = c * akp - s * akq
                    A[k, q] = s * akp + c * akq
                for k in range(n):
                    apk, aqk = A[p, k], A[q, k]
                    A[p, k] = c * apk - s * aqk
                    A[q, k] = s * apk + c * aqk
    return np.diag(A)


_rng = np.random.default_rng(0)
_b = np.array([1.0, -2.0, 0.5, 3.0])
_M = _rng.normal(size=(4, 4))
_spd = _M @ _M.T + 4.0 * np.eye(4)
_dominant = _M + 8.0 * np.eye(4)

SAMPLES = [
    sample(
        thomas, np.array([0.0, -1.0, -0.9, -1.1]), np.array([2.5, 2.4, 2.6, 2.7]),
        np.array([-0.8, -1.0, -1.2, 0.0]), _b, wrt="a b c d",
    ),
    sample(gauss_seidel, _dominant, _b, wrt="A b"),
    sample(jacobi, _dominant, _b, wrt="A b"),
    sample(sor, _spd, _b, wrt="A b omega", smooth=False),
    sample(qr_givens, _rng.normal(size=(4, 3)), wrt="A"),
    sample(householder_qr, _rng.normal(size=(4, 3)), wrt="A"),
    sample(gram_schmidt, _rng.normal(size=(3, 4)), wrt="vectors"),
    sample(
        cholesky, _spd.tolist(), wrt="A",
    ),
    sample(gaussian_density, _spd, _b, wrt="A y"),
    sample(solve_with_pivoting, _M, _b, wrt="A b"),
    sample(
        determinant, _M.tolist(), wrt="M",
        refused="kinds: rows of a list that a recursive call was given are joined, if they are lists",
    ),
    sample(fitted_by_conjugate_gradient, _M, _b, wrt="M b", smooth=False),
    sample(power_method, _spd + np.diag([9.0, 0.0, 0.0, 0.0]), wrt="A"),
    sample(expm, 0.7 * _M, wrt="A"),
    sample(jacobi_eigenvalues, _spd, wrt="A"),
]
