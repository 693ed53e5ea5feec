"""Profiles of images: cosines pair by pair, and a permutation test that knows when there is nothing to find."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet.classes import class_count
from tinynet.explain import consistency, cosines, gradient_profiles
from tinynet.explain.units.scores import unit_scores

NUMBERS = st.integers(-5, 5).map(float)
profiles = hnp.arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=NUMBERS)


def slow_cosine(one, other):
    lengths = np.sqrt(sum(a * a for a in one)) * np.sqrt(sum(b * b for b in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths > 1e-12 else 0.0


@given(profiles)
def test_cosines_are_those_of_all_pairs(rows):
    slow = [[slow_cosine(one, other) for other in rows] for one in rows]
    np.testing.assert_allclose(cosines(rows), slow, atol=1e-9)
    units = [row / max(np.sqrt(sum(a * a for a in row)), 1e-300) for row in rows]
    moved = [unit - sum(units) / len(units) for unit in units]
    assume(all(np.abs(row).max() > 1e-9 for row in moved))
    slow = [[slow_cosine(one, other) for other in moved] for one in moved]
    np.testing.assert_allclose(cosines(rows, centred=True), slow, atol=1e-6)


@given(profiles, st.data())
def test_consistency_is_the_mean_over_pairs(rows, data):
    labels = data.draw(hnp.arrays(np.int64, len(rows), elements=st.integers(0, 2)))
    pairs = [(i, j) for i in range(len(rows)) for j in range(len(rows)) if i != j]
    within = [cosines(rows)[i, j] for i, j in pairs if labels[i] == labels[j]]
    between = [cosines(rows)[i, j] for i, j in pairs if labels[i] != labels[j]]
    assume(within and between)
    found = consistency(rows, labels, resamples=9)
    np.testing.assert_allclose(found[:2], [np.mean(within), np.mean(between)], atol=1e-9)
    assert 0 < found.p_value <= 1
    table = cosines(rows)
    nearest = [max((j for j in range(len(rows)) if j != i), key=lambda j, i=i: table[i, j]) for i in range(len(rows))]
    assert found.nearest == pytest.approx(np.mean([labels[i] == labels[j] for i, j in enumerate(nearest)]))
    assert found.nearest_by_chance == pytest.approx(len(within) / len(pairs))


@given(profiles.filter(lambda rows: len(rows) <= 5), st.data())
def test_the_p_value_is_the_share_of_relabellings_that_differ_as_much(rows, data):
    """Also where most pairs are of one class: there the difference falls as the sum of both means rises."""
    labels = np.array(data.draw(st.sampled_from([[0, 1, 1, 1, 1], [0, 1, 0, 1, 0], [0, 1, 1, 2, 2]]))[: len(rows)])
    assume(len(set(labels)) < len(labels))
    pairs, table = list(itertools.permutations(range(len(rows)), 2)), cosines(rows)

    def difference(given):
        within, between = [], []
        for i, j in pairs:
            (within if given[i] == given[j] else between).append(table[i, j])
        return np.mean(within) - np.mean(between)

    found = [difference(given) for given in itertools.permutations(labels)]
    assert consistency(rows, labels).p_value == pytest.approx(np.mean(np.array(found) >= difference(labels) - 1e-9))


@given(cases(last=[tn.Softmax]), st.integers(1, 9))
def test_profiles_are_the_scores_of_single_images(case, batch_size):
    net, labels = case.net, case.labels()
    names = net.names[1 : net.names.index(net.logits) + 1]
    found = gradient_profiles(net, case.x, labels, "probability", layers=names, batch_size=batch_size)
    for image, label in enumerate(labels):
        gradients = tn.prediction_gradient(net, case.x[image : image + 1], int(label), "probability")
        slow = np.concatenate([values[0] for values in unit_scores(net, gradients, names).values()])
        np.testing.assert_allclose(found[image], slow, rtol=1e-9, atol=1e-12)


@given(cases(last=[tn.Softmax, tn.Sigmoid]), st.data())
def test_one_class_asked_of_all_images_is_that_class_asked_of_each(case, data):
    label = data.draw(st.integers(0, class_count(case.net) - 1))
    names = case.net.names[1:2]
    one, each = (gradient_profiles(case.net, case.x, asked, layers=names) for asked in (label, [label] * len(case.x)))
    np.testing.assert_array_equal(one, each)


def test_profiles_of_own_labels_agree_on_noise_and_those_of_one_class_do_not():
    """The label asked about enters the profile: of a network that was never trained, on images that show nothing."""
    net, rng = small_classifier(dtype=np.float32), np.random.default_rng(0)
    noise, labels = rng.random((60, 1, 8, 8)), np.arange(60) % 3
    own = consistency(gradient_profiles(net, noise, labels, "probability"), labels, centred=True, rng=0)
    assert own.within > 0.5 > own.between and own.p_value < 0.01 and own.nearest > 0.8
    for label in range(3):
        asked = consistency(gradient_profiles(net, noise, label, "probability"), labels, centred=True, rng=0)
        assert abs(asked.within - asked.between) < 0.15 and asked.p_value > 0.01 and asked.nearest < 0.5


def test_groups_are_found_and_noise_is_not():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 6)
    noise = rng.normal(size=(24, 5))
    grouped = consistency(noise + 3 * rng.normal(size=(4, 5))[labels], labels)
    assert grouped.within > grouped.between and grouped.p_value <= 0.002
    levels = [consistency(rng.normal(size=(24, 5)), labels, resamples=99, rng=seed).p_value for seed in range(20)]
    assert 0.2 < np.mean(levels) < 0.8


def test_a_common_direction_hides_differences_until_it_is_taken_off():
    labels = np.repeat([0, 1], 5)
    rows = 100 + np.random.default_rng(0).normal(size=(10, 6)) + 4 * np.eye(6)[labels]
    raw, centred = consistency(rows, labels), consistency(rows, labels, centred=True)
    assert raw.between > 0.99 and centred.within - centred.between > 10 * (raw.within - raw.between)


def test_the_level_of_a_profile_does_not_matter():
    rng = np.random.default_rng(0)
    rows, levels = rng.random((7, 4)), rng.uniform(0.01, 100, (7, 1))
    for centred in (False, True):
        np.testing.assert_allclose(cosines(levels * rows, centred=centred), cosines(rows, centred=centred))


def test_the_same_generator_gives_the_same_test():
    rows, labels = np.random.default_rng(0).normal(size=(9, 3)), np.arange(9) % 3
    first, again, usual, zero = (
        consistency(rows, labels, resamples=49, **rng) for rng in (*[{"rng": 5}] * 2, {}, {"rng": 0})
    )
    assert first == again != usual == zero


def test_profiles_come_from_the_filters_unless_told_otherwise():
    assert gradient_profiles(small_classifier(), np.ones((2, 1, 8, 8)), [0, 1]).shape == (2, 4 + 3)


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0, 1, 2], "no two of one class"), ([1, 1, 1], "and two of different ones"), ([0, 1], "got 3 profiles")],
)
def test_what_cannot_be_compared_is_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        consistency(np.eye(3), labels)
