"""A homeserver in miniature for the contract kit: /sync, /messages and whoami over rooms of every kind.

Written from the Matrix specification (client-server API) and recorded answers of a real server. Belongs here: what a
homeserver would answer. Does not: what should land.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

from pipeline.testing import Answer, Asked, Body, JsonList, Place, Sample

ANN, BOB, CAT, ME = "@ann.archer:dept.example", "@bob.baker:dept.example", "@cat.c:dept.example", "@tidemark:dept.example"
START = datetime(2026, 6, 8, 9, 30, 0, 125_000, tzinfo=UTC)
TALK, HELP = "!QtykxKocfZaZOUrTwp:dept.example", "!kUSRqCLyLpWzGqsEHt:dept.example"
CLOSED, PAIR, UNION = "!aBoardRoom:dept.example", "!aPairOfUs:dept.example", "!aBranch:dept.example"
AT_ONCE, A_PAGE = 3, 5  # the server's own limits, below what is asked for
PATH = "/_matrix/client/v3"


class Homeserver(Sample):
    """Two public rooms, and three that must not be read."""

    streams: ClassVar[Mapping[str, int]] = {"events": 26}
    bodies: ClassVar[Mapping[str, Body]] = {
        "/messages$": JsonList(
            at="chunk",
            required=("event_id", "sender", "origin_server_ts", "type", "content"),
            retyped={"event_id": 7, "sender": {"id": 1}, "origin_server_ts": "1780911000125", "type": None, "content": "text"},
        ),
    }
    people = (ANN, BOB, CAT, "ann.archer", "bob.baker", "Archer", "Baker")
    private = ("quillfeather", "marrowbone", "thistledown", "candlewick")
    exempt: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self.log: list[tuple[str, dict[str, Any]]] = []
        for room, name, rule in ((TALK, "Everybody", "public"), (HELP, "Digital help", "public"), (CLOSED, "Board", "invite"),
                                 (PAIR, "", "public"), (UNION, "PCS branch", "public")):  # fmt: skip
            self._state(room, "m.room.create", {"room_version": "10", "creator": ANN})
            self._state(room, "m.room.member", {"membership": "join", "displayname": "Ann Archer"}, ANN)
            self._state(room, "m.room.join_rules", {"join_rule": rule})
            self._state(room, "m.room.history_visibility", {"history_visibility": "shared"})
            self._state(room, "m.room.name", {"name": name})
            self._state(room, "m.room.member", {"membership": "join", "displayname": "Tidemark"}, ME)
        said = [self._say(TALK, (ANN, BOB, CAT)[n % 3], f"Planning note {n}", minute=n) for n in range(12)]
        self._say(TALK, ANN, f"> <{BOB}> Planning note 1\n\nNot so fast", minute=20, **{"m.relates_to": {"m.in_reply_to": {
            "event_id": said[1]}}, "m.mentions": {"user_ids": [BOB]}})  # fmt: skip
        thread = {"rel_type": "m.thread", "event_id": said[3], "is_falling_back": True, "m.in_reply_to": {"event_id": said[3]}}
        self._say(TALK, BOB, "More of this in a thread", minute=21, **{"m.relates_to": thread})
        within = {**thread, "is_falling_back": False, "m.in_reply_to": {"event_id": said[5]}}
        self._say(TALK, CAT, "Quite", minute=22, **{"m.relates_to": within})
        self._edit(said[2], CAT, "Planning note 2, put right", minute=23)
        self._react(TALK, said[4], ANN, minute=24)
        self._react(TALK, said[4], CAT, minute=25)
        gone = self._say(TALK, BOB, "Said in haste", minute=26)
        self._redact(gone, BOB, minute=27)
        self._say(HELP, BOB, "How do I book a room?", minute=30)
        self._say(HELP, ANN, "cat.png", minute=31, msgtype="m.image", url="mxc://dept.example/abc", info={"size": 7})
        self._send(HELP, "m.sticker", BOB, {"body": "A wave", "url": "mxc://dept.example/wave", "info": {}}, minute=32)
        self._say(HELP, ANN, "Build 7 is green", minute=33, msgtype="m.notice")
        self._send(HELP, "m.room.encrypted", ANN, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "quillfeather"}, minute=34)
        self._send(HELP, "m.call.invite", ANN, {"call_id": "1", "version": "1"}, minute=35)
        for room, word in ((CLOSED, "marrowbone"), (PAIR, "thistledown"), (UNION, "candlewick")):
            for minute in range(40, 45):
                self._say(room, BOB, f"Keep the {word} between us", minute=minute)
        pill = f'<a href="https://matrix.to/#/{BOB}">Bob Baker</a>'
        self._say(HELP, CAT, "Ask at the front desk", minute=50, formatted_body=pill)
        self._send(HELP, "m.room.member", ANN, {"membership": "invite", "displayname": "Cat"}, minute=50, state_key=CAT)
        for n in range(3):
            self._say(HELP, (ANN, BOB, CAT)[n], f"Thank you number {n}", minute=51 + n)

    def settings(self, place: Place) -> dict[str, Any]:
        """All rooms that the account has joined."""
        return {"url": place.url, "token": place.token}

    def answer(self, asked: Asked) -> Answer:
        """whoami, /sync, or a page of a room's history."""
        if asked.path == f"{PATH}/account/whoami":
            return Answer({"user_id": ME, "is_guest": False, "device_id": "ABC"})
        if asked.path == f"{PATH}/sync":
            return Answer(self._sync(asked.query))
        if found := re.fullmatch(rf"{PATH}/rooms/(.+)/messages", unquote(asked.path)):
            return self._messages(found[1], asked.query)
        return Answer({"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}, 404)

    def add(self, at: datetime) -> None:
        """A message whose server says that it is of another time; it arrives now."""
        self._send(TALK, "m.room.message", ANN, {"msgtype": "m.text", "body": "One more thing"}, at=at)

    def edit(self) -> None:
        """A message says something else."""
        event = next(e for _, e in self.log if e["content"].get("body") == "Planning note 6")
        self._edit(event["event_id"], ANN, "Planning moved to Friday", minute=90)

    def delete(self) -> None:
        """A message is taken back."""
        event = next(e for _, e in self.log if e["content"].get("body") == "Planning note 7")
        self._redact(event["event_id"], BOB, minute=91)

    # ----------------------------------------------------------------------------------------------------- answering
    def _sync(self, query: dict[str, str]) -> dict[str, Any]:
        begins = int(query["since"][1:]) if "since" in query else 0
        limit = min(AT_ONCE, json.loads(query["filter"])["room"]["timeline"]["limit"])
        join: dict[str, Any] = {}
        for room in dict.fromkeys(room for room, _ in self.log):
            new = [(n, e) for n, (r, e) in enumerate(self.log) if r == room and n >= begins]
            given = new[-limit:]
            state: dict[tuple[str, str], Any] = {}
            for n, (r, e) in enumerate(self.log):
                if r == room and "state_key" in e and (not given or n < given[0][0]):
                    state[e["type"], e["state_key"]] = e
            join[room] = {
                "timeline": {"events": [e for _, e in given], "limited": len(new) > limit,
                             "prev_batch": f"s{given[0][0] if given else len(self.log)}"},
                "state": {"events": list(state.values())}, "account_data": {"events": []}, "ephemeral": {"events": []},
                "unread_notifications": {"notification_count": 0, "highlight_count": 0}, "summary": {},
            }  # fmt: skip
        direct = {"type": "m.direct", "content": {BOB: [PAIR]}}
        return {"next_batch": f"s{len(self.log)}", "account_data": {"events": [direct]}, "rooms": {"join": join},
                "device_one_time_keys_count": {"signed_curve25519": 0}}  # fmt: skip

    def _messages(self, room: str, query: dict[str, str]) -> Answer:
        if room not in (TALK, HELP, CLOSED, PAIR, UNION):
            return Answer({"errcode": "M_FORBIDDEN", "error": "User not in room"}, 403)
        begins = int(query["from"][1:]) if "from" in query else len(self.log)
        ends = int(query["to"][1:]) if "to" in query else 0
        below = [(n, e) for n, (r, e) in enumerate(self.log) if r == room and ends <= n < begins][::-1]
        given = below[: min(A_PAGE, int(query.get("limit", "10")))]
        end = {"end": f"s{given[-1][0]}"} if given else {}
        return Answer({"chunk": [e for _, e in given], "start": f"s{begins}", **end})

    # ------------------------------------------------------------------------------------------------------- writing
    def _send(
        self, room: str, kind: str, who: str, content: dict[str, Any], *, minute: int = 0, at: datetime | None = None, **more: Any
    ) -> str:  # fmt: skip
        when = at or START + timedelta(minutes=minute)
        number = f"$sample{len(self.log):04d}abcdefghijklmnopqrstuvwxyz"
        event = {"type": kind, "room_id": room, "sender": who, "content": content, "event_id": number,
                 "origin_server_ts": int(when.timestamp() * 1000), "unsigned": {"age": 1234, "membership": "join"},
                 "user_id": who, "age": 1234, **more}  # fmt: skip
        self.log.append((room, event))
        return number

    def _state(self, room: str, kind: str, content: dict[str, Any], key: str = "") -> None:
        self._send(room, kind, key or ANN, content, state_key=key)

    def _say(self, room: str, who: str, body: str, *, minute: int, **more: Any) -> str:
        return self._send(room, "m.room.message", who, {"msgtype": "m.text", "body": body, **more}, minute=minute)

    def _edit(self, target: str, who: str, body: str, *, minute: int) -> None:
        new = {"msgtype": "m.text", "body": body}
        relation = {"rel_type": "m.replace", "event_id": target}
        self._say(TALK, who, f"* {body}", minute=minute, **{"m.new_content": new, "m.relates_to": relation})

    def _react(self, room: str, target: str, who: str, *, minute: int) -> None:
        relation = {"rel_type": "m.annotation", "event_id": target, "key": "\U0001f44d"}
        self._send(room, "m.reaction", who, {"m.relates_to": relation}, minute=minute)

    def _redact(self, target: str, who: str, *, minute: int) -> None:
        self._send(TALK, "m.room.redaction", who, {"redacts": target}, minute=minute, redacts=target)
        because = self.log[-1][1]
        for _, event in self.log:
            if event["event_id"] == target:
                event["content"] = {}
                event["unsigned"] = {"redacted_by": because["event_id"], "redacted_because": dict(because)}
