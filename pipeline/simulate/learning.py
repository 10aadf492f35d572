"""Training: courses with videos, mandatory ones, and champions' sessions, as xAPI statements.

Belongs here: who learns what when, and the JSON of a statement with the keys of recorded ones plus what an LRS adds
(`stored`, `authority`, `version`). Does not: how the LRS lists them (vendors.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np

from pipeline.simulate import jsonl
from pipeline.simulate.cascade import Lesson
from pipeline.simulate.department import Dice, Floats, Ints
from pipeline.simulate.faults import kept, repeated
from pipeline.simulate.names import COURSES, MANDATORY_COURSES
from pipeline.simulate.spread import Spread, World

LOGIN_PAGE = "https://sso.coastal.gov.example"
SITE = "https://learning.coastal.gov.example"
VIDEO = "https://w3id.org/xapi/video"
ADL = "http://adlnet.gov/expapi/verbs"
VERBS = {
    "played": f"{VIDEO}/verbs/played", "paused": f"{VIDEO}/verbs/paused", "seeked": f"{VIDEO}/verbs/seeked",
    "interacted": f"{ADL}/interacted", "initialized": f"{ADL}/initialized", "completed": f"{ADL}/completed",
    "terminated": f"{ADL}/terminated", "downloaded": "http://id.tincanapi.com/verb/downloaded",
    "passed": f"{ADL}/passed", "asked": f"{ADL}/asked", "answered": f"{ADL}/answered", "voided": f"{ADL}/voided",
}  # fmt: skip
WATCHING = ("played",) * 10 + ("paused",) * 10 + ("seeked",) * 4 + ("interacted",) * 5 + ("downloaded",)
ACTORS = ("mbox",) * 56 + ("mbox_sha1sum",) * 34 + ("account",) * 10
TITLES = dict((*COURSES, *MANDATORY_COURSES))
VOIDED_SHARE = 0.001
MORE_ZEAL = 0.8  # how much more readily those learn who have taken up the network; of themselves 1.2 on average
OBLIGED, FINISHED, TALKED = 0.38, 0.62, 0.05  # shares of sittings: at mandatory courses, finished, with a question or answer
ADDED = {"authority": {"objectType": "Agent", "account": {"homePage": SITE, "name": "lms"}}, "version": "1.0.3"}
COURSE = {"type": "http://adlnet.gov/expapi/activities/course"}


@dataclass(slots=True)
class Event:
    """One thing that a learner did. `instructor` is the champion who led the session, -1 for none."""

    learner: int
    verb: str
    course: str
    at: int
    video: int = 0
    instructor: int = -1
    order: int = 0


def study(world: World, taught: list[Lesson]) -> list[Event]:
    """What everybody learned, in order of time; as many events as statements are asked for, voiding ones left room."""
    rng = world.department.chance("learning")
    dice = Dice(rng)
    wanted = world.department.statements - max(1, round(world.department.statements * VOIDED_SHARE))
    events = _sessions(world, taught, dice)[: wanted // 2]
    days = np.flatnonzero(world.clock.working)
    own, more = _eager(world, world.spread)
    total = np.cumsum(own + more)
    taken_up = world.spread.taken_up
    while len(events) < wanted:
        learner = int(np.searchsorted(total, dice.roll() * total[-1], side="right"))
        day = int(days[dice.below(len(days))])
        if world.away[learner, day] or not world.people.started[learner] <= day <= world.people.left[learner]:
            continue
        if day < taken_up[learner] and dice.roll() * (own[learner] + more[learner]) >= own[learner]:
            continue
        course, _ = dice.pick(MANDATORY_COURSES if dice.roll() < OBLIGED else COURSES)
        start = int(world.clock.instant(day, 9 * 3600 + dice.below(7 * 3600)))
        events += _sitting(learner, course, start, dice)[: wanted - len(events)]
    for number, event in enumerate(events):
        event.order = number
        event.at = min(event.at, world.clock.end - 600)
    return sorted(events, key=lambda event: (event.at, event.order))


def _eager(world: World, state: Spread) -> tuple[Floats, Floats]:
    """How readily each learns of themselves, and how much more from the day on which they take up the network."""
    people = world.people
    slow = np.where(np.isin(people.team_directorate[people.team], state.lagging), 0.6, 1.0)
    own = world.department.chance("zeal").gamma(1.2, 1.0, len(people))
    return own * slow, MORE_ZEAL * slow * (state.taken_up < world.department.days)


def expected(world: World, state: Spread, events: list[Event]) -> tuple[Floats, Floats]:
    """Sittings from which a record of learning comes, as are expected of each in each block (people x blocks).

    Of their own accord, and at mandatory courses; where `state` takes part.
    """
    sittings = sum(event.verb == "initialized" for event in events)
    everywhere = sum(float(_readiness(world, world.spread, day, day + 6).sum()) for day in range(0, world.department.days, 7))
    recorded = sittings / everywhere * (1 - (1 - FINISHED) * (1 - TALKED))
    found = np.zeros((len(world.people), len(world.department.blocks)))
    for place, first in enumerate(world.department.blocks):
        found[:, place] = recorded * _readiness(world, state, first, first + 27)
    return (1 - OBLIGED) * found, OBLIGED * found


def _readiness(world: World, state: Spread, first: int, last: int) -> Floats:
    """How readily each learns, summed over the working days within [first, last] on which they are there."""
    day, span, people = np.arange(first, last + 1), slice(first, last + 1), world.people
    there = (day >= people.started[:, None]) & (day <= people.left[:, None]) & ~world.away[:, span] & world.clock.working[span]
    own, more = _eager(world, state)
    ready: Floats = own * there.sum(axis=1) + more * (there & (day >= state.taken_up[:, None])).sum(axis=1)
    return ready


def _sitting(learner: int, course: str, start: int, dice: Dice) -> list[Event]:
    """One sitting at a course: open, watch, maybe ask, finish or leave."""
    video, at = dice.below(6), start
    events = [Event(learner, "initialized", course, at, video)]
    for _ in range(2 + int(dice.wait(6))):
        at += 5 + int(dice.wait(70))
        events.append(Event(learner, dice.pick(WATCHING), course, at, video))
    ending = dice.roll()
    if ending < FINISHED:
        events.append(Event(learner, "completed", course, at + 30, video))
        if course.startswith("mandatory") and dice.roll() < 0.5:
            events.append(Event(learner, "passed", course, at + 300, video))
    elif ending < 0.9:
        events.append(Event(learner, "terminated", course, at + 20, video))
    if dice.roll() < TALKED:
        events.append(Event(learner, dice.pick(("asked", "answered")), course, at + 60, video))
    return events


def _sessions(world: World, taught: list[Lesson], dice: Dice) -> list[Event]:
    """The champions' sessions within the calendar, in the afternoon."""
    events: list[Event] = []
    for lesson in taught:
        if lesson.day < world.department.days:
            at = int(world.clock.instant(lesson.day, 14 * 3600 + dice.below(7200)))
            events.append(Event(lesson.pupil, "completed", "sessions/digital-champions", at, instructor=lesson.champion))
    return sorted(events, key=lambda event: (event.at, event.learner))


