"""Grades chapter 5: prediction gradients."""

from itertools import pairwise

import numpy as np
import pytest

import tinynet as tn

K = 4


@pytest.fixture
def net():
    """Return a network of one convolution for 6 x 6 images and K classes, in float64."""
    layers = [tn.Conv2D(3, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(K), tn.Softmax()]
    return tn.Network(layers, input_shape=(1, 6, 6), rng=0, dtype=np.float64)


@pytest.fixture
def x(rng):
    return rng.standard_normal((5, 1, 6, 6))


def slope_of(function, x, direction):
    """Return how fast a function of images changes along a direction, image by image."""
    return (function(x + 1e-6 * direction) - function(x - 1e-6 * direction)) / 2e-6


def along(gradient, direction):
    return (np.asarray(gradient) * direction).reshape(len(direction), -1).sum(axis=1)


@pytest.mark.exercise("5.1")
@pytest.mark.parametrize("target", range(K))
def test_ch05_logit_gradients_are_slopes(student, net, x, rng, target):
    """Along any direction of the pixels, the gradient says how fast the logit of the class rises."""
    direction = rng.standard_normal(x.shape)
    wanted = slope_of(lambda images: net.trace(images)[net.logits][:, target], x, direction)
    got = along(student.logit_gradients(net, x, target)["input"], direction)
    np.testing.assert_allclose(got, wanted, atol=1e-6, err_msg=f"slope of the logit of class {target}, image by image")


@pytest.mark.exercise("5.1")
def test_ch05_logit_gradients_of_hidden_units(student, net, x):
    """Each layer has its gradients, of the shape of its outputs; those of the last hidden units are rows of W."""
    found = student.logit_gradients(net, x, 2)
    assert found["tanh1"].shape == (5, 3, 4, 4), f"tanh1 has shape {found['tanh1'].shape}, should be (5, 3, 4, 4)"
    wanted = np.tile(net["dense1"].params["W"][2], (5, 1))
    np.testing.assert_allclose(found["flatten1"], wanted, err_msg="flatten1")


@pytest.mark.exercise("5.2")
@pytest.mark.parametrize("target", range(K))
def test_ch05_probability_seed_is_a_slope(student, net, x, rng, target):
    """Carried back from the logits, the seed gives how fast the probability of the class rises."""
    trace = net.trace(x)
    seed = np.asarray(student.probability_seed(trace.output, target))
    assert seed.shape == (5, K), f"the seed has shape {seed.shape}, should be {(5, K)}"
    direction = rng.standard_normal(x.shape)
    wanted = slope_of(lambda images: net.trace(images).output[:, target], x, direction)
    got = along(net.backward(trace, seed, at=net.logits)["input"], direction)
    np.testing.assert_allclose(got, wanted, atol=1e-6, err_msg=f"slope of the probability of class {target}")


@pytest.mark.exercise("5.2")
def test_ch05_probability_seeds_add_up_to_zero(student, rng):
    """Over the classes the seeds add up to zero, since probabilities add up to one."""
    p = rng.dirichlet(np.ones(K), 5)
    total = sum(np.asarray(student.probability_seed(p, c)) for c in range(K))
    np.testing.assert_allclose(total, np.zeros((5, K)), atol=1e-12)


@pytest.mark.exercise("5.3")
def test_ch05_training_deltas_become_prediction_gradients(student, net, x):
    """They equal the gradients of each image's own p_t that a backward pass of their own gives."""
    labels = np.array([0, 3, 1, 1, 2])
    trace = net.trace(x)
    deltas = net.backward(trace, (trace.output - np.eye(K)[labels]) / len(x), at=net.logits)
    found = student.from_training_deltas({name: deltas[name] for name in ("tanh1", "flatten1")}, trace.output, labels)
    wanted = tn.prediction_gradient(net, x, labels, of="probability")
    assert found.keys() == {"tanh1", "flatten1"}, f"the names are {list(found)}"
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, wanted[name], rtol=1e-6, atol=1e-9, err_msg=name)


