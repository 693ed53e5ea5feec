"""Caught by: test_ch13_grad_cam_by_hand, test_ch13_grad_cam_of_a_network.

The gradients are cut off at 0, not the sum: maps that speak against the class can take nothing away.
"""

import numpy as np


def grad_cam(maps, slopes):
    return (np.maximum(slopes, 0).mean(axis=(1, 2), keepdims=True) * maps).sum(axis=0)
