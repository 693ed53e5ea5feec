"""Some images, explained: what the network takes each for, how sure it is, and what in the image speaks for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import plain_array
from tinynet.classes import check_labels, class_count
from tinynet.explain.attribution import absolute_gradient, occlusion
from tinynet.layers import Sigmoid, Softmax
from tinynet.network import Network, checked_network
from tinynet.notebook import ShownInBrief
from tinynet.plots import gradient_of, number, picture_rows
from tinynet.report.sections.words import percent
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class ExplainedImages(ShownInBrief):
    """What a network takes images for, and why.

    Attributes
    ----------
    x : ndarray of shape (N, C, H, W)
    classes : tuple of str
        Names of the K classes.
    of : str
        What the maps are of.
    outputs : ndarray of shape (N, K)
        How much speaks for each class, as `predict_proba` returns it.
    predicted : ndarray of shape (N,)
        The strongest.
    labels : ndarray of shape (N,), optional
        What the images are, if that is known.
    sizes : ndarray of shape (N, C, H, W)
        How much a small change of each value matters for the class predicted: the size of the gradient.
    support : ndarray of shape (N, C, H, W)
        How much the prediction falls when the place is covered: positive where the image speaks for its class.
    support_of_truth : ndarray of shape (N, C, H, W), optional
        The same for the labels, if an image is misclassified.
    is_probability : bool
        Whether the outputs are probabilities.
    """

    x: Array
    classes: tuple[str, ...]
    of: str
    outputs: Array
    predicted: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    sizes: Array
    support: Array
    support_of_truth: Array | None
    is_probability: bool

    def __str__(self) -> str:
        return "\n".join(f"image {at}: {self.in_words(at)}" for at in range(len(self.x)))

    def in_words(self, image: int) -> str:
        """Return what an image is taken for, the two classes that come next, and what it is.

        Parameters
        ----------
        image : int
            Its number.
        """
        first, *others = np.argsort(-self.outputs[image], kind="stable")[:3]
        next_ones = " and ".join(f"{self.classes[label]} ({self._share(image, label)})" for label in others)
        found = f"{self.classes[first]} ({self._share(image, first)}), before {next_ones}"
        wrong = self.labels is not None and self.labels[image] != first
        return f"{found}; it is {self.classes[self.labels[image]]}" if wrong and self.labels is not None else found

    def _share(self, image: int, label: int) -> str:
        value = float(self.outputs[image, label])
        return percent(value) if self.is_probability else number(value)

    def figure(self) -> Figure:
        """Draw the images, how much each pixel matters, and where covering changes the prediction."""
        rows = {
            "image": self.x,
            "size of the gradient\nbright: a change matters": _brightest(self.sizes),
            "speaks for it\nwhite: for, black: against": self.support,
        }
        if self.support_of_truth is not None:
            rows["speaks for what it is\nwhite: for, black: against"] = self.support_of_truth
        names = [self.classes[label] for label in self.predicted]
        notes = [self._share(at, label) for at, label in enumerate(self.predicted)]
        if self.labels is not None:
            wrong = self.labels != self.predicted
            is_ = [f"is {self.classes[label]}" if w else "right" for label, w in zip(self.labels, wrong, strict=True)]
            notes = [f"{share}, {what}" for share, what in zip(notes, is_, strict=True)]
        title = f"What the network takes each image for; maps are of the {gradient_of(self.of)}"
        signed = [name for name in rows if name.startswith("speaks")]
        return picture_rows(rows, names, title, signed, {"image": notes})

    def _repr_png_(self) -> bytes:
        """Return the figure for a notebook."""
        from io import BytesIO

        stream = BytesIO()
        self.figure().savefig(stream, format="png", dpi=110)
        return stream.getvalue()


@checked
def explain_images(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    classes: Sequence[str] | None = None,
    of: str = "logit",
) -> ExplainedImages:
    """Explain images one by one: what the network takes each for, and what in it speaks for that.

    Parameters
    ----------
    net : Network
        A classifier of images.
    x : array_like of shape (N, C, H, W) or (C, H, W)
        Images, or one.
    labels : array_like of shape (N,), optional
        What they are; then what speaks for that is shown too, if one is misclassified.
    classes : sequence of str, optional
        Names of the classes; their numbers if not given.
    of : {"logit", "probability", "log_probability", "margin"}
        What the maps are of.

    Returns
    -------
    ExplainedImages
        Its ``figure()`` draws it, a notebook shows that by itself, and ``print`` says it in words.

    Raises
    ------
    ValueError
        If the network takes no images, or images, labels and names do not fit it.

    Notes
    -----
    Two methods that find planted features where others do not (``python -m tinynet study truth``): the size of the
    gradient at each pixel, and occlusion, with patches of a sixth of the image that have the mean colour of it.

    Examples
    --------
    >>> import tinynet as tn
    >>> data = tn.datasets.load("letters:10")
    >>> net = tn.models.build("letters", data.input_shape, 3)
    >>> print(tn.explain_images(net, data.x[:1], classes=data.classes).in_words(0))  # doctest: +ELLIPSIS
    E (...), before ...
    """
    if len(checked_network(net).input_shape) != 3:
        raise ValueError(f"net takes inputs of shape {net.input_shape}, expected images (C, H, W)")
    given = plain_array("x", x, "images")
    images = net.as_batch(given[None] if given.ndim == 3 else given)
    count = class_count(net)
    names = tuple(map(str, range(count))) if classes is None else tuple(classes)
    if len(names) != count:
        raise ValueError(f"classes are {len(names)} names, expected one for each of {count} classes")
    wanted = None if labels is None else check_labels(np.atleast_1d(labels), count, len(images))
    outputs = net.predict_proba(images)
    predicted = net.predict(images)
    side = max(min(net.input_shape[1:]) // 6, 1)
    covered: dict[str, Any] = {
        "size": side,
        "stride": max(side // 3, 1),
        "replace": np.broadcast_to(images.mean(axis=(2, 3), keepdims=True), images.shape),
    }
    truth = None
    if wanted is not None and (wanted != predicted).any():
        truth = np.asarray(occlusion(net, images, wanted, of, **covered))
    return ExplainedImages(
        x=images,
        classes=names,
        of=of,
        outputs=outputs,
        predicted=predicted,
        labels=wanted,
        sizes=np.asarray(absolute_gradient(net, images, predicted, of)),
        support=np.asarray(occlusion(net, images, predicted, of, **covered)),
        support_of_truth=truth,
        is_probability=isinstance(net.layers[-1], (Softmax, Sigmoid)),
    )


def _brightest(maps: Array) -> Array:
    """Return one map an image, the largest channel of each pixel, scaled so that the largest of all is white."""
    one = maps.max(axis=1, keepdims=True)
    most = one.max(axis=(2, 3), keepdims=True, initial=0)
    return np.asarray(np.divide(one, most, out=np.zeros_like(one), where=most > 0))
