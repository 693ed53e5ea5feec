"""Caught by: test_ch07_knockout_curve_begins_with_the_whole_network, test_ch07_knockout_curve_adds_up.

The curve begins after the first knock-out, so nobody can tell how many images the network misclassified before.
"""

import numpy as np


def knockout_curve(net, x, labels, order):
    errors, silent = [], {}
    for name, index in order:
        silent.setdefault(name, []).append(index)
        errors.append(np.mean(net.knocked_out(silent)(x).argmax(axis=1) != labels))
    return np.array(errors)
