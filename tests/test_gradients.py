"""Prediction gradients: what they are gradients of, and the identities that tie them together."""

from __future__ import annotations

import pickle
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, run, slope, small_classifier
from tinynet.explain import class_loss_gradient
from tinynet.explain.prediction import PREDICTIONS

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
NEAR = {"rtol": 1e-5, "atol": 1e-8}


def prediction(net: tn.Network, of: str, activation: np.ndarray, name: str, classes: np.ndarray) -> np.ndarray:
    """Return each image's prediction of its class from an activation inside the network: the slow definition."""
    rows = np.arange(len(activation))
    if of == "probability":
        return run(net, activation, name, net.names[-1])[rows, classes]
    z = run(net, activation, name, net.logits)
    if of == "logit":
        return z[rows, classes]
    if of == "margin":
        others = z.copy()
        others[rows, classes] = -np.inf
        return z[rows, classes] - others.max(axis=1)
    return np.log(run(net, z, net.logits, net.names[-1])[rows, classes])


def reached(net: tn.Network, of: str) -> list[str]:
    return net.names if of == "probability" else net.names[: net.names.index(net.logits) + 1]


# ------------------------------------------------------------------------------------------------------ definition


@pytest.mark.parametrize("of", PREDICTIONS)
@given(case=cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2))
def test_prediction_gradients_are_derivatives_of_predictions(of, case):
    net, x, labels = case.net, case.x, case.labels()
    trace = net.trace(x)
    gradients = tn.prediction_gradient(net, x, labels, of=of)
    assert list(gradients) == reached(net, of) and gradients.of == of
    for name, gradient in gradients.items():
        assert gradient.shape == trace[name].shape
        direction = case.rng.normal(size=gradient.shape)
        each = slope(lambda a, name=name: prediction(net, of, a, name, labels), trace[name], direction)
        got = (gradient * direction).reshape(len(x), -1).sum(axis=1)
        np.testing.assert_allclose(got, each, **NEAR)


@pytest.mark.parametrize("of", PREDICTIONS)
@given(case=cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2), batch_size=st.integers(1, 9), data=st.data())
def test_a_target_may_be_one_class_one_an_image_or_all(of, case, batch_size, data):
    net, x, labels = case.net, case.x, case.labels()
    classes = net.output_shape[0]
    chunk = data.draw(st.one_of(st.none(), st.integers(1, classes + 1)))
    all_classes = tn.prediction_gradient(net, x, "all", of, batch_size=batch_size, class_chunk=chunk)
    by_image = tn.prediction_gradient(net, x, labels, of, batch_size=batch_size)
    for label in range(classes):
        one = tn.prediction_gradient(net, x, label, of)
        for name in one:
            np.testing.assert_allclose(all_classes[name][label], one[name], **CLOSE)
            np.testing.assert_allclose(by_image[name][labels == label], one[name][labels == label], **CLOSE)


@given(cases(), st.integers(1, 9), st.data())
def test_unit_gradients_are_derivatives_of_units(case, batch_size, data):
    net, x = case.net, case.x
    layer = data.draw(st.sampled_from(net.names[1:]))
    place = tuple(data.draw(st.integers(0, length - 1)) for length in net.shapes[layer])
    unit = place if len(place) > 1 and data.draw(st.booleans()) else place[0]
    gradients, trace = tn.unit_gradient(net, x, layer, unit, batch_size=batch_size), net.trace(x)
    assert list(gradients) == net.names[: net.names.index(layer) + 1] and gradients.of == "unit"

    def value(activation, name):
        index = (slice(None), *unit) if isinstance(unit, tuple) else (slice(None), unit)
        return run(net, activation, name, layer)[index].reshape(len(x), -1).sum(axis=1)

    for name, gradient in gradients.items():
        direction = case.rng.normal(size=gradient.shape)
        each = slope(lambda a, name=name: value(a, name), trace[name], direction)
        assert gradient.shape == trace[name].shape
        np.testing.assert_allclose((gradient * direction).reshape(len(x), -1).sum(axis=1), each, **NEAR)


def test_a_unit_gradient_is_of_one_unit_of_any_number_of_images():
    net = small_classifier()
    assert tn.unit_gradient(net, np.ones((0, 1, 8, 8)), "tanh1", 0)["input"].shape == (0, 1, 8, 8)
    for unit in ([0, 1], 99, None, np.ones((2, 6, 6))):
        with pytest.raises(ValueError, match="unit"):
            tn.unit_gradient(net, np.ones((2, 1, 8, 8)), "tanh1", unit)


