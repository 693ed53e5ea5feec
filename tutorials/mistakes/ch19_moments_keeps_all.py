"""Caught by: test_ch19_moments_keep_few.

All snapshots are stacked, which is what one pass is there to avoid.
"""

import numpy as np


def moments(snapshots):
    kept = np.stack([np.asarray(values, np.float64) for values in snapshots])
    return kept.mean(axis=0), kept.var(axis=0)
