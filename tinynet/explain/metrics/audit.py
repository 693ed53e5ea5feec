"""A method examined before it is believed: on the class, on what was learned, on what matters to the network."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import generator
from tinynet.classes import check_labels, predicted
from tinynet.explain.attribution.result import Attribution
from tinynet.explain.metrics.deletion import deletion_curves
from tinynet.explain.metrics.fidelity import fidelity, noise_sensitivity
from tinynet.explain.metrics.randomisation import Method, randomisation, rank_correlations
from tinynet.explain.prediction import Prediction
from tinynet.network import Network
from tinynet.notebook import ShownAsText
from tinynet.signatures import checked
from tinynet.types import Array

# The limits stand between what good and bad methods that were made for the purpose get (tests/test_audit.py): the exact
# answer of a linear network; an edge detector, a constant, the exact answer with its sign turned or of another class.
MOST_ALIKE = 0.9  # rank correlation of maps that should differ
LEAST_ALIKE = 0.9  # of maps that should be the same
MOST_LEFT_OVER = 0.05  # of what is to be explained
MOST_OFTEN = 0.5  # of the images, whose own class must be the one that the order harms most
SPREADS = 2.0  # standard deviations of random orders that an order must beat


WORDS = {  # of a check that is passed, and of one that is not
    "class": ("it depends on the class asked about", "it hardly depends on the class asked about"),
    "learning": ("it depends on what was learned", "it hardly depends on what was learned"),
    "deletion": ("its order of pixels beats chance", "its order of pixels is no better than chance"),
    "own class": ("its order harms its own class most", "its order harms other classes as much as its own"),
    "fidelity": ("it foretells what removals do", "it foretells what removals do no better than a map without places"),
    "sum": ("it adds up", "it does not add up"),
    "seeds": ("other seeds give the same", "other seeds give something else"),
    "labels": ("it depends on the labels learned from", "it hardly depends on the labels learned from"),
}


@dataclass(frozen=True)
class Check:
    """One question of an audit.

    Attributes
    ----------
    name : str
    value : float
        What was measured, the mean over images and repeats; NaN if there is no answer.
    control : float or None
        What it is to be compared with.
    passed : bool or None
        None where the question does not apply to the method.
    meaning : str
        The question, the value and the control in words.
    """

    name: str
    value: float
    control: float | None
    passed: bool | None
    meaning: str


@dataclass(frozen=True)
class Audit(ShownAsText):
    """What a method of attribution stood and failed.

    Attributes
    ----------
    method : str
    images : int
        Number of images that it was tried on.
    checks : tuple of Check
    """

    method: str
    images: int
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed is not False for check in self.checks)

    def __getitem__(self, name: str) -> Check:
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(f"no check {name!r}; there are {', '.join(check.name for check in self.checks)}")

    def short(self) -> str:
        """Return the audit in one line."""
        failed = [check.name for check in self.checks if check.passed is False]
        asked = sum(check.passed is not None for check in self.checks)
        return f"{self.method}: passes {asked - len(failed)} of {asked} checks" + (
            f", fails {', '.join(failed)}" if failed else ""
        )

    def in_words(self) -> str:
        """Return the audit in one line that needs no table: what passed, and what did not."""
        parts = []
        for passed, verb in ((True, "passes"), (False, "fails")):
            told = [WORDS[check.name][not passed] for check in self.checks if check.passed is passed]
            if told:
                asked = sum(check.passed is not None for check in self.checks)
                parts.append(f"{verb} {len(told)} of {asked} checks: {', '.join(told)}")
        return (
            f"Tried on {self.images} images, the map, the {self.method}, {'. It '.join(parts) or 'was asked nothing'}."
        )

    def __str__(self) -> str:
        verdicts = {True: "passes", False: "FAILS", None: "-"}
        rows = [("check", "value", "control", "", "")]
        for check in self.checks:
            control = "" if check.control is None else f"{check.control:.3g}"
            rows.append((check.name, f"{check.value:.3g}", control, verdicts[check.passed], check.meaning))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [f"{self.method}, on {self.images} images"]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)]
            lines.append("  ".join([*cells, row[4]]).rstrip())
        return "\n".join(lines)


@checked
def audit(
    net: Network,
    method: Method,
    x: ArrayLike,
    labels: ArrayLike,
    *,
    of: str = "logit",
    replace: ArrayLike = 0.0,
    cheap: bool = False,
    train: Callable[[Array], Network] | None = None,
    rng: int | np.random.Generator = 0,
) -> Audit:
    """Examine a method of attribution on a network and some images, beside what chance and controls give.

    Parameters
    ----------
    net : Network
        A trained classifier.
    method : callable
        ``method(net, x, target)`` returns one map an image, of the images' shape: any of
        :mod:`tinynet.explain.attribution`, or your own.
    x : array_like of shape (N, *input_shape)
        Images; some twenty are enough.
    labels : array_like of shape (N,)
        The class whose maps are examined.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction the curves are of.
    replace : float or array_like
        What stands where a pixel is removed: one number, an image, or one for each image. The mean image is fairer than
        black to methods that start from it, and to images that are dark.
    cheap : bool
        Leave out what takes many maps: single layers, noise, seeds.
    train : callable, optional
        ``train(labels)`` returns a network of the same kind, trained on the same images with other labels; then maps
        are also compared with those of a network that learned random labels.
    rng : int or numpy.random.Generator
        For all that is drawn.

    Returns
    -------
    Audit

    References
    ----------
    Adebayo et al. 2018; Yeh et al. 2019; Samek et al. 2017; Binder et al. 2023.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Flatten(), tn.Dense(3), tn.Softmax()], input_shape=(1, 6, 6))
    >>> x = np.random.default_rng(0).normal(size=(8, 1, 6, 6))
    >>> report = tn.explain.audit(net, tn.explain.gradient_times_input, x, net(x).argmax(axis=1))
    >>> report.passed
    True
    """
    draw = np.random.default_rng(generator(rng).integers(2**63))  # no network was drawn from this seed
    images = net.as_batch(x)
    classes = check_labels(labels, Prediction(net, of).count)
    if len(images) != len(classes) or not len(images):
        raise ValueError(f"got {len(images)} images and {len(classes)} labels, expected as many, and at least one")
    found = method(net, images, classes)
    maps = np.asarray(found, np.float64)
    if maps.shape != images.shape:
        raise ValueError(f"the method returned maps of shape {maps.shape}, expected {images.shape}, as the images")
    if not np.isfinite(maps).all():
        raise ValueError("the method returned values that are no finite numbers (NaN or infinite)")
    checks = [
        _class_sensitivity(net, method, images, classes, maps, of),
        *_randomisation(net, method, images, classes, draw, cheap),
        *_deletion(net, maps, images, classes, of, replace, draw),
        _completeness(found),
    ]
    if not cheap:
        checks += [_noise(net, method, images, classes, draw), _repeatability(net, method, images, classes)]
    if train is not None:
        checks.append(_random_labels(train, method, images, classes, maps, draw))
    return Audit(_name(method, found), len(images), tuple(checks))


def _class_sensitivity(net: Network, method: Method, x: Array, classes: Array, maps: Array, of: str) -> Check:
    prediction = Prediction(net, of)
    values = prediction.value(net.trace(x), prediction.classes_of("all", len(x))).T.copy()
    values[np.arange(len(x)), classes] = np.inf
    other = np.asarray(method(net, x, values.argmin(axis=1)), np.float64)
    alike = _mean(rank_correlations(maps, other))
    return Check(
        "class",
        alike,
        None,
        bool(alike < MOST_ALIKE),
        f"rank correlation with the map of the least likely class, below {MOST_ALIKE}: the map depends on the class",
    )


def _randomisation(
    net: Network, method: Method, x: Array, classes: Array, draw: np.random.Generator, cheap: bool
) -> list[Check]:
    found = randomisation(net, method, x, classes, repeats=1 if cheap else 3, rng=draw)
    alike, pair = _mean(found.absolute[:, -1]), _mean(found.random_pair)
    checks = [
        Check(
            "learning",
            alike,
            pair,
            bool(alike < MOST_ALIKE),
            f"rank correlation of sizes with the map of a network drawn anew, below {MOST_ALIKE}; control: of two such",
        )
    ]
    if not cheap:
        alone = randomisation(net, method, x, classes, cascading=False, repeats=1, rng=draw)
        by_layer = [_mean(alone.absolute[:, step]) for step in range(len(alone.layers))]
        changes = [alike < MOST_ALIKE for alike in by_layer]
        least = alone.layers[int(np.argmax(np.nan_to_num(by_layer, nan=1.0)))]
        checks.append(
            Check(
                "layers",
                float(np.mean(by_layer)),
                None,
                None,
                f"the same with one layer drawn anew: below {MOST_ALIKE} for {sum(changes)} of {len(changes)}, highest "
                f"for {least}",
            )
        )
    return checks


def _deletion(
    net: Network, maps: Array, x: Array, classes: Array, of: str, replace: ArrayLike, draw: np.random.Generator
) -> list[Check]:
    curves = deletion_curves(net, maps, x, "all", of, replace=replace, rng=draw)
    rows = np.arange(len(x))
    gap, chance = float(curves.gap[classes, rows].mean()), curves.random_gap[:, classes, rows].mean(axis=1)
    least = SPREADS * float(chance.std(ddof=1)) + float(chance.mean())
    own = float(np.mean(curves.gap.argmax(axis=0) == classes))
    foretold, by_size = (
        float(fidelity(net, values, x, classes, of, replace=replace, rng=seed).mean())
        for seed in [int(draw.integers(2**31))]
        for values in (maps, np.ones_like(maps))
    )
    return [
        Check(
            "deletion",
            gap,
            least,
            bool(gap > least),
            f"{of} kept when the least important pixels go first, less when the most important do; control: random "
            f"orders, mean and {SPREADS:g} standard deviations",
        ),
        Check(
            "own class",
            own,
            1 / len(curves.gap),
            bool(own > MOST_OFTEN),
            f"share of images whose own class is the one that the order harms most, over {MOST_OFTEN}; control: chance",
        ),
        Check(
            "fidelity",
            foretold,
            by_size,
            bool(foretold > by_size),
            "share of what random removals do that the map foretells; control: a map that is the same everywhere",
        ),
    ]


def _completeness(found: ArrayLike) -> Check:
    if not isinstance(found, Attribution) or found.explained is None:
        return Check("sum", np.nan, None, None, "the method promises no sum")
    size = float(np.abs(found.explained).mean())
    left = float(np.abs(found.remainder).mean()) / size if size else 0.0
    return Check(
        "sum",
        left,
        None,
        bool(left < MOST_LEFT_OVER),
        f"share of what is to be explained that is left over, below {MOST_LEFT_OVER}",
    )


def _noise(net: Network, method: Method, x: Array, classes: Array, draw: np.random.Generator) -> Check:
    change = _mean(noise_sensitivity(net, method, x, classes, rng=draw))
    return Check(
        "noise", change, None, None, "largest change of the map, in its own size, under noise of 2 % of the range"
    )


def _repeatability(net: Network, method: Method, x: Array, classes: Array) -> Check:
    if "rng" not in inspect.signature(method).parameters:
        return Check("seeds", 1.0, None, None, "the method draws nothing")
    maps = [np.asarray(method(net, x, classes, rng=seed), np.float64) for seed in (0, 1)]  # type: ignore[call-arg]
    alike = _mean(rank_correlations(*maps))
    return Check(
        "seeds",
        alike,
        None,
        bool(alike > LEAST_ALIKE),
        f"rank correlation of the maps of two seeds, over {LEAST_ALIKE}",
    )


def _random_labels(
    train: Callable[[Array], Network], method: Method, x: Array, classes: Array, maps: Array, draw: np.random.Generator
) -> Check:
    other = train(draw.permutation(classes))
    if not isinstance(other, Network):
        raise ValueError(f"train returned {other!r}, expected a network")
    alike = _mean(rank_correlations(np.abs(maps), np.abs(np.asarray(method(other, x, classes), np.float64))))
    learned = float(np.mean(predicted(other(x)) == classes))
    return Check(
        "labels",
        alike,
        learned,
        bool(alike < MOST_ALIKE),
        f"rank correlation of sizes with the map of a network that learned random labels, below {MOST_ALIKE}; control: "
        f"share of the true labels that it gives",
    )


def _mean(values: Array) -> float:
    """Return the mean over what has an answer; NaN if nothing has."""
    answers = values[~np.isnan(values)]
    return float(answers.mean()) if answers.size else float("nan")


def _name(method: Method, found: ArrayLike) -> str:
    if isinstance(found, Attribution):
        return found.method
    return str(getattr(method, "__name__", type(method).__name__)).replace("_", " ").strip("<>")
