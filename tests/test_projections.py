"""Weights as pictures: those of the first layer are its own, those of a deeper one the answers of the linear path."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, image_cases
from tinynet.explain import weight_projection
from tinynet.layers.activation import Activation


class Same(tn.Layer):
    """The identity."""

    def forward(self, x):
        return x.copy()


def straightened(net):
    """The network without activation functions and biases, and with means in the place of maxima."""
    layers = []
    for layer in net.layers:
        if isinstance(layer, tn.MaxPool2D):
            layers.append(tn.AvgPool2D(layer.size, layer.stride, layer.padding, ceil=layer.ceil))
        elif layer.params:
            layers.append(
                layer.with_params({**layer.params, "b": 0 * layer.params["b"]} if "b" in layer.params else {})
            )
        else:
            layers.append(Same() if isinstance(layer, (Activation, tn.Softmax)) else layer)
    for ours, theirs in zip(layers, net.layers, strict=True):
        ours.name = theirs.name
    return layers


def answers(net, name):
    """What the linear path puts out at a unit, or at the centre of a map, for each pixel of 1: the slow way."""
    layers = straightened(net)[: net.names.index(name)]
    pixels = np.eye(int(np.prod(net.input_shape))).reshape(-1, *net.input_shape)
    out = pixels
    for layer, real in zip(layers, net.layers, strict=False):
        layer.params = layer.params or {key: a for key, a in real.params.items() if key == "W"}
        out = layer.forward(out)
    centre = tuple(length // 2 for length in out.shape[2:])
    return np.moveaxis(out[(slice(None), slice(None), *centre)], 0, 1).reshape(-1, *net.input_shape)


@settings(max_examples=15)
@given(cases(), st.data())
def test_pictures_are_the_answers_of_the_linear_path_to_single_pixels(case, data):
    net = case.net
    name = data.draw(st.sampled_from(net.names[1:]))
    wanted = answers(net, name)
    if len(net.shapes[name]) == 3:
        rows, columns = net.receptive_field(name).box(*(length // 2 for length in net.shapes[name][1:]))
        outside = wanted.copy()
        outside[..., rows, columns] = 0
        assert not outside.any()
        wanted = wanted[..., rows, columns]
    np.testing.assert_allclose(weight_projection(net, name).pictures, wanted, atol=1e-12)


@given(image_cases())
def test_the_first_layer_shows_its_own_weights(case):
    found = weight_projection(case.net, "conv1")
    assert found.kind == "the weights of conv1" and found.bent == ()
    if found.pictures.shape == case.net["conv1"].params["W"].shape:  # else the image's border cuts the field
        np.testing.assert_array_equal(found, case.net["conv1"].params["W"])


def test_maxima_share_out_as_means_do():
    net = tn.Network([tn.Conv2D(1, 1, bias=False), tn.MaxPool2D(2)], (1, 4, 4), dtype=float)
    net["conv1"].params["W"][...] = 8
    np.testing.assert_array_equal(weight_projection(net, "pool1"), [[[[2, 2], [2, 2]]]])


def test_pictures_say_what_they_are():
    layers = [
        tn.Conv2D(4, 3),
        tn.ReLU(),
        tn.MaxPool2D(2),
        tn.Flatten(),
        tn.Dense(3),
        tn.Tanh(),
        tn.Dense(2),
        tn.Softmax(),
    ]
    net = tn.Network(layers, (1, 10, 10))
    kinds = {name: weight_projection(net, name).kind for name in net.names[1:]}
    assert kinds["relu1"] == kinds["conv1"] == "the weights of conv1"
    assert kinds["pool1"] == "the linear path to pool1: as if pool1 were linear"
    assert kinds["dense1"] == "the linear path to dense1: as if relu1, pool1 were linear"
    assert kinds["softmax1"] == "the linear path to softmax1: as if relu1, pool1, tanh1 were linear"
    two = tn.Network([tn.Dense(3), tn.Dense(2)], (4,), dtype=float)
    product = two["dense2"].params["W"] @ two["dense1"].params["W"]
    np.testing.assert_allclose(weight_projection(two, "dense2"), product)
    assert weight_projection(two, "dense2").kind == "the linear path to dense2"


def test_what_has_no_weights_to_show_is_refused():
    class Odd(Same):
        """A layer that nobody knows."""

    net = tn.Network([tn.Flatten(), Odd(), tn.Dense(2)], (1, 3, 3))
    with pytest.raises(ValueError, match=r"odd1 is a Odd, known as neither linear nor an activation; use"):
        weight_projection(net, "dense1")
    with pytest.raises(tn.UnknownLayerError, match="input"):
        weight_projection(net, "input")
    with pytest.raises(ValueError, match="net is 3, expected a Network"):
        weight_projection(3, "conv1")
