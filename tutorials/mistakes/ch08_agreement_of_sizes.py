"""Caught by: test_ch08_agreement_at_its_ends.

Absolute values before the mean: nothing can cancel any more.
"""

import numpy as np


def agreement(gradients):
    flat = np.abs(np.reshape(gradients, (len(gradients), -1)))
    return np.linalg.norm(flat.mean(axis=0)) / np.linalg.norm(flat, axis=1).mean()
