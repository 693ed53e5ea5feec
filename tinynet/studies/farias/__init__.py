"""The experiments of de Souza Farias and Maziero: features made by target propagation, and when they cease to be seen.

`settings` says how networks are trained, `networks` which, `runs` holds what was seen on the way, and `paper` the
paper's numbers. An experiment is a file: `authors`, `epochs`, `shapes`, `transition` (with the fit of `knee`), `widths`
and `units`.
"""

from collections.abc import Mapping

from tinynet.datasets import Dataset
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.study import Study
from tinynet.studies.farias import authors, epochs, shapes, transition, units, widths
from tinynet.studies.farias.networks import BATCH, EPOCH, network, parts, recipes


def _facts(data: Dataset, budget: Budget) -> Mapping[str, str]:
    train, test = parts(data)
    count = len(recipes(data, budget)) + len(units.jobs(data, budget))
    return {
        "Networks": f"{count}, of sigmoid units without biases, weights drawn as in the authors' program",
        "Training": f"{len(train):,} images to train on, {len(test):,} to test on, batches of {BATCH}, plain gradient "
        f"descent without momentum; an epoch is {EPOCH:,} images met, as many as MNIST has",
    }


STUDY = Study(
    name="farias",
    title="Features by target propagation",
    lede="What the units of a network want to see, read from the targets that they send down to the pixels; and how "
    "this changes while the network learns. The experiments of the paper, over many networks.",
    sources=(
        "T. de Souza Farias, J. Maziero: Feature extraction by target propagation.",
        "T. de Souza Farias, J. Maziero: Gradient target propagation, 2018, and the authors' program.",
    ),
    data="digits:8000",
    full=Budget(seeds=5),
    quick=Budget(seeds=2, quick=True),
    experiments=tuple(module.EXPERIMENT for module in (authors, epochs, shapes, transition, widths, units)),
    network=lambda data: network((128,), data, 0),
    facts=_facts,
)
