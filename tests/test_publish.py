"""What leaves the building: only the agreed tables, nobody in them, the last edition until a new one is verified."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline.problems import BrokenPromise
from pipeline.publish import ALLOWED, figures_digest, publish, verify
from pipeline.warehouse import Build
from tests.story import STAFF, World, crew, many


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A department of 21 in three teams, of which one is small, with everything built."""
    path = tmp_path_factory.mktemp("department") / "warehouse.duckdb"
    with Build(path) as build:
        world = World(build)
        world.seen("wall", "pages")
        world.given(
            "each.people",
            STAFF,
            *crew(many("a", 8), "Web"),
            *crew(many("b", 10), "Ops"),
            *crew(many("c", 3), "Secret three"),
        )
        world.does("wall", "post", *(f"a00{n} 2026-07-0{n + 1}" for n in range(6)))
        world.everything()
    return path


@pytest.fixture
def con(department: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of its warehouse that a test may spoil."""
    copy = tmp_path / "warehouse.duckdb"
    shutil.copyfile(department, copy)
    with duckdb.connect(str(copy)) as con:
        yield con


def ask(path: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_a_published_file_has_the_agreed_tables_and_mode(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "published.duckdb"
    digest = publish(con, target, "simulated")
    assert digest == figures_digest(target) == figures_digest(con)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    tables = {t for (t,) in ask(target, "select table_name from information_schema.tables")}
    assert tables == set(ALLOWED)
    assert ask(target, "select edition, as_of, k, roster, provenance from report.editions") == [
        (1, date(2026, 7, 12), 5, 21, "simulated")
    ]
    assert ask(target, "select count(*) > 100 from report.figures") == [(True,)]
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_the_small_team_is_nowhere_in_the_file_and_nobody_is(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "published.duckdb"
    publish(con, target)
    text = repr([ask(target, f"select * from report.{table}") for table in ALLOWED])
    assert "Other teams in Coast" in text
    assert "Secret" not in text
    assert "a000" not in text


def test_the_same_figures_have_the_same_digest_and_others_have_not(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    one = publish(con, tmp_path / "one.duckdb")
    assert publish(con, tmp_path / "two.duckdb") == one
    con.execute("update report.figures set value = value + 1e-15 where status = 'ok' and unit_level = 'team'")
    assert publish(con, tmp_path / "three.duckdb") != one


def test_from_a_file_or_a_connection_is_the_same(
    con: duckdb.DuckDBPyConnection, department: Path, tmp_path: Path
) -> None:
    assert publish(con, tmp_path / "one.duckdb") == publish(department, tmp_path / "two.duckdb")


def test_editions_are_numbered_and_a_night_run_again_takes_its_own_place(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "published.duckdb"
    for day in (10, 11, 12, 12, 11):
        con.execute("update report.editions set as_of = ?", [date(2026, 7, day)])
        publish(con, target)
        numbers = ask(target, "select edition, day(as_of) from report.editions order by edition")
        assert numbers == [(n + 1, d) for n, d in enumerate(range(10, day + 1))]
    publish(con, target, "simulated")
    assert ask(target, "select edition, provenance from report.editions") == [(1, "simulated")]


SPOILS = {
    "a person's column": ("alter table report.units add column person integer", "report.units.person .* person grain"),
    "a pseudonym": ("alter table report.events add column who blob", "report.events.who .* person grain"),
    "a key": ("alter table report.figures add column _key varchar", "report.figures._key .* person grain"),
    "an unknown table": ("create table report.champions as select 'Ann' as name", "report.champions is not among"),
    "a person's table": ("create table report.staff as select person from staging.people", "person grain"),
    "an unknown column": ("alter table report.figures add column team varchar", "report.figures has the columns"),
    "a missing table": ("drop table report.topics", "report.topics has the columns None"),
    "a base below k": ("update report.figures set base = 4 where unit_level = 'team'", "rests on fewer than k people"),
    "a suppressed value": (
        "update report.figures set value = 0.5 where status = 'no_data'",
        "is withheld and has a value",
    ),
    "a suppressed base": (
        """update report.figures set status = 'suppressed', value = null, low = null, high = null, n_eff = null,
               reason = 'x' where status = 'ok'""",
        "is suppressed and says how many",
    ),
    "a value of nobody knows how many": (
        "update report.figures set base = null where status = 'ok'",
        "does not say how many",
    ),
    "a team by the day": (
        "update report.figures set period = 'day' where unit_level = 'team'",
        "tells a unit by the day",
    ),
    "a silent refusal": ("update report.figures set reason = '' where status = 'no_data'", "does not say why"),
    "an unknown status": (
        "update report.figures set status = 'fine', reason = 'x', value = null, low = null, high = null, n_eff = null",
        "unknown status",
    ),
    "no threshold": ("update report.editions set k = 4", "no edition says a threshold"),
}


@pytest.mark.parametrize(("spoil", "why"), SPOILS.values(), ids=SPOILS)
def test_what_may_not_leave_is_named_and_the_last_edition_stays(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, spoil: str, why: str
) -> None:
    target = tmp_path / "published.duckdb"
    publish(con, target)
    before = target.read_bytes()
    con.execute(spoil)
    with pytest.raises(BrokenPromise, match=why):
        publish(con, target)
    assert target.read_bytes() == before
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_a_base_of_exactly_k_may_leave(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    con.execute("update report.figures set base = 5 where base is not null and status = 'ok'")
    publish(con, tmp_path / "published.duckdb")
    verify(tmp_path / "published.duckdb")


def test_a_view_is_refused_it_separates_nobody(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "published.duckdb"
    publish(con, target)
    target.chmod(0o600)
    with duckdb.connect(str(target)) as spoiled:
        spoiled.execute("create view report.shown as select * from report.figures")
    with pytest.raises(BrokenPromise, match=r"report\.shown is not among"):
        verify(target)


def test_what_was_there_may_be_unreadable(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "published.duckdb"
    target.write_bytes(b"not a database")
    publish(con, target)
    assert ask(target, "select edition from report.editions") == [(1,)]
