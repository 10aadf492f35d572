"""The same landing gives the same bytes: two million acts, all models, five times on two threads."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline import figures
from pipeline.disclosure.gate import keep_back
from pipeline.disclosure.groups import shipped_groups
from pipeline.models import read_models
from pipeline.places import shipped
from pipeline.publish import figures_digest, publish
from pipeline.shapes import Half
from pipeline.warehouse import Build

STAFF, ACTS, TEXTS = 2_000, 2_100_000, 60_000
AS_OF = date(2026, 7, 12)


def chance(salt: int, below: int) -> str:
    """A number below a bound that depends on the row alone."""
    return f"cast(hash(n * 1000 + {salt}) % {below} as bigint)"


MOMENT = f"timestamptz '2026-03-23 06:00:00+00' + to_seconds({chance(1, 110 * 86400)})"
WHO = f"cast('p' || {chance(2, STAFF)} as blob)"
LANDING = f"""
create schema landing;
create table landing.hr_people as
select cast('p' || n as blob) as person, 'Team ' || {chance(3, 90)} as team,
       'Directorate ' || {chance(3, 90)} % 7 as directorate, date '2026-03-23' as valid_from,
       date '9999-12-31' as valid_to
from range({STAFF}) as r(n);
create table landing.wall_acts as
select {WHO} as person, {MOMENT} as happened_at,
       case when {chance(4, 20)} > 0 then 'read' when {chance(5, 2)} = 0 then 'post' else 'reply' end as verb,
       'thread ' || {chance(6, 30_000)} as thread
from range({ACTS}) as r(n);
create table landing.wall_texts as
select {WHO} as person, {MOMENT} as happened_at, case {chance(7, 10)} when 0 then 'cy' else 'en' end as language,
       case when {chance(8, 8)} > 0 then {chance(9, 20_001)} / 10000.0 - 1 end as tone,
       {chance(10, 9)} = 0 as is_question, cast({chance(11, 60)} as integer) as words
from range({TEXTS}) as r(n);
create table landing.talk_acts as
select {WHO} as person, {MOMENT} as happened_at, case {chance(12, 2)} when 0 then 'ask' else 'answer' end as verb,
       'question ' || {chance(13, 9_000)} as thread
from range(30_000) as r(n);
create table landing.coverage as
select source, channel, cast(day as date) as day, true as expected, hash(source, day) % 60 > 0 as seen, 'seen' as state
from (values ('hr', 'roster'), ('wall', 'network'), ('talk', 'chat')) as s(source, channel),
     unnest(generate_series(date '2026-03-23', date '{AS_OF}', interval 1 day)) as d(day);
create table landing.sources as
select distinct source, channel, date '2026-03-23' as first_day, date '{AS_OF}' as fresh_to, 'fresh' as state,
       '' as reason, '' as action
from landing.coverage;
"""
HALVES = [
    Half("hr", "roster", "people", "select person, team, directorate, valid_from, valid_to from landing.hr_people"),
    Half("wall", "network", "acts", "select person, happened_at, verb, thread from landing.wall_acts"),
    Half("talk", "chat", "acts", "select person, happened_at, verb, thread from landing.talk_acts"),
    Half("wall", "network", "texts", "select * from landing.wall_texts"),
]


def built(path: Path) -> Path:
    """One whole rebuild of everything, in a file of its own."""
    with Build(path, threads=2) as build:
        build.con.execute(LANDING)
        build.prepare(as_of=AS_OF, zone="Europe/London", k=10, organisation="Department")
        assert build.shapes(HALVES) == {}
        for model in read_models(shipped("warehouse")):
            build.rebuild(model)
            if model.schema == "metrics":
                figures.finish(build.con, model)
            assert not any(build.offenders(model).values()), model.table
        keep_back(build.con, shipped_groups(), 10)
    return path


@pytest.mark.slow
def test_five_rebuilds_on_two_threads_are_equal(tmp_path: Path) -> None:
    first = built(tmp_path / "0.duckdb")
    with duckdb.connect(str(first), read_only=True) as con:
        [(acts, metrics, said)] = con.execute(
            """select (select count(*) from staging.acts), count(distinct metric), count(value) from report.figures"""
        ).fetchall()
        assert acts >= 2_000_000
        assert metrics == sum(model.schema == "metrics" for model in read_models(shipped("warehouse")))
        assert said > 2_000
    digests = {publish(first, tmp_path / "published.duckdb")}
    for n in range(1, 5):
        path = built(tmp_path / f"{n}.duckdb")
        digests.add(figures_digest(path))
        path.unlink()
    assert len(digests) == 1


def test_the_digest_sees_the_last_bit(tmp_path: Path) -> None:
    """The last bit is what a sum of floating point on two threads changes: 0.1 + 0.2 is not 0.3."""
    digests = []
    with duckdb.connect() as con:
        columns = ", ".join(map(" ".join, figures.FIGURES.items()))
        con.execute(f"create schema report; create table report.figures ({columns})")
        con.execute("insert into report.figures (metric, value) values ('tone_mean', 0.1)")
        for value in (0.1 + 0.2, 0.3, 0.2 + 0.1):
            con.execute("update report.figures set value = ?", [value])
            digests.append(figures_digest(con))
    assert digests[0] == digests[2] != digests[1]
