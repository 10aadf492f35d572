"""From whom adopters have it: what is proof, what is a response to the organisation, and what is neither."""

from __future__ import annotations

from typing import Any

import pytest

from tests.story import STAFF, World, crew

EVENT = "day label until kind source channel"


@pytest.fixture
def office(world: World) -> World:
    """Ada has been an adopter since 3 April; everybody else starts from nothing."""
    world.seen("wall", "school")
    world.given("each.people", STAFF, *crew("ada bob cy di ed fay"))
    world.does("wall", "post", "ada 2026-04-01", "ada 2026-04-02", "ada 2026-04-03")
    return world


def takes_up(world: World, person: str, *days: str) -> None:
    """Posts on these days, addressing nobody."""
    world.does("wall", "post", *(f"{person} 2026-{day}" for day in days))


def says(world: World, verb: str, toward: str, *acts: str, **more: Any) -> None:
    world.does("wall", verb, *acts, toward=toward, **more)


def event(world: World, day: str, kind: str, until: str | None = None) -> None:
    world.given("each.events", EVENT, [day, "something", until, kind, "register", "network"])


def names(world: World) -> dict[int, str]:
    return {row["person"]: bytes(row["pseudonym"]).decode() for row in world.result("staging.people")}


def adoption(world: World, person: str) -> tuple[str, str | None]:
    known = names(world)
    [row] = [r for r in world.result("staging.adoptions") if known[r["person"]] == person]
    return row["kind"], row["way"]


def sources(world: World, person: str) -> set[tuple[str, str]]:
    known = names(world)
    return {(known[r["toward"]], r["way"]) for r in world.result("staging.exposures") if known[r["person"]] == person}


def test_who_starts_from_nothing_is_unattributed(office: World) -> None:
    takes_up(office, "bob", "05-04", "05-05", "05-06")
    assert adoption(office, "bob") == ("unattributed", None)
    [bob] = [r for r in office.result("staging.adoptions") if str(r["adopted_on"]) == "2026-05-06"]
    assert str(bob["first_on"]) == "2026-05-04"


@pytest.mark.parametrize(("verb", "way"), [("reply", "reply"), ("answer", "reply"), ("mention", "mention")])
def test_first_words_to_an_adopter_are_attributed_to_her(office: World, verb: str, way: str) -> None:
    says(office, verb, "ada", "bob 2026-05-04")
    takes_up(office, "bob", "05-05", "05-06")
    assert adoption(office, "bob") == ("attributed", way)
    assert sources(office, "bob") == {("ada", way)}


def test_words_of_the_second_day_are_no_beginning(office: World) -> None:
    takes_up(office, "bob", "05-04", "05-06")
    says(office, "reply", "ada", "bob 2026-05-05")
    assert adoption(office, "bob") == ("unattributed", None)


def test_first_words_to_somebody_who_was_not_yet_an_adopter_count_for_nothing(office: World) -> None:
    says(office, "reply", "cy", "bob 2026-05-04")
    takes_up(office, "cy", "05-03", "05-04", "05-05")  # adopts after Bob began, before Bob adopts
    takes_up(office, "bob", "05-05", "05-06")
    assert adoption(office, "bob") == ("unattributed", None)
    assert sources(office, "bob") == set()


@pytest.mark.parametrize(("last", "found"), [("06-02", "attributed"), ("06-03", "unattributed")])
def test_who_adopted_more_than_60_days_ago_won_nobody_over_by_a_reply(office: World, last: str, found: str) -> None:
    """Ada adopted on 3 April: 2 June is 60 days later."""
    says(office, "reply", "ada", "bob 2026-05-25")
    takes_up(office, "bob", "05-26", last)
    assert adoption(office, "bob") == (found, "reply" if found == "attributed" else None)


def test_a_conversation_of_ones_own_proves_nothing_but_a_name_in_its_first_words_does(office: World) -> None:
    """Bob asks, Ada answers, Bob thanks her: she did not bring him. Cy's first question names her."""
    office.does("wall", "ask", "bob 2026-05-04 09:00", thread="b")
    says(office, "reply", "bob", "ada 2026-05-04 10:00", thread="b")
    says(office, "reply", "ada", "bob 2026-05-04 11:00", thread="b")
    says(office, "mention", "ada", "bob 2026-05-04 11:00", thread="b")
    office.does("wall", "ask", "cy 2026-05-04 09:00", thread="c")
    says(office, "mention", "ada", "cy 2026-05-04 09:00", thread="c")
    for person in ("bob", "cy"):
        takes_up(office, person, "05-05", "05-06")
    assert adoption(office, "bob") == ("unattributed", None)
    assert adoption(office, "cy") == ("attributed", "mention")


def teach(world: World, trainer: str, learner: str, day: str, *, bound: bool = False, teacher_bound: bool = False) -> None:
    world.does("school", "teach", f"{trainer} {day}", toward=learner, object="session", mandatory=teacher_bound)
    world.does("school", "learn", f"{learner} {day}", object="session", mandatory=bound)


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-04-06", "unattributed"), ("2026-04-07", "attributed"), ("2026-06-05", "attributed"), ("2026-06-06", "unattributed")],
)
def test_a_trainer_counts_for_60_days_before_the_adoption(office: World, day: str, found: str) -> None:
    teach(office, "ada", "bob", day)
    takes_up(office, "bob", "06-01", "06-04", "06-06")
    assert adoption(office, "bob")[0] == found


