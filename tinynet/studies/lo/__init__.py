"""The experiments of Lo, Cohen and Ding 2015 and of Lo 2016, each claim beside our measurement."""

from tinynet import models
from tinynet.studies.engine.study import Study
from tinynet.studies.lo import adversarial, basics, error, features, gradients, knockouts, profiles, weakness

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
    epochs=models.named("thesis").epochs,
    trained=error.trained,
    experiments=tuple(
        module.EXPERIMENT for module in (error, gradients, profiles, knockouts, weakness, features, adversarial, basics)
    ),
)
