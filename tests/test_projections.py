"""Weights as pictures: those of the first layer are its own, those of a deeper one the answers of the linear path."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, image_cases
from tinynet.explain import deconvolution, deep_dream, projected_patches, strongest_patches, weight_projection
from tinynet.explain.attribution.relu import deconvolved, guided
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


# -------------------------------------------------------------------------------------- what drives a unit, projected


def relu_net(padding=1, pool=2, stride=None, rng=0):
    layers = [tn.Conv2D(3, 3, padding=padding), tn.ReLU(), tn.MaxPool2D(pool, stride), tn.Conv2D(4, 2), tn.ReLU()]
    return tn.Network([*layers, tn.Flatten(), tn.Dense(3), tn.ReLU()], (2, 9, 8), rng=rng, dtype=float)


def images(count=5, rng=0):
    return np.random.default_rng(rng).random((count, 2, 9, 8))


@pytest.mark.parametrize("layer", ["relu1", "pool1", "conv2", "dense1"])
@settings(max_examples=4)
@given(padding=st.integers(0, 2), seed=st.integers(0, 9))
def test_the_strongest_patches_are_found_one_by_one(layer, padding, seed):
    net, x = relu_net(padding, rng=seed), images(rng=seed)
    found = strongest_patches(net, x, layer, [2, 0], count=3, batch_size=2)
    outputs = net.trace(x)[layer]
    places = len(net.shapes[layer]) == 3
    for row, unit in enumerate((2, 0)):
        maps = outputs[:, unit].reshape(len(x), -1)
        wanted = np.argsort(-maps.max(axis=1), kind="stable")[:3]
        np.testing.assert_array_equal(found.images[row], wanted)
        np.testing.assert_allclose(found.outputs[row], maps.max(axis=1)[wanted])
        for image, place, picture, most in zip(
            wanted, found.places[row], found.pictures[row], found.outputs[row], strict=True
        ):
            if not places:
                np.testing.assert_array_equal(picture, x[image])
                continue
            assert outputs[(image, unit, *place)] == most
            rows, columns = net.receptive_field(layer).box(*place)
            seen = x[image, :, rows, columns]
            assert picture.shape[1:] == net.receptive_field(layer).size
            assert np.isclose(picture.sum(), seen.sum())  # black beyond the border
            moved = np.zeros_like(x[:1])
            moved[0, :, rows, columns] = seen
            assert np.isclose(net.trace(moved)[layer][(0, unit, *place)], most)


@pytest.mark.parametrize("method", ["deconvolution", "guided backpropagation", "gradient"])
def test_projected_patches_are_cut_from_the_projection_of_the_place(method):
    net, x = relu_net(padding=0), images()
    patches = strongest_patches(net, x, "relu2", [1], count=2)
    found = projected_patches(net, x, patches, method)
    for image, place, cut in zip(patches.images[0], patches.places[0], found[0], strict=True):
        rows, columns = net.receptive_field("relu2").box(*place)
        if method == "deconvolution":
            whole = deconvolution(net, x[[image]], "relu2", [(1, *map(int, place))])[0, 0]
        else:
            trace = net.trace(x[image])
            seed = np.zeros(net.shapes["relu2"])
            seed[(1, *place)] = trace["relu2"][(1, *place)]
            rule = guided if method != "gradient" else lambda layer, signal, x, y: layer.backward(signal, x, y)
            whole = net.carry_back(trace, seed, rule, at="relu2").input
        np.testing.assert_allclose(cut, whole[:, rows, columns])
        outside = whole.copy()
        outside[:, rows, columns] = 0
        assert not outside.any()


def test_of_a_map_the_strongest_place_alone_can_be_projected():
    net, x = relu_net(), images()
    found = deconvolution(net, x, "relu1", [0, 2], strongest=True)
    maps = net.trace(x)["relu1"]
    for row, unit in enumerate((0, 2)):
        for index in range(len(x)):
            place = np.unravel_index(maps[index, unit].argmax(), maps.shape[2:])
            np.testing.assert_allclose(
                found[row, index], deconvolution(net, x[[index]], "relu1", (unit, *map(int, place)))[0]
            )


def test_three_times_the_activation_gives_three_times_the_picture():
    net, x = relu_net(), images(2)
    trace = net.trace(x)
    for rule in (deconvolved, guided):
        seed = np.abs(np.random.default_rng(1).normal(size=trace["conv2"].shape))
        once, thrice = (net.carry_back(trace, factor * seed, rule, at="conv2").input for factor in (1, 3))
        np.testing.assert_allclose(thrice, 3 * once)
        assert (once < 0).any()  # nothing is clipped below the lowest weights


def test_where_pools_overlap_a_winner_of_several_windows_gets_their_sum():
    net = tn.Network([tn.MaxPool2D(3, 1)], (1, 5, 5), dtype=float)
    x = np.zeros((1, 1, 5, 5))
    x[0, 0, 2, 2] = 1  # wins all nine windows
    assert deconvolution(net, x, "pool1", 0)[0, 0, 2, 2] == 9
    np.testing.assert_array_equal(deconvolution(net, x, "pool1", 0, strongest=True)[0, 0].sum(), 1)


def test_what_cannot_be_projected_is_refused():
    net, x = relu_net(), images()
    tanh = tn.Network([tn.Conv2D(2, 3), tn.Tanh()], (2, 9, 8))
    for call, message in (
        (lambda: strongest_patches(net, x, "relu1", [7]), "relu1: no unit 7: there are 3"),
        (lambda: strongest_patches(net, x[:0], "relu1"), "strongest_patches: got inputs of shape"),
        (lambda: strongest_patches(net, x, "relu1", count=0), "count is 0"),
        (
            lambda: projected_patches(tanh, x, strongest_patches(tanh, x, "tanh1"), "deconvolution"),
            "deconvolution: tanh1 is a Tanh, and the rule is defined for ReLUs alone; use",
        ),
        (lambda: projected_patches(net, x, strongest_patches(net, x, "relu1"), "guess"), "method is 'guess'"),
        (lambda: net.receptive_field("dense1"), "dense1: has no feature maps"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(tn.UnknownLayerError):
        strongest_patches(net, x, "relu9")


# --------------------------------------------------------------------------------------------------------------- dreams


def test_a_dream_has_the_size_of_the_image_and_more_of_what_was_seen():
    net = relu_net()
    image = images(1, rng=3)[0]
    large = np.pad(image, [(0, 0), (4, 3), (2, 5)], mode="edge")
    for picture in (image, large):
        one, again, other = (deep_dream(net, picture, "relu2", steps=5, rng=seed) for seed in (1, 1, 2))
        assert np.asarray(one).shape == picture.shape and np.asarray(one).tobytes() == np.asarray(again).tobytes()
        assert not np.array_equal(one.image, other.image)
        assert (one.objective[:, -1] > one.objective[:, 0]).all()
        assert picture.min() <= one.image.min() and one.image.max() <= picture.max()
    assert len(deep_dream(net, large, "relu2", steps=1, octaves=9).objective) < 9  # some sizes are too small
    assert deep_dream(net, image, "dense1", 1, steps=2, frames=3).frames.shape == (3, 2, 9, 8)


def test_a_dream_of_one_step_follows_the_slope_of_half_the_squares():
    net = relu_net()
    image = images(1)[0]
    found = deep_dream(net, image, "relu1", [0], octaves=1, steps=1, jitter=0, rate=1e-3, limits=(-1, 2))
    trace = net.trace(image)
    seed = np.where(np.arange(3)[:, None, None] == 0, trace["relu1"], 0)
    step = net.backward(trace, seed, at="relu1").input
    np.testing.assert_allclose(found.image - image, 1e-3 * step / np.sqrt((step**2).mean()))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image": np.ones((1, 9, 8))}, r"image has shape \(1, 9, 8\), expected \(2, H, W\)"),
        ({"image": np.ones((2, 2, 2)), "octaves": 2}, r"relu2: an image of \(2, 2\) pixels is too small for it"),
        ({"image": np.ones((2, 12, 12)), "layer": "dense1"}, "dense1: has weights for images of shape"),
        ({"layer": "dense1", "octaves": 2}, "dense1: has weights for images of shape"),
        ({"ratio": 1}, "ratio is 1"),
        ({"units": [9]}, "no unit 9"),
        ({"image": [[["black"]]]}, "image"),
    ],
)
def test_what_cannot_be_dreamt_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        deep_dream(relu_net(padding=0), **{"image": images(1)[0], "layer": "relu2", **settings})
