"""The edition on one screen of plain text, for the terminal and a nightly log.

Belongs here: the summary. Does not: drawings, HTML.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from datetime import timedelta

from pipeline.report import words
from pipeline.report.adoption import stands_out, title
from pipeline.report.changes import latest_change
from pipeline.report.published import DIRECTORATE, FOUR_WEEKS, WEEK, Published, Source
from pipeline.report.unsaid import since

FIGURES = (
    ("adopter_share", WEEK, ""), ("reach_share", FOUR_WEEKS, ""), ("participation_share", FOUR_WEEKS, ""),
    ("interactive_share", FOUR_WEEKS, ""), ("answered_share", FOUR_WEEKS, ""), ("reply_hours", FOUR_WEEKS, "median"),
    ("completion_share", FOUR_WEEKS, ""), ("tone_mean", FOUR_WEEKS, ""), ("readable_share", FOUR_WEEKS, ""),
)  # fmt: skip

WIDTH = 88


def summary(published: Published) -> str:
    """Headline, freshness, the main figures with their intervals, and how much cannot be said."""
    edition = published.edition
    series = published.series("adopter_share", WEEK)
    units = published.units(DIRECTORATE)
    changes = {
        u: latest_change(published.series("adopter_share", WEEK, level=DIRECTORATE, unit=u), among=len(units)) for u in units
    }
    headline = title(series[-1] if series else None, latest_change(series), stands_out(changes), changes)
    simulated = " (simulated figures)" if edition.provenance == "simulated" else ""
    lines = [
        f"{edition.organisation}{simulated}, {words.weekday(edition.as_of + timedelta(days=1))}",
        "",
        *textwrap.wrap(headline, WIDTH),
        "",
        *(_source(source) for source in published.sources),
        "",
        *(_line(published, metric, period, part) for metric, period, part in FIGURES),
        "",
        *textwrap.wrap(_unsaid(published), WIDTH),
    ]  # fmt: skip
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _source(source: Source) -> str:
    why = f" ({source.reason})" if source.reason else ""
    return f"  {words.source_name(source.source):<30}{since(source)}{why}"


def _line(published: Published, metric: str, period: str, part: str) -> str:
    figure = published.newest(metric, period, part)
    of = words.kind(published.metrics.get(metric), metric)
    name = f"  {words.name_of(metric).split(':')[0]:<30}"
    if figure is None or not figure.said:
        return f"{name}{words.why_not(figure)}"
    loose = ", provisional" if figure.provisional else ""
    return f"{name}{words.with_range(figure, of)}, {period} to {words.short_day(figure.end)}{loose}"


def _unsaid(published: Published) -> str:
    newest = {(f.metric, f.period, f.part, f.level, f.unit): f for f in published.figures}.values()
    counts = Counter(f.status for f in newest if not f.said)
    if not counts:
        return "Every figure of the newest period could be said." if newest else "No figure can be said yet."
    said = ", ".join(f"{number} {words.STATUS.get(status, status)}" for status, number in sorted(counts.items()))
    return f"Cannot be said yet: {sum(counts.values())} of {len(newest)} figures ({said}). The page says why for each."
