"""What is kept of a post, a reply, a reaction and an account, and the rules by which a post is not read.

Belongs here: the wire format of single lines. Does not: files (export.py), or streams (connector.py).
Source: docs.mattermost.com, bulk export tool and bulk loading data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

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
    epoch,
)

MENTION = re.compile(r"(?<![\w@./])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
ADDED = re.compile(r"@?(\S+) (?:was )?added to the channel by @?(\S+)\.")
CAME_OR_WENT = re.compile(r"@?\S+ (joined|left|(was )?(added to|removed from)) the (channel|team)( by @?\S+)?\.")
PRIVATE, DIRECT, TEAM, UNLISTED = "private channel", "direct message", "invite-only team", "not listed as a public channel"
BOT, SYSTEM, DOUBLE = "bot", "system message", "the same post again"


class Post(Record):
    """A post in a public channel, a reply to one, or word that its author asked somebody (`invited`) into the channel.

    An export has no ids: `id` is made of channel, author, time and text. A reply has the post that it is under as its
    `thread`, and is `toward` whoever wrote that.
    """

    id: Id
    thread: Id
    author: PersonId["mattermost"]
    toward: PersonId["mattermost"] | None = None
    created_at: Moment
    edited_at: Moment | None = None
    text: Prose | None = None
    mentions: list[PersonId["mattermost"]] = Field(default_factory=list)
    invited: PersonId["mattermost"] | None = None


class Reaction(Record):
    """One emoji by one person under a post that is read."""

    post: Id
    thread: Id
    author: PersonId["mattermost"]
    person: PersonId["mattermost"]
    reacted_at: Moment
    emoji: Label | None = None


class Account(Record):
    """An account, and the e-mail address by which the directory knows the same person."""

    username: PersonId["mattermost"]
    email: PersonId["email"] | None = None


Read = Post | Rejected | Excluded


class Reader:
    """Reads posts by what the lines before them say of teams, channels, users and bots.

    sensitive  whether the name of a team or channel is one that must not be read
    allowed    invite-only teams that are read nevertheless
    """

    def __init__(self, sensitive: Callable[[str], bool], allowed: Iterable[str]) -> None:
        self._sensitive, self._allowed = sensitive, {name.lower() for name in allowed}
        self._teams: dict[str, str | None] = {}
        self._channels: dict[tuple[str, str], str | None] = {}
        self._users: set[str] = set()
        self._bots: set[str] = set()
        self._seen: set[str] = set()

    def learn(self, kind: str, said: Mapping[str, Any]) -> None:
        """Take in a line that is no post."""
        name, shown, open_to = str(said.get("name")), str(said.get("display_name") or ""), said.get("type")
        sensitive = SENSITIVE if self._sensitive(f"{name} {shown}") else None
        if kind == "team":
            self._teams[name] = (None if open_to == "O" or name.lower() in self._allowed else TEAM) or sensitive
        elif kind == "channel":
            self._channels[str(said.get("team")), name] = (None if open_to == "O" else PRIVATE) or sensitive
        elif kind in ("user", "bot"):
            (self._users if kind == "user" else self._bots).add(str(said.get("username")).lower())

    def posts(self, said: Any, place: str) -> Iterator[tuple[Read, Any]]:
        """What is made of a post and of each reply under it, beside what was said of it."""
        if not isinstance(said, Mapping) or not isinstance(said.get("replies"), list | None):
            yield Rejected("not as expected at post", place), said
            return
        replies = said.get("replies") or []
        where = (said.get("team"), said.get("channel"))
        if not all(isinstance(part, str) for part in where):
            yield from ((Rejected("missing at team or channel", place), one) for one in (said, *replies))
            return
        if rule := self._teams.get(str(where[0]), UNLISTED) or self._channels.get((str(where[0]), str(where[1])), UNLISTED):
            yield from ((Excluded(rule), one) for one in (said, *replies))
            return
        if fault := _fault(said):
            yield Rejected(fault, place), said
            yield from ((Rejected("a reply to a post that cannot be read", place), one) for one in replies)
            return
        top, starter = _identity(where, said), None if self._by_nobody(said) else said["user"]
        yield self._one(said, top, top, None, place), said
        for number, reply in enumerate(replies):
            at = f"{place}, reply {number}"
            if fault := _fault(reply):
                yield Rejected(fault, at), reply
            else:
                yield self._one(reply, _identity(where, reply), top, starter, at), reply

    def _one(self, said: Mapping[str, Any], own: str, top: str, starter: str | None, place: str) -> Read:
        rule, invited = self._by_nobody(said), self._invited(said)
        if rule and not (rule == SYSTEM and invited):
            return Excluded(rule)
        if own in self._seen:
            return Excluded(DOUBLE)
        self._seen.add(own)
        author, text = said["user"], "" if invited else said["message"]
        return Post.of(
            {
                "id": own, "thread": top, "author": author, "toward": None if starter == author else starter,
                "created_at": epoch(said["create_at"], 1000), "edited_at": epoch(said.get("edit_at"), 1000),
                "text": MENTION.sub("", text).strip() or None, "mentions": self._mentions(text), "invited": invited,
            },
            location=place,
        )  # fmt: skip

    def _by_nobody(self, said: Mapping[str, Any]) -> str | None:
        """The rule for what no person wrote. Exports before posts had types tell who came and went only in words."""
        kind, props = said.get("type"), said.get("props")
        marks = props if isinstance(props, Mapping) else {}
        if kind is None and CAME_OR_WENT.fullmatch(said["message"]):
            return SYSTEM
        if said["user"].lower() in self._bots or any(str(marks.get(m)).lower() == "true" for m in ("from_bot", "from_webhook")):
            return BOT
        if isinstance(kind, str) and (kind == "slack_attachment" or kind.startswith("custom_")):
            return BOT
        return None if kind in (None, "", "me") else SYSTEM

    def _invited(self, said: Mapping[str, Any]) -> str | None:
        """Whom the author added to the channel: an export says so in words only, which are the server's own."""
        found = ADDED.fullmatch(said["message"]) if said.get("type") in (None, "system_add_to_channel") else None
        if not found:
            return None
        added, by = found[1].lower(), found[2].lower()
        people = {added, by} <= self._users - self._bots
        return added if people and added != by == said["user"].lower() else None

    def _mentions(self, text: str) -> list[str]:
        """The users that are named with @; a full stop or dash after a name may be the sentence's own."""
        found: dict[str, None] = {}
        for name in MENTION.findall(text):
            whole = name.lower()
            while whole and whole not in self._users and whole[-1] in "._-":
                whole = whole[:-1]
            if whole in self._users:
                found[whole] = None
        return list(found)


