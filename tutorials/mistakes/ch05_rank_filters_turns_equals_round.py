"""Caught by: test_ch05_rank_filters_keeps_the_order_of_equals, test_ch05_rank_filters_keeps_the_order_of_many_equals.

Sorted upwards and turned round, which turns equals round as well.
"""


def rank_filters(scores):
    filters = [(name, index) for name, of_layer in scores.items() for index in range(len(of_layer))]
    return sorted(filters, key=lambda unit: scores[unit[0]][unit[1]])[::-1]
