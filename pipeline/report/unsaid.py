"""Block 'What cannot be said yet?': every figure that is missing, hidden or refused, and why, in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.report import words
from pipeline.report.block import Block, Group, Line, Table
from pipeline.report.published import ORGANISATION, Figure, Published, Source

HEADINGS = {
    "no_data": "No data",
    "not_identifiable": "The data cannot carry it",
    "suppressed": "Hidden [c]: too few people",
}
MOST = 6
"""Reasons a group shows and figures a reason names; the table has them all."""

_LEVELS = {"organisation": ("whole organisation", "whole organisation"), "directorate": ("directorate", "directorates"),
           "team": ("team", "teams")}  # fmt: skip


def unsaid(published: Published) -> Block:
    """What the page leaves open, grouped by the kind of reason."""
    newest = list(_newest(published.figures))
    missing = [f for f in newest if not f.said]
    groups = [
        group for status, heading in HEADINGS.items() if (group := _group(heading, [f for f in missing if f.status == status]))
    ]
    behind = [source for source in published.sources if source.state != "fresh"]
    if behind:
        groups.insert(0, Group("Sources that are behind", tuple(map(_source_line, behind))))
    unmeasured = sorted(set(published.metrics) - {f.metric for f in published.figures})
    if unmeasured:
        groups.append(Group("Not published so far", tuple(Line(words.name_of(metric)) for metric in unmeasured)))
    rows = tuple(
        (name, HEADINGS.get(status, status), reason or "no reason given", where)
        for (name, status, reason), where in _lines(missing).items()
    )
    table = Table("Every figure of the newest period that cannot be said", ("Figure", "Kind", "Why", "Where"), rows)
    return Block(
        name="unsaid", question="What cannot be said yet?", column="full",
        title=title(len(missing), len(newest), len(behind)),
        measure="Figures of the newest period by why they are not shown (counts)", groups=tuple(groups),
        takeaways=() if groups else (Line("Every figure of the newest period is shown."),),
        tables=(table,) if rows else (),
    )  # fmt: skip


def title(missing: int, newest: int, behind: int) -> str:
    if not newest:
        return "No figure can be said yet"
    sources = f"; {words.number_word(behind)} source{'s are' if behind > 1 else ' is'} behind" if behind else ""
    if not missing:
        return f"Every figure of the newest period could be said{sources}"
    return f"{words.count(missing)} of {words.count(newest)} figures cannot be said yet{sources}"


def _newest(figures: Iterable[Figure]) -> Iterable[Figure]:
    """The last figure of each series."""
    found = {(f.metric, f.period, f.part, f.level, f.unit): f for f in figures}
    return found.values()


def _group(heading: str, figures: list[Figure]) -> Group | None:
    """One line a reason: where it holds, and for which figures."""
    found: dict[tuple[str, str], list[str]] = {}
    for (name, _, reason), where in _lines(figures).items():
        found.setdefault((reason or "no reason given", where), []).append(name.rsplit(" (", 1)[0])
    lines = [Line(f"{reason[:1].upper()}{reason[1:]}", f"({where}): {_names(names)}.") for (reason, where), names in found.items()]
    if len(lines) > MOST:
        lines = [*lines[:MOST], Line(f"{len(lines) - MOST} more reasons (count)", "are in the table.")]
    return Group(heading, tuple(lines)) if lines else None


def _names(names: list[str]) -> str:
    told = list(dict.fromkeys(names))
    return ", ".join(told) if len(told) <= MOST else f"{', '.join(told[:MOST])} and {len(told) - MOST} more (count)"


def _lines(figures: Iterable[Figure]) -> dict[tuple[str, str, str], str]:
    """(figure's name, status, reason) -> where it holds: 'whole organisation', '3 teams (count)'."""
    where: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for figure in figures:
        levels = where.setdefault((_name(figure), figure.status, figure.reason), {})
        levels.setdefault(figure.level, set()).add(figure.unit)
    return {key: ", ".join(_place(level, len(units)) for level, units in levels.items()) for key, levels in sorted(where.items())}


def _place(level: str, number: int) -> str:
    one, many = _LEVELS.get(level, (level, f"{level} units"))
    return one if level == ORGANISATION else f"{number} {one if number == 1 else many}"


def _name(figure: Figure) -> str:
    name = words.name_of(figure.metric).split(":")[0]
    part = f", {words.part_name(figure.part)}" if figure.part else ""
    return f"{name}{part} ({figure.period})"


def _source_line(source: Source) -> Line:
    day = f"is read to {words.long_day(source.fresh_to)} only" if source.fresh_to else "has no data yet"
    text = f"{day}: {source.reason}." if source.reason else f"{day}."
    return Line(words.source_name(source.source), f"{text} To do: {source.action}." if source.action else text)


def since(source: Source) -> str:
    """How far a source has been read: 'to 12 Jul', 'Late, to 8 Jul 2026', 'No data yet'. Who is late may be so by years."""
    if source.state == "never" or source.fresh_to is None:
        return "No data yet"
    day = words.short_day(source.fresh_to)
    return f"to {day}" if source.state == "fresh" else f"Late, to {day} {source.fresh_to.year}"
