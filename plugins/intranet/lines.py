"""Lines of an access log, to rows: quick for the lines that are as they should be, exact for the rest.

Belongs here: blocks, line numbers, and what goes which way. Does not: files (logfile.py), the formats (formats.py), or
what fields mean (meaning.py).

Whatever the quick way cannot place is read again, line by line, and what that cannot read either is rejected with its
line number: rows + rejected + excluded == lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.connector import Excluded, Rejected

from .grammar import LONGEST, Cut, Fields, Grammar, Part
from .logfile import MARK, Unfit
from .meaning import Meaning

MANY = 200_000  # lines that are taken apart at once: a block of empty ones has millions
HOPELESS = 1_000_000  # lines that cannot be read, and more than all others: there is no use in going on
FOUND = "fields as (select * from found)"
COLUMNS = {
    "number": pa.int64(), "user": pa.large_string(), "seen_at": pa.timestamp("us", tz="UTC"), "method": pa.large_string(),
    "target": pa.large_string(), "status": pa.large_string(), "agent": pa.large_string(),
}  # fmt: skip


class Lines:
    """Reads blocks of a file's lines; `take` gives what became of them and makes ready for the next file.

    `recognise` gives a file's format from its first block.
    """

    def __init__(self, recognise: Callable[[bytes], Grammar], meaning: Meaning) -> None:
        self._recognise, self._meaning = recognise, meaning
        self._con = duckdb.connect(config={"enable_external_access": "false", "autoinstall_known_extensions": "false"})
        self._con.execute("set TimeZone = 'UTC'")
        meaning.hold(self._con)
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def _forget(self) -> None:
        self._grammar: Grammar | None = None
        self._tables: list[Any] = []
        self._rejected: list[Rejected] = []
        self._excluded: Counter[str] = Counter()
        self._lines = 0

    def take(self) -> tuple[Any, list[Rejected], dict[str, int]]:
        """(Arrow table with the columns of a request, rejected lines in order, how many were excluded by which rule)."""
        empty = self._rows(FOUND, "found", _table([]))
        taken = pa.concat_tables([empty, *self._tables]).drop_columns("number"), self._rejected, dict(self._excluded)
        self._forget()
        return taken

    def read(self, block: bytes) -> None:
        """Whole lines, without the last line end. Raises Unfit where so many cannot be read that it is no log."""
        if self._grammar is None:
            block = block.removeprefix(MARK)
            self._grammar = self._recognise(block)
        lines = pc.split_pattern(pa.array([block], pa.large_binary()), b"\n").flatten()
        for begin in range(0, len(lines), MANY):
            self._read_some(self._grammar, lines.slice(begin, MANY))
            if len(self._rejected) > HOPELESS and len(self._rejected) > self._lines / 2:
                raise Unfit(f"most of its first {self._lines:,} lines are not of a log")

    def _read_some(self, grammar: Grammar, lines: Any) -> None:
        numbers = pa.array(range(len(lines)), pa.int64())
        found: list[tuple[Any, ...]] = []
        lost: dict[int, str] = {}
        for part in grammar.parts(numbers, lines):
            if isinstance(part, Part):
                self._read_part(part, found, lost)
            else:
                self._excluded[part[0].rule] += part[1]
        if found:
            self._tables.append(self._rows(FOUND, "found", _table(found)))
        self._rejected += [Rejected(lost[number], str(self._lines + number + 1)) for number in sorted(lost)]
        self._lines += len(lines)

    def _read_part(self, part: Part, found: list[tuple[Any, ...]], lost: dict[int, str]) -> None:
        numbers, lines = part.numbers, part.lines
        if part.quick:
            rows = self._rows(part.quick, "lines", _readable(numbers, lines))
            good = rows.filter(pc.is_valid(rows.column("seen_at"))) if rows.column("seen_at").null_count else rows
            self._tables.append(good)
            if good.num_rows == len(lines):
                return
            rest = pc.invert(pc.is_in(numbers, good.column("number").combine_chunks()))
            numbers, lines = numbers.filter(rest), lines.filter(rest)
        for number, line in zip(numbers.to_pylist(), lines.to_pylist(), strict=True):
            cut = _cut(line, part)
            if isinstance(cut, Fields):
                found.append((number, *cut))
            elif isinstance(cut, Excluded):
                self._excluded[cut.rule] += 1
            else:
                lost[number] = cut

    def _rows(self, fields: str, name: str, table: Any) -> Any:
        self._con.register(name, table)
        try:
            return self._con.sql(self._meaning.query(fields), params=self._meaning.bound).to_arrow_table()
        finally:
            self._con.unregister(name)


def _cut(line: bytes, part: Part) -> Cut:
    if not line.strip():
        return part.blank
    text = line.decode("utf-8", "replace")
    return "line too long" if len(text) > LONGEST else part.exact(text)


def _readable(numbers: Any, lines: Any) -> Any:
    """The lines that may go to DuckDB as text: all of a block that is UTF-8, else those that are plain ASCII."""
    try:
        return pa.table({"number": numbers, "line": lines.cast(pa.large_string())})
    except pa.ArrowInvalid:
        plain = pc.string_is_ascii(lines.view(pa.large_string()))
        return pa.table({"number": numbers.filter(plain), "line": lines.filter(plain).cast(pa.large_string())})


def _table(rows: Sequence[tuple[Any, ...]]) -> Any:
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    return pa.table([pa.array(c, k) for c, k in zip(columns, COLUMNS.values(), strict=True)], names=list(COLUMNS))
