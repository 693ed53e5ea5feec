"""Groups of networks: tests over all splits are what trying each would give, and layers are compared pair by pair."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import tinynet as tn
from tinynet.explain import (
    cka,
    compare_groups,
    group_similarity,
    layer_similarity,
    procrustes,
    profile_cosine,
    svcca,
)


@st.composite
def groups(draw):
    """Statistics of two small groups of networks, some of which differ, with ties and statistics that never change."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m, count = draw(st.integers(2, 4)), draw(st.integers(2, 4)), draw(st.integers(1, 4))
    A, B = rng.normal(size=(count, n)) + draw(st.sampled_from([0.0, 2.0])), rng.normal(size=(count, m))
    if draw(st.booleans()):
        A, B = np.round(A), np.round(B)
    if draw(st.booleans()):
        A[0], B[0] = 0.1, 0.1
    return A, B


def slow(A, B):
    """Try every split, one after the other."""
    both = np.concatenate([A, B], axis=1)
    n, count = A.shape[1], both.shape[1]
    deviation = both.std(axis=1)
    deviation[np.ptp(both, axis=1) == 0] = 1.0
    found = []
    for chosen in itertools.combinations(range(count), n):
        rest = [network for network in range(count) if network not in chosen]
        found.append(abs(both[:, chosen].mean(axis=1) - both[:, rest].mean(axis=1)) / deviation)
    observed = abs(A.mean(axis=1) - B.mean(axis=1)) / deviation
    p = np.mean([each >= observed - 1e-9 for each in found], axis=0)
    return p, np.mean([each.max() >= observed - 1e-9 for each in found], axis=0)


# ------------------------------------------------------------------------------------------------- statistics of groups


@given(case=groups())
def test_p_values_are_shares_of_all_splits(case):
    A, B = case
    found = compare_groups(A, B)
    p, p_max = slow(A, B)
    np.testing.assert_allclose(found.p, p)
    np.testing.assert_allclose(found.p_max, p_max)
    np.testing.assert_allclose(found.difference, A.mean(axis=1) - B.mean(axis=1))
    order = np.argsort(p)
    for place, index in enumerate(order):
        expected = min(p[other] * len(p) / (rank + 1) for rank, other in enumerate(order) if rank >= place)
        assert found.q[index] == pytest.approx(min(expected, 1.0))
    assert (found.p <= found.p_max).all() and (found.p <= found.q).all() and found.p.min() >= found.least_p - 1e-12


@given(case=groups(), scale=st.sampled_from([1e-150, 0.3, 1e150]), shift=st.sampled_from([0.0, 5.0]))
def test_units_order_and_which_group_is_first_change_nothing_that_they_should_not(case, scale, shift):
    A, B = case
    found = compare_groups(A, B)
    moved = compare_groups(scale * (A + shift)[:, ::-1], scale * (B + shift))
    turned = compare_groups(B, A)
    for name in ("p", "p_max", "q"):
        np.testing.assert_allclose(getattr(moved, name), getattr(found, name))
        np.testing.assert_allclose(getattr(turned, name), getattr(found, name))
    usual = np.abs(found.effect) < 1e6
    np.testing.assert_allclose(moved.effect[usual], found.effect[usual], atol=1e-6)
    np.testing.assert_allclose(turned.effect, -found.effect)
    np.testing.assert_allclose(moved.detectable[usual] / scale, found.detectable[usual], atol=1e-6)
    assert (moved.threshold, moved.least_p) == (found.threshold, found.least_p)


def test_any_axes_stand_in_front():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 5))
    found, flat = compare_groups(A, B), compare_groups(A.reshape(6, 4), B.reshape(6, 5))
    for name in ("difference", "effect", "p", "p_max", "q", "detectable", "found"):
        np.testing.assert_array_equal(getattr(found, name), getattr(flat, name).reshape(2, 3))
    alone = compare_groups(A[0, 0], B[0, 0])
    assert alone.p == alone.q == alone.p_max and alone.p.shape == () and alone.difference == found.difference[0, 0]


def test_by_hand():
    found = compare_groups([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], [[7.0, 8.0, 9.0], [1.0, 1.0, 1.0]])
    assert found.difference.tolist() == [-6.0, -1.0] and found.effect.tolist() == [-6.0, -np.inf]
    assert found.least_p == pytest.approx(2 / 20) and found.p.tolist() == pytest.approx([0.1, 0.1])
    assert found.q.tolist() == pytest.approx([0.1, 0.1]) and not found.found.any()
    assert found.threshold == 0.025 and np.isinf(found.detectable).all(), "three a group can never reach 0.025"
    believed = compare_groups([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], [[7.0, 8.0, 9.0], [1.0, 1.0, 1.0]], level=0.2)
    assert believed.found.all() and believed.threshold == 0.2
    t = stats.t(4)
    assert believed.detectable[0] == pytest.approx((t.ppf(0.9) + t.ppf(0.8)) * np.sqrt(2 / 3))


