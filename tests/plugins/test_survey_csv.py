"""Surveys: answers on their scales, words for numbers, and numbers that were kept back, which are never zero."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Excluded, Fatal, Landed, Rejected
from pipeline.shapes import read_halves, sieve, union
from pipeline.warehouse import Build
from plugins.survey_csv.connector import SurveyCsv

FOLDER = Path("plugins/survey_csv")
ITEMS = {"capability": (1, 5), "home use": (0, 10)}
NOT_ANSWERED, KEPT_BACK = Excluded("not answered"), Excluded("withheld by the survey")


def write(folder: Path, *rows: str, header: str, name: str = "wave-2026-03-02.csv") -> str:
    (folder / name).write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return str(folder / name)


def answers(path: str, **settings: Any) -> list[Any]:
    connector = SurveyCsv(responses=path, **{"items": ITEMS, **settings})
    return [record for page in connector.answers(Landed()) for record in page.records]


def cells(path: str, **settings: Any) -> list[Any]:
    return [record for page in SurveyCsv(tables=path, **settings).cells(Landed()) for record in page.records]


# -------------------------------------------------------------------------------------------------------- by respondent
def test_each_item_is_an_answer_and_an_empty_cell_is_none(tmp_path: Path) -> None:
    path = write(tmp_path, "a@x,4,,Tides", header="Person,Capability,Home_use,Team")
    first, second = answers(path, person_is="email")
    assert (first.email, first.respondent, first.item, first.answer, first.team) == ("a@x", None, "capability", 4.0, "Tides")
    assert (first.lowest, first.highest) == (1, 5)
    assert first.answered_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert second == NOT_ANSWERED


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("0", "outside the scale"), ("5.1", "outside the scale"), ("-5", "outside the scale"), ("nan", "not a number"),
     ("inf", "not a number"), ("1e308", "not a number"), ("good", "not a number"), ("4 of 5", "not a number"),
     ("0_4", "not a number"), ("5" * 1_000_000, "not a number")],
    ids=lambda value: value[:12],
)  # fmt: skip
def test_an_answer_outside_its_scale_is_rejected_alone(tmp_path: Path, cell: str, reason: str) -> None:
    bad, good = answers(write(tmp_path, f"r1,{cell},7", header="person,capability,home use"))
    assert bad == Rejected(f"{reason} at capability", "wave-2026-03-02.csv line 2")
    assert good.answer == 7


@pytest.mark.parametrize("cell", ["4", "4.0", '"4,0"', "+4", "٤"])
def test_an_answer_is_a_number_in_any_country(tmp_path: Path, cell: str) -> None:
    first, _ = answers(write(tmp_path, f"r1,{cell},7", header="person,capability,home use"))
    assert first.answer == 4


def test_two_columns_that_could_be_meant_are_not_chosen_from(tmp_path: Path) -> None:
    path = write(tmp_path, "r1,4,1,7", header="person,capability,Capability,home use")
    with pytest.raises(Fatal, match=r"more than one column 'capability' \(capability, Capability\): rename or remove"):
        answers(path)


def test_respondents_without_names_are_told_apart_within_their_survey_only(tmp_path: Path) -> None:
    header = "person,capability,home use"
    one = answers(write(tmp_path, "1,2,3", header=header))
    other = answers(write(tmp_path, "1,2,3", header=header, name="wave-2026-06-01.csv"))
    assert one[0].respondent != other[0].respondent
    numbered = answers(write(tmp_path, "2,3", "2,3", header="capability,home use", name="wave-2026-07-01.csv"))
    assert len({record.respondent for record in numbered}) == 2


def test_a_row_that_cannot_be_read_costs_each_of_its_answers(tmp_path: Path) -> None:
    found = answers(write(tmp_path, "r1,2,3", "R1,4,4", ",1,1", header="person,capability,home use"))
    assert found[2:] == [
        *[Rejected("the same respondent again", "wave-2026-03-02.csv line 3")] * 2,
        *[Rejected("blank at person", "wave-2026-03-02.csv line 4")] * 2,
    ]


def test_words_and_columns_are_read_through_a_mapping(tmp_path: Path) -> None:
    mapping = tmp_path / "wave.toml"
    mapping.write_text(
        '[columns]\nanswered_at = "When"\ncapability = "Q1"\n"home use" = "Q2"\n'
        '[words.capability]\nAgree = "5"\n"Don\'t know" = ""\n'
    )
    path = write(tmp_path, "01/07/2026 09:30,agree,3", "2026-07-02T09:30:00,Don't know,3", "2026-07-02,Perhaps,3",
                 header="When,Q1,Q2")  # fmt: skip
    found = answers(path, responses_mapping=str(mapping), dates={})
    assert found[0] == Rejected("not a time at answered_at", "wave-2026-03-02.csv line 2")
    assert found[2] == NOT_ANSWERED
    assert found[3].answered_at == datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
    assert found[4] == Rejected("unknown word at capability", "wave-2026-03-02.csv line 4")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"items": {}}, "items: say what was asked"),
        ({"items": {"capability": (5, 1)}}, "'capability' needs"),
        ({"items": {"team": (1, 5)}}, "'team' needs"),
        ({"items": {"capability": (0, float("inf"))}}, "'capability' needs"),
        ({"items": {"capability": (float("nan"), 5)}}, "'capability' needs"),
        ({"items": {"pride": (1, 5)}}, "no column 'pride'"),
        ({"person_is": "email"}, "no column 'person'"),
        ({"responses": ""}, "set responses, tables, or both"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    path = write(tmp_path, "2,3", header="capability,home use")
    with pytest.raises(Fatal, match=said):
        answers(settings.pop("responses", path), **settings)


def test_answers_whose_days_may_be_months_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "r1,07/12/2026 09:00,2,3", "r2,07/13/2026 09:00,2,3", header="person,answered_at,capability,home use")
    with pytest.raises(Fatal, match=r"wave-2026-03-02\.csv line 3 writes day and month the other way round"):
        answers(path)


def test_a_survey_without_a_day_is_asked_for_it(tmp_path: Path) -> None:
    path = write(tmp_path, "2,3", header="capability,home use", name="wave.csv")
    with pytest.raises(Fatal, match=r"dates = .*wave\.csv"):
        answers(path)
    [first, _] = answers(path, dates={"wave.csv": date(2026, 7, 1)})
    assert first.answered_at == datetime(2026, 6, 30, 23, tzinfo=UTC)


def test_another_way_of_reading_makes_the_file_new_and_replaces_what_it_gave(tmp_path: Path) -> None:
    path = write(tmp_path, "2,3", header="capability,home use")
    [first] = SurveyCsv(responses=path, items=ITEMS).answers(Landed())
    assert first.unit
    landed = Landed({first.unit.fingerprint: (first.unit.name, first.unit.size)})
    assert list(SurveyCsv(responses=path, items=ITEMS).answers(landed)) == []
    [again] = SurveyCsv(responses=path, items={**ITEMS, "capability": (0, 4)}).answers(landed)
    assert again.unit
    assert again.unit.replaces == first.unit.fingerprint


# ------------------------------------------------------------------------------------------------------- counted already
HEADER = "unit_level,unit,item,answer,n,day"


@pytest.mark.parametrize("sign", ["<10", "< 5", "fewer than 10", "*", "[c]", "[X]", "..", "Suppressed"])
def test_a_number_that_is_kept_back_is_left_out_by_name(tmp_path: Path, sign: str) -> None:
    assert cells(write(tmp_path, f"team,Tides,confidence,Very,{sign},", header=HEADER)) == [KEPT_BACK]


@pytest.mark.parametrize(("written", "n"), [("0", 0), ("41", 41), ('"1,204"', 1204)])
def test_a_number_is_a_number(tmp_path: Path, written: str, n: int) -> None:
    [cell] = cells(write(tmp_path, f"Team,Tides,confidence,Very,{written},05/03/2026", header=HEADER))
    assert (cell.unit_level, cell.unit, cell.n, cell.day) == ("team", "Tides", n, date(2026, 3, 5))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("team,Tides,confidence,Very,,", "int_parsing at n"), ("team,Tides,confidence,Very,12%,", "int_parsing at n"),
        ("team,Tides,confidence,Very,-3,", "greater_than_equal at n"), ("team,,confidence,Very,12,", "blank at unit"),
        ("galaxy,Tides,confidence,Very,12,", "literal_error at unit_level"), ("team,Tides,,Very,12,", "string_too_short at item"),
        ("team,Tides,confidence,Very,12,spring", "not a day at day"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_rejected(tmp_path: Path, row: str, reason: str) -> None:
    assert cells(write(tmp_path, row, header=HEADER)) == [Rejected(reason, "wave-2026-03-02.csv line 2")]


def test_the_whole_has_no_name_and_a_cell_counts_once(tmp_path: Path) -> None:
    row = "organisation,All staff,confidence,Very,120,"
    whole, again = cells(write(tmp_path, row, row, header=HEADER))
    assert (whole.unit, whole.day) == (None, date(2026, 3, 2))
    assert again == Rejected("the same cell again", "wave-2026-03-02.csv line 3")


# ------------------------------------------------------------------------------------------------------------ the halves
def test_answers_become_comparable_and_counts_say_what_they_count() -> None:
    with duckdb.connect() as con:
        con.execute("""create schema landing;
            create table landing.survey_csv_answers as select null::blob as staff, 'e'::blob as email, null::blob as login,
                null::blob as respondent, timestamptz '2026-03-02 09:00:00+00' as answered_at, 'capability' as item,
                4::double as answer, 1::double as lowest, 5::double as highest, null::varchar as directorate, 'T' as team;
            create table landing.survey_csv_cells as select 'team' as unit_level, 'Tides' as unit, 'confidence' as item,
                'Very' as answer, date '2026-03-02' as day, 41::bigint as n""")
        half = (FOLDER / "answers.sql").read_text()
        assert con.execute(f"select person, item, answer, team from ({half})").fetchall() == [(b"e", "capability", 75.0, "T")]
        counts = con.execute((FOLDER / "counts.sql").read_text()).fetchall()
    assert counts == [("survey: confidence = Very", "team", "Tides", date(2026, 3, 2), 41)]


@pytest.mark.parametrize(("day", "left_out"), [("2026-07-13", 0), ("2026-07-19", 0), ("2026-07-20", 1), ("9999-12-31", 1)])
def test_an_answer_of_a_day_to_come_is_left_out_and_counted(tmp_path: Path, day: str, left_out: int) -> None:
    """A wave whose year was mistyped, or whose days were taken for months, is told of; this morning's answers are not."""
    [half] = [h for h in read_halves(FOLDER, "survey_csv", "survey_csv", "roster") if h.shape == "answers"]
    with Build(tmp_path / "w.duckdb") as build:
        build.prepare(as_of=date(2026, 7, 12), zone="Europe/London", k=5, organisation="Department")
        build.con.execute(f"""create table landing.survey_csv_answers as select 's'::blob as staff, null::blob as email,
            null::blob as login, null::blob as respondent, timestamptz '{day} 12:00:00+00' as answered_at, 'capability' as item,
            4::double as answer, 1::double as lowest, 5::double as highest, null::varchar as directorate, null::varchar as team""")
        found = sieve(build.con, half)
        kept = len(build.con.execute(union(build.con, "answers", [half])).fetchall())
    assert (found.offenders["answer of a day to come"], kept) == (left_out, 1 - left_out)
    assert found.left_out == ("answers: 1 of 1 rows, answer of a day to come" if left_out else "")
