"""Grades chapter 16: looking through filters."""

import numpy as np
import pytest

import tinynet as tn
from tinynet.explain.attribution.relu import deconvolved, guided


@pytest.mark.exercise("16.1")
def test_ch16_seen_strides(student):
    """A 5 x 5 filter, a pool of 2 in steps of 2 and a 3 x 3 filter: place 0 sees 0 to 9, place 3 sees 6 to 15."""
    windows = [(5, 1, 0), (2, 2, 0), (3, 1, 0)]
    assert tuple(student.pixels_seen(windows, 0)) == (0, 9)
    assert tuple(student.pixels_seen(windows, 3)) == (6, 15)
    assert tuple(student.pixels_seen([], 4)) == (4, 4)


@pytest.mark.exercise("16.1")
def test_ch16_seen_border(student):
    """Padding of 2 in front of a stride of 2 in the second layer is 2 places of its input, and may leave the image."""
    assert tuple(student.pixels_seen([(3, 3, 1), (5, 2, 2)], 0)) == (-7, 7)
    assert tuple(student.pixels_seen([(3, 3, 1), (5, 2, 2)], 1)) == (-1, 13)


@pytest.mark.exercise("16.1")
def test_ch16_seen_like_tinynet(student):
    """In a network the pixels seen are those of tinynet's receptive_field."""
    layers = [tn.Conv2D(1, 5, padding=2), tn.MaxPool2D(2), tn.Conv2D(1, 3, stride=2, padding=1)]
    field = tn.Network(layers, (1, 28, 28)).receptive_field("conv2")
    for place in range(7):
        first = field.start[0] + place * field.step[0]
        found = student.pixels_seen([(5, 1, 2), (2, 2, 0), (3, 2, 1)], place)
        assert tuple(found) == (first, first + field.size[0] - 1)


@pytest.mark.exercise("16.2")
def test_ch16_best_places_one_an_image(student):
    """The second strongest place of an image does not count, however strong it is, nor does a low one."""
    maps = np.zeros((3, 2, 3))
    maps[1, 0, 2] = -20
    maps[0, 1, 2], maps[0, 0, 0], maps[2, 0, 1], maps[1, 1, 0] = 9, 8, 5, 2
    assert [tuple(row) for row in student.best_places(maps, 2)] == [(0, 1, 2), (2, 0, 1)]


@pytest.mark.exercise("16.2")
def test_ch16_best_places_of_equal_ones(student):
    """Of equal places the earlier image, and the first in reading order; fewer if there are fewer images."""
    maps = np.array([[[1.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]], [[3.0, 0.0], [3.0, 0.0]]])
    assert [tuple(row) for row in student.best_places(maps, 9)] == [(2, 0, 0), (0, 0, 0), (1, 1, 0)]


@pytest.mark.exercise("16.2")
def test_ch16_best_places_below_zero(student):
    """An output that is negative everywhere has its strongest place where it is least negative."""
    maps = np.array([[[-4.0, -2.0, -3.0]], [[-1.0, -5.0, -6.0]], [[-9.0, -9.0, -8.0]]])
    assert [tuple(row) for row in student.best_places(maps, 3)] == [(1, 0, 0), (0, 0, 1), (2, 0, 2)]


@pytest.mark.exercise("16.3")
def test_ch16_unpool_by_hand(student):
    """Each value goes to the place that won its window: not to a corner, and not to all four."""
    x = np.array([[1.0, 7.0, 0.0, 0.0], [3.0, 2.0, 5.0, 6.0]])
    np.testing.assert_array_equal(student.unpool(np.array([[4.0, -2.0]]), x), [[0, 4, 0, 0], [0, 0, 0, -2]])


@pytest.mark.exercise("16.3")
def test_ch16_unpool_of_equal_ones(student):
    """Of equal pixels the first in reading order gets the value, and no other."""
    x = np.array([[0.0, 2.0], [2.0, 2.0]])
    np.testing.assert_array_equal(student.unpool(np.array([[3.0]]), x), [[0, 3], [0, 0]])


@pytest.mark.exercise("16.3")
def test_ch16_unpool_comes_back(student, rng):
    """What is unpooled is tinynet's backward pass of a max pool, whatever the signs, of pixels below 0 alone too."""
    net = tn.Network([tn.MaxPool2D(2)], (1, 6, 8), dtype=np.float64)
    for mean in (0, -9):
        x, signal = rng.normal(mean, size=(6, 8)), rng.normal(size=(3, 4))
        wanted = net.backward(net.trace(x[None, None]), signal[None, None]).input[0, 0]
        np.testing.assert_allclose(student.unpool(signal, x), wanted, err_msg=f"pixels around {mean}")


def network(rng, sizes):
    """Return a network of dense layers without biases, with ReLUs in between, and its matrices."""
    layers = [layer for size in sizes for layer in (tn.Dense(size, bias=False), tn.ReLU())][:-1]
    net = tn.Network(layers, (6,), rng=rng, dtype=np.float64)
    return net, [layer.params["W"] for layer in net.layers if layer.params]


@pytest.mark.exercise("16.4")
def test_ch16_gradient_adds_up(student, rng):
    """The gradient is tinynet's, and times the image it adds up to the net input."""
    net, weights = network(rng, [7, 6, 3])
    for x in rng.normal(size=(4, 6)):
        for unit in range(3):
            found = student.carried_back(weights, x, unit, "gradient")
            np.testing.assert_allclose(found, net.backward(net.trace(x), np.eye(3)[unit]).input, atol=1e-6)
            np.testing.assert_allclose(found @ x, net(x)[unit], atol=1e-6)


@pytest.mark.exercise("16.4")
def test_ch16_deconvolution(student, rng):
    """Deconvolution clips what comes down, and does not ask which units were on."""
    check(student, rng, "deconvolution", deconvolved)


@pytest.mark.exercise("16.4")
def test_ch16_guided(student, rng):
    """Guided backpropagation clips what comes down and asks which units were on."""
    check(student, rng, "guided", guided)


def check(student, rng, rule, step):
    """Compare a rule with tinynet's, which clips nothing after the lowest weights."""
    net, weights = network(rng, [7, 6, 3])
    for x in rng.normal(size=(4, 6)):
        for unit in range(3):
            found = student.carried_back(weights, x, unit, rule)
            wanted = net.carry_back(net.trace(x), np.eye(3)[unit], step, at=net.names[-1]).input
            np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.exercise("16.4")
def test_ch16_zero_is_off(student):
    """A unit whose net input is exactly 0 is off: only deconvolution lets its 3 through, along the weights 1 and -1."""
    weights, x = [np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([[3.0, 5.0]])], np.ones(2)
    for rule, wanted in (("gradient", [5, 5]), ("guided", [5, 5]), ("deconvolution", [8, 2])):
        np.testing.assert_allclose(student.carried_back(weights, x, 0, rule), wanted, err_msg=rule)


@pytest.mark.exercise("16.4")
def test_ch16_without_relus(student, rng):
    """With one matrix there is no ReLU, and all three are the unit's weights, negative ones and all."""
    W = rng.normal(size=(2, 4))
    for rule in ("gradient", "deconvolution", "guided"):
        np.testing.assert_allclose(student.carried_back([W], rng.normal(size=4), 1, rule), W[1], atol=1e-6)
