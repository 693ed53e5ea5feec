"""Caught by: test_ch05_training_deltas_become_prediction_gradients.

The deltas of a mean loss are divided by N; that is not undone.
"""

import numpy as np


def from_training_deltas(deltas, p, labels):
    factors = -p[np.arange(len(labels)), labels]
    return {name: (delta.T * factors).T for name, delta in deltas.items()}
