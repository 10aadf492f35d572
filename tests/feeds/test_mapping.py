"""Mapping files: somebody's spreadsheet read as our fields; every mistake is named with its file and its key."""

from __future__ import annotations

import io
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import ColumnMap, Fatal, Rejected

FIELDS = ("text", "asked_at", "state", "likes", "meeting")
WHOLE = """
times = ["%d/%m/%Y %H:%M"]
[columns]
text = "Question"
asked_at = ["Created at", "Time"]
state = "Status"
[words.state]
Approved = "published"
"Not Seen" = "waiting"
[fixed]
meeting = "Ask us, March"
likes = 0
"""


def load(folder: Path, text: str | bytes, required: Collection[str] = ("text",)) -> ColumnMap:
    (folder / "map.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return ColumnMap.load(folder / "map.toml", fields=FIELDS, required=required)


def rows(mapping: ColumnMap, table: str | bytes) -> list[tuple[dict[str, Any], str] | Rejected]:
    content = table if isinstance(table, bytes) else table.encode()
    return list(mapping.rows(mapping.sheet(io.BytesIO(content), "q.csv"), times=("asked_at",)))


# ----------------------------------------------------------------------------------------------------------- reading
def test_columns_words_times_and_what_is_fixed_become_fields(tmp_path: Path) -> None:
    table = "question,TIME,Other,Status\n Why? ,01/07/2026 10:00,x,APPROVED\n,2026-01-01T10:00Z,,not seen\n"
    fixed = {"likes": 0, "meeting": "Ask us, March"}
    assert rows(load(tmp_path, WHOLE), table) == [
        ({"text": "Why?", "asked_at": datetime(2026, 7, 1, 9, tzinfo=UTC), "state": "published", **fixed}, "q.csv line 2"),
        ({"text": None, "asked_at": datetime(2026, 1, 1, 10, tzinfo=UTC), "state": "waiting", **fixed}, "q.csv line 3"),
    ]


def test_what_cannot_be_read_is_rejected_with_its_line_and_field_and_without_its_value(tmp_path: Path) -> None:
    table = "Question,Time,Status\nWhy?,yesterday,\nWhy?,,Approves\nWhy?,\nWhy?,,\n"
    first, second, third, (row, place) = rows(load(tmp_path, WHOLE), table)
    assert first == Rejected("not a time at asked_at", "q.csv line 2")
    assert second == Rejected("unknown word at state", "q.csv line 3")
    assert third == Rejected("fewer cells than columns", "q.csv line 4")
    assert (row["asked_at"], row["state"], place) == (None, None, "q.csv line 5")


def test_the_first_of_several_columns_that_is_here_counts(tmp_path: Path) -> None:
    mapping = load(tmp_path, '[columns]\ntext = ["A", "B"]')
    assert [row["text"] for row, _ in rows(mapping, "b,a\n2,1\n")] == ["1"]  # type: ignore[misc]
    assert [row["text"] for row, _ in rows(mapping, "b,c\n2,1\n")] == ["2"]  # type: ignore[misc]
    with pytest.raises(Fatal, match=r"q\.csv has no column 'A'; it has C, D"):
        rows(mapping, "C,D\n")


def test_a_column_wins_over_what_is_fixed_where_it_says_something(tmp_path: Path) -> None:
    mapping = load(tmp_path, '[columns]\ntext = "T"\nmeeting = "M"\n[fixed]\nmeeting = "May"\nasked_at = "2026-05-04 10:00"')
    found = [row for row, _ in rows(mapping, "T,M\nwhy,June\nhow,\n")]  # type: ignore[misc]
    assert [row["meeting"] for row in found] == ["June", "May"]
    assert found[0]["asked_at"] == datetime(2026, 5, 4, 9, tzinfo=UTC)


def test_the_file_says_zone_delimiter_and_encoding(tmp_path: Path) -> None:
    head = 'zone = "America/New_York"\ndelimiter = ","\nencoding = "cp1252"\n'
    mapping = load(tmp_path, f'{head}[columns]\ntext = "Q;1"\nasked_at = "At"')
    [(row, _)] = rows(mapping, "Q;1,At\nZoë;?,2026-01-01 10:00\n".encode("cp1252"))  # type: ignore[misc]
    assert row == {"text": "Zoë;?", "asked_at": datetime(2026, 1, 1, 15, tzinfo=UTC)}


def test_a_mapping_may_have_a_byte_order_mark_and_knows_its_name(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf" + WHOLE.encode()).file == "map.toml"


# ----------------------------------------------------------------------------------------------------------- mistakes
COLUMNS = '[columns]\ntext = "Q"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[columns]\ntext = Q", r"is not TOML: .*line 2"),
        (b"[columns]\ntext = '\xff'", "is not TOML: "),
        ("", "columns: Field required"),
        ("columns = 1", "columns: "),
        ("[columns]\ntext = 1", r"columns\.text"),
        ("[columns]\ntext = []", r"columns\.text"),
        ("[columns]\ntitle = 'Q'", "there is no field 'title'; there is text, asked_at, state, likes, meeting"),
        ("[columns]\nstate = 'Q'", r"\[columns\] does not say which column is 'text'"),
        (COLUMNS + "[words.colour]\nred = 'r'", "there is no field 'colour'"),
        (COLUMNS + "[fixed]\ncolour = 'red'", "there is no field 'colour'"),
        (COLUMNS + "[fixed]\nmeeting = 1.5", r"fixed\.meeting"),
        (COLUMNS + "[words]\nstate = 'x'", r"words\.state"),
        (COLUMNS + "[word.state]\na = 'b'", "word: Extra inputs are not permitted"),
        ("file = 'x'\n" + COLUMNS, "file: Extra inputs are not permitted"),
        ("zone = 'London'\n" + COLUMNS, "zone 'London' is not a time zone"),
        ("zone = 'Europe'\n" + COLUMNS, "zone 'Europe' is not a time zone"),
        ("zone = 0\n" + COLUMNS, "zone: Input should be a valid string"),
        ("encoding = 'excel'\n" + COLUMNS, "encoding: there is no encoding 'excel'; write it as cp1252"),
        ("encoding = 'base64'\n" + COLUMNS, "encoding: there is no encoding 'base64'"),
        ("delimiter = ''\n" + COLUMNS, "delimiter: must be one character that is no quote"),
        ("delimiter = '\\t'\n" + COLUMNS, "delimiter: must be one character"),
        ("delimiter = '\"'\n" + COLUMNS, "delimiter: must be one character that is no quote"),
        ("times = '%d/%m/%Y'\n" + COLUMNS, "times: Input should be a valid list"),
        ("times = ['%Y', 'dd/mm/yyyy']\n" + COLUMNS, r"times\.1: 'dd/mm/yyyy' is no format of times; write it as %d/%m/%Y %H:%M"),
        ("times = ['%-d/%m/%Y']\n" + COLUMNS, r"times\.0: '%-d/%m/%Y' is no format of times"),
        ("times = ['%d/%m/%Y %']\n" + COLUMNS, r"times\.0: "),
    ],
)
def test_a_mistake_is_named_with_its_file_and_its_key(text: str | bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=f"^mapping map.toml:? {why}") as met:
        load(tmp_path, text)
    assert str(tmp_path) not in str(met.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"^mapping: cannot read map\.toml \(No such file or directory\)"):
        ColumnMap.load(tmp_path / "map.toml", fields=FIELDS, required=())


def test_a_fixed_time_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"^mapping map\.toml: fixed\.asked_at: not a time; write it as 2026-03-01 14:00"):
        rows(load(tmp_path, COLUMNS + "[fixed]\nasked_at = 'in March'"), "Q\n1\n")


@pytest.mark.parametrize(
    "form", ["%d/%m/%Y", "%d.%m.%y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%d %b %Y", "%A, %d %B %Y %H:%M %z", "%Y%m%d"]
)
def test_formats_of_times_are_taken(form: str, tmp_path: Path) -> None:
    assert load(tmp_path, f"times = ['{form}']\n{COLUMNS}").times == [form]
