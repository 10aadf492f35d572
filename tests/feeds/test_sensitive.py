"""Groups whose membership is special-category data are known by their names, and no others are."""

from __future__ import annotations

import pytest

from pipeline.connector import SENSITIVE_WORDS, names_with

sensitive = names_with(SENSITIVE_WORDS)


@pytest.mark.parametrize(
    "name",
    ["PCS Leeds", "Unison_reps", "Trade-Union side", "unions", "LGBT+ network", "Staff Network: carers", "Women's Network",
     "Muslims at Harbour", "disability-confident", "#pride", "Mental\u00a0Health  first aiders", "Race (equality)"],
)  # fmt: skip
def test_a_sensitive_group_is_known(name: str) -> None:
    assert sensitive(name)


@pytest.mark.parametrize(
    "name", ["Reunion", "Transformation", "Traces", "Prospectus", "United front", "staff lunch network", "", "Embrace"]
)
def test_a_word_within_another_is_not_meant(name: str) -> None:
    assert not sensitive(name)


def test_no_words_find_nothing_and_words_are_no_patterns() -> None:
    assert not names_with([])("anything")
    assert not names_with(["", " - "])("anything at all")
    assert not names_with(["a.c"])("abc")
    assert names_with(["a.c"])("A-C")
