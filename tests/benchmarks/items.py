"""What is measured: each work item with tinynet's program, those of its peers, and the ratio that is aimed at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np

import tinynet as tn
from tests.benchmarks import im2col, pytorch
from tests.benchmarks.measure import Contestant
from tinynet import kernels, models

Make = Callable[[], Contestant]
FACES = (1, 60, 60)
TRAINING_FACES = 124  # three quarters of the 165 photographs of the thesis
PEOPLE = 15
FILTERS = {"tanh1": 5, "tanh2": 8, "tanh3": 10}
RATE = 0.01  # small, so that a hundred steps do not drive rounding errors apart


@dataclass(frozen=True)
class Peer:
    """A program to compare with.

    Attributes
    ----------
    make : callable
        Makes the program, with inputs and weights of its own.
    limit : float, optional
        The median ratio, ours over the peer's, that is aimed at on two threads.
    needs : tuple of str
        Modules without which it does not run.
    """

    make: Make
    limit: float | None = None
    needs: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Whether its modules are there."""
        return all(find_spec(name) is not None for name in self.needs)


@dataclass(frozen=True)
class Item:
    """A piece of work, tinynet's program for it, and the peers' by name."""

    name: str
    tinynet: Make
    peers: Mapping[str, Peer] = field(default_factory=dict)
    slow: bool = False


# ----------------------------------------------------------------------------------------------------------- the data


def images(count: int, shape: Sequence[int]) -> np.ndarray:
    """Return random images; times do not depend on what is on them."""
    return np.random.default_rng(1).random((count, *shape), dtype=np.float32)


def labels(count: int, classes: int) -> np.ndarray:
    """Return a label for each image, every class as often as the others."""
    return np.random.default_rng(2).permutation(np.arange(count) % classes)


def one_hot(count: int, classes: int) -> np.ndarray:
    """Return a target vector for each image."""
    return np.eye(classes, dtype=np.float32)[labels(count, classes)]


def thesis() -> tn.Network:
    """Return the network of the thesis, for its faces."""
    return models.build("thesis", FACES, PEOPLE)


