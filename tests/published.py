"""A small builder of published.duckdb with invented, plausible figures, for tests of what reads it.

Belongs here: the tables of `report` filled with a department that never was. Does not: any judgement on the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.figures import kept_back

AS_OF = date(2026, 7, 12)
ORGANISATION = "Department for Coastal Services"
DIRECTORATES = (
    "Digital and Data", "Field Services", "Finance and Commercial", "Legal and Assurance", "Licensing and Casework",
    "Operations", "People and Estates", "Policy",
)  # fmt: skip
STAFF = 3000

SCHEMA = """
create schema report;
create table report.figures (
    metric varchar, version integer, part varchar, unit_level varchar, unit varchar, period varchar,
    period_start date, period_end date, value double, low double, high double, base bigint, n_eff double,
    status varchar, reason varchar, data_as_of date);
create table report.units (unit_level varchar, unit varchar, parent varchar);
create table report.metrics (
    name varchar, version integer, question varchar, unit varchar, better varchar, formula varchar, source varchar,
    limits varchar, interval varchar, refuse varchar);
create table report.sources (
    source varchar, channel varchar, fresh_to date, state varchar, reason varchar, action varchar,
    visible_share double);
create table report.topics (theme varchar);
create table report.events (day date, label varchar);
create table report.editions (
    edition integer, as_of date, organisation varchar, zone varchar, k integer, roster bigint, visible_share double,
    provenance varchar);
