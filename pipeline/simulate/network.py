"""What is written on the staff network: who, when, in which group, in reply to whom, and what.

Belongs here: the conversation as it happened. Does not: its JSON (yammer.py), or who takes part at all (spread.py).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.simulate.department import Dice, Flags, Ints
from pipeline.simulate.names import PRIVATE_GROUPS, STAFF_NETWORKS, TOPIC_GROUPS, UNION_GROUPS
from pipeline.simulate.organisation import People
from pipeline.simulate.prose import Prose, Said
from pipeline.simulate.spread import World

BOT, NOBODY, GUEST = -1, -1, -2  # guests are -2, -3, ...
GUESTS = 12
FIRST_ID = 3_200_000_000_000_000
SHARES = {
    "direct": 0.05, "private group": 0.035, "union": 0.015, "staff network": 0.015, "system": 0.015, "bot": 0.008,
}  # fmt: skip
WELSH_SPEAKERS, SPEAKS_WELSH = 0.13, 0.3
HIDDEN_EDGES = 0.3



def _mix(**shares: int) -> tuple[str, ...]:
    return tuple(purpose.replace("_", " ") for purpose, share in shares.items() for _ in range(share))


ROOT_MIX = _mix(question=34, update=20, praise=14, complaint=13, idea=11, greeting=8)
SOUR_MIX = _mix(question=30, complaint=55, update=15)
TO_QUESTION = _mix(answer=60, ask_back=14, agree=14, differ=12)
TO_OTHERS = _mix(agree=45, thanks=22, differ=17, ask_back=16)
REPLY_HOURS, REPLY_SPREAD = 6.0, 1.3  # a lognormal: median and sigma of the age of what is replied to


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the network."""

    id: int
    name: str
    kind: str
    theme: str | None = None

    @property
    def private(self) -> bool:
        """Members only."""
        return self.kind == "private group"


