"""Who counts where: people, roster, calendar, roll-up, the spine of every metric."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from tests.story import BLOCK, STAFF, World, crew, many


def numbers(world: World) -> dict[str, int]:
    return {bytes(row["pseudonym"]).decode(): row["person"] for row in world.result("staging.people")}


def test_names_that_an_alias_joins_are_one_person_also_in_a_circle(world: World) -> None:
    world.given("each.people", STAFF, *crew("s-ann s-bob"))
    world.given(
        "each.aliases",
        "source channel person same_as",
        ["hr", "roster", "mail-ann", "s-ann"],
        ["wall", "network", "y-ann", "mail-ann"],
        ["hr", "roster", "s-ann", "y-ann"],
        ["hr", "roster", "mail-bob", "s-bob"],
    )
    assert numbers(world) == {"mail-ann": 1, "s-ann": 1, "y-ann": 1, "mail-bob": 2, "s-bob": 2}


def test_an_alias_of_nothing_joins_nobody(world: World) -> None:
    world.given("each.people", STAFF, *crew("ann bob"))
    world.given(
        "each.aliases", "source channel person same_as", ["hr", "roster", "ann", None], ["hr", "roster", "bob", None]
    )
    assert numbers(world) == {"ann": 1, "bob": 2}


def test_a_long_chain_of_names_is_still_one_person(world: World) -> None:
    links = [["hr", "roster", f"n{n:02}", f"n{n + 1:02}"] for n in range(30)]
    world.given("each.aliases", "source channel person same_as", *reversed(links))
    assert set(numbers(world).values()) == {1}


def test_who_is_on_no_roster_has_a_number_but_is_no_member(world: World) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    world.does("wall", "post", "stranger 2026-06-16")
    people = numbers(world)
    assert people["stranger"] == 6
    assert {row["person"] for row in world.result("staging.membership")} == {1, 2, 3, 4, 5}


def test_periods_are_complete_or_not_there(world: World) -> None:
    world.seen("wall", since="2026-06-24")  # a Wednesday
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    spans = {(r["period"], str(r["period_start"]), str(r["period_end"])) for r in world.result("staging.calendar")}
    assert {s for s in spans if s[0] != "day"} == {
        ("week", "2026-06-29", "2026-07-05"),
        ("week", "2026-07-06", "2026-07-12"),
    }
    assert len([s for s in spans if s[0] == "day"]) == 19


def test_a_block_is_four_weeks_counted_from_monday_1_january_2024(world: World) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    blocks = sorted({str(r["period_start"]) for r in world.result("staging.calendar") if r["period"] == "28 days"})
    assert blocks[-1] == BLOCK[0]
    assert all((date.fromisoformat(b) - date(2024, 1, 1)).days % 28 == 0 for b in blocks)


def teams(world: World, block: str = BLOCK[0]) -> Counter[tuple[str | None, str | None]]:
    rows = [r for r in world.result("staging.placements") if str(r["block_start"]) == block]
    return Counter((r["directorate"], r["team"]) for r in rows)


def test_a_team_of_exactly_k_stands_alone_and_one_fewer_is_merged_with_the_next_smallest(world: World) -> None:
    world.seen("wall")
    world.given(
        "each.people", STAFF, *crew(many("a", 5), "Five"), *crew(many("b", 7), "Seven"), *crew(many("c", 4), "Four")
    )
    assert teams(world) == {("Coast", "Other teams in Coast"): 9, ("Coast", "Seven"): 7}


def test_teams_of_k_or_more_are_left_alone(world: World) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew(many("a", 5), "Five"), *crew(many("b", 7), "Seven"))
    assert teams(world) == {("Coast", "Five"): 5, ("Coast", "Seven"): 7}


def test_small_teams_that_are_k_together_take_nobody_with_them(world: World) -> None:
    world.seen("wall")
    world.given(
        "each.people", STAFF, *crew(many("a", 2), "Two"), *crew(many("b", 3), "Three"), *crew(many("c", 5), "Five")
    )
    assert teams(world) == {("Coast", "Other teams in Coast"): 5, ("Coast", "Five"): 5}


def test_a_small_directorate_hides_with_the_next_smallest(world: World) -> None:
    world.seen("wall")
    world.given(
        "each.people",
        STAFF,
        *crew(many("a", 3), "Legal", "Law"),
        *crew(many("b", 6), "Web", "Digital"),
        *crew(many("c", 9), "Ops", "Coast"),
    )
    assert teams(world) == {("Other directorates", "Other teams in Other directorates"): 9, ("Coast", "Ops"): 9}


@pytest.mark.parametrize(("staff", "levels"), [(4, {"organisation"}), (5, {"organisation", "directorate", "team"})])
def test_an_organisation_below_k_has_no_units(world: World, staff: int, levels: set[str]) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew(many("a", staff)))
    assert {r["unit_level"] for r in world.result("staging.membership")} == levels


def test_units_partition_their_parent_and_each_has_k(world: World) -> None:
    """Any sizes of teams: closed sums, nobody twice, nobody alone."""
    world.seen("wall")
    sizes = [1, 1, 2, 3, 4, 5, 6, 8, 13, 21, 2, 4, 9, 1, 30, 3]
    for n, size in enumerate(sizes):
        world.given("each.people", STAFF, *crew(many(f"t{n:02}-", size), f"Team {n}", f"Directorate {n % 5}"))
    rows = [
        r for r in world.result("staging.membership") if r["period"] == "28 days" and str(r["period_start"]) == BLOCK[0]
    ]
    people = {
        level: [r["person"] for r in rows if r["unit_level"] == level]
        for level in ("organisation", "directorate", "team")
    }
    assert sorted(people["organisation"]) == sorted(people["directorate"]) == sorted(people["team"])
    assert len(set(people["team"])) == sum(sizes)
    assert min(Counter((r["unit_level"], r["unit"]) for r in rows).values()) >= 5
    parents = {r["unit"]: r["parent"] for r in world.result("staging.units") if r["unit_level"] == "team"}
    house = {r["person"]: r["unit"] for r in rows if r["unit_level"] == "directorate"}
    assert all(house[r["person"]] == parents[r["unit"]] for r in rows if r["unit_level"] == "team")


def test_a_team_name_under_two_directorates_is_two_teams(world: World) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew(many("a", 5), "Support", "Coast"), *crew(many("b", 5), "Support", "Law"))
    assert set(teams(world)) == {("Coast", "Support (Coast)"), ("Law", "Support (Law)")}


def test_membership_is_frozen_for_a_block(world: World) -> None:
    """Ann moves, Bob leaves and Zoe joins in the second week of a block: all of it shows in the next block."""
    world.seen("wall")
    world.given(
        "each.people",
        STAFF,
        *crew(many("w", 5), "Web"),
        *crew(many("o", 5), "Ops"),
        *crew("ann bob", "Ops", until="2026-05-27"),
        *crew("ann zoe", "Web", since="2026-05-27"),
    )
    rows = world.result("staging.membership")
    sizes = Counter(
        (str(r["period_start"]), r["unit"]) for r in rows if r["unit_level"] == "team" and r["period"] == "week"
    )
    assert [sizes[week, "Ops"] for week in ("2026-05-18", "2026-05-25", "2026-06-08", "2026-06-15")] == [7, 7, 7, 5]
    assert [sizes[week, "Web"] for week in ("2026-05-18", "2026-05-25", "2026-06-08", "2026-06-15")] == [5, 5, 5, 7]


def test_only_the_organisation_is_told_by_the_day(world: World) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    assert {r["unit_level"] for r in world.result("staging.membership") if r["period"] == "day"} == {"organisation"}
