"""The classical convolutional network in NumPy: im2col, images in C order (N, C, H, W), activations kept on the layers.

What a good tutorial teaches, vectorised throughout: windows are seen through strides, copied into the rows of a matrix,
and multiplied with the filters; the adjoint adds the rows back, one addition for each place in the window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.lib.stride_tricks import as_strided
from scipy.special import expit

import tinynet as tn

FUNCTIONS = {
    "Tanh": (np.tanh, lambda y: 1 - y * y),
    "Sigmoid": (expit, lambda y: y * (1 - y)),
    "ReLU": (lambda x: np.maximum(x, 0), lambda y: y > 0),
}


class Layer:
    """What the layers have in common: copies of some parameters, and their gradients once there are any."""

    def __init__(self, params: Mapping[str, np.ndarray]) -> None:
        self.params = {name: array.copy() for name, array in params.items()}
        self.grads: dict[str, np.ndarray] = {}


class Conv(Layer):
    """Cross-correlation with steps of one pixel and zeros around the image."""

    def __init__(self, params: Mapping[str, np.ndarray], padding: tuple[int, int]) -> None:
        super().__init__(params)
        self.padding = padding

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the filters' responses (N, O, H', W')."""
        filters, channels, kh, kw = self.params["W"].shape
        down, across = self.padding
        self.padded = np.pad(x, ((0, 0), (0, 0), (down, down), (across, across))) if down or across else x
        count, _, height, width = self.padded.shape
        rows, columns = height - kh + 1, width - kw + 1
        n, c, h, w = self.padded.strides
        windows = as_strided(self.padded, (count, rows, columns, channels, kh, kw), (n, h, w, c, h, w), writeable=False)
        self.columns = windows.reshape(count * rows * columns, channels * kh * kw)
        z = self.columns @ self.params["W"].reshape(filters, -1).T
        if "b" in self.params:
            z += self.params["b"]
        return np.ascontiguousarray(z.reshape(count, rows, columns, filters).transpose(0, 3, 1, 2))

    def backward(self, dz: np.ndarray, needs_input: bool = True) -> np.ndarray | None:
        """Keep the gradients of the parameters and return that of the input."""
        filters, channels, kh, kw = self.params["W"].shape
        count, _, rows, columns = dz.shape
        delta = dz.transpose(0, 2, 3, 1).reshape(-1, filters)
        self.grads["W"] = (delta.T @ self.columns).reshape(self.params["W"].shape)
        if "b" in self.params:
            self.grads["b"] = delta.sum(axis=0)
        if not needs_input:
            return None
        windows = delta @ self.params["W"].reshape(filters, -1)
        windows = windows.reshape(count, rows, columns, channels, kh, kw).transpose(0, 3, 4, 5, 1, 2)
        dx = np.zeros_like(self.padded)
        for p in range(kh):
            for q in range(kw):
                dx[:, :, p : p + rows, q : q + columns] += windows[:, :, p, q]
        down, across = self.padding
        return dx[:, :, down : dx.shape[2] - down, across : dx.shape[3] - across]


class MaxPool(Layer):
    """The largest of each window; windows stand side by side, and what is left over at the end is ignored."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__({})
        self.size = size

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the maxima (N, C, H', W')."""
        kh, kw = self.size
        count, channels, height, width = self.shape = x.shape
        rows, columns = height // kh, width // kw
        whole = x[:, :, : rows * kh, : columns * kw].reshape(count, channels, rows, kh, columns, kw)
        windows = whole.transpose(0, 1, 2, 4, 3, 5).reshape(count, channels, rows, columns, kh * kw)
        self.winners = windows.argmax(axis=-1)[..., None]
        return np.take_along_axis(windows, self.winners, axis=-1)[..., 0]

    def backward(self, dy: np.ndarray, needs_input: bool = True) -> np.ndarray:
        """Hand each delta to the winner of its window."""
        kh, kw = self.size
        count, channels, rows, columns = dy.shape
        windows = np.zeros((*dy.shape, kh * kw), dy.dtype)
        np.put_along_axis(windows, self.winners, dy[..., None], axis=-1)
        whole = windows.reshape(count, channels, rows, columns, kh, kw).transpose(0, 1, 2, 4, 3, 5)
        dx = np.zeros(self.shape, dy.dtype)
        dx[:, :, : rows * kh, : columns * kw] = whole.reshape(count, channels, rows * kh, columns * kw)
        return dx


