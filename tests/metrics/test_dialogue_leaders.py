"""Leaders and staff: who speaks in which role, who answers whom, who meets for the first time, who stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from pipeline.warehouse import Build
from tests.story import ACTS, BLOCK, STAFF, World, crew, many

GRADED = f"{STAFF} grade"
TURN = f"{ACTS} thread"
TIE = f"{ACTS} toward"
STAFF_30 = many("p", 30).split()
COMMS = {"con", "cal", "cat", "cid", "col", "cub", "coy", "cod", "coz", "cow"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Thirty staff on the Coast, six seniors in the Centre, six of the comms team there."""
    with Build(tmp_path / "warehouse.duckdb") as build:
        told = World(build)
        told.given("staging.comms_teams", "team", ["Comms"])
        told.given("each.people", GRADED, *graded(many("p", 30), "Ops", "Coast", "HEO"),
                   *graded("sue sam sid sal sol sky", "Office", "Centre", "scs2"),
                   *graded("con cal cat cid col cub", "Comms", "Centre", "SEO"))  # fmt: skip
        yield told


def graded(names: str, team: str, directorate: str, grade: str, since: str = "2025-01-06") -> list[list[str]]:
    return [[*row, grade] for row in crew(names, team, directorate, since)]


def threads(world: World, count: int, *, by: Iterable[str], day: str = "2026-06-16", reply: str = "", on: str = "") -> None:
    """`count` posts by these people in turn, each with a reply by `reply` on a day, if there is one."""
    authors = list(by)
    rows = []
    for n in range(count):
        author, thread = authors[n % len(authors)], f"{authors[0]} {reply} {on} {n}"
        rows.append(["wall", "network", author, f"{day} 09:{n:02}:00+00", "post", thread])
        if reply:
            rows.append(["wall", "network", reply, f"{on or day} 15:00:00+00", "reply", thread])
    world.given("each.acts", TURN, *rows)


def one(world: World, metric: str, part: str = "", level: str = "organisation") -> dict:
    [figure] = world.figures(metric, part=part, unit_level=level, period_start=BLOCK[0])
    return figure


def test_roles_are_told_by_grade_and_team_whichever_way_they_are_written(world: World) -> None:
    world.seen("wall")
    world.given("each.people", GRADED, *graded("coy cod coz cow", "Comms", "Coast", "EO"),
                *graded(many("n", 4), "Web", "Coast", ""))  # fmt: skip
    names = {row["person"]: bytes(row["pseudonym"]).decode() for row in world.result("staging.people")}
    rows = [row for row in world.result("staging.voices") if str(row["block_start"]) == BLOCK[0]]
    assert {names[r["person"]] for r in rows if r["senior"]} == {"sue", "sam", "sid", "sal", "sol", "sky"}
    assert {names[r["person"]] for r in rows if r["comms"]} == COMMS
    assert len(rows) == 50


def test_staff_are_answered_by_leaders_within_five_working_days_or_not(world: World) -> None:
    """Of 20 posts on Tuesday 16 June 6 have a leader's reply in time, 4 one too late, 10 one by a colleague."""
    world.seen("wall")
    threads(world, 6, by=STAFF_30, reply="sue", on="2026-06-23")
    threads(world, 4, by=STAFF_30[6:], reply="sue", on="2026-06-24")
    threads(world, 10, by=STAFF_30[10:], reply="p001")
    found = one(world, "leaders_answered_share", "staff to leaders")
    assert (found["value"], found["n_eff"], found["base"], found["status"]) == (0.3, 20, 20, "ok")
    assert found["low"] < 0.3 < found["high"]


def test_leaders_are_answered_by_staff(world: World) -> None:
    world.seen("wall")
    threads(world, 18, by=["sue", "sam", "sid", "sal", "sol"], reply="p000")
    threads(world, 6, by=["sky"], reply="sue")
    found = one(world, "leaders_answered_share", "leaders to staff")
    assert (found["value"], found["n_eff"], found["base"]) == (0.75, 24, 6)


