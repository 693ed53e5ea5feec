"""Do the images of one class use the network alike? Profiles of gradients, and how similar they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, generator, how_often, whole_array, wrong
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.norms import directions
from tinynet.explain.prediction import Prediction
from tinynet.explain.units.outputs import ranked_outputs
from tinynet.explain.units.scores import unit_scores
from tinynet.network import Network, chunks
from tinynet.signatures import checked
from tinynet.types import Array


class Consistency(NamedTuple):
    """How similar the profiles of two images are, of one class and of two.

    Attributes
    ----------
    within, between : float
        Mean cosine of the profiles of two images of one class, and of two classes.
    p_value : float
        Share of relabellings at random whose difference within - between is at least as large.
    nearest, nearest_by_chance : float
        Share of the images whose most similar other image is of the same class; and the same for one drawn at random.
    """

    within: float
    between: float
    p_value: float
    nearest: float
    nearest_by_chance: float


@checked
def gradient_profiles(
    net: Network,
    x: ArrayLike,
    target: int | ArrayLike,
    of: str = "logit",
    *,
    layers: Sequence[str] | None = None,
    batch_size: int = 256,
) -> Array:
    """Return how strong each unit is for a class, for each image: one row an image.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int or array_like of shape (N,)
        The class asked about: one for all images, or one an image, such as its own.
    of : {"logit", "probability", "log_probability", "margin"}
        What the gradients are of.
    layers : sequence of str, optional
        Whose units; those of the filters, or the hidden units, if not given.
    batch_size : int
        Images worked through at a time, which bounds the memory.

    Returns
    -------
    ndarray of shape (N, units of all layers)

    Notes
    -----
    The class asked about enters the profile, through the weights of its output. So profiles of images' own classes are
    alike within a class whatever the images show, even in an untrained network; to learn whether images of one class
    use the network alike, ask one class of all of them.

    References
    ----------
    Lo, Cohen and Ding 2015, table II; Lo 2016, table 4.1.
    """
    images = net.as_batch(x)
    if isinstance(target, str):
        raise wrong("target", target, "a class, or one class an image")
    classes = Prediction(net, of).classes_of(target, len(images))
    names = ranked_outputs(net) if layers is None else list(layers)
    parts = []
    for rows in chunks(len(images), batch_size):
        gradients = prediction_gradient(net, images[rows], classes[rows], of, layers=names, batch_size=batch_size)
        parts.append(np.concatenate(list(unit_scores(net, gradients, names).values()), axis=1))
    return np.concatenate(parts)


@checked
def cosines(profiles: ArrayLike, *, centred: bool = False) -> Array:
    """Return the cosine between each profile and every other.

    Parameters
    ----------
    profiles : array_like of shape (N, units)
        One row an image.
    centred : bool
        Scale profiles to length 1 and take their mean off first. Sizes are never negative, so that all profiles point
        into the same corner and all cosines are near 1; what tells profiles apart is how they differ from their mean.

    Returns
    -------
    ndarray of shape (N, N)
        A profile of zeros has the cosine 0 with all.
    """
    pointing = directions(finite_array("profiles", profiles, np.float64, ("N", "units")), axis=1)
    if centred:
        pointing = directions(pointing - pointing.mean(axis=0), axis=1)
    return np.asarray(pointing @ pointing.T)


@checked
def consistency(
    profiles: ArrayLike,
    labels: ArrayLike,
    *,
    centred: bool = False,
    resamples: int = 999,
    rng: int | np.random.Generator = 0,
) -> Consistency:
    """Compare the profiles within a class with those of different classes.

    Parameters
    ----------
    profiles : array_like of shape (N, units)
        One row an image, as :func:`gradient_profiles` returns them.
    labels : array_like of shape (N,)
        Their classes.
    centred : bool
        Whether the mean direction is taken off first, as in :func:`cosines`.
    resamples : int
        How many relabellings the permutation test draws.
    rng : int or numpy.random.Generator
        Draws them.

    Returns
    -------
    Consistency

    Raises
    ------
    ValueError
        If there are no two images of one class, or no two of different classes.

    Notes
    -----
    With M the one-hot labels and C the cosines, the sum over all pairs within a class is the trace of M^T C M, which
    is all that a relabelling changes. Under the null hypothesis labels have nothing to do with profiles.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.A; Lo 2016, section 4.2.1.
    """
    from scipy import stats

    classes, numbers = np.unique(whole_array("labels", labels), return_inverse=True)
    similar = cosines(profiles, centred=centred)
    if numbers.shape != (len(similar),):
        raise ValueError(f"got {len(similar)} profiles and labels of shape {numbers.shape}, expected one class each")
    of_one = int(sum(count * (count - 1) for count in np.bincount(numbers)))
    of_two = len(numbers) * (len(numbers) - 1) - of_one
    if not of_one or not of_two:
        raise ValueError(
            f"{len(numbers)} images of {len(classes)} classes hold no two of one class and two of different ones"
        )
    one_hot, itself, total = np.eye(len(classes)), np.trace(similar), similar.sum()

    def means(relabelled: Array) -> tuple[float, float]:
        members = one_hot[relabelled]
        within = float((members * (similar @ members)).sum())
        return float((within - itself) / of_one), float((total - within) / of_two)

    def difference(relabelled: Array) -> float:
        within, between = means(relabelled)
        return within - between

    test = stats.permutation_test(
        (numbers,),
        difference,
        permutation_type="pairings",
        vectorized=False,
        n_resamples=how_often("resamples", resamples),
        alternative="greater",
        random_state=generator(rng),
    )
    nearest = np.where(np.eye(len(numbers), dtype=bool), -np.inf, similar).argmax(axis=1)
    return Consistency(
        *means(numbers),
        p_value=float(test.pvalue),
        nearest=float(np.mean(numbers[nearest] == numbers)),
        nearest_by_chance=of_one / (of_one + of_two),
    )
