"""Web chats: what staff ask those who lead, and what is answered; from plain transcripts and from Teams meetings' Q&A.

Belongs here: settings, records, and which file or message is new. Does not: the grammar of a transcript
(transcript.py), the wire format of Q&A (questions.py), or which line answers which question (acts.sql).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from pipeline.connector import (
    Connector,
    Cursor,
    Excluded,
    Fatal,
    Field,
    Given,
    Glob,
    Graph,
    Http,
    Id,
    Iterator,
    Label,
    Landed,
    MicrosoftSettings,
    Moment,
    Page,
    PersonId,
    Prose,
    Record,
    Rejected,
    Unit,
    date,
    given,
    stream,
    zone_of,
)

from . import questions, transcript
from .transcript import Said

PATH = "communications/getAllOnlineMeetingMessages"
EXPANDED = {"$expand": "conversation"}
DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
ASKS = re.compile(r"\?(?=[\s!?)\]\"'’”]|$)|^(?:question|q|cwestiwn)\s*:", re.IGNORECASE)
FORGOTTEN = (400, 404, 410)  # what becomes of a link to a page that is too old
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


class Webchat(MicrosoftSettings, Connector):
    """Transcripts of chats from files, and questions and answers of Teams meetings from Microsoft Graph."""

    name, channel = "webchat", "chat"

    transcripts: Glob = Field(default="", description='pattern of the transcripts, e.g. "webchat/*.txt"; none if empty')
    dates: dict[str, date] = Field(
        default_factory=dict, description="day of a file's first line by the file's name; wins over a day in the name"
    )
    zone: str = Field(default="Europe/London", description="zone of the transcripts' clock")
    hosts: list[str] = Field(
        default_factory=list, description="nicks of those who answer; without any, whoever addresses the asker answers"
    )
    nick_namespace: Literal["login", "nick"] = Field(
        default="login", description='"login" where people chat under the name they sign in with, else "nick"'
    )
    graph_url: str = Field(
        default="", description='"https://graph.microsoft.com/v1.0" to read Q&A of Teams meetings; not read if empty'
    )
    accept_withdrawals: bool = Field(default=False, description="for a night on which very many messages are rightly gone")

    @stream(Line, kind="unit")
    def lines(self, landed: Landed) -> Iterator[Page]:
        """Every line of every transcript that is not here yet, grew, or was corrected; one file is one unit."""
        zone, units, done = zone_of(self.zone), dict(landed.units), list[bytes]()
        files, faults = _contents(self.transcripts)
        for file, content in files:
            if any(longer.startswith(content) for longer in done):
                continue
            done.append(content)
            if _digest(content, len(content)) in units:
                continue
            try:
                said = transcript.read(content, self._day(file.path.name), zone)
            except transcript.Undated:
                faults.append(f'no day for {file.name}: give it as dates = {{"{file.path.name}" = 2026-03-04}}')
                continue
            if all(isinstance(line, Rejected) for line in said):
                faults.append(f"{file.name} holds no line of a chat: save it again as plain text")
            elif unit := _unit(Landed(units), file.name, content, said):
                yield Page([self._line(line, _channel(file.path.name)) for line in said], unit=unit)
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

    @stream(Message, kind="keyed", key="id", version="modified_at", tombstone="withdrawn", cursor="opaque", day="said_at")
    def questions(self, since: Cursor) -> Iterator[Page]:
        """All published questions, discussions and replies, whole each time: the source knows no changes since a day.

        The cursor holds the messages that were seen, so that one which was dismissed or deleted since is withdrawn, and
        the next page of a reading that was cut.
        """
        if not self.graph_url:
            return
        state = since if isinstance(since, dict) else {}
        before, cut = cast("dict[str, str]", state.get("seen", {})), state.get("next")
        graph, seen, whole = self.graph(), dict[str, str](), True
        for items, body, begun in _pages(graph, str(cut) if cut else None):
            records: list[Record | Excluded | Rejected] = []
            for at, item in enumerate(items):
                for row in questions.rows(item, f"Q&A, {at}"):
                    record = Message.of(row, location=f"Q&A, {at}") if isinstance(row, Mapping) else row
                    if isinstance(record, Message):
                        seen[record.id] = record.modified_at.isoformat()
                    records.append(record)
            # What cannot be read tonight, or was read the night before, may be among the messages that seem gone.
            whole = whole and begun and not any(isinstance(record, Rejected) for record in records)
            yield Page(records, cursor=cast(Cursor, {"seen": {**before, **seen}, "next": graph.following(body)}))
        gone = {key: when for key, when in before.items() if key not in seen} if whole else {}
        most = max(FEW, SHARE * len(before)) if seen else 0
        if len(gone) > most and not self.accept_withdrawals:
            raise Fatal(
                f"{len(gone)} of {len(before)} messages of meetings are gone: nothing was withdrawn; if that is right, "
                "set accept_withdrawals = true for a night"
            )
        kept = {key: when for key, when in {**before, **seen}.items() if key not in gone}
        yield Page([_withdrawn(key, when) for key, when in sorted(gone.items())], cursor=cast(Cursor, {"seen": kept}))


def _pages(graph: Graph, cut: str | None) -> Iterator[tuple[list[Any], Mapping[str, Any], bool]]:
    """(items, whole body, whether it was read from its beginning) of each page; of a link that was forgotten, anew."""
    if cut:
        try:
            yield from ((items, body, False) for items, body in graph.pages(cut))
            return
        except Http.Refused as error:
            if error.status not in FORGOTTEN:
                raise
    yield from ((items, body, True) for items, body in graph.pages(PATH, EXPANDED))


def _contents(pattern: str) -> tuple[list[tuple[Given, bytes]], list[str]]:
    """Every file, longest first, and in words which cannot be read.

    A copy of what a transcript was when it was shorter is so known to be part of it.
    """
    found, faults = [], []
    for file in given(pattern, "transcripts"):
        try:
            content = file.content()
        except Fatal as error:
            faults.append(str(error))
            continue
        if not content.strip():
            faults.append(f"{file.name} is empty: save the chat again")
        elif b"\0" in content:
            faults.append(f"{file.name} is neither UTF-8 nor Windows-1252: save it as UTF-8")
        else:
            found.append((file, content))
    return sorted(found, key=lambda each: -len(each[1])), faults


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
    fields: dict[str, Any] = {"id": key, "kind": "withdrawn", "thread": key, "said_at": when, "modified_at": when}
    return Message.of({**fields, "withdrawn": True}, location="withdrawn")
