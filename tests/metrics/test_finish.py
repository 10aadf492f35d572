"""What every figure goes through: coverage, threshold, closure, in that order."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.figures import kept_back
from tests.story import BLOCK, STAFF, World, crew, many


def story(world: World) -> None:
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    world.does("wall", "post", "ann 2026-07-07")


def last_week(world: World, metric: str = "participation_share") -> dict:
    [figure] = world.figures(metric, unit_level="organisation", period="week", period_start="2026-07-06", part="")
    return figure


def said(figure: dict) -> tuple[str, float | None, str]:
    return figure["status"], figure["value"], figure["reason"]


def test_a_channel_without_a_source_is_no_data(world: World) -> None:
    world.seen("pages")
    story(world)
    assert said(last_week(world)) == ("no_data", None, "no network or chat source is connected")
    assert last_week(world, "active_share")["status"] == "ok"


def test_a_source_that_never_brought_anything_is_no_data_not_zero(world: World) -> None:
    world.seen("pages")
    world.con.execute(
        "insert into landing.sources values ('wall', 'network', null, null, 'never', 'not pulled yet', '')"
    )
    story(world)
    figure = last_week(world)
    assert said(figure) == ("no_data", None, "wall has not been read yet")
    assert figure["data_as_of"] is None


def test_a_source_that_names_nobody_is_no_data_not_zero(world: World) -> None:
    world.seen("wall", gives="counts")
    world.seen("pages")
    story(world)
    assert said(last_week(world)) == ("no_data", None, "wall tells of nobody in what it has brought")
    assert last_week(world, "active_share")["status"] == "ok"


def test_a_week_that_was_not_seen_at_all_is_no_data_with_its_dates(world: World) -> None:
    world.seen("wall", missing=[f"2026-07-{day:02}" for day in range(6, 13)])
    story(world)
    figure = last_week(world)
    assert said(figure) == ("no_data", None, "wall has no data from 6 July 2026 to 12 July 2026")
    assert (figure["base"], figure["data_as_of"]) == (5, date(2026, 7, 5))


def test_a_week_that_was_seen_in_part_is_provisional_with_its_dates(world: World) -> None:
    world.seen("wall", missing=["2026-07-09", "2026-07-11"])
    story(world)
    assert said(last_week(world)) == (
        "provisional",
        0.2,
        "wall has no data from 9 July 2026 to 11 July 2026 (2 of 7 days)",
    )


def test_one_day_that_is_missing_is_named(world: World) -> None:
    world.seen("wall", missing=["2026-07-12"])
    story(world)
    figure = last_week(world)
    assert said(figure) == ("provisional", 0.2, "wall has no data on 12 July 2026")
    assert figure["data_as_of"] == date(2026, 7, 11)


def test_a_gap_in_another_week_is_no_matter(world: World) -> None:
    world.seen("wall", missing=["2026-07-05"])
    story(world)
    assert said(last_week(world)) == ("ok", 0.2, "")


def test_one_of_two_sources_down_is_provisional_both_down_is_no_data(world: World) -> None:
    week = [f"2026-07-{day:02}" for day in range(6, 13)]
    world.seen("wall")
    world.seen("talk", missing=week)
    story(world)
    assert said(last_week(world)) == ("provisional", 0.2, "talk has no data from 6 July 2026 to 12 July 2026")
    world.con.execute("delete from staging.coverage")
    world.con.execute(
        """insert into staging.coverage
           select source, channel, day, true, day < '2026-07-06', 'gap' from landing.coverage"""
    )
    assert last_week(world)["reason"] == (
        "talk has no data from 6 July 2026 to 12 July 2026; wall has no data from 6 July 2026 to 12 July 2026"
    )


def test_before_a_source_begins_it_is_not_missing_but_alone_it_is_no_data(world: World) -> None:
    world.seen("wall", since="2026-06-29")
    world.seen("talk", since="2026-07-06")
    story(world)
    weeks = {
        str(f["period_start"]): f
        for f in world.figures("participation_share", unit_level="organisation", period="week")
    }
    assert said(weeks["2026-07-06"])[0] == said(weeks["2026-06-29"])[0] == "ok"
    reply = {str(f["period_start"]): f for f in world.figures("answered_share")}
    assert reply == {}  # the block is older than any source: there is no period to tell of


def test_a_metric_of_a_channel_that_begins_later_says_when(world: World) -> None:
    world.seen("wall")
    world.seen("school", since="2026-06-15")
    story(world)
    blocks = {str(f["period_start"]): f for f in world.figures("completion_share", unit_level="organisation")}
    assert said(blocks["2026-05-18"]) == ("no_data", None, "school starts on 15 June 2026")
    assert said(blocks["2026-06-15"]) == ("ok", 0.0, "")


def test_a_week_in_which_a_source_begins_is_provisional(world: World) -> None:
    world.seen("wall")
    world.seen("talk", since="2026-07-08")
    story(world)
    assert said(last_week(world)) == ("provisional", 0.2, "talk starts on 8 July 2026")


def test_data_as_of_is_the_oldest_of_the_newest_days(world: World) -> None:
    world.seen("wall", missing=["2026-07-12", "2026-07-11"])
    world.seen("talk", missing=["2026-07-12"])
    story(world)
    assert last_week(world)["data_as_of"] == date(2026, 7, 10)


def test_before_its_first_day_the_roster_stands_in_and_says_so(world: World) -> None:
    world.seen("wall", since="2026-06-01")
    world.given("each.people", STAFF, *crew("ann bob cy di ed", since="2026-06-24"))
    weeks = {
        str(f["period_start"]): said(f)
        for f in world.figures("participation_share", unit_level="organisation", period="week")
    }
    stood_in = ("provisional", 0.0, "the roster of 24 June 2026 stands in for that time")
    assert weeks == {
        "2026-06-01": stood_in, "2026-06-08": stood_in, "2026-06-15": stood_in, "2026-06-22": stood_in,
        "2026-06-29": ("ok", 0.0, ""), "2026-07-06": ("ok", 0.0, ""),
    }  # fmt: skip


@pytest.mark.parametrize(("people", "status", "base"), [(5, "ok", 5), (4, "suppressed", None)])
def test_fewer_than_k_people_are_never_told(world: World, people: int, status: str, base: int | None) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew(many("p", people)))
    figure = last_week(world)
    assert (figure["status"], figure["base"], figure["n_eff"]) == (status, base, base)
    assert figure["reason"] == ("" if status == "ok" else kept_back(5))


def authors(world: World, **directorates: int) -> dict[str, tuple[str, int | None]]:
    """So many authors of four texts each, in directorates of 60."""
    world.seen("wall")
    for name, count in directorates.items():
        people = many(name, 60).split()
        world.given("each.people", STAFF, *crew(" ".join(people), f"Team {name}", name))
        world.given(
            "each.texts", "source channel person happened_at language tone is_question words",
            *(["wall", "network", p, f"2026-06-16 10:0{n}:00+00", "en", 0.1, False, 9]
              for p in people[:count] for n in range(4)),
        )  # fmt: skip
    found = world.figures("readable_share", part="", unit_level="directorate", period_start=BLOCK[0])
    return {f["unit"]: (f["status"], f["base"]) for f in found}


def test_a_hidden_directorate_takes_the_next_smallest_with_it(world: World) -> None:
    """Three authors could be worked out from the total and the other two; with nine more they cannot."""
    assert authors(world, coast=3, law=9, web=20) == {
        "coast": ("suppressed", None),
        "law": ("suppressed", None),
        "web": ("ok", 20),
    }
    withheld = world.rows("select distinct reason from report.figures where part = '' and status = 'suppressed'")
    assert withheld == [{"reason": kept_back(5)}]  # which of the two reasons it is would say whether they are five or more


def test_hidden_directorates_that_are_k_together_take_nobody_with_them(world: World) -> None:
    assert authors(world, coast=3, law=2, web=20) == {
        "coast": ("suppressed", None),
        "law": ("suppressed", None),
        "web": ("ok", 20),
    }


def test_nothing_is_kept_back_where_nobody_is_hidden(world: World) -> None:
    assert {status for status, _ in authors(world, coast=8, law=9, web=20).values()} == {"ok"}


def test_finishing_twice_leaves_one_row_each(world: World) -> None:
    world.seen("wall")
    story(world)
    assert len(world.figures("participation_share")) == len(world.figures("participation_share"))
    assert len(world.rows("select * from report.metrics")) == 1


def test_every_metric_gives_the_whole_contract(world: World) -> None:
    world.seen("wall", "talk", "pages", "school")
    story(world)
    metrics = [m for m in world.everything() if m.schema == "metrics"]
    rows = world.rows("select * from report.figures")
    assert {r["metric"] for r in rows} == {m.name for m in metrics}
    assert {r["status"] for r in rows} <= {"ok", "provisional", "not_identifiable", "suppressed", "no_data"}
    for row in rows:
        told = row["status"] in ("ok", "provisional")
        assert (row["value"] is not None) == told
        assert row["reason"] or row["status"] == "ok"  # an ok figure may say what it means
        assert told or row["low"] is row["high"] is row["n_eff"] is None
    assert all(n == 0 for m in metrics for n in world.build.offenders(m).values())


def test_without_a_roster_nothing_is_told_and_nothing_breaks(world: World) -> None:
    world.seen("wall")
    world.does("wall", "post", "ann 2026-07-07")
    for model in world.everything():
        assert not any(world.build.offenders(model).values())
    assert world.rows("select * from report.figures") == []
    assert [r["roster"] for r in world.rows("select roster from report.editions")] == [None]