@given(cases(), st.data())
def test_layers_asked_about_are_the_only_ones_and_the_same(case, data):
    net = case.net
    whole = tn.prediction_gradient(net, case.x, 0)
    wanted = data.draw(st.lists(st.sampled_from(list(whole)), min_size=1, unique=True))
    part = tn.prediction_gradient(net, case.x, 0, layers=wanted)
    assert list(part) == wanted
    for name in wanted:
        np.testing.assert_array_equal(part[name], whole[name])


def test_results_are_read_only_and_of_the_type_of_the_network():
    for dtype in (np.float32, np.float64):
        for of in PREDICTIONS:
            net = small_classifier(dtype=dtype)
            for target in (0, "all"):
                gradients = tn.prediction_gradient(net, np.ones((2, 1, 8, 8)), target, of)
                for array in gradients.values():
                    assert array.dtype == dtype and not array.flags.writeable


# ------------------------------------------------------------------------------------------------------ identities


@given(cases(last=[tn.Softmax], min_classes=2))
def test_probability_gradients_are_training_deltas_times_minus_p(case):
    net, x, labels = case.net, case.x, case.labels()
    one_hot = np.eye(net.output_shape[0])[labels]
    trace = net.trace(x)
    loss = tn.CrossEntropy()
    deltas = net.backward(trace, loss.seed(net, trace, one_hot) * len(x), at=loss.at(net))
    p = trace.output[np.arange(len(x)), labels]
    of_p = tn.prediction_gradient(net, x, labels, "probability")
    of_log_p = tn.prediction_gradient(net, x, labels, "log_probability")
    for name in of_log_p:
        column = p.reshape(-1, *[1] * (deltas[name].ndim - 1))
        np.testing.assert_allclose(of_p[name], -column * deltas[name], **CLOSE)
        np.testing.assert_allclose(of_log_p[name], -deltas[name], **CLOSE)


@given(cases(last=[tn.Softmax]))
def test_probability_gradients_of_all_classes_add_up_to_zero(case):
    summed = tn.prediction_gradient(case.net, case.x, "all", "probability")
    for name in reached(case.net, "logit"):
        np.testing.assert_allclose(summed[name].sum(axis=0), 0, atol=1e-12)


@given(cases(last=[tn.Softmax]))
def test_probability_gradients_follow_from_those_of_the_logits(case):
    net = case.net
    p = net(case.x)
    of_z, of_p = (tn.prediction_gradient(net, case.x, "all", of) for of in ("logit", "probability"))
    for name in of_z:
        weights = p.T.reshape(*p.T.shape, *[1] * (of_z[name].ndim - 2))
        np.testing.assert_allclose(of_p[name], weights * (of_z[name] - (weights * of_z[name]).sum(axis=0)), **CLOSE)


@given(cases(min_classes=2), st.floats(0.1, 10))
def test_scaling_the_last_layer_scales_gradients_of_logits_and_margins(case, scale):
    net, labels = case.net, case.labels()
    before = {of: tn.prediction_gradient(net, case.x, labels, of) for of in ("logit", "margin")}
    for array in net[net.logits].params.values():
        array *= scale
    for of, gradients in before.items():
        scaled = tn.prediction_gradient(net, case.x, labels, of)
        for name in gradients:
            factor = 1 if name == net.logits else scale
            np.testing.assert_allclose(scaled[name], factor * gradients[name], **CLOSE)


@given(cases(), st.floats(-5, 5))
def test_a_bias_of_the_logits_moves_no_gradient_of_them(case, shift):
    net = case.net
    before = tn.prediction_gradient(net, case.x, "all")
    net[net.logits].params["b"] += shift
    after = tn.prediction_gradient(net, case.x, "all")
    for name in before:
        np.testing.assert_allclose(after[name], before[name], **CLOSE)


def test_a_sum_over_the_map_is_the_gradient_of_the_filters_bias():
    net = small_classifier()
    x = np.random.default_rng(0).normal(size=(1, 1, 8, 8))
    gradient = tn.prediction_gradient(net, x, 1)["conv1"]
    b = net["conv1"].params["b"]
    for index in range(4):

        def logit(value, index=index):
            b[index] = value
            return net.trace(x)["dense1"][0, 1]

        kept = b[index]
        wanted = slope(logit, kept, 1.0)
        b[index] = kept
        np.testing.assert_allclose(gradient[0, index].sum(), wanted, **NEAR)


