"""Caught by: test_ch20_order_not_by_size.

The cosine of the outputs, not their correlation: what is large everywhere is like everything.
"""

import numpy as np


def order_by_partner(own, other, scores):
    a, b = (each / np.linalg.norm(each, axis=0) for each in (own, other))
    return np.argsort(-scores[(a.T @ b).argmax(axis=1)], kind="stable")
