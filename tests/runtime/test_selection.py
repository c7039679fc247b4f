"""What selecting and averaging ask of their arguments."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct.runtime import DerivativeError, weight_shape


def test_weights_along_axes_in_another_order_are_refused() -> None:
    with pytest.raises(DerivativeError, match="give the axes in rising order"):
        weight_shape(np.ones((4, 2)), np.ones((2, 3, 4)), (2, 0))
    with pytest.raises(ValueError, match="along the axes of the average"):
        weight_shape(np.ones((4, 2)), np.ones((2, 3, 4)), (0, 2))
