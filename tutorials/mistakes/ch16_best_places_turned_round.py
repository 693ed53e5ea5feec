"""Caught by: test_ch16_best_places_of_equal_ones.

Downwards by turning the order round, which turns equal ones round as well.
"""

import numpy as np


def best_places(maps, count):
    flat = maps.reshape(len(maps), -1)
    images = np.argsort(flat.max(axis=1), kind="stable")[::-1][:count]
    return [(int(image), *map(int, divmod(flat[image].argmax(), maps.shape[2]))) for image in images]
