"""Block 'How do staff take part?': the measures of reach and engagement side by side, each with its own change."""

from __future__ import annotations

from pipeline.report import words
from pipeline.report.block import Block, Line, Table, change_text, of_units, standing
from pipeline.report.changes import Change, latest_change
from pipeline.report.published import FOUR_WEEKS, Figure, Published
from pipeline.report.rows import change_row, dots

SHARES = ("active_share", "reach_share", "participation_share", "interactive_share", "multichannel_share", "stickiness")
MEASURES = (*SHARES, "channels_mean")


def taking_part(published: Published) -> Block:
    """A compact table of figures; a rise or fall is said only where the change's interval leaves out zero."""
    series = {metric: published.series(metric, FOUR_WEEKS) for metric in MEASURES}
    newest = {metric: figures[-1] if figures else None for metric, figures in series.items()}
    known = [metric for metric, figures in series.items() if latest_change(figures)]
    changes = {metric: latest_change(figures, among=max(len(known), 1)) for metric, figures in series.items()}
    last = max((f for f in newest.values() if f), key=lambda f: f.end, default=None)
    fell = of_units(changes, "fell")
    rows = [change_row(words.name_of(m), newest[m], changes[m], "share", exception=fell == [m]) for m in SHARES]
    drawn = any(row.value is not None for row in rows)
    what = "Change over four weeks in points, and the share now"
    drawings = (dots("taking-part", rows, "points", "wide", what=what, zero="no change"),) if drawn else ()
    together = f" for all {words.number_word(len(known))} together" if len(known) > 1 else ""
    until = f", 28 days to {words.long_day(last.end)}" if last else ""
    return Block(
        name="taking-part", question="How do staff take part?", column="full", title=title(changes, newest),
        measure=f"Change over four weeks in points, with the share now{until}; 95% interval{together}",
        drawings=drawings, instead="" if drawn else "No change of these measures could be said. No chart is drawn.",
        takeaways=tuple(_takeaways(newest, changes)), cadence=words.cadence(published, last, FOUR_WEEKS),
        tables=(_table(newest, changes),),
    )  # fmt: skip


def title(changes: dict[str, Change | None], newest: dict[str, Figure | None]) -> str:
    said = [metric for metric, figure in newest.items() if figure and figure.said]
    if not said:
        return "We cannot say yet how staff take part"
    known = [metric for metric, change in changes.items() if change]
    if not known:
        return "It is too early to say whether taking part changes"
    rose, fell = len(of_units(changes, "rose")), len(of_units(changes, "fell"))
    if not rose and not fell:
        return "Nothing unusual in how staff take part"
    measures = f"of {words.number_word(len(known))} measures of taking part"
    if rose and fell:
        return f"{words.number_word(rose).capitalize()} {measures} rose and {words.number_word(fell)} fell"
    way, moved = ("rose", rose) if rose else ("fell", fell)
    if moved == len(known):
        return f"All {words.number_word(moved)} measures of taking part {way}" if moved > 1 else f"Taking part {way}"
    return f"{words.number_word(moved).capitalize()} {measures} {way}; no change seen in the rest"


def _takeaways(newest: dict[str, Figure | None], changes: dict[str, Change | None]) -> list[Line]:
    found = []
    for metric, change in changes.items():
        if change and change.direction != "no change seen":
            of = _kind(metric)
            by = words.points(change.by, 1) if of == "share" else words.say(abs(change.by), of)
            ends = f"{words.signed(change.low, of)} to {words.signed(change.high, of)}"
            text = f"by {by} ({ends}), to {words.value_of(change.after, of)}."
            found.append(Line(f"{words.name_of(metric).split(':')[0]} {change.direction}", text))
    if any(changes.values()):
        found.append(Line("A hollow dot", "means no change seen; a filled one, that the range leaves out no change."))
    mean = newest["channels_mean"]
    if mean and mean.said:
        between = words.range_of(mean, "number")
        text = "for each participant on average" + (f" ({between})." if between else ".")
        found.append(Line(f"{words.value_of(mean, 'number')} channels", text))
    return found


def _kind(metric: str) -> words.Kind:
    return "share" if metric in SHARES else "number"


def _table(newest: dict[str, Figure | None], changes: dict[str, Change | None]) -> Table:
    rows = tuple(
        (words.name_of(metric), words.cell(figure, _kind(metric)),
         words.range_of(figure, _kind(metric)) if figure and figure.said else "",
         change_text(changes[metric], _kind(metric)), standing(figure))
        for metric, figure in newest.items()
    )  # fmt: skip
    head = ("Measure", "Figure", "95% interval", "Change over four weeks", "Standing")
    return Table("How staff take part, whole organisation", head, rows)
