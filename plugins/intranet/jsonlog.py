"""Logs of one JSON object a line: nginx as its operator wrote the format, Caddy, Traefik, the Elastic Common Schema.

Belongs here: the names under which they tell a request. Does not: what its fields mean (meaning.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.connector import Excluded, epoch, moment

from .apache import TIME
from .grammar import METHOD, STATUS, Cut, Fields, Part, method_and_target

# First come, first taken. Traefik's `time` is when it wrote the line; what the visitor got is its DownstreamStatus.
NAMES: Mapping[str, tuple[str, ...]] = {
    "time": ("time_iso8601", "@timestamp", "StartUTC", "msec", "ts", "timestamp", "time_local", "date", "time", "StartLocal"),
    "user": ("remote_user", "ClientUsername", "user_id", "user.name", "user"),
    "request": ("request",),
    "method": ("request_method", "RequestMethod", "request.method", "http.request.method", "method"),
    "target": ("request_uri", "RequestPath", "request.uri", "url.original", "uri", "path", "url.path", "url"),
    "query": ("args", "query_string", "url.query"),
    "status": ("status", "DownstreamStatus", "OriginStatus", "http.response.status_code"),
    "agent": ("http_user_agent", "request_User-Agent", "request.headers.User-Agent", "user_agent.original", "user_agent"),
}
ESCAPES = re.compile(r"(?:\\x[0-9A-Fa-f]{2})+")  # nginx without escape=json
LATEST_SECOND = 1e11  # a greater number counts thousandths of a second, or of those


class JsonLines:
    """Reads one object a line; `fields` says under which other names this server tells a request."""

    def __init__(self, fields: Mapping[str, str], time_format: str, zone: ZoneInfo) -> None:
        self._zone, self._formats = zone, [time_format, TIME] if time_format else [TIME]
        self._names = {
            field: [(name, tuple(name.split("."))) for name in (fields.get(field), *names) if name]
            for field, names in NAMES.items()
        }

    def claims(self, line: str) -> bool:
        """An object."""
        return line.lstrip().startswith("{") and isinstance(_object(line), dict)

    def parts(self, numbers: Any, lines: Any) -> Iterator[Part]:
        """Every line is of the one form."""
        yield Part(numbers, lines, self._cut)

    def _cut(self, line: str) -> Cut:
        told = _object(line)
        if not isinstance(told, dict):
            return "not a JSON object"
        if _of_caddy_itself(told):
            return Excluded("not a request")
        if not (seen_at := self._moment(self._of(told, "time"))):
            return "the time is not one"
        status = str(self._of(told, "status"))
        status = "000" if status == "0" else status  # nobody waited for the answer
        if not STATUS.fullmatch(status):
            return "no status"
        request, target = self._of(told, "request"), _words(self._of(told, "target"))
        if isinstance(request, str):
            method, target = method_and_target(request)
        elif target is None:
            return "no request in it"
        else:
            method = _words(self._of(told, "method"))
            method = method if method and METHOD.fullmatch(method) else None
            if "?" not in target and (query := _words(self._of(told, "query"))) and query != "-":
                target = f"{target}?{query}"
        user, agent = _words(self._of(told, "user")), _words(self._of(told, "agent"))
        return Fields(user, seen_at, method, _words(target), status, agent)

    def _of(self, told: dict[str, Any], field: str) -> str | int | float | None:
        """The first name's value that is a text or a number; "" where it is there and blank, None where it is not."""
        found: str | None = None
        for name, steps in self._names[field]:
            value: Any = told.get(name)
            if value is None and len(steps) > 1:
                value = told
                for step in steps:
                    value = value.get(step) if isinstance(value, dict) else None
            if field == "agent" and isinstance(value, list) and value:
                value = value[0]  # a header may come several times
            if value == "":
                found = ""
            elif isinstance(value, str | int | float) and not isinstance(value, bool):
                return value
        return found

    def _moment(self, value: Any) -> datetime | None:
        try:
            seconds = float(value)
        except (TypeError, ValueError):
            return moment(value, self._zone, self._formats) if isinstance(value, str) else None
        for _ in range(3):
            seconds = seconds / 1000 if seconds > LATEST_SECOND else seconds
        return epoch(seconds)


def _of_caddy_itself(told: dict[str, Any]) -> bool:
    """Caddy tells of its own doings in the same file, and of a failed request a second time as an error."""
    logger = told.get("logger")
    failed = isinstance(logger, str) and logger.startswith("http.log.error")
    return failed or ({"ts", "level", "msg"} <= told.keys() and not {"request", "status"} & told.keys())


def _object(line: str) -> Any:
    try:
        return json.loads(line)
    except RecursionError:
        return None
    except ValueError:
        if "\\x" not in line:
            return None
    try:
        return json.loads(ESCAPES.sub(lambda found: json.dumps(_bytes(found[0]))[1:-1], line))
    except (ValueError, RecursionError):
        return None


def _bytes(escapes: str) -> str:
    return bytes.fromhex(escapes.replace("\\x", "")).decode("utf-8", "replace")


def _words(value: Any) -> str | None:
    """The text, also of a whole number; half a surrogate pair, which JSON can hold, becomes U+FFFD."""
    text = str(value) if isinstance(value, int) else value
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(text, str) else None
