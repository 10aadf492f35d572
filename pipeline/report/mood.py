"""Block 'What is the mood?': the tone index, and always beside it how much text could be read."""

from __future__ import annotations

from pipeline.report import words
from pipeline.report.block import Block, Line, Table, by_time, by_unit, no_chart
from pipeline.report.curve import curve
from pipeline.report.published import DIRECTORATE, FOUR_WEEKS, Figure, Published

NEEDED = 0.8
"""Below this share of text read, the index is provisional."""

REACH = 0.25
"""The index is drawn at least this far either side of zero."""

LANGUAGES = {"en": "English", "cy": "Welsh", "other": "other languages"}


def mood(published: Published) -> Block:
    """An index without an interval: it is shown, and never said to rise or fall."""
    series = published.series("tone_mean", FOUR_WEEKS)
    readable = published.series("readable_share", FOUR_WEEKS)
    last, read = series[-1] if series else None, readable[-1] if readable else None
    drawings = []
    if any(f.said for f in series):
        what = "Tone index, uncalibrated, every four weeks"
        drawings.append(curve("tone", series, "number", "wide", what=what, events=published.events, height=190, reach=REACH))
    if any(f.said for f in readable):
        drawings.append(curve(
            "readable", readable, "share", "wide", what="Share of text we could read", height=90, needed=NEEDED,
            events=published.events, named=not drawings,
            title="Text we could read",
            measure=f"Share of messages (count); below the dashed line at {NEEDED:.0%} the index is provisional",
        ))  # fmt: skip
    units = {u: published.series("tone_mean", FOUR_WEEKS, level=DIRECTORATE, unit=u) for u in published.units(DIRECTORATE)}
    by_language = _languages(published)
    tables = [
        by_time("Tone index, uncalibrated, whole organisation", series, "number", published.events),
        by_time("Share of text we could read, whole organisation", readable, "share", published.events),
        Table("What staff write, by language", ("Language", "Share"),
              tuple((LANGUAGES.get(k, k).capitalize(), words.cell(f, "share")) for k, f in by_language.items())),
        by_unit("Tone index by directorate, uncalibrated", units, {}, "number", "Directorate"),
    ]  # fmt: skip
    return Block(
        name="mood", question="What is the mood?", column="wide", title=title(last, read),
        measure="Tone index from −1 to 1, uncalibrated and therefore without an interval, 28-day periods",
        drawings=tuple(drawings), instead="" if drawings else no_chart(series, "number"),
        takeaways=tuple(_takeaways(read, by_language, last)), cadence=words.cadence(published, last, FOUR_WEEKS),
        tables=tuple(t for t in tables if t.rows),
    )  # fmt: skip


def title(last: Figure | None, read: Figure | None) -> str:
    share = f"; {words.value_of(read, 'share')} of text was readable" if read and read.said else ""
    if last is None or not last.said:
        return f"We cannot say yet what the mood is{share}"
    index = f"Tone index reads {words.value_of(last, 'number')}, too rough to call a change"
    return words.first_fitting(f"{index}{share}", index)


def _takeaways(read: Figure | None, by_language: dict[str, Figure], last: Figure | None) -> list[Line]:
    found = []
    if read and read.said:
        found.append(
            Line(
                f"We could read {words.value_of(read, 'share')} of text.",
                "The rest is left out, never counted as neutral.",
            )
        )
    written = [f"{words.value_of(f, 'share')} in {LANGUAGES.get(key, key)}" for key, f in by_language.items() if f.said]
    if written:
        found.append(Line("Of what staff write,", f"{', '.join(written)} (counts).", secondary=True))
    if last and last.said:
        found.append(
            Line(
                "Sarcasm is beyond the method.",
                "Until it is checked against labelled posts, compare it with nothing.",
                secondary=True,
            )
        )
    return found


def _languages(published: Published) -> dict[str, Figure]:
    """The newest share of what is written by language code, English first."""
    parts = [p for p in published.parts("readable_share", FOUR_WEEKS) if p.startswith("language=")]
    codes = sorted((p.removeprefix("language=") for p in parts), key=lambda c: (c != "en", c == "other", c))
    newest = {code: published.newest("readable_share", FOUR_WEEKS, f"language={code}") for code in codes}
    return {code: figure for code, figure in newest.items() if figure}
