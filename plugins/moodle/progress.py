"""The activity completion report of a course, as Moodle's page Reports > Activity completion gives it for download.

Belongs here: a wide table of localised words to one record a person and activity. Does not: which files there are
(connector.py), or the web service (web.py).
Source: report/progress/index.php and lang/en/completion.php of Moodle. The header's first cell, over the full names, is
empty; then come identity fields; then two columns an activity: its name over words, the date by which it is expected, or
nothing, over times. Quotation marks have become apostrophes. `excelcsv` is the same in UTF-16LE with tabs.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from zoneinfo import ZoneInfo

from pipeline.connector import Fatal, Id, Label, Line, Moment, PersonId, Record, Rejected, Sheet, login_of, moment

STATES = ("incomplete", "complete", "passed", "failed")  # in the order of Moodle's own numbers
DONE = ("complete", "passed", "failed")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
EXPECTED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?")
FILE = re.compile(r"(?:progress\.)?(.+?)(?: ?\(\d+\))?\.(?:csv|txt)", re.IGNORECASE)

# A word that ends in * is the beginning of one: Moodle names there who set the state.
WORDS = {
    "Completed": "complete", "Not completed": "incomplete",
    "Completed (achieved pass grade)": "passed", "Completed (did not achieve pass grade)": "failed",
    "Completed (set by *": "complete", "Not completed (set by *": "incomplete",
    "Cwblhawyd": "complete", "Wedi cwblhau": "complete", "Wedi ei gwblhau": "complete", "Wedi'i gwblhau": "complete",
    "Heb gwblhau": "incomplete", "Heb ei gwblhau": "incomplete", "Ni chwblhawyd": "incomplete",
}  # fmt: skip
COLUMNS = {
    "email": ("Email address", "Email", "Cyfeiriad e-bost", "Cyfeiriad ebost", "E-bost"),
    "username": ("Username", "Enw defnyddiwr"),
    "idnumber": ("ID number", "Rhif adnabod", "Rhif ID"),
}
NAMESPACE = {"email": "email", "username": "login", "idnumber": "staff"}


class Progress(Record):
    """One activity of a course for one person, as a downloaded report has it."""

    course: Id
    activity: Label
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    staff: PersonId["staff"] | None = None
    state: Label
    happened_at: Moment | None
    mandatory: bool


def person_of(identity: str, value: object) -> dict[str, str] | None:
    """Field -> value of a person known by this identity field; None where it is blank or none."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if identity == "email" and not EMAIL.fullmatch(text):
        return None
    if identity == "username":
        text = login_of(text)
    return {NAMESPACE[identity]: text} if text else None


def course_of(name: str) -> str:
    """The course that a file is of: Moodle calls it progress.<short name>.csv, browsers add (1)."""
    found = FILE.fullmatch(name.rpartition("/")[2])
    return found[1] if found else name


class Words:
    """What the words of the report mean; those of the settings come first."""

    def __init__(self, more: Mapping[str, str]) -> None:
        told = {word.casefold(): state for word, state in (WORDS | dict(more)).items()}
        self._whole = {word: state for word, state in told.items() if not word.endswith("*")}
        self._begin = {word[:-1]: state for word, state in told.items() if word.endswith("*")}

    def state(self, text: str) -> str | None:
        """One of STATES, or None for a word that is not known."""
        text = text.casefold()
        return self._whole.get(text) or next((state for begin, state in self._begin.items() if text.startswith(begin)), None)


class Report:
    """Reads one report.

    identity   which identity field names a person, and `column` what it is called where not as Moodle does
    """

    def __init__(self, words: Words, zone: ZoneInfo, identity: str, column: str) -> None:
        self._words, self._zone, self._identity = words, zone, identity
        self._columns = (column,) if column else COLUMNS[identity]

    def rows(self, table: Sheet, course: str, mandatory: bool) -> list[Record | Rejected]:
        """A record for each person and activity. Raises Fatal naming the file where it is no such report."""
        person = table.header.index(table.need(*self._columns))
        header, first = table.header, _first_activity(table)
        if person >= first:
            raise Fatal(f"{table.name}: the column {header[person]!r} stands among the activities: is it an identity field?")
        # Activities may share their names, and many headers are empty: cells are known by their place.
        table.header = [str(place) for place in range(len(header))]
        found: list[Record | Rejected] = []
        places = range(first, len(header), 2)
        for line in table.rows():
            who = None if isinstance(line, Rejected) else person_of(self._identity, line.cells[str(person)])
            if isinstance(line, Rejected):
                found += [line for _ in places]
            elif who is None:
                found += [Rejected(f"nobody at the identity field {self._identity}", line.place) for _ in places]
            else:
                told = {"course": course, "mandatory": mandatory, **who}
                found += [self._cell(line, place, told | {"activity": header[place]}) for place in places]
        return found

    def _cell(self, line: Line, place: int, told: Mapping[str, object]) -> Record | Rejected:
        where = f"{line.place}, column {place + 1}"
        state, at = self._words.state(line.cells[str(place)]), moment(line.cells[str(place + 1)], self._zone)
        if state is None:
            return Rejected("a word for a state that is not in `words`", where)
        if at is None and (state in DONE or line.cells[str(place + 1)]):
            return Rejected("no time beside a state", where)
        return Progress.of({**told, "state": state, "happened_at": at}, location=where)


def _first_activity(table: Sheet) -> int:
    """Where the activities begin: after the name and the identity fields, in pairs of which the second is empty or a date."""
    header: Sequence[str] = table.header
    first = next((at for at in range(1, len(header) - 1) if EXPECTED.fullmatch(header[at + 1])), None)
    pairs = list(islice(header, first, None)) if first else []
    if not first or header[0] or len(pairs) % 2 or not all(pairs[::2]) or not all(map(EXPECTED.fullmatch, pairs[1::2])):
        raise Fatal(f"{table.name} is no activity completion report of Moodle: download it there as CSV and leave it as it is")
    return first
