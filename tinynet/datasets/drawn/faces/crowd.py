"""As many people as are asked for, mixed from the fifteen: faces with labels that do not say who it is."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from tinynet.arguments import whole_number
from tinynet.datasets.dataset import MOST_IMAGES, Dataset, data_errors, grey_levels
from tinynet.datasets.drawn.faces.people import CONDITIONS, PEOPLE, Condition, Person
from tinynet.datasets.drawn.faces.pictures import Moment, draw
from tinynet.types import Array

USAGE = "crowd[:PEOPLE]"
DESCRIPTION = "Faces, 60 x 60, drawn by code: as many people as asked for, four pictures each, smiling or not"
LICENCE = "MIT"
CITATION = ""

PICTURES = 4  # of a person: every pair of smile and glasses once
EXPRESSIONS = {
    smiling: tuple(c for c in CONDITIONS if c.light == "ambient" and c.glasses is None and (c.smile > 0) == smiling)
    for smiling in (False, True)
}
LIGHTS = ("ambient", "ambient", "ambient", "centre", "left", "right")  # three pictures of six in an even light
STYLE = ("hairline", "age")  # measures that go with how the hair is worn, and are not mixed


def load(people: int = 100, seed: int = 0) -> Dataset:
    """Draw people, each smiling with and without glasses, and not smiling with and without.

    Parameters
    ----------
    people : int
        How many; the first of them are the same however many there are.
    seed : int
        Of the people, their expressions and lights, the poses and the noise.

    Returns
    -------
    Dataset
        4 `people` images of shape (1, 60, 60), read-only; class 1 smiles. Attributes: "smile", "glasses", "beard",
        "long hair" and "open mouth", each of which labels the same images by :meth:`Dataset.labelled_by`; "person",
        by which they are to be split, "condition" and "light". Masks as for the `faces`; nothing is planted.

    Examples
    --------
    >>> from tinynet import datasets
    >>> crowd = datasets.load("crowd:5")
    >>> crowd.x.shape, crowd.classes
    ((20, 1, 60, 60), ('not smile', 'smile'))
    >>> train, test = crowd.split(groups="person")
    """
    with data_errors("crowd"):
        people = whole_number("people", people, 1, MOST_IMAGES // PICTURES)
        levels, masks, attributes = _pictures(people, whole_number("seed", seed, 0))
    x = grey_levels(levels)
    x.flags.writeable = False
    return Dataset(
        name="crowd",
        x=x,
        labels=attributes["smile"].astype(np.int64),
        classes=("not smile", "smile"),
        attributes=attributes,
        masks=masks,
        licence=LICENCE,
        citation=CITATION,
        description=DESCRIPTION,
    )


def mixed(rng: np.random.Generator) -> Person:
    """Return a person: one of the fifteen, moved up to half the way towards another in each measure.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of which uniform numbers alone are drawn: their stream is the same in every NumPy.
    """
    one, other = (PEOPLE[int(len(PEOPLE) * share)] for share in rng.random(2))
    shares = 0.5 * rng.random(len(fields(Person)))
    measures: dict[str, Any] = {
        field.name: (1 - share) * getattr(one, field.name) + share * getattr(other, field.name)
        for field, share in zip(fields(Person), shares, strict=True)
        if field.type == "float" and field.name not in STYLE
    }
    return replace(one, **measures)


@lru_cache(maxsize=2)
def _pictures(people: int, seed: int) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """Return grey levels, masks and attributes, kept because drawing takes seconds."""
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn, known = [], []
    for number in range(people):
        person = mixed(rng)
        for smiling in (False, True):
            for glasses in (False, True):
                condition = _moved(smiling, glasses, rng)
                drawn.append(draw(person, condition, Moment.drawn(rng), planted=False))
                known.append(
                    {
                        "smile": smiling,
                        "glasses": glasses,
                        "beard": person.beard,
                        "long hair": person.hair_style in ("long", "bob"),
                        "open mouth": condition.gape > 0,
                        "person": number,
                        "condition": condition.name,
                        "light": condition.light,
                    }
                )
    levels = np.stack([picture[None] for picture, _ in drawn])
    masks = {name: np.stack([masks[name] for _, masks in drawn]) for name in drawn[0][1]}
    attributes = {name: np.array([facts[name] for facts in known]) for name in known[0]}
    for array in (levels, *masks.values(), *attributes.values()):
        array.flags.writeable = False
    return levels, masks, attributes


def _moved(smiling: bool, glasses: bool, rng: np.random.Generator) -> Condition:
    """Draw an expression and a light."""
    expression, light = rng.random(2)
    choices = EXPRESSIONS[smiling]
    condition = choices[int(len(choices) * expression)]
    return replace(condition, glasses=glasses, light=LIGHTS[int(len(LIGHTS) * light)])
