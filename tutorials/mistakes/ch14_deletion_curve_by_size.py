"""Caught by: test_ch14_deletion_by_hand.

The largest in size first: what speaks against the class goes with what speaks for it.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.lexsort((rng.random(heights.size), -abs(heights).ravel()))
    images = np.repeat(x.reshape(1, -1), steps + 1, axis=0)
    for step, image in enumerate(images):
        image[order[: round(step / steps * x.size)]] = cover
    return predict(images.reshape(-1, *x.shape))
