"""The settings that a report was made with, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from tinynet.notebook import preformatted
from tinynet.plots import count_of, gradient_of
from tinynet.report.sections.words import percent
from tinynet.signatures import checked


@checked
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

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        """Return the five lines for a notebook, and a link to the page."""
        page = self.folder / "report.html"
        return f'{preformatted(str(self))}<a href="{escape(page.as_posix())}">{escape(str(page))}</a>'

    def lines(self) -> list[str]:
        """Return the report in five lines."""
        values = self.values
        data, net, curves = values["data"], values["network"], values["knockouts"]
        strongest, supporting = values["strongest"], values["supporting"]
        index, taken = curves["at"]["index"], curves["at"]["count"]
        most, least, *_, chance = (curves[order]["class_error"] for order in curves["at"]["orders"])
        gone = f"most supporting {net['noun']}" if taken == 1 else f"{taken} most supporting {net['noun']}s"
        little = "it has learned little: " if values["learned_little"] else ""
        hits = values["hits"]
        found = f"; {hits['hits']} of {hits['of']} features found (by chance {hits['chance']:.1f})" if hits else ""
        return [
            f"data       {data['name']}: {values['n_train']:,} images to train on, {values['n_test']:,} to test on, "
            f"{count_of(len(data['classes']), 'class')}",
            f"network    {net['model']}: {net['parameters']:,} parameters, {count_of(net['units'], net['noun'])}; "
            f"{little}{values['test_errors']:,} of {count_of(values['n_test'], 'test image')} misclassified "
            f"({percent(values['test_error'])}, by guessing {percent(values['guessing_error'])})",
            f"gradients  of the {gradient_of(values['of'])}: {net['noun']} {supporting['unit']} of "
            f"{supporting['layer']} speaks most for a class, {strongest['unit']} of {strongest['layer']} is the "
            f"strongest{found}",
            f"knock-outs without its {gone} a class's error goes from {percent(most[0])} to {percent(most[index])}, "
            f"without the least to {percent(least[index])}, without random ones to {percent(chance[index])}",
            f"report     {self.folder / 'report.html'}",
        ]
