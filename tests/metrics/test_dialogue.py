"""Whether anybody answers: threads, time to a reply, questions in chats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from tests.story import ACTS, BLOCK, STAFF, World, crew, many

TURN = f"{ACTS} thread"


def turn(source: str, channel: str, thread: str, *acts: str) -> Iterable[list[str]]:
    """Rows of one thread as "ann post 2026-06-16 09:00"."""
    for act in acts:
        person, verb, day, time = act.split()
        yield [source, channel, person, f"{day} {time}:00+00", verb, thread]


def test_a_thread_waits_for_the_first_reply_by_somebody_else(world: World) -> None:
    world.given("each.acts", TURN, *turn(
        "wall", "network", "1", "ann post 2026-06-16 09:00", "ann reply 2026-06-16 09:30", "bob reply 2026-06-16 11:00",
        "cy reply 2026-06-16 10:59"))  # fmt: skip
    [thread] = world.result("staging.threads")
    assert thread["waited_seconds"] == 119 * 60
    assert str(thread["answered_on"]) == "2026-06-16"


def test_what_nobody_answered_was_waiting_at_the_end_of_the_run_s_day(world: World) -> None:
    """The local day ends at 23:00 UTC in summer."""
    world.given(
        "each.acts", TURN, *turn("wall", "network", "1", "ann post 2026-07-12 21:00", "ann reply 2026-07-12 22:00")
    )
    [thread] = world.result("staging.threads")
    assert (thread["waited_seconds"], thread["answered_at"]) == (2 * 3600, None)


def test_every_question_of_a_chat_opens_its_own_wait(world: World) -> None:
    world.given("each.acts", TURN, *turn(
        "talk", "chat", "town hall", "ann ask 2026-06-16 09:00", "bob ask 2026-06-16 09:05",
        "host answer 2026-06-16 09:02", "host answer 2026-06-16 09:15"))  # fmt: skip
    assert [t["waited_seconds"] for t in world.result("staging.threads")] == [120, 600]


def test_replies_without_a_beginning_open_nothing(world: World) -> None:
    world.given("each.acts", TURN, *turn("wall", "network", "1", "bob reply 2026-06-16 11:00"))
    assert world.result("staging.threads") == []


def posts(world: World, count: int, answered: int) -> None:
    """`count` posts of one moment by five people in turn; the first ones have a reply after 1, 2, 3, ... hours."""
    names = crew("ann bob cy di ed")
    world.seen("wall")
    world.given("each.people", STAFF, *names)
    for n in range(count):
        author, other = names[n % 5][0], names[(n + 1) % 5][0]
        acts = [f"{author} post 2026-06-15 00:00"]
        if n < answered:
            day, hour = divmod(n + 1, 24)
            acts.append(f"{other} reply 2026-06-{15 + day} {hour:02}:00")
        world.given("each.acts", TURN, *turn("wall", "network", str(n), *acts))


def reply(world: World, part: str) -> dict:
    [figure] = world.figures("reply_hours", part=part, unit_level="organisation", period_start=BLOCK[0])
    return figure


def test_reply_hours_counts_the_unanswered_as_still_waiting(world: World) -> None:
    """Of 20 posts 16 were answered after 1 to 16 hours: half within 10.5 hours; the answered alone say 8.5."""
    posts(world, 20, 16)
    median = reply(world, "median")
    assert (median["value"], median["status"], median["base"], median["n_eff"]) == (10.5, "ok", 5, 20)
    assert median["low"] < 10.5 < median["high"]
    assert reply(world, "p80")["value"] == 16  # the 16th of 20 is four fifths; nothing happens after it


@pytest.mark.parametrize(("count", "status"), [(20, "ok"), (19, "not_identifiable")])
def test_reply_hours_refuses_below_20_posts(world: World, count: int, status: str) -> None:
    posts(world, count, count)
    assert reply(world, "median")["status"] == status


def test_reply_hours_says_nothing_where_too_few_are_answered(world: World) -> None:
    posts(world, 20, 9)
    median = reply(world, "median")
    assert (median["status"], median["value"], median["low"], median["high"]) == ("not_identifiable", None, None, None)
    assert "too few of them have a reply yet" in median["reason"]


def questions(world: World, *told: str) -> None:
    """Questions as "2026-06-16" or "2026-06-16 2026-06-18", asked and answered; by five people in turn."""
    world.seen("talk")
    world.given("each.people", STAFF, *crew("ann bob cy di ed"))
    for n, text in enumerate(told):
        asked, *answered = text.split()
        acts = [f"{['ann', 'bob', 'cy', 'di', 'ed'][n % 5]} ask {asked} 12:00"]
        acts += [f"host answer {day} 13:00" for day in answered]
        world.given("each.acts", TURN, *turn("talk", "chat", str(n), *acts))


def answers(world: World) -> dict[str, tuple[str, float | None, int | None, float | None]]:
    found = world.figures("answered_share", period_start=BLOCK[0])
    return {f["part"]: (f["status"], f["value"], f["base"], f["n_eff"]) for f in found}


def test_answered_share_tells_live_later_and_never(world: World) -> None:
    """Ten questions on Tuesday 16 June: 4 answered that day, 3 on the 5th working day, 1 after, 2 never."""
    same, fifth, sixth = "2026-06-16 2026-06-16", "2026-06-16 2026-06-23", "2026-06-16 2026-06-24"
    questions(world, *[same] * 4, *[fifth] * 3, sixth, "2026-06-16", "2026-06-16")
    assert answers(world) == {
        "": ("ok", 0.7, 5, 10), "live": ("ok", 0.4, 5, 10), "later": ("ok", 0.4, 5, 10), "never": ("ok", 0.2, 5, 10),
    }  # fmt: skip


@pytest.mark.parametrize("asked", [date(2026, 6, 15) + timedelta(days=n) for n in range(7)], ids=lambda d: f"{d:%A}")
def test_five_working_days_are_counted_monday_to_friday(world: World, asked: date) -> None:
    day, worked = asked, 0
    while worked < 5:
        day += timedelta(days=1)
        worked += day.isoweekday() <= 5
    in_time, late = f"{asked} {day}", f"{asked} {day + timedelta(days=1)}"
    questions(world, *[in_time] * 9, late)
    assert answers(world)[""] == ("ok", 0.9, 5, 10)


@pytest.mark.parametrize(("count", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_answered_share_refuses_below_10_questions(world: World, count: int, status: str) -> None:
    questions(world, *["2026-06-16"] * count)
    assert answers(world)["never"][0] == status


@pytest.mark.parametrize(("asked", "status"), [("2026-07-05", "ok"), ("2026-07-06", "provisional")])
def test_a_question_still_within_its_days_makes_the_share_provisional(world: World, asked: str, status: str) -> None:
    """Asked on a Sunday, its fifth working day was Friday 10 July; asked on the Monday, it is after the run's."""
    questions(world, *["2026-06-16 2026-06-16"] * 9, asked)
    assert answers(world)[""][:2] == (status, 0.9)


def test_few_askers_of_many_questions_are_not_told(world: World) -> None:
    world.seen("talk")
    world.given("each.people", STAFF, *crew(many("p", 20)))
    for n in range(12):
        world.given("each.acts", TURN, *turn("talk", "chat", str(n), f"p00{n % 4} ask 2026-06-16 12:00"))
    assert answers(world)[""] == ("suppressed", None, None, None)
