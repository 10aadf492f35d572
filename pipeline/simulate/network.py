"""The conversation on the staff network, message by message: in which group, in reply to whom, and what.

Belongs here: the conversation as it happened. Does not: who writes on which day (plan.py), when somebody is answered
(replies.py), or the JSON of a message (yammer.py).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from pipeline.simulate.department import Dice, Flags, Ints
from pipeline.simulate.groups import Group, groups_of
from pipeline.simulate.organisation import NEVER
from pipeline.simulate.plan import Plan, plan
from pipeline.simulate.prose import MOODY, Prose, Said
from pipeline.simulate.replies import Waiting
from pipeline.simulate.spread import World

BOT, NOBODY, GUEST = -1, -1, -2  # guests are -2, -3, ...
GUESTS = 12
FIRST_ID = 3_200_000_000_000_000
SHARES = {
    "direct": 0.05, "private group": 0.035, "union": 0.015, "staff network": 0.015, "system": 0.015, "bot": 0.008,
}  # fmt: skip
WELSH_SPEAKERS = 0.13
TO_CONTACTS, TO_SOURCE = 0.5, 0.15  # of those who join in: how many do so with a contact, or with whoever won them over


def _mix(**shares: int) -> tuple[str, ...]:
    return tuple(purpose.replace("_", " ") for purpose, share in shares.items() for _ in range(share))


ROOT_MIX = _mix(question=34, update=20, praise=14, complaint=13, idea=11, greeting=8)
SOUR_MIX = _mix(question=30, complaint=55, update=15)
TO_QUESTION = _mix(answer=60, ask_back=14, agree=14, differ=12)
TO_OTHERS = _mix(agree=45, thanks=22, differ=17, ask_back=16)
LATER_HOURS, LATER_SPREAD = 6.0, 1.3  # a lognormal: how long ago the thread was first answered in which one joins in


@dataclass(slots=True)
class Message:
    """One message. `sender`, `toward` and `mention` are people by number, or BOT, or a guest; -1 is nobody."""

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
    id: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one message: who is going to write it, when, and what for ("" leaves it open)."""

    kind: str
    who: int
    at: int
    day: int
    purpose: str


@dataclass
class Network:
    """Every message in the order in which it was written, the groups, and who has an account.

    `waits` is how long each opener of a public conversation waits, by the number of the opening message: the seconds until
    the first reply by somebody else, also where that is after the last day; None where nobody ever replies.
    """

    messages: list[Message]
    groups: list[Group]
    plan: Plan
    waits: dict[int, int | None]
    open_share: float  # of what the plan left open, the share that became public
    comms: list[int] = field(default_factory=list)

    @cached_property
    def accounts(self) -> Flags:
        """Who has an account by the last day."""
        found: Flags = self.plan.account_from < NEVER
        return found


def converse(world: World) -> Network:
    """All messages of the calendar, exactly as many as the department asks for."""
    rng = world.department.chance("network")
    dice = Dice(rng)
    people = world.people
    comms = [int(p) for p in np.flatnonzero(people.team == 0)[:3]]
    planned = plan(world, comms, rng)
    instant = world.clock.instant(planned.day, _time_of_day(rng, len(planned.person)))
    order = np.argsort(instant, kind="stable")
    kinds = _kinds(planned.purpose, rng)
    talk = _Talk(world, dice, groups_of(people, dice), rng)
    for n in order.tolist():
        talk.add(Slot(kinds[n], int(planned.person[n]), int(instant[n]), int(planned.day[n]), planned.purpose[n]))
    waits = talk.waiting.known(talk.messages)
    messages, waits = _in_order(talk.messages, waits)
    for number, message in zip((FIRST_ID + np.cumsum(rng.integers(300, 90_000, len(order)))).tolist(), messages, strict=True):
        message.id = number
    left_open = [kind for kind, purpose in zip(kinds, planned.purpose, strict=True) if not purpose]
    return Network(messages, talk.groups, planned, waits, left_open.count("public") / max(len(left_open), 1), comms)


