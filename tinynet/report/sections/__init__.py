"""The parts of the page: each a figure, how to read it, and what it shows in this run, in words made from numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from tinynet.pages.section import Section
from tinynet.report.findings import Findings
from tinynet.report.sections.images import images, test, training
from tinynet.report.sections.knockouts import knockouts
from tinynet.report.sections.places import features, glance, pixels
from tinynet.report.sections.units import maps, network, particular, profiles, ranking, support
from tinynet.training import History

__all__ = ["count", "glance", "sections"]


def sections(findings: Findings, run: History | None = None) -> Iterator[Section]:
    """Yield the parts of the page, in order.

    Parameters
    ----------
    findings : Findings
    run : History, optional
        Of the training, if the network was trained now.
    """
    for group, parts in _parts(findings, run):
        for part in parts:
            yield replace(part(), group=group)


def _parts(findings: Findings, run: History | None) -> Iterator[tuple[str, list[Callable[[], Section]]]]:
    """Yield what each group of parts is called, and what makes them."""
    trained = [partial(training, run)] if run is not None and len(run) else []
    yield "Network and data", [partial(images, findings), *trained, partial(test, findings)]
    yield "Units", [partial(part, findings) for part in (support, particular, network, ranking, profiles, maps)]
    yield "Knock-outs", [partial(knockouts, findings), partial(knockouts, findings, by_strength=True)]
    yield "Places", [partial(part, findings) for part in (features, pixels)]


def count(run: History | None) -> int:
    """Return the number of figures of the page.

    Parameters
    ----------
    run : History, optional
        Of the training.
    """
    return 13 + (run is not None and len(run) > 0)
