"""Block 'What changed?': how many staff take part regularly, over time and by directorate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.report import words
from pipeline.report.block import Block, Line, Series, Table, by_time, by_unit, no_chart, of_units
from pipeline.report.changes import Change, latest_change
from pipeline.report.curve import curve
from pipeline.report.drawing import Drawing
from pipeline.report.multiples import MOST, multiples
from pipeline.report.published import DIRECTORATE, WEEK, Figure, Published

WEEKS = 78
"""As far back as the curve goes."""

QUESTION = "What changed?"


def adoption(published: Published) -> Block:
    """The headline: the share of adopters, its change over four weeks, and the directorate that stands out."""
    series = published.series("adopter_share", WEEK)[-WEEKS:]
    last = series[-1] if series else None
    change = latest_change(series)
    units = _directorates(published)
    changes = {unit: latest_change(figures, among=len(units.of)) for unit, figures in units.of.items()}
    exception = stands_out(changes)
    tables = [
        by_time("Share of staff who take part regularly, whole organisation, by week", series, "share", published.events),
        by_unit(f"{units.title}, by directorate", units.of, changes, "share", "Directorate"),
        Table("What happened when", ("Day", "Event"), tuple((words.long_day(e.day), e.label) for e in published.events)),
    ]
    lead = (_movement(published, change, changes, exception), _last_known(series), _meaning(published))
    return Block(
        name="adoption", question=QUESTION, column="full",
        title=title(last, change, exception, changes),
        measure="Share of staff who take part regularly, whole organisation, weekly, with 95% interval",
        lead=tuple(filter(None, lead)),
        instead="" if any(f.said for f in series) else no_chart(series, "share"),
        drawings=tuple(_drawings(published, series, units, exception)),
        takeaways=_beyond(units.of),
        cadence=words.cadence(published, last, WEEK) + (" No forecast is drawn." if last else ""),
        tables=tuple(table for table in tables if table.rows),
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- words
def title(
    last: Figure | None, change: Change | None, exception: str = "", changes: Mapping[str, Change | None] | None = None
) -> str:
    """The page in one sentence; it says rose or fell only where the interval of the change leaves out zero."""
    if last is None:
        return "Nothing can be said yet about how many staff take part"
    if not last.said:
        return "We cannot say this week how many staff take part regularly"
    value = words.value_of(last, "share")
    if change is None:
        return f"{_capital(value)} of staff take part regularly; no earlier figure to compare with yet"
    if change.direction == "no change seen":
        plain = f"Nothing unusual this week: {value} of staff take part regularly"
    else:
        way = "up" if change.direction == "rose" else "down"
        plain = f"{_capital(value)} of staff now take part regularly, {way} {words.points(change.by)} in four weeks"
    told = (changes or {}).get(exception)
    if told is None:
        return plain
    also = "fell" if told.direction == "fell" else "has not moved"
    return words.first_fitting(f"{plain}; {exception} {also}", plain)


def stands_out(changes: Mapping[str, Change | None]) -> str:
    """The one directorate to point at: the only one that fell, or the only one still while the others rose."""
    fell, still, rose = (of_units(changes, way) for way in ("fell", "no change seen", "rose"))
    if len(fell) == 1:
        return fell[0]
    return still[0] if not fell and len(still) == 1 and len(rose) >= 2 else ""


def _movement(published: Published, change: Change | None, changes: Mapping[str, Change | None], exception: str) -> str:
    """How the directorates moved and by how much the whole did; beside an event, never because of it."""
    told = []
    known = [unit for unit, found in changes.items() if found]
    if len(known) > 1:
        rose, fell = of_units(changes, "rose"), of_units(changes, "fell")
        if rose or fell:
            also = f" and {words.number_word(len(fell))} fell" if fell else ""
            if exception:
                also = f"; {exception} {'fell' if exception in fell else 'has not moved'}"
            how_many = f"{words.number_word(len(rose))} of {words.number_word(len(known))}".capitalize()
            told.append(f"{how_many} directorates rose{also}.")
        else:
            told.append(f"No change is seen in any of {words.number_word(len(known))} directorates.")
    if change:
        ends = f"{words.signed(change.low, 'share')} to {words.signed(change.high, 'share')}"
        if change.direction == "no change seen":
            told.append(f"Over four weeks the change is {words.signed(change.by, 'share')} points ({ends}): no change seen.")
        else:
            noun = "rise" if change.direction == "rose" else "fall"
            low, high = sorted((abs(change.low) * 100, abs(change.high) * 100))
            text = f"The {noun} of {words.points(change.by, 1)} ({low:.1f} to {high:.1f})"
            beside = [event for event in published.events if change.before.end < event.day <= change.after.end]
            if beside:
                told.append(f"{text} came alongside “{beside[-1].label}”; we cannot yet say it came from it.")
            else:
                told.append(f"{text} is over the last four weeks.")
    return " ".join(told)


def _last_known(series: Sequence[Figure]) -> str:
    """Where this week cannot be said: why, and what was said last."""
    if not series or series[-1].said:
        return ""
    said = [f for f in series if f.said]
    text = f"{_capital(words.why_not(series[-1]))}."
    return f"{text} It was {words.with_range(said[-1], 'share')} on {words.long_day(said[-1].end)}." if said else text


def _meaning(published: Published) -> str:
    """What regularly means, and how far the figure moves under other cut-offs."""
    text = "“Regularly” means having written on at least 3 days within 28; whoever has stopped since still counts."
    newest = {part: published.newest("adopter_share", WEEK, part) for part in published.parts("adopter_share", WEEK)}
    main = newest.pop("", None)
    others = [f for f in newest.values() if f and f.said and main and f.end == main.end]
    if len(others) > 1:
        low, high = min(others, key=lambda f: f.value or 0), max(others, key=lambda f: f.value or 0)
        text += f" Other cut-offs give {words.value_of(low, 'share')} to {words.value_of(high, 'share')}."
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ----------------------------------------------------------------------------------------------------------- drawings
@dataclass(frozen=True)
class _Units:
    of: Series
    title: str


def _directorates(published: Published) -> _Units:
    """Adopters by directorate; where that is not published, those who did at least one thing."""
    names = published.units(DIRECTORATE)
    found = []
    for metric, heading in (
        ("adopter_share", "Takes part regularly"),
        ("active_share", "Did anything at all in the week"),
    ):
        units = {u: published.series(metric, WEEK, level=DIRECTORATE, unit=u)[-WEEKS:] for u in names}
        found.append(_Units({unit: figures for unit, figures in units.items() if figures}, heading))
    return next((units for units in found if any(f.said for s in units.of.values() for f in s)), found[0])


def _drawings(published: Published, series: Sequence[Figure], units: _Units, exception: str) -> list[Drawing]:
    found = []
    if any(f.said for f in series):
        what = "Share of staff who take part regularly, by week"
        found.append(curve("adoption", series, "share", "wide", what=what, events=published.events, height=300))
    if units.of:
        days = [f.end for figures in units.of.values() for f in figures]
        found.append(multiples(
            "directorates", units.of, "share", what=f"{units.title} by directorate, newest week", exception=exception,
            events=published.events, title=f"{units.title}, by directorate",
            measure=f"Share of staff, {min(days):%B %Y} to {max(days):%B %Y}, 95% interval under each name. "
                    "Grey: the other directorates" + ("; strokes below: what happened when" if published.events else ""),
        ))  # fmt: skip
    return found


def _beyond(units: Series) -> tuple[Line, ...]:
    if len(units) <= MOST:
        return ()
    return (Line(f"{len(units) - MOST} more directorates (count)", "are in the table.", secondary=True),)
