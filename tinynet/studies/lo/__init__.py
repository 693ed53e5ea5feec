"""The experiments of Lo, Cohen and Ding 2015 and of Lo 2016, each claim beside our measurement."""

from collections.abc import Mapping

from tinynet import models
from tinynet.datasets import Dataset
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.study import Study
from tinynet.studies.engine.trials import Training
from tinynet.studies.lo import (
    adversarial,
    basics,
    error,
    features,
    gradients,
    harms,
    knockouts,
    levels,
    misread,
    profiles,
    rankings,
    unresponsive,
    weakness,
)
from tinynet.studies.lo.controls import MODEL


def _facts(data: Dataset, budget: Budget) -> Mapping[str, str]:
    train, test = Training(MODEL, 0, 1).split(data)
    return {
        "Networks": f"{budget.seeds}, seeds 0 to {budget.seeds - 1} of splits, weights and orders",
        "Training": f"{budget.epochs} epochs, {len(train)} images to train on, {len(test)} to test on",
    }


STUDY = Study(
    name="lo",
    title="Prediction gradients",
    lede="What a trained network rests on, read from gradients of its predictions: every experiment of the paper and "
    "of the thesis, run again on several networks, with controls that say what chance would give.",
    sources=(
        "H. Z. Lo, J. P. Cohen, W. Ding: Prediction gradients for feature extraction and analysis from convolutional "
        "neural networks, 2015.",
        "H. Z. Lo: Querying deep neural networks with gradients, thesis, University of Massachusetts Boston, 2016.",
        "K. Simonyan, A. Vedaldi, A. Zisserman: Deep inside convolutional networks, 2014.",
        "J. Zhang et al.: Top-down neural attention by excitation backprop, 2018, for the pointing game.",
    ),
    data="faces",
    full=Budget(seeds=10, epochs=models.named(MODEL).epochs),
    quick=Budget(seeds=2, epochs=60),
    experiments=tuple(
        module.EXPERIMENT
        for module in (
            error,
            gradients,
            profiles,
            levels,
            knockouts,
            rankings,
            weakness,
            features,
            adversarial,
            misread,
            harms,
            unresponsive,
            basics,
        )
    ),
    network=lambda data: models.build(MODEL, data.input_shape, len(data.classes)),
    facts=_facts,
)
