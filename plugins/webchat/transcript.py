"""A chat's transcript, line by line: who said what, when, to whom; and which lines say nothing or cannot be read.

Belongs here: the grammar of plain transcripts and their clock. Does not: files and units (connector.py), or what is a
question or an answer (connector.py, acts.sql).

    ubuntu 2026-03-04 [10:02] <awen> when does it open?      channel and day before each line
    [10:02] <awen> when does it open?                        the day is given once, for the file
    [10:02] * awen waves        === awen waves               somebody does something: a line of text
    [10:02] -robot- there is a new page                      a notice: a line of text
    === bran [b@10.0.0.4] has joined #chat                   excluded, like all that the server says
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from pipeline.connector import Excluded, Rejected

MOVES = Excluded("joins and leaves")
MENTION = "[mention]"
HOUR, HALF_DAY, DAY = timedelta(hours=1), timedelta(hours=12), timedelta(days=1)

_LINE = re.compile(
    r"(?:(?P<channel>\S+) (?P<day>\d{4}-\d\d-\d\d) )?"
    r"(?:\[(?P<time>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)\]\s*)?(?P<rest>\S.*)"
)
_SAID = re.compile(r"<\s*[@+%&~]?(?P<nick>[^<>]*[^<>\s])\s*>(?P<text>.*)")
_NOTED = re.compile(r"-(?P<nick>[^\s-]\S*)-(?P<text>\s.*)")
_DID = re.compile(r"(?P<mark>\*|===)\s+(?P<nick>\S+)(?P<text>.*)")
_MOVED = re.compile(r"\S+\s+(?:[\[(].*[\])]\s+)?has (?:joined|left|quit)\b|\S+ is now known as |\S+ (?:was|has been) kicked\b")


class Undated(Exception):
    """The lines have no day, and none was given for the file."""


@dataclass(frozen=True)
class Said:
    """One line of text by one person. `number` is its line in the file, from 1; `toward` is a nick that spoke in it."""

    number: int
    moment: datetime
    nick: str
    text: str
    channel: str | None = None
    toward: str | None = None


@dataclass(frozen=True)
class _Line:
    """A line as it stands in the file; `reading` is what the clock showed, without a day unless `day` says it."""

    number: int
    channel: str | None
    day: date | None
    reading: time | None
    nick: str
    text: str
    notice: bool  # === with a nick: somebody's act or the system's word


def read(content: bytes, day: date | None, zone: ZoneInfo) -> list[Said | Excluded | Rejected]:
    """Every line of a transcript, in its order. `day` is the first line's where lines do not say theirs.

    Raises Undated where it is needed and None.
    """
    raw = content.removesuffix(b"\n").split(b"\n")
    parsed = [_line(number, _decoded(line)) for number, line in enumerate(raw, 1)]
    lines = [line for line in parsed if isinstance(line, _Line)]
    speakers = {line.nick.casefold(): line.nick for line in lines if not line.notice}
    moments = dict(_moments(lines, day, zone))
    names = _Names(speakers)
    found: list[Said | Excluded | Rejected] = []
    for line in parsed:
        if not isinstance(line, _Line):
            found.append(line)
        elif line.notice and line.nick.casefold() not in speakers:
            found.append(MOVES)
        elif line.number not in moments:
            found.append(Rejected("no time before it", str(line.number)))
        else:
            said = Said(line.number, moments[line.number], line.nick, line.text, line.channel)
            found.append(names.address(said))
    return found


def _decoded(raw: bytes) -> str:
    """A line as text: UTF-8, or else Windows-1252, as old clients write."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _line(number: int, text: str) -> _Line | Excluded | Rejected:
    if not (found := _LINE.fullmatch(text.strip())):
        return Rejected("empty line", str(number))
    reading = time.fromisoformat(found["time"]) if found["time"] else None
    try:
        day = date.fromisoformat(found["day"]) if found["day"] else None
    except ValueError:
        return Rejected("the day is not one", str(number))
    if reading and (said := _SAID.fullmatch(found["rest"]) or _NOTED.fullmatch(found["rest"])):
        if not said["text"].strip():
            return Rejected("nothing is said", str(number))
        return _Line(number, found["channel"], day, reading, said["nick"], said["text"].strip(), False)
    if (did := _DID.fullmatch(found["rest"])) and (reading or did["mark"] == "==="):
        if _MOVED.match(f"{did['nick']}{did['text']}"):
            return MOVES
        if not did["text"].strip():
            return Rejected("nothing is said", str(number))
        notice = did["mark"] == "==="
        return _Line(number, found["channel"], day, reading, did["nick"], did["text"].strip(), notice)
    return Rejected("not a line of a chat", str(number))


# ------------------------------------------------------------------------------------------------------------ clock
def _moments(lines: list[_Line], first: date | None, zone: ZoneInfo) -> Iterator[tuple[int, datetime]]:
    """(line number, moment) of each line; one without a time of its own has that of the line before it."""
    last: datetime | None = None
    later = False
    for line, local in zip(lines, _local(lines, first), strict=True):
        if local is not None:
            # In the hour that comes twice, the second one begins where the clock steps back.
            later = _comes_twice(local, zone) and (later or (last is not None and local < last))
            last = local
        if last is not None:
            yield line.number, last.replace(tzinfo=zone, fold=int(later)).astimezone(UTC)


def _local(lines: list[_Line], first: date | None) -> Iterator[datetime | None]:
    """The wall-clock time of each line. Raises Undated.

    A clock that goes back by more than an hour has passed midnight, or noon where it counts to twelve; by less it was
    set back.
    """
    step = HALF_DAY if _counts_to_twelve(lines) else DAY
    shift, last = timedelta(0), None
    for line in lines:
        if line.reading is None:
            yield None
        elif line.day is not None:
            yield datetime.combine(line.day, line.reading)
        elif first is None:
            raise Undated
        else:
            local = datetime.combine(first, line.reading) + shift
            while last is not None and local < last - HOUR:
                shift, local = shift + step, local + step
            last = local
            yield local


def _counts_to_twelve(lines: list[_Line]) -> bool:
    """No 0 or 13 o'clock in the file, and an hour of 12 that is followed by 1."""
    hours = [line.reading.hour for line in lines if line.reading and line.day is None]
    return all(1 <= hour <= 12 for hour in hours) and (12, 1) in pairwise(hours)


def _comes_twice(local: datetime, zone: ZoneInfo) -> bool:
    early, late = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return early is not None and late is not None and early > late


# ------------------------------------------------------------------------------------------------------------ names
class _Names:
    """The nicks that spoke in a file: whom a line addresses, and where they are named in text."""

    def __init__(self, speakers: dict[str, str]) -> None:
        self._speakers = speakers
        nicks = sorted(speakers, key=len, reverse=True)
        any_of = "|".join(map(re.escape, nicks)) or r"(?!)"
        long = "|".join(re.escape(nick) for nick in nicks if len(nick) > 2) or r"(?!)"
        self._addressed = re.compile(rf"@?(?P<nick>{any_of})[:,]\s*(?P<text>.*)", re.IGNORECASE)
        self._named = re.compile(rf"@?(?<![\w-])(?:{long})(?![\w-])", re.IGNORECASE)

    def address(self, said: Said) -> Said:
        """The line with whom it addresses apart from its text, and without the nicks of others in its text."""
        toward, text = None, said.text
        if found := self._addressed.fullmatch(text):
            toward, text = self._speakers.get(found["nick"].casefold()), found["text"]
        if toward and toward.casefold() == said.nick.casefold():
            toward = None
        return replace(said, toward=toward, text=self._named.sub(MENTION, text))
