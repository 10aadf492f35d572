"""Who takes part regularly: the rule, its window, its variants."""

from __future__ import annotations

import pytest

from tests.story import STAFF, World, crew


def adopted(world: World, days: int = 3, channels: int = 1) -> dict[str, str]:
    names = {row["person"]: bytes(row["pseudonym"]).decode() for row in world.result("staging.people")}
    rows = world.result("staging.adopters")
    return {names[r["person"]]: str(r["adopted_on"]) for r in rows if (r["days"], r["channels"]) == (days, channels)}


def test_an_adopter_is_dated_on_the_third_day_not_the_first(world: World) -> None:
    world.does(
        "wall", "post", "ann 2026-06-01", "ann 2026-06-01 18:00", "ann 2026-06-10", "ann 2026-06-12", "ann 2026-06-14"
    )
    assert adopted(world) == {"ann": "2026-06-12"}


@pytest.mark.parametrize(("third", "found"), [("2026-06-28", {"ann": "2026-06-28"}), ("2026-06-29", {})])
def test_three_days_must_fall_within_28(world: World, third: str, found: dict[str, str]) -> None:
    world.does("wall", "post", "ann 2026-06-01", "ann 2026-06-10", f"ann {third}")
    assert adopted(world) == found


def test_the_window_slides(world: World) -> None:
    """A lone early day does not spoil three later ones."""
    world.does("wall", "reply", "ann 2026-03-01", "ann 2026-06-01", "ann 2026-06-02", "ann 2026-06-03")
    assert adopted(world) == {"ann": "2026-06-03"}


def test_reading_learning_and_what_is_mandatory_make_no_adopter(world: World) -> None:
    days = [f"2026-06-0{n}" for n in range(1, 6)]
    world.does("pages", "read", *(f"ann {d}" for d in days))
    world.does("school", "ask", *(f"bob {d}" for d in days))
    world.does("wall", "post", *(f"cy {d}" for d in days), mandatory=True)
    world.does("wall", "react", *(f"di {d}" for d in days))
    assert adopted(world) == {}


def test_the_variants_ask_for_other_days_and_channels(world: World) -> None:
    world.does("wall", "post", "ann 2026-06-01", "ann 2026-06-02", "ann 2026-06-03")
    world.does("talk", "answer", "ann 2026-06-09")
    assert adopted(world, 2) == {"ann": "2026-06-02"}
    assert adopted(world, 4) == {"ann": "2026-06-09"}
    assert adopted(world, 2, 2) == adopted(world, 3, 2) == adopted(world, 4, 2) == {"ann": "2026-06-09"}


def test_two_channels_on_two_sides_of_the_window_are_not_two(world: World) -> None:
    world.does("wall", "post", "ann 2026-05-01", "ann 2026-05-02", "ann 2026-05-03")
    world.does("talk", "ask", "ann 2026-06-09")
    assert adopted(world, 2, 2) == {}


def story(world: World, *sources: str) -> None:
    world.seen(*sources)
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    world.does("wall", "post", "ann 2026-06-01", "ann 2026-06-02", "ann 2026-06-03")


def test_the_share_grows_in_the_week_of_the_third_day_and_stays(world: World) -> None:
    story(world, "wall")
    found = world.figures("adopter_share", unit_level="organisation", part="")
    assert {str(f["period_start"]): f["value"] for f in found[-7:]} == {
        "2026-05-25": 0.0,
        "2026-06-01": 0.2,
        "2026-06-08": 0.2,
        "2026-06-15": 0.2,
        "2026-06-22": 0.2,
        "2026-06-29": 0.2,
        "2026-07-06": 0.2,
    }


def test_the_newest_28_days_are_provisional(world: World) -> None:
    story(world, "wall")
    found = {
        str(f["period_end"]): (f["status"], f["reason"]) for f in world.figures("adopter_share", unit_level="team")
    }
    assert found["2026-06-14"] == ("ok", "")
    assert found["2026-06-21"] == ("provisional", "the newest 28 days may still change")


@pytest.mark.parametrize(
    ("sources", "status"),
    [(["wall"], "not_identifiable"), (["wall", "pages"], "not_identifiable"), (["wall", "talk"], "ok")],
)
def test_two_channel_variants_need_two_voluntary_channels(world: World, sources: list[str], status: str) -> None:
    story(world, *sources)
    [two] = world.figures("adopter_share", part="days=2,channels=2", period_start="2026-06-08")
    [one] = world.figures("adopter_share", part="days=2,channels=1", period_start="2026-06-08")
    assert (two["status"], two["value"]) == (status, None if status != "ok" else 0.0)
    assert (one["status"], one["value"]) == ("ok", 0.2)
    assert one["unit_level"] == two["unit_level"] == "organisation"
