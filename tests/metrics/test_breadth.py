"""Whether people come back, and on how many channels."""

from __future__ import annotations

import pytest

from tests.story import BLOCK, STAFF, World, crew, many


def staffed(world: World, people: int, *sources: str) -> list[str]:
    names = many("p", people).split()
    world.seen(*sources)
    world.given("each.people", STAFF, *crew(" ".join(names)))
    return names


def one(world: World, metric: str) -> dict:
    [figure] = world.figures(metric, unit_level="organisation", period_start=BLOCK[0])
    return figure


def test_stickiness_is_the_mean_working_day_over_the_month(world: World) -> None:
    """30 people open a page once; 10 of them on two more working days, one also on a Saturday: (30 + 20) / 20 / 30."""
    names = staffed(world, 40, "pages")
    world.does("pages", "read", *(f"{p} 2026-06-16" for p in names[:30]))
    world.does("pages", "read", *(f"{p} {day}" for p in names[:10] for day in ("2026-06-17", "2026-07-10")))
    world.does("pages", "read", f"{names[0]} 2026-06-20", f"{names[0]} 2026-06-16 18:00")
    found = one(world, "stickiness")
    assert (found["value"], found["base"], found["status"]) == (pytest.approx(50 / 600), 30, "ok")
    assert (found["low"], found["high"]) == (None, None)


@pytest.mark.parametrize(("people", "status"), [(30, "ok"), (29, "not_identifiable")])
def test_stickiness_refuses_below_30_active_people(world: World, people: int, status: str) -> None:
    names = staffed(world, 40, "pages")
    world.does("pages", "read", *(f"{p} 2026-06-16" for p in names[:people]))
    assert one(world, "stickiness")["status"] == status


def test_channels_are_counted_for_those_who_take_part(world: World) -> None:
    """30 write on the wall; 15 of them also read, 6 of these also ask; who only reads is no participant."""
    names = staffed(world, 40, "wall", "talk", "pages")
    world.does("wall", "post", *(f"{p} 2026-06-16" for p in names[:30]))
    world.does("pages", "read", *(f"{p} 2026-06-17" for p in names[:15]), *(f"{p} 2026-06-17" for p in names[30:]))
    world.does("talk", "ask", *(f"{p} 2026-06-18" for p in names[:6]))
    mean, share = one(world, "channels_mean"), one(world, "multichannel_share")
    assert (mean["value"], mean["base"]) == (pytest.approx((15 * 1 + 9 * 2 + 6 * 3) / 30), 30)
    assert (share["value"], share["base"]) == (0.5, 30)
    assert share["low"] < 0.5 < share["high"]


@pytest.mark.parametrize(
    ("people", "sources", "status"),
    [(30, ["wall", "pages"], "ok"), (29, ["wall", "pages"], "not_identifiable"), (30, ["wall"], "not_identifiable")],
)
def test_breadth_refuses_few_participants_and_a_single_channel(
    world: World, people: int, sources: list[str], status: str
) -> None:
    names = staffed(world, 40, *sources)
    world.does("wall", "post", *(f"{p} 2026-06-16" for p in names[:people]))
    assert one(world, "channels_mean")["status"] == one(world, "multichannel_share")["status"] == status


def test_what_one_must_do_opens_no_channel(world: World) -> None:
    names = staffed(world, 30, "wall", "school")
    world.does("wall", "post", *(f"{p} 2026-06-16" for p in names))
    world.does("school", "learn", *(f"{p} 2026-06-16" for p in names), mandatory=True)
    assert one(world, "channels_mean")["value"] == 1.0
