"""Events and campaigns stand in every chart over time: a line each, a name where there is room, and a cell in the table."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.report import drawing, page
from pipeline.report.annotations import event_marks, place
from pipeline.report.axes import Plot
from pipeline.report.curve import curve
from pipeline.report.drawing import sizes
from pipeline.report.multiples import multiples
from pipeline.report.published import Event, read
from tests.published import NIGHTS, publish


def over_time(spec: Any) -> bool:
    """Whether some layer of a specification has days across."""
    if isinstance(spec, dict):
        across = (spec.get("encoding") or {}).get("x") or {}
        return across.get("field") == "day" or any(map(over_time, spec.values()))
    return isinstance(spec, list) and any(map(over_time, spec))


def rows_in(spec: Any) -> Iterator[dict[str, Any]]:
    """Every row of data in a specification."""
    if isinstance(spec, dict):
        values = spec.get("values")
        if isinstance(values, str) and values.startswith("["):
            yield from json.loads(values)
        elif isinstance(values, list):
            yield from (row for row in values if isinstance(row, dict))
        for inner in spec.values():
            yield from rows_in(inner)
    elif isinstance(spec, list):
        for inner in spec:
            yield from rows_in(inner)


@pytest.mark.parametrize("night", ["usual", "broken", "crowded", "one_week"])
def test_every_chart_over_time_draws_every_event_of_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, night: str) -> None:
    specs: dict[str, dict[str, Any]] = {}

    def keep(spec: dict[str, Any], name: str, sentence: str, css_class: str = "") -> str:
        specs[name] = spec
        return "<svg></svg>"

    monkeypatch.setattr(drawing, "render", keep)
    published = read(publish(tmp_path / "published.duckdb", **NIGHTS[night]()))
    page.render(published)
    charts = {name: spec for name, spec in specs.items() if over_time(spec)}
    assert {name.split("-")[0] for name in charts} == {"adoption", "directorates", "questions", "tone", "readable"}
    for name, spec in charts.items():
        data = list(rows_in(spec))
        days = [row["day"] for row in data if "day" in row and "event" not in row and isinstance(row["day"], int)]
        due = [e for e in published.events if min(days) <= e.day.toordinal() <= max(days)]
        panels = len({row["unit"] for row in data if "unit" in row}) or 1
        for event in due:
            drawn = [row for row in data if row.get("event") == event.label and row["day"] == event.day.toordinal()]
            assert len(drawn) == panels, f"{name} does not draw {event.day}"
        assert due or night not in ("usual", "broken"), "no event lies in its time: it tests nothing"


def test_no_chart_over_time_can_forget_them() -> None:
    for draws in (curve, multiples):
        assert inspect.signature(draws).parameters["events"].default is inspect.Parameter.empty


def test_a_published_event_is_named_in_charts_and_told_in_the_tables(tmp_path: Path) -> None:
    text = page.render(read(publish(tmp_path / "published.duckdb", **NIGHTS["usual"]())))
    for block in ("adoption", "questions", "mood"):
        section = text[text.index(f'id="{block}"') : text.index("</section>", text.index(f'id="{block}"'))]
        svgs = " ".join(re.findall(r"<svg.*?</svg>", section, re.DOTALL))
        assert "Champions" in svgs, f"{block} draws no name"
        cells = re.findall(r"<td>(.*?)</td>", section)
        assert "Champions start" in cells, f"{block} tells it in no table"
        assert "What happened</th>" in section


# ----------------------------------------------------------------------------------------------------- where there is room
def crowd(count: int) -> list[Event]:
    return [Event(date(2026, 3, 1 + n), f"Event number {n} with a rather long name") for n in range(count)]


def test_an_event_whose_name_finds_no_room_keeps_its_line() -> None:
    for size in sizes("narrow"):
        plot = Plot(size, size.width - 140, 200, date(2026, 1, 1).toordinal(), date(2026, 7, 1).toordinal(), 0, 1)
        events = crowd(12)
        labels = place(events, plot)
        assert 0 < len(labels) < len(events)
        rules, names = event_marks(plot, events, labels, [])
        lines = json.loads(rules.to_dict(validate=False)["data"]["values"])
        assert [row["event"] for row in lines] == [event.label for event in events]
        assert len(json.loads(names.to_dict(validate=False)["data"]["values"])) == len(labels)


def test_an_event_outside_the_time_shown_is_not_drawn() -> None:
    size = sizes("wide")[0]
    plot = Plot(size, 480, 200, date(2026, 5, 1).toordinal(), date(2026, 7, 1).toordinal(), 0, 1)
    assert event_marks(plot, crowd(3), place(crowd(3), plot), []) == []