def test_what_is_detectable_is_found_about_as_often_as_promised_and_chance_seldom():
    """Of 600 lone statistics of six and six networks, each shifted by what the formula says of deviation 1."""
    rng = np.random.default_rng(1)
    A, B = rng.normal(size=(600, 6)), rng.normal(size=(600, 6))
    t = stats.t(10)
    size = (t.ppf(0.975) + t.ppf(0.8)) * np.sqrt(2 / 6)
    one = compare_groups(A[0], B[0])
    spread = np.sqrt((A[0].var(ddof=1) + B[0].var(ddof=1)) / 2)
    assert one.detectable == pytest.approx(size * spread)
    assert np.mean(compare_groups(A + size, B).p <= 0.05) == pytest.approx(0.8, abs=0.06)
    by_chance = compare_groups(A, B)
    assert np.mean(by_chance.p <= 0.05) == pytest.approx(0.05, abs=0.025) and not by_chance.found.any()


def test_one_strong_statistic_among_many_is_found_by_the_maximum_alone_where_networks_are_few():
    rng = np.random.default_rng(2)
    A, B = rng.normal(size=(60, 5)), rng.normal(size=(60, 5))
    A[7] += 12
    found = compare_groups(A, B)
    assert found.p_max.argmin() == 7 and found.p_max[7] < 0.05 and (np.delete(found.p_max, 7) > 0.05).all()
    assert not found.found.any() and np.isinf(found.detectable).all()


def test_many_networks_are_split_at_random():
    rng = np.random.default_rng(3)
    A, B = rng.normal(size=(2, 6)), rng.normal(size=(2, 6))
    A[1] += 5
    found = compare_groups(A, B, splits=199)
    assert found.p[1] == found.least_p == 1 / 200 and found.p[0] == pytest.approx(slow(A[:1], B[:1])[0][0], abs=0.1)
    again = compare_groups(A, B, splits=199, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(again.p, found.p)


# ------------------------------------------------------------------------------------------- similarities of networks


@given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.sampled_from([(2, 2), (1, 3), (2, 1, 2)]),
    measure=st.sampled_from([cka, svcca, procrustes, profile_cosine]),
)
def test_similarities_of_groups_are_those_of_all_pairs(seed, sizes, measure):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(["c", "a", "b"][: len(sizes)], sizes))
    features = [rng.normal(size=(8, 10)) + rng.normal(size=10) for _ in labels]
    found = group_similarity(features, labels, measure=measure)
    pairs = list(itertools.combinations(range(len(labels)), 2))
    values = {pair: measure(*(features[network] for network in pair)) for pair in pairs}

    def difference(named):
        same = [value for (i, j), value in values.items() if named[i] == named[j]]
        other = [value for (i, j), value in values.items() if named[i] != named[j]]
        return np.mean(same) - np.mean(other)

    for (i, j), value in values.items():
        assert found.matrix[i, j] == found.matrix[j, i] == pytest.approx(value, abs=1e-7)
    assert np.isnan(np.diag(found.matrix)).all() and found.groups.tolist() == sorted(set(labels))
    for group, within in zip(found.groups, found.within, strict=True):
        own = [value for (i, j), value in values.items() if labels[i] == labels[j] == group]
        assert (np.isnan(within) and not own) or within == pytest.approx(np.mean(own), abs=1e-7)
    between = [value for (i, j), value in values.items() if labels[i] != labels[j]]
    assert found.between == pytest.approx(np.mean(between), abs=1e-7)
    every = [difference(named) for named in set(itertools.permutations(labels.tolist()))]
    assert found.null.value == pytest.approx(difference(labels), abs=1e-7) and len(found.null.null) == len(every) - 1
    assert found.null.p_greater == pytest.approx(np.mean(np.array(every) >= found.null.value - 1e-7))


