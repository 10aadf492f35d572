"""Block 'Is it spreading by itself?': how many colleagues one adopter wins over, and what that rests on."""

from __future__ import annotations

from pipeline.report import words
from pipeline.report.block import Block, Line, Table, no_chart, standing
from pipeline.report.published import FOUR_WEEKS, Figure, Published
from pipeline.report.rows import dots, figure_row

VERDICT, NUMBER, ORIGIN = "spread_verdict", "reproduction_number", "attribution_share"
INTRINSIC = "intrinsic "

TITLES = {
    2: "It spreads from colleague to colleague by itself",
    1: "It probably spreads from colleague to colleague by itself",
    0: "We cannot tell yet whether it spreads by itself",
    -1: "It probably still needs to be carried by campaigns and champions",
    -2: "It is carried by campaigns and champions, not yet by itself",
}
BOUNDS = (
    ("R_lo", "none of the unexplained"), ("R_mar", "unexplained like the others"), ("R_hi", "all of the unexplained"),
)  # fmt: skip


def spreading(published: Published) -> Block:
    """The verdict, on intrinsic numbers; the effective ones beside it in the table."""
    verdict = published.newest(VERDICT, FOUR_WEEKS)
    newest = {part: published.newest(NUMBER, FOUR_WEEKS, INTRINSIC + part) for part, _ in BOUNDS}
    rows = [figure_row(_capital(name), newest[part], "number", strong=part == "R_mar") for part, name in BOUNDS]
    drawn = any(row.value is not None for row in rows)
    what = "Colleagues won over by one adopter, were nobody won over yet"
    drawings = (dots("spreading", rows, "number", "wide", what=what),) if drawn else ()
    when = f", 28 days to {words.long_day(verdict.end)}" if verdict else ""
    tables = (_bounds(published), _origins(published))
    return Block(
        name="spreading", question="Is it spreading by itself?", column="full", title=title(verdict),
        measure=f"{what}{when}; above 1 it keeps going by itself; by how many of unexplained origin count (95% interval)",
        instead="" if drawn else no_chart([verdict] if verdict else [], "number"), drawings=drawings,
        takeaways=_takeaways(published, verdict), cadence=words.cadence(published, verdict, FOUR_WEEKS),
        tables=tuple(table for table in tables if table.rows),
    )  # fmt: skip


def title(verdict: Figure | None) -> str:
    """The verdict as a sentence; what the data cannot carry is said so."""
    if verdict is None or not verdict.said or verdict.value is None:
        return "We cannot say yet whether it spreads by itself"
    return TITLES[round(verdict.value)]


def _takeaways(published: Published, verdict: Figure | None) -> tuple[Line, ...]:
    told = []
    if verdict and verdict.said and verdict.reason:
        told.append(Line("Why:", _sentence(verdict.reason.split(": ", 1)[-1])))  # the word itself stands in the title
    ties = published.newest("peer_influence_p", FOUR_WEEKS)
    if ties and ties.said and ties.reason:
        told.append(Line("Colleagues or circumstances?", _sentence(ties.reason), secondary=True))
    ceiling = published.newest("adoption_ceiling_share", FOUR_WEEKS)
    if ceiling:
        said = f"Levels off near {words.with_range(ceiling, 'share')} of staff." if ceiling.said else _sentence(ceiling.reason)
        told.append(Line("How far can it go?", said, secondary=True))
    return tuple(told)


def _bounds(published: Published) -> Table:
    """Intrinsic and effective numbers side by side."""
    rows = []
    for part, name in BOUNDS:
        own, now = (published.newest(NUMBER, FOUR_WEEKS, prefix + part) for prefix in (INTRINSIC, ""))
        if own or now:
            told = [words.with_range(f, "number") if f and f.said else words.cell(f, "number") for f in (own, now)]
            rows.append((_capital(name), *told, standing(own)))
    head = ("Counting", "Were nobody won over yet", "As things are", "Standing")
    return Table("How many colleagues one adopter wins over", head, tuple(rows))


def _origins(published: Published) -> Table:
    """How those who joined were won over."""
    parts = [part for part in published.parts(ORIGIN, FOUR_WEEKS) if part]
    rows = [(_capital(part), words.cell(published.newest(ORIGIN, FOUR_WEEKS, part), "share")) for part in parts]
    return Table("How new adopters came to it", ("Way", "Share of new adopters"), tuple(rows))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _sentence(text: str) -> str:
    return _capital(text) + ("" if text.endswith(".") else ".")
