"""Caught by: test_ch08_agreement_at_right_angles.

Each gradient is made as long as the others: how far the directions agree, whatever the lengths.
"""

import numpy as np


def agreement(gradients):
    flat = np.reshape(gradients, (len(gradients), -1))
    return np.linalg.norm((flat / np.linalg.norm(flat, axis=1, keepdims=True)).mean(axis=0))
