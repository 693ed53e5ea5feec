"""Which units are ranked, and what their knock-outs do to a network, against changing the network by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases
from tinynet.explain.ablation.orders import area_under_curve, class_error_curves, compare_orders, default_counts
from tinynet.explain.units.outputs import ranked_outputs
from tinynet.explain.units.scores import unit_scores

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def network(*layers, shape=(1, 8, 8), classes=3):
    return tn.Network([*layers, tn.Flatten(), tn.Dense(classes), tn.Softmax()], shape, rng=0, dtype=np.float64)


def wrong_without(net, x, labels, units):
    """Knock the units out one by one, each from a network of its own."""
    for layer, unit in units:
        net = net.knocked_out({layer: [unit]})
    return net(x).argmax(axis=1) != labels


@pytest.mark.parametrize(
    ("layers", "names"),
    [
        ([tn.Conv2D(2, 3), tn.Tanh(), tn.Conv2D(2, 3)], ["tanh1", "conv2"]),
        ([tn.Conv2D(2, 3), tn.Flatten(), tn.Dense(4), tn.Tanh()], ["conv1"]),
        ([tn.Flatten(), tn.Dense(4), tn.Tanh(), tn.Dense(3), tn.Dropout(0.5), tn.ReLU()], ["tanh1", "dense2"]),
        ([tn.Flatten(), tn.Dense(4), tn.Dense(3)], ["dense1", "dense2"]),
    ],
    ids=["filters", "filters alone", "hidden units", "linear units"],
)
def test_filters_are_ranked_or_else_hidden_units(layers, names):
    assert ranked_outputs(network(*layers)) == names


def test_a_network_without_filters_and_hidden_units_has_nothing_to_rank():
    with pytest.raises(ValueError, match="neither filters nor hidden units"):
        ranked_outputs(network())


@given(cases(min_classes=2, min_images=3))
def test_scores_are_root_sums_of_squares_of_maps_and_sizes_of_single_gradients(case):
    net = case.net
    names = net.names[: net.names.index(net.logits) + 1]
    gradients = tn.prediction_gradient(net, case.x, 0)
    for name, scores in unit_scores(net, gradients, names).items():
        for image, unit in np.ndindex(scores.shape):
            slow = np.sqrt(sum(value**2 for value in np.ravel(gradients[name][image, unit])))
            np.testing.assert_allclose(scores[image, unit], slow, **CLOSE)


@given(st.integers(1, 5000), st.integers(3, 40))
def test_counts_rise_from_none_to_all_in_few_steps(units, most):
    counts = default_counts(units, most)
    assert counts[0] == 0 and counts[-1] == units and len(counts) <= most
    assert (np.diff(counts) > 0).all()
    if units < most:
        assert len(counts) == units + 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_orders_are_knocked_out_as_by_hand(seed, repeats):
    rng = np.random.default_rng(seed)
    net = network(tn.Conv2D(3, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Conv2D(2, 2), tn.Tanh())
    labels = rng.permutation(np.arange(7) % 3)
    x = rng.normal(size=(7, 1, 8, 8))
    scores = {"tanh1": rng.random((3, 3)), "tanh2": rng.random((3, 2))}
    found = compare_orders(net, x, labels, scores, classes=[2, 0], counts=[0, 2, 5], repeats=repeats, rng=seed)
    assert found.counts.tolist() == [0, 2, 5] and found.classes.tolist() == [2, 0]
    units = tn.rank_units({name: values[0] for name, values in scores.items()})
    draw = np.random.default_rng(seed)
    orders = [[units[at] for at in draw.permutation(5)] for _ in range(repeats)]
    for column, label in enumerate((2, 0)):
        ranked = tn.rank_units({name: values[label] for name, values in scores.items()})
        tried = [(found.strongest, [ranked]), (found.weakest, [ranked[::-1]]), (found.random, orders)]
        for errors, expected in tried:
            assert errors.error.shape == errors.class_error.shape == (len(expected), 2, 3)
            for row, order in enumerate(expected):
                for step, count in enumerate((0, 2, 5)):
                    wrong = wrong_without(net, x, labels, order[:count])
                    assert errors.error[row, column, step] == wrong.mean()
                    assert errors.class_error[row, column, step] == wrong[labels == label].mean()


@given(st.integers(0, 2**32 - 1))
def test_class_errors_alone_are_those_of_the_whole_comparison(seed):
    rng = np.random.default_rng(seed)
    net = network(tn.Conv2D(3, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Conv2D(2, 2), tn.Tanh())
    x, labels = rng.normal(size=(7, 1, 8, 8)), np.array([0, 2, 0, 2, 2, 0, 0])
    scores = {"tanh1": rng.random((3, 3)), "tanh2": rng.random((3, 2))}
    whole = compare_orders(net, x, labels, scores, classes=[0, 2], counts=[0, 2, 5], repeats=1)
    for errors, strongest_first in ((whole.strongest, True), (whole.weakest, False)):
        alone = class_error_curves(net, x, labels, scores, [0, 2, 5], strongest_first=strongest_first)
        np.testing.assert_array_equal(alone[[0, 2]], errors.class_error[0])
        assert np.isnan(alone[1]).all()
        np.testing.assert_allclose(area_under_curve(alone[[0, 2]], [0, 2, 5]), whole.area_under_curve(errors))


def test_harm_is_the_area_under_the_class_error():
    net = network(tn.Conv2D(4, 3), tn.Tanh())
    x, labels = np.random.default_rng(0).normal(size=(9, 1, 8, 8)), np.arange(9) % 3
    scores = {"tanh1": np.random.default_rng(1).random((3, 4))}
    found = compare_orders(net, x, labels, scores, counts=[0, 1, 4], repeats=2)
    for errors in (found.strongest, found.random):
        first, second, last = np.moveaxis(errors.class_error.mean(axis=0), -1, 0)
        np.testing.assert_allclose(
            found.area_under_curve(errors), (first + second) / 2 / 4 + 3 * (second + last) / 2 / 4
        )


def test_each_order_is_announced():
    net = network(tn.Conv2D(2, 3), tn.Tanh())
    seen = []
    x, scores = np.zeros((3, 1, 8, 8)), {"tanh1": np.ones((3, 2))}
    compare_orders(net, x, [0, 1, 2], scores, classes=[1], repeats=4, after_order=lambda: seen.append(None))
    assert len(seen) == 2 + 4


def test_a_class_without_images_is_an_error():
    net = network(tn.Conv2D(2, 3), tn.Tanh())
    with pytest.raises(ValueError, match="class 2 has no image"):
        compare_orders(net, np.zeros((2, 1, 8, 8)), [0, 1], {"tanh1": np.ones((3, 2))})
