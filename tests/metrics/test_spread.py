"""How many: reach, active, participation, interactive, completion, counted over the roster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.story import ACTS, BLOCK, STAFF, World, crew, many

Given, Result = Callable[..., None], Callable[[str], list[dict[str, Any]]]
MEMBERS = "person unit_level unit period period_start period_end"
DAYS = "day period period_start period_end block_start frozen_on"


def week_of(monday: str, sunday: str, **teams: list[str]) -> list[list[str]]:
    """Rows of staging.membership for one week."""
    return [[person, "team", team, "week", monday, sunday] for team, people in teams.items() for person in people]


def calendar(monday: str, sunday: str, *days: str) -> list[list[str]]:
    """Rows of staging.calendar for some days of one week."""
    return [[day, "week", monday, sunday, "2025-12-29", "2025-12-29"] for day in days]


def test_active_share_counts_people_not_posts(given: Given, result: Result) -> None:
    given("staging.membership", MEMBERS, *week_of("2026-01-05", "2026-01-11", ops=["ann", "bob", "cy", "di"]))
    given("staging.calendar", DAYS, *calendar("2026-01-05", "2026-01-11", "2026-01-05", "2026-01-06"))
    given(
        "staging.acts",
        "source channel person happened_on verb mandatory",
        ["wall", "network", "ann", "2026-01-05", "post", False],
        ["wall", "network", "ann", "2026-01-06", "post", False],
    )
    [ops] = result("metrics.active_share")
    assert (ops["hits"], ops["base"]) == (1, 4)


def test_silent_teams_stay_in_with_nobody_and_others_have_no_say(given: Given, result: Result) -> None:
    given("staging.membership", MEMBERS, *week_of("2026-01-05", "2026-01-11", ops=["ann", "bob"], web=["cy"]))
    given("staging.calendar", DAYS, *calendar("2026-01-05", "2026-01-11", "2026-01-05"))
    given(
        "staging.acts",
        "source channel person happened_on verb mandatory",
        ["wall", "network", "ann", "2026-01-05", "post", False],
        ["wall", "network", "stranger", "2026-01-05", "post", False],
    )
    assert {r["unit"]: (r["hits"], r["base"]) for r in result("metrics.active_share")} == {"ops": (1, 2), "web": (0, 1)}


@pytest.fixture
def five(world: World) -> World:
    """Ann posts, Bob replies by mention, Cy reads, Di does what she must and reacts, Ed learns by choice."""
    world.seen("wall", "talk", "pages", "school")
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    world.does("wall", "post", "ann 2026-06-16", "ann 2026-06-17", "ann 2026-06-18")
    world.does("wall", "mention", "bob 2026-06-16")
    world.does("pages", "read", "cy 2026-06-16")
    world.does("school", "learn", "di 2026-06-16", mandatory=True)
    world.does("school", "learn", "ed 2026-06-16", mandatory=False)
    world.does("wall", "react", "di 2026-07-01")
    return world


@pytest.mark.parametrize(
    ("metric", "week", "block"),
    [
        ("active_share", 5, 5),  # anything counts
        ("reach_share", 4, 5),  # what she must do does not count for Di, her reaction in July does
        ("participation_share", 2, 2),  # Ann and Bob wrote
        ("interactive_share", None, 3),  # a reaction counts too
        ("completion_share", None, 1),  # Ed's course was not mandatory
    ],
)
def test_each_share_counts_its_own_acts(five: World, metric: str, week: int | None, block: int) -> None:
    hits = {
        (r["period"], str(r["period_start"])): (r["hits"], r["base"])
        for r in five.result(f"metrics.{metric}")
        if r["unit_level"] == "organisation"
    }
    assert hits["28 days", BLOCK[0]] == (block, 5)
    assert hits.get(("week", "2026-06-15")) == (None if week is None else (week, 5))


def test_an_act_in_school_is_not_contribution_on_a_voluntary_channel(world: World) -> None:
    world.seen("wall", "school")
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    world.does("school", "ask", "ann 2026-06-16")
    world.does("wall", "ask", "bob 2026-06-16")
    [figure] = world.figures("participation_share", unit_level="organisation", period="28 days", period_start=BLOCK[0])
    assert (figure["value"], figure["base"]) == (0.2, 5)


def test_a_late_evening_in_summer_belongs_to_the_local_day(world: World) -> None:
    """23:30 UTC on Sunday is half past midnight on Monday in London: another week."""
    world.seen("wall")
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    world.does("wall", "post", "ann 2026-06-21 23:30", "bob 2026-06-21 22:30")
    weeks = {
        str(r["period_start"]): r["hits"]
        for r in world.result("metrics.active_share")
        if r["unit_level"] == "team" and r["period"] == "week"
    }
    assert (weeks["2026-06-15"], weeks["2026-06-22"]) == (1, 1)


def test_what_happened_after_the_run_s_day_waits_for_its_own_night(world: World) -> None:
    world.given(
        "each.acts",
        ACTS,
        ["wall", "network", "ann", "2026-07-12 22:59:59+00", "post"],
        ["wall", "network", "ann", "2026-07-12 23:00:00+00", "post"],
    )
    assert len(world.result("staging.acts")) == 1
    assert world.build.offenders(_model("staging.acts")) == {"act without a person": 0, "act after the run's day": 0}


def test_its_promises_count_their_offenders(world: World) -> None:
    world.given(
        "staging.acts",
        "source channel person happened_on",
        ["wall", "network", None, "2026-07-12"],
        ["wall", "network", "ann", "2026-07-13"],
        ["wall", "network", "ann", "2026-07-12"],
    )
    assert world.build.offenders(_model("staging.acts")) == {"act without a person": 1, "act after the run's day": 1}


def _model(table: str):
    from tests.story import MODELS

    return MODELS[table]


def test_the_share_has_a_wilson_interval_and_a_card(five: World) -> None:
    [figure] = five.figures("participation_share", unit_level="team", period="28 days", period_start=BLOCK[0])
    assert (figure["value"], figure["status"], figure["reason"], figure["version"]) == (0.4, "ok", "", 1)
    assert (round(figure["low"], 4), round(figure["high"], 4)) == (0.1176, 0.7693)  # 2 of 5, worked by hand
    assert (figure["n_eff"], str(figure["data_as_of"])) == (5, "2026-07-12")
    [card] = five.rows("select name, question, interval from report.metrics")
    assert card == {"name": "participation_share", "question": "Who takes part?", "interval": "wilson"}


def test_a_small_team_is_drawn_to_the_others_and_keeps_its_interval(world: World) -> None:
    """Twelve teams of 20 and one of 10: all of the ten are active, which chance alone does now and then."""
    world.seen("wall")
    for team in range(12):
        world.given("each.people", STAFF, *crew(many(f"t{team:02}x", 20), f"Team {team:02}"))
        world.does("wall", "post", *(f"{name} 2026-06-16" for name in many(f"t{team:02}x", 20).split()[: 2 + team * 7 % 17]))
    world.given("each.people", STAFF, *crew(many("s", 10), "Small"))
    world.does("wall", "post", *(f"{name} 2026-06-16" for name in many("s", 10).split()))
    figures = {f["unit"]: f for f in world.figures("pooled_active_share", part="", period_start=BLOCK[0])}
    assert 0.5 < figures["Small"]["value"] < 0.95
    assert figures["Small"]["low"] < figures["Small"]["value"] < figures["Small"]["high"]
    assert figures["Team 00"]["value"] > 2 / 20
    assert {f["unit_level"] for f in figures.values()} == {"team"}


@pytest.mark.parametrize("steady", [True, False])
def test_a_team_whose_people_stay_as_they_are_is_drawn_less_to_the_others(world: World, steady: bool) -> None:
    """2 of 20 in Team 00, in the block before the same two or two others: only what changes is chance."""
    world.seen("wall")
    for team in range(12):
        people = many(f"t{team:02}x", 20).split()
        some = 2 + team * 7 % 17
        world.given("each.people", STAFF, *crew(" ".join(people), f"Team {team:02}"))
        world.does("wall", "post", *(f"{name} 2026-05-19" for name in (people[:some] if steady else people[-some:])))
        world.does("wall", "post", *(f"{name} 2026-06-16" for name in people[:some]))
    figures = {f["unit"]: f["value"] for f in world.figures("pooled_active_share", part="", period_start=BLOCK[0])}
    assert figures["Team 00"] > 2 / 20
    assert (figures["Team 00"] < 0.11) == steady


@pytest.mark.parametrize(("teams", "size", "status"), [(10, 10, "ok"), (9, 10, "not_identifiable"), (10, 9, "not_identifiable")])
def test_pooling_needs_ten_teams_and_ten_people(world: World, teams: int, size: int, status: str) -> None:
    world.seen("wall")
    for team in range(teams):
        world.given("each.people", STAFF, *crew(many(f"t{team:02}x", size), f"Team {team:02}"))
        world.does("wall", "post", *(f"{name} 2026-06-16" for name in many(f"t{team:02}x", size).split()[: 2 + team % 4]))
    assert {f["status"] for f in world.figures("pooled_active_share", part="", period_start=BLOCK[0])} == {status}
