"""The calls that `rules.py` measures, and what is to be said of some of them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LONG, SIDE, SMALL = 200_000, 400, 120
"""Entries of a vector, the side of an array, and that of a matrix that is factorised."""

random = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """A call with large arguments.

    Attributes:
        name: the function as users write it.
        arguments: its positional arguments.
        wrt: positions of those that are differentiated.
        keywords: its options.
        packed: whether it takes the arguments as one sequence.
    """

    name: str
    arguments: tuple[Any, ...]
    wrt: tuple[int, ...]
    keywords: dict[str, Any] = field(default_factory=dict)
    packed: bool = False

    @property
    def label(self) -> str:
        """The name with the options."""
        options = ", ".join(f"{key}={value!r}" for key, value in self.keywords.items())
        return f"{self.name}({options})" if options else self.name

    def text(self) -> str:
        """A function of the arguments that are arrays, all others being literals."""
        names = [f"a{i}" for i in range(len(self.arguments))]
        arrays = [isinstance(value, np.ndarray) for value in self.arguments]
        given = [n if is_array else repr(v) for n, v, is_array in zip(names, self.arguments, arrays, strict=True)]
        listed = ", ".join(given)
        options = [f"{key}={value!r}" for key, value in self.keywords.items()]
        inside = ", ".join([f"[{listed}]" if self.packed else listed, *options])
        return f"def call({', '.join(names)}):\n    return function({inside})\n"


def resolved(name: str, peer: str = "") -> Any:
    """The function of a name, or that of the same name which a peer has: None where there is none."""
    module, _, last = name.rpartition(".")
    full = module.replace("np", "numpy", 1)
    if not peer:
        owner: Any = importlib.import_module("numpy") if full == "numpy" else None
        return getattr(owner or importlib.import_module(full), last)
    try:
        return getattr(importlib.import_module(f"{peer}.{full}"), last, None)
    except ImportError:
        return None


def normal(*shape: int) -> Any:
    return random.standard_normal(shape)


def positive(*shape: int) -> Any:
    return random.uniform(0.5, 1.5, shape)


def regular(n: int) -> Any:
    """A matrix far from singular ones."""
    return normal(n, n) + n * np.eye(n)


def definite(n: int) -> Any:
    m = normal(n, n)
    return m @ m.T + n * np.eye(n)


def triangular(n: int) -> Any:
    return np.tril(regular(n))


def separated(*shape: int) -> Any:
    """Numbers in no order, none close to another."""
    return random.permutation(int(np.prod(shape))).reshape(shape) / 100.0


def case(name: str, *arguments: Any, packed: bool = False, **keywords: Any) -> Case:
    wrt = tuple(i for i, a in enumerate(arguments) if isinstance(a, np.ndarray) and a.dtype.kind == "f")
    return Case(name, arguments, wrt, keywords, packed)


def elementwise() -> Iterator[Case]:
    vector, square = positive(LONG), positive(SIDE, SIDE)
    for name in (
        "exp expm1 log log1p log2 log10 sqrt cbrt square reciprocal sin cos tan arctan sinh cosh tanh arcsinh "
        "absolute sinc i0"
    ).split():
        yield case(f"np.{name}", vector)
    for name in "arcsin arccos arctanh".split():
        yield case(f"np.{name}", vector - 1.0)
    for name in "maximum minimum".split():
        yield case(f"np.{name}", separated(SIDE, SIDE), separated(SIDE, SIDE) + 0.003)
    for name in "add subtract multiply divide power arctan2 hypot logaddexp".split():
        yield case(f"np.{name}", square, positive(SIDE, SIDE))
    yield case("np.multiply", square, positive(SIDE))
    for name in "gammaln digamma erf erfc ndtr log_ndtr expit logit i0 i1 j0 j1 entr".split():
        yield case(f"scipy.special.{name}", vector * 0.6)
    yield case("np.where", vector > 1.0, vector, normal(LONG))
    yield case("np.clip", vector, 0.8, 1.2)


def reductions() -> Iterator[Case]:
    square = normal(SIDE, SIDE)
    for name in "sum mean prod var std max min median cumsum cumprod nansum nanmean nanmax nanmedian".split():
        yield case(f"np.{name}", square if "prod" not in name else 1 + 0.01 * square, axis=0)
    yield case("np.sum", square)
    yield case("np.percentile", separated(SIDE, SIDE), 30.0, axis=1)
    yield case("np.quantile", separated(SIDE, SIDE), np.array([0.1, 0.5, 0.9]).tolist(), axis=1)
    yield case("np.average", square, axis=0)
    yield case("np.linalg.norm", square)
    yield case("np.linalg.norm", square, axis=1)
    yield case("np.cov", normal(SMALL, SIDE))
    yield case("np.corrcoef", normal(SMALL, SIDE))
    yield case("scipy.special.logsumexp", square, axis=1)
    yield case("scipy.special.softmax", square, axis=1)
    yield case("np.ptp", square, axis=0)
    yield case("np.trapezoid", square, axis=0)
    yield case("np.gradient", normal(LONG))
    yield case("np.diff", normal(LONG))
    yield case("np.ediff1d", normal(LONG))
    yield case("np.trace", square)


def entries() -> Iterator[Case]:
    vector, square = normal(LONG), normal(SIDE, SIDE)
    yield case("np.sort", separated(LONG))
    yield case("np.sort", separated(SIDE, SIDE), axis=0)
    yield case("np.take", vector, random.integers(0, LONG, LONG))
    yield case("np.take_along_axis", square, np.argsort(square, 0), axis=0)
    yield case("np.interp", random.permutation(LONG) % 498 + 0.5, np.arange(500.0), normal(500))
    yield case("np.convolve", normal(20_000), normal(200))
    yield case("np.correlate", normal(20_000), normal(200), mode="full")
    yield case("np.pad", square, 3)
    yield case("np.tile", square, (2, 2))
    yield case("np.repeat", vector, 3)
    yield case("np.roll", square, 5, axis=0)
    yield case("np.rot90", square)
    yield case("np.flip", square)
    yield case("np.transpose", square)
    yield case("np.concatenate", square, normal(SIDE, SIDE), packed=True)
    yield case("np.tril", square)
    yield case("np.diag", vector[:SIDE])
    yield case("np.unwrap", vector)
    yield case("np.vander", positive(5000), 20)
    yield case("np.polyval", normal(12), positive(LONG))
    yield case("np.compress", vector > 0, vector)
    yield case("np.extract", vector > 0, vector)


def algebra() -> Iterator[Case]:
    a, b = normal(SIDE, SIDE), normal(SIDE, SIDE)
    yield case("np.matmul", a, b)
    yield case("np.dot", a, normal(SIDE))
    yield case("np.outer", normal(SIDE), normal(SIDE))
    yield case("np.inner", a, b)
    yield case("np.tensordot", a, b, axes=1)
    yield case("np.einsum", "ij,jk->ik", normal(SMALL, SMALL), normal(SMALL, SMALL))
    yield case("np.kron", normal(30, 30), normal(30, 30))
    yield case("np.cross", normal(LONG // 4, 3), normal(LONG // 4, 3))
    for name in "inv det eigvalsh eigh cholesky qr svd svdvals pinv slogdet".split():
        argument = definite(SMALL) if name in ("cholesky", "eigh", "eigvalsh") else normal(SMALL, SMALL)
        argument = argument if name != "det" else regular(SMALL) / SMALL
        yield case(f"np.linalg.{name}", argument, **({"full_matrices": False} if name == "svd" else {}))
    yield case("np.linalg.qr", normal(4 * SMALL, SMALL))
    yield case("np.linalg.qr", normal(SMALL, SMALL), mode="r")
    yield case("np.linalg.qr", normal(SMALL, SMALL), mode="complete")
    yield case("np.linalg.solve", regular(SIDE), normal(SIDE, 10))
    yield case("np.linalg.matrix_power", normal(SMALL, SMALL) / 11, 5)
    yield case("np.linalg.multi_dot", a, b, normal(SIDE, 10), packed=True)
    yield case("np.linalg.cond", regular(SMALL))
    yield case("np.linalg.matrix_norm", a, ord=2)


def algebra_of_scipy() -> Iterator[Case]:
    m = regular(SMALL)
    for name in "inv det expm sqrtm logm lu qr cholesky svdvals".split():
        argument = definite(SMALL) / SMALL if name in ("cholesky", "sqrtm", "logm") else m / SMALL
        yield case(f"scipy.linalg.{name}", argument)
    yield case("scipy.linalg.solve", m, normal(SMALL, 4))
    yield case("scipy.linalg.solve_triangular", triangular(SIDE), normal(SIDE, 4), lower=True)
    yield case("scipy.linalg.solve_sylvester", m, regular(SMALL), normal(SMALL, SMALL))
    yield case("scipy.linalg.solve_continuous_lyapunov", m, normal(SMALL, SMALL))
    yield case("scipy.linalg.toeplitz", normal(SIDE), normal(SIDE))
    yield case("scipy.linalg.block_diag", normal(SMALL, SMALL), normal(SMALL, SMALL))


def transforms() -> Iterator[Case]:
    vector, square = normal(2**16), normal(256, 256)
    yield case("scipy.fft.dct", vector)
    yield case("scipy.fft.dctn", square)
    yield case("scipy.fft.dst", vector)
    yield case("scipy.signal.convolve", square, normal(9, 9))
    yield case("scipy.signal.fftconvolve", square, normal(31, 31))
    yield case("scipy.signal.lfilter", [0.2, 0.3], [1.0, -0.5], vector)
    yield case("scipy.ndimage.gaussian_filter", square, 2.0)
    yield case("scipy.ndimage.uniform_filter", square, 5)
    yield case("scipy.ndimage.convolve", square, normal(5, 5))
    yield case("scipy.ndimage.sobel", square)
    yield case("scipy.integrate.simpson", square)


def all_cases() -> list[Case]:
    """Everything that is measured."""
    found = [elementwise, reductions, entries, algebra, algebra_of_scipy, transforms]
    return [one for group in found for one in group()]


VIEW = "the primal is a view, the gradient a copy"
MEMORY = "the primal is bound by memory, and the gradient reads and writes several times as much"
CHOICE = (
    "the primal is one vector instruction an entry; np.where on conditions without a pattern takes 15 times as long, "
    "and a mask that multiplies would turn infinite adjoints of what was not chosen into nan"
)
TIES = "ties share: the gradient compares, counts and chooses, the primal is one vector instruction an entry"
OTHERS = "the products of all other entries, which hold beside zeros too, are running products"
REPEATED = "places may be given twice, so entries are added one by one"
DEARER = "the derivative is made of dearer functions"
TWICE = "by the function of a matrix twice as large, which is eight times the work"
SOLVES = "solves and products that cost several times the factorisation, which NumPy shares with no other call"
POWER = "three products for each that the power itself needs, and transposes"
ANEW = "the transposed system is factorised anew"
BLAS = "the gradient of the matrix is an outer product, as large as the matrix; the primal writes a vector"
SORT = "the positions cost several times the sorted numbers, which need none"
DIAGONALS = "each diagonal of the gradient is summed; the primal writes a matrix once"
TRANSFORMS = "two more convolutions, at the size of the padded result"
BOTH = "the gradient is a whole matrix, the primal reads or writes little of it"

REASONS: dict[str, str] = {
    **dict.fromkeys(["np.transpose", "np.flip", "np.rot90"], VIEW),
    **dict.fromkeys(
        "np.square np.absolute np.divide np.multiply np.diff np.ediff1d np.gradient np.repeat np.tile np.trapezoid "
        "np.roll np.where np.mean np.pad np.concatenate scipy.linalg.block_diag".split(),
        MEMORY,
    ),
    **dict.fromkeys(["np.maximum", "np.minimum", "np.clip"], CHOICE),
    "np.linalg.matrix_power": POWER,
    **dict.fromkeys(["np.max", "np.min", "np.nanmax", "np.ptp"], TIES),
    **dict.fromkeys(["np.prod", "np.cumprod"], OTHERS),
    **dict.fromkeys(["np.take", "np.take_along_axis"], REPEATED),
    "scipy.linalg.toeplitz": DIAGONALS,
    **dict.fromkeys(
        "np.power np.sinc np.i0 np.exp np.log np.cos np.sinh np.cosh np.arcsinh np.arccos np.arctanh np.arctan2 "
        "scipy.special.digamma scipy.special.erf scipy.special.erfc".split(),
        DEARER,
    ),
    **dict.fromkeys(["scipy.linalg.expm", "scipy.linalg.logm"], TWICE),
    **dict.fromkeys(
        "np.linalg.cholesky np.linalg.det np.linalg.slogdet np.linalg.qr scipy.linalg.cholesky scipy.linalg.det "
        "scipy.linalg.lu scipy.linalg.qr np.corrcoef".split(),
        SOLVES,
    ),
    **dict.fromkeys(["np.dot", "np.outer", "scipy.linalg.solve_triangular"], BLAS),
    "scipy.linalg.solve": ANEW,
    "np.sort": SORT,
    **dict.fromkeys(
        ["scipy.signal.convolve", "scipy.signal.fftconvolve", "scipy.fft.dctn", "scipy.ndimage.gaussian_filter"],
        TRANSFORMS,
    ),
    "np.trace": BOTH,
    "np.kron": MEMORY,
}
"""Why a ratio is over the limit."""
SPREAD = "it spreads over both triangles what that one gets which alone is read"
CONVENTIONS: dict[tuple[str, str], str] = {
    **dict.fromkeys(
        [
            ("autograd", "np.linalg.cholesky"), ("jax", "np.linalg.cholesky"), ("jax", "scipy.linalg.cholesky"),
            ("jax", "np.linalg.eigh"), ("jax", "np.linalg.eigvalsh"),
        ],
        SPREAD,
    ),
}
"""Why peers differ."""
ENDLESS = frozenset(["np.linalg.multi_dot"])
"""Functions that autograd takes apart entry by entry."""
