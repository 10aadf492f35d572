"""THE CONTRACT: everything a plug-in author imports, and all the engine knows of a source.

Belongs here: the words connector, stream, record, page, unit, and the privacy types.
Does not: Dagster, DuckDB, disks (landing/), or any source by name (plugins/).

A connector is settings plus methods marked with `@stream`. A method yields pages; the engine validates, protects,
accounts for and lands them. What a method is given depends on the kind of its stream:

    keyed      (since)           the newest version of a key wins; `since` is the cursor, or None on the first fill
    unit       (landed)          replaced whole: a file, an export, a meeting; `landed` says which are here already
    unit="day" (day)             one local day, asked for once for each day that is missing
    snapshot   (since)           the whole set each time; `since` is the day of the newest one that was kept

Errors, and what the engine makes of them:

    SourceError
    ├── Fatal      a person must act: the message says what to do; the source is red
    ├── Retry      passing: the page was tried again and failed; the next night resumes
    └── Deferred   not a fault: the budget of time or requests is used up; the next night resumes
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from pipeline.feeds.archives import Archive, archive
from pipeline.feeds.files import Given, file_pages, given, given_one
from pipeline.feeds.graph import Graph, MicrosoftSettings, concealed
from pipeline.feeds.mapping import ColumnMap, table_of
from pipeline.feeds.markup import plain
from pipeline.feeds.numbers import number
from pipeline.feeds.people import UnitName, login_of, mbox_sha1, name_tokens
from pipeline.feeds.registers import CalledBy, Entry, Stretch, register
from pipeline.feeds.sensitive import SENSITIVE, SENSITIVE_WORDS, names_with
from pipeline.feeds.sign_in import DelegatedSignIn, sign_in
from pipeline.feeds.tables import Line, Sheet, sheet
from pipeline.feeds.times import day_in, epoch, moment, stands_for_none, zone_of
from pipeline.fields import Day, Excluded, Glob, Id, Label, Moment, PersonId, Privacy, Prose, Record, Rejected, privacy_of
from pipeline.http import Http
from pipeline.problems import Deferred, Fatal, Retry, SourceError
from pipeline.units import Bulk, Cursor, Landed, Page, Unit

__all__ = [
    "SENSITIVE",
    "SENSITIVE_WORDS",
    "UTC",
    "Archive",
    "Bulk",
    "CalledBy",
    "ColumnMap",
    "Connector",
    "Cursor",
    "Day",
    "Deferred",
    "DelegatedSignIn",
    "Entry",
    "Excluded",
    "Fatal",
    "Field",
    "Given",
    "Glob",
    "Graph",
    "Http",
    "Id",
    "Iterator",
    "JsonValue",
    "Label",
    "Landed",
    "Line",
    "MicrosoftSettings",
    "Moment",
    "Page",
    "PersonId",
    "Prose",
    "Record",
    "Rejected",
    "Retry",
    "SecretStr",
    "Sheet",
    "SourceError",
    "Stream",
    "Stretch",
    "Unit",
    "UnitName",
    "archive",
    "concealed",
    "date",
    "datetime",
    "day_in",
    "epoch",
    "file_pages",
    "given",
    "given_one",
    "login_of",
    "mbox_sha1",
    "moment",
    "name_tokens",
    "names_with",
    "number",
    "plain",
    "register",
    "sheet",
    "sign_in",
    "stands_for_none",
    "stream",
    "table_of",
    "timedelta",
    "zone_of",
]  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- streams
Kind = Literal["keyed", "unit", "snapshot"]
Method = TypeVar("Method", bound=Callable[..., Iterator[Page] | Iterator[Bulk]])


@dataclass(frozen=True)
class Stream:
    """What `@stream` declares; the engine needs nothing else to pull, land, resume and read a stream."""

    name: str
    record: type[Record]
    kind: Kind
    key: tuple[str, ...] = ()
    version: str | None = None
    tombstone: str | None = None
    cursor: str | None = None
    lookback: timedelta = timedelta(0)
    unit: Literal["day"] | None = None
    windowed: bool = False
    bulk: bool = False
    daily: bool = False
    exported: bool = False
    schema: int = 1
    migrations: Mapping[int, str] = field(default_factory=dict)
    day: str | None = None
    doc: str = ""

    @property
    def opaque(self) -> bool:
        """The cursor is the connector's own; the engine keeps it and looks no further."""
        return self.cursor == "opaque"

    def fields(self) -> dict[str, Privacy | None]:
        """Every field of the record with its privacy class; None for numbers, times and truth values."""
        return {name: privacy_of(self.record, name) for name in self.record.model_fields}

    def persons(self) -> dict[str, str]:
        """Field -> namespace of every pseudonym in the record."""
        return {name: p.namespace for name, p in self.fields().items() if p and p.kind == "person"}

    def prose(self) -> tuple[str, ...]:
        """The fields that hold what people wrote."""
        return tuple(name for name, p in self.fields().items() if p and p.kind == "prose")


