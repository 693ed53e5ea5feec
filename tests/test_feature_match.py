"""How alike features and classes are: cosines one by one, and what they come to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet.explain import class_directions, feature_match


def cosine(a, b):
    sizes = math.sqrt(float((a * a).sum())) * math.sqrt(float((b * b).sum()))
    return float((a * b).sum()) / sizes if sizes else 0.0


@given(st.integers(1, 5), st.integers(0, 999))
def test_cosines_are_those_of_each_two(count, seed):
    rng = np.random.default_rng(seed)
    features, directions = rng.normal(size=(2, count, 1, 3, 2))
    features[rng.integers(count)] *= rng.integers(2)
    found = feature_match(features, directions)
    for i in range(count):
        for j in range(count):
            assert found.to_classes[i, j] == pytest.approx(cosine(features[i], directions[j]), abs=1e-12)
            assert found.to_each_other[i, j] == pytest.approx(cosine(features[i], features[j]), abs=1e-12)
    assert found.match == pytest.approx(np.mean([cosine(features[i], directions[i]) for i in range(count)]))
    best = [max(range(count), key=lambda j: found.to_classes[i, j]) for i in range(count)]
    assert found.hits == sum(b == i for i, b in enumerate(best))
    pairs = [abs(cosine(features[i], features[j])) for i in range(count) for j in range(count) if i != j]
    assert found.overlap == pytest.approx(np.mean(pairs)) if pairs else math.isnan(found.overlap)


def test_a_feature_is_as_good_as_its_direction_whatever_its_size():
    directions = np.eye(3) - 1 / 3
    found = feature_match(directions * [[2], [0.1], [70]], directions)
    assert found.match == pytest.approx(1) and found.hits == 3 and found.overlap == pytest.approx(0.5)
    turned = feature_match(np.roll(directions, 1, axis=0), directions)
    assert turned.hits == 0 and turned.match == pytest.approx(-0.5)
    assert feature_match(-directions, directions).match == pytest.approx(-1)


@given(st.lists(st.integers(0, 2), max_size=6), st.integers(0, 99))
def test_directions_are_class_means_less_the_mean_of_all_images(more, seed):
    labels = np.array([0, 1, 2, *more])
    x = np.random.default_rng(seed).random((len(labels), 1, 2, 3)).astype(np.float32)
    found = class_directions(x, labels)
    for label in range(3):
        members = [x[i] for i in range(len(labels)) if labels[i] == label]
        np.testing.assert_allclose(found[label], sum(members) / len(members) - sum(x) / len(x), atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: feature_match(np.ones((3, 4)), np.ones((2, 4))),
            r"^got features of shape \(3, 4\) and directions of shape",
        ),
        (lambda: feature_match(np.ones(3), np.ones(3)), r"^got features of shape \(3,\)"),
        (lambda: class_directions(np.ones((3, 2)), [0, 2, 2]), r"^class 1 has no images"),
        (
            lambda: class_directions(np.ones((3, 2)), [0, 1]),
            r"^got images of shape \(3, 2\) and labels of shape \(2,\)",
        ),
        (lambda: class_directions(np.ones((0, 2)), []), r"^got images of shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
