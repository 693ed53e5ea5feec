"""Caught by: test_ch05_training_deltas_become_prediction_gradients.

The loss falls when the probability rises: the minus is forgotten.
"""

import numpy as np


def from_training_deltas(deltas, p, labels):
    factors = len(labels) * p[np.arange(len(labels)), labels]
    return {name: (delta.T * factors).T for name, delta in deltas.items()}
