"""The command line as it is written: kinds of values, and what to say of a word that nobody knows."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinynet.arguments import nearest, one_of

PICTURES = ("", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".tiff", ".pdf", ".svg", ".eps")


class Parser(argparse.ArgumentParser):
    """A parser that names the nearest command, choice or option to one that there is not."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse arguments, and refuse what is left over: a command knows its own options best."""
        found, left_over = super().parse_known_args(args, namespace)
        if left_over:
            near = nearest(left_over[0].partition("=")[0], self._option_string_actions)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unrecognized arguments: {' '.join(left_over)}{hint}")
        return found, left_over

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None:
            try:
                one_of(
                    "/".join(action.option_strings) or str(action.metavar or action.dest), value, list(action.choices)
                )
            except ValueError as error:
                self.error(str(error))


def size(text: str) -> tuple[int, int]:
    """Return height and width: 64, or 48x64."""
    sides = shape(text)
    if len(sides) > 2:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 64 or 48x64")
    return sides[0], sides[-1]


def file(text: str) -> Path:
    """Return a path that a file can be written to: known before minutes of work, not after."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder, expected a file")
    return path


def picture_file(text: str) -> Path:
    """Return a path that a picture can be written to."""
    path = file(text)
    if path.suffix.lower() not in PICTURES:
        raise argparse.ArgumentTypeError(f"{text!r} is no picture, expected an ending such as {PICTURES[1]}")
    return path


def layer(text: str) -> str:
    """Return the name of a layer in a file; who names no layer yet is shown the whole command."""
    if not text.partition(".py:")[2]:
        example = "my_layers.py:Softplus --input-shape 3,8,8"
        raise argparse.ArgumentTypeError(
            f"{text!r} names no layer, expected FILE.py:CLASS and a shape, as in {example}"
        )
    return text


def natural(text: str, least: int = 0) -> int:
    """Return a whole number of at least 0."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return int(text)


def positive(text: str) -> int:
    """Return a whole number of at least 1."""
    return natural(text, 1)


def axis(text: str) -> int | None:
    """Return the number of an axis, which is negative if counted from the end, or None for none."""
    if text != "none" and not text.removeprefix("-").isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no axis such as 0 or -1, and not none")
    return None if text == "none" else int(text)


def shape(text: str) -> tuple[int, ...]:
    """Return a shape: 3,8,8 or 3x8x8."""
    return tuple(positive(length.strip()) for length in text.replace("x", ",").split(","))


def numbers(text: str) -> list[int]:
    """Return whole numbers: 0,3."""
    if not all(number.strip().isdecimal() for number in text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of whole numbers such as 0,3")
    return [int(number) for number in text.split(",")]


def shapes(text: str) -> dict[str, tuple[int, ...]]:
    """Return shapes by name: w=6x4,b=4, or w=6,4,b=4."""
    parts = [part.partition("=") for part in re.split(r",(?=[^,]*=)", text)]
    if not all(name.strip().isidentifier() and separator for name, separator, _ in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of names and shapes such as w=6x4,b=4")
    return {name.strip(): shape(lengths) for name, _, lengths in parts}


def literal(text: str) -> Any:
    """Return a plain value of Python: 3, or {'stride': 1}."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise argparse.ArgumentTypeError(f"{text!r} is no plain value such as 3 or {{'stride': 1}}") from None
