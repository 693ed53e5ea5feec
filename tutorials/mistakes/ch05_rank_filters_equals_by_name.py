"""Caught by: test_ch05_rank_filters_keeps_the_order_of_equals, test_ch05_rank_filters_keeps_the_order_of_many_equals.

Rows of score, name and index sorted downwards: equals come in the order of their names, backwards.
"""


def rank_filters(scores):
    rows = [(score, name, index) for name, of_layer in scores.items() for index, score in enumerate(of_layer)]
    return [(name, index) for _, name, index in sorted(rows, reverse=True)]
