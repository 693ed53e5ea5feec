"""What a prediction is: its value, its seed, one output that stands for two classes, and networks that are sure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, run, slope, small_classifier
from tinynet.explain import class_loss_gradient
from tinynet.explain.prediction import PREDICTIONS, Prediction, log_softmax

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def value_from(prediction: Prediction, activation: np.ndarray, name: str, classes: np.ndarray) -> np.ndarray:
    """Return the prediction for an activation inside the network, through a trace that starts there."""
    net = prediction.net
    arrays = {name: activation}
    for other in net.names[net.names.index(name) + 1 :]:
        arrays[other] = run(net, activation, name, other)
    return prediction.value(tn.Trace(arrays), classes)


@pytest.mark.parametrize("of", PREDICTIONS)
@given(case=cases(last=[tn.Softmax, tn.Sigmoid]), every=st.booleans())
def test_gradients_are_slopes_of_the_value(of, case, every):
    net = case.net
    if of == "margin" and net.output_shape == (1,) and isinstance(net.layers[-1], tn.Softmax):
        return
    prediction = Prediction(net, of)
    target = "all" if every else case.rng.integers(0, prediction.count, len(case.x))
    classes = prediction.classes_of(target, len(case.x))
    trace = net.trace(case.x)
    names = net.names[: net.names.index(prediction.at) + 1]
    for name, gradient in prediction.gradients(trace, classes, names).items():
        direction = case.rng.normal(size=trace[name].shape)
        wanted = slope(lambda a, name=name: value_from(prediction, a, name, classes), trace[name], direction)
        got = (gradient * direction).reshape(*wanted.shape, -1).sum(axis=-1)
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-8)


@given(cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2))
def test_values_are_what_the_network_puts_out(case):
    trace, labels = case.net.trace(case.x), case.labels()
    rows = np.arange(len(labels))
    z, p = trace[case.net.logits], trace.output
    others = np.where(np.eye(p.shape[1])[labels] > 0, -np.inf, z)
    wanted = {
        "logit": z[rows, labels],
        "probability": p[rows, labels],
        "log_probability": np.log(p[rows, labels]),
        "margin": z[rows, labels] - others.max(axis=1),
    }
    for of, numbers in wanted.items():
        prediction = Prediction(case.net, of)
        np.testing.assert_allclose(prediction.value(trace, labels), numbers, **CLOSE)
        every = prediction.value(trace, prediction.classes_of("all", len(labels)))
        np.testing.assert_allclose(every[labels, rows], numbers, **CLOSE)


# -------------------------------------------------------------------------------------------------------- one output


@given(cases(last=[tn.Sigmoid], min_images=4))
def test_one_sigmoid_output_says_what_a_softmax_of_two_would(case):
    """Softmax over (0, z) is (1 - sigmoid(z), sigmoid(z)): the slow twin of a single output."""
    body = case.net.layers[:-2]
    x, width = case.x, case.net.shapes[case.net.names[-3]]
    w, b = case.rng.normal(size=(1, *width)), case.rng.normal(size=1)
    one, two = tn.Dense(1).with_params({"W": w, "b": b}), tn.Dense(2)
    two = two.with_params({"W": np.concatenate([0 * w, w]), "b": np.concatenate([0 * b, b])})
    net = tn.Network([*body, one, tn.Sigmoid()], case.net.input_shape, dtype=float)
    twin = tn.Network([*body, two, tn.Softmax()], case.net.input_shape, dtype=float)
    labels = np.arange(len(x)) % 2
    names = net.names[:-2]
    for of in ("probability", "log_probability", "margin"):
        value, wanted = (
            Prediction(n, of).value(n.trace(x), Prediction(n, of).classes_of("all", len(x))) for n in (net, twin)
        )
        np.testing.assert_allclose(value, wanted, **CLOSE)
        for question in (tn.prediction_gradient, tn.class_gradient):
            got, wanted = (question(n, x, labels, of, layers=names) for n in (net, twin))
            for name in names:
                np.testing.assert_allclose(got[name], wanted[name], **CLOSE)
        got, wanted = (tn.prediction_gradient(n, x, "all", of, layers=names) for n in (net, twin))
        for name in names:
            assert len(got[name]) == 2
            np.testing.assert_allclose(got[name], wanted[name], **CLOSE)


@given(cases(last=[tn.Sigmoid, None], min_images=2))
def test_the_classes_of_one_output_are_each_others_opposite(case):
    net = tn.Network(
        [*case.net.layers[:-1], tn.Flatten(), tn.Dense(1), tn.Sigmoid()], case.net.input_shape, dtype=float
    )
    for of in PREDICTIONS[:2] + PREDICTIONS[3:]:
        both = tn.prediction_gradient(net, case.x, "all", of)
        for gradient in both.values():
            np.testing.assert_allclose(gradient[0], -gradient[1], **CLOSE)
    loss = class_loss_gradient(net, case.x, np.arange(len(case.x)) % 2, tn.BinaryCrossEntropy())
    log_p = tn.class_gradient(net, case.x, np.arange(len(case.x)) % 2, "log_probability")
    for name in loss:
        np.testing.assert_allclose(loss[name], -log_p[name], **CLOSE)


def test_one_linear_output_has_two_classes_and_no_probability():
    net = small_classifier(classes=1, last=None)
    x = np.random.default_rng(0).normal(size=(3, 1, 8, 8))
    logits, margins = (tn.prediction_gradient(net, x, "all", of) for of in ("logit", "margin"))
    np.testing.assert_array_equal(logits.input, margins.input)
    np.testing.assert_array_equal(logits.input[0], -logits.input[1])
    with pytest.raises(ValueError, match="puts out no probability"):
        Prediction(net, "probability")


@pytest.mark.parametrize("target", [2, -1, True, 0.0, None, [0, 1, 2], [0, 2], [True, False], [0.0, 1.0], "both"])
def test_targets_that_are_no_classes_are_refused(target):
    with pytest.raises(ValueError, match=r"^(target|label|labels) "):
        Prediction(small_classifier(classes=1, last=tn.Sigmoid)).classes_of(target, 2)


# ----------------------------------------------------------------------------------------- networks that are sure


@given(
    last=st.sampled_from([tn.Softmax, tn.Sigmoid]),
    outputs=st.integers(1, 5),
    sure=st.floats(-60, 60),
    seed=st.integers(0, 2**32 - 1),
)
def test_float32_is_as_exact_as_its_logits_however_sure_the_network_is(last, outputs, sure, seed):
    """A float64 twin of the last layers bounds the error: nothing is lost where a probability rounds to one."""
    rng = np.random.default_rng(seed)
    single = tn.Network([tn.Tanh(), last()], (outputs,), dtype=np.float32)
    double = tn.Network([tn.Tanh(), last()], (outputs,), dtype=np.float64)
    z = rng.normal(size=(6, outputs)).astype(np.float32)
    z[:, 0] += np.float32(sure)
    traces = []
    for net in (single, double):
        arrays = {"input": z.astype(net.dtype), "tanh1": z.astype(net.dtype)}
        traces.append(tn.Trace({**arrays, net.names[-1]: net.layers[-1].forward(arrays["tanh1"])}))
    for of in ("probability", "log_probability"):
        predictions = [Prediction(n, of) for n in (single, double)]
        classes = predictions[0].classes_of("all", len(z))
        tiny = 1e-35  # below, float32 itself has no more digits
        for what in ("value", "seed"):
            got, wanted = (getattr(p, what)(t, classes) for p, t in zip(predictions, traces, strict=True))
            assert got.dtype == np.float32
            np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=tiny)


@given(st.integers(1, 6), st.floats(0, 300), st.integers(0, 2**32 - 1))
def test_the_logarithm_of_a_softmax_is_exact(classes, gap, seed):
    z = np.random.default_rng(seed).normal(size=(3, classes)).astype(np.float32)
    z[0, 0] += np.float32(gap)
    wanted = z.astype(np.longdouble) - z.astype(np.longdouble).max(axis=1, keepdims=True)
    rest = np.exp(wanted)
    np.put_along_axis(rest, wanted.argmax(axis=1)[:, None], 0, axis=1)
    wanted = wanted - np.log1p(rest.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(log_softmax(z), wanted, rtol=1e-5, atol=1e-44)


PIXELS = np.arange(64).reshape(1, 8, 8) // 16
QUESTIONS = {
    "prediction_gradient": lambda net, x, of: tn.prediction_gradient(net, x, "all", of)["tanh1"],
    "class_gradient": lambda net, x, of: tn.class_gradient(net, x, [0, 1, 2, 0], of)["tanh1"],
    "attack": lambda net, x, of: tn.explain.attack(net, x, [0, 1, 2, 0], [0.1, 1], of).success(),
    "integrated_gradients": lambda net, x, of: tn.explain.integrated_gradients(net, x, 0, of, steps=3),
    "smooth_gradient": lambda net, x, of: tn.explain.smooth_gradient(net, x, 0, of, samples=2, rng=0),
    "grad_cam": lambda net, x, of: tn.explain.grad_cam(net, x, 0, of, layer="tanh1"),
    "relevance": lambda net, x, of: tn.explain.relevance(net, x, 0, of, rule=tn.explain.LRPEpsilon(1e-6)),
    "occlusion": lambda net, x, of: tn.explain.occlusion(net, x, 0, of, size=4, stride=4),
    "rise": lambda net, x, of: tn.explain.rise(net, x, 0, of, samples=4, rng=0),
    "shapley_values": lambda net, x, of: tn.explain.shapley_values(net, x, 0, of, players=PIXELS, samples=4, rng=0),
    "class_images": lambda net, x, of: tn.explain.class_images(net, steps=3).images,
    "unit_images": lambda net, x, of: tn.explain.unit_images(net, net.names[-1], [0, 1], steps=3).objective,
    "deep_dream": lambda net, x, of: tn.explain.deep_dream(net, x[0], "tanh1", octaves=1, steps=3).image,
    "tracker": lambda net, x, of: tracked(net, x),
}


def tracked(net, x):
    """Return what is read off training without steps, of images that float32 can just hold."""
    tracker, settings = tn.ClassGradientTracker(), {"epochs": 1, "batch_size": 3, "progress": False}
    rows = np.concatenate([x, 1e-44 * x])
    tn.fit(net, rows, [0, 1, 2, 0] * 2, loss=tn.CrossEntropy(), optimizer=tn.SGD(0.0), callbacks=[tracker], **settings)
    return tracker.gradients["tanh1"]


@pytest.mark.parametrize("of", PREDICTIONS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_network_that_is_sure_lets_numbers_vanish_whatever_numpy_was_told(question, of):
    x = np.random.default_rng(0).normal(size=(4, 1, 8, 8))
    for scale in (10, 30, 100, 300):
        net = small_classifier(dtype=np.float32)
        net[net.names[-2]].params["W"][...] *= scale
        quiet = np.asarray(QUESTIONS[question](net, x, of))
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(QUESTIONS[question](net, x, of), quiet)
