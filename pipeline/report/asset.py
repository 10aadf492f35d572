"""What Dagster shows beside one metric: its newest figures as a table, and its plot, one click away.

Belongs here: choosing and wording them from the rows of a build. Does not: withholding (figures.py did), Dagster.
"""

from __future__ import annotations

import base64

import duckdb

from pipeline.report import words
from pipeline.report.published import ORGANISATION, Figure, figures_of
from pipeline.report.single import plot


def newest(con: duckdb.DuckDBPyConnection, metric: str) -> str:
    """The organisation's newest figure in one line, with its interval, or why there is none."""
    published = figures_of(con, metric)
    of = words.kind(published.metrics.get(metric), metric)
    whole = [f for f in published.figures if f.level == ORGANISATION and f.period != "day"]
    parts = sorted({f.part for f in whole})
    last = max((f for f in whole if f.part == (parts or [""])[0]), key=lambda f: (f.end, f.period), default=None)
    if last is None:
        return "no figure"
    said = words.with_range(last, of) if last.said else f"{last.status}: {last.reason}"
    return f"{said}, {last.period} to {last.end}" + (f", {last.status}" if last.provisional else "")


def table(con: duckdb.DuckDBPyConnection, metric: str) -> str:
    """The newest figure of each part and level above the team, as Markdown; hidden ones say why."""
    published = figures_of(con, metric)
    of = words.kind(published.metrics.get(metric), metric)
    newest: dict[tuple[str, str, str, str], Figure] = {}
    for figure in published.figures:
        if figure.level != "team":
            newest[figure.period, figure.level, figure.unit, figure.part] = figure
    lines = ["| period | to | unit | part | figure | base |", "|---|---|---|---|---|---|"]
    for (period, _, unit, part), f in sorted(newest.items()):
        said = words.with_range(f, of) if f.said else f"{f.status}: {f.reason}"
        lines.append(f"| {period} | {f.end} | {unit} | {part} | {said} | {f.base if f.base is not None else '[c]'} |")
    return "\n".join(lines)


def picture(con: duckdb.DuckDBPyConnection, metric: str) -> str:
    """The plot as Markdown that carries its own image; a sentence where there is nothing to draw."""
    drawn = plot(figures_of(con, metric), metric)
    if drawn is None:
        return "Nothing of this metric can be drawn yet."
    return f"![{words.name_of(metric)}](data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()})"
