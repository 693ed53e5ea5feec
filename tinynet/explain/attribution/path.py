"""Gradients along a path: gradient times input, integrated gradients, and gradients of noisy images (SmoothGrad)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, finite_number, generator, how_often, one_of, wrong
from tinynet.explain.attribution.affine import Front, Sums
from tinynet.explain.attribution.kinks import check_piecewise_linear, exact_mean
from tinynet.explain.attribution.question import Function, Question
from tinynet.explain.attribution.result import Attribution
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array

Baseline = ArrayLike | Sequence[ArrayLike]
BLUR = 0.1  # of an image's side, the standard deviation that `blurred` takes if none is given


@checked
def absolute_gradient(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return the size of the gradient of a prediction at each pixel: how much a small change there matters (saliency).

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction.
    layer : str
        Whose values are explained; the pixels if not given.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    Attribution

    See Also
    --------
    tinynet.saliency : draws the channels of a gradient together.

    References
    ----------
    Simonyan et al. 2014, section 3.
    """
    question = Question(net, x, target, of, layer=layer, batch_size=batch_size)
    values, *_ = question.collected(lambda rows: (np.abs(question.gradient(question.x[rows], question.classes(rows))),))
    return Attribution(values, "absolute gradient", of)


@checked
def gradient_times_input(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    baseline: Baseline = 0.0,
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return gradient times input: Taylor's first term of what it costs to put each value to its baseline.

    Parameters
    ----------
    net, x, target, of, layer, batch_size
        As in :func:`absolute_gradient`.
    baseline : float, array_like or sequence of array_like
        What "absent" means, as in :func:`integrated_gradients`.

    Returns
    -------
    Attribution
        g (x - x'). What is left over, f(x) - f(x') less the sum, says how far the network is from being linear.

    Notes
    -----
    f(x') = f(x) - sum_i g_i (x_i - x'_i) + ...: exact for linear networks, and from black for networks of ReLUs without
    biases, where f(a x) = a f(x) for a > 0.
    """
    question = Question(net, x, target, of, layer=layer, batch_size=batch_size)
    baselines = baselines_of(baseline, question.x)

    def work(rows: slice) -> tuple[Array, Array]:
        seen, classes = question.x[rows], question.classes(rows)
        slope = question.gradient(seen, classes)
        height = question.value(seen, classes)
        values = [slope * (seen - start[rows]) for start in baselines]
        changes = [height - question.value(start[rows], classes) for start in baselines]
        return np.mean(values, axis=0), np.mean(changes, axis=0)

    values, explained = question.collected(work)
    return Attribution(values, "gradient times input", of, explained, question.sums(values))


@checked
def integrated_gradients(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    baseline: Baseline = 0.0,
    steps: int | str = 50,
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return integrated gradients: the change of a prediction from a baseline on, shared out among the pixels.

    Parameters
    ----------
    net, x, target, of, layer, batch_size
        As in :func:`absolute_gradient`.
    baseline : float, array_like or sequence of array_like
        Where the path starts: one number, one image, one for each image (N, *shape), or several in a list, over which
        the result is averaged. Black pixels on a black baseline always get 0: try the mean image, or :func:`blurred`.
        It is what the network gets, so normalised as the images are.
    steps : int or "exact"
        Number of gradients along the path, at the midpoints of equal parts; or as many as it takes to integrate a
        network of ReLUs and maxima exactly.
    layer : str
        Whose values are explained. For a layer the path is straight in its own outputs, and so is the baseline one of
        them.

    Returns
    -------
    Attribution
        (x - x') times the mean gradient. The sum over an image is f(x) - f(x') but for the error of integration, which
        is `remainder`.

    Raises
    ------
    ValueError
        If "exact" is asked of a network that is not piecewise linear.

    Notes
    -----
    d/da f(x' + a (x - x')) = sum_i (x_i - x'_i) g_i, so the integral over a from 0 to 1 is f(x) - f(x'), shared out
    among the pixels. In a network of ReLUs the integrand has steps, so no rule of higher order is better than
    midpoints, and the error need not fall with each further one. But between two kinks the gradient is constant:
    with "exact", the path is cut where a ReLU or a maximum bends it, and the integral is a sum, right to rounding.

    References
    ----------
    Sundararajan et al. 2017, section 3; Sturmfels et al. 2020, for baselines.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(5), tn.ReLU(), tn.Dense(2), tn.Softmax()], (3,), rng=1, dtype=np.float64)
    >>> found = tn.explain.integrated_gradients(net, np.ones((1, 3)), 0, steps="exact")
    >>> bool(abs(found.remainder[0]) < 1e-12)
    True
    """
    question = Question(net, x, target, of, layer=layer, batch_size=batch_size)
    baselines = baselines_of(baseline, question.x)
    exact = isinstance(steps, str) and steps == "exact"
    if exact:
        check_piecewise_linear(question.net, of)
    points = 1 if exact else how_often("steps", steps)
    mean = exact_mean if exact else partial(_midpoint_mean, steps=points)
    front = Front(question)

    def work(rows: slice) -> tuple[Array, Array]:
        seen, classes = question.x[rows], question.classes(rows)
        end = front.trace(seen)
        height = front.behind.value(end.output, classes)
        values, changes = [], []
        for baseline in baselines:
            start = front.trace(baseline[rows]).output
            slopes = front.backward(end, mean(front.behind, start, end.output, classes))
            values.append((seen - baseline[rows]) * slopes)
            changes.append(height - front.behind.value(start, classes))
        return np.mean(values, axis=0), np.mean(changes, axis=0)

    values, explained = question.collected(work, points)
    how = "exact" if exact else f"{points} midpoints"
    return Attribution(values, f"integrated gradients, {how}", of, explained, question.sums(values))


@checked
def smooth_gradient(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    noise: float = 0.15,
    samples: int = 25,
    rng: int | np.random.Generator = 0,
    kind: str = "mean",
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return the gradient, averaged over images with noise on them (SmoothGrad).

    Parameters
    ----------
    net, x, target, of, layer, batch_size
        As in :func:`absolute_gradient`.
    noise : float
        Standard deviation of the noise, as a share of each image's range, largest less least value.
    samples : int
        Number of noisy copies of each image.
    rng : int or numpy.random.Generator
        Draws the noise.
    kind : {"mean", "square", "variance"}
        The mean of the gradients, the mean of their squares, or their variance (with 1/n): three different methods.

    Returns
    -------
    Attribution
        With the standard error of the mean in `error`.

    Notes
    -----
    variance = square - mean^2. The mean is the gradient of the network smoothed by a Gaussian: what moves about within
    the noise cancels.

    References
    ----------
    Smilkov et al. 2017; Hooker et al. 2019, for the square; Adebayo et al. 2018, for the variance.
    """
    share, count = finite_number("noise", noise, least=0), how_often("samples", samples)
    one_of("kind", kind, ("mean", "square", "variance"))
    question = Question(net, x, target, of, layer=layer, batch_size=batch_size)
    seeds = np.random.SeedSequence(int(generator(rng).integers(2**63))).spawn(len(question.x))

    def work(rows: slice) -> tuple[Array, Array]:
        seen, classes = question.x[rows], question.classes(rows)
        draws = [np.random.default_rng(seed) for seed in seeds[rows]]
        spread = (share * np.ptp(seen, axis=tuple(range(1, seen.ndim)), keepdims=True)[:, None]).astype(seen.dtype)
        first = total = square = np.zeros((), seen.dtype)  # sums of differences to the first: little is rounded away
        for some in question.several(count, len(seen)):
            shape = (some.stop - some.start, *seen.shape[1:])
            noisy = np.empty((len(seen), *shape), seen.dtype)
            for drawn, draw in zip(noisy, draws, strict=True):
                drawn[...] = draw.standard_normal(shape, np.float32)
            noisy *= spread
            noisy += seen[:, None]
            slopes = question.gradients_at(noisy, classes)
            axis = slopes.ndim - seen.ndim
            found = slopes if kind != "square" else np.square(slopes)
            if some.start == 0:
                first = found.take([0], axis)
            found = found - first
            total, square = total + found.sum(axis=axis), square + np.square(found).sum(axis=axis)
        variance = np.maximum(square / count - np.square(total / count), 0)
        if kind == "variance":
            return variance, np.full_like(variance, np.nan)
        error = np.sqrt(variance / (count - 1)) if count > 1 else np.full_like(variance, np.nan)
        return first.squeeze(axis) + total / count, error

    values, error = question.collected(work, count)
    name = {"mean": "SmoothGrad", "square": "SmoothGrad, squared", "variance": "VarGrad"}[kind]
    return Attribution(values, f"{name}, {count} samples", of, error=None if kind == "variance" else error)


@checked
def blurred(x: ArrayLike, sigma: float | None = None) -> Array:
    """Return images without their detail, as a baseline: a Gaussian blur.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Images.
    sigma : float, optional
        Standard deviation in pixels; a tenth of the longer side if not given.
    """
    from scipy import ndimage

    images = finite_array("x", x, shape=("...", "H", "W"))
    width = BLUR * max(images.shape[-2:]) if sigma is None else finite_number("sigma", sigma, least=0)
    floats = images.astype(np.result_type(images, np.float32), copy=False)
    return np.asarray(ndimage.gaussian_filter(floats, width, axes=(-2, -1), mode="nearest"))


def baselines_of(baseline: Baseline, x: Array, what: str = "baseline") -> list[Array]:
    """Return each baseline as an array of the images' shape.

    Parameters
    ----------
    baseline : float, array_like or sequence of array_like
        One number, one image, one for each image, or a list of such.
    x : ndarray of shape (N, *shape)
        The images.
    what : str
        What the user calls the baseline.

    Raises
    ------
    ValueError
        If one does not fit the images, or holds a value that is no finite number.
    """
    several: list[Any] = list(baseline) if isinstance(baseline, (list, tuple)) else [baseline]
    if not several:
        raise wrong(what, baseline, "a number, an image, one for each image, or a list of such")
    return [baseline_of(start, x, what) for start in several]


def baseline_of(baseline: ArrayLike, x: Array, what: str = "baseline") -> Array:
    """Return what stands for absent values, where there is one such, as an array of the images' shape.

    Parameters
    ----------
    baseline : float or array_like
        One number, one image, or one for each image.
    x : ndarray of shape (N, *shape)
        The images.
    what : str
        What the user calls it.

    Raises
    ------
    ValueError
        If it does not fit the images, or holds a value that is no finite number.
    """
    unit = ", ".join(map(str, x.shape[1:]))
    array = finite_array(what, baseline)
    if array.shape not in ((), x.shape[1:], x.shape):
        raise wrong(what, baseline, f"finite numbers: one, an image ({unit}), or one for each (N, {unit})")
    return np.broadcast_to(array.astype(x.dtype), x.shape)


def _midpoint_mean(function: Function, start: Array, end: Array, classes: Array, steps: int) -> Array:
    """Return the mean gradient of each image at the midpoints of equal parts of its path."""
    path, total = Sums(start, end - start), np.zeros((), end.dtype)
    for some in function.several(steps, len(end)):
        along = (np.arange(some.start, some.stop) + 0.5) / steps
        slopes = function.gradients_at(path(along[:, None]), classes)
        total = total + slopes.sum(axis=slopes.ndim - end.ndim)
    return total / steps
