"""Caught by: test_ch14_deletion_in_parts.

Black, whatever covers.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.lexsort((rng.random(heights.size), -heights.ravel()))
    images = np.repeat(x.reshape(1, -1), steps + 1, axis=0)
    for image, count in zip(images, np.round(np.arange(steps + 1) / steps * x.size), strict=True):
        image[order[: int(count)]] = 0
    return predict(images.reshape(-1, *x.shape))
