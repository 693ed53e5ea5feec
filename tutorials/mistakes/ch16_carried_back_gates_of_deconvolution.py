"""Caught by: test_ch16_deconvolution, test_ch16_zero_is_off.

Deconvolution asks which units were on: that makes it guided backpropagation.
"""

import numpy as np


def carried_back(weights, x, unit, rule):
    net_inputs, signal = [], x
    for matrix in weights:
        net_inputs.append(matrix @ signal)
        signal = np.maximum(net_inputs[-1], 0)
    found = weights[-1][unit]
    for matrix, u in zip(weights[-2::-1], net_inputs[-2::-1], strict=True):
        found = (found if rule == "gradient" else np.maximum(found, 0)) * (u > 0)
        found = found @ matrix
    return found
