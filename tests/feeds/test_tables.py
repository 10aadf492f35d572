"""Tables as they come: every encoding, delimiter and header that is promised, and what is no table is named."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.connector import Fatal, Line, Rejected, Sheet, sheet

CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)


def read(content: bytes | str, **how: object) -> Sheet:
    return sheet(io.BytesIO(content.encode() if isinstance(content, str) else content), "t.csv", **how)  # type: ignore[arg-type]


def cells(table: Sheet) -> list[list[str]]:
    found = list(table.rows())
    assert not [row for row in found if isinstance(row, Rejected)]
    return [list(row.cells.values()) for row in found if isinstance(row, Line)]


# --------------------------------------------------------------------------------------------------------- encodings
@pytest.mark.parametrize(
    ("encoding", "mark", "asked"),
    [("utf-8", b"", "utf-8-sig"), ("utf-8", b"\xef\xbb\xbf", "cp1252"), ("utf-16-le", b"\xff\xfe", "cp1252"),
     ("utf-16-be", b"\xfe\xff", "cp1252"), ("utf-16-le", b"", "cp1252"), ("utf-16-be", b"", "cp1252")],
    ids=["utf-8", "utf-8 mark", "utf-16le mark", "utf-16be mark", "utf-16le lost mark", "utf-16be lost mark"],
)  # fmt: skip
def test_a_mark_or_its_trace_decides_the_encoding(encoding: str, mark: bytes, asked: str) -> None:
    table = read(mark + "Name;Café\r\nZoë;Łódź\r\n".encode(encoding), encodings=(asked,))
    assert table.header == ["Name", "Café"]
    assert cells(table) == [["Zoë", "Łódź"]]


def test_of_several_encodings_the_first_that_fits_the_whole_is_taken() -> None:
    begins = "name\n" + "plain\n" * 2000
    both = ("utf-8-sig", "cp1252")
    assert cells(read((begins + "Zoë\n").encode("cp1252"), encodings=both))[-1] == ["Zoë"]
    assert cells(read((begins + "Zoë\n").encode("utf-8"), encodings=both))[-1] == ["Zoë"]
    assert cells(read("a\n€ – ’\n".encode("cp1252"), encodings=both)) == [["€ – ’"]]


def test_what_is_in_no_encoding_is_named_with_its_line() -> None:
    with pytest.raises(Fatal, match=r"t\.csv is not text in utf-8-sig or ascii: save it as CSV UTF-8"):
        read(b"a\n\xff\n", encodings=("utf-8-sig", "ascii"))
    with pytest.raises(Fatal, match=r"t\.csv is not text in its encoding"):
        read(b"caf\xe9\n1\n")
    table = read(b"a\n" + b"1\n" * 9000 + b"caf\xe9\n")
    with pytest.raises(Fatal, match=r"t\.csv line \d+ is not text in its encoding: save it as CSV UTF-8"):
        list(table.rows())


def test_a_file_that_was_begun_is_read_from_its_beginning_and_stays_open() -> None:
    file = io.BytesIO(b"a,b\n1,2\n")
    file.read(3)
    assert cells(sheet(file, "t.csv")) == [["1", "2"]]
    assert cells(sheet(file, "t.csv")) == [["1", "2"]]
    with pytest.raises(Fatal, match="web page"):
        sheet(html := io.BytesIO(b"<html>"), "t.csv")
    assert not file.closed
    assert not html.closed


# -------------------------------------------------------------------------------------------------------- delimiters
@pytest.mark.parametrize("sign", list(",;\t|"))
def test_the_header_decides_the_delimiter(sign: str) -> None:
    table = read(sign.join(["a", "b b", "c"]) + "\n" + sign.join(['"1,5;6|7"', "", "x"]) + "\n")
    assert table.header == ["a", "b b", "c"]
    assert cells(table) == [["1,5;6|7", "", "x"]]


def test_delimiters_within_quotes_of_the_header_do_not_count() -> None:
    assert read('"Why, oh, why?";Asked\n').header == ["Why, oh, why?", "Asked"]
    assert read('"Why, oh,\nwhy, so?";Asked\nx;y\n').header == ["Why, oh,\nwhy, so?", "Asked"]
    assert read('"He said ""a;b;c""",Asked\n').header == ['He said "a;b;c"', "Asked"]


def test_a_delimiter_may_be_given_and_one_column_needs_none() -> None:
    assert read("a,b;c\n1,2;3\n", delimiter=";").header == ["a,b", "c"]
    assert cells(read("one\nx\ny\n")) == [["x"], ["y"]]


# ------------------------------------------------------------------------------------------------------------ header
@pytest.mark.parametrize("wanted", ["Created at", "created_at", "CREATED-AT", " created  at ", "Created\u00a0At"])
def test_columns_are_found_however_they_are_spelt(wanted: str) -> None:
    table = read("\n , \nID, Created at ,x\n1,2,3\n")
    assert table.column(wanted) == table.need("nothing", wanted) == "Created at"
    assert table.column("nothing", "x") == "x"
    assert table.column("nothing") is None


def test_a_column_that_is_missing_is_named_with_those_that_are_here() -> None:
    with pytest.raises(Fatal, match=r"t\.csv has no column 'Email'; it has ID, Q1: .*name the column in the settings"):
        read("ID,,Q1\n").need("Email", "Mail")


@pytest.mark.parametrize("first", ["ann@example.org,Ann Smith", "1042,Ann Smith", "01/02/2026,Ann Smith"])
def test_a_row_of_data_where_the_header_should_be_is_not_shown(first: str) -> None:
    with pytest.raises(Fatal, match=r"t\.csv has no column 'Email'; its first line seems to be no header") as met:
        read(f"{first}\n").need("Email")
    assert "Ann" not in str(met.value)


