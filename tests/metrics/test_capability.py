"""What a survey says of teams: waves, pooling, quadrants, and the gap between home and work."""

from __future__ import annotations

from typing import Any

import pytest

from tests.story import BLOCK, STAFF, World, crew, many

ANSWERS = "source channel person happened_at item answer"


def asked(world: World, *told: tuple[str, str, float], day: str = "2026-06-16", **more: str) -> None:
    """(person, item, answer) on a day"""
    world.given("each.answers", " ".join([ANSWERS, *more]), *(
        ["form", "roster", person, f"{day} 10:00:00+00", item, answer, *more.values()] for person, item, answer in told
    ))  # fmt: skip


def staffed(world: World, **teams: tuple[int, str]) -> dict[str, list[str]]:
    """(how many, directorate) of each team"""
    world.seen("roster", gives="people answers")
    people = {team: many(team, size).split() for team, (size, _) in teams.items()}
    for team, (_, directorate) in teams.items():
        world.given("each.people", STAFF, *crew(" ".join(people[team]), team, directorate))
    return people


def value(world: World, metric: str, **where: Any) -> dict[str, Any]:
    [figure] = world.figures(metric, period_start=BLOCK[0], **where)
    return figure


def test_a_wave_is_told_in_the_block_of_its_last_answer_and_a_later_one_is_another(world: World) -> None:
    people = staffed(world, ops=(12, "Coast"))["ops"]
    asked(world, *((p, "capability", 20.0) for p in people), day="2026-03-02")
    asked(world, (people[0], "capability", 60.0), day="2026-05-29")
    asked(world, (people[0], "capability", 80.0), day="2026-06-20")  # 22 days on: the same wave
    rows = world.result("staging.answers")
    blocks = {str(row["block_start"]): float(row["score"]) for row in rows if row["person"] == rows[0]["person"]}
    assert blocks == {"2026-02-23": 20.0, "2026-06-15": 70.0}


def test_a_survey_is_told_of_the_blocks_in_which_a_wave_ended_and_of_no_other(world: World) -> None:
    people = staffed(world, ops=(12, "Coast"))["ops"]
    asked(world, *((p, "capability", 20.0) for p in people), day="2026-03-02")
    asked(world, *((p, "home", 20.0) for p in people), day="2026-05-29")
    assert [str(row["block_start"]) for row in world.result("staging.waves")] == ["2026-02-23", "2026-05-18"]
    for metric in SURVEYS:
        assert {str(f["period_start"]) for f in world.figures(metric)} <= {"2026-02-23", "2026-05-18"}, metric


def test_until_a_wave_has_ended_a_survey_is_told_of_the_newest_block(world: World) -> None:
    people = staffed(world, ops=(12, "Coast"))["ops"]
    assert [str(row["block_start"]) for row in world.result("staging.waves")] == [BLOCK[0]]
    asked(world, *((p, "capability", 20.0) for p in people), day="2026-07-13")  # the day after the run's
    world.built.clear()
    assert [str(row["block_start"]) for row in world.result("staging.waves")] == [BLOCK[0]]


def test_without_a_roster_there_is_no_wave(world: World) -> None:
    assert world.result("staging.waves") == []


def test_who_answers_without_a_name_counts_where_the_survey_says(world: World) -> None:
    staffed(world, ops=(12, "Coast"), ict=(3, "Coast"), law=(12, "Courts"))  # ict is too small to be told alone
    asked(world, ("r1", "capability", 50.0), directorate="Coast", team="ict")
    asked(world, ("r2", "capability", 50.0), directorate="Nowhere", team="nobody")
    placed = [(row["directorate"], row["team"]) for row in world.result("staging.answers")]
    merged = {row["team"] for row in world.result("staging.placements") if str(row["block_start"]) == BLOCK[0]}
    assert sorted(placed, key=str) == sorted([("Coast", "Other teams in Coast"), (None, None)], key=str)
    assert "Other teams in Coast" in merged


def test_a_team_is_drawn_to_its_directorate_the_more_the_fewer_answer(world: World) -> None:
    people = staffed(world, big=(40, "Coast"), far=(12, "Coast"), mid=(40, "Coast"), low=(40, "Coast"))
    spread = [-12.0, 12.0]
    for team, middle in (("big", 50.0), ("far", 80.0), ("mid", 54.0), ("low", 46.0)):
        asked(world, *((p, "capability", middle + spread[n % 2]) for n, p in enumerate(people[team][: len(people[team]) - 1])))
    figures = {f["unit"]: f for f in world.figures("capability_points", unit_level="team", part="capability")}
    raw = (6 * 68 + 5 * 92) / 11
    assert raw - 2 < figures["far"]["value"] < raw
    assert abs(figures["big"]["value"] - (20 * 38 + 19 * 62) / 39) < 0.2
    assert figures["far"]["high"] - figures["far"]["low"] > figures["big"]["high"] - figures["big"]["low"]
    assert value(world, "capability_points", unit_level="organisation")["value"] == pytest.approx(52.7, abs=0.5)


