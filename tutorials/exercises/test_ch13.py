"""Grades chapter 13: which pixels?"""

from functools import partial

import numpy as np
import pytest

import tinynet as tn
from tinynet import explain

assert_close = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5)  # single precision will do


def relu_network(rng, biases=True):
    """Return a float64 network of 4 inputs, 30 ReLUs and 3 logits, with weights and biases of all signs."""
    net = tn.Network([tn.Dense(30, bias=biases), tn.ReLU(), tn.Dense(3, bias=biases)], (4,), rng=1, dtype=np.float64)
    for layer in net.layers:
        for values in layer.params.values():
            values[...] = rng.standard_normal(values.shape)
    return net


@pytest.mark.exercise("13.1")
def test_ch13_integrated_of_a_square(student):
    """The gradient of x^2 is 2x, which midpoints integrate exactly: the answer is the difference of the squares."""
    x, baseline = np.array([3.0, -1.0]), np.array([1.0, 2.0])
    for steps in (1, 4):
        found = student.integrated_gradients(lambda point: 2 * point, x, baseline, steps)
        assert_close(found, x**2 - baseline**2, err_msg=f"{steps} steps")


@pytest.mark.exercise("13.1")
def test_ch13_integrated_of_a_network(student, rng):
    """On a network it is what tinynet finds with as many midpoints, from any baseline."""
    net, x, baseline = relu_network(rng), rng.standard_normal(4), rng.standard_normal(4)

    def gradient(point):
        return tn.prediction_gradient(net, point[None], 2, "logit", layers=["input"])["input"][0]

    wanted = explain.integrated_gradients(net, x[None], 2, baseline=baseline, steps=7)[0]
    assert_close(student.integrated_gradients(gradient, x, baseline, 7), wanted)


@pytest.mark.exercise("13.2")
def test_ch13_kinks_by_hand(student):
    """Net inputs that go from -1 to 3, from 1 to -1, and from 1 to 2: kinks at 1/4 and 1/2, none for the third."""
    W, b = np.array([[0.0, 4.0], [-2.0, 0.0], [1.0, 0.0]]), np.array([-1.0, 1.0, 1.0])
    found = student.kinks(W, b, np.ones(2), np.zeros(2))
    assert_close(found, [0.25, 0.5])


@pytest.mark.exercise("13.2")
def test_ch13_kinks_between_the_ends(student):
    """Net inputs that begin or end at exactly 0, or stay what they are, have no kink strictly between 0 and 1."""
    W, b = np.array([[2.0, 0.0], [1.0, -1.0], [0.0, -3.0], [3.0, 0.0]]), np.array([0.0, 1.0, 3.0, -1.0])
    assert_close(student.kinks(W, b, np.ones(2), np.zeros(2)), [1 / 3])


@pytest.mark.exercise("13.2")
def test_ch13_kinks_from_any_baseline(student, rng):
    """At each place found a net input is zero, in ascending order, and every unit that switches has its place."""
    W, b, x, baseline = (rng.standard_normal(shape) for shape in ((30, 5), 30, 5, 5))
    found = np.asarray(student.kinks(W, b, x, baseline))
    assert (np.diff(found) >= 0).all(), f"the places {found} do not ascend"
    switching = int((((W @ x + b) > 0) != ((W @ baseline + b) > 0)).sum())
    assert len(found) == switching, f"{len(found)} kinks, but {switching} units switch"
    for a in found:
        least = abs(W @ (baseline + a * (x - baseline)) + b).min()
        assert least < 1e-5, f"at {a:.3f} the smallest net input is {least:.2g}, should be 0"


@pytest.mark.exercise("13.3")
def test_ch13_grad_cam_by_hand(student):
    """Two maps whose gradients have the means 1 and -1: their difference, cut off at 0."""
    maps = np.array([[[4.0, 1.0]], [[1.0, 3.0]]])
    slopes = np.array([[[3.0, -1.0]], [[-2.0, 0.0]]])
    assert_close(student.grad_cam(maps, slopes), [[3.0, 0.0]])


