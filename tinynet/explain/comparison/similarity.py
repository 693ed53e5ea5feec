"""How alike are two layers' answers to the same images: CKA, canonical correlations and Procrustes distance.

Each is one number for two arrays of features, a row an image. What it would be by chance, and how few images it hangs
on, is asked of `tinynet.explain.comparison.chance`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import boolean, finite_array, finite_number
from tinynet.explain.norms import directions
from tinynet.signatures import checked
from tinynet.types import Array

RANK = 1e-10  # of the largest singular value: below it, a direction is rounding


@checked
def cka(X: ArrayLike, Y: ArrayLike, *, debiased: bool = True) -> float:
    """Return the linear centred kernel alignment of two layers: whether the same images are alike in both.

    Parameters
    ----------
    X, Y : array_like of shape (N, ...)
        Features of the same N images, of any two layers; each image's are taken as one vector.
    debiased : bool
        Whether the estimate is unbiased. The biased one is near 1 for any two layers with more features than images.

    Returns
    -------
    float
        At most 1, which layers have that differ by a rotation and a scale alone. About 0 for independent features, so
        the debiased one may be negative; the biased one is at least 0.

    Raises
    ------
    ValueError
        If there are fewer than four images (two if biased), or an array is the same for all of them, or for all but
        one if debiased: then there are no similarities to compare.

    Notes
    -----
    CKA = HSIC(X, Y) / sqrt(HSIC(X, X) HSIC(Y, Y)). The biased HSIC is |X'Y|^2 of centred features: the sum over all
    pairs of images of the product K L of their similarities K = XX' and L = YY'. A pair of an image with itself is
    large in any layer. The unbiased estimate has zero diagonals, and with r the squared norms of rows is
    [|X'Y|^2 - n/(n-2) r_x.r_y + (sum r_x)(sum r_y) / ((n-1)(n-2))] / (n (n-3)). No matrix is larger than the features.

    References
    ----------
    Kornblith et al. 2019, section 3; Song et al. 2012, for the unbiased HSIC; Davari et al. 2023, for
    how few images decide.
    """
    least = 4 if boolean("debiased", debiased) else 2
    x, y = (narrow(features) for features in both_features(X, Y, least))
    hsic = _unbiased_hsic if debiased else _biased_hsic
    alone = hsic(x, x), hsic(y, y)
    for name, own, features in (("X", alone[0], x), ("Y", alone[1], y)):
        if own <= RANK * _biased_hsic(features, features):
            raise ValueError(f"{name} sets no more than one of its {len(x)} images apart from the others")
    return float(np.clip(hsic(x, y) / np.sqrt(alone[0] * alone[1]), -1.0, 1.0))


@checked
def canonical_correlations(X: ArrayLike, Y: ArrayLike, variance: float = 1.0) -> NDArray[np.float64]:
    """Return how well directions of one layer can be read off the other linearly, the best first.

    Parameters
    ----------
    X, Y : array_like of shape (N, ...)
        Features of the same N images, of any two layers.
    variance : float
        The share of each layer's variance that is looked at, by its largest principal components.

    Returns
    -------
    ndarray of shape (directions,)
        From 1 down to 0, as many as the layer of fewer directions has.

    Raises
    ------
    ValueError
        If there are fewer than two images, or an array is the same for all of them.

    Notes
    -----
    With the left singular vectors U of the centred features, they are the singular values of U_x' U_y. N images have
    N - 1 directions in all: where the two layers keep more than that together, some correlations are 1 whatever they
    hold, and all are where one keeps N - 1. Take many more images than directions.

    References
    ----------
    Raghu et al. 2017, section 2.
    """
    share = finite_number("variance", variance, above=0, most=1)
    bases = [_principal_directions(features, share) for features in both_features(X, Y)]
    return np.clip(np.linalg.svd(bases[0].T @ bases[1], compute_uv=False), 0.0, 1.0)


@checked
def svcca(X: ArrayLike, Y: ArrayLike, variance: float = 0.99) -> float:
    """Return the mean of the canonical correlations of two layers.

    Parameters
    ----------
    X, Y : array_like of shape (N, ...)
        Features of the same N images, of any two layers.
    variance : float
        The share of each layer's variance that is looked at.

    Returns
    -------
    float
        1 for layers that differ by an invertible linear map, if `variance` is 1.

    See Also
    --------
    canonical_correlations : what it is the mean of, and how many images it takes.

    References
    ----------
    Raghu et al. 2017, section 2.
    """
    return float(canonical_correlations(X, Y, variance).mean())


@checked
def procrustes(X: ArrayLike, Y: ArrayLike) -> float:
    """Return how far two layers are from each other once one is rotated onto the other.

    Parameters
    ----------
    X, Y : array_like of shape (N, ...)
        Features of the same N images, of any two layers; the narrower one is filled up with zeros.

    Returns
    -------
    float
        From 0, for layers that differ by a rotation, a shift and a scale, to the square root of 2. A metric.

    Raises
    ------
    ValueError
        If there are fewer than two images, or an array is the same for all of them.

    Notes
    -----
    For centred features of norm 1, the least |X - YQ|^2 over orthogonal Q is 2 - 2 |X'Y|_*, with the sum of the
    singular values; zero columns add none.

    References
    ----------
    Schönemann 1966; Williams et al. 2021.
    """
    x, y = (narrow(features) for features in both_features(X, Y))
    return float(np.sqrt(max(2.0 - 2.0 * np.linalg.svd(x.T @ y, compute_uv=False).sum(), 0.0)))


@checked
def profile_cosine(X: ArrayLike, Y: ArrayLike) -> float:
    """Return how alike two networks use the same units for the same images: the mean cosine of their profiles.

    Parameters
    ----------
    X, Y : array_like of shape (N, units)
        A row an image, such as those of :func:`tinynet.explain.gradient_profiles` of two networks of one design.

    Returns
    -------
    float
        From -1 to 1; a profile of zeros counts 0.

    Raises
    ------
    ValueError
        If the shapes differ, or there is no image.

    Notes
    -----
    Units are compared by their number. Where two networks start from the same weights, a unit may still be the same
    unit after training; where they do not, pair the units first, by :func:`tinynet.explain.match_units`.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.A, for profiles of one network.
    """
    x = finite_array("X", X, np.float64, ("N", "units"))
    y = finite_array("Y", Y, np.float64, x.shape)
    if not len(x):
        raise ValueError(f"X has the shape {x.shape}, expected the profiles of at least 1 image")
    return float((directions(x, axis=1) * directions(y, axis=1)).sum(axis=1).mean())


def both_features(X: ArrayLike, Y: ArrayLike, least: int = 2) -> tuple[Array, Array]:
    """Return the features of both layers as centred matrices of norm 1 in float64.

    Parameters
    ----------
    X, Y : array_like of shape (N, ...)
    least : int
        Images that are needed.

    Raises
    ------
    ValueError
        Naming the array that has too few images, other ones than the first, no features, or no differences.
    """
    x = centred_features("X", X, least)
    if len(np.asarray(Y).shape) and len(np.asarray(Y)) != len(x):
        raise ValueError(f"Y has {len(np.asarray(Y))} images, expected {len(x)}, those of X")
    return x, centred_features("Y", Y, least)


def centred_features(name: str, values: ArrayLike, least: int) -> Array:
    """Return the features of one layer as a centred matrix of norm 1 in float64.

    Parameters
    ----------
    name : str
        What the user calls them.
    values : array_like of shape (N, ...)
    least : int
        Images that are needed.

    Raises
    ------
    ValueError
        As :func:`both_features` does.
    """
    array = finite_array(name, values, np.float64)
    if not array.ndim or len(array) < least or not array.size:
        raise ValueError(f"{name} has the shape {array.shape}, expected the features of at least {least} images")
    rows = centred(array.reshape(len(array), -1), None)
    if not rows.any():
        raise ValueError(f"{name} is the same for all {len(rows)} images: there is nothing to compare")
    return rows


def centred(values: Array, axis: int | None) -> Array:
    """Return columns less their means, scaled to norm 1; columns that are the same everywhere become 0.

    Parameters
    ----------
    values : ndarray of shape (samples, columns)
        Of any magnitude: nothing overflows or vanishes on the way.
    axis : int or None
        Scale each column alone (0), or all together.
    """
    rows = values / _divisor(np.abs(values).max(axis=axis, keepdims=True))
    rows -= rows[:1].copy()
    rows /= _divisor(np.abs(rows).max(axis=axis, keepdims=True))
    rows -= rows.mean(axis=0)
    return rows / _divisor(np.linalg.norm(rows, axis=axis, keepdims=True))


def _divisor(sizes: Array) -> Array:
    return np.where(sizes > 0, sizes, 1.0)


def narrow(features: Array) -> Array:
    """Return features with the same products between images, and no more columns than images: R' of X' = QR.

    Parameters
    ----------
    features : ndarray of shape (N, features)
    """
    return features if features.shape[1] <= len(features) else np.asarray(np.linalg.qr(features.T, mode="r")).T


def _biased_hsic(x: Array, y: Array) -> float:
    return float(np.square(x.T @ y).sum())


def _unbiased_hsic(x: Array, y: Array) -> float:
    n, r_x, r_y = len(x), np.square(x).sum(axis=1), np.square(y).sum(axis=1)
    pairs = _biased_hsic(x, y) - n / (n - 2) * (r_x @ r_y) + r_x.sum() * r_y.sum() / ((n - 1) * (n - 2))
    return float(pairs / (n * (n - 3)))


def _principal_directions(features: Array, share: float) -> Array:
    """Return the least number of left singular vectors that hold a share of the sum of squares."""
    left, sizes, _ = np.linalg.svd(features, full_matrices=False)
    kept = np.square(sizes[sizes > RANK * sizes[0]]).cumsum()
    enough = int(np.searchsorted(kept / kept[-1], share - 1e-12)) + 1 if share < 1 else len(kept)
    return left[:, :enough]