"""

METRICS = {
    "reach_share": ("share of people", "Who saw or did anything at all?"),
    "participation_share": ("share of people", "Who wrote something?"),
    "active_share": ("share of people", "Is taking part spreading?"),
    "interactive_share": ("share of people", "Who writes or reacts?"),
    "stickiness": ("share of the month's people on a working day", "Do people come back?"),
    "channels_mean": ("channels", "How many channels does a participant use?"),
    "multichannel_share": ("share of participants", "Who uses two channels or more?"),
    "adopter_share": ("share of people", "How many take part regularly?"),
    "reply_hours": ("hours", "How long does a reply take?"),
    "answered_share": ("share of questions", "Are questions answered?"),
    "completion_share": ("share of people", "Who finishes a voluntary course?"),
    "tone_mean": ("index from -1 to 1", "What is the mood?"),
    "readable_share": ("share of text", "How much could be read?"),
    "spread_verdict": ("from -2 (seeded) to 2 (viral)", "Is it spreading, and by itself?"),
    "reproduction_number": ("people won over by each adopter", "How many does one adopter win over?"),
    "attribution_share": ("share of new adopters", "How did new adopters come to it?"),
    "peer_influence_p": ("probability", "Colleagues, or circumstances they share?"),
    "adoption_ceiling_share": ("share of people", "How far can it go?"),
}

SOURCES = (
    ("directory", "roster", AS_OF, "fresh", "", "", 1.0),
    ("intranet", "intranet", AS_OF, "fresh", "", "", 0.88),
    ("training", "learning", date(2026, 7, 8), "behind", "the server did not answer", "ask the supplier", 0.41),
    ("webchat", "chat", date(2026, 7, 10), "fresh", "", "", 0.23),
    ("yammer", "network", AS_OF, "fresh", "", "", 0.64),
)

EVENTS = (
    (date(2026, 2, 2), "Network opens to all staff"),
    (date(2026, 4, 13), "Champions start"),
    (date(2026, 6, 22), "Permanent Secretary’s web chat"),
)

Row = dict[str, Any]


def wilson(share: float, base: int) -> tuple[float, float]:
    z, n = 1.96, base
    middle, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def figure(metric: str, end: date, value: float | None, **changes: Any) -> Row:
    """One row of report.figures: said with a Wilson interval unless told otherwise."""
    period = changes.get("period", "28 days")
    days = {"day": 1, "week": 7, "28 days": 28}[period]
    base = changes.get("base", STAFF)
    row = {
        "metric": metric, "version": 1, "part": "", "unit_level": "organisation", "unit": ORGANISATION,
        "period": period, "period_start": end - timedelta(days - 1), "period_end": end, "value": value, "low": None,
        "high": None, "base": base, "n_eff": float(base or 0), "status": "ok", "reason": "", "data_as_of": AS_OF,
    }  # fmt: skip
    if value is not None and base and 0 <= value <= 1 and "low" not in changes:
        row["low"], row["high"] = wilson(value, base)
    return row | changes


def silent(row: Row, status: str, reason: str) -> Row:
    """The same row, not said: a hidden one loses its base too."""
    return row | {"value": None, "low": None, "high": None, "status": status, "reason": reason,
                  "base": None if status == "suppressed" else row["base"]}  # fmt: skip


def _rise(week: int, weeks: int, top: float, middle: float = 0.5) -> float:
    return top / (1 + math.exp(-7 * (week / max(weeks - 1, 1) - middle))) + 0.004 * math.sin(week * 1.7)


def story(weeks: int = 26, directorates: Sequence[str] = DIRECTORATES, organisation: str = ORGANISATION) -> list[Row]:
    """Every metric of a department in which taking part spreads, and Operations has stopped moving."""
    rows: list[Row] = []
    ends = [AS_OF - timedelta(7 * (weeks - 1 - week)) for week in range(weeks)]
    blocks = [AS_OF - timedelta(7 + 28 * back) for back in range(min(6, weeks // 4))][::-1]
    units = [("organisation", organisation, STAFF, 0.42)]
    each = STAFF // max(len(directorates), 1)
    units += [("directorate", name, each, 0.26 + 0.42 * ((i * 5) % 8) / 8) for i, name in enumerate(directorates)]
    for level, unit, base, top in units:
        at = {"unit_level": level, "unit": unit, "base": base}
        for week, end in enumerate(ends):
            value = _rise(week, weeks, top)
            if unit == "Operations" and week > weeks * 0.6:
                value = _rise(int(weeks * 0.6), weeks, top) - 0.004 * week / weeks
            loose = {"status": "provisional", "reason": "the last 28 days may change"} if week >= weeks - 4 else {}
            value = round(max(value, 0.002), 4)
            rows.append(figure("adopter_share", end, value, period="week", **at, **loose))
            if level == "organisation":
                for part, factor in (("days=2,channels=1", 1.14), ("days=4,channels=1", 0.87)):
                    rows.append(figure("adopter_share", end, value * factor, period="week", part=part, **at, **loose))
            for metric, share in (("active_share", 0.66), ("reach_share", 0.83), ("participation_share", 0.31)):
                rows.append(figure(metric, end, min(0.97, share * (0.7 + top)), period="week", **at))
        for number, end in enumerate(blocks):
            grow = number / 60
            for metric, share in (
                ("reach_share", 0.86), ("participation_share", 0.38), ("active_share", 0.71),
                ("interactive_share", 0.29), ("stickiness", 0.22), ("multichannel_share", 0.27),
                ("completion_share", 0.07),
            ):  # fmt: skip
                value = min(0.97, (share + grow * share) * (0.72 + top * 0.66))
                exact = {"low": None} if metric == "stickiness" else {}
                rows.append(figure(metric, end, value, **at, **exact))
            if level == "organisation" or directorates:
                rows += _without_share(end, number, at, top)
    for number, end in enumerate(blocks):
        n = {"unit": organisation, "base": 140}
        live, later = 0.52 + number * 0.012, 0.24 + number * 0.018
        for part, value in (("", live + later), ("live", live), ("later", later), ("never", 1 - live - later)):
            rows.append(figure("answered_share", end, value, part=part, **n))
        rows += _by_itself(end, number, organisation)
    return rows


def _by_itself(end: date, number: int, organisation: str) -> Iterable[Row]:
    """Adopters win over fewer than one other each, and how that is known."""
    at = {"unit": organisation, "base": 140}
    for part, first in (("R_lo", 0.42), ("R_mar", 0.58), ("R_hi", 0.86)):
        value = first + number / 100
        yield figure("reproduction_number", end, value, part=part, low=value - 0.09, high=value + 0.11, **at)
        more = value * 1.2
        yield figure("reproduction_number", end, more, part=f"intrinsic {part}", low=more - 0.1, high=more + 0.13, **at)
    why = "likely seeded: each adopter wins over fewer than one other, if unknown origins are like the known ones"
    yield figure("spread_verdict", end, -1.0, low=None, reason=why, **at)
    for part, value in (("trainer", 0.31), ("reply", 0.22), ("imported", 0.19), ("unattributed", 0.28), ("", 0.65)):
        yield figure("attribution_share", end, value, part=part, **at)
    yield figure("peer_influence_p", end, 0.31, low=None, reason="cannot separate", **at)
    yield silent(figure("adoption_ceiling_share", end, 0.5, **at), "not_identifiable", "it is still rising: at least 42 % of staff")


def _without_share(end: date, number: int, at: Row, top: float) -> Iterable[Row]:
    hours = 14.5 - number * 0.6 - (top - 0.42) * 9
    narrow = 1.1 if at["unit_level"] == "organisation" else 2.6
    yield figure("reply_hours", end, hours, part="median", low=hours - narrow, high=hours + narrow * 1.1, **at)
    late = hours * 2.7
    yield figure("reply_hours", end, late, part="p80", low=late - narrow * 2, high=late + narrow * 2.4, **at)
    yield figure("channels_mean", end, 1.4 + top / 2, low=None, **at)
    yield figure("tone_mean", end, 0.11 + 0.01 * math.sin(number + top * 9), low=None, **at)
    yield figure("readable_share", end, 0.84 - number * 0.004, low=None, **at)
    for language, share in (("en", 0.86), ("cy", 0.11), ("other", 0.02)):
        yield figure("readable_share", end, share, part=f"language={language}", low=None, **at)


def changed(rows: Iterable[Row], when: Callable[[Row], bool], to: Callable[[Row], Row]) -> list[Row]:
    """The rows, each for which `when` holds replaced by what `to` makes of it."""
    return [to(row) if when(row) else row for row in rows]


def publish(
    path: Path, rows: Sequence[Row] | None = None, *, organisation: str = ORGANISATION, k: int = 10,
    roster: int | None = STAFF, visible_share: float | None = 0.92, provenance: str = "simulated",
    sources: Sequence[tuple[Any, ...]] = SOURCES, events: Sequence[tuple[Any, ...]] = EVENTS,
    metrics: Sequence[str] = tuple(METRICS),
) -> Path:  # fmt: skip
    """Write these rows (or the whole story) as published.duckdb at this path."""
    rows = story() if rows is None else rows
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as db:
        db.execute(SCHEMA)
        _insert(db, "figures", [tuple(row.values()) for row in rows])
        units = dict.fromkeys((row["unit_level"], row["unit"]) for row in rows)
        _insert(db, "units", [(lv, u, None if lv == "organisation" else organisation) for lv, u in units])
        _insert(db, "metrics", [
            (name, 1, METRICS[name][1], METRICS[name][0], "higher", "people who did it / people on the roster",
             "the simulated department", "It does not say why.", "wilson", "base < 10")
            for name in metrics
        ])  # fmt: skip
        _insert(db, "sources", sources)
        _insert(db, "events", events)
        _insert(db, "editions", [(3, AS_OF, organisation, "Europe/London", k, roster, visible_share, provenance)])
    return path


def _insert(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        described = db.execute(f"select * from report.{table}").description or ()
        columns = zip((column[0] for column in described), zip(*rows, strict=True), strict=True)
        db.register("made", pa.table(dict(columns)))
        db.execute(f"insert into report.{table} by name select * from made")
        db.unregister("made")


# ------------------------------------------------------------------------------------------- nights that happen
Night = dict[str, Any]
RUDE = (
    'Department for <b>Bold</b> & "Quoted" Things <script>document.title="broken"</script>',
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "Office of the Permanent Secretary, Private Offices, Parliamentary Business and Correspondence",
    "=HYPERLINK(\"https://example.invalid\")",
)


def usual() -> Night:
    return {}


def risen() -> Night:
    """Everybody rose in the last three weeks, except Operations, which fell."""

    def lifted(row: Row) -> Row:
        factor = 0.5 if row["unit"] == "Operations" else 1.5
        value = min(0.95, row["value"] * factor)
        low, high = wilson(value, row["base"])
        return row | {"value": value, "low": low, "high": high}

    late = AS_OF - timedelta(21)
    return {"rows": changed(story(), lambda r: r["metric"] == "adopter_share" and r["period_end"] > late, lifted)}


def broken() -> Night:
    """A gap, a hidden directorate, refused figures, a hidden period: everything that is not a number."""
    rows = changed(
        story(), lambda r: r["metric"] == "adopter_share" and date(2026, 3, 1) <= r["period_end"] <= date(2026, 3, 15),
        lambda r: silent(r, "no_data", "the network has no data from 23 February to 15 March 2026"),
    )  # fmt: skip
    rows = changed(
        rows, lambda r: r["unit"] == "Policy", lambda r: silent(r, "suppressed", kept_back(10))
    )
    rows = changed(
        rows, lambda r: r["unit"] == "Operations" and r["metric"] == "reply_hours",
        lambda r: silent(r, "not_identifiable", "fewer than 20 posts were written"),
    )  # fmt: skip
    rows = changed(
        rows, lambda r: r["metric"] == "answered_share" and r["period_end"] == date(2026, 5, 10),
        lambda r: silent(r, "suppressed", "fewer than 10 people asked"),
    )  # fmt: skip
    rows = changed(
        rows, lambda r: r["metric"] == "tone_mean" and r["period_end"] > date(2026, 6, 1),
        lambda r: silent(r, "not_identifiable", "less than half of the text could be read"),
    )  # fmt: skip
    return {"rows": rows}


def empty() -> Night:
    """The first night of all: every source refuses, nothing has ever been read."""
    never = [(s, c, None, "never", "the token was refused", "ask for a new token", None) for s, c, *_ in SOURCES]
    return {"rows": [], "roster": None, "visible_share": None, "events": (), "sources": never}


def no_roster() -> Night:
    rows = [silent(row, "no_data", "no roster source is connected") for row in story(weeks=6)]
    return {"rows": rows, "roster": None, "visible_share": None}


def one_week() -> Night:
    return {"rows": [row for row in story(weeks=5) if row["period_end"] >= AS_OF - timedelta(7)]}


def one_directorate() -> Night:
    return {"rows": story(weeks=10, directorates=("Everything",))}


def crowded() -> Night:
    """Thirty directorates, some with names that no page expects, and more events than there is room for."""
    names = (*RUDE, *(f"Directorate number {number}" for number in range(26)))
    organisation = "<img src=x onerror=\"document.title='broken'\"> Department & Co"
    events = [(date(2026, 3, 1 + 3 * n), f"Event <{n}> with a rather long name") for n in range(8)]
    return {"rows": story(weeks=12, directorates=names, organisation=organisation), "organisation": organisation,
            "events": events}  # fmt: skip


def behind() -> Night:
    """Every source has been down for three weeks."""
    rows = changed(
        story(), lambda r: r["period_end"] > date(2026, 6, 20),
        lambda r: silent(r, "no_data", "the network has no data since 19 June"),
    )  # fmt: skip
    late = [(s, c, date(2026, 6, 19), "behind", "no answer", "ask the supplier", 0.5) for s, c, *_ in SOURCES]
    return {"rows": rows, "sources": late}


NIGHTS = {
    night.__name__: night
    for night in (usual, risen, broken, empty, no_roster, one_week, one_directorate, crowded, behind)
}
