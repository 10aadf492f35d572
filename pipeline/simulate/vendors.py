"""What each vendor's server answers, from records that are JSON text already.

Belongs here: credentials, filters, pages and errors as the vendors have them, with their traps. Does not: sockets and
processes (serve.py), or the records (yammer.py, chats.py, learning.py).

A record is shown as of the served day: not before its source has it, `lag_days` later, and not at all while the source is
down, when it answers 503.

    Yammer   newest first, at most 20; `older_available` is always false and always wrong; a token in every payload
    Graph    a relative next link without the version in it; conversations only where `$expand` asks for them
    LRS      `since` exclusive, `until` inclusive, on `stored`; `more` whenever a page is full: the last may be empty
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import Message
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from pipeline.simulate import jsonl

STAMP = "made-by-the-simulator"  # the file that says what a folder holds
LMS_USER = "tidemark"
YAMMER_PAGE, DIRECTORY_PAGE, GRAPH_PAGE, LRS_PAGE = 20, 50, 20, 100
GRAPH_PATH = "/communications/getAllOnlineMeetingMessages"
CALENDAR = "calendar.json"  # first day, today, lags and outages, beside what is served
JSON = "application/json; charset=utf-8"
HEAD = re.compile(rb'\{"id":(\d+),"sender_id":(\d+)(?:,"group_id":(\d+|null))?')
STORED = re.compile(rb'\{"id":"([^"]+)","stored":"([^"]+)"')
VERB = re.compile(rb'"verb":\{"id":"([^"]+)"')
VOIDS = re.compile(rb'"StatementRef","id":"([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """A reply: its status, body and headers beyond length and type."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Vendors:
    """All three servers over one folder that `build` made, as they answer on `day` (default: the day it was made for)."""

    def __init__(self, folder: Path, day: date | None = None) -> None:
        secret = {name: (folder / "secrets" / name).read_text().strip() for name in ("yammer", "webchat", "training")}
        served = folder / "served"
        shown = _Shown(served, day)
        self._down = shown.down
        self._yammer = _Yammer(served, secret["yammer"], shown)
        self._graph = _Graph(secret["webchat"], shown)
        self._lrs = _Lrs(secret["training"], shown)

    def answer(self, target: str, headers: Message) -> Answer:
        """The answer to GET target."""
        path, _, query = target.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        sent = headers.get("Authorization") or ""
        source = {"/yammer/": "network", "/graph/": "webchat", "/xAPI/": "training"}.get(path[: path.find("/", 1) + 1])
        if source in self._down:
            return Answer(503, b'{"error":"service unavailable"}')
        if source == "network":
            return self._yammer.answer(path.removeprefix("/yammer/"), asked, sent)
        if source == "webchat":
            return self._graph.answer(path.removeprefix("/graph"), asked, sent)
        if source == "training":
            return self._lrs.answer(path.removeprefix("/xAPI/"), asked, headers)
        return Answer(404, b'{"error":"there is nothing here"}')


class _Shown:
    """What a source shows on the served day."""

    def __init__(self, served: Path, day: date | None) -> None:
        calendar = json.loads((served / CALENDAR).read_text())
        first = date.fromisoformat(calendar["first_day"])
        self._served = served
        self._day = ((day or date.fromisoformat(calendar["today"])) - first).days
        self._lag: dict[str, int] = calendar["lag_days"]
        yesterday = self._day - 1
        self.down = {o["source"] for o in calendar["outages"] if o["from_day"] <= yesterday <= o["to_day"]}

    def lines(self, name: str, source: str) -> list[bytes]:
        """The records of a file that its source has by now."""
        path = self._served / name
        end = self._day - self._lag.get(source, 0)
        return [line for line, day in zip(jsonl.read(path), jsonl.days(path), strict=True) if day < end]


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


