"""The images, how the network was trained on them, and how well it tells them apart."""

from __future__ import annotations

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.plots import count_of, number
from tinynet.report.findings import Findings
from tinynet.report.sections.words import listed, percent
from tinynet.training import History


def images(findings: Findings) -> Section:
    """Show one image of each class."""
    data = findings.data
    channels, height, width = data.input_shape
    colours = {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")
    per_class = np.bincount(data.labels, minlength=len(data.classes))
    least, most = f"{per_class.min():,}", f"{per_class.max():,}"
    each = least if least == most else f"{least} to {most}"
    return Section(
        "images",
        "The images",
        plots.image_grid(data.x[findings.typical], data.classes, f"{data.name}: one image of each class"),
        f"One image of each class: {listed(data.classes)}.",
        "The image of each class that is nearest to the mean of its class. Pixels and the name of the class are all "
        "that the network is told.",
        (
            f"{data.name} holds {count_of(len(data), 'image')} of {count_of(len(data.classes), 'class')}, {each} of "
            f"each, {width} x {height} pixels, {colours}. {findings.n_train:,} of them are for training, "
            f"{findings.n_test:,} for testing.",
        ),
    )


def training(run: History) -> Section:
    """Show how the network was trained."""
    found = f"After {count_of(len(run), 'epoch')} the loss was {number(run.loss[-1])} on the training images"
    if run.validation_loss:
        found += f" and {number(run.validation_loss[-1])} on the test images"
    return Section(
        "training",
        "Training",
        plots.history(run, "test images"),
        "Two curves over the epochs: the loss and the share of misclassified images.",
        "Each epoch is one pass over the training images. The loss is what training lowers; the error is what one "
        "wants low. Nothing is chosen by the test images, they only look on. Where the two lines part, the network "
        "learns the training images by heart.",
        (found + ".",),
    )


def test(findings: Findings) -> Section:
    """Show which test images are misclassified."""
    found = verdict(findings)
    mistakes = findings.confusion - np.diag(np.diag(findings.confusion))
    if mistakes.any():
        row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
        names = findings.data.classes
        times = "once" if mistakes.max() == 1 else f"{mistakes.max():,} times"
        most = "" if mistakes.sum() == mistakes.max() else " most often"
        found.append(f"{names[row]} is predicted as {names[column]}{most}, {times}.")
    if findings.untested:
        found.append(f"There is no test image of {listed(findings.untested)}, so nothing is known of that error.")
    return Section(
        "test",
        "Test images",
        plots.confusion(findings.confusion, findings.data.classes),
        "A table of classes against what they are predicted as; " + found[-1],
        "Each row is a class, each column what its test images are predicted as. On the diagonal the network is right.",
        tuple(found),
    )


def verdict(findings: Findings) -> list[str]:
    """Return how good the network is, in sentences: a network that has learned little is said to be one first."""
    numbers = (
        f"It misclassifies {findings.test_errors:,} of {count_of(findings.n_test, 'test image')} "
        f"({percent(findings.test_error)}) and {percent(findings.train_error)} of the training images; naming the "
        f"most frequent class every time would misclassify {percent(findings.guessing_error)} of the test images."
    )
    if findings.learned_little:
        return ["This network has learned little, so what follows explains little.", numbers]
    return [numbers.replace("It", "The network", 1)]
