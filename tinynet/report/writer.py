"""From a trained network to the folder of a report."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

import tinynet
from tinynet import files
from tinynet.arguments import whole_number
from tinynet.datasets import Dataset
from tinynet.explain.ablation.orders import OrderErrors
from tinynet.explain.metrics.audit import Audit
from tinynet.network import Network
from tinynet.pages.live import why_not
from tinynet.pages.page import Page, render
from tinynet.pages.section import Section
from tinynet.plots import count_of, gradient_of, visible
from tinynet.report import findings as finding
from tinynet.report.findings import Findings, ranking
from tinynet.report.folder import FORMAT, SUMMARY, workshop, write_text
from tinynet.report.hits import Hits
from tinynet.report.live import living
from tinynet.report.progress import Progress
from tinynet.report.sections import count, glance, sections
from tinynet.report.sections.images import verdict
from tinynet.report.sections.knockouts import class_error, telling_counts, without
from tinynet.report.sections.units import most_particular, which_ranking
from tinynet.report.sections.words import named
from tinynet.report.summary import Settings, Summary
from tinynet.report.trust import about, in_a_sentence, trust
from tinynet.signatures import checked
from tinynet.training import History
from tinynet.types import Array

DPI = 130
OVERALL = "(all classes)"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a cell begins with that a spreadsheet runs
SOURCES = (
    "H. Z. Lo, J. P. Cohen, W. Ding: Prediction gradients for feature extraction and analysis from convolutional "
    "neural networks, 2015.",
    "H. Z. Lo: Querying deep neural networks with gradients, thesis, University of Massachusetts Boston, 2016.",
)


@checked
def explain_network(
    net: Network,
    data: Dataset,
    out: str | os.PathLike[str] = "explained",
    *,
    train: Dataset | None = None,
    test: Dataset | None = None,
    settings: Settings | None = None,
    of: str = "logit",
    history: History | None = None,
    rng: int = 0,
    progress: bool = True,
) -> Summary:
    """Explain a trained network and write the report, whole or not at all.

    Parameters
    ----------
    net : Network
        A classifier.
    data : Dataset
        All images; the class gradients and the knock-outs are of them, as in the thesis.
    out : path
        Folder to write to. An earlier report there is replaced.
    train, test : Dataset, optional
        Those it was trained on, and those it is tested on; ``data.split(rng=rng, by_class=True)`` if not given, as
        ``python -m tinynet explain`` splits.
    settings : Settings, optional
        How the network came to be.
    of : {"logit", "probability", "log_probability", "margin"}
        What the gradients are of.
    history : History, optional
        Of the training.
    rng : int
        Seed of the random orders, and of the sample that knock-outs of large data sets are measured on.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Summary
        Its `folder` holds ``report.html``; ``print`` says it in five lines, and a notebook links to it.

    Raises
    ------
    ValueError, OSError
        If the network and the data do not fit each other, one of `train` and `test` is given alone, or the folder
        cannot be written to: before the work starts.

    References
    ----------
    Lo, Cohen and Ding 2015; Lo 2016, chapter 4.
    """
    if (train is None) != (test is None):
        raise ValueError(
            f"{'train' if train is None else 'test'} is not given, expected both train and test, or neither"
        )
    finding.check(net, data)
    whole_number("rng", rng, 0)
    if train is None or test is None:
        train, test = data.split(rng=rng, by_class=True)
    for part in (train, test):
        finding.check(net, part)
    settings = settings or Settings("tn.explain_network(net, data)", "a network of yours", {"split": rng})
    start = time.perf_counter()
    bar = Progress(finding.steps(data, test) + count(history), show=progress)
    with bar.bar, workshop(out) as bench:
        found = finding.find(net, data, train=train, test=test, of=of, rng=rng, progress=bar)
        with bar.stage("figures"):
            (first, *parts), pictures = _draw(found, history, bench / "figures", bar)
        _write_arrays(found, bench)
        write_text(bench / "ranking.csv", _ranking(found))
        names = [*_names(bench), "report.html", SUMMARY]
        bar.seconds["explaining, in all"] = round(time.perf_counter() - start, 3)
        summary = Summary(Path(out), _values(found, settings, rng, names))
        page = replace(
            _page(found, settings, summary.values),
            picture=first,
            whole=_named(parts, "features"),
            **_living(found, test, rng),
        )
        write_text(bench / "report.html", render(page, parts, pictures))
        write_text(bench / SUMMARY, json.dumps(summary.values, indent=1, allow_nan=False, ensure_ascii=True) + "\n")
    return summary


def _draw(
    found: Findings, history: History | None, folder: Path, bar: Progress
) -> tuple[list[Section], dict[str, bytes]]:
    """Draw the figures, write them to the folder, and return the sections with their pictures."""
    drawn, pictures = [], {}
    folder.mkdir()
    for section in chain([glance(found)], sections(found, history)):
        if section.figure is not None:
            stream = io.BytesIO()
            section.figure.savefig(stream, format="png", dpi=DPI)
            pictures[section.name] = stream.getvalue()
            (folder / f"{section.name}.png").write_bytes(stream.getvalue())
        drawn.append(section)
        bar.step()
    return drawn, pictures


def _write_arrays(found: Findings, bench: Path) -> None:
    found.net.save(bench / "net.npz")
    arrays = {f"class/{name}": gradient for name, gradient in found.gradients.items()}
    arrays |= {f"convolutional/{name}": strength for name, strength in found.strength.items()}
    arrays |= {f"support/{name}": support for name, support in found.support.items()}
    description = {"format": "tinynet gradients", "version": 1, "of": found.of, "classes": list(found.data.classes)}
    files.save_arrays(bench / "gradients.npz", description, arrays)


def _ranking(found: Findings) -> str:
    """Return the ranking of every class, and on average over the classes, as CSV."""
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(["class", "rank", "layer", "unit", "strength", "support", "particular"])
    for label, name in [*enumerate(found.data.classes), (None, OVERALL)]:
        support, particular = dict(ranking(found.support, label)), dict(ranking(found.particular, label))
        for rank, (unit, strength) in enumerate(ranking(found.strength, label), start=1):
            values = map(repr, (strength, support[unit], particular[unit]))
            table.writerow([_cell(name), rank, _cell(unit.layer), unit.unit, *values])
    return stream.getvalue()


def _cell(name: str) -> str:
    """Return a name as a cell that no spreadsheet takes for a formula."""
    return f"'{visible(name)}" if name[:1] in FORMULA else visible(name)


def _names(bench: Path) -> list[str]:
    return sorted(path.relative_to(bench).as_posix() for path in bench.rglob("*") if path.is_file())


def _values(found: Findings, settings: Settings, rng: int, names: list[str]) -> dict[str, Any]:
    """Return what the summary holds."""
    data = found.data
    seconds = dict(found.seconds)
    if settings.training_seconds is not None:
        seconds = {"training": round(settings.training_seconds, 3), **seconds}
    return {
        "format": FORMAT,
        "version": 1,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": settings.command,
        "data": {
            "name": data.name,
            "images": len(data),
            "classes": list(data.classes),
            "input_shape": list(data.input_shape),
            "licence": data.licence,
            "citation": data.citation,
        },
        "network": {
            "model": settings.model,
            "parameters": found.net.parameter_count,
            "noun": found.noun,
            "units": found.unit_count,
            "units_by_layer": {name: scores.shape[1] for name, scores in found.strength.items()},
        },
        "training": {name: _plain(value) for name, value in settings.training.items()},
        "seeds": {**settings.seeds, "knock-outs": rng},
        "of": found.of,
        "n_train": found.n_train,
        "n_test": found.n_test,
        "train_error": found.train_error,
        "test_error": found.test_error,
        "test_errors": found.test_errors,
        "guessing_error": found.guessing_error,
        "learned_little": found.learned_little,
        "strongest": _first(found.strength),
        "supporting": _first(found.support),
        "particular": [_first(found.particular, label) for label in range(len(data.classes))],
        "consistency": None if found.consistency is None else found.consistency._asdict(),
        "knockouts": _knockouts(found),
        "features": [_feature(found, label) for label in range(len(data.classes))],
        "audit": {"method": found.audited.method, "images": found.audited.images, "checks": _checks(found.audited)},
        "hits": None if found.hits is None else _hits(found.hits),
        "seconds": seconds,
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "tinynet": tinynet.__version__},
        "files": names,
    }


def _knockouts(found: Findings) -> dict[str, Any]:
    counts = found.by_support.counts

    def means(errors: OrderErrors) -> dict[str, list[float]]:
        return {"class_error": class_error(errors).tolist(), "error": errors.error.mean((0, 1)).tolist()}

    at = telling_counts(counts)[0]
    orders = {
        "most supporting first": found.by_support.strongest,
        "least supporting first": found.by_support.weakest,
        "strongest first": found.by_strength.strongest,
        "weakest first": found.by_strength.weakest,
        "random": found.by_support.random,
    }
    return {
        "images": len(found.tried),
        "classes": len(found.by_support.classes),
        "counts": counts.tolist(),
        **{name: means(errors) for name, errors in orders.items()},
        "at": {"index": at, "count": int(counts[at]), "orders": list(orders)},
    }


def _checks(audited: Audit) -> dict[str, Any]:
    return {
        check.name: {
            "value": None if np.isnan(check.value) else check.value,
            "control": None if check.control is None or np.isnan(check.control) else check.control,
            "passed": check.passed,
        }
        for check in audited.checks
    }


def _first(scores: Mapping[str, Array], label: int | None = None) -> dict[str, Any]:
    unit, score = ranking(scores, label)[0]
    return {"layer": unit.layer, "unit": unit.unit, "score": score}


def _hits(hits: Hits) -> dict[str, float]:
    return {"hits": int(hits.hit.sum()), "of": len(hits.hit), "chance": float(hits.chance.sum())}


def _feature(found: Findings, label: int) -> dict[str, Any]:
    feature = found.features[label]
    rows, columns = feature.box
    return {
        "class": found.data.classes[label],
        "layer": feature.layer,
        "unit": feature.unit,
        "place": list(feature.place),
        "value": feature.value,
        "rows": [rows.start, rows.stop],
        "columns": [columns.start, columns.stop],
        "hit": None if found.hits is None else bool(found.hits.hit[label]),
    }


def _page(found: Findings, settings: Settings, values: Mapping[str, Any]) -> Page:
    from tinynet.plots import letters

    data, noun = found.data, found.noun
    (supporting, _), (strongest, _) = ranking(found.support)[0], ranking(found.strength)[0]
    at = values["knockouts"]["at"]["index"]
    in_short = [
        *verdict(found),
        which_ranking(noun),
        f"On average over the classes, {named(supporting, noun)} is the most supporting, {named(strongest, noun)} the "
        "strongest.",
        most_particular(found),
        without(found, at, by_strength=False),
        without(found, at, by_strength=True),
    ]
    if found.hits is not None:
        in_short.append(found.hits.in_words())
    seeds = ", ".join(f"{name} {seed}" for name, seed in values["seeds"].items())
    seconds = ", ".join(f"{name} {spent:.1f} s" for name, spent in values["seconds"].items())
    versions = ", ".join(f"{name} {version}" for name, version in values["versions"].items())
    missing = letters.missing(data.classes)
    facts = {
        "Data": f"{data.name}: {data.description or count_of(len(data), 'image')}",
        "Licence": data.licence,
        "Letters": f"no font here has {' '.join(missing)}; figures show their numbers instead" if missing else "",
        "Network": f"{settings.model}, {found.net.parameter_count:,} parameters",
        "Training": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.training.items()),
        "Seeds": seeds,
        "Gradients": f"of the {gradient_of(found.of)}; class gradients are means over all images of the class",
        "Knock-outs": f"output set to 0, measured on {count_of(len(found.tried), 'test image')}",
        "Time": seconds,
        "Versions": versions,
        "Written": values["created"],
    }
    beside = {
        "net.npz": 'the network: tn.Network.load("net.npz")',
        "gradients.npz": 'arrays named "class/…", "convolutional/…" and "support/…": np.load("gradients.npz")',
        "ranking.csv": f"every {noun} of every class: its strength, its support, and what is particular",
        "summary.json": "the numbers of this page",
        "figures/": "its figures, one PNG file each",
    }
    lede = (
        f"A network that tells {count_of(len(data.classes), 'class')} apart, opened up: which of its {noun}s speak for "
        f"each class, what happens without them, and where in an image they look. Rankings and maps are read "
        f"from gradients of the {gradient_of(found.of)}, which backpropagation computes anyway; knock-outs check them."
    )
    return Page(
        title=f"{data.name}, explained",
        lede=lede,
        short=in_short,
        facts={name: text for name, text in facts.items() if text},
        command=settings.command,
        layers=found.net.summary(),
        files=beside,
        sources=[*SOURCES, *([data.citation] if data.citation else [])],
        footer=f"Written by tinynet {tinynet.__version__}. This page needs no network and no other file.",
        finding=f"{about(found)} {in_a_sentence(found)}",
        trust=trust(found),
    )


def _named(parts: Sequence[Section], name: str) -> Section:
    return next(part for part in parts if part.name == name)


def _living(found: Findings, test: Dataset, rng: int) -> dict[str, Any]:
    """Return the network that the page holds, or why it holds none."""
    reason = why_not(found.net)
    if reason:
        return {"notice": f"The network cannot be tried in this page: {reason}."}
    return {"live": living(found, test, rng)}


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
