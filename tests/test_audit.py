"""Audits: scores beside slow twins, and methods made to be good or bad are told apart before real ones are."""

from __future__ import annotations

from functools import partial
from inspect import signature

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import tinynet as tn
from tests.networks import small_classifier
from tinynet import explain
from tinynet.explain.metrics.pointing import edge_map


def linear(seed: int = 0, classes: int = 4, shape=(1, 8, 8)) -> tuple[tn.Network, np.ndarray, np.ndarray]:
    """Return a linear classifier, images, and the classes that it gives them."""
    rng = np.random.default_rng(seed)
    net = tn.Network([tn.Flatten(), tn.Dense(classes), tn.Softmax()], shape, rng=rng, dtype=np.float64)
    x = rng.normal(size=(16, *shape))
    return net, x, net(x).argmax(axis=1)


def exact(net, x, target):
    return explain.gradient_times_input(net, x, target)


def edges(net, x, target):
    return np.broadcast_to(edge_map(x)[:, None], x.shape)


def constant(net, x, target):
    return np.ones_like(x)


def turned(net, x, target):
    return -np.asarray(exact(net, x, target))


def of_another_class(net, x, target):
    return np.asarray(exact(net, x, (np.asarray(target) + 1) % net.output_shape[0]))


@pytest.mark.parametrize("seed", range(6))
def test_good_and_bad_methods_that_were_made_for_it_are_told_apart(seed):
    net, x, labels = linear(seed)
    assert explain.audit(net, exact, x, labels, rng=seed).passed
    failed = {
        method: {
            check.name for check in explain.audit(net, method, x, labels, rng=seed).checks if check.passed is False
        }
        for method in (edges, constant, turned, of_another_class)
    }
    assert {"class", "learning"} <= failed[edges]
    assert {"class", "learning", "deletion", "fidelity"} <= failed[constant]
    assert {"deletion", "fidelity"} <= failed[turned]
    assert "own class" in failed[of_another_class]


@pytest.mark.parametrize(
    ("method", "given", "least"),
    [
        (explain.fidelity, "samples", 2),
        (explain.noise_sensitivity, "samples", 1),
        (explain.deletion_curves, "repeats", 1),
    ],
)
def test_counts_have_bounds(method, given, least):
    net, x, labels = linear()
    maps = exact if method is explain.noise_sensitivity else x
    for count in (least - 1, 10**6 + 1):
        with pytest.raises(ValueError, match=rf"^{given} is {count}, expected a whole number from {least} to 1000000$"):
            method(net, maps, x, labels, **{given: count})


def test_learning_is_judged_by_a_network_of_which_nothing_is_left():
    layers = [tn.Flatten(), tn.Dense(6), tn.Tanh(), tn.Dense(4), tn.Softmax()]
    net = tn.Network(layers, (1, 8, 8), rng=1, dtype=np.float64)
    x = np.random.default_rng(0).normal(size=(16, 1, 8, 8))

    def of_the_first_weights(net, x, target):
        return np.broadcast_to(np.abs(net["dense1"].params["W"]).sum(axis=0).reshape(1, 8, 8), x.shape)

    learned = explain.audit(net, of_the_first_weights, x, net(x).argmax(axis=1), cheap=True)["learning"]
    assert learned.value < 0.5 and learned.passed


def test_what_stands_for_removed_pixels_may_be_an_image():
    net, x, labels = linear()
    black, same = (
        explain.audit(net, exact, x, labels, replace=replace, cheap=True) for replace in (0.0, np.zeros(x.shape[1:]))
    )
    assert str(black) == str(same)
    mean = explain.audit(net, exact, x, labels, replace=x.mean(axis=0), cheap=True)
    assert mean["fidelity"].value < black["fidelity"].value  # gradient times input starts from black


def test_an_audit_says_in_one_line_what_passed_and_what_did_not():
    net, x, labels = linear()
    good, bad = (explain.audit(net, method, x, labels, cheap=True).in_words() for method in (exact, edges))
    assert good.startswith("Tried on 16 images, the map") and "passes 6 of 6 checks" in good and "fails" not in good
    assert "it hardly depends on the class asked about" in bad and "fails" in bad
    assert not set("\n") & set(good + bad)


