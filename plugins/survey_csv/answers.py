"""One respondent's row: an answer for each item, within its scale.

Belongs here: what a row means. Does not: which files there are (connector.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.connector import (
    ColumnMap,
    Excluded,
    Fatal,
    Field,
    Label,
    Moment,
    PersonId,
    Record,
    Rejected,
    date,
    datetime,
    login_of,
    moment,
    number,
    stands_for_none,
    zone_of,
)

PLACES = ("person", "answered_at", "directorate", "team")
"""The fields of a row beside its items."""

UNANSWERED = Excluded("not answered")


class Answer(Record):
    """One respondent's answer to one item, and the ends of its scale.

    `team` and `directorate` are what the survey says of a respondent; the roster's word goes before theirs.
    """

    respondent: PersonId["respondent"] | None = None
    staff: PersonId["staff"] | None = None
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    answered_at: Moment
    item: Label = Field(min_length=1)
    answer: float = Field(allow_inf_nan=False)
    lowest: float
    highest: float
    directorate: Label | None = None
    team: Label | None = None


class Answers:
    """Reads the rows of one file."""

    def __init__(
        self, file: str, items: Mapping[str, tuple[float, float]], person_is: str, day: date | None, mapping: ColumnMap
    ) -> None:
        self._file, self._items, self._person_is = file, items, person_is
        self._day = moment(day.isoformat(), zone_of(mapping.zone)) if day else None
        self._seen: set[str] = set()
        mapped = {*mapping.columns, *mapping.fixed}
        self._numbered = "person" not in mapped and person_is == "respondent"
        if "person" not in mapped and not self._numbered:
            raise Fatal(f"{file} has no column 'person', by which it names respondents: map it, or set person_is = \"respondent\"")
        if "answered_at" not in mapped and day is None:
            raise Fatal(f'{file} does not say when it was answered: set dates = {{ "{file}" = 2026-03-02 }}, or map answered_at')
        self._zone = zone_of(mapping.zone)

    def read(self, row: tuple[dict[str, Any], str] | Rejected) -> Iterator[Answer | Rejected | Excluded]:
        """An answer for each item; an empty cell is one that was not given. A row that cannot be read costs them all."""
        about = self._about(row)
        for item, scale in self._items.items():
            yield about if isinstance(about, Rejected) else _answer(*about, item, scale)

    def _about(self, row: tuple[dict[str, Any], str] | Rejected) -> tuple[dict[str, Any], dict[str, Any], str] | Rejected:
        """What is said of the respondent, the cells of the row, and its place."""
        if isinstance(row, Rejected):
            return row
        cells, place = row
        person, at = self._person(cells.get("person"), place), self._moment(cells.get("answered_at"))
        if not person:
            return Rejected("blank at person", place)
        if at is None or stands_for_none(at.date()):
            return Rejected("no time at answered_at", place)
        if person.casefold() in self._seen:
            return Rejected("the same respondent again", place)
        self._seen.add(person.casefold())
        said = {"directorate": cells.get("directorate"), "team": cells.get("team")}
        return {self._person_is: person, "answered_at": at, **said}, cells, place

    def _person(self, name: str | None, place: str) -> str | None:
        """Whom a row is of. Respondents without names are told apart within their file only: numbers begin anew each time."""
        if self._person_is == "respondent":
            return f"{self._file} {name}" if name else place if self._numbered else None
        if name and self._person_is == "login":
            return login_of(name)
        return name

    def _moment(self, at: datetime | str | None) -> datetime | None:
        """When a row was answered: by its own time, else on the day of the file. A time that is [fixed] comes as text."""
        return moment(at, self._zone) if isinstance(at, str) else at or self._day


def _answer(
    about: Mapping[str, Any], cells: Mapping[str, Any], place: str, item: str, scale: tuple[float, float]
) -> Answer | Rejected | Excluded:
    lowest, highest = scale
    text = str(cells.get(item) or "")
    if not text:
        return UNANSWERED
    value = number(text)
    if value is None:
        return Rejected(f"not a number at {item}", place)
    if not lowest <= value <= highest:
        return Rejected(f"outside the scale at {item}", place)
    return Answer.of({**about, "item": item, "answer": value, "lowest": lowest, "highest": highest}, location=place)
