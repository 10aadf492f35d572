"""Questions and answers that an organiser exports as a table: Slido, Teams town halls, and whatever else has columns.

Belongs here: settings, which files are new, and what a row means. Does not: which column is which field (a mapping file
of the operator's; samples/ holds two to begin with), or who is meant by an address (directory/).
"""

import re
from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pipeline.connector import (
    ColumnMap,
    Connector,
    Excluded,
    Fatal,
    Field,
    Given,
    Glob,
    Id,
    Iterator,
    Label,
    Landed,
    Moment,
    Page,
    PersonId,
    Prose,
    Record,
    Rejected,
    date,
    datetime,
    file_pages,
    stream,
    zone_of,
)

FIELDS = ("id", "text", "asked_at", "person", "votes", "answer", "answered_at", "answered_by", "state", "meeting")
REQUIRED = ("text", "state")
TIMES = ("asked_at", "answered_at")
READ = ("published", "answered")
KEPT_OUT = {"dismissed": "dismissed", "pending": "not yet published", "private": "private reply"}
NOBODY = ["anonymous", "anonymous user", "anonymous attendee", "guest", "unknown", "n/a", "-", "dienw"]
DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
EARLIEST = 2000  # a time of day that was read without its day lies in 1900


class Question(Record):
    """One question, with its answer where the table has one. Who asks without an address or login is nobody.

    `id` is the table's own, or the number of the row; it is unique in its file.
    """

    id: Id
    meeting: Label | None = None
    state: Label
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    asked_at: Moment
    votes: int | None = None
    text: Prose
    answer: Prose = ""
    answered_at: Moment | None = None
    answered_by_email: PersonId["email"] | None = None
    answered_by_login: PersonId["login"] | None = None


class QuestionsCsv(Connector):
    """Tables of questions, read through a mapping file; one file is one meeting, or one export of several."""

    name, channel = "questions_csv", "chat"

    files: Glob = Field(description='pattern of the tables, e.g. "questions/*.csv"')
    mapping: Glob = Field(description='file that says which column is which field, e.g. "questions/slido.toml"')
    dates: dict[str, date] = Field(
        default_factory=dict, description="day of a file's questions by the file's name, where no column has their time"
    )
    person_namespace: Literal["email", "login", "none"] = Field(
        default="email", description='what the columns of people hold; "none" if display names: then nobody is told apart'
    )
    anonymous: list[str] = Field(default=NOBODY, description="words that stand for nobody in the columns of people")

    @stream(Question, kind="unit", day="asked_at")
    def questions(self, landed: Landed) -> Iterator[Page]:
        """Every published question of every table that is not here yet, grew, or was exported again under its name."""
        mapping = ColumnMap.load(self.mapping, fields=FIELDS, required=REQUIRED)
        _check(mapping)
        zone = zone_of(mapping.zone)

        def rows(file: Given) -> list[Record | Rejected | Excluded]:
            with file.open() as content:
                return list(self._read(mapping.rows(mapping.sheet(content, file.name), TIMES), self._noon(file, mapping, zone)))

        def way(file: Given) -> str:
            return repr((mapping, self.person_namespace, self.anonymous, self._day(file)))

        return file_pages(self.files, landed, rows, way=way)

    def _day(self, file: Given) -> date | None:
        found = DAY.search(file.path.name)
        try:
            return self.dates.get(file.path.name) or (date.fromisoformat(found[0]) if found else None)
        except ValueError:
            return None

    def _noon(self, file: Given, mapping: ColumnMap, zone: ZoneInfo) -> datetime | None:
        """The time of questions that have none of their own. Raises Fatal where nothing tells their day."""
        if "asked_at" in mapping.columns:
            return None
        if (day := self._day(file)) is None:
            raise Fatal(f'no day for {file.name}: give it as dates = {{"{file.path.name}" = 2026-03-04}}')
        return datetime(day.year, day.month, day.day, 12, tzinfo=zone)

    def _read(
        self, rows: Iterator[tuple[dict[str, Any], str] | Rejected], noon: datetime | None
    ) -> Iterator[Record | Rejected | Excluded]:
        known: set[str] = set()
        for number, row in enumerate(rows, 1):
            if isinstance(row, Rejected):
                yield row
                continue
            cells, place = row
            record = self._question(cells, place, number, noon)
            if isinstance(record, Question):
                if record.id in known:
                    record = Rejected("id that came before", place)
                else:
                    known.add(record.id)
            yield record

    def _question(self, cells: Mapping[str, Any], place: str, number: int, noon: datetime | None) -> Record | Rejected | Excluded:
        state = str(cells.get("state") or "").casefold()
        if rule := KEPT_OUT.get(state):
            return Excluded(rule)
        if state not in READ:
            return Rejected("unknown word at state" if state else "missing at state", place)
        asked_at = cells.get("asked_at") or noon
        if not cells.get("text") or asked_at is None:
            return Rejected(f"missing at {'asked_at' if cells.get('text') else 'text'}", place)
        if asked_at.year < EARLIEST:
            return Rejected("a time without its day at asked_at", place)
        asker, answerer = self._person(cells.get("person")), self._person(cells.get("answered_by"))
        return Question.of(
            {
                "id": cells.get("id") or str(number), "meeting": cells.get("meeting"), "state": state, "asked_at": asked_at,
                "votes": cells.get("votes"), "text": cells["text"], "answer": cells.get("answer") or "",
                "answered_at": cells.get("answered_at"),
                "email": asker if self.person_namespace == "email" else None,
                "login": asker if self.person_namespace == "login" else None,
                "answered_by_email": answerer if self.person_namespace == "email" else None,
                "answered_by_login": answerer if self.person_namespace == "login" else None,
            },
            location=place,
        )  # fmt: skip

    def _person(self, cell: Any) -> str | None:
        """Who is meant; nobody where it is a word for nobody, or no address where addresses are due."""
        text = str(cell or "").strip()
        nobody = text.casefold() in {word.strip().casefold() for word in self.anonymous}
        no_address = self.person_namespace == "email" and "@" not in text
        return None if nobody or no_address or self.person_namespace == "none" else text or None


def _check(mapping: ColumnMap) -> None:
    """Refuse a mapping whose words for the state of a question are none of ours, or that says one time of all."""
    if times := [field for field in TIMES if field in mapping.fixed]:
        raise Fatal(f"mapping {mapping.file}: [fixed] cannot hold {times[0]}: give the setting dates the day of each file")
    said = [*mapping.words.get("state", {}).values(), *([mapping.fixed["state"]] if "state" in mapping.fixed else [])]
    if unknown := [word for word in said if word not in (*READ, *KEPT_OUT)]:
        raise Fatal(f"mapping {mapping.file}: state cannot be {unknown[0]!r}; it is one of {', '.join((*READ, *KEPT_OUT))}")
