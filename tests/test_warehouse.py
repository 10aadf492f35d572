"""The build file: safe settings, one model rebuilt, offenders counted, verified, swapped in whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.models import Model, ModelError
from pipeline.problems import BrokenPromise, ConfigError
from pipeline.warehouse import Build, run_of, swap, verify


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    with Build(tmp_path / "home" / "w.duckdb") as build:
        build.prepare(as_of=date(2026, 7, 12), zone="Europe/London", k=10, organisation="Department")
        yield build


def model(select: str, **told: object) -> Model:
    path = Path("warehouse/metrics/share.sql")
    return Model(schema="metrics", name="share", doc="A share.", query=select, path=path, deps=frozenset(), **told)  # type: ignore[arg-type]


def test_the_file_is_its_owner_s_and_in_utc(build: Build) -> None:
    assert stat.S_IMODE(build.path.stat().st_mode) == 0o600
    assert build.con.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
    assert build.con.execute(
        "select current_setting('threads'), current_setting('autoinstall_known_extensions')"
    ).fetchall() == [(2, False)]


@pytest.mark.parametrize("k", [5, 10])
def test_a_threshold_of_five_or_more_holds(build: Build, k: int) -> None:
    build.prepare(as_of=date(2026, 7, 12), zone="Europe/London", k=k, organisation="Department")
    assert run_of(build.con).k == k


def test_a_threshold_below_the_floor_is_refused(build: Build) -> None:
    with pytest.raises(ConfigError, match="k = 4: fewer than 5 people hide nobody"):
        build.prepare(as_of=date(2026, 7, 12), zone="Europe/London", k=4, organisation="Department")


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('/etc/hostname')",
        "attach '/tmp/x.duckdb' as x",
        "copy (select 1) to '/tmp/x.csv'",
        "set enable_external_access = true",
        "set threads = 1",
    ],
)
def test_sealed_no_other_file_is_opened(build: Build, statement: str) -> None:
    build.seal()
    with pytest.raises(duckdb.Error):
        build.con.execute(statement).fetchall()


def test_a_variable_of_ours_is_no_table(build: Build) -> None:
    secrets = pa.table({"key": ["5a5a"]})
    with pytest.raises(duckdb.CatalogException):
        build.con.execute("select * from secrets").fetchall()
    assert secrets.num_rows == 1


def test_a_model_is_rebuilt_whole(build: Build) -> None:
    assert build.rebuild(model("select n as base from range(3) as r(n)")) == 3
    assert build.rebuild(model("select n as base from range(2) as r(n)")) == 2
    assert build.con.execute("select base from metrics.share order by all").fetchall() == [(0,), (1,)]


def rows_of(table: pa.Table) -> pa.Table:
    row = {
        "unit_level": "organisation",
        "unit": "all",
        "period": "week",
        "period_start": date(2026, 7, 6),
        "period_end": date(2026, 7, 12),
    }
    return pa.Table.from_pylist([{**row, "value": float(n), "base": 10} for n in table.column("n").to_pylist()])


def test_a_python_model_makes_its_table_from_its_query(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    share = model("select n from range(2) as r(n)", figures=rows_of)
    assert (share.select, build.rebuild(share)) == (None, 2)
    lacking = model("select n from range(2) as r(n)", figures=lambda rows: rows_of(rows).drop_columns(["base"]))
    with pytest.raises(ModelError, match=r"metrics/share.sql: figures\(\) gives no column 'base'"):
        build.rebuild(lacking)
    strange = model("select n from range(2) as r(n)", figures=lambda rows: rows_of(rows).append_column("zzz", [[1, 2]]))
    with pytest.raises(ModelError, match=r"column 'zzz' is not in columns\.yml"):
        build.rebuild(strange)


FLOATS = [
    "select sum(tone) as value from t",
    "select avg(tone) as value from t",
    "select sum(tone * 2) over () as value from t",
    "select sum(x) as value from (select tone as x from t) as s",
    "with s as (select tone as x from t) select avg(x) as value from s",
    "select stddev(tone) as value from t",
    "select avg(n / 2) as value from t",
    "select sum(distinct tone) as value from t",
    "select mean(a.tone) filter (where a.n > 1) as value from t as a join t as b on a.n = b.n",
    "select 1.5 as value union all select sum(tone) from t",
]


@pytest.mark.parametrize("select", FLOATS)
def test_sums_of_floating_point_are_refused(build: Build, select: str) -> None:
    build.con.execute("create table t as select n, n / 3 as tone from range(9) as r(n)")
    with pytest.raises(ModelError, match="adds floating point"):
        build.rebuild(model(select))


@pytest.mark.parametrize(
    "select",
    [
        "select sum(cast(tone as decimal(9, 6))) as value from t",
        "select avg(n) as value from t",
        "select max(tone) as value from t",
        "select sum(n) / count(*) as value from t",
        "select median(tone) as value from t",
    ],
)
def test_sums_of_decimals_and_whole_numbers_are_not(build: Build, select: str) -> None:
    build.con.execute("create table t as select n, n / 3 as tone from range(9) as r(n)")
    assert build.rebuild(model(select)) == 1


def test_offenders_are_counted_for_each_promise(build: Build) -> None:
    share = model(
        "select n as base, n % 2 as hits from range(10) as r(n)",
        promises={
            "too many": "base > 7",
            "two rows for one hits": "count(*) over (partition by hits) > 1",
            "none": "base is null",
            "after the run's day": "date '2026-07-05' + cast(base as integer) > (select as_of from staging.run)",
        },
    )
    build.rebuild(share)
    assert build.offenders(share) == {"too many": 2, "two rows for one hits": 10, "none": 0, "after the run's day": 2}
    assert build.offenders(model("select 1 as base")) == {}


def test_an_error_names_the_model_and_shows_no_value(build: Build) -> None:
    with pytest.raises(ModelError, match=r"metrics/share.sql: Catalog Error"):
        build.rebuild(model("select base from staging.nothing"))
    build.con.execute("create table t as select 'ann.quayle@coast.example' as x")
    with pytest.raises(ModelError) as caught:
        build.rebuild(model("select cast(x as integer) as base from t"))
    assert str(caught.value) == "metrics/share.sql: ConversionException while it was built"
    assert caught.value.__suppress_context__


def test_a_build_that_keeps_its_promises_is_verified_and_one_that_does_not_is_not(tmp_path: Path) -> None:
    share = model("select n as base from range(3) as r(n)", promises={"too many": "base > 2"})
    path = tmp_path / "w.duckdb"
    with Build(path) as build:
        build.prepare(as_of=date(2026, 7, 12), zone="Europe/London", k=10, organisation="Department")
        build.rebuild(share)
    verify(path, [share])
    with Build(path) as build:
        build.con.execute("insert into metrics.share values (3)")
    with pytest.raises(BrokenPromise, match=r"metrics\.share: 1 rows, too many"):
        verify(path, [share])
    with Build(path) as build:
        build.con.execute("drop table metrics.share")
    with pytest.raises(BrokenPromise, match=r"metrics\.share cannot be read back"):
        verify(path, [share])


def test_the_swap_puts_one_file_in_the_place_of_another_under_an_open_reader(tmp_path: Path) -> None:
    aside, final = tmp_path / "aside", tmp_path / "final"
    final.write_bytes(b"old")
    aside.write_bytes(b"new")
    aside.chmod(0o644)
    with final.open("rb") as reader:
        swap(aside, final)
        assert reader.read() == b"old"
    assert (final.read_bytes(), stat.S_IMODE(final.stat().st_mode)) == (b"new", 0o600)
    assert os.listdir(tmp_path) == ["final"]  # noqa: PTH208


def test_a_build_can_go_on_from_a_file_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    for n in (1, 2):
        with Build(path) as build:
            build.prepare(as_of=date(2026, 7, n), zone="Europe/London", k=10, organisation="Department")
            build.shapes([])
            build.rebuild(model("select 1 as base"))
            assert run_of(build.con).as_of == date(2026, 7, n)
    with pytest.raises(RuntimeError, match="inside `with` only"):
        _ = build.con
