"""W3C extended logs, whose header says which columns there are: IIS, CloudFront, NetScaler, SHOUTcast.

Belongs here: headers, columns and how values are written in them. Does not: what the fields mean (meaning.py).

Columns are parted by blanks, and blanks in values are written as + (IIS) or the value is quoted (IIS Advanced Logging);
or they are parted by tabs, and values are percent-encoded, an agent twice (CloudFront). Times are UTC, except in columns
that say `local`. A server that is set up anew writes a new header into the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pyarrow.compute as pc

from pipeline.connector import Excluded, moment

from .grammar import METHOD, STATUS, Cut, Fields, Part

FEW = 64  # lines; starting a query for fewer costs more than reading them one by one
HEAD = Excluded("header of the log")
VALUE = re.compile(r'"[^"]*"|\S+')
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "date-local"),
    "time": ("time", "time-local"),
    "user": ("cs-username",),
    "method": ("cs-method",),
    "target": ("cs-uri-stem", "cs-uri"),
    "query": ("cs-uri-query",),
    "status": ("sc-status", "c-status"),
    "agent": ("cs(user-agent)",),
}


@dataclass(frozen=True)
class Layout:
    """Where each field is found: its column, counted from 0. `day` is the header's own, for logs without a date column."""

    columns: tuple[str, ...] = ()
    day: str = ""
    at: Mapping[str, int] | None = None
    local: bool = False

    def of(self, columns: tuple[str, ...], own: Mapping[str, str]) -> Layout:
        """The layout after a header that names these columns."""
        at: dict[str, int] = {}
        for field, names in COLUMNS.items():
            found = next((n for n in (own.get(field, "").lower(), *names) if n in columns), None)
            if found is not None:
                at[field] = columns.index(found)
        local = columns[at["time"]].endswith("-local") if "time" in at else False
        return replace(self, columns=columns, at=at, local=local)

    @property
    def lacking(self) -> str:
        """Why no line below this header can be read, or ''."""
        if self.at is None:
            return "no #Fields above it"
        if "date" not in self.at and not self.day:
            return "#Fields names no date"
        return next((f"#Fields names no {w}" for w in ("time", "target", "status") if w not in self.at), "")


class Extended:
    """Reads one file: a header holds until the next."""

    def __init__(self, fields: Mapping[str, str], zone: ZoneInfo) -> None:
        self._own, self._zone = fields, zone
        self._layout = Layout()

    def claims(self, line: str) -> bool:
        """A line of the header."""
        return re.match(r"#(Fields|Software|Version|Date|Start-Date|Remark):", line) is not None

    def parts(self, numbers: Any, lines: Any) -> Iterator[Part | tuple[Excluded, int]]:
        """The lines below each header; those of the headers are counted."""
        heads = pc.starts_with(lines, b"#")
        count, start = 0, 0
        for at in pc.indices_nonzero(heads).to_pylist():
            count += 1
            after = self._after(lines[at].as_py().decode("utf-8", "replace"))
            if after != self._layout:
                yield from self._part(numbers, lines, heads, start, at)
                self._layout, start = after, at
        yield from self._part(numbers, lines, heads, start, len(lines))
        yield HEAD, count

    def _after(self, line: str) -> Layout:
        name, _, value = line.partition(":")
        if name == "#Fields":
            return self._layout.of(tuple(value.lower().split()), self._own)
        if name in ("#Date", "#Start-Date") and value.split() and "date" not in (self._layout.at or {}):
            return replace(self._layout, day=value.split()[0])
        return self._layout

    def _part(self, numbers: Any, lines: Any, heads: Any, start: int, end: int) -> Iterator[Part]:
        below = pc.invert(heads[start:end])
        chosen = lines[start:end].filter(below)
        if len(chosen):
            layout = self._layout
            plain = not layout.lacking and "date" in (layout.at or {}) and not layout.local and len(chosen) >= FEW
            yield Part(
                numbers[start:end].filter(below), chosen, lambda line: self._cut(line, layout),
                _quick(layout, tabs=b"\t" in chosen[0].as_py()) if plain else "", blank=HEAD,
            )  # fmt: skip

    def _cut(self, line: str, layout: Layout) -> Cut:
        if layout.lacking:
            return layout.lacking
        line, tabs, count = line.rstrip("\r"), "\t" in line, len(layout.columns)
        values = line.split("\t") if tabs else line.split(" ")
        if len(values) != count and not tabs:
            values = VALUE.findall(line)
        if len(values) != count:
            return "not as many values as #Fields names"
        told = {field: _bare(values[at]) for field, at in (layout.at or {}).items()}
        zone = self._zone if layout.local else ZoneInfo("UTC")
        if not (seen_at := moment(f"{told.get('date', layout.day)} {told['time']}", zone)):
            return "the time is not one"
        if not STATUS.fullmatch(told["status"]):
            return "no status"
        method, query = told.get("method", ""), told.get("query", "-")
        target, agent, user = told["target"], told.get("agent"), told.get("user")
        if tabs:
            agent = unquote(unquote(agent)) if agent else None
        else:
            target, agent = target.replace("+", " "), agent and agent.replace("+", " ")
            user = user if user is None or "@" in user else user.replace("+", " ")
        return Fields(
            user, seen_at, method if METHOD.fullmatch(method) else None,
            target if query in ("-", "") else f"{target}?{query}", told["status"], agent,
        )  # fmt: skip


def _bare(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _quick(layout: Layout, *, tabs: bool) -> str:
    """Cuts by columns. Lines with a quote in them go the exact way: a quoted value may hold blanks."""
    at = {field: f"q[{place + 1}]" for field, place in (layout.at or {}).items()}
    user, agent, target, query = at.get("user", "null"), at.get("agent", "null"), at["target"], at.get("query", "'-'")
    if tabs:
        agent = f"replace(replace({agent}, '%2520', ' '), '%20', ' ')"
    else:
        agent, target = f"replace({agent}, '+', ' ')", f"replace({target}, '+', ' ')"
        user = f"case when contains({user}, '@') then {user} else replace({user}, '+', ' ') end"
    method = at.get("method", "null")
    return rf"""
fields as (
    select number, {user} as "user",
           case when len(q) = {len(layout.columns)} and not contains(line, '"') and regexp_full_match({at["status"]}, '\d\d\d')
                then try_cast({at["date"]} || ' ' || {at["time"]} || '+00' as timestamptz) end as seen_at,
           case when regexp_full_match({method}, '[A-Z]+(-[A-Z]+)*') then {method} end as method,
           case when {query} in ('-', '') then {target} else {target} || '?' || {query} end as target,
           {at["status"]} as status, {agent} as agent
    from (select number, line, string_split(rtrim(line, chr(13)), {"chr(9)" if tabs else "' '"}) as q from lines)
)"""