def test_where_p_is_one_its_gradient_vanishes_and_that_of_the_logit_does_not():
    net = tn.Network([tn.Dense(3), tn.Softmax()], (2,), rng=0)
    net["dense1"].params["b"][0] = 200
    gradients = {of: tn.prediction_gradient(net, np.ones((1, 2)), 0, of).input for of in PREDICTIONS}
    assert not gradients["probability"].any() and not gradients["log_probability"].any()
    assert gradients["logit"].all() and gradients["margin"].all()


# --------------------------------------------------------------------------------------------------- class gradients


@pytest.mark.parametrize("of", PREDICTIONS)
@given(case=cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2, min_images=4), batch_size=st.integers(1, 9))
def test_class_gradients_are_means_over_the_images_of_a_class(of, case, batch_size):
    net, x, labels = case.net, case.x, case.labels()
    gradients = tn.class_gradient(net, x, labels, of, batch_size=batch_size)
    assert list(gradients) == reached(net, of) and gradients.of == of
    one_by_one = [tn.prediction_gradient(net, x[i : i + 1], labels[i], of) for i in range(len(x))]
    for name, gradient in gradients.items():
        for label, mean in enumerate(gradient):
            members = [one[name][0] for one, own in zip(one_by_one, labels, strict=True) if own == label]
            np.testing.assert_allclose(mean, sum(members) / len(members), **CLOSE)


@pytest.mark.parametrize("of", PREDICTIONS)
def test_class_gradients_may_leave_out_the_images_that_are_misclassified(of):
    net = small_classifier(seed=7)
    x = np.random.default_rng(0).normal(size=(30, 1, 8, 8))
    labels = net(x).argmax(axis=1)
    labels[::3] = (labels[::3] + 1) % 3
    right = np.arange(30) % 3 > 0
    assert set(labels[right]) == {0, 1, 2}
    of_right = tn.class_gradient(net, x, labels, of, only="correct", batch_size=7)
    by_hand = tn.class_gradient(net, x[right], labels[right], of)
    of_all = tn.class_gradient(net, x, labels, of)
    for name in of_right:
        np.testing.assert_allclose(of_right[name], by_hand[name], **CLOSE)
    assert not np.allclose(of_right.input, of_all.input)


@given(cases(last=[tn.Softmax], min_classes=2, min_images=4))
def test_the_mean_gradient_is_the_gradient_of_the_mean_prediction(case):
    net, x, labels = case.net, case.x, case.labels()
    gradient = tn.class_gradient(net, x, labels, "probability")["input"]
    direction = case.rng.normal(size=net.input_shape)
    for label, mean in enumerate(gradient):
        members = x[labels == label]

        def mean_prediction(shift, members=members, label=label):
            return net(members + shift)[:, label].mean()

        wanted = slope(mean_prediction, np.zeros(net.input_shape), direction)
        np.testing.assert_allclose(np.vdot(mean, direction), wanted, **NEAR)


@given(cases(min_classes=2, min_images=4), st.randoms(use_true_random=False))
def test_the_order_of_the_images_is_nothing_to_their_mean(case, random):
    labels = case.labels()
    order = random.sample(range(len(labels)), len(labels))
    one, other = (tn.class_gradient(case.net, case.x[o], labels[o]) for o in (slice(None), order))
    for name in one:
        np.testing.assert_allclose(one[name], other[name], **CLOSE)


# -------------------------------------------------------------------------------------------------------- edge sizes


@pytest.mark.parametrize("of", PREDICTIONS)
def test_no_images_have_no_gradients(of):
    net = small_classifier()
    nothing = np.zeros((0, 1, 8, 8))
    one = tn.prediction_gradient(net, nothing, 1, of)
    assert {name: a.shape for name, a in one.items()} == {name: (0, *net.shapes[name]) for name in reached(net, of)}
    assert tn.prediction_gradient(net, nothing, "all", of).input.shape == (3, 0, 1, 8, 8)
    with pytest.raises(ValueError, match="class 0 has no images, so its gradient has no mean"):
        tn.class_gradient(net, nothing, np.zeros(0, int), of)


