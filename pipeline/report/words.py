"""Numbers, dates and titles as the page says them.

Belongs here: how a figure is written, and the rules that a title keeps.
Does not: what a figure means (changes.py), or where it is drawn.
"""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from typing import Literal

from pipeline.report.published import Figure, Metric, Published

Kind = Literal["share", "hours", "days", "count", "number"]

AVOID = (
    "resistance", "laggard", "laggards", "viral", "drove", "caused", "significant", "significantly", "user", "users",
    "score", "worst team", "best team", "engagement rate", "n/a", "null", "r number",
)  # fmt: skip
LONGEST_TITLE = 16

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

_NAMES = {
    "reach_share": "Reached: read or did something freely",
    "participation_share": "Took part: wrote something",
    "active_share": "Active: did anything at all",
    "interactive_share": "Interactive: wrote or reacted",
    "stickiness": "Came back on a working day",
    "channels_mean": "Channels per participant",
    "multichannel_share": "In two channels or more",
    "adopter_share": "Takes part regularly",
    "reply_hours": "Time to a reply",
    "answered_share": "Questions answered",
    "completion_share": "Finished a voluntary course",
    "tone_mean": "Tone index (uncalibrated)",
    "readable_share": "Text we could read",
    "spread_verdict": "Whether it spreads by itself",
    "reproduction_number": "Colleagues won over by each adopter",
    "attribution_share": "How new adopters came to it",
    "peer_influence_p": "Colleagues or circumstances",
    "adoption_ceiling_share": "Where it levels off",
}


def kind(metric: Metric | None, name: str) -> Kind:
    """How figures of a metric are written: as a share, a time, a count or a plain number; its name ends with its unit."""
    unit = metric.unit if metric else ""
    if name.endswith("_share") or "share" in unit:
        return "share"
    words_of: tuple[Kind, ...] = ("hours", "days", "count")
    return next((kind for kind in words_of if f"_{kind}" in name), "hours" if "hours" in unit else "number")


def name_of(metric: str) -> str:
    """What a metric is called on the page; an unknown one by its own name."""
    return _NAMES.get(metric) or metric.replace("_", " ").capitalize()


_PARTS = {
    "median": "half", "p80": "four in five", "live": "the same day", "never": "not so far",
    "language=en": "English", "language=cy": "Welsh", "language=other": "other languages",
}  # fmt: skip


def part_name(part: str) -> str:
    """What a part of a metric is called: 'four in five', 'days 2, channels 1'."""
    return _PARTS.get(part) or part.replace("=", " ").replace(",", ", ")


def source_name(source: str) -> str:
    """A connector's name as a heading."""
    text = re.sub(r"[_-]+", " ", source).strip()
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------------------------------------------------ numbers
def count(number: int) -> str:
    return f"{number:,}"


def number_word(number: int) -> str:
    """Words to ten, figures beyond: 'seven', '12'."""
    return _NUMBERS[number] if 0 <= number <= 10 else count(number)


def say(value: float, of: Kind) -> str:
    """One number with its unit: '41%', '10.5 hours', '9.8 days', '1.4', '−0.12'."""
    if of == "share":
        whole = math.floor(abs(value) * 100 + 0.5)
        text = "under 1%" if whole == 0 and value > 0 else "over 99%" if whole == 100 and value < 1 else f"{whole}%"
    elif of == "hours":
        text = _hours(abs(value))
    elif of == "days":
        text = f"{abs(value):.1f} days"
    elif of == "count":
        text = count(round(abs(value)))
    else:
        text = f"{abs(value):.2f}" if abs(value) < 1 else f"{abs(value):.1f}"
    return f"\u2212{text}" if value < 0 and text.strip("0.%") else text


def _hours(value: float) -> str:
    if value >= 72:
        return f"{value / 24:.1f} days"
    return f"{value:.1f} hours" if value >= 1 else f"{value * 60:.0f} minutes"


def value_of(figure: Figure, of: Kind) -> str:
    """A said figure as text. All or none of a unit is never written: its interval's other end is."""
    if figure.value is None:
        return STATUS.get(figure.status, "cannot say")
    if of == "share" and figure.value <= 0:
        # Without an interval by the rule of three.
        return f"under {_whole(figure.high or 3 / (figure.base or 30), up=True)}%"
    if of == "share" and figure.value >= 1:
        return f"over {_whole(figure.low or 1 - 3 / (figure.base or 30), up=False)}%"
    return say(figure.value, of)