@dataclass(slots=True)
class Message:
    """One message. `sender`, `toward` and `mention` are people by number, or BOT, or a guest; -1 is nobody."""

    id: int
    kind: str
    sender: int
    at: int
    group: int
    said: Said
    thread: int
    reply_to: int = -1
    toward: int = NOBODY
    mention: int = NOBODY
    likes: int = 0
    appeal: float = 0.0
    answers: int = 0
    newest: int = -1  # on a starter: the number of the newest reply


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one message: its id, and who is going to write it, when, and what for ("" leaves it open)."""

    id: int
    kind: str
    who: int
    at: int
    day: int
    purpose: str


@dataclass
class Network:
    """Every message in the order in which it was written, the groups, and who has an account."""

    messages: list[Message]
    groups: list[Group]
    accounts: Flags
    comms: list[int] = field(default_factory=list)


def groups_of(people: People, dice: Dice) -> list[Group]:
    """Directorates, topics, private groups, the union's, staff networks, and a group with a colleague's name."""
    someone = people.name(1 + dice.below(len(people) - 1))
    named: list[tuple[str, str, str | None]] = [(name, "public", None) for name in people.directorate_names]
    named += [(name, "public", theme) for name, theme in TOPIC_GROUPS]
    named += [(f"{someone} leaving do", "public", "wellbeing")]
    named += [(name, "private group", None) for name in PRIVATE_GROUPS]
    named += [(name, "union", None) for name in UNION_GROUPS]
    named += [(name, "staff network", None) for name in STAFF_NETWORKS]
    return [Group(7_000_000 + 1000 * n + dice.below(900), *rest) for n, rest in enumerate(named)]


def converse(world: World) -> Network:
    """All messages of the calendar, exactly as many as the department asks for."""
    rng = world.department.chance("network")
    dice = Dice(rng)
    people = world.people
    accounts = (rng.random(len(people)) < 0.8) | (world.spread.taken_up < world.department.days)
    comms = [int(p) for p in np.flatnonzero(people.team == 0)[:3]]
    accounts[comms] = True
    person, day, purpose = _plan(world, accounts, comms, rng)
    instant = world.clock.instant(day, _time_of_day(rng, len(person)))
    order = np.argsort(instant, kind="stable")
    ids = FIRST_ID + np.cumsum(rng.integers(300, 90_000, len(order)))
    kinds = _kinds(purpose, rng)
    talk = _Talk(world, dice, groups_of(people, dice), rng.random(len(people)) < WELSH_SPEAKERS)
    for number, n in zip(ids.tolist(), order.tolist(), strict=True):
        talk.add(Slot(number, kinds[n], int(person[n]), int(instant[n]), int(day[n]), purpose[n]))
    return Network(talk.messages, talk.groups, accounts, comms)


def _plan(world: World, accounts: Flags, comms: list[int], rng: np.random.Generator) -> tuple[Ints, Ints, list[str]]:
    """Who writes on which day: comms on Mondays and broadcasts, the newly won over on three days, the keen often."""
    department, people, state, working = world.department, world.people, world.spread, world.clock.working
    who: list[int] = []
    when: list[int] = []
    for day in sorted({*state.broadcasts, *range(0, department.days, 7)}):
        there = [p for p in comms if people.present(day)[p]]
        if there and working[day]:
            who.append(there[len(who) % len(there)])
            when.append(day)
    announced = len(who)
    workdays = np.flatnonzero(working)
    for person in np.flatnonzero(state.taken_up < department.days).tolist():
        first = int(np.searchsorted(workdays, state.taken_up[person]))
        later = first + np.cumsum(rng.geometric(0.4, 2))
        days = [int(workdays[n]) for n in (first, *later.tolist()) if n < len(workdays)]
        days = [day for day in days if day <= people.left[person]]
        who += [person] * len(days)
        when += days
    room = department.messages // 2
    who, when = who[:room], when[:room]
    weight = state.active(people, department.days) * np.where(working, 1.0, 0.05) * accounts[:, None]
    total = np.cumsum(weight.ravel())
    cells = np.searchsorted(total, rng.random(department.messages - len(who)) * total[-1], side="right")
    person, day = np.divmod(cells, department.days)
    purpose = ["announcement"] * min(announced, len(who)) + ["first days"] * max(0, len(who) - announced)
    everybody = np.concatenate([np.array(who, dtype=np.int64), person])
    return everybody, np.concatenate([np.array(when, dtype=np.int64), day]), purpose + [""] * len(cells)


def _time_of_day(rng: np.random.Generator, n: int) -> Ints:
    office = 8 * 3600 + rng.beta(2.0, 2.2, n) * 10 * 3600
    evening = 18 * 3600 + rng.beta(1.2, 3, n) * 5 * 3600
    return np.where(rng.random(n) < 0.92, office, evening).astype(np.int64)


def _kinds(purpose: list[str], rng: np.random.Generator) -> list[str]:
    """Public, except a share of what is neither an announcement nor somebody's first days."""
    kinds = ["public"] * len(purpose)
    free = rng.permutation(np.array([n for n, p in enumerate(purpose) if not p], dtype=np.int64)).tolist()
    for kind, share in SHARES.items():
        for _ in range(min(max(2, round(share * len(purpose))), len(free))):
            kinds[free.pop()] = kind
    return kinds


