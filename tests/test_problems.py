"""What is said to a person: names in it come from anywhere, and may neither command a terminal nor have no end."""

from __future__ import annotations

import pytest

from pipeline.problems import ConfigError, Fatal, TidemarkError
from pipeline.pull import fate


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("export.zip holds gen\x1b[31meral: twice", "export.zip holds gen [31meral: twice"),
        ("no column 'Day'; it has A\tB\u202eC\u2028D", "no column 'Day'; it has A B C D"),
        ("two\nlines, Zoë, 李 and 👩\u200d💻", "two\nlines, Zoë, 李 and 👩\u200d💻"),
        ("", ""),
    ],
)
def test_what_would_command_a_terminal_is_left_out(said: str, shown: str) -> None:
    assert str(ConfigError(said)) == shown
    assert fate(Fatal(said), "slow")[1] == shown


def test_a_message_has_an_end() -> None:
    assert len(str(TidemarkError("x" * 1_000_000))) == 2001
    assert str(TidemarkError("x" * 2000)) == "x" * 2000
