"""What can go wrong between us and a server, each in the engine's words (Fatal, Retry, Deferred).

Belongs here: the faults, and how often each is worth another try. Does not: meeting them (http.py, http_wire.py).

    Fatal
    ├── PageLoop     the server leads in a circle
    ├── TooLarge     the body is over the cap
    ├── WebPage      a web page with status 200 where data should be, mostly a login page: tried twice
    └── Refused      the server said no (4xx); `.status` tells which
        └── NotFound     404 or 410: a connector may catch it where a thing may be gone
    Retry
    ├── Cut          no connection, or it broke, or the server failed (5xx): tried as often as the connector allows
    ├── Slow         one try took longer than its deadline: tried twice
    └── Garbled      not JSON, not text, or only a part of it: tried twice
    Deferred
    └── Busy         429 to the end
"""

from __future__ import annotations

from pipeline.problems import Deferred, Fatal, Retry


class PageLoop(Fatal):
    """A page, or an address, came a second time."""


class TooLarge(Fatal):
    """The body is over the cap, packed or unpacked."""


class Refused(Fatal):
    """The server answered with a 4xx status that trying again cannot change."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFound(Refused):
    """There is nothing at this address, or no longer."""


class Passing(Exception):
    """Trying again can help: up to `tries` times for this kind, after `pause` seconds where the server named them."""

    tries: float = float("inf")
    pause: float | None = None


class WebPage(Passing, Fatal):
    """A web page came where data should be."""

    tries = 2


class Cut(Passing, Retry):
    """No connection, or it broke before the end, or the server failed."""


class Slow(Passing, Retry):
    """One try, body included, took longer than its deadline."""

    tries = 2


class Garbled(Passing, Retry):
    """The body is not what it claims to be, or only a part of it came."""

    tries = 2


class Busy(Passing, Deferred):
    """The server still asks to be left alone."""
