"""The parts of the page: each a figure, how to read it, and what it shows in this run, in words made from numbers."""

from __future__ import annotations

from collections.abc import Iterator

from tinynet.pages.section import Section
from tinynet.report.findings import Findings
from tinynet.report.sections.images import images, test, training
from tinynet.report.sections.knockouts import knockouts
from tinynet.report.sections.places import features, pixels
from tinynet.report.sections.units import maps, network, particular, profiles, ranking, support
from tinynet.training import History


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
    yield support(findings)
    yield particular(findings)
    yield knockouts(findings)
    yield network(findings)
    yield ranking(findings)
    yield knockouts(findings, by_strength=True)
    yield profiles(findings)
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
    return 12 + (run is not None and len(run) > 0)
