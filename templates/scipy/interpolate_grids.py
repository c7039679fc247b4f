"""Interpolation on a grid, by the values on it and by the place: linear in each coordinate."""

import numpy as np
from scipy import interpolate

from tangent_sct.runtime import recast
from tangent_sct.runtime.scipy_grids import Grid, on_grid, on_grid_back, zero_outside
from tangent_sct.templating.language import d, expanded, rule, zero


@expanded(interpolate.RegularGridInterpolator)
def regular_grid(points, values, bounds_error=True, fill_value=np.nan):
    return Grid(points, np.asarray(values), bounds_error, fill_value)


@expanded(interpolate.interpn)
def interpn(points, values, xi, bounds_error=True, fill_value=np.nan):
    grid = Grid(points, np.asarray(values), bounds_error, fill_value)
    return grid(xi)


@rule(on_grid, constant=("points", "outside"))
def on_grid_(r, /, points, values, t, outside="error", order=0):
    # The partial derivatives stand behind; those of the next order are the slopes.
    def tangent():
        slopes = on_grid(points, values, t, outside, order + 1)
        if order == 0:
            by_place = np.sum(slopes * d[t], axis=-1)
        else:
            along = np.reshape(d[t], np.shape(t)[:-1] + (1,) * order + np.shape(t)[-1:])
            by_place = np.sum(slopes * along, axis=-1)
        d[r] = on_grid(points, d[values], t, zero_outside(outside), order) + by_place

    def adjoint():
        d[values] += on_grid_back(points, d[r], t, values, outside, order)
        weighted = np.expand_dims(d[r], -1) * on_grid(points, values, t, outside, order + 1)
        if order == 0:
            d[t] += recast(weighted, like=t)
        else:
            rows = np.reshape(weighted, np.shape(t)[:-1] + (-1,) + np.shape(t)[-1:])
            d[t] += recast(np.sum(rows, axis=-2), like=t)


@rule(on_grid_back, constant=("points", "outside"))
def on_grid_back_(w, /, points, g, t, like, outside="error", order=0):
    def tangent():
        along = np.reshape(d[t], np.shape(t)[:-1] + (1,) * order + np.shape(t)[-1:])
        by_place = on_grid_back(points, np.expand_dims(g, -1) * along, t, like, outside, order + 1)
        d[w] = on_grid_back(points, d[g], t, like, outside, order) + by_place

    def adjoint():
        d[g] += recast(on_grid(points, d[w], t, zero_outside(outside), order), like=g)
        weighted = np.expand_dims(g, -1) * on_grid(points, d[w], t, outside, order + 1)
        rows = np.reshape(weighted, np.shape(t)[:-1] + (-1,) + np.shape(t)[-1:])
        d[t] += recast(np.sum(rows, axis=-2), like=t)


zero(zero_outside)
