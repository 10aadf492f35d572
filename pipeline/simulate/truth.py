"""What really happened, as JSON beside the simulated sources: for tests, coverage bars and the leak finder.

Belongs here: the truth's files. Does not: anything that the pipeline reads.

    department.json   the parameters and the calendar          people.json    who is who, in every name a source uses
    strings.json      what must never leave the building       spread.json    the process: who, when, because of whom
    adopted.json      adopters by the rule of three days       messages.json  every message: who, what kind, what tone
    memberships.json  everybody's team on each Monday          chats.json     every line of the web chats and the Q&A
    learning.json     who completed what                       intranet.json  readers and page views
    events.json       what was announced when
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.simulate import jsonl, spread
from pipeline.simulate.chats import Chat
from pipeline.simulate.intranet import Reading
from pipeline.simulate.learning import Event
from pipeline.simulate.network import BOT, HIDDEN_EDGES, NOBODY, Network
from pipeline.simulate.spread import World
from pipeline.simulate.yammer import user_id


@dataclass(frozen=True)
class Happened:
    """Everything that the sources hold."""

    network: Network
    webchats: list[Chat]
    meetings: list[Chat]
    learning: list[Event]
    reading: Reading


def write_truth(world: World, happened: Happened, folder: Path) -> None:
    """All files of the truth."""
    department, people = world.department, world.people
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
        "spread": {**spread.truth(world), "hidden_edge_share": HIDDEN_EDGES},
        "adopted": _adopted(world, happened), "memberships": _memberships(world),
        "messages": _messages(world, happened.network), "chats": _chats(world, happened),
        "learning": _learning(world, happened.learning), "intranet": _intranet(world, happened.reading),
        "events": _events(world, happened),
    }  # fmt: skip
    for name, content in files.items():
        jsonl.write(folder / f"{name}.json", [jsonl.line(content)])


def _table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> dict[str, Any]:
    return {"columns": list(columns), "rows": [list(row) for row in rows]}


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
    zero = int(world.clock.instant(0, 0))
    for message in happened.network.messages:
        if message.kind == "public" and message.sender >= 0:
            local = message.at + int(world.clock.offset(message.at)) - zero - int(world.clock.offset(zero))
            days.setdefault(message.sender, set()).add(local // 86_400)
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
        return {"day": day, **_table(("person", "second", "verb", "answers", "standing", "theme", "tone"), rows)}

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
        "page_views": reading.page_views,
        "readers_on_day": {day(n).isoformat(): count for n, count in reading.readers_on_day.items()},
        "readers_of_week": {
            day(7 * w).isoformat(): [ids[p] for p in who.tolist()] for w, who in reading.readers_of_week.items()
        },
    }  # fmt: skip


def _events(world: World, happened: Happened) -> list[dict[str, str]]:
    found = [(0, "Digital champions start")]
    found += [(day, "All-staff broadcast about the network") for day in world.spread.broadcasts]
    found += [(chat.day, "Web chat with the chief executive") for chat in happened.webchats]
    found += [(chat.day, "Meeting with questions and answers") for chat in happened.meetings]
    quiet = world.people.directorate_names[world.spread.quiet]
    found += [(world.spread.quiet_from, f"{quiet} goes quiet")]
    return [{"day": world.department.day(day).isoformat(), "label": label} for day, label in sorted(found)]


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
