"""A log in a form of the operator's own, which the setting `pattern` describes.

Belongs here: reading by that pattern. Does not: the forms that have a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.connector import Fatal, moment

from .grammar import METHOD, STATUS, Cut, Fields, Part, method_and_target

GROUPS = frozenset({"time", "user", "request", "method", "target", "status", "agent"})


class Pattern:
    """Reads lines that match a regular expression as a whole; its named groups are the fields."""

    def __init__(self, pattern: str, time_format: str, zone: ZoneInfo) -> None:
        try:
            self._pattern = re.compile(pattern)
        except re.error as error:
            raise Fatal(f"pattern of the access logs is not a regular expression ({error.msg}): correct it") from None
        names = set(self._pattern.groupindex)
        if unknown := names - GROUPS:
            raise Fatal(f"pattern of the access logs has the group {min(unknown)!r}: it may have {', '.join(sorted(GROUPS))}")
        if missing := {"time", "status"} - names:
            raise Fatal(f"pattern of the access logs needs a group {min(missing)!r}: write it as (?P<{min(missing)}>...)")
        if not names & {"request", "target"}:
            raise Fatal("pattern of the access logs needs a group 'request' (GET /page HTTP/1.1) or 'target' (/page)")
        self._formats, self._zone = [time_format] if time_format else [], zone

    def claims(self, line: str) -> bool:
        """A line that it can read."""
        return isinstance(self._cut(line), Fields)

    def parts(self, numbers: Any, lines: Any) -> Iterator[Part]:
        """Every line is of the one form."""
        yield Part(numbers, lines, self._cut)

    def _cut(self, line: str) -> Cut:
        if not (match := self._pattern.fullmatch(line.rstrip())):
            return "does not match the pattern"
        found = match.groupdict()
        if not (seen_at := moment(found["time"], self._zone, self._formats)):
            return "the time is not one"
        if not STATUS.fullmatch(status := found["status"] or ""):
            return "no status"
        method, target = method_and_target(found.get("request"))
        if "target" in found:
            target = found["target"]
        if "method" in found:
            method = found["method"] if METHOD.fullmatch(found["method"] or "") else None
        return Fields(found.get("user"), seen_at, method, target, status, found.get("agent"))
