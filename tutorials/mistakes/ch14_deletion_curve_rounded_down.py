"""Caught by: test_ch14_deletion_rounds.

The number of pixels is cut off to a whole one, not rounded.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.lexsort((rng.random(heights.size), -heights.ravel()))
    images = np.repeat(x.reshape(1, -1), steps + 1, axis=0)
    for number, image in enumerate(images):
        image[order[: number * x.size // steps]] = cover
    return predict(images.reshape(-1, *x.shape))
