"""How much of an export to ask for at once: the server makes it while we wait, and gives up where it is too much.

Belongs here: where the next window begins and ends. Does not: requests (connector.py), or what a window holds (rows.py).

Nobody tells when the network's newest message was written, and a window should not begin in the future: so the next one
begins at the newest time that was seen, and only after four weeks of silence all the rest is asked for at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.connector import Fatal, Retry, SourceError, datetime, timedelta

WIDEST, SHORTEST = timedelta(days=28), timedelta(hours=1)


@dataclass
class Windows:
    """The window that is next. Without `width` it is all from `start` on (to `limit`, if there is one)."""

    start: datetime
    limit: datetime | None = None
    width: timedelta | None = None
    over: bool = False
    _failed: datetime | None = field(default=None, init=False)  # start of a window that was too wide
    _silent: bool = field(default=False, init=False)  # four weeks brought nothing, so that all the rest is asked for
    _in_vain: bool = field(default=False, init=False)  # ... and could not be had

    @property
    def end(self) -> datetime | None:
        """Where it ends; None where it is open."""
        if self.width is None:
            return self.limit
        end = self.start + self.width
        return min(end, self.limit) if self.limit else end

    def narrow(self, fault: SourceError) -> None:
        """Half as much next time. Raises the fault, named, where an hour is still too much."""
        self._failed = self.start
        if self.width is None and not self._silent:
            self.width = WIDEST
        elif self.width is None:
            if self._in_vain:
                raise fault
            self._in_vain, self._silent = True, False
            self.start, self.width = self.start + WIDEST, WIDEST
        elif self.width <= SHORTEST:
            kind = Fatal if isinstance(fault, Fatal) else Retry
            raise kind(f"not even one hour from {self.start:%Y-%m-%d %H:%M} UTC could be exported: {fault}") from None
        else:
            self.width = max(self.width / 2, SHORTEST)

    def read(self, newest: datetime | None) -> None:
        """The window was read, and this is the newest time in it: go on to the next."""
        if self.width is None or (self.limit and self.end == self.limit):
            self.over = True
        elif newest and newest > self.start:
            self.start, self.width = newest, min(self.width * 2, WIDEST)
            self._silent = self._in_vain = False
        elif self.limit or (self.width < WIDEST and self._failed == self.start):
            self.start += self.width
        elif self.width < WIDEST:
            self.width = min(self.width * 2, WIDEST)
        else:
            self._silent, self.width = True, None
