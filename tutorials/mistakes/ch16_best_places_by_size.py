"""Caught by: test_ch16_best_places_one_an_image, test_ch16_best_places_below_zero.

What speaks most strongly against the filter counts as an answer.
"""

import numpy as np


def best_places(maps, count):
    flat = np.abs(maps).reshape(len(maps), -1)
    images = np.argsort(-flat.max(axis=1), kind="stable")[:count]
    return [(int(image), *map(int, divmod(flat[image].argmax(), maps.shape[2]))) for image in images]
