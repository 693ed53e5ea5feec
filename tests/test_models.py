"""Models: the networks of the documents, by name."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import tinynet as tn
from tinynet import models

VGG = ("vgg11", "vgg13", "vgg16", "vgg19")
SMALL = [name for name in models.MODELS if name not in VGG]


def sample(name: str):
    shape = (1, 60, 60) if name == "thesis" else (1, 28, 28)
    x = np.random.default_rng(0).uniform(size=(6, *shape))
    return x, np.arange(6) % 3


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("classes", [2, 3])
def test_models_predict_and_explain(name, classes):
    x, _ = sample(name)
    net = models.build(name, x.shape[1:], classes)
    assert net(x).shape == (6, classes) and net.dtype == np.float32
    assert tn.prediction_gradient(net, x, 1)["input"].shape == x.shape


@pytest.mark.parametrize("name", SMALL)
def test_models_train_with_their_own_settings(name):
    x, labels = sample(name)
    net = models.build(name, x.shape[1:], 3, rng=1)
    before = {key: array.copy() for key, array in net.parameters().items()}
    history = models.named(name).train(net, x, labels, batch_size=3, epochs=2, progress=False)
    assert len(history) == 2
    assert all(not np.array_equal(array, before[key]) for key, array in net.parameters().items())


@pytest.mark.parametrize("name", SMALL)
def test_models_are_made_anew(name):
    x, _ = sample(name)
    one, other = (models.build(name, x.shape[1:], 3, rng=5) for _ in range(2))
    assert not {id(layer) for layer in one.layers} & {id(layer) for layer in other.layers}
    assert all(np.array_equal(array, other.parameters()[key]) for key, array in one.parameters().items())


def test_the_thesis_network():
    net = models.build("thesis", (1, 60, 60), 15)
    shapes = [net.shapes[name] for name in ("conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "dense1", "dense2")]
    assert shapes == [(5, 56, 56), (5, 28, 28), (8, 24, 24), (8, 12, 12), (10, 8, 8), (10, 4, 4), (20,), (15,)]
    assert tn.filter_outputs(net) == ["tanh1", "tanh2", "tanh3"]
    assert net.logits == "dense2"


@pytest.mark.slow
def test_vgg_has_its_nineteen_layers_of_weights():
    net = models.build("vgg19", (3, 32, 32), 3)
    assert sum(bool(layer.params) for layer in net.layers) == 19
    filters = [layer.params["W"].shape[:2] for layer in net.layers if isinstance(layer, tn.Conv2D)]
    assert [out for out, _ in filters] == [64] * 2 + [128] * 2 + [256] * 4 + [512] * 8
    assert net.shapes["pool5"] == (512, 1, 1)
    assert net.parameter_count == 20_024_384 + (512 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 3


def test_unknown_models_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"^model is 'tesis', expected thesis, .*; did you mean thesis\?$"):
        models.build("tesis", (1, 60, 60), 15)


@pytest.mark.parametrize("classes", [2, 4, 10])
@pytest.mark.parametrize("shape", [(1, 60, 60), (1, 44, 36), (1, 28, 28), (3, 16, 16), (1, 8, 8), (1, 1, 1)])
def test_some_model_suits_any_images(shape, classes):
    name = models.suited(shape, classes)
    assert models.build(name, shape, classes).output_shape == (classes,)
    assert (name == "thesis") == (min(shape[1:]) >= 36)


@pytest.mark.parametrize("hidden", [(), (64,), [8, 16, 8]])
def test_layers_of_sigmoids_are_those_asked_for_and_one_for_the_classes(hidden):
    made = models.sigmoid_layers(hidden, 10)
    assert [layer.units for layer in made if isinstance(layer, tn.Dense)] == [*hidden, 10]
    assert len(made) == 1 + 2 * (len(hidden) + 1)


# ----------------------------------------------------------------------------------------------------------------- VGG


def parameters_of(layers: list[tn.Layer], shape: tuple[int, ...]) -> int:
    """Count the weights of layers that are not built: only VGG-19 is a quarter of a gigabyte or more."""
    count = 0
    for layer in layers:
        if isinstance(layer, tn.Conv2D):
            count += layer.filters * (9 * shape[0] + 1)
            shape = (layer.filters, *shape[1:])
        elif isinstance(layer, tn.MaxPool2D):
            shape = (shape[0], shape[1] // 2, shape[2] // 2)
        elif isinstance(layer, tn.Flatten):
            shape = (int(np.prod(shape)),)
        elif isinstance(layer, tn.Dense):
            count += layer.units * (shape[0] + 1)
            shape = (layer.units,)
    return count


KNOWN = {"vgg11": 132_863_336, "vgg13": 133_047_848, "vgg16": 138_357_544, "vgg19": 143_667_240}


@pytest.mark.parametrize("name", VGG)
def test_vgg_networks_have_as_many_parameters_as_is_known(name):
    layers = models.named(name).layers(1000)
    assert parameters_of(layers, (3, 224, 224)) == KNOWN[name]
    assert sum(isinstance(layer, (tn.Conv2D, tn.Dense)) for layer in layers) == int(name[3:])
    assert sum(isinstance(layer, tn.Dropout) for layer in layers) == 2


def test_parameters_that_are_counted_are_those_that_are_built():
    net = models.build("vgg_small", (3, 64, 64), 2)
    assert net.parameter_count == parameters_of(list(net.layers), (3, 64, 64)) == 60_512 + 128 * 4097 + 2 * 129


@pytest.mark.parametrize("labels", [[0, 1, 1, 0], [[0.0], [1.0], [1.0], [0.0]]])
def test_a_vgg_tells_two_classes_apart_with_one_sigmoid_output_or_two_softmax_outputs(labels):
    x = np.random.default_rng(0).random((4, 3, 16, 16))
    for classes in (1, 2):
        net = models.build("vgg_small", (3, 16, 16), classes)
        assert isinstance(net.layers[-1], tn.Sigmoid if classes == 1 else tn.Softmax)
        assert net(x).shape == (4, classes)
        y = labels if classes == 1 else [0, 1, 1, 0]
        history = models.named("vgg_small").train(net, x, y, epochs=1, progress=False)
        assert len(history) == 1
        assert tn.prediction_gradient(net, x, [0, 1, 1, 0])["input"].shape == x.shape


@pytest.mark.parametrize("after", [None, "flatten1", "dense1", "pool3"])
def test_a_new_head_stands_on_copies_of_the_features(after):
    net = models.build("vgg_small", (3, 16, 16), 10, rng=1)
    if after == "pool3":
        with pytest.raises(ValueError, match="dense1: input has shape"):
            models.with_new_head(net, 2, after=after)
        return
    headed = models.with_new_head(net, 2, rng=7, after=after)
    kept = headed.names[1 : headed.names.index(after or "dropout1") + 1]
    x = np.random.default_rng(0).random((2, 3, 16, 16), np.float32)
    assert headed.names == [*net.names[: len(kept) + 1], *headed.names[-2:]]
    np.testing.assert_array_equal(headed.trace(x)[kept[-1]], net.trace(x)[kept[-1]])
    assert headed.output_shape == (2,)
    before = {name: array.copy() for name, array in net.parameters().items()}
    models.named("vgg_small").train(headed, x, [0, 1], epochs=1, progress=False)
    assert all(np.array_equal(array, before[name]) for name, array in net.parameters().items())
    again = models.with_new_head(net, 2, rng=7, after=after)
    assert not np.array_equal(again(x), models.with_new_head(net, 2, rng=8, after=after)(x))


def test_what_has_no_head_is_refused():
    net = tn.Network([tn.Flatten(), tn.Softmax()], (1, 2, 2))
    with pytest.raises(ValueError, match="no Dense layer whose place a new head could take"):
        models.with_new_head(net, 2)
    with pytest.raises(ValueError, match="no layer 'dens1'"):
        models.with_new_head(net, 2, after="dens1")
    with pytest.raises(ValueError, match="has no Flatten"):
        models.torchvision_names(tn.Network([tn.Dense(2)], (3,)))


@pytest.mark.long
def test_vgg_19_sees_a_photograph_within_three_gigabytes():
    """The whole network on 224 x 224 pixels, and its convolutions against slow loops on a part of the image."""
    program = (
        "import resource, numpy as np\n"
        "from tinynet import models\n"
        "net = models.build('vgg19', (3, 224, 224), 1000)\n"
        "assert net.parameter_count == 143_667_240\n"
        "y = net(np.random.default_rng(0).random((1, 3, 224, 224), np.float32))\n"
        "assert np.isfinite(y).all()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 3e9
    net = tn.Network(models.named("vgg19").layers(10)[:-8], (3, 32, 32), rng=0)
    x = np.random.default_rng(0).random((1, 3, 32, 32), np.float32)
    slow = x[0].astype(np.float64)
    for layer in net.layers:
        if isinstance(layer, tn.Conv2D):
            W, b = layer.params["W"].astype(np.float64), layer.params["b"]
            framed = np.pad(slow, ((0, 0), (1, 1), (1, 1)))
            slow = np.stack(
                [
                    [np.tensordot(W, framed[:, i : i + 3, j : j + 3], 3) + b for j in range(slow.shape[2])]
                    for i in range(slow.shape[1])
                ]
            ).transpose(2, 0, 1)
        elif isinstance(layer, tn.ReLU):
            slow = np.maximum(slow, 0)
        elif isinstance(layer, tn.MaxPool2D):
            slow = slow.reshape(len(slow), slow.shape[1] // 2, 2, -1, 2).max(axis=(2, 4))
    np.testing.assert_allclose(net(x).ravel(), slow.ravel(), rtol=1e-3, atol=1e-4 * abs(slow).max())
