"""The register of digital champions: who is one, from when to when. Champions are counted, never listed.

Belongs here: reading the register whole, each night. Does not: what champions do (other sources), or their team (the
roster knows it).
"""

from __future__ import annotations

from pipeline.connector import (
    CalledBy,
    Connector,
    Entry,
    Excluded,
    Field,
    Glob,
    Iterator,
    Page,
    Rejected,
    Stretch,
    date,
    given_one,
    register,
    stream,
)

REQUIRED = ("person", "from")
OPTIONAL = ("to", "role")


class Champion(Stretch):
    """A stretch of time for which somebody is a champion, under the one name that the register gives them."""


class ChampionsRegister(Connector):
    """Reads one CSV file that somebody keeps: the whole register each time."""

    name, channel = "champions_register", "roster"

    file: Glob = Field(min_length=1, description='the register, e.g. "registers/champions.csv"; a pattern must name one file')
    mapping: Glob = Field(default="", description="mapping file, where the columns are not called person, from, to and role")
    person_is: CalledBy = Field(default="email", description="what the register calls people by")
    roles: list[str] = Field(default=[], description="roles that make a champion; none: everybody in the register is one")

    @stream(Champion, kind="snapshot", key=("staff", "email", "login", "started_on"), day="started_on")
    def champions(self, since: date | None) -> Iterator[Page]:
        """Every stretch of time in the register."""
        files = [given_one(self.file)]
        yield Page(register(files, self.mapping, self._champion, required=REQUIRED, optional=OPTIONAL))

    def _champion(self, row: Entry) -> Champion | Rejected | Excluded:
        if self.roles and row.word("role") not in {role.strip().casefold() for role in self.roles}:
            return Excluded("another role")
        told = row.stretch(self.person_is)
        return told if isinstance(told, Rejected) else Champion.of(told, location=row.place)
