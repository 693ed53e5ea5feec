"""Caught by: test_ch14_deletion_by_hand, test_ch14_deletion_in_parts.

Sorted upwards: the least important pixels go first.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.lexsort((rng.random(heights.size), heights.ravel()))
    images = np.repeat(x.reshape(1, -1), steps + 1, axis=0)
    for step, image in enumerate(images):
        image[order[: round(step / steps * x.size)]] = cover
    return predict(images.reshape(-1, *x.shape))
