"""The staff directory: one export is one snapshot, and nothing of a name lands but its words as pseudonyms."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Fatal, Page, Rejected, name_tokens
from plugins.directory.connector import Directory, Person
from tests.landings import Nights

FOLDER = Path(__file__).parents[2] / "plugins" / "directory"
HEADER = "staff_id,name,email,login,entra_id,team,directorate,grade,location,manager_id,started_on,left_on"


def pull(files: Path | str, since: date | None = None) -> list[Page]:
    return list(Directory(files=str(files)).people(since))


def write(folder: Path, *rows: str, name: str = "staff-2026-01-12.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def only(path: Path) -> Person | Rejected:
    [page] = pull(path)
    [record] = page.records
    assert isinstance(record, Person | Rejected)
    return record


def test_the_samples_are_two_snapshots_in_order_of_their_days() -> None:
    pages = pull(FOLDER / "samples" / "*.csv")
    assert [(p.snapshot, len(p.records)) for p in pages] == [(date(2026, 1, 12), 4), (date(2026, 2, 9), 4)]
    bran = pages[0].records[1]
    assert isinstance(bran, Person)
    assert bran.model_dump() == {
        "staff_id": "S002", "email": "bran.oduya@coastal.example", "login": "boduya",
        "entra": "7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b0002",
        "mbox_sha1": hashlib.sha1(b"mailto:bran.oduya@coastal.example", usedforsecurity=False).hexdigest(),
        "name_tokens": ["bran", "oduya-rhys", "oduya", "rhys"],
        "team": "Harbour Services", "directorate": "Operations", "grade": "HEO", "location": "Cardiff",
        "manager": "S001", "started_on": date(2024, 9, 2), "left_on": None,
    }  # fmt: skip


def test_files_older_than_the_newest_snapshot_are_not_read_again() -> None:
    files = FOLDER / "samples" / "*.csv"
    assert [p.snapshot for p in pull(files, date(2026, 1, 13))] == [date(2026, 2, 9)]
    assert [p.snapshot for p in pull(files, date(2026, 2, 9))] == [date(2026, 2, 9)]
    assert pull(files, date(2026, 2, 10)) == []


def test_every_string_of_a_person_has_a_privacy_class_and_names_are_only_ever_digests() -> None:
    [stream] = Directory.streams()
    assert stream.persons() == {
        "staff_id": "staff", "email": "email", "login": "login", "entra": "entra", "mbox_sha1": "mbox_sha1",
        "name_tokens": "name", "manager": "staff",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("Awen Pryce", ["awen", "pryce"]),
        ("PRYCE, Awen J.", ["pryce", "awen"]),
        ("Mary-Ann Smith", ["mary-ann", "mary", "ann", "smith"]),
        ("Siân O’Neill", ["siân", "sian", "o'neill", "neill"]),
        ("李 Wei 2nd", ["wei", "nd"]),
        ("Ann Ann", ["ann"]),
        ("", []),
    ],
)
def test_a_name_becomes_its_words(name: str, tokens: list[str]) -> None:
    assert list(name_tokens(name)) == tokens


def test_columns_are_found_by_name_whatever_their_case_order_or_company(tmp_path: Path) -> None:
    path = write(tmp_path, " Tides , Ops,x,S1", header="\ufeffTeam, DIRECTORATE ,Salary,Staff_ID")
    person = only(path)
    assert isinstance(person, Person)
    assert (person.staff_id, person.team, person.directorate) == ("S1", "Tides", "Ops")
    assert (person.email, person.name_tokens) == (None, [])
    assert "x" not in person.model_dump().values()


@pytest.mark.parametrize("column", ["staff_id", "team", "directorate"])
def test_a_needed_column_that_is_missing_is_named_with_the_file(tmp_path: Path, column: str) -> None:
    write(tmp_path, header=HEADER.replace(column, "other"))
    with pytest.raises(Fatal, match=rf"staff-2026-01-12\.csv.*'{column}'"):
        pull(tmp_path / "*.csv")


@pytest.mark.parametrize("written", ["2026-03-05", "05/03/2026", "5/3/2026"])
def test_days_are_read_as_iso_and_as_they_are_written_in_britain(tmp_path: Path, written: str) -> None:
    person = only(write(tmp_path, f"S1,,,,,T,D,,,,{written},"))
    assert isinstance(person, Person)
    assert (person.started_on, person.left_on) == (date(2026, 3, 5), None)


@pytest.mark.parametrize("never", ["0001-01-01", "01/01/1900", "1970-01-01", "31/12/9999"])
def test_a_day_that_stands_for_none_makes_nobody_a_leaver(tmp_path: Path, never: str) -> None:
    person = only(write(tmp_path, f"S1,,,,,T,D,,,,{never},{never}"))
    assert isinstance(person, Person)
    assert (person.started_on, person.left_on) == (None, None)


@pytest.mark.parametrize(("shared", "refused"), [(0, False), (9, False), (12, True)])
def test_an_address_that_was_filled_down_is_named(tmp_path: Path, shared: int, refused: bool) -> None:
    """Nobody who shares an address joins any other source: all figures would fall, and say nothing of why."""
    for count, name in ((40, "staff-2026-01-12.csv"), (400, "staff-2026-01-19.csv")):
        write(tmp_path, *(f"S{n},,{'all' if n < shared else n}@x.example,,,T,D,,,,," for n in range(count)), name=name)
    if refused:
        with pytest.raises(Fatal, match=r"staff-2026-01-12\.csv: 12 of 40 people share their email with others"):
            pull(tmp_path / "*.csv")
    assert len(pull(tmp_path / "*-19.csv")[0].records) == 400


def test_a_directory_of_nobody_but_leavers_is_named(tmp_path: Path) -> None:
    write(tmp_path, "S1,,,,,T,D,,,,,2026-01-11", "S2,,,,,T,D,,,,,2020-01-01")
    with pytest.raises(Fatal, match=r"staff-2026-01-12\.csv lists only people whose left_on is before its own day"):
        pull(tmp_path / "*.csv")
    write(tmp_path, "S1,,,,,T,D,,,,,2026-01-12", "S2,,,,,T,D,,,,,2020-01-01")
    assert len(pull(tmp_path / "*.csv")[0].records) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("S1,n,e,l,i,T," + "x" * 5000 + ",,,,,", "string_too_long at directorate"),
        ("S1,n,e,l,i,,D,,,,,", "string_too_short at team"),
        (",n,e,l,i,T,D,,,,,", "string_too_short at staff_id"),
        ("S1,n,e,l,i,T,D,,,,31/02/2026,", "date_from_datetime_parsing at started_on"),
        ("S1,n,e,l,i,T,D", "fewer cells than columns"),
        ("S1,n,e,l,i,T,D,,,,,,,", "more cells than columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_with_its_line_and_without_its_values(
    tmp_path: Path, row: str, reason: str
) -> None:
    [page] = pull(write(tmp_path, "S0,,,,,T,D,,,,,", row))
    assert page.records[1] == Rejected(reason, "staff-2026-01-12.csv line 3")


def test_a_person_who_is_listed_twice_is_taken_once(tmp_path: Path) -> None:
    [page] = pull(write(tmp_path, "S1,,,,,A,D,,,,,", "s1,,,,,B,D,,,,,"))
    first, again = page.records
    assert isinstance(first, Person)
    assert (first.team, again) == ("A", Rejected("the same staff_id again", "staff-2026-01-12.csv line 3"))


@pytest.mark.parametrize("login", ["apryce", r"DCS\\apryce", "apryce@coastal.example"])
def test_a_login_is_the_one_that_logs_show(tmp_path: Path, login: str) -> None:
    person = only(write(tmp_path, f"S1,,,{login},,T,D,,,,,"))
    assert isinstance(person, Person)
    assert person.model_dump()["login"] == "apryce"


def test_lines_of_empty_cells_are_not_people(tmp_path: Path) -> None:
    [page] = pull(write(tmp_path, "S1,,,,,A,D,,,,,", ",,,,,,,,,,,", ""))
    assert len(page.records) == 1


def test_a_cell_may_hold_commas_and_line_ends(tmp_path: Path) -> None:
    person = only(write(tmp_path, 'S1,"Pryce, Awen",,,,"Harbour\nServices",D,,,,,'))
    assert isinstance(person, Person)
    assert person.name_tokens == ["pryce", "awen"]


@pytest.mark.parametrize(
    ("row", "said"), [('S1,"open,,,,T,D,,,,,', "line"), ("S1,José,,,,T,D,,,,,", "UTF-8")], ids=["open quote", "latin-1"]
)
def test_a_file_that_is_no_export_is_named(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "staff-2026-01-12.csv").write_bytes(f"{HEADER}\n{row}\n".encode("latin-1"))
    with pytest.raises(Fatal, match=rf"staff-2026-01-12\.csv.*{said}") as raised:
        pull(tmp_path / "*.csv")
    assert "S1" not in str(raised.value)


@pytest.mark.parametrize("name", ["staff.csv", "s-2026-13-01.csv", "s-20260112.csv", "2026-01-12-to-2026-01-19.csv"])
def test_a_file_without_one_day_in_its_name_says_how_to_name_it(tmp_path: Path, name: str) -> None:
    write(tmp_path, name=name)
    with pytest.raises(Fatal, match=r"staff-2026-01-12\.csv"):
        pull(tmp_path / "*.csv")


def test_two_files_of_one_day_are_not_chosen_from(tmp_path: Path) -> None:
    write(tmp_path, name="staff-2026-01-12.csv")
    write(tmp_path, name="staff-2026-01-12-new.csv")
    with pytest.raises(Fatal, match="both of 2026-01-12"):
        pull(tmp_path / "*.csv")


def test_no_file_is_an_error_until_there_was_one(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="files"):
        pull(tmp_path / "*.csv")
    assert pull(tmp_path / "*.csv", date(2026, 1, 12)) == []


def test_a_corrected_newest_file_takes_the_place_of_what_landed_and_leavers_stay_in_the_history(tmp_path: Path) -> None:
    nights = Nights(tmp_path, Directory(files=str(tmp_path / "*.csv")))
    write(tmp_path, *(f"S{number},,,,,Tides,Ops,,,,," for number in range(6)))
    assert nights().complete
    write(tmp_path, *(f"S{number},,,,,Tides,Ops,,,,," for number in range(5)), name="staff-2026-01-19.csv")
    assert nights().complete
    write(tmp_path, "S0,,,,,Moorings,Ops,,,,,", *(f"S{n},,,,,Tides,Ops,,,,," for n in range(1, 5)), name="staff-2026-01-19.csv")
    assert nights().complete
    rows = nights.rows("team, valid_from, valid_to")
    first, second = date(2026, 1, 12), date(2026, 1, 19)
    assert rows == [("Moorings", second, NEVER), *[("Tides", first, second)] * 6, *[("Tides", second, NEVER)] * 4]


def test_a_table_from_a_spreadsheet_may_be_utf_16_with_tabs(tmp_path: Path) -> None:
    (tmp_path / "staff-2026-01-12.csv").write_bytes("Staff ID\tTeam\tDirectorate\tName\nS1\tT\tD\tSiân\n".encode("utf-16"))
    person = only(tmp_path / "staff-2026-01-12.csv")
    assert isinstance(person, Person)
    assert (person.staff_id, person.name_tokens) == ("S1", ["siân", "sian"])


def test_a_column_that_comes_twice_is_not_chosen_from(tmp_path: Path) -> None:
    write(tmp_path, "S1,T,D,X", header="staff_id,team,directorate,Team")
    with pytest.raises(Fatal, match="'team' twice"):
        pull(tmp_path / "*.csv")


# ----------------------------------------------------------------------------------------------------------- halves
COLUMNS = """staff_id blob, email blob, login blob, entra blob, mbox_sha1 blob, team varchar, directorate varchar,
    grade varchar, location varchar, started_on date, left_on date, valid_from date, valid_to date"""
NEVER = date(9999, 12, 31)


def half(name: str, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What the half makes of people in landing; columns that are not given are empty."""
    given = {"staff_id": b"s", "team": "T", "directorate": "D", "valid_from": date(2026, 1, 12), "valid_to": NEVER}
    with duckdb.connect() as con:
        con.execute(f"create schema landing; create table landing.directory_people ({COLUMNS})")
        for row in rows:
            full = given | row
            marks = ", ".join("?" for _ in full)
            names = ", ".join(full)
            con.execute(f"insert into landing.directory_people ({names}) values ({marks})", list(full.values()))
        return sorted(con.execute((FOLDER / f"{name}.sql").read_text()).fetchall())


