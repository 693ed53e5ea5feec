"""How much of a map lies where: mass inside a mask and over its area, and precision at every height of the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import one_of, real_array, truth_array, wrong
from tinynet.explain.metrics.pointing import centre_map, edge_map
from tinynet.notebook import ShownAsText, ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def mass_inside(maps: ArrayLike, masks: ArrayLike) -> NDArray[np.float64]:
    """Return the share of a map's absolute values that lies inside its mask.

    Parameters
    ----------
    maps : array_like of shape (N, H, W)
        How much each pixel matters, of either sign; signed sums could cancel and say anything.
    masks : array_like of shape (N, H, W)
        Where it should be (bool).

    Returns
    -------
    ndarray of shape (N,)
        A map that is the same everywhere has the mask's share of the area; one that is zero everywhere has NaN.

    Raises
    ------
    ValueError
        If the shapes differ or a map holds NaN.
    """
    heights, inside = _checked(maps, masks)
    heights = np.abs(heights)
    total = heights.sum(axis=1)
    return np.divide((heights * inside).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)


@checked
def mass_over_area(maps: ArrayLike, masks: ArrayLike) -> NDArray[np.float64]:
    """Return how much denser a map's absolute values lie inside its mask than over the whole image.

    Parameters
    ----------
    maps : array_like of shape (N, H, W)
        How much each pixel matters, of either sign.
    masks : array_like of shape (N, H, W)
        A region of each image (bool).

    Returns
    -------
    ndarray of shape (N,)
        The region's share of the mass over its share of the area: 1 for a map that is the same everywhere, so regions
        of different sizes can be compared. NaN for a map of zeros and for an empty region.
    """
    inside = mass_inside(maps, masks)
    area = np.asarray(masks, np.float64).reshape(len(inside), -1).mean(axis=1)
    return np.divide(inside, area, out=np.full(len(area), np.nan), where=area > 0)


@dataclass(frozen=True, eq=False, repr=False)
class RegionMasses(ShownAsText, ShownInBrief):
    """Mass over area of several maps in several regions.

    Attributes
    ----------
    maps, regions : tuple of str
        M maps, such as those of two networks and of controls, and R regions.
    values : ndarray of shape (M, R, N)
        As :func:`mass_over_area` returns it.
    """

    maps: tuple[str, ...]
    regions: tuple[str, ...]
    values: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean over the images, of shape (M, R); images without such a region, or with a map of zeros, aside."""
        known = ~np.isnan(self.values)
        total, count = np.where(known, self.values, 0).sum(axis=-1), known.sum(axis=-1)
        return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)

    def of(self, name: str, region: str) -> NDArray[np.float64]:
        """Return the values of one map in one region, an image each.

        Parameters
        ----------
        name, region : str
        """
        return self.values[self._row(name), self.regions.index(one_of("region", region, self.regions))]

    def contrast(self, one: str, other: str) -> NDArray[np.float64]:
        """Return by how much more of one map than of another lies in each region.

        Parameters
        ----------
        one, other : str

        Returns
        -------
        ndarray of shape (R, N)

        Notes
        -----
        With both maps as shares of their own mass, this is the sum of their difference over the region, over the
        region's share of the area: a network of larger gradients does not look more at everything.
        """
        return self.values[self._row(one)] - self.values[self._row(other)]

    def rows(self) -> list[tuple[str, ...]]:
        """Return a table of the means, a row a map; the first row holds the headings."""
        numbers = [[f"{value:.2f}" for value in row] for row in self.mean]
        return [("", *self.regions), *((name, *row) for name, row in zip(self.maps, numbers, strict=True))]

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        )

    def _row(self, name: str) -> int:
        return self.maps.index(one_of("map", name, self.maps))


@checked
def region_masses(maps: Mapping[str, ArrayLike], regions: Mapping[str, ArrayLike]) -> RegionMasses:
    """Return how much of each map lies in each named region, such as mouth and eyes, for its share of the area.

    Parameters
    ----------
    maps : mapping of str to array_like of shape (N, H, W)
        Of the same images, under the names of who says so: two networks, one with random weights, `control_maps`.
    regions : mapping of str to array_like of shape (N, H, W)
        Masks of the images (bool), such as the `masks` of drawn faces.

    Returns
    -------
    RegionMasses
        ``print`` it.

    Raises
    ------
    ValueError
        If there are no maps or no regions, or they are not of the same images.
    """
    for what, given in (("maps", maps), ("regions", regions)):
        if not given:
            raise wrong(what, given, "at least one array of shape (N, H, W), by name")
    shape = np.shape(next(iter(maps.values())))
    heights = {name: real_array(f"maps[{name!r}]", values, shape) for name, values in maps.items()}
    inside = {name: truth_array(f"regions[{name!r}]", mask, shape) for name, mask in regions.items()}
    values = [[mass_over_area(each, mask) for mask in inside.values()] for each in heights.values()]
    return RegionMasses(tuple(heights), tuple(inside), np.array(values))


@checked
def control_maps(images: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """Return maps that know nothing of any network: the edges of each image, and its centre.

    Parameters
    ----------
    images : array_like of shape (N, C, H, W)

    Returns
    -------
    dict of str to ndarray of shape (N, H, W)
        "edges", as :func:`edge_map` has them, and "centre": highest in the middle, and 0 in the corners.
    """
    edges = edge_map(images)
    centre = centre_map(*edges.shape[1:])
    return {"edges": edges, "centre": np.broadcast_to(centre - centre.min(), edges.shape)}


@checked
def average_precision(maps: ArrayLike, masks: ArrayLike) -> NDArray[np.float64]:
    """Return the area under the precision-recall curve of a map's values as guesses of its mask.

    Parameters
    ----------
    maps : array_like of shape (N, H, W)
        The higher, the more a pixel is said to matter.
    masks : array_like of shape (N, H, W)
        Where it does (bool).

    Returns
    -------
    ndarray of shape (N,)
        From 0 to 1, the mask's share of the area for a map that is the same everywhere: equal values are guessed
        together. NaN where the mask is empty.

    Notes
    -----
    The mean, over the pixels of the mask, of the precision when all pixels at least as high as it are guessed.
    """
    heights, inside = _checked(maps, masks)
    found = np.full(len(heights), np.nan)
    for index, (values, truth) in enumerate(zip(heights, inside, strict=True)):
        if truth.any():
            order = np.argsort(-values, kind="stable")
            ends = np.flatnonzero(np.append(np.diff(values[order]) != 0, True))  # of each run of equal values
            hits = np.cumsum(truth[order])[ends]
            found[index] = (np.diff(hits, prepend=0) * hits / (ends + 1)).sum() / truth.sum()
    return found


def _checked(maps: ArrayLike, masks: ArrayLike) -> tuple[Array, Array]:
    heights = real_array("maps", maps, ("N", "H", "W")).astype(np.float64)
    inside = truth_array("masks", masks, heights.shape)
    if np.isnan(heights).any():
        raise ValueError("a map holds NaN, so it says nothing of its places")
    return heights.reshape(len(heights), -1), inside.reshape(len(inside), -1)
