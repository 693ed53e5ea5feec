"""The engine of the page is the library once more: each layer, forward and backward, equals NumPy."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample

import tinynet as tn
from tests.networks import cases
from tinynet import layers
from tinynet.explain.prediction import Prediction
from tinynet.pages import live

ENGINE = live.text_of("engine.js")
NODE = shutil.which("node")
DRIVER = """
const answers = JSON.parse(require("fs").readFileSync(0, "utf8")).map(({ layers, x, seed, out }) => {
  const net = networkOf(layers).knockedOut(out), trace = net.trace(x);
  const deltas = seed && net.backward(trace, seed), chosen = Array.from({ length: net.classes }, (_, c) => c);
  const ofLogits = (c) => net.backward(trace, net.seed(chosen.map((each) => Number(each === c))), net.logits)[0];
  return {
    outputs: trace.map((each) => [...each]), deltas: deltas && deltas.map((each) => [...each]),
    gradients: seed && chosen.map((c) => [...ofLogits(c)]), predicted: net.predicted(trace),
  };
});
console.log(JSON.stringify(answers, (key, value) => (Number.isNaN(value) ? "NaN" : value)));
"""

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def run(*questions):
    """Ask the engine about networks: layers, an input, a seed for the output, and what is knocked out."""
    program = f"{ENGINE}\n{DRIVER}"
    done = subprocess.run(
        [NODE, "-e", program], input=json.dumps(questions), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def asked(net, x, seed=None, out=()):
    question = {"layers": live.described(net), "x": x.ravel().tolist(), "out": [list(unit) for unit in out]}
    return {**question, "seed": None if seed is None else seed.ravel().tolist()}


def assert_near(got, wanted, what=""):
    """Compare within 1e-4 of the largest value."""
    wanted = np.asarray(wanted, np.float64).ravel()
    assert len(got) == len(wanted), what
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-4 * max(np.abs(wanted).max(initial=0), 1e-30), err_msg=what)


def assert_equal_passes(net, x, seed, answer):
    trace = net.trace(x[None])
    deltas = net.backward(trace, seed[None])
    for name, output, delta in zip(net.names, answer["outputs"], answer["deltas"], strict=True):
        assert_near(output, trace[name], f"output of {name} of {net}")
        assert_near(delta, deltas[name], f"delta of {name} of {net}")


def single(layer, shape):
    """Return a network of one layer, its parameters shaken so that none is zero, in single precision as on a page."""
    net = tn.Network([layer], shape, rng=0)
    rng = np.random.default_rng(0)
    for array in net.parameters().values():
        array += rng.normal(0, 0.3, array.shape).astype(array.dtype)
    return net


LAYERS = [
    (tn.Dense(4), (3,)),
    (tn.Dense(1, bias=False), (5,)),
    (tn.Conv2D(3, 3), (2, 5, 6)),
    (tn.Conv2D(2, (3, 1), stride=(2, 1), padding=(1, 0), bias=False), (3, 6, 5)),
    (tn.Conv2D(2, 4, stride=3, padding="same"), (1, 8, 7)),
    (tn.Conv2D(1, 1), (1, 1, 1)),
    (tn.MaxPool2D(2), (2, 5, 6)),
    (tn.MaxPool2D(3, stride=2, padding=1, ceil=True), (2, 6, 7)),
    (tn.MaxPool2D((2, 3), stride=1, padding="same"), (1, 4, 4)),
    (tn.AvgPool2D(2), (2, 5, 6)),
    (tn.AvgPool2D(3, stride=2, padding=1, ceil=True), (2, 6, 7)),
    (tn.AvgPool2D((2, 3), stride=1, padding="same"), (1, 4, 4)),
    (tn.AvgPool2D(3, stride=2, ceil=True), (1, 6, 6)),
    (tn.Tanh(), (2, 3, 3)),
    (tn.Sigmoid(), (7,)),
    (tn.ReLU(), (2, 3, 3)),
    (tn.Softplus(), (7,)),
    (tn.Softmax(), (5,)),
    (tn.Flatten(), (2, 3, 4)),
    (tn.Dropout(0.5), (6,)),
    (tn.KnockOut([0, 2]), (3, 2, 2)),
    (tn.KnockOut([1, 2], [0.5, -2.0]), (3,)),
]


def test_every_layer_of_the_library_has_its_twin():
    twins = set(re.findall(r"^  ([A-Z]\w*): (?:\{|elementwise)", ENGINE, re.MULTILINE))
    assert twins == set(layers.__all__) - {"Layer"}
    assert {type(layer).__name__ for layer, _ in LAYERS} | {"Step"} == twins


@needs_node
def test_each_layer_equals_numpy_forward_and_backward():
    rng = np.random.default_rng(1)
    nets = [single(layer, shape) for layer, shape in LAYERS]
    inputs = [rng.normal(size=net.input_shape).astype(np.float32) for net in nets]
    seeds = [rng.normal(size=net.output_shape).astype(np.float32) for net in nets]
    for net, x, seed, answer in zip(nets, inputs, seeds, run(*map(asked, nets, inputs, seeds)), strict=True):
        assert_equal_passes(net, x, seed, answer)


@needs_node
def test_ties_and_kinks_go_where_numpy_sends_them():
    nets = [single(layer, shape) for layer, shape in LAYERS]
    inputs = [np.round(np.random.default_rng(2).normal(size=net.input_shape)).astype(np.float32) for net in nets]
    inputs += [np.zeros(net.input_shape, np.float32) for net in nets]
    nets *= 2
    seeds = [np.ones(net.output_shape, np.float32) for net in nets]
    for net, x, seed, answer in zip(nets, inputs, seeds, run(*map(asked, nets, inputs, seeds)), strict=True):
        assert_equal_passes(net, x, seed, answer)


@needs_node
def test_a_step_has_an_output_and_no_gradient():
    net = single(tn.Step(), (3,))
    (answer,) = run(asked(net, np.array([-1.0, 0.0, 2.0])))
    assert answer["outputs"][-1] == [0, 0, 1]
    with pytest.raises(AssertionError, match="no gradient to pass on"):
        run(asked(net, np.ones(3), np.ones(3)))


@pytest.fixture(scope="module")
def drawn():
    """Return 30 random networks with an input each, of all kinds of layers and ends."""
    found = []

    def collect(case):
        found.append(case)
        return False

    with pytest.raises(NoSuchExample):
        find(cases(), collect, settings=settings(max_examples=30, phases=[Phase.generate], database=None))
    return found[:30]


@needs_node
def test_random_networks_equal_numpy(drawn):
    assert len(drawn) == 30
    seeds = [case.rng.normal(size=case.net.output_shape) for case in drawn]
    answers = run(*(asked(case.net, case.x[0], seed) for case, seed in zip(drawn, seeds, strict=True)))
    for case, seed, answer in zip(drawn, seeds, answers, strict=True):
        assert_equal_passes(case.net, case.x[0], seed, answer)
        trace, of = case.net.trace(case.x[:1]), Prediction(case.net)
        wanted = of.gradients(trace, of.classes_of("all", 1), ["input"])["input"][:, 0] if of.count > 1 else []
        for got, gradient in zip(answer["gradients"], wanted, strict=False):
            assert_near(got, gradient, f"gradient of {case.net}")


@needs_node
def test_knocked_out_networks_equal_numpy(drawn):
    nets, questions = [], []
    for case in drawn[::3]:
        units = [(name, 0) for name in case.net.names[1::2]]
        nets.append((case.net.knocked_out(dict((name, [unit]) for name, unit in units)), case))
        questions.append(asked(case.net, case.x[0], np.ones(case.net.output_shape), units))
    for (net, case), answer in zip(nets, run(*questions), strict=True):
        trace = net.trace(case.x[:1])
        assert_near(answer["outputs"][-1], trace.output, str(net))
        assert_near(answer["deltas"][0], net.backward(trace, np.ones(net.output_shape))["input"], str(net))


@needs_node
@pytest.mark.parametrize("last", [tn.Sigmoid, None])
def test_one_output_has_two_classes(last):
    net = tn.Network([tn.Dense(3), tn.Tanh(), tn.Dense(1), *([last()] if last else [])], (4,), rng=0)
    x = np.random.default_rng(0).normal(size=4)
    (answer,) = run(asked(net, x, np.ones(1)))
    first, second = tn.prediction_gradient(net, x[None], "all", layers=["input"])["input"][:, 0]
    assert_near(answer["gradients"][0], first)
    assert_near(answer["gradients"][1], second)
    assert answer["predicted"] == int(net(x[None])[0, 0] > 0.5)


# -------------------------------------------------------------------------------------------------- what cannot live


class Square(tn.Layer):
    """y = x^2, a layer of a user's own."""

    def forward(self, x):
        return x * x

    def backward(self, dy, x, y):
        return 2 * x * dy

    def output_shape(self, input_shape):
        return input_shape


class Dense(tn.Dense):
    """A user's own layer under the name of one of ours."""


def net_of(*layers, shape=(1, 8, 8)):
    return tn.Network([*layers, tn.Flatten(), tn.Dense(2), tn.Softmax()], shape)


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        (net_of(Square()), "square1 is a Square, a layer of your own"),
        (net_of(tn.Flatten(), Dense(3)), "dense1 is a Dense, a layer of your own"),
        (net_of(tn.Flatten(), tn.Dense(20_000), tn.Tanh(), tn.Dense(80)), "weights alone would take 1[56] MB"),
        (net_of(tn.AvgPool2D(1000), shape=(1, 1000, 1000)), "a single picture would take 2.7 MB"),
        (net_of(tn.Conv2D(64, 9), tn.MaxPool2D(200), shape=(1, 400, 400)), "each step would take 797 million"),
        (net_of(tn.Dropout(0.5, np.ones((1, 8, 8)))), "dropout1 holds the mask"),
    ],
)
def test_a_network_that_cannot_live_says_why(net, reason):
    assert re.search(reason, live.why_not(net))


def test_others_can_live(drawn):
    assert {live.why_not(case.net) for case in drawn} == {""}
    assert live.pictures_that_fit((1, 60, 60)) > 60
