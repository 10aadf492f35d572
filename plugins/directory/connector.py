"""Staff directory: who works where, and under which names the other sources know them; the denominator of every share.

Belongs here: reading one CSV export a snapshot. Does not: joining people or forming teams (warehouse/staging).
"""

import glob
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pipeline.connector import (
    Connector,
    Fatal,
    Field,
    Glob,
    Iterator,
    Label,
    Line,
    Page,
    PersonId,
    Record,
    Rejected,
    Sheet,
    UnitName,
    date,
    login_of,
    mbox_sha1,
    name_tokens,
    sheet,
    stands_for_none,
    stream,
)

REQUIRED = ("staff_id", "team", "directorate")
OPTIONAL = ("name", "email", "login", "entra_id", "grade", "location", "manager_id", "started_on", "left_on")
SHARED, MANY = 0.2, 10  # share and number of people with another's address: more are no shared mailboxes
DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class Person(Record):
    """One member of staff as a snapshot has them. Of a name only its single words land, and only as pseudonyms."""

    staff_id: PersonId["staff"] = Field(min_length=1)
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    entra: PersonId["entra"] | None = None
    mbox_sha1: PersonId["mbox_sha1"] | None = None
    name_tokens: list[PersonId["name"]]
    team: UnitName = Field(min_length=1)
    directorate: UnitName = Field(min_length=1)
    grade: Label | None = None
    location: Label | None = None
    manager: PersonId["staff"] | None = None
    started_on: date | None = None
    left_on: date | None = None


class Directory(Connector):
    """Reads exports of the staff directory, one CSV file a snapshot, its day in the file's name."""

    name, channel = "directory", "roster"

    files: Glob = Field(description="which files, e.g. directory/staff-*.csv; a name holds its day as in staff-2026-01-12.csv")

    @stream(Person, kind="snapshot", key="staff_id")
    def people(self, since: date | None) -> Iterator[Page]:
        """Everybody on the roster on the day of each file; the newest is read again, for it may have been corrected."""
        dated = _dated([path for path in map(Path, glob.glob(self.files, recursive=True)) if path.is_file()])
        if not dated and since is None:
            raise Fatal("no file matches `files` of the directory: correct the pattern, or put the first export there")
        for day, path in sorted(dated.items()):
            if since is None or day >= since:
                people = _people(path)
                here = [one.left_on is None or one.left_on >= day for one in people if isinstance(one, Person)]
                if here and not any(here):
                    raise Fatal(f"{path.name} lists only people whose left_on is before its own day: see what that column holds")
                yield Page(people, snapshot=day)


def _dated(paths: list[Path]) -> dict[date, Path]:
    """Day -> file. Raises Fatal on a file without a day, and on two for one day."""
    found: dict[date, Path] = {}
    for path in sorted(paths):
        try:
            [parts] = DAY.findall(path.name)
            day = date(*map(int, parts))
        except ValueError:
            raise Fatal(f"{path.name}: name it by the day of the export, as in staff-2026-01-12.csv") from None
        if day in found:
            raise Fatal(f"{found[day].name} and {path.name} are both of {day}: keep the right one")
        found[day] = path
    return found


def _people(path: Path) -> list[Person | Rejected]:
    """The rows of one export, in the order of the file. Raises Fatal naming the file and the column or line."""
    seen: set[str] = set()
    try:
        with path.open("rb") as file:
            table = sheet(file, path.name)
            columns = _columns(table)
            people = [line if isinstance(line, Rejected) else _person(line, columns, seen) for line in table.rows()]
    except OSError as error:
        raise Fatal(f"cannot read {path.name} ({error.strerror}): copy it again or mend its rights") from None
    for column in ("email", "login", "entra"):
        names = Counter(name for one in people if isinstance(one, Person) and (name := getattr(one, column)))
        shared = sum(times for times in names.values() if times > 1)
        if shared >= MANY and shared > SHARED * names.total():
            raise Fatal(
                f"{path.name}: {shared} of {names.total()} people share their {column} with others, so that no other source could "
                "tell them apart: see whether the column was filled down, or empty it"
            )
    return people


def _columns(table: Sheet) -> dict[str, str]:
    """Our name of a column -> the name in the header, for every column that is here."""
    plain = [re.sub(r"[\s_-]+", "_", column.strip().lower()) for column in table.header]
    for column in (*REQUIRED, *OPTIONAL):
        if plain.count(column) > 1:
            raise Fatal(f"{table.name} has the column {column!r} twice: keep one")
    optional = {column: table.column(column) for column in OPTIONAL}
    return {**{column: table.need(column) for column in REQUIRED}, **{ours: theirs for ours, theirs in optional.items() if theirs}}


def _person(line: Line, columns: Mapping[str, str], seen: set[str]) -> Person | Rejected:
    row = {ours: line.cells[theirs] for ours, theirs in columns.items()}
    staff = row["staff_id"].lower()
    if staff and staff in seen:
        return Rejected("the same staff_id again", line.place)
    seen.add(staff)
    email = row.get("email", "").lower()
    given: Mapping[str, object] = {
        **{column: row.get(column) or None for column in ("grade", "location")},
        **{column: row[column] for column in REQUIRED},
        "email": email or None,
        "login": login_of(row.get("login", "")) or None,
        "entra": row.get("entra_id") or None,
        "mbox_sha1": mbox_sha1(email) if email else None,
        "name_tokens": name_tokens(row.get("name", "")),
        "manager": row.get("manager_id") or None,
        **{column: _day(row.get(column, "")) for column in ("started_on", "left_on")},
    }
    return Person.of(given, location=line.place)


def _day(text: str) -> str | None:
    """A day as ISO 8601 or as 31/12/2026, None where it stands for none; anything else is left for the record to refuse."""
    british = BRITISH.fullmatch(text)
    told = f"{british[3]}-{british[2]:0>2}-{british[1]:0>2}" if british else text
    try:
        return None if stands_for_none(date.fromisoformat(told)) else told
    except ValueError:
        return told or None
