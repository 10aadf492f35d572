"""The intranet and learning: who is reached, what is found and useful, and what follows a course."""

from __future__ import annotations

import pytest

from tests.story import BLOCK, STAFF, World, crew, many

COUNTS = "source channel measure unit_level unit day n"
MARCH, APRIL = "2026-03-23", "2026-04-20"  # blocks whose 28 days after are over


def staffed(world: World, people: int, *sources: str, team: str = "Ops", directorate: str = "Coast") -> list[str]:
    names = many(team[0].lower(), people).split()
    world.seen(*sources, gives="acts texts people counts")
    world.given("each.people", STAFF, *crew(" ".join(names), team, directorate))
    return names


def one(world: World, metric: str, *, unit: str = "Department", period: str = "28 days", start: str = BLOCK[0]) -> dict:
    [figure] = world.figures(metric, unit=unit, period=period, period_start=start)
    return figure


# ----------------------------------------------------------------------------------------------------------- intranet
def test_segmented_reach_is_readers_in_the_unit_over_its_people(world: World) -> None:
    names = staffed(world, 12, "pages", "wall")
    others = staffed(world, 20, team="Web", directorate="Digital")
    world.does("pages", "read", *(f"{p} 2026-06-16" for p in names[:3] + others[:10]), f"{names[0]} 2026-06-17", "x 2026-06-16")
    world.does("wall", "post", *(f"{p} 2026-06-16" for p in names))
    assert {unit: (f["value"], f["base"]) for unit in ("Department", "Coast", "Digital", "Ops", "Web")
            for f in [one(world, "intranet_reach_share", unit=unit)]} == {
        "Department": (13 / 32, 32), "Coast": (0.25, 12), "Digital": (0.5, 20), "Ops": (0.25, 12), "Web": (0.5, 20)}  # fmt: skip
    assert one(world, "intranet_reach_share", unit="Ops", period="week", start="2026-06-22")["value"] == 0


