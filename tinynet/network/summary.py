"""A network as a table: one row a layer."""

from __future__ import annotations

from collections.abc import Sequence

from tinynet.layers import Layer
from tinynet.network.receptive_field import receptive_field
from tinynet.notebook import Text
from tinynet.types import Shape

Row = tuple[str, str, str, str, str]


def rows_of(layers: Sequence[Layer], shapes: Sequence[Shape]) -> list[Row]:
    """Return the rows of a table of the layers, its head first and the total last.

    Parameters
    ----------
    layers : sequence of Layer
        From the input to the output.
    shapes : sequence of tuple of int
        Shape of the input, then of each layer's output.
    """
    counts = [sum(array.size for array in layer.params.values()) for layer in layers]
    rows: list[Row] = [("layer", "kind", "output shape", "parameters", "sees")]
    rows.append(("input", "", _sizes(shapes[0]), "", _sees([], shapes)))
    for index, (layer, count) in enumerate(zip(layers, counts, strict=True), start=1):
        parameters, sees = f"{count:,}" if count else "", _sees(layers[:index], shapes)
        rows.append((layer.name, type(layer).__name__, _sizes(shapes[index]), parameters, sees))
    rows.append(("total", "", "", f"{sum(counts):,}", ""))
    return rows


def table(rows: Sequence[Row]) -> Text:
    """Return such rows as a text with columns.

    Parameters
    ----------
    rows : sequence of Row
        As `rows_of` returns them.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    rule = "-" * max(map(len, lines))
    return Text("\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]]))


def _sizes(shape: Shape) -> str:
    return " x ".join(map(str, shape))


def _sees(layers: Sequence[Layer], shapes: Sequence[Shape]) -> str:
    if len(shapes[0]) != 3:
        return ""
    if len(shapes[len(layers)]) != 3:
        return "all"
    return _sizes(receptive_field(layers, shapes[: len(layers)]).size)


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if column == 3 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
