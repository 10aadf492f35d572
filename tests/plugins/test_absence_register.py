"""The register of absences: who is away when, in one of five words why, and not a word more."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Excluded, Fatal, Rejected
from plugins.absence_register.connector import AbsenceRegister

FOLDER = Path("plugins/absence_register")
NEVER = date(9999, 12, 31)


def pull(path: Path, **settings: Any) -> list[Any]:
    return [record for page in AbsenceRegister(file=str(path), **settings).absences(None) for record in page.records]


def write(folder: Path, *rows: str, header: str = "person,from,to,why,status", name: str = "absences.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_the_register_is_read_as_it_is_headed() -> None:
    [page] = AbsenceRegister(file=str(FOLDER / "samples/absences.csv")).absences(date(2026, 1, 1))
    assert (page.snapshot, page.cursor) == (None, None)
    assert [(r.email, r.started_on, r.ended_on, r.why) for r in page.records] == [  # type: ignore[union-attr]
        ("awen.pryce@coastal.example", date(2026, 3, 2), date(2026, 3, 6), "leave"),
        ("bran.oduya@coastal.example", date(2026, 3, 9), date(2026, 3, 11), "sick"),
        ("cadi.novak@coastal.example", date(2026, 3, 9), None, "no computer"),
    ]


@pytest.mark.parametrize(
    ("written", "lands"),
    [
        ("Annual leave", "leave"), ("maternity", "leave"), ("LEAVE (approved by A B)", "leave"), ("gwyliau", "leave"),
        ("sick leave", "sick"), ("Sickness - back pain", "sick"), ("ill", "sick"), ("Salwch", "sick"), ("rest day", "shift"),
        ("Night shift", "shift"), ("No PC", "no computer"), ("no computer", "no computer"), ("jury service", "other"),
        ("loan to another department", "other"), ("back pain", "other"), ("until", "other"), ("", "other"), ("SL", "other"),
    ],
)  # fmt: skip
def test_a_reason_becomes_one_of_five_words(tmp_path: Path, written: str, lands: str) -> None:
    [record] = pull(write(tmp_path, f"a@x,2026-03-02,,{written},"))
    assert record.why == lands


def test_codes_of_one_s_own_come_first(tmp_path: Path) -> None:
    path = write(tmp_path, "a@x,2026-03-02,,SL,", "a@x,2026-04-02,,sick pay ended,", "a@x,2026-05-02,,al ,")
    codes = {"SL": "sick", "AL": "leave", "sick pay ended": "other"}
    assert [r.why for r in pull(path, codes=codes)] == ["sick", "other", "leave"]
    with pytest.raises(ValueError, match="codes"):
        pull(path, codes={"SL": "back pain"})


@pytest.mark.parametrize(
    ("person_is", "written", "kept"),
    [("email", "A@x.example", "A@x.example"), ("login", r"DCS\\apryce", "apryce"), ("staff", "S1", "S1")],
)
def test_people_are_called_by_one_kind_of_name(tmp_path: Path, person_is: Any, written: str, kept: str) -> None:
    [record] = pull(write(tmp_path, f"{written},2026-03-02,,,"), person_is=person_is)
    given = record.model_dump(exclude={"started_on", "ended_on", "why"})
    assert {name: value for name, value in given.items() if value} == {person_is: kept}


@pytest.mark.parametrize("status", ["Cancelled", "requested ", "DECLINED"])
def test_an_absence_that_was_not_taken_is_counted_and_not_read(tmp_path: Path, status: str) -> None:
    path = write(tmp_path, f"a@x,2026-03-02,,leave,{status}", "b@x,2026-03-02,,leave,approved", "c@x,2026-03-02,,leave,")
    first, *others = pull(path)
    assert first == Excluded("not taken")
    assert [r.email for r in others] == ["b@x", "c@x"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",2026-03-02,,back pain,", "blank at person"), ("a@x,,,,", "not a day at from"),
        ("a@x,31/02/2026,,,", "not a day at from"),
        ("a@x,2026-03-02,soon,,", "not a day at to"), ("a@x,2026-03-02,2026-03-01,,", "ends before it begins"),
        ("a@x,2026-03-02", "fewer cells than columns"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_rejected_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    assert pull(write(tmp_path, row)) == [Rejected(reason, "absences.csv line 2")]


def test_an_end_that_means_never_is_none(tmp_path: Path) -> None:
    path = write(tmp_path, "a@x,2026-03-02,31/12/9999,,", "b@x,2026-03-02,2036-03-02,,")
    assert [r.ended_on for r in pull(path)] == [None, date(2036, 3, 2)]


def test_several_files_are_one_register(tmp_path: Path) -> None:
    write(tmp_path, "a@x,2026-03-02,,,", name="absences-hr.csv")
    write(tmp_path, "b@x;02/03/2026;depot", header="person;from;site", name="absences-rota.csv")
    [page] = AbsenceRegister(file=str(tmp_path / "absences-*.csv")).absences(None)
    assert [r.email for r in page.records] == ["a@x", "b@x"]  # type: ignore[union-attr]


def test_a_spreadsheet_of_somebody_s_own_is_read_through_a_mapping(tmp_path: Path) -> None:
    mapping = tmp_path / "absences.toml"
    mapping.write_text('times = ["%d %b %Y"]\n[columns]\nperson = "Who"\nfrom = "Since"\nto = "Until"\nwhy = "Type"\n')
    path = write(tmp_path, "a@x,1 Apr 2026,30 Jun 2026,Holiday", header="Who,Since,Until,Type")
    [record] = pull(path, mapping=str(mapping))
    assert (record.started_on, record.ended_on, record.why) == (date(2026, 4, 1), date(2026, 6, 30), "leave")


def test_what_a_register_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"absences\.csv has no column 'from'"):
        pull(write(tmp_path, "a@x", header="person"))
    with pytest.raises(Fatal, match=r"no file gone\.csv"):
        pull(tmp_path / "gone.csv")


# ------------------------------------------------------------------------------------------------------------- the half
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))
Row = tuple[str, date, date | None, str, date, date]


def days(*rows: Row) -> dict[tuple[str, str], tuple[date, date, int]]:
    """What the half makes of (person, started, ended, why, snapshot from, snapshot to): first day, last day, number."""
    with duckdb.connect() as con:
        con.execute("""create schema landing; create table landing.absence_register_absences (staff blob, email blob,
            login blob, started_on date, ended_on date, why varchar, valid_from date, valid_to date)""")
        for person, started, ended, why, *seen in rows:
            con.execute(
                "insert into landing.absence_register_absences values (null, ?, null, ?, ?, ?, ?, ?)",
                [person.encode(), started, ended, why, *seen],
            )
        told = con.execute((FOLDER / "presence.sql").read_text()).fetchall()
    found: dict[tuple[str, str], list[date]] = {}
    for person, day, state in told:
        found.setdefault((person.decode(), state), []).append(day)
    return {key: (min(d), max(d), len(d)) for key, d in found.items()}


def test_each_day_up_to_the_last_is_a_row() -> None:
    told = days(("a", date(2026, 3, 28), date(2026, 4, 2), "leave", MAY, NEVER))
    assert told == {("a", "absent: leave"): (date(2026, 3, 28), date(2026, 4, 2), 6)}


def test_without_an_end_it_goes_on_for_a_year_beyond_the_last_change() -> None:
    told = days(("a", MARCH, None, "no computer", MAY, NEVER), ("b", MARCH, MARCH, "sick", JUNE, NEVER))
    assert told[("a", "absent: no computer")][:2] == (MARCH, JUNE + timedelta(days=365))
    ahead = days(("a", date(2027, 3, 1), None, "leave", MAY, NEVER))
    assert ahead[("a", "absent: leave")][:2] == (date(2027, 3, 1), date(2028, 2, 29))


def test_what_began_long_before_the_register_does_not_fill_the_disk() -> None:
    told = days(*((f"p{n}", date(1, 1, 1), None, "no computer", MAY, NEVER) for n in range(9)))
    assert set(told.values()) == {(date(2016, 5, 1), MAY + timedelta(days=365), 4018)}


def test_what_is_listed_no_more_counts_until_then() -> None:
    """One without an end, one long over that rolled off the export, one cancelled half way, one before it began."""
    gone = days(
        ("a", MARCH, None, "sick", APRIL, MAY), ("b", MARCH, date(2026, 3, 5), "leave", APRIL, MAY),
        ("c", APRIL, date(2026, 6, 9), "leave", APRIL, MAY), ("d", JUNE, date(2026, 6, 9), "leave", APRIL, MAY),
    )  # fmt: skip
    assert gone == {
        ("a", "absent: sick"): (MARCH, date(2026, 4, 30), 61), ("b", "absent: leave"): (MARCH, date(2026, 3, 5), 5),
        ("c", "absent: leave"): (APRIL, date(2026, 4, 30), 30),
    }  # fmt: skip


def test_the_newest_register_has_the_last_word() -> None:
    ended = days(("a", MARCH, None, "sick", APRIL, MAY), ("a", MARCH, date(2026, 3, 3), "sick", MAY, NEVER))
    assert ended == {("a", "absent: sick"): (MARCH, date(2026, 3, 3), 3)}
    corrected = days(("a", MARCH, None, "sick", APRIL, MAY), ("a", APRIL, date(2026, 4, 3), "sick", MAY, NEVER))
    assert corrected == {("a", "absent: sick"): (APRIL, date(2026, 4, 3), 3)}
    renamed = days(("a", MARCH, date(2026, 3, 3), "other", APRIL, MAY), ("a", MARCH, date(2026, 3, 3), "leave", MAY, NEVER))
    assert renamed == {("a", "absent: leave"): (MARCH, date(2026, 3, 3), 3)}


def test_an_absence_beside_it_or_of_somebody_else_corrects_nothing() -> None:
    """The second was known all along, the third came in its place elsewhere, the fourth is another person's."""
    told = days(
        ("a", MARCH, None, "no computer", APRIL, MAY), ("a", date(2026, 3, 9), date(2026, 3, 9), "leave", APRIL, NEVER),
        ("b", MARCH, date(2026, 3, 5), "leave", APRIL, MAY), ("b", date(2026, 3, 6), date(2026, 3, 6), "leave", MAY, NEVER),
        ("c", MARCH, date(2026, 3, 5), "leave", MAY, NEVER),
    )  # fmt: skip
    assert told[("a", "absent: no computer")][2] == 61
    assert told[("b", "absent: leave")] == (MARCH, date(2026, 3, 6), 6)


def test_a_day_told_twice_is_one_row() -> None:
    told = days(("a", MARCH, date(2026, 3, 5), "leave", MAY, NEVER), ("a", date(2026, 3, 4), date(2026, 3, 6), "leave", MAY, NEVER))
    assert told == {("a", "absent: leave"): (MARCH, date(2026, 3, 6), 6)}
