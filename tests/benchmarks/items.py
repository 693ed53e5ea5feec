"""What is measured: each work item with tinynet's program, those of its peers, and the ratio that is aimed at.

Each program is made by a function of the type of its numbers, which copies the same images and the same first weights:
in float64 to compare the results, in float32 to measure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from scipy.ndimage import gaussian_filter

import tinynet as tn
from tests.benchmarks import attributions, im2col, pytorch
from tests.benchmarks.measure import Contestant, Make
from tinynet import datasets, kernels, models

FACES, PEOPLE = (1, 60, 60), 15
ALL_FACES, TRAINING_FACES = 165, 124  # of the thesis; three quarters are trained on
FILTERS = {"tanh1": 5, "tanh2": 8, "tanh3": 10}
DIGITS, TEN = (1, 28, 28), 10
PHOTOGRAPH = (3, 224, 224)
RATE = 1e-3  # so small that a hundred steps do not drive rounding errors apart
CLOSE = 1e-3
CLOSE_BUT_FOR_TIES = 0.1  # rounding decides which of two nearly equal pixels wins a pool, and gets the whole delta


@dataclass(frozen=True)
class Peer:
    """A program to compare with.

    Attributes
    ----------
    make : callable
        Makes the program for numbers of one type.
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
    """A piece of work.

    Attributes
    ----------
    name : str
        What the table calls it.
    tinynet : callable
        Makes our program.
    peers : mapping of str to Peer
        The programs to compare with.
    tolerance : float
        How far results may differ in float32, as a share of their norm.
    slow : bool
        Whether a quick look leaves it out.
    """

    name: str
    tinynet: Make
    peers: Mapping[str, Peer] = field(default_factory=dict)
    tolerance: float = CLOSE
    slow: bool = False


# ----------------------------------------------------------------------------------------------------------- the data


def images(count: int, shape: Sequence[int], dtype: DTypeLike) -> np.ndarray:
    """Return smooth random images between 0 and 1."""
    noise = gaussian_filter(np.random.default_rng(1).random((count, *shape)), (0, 0, 1, 1))
    return ((noise - noise.min()) / np.ptp(noise)).astype(dtype)


def labels(count: int, classes: int) -> np.ndarray:
    """Return a label for each image, every class about as often as the others."""
    return np.random.default_rng(2).permutation(np.arange(count) % classes)


def one_hot(count: int, classes: int, dtype: DTypeLike) -> np.ndarray:
    """Return a target vector for each image."""
    return np.eye(classes, dtype=dtype)[labels(count, classes)]


def thesis(dtype: DTypeLike) -> tn.Network:
    """Return the network of the thesis, for its faces."""
    return models.build("thesis", FACES, PEOPLE, dtype=dtype)


def faces(dtype: DTypeLike, count: int = TRAINING_FACES) -> np.ndarray:
    """Return images of the size and number of the thesis'."""
    return images(count, FACES, dtype)


def names_of_faces(count: int = TRAINING_FACES) -> np.ndarray:
    """Return a label for each of them."""
    return labels(count, PEOPLE)


def output(array: np.ndarray) -> dict[str, np.ndarray]:
    """Return a single result by a name."""
    return {"output": array}


def tensor_output(tensor: Any) -> dict[str, np.ndarray]:
    """Return a single tensor by the same name."""
    return pytorch.arrays({"output": tensor})


# ----------------------------------------------------------------------------------------------------------- training


def training(
    net: tn.Network, x: np.ndarray, batch_size: int, compared: bool = True, tracked: bool = False, **settings: Any
) -> Contestant:
    """Return an epoch of `tn.fit` that always starts at the same weights; how far they move is its result."""
    initial = {name: array.copy() for name, array in net.parameters().items()}
    wanted = labels(len(x), net.output_shape[0])

    def reset() -> None:
        for name, array in net.parameters().items():
            array[...] = initial[name]

    def run() -> tn.History:
        callbacks = [tn.ClassGradientTracker()] if tracked else []
        return tn.fit(net, x, wanted, epochs=1, batch_size=batch_size, callbacks=callbacks, progress=False, **settings)

    def read(_: tn.History) -> dict[str, np.ndarray]:
        return {name: array - initial[name] for name, array in net.parameters().items()}

    return Contestant(run, read if compared else None, reset)


def training_in_pytorch(peer: pytorch.Training | pytorch.TargetPropagation, batch_size: int) -> Contestant:
    """Return an epoch of a loop in PyTorch."""
    return Contestant(partial(peer.epoch, batch_size), lambda _: peer.changes(), peer.reset)


