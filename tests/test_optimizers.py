"""Optimizers: each step equals the papers' formulae, written out one number at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tinynet.optimizers import Optimizer

RATES = st.floats(0, 2)
SHARES = st.floats(0, 0.99)
DECAYS = st.sampled_from([0.0, 1e-3, 0.5])


def slow_sgd(optimizer, w, gradients):
    velocity = 0.0
    for gradient in gradients:
        g = gradient + optimizer.weight_decay * w
        velocity = optimizer.momentum * velocity + g
        w = w - optimizer.rate * (g + optimizer.momentum * velocity if optimizer.nesterov else velocity)
    return w


def slow_adam(optimizer, w, gradients):
    mean = square = 0.0
    for t, gradient in enumerate(gradients, start=1):
        g = gradient + optimizer.weight_decay * w
        mean = optimizer.beta1 * mean + (1 - optimizer.beta1) * g
        square = optimizer.beta2 * square + (1 - optimizer.beta2) * g * g
        corrected = mean / (1 - optimizer.beta1**t)
        deviation = math.sqrt(square / (1 - optimizer.beta2**t))
        w = w - optimizer.rate * corrected / (deviation + optimizer.epsilon)
    return w


@st.composite
def sgd(draw) -> tn.SGD:
    momentum = draw(SHARES)
    return tn.SGD(draw(RATES), momentum, nesterov=momentum > 0 and draw(st.booleans()), weight_decay=draw(DECAYS))


adam = st.builds(tn.Adam, rate=RATES, beta1=SHARES, beta2=SHARES, weight_decay=DECAYS)


def steps(optimizer: Optimizer, parameter: np.ndarray, gradients) -> np.ndarray:
    moments = optimizer.moments(parameter)
    for gradient in gradients:
        optimizer.step(parameter, gradient, moments)
    return parameter


@given(st.one_of(sgd(), adam), st.integers(0, 5), st.sampled_from([(), (3,), (2, 3)]), st.integers(0, 2**32 - 1))
def test_steps_equal_the_formulae(optimizer, count, shape, seed):
    rng = np.random.default_rng(seed)
    start, gradients = np.asarray(rng.normal(size=shape)), rng.normal(size=(count, *shape))
    slow = slow_sgd if isinstance(optimizer, tn.SGD) else slow_adam
    series = zip(start.ravel().tolist(), gradients.reshape(count, start.size).T.tolist(), strict=True)
    wanted = np.array([slow(optimizer, w, of_w) for w, of_w in series]).reshape(shape)
    np.testing.assert_allclose(steps(optimizer, start.copy(), list(gradients)), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(optimizer=st.one_of(sgd(), adam))
def test_steps_happen_in_place_and_keep_the_type(dtype, optimizer):
    parameter = np.ones((2, 3), dtype)
    gradient = np.full((2, 3), 0.5, dtype)
    moments = optimizer.moments(parameter)
    arrays = dict(moments)
    optimizer.step(parameter, gradient, moments)
    assert parameter.dtype == dtype and all(moments[name] is array for name, array in arrays.items())
    assert {array.dtype for name, array in moments.items() if name != "steps"} <= {np.dtype(dtype)}
    np.testing.assert_array_equal(gradient, np.full((2, 3), 0.5, dtype))
    assert np.all(parameter < 1) or optimizer.rate < 1e-6


@given(st.one_of(sgd(), adam), st.integers(1, 4))
def test_what_is_remembered_lies_in_the_moments_alone(optimizer, broken_off):
    rng = np.random.default_rng(0)
    gradients = list(rng.normal(size=(5, 3)))
    unbroken = steps(optimizer, np.ones(3), gradients)
    parameter = np.ones(3)
    moments = optimizer.moments(parameter)
    for gradient in gradients[:broken_off]:
        optimizer.step(parameter, gradient, moments)
    moments = {name: array.copy() for name, array in moments.items()}
    for gradient in gradients[broken_off:]:
        optimizer.step(parameter, gradient, moments)
    assert parameter.tobytes() == unbroken.tobytes()


@given(st.one_of(sgd(), adam))
def test_a_rate_of_zero_moves_nothing(optimizer):
    still = type(optimizer)(**{**vars(optimizer), "rate": 0.0})
    np.testing.assert_array_equal(steps(still, np.arange(3.0), [np.ones(3)] * 3), np.arange(3.0))


def test_weight_decay_is_the_gradient_of_half_the_square():
    parameter = np.array([2.0, -4.0])
    np.testing.assert_allclose(steps(tn.SGD(0.1, weight_decay=0.5), parameter, [np.zeros(2)]), [1.9, -3.8])


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("kind", ["plain", "momentum", "nesterov", "adam"])
def test_steps_equal_those_of_pytorch(kind, decay):
    torch = pytest.importorskip("torch")
    ours = {
        "plain": tn.SGD(0.1, weight_decay=decay),
        "momentum": tn.SGD(0.1, 0.9, weight_decay=decay),
        "nesterov": tn.SGD(0.1, 0.9, nesterov=True, weight_decay=decay),
        "adam": tn.Adam(0.01, weight_decay=decay),
    }[kind]
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(4, 3)), rng.normal(size=(6, 4, 3))
    tensor = torch.nn.Parameter(torch.tensor(start))
    if kind == "adam":
        theirs = torch.optim.Adam([tensor], lr=0.01, weight_decay=decay)
    else:
        theirs = torch.optim.SGD([tensor], lr=0.1, momentum=ours.momentum, nesterov=ours.nesterov, weight_decay=decay)
    for gradient in gradients:
        tensor.grad = torch.tensor(gradient)
        theirs.step()
    np.testing.assert_allclose(steps(ours, start.copy(), list(gradients)), tensor.detach().numpy(), rtol=1e-10)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tn.SGD(-0.1), "SGD: rate is -0.1, expected a finite number at least 0"),
        (lambda: tn.SGD(float("nan")), "SGD: rate is nan"),
        (lambda: tn.SGD(float("inf")), "SGD: rate is inf"),
        (lambda: tn.SGD(0.1, momentum=1.0), "SGD: momentum is 1.0, expected .* at least 0 and below 1"),
        (lambda: tn.SGD(0.1, weight_decay=-1), "SGD: weight_decay is -1"),
        (lambda: tn.SGD(0.1, nesterov=True), "SGD: nesterov=True needs a momentum"),
        (lambda: tn.Adam(-1), "Adam: rate is -1"),
        (lambda: tn.Adam(beta1=1), "Adam: beta1 is 1"),
        (lambda: tn.Adam(beta2=-0.1), "Adam: beta2 is -0.1"),
        (lambda: tn.Adam(epsilon=-1e-8), "Adam: epsilon is -1e-08"),
        (lambda: tn.Adam(epsilon=0), "Adam: epsilon is 0, expected a finite number above 0"),
        (lambda: tn.SGD(True), "SGD: rate is True"),
        (lambda: tn.SGD("0.1"), "SGD: rate is '0.1'"),
        (lambda: tn.SGD(None), "SGD: rate is None"),
        (lambda: tn.SGD(10**400), "SGD: rate is 1000"),
        (lambda: tn.SGD(0.1, 0.9, nesterov=1), "SGD: nesterov is 1, expected True or False"),
        (lambda: tn.SGD(0.1, frozen=3), "SGD: frozen is 3, expected the name of a layer or a list of names"),
        (lambda: tn.Adam(frozen=["conv1", 2]), "Adam: frozen is"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_frozen_layers_may_be_one_name_or_several():
    assert tn.SGD(0.1, frozen="conv1").frozen == ("conv1",)
    assert tn.Adam(frozen=["conv1", "dense1"]).frozen == ("conv1", "dense1")


def test_optimizers_of_ones_own_define_both():
    with pytest.raises(NotImplementedError, match="Optimizer does not define moments"):
        Optimizer().moments(np.ones(1))
    with pytest.raises(NotImplementedError, match="Optimizer does not define step"):
        Optimizer().step(np.ones(1), np.ones(1), {})


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_numbers_of_numpy_are_settings_like_any(kind):
    assert repr(tn.SGD(kind(0.5), kind(0.25), weight_decay=kind(1))) == repr(tn.SGD(0.5, 0.25, weight_decay=1.0))
    assert tn.Adam(kind(0.5)) == tn.Adam(0.5)
    assert repr(tn.SGD(np.int64(1))) == repr(tn.SGD(1)) == repr(tn.SGD(1.0))


@given(
    hnp.arrays(np.float16, st.integers(1, 4), elements=st.floats(-60000, 60000, width=16)),
    st.integers(1, 4),
    st.sampled_from([tn.Adam(0.01), tn.Adam(0.5, beta1=0.5), tn.Adam(0.01, weight_decay=0.5)]),
)
def test_half_precision_steps_as_its_twin_of_single_precision(gradient, count, optimizer):
    half, single = np.ones(len(gradient), np.float16), np.ones(len(gradient), np.float32)
    moments, twin = optimizer.moments(half), optimizer.moments(single)
    for _ in range(count):
        single[...] = half
        optimizer.step(half, gradient, moments)
        optimizer.step(single, gradient.astype(np.float32), twin)
        assert half.dtype == np.float16
        np.testing.assert_allclose(half, single, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("optimizer", [tn.SGD(1e-30, 0.5), tn.SGD(0.1, 0.5, nesterov=True), tn.Adam(1e-30)], ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_underflow_is_meant(optimizer, dtype):
    gradients = [np.array([1e-30, 0, 1], dtype), np.array([1e-38, 1, 0], dtype)]
    wanted = steps(optimizer, np.ones(3, dtype), gradients)
    with np.errstate(all="raise"):
        assert steps(optimizer, np.ones(3, dtype), gradients).tobytes() == wanted.tobytes()