@pytest.mark.exercise("13.3")
def test_ch13_grad_cam_of_a_network(student, rng):
    """It is what tinynet draws, for maps and gradients of both signs."""
    net = tn.Network([tn.Conv2D(4, 3), tn.Tanh(), tn.Flatten(), tn.Dense(2)], (1, 6, 6), rng=2, dtype=np.float64)
    x = rng.standard_normal((1, 1, 6, 6))
    slopes = tn.prediction_gradient(net, x, 1, "logit", layers=["tanh1"])["tanh1"][0]
    wanted = explain.grad_cam(net, x, 1, layer="tanh1")[0]
    assert_close(student.grad_cam(net.trace(x)["tanh1"][0], slopes), wanted)


@pytest.mark.exercise("13.4")
def test_ch13_lrp_by_hand(student):
    """One output 2 - 3 = -1 with relevance 6 and epsilon 1: its sum is moved to -2, so the inputs get -6 and 9."""
    found = student.lrp_epsilon(np.array([[2.0, 3.0]]), np.zeros(1), np.array([1.0, -1.0]), np.array([6.0]), 1.0)
    assert_close(found, [-6.0, 9.0])


@pytest.mark.exercise("13.4")
def test_ch13_lrp_keeps_what_biases_are_worth(student, rng):
    """The layer keeps sum_j R_j (b_j + eps s_j) / (z_j + eps s_j) and nothing else."""
    W, b, x, R = rng.standard_normal((5, 4)), rng.standard_normal(5), rng.standard_normal(4), rng.standard_normal(5)
    z = W @ x + b
    for eps in (0.0, 0.3):
        moved = eps * np.sign(z)
        kept = R.sum() - np.sum(student.lrp_epsilon(W, b, x, R, eps))
        assert_close(kept, (R * (b + moved) / (z + moved)).sum(), err_msg=f"eps = {eps}")


@pytest.mark.exercise("13.4")
def test_ch13_lrp_of_a_sum_of_zero(student):
    """A sum of exactly 0 counts as positive: with epsilon 1/2 its inputs 1 and -1 get 2 R and -2 R."""
    found = student.lrp_epsilon(np.array([[1.0, 1.0]]), np.zeros(1), np.array([1.0, -1.0]), np.array([3.0]), 0.5)
    assert_close(found, [6.0, -6.0])


def full_glass(coalition):
    """Return min(1, x1 + 2 x2 + 0 x3), for inputs that are there (1) or not (0), and a baseline that is worth 5."""
    return 5 + min(1.0, sum((1.0, 2.0, 0.0)[player] for player in coalition))


@pytest.mark.exercise("13.5")
def test_ch13_shapley_by_hand(student):
    """Who comes first fills the glass: a half for each of two, and nothing for one who never adds anything."""
    assert_close(student.shapley(full_glass, 3), [0.5, 0.5, 0.0])


@pytest.mark.exercise("13.5")
def test_ch13_shapley_adds_up(student, rng):
    """The values add up to what all are worth less what none are, whatever the game."""
    table = {}

    def worth(coalition):
        return table.setdefault(coalition, rng.standard_normal())

    found = student.shapley(worth, 4)
    assert_close(np.sum(found), worth(frozenset(range(4))) - worth(frozenset()))


@pytest.mark.exercise("13.5")
def test_ch13_shapley_of_a_network(student, rng):
    """For the inputs of a network it is what tinynet counts out."""
    net, x = relu_network(rng), rng.standard_normal((1, 4))

    def worth(coalition):
        there = np.isin(np.arange(4), list(coalition))
        return net(np.where(there, x, 0))[0, 1]

    assert_close(student.shapley(worth, 4), explain.shapley_values(net, x, 1)[0])
