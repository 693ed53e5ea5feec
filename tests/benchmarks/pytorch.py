"""The same networks in PyTorch and Captum, written as their own users would.

PyTorch is imported where it is used, so that this file can be read without it. Models run eagerly, in PyTorch's default
memory order unless they are said to have their channels last, with as many threads as NumPy's BLAS has. Batches are
taken from a tensor by index, without a DataLoader.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import tinynet as tn

if TYPE_CHECKING:
    from torch import Tensor, nn


def limit_threads() -> None:
    """Let PyTorch use as many threads as OMP_NUM_THREADS says."""
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))


def model(net: tn.Network, trained: bool, logits: bool = True) -> nn.Sequential:
    """Return a model with copies of a network's weights, under its names; up to the logits, or whole."""
    from torch import nn

    limit_threads()
    last = net.names.index(net.logits) if logits else len(net.layers)
    made = nn.Sequential()
    for layer in net.layers[:last]:
        made.add_module(layer.name, module(layer))
    return made.requires_grad_(trained).train(trained)


def module(layer: tn.Layer) -> nn.Module:
    """Return the PyTorch form of a layer, with copies of its parameters."""
    import torch
    from torch import nn

    made: nn.Module
    if isinstance(layer, tn.Conv2D):
        filters, channels, *size = layer.params["W"].shape
        made = nn.Conv2d(
            channels, filters, size, layer.stride, layer.padding, bias="b" in layer.params, device=torch.device("meta")
        )
    elif isinstance(layer, tn.Dense):
        units, inputs = layer.params["W"].shape
        made = nn.Linear(inputs, units, bias="b" in layer.params, device=torch.device("meta"))
    elif isinstance(layer, tn.MaxPool2D):
        return nn.MaxPool2d(layer.size, layer.stride)
    else:
        functions = {
            tn.Tanh: nn.Tanh,
            tn.Sigmoid: nn.Sigmoid,
            tn.ReLU: nn.ReLU,
            tn.Flatten: nn.Flatten,
            tn.Dropout: nn.Dropout,
        }
        return nn.Softmax(dim=-1) if isinstance(layer, tn.Softmax) else functions[type(layer)]()
    made.weight = nn.Parameter(torch.tensor(layer.params["W"]))
    if "b" in layer.params:
        made.bias = nn.Parameter(torch.tensor(layer.params["b"]))
    return made