def _in_order(messages: list[Message], waits: dict[int, int | None]) -> tuple[list[Message], dict[int, int | None]]:
    """The messages by their time (a first reply is written when it is due), with their references to each other."""
    order = sorted(range(len(messages)), key=lambda n: (messages[n].at, n))
    place = {old: new for new, old in enumerate(order)}
    for message in messages:
        message.thread = place[message.thread]
        message.reply_to = place.get(message.reply_to, -1)
    return [messages[n] for n in order], {place[n]: wait for n, wait in sorted(waits.items())}


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

    def __init__(self, world: World, dice: Dice, groups: list[Group], rng: np.random.Generator) -> None:
        people, texts = world.people, world.department.texts
        speakers = max(WELSH_SPEAKERS, texts.welsh)
        self.messages: list[Message] = []
        self.groups = groups
        self.waiting = Waiting(world, dice)
        self._state, self._dice = world.spread, dice
        self._prose = Prose(dice, people)
        self._home = people.team_directorate[people.team].tolist()
        self._quiet = world.spread.quiet_team[people.team].tolist()
        self._welsh = (rng.random(len(people)) < speakers).tolist()
        self._speaks = texts.welsh / speakers
        self._positive, self._hidden = texts.positive, world.department.spread.hidden_edges
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
            message = Message(slot.kind, sender, slot.at, group, said, len(self.messages))
        else:
            message = self._in_room(slot)
        self.messages.append(message)

    def _in_public(self, slot: Slot) -> Message:
        dice, here, who, purpose = self._dice, len(self.messages), slot.who, slot.purpose
        language = "cy" if self._welsh[who] and dice.roll() < self._speaks else "en"
        opened, mention, source, near = -1, NOBODY, int(self._state.source[who]), False
        begins = purpose == "first days" and slot.day == self._state.taken_up[who] and source >= 0
        shown = begins and dice.roll() >= self._hidden
        if shown:
            opened = self._latest.get(source, -1)
            if opened < 0 or slot.at - self.messages[opened].at > 14 * 86_400 or not self._answered(opened):
                opened, mention = -1, source
        elif purpose != "announcement" and dice.roll() < 0.75:
            if due := self.waiting.due(slot.at, who) if not begins else None:
                self._latest[who] = here
                return self._first_reply(replace(slot, at=due[0]), due[1], language)
            opened, near = self._near(slot, source), True
            if opened < 0:
                opened, near = self._open_thread(slot), False
        self._latest[who] = here
        if opened >= 0:
            if not purpose and dice.roll() < 0.004:
                slot = replace(slot, who=GUEST - dice.below(GUESTS))
            return self._reply(slot, opened, language, exactly=shown or near)
        if purpose != "announcement":
            sour = self._quiet[who] and 0 <= self._state.quiet_from - slot.day < 35
            purpose = dice.pick(SOUR_MIX if sour else ROOT_MIX)
        group = self._group(who, purpose)
        theme = (self.groups[group].theme if group >= 0 else None) or self._prose.theme()
        if mention == NOBODY and dice.roll() < 0.06:
            mention = self._contact(who)
        said = self._prose.say(purpose, theme, language, glad=self._glad(purpose))
        appeal = 1.0 if purpose == "announcement" else min(1.0, dice.wait(0.55))
        likes = self._likes(appeal)
        self.waiting.opens(here, slot.at, who)
        return Message("public", who, slot.at, group, said, here, mention=mention, likes=likes, appeal=appeal)

    def _near(self, slot: Slot, source: int) -> int:
        """What one's own contacts said last, or who won one over, where one joins in there: people talk to whom they know."""
        roll = self._dice.roll()
        if roll >= TO_CONTACTS:
            return -1
        known = source if source >= 0 and roll < TO_SOURCE else self._contact(slot.who)
        opened = self._latest.get(known, -1)
        recent = opened >= 0 and slot.at - self.messages[opened].at <= 14 * 86_400
        return opened if recent and self._answered(opened) else -1

    def _contact(self, who: int) -> int:
        return int(self._state.contacts[who][self._dice.below(10)])

    def _answered(self, number: int) -> bool:
        """Whether a message is of a conversation that somebody has replied to: joining in changes nobody's wait."""
        return self.messages[self.messages[number].thread].answers > 0

    def _first_reply(self, slot: Slot, opened: int, language: str) -> Message:
        """The reply that the opener waits for, written when it is due."""
        self._open(slot.kind, opened, slot.at)
        return self._reply(slot, opened, language, exactly=True)

    def _glad(self, purpose: str) -> bool | None:
        return self._dice.roll() < self._positive if purpose in MOODY else None

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
        times.append(max(at, times[-1]) if times else at)

    def _open_thread(self, slot: Slot) -> int:
        """A thread to join in: mostly of today, now and then old; dull ones are passed over."""
        numbers, times = self._rooms.get(slot.kind, ([], []))
        for _ in range(6):
            age = 3600 * LATER_HOURS * float(np.exp(LATER_SPREAD * self._dice.normal()))
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
        said = self._prose.say(purpose, starter.said.theme, language, glad=self._glad(purpose))
        likes = self._likes(0.2)
        return Message(slot.kind, slot.who, slot.at, starter.group, said, thread, target, toward, mention, likes)

    def _directly(self, slot: Slot) -> Message:
        other = self._contact(slot.who)
        pair = (min(slot.who, other), max(slot.who, other))
        opened = self._pairs.get(pair, -1) if self._dice.roll() < 0.7 else -1
        said = self._prose.private(self._prose.theme())
        here = len(self.messages)
        thread = self.messages[opened].thread if opened >= 0 else here
        self._pairs[pair] = here
        return Message("direct", slot.who, slot.at, -1, said, thread, opened, other)

    def _in_room(self, slot: Slot) -> Message:
        here = len(self.messages)
        opened = self._open_thread(slot) if self._dice.roll() < 0.6 else -1
        if opened >= 0:
            return self._reply(slot, opened, "en")
        group = self._dice.pick([n for n, g in enumerate(self.groups) if g.kind == slot.kind])
        said = self._prose.say(self._dice.pick(ROOT_MIX), self._prose.theme())
        self._open(slot.kind, here, slot.at)
        return Message(slot.kind, slot.who, slot.at, group, said, here, appeal=0.6)