def test_a_real_network_is_examined_with_every_check():
    net = small_classifier()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 1, 8, 8))
    labels = net(x).argmax(axis=1)
    report = explain.audit(net, explain.integrated_gradients, x, labels, train=lambda wrong: small_classifier(seed=7))
    names = [check.name for check in report.checks]
    assert names == [
        "class",
        "learning",
        "layers",
        "deletion",
        "own class",
        "fidelity",
        "sum",
        "noise",
        "seeds",
        "labels",
    ]
    assert "integrated gradients" in str(report) and report["sum"].passed is not None
    assert report["seeds"].passed is None and report.short().startswith("integrated gradients, 50 midpoints: passes")
    noisy = explain.audit(net, partial(explain.smooth_gradient, samples=3), x, labels)
    assert noisy["seeds"].passed is not None and noisy["sum"].passed is None
    cheap = explain.audit(net, explain.absolute_gradient, x, labels, cheap=True)
    assert [check.name for check in cheap.checks] == ["class", "learning", "deletion", "own class", "fidelity", "sum"]
    with pytest.raises(KeyError, match="no check 'sums'; there are class"):
        report["sums"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net, x, y: explain.audit(net, lambda *_: np.ones(3), x, y), "the method returned maps of shape (3,)"),
        (
            lambda net, x, y: explain.audit(net, lambda *_: x * np.nan, x, y),
            "returned values that are no finite numbers",
        ),
        (lambda net, x, y: explain.audit(net, exact, x, y[:3]), "got 16 images and 3 labels"),
        (lambda net, x, y: explain.audit(net, exact, x[:0], y[:0]), "at least one"),
        (lambda net, x, y: explain.audit(net, exact, x, y, replace=x[0, 0, 0]), "replace is an array of float64 of"),
        (lambda net, x, y: explain.audit(net, exact, x, y, replace=np.nan), "replace is nan"),
        (lambda net, x, y: explain.occlusion(net, x, 0, replace=[0.0, 1.0]), "expected finite numbers: one, an image"),
        (lambda net, x, y: explain.audit(net, exact, x, y, train=lambda labels: None), "train returned None"),
        (lambda net, x, y: explain.deletion_curves(net, x[:, 0, 0], x, y), "maps have shape (16, 8)"),
        (lambda net, x, y: explain.deletion_curves(net, x * np.nan, x, y), "a map holds NaN"),
        (lambda net, x, y: explain.mass_inside(x[:, 0], x), "masks is an array of float64 of shape (16, 1, 8, 8)"),
        (lambda net, x, y: explain.randomised(net, ["dense9"]), "no layer 'dense9'; did you mean dense1"),
    ],
)
def test_bad_arguments_get_one_clear_error(call, message):
    with pytest.raises((ValueError, KeyError)) as caught:
        call(*linear())
    assert message in str(caught.value)


@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 5))
def test_on_a_linear_network_no_order_beats_the_exact_one(seed, steps):
    net, x, labels = linear(seed, shape=(1, 3, 3))
    maps = np.asarray(exact(net, x, labels))
    found = explain.deletion_curves(net, maps, x, labels, steps=steps, repeats=4, rng=seed)
    assert (found.most_first <= found.random + 1e-9).all() and (found.least_first >= found.random - 1e-9).all()
    sizes = explain.deletion_curves(net, np.abs(maps), x, labels, steps=steps, rng=seed)
    assert (sizes.gap <= found.gap + 1e-9).all()
    assert found.shares[0] == 0 and found.shares[-1] == 1
    z = net.trace(x)[net.logits][np.arange(16), labels]
    np.testing.assert_allclose(found.most_first[:, 0], z)
    np.testing.assert_allclose(found.most_first[:, -1], net["dense1"].params["b"][labels])


@given(seed=st.integers(0, 2**32 - 1), channels=st.integers(1, 3))
def test_deletion_is_what_replacing_one_pixel_after_the_other_gives(seed, channels):
    net, x, labels = linear(seed, shape=(channels, 2, 3))
    rng = np.random.default_rng(seed)
    maps = rng.permutation(16 * 6).reshape(16, 2, 3).astype(float)
    found = explain.deletion_curves(net, maps, x, labels, steps=6, replace=0.5, repeats=1)
    for image in range(16):
        changed = x[image].copy()
        for step, place in enumerate(np.argsort(-maps[image].ravel())):
            changed.reshape(channels, -1)[:, place] = 0.5
            z = net.trace(changed[None])[net.logits][0, labels[image]]
            np.testing.assert_allclose(found.most_first[image, step + 1], z)
    whole = explain.deletion_curves(net, np.repeat(maps[:, None], channels, 1), x, labels, steps=6, replace=0.5)
    np.testing.assert_allclose(whole.most_first, found.most_first)


def test_ties_are_broken_by_the_seed_and_not_by_the_rows():
    net, x, labels = linear()
    curves = [explain.deletion_curves(net, np.ones_like(x), x, labels, rng=seed).most_first for seed in (0, 0, 1)]
    np.testing.assert_array_equal(curves[0], curves[1])
    assert (curves[0] != curves[2]).any()


