"""MR-1: how often each attribute is there (figure 2.1)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.meniconi import faces


def shares(data: Dataset) -> dict[str, float]:
    """Return the share of the images that has each attribute that can be there or not.

    Parameters
    ----------
    data : Dataset
        Faces, or other images in whose place faces are drawn.
    """
    attributes = faces.faces(data).attributes
    return {name: float(values.mean()) for name, values in attributes.items() if values.dtype == np.bool_}


def claims(results: Results) -> list[Claim]:
    """Report the range, and how even the labels are that networks learn."""
    found, ours = shares(results.data), faces.faces(results.data)
    labels = faces.kind(ours).labels
    rare, frequent = min(found, key=lambda name: found[name]), max(found, key=lambda name: found[name])
    measured = (
        f"{len(found)} attributes of {len(ours)} images, from {rare} ({found[rare]:.1%}) to {frequent} "
        f"({found[frequent]:.1%}); of the labels {', '.join(f'{name} {found[name]:.1%}' for name in labels)}"
    )
    return [Claim("MR-1", "how often each attribute is present", "figure 2.1", measured, None, 1, ours.name)]


def sections(results: Results) -> Iterator[Section]:
    """Draw figure 2.1."""
    found, name = shares(results.data), faces.faces(results.data).name
    yield Section(
        "attributes",
        "How often each attribute is there (MR-1)",
        plots.attribute_shares(found, f"Images of {name} that have each attribute"),
        "A bar for each attribute, the most frequent on top.",
        "Figure 2.1 of the document, of the images that this study is given.",
    )


EXPERIMENT = Experiment(lambda data, budget: [], claims, sections)
