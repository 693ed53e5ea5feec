"""Caught by: test_ch14_deletion_by_hand, test_ch14_deletion_in_parts, test_ch14_deletion_rounds.

The first value is missing, with all pixels there.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.lexsort((rng.random(heights.size), -heights.ravel()))
    images = np.repeat(x.reshape(1, -1), steps, axis=0)
    for number, image in enumerate(images, start=1):
        image[order[: round(number / steps * x.size)]] = cover
    return predict(images.reshape(-1, *x.shape))
