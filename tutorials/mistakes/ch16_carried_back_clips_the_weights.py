"""Caught by: test_ch16_deconvolution, test_ch16_guided.

A row of a matrix is a view: what is clipped in place is the network.
"""

import numpy as np


def carried_back(weights, x, unit, rule):
    net_inputs, signal = [], x
    for matrix in weights:
        net_inputs.append(matrix @ signal)
        signal = np.maximum(net_inputs[-1], 0)
    found = weights[-1][unit]
    for matrix, u in zip(weights[-2::-1], net_inputs[-2::-1], strict=True):
        if rule != "gradient":
            found[found < 0] = 0
        if rule != "deconvolution":
            found = found * (u > 0)
        found = found @ matrix
    return found