def statement_lines(world: World, events: list[Event]) -> Iterator[tuple[int, str]]:
    """One JSON object a statement with its day number, in the order of being stored; `id` and `stored` come first.

    Statements arrive within seconds, a few days late; the store's own voiding statements come last.
    """
    yield from repeated(world.department, "statements", _statements(world, events))


def event_days(world: World, events: list[Event]) -> Ints:
    """The local day number of each event."""
    return world.clock.day(np.array([event.at for event in events], dtype=np.int64))


def _statements(world: World, events: list[Event]) -> Iterator[tuple[int, str]]:
    department, faults = world.department, world.department.faults
    rng = department.chance("statements")
    dice = Dice(rng)
    count = department.statements
    ids = _identifiers(rng.bytes(16 * count).hex())
    late = np.where(rng.random(len(events)) < faults.late, rng.integers(3600, faults.late_days * 86_400, len(events)), 0)
    stored = np.array([event.at for event in events], dtype=np.int64) + rng.integers(1, 9, len(events)) + late
    stored = np.minimum(stored, world.clock.end - 300)
    kinds = [dice.pick(ACTORS) for _ in range(len(world.people))]
    stays, days = kept(department, "training", event_days(world, events)).tolist(), world.clock.day(stored).tolist()
    for place, number in enumerate(np.argsort(stored, kind="stable").tolist()):
        body = _statement(world, events[number], kinds, dice)
        when = _moment(int(stored[number]), place % 1000)
        if stays[number]:
            yield days[number], jsonl.line({"id": ids[number], "stored": when, **body, **ADDED})
    for place in range(len(events), count):
        when = _moment(min(world.clock.end - 200 + place - len(events), world.clock.end), 0)
        target = ids[int(rng.integers(0, len(events)))]
        voiding = {
            "id": ids[place], "stored": when, "actor": {"mbox": "mailto:lms-admin@coastal.gov.example"},
            "verb": {"id": VERBS["voided"], "display": {"en-US": "voided"}},
            "object": {"objectType": "StatementRef", "id": target}, "timestamp": when, **ADDED,
        }  # fmt: skip
        yield department.days - 1, jsonl.line(voiding)