@pytest.mark.parametrize(("answered", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_a_team_of_which_fewer_than_ten_answer_is_told_with_its_directorate_only(world: World, answered: int, status: str) -> None:
    people = staffed(world, ops=(14, "Coast"), law=(20, "Coast"))
    asked(world, *((p, "capability", 40.0 + n) for n, p in enumerate(people["law"])))
    asked(world, *((p, "capability", 60.0 + n) for n, p in enumerate(people["ops"][:answered])))
    assert value(world, "capability_points", unit_level="team", unit="ops")["status"] == status


@pytest.mark.parametrize(("answered", "status"), [(10, "ok"), (9, "provisional")])
def test_below_forty_per_cent_a_survey_is_provisional(world: World, answered: int, status: str) -> None:
    people = staffed(world, ops=(answered * 5 // 2 if answered == 10 else 25, "Coast"))["ops"]
    asked(world, *((p, "capability", 40.0 + n) for n, p in enumerate(people[:answered])))
    figure = value(world, "survey_response_share", unit_level="organisation")
    assert figure["value"] == pytest.approx(answered / len(people))
    if answered == 10:
        assert value(world, "capability_points", unit_level="organisation")["status"] == status
    else:
        asked(world, (people[9], "confidence", 10.0))
        assert value(world, "capability_points", unit_level="organisation", part="capability")["status"] == "not_identifiable"


def test_a_quadrant_is_a_probability_and_uncertain_where_none_reaches_four_fifths(world: World) -> None:
    people = staffed(world, able=(20, "Coast"), torn=(20, "Coast"), none=(20, "Coast"))
    for team, (cap, conf) in {"able": (90.0, 85.0), "torn": (50.0, 50.0), "none": (10.0, 15.0)}.items():
        for axis, middle in (("capability", cap), ("confidence", conf)):
            asked(world, *((p, axis, middle + (8 if n % 2 else -8)) for n, p in enumerate(people[team][:15])))
    rows = world.figures("quadrant_share", unit_level="team")
    chance = {(row["unit"], row["part"]): row["value"] for row in rows}
    assert all(sum(chance[team, part] for part in
                   ("able and sure", "able, not sure", "sure, not able", "neither")) == pytest.approx(1) for team in people)
    assert chance["able", "able and sure"] > 0.99
    assert {row["unit"]: row["reason"] for row in rows} == {"able": "able and sure", "torn": "uncertain", "none": "neither"}
    whole = {row["part"]: row["value"] for row in world.figures("quadrant_share", unit_level="organisation")}
    assert whole == {"able and sure": pytest.approx(1 / 3), "uncertain": pytest.approx(1 / 3), "neither": pytest.approx(1 / 3),
                     "able, not sure": 0.0, "sure, not able": 0.0}


def test_the_gap_is_paired_and_says_what_holds_people_back(world: World) -> None:
    people = staffed(world, ops=(30, "Coast"))["ops"]
    for n, person in enumerate(people):
        gap = 30.0 if n < 20 else 0.0
        asked(world, (person, "home", 70.0), (person, "work", 70.0 - gap), (person, "capability", 60.0),
              (person, "confidence", 20.0 if n < 15 else 90.0), (person, "access", 20.0 if n >= 10 else 80.0))
    gap = value(world, "home_work_gap_points", unit_level="organisation")
    assert (gap["value"], gap["base"]) == (pytest.approx(20), 30)
    assert 14 < gap["low"] < 20 < gap["high"] < 26
    held = {row["part"]: row["value"] for row in world.figures("gap_limited_share", unit_level="organisation")}
    assert held == {"confidence": pytest.approx(10 / 20), "more than one": pytest.approx(5 / 20),
                    "access": pytest.approx(5 / 20), "capability": 0.0}


@pytest.mark.parametrize(("people_asked", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_a_gap_needs_ten_people_who_answered_both(world: World, people_asked: int, status: str) -> None:
    people = staffed(world, ops=(20, "Coast"))["ops"]
    for n, person in enumerate(people[:people_asked]):
        asked(world, (person, "home", 50.0 + n), (person, "work", 40.0), (person, "capability", 10.0),
              (person, "confidence", 20.0), (person, "access", 30.0))
    asked(world, (people[19], "home", 50.0))
    assert value(world, "home_work_gap_points", unit_level="organisation")["status"] == status
    assert value(world, "gap_limited_share", unit_level="organisation", part="capability")["status"] == status


SURVEYS = ("capability_points", "quadrant_share", "home_work_gap_points", "gap_limited_share", "survey_response_share")


@pytest.mark.parametrize("metric", SURVEYS)
def test_without_a_wave_the_organisation_says_that_it_cannot_tell(world: World, metric: str) -> None:
    staffed(world, ops=(12, "Coast"))
    told = [f for f in world.figures(metric) if f["unit_level"] == "organisation"]
    assert told
    assert {(f["status"], f["value"], str(f["period_start"])) for f in told} == {("not_identifiable", None, BLOCK[0])}
    assert all(f["reason"] for f in told)


@pytest.mark.parametrize("metric", SURVEYS)
def test_without_a_survey_there_is_no_data(world: World, metric: str) -> None:
    world.seen("roster", gives="people")
    world.given("each.people", STAFF, *crew(many("p", 12)))
    assert {f["status"] for f in world.figures(metric)} == {"no_data"}
