"""The register of absences: who was away from when to when, and in which of five words why. Never the detail.

Belongs here: reading the register whole, each night. Does not: what absence means for a figure (warehouse/staging), or
whose team it is (the roster knows it).
"""

from __future__ import annotations

import re
from typing import Literal

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
    given,
    register,
    stream,
)

REQUIRED = ("person", "from")
OPTIONAL = ("to", "why", "status")

NOT_TAKEN = frozenset({"cancelled", "canceled", "declined", "draft", "pending", "refused", "rejected", "requested", "withdrawn"})

Why = Literal["leave", "sick", "shift", "no computer", "other"]

# The first line that has a word of the reason decides; a reason is read for these words and then forgotten.
WORDS: tuple[tuple[Why, frozenset[str]], ...] = (
    ("sick", frozenset({"sick", "sickness", "ill", "illness", "salwch", "sâl"})),
    ("no computer", frozenset({"computer", "pc", "laptop", "device", "cyfrifiadur"})),
    ("shift", frozenset({"shift", "shifts", "roster", "rota", "rest", "sifft"})),
    ("leave", frozenset({"leave", "holiday", "holidays", "vacation", "maternity", "paternity", "parental", "gwyliau"})),
)


class Absence(Stretch):
    """A stretch of days on which somebody was away, under the one name that the register gives them."""

    why: Why = "other"


class AbsenceRegister(Connector):
    """Reads the CSV files of a register that HR keeps, or a rota exports: the whole register each time."""

    name, channel = "absence_register", "roster"

    file: Glob = Field(min_length=1, description='the register, e.g. "registers/absences.csv"; several files are one register')
    mapping: Glob = Field(default="", description="mapping file, where the columns are not called person, from, to, why and status")
    person_is: CalledBy = Field(default="email", description="what the register calls people by")
    codes: dict[str, Why] = Field(default={}, description='your own codes for why, e.g. {AL = "leave", SL = "sick"}')

    @stream(Absence, kind="snapshot", key=("staff", "email", "login", "started_on", "why"), day="started_on")
    def absences(self, since: date | None) -> Iterator[Page]:
        """Every stretch of absence in the register."""
        files = given(self.file, "file")
        yield Page(register(files, self.mapping, self._absence, required=REQUIRED, optional=OPTIONAL))

    def _absence(self, row: Entry) -> Absence | Rejected | Excluded:
        if row.word("status") in NOT_TAKEN:
            return Excluded("not taken")
        told = row.stretch(self.person_is)
        return told if isinstance(told, Rejected) else Absence.of({**told, "why": self._why(row.word("why"))}, location=row.place)

    def _why(self, reason: str) -> Why:
        """The one of five words that stands for the reason; what else the cell says goes no further."""
        for code, word in self.codes.items():
            if reason == code.strip().casefold():
                return word
        said = set(re.findall(r"\w+", reason))
        return next((word for word, known in WORDS if said & known), "other")
