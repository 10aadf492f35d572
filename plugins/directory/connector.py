"""Staff directory: who works where, and under which names the other sources know them; the denominator of every share.

Belongs here: reading one CSV export a snapshot. Does not: joining people or forming teams (warehouse/staging).
"""

import csv
import glob
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.connector import (
    Connector,
    Fatal,
    Field,
    Glob,
    Iterator,
    Label,
    Page,
    PersonId,
    Record,
    Rejected,
    date,
    stream,
)

REQUIRED = ("staff_id", "team", "directorate")
OPTIONAL = ("name", "email", "login", "entra_id", "grade", "location", "manager_id", "started_on", "left_on")
DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


class Person(Record):
    """One member of staff as a snapshot has them. Of a name only its single words land, and only as pseudonyms."""

    staff_id: PersonId["staff"] = Field(min_length=1)
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    entra: PersonId["entra"] | None = None
    mbox_sha1: PersonId["mbox_sha1"] | None = None
    name_tokens: list[PersonId["name"]]
    team: Label = Field(min_length=1)
    directorate: Label = Field(min_length=1)
    grade: Label | None = None
    location: Label | None = None
    manager: PersonId["staff"] | None = None
    started_on: date | None = None
    left_on: date | None = None


class Directory(Connector):
    """Reads exports of the staff directory, one CSV file a snapshot, its day in the file's name.

    files  which files, e.g. "directory/staff-*.csv"; each name holds a day as in staff-2026-01-12.csv
    """

    name, channel = "directory", "roster"
    files: Glob

    @stream(Person, kind="snapshot", key="staff_id")
    def people(self, since: date | None) -> Iterator[Page]:
        """Everybody on the roster on the day of each file that is newer than `since`."""
        dated = _dated([path for path in map(Path, glob.glob(self.files, recursive=True)) if path.is_file()])
        if not dated and since is None:
            raise Fatal("no file matches `files` of the directory: correct the pattern, or put the first export there")
        for day, path in sorted(dated.items()):
            if since is None or day > since:
                yield Page(_people(path), snapshot=day)


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
    found: list[Person | Rejected] = []
    seen: set[str] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = _header(path, next(reader, []))
            for cells in reader:
                texts = [cell.strip() for cell in cells]
                if any(texts):
                    found.append(_person(header, texts, seen, str(reader.line_num)))
    except UnicodeDecodeError:
        raise Fatal(f"{path.name} is not UTF-8: export it again as 'CSV UTF-8'") from None
    except csv.Error as error:
        raise Fatal(f"{path.name}, line {reader.line_num}: {error}: export it again") from None
    return found


def _header(path: Path, cells: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    for column in REQUIRED:
        if column not in header:
            raise Fatal(f"{path.name} has no column {column!r}: export it again with {', '.join(REQUIRED)}")
    for column in (*REQUIRED, *OPTIONAL):
        if header.count(column) > 1:
            raise Fatal(f"{path.name} has the column {column!r} twice: keep one")
    return header


def _person(header: list[str], cells: list[str], seen: set[str], line: str) -> Person | Rejected:
    if len(cells) != len(header):
        return Rejected(f"{'fewer' if len(cells) < len(header) else 'more'} cells than the header has", line)
    row = dict(zip(header, cells, strict=True))
    staff = row["staff_id"].lower()
    if staff and staff in seen:
        return Rejected("the same staff_id again", line)
    seen.add(staff)
    email = row.get("email", "").lower()
    given: Mapping[str, object] = {
        **{column: row.get(column) or None for column in ("grade", "location")},
        **{column: row[column] for column in REQUIRED},
        "email": email or None,
        "login": _login(row.get("login", "")) or None,
        "entra": row.get("entra_id") or None,
        "mbox_sha1": _mbox(email) if email else None,
        "name_tokens": name_tokens(row.get("name", "")),
        "manager": row.get("manager_id") or None,
        **{column: _day(row.get(column, "")) for column in ("started_on", "left_on")},
    }
    return Person.of(given, location=line)


def _login(text: str) -> str:
    """The bare login: logs write it with a domain before or behind it, or without."""
    return text.rpartition("\\")[2].partition("@")[0]


def _mbox(email: str) -> str:
    """The address as a learning record names people: sha1 of its mailto IRI."""
    return hashlib.sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()


def _day(text: str) -> str | None:
    """A day as ISO 8601 or as 31/12/2026; anything else is left for the record to refuse."""
    british = BRITISH.fullmatch(text)
    return f"{british[3]}-{british[2]:0>2}-{british[1]:0>2}" if british else text or None


@lru_cache(maxsize=200_000)  # the same names come with every snapshot
def name_tokens(name: str) -> tuple[str, ...]:
    """The words of a name by which it is found in text: lower case, two letters or more, each once, in order.

    A word with a hyphen or apostrophe comes whole and in parts; one with an accent also as it is typed without.
    """
    tokens: list[str] = []
    for word in WORD.findall(unicodedata.normalize("NFC", name.replace("\u2019", "'").replace("\u2010", "-")).lower()):
        for token in (word, *re.split(r"['-]", word)):
            bare = "".join(c for c in unicodedata.normalize("NFD", token) if not unicodedata.combining(c))
            tokens += [token, bare]
    return tuple(dict.fromkeys(token for token in tokens if len(token) > 1))