def test_the_best_evidence_gives_the_way_and_all_candidates_stay(office: World) -> None:
    takes_up(office, "cy", "04-20", "04-21", "04-22")
    teach(office, "ada", "bob", "2026-05-01")
    says(office, "invite", "cy", "ada 2026-05-01")  # Ada invites Cy, who has adopted already
    says(office, "invite", "bob", "cy 2026-05-01")
    says(office, "reply", "cy", "bob 2026-05-04")
    takes_up(office, "bob", "05-05", "05-06")
    assert adoption(office, "bob") == ("attributed", "trainer")
    assert sources(office, "bob") == {("ada", "trainer"), ("cy", "invite"), ("cy", "reply")}
    assert sources(office, "cy") == set()


def test_a_trainer_who_is_no_adopter_is_no_source(office: World) -> None:
    teach(office, "fay", "bob", "2026-05-01")
    takes_up(office, "bob", "05-04", "05-05", "05-06")
    assert adoption(office, "bob") == ("unattributed", None)


@pytest.mark.parametrize(("bound", "teacher_bound"), [(True, False), (False, True)])
def test_a_training_that_was_ordered_is_not_a_colleague_s_doing(office: World, bound: bool, teacher_bound: bool) -> None:
    teach(office, "ada", "bob", "2026-05-01", bound=bound, teacher_bound=teacher_bound)
    takes_up(office, "bob", "05-04", "05-05", "05-06")
    assert adoption(office, "bob") == ("imported" if bound else "unattributed", None)


@pytest.mark.parametrize("kind", ["broadcast", "campaign", "training"])
@pytest.mark.parametrize(
    ("day", "found"), [("2026-04-27", "imported"), ("2026-04-26", "unattributed"), ("2026-05-05", "unattributed")]
)
def test_within_a_week_of_a_broadcast_one_is_imported(office: World, kind: str, day: str, found: str) -> None:
    event(office, day, kind)
    takes_up(office, "bob", "05-04", "05-05", "05-06")
    assert adoption(office, "bob") == (found, None)


def test_other_events_bring_nobody(office: World) -> None:
    event(office, "2026-05-03", "outage")
    takes_up(office, "bob", "05-04", "05-05", "05-06")
    assert adoption(office, "bob")[0] == "unattributed"


def test_a_campaign_reaches_people_until_a_week_after_its_end(office: World) -> None:
    event(office, "2026-03-01", "campaign", until="2026-04-27")
    takes_up(office, "bob", "05-04", "05-05", "05-06")
    takes_up(office, "cy", "05-05", "05-06", "05-07")
    assert adoption(office, "bob")[0] == "imported"
    assert adoption(office, "cy")[0] == "unattributed"


def test_after_a_broadcast_a_reply_to_some_adopter_proves_neither(office: World) -> None:
    event(office, "2026-05-01", "broadcast")
    says(office, "reply", "ada", "bob 2026-05-04", thread="lunch")
    takes_up(office, "bob", "05-05", "05-06")
    assert adoption(office, "bob") == ("unattributed", None)
    assert sources(office, "bob") == {("ada", "reply")}


def test_a_trainer_on_record_outweighs_a_broadcast(office: World) -> None:
    event(office, "2026-05-01", "broadcast")
    teach(office, "ada", "bob", "2026-05-02")
    takes_up(office, "bob", "05-04", "05-05", "05-06")
    assert adoption(office, "bob") == ("attributed", "trainer")


def spoken_for(world: World) -> World:
    """Fay's team speaks for the organisation; she has been an adopter for weeks."""
    world.seen("wall")
    world.con.execute("insert into staging.comms_teams values ('Comms')")
    world.given("each.people", STAFF, *crew("ada bob cy"), *crew("fay", "Comms"))
    for person in ("ada", "fay"):
        takes_up(world, person, "04-01", "04-02", "04-03")
    return world


def test_an_answer_to_the_organisation_is_a_response_to_it(world: World) -> None:
    """Also where the words go to a colleague within the conversation that the organisation opened."""
    office = spoken_for(world)
    office.does("wall", "post", "fay 2026-05-01", thread="news")
    says(office, "reply", "ada", "bob 2026-05-20", thread="news")
    says(office, "reply", "fay", "cy 2026-05-20")
    for person in ("bob", "cy"):
        takes_up(office, person, "05-21", "05-22")
    for person in ("bob", "cy"):
        assert adoption(office, person) == ("imported", None)
        assert sources(office, person) == set()


def test_two_first_words_one_to_the_organisation_and_one_to_a_colleague_prove_neither(world: World) -> None:
    office = spoken_for(world)
    office.does("wall", "post", "fay 2026-05-01", thread="news")
    says(office, "reply", "fay", "bob 2026-05-20", thread="news")
    says(office, "reply", "ada", "bob 2026-05-20", thread="lunch")
    takes_up(office, "bob", "05-21", "05-22")
    assert adoption(office, "bob") == ("unattributed", None)


