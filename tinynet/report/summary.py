"""What a report was made from, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    """How the network came to be, so that the report can say how to make it again.

    Parameters
    ----------
    command : str
        The command that writes the same report.
    model : str
        The network's name, or the file that it was read from.
    seeds : mapping of str to int
        What was drawn at random, such as "split" and "weights", and from which seed.
    training : mapping of str to object
        Further facts, in words, such as "epochs" and "batch size"; empty if the network was not trained now.
    training_seconds : float, optional
        How long it was trained.
    """

    command: str
    model: str
    seeds: Mapping[str, int] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
    training_seconds: float | None = None


@dataclass(frozen=True)
class Summary:
    """The numbers of a report.

    Attributes
    ----------
    folder : Path
        Where the report is.
    values : dict
        What ``summary.json`` holds.
    """

    folder: Path
    values: dict[str, Any]

    def lines(self) -> list[str]:
        """Return the report in five lines."""
        values = self.values
        data, net, strongest = values["data"], values["network"], values["strongest"]
        wrong = f"{values['test_errors']} of {values['n_test']}"
        curves, few = values["knockouts"], values["knockouts"]["at"]
        errors = {order: f"{100 * curves[order]['class_error'][few['index']]:.0f} %" for order in few["orders"]}
        hits = values["hits"]
        marks = "" if hits is None else f"; {hits['hits']} of {hits['of']} features found (chance {hits['chance']:.1f})"
        return [
            f"data       {data['name']}: {values['n_train']} images to train on, {values['n_test']} to test on, "
            f"{len(data['classes'])} classes",
            f"network    {net['model']}: {net['parameters']:,} parameters, {net['units']} {net['noun']}s; "
            f"{wrong} test images misread ({100 * values['test_error']:.1f} %)",
            f"gradients  of the {values['of'].replace('_', '-')}: strongest over all classes is {net['noun']} "
            f"{strongest['unit']} of {strongest['layer']}{marks}",
            f"knock-outs a class loses {errors['strongest first']} of its images without its {few['count']} strongest "
            f"{net['noun']}s, {errors['weakest first']} without the weakest, {errors['random']} without random ones",
            f"report     {self.folder / 'report.html'}",
        ]
