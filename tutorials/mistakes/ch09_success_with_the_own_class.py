"""Caught by: test_ch09_success_by_hand, test_ch09_success_without_a_step, test_ch09_success_of_nobody.

An image that is predicted as its own class is counted as a hit.
"""

import numpy as np


def success(predictions, labels, before):
    right = before == labels
    return (predictions[:, right] == np.arange(len(predictions))[:, None]).mean(axis=1)
