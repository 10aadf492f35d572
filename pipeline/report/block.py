"""What every block of the page is made of, and the tables that stand under its drawings.

Belongs here: the frame. Does not: what any one block says (adoption.py, chats.py, ...), or HTML (templates/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.report import words
from pipeline.report.changes import Change
from pipeline.report.drawing import Column, Drawing
from pipeline.report.published import Event, Figure


@dataclass(frozen=True)
class Line:
    """A sentence with its first words in bold. `secondary` ones are left out on paper."""

    strong: str
    text: str = ""
    secondary: bool = False


@dataclass(frozen=True)
class Group:
    """Lines under a heading of their own."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """The figures of a drawing. The first cell of a row is its heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Block:
    """Question, answer, what is measured, drawings, what follows, cadence, tables.

    `lead` stands under the title of the first block; `instead` in the place of a drawing that cannot be made.
    The page gives the number.
    """

    name: str
    question: str
    title: str
    measure: str
    column: Column
    cadence: str = ""
    lead: tuple[str, ...] = ()
    instead: str = ""
    drawings: tuple[Drawing, ...] = ()
    takeaways: tuple[Line, ...] = ()
    groups: tuple[Group, ...] = ()
    tables: tuple[Table, ...] = ()


Series = Mapping[str, Sequence[Figure]]


def by_time(caption: str, series: Sequence[Figure], of: words.Kind, events: Sequence[Event] = ()) -> Table:
    """Every figure of a series, the newest first; beside a chart with what happened in the time of each."""
    head = ("Up to", "Figure", "95% interval", "Standing")
    rows = [(words.long_day(f.end), words.cell(f, of), words.range_of(f, of) if f.said else "", standing(f)) for f in series]
    told = ["; ".join(event.label for event in events if f.start <= event.day <= f.end) for f in series]
    if not any(told):
        return Table(caption, head, tuple(reversed(rows)))
    beside = [(*row, label) for row, label in zip(rows, told, strict=True)]
    return Table(caption, (*head, "What happened"), tuple(reversed(beside)))


def by_unit(caption: str, units: Series, changes: Mapping[str, Change | None], of: words.Kind, what: str) -> Table:
    """The newest figure of each unit, and how it changed over four weeks."""
    rows = []
    for unit, series in units.items():
        last = series[-1] if series else None
        between = words.range_of(last, of) if last and last.said else ""
        rows.append((unit, words.cell(last, of), between, change_text(changes.get(unit), of), standing(last)))
    return Table(caption, (what, "Figure", "95% interval", "Change over four weeks", "Standing"), tuple(rows))


def no_chart(series: Sequence[Figure], of: words.Kind) -> str:
    """What stands in the place of a chart: why there is none, and what was said last."""
    why = words.why_not(series[-1] if series else None)
    text = f"{why[:1].upper()}{why[1:]}. No chart is drawn."
    said = [f for f in series if f.said]
    return f"{text} It was {words.with_range(said[-1], of)} on {words.long_day(said[-1].end)}." if said else text


def change_text(change: Change | None, of: words.Kind) -> str:
    """'+3.1 (2.2 to 4.0), rose'."""
    if change is None:
        return "cannot say"
    ends = f"{words.signed(change.low, of)} to {words.signed(change.high, of)}"
    return f"{words.signed(change.by, of)} ({ends}), {change.direction}"


def standing(figure: Figure | None) -> str:
    """'final', 'provisional: …', or why there is no figure."""
    if figure and figure.said:
        text = "provisional" if figure.provisional else "final"
        return f"{text}: {figure.reason}" if figure.reason else text
    return words.why_not(figure)


def of_units(changes: Mapping[str, Change | None], direction: str) -> list[str]:
    """The units whose figure went this way."""
    return [unit for unit, change in changes.items() if change and change.direction == direction]


def listed(names: Sequence[str], most: int = 3) -> str:
    """'Policy, Legal and Operations'; more than a few are counted."""
    if len(names) > most:
        return f"{words.number_word(len(names)).capitalize()} directorates"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
