"""Two networks, the same faces, other labels: what Meniconi, Ramasamy and Prabakaran set out to see, with a null.

Networks are trained that are alike but for their label and their seed, so that what tells two labels apart can be held
against what tells two seeds apart. The images given are used if they are photographs with CelebA's attributes; faces
are drawn otherwise. Digits are MNIST's if that is what is given, and drawn otherwise.
"""

from collections.abc import Mapping

from tinynet.datasets import Dataset
from tinynet.network import Network
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.study import Study
from tinynet.studies.meniconi import attributes, digits, faces, heads, looking, plan, telling, vgg


def _network(data: Dataset) -> Network:
    ours = faces.faces(data)
    return Network(faces.layers(ours, 1), faces.seen(ours.take([0])).shape[1:])


def _facts(data: Dataset, budget: Budget) -> Mapping[str, str]:
    ours = faces.faces(data)
    kind = faces.kind(ours)
    images, of_many = (round(faces.TRAINED * each(data, budget)) for each in (plan.images, plan.images_of_many))
    first, second, third = kind.labels
    return {
        "Networks": f"{budget.seeds} seeds a label from a common start, which was trained on {', '.join(kind.others)}, "
        f"and as many from starts of their own",
        "Labels": f"{first} and {second}; {third} is the control for mere difficulty",
        "Training": f"{budget.epochs} epochs on {of_many} images of {ours.name} and their mirror images, for MR-3 and "
        f"MR-4 on {images}; Adam, binary cross-entropy",
    }


STUDY = Study(
    name="meniconi",
    title="Two networks, the same faces",
    lede="Two identical networks learn different labels of the same faces: where each looks, how their weights move, "
    "and which statistics tell them apart more than two seeds of one label.",
    sources=(
        "N. Meniconi, G. Ramasamy, R. Prabakaran: Exploring the mechanisms of feature extraction.",
        "K. Simonyan, A. Zisserman: Very deep convolutional networks for large-scale image recognition, 2015.",
        "Z. Liu, P. Luo, X. Wang, X. Tang: Deep learning face attributes in the wild, 2015.",
        "S. Kornblith et al.: Similarity of neural network representations revisited, 2019, for CKA.",
        "Y. Benjamini, Y. Hochberg: Controlling the false discovery rate, 1995.",
    ),
    data=faces.DRAWN_FACES,
    full=Budget(seeds=6, epochs=10),
    quick=Budget(seeds=4, epochs=5, quick=True),
    experiments=tuple(module.EXPERIMENT for module in (attributes, vgg, looking, digits, heads, telling)),
    network=_network,
    facts=_facts,
)
