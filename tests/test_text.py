"""Readings of texts: language, purpose, tone. Messages here are invented; real ones are read where they lie."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nltk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textblob import TextBlob

from pipeline.text import Scorer, is_question, languages, read, register, score, scorer_version, tone
from pipeline.text.clean import clean, sentences


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


# ---------------------------------------------------------------------------------------------------------- cleaning
@pytest.mark.parametrize(
    ("sent", "cleaned"),
    [
        ("<p>This is <b>great</b>&nbsp;work</p>", ["This is great work"]),
        ('<a href="/best" class="good">link</a>', ["link"]),
        ("One<br>two</p><li>three", ["One", "two", "three"]),
        ("See https://x.example/best-great and www.awful.example", ["See and"]),
        ("[name] thanked [[user:12]] and @Joy.Happy, joy@x.uk [email]", ["thanked and ,"]),
        ("> This is awful\nI disagree. It works", ["I disagree.", "It works"]),
        ("> quoted on one line, then the answer", ["quoted on one line, then the answer"]),
        ("#LoveDigital #on_time", ["Love Digital on time"]),
        ("Done \N{PARTY POPPER}", ["Done :)"]),
        ("I&#39;m here. Aren’t you?", ["I'm here.", "Aren't you?"]),
        ("Mr. Brown, e.g. him, came! (Late.) So?", ["Mr. Brown, e.g. him, came!", "(Late.", "So?"]),
        ("I <3 it, 2 < 3 and 4 > 3", ["I <3 it, 2 < 3 and 4 > 3"]),
        ("<!-- hidden --> seen", ["seen"]),
        ("", []),
    ],
)
def test_what_the_sender_wrote(sent: str, cleaned: list[str]) -> None:
    assert [" ".join(part.split()) for part in sentences(clean(sent))] == cleaned


@pytest.mark.parametrize("hostile", ["<!--" * 9_000, "<script>" * 3_000, "-" * 50_000 + "@", " " * 50_000,
                                     "a'" * 30_000, "> a\n" * 20_000, "[[user:" * 9_000, "how " * 20_000])  # fmt: skip
def test_hostile_text_takes_no_longer_than_its_length_warrants(hostile: str) -> None:
    began = time.process_time()
    is_question(hostile)
    languages([hostile])
    assert time.process_time() - began < 2  # a pattern that tries every start takes minutes


# ---------------------------------------------------------------------------------------------------------- language
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The training was useful", "en"),
        ("Cracking session, cheers all", "en"),
        ("Roedd yr hyfforddiant yn wych", "cy"),
        ("Dull newydd o weithio", "cy"),
        ("Dim problem, pen da iawn", "cy"),
        ("Diolch yn fawr", "cy"),
        ("Mae’r system newydd yn araf", "cy"),
        ("Bore da pawb / Good morning all. The session starts at ten", "en"),
        ("Merci beaucoup pour votre aide", "other"),
        ("Vielen Dank für die Hilfe, das ist sehr gut", "other"),
        ("Bardzo dziękuję za pomoc", "other"),
        ("Спасибо большое", "other"),
        ("谢谢你们的帮助", "other"),
        ("Yammer", None),
        ("10:30", None),
        (":-)", None),
        ("", None),
        ("[name]", None),
        ("Rhyl", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert languages([text]) == [language]


@pytest.mark.real
def test_language_of_labelled_sentences(real_data: Path) -> None:
    labelled = rows(real_data / "text" / "langid_en_cy.csv")
    found = languages([row["text"] for row in labelled])
    for language in ("en", "cy"):
        right = [got == language for got, row in zip(found, labelled, strict=True) if row["lang"] == language]
        assert sum(right) / len(right) >= 0.99


@pytest.mark.real
@pytest.mark.parametrize("name", ["nhs_fft", "vader_amazon", "vader_movie", "senti4sd_so"])
def test_english_comments_are_not_taken_for_anything_else(name: str, real_data: Path) -> None:
    found = languages([row["text"] for row in rows(real_data / "text" / f"sent_{name}.csv")])
    assert sum(language in ("cy", "other") for language in found) / len(found) < 0.001
    assert found.count("en") / len(found) > 0.98


# ----------------------------------------------------------------------------------------------------------- purpose
@pytest.mark.parametrize(
    "text",
    [
        "How do I join?", "Great talk. Any chance of slides", "Is there a good guide for this", "does anyone know",
        "Hi all, can you see the list", "wondering whether we may come", "why is it so slow", 'She asked "why?"',
        "Oes modd ymuno", "Sut mae ymuno", "Beth yw'r ateb", "Pryd mae'r cyfarfod?", "<p>When?</p>", "Really?!",
    ],
)  # fmt: skip
def test_questions(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "It is good", "What a day", "Thanks all", "See https://x.example/page?id=4", "When we met it rained",
        "Is very good", "Do the right thing", "Beth was there", "Have a good day", "How lovely", "",
        "> did it work?\nYes",
    ],
)  # fmt: skip
def test_no_questions(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "Is there a good guide for this?", "How can we do this better", "Good morning all", "Hello team",
        "Please see the great guide", "Could you send the best one", "Could somebody share the excellent slides?",
        "Have a great weekend! Kind regards", "The meeting is at ten", "New guidance: first and last steps",
        "Sick leave policy", "", "?", "\N{SNOWMAN}",
    ],
)  # fmt: skip
def test_questions_requests_greetings_and_facts_are_not_mood(text: str) -> None:
    assert score([text]) == [None]


def test_the_mood_beside_a_question_counts() -> None:
    [both] = read(["Good morning all. The session was excellent. Is there a bad one?"])
    assert (both.tone, both.is_question, both.language) == (1.0, True, "en")


# -------------------------------------------------------------------------------------------------------------- tone
@pytest.mark.parametrize(
    "sentence",
    ["The session was excellent", "It is not bad at all", "A very useful but boring afternoon", "Thanks", "Terrible!",
     "No agenda was useful to us", "This is rather disappointing, awful even"],
)  # fmt: skip
def test_a_plain_sentence_has_the_polarity_that_textblob_gives(sentence: str) -> None:
    assert score([sentence]) == [pytest.approx(TextBlob(sentence).sentiment.polarity, abs=1e-6)]


def test_tone_is_the_mean_over_sentences() -> None:
    assert score(["It was excellent. It was terrible."]) == [0.0]
    assert score(["It was excellent. We sat in the hall. It ended."]) == [pytest.approx(1 / 3, abs=1e-6)]


def test_no_word_with_a_tone_is_no_score_rather_than_zero() -> None:
    assert score(["The agenda concerned reporting lines", "Many more staff, first and last"]) == [None, None]


def test_a_neutral_word_takes_nothing_from_the_tone_of_others() -> None:
    alone, beside = score(["many", "Many useful parts"])
    assert alone is None
    assert beside == score(["Useful parts"])[0]


def test_negation_survives_the_apostrophe() -> None:
    [plain, negated, curly] = score(["It was good", "It wasn't good", "It wasn’t good"])
    assert plain is not None
    assert negated == curly == -plain / 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Training done :)", 0.5), ("Training done:).", 0.5), ("Training again :(", -0.75), ("Training done 😀", 0.5),
        ("Done :D and :-P", 0.875), ("We <3 it", 1.0), ("See note 8) at 10:30, section:s", None),
    ],
)  # fmt: skip
def test_faces_and_emoji(text: str, expected: float | None) -> None:
    assert score([text]) == [expected]


@pytest.mark.parametrize("text", ["Dull newydd o weithio", "Mae'r problem yn dull", "Das ist nicht sehr bad und super"])
def test_a_language_that_the_scorer_does_not_know_is_not_scored(text: str) -> None:
    [reading] = read([text])
    assert reading.language in ("cy", "other")
    assert reading.tone is None


def test_a_welsh_sentence_in_an_english_text_is_left_out() -> None:
    assert score(["Mae hwn yn dull o weithio. The new way of working is great and we all like it."]) == [0.8]


def test_an_exclamation_after_a_welsh_text_is_no_english_text() -> None:
    assert read(["Roedd yr hyfforddiant yn dda iawn. Brilliant!"]) == [("cy", None, False, 7, "textblob/1", ("training",))]


def test_a_reading_says_what_outlives_the_text() -> None:
    [reading] = read(["Diolch <b>bawb</b>! Ble mae'r ddogfen? https://x.example"])
    assert reading == ("cy", None, True, 5, "textblob/1", ())


@given(st.lists(st.text() | st.sampled_from(["good", "It isn't bad! :(", "Pam?", "Thanks, all <3 > x\n>y"])))
def test_a_reading_depends_on_its_own_text_only(texts: list[str]) -> None:
    together = read(texts)
    assert together == [read([text])[0] for text in texts]
    assert all(r.tone is None or -1 <= r.tone <= 1 for r in together)
    assert languages(texts) == [r.language for r in together]
    assert [is_question(text) for text in texts] == [r.is_question for r in together]


def test_no_corpus_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a corpus was asked for")

    monkeypatch.setattr(nltk.data, "find", refuse)
    monkeypatch.setattr(nltk.data, "load", refuse)
    tone._lexicon.cache_clear()
    tone._sentence_tone.cache_clear()
    assert score(["Good. Bad! Ugly :("])[0] is not None


def test_textblob_is_loaded_when_it_is_needed_and_not_before() -> None:
    code = "import sys, pipeline.text as t; t.languages(['the']); print({'nltk', 'textblob'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# ----------------------------------------------------------------------------------------------------------- scorers
def test_another_scorer_is_a_name_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tone, "_scorers", dict(tone._scorers))

    def lengths(texts: Sequence[str]) -> list[float | None]:
        return [len(text) / 100 if text else None for text in texts]

    register(Scorer("lengths", "7", frozenset({"cy"}), lengths))
    assert read(["Diolch yn fawr. Pam?", "The end"], "lengths") == [
        ("cy", 0.15, True, 4, "lengths/7", ()), ("en", None, False, 2, "lengths/7", ()),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="already"):
        register(Scorer("lengths", "8", frozenset(), lengths))


def test_an_unknown_scorer_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(ValueError, match="no scorer 'vader'; known: textblob"):
        score(["x"], scorer="vader")
    assert scorer_version() == "textblob/1"


# -------------------------------------------------------------------------------------------------------- real texts
# Mood words used of things ("poor communities"): beyond a word list, and said so.
BEYOND = {"base/poor"}


@pytest.mark.real
def test_probes_without_mood_have_none(real_data: Path) -> None:
    probes = [row for row in rows(real_data / "text" / "probes_workplace.csv") if row["want"].lstrip("~") == "0"]
    tones = score([row["text"] for row in probes])
    moody = {row["case"] for row, got in zip(probes, tones, strict=True) if got is not None and abs(got) > 0.1}
    assert moody <= BEYOND
    assert len(probes) > 15


@pytest.mark.real
def test_welsh_probes_are_not_scored(real_data: Path) -> None:
    probes = [row["text"] for row in rows(real_data / "text" / "probes_workplace.csv") if row["want"].endswith("cy")]
    assert [(r.language, r.tone) for r in read(probes)] == [("cy", None)] * len(probes)


def _separation(name: str, real_data: Path) -> tuple[float, float]:
    """How often a text that people call good scores above one that they call bad; and the share that is scored."""
    labelled = rows(real_data / "text" / f"sent_{name}.csv")
    tones = score([row["text"] for row in labelled])
    good, bad = (
        [t for t, row in zip(tones, labelled, strict=True) if t is not None and row["label"] == label]
        for label in ("1", "-1")
    )
    above = sum((g > b) + (g == b) / 2 for g in good for b in bad)
    return above / (len(good) * len(bad)), sum(t is not None for t in tones) / len(tones)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "at_least", "scored"), [("nhs_fft", 0.84, 0.65), ("senti4sd_so", 0.95, 0.65), ("vader_amazon", 0.80, 0.60)]
)
def test_tone_tells_apart_what_people_call_good_and_bad(
    name: str, at_least: float, scored: float, real_data: Path
) -> None:
    separation, share = _separation(name, real_data)
    assert separation >= at_least
    assert share >= scored
