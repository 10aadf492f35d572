"""Everything the page knows: published.duckdb, read once into plain values.

Belongs here: the tables of `report` as types, and the few ways to look a figure up.
Does not: judging a figure (changes.py), wording it (words.py), any other file of a run.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipeline.problems import TidemarkError

SAID = ("ok", "provisional")
ORGANISATION, DIRECTORATE, TEAM = "organisation", "directorate", "team"
WEEK, FOUR_WEEKS = "week", "28 days"
FIGURE = (
    "metric, version, part, unit_level, unit, period, period_start, period_end, "
    "value, low, high, base, n_eff, status, reason, data_as_of"
)
FIGURE_ORDER = "metric, period, part, unit_level, unit, period_start, period_end, version"
METRIC = "name, version, question, unit, better, formula, source, limits, interval, refuse"

# Control characters have no place in a drawing (XML forbids them), and direction marks could reorder a sentence.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True)
class Figure:
    """One row of report.figures. `value`, `low` and `high` are None unless the figure is said."""

    metric: str
    version: int
    part: str
    level: str
    unit: str
    period: str
    start: date
    end: date
    value: float | None
    low: float | None
    high: float | None
    base: int | None
    n_eff: float | None
    status: str
    reason: str
    as_of: date | None

    @property
    def said(self) -> bool:
        return self.status in SAID and self.value is not None

    @property
    def provisional(self) -> bool:
        return self.said and self.status == "provisional"


@dataclass(frozen=True)
class Metric:
    """What a figure answers, and how: the card of a number."""

    name: str
    version: int
    question: str
    unit: str
    better: str
    formula: str
    source: str
    limits: str
    interval: str
    refuse: str


@dataclass(frozen=True)
class Source:
    """How far a source has been read; `state` is fresh, behind or never."""

    source: str
    channel: str
    fresh_to: date | None
    state: str
    reason: str
    action: str
    visible_share: float | None


@dataclass(frozen=True)
class Event:
    """Something that happened on a day and may stand beside a curve."""

    day: date
    label: str


@dataclass(frozen=True)
class Edition:
    """Which night's figures these are, of whom, and under which threshold."""

    edition: int
    as_of: date
    organisation: str
    zone: str
    k: int
    roster: int | None
    visible_share: float | None
    provenance: str


@dataclass(frozen=True)
class Published:
    """One edition, whole. Lists are in a fixed order, so that the same file gives the same page."""

    edition: Edition
    figures: tuple[Figure, ...]
    metrics: dict[str, Metric]
    sources: tuple[Source, ...]
    events: tuple[Event, ...]
    unit_names: tuple[tuple[str, str], ...]

    @cached_property
    def _series(self) -> dict[tuple[str, str, str, str, str], list[Figure]]:
        found = defaultdict(list)
        for figure in self.figures:
            found[figure.metric, figure.part, figure.level, figure.unit, figure.period].append(figure)
        return dict(found)

    def units(self, level: str) -> list[str]:
        """Every unit of a level that is declared or has a figure, in the alphabet's order: never a ranking."""
        declared = {unit for known, unit in self.unit_names if known == level}
        return sorted(declared | {f.unit for f in self.figures if f.level == level}, key=lambda u: (u.casefold(), u))

    def series(self, metric: str, period: str, part: str = "", level: str = ORGANISATION, unit: str = "") -> list[Figure]:
        """The figures of one unit by time; without a unit, those of the organisation."""
        if not unit:
            unit = next(iter(self.units(level)), "")
        return self._series.get((metric, part, level, unit, period), [])

    def newest(self, metric: str, period: str, part: str = "", level: str = ORGANISATION, unit: str = "") -> Figure | None:
        """The last figure of a series, said or not."""
        return next(reversed(self.series(metric, period, part, level, unit)), None)

    def parts(self, metric: str, period: str) -> list[str]:
        """The parts in which a metric is published for the organisation."""
        return sorted({f.part for f in self.figures if (f.metric, f.period, f.level) == (metric, period, ORGANISATION)})


def read(path: Path) -> Published:
    """The edition in this file. Raises TidemarkError where it cannot be read or holds no edition."""
    if not path.is_file():
        raise TidemarkError(f"There is no {path.name} in {path.parent}: run `tidemark nightly` to publish one")
    try:
        with duckdb.connect(str(path), read_only=True, config=_CLOSED) as db:
            return _published(db, path)
    except duckdb.Error as error:
        raise TidemarkError(f"{path.name} cannot be read as a published edition: {type(error).__name__}") from error


def figures_of(db: duckdb.DuckDBPyConnection, metric: str) -> Published:
    """One metric of a build that is not published yet: its card and its figures, and nothing beside them."""
    figures = _rows(db, FIGURE, "figures where metric = $metric", FIGURE_ORDER, {"metric": metric})
    metrics = _rows(db, METRIC, "metrics where name = $metric", "name, version", {"metric": metric})
    return Published(
        edition=Edition(0, date.min, "", "", 0, None, None, ""), figures=tuple(Figure(*row) for row in figures),
        metrics={row[0]: Metric(*row) for row in metrics}, sources=(), events=(), unit_names=(),
    )  # fmt: skip


_CLOSED: dict[str, Any] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}


def _published(db: duckdb.DuckDBPyConnection, path: Path) -> Published:
    editions = _rows(db, "edition, as_of, organisation, zone, k, roster, visible_share, provenance", "editions", "edition")
    if not editions:
        raise TidemarkError(f"{path.name} holds no edition: run `tidemark nightly` to publish one")
    figures = _rows(db, FIGURE, "figures", FIGURE_ORDER)
    metrics = _rows(db, METRIC, "metrics", "name, version")
    sources = _rows(db, "source, channel, fresh_to, state, reason, action, visible_share", "sources", "source")
    return Published(
        edition=Edition(*editions[-1]),
        figures=tuple(Figure(*row) for row in figures),
        metrics={row[0]: Metric(*row) for row in metrics},
        sources=tuple(Source(*row) for row in sources),
        events=tuple(Event(*row) for row in _rows(db, "day, label", "events", "day, label")),
        unit_names=tuple((row[0], row[1]) for row in _rows(db, "unit_level, unit", "units", "unit_level, unit")),
    )


def _rows(
    db: duckdb.DuckDBPyConnection, columns: str, table: str, order: str, values: Mapping[str, str] | None = None
) -> Sequence[Any]:
    """Rows with text made printable, text that is missing as '', and numbers that are none as None."""
    relation = db.execute(f"select {columns} from report.{table} order by {order}", values)
    text = [str(column[1]) == "VARCHAR" for column in relation.description or ()]
    return [
        tuple(_printable(cell) if is_text else _number(cell) for cell, is_text in zip(row, text, strict=True))
        for row in relation.fetchall()
    ]


def _printable(cell: str | None) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", cell or "").split())


def _number(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
