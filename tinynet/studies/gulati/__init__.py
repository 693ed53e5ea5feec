"""Seeing what filters see: what Gulati, Lyrio, Pommer and Saboya 2017 set out to show, and left as a skeleton.

Each row is of its own kind of images. The data set given stands in for the document's digits if it is grey, and for its
photographs if it is in colour; what is not given is drawn.
"""

from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.study import Study
from tinynet.studies.gulati import atlas, designs, digits, dreams, letters, photographs

STUDY = Study(
    name="gulati",
    title="Seeing what filters see",
    lede="Weights as pictures, feature maps, deconvolution, dreams, and better designs by looking: what the document "
    "set out to show, on letters, digits and photographs, with a number beside each picture.",
    sources=(
        "A. Gulati, J. Lyrio, R. Pommer, H. Saboya: Advanced machine learning, final project, Columbia University, "
        "2017.",
        "M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks, 2014.",
        "J. Adebayo et al.: Sanity checks for saliency maps, 2018.",
        "C. Olah, A. Mordvintsev, L. Schubert: Feature visualization, 2017.",
    ),
    data="digits:8000",
    full=Budget(seeds=5),
    quick=Budget(seeds=3, quick=True),
    experiments=tuple(module.EXPERIMENT for module in (letters, digits, photographs, dreams, designs, atlas)),
)
