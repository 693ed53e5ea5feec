"""Caught by: test_ch14_deletion_breaks_ties_by_chance.

Equal values go in the order of the rows: a flat map deletes from the top left.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.argsort(-heights.ravel(), kind="stable")
    images = np.repeat(x.reshape(1, -1), steps + 1, axis=0)
    for step, image in enumerate(images):
        image[order[: round(step / steps * x.size)]] = cover
    return predict(images.reshape(-1, *x.shape))