def by_name(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays of gradients or traces as a plain dictionary."""
    return dict(arrays)


def output(array: np.ndarray) -> dict[str, np.ndarray]:
    """Return a single result by a name."""
    return {"output": array}


def tensor_output(tensor: Any) -> dict[str, np.ndarray]:
    """Return a single tensor by the same name."""
    return pytorch.arrays({"output": tensor})


# ----------------------------------------------------------------------------------------------------------- training


def training(
    net: tn.Network, x: np.ndarray, batch_size: int, *, compared: bool = True, tracked: bool = False, **settings: Any
) -> Contestant:
    """Return an epoch of `tn.fit` that always starts at the same weights; how far they move is its result."""
    initial = {name: array.copy() for name, array in net.parameters().items()}
    wanted = labels(len(x), net.output_shape[0])

    def reset() -> None:
        for name, array in net.parameters().items():
            array[...] = initial[name]

    def run() -> tn.History:
        callbacks = [tn.ClassGradientTracker()] if tracked else []
        return tn.fit(
            net, x, wanted, epochs=1, batch_size=batch_size, callbacks=callbacks, progress=False, rng=0, **settings
        )

    def read(_: tn.History) -> dict[str, np.ndarray]:
        return {name: array - initial[name] for name, array in net.parameters().items()}

    return Contestant(run, read if compared else None, reset)


def thesis_epoch(batch_size: int, *, compared: bool = True, tracked: bool = False) -> Contestant:
    return training(
        thesis(),
        images(TRAINING_FACES, FACES),
        batch_size,
        compared=compared,
        tracked=tracked,
        loss=tn.CrossEntropy(),
        optimizer=tn.SGD(RATE),
    )


def thesis_epoch_in_pytorch(batch_size: int) -> Contestant:
    from torch.optim import SGD

    peer = pytorch.Training(
        thesis(),
        images(TRAINING_FACES, FACES),
        labels(TRAINING_FACES, PEOPLE),
        pytorch.cross_entropy,
        lambda parameters: SGD(parameters, RATE),
    )
    return Contestant(lambda: peer.epoch(batch_size), lambda _: peer.changes(), peer.reset)


def thesis_epoch_by_im2col(batch_size: int) -> Contestant:
    peer = im2col.Net(thesis())
    x, wanted = images(TRAINING_FACES, FACES), labels(TRAINING_FACES, PEOPLE)

    def run() -> float:
        return peer.epoch(x, wanted, RATE, batch_size, np.random.default_rng(0).permutation(len(x)))

    def read(_: float) -> dict[str, np.ndarray]:
        return {name: array - peer.initial[name] for name, array in peer.parameters().items()}

    return Contestant(run, read, peer.reset)


def thesis_training(batch_size: int, limit: float, by_hand: float | None = None) -> Item:
    return Item(
        f"thesis epoch, batch {batch_size}",
        lambda: thesis_epoch(batch_size),
        {
            "PyTorch": Peer(lambda: thesis_epoch_in_pytorch(batch_size), limit, pytorch.TORCH),
            "im2col": Peer(lambda: thesis_epoch_by_im2col(batch_size), by_hand),
        },
    )


def thesis_tracker(batch_size: int) -> Item:
    return Item(
        f"thesis epoch with tracker, batch {batch_size}",
        lambda: thesis_epoch(batch_size, tracked=True),
        {"without tracker": Peer(lambda: thesis_epoch(batch_size), 1.05)},
    )


DIGITS = (1, 28, 28)
TEN = 10
STEPS = 20  # a step is measured as one of an epoch of some, as `tn.fit` takes them


def farias() -> tn.Network:
    """Return the network 784-128-10."""
    return models.build("farias", DIGITS, TEN)


def farias_epoch(rule: tn.GradientTargets | None) -> Contestant:
    optimizer = models.named("farias").optimizer
    return training(farias(), images(STEPS * 100, DIGITS), 100, loss=tn.SquaredError(), optimizer=optimizer, rule=rule)


def farias_epoch_in_pytorch() -> Contestant:
    from torch.optim import SGD

    rate, count = models.named("farias").optimizer.rate, STEPS * 100
    peer = pytorch.Training(
        farias(),
        images(count, DIGITS),
        one_hot(count, TEN),
        pytorch.squared_error,
        lambda parameters: SGD(parameters, rate),
        logits=False,
    )
    return Contestant(lambda: peer.epoch(100), lambda _: peer.changes(), peer.reset)


def farias_targets_in_pytorch() -> Contestant:
    rate, count = models.named("farias").optimizer.rate, STEPS * 100
    peer = pytorch.TargetPropagation(farias(), images(count, DIGITS), one_hot(count, TEN), tau=100, rate=rate)
    return Contestant(lambda: peer.epoch(100), lambda _: peer.changes(), peer.reset)


def digits_epoch() -> Contestant:
    net, model = models.build("gulati", DIGITS, TEN), models.named("gulati")
    return training(net, images(5 * 100, DIGITS), 100, loss=model.loss, optimizer=model.optimizer)


def digits_epoch_in_pytorch() -> Contestant:
    from torch.optim import Adam

    net, rate = models.build("gulati", DIGITS, TEN), models.named("gulati").optimizer.rate
    peer = pytorch.Training(
        net,
        images(5 * 100, DIGITS),
        one_hot(5 * 100, TEN),
        pytorch.binary_cross_entropy,
        lambda parameters: Adam(parameters, rate),
    )
    return Contestant(lambda: peer.epoch(100), lambda _: peer.changes(), peer.reset)


# ------------------------------------------------------------------------------------------------------- explanations


def thesis_forward() -> Contestant:
    net, x = thesis(), images(TRAINING_FACES, FACES)
    return Contestant(lambda: net(x), output)


def thesis_forward_in_pytorch() -> Contestant:
    import torch

    model, x = pytorch.model(thesis(), trained=False, logits=False), torch.tensor(images(TRAINING_FACES, FACES))

    def run() -> torch.Tensor:
        with torch.inference_mode():
            return model(x)

    return Contestant(run, tensor_output)


def thesis_forward_by_im2col() -> Contestant:
    net, x = thesis(), images(TRAINING_FACES, FACES)
    peer = im2col.Net(net)
    return Contestant(lambda: net.layers[-1].forward(peer.forward(x)), output)


def thesis_gradients(target: str | np.ndarray) -> Contestant:
    net, x = thesis(), images(TRAINING_FACES, FACES)
    return Contestant(lambda: tn.prediction_gradient(net, x, target), by_name)


def thesis_gradients_in_pytorch(run: Callable[[pytorch.Gradients], Any], read: Callable[[Any], Any]) -> Contestant:
    peer = pytorch.Gradients(thesis(), images(TRAINING_FACES, FACES))
    return Contestant(lambda: run(peer), read)


def true_labels() -> Any:
    import torch

    return torch.tensor(labels(TRAINING_FACES, PEOPLE))


def thesis_class_gradients() -> Contestant:
    net, x, wanted = thesis(), images(TRAINING_FACES, FACES), labels(TRAINING_FACES, PEOPLE)
    return Contestant(lambda: tn.class_gradient(net, x, wanted), by_name)


def gradients_of_labels(peer: pytorch.Gradients) -> Any:
    return peer.of_labels(true_labels())


def class_gradients_in_pytorch(peer: pytorch.Gradients) -> Any:
    wanted = true_labels()
    return pytorch.class_means(peer.of_labels(wanted), wanted, PEOPLE)


def thesis_knockouts() -> Contestant:
    net, x, wanted = thesis(), images(165, FACES), labels(165, PEOPLE)
    candidates = [{name: [unit]} for name, count in FILTERS.items() for unit in range(count)]

    def read(outputs: np.ndarray) -> dict[str, np.ndarray]:
        rows = np.arange(len(x))
        return {"output": outputs, "drop": net(x)[rows, wanted] - outputs[:, rows, wanted]}

    return Contestant(lambda: tn.knockout_sweep(net, x, candidates), read)


def thesis_knockouts_in_pytorch() -> Contestant:
    peer = pytorch.Knockouts(thesis(), images(165, FACES), FILTERS)
    return Contestant(peer.sweep, tensor_output)


def thesis_knockouts_by_captum() -> Contestant:
    import torch

    peer = pytorch.Knockouts(thesis(), images(165, FACES), FILTERS)
    wanted = torch.tensor(labels(165, PEOPLE))
    return Contestant(lambda: peer.by_captum(wanted), lambda drops: {"drop": drops})


EXPLANATIONS = [
    Item(
        "thesis forward, 124 images",
        thesis_forward,
        {"PyTorch": Peer(thesis_forward_in_pytorch, None, pytorch.TORCH), "im2col": Peer(thesis_forward_by_im2col)},
    ),
    Item(
        "thesis gradients, true class",
        lambda: thesis_gradients(labels(TRAINING_FACES, PEOPLE)),
        {
            "PyTorch": Peer(
                lambda: thesis_gradients_in_pytorch(gradients_of_labels, pytorch.arrays), 0.65, pytorch.TORCH
            ),
            "Captum": Peer(
                lambda: thesis_gradients_in_pytorch(lambda peer: peer.by_captum(true_labels()), pytorch.arrays),
                None,
                pytorch.CAPTUM,
            ),
        },
    ),
    Item(
        "thesis gradients, 15 classes",
        lambda: thesis_gradients("all"),
        {
            "PyTorch": Peer(
                lambda: thesis_gradients_in_pytorch(pytorch.Gradients.of_classes, pytorch.stacked), 0.7, pytorch.TORCH
            ),
            "PyTorch, batched": Peer(
                lambda: thesis_gradients_in_pytorch(pytorch.Gradients.of_classes_at_once, pytorch.arrays),
                None,
                pytorch.TORCH,
            ),
            "Captum": Peer(
                lambda: thesis_gradients_in_pytorch(
                    lambda peer: [peer.by_captum(target) for target in range(PEOPLE)], pytorch.stacked
                ),
                0.1,
                pytorch.CAPTUM,
            ),
        },
    ),
    Item(
        "thesis class gradients, whole set",
        thesis_class_gradients,
        {
            "PyTorch": Peer(
                lambda: thesis_gradients_in_pytorch(class_gradients_in_pytorch, pytorch.arrays), None, pytorch.TORCH
            ),
            "an epoch of batch 124": Peer(lambda: thesis_epoch(TRAINING_FACES, compared=False), 0.75),
        },
    ),
    Item(
        "thesis knock-outs, 23 filters",
        thesis_knockouts,
        {
            "PyTorch": Peer(thesis_knockouts_in_pytorch, None, pytorch.TORCH),
            "Captum": Peer(thesis_knockouts_by_captum, None, pytorch.CAPTUM),
        },
    ),
]


# ------------------------------------------------------------------------------------------------------ convolutions


def wide_layer(channels: int, width: int, count: int) -> tuple[tn.Conv2D, np.ndarray, np.ndarray]:
    """Return a 3x3 convolution that keeps the size, images for it, and a gradient with respect to its output."""
    layer = tn.Conv2D(channels, 3, padding=1)
    rng = np.random.default_rng(0)
    layer.build((channels, width, width), rng)
    layer.params["b"] += rng.normal(size=channels).astype(np.float32)
    x, dz = (rng.normal(size=(count, channels, width, width)).astype(np.float32) for _ in range(2))
    return layer, x, dz


def wide_convolution(channels: int, width: int, count: int, adjoints: bool) -> Contestant:
    """Return tinynet's convolution of images that lie as a layer in front would have left them."""
    layer, *arrays = wide_layer(channels, width, count)
    x, dz = (kernels.batch_innermost(array) for array in arrays)

    def run() -> dict[str, np.ndarray]:
        z = layer.forward(x)
        return {"z": z, "dx": layer.backward(dz, x, z), **layer.grads(dz, x, z)} if adjoints else {"z": z}

    return Contestant(run, by_name)


def wide_convolution_in_pytorch(channels: int, width: int, count: int, adjoints: bool) -> Contestant:
    peer = pytorch.Convolution(*wide_layer(channels, width, count))
    return Contestant(peer.with_adjoints if adjoints else peer.forward, pytorch.arrays)


def wide_convolution_by_im2col(channels: int, width: int, count: int, adjoints: bool) -> Contestant:
    layer, x, dz = wide_layer(channels, width, count)
    peer = im2col.classical(layer)

    def run() -> dict[str, np.ndarray]:
        z = peer.forward(x)
        return {"z": z, "dx": peer.backward(dz), **peer.grads} if adjoints else {"z": z}

    return Contestant(run, by_name)


def convolution(channels: int, width: int, count: int, adjoints: bool) -> Item:
    shape = (channels, width, count, adjoints)
    return Item(
        f"3x3, {channels} on {width}x{width}, batch {count}, {'with adjoints' if adjoints else 'forward'}",
        lambda: wide_convolution(*shape),
        {
            "PyTorch": Peer(lambda: wide_convolution_in_pytorch(*shape), 1.3, pytorch.TORCH),
            "im2col": Peer(lambda: wide_convolution_by_im2col(*shape)),
        },
    )


PHOTOGRAPH = (3, 224, 224)


def vgg19_forward() -> Contestant:
    net, x = models.build("vgg19", PHOTOGRAPH, 1000), images(1, PHOTOGRAPH)
    return Contestant(lambda: net(x), output)


def vgg19_forward_in_pytorch() -> Contestant:
    import torch

    model = pytorch.model(models.build("vgg19", PHOTOGRAPH, 1000), trained=False, logits=False)
    x = torch.tensor(images(1, PHOTOGRAPH))

    def run() -> torch.Tensor:
        with torch.inference_mode():
            return model(x)

    return Contestant(run, tensor_output)


# ------------------------------------------------------------------------------------------------------ all the items

ITEMS = [
    thesis_training(1, 0.6),
    thesis_training(16, 0.65),
    thesis_training(124, 0.7, by_hand=1 / 3),
    *EXPLANATIONS,
    *[thesis_tracker(batch_size) for batch_size in (1, 16, 124)],
    Item(
        "784-128-10, batch 100, backpropagation",
        lambda: farias_epoch(None),
        {"PyTorch": Peer(farias_epoch_in_pytorch, 0.6, pytorch.TORCH)},
    ),
    Item(
        "784-128-10, batch 100, target propagation",
        lambda: farias_epoch(tn.GradientTargets(tau=100)),
        {"PyTorch": Peer(farias_targets_in_pytorch, 0.6, pytorch.TORCH)},
    ),
    Item(
        "digits conv net, batch 100",
        digits_epoch,
        {"PyTorch": Peer(digits_epoch_in_pytorch, None, pytorch.TORCH)},
    ),
    *[
        convolution(channels, width, count, adjoints)
        for channels in (64, 128)
        for width in (32, 16)
        for count in (1, 16)
        for adjoints in (False, True)
    ],
    Item(
        "VGG-19 forward, one image",
        vgg19_forward,
        {"PyTorch": Peer(vgg19_forward_in_pytorch, None, pytorch.TORCH)},
        slow=True,
    ),
]


def find(name: str) -> Item:
    """Return the item of a name."""
    return next(item for item in ITEMS if item.name == name)
