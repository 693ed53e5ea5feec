"""Which units does a prediction depend on? Prediction gradients, read from the deltas of one backward pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from tinynet import kernels
from tinynet.classes import as_targets, check_labels, predicted
from tinynet.explain.class_sums import ClassSums
from tinynet.kernels.parallel import in_parallel
from tinynet.layers import Sigmoid, Softmax
from tinynet.losses import Loss
from tinynet.network import LayerArrays, Network, Trace, chunks, part_size, read_only
from tinynet.types import Array

KINDS = ("logit", "probability", "log_probability", "margin")


class Gradients(LayerArrays):
    """Gradients of predictions with respect to the outputs of layers, by name.

    Attributes
    ----------
    of : str
        What they are gradients of: "logit", "probability", "log_probability" or "margin".
    """

    def __init__(self, arrays: Mapping[str, Array], of: str) -> None:
        super().__init__(arrays)
        self.of = of


def prediction_gradient(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    layers: Sequence[str] | None = None,
    batch_size: int | None = None,
    class_chunk: int | None = None,
) -> Gradients:
    """Return d y_target / d a for the output a of each layer, for each image.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class whose prediction is asked about: one for all images, one an image, or each of the K classes.
    of : {"logit", "probability", "log_probability", "margin"}
        What is differentiated: the class' net input z_c, its probability p_c, log p_c, or z_c less the largest other
        logit.
    layers : sequence of str, optional
        The outputs asked about, such as "tanh1" or "input"; all up to the logits if not given.
    batch_size : int, optional
        Images worked through at a time; as many as the cache holds if not given.
    class_chunk : int, optional
        With target="all", classes worked through at a time; as many as the cache holds if not given.

    Returns
    -------
    Gradients
        Arrays of shape (N, *unit shape) by layer; with target="all" of shape (K, N, *unit shape).

    Raises
    ------
    ValueError
        If a target is no class of the network, or it has no such prediction.

    Notes
    -----
    Backpropagation carries dL/da through the layers; seeded with dy/dz instead of dL/dz it carries dy/da. The seeds
    at the logits z, with p = softmax(z): e_c for z_c; p_c (e_c - p) for p_c; e_c - p for log p_c; e_c - e_k for the
    margin to class k. As p_c goes to 1 its gradient vanishes, which is why logits are the default.

    References
    ----------
    Lo, Cohen and Ding 2015, eq. 1 and 2; Lo 2016, eq. 3.1.
    """
    images = net.as_batch(x)
    seeds = np.eye(_class_count(net), dtype=net.dtype)
    if isinstance(target, str):
        if target != "all":
            raise ValueError(f'target is {target!r}, expected a class, one class an image, or "all"')
        largest = max((part.stop - part.start for part in _parts(net, len(images), batch_size)), default=1)
        at_a_time = max(part_size(net) // largest, 1) if class_chunk is None else class_chunk
        classes = list(chunks(len(seeds), at_a_time, "class_chunk"))
        return Gradients(_stack(net, images, seeds[:, None, :], classes, of, layers, batch_size), of)
    labels = np.full(len(images), target) if np.ndim(target) == 0 else np.asarray(target)
    if labels.shape != (len(images),):
        raise ValueError(f"got {len(images)} images and targets of shape {labels.shape}, expected one class an image")
    labels = check_labels(labels, len(seeds))
    return Gradients(_stack(net, images, seeds[labels], [slice(None)], of, layers, batch_size), of)


def class_gradient(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    of: str = "logit",
    *,
    layers: Sequence[str] | None = None,
    images: str = "all",
    batch_size: int | None = None,
) -> Gradients:
    """Return the prediction gradient of the true class, averaged over the images of each class.

    Parameters
    ----------
    net : Network
        A classifier of K classes.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes; each class needs an image.
    of : {"logit", "probability", "log_probability", "margin"}
        What is differentiated, see :func:`prediction_gradient`.
    layers : sequence of str, optional
        The outputs asked about; all up to the logits if not given.
    images : {"all", "correct"}
        Whether the mean is over all images of a class, as in the thesis, or over those that are classified correctly.
    batch_size : int, optional
        Images worked through at a time, as many as the cache holds if not given; the memory needed does not grow
        with N.

    Returns
    -------
    Gradients
        Arrays of shape (K, *unit shape) by layer.

    Raises
    ------
    ValueError
        If a label is no class of the network, or a class has no images.

    Notes
    -----
    The mean of the gradients is the gradient of the mean prediction, since differentiation is linear.

    References
    ----------
    Lo, Cohen and Ding 2015, eq. 3.
    """
    pictures = net.as_batch(x)
    seeds = np.eye(_class_count(net), dtype=net.dtype)
    classes = check_labels(labels, len(seeds))
    if len(pictures) != len(classes):
        raise ValueError(f"got {len(pictures)} images and {len(classes)} labels, expected as many")
    if images not in ("all", "correct"):
        raise ValueError(f'images is {images!r}, expected "all" or "correct"')
    if images == "correct":
        kept = predicted(net(pictures)) == classes
        pictures, classes = pictures[kept], classes[kept]
    which = "correctly classified images" if images == "correct" else "images"
    wanted, at = _reached(net, of, layers)

    def gradients_of(rows: Array) -> dict[str, Array]:
        return _carried_back(net, net.trace(read_only(pictures[rows])), seeds[classes[rows]], of, wanted, at)

    return Gradients(_means_by_class(net, classes, which, gradients_of, batch_size), of)


def class_loss_gradient(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    loss: Loss,
    *,
    layers: Sequence[str] | None = None,
    batch_size: int | None = None,
) -> Gradients:
    """Return the gradient of the loss, averaged over the images of each class: what the prediction gradient is not.

    Parameters
    ----------
    net : Network
        A classifier of K classes.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes; each class needs an image.
    loss : Loss
        Such as ``tn.CrossEntropy()``; its value for a single image is differentiated.
    layers : sequence of str, optional
        The outputs asked about; all up to where the loss starts if not given.
    batch_size : int, optional
        Images worked through at a time; as many as the cache holds if not given.

    Returns
    -------
    Gradients
        Arrays of shape (K, *unit shape) by layer.

    Raises
    ------
    ValueError
        If a label is no class of the network, or a class has no images.

    Notes
    -----
    For cross-entropy L = -log p_c, so dL/da = -(dp_c/da) / p_c: for one image both gradients rank units alike, and
    they differ only in how much each image counts in the mean of its class. For other losses they differ in direction.

    References
    ----------
    Lo 2016, section 3.2.1.
    """
    pictures = net.as_batch(x)
    targets = as_targets(np.asarray(labels), net)
    if len(pictures) != len(targets):
        raise ValueError(f"got {len(pictures)} images and {len(targets)} labels, expected as many")
    wanted, entry = _in_front(net, loss.at(net), "loss", layers)
    classes = check_labels(labels, _class_count(net))

    def gradients_of(rows: Array) -> dict[str, Array]:
        trace = net.trace(read_only(pictures[rows]))
        of_each_image = loss.seed(net, trace, targets[rows]) * len(targets[rows])
        deltas = net.backward(trace, of_each_image, at=entry, down_to=min(wanted, key=net.names.index))
        return {name: deltas[name] for name in wanted}

    return Gradients(_means_by_class(net, classes, "images", gradients_of, batch_size), "loss")


def _means_by_class(
    net: Network,
    classes: Array,
    which: str,
    gradients_of: Callable[[Array], dict[str, Array]],
    batch_size: int | None,
) -> dict[str, Array]:
    """Return the mean over the images of each class, from the gradients of one part of the images after the other.

    Images of a class come together, so that a part has few classes to add up.
    """
    members = np.eye(_class_count(net), dtype=net.dtype)[:, classes]
    counts = members.sum(axis=1)
    if not counts.all():
        raise ValueError(f"class {int(np.argmin(counts))} has no {which}, so its gradient has no mean")
    weights = members / counts[:, None]
    order = np.argsort(classes, kind="stable")
    parts = [order[part] for part in _parts(net, len(classes), batch_size)]

    def sums_of(rows: Array) -> ClassSums:
        sums = ClassSums(len(weights), net.dtype)
        sums.add(weights[:, rows], gradients_of(rows))
        return sums

    each = in_parallel(sums_of, parts)
    whole = next(each)
    for sums in each:
        whole.merge(sums)
    return whole.totals()


def _class_count(net: Network) -> int:
    if len(net.output_shape) != 1:
        raise ValueError(f"predictions of classes need a network that puts out a vector, got {net.output_shape}")
    return net.output_shape[0]


def _stack(
    net: Network,
    x: Array,
    one_hot: Array,
    stacks: list[slice],
    of: str,
    layers: Sequence[str] | None,
    batch_size: int | None,
) -> dict[str, Array]:
    """Return the gradients of all images, each part and each stack of classes written to its place."""
    wanted, at = _reached(net, of, layers)
    per_image = one_hot.ndim == 2
    stack = () if per_image else (len(one_hot),)
    whole = {name: kernels.empty_batch((len(x),), net.shapes[name], net.dtype, stack) for name in wanted}

    def fill(rows: slice) -> None:
        trace = net.trace(x[rows])
        for some in stacks:
            seeds = one_hot[rows] if per_image else one_hot[some]
            place = rows if per_image else (some, rows)
            for name, gradient in _carried_back(net, trace, seeds, of, wanted, at).items():
                whole[name][place] = gradient

    for _ in in_parallel(fill, _parts(net, len(x), batch_size)):
        pass
    return whole


def _parts(net: Network, count: int, batch_size: int | None) -> list[slice]:
    if batch_size is not None:
        return list(chunks(count, batch_size))
    parts = max(-(-count // part_size(net)), 1)
    return list(chunks(count, max(-(-count // parts), 1)))


def _carried_back(
    net: Network, trace: Trace, one_hot: Array, of: str, wanted: Sequence[str], at: str
) -> dict[str, Array]:
    lowest = min(wanted, key=net.names.index)
    deltas = net.backward(trace, _seed(net, trace, one_hot, of), at=at, down_to=lowest)
    return {name: deltas[name] for name in wanted}


def _reached(net: Network, of: str, layers: Sequence[str] | None) -> tuple[list[str], str]:
    return _in_front(net, _where(net, of), of, layers)


def _in_front(net: Network, at: str, what: str, layers: Sequence[str] | None) -> tuple[list[str], str]:
    """Return the outputs asked about, all in front of where the seed applies, and that place."""
    reached = net.names[: net.names.index(at) + 1]
    wanted = reached if layers is None else list(layers)
    for name in wanted:
        if name not in reached:
            raise ValueError(f"{name}: not in front of the {what} at {at}; choose from {', '.join(reached)}")
    return wanted, at


def _where(net: Network, of: str) -> str:
    """Return the name of the output at which the seed of a kind of prediction applies."""
    if of not in KINDS:
        raise ValueError(f"of is {of!r}, expected one of {', '.join(KINDS)}")
    if of in ("probability", "log_probability") and not isinstance(net.layers[-1], (Softmax, Sigmoid)):
        raise ValueError(f"the network puts out no {of}: it ends in {net.layers[-1].name}, not a Softmax or Sigmoid")
    if of == "margin" and _class_count(net) < 2:
        raise ValueError("a margin needs at least two classes")
    return net.names[-1] if of == "probability" else net.logits


def _seed(net: Network, trace: Trace, one_hot: Array, of: str) -> Array:
    if of == "log_probability":
        p = trace.output
        return one_hot - p if isinstance(net.layers[-1], Softmax) else one_hot * (1 - p)
    if of == "margin":
        strongest_other = np.where(one_hot > 0, -np.inf, trace[net.logits]).argmax(axis=-1)
        return one_hot - np.eye(one_hot.shape[-1], dtype=one_hot.dtype)[strongest_other]
    return one_hot
