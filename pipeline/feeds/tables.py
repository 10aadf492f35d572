"""Tables as spreadsheets and vendors export them: CSV and TSV in the encodings, delimiters and headers that occur.

Belongs here: bytes to rows of named cells, each with its place. Does not: what a column means (mapping.py, plugins/).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

from pipeline.fields import Rejected
from pipeline.problems import Fatal

CELL = 4 << 20  # characters; a cell beyond this is a quote that was never closed
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Line:
    """One row: cell by column as the header spells it, empty cells as "", and where it is."""

    cells: Mapping[str, str]
    place: str


class Sheet:
    """One table. Its columns are found by name whatever their case, blanks, dashes and underscores."""

    def __init__(self, name: str, header: Sequence[str], lines: Iterator[tuple[int, list[str]]]) -> None:
        self.name, self.header = name, list(header)
        self._lines = lines
        self._known = {_plain(column): column for column in reversed(self.header)}

    def column(self, *names: str) -> str | None:
        """The first of these columns that is here, as the header spells it."""
        return next((self._known[_plain(name)] for name in names if _plain(name) in self._known), None)

    def need(self, *names: str) -> str:
        """`column`; raises Fatal naming the file, the column and the columns there are."""
        if found := self.column(*names):
            return found
        there = ", ".join(filter(None, self.header)) or "none"
        raise Fatal(f"{self.name} has no column {names[0]!r}; it has {there}: export it again or name the column in the settings")

    def rows(self) -> Iterator[Line | Rejected]:
        """Every row that is not empty; one with more or fewer cells than the header is Rejected with its line."""
        width = len(self.header)
        for number, cells in self._lines:
            place = f"{self.name} line {number}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != width:
                yield Rejected(f"{'more' if len(cells) > width else 'fewer'} cells than columns", place)
            else:
                yield Line(dict(zip(self.header, (cell.strip() for cell in cells), strict=True)), place)


def sheet(file: IO[bytes], name: str, *, delimiter: str | None = None, encodings: Sequence[str] = ("utf-8-sig",)) -> Sheet:
    """The table in a file, read as it is asked for. The file stays open until then.

    A byte order mark decides the encoding, else the first of `encodings` that fits the whole; the header decides the
    delimiter unless one is given. Raises Fatal naming the file where it is empty, not text, or no table; the error of
    an unclosed quote comes while rows are read.
    """
    text = _text(file, name, encodings)
    first = _first_line(text, name)
    if not first.strip():
        raise Fatal(f"{name} is empty: it needs at least its header")
    if first.lstrip()[:1] == "<":
        raise Fatal(f"{name} is a web page, often a login, not a table: export it again")
    found = delimiter or max(DELIMITERS, key=lambda sign: _outside_quotes(first).count(sign))
    lines = _lines(text, name, found)
    header = next((cells for _, cells in lines), [])
    return Sheet(name, [cell.strip() for cell in header], lines)


def _text(file: IO[bytes], name: str, encodings: Sequence[str]) -> io.TextIOWrapper:
    mark = file.read(4)
    file.seek(0)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ("utf-16",)
    elif len(mark) == 4 and mark[1::2] == b"\0\0":  # UTF-16LE whose mark was lost
        encodings = ("utf-16-le",)
    elif mark[:3] == b"\xef\xbb\xbf":
        encodings = ("utf-8-sig",)
    for encoding in encodings:
        file.seek(0)
        if len(encodings) == 1 or _fits(file, encoding):
            file.seek(0)
            return io.TextIOWrapper(file, encoding=encoding, newline="")
    raise Fatal(f"{name} is not text in {' or '.join(encodings)}: save it as CSV UTF-8")


def _fits(file: IO[bytes], encoding: str) -> bool:
    try:
        for _ in io.TextIOWrapper(io.BufferedReader(cast(Any, _Open(file))), encoding=encoding):
            pass
    except UnicodeDecodeError:
        return False
    return True


class _Open(io.RawIOBase):
    """A file that is not closed with its reader."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _first_line(text: io.TextIOWrapper, name: str) -> str:
    try:
        first = text.readline(CELL)
        text.seek(0)
    except UnicodeError:
        raise Fatal(f"{name} is not text in its encoding: save it as CSV UTF-8") from None
    return first.lstrip("\ufeff")


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _lines(text: io.TextIOWrapper, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            text.detach()  # the file is its opener's to close
            return
        except csv.Error as error:
            why = "a quote is never closed" if "limit" in str(error) or "end of data" in str(error) else "quotes are not in order"
            raise Fatal(f"{name} line {begins}: {why}: export it again") from None
        except UnicodeError:
            raise Fatal(f"{name} line {begins} is not text in its encoding: save it as CSV UTF-8") from None
        if any("\0" in cell for cell in cells):
            raise Fatal(f"{name} line {begins} holds a NUL byte: it was damaged, export it again")
        yield begins, cells


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", " ", name.replace("\ufeff", "")).strip().casefold()
