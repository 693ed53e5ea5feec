"""Caught by: test_ch13_grad_cam_by_hand, test_ch13_grad_cam_of_a_network.

The gradient at each place instead of its mean: HiResCAM, cut off.
"""

import numpy as np


def grad_cam(maps, slopes):
    return np.maximum((slopes * maps).sum(axis=0), 0)
