"""Studies made small: one that adds numbers, and both documents'; quick to import, as processes import it anew."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import time

from tinynet import datasets
from tinynet.studies.engine.experiment import Budget, Experiment
from tinynet.studies.engine.jobs import Job
from tinynet.studies.engine.study import Study
from tinynet.studies.farias import STUDY as FARIAS
from tinynet.studies.farias.authors import Comparison
from tinynet.studies.farias.candidates import CHANGED, STRENGTHS
from tinynet.studies.farias.networks import CLASS_MEANS, Recipe
from tinynet.studies.farias.penalties import PENALTIES
from tinynet.studies.farias.settings import CROSS_ENTROPY, Setting
from tinynet.studies.farias.units import UnitFeatures
from tinynet.studies.lo import STUDY as LO

DIGITS = datasets.load("digits:30")


@dataclasses.dataclass(frozen=True)
class Sum(Job):
    """Adds its number to the sum of what it needs; does as it is told on the way."""

    number: int
    below: tuple[Sum, ...] = ()
    told: str = ""

    @property
    def name(self):
        return f"sum{self.number}"

    @property
    def cost(self):
        return float(self.number + 1)

    @property
    def needs(self):
        return self.below

    def measure(self, data, *needed):
        if self.told == "fail":
            raise KeyError("such a thing")
        if self.told.startswith("die once ") and not os.path.exists(mark := self.told.removeprefix("die once ")):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.told.startswith("note "):
            with open(self.told.removeprefix("note "), "a") as file:
                file.write(f"{self.name}\n")
        return {"sum": self.number + sum(int(numbers["sum"]) for numbers in needed), "pixels": data.x.sum(dtype=float)}


def note(results):
    return [results.claim("XX-1", "c", "d", f"{results.stack('sum').tolist()}", True)]


TOY = Study(
    "toy",
    "Toy",
    "A toy.",
    (),
    "digits:30",
    Budget(3, 10),
    Budget(2, 4),
    (Experiment(lambda data, budget: [Sum(seed) for seed in range(budget.seeds)], note),),
)


@dataclasses.dataclass(frozen=True)
class Slow(Sum):
    """Takes a moment."""

    def measure(self, data, *needed):
        time.sleep(0.05)
        return super().measure(data, *needed)


def chain(data, budget):
    made = [Slow(0)]
    for number in range(1, 12):
        made.append(Slow(number, (made[number // 2],)))
    return made


SLOW = dataclasses.replace(TOY, experiments=(Experiment(chain, note),))


# -------------------------------------------------------------------------------------------- those of the documents

TINY = [
    *(Recipe((8,), Setting(30, 0.3), 1, seed) for seed in range(2)),
    FIGURE_2 := Recipe(CHANGED[0], CHANGED[1], 1, 0),
    FIGURE_2.but(CLASS_MEANS),
    FIGURE_2.but(PENALTIES[0], STRENGTHS[0]),
    Recipe((16, 16, 16), Setting(2, 1.0, "activation"), 1, 0),
    Recipe((16, 16, 16), Setting(6.4, 0.026, loss=CROSS_ENTROPY), 1, 0),
    UnitFeatures("dense", 0),
    Comparison(0),
]
TINY_STUDY = dataclasses.replace(
    FARIAS,
    experiments=tuple(
        dataclasses.replace(experiment, jobs=lambda data, budget: TINY) for experiment in FARIAS.experiments
    ),
)


def few_faces(classes=3):
    faces = datasets.load("faces")
    return dataclasses.replace(faces.take(faces.labels < classes), classes=faces.classes[:classes])


SMALL = {
    "lo": (LO, lambda: few_faces(2), Budget(1, 1)),
    "farias": (TINY_STUDY, lambda: datasets.load("digits:200"), Budget(1)),
}


def without_times(claims):
    """Return claims less what they say about time, which differs from run to run."""
    kept = []
    for claim in claims:
        if claim.id == "LO-2":
            claim = dataclasses.replace(claim, measured="", holds=None)
        kept.append(dataclasses.replace(claim, measured=re.sub(r"and [^,;]* of the time", "", claim.measured)))
    return kept
