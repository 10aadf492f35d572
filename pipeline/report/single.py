"""The plot of one metric, for those who look at one table at a time (asset metadata).

Belongs here: choosing which series of a metric to draw. Does not: the page.
"""

from __future__ import annotations

from pipeline.report import words
from pipeline.report.curve import curve
from pipeline.report.published import FOUR_WEEKS, WEEK, Figure, Published


def plot(published: Published, metric: str) -> str | None:
    """The organisation's longest series of this metric as a standalone SVG; None where nothing of it is said."""
    of = words.kind(published.metrics.get(metric), metric)
    candidates: list[tuple[str, list[Figure]]] = [
        (f"{period}{', ' + part if part else ''}", published.series(metric, period, part))
        for period in (WEEK, FOUR_WEEKS, "day")
        for part in published.parts(metric, period)
    ]
    drawable = [(name, series) for name, series in candidates if any(f.said for f in series)]
    if not drawable:
        return None
    name, series = drawable[0]
    drawing = curve("plot", series, of, "wide", what=f"{words.name_of(metric)} ({name})", events=published.events,
                    screens=["desktop"])  # fmt: skip
    [svg] = drawing.svgs
    return str(svg)
