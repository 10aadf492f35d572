"""Web chats: how fast they answer, who is there, what waits, and whether what is told is what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.warehouse import Build
from tests.story import ACTS, BLOCK, STAFF, World, crew, many

GRADED = f"{STAFF} grade"
TURN = f"{ACTS} thread"
READ = "source channel person happened_at language tone is_question words themes"
STAFF_20 = many("p", 20).split()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Twenty staff in two teams and two grades, one boss who hosts the chats and five others of the senior band."""
    with Build(tmp_path / "warehouse.duckdb") as build:
        told = World(build)
        told.seen("talk", "wall")
        rows = [[*row, "EO" if n % 2 else "HEO"] for n, row in enumerate(crew(" ".join(STAFF_20[:10])))]
        rows += [[*row, "EO"] for row in crew(" ".join(STAFF_20[10:]), "Web")]
        rows += [[*row, "SCS1"] for row in crew("boss b1 b2 b3 b4", "Office")]
        told.given("each.people", GRADED, *rows)
        yield told


def ask(
    world: World, count: int, *, themes: list[str] | None = None, day: str = "2026-06-16", answered: str = "",
    first: int = 0, of: int = 20,
) -> None:  # fmt: skip
    """`count` questions about these themes by staff in turn, each at its own second, answered by the boss an hour on, on a day."""
    so_far = len(world.rows("select 1 from each.texts"))
    for n in range(count):
        moment = timedelta(hours=10, seconds=so_far + n)
        who, thread, at = STAFF_20[(first + n) % of], f"question {so_far + n}", f"{day} {moment}+00"
        world.given("each.acts", TURN, ["talk", "chat", who, at, "ask", thread])
        world.given("each.texts", READ, ["talk", "chat", who, at, "en", 0.0, True, 5, themes])
        if answered:
            later = f"{answered} {moment + timedelta(hours=1)}+00"
            world.given("each.acts", TURN, ["talk", "chat", "boss", later, "answer", thread])


def post(world: World, count: int, *, themes: list[str], by: str = "b1", question: bool = False) -> None:
    """`count` posts on the wall that begin a conversation."""
    for n in range(count):
        at, thread = f"2026-06-17 12:{n:02}:00+00", f"{by} {themes} {n}"
        world.given("each.acts", TURN, ["wall", "network", by, at, "post", thread])
        world.given("each.texts", READ, ["wall", "network", by, at, "en", 0.0, question, 5, themes])


def one(world: World, metric: str, part: str = "", level: str = "organisation") -> dict:
    [figure] = world.figures(metric, part=part, unit_level=level, period_start=BLOCK[0])
    return figure


# ------------------------------------------------------------------------------------------------------- the questions
def test_a_question_has_the_themes_of_its_text(world: World) -> None:
    ask(world, 1, themes=["pay", "jobs"])
    [question] = world.result("staging.questions")
    assert (question["themes"], str(question["due_on"])) == (["jobs", "pay"], "2026-06-23")


def test_of_several_lines_in_one_minute_those_that_ask_give_the_themes(world: World) -> None:
    ask(world, 1, themes=["pay"])
    at = "2026-06-16 10:00:00+00"
    world.given("each.texts", READ, ["talk", "chat", "p000", at, "en", 0.0, False, 5, ["training"]],
                ["talk", "chat", "p000", at, "en", 0.0, True, 5, ["jobs"]],
                ["wall", "network", "p000", at, "en", 0.0, True, 5, ["digital"]])  # fmt: skip
    [question] = world.result("staging.questions")
    assert question["themes"] == ["jobs", "pay"]


def test_without_a_theme_and_without_a_reading_are_two_things(world: World) -> None:
    ask(world, 1, themes=[])
    ask(world, 1, themes=None, first=1)
    world.given("each.acts", TURN, ["talk", "chat", "p002", "2026-06-16 10:30:00+00", "ask", "unread"])
    assert [q["themes"] for q in sorted(world.result("staging.questions"), key=lambda q: q["opened_at"])] == [[], None, None]


def test_a_post_is_a_question_where_it_was_read_as_one_and_strangers_ask_none(world: World) -> None:
    post(world, 1, themes=["pay"], by="p000", question=True)
    post(world, 1, themes=["pay"], by="p001")
    world.given("each.acts", TURN, ["talk", "chat", "stranger", "2026-06-16 10:30:00+00", "ask", "x"])
    assert [q["channel"] for q in world.result("staging.questions")] == ["network"]


@pytest.mark.parametrize("asked", [date(2026, 6, 15) + timedelta(days=n) for n in range(7)], ids=lambda d: f"{d:%A}")
def test_due_on_is_five_working_days_on(world: World, asked: date) -> None:
    ask(world, 1, day=str(asked))
    day, worked = asked, 0
    while worked < 5:
        day += timedelta(days=1)
        worked += day.isoweekday() <= 5
    [question] = world.result("staging.questions")
    assert question["due_on"] == day


