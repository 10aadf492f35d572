"""What leaves the house beside the page: the download, and the plot of one metric."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

from pipeline import report
from pipeline.report.export import figures_csv, neutral
from pipeline.report.published import read
from tests.published import NIGHTS, figure, publish, story


def test_a_plot_of_one_metric_stands_alone(tmp_path: Path) -> None:
    published = publish(tmp_path / "published.duckdb")
    drawn = report.plot(published, "reply_hours")
    assert drawn is not None
    svg = ElementTree.fromstring(drawn)  # noqa: S314 (our own text)
    assert (svg.get("role"), svg.get("width")) == ("img", "624")
    assert "Time to a reply" in svg.get("aria-label", "")
    assert report.plot(published, "no_such_metric") is None
    silent = publish(tmp_path / "silent.duckdb", **NIGHTS["no_roster"]())
    assert report.plot(silent, "reply_hours") is None


def test_the_download_says_what_the_page_says(tmp_path: Path) -> None:
    published = read(publish(tmp_path / "published.duckdb", **NIGHTS["broken"]()))
    rows = list(csv.DictReader(io.StringIO(figures_csv(published))))
    assert {"suppressed", "no_data", "not_identifiable", "ok", "provisional"} == {row["status"] for row in rows}
    for row, f in zip(rows, published.figures, strict=True):
        assert (row["metric"], row["unit"], row["status"]) == (f.metric, f.unit, f.status)
        numbers = {row["value"], row["low"], row["high"]}
        if f.status == "suppressed":
            assert numbers | {row["base"]} == {"[c]"}
            assert row["reason"]
        elif not f.said:
            assert numbers == {"[x]"}
            assert row["reason"]
        else:
            assert float(row["value"]) == f.value


def test_no_cell_of_the_download_is_a_formula(tmp_path: Path) -> None:
    evil = ("=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1")
    assert [neutral(cell)[0] for cell in evil] == ["'"] * 6
    assert neutral("Policy = people") == "Policy = people"
    day = story(weeks=5)[0]["period_end"]
    rows = [
        figure("tone_mean", day, -0.2, low=None, unit="=cmd|'/c calc'!A1", reason="@x"),
        figure("reach_share", day, 1.0, base=20),
    ]
    text = figures_csv(read(publish(tmp_path / "published.duckdb", rows)))
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=cmd|'/c calc'!A1" in cells
    assert "'@x" in cells
    assert "-0.2" in cells, "a number stays a number"
    assert "over 83%" in cells, "all of a unit is never written"
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@")]