def all_or_none(figure: Figure, of: Kind) -> bool:
    """Whether the exact value would tell about everyone in the unit."""
    return of == "share" and figure.value is not None and not 0 < figure.value < 1


def _whole(share: float, *, up: bool) -> int:
    scaled = round(share * 100, 6)
    return min(99, max(1, math.ceil(scaled) if up else math.floor(scaled)))


def range_of(figure: Figure, of: Kind) -> str:
    """'39% to 43%', 'at least 12 hours' where an end is unknown, '' where there is no interval or it would tell all."""
    if all_or_none(figure, of) or (figure.low is None and figure.high is None):
        return ""
    if figure.high is None:
        return f"at least {say(figure.low or 0, of)}"
    if figure.low is None:
        return f"at most {say(figure.high, of)}"
    low, high = say(figure.low, of), say(figure.high, of)
    if of in ("hours", "days") and low.split()[-1] == high.split()[-1]:
        low = low.split()[0]
    return f"{low} to {high}"


def with_range(figure: Figure, of: Kind) -> str:
    """'41% (39% to 43%)'."""
    between = range_of(figure, of)
    return f"{value_of(figure, of)} ({between})" if between else value_of(figure, of)


def points(delta: float, digits: int = 0) -> str:
    """A difference of shares: '3 points', '0.4 points'; its sign is said in words."""
    size = abs(delta) * 100
    digits = max(digits, 1) if round(size) == 0 else digits
    text = f"{size:.{digits}f}"
    return f"{text} point" if text == "1" else f"{text} points"


def signed(delta: float, of: Kind) -> str:
    """A difference for a table: '+3.1', '−0.4' (points for shares, the figure's own unit otherwise)."""
    text = f"{abs(delta) * (100 if of == 'share' else 1):.{2 if of == 'number' else 1}f}"
    return text if not text.strip("0.") else f"{'+' if delta > 0 else chr(0x2212)}{text}"


# -------------------------------------------------------------------------------------------------------------- dates
def long_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    return f"{day.day} {day:%b}"


def weekday(day: date) -> str:
    return f"{day:%A} {long_day(day)}"


def span(start: date, end: date) -> str:
    """'7 to 20 Sep', '30 Aug to 5 Sep'."""
    if start == end:
        return short_day(start)
    return f"{start.day if (start.year, start.month) == (end.year, end.month) else short_day(start)} to {short_day(end)}"


def cadence(published: Published, figure: Figure | None, period: str) -> str:
    """How often a block changes and when next: '', where nothing has been published to go by."""
    every, days = {"week": ("Weekly", 7), "28 days": ("Every four weeks", 28)}[period]
    if figure is None:
        return f"{every}, once its source reports."
    due = figure.end + timedelta(days=days + 1)
    text = f"{every}. Next update {due.day} {due:%B}."
    if due <= published.edition.as_of + timedelta(days=1):
        text = f"{every}. Next update when its source catches up."
    return f"{text} The newest figure is provisional." if figure.provisional else text


# -------------------------------------------------------------------------------------------------------------- titles
def fits(title: str) -> bool:
    return len(title.split()) <= LONGEST_TITLE


def first_fitting(*titles: str) -> str:
    """The first title that is short enough; the last one is the fallback and must be."""
    return next((title for title in titles if fits(title)), titles[-1])


def avoided(text: str) -> list[str]:
    """The words on the list to avoid that a text uses."""
    return [word for word in AVOID if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)]


# ------------------------------------------------------------------------------------------------- what cannot be said
STATUS = {
    "suppressed": "hidden [c]",
    "no_data": "no data",
    "not_identifiable": "cannot say",
}


def why_not(figure: Figure | None) -> str:
    """In words why there is no figure: 'no data: the network has not reported since 3 July'."""
    if figure is None:
        return "no figure has been published yet"
    word = STATUS.get(figure.status, "cannot say")
    return f"{word}: {figure.reason}" if figure.reason else word


def cell(figure: Figure | None, of: Kind) -> str:
    """A figure as a table shows it; what cannot be said is said, [c] for hidden, never blank."""
    if figure is None:
        return "no figure yet"
    if figure.said:
        return value_of(figure, of)
    return "[c]" if figure.status == "suppressed" else STATUS.get(figure.status, "cannot say")