@given(seed=st.integers(0, 2**32 - 1), factor=st.sampled_from([1e-3, 1.0, 10.0]))
def test_fidelity_is_whole_for_the_exact_answer_whatever_its_scale(seed, factor):
    net, x, labels = linear(seed, shape=(1, 3, 3))
    maps = np.asarray(exact(net, x, labels))
    np.testing.assert_allclose(explain.fidelity(net, factor * maps, x, labels, rng=seed), 1, atol=1e-9)
    np.testing.assert_array_equal(explain.fidelity(net, -maps, x, labels, rng=seed), 0)
    np.testing.assert_array_equal(explain.fidelity(net, 0 * maps, x, labels, rng=seed), 0)


@given(seed=st.integers(0, 2**32 - 1), ties=st.booleans())
def test_rank_correlations_are_spearmans(seed, ties):
    rng = np.random.default_rng(seed)
    one, other = rng.normal(size=(2, 5, 1, 3, 3))
    one = one.round() if ties else one
    one[0] = 2
    found = explain.rank_correlations(one, other)
    assert np.isnan(found[0])
    for index in range(1, 5):
        if np.ptp(one[index]):
            np.testing.assert_allclose(found[index], stats.spearmanr(one[index].ravel(), other[index].ravel())[0])


def test_layers_are_drawn_anew_from_their_own_law_and_the_rest_is_shared():
    net = small_classifier()
    other = explain.randomised(net, ["dense1"], rng=5)
    assert other["conv1"].params["W"] is net["conv1"].params["W"]
    assert (other["dense1"].params["W"] != net["dense1"].params["W"]).any()
    limit = np.sqrt(6 / sum(net["dense1"].params["W"].shape))
    assert np.abs(other["dense1"].params["W"]).max() <= limit and not other["dense1"].params["b"].any()
    found = explain.randomisation(net, exact, np.ones((2, 1, 8, 8)), [0, 1], repeats=2)
    assert found.layers == ("dense1", "conv2", "conv1") and found.signed.shape == (2, 3, 2)
    alone = explain.randomisation(net, edges, np.arange(64.0).reshape(1, 1, 8, 8) ** 2, [0], cascading=False)
    np.testing.assert_allclose(alone.absolute, 1)
    np.testing.assert_allclose(alone.random_pair, 1)


def test_a_network_is_not_drawn_again_from_its_own_seed():
    net = tn.Network([tn.Dense(4), tn.Tanh(), tn.Dense(2)], (3,), rng=0)
    again = explain.randomised(net, ["dense1", "dense2"], 0)
    assert not np.isclose(net["dense1"].params["W"], again["dense1"].params["W"]).any()


def test_noise_sensitivity_of_a_map_that_is_the_image():
    net, x, labels = linear()
    found = explain.noise_sensitivity(net, lambda net, x, target: x, x, labels, noise=0.1)
    assert (found > 0).all() and (found < 1).all()
    assert (explain.noise_sensitivity(net, constant, x, labels) == 0).all()
    assert np.isnan(explain.noise_sensitivity(net, lambda net, x, target: 0 * x, x, labels)).all()


@given(seed=st.integers(0, 2**32 - 1), ties=st.booleans())
def test_average_precision_is_the_mean_precision_at_the_pixels_of_the_mask(seed, ties):
    rng = np.random.default_rng(seed)
    maps, masks = rng.normal(size=(4, 3, 4)), rng.random((4, 3, 4)) < 0.3
    maps = maps.round() if ties else maps
    masks[0] = False
    found = explain.average_precision(maps, masks)
    assert np.isnan(found[0])
    for height, mask, got in list(zip(maps, masks, found, strict=True))[1:]:
        if mask.any():
            at = [mask[height >= value].mean() for value in height[mask]]
            np.testing.assert_allclose(got, np.mean(at))


def test_a_constant_map_has_the_share_of_the_area_and_a_perfect_one_everything():
    masks = np.zeros((2, 4, 5), bool)
    masks[:, 1:3, 2] = True
    maps = np.stack([np.ones((4, 5)), -2.0 * masks[1]])
    np.testing.assert_allclose(explain.mass_inside(maps, masks), [0.1, 1])
    np.testing.assert_allclose(explain.average_precision(np.abs(maps), masks), [0.1, 1])
    assert np.isnan(explain.mass_inside(0 * maps, masks)).all()


@pytest.mark.parametrize(
    ("question", "usual"),
    [
        ("deletion_curves", {"steps": 20, "replace": 0.0, "repeats": 10, "rng": 0}),
        ("fidelity", {"removed": 0.2, "samples": 100, "replace": 0.0, "rng": 0}),
        ("noise_sensitivity", {"noise": 0.02, "samples": 10, "rng": 0}),
        ("randomisation", {"cascading": True, "repeats": 3, "rng": 0}),
    ],
)
def test_numbers_that_people_compare_are_measured_with_the_same_settings_for_ever(question, usual):
    parameters = signature(getattr(explain, question)).parameters
    assert {name: parameters[name].default for name in usual} == usual
