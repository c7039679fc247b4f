"""Kinds of all names and expressions of a program.

A program is run on kinds instead of values: each expression has the least kind that is known to fit whatever it
computes, each name the least upper bound of its definitions. The form of the program need not be single
assignment; where it is, symbols say most.

Requires: the objects of the free names. Produces: `Kinds`.
"""

from tangent_sct.analysis.kinds.inference import Kinds, infer
from tangent_sct.analysis.kinds.knowledge import CallKind
from tangent_sct.analysis.kinds.lattice import join, join_all

__all__ = ["CallKind", "Kinds", "infer", "join", "join_all"]
