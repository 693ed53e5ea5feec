"""Which units does a prediction depend on? Prediction gradients, read from the deltas of one backward pass."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike

from tinynet import kernels
from tinynet.arguments import one_of, wrong
from tinynet.classes import as_targets, check_labels, class_count, predicted
from tinynet.explain.class_sums import ClassSums
from tinynet.explain.prediction import Prediction, in_front
from tinynet.kernels.parallel import in_parallel
from tinynet.losses import Loss
from tinynet.network import LayerArrays, Network, checked_network, chunks, frozen, own_threads, part_size
from tinynet.signatures import checked
from tinynet.targets.features import UnitIndex, unit_targets
from tinynet.types import Array

AHEAD = 256  # parts of the images that an executor is handed before the first is done


class Gradients(LayerArrays):
    """Gradients of predictions with respect to the outputs of layers, by name.

    Attributes
    ----------
    of : str
        What they are gradients of: "logit", "probability", "log_probability", "margin", "loss" or "unit".
    """

    def __init__(self, arrays: Mapping[str, Array], of: str) -> None:
        super().__init__(arrays)
        self.of = of


@checked
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
    prediction, images = Prediction(net, of), net.as_batch(x)
    classes, wanted = prediction.classes_of(target, len(images)), prediction.reached(layers)
    parts = _parts(net, len(images), batch_size)
    stack, stacks = classes.shape[:-1], [slice(None)]
    if stack:
        largest = max((part.stop - part.start for part in parts), default=1)
        at_a_time = max(part_size(net) // largest, 1) if class_chunk is None else class_chunk
        stacks = list(chunks(prediction.count, at_a_time, "class_chunk"))
    whole = {name: kernels.empty_batch((len(images),), net.shapes[name], net.dtype, stack) for name in wanted}

    def fill(rows: slice) -> None:
        trace = net.trace(images[rows])
        for some in stacks:
            asked, place = (classes[some], (some, rows)) if stack else (classes[rows], rows)
            for name, gradient in prediction.gradients(trace, asked, wanted).items():
                whole[name][place] = gradient

    with own_threads(net):
        for _ in in_parallel(fill, parts):
            pass
    return Gradients(whole, of)


@checked
def class_gradient(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    of: str = "logit",
    *,
    layers: Sequence[str] | None = None,
    only: str = "all",
    batch_size: int | None = None,
    executor: Executor | None = None,
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
    only : {"all", "correct"}
        Whether the mean is over all images of a class, as in the thesis, or over those that are classified correctly.
    batch_size : int, optional
        Images worked through at a time, as many as the cache holds if not given; the memory needed does not grow
        with N.
    executor : concurrent.futures.Executor, optional
        Workers that each take some of the images, such as processes or, by ``Client.get_executor()``, those of a Dask
        cluster; the threads of this process if not given. The result is the same to the last bit on machines that
        compute alike.

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
    The mean of the gradients is the gradient of the mean prediction, since differentiation is linear. It is a sum over
    parts of the images, which is why several workers can share it.

    References
    ----------
    Lo, Cohen and Ding 2015, eq. 3.
    """
    prediction, images = Prediction(net, of), net.as_batch(x)
    classes, wanted = check_labels(labels, prediction.count, len(images)), prediction.reached(layers)
    which = "images"
    if one_of("only", only, ["all", "correct"]) == "correct":
        kept = predicted(net(images)) == classes
        images, classes, which = images[kept], classes[kept], "correctly classified images"
    gradients = partial(_of_prediction, prediction, wanted)
    means = _means_by_class(net, images, classes, classes, prediction.count, which, gradients, batch_size, executor)
    return Gradients(means, of)


@checked
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
    images = checked_network(net).as_batch(x)
    targets, entry = as_targets(labels, net), loss.at(net)
    classes, wanted = check_labels(labels, class_count(net), len(images)), in_front(net, entry, "loss", layers)
    gradients = partial(_of_loss, net, loss, wanted)
    return Gradients(
        _means_by_class(net, images, targets, classes, class_count(net), "images", gradients, batch_size), "loss"
    )


