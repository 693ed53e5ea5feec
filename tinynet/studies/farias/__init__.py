"""The experiments of de Souza Farias and Maziero: features made by target propagation, and when they cease to be seen.

`settings` says how a network is trained, `networks` what is seen on the way, `candidates` which are trained; `runs`
holds what was seen, and `paper` the paper's numbers. An experiment is a file: `authors`, `epochs`, `shapes`,
`transition` (with the fit of `knee`), `widths`, `units`, `means` and `modified` (with `penalties`).
"""

from collections.abc import Mapping

from tinynet.datasets import Dataset
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.study import Study
from tinynet.studies.farias import authors, epochs, means, modified, shapes, transition, units, widths
from tinynet.studies.farias.candidates import SEEDS, changed, recipes
from tinynet.studies.farias.networks import BATCH, EPOCH, network, parts


def _facts(data: Dataset, budget: Budget) -> Mapping[str, str]:
    train, validation, test = parts(data)
    count = len({*recipes(data, budget), *changed(data, budget), *units.jobs(data, budget)})
    return {
        "Networks": f"{count}, of sigmoid units without biases, weights drawn as in the authors' program",
        "Training": f"{len(train):,} images to train on, {len(validation):,} to choose settings by, {len(test):,} to "
        f"test on, batches of {BATCH}, plain gradient descent without momentum; an epoch is {EPOCH:,} images met, as "
        "many as MNIST has",
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
    full=Budget(seeds=SEEDS),
    quick=Budget(seeds=1, quick=True),
    experiments=tuple(
        module.EXPERIMENT for module in (authors, epochs, shapes, transition, widths, units, means, modified)
    ),
    network=lambda data: network((128,), data, 0),
    facts=_facts,
)