def thesis_epoch(dtype: DTypeLike, batch_size: int, compared: bool = True, tracked: bool = False) -> Contestant:
    net, loss, optimizer = thesis(dtype), tn.CrossEntropy(), tn.SGD(RATE)
    return training(net, faces(dtype), batch_size, compared, tracked, loss=loss, optimizer=optimizer)


def thesis_epoch_in_pytorch(dtype: DTypeLike, batch_size: int, channels_last: bool = False) -> Contestant:
    from torch.optim import SGD

    data, optimizer = (faces(dtype), names_of_faces()), partial(SGD, lr=RATE)
    peer = pytorch.Training(thesis(dtype), *data, pytorch.cross_entropy, optimizer, channels_last=channels_last)
    return training_in_pytorch(peer, batch_size)


def thesis_epoch_by_im2col(dtype: DTypeLike, batch_size: int) -> Contestant:
    peer, x, wanted = im2col.Net(thesis(dtype)), faces(dtype), names_of_faces()

    def run() -> float:
        return peer.epoch(x, wanted, RATE, batch_size, np.random.default_rng(0).permutation(len(x)))

    def read(_: float) -> dict[str, np.ndarray]:
        return {name: array - peer.initial[name] for name, array in peer.parameters().items()}

    return Contestant(run, read, peer.reset)


def farias(dtype: DTypeLike) -> tn.Network:
    """Return the network 784-128-10 of sigmoids."""
    return models.build("farias", DIGITS, TEN, dtype=dtype)


FARIAS_RATE = models.named("farias").optimizer.rate
FARIAS_IMAGES = 20 * 100  # twenty steps: a single one is too short to measure, and `tn.fit` takes none by itself


def digits(dtype: DTypeLike, count: int = FARIAS_IMAGES) -> np.ndarray:
    """Return drawn digits: on images without dark and bright parts, target propagation drives units into saturation."""
    return datasets.load(f"digits:{count}").x.astype(dtype)


def farias_epoch(dtype: DTypeLike, rule: tn.GradientTargets | None, compared: bool = True) -> Contestant:
    x, optimizer = digits(dtype), tn.SGD(FARIAS_RATE)
    return training(farias(dtype), x, 100, compared, loss=tn.SquaredError(), optimizer=optimizer, rule=rule)


def farias_epoch_in_pytorch(dtype: DTypeLike) -> Contestant:
    from torch.optim import SGD

    x, targets = digits(dtype), one_hot(FARIAS_IMAGES, TEN, dtype)
    optimizer = partial(SGD, lr=FARIAS_RATE)
    peer = pytorch.Training(farias(dtype), x, targets, pytorch.squared_error, optimizer, logits=False)
    return training_in_pytorch(peer, 100)


def farias_targets_in_pytorch(dtype: DTypeLike) -> Contestant:
    x, targets = digits(dtype), one_hot(FARIAS_IMAGES, TEN, dtype)
    return training_in_pytorch(pytorch.TargetPropagation(farias(dtype), x, targets, 100, FARIAS_RATE), 100)


DIGITS_NET = models.named("gulati")
DIGITS_IMAGES = 5 * 100


def digits_epoch(dtype: DTypeLike) -> Contestant:
    net, x = models.build("gulati", DIGITS, TEN, dtype=dtype), images(DIGITS_IMAGES, DIGITS, dtype)
    return training(net, x, 100, loss=DIGITS_NET.loss, optimizer=DIGITS_NET.optimizer)


def digits_epoch_in_pytorch(dtype: DTypeLike) -> Contestant:
    from torch.optim import Adam

    net, x = models.build("gulati", DIGITS, TEN, dtype=dtype), images(DIGITS_IMAGES, DIGITS, dtype)
    targets, optimizer = one_hot(DIGITS_IMAGES, TEN, dtype), partial(Adam, lr=DIGITS_NET.optimizer.rate)
    peer = pytorch.Training(net, x, targets, pytorch.binary_cross_entropy, optimizer)
    return training_in_pytorch(peer, 100)


VGG_SMALL = models.named("vgg_small")
COLOUR_FACE, FACE_IMAGES = (3, 64, 64), 8 * VGG_SMALL.batch_size


def vgg_small(dtype: DTypeLike) -> tn.Network:
    """Return the small VGG for faces in colour, without its dropout: what two programs leave out cannot be compared."""
    layers = [layer for layer in VGG_SMALL.layers(2) if not isinstance(layer, tn.Dropout)]
    return tn.Network(layers, COLOUR_FACE, dtype=dtype)


