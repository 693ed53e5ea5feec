"""Grades chapter 10: pruning."""

from itertools import combinations, product

import numpy as np
import pytest

import tinynet as tn
from tinynet import explain


@pytest.fixture
def net():
    """Return a network of two convolutions and two dense layers for 8 x 9 images, in float64, with biases."""
    layers = [tn.Conv2D(4, 3), tn.Tanh(), tn.Conv2D(3, 2), tn.Tanh(), tn.Flatten(), tn.Dense(5), tn.Tanh()]
    built = tn.Network([*layers, tn.Dense(3), tn.Softmax()], input_shape=(2, 8, 9), rng=0, dtype=np.float64)
    rng = np.random.default_rng(1)
    for array in built.parameters().values():
        array += rng.normal(0, 0.3, array.shape)
    return built


@pytest.fixture
def x(rng):
    return rng.standard_normal((5, 2, 8, 9))


@pytest.mark.exercise("10.1")
def test_ch10_weakest_by_hand(student):
    """Each class marks the units with its own smallest scores."""
    scores = np.array([[0.3, 0.1, 0.2, 0.9], [0.5, 0.6, 0.2, 0.1]])
    wanted = np.array([[False, True, True, False], [False, False, True, True]])
    np.testing.assert_array_equal(student.weakest(scores, 2), wanted)


@pytest.mark.exercise("10.1")
def test_ch10_weakest_among_equals(student):
    """Exactly `count` units are marked; of equal ones the earlier, however many there are."""
    np.testing.assert_array_equal(student.weakest(np.array([[0.2, 0.1, 0.2, 0.2]]), 2), [[True, True, False, False]])
    found = np.asarray(student.weakest(np.tile([1.0, 0.0], (3, 200)), 50))
    wrong = found != (np.arange(400) % 2 == 1) & (np.arange(400) < 100)
    assert not wrong.any(), f"of 200 zeros the first 50 are the weakest; {wrong[0].sum()} of 400 marks are not right"


@pytest.mark.exercise("10.1")
def test_ch10_weakest_leaves_the_scores(student, rng):
    """The scores that were passed in stay as they are."""
    scores = rng.uniform(size=(3, 6))
    kept = scores.copy()
    student.weakest(scores, 2)
    np.testing.assert_array_equal(scores, kept, err_msg="scores were changed")


@pytest.mark.exercise("10.2")
def test_ch10_everywhere_by_chance_counted_out(student):
    """It is the mean over all lists that could have been drawn."""
    lists = [[np.isin(np.arange(4), chosen) for chosen in combinations(range(4), count)] for count in (1, 2, 3)]
    wanted = np.mean([np.all(drawn, axis=0).sum() for drawn in product(*lists)])
    weak = np.array([of_class[0] for of_class in lists])
    assert np.isclose(student.everywhere_by_chance(weak, [4]), wanted), (
        f"{student.everywhere_by_chance(weak, [4])}, should be {wanted}"
    )


@pytest.mark.exercise("10.2")
def test_ch10_everywhere_by_chance_layer_by_layer(student):
    """Each layer counts by itself: a class that has all units of a layer on its list cannot miss one there."""
    weak = np.array([[True, True, False, False, True], [True, True, True, False, False]])
    found = student.everywhere_by_chance(weak, [2, 3])
    assert np.isclose(found, 2 + 3 / 9), f"{found}, should be 2 of the first layer and 3 / 9 of the second"


@pytest.mark.exercise("10.3")
def test_ch10_constant_filters_by_hand(student, rng):
    """Constant is whatever never changes, 0 or not; a filter that is 0 on average is not."""
    activations = rng.standard_normal((3, 5, 4, 4))
    activations[:, 1] = -1
    activations[:, 3] = 0
    activations[:, 4] -= activations[:, 4].mean()
    found = [int(k) for k in student.constant_filters(activations)]
    assert found == [1, 3], f"found {found}, should be [1, 3]"


@pytest.mark.exercise("10.3")
def test_ch10_constant_filters_whatever_the_number(student, rng):
    """0.1 everywhere is constant, though its mean is rounded to another number; tiny numbers that differ are not."""
    activations = rng.standard_normal((3, 4, 4, 4))
    activations[:, 1] = 0.1
    activations[:, 2] *= 1e-9
    assert activations[:, 1].var() != 0, "rounding makes a variance here"
    found = [int(k) for k in student.constant_filters(activations)]
    assert found == [1], f"found {found}, should be [1]: filter 1 is 0.1 everywhere, filter 2 is around 1e-9"