@pytest.mark.parametrize(("count", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_fewer_than_20_posts_say_nothing_of_leaders(world: World, count: int, status: str) -> None:
    world.seen("wall")
    threads(world, count, by=STAFF_30, reply="sue")
    found = one(world, "leaders_answered_share", "staff to leaders")
    assert (found["status"], found["base"]) == (status, count)


@pytest.mark.parametrize(("grades", "status"), [(["scs2"], "ok"), (["Grade 7"], "not_identifiable")])
def test_without_three_seniors_nothing_is_said_of_leaders(world: World, grades: list[str], status: str) -> None:
    world.seen("wall")
    world.con.execute("update each.people set grade = 'G7' where grade = 'scs2' and person in ('sid'::blob, 'sal'::blob)")
    world.con.execute("update each.people set grade = ? where person in ('sol'::blob, 'sky'::blob)", grades)
    world.con.execute("update each.people set grade = 'G7' where person = 'sam'::blob")
    threads(world, 20, by=STAFF_30, reply="sue")
    found = one(world, "leaders_answered_share", "staff to leaders")
    assert found["status"] == status  # sue, sol and sky; or sue alone
    assert status == "ok" or found["reason"] == "fewer than 3 people on the roster hold a senior grade"


@pytest.mark.parametrize(("day", "status"), [("2026-07-03", "ok"), ("2026-07-06", "provisional")])
def test_posts_still_within_their_days_make_it_provisional(world: World, day: str, status: str) -> None:
    world.seen("wall")
    threads(world, 20, by=STAFF_30, day=day)
    assert one(world, "leaders_answered_share", "staff to leaders")["status"] == status


def meet(world: World, *told: str) -> None:
    """Replies as "p000 sue 2026-06-16"."""
    rows = [["wall", "network", who, f"{day} 10:00:00+00", "reply", whom] for who, whom, day in (line.split() for line in told)]
    world.given("each.acts", TIE, *rows)


def test_a_first_contact_is_new_in_180_days_either_way_and_across_directorates(world: World) -> None:
    """Seven staff meet a senior; one of them met her in May, one in November, one is told twice, one works beside her."""
    world.seen("wall", since="2025-06-02")
    meet(world, *(f"{p} sue 2026-06-16" for p in STAFF_30[:5]), "sam p005 2026-06-17", "p006 sue 2026-06-18",
         "p000 sam 2026-06-19", "p001 sue 2026-06-19", "con sue 2026-06-16", "p007 p008 2026-06-16",
         "sue p006 2026-05-04", "p002 sue 2025-11-03")  # fmt: skip
    found = one(world, "first_contacts_count")
    assert (found["value"], found["base"], found["status"], found["low"]) == (7, 6, "ok", None)  # p000 with two seniors


@pytest.mark.parametrize(("before", "new"), [("2025-12-18", 5), ("2025-12-19", 4)])
def test_after_180_days_of_silence_a_contact_is_first_again(world: World, before: str, new: int) -> None:
    """From 18 December to 17 June are 181 days."""
    world.seen("wall", since="2025-06-02")
    meet(world, *(f"{p} sue 2026-06-17" for p in STAFF_30[:5]), f"p000 sue {before}")
    assert [r["value"] for r in world.result("metrics.first_contacts_count")
            if r["unit_level"] == "organisation" and str(r["period_start"]) == BLOCK[0]] == [new]  # fmt: skip


@pytest.mark.parametrize(("since", "status"), [("2025-12-17", "ok"), ("2025-12-18", "not_identifiable")])
def test_first_contacts_need_180_days_before_the_period(world: World, since: str, status: str) -> None:
    world.seen("wall", since=since)
    meet(world, *(f"{p} sue 2026-06-16" for p in STAFF_30[:5]))
    found = one(world, "first_contacts_count")
    assert found["status"] == status
    assert status == "ok" or "180 days" in found["reason"]


def test_a_reaction_is_no_contact(world: World) -> None:
    world.seen("wall", since="2025-06-02")
    world.given("each.acts", TIE, *(["wall", "network", p, "2026-06-16 10:00:00+00", "react", "sue"] for p in STAFF_30[:9]))
    assert one(world, "first_contacts_count")["status"] == "not_identifiable"


def test_broadcast_is_what_comms_and_leaders_post_without_a_reply_by_staff(world: World) -> None:
    """25 posts: 10 have a reply by staff, 5 one by a colleague of the authors, 10 none. Staff's own posts are not asked."""
    world.seen("wall")
    threads(world, 10, by=["con", "cal", "cat"], reply="p000")
    threads(world, 5, by=["sue", "sam"], reply="cal")
    threads(world, 10, by=["sid", "cid"])
    threads(world, 30, by=STAFF_30)
    found = one(world, "broadcast_share")
    assert (found["value"], found["n_eff"], found["base"], found["status"]) == (0.6, 25, 8, "ok")


@pytest.mark.parametrize(("count", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_broadcast_refuses_below_20_posts(world: World, count: int, status: str) -> None:
    world.seen("wall")
    threads(world, count, by=["con", "cal", "cat", "cid", "col"])
    assert one(world, "broadcast_share")["status"] == status


@pytest.mark.parametrize(("day", "status"), [("2026-07-05", "ok"), ("2026-07-06", "provisional")])
def test_posts_of_the_last_week_may_still_have_a_reply(world: World, day: str, status: str) -> None:
    world.seen("wall")
    threads(world, 20, by=["con", "cal", "cat", "cid", "col"], day=day)
    assert one(world, "broadcast_share")["status"] == status


def test_community_health_is_who_of_the_year_is_still_there(world: World) -> None:
    """12 were active within the year, 9 of them now; whoever left the roster is in neither."""
    world.seen("wall", since="2025-06-02")
    world.does("wall", "post", *(f"{p} 2026-06-16" for p in STAFF_30[:9]), *(f"{p} 2025-08-01" for p in STAFF_30[6:12]),
               "gone 2026-06-16", f"{STAFF_30[20]} 2025-07-13")  # fmt: skip
    found = one(world, "community_health_share")
    assert (found["value"], found["base"], found["status"]) == (0.75, 12, "ok")


@pytest.mark.parametrize(("since", "status"), [("2025-07-14", "ok"), ("2025-07-15", "not_identifiable")])
def test_community_health_needs_twelve_months(world: World, since: str, status: str) -> None:
    """Thirteen blocks that end on 12 July 2026 begin on 14 July 2025."""
    world.seen("wall", since=since)
    world.does("wall", "post", *(f"{p} 2026-06-16" for p in STAFF_30[:12]))
    found = one(world, "community_health_share")
    assert found["status"] == status
    assert status == "ok" or (found["base"], found["reason"]) == (42, "no source has been seen for the twelve months that it takes")


def test_a_source_that_is_new_this_year_is_no_new_life(world: World) -> None:
    world.seen("wall", since="2025-06-02")
    world.seen("pages", since="2026-05-04")
    world.does("wall", "post", *(f"{p} 2025-09-16" for p in STAFF_30[:12]), *(f"{p} 2026-06-16" for p in STAFF_30[:3]))
    world.does("pages", "read", *(f"{p} 2026-06-16" for p in STAFF_30))
    found = one(world, "community_health_share")
    assert (found["value"], found["base"]) == (0.25, 12)


@pytest.mark.parametrize(("people", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_community_health_needs_ten_active_people(world: World, people: int, status: str) -> None:
    world.seen("wall", since="2025-06-02")
    world.does("wall", "post", *(f"{p} 2026-06-16" for p in STAFF_30[:people]))
    assert one(world, "community_health_share")["status"] == status
