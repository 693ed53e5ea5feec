"""One network's units in the order of another's ranking: what trying it by hand gives, and what a copy must give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinynet as tn
from tinynet.explain import cross_knockouts, rank_units

IMAGES = np.random.default_rng(0).random((9, 1, 8, 8), dtype=np.float32)
LABELS = np.arange(9) % 3


def small(seed=0, filters=4, more=3):
    layers = [tn.Conv2D(filters, 3), tn.Tanh(), tn.Conv2D(more, 3), tn.ReLU(), tn.Flatten(), tn.Dense(3)]
    return tn.Network([*layers, tn.Softmax()], input_shape=(1, 8, 8), rng=seed)


def drawn(net, rng):
    return {name: rng.random(net.shapes[name][0]) for name in ("tanh1", "relu1")}


def renumbered(net, order):
    """Return the same function with the filters of the first layer in another order."""
    copy = small()
    for name, array in copy.parameters().items():
        array[...] = net.parameters()[name]
    for key in "Wb":
        copy["conv1"].params[key][...] = net["conv1"].params[key][order]
    copy["conv2"].params["W"][...] = net["conv2"].params["W"][:, order]
    return copy


def errors(net, order, counts):
    """Knock out by hand."""
    found = []
    for count in counts:
        silent = {name: [u.unit for u in order[:count] if u.layer == name] for name in ("tanh1", "relu1")}
        found.append(np.mean(net.knocked_out(silent)(IMAGES).argmax(axis=1) != LABELS))
    return found


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_by_number_it_is_knocking_out_by_hand(seed):
    rng = np.random.default_rng(seed)
    net, other = small(1), small(2)
    scores, theirs = drawn(net, rng), drawn(other, rng)
    found = cross_knockouts(net, other, IMAGES, LABELS, scores, theirs, matched=False, repeats=1, rng=5)
    assert found.counts.tolist() == list(range(8))
    assert found.own.tolist() == errors(net, rank_units(scores), found.counts)
    assert found.by_other.tolist() == errors(net, rank_units(theirs), found.counts)
    draw, units = np.random.default_rng(5), rank_units(scores)
    for curve in found.random:
        assert curve.tolist() == errors(net, [units[place] for place in draw.permutation(7)], found.counts)
    ranks = [np.argsort(np.argsort(np.concatenate([*each.values()]))) for each in (scores, theirs)]
    assert found.rank_correlation == pytest.approx(np.corrcoef(*ranks)[0, 1])


@given(seed=st.integers(0, 2**32 - 1))
def test_a_renumbered_copy_harms_as_the_network_itself_does_if_units_are_matched(seed):
    rng = np.random.default_rng(seed)
    net, order = small(1), rng.permutation(4)
    scores = drawn(net, rng)
    theirs = {**scores, "tanh1": scores["tanh1"][order]}
    found = cross_knockouts(net, renumbered(net, order), IMAGES, LABELS, scores, theirs, repeats=0)
    assert found.by_other.tolist() == found.own.tolist() and found.rank_correlation == pytest.approx(1.0)
    assert found.random.shape == (0, 8)
    by_number = cross_knockouts(
        net, renumbered(net, order), IMAGES, LABELS, scores, theirs, matched=False, repeats=0, counts=[0, 7]
    )
    same = (order == np.arange(4)).all()
    assert (by_number.rank_correlation == pytest.approx(1.0)) == same and by_number.counts.tolist() == [0, 7]


def test_units_without_a_partner_go_last():
    net, other = small(1), small(2, filters=2)
    scores, theirs = drawn(net, np.random.default_rng(0)), drawn(other, np.random.default_rng(1))
    theirs["tanh1"] -= 2  # a score below zero is still one
    found = cross_knockouts(net, other, IMAGES, LABELS, scores, theirs, repeats=0)
    pairs = tn.explain.match_units(net.trace(IMAGES)["tanh1"], other.trace(IMAGES)["tanh1"])
    partners = tn.explain.match_units(net.trace(IMAGES)["relu1"], other.trace(IMAGES)["relu1"])
    carried = {"tanh1": np.full(4, -9.0), "relu1": theirs["relu1"][partners.partners[np.argsort(partners.units)]]}
    carried["tanh1"][pairs.units] = theirs["tanh1"][pairs.partners]
    assert found.by_other.tolist() == errors(net, rank_units(carried), found.counts)
    assert set(np.flatnonzero(carried["tanh1"] == -9)) == set(range(4)) - set(pairs.units)


def test_equal_scores_have_no_rank_correlation_and_nothing_else_breaks():
    net, flat = small(1), {"tanh1": np.ones(4)}
    found = cross_knockouts(net, net, IMAGES, LABELS, flat, flat, repeats=1)
    assert np.isnan(found.rank_correlation) and found.own.tolist() == found.by_other.tolist()


SCORES = {"tanh1": [1.0, 2.0, 3.0, 4.0]}


@pytest.mark.parametrize(
    "scores, theirs, more, words",
    [
        ({}, SCORES, {}, "scores is {}, expected a mapping from outputs to a number a unit"),
        ({"tanh2": [1.0]}, SCORES, {}, "a key of scores is 'tanh2', expected input, conv1, tanh1"),
        (
            {"tanh1": [1.0]},
            SCORES,
            {},
            "scores of tanh1 is an array of float64 of shape (1,), expected an array of real",
        ),
        (SCORES, {"relu1": [1.0] * 3}, {}, "other_scores is ['relu1'], expected scores of tanh1, as scores has"),
        (SCORES, {"tanh1": [1.0, 2.0]}, {"matched": False}, "matched is False, expected True, since the layers of the"),
        (SCORES, {"tanh1": [1.0, np.nan]}, {}, "other_scores of tanh1 is nan at 1, expected a finite number"),
    ],
)
def test_wrong_scores_are_one_clear_line(scores, theirs, more, words):
    with pytest.raises(ValueError) as told:
        cross_knockouts(small(1), small(2, filters=2 if len(theirs.get("tanh1", [])) == 2 else 4), IMAGES, LABELS,
                        scores, theirs, **more)  # fmt: skip
    assert words in str(told.value) and "\n" not in str(told.value)
