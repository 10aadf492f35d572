"""Downloads: the published figures as a table that a spreadsheet opens and cannot be tricked by.

Belongs here: CSV. Does not: the page.
"""

from __future__ import annotations

import csv
import io

from pipeline.report import words
from pipeline.report.published import Figure, Published

HEAD = (
    "metric", "version", "part", "unit_level", "unit", "period", "period_start", "period_end", "value", "low", "high",
    "base", "status", "reason", "data_as_of",
)  # fmt: skip

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float


def figures_csv(published: Published) -> str:
    """Every figure, one row each: `[c]` where it is hidden, `[x]` where there is none, with the reason beside it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for figure in published.figures:
        cells = _cells(published, figure)
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue()


def neutral(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def _cells(published: Published, figure: Figure) -> list[Cell]:
    value, low, high = _numbers(published, figure)
    base: Cell = "[c]" if figure.status == "suppressed" else "[x]" if figure.base is None else figure.base
    return [
        figure.metric, figure.version, figure.part, figure.level, figure.unit, figure.period, figure.start.isoformat(),
        figure.end.isoformat(), value, low, high, base, figure.status, figure.reason,
        figure.as_of.isoformat() if figure.as_of else "[x]",
    ]  # fmt: skip


def _numbers(published: Published, figure: Figure) -> tuple[Cell, Cell, Cell]:
    """Value and interval; never that all or none of a unit did something."""
    of = words.kind(published.metrics.get(figure.metric), figure.metric)
    if figure.status == "suppressed":
        return "[c]", "[c]", "[c]"
    if not figure.said or figure.value is None:
        return "[x]", "[x]", "[x]"
    if words.all_or_none(figure, of):
        return words.value_of(figure, of), "[c]", "[c]"
    return figure.value, "[x]" if figure.low is None else figure.low, "[x]" if figure.high is None else figure.high