def test_a_column_that_is_here_twice_is_not_guessed() -> None:
    table = read("Name,Day,Name\nann,1,bob\n")
    assert table.column("day") == "Day"
    with pytest.raises(Fatal, match=r"t\.csv has more than one column 'Name': rename or remove"):
        table.column("name")


def test_of_columns_that_differ_in_spelling_alone_the_first_is_found() -> None:
    table = read("Created at,created_at\n1,2\n")
    assert [row.cells[table.need("created at")] for row in table.rows() if isinstance(row, Line)] == ["1"]


# -------------------------------------------------------------------------------------------------------------- rows
def test_rows_have_their_line_and_what_does_not_fit_is_rejected_there() -> None:
    table = read('\na,b\n1," two\nlines "\n\n,\nshort\n1,2,3\n , \n4,\n')
    assert list(table.rows()) == [
        Line({"a": "1", "b": "two\nlines"}, "t.csv line 3"),
        Rejected("fewer cells than columns", "t.csv line 7"),
        Rejected("more cells than columns", "t.csv line 8"),
        Line({"a": "4", "b": ""}, "t.csv line 10"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(end: str) -> None:
    assert cells(read(end.join(["a,b", "1,2", "3,4"]))) == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("size", [3, 5 << 20], ids=["to the end", "beyond a cell"])
def test_a_quote_that_is_never_closed_is_named_where_it_begins(size: int) -> None:
    rows = read('a,b\n1,2\n3,"' + "4,5\n" * (size // 4)).rows()
    assert isinstance(next(rows), Line)
    with pytest.raises(Fatal, match=r"t\.csv line 3: a quote is never closed: export it again"):
        list(rows)


def test_a_quote_that_is_never_closed_in_the_header_is_named() -> None:
    with pytest.raises(Fatal, match=r"t\.csv line 1: a quote is never closed"):
        read('"a,b\n1,2\n')


def test_what_never_ends_is_no_table_and_is_not_held_in_memory() -> None:
    with pytest.raises(Fatal, match=r"t\.csv line 2 has a cell of over 4 million characters: it is no table, export it again"):
        list(read("a,b\n1," + "5" * (5 << 20) + "\n").rows())
    endless = Endless(b"a,b\n", b"1,2," * 2)
    rows = sheet(endless, "t.csv").rows()  # type: ignore[arg-type]
    with pytest.raises(Fatal, match=r"t\.csv line 2 has over 16 million characters: it is no table, export it again"):
        list(rows)
    assert endless.given < 20 << 20


def test_tens_of_thousands_of_columns_are_read_and_not_all_told() -> None:
    names = [f"c{n}" for n in range(30_000)]
    table = read(",".join(names) + "\n" + ",".join(names) + "\n")
    [row] = table.rows()
    assert isinstance(row, Line)
    assert row.cells["c29999"] == "c29999"
    with pytest.raises(Fatal, match=r"no column 'Email'; it has c0, c1, .* and 29960 more: export it again") as met:
        table.need("Email")
    assert len(str(met.value)) < 1000
    with pytest.raises(Fatal) as met:
        read("x" * 1_000_000 + ",y\n").need("Email")
    assert len(str(met.value)) < 1000


def test_quotes_out_of_order_and_nul_bytes_are_named() -> None:
    with pytest.raises(Fatal, match=r"t\.csv line 2: quotes are not in order"):
        list(read('a,b\n"1"x,2\n').rows())
    with pytest.raises(Fatal, match=r"t\.csv line 3 holds a NUL byte: it was damaged"):
        list(read(b"a,b\n1,2\n3,\0\0\n").rows())


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe", "\ufeff\n".encode("utf-16-le")])
def test_nothing_is_not_a_table_without_rows(content: bytes) -> None:
    with pytest.raises(Fatal, match=r"t\.csv is empty: it needs at least its header"):
        read(content)
    assert cells(read(b"a,b\n")) == []


@pytest.mark.parametrize("content", ["<!DOCTYPE html>\n<p>", "\r\n\r\n  <html>", "\ufeff<html>"])
def test_a_web_page_is_named(content: str) -> None:
    with pytest.raises(Fatal, match=r"t\.csv is a web page, often a login, not a table"):
        read(content)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6), st.sampled_from(",;\t|"),
       st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]))  # fmt: skip
def test_what_is_written_is_read(rows: list[tuple[str, str, str]], sign: str, encoding: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=sign).writerows([("id", "text", "day"), *rows])
    found = cells(read(out.getvalue().encode(encoding)))
    assert found == [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]


@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_an_error_of_the_source(content: bytes) -> None:
    with suppress(Fatal):
        assert all(isinstance(row, Line | Rejected) for row in read(content, encodings=("utf-8-sig", "cp1252")).rows())


class Endless(io.RawIOBase):
    """A table that goes on, eight bytes at a time; `.given` counts its bytes."""

    def __init__(self, header: bytes = b"id,text\n", more: bytes = b"1,lorem\n") -> None:
        self.given, self._header, self._more = 0, header, more

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.given = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        found = self._header if self.given == 0 else self._more * (size // 8)
        self.given += len(found)
        return found


def test_a_table_is_read_as_it_is_asked_for() -> None:
    file = Endless()
    rows = sheet(file, "t.csv").rows()  # type: ignore[arg-type]
    assert [row for row, _ in zip(rows, range(1000), strict=False)][-1] == Line({"id": "1", "text": "lorem"}, "t.csv line 1001")
    assert file.given < 100_000
