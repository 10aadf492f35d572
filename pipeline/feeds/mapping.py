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

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.feeds.tables import Line, Sheet, sheet
from pipeline.feeds.times import moment, zone_of
from pipeline.fields import Rejected
from pipeline.problems import Fatal


class ColumnMap(BaseModel):
    """One mapping file."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    zone: str = "Europe/London"
    times: list[str] = []
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    columns: dict[str, str | list[str]]
    words: dict[str, dict[str, str]] = {}
    fixed: dict[str, str | int | bool] = {}
    file: str = Field(default="", exclude=True)

    @classmethod
    def load(cls, path: str | Path, *, fields: Collection[str], required: Collection[str]) -> ColumnMap:
        """The mapping in a TOML file. Raises Fatal naming file, key and what it may be.

        `fields` are all fields that may be mapped, `required` those that a column or [fixed] must give.
        """
        name = Path(path).name
        try:
            found = cls(**tomllib.loads(Path(path).read_text("utf-8-sig")), file=name)
        except OSError as error:
            raise Fatal(f"mapping: cannot read {name} ({error.strerror})") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Fatal(f"mapping {name} is not TOML: {error}") from None
        except ValidationError as error:
            fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
            raise Fatal(f"mapping {name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
        zone_of(found.zone, f"mapping {name}: zone")
        given = {*found.columns, *found.fixed}
        if unknown := sorted({*given, *found.words} - set(fields)):
            raise Fatal(f"mapping {name}: there is no field {unknown[0]!r}; there is {', '.join(fields)}")
        if missing := sorted(set(required) - given):
            raise Fatal(f"mapping {name}: [columns] does not say which column is {missing[0]!r}")
        return found

    def sheet(self, file: IO[bytes], name: str) -> Sheet:
        """The table in a file, as this mapping says it is written."""
        return sheet(file, name, delimiter=self.delimiter, encodings=(self.encoding,))

    def rows(self, table: Sheet, times: Collection[str] = ()) -> Iterator[tuple[dict[str, Any], str] | Rejected]:
        """(field -> value, place) of each row; empty cells are None. Fields in `times` are moments in UTC.

        A time that cannot be read, or a word that [words] does not know, is Rejected. Raises Fatal where a column that
        the mapping names is not in the table.
        """
        zone = zone_of(self.zone)
        named = {field: table.need(*([c] if isinstance(c, str) else c)) for field, c in self.columns.items()}
        words = {field: {k.casefold(): v for k, v in known.items()} for field, known in self.words.items()}
        for line in table.rows():
            yield line if isinstance(line, Rejected) else self._row(line, named, words, times, zone)

    def _row(
        self, line: Line, named: Mapping[str, str], words: Mapping[str, Mapping[str, str]], times: Collection[str], zone: Any
    ) -> tuple[dict[str, Any], str] | Rejected:
        found: dict[str, Any] = dict(self.fixed)
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
