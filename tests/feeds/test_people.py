"""People as rosters write them: the same person comes out alike, whoever wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.connector import login_of, mbox_sha1, name_tokens


@pytest.mark.parametrize(
    ("text", "login"),
    [("asmith", "asmith"), ("HARBOUR\\asmith", "asmith"), ("asmith@harbour.example", "asmith"),
     ("a\\HARBOUR\\asmith@harbour.example", "asmith"), ("HARBOUR\\", ""), ("", "")],
)  # fmt: skip
def test_a_login_is_bare(text: str, login: str) -> None:
    assert login_of(text) == login


def test_an_address_is_digested_as_learning_records_do() -> None:
    # As ADL's conformance tests of the xAPI have it for this address.
    assert mbox_sha1("xapi@adlnet.gov") == "cd9b00a5611f94eaa7b1661edab976068e364975"


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("Ann Smith", ("ann", "smith")),
        ("SMITH, Ann J.", ("smith", "ann")),
        ("Zoë O'Brien", ("zoë", "zoe", "o'brien", "brien")),
        ("Zoe\u0308", ("zoë", "zoe")),
        ("Mary-Jane Smith\u2010Jones", ("mary-jane", "mary", "jane", "smith-jones", "smith", "jones")),
        ("O\u2019Neil", ("o'neil", "neil")),
        ("Dr Ann Ann2 Li_Wu 99", ("dr", "ann", "li", "wu")),
        ("Łukasz", ("łukasz",)),
        ("李 明", ()),
        ("--'", ()),
        ("", ()),
    ],
)
def test_the_words_of_a_name_are_those_it_is_found_by(name: str, tokens: tuple[str, ...]) -> None:
    assert name_tokens(name) == tokens


@given(st.text(max_size=40))
def test_words_are_lower_case_of_two_letters_or_more_and_each_once(name: str) -> None:
    tokens = name_tokens(name)
    assert len(tokens) == len(set(tokens))
    assert all(len(token) > 1 and token == token.lower() for token in tokens)
    assert name_tokens(" ".join(tokens)) == tokens
