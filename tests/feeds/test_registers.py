"""Registers: a row's days and whose they are; days that stand for none, and files that write the month first."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Entry, Fatal, Record, Rejected, Stretch, given, register

HEADER = "person,from,to,role"


def stretches(folder: Path, *rows: str, header: str = HEADER, mapping: str = "", called: Any = "email") -> list[Any]:
    (folder / "r.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")
    (folder / "map.toml").write_text(mapping)

    def read(row: Entry) -> Record | Rejected:
        told = row.stretch(called)
        return told if isinstance(told, Rejected) else Stretch.of(told, location=row.place)

    named = str(folder / "map.toml") if mapping else ""
    return register(given(str(folder / "r.csv")), named, read, required=("person", "from"), optional=("to", "role"))


def days(*found: Any) -> list[Any]:
    return [(r.started_on, r.ended_on) if isinstance(r, Stretch) else r.reason for r in found]


@pytest.mark.parametrize(
    ("called", "written", "kept"),
    [("email", "A@x.example", "A@x.example"), ("login", r"DCS\\apryce", "apryce"), ("staff", "S1", "S1")],
)
def test_a_row_is_of_one_person_under_one_name(tmp_path: Path, called: Any, written: str, kept: str) -> None:
    [record] = stretches(tmp_path, f"{written},2026-03-02,", header="person,from,to", called=called)
    named = record.model_dump(exclude={"started_on", "ended_on"})
    assert {name: value for name, value in named.items() if value} == {called: kept}


def test_a_row_that_cannot_be_read_is_rejected_with_its_line(tmp_path: Path) -> None:
    assert stretches(tmp_path, ",2026-03-02,,", "a@x,,,", "a@x,2026-03-02,soon,", "a@x,2026-03-02,2026-03-01,", "a@x") == [
        Rejected("blank at person", "r.csv line 2"), Rejected("not a day at from", "r.csv line 3"),
        Rejected("not a day at to", "r.csv line 4"), Rejected("ends before it begins", "r.csv line 5"),
        Rejected("fewer cells than columns", "r.csv line 6"),
    ]  # fmt: skip


def test_an_end_that_means_never_is_none_and_a_first_day_that_means_none_is_rejected(tmp_path: Path) -> None:
    ends = ["31/12/9999", "9999-12-31", "2036-03-03", "2036-03-02"]
    begins = ["0001-01-01", "01/01/1900", "1970-01-01", "9999-12-31", "1970-01-02"]
    assert days(*stretches(tmp_path, *(f"a@x,2026-03-02,{end}," for end in ends))) == [
        *[(date(2026, 3, 2), None)] * 3, (date(2026, 3, 2), date(2036, 3, 2))
    ]  # fmt: skip
    assert days(*stretches(tmp_path, *(f"a@x,{first},," for first in begins))) == [
        *["a day that stands for none at from"] * 4, (date(1970, 1, 2), None)
    ]  # fmt: skip


def test_a_leap_day_of_a_common_year_is_no_day(tmp_path: Path) -> None:
    assert days(*stretches(tmp_path, "a@x,29/02/2026,,", "a@x,2026-02-29,,", "a@x,29/02/2028,,")) == [
        "not a day at from", "not a day at from", (date(2028, 2, 29), None)
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ day and month in order
MONTH_FIRST = ("a@x,03/04/2026,,", "b@x,03/13/2026,,", "c@x,12/07/2026,,")


def test_a_register_that_writes_the_month_first_is_named_and_not_half_read(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"r\.csv line 3 writes day and month the other way round.*2026-12-31.*times = \[\"%m/%d/%Y\"]"):
        stretches(tmp_path, *MONTH_FIRST)
    with pytest.raises(Fatal, match=r"r\.csv line 2 writes day and month the other way round"):
        stretches(tmp_path, "a@x,2026-03-02,03/13/2026,", "a@x,2026-03-02,03/04/2026,")


def test_a_mapping_says_that_the_month_comes_first(tmp_path: Path) -> None:
    said = 'times = ["%m/%d/%Y"]\n[columns]\nperson = "person"\nfrom = "from"\n'
    assert days(*stretches(tmp_path, *MONTH_FIRST, mapping=said)) == [
        (date(2026, 3, 4), None), (date(2026, 3, 13), None), (date(2026, 12, 7), None)
    ]  # fmt: skip
    with pytest.raises(Fatal, match=r"line 2 writes day and month the other way round.*%d/%m/%Y"):
        stretches(tmp_path, "a@x,13/03/2026,,", "b@x,04/03/2026,,", mapping=said)


def test_one_slip_among_days_that_are_in_order_costs_its_own_row(tmp_path: Path) -> None:
    """And where no day could be taken for another, nothing is in doubt."""
    slip = stretches(tmp_path, "a@x,03/04/2026,,", "b@x,03/13/2026,,", "c@x,13/03/2026,,", "d@x,14/03/2026,,")
    assert days(*slip) == [
        (date(2026, 4, 3), None), "not a day at from", (date(2026, 3, 13), None), (date(2026, 3, 14), None)
    ]  # fmt: skip
    plain = stretches(tmp_path, "a@x,2026-04-03,,", "b@x,03/13/2026,,", "c@x,05/05/2026,,")
    assert days(*plain) == [(date(2026, 4, 3), None), "not a day at from", (date(2026, 5, 5), None)]


def test_what_a_mapping_fixes_may_be_a_number(tmp_path: Path) -> None:
    [record] = stretches(tmp_path, "x,2026-03-02,,", mapping='[columns]\nfrom = "from"\n[fixed]\nperson = 7\n', called="login")
    assert record.login == "7"
