"""Moodle: reports in their two forms and any language, whatever the activities are called and whoever downloaded them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Fatal, Landed, Page, Rejected
from plugins.moodle.connector import Moodle
from plugins.moodle.progress import Progress, course_of
from tests.plugins.test_civil_service_learning import night

FOLDER = Path(__file__).parents[2] / "plugins" / "moodle"
HEAD = ',"Email address","ID number","Reading","2026-05-01 00:00:00","Quiz",""'
DONE = "Completed"


def report(folder: Path, *lines: str, name: str = "progress.security.csv", head: str = HEAD) -> Path:
    """A report as Moodle's page prints it: every cell but the first of the header in quotes."""
    told = [",".join(f'"{cell}"' for cell in line.split("|")) for line in lines]
    (folder / name).write_text("\n".join((head, *told)) + "\n")
    return folder / name


def read(path: Path, **changes: Any) -> list[Page]:
    return list(Moodle(files=str(path), **changes).progress(Landed()))


def records(path: Path, **changes: Any) -> list[Any]:
    [page] = read(path, **changes)
    return list(page.records)


ANN = f"Ann Other|ann@x.example|007|{DONE}|2026-03-04 10:00:00|Not completed|"


def test_each_person_and_activity_is_a_record_and_no_name_is_kept(tmp_path: Path) -> None:
    read_, quiz = records(report(tmp_path, ANN), mandatory=["security"])
    assert read_ == Progress.of({
        "course": "security", "activity": "Reading", "email": "ann@x.example", "state": "complete", "mandatory": True,
        "happened_at": datetime(2026, 3, 4, 10, tzinfo=UTC),
    })  # fmt: skip
    assert (quiz.activity, quiz.state, quiz.happened_at) == ("Quiz", "incomplete", None)
    assert "Other" not in repr([read_, quiz])


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Completed", "complete"), ("completed", "complete"), ("Completed (achieved pass grade)", "passed"),
        ("Completed (did not achieve pass grade)", "failed"), ("Completed (set by Olwen Teacher)", "complete"),
        ("Wedi cwblhau", "complete"), ("Abgeschlossen (gesetzt von Olwen)", "complete"), ("Bestanden", "passed"),
    ],
)  # fmt: skip
def test_states_are_told_by_their_localised_words(tmp_path: Path, word: str, state: str) -> None:
    words = {"Abgeschlossen (gesetzt von *": "complete", "Bestanden": "passed"}
    first, _ = records(report(tmp_path, ANN.replace(DONE, word, 1)), words=words)
    assert first.state == state


@pytest.mark.parametrize(
    ("line", "reason", "where"),
    [
        (ANN.replace(DONE, "Fertig", 1), "a word for a state that is not in `words`", "line 2, column 4"),
        (ANN.replace(DONE, "", 1), "a word for a state that is not in `words`", "line 2, column 4"),
        (ANN.replace("2026-03-04 10:00:00", ""), "no time beside a state", "line 2, column 4"),
        (ANN.replace("2026-03-04 10:00:00", "4 March"), "no time beside a state", "line 2, column 4"),
        (ANN.replace("ann@x.example", ""), "nobody at the identity field email", "line 2"),
        (ANN.replace("ann@x.example", "ann"), "nobody at the identity field email", "line 2"),
        (f"{ANN}|", "more cells than columns", "line 2"),
    ],
)
def test_what_cannot_be_read_says_why_and_is_not_zero(tmp_path: Path, line: str, reason: str, where: str) -> None:
    found = records(report(tmp_path, line))
    assert len(found) == 2
    assert found[0] == Rejected(reason, f"progress.security.csv {where}")


def test_a_report_for_a_spreadsheet_is_the_same_report(tmp_path: Path) -> None:
    whole = report(tmp_path, ANN)
    text = whole.read_text().replace(",", "\t")
    other = tmp_path / "sheet" / "progress.security.csv"
    other.parent.mkdir()
    other.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    assert records(other) == records(whole)


def test_activities_of_one_name_are_two_and_empty_headers_are_no_trouble(tmp_path: Path) -> None:
    head = ',"Email address","Part","","Part",""'
    line = f"Ann Other|ann@x.example|{DONE}|2026-03-04 10:00:00|{DONE}|2026-03-05 10:00:00"
    assert [r.happened_at.day for r in records(report(tmp_path, line, head=head))] == [4, 5]


@pytest.mark.parametrize(
    ("local", "utc"),
    [("2026-03-29 00:59:59", "2026-03-29T00:59:59"), ("2026-03-29 02:00:00", "2026-03-29T01:00:00"),
     ("2025-10-26 01:30:00", "2025-10-26T00:30:00"), ("2025-10-26 02:00:00", "2025-10-26T02:00:00")],
)  # fmt: skip
def test_times_are_on_the_clock_of_whoever_downloaded(tmp_path: Path, local: str, utc: str) -> None:
    path = report(tmp_path, ANN.replace("2026-03-04 10:00:00", local))
    for zone, told in (("Europe/London", utc), ("UTC", local)):
        assert records(path, zone=zone)[0].happened_at == datetime.fromisoformat(told).replace(tzinfo=UTC)


def test_people_may_be_known_by_other_identity_fields(tmp_path: Path) -> None:
    path = report(tmp_path, ANN)
    assert records(path, identity="idnumber")[0].staff == "007"
    renamed = report(tmp_path, ANN, head=HEAD.replace("ID number", "Staff no"))
    assert records(renamed, identity="idnumber", identity_column="Staff no")[0].staff == "007"
    with pytest.raises(Fatal, match="has no column 'Username'"):
        read(renamed, identity="username")


@pytest.mark.parametrize(
    "head",
    ['"Name","Email address","Reading","","Quiz",""', ',"Email address"', ',"Email address","Reading","","Quiz"',
     ',"Email address","Reading","","Quiz","soon"', ',"Email address","Reading","","",""'],
)  # fmt: skip
def test_other_tables_are_refused_by_name(tmp_path: Path, head: str) -> None:
    with pytest.raises(Fatal, match=r"progress\.security\.csv is no activity completion report"):
        read(report(tmp_path, ANN, head=head))
    with pytest.raises(Fatal, match="'Email address' stands among the activities"):
        read(report(tmp_path, ANN, head=',"ID number","Reading","","Email address",""'))


def test_a_file_that_is_no_report_is_told_when_the_others_have_landed(tmp_path: Path) -> None:
    report(tmp_path, ANN, name="progress.a.csv")
    (tmp_path / "progress.b.csv").write_text("<html>Log in</html>")
    connector = Moodle(files=str(tmp_path / "progress.*.csv"))
    outcome = night(connector, tmp_path / "home")["progress"]
    assert (outcome.state, outcome.account.landed) == ("failed", 2)
    assert "progress.b.csv is a web page" in outcome.reason


@pytest.mark.parametrize(
    ("name", "course"),
    [("progress.data_101.csv", "data_101"), ("progress.data_101 (1).csv", "data_101"), ("autumn.csv", "autumn"),
     ("b/progress.x.csv", "x"), ("notes", "notes")],
)  # fmt: skip
def test_the_course_is_in_the_name_of_the_file(name: str, course: str) -> None:
    assert course_of(name) == course


def test_the_sample_is_read() -> None:
    found = records(FOLDER / "samples" / "progress.data_basics.csv")
    assert [row.state if isinstance(row, Progress) else row.reason for row in found] == [
        "complete", "passed", "complete", "incomplete", "a word for a state that is not in `words`", "failed",
    ]  # fmt: skip