def test_groups_of_alike_networks_are_told_apart_and_random_ones_are_not():
    rng = np.random.default_rng(4)
    tasks = rng.normal(size=(2, 30, 6))
    alike = [tasks[network // 4] + 0.5 * rng.normal(size=(30, 6)) for network in range(8)]
    labels = [0] * 4 + [1] * 4
    found = group_similarity(alike, labels)
    assert found.null.p_greater == pytest.approx(2 / 70) and (found.within > 0.4).all() and abs(found.between) < 0.2
    assert group_similarity(alike, labels, measure=procrustes).null.p_less == pytest.approx(2 / 70)
    assert group_similarity([alike[i] for i in (0, 4, 1, 5, 2, 6, 3, 7)], labels).null.p_greater > 0.3
    sampled = group_similarity(alike, labels, splits=19)
    assert len(sampled.null.null) == 19


def test_profiles_of_one_design_are_compared_unit_by_unit():
    X = np.array([[1.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    Y = np.array([[0.0, 2.0], [6.0, 8.0], [1.0, 1.0]])
    assert profile_cosine(X, Y) == pytest.approx(1 / 3) and profile_cosine(Y, Y) == pytest.approx(1.0)
    assert profile_cosine(X[:2], -5 * X[:2]) == pytest.approx(-1.0)


# -------------------------------------------------------------------------------------------------- layers of networks


def small(seed=0, filters=3):
    layers = [tn.Conv2D(filters, 3), tn.ReLU(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(4), tn.Tanh(), tn.Dense(2)]
    return tn.Network([*layers, tn.Softmax()], input_shape=(1, 8, 8), rng=seed)


IMAGES = np.random.default_rng(5).random((12, 1, 8, 8), dtype=np.float32)


@pytest.mark.parametrize("measure", [cka, svcca, procrustes, lambda X, Y: float(X.sum() - Y.sum())])
def test_layers_are_compared_pair_by_pair(measure):
    one, other = small(0), small(1, filters=4)
    found = layer_similarity(one, other, IMAGES, measure=measure, batch_size=5)
    assert found.layers == found.other_layers == ("relu1", "tanh1", "dense2")
    a, b = one.trace(IMAGES), other.trace(IMAGES)
    expected = [[measure(a[first], b[second]) for second in found.other_layers] for first in found.layers]
    np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-6)


def test_a_network_is_most_like_itself_and_a_dead_layer_is_like_none():
    net = small()
    found = layer_similarity(net, net, IMAGES, layers=["input", "conv1", "tanh1"])
    np.testing.assert_allclose(np.diag(found.values), 1.0)
    np.testing.assert_allclose(found.values, found.values.T)
    dead = small()
    dead["conv1"].params["W"][...] = 0
    values = layer_similarity(net, dead, IMAGES, layers=["input", "conv1"]).values
    assert np.isnan(values).tolist() == [[False, True], [False, True]]


# -------------------------------------------------------------------------------------------------------------- errors


ROWS = np.random.default_rng(6).random((3, 4))
FEATURES = [np.random.default_rng(7).random((6, 3))] * 4


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: compare_groups(ROWS[:, :1], ROWS), "A has the shape (3, 1), expected statistics of 2 networks"),
        (lambda: compare_groups(ROWS, ROWS[:2]), "B has the shape (2, 4), expected (3, 'networks'), the statistics of"),
        (lambda: compare_groups(np.full((3, 4), np.nan), ROWS), "A is nan at 0, 0, expected a finite number"),
        (lambda: compare_groups(ROWS, ROWS, level=1.0), "level is 1.0, expected a finite number above 0 and below 1"),
        (lambda: compare_groups(ROWS, ROWS, splits=0), "splits is 0, expected a whole number from 1 to 1000000"),
        (lambda: group_similarity(FEATURES, [0, 0, 1]), "labels is [0, 0, 1], expected a number or name for each of 4"),
        (lambda: group_similarity(FEATURES, [0, 1, 2, 3]), "4 networks of 4 groups hold no two of one and two of"),
        (lambda: group_similarity([*FEATURES[:3], np.ones((6, 3))], [0, 0, 1, 1]), "features[3] is the same for all 6"),
        (lambda: profile_cosine(ROWS, ROWS[:2]), "Y is an array of float64 of shape (2, 4), expected an array of real"),
        (lambda: layer_similarity(small(), small(), IMAGES, layers=["relu2"]), "layers is 'relu2', expected input,"),
        (lambda: layer_similarity(small(), small(), IMAGES[:3]), "expected the features of at least 5 images"),
    ],
)
def test_wrong_calls_are_one_clear_line(call, words):
    with pytest.raises(ValueError) as told:
        call()
    assert words in str(told.value) and "\n" not in str(told.value)
