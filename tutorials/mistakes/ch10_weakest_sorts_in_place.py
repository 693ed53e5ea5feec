"""Caught by: test_ch10_weakest_by_hand, test_ch10_weakest_among_equals, test_ch10_weakest_leaves_the_scores.

Sorts the scores themselves to find the limit.
"""


def weakest(scores, count):
    kept = scores.copy()
    scores.sort(axis=1)
    return kept <= scores[:, [count - 1]]
