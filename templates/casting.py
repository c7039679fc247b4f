"""The type of results that is asked for, said as a statement."""

import numpy as np


def cast(a, dtype):
    """An array in the type in which it is added up."""
    if dtype is None:
        return a
    return np.astype(np.asarray(a), dtype)
