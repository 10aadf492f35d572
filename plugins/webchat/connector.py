"""Web chats: what staff ask those who lead, and what is answered; from plain transcripts and from Teams meetings' Q&A.

Belongs here: settings, records, and which file or message is new. Does not: the grammar of a transcript
(transcript.py), the wire format of Q&A (questions.py), or which line answers which question (acts.sql).
"""

import glob
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.connector import (
    Connector,
    Cursor,
    Excluded,
    Fatal,
    Field,
    Glob,
    Http,
    Id,
    Iterator,
    Label,
    Landed,
    Moment,
    Page,
    PersonId,
    Prose,
    Record,
    Rejected,
    Retry,
    SecretStr,
    Unit,
    date,
    stream,
)

from . import questions, transcript
from .transcript import Said

PATH = "communications/getAllOnlineMeetingMessages"
EXPANDED: dict[str, Any] = {"$expand": "conversation"}
DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
ASKS = re.compile(r"\?(?=[\s!?)\]\"'’”]|$)|^(?:question|q|cwestiwn)\s*:", re.IGNORECASE)
FEW, SHARE = 20, 0.2  # more messages than this, and than this share, do not vanish in one night


class Line(Record):
    """One line of a transcript. Who speaks and who is addressed land as nicks, and as logins where nicks are logins."""

    said_at: Moment
    nick: PersonId["nick"]
    login: PersonId["login"] | None = None
    toward: PersonId["nick"] | None = None
    toward_login: PersonId["login"] | None = None
    channel: Label
    text: Prose
    is_question: bool
    is_host: bool | None = None
    position: int


class Message(Record):
    """One message of a meeting's Q&A, or word that it is no longer to be seen.

    `kind` is question, discussion, reply or withdrawn; `thread` the message that began the conversation.
    """

    id: Id
    kind: Label
    thread: Id
    reply_to: Id | None = None
    meeting: Id | None = None
    person: PersonId["entra"] | None = None
    organiser: PersonId["entra"] | None = None
    said_at: Moment
    modified_at: Moment
    votes: int | None = None
    text: Prose = ""
    withdrawn: bool = False


