"""Where adopters come from, whether they stay, how far it will get, and whether people follow people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from tests.spread_story import SINCE, Adopted, department
from tests.story import AS_OF, BLOCK, STAFF, World, crew, many

DAY = date(2026, 6, 20)


def origins(world: World, **kinds: int) -> dict[str, dict[str, Any]]:
    """The parts of the newest block, where so many adopters are of each kind or way."""
    told = [Adopted(1, date(2026, 5, 1), "imported")]
    for name, count in kinds.items():
        way = None if name in ("imported", "unattributed") else name
        told += [Adopted(len(told) + 1 + n, DAY, "attributed" if way else name, way) for n in range(count)]
    department(world, 200, told)
    return {f["part"]: f for f in world.figures("attribution_share", period_start=BLOCK[0])}


def test_the_headline_leaves_the_imported_out_and_the_parts_are_of_all(world: World) -> None:
    parts = origins(world, trainer=4, invite=3, reply=8, mention=5, imported=20, unattributed=10)
    assert {name: f["value"] for name, f in parts.items()} == {
        "": pytest.approx(20 / 30), "trainer": 4 / 50, "invite": 3 / 50, "reply": 8 / 50, "mention": 5 / 50,
        "imported": 20 / 50, "unattributed": 10 / 50,
    }  # fmt: skip
    assert (parts[""]["base"], parts["trainer"]["base"]) == (30, 50)
    assert parts[""]["low"] < 20 / 30 < parts[""]["high"]
    assert {f["unit_level"] for f in parts.values()} == {"organisation"}


def test_without_a_roster_nobody_is_told_of(world: World) -> None:
    world.seen("wall", since=SINCE.isoformat())
    world.does("wall", "post", "ann 2026-06-16", "ann 2026-06-17", "ann 2026-06-18")
    for metric in ("attribution_share", "lapsed_share", "spread_verdict", "adoption_ceiling_share", "peer_influence_p"):
        assert world.figures(metric) == []


@pytest.mark.parametrize(("unknown", "status"), [(10, "provisional"), (9, "not_identifiable")])
def test_fewer_than_twenty_new_adopters_are_not_told(world: World, unknown: int, status: str) -> None:
    assert origins(world, reply=10, unattributed=unknown)[""]["status"] == status


def talkers(world: World, people: int, *days: str) -> None:
    world.seen("wall", since=SINCE.isoformat())
    world.given("each.people", STAFF, *crew(many("p", 40), since=SINCE.isoformat()))
    for name in many("p", people).split():
        world.does("wall", "post", *(f"{name} {day}" for day in days))


@pytest.mark.parametrize(("people", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_who_is_silent_for_56_days_has_lapsed_and_who_returns_has_not(world: World, people: int, status: str) -> None:
    talkers(world, people, "2026-02-02", "2026-02-03", "2026-02-04")
    world.does("wall", "post", *(f"{name} 2026-06-20" for name in many("p", 5).split()))
    found = {str(f["period_start"]): f for f in world.figures("lapsed_share")}
    assert found["2026-03-23"]["status"] == status  # ends on 19 April, 74 days after the last post
    assert found["2026-03-23"]["value"] == (1.0 if status == "ok" else None)
    assert found[BLOCK[0]]["value"] == (0.75 if status == "ok" else None)
    assert found["2026-02-23"]["value"] is None  # ends on 22 March: nobody could have lapsed


@pytest.mark.parametrize(("last", "lapsed"), [("2026-05-17", 1.0), ("2026-05-18", 0.0)])
def test_the_56th_day_of_silence_is_the_day_of_lapsing(world: World, last: str, lapsed: float) -> None:
    """The block ends on 12 July, 56 days after 17 May."""
    talkers(world, 20, "2026-02-02", "2026-02-03", "2026-02-04", last)
    [figure] = world.figures("lapsed_share", period_start=BLOCK[0])
    assert figure["value"] == lapsed


@pytest.mark.parametrize(("days", "refused"), [(8, False), (9, True)])
def test_the_silence_of_a_source_is_nobody_s_lapse(world: World, days: int, refused: bool) -> None:
    talkers(world, 20, "2026-02-02", "2026-02-03", "2026-02-04")
    world.con.execute(
        "update landing.coverage set seen = false where day between date '2026-06-01' and date '2026-06-01' + cast(? as integer)",
        [days - 1],
    )
    [figure] = world.figures("lapsed_share", period_start=BLOCK[0])
    assert ("silence may be its own" in figure["reason"]) == refused
    assert (figure["value"] is None) == refused


def bent(world: World, *, weeks: int) -> dict[str, Any]:
    """250 people along a logistic curve with its middle in week 9, of which so many weeks have passed by the newest."""
    last = 250 / (1 + np.exp(-0.5 * (np.arange(weeks + 1) - 9.0)))
    counts = np.diff(np.round(last)).astype(int)
    first = AS_OF - timedelta(days=7 * weeks - 1)
    days = [first + timedelta(days=7 * week + n % 5) for week, count in enumerate(counts.tolist()) for n in range(count)]
    department(world, 500, [Adopted(n + 1, day) for n, day in enumerate(days)])
    [figure] = world.figures("adoption_ceiling_share")
    return figure


def test_once_growth_has_bent_its_end_is_told(world: World) -> None:
    figure = bent(world, weeks=20)
    assert figure["low"] <= 0.5 <= figure["high"]
    assert figure["value"] == pytest.approx(0.5, abs=0.03)
    assert (figure["status"], figure["base"]) == ("provisional", 500)


def test_before_that_only_what_is_reached(world: World) -> None:
    figure = bent(world, weeks=10)
    assert (figure["status"], figure["value"], figure["low"]) == ("not_identifiable", None, None)
    assert "% of the roster have taken it up so far, which is its lower bound" in figure["reason"]
    assert "less than 4 weeks old" in figure["reason"]


def test_who_has_left_is_not_in_the_ceiling(world: World) -> None:
    world.given("each.people", STAFF, *crew(many("x", 50), "Gone", since=SINCE.isoformat(), until="2026-05-01"))
    department(world, 100, [Adopted(n + 1, date(2026, 2, 2) + timedelta(days=n % 60)) for n in range(40)])
    [figure] = world.figures("adoption_ceiling_share")
    assert figure["base"] == 100


def followers(world: World, *, pairs: int, follows: bool) -> dict[str, Any]:
    """In each of 10 teams pairs of two: an alter, and an ego who adopts 5 days later or on any day; both talk in June."""
    rng = np.random.default_rng(5)
    adopted, ties = [], []
    for n in range(pairs):
        alter, ego = 2 * n + 1, 2 * n + 2
        day = date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 60)))
        later = day + timedelta(days=5) if follows else date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 60)))
        adopted += [Adopted(alter, day), Adopted(ego, later)]
        ties.append([ego, alter, "2026-06-16", "network", "reply", 1])
    department(world, 2 * pairs + 10, adopted)
    world.given("staging.ties", "person toward happened_on channel verb acts", *ties)
    [figure] = world.figures("peer_influence_p")
    return figure


def test_following_is_noticed_and_said_in_words(world: World) -> None:
    figure = followers(world, pairs=60, follows=True)
    assert figure["value"] == 0.001
    assert figure["reason"] == "timing is consistent with peer influence beyond team-wide events"
    assert (figure["base"], figure["n_eff"], figure["low"], figure["high"]) == (120, 60, None, None)


def test_chance_cannot_be_separated(world: World) -> None:
    figure = followers(world, pairs=60, follows=False)
    assert figure["value"] > 0.05
    assert figure["reason"].startswith("cannot separate")
    assert figure["status"] == "ok"


@pytest.mark.parametrize(("pairs", "status"), [(50, "ok"), (49, "not_identifiable")])
def test_fewer_than_fifty_ties_are_not_told(world: World, pairs: int, status: str) -> None:
    assert followers(world, pairs=pairs, follows=True)["status"] == status


def test_ties_of_the_time_of_adoption_are_left_out(world: World) -> None:
    """The newest 84 days begin on 20 April: who adopted then, and what was said before, is not looked at."""
    late = [Adopted(n + 1, date(2026, 4, 20)) for n in range(100)]
    early = [Adopted(n + 101, date(2026, 4, 19)) for n in range(100)]
    department(world, 250, [*late, *early])
    world.given("staging.ties", "person toward happened_on channel verb acts",
                *([n + 1, n + 2, "2026-06-16", "network", "reply", 1] for n in range(90)),
                *([n + 101, n + 102, "2026-04-19", "network", "reply", 1] for n in range(90)),
                *([n + 101, n + 102, "2026-04-20", "network", "reply", 1] for n in range(7)))  # fmt: skip
    [figure] = world.figures("peer_influence_p")
    assert figure["status"] == "not_identifiable"
    assert figure["base"] == 8


def test_one_date_for_all_leaves_nothing_to_tell_apart(world: World) -> None:
    department(world, 120, [Adopted(n + 1, date(2026, 2, 2)) for n in range(100)])
    world.given("staging.ties", "person toward happened_on channel verb acts",
                *([n + 1, n + 2, "2026-06-16", "network", "reply", 1] for n in range(60)))  # fmt: skip
    [figure] = world.figures("peer_influence_p")
    assert (figure["value"], figure["reason"].startswith("cannot separate")) == (1.0, True)