def _identifiers(digits: str) -> list[str]:
    """Version 4 UUIDs, one from each 32 hexadecimal digits."""
    parts = (digits[n : n + 32] for n in range(0, len(digits), 32))
    return [f"{d[:8]}-{d[8:12]}-4{d[13:16]}-a{d[17:20]}-{d[20:]}" for d in parts]


def _moment(instant: int, thousandths: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{thousandths:03d}Z"


def _actor(world: World, person: int, kind: str) -> dict[str, Any]:
    address = f"mailto:{world.people.email[person]}"
    if kind == "mbox":
        return {"objectType": "Agent", "mbox": address}
    if kind == "mbox_sha1sum":
        sha1 = hashlib.sha1(address.encode(), usedforsecurity=False)
        return {"objectType": "Agent", "mbox_sha1sum": sha1.hexdigest()}
    account = {"homePage": LOGIN_PAGE, "name": world.people.login[person]}
    return {"objectType": "Agent", "account": account}


def _statement(world: World, event: Event, kinds: list[str], dice: Dice) -> dict[str, Any]:
    """A statement without what the store adds: a session from the booking system, or a step in an online course."""
    verb = {"id": VERBS[event.verb], "display": {"en-US": event.verb}}
    if event.instructor >= 0:
        return {"verb": verb, **_session(world, event)}
    actor = _actor(world, event.learner, kinds[event.learner])
    return {"verb": verb, "actor": actor, **_online(event, dice)}


def _session(world: World, event: Event) -> dict[str, Any]:
    local = timezone(timedelta(seconds=int(world.clock.offset(event.at))))
    return {
        "actor": _actor(world, event.learner, "mbox"),
        "object": _activity(event.course, "Digital champions' session"),
        "context": {"instructor": _actor(world, event.instructor, "mbox"), "platform": "Classroom bookings"},
        "result": {"completion": True, "duration": "PT1H30M"},
        "timestamp": datetime.fromtimestamp(event.at, local).isoformat(),
    }  # fmt: skip


def _online(event: Event, dice: Dice) -> dict[str, Any]:
    length = 240 + 60 * event.video
    session = f"{event.learner:08x}-{event.at // 3600:x}"
    extensions = {f"{VIDEO}/extensions/session-id": session, f"{VIDEO}/extensions/length": length}
    activities: dict[str, Any] = {"category": [{"id": VIDEO}]}
    course = _activity(event.course, TITLES[event.course])
    when = datetime.fromtimestamp(event.at + dice.below(1000) / 1000, UTC).isoformat(timespec="microseconds")
    step: dict[str, Any] = {"context": {"extensions": extensions, "contextActivities": activities}, "timestamp": when}
    if event.verb in ("completed", "passed"):
        result = {"extensions": {f"{VIDEO}/extensions/time": length}, "completion": True}
        return {**step, "object": course, "result": result}
    activities["parent"] = [{"id": course["id"], "objectType": "Activity", "definition": COURSE}]
    film = {"type": f"{VIDEO}/activity-type/video", "name": {"en-US": f"Part {event.video + 1}"}}
    step["object"] = {"id": f"{course['id']}/video-{event.video}", "objectType": "Activity", "definition": film}
    if event.verb != "initialized":
        step["result"] = {"extensions": {f"{VIDEO}/extensions/time": round(dice.roll() * length, 3)}}
    return step


def _activity(course: str, title: str) -> dict[str, Any]:
    return {
        "id": f"{SITE}/courses/{course}", "objectType": "Activity", "definition": {"name": {"en-US": title}, **COURSE},
    }  # fmt: skip
