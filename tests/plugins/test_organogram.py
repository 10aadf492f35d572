"""Organograms: three dialects, marks in place of names, job shares, and a headcount only where both files are here."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Fatal, Landed, Record, Rejected
from plugins.organogram.connector import Organogram
from plugins.organogram.naming import day_of

FOLDER = Path("plugins/organogram")
SENIOR = ["Post Unique Reference", "Name", "Grade", "Job Title", "Organisation", "Unit", "Contact E-mail", "Reports to Senior Post"]
JUNIOR = ["Organisation", "Unit", "Reporting Senior Post", "Grade", "Payscale Minimum (£)", "Number of Posts in FTE"]
A, B = "2026-03-31-dcs-senior.csv", "2026-03-31-dcs-junior.csv"


def write(path: Path, header: list[str], *rows: list[str], encoding: str = "utf-8") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def post(reference: str, name: str, unit: str = "Tides", organisation: str = "DCS") -> list[str]:
    return [reference, name, "SCS1", 'Head of Tides\n\nand of "waves"', organisation, unit, "x@dcs.example", "xx"]


def pull(stream: str, **settings: Any) -> list[Any]:
    connector = Organogram(**{"senior_files": "", "junior_files": "", **settings})
    return [record for page in getattr(connector, stream)(Landed()) for record in page.records]


def seniors(folder: Path, *rows: list[str]) -> list[Any]:
    return pull("senior", senior_files=str(write(folder / A, SENIOR, *rows)))


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("130930-Civil-Service-Learning-senior.csv", date(2013, 9, 30)),
        ("011013-DH---Organogram-senior.csv", date(2013, 10, 1)),
        ("300913-Natural-England-Organogram-senior.csv", date(2013, 9, 30)),
        ("attorney-2011-09-30-senior.csv", date(2011, 9, 30)),
        ("30-09-13---EH---senior.csv", date(2013, 9, 30)),
        ("20131128-BTPA-Return-for-20130930-senior.csv", date(2013, 9, 30)),
        ("30092013-SLC-senior.csv", date(2013, 9, 30)),
    ],
)
def test_a_day_is_read_from_the_name_in_the_ways_it_is_written(name: str, day: date) -> None:
    assert day_of(name, {}) == day
    assert day_of(name, {name: date(2020, 1, 1)}) == date(2020, 1, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("121110-x.csv", "may be 2010-11-12 or 2012-11-10"),
        ("x-September-2013.csv", "is not in its name"),
        ("991399-x.csv", "is not"),
    ],
)
def test_a_day_that_cannot_be_told_is_asked_for(name: str, said: str) -> None:
    with pytest.raises(Fatal, match=rf"{name}.*{said}.*dates = "):
        day_of(name, {})


def test_nothing_of_a_post_lands_that_points_to_a_person(tmp_path: Path) -> None:
    [record] = seniors(tmp_path, post("DCS-7", "Awen Pryce"))
    assert record.model_dump() == {
        "day": date(2026, 3, 31), "organisation": "DCS", "unit": "Tides", "grade": "SCS1", "state": "in post",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "name", "state"),
    [
        ("1", "Awen Pryce", "in post"), ("1", "N/D", "in post"), ("1", "ND", "in post"), ("1", "VACANT", "vacant"),
        ("1", "Eliminated", "eliminated"), ("0", "N/D", "not in post"), ("", "N/D", "in post"),
    ],
)  # fmt: skip
def test_marks_in_place_of_a_name_say_whether_a_post_is_filled(tmp_path: Path, reference: str, name: str, state: str) -> None:
    [record] = seniors(tmp_path, post(reference, name))
    assert record.state == state


def test_a_shared_post_counts_for_each_holder_and_a_repeated_row_once(tmp_path: Path) -> None:
    found = seniors(tmp_path, post("7", "A B jobshare"), post("7", "C D jobshare"), post("7", "A B jobshare"))
    assert [type(record).__name__ for record in found] == ["Senior", "Senior", "Rejected"]
    assert found[2].reason == "the same post again"


def test_the_dialects_say_the_same(tmp_path: Path) -> None:
    """A running number without a name in front, pay without a name, £ in either encoding, another name for the grade."""
    rows = [["DCS", "Tides", "7", "EO", "21438", "1.5"], ["DCS", "Café", "7", "EO", "21438", "1.5"]]
    plain = write(tmp_path / "2026-03-31-a-junior.csv", JUNIOR, *rows)
    header = ["", *[name.replace("Grade", "Grade (or equivalent)") for name in JUNIOR], ""]
    old = write(tmp_path / "2026-03-31-b-junior.csv", header, *[["0", *row, "N/A"] for row in rows], encoding="cp1252")
    marked = write(tmp_path / "2026-03-31-c-junior.csv", JUNIOR, *rows, encoding="utf-8-sig")
    assert pull("junior", junior_files=str(old)) == pull("junior", junior_files=str(plain))
    assert pull("junior", junior_files=str(marked)) == pull("junior", junior_files=str(plain))


@pytest.mark.parametrize(("unit", "kept"), [("N/D", None), ("n/a", None), ("Finance ", "Finance")])
def test_a_unit_that_is_not_disclosed_still_counts_for_the_whole(tmp_path: Path, unit: str, kept: str | None) -> None:
    [record] = seniors(tmp_path, post("1", "N/D", unit))
    assert record.unit == kept


@pytest.mark.parametrize(("fte", "good"), [("0", True), ("3.8", True), ("-1", False), ("ND", False), ("nan", False), ("", False)])
def test_junior_posts_are_numbers_or_rejected(tmp_path: Path, fte: str, good: bool) -> None:
    path = write(tmp_path / B, JUNIOR, ["DCS", "Tides", "7", "EO", "1", fte])
    [record] = pull("junior", junior_files=str(path))
    assert isinstance(record, Record) is good
    assert good or record.location == f"{B} line 2"


@pytest.mark.parametrize("column", ["Organisation", "Unit", "Name", "Post Unique Reference"])
def test_a_file_without_a_needed_column_is_named_and_the_others_land(tmp_path: Path, column: str) -> None:
    write(tmp_path / A, [name.replace(column, "Other") for name in SENIOR], post("1", "N/D"))
    write(tmp_path / f"a{A}", SENIOR, post("1", "N/D"))
    pages = Organogram(senior_files=str(tmp_path / "*.csv"), junior_files="").senior(Landed())
    seen = []
    with pytest.raises(Fatal, match=rf"{A} has no column '{column}'"):
        seen.extend(page.unit and page.unit.name for page in pages)
    assert seen == [f"a{A}", None]


# ------------------------------------------------------------------------------------------------------------- the half
def headcounts(senior: list[tuple[Any, ...]], junior: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """What the half makes of (organisation, unit, state or fte, batch) on one day."""
    with duckdb.connect() as con:
        about = "day date, organisation varchar, unit varchar"
        con.execute(f"create schema landing; create table landing.organogram_senior ({about}, state varchar, _batch integer)")
        con.execute(f"create table landing.organogram_junior ({about}, fte double, _batch integer)")
        for table, rows in (("senior", senior), ("junior", junior)):
            for row in rows:
                con.execute(f"insert into landing.organogram_{table} values (date '2026-03-31', ?, ?, ?, ?)", list(row))
        half = (FOLDER / "headcounts.sql").read_text()
        return con.execute(f"select unit_level, unit, n from ({half}) order by all").fetchall()


def test_heads_and_full_time_equivalents_add_up_and_are_rounded_once() -> None:
    senior = [("O", "A", "in post", 1), ("O", "A", "vacant", 1), ("O", "B", "in post", 1), ("O", None, "in post", 1)]
    junior = [("O", "A", 0.4, 1), ("O", "B", 0.4, 1), ("O", "C", 0.4, 1)]
    assert headcounts(senior, junior) == [
        ("directorate", "A", 1), ("directorate", "B", 1), ("directorate", "C", 0), ("organisation", "O", 4),
    ]  # fmt: skip


def test_one_file_alone_is_no_headcount() -> None:
    assert headcounts([("O", "A", "in post", 1)], []) == []
    assert headcounts([("O", "A", "in post", 1)], [("P", "A", 9.0, 1)]) == []


def test_a_corrected_file_under_another_name_counts_instead() -> None:
    found = headcounts([("O", "A", "in post", 1)], [("O", "A", 50.0, 1), ("O", "B", 3.0, 1), ("O", "A", 7.0, 2)])
    assert found == [("directorate", "A", 8), ("organisation", "O", 8)]


def test_units_of_two_organisations_with_one_name_stay_two() -> None:
    posts = [("O", "Finance", "in post", 1), ("P", "Finance", "in post", 2)]
    found = headcounts(posts, [("O", "Finance", 4.0, 1), ("P", "Finance", 5.0, 2)])
    assert found[:2] == [("directorate", "Finance (O)", 5), ("directorate", "Finance (P)", 6)]


# ----------------------------------------------------------------------------------------------------------- real files
@pytest.mark.real
def test_the_department_of_health_in_september_2013(real_data: Path) -> None:
    folder = real_data / "sources/org_organogram"
    senior = pull("senior", senior_files=str(folder / "011013-DH*senior.csv"))
    junior = pull("junior", junior_files=str(folder / "011013-DH*junior.csv"))
    assert not [record for record in senior + junior if isinstance(record, Rejected)]
    assert (len(senior), len(junior), round(sum(record.fte for record in junior))) == (173, 976, 1786)
    assert len({record.unit for record in senior + junior}) == 8
    assert Counter(record.state for record in senior) == {"in post": 157, "eliminated": 10, "vacant": 6}
    found = headcounts([(r.organisation, r.unit, r.state, 1) for r in senior], [(r.organisation, r.unit, r.fte, 1) for r in junior])
    assert found[-1] == ("organisation", "Department of Health", 1943)
    assert len(found) == 9


@pytest.mark.real
def test_every_real_file_is_read_whole(real_data: Path) -> None:
    folder = real_data / "sources/org_organogram"
    senior = pull("senior", senior_files=str(folder / "*senior.csv"))
    junior = pull("junior", junior_files=str(folder / "*junior.csv"))
    assert (len(senior), len(junior)) == (173 + 5 + 25, 976 + 35)
    assert not [record for record in senior + junior if isinstance(record, Rejected)]