# ---------------------------------------------------------------------------------------------------------- the answers
def test_answer_hours_counts_the_unanswered_as_still_waiting(world: World) -> None:
    """Of 12 questions 7 were answered after an hour, 3 after a day and an hour, 2 never."""
    ask(world, 7, answered="2026-06-16")
    ask(world, 3, answered="2026-06-17", first=7)
    ask(world, 2, first=10)
    median, late = one(world, "answer_hours", "median"), one(world, "answer_hours", "p80")
    assert (median["value"], median["n_eff"], median["base"], median["status"]) == (1, 12, 12, "ok")
    assert late["value"] == 25


@pytest.mark.parametrize(("count", "status"), [(10, "ok"), (9, "not_identifiable")])
def test_fewer_than_10_questions_say_nothing_of_chats(world: World, count: int, status: str) -> None:
    ask(world, count, answered="2026-06-16")
    assert one(world, "answer_hours", "median")["status"] == status
    assert one(world, "chat_breadth_share", "teams")["status"] == status


def test_answer_hours_says_nothing_where_too_few_are_answered(world: World) -> None:
    ask(world, 4, answered="2026-06-16")
    ask(world, 8, first=4)
    assert one(world, "answer_hours", "median")["status"] == "not_identifiable"


def test_breadth_is_the_teams_and_grades_that_were_there(world: World) -> None:
    """Of three teams two asked or answered, of three grades all."""
    ask(world, 12, of=10, answered="2026-06-16")
    world.given("each.acts", ACTS, ["wall", "network", "p015", "2026-06-16 10:00:00+00", "post"])
    teams, grades = one(world, "chat_breadth_share", "teams"), one(world, "chat_breadth_share", "grades")
    assert (teams["value"], teams["n_eff"], teams["base"], teams["low"]) == (pytest.approx(2 / 3), 3, 11, None)
    assert (grades["value"], grades["n_eff"]) == (1, 3)


def test_without_grades_in_the_directory_their_breadth_is_not_told(world: World) -> None:
    ask(world, 12)
    world.con.execute("update each.people set grade = null")
    grades = one(world, "chat_breadth_share", "grades")
    assert (grades["status"], grades["reason"]) == ("not_identifiable", "the roster tells of no grades")
    assert one(world, "chat_breadth_share", "teams")["status"] == "ok"


# ------------------------------------------------------------------------------------------------------- what is waiting
def test_what_waits_is_counted_by_theme_and_age(world: World) -> None:
    """Ten working days before Sunday 12 July end with Friday 26 June: a question of that Friday is not older yet."""
    ask(world, 6, themes=["pay"], day="2026-06-25")
    ask(world, 5, themes=["pay", "jobs"], day="2026-06-29")
    ask(world, 4, themes=["pay"], day="2026-06-16", answered="2026-06-17")
    ask(world, 5, themes=["training"], day="2026-06-16", answered="2026-06-17")
    ask(world, 5, themes=[], day="2026-06-16")
    assert one(world, "unanswered_questions_count")["value"] == 16
    found = {part: one(world, "unanswered_questions_count", part) for part in (
        "pay, up to 10 working days", "pay, older than 10 working days", "jobs, up to 10 working days",
        "training, older than 10 working days", "no theme, older than 10 working days")}  # fmt: skip
    assert [f["value"] for f in found.values()] == [5, 6, 5, 0, 5]
    assert {f["status"] for f in found.values()} == {"ok"}


@pytest.mark.parametrize(("day", "older"), [("2026-06-26", 5), ("2026-06-29", 0), ("2026-06-27", 5), ("2026-06-28", 5)])
def test_ten_working_days_are_monday_to_friday(world: World, day: str, older: int) -> None:
    """Asked on Friday 26 June the tenth is Friday 10 July; asked on the weekend too; on Monday it is after the end."""
    ask(world, 5, themes=["pay"], day=day)
    assert one(world, "unanswered_questions_count", "pay, older than 10 working days")["value"] == older


@pytest.mark.parametrize(("people", "status"), [(5, "ok"), (4, "suppressed")])
def test_a_theme_that_fewer_than_k_asked_about_is_not_counted(world: World, people: int, status: str) -> None:
    ask(world, 12, themes=["pay"], of=people)
    ask(world, 5, themes=["jobs"])
    found = one(world, "unanswered_questions_count", "pay, older than 10 working days")
    assert (found["status"], found["value"]) == (status, 12 if status == "ok" else None)


@pytest.mark.parametrize(("day", "counted"), [("2026-04-20", 5), ("2026-04-19", 0)])
def test_a_question_of_more_than_84_days_ago_is_given_up(world: World, day: str, counted: int) -> None:
    ask(world, 5, themes=["pay"], day=day)
    ask(world, 5, themes=["pay"], day="2026-06-16", answered="2026-06-17")
    assert one(world, "unanswered_questions_count")["value"] == counted


