"""Caught by: test_ch13_grad_cam_by_hand, test_ch13_grad_cam_of_a_network.

Each map is cut off before they are added up.
"""

import numpy as np


def grad_cam(maps, slopes):
    return np.maximum(slopes.mean(axis=(1, 2), keepdims=True) * maps, 0).sum(axis=0)
