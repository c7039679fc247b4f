"""Matrices as lists of lists, the way textbooks and first programs have them."""

import numpy as np

from tests.programs.sample import sample


def zeros(n, m):
    return [[0.0] * m for _ in range(n)]


def eye(n):
    return [[float(i == j) for j in range(n)] for i in range(n)]


def transposed(a):
    return [list(row) for row in zip(*a, strict=True)]


def copied(a):
    return [row[:] for row in a]


def matmul(a, b):
    c = zeros(len(a), len(b[0]))
    for i in range(len(a)):
        for j in range(len(b[0])):
            for k in range(len(b)):
                c[i][j] += a[i][k] * b[k][j]
    return c


def matrix(x):
    return [[x[0], x[1], 0.3], [x[2], x[3] + 2.0, x[0]], [0.1, x[1], 3.0]]


# 1 a product with the transpose
def gram(x):
    return sum(sum(row) for row in matmul(matrix(x), transposed(matrix(x))))


# 2 elimination with pivoting
def determinant(x):
    a, sign = copied(matrix(x)), 1.0
    n = len(a)
    for i in range(n):
        p = max(range(i, n), key=lambda r: abs(a[r][i]))
        if p != i:
            a[i], a[p] = a[p], a[i]
            sign = -sign
        sign *= a[i][i]
        for r in range(i + 1, n):
            f = a[r][i] / a[i][i]
            for c in range(i, n):
                a[r][c] -= f * a[i][c]
    return sign


# 3 the inverse by Gauss and Jordan
def inverse(x):
    a = matrix(x)
    n = len(a)
    b = [row[:] + unit for row, unit in zip(a, eye(n), strict=True)]
    for i in range(n):
        pivot = b[i][i]
        b[i] = [v / pivot for v in b[i]]
        for r in range(n):
            if r != i:
                f = b[r][i]
                b[r] = [v - f * w for v, w in zip(b[r], b[i], strict=True)]
    return b[1][n + 2] * 3.0 + b[0][n]


# 4 Cholesky
def cholesky(x):
    s = matmul(matrix(x), transposed(matrix(x)))
    n = len(s)
    low = zeros(n, n)
    for i in range(n):
        for j in range(i + 1):
            t = sum(low[i][k] * low[j][k] for k in range(j))
            low[i][j] = (s[i][i] - t) ** 0.5 if i == j else (s[i][j] - t) / low[j][j]
    return low[2][1] * low[1][1] + low[0][0]


# 5 a decomposition that returns two matrices
def decomposed(a):
    low, up = eye(len(a)), copied(a)
    for k in range(len(a)):
        for i in range(k + 1, len(a)):
            low[i][k] = up[i][k] / up[k][k]
            up[i] = [u - low[i][k] * w for u, w in zip(up[i], up[k], strict=True)]
    return low, up


def lower_and_upper(x):
    low, up = decomposed(matrix(x))
    return low[2][1] * up[2][2] + up[1][2]


# 6 a power by squaring
def power(x):
    a, result, k = matrix(x), eye(3), 5
    while k:
        if k & 1:
            result = matmul(result, a)
        a = matmul(a, a)
        k >>= 1
    return result[1][2]


# 7 a convolution
def convolved(x):
    image, kernel = matrix(x), [[x[0], 1.0], [0.5, x[1]]]
    out = [[0.0 for _ in range(2)] for _ in range(2)]
    for i in range(2):
        for j in range(2):
            out[i][j] = sum(image[i + a][j + b] * kernel[a][b] for a in range(2) for b in range(2))
    return sum(map(sum, out))


# 8 a smooth game of life
def generation(grid):
    n = len(grid)
    new = zeros(n, n)
    for i in range(n):
        for j in range(n):
            t = 0.0
            for di in (-1, 0, 1):
                for dj in (-1, 0, 1):
                    if (di or dj) and 0 <= i + di < n and 0 <= j + dj < n:
                        t += grid[i + di][j + dj]
            new[i][j] = np.tanh(t - grid[i][j])
    return new


def life(x):
    grid = matrix(x)
    for _ in range(3):
        grid = generation(grid)
    return grid[1][1] + grid[0][2]


# 9 all shortest paths
def shortest(x):
    d = [[0.0, x[0], 9.0], [x[1], 0.0, x[2]], [x[3], 5.0, 0.0]]
    for k in range(3):
        for i in range(3):
            for j in range(3):
                d[i][j] = min(d[i][j], d[i][k] + d[k][j])
    return sum(sum(row) for row in d)


# 10 a class around them
class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]
        self.n, self.m = len(self.rows), len(self.rows[0])

    @classmethod
    def zeros(cls, n, m):
        return cls([[0.0] * m for _ in range(n)])

    @classmethod
    def identity(cls, n):
        a = cls.zeros(n, n)
        for i in range(n):
            a[i, i] = 1.0
        return a

    def __getitem__(self, place):
        return self.rows[place[0]][place[1]]

    def __setitem__(self, place, value):
        self.rows[place[0]][place[1]] = value

    def __add__(self, other):
        places = range(self.n)
        return Matrix([[a + b for a, b in zip(self.rows[i], other.rows[i], strict=True)] for i in places])

    def __mul__(self, other):
        if not isinstance(other, Matrix):
            return Matrix([[v * other for v in row] for row in self.rows])
        result = Matrix.zeros(self.n, other.m)
        for i in range(self.n):
            for j in range(other.m):
                for k in range(self.m):
                    result[i, j] += self[i, k] * other[k, j]
        return result

    __rmul__ = __mul__

    def trace(self):
        return sum(self[i, i] for i in range(self.n))


def with_a_class(x):
    m = Matrix.identity(3)
    m[0, 1] = x[3]
    m[2, 2] *= x[0]
    return (2.0 * Matrix(matrix(x)) + m * m).trace() * m[2, 2] + (m * Matrix(matrix(x)))[0, 1]


POINT = np.array([0.83, 0.61, 1.27, 0.94])
SAMPLES = [
    sample(gram, POINT, wrt="x"),
    sample(determinant, POINT, wrt="x"),
    sample(inverse, POINT, wrt="x"),
    sample(cholesky, POINT, wrt="x"),
    sample(lower_and_upper, POINT, wrt="x"),
    sample(power, POINT, wrt="x"),
    sample(convolved, POINT, wrt="x"),
    sample(life, POINT, wrt="x"),
    sample(shortest, POINT, wrt="x"),
    sample(with_a_class, POINT, wrt="x"),
]
