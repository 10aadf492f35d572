"""What a first champion does to a team, as the metric tells it: with its months, its refusals and its two caveats."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from tests.metrics.test_champions_facts import ALWAYS, REGISTER
from tests.story import AS_OF, World

LAST = date(2026, 6, 15)  # the newest block
SIZE = 8


def block(number: int) -> str:
    """The first day of a block, 0 for the newest, -1 for the one before."""
    return str(LAST + timedelta(days=28 * number))


def story(
    world: World, *, treated: int = 15, compared: int = 35, effect: float = 0.3, start: int = -4, rise: float = 0.0,
    register: bool = True, blocks: int = 11,
) -> None:  # fmt: skip
    """Teams of 8, of which about half are active; who gets a champion in block `start` gains `effect` from then on."""
    world.seen("wall", since=block(1 - blocks))
    teams, rng, people, acts = treated + compared, np.random.default_rng(3), [], []
    for team in range(teams):
        base = rng.uniform(0.35, 0.45)
        for member in range(SIZE):
            people.append((f"t{team:02}m{member}", f"Team {team:02}"))
        for n in range(1 - blocks, 1):
            chance = base + (team < treated) * (rise * (n - start) + effect * (n >= start))
            active = rng.permutation(SIZE)[: rng.binomial(SIZE, min(max(chance, 0), 1))]
            acts += [
                (f"t{team:02}m{member}", f"{date.fromisoformat(block(n)) + timedelta(days=9)} 12:00:00+00") for member in active
            ]
    world.con.execute(
        """insert into each.people (person, team, directorate, valid_from, valid_to)
           select encode(p), t, 'Coast', date '2025-01-06', date '9999-12-31' from (select unnest(?) as p, unnest(?) as t)""",
        [[p for p, _ in people], [t for _, t in people]],
    )
    world.con.execute(
        """insert into each.acts (source, channel, person, happened_at, verb)
           select 'wall', 'network', encode(p), cast(d as timestamptz), 'post' from (select unnest(?) as p, unnest(?) as d)""",
        [[p for p, _ in acts], [d for _, d in acts]],
    )
    if register:
        rows = [["register", "roster", f"t{team:02}m0", block(start), ALWAYS] for team in range(treated)]
        world.given("each.champions", REGISTER, *rows)


def told(world: World) -> dict[str, dict]:
    return {f["part"]: f for f in world.figures("champion_effect_points")}


def test_the_effect_is_told_with_its_months(world: World) -> None:
    story(world)
    found = told(world)
    whole = found[""]
    assert (whole["unit_level"], str(whole["period_start"]), whole["status"]) == ("organisation", block(0), "provisional")
    assert "ties between teams are not seen" in whole["reason"]
    assert whole["low"] < 30 < whole["high"]
    assert whole["value"] == pytest.approx(30, abs=8)
    assert (whole["n_eff"], whole["base"]) == (15, 50 * SIZE)
    assert list(found) == sorted(["", "month 0", *(f"month {n:+d}" for n in (-3, -2, -1, 1, 2, 3, 4))])
    assert found["month +1"]["high"] - found["month +1"]["low"] > whole["high"] - whole["low"]
    reference = found["month -1"]
    assert (reference["value"], reference["low"]) == (0.0, None)
    assert "the month that all others are compared with" in reference["reason"]


def test_no_effect_is_not_made_up(world: World) -> None:
    story(world, effect=0.0)
    whole = told(world)[""]
    assert whole["low"] < 0 < whole["high"]
    assert "chance alone could explain that" in whole["reason"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"treated": 10}, None),
        ({"treated": 9}, "fewer than 10 teams started in any one quarter"),
        ({"compared": 30}, None),
        ({"compared": 29}, "fewer than 30 teams can be compared with"),
        ({"start": -7}, None),
        ({"start": -8}, "fewer than 3 months are known from before teams started"),
        ({"register": False}, "no team has had its first champion yet"),
    ],
    ids=["ten teams", "nine", "thirty to compare", "twenty-nine", "three before", "two before", "no champion"],
)
def test_what_it_needs(world: World, more: dict, reason: str | None) -> None:
    story(world, **more)
    whole = told(world)[""]
    if reason is None:
        assert whole["status"] == "provisional"
    else:
        assert (whole["status"], whole["value"], whole["reason"]) == ("not_identifiable", None, reason)
        assert whole["base"] >= 8 * 24
        assert list(told(world)) == [""]


def test_without_a_register_it_says_so(world: World) -> None:
    story(world, register=False)
    day = f"{block(-4)} 12:00:00+00"
    rows = [["school", "learning", f"t{team:02}m0", day, "teach", f"t{team:02}m1"] for team in range(15)]
    world.given("each.acts", "source channel person happened_at verb toward", *rows)
    whole = told(world)[""]
    assert (whole["status"], whole["n_eff"]) == ("provisional", 15)
    assert "there is no register of champions: whoever teaches is taken for one" in whole["reason"]


def contacts(world: World, reached: int, day: int = 5) -> None:
    """Everybody writes within the team; so many compared teams also with a champion's, after the start."""
    at = f"{date.fromisoformat(block(-2)) + timedelta(days=day)} 12:00:00+00"
    rows = [["wall", "network", f"t{team:02}m1", at, "reply", f"t{team:02}m2"] for team in range(50)]
    rows += [["wall", "network", f"t{15 + n:02}m1", at, "reply", f"t{n % 15:02}m1"] for n in range(reached)]
    world.given("each.acts", "source channel person happened_at verb toward", *rows)


