"""The block of the verdict: its sentence, what it rests on, and what it says when it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.report import words
from pipeline.report.published import read
from pipeline.report.spreading import TITLES, spreading
from tests.published import Row, changed, publish, silent, story


def block(tmp_path: Path, rows: list[Row] | None = None):
    return spreading(read(publish(tmp_path / "published.duckdb", rows)))


def test_the_verdict_is_a_sentence_and_its_number_stands_below(tmp_path: Path) -> None:
    told = block(tmp_path)
    assert told.title == TITLES[-1]
    assert len(told.drawings) == 1
    assert [(line.strong, line.text) for line in told.takeaways] == [
        ("Why:", "Each adopter wins over fewer than one other, if unknown origins are like the known ones."),
        ("Colleagues or circumstances?", "Cannot separate."),
        ("How far can it go?", "It is still rising: at least 42 % of staff."),
    ]
    bounds, origins = told.tables
    assert [row[0] for row in origins.rows] == ["Imported", "Reply", "Trainer", "Unattributed"]
    assert len(bounds.rows) == 3


@pytest.mark.parametrize("value", sorted(TITLES))
def test_every_verdict_has_a_title_in_plain_words(tmp_path: Path, value: int) -> None:
    rows = changed(story(), lambda r: r["metric"] == "spread_verdict", lambda r: r | {"value": float(value)})
    told = block(tmp_path, rows)
    assert told.title == TITLES[value]
    assert words.fits(told.title)
    assert not words.avoided(told.title)


def test_what_is_refused_is_not_drawn_and_says_why(tmp_path: Path) -> None:
    spread = ("spread_verdict", "reproduction_number", "peer_influence_p")
    why = "fewer than 11 people were won over in these 28 days"
    rows = changed(story(), lambda r: r["metric"] in spread, lambda r: silent(r, "not_identifiable", why))
    told = block(tmp_path, rows)
    assert told.title == "We cannot say yet whether it spreads by itself"
    assert why in told.instead.lower()
    assert not told.drawings


def test_without_any_of_it_the_block_still_stands(tmp_path: Path) -> None:
    told = block(tmp_path, [row for row in story() if row["metric"] == "adopter_share"])
    assert told.title == "We cannot say yet whether it spreads by itself"
    assert told.instead
