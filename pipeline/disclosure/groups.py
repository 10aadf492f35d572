"""Which groups of people published rows count, and how these groups lie within each other.

Belongs here: from a row of report.figures to the counts that it tells or withholds; warehouse/groups.yml.
Does not: what can be worked out of them (reckoning.py), the headers of models (models.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.models import Model, shipped_models
from pipeline.places import shipped

ROSTER = "roster"
EPOCH = date(2024, 1, 1)  # blocks of 28 days count from here, as staging.calendar says


class Cell(NamedTuple):
    """So many people (`who`) of a unit in a period, as all tables tell it or, where `book` names one, as that one does."""

    who: str
    unit_level: str
    unit: str
    period: str
    start: date
    book: str = ""

    @property
    def block(self) -> date:
        """The first day of the block of 28 days in which it lies."""
        return block_of(self.start)


class Group(BaseModel):
    """What is known of a group of people from the cards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    within: str = Field(default=ROSTER, min_length=1)
    weeks: bool = False
    stays: bool = False
    open: bool = False


@dataclass(frozen=True)
class Groups:
    """The groups, and of each metric who is behind its base and, where these are people, behind its hits."""

    known: Mapping[str, Group] = field(default_factory=dict)
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, models: Iterable[Model], folder: Path) -> Groups:
        """The groups of a warehouse's metrics. Raises ValidationError where groups.yml says what it may not."""
        told = yaml.safe_load((folder / "groups.yml").read_text("utf-8"))
        counts = {model.name: model.counts for model in models if model.counts}
        return cls(TypeAdapter(dict[str, Group]).validate_python(told), counts)

    def cells(self, row: Mapping[str, Any]) -> list[Cell]:
        """The base of a row, and its hits where these are people. A metric that names no group counts one of its own."""
        names = self.counts.get(row["metric"], (row["metric"],))
        return [self._cell(name, row) for name in names]

    def _cell(self, name: str, row: Mapping[str, Any]) -> Cell:
        if name == ROSTER:  # the same people throughout a block, in every part
            return Cell(ROSTER, row["unit_level"], row["unit"], "28 days", block_of(row["period_start"]))
        who = f"{name}: {row['part']}" if row["part"] else name
        return Cell(who, row["unit_level"], row["unit"], row["period"], row["period_start"])

    def secret(self, cell: Cell) -> bool:
        """Whether it matters how many they are; of some only what they said does."""
        return not self._group(cell.who.partition(": ")[0]).open

    def wider(self, cell: Cell) -> Iterator[Cell]:
        """The counts of the groups that hold a cell's people, the closest first."""
        name, colon, _ = cell.who.partition(": ")
        if colon:
            yield cell._replace(who=name)  # a part, and the whole where there is one
        while name != ROSTER:
            name = self._group(name).within
            yield roster(cell) if name == ROSTER else cell._replace(who=name)

    def weekly(self, cell: Cell) -> list[Cell]:
        """The four weeks that together hold the people of a block; none where that is not so."""
        if cell.period != "28 days" or not self._group(cell.who).weeks:
            return []
        return [cell._replace(period="week", start=cell.start + timedelta(days=7 * n)) for n in range(4)]

    def next_week(self, cell: Cell) -> Cell | None:
        """The count of a week later, where who is in it stays in it."""
        later = cell._replace(start=cell.start + timedelta(days=7))
        stays = cell.period == "week" and self._group(cell.who).stays and later.block == cell.block
        return later if stays else None

    def _group(self, name: str) -> Group:
        return self.known.get(name, Group())


@cache
def shipped_groups() -> Groups:
    """The groups of the metrics that ship."""
    return Groups.of(shipped_models(), shipped("warehouse"))


def roster(cell: Cell) -> Cell:
    """Everybody of a cell's unit: the same people throughout a block."""
    return cell._replace(who=ROSTER, period="28 days", start=cell.block)


def block_of(start: date) -> date:
    """The first day of the block of 28 days in which a day lies."""
    return start - timedelta(days=(start - EPOCH).days % 28)


def told(row: Mapping[str, Any], cells: list[Cell]) -> dict[Cell, int]:
    """The counts that a row publishes. A row that is not suppressed and tells no base has nobody behind it."""
    if row["status"] in ("suppressed", "no_data"):
        return {}
    counts = {cells[0]: int(row["base"] or 0)}
    if len(cells) > 1 and row["value"] is not None:
        counts[cells[1]] = round(row["value"] * (row["base"] or 0))
    return counts
