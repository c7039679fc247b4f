"""Cases of the rules for `scipy.special`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from tests.templates.drawn import Drawn

drawn = Drawn(41)
normal = drawn.normal
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
DOUBLE = (
    special.ellipk, special.ellipe, special.ellipkinc, special.ellipeinc, special.powm1, special.boxcox,
    special.boxcox1p, special.pdtr, special.pdtrc, special.bdtr, special.bdtrc, special.chdtr, special.chdtrc,
    special.chdtri, special.stdtr, special.stdtrit, special.betainc, special.betaincc, special.betaincinv,
    special.betainccinv, special.fdtr, special.fdtrc, special.gdtr, special.gdtrc, special.itstruve0,
    special.it2struve0, special.itmodstruve0,
)  # fmt: skip
"""Functions of which a slope comes out in double precision, since some of what it calls gives no other."""

COMPLEX_CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []

FIRST_ORDER = (special.gamma, special.loggamma, special.rgamma, special.sici)
"""Functions of which SciPy, or NumPy, has the second derivative for real numbers alone."""


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


def positive(*shape: int) -> Any:
    return drawn.rng.uniform(0.5, 1.5, shape)


def within(*shape: int) -> Any:
    """Numbers in (0.1, 0.9)."""
    return drawn.rng.uniform(0.1, 0.9, shape)


v3, A23, row = normal(3), normal(2, 3), normal(1, 3)
zero_d = np.array(0.7)

# -- one argument: an array, a number, an array of no rank, one of no entries, one that is not contiguous ----------

for anywhere in (
    special.rgamma, special.erf, special.erfc, special.erfi, special.erfcx, special.dawsn, special.ndtr,
    special.log_ndtr, special.expit, special.log_expit, special.softplus, special.exp2, special.exp10, special.expm1,
    special.cbrt, special.cosm1, special.exprel, special.sindg, special.cosdg, special.wrightomega,
    special.j0, special.j1, special.i0, special.i1, special.i0e, special.i1e, special.ber, special.bei,
    special.gamma, special.gammaln, special.loggamma, special.digamma, special.log1p, special.entr, special.tandg,
    special.cotdg, special.y0, special.y1, special.k0, special.k1, special.k0e, special.k1e, special.ker,
    special.kei, special.berp, special.beip, special.kerp, special.keip, special.itstruve0, special.it2struve0,
    special.itmodstruve0, special.expi, special.exp1, special.spence, special.airy, special.itairy, special.itj0y0,
    special.iti0k0, special.it2j0y0, special.it2i0k0, special.sici, special.shichi, special.fresnel,
):  # fmt: skip
    case(anywhere, positive(3))
    case(anywhere, 0.7)
    case(anywhere, zero_d)
    case(anywhere, np.zeros((0, 2)))
    case(anywhere, positive(4, 3)[::2].T)
for both_signs in (
    special.erf, special.erfcx, special.log_ndtr, special.expit, special.exprel, special.i0e, special.i1e,
    special.gamma, special.digamma, special.airy, special.shichi, special.sici, special.wrightomega,
):  # fmt: skip
    case(both_signs, np.array([-2.4, -0.3, 0.2, 1.9]))
for inside in (
    special.erfcinv, special.ndtri, special.logit, special.ellipk, special.ellipe, special.ellipkm1, special.erfinv,
):  # fmt: skip
    case(inside, within(3))
    case(inside, 0.3)
case(special.ndtri_exp, -positive(3))
case(special.exprel, np.array([0.0, 1e-5, -3.0, 30.0]))
case(special.spence, np.array([1.0, 0.3, 4.0]))
case(special.ellipk, np.array([0.0, -7.0, 0.95]))
case(special.ellipe, np.array([0.0, -7.0, 0.95]))
case(special.log_ndtr, np.array([-30.0, -8.0, 5.0]))
case(special.expn, 3, positive(3))
case(special.expn, np.array([0, 1, 2]), positive(3))

# -- two and more, all of which may vary ----------------------------------------------------------

for pair in (
    special.beta, special.betaln, special.poch, special.binom, special.owens_t, special.powm1, special.xlogy,
    special.xlog1py, special.rel_entr, special.kl_div, special.huber, special.pseudo_huber, special.boxcox,
    special.boxcox1p, special.inv_boxcox, special.inv_boxcox1p, special.ellipkinc,
    special.ellipeinc,
):  # fmt: skip
    case(pair, within(2, 3), within(3))
    case(pair, 0.4, within(3))
    case(pair, 0.4, 0.7)
case(special.comb, 5.0 + within(3), 2.0 + within(3))
case(special.perm, 5.0 + within(3), 2.0 + within(3))
case(special.comb, np.array([5.0, 3.0]), np.array([2.0, 4.5]))
case(special.factorial, np.array([2.5, 0.3, -1.5]))
case(special.xlogy, np.array([0.0, 0.5]), np.array([0.3, 2.0]))
case(special.boxcox, positive(3), np.array([0.0, 1e-9, -2.0]))
case(special.inv_boxcox, within(3), np.array([0.0, 1e-9, -0.5]))
case(special.huber, 1.0, np.array([-3.0, -0.2, 0.3, 4.0]))
case(special.ellipkinc, np.array([-4.0, 0.3, 7.0]), np.array([0.0, 0.4, -2.0]))
case(special.ellipeinc, np.array([-4.0, 0.3, 7.0]), np.array([0.0, 0.4, -2.0]))
case(special.elliprf, 0.4, within(3), 0.8)
case(special.pbvv, np.array([[1], [2]]), positive(3).tolist()[0])
case(special.elliprd, 1, 2, 3)
case(special.radian, 3.0, normal(3), 0.4)
case(special.voigt_profile, v3, 0.8, 0.6)
case(special.voigt_profile, A23, positive(3), positive(3))
case(special.pdtr, 2, positive(3))
case(special.pdtrc, 2.7, positive(3))
case(special.bdtr, 2.3, 5, within(3))
case(special.bdtrc, 2.3, 5, within(3))
case(special.nbdtr, 2, 5, within(3))
case(special.nbdtrc, 2, 5, within(3))

# -- by the argument alone: the others are whole numbers or held ----------------------------------

for order in (
    special.jv, special.yv, special.jve, special.yve, special.iv, special.ive, special.kv, special.kve, special.jvp,
    special.yvp, special.ivp, special.kvp, special.struve, special.modstruve, special.pbdv, special.pbwa,
    special.yn, special.kn, special.hyp0f1, special.gammainc, special.gammaincc, special.chdtr, special.chdtrc,
    special.polygamma, special.spherical_jn, special.spherical_yn, special.spherical_in, special.spherical_kn,
):  # fmt: skip
    case(order, 2, positive(3))
    case(order, np.array([[1], [2]]), positive(3))
    case(order, 1, 0.7)
for derivative in (special.spherical_jn, special.spherical_yn, special.spherical_in, special.spherical_kn):
    case(derivative, 2, positive(3), derivative=True)
for zero_order in (special.jv, special.yv, special.yn, special.kn, special.iv, special.kv):
    case(zero_order, 0, positive(3))
case(special.iv, 2, -positive(3))
case(special.ive, 2, -positive(3))
for inverse in (special.gammaincinv, special.gammainccinv, special.chdtri, special.stdtrit):
    case(inverse, 3, within(3))
case(special.stdtr, 3, v3)
case(special.tklmbda, v3 / 9, 2)
for polynomial in (
    special.eval_legendre, special.eval_chebyt, special.eval_chebyu, special.eval_chebyc, special.eval_chebys,
    special.eval_sh_legendre, special.eval_sh_chebyt, special.eval_sh_chebyu, special.eval_laguerre,
    special.eval_hermite, special.eval_hermitenorm,
):  # fmt: skip
    case(polynomial, 3, within(3))
    case(polynomial, np.array([[0], [1], [4]]), within(3))
    case(polynomial, 0, 0.3)
for two in (special.eval_gegenbauer, special.eval_genlaguerre):
    case(two, 3, 2, within(3))
    case(two, 0, 2, within(3))
for three in (special.eval_jacobi, special.eval_sh_jacobi):
    case(three, 3, 4, 2, within(3))
    case(three, np.array([0, 1, 2]), 4, 2, within(3))
case(special.assoc_laguerre, within(3), 3, 2)
case(special.jv, 0.4, positive(3))
case(special.gammainc, positive(2, 3), positive(3))
case(special.betainc, positive(2, 3), 2.3, within(3))
case(special.stdtr, positive(3), v3)
case(special.lpmv, 1, 3, within(3))
case(special.zeta, 3, positive(3))
case(special.multigammaln, 3.0 + positive(2, 2), 3)
case(special.multigammaln, 3.4, 2)
for beta_like in (
    special.betainc, special.betaincc, special.betaincinv, special.betainccinv, special.hyp1f1, special.hyperu,
    special.wright_bessel, special.log_wright_bessel, special.fdtr, special.fdtrc,
):  # fmt: skip
    case(beta_like, 3, 2, within(3))
case(special.gdtr, 1.3, 2, positive(3))
case(special.gdtrc, 1.3, 2, positive(3))
case(special.hyp2f1, 1, 2, 3, within(3))
case(special.ellipj, v3, 0)

# -- sums -----------------------------------------------------------------------------------------

for reduction in (special.softmax, special.log_softmax, special.logsumexp):
    case(reduction, A23)
    case(reduction, A23, 0)
    case(reduction, A23, axis=-1)
    case(reduction, normal(2, 3, 4), axis=(0, 2))
    case(reduction, zero_d)
case(special.logsumexp, v3)
case(special.logsumexp, A23, axis=1, keepdims=True)
case(special.logsumexp, A23, keepdims=True)
case(special.logsumexp, A23, 0, positive(2, 3))
case(special.logsumexp, A23, None, positive(3))
case(special.logsumexp, row, 1, positive(2, 3), True)
case(special.logsumexp, np.array([800.0, -900.0, 801.0]))

# -- complex numbers ------------------------------------------------------------------------------

z, z3 = 0.8 - 1.3j, drawn.rng.standard_normal(3) + 1j * drawn.rng.standard_normal(3)
for whole in (special.wofz, special.lambertw):
    COMPLEX_CASES += [(whole, (z,), {}), (whole, (z3,), {})]
for hankel in (special.hankel1, special.hankel2, special.hankel1e, special.hankel2e):
    COMPLEX_CASES += [(hankel, (1.5, z), {}), (hankel, (2, z3), {})]