@pytest.mark.exercise("5.4")
@pytest.mark.parametrize("unit_shape", [(), (3,), (2, 3, 3)])
def test_ch05_class_means_one_by_one(student, rng, unit_shape):
    """Entry c is the mean over the images of class c, and of no others."""
    labels = np.array([2, 0, 1, 0, 2, 2])
    gradients = rng.standard_normal((6, *unit_shape))
    found = student.class_means(gradients, labels, 3)
    assert np.shape(found) == (3, *unit_shape), f"shape {np.shape(found)}, should be {(3, *unit_shape)}"
    for c, members in enumerate(([1, 3], [2], [0, 4, 5])):
        wanted = sum(gradients[member] for member in members) / len(members)
        np.testing.assert_allclose(found[c], wanted, err_msg=f"class {c}")


@pytest.mark.exercise("5.4")
def test_ch05_class_means_let_signs_cancel(student):
    """Gradients of opposite sign cancel: it is the mean of the gradients, not of their sizes."""
    found = student.class_means(np.array([[1.0, -2.0], [-1.0, -2.0]]), np.array([0, 0]), 1)
    np.testing.assert_allclose(found, [[0, -2]], atol=1e-12)


@pytest.mark.exercise("5.5")
def test_ch05_convolutional_gradient_by_hand(student):
    """The norm of a map with the entries 3 and -4 is 5."""
    gradient = np.zeros((2, 3, 3))
    gradient[1, 0, 0], gradient[1, 2, 1] = 3, -4
    np.testing.assert_allclose(student.convolutional_gradient(gradient), [0, 5])


@pytest.mark.exercise("5.5")
@pytest.mark.parametrize("batch", [(), (4,), (2, 3)])
def test_ch05_convolutional_gradient_of_batches(student, rng, batch):
    """Leading axes stay: one norm for each image and filter."""
    gradient = rng.standard_normal((*batch, 5, 4, 3))
    found = np.asarray(student.convolutional_gradient(gradient))
    assert found.shape == (*batch, 5), f"shape {found.shape}, should be {(*batch, 5)}"
    for place in np.ndindex(*batch, 5):
        np.testing.assert_allclose(found[place], np.linalg.norm(gradient[place]), err_msg=f"filter {place}")


@pytest.mark.exercise("5.6")
def test_ch05_rank_filters_across_layers(student):
    """The filters of all layers stand in one list, the highest score first."""
    scores = {"tanh1": np.array([0.1, 0.7]), "tanh2": np.array([0.4, -1.0, 0.9])}
    wanted = [("tanh2", 2), ("tanh1", 1), ("tanh2", 0), ("tanh1", 0), ("tanh2", 1)]
    got = [tuple(unit) for unit in student.rank_filters(scores)]
    assert got == wanted, f"ranking {got}, should be {wanted}"


@pytest.mark.exercise("5.6")
def test_ch05_rank_filters_keeps_the_order_of_equals(student):
    """Equal scores keep the order in which they come."""
    got = [tuple(unit) for unit in student.rank_filters({"b": [0.5, 1.0, 0.5], "a": [0.5], "c": [0.5]})]
    wanted = [("b", 1), ("b", 0), ("b", 2), ("a", 0), ("c", 0)]
    assert got == wanted, f"ranking {got}, should be {wanted}"


@pytest.mark.exercise("5.6")
def test_ch05_rank_filters_keeps_the_order_of_many_equals(student, rng):
    """Equal scores keep the order in which they come, however many there are."""
    scores = rng.integers(0, 3, 300)
    got = [index for _, index in student.rank_filters({"tanh1": scores})]
    assert sorted(got) == list(range(300)), "each filter has one place"
    turned = [(i, j) for i, j in pairwise(got) if scores[i] == scores[j] and i > j]
    assert not turned, f"filter {turned[0][0]} stands before filter {turned[0][1]}, which has the same score"


@pytest.mark.exercise("5.6")
def test_ch05_rank_filters_serves_knockouts(student, net, x):
    """The ranking is what tn.knockout_curve takes: every filter goes, one at a time."""
    order = student.rank_filters({"tanh1": [0.2, 0.9, 0.4]})
    assert len(tn.knockout_curve(net, x, np.zeros(5, int), order).error) == 4
