"""Themes: which words make one, what a list may say, and that texts are read anew when it changes."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline import readings
from pipeline.landing.tables import load_readings, load_stream, readings_of
from pipeline.problems import ConfigError
from pipeline.rules import Rules
from pipeline.settings import load
from pipeline.text import read, read_themes
from pipeline.warehouse import Build
from tests.landings import AS_OF, Nights, forget
from tests.sources import Keyed, post

LISTED = "pay:\n  hard: true\n  en: [pay, pay award*]\n  cy: [cyflog]\ntools:\n  en: [laptop*, e-learning]\n"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "ours.yml"
    path.write_text(LISTED)
    return path


@pytest.mark.parametrize(
    ("text", "themes"),
    [
        ("Will the PAY offer come?", ("pay",)),
        ("We paid for the payment page", ()),
        ("The pay awards, and new laptops", ("pay", "tools")),
        ("Beth am y gyflog? Fy nghyflog i", ("pay",)),
        ("Beth am gyflogau?", ()),
        ("#PayAward", ("pay",)),
        ("See https://x.example/pay", ()),
        ("Elearning, e learning", ("tools",)),
        ("elearning", ()),
        ("", ()),
    ],
)
def test_whole_words_stems_and_phrases(listed: Path, text: str, themes: tuple[str, ...]) -> None:
    [reading] = read([text], themes=read_themes(listed))
    assert reading.themes == themes


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("Will there be redundancies?", "jobs"), ("A fydd swyddi yn cael eu colli?", "jobs"),
        ("When is the pay award?", "pay"), ("Beth am ein cyflogau?", "pay"), ("Fy mhensiwn i", "pension"),
        ("Is the Cardiff office closing? Office closure worries me", "closures"), ("Ydyn ni'n cau swyddfeydd?", "closures"),
        ("Mae'r gliniaduron newydd yma", "technology"), ("Working from home on Fridays", "flexible"),
    ],
)  # fmt: skip
def test_the_list_that_ships_knows_english_and_welsh(text: str, theme: str) -> None:
    [reading] = read([text])
    assert theme in reading.themes


def test_what_is_hard_is_jobs_pay_pension_and_closures() -> None:
    assert {theme.name for theme in read_themes().themes if theme.hard} == {"jobs", "pay", "pension", "closures"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "at least one theme"),
        ("- pay", "at least one theme"),
        ("pay: [pay", "is not YAML"),
        ("pay: {en: pay}", "theme 'pay', key 'en'"),
        ("pay: {de: [lohn]}", "theme 'pay', key 'de'"),
        ("pay: {hard: maybe, en: [pay]}", "theme 'pay', key 'hard'"),
        ("pay: {hard: true}", "has no words"),
        ("pay: {en: [pa*]}", "'pa\\*' is neither a word nor a phrase"),
        ("pay: {en: ['pay*day']}", "is neither a word nor a phrase"),
        ("pay: {en: ['(pay|jobs)']}", "is neither a word nor a phrase"),
        ("9: {en: [pay]}", "theme '9': a name"),
        ("pay: {en: [pay]}\npay: {en: [wages]}", r"line 2: .*'pay' comes twice: keep one"),
        ("pay: {en: [pay]}\nPAY : {en: [wages]}", r"line 2: .*'PAY' comes twice: keep one"),
        ("pay: {en: [pay], en: [wages]}", r"line 1: .*'en' comes twice"),
        ("pay: {en: [], cy: []}", "has no words"),
        ("pay: {en: ['']}", "'' is neither a word nor a phrase"),
        ("pay: {en: ['*']}", "is neither a word nor a phrase"),
        ("pay: {en: [pay, The]}", "'The' is in nearly every text"),
        ("pay: {en: [the*]}", r"'the\*' is in nearly every text"),
        ("pay: {cy: [tâl, yn]}", "'yn' is in nearly every text"),
        ("pay: {en: [a]}", "'a' is in nearly every text"),
        ("a: &a [x, x]\nb: &b [*a, *a]\npay: {en: *b}", r"line 2: .*\* stands for words elsewhere: write them here"),
        ("pay: &a\n  en: [pay]\n  cy: *a", r"line 3: .*\* stands for words elsewhere"),
        ("pay: {en: " + "[" * 3000, r"line 1: .*too many levels"),
        ("[" * 100_000, r"line 1: .*too many levels"),
        ("pay: !!python/object/apply:os.system ['true']", r"line 1: .*could not determine a constructor for the tag"),
        ("pay: {en: [pay]}\n---\npay: {en: [wages]}", "line 2: .*but found another document"),
        ("#" * 300_000, "is over 256 KB"),
        ("pay: {en: [" + "w" * 1000 + "]}", "'w{80}' is neither"),
        ("p" * 900 + ": {en: [pay]}", "theme 'p{80}': a name"),
        ("\n".join(f"t{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}: {{en: [w{n}]}}" for n in range(100)) + "\nz: {en: [w]}",
         "has 101 themes"),
    ],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_a_list_that_says_something_else_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "ours.yml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=said) as caught:
        read_themes(path)
    assert str(caught.value).startswith("ours.yml")


def test_a_list_that_is_not_utf_8_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "ours.yml").write_bytes("pay:\n  cy: [tâl]\n".encode("cp1252"))
    with pytest.raises(ConfigError, match=r"ours\.yml, line 2: is not UTF-8: save it as UTF-8"):
        read_themes(tmp_path / "ours.yml")


def test_no_word_can_make_a_night_hang(tmp_path: Path) -> None:
    """Hyphens in a row would each match blanks and dashes in as many ways as there are: they are refused, one is not."""
    for word in ("a" + "-" * 25 + "b", "a-", "a--b"):
        (tmp_path / "ours.yml").write_text(f"pay: {{en: ['{word}']}}")
        with pytest.raises(ConfigError, match="is neither a word nor a phrase"):
            read_themes(tmp_path / "ours.yml")
    (tmp_path / "ours.yml").write_text(f"pay: {{en: ['{'a-' * 30}b', 'pay{' pay' * 15}*']}}")
    began = time.process_time()
    read_themes(tmp_path / "ours.yml").of("a - " * 5000 + "pay " * 5000 + "-" * 20_000)
    assert time.process_time() - began < 5


def test_the_file_that_the_rules_name_is_read_from_beside_the_configuration(listed: Path) -> None:
    config = listed.parent / "tidemark.toml"
    config.write_text('[tidemark.rules]\nthemes = "ours.yml"\n')
    settings = load({"TIDEMARK_CONFIG": str(config)})
    assert settings.rules.themes == listed
    with Build(listed.parent / "warehouse.duckdb") as build:
        build.prepare(date(2026, 7, 12), "Europe/London", 10, "Department", settings.rules)
        found = build.con.execute("select theme, hard from staging.themes order by all").fetchall()
    assert found == [("pay", True), ("tools", False)]
    config.write_text('[tidemark.rules]\nthemes = "theirs.yml"\n')
    with pytest.raises(ConfigError, match=r"themes: cannot read theirs\.yml"):
        load({"TIDEMARK_CONFIG": str(config)})


def test_the_shipped_list_is_the_default_of_the_rules(tmp_path: Path) -> None:
    with Build(tmp_path / "warehouse.duckdb") as build:
        build.prepare(date(2026, 7, 12), "Europe/London", 10, "Department", Rules())
        [(count,)] = build.con.execute("select count(*) from staging.themes where hard").fetchall()
    assert count == 4


def test_an_edit_is_seen_at_once(listed: Path) -> None:
    before = read_themes(listed)
    assert read_themes(listed) is before
    listed.write_text(LISTED.replace("laptop*", "tablet*"))
    assert read_themes(listed).version != before.version


def test_a_version_follows_the_words_not_what_is_hard(tmp_path: Path) -> None:
    versions = []
    for n, content in enumerate((LISTED, LISTED.replace("hard: true", "hard: false"), LISTED.replace("laptop*", "laptop"))):
        path = tmp_path / f"{n}.yml"
        path.write_text(content)
        versions.append(read_themes(path).version)
    assert versions[0] == versions[1] != versions[2]


@pytest.fixture
def landed(tmp_path: Path) -> Nights:
    """A night over two posts; their texts are kept."""
    forget()
    Keyed.posts_given = [post(1, text="Is the pay award late?"), post(2, text="Sunny in Swansea")]
    night = Nights(tmp_path / "home", Keyed())
    night()
    return night


def told(night: Nights) -> list[list[str] | None]:
    """The themes of each text, in the order of the posts, as the table of readings has them."""
    [stream] = night.connector.streams()
    with duckdb.connect() as con:
        con.execute("create schema landing")
        load_stream(con, night.stream, stream)
        load_readings(con, night.store.stream("keyed", readings_of(stream.name)), "keyed", stream)
        found = con.execute(
            "select r.themes from landing.keyed_posts as p join landing.keyed_posts_readings as r using (_key) order by p.id"
        )
        return [themes for (themes,) in found.fetchall()]


def read_again(night: Nights, themes: Path | None = None) -> int:
    [stream] = night.connector.streams()
    return readings.read_new(night.store, "keyed", stream, AS_OF, read_themes(themes)).landed


def test_texts_are_read_anew_when_the_list_changes_and_only_then(landed: Nights, listed: Path) -> None:
    assert (read_again(landed), told(landed)) == (2, [["pay"], []])
    assert read_again(landed) == 0
    listed.write_text("weather:\n  en: [sunny]\n")
    assert (read_again(landed, listed), told(landed)) == (2, [[], ["weather"]])
    assert read_again(landed, listed) == 0


def test_readings_of_before_there_were_themes_still_load_and_are_made_anew_while_the_text_is_kept(landed: Nights) -> None:
    read_again(landed)
    for file in landed.store.stream("keyed", "posts_readings").row_files():
        pq.write_table(pq.read_table(file).drop_columns(["themes", "theme_list"]), file)
    assert told(landed) == [None, None]
    assert (read_again(landed), told(landed)) == (2, [["pay"], []])


def test_readings_outlive_the_text_and_keep_the_themes_they_had(landed: Nights, listed: Path) -> None:
    read_again(landed)
    readings.expire(landed.store, AS_OF, 0)
    assert (read_again(landed, listed), told(landed)) == (0, [["pay"], []])
