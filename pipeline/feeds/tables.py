"""Tables as spreadsheets and vendors export them: CSV and TSV in the encodings, delimiters and headers that occur.

Belongs here: bytes to rows of named cells, each with its place. Does not: what a column means (mapping.py, plugins/).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from pipeline.fields import Rejected
from pipeline.problems import Fatal

CELL = 4 << 20  # characters; a cell beyond this is a quote that was never closed
LINE = 4 * CELL  # characters
NO_TABLE = "it is no table, export it again"
DELIMITERS = ",;\t|"
SHOWN = 40  # columns in a message, and characters of each


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
        """The first of these columns that is here, as the header spells it. Raises Fatal where it is here twice."""
        found = next((self._known[_plain(name)] for name in names if _plain(name) in self._known), None)
        if found is not None and self.header.count(found) > 1:
            raise Fatal(f"{self.name} has more than one column {_listed([found])!r}: rename or remove the others")
        return found

    def need(self, *names: str) -> str:
        """`column`; raises Fatal naming the file, the column and the columns there are."""
        if found := self.column(*names):
            return found
        there = f"it has {_listed(list(filter(None, self.header))) or 'none'}"
        if any("@" in cell or cell[:1].isdigit() for cell in self.header):  # a row of data, which may be personal
            there = "its first line seems to be no header"
        raise Fatal(f"{self.name} has no column {names[0]!r}; {there}: export it again or name the column in the settings")

    def alike(self, name: str) -> list[str]:
        """The columns of this name, as the header spells each."""
        return [column for column in self.header if _plain(column) == _plain(name)]

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
    first = _beginning(text, name)
    if not first:
        raise Fatal(f"{name} is empty: it needs at least its header")
    if first.lstrip()[:1] == "<":
        raise Fatal(f"{name} is a web page, often a login, not a table: export it again")
    found = delimiter or max(DELIMITERS, key=lambda sign: _outside_quotes(first).count(sign))
    lines = _lines(text, name, found)
    header = next((cells for _, cells in lines if any(cell.strip() for cell in cells)), [])
    return Sheet(name, [cell.strip() for cell in header], lines)


def _text(file: IO[bytes], name: str, encodings: Sequence[str]) -> io.TextIOWrapper:
    file.seek(0)
    mark = file.read(4)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ("utf-16",)
    elif mark[:3] == b"\xef\xbb\xbf":
        encodings = ("utf-8-sig",)
    elif len(mark) == 4 and b"\0\0" in (mark[0::2], mark[1::2]):  # UTF-16 whose mark was lost
        encodings = ("utf-16-le" if mark[0] else "utf-16-be",)
    for encoding in encodings:
        if len(encodings) == 1 or _fits(_decoded(file, encoding)):
            return _decoded(file, encoding)
    raise Fatal(f"{name} is not text in {' or '.join(encodings)}: save it as CSV UTF-8")


def _decoded(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    file.seek(0)
    return io.TextIOWrapper(io.BufferedReader(_Open(file)), encoding=encoding, newline="")


def _fits(text: io.TextIOWrapper) -> bool:
    try:
        while text.read(CELL):
            pass
    except UnicodeDecodeError:
        return False
    return True


class _Open(io.RawIOBase):
    """A file that stays open when its reader ends: it is its opener's to close."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _beginning(text: io.TextIOWrapper, name: str) -> str:
    """The first line that is not blank, with the lines that its quotes go on for."""
    found, size, quotes = list[str](), 0, 0
    try:
        while size <= CELL and (line := text.readline(CELL).lstrip("\ufeff")):
            if found or line.strip():
                found.append(line)
                size, quotes = size + len(line), quotes + line.count('"')
                if quotes % 2 == 0:
                    break
        text.seek(0)
    except UnicodeError:
        raise Fatal(f"{name} is not text in its encoding: save it as CSV UTF-8") from None
    return "".join(found)


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*("|$)', "", line)


def _lines(text: io.TextIOWrapper, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(CELL)
    read = _Read(text, name)
    reader = csv.reader(read, delimiter=delimiter, strict=True)
    while True:
        begins, read.quoted = reader.line_num + 1, False
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error) and not read.quoted:
                raise Fatal(f"{name} line {begins} has a cell of over {CELL >> 20} million characters: {NO_TABLE}") from None
            why = "a quote is never closed" if "limit" in str(error) or "end of data" in str(error) else "quotes are not in order"
            raise Fatal(f"{name} line {begins}: {why}: export it again") from None
        except UnicodeError:
            raise Fatal(f"{name} line {begins} is not text in its encoding: save it as CSV UTF-8") from None
        if any("\0" in cell for cell in cells):
            raise Fatal(f"{name} line {begins} holds a NUL byte: it was damaged, export it again")
        yield begins, cells


class _Read:
    """The lines of a text, none of endless length: what has no line ends is no table, and would fill memory.

    `quoted` is whether any since it was last set had a quote.
    """

    def __init__(self, text: io.TextIOWrapper, name: str) -> None:
        self._text, self._name, self._number, self.quoted = text, name, 0, False

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LINE):
            self._number += 1
            if len(line) == LINE:
                raise Fatal(f"{self._name} line {self._number} has over {LINE >> 20} million characters: {NO_TABLE}")
            self.quoted = self.quoted or '"' in line
            yield line


def _listed(names: Sequence[str]) -> str:
    """So many names as somebody may read, each cut where it is no name any more."""
    shown = [name if len(name) <= SHOWN else f"{name[:SHOWN]}…" for name in names[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", " ", name.replace("\ufeff", "")).strip().casefold()
