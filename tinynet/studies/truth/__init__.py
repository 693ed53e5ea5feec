"""Which methods of attribution are right? Judged where the truth is known: by planted pixels, shortcuts, and units.

`networks` trains what is asked and plants the mark, `methods` lists who answers, `judging` compares the answers with
the three truths, `board` puts the methods in order, and `verdicts` makes the claims and the page. `mouth` asks the same
of photographs, where the mouth tells who smiles.

Your own method goes into the same bench::

    from tinynet.studies import truth

    print(truth.leaderboard(my_method))  # my_method(net, x, target) returns one map an image

or, from a file, with all other methods beside it: ``python -m tinynet study truth --method my_methods.py:my_method``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from numpy.typing import ArrayLike

from tinynet import datasets
from tinynet.arguments import whole_number
from tinynet.datasets import Dataset
from tinynet.network import Network
from tinynet.studies.engine.experiment import Budget, Experiment
from tinynet.studies.engine.study import Study
from tinynet.studies.truth import methods, mouth, verdicts
from tinynet.studies.truth.board import Board
from tinynet.studies.truth.judging import IMAGES, QUICK_IMAGES, Judging, judged
from tinynet.studies.truth.methods import CONTROLS, METHODS
from tinynet.studies.truth.networks import ACTIVATIONS, Training, erased, network, parts
from tinynet.types import Array

EPOCHS, QUICK_EPOCHS = 40, 25
QUICK_METHODS = (
    "absolute gradient",
    "gradient x input",
    "integrated gradients from black",
    "integrated gradients from the mean image",
    "Grad-CAM",
    "LRP composite",
    "guided backprop",
    "deconvolution",
)


def jobs(data: Dataset, budget: Budget, own: str | None = None) -> list[Judging]:
    """Return one job a network with all its methods, and one more for a method of one's own; none for photographs.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    own : str, optional
        FILE.py:FUNCTION.
    """
    if mouth.has_smiles(data):
        return []
    images = QUICK_IMAGES if budget.quick else IMAGES
    found = []
    for activation in ACTIVATIONS:
        names = _names(activation, budget)
        for seed in range(budget.seeds):
            training = Training(activation, seed, budget.epochs or EPOCHS)
            found.append(Judging(training, names, images))
            if own is not None:
                found.append(Judging(training, (own,), images))
    return found


def smiles(data: Dataset, budget: Budget, own: str | None = None) -> list[mouth.Smiles]:
    """Return one job a network with all methods and one's own if there is one; none but for photographs of smiles.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    own : str, optional
        FILE.py:FUNCTION.
    """
    names = (*_names(mouth.ACTIVATION, budget), *([] if own is None else [own]))
    return mouth.jobs(budget, names) if mouth.has_smiles(data) else []


def _names(activation: str, budget: Budget) -> tuple[str, ...]:
    """Return the methods that networks of an activation are asked by."""
    return tuple(
        method.name
        for method in METHODS
        if (activation == "relu" or not method.relu_only) and (not budget.quick or method.name in QUICK_METHODS)
    )


def with_method(spec: str) -> Study:
    """Return the study with one method more.

    Parameters
    ----------
    spec : str
        FILE.py:FUNCTION, where ``FUNCTION(net, x, target)`` returns one map an image.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file or function.
    """
    methods.named(spec)
    drawn, photographs = STUDY.experiments
    return replace(
        STUDY,
        experiments=(
            replace(drawn, jobs=lambda data, budget: jobs(data, budget, spec)),
            replace(photographs, jobs=lambda data, budget: smiles(data, budget, spec)),
        ),
    )


def leaderboard(
    function: Callable[[Network, Array, Array], ArrayLike],
    *,
    beside: Sequence[str] = QUICK_METHODS[:4],
    activation: str = "tanh",
    seeds: int = 1,
    epochs: int = EPOCHS,
    images: int = IMAGES,
    data: Dataset | None = None,
) -> Board:
    """Judge a method of your own by all truths, beside a few others; print what is returned.

    Parameters
    ----------
    function : callable
        ``function(net, x, target)`` returns one map an image, (N, C, H, W) or (N, H, W), the higher, the more a pixel
        is said to matter.
    beside : sequence of str
        Names of other methods.
    activation : {"tanh", "relu"}
        Of the networks.
    seeds, epochs, images : int
        Number of networks, how long they train, and how many images each is asked about at most.
    data : Dataset, optional
        Some of the drawn faces; all of them if not given.

    Returns
    -------
    Board
    """
    faces = datasets.load("faces") if data is None else data
    pictures = erased(faces)
    tried = [methods.own(function), *map(methods.named, beside), *CONTROLS]
    numbers = []
    for seed in range(whole_number("seeds", seeds, 1)):
        trainings = [Training(activation, seed, epochs, marked) for marked in (False, True)]
        net, marked = (training.net(faces, training.measure(faces)) for training in trainings)
        numbers.append(judged(net, marked, faces, pictures, seed, tried, images))
    return Board(verdicts.title(activation, seeds), tuple(method.name for method in tried), numbers)


def _facts(data: Dataset, budget: Budget) -> Mapping[str, str]:
    if mouth.has_smiles(data):
        job = smiles(data, budget)[0]
        return {
            "Networks": f"{budget.seeds} with ReLU",
            "Training": f"{min(len(data), job.photographs)} photographs, three quarters of them to train on, "
            f"{job.training.epochs} epochs",
            "Truth": f"the mouth for smiling: {mouth.place(data)}",
        }
    train, test = parts(data, 0)
    return {
        "Networks": f"{2 * budget.seeds} with tanh and as many with ReLU, half of them trained with a planted mark",
        "Training": f"{len(train)} images to train on, {len(test)} to be asked about, {budget.epochs or EPOCHS} epochs",
        "Not asked": "photographs; --data celeba:DIR judges the same methods by the mouth for smiling",
    }


STUDY = Study(
    name="truth",
    title="Which explanation is right?",
    lede="Methods of attribution, judged where the truth is known: the one feature that tells a drawn face from its "
    "look-alikes, a mark that a network was led to use, and filters whose worth can be counted out; on photographs, "
    "the mouth for smiling.",
    sources=(
        "J. Adebayo et al.: Sanity checks for saliency maps, 2018.",
        "W. Nie, Y. Zhang, A. Patel: A theoretical explanation for perplexing behaviors of backpropagation-based "
        "visualizations, 2018.",
        "J. Zhang et al.: Top-down neural attention by excitation backprop, 2018, for the pointing game.",
        "L. S. Shapley: A value for n-person games, 1953.",
        "Z. Liu, P. Luo, X. Wang, X. Tang: Deep learning face attributes in the wild, 2015, for aligned photographs.",
    ),
    data="faces",
    full=Budget(seeds=3, epochs=EPOCHS),
    quick=Budget(seeds=1, epochs=QUICK_EPOCHS, quick=True),
    experiments=(
        Experiment(jobs, verdicts.claims, verdicts.sections, verdicts.printed),
        Experiment(smiles, mouth.claims, mouth.sections, mouth.printed),
    ),
    network=lambda data: network(mouth.ACTIVATION if mouth.has_smiles(data) else "tanh", data),
    facts=_facts,
)