@pytest.mark.parametrize("of", ["logit", "probability", "log_probability"])
def test_a_softmax_over_one_output_has_one_class(of):
    net = small_classifier(classes=1)
    x = np.random.default_rng(0).normal(size=(3, 1, 8, 8))
    one, every = tn.prediction_gradient(net, x, 0, of), tn.prediction_gradient(net, x, "all", of)
    mean = tn.class_gradient(net, x, [0, 0, 0], of)
    for name in one:
        np.testing.assert_allclose(every[name], one[name][None], **CLOSE)
        np.testing.assert_allclose(mean[name][0], one[name].mean(axis=0), **CLOSE)


def test_the_margin_between_two_classes_is_the_difference_of_their_logits():
    net = small_classifier(classes=2)
    x = np.random.default_rng(0).normal(size=(3, 1, 8, 8))
    logits, margins = (tn.prediction_gradient(net, x, "all", of) for of in ("logit", "margin"))
    for name in margins:
        np.testing.assert_allclose(margins[name][0], logits[name][0] - logits[name][1], **CLOSE)
        np.testing.assert_allclose(margins[name][1], -margins[name][0], **CLOSE)


def test_networks_that_put_out_logits_are_explained_by_them():
    with_softmax, without = small_classifier(), small_classifier(last=None)
    x = np.random.default_rng(0).normal(size=(3, 1, 8, 8))
    for of in ("logit", "margin"):
        one, other = (tn.prediction_gradient(net, x, [0, 2, 1], of) for net in (with_softmax, without))
        assert list(one) == list(other)
        for name in one:
            np.testing.assert_allclose(one[name], other[name], **CLOSE)


# ------------------------------------------------------------------------------------------------------ what is refused

X = np.zeros((2, 1, 8, 8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: tn.prediction_gradient(net, X, 3), r"^target is 3, expected a whole number from 0 to 2$"),
        (lambda net: tn.prediction_gradient(net, X, [0, -1]), r"^label of image 1 is -1, expected 0 to 2"),
        (
            lambda net: tn.prediction_gradient(net, X, [0, 1, 2]),
            r"^target is an array of int64 of shape \(3,\), expected one",
        ),
        (
            lambda net: tn.prediction_gradient(net, X, [0]),
            r"^target is an array of int64 of shape \(1,\), expected one",
        ),
        (lambda net: tn.prediction_gradient(net, X, 0.5), r"^target is 0\.5, expected a whole number"),
        (lambda net: tn.prediction_gradient(net, X, "every"), r"^target is \'every\', expected a class, one class an"),
        (lambda net: tn.prediction_gradient(net, X[0], 1), r"^input: got an array of shape \(1, 8, 8\), expected \(N,"),
        (
            lambda net: tn.prediction_gradient(net, X, 0, "logits"),
            r"^of is 'logits', expected logit, probability, log_prob",
        ),
        (
            lambda net: tn.prediction_gradient(net, X, 0, layers=["tanh7"]),
            r"^layers: tanh7 is not in front of the logit at dense",
        ),
        (
            lambda net: tn.prediction_gradient(net, X, 0, layers=["softmax1"]),
            r"^layers: softmax1 is not in front of the logit",
        ),
        (
            lambda net: tn.prediction_gradient(net, X, 0, layers=[]),
            r"^layers is \[\], expected at least one name, or None for all$",
        ),
        (
            lambda net: tn.prediction_gradient(net, X, 0, batch_size=0),
            r"^batch_size is 0, expected a whole number of at least 1$",
        ),
        (
            lambda net: tn.prediction_gradient(net, X, "all", class_chunk=0),
            r"^class_chunk is 0, expected a whole number of at least 1$",
        ),
        (lambda net: tn.class_gradient(net, X, [0, 1]), r"^class 2 has no images, so its gradient has no mean$"),
        (lambda net: tn.class_gradient(net, X, [0, 1, 2]), r"^got 2 images and 3 labels, expected as many$"),
        (lambda net: tn.class_gradient(net, X, [0, 3]), r"^label of image 1 is 3, expected 0 to 2"),
        (lambda net: tn.class_gradient(net, X, [0, 1], only="right"), r"^only is 'right', expected"),
        (lambda net: tn.class_gradient(net, X[0], [0, 1]), r"expected \(N, 1, 8, 8\); x.reshape"),
        (lambda net: tn.class_gradient(net, X, [0, 1], of="p"), r"has no images|of is 'p'"),
    ],
)
def test_questions_that_cannot_be_meant_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(small_classifier())


@pytest.mark.parametrize("of", ["probability", "log_probability"])
def test_networks_without_probabilities_say_so(of):
    with pytest.raises(
        ValueError, match=f"^the network puts out no {of}: it ends in dense1, not a Softmax or Sigmoid$"
    ):
        tn.prediction_gradient(small_classifier(last=None), X, 0, of)


