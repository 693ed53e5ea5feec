"""What an attribution method returns: how much each value counts, and whether it adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.notebook import ShownAsText, ShownInBrief
from tinynet.types import Array


@dataclass(frozen=True, eq=False, repr=False)
class Attribution(ShownAsText, ShownInBrief):
    """How much each value of each image counts for a prediction; an array wherever NumPy wants one.

    Attributes
    ----------
    values : ndarray of shape (..., N, *shape)
        One number a value of the image, or of the layer asked about; with target="all" the classes come first.
    method : str
        What made it, with its settings.
    of : str
        Which prediction: "logit", "probability", "log_probability" or "margin".
    explained : ndarray of shape (..., N), optional
        What the values of each image should add up to, if the method promises a sum.
    total : ndarray of shape (..., N), optional
        What they do add up to, each player counted once.
    losses : mapping of str to ndarray of shape (..., N)
        What each layer kept back on the way down, by its name, if the method goes layer by layer.
    error : ndarray, optional
        Standard error of each value, if the method draws samples.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(3)], input_shape=(4,))
    >>> found = tn.explain.integrated_gradients(net, np.ones((2, 4)), target=1)
    >>> np.asarray(found).shape, bool(abs(found.remainder).max() < 1e-6)
    ((2, 4), True)
    """

    values: Array
    method: str
    of: str
    explained: Array | None = None
    total: Array | None = None
    losses: Mapping[str, Array] = field(default_factory=dict)
    error: Array | None = None

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        """Return the values."""
        return np.array(self.values, dtype) if copy else np.asarray(self.values, dtype)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: Any) -> Any:
        return self.values[index]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return self.values.shape

    @property
    def remainder(self) -> Array:
        """What is left over for each image: what should have been handed out, less what was.

        Raises
        ------
        ValueError
            If the method promises no sum.
        """
        if self.explained is None or self.total is None:
            raise ValueError(f"{self.method}: makes no promise about a sum, so nothing can be left over")
        return np.asarray(self.explained - self.total)

    def __str__(self) -> str:
        lines = [f"{self.method}, of the {self.of.replace('_', ' ')}: values of shape {self.shape}"]
        if self.explained is not None and self.total is not None and self.explained.size:
            lines.append(f"  {'to be explained':<24}{_sizes(self.explained)}")
            lines += [f"  {'kept by ' + name:<24}{_sizes(lost)}" for name, lost in self.losses.items()]
            lines.append(f"  {'left over':<24}{_sizes(self.remainder)}")
        if self.error is not None and self.error.size:
            lines.append(f"  {'standard error':<24}at most {self.error.max():.3g}")
        return "\n".join(lines)


def _sizes(numbers: Array) -> str:
    """Return what one number an image comes to: itself, or the mean and the largest of several."""
    if numbers.size == 1:
        return f"{numbers.item():.4g}"
    return f"mean {numbers.mean():.4g}, largest in size {np.abs(numbers).max():.4g}"