class _Yammer:
    def __init__(self, served: Path, token: str, shown: _Shown) -> None:
        self._bearer = f"Bearer {token}"
        self._messages = shown.lines("yammer_messages.jsonl", "network")
        self._users = jsonl.read(served / "yammer_users.jsonl")
        self._groups = jsonl.read(served / "yammer_groups.jsonl")
        heads = [HEAD.match(line) for line in self._messages]
        self._ids = [int(head[1]) for head in heads if head]
        self._refers = [(head[2], head[3]) for head in heads if head]
        self._reference = {str(json.loads(line)["id"]).encode(): line for line in self._groups}
        for line in self._users:
            user = json.loads(line)
            keys = ("id", "type", "name", "full_name", "state", "job_title", "url", "web_url", "mugshot_url", "stats")
            short = jsonl.line({key: user[key] for key in keys})
            self._reference[str(user["id"]).encode()] = short.encode()

    def answer(self, path: str, asked: dict[str, str], sent: str) -> Answer:
        if sent != self._bearer:
            return Answer(401, b'{"response":{"message":"Token not found.","stat":"fail","code":16}}')
        if path == "messages.json":
            return Answer(200, self._page(asked))
        records = {"users.json": self._users, "groups.json": self._groups}.get(path)
        if records is None:
            return Answer(404, b'{"response":{"message":"Not found.","stat":"fail","code":404}}')
        start = DIRECTORY_PAGE * (max(_whole(asked.get("page"), 1), 1) - 1)
        return Answer(200, b"[" + b",".join(records[start : start + DIRECTORY_PAGE]) + b"]")

    def _page(self, asked: dict[str, str]) -> bytes:
        limit = min(_whole(asked.get("limit"), YAMMER_PAGE), YAMMER_PAGE) or YAMMER_PAGE
        stop = bisect_left(self._ids, _whole(asked.get("older_than"), 2**63))
        start = max(stop - limit, bisect_right(self._ids, _whole(asked.get("newer_than"), -1)), 0)
        shown = self._messages[start:stop][::-1]
        named = dict.fromkeys(key for pair in self._refers[start:stop][::-1] for key in pair if key)
        references = [self._reference[key] for key in named if key in self._reference]
        token = base64.b64encode(hashlib.sha512(f"{start}/{stop}".encode()).digest()).decode()
        meta = {
            "older_available": False, "requested_poll_interval": 60, "followed_user_ids": [], "followed_references": [],
            "current_user_id": 1841933, "feed_name": "All Company", "feed_desc": "All messages", "ymodules": [],
            "direct_from_body": False,
            "realtime": {
                "uri": "https://2.rt.yammer.com/cometd/", "channel_id": "MTM6MTU0ODg6MTA5Mjg1MDg",
                "authentication_token": token,
            },
        }  # fmt: skip
        return b'{"threaded_extended":{},"messages":[%s],"references":[%s],"meta":%s}' % (
            b",".join(shown), b",".join(references), jsonl.line(meta).encode(),
        )  # fmt: skip


class _Graph:
    def __init__(self, token: str, shown: _Shown) -> None:
        self._bearer = f"Bearer {token}"
        self._messages = shown.lines("graph_questions.jsonl", "webchat")

    def answer(self, path: str, asked: dict[str, str], sent: str) -> Answer:
        if sent != self._bearer:
            return _graph_error(401, "InvalidAuthenticationToken", "Access token is missing or malformed.")
        version, _, rest = path.lstrip("/").partition("/")
        if version != "v1.0":
            return _graph_error(400, "BadRequest", f"Invalid version: {version}")
        if f"/{rest}" != GRAPH_PATH:
            return _graph_error(404, "ResourceNotFound", "Resource not found for the segment.")
        start = _token_number(asked.get("skipToken", ""))
        page = self._messages[start : start + GRAPH_PAGE]
        if asked.get("$expand") != "conversation":
            page = [_without_conversation(line) for line in page]
        head = b'{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#communications/getAllOnlineMeetingMessages"'
        if start + GRAPH_PAGE < len(self._messages):
            kept = {key: value for key, value in asked.items() if key != "skipToken"}
            further = {**kept, "skipToken": base64.urlsafe_b64encode(str(start + GRAPH_PAGE).encode()).decode()}
            link = f"{GRAPH_PATH}?{urlencode(further, safe='$=')}"
            head += b',"@odata.nextLink":' + jsonl.line(link).encode()
        return Answer(200, head + b',"value":[' + b",".join(page) + b"]}")


