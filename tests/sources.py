"""Small connectors made for tests: one of each kind of stream, with what they give held in plain lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from pipeline.connector import Connector, Excluded, Label, Landed, Moment, Page, PersonId, Prose, Record, Rejected, stream


class Post(Record):
    """A message with an author, a version and a text."""

    id: int
    author: PersonId["login"]
    at: Moment
    version: int = 1
    gone: bool = False
    topic: Label | None = None
    text: Prose | None = None


class Person(Record):
    """A member of staff."""

    staff_id: PersonId["staff"]
    name_tokens: list[PersonId["name"]] = []
    team: Label


def post(number: int, **changes: Any) -> dict[str, Any]:
    """A post of 09:00 UTC on the number-th day of 2026."""
    at = datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=number % 28, minutes=number)
    return {"id": number, "author": f"login{number % 7}", "at": at, "text": f"Text number {number}", **changes}


class Keyed(Connector):
    """Pages of ten posts, oldest first, with its own cursor: the number of the next post."""

    name, channel = "keyed", "network"
    posts_given: ClassVar[list[Any]] = []
    fail_after: ClassVar[int | None] = None
    asked: ClassVar[list[Any]] = []

    @stream(Post, kind="keyed", key="id", version="version", tombstone="gone", cursor="opaque", day="at")
    def posts(self, since: Any) -> Iterator[Page]:
        """Posts."""
        type(self).asked.append(since)
        start = since or 0
        for number, at in enumerate(range(start, len(self.posts_given), 10)):
            if self.fail_after is not None and number >= self.fail_after:
                raise ConnectionError("someone@example.org hung up")
            rows = self.posts_given[at : at + 10]
            records = [r if isinstance(r, Excluded | Rejected) else Post.of(r) for r in rows]
            yield Page(records, cursor=at + len(rows))


class Timed(Connector):
    """Posts by their time, with a look-back of two days."""

    name, channel = "timed", "network"
    posts_given: ClassVar[list[Any]] = []
    asked: ClassVar[list[Any]] = []

    @stream(Post, kind="keyed", key="id", cursor="at", lookback=timedelta(days=2), windowed=True)
    def posts(self, since: datetime | None, until: datetime | None = None) -> Iterator[Page]:
        """Posts."""
        type(self).asked.append((since, until))
        chosen = [p for p in self.posts_given if (since is None or p["at"] >= since) and (until is None or p["at"] < until)]
        for at in range(0, len(chosen), 3):
            yield Page(Post.many(chosen[at : at + 3]))


class Files(Connector):
    """Units of posts, each with a name and content."""

    name, channel = "files", "chat"
    files: ClassVar[dict[str, list[Any]]] = {}

    @stream(Post, kind="unit", day="at")
    def posts(self, landed: Landed) -> Iterator[Page]:
        """Posts of a file."""
        for name, rows in sorted(self.files.items()):
            unit = landed.unit(name, len(rows), lambda n, rows=rows: repr(rows[:n]))
            if unit:
                yield Page(Post.many(rows), unit=unit)


class Days(Connector):
    """One unit a day."""

    name, channel = "days", "network"
    by_day: ClassVar[dict[date, list[Any]]] = {}
    asked: ClassVar[list[date]] = []

    @stream(Post, kind="unit", unit="day", lookback=timedelta(days=1))
    def posts(self, day: date) -> Iterator[Page]:
        """Posts of a day."""
        type(self).asked.append(day)
        yield Page(Post.many(self.by_day.get(day, [])))


class Roster(Connector):
    """Dated snapshots of staff."""

    name, channel = "roster", "roster"
    snapshots: ClassVar[dict[date, list[Any]]] = {}

    @stream(Person, kind="snapshot", key="staff_id")
    def people(self, since: date | None) -> Iterator[Page]:
        """Staff."""
        for day, rows in sorted(self.snapshots.items()):
            if since is None or day >= since:
                yield Page(Person.many(rows), snapshot=day)
