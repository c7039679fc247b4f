"""Orthogonal polynomials and hypergeometric functions by their argument: `scipy.special`.

Formulas of the DLMF, 18.9.15 to 18.9.26, chapters 13 and 15. By degree and parameters they have no
derivative in closed form.
"""

import numpy as np
from scipy import special

from tangent_sct.templating.language import for_complex, partials

# -- Jacobi, and its special cases ----------------------------------------------------------------


@partials(special.eval_jacobi)
def eval_jacobi(y, /, n, alpha, beta, x):
    slope = (n + alpha + beta + 1) / 2 * special.eval_jacobi(n - 1, alpha + 1, beta + 1, x)
    return None, None, None, np.where(n == 0, 0.0, slope)


@partials(special.eval_sh_jacobi)
def eval_sh_jacobi(y, /, n, p, q, x):
    # With leading coefficient 1.
    slope = n * special.eval_sh_jacobi(n - 1, p + 2, q + 1, x)
    return None, None, None, np.where(n == 0, 0.0, slope)


@partials(special.eval_gegenbauer)
def eval_gegenbauer(y, /, n, alpha, x):
    slope = 2 * alpha * special.eval_gegenbauer(n - 1, alpha + 1, x)
    return None, None, np.where(n == 0, 0.0, slope)


@partials(special.eval_legendre)
def eval_legendre(y, /, n, x):
    return None, np.where(n == 0, 0.0, (n + 1) / 2 * special.eval_jacobi(n - 1, 1.0, 1.0, x))


@partials(special.eval_sh_legendre)
def eval_sh_legendre(y, /, n, x):
    return None, np.where(n == 0, 0.0, (n + 1) * special.eval_jacobi(n - 1, 1.0, 1.0, 2 * x - 1))


@partials(special.eval_chebyt)
def eval_chebyt(y, /, n, x):
    return None, n * special.eval_chebyu(n - 1, x)


@partials(special.eval_chebyu)
def eval_chebyu(y, /, n, x):
    return None, np.where(n == 0, 0.0, 2 * special.eval_gegenbauer(n - 1, 2.0, x))


@partials(special.eval_sh_chebyt)
def eval_sh_chebyt(y, /, n, x):
    return None, 2 * n * special.eval_chebyu(n - 1, 2 * x - 1)


@partials(special.eval_sh_chebyu)
def eval_sh_chebyu(y, /, n, x):
    return None, np.where(n == 0, 0.0, 4 * special.eval_gegenbauer(n - 1, 2.0, 2 * x - 1))


@partials(special.eval_chebyc)
def eval_chebyc(y, /, n, x):
    # 2 T(x / 2)
    return None, n * special.eval_chebyu(n - 1, x / 2)


@partials(special.eval_chebys)
def eval_chebys(y, /, n, x):
    # U(x / 2)
    return None, np.where(n == 0, 0.0, special.eval_gegenbauer(n - 1, 2.0, x / 2))


# -- Laguerre and Hermite -------------------------------------------------------------------------


@partials(special.eval_laguerre)
def eval_laguerre(y, /, n, x):
    return None, np.where(n == 0, 0.0, -special.eval_genlaguerre(n - 1, 1.0, x))


@partials(special.eval_genlaguerre)
def eval_genlaguerre(y, /, n, alpha, x):
    return None, None, np.where(n == 0, 0.0, -special.eval_genlaguerre(n - 1, alpha + 1, x))


@partials(special.assoc_laguerre)
def assoc_laguerre(y, /, x, n, k=0.0):
    return np.where(n == 0, 0.0, -special.eval_genlaguerre(n - 1, k + 1, x)), None, None


@partials(special.eval_hermite)
def eval_hermite(y, /, n, x):
    return None, 2 * n * special.eval_hermite(np.maximum(n - 1, 0), x)


@partials(special.eval_hermitenorm)
def eval_hermitenorm(y, /, n, x):
    return None, n * special.eval_hermitenorm(np.maximum(n - 1, 0), x)


# -- associated Legendre functions: 14.10.5 -------------------------------------------------------


@partials(special.lpmv)
def lpmv(y, /, m, v, x):
    return None, None, (v * x * y - (v + m) * special.lpmv(m, v - 1, x)) / (x * x - 1)


# -- hypergeometric functions: 16.3.1, 15.5.1, 13.3.15, 13.3.22 -------------------------------------


@partials(special.hyp0f1)
def hyp0f1(y, /, v, z):
    return None, special.hyp0f1(v + 1, z) / v


@partials(special.hyp1f1)
def hyp1f1(y, /, a, b, x):
    return None, None, a / b * special.hyp1f1(a + 1, b + 1, x)


@partials(special.hyp2f1)
def hyp2f1(y, /, a, b, c, z):
    return None, None, None, a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z)


@partials(special.hyperu)
def hyperu(y, /, a, b, x):
    return None, None, -a * special.hyperu(a + 1, b + 1, x)


@partials(special.wright_bessel)
def wright_bessel(y, /, a, b, x):
    # 10.46.1, differentiated term by term.
    return None, None, special.wright_bessel(a, a + b, x)


@partials(special.log_wright_bessel)
def log_wright_bessel(y, /, a, b, x):
    return None, None, np.exp(special.log_wright_bessel(a, a + b, x) - y)


for_complex(special.hyp0f1, special.hyp1f1, special.hyp2f1)