@pytest.mark.parametrize(
    ("employment", "valid"),
    [
        ({}, [(date(2026, 1, 12), NEVER)]),
        ({"started_on": date(2019, 1, 1)}, [(date(2026, 1, 12), NEVER)]),
        ({"started_on": date(2026, 2, 2)}, [(date(2026, 2, 2), NEVER)]),
        ({"left_on": date(2026, 1, 30)}, [(date(2026, 1, 12), date(2026, 1, 31))]),
        ({"left_on": date(2026, 1, 11)}, []),
        ({"left_on": date(2026, 1, 12)}, [(date(2026, 1, 12), date(2026, 1, 13))]),
    ],
)
def test_people_count_from_their_first_day_to_their_last(
    employment: dict[str, date], valid: list[tuple[date, date]]
) -> None:
    assert [(row[3], row[4]) for row in half("people", employment)] == valid


def test_the_names_of_a_person_lead_to_their_staff_id() -> None:
    rows = half("aliases", {"email": b"e", "login": b"l", "entra": b"i", "mbox_sha1": b"m"}, {"email": b"e2"})
    assert rows == [(b"e", b"s"), (b"e2", b"s"), (b"i", b"s"), (b"l", b"s"), (b"m", b"s")]


def test_a_name_that_two_people_had_leads_to_neither() -> None:
    rows = half("aliases", {"staff_id": b"a", "login": b"x", "email": b"e"}, {"staff_id": b"b", "login": b"x"})
    assert rows == [(b"e", b"a")]
