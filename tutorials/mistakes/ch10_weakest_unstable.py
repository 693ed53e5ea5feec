"""Caught by: test_ch10_weakest_among_equals.

NumPy's own choice of a sort, which keeps equals in order in short arrays alone.
"""

import numpy as np


def weakest(scores, count):
    marked = np.zeros(np.shape(scores), bool)
    np.put_along_axis(marked, np.argpartition(scores, count, axis=1)[:, :count], True, axis=1)
    return marked
