"""Two web servers in miniature: one with a daily log in the combined format, one that logs JSON lines as Caddy does.

Belongs here: lines as the servers' manuals show them. Does not: what the connector makes of them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from pipeline.testing import JsonLines, Place, Sample, TextLines

APPEND_ONLY = "a web server appends to its log and never changes or takes back a line that it has written"
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
FIRST = datetime(2026, 6, 22, 8, 5, tzinfo=UTC)
VISITS = (
    ("/", 200), ("/news/new-pay-offer?utm_campaign=staff-survey&utm_source=mail", 200), ("/search?q=quokka+leave", 200),
    ("/how-to/claim%20travel", 200), ("/assets/site.css?v=3", 304), ("/hr/leave", 403),
)  # fmt: skip


class CombinedLog(Sample):
    """Apache behind single sign-on, one file a day, in local time as British servers write it."""

    streams: ClassVar = {"requests": 18}
    bodies: ClassVar = {r"\.log": TextLines()}
    people = ("awen.pryce", "bran.oduya", "cerys.lund", "10.20.4.17")
    exempt: ClassVar = {
        "edit_is_found": APPEND_ONLY,
        "deletion_is_found": APPEND_ONLY,
        "new_field": "a line of this format has no named fields; further values at its end are in the sample",
        "missing_field": "a line of this format has no named fields; lines without one of its parts are in the plug-in's tests",
        "renamed_field": "a line of this format has no named fields: nothing in it could be called otherwise",
        "retyped_field": "a line of this format has no named fields; lines with rubbish in them are in the plug-in's tests",
        "private_never_lands": "no line is left out as private: addresses, agents and queries are cut out of every line",
    }

    def __init__(self) -> None:
        self.days: dict[str, list[str]] = {}
        for number in range(18):
            at = FIRST + timedelta(hours=3 * number)
            target, status = VISITS[number % len(VISITS)]
            self._line(
                at, ("DCS\\\\awen.pryce", "bran.oduya@coastal.example", "-", "DCS\\\\cerys.lund")[number % 4], target, status
            )

    def _line(self, at: datetime, user: str, target: str, status: int) -> None:
        local = at + timedelta(hours=1)
        line = (
            f'10.20.4.17 - {user} [{local:%d/%b/%Y:%H:%M:%S} +0100] "GET {target} HTTP/1.1" {status} 18233 '
            f'"https://intranet.example/home" "{BROWSER}" 1807 "-"'
        )
        self.days.setdefault(f"access-{local:%Y-%m-%d}.log", []).append(line)

    def settings(self, place: Place) -> dict[str, Any]:
        """Single sign-on writes the domain before the name."""
        return {"files": str(place.folder / "access-*.log"), "search_path": "/search", "search_parameter": "q"}

    def write(self, folder: Path) -> None:
        """One file a day."""
        for name, lines in self.days.items():
            (folder / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")

    def add(self, at: datetime) -> None:
        """A line at the end of that day's file."""
        self._line(at, "DCS\\\\awen.pryce", "/news/late", 200)


class JsonLog(Sample):
    """Caddy: requests and its own doings in one growing file, of which an error repeats a request."""

    streams: ClassVar = {"requests": 15}
    bodies: ClassVar = {
        r"\.json": JsonLines(
            required=("ts", "status", "request", "request.uri"),
            retyped={"ts": "yesterday", "status": "fine", "request": 7, "request.uri": ["/news"]},
        )
    }
    people = ("dewi.okoro", "eira.vaughan", "ffion.mills", "10.20.9.88")
    private = ("quokka-stack-trace",)
    exempt: ClassVar = {"edit_is_found": APPEND_ONLY, "deletion_is_found": APPEND_ONLY}

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        for number in range(15):
            target, status = VISITS[number % len(VISITS)]
            self._request(FIRST + timedelta(minutes=97 * number, milliseconds=250), number, target, status)

    def _request(self, at: datetime, number: int, target: str, status: int) -> None:
        request = {
            "remote_ip": "10.20.9.88", "remote_port": "54011", "client_ip": "10.20.9.88", "proto": "HTTP/2.0", "method": "GET",
            "host": "intranet.example", "uri": target,
            "headers": {"User-Agent": [BROWSER], "Accept-Language": ["en-GB", "cy"], "Referer": ["https://intranet.example/"]},
            "tls": {"resumed": False, "version": 772, "cipher_suite": 4865, "proto": "h2", "server_name": "intranet.example"},
        }  # fmt: skip
        self.lines.append({
            "level": "info", "ts": at.timestamp(), "logger": "http.log.access.log0", "msg": "handled request",
            "request": request, "bytes_read": 0, "user_id": ("dewi.okoro", "eira.vaughan", "", "ffion.mills")[number % 4],
            "duration": 0.001335486, "size": 3609, "status": status, "resp_headers": {"Content-Type": ["text/html"]},
        })  # fmt: skip

    def settings(self, place: Place) -> dict[str, Any]:
        """The usual names of fields."""
        return {"files": str(place.folder / "*.json"), "search_path": "/search", "search_parameter": "q"}

    def write(self, folder: Path) -> None:
        """One file that grows; Caddy's own doings come between the requests."""
        own = {"level": "error", "ts": FIRST.timestamp(), "logger": "http.log.error.log0", "msg": "quokka-stack-trace"}
        whole = [self.lines[0], own, *self.lines[1:]]
        (folder / "caddy.json").write_text("".join(json.dumps(line) + "\n" for line in whole), "utf-8")

    def add(self, at: datetime) -> None:
        """A line at the end of the file."""
        self._request(at, 0, "/news/late", 200)