def test_without_the_setting_nobody_speaks_for_the_organisation(world: World) -> None:
    office = spoken_for(world)
    office.con.execute("delete from staging.comms_teams")
    office.does("wall", "post", "fay 2026-05-01", thread="news")
    says(office, "reply", "ada", "bob 2026-05-20", thread="news")
    takes_up(office, "bob", "05-21", "05-22")
    assert adoption(office, "bob") == ("attributed", "reply")


@pytest.mark.parametrize(("opened", "found"), [("2026-05-01", "imported"), ("2026-05-02", "attributed")])
def test_a_conversation_opened_on_the_day_of_a_broadcast_belongs_to_it(office: World, opened: str, found: str) -> None:
    event(office, "2026-05-01", "broadcast")
    office.does("wall", "post", f"cy {opened}", thread="t")
    says(office, "reply", "ada", "bob 2026-05-20", thread="t")
    takes_up(office, "bob", "05-21", "05-22")
    assert adoption(office, "bob")[0] == found


@pytest.mark.parametrize(
    ("since", "found"), [("2026-04-27", "imported"), ("2026-04-26", "unattributed"), ("2026-01-05", "unattributed")]
)
def test_who_has_just_joined_is_imported_and_the_roster_s_own_start_is_no_joining(world: World, since: str, found: str) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew("ada"), *crew("bob", since=since))
    takes_up(world, "bob", "05-04", "05-05", "05-06")
    assert adoption(world, "bob") == (found, None)


def test_who_is_on_no_roster_is_neither_adopter_nor_source(office: World) -> None:
    takes_up(office, "guest", "04-01", "04-02", "04-03")
    says(office, "reply", "guest", "bob 2026-05-04")
    takes_up(office, "bob", "05-05", "05-06")
    assert adoption(office, "bob") == ("unattributed", None)
    assert "guest" not in {names(office)[r["person"]] for r in office.result("staging.adoptions")}


@pytest.mark.parametrize(("last", "lapsed"), [("05-17", "2026-07-12"), ("05-18", None)])
def test_who_says_nothing_for_56_days_has_lapsed_on_the_56th(world: World, last: str, lapsed: str | None) -> None:
    """The run's day is 12 July: 17 May is 56 days before."""
    world.seen("wall")
    world.given("each.people", STAFF, *crew("ada bob"))
    takes_up(world, "ada", "05-04", "05-05", last)
    [row] = world.result("staging.adoptions")
    assert (str(row["lapsed_on"]) if row["lapsed_on"] else None) == lapsed


def test_who_comes_back_has_not_lapsed(world: World) -> None:
    world.seen("wall")
    world.given("each.people", STAFF, *crew("ada bob"))
    takes_up(world, "ada", "01-06", "01-07", "01-08", "07-01")
    assert world.result("staging.adoptions")[0]["lapsed_on"] is None


@pytest.mark.parametrize(("days", "adopted"), [(2, "2026-05-05"), (3, "2026-05-06"), (4, None)])
def test_the_organisation_s_own_number_of_days_is_the_rule(world: World, days: int, adopted: str | None) -> None:
    world.con.execute("update staging.run set adopter_days = ?", [days])
    world.given("each.people", STAFF, *crew("ada bob cy di ed"))
    takes_up(world, "ada", "05-04", "05-05", "05-06")
    assert [str(r["adopted_on"]) for r in world.result("staging.adoptions")] == ([adopted] if adopted else [])


def test_the_facts_keep_their_own_promises(office: World) -> None:
    from tests.story import MODELS

    says(office, "reply", "ada", "bob 2026-05-04")
    takes_up(office, "bob", "05-05", "05-06")
    office.result("staging.adoptions")
    for table in ("staging.beginnings", "staging.exposures", "staging.adoptions", "staging.adopters"):
        assert not any(office.build.offenders(MODELS[table]).values()), table


@pytest.mark.parametrize(("days", "share"), [(2, 0.6), (3, 0.4), (4, 0.2)])
def test_the_headline_follows_the_setting_and_the_band_stays(world: World, days: int, share: float) -> None:
    """Ada has four days, Bob three, Cy two, Di one."""
    world.seen("wall")
    world.con.execute("update staging.run set adopter_days = ?", [days])
    world.given("each.people", STAFF, *crew("ada bob cy di ed"))
    for n, person in enumerate(("di", "cy", "bob", "ada")):
        takes_up(world, person, *(f"05-0{day}" for day in range(4, 5 + n)))
    found = {f["part"]: f for f in world.figures("adopter_share", unit_level="organisation", period_start="2026-06-01")}
    assert found[""]["value"] == share
    others = {f"days={d},channels={c}" for d in (2, 3, 4) for c in (1, 2)} - {f"days={days},channels=1"}
    assert set(found) == {"", *others}
    assert {f["unit_level"] for f in world.figures("adopter_share", part="")} == {"organisation", "directorate", "team"}
    assert {f["status"] for part, f in found.items() if part.endswith("channels=2")} == {"not_identifiable"}
