"""A mapping file: which column of somebody's spreadsheet is which field, and how its times and words are written.

    zone = "Europe/London"                  # of times without an offset
    times = ["%d/%m/%Y %H:%M"]              # strptime; ISO 8601 needs none
    delimiter = ";"                         # where the header does not tell
    encoding = "cp1252"                     # where it is not UTF-8
    [columns]                               # our field = their column, or the first of several
    text = "Question"
    asked_at = ["Created at", "Time"]
    [words.state]                           # of a field with a closed list: their word = our word
    Approved = "published"
    [fixed]                                 # what no column says
    meeting = "Ask the chief executive, March"

Belongs here: reading a sheet through such a file. Does not: which fields there are (plugins/).
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from pipeline.feeds.tables import Line, Sheet, sheet
from pipeline.feeds.times import DayOrder, moment, zone_of
from pipeline.fields import Rejected
from pipeline.problems import Fatal
from pipeline.toml import NotToml, read_toml


def _form(form: str) -> str:
    written = datetime(2026, 2, 3, 14, 5, 6, tzinfo=UTC)
    if "%" not in form or moment(written.strftime(form), zone_of("UTC"), [form]) is None:
        raise ValueError(f"{form!r} is no format of times; write it as %d/%m/%Y %H:%M")
    return form


def _sign(text: str) -> str:
    if len(text) != 1 or text in '"\r\n\0':
        raise ValueError("must be one character that is no quote")
    return text


def _encoding(name: str) -> str:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)
    except (LookupError, ValueError):
        raise ValueError(f"there is no encoding {name!r}; write it as cp1252") from None
    return name


class ColumnMap(BaseModel):
    """One mapping file."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    zone: str = "Europe/London"
    times: list[Annotated[str, AfterValidator(_form)]] = []
    delimiter: Annotated[str, AfterValidator(_sign)] | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"
    columns: dict[str, str | Annotated[list[str], Field(min_length=1)]]
    words: dict[str, dict[str, str]] = {}
    fixed: dict[str, str | int | bool] = {}
    _file: str = PrivateAttr("")

    @property
    def file(self) -> str:
        """The name of the file that it was loaded from."""
        return self._file

    @classmethod
    def load(cls, path: str | Path, *, fields: Collection[str], required: Collection[str]) -> ColumnMap:
        """The mapping in a TOML file. Raises Fatal naming file, key and what it may be.

        `fields` are all fields that may be mapped, `required` those that a column or [fixed] must give.
        """
        name = Path(path).name
        try:
            found = cls.model_validate(read_toml(Path(path)))
        except OSError as error:
            raise Fatal(f"mapping: cannot read {name} ({error.strerror})") from None
        except NotToml as error:
            raise Fatal(f"mapping {name} is not TOML: {error}") from None
        except ValidationError as error:
            fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
            told = fault["msg"].removeprefix("Value error, ")
            raise Fatal(f"mapping {name}: {'.'.join(map(str, fault['loc']))}: {told}") from None
        found._file = name
        zone_of(found.zone, f"mapping {name}: zone")
        given = {*found.columns, *found.fixed}
        if unknown := sorted({*given, *found.words} - set(fields)):
            raise Fatal(f"mapping {name}: there is no field {unknown[0]!r}; there is {', '.join(fields)}")
        if missing := sorted(set(required) - given):
            raise Fatal(f"mapping {name}: [columns] does not say which column is {missing[0]!r}")
        return found

    @classmethod
    def headed(cls, table: Sheet, *, required: Iterable[str], optional: Iterable[str] = (), times: Sequence[str] = ()) -> ColumnMap:
        """The mapping of a table whose columns are called like our fields.

        Raises Fatal where a required one is missing, and where two could be meant.
        """
        required, optional = list(required), list(optional)
        for field in (*required, *optional):
            if len(found := table.alike(field)) > 1:
                both = ", ".join(found[:2])
                raise Fatal(f"{table.name} has more than one column {field!r} ({both}): rename or remove the others")
        there = {field: table.need(field) for field in required} | {field: table.column(field) for field in optional}
        return cls(columns={field: column for field, column in there.items() if column}, times=list(times))

    def sheet(self, file: IO[bytes], name: str) -> Sheet:
        """The table in a file, as this mapping says it is written."""
        return sheet(file, name, delimiter=self.delimiter, encodings=(self.encoding,))

    def rows(self, table: Sheet, times: Collection[str] = ()) -> Iterator[tuple[dict[str, Any], str] | Rejected]:
        """(field -> value, place) of each row; empty cells are None. Fields in `times` are moments in UTC.

        A time that cannot be read, or a word that [words] does not know, is Rejected. Raises Fatal where a column that
        the mapping names is not in the table, or a time in [fixed] is none; and at the end, where day and month seem to
        have been taken for each other.
        """
        zone = zone_of(self.zone)
        fixed: dict[str, Any] = dict(self.fixed)
        for field in fixed.keys() & set(times):
            fixed[field] = moment(fixed[field], zone, self.times)
            if fixed[field] is None:
                raise Fatal(f"mapping {self.file}: fixed.{field}: not a time; write it as 2026-03-01 14:00")
        named = {field: table.need(*([c] if isinstance(c, str) else c)) for field, c in self.columns.items()}
        words = {field: {k.casefold(): v for k, v in known.items()} for field, known in self.words.items()}
        order = DayOrder(self.times)
        for line in table.rows():
            if isinstance(line, Rejected):
                yield line
                continue
            for field in named.keys() & set(times):
                order.see(line.cells[named[field]], line.place)
            yield self._row(line, fixed, named, words, times, zone)
        order.check()

    def _row(
        self, line: Line, fixed: Mapping[str, Any], named: Mapping[str, str], words: Mapping[str, Mapping[str, str]],
        times: Collection[str], zone: ZoneInfo,
    ) -> tuple[dict[str, Any], str] | Rejected:  # fmt: skip
        found = dict(fixed)
        for field, column in named.items():
            cell = line.cells[column]
            if field in times and cell:
                found[field] = moment(cell, zone, self.times)
                if found[field] is None:
                    return Rejected(f"not a time at {field}", line.place)
            elif field in words and cell:
                found[field] = words[field].get(cell.casefold())
                if found[field] is None:
                    return Rejected(f"unknown word at {field}", line.place)
            else:
                found[field] = cell or found.get(field)
        return found, line.place


def table_of(
    file: IO[bytes], name: str, mapped: ColumnMap | None, *, required: Iterable[str], optional: Iterable[str] = (),
    times: Sequence[str] = (),
) -> tuple[Sheet, ColumnMap]:  # fmt: skip
    """The table in a file and its mapping: the one that is set, else that of columns which are called like our fields.

    Raises Fatal where a required column is missing; `times` are the forms of times where no mapping is set.
    """
    if mapped:
        return mapped.sheet(file, name), mapped
    table = sheet(file, name)
    return table, ColumnMap.headed(table, required=required, optional=optional, times=times)
