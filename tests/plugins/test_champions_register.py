"""The register of champions: who is one from when to when, whatever the register calls people and its columns by."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Excluded, Fatal, Rejected
from plugins.champions_register.connector import ChampionsRegister

FOLDER = Path("plugins/champions_register")
NEVER = date(9999, 12, 31)


def pull(path: Path, **settings: Any) -> list[Any]:
    return [record for page in ChampionsRegister(file=str(path), **settings).champions(None) for record in page.records]


def write(folder: Path, *rows: str, header: str = "person,from,to,role") -> Path:
    path = folder / "champions.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_the_register_is_read_as_it_is_headed(tmp_path: Path) -> None:
    [page] = ChampionsRegister(file=str(FOLDER / "samples/champions.csv")).champions(date(2026, 1, 1))
    assert (page.snapshot, page.cursor) == (None, None)
    told = [(r.email, r.started_on, r.ended_on) for r in page.records]  # type: ignore[union-attr]
    assert told[:2] == [
        ("awen.pryce@coastal.example", date(2026, 3, 2), None),
        ("bran.oduya@coastal.example", date(2026, 3, 9), date(2026, 5, 29)),
    ]


@pytest.mark.parametrize(
    ("person_is", "written", "kept"),
    [
        ("email", "A@x.example", "A@x.example"),
        ("login", r"DCS\\apryce", "apryce"),
        ("login", "apryce@x", "apryce"),
        ("staff", "S1", "S1"),
    ],
)
def test_people_are_called_by_one_kind_of_name(tmp_path: Path, person_is: Any, written: str, kept: str) -> None:
    [record] = pull(write(tmp_path, f"{written},2026-03-02,,"), person_is=person_is)
    given = record.model_dump(exclude={"started_on", "ended_on"})
    assert {name: value for name, value in given.items() if value} == {person_is: kept}


def test_another_role_is_counted_and_not_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a@x,2026-03-02,,Champion ", "b@x,2026-03-02,,Sponsor", "c@x,2026-03-02,,")
    champion, *others = pull(path, roles=["champion"])
    assert champion.email == "a@x"
    assert others == [Excluded("another role")] * 2
    assert len([r for r in pull(path) if not isinstance(r, Excluded)]) == 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",2026-03-02,,", "blank at person"), ("a@x,,,", "not a day at from"), ("a@x,31/02/2026,,", "not a day at from"),
        ("a@x,2026-03-02,soon,", "not a day at to"), ("a@x,2026-03-02,2026-03-01,", "ends before it begins"),
        ("a@x,2026-03-02", "fewer cells than columns"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_rejected_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    assert pull(write(tmp_path, row)) == [Rejected(reason, "champions.csv line 2")]


def test_a_spreadsheet_of_somebody_s_own_is_read_through_a_mapping(tmp_path: Path) -> None:
    mapping = tmp_path / "champions.toml"
    mapping.write_text('delimiter = ";"\ntimes = ["%d %b %Y"]\n[columns]\nperson = "Who"\nfrom = "Since"\nto = "Until"\n')
    path = write(tmp_path, "a@x;1 Apr 2026;30 Jun 2026;y", header="Who;Since;Until;Notes")
    [record] = pull(path, mapping=str(mapping))
    assert (record.started_on, record.ended_on) == (date(2026, 4, 1), date(2026, 6, 30))


def test_what_a_register_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"champions\.csv has no column 'from'"):
        pull(write(tmp_path, "a@x", header="person"))
    with pytest.raises(Fatal, match=r"no file gone\.csv"):
        pull(tmp_path / "gone.csv")
    (tmp_path / "champions-2.csv").write_text("x")
    with pytest.raises(Fatal, match="a register is one file"):
        pull(tmp_path / "*.csv")


# ------------------------------------------------------------------------------------------------------------- the half
def champions(*rows: tuple[str, date, date | None, date, date]) -> list[tuple[Any, ...]]:
    """What the half makes of (person, started, ended, snapshot from, snapshot to)."""
    with duckdb.connect() as con:
        con.execute("""create schema landing; create table landing.champions_register_champions
            (staff blob, email blob, login blob, started_on date, ended_on date, valid_from date, valid_to date)""")
        for person, *days in rows:
            con.execute(
                "insert into landing.champions_register_champions values (null, ?, null, ?, ?, ?, ?)", [person.encode(), *days]
            )
        return sorted(con.execute((FOLDER / "champions.sql").read_text()).fetchall())


MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def test_an_end_in_the_register_is_the_last_day() -> None:
    assert champions(("a", MARCH, date(2026, 4, 30), MAY, NEVER)) == [(b"a", MARCH, MAY)]
    assert champions(("a", MARCH, None, MAY, NEVER)) == [(b"a", MARCH, NEVER)]


def test_an_end_that_means_never_is_none(tmp_path: Path) -> None:
    """Both as it is read, and where a register landed before it was read so: the year 10000 is no day for anybody."""
    assert [r.ended_on for r in pull(write(tmp_path, "a@x,2026-03-02,31/12/9999,", "b@x,2026-03-02,9999-12-31,"))] == [None, None]
    assert champions(("a", MARCH, NEVER, MAY, NEVER)) == [(b"a", MARCH, NEVER)]


def test_who_is_listed_no_more_was_a_champion_until_then() -> None:
    assert champions(("a", MARCH, None, APRIL, MAY), ("b", MARCH, None, MAY, NEVER)) == [(b"a", MARCH, MAY), (b"b", MARCH, NEVER)]


def test_the_newest_register_has_the_last_word() -> None:
    ended = champions(("a", MARCH, None, APRIL, MAY), ("a", MARCH, date(2026, 5, 31), MAY, NEVER))
    assert ended == [(b"a", MARCH, JUNE)]
    corrected = champions(("a", MARCH, None, APRIL, MAY), ("a", APRIL, None, MAY, NEVER))
    assert corrected == [(b"a", APRIL, NEVER)]


def test_an_earlier_stretch_stays_beside_a_later_one() -> None:
    rows = champions(("a", MARCH, date(2026, 3, 31), MAY, NEVER), ("a", MAY, None, MAY, NEVER))
    assert rows == [(b"a", MARCH, APRIL), (b"a", MAY, NEVER)]


def test_a_start_that_never_came_is_no_row() -> None:
    assert champions(("a", JUNE, None, APRIL, MAY), ("b", MARCH, None, MAY, NEVER)) == [(b"b", MARCH, NEVER)]
