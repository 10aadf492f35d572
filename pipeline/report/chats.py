"""Blocks 'Are questions answered?' and 'How long do staff wait for a reply?'."""

from __future__ import annotations

from pipeline.report import words
from pipeline.report.bar import Fill, Piece, bar
from pipeline.report.block import Block, Line, Table, by_time, by_unit, listed, no_chart, of_units
from pipeline.report.changes import Change, latest_change
from pipeline.report.curve import curve
from pipeline.report.drawing import Drawing
from pipeline.report.published import DIRECTORATE, FOUR_WEEKS, Figure, Published
from pipeline.report.rows import dots, figure_row

ENDS: tuple[tuple[str, str, Fill], ...] = (
    ("live", "the same day", "tide"),
    ("later", "later", "hollow"),
    ("never", "not so far", "grey"),
)
"""How a question ends: part, its name on the page, its fill."""


def questions(published: Published) -> Block:
    """The share of web chat questions with an answer, and how the newest ones ended."""
    series = published.series("answered_share", FOUR_WEEKS)
    last = series[-1] if series else None
    change = latest_change(series)
    ends = [(name, fill, published.newest("answered_share", FOUR_WEEKS, part)) for part, name, fill in ENDS]
    drawings: list[Drawing] = []
    if any(f.said for f in series):
        what = "Share of web chat questions answered, every four weeks"
        drawings.append(curve("questions", series, "share", "narrow", what=what, events=published.events, height=200))
    pieces = [Piece(name, f, fill) for name, fill, f in ends if f and f.said and last and f.end == last.end]
    if len(pieces) == len(ENDS) and abs(sum(piece.figure.value or 0 for piece in pieces) - 1) < 0.02:
        drawings.append(bar(
            "ends", pieces, "narrow", what="How questions ended", title="How the newest questions ended",
            measure=f"Questions asked in the 28 days to {words.long_day(pieces[0].figure.end)}",
        ))  # fmt: skip
    tables = [by_time("Share of web chat questions answered within five working days", series, "share", published.events)]
    if any(f for _, _, f in ends):
        rows = tuple((name.capitalize(), words.cell(f, "share"), _between(f, "share")) for name, _, f in ends)
        tables.append(Table("How the newest questions ended", ("Answered", "Share", "95% interval"), rows))
    return Block(
        name="questions", question="Are questions answered?", column="narrow", title=questions_title(last, change),
        measure="Share of web chat questions answered within five working days, 28-day periods, 95% interval",
        instead="" if drawings else no_chart(series, "share"), drawings=tuple(drawings),
        takeaways=tuple(_moved(change, "share", "The change over four weeks")),
        cadence=words.cadence(published, last, FOUR_WEEKS), tables=tuple(t for t in tables if t.rows),
    )  # fmt: skip


def questions_title(last: Figure | None, change: Change | None) -> str:
    if last is None or not last.said:
        return "We cannot say yet how many web chat questions are answered"
    text = f"{_value(last, 'share')} of web chat questions get an answer"
    if change is None:
        return text
    if change.direction == "no change seen":
        return f"{text}; no change seen"
    return f"{text}, {'up' if change.direction == 'rose' else 'down'} {words.points(change.by)} in four weeks"


def replies(published: Published) -> Block:
    """How soon half of all posts, and four in five, have a reply: everyone and by directorate."""
    series = published.series("reply_hours", FOUR_WEEKS, "median")
    last, late = series[-1] if series else None, published.newest("reply_hours", FOUR_WEEKS, "p80")
    change = latest_change(series)
    names = published.units(DIRECTORATE)
    units = {u: published.series("reply_hours", FOUR_WEEKS, "median", DIRECTORATE, u) for u in names}
    changes = {u: latest_change(figures, among=len(names)) for u, figures in units.items()}
    slower = of_units(changes, "rose")
    rows = [figure_row("Whole organisation", last, "hours", late, strong=True)]
    for unit, figures in units.items():
        most = published.newest("reply_hours", FOUR_WEEKS, "p80", DIRECTORATE, unit)
        rows.append(figure_row(unit, figures[-1] if figures else None, "hours", most, exception=slower == [unit]))
    what = "Hours until half of all posts have a reply"
    key = ("half have a reply", "four in five") if any(row.square is not None for row in rows) else ()
    drawable = any(end is not None for row in rows for end in (row.value, row.square))
    drawings = (dots("replies", rows, "hours", "wide", what=what, key=key),) if drawable else ()
    tables = [
        by_time("Hours until half of all posts have a reply, whole organisation", series, "hours"),
        by_time("Hours until four in five posts have a reply, whole organisation",
                published.series("reply_hours", FOUR_WEEKS, "p80"), "hours"),
        by_unit("Hours until half of all posts have a reply, by directorate", units, changes, "hours", "Directorate"),
    ]  # fmt: skip
    takeaways = []
    if late and late.said:
        takeaways.append(Line("Four in five", f"have a reply within {words.with_range(late, 'hours')}."))
    elif late:
        takeaways.append(Line("When four in five have a reply", f"is not known ({words.why_not(late)}).", secondary=True))
    if last and last.said:
        takeaways.append(Line("Posts without a reply count as still waiting,", "so silence cannot shorten the figure."))
    takeaways += _moved(change, "hours", "The change over four weeks")
    if slower:
        takeaways.append(Line(listed(slower), "waited longer than four weeks before."))
    return Block(
        name="replies", question="How long do staff wait for a reply?", column="wide",
        title=replies_title(last, change),
        measure=f"Time until half of all posts{', and four in five,' if key else ''} have a reply{_period(last)}, 95% interval",
        instead="" if drawings else no_chart(series, "hours"), drawings=drawings, takeaways=tuple(takeaways),
        cadence=words.cadence(published, last, FOUR_WEEKS), tables=tuple(t for t in tables if t.rows),
    )  # fmt: skip


def replies_title(last: Figure | None, change: Change | None) -> str:
    if last is None or not last.said:
        return "We cannot say yet how long staff wait for a reply"
    text = f"Half of all posts get a reply within {words.value_of(last, 'hours')}"
    if change is None:
        return text
    if change.direction == "no change seen":
        return f"{text}; no change seen"
    way = "later" if change.direction == "rose" else "sooner"
    return f"{text}, {words.say(abs(change.by), 'hours')} {way} than before"


# ------------------------------------------------------------------------------------------------------------- pieces
def _value(figure: Figure, of: words.Kind) -> str:
    text = words.value_of(figure, of)
    return text[:1].upper() + text[1:]


def _between(figure: Figure | None, of: words.Kind) -> str:
    return words.range_of(figure, of) if figure and figure.said else ""


def _period(figure: Figure | None) -> str:
    return f", 28 days to {words.long_day(figure.end)}" if figure else ""


def _moved(change: Change | None, of: words.Kind, what: str) -> list[Line]:
    if change is None:
        return []
    unit = "points" if of == "share" else "hours"
    ends = f"{words.signed(change.low, of)} to {words.signed(change.high, of)}"
    return [Line(f"{what}", f"is {words.signed(change.by, of)} {unit} ({ends}): {change.direction}.", secondary=True)]
