"""Halves become shapes: what a plug-in's SQL may be, and which of its rows are left out and counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipeline.models import ModelError
from pipeline.places import shipped
from pipeline.problems import BrokenPromise
from pipeline.shapes import Half, read_halves, read_shapes, sieve, union
from pipeline.warehouse import Build

GOOD = "/* Posts. */\nselect author as person, sent_at as happened_at, 'post' as verb\nfrom landing.wall_posts\n"


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """A warehouse with 100 posts by Ann and the tables that the engine writes."""
    with Build(tmp_path / "w.duckdb") as build:
        build.prepare(as_of=date(2026, 7, 12), zone="Europe/London", k=5, organisation="Department")
        build.con.execute("""
            create table landing.wall_posts as
            select 'ann'::blob as author, timestamptz '2026-06-15 12:00:00+00' as sent_at, 'post' as kind, n
            from range(100) as r(n);
            create table landing.coverage as select 'wall' as source, 'network' as channel, date '2026-06-15' as day,
                true as expected, true as seen, 'seen' as state;
            create table landing.sources as select 'wall' as source, 'network' as channel,
                date '2026-06-15' as first_day, date '2026-07-12' as fresh_to, 'fresh' as state, '' as reason,
                '' as action""")
        yield build


def plug_in(folder: Path, **halves: str) -> Path:
    for shape, text in halves.items():
        (folder / f"{shape}.sql").write_text(text)
    return folder


def test_a_half_is_read_for_the_source_as_it_is_configured(tmp_path: Path) -> None:
    [half] = read_halves(plug_in(tmp_path, acts=GOOD), "wall", "wall_north", "network")
    assert (half.source, half.channel, half.shape, half.tables) == (
        "wall_north",
        "network",
        "acts",
        ["wall_north_posts"],
    )
    assert "landing.wall_posts" not in half.select


BROKEN = {
    "no such shape": ({"actz": GOOD}, "there is no shape 'actz'; shapes are acts,"),
    "lacks a column": (
        {"acts": GOOD.replace("author as person, ", "")},
        "acts.sql, line 1: lacks the column person of the shape acts",
    ),
    "unknown column": (
        {"acts": GOOD.replace("'post' as verb", "'post' as verb, 1 as mood")},
        "gives the column 'mood'",
    ),
    "unknown verb": (
        {"acts": GOOD.replace("'post'", "'like'")},
        "line 2: says verb 'like'; the closed list is post, reply",
    ),
    "unknown verb in a branch": (
        {"acts": GOOD.replace("'post'", "case when kind = 'x' then 'post' else 'shout' end")},
        "says verb 'shout'",
    ),
    "another's table": (
        {"acts": GOOD.replace("wall_posts", "hr_people")},
        "line 3: reads landing.hr_people: a half reads landing.wall_... only",
    ),
    "a model's table": ({"acts": GOOD.replace("landing.wall_posts", "staging.people")}, "reads staging.people"),
    "a file": ({"acts": GOOD.replace("landing.wall_posts", "read_csv('x.csv')")}, "says read_csv('x.csv')"),
    "the clock": ({"acts": GOOD.replace("sent_at as", "now() as")}, "says now()"),
    "two selects": ({"acts": GOOD + "; select 1 as person"}, "holds 2 statements"),
    "neither day nor moment": (
        {"counts": "select 'x' as measure, 'o' as unit_level, 'o' as unit, 1 as n from landing.wall_posts"},
        "lacks the column day or happened_at",
    ),
    "both day and moment": (
        {
            "counts": "select 'x' as measure, 'o' as unit_level, 'o' as unit, 1 as n, a as day, b as happened_at "
            "from landing.wall_posts"
        },
        "gives both day and happened_at",
    ),
}


@pytest.mark.parametrize(("halves", "why"), BROKEN.values(), ids=BROKEN)
def test_a_malformed_half_is_named_with_its_plug_in(tmp_path: Path, halves: dict[str, str], why: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_halves(plug_in(tmp_path, **halves), "wall", "wall", "network")
    assert why in str(caught.value)
    assert str(caught.value).startswith("plug-in wall, ")


@pytest.mark.parametrize("folder", sorted(shipped("plugins").glob("*/")), ids=lambda p: p.name)
def test_the_shipped_halves_are_well_formed(folder: Path) -> None:
    halves = read_halves(folder, folder.name, "other", "network")
    assert all(table.startswith("other_") for half in halves for table in half.tables)


def test_words_in_conditions_are_the_source_s_own(tmp_path: Path) -> None:
    text = GOOD.replace("'post'", "case kind when 'shout' then 'post' when 'like' then 'react' end")
    assert len(read_halves(plug_in(tmp_path, acts=text), "wall", "wall", "network")) == 1


def test_a_shape_without_a_half_is_an_empty_table_of_its_types(build: Build) -> None:
    assert build.shapes([]) == {}
    for name, shape in read_shapes().items():
        types = {row[0]: row[1] for row in build.con.execute(f"describe each.{name}").fetchall()}
        assert list(types) == ["source", "channel", *shape.columns, *shape.optional]
        assert build.con.execute(f"select count(*) from each.{name}").fetchall() == [(0,)]
        assert types["source"] == "VARCHAR"
        assert all(types[c] in (t, "TIMESTAMP WITH TIME ZONE") for c, t in shape.columns.items())


def wall(
    build: Build, select: str = "select author as person, sent_at as happened_at, kind as verb from landing.wall_posts"
) -> Half:
    return Half("wall", "network", "acts", select, "wall")


def test_halves_are_united_and_what_they_do_not_give_is_null(build: Build) -> None:
    other = Half(
        "talk",
        "chat",
        "acts",
        "select author as person, sent_at as happened_at, 'ask' as verb, 'q' as thread from landing.wall_posts "
        "where n < 3",
    )
    assert build.shapes([wall(build), other]) == {}
    query = "select source, channel, verb, thread, count(*) from each.acts group by all order by all"
    assert build.con.execute(query).fetchall() == [
        ("talk", "chat", "ask", "q", 3),
        ("wall", "network", "post", None, 100),
    ]


@pytest.mark.parametrize(
    ("column", "given", "why"),
    [
        ("person", "'ann' as person, sent_at as happened_at", "column 'person' is VARCHAR, it must be BLOB"),
        (
            "moment",
            "author as person, timestamp '2026-06-15' as happened_at",
            "column 'happened_at' is TIMESTAMP, it must be TIMESTAMPTZ",
        ),
    ],
)
def test_a_name_in_clear_and_a_time_without_a_zone_are_refused(build: Build, column: str, given: str, why: str) -> None:
    left_out = build.shapes([wall(build, f"select {given}, 'post' as verb from landing.wall_posts")])
    assert left_out == {"wall": f"plug-in wall, acts.sql: {why}"}
    assert build.con.execute("select count(*) from each.acts").fetchall() == [(0,)]


def test_a_half_that_does_not_run_names_its_plug_in_and_leaves_its_source_out(build: Build) -> None:
    broken = "select nobody as person, sent_at as happened_at, 'post' as verb from landing.wall_posts"
    left_out = build.shapes([wall(build, broken)])
    assert left_out["wall"].startswith("plug-in wall, acts.sql: Binder Error")
    states = build.con.execute("select distinct seen from landing.coverage where source = 'wall'").fetchall()
    assert states == [(False,)]


def test_the_local_day_is_taken_from_the_moment(build: Build) -> None:
    half = Half(
        "wall",
        "network",
        "counts",
        """select 'views' as measure, 'organisation' as unit_level, 'all' as unit,
        timestamptz '2026-06-15 23:30:00+00' as happened_at, 5 as n from landing.wall_posts where n < 1""",
    )
    build.shapes([half])
    assert build.con.execute("select day, n from each.counts").fetchall() == [(date(2026, 6, 16), 5)]


@pytest.mark.parametrize(("bad", "left_out", "rows"), [(0, False, 100), (5, False, 95), (6, True, 0)])
@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        ("author = null", "act without a person"),
        ("sent_at = null", "act without a time"),
        ("kind = 'like'", "verb outside the closed list"),
    ],
)
def test_offending_rows_are_left_out_and_above_five_percent_the_source_is(
    build: Build, spoil: str, promise: str, bad: int, left_out: bool, rows: int
) -> None:
    build.con.execute(f"update landing.wall_posts set {spoil} where n < {bad}")
    found = build.shapes([wall(build)])
    assert build.sieved[0].offenders[promise] == bad
    assert build.sieved[0].rows == 100
    assert build.con.execute("select count(*) from each.acts").fetchall() == [(rows,)]
    assert found == ({"wall": f"acts: {bad} of 100 rows, {promise}"} if left_out else {})


def test_what_is_left_out_was_not_seen(build: Build) -> None:
    build.con.execute("update landing.wall_posts set author = null where n < 50")
    build.shapes([wall(build)])
    assert build.con.execute("select seen, state from landing.coverage").fetchall() == [(False, "left out")]
    [(state, reason)] = build.con.execute("select state, reason from landing.sources").fetchall()
    assert (state, reason) == ("behind", "left out: acts: 50 of 100 rows, act without a person")


def test_a_roster_that_would_be_left_out_stops_the_night(build: Build) -> None:
    half = Half(
        "hr",
        "roster",
        "people",
        """select case when n > 9 then author end as person, 'Ops' as team,
        'Coast' as directorate,
        date '2026-01-01' as valid_from, date '9999-12-31' as valid_to from landing.wall_posts""",
    )
    with pytest.raises(
        BrokenPromise, match="source hr holds the roster and cannot be left out: people: 10 of 100 rows"
    ):
        build.shapes([half])


def test_halves_run_where_no_file_can_be_opened(build: Build) -> None:
    """Also SQL that slipped past the reader of halves: the file is sealed before any of it runs."""
    left_out = build.shapes([wall(build, "select * from read_text('/etc/hostname')")])
    assert "Permission Error" in left_out["wall"]


def test_counting_and_uniting_agree(build: Build) -> None:
    build.con.execute("update landing.wall_posts set author = null where n < 2")
    counted = sieve(build.con, wall(build))
    [(rows,)] = build.con.execute(f"select count(*) from ({union(build.con, 'acts', [wall(build)])})").fetchall()
    assert rows == counted.rows - 2