@checked
def unit_gradient(
    net: Network, x: ArrayLike, layer: str, unit: UnitIndex, *, batch_size: int | None = None
) -> Gradients:
    """Return d a_unit / d a for a hidden unit and the output a of each layer in front of it, for each image.

    Parameters
    ----------
    net : Network
        Any network.
    x : array_like of shape (N, *input_shape)
        Images.
    layer : str
        Name of the unit's layer, such as "tanh1".
    unit : int or (map, row, column)
        The unit: its number; of feature maps a whole map, of which the sum is differentiated, or one place of it.
    batch_size : int, optional
        Images worked through at a time; as many as the cache holds if not given.

    Returns
    -------
    Gradients
        Arrays of shape (N, *unit shape) by layer, from "input" up to `layer`, where it is 1 at the unit and else 0.

    Raises
    ------
    ValueError
        If there is no such layer or unit, or there are several.

    Notes
    -----
    Backpropagation seeded with 1 at the unit: what `prediction_gradient` does for an output.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(3), tn.Tanh(), tn.Dense(2), tn.Softmax()], input_shape=(4,))
    >>> gradients = tn.unit_gradient(net, np.zeros((5, 4)), "tanh1", 2)
    >>> bool((gradients["input"] == net["dense1"].params["W"][2]).all())
    True
    """
    images = checked_network(net).as_batch(x)
    is_one = isinstance(unit, (int, np.integer, tuple))
    seed = unit_targets(net, layer, unit if is_one else 0)
    if not is_one or seed.shape != net.shapes[layer]:
        raise wrong("unit", unit, "the number of a unit, or of feature maps (map, row, column)")
    names = net.names[: net.names.index(layer) + 1]
    whole = {name: kernels.empty_batch((len(images),), net.shapes[name], net.dtype, ()) for name in names}

    def fill(rows: slice) -> None:
        deltas = net.backward(net.trace(images[rows]), seed, at=layer)
        for name in names:
            whole[name][rows] = deltas[name]

    with own_threads(net):
        for _ in in_parallel(fill, _parts(net, len(images), batch_size)):
            pass
    return Gradients(whole, "unit")


def _of_prediction(prediction: Prediction, wanted: list[str], images: Array, classes: Array) -> dict[str, Array]:
    return prediction.gradients(prediction.net.trace(frozen(images)), classes, wanted)


def _of_loss(net: Network, loss: Loss, wanted: list[str], images: Array, targets: Array) -> dict[str, Array]:
    trace = net.trace(frozen(images))
    of_each_image = loss.seed(net, trace, targets) * len(targets)
    deltas = net.backward(trace, of_each_image, at=loss.at(net), down_to=min(wanted, key=net.names.index))
    return {name: deltas[name] for name in wanted}


def _means_by_class(
    net: Network,
    images: Array,
    targets: Array,
    classes: Array,
    count: int,
    which: str,
    gradients: Callable[[Array, Array], dict[str, Array]],
    batch_size: int | None,
    executor: Executor | None = None,
) -> dict[str, Array]:
    """Return the mean over the images of each class, from the gradients of one part of the images after the other.

    Images of a class come together, so that a part has few classes to add up.
    """
    members = np.eye(count, dtype=net.dtype)[:, classes]
    counts = members.sum(axis=1)
    if not counts.all():
        raise ValueError(f"class {int(np.argmin(counts))} has no {which}, so its gradient has no mean")
    weights = members / counts[:, None]
    order = np.argsort(classes, kind="stable")
    parts = (order[part] for part in _parts(net, len(classes), batch_size))

    def arguments(rows: Array) -> tuple[Array, Array, Array]:
        return weights[:, rows], images[rows], targets[rows]

    with own_threads(net):
        if executor is None:
            each = in_parallel(lambda rows: _class_sums(gradients, *arguments(rows)), parts)
        else:
            each = _handed_out(executor, (partial(_class_sums, gradients, *arguments(rows)) for rows in parts))
        whole = next(each)
        for sums in each:
            whole.merge(sums)
    return whole.totals()


def _class_sums(
    gradients: Callable[[Array, Array], dict[str, Array]], weights: Array, images: Array, targets: Array
) -> ClassSums:
    sums = ClassSums(len(weights), weights.dtype)
    sums.add(weights, gradients(images, targets))
    return sums


def _handed_out(executor: Executor, tasks: Iterable[Callable[[], ClassSums]]) -> Iterator[ClassSums]:
    """Yield the result of each task in order, with no more than `AHEAD` of them handed out before their turn."""
    waiting = iter(tasks)
    handed_out = deque(executor.submit(task) for task in islice(waiting, AHEAD))
    while handed_out:
        yield handed_out.popleft().result()
        handed_out.extend(executor.submit(task) for task in islice(waiting, 1))


def _parts(net: Network, count: int, batch_size: int | None) -> list[slice]:
    if batch_size is not None:
        return list(chunks(count, batch_size))
    parts = max(-(-count // part_size(net)), 1)
    return list(chunks(count, max(-(-count // parts), 1)))
