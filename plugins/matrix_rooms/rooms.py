"""Which rooms are read: those that everybody may join, by what the server says of each room tonight.

Belongs here: the answer of /sync. Does not: single events (events.py), or the history of a room (position.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.connector import SENSITIVE, Fatal, names_with

PRIVATE, DIRECT, UNNAMED = "private room", "direct message", "room that the settings do not name"
STATE = ["m.room.history_visibility", "m.room.join_rules", "m.room.name"]
RECENT = 50  # events of a room that /sync gives at once

# All of these rooms' state each time, of their events what is new, and nothing about the people in them.
FILTER = {
    "presence": {"not_types": ["*"]},
    "account_data": {"types": ["m.direct"]},
    "room": {
        "ephemeral": {"not_types": ["*"]},
        "account_data": {"not_types": ["*"]},
        "state": {"types": STATE},
        "timeline": {"limit": RECENT},
    },
}


@dataclass(frozen=True)
class Room:
    """A room that the account has joined: what is new there, and the rule by which it is not read, or None.

    `missing` says that events before the first of `events` are not given; `before` leads to them.
    """

    id: str
    rule: str | None
    events: list[Any]
    missing: bool
    before: str | None
    from_join: bool

    def begins(self, events: list[Any], me: str) -> bool:
        """Whether these events hold the first that can be seen: the room's creation, or where the room is shown only to
        those who had joined, the joining of this account."""
        told = [(e.get("type"), e.get("state_key")) for e in events if isinstance(e, Mapping)]
        return any(kind == "m.room.create" or (self.from_join and (kind, key) == ("m.room.member", me)) for kind, key in told)


@dataclass
class Joined:
    """The answer of /sync. Raises Fatal where it is none."""

    body: Any
    rooms: Collection[str]
    allowed: Collection[str]
    exclude_names: Collection[str]
    next: str = field(init=False)

    def __post_init__(self) -> None:
        found = self.body.get("next_batch") if isinstance(self.body, Mapping) else None
        if not isinstance(found, str) or not found:
            raise Fatal("sync: the answer has no next_batch: url must be that of a Matrix homeserver")
        self.next = found

    def each(self) -> Iterator[Room]:
        """Every room of the answer."""
        direct, sensitive = self._direct(), names_with(self.exclude_names)
        for number, told in sorted(_object(_object(self.body, "rooms"), "join").items()):
            timeline = _object(told, "timeline")
            events = _list(timeline, "events")
            state = _state([*_list(_object(told, "state"), "events"), *events])
            name, open_to = state.get("m.room.name", {}).get("name"), state.get("m.room.join_rules", {}).get("join_rule")
            before, seen_by = timeline.get("prev_batch"), state.get("m.room.history_visibility", {}).get("history_visibility")
            rule = (
                DIRECT if number in direct
                else UNNAMED if self.rooms and number not in self.rooms
                else PRIVATE if open_to != "public" and number not in self.allowed
                else SENSITIVE if isinstance(name, str) and sensitive(name)
                else None
            )  # fmt: skip
            missing = bool(timeline.get("limited"))
            yield Room(number, rule, events, missing, before if isinstance(before, str) else None, seen_by in ("invited", "joined"))

    def _direct(self) -> set[str]:
        """The rooms that the account keeps as direct messages."""
        found: set[str] = set()
        for event in _list(_object(self.body, "account_data"), "events"):
            if isinstance(event, Mapping) and event.get("type") == "m.direct":
                content = event.get("content")
                for rooms in content.values() if isinstance(content, Mapping) else ():
                    found.update(room for room in rooms if isinstance(room, str)) if isinstance(rooms, list) else None
        return found


def _state(events: list[Any]) -> dict[str, Mapping[str, Any]]:
    """The newest state of each type; what changed among the new events counts."""
    found: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if isinstance(event, Mapping) and "state_key" in event and isinstance(event.get("content"), Mapping):
            found[str(event.get("type"))] = event["content"]
    return found


def _object(body: Any, key: str) -> Mapping[str, Any]:
    found = body.get(key, {}) if isinstance(body, Mapping) else None
    if not isinstance(found, Mapping):
        raise Fatal(f"sync: {key} is not an object: the server has changed its format")
    return found


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    found = body.get(key, [])
    if not isinstance(found, list):
        raise Fatal(f"sync: {key} is not a list: the server has changed its format")
    return found
