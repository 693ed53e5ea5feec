"""What a check found, in words: a report has one result for each law."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial

from tinynet.notebook import ShownAsText
from tinynet.types import Shape

WIDTH = 100


class Status(Enum):
    """What became of a law."""

    HOLDS = "ok"
    BROKEN = "FAIL"
    NOT_APPLICABLE = "n/a"
    NOT_CHECKED = "--"


@dataclass(frozen=True)
class Diagnosis:
    """A known slip that explains the numbers.

    Parameters
    ----------
    slip : str
        Its short name, such as "constant factor".
    words : str
        What was seen, and what to look for.
    """

    slip: str
    words: str

    def __str__(self) -> str:
        """Return the words."""
        return self.words


@dataclass(frozen=True)
class Worst:
    """The entry of an array that is furthest from what it should be.

    Parameters
    ----------
    name : str
        Of the array, such as "dx".
    index : tuple of int
        Where in it.
    got, wanted : float
        What stands there, and what should.
    wrong, compared : int
        How many of the entries compared are wrong.
    """

    name: str
    index: tuple[int, ...]
    got: float
    wanted: float
    wrong: int = 1
    compared: int = 1

    def __str__(self) -> str:
        """Return one line."""
        place = f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name
        share = f"; {self.wrong} of {self.compared} entries compared are wrong" if self.compared > 1 else ""
        digits = next((n for n in (6, 9, 12) if f"{self.got:.{n}g}" != f"{self.wanted:.{n}g}"), 17)
        return f"{place} is {self.got:.{digits}g}, should be {self.wanted:.{digits}g}{share}"


@dataclass(frozen=True)
class Result:
    """What became of one law.

    Parameters
    ----------
    law : str
        Short name of the law.
    sentence : str
        The law in words.
    status : Status
        Whether it holds, is broken, does not apply, or could not be checked.
    cases : int
        How many cases were run.
    detail : str
        What was seen, or why the law does not apply.
    worst : Worst, optional
        The worst entry, where arrays were compared.
    shapes : dict of str to tuple
        Shapes of the arrays at hand.
    diagnosis : Diagnosis, optional
        The known slip that explains what was seen.
    where : str
        Name of the layer within its network; empty for a layer by itself.
    """

    law: str
    sentence: str
    status: Status
    cases: int = 0
    detail: str = ""
    worst: Worst | None = None
    shapes: dict[str, Shape] = field(default_factory=dict)
    diagnosis: Diagnosis | None = None
    where: str = ""

    def at(self, where: str) -> Result:
        """Return the same result, said of a layer within a network.

        Parameters
        ----------
        where : str
            The layer's name.
        """
        return replace(self, where=where)

    def __str__(self) -> str:
        """Return a line, and for a broken law a paragraph."""
        name = f"{self.where}: {self.law}" if self.where else self.law
        head = f"{self.status.value:>4}  {name}"
        if self.status is Status.HOLDS:
            cases = f"{self.cases} case{'s' * (self.cases != 1)}"
            return f"{head} ({', '.join(filter(None, [cases, self.detail]))})"
        if self.status is not Status.BROKEN:
            return _wrapped(f"{head}: {self.detail}")
        shapes = ", ".join(f"{array} {shape}" for array, shape in self.shapes.items())
        told = [
            f"law: {self.sentence}",
            self.detail and f"seen: {self.detail}",
            self.worst and f"worst: {self.worst}",
            self.diagnosis and f"likely: {self.diagnosis}",
            shapes and f"shapes: {shapes}",
        ]
        return "\n".join([head, *(_wrapped(f"      {line}") for line in told if line)])


@dataclass(frozen=True)
class Report(ShownAsText):
    """What a check of a layer or of a network found.

    Parameters
    ----------
    title : str
        What was checked.
    results : tuple of Result
        One for each law.
    """

    title: str
    results: tuple[Result, ...]

    @property
    def ok(self) -> bool:
        """Whether no law is broken and at least one was found to hold."""
        return not self.failures and any(result.status is Status.HOLDS for result in self.results)

    @property
    def failures(self) -> list[Result]:
        """The results of the broken laws."""
        return self._of(Status.BROKEN)

    def __getitem__(self, law: str) -> Result:
        for result in self.results:
            if law in (result.law, f"{result.where}: {result.law}"):
                return result
        raise KeyError(f"no law {law!r}; there are {', '.join(result.law for result in self.results)}")

    def _of(self, status: Status) -> list[Result]:
        return [result for result in self.results if result.status is status]

    def __str__(self) -> str:
        """Return the report: broken laws first in detail, then a line for each of the others."""
        several = len({result.where for result in self.results}) > 1
        others = self._layer_lines() if several else self._other_lines()
        return "\n".join([self.title, *map(str, self.failures), *others, self.summary])

    def _other_lines(self) -> list[str]:
        """Return a line for each law that holds, and one for all that share a reason not to be tested."""
        lines = [str(result) for result in self._of(Status.HOLDS)]
        for status in (Status.NOT_APPLICABLE, Status.NOT_CHECKED):
            reasons: dict[str, list[str]] = {}
            for result in self._of(status):
                reasons.setdefault(result.detail, []).append(result.law)
            lines += [_wrapped(f"{status.value:>4}  {', '.join(laws)}: {reason}") for reason, laws in reasons.items()]
        return lines

    def _layer_lines(self) -> list[str]:
        layers = dict.fromkeys(result.where for result in self.results)
        return [_layer_line(where, [r for r in self.results if r.where == where]) for where in layers]

    @property
    def summary(self) -> str:
        """One sentence that counts the laws."""
        holding, broken = len(self._of(Status.HOLDS)), len(self.failures)
        without, unchecked = len(self._of(Status.NOT_APPLICABLE)), len(self._of(Status.NOT_CHECKED))
        counts = [
            _holding(holding),
            f"{broken} {'is' if broken == 1 else 'are'} broken",
            without and f"{without} {'does' if without == 1 else 'do'} not apply",
            unchecked and f"{unchecked} could not be checked",
        ]
        return ", ".join(count for count in counts if count) + "."


def _layer_line(where: str, results: list[Result]) -> str:
    broken = [result.law for result in results if result.status is Status.BROKEN]
    holding = sum(result.status is Status.HOLDS for result in results)
    head = f"{(Status.BROKEN if broken else Status.HOLDS).value:>4}  {where}: "
    return head + (f"broken: {', '.join(broken)}" if broken else _holding(holding))


def _holding(count: int) -> str:
    return f"{count} law holds" if count == 1 else f"{count} laws hold"


def _wrapped(line: str) -> str:
    indent = " " * (8 if line.startswith("      ") else 10)
    fill = partial(textwrap.fill, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    first, *more = line.split("\n")
    return "\n".join([fill(first, WIDTH), *(fill(part, WIDTH, initial_indent=indent) for part in more)])
