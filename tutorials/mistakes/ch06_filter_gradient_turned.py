"""Caught by: test_ch06_filter_gradient_law.

The filters turned round, as on the way back to the images.
"""

import numpy as np


def filter_gradient(dz, G, kh):
    dw = sum(np.einsum("opn,kqcpn->ockq", deltas, G[i : i + kh]) for i, deltas in enumerate(dz))
    return dw[:, :, ::-1, ::-1]
