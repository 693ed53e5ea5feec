"""Grades chapter 7: do prediction gradients matter?"""

import itertools

import numpy as np
import pytest

import tinynet as tn

K = 4


@pytest.fixture
def net():
    """Return a network of two convolutions for 8 x 8 images and K classes, in float64."""
    layers = [tn.Conv2D(3, 3), tn.Tanh(), tn.Conv2D(2, 3), tn.Tanh(), tn.Flatten(), tn.Dense(K), tn.Softmax()]
    return tn.Network(layers, input_shape=(1, 8, 8), rng=3, dtype=np.float64)


@pytest.fixture
def x(rng):
    return 3 * rng.standard_normal((40, 1, 8, 8))


@pytest.mark.exercise("7.1")
def test_ch07_silenced_maps_are_zero(student, rng):
    """The maps of the filters named are 0 for every image, and all other maps are as before."""
    activation = rng.standard_normal((5, 4, 3, 2))
    found = np.asarray(student.silenced(activation.copy(), [3, 1]))
    assert np.shape(found) == activation.shape, f"shape {np.shape(found)}, should be {activation.shape}"
    assert not np.any(found[:, [1, 3]]), "a map of a silenced filter is not 0"
    np.testing.assert_array_equal(found[:, [0, 2]], activation[:, [0, 2]], err_msg="maps of the other filters")


@pytest.mark.exercise("7.1")
def test_ch07_silenced_leaves_the_activation_alone(student, rng):
    """The array that was given holds what it held before."""
    activation = rng.standard_normal((4, 4, 3, 2))
    before = activation.copy()
    student.silenced(activation, [0])
    np.testing.assert_array_equal(activation, before)


@pytest.mark.exercise("7.2")
def test_ch07_first_order_change_by_hand(student):
    """A filter that puts out 2 and -1 where the gradients are 3 and 5 adds 6 - 5 = 1; without it y falls by 1."""
    activation, gradient = np.array([[[[2.0, -1.0]]]]), np.array([[[[3.0, 5.0]]]])
    np.testing.assert_allclose(student.first_order_change(activation, gradient), [[-1]])


@pytest.mark.exercise("7.2")
def test_ch07_first_order_change_is_exact_where_all_is_linear(student, net, x):
    """In front of the logits all is linear, so that it equals the change of the logit that a knock-out makes."""
    trace = net.trace(x)
    gradient = tn.prediction_gradient(net, x, 1, layers=["tanh2"])["tanh2"]
    found = np.asarray(student.first_order_change(trace["tanh2"], gradient))
    assert np.shape(found) == (40, 2), f"shape {np.shape(found)}, should be (40, 2)"
    to_logits = net.with_layers(net.layers[:-1])
    for unit in range(2):
        change = (to_logits.knocked_out({"tanh2": [unit]})(x) - to_logits(x))[:, 1]
        np.testing.assert_allclose(found[:, unit], change, atol=1e-10, err_msg=f"filter {unit}")


@pytest.mark.exercise("7.3")
def test_ch07_rank_correlation_of_the_same_order(student):
    """It is 1 for two arrays in the same order, however unequal their steps, and -1 if one is turned round."""
    one, other = np.array([3.0, 1.0, 2.0, 7.0, 5.0]), np.array([30.0, -4.0, 2.0, 9e3, 31.0])
    np.testing.assert_allclose(student.rank_correlation(one, other), 1, atol=1e-12, err_msg="same order")
    np.testing.assert_allclose(student.rank_correlation(one, -other), -1, atol=1e-12, err_msg="turned round")


@pytest.mark.exercise("7.3")
def test_ch07_rank_correlation_is_spearmans(student, rng):
    """It is 1 - 6 sum(d^2) / (M^3 - M), d being the differences of the ranks."""
    for _ in range(5):
        one, other = rng.permutation(9), rng.permutation(9)
        wanted = 1 - 6 * np.sum((one - other) ** 2) / (9**3 - 9)
        got = student.rank_correlation(np.exp(one / 2.0), other * 5.0)
        np.testing.assert_allclose(got, wanted, atol=1e-12, err_msg=f"ranks {one} and {other}")


