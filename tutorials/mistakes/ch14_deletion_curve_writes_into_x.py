"""Caught by: test_ch14_deletion_by_hand, test_ch14_deletion_in_parts, test_ch14_deletion_rounds,
test_ch14_deletion_breaks_ties_by_chance, test_ch14_deletion_takes_nothing_back.

The pixels of the image itself are replaced.
"""

import numpy as np


def deletion_curve(predict, x, heights, steps, cover, rng):
    order = np.lexsort((rng.random(heights.size), -heights.ravel()))
    found = []
    for number in range(steps + 1):
        x.reshape(-1)[order[: round(number / steps * x.size)]] = cover
        found.append(predict(x[None])[0])
    return np.array(found)
