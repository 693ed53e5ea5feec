"""Caught by: test_ch14_passes_needs_more.

Exactly twice passes.
"""

import numpy as np


def passes(scores, edges, random):
    return (scores >= 2 * np.maximum(edges, random)).all(axis=1)
