"""Caught by: test_ch14_deletion_takes_nothing_back.

Equal pixels are put in random order again at each step, so that some of those that were gone are back.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    found = []
    for count in np.round(np.arange(steps + 1) / steps * x.size):
        image = x.ravel().copy()
        image[np.lexsort((rng.random(x.size), -heights.ravel()))[: int(count)]] = cover
        found.append(predict(image.reshape(1, *x.shape))[0])
    return np.array(found)