def stream(
    record: type[Record], *, kind: Kind, key: str | tuple[str, ...] = (), version: str | None = None,
    tombstone: str | None = None, cursor: str | None = None, lookback: timedelta = timedelta(0),
    unit: Literal["day"] | None = None, windowed: bool = False, bulk: bool = False, daily: bool = False,
    exported: bool = False, schema: int = 1, migrations: Mapping[int, str] | None = None, day: str | None = None,
) -> Callable[[Method], Method]:  # fmt: skip
    """Mark a method of a Connector as a stream of `record`s.

    key        fields that name a record (keyed, snapshot)
    version    field by which a later version is told from an earlier one (default: landing order)
    tombstone  boolean field that says: this record was deleted
    cursor     a field of the record (the engine keeps its greatest value) or "opaque" (the connector's own)
    lookback   how far before the cursor to read again, for late and edited records; only with a time cursor
    windowed   the method takes (since, until) and can read a closed window without moving the cursor
    daily      every day brings records: a day without any is a gap in the source, not a quiet day
    schema     a number: one more whenever a field is renamed, retyped, or of another key or namespace
    migrations number -> the select that tells rows of it (the table `old`) as rows of the next number
    exported   somebody must put an export there: a night without one proves nothing after its newest record
    day        field with the record's own time (default: its only Moment or Day); prose expires by it
    Raises TypeError where the declaration cannot hold.
    """

    def mark(method: Method) -> Method:
        declared = Stream(
            name=method.__name__, record=record, kind=kind, key=(key,) if isinstance(key, str) else tuple(key),
            version=version, tombstone=tombstone, cursor=cursor, lookback=lookback, unit=unit, windowed=windowed,
            bulk=bulk, daily=daily, exported=exported, schema=schema, migrations=migrations or {},
            day=day or _own_day(record), doc=(method.__doc__ or "").strip(),
        )  # fmt: skip
        _check(declared)
        method._stream = declared  # type: ignore[attr-defined]
        return method

    return mark


def _own_day(record: type[Record]) -> str | None:
    times = [n for n, f in record.model_fields.items() if f.annotation in (datetime, date)]
    return times[0] if len(times) == 1 else None


def _check(s: Stream) -> None:
    """Refuse at import what could only fail at night."""
    where = f"{s.record.__name__} in @stream {s.name!r}"
    for name in filter(None, (*s.key, s.version, s.tombstone, s.day, None if s.opaque else s.cursor)):
        if name not in s.record.model_fields:
            raise TypeError(f"{where} has no field {name!r}")
    if s.kind in ("keyed", "snapshot") and not s.key:
        raise TypeError(f"{where} is {s.kind} and needs key=")
    if s.kind != "keyed" and (s.cursor or s.version or s.tombstone):
        raise TypeError(f"{where}: cursor, version and tombstone belong to keyed streams")
    if (
        s.lookback
        and s.unit != "day"
        and (s.opaque or s.cursor is None or s.record.model_fields[s.cursor].annotation is not datetime)
    ):
        raise TypeError(f"{where}: lookback= needs a time cursor")
    if s.prose() and (s.day is None or s.bulk):
        raise TypeError(f"{where} holds prose: it needs day= (prose expires by the record's own day) and no bulk=")
    if s.unit == "day" and s.kind != "unit":
        raise TypeError(f"{where}: unit='day' belongs to kind='unit'")


# ------------------------------------------------------------------------------------------------------- connectors
class Connector(BaseModel):
    """One source system. Fields are settings, SecretStr fields are secrets, methods marked `@stream` are streams."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: ClassVar[str]
    channel: ClassVar[Literal["network", "chat", "intranet", "learning", "roster"]]
    version: ClassVar[str] = "1"

    @classmethod
    def streams(cls) -> list[Stream]:
        """What this connector offers, in the order of the file."""
        found: dict[str, Stream] = {}
        for owner in reversed(cls.__mro__):
            for member in vars(owner).values():
                if isinstance(declared := getattr(member, "_stream", None), Stream):
                    found[declared.name] = declared
        return list(found.values())

    @classmethod
    def secrets(cls) -> list[str]:
        """The settings that must come from the environment or a file, never from tidemark.toml."""
        return [n for n, f in cls.model_fields.items() if _mentions(f.annotation, SecretStr)]


def _mentions(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_mentions(a, wanted) for a in getattr(annotation, "__args__", ()))