@pytest.mark.exercise("10.3")
def test_ch10_constant_filters_everywhere_and_always(student):
    """A map that is the same for all images, or one number within each image, is not constant."""
    activations = np.zeros((2, 3, 2, 2))
    activations[:, 0, 0, 0] = 1  # the same map for both images
    activations[1, 1] = 1  # flat, but another number for the second image
    found = [int(k) for k in student.constant_filters(activations)]
    assert found == [2], f"found {found}, should be [2]"


@pytest.mark.exercise("10.4")
@pytest.mark.parametrize("removed", [[1], [0, 2], [3, 0]])
def test_ch10_without_filters_is_knocking_out(student, net, x, removed):
    """The smaller network gives what the whole one gives with those filters silenced."""
    first, second = net["conv1"], net["conv2"]
    W, b, W_next = student.without_filters(
        first.params["W"].copy(), first.params["b"].copy(), second.params["W"].copy(), removed
    )
    kept = 4 - len(removed)
    for name, part, shape in (("W", W, (kept, 2, 3, 3)), ("b", b, (kept,)), ("W_next", W_next, (3, kept, 2, 2))):
        assert np.shape(part) == shape, f"{name} has shape {np.shape(part)}, should be {shape}"
    smaller = tn.Network([tn.Conv2D(kept, 3), tn.Tanh(), tn.Conv2D(3, 2)], (2, 8, 9), dtype=np.float64)
    smaller["conv1"].params.update(W=W, b=b)
    smaller["conv2"].params.update(W=W_next, b=second.params["b"])
    wanted = net.knocked_out({"tanh1": removed}).trace(x)["conv2"]
    np.testing.assert_allclose(smaller(x), wanted, rtol=1e-9, atol=1e-11, err_msg="output of the next convolution")


@pytest.mark.exercise("10.4")
def test_ch10_without_filters_leaves_the_arrays(student, net):
    """The arrays that were passed in stay as they are."""
    arrays = [net["conv1"].params["W"], net["conv1"].params["b"], net["conv2"].params["W"]]
    kept = [array.copy() for array in arrays]
    student.without_filters(*arrays, [1])
    for name, array, copied in zip(("W", "b", "W_next"), arrays, kept, strict=True):
        np.testing.assert_array_equal(array, copied, err_msg=f"{name} was written into")


@pytest.mark.exercise("10.5")
@pytest.mark.parametrize("removed", [[0], [1], [0, 2]])
def test_ch10_without_maps_is_knocking_out(student, net, x, removed):
    """The smaller matrix, on the maps that are left, gives what the whole one gives with those filters silenced."""
    W, b = net["dense1"].params["W"], net["dense1"].params["b"]
    smaller = student.without_maps(W.copy(), removed, 3)
    places = W.shape[1] // 3
    wanted = (5, (3 - len(removed)) * places)
    assert np.shape(smaller) == wanted, f"the matrix has shape {np.shape(smaller)}, should be {wanted}"
    left = np.delete(net.trace(x)["tanh2"], removed, axis=1).reshape(len(x), -1)
    wanted = net.knocked_out({"tanh2": removed}).trace(x)["dense1"]
    np.testing.assert_allclose(left @ smaller.T + b, wanted, rtol=1e-9, atol=1e-11, err_msg="input of the dense units")


@pytest.mark.exercise("10.5")
def test_ch10_without_maps_by_hand(student):
    """Three filters of two places: without the second, columns 0, 1, 4 and 5 are left."""
    np.testing.assert_array_equal(
        student.without_maps(np.arange(12).reshape(2, 6), [1], 3), [[0, 1, 4, 5], [6, 7, 10, 11]]
    )


@pytest.mark.exercise("10.6")
@pytest.mark.parametrize("value", [-1.0, 0.0, 0.7])
def test_ch10_bias_with_constant_changes_nothing(student, net, x, value):
    """Without the filter, and with the new bias, the network gives what it gave with the constant."""
    smaller = explain.pruned(net, {"tanh1": [2]})
    second = net["conv2"].params
    bias = student.bias_with_constant(second["W"], second["b"].copy(), 2, value)
    assert np.shape(bias) == (3,), f"the bias has shape {np.shape(bias)}, should be (3,)"
    smaller["conv2"].params["b"] = np.asarray(bias)
    wanted = net.knocked_out({"tanh1": [2]}, replace=value)(x)
    np.testing.assert_allclose(smaller(x), wanted, rtol=1e-9, atol=1e-11, err_msg=f"output for the constant {value}")


@pytest.mark.exercise("10.6")
def test_ch10_bias_with_constant_leaves_the_bias(student, net):
    """The bias that was passed in stays as it is."""
    second = net["conv2"].params
    kept = second["b"].copy()
    student.bias_with_constant(second["W"], second["b"], 2, 0.7)
    np.testing.assert_array_equal(second["b"], kept, err_msg="b_next was written into")
