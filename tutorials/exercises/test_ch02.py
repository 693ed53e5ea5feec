"""Grades chapter 2: backpropagation by hand."""

import numpy as np
import pytest

import tinynet as tn


@pytest.mark.exercise("2.1")
def test_ch02_difference_is_exact_for_a_parabola(student, rng):
    """For f(x) = <x, x> the central difference is 2 <x, v>, whatever h is."""
    x, v = rng.standard_normal((2, 5))
    for h in (1.0, 0.1, 1e-3):
        found = student.central_difference(lambda x: x @ x, x, v, h)
        np.testing.assert_allclose(found, 2 * x @ v, rtol=1e-9, err_msg=f"h = {h}")


@pytest.mark.exercise("2.1")
@pytest.mark.parametrize("h", [0.5, 0.25])
def test_ch02_step_is_h(student, h):
    """For f(x) = x^3 at 0 along 1 the central difference is h^2: the step is the one asked for."""
    found = student.central_difference(lambda x: x**3, np.zeros(1), np.ones(1), h)
    np.testing.assert_allclose(found, [h**2], err_msg=f"h = {h}")


@pytest.mark.exercise("2.1")
def test_ch02_difference_of_an_array(student, rng):
    """If f returns an array, so does the difference: for f(x) = sin(x) it is cos(x) v, entry by entry."""
    x, v = rng.standard_normal((2, 3, 4))
    np.testing.assert_allclose(student.central_difference(np.sin, x, v), np.cos(x) * v, rtol=1e-6, atol=1e-9)


@pytest.mark.exercise("2.1")
def test_ch02_difference_leaves_x_alone(student, rng):
    """The point x is the same afterwards, bit for bit."""
    x, v = rng.standard_normal((2, 5))
    before = x.copy()
    student.central_difference(lambda x: x @ x, x, v, 0.1)
    np.testing.assert_array_equal(x, before)


@pytest.mark.exercise("2.2")
@pytest.mark.parametrize("shape", [(4,), (2, 3, 3)])
def test_ch02_softplus_keeps_the_laws(student, assert_layer, shape):
    """Softplus keeps all laws of a layer."""
    assert_layer(student.Softplus(), shape)


@pytest.mark.exercise("2.2")
def test_ch02_softplus_values(student):
    """Softplus is log 2 at 0, and comes close to x: it is 10.0000454 at 10, and 30 at 30."""
    np.testing.assert_allclose(student.Softplus().forward(np.array([0.0, 10.0, 30.0])), [np.log(2), 10.0000453989, 30])


@pytest.mark.exercise("2.2")
def test_ch02_softplus_does_not_overflow(student):
    """At -800 and 800 it is 0 and 800, its slope is 0 and 1, and there is no warning about exp."""
    x, layer = np.array([-800.0, 800.0]), student.Softplus()
    with np.errstate(over="raise", invalid="raise"):
        y = layer.forward(x)
        slope = layer.backward(np.ones(2), x, y)
    np.testing.assert_allclose(y, [0, 800], atol=1e-300)
    np.testing.assert_allclose(slope, [0, 1], atol=1e-300)


@pytest.mark.exercise("2.3")
@pytest.mark.parametrize("slope", [0.1, 0.5, 2.0, -0.5])
def test_ch02_leaky_relu_keeps_the_laws(student, assert_layer, slope):
    """The leaky ReLU keeps all laws of a layer."""
    assert_layer(student.LeakyReLU(slope), (6,))


@pytest.mark.exercise("2.3")
@pytest.mark.parametrize(("slope", "below"), [(0.25, -1), (2, -8), (0, 0), (-1, 4)])
def test_ch02_leaky_relu_values(student, slope, below):
    """It takes -4, 0, 4 to -4 times the slope, 0, 4, whatever the slope: one above 1 or below 0 as well."""
    found = student.LeakyReLU(slope).forward(np.array([-4.0, 0.0, 4.0]))
    np.testing.assert_allclose(found, [below, 0, 4], err_msg=f"slope {slope}")


@pytest.mark.exercise("2.4")
def test_ch02_dense_by_hand(student):
    """With W = [[1, 2], [3, 4]], x = (5, 6), dy = (1, 10): dx = (31, 42), dW = [[5, 6], [50, 60]], db = (1, 10)."""
    layer = student.Dense(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2))
    x, dy = np.array([5.0, 6.0]), np.array([1.0, 10.0])
    y = layer.forward(x)
    grads = layer.grads(dy, x, y)
    np.testing.assert_allclose(layer.backward(dy, x, y), [31, 42], err_msg="dx")
    np.testing.assert_allclose(grads["W"], [[5, 6], [50, 60]], err_msg="dW")
    np.testing.assert_allclose(grads["b"], [1, 10], err_msg="db")


@pytest.mark.exercise("2.4")
@pytest.mark.parametrize("units", [2, 3, 5])
def test_ch02_dense_keeps_the_laws(student, assert_layer, rng, units):
    """The dense layer keeps all laws, those of parameter gradients among them."""
    assert_layer(student.Dense(rng.standard_normal((units, 3)), rng.standard_normal(units)), (3,))


@pytest.mark.exercise("2.5")
@pytest.mark.parametrize("classes", [2, 7])
def test_ch02_softmax_keeps_the_laws(student, assert_layer, classes):
    """Softmax keeps all laws of a layer."""
    assert_layer(student.Softmax(), (classes,))


@pytest.mark.exercise("2.5")
def test_ch02_softmax_of_a_seed_of_ones(student, rng):
    """The probabilities always add up to one, so the gradient of their sum is zero."""
    x, layer = rng.standard_normal((4, 5)), student.Softmax()
    y = layer.forward(x)
    np.testing.assert_allclose(layer.backward(np.ones((4, 5)), x, y), 0, atol=1e-15)


@pytest.fixture
def net():
    layers = [tn.Dense(6), tn.Softplus(), tn.Dense(5), tn.Tanh(), tn.Dense(3), tn.Softmax()]
    return tn.Network(layers, input_shape=(4,), dtype=np.float64)


@pytest.mark.exercise("2.6")
def test_ch02_deltas_are_those_of_the_network(student, rng, net):
    """Each delta is the gradient with respect to its entry of the trace, in the order of the trace."""
    trace = net.trace(rng.standard_normal((7, 4)))
    seed = rng.standard_normal((7, 3))
    found = student.deltas(net.layers, list(trace.values()), seed)
    assert len(found) == len(trace), f"{len(found)} deltas for {len(trace)} entries of the trace"
    for name, delta in net.backward(trace, seed).items():
        got = found[net.names.index(name)]
        assert got.shape == delta.shape, f"{name}: shape {got.shape}, should be {delta.shape}"
        np.testing.assert_allclose(got, delta, rtol=1e-10, atol=1e-14, err_msg=name)


@pytest.mark.exercise("2.6")
def test_ch02_deltas_agree_with_differences(student, rng, net):
    """The first delta is the gradient of <seed, output> with respect to the input."""
    x, v = rng.standard_normal((2, 4))
    seed, h = rng.standard_normal(3), 1e-6
    slope = seed @ (net(x + h * v) - net(x - h * v)) / (2 * h)
    found = student.deltas(net.layers, list(net.trace(x).values()), seed)
    np.testing.assert_allclose(found[0] @ v, slope, rtol=1e-6)
