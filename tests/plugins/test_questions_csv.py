"""Tables of questions through a mapping: who asks, what is answered, what must not be read, and when a file is new."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Excluded, Fatal, Landed, Page, Rejected
from plugins.questions_csv.connector import Question, QuestionsCsv

FOLDER = Path(__file__).parents[2] / "plugins" / "questions_csv"
SAMPLES = FOLDER / "samples"
PLAIN = """
[columns]
text = "Question"
asked_at = "Time"
person = "Who"
state = "State"
"""


def pull(files: Path, mapping: Path, landed: Landed | None = None, **settings: Any) -> list[Page]:
    return list(QuestionsCsv(files=str(files), mapping=str(mapping), **settings).questions(landed or Landed()))


def account(pages: list[Page]) -> Counter[str]:
    return Counter(
        r.rule if isinstance(r, Excluded) else r.reason if isinstance(r, Rejected) else "landed"
        for page in pages
        for r in page.records
    )


def questions(pages: list[Page]) -> list[Question]:
    return [r for page in pages for r in page.records if isinstance(r, Question)]


@pytest.fixture
def case(tmp_path: Path) -> Any:
    """Rows of Question, Time, Who, State below a mapping that begins with those columns."""

    def given(*rows: str, mapping: str = "", header: str = "Question,Time,Who,State", **settings: Any) -> list[Page]:
        (tmp_path / "own.toml").write_text(mapping or PLAIN)
        (tmp_path / "own.csv").write_text("\n".join((header, *rows)) + "\n")
        return pull(tmp_path / "own.csv", tmp_path / "own.toml", **settings)

    return given


# -------------------------------------------------------------------------------------------------- shipped mappings
def test_the_slido_sample_is_read_with_its_mark_and_lines_in_quotes() -> None:
    pages = pull(SAMPLES / "slido-*.csv", SAMPLES / "slido.toml")
    assert account(pages) == {"landed": 3, "dismissed": 1, "not yet published": 1}
    first, second, third = questions(pages)
    assert first.model_dump(exclude_defaults=True) == {
        "id": "1", "meeting": "Ask the chief executive", "state": "answered", "email": "awen.pryce@dept.example",
        "asked_at": datetime(2026, 3, 12, 10, 5, 58, tzinfo=UTC), "votes": 14,
        "text": "Will the depot stay open, and who decides?",
    }  # fmt: skip
    assert (second.email, second.votes) == (None, 30)
    assert third.text == "Beth am y bws?\r\nMae'n hwyr bob dydd"


def test_the_town_hall_sample_is_utf_16_with_tabs_and_its_times_are_british() -> None:
    pages = pull(SAMPLES / "town-hall-*.tsv", SAMPLES / "town-hall.toml")
    assert account(pages) == {"landed": 2, "private reply": 1}
    assert questions(pages)[0].model_dump(exclude_defaults=True) == {
        "id": "q-1", "meeting": "Town hall", "state": "answered", "email": "awen.pryce@dept.example", "votes": 5,
        "asked_at": datetime(2026, 4, 16, 8, 31, 44, tzinfo=UTC), "text": "Do we keep the old desks?",
        "answer": "Yes, for now", "answered_at": datetime(2026, 4, 16, 8, 40, tzinfo=UTC),
        "answered_by_email": "zoe.tranova@dept.example",
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------- what is not read
@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("published", "landed"), ("Answered", "landed"), ("dismissed", "dismissed"), ("pending", "not yet published"),
        ("PRIVATE", "private reply"), ("spam", "unknown word at state"), ("", "missing at state"),
    ],
)  # fmt: skip
def test_the_fate_of_a_state(case: Any, state: str, fate: str) -> None:
    pages = case(f"canary?,2026-03-04T10:00:00Z,a@b.example,{state}")
    assert account(pages) == {fate: 1}
    assert ("canary" in repr(pages)) == (fate == "landed")


def test_a_table_does_not_hold_published_questions_unless_the_mapping_says_so(case: Any) -> None:
    with pytest.raises(Fatal, match=r"\[columns\] does not say which column is 'state'"):
        case("why?", mapping='[columns]\ntext = "Question"\n', header="Question")
    said = '[columns]\ntext = "Question"\n[fixed]\nstate = "published"\n'
    assert account(case("why?", mapping=said, header="Question", dates={"own.csv": "2026-03-04"})) == {"landed": 1}


def test_one_time_for_all_questions_is_no_mapping(case: Any) -> None:
    with pytest.raises(Fatal, match=r"\[fixed\] cannot hold asked_at: give the setting dates"):
        case("why?,,,published", mapping=PLAIN.replace('asked_at = "Time"\n', "") + '[fixed]\nasked_at = "2026-03-04"\n')


@pytest.mark.parametrize("words", ['[words.state]\nLive = "shown"\n', '[fixed]\nstate = "shown"\n'])
def test_a_mapping_to_a_state_that_there_is_not_is_refused(case: Any, words: str) -> None:
    with pytest.raises(Fatal, match=r"own.toml: state cannot be 'shown'; it is one of published"):
        case("why?,2026-03-04T10:00:00Z,,Live", mapping=PLAIN + words)


# -------------------------------------------------------------------------------------------------------------- rows
@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",2026-03-04T10:00:00Z,,published", "missing at text"),
        ("why?,,,published", "missing at asked_at"),
        ("why?,some day,,published", "not a time at asked_at"),
        ("why?,2026-03-04T10:00:00Z,published", "fewer cells than columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_with_its_line(case: Any, row: str, why: str) -> None:
    [page] = case("first?,2026-03-04T09:00:00Z,,published", row)
    assert page.records[1] == Rejected(why, "own.csv line 3")


def test_a_time_of_day_without_its_day_is_no_moment(case: Any) -> None:
    assert account(case("why?,10:02,,published", mapping='times = ["%H:%M"]\n' + PLAIN)) == {
        "a time without its day at asked_at": 1
    }


def test_times_without_an_offset_are_of_the_mappings_zone_in_summer_and_winter(case: Any) -> None:
    rows = ("a?,2026-03-29 00:30,,published", "b?,2026-03-29 02:30,,published", "c?,2026-07-01 12:00,,published")
    assert [q.asked_at.hour for q in questions(case(*rows))] == [0, 1, 11]


def test_where_no_column_has_the_time_the_setting_or_the_name_tells_the_day(case: Any, tmp_path: Path) -> None:
    untimed = PLAIN.replace('asked_at = "Time"\n', "")
    with pytest.raises(Fatal, match=r'no day for own\.csv: give it as dates = {"own\.csv" = 2026-03-04}'):
        case("why?,,,published", mapping=untimed)
    [question] = questions(case("why?,,,published", mapping=untimed, dates={"own.csv": date(2026, 7, 1)}))
    assert question.asked_at == datetime(2026, 7, 1, 11, tzinfo=UTC)
    (tmp_path / "own.csv").rename(tmp_path / "own-2026-05-02.csv")
    [question] = questions(pull(tmp_path / "own-*.csv", tmp_path / "own.toml"))
    assert question.asked_at.date() == date(2026, 5, 2)


@pytest.mark.parametrize(
    ("namespace", "cell", "who"),
    [
        ("email", "a.b@dept.example", ("a.b@dept.example", None)), ("email", "Awen Pryce", (None, None)),
        ("email", "Anonymous", (None, None)), ("email", "", (None, None)), ("login", "apryce", (None, "apryce")),
        ("login", "guest", (None, None)), ("none", "Awen Pryce", (None, None)), ("none", "a@b.example", (None, None)),
    ],
)  # fmt: skip
def test_who_asks(case: Any, namespace: str, cell: str, who: tuple[str | None, str | None]) -> None:
    [question] = questions(case(f"why?,2026-03-04T10:00:00Z,{cell},published", person_namespace=namespace))
    assert (question.email, question.login) == who


def test_an_id_that_comes_twice_in_a_table_counts_once(case: Any) -> None:
    row = "7,why?,2026-03-04T10:00:00Z,,published"
    pages = case(row, row, mapping=PLAIN + 'id = "Nr"\n', header="Nr,Question,Time,Who,State")
    assert account(pages) == {"landed": 1, "id that came before": 1}


# ------------------------------------------------------------------------------------------------------------- files
def test_a_table_is_read_again_when_it_or_its_mapping_changes(case: Any, tmp_path: Path) -> None:
    row = "why?,2026-03-04T10:00:00Z,,published"
    [before] = case(row)
    assert before.unit
    landed = Landed({before.unit.fingerprint: (before.unit.name, before.unit.size)})
    assert pull(tmp_path / "own.csv", tmp_path / "own.toml", landed) == []
    [remapped] = pull(tmp_path / "own.csv", tmp_path / "own.toml", landed, person_namespace="none")
    (tmp_path / "own.csv").write_text(f"Question,Time,Who,State\n{row.replace('why', 'how')}\n")
    [corrected] = pull(tmp_path / "own.csv", tmp_path / "own.toml", landed)
    assert [p.unit and p.unit.replaces for p in (remapped, corrected)] == [before.unit.fingerprint] * 2


def test_a_table_that_cannot_be_read_is_named_when_the_others_have_landed(case: Any, tmp_path: Path) -> None:
    case("why?,2026-03-04T10:00:00Z,,published")
    (tmp_path / "a.csv").write_text("<html>please log in</html>")
    (tmp_path / "b.csv").write_text("Frage,Zeit\nwarum,heute\n")
    read: list[Page] = []
    with pytest.raises(Fatal, match=r"a\.csv is a web page.*b\.csv has no column 'Question'; it has Frage.*read have landed"):
        read.extend(QuestionsCsv(files=str(tmp_path / "*.csv"), mapping=str(tmp_path / "own.toml")).questions(Landed()))
    assert account(read) == {"landed": 1}
    with pytest.raises(Fatal, match="there is no file none-"):
        pull(tmp_path / "none-*.csv", tmp_path / "own.toml")


# ------------------------------------------------------------------------------------------------------------ halves
def half(name: str, pages: list[Page]) -> list[tuple[Any, ...]]:
    """What a half makes of these pages as landing would hold them; pseudonyms are the bytes of the addresses."""
    with duckdb.connect() as con:
        con.execute("""
            set TimeZone = 'UTC';
            create schema landing;
            create table landing.questions_csv_questions (_unit varchar, id varchar, meeting varchar, email blob, login blob,
                asked_at timestamptz, answered_at timestamptz, answered_by_email blob, answered_by_login blob);
        """)
        names = [row[0] for row in con.execute("describe landing.questions_csv_questions").fetchall()]
        for page in pages:
            for question in questions([page]):
                row = question.model_dump() | {"_unit": page.unit.name if page.unit else None}
                blobs = ("email", "login", "answered_by_email", "answered_by_login")
                values = [row[n].encode() if n in blobs and row[n] else row[n] for n in names]
                con.execute(f"insert into landing.questions_csv_questions values ({', '.join('?' * len(names))})", values)
        return con.execute((FOLDER / f"{name}.sql").read_text()).fetchall()


def test_who_asks_and_answers_acts_and_who_has_no_name_is_counted() -> None:
    pages = pull(SAMPLES / "town-hall-*.tsv", SAMPLES / "town-hall.toml")
    awen, zoe, unit = b"awen.pryce@dept.example", b"zoe.tranova@dept.example", "town-hall-2026-04-16.tsv #q-1"
    asked, answered = datetime(2026, 4, 16, 8, 31, 44, tzinfo=UTC), datetime(2026, 4, 16, 8, 40, tzinfo=UTC)
    assert half("acts", pages) == [
        (awen, asked, "ask", "Town hall", unit, None), (zoe, answered, "answer", "Town hall", unit, awen),
    ]  # fmt: skip
    assert half("counts", pages) == [
        ("anonymous_questions", "organisation", None, datetime(2026, 4, 16, 8, tzinfo=UTC), 1)
    ]