@pytest.mark.parametrize(("reached", "fires"), [(3, False), (4, True)])
def test_spillover_is_flagged_where_one_in_ten_is_reached(world: World, reached: int, fires: bool) -> None:
    story(world)
    contacts(world, reached)
    whole = told(world)[""]
    assert whole["status"] == ("provisional" if fires else "ok")
    assert (f"spillover: champions reached {reached} of 35 teams compared with" in whole["reason"]) is fires
    assert ("spillover: few ties lead" in whole["reason"]) is not fires


def test_teaching_across_teams_is_spillover(world: World) -> None:
    story(world)
    contacts(world, 0)
    rows = [
        ["wall", "network", f"t{n:02}m0", f"{AS_OF - timedelta(days=20)} 12:00:00+00", "teach", f"t{15 + n:02}m3"] for n in range(4)
    ]
    world.given("each.acts", "source channel person happened_at verb toward", *rows)
    assert "spillover: champions reached 4 of 35" in told(world)[""]["reason"]


def test_rising_volunteers_are_flagged(world: World) -> None:
    story(world, rise=0.04, effect=0.1)
    contacts(world, 0)
    whole = told(world)[""]
    assert whole["status"] == "provisional"
    assert "volunteers: these teams were rising before their champion came" in whole["reason"]


def test_the_first_champion_counts_and_not_the_second(world: World) -> None:
    """A second champion two blocks later changes nothing; a team with one since before the first block is set aside."""
    story(world)
    contacts(world, 0)
    before = told(world)[""]["value"]
    world.given("each.champions", REGISTER, *(["register", "roster", f"t{n:02}m4", block(-2), ALWAYS] for n in range(15)))
    world.built.clear()
    assert told(world)[""]["value"] == before
    world.given("each.champions", REGISTER, ["register", "roster", "t40m0", "2024-01-01", ALWAYS])
    world.built.clear()
    found = told(world)[""]
    assert found["value"] != before
    assert found["n_eff"] == 15


def test_both_caveats_are_on_the_card(world: World) -> None:
    story(world, treated=1, compared=2, blocks=3, start=-1)
    world.figures("champion_effect_points")
    [card] = world.rows("select limits from report.metrics where name = 'champion_effect_points'")
    assert "Spillover" in card["limits"]
    assert "Volunteers" in card["limits"]
    assert "tidemark rollout" in card["limits"]
