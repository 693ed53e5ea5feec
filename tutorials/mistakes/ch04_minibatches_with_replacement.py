"""Caught by: test_ch04_minibatches_meet_each_image_once, test_ch04_minibatches_come_in_any_order.

Drawn independently: some images come twice, others never.
"""


def minibatches(count, size, rng):
    drawn = rng.integers(0, count, count)
    return [drawn[begin : begin + size] for begin in range(0, count, size)]
