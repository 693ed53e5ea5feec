"""Models: the networks of the documents, by name."""

from __future__ import annotations

import numpy as np
import pytest

import tinynet as tn
from tinynet import models

SMALL = [name for name in models.MODELS if name != "vgg19"]


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
