"""How pictures are made: where they start, how they move, and what keeps them from being noise."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import boolean, finite_array, finite_number, generator, how_often, one_of, real_array, wrong
from tinynet.explain.norms import directions
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.targets.features import starting_image
from tinynet.types import Array, Shape


@dataclass(frozen=True, eq=False)
class Recipe:
    """How pictures are made by activation maximisation.

    Attributes
    ----------
    start : array_like that broadcasts to input_shape
        Where each picture starts, such as the mean of the training images; the penalty is on the distance from it.
    steps : int
        How many steps to take.
    rate : float
        Root mean square of the first step, in pixel values.
    penalty : float
        Weight of the squared distance from the start (L2).
    variation : float
        Weight of the total variation: the sum of the differences, in size, of neighbours down and across.
    diversity : float
        Weight of the mean cosine between what distinguishes a picture from the start and those of the other pictures of
        the same objective. Ask for a unit several times, as in ``[3, 3, 3]``, and its pictures differ.
    noise : float
        Standard deviation of what is added to the start, other numbers for each picture.
    jitter : int
        Before each step the picture is rolled by up to so many pixels down and across, and back after it. Two are too
        many for a filter of five pixels.
    blur : float
        Standard deviation, in pixels, of the Gaussian that each step is blurred with.
    spectrum : array_like of shape (C, H, W // 2 + 1), optional
        Amplitudes of the frequencies that pictures are made of, such as `amplitude_spectrum(images)`. Steps are then
        taken in Fourier coefficients, each scaled by its amplitude, instead of in pixels.
    limits : pair of float, optional
        Darkest and brightest value of a pixel, to which pictures are clipped after each step.
    rng : int or numpy.random.Generator
        Of the noise, the jitter, and of other starts where a unit is dead.
    frames : int
        How many pictures on the way are kept, evenly spaced, for an animation.
    progress : bool
        Whether a progress bar is shown (on a terminal only).

    Examples
    --------
    >>> Recipe().with_changes(steps=20).steps
    20
    """

    start: ArrayLike = 0.0
    steps: int = 100
    rate: float = 0.1
    penalty: float = 1e-3
    variation: float = 0.0
    diversity: float = 0.0
    noise: float = 0.0
    jitter: int = 0
    blur: float = 0.0
    spectrum: ArrayLike | None = None
    limits: tuple[float, float] | None = None
    rng: int | np.random.Generator = 0
    frames: int = 0
    progress: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        for name in ("steps", "jitter", "frames"):
            object.__setattr__(self, name, how_often(name, getattr(self, name), 0))
        object.__setattr__(self, "rate", finite_number("rate", self.rate, above=0))
        for name in ("penalty", "variation", "diversity", "noise", "blur"):
            object.__setattr__(self, name, finite_number(name, getattr(self, name), least=0))
        generator(self.rng)
        boolean("progress", self.progress)
        if self.limits is not None:
            pair = real_array("limits", self.limits)
            if pair.shape != (2,) or not np.isfinite(pair).all() or pair[0] >= pair[1]:
                raise wrong("limits", self.limits, "the darkest and the brightest value of a pixel")
            object.__setattr__(self, "limits", (float(pair[0]), float(pair[1])))

    @classmethod
    def of(cls, images: ArrayLike, **changes: Any) -> Recipe:
        """Return a recipe for pictures that look like some images: their mean, their spectrum and their limits.

        Parameters
        ----------
        images : array_like of shape (N, C, H, W)
            Such as the training images.
        **changes
            Settings that are to be others.
        """
        pictures = finite_array("images", images)
        if pictures.ndim != 4 or not len(pictures):
            raise wrong("images", pictures, "at least one image, as an array of shape (N, C, H, W)")
        mean = pictures.mean(axis=0)
        own = cls(
            start=mean,
            spectrum=amplitude_spectrum(pictures - mean),
            limits=(float(pictures.min()), float(pictures.max())),
            penalty=0.0,
        )
        return own.with_changes(**changes)

    def with_changes(self, **changes: Any) -> Recipe:
        """Return the recipe with some settings changed.

        Parameters
        ----------
        **changes
            By their names.

        Raises
        ------
        ValueError
            If there is no such setting; the message names the nearest.
        """
        for name in changes:
            one_of("setting", name, [field.name for field in fields(self)])
        return replace(self, **changes)


class Canvas:
    """A recipe, made ready for pictures of a network's input shape.

    Parameters
    ----------
    recipe : Recipe
    net : Network

    Attributes
    ----------
    origin : ndarray of shape input_shape
        Where pictures start.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If the start or the spectrum has another shape.
    """

    def __init__(self, recipe: Recipe, net: Network) -> None:
        self.recipe, self.shape, self.dtype = recipe, net.input_shape, net.dtype
        self.rng = generator(recipe.rng)
        self.origin = self.clipped(starting_image(net, recipe.start))
        self.axes = tuple(range(1, 1 + len(self.shape)))
        for name in ("spectrum", "jitter", "blur", "variation"):
            given = getattr(recipe, name)
            if given is not None and np.any(np.asarray(given) != 0) and len(self.shape) != 3:
                raise ValueError(f"{name} is for images of shape (C, H, W), the network's inputs are {self.shape}")
        self.spectrum = None if recipe.spectrum is None else self._checked(recipe.spectrum)

    def _checked(self, spectrum: ArrayLike) -> Array:
        amplitudes = finite_array("spectrum", spectrum, self.dtype)
        wanted = (*self.shape[:-1], self.shape[-1] // 2 + 1)
        if amplitudes.shape not in (wanted, wanted[1:]) or (amplitudes < 0).any():
            raise wrong("spectrum", amplitudes, f"amplitudes of at least 0, of shape {wanted}")
        return amplitudes

    def clipped(self, pictures: Array) -> Array:
        """Return pictures within the limits.

        Parameters
        ----------
        pictures : ndarray
        """
        limits = self.recipe.limits
        return pictures if limits is None else np.clip(pictures, *limits).astype(self.dtype, copy=False)

    def started(self, count: int) -> Array:
        """Return so many pictures to start with.

        Parameters
        ----------
        count : int
        """
        pictures = np.repeat(self.origin[None], count, axis=0)
        return self.clipped(pictures + self.drawn(pictures.shape, self.recipe.noise)) if self.recipe.noise else pictures

    def drawn(self, shape: Shape, size: float) -> Array:
        """Return noise of the kind that steps are made of, of a root mean square.

        Parameters
        ----------
        shape : tuple of int
            (P, *input_shape).
        size : float
        """
        noise = self.rng.standard_normal(shape).astype(self.dtype)
        return np.asarray(size, self.dtype) * directions(self.shaped(noise), self.axes, mean=True)

    def step(self, pictures: Array, slope: Array) -> Array:
        """Return the direction, of root mean square one, in which pictures move for a slope of their pixels.

        Parameters
        ----------
        pictures, slope : ndarray of shape (P, *input_shape)

        Notes
        -----
        What would leave the limits is left out first.
        """
        if self.recipe.limits is not None:
            low, high = self.recipe.limits
            slope = slope * ~(((pictures <= low) & (slope < 0)) | ((pictures >= high) & (slope > 0)))
        return directions(self.shaped(slope), self.axes, mean=True)

    def shaped(self, slope: Array) -> Array:
        """Return the step in pixels that a slope in pixels stands for: blurred, or taken in Fourier coefficients.

        Parameters
        ----------
        slope : ndarray of shape (P, *input_shape)

        Notes
        -----
        A picture x = irfft2(S F) of coefficients F has the slope S A g in F, for the slope g in x and the adjoint A of
        irfft2; a step along it moves x by irfft2(S S A g).
        """
        if self.spectrum is not None:
            scaled = self.spectrum**2 * from_pixels(slope)
            slope = to_pixels(scaled, self.shape[-2:]).astype(self.dtype, copy=False)
        if self.recipe.blur:
            from scipy.ndimage import gaussian_filter

            widths = (*[0.0] * (slope.ndim - 2), self.recipe.blur, self.recipe.blur)
            slope = gaussian_filter(slope, widths, mode="constant")
        return slope

    def cost(self, pictures: Array) -> Array:
        """Return what the penalties take off the objective of each picture.

        Parameters
        ----------
        pictures : ndarray of shape (P, *input_shape)
        """
        away = pictures - self.origin
        cost = self.recipe.penalty * np.square(away).sum(axis=self.axes)
        if self.recipe.variation:
            cost = cost + self.recipe.variation * sum(
                np.abs(np.diff(pictures, axis=k)).sum(self.axes) for k in (-2, -1)
            )
        return np.asarray(cost)

    def cost_slope(self, pictures: Array) -> Array:
        """Return the derivative of `cost` by the pixels; between equal neighbours it is taken as 0.

        Parameters
        ----------
        pictures : ndarray of shape (P, *input_shape)
        """
        slope = 2 * np.asarray(self.recipe.penalty, self.dtype) * (pictures - self.origin)
        if self.recipe.variation:
            weight = np.asarray(self.recipe.variation, self.dtype)
            for axis in (-2, -1):
                signs = weight * np.sign(np.diff(pictures, axis=axis))
                none = np.zeros_like(np.take(pictures, [0], axis=axis))
                slope = slope - np.diff(np.concatenate([none, signs, none], axis=axis), axis=axis)
        return slope


@checked
def amplitude_spectrum(images: ArrayLike) -> Array:
    """Return the mean size of each Fourier coefficient of images: the spectrum that pictures of their kind have.

    Parameters
    ----------
    images : array_like of shape (N, C, H, W)

    Returns
    -------
    ndarray of shape (C, H, W // 2 + 1)

    References
    ----------
    Fel et al. 2023 (MACO), section 3, who hold the amplitudes fixed; here they scale the steps.
    """
    pictures = finite_array("images", images)
    if pictures.ndim != 4 or not len(pictures):
        raise wrong("images", pictures, "at least one image, as an array of shape (N, C, H, W)")
    total = np.zeros((*pictures.shape[1:3], pictures.shape[3] // 2 + 1))
    for image in pictures:
        total += np.abs(np.fft.rfft2(image, norm="ortho"))
    return total / len(pictures)


def to_pixels(coefficients: Array, size: tuple[int, ...]) -> Array:
    """Return the real pictures of some Fourier coefficients.

    Parameters
    ----------
    coefficients : ndarray of complex of shape (..., H, W // 2 + 1)
    size : pair of int
        (H, W).
    """
    return np.fft.irfft2(coefficients, s=(size[0], size[1]), norm="ortho")


def from_pixels(slope: Array) -> Array:
    """Return the slope in Fourier coefficients for a slope in pixels: the adjoint of `to_pixels`.

    Parameters
    ----------
    slope : ndarray of shape (..., H, W)

    Notes
    -----
    Of a real picture half of the coefficients are kept; each of the interior columns stands for its mirror image too,
    and so counts twice. The first column does not, nor, for an even width, the last one.
    """
    found = np.fft.rfft2(slope, norm="ortho")
    found[..., 1 : (slope.shape[-1] + 1) // 2] *= 2
    return found
