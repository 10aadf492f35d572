"""Every rule of the contract kit notices the connector that breaks it, for the reason that it gives, and nothing else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pipeline.testing import rules_hostile
from pipeline.testing.rule import RULES

from .kit_breakers import PLUGIN, Breaker
from .kit_breakers_change import CHANGE
from .kit_breakers_hostile import FILES, HOSTILE
from .kit_breakers_http import FIELDS, HTTP

BREAKERS = [*PLUGIN, *CHANGE, *HTTP, *FIELDS, *HOSTILE, *FILES]
PAGE = Path(__file__).resolve().parent.parent / "docs" / "contract-kit.md"


@pytest.fixture(autouse=True)
def no_stale_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is changed within a second, to one of the same length, passes for the same."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.mark.parametrize("breaker", BREAKERS, ids=str)
def test_the_rule_notices(breaker: Breaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_hostile, "PATIENCE", 0.5)
    case = breaker.case(tmp_path)
    if breaker.sound and case.sample is not None:
        RULES["lands_what_it_holds"].check(case)  # it works on a good day: that is what makes it dangerous
    with breaker.engine(), pytest.raises(AssertionError, match=breaker.says):
        RULES[breaker.rule].check(case)


@pytest.mark.parametrize("breaker", [b for b in BREAKERS if b.world], ids=str)
def test_in_the_same_world_the_pattern_keeps_the_rule(breaker: Breaker, tmp_path: Path) -> None:
    RULES[breaker.rule].check(breaker.case(tmp_path, broken=False))


def test_every_rule_has_a_breaker() -> None:
    assert {breaker.rule for breaker in BREAKERS} == set(RULES)
    assert len(RULES) >= 20


def test_no_two_breakers_are_the_same() -> None:
    assert len({str(breaker) for breaker in BREAKERS}) == len(BREAKERS)


def test_the_page_says_what_the_rules_ask() -> None:
    told = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert sorted(told) == sorted((rule.name, rule.promise) for rule in RULES.values())
