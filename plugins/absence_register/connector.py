"""The register of absences: who was away from when to when, and in which of five words why. Never the detail.

Belongs here: reading the register whole, each night. Does not: what absence means for a figure (warehouse/staging), or
whose team it is (the roster knows it).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

from pipeline.connector import (
    ColumnMap,
    Connector,
    Day,
    Excluded,
    Field,
    Given,
    Glob,
    Iterator,
    Page,
    PersonId,
    Record,
    Rejected,
    date,
    day_in,
    given,
    login_of,
    sheet,
    stream,
)

REQUIRED = ("person", "from")
OPTIONAL = ("to", "why", "status")
FIELDS = (*REQUIRED, *OPTIONAL)
BRITISH = "%d/%m/%Y"
NO_END = timedelta(days=3653)  # ten years: registers write 31/12/9999 where there is no end

NOT_TAKEN = frozenset({"cancelled", "canceled", "declined", "draft", "pending", "refused", "rejected", "requested", "withdrawn"})

Why = Literal["leave", "sick", "shift", "no computer", "other"]

# The first line that has a word of the reason decides; a reason is read for these words and then forgotten.
WORDS: tuple[tuple[Why, frozenset[str]], ...] = (
    ("sick", frozenset({"sick", "sickness", "ill", "illness", "salwch", "sâl"})),
    ("no computer", frozenset({"computer", "pc", "laptop", "device", "cyfrifiadur"})),
    ("shift", frozenset({"shift", "shifts", "roster", "rota", "rest", "sifft"})),
    ("leave", frozenset({"leave", "holiday", "holidays", "vacation", "maternity", "paternity", "parental", "gwyliau"})),
)


class Absence(Record):
    """A stretch of days on which somebody was away, under the one name that the register gives them."""

    staff: PersonId["staff"] | None = None
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    started_on: Day
    ended_on: Day | None = None
    why: Why = "other"


class AbsenceRegister(Connector):
    """Reads the CSV files of a register that HR keeps, or a rota exports: the whole register each time."""

    name, channel = "absence_register", "roster"

    file: Glob = Field(min_length=1, description='the register, e.g. "registers/absences.csv"; several files are one register')
    mapping: Glob = Field(default="", description="mapping file, where the columns are not called person, from, to, why and status")
    person_is: Literal["email", "login", "staff"] = Field(default="email", description="what the register calls people by")
    codes: dict[str, Why] = Field(default={}, description='your own codes for why, e.g. {AL = "leave", SL = "sick"}')

    @stream(Absence, kind="snapshot", key=("staff", "email", "login", "started_on", "why"), day="started_on")
    def absences(self, since: date | None) -> Iterator[Page]:
        """Every stretch of absence in the register."""
        mapped = ColumnMap.load(self.mapping, fields=FIELDS, required=REQUIRED) if self.mapping else None
        yield Page([row for file in given(self.file, "file") for row in self._rows(file, mapped)])

    def _rows(self, file: Given, mapped: ColumnMap | None) -> Iterator[Absence | Rejected | Excluded]:
        with file.open() as content:
            table = mapped.sheet(content, file.name) if mapped else sheet(content, file.name)
            read = mapped or ColumnMap.headed(table, required=REQUIRED, optional=OPTIONAL, times=[BRITISH])
            for row in read.rows(table):
                yield self._absence(row, read.times)

    def _absence(self, row: tuple[dict[str, str | None], str] | Rejected, times: list[str]) -> Absence | Rejected | Excluded:
        if isinstance(row, Rejected):
            return row
        cells, place = row
        person, began, ended = cells.get("person"), cells.get("from"), cells.get("to")
        if (cells.get("status") or "").strip().casefold() in NOT_TAKEN:
            return Excluded("not taken")
        if not person:
            return Rejected("blank at person", place)
        if self.person_is == "login":
            person = login_of(person)
        started_on, ended_on = day_in(began, times), day_in(ended, times)
        if started_on is None or (ended and ended_on is None):
            return Rejected(f"not a day at {'to' if started_on else 'from'}", place)
        if ended_on and ended_on < started_on:
            return Rejected("ends before it begins", place)
        if ended_on and ended_on - started_on > NO_END:
            ended_on = None
        told = {self.person_is: person, "started_on": started_on, "ended_on": ended_on, "why": self._why(cells.get("why"))}
        return Absence.of(told, location=place)

    def _why(self, reason: str | None) -> Why:
        """The one of five words that stands for the reason; what else the cell says goes no further."""
        plain = (reason or "").strip().casefold()
        for code, word in self.codes.items():
            if plain == code.strip().casefold():
                return word
        said = set(re.findall(r"\w+", plain))
        return next((word for word, known in WORDS if said & known), "other")
