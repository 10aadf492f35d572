"""Yammer / Viva Engage, network data export: all of a network's messages, from ZIPs in a folder or from the export API.

Belongs here: settings, streams, and which export is read when. Does not: rows (rows.py), ZIPs (export.py), how much to
ask for at once (windows.py), or the cursor (position.py).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import IO
from zoneinfo import ZoneInfo

from pipeline.connector import (
    SENSITIVE_WORDS,
    UTC,
    Archive,
    Connector,
    Cursor,
    DelegatedSignIn,
    Excluded,
    Fatal,
    Field,
    Given,
    Glob,
    Http,
    Iterator,
    Page,
    Record,
    Rejected,
    Retry,
    archive,
    date,
    datetime,
    given,
    stream,
    timedelta,
    zone_of,
)

from .export import holds, made_at, refuse_answer, tables, whole
from .position import Position
from .rows import (
    GROUP,
    GROUP_ALSO,
    MESSAGE,
    MESSAGE_ALSO,
    USER,
    USER_ALSO,
    Group,
    Groups,
    Message,
    Row,
    User,
    group_in,
    message_in,
    rows_in,
    times_in,
    user_in,
)
from .windows import WIDEST, Windows

PAGE = 1000
API = "the export API"


@dataclass(frozen=True)
class Part:
    """What one stream reads of an export: a member, the models that the API calls it by, its columns, what a row becomes."""

    member: str
    models: tuple[str, ...]
    needed: tuple[str, ...]
    also: tuple[str, ...]
    record: Callable[[Row, str], Record | Rejected | Excluded]
    learns: Groups | None = None


@dataclass
class Seen:
    """What was in a window: its newest time, the time of the row that is oldest by its last one, digests of its members."""

    newest: datetime | None = None
    oldest: datetime | None = None
    digests: frozenset[str] = frozenset()


class YammerExport(DelegatedSignIn, Connector):
    """Messages, users and groups of one network, as a verified admin exports them."""

    name, channel = "yammer_export", "network"

    files: Glob = Field(default="", description="export ZIPs in a folder, e.g. exports/*.zip")
    url: str = Field(default="", description="root of the API, https://www.yammer.com/api/v1; empty: files only")
    first_day: date | None = Field(default=None, description="first day to ask the API for")
    overlap_hours: int = Field(default=48, ge=1, description="how far before the newest row each night asks the API again")
    patience: float = Field(default=600, gt=0, description="seconds that the API may take for one export")
    scope: str = Field(
        default="https://www.yammer.com/.default", description="scope; some tenants: https://api.yammer.com/.default"
    )
    zone: str = Field(default="UTC", description="zone of times that have none: the vendor's servers run in UTC")
    exclude_groups: list[str] = Field(default=list(SENSITIVE_WORDS), description="words of group names not to read")

    @stream(
        Message, kind="keyed", key="id", version="changed_at", tombstone="gone", cursor="opaque", day="created_at", windowed=True
    )
    def messages(self, since: Cursor | datetime, until: datetime | None = None) -> Iterator[Page]:
        """Messages to everybody or to a public group; a deletion is told by the export."""
        position = Position() if isinstance(since, datetime) else Position.of(since)
        groups = Groups(self.exclude_groups, position.hidden)
        position.hidden = groups.hidden
        part = Part(
            "messages.csv", ("Message",), MESSAGE, MESSAGE_ALSO,
            lambda row, place: message_in(row, groups, self._zone, place), learns=groups,
        )  # fmt: skip
        yield from self._read(part, position, since if isinstance(since, datetime) else None, until)

    @stream(User, kind="keyed", key="id", cursor="opaque")
    def users(self, since: Cursor) -> Iterator[Page]:
        """Accounts that are new or changed, by which messages are joined to the directory."""
        yield from self._read(Part("users.csv", ("User",), USER, USER_ALSO, user_in), Position.of(since))

    @stream(Group, kind="keyed", key="id", cursor="opaque")
    def groups(self, since: Cursor) -> Iterator[Page]:
        """Communities that are new or changed; those that must not be read without their names."""
        known = Groups(self.exclude_groups, {})
        part = Part("groups.csv", ("Group",), GROUP, GROUP_ALSO, lambda row, place: group_in(row, known, place))
        yield from self._read(part, Position.of(since))

    def _read(self, part: Part, position: Position, since: datetime | None = None, until: datetime | None = None) -> Iterator[Page]:
        if not (self.files or self.url):
            raise Fatal("set files to the pattern of export ZIPs, or url to the root of the export API")
        if self.files:
            yield from self._from_files(part, position)
        if self.url:
            if groups := part.learns:  # all of them before the first message: its group may be told of much later

                def learn(row: Row, _: str) -> Excluded:
                    groups.learn(row)
                    return Excluded("read for its messages")

                told = Part("groups.csv", ("Group",), GROUP, GROUP_ALSO, learn)
                for _ in self._from_api(told, Position(), self._windows(position, since if self.first_day is None else None)):
                    pass
            yield from self._from_api(part, position, self._windows(position, since, until))

    # --------------------------------------------------------------------------------------------------------- files
    def _from_files(self, part: Part, position: Position) -> Iterator[Page]:
        """Every ZIP that is not read yet, oldest first, and once more those that are newer than any of them.

        An edit has no time of its own in an export: what was exported last is what holds.
        """
        packs = sorted((self._pack(file) for file in given(self.files)), key=lambda pack: (pack[0], pack[1].name))
        unread = [made for made, _, digest in packs if digest not in position.files]
        if not unread:
            return
        position.files = {digest: made for made, _, digest in packs if made < unread[0] and digest in position.files}
        due = [pack for pack in packs if pack[2] not in position.files]
        if due[0][2] != position.part:
            position.part, position.pages = "", 0
        for _, file, digest in packs:  # one export makes good what another says: none is read while one is damaged
            with file.open() as content, archive(content, file.name) as found:
                if part.learns:
                    self._learn(found, part.learns)
                if digest not in position.files:
                    whole(found, part.member)
        for made, file, digest in due:
            with file.open() as content, archive(content, file.name) as found:
                for number, page in enumerate(self._pages(found, part, Seen()), 1):
                    if number > position.pages:
                        position.part, position.pages = digest, number
                        yield Page(page, cursor=position.cursor())
            position.files[digest] = made
            position.part, position.pages = "", 0
            yield Page([], cursor=position.cursor())

    def _pack(self, file: Given) -> tuple[str, Given, str]:
        with file.open() as content:
            made = made_at(content, file.name)
        return made, file, file.digest(file.size)[:20]

    def _learn(self, found: Archive, groups: Groups) -> None:
        """Which groups must not be read, from whatever export names them."""
        for table, _ in tables(found, "groups.csv"):
            for row in rows_in(table, GROUP, ()):
                if not isinstance(row, Rejected):
                    groups.learn(row[0])

    # ----------------------------------------------------------------------------------------------------------- API
    def _windows(self, position: Position, since: datetime | None, until: datetime | None = None) -> Windows:
        if since:
            return Windows(since, limit=until)
        if position.read_to:
            return Windows(position.read_to - timedelta(hours=self.overlap_hours))
        if self.first_day is None:
            raise Fatal("first_day is not set: say from which day on the API is to be asked")
        return Windows(datetime(self.first_day.year, self.first_day.month, self.first_day.day, tzinfo=UTC), width=WIDEST)

    def _from_api(self, part: Part, position: Position, windows: Windows) -> Iterator[Page]:
        before: dict[str, datetime] = {}  # digest -> where its window began
        while not windows.over:
            try:
                seen = yield from self._window(part, position, windows)
            except (Retry, Http.TooLarge) as fault:
                windows.narrow(fault)
                continue
            again = any(before.get(digest, windows.start) != windows.start for digest in seen.digests)
            if again and seen.oldest and seen.oldest < windows.start:
                raise Fatal(f"{API} gives the same export again: it does not heed since")
            before |= dict.fromkeys(seen.digests, windows.start)
            windows.read(seen.newest)
            reached = (seen.newest if windows.over else None) or windows.start
            position.read_to = max(position.read_to or reached, reached)
            yield Page([], cursor=position.cursor())

    def _window(self, part: Part, position: Position, windows: Windows) -> Generator[Page, None, Seen]:
        """The pages of one window, asked for twice where what comes is no ZIP."""
        asked = {"since": windows.start, "until": windows.end, "model": list(part.models), "include": "csv"}
        for last in (False, True):
            with self._http.download("export", **asked) as file:
                if last or zipfile.is_zipfile(file):
                    return (yield from self._zip(file, part, position, windows.end))
        raise AssertionError("a loop that always returns")

    def _zip(self, file: IO[bytes], part: Part, position: Position, end: datetime | None) -> Generator[Page, None, Seen]:
        if not zipfile.is_zipfile(file):
            refuse_answer(file, API)
        seen = Seen()
        with archive(file, API) as found:
            if not holds(found, part.member):
                raise Fatal(f"{API} gave a ZIP without {part.member.capitalize()}, which was asked for")
            for page in self._pages(found, part, seen, end):
                yield Page(page, cursor=position.cursor())
        return seen

    @cached_property
    def _http(self) -> Http:
        return Http(
            self.url, token=self.signed_in(self.scope), requests_per=(10, 10), timeout=(10, self.patience), deadline=self.patience,
            max_body=1 << 30, attempts=3, ca_bundle=self.ca_bundle or None,
        )  # fmt: skip

    # ---------------------------------------------------------------------------------------------------------- rows
    @cached_property
    def _zone(self) -> ZoneInfo:
        return zone_of(self.zone)

    def _pages(
        self, found: Archive, part: Part, seen: Seen, end: datetime | None = None
    ) -> Iterator[list[Record | Rejected | Excluded]]:
        """The records of one export, page by page; `seen` learns its times before `end`."""
        if not holds(found, part.member):
            yield [Excluded(f"no {part.member.capitalize()} in an export")]
        for table, digest in tables(found, part.member):
            seen.digests |= {digest}
            records = self._records(rows_in(table, part.needed, part.also), part, seen, end)
            while page := list(islice(records, PAGE)):
                yield page

    def _records(
        self, rows: Iterator[tuple[Row, str] | Rejected], part: Part, seen: Seen, end: datetime | None
    ) -> Iterator[Record | Rejected | Excluded]:
        for read in rows:
            if isinstance(read, Rejected):
                yield read
                continue
            times = times_in(read[0], self._zone)
            if times:
                seen.oldest = min(seen.oldest or max(times), max(times))
            # A message of this window may have been deleted long after it.
            seen.newest = max([*([seen.newest] if seen.newest else []), *(t for t in times if not end or t < end)], default=None)
            yield part.record(*read)
