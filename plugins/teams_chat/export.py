"""Exports of Teams as JSON files: which messages of them may be read, by the export's own lists of teams and channels.

Belongs here: files, and what they write otherwise than Graph. Does not: the rules on teams and channels (places.py), or a
single message (records.py).

An export has teams/teamsList.json, and for each team channels_ID.json and messages_ID.json: flat lists in which a reply
names its parent. Names are in PascalCase, times in +00:00 with or without thousandths.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.connector import Excluded, Fatal, Given, Rejected, given

from .places import Places
from .records import Message, message_in

DIRECT = Excluded("direct message")
DEPTH = 8  # of what is read of a message; a body may nest deeper to do harm


class Export:
    """The files of an export under the rules that hold now. Raises Fatal where a pattern names no file, or a list is damaged."""

    def __init__(self, places: Places, *, messages: str, teams: str, channels: str) -> None:
        for file in given(teams, "export_teams"):
            places.learn_teams(_rows(file), file.name)
        for file in given(channels, "export_channels"):
            places.learn_channels(_rows(file), file.name)
        self.files = list(given(messages))
        self._places, self._rules = places, repr(places)

    def mark(self, file: Given) -> str:
        """What tells this content, read under these rules, from any other. Raises Fatal where it cannot be read."""
        return hashlib.sha256(f"{file.digest(file.size)} {self._rules}".encode()).hexdigest()

    def messages(self, file: Given) -> Iterator[Message | Rejected | Excluded]:
        """Every message in a file. Raises Fatal naming it where it is damaged, or no list."""
        for at, row in enumerate(_rows(file)):
            yield self._message(lowered(row), f"{file.name}, {at}")

    def _message(self, row: Any, place: str) -> Message | Rejected | Excluded:
        if not isinstance(row, Mapping):
            return Rejected("not an object", place)
        home = row.get("channelIdentity")
        if row.get("chatId") or (home is None and "channelIdentity" in row):
            return DIRECT
        team, channel = (home.get("teamId"), home.get("channelId")) if isinstance(home, Mapping) else (None, None)
        if not (isinstance(team, str) and team and isinstance(channel, str) and channel):
            return Rejected("no team and channel at channelIdentity", place)
        rule = self._places.rule(team, channel)
        return Excluded(rule) if rule else message_in(row, team, channel, place)


def lowered(value: Any, depth: int = DEPTH) -> Any:
    """What an export wrote in PascalCase, with the names that Graph has."""
    if isinstance(value, Mapping) and depth:
        return {name[:1].lower() + name[1:]: lowered(inner, depth - 1) for name, inner in value.items()}
    return [lowered(inner, depth - 1) for inner in value] if isinstance(value, list) and depth else value


def _rows(file: Given) -> list[Any]:
    try:
        rows = json.loads(file.content())
    except (ValueError, RecursionError):
        raise Fatal(f"{file.name} is not whole JSON: export it again") from None
    if not isinstance(rows, list):
        raise Fatal(f"{file.name} is no list: see which files of the export the settings name")
    return rows
