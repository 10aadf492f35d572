"""Times as vendors write them, to moments in UTC: with an offset, or on the wall clock of a zone that is given.

Belongs here: formats, zones, what stands for no day. Does not: which field is a time (plugins/).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.problems import Fatal

FIRST, LAST = date(1970, 1, 2), date(2199, 12, 31)  # who works today, or could, does so between these


def zone_of(name: str, setting: str = "zone") -> ZoneInfo:
    """The time zone of this name. Raises Fatal that names the setting."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, as Europe
        raise Fatal(f"{setting} {name!r} is not a time zone: write it as Europe/London") from None


def moment(text: object, zone: ZoneInfo | None = None, formats: Sequence[str] = ()) -> datetime | None:
    """The time in UTC, or None where the text is none, or has no offset and no `zone` is given.

    Read by the first of `formats` (strptime) that fits, else as ISO 8601. On the wall clock of `zone` an hour that
    comes twice means its first time, and one that is skipped counts from the offset before it.
    """
    if not isinstance(text, str) or not (text := text.strip()):
        return None
    found = next((read for read in (_read(text, form) for form in formats) if read), None) or _iso(text)
    if found is None or (found.tzinfo is None and zone is None):
        return None
    with suppress(OverflowError):  # before the year 1 or after 9999 in UTC: what stands for "never"
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    return None


def day_in(text: str | None, formats: Sequence[str] = ()) -> date | None:
    """The day, or None where the text is none: read as by `moment`. A day has no zone and comes out as it is written."""
    found = moment(text, ZoneInfo("UTC"), formats)
    return found.date() if found else None


def stands_for_none(day: date) -> bool:
    """Whether systems write such a day where they have none: 0001-01-01, 1900-01-01, 1970-01-01, 9999-12-31."""
    return not FIRST <= day <= LAST


class DayOrder:
    """Whether a file writes day and month in the order that its formats say, as far as its own days can tell.

    Nobody sees that 03/04/2026 was meant as the 4th of March: but where days are read in one order and some of the same
    file only fit the other, those that fit both are not to be trusted.
    """

    def __init__(self, formats: Sequence[str]) -> None:
        both = [form for form in formats if "%d" in form and "%m" in form]
        self._formats, self._turned = formats, [re.sub("%[dm]", lambda m: "%m" if m[0] == "%d" else "%d", form) for form in both]
        self._right = self._doubtful = self._wrong = 0
        self._place = ""

    def see(self, text: str, place: str) -> None:
        """Take note of a day or time that stands at this place."""
        if not self._turned:
            return
        told, other = day_in(text, self._formats), day_in(text, self._turned)
        if told and other is None:
            self._right += 1
        elif other and told is None:
            self._wrong += 1
            self._place = self._place or place
        elif told != other:
            self._doubtful += 1

    def check(self) -> None:
        """Raise Fatal, naming a line, where days may have been read as months."""
        if self._doubtful and self._wrong and self._wrong >= self._right:
            raise Fatal(
                f"{self._place} writes day and month the other way round than we read them, so that days up to the 12th may be "
                f"wrong: write days as 2026-12-31, or name a mapping file that says times = {self._turned}".replace("'", '"')
            )


def epoch(value: object, per_second: int = 1) -> datetime | None:
    """The moment that many seconds (or thousandths with 1000, ...) after 1970; None for nothing, 0 and what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        count = float(value)
        return datetime.fromtimestamp(count / per_second, UTC) if count else None
    except (ValueError, OverflowError, OSError):
        return None


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's
    except ValueError:
        return None


def _iso(text: str) -> datetime | None:
    if text.isdigit() and len(text) != 8:  # a count since 1970, some of which would pass for a year
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None
