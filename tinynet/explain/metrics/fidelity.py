"""How well a map foretells what changes of the image do, and how much it changes itself under noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_array, finite_number, generator, how_often
from tinynet.explain.attribution.path import baseline_of
from tinynet.explain.attribution.question import Question
from tinynet.explain.metrics.randomisation import Method
from tinynet.network import Network
from tinynet.signatures import checked


@checked
def fidelity(
    net: Network,
    maps: ArrayLike,
    x: ArrayLike,
    target: int | ArrayLike,
    of: str = "logit",
    *,
    removed: float = 0.2,
    samples: int = 100,
    replace: ArrayLike = 0.0,
    rng: int | np.random.Generator = 0,
) -> NDArray[np.float64]:
    """Return how much of what random removals do to a prediction is foretold by the sum of the map over them.

    Parameters
    ----------
    net, x, target, of
        As in :func:`tinynet.explain.deletion_curves`.
    maps : array_like of shape (N, *input_shape)
        What each value is said to add to the prediction.
    removed : float
        Share of the values that each sample removes.
    samples : int
        Number of samples.
    replace : float or array_like
        What stands where a value is removed: one number, an image, or one for each image.
    rng : int or numpy.random.Generator
        Draws which values are removed.

    Returns
    -------
    ndarray of shape (N,)
        From 0, nothing, to 1, everything. A map of the opposite sign foretells nothing.

    Notes
    -----
    With I the removal, s = <I, map> and d = f(x) - f(x - I), infidelity is E (s - d)^2. It is not free of scale: ten
    times the map is another number. With the best factor b = E[s d] / E[s^2] it is, and 1 - E (b s - d)^2 / E d^2 is
    the squared cosine of s and d; both have their means taken off first, as all removals are of one size. A negative b
    counts as 0.

    References
    ----------
    Yeh et al. 2019, sections 2.1 and 2.2.
    """
    share, count = finite_number("removed", removed, above=0, below=1), how_often("samples", samples, 2)
    draw = generator(rng)
    question = Question(net, x, target, of)
    seen = question.x
    heights = finite_array("maps", maps, np.float64, seen.shape)
    cover = baseline_of(replace, seen, "replace")
    gone = draw.random((count, *seen.shape[1:])) < share

    def work(rows: slice) -> tuple[NDArray[np.float64]]:
        asked = question.classes(rows)
        changed = np.where(gone[None], cover[rows, None], seen[rows, None])
        falls = question.value(seen[rows], asked)[:, None] - question.values_at(changed, asked)
        said = np.tensordot(heights[rows].reshape(len(seen[rows]), -1), gone.reshape(count, -1), (1, 1))
        said, falls = (part - part.mean(axis=1, keepdims=True) for part in (said, falls.astype(np.float64)))
        size = np.sqrt(np.square(said).sum(axis=1) * np.square(falls).sum(axis=1))
        cosine = np.divide((said * falls).sum(axis=1), size, out=np.zeros(len(size)), where=size > 0)
        return (np.square(np.maximum(cosine, 0)),)

    return np.asarray(question.collected(work, count)[0])


@checked
def noise_sensitivity(
    net: Network,
    method: Method,
    x: ArrayLike,
    target: ArrayLike,
    *,
    noise: float = 0.02,
    samples: int = 10,
    rng: int | np.random.Generator = 0,
) -> NDArray[np.float64]:
    """Return how far noise that hardly changes an image changes its map at most, in units of the map.

    Parameters
    ----------
    net : Network
        A classifier.
    method : callable
        ``method(net, x, target)`` returns one map an image.
    x : array_like of shape (N, *input_shape)
        Images.
    target : array_like of shape (N,)
        The class asked about for each.
    noise : float
        Largest change of a value, as a share of the images' range; uniform.
    samples : int
        Number of noisy copies.
    rng : int or numpy.random.Generator
        Draws the noise.

    Returns
    -------
    ndarray of shape (N,)
        Largest |map(x + noise) - map(x)| / |map(x)| over the samples; NaN where the map is zero everywhere.

    References
    ----------
    Yeh et al. 2019, section 3.
    """
    share, count = finite_number("noise", noise, above=0), how_often("samples", samples)
    draw, images = generator(rng), net.as_batch(x).astype(net.dtype, copy=False)
    reach = share * float(np.ptp(images)) if images.size else 0.0
    own = np.asarray(method(net, images, np.asarray(target)), np.float64).reshape(len(images), -1)
    furthest = np.zeros(len(images))
    for _ in range(count):
        noisy = (images + draw.uniform(-reach, reach, images.shape)).astype(images.dtype)
        found = np.asarray(method(net, noisy, np.asarray(target)), np.float64).reshape(own.shape)
        furthest = np.maximum(furthest, np.linalg.norm(found - own, axis=1))
    size = np.linalg.norm(own, axis=1)
    return np.divide(furthest, size, out=np.full(len(size), np.nan), where=size > 0)
