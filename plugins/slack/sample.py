"""A workspace in miniature for the contract kit: two exports that overlap, the later one of the whole history.

Written from Slack's documentation of exports and message payloads. Belongs here: what Slack would export.
Does not: what should land.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Body, JsonList, Place, Sample, Zipped

LONDON = ZoneInfo("Europe/London")
ANN, BOB, CAT, BOT = "U061F7AUR", "U0C7B14Q3", "W012A3CDE", "U0BOTBOT1"
BUSY = datetime(2026, 6, 10, 8, 30, tzinfo=UTC)
FORMER = datetime(2026, 5, 30, tzinfo=UTC)  # when the first export was made

CHANNELS = [
    {"id": "C012AB3CD", "name": "general", "created": 1449252889, "creator": ANN, "is_archived": False, "is_general": True,
     "members": [ANN, BOB, CAT], "topic": {"value": "", "creator": "", "last_set": 0}, "purpose": {"value": "Everybody"}},
    {"id": "C0ABCDE01", "name": "digital-help", "created": 1449252890, "creator": BOB, "is_archived": False,
     "is_general": False, "members": [ANN, BOB]},
    {"id": "C0UNION01", "name": "pcs-union", "created": 1449252891, "creator": BOB, "is_general": False, "members": [BOB]},
    {"id": "C0SECRET1", "name": "board", "created": 1449252892, "creator": BOB, "is_private": True, "members": [BOB]},
]  # fmt: skip
GROUPS = [{"id": "G0PRIV001", "name": "restructure", "created": 1449252893, "creator": BOB, "is_archived": False}]
DMS = [{"id": "D0DIRECT1", "created": 1449252894, "members": [ANN, BOB]}]
MPIMS = [{"id": "G0MANY001", "name": "mpdm-ann--bob--cat-1", "members": [ANN, BOB, CAT]}]
FOLDERS = {"C012AB3CD": "general", "C0ABCDE01": "digital-help", "C0UNION01": "pcs-union", "C0SECRET1": "board",
           "G0PRIV001": "restructure", "D0DIRECT1": "D0DIRECT1", "G0MANY001": "mpdm-ann--bob--cat-1"}  # fmt: skip


def user(number: str, login: str, name: str, **more: Any) -> dict[str, Any]:
    """One member as users.json has it."""
    profile = {"title": "", "phone": "", "real_name": name, "display_name": login, "email": f"{login}@dept.example"}
    return {"id": number, "team_id": "T012AB0A1", "name": login, "deleted": False, "color": "9f69e7", "real_name": name,
            "tz": "Europe/London", "tz_offset": 0, "profile": profile, "is_admin": False, "is_bot": False,
            "is_app_user": False, "updated": 1767225600, **more}  # fmt: skip


def stamp(at: datetime, number: int = 0) -> str:
    """A time as Slack numbers messages by it."""
    return f"{int(at.timestamp())}.{number:06d}"


class Exports(Sample):
    """Both exports, with channels of every kind."""

    streams: ClassVar[Mapping[str, int]] = {"messages": 25, "members": 3}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"\.zip$": Zipped(
            member="general/2026-06-10.json",
            inner=JsonList(
                required=("ts", "user"),
                retyped={"ts": 1452837318.000002, "user": {"id": 7}, "text": ["a"], "thread_ts": 7, "reactions": "many"},
            ),
        ),
    }
    people = (ANN, BOB, CAT, "ann.archer", "bob.baker", "Archer", "Baker", "Cattermole", "cat.cattermole@dept.example")
    private = ("quillfeather", "marrowbone", "thistledown", "candlewick", "gooseberry")
    exempt: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        for number in range(6):
            self._post("C012AB3CD", datetime(2026, 5, 11 + number, 9, 15, tzinfo=UTC), (ANN, BOB, CAT)[number % 3],
                       f"Week planning note {number} &amp; what is next &lt;soon&gt;")  # fmt: skip
        top = self._post("C0ABCDE01", datetime(2026, 5, 14, 10, tzinfo=UTC), ANN,
                         "How do I book <https://rooms.example/a|a room>?",
                         reply_count=2, reply_users=[BOB], subscribed=False)  # fmt: skip
        top["thread_ts"] = top["ts"]
        for minute, who in ((3, BOB), (5, CAT)):
            self._post("C0ABCDE01", datetime(2026, 5, 14, 10, minute, tzinfo=UTC), who, f"<@{ANN}> try the front desk, it works",
                       thread_ts=top["ts"], parent_user_id=ANN)  # fmt: skip
        for number in range(14):
            post = self._post("C012AB3CD", BUSY + timedelta(minutes=number), (ANN, BOB, CAT)[number % 3],
                              f"Point {number} to raise",
                              reactions=[{"name": "+1", "users": [BOB, CAT], "count": 2}] if number == 3 else [])  # fmt: skip
            if number == 5:  # answers to it were deleted: it stays the head of a thread
                post["thread_ts"] = post["ts"]
        self._post("C012AB3CD", BUSY + timedelta(hours=1), ANN, f"<@{ANN}> has joined the channel", subtype="channel_join")
        self._post("C012AB3CD", BUSY + timedelta(hours=1, minutes=1), CAT, f"<@{CAT}> has joined the channel",
                   subtype="channel_join", inviter=ANN)  # fmt: skip
        self._post("C012AB3CD", BUSY + timedelta(hours=2), BOT, "Build 7 is green", subtype="bot_message", bot_id="B0123")
        self._post("C012AB3CD", BUSY + timedelta(hours=3), BOT, "Stand-up in five minutes", bot_id="B0124", app_id="A01")
        self._post("C012AB3CD", BUSY + timedelta(hours=4), "USLACKBOT", "This message was deleted.", subtype="tombstone")
        for room, word in (("C0UNION01", "quillfeather"), ("C0SECRET1", "marrowbone"), ("G0PRIV001", "thistledown"),
                           ("D0DIRECT1", "candlewick"), ("G0MANY001", "gooseberry")):  # fmt: skip
            self._post(room, BUSY + timedelta(hours=5), BOB, f"Please keep the {word} between us")
        self._post("C012AB3CD", datetime(2026, 6, 26, 15, tzinfo=UTC), CAT, "Have a good weekend all")
        self.former = [(room, dict(post)) for room, post in self.posts if float(post["ts"]) < FORMER.timestamp()]

    def settings(self, place: Place) -> dict[str, Any]:
        """The files of the folder."""
        return {"files": str(place.folder / "*.zip")}

    def write(self, folder: Path) -> None:
        """The export of May as it was made then, and the one of all time as it would be made now."""
        _export(folder / "Department Slack export May 11 2026 - May 30 2026.zip", self.former)
        _export(folder / "Department Slack export Jun 29 2026.zip", self.posts)

    def add(self, at: datetime) -> None:
        """A message."""
        self._post("C012AB3CD", at, ANN, "One more thing about the plan", ts=stamp(at))

    def edit(self) -> None:
        """A message of May says something else."""
        post = next(p for _, p in self.posts if p["text"].startswith("Week planning note 2"))
        post.update(text="Week planning moved to Friday", edited={"user": post["user"], "ts": stamp(FORMER)})

    def delete(self) -> None:
        """A message of May is in the later export no more."""
        self.posts = [(room, p) for room, p in self.posts if not p["text"].startswith("Week planning note 3")]

    def _post(self, room: str, at: datetime, who: str, text: str, **more: Any) -> dict[str, Any]:
        post = {"client_msg_id": f"7f{len(self.posts):06d}-0000", "type": "message", "text": text, "user": who,
                "ts": stamp(at, 100 + len(self.posts)), "team": "T012AB0A1", "user_team": "T012AB0A1",
                "blocks": [{"type": "rich_text", "block_id": "a1B", "elements": []}], **more}  # fmt: skip
        self.posts.append((room, post))
        return post


def _export(path: Path, posts: list[tuple[str, dict[str, Any]]]) -> None:
    days: dict[str, list[dict[str, Any]]] = {}
    for room, post in posts:
        day = datetime.fromtimestamp(float(post["ts"]), LONDON).date().isoformat()
        days.setdefault(f"{FOLDERS[room]}/{day}.json", []).append(post)
    users = [
        user(ANN, "ann.archer", "Ann Archer"),
        user(BOB, "bob.baker", "Bob Baker"),
        user(CAT, "cat.cattermole", "Cat Cattermole", deleted=True),
        user(BOT, "standup", "Stand-up", is_bot=True),
    ]
    lists = {"channels.json": CHANNELS, "groups.json": GROUPS, "dms.json": DMS, "mpims.json": MPIMS, "users.json": users,
             "integration_logs.json": []}  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, rows in {**lists, **days}.items():
            info = zipfile.ZipInfo(name, (2026, 6, 29, 6, 0, 0))
            made.writestr(info, json.dumps(rows, indent=4), zipfile.ZIP_DEFLATED)
