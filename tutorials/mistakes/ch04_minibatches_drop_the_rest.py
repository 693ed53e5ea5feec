"""Caught by: test_ch04_minibatches_meet_each_image_once, test_ch04_minibatches_have_the_size.

Only whole mini-batches: the images left over are never met.
"""


def minibatches(count, size, rng):
    order = rng.permutation(count)
    whole = max(count // size, 1)
    return [order[k * size : (k + 1) * size] for k in range(whole)]
