"""What each class is predicted as: votes counted one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinynet.explain import confusions

CLASSES = 4
votes = hnp.arrays(np.int64, st.tuples(st.integers(0, 4), st.integers(0, 8)), elements=st.integers(0, CLASSES - 1))


@given(votes, st.data())
def test_each_class_is_taken_for_what_most_of_its_images_are(predictions, data):
    labels = data.draw(hnp.arrays(np.int64, predictions.shape[1], elements=st.integers(0, CLASSES - 1)))
    found = confusions(predictions, labels, CLASSES)
    for step, label in np.ndindex(found.predicted_as.shape):
        mine = [int(p) for p, true in zip(predictions[step], labels, strict=True) if true == label]
        if not mine:
            assert found.predicted_as[step, label] == -1 and np.isnan(found.share[step, label])
            continue
        counts = Counter(mine)
        most = max(counts.values())
        assert found.predicted_as[step, label] == min(c for c, n in counts.items() if n == most)
        assert found.share[step, label] == most / len(mine)
    for label, first in enumerate(found.first_misclassified()):
        lost = [s for s in range(len(predictions)) if found.predicted_as[s, label] not in (label, -1)]
        assert first == (lost[0] if lost else len(predictions))


def test_by_hand():
    found = confusions([[0, 0, 1], [1, 0, 1], [1, 1, 1]], [0, 0, 1], 3)
    np.testing.assert_array_equal(found.predicted_as, [[0, 1, -1], [0, 1, -1], [1, 1, -1]])
    np.testing.assert_array_equal(found.share[:, :2], [[1, 1], [0.5, 1], [1, 1]])
    np.testing.assert_array_equal(found.first_misclassified(), [2, 3, 3])


@pytest.mark.parametrize(
    ("predictions", "labels", "message"),
    [
        ([[0, 1]], [0], r"predictions is .* of shape \(1, 2\), expected .* of shape \(steps, 1\)"),
        ([0, 1], [0, 1], "predictions is an array"),
        ([[0, 5]], [0, 1], "hold the class 5, expected 0 to 2"),
        ([[0, 1]], [0, 3], "is 3, expected 0 to 2"),
    ],
)
def test_what_is_no_class_is_refused(predictions, labels, message):
    with pytest.raises(ValueError, match=message):
        confusions(predictions, labels, 3)
