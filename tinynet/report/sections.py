"""The parts of the page: each a figure, how to read it, and what it shows in this run, in words made from numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from tinynet import plots
from tinynet.datasets.dataset import PLANTED
from tinynet.pages.section import Section
from tinynet.plots import count_of, gradient_of, number
from tinynet.report.findings import Findings
from tinynet.training import History

NAMED = 6  # names that a sentence lists at most
SIGNIFICANT = 0.01  # p-value up to which patterns are called more alike


def sections(findings: Findings, run: History | None = None) -> Iterator[Section]:
    """Yield the parts of the page, in order.

    Parameters
    ----------
    findings : Findings
    run : History, optional
        Of the training, if the network was trained now.
    """
    yield images(findings)
    if run is not None and len(run):
        yield training(run)
    yield test(findings)
    yield circles(findings)
    yield profiles(findings)
    yield ranking(findings)
    yield knockouts(findings)
    yield features(findings)
    yield pixels(findings)
    yield maps(findings)


def count(run: History | None) -> int:
    """Return the number of parts of the page.

    Parameters
    ----------
    run : History, optional
        Of the training.
    """
    return 9 + (run is not None and len(run) > 0)


def images(findings: Findings) -> Section:
    """Show one image of each class.

    Parameters
    ----------
    findings : Findings
    """
    data = findings.data
    channels, height, width = data.input_shape
    colours = {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")
    per_class = np.bincount(data.labels, minlength=len(data.classes))
    each = (
        f"{per_class.min():,}" if per_class.min() == per_class.max() else f"{per_class.min():,} to {per_class.max():,}"
    )
    return Section(
        "images",
        "The images",
        plots.image_grid(data.x[findings.typical], data.classes, f"{data.name}: one image of each class"),
        f"One image of each class: {listed(data.classes)}.",
        "The image of each class that is nearest to the mean of its class. Pixels and the name of the class are all "
        "that the network is told.",
        (
            f"{data.name} holds {count_of(len(data), 'image')} of {count_of(len(data.classes), 'class')}, {each} of "
            f"each, {width} × {height} pixels, {colours}. {findings.n_train:,} of them are for training, "
            f"{findings.n_test:,} for testing.",
        ),
    )


def training(run: History) -> Section:
    """Show how the network was trained.

    Parameters
    ----------
    run : History
    """
    found = f"After {count_of(len(run), 'epoch')} the loss was {number(run.loss[-1])} on the training images"
    if run.validation_loss:
        found += f" and {number(run.validation_loss[-1])} on the others"
    return Section(
        "training",
        "Training",
        plots.history(run),
        "Two curves over the epochs: the loss and the share of misclassified images.",
        "Each epoch meets every training image once. The loss is what training lowers; the error is what one wants "
        "low. Where the two lines part, the network learns the training images by heart.",
        (found + ".",),
    )


def test(findings: Findings) -> Section:
    """Show which test images are misclassified.

    Parameters
    ----------
    findings : Findings
    """
    found = [
        f"The network misclassifies {findings.test_errors:,} of {count_of(findings.n_test, 'test image')} "
        f"({percent(findings.test_error)}) and "
        f"{percent(findings.train_error) if findings.train_error else 'none'} of the training images."
    ]
    mistakes = findings.confusion - np.diag(np.diag(findings.confusion))
    if mistakes.any():
        row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
        names = findings.data.classes
        times = "once" if mistakes.max() == 1 else f"{mistakes.max():,} times"
        most = "" if mistakes.sum() == mistakes.max() else " most often"
        found.append(f"{names[row]} is predicted as {names[column]}{most}, {times}.")
    return Section(
        "test",
        "Test images",
        plots.confusion(findings.confusion, findings.data.classes),
        "A table of classes against what they are predicted as; " + found[0],
        "Each row is a class, each column what its test images are predicted as. On the diagonal the network is right.",
        tuple(found),
    )


def circles(findings: Findings) -> Section:
    """Show the network as circles, as each class uses it.

    Parameters
    ----------
    findings : Findings
    """
    classes, noun = findings.data.classes, findings.noun
    tops = [findings.ranking(label)[0] for label in range(len(classes))]
    values = np.array([value for _, value in tops])
    (favourite, times), *others = Counter(unit for unit, _ in tops).most_common()
    found = [
        f"The strongest is {named(favourite, noun)} for {times} of {count_of(len(classes), 'class')}"
        + (f"; {count_of(len(others), 'other')} for the rest." if others else ".")
    ]
    if values.min() > 0:
        high, low = int(values.argmax()), int(values.argmin())
        found.append(
            f"The strongest value is largest for {classes[high]} ({number(values[high])}) and smallest for "
            f"{classes[low]} ({number(values[low])}), {values[high] / values[low]:.1f} times less."
        )
    else:
        silent = [name for name, value in zip(classes, values, strict=True) if value == 0]
        found.append(
            f"All gradients of {listed(silent)} are 0: where a probability has reached 1 it no longer changes. "
            "Gradients of the logit do not vanish like that."
        )
    return Section(
        "network",
        "The network as each class uses it",
        plots.network_circles(findings.scores, findings.data.x[findings.typical], classes, findings.of, noun=noun),
        f"For each class its image and the network as rows of circles, a row for each layer. {found[0]}",
        f"One row for each layer, one circle for each {noun}, number 0 on the left. The whiter a circle, the more a "
        f"small change of that {noun}'s output would change the {gradient_of(findings.of)} of the class: it shows "
        + (
            "the convolutional gradient, which is the square root of the sum of squares over the filter's map of the "
            "class "
            if noun == "filter"
            else "the absolute value of the class "
        )
        + "gradient, and that is the mean of the prediction gradients of all images of the class. White is the "
        f"strongest {noun} of the panel, black is 0.",
        tuple(found),
    )


def profiles(findings: Findings) -> Section:
    """Show that images of one class use the network alike.

    Parameters
    ----------
    findings : Findings
    """
    data, sample = findings.data, findings.sample
    chosen = [
        at for label in range(min(len(data.classes), 3)) for at in np.flatnonzero(data.labels[sample] == label)[:3]
    ]
    ends = np.cumsum([values.shape[1] for values in findings.scores.values()])[:-1]
    parts = np.split(findings.profiles[chosen], ends, axis=1)
    scores = dict(zip(findings.scores, parts, strict=True))
    compared, found = findings.consistency, []
    if compared is not None:
        verdict = "more alike" if compared.p_value <= SIGNIFICANT else "no more alike"
        found = [
            f"The patterns are {verdict} within a class than between classes: the mean cosine of two images of one "
            f"class is {compared.within:.3f}, of two classes {compared.between:.3f} (permutation test, "
            f"p = {compared.p_value:.3f}).",
            f"For {percent(compared.nearest)} of the images, the most similar other pattern is that of an image of the "
            f"same class; chance would give {percent(compared.nearest_by_chance)}.",
        ]
    return Section(
        "profiles",
        "The same for single images",
        plots.network_circles(
            scores,
            data.x[sample[chosen]],
            [data.classes[label] for label in data.labels[sample[chosen]]],
            findings.of,
            what="prediction gradient",
            noun=findings.noun,
        ),
        "Images of the first classes, each with the network as rows of circles. " + " ".join(found),
        "As above, but for single images: three each of the first classes. If the mean over a class is to mean "
        "anything, the patterns of one class must look alike. Each pattern is of the gradient of the image's own "
        "class, so patterns of two classes also differ in what is asked.",
        tuple(found),
    )


def ranking(findings: Findings) -> Section:
    """Show the strongest and weakest filters of each class.

    Parameters
    ----------
    findings : Findings
    """
    classes, noun = findings.data.classes, findings.noun
    shown = min(3, findings.unit_count)
    rows = [("class", *(f"strongest {i + 1}" for i in range(shown)), *(f"weakest {i + 1}" for i in range(shown)))]
    for label, name in enumerate(classes):
        order = findings.ranking(label)
        cells = [f"{unit.layer} {unit.unit}: {number(value)}" for unit, value in order[:shown] + order[::-1][:shown]]
        rows.append((name, *cells))
    overall = findings.ranking()
    found = [
        f"On average over the classes, {named(overall[0][0], noun)} is the strongest ({number(overall[0][1])}) and "
        f"{named(overall[-1][0], noun)} the weakest ({number(overall[-1][1])})."
    ]
    if len(findings.scores) > 1:
        ranks = {
            layer: [at for at, (unit, _) in enumerate(overall) if unit.layer == layer] for layer in findings.scores
        }
        layers = sorted(ranks, key=lambda layer: sum(ranks[layer]) / len(ranks[layer]))
        found.append(
            f"Strongest as a layer is {layers[0]}, weakest is {layers[-1]}, by the mean rank of their {noun}s."
        )
    return Section(
        "ranking",
        f"Strongest and weakest {noun}s",
        plots.ranking_table(findings.scores, findings.data.x[findings.typical], classes, findings.of, noun, shown),
        f"A table of the strongest and weakest {noun}s of each class. {found[0]}",
        f"Layer and number (from 0) of each {noun}, and the size of its class gradient. Bars compare with the "
        "strongest of the same class. "
        + ("Early layers have larger maps to sum over, which favours them. " if noun == "filter" else "")
        + "The whole ranking is in ranking.csv.",
        tuple(found),
        tuple(rows),
    )


def knockouts(findings: Findings) -> Section:
    """Show what happens without the strongest and the weakest filters.

    Parameters
    ----------
    findings : Findings
    """
    curves, noun = findings.knockouts, findings.noun
    orders = {"strongest first": curves.strongest, "weakest first": curves.weakest, "random": curves.random}
    class_error = {name: errors.class_error.mean(axis=(0, 1)) for name, errors in orders.items()}
    error = {name: errors.error.mean(axis=(0, 1)) for name, errors in orders.items()}
    found = []
    for at in telling_counts(curves.counts):
        found.append(without(int(curves.counts[at]), noun, [percent(errors[at]) for errors in class_error.values()]))
    strongest, weakest, random = (curves.area_under_curve(orders[name]) for name in orders)
    of_all = f"of {count_of(len(strongest), 'class')}"
    sooner, later = int(np.sum(strongest > random)), int(np.sum(weakest < random))
    verdict = (
        "as they should if the ranking finds what matters"
        if 4 * min(sooner, later) >= 3 * len(random)
        else "so the ranking tells less than one would wish"
    )
    found.append(
        f"Strongest first hurts more than chance for {sooner} {of_all}, weakest first less than chance for {later} "
        f"{of_all}, {verdict}."
    )
    if len(findings.sample) < len(findings.data):
        found.append(f"Measured on {len(findings.sample):,} images, the same share of each class.")
    if len(curves.classes) < len(findings.data.classes):
        found.append(f"Measured for the first {len(curves.classes)} classes.")
    header = (f"{noun}s out", *(f"class error, {name}" for name in orders), *(f"error, {name}" for name in orders))
    rows = [
        (f"{taken:,}", *(percent(values[at]) for values in [*class_error.values(), *error.values()]))
        for at, taken in enumerate(curves.counts)
    ]
    return Section(
        "knockouts",
        f"Without {noun}s",
        plots.knockout_curves(curves, findings.of, noun),
        f"Curves of the errors as {noun}s are knocked out. " + " ".join(found[:-1]),
        f"The output of {noun}s is set to 0, one more at each step, in the order of the class's own ranking; the "
        "network is not trained again. On the left, how many images of that class are misclassified; on the right, how "
        "many of all. Lines are means over the classes, bands hold the middle half of them; the dashed line is the "
        f"control, {count_of(curves.random.error.shape[0], 'random order')}. When all are gone the network says the "
        "same for every image, which then happens to be right for one class.",
        tuple(found),
        (header, *rows),
    )


def without(how_many: int, noun: str, lost: Sequence[str]) -> str:
    """Return what a class loses without some units, as a sentence.

    Parameters
    ----------
    how_many : int
        Units knocked out.
    noun : str
        What they are.
    lost : sequence of str
        Shares of the images: without the strongest, the weakest, any.
    """
    some, ends = ("", "") if how_many == 1 else (f"{how_many:,} ", "s")
    return (
        f"Without its {some}strongest {noun}{ends} a class loses {lost[0]} of its images, without its {some}weakest "
        f"{lost[1]}, without {how_many:,} drawn at random {lost[2]}."
    )


def telling_counts(counts: ArrayLike) -> list[int]:
    """Return the positions of two telling numbers of knock-outs: about a fifth of all, and about a half.

    Parameters
    ----------
    counts : array_like of int
        The numbers, increasing from 0.
    """
    numbers = np.asarray(counts)
    near = [int(np.abs(numbers[1:] - share * numbers[-1]).argmin()) + 1 for share in (0.2, 0.45)]
    return sorted(set(near))


def features(findings: Findings) -> Section:
    """Show the most characteristic feature of each class.

    Parameters
    ----------
    findings : Findings
    """
    data, found = findings.data, findings.features
    shown = data.x[findings.typical]
    maps = np.array([findings.gradients[f.layer][label, f.unit] for label, f in enumerate(found)])
    planted = None if findings.hits is None else data.masks[PLANTED][findings.typical]
    words, where = [], "filter and place" if found[0].layer != "input" else "pixel"
    size = [found[0].box[axis].stop - found[0].box[axis].start for axis in (0, 1)]
    if findings.hits is not None:
        hits, chance = findings.hits.hit, findings.hits.chance
        names = [name for name, hit in zip(data.classes, hits, strict=True) if hit]
        words.append(
            f"What tells each class from the others is known here (dashed outline). The box touches it for "
            f"{hits.sum()} of {count_of(len(hits), 'class')}{': ' + listed(names) if names else ''}. Boxes placed "
            f"anywhere would touch it for {chance.sum():.1f}."
        )
    top = int(np.argmax([f.value for f in found]))
    words.append(f"The highest gradient of all is that of {data.classes[top]} ({number(found[top].value)}).")
    return Section(
        "features",
        "What is most characteristic",
        plots.characteristic_features(shown, maps, found, data.classes, findings.of, planted),
        f"Each class's image with a box around its most characteristic feature. {words[0]}",
        f"The {where} at which a little more would raise the {gradient_of(findings.of)} of the class the most. On the "
        f"left the box of {size[1]} × {size[0]} pixels that it sees, drawn on the class's typical image; on the right "
        "the class gradient of that map: white raises, black lowers, grey does nothing.",
        tuple(words),
    )


def pixels(findings: Findings) -> Section:
    """Show which pixels of the typical images matter.

    Parameters
    ----------
    findings : Findings
    """
    data, found = findings.data, []
    if findings.hits is not None:
        masks = data.masks[PLANTED][findings.typical]
        total = findings.saliency.sum(axis=(1, 2))
        inside = (findings.saliency * masks).sum(axis=(1, 2))
        shares = np.divide(inside, total, out=np.zeros(len(total)), where=total > 0)
        found.append(
            f"{percent(shares.mean())} of the saliency falls on what tells the class from the others, on "
            f"{percent(masks.mean())} of the pixels: {shares.mean() / masks.mean():.1f} times its share."
        )
    return Section(
        "saliency",
        "Which pixels matter",
        plots.saliency_maps(data.x[findings.typical], findings.saliency, data.classes, findings.of),
        "Each class's image beside a map of how much each of its pixels matters. " + " ".join(found),
        f"The brighter a pixel on the right, the more a small change of it would change the {gradient_of(findings.of)} "
        "of the true class of this one image. The map says how the network would answer to changes, not what made it "
        "decide.",
        tuple(found),
    )


def maps(findings: Findings) -> Section:
    """Show every filter's output for one image.

    Parameters
    ----------
    findings : Findings
    """
    name, image = findings.data.classes[0], findings.data.x[findings.typical[0]]
    outputs = {output: findings.net.trace(image[None])[output][0] for output in findings.scores}
    silent = sum(
        int(np.sum(np.ptp(maps.reshape(len(maps), -1), axis=1) == 0)) for maps in outputs.values() if maps.ndim == 3
    )
    found = []
    if silent:
        found.append(
            f"{count_of(silent, findings.noun)} put out the same value everywhere: dead, or blind to this image."
        )
    return Section(
        "outputs",
        f"What the {findings.noun}s put out",
        plots.feature_maps(
            findings.net, image, f"Output of every {findings.noun} for one image of {plots.short(name, 3)}"
        ),
        f"The outputs of all {findings.noun}s for one image of {name}, a row for each layer.",
        "One row for each layer, number 0 on the left. Grey is 0, white is positive, black negative, on one scale for "
        "each layer."
        + (" Early filters show the image again, late ones know little of place." if findings.noun == "filter" else ""),
        tuple(found),
    )


def named(unit: tuple[str, int], noun: str) -> str:
    """Return a unit in words, such as "filter 3 of tanh1".

    Parameters
    ----------
    unit : Unit
    noun : str
        What it is.
    """
    return f"{noun} {unit[1]} of {unit[0]}"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words, the first few of many.

    Parameters
    ----------
    names : sequence of str
    """
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def percent(share: float) -> str:
    """Return a share in per cent.

    Parameters
    ----------
    share : float
        0 to 1.
    """
    return f"{100 * share:.1f} %"
