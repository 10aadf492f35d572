"""Block 'Are staff learning?': who finishes a course of free will, everyone and by directorate."""

from __future__ import annotations

from pipeline.report import words
from pipeline.report.block import Block, Line, by_time, by_unit, change_text, listed, no_chart, of_units
from pipeline.report.changes import Change, latest_change
from pipeline.report.published import DIRECTORATE, FOUR_WEEKS, Figure, Published
from pipeline.report.rows import dots, figure_row

METRIC = "completion_share"


def learning(published: Published) -> Block:
    """The share of staff who finished at least one course that is not mandatory."""
    series = published.series(METRIC, FOUR_WEEKS)
    last = series[-1] if series else None
    change = latest_change(series)
    names = published.units(DIRECTORATE)
    units = {u: published.series(METRIC, FOUR_WEEKS, level=DIRECTORATE, unit=u) for u in names}
    changes = {u: latest_change(figures, among=len(names)) for u, figures in units.items()}
    fell, rose = of_units(changes, "fell"), of_units(changes, "rose")
    rows = [figure_row("Whole organisation", last, "share", strong=True)]
    rows += [figure_row(u, figures[-1] if figures else None, "share", exception=fell == [u]) for u, figures in units.items()]
    drawn = any(row.value is not None for row in rows)
    takeaways = [
        Line(listed(found), f"{way} against the four weeks before.") for found, way in ((fell, "fell"), (rose, "rose")) if found
    ]
    if change:
        takeaways.append(Line("Over four weeks", f"the change is {change_text(change, 'share')} (points).", secondary=True))
    if last and last.said:
        takeaways.append(Line("Mandatory courses never count.", "Finishing is not yet using what was learnt."))
    tables = (
        by_time("Share of staff who finished a voluntary course, whole organisation", series, "share"),
        by_unit("Share of staff who finished a voluntary course, by directorate", units, changes, "share", "Directorate"),
    )
    what = "Share who finished a voluntary course"
    drawings = (dots("learning", rows, "share", "narrow", what=what),) if drawn else ()
    return Block(
        name="learning", question="Are staff learning?", column="narrow", title=title(last, change),
        measure="Share of staff who finished at least one course that is not mandatory"
                + (f", 28 days to {words.long_day(last.end)}" if last else "") + ", 95% interval",
        drawings=drawings,
        instead="" if drawn else no_chart(series, "share"),
        takeaways=tuple(takeaways), cadence=words.cadence(published, last, FOUR_WEEKS),
        tables=tuple(t for t in tables if t.rows),
    )  # fmt: skip


def title(last: Figure | None, change: Change | None) -> str:
    if last is None or not last.said:
        return "We cannot say yet how many staff finish a voluntary course"
    value = words.value_of(last, "share")
    text = f"{value[:1].upper()}{value[1:]} of staff finished a voluntary course"
    if change is None:
        return f"{text} in four weeks"
    if change.direction == "no change seen":
        return f"{text}; no change seen"
    return f"{text}, {'up' if change.direction == 'rose' else 'down'} {words.points(change.by)} in four weeks"
