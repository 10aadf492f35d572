"""What is kept of a message, a user and a group of an export, and the rules by which a message is not read at all.

Belongs here: the columns of the CSV files. Does not: ZIPs (export.py), or which of them is read when (connector.py).
Columns: what three independent readers of such exports name. Columns that are not named here are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from pipeline.connector import (
    SENSITIVE,
    Excluded,
    Field,
    Id,
    Label,
    Moment,
    PersonId,
    Prose,
    Record,
    Rejected,
    Sheet,
    datetime,
    moment,
    names_with,
)

DIRECT, PRIVATE, SYSTEM, BOT, DRAFT = "private conversation", "private group", "system message", "bot", "draft"
MENTION, REFERENCE = re.compile(r"\[\[user:(\d+)\]\]"), re.compile(r"\[\[\w+:\d+\]\]\s?")
TIMES = ("%Y/%m/%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S %z")

MESSAGE = (
    "id", "thread_id", "replied_to_id", "group_id", "in_private_group", "in_private_conversation", "sender_id", "created_at",
    "body",
)  # fmt: skip
MESSAGE_ALSO = ("group_name", "sender_type", "sender_email", "message_type", "deleted_at", "draft", "is_draft", "draft_state")
USER, USER_ALSO = ("id", "email"), ("state", "joined_at", "suspended_at", "deleted_at")
GROUP, GROUP_ALSO = ("id", "name", "private"), ("created_at", "updated_at")

Row = Mapping[str, str | None]


class Message(Record):
    """One message that everybody in the network may read. Of one that was deleted only its id and times are kept."""

    id: Id
    thread: Id | None = None
    replied_to: Id | None = None
    group: Id | None = None
    sender: PersonId["yammer"] | None = None
    email: PersonId["email"] | None = None
    created_at: Moment
    changed_at: Moment  # when it was deleted, else when it was written: an export tells the time of no other change
    body: Prose | None = None
    mentions: list[PersonId["yammer"]] = Field(default_factory=list)
    gone: bool = False


class User(Record):
    """An account, and the e-mail address by which the directory knows the same person."""

    id: PersonId["yammer"]
    email: PersonId["email"] | None = None
    state: Label | None = None


class Group(Record):
    """A community. Of one that must not be read nothing is kept but its id and that it is so."""

    id: Id
    name: Label | None = None
    hidden: bool = False


class Groups:
    """The groups whose messages must not be read, and why."""

    def __init__(self, words: Iterable[str], hidden: Mapping[str, str]) -> None:
        self._sensitive = names_with(words)
        self.hidden = dict(hidden)

    def rule_of(self, row: Row) -> str | None:
        """Why the group in this row is not read, or None."""
        if truth(row["private"]):
            return PRIVATE
        return SENSITIVE if self._sensitive(row["name"] or "") else None

    def learn(self, row: Row) -> None:
        """Take in a row of Groups.csv. A group that was hidden once stays so, in whatever order the exports come."""
        if row["id"] and (rule := self.rule_of(row)):
            self.hidden.setdefault(row["id"], rule)

    def rule(self, message: Row) -> str | None:
        """Why this message must not be read, or None; its two flags must be true or false."""
        if truth(message["in_private_conversation"]):
            return DIRECT
        if truth(message["in_private_group"]):
            return PRIVATE
        if known := self.hidden.get(message["group_id"] or ""):
            return known
        if self._sensitive(message["group_name"] or ""):
            return SENSITIVE
        if any(truth(message[name]) or message[name] in ("draft", "Draft") for name in ("draft", "is_draft", "draft_state")):
            return DRAFT
        kind, sender = ((message[name] or "").casefold() for name in ("message_type", "sender_type"))
        if "system" in (kind, sender):
            return SYSTEM
        return None if sender in ("user", "") else BOT


def rows_in(table: Sheet, needed: Iterable[str], also: Iterable[str]) -> Iterator[tuple[Row, str] | Rejected]:
    """(column -> cell, place) of each row; a cell that is empty or says null is None. Raises Fatal on a missing column."""
    columns = {name: table.need(name) for name in needed} | {name: table.column(name) for name in also}
    for line in table.rows():
        if isinstance(line, Rejected):
            yield line
        else:
            found = {name: line.cells[column] if column else "" for name, column in columns.items()}
            yield {name: None if cell.casefold() in ("", "null") else cell for name, cell in found.items()}, line.place


def message_in(row: Row, groups: Groups, zone: ZoneInfo, place: str) -> Message | Rejected | Excluded:
    """The message in a row of Messages.csv."""
    if rule := groups.rule(row):
        return Excluded(rule)
    for name in ("in_private_conversation", "in_private_group"):
        if truth(row[name]) is None:  # what does not say that it is public is not read
            return Rejected(f"neither true nor false at {name}", place)
    for name in ("id", "sender_id", "thread_id", "replied_to_id", "group_id"):
        if not (row[name] or "").isdecimal() and (row[name] or name in ("id", "sender_id", "thread_id")):
            return Rejected(f"no number at {name}", place)
    created, deleted = (time_of(row[name], zone) for name in ("created_at", "deleted_at"))
    if created is None or (row["deleted_at"] and deleted is None):
        return Rejected(f"not a time at {'deleted_at' if created else 'created_at'}", place)
    if deleted:
        return Message(id=str(row["id"]), created_at=created, changed_at=max(created, deleted), gone=True)
    body = (row["body"] or "").replace("\\r", "").replace("\\n", "\n")
    return Message.of(
        {
            "id": row["id"], "thread": row["thread_id"], "replied_to": row["replied_to_id"], "group": row["group_id"],
            "sender": row["sender_id"], "email": row["sender_email"], "created_at": created, "changed_at": created,
            "body": REFERENCE.sub("", body) or None, "mentions": MENTION.findall(body),
        },
        location=place,
    )  # fmt: skip


def user_in(row: Row, place: str) -> User | Rejected:
    """The account in a row of Users.csv."""
    if not (row["id"] or "").isdecimal():
        return Rejected("no number at id", place)
    return User.of({"id": row["id"], "email": row["email"], "state": row["state"]}, location=place)


def group_in(row: Row, groups: Groups, place: str) -> Group | Rejected:
    """The group in a row of Groups.csv."""
    if not (row["id"] or "").isdecimal():
        return Rejected("no number at id", place)
    if truth(row["private"]) is None:
        return Rejected("neither true nor false at private", place)
    if groups.rule_of(row):
        return Group(id=str(row["id"]), hidden=True)
    return Group.of({"id": row["id"], "name": row["name"]}, location=place)


def times_in(row: Row, zone: ZoneInfo) -> list[datetime]:
    """Every time that a row tells."""
    found = (time_of(cell, zone) for name, cell in row.items() if name.endswith("_at"))
    return [time for time in found if time]


def time_of(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A time in any of the ways that exports write it, in UTC; None where it is none."""
    return moment(re.sub(r" UTC$", " +0000", text), zone, TIMES) if text else None


def truth(text: str | None) -> bool | None:
    """true or false as a cell says it; None where it says neither."""
    return {"true": True, "false": False}.get((text or "").casefold())
