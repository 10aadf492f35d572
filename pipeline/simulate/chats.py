"""The chief executive's web chats: who asks what, who answers when; as plain transcripts and as Teams meeting Q&A.

Belongs here: the chats as they happened, the transcript text, and Q&A messages with the keys Microsoft documents for
`getAllOnlineMeetingMessages`. Does not: paging and tokens (vendors.py).

The documented export says that private replies are in it and does not say how they are marked; `isPrivateReply` is the
name that the vendor's own web client uses.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import brentq

from pipeline.simulate import jsonl
from pipeline.simulate.department import Dice, Floats, Ints
from pipeline.simulate.network import Network
from pipeline.simulate.prose import Prose, Said
from pipeline.simulate.spread import Spread, World

TYPE = "#microsoft.graph.engagementConversation"
ALL = 1e6  # a rate at which everybody comes
UNPUBLISHED = 0.1  # share of what is written at a meeting that a moderator holds back
SPOILED_LINES = ("", "[??:??] <unknown> connection lost", "-- log rotated --")


@dataclass(slots=True)
class Line:
    """Something said. `answers` is the number of the line that it answers; seconds are of the local day."""

    person: int
    second: int
    said: Said
    verb: str
    answers: int = -1
    standing: str = "published"


@dataclass
class Chat:
    """One chat or meeting on a day number. `clock` is by how many seconds its transcript is off."""

    day: int
    hosts: list[int]
    clock: int = 0
    lines: list[Line] = field(default_factory=list)


def days_of(world: World, first: float) -> list[int]:
    """Thursdays, evenly spread over the calendar: about eight in half a year."""
    count = max(1, round(world.department.weeks * 8 / 26))
    weeks = [int((n + first) * world.department.weeks / count) for n in range(count)]
    return [min(7 * week + 3, world.department.days - 1) for week in weeks]


def hosts_of(world: World, network: Network) -> list[int]:
    """Who answers: the chief executive and somebody from comms."""
    return [world.people.leader, *network.comms[1:2]]


def hold(world: World, network: Network, purpose: str, first: float, crowd: int) -> list[Chat]:
    """The chats of a kind, drawn from the dice of `purpose`; `crowd` is how many of 3,000 staff come at first."""
    rng = world.department.chance(purpose)
    dice = Dice(rng)
    prose = Prose(dice, world.people)
    hosts = hosts_of(world, network)
    chats = []
    for day in days_of(world, first):
        weight = _interest(world, world.spread, network.plan.account_from, day)
        weight[hosts] = 0
        size = max(6, round(crowd * (1 + 1.2 * day / world.department.days) * world.department.staff / 3000))
        guests = rng.choice(len(weight), min(size, int((weight > 0).sum())), replace=False, p=weight / weight.sum())
        chats.append(_chat(day, hosts, guests.tolist(), dice, prose))
    return chats


def _interest(world: World, state: Spread, account_from: Ints, day: int) -> Floats:
    """How readily each comes to a chat on a day, where `state` takes part; nobody who has no account yet."""
    weight: Floats = np.where(state.taken_up <= day, 1.0, 0.12) * world.there(day) * (account_from <= day)
    weight[state.quiet_team[world.people.team] & (day >= state.quiet_from)] *= state.keeps
    return weight


def expected(
    world: World, network: Network, chats: list[Chat], state: Spread, account_from: Ints, *, told: float = 1.0
) -> Floats:  # fmt: skip
    """In how many of the chats each is expected to say something, people x blocks, where `state` takes part.

    Guests were drawn without putting back: the rate at which interest brings them is the one that fills the chat.
    `told` is the share of what is said that others may read. Hosts answer for certain.
    """
    found = np.zeros((len(world.people), len(world.department.blocks)))
    for chat in chats:
        block = (chat.day - world.department.days % 28) // 28
        if block < 0:
            continue
        weight = _interest(world, world.spread, network.plan.account_from, chat.day)
        weight[chat.hosts] = 0
        guests = len({line.person for line in chat.lines} - set(chat.hosts))
        rate = _filling(weight[weight > 0], guests)
        found[:, block] += told * -np.expm1(-rate * _interest(world, state, account_from, chat.day))
        found[[line.person for line in chat.lines if line.answers >= 0], block] = np.inf
    return found


def _filling(weight: Floats, guests: int) -> float:
    """The rate at which so many of these come: the sum of 1 - exp(-rate x weight) is `guests`."""
    if guests >= len(weight):
        return ALL
    return float(brentq(lambda rate: -np.expm1(-rate * weight).sum() - guests, 0, ALL))


def _chat(day: int, hosts: list[int], guests: list[int], dice: Dice, prose: Prose) -> Chat:
    """An hour from ten o'clock: questions, answers after some minutes or never, and chatter in between."""
    chat = Chat(day, hosts)
    for guest in guests:
        for _ in range(1 + dice.below(3) // 2):
            asks = dice.roll() < 0.7
            theme = dice.pick(("jobs", "pay", "offices")) if dice.roll() < 0.4 else prose.theme()
            purpose = "question" if asks else dice.pick(("praise", "complaint", "idea"))
            second = 10 * 3600 + dice.below(3000)
            chat.lines.append(Line(guest, second, prose.say(purpose, theme), "ask" if asks else "post"))
    chat.lines.sort(key=lambda line: line.second)
    answers = []
    for number, line in enumerate(chat.lines):
        hard = line.said.theme in ("jobs", "pay")
        if line.verb == "ask" and dice.roll() < (0.5 if hard else 0.8):
            said = prose.say("answer", line.said.theme)
            second = line.second + 60 + int(dice.wait(420))
            answers.append(Line(dice.pick(hosts), second, said, "answer", number))
    chat.lines += sorted(answers, key=lambda line: line.second)
    return chat


def write_transcripts(world: World, chats: list[Chat], folder: Path) -> None:
    """`chat-YYYY-MM-DD.txt`: `[10:02] <login> text`, joins and leaves, `* login waves`, and a line nobody can read."""
    people, department = world.people, world.department
    dice = Dice(department.chance("transcripts"))
    lost, off = department.lost_days("webchat"), department.chance("clocks")
    for chat in chats:
        chat.clock = int(off.integers(-department.faults.clock_seconds, department.faults.clock_seconds + 1))
        if lost[chat.day] or chat.day >= department.shown_until("webchat"):
            continue
        timed = [(line.second, _spoken(world, chat, line)) for line in chat.lines]
        for person in sorted({line.person for line in chat.lines}):
            spoke = [line.second for line in chat.lines if line.person == person]
            login = people.login[person]
            address = f"{login} [{login}@10.{dice.below(4)}.{dice.below(250)}.{dice.below(250)}] "
            timed.append((min(spoke) - 60, f"=== {dice.pick((login, address))} has joined #chat"))
            if dice.roll() < 0.7:
                timed.append((max(spoke) + 60, f"=== {login} has left #chat"))
        for _ in range(2):
            shy = dice.pick(chat.lines)
            timed.append((shy.second + 30, f"[{_clock(shy.second + 30 + chat.clock)}] * {people.login[shy.person]} waves"))
        timed.append((11 * 3600, dice.pick(SPOILED_LINES)))
        text = "\n".join(line for _, line in sorted(timed)) + "\n"
        name = f"chat-{department.day(chat.day).isoformat()}.txt"
        (folder / name).write_bytes(text.encode())


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def _spoken(world: World, chat: Chat, line: Line) -> str:
    login = world.people.login
    toward = f"{login[chat.lines[line.answers].person]}: " if line.answers >= 0 else ""
    return f"[{_clock(line.second + chat.clock)}] <{login[line.person]}> {toward}{line.said.text}"


def moderate(world: World, meetings: list[Chat]) -> None:
    """Give Q&A its standing: published, pendingReview, dismissed, private. A quarter of the answers come days later."""
    dice = Dice(world.department.chance("moderation"))
    # The first meeting has each, however small the department.
    rare, rare_reply = ["dismissed", "pendingReview"], True
    for meeting in meetings:
        room = world.department.days - 1 - meeting.day
        for line in meeting.lines:
            roll = dice.roll()
            if line.answers < 0:
                if rare or roll < UNPUBLISHED:
                    line.standing = rare.pop() if rare else "dismissed" if roll < 0.06 else "pendingReview"
                continue
            asked = meeting.lines[line.answers].standing
            line.standing = asked
            if asked == "published" and (rare_reply or roll < 0.1):
                line.standing, rare_reply = "private", False
            if dice.roll() < 0.25:
                line.second += 86_400 * min(1 + dice.below(9), room)


def question_lines(world: World, meetings: list[Chat]) -> Iterator[tuple[int, str]]:
    """One JSON object a message of Q&A with its day number, meeting by meeting, in the order of writing."""
    rng = world.department.chance("questions")
    lost = world.department.lost_days("webchat")
    for meeting in meetings:
        if lost[meeting.day]:
            continue
        organiser = _identity(world, meeting.hosts[0])
        room = f"1*{world.people.entra[world.people.leader]}*0**19:meeting_{rng.bytes(12).hex()}@thread.v2"
        online = base64.b64encode(room.encode()).decode()
        ids = [_thread_id(rng.bytes(16)) for _ in meeting.lines]
        threads = [_thread_id(rng.bytes(16)) for _ in meeting.lines]
        votes = rng.poisson(4, len(meeting.lines)).tolist()
        for number in sorted(range(len(meeting.lines)), key=lambda n: (meeting.lines[n].second, n)):
            line = meeting.lines[number]
            starter = line.answers if line.answers >= 0 else number
            instant = int(world.clock.instant(meeting.day, line.second))
            when = datetime.fromtimestamp(instant, UTC) + timedelta(microseconds=int(rng.integers(1, 999_999)))
            written = when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            standing = meeting.lines[starter].standing
            payload: dict[str, Any] = {
                "@odata.type": f"{TYPE}{'Discussion' if line.answers >= 0 else 'Question'}Message",
                "id": ids[number], "createdDateTime": written, "lastModifiedDateTime": written,
                "replyToId": ids[starter] if line.answers >= 0 else None, "creationMode": "none",
                "from": _identity(world, line.person),
                "body": {"content": f"<p>{escape(line.said.text)}</p>", "contentType": "html"},
                "mentions": [], "attachments": [],
                "conversation": {
                    "@odata.type": "#microsoft.graph.onlineMeetingEngagementConversation", "id": threads[starter],
                    "starterId": ids[starter], "moderationState": standing, "upvoteCount": votes[starter],
                    "onlineMeetingId": online, "organizer": organiser,
                },
            }  # fmt: skip
            if line.standing == "private":
                payload["isPrivateReply"] = True
            yield meeting.day + line.second // 86_400, jsonl.line(payload)


def _thread_id(seed: bytes) -> str:
    inner = jsonl.line({"_type": "Thread", "id": str(uuid.UUID(bytes=seed).int)[:16]})
    return base64.urlsafe_b64encode(inner.encode()).decode().rstrip("=")


def _identity(world: World, person: int) -> dict[str, Any]:
    return {"user": {"displayName": world.people.name(person), "id": world.people.entra[person]}}
