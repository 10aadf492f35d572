"""How far the reading has come: what /sync gives next, and which stretches of which rooms are still to be read.

Belongs here: the cursor. Does not: requests (connector.py), rooms (rooms.py), or events (events.py).

/sync gives what is new in the order of its arrival, so that late events, edits and redactions of old ones are found. Where
it leaves events out, and for all that was before the first night, a gap is read downwards page by page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.connector import Cursor

from .rooms import Room


@dataclass
class Gap:
    """A stretch of a room to be read downwards: from `top` (None: the newest event) to `end` (None: the beginning).

    `at` is where the reading is; `grounded` says that the beginning has been seen.
    """

    room: str
    top: str | None
    end: str | None
    at: str | None = None
    grounded: bool = False


@dataclass
class Position:
    """Where /sync goes on, the rooms that are read, the gaps that are left."""

    next: str | None = None
    rooms: set[str] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)

    @classmethod
    def after(cls, cursor: Cursor) -> Position:
        """The position that a cursor stands for."""
        known: Any = cursor if isinstance(cursor, dict) else {}
        return cls(known.get("next"), set(known.get("rooms", [])), [Gap(**gap) for gap in known.get("gaps", [])])

    def cursor(self) -> Cursor:
        """What `after` makes this position of again."""
        return {"next": self.next, "rooms": [*sorted(self.rooms)], "gaps": [asdict(gap) for gap in self.gaps]}

    def enter(self, room: Room, whole: bool) -> None:
        """Take in what /sync says of a room that is read; what it leaves out is a gap, all of a new room unless `whole`."""
        known = room.id in self.rooms
        self.rooms.add(room.id)
        if room.missing if known else not whole:
            self.gaps.append(Gap(room.id, room.before, self.next if known else None, room.before))

    def leave(self, room: str) -> None:
        """Forget a room; should it be read again, then from its beginning."""
        self.rooms.discard(room)
        self.gaps = [gap for gap in self.gaps if gap.room != room]

    def close(self, gap: Gap) -> None:
        """A gap was read to its end. One that should have led to a room's beginning and did not is read again, another
        night: a server that gives nothing for once must not make a room silent for ever."""
        if gap.grounded or gap.end is not None:
            self.gaps.remove(gap)
        else:
            gap.at = gap.top
