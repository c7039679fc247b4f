"""Parts of complex numbers, and complex numbers made of parts.

An adjoint w of a complex value v stands for the linear form dv -> Re(w dv) (`docs/conventions.md`), so with
Im(dv) = Re(-1j dv) and Re(w conj(dv)) = Re(conj(w) dv) the rules can be read off. Contributions to real values
lose their imaginary part by the engine's hand.
"""

import numpy as np

from tangent_sct.runtime import no_imaginary
from tangent_sct.templating.language import d, iscomplex, isscalar, rule


@rule(np.real, aliasing="maybe", cheap=True)
def real(y, /, val):
    def tangent():
        d[y] = np.real(d[val])

    def adjoint():
        if iscomplex(val):
            d[val] += d[y] + 0j
        else:
            d[val] += d[y]


@rule(np.imag, aliasing="maybe", cheap=True)
def imag(y, /, val):
    def tangent():
        d[y] = np.imag(d[val])

    def adjoint():
        if iscomplex(val):
            d[val] += -1j * d[y]
        elif isscalar(val):
            # A power of a negative number may turn out complex.
            d[val] += no_imaginary(val)


@rule(np.conjugate, broadcast=True, cheap=True)
def conjugate(y, /, x):
    def tangent():
        d[y] = np.conj(d[x])

    def adjoint():
        if iscomplex(x):
            d[x] += np.conj(d[y])
        else:
            d[x] += d[y]


@rule(np.ndarray.conjugate, aliasing="maybe", cheap=True)
def conjugate_method(y, /, self):
    # A real array is its own conjugate, and no copy.
    def tangent():
        d[y] = d[self].conjugate()

    def adjoint():
        if iscomplex(self):
            d[self] += np.conj(d[y])
        else:
            d[self] += d[y]


@rule(np.angle, cheap=True)
def angle(y, /, z):
    # log(z) = log|z| + 1j * angle(z).
    def tangent():
        if iscomplex(z):
            d[y] = np.imag(d[z] / z)
        else:
            d[y] = np.zeros_like(d[z])

    def adjoint():
        if iscomplex(z):
            d[z] += -1j * d[y] / z
        elif isscalar(z):
            d[z] += no_imaginary(z)


@rule(complex, cheap=True)
def complex_(y, /, real=0, imag=0):
    def tangent():
        d[y] = d[real] + 1j * d[imag]

    def adjoint():
        d[real] += d[y]
        d[imag] += 1j * d[y]


@rule(np.complex128, aliasing="maybe", cheap=True)
def complex128(y, /, real=0, imag=0):
    def tangent():
        d[y] = d[real] + 1j * d[imag]

    def adjoint():
        d[real] += d[y]
        d[imag] += 1j * d[y]
