"""Texts: phrases put together for a purpose, a theme and a language, now and then with somebody's name in them.

Belongs here: filling and joining phrases. Does not: the phrases (phrases.py, welsh.py) or who says them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.simulate import phrases, welsh
from pipeline.simulate.department import Dice
from pipeline.simulate.organisation import People

THEMES = tuple(phrases.THINGS)
MOODY = frozenset({"update", "praise", "complaint", "idea", "answer", "thanks", "agree", "differ"})
"""Purposes of texts that have a mood; questions, greetings and announcements have none."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text with what its writer meant: purpose, theme, language, tone (-1, 0, 1), and whether it names somebody."""

    text: str
    purpose: str
    theme: str
    language: str
    tone: int
    names_somebody: bool


class Prose:
    """Composes texts. The same dice give the same texts."""

    def __init__(self, dice: Dice, people: People) -> None:
        self._dice = dice
        self._people = people

    def theme(self) -> str:
        """Any theme."""
        return self._dice.pick(THEMES)

    def say(self, purpose: str, theme: str, language: str = "en", *, glad: bool | None = None) -> Said:
        """A text for a purpose of `phrases.ROOTS` or `phrases.REPLIES`, glad or not where that is asked for."""
        if language == "cy":
            return self._welsh(purpose, theme, glad)
        reply = purpose in phrases.REPLIES
        purpose, choices = _meant(phrases.REPLIES if reply else phrases.ROOTS, purpose, glad)
        tone, core = self._dice.pick(choices)
        text = self._fill(core, theme)
        if self._dice.roll() < (0.25 if reply else 0.45):
            mood, tail = self._dice.pick(phrases.TAILS)
            fits = mood * tone >= 0 and not (mood and purpose == "question")
            if fits and (glad is None or not mood or (tone or mood) * (1 if glad else -1) > 0):
                text = f"{text} {self._fill(tail, theme)}"
                tone = tone or mood
        named = self._dice.roll() < 0.07
        if named:
            text = f"{text} {self.pointer()}"
        elif self._dice.roll() < 0.05:
            text = f"{text} https://intranet.coastal.gov.example/{theme}/{self._dice.below(400)}"
        return Said(text, purpose, theme, "en", tone, named)

    def private(self, theme: str) -> Said:
        """What people write to one person only."""
        tone, core = self._dice.pick(phrases.PRIVATE)
        named = self._dice.roll() < 0.25
        text = self._fill(core, theme) + (f" {self.pointer()}" if named else "")
        return Said(text, "private", theme, "en", tone, named)

    def machine(self, kind: str, person: int, theme: str) -> Said:
        """What the system or the bot writes."""
        core = self._dice.pick(phrases.SYSTEM if kind == "system" else phrases.BOT)
        text = self._fill(core.replace("{name}", self._people.name(person)), theme)
        return Said(text, kind, theme, "en", 0, kind == "system")

    def pointer(self) -> str:
        """A sentence with a colleague's name, e-mail address or phone number in it."""
        dice, people = self._dice, self._people
        if dice.roll() < 0.01:
            pairs = " ".join(f"{dice.below(100):02d}" for _ in range(3))
            return f"My National Insurance number is QQ {pairs} C."
        one, two = dice.below(len(people)), dice.below(len(people))
        return dice.pick(phrases.POINTERS).format(
            name=people.name(one), name2=people.name(two), first=people.first[one], email=people.email[one],
            phone=people.phone[one], place=dice.pick(phrases.PLACES), when=dice.pick(phrases.WHEN),
        )  # fmt: skip

    def _fill(self, phrase: str, theme: str) -> str:
        if "{" not in phrase:
            return phrase
        pick = self._dice.pick
        thing, place = pick(phrases.THINGS[theme]), pick(phrases.PLACES)
        good, amount = pick(phrases.GOOD), pick(phrases.AMOUNT)
        be, was, has = ("are", "were", "have") if thing.endswith("s") else ("is", "was", "has")
        return phrase.format(
            thing=thing, thing_cap=_capital(thing), place=place, place_cap=_capital(place), good=good,
            good_cap=_capital(good), amount=amount, amount_cap=_capital(amount), bad=pick(phrases.BAD),
            when=pick(phrases.WHEN), people=pick(phrases.PEOPLE), be=be, was=was, has=has,
        )  # fmt: skip

    def _welsh(self, purpose: str, theme: str, glad: bool | None) -> Said:
        pick = self._dice.pick
        purpose, choices = _meant(welsh.REPLIES if purpose in welsh.REPLIES else welsh.ROOTS, purpose, glad)
        tone, core = pick(choices)
        text = core.format(
            thing=pick(welsh.THINGS), in_place=pick(welsh.IN_PLACES), to_place=pick(welsh.TO_PLACES),
            when=pick(welsh.WHEN), good=pick(welsh.GOOD), bad=pick(welsh.BAD),
        )  # fmt: skip
        named = self._dice.roll() < 0.05
        if named:
            text = f"{text} Gofynnwch i {self._people.name(self._dice.below(len(self._people)))}."
        return Said(text, purpose, theme, "cy", tone, named)


def _meant(
    pool: Mapping[str, Sequence[tuple[int, str]]], purpose: str, glad: bool | None
) -> tuple[str, Sequence[tuple[int, str]]]:
    """The phrases of a purpose that are glad or not; where it has none, those of the nearest purpose that has."""
    if glad is None:
        return purpose, pool[purpose]
    reply = "agree" in pool
    for named in (purpose, ("agree" if glad else "differ") if reply else "praise" if glad else "complaint"):
        if found := [phrase for phrase in pool[named] if (phrase[0] > 0) == glad]:
            return named, found
    raise ValueError(f"no phrase for {purpose}")


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
