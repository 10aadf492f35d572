"""Tone as one voice each, and how much of the text it rests on."""

from __future__ import annotations

import pytest

from tests.story import BLOCK, STAFF, World, crew, many

READ = "source channel person happened_at language tone is_question words"


def texts(world: World, *told: tuple[str, int, float | None], language: str = "en", question: bool = False) -> None:
    """(author, how many, tone of each)"""
    world.given("each.texts", READ, *(
        ["wall", "network", author, f"2026-06-16 10:{n:02}:00+00", language, tone, question, 9]
        for author, count, tone in told for n in range(count)
    ))  # fmt: skip


def staffed(world: World, people: int = 12) -> list[str]:
    names = many("p", people).split()
    world.seen("wall")
    world.given("each.people", STAFF, *crew(" ".join(names)))
    return names


def one(world: World, metric: str, part: str = "") -> dict:
    [figure] = world.figures(metric, part=part, unit_level="organisation", period_start=BLOCK[0])
    return figure


def test_tone_is_one_voice_each_not_one_voice_a_post(world: World) -> None:
    """One author writes 21 happy posts, nine write one sad post each: the mood is (1 × 0.5 - 9 × 0.3) / 10."""
    names = staffed(world)
    texts(world, (names[0], 21, 0.5), *((p, 1, -0.3) for p in names[1:10]))
    mood = one(world, "tone_mean")
    assert (mood["value"], mood["base"], mood["status"]) == (pytest.approx((0.5 - 2.7) / 10), 10, "ok")
    assert (mood["low"], mood["high"]) == (None, None)


@pytest.mark.parametrize(
    ("authors", "posts", "status"), [(10, 3, "ok"), (9, 4, "not_identifiable"), (10, 2, "not_identifiable")]
)
def test_tone_needs_ten_authors_and_thirty_posts(world: World, authors: int, posts: int, status: str) -> None:
    names = staffed(world)
    texts(world, *((p, posts, 0.1) for p in names[:authors]))
    assert one(world, "tone_mean")["status"] == status


@pytest.mark.parametrize(
    ("unread", "status"), [(1, "ok"), (2, "provisional"), (4, "provisional"), (5, "not_identifiable")]
)  # of 4 + unread texts by each of ten authors: 80 %, 67 %, 50 %, 44 % read
def test_tone_says_how_much_it_could_read(world: World, unread: int, status: str) -> None:
    names = staffed(world)
    texts(world, *((p, 4, 0.1) for p in names[:10]))
    texts(world, *((p, unread, None) for p in names[:10]), language="cy")
    assert one(world, "tone_mean")["status"] == status
    assert one(world, "readable_share")["value"] == pytest.approx(4 / (4 + unread))


def test_questions_are_not_mood(world: World) -> None:
    names = staffed(world)
    texts(world, *((p, 3, 0.1) for p in names[:10]))
    texts(world, *((p, 9, -1.0) for p in names[:10]), question=True)
    assert one(world, "tone_mean")["value"] == pytest.approx(0.1)


def test_languages_are_shares_of_all_texts_and_their_few_writers_are_hidden(world: World) -> None:
    names = staffed(world)
    texts(world, *((p, 4, 0.1) for p in names[:10]))
    texts(world, *((p, 2, None) for p in names[:5]), language="cy")
    texts(world, *((p, 2, None) for p in names[:4]), language="other")
    assert one(world, "readable_share", "language=en")["value"] == pytest.approx(40 / 58)
    welsh, other = one(world, "readable_share", "language=cy"), one(world, "readable_share", "language=other")
    assert (welsh["value"], welsh["base"]) == (pytest.approx(10 / 58), 5)
    assert (other["status"], other["value"], other["base"]) == ("suppressed", None, None)


@pytest.mark.parametrize(("posts", "status"), [(3, "ok"), (2, "not_identifiable")])
def test_readable_share_needs_thirty_texts(world: World, posts: int, status: str) -> None:
    names = staffed(world)
    texts(world, *((p, posts, 0.1) for p in names[:10]))
    assert one(world, "readable_share")["status"] == status


def labelled(world: World, positive: int, found: int, other: int, kept: int) -> None:
    world.con.execute("delete from staging.labelled")
    world.con.execute("insert into staging.labelled values (?, ?, ?, ?)", [positive, found, other, kept])


def test_the_positive_share_takes_the_scorers_errors_out(world: World) -> None:
    """Half of the authors are called positive; the scorer finds 80 % of the positive and clears 90 % of the rest."""
    names = staffed(world, 40)
    labelled(world, 100, 80, 100, 90)
    texts(world, *((p, 2, 0.5 if n < 20 else -0.5) for n, p in enumerate(names)))
    figure = one(world, "positive_share")
    assert (figure["value"], figure["status"]) == (pytest.approx((0.5 + 0.9 - 1) / 0.7), "ok")
    assert figure["low"] < 0.5 < figure["high"] < 0.9


@pytest.mark.parametrize(
    ("counts", "status"),
    [((50, 40, 50, 45), "ok"), ((49, 40, 50, 45), "not_identifiable"), ((50, 40, 49, 45), "not_identifiable"),
     ((50, 31, 50, 30), "ok"), ((50, 30, 50, 30), "not_identifiable")],
)  # fmt: skip
def test_a_positive_share_needs_a_scorer_that_was_tried(world: World, counts: tuple[int, ...], status: str) -> None:
    names = staffed(world, 40)
    labelled(world, *counts)
    texts(world, *((p, 2, 0.5 if n < 24 else -0.5) for n, p in enumerate(names)))
    assert one(world, "positive_share")["status"] == status


def test_without_labels_of_its_own_an_organisation_has_no_positive_share(world: World) -> None:
    names = staffed(world, 12)
    texts(world, *((p, 3, 0.5) for p in names))
    assert "label 50 positive" in one(world, "positive_share")["reason"]


def test_an_impossible_share_is_called_so_and_never_clipped(world: World) -> None:
    """Nobody is called positive, yet the scorer is known to call a tenth of the others so."""
    names = staffed(world, 40)
    labelled(world, 100, 80, 100, 90)
    texts(world, *((p, 2, -0.5) for p in names))
    assert "cannot have had the errors" in one(world, "positive_share")["reason"]
    assert one(world, "positive_share")["value"] is None


def test_the_unread_bound_the_positive_share_from_both_sides(world: World) -> None:
    names = staffed(world, 40)
    labelled(world, 100, 100, 100, 100)
    texts(world, *((p, 4, 0.5 if n < 20 else -0.5) for n, p in enumerate(names)))
    texts(world, *((p, 2, None) for p in names))
    shares = [one(world, "positive_share", part)["value"] for part in ("unread none", "", "unread all")]
    assert shares == [pytest.approx(1 / 3), pytest.approx(1 / 2), pytest.approx(2 / 3)]
    assert one(world, "positive_share")["status"] == "provisional"
