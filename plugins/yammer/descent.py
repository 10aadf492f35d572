"""How far the reading of a feed has come that is given newest first and can only be followed downwards.

Belongs here: the cursor and when a descent ends. Does not: requests (connector.py), or rows (records.py).

One descent goes from the newest message down to `high`, the newest message of the last whole descent, and further down
to `floor`, so that edits of the last days are seen. Its cursor says where it is, so that a night that is too short is
gone on with by the next; only when it has arrived does its first message (`top`) become `high`. What is new since a
descent of several nights began is caught up with by one that ends at `high`: the last days have just been read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.connector import Cursor, Fatal, datetime, timedelta

# More than half of the last days' messages at once is lost access, not deletion.
TOO_MANY_TO_BE_DELETED, FEW = 0.5, 10


@dataclass
class Descent:
    """Where a descent is. Ids are numbers: the greater one is newer."""

    reread: timedelta
    high: int | None = None
    low: int | None = None
    top: int | None = None
    floor: datetime | None = None
    before: list[int] = field(default_factory=list)
    seen: dict[int, None] = field(default_factory=dict)  # in the order of reading: a cursor is made for every page
    catching_up: bool = False

    @classmethod
    def after(cls, cursor: Cursor, reread: timedelta) -> Descent:
        """The descent that a cursor stands for: half way down, or about to begin."""
        known = cursor if isinstance(cursor, dict) else {}
        floor = known.get("floor")
        return cls(
            reread,
            high=_number(known.get("high")),
            low=_number(known.get("low")),
            top=_number(known.get("top")),
            floor=datetime.fromisoformat(floor) if isinstance(floor, str) else None,
            before=_numbers(known.get("before")),
            seen=dict.fromkeys(_numbers(known.get("seen"))),
        )

    @property
    def half_way(self) -> bool:
        """An earlier night has begun it."""
        return self.low is not None

    def cursor(self) -> Cursor:
        """What `after` makes this descent of again."""
        return {
            "high": self.high,
            "low": self.low,
            "top": self.top,
            "floor": self.floor.isoformat() if self.floor else None,
            "before": list[Cursor](self.before),
            "seen": list[Cursor](self.seen),
        }

    def down(self, ids: list[int], times: Mapping[int, datetime]) -> bool:
        """Take the ids of one page and the times by id; True where there is nothing left to read below it.

        Raises Fatal where the page is not further down than the one before: to take that for the end would lose
        everything below it.
        """
        again = bool(ids) and self.low is not None and min(ids) >= self.low
        if again and max(ids) != self.low:
            raise Fatal("messages.json gives the same messages again: it does not heed older_than")
        if again or not ids:  # a server that counts older_than in gives the last message once more
            self.low = 0
            return True
        self.low, self.top = min(ids), max(*ids, self.top or 0)
        if self.floor is None and times and not self.catching_up:
            self.floor = max(times.values()) - self.reread
        arrived = self.high is not None and self.low <= self.high
        # The lowest message tells how far down the page goes: a late one above it may have an old time.
        return arrived and (not self.floor or (bool(times) and times[min(times)] <= self.floor))

    def note(self, read: Iterable[tuple[int, datetime | None]]) -> None:
        """Remember which messages of the last days are there, so that the next descent can tell which are gone."""
        if self.reread and self.catching_up:
            self.seen.update((n, None) for n, _ in read if n > (self.high or 0))
        elif self.reread and self.floor:
            # The last page reaches below the floor: what was there last time counts as there, however old it is.
            known = set(self.before)
            self.seen.update((n, None) for n, time in read if time is None or time >= self.floor or n in known)

    def arrive(self) -> list[int]:
        """End the descent; gives the messages that were there last time and are gone."""
        known = {number for number in self.before if self.catching_up or (self.low is not None and number >= self.low)}
        gone = set() if self.catching_up else known - self.seen.keys()
        lost = len(gone) >= FEW and len(gone) > TOO_MANY_TO_BE_DELETED * len(known)
        self.high = max(self.high or 0, self.top or 0) or None
        kept = known if self.catching_up else gone if lost else set()
        self.before, self.seen = sorted(self.seen.keys() | kept), {}
        self.low = self.top = self.floor = None
        return [] if lost else sorted(gone)


def _number(value: Cursor) -> int | None:
    return value if isinstance(value, int) else None


def _numbers(value: Cursor) -> list[int]:
    return [item for item in value if isinstance(item, int)] if isinstance(value, list) else []
