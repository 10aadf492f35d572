"""What really happened, as JSON beside the simulated sources: for tests, coverage bars and the leak finder.

Belongs here: the truth's files. Does not: anything that the pipeline reads.

    department.json   the parameters and the calendar          people.json    who is who, in every name a source uses
    strings.json      what must never leave the building       spread.json    R, k, windows, the tree of who won over whom
    adopted.json      adopters by the rule of three days       messages.json  every message: who, what kind, what tone
    memberships.json  everybody's team on each Monday          chats.json     every line of the web chats and the Q&A
    learning.json     who completed what                       intranet.json  readers, page views, searches, votes
    cascade.json      champions and every session              effect.json    what champions did to their teams
    silence.json      which teams fell quiet, which are away   absences.json  every absence
    replies.json      every true wait for a first reply        tone.json      true positive share, labelled posts
    survey.json       true answers by team and wave            faults.json    what no source tells, or tells wrongly
    events.json       what was announced when                activity.json   how many of each team were expected to be active
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.simulate import jsonl, learning, yammer
from pipeline.simulate.activity import activity
from pipeline.simulate.cascade import Lesson
from pipeline.simulate.chats import Chat
from pipeline.simulate.effect import effect, write_twice
from pipeline.simulate.faults import kept
from pipeline.simulate.intranet import Reading
from pipeline.simulate.labelled import Post
from pipeline.simulate.learning import Event
from pipeline.simulate.network import BOT, NOBODY, Network
from pipeline.simulate.spread import World
from pipeline.simulate.survey import Wave
from pipeline.simulate.truth_people import absence_truth, activity_truth, reply_truth, silence_truth, survey_truth, tone_truth
from pipeline.simulate.truth_spread import cascade_truth, effect_truth, spread_truth
from pipeline.simulate.truth_spread import table as _table
from pipeline.simulate.yammer import user_id


@dataclass(frozen=True)
class Happened:
    """Everything that the sources hold."""

    network: Network
    webchats: list[Chat]
    meetings: list[Chat]
    taught: list[Lesson]
    learning: list[Event]
    reading: Reading
    waves: list[Wave]
    labelled: list[Post]
    scored: list[Post]  # a larger sample, for the scorer's true errors


def write_truth(world: World, happened: Happened, folder: Path) -> None:
    """All files of the truth."""
    department, people = world.department, world.people
    written = write_twice(world, happened.network)
    active = activity(
        world, happened.network, written, happened.webchats, happened.meetings, happened.taught, happened.learning, happened.reading
    )
    files: dict[str, Any] = {
        "department": {
            **department.model_dump(), "first_day": department.first_day.isoformat(),
            "last_day": department.last_day.isoformat(), "today": department.today.isoformat(),
        },
        "people": _people(world, happened.network),
        "strings": {
            "names": sorted({people.name(p) for p in range(len(people))}), "emails": sorted(people.email),
            "phones": sorted(set(people.phone)), "logins": sorted(people.login), "entra_ids": sorted(people.entra),
        },
        "spread": spread_truth(world), "cascade": cascade_truth(world, happened.taught),
        "effect": effect_truth(world, effect(world, written)), "activity": activity_truth(world, active),
        "silence": silence_truth(world), "absences": absence_truth(world),
        "replies": reply_truth(world, happened.network),
        "tone": tone_truth(world, happened.network, happened.labelled, happened.scored),
        "survey": survey_truth(world, happened.waves), "faults": _faults(world, happened),
        "adopted": _adopted(world, happened), "memberships": _memberships(world),
        "messages": _messages(world, happened.network), "chats": _chats(world, happened),
        "learning": _learning(world, happened.learning), "intranet": _intranet(world, happened.reading),
        "events": _events(world, happened),
    }  # fmt: skip
    for name, content in files.items():
        jsonl.write(folder / f"{name}.json", [jsonl.line(content)])


def _people(world: World, network: Network) -> dict[str, Any]:
    people = world.people
    return _table(
        ("staff_id", "first", "last", "email", "login", "entra_id", "phone", "yammer_id", "champion"),
        (
            (
                people.staff_id[p], people.first[p], people.last[p], people.email[p], people.login[p], people.entra[p],
                people.phone[p], user_id(p) if network.accounts[p] else None, bool(world.spread.champion[p]),
            )
            for p in range(len(people))
        ),
    )  # fmt: skip


def _contributions(world: World, happened: Happened) -> dict[int, set[int]]:
    """For everybody the day numbers with a public post, reply, question or answer in the network or a chat."""
    days: dict[int, set[int]] = {}
    written = yammer.message_days(world, happened.network).tolist()
    for message, day in zip(happened.network.messages, written, strict=True):
        if message.kind == "public" and message.sender >= 0:
            days.setdefault(message.sender, set()).add(day)
    for chat in (*happened.webchats, *happened.meetings):
        for line in chat.lines:
            if line.standing == "published":
                days.setdefault(line.person, set()).add(chat.day + line.second // 86_400)
    return days


def _adopted(world: World, happened: Happened) -> dict[str, str]:
    """Adopters by the rule: dated on the third distinct contributory day within any 28 days."""
    adopted = {}
    for person, found in sorted(_contributions(world, happened).items()):
        days = sorted(found)
        third = next((later for early, later in zip(days, days[2:], strict=False) if later - early < 28), None)
        if third is not None:
            adopted[world.people.staff_id[person]] = world.department.day(third).isoformat()
    return adopted


def _memberships(world: World) -> dict[str, Any]:
    people = world.people
    weeks = {}
    for week in range(world.department.weeks):
        day = 7 * week
        team, present = people.team_on(day).tolist(), people.present(day).tolist()
        here = {people.staff_id[p]: team[p] for p in range(len(people)) if present[p]}
        weeks[world.department.day(day).isoformat()] = here
    parents = [people.directorate_names[d] for d in people.team_directorate.tolist()]
    return {"teams": people.team_names, "directorates": parents, "weeks": weeks}


def _who(world: World, person: int) -> str:
    if person >= 0:
        return world.people.staff_id[person]
    return "bot" if person == BOT else f"guest {-person - 1}"


def _messages(world: World, network: Network) -> dict[str, Any]:
    return _table(
        (
            "id", "kind", "sender", "at", "group", "thread", "replied_to", "toward", "mention", "purpose", "theme",
            "language", "tone", "names_somebody", "text",
        ),
        (
            (
                m.id, m.kind, _who(world, m.sender), _utc(m.at),
                network.groups[m.group].name if m.group >= 0 else None,
                network.messages[m.thread].id, network.messages[m.reply_to].id if m.reply_to >= 0 else None,
                _who(world, m.toward) if m.toward != NOBODY else None,
                _who(world, m.mention) if m.mention >= 0 else None,
                m.said.purpose, m.said.theme, m.said.language, m.said.tone, m.said.names_somebody, m.said.text,
            )
            for m in network.messages
        ),
    )  # fmt: skip


def _chats(world: World, happened: Happened) -> dict[str, Any]:
    def lines(chat: Chat) -> dict[str, Any]:
        rows = (
            (_who(world, n.person), n.second, n.verb, n.answers, n.standing, n.said.theme, n.said.tone)
            for n in chat.lines
        )
        day = world.department.day(chat.day).isoformat()
        columns = ("person", "second", "verb", "answers", "standing", "theme", "tone")
        return {"day": day, "clock_seconds": chat.clock, **_table(columns, rows)}

    return {"webchats": [lines(c) for c in happened.webchats], "meetings": [lines(c) for c in happened.meetings]}


def _learning(world: World, events: list[Event]) -> dict[str, Any]:
    done = [event for event in events if event.verb in ("completed", "passed")]
    rows = (
        (_who(world, e.learner), e.verb, e.course, _utc(e.at), _who(world, e.instructor) if e.instructor >= 0 else None)
        for e in done
    )
    return _table(("learner", "verb", "course", "at", "instructor"), rows)


def _intranet(world: World, reading: Reading) -> dict[str, Any]:
    day = world.department.day
    ids = world.people.staff_id
    return {
        "lines": reading.lines, "unreadable": reading.unreadable, "assets": reading.assets, "robots": reading.robots,
        "page_views": reading.page_views, "searches": reading.searches, "votes_useful": reading.votes_useful,
        "votes_not_useful": reading.votes_not_useful, "campaign_reads": reading.campaign_reads,
        "readers_on_day": {day(n).isoformat(): count for n, count in reading.readers_on_day.items()},
        "readers_of_week": {
            day(7 * w).isoformat(): [ids[p] for p in who.tolist()] for w, who in reading.readers_of_week.items()
        },
    }  # fmt: skip


def _events(world: World, happened: Happened) -> list[dict[str, str]]:
    found = [(world.department.begins, "Digital champions start")]
    found += [(day, "All-staff broadcast about the network") for day in world.spread.broadcasts]
    found += [(chat.day, "Web chat with the chief executive") for chat in happened.webchats]
    found += [(chat.day, "Meeting with questions and answers") for chat in happened.meetings]
    quiet = [world.people.directorate_names[d] for d in world.spread.quiet_directorates]
    if world.spread.quiet_team.any():
        found.append((world.spread.quiet_from, f"{' and '.join(quiet) or 'Some teams'} fell quiet"))
    return [{"day": world.department.day(day).isoformat(), "label": label} for day, label in sorted(found)]


def _faults(world: World, happened: Happened) -> dict[str, Any]:
    """What each source never tells, by its own ids, and which accounts nobody can tell whose they are."""
    department, people = world.department, world.people
    stays = kept(department, "network", yammer.message_days(world, happened.network))
    lost = [m.id for m, stay in zip(happened.network.messages, stays.tolist(), strict=True) if not stay]
    learnt = kept(department, "training", learning.event_days(world, happened.learning))
    unknown = yammer.unknown_accounts(world)
    return {
        "lag_days": department.faults.lag_days, "outages": [o.model_dump() for o in department.faults.outages],
        "lost_messages": lost, "lost_statements": int(np.sum(~learnt)),
        "unknown_accounts": [people.staff_id[p] for p in range(len(people)) if unknown[p] and happened.network.accounts[p]],
        "no_entra_id": [people.staff_id[p] for p in range(len(people)) if not people.known_entra[p]],
        "clock_seconds": {
            department.day(chat.day).isoformat(): chat.clock for chat in happened.webchats if chat.clock
        },
    }  # fmt: skip


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
