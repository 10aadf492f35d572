"""Where a series speaks and where it does not: the stretches of figures, and the gaps between them.

Belongs here: reading a series by time. Does not: drawing it (curve.py, annotations.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise, takewhile

from pipeline.report import words
from pipeline.report.published import Figure


@dataclass(frozen=True)
class Gap:
    """A stretch without figures: its days, the said days on either side of it, and its status."""

    left: date
    right: date
    start: date
    end: date
    status: str

    @property
    def words(self) -> str:
        return words.STATUS.get(self.status, "cannot say")


def runs(series: Sequence[Figure]) -> list[list[Figure]]:
    """The stretches of said figures between which the line breaks."""
    found: list[list[Figure]] = []
    for figure in series:
        if not figure.said:
            found.append([])
        elif found and found[-1] and (figure.start - found[-1][-1].end).days <= 1:
            found[-1].append(figure)
        else:
            found.append([figure])
    return [run for run in found if run]


def pieces(series: Sequence[Figure]) -> list[tuple[bool, list[Figure]]]:
    """The runs cut where they begin or cease to be provisional: (provisional, figures), each from the figure before."""
    found = []
    for run in runs(series):
        for loose, group in groupby(pairwise(run), key=lambda pair: pair[1].provisional):
            pairs = list(group)
            found.append((loose, [pairs[0][0], *(later for _, later in pairs)]))
    return found


def still_open(series: Sequence[Figure]) -> list[Figure]:
    """The provisional figures with which a series ends."""
    said = [f for f in series if f.said]
    return list(takewhile(lambda f: f.provisional, reversed(said)))[::-1]


def gaps(series: Sequence[Figure]) -> list[Gap]:
    """The stretches that are not said: by their status, or no data where a period is missing altogether."""
    found = []
    for status, group in groupby(series, key=lambda f: "" if f.said else f.status):
        if status:
            figures = list(group)
            before = [f.end for f in series if f.said and f.end < figures[0].end]
            after = [f.end for f in series if f.said and f.end > figures[-1].end]
            left, right = max(before, default=figures[0].start), min(after, default=figures[-1].end)
            found.append(Gap(left, right, figures[0].start, figures[-1].end, status))
    for one, other in pairwise(f for f in series if f.said):
        missing = (other.start - one.end).days > 1 and not any(one.end < f.end < other.end for f in series)
        if missing:
            found.append(Gap(one.end, other.end, one.end + timedelta(1), other.start - timedelta(1), "no_data"))
    return sorted(found, key=lambda g: g.left)


def sentence(series: Sequence[Figure], of: words.Kind, what: str) -> str:
    """What a drawing of the series shows, for those who hear it; `what` begins it."""
    said = [f for f in series if f.said]
    if not said:
        return f"{what}: {words.why_not(series[-1] if series else None)}."
    first, last = said[0], said[-1]
    text = f"{what}: {words.with_range(last, of)} on {words.long_day(last.end)}"
    if first is not last:
        text += f", after {words.value_of(first, of)} on {words.long_day(first.end)}"
    if last.provisional:
        text += "; the last figures are provisional"
    return text + "".join(f"; {gap.words} {words.span(gap.start, gap.end)}" for gap in gaps(series)) + "."
