"""How far, how wide and how fast the champions' training comes, and when it will be done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.metrics.test_champions_facts import ALWAYS, REGISTER
from tests.story import BLOCK, STAFF, World, crew, many

LESSONS = "source channel person happened_at verb toward"


def staffed(world: World, champions: int = 10, others: int = 90, *, register: bool = True, since: str = "2026-01-05") -> None:
    """Champions c000... in team Ops, the others p000... half in Ops and half in Law, all in Coast."""
    world.seen("school")
    people = many("p", others).split()
    half = len(people) // 2
    world.given(
        "each.people", STAFF, *crew(many("c", champions)), *crew(" ".join(people[:half])), *crew(" ".join(people[half:]), "Law")
    )
    if register:
        rows = [["register", "roster", name, since, ALWAYS] for name in many("c", champions).split()]
        world.given("each.champions", REGISTER, *rows)


def lessons(world: World, *rows: tuple[str, str, str]) -> None:
    """(who, toward, day)"""
    world.given("each.acts", LESSONS, *(["school", "learning", a, f"{day} 12:00:00+00", "teach", b] for a, b, day in rows))


def parts(world: World, metric: str, **where: object) -> dict[str, dict]:
    return {f["part"]: f for f in world.figures(metric, unit_level="organisation", period_start=BLOCK[0], **where)}


def said(figure: dict) -> tuple:
    return figure["status"], figure["value"], figure["base"], figure["n_eff"]


# ------------------------------------------------------------------------------------------------------------ coverage
def test_coverage_counts_each_colleague_once(world: World) -> None:
    """Ten champions have a plan of 100; they trained p000 to p019, p000 twice, and a guest who is on no roster."""
    staffed(world)
    rows = [(f"c{n % 10:03}", f"p{n:03}", "2026-06-16") for n in range(20)]
    lessons(world, *rows, ("c003", "p000", "2026-06-17"), ("c003", "guest", "2026-06-17"))
    found = parts(world, "champion_coverage_share")
    assert said(found["of target"]) == ("ok", 0.21, 31, 100)
    assert said(found["of eligible"]) == ("ok", 0.2, 100, 100)
    assert said(found["teams"]) == ("ok", 0.5, 100, 2)
    assert found["of target"]["low"] is None


def test_coverage_grows_and_does_not_look_ahead(world: World) -> None:
    staffed(world)
    lessons(world, ("c000", "p000", "2026-05-20"), ("c000", "p001", "2026-06-14"), ("c000", "p002", "2026-06-15"))
    found = world.figures("champion_coverage_share", unit_level="organisation", part="of target")
    assert [f["value"] for f in found][-3:] == [0.0, 0.02, 0.03]


def test_who_was_a_champion_stays_in_the_plan(world: World) -> None:
    staffed(world)
    world.given("each.champions", REGISTER, ["register", "roster", "p080", "2026-02-01", "2026-03-01"])
    lessons(world, ("p080", "p001", "2026-02-10"))
    assert said(parts(world, "champion_coverage_share")["of target"]) == ("ok", pytest.approx(1 / 110), 12, 110)


def test_a_champion_named_after_the_block_is_not_in_its_plan(world: World) -> None:
    staffed(world, since="2026-06-15")
    found = world.figures("champion_coverage_share", unit_level="organisation", part="of target")
    assert [(f["status"], f["n_eff"]) for f in found][-2:] == [("not_identifiable", None), ("ok", 100)]
    assert found[-2]["reason"] == "no champion is known yet"


def test_a_directorate_counts_what_its_champions_trained(world: World) -> None:
    staffed(world)
    world.given("each.people", STAFF, *crew(many("q", 30), "Port", "Sea"), *crew(many("r", 5), "Port", "Sea"))
    rows = [["register", "roster", name, "2026-01-05", ALWAYS] for name in many("r", 5).split()]
    world.given("each.champions", REGISTER, *rows)
    lessons(world, ("c000", "q000", "2026-06-16"), ("r000", "q001", "2026-06-16"), ("r000", "p000", "2026-06-16"))
    found = world.figures("champion_coverage_share", unit_level="directorate", period_start=BLOCK[0])
    told = {(f["unit"], f["part"]): said(f)[1:] for f in found}
    assert told["Sea", "of target"] == (2 / 50, 7, 50)
    assert told["Coast", "of target"] == (1 / 100, 11, 100)
    assert told["Sea", "of eligible"] == (2 / 35, 35, 35)
    assert told["Sea", "teams"] == (1.0, 35, 1)


def test_a_directorate_without_champions_has_no_plan_and_is_reached_all_the_same(world: World) -> None:
    staffed(world)
    world.given("each.people", STAFF, *crew(many("q", 30), "Port", "Sea"))
    lessons(world, ("c000", "q000", "2026-06-16"))
    found = {f["part"]: f for f in world.figures("champion_coverage_share", unit="Sea", period_start=BLOCK[0])}
    assert (found["of target"]["status"], found["of target"]["reason"]) == ("not_identifiable", "no champion is known yet")
    assert said(found["of eligible"]) == ("ok", 1 / 30, 30, 30)
    assert said(found["teams"]) == ("ok", 1.0, 30, 1)


def test_without_a_register_the_rows_are_provisional(world: World) -> None:
    staffed(world, register=False)
    lessons(world, *((f"c{n:03}", f"p{n:03}", "2026-06-16") for n in range(6)))
    found = parts(world, "champion_coverage_share")
    assert said(found["of target"]) == ("provisional", 0.1, 12, 60)
    assert "no register of champions" in found["of target"]["reason"]


def test_without_a_source_of_trainings_nothing_is_told(world: World) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew(many("p", 30)))
    world.given("each.champions", REGISTER, *(["register", "roster", n, "2026-01-05", ALWAYS] for n in many("p", 10).split()))
    for metric in ("champion_coverage_share", "champion_branching_mean", "training_days_median", "cascade_finish_weeks"):
        assert {f["status"] for f in world.figures(metric)} == {"no_data"}, metric


# ----------------------------------------------------------------------------------------------------------- branching
def test_branching_by_hand(world: World) -> None:
    """Nine champions train 2 each, the tenth 12: mean 3, median 2, one in ten reaches 10; 3 of 30 pass it on."""
    staffed(world)
    rows = [(f"c{n:03}", f"p{2 * n + m:03}", "2026-06-16") for n in range(9) for m in range(2)]
    rows += [("c009", f"p{18 + m:03}", "2026-06-16") for m in range(12)]
    onward = [(f"p{n:03}", f"p{50 + n:03}", "2026-06-18") for n in range(3)]
    too_early = [("p005", "p060", "2026-06-15"), ("p006", "p061", "2026-06-16")]
    lessons(world, *rows, *onward, *too_early)
    found = parts(world, "champion_branching_mean")
    assert list(found) == ["mean", "median", "reaching 10", "second generation"]
    assert said(found["mean"]) == ("ok", 3.0, 10, 10)
    assert (said(found["median"]), said(found["reaching 10"])) == (("ok", 2.0, 10, 10), ("ok", 0.1, 10, 10))
    assert said(found["second generation"]) == ("ok", 0.1, 30, 30)
    assert found["reaching 10"]["low"] == pytest.approx(0.0179, abs=1e-4)
    assert 0 < found["mean"]["low"] < 3 < found["mean"]["high"]


@pytest.mark.parametrize(("champions", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_branching_needs_ten_champions(world: World, champions: int, status: str) -> None:
    staffed(world, champions)
    lessons(world, *(("c000", f"p{n:03}", "2026-06-16") for n in range(champions)))
    found = parts(world, "champion_branching_mean")
    assert {f["status"] for f in found.values()} == {status}
    if status != "ok":
        assert "fewer than 10 champions" in found["mean"]["reason"]


# ---------------------------------------------------------------------------------------------------------------- time
def finished(world: World, done: int, champions: int = 10) -> None:
    """So many champions train their tenth colleague 10, 20, ... days after they began on 2 March."""
    staffed(world, champions, 200, since="2026-03-02")
    rows = []
    for n in range(done):
        day = date(2026, 3, 2) + timedelta(days=10 * (n + 1))
        rows += [(f"c{n:03}", f"p{10 * n + m:03}", str(day if m == 9 else date(2026, 3, 3))) for m in range(10)]
    lessons(world, *rows)


def test_time_to_the_plan_counts_those_who_are_not_done(world: World) -> None:
    """Of ten, seven were done after 10 to 70 days: half of all after 50 to 60, and four fifths have not been reached."""
    finished(world, 7)
    found = parts(world, "training_days_median")
    assert said(found["median"]) == ("ok", 55.0, 10, 10)
    assert found["median"]["low"] < 55
    assert found["p80"]["status"] == "not_identifiable"
    assert "too few of them have met the plan yet" in found["p80"]["reason"]


def test_time_is_told_as_it_stood_at_the_end_of_each_block(world: World) -> None:
    finished(world, 10)
    told = {
        str(f["period_start"]): f["value"] for f in world.figures("training_days_median", unit_level="organisation", part="median")
    }
    assert told["2026-03-23"] is None
    assert told[BLOCK[0]] == 55.0


@pytest.mark.parametrize(("champions", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_time_needs_ten_champions(world: World, champions: int, status: str) -> None:
    finished(world, 9, champions)
    assert parts(world, "training_days_median")["median"]["status"] == status


def test_who_began_before_the_records_makes_it_provisional(world: World) -> None:
    staffed(world, since="2025-12-01")
    lessons(world, *((f"c{n:03}", f"p{m:03}", "2026-02-02") for n in range(8) for m in range(10)))
    median = parts(world, "training_days_median")["median"]
    assert (median["status"], median["value"]) == ("provisional", 63.0)
    assert "10 of 10 became champions before records of training begin" in median["reason"]


def test_who_is_no_champion_any_longer_was_not_done(world: World) -> None:
    """Ten more gave up after 10 days: the median of the twenty is not reached by the ten who finish."""
    finished(world, 10)
    rows = [["register", "roster", f"p{100 + n:03}", "2026-03-02", "2026-03-07"] for n in range(10)]
    world.given("each.champions", REGISTER, *rows)
    assert said(parts(world, "training_days_median")["median"]) == ("ok", 55.0, 20, 20)


@pytest.mark.parametrize("metric", ["champion_branching_mean", "training_days_median", "cascade_finish_weeks"])
def test_without_a_register_whatever_is_told_says_so(world: World, metric: str) -> None:
    """Ten who teach one colleague a week for 13 weeks: no register names them."""
    staffed(world, register=False, others=150)
    days = [date(2026, 7, 8) - timedelta(weeks=n) for n in range(13)]
    lessons(world, *((f"c{c:03}", f"p{c * 13 + n:03}", str(day)) for c in range(10) for n, day in enumerate(days)))
    found = [f for f in world.figures(metric, unit_level="organisation", period_start=BLOCK[0]) if f["value"] is not None]
    assert found
    for figure in found:
        assert figure["status"] == "provisional"
        assert "there is no register of champions: whoever teaches is taken for one" in figure["reason"]


# -------------------------------------------------------------------------------------------------------------- finish
def weekly(world: World, champions: int, weeks: int, last: str = "2026-07-06", others: int = 300) -> None:
    """Each champion trains a new colleague every week, up to `last`."""
    staffed(world, champions, others)
    days = [date.fromisoformat(last) - timedelta(weeks=n) for n in range(weeks)]
    rows = [(f"c{c:03}", f"p{c * weeks + n:03}", str(day)) for c in range(champions) for n, day in enumerate(days)]
    lessons(world, *rows)


def test_the_finish_is_told_with_its_band_and_its_date(world: World) -> None:
    """Twelve champions have trained 8 of 10 each in eight weeks: two weeks are left, and some for the last of them."""
    weekly(world, 12, 8)
    [figure] = world.figures("cascade_finish_weeks")
    assert (figure["status"], figure["part"], figure["unit_level"]) == ("ok", "", "organisation")
    assert 2 <= figure["low"] <= figure["value"] <= figure["high"] <= 16
    assert (figure["base"], figure["n_eff"]) == (108, 96)
    assert figure["reason"].startswith("96 of 120 colleagues are trained; the rest by about ")
    assert "in four cases of five between" in figure["reason"]
    assert "too early to try such forecasts" in figure["reason"]
    [card] = world.rows("select unit, formula from report.metrics where name = 'cascade_finish_weeks'")
    assert "80 %" in card["formula"]


def test_a_longer_history_says_how_earlier_forecasts_did(world: World) -> None:
    """Twenty-four weeks of a steady pace: forecasts from earlier months can be tried against what came."""
    world.build.con.execute("update staging.run set colleagues_each = 40")
    weekly(world, 12, 24, others=300)
    [figure] = world.figures("cascade_finish_weeks")
    assert "earlier forecasts four weeks ahead" in figure["reason"]
    assert "(four in five should)" in figure["reason"]


def test_a_plan_that_is_met_says_so(world: World) -> None:
    weekly(world, 10, 10)
    [figure] = world.figures("cascade_finish_weeks")
    assert (figure["value"], figure["status"]) == (0.0, "ok")
    assert figure["reason"] == "100 of 100 colleagues are trained: the plan is met"


@pytest.mark.parametrize(
    ("champions", "weeks", "last", "reason"),
    [
        (5, 7, "2026-07-06", None),
        (5, 6, "2026-07-06", "a forecast needs 20 colleagues trained and 6 weeks since the first"),
        (12, 8, "2026-05-16", "the cascade stands still: fewer than 8 people were trained in the newest 8 weeks"),
    ],
)
def test_too_little_history_is_not_identifiable(world: World, champions: int, weeks: int, last: str, reason: str | None) -> None:
    weekly(world, champions, weeks, last)
    [figure] = world.figures("cascade_finish_weeks")
    if reason is None:
        assert figure["status"] == "ok"
    else:
        assert (figure["status"], figure["value"], figure["reason"]) == ("not_identifiable", None, reason)
        assert figure["base"] == champions * (weeks + 1)


def test_nobody_is_a_champion(world: World) -> None:
    staffed(world, 10, 90, register=False)
    [figure] = world.figures("cascade_finish_weeks")
    assert (figure["status"], figure["reason"], figure["base"]) == ("not_identifiable", "no champion is known yet", 100)
