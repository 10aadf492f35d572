"""Mattermost: what staff write in public channels, from bulk exports of the server.

Belongs here: settings and streams. Does not: files (export.py), or the wire format of lines (posts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pipeline.connector import (
    SENSITIVE_WORDS,
    Connector,
    Excluded,
    Field,
    Given,
    Glob,
    Iterator,
    Landed,
    Page,
    Record,
    Rejected,
    Unit,
    given,
    names_with,
    stream,
)

from .export import lines, newest
from .posts import DIRECT, Account, Post, Reaction, Reader, account_in, reactions

AT_ONCE = 5_000  # records a page
WHOLE = "export"  # the name of the one unit: an export is all of a server, and the next one replaces it


class Mattermost(Connector):
    """Posts, reactions and accounts of one server, from the newest of its bulk exports."""

    name, channel = "mattermost", "chat"

    files: Glob = Field(default="", description='bulk exports, JSONL or ZIP, e.g. "mattermost/*.zip"; empty for none')
    allow_teams: list[str] = Field(default=[], description="invite-only teams that are read, by the name in their address")
    exclude_names: list[str] = Field(default=list(SENSITIVE_WORDS), description="words of team and channel names not to read")

    @stream(Post, kind="unit", day="created_at", exported=True)
    def posts(self, landed: Landed) -> Iterator[Page]:
        """Posts and replies in public channels of open teams."""
        if new := self._new(landed):
            yield from _pages(new.unit, (record for _, record, _ in self._read(new.file)))

    @stream(Reaction, kind="unit", day="reacted_at")
    def reactions(self, landed: Landed) -> Iterator[Page]:
        """Reactions to the posts that are read."""
        if new := self._new(landed):
            told = (reactions(record, said, place) for place, record, said in self._read(new.file))
            yield from _pages(new.unit, (one for some in told for one in some))

    @stream(Account, kind="unit")
    def accounts(self, landed: Landed) -> Iterator[Page]:
        """Accounts, by which posts are joined to the directory."""
        if new := self._new(landed):
            told = ((number, line) for number, line in lines(new.file) if isinstance(line, Mapping) and line.get("type") == "user")
            yield from _pages(new.unit, (account_in(line.get("user"), f"{new.file.name} line {n}") for n, line in told))

    def _new(self, landed: Landed) -> _New | None:
        """The newest export, unless it is here already."""
        file = newest(given(self.files))
        unit = file.unit(landed, WHOLE) if file else None
        return _New(file, unit) if file and unit else None

    def _read(self, file: Given) -> Iterator[tuple[str, Post | Rejected | Excluded, Any]]:
        """(place, what is made of it, what was said) of each post and reply of a file."""
        reader = Reader(names_with(self.exclude_names), self.allow_teams)
        for number, line in lines(file):
            place = f"{file.name} line {number}"
            kind = line.get("type") if isinstance(line, Mapping) else None
            if not isinstance(kind, str):
                yield place, Rejected("no text at type", place), None
                continue
            said = line.get(kind)
            if kind == "post":
                yield from ((place, record, one) for record, one in reader.posts(said, place))
            elif kind == "direct_post":
                replies = said.get("replies") if isinstance(said, Mapping) else None
                yield from [(place, Excluded(DIRECT), None)] * (1 + len(replies if isinstance(replies, list) else []))
            elif isinstance(said, Mapping):
                reader.learn(kind, said)


class _New(NamedTuple):
    """An export that is not here yet."""

    file: Given
    unit: Unit


def _pages(unit: Unit, records: Iterable[Record | Rejected | Excluded]) -> Iterator[Page]:
    """The records as pages of the unit; one without any is seen too."""
    page: list[Record | Rejected | Excluded] = []
    for record in records:
        page.append(record)
        if len(page) == AT_ONCE:
            yield Page(page, unit=unit)
            page = []
    yield Page(page, unit=unit)
