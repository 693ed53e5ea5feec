"""What a training run is judged by: loss and accuracy after each epoch."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tinynet import notebook
from tinynet.arguments import unknown


@dataclass(repr=False)
class History:
    """Loss and accuracy after each epoch.

    Attributes
    ----------
    loss, accuracy : list of float
        Mean over the training images, each as it was before the step that it took part in; accuracy is NaN if the
        network was trained on targets that stand for no class.
    validation_loss, validation_accuracy : list of float
        Of the validation images after the epoch; empty if there are none.

    Examples
    --------
    >>> history = History([0.9, 0.3912], [0.5, 0.875])
    >>> history
    History: 2 epochs, loss 0.391, accuracy 0.875
    >>> history["loss"] is history.loss
    True
    >>> history["val_loss"]
    Traceback (most recent call last):
    KeyError: "no curve 'val_loss'; did you mean validation_loss?"
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.loss)

    def __getitem__(self, name: str) -> list[float]:
        if name not in CURVES:
            raise KeyError(unknown("curve", name, CURVES))
        curve: list[float] = getattr(self, name)
        return curve

    if not TYPE_CHECKING:  # for which there is nothing but what there is

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(unknown("curve", name, CURVES), name=name, obj=self)

    def __repr__(self) -> str:
        curves = [(name.replace("_", " "), values[-1]) for name, values in self.to_dict().items() if values]
        last = [f"{name} {value:.3g}" for name, value in curves if value == value]  # NaN stands for no class
        return ", ".join([f"History: {len(self)} epoch{'s' * (len(self) != 1)}", *last])

    def _repr_html_(self) -> str:
        """Return the last numbers, and the curves."""
        last = [(name.replace("_", " "), f"{values[-1]:.4g}") for name, values in self.to_dict().items() if values]
        lines = {
            what: {name: values for name, values in pair.items() if values}
            for what, pair in (
                ("loss", {"training": self.loss, "validation": self.validation_loss}),
                ("accuracy", {"training": self.accuracy, "validation": self.validation_accuracy}),
            )
        }
        drawn = "".join(notebook.curves(what, pair) for what, pair in lines.items() if pair)
        return notebook.table(f"History of {len(self)} epochs", ["", "in the last"], last) + drawn

    def to_dict(self) -> dict[str, list[float]]:
        """Return the lists by name, for a data frame or a file.

        Examples
        --------
        >>> History(loss=[0.7, 0.5], accuracy=[0.4, 0.8]).to_dict()["loss"]
        [0.7, 0.5]
        """
        return {each.name: list(getattr(self, each.name)) for each in fields(self)}


CURVES = tuple(each.name for each in fields(History))