def vgg_small_epoch(dtype: DTypeLike) -> Contestant:
    x = images(FACE_IMAGES, COLOUR_FACE, dtype)
    return training(vgg_small(dtype), x, VGG_SMALL.batch_size, loss=VGG_SMALL.loss, optimizer=VGG_SMALL.optimizer)


def vgg_small_epoch_in_pytorch(dtype: DTypeLike) -> Contestant:
    from torch.optim import Adam

    x, wanted = images(FACE_IMAGES, COLOUR_FACE, dtype), labels(FACE_IMAGES, 2)
    optimizer = partial(Adam, lr=VGG_SMALL.optimizer.rate)
    peer = pytorch.Training(vgg_small(dtype), x, wanted, pytorch.cross_entropy, optimizer)
    return training_in_pytorch(peer, VGG_SMALL.batch_size)


# ------------------------------------------------------------------------------------------------------- explanations


def forward(dtype: DTypeLike, build: Callable[[DTypeLike], tn.Network], count: int) -> Contestant:
    net = build(dtype)
    return Contestant(partial(net, images(count, net.input_shape, dtype)), output)


def forward_in_pytorch(dtype: DTypeLike, build: Callable[[DTypeLike], tn.Network], count: int) -> Contestant:
    net = build(dtype)
    peer = pytorch.Forward(net, images(count, net.input_shape, dtype))
    return Contestant(peer.run, tensor_output)


def forward_by_im2col(dtype: DTypeLike, build: Callable[[DTypeLike], tn.Network], count: int) -> Contestant:
    net = build(dtype)
    peer, x = im2col.Net(net), images(count, net.input_shape, dtype)
    return Contestant(lambda: net.layers[-1].forward(peer.forward(x)), output)


def vgg19(dtype: DTypeLike) -> tn.Network:
    """Return VGG-19 with random weights."""
    return models.build("vgg19", PHOTOGRAPH, 1000, dtype=dtype)


# The units that the thesis asks about: filters and hidden units behind their activation, and the logits.
UNITS = ("tanh1", "tanh2", "tanh3", "tanh4", "dense2")


def gradients(dtype: DTypeLike, target: str | None = None) -> Contestant:
    """Return prediction gradients of all layers, for the true classes or for "all"."""
    net, x, wanted = thesis(dtype), faces(dtype), names_of_faces() if target is None else target
    return Contestant(partial(tn.prediction_gradient, net, x, wanted), dict)


def gradients_in_pytorch(
    dtype: DTypeLike, run: Callable[[pytorch.Gradients], Any], read: Callable[[Any], Any] = pytorch.arrays
) -> Contestant:
    peer = pytorch.Gradients(thesis(dtype), faces(dtype), names_of_faces())
    return Contestant(partial(run, peer), read)


def class_gradients(dtype: DTypeLike, layers: Sequence[str] | None = None) -> Contestant:
    """Return class gradients of some layers, or of all and the input."""
    return Contestant(partial(tn.class_gradient, thesis(dtype), faces(dtype), names_of_faces(), layers=layers), dict)


def knockouts(dtype: DTypeLike) -> Contestant:
    net, x, wanted = thesis(dtype), faces(dtype, ALL_FACES), names_of_faces(ALL_FACES)
    candidates = [{name: [unit]} for name, count in FILTERS.items() for unit in range(count)]

    def read(outputs: np.ndarray) -> dict[str, np.ndarray]:
        rows = np.arange(len(x))
        return {"output": outputs, "drop": net(x)[rows, wanted] - outputs[:, rows, wanted]}

    return Contestant(partial(tn.knockout_sweep, net, x, candidates), read)


def knockouts_in_pytorch(dtype: DTypeLike) -> Contestant:
    peer = pytorch.Knockouts(thesis(dtype), faces(dtype, ALL_FACES), FILTERS)
    return Contestant(peer.sweep, tensor_output)


def knockouts_by_captum(dtype: DTypeLike) -> Contestant:
    peer = pytorch.Knockouts(thesis(dtype), faces(dtype, ALL_FACES), FILTERS)
    wanted = names_of_faces(ALL_FACES)
    return Contestant(partial(peer.by_captum, wanted), lambda drop: pytorch.arrays({"drop": drop}))


# ------------------------------------------------------------------------------------------------------ convolutions


