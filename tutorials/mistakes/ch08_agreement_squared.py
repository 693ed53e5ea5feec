"""Caught by: test_ch08_agreement_at_right_angles.

Squared lengths: the share of what the images have in common, not its length.
"""

import numpy as np


def agreement(gradients):
    flat = np.reshape(gradients, (len(gradients), -1))
    return np.linalg.norm(flat.sum(axis=0)) ** 2 / np.linalg.norm(flat, axis=1).sum() ** 2
