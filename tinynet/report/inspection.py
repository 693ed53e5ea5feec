"""The page that ``python -m tinynet inspect`` writes: what does no work in a network, and advice as code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import tinynet
from tinynet import plots
from tinynet.explain.design import Inspection
from tinynet.explain.design.advice import as_code
from tinynet.files import written_whole
from tinynet.pages.page import Page, render
from tinynet.pages.section import Section

DPI = 130
SOURCES = (
    "A. Gulati, J. Lyrio, R. Pommer, H. Saboya: Advanced machine learning, final project, Columbia University, 2017.",
    "M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks, 2014.",
    "P. Molchanov et al.: Pruning convolutional neural networks for resource efficient inference, 2017.",
    "R. Zhang: Making convolutional networks shift-invariant again, 2019.",
)


def sections(report: Inspection) -> Iterator[Section]:
    """Show the units and costs of each layer, each piece of advice, and the advised network."""
    counts = {kind: report.count(kind) for kind in ("dead", "constant", "copies", "saturated", "free")}
    yield Section(
        "layers",
        "Layer by layer",
        plots.inspection(report),
        "Bars: how many units of each hidden layer work, and each layer's share of parameters and time.",
        "Dead units put out 0 for every image, constant ones the same; copies say what another unit says; saturated "
        "ones are nearly always near a bound of their activation function; free ones can be knocked out, all at once, "
        "at no cost. Time is that of a forward pass here, with what follows a layer up to the next weights.",
        tuple(f"{name if name == 'copies' else f'{name} units'}: {count}" for name, count in counts.items() if count)
        or ("Every unit does work of its own.",),
        tuple(report.rows()),
    )
    rows = [(one.kind, one.layer, one.words, as_code(one.replaced(report.net[one.layer]))) for one in report.advice]
    if rows:
        yield Section(
            "advice",
            "Advice",
            None,
            "",
            "What was seen, and what stands in the place of the layer. It is advice to try, not a proof: train the new "
            "design with several seeds beside the old one and a thinner one, as tn.explain.compare_designs does.",
            (report.code,),
            (("kind", "layer", "evidence", "instead"), *rows),
        )


def write_page(report: Inspection, path: Path, command: str, data: str) -> None:
    """Write the page, whole or not at all.

    Parameters
    ----------
    report : Inspection
    path : Path
        Of the HTML file.
    command : str
        What writes the same page again.
    data : str
        What the images are.
    """
    drawn, pictures = list(sections(report)), {}
    for section in drawn:
        if section.figure is not None:
            stream = io.BytesIO()
            section.figure.savefig(stream, format="png", dpi=DPI)
            pictures[section.name] = stream.getvalue()
    page = Page(
        title="A network inspected",
        lede="What the units of a trained network do over many images, what its layers cost, and what could change.",
        short=[f"On the images looked at: {report.short}.", _in_short(report)],
        facts={"Data": data, "Images": f"{report.images}", "Thresholds": "fixed beforehand, see inspect_network"},
        command=command,
        layers=report.net.summary(),
        files={},
        sources=SOURCES,
        footer=f"Written by tinynet {tinynet.__version__}. This page needs no network and no other file.",
        kicker="tinynet inspect",
    )
    with written_whole(path) as temporary:
        temporary.write_text(render(page, drawn, pictures), encoding="utf-8", errors="replace")


def _in_short(report: Inspection) -> str:
    if not report.advice:
        return "No advice: every unit does work of its own."
    before, after = report.net.parameter_count, report.redesign().parameter_count
    return f"With the advice, {before:,} parameters become {after:,}: {len(report.advice)} changes."