def _token_number(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        return 0


def _without_conversation(line: bytes) -> bytes:
    record = json.loads(line)
    del record["conversation"]
    return jsonl.line(record).encode()


def _graph_error(status: int, code: str, message: str) -> Answer:
    return Answer(status, jsonl.line({"error": {"code": code, "message": message}}).encode())


class _Lrs:
    def __init__(self, password: str, shown: _Shown) -> None:
        self._basic = "Basic " + base64.b64encode(f"{LMS_USER}:{password}".encode()).decode()
        lines = shown.lines("xapi_statements.jsonl", "training")
        voided = {found[1] for line in lines if (found := VOIDS.search(line))}
        rows = [(found[2], line) for line in lines if (found := STORED.match(line)) and found[1] not in voided]
        self._stored = [_instant(stored.decode()) for stored, _ in rows]
        self._lines = [line for _, line in rows]
        newest = rows[-1][0].decode() if rows else ""
        self._headers = {"X-Experience-API-Version": "1.0.3", "X-Experience-API-Consistent-Through": newest}

    def answer(self, path: str, asked: dict[str, str], headers: Message) -> Answer:
        if headers.get("Authorization") != self._basic:
            return Answer(401, b'{"error":"Unauthorized"}', {"WWW-Authenticate": "Basic", **self._headers})
        if not (headers.get("X-Experience-API-Version") or "").startswith("1.0"):
            return self._fault("the header X-Experience-API-Version is missing or not 1.0")
        offset = 0
        if path.startswith("statements/more/"):
            asked = dict(parse_qsl(base64.urlsafe_b64decode(path.removeprefix("statements/more/")).decode()))
            offset = int(asked.pop("offset"))
        elif path != "statements":
            return Answer(404, b'{"error":"not found"}', self._headers)
        known = {"since", "until", "limit", "ascending", "verb", "format", "attachments"}
        if unknown := sorted(set(asked) - known):
            return self._fault(f"unknown or unsupported parameter: {unknown[0]}")
        try:
            return self._page(asked, offset)
        except ValueError:
            return self._fault("a parameter cannot be read")

    def _fault(self, message: str) -> Answer:
        return Answer(400, jsonl.line({"error": message}).encode(), self._headers)

    def _page(self, asked: dict[str, str], offset: int) -> Answer:
        since, until = asked.get("since"), asked.get("until")
        start = bisect_right(self._stored, _instant(since)) if since else 0
        stop = bisect_right(self._stored, _instant(until)) if until else len(self._stored)
        chosen = self._lines[start:stop]
        if verb := asked.get("verb"):
            chosen = [line for line in chosen if (found := VERB.search(line)) and found[1] == verb.encode()]
        limit = min(int(asked.get("limit", "0")) or LRS_PAGE, LRS_PAGE)
        if asked.get("ascending", "false") == "true":
            page = chosen[offset : offset + limit]
        else:
            end = len(chosen) - offset
            page = chosen[max(end - limit, 0) : max(end, 0)][::-1]
        more = ""
        if len(page) == limit:
            further = urlencode({**asked, "offset": offset + limit})
            more = "/xAPI/statements/more/" + base64.urlsafe_b64encode(further.encode()).decode()
        body = b'{"statements":[%s],"more":"%s"}' % (b",".join(page), more.encode())
        return Answer(200, body, self._headers)


def _instant(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time with its zone; ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.timestamp()
