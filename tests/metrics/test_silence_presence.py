"""Who was there: away is what a source says, and nothing else."""

from __future__ import annotations

import pytest

from tests.story import World

PRESENCE = "source channel person day state"


def told(world: World, *rows: str) -> list[bool]:
    world.given("each.presence", PRESENCE, *[["hr", "roster", *row.split(maxsplit=2)] for row in rows])
    return [row["away"] for row in world.result("staging.presence")]


@pytest.mark.parametrize("state", ["absent: leave", "absent: sick", "absent: shift", "absent: no computer", "Absent"])
def test_absent_is_away(world: World, state: str) -> None:
    assert told(world, f"ann 2026-06-16 {state}") == [True]


@pytest.mark.parametrize("state", ["present", "office", "at home", "not absent"])
def test_any_other_state_was_there(world: World, state: str) -> None:
    assert told(world, f"ann 2026-06-16 {state}") == [False]


def test_who_is_told_both_on_one_day_was_there(world: World) -> None:
    assert told(world, "ann 2026-06-16 absent: leave", "ann 2026-06-16 office", "bob 2026-06-16 absent: leave") == [False, True]


def test_a_day_is_told_once_and_none_after_the_run_s_day(world: World) -> None:
    assert told(world, "ann 2026-07-12 absent: leave", "ann 2026-07-12 absent: sick", "ann 2026-07-13 absent: sick") == [True]