def arrays(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Return tensors as arrays."""
    return {name: tensor.detach().numpy() for name, tensor in tensors.items()}


# ---------------------------------------------------------------------------------------------------------- training


class Training:
    """A model that learns from mini-batches; `reset` sets weights and optimizer back."""

    def __init__(
        self,
        net: tn.Network,
        x: np.ndarray,
        targets: np.ndarray,
        loss: Callable[[Tensor, Tensor], Tensor],
        optimizer: Callable[[Any], Any],
        logits: bool = True,
        channels_last: bool = False,
    ) -> None:
        import torch

        self.model = model(net, trained=True, logits=logits)
        self.x, self.targets = torch.tensor(x), torch.tensor(targets)
        if channels_last:
            self.model.to(memory_format=torch.channels_last)
            self.x = self.x.to(memory_format=torch.channels_last)
        self.loss, self.make_optimizer = loss, optimizer
        self.initial = {name: parameter.detach().clone() for name, parameter in self.model.named_parameters()}
        self.reset()

    def reset(self) -> None:
        """Go back to the initial weights and to an optimizer that remembers nothing."""
        self.model.load_state_dict(self.initial)
        self.optimizer = self.make_optimizer(self.model.parameters())
        self.optimizer.zero_grad(set_to_none=True)

    def epoch(self, batch_size: int) -> float:
        """Take one step for each mini-batch, in the order that tinynet draws, and return the mean loss."""
        import torch

        order = torch.from_numpy(np.random.default_rng(0).permutation(len(self.x)))
        total = 0.0
        for rows in order.split(batch_size):
            self.optimizer.zero_grad(set_to_none=True)
            value = self.loss(self.model(self.x[rows]), self.targets[rows])
            value.backward()
            self.optimizer.step()
            total += value.item() * len(rows)
        return total / len(self.x)

    def changes(self) -> dict[str, np.ndarray]:
        """Return how far the parameters have moved, by tinynet's names."""
        moved = {name: parameter - self.initial[name] for name, parameter in self.model.named_parameters()}
        return arrays({tinynet_name(name): change for name, change in moved.items()})


def tinynet_name(parameter: str) -> str:
    """Return the name that tinynet has for a parameter: conv1.weight is conv1/W."""
    layer, key = parameter.rsplit(".", 1)
    return f"{layer}/{'W' if key == 'weight' else 'b'}"


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean over the images of the cross-entropy of a softmax."""
    from torch.nn import functional

    return functional.cross_entropy(logits, labels)


def binary_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over the images of the cross-entropies of sigmoids, summed over the outputs."""
    from torch.nn import functional

    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(targets)


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over the images of half the squared distance."""
    return 0.5 * (outputs - targets).square().sum() / len(targets)


class TargetPropagation:
    """The network 784-128-10 of sigmoids, trained by gradient target propagation; no derivative needs autograd."""

    def __init__(self, net: tn.Network, x: np.ndarray, targets: np.ndarray, tau: float, rate: float) -> None:
        import torch

        limit_threads()
        self.x, self.targets = torch.tensor(x).flatten(1), torch.tensor(targets)
        self.tau, self.rate = tau, rate
        self.initial = {name: torch.tensor(array) for name, array in net.parameters().items()}
        self.reset()

    def reset(self) -> None:
        """Go back to the initial weights."""
        self.weights = {name: tensor.clone() for name, tensor in self.initial.items()}

    def epoch(self, batch_size: int) -> float:
        """Take one step for each mini-batch and return the mean loss."""
        import torch

        order = torch.from_numpy(np.random.default_rng(0).permutation(len(self.x)))
        total = 0.0
        with torch.no_grad():
            for rows in order.split(batch_size):
                total += self.step(self.x[rows], self.targets[rows])
        return total / len(self.x)

    def step(self, x: Tensor, targets: Tensor) -> float:
        """Take one step and return the loss, summed over the images."""
        first, second = self.weights["dense1/W"], self.weights["dense2/W"]
        hidden = (x @ first.T).sigmoid()
        outputs = (hidden @ second.T).sigmoid()
        error = outputs - targets
        residual = error * outputs * (1 - outputs)
        hidden_target = -self.tau * (residual @ second)
        hidden_residual = (hidden - hidden_target) * hidden * (1 - hidden)
        second -= self.rate / len(x) * (residual.T @ hidden)
        first -= self.rate / len(x) * (hidden_residual.T @ x)
        return 0.5 * error.square().sum().item()

    def changes(self) -> dict[str, np.ndarray]:
        """Return how far the parameters have moved."""
        return arrays({name: tensor - self.initial[name] for name, tensor in self.weights.items()})


# ------------------------------------------------------------------------------------------------------ explanations


class Forward:
    """A whole model that predicts."""

    def __init__(self, net: tn.Network, x: np.ndarray) -> None:
        import torch

        self.model, self.x = model(net, trained=False, logits=False), torch.tensor(x)

    def run(self) -> Tensor:
        """Return the outputs."""
        import torch

        with torch.inference_mode():
            return self.model(self.x)


class Gradients:
    """Gradients of the logits with respect to the input and to the output of each layer; weights ask for none."""

    def __init__(self, net: tn.Network, x: np.ndarray, labels: np.ndarray) -> None:
        import torch

        self.model = model(net, trained=False)
        self.x, self.labels = torch.tensor(x), torch.tensor(labels)
        self.classes = net.output_shape[0]

    def activations(self) -> dict[str, Tensor]:
        """Run a forward pass and keep everything that it computes."""
        value = self.x.clone().requires_grad_()
        kept = {"input": value}
        for name, layer in self.model.named_children():
            value = layer(value)
            kept[name] = value
        return kept

    def of_labels(self, only: Sequence[str] | None = None) -> dict[str, Tensor]:
        """Return the gradients of each image's own logit with respect to some outputs or all, by one pass back."""
        import torch

        kept = self.activations()
        asked = {name: kept[name] for name in kept if only is None or name in only}
        chosen = list(kept.values())[-1].gather(1, self.labels[:, None]).sum()
        return dict(zip(asked, torch.autograd.grad(chosen, list(asked.values())), strict=True))

    def of_classes(self) -> list[dict[str, Tensor]]:
        """Return the gradients of every logit, by one pass back through the retained graph for each."""
        import torch

        kept = self.activations()
        outputs = list(kept.values())
        return [
            dict(zip(kept, torch.autograd.grad(logit.sum(), outputs, retain_graph=True), strict=True))
            for logit in outputs[-1].unbind(dim=1)
        ]

    def of_classes_at_once(self) -> dict[str, Tensor]:
        """Return the gradients of every logit by one pass back that is vectorised over the classes."""
        import torch

        kept = self.activations()
        outputs = list(kept.values())
        count, classes = outputs[-1].shape
        seeds = torch.eye(classes, dtype=self.x.dtype)[:, None].expand(classes, count, classes)
        return dict(zip(kept, torch.autograd.grad(outputs[-1], outputs, seeds, is_grads_batched=True), strict=True))

    def class_means(self, only: Sequence[str] | None = None) -> dict[str, Tensor]:
        """Return the gradients of the true logits with respect to some outputs or all, averaged over each class."""
        from torch.nn import functional

        weights = functional.one_hot(self.labels, self.classes).to(self.x.dtype)
        weights = (weights / weights.sum(dim=0)).T
        found = self.of_labels(only)
        return {name: (weights @ g.flatten(1)).reshape(self.classes, *g.shape[1:]) for name, g in found.items()}

    def of_labels_by_captum(self) -> dict[str, Tensor]:
        """Return the gradients of each image's own logit, layer by layer."""
        return self._by_captum(self.labels)

    def of_classes_by_captum(self) -> list[dict[str, Tensor]]:
        """Return the gradients of every logit, class by class and layer by layer."""
        return [self._by_captum(target) for target in range(self.classes)]

    def _by_captum(self, target: int | Tensor) -> dict[str, Tensor]:
        from captum.attr import LayerGradientXActivation, Saliency

        found = {"input": Saliency(self.model).attribute(self.x.clone().requires_grad_(), target, abs=False)}
        for name, layer in self.model.named_children():
            method = LayerGradientXActivation(self.model, layer, multiply_by_inputs=False)
            found[name] = method.attribute(self.x, target)
        return found


def stacked(classes: list[dict[str, Tensor]]) -> dict[str, np.ndarray]:
    """Return the gradients of several classes with a leading axis for them."""
    return {name: np.stack([arrays(one)[name] for one in classes]) for name in classes[0]}


class Knockouts:
    """The network without one filter at a time."""

    def __init__(self, net: tn.Network, x: np.ndarray, layers: Mapping[str, int]) -> None:
        import torch

        self.model = model(net, trained=False, logits=False)
        self.x, self.filters = torch.tensor(x), layers

    def sweep(self) -> Tensor:
        """Return the outputs without each filter; each run starts at the filter's layer, from the kept activation."""
        import torch

        names = [name for name, _ in self.model.named_children()]
        outputs = []
        with torch.inference_mode():
            value = self.x
            for index, (name, layer) in enumerate(zip(names, self.model, strict=True)):
                value = layer(value)
                rest = self.model[index + 1 :]
                for unit in range(self.filters.get(name, 0)):
                    silenced = value.clone()
                    silenced[:, unit] = 0
                    outputs.append(rest(silenced))
            return torch.stack(outputs)

    def by_captum(self, labels: np.ndarray) -> Tensor:
        """Return how much the true class' probability falls without each filter, by Captum's ablation of features."""
        import torch
        from captum.attr import LayerFeatureAblation

        drops, target = [], torch.tensor(labels)
        for name, count in self.filters.items():
            method = LayerFeatureAblation(self.model, self.model.get_submodule(name))
            drop = method.attribute(self.x, target=target, layer_mask=torch.arange(count).reshape(1, count, 1, 1))
            drops.append(drop[:, :, 0, 0].T)
        return torch.cat(drops)


# ------------------------------------------------------------------------------------------------------ convolutions


class Convolution:
    """One convolution, forward and with its adjoints."""

    def __init__(self, layer: tn.Conv2D, x: np.ndarray, dz: np.ndarray) -> None:
        import torch

        limit_threads()
        self.layer = module(layer)
        self.x, self.dz = torch.tensor(x).requires_grad_(), torch.tensor(dz)

    def forward(self) -> dict[str, Tensor]:
        """Return the output."""
        import torch

        with torch.inference_mode():
            return {"z": self.layer(self.x)}

    def with_adjoints(self) -> dict[str, Tensor]:
        """Return the output and the gradients of the input, the filters and the bias."""
        import torch

        z = self.layer(self.x)
        dx, dw, db = torch.autograd.grad(z, (self.x, self.layer.weight, self.layer.bias), self.dz)
        return {"z": z, "dx": dx, "W": dw, "b": db}
