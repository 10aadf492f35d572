"""A log in a form of the operator's own, which the setting `pattern` describes.

Belongs here: reading by that pattern. Does not: the forms that have a name.

The pattern is one of RE2, which takes time by the length of a line and no more, whatever the pattern: Python's own may try
for ever, and then no night would end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from pipeline.connector import Fatal, moment

from .grammar import LONGEST, METHOD, STATUS, Cut, Fields, Part, method_and_target

GROUPS = frozenset({"time", "user", "request", "method", "target", "status", "agent"})
Found = Mapping[str, str | None]


class Pattern:
    """Reads lines that match a regular expression as a whole; its named groups are the fields."""

    def __init__(self, pattern: str, time_format: str, zone: ZoneInfo) -> None:
        self._con = duckdb.connect(config={"enable_external_access": "false", "autoinstall_known_extensions": "false"})
        try:
            groups = re.compile(pattern).groupindex
            self._con.execute("select regexp_full_match('', $pattern)", {"pattern": pattern}).fetchall()
        except (re.error, RecursionError, OverflowError) as error:
            why = getattr(error, "msg", "too deep or too large")
            raise Fatal(f"pattern of the access logs is not a regular expression ({why}): correct it") from None
        except duckdb.Error as error:
            why = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")[:200]
            raise Fatal(f"pattern of the access logs is not a regular expression as RE2 has them ({why}): correct it") from None
        if unknown := set(groups) - GROUPS:
            raise Fatal(f"pattern of the access logs has the group {min(unknown)!r}: it may have {', '.join(sorted(GROUPS))}")
        if missing := {"time", "status"} - set(groups):
            raise Fatal(f"pattern of the access logs needs a group {min(missing)!r}: write it as (?P<{min(missing)}>...)")
        if not {"request", "target"} & set(groups):
            raise Fatal("pattern of the access logs needs a group 'request' (GET /page HTTP/1.1) or 'target' (/page)")
        self._names, self._bound = list(groups), {"pattern": pattern, "whole": f"^(?:{pattern})$"}
        cells = ", ".join(f"regexp_extract(line, $whole, {number})" for number in groups.values())
        self._query = f"select line, {cells} from lines where regexp_full_match(line, $pattern)"
        self._formats, self._zone = [time_format] if time_format else [], zone

    def claims(self, line: str) -> bool:
        """A line that it can read."""
        return isinstance(self._cut(self._match([line]).get(line.rstrip())), Fields)

    def parts(self, numbers: Any, lines: Any) -> Iterator[Part]:
        """Every line is of the one form."""
        found = self._match(line.decode("utf-8", "replace") for line in lines.to_pylist())
        yield Part(numbers, lines, lambda line: self._cut(found.get(line.rstrip())))

    def _match(self, lines: Iterable[str]) -> dict[str, Found]:
        """Line -> its groups, for each that matches."""
        distinct = {stripped for line in lines if len(stripped := line.rstrip()) <= LONGEST}
        self._con.register("lines", pa.table({"line": pa.array(sorted(distinct), pa.large_string())}))
        rows = self._con.execute(self._query, self._bound).fetchall()
        self._con.unregister("lines")
        return {line: dict(zip(self._names, (cell or None for cell in cells), strict=True)) for line, *cells in rows}

    def _cut(self, found: Found | None) -> Cut:
        if found is None:
            return "does not match the pattern"
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
