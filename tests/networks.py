"""Small networks, drawn by Hypothesis or fixed, and the slow way to run them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

import tinynet as tn

ACTIVATIONS = (tn.Tanh, tn.Sigmoid, tn.Softplus)


@dataclass(frozen=True)
class Case:
    """A float64 network with inputs that fit it, and a generator for whatever else a test draws."""

    net: tn.Network
    x: np.ndarray
    rng: np.random.Generator

    def labels(self) -> np.ndarray:
        """Draw a label for each image, such that each class has one if there are images enough."""
        classes = self.net.output_shape[0]
        return self.rng.permutation(np.arange(len(self.x)) % classes)

    def __repr__(self) -> str:
        return f"Case({[repr(layer) for layer in self.net.layers]}, x of shape {self.x.shape})"


@st.composite
def dense_cases(draw: st.DrawFn, last=(tn.Softmax, tn.Sigmoid, None), min_classes=1, min_images=1) -> Case:
    """Draw a network of vectors."""
    inputs = draw(st.integers(1, 5))
    layers: list[tn.Layer] = []
    for _ in range(draw(st.integers(0, 2))):
        layers += [tn.Dense(draw(st.integers(1, 4)), bias=draw(st.booleans())), draw(st.sampled_from(ACTIVATIONS))()]
    return _case(draw, layers, (inputs,), last, min_classes, min_images)


@st.composite
def image_cases(draw: st.DrawFn, last=(tn.Softmax, tn.Sigmoid, None), min_classes=1, min_images=1) -> Case:
    """Draw a smooth network of images: windows of any shape, stride and padding, mean pooling."""
    shape = (draw(st.integers(1, 2)), draw(st.integers(3, 7)), draw(st.integers(3, 7)))
    layers: list[tn.Layer] = [
        tn.Conv2D(
            draw(st.integers(1, 3)),
            (draw(st.integers(1, 3)), draw(st.integers(1, 3))),
            stride=(draw(st.integers(1, 2)), draw(st.integers(1, 2))),
            padding=draw(st.sampled_from([0, 1, (1, 0), "same"])),
            bias=draw(st.booleans()),
        ),
        draw(st.sampled_from(ACTIVATIONS))(),
    ]
    if draw(st.booleans()):
        layers.append(tn.AvgPool2D(draw(st.integers(1, 2)), padding="same", ceil=draw(st.booleans())))
    if draw(st.booleans()):
        layers += [tn.Conv2D(draw(st.integers(1, 3)), 2, padding=1), draw(st.sampled_from(ACTIVATIONS))()]
    layers.append(tn.Flatten())
    return _case(draw, layers, shape, last, min_classes, min_images)


def cases(**settings) -> st.SearchStrategy[Case]:
    """Draw a network of vectors or of images."""
    return st.one_of(dense_cases(**settings), image_cases(**settings))


def _case(draw: st.DrawFn, layers, input_shape, last, min_classes: int, min_images: int) -> Case:
    layers.append(tn.Dense(draw(st.integers(min_classes, 4))))
    end = draw(st.sampled_from(last))
    if end is not None:
        layers.append(end())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    net = tn.Network(layers, input_shape, rng=rng, dtype=np.float64)
    for array in net.parameters().values():
        array += rng.normal(0, 0.3, array.shape)
    x = rng.normal(size=(draw(st.integers(min_images, min_images + 3)), *input_shape))
    return Case(net, x, rng)


def small_classifier(classes: int = 3, dtype=np.float64, seed: int = 0, last=tn.Softmax) -> tn.Network:
    """Return a network with every common kind of layer: conv1 tanh1 pool1 conv2 relu1 flatten1 dense1 softmax1."""
    layers = [tn.Conv2D(4, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Conv2D(3, 2), tn.ReLU(), tn.Flatten(), tn.Dense(classes)]
    return tn.Network([*layers, last()] if last else layers, (1, 8, 8), rng=seed, dtype=dtype)


def run(net: tn.Network, activation: np.ndarray, after: str, at: str) -> np.ndarray:
    """Run the layers behind `after` up to `at`, one by one: the slow twin of tracing."""
    names = ["input", *(layer.name for layer in net.layers)]
    for name in names[names.index(after) + 1 : names.index(at) + 1]:
        activation = net[name].forward(activation)
    return activation


def slope(function, x: np.ndarray, direction: np.ndarray, step: float = 1e-6):
    """Return the derivative of a function along a direction, by a central difference."""
    return (function(x + step * direction) - function(x - step * direction)) / (2 * step)


def assert_same_bits(got, wanted) -> None:
    """Compare two mappings of arrays bit by bit."""
    assert list(got) == list(wanted)
    for name in wanted:
        assert got[name].dtype == wanted[name].dtype and got[name].shape == wanted[name].shape, name
        assert got[name].tobytes() == wanted[name].tobytes(), name