@dataclass(frozen=True)
class WideConvolution:
    """A 3x3 convolution that keeps the size of its images, with as many filters as channels."""

    channels: int
    width: int
    count: int
    adjoints: bool

    @property
    def name(self) -> str:
        """What the table calls it."""
        what = "with adjoints" if self.adjoints else "forward"
        return f"3x3, {self.channels} on {self.width}x{self.width}, batch {self.count}, {what}"

    def parts(self, dtype: DTypeLike) -> tuple[tn.Conv2D, np.ndarray, np.ndarray]:
        """Return the layer, images for it, and a gradient with respect to its output."""
        layer, rng = tn.Conv2D(self.channels, 3, padding=1), np.random.default_rng(0)
        layer.build((self.channels, self.width, self.width), rng, dtype)
        layer.params["b"] += rng.normal(size=self.channels).astype(dtype)
        shape = (self.count, self.channels, self.width, self.width)
        return layer, rng.normal(size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)

    def in_tinynet(self, dtype: DTypeLike) -> Contestant:
        """Return our program; its arrays lie as the layers around it would leave them."""
        layer, *arrays = self.parts(dtype)
        x, dz = (kernels.batch_innermost(array) for array in arrays)

        def run() -> dict[str, np.ndarray]:
            z = layer.forward(x)
            return {"z": z, "dx": layer.backward(dz, x, z), **layer.grads(dz, x, z)} if self.adjoints else {"z": z}

        return Contestant(run, dict)

    def in_pytorch(self, dtype: DTypeLike) -> Contestant:
        """Return PyTorch's."""
        peer = pytorch.Convolution(*self.parts(dtype))
        return Contestant(peer.with_adjoints if self.adjoints else peer.forward, pytorch.arrays)

    def by_im2col(self, dtype: DTypeLike) -> Contestant:
        """Return the classical one."""
        layer, x, dz = self.parts(dtype)
        peer = im2col.classical(layer)

        def run() -> dict[str, np.ndarray]:
            z = peer.forward(x)
            return {"z": z, "dx": peer.backward(dz), **peer.grads} if self.adjoints else {"z": z}

        return Contestant(run, dict)


# ------------------------------------------------------------------------------------------------------ all the items


def in_pytorch(make: Make, limit: float | None = None) -> Peer:
    """Return a peer that needs PyTorch."""
    return Peer(make, limit, ("torch",))


def in_captum(make: Make, limit: float | None = None) -> Peer:
    """Return a peer that needs Captum."""
    return Peer(make, limit, ("torch", "captum"))


def thesis_training(batch_size: int, limit: float, classical_limit: float | None = None) -> Item:
    return Item(
        f"thesis epoch, batch {batch_size}",
        partial(thesis_epoch, batch_size=batch_size),
        {
            "PyTorch": in_pytorch(partial(thesis_epoch_in_pytorch, batch_size=batch_size), limit),
            "PyTorch channels last": in_pytorch(
                partial(thesis_epoch_in_pytorch, batch_size=batch_size, channels_last=True)
            ),
            "im2col": Peer(partial(thesis_epoch_by_im2col, batch_size=batch_size), classical_limit),
        },
        CLOSE_BUT_FOR_TIES,
    )


def thesis_tracker(batch_size: int) -> Item:
    return Item(
        f"thesis epoch with tracker, batch {batch_size}",
        partial(thesis_epoch, batch_size=batch_size, tracked=True),
        {"without tracker": Peer(partial(thesis_epoch, batch_size=batch_size), 1.05)},
    )


def thesis_class_gradients(what: str, layers: Sequence[str] | None = None, limit: float | None = None) -> Item:
    return Item(
        f"thesis class gradients, {what}",
        partial(class_gradients, layers=layers),
        {
            "PyTorch": in_pytorch(
                partial(gradients_in_pytorch, run=partial(pytorch.Gradients.class_means, only=layers))
            ),
            "a training epoch": Peer(partial(thesis_epoch, batch_size=TRAINING_FACES, compared=False), limit),
        },
        CLOSE_BUT_FOR_TIES,
    )


def attribution(name: str, method: str, count: int) -> Item:
    """Return a method of attribution on some faces, beside Captum."""

    def made(dtype: DTypeLike, by: Callable[..., Contestant]) -> Contestant:
        return by(method, thesis(dtype), faces(dtype, count), names_of_faces(count))

    peers = {"Captum": in_captum(partial(made, by=attributions.captum), 0.5)}
    return Item(name, partial(made, by=attributions.ours), peers, CLOSE_BUT_FOR_TIES)


