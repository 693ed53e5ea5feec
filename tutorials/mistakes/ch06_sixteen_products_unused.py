"""Caught by: test_ch06_sixteen_products_suffice.

The tile is right and there are sixteen products, but the tile was made by thirty-six others.
"""

import numpy as np
from scipy import signal


def sixteen_products(w, x):
    return np.pad(w, (0, 1)), x, signal.correlate2d(x, w, "valid")
