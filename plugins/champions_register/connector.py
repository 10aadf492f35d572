"""The register of digital champions: who is one, from when to when. Champions are counted, never listed.

Belongs here: reading the register whole, each night. Does not: what champions do (other sources), or their team (the
roster knows it).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pipeline.connector import (
    ColumnMap,
    Connector,
    Day,
    Excluded,
    Field,
    Glob,
    Iterator,
    Page,
    PersonId,
    Record,
    Rejected,
    date,
    day_in,
    given_one,
    login_of,
    sheet,
    stream,
)

REQUIRED = ("person", "from")
OPTIONAL = ("to", "role")
FIELDS = (*REQUIRED, *OPTIONAL)
BRITISH = "%d/%m/%Y"


class Champion(Record):
    """A stretch of time for which somebody is a champion, under the one name that the register gives them."""

    staff: PersonId["staff"] | None = None
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    started_on: Day
    ended_on: Day | None = None


class ChampionsRegister(Connector):
    """Reads one CSV file that somebody keeps: the whole register each time."""

    name, channel = "champions_register", "roster"

    file: Glob = Field(min_length=1, description='the register, e.g. "registers/champions.csv"; a pattern must name one file')
    mapping: Glob = Field(default="", description="mapping file, where the columns are not called person, from, to and role")
    person_is: Literal["email", "login", "staff"] = Field(default="email", description="what the register calls people by")
    roles: list[str] = Field(default=[], description="roles that make a champion; none: everybody in the register is one")

    @stream(Champion, kind="snapshot", key=("staff", "email", "login", "started_on"), day="started_on")
    def champions(self, since: date | None) -> Iterator[Page]:
        """Every stretch of time in the register."""
        file = given_one(self.file)
        mapped = ColumnMap.load(self.mapping, fields=FIELDS, required=REQUIRED) if self.mapping else None
        with file.open() as content:
            table = mapped.sheet(content, file.name) if mapped else sheet(content, file.name)
            read = mapped or ColumnMap.headed(table, required=REQUIRED, optional=OPTIONAL, times=[BRITISH])
            yield Page([self._champion(row, read.times) for row in read.rows(table)])

    def _champion(self, row: tuple[dict[str, str | None], str] | Rejected, times: list[str]) -> Champion | Rejected | Excluded:
        if isinstance(row, Rejected):
            return row
        cells, place = row
        person, began, ended = cells.get("person"), cells.get("from"), cells.get("to")
        if self.roles and (cells.get("role") or "").casefold() not in _plain(self.roles):
            return Excluded("another role")
        if not person:
            return Rejected("blank at person", place)
        if self.person_is == "login":
            person = login_of(person)
        started_on, ended_on = day_in(began, times), day_in(ended, times)
        if started_on is None or (ended and ended_on is None):
            return Rejected(f"not a day at {'to' if started_on else 'from'}", place)
        if ended_on and ended_on < started_on:
            return Rejected("ends before it begins", place)
        return Champion.of({self.person_is: person, "started_on": started_on, "ended_on": ended_on}, location=place)


def _plain(roles: Collection[str]) -> set[str]:
    return {role.strip().casefold() for role in roles}
