"""The register of events: what happened when, as public text, and the newest register alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Fatal, Rejected
from plugins.events_register.connector import Event, EventsRegister

FOLDER = Path("plugins/events_register")


def pull(path: Path, **settings: Any) -> list[Any]:
    return [record for page in EventsRegister(file=str(path), **settings).events(None) for record in page.records]


def write(folder: Path, *rows: str, header: str = "day,label,until,kind,channel") -> Path:
    path = folder / "events.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_the_register_is_read_as_it_is_headed() -> None:
    found = pull(FOLDER / "samples/events.csv")
    assert found[:2] == [
        Event(day=date(2026, 3, 2), label="New intranet opens", kind="campaign", until=date(2026, 3, 27), channel="intranet"),
        Event(day=date(2026, 4, 13), label="Champions start"),
    ]
    assert {event.kind for event in found} == {"campaign", "broadcast", "training", "outage", "other"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",x,,,", "not a day at day"), ("2/3/26,x,,,", "not a day at day"), ("2026-03-02,x,later,,", "not a day at until"),
        ("2026-03-02,x,2026-03-01,,", "ends before it begins"), ("2026-03-02,,,,", "string_too_short at label"),
        ("2026-03-02,x,,party,", "literal_error at kind"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_rejected_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    assert pull(write(tmp_path, row)) == [Rejected(reason, "events.csv line 2")]


def test_a_calendar_of_somebody_s_own_is_read_through_a_mapping(tmp_path: Path) -> None:
    mapping = tmp_path / "events.toml"
    mapping.write_text('[columns]\nday = "Date"\nlabel = "What"\nkind = "Type"\n[words.kind]\n"All-staff e-mail" = "broadcast"\n')
    path = write(tmp_path, "2026-05-05,Pay award,all-staff E-mail", header="Date,What,Type")
    assert pull(path, mapping=str(mapping)) == [Event(day=date(2026, 5, 5), label="Pay award", kind="broadcast")]


def test_what_a_register_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"events\.csv has no column 'label'"):
        pull(write(tmp_path, "2026-03-02", header="day"))


def test_only_the_newest_register_counts() -> None:
    with duckdb.connect() as con:
        con.execute("""create schema landing; create table landing.events_register_events as select * from (values
            (date '2026-03-02', 'Opens', null::date, 'other', date '2026-03-01', date '2026-04-01'),
            (date '2026-03-03', 'Opens', date '2026-03-05', 'campaign', date '2026-04-01', date '9999-12-31')
            ) as t(day, label, until, kind, valid_from, valid_to)""")
        found = con.execute((FOLDER / "events.sql").read_text()).fetchall()
    assert found == [(date(2026, 3, 3), "Opens", date(2026, 3, 5), "campaign")]