def reactions(post: Read, said: Any, place: str) -> Iterator[Reaction | Rejected | Excluded]:
    """The reactions to a post; what is not read of a post is not read of its reactions either."""
    told = said.get("reactions") if isinstance(said, Mapping) else None
    for number, one in enumerate(told if isinstance(told, list) else []):
        at = f"{place}, reaction {number}"
        if isinstance(post, Excluded):
            yield post
        elif isinstance(post, Rejected):
            yield Rejected("a reaction to a post that cannot be read", at)
        elif not isinstance(one, Mapping) or not isinstance(one.get("user"), str) or not _whole(one.get("create_at")):
            yield Rejected("not as expected at reactions", at)
        else:
            yield Reaction.of(
                {
                    "post": post.id, "thread": post.thread, "author": post.author, "person": one["user"],
                    "reacted_at": epoch(one["create_at"], 1000), "emoji": one.get("emoji_name"),
                },
                location=at,
            )  # fmt: skip


def account_in(said: Any, place: str) -> Account | Rejected:
    """The account in a user's line."""
    if not isinstance(said, Mapping):
        return Rejected("not an object at user", place)
    return Account.of({"username": said.get("username"), "email": said.get("email") or None}, location=place)


def _fault(said: Any) -> str:
    """Why a post or reply cannot be read, or ''."""
    if not isinstance(said, Mapping):
        return "not an object"
    for name, right in (
        ("user", isinstance(said.get("user"), str) and said["user"].strip()),
        ("message", isinstance(said.get("message"), str)),
        ("create_at", _whole(said.get("create_at")) and epoch(said["create_at"], 1000)),
        ("edit_at", said.get("edit_at") is None or _whole(said["edit_at"])),
        ("type", isinstance(said.get("type"), str | None)),
        ("reactions", isinstance(said.get("reactions"), list | None)),
    ):
        if not right:
            return f"not as expected at {name}"
    return ""


def _identity(where: tuple[Any, Any], said: Mapping[str, Any]) -> str:
    """What tells a post from others; a server that loads an export tells by the same whether it has a post already."""
    parts = (*where, said["user"], str(said["create_at"]), said["message"])
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
