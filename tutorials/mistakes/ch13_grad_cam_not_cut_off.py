"""Caught by: test_ch13_grad_cam_by_hand, test_ch13_grad_cam_of_a_network.

What is below 0 stays.
"""


def grad_cam(maps, slopes):
    return (slopes.mean(axis=(1, 2), keepdims=True) * maps).sum(axis=0)