@pytest.mark.parametrize(("people", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_reach_of_a_team_needs_ten_people(world: World, people: int, status: str) -> None:
    staffed(world, people, "pages")
    staffed(world, 20, team="Web")
    assert one(world, "intranet_reach_share", unit="Ops")["status"] == status
    assert one(world, "intranet_reach_share", unit="Coast")["status"] == "ok"


def counted(world: World, *rows: tuple[str, str, int], level: str = "organisation") -> None:
    """(day, measure, how many)"""
    world.given("each.counts", COUNTS, *(["pages", "intranet", measure, level, None, day, n] for day, measure, n in rows))


@pytest.mark.parametrize(("searched", "status"), [(30, "ok"), (29, "not_identifiable")])
def test_failed_searches_are_of_those_by_people_and_rest_on_the_roster(world: World, searched: int, status: str) -> None:
    staffed(world, 40, "pages")
    counted(world, ("2026-06-16", "searches_without_a_click", 5), ("2026-06-16", "searches_by_people", 9),
            ("2026-07-12", "searches_without_a_click", 7), ("2026-07-12", "searches_by_people", searched - 9),
            ("2026-06-17", "searches_without_a_click", 99), ("2026-06-18", "searches_by_people", 99),
            ("2026-06-16", "searches", 99), ("2026-06-14", "searches_without_a_click", 99))  # fmt: skip
    counted(world, ("2026-06-16", "searches_without_a_click", 99), level="directorate")
    found = one(world, "failed_search_share")
    assert (found["status"], found["base"]) == (status, 40)
    assert found["value"] == (12 / 30 if status == "ok" else None)
    assert status != "ok" or found["low"] < 12 / 30 < found["high"]


@pytest.mark.parametrize(("votes", "status"), [(30, "ok"), (29, "not_identifiable")])
def test_useful_pages_are_told_from_thirty_votes(world: World, votes: int, status: str) -> None:
    staffed(world, 40, "pages")
    counted(world, ("2026-06-16", "votes_useful", 12), ("2026-06-17", "votes_not_useful", votes - 12),
            ("2026-06-14", "votes_useful", 99), ("2026-06-17", "page_views", 99))  # fmt: skip
    found = one(world, "page_useful_share")
    assert (found["status"], found["base"]) == (status, 40)
    assert found["value"] == (0.4 if status == "ok" else None)


def test_a_source_that_counts_nothing_is_no_data(world: World) -> None:
    world.seen("pages")
    world.given("each.people", STAFF, *crew(many("p", 20)))
    assert one(world, "failed_search_share")["status"] == "no_data"


# ------------------------------------------------------------------------------------------------------------ learning
def test_first_use_counts_from_the_first_course_by_choice_to_the_first_contribution(world: World) -> None:
    """Of 20: 8 contribute after 10 days, 6 after 30, 6 never; who contributed before, or had to learn, is left out."""
    names = staffed(world, 40, "wall", "school")
    twice = [f"{p} 2026-05-01" for p in names[:3]]
    world.does("school", "learn", *(f"{p} 2026-04-01" for p in names[:25]), *twice, mandatory=False)
    world.does("school", "learn", *(f"{p} 2026-04-01" for p in names[25:]), mandatory=True)
    world.does("wall", "post", *(f"{p} 2026-04-11" for p in names[:8]), *(f"{p} 2026-05-01" for p in names[8:14]))
    world.does("wall", "post", *(f"{p} 2026-03-30" for p in names[20:25]), *(f"{p} 2026-04-02" for p in names[20:40]))
    world.does("wall", "react", *(f"{p} 2026-04-02" for p in names))
    found = one(world, "first_use_days", start=MARCH)
    assert (found["value"], found["base"], found["status"]) == (30, 20, "ok")
    assert found["low"] == 10


@pytest.mark.parametrize(("people", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_first_use_refuses_below_20_people(world: World, people: int, status: str) -> None:
    names = staffed(world, 40, "wall", "school")
    world.does("school", "learn", *(f"{p} 2026-04-01" for p in names[:people]))
    world.does("wall", "post", *(f"{p} 2026-04-01 15:00" for p in names[:people]))
    found = one(world, "first_use_days", start=MARCH)
    assert (found["status"], found["value"]) == (status, 0 if status == "ok" else None)


def test_who_left_was_not_waiting_any_longer(world: World) -> None:
    """Ten of twenty leave a week after the course; of the ten who stay six contribute on the tenth day: 4 of 10 have not."""
    names = staffed(world, 20, "wall", "school")
    world.con.execute("update each.people set valid_to = '2026-04-09' where person >= 'o010'::blob")
    world.does("school", "learn", *(f"{p} 2026-04-01" for p in names))
    world.does("wall", "post", *(f"{p} 2026-04-11" for p in names[:6]))
    assert one(world, "first_use_days", start=MARCH)["value"] == 10


def joiners(world: World, count: int, day: str) -> list[str]:
    names = many("j", count).split()
    world.given("each.people", STAFF, *crew(" ".join(names), since=day))
    return names


def test_starters_are_trained_within_30_days_or_not(world: World) -> None:
    """Of 20 who joined on 1 April 9 finish a course or attend on the 30th day or before, 5 one day later."""
    staffed(world, 30, "school")
    names = joiners(world, 20, "2026-04-01")
    world.does("school", "learn", *(f"{p} 2026-05-01" for p in names[:5]), mandatory=True)
    world.does("school", "attend", *(f"{p} 2026-04-02" for p in names[5:9]))
    world.does("school", "learn", *(f"{p} 2026-05-02" for p in names[9:14]), f"{names[15]} 2026-03-31", "o001 2026-04-02")
    found = one(world, "starters_trained_share", start=MARCH)
    assert (found["value"], found["base"], found["status"]) == (0.45, 20, "ok")


@pytest.mark.parametrize(("people", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_starters_refuse_below_20(world: World, people: int, status: str) -> None:
    staffed(world, 30, "school")
    joiners(world, people, "2026-04-01")
    assert one(world, "starters_trained_share", start=MARCH)["status"] == status


def test_those_on_the_first_roster_did_not_join(world: World) -> None:
    staffed(world, 30, "school")
    [first] = [f for f in world.figures("starters_trained_share") if str(f["period_start"]) == "2026-01-26"]
    assert (first["status"], first["base"]) == ("not_identifiable", None)
    assert not any(f["base"] for f in world.figures("starters_trained_share"))


@pytest.mark.parametrize(("day", "status"), [("2026-06-12", "ok"), ("2026-06-13", "provisional")])
def test_starters_still_in_their_30_days_make_it_provisional(world: World, day: str, status: str) -> None:
    staffed(world, 30, "school")
    joiners(world, 20, day)
    assert one(world, "starters_trained_share", start="2026-05-18")["status"] == status


def trained(world: World, count: int, *, day: str = "2026-04-30") -> tuple[list[str], list[str]]:
    """So many learn on that day, of sixty; the learners and the others."""
    names = staffed(world, 60, "wall", "school")
    world.does("school", "learn", *(f"{p} {day}" for p in names[:count]))
    return names[:count], names[count:]


def test_after_training_is_beyond_the_change_of_colleagues(world: World) -> None:
    """Of 24 learners 6 were active before and 18 after; of 36 colleagues 9 and 18: 50 - 25 points."""
    learners, others = trained(world, 24)
    world.does("wall", "post", *(f"{p} 2026-04-02" for p in learners[:6] + others[:9]))
    world.does("wall", "post", *(f"{p} 2026-05-28" for p in learners[:18] + others[:18]))
    world.does("wall", "post", *(f"{p} 2026-04-30" for p in learners + others), *(f"{p} 2026-05-29" for p in others))
    found = one(world, "after_training_points", start=APRIL)
    assert (found["value"], found["base"], found["status"]) == (pytest.approx(25), 24, "ok")
    assert found["low"] < 25 < found["high"]
    assert one(world, "after_training_points", unit="Coast", start=APRIL)["value"] == pytest.approx(25)


def test_colleagues_who_learn_in_these_weeks_are_nobody_to_compare_with(world: World) -> None:
    """Those who learn three weeks later are active after; left in, they would lower the figure."""
    learners, others = trained(world, 20)
    world.does("school", "learn", *(f"{p} 2026-05-25" for p in others[:20]))
    world.does("wall", "post", *(f"{p} 2026-05-10" for p in learners[:10] + others[:20]))
    found = one(world, "after_training_points", start=APRIL)
    assert (found["value"], found["base"]) == (pytest.approx(50), 20)


def test_only_the_first_course_of_a_period_counts_and_none_that_one_must(world: World) -> None:
    learners, others = trained(world, 20)
    world.does("school", "learn", *(f"{p} 2026-05-08" for p in learners))
    world.does("school", "learn", *(f"{p} 2026-04-30" for p in others), mandatory=True)
    world.does("wall", "post", *(f"{p} 2026-05-02" for p in learners[:10]))
    found = one(world, "after_training_points", start=APRIL)
    assert (found["value"], found["base"]) == (pytest.approx(50), 20)


@pytest.mark.parametrize(("people", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_after_training_refuses_below_20(world: World, people: int, status: str) -> None:
    learners, _ = trained(world, people)
    world.does("wall", "post", *(f"{p} 2026-05-02" for p in learners[:10]))
    found = one(world, "after_training_points", start=APRIL)
    assert (found["status"], found["base"]) == (status, people)


def test_after_training_waits_for_the_28_days_after(world: World) -> None:
    trained(world, 20, day="2026-06-18")
    found = one(world, "after_training_points")
    assert (found["status"], found["reason"]) == ("not_identifiable", "the 28 days after the courses are not over")
    assert one(world, "after_training_points", start="2026-05-18")["status"] == "not_identifiable"


def test_after_training_needs_the_28_days_before(world: World) -> None:
    names = staffed(world, 60, "school")
    world.seen("wall", since="2026-03-24")
    world.does("school", "learn", *(f"{p} 2026-04-30" for p in names[:20]))
    world.does("wall", "post", *(f"{p} 2026-05-02" for p in names[:10]))
    assert one(world, "after_training_points", start=APRIL)["reason"] == "nothing is known of the 28 days before"