def test_what_was_answered_later_was_waiting_then(world: World) -> None:
    ask(world, 5, themes=["pay"], day="2026-06-10", answered="2026-06-17")
    found = {str(f["period_start"]): f["value"] for f in world.figures("unanswered_questions_count", part="")}
    assert (found["2026-05-18"], found[BLOCK[0]]) == (5, 0)


# ------------------------------------------------------------------------------------------------------- hard questions
def test_the_hard_gap_is_other_less_hard(world: World) -> None:
    """Of 10 on pay 2 were answered in time and 3 too late, of 20 others 15: 75 % - 20 %."""
    ask(world, 2, themes=["pay", "training"], answered="2026-06-23")
    ask(world, 3, themes=["pay"], answered="2026-06-24", first=2)
    ask(world, 5, themes=["jobs"], first=5)
    ask(world, 15, themes=["training"], answered="2026-06-16")
    ask(world, 5, themes=[], first=15)
    found = one(world, "hard_question_gap_points")
    assert (found["value"], found["n_eff"], found["base"], found["status"]) == (pytest.approx(55), 30, 10, "ok")
    assert 0 < found["low"] < 55 < found["high"] < 100


@pytest.mark.parametrize(
    ("hard", "other", "said"),
    [(10, 10, ""), (9, 10, "on hard themes"), (10, 9, "on other themes"), (9, 9, "on hard and on other themes")],
)
def test_the_hard_gap_needs_ten_questions_of_each_kind(world: World, hard: int, other: int, said: str) -> None:
    ask(world, hard, themes=["pension"], answered="2026-06-16")
    ask(world, other, themes=["training"], answered="2026-06-16")
    found = one(world, "hard_question_gap_points")
    assert (found["status"], found["reason"]) == (
        ("not_identifiable", f"fewer than 10 questions were asked {said}") if said else ("ok", "")
    )


@pytest.mark.parametrize(("day", "status"), [("2026-07-05", "ok"), ("2026-07-06", "provisional")])
def test_hard_questions_within_their_days_make_it_provisional(world: World, day: str, status: str) -> None:
    ask(world, 10, themes=["pension"], answered="2026-06-16")
    ask(world, 10, themes=["training"], day=day)
    assert one(world, "hard_question_gap_points")["status"] == status


# ------------------------------------------------------------------------------------------------------------ the agenda
def test_the_agenda_gap_is_what_is_asked_and_not_told(world: World) -> None:
    """Asked: 24 pay, 6 training, 6 digital; told: 15 digital, 5 training by the boss's band."""
    ask(world, 24, themes=["pay"])
    ask(world, 6, themes=["training"])
    ask(world, 6, themes=["digital"])
    post(world, 15, themes=["digital"])
    post(world, 5, themes=["training"], by="b2")
    post(world, 9, themes=["pay"], by="p000")  # staff publish nothing
    found = one(world, "agenda_gap_share")
    assert (found["value"], found["n_eff"], found["base"]) == (pytest.approx(1 - (6 / 36 + 6 / 36)), 36, 20)
    assert (found["status"], found["reason"]) == ("ok", "staff ask more than is told about pay")
    assert found["low"] <= found["value"] <= found["high"]


def test_an_answer_covers_what_its_question_asks(world: World) -> None:
    ask(world, 40, themes=["pay"], answered="2026-06-16")
    found = one(world, "agenda_gap_share")
    assert (found["value"], found["reason"]) == (0, "")


def test_a_question_of_two_themes_counts_half_for_each(world: World) -> None:
    ask(world, 30, themes=["pay", "training"])
    post(world, 10, themes=["training"])
    assert one(world, "agenda_gap_share")["value"] == pytest.approx(0.5)


def test_a_theme_is_named_only_where_k_people_asked(world: World) -> None:
    ask(world, 20, themes=["pay"], of=4)
    ask(world, 20, themes=["jobs"])
    post(world, 10, themes=["training"])
    found = one(world, "agenda_gap_share")
    assert (found["value"], found["reason"]) == (1, "staff ask more than is told about jobs")


@pytest.mark.parametrize(
    ("asked", "told", "said"),
    [(30, 10, ""), (29, 10, "fewer than 30 questions with a theme were asked"),
     (30, 9, "fewer than 10 posts and answers with a theme were published")],
)  # fmt: skip
def test_the_agenda_gap_needs_thirty_questions_and_ten_posts(world: World, asked: int, told: int, said: str) -> None:
    ask(world, asked, themes=["pay"])
    ask(world, 5, themes=[])
    post(world, told, themes=["pay"])
    found = one(world, "agenda_gap_share")
    assert (found["status"], found["reason"], found["base"]) == ("not_identifiable" if said else "ok", said, 20)
