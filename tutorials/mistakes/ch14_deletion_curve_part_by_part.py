"""Caught by: test_ch14_deletion_by_hand, test_ch14_deletion_in_parts, test_ch14_deletion_rounds,
test_ch14_deletion_takes_nothing_back.

Each part goes alone, and the parts before it come back.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.lexsort((rng.random(heights.size), -heights.ravel()))
    images = np.repeat(x.reshape(1, -1), steps + 1, axis=0)
    ends = np.round(np.arange(steps + 1) / steps * x.size).astype(int)
    for number in range(1, steps + 1):
        images[number, order[ends[number - 1] : ends[number]]] = cover
    return predict(images.reshape(-1, *x.shape))
