"""Slack: what staff write in public channels, from exports of the workspace.

Belongs here: settings, streams, and how several exports make one picture.
Does not: the layout of an export (exports.py), or the wire format of messages (messages.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.connector import (
    SENSITIVE_WORDS,
    Archive,
    Connector,
    Cursor,
    Excluded,
    Fatal,
    Field,
    Glob,
    Iterator,
    Page,
    given,
    names_with,
    stream,
)

from .exports import Export, catalogue, last_words, rows_of, rules_now
from .messages import Member, Message, gone, is_bot, member_in, message_in, stamp_of

SUPERSEDED = "again in a later export"


class Slack(Connector):
    """Messages and members of one workspace, from the ZIPs that its owners export."""

    name, channel = "slack", "chat"

    files: Glob = Field(default="", description='ZIPs as Slack exports them, e.g. "slack/*.zip"; empty for none')
    exclude_names: list[str] = Field(default=list(SENSITIVE_WORDS), description="words of channel names not to read")

    @stream(Message, kind="keyed", key=("channel", "ts"), version="edition", tombstone="gone", cursor="opaque", day="posted_at",
            exported=True)  # fmt: skip
    def messages(self, since: Cursor) -> Iterator[Page]:
        """Messages in public channels; where exports overlap, the later one holds."""
        exports, known = self._exports(), _Known(since)
        if known.whole == _digests(exports):
            return
        landed, at = known.begin(exports), 0
        settled, rules = last_words(exports), rules_now(exports)
        former: dict[tuple[str, str], None] = {}  # messages of which a later export may say nothing more
        unread: set[str] = set()
        for number, export in enumerate(exports):
            with export.opened() as found:
                bots = _bots(found, export.root)
                for room, day, member in _files(export):
                    where = f"{export.file.name}, {member}"
                    rows = rows_of(found, member)
                    ids = [(room, ts) for row in rows if (ts := stamp_of(row))]
                    if number < settled.get((room, day), -1) or rules[room]:
                        if rules[room] is None or export.listed()[room].rule is None:
                            former.update(dict.fromkeys(ids))
                        left_out = rules[room] or SUPERSEDED
                        page: list[Any] = [Excluded(left_out)] * len(rows)
                    else:
                        for one in ids:
                            former.pop(one, None)
                        if len(ids) < len(rows):
                            unread.add(room)
                        page = [message_in(row, room, bots, f"{where}, {line}") for line, row in enumerate(rows)]
                    at += 1
                    if at > landed:
                        yield Page(page, cursor=known.half_way(exports, at))
        # Nothing is taken for deleted in a channel where a message of a later export cannot be told.
        yield Page([gone(*one) for one in former if one[0] not in unread], cursor={"whole": _digests(exports)})

    @stream(Member, kind="keyed", key="id", cursor="opaque")
    def members(self, since: Cursor) -> Iterator[Page]:
        """Members of the workspace, by which messages are joined to the directory."""
        exports, known = self._exports(), _Known(since)
        if known.whole == _digests(exports):
            return
        for export in exports:
            with export.opened() as found:
                if (member := f"{export.root}users.json") not in found:
                    raise Fatal(f"{export.file.name} has no users.json: export it again")
                where = f"{export.file.name}, users.json"
                yield Page([member_in(row, f"{where}, {at}") for at, row in enumerate(rows_of(found, member))])
        yield Page([], cursor={"whole": _digests(exports)})

    def _exports(self) -> list[Export]:
        """Every export, the one that reaches furthest last."""
        sensitive = names_with(self.exclude_names)
        found = {export.digest: export for export in (catalogue(file, sensitive) for file in given(self.files))}
        return sorted(found.values(), key=lambda export: (export.span[1], export.file.name))


class _Known:
    """The cursor: which exports have been read, and how far in those that are being read."""

    def __init__(self, since: Cursor) -> None:
        self._said: dict[str, Any] = since if isinstance(since, dict) else {}

    @property
    def whole(self) -> Any:
        """The digests of the exports that were read to the end, together."""
        return self._said.get("whole")

    def begin(self, exports: list[Export]) -> int:
        """How many files within these exports an earlier night has landed."""
        return int(self._said.get("done", 0)) if self._said.get("of") == _digests(exports) else 0

    def half_way(self, exports: list[Export], done: int) -> Cursor:
        """The position after so many files."""
        return {"whole": self.whole, "of": _digests(exports), "done": done}


def _digests(exports: Iterable[Export]) -> list[Cursor]:
    return [*sorted(export.digest for export in exports)]


def _files(export: Export) -> Iterator[tuple[str, str, str]]:
    """(room, day, file within the ZIP), one day after the other in each room."""
    for room, days in sorted(export.days.items()):
        for day, member in sorted(days.items()):
            yield room, day, member


def _bots(found: Archive, root: str) -> set[str]:
    member = f"{root}users.json"
    rows = rows_of(found, member) if member in found else []
    return {row["id"] for row in rows if is_bot(row) and isinstance(row.get("id"), str)}
