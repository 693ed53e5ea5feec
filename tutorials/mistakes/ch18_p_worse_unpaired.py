"""Caught by: test_ch18_p_by_hand, test_ch18_p_is_paired.

Which accuracies are of which seed is forgotten: seeds differ more than designs.
"""

from scipy import stats


def p_worse(new, old, margin):
    return stats.ttest_ind([value + margin for value in new], old, alternative="greater").pvalue