class _Talk:
    """The conversation so far."""

    def __init__(self, world: World, dice: Dice, groups: list[Group], welsh: Flags) -> None:
        self.messages: list[Message] = []
        self.groups = groups
        self._state, self._dice = world.spread, dice
        self._prose = Prose(dice, world.people)
        self._home = world.people.team_directorate[world.people.team].tolist()
        self._welsh = welsh.tolist()
        self._rooms: dict[str, tuple[list[int], list[int]]] = {}
        self._latest: dict[int, int] = {}
        self._pairs: dict[tuple[int, int], int] = {}
        self._public = [n for n, g in enumerate(groups) if g.kind == "public"]

    def add(self, slot: Slot) -> None:
        """Write the next message."""
        if slot.kind == "public":
            message = self._in_public(slot)
        elif slot.kind == "direct":
            message = self._directly(slot)
        elif slot.kind in ("system", "bot"):
            said = self._prose.machine(slot.kind, slot.who, self._prose.theme())
            sender = BOT if slot.kind == "bot" else slot.who
            group = self._dice.pick(self._public)
            message = Message(slot.id, slot.kind, sender, slot.at, group, said, len(self.messages))
        else:
            message = self._in_room(slot)
        self.messages.append(message)

    def _in_public(self, slot: Slot) -> Message:
        dice, here, who, purpose = self._dice, len(self.messages), slot.who, slot.purpose
        language = "cy" if self._welsh[who] and dice.roll() < SPEAKS_WELSH else "en"
        opened, mention, source = -1, NOBODY, int(self._state.source[who])
        begins = purpose == "first days" and slot.day == self._state.taken_up[who] and source >= 0
        shown = begins and dice.roll() >= HIDDEN_EDGES
        if shown:
            opened = self._latest.get(source, -1)
            if opened < 0 or slot.at - self.messages[opened].at > 14 * 86_400:
                opened, mention = -1, source
        elif purpose != "announcement" and dice.roll() < 0.75:
            opened = self._open_thread(slot)
        self._latest[who] = here
        if opened >= 0:
            if not purpose and dice.roll() < 0.004:
                slot = replace(slot, who=GUEST - dice.below(GUESTS))
            return self._reply(slot, opened, language, exactly=shown)
        if purpose != "announcement":
            sour = self._home[who] == self._state.quiet and 0 <= self._state.quiet_from - slot.day < 35
            purpose = dice.pick(SOUR_MIX if sour else ROOT_MIX)
        group = self._group(who, purpose)
        theme = (self.groups[group].theme if group >= 0 else None) or self._prose.theme()
        if mention == NOBODY and dice.roll() < 0.06:
            mention = int(self._state.contacts[who][dice.below(10)])
        said = self._prose.say(purpose, theme, language)
        appeal = 1.0 if purpose == "announcement" else min(1.0, dice.wait(0.55))
        self._open("public", here, slot.at)
        likes = self._likes(appeal)
        return Message(slot.id, "public", who, slot.at, group, said, here, mention=mention, likes=likes, appeal=appeal)

    def _group(self, who: int, purpose: str) -> int:
        roll = self._dice.roll()
        if purpose == "announcement" or roll < 0.2:
            return -1
        return int(self._home[who]) if roll < 0.55 else self._dice.pick(self._public)

    def _likes(self, appeal: float) -> int:
        return int(self._dice.wait(2.5 * appeal)) if appeal else 0

    def _open(self, room: str, number: int, at: int) -> None:
        numbers, times = self._rooms.setdefault(room, ([], []))
        numbers.append(number)
        times.append(at)

    def _open_thread(self, slot: Slot) -> int:
        """A thread to reply to: mostly of today, now and then old; dull ones are passed over and stay unanswered."""
        numbers, times = self._rooms.get(slot.kind, ([], []))
        for _ in range(6):
            age = 3600 * REPLY_HOURS * float(np.exp(REPLY_SPREAD * self._dice.normal()))
            found = bisect_right(times, slot.at - age) - 1 - int(self._dice.wait(6))
            if found < 0:
                continue
            starter = self.messages[numbers[found]]
            own = starter.sender == slot.who and not starter.answers
            if not own and starter.answers < 40 and self._dice.roll() < starter.appeal:
                return numbers[found]
        return -1

    def _reply(self, slot: Slot, opened: int, language: str, *, exactly: bool = False) -> Message:
        dice = self._dice
        thread = self.messages[opened].thread
        starter = self.messages[thread]
        starter.answers += 1
        target = opened if exactly else starter.newest if starter.newest >= 0 and dice.roll() < 0.3 else thread
        starter.newest = len(self.messages)
        if starter.sender == slot.who:
            purpose = "thanks"
        else:
            purpose = dice.pick(TO_QUESTION if starter.said.purpose == "question" else TO_OTHERS)
        toward = self.messages[target].sender
        mention = toward if toward >= 0 and dice.roll() < 0.08 else NOBODY
        said = self._prose.say(purpose, starter.said.theme, language)
        message = Message(slot.id, slot.kind, slot.who, slot.at, starter.group, said, thread, target, toward, mention)
        message.likes = self._likes(0.2)
        return message

    def _directly(self, slot: Slot) -> Message:
        other = int(self._state.contacts[slot.who][self._dice.below(10)])
        pair = (min(slot.who, other), max(slot.who, other))
        opened = self._pairs.get(pair, -1) if self._dice.roll() < 0.7 else -1
        said = self._prose.private(self._prose.theme())
        here = len(self.messages)
        thread = self.messages[opened].thread if opened >= 0 else here
        self._pairs[pair] = here
        return Message(slot.id, "direct", slot.who, slot.at, -1, said, thread, opened, other)

    def _in_room(self, slot: Slot) -> Message:
        here = len(self.messages)
        opened = self._open_thread(slot) if self._dice.roll() < 0.6 else -1
        if opened >= 0:
            return self._reply(slot, opened, "en")
        group = self._dice.pick([n for n, g in enumerate(self.groups) if g.kind == slot.kind])
        said = self._prose.say(self._dice.pick(ROOT_MIX), self._prose.theme())
        self._open(slot.kind, here, slot.at)
        return Message(slot.id, slot.kind, slot.who, slot.at, group, said, here, appeal=0.6)