class Webchat(Connector):
    """Reads transcripts of chats from files, and questions and answers of Teams meetings from Microsoft Graph.

    transcripts         which files, e.g. "webchat/*.txt"; "" for none
    dates               file name -> day of its first line, where neither the lines nor the name say it
    zone                the zone of the transcripts' clock
    hosts               nicks of those who answer; where none is named, whoever addresses the asker answers
    nick_namespace      "login" where people chat under the name they sign in with, else "nick"
    graph_url           e.g. "https://graph.microsoft.com/v1.0"; "" for none
    token               of an application with EngagementMeetingConversation.Read.All
    accept_withdrawals  take it for true that very many messages are gone
    """

    name, channel = "webchat", "chat"
    transcripts: Glob = ""
    dates: dict[str, date] = Field(default_factory=dict)
    zone: str = "Europe/London"
    hosts: list[str] = Field(default_factory=list)
    nick_namespace: Literal["login", "nick"] = "login"
    graph_url: str = ""
    token: SecretStr | None = None
    accept_withdrawals: bool = False

    @stream(Line, kind="unit")
    def lines(self, landed: Landed) -> Iterator[Page]:
        """Every line of every transcript that is not here yet, grew, or was corrected; one file is one unit."""
        zone, units, done = _zone(self.zone), dict(landed.units), list[bytes]()
        files, faults = _contents(self.transcripts)
        names = Counter(path.name for path, _ in files)
        for path, content in files:
            if any(longer.startswith(content) for longer in done):
                continue
            done.append(content)
            if _digest(content, len(content)) in units:
                continue
            try:
                said = transcript.read(content, self._day(path.name), zone)
            except transcript.Undated:
                faults.append(f'no day for {path.name}: give it as dates = {{"{path.name}" = 2026-03-04}}')
                continue
            name = path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}"
            if unit := _unit(Landed(units), name, content, said):
                yield Page([self._line(line, _channel(path.name)) for line in said], unit=unit)
                units.pop(unit.replaces or "", None)
                units[unit.fingerprint] = (unit.name, unit.size)
        if faults:
            raise Fatal(f"{'; '.join(faults)}; the other transcripts have landed")

    def _day(self, name: str) -> date | None:
        found = DAY.search(name)
        try:
            return self.dates.get(name) or (date.fromisoformat(found[0]) if found else None)
        except ValueError:
            return None

    def _line(self, line: Said | Excluded | Rejected, channel: str) -> Record | Excluded | Rejected:
        if not isinstance(line, Said):
            return line
        login = self.nick_namespace == "login"
        hosts = {nick.strip().casefold() for nick in self.hosts}
        return Line.of(
            {
                "said_at": line.moment,
                "nick": line.nick,
                "login": line.nick if login else None,
                "toward": line.toward,
                "toward_login": line.toward if login else None,
                "channel": line.channel or channel,
                "text": line.text,
                "is_question": ASKS.search(line.text) is not None,
                "is_host": line.nick.casefold() in hosts if hosts else None,
                "position": line.number,
            },
            location=str(line.number),
        )

    @stream(
        Message, kind="keyed", key="id", version="modified_at", tombstone="withdrawn", cursor="opaque", day="said_at"
    )
    def questions(self, since: Cursor) -> Iterator[Page]:
        """All published questions, discussions and replies, whole each time: the source knows no changes since a day.

        The cursor holds the messages that were seen last: one that was dismissed or deleted since is withdrawn.
        """
        if not self.graph_url:
            return
        before = cast("dict[str, str]", since["seen"]) if isinstance(since, dict) else {}
        seen: dict[str, str] = {}
        http = Http(self.graph_url, token=self.token)
        for body in http.pages(PATH, next=self._next, **EXPANDED):
            if not isinstance(body, Mapping) or not isinstance(body.get("value"), list):
                raise Retry(f"{PATH}: the answer has no list called 'value'")
            records: list[Record | Excluded | Rejected] = []
            for number, item in enumerate(body["value"]):
                for row in questions.rows(item):
                    record = row if isinstance(row, Excluded) else Message.of(row, location=str(number))
                    if isinstance(record, Message):
                        seen[record.id] = record.modified_at.isoformat()
                    elif isinstance(row, dict) and str(row["id"]) in before:
                        seen[str(row["id"])] = before[str(row["id"])]  # unreadable tonight, but not gone
                    records.append(record)
            yield Page(records)
        gone = {key: when for key, when in before.items() if key not in seen}
        if len(gone) > max(FEW, SHARE * len(before)) and not self.accept_withdrawals:
            raise Fatal(
                f"{len(gone)} of {len(before)} messages of meetings are gone: nothing was withdrawn; if that is right, "
                "set accept_withdrawals = true for a night"
            )
        yield Page([_withdrawn(key, when) for key, when in sorted(gone.items())], cursor=cast(Cursor, {"seen": seen}))

    def _next(self, body: Any) -> str | None:
        """The link to the next page. The documented one starts with a slash and still means: below the version."""
        link = body.get("@odata.nextLink") if isinstance(body, Mapping) else None
        root = "/" + self.graph_url.split("://", 1)[-1].rstrip("/").partition("/")[2]
        return link.lstrip("/") if link and link.startswith("/") and not link.startswith(f"{root}/") else link


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Fatal(f"zone {name!r} of the web chats is not a time zone: say one as Europe/London") from None


def _contents(pattern: str) -> tuple[list[tuple[Path, bytes]], list[str]]:
    """Every file with something in it, longest first, and in words which cannot be read.

    A copy of what a transcript was when it was shorter is so known to be part of it.
    """
    found, faults = [], []
    for path in sorted(path for path in map(Path, glob.glob(pattern, recursive=True)) if path.is_file()):
        try:
            found.append((path, path.read_bytes()))
        except OSError as error:
            faults.append(f"cannot read {path.name}: {error.strerror}")
    return sorted((file for file in found if file[1]), key=lambda file: -len(file[1])), faults


def _digest(content: bytes, size: int) -> str:
    return hashlib.sha256(memoryview(content)[:size]).hexdigest()


def _unit(landed: Landed, name: str, content: bytes, said: list[Said | Excluded | Rejected]) -> Unit | None:
    """The file as a unit, named after its beginning too: both again, with another text, is the same chat corrected."""
    first = next((line.moment for line in said if isinstance(line, Said)), None)
    whole = f"{first:%Y-%m-%d %H:%M}/{name}" if first else name
    unit = landed.unit(whole, len(content), lambda size: _digest(content, size))
    if unit and unit.replaces is None:
        unit = replace(unit, replaces=next((old for old, (known, _) in landed.units.items() if known == whole), None))
    return unit


def _channel(name: str) -> str:
    """The channel of a transcript that does not say it: the letters of its name, less day and ending."""
    stem = DAY.sub("", name.split(".", 1)[0]).strip("-_ ")
    return stem if any(c.isalpha() for c in stem) else "chat"


def _withdrawn(key: str, when: str) -> Record | Rejected:
    fields = {"id": key, "kind": "withdrawn", "thread": key, "said_at": when, "modified_at": when, "withdrawn": True}
    return Message.of(fields, location="withdrawn")
