"""Who is a champion, and who trained whom."""

from __future__ import annotations

from tests.story import STAFF, World, crew

REGISTER = "source channel person valid_from valid_to"
ALWAYS = "9999-12-31"


def register(world: World, *stretches: str) -> None:
    """Stretches as "ann 2026-03-01 2026-05-01", the last left out while it lasts."""
    rows = [stretch.split() for stretch in stretches]
    world.given(
        "each.champions", REGISTER, *(["register", "roster", who, since, *(until or [ALWAYS])] for who, since, *until in rows)
    )


def teaches(world: World, *lessons: str, **more: object) -> None:
    """Lessons as "ann>bob 2026-03-02"."""
    for lesson in lessons:
        names, day = lesson.split()
        who, toward = names.split(">")
        world.does("school", "teach", f"{who} {day}", toward=toward, **more)


def told(world: World, table: str, *columns: str) -> list[tuple[str, ...]]:
    """Rows of a table with names instead of numbers."""
    names = {row["person"]: bytes(row["pseudonym"]).decode() for row in world.result("staging.people")}
    rows = world.result(table)
    return sorted(tuple(names[row[c]] if c in ("person", "toward") else str(row[c]) for c in columns) for row in rows)


def test_stretches_that_overlap_or_touch_are_one(world: World) -> None:
    register(
        world,
        "ann 2026-01-01 2026-03-01",
        "ann 2026-02-01 2026-04-01",
        "ann 2026-04-01 2026-05-01",
        "ann 2026-06-01",
        "bob 2026-02-01",
    )
    assert told(world, "staging.champions", "person", "valid_from", "valid_to", "registered") == [
        ("ann", "2026-01-01", "2026-05-01", "True"),
        ("ann", "2026-06-01", ALWAYS, "True"),
        ("bob", "2026-02-01", ALWAYS, "True"),
    ]


def test_a_short_stretch_within_a_long_one_does_not_cut_it(world: World) -> None:
    register(world, "ann 2026-01-01 2026-06-01", "ann 2026-02-01 2026-03-01", "ann 2026-04-01 2026-05-01")
    assert told(world, "staging.champions", "valid_from", "valid_to") == [("2026-01-01", "2026-06-01")]


def test_a_training_is_dated_on_its_first_day(world: World) -> None:
    register(world, "ann 2026-03-01", "bob 2026-03-01")
    teaches(world, "ann>cy 2026-03-09", "ann>cy 2026-03-02", "bob>cy 2026-03-05")
    assert told(world, "staging.taught", "person", "toward", "trained_on") == [
        ("ann", "cy", "2026-03-02"),
        ("bob", "cy", "2026-03-05"),
    ]


def test_only_who_is_a_champion_on_the_day_trains(world: World) -> None:
    register(world, "ann 2026-03-02 2026-03-05")
    teaches(world, "ann>bob 2026-03-01", "ann>cy 2026-03-02", "ann>di 2026-03-04", "ann>ed 2026-03-05", "flo>gus 2026-03-03")
    assert told(world, "staging.taught", "toward") == [("cy",), ("di",)]


def test_teaching_nobody_or_oneself_is_no_training(world: World) -> None:
    register(world, "ann 2026-03-01")
    world.does("school", "teach", "ann 2026-03-02")
    teaches(world, "ann>ann 2026-03-02")
    assert told(world, "staging.taught", "toward") == []


def test_without_a_register_whoever_teaches_of_their_own_accord_is_a_champion(world: World) -> None:
    teaches(world, "ann>bob 2026-03-09", "ann>cy 2026-03-02")
    teaches(world, "flo>gus 2026-03-02", mandatory=True)
    assert told(world, "staging.champions", "person", "valid_from", "registered") == [("ann", "2026-03-02", "False")]
    [row] = world.rows("select provisional from staging.champions")
    assert row["provisional"] == "there is no register of champions: whoever teaches is taken for one"
    assert told(world, "staging.taught", "person", "toward") == [("ann", "bob"), ("ann", "cy")]


def test_with_a_register_it_alone_counts_and_their_mandatory_courses_do_too(world: World) -> None:
    register(world, "flo 2026-03-01")
    teaches(world, "ann>bob 2026-03-09")
    teaches(world, "flo>gus 2026-03-02", mandatory=True)
    assert told(world, "staging.champions", "person", "registered", "provisional") == [("flo", "True", "None")]
    assert told(world, "staging.taught", "person", "toward") == [("flo", "gus")]


def homes(world: World, who: str) -> list[tuple[str, str]]:
    """(unit, first day of the block) of a champion in the blocks from 20 April on."""
    rows = told(world, "staging.champion_homes", "person", "unit", "period_start")
    return sorted((unit, day) for person, unit, day in rows if person == who and day >= "2026-04-20")


def test_a_champion_counts_under_the_directorate_of_the_block_and_for_the_organisation_ever_after(world: World) -> None:
    """Ann moves on 20 May and has left by 15 June: the roster of a block's first day counts, and it ends on 12 July."""
    world.seen("school")
    world.given("each.people", STAFF, *crew("a1 a2 a3 a4 a5 a6"), *crew("b1 b2 b3 b4 b5 b6", "Law", "Courts"))
    world.given("each.people", STAFF, *crew("ann", until="2026-05-18"), *crew("ann", "Law", "Courts", "2026-05-18", "2026-06-10"))
    register(world, "ann 2026-05-01 2026-05-10", "ann 2026-06-01", "a1 2026-07-13")
    blocks = ["2026-04-20", "2026-05-18", "2026-06-15"]
    assert homes(world, "ann") == sorted([*(("Department", day) for day in blocks), ("Coast", blocks[0]), ("Courts", blocks[1])])
    assert homes(world, "a1") == []  # not yet
    rows = told(world, "staging.champion_homes", "valid_from", "valid_to", "provisional")
    assert set(rows) == {("2026-05-01", ALWAYS, "None")}  # two stretches are one plan
