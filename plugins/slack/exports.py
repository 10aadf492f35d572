"""What a Slack export holds: conversations and who may read them, people, and a file a day and conversation.

Belongs here: the layout of the ZIP, and which of several exports has the last word on a day.
Does not: single messages (messages.py), or streams (connector.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pipeline.connector import SENSITIVE, Archive, Fatal, Given, archive

LARGEST = 64 << 20  # bytes of one file within an export
DAY = re.compile(r"(\d{4}-\d\d-\d\d)\.json")
PRIVATE, DIRECT, UNLISTED = "private group", "direct message", "not listed as a public channel"
LISTS = {"channels.json": None, "groups.json": PRIVATE, "dms.json": DIRECT, "mpims.json": DIRECT}


@dataclass(frozen=True)
class Room:
    """A conversation: its id, and the rule by which it is not read, or None."""

    id: str
    rule: str | None


@dataclass
class Export:
    """One ZIP, catalogued. `rooms` by their folder, `days` of each room with the file of each."""

    file: Given
    digest: str
    rooms: Mapping[str, Room]
    days: Mapping[str, Mapping[str, str]]
    root: str

    @contextmanager
    def opened(self) -> Iterator[Archive]:
        """The ZIP, to read its files from."""
        with self.file.open() as raw, archive(raw, self.file.name) as found:
            yield found

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last day of which it has messages."""
        days = [day for held in self.days.values() for day in held]
        return min(days, default=""), max(days, default="")

    def listed(self) -> dict[str, Room]:
        """The conversations by their id."""
        return {room.id: room for room in self.rooms.values()}


def catalogue(file: Given, sensitive: Callable[[str], bool]) -> Export:
    """What is in a ZIP. Raises Fatal where it does not say which channels are public."""
    with file.open() as raw, archive(raw, file.name) as found:
        list_of_channels = min((m for m in found.members if m.rpartition("/")[2] == "channels.json"), key=len, default=None)
        if list_of_channels is None:
            raise Fatal(f"{file.name} has no channels.json: nobody can tell which channels are public, export it again")
        root = list_of_channels.removesuffix("channels.json")
        rooms: dict[str, Room] = {}
        for name, rule in LISTS.items():
            if root + name in found:
                rooms.update(_rooms(rows_of(found, root + name), rule, sensitive))
        days: dict[str, dict[str, str]] = {}
        for member in found.members:
            folder, _, last = member.removeprefix(root).rpartition("/")
            if member.startswith(root) and folder and "/" not in folder and (day := DAY.fullmatch(last)):
                room = rooms.setdefault(folder, Room(folder, UNLISTED))
                days.setdefault(room.id, {})[day[1]] = member
    return Export(file, file.digest(file.size), rooms, days, root)


def rows_of(found: Archive, member: str) -> list[Any]:
    """The rows of one file. Raises Fatal naming it where it is no list in JSON."""
    with found.open(member) as content:
        text = content.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise Fatal(f"{found.name}, {member} is over {LARGEST >> 20} MB: it is not of an export")
    try:
        rows = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Fatal(f"{found.name}, {member} is not JSON: it was damaged, export it again") from None
    if not isinstance(rows, list):
        raise Fatal(f"{found.name}, {member} is not a list: it is not of a Slack export")
    return rows


def last_words(exports: Sequence[Export]) -> dict[tuple[str, str], int]:
    """(room, day) -> the number of the last export that holds all of that day, where there is one.

    An export may begin and end within a day, so that its first and last days settle nothing.
    """
    settled: dict[tuple[str, str], int] = {}
    every = {(room, day) for export in exports for room, days in export.days.items() for day in days}
    for number, export in enumerate(exports):
        (first, last), rooms = export.span, export.listed()
        settled.update({(room, day): number for room, day in every if room in rooms and first < day < last})
    return settled


def rules_now(exports: Sequence[Export]) -> dict[str, str | None]:
    """Room -> the rule by which it is not read, as the last export that lists it has it."""
    return {room.id: room.rule for export in exports for room in export.rooms.values()}


def _rooms(rows: list[Any], rule: str | None, sensitive: Callable[[str], bool]) -> Iterator[tuple[str, Room]]:
    """(folder, room) of a list of conversations; direct messages lie in a folder that is named after their id."""
    for row in rows:
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
            continue  # its messages lie in a folder that no list names, and are left out
        name = row["name"] if isinstance(row.get("name"), str) else row["id"]
        own = rule
        if own is None and any(row.get(mark) for mark in ("is_im", "is_mpim")):
            own = DIRECT
        elif own is None and row.get("is_private", False) is not False:
            own = PRIVATE
        yield name, Room(row["id"], own or (SENSITIVE if sensitive(name) else None))