@pytest.mark.exercise("7.4")
def test_ch07_knockout_curve_begins_with_the_whole_network(student, net, x):
    """There is one entry more than filters, and the first is the error of the network as it is."""
    labels = net(x).argmax(axis=1)
    labels[:10] = (labels[:10] + 1) % K
    curve = student.knockout_curve(net, x, labels, [("tanh1", 1), ("tanh2", 0)])
    assert np.shape(curve) == (3,), f"shape {np.shape(curve)}, should be (3,)"
    np.testing.assert_allclose(curve[0], 0.25, err_msg="with nothing silenced, 10 of 40 are misclassified")


@pytest.mark.exercise("7.4")
def test_ch07_knockout_curve_adds_up(student, net, x):
    """What is silent stays silent: at each step all filters so far are, also several of one layer."""
    labels = net(x).argmax(axis=1)
    order = [("tanh1", 2), ("tanh2", 1), ("tanh1", 0), ("tanh1", 1), ("tanh2", 0)]
    curve = student.knockout_curve(net, x, labels, order)
    wanted = []
    for count in range(6):
        step = {name: [unit for layer, unit in order[:count] if layer == name] for name in ("tanh1", "tanh2")}
        trace = net.trace(x)
        first, second = np.array(trace["tanh1"]), None
        first[:, step["tanh1"]] = 0
        second = net["tanh2"].forward(net["conv2"].forward(first))
        second[:, step["tanh2"]] = 0
        wanted.append(np.mean(net.forward_from(second, "tanh2").argmax(axis=1) != labels))
    np.testing.assert_allclose(np.asarray(curve)[1:], wanted[1:], err_msg="after 1, 2, ... filters")


@pytest.mark.exercise("7.5")
def test_ch07_sign_flip_all_of_one_sign(student):
    """If all four differences are above 0, one way of sixteen is as extreme; if all are below, all ways are."""
    np.testing.assert_allclose(student.sign_flip_p_value(np.array([0.1, 0.2, 0.05, 0.3])), 1 / 16)
    np.testing.assert_allclose(student.sign_flip_p_value(-np.array([0.1, 0.2, 0.05, 0.3])), 1)


@pytest.mark.exercise("7.5")
def test_ch07_sign_flip_counts_ties(student):
    """Means that are equal count, also if rounding tells them apart. Of 3, 1 and -1, three ways: ++-, +-+ and +++."""
    np.testing.assert_allclose(student.sign_flip_p_value(np.array([3.0, 1.0, -1.0])), 3 / 8)
    whole = np.array([1.0, 2.0, 3.0, -1.0, -2.0, -3.0])
    wanted = np.mean([sum(way) >= 0 for way in itertools.product(*((size, -size) for size in whole))])
    np.testing.assert_allclose(student.sign_flip_p_value(whole / 10), wanted, err_msg="0.1, 0.2, 0.3, -0.1, -0.2, -0.3")


@pytest.mark.exercise("7.5")
def test_ch07_sign_flip_uses_the_sizes(student):
    """One large difference outweighs several small ones: 9, -1, -1 is exceeded or equalled by four ways of eight."""
    np.testing.assert_allclose(student.sign_flip_p_value(np.array([9.0, -1.0, -1.0])), 4 / 8)


@pytest.mark.exercise("7.6")
def test_ch07_predicted_as_the_most_frequent(student):
    """It is what most images of the class are predicted as, step by step."""
    labels = np.array([0, 0, 0, 2, 2, 2, 1])
    predictions = np.array([[0, 0, 2, 2, 2, 2, 1], [1, 2, 2, 0, 2, 0, 2]])
    found = student.predicted_as(predictions, labels, 3)
    assert np.shape(found) == (2, 3), f"shape {np.shape(found)}, should be (2, 3)"
    np.testing.assert_array_equal(found, [[0, 1, 2], [2, 2, 0]])


@pytest.mark.exercise("7.6")
def test_ch07_predicted_as_the_lowest_of_equals(student):
    """Of classes that come equally often it is the lowest, whatever the order of the images."""
    predictions, labels = np.array([[3, 1, 1, 3, 0, 2, 2]]), np.array([0, 0, 0, 0, 1, 2, 3])
    found = student.predicted_as(predictions, labels, 4)[0][0]
    assert found == 1, f"predicted as {found}, should be 1"
