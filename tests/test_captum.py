"""Where Captum defines the same thing, it gets the same numbers: on 30 random networks in float64, to 1e-6.

Needs ``pip install -e ".[bench]"``. Where both differ on purpose the comparison says so: our gamma rule counts the bias
as an input, our alpha-beta rule loses nothing where one side has no terms, and a deconvolution here is seeded with the
activation, there with 1.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tinynet as tn
from tests.benchmarks import pytorch
from tinynet import explain

torch = pytest.importorskip("torch", reason="needs PyTorch and Captum: pip install -e '.[bench]'")
attr = pytest.importorskip("captum.attr", reason="needs PyTorch and Captum: pip install -e '.[bench]'")

NETWORKS = range(30)
WITHIN = 1e-6  # of the largest value: Captum weighs coalitions in float32


def pair(seed: int, bias: bool = True, positive: bool = False):
    """Return a network of ReLUs, the same as a PyTorch model up to the logits, images, and a class for each."""
    rng = np.random.default_rng(seed)
    stride, size = 1 + seed % 2, 2 + seed % 2
    layers = [tn.Conv2D(3, size, stride=stride, padding=int(seed % 3 > 0), bias=bias), tn.ReLU(), tn.MaxPool2D(2)]
    layers += [tn.Flatten(), tn.Dense(6, bias=bias), tn.ReLU(), tn.Dense(3, bias=bias), tn.Softmax()]
    net = tn.Network(layers, (1 + seed % 2, 8, 9), rng=rng, dtype=np.float64)
    for name, array in net.parameters().items():
        array += rng.normal(0, 0.3, array.shape) * (not name.endswith("/b") or bias)
    x = rng.normal(size=(3, *net.input_shape))
    x = np.abs(x) if positive else x
    return net, pytorch.model(net, trained=True).eval(), x, rng.integers(0, 3, 3)


def compared(found, theirs) -> None:
    wanted = theirs.detach().numpy()
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=0, atol=WITHIN * np.abs(wanted).max(initial=1e-3))


@pytest.mark.parametrize("seed", NETWORKS)
def test_captum_gets_the_same(seed):
    net, model, x, labels = pair(seed)
    images, target = torch.tensor(x).contiguous(), torch.tensor(labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compared(explain.absolute_gradient(net, x, labels), attr.Saliency(model).attribute(images, target))
        compared(explain.gradient_times_input(net, x, labels), attr.InputXGradient(model).attribute(images, target))
        baseline = np.random.default_rng(seed).normal(size=x.shape[1:])
        theirs = attr.IntegratedGradients(model).attribute(
            images, torch.tensor(baseline)[None], target, n_steps=50, method="riemann_middle"
        )
        compared(explain.integrated_gradients(net, x, labels, baseline=baseline), theirs)
        guided = attr.GuidedBackprop(model).attribute(images, target)
        compared(explain.guided_backpropagation(net, x, labels), guided)
        cam = attr.LayerGradCam(model, model.relu1).attribute(images, target, relu_attributions=True)
        compared(explain.grad_cam(net, x, labels, layer="relu1"), cam[:, 0])
        patch = (x.shape[1], 3, 3)
        covered = attr.Occlusion(model).attribute(images, patch, (1, 1, 1), baselines=0.5, target=target)
        compared(explain.occlusion(net, x, labels, size=3, replace=0.5), covered)
        players = explain.grid(x.shape[1:], 2)
        theirs = attr.ShapleyValues(model).attribute(
            images, 0.0, target, feature_mask=torch.tensor(np.ascontiguousarray(players))[None]
        )
        compared(explain.shapley_values(net, x, labels, players=players), theirs)
        along_units = explain.integrated_gradients(net, x, labels, layer="relu2")
        at = net.trace(x)["relu2"]
        behind = torch.nn.Sequential(model.dense2)
        compared(along_units, attr.IntegratedGradients(behind).attribute(torch.tensor(at), target=target))


@pytest.mark.parametrize("seed", NETWORKS)
def test_captum_deconvolves_the_same_up_to_the_seed(seed):
    net, model, x, _ = pair(seed)
    z = net.trace(x)[net.logits]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for label in range(3):
            theirs = attr.Deconvolution(model).attribute(torch.tensor(x), label).numpy()
            for image in np.flatnonzero(z[:, label] > 0):
                ours = explain.deconvolution(net, x, net.logits, label)[image]
                np.testing.assert_allclose(ours, z[image, label] * theirs[image], rtol=WITHIN, atol=1e-12)


@pytest.mark.parametrize("seed", NETWORKS)
def test_captum_propagates_the_same_relevance(seed):
    from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule

    for rule, theirs, bias in (
        (explain.LRPEpsilon(0.01), lambda: EpsilonRule(0.01), True),
        (explain.LRPGamma(0.25), lambda: GammaRule(0.25), False),
        (explain.LRPAlphaBeta(1, 0), Alpha1_Beta0_Rule, False),
    ):
        net, model, x, labels = pair(seed, bias, positive=True)
        if isinstance(rule, explain.LRPAlphaBeta):  # every output gets a term on its side, where Captum loses nothing
            net["dense1"].params["W"][:, ::2] = np.abs(net["dense1"].params["W"][:, ::2])
            model = pytorch.model(net, trained=True).eval()
            trace = net.trace(x)
            if not all(_has_positive_terms(net, trace, name) for name in ("conv1", "dense1", "dense2")):
                continue
        for name, module in model.named_children():
            if name.startswith(("conv", "dense", "flatten")):  # a flattened map is the same numbers: any linear rule
                module.rule = EpsilonRule(1e-13) if name.startswith("flatten") else theirs()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = attr.LRP(model).attribute(torch.tensor(x), torch.tensor(labels))
        compared(explain.relevance(net, x, labels, rule=rule), found)


def _has_positive_terms(net, trace, name) -> bool:
    layer, before = net[name], trace[net.names[net.names.index(name) - 1]]
    up = layer.with_params({"W": np.maximum(layer.params["W"], 0)})
    return bool((up.forward(before) > 0).all())
