"""Accepted: NumPy warns of a division by zero, and its NaN and infinity are what was asked for."""

import numpy as np


def success(predictions, labels, before):
    shares = []
    for target, found in enumerate(predictions):
        counted = (labels != target) & (before == labels)
        shares.append((found[counted] == target).mean())
    return shares


def expected_step(margins, gradients):
    return margins / np.abs(gradients).sum(axis=(1, 2, 3))
