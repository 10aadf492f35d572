"""Ties between people: returned or not, within directorates or across, and how deep conversations go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.warehouse import Build
from tests.story import ACTS, BLOCK, STAFF, World, crew, many

TIE = f"{ACTS} toward"
COAST, LAW = many("c", 30).split(), many("l", 30).split()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Two directorates of thirty."""
    with Build(tmp_path / "warehouse.duckdb") as build:
        told = World(build)
        told.seen("wall")
        told.given("each.people", STAFF, *crew(" ".join(COAST)), *crew(" ".join(LAW), "Legal", "Law"))
        yield told


def ties(world: World, *pairs: tuple[str, str], verb: str = "reply", day: str = "2026-06-16") -> None:
    world.given("each.acts", TIE, *(["wall", "network", who, f"{day} 10:00:00+00", verb, whom] for who, whom in pairs))


def ring(people: list[str], step: int) -> list[tuple[str, str]]:
    """Each addresses the one so many places on."""
    return [(one, people[(n + step) % len(people)]) for n, one in enumerate(people)]


def one(world: World, metric: str, unit: str = "Department") -> dict:
    [figure] = world.figures(metric, unit=unit, period_start=BLOCK[0])
    return figure


def test_reciprocity_counts_pairs_once_and_both_ways(world: World) -> None:
    """60 pairs on the Coast of which 15 are mutual; a reaction back, and a reply of another month, return nothing."""
    pairs = ring(COAST, 1) + ring(COAST, 2)
    ties(world, *pairs, *pairs[:5])
    ties(world, *((whom, who) for who, whom in pairs[:15]), verb="mention", day="2026-07-01")
    ties(world, *((whom, who) for who, whom in pairs[15:25]), verb="react")
    ties(world, *((whom, who) for who, whom in pairs[15:25]), day="2026-05-01")
    found = one(world, "reciprocity_share")
    assert (found["value"], found["n_eff"], found["base"], found["status"]) == (0.25, 60, 30, "ok")
    assert found["low"] < 0.25 < found["high"]


def test_directorates_are_told_of_their_own_ties(world: World) -> None:
    ties(world, *ring(COAST, 1), *ring(COAST, -1), *ring(LAW, 1), *ring(LAW, 2), *zip(COAST, LAW, strict=True))
    found = {unit: one(world, "reciprocity_share", unit) for unit in ("Department", "Coast", "Law")}
    assert {unit: (f["value"], f["n_eff"], f["base"]) for unit, f in found.items()} == {
        "Department": (0.25, 120, 60), "Coast": (1.0, 30, 30), "Law": (0.0, 60, 30),
    }  # fmt: skip


@pytest.mark.parametrize(("count", "status"), [(50, "ok"), (49, "not_identifiable")])
def test_fewer_than_50_ties_say_nothing(world: World, count: int, status: str) -> None:
    pairs = (ring(COAST, 1)[:20] + list(zip(COAST, LAW, strict=True)))[:count]
    ties(world, *pairs)
    for metric in ("reciprocity_share", "ei_index"):
        found = one(world, metric)
        assert found["status"] == status
        assert status == "ok" or found["reason"] == "fewer than 50 ties between people were seen"


def test_a_tie_to_another_directorate_is_of_the_organisation_only(world: World) -> None:
    ties(world, *ring(COAST, 1), *ring(LAW, 1)[:9], *zip(COAST, LAW, strict=True), *zip(LAW, COAST, strict=True))
    whole, coast = one(world, "reciprocity_share"), one(world, "reciprocity_share", "Coast")
    assert (whole["value"], whole["n_eff"], whole["base"]) == (pytest.approx(30 / 69), 69, 60)
    assert (coast["status"], coast["base"]) == ("not_identifiable", 30)


def test_who_keeps_to_the_own_directorate_is_told_in_words(world: World) -> None:
    """120 ties within and 24 across: (24 - 120) / 144."""
    ties(world, *ring(COAST, 1), *ring(COAST, 2), *ring(LAW, 1), *ring(LAW, 2), *zip(COAST[:24], LAW[:24], strict=True))
    found = one(world, "ei_index")
    assert (found["value"], found["n_eff"], found["base"]) == (pytest.approx(-96 / 144), 144, 60)
    assert found["status"] == "ok"
    assert found["reason"].startswith("ties keep within directorates more than chance has it (chance alone gives 0.02, z = -")
    assert found["low"] < found["value"] < found["high"]


def test_who_mostly_talks_across_is_told_too(world: World) -> None:
    ties(world, *zip(COAST, LAW, strict=True), *zip(LAW, COAST[1:] + COAST[:1], strict=True), *ring(COAST, 5)[:6])
    found = one(world, "ei_index")
    assert found["value"] == pytest.approx((60 - 6) / 66)
    assert found["reason"].startswith("ties keep across directorates more than chance has it")


def test_ties_by_the_toss_of_a_coin_are_no_finding(world: World) -> None:
    mixed = [p for pair in zip(COAST, LAW, strict=True) for p in pair]
    ties(world, *ring(mixed, 1)[:32], *ring(mixed, 2)[:30])
    assert one(world, "ei_index")["reason"].startswith("ties cross directorates as often as chance has it")


def test_ties_of_one_directorate_alone_say_nothing_of_crossing(world: World) -> None:
    ties(world, *ring(COAST, 1), *ring(COAST, 2))
    found = one(world, "ei_index")
    assert (found["status"], found["reason"], found["base"]) == ("not_identifiable", "all ties are of one directorate", 30)


def threads(world: World, *depths: int, day: str = "2026-06-16") -> None:
    """One post for each number, by ten people in turn, with so many replies."""
    rows = []
    for n, depth in enumerate(depths):
        rows.append(["wall", "network", COAST[n % 10], f"{day} 09:00:00+00", "post", f"t{n}"])
        rows += [["wall", "network", LAW[r], f"{day} 10:{r:02}:00+00", "reply", f"t{n}"] for r in range(depth)]
    world.given("each.acts", f"{ACTS} thread", *rows)


def test_depth_is_the_median_of_replies(world: World) -> None:
    threads(world, *[0] * 8, *[1] * 4, *[3] * 9)
    found = one(world, "dialogue_depth_median")
    assert (found["value"], found["low"], found["high"]) == (1, 0, 3)
    assert (found["n_eff"], found["base"], found["status"]) == (21, 10, "ok")


@pytest.mark.parametrize(("count", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_depth_refuses_below_20_posts(world: World, count: int, status: str) -> None:
    threads(world, *[2] * count)
    assert one(world, "dialogue_depth_median")["status"] == status


@pytest.mark.parametrize(("day", "status"), [("2026-07-05", "ok"), ("2026-07-06", "provisional")])
def test_depth_of_the_last_week_may_still_grow(world: World, day: str, status: str) -> None:
    threads(world, *[2] * 20, day=day)
    assert one(world, "dialogue_depth_median")["status"] == status
