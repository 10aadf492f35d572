"""How long the opener of a conversation waits for the first reply: drawn when it is opened, kept to the second.

Belongs here: the wait and who is waited for. Does not: who replies, or with what (network.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pipeline.simulate.department import Dice
from pipeline.simulate.spread import World

EVENING, MORNING, RUSH = 21 * 3600, 7 * 3600, 9000
"""Nobody replies at night or on a day off: a wait that ends there lasts until the next working morning's first hours."""


class Opened(Protocol):
    """An opening message, as far as it matters here."""

    at: int


class Waiting:
    """The conversations that nobody has replied to yet, and when somebody will."""

    def __init__(self, world: World, dice: Dice) -> None:
        self._world, self._dice, self._chosen = world, dice, world.department.replies
        self._due: list[tuple[int, int, int]] = []
        self._waits: dict[int, int | None] = {}

    def opens(self, number: int, at: int, who: int) -> None:
        """Message `number` opens a conversation: draw when the first reply comes, if ever."""
        if self._dice.roll() < self._chosen.unanswered:
            self._waits[number] = None
            return
        hours = self._chosen.median_hours * float(np.exp(self._chosen.sigma * self._dice.normal()))
        due = self._awake(at + max(60, int(3600 * hours)))
        self._waits[number] = due - at
        heapq.heappush(self._due, (due, number, who))

    def due(self, now: int, who: int) -> tuple[int, int] | None:
        """When and to which message `who`, who sits down to write now, writes the reply that is overdue; None for none."""
        passed: list[tuple[int, int, int]] = []
        found = None
        while self._due and self._due[0][0] <= now and len(passed) < 8:
            one = heapq.heappop(self._due)
            if one[2] != who and self._there(one[0], who):
                found = one[:2]
                break
            passed.append(one)
        for one in passed:
            heapq.heappush(self._due, one)
        return found

    def known(self, messages: Sequence[Opened]) -> dict[int, int | None]:
        """Every wait. What was due and found nobody to write it is answered an hour after the last day."""
        end = self._world.clock.end
        for due, number, _ in self._due:
            if due <= end:
                self._waits[number] = end + 3600 - messages[number].at
        return self._waits

    def _awake(self, instant: int) -> int:
        clock, days = self._world.clock, self._world.department.days
        working = clock.working
        day = int(clock.day(instant))
        second = instant - int(clock.instant(min(day, days - 1), 0))
        if day >= days or (working[day] and MORNING <= second < EVENING):
            return instant
        day += second >= MORNING or not working[day]
        while day < days and not working[day]:
            day += 1
        if day >= days:
            return clock.end + 3600
        return int(clock.instant(day, MORNING + 3600 + self._dice.below(RUSH)))

    def _there(self, instant: int, who: int) -> bool:
        world = self._world
        day = int(world.clock.day(instant))
        return bool(world.people.started[who] <= day <= world.people.left[who]) and not world.away[who, day]
