"""Caught by: test_ch08_agreement_at_its_ends, test_ch08_agreement_at_right_angles.

The mean cosine of all pairs: it agrees at the ends, apart from the images' pairs with themselves, and not in between.
"""

import numpy as np


def agreement(gradients):
    flat = np.reshape(gradients, (len(gradients), -1))
    directions = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return (directions @ directions.T)[~np.eye(len(flat), dtype=bool)].mean()