def test_networks_that_put_out_maps_have_no_classes():
    net = tn.Network([tn.Conv2D(2, 3)], (1, 8, 8))
    with pytest.raises(ValueError, match=r"need a network that puts out a vector, got \(2, 6, 6\)"):
        tn.prediction_gradient(net, X, 0)


def test_one_class_has_no_margin():
    with pytest.raises(ValueError, match="a margin needs at least two classes"):
        tn.prediction_gradient(small_classifier(classes=1), X, 0, "margin")


def test_correct_images_may_be_none_of_a_class():
    net = small_classifier()
    x = np.random.default_rng(0).normal(size=(6, 1, 8, 8))
    wrong = (net(x).argmax(axis=1) + 1) % 3
    with pytest.raises(ValueError, match="has no correctly classified images, so its gradient has no mean"):
        tn.class_gradient(net, x, wrong, only="correct")


# ------------------------------------------------------------------------------------------------------ of the loss


@pytest.mark.parametrize("loss", [tn.CrossEntropy(), tn.SquaredError()], ids=["cross-entropy", "squared error"])
@given(case=cases(last=[tn.Softmax], min_classes=2, min_images=4), batch_size=st.integers(1, 9))
def test_class_loss_gradients_are_means_of_those_of_single_images(loss, case, batch_size):
    net, labels = case.net, case.labels()
    found = class_loss_gradient(net, case.x, labels, loss, batch_size=batch_size)
    assert found.of == "loss" and list(found) == net.names[: net.names.index(loss.at(net)) + 1]
    targets = np.eye(net.output_shape[0])[labels]
    for label in range(net.output_shape[0]):
        sums = dict.fromkeys(found, 0.0)
        members = np.flatnonzero(labels == label)
        for image in members:
            trace = net.trace(case.x[[image]])
            deltas = net.backward(trace, loss.seed(net, trace, targets[[image]]), at=loss.at(net))
            sums = {name: sums[name] + deltas[name][0] for name in sums}
        for name, total in sums.items():
            np.testing.assert_allclose(found[name][label], total / len(members), **CLOSE)


@given(cases(last=[tn.Softmax], min_classes=2, min_images=4))
def test_of_cross_entropy_it_is_that_of_the_log_probability_turned_round(case):
    labels = case.labels()
    loss = class_loss_gradient(case.net, case.x, labels, tn.CrossEntropy())
    log_probability = tn.class_gradient(case.net, case.x, labels, "log_probability")
    for name in loss:
        np.testing.assert_allclose(loss[name], -log_probability[name], **CLOSE)


@pytest.mark.parametrize(
    ("labels", "layers", "message"),
    [
        ([0, 1, 0], None, "class 2 has no images"),
        ([0, 1], None, "got 3 images and 2 labels"),
        ([0, 1, 2], ["softmax1"], "layers: softmax1 is not in front of the loss at dense1"),
    ],
)
def test_loss_gradients_that_have_no_mean_are_refused(labels, layers, message):
    with pytest.raises(ValueError, match=message):
        class_loss_gradient(small_classifier(), np.ones((3, 1, 8, 8)), labels, tn.CrossEntropy(), layers=layers)


class Elsewhere(Executor):
    """Does what it is handed as a process elsewhere would: from bytes, to bytes."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps((fn, args)))[0](*args))))
        return future


@pytest.mark.parametrize("of", PREDICTIONS)
@given(case=cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2), batch_size=st.integers(1, 4))
def test_class_gradients_are_the_same_bits_whoever_adds_them_up(of, case, batch_size):
    net, x = case.net, np.concatenate([case.x] * 3)
    labels = np.resize(np.arange(net.output_shape[0]), len(x))
    if len(x) < net.output_shape[0]:
        return
    here = tn.class_gradient(net, x, labels, of, batch_size=batch_size)
    with ThreadPoolExecutor(2) as threads:
        for executor in (threads, Elsewhere()):
            there = tn.class_gradient(net, x, labels, of, batch_size=batch_size, executor=executor)
            assert list(there) == list(here)
            for name, gradient in here.items():
                np.testing.assert_array_equal(there[name], gradient)


def test_an_executor_is_one():
    net = small_classifier()
    with pytest.raises(ValueError, match=r"executor is 2, expected an Executor"):
        tn.class_gradient(net, np.zeros((1, *net.input_shape)), [0], executor=2)