def convolution(case: WideConvolution) -> Item:
    peers = {"PyTorch": in_pytorch(case.in_pytorch, 1.3), "im2col": Peer(case.by_im2col)}
    return Item(case.name, case.in_tinynet, peers)


ITEMS = [
    thesis_training(1, 0.6),
    thesis_training(16, 0.65),
    thesis_training(124, 0.7, classical_limit=1 / 3),
    *[thesis_tracker(batch_size) for batch_size in (1, 16, 124)],
    Item(
        "thesis forward, 124 images",
        partial(forward, build=thesis, count=TRAINING_FACES),
        {
            "PyTorch": in_pytorch(partial(forward_in_pytorch, build=thesis, count=TRAINING_FACES)),
            "im2col": Peer(partial(forward_by_im2col, build=thesis, count=TRAINING_FACES)),
        },
    ),
    Item(
        "thesis gradients, true class",
        gradients,
        {
            "PyTorch": in_pytorch(partial(gradients_in_pytorch, run=pytorch.Gradients.of_labels), 0.65),
            "Captum": in_captum(partial(gradients_in_pytorch, run=pytorch.Gradients.of_labels_by_captum)),
        },
        CLOSE_BUT_FOR_TIES,
    ),
    Item(
        "thesis gradients, 15 classes",
        partial(gradients, target="all"),
        {
            "PyTorch": in_pytorch(
                partial(gradients_in_pytorch, run=pytorch.Gradients.of_classes, read=pytorch.stacked), 0.7
            ),
            "PyTorch batched": in_pytorch(partial(gradients_in_pytorch, run=pytorch.Gradients.of_classes_at_once)),
            "Captum": in_captum(
                partial(gradients_in_pytorch, run=pytorch.Gradients.of_classes_by_captum, read=pytorch.stacked), 0.1
            ),
        },
        CLOSE_BUT_FOR_TIES,
    ),
    *[thesis_class_gradients("units", UNITS, 0.75), thesis_class_gradients("every output and the pixels")],
    Item(
        "thesis knock-outs, 23 filters",
        knockouts,
        {"PyTorch": in_pytorch(knockouts_in_pytorch), "Captum": in_captum(knockouts_by_captum)},
    ),
    attribution("thesis integrated gradients, 50 steps", "integrated_gradients", PEOPLE),
    attribution("thesis SmoothGrad, 25 samples", "smooth_gradient", PEOPLE),
    attribution("thesis occlusion, 5x5 patches", "occlusion", 1),
    attribution("thesis Shapley values, 16 players", "shapley_values", PEOPLE),
    Item(
        "784-128-10, backpropagation",
        partial(farias_epoch, rule=None),
        {"PyTorch": in_pytorch(farias_epoch_in_pytorch, 0.6)},
    ),
    Item(
        "784-128-10, target propagation",
        partial(farias_epoch, rule=tn.GradientTargets(tau=100)),
        {
            "PyTorch": in_pytorch(farias_targets_in_pytorch, 0.6),
            "backpropagation": Peer(partial(farias_epoch, rule=None, compared=False), 1.3),
        },
    ),
    Item(
        "digits conv net, batch 100",
        digits_epoch,
        {"PyTorch": in_pytorch(digits_epoch_in_pytorch)},
        CLOSE_BUT_FOR_TIES,
    ),
    *[
        convolution(WideConvolution(channels, width, count, adjoints))
        for channels in (64, 128)
        for width in (32, 16)
        for count in (1, 16)
        for adjoints in (False, True)
    ],
    Item(
        "small VGG forward, 16 faces",
        partial(forward, build=vgg_small, count=VGG_SMALL.batch_size),
        {"PyTorch": in_pytorch(partial(forward_in_pytorch, build=vgg_small, count=VGG_SMALL.batch_size), 1.0)},
    ),
    Item(
        "small VGG epoch, batch 16",
        vgg_small_epoch,
        {"PyTorch": in_pytorch(vgg_small_epoch_in_pytorch, 1.0)},
        CLOSE_BUT_FOR_TIES,
    ),
    Item(
        "VGG-19 forward, one image",
        partial(forward, build=vgg19, count=1),
        {"PyTorch": in_pytorch(partial(forward_in_pytorch, build=vgg19, count=1))},
        slow=True,
    ),
]


def find(name: str) -> Item:
    """Return the item of a name."""
    return next(item for item in ITEMS if item.name == name)
