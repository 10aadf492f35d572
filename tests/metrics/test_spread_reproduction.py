"""Does it spread by itself: the bounds, the word, and each reason for which nothing is said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.spread_story import SINCE, Adopted, branching, department, steady
from tests.story import AS_OF, BLOCK, World

NEWEST = {"period_start": BLOCK[0]}

MAY = date(2026, 5, 4)
SLOW = branching(0.7, seeds=196)  # goes on for half a year without growing


def number(world: World, part: str = "R_mar", **where: Any) -> dict[str, Any]:
    [figure] = world.figures("reproduction_number", part=part, **(where or NEWEST))
    return figure


def word(world: World, **where: Any) -> dict[str, Any]:
    [figure] = world.figures("spread_verdict", **(where or NEWEST))
    return figure


def test_what_colleagues_pass_on_is_viral_and_the_bounds_hold_the_truth(world: World) -> None:
    department(world, 900, branching(1.4, seeds=14, since=MAY))
    lo, mar, hi = (number(world, part) for part in ("R_lo", "R_mar", "R_hi"))
    assert lo["low"] < 1.4 < hi["high"]
    assert lo["value"] == mar["value"] == hi["value"]  # every origin is known
    assert (word(world)["value"], word(world)["status"]) == (2, "provisional")
    assert word(world)["reason"].startswith("viral: ")
    assert f"effective R {mar['value']:.1f}" in word(world)["reason"]


def test_hidden_origins_spread_the_bounds(world: World) -> None:
    department(world, 900, branching(0.7, seeds=196, hidden=0.4))
    lo, mar, hi = (number(world, part) for part in ("R_lo", "R_mar", "R_hi"))
    assert lo["value"] < mar["value"] < hi["value"]
    assert lo["low"] < 0.7 < hi["high"]


def test_intrinsic_is_higher_by_the_share_that_is_left(world: World) -> None:
    adopted = SLOW
    department(world, 2 * len(adopted), adopted)
    plain, intrinsic = number(world), number(world, "intrinsic R_mar")
    earlier = sum(one.day < date.fromisoformat(BLOCK[0]) for one in adopted)
    left = 1 - (earlier + len(adopted)) / 2 / (2 * len(adopted))
    assert intrinsic["value"] == pytest.approx(plain["value"] / left)


def test_a_steady_broadcast_is_seeded_though_a_plain_number_would_say_one(world: World) -> None:
    department(world, 900, steady(20, "imported"))
    assert word(world)["value"] == -2
    assert number(world, "R_hi")["high"] < 0.1
    assert word(world)["reason"].startswith("seeded: ")


def test_if_nothing_is_known_only_the_outer_bounds_are_told(world: World) -> None:
    department(world, 900, steady(20, "unattributed"))
    assert number(world, "R_lo")["value"] < 0.1
    assert number(world, "R_hi")["value"] == pytest.approx(1, abs=0.15)
    assert "fewer than half" in number(world)["reason"]
    assert number(world)["status"] == number(world, "intrinsic R_mar")["status"] == "not_identifiable"
    assert word(world)["value"] == 0
    assert "effective R between" in word(world)["reason"]


@pytest.mark.parametrize(("unknown", "status"), [(60, "provisional"), (61, "not_identifiable")])
def test_half_of_the_origins_must_be_known_for_the_middle(world: World, unknown: int, status: str) -> None:
    """Sixty origins of the newest block are known."""
    before = [Adopted(n + 1, date(2026, 5, 20) + timedelta(days=n % 20), "imported") for n in range(120)]
    known = [Adopted(121 + n, date(2026, 6, 20) + timedelta(days=n % 20), "attributed", "reply", (n + 1,)) for n in range(60)]
    hidden = [Adopted(181 + n, date(2026, 6, 20) + timedelta(days=n % 20)) for n in range(unknown)]
    department(world, 600, [*before, *known, *hidden])
    assert number(world, "R_hi")["status"] == "provisional"
    assert number(world)["status"] == status


def test_too_few_adopters_are_not_told(world: World) -> None:
    department(world, 300, [Adopted(n + 1, date(2026, 5, 20) + timedelta(days=n), "attributed") for n in range(12)])
    for figure in (number(world), word(world)):
        assert (figure["status"], figure["value"], figure["low"]) == ("not_identifiable", None, None)
        assert "too few" in figure["reason"]
        assert figure["base"] == 12  # a refused figure keeps its people


def test_an_outage_and_the_block_after_it_are_refused_with_the_name_of_the_source(world: World) -> None:
    """Of the 28 days from 20 April, 5 are missing (18 %): that block and the two in which it is still felt."""
    missing = [f"2026-05-{day:02}" for day in range(4, 9)]
    department(world, 900, SLOW, missing=missing)
    status = {str(f["period_start"]): (f["status"], f["reason"]) for f in world.figures("spread_verdict")}
    for start in ("2026-04-20", "2026-05-18", "2026-06-15"):
        assert status[start][0] == "not_identifiable"
        assert "record of wall" in status[start][1]
    assert status["2026-03-23"][0] == "ok"


def test_four_missing_days_are_not_an_outage(world: World) -> None:
    department(world, 900, SLOW, missing=[f"2026-05-{day:02}" for day in range(4, 8)])
    assert "record of wall" not in number(world)["reason"]
    assert number(world)["value"] > 0


def record(world: World, day: str, *, replies: int, known: int) -> None:
    """So many replies on a day, each in a conversation of its own; the opening of the first `known` is on record."""
    world.con.execute(
        """insert into each.acts (source, channel, person, happened_at, verb, thread)
           select 'wall', 'network', encode('p00' || case verb when 'post' then '1' else '2' end),
                  cast(? as timestamptz) + case verb when 'post' then interval 0 hour else interval 1 hour end, verb, ? || i
           from range(?) as r(i), (values ('post'), ('reply')) as v(verb)
           where verb = 'reply' or i < ?""",
        [f"{day} 09:00:00+00", day, replies, known],
    )


@pytest.mark.parametrize(
    ("replies", "known", "refused"), [(100, 45, False), (100, 46, True), (100, 14, True), (99, 99, False)]
)
def test_a_record_that_holds_more_than_before_is_refused_though_every_day_was_seen(
    world: World, replies: int, known: int, refused: bool
) -> None:
    """Of the replies of two blocks ago 30 in 100 have their opening, so about so much of all that was written is there."""
    record(world, "2026-05-04", replies=100, known=30)
    record(world, "2026-07-01", replies=replies, known=known)
    department(world, 900, SLOW)
    figure = word(world)
    assert (figure["status"] == "not_identifiable") == refused
    assert ("record of wall (openings of its conversations) went from 30% to" in figure["reason"]) == refused


def test_a_second_source_that_begins_hides_the_next_two_blocks(world: World) -> None:
    """The chat is read from the first day of the block of 20 April: its own people would all seem new."""
    world.seen("talk", since="2026-04-20")
    department(world, 900, SLOW)
    status = {str(f["period_start"]): f["status"] for f in world.figures("spread_verdict")}
    assert status["2026-03-23"] == "ok"
    assert status["2026-04-20"] == status["2026-05-18"] == "not_identifiable"
    assert status["2026-06-15"] == "provisional"
    assert "record of talk went from 0% to 100%" in word(world, period_start="2026-04-20")["reason"]


def test_a_source_that_tells_of_nobody_has_no_say(world: World) -> None:
    world.seen("talk", since="2026-04-20", gives="counts")
    department(world, 900, SLOW)
    assert word(world, period_start="2026-04-20")["status"] == "ok"


def test_the_first_two_blocks_of_all_are_refused(world: World) -> None:
    """Who had taken part for years would seem new when the record begins."""
    department(world, 900, SLOW)
    status = {str(f["period_start"]): f["status"] for f in world.figures("spread_verdict")}
    assert status[SINCE.isoformat()] == status["2026-01-26"] == "not_identifiable"
    assert status["2026-02-23"] == "ok"


def test_while_the_time_between_two_is_assumed_both_other_times_are_told(world: World) -> None:
    """29 pairs are too few to know how long it takes; 30 are enough."""
    before = [Adopted(n + 1, date(2026, 5, 25) + timedelta(days=n % 21), "imported") for n in range(60)]

    def known(pairs: int) -> list[Adopted]:
        return [Adopted(61 + n, date(2026, 6, 16) + timedelta(days=n % 20), "attributed", "reply", (n + 1,)) for n in range(pairs)]

    department(world, 400, [*before, *known(29)])
    half, twice = (number(world, f"R_mar, generation {times}") for times in ("x0.5", "x2"))
    assert half["value"] != twice["value"]
    assert "assumed: the time from one adopter to the next (10 days)" in number(world)["reason"]
    assert {f["part"] for f in world.figures("reproduction_number", **NEWEST)} == {
        "R_lo", "R_mar", "R_hi", "intrinsic R_lo", "intrinsic R_mar", "intrinsic R_hi", "R_mar, generation x0.5",
        "R_mar, generation x2",
    }  # fmt: skip


def test_once_enough_pairs_are_known_nothing_is_assumed_of_them(world: World) -> None:
    department(world, 900, SLOW)
    assert not [f for f in world.figures("reproduction_number", **NEWEST) if "generation" in f["part"]]
    assert "assumed: the time" not in number(world)["reason"]


def test_it_is_told_of_the_organisation_only_and_of_every_block(world: World) -> None:
    department(world, 900, SLOW, teams=10)
    found = world.figures("reproduction_number", part="R_mar")
    assert {(f["unit_level"], f["unit"], f["period"]) for f in found} == {("organisation", "Department", "28 days")}
    assert len(found) == (AS_OF - SINCE).days // 28 + 1


def test_generation_and_dispersion_are_told_once_enough_is_known(world: World) -> None:
    department(world, 900, SLOW)
    days, k = world.figures("generation_days_mean", part=""), world.figures("offspring_k")
    assert days[-1]["low"] < 10 < days[-1]["high"]
    assert (days[0]["status"], "fewer than 30" in days[0]["reason"]) == ("not_identifiable", True)
    [spread] = world.figures("generation_days_mean", part="standard deviation", **NEWEST)
    assert 4 < spread["value"] < 10
    few = [f for f in k if f["base"] and f["base"] < 100]
    assert few
    assert all(f["status"] == "not_identifiable" and f"only {f['base']} adopters" in f["reason"] for f in few)
    assert k[-1]["status"] == "provisional" or "no more unequally" in k[-1]["reason"]


def test_one_who_brings_many_shows_in_the_dispersion_and_the_top_tenth(world: World) -> None:
    """Six of 150 brought 20 each and nobody else anybody."""
    roots = [Adopted(n + 1, date(2026, 1, 5) + timedelta(days=n % 7), "imported") for n in range(150)]
    brought = [
        Adopted(151 + n, date(2026, 1, 20) + timedelta(days=n % 10), "attributed", "trainer", (1 + n // 20,)) for n in range(120)
    ]
    department(world, 900, [*roots, *brought])
    [k] = world.figures("offspring_k", **NEWEST)
    assert k["value"] < 0.2
    assert k["n_eff"] == 270


@pytest.mark.parametrize(("sources", "status"), [(100, "provisional"), (99, "not_identifiable")])
def test_the_top_tenth_must_be_ten_people(world: World, sources: int, status: str) -> None:
    """Ten of a hundred sources brought eleven each, the others one: they brought 110 of 200."""
    roots = [Adopted(n + 1, date(2026, 1, 5), "imported") for n in range(sources)]
    heads = [n + 1 for n in range(10) for _ in range(11)] + list(range(11, sources + 1))
    brought = [Adopted(sources + 1 + n, date(2026, 1, 20), "attributed", "reply", (who,)) for n, who in enumerate(heads)]
    department(world, 400, [*roots, *brought])
    [figure] = world.figures("top_source_share")
    assert figure["status"] == status
    assert figure["value"] == (pytest.approx(110 / 200) if status == "provisional" else None)
    assert (str(figure["period_start"]), figure["base"]) == (BLOCK[0], sources + len(heads))


@pytest.mark.parametrize(("size", "value"), [(30, None), (31, 2 * 30 / 31)])
def test_one_broadcaster_is_a_star(world: World, size: int, value: float | None) -> None:
    """A star of n has a mean distance of 2(n - 1)/n; 30 known sources are needed."""
    star = [Adopted(1, date(2026, 1, 5), "imported")]
    star += [Adopted(n, date(2026, 1, 20), "attributed", "trainer", (1,)) for n in range(2, size + 1)]
    department(world, 60, star)
    [figure] = world.figures("structural_virality_mean")
    assert figure["value"] == (None if value is None else pytest.approx(value))


def test_a_chain_is_longer_than_a_star(world: World) -> None:
    chain = [Adopted(1, date(2026, 1, 5), "imported")]
    chain += [Adopted(n, date(2026, 1, 5) + timedelta(days=3 * (n - 1)), "attributed", "reply", (n - 1,)) for n in range(2, 41)]
    department(world, 60, chain)
    assert world.figures("structural_virality_mean")[0]["value"] == pytest.approx(41 / 3)
