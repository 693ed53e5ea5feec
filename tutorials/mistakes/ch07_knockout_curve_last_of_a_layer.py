"""Caught by: test_ch07_knockout_curve_adds_up.

A dict keeps one entry a name: the second filter of a layer replaces the first.
"""

import numpy as np


def knockout_curve(net, x, labels, order):
    silent = [{name: [index] for name, index in order[:count]} for count in range(len(order) + 1)]
    return np.array([np.mean(net.knocked_out(units)(x).argmax(axis=1) != labels) for units in silent])