class Flatten(Layer):
    """Each image as a vector."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the vectors."""
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: np.ndarray, needs_input: bool = True) -> np.ndarray:
        """Return the images."""
        return dy.reshape(self.shape)


class Dense(Layer):
    """z = x W^T + b."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the net inputs."""
        self.x = x
        z = x @ self.params["W"].T
        if "b" in self.params:
            z += self.params["b"]
        return z

    def backward(self, dz: np.ndarray, needs_input: bool = True) -> np.ndarray | None:
        """Keep the gradients of the parameters and return that of the input."""
        self.grads["W"] = dz.T @ self.x
        if "b" in self.params:
            self.grads["b"] = dz.sum(axis=0)
        return dz @ self.params["W"] if needs_input else None


class Activation(Layer):
    """A function of each number, with its slope as a function of its output."""

    def __init__(self, kind: str) -> None:
        super().__init__({})
        self.function, self.slope = FUNCTIONS[kind]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the function's values."""
        self.y = self.function(x)
        return self.y

    def backward(self, dy: np.ndarray, needs_input: bool = True) -> np.ndarray:
        """Return dy times the slope."""
        return dy * self.slope(self.y)


class Net:
    """Layers in a row, up to the logits, with a copy of a tinynet network's weights."""

    def __init__(self, net: tn.Network) -> None:
        names = net.names[1 : net.names.index(net.logits) + 1]
        self.layers = {name: classical(net[name]) for name in names}
        self.initial = self.parameters()

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the logits."""
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def backward(self, delta: np.ndarray) -> None:
        """Carry the delta of the logits down to the first layer's parameters."""
        for index, layer in reversed(list(enumerate(self.layers.values()))):
            delta = layer.backward(delta, needs_input=index > 0)

    def step(self, x: np.ndarray, labels: np.ndarray, rate: float) -> float:
        """Take one step of gradient descent on the mean cross-entropy and return its value."""
        logits = self.forward(x)
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        rows = np.arange(len(labels))
        delta = np.exp(log_p)
        delta[rows, labels] -= 1
        self.backward(delta / len(labels))
        for layer in self.layers.values():
            for key, parameter in layer.params.items():
                parameter -= rate * layer.grads[key]
        return float(-log_p[rows, labels].mean())

    def epoch(self, x: np.ndarray, labels: np.ndarray, rate: float, batch_size: int, order: np.ndarray) -> float:
        """Take one step for each mini-batch and return the mean loss."""
        total = 0.0
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            total += self.step(x[rows], labels[rows], rate) * len(rows)
        return total / len(order)

    def parameters(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters by their full names, such as ``conv1/W``."""
        return {name: array.copy() for name, array in self._parameters()}

    def reset(self) -> None:
        """Set the parameters back to what they were at first."""
        for name, array in self._parameters():
            array[...] = self.initial[name]

    def _parameters(self) -> Iterator[tuple[str, np.ndarray]]:
        for name, layer in self.layers.items():
            for key, array in layer.params.items():
                yield f"{name}/{key}", array


def classical(layer: tn.Layer) -> Layer:
    """Return the classical form of a tinynet layer, with copies of its parameters."""
    if isinstance(layer, tn.Conv2D):
        if layer.stride != (1, 1) or not isinstance(layer.padding, tuple):
            raise ValueError(f"{layer.name}: only steps of one pixel and a padding in pixels are made here")
        return Conv(layer.params, layer.padding)
    if isinstance(layer, tn.MaxPool2D):
        return MaxPool(layer.size)
    if isinstance(layer, tn.Dense):
        return Dense(layer.params)
    return Flatten({}) if isinstance(layer, tn.Flatten) else Activation(type(layer).__name__)
